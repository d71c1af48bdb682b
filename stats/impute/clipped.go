package impute

import (
	"context"
	"maps"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Clipped asks a difference of two arms at a visit in completed data sets whose imputed
// values are held inside the range of the instrument, whatever is added to them.
type Clipped struct {
	im          *Imputations
	delta       Delta
	low, high   float64 // from f.y0 on
	d           *design
	contrast    []float64 // of the coefficients
	inv         []float64
	unit        float64   // the contrast's variance at a residual variance of 1
	known       []float64 // Σ w y of the values observed
	square      float64   // Σ y² of them
	cells       []int     // of im.cells at the visit
	participant []int     // of each
	profile     []float64 // of each: what a size of 1 adds
}

// ClippedDifference is a difference pooled by Rubin's rules.
type ClippedDifference struct {
	stats.Pooled
	// Held counts, by arm, the values at the visit that lay beyond an end of the range and
	// were held there: the mean over the completed data sets.
	Held map[string]float64
}

// Clipped asks the difference arm − other at a visit where every imputed value, with what
// a.Delta adds to it, is held at low or high when it lies beyond. Observed values stay as
// they are. A value held does not move with the delta any more, so that the difference is
// not linear in it and conditional means do not serve (Result.Tipping): the values are
// drawn, held and analyzed in every completed data set. Without a delta, too, draws from a
// normal model lie beyond the ends of a scale, and are held.
//
// It refuses a range that is none, Delta.Observed, and Analysis.Normal (ErrDomain). Rubin's
// rules are those of Imputations.Pool; large-sample, as these are.
func (im *Imputations) Clipped(a Analysis, arm, other, visit string, low, high float64) (*Clipped, error) {
	const fn = "Clipped"
	f := im.f
	switch {
	case !finite(low) || !finite(high) || !(low < high):
		return nil, bad(fn, "low", -1, stats.ErrDomain, "%v to %v is no range", low, high)
	case a.Delta.Observed:
		return nil, bad(fn, "Delta.Observed", -1, stats.ErrDomain, "values observed are not held")
	case a.Normal:
		return nil, bad(fn, "Normal", -1, stats.ErrDomain, "pooled imputations have degrees of freedom")
	}
	i, err := index(fn, "arm", arm, f.d.Arms)
	if err != nil {
		return nil, err
	}
	j, err := index(fn, "other", other, f.d.Arms)
	if err != nil {
		return nil, err
	}
	v, err := index(fn, "visit", visit, f.d.Visits)
	if err != nil {
		return nil, err
	}
	if i == j {
		return nil, bad(fn, "other", -1, stats.ErrDomain, "%q against itself", arm)
	}
	if err := a.Delta.check(fn, f.d); err != nil {
		return nil, err
	}
	d, err := a.design(fn, f)
	if err != nil {
		return nil, err
	}
	c := &Clipped{im: im, delta: a.Delta, low: low - f.y0, high: high - f.y0, d: d, contrast: make([]float64, d.p), known: make([]float64, d.p)}
	if col := d.arm[i]; col >= 0 {
		c.contrast[col] = 1
	}
	if col := d.arm[j]; col >= 0 {
		c.contrast[col] = -1
	}
	whole := newSums(d)
	for p := range f.d.Arm {
		whole.add(p, 1)
	}
	c.inv = append([]float64(nil), whole.a...)
	if !cholesky(c.inv, d.p) {
		return nil, bad(fn, "Covariates", -1, stats.ErrSingular, "the analysis has columns that depend on each other")
	}
	solved := append([]float64(nil), c.contrast...)
	cholSolve(c.inv, solved, d.p)
	c.unit = dot(c.contrast, solved)
	profiles := a.Delta.of(f)
	missing := map[int]bool{}
	for k, cell := range im.cells {
		if cell%f.visits == v {
			p := cell / f.visits
			missing[p] = true
			c.cells, c.participant, c.profile = append(c.cells, k), append(c.participant, p), append(c.profile, profiles[f.kindOf[p]][v])
		}
	}
	for p := range f.d.Arm {
		if y := f.y[p*f.visits+v]; !missing[p] {
			axpy(c.known, y, d.row(p))
			c.square += y * y
		}
	}
	return c, nil
}

// At is the difference at deltas by arm; arms not named keep the sizes of the analysis.
func (c *Clipped) At(size map[string]float64) (ClippedDifference, error) {
	return c.AtContext(context.Background(), size)
}

// AtContext is At that stops when ctx is done.
func (c *Clipped) AtContext(ctx context.Context, size map[string]float64) (ClippedDifference, error) {
	f := c.im.f
	delta := c.delta
	delta.Size = maps.Clone(c.delta.Size)
	if delta.Size == nil {
		delta.Size = map[string]float64{}
	}
	maps.Copy(delta.Size, size)
	if err := delta.check("At", f.d); err != nil {
		return ClippedDifference{}, err
	}
	add := make([]float64, len(c.cells))
	for k, p := range c.participant {
		add[k] = delta.Size[f.d.Arms[f.d.Arm[p]]] * c.profile[k]
	}
	n, p := len(f.d.Arm), c.d.p
	es := make([]stats.Estimate, len(c.im.values))
	held := make([]int, len(f.d.Arms))
	z, beta := make([]float64, p), make([]float64, p)
	for m, values := range c.im.values {
		if ctx.Err() != nil {
			return ClippedDifference{}, ctx.Err()
		}
		copy(z, c.known)
		square := c.square
		for k, cell := range c.cells {
			y := values[cell] + add[k]
			if y < c.low || y > c.high {
				y = min(max(y, c.low), c.high)
				held[f.d.Arm[c.participant[k]]]++
			}
			axpy(z, y, c.d.row(c.participant[k]))
			square += y * y
		}
		copy(beta, z)
		cholSolve(c.inv, beta, p)
		df := float64(n - p)
		es[m] = stats.Estimate{Value: dot(c.contrast, beta), SE: math.Sqrt(max(square-dot(z, beta), 0) / df * c.unit), DF: df}
	}
	pooled, err := stats.PoolImputations(es)
	if err != nil {
		return ClippedDifference{}, err
	}
	out := ClippedDifference{Pooled: pooled, Held: map[string]float64{}}
	for a, name := range f.d.Arms {
		out.Held[name] = float64(held[a]) / float64(len(es))
	}
	return out, nil
}
