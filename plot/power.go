package plot

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/study"
)

// PowerLine is the power of one design over a range of sample sizes.
type PowerLine struct {
	// Label says what is assumed: "difference 10 mm, SD 20 mm".
	Label  string
	Points []PowerPoint
}

// PowerPoint is a sample size with its power, such as power.TDesign.Power.
type PowerPoint struct{ N, Power float64 }

// PowerOptions are the choices of PowerWith.
type PowerOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// XLabel names the sample size; "" means participants per arm.
	XLabel string
	// Target power to mark; 0 means 0.8, negative none.
	Target float64
	// Outcome is named on the axis: what the power is of.
	Outcome study.Outcome
	// Planned sample size to mark; 0 marks none.
	Planned float64
	// Method says how power was computed, for the footnote.
	Method string
}

// Power answers "how many participants would show an effect of a given size?"
// at the design of a trial. It takes one line a design, with the power computed
// by package stats. Read along the dashed line of the target power to the
// first curve that is above it. It is a figure for planning: effect and spread
// come from outside the trial; power for the effect that was observed says
// nothing that its interval does not say.
// Convention: Hoenig & Heisey 2001, Am Stat 55:19, doi:10.1198/000313001300339897.
func Power(lines ...PowerLine) (*Figure, error) { return PowerWith(lines, PowerOptions{}) }

// PowerWith is Power with choices.
func PowerWith(lines []PowerLine, o PowerOptions) (*Figure, error) {
	if o.Target == 0 {
		o.Target = 0.8
	}
	if err := checkPower(lines, o); err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, false, o.Study)
	if err != nil {
		return nil, err
	}
	f := t.figure("plot-power-title", nil)
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	t.powerFrame(pn, lines, o)
	var alts, ends []string
	for i, l := range lines {
		lk := t.plainLook(i)
		m := &curveMarks{theme: t, color: lk.color, dashes: lk.dashes}
		for _, q := range l.Points {
			m.pts = append(m.pts, xy{q.N, 100 * q.Power})
		}
		pn.add(m)
		f.legend = append(f.legend, legendItem{look: lk, text: l.Label, line: true, bare: true})
		alts = append(alts, t.altPower(l, o.Target))
		for _, q := range []PowerPoint{l.Points[0], l.Points[len(l.Points)-1]} {
			ends = append(ends, sentence(t.say("plot-power-alt-short", map[string]any{"label": l.Label, "power": t.powerOf(q.Power), "n": t.shortest(q.N)})))
		}
	}
	var foot []string
	if o.Method != "" {
		foot = append(foot, sentence(o.Method))
	}
	f.note(append(foot, t.say("plot-power-method", nil)))
	if out := o.Outcome; out.ID != "" {
		f.what = t.say("plot-alt-outcome", map[string]any{"outcome": name(out.Label, out.ID), "answer": f.what})
	}
	f.tell(strings.Join(alts, "; "), ends...)
	return f, nil
}

func checkPower(lines []PowerLine, o PowerOptions) error {
	if len(lines) == 0 || len(lines) > 6 {
		return fmt.Errorf("plot: Power: %d lines; 1 to 6 can be told apart", len(lines))
	}
	if !finite(o.Target, o.Planned) || o.Target >= 1 || o.Planned < 0 {
		return fmt.Errorf("plot: Power: target %v is no power below 1, or the planned size %v no size", o.Target, o.Planned)
	}
	for i, l := range lines {
		for k, q := range l.Points {
			if !finite(q.N, q.Power) || q.N <= 0 || q.Power < 0 || q.Power > 1 {
				return fmt.Errorf("plot: Power: line %d has power %v at N = %v", i, q.Power, q.N)
			}
			if k > 0 && q.N <= l.Points[k-1].N {
				return fmt.Errorf("plot: Power: the sizes of line %d do not rise", i)
			}
		}
		if len(l.Points) < 2 {
			return fmt.Errorf("plot: Power: line %d has fewer than two points", i)
		}
	}
	return nil
}

// powerFrame sets the axes and the lines of target and planned size.
func (t *theme) powerFrame(pn *panel, lines []PowerLine, o PowerOptions) {
	var xs span
	for _, l := range lines {
		xs.add(l.Points[0].N, l.Points[len(l.Points)-1].N)
	}
	if o.Planned > 0 {
		xs.add(o.Planned)
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	setRange(&pn.plot.X, lo, hi)
	setRange(&pn.plot.Y, 0, 100)
	label := o.XLabel
	if label == "" {
		label = t.say("plot-power-x", nil)
	}
	room := t.width - t.size()*7
	pn.plot.X.Label.Text = t.across(label, room)
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.Y.Label.Text = t.across(t.say("plot-power-y", nil), pn.height)
	if o.Outcome.ID != "" {
		pn.plot.Y.Label.Text = t.across(t.say("plot-power-y-of", map[string]any{"outcome": o.Outcome.ShortLabel()}), pn.height)
	}
	if o.Target > 0 {
		pn.add(&refLine{theme: t, value: 100 * o.Target, color: inkGray, dashes: t.dashes(2.5, 1.5)})
		pn.side = append(pn.side, sideLabel{y: 100 * o.Target, text: t.num(100*o.Target, 0) + "%", color: inkGray})
	}
	if o.Planned > 0 {
		pn.add(&refLine{theme: t, value: o.Planned, upright: true, color: inkGray, dashes: t.dashes(2.5, 1.5)})
		pn.top = append(pn.top, topLabel{o.Planned, t.say("plot-power-planned", map[string]any{"n": t.shortest(o.Planned)})})
	}
}

// powerOf is a power in percent: no trial is certain, so none is rounded to 100.
func (t *theme) powerOf(p float64) string {
	if p > 0.995 && p < 1 {
		return ">\u00a0" + t.num(99, 0)
	}
	return t.num(100*p, 0)
}

// altPower says where a line reaches the target, or how far it gets.
func (t *theme) altPower(l PowerLine, target float64) string {
	for _, q := range l.Points {
		if target > 0 && q.Power >= target {
			return t.say("plot-power-alt", map[string]any{"label": l.Label, "target": t.num(100*target, 0), "n": t.shortest(q.N)})
		}
	}
	last := l.Points[len(l.Points)-1]
	return t.say("plot-power-alt-short", map[string]any{"label": l.Label, "power": t.powerOf(last.Power), "n": t.shortest(last.N)})
}
