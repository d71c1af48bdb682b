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
// and a normal pivot. Where the raters never disagree the standard error vanishes
// and the interval is the point itself: the sample then says nothing about precision.
type RaterAgreement struct {
	stats.Estimate
	Weights KappaWeights
	// Observed and Expected are the (weighted) shares of agreement, as seen and as
	// chance would have it given the margins.
	Observed, Expected float64
}

var _ stats.Effect = RaterAgreement{}

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
	s := 0.0
	for i := range counts {
		for j, v := range counts[i] {
			d := weight(i, j)*(1-pe) - (wr[i]+wc[j])*(1-po)
			s += float64(v) / n * d * d
		}
	}
	c := po*pe - 2*pe + po
	se := math.Sqrt(math.Max(0, s-c*c)/n) / ((1 - pe) * (1 - pe))
	return RaterAgreement{stats.Estimate{Value: (po - pe) / (1 - pe), SE: se, DF: math.Inf(1)}, o.Weights, po, pe}, nil
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
