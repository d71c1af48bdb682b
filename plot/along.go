package plot

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// DosesOptions are the choices of DosesWith.
type DosesOptions struct {
	Options
	// Unit is that of the doses (study.Protocol.DoseUnit).
	Unit string
}

// Doses answers "how does the outcome run along the doses of the arms?": the adjusted mean
// of each arm with its interval at its dose, and the straight line that fits them best
// with its pointwise band, of a result whose plan asks for a trend (study.Plan.Trend).
// The band is of the line, as far as there is one: look whether the means follow it.
func Doses(result study.Result) (*Figure, error) { return DosesWith(result, DosesOptions{}) }

// DosesWith is Doses with choices.
func DosesWith(result study.Result, o DosesOptions) (*Figure, error) {
	for _, trend := range result.Trends {
		if trend.Why != "" || trend.Withheld {
			continue
		}
		t, err := newTheme(o.Options, false, result.Study)
		if err != nil {
			return nil, err
		}
		outcome, f := result.Outcome, t.figure("plot-doses-title", map[string]any{"outcome": name(result.Outcome.Label, result.Outcome.ID), "visit": visitName(result.Visit)})
		pn := t.newPanel(0, 0, t.height(60))
		f.panels = []*panel{pn}
		pn.title = visitName(result.Visit)
		var xs, ys span
		var line []alongPoint
		for _, p := range trend.Line {
			ci := p.CI(trend.Level)
			line = append(line, alongPoint{p.Dose, p.Value, ci})
			xs.add(p.Dose)
			ys.add(ci.Lo, ci.Hi)
		}
		t.drawAlong(pn, look{color: inkGray}, line)
		looks := t.looks(result.Arms)
		var alts []string
		for _, a := range trend.Arms {
			ci := a.Mean.CI(trend.Level)
			ys.add(ci.Lo, ci.Hi)
			pn.add(&intervalMarks{theme: t, look: looks[a.Arm], items: []interval{{a.Dose, a.Mean.Value, ci.Lo, ci.Hi}}})
			d := result.Digits()
			alts = append(alts, sentence(t.say("plot-doses-alt-at", map[string]any{"arm": armName(looks[a.Arm].arm), "dose": t.shortest(roundTo(a.Dose, 3)) + spaced(o.Unit), "value": t.limit(a.Mean.Value, d),
				"lower": t.limit(ci.Lo, d), "upper": t.limit(ci.Hi, d), "unit": outcome.Unit, "level": t.level(trend.Level)})))
			f.legend = append(f.legend, legendItem{look: looks[a.Arm], text: armName(looks[a.Arm].arm)})
		}
		lo, hi := niceRange(xs.lo, xs.hi, 6)
		setRange(&pn.plot.X, lo, hi)
		lo, hi = valueRange(outcome, ys, 6)
		setRange(&pn.plot.Y, lo, hi)
		label := "plot-doses-x"
		if o.Unit == "" {
			label += "-plain"
		}
		t.alongAxes(pn, t.say(label, map[string]any{"unit": o.Unit}), t.toward(t.say("plot-doses-y", map[string]any{"outcome": outcomeLabel(outcome)}), outcome.Better, pn.height), 1)
		d, ci := study.DigitsFor(trend.Slope.SE, 0, 0), trend.CI()
		slope := t.say("plot-doses-slope", map[string]any{"slope": t.limit(trend.Slope.Value, d), "unit": outcome.Unit, "dose": cmp.Or(o.Unit, t.say("trend-unit", nil)),
			"level": t.level(trend.Level), "lower": t.limit(ci.Lo, d), "upper": t.limit(ci.Hi, d)})
		answer := t.say("plot-doses-alt", map[string]any{"slope": slope})
		f.note([]string{t.say("plot-doses-method", map[string]any{"method": t.method(study.Method(trend.Method)), "level": t.level(trend.Level)}), sentence(capital(answer))})
		f.tell(answer, alts...)
		return f, nil
	}
	return nil, fmt.Errorf("plot: Doses: %q has no trend along doses", result.Outcome.ID)
}

// ModeratorOptions are the choices of ModeratorWith.
type ModeratorOptions struct{ Options }

// Moderator answers "does the difference run along a number, such as age?": the difference of
// each active arm from control as the line of the interaction's model has it, from the
// smallest value to the largest, with its pointwise band, and the p-value of the
// interaction, which alone says whether it differs (study.SubgroupsOf of a number). Where the
// band leaves out 0 and where it does not, answers nothing.
func Moderator(result study.Result, s study.Subgroups) (*Figure, error) {
	return ModeratorWith(result, s, ModeratorOptions{})
}

