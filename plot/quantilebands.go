package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/stats"
)

// manyFrom is the number of participants from which their lines would be painted
// over each other: bands between quantiles, or panels of one arm each, are drawn
// instead.
const manyFrom = 200

// quantilesAt are the p-quantiles of participants' values at each place: linear
// between order statistics, type 7 of Hyndman & Fan; NaN where nobody has a value.
func quantilesAt(lines [][]float64, places int, ps ...float64) ([][]float64, error) {
	out := make([][]float64, len(ps))
	for v := range places {
		xs := make([]float64, 0, len(lines))
		for _, l := range lines {
			if !math.IsNaN(l[v]) {
				xs = append(xs, l[v])
			}
		}
		slices.Sort(xs) // once, not for each of them
		for i, p := range ps {
			q := math.NaN()
			if len(xs) > 0 {
				var err error
				if q, err = stats.Quantile(xs, p, 7); err != nil {
					return nil, fmt.Errorf("plot: quantiles of participants: %w", err)
				}
			}
			out[i] = append(out[i], q)
		}
	}
	return out, nil
}

// quantileBand is what lies between the quantiles p and 1 − p of participants'
// values, over places where somebody has one.
type quantileBand struct {
	p            float64
	lower, upper []float64
}

func newQuantileBand(lines [][]float64, places int, p float64) (b quantileBand, err error) {
	q, err := quantilesAt(lines, places, p, 1-p)
	if err != nil {
		return b, err
	}
	return quantileBand{p, q[0], q[1]}, nil
}

// marks shade the band, and edge it with the arm's dash where several overlap.
func (b quantileBand) marks(t *theme, l look, xs []float64, opacity float64, edged bool) []plot.Plotter {
	var up, down []xy
	for i, x := range xs {
		if !math.IsNaN(b.lower[i]) {
			up, down = append(up, xy{x, b.upper[i]}), append(down, xy{x, b.lower[i]})
		}
	}
	if len(up) == 0 {
		return nil
	}
	area := slices.Clone(down)
	slices.Reverse(area)
	out := []plot.Plotter{&shadeMarks{color: fade(l.color, opacity), pts: append(slices.Clone(up), area...)}}
	if edged {
		out = append(out, &linesMarks{theme: t, color: fade(l.color, 0.7), width: 0.84, dashes: l.dashes, lines: [][]xy{up, down}})
	}
	return out
}

// percentiles that stand for participants who are too many for a symbol each.
var crowdPercentiles = [5]float64{0.1, 0.25, 0.5, 0.75, 0.9}

// percentilesOf are the crowdPercentiles of values, of which there is at least one.
func percentilesOf(values []float64) (q [5]float64, err error) {
	values = slices.Sorted(slices.Values(values)) // once, not for each of them
	for i, p := range crowdPercentiles {
		if q[i], err = stats.Quantile(values, p, 7); err != nil {
			return q, fmt.Errorf("plot: percentiles of participants: %w", err)
		}
	}
	return q, nil
}

// quantileMarks stand for the participants of an arm at a place: a bar from the
// 10th to the 90th percentile, darker from the 25th to the 75th, with a thick line
// at the median.
type quantileMarks struct {
	theme  *theme
	look   look
	at     float64
	q      [5]float64
	offset vg.Length
	half   vg.Length // of its width
}

// Plot implements plot.Plotter.
func (m *quantileMarks) Plot(c draw.Canvas, p *plot.Plot) {
	x := c.X(p.X.Norm(m.at)) + m.offset
	y := func(i int) vg.Length { return c.Y(clamp(p.Y.Norm(m.q[i]), 0, 1)) }
	for i, opacity := range []float64{0.2, 0.4} {
		c.FillPolygon(fade(m.look.color, opacity), []vg.Point{{X: x - m.half, Y: y(i)}, {X: x + m.half, Y: y(i)},
			{X: x + m.half, Y: y(4 - i)}, {X: x - m.half, Y: y(4 - i)}})
	}
	c.StrokeLine2(draw.LineStyle{Color: m.look.color, Width: m.theme.line(2.2)}, x-m.half, y(2), x+m.half, y(2))
}

