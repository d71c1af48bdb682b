package assoc

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ROCCurve is the receiver operating characteristic of a marker: how well its
// larger values tell cases from controls.
type ROCCurve struct {
	// AUC is P(case > control) + ½P(case = control); Var its variance by
	// DeLong, DeLong & Clarke-Pearson, NaN with one case or control, where it
	// does not exist, and 0 where the marker separates cases from controls
	// entirely or not at all, where it says nothing: CI spans 0 to 1 and P is 1.
	AUC, Var float64
	// Points from (0, 0) to (1, 1), thresholds descending: a value at or above
	// Threshold is called a case. The first threshold is +Inf.
	Points          []ROCPoint
	Cases, Controls int

	v10, v01 []float64 // structural components, in input order
}

var _ stats.Effect = ROCCurve{}

// ROCPoint is one operating point.
type ROCPoint struct{ Threshold, Sensitivity, Specificity float64 }

// Youden returns Sensitivity + Specificity − 1.
func (p ROCPoint) Youden() float64 { return p.Sensitivity + p.Specificity - 1 }

// ROC describes a marker whose larger values mean "case"; for the opposite,
// negate both samples. Thresholds lie halfway between neighboring values.
// Distribution-free; the variance is a large-sample one.
// It refuses empty samples, NaN and Inf.
// Source: Bamber (1975), doi 10.1016/0022-2496(75)90001-2; DeLong, DeLong & Clarke-Pearson (1988), Biometrics
// 44:837, doi 10.2307/2531595.
// It agrees with R's pROC::roc(direction = "<") and SAS PROC LOGISTIC ROC.
func ROC(cases, controls []float64) (ROCCurve, error) {
	const fn = "ROC"
	if err := check.Sample(fn, "cases", cases, 1); err != nil {
		return ROCCurve{}, err
	}
	if err := check.Sample(fn, "controls", controls, 1); err != nil {
		return ROCCurve{}, err
	}
	r := ROCCurve{Cases: len(cases), Controls: len(controls)}
	r.v10, r.v01 = placementsOf(cases, controls)
	m, _ := moments.Of(r.v10)
	r.AUC = m
	r.Var = math.NaN()
	if len(cases) > 1 && len(controls) > 1 {
		r.Var = covariance(r.v10, r.v10)/float64(len(cases)) + covariance(r.v01, r.v01)/float64(len(controls))
	}
	r.Points = rocPoints(cases, controls)
	return r, nil
}

// placementsOf returns, for each case, the share of controls below it (ties
// half), and for each control the share of cases above it.
func placementsOf(cases, controls []float64) (v10, v01 []float64) {
	sortedOf := func(x []float64) []float64 {
		s := append([]float64(nil), x...)
		sort.Float64s(s)
		return s
	}
	below := func(s []float64, v float64) float64 { // values < v plus half of those = v
		lo := sort.SearchFloat64s(s, v)
		hi := sort.Search(len(s), func(i int) bool { return s[i] > v })
		return (float64(lo) + float64(hi)) / 2 / float64(len(s))
	}
	sc, sk := sortedOf(cases), sortedOf(controls)
	for _, v := range cases {
		v10 = append(v10, below(sk, v))
	}
	for _, v := range controls {
		v01 = append(v01, 1-below(sc, v))
	}
	return v10, v01
}

func covariance(a, b []float64) float64 {
	ma, _ := moments.Of(a)
	mb, _ := moments.Of(b)
	s := 0.0
	for i := range a {
		s += (a[i] - ma) * (b[i] - mb)
	}
	return s / float64(len(a)-1)
}

func rocPoints(cases, controls []float64) []ROCPoint {
	type value struct {
		v     float64
		case_ bool
	}
	var all []value
	for _, v := range cases {
		all = append(all, value{v, true})
	}
	for _, v := range controls {
		all = append(all, value{v, false})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].v > all[j].v })
	pts := []ROCPoint{{math.Inf(1), 0, 1}}
	tp, fp := 0, 0
	for i := 0; i < len(all); {
		j := i
		for ; j < len(all) && all[j].v == all[i].v; j++ {
			if all[j].case_ {
				tp++
			} else {
				fp++
			}
		}
		th := math.Inf(-1)
		if j < len(all) {
			th = all[i].v/2 + all[j].v/2
		}
		pts = append(pts, ROCPoint{th, float64(tp) / float64(len(cases)), 1 - float64(fp)/float64(len(controls))})
		i = j
	}
	return pts
}

