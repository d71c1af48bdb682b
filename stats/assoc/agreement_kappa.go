package assoc

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// KappaWeights say how disagreement between ordered categories counts. The
// zero value counts every disagreement alike.
type KappaWeights string

// Weights.
const (
	Unweighted   KappaWeights = "unweighted"
	EqualSpacing KappaWeights = "linear"    // 1 − |i−j|/(k−1), Cicchetti & Allison
	FleissCohen  KappaWeights = "quadratic" // 1 − (i−j)²/(k−1)²
)

// KappaOptions are the options of Kappa. The zero value counts every disagreement
// alike.
type KappaOptions struct{ Weights KappaWeights }

// RaterAgreement is the outcome of Kappa: κ with its large-sample standard error
// and a normal pivot. Where the raters never disagree the standard error vanishes:
// the interval is then −1 to 1 with Why = WhyNoError, and every p-value 1.
type RaterAgreement struct {
	Value, SE float64
	Weights   KappaWeights
	// Observed and Expected are the (weighted) shares of agreement, as seen and as
	// chance would have it given the margins.
	Observed, Expected float64
}

var _ stats.Effect = RaterAgreement{}

// Point returns κ.
func (a RaterAgreement) Point() float64 { return a.Value }

// CI returns κ ± z·SE.
func (a RaterAgreement) CI(level float64) stats.Interval {
	if a.SE == 0 {
		return noInterval(-1, level)
	}
	return normal(a.Value, a.SE).CI(level)
}

// P returns the two-sided p-value of the hypothesis that κ is null.
func (a RaterAgreement) P(null float64) float64 { return ask(a.Value, a.SE, null, stats.Estimate.P) }

// PGreater is the one-sided p-value against a κ of at most null.
func (a RaterAgreement) PGreater(null float64) float64 {
	return ask(a.Value, a.SE, null, stats.Estimate.PGreater)
}

// PLess is the one-sided p-value against a κ of at least null.
func (a RaterAgreement) PLess(null float64) float64 {
	return ask(a.Value, a.SE, null, stats.Estimate.PLess)
}

// normal is an estimate with a normal pivot.
func normal(value, se float64) stats.Estimate {
	return stats.Estimate{Value: value, SE: se, DF: math.Inf(1)}
}

// noInterval is the answer of a coefficient between lo and 1 whose standard error
// vanishes.
func noInterval(lo, level float64) stats.Interval {
	check.Level(level)
	return stats.Interval{Lo: lo, Hi: 1, Level: level, Why: stats.WhyNoError}
}

// ask returns a p-value by a normal pivot, 1 where there is no standard error to
// test with.
func ask(value, se, null float64, p func(stats.Estimate, float64) float64) float64 {
	if !(se > 0) {
		return 1
	}
	return p(normal(value, se), null)
}

// Kappa estimates agreement of two raters beyond chance from a square table of
// counts (rows: first rater, columns: second): κ = (p_o − p_e)/(1 − p_e), with
// the large-sample standard error of Fleiss, Cohen & Everitt for an interval.
// Approximate. P uses that standard error, too, so that it agrees with the interval;
// a test that uses the one under κ = 0 can differ a little. It refuses tables that are not square (ErrLength), negative
// counts, an empty table and one in which all fall in one category (ErrDomain).
// Source: Cohen (1960), doi 10.1177/001316446002000104; Fleiss, Cohen & Everitt
// (1969), doi 10.1037/h0028106.
// It agrees with R's DescTools::CohenKappa and SAS PROC FREQ AGREE.
func Kappa(counts [][]int) (RaterAgreement, error) { return KappaWith(counts, KappaOptions{}) }

// KappaWith is Kappa with weights for ordered categories, which count a near
// disagreement less than a far one.
func KappaWith(counts [][]int, o KappaOptions) (RaterAgreement, error) {
	const fn = "Kappa"
	n, err := squareTable(fn, counts)
	if err != nil {
		return RaterAgreement{}, err
	}
	if o.Weights == "" {
		o.Weights = Unweighted
	}
	k := len(counts)
	weight := func(i, j int) float64 {
		d := math.Abs(float64(i-j)) / float64(k-1)
		switch o.Weights {
		case Unweighted:
			if i == j {
				return 1
			}
			return 0
		case EqualSpacing:
			return 1 - d
		case FleissCohen:
			return 1 - d*d
		}
		panic(fmt.Sprintf("assoc.KappaWith: unknown weights %q", o.Weights))
	}
	row, col := make([]float64, k), make([]float64, k)
	for i := range counts {
		for j, v := range counts[i] {
			row[i] += float64(v) / n
			col[j] += float64(v) / n
		}
	}
	// Mean weights of each row and column category against the other margin.
	wr, wc := make([]float64, k), make([]float64, k)
	po, pe := 0.0, 0.0
	for i := range counts {
		for j, v := range counts[i] {
			w := weight(i, j)
			po += w * float64(v) / n
			pe += w * row[i] * col[j]
			wr[i] += w * col[j]
			wc[j] += w * row[i]
		}
	}
	if pe >= 1 {
		return RaterAgreement{}, &stats.SampleError{Func: fn, Arg: "counts", Index: -1, Err: stats.ErrDomain, Info: "everyone is in one category"}
	}
	// The influences of the cells have the mean po·pe − 2pe + po. Where all are
	// equal the standard error is 0, not what rounding leaves of it.
	s, most := 0.0, 0.0
	for i := range counts {
		for j, v := range counts[i] {
			if v == 0 {
				continue
			}
			d := weight(i, j)*(1-pe) - (wr[i]+wc[j])*(1-po) - (po*pe - 2*pe + po)
			s += float64(v) / n * d * d
			most = math.Max(most, math.Abs(d))
		}
	}
	se := math.Sqrt(s/n) / ((1 - pe) * (1 - pe))
	if most <= 1e-14 {
		se = 0
	}
	return RaterAgreement{(po - pe) / (1 - pe), se, o.Weights, po, pe}, nil
}

