package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/study"
)

// ROCLine is one marker's curve in an ROC figure.
type ROCLine struct {
	// Label names the marker: "Change in pain".
	Label string
	Curve assoc.ROCCurve
	// Negated says that the marker's values were negated for assoc.ROC, because
	// small ones mean "case"; cut-offs are then written "≤".
	Negated bool
	// Unit of the marker, for its cut-offs.
	Unit string
	// Cutoffs to mark; nil marks the one (or those that tie) with the largest
	// sensitivity + specificity, an empty slice none.
	Cutoffs []assoc.ROCPoint
}

// ROCOptions are the choices of ROCWith.
type ROCOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Cases says who the cases are: "improved by 15 mm or more at week 26".
	Cases string
	Level float64 // of the areas' intervals; 0 means 0.95
}

// ROC answers "how well does a marker tell cases from others, and at which
// cut-off?". It takes curves of assoc.ROC. Read the area first: ½ is a coin,
// drawn as the diagonal, 1 is perfect. Each corner of the curve is a cut-off;
// the marked one has the largest sensitivity + specificity in this sample,
// which is optimistic for the next one. The data area is square, as both axes
// are proportions.
// Convention: specificity from 1 to 0 on the x axis, so that perfection is at
// the upper left: Hanley & McNeil 1982, Radiology 143:29,
// doi:10.1148/radiology.143.1.7063747; STARD 2015, doi:10.1136/bmj.h5527.
func ROC(lines ...ROCLine) (*Figure, error) { return ROCWith(lines, ROCOptions{}) }

// ROCWith is ROC with choices.
func ROCWith(lines []ROCLine, o ROCOptions) (*Figure, error) {
	level, err := levelOr95("ROC", o.Level)
	if err != nil {
		return nil, err
	}
	if err := checkROC(lines); err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, false, o.Study)
	if err != nil {
		return nil, err
	}
	c := &roc{t: t, lines: lines, level: level, f: t.figure(namedCode("plot-roc-title", o.Cases), map[string]any{"cases": o.Cases})}
	if o.Cases != "" {
		c.cases = []string{t.midline(t.say("plot-roc-cases", map[string]any{"cases": o.Cases}))}
	}
	c.frame()
	for i, l := range lines {
		c.drawLine(l, t.plainLook(i))
	}
	c.words()
	c.f.square()
	return c.f, nil
}

func checkROC(lines []ROCLine) error {
	if len(lines) == 0 || len(lines) > 4 {
		return fmt.Errorf("plot: ROC: %d curves; 1 to 4 can be told apart", len(lines))
	}
	for i, l := range lines {
		if len(l.Curve.Points) < 2 {
			return fmt.Errorf("plot: ROC: curve %d has no points", i)
		}
		for _, q := range l.Cutoffs {
			if !(q.Sensitivity >= 0 && q.Sensitivity <= 1 && q.Specificity >= 0 && q.Specificity <= 1) {
				return fmt.Errorf("plot: ROC: a cut-off of curve %d has sensitivity %v and specificity %v", i, q.Sensitivity, q.Specificity)
			}
		}
	}
	return nil
}

// roc is the chart while it is made.
type roc struct {
	t           *theme
	lines       []ROCLine
	level       float64
	f           *Figure
	pn          *panel
	cases       []string // who they are
	areas, cuts []string // in words
	answers     []string
	labels      []textItem // of the cut-offs
}

// frame sets the axes: the x axis runs from 100 to 0.
func (c *roc) frame() {
	t := c.t
	c.pn = t.newPanel(0, 0, t.height(55))
	c.f.panels = []*panel{c.pn}
	p := c.pn.plot
	setRange(&p.X, 0, 1)
	setRange(&p.Y, 0, 1)
	p.X.Label.Text, p.Y.Label.Text = t.say("plot-roc-x", nil), t.say("plot-roc-y", nil)
	percent := Ticks{Most: 5, Format: func(x float64, _ int) string { return t.num(100*x, 0) }}
	falling := percent
	falling.Format = func(x float64, _ int) string { return t.num(100*(1-x), 0) }
	p.X.Tick.Marker, p.Y.Tick.Marker = falling, percent
	c.pn.add(&curveMarks{theme: t, color: inkGray, dashes: t.dashes(2.5, 1.5), width: 1, pts: []xy{{0, 0}, {1, 1}}})
}