// crowdMarks is what a chart draws of its participants: of many a quantileMarks for an arm
// at a place, of fewer than crowdFrom in an arm, or in a small trial, a swarm.
type crowdMarks struct {
	many   bool
	points swarms
	bars   []plot.Plotter
}

// percentiles tells whether values are drawn as their percentiles.
func (c *crowdMarks) percentiles(values []float64) bool { return c.many && len(values) >= crowdFrom }

// shown is what the axis must hold of values.
func (c *crowdMarks) shown(values []float64) ([]float64, error) {
	if !c.percentiles(values) {
		return values, nil
	}
	q, err := percentilesOf(values)
	return q[:], err
}

// add draws the values of a swarm.
func (c *crowdMarks) add(m *pointMarks) error {
	if !c.percentiles(m.values) {
		c.points = append(c.points, m)
		return nil
	}
	q, err := percentilesOf(m.values)
	if err != nil {
		return err
	}
	c.bars = append(c.bars, &quantileMarks{theme: m.theme, look: m.look, at: m.at, q: q, offset: m.offset, half: min(m.room*0.7, m.theme.size()*1.3)})
	return nil
}

// addTo adds the marks to a panel.
func (c *crowdMarks) addTo(pn *panel) {
	pn.add(c.bars...)
	if len(c.points) > 0 || len(c.bars) == 0 {
		pn.add(c.points)
	}
}

// words say what the marks are.
func (c *crowdMarks) words(t *theme) (out []string) {
	if len(c.bars) > 0 {
		out = append(out, t.say("plot-quantiles-bars", nil))
	}
	filled := slices.ContainsFunc(c.points, func(m *pointMarks) bool { return len(m.values) > 0 })
	switch {
	case len(c.bars) > 0 && filled:
		out = append(out, t.say("plot-points-small-arms", map[string]any{"n": crowdFrom}))
	case len(c.bars) == 0:
		out = append(out, t.say("plot-points-participants", nil))
	}
	return out
}

// partsMost and partLeast are how many groups participants are parted into along
// another value, and how many of them a group has at least.
const (
	partsMost = 10
	partLeast = 20
	partsFew  = 3 // with fewer groups than these every participant is drawn
)

// partAlong parts points, sorted, into groups of about equal size along x; points with
// one x are of one group, so that their order means nothing.
func partAlong(pts []xy, k int) (groups [][]xy) {
	of, first := -1, 0
	for i := 0; i < len(pts); {
		j := i
		for j < len(pts) && pts[j].x == pts[i].x {
			j++
		}
		g := k * (i + j - 1) / (2 * len(pts))
		if g != of && i > 0 {
			groups, first = append(groups, pts[first:i]), i
		}
		of, i = g, j
	}
	if len(pts) > 0 {
		groups = append(groups, pts[first:])
	}
	return groups
}

// bandsAlong draws many points, sorted, as bands along x: in groups of neighbors the
// percentiles of y, each group at its median x, with a symbol at the median of y. It
// draws nothing, and says so, of too few.
func (t *theme) bandsAlong(pts []xy, l look) (marks []plot.Plotter, ok bool, err error) {
	groups := partAlong(pts, min(partsMost, len(pts)/partLeast))
	if len(groups) < partsFew {
		return nil, false, nil
	}
	medians := &scatterMarks{theme: t, look: l, size: 0.7}
	var up, down [2][]xy
	for _, g := range groups {
		xs, ys := make([]float64, len(g)), make([]float64, len(g))
		for i, q := range g {
			xs[i], ys[i] = q.x, q.y
		}
		x, err := stats.Quantile(xs, 0.5, 7)
		if err != nil {
			return nil, false, err
		}
		y, err := percentilesOf(ys)
		if err != nil {
			return nil, false, err
		}
		medians.pts = append(medians.pts, xy{x, y[2]})
		for i := range up {
			up[i], down[i] = append(up[i], xy{x, y[4-i]}), append(down[i], xy{x, y[i]})
		}
	}
	for i := range up {
		slices.Reverse(down[i])
		marks = append(marks, &shadeMarks{color: fade(l.color, []float64{0.16, 0.28}[i]), pts: append(up[i], down[i]...)})
	}
	return append(marks, medians), true, nil
}
