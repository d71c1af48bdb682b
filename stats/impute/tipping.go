package impute

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Tipping says how a difference of two arms at a visit depends on what is added to the
// imputed values of each arm. In the data and in every sample the estimate is linear in
// these deltas, so that estimate and standard error at any of them, and the deltas at
// which significance is lost, have closed forms: nothing is imputed again.
type Tipping struct {
	r     *Result
	arms  []string
	value float64
	slope []float64   // arm → what a size of 1 adds to the difference
	cov   [][]float64 // covariance of the value (0) and of the arms' slopes (1 + arm)
	df    float64
	sizes []float64
}

// Tipping asks the difference arm − other at a visit, with the delta's shape and sizes
// of Result.Analysis. Degrees of freedom are those without delta.
//
// Source: the delta method as in Carpenter, Roger & Kenward 2013, doi
// 10.1080/10543406.2013.834911; linearity: Wolbers et al. 2022.
func (r *Result) Tipping(arm, other, visit string) (*Tipping, error) {
	w, err := r.difference("Tipping", arm, other, visit)
	if err != nil {
		return nil, err
	}
	t := &Tipping{r: r, arms: r.Arms, sizes: r.sizes, value: dot(w, r.full.means), df: math.Inf(1)}
	if !r.Analysis.Normal {
		t.df = r.df(w)
	}
	columns := [][]float64{r.values(w, nil)}
	for a := range r.Arms {
		x := make([]float64, len(r.samples))
		t.slope = append(t.slope, 0)
		if r.full.slopes[a] != nil {
			t.slope[a] = dot(w, r.full.slopes[a])
		}
		for i, s := range r.samples {
			if s.slopes[a] != nil {
				x[i] = dot(w, s.slopes[a])
			}
		}
		columns = append(columns, x)
	}
	for _, x := range columns {
		var row []float64
		for _, y := range columns {
			row = append(row, r.covariance(x, y))
		}
		t.cov = append(t.cov, row)
	}
	return t, nil
}

// Slope is what a delta of 1 in the arm adds to the difference.
func (t *Tipping) Slope(arm string) (float64, error) {
	a, err := index("Slope", "arm", arm, t.arms)
	if err != nil {
		return 0, err
	}
	return t.slope[a], nil
}

// At is the difference at deltas by arm; arms not named keep the sizes of the analysis.
func (t *Tipping) At(size map[string]float64) (stats.Estimate, error) {
	sizes := slices.Clone(t.sizes)
	for arm, x := range size {
		a, err := index("At", "size", arm, t.arms)
		if err != nil {
			return stats.Estimate{}, err
		}
		if !finite(x) {
			return stats.Estimate{}, bad("At", "size", a, stats.ErrNotFinite, "%q: %v", arm, x)
		}
		sizes[a] = x
	}
	return t.at(sizes), nil
}

func (t *Tipping) at(sizes []float64) stats.Estimate {
	e := stats.Estimate{Value: t.value, DF: t.df}
	v := t.cov[0][0]
	for a, x := range sizes {
		if x == 0 {
			continue
		}
		e.Value += x * t.slope[a]
		v += 2 * x * t.cov[0][1+a]
		for b, y := range sizes {
			v += x * y * t.cov[1+a][1+b]
		}
	}
	e.SE = math.Sqrt(max(v, 0))
	return e
}

// Roots returns the deltas of one arm, the others' as in the analysis, at which the
// two-sided p-value against no difference is 1 − level, ascending: the roots of a
// quadratic equation, none or two, or one where it is linear.
func (t *Tipping) Roots(arm string, level float64) ([]float64, error) {
	return t.RootsFrom(arm, level, 0)
}

// RootsFrom is Roots of the two-sided p-value against a difference of null, such as a
// non-inferiority margin: where a limit of the interval at the level reaches it.
func (t *Tipping) RootsFrom(arm string, level, null float64) ([]float64, error) {
	check.Level(level)
	a, err := index("RootsFrom", "arm", arm, t.arms)
	if err != nil {
		return nil, err
	}
	if !finite(null) {
		return nil, bad("RootsFrom", "null", -1, stats.ErrNotFinite, "%v", null)
	}
	sizes := slices.Clone(t.sizes)
	sizes[a] = 0
	e := t.at(sizes)
	e.Value -= null
	q := num.TQuantileUpper((1-level)/2, t.df)
	q *= q
	cross := t.cov[0][1+a]
	for b, y := range sizes {
		cross += y * t.cov[1+b][1+a]
	}
	s := t.slope[a]
	// (e + sδ)² = q²(v + 2cδ + uδ²)
	two, one, zero := s*s-q*t.cov[1+a][1+a], e.Value*s-q*cross, e.Value*e.Value-q*e.SE*e.SE
	if scale := s*s + q*t.cov[1+a][1+a]; math.Abs(two) <= 1e-14*scale {
		if one == 0 {
			return nil, nil
		}
		return []float64{-zero / (2 * one)}, nil
	}
	disc := one*one - two*zero
	if disc < 0 {
		return nil, nil
	}
	h := -(one + math.Copysign(math.Sqrt(disc), one))
	if h == 0 {
		return []float64{0}, nil
	}
	out := []float64{h / two, zero / h}
	slices.Sort(out)
	return out, nil
}

// Point returns the delta of one arm nearest 0 at which significance at 1 − level is
// lost. It is not ok where the difference is not significant without that delta, or no
// delta takes its significance away.
func (t *Tipping) Point(arm string, level float64) (delta float64, ok bool, err error) {
	roots, err := t.Roots(arm, level)
	if err != nil {
		return 0, false, err
	}
	now, err := t.At(map[string]float64{arm: 0})
	if err != nil || now.P(0) >= 1-level {
		return 0, false, err
	}
	for _, x := range roots {
		if !ok || math.Abs(x) < math.Abs(delta) {
			delta, ok = x, true
		}
	}
	return delta, ok, nil
}

// Null returns the delta of one arm at which the estimated difference is 0; not ok
// where the delta does not move it.
func (t *Tipping) Null(arm string) (delta float64, ok bool, err error) {
	now, err := t.At(map[string]float64{arm: 0})
	if err != nil {
		return 0, false, err
	}
	s, err := t.Slope(arm)
	if err != nil || s == 0 {
		return 0, false, err
	}
	return -now.Value / s, true, nil
}

// Map is the difference on a grid of deltas of two arms: rows for the first's, columns
// for the second's.
func (t *Tipping) Map(arm string, deltas []float64, other string, others []float64) ([][]stats.Estimate, error) {
	a, err := index("Map", "arm", arm, t.arms)
	if err != nil {
		return nil, err
	}
	b, err := index("Map", "other", other, t.arms)
	if err != nil {
		return nil, err
	}
	if a == b {
		return nil, bad("Map", "other", -1, stats.ErrDomain, "%q twice", arm)
	}
	if err := check.Sample("impute.Map", "deltas", deltas, 1); err != nil {
		return nil, err
	}
	if err := check.Sample("impute.Map", "others", others, 1); err != nil {
		return nil, err
	}
	out := make([][]stats.Estimate, len(deltas))
	sizes := slices.Clone(t.sizes)
	for i, x := range deltas {
		for _, y := range others {
			sizes[a], sizes[b] = x, y
			out[i] = append(out[i], t.at(sizes))
		}
	}
	return out, nil
}