// Bowker tests the symmetry of a square table of paired categories: χ² over
// the pairs of cells that are not both empty. Approximate; for 2×2 it is
// McNemar's test without correction. It refuses what Kappa refuses, and a
// table with nothing off the diagonal (ErrNoVariation).
// Source: Bowker (1948), doi 10.1080/01621459.1948.10483284.
// It agrees with R's mcnemar.test, which counts empty pairs in its df: ours
// counts all pairs too.
func Bowker(counts [][]int) (stats.ChiSquareTest, error) {
	const fn = "Bowker"
	if _, err := squareTable(fn, counts); err != nil {
		return stats.ChiSquareTest{}, err
	}
	x, off := 0.0, 0
	k := len(counts)
	for i := range counts {
		for j := i + 1; j < k; j++ {
			s := counts[i][j] + counts[j][i]
			off += s
			if s > 0 {
				d := float64(counts[i][j] - counts[j][i])
				x += d * d / float64(s)
			}
		}
	}
	if off == 0 {
		return stats.ChiSquareTest{}, check.NoVariation(fn, "counts")
	}
	return stats.ChiSquareTest{X2: x, DF: float64(k * (k - 1) / 2)}, nil
}

func squareTable(fn string, counts [][]int) (n float64, err error) {
	for i, row := range counts {
		if len(row) != len(counts) {
			return 0, &stats.SampleError{Func: fn, Arg: "counts", Index: i, Err: stats.ErrLength, Info: "the table is not square"}
		}
		for _, v := range row {
			if v < 0 {
				return 0, &stats.SampleError{Func: fn, Arg: "counts", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("count %d", v)}
			}
			n += float64(v)
		}
	}
	if len(counts) < 2 || n == 0 {
		return 0, &stats.SampleError{Func: fn, Arg: "counts", Index: -1, Err: stats.ErrTooFew}
	}
	return n, nil
}

// StuartMaxwell tests whether two raters (or occasions) use the categories of
// a square table equally often: d'S⁻¹d on k − 1 df, d the differences of the
// margins. Approximate. It refuses what Bowker refuses, and margins whose
// differences have a singular covariance (ErrSingular).
// Source: Stuart (1955), doi 10.1093/biomet/42.3-4.412; Maxwell (1970).
// It agrees with R's DescTools::StuartMaxwellTest.
func StuartMaxwell(counts [][]int) (stats.ChiSquareTest, error) {
	const fn = "StuartMaxwell"
	if _, err := squareTable(fn, counts); err != nil {
		return stats.ChiSquareTest{}, err
	}
	k := len(counts) - 1 // the last category follows from the others
	a := make([][]float64, k)
	for i := range a {
		a[i] = make([]float64, k+1)
		for j := range counts {
			a[i][k] += float64(counts[i][j] - counts[j][i])
			if j != i {
				a[i][i] += float64(counts[i][j] + counts[j][i])
			}
			if j != i && j < k {
				a[i][j] = -float64(counts[i][j] + counts[j][i])
			}
		}
	}
	// Gauss elimination with pivoting on the augmented matrix.
	for p := range k {
		best := p
		for i := p + 1; i < k; i++ {
			if math.Abs(a[i][p]) > math.Abs(a[best][p]) {
				best = i
			}
		}
		if math.Abs(a[best][p]) < 1e-9 {
			return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "counts", Index: p, Err: stats.ErrSingular, Info: "a category is never used by itself"}
		}
		a[p], a[best] = a[best], a[p]
		for i := p + 1; i < k; i++ {
			f := a[i][p] / a[p][p]
			for j := p; j <= k; j++ {
				a[i][j] -= f * a[p][j]
			}
		}
	}
	sol := make([]float64, k)
	for i := k - 1; i >= 0; i-- {
		s := a[i][k]
		for j := i + 1; j < k; j++ {
			s -= a[i][j] * sol[j]
		}
		sol[i] = s / a[i][i]
	}
	x := 0.0
	for i := range k {
		row := 0.0
		for j := range counts {
			row += float64(counts[i][j] - counts[j][i])
		}
		x += row * sol[i]
	}
	return stats.ChiSquareTest{X2: x, DF: float64(k)}, nil
}
