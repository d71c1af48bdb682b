package plot

import (
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// thresholdLabel says of a threshold what it is, for whom it was defined, and how
// large: "MCID, one patient: 15 mm" or "margin between arms: 8 mm". Both may stand
// in one report, and mean different things.
func (t *theme) thresholdLabel(th study.Threshold, o study.Outcome) string {
	code := "plot-threshold-between"
	switch {
	case th.Level == study.Individual:
		code = "plot-threshold-patient"
	case th.Kind == study.Margin:
		code = "plot-threshold-margin"
	}
	return t.say(code, map[string]any{"kind": string(th.Kind), "value": t.shortest(th.Value), "unit": o.Unit})
}

// thresholdNote is a sentence about a threshold.
func (t *theme) thresholdNote(code string, th study.Threshold, o study.Outcome) string {
	return t.say(code, map[string]any{"threshold": t.thresholdLabel(th, o)})
}

// thresholdSide is a threshold's label right of a line at y, in lines no wider
// than a fifth of a figure of one column: what a wide one has beside is the data's.
func (t *theme) thresholdSide(y float64, th study.Threshold, o study.Outcome) sideLabel {
	return sideLabel{y: y, color: inkGray, text: strings.Join(t.wrap(t.text(), t.thresholdLabel(th, o), min(t.width*0.2, t.size()*7)), "\n")}
}

// thresholdKey is the legend's entry of a threshold's dashed line.
func (t *theme) thresholdKey(th study.Threshold, o study.Outcome) legendItem {
	return legendItem{look: look{color: inkGray, dashes: t.dashes(3, 2)}, line: true, bare: true, text: t.thresholdLabel(th, o)}
}

// sideOfRows puts a label beside the last panel of each full row: the panels of a
// row share an axis.
func sideOfRows(panels []*panel, cols int, l sideLabel) {
	for _, pn := range panels {
		if pn.col == min(cols, len(panels))-1 {
			pn.side = append(pn.side, l)
		}
	}
}

// margin is what a difference between arms is held against: nil where no
// margin between arms is declared.
func margin(o study.Outcome) *study.Threshold {
	th, _ := o.Verdict()
	return th
}

// patientThreshold is what participants' changes are held against.
func patientThreshold(o study.Outcome) (study.Threshold, bool) {
	if th, _ := o.PatientThreshold(); th != nil {
		return *th, true
	}
	return study.Threshold{}, false
}

// bandText says what the band of an outcome's differences too small to matter is
// made of.
func (t *theme) bandText(o study.Outcome) string {
	benefit, worsening := o.Verdict()
	text := t.thresholdLabel(*benefit, o)
	if worsening != nil {
		text = t.say("plot-band-worse", map[string]any{"threshold": text, "value": t.shortest(worsening.Value), "unit": o.Unit})
	}
	return text
}

// bandKeys are legend entries of the bands of outcomes, each once; outcomes whose
// bands differ are named.
func (t *theme) bandKeys(outcomes []study.Outcome) []legendItem {
	var texts []string
	of := map[string][]string{}
	for _, o := range outcomes {
		s := t.bandText(o)
		texts = appendNew(texts, s)
		of[s] = appendNew(of[s], name(o.Label, o.ID))
	}
	var items []legendItem
	for _, s := range texts {
		if len(texts) > 1 {
			s = t.say("plot-band-of", map[string]any{"outcomes": t.join(of[s]), "threshold": s})
		}
		items = append(items, bandKey(s))
	}
	return items
}

// bandsNote says what the bands of a legend mean.
func (t *theme) bandsNote(keys []legendItem) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.text)
	}
	return t.say("plot-band", map[string]any{"list": strings.Join(list, "; ")})
}

// bandKey is the legend's entry of a band.
func bandKey(text string) legendItem {
	return legendItem{text: text, band: true}
}

// margins are those that the row's plan tests, as they are drawn.
func (r forestRow) margins() (out []float64) {
	switch {
	case r.row.NonInferiority != nil:
		out = []float64{r.row.NonInferiority.Bound(r.outcome.Better)}
	case r.row.Equivalence != nil:
		lower, upper := r.row.Equivalence.Bounds()
		out = []float64{lower, upper}
	}
	for i := range out {
		if !r.row.Measure.Plain() {
			out[i] = r.outcome.Shown(out[i])
		}
	}
	return out
}

// testedMargins name the margins of dashed lines, each once.
func (t *theme) testedMargins(groups [][]forestRow) (out []string) {
	for _, g := range groups {
		for _, r := range g {
			var values []string
			for _, x := range r.margins() {
				values = append(values, t.shortest(x))
			}
			if values == nil {
				continue
			}
			framework := study.FrameworkNonInferiority
			if r.row.Equivalence != nil {
				framework = study.FrameworkEquivalence
			}
			unit := r.unit
			if r.row.Measure.Plain() {
				unit = ""
			}
			out = appendNew(out, t.say("plot-differences-margin-of", map[string]any{"framework": t.say("framework-"+string(framework), nil), "list": t.join(values), "unit": text.Unit(unit)}))
		}
	}
	return out
}

// marginKeys are the legend's entries of tested margins.
func (t *theme) marginKeys(tested []string) (items []legendItem) {
	for _, words := range tested {
		items = append(items, legendItem{look: look{color: inkGray, dashes: t.dashes(3, 2)}, line: true, bare: true, text: words})
	}
	return items
}
