package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// effectCurve is one arm's effect at one visit, for the charts that draw a
// curve of it.
type effectCurve struct {
	look   look
	row    study.Row
	effect stats.Effect
	level  float64
}

// newCurve is a row's effect at the row's level.
func newCurve(l look, row study.Row) effectCurve { return effectCurve{l, row, row.Effect, row.Level} }

func (c effectCurve) ci() stats.Interval { return c.effect.CI(c.level) }

// effectPanels gathers one outcome's effects that decide, or those of the
// method, a list a visit, and names those that have no curve.
func effectPanels(fn string, t *theme, s *series, method study.Method) (out [][]effectCurve, leftOut []string, err error) {
	looks := t.looks(s.arms)
	out = make([][]effectCurve, len(s.results))
	found := false
	for i, r := range s.results {
		for _, row := range r.Deciding() {
			if method == "" && !finite(row.Estimate) {
				leftOut = append(leftOut, t.armAt(looks[row.Arm].arm, r.Visit))
			}
		}
		for _, row := range shownRows(r, method) {
			if row.Effect == nil {
				leftOut = append(leftOut, t.armAt(looks[row.Arm].arm, r.Visit))
				continue
			}
			c := newCurve(looks[row.Arm], row)
			ci := c.ci()
			if !(ci.Hi > ci.Lo) || math.IsInf(ci.Hi-ci.Lo, 0) {
				leftOut = append(leftOut, t.armAt(c.look.arm, r.Visit))
				continue // a point or the whole line has no curve
			}
			out[i] = append(out[i], c)
			found = true
		}
	}
	if !found && method != "" && !slices.ContainsFunc(s.results, func(r study.Result) bool { return len(r.RowsBy(method)) > 0 }) {
		return nil, nil, noRows(fn, s.results, method)
	}
	if !found {
		return nil, nil, fmt.Errorf("plot: %s: %q has no difference between arms with a bounded interval", fn, s.outcome.ID)
	}
	return out, leftOut, nil
}

// curveReach are finite limits that a curve of an effect spans: the widest of
// its 99.9, 99 and 95% intervals that is bounded.
func curveReach(e stats.Effect, level float64) (lo, hi float64) {
	for _, l := range []float64{0.999, 0.99, level} {
		if ci := e.CI(l); !math.IsInf(ci.Hi-ci.Lo, 0) && ci.Hi > ci.Lo {
			return ci.Lo, ci.Hi
		}
	}
	return e.Point(), e.Point()
}

// highPanels is a panel's height in mm: lower where there are more than four.
func highPanels(n int, few, many float64) float64 {
	if n > 4 {
		return many
	}
	return few
}

// effectFrame is the common frame of the curves' panels, with the name of an axis of
// differences.
func (t *theme) effectFrame(f *Figure, s *series, i, cols int, high float64, named bool) (*panel, vg.Length) {
	pn := t.newPanel(i/cols, i%cols, t.height(high))
	f.panels = append(f.panels, pn)
	pn.title = visitName(s.results[i].Visit)
	room := t.width/vg.Length(cols) - t.size()*6
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	if x := t.outcomeDifferenceAxis(s.outcome, s.arms); named { // those above are the same
		f.nameX(pn, i+cols >= len(s.results), func() string { return t.towardArm(x, s.outcome.Better, s.arms, room) }, t.directed(x, s.outcome.Better))
	}
	return pn, room
}

// armLines is a legend of the active arms' lines, needed for two or more.
func (t *theme) armLines(s *series) []legendItem {
	var active []study.Arm
	for _, a := range s.arms {
		if !a.Control {
			active = append(active, a)
		}
	}
	if len(active) < 2 {
		return nil
	}
	items := t.armLegend(active, t.looks(s.arms), true)
	for i := range items {
		items[i].bare = true
	}
	return items
}

// altEffects says every curve's estimate and interval.
func (t *theme) altEffects(s *series, curves [][]effectCurve) (out []string) {
	_, control := sides(s.arms)
	for i, cs := range curves {
		for _, c := range cs {
			ci := c.ci()
			row := study.Row{Estimate: c.effect.Point(), Lower: ci.Lo, Upper: ci.Hi, Level: c.level}
			out = append(out, t.say("plot-alt-difference-arm", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID),
				"arm": armName(c.look.arm), "control": armName(control), "visit": visitName(s.results[i].Visit),
				"value": t.estimateAt(row, digitsOf(s.results), row.Marks(s.outcome)...), "unit": s.outcome.Unit}))
		}
	}
	return out
}

// bandNote says what the dashed line of a threshold is.
func (t *theme) bandNote(s *series, th *study.Threshold) []string {
	if th == nil {
		return nil
	}
	return []string{t.thresholdNote("plot-threshold-lines", *th, s.outcome)}
}

// methodsOf names the methods of the curves.
func (t *theme) methodsOf(curves [][]effectCurve) string {
	var ms []string
	for _, cs := range curves {
		for _, c := range cs {
			ms = appendNew(ms, t.rowMethod(c.row))
		}
	}
	return t.join(ms)
}
