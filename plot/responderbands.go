package plot

import (
	"errors"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// Bands says which limits Responders draws around its curves.
type Bands int

const (
	// NoBands draws the curves alone.
	NoBands Bands = iota
	// PointwiseBands shades Clopper–Pearson limits: each holds for one amount,
	// chosen before seeing the curve.
	PointwiseBands
	// SimultaneousBands shades the Dvoretzky–Kiefer–Wolfowitz band, which holds
	// for all amounts at once.
	SimultaneousBands
	// BothBands shades the pointwise limits and outlines the simultaneous band.
	BothBands
)

// responderBands are the marks behind one arm's curve.
func (t *theme) responderBands(pn *panel, r study.Result, l look, b Bands) error {
	if b == NoBands {
		return nil
	}
	c, err := study.ResponderCurveOf(r, l.arm.ID)
	if errors.Is(err, stats.ErrTooFew) {
		return nil // an arm of nobody has no curve
	}
	if err != nil {
		return err
	}
	lo, hi := pn.plot.X.Min, pn.plot.X.Max
	edge := func(of func(study.ResponderPoint) float64) []xy {
		from := lo
		var out []xy
		for _, p := range c.Points {
			to := math.Min(p.Gain, hi)
			out = append(out, xy{from, 100 * of(p)}, xy{to, 100 * of(p)})
			from = to
		}
		return out
	}
	upper, lower := edge(func(p study.ResponderPoint) float64 { return p.Upper }), edge(func(p study.ResponderPoint) float64 { return p.Lower })
	wideUp, wideDown := edge(func(p study.ResponderPoint) float64 { return p.BandUpper }), edge(func(p study.ResponderPoint) float64 { return p.BandLower })
	switch b {
	case SimultaneousBands:
		upper, lower = wideUp, wideDown
	case BothBands:
		pn.add(&linesMarks{theme: t, color: fade(l.color, 0.6), width: 0.9, dashes: l.dashes, lines: [][]xy{wideUp, wideDown}})
	}
	area := append([]xy{}, upper...)
	for i := len(lower) - 1; i >= 0; i-- {
		area = append(area, lower[i])
	}
	pn.add(&shadeMarks{color: fade(l.color, 0.16), pts: area})
	return nil
}