// drawLine draws a curve and the cut-offs on it.
func (c *roc) drawLine(l ROCLine, lk look) {
	t := c.t
	at := func(q assoc.ROCPoint) xy { return xy{1 - q.Specificity, q.Sensitivity} }
	m := &curveMarks{theme: t, color: lk.color, dashes: lk.dashes}
	for _, q := range l.Curve.Points {
		m.pts = append(m.pts, at(q))
	}
	area := t.rocArea(l, c.level, len(c.lines) > 1)
	c.areas, c.answers = append(c.areas, sentence(area)), append(c.answers, area)
	marked := l.Cutoffs
	if marked == nil {
		marked = l.Curve.BestYouden()
	}
	dots := &scatterMarks{theme: t, look: lk, size: 1.3, solid: true}
	for _, q := range marked {
		dots.pts = append(dots.pts, at(q))
		cut := t.cutoff(l, q)
		if !math.IsInf(q.Threshold, 0) {
			c.labels = append(c.labels, textItem{xy: at(q), text: cut, color: lk.color, left: true, dx: t.size() * 0.8})
		}
		said := t.say("plot-roc-cutoff", map[string]any{"cutoff": cut,
			"sensitivity": t.num(100*q.Sensitivity, 0), "specificity": t.num(100*q.Specificity, 0)})
		if l.Label != "" {
			said = l.Label + ": " + said
		}
		c.cuts = append(c.cuts, said)
	}
	c.pn.add(m, dots)
	if len(c.lines) > 1 {
		c.f.legend = append(c.f.legend, legendItem{look: lk, text: l.Label, line: true, bare: true})
	}
}

// words puts the cut-offs beside their symbols and the areas under the panel,
// and writes the rest under the figure.
func (c *roc) words() {
	t := c.t
	var want, half []float64
	for _, l := range c.labels {
		want, half = append(want, l.y), append(half, 0.035)
	}
	t.placeCutoffs(c.labels, spread(want, half, 0.03, 0.94))
	c.pn.add(&textMarks{theme: t, items: c.labels})
	var below []string
	for _, a := range c.areas {
		below = append(below, t.balance(t.text(), a, t.width*0.78)...)
	}
	c.pn.below = append(c.pn.below, &textStrip{text: strings.Join(below, "\n")})
	foot := append(c.cases, t.say("plot-roc-method", map[string]any{"level": t.level(c.level)}))
	if slices.ContainsFunc(c.lines, func(l ROCLine) bool { return l.Cutoffs == nil }) {
		foot = append(foot, t.say("plot-roc-youden", nil))
	}
	c.f.note(append(foot, c.cuts...))
	c.f.tell(strings.Join(c.answers, "; "), append(c.areas, c.cuts...)...)
}

// placeCutoffs puts the labels below the height of their symbols, apart from
// each other and from the symbols of the other curves.
func (t *theme) placeCutoffs(labels []textItem, ys []float64) {
	em := float64(t.size()) / float64(t.width*0.8) // in units of the axes
	symbols := make([]xy, len(labels))
	for i, l := range labels {
		symbols[i] = l.xy
	}
	for i, y := range ys {
		l := &labels[i]
		w := float64(t.text().Width(l.text))/float64(t.width*0.8) + em
		if l.x+w > 1 {
			l.dx = 0
			l.x = math.Max(0, 1-w)
			y -= 0.06
		}
		free := func(y float64) bool {
			for j, q := range symbols {
				if j != i && q.x > l.x-em/2 && q.x < l.x+w+em && math.Abs(q.y-y) < 1.1*em {
					return false
				}
			}
			for _, k := range labels[:i] {
				kw := float64(t.text().Width(k.text))/float64(t.width*0.8) + em
				if k.x < l.x+w && l.x < k.x+kw && math.Abs(k.y-y) < 1.2*em {
					return false
				}
			}
			return true
		}
		y = math.Max(0.03, y-0.03)
		l.y = y
		for down := y; down > 0.03; down -= em / 4 {
			if free(down) {
				l.y = down
				break
			}
		}
	}
}

// rocArea writes "AUC 0.82 (95% CI 0.70 to 0.94), 20 cases, 30 others".
func (t *theme) rocArea(l ROCLine, level float64, named bool) string {
	text := t.say("plot-roc-auc-only", map[string]any{"auc": t.num(l.Curve.AUC, 2)})
	if l.Curve.Var == 0 { // perfect separation: DeLong's variance has nothing to say
		text += " (" + t.say("plot-no-interval", nil) + ")"
	} else if !math.IsNaN(l.Curve.Var) {
		ci := l.Curve.CI(level)
		text = t.say("plot-roc-auc", map[string]any{"auc": t.num(l.Curve.AUC, 2), "level": t.level(level),
			"lower": t.num(ci.Lo, 2), "upper": t.num(ci.Hi, 2)})
	}
	if named {
		text = l.Label + ": " + text
	}
	return text + "; " + t.say("plot-roc-n", map[string]any{"cases": l.Curve.Cases, "others": l.Curve.Controls})
}

// cutoff writes a threshold with its direction: "≤ −15 mm".
func (t *theme) cutoff(l ROCLine, q assoc.ROCPoint) string {
	sign, v := "≥", q.Threshold
	if l.Negated {
		sign, v = "≤", -v
	}
	s := sign + "\u00a0" + t.shortest(v)
	if math.IsInf(v, 0) {
		s = sign + "\u00a0" + t.num(v, 0)
	}
	if l.Unit != "" {
		s += "\u00a0" + l.Unit
	}
	return s
}

// levelOr95 checks a confidence level; 0 is 0.95.
func levelOr95(fn string, level float64) (float64, error) {
	if level == 0 {
		return 0.95, nil
	}
	if !(level > 0 && level < 1) {
		return 0, fmt.Errorf("plot: %s: confidence level %v is not between 0 and 1", fn, level)
	}
	return level, nil
}
