package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/stats"
)

// manyFrom is the number of participants from which their lines would be painted
// over each other: bands between quantiles, or panels of one arm each, are drawn
// instead.
const manyFrom = 200

// quantilesAt are the p-quantiles of participants' values at each place: linear
// between order statistics, type 7 of Hyndman & Fan; NaN where nobody has a value.
func quantilesAt(lines [][]float64, places int, p float64) ([]float64, error) {
	out := make([]float64, places)
	for v := range out {
		var xs []float64
		for _, l := range lines {
			if !math.IsNaN(l[v]) {
				xs = append(xs, l[v])
			}
		}
		out[v] = math.NaN()
		if len(xs) == 0 {
			continue
		}
		q, err := stats.Quantile(xs, p, 7)
		if err != nil {
			return nil, fmt.Errorf("plot: quantiles of participants: %w", err)
		}
		out[v] = q
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
	b.p = p
	if b.lower, err = quantilesAt(lines, places, p); err != nil {
		return b, err
	}
	b.upper, err = quantilesAt(lines, places, 1-p)
	return b, err
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