// ModeratorWith is Moderator with choices.
func ModeratorWith(result study.Result, s study.Subgroups, o ModeratorOptions) (*Figure, error) {
	pValue, tested := s.Tested()
	if len(s.Curve) == 0 || !tested {
		return nil, fmt.Errorf("plot: Moderator: no differences along %q", s.Covariate)
	}
	var xs, ys span
	ratio := s.Interacts.Scale() == study.ScaleRatio
	ys.add(s.Interacts.Null())
	var arms []string
	lines := map[string][]alongPoint{}
	for _, p := range s.Curve {
		ci := p.Effect.CI(s.Level)
		xs.add(p.At)
		if ys.add(p.Effect.Point()); !ratio {
			ys.add(ci.Lo, ci.Hi)
		}
		arms = appendNew(arms, p.Arm)
		lines[p.Arm] = append(lines[p.Arm], alongPoint{p.At, p.Effect.Point(), ci})
	}
	if ratio { // the band is cut where it is wider than the line is long, or twentyfold
		low, high := math.Min(ys.lo/20, ys.lo*ys.lo/ys.hi), math.Max(ys.hi*20, ys.hi*ys.hi/ys.lo)
		for _, a := range arms {
			for i := range lines[a] {
				ci := &lines[a][i].ci
				ci.Lo, ci.Hi = math.Max(ci.Lo, low), math.Min(ci.Hi, high)
				ys.add(ci.Lo, ci.Hi)
			}
		}
	}
	t, err := newTheme(o.Options, len(arms) > 1, result.Study)
	if err != nil {
		return nil, err
	}
	label := cmp.Or(s.Label, s.Covariate)
	title := "plot-moderator-title"
	if s.Interacts.Plain() {
		title += "-effect"
	}
	outcome, f := result.Outcome, t.figure(title, map[string]any{"outcome": name(result.Outcome.Label, result.Outcome.ID), "visit": visitName(result.Visit), "covariate": label})
	looks, cols := t.looks(result.Arms), panelColumns(t, len(arms))
	for k, a := range arms {
		pn := t.newPanel(k/cols, k%cols, t.height(highPanels(len(arms), 60, 40)))
		pn.add(&refLine{theme: t, value: s.Interacts.Null(), color: inkGray})
		t.drawAlong(pn, looks[a], lines[a])
		pn.title = visitName(result.Visit)
		if len(arms) > 1 {
			pn.title = armName(looks[a].arm) + "\n" + pn.title
		}
		lo, hi := niceRange(xs.lo, xs.hi, 6)
		setRange(&pn.plot.X, lo, hi)
		axis, better := t.outcomeDifferenceAxis(outcome, result.Arms), outcome.Better
		if lo, hi = changeRange(outcome, ys, 6); ratio {
			lo, hi = logEnd(ys.lo, false), logEnd(ys.hi, true)
			pn.plot.Y.Scale, pn.plot.Y.Tick.Marker = plot.LogScale{}, LogTicks{Format: t.num}
			axis, better = t.effectAxis(outcome, s.Interacts), toward(s.Interacts, outcome)
		}
		setRange(&pn.plot.Y, lo, hi)
		y := ""
		if k%cols == 0 {
			y = t.towardArm(axis, better, result.Arms, pn.height)
		}
		t.alongAxes(pn, capitalized(label), y, cols)
		f.panels = append(f.panels, pn)
	}
	shareY(f.panels)
	p := t.pvalue(pValue)
	method := map[string]any{"contrast": t.contrast(result.Arms), "level": t.level(s.Level), "p": p}
	code, at := "plot-moderator-method", "plot-moderator-alt-at"
	if s.Interacts.Plain() {
		code, at = "plot-moderator-effects", "plot-moderator-alt-effect"
		method["contrast"] = t.against(s.Interacts, result.Arms)
		method["measure"], method["interaction"], method["test"] = capital(t.measure(s.Interacts)), t.say("interaction-"+string(s.Interacts), nil), t.say("interaction-by-"+s.TestedBy(), nil)
	}
	f.note([]string{t.say(code, method)})
	_, control := sides(result.Arms)
	var answers, alts []string
	for i, x := range s.At {
		ci := x.Effect.CI(s.Level)
		d := result.Digits()
		if s.Interacts.Plain() {
			d = ratioDecimals
		}
		said := t.say(at, map[string]any{"measure": t.measure(s.Interacts), "arm": armName(looks[x.Arm].arm), "control": armName(control), "covariate": label, "x": t.shortest(roundTo(x.At, 3)),
			"value": t.limit(x.Effect.Point(), d), "lower": t.limit(ci.Lo, d), "upper": t.limit(ci.Hi, d), "unit": outcome.Unit, "level": t.level(s.Level)})
		if i%3 == 1 { // the median, of three percentiles an arm
			answers = append(answers, said)
		} else {
			alts = append(alts, sentence(capital(said)))
		}
	}
	f.tell(strings.Join(append(answers, t.say("plot-alt-interaction", map[string]any{"covariate": label, "p": p})), "; "), alts...)
	return f, nil
}

// alongPoint is a value with its interval at x.
type alongPoint struct {
	x, y float64
	ci   stats.Interval
}

// drawAlong adds a line with its band.
func (t *theme) drawAlong(pn *panel, l look, line []alongPoint) {
	var middle, area []xy
	for _, p := range line {
		middle, area = append(middle, xy{p.x, p.y}), append(area, xy{p.x, p.ci.Hi})
	}
	for i := range line {
		p := line[len(line)-1-i]
		area = append(area, xy{p.x, p.ci.Lo})
	}
	pn.add(&shadeMarks{color: fade(l.color, 0.16), pts: area})
	pn.add(&linesMarks{theme: t, color: l.color, width: 1.9, dashes: l.dashes, lines: [][]xy{middle}})
}

// alongAxes name the axes and give the number's axis ticks that fit.
func (t *theme) alongAxes(pn *panel, x, y string, cols int) {
	room := (t.width - t.size()*7) / vg.Length(cols)
	pn.plot.X.Label.Text, pn.plot.Y.Label.Text = t.across(x, room), y
	pn.plot.X.Tick.Marker = t.ticksFor(room)
}
