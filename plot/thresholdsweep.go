package plot

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/study"
)

// ThresholdSweepOptions are the choices of ThresholdSweepWith.
type ThresholdSweepOptions struct {
	Options
	// Method picks the rows; "" means those that decide.
	Method study.Method
}

// ThresholdSweep answers "does the conclusion hang on which MCID one believes?":
// a panel a visit, with every threshold from 0 up on the x axis. The curve is
// the one-sided confidence, 1 − p, that the benefit exceeds the threshold; under
// it, a bar an arm shows the verdict for each threshold by its shade: definite
// where the whole interval reaches it, probable where the estimate does,
// possible where the interval's better end does, definitely not beyond. Read
// where the protocol's threshold (dashed) crosses the bars, and how far it can
// move before the shade changes.
// Convention: Man-Son-Hing et al. 2002, J Gen Intern Med 17:469,
// doi:10.1046/j.1525-1497.2002.11111.x.
func ThresholdSweep(results []study.Result) (*Figure, error) {
	return ThresholdSweepWith(results, ThresholdSweepOptions{})
}

// verdictShades from definite to definitely not.
var verdictShades = []struct {
	verdict study.Verdict
	color   color.NRGBA
}{
	{study.Definite, rgb(0x303030)}, {study.Probable, rgb(0x7C7C7C)}, {study.Possible, rgb(0xBBBBBB)}, {study.DefinitelyNot, rgb(0xEAEAEA)},
}

// ThresholdSweepWith is ThresholdSweep with choices.
func ThresholdSweepWith(results []study.Result, o ThresholdSweepOptions) (*Figure, error) {
	s, err := newSeries("ThresholdSweep", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results) > 1, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	curves, err := effectPanels("ThresholdSweep", t, s, o.Method)
	if err != nil {
		return nil, err
	}
	f := &Figure{theme: t, legend: t.armLines(s)}
	for _, v := range verdictShades {
		f.legend = append(f.legend, legendItem{look: look{color: v.color, marker: squareMarker}, text: t.say("verdict-"+string(v.verdict), nil)})
	}
	f.title = t.titled("plot-sweep-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th := margin(s.outcome)
	var xs span
	xs.add(0)
	most := 1
	for _, cs := range curves {
		most = max(most, len(cs))
		for _, c := range cs {
			_, _, hi := benefit(c, s)
			xs.add(1.15 * hi)
		}
	}
	if th != nil {
		xs.add(1.3 * th.Value)
	}
	_, hi := niceRange(0, math.Max(xs.hi, 1e-12), 5)
	cols := panelColumns(t, len(s.results))
	high := 38.0
	if len(s.results) > 4 {
		high = 28
	}
	var alts []string
	for i, r := range s.results {
		pn, room := t.effectFrame(f, s, i, cols, high)
		p := pn.plot
		setRange(&p.X, 0, hi)
		// The bars stand under 0%, each as high as 7% of the axis.
		const bar = 7.0
		low := -4 - bar*float64(most)
		setRange(&p.Y, low, 100)
		p.Y.Tick.Marker = t.percentLabels()
		p.X.Label.Text = t.across(t.thresholdAxis(s.outcome), room)
		if i%cols == 0 {
			p.Y.Label.Text = t.across(t.say("plot-sweep-y", nil), pn.height)
		}
		for k, c := range curves[i] {
			value, lower, upper := benefit(c, s)
			y1 := -3 - bar*float64(k)
			cuts := []float64{0, lower, value, upper, hi}
			for j, v := range verdictShades {
				x0, x1 := clamp(cuts[j], 0, hi), clamp(cuts[j+1], 0, hi)
				if x1 > x0 {
					pn.add(&bandMarks{color: v.color, rects: []dataRect{{x0, x1, y1 - bar + 1.5, y1}}})
				}
			}
			if len(curves[i]) > 1 {
				pn.add(&linesMarks{theme: t, color: c.look.color, width: 2, dashes: c.look.dashes, lines: [][]xy{{{0, y1 + 0.4}, {hi, y1 + 0.4}}}})
			}
			var line []xy
			for _, m := range grid(0, hi, 161) {
				line = append(line, xy{m, 100 * confidenceBeyond(c, s, m)})
			}
			pn.add(&linesMarks{theme: t, color: c.look.color, width: 1.9, dashes: c.look.dashes, lines: [][]xy{line}})
			alts = append(alts, t.say("plot-sweep-alt", map[string]any{"visit": visitName(r.Visit), "arm": armName(c.look.arm),
				"definite": t.num(math.Max(0, lower), decimals(s.outcome)), "probable": t.num(math.Max(0, value), decimals(s.outcome)),
				"possible": t.num(math.Max(0, upper), decimals(s.outcome)), "unit": s.outcome.Unit}))
		}
		if th != nil {
			pn.add(&refLine{theme: t, value: th.Value, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
			pn.top = append(pn.top, topLabel{th.Value, t.say("plot-sweep-threshold", map[string]any{"kind": string(th.Kind)})})
		}
	}
	levels := s.curveLevels(curves)
	foot := append([]string{t.say("plot-sweep-method", map[string]any{"level": levels.words(t), "methods": t.methodsOf(curves)})}, levels.note(t)...)
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}

// benefit is an effect with its interval, turned so that larger is better.
func benefit(c effectCurve, s *series) (value, lower, upper float64) {
	ci := c.ci()
	if s.outcome.Better.Sign() < 0 {
		ci = ci.Neg()
		return -c.effect.Point(), ci.Lo, ci.Hi
	}
	return c.effect.Point(), ci.Lo, ci.Hi
}

// confidenceBeyond is 1 − p of the one-sided test that the benefit exceeds m.
func confidenceBeyond(c effectCurve, s *series, m float64) float64 {
	if s.outcome.Better.Sign() < 0 {
		return 1 - c.effect.PLess(-m)
	}
	return 1 - c.effect.PGreater(m)
}

func (t *theme) thresholdAxis(o study.Outcome) string {
	if o.Unit == "" {
		return t.say("plot-sweep-x-unitless", nil)
	}
	return t.say("plot-sweep-x", map[string]any{"unit": o.Unit})
}

// percentLabels labels an axis of percentages that goes on below 0.
func (t *theme) percentLabels() Labels {
	var out Labels
	for _, v := range []float64{0, 25, 50, 75, 100} {
		out = append(out, plot.Tick{Value: v, Label: t.num(v, 0)})
	}
	return out
}