// CI returns AUC ± z·√Var, cut to [0, 1]; the whole of it, with Why =
// WhySmall, for one case or one control, and with WhyNoError where Var is 0.
func (r ROCCurve) CI(level float64) stats.Interval {
	check.Level(level)
	if math.IsNaN(r.Var) {
		return stats.Interval{Lo: 0, Hi: 1, Level: level, Why: stats.WhySmall}
	}
	if r.Var == 0 {
		return noInterval(0, level)
	}
	h := -num.NormQuantile((1-level)/2) * math.Sqrt(r.Var)
	return stats.Interval{Lo: num.Clip01(r.AUC - h), Hi: num.Clip01(r.AUC + h), Level: level}
}

// Point returns the AUC.
func (r ROCCurve) Point() float64 { return r.AUC }

// P returns the two-sided p-value of the hypothesis that the AUC is null; one half
// is a marker that says nothing. It is 1 where there is no variance to test it with.
func (r ROCCurve) P(null float64) float64 { return r.ask(null, stats.Estimate.P) }

// PGreater returns the p-value against "the AUC is at most null".
func (r ROCCurve) PGreater(null float64) float64 { return r.ask(null, stats.Estimate.PGreater) }

// PLess returns the p-value against "the AUC is at least null".
func (r ROCCurve) PLess(null float64) float64 { return r.ask(null, stats.Estimate.PLess) }

func (r ROCCurve) ask(null float64, p func(stats.Estimate, float64) float64) float64 {
	return ask(r.AUC, math.Sqrt(r.Var), null, p)
}

// BestYouden returns the points with the largest Youden index: more than one
// when several tie.
func (r ROCCurve) BestYouden() []ROCPoint {
	return r.best(func(p ROCPoint) float64 { return p.Youden() })
}

// ClosestCorner returns the points nearest to perfect sensitivity and
// specificity.
func (r ROCCurve) ClosestCorner() []ROCPoint {
	return r.best(func(p ROCPoint) float64 {
		return -((1-p.Sensitivity)*(1-p.Sensitivity) + (1-p.Specificity)*(1-p.Specificity))
	})
}

func (r ROCCurve) best(score func(ROCPoint) float64) []ROCPoint {
	top := math.Inf(-1)
	for _, p := range r.Points {
		top = math.Max(top, score(p))
	}
	var out []ROCPoint
	for _, p := range r.Points {
		if score(p) >= top-1e-12 {
			out = append(out, p)
		}
	}
	return out
}

// ROCDifference is the difference of two areas, with DeLong's standard error and a
// normal pivot.
type ROCDifference struct {
	stats.Estimate
	// Covariance is DeLong's covariance of the two areas.
	Covariance float64
}

var _ stats.Effect = ROCDifference{}

// CompareROC estimates AUC(a) − AUC(b) of two markers measured in the same
// cases and controls, in the same order, with DeLong's covariance. It refuses
// curves of different samples (ErrLength), fewer than two cases or controls,
// and a difference without variance.
// Source: DeLong et al. (1988), doi 10.2307/2531595.
// It agrees with R's pROC::roc.test(paired = TRUE).
func CompareROC(a, b ROCCurve) (ROCDifference, error) {
	const fn = "CompareROC"
	if len(a.v10) != len(b.v10) || len(a.v01) != len(b.v01) {
		return ROCDifference{}, &stats.SampleError{Func: fn, Arg: "b", Index: -1, Err: stats.ErrLength, Info: "the markers were not seen in the same people"}
	}
	if a.Cases < 2 || a.Controls < 2 {
		return ROCDifference{}, &stats.SampleError{Func: fn, Arg: "a", Index: -1, Err: stats.ErrTooFew}
	}
	cov := covariance(a.v10, b.v10)/float64(a.Cases) + covariance(a.v01, b.v01)/float64(a.Controls)
	v := a.Var + b.Var - 2*cov
	if v <= 1e-16 {
		return ROCDifference{}, check.NoVariation(fn, "a, b")
	}
	return ROCDifference{normal(a.AUC-b.AUC, math.Sqrt(v)), cov}, nil
}
