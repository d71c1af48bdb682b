package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// CompatibilityOptions are the choices of CompatibilityWith.
type CompatibilityOptions struct {
	Options
	// Method picks the rows; "" means those that decide.
	Method study.Method
	// NoThreshold leaves the lines of the threshold out.
	NoThreshold bool
}

// Compatibility answers "which true differences agree with the data, and how
// well?": the p-value of every possible difference, a panel a visit. Read
// across at 0.05: the curve there is as wide as the 95% confidence interval,
// drawn as a bar (of several arms, under the curves, one below the other); every other level is on the curve too. Its peak is the
// estimate. A difference with a high p-value is compatible with the data, not
// shown to be true. Exact tests have steps.
// Convention: Poole 1987, doi:10.2105/AJPH.77.2.195; Rafi & Greenland 2020,
// BMC Med Res Methodol 20:244, doi:10.1186/s12874-020-01105-9.
func Compatibility(results []study.Result) (*Figure, error) {
	return CompatibilityWith(results, CompatibilityOptions{})
}

// CompatibilityWith is Compatibility with choices.
func CompatibilityWith(results []study.Result, o CompatibilityOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		return compatibility(results, o)
	})
}

// compatibility draws the chart at one density.
func compatibility(results []study.Result, o CompatibilityOptions) (*Figure, error) {
	s, err := newSeries("Compatibility", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results) > 1, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	curves, leftOut, err := effectPanels("Compatibility", t, s, o.Method)
	if err != nil {
		return nil, err
	}
	f := &Figure{theme: t, legend: t.armLines(s)}
	f.entitle("plot-compatibility-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th := margin(s.outcome)
	if o.NoThreshold {
		th = nil
	}
	sign := s.outcome.Better.Sign()
	var xs span
	xs.add(0)
	most := 1 // curves of a panel
	for _, cs := range curves {
		most = max(most, len(cs))
		for _, c := range cs {
			xs.add(curveReach(c.effect, c.level))
		}
	}
	if th != nil {
		xs.add(sign * th.Value)
	}
	lo, hi := changeRange(s.outcome, xs, 6)
	cols := panelColumns(t, len(s.results))
	high := highPanels(len(s.results), 42, 30)
	for i := range s.results {
		pn, _ := t.effectFrame(f, s, i, cols, high, true)
		setRange(&pn.plot.X, lo, hi)
		setRange(&pn.plot.Y, 0, 1)
		if most > 1 {
			pn.plot.Y.Min = barBelow(most-1) - barStep/2
			pn.plot.Y.Tick.Marker = t.shareLabels(pn.height)
		}
		if i%cols == 0 {
			y := t.say("plot-compatibility-y", nil)
			f.nameY(pn, func(room vg.Length) string { return t.across(y, room) }, y)
		}
		pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
		if th != nil {
			pn.add(&refLine{theme: t, value: sign * th.Value, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
			pn.top = append(pn.top, topLabel{sign * th.Value, t.thresholdLabel(*th, s.outcome)})
		}
		for k, c := range curves[i] {
			from, to := curveReach(c.effect, c.level)
			from, to = math.Max(from, lo), math.Min(to, hi)
			var line []xy
			for _, q := range stats.Compatibility(c.effect, from, to, 241) {
				line = append(line, xy{q.Effect, q.P()})
			}
			peak := xy{c.effect.Point(), c.effect.P(c.effect.Point())}
			if peak.x > lo && peak.x < hi {
				line = insertPoint(line, peak)
			}
			pn.add(&linesMarks{theme: t, color: c.look.color, width: 1.9, dashes: c.look.dashes, lines: [][]xy{line}})
			ci, at := c.ci(), 1-c.level
			if most > 1 { // at one height they would cover each other
				at = barBelow(k)
			}
			pn.add(&intervalMarks{theme: t, look: c.look, flat: true, scale: 0.85,
				items: []interval{{at, c.effect.Point(), ci.Lo, ci.Hi}}})
		}
	}
	shareY(f.panels)
	levels := s.curveLevels(curves)
	foot := append([]string{t.say("plot-compatibility-method", map[string]any{"level": levels.words(t), "methods": t.methodsOf(curves)})}, levels.note(t)...)
	foot = append(foot, t.bandNote(s, th)...)
	foot = append(foot, t.leftOut(leftOut)...)
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.tell(s.altCurves(t, curves), t.altEffects(s, curves)...)
	return f, nil
}

// barStep parts the bars under the curves.
const barStep = 0.08

// barBelow is the height of the k-th of several bars under the curves.
func barBelow(k int) float64 { return -barStep * float64(k+1) }

// shareLabels labels an axis of shares that goes on below 0, as far as labels have room.
func (t *theme) shareLabels(room vg.Length) Labels {
	var out Labels
	at := []float64{0, 0.2, 0.4, 0.6, 0.8, 1}
	if room < t.size()*8 {
		at = []float64{0, 0.5, 1}
	}
	for _, v := range at {
		out = append(out, plot.Tick{Value: v, Label: t.num(v, 1)})
	}
	return out
}

// insertPoint keeps a curve's peak, which may lie between its points.
func insertPoint(line []xy, q xy) []xy {
	for i := range line {
		if line[i].x >= q.x {
			if line[i].x == q.x || math.IsNaN(q.y) {
				return line
			}
			return append(line[:i:i], append([]xy{q}, line[i:]...)...)
		}
	}
	return line
}
