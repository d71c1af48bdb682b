package integrity

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/table"
)

// The checks in this file ask whether printed numbers can belong together.
// Each leaves to every printed number all that its rounding leaves open, and
// says "impossible" only where no data whatever could have printed so. What is
// impossible is a mistake somewhere (in typing, in n, in the unit), not a
// verdict on its author.

// Check is the answer to whether printed numbers can belong together.
type Check struct {
	// Possible: no reason was found why not.
	Possible bool
	// Of is what was asked about: "3.44 ± 2.47 of n = 18".
	Of string
}

// GRIMCheck is the answer of GRIM.
type GRIMCheck struct {
	Possible bool
	// Below and Above are the means nearest to the printed one that n values
	// on the grid can have.
	Below, Above float64
}

// GRIM checks whether a mean can be that of n values that are whole multiples
// of step: of points on a scale (step 1), or of a mean of k such items
// (step 1/k). With n·(1/step) ≥ 10^decimals every mean is possible, and the
// check says nothing.
// It refuses n below 1, a step that is not positive, and what is no number.
// It assumes that n is the number of values behind the mean. Exact: a mean S/n·step with
// a whole S prints as given, or none does.
// Source: Brown & Heathers (2017), Soc Psychol Personal Sci 8:363,
// doi 10.1177/1948550616673876. It agrees with R's
// scrutiny::grim(x, n, items = 1/step), rounding either way at a half.
func GRIM(mean Printed, n int, step float64) (GRIMCheck, error) {
	if err := checkGrid("GRIM", mean, n, 1, step); err != nil {
		return GRIMCheck{}, err
	}
	unit := step / float64(n)
	k := math.Floor(mean.Value() / unit)
	c := GRIMCheck{Below: k * unit, Above: (k + 1) * unit}
	c.Possible = mean.holds(c.Below) || mean.holds(c.Above)
	return c, nil
}

func checkGrid(fn string, mean Printed, n, min int, step float64) error {
	bad := func(arg string, err error, info string) error {
		return &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: err, Info: info}
	}
	switch {
	case math.IsNaN(mean.Value()):
		return bad("mean", stats.ErrDomain, fmt.Sprintf("%q is no number", string(mean)))
	case n < min:
		return bad("n", stats.ErrTooFew, fmt.Sprintf("n = %d, need %d", n, min))
	case !(step > 0) || math.IsInf(step, 0):
		return bad("step", stats.ErrDomain, fmt.Sprint(step))
	}
	return nil
}

// GRIMMER checks whether a mean and a standard deviation (divisor n − 1) can
// be those of n whole multiples of step. In steps, the values have a whole sum
// S and a whole sum of squares Q, with Q and S both even or both odd, and Q no
// smaller than that of the evenest n whole numbers with sum S; the standard
// deviation leaves Q the range (n − 1)·SD² + S²/n. Necessary, not sufficient:
// what passes may still be impossible, what fails is.
// It refuses what GRIM refuses, n below 2, and a negative SD.
// Source: Anaya (2016), doi 10.7287/peerj.preprints.2400v1; the parity is Allard's
// (2018), Analytic-GRIMMER, https://aurelienallard.netlify.app/post/anaytic-grimmer-possibility-standard-deviations/.
// It agrees with R's scrutiny::grimmer(x, sd, n, items = 1/step), which does not ask
// whether Q is that of the evenest values or more.
func GRIMMER(mean, sd Printed, n int, step float64) (Check, error) {
	if err := checkGrid("GRIMMER", mean, n, 2, step); err != nil {
		return Check{}, err
	}
	if !(sd.Value() >= 0) {
		return Check{}, &stats.SampleError{Func: "GRIMMER", Arg: "sd", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%q", string(sd))}
	}
	return Check{grimmer(mean, sd, n, step), fmt.Sprintf("%s ± %s of n = %d in steps of %v", mean, sd, n, step)}, nil
}

func grimmer(mean, sd Printed, n int, step float64) bool {
	mlo, mhi := mean.Range()
	slo, shi := sd.Range()
	m := float64(n)
	first, last := math.Ceil(mlo*m/step-slack), math.Floor(mhi*m/step+slack)
	lo, hi := math.Max(slo, 0)/step, shi/step
	spread := (m - 1) * (hi*hi - lo*lo)
	if first > last {
		return false
	}
	// A range of two whole numbers or more holds one of either parity, and
	// beyond 2^50 floating point does not see parity.
	if spread >= 2 || last-first > 1e6 || math.Max(math.Abs(first), math.Abs(last)) > 1e6 {
		return true
	}
	for s := first; s <= last; s++ {
		e := slack * (1 + s*s/m)
		q := math.Ceil((m-1)*lo*lo + s*s/m - e)
		qmax := (m-1)*hi*hi + s*s/m + e
		base := math.Floor(s / m)
		r := s - base*m
		q = math.Max(q, (m-r)*base*base+r*(base+1)*(base+1))
		if math.Mod(math.Abs(q-s), 2) == 1 {
			q++
		}
		if q <= qmax {
			return true
		}
	}
	return false
}

// DEBIT checks whether a proportion and a standard deviation can be those of
// n zeros and ones: SD = √(n/(n−1)·p·(1−p)) for some p = k/n.
// It assumes the divisor n − 1. Exact: every k that the proportion allows is tried.
// It refuses n below 2 and what is no number.
// Source: Heathers & Brown (2019), DEBIT: a simple consistency test for binary
// data, https://osf.io/5vb3u. R's scrutiny::debit(x, sd, n) takes the SD from the
// printed proportion, without k; this one finds impossible some that it lets pass.
func DEBIT(proportion, sd Printed, n int) (Check, error) {
	if err := checkGrid("DEBIT", proportion, n, 2, 1); err != nil {
		return Check{}, err
	}
	if math.IsNaN(sd.Value()) {
		return Check{}, &stats.SampleError{Func: "DEBIT", Arg: "sd", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%q", string(sd))}
	}
	return Check{debit(proportion, sd, n), fmt.Sprintf("proportion %s, SD %s of n = %d", proportion, sd, n)}, nil
}

func debit(proportion, sd Printed, n int) bool {
	m := float64(n)
	lo, hi := proportion.Range()
	// SD(k) is concave, so the counts that the proportion allows give an
	// unbroken run of values up to m/2 and another beyond it.
	first, last := math.Max(math.Ceil(lo*m-slack), 0), math.Min(math.Floor(hi*m+slack), m)
	if last-first > 1e6 {
		return true
	}
	for k := first; k <= last; k++ {
		if sd.holds(math.Sqrt(k * (m - k) / (m * (m - 1)))) {
			return true
		}
	}
	return false
}

// SDRange returns the smallest and the largest standard deviation (divisor
// n − 1) that n values between min and max can have when their mean prints as
// given. The largest is √(n/(n−1)·(max − mean)(mean − min)), reached by values
// at the two ends alone (Bhatia & Davis 2000, doi 10.1080/00029890.2000.12005203).
// The smallest is 0 where step is 0, and otherwise that of n multiples of step
// as even as the mean lets them be. It refuses n below 2, min ≥ max, a
// negative step, and a mean that lies outside min to max (ErrDomain). The largest is a
// bound: it is reached where a whole number of values at either end gives such a mean.
// The smallest is reached. In R: sqrt(n/(n - 1)*(max - m)*(m - min)).
func SDRange(mean Printed, n int, min, max, step float64) (Bounds, error) {
	if err := checkGrid("SDRange", mean, n, 2, 1); err != nil {
		return Bounds{}, err
	}
	mlo, mhi := mean.Range()
	e := slack * (1 + math.Abs(min) + math.Abs(max))
	if !(min < max) || !(step >= 0) || mhi < min-e || mlo > max+e {
		return Bounds{}, &stats.SampleError{Func: "SDRange", Arg: "mean", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%s within %v to %v in steps of %v", mean, min, max, step)}
	}
	m := float64(n)
	mid := math.Min(math.Max((min+max)/2, math.Max(mlo, min)), math.Min(mhi, max))
	lo, hi := 0.0, math.Sqrt(m/(m-1)*math.Max((max-mid)*(mid-min), 0))
	if step > 0 {
		first, last := math.Ceil(mlo*m/step-slack), math.Floor(mhi*m/step+slack)
		if last-first < m { // otherwise a mean on the grid is among them
			ss := math.Inf(1)
			for s := first; s <= last; s++ {
				r := s - math.Floor(s/m)*m
				ss = math.Min(ss, r*(m-r)/m)
			}
			if !math.IsInf(ss, 1) {
				lo = step * math.Sqrt(ss/(m-1))
			}
		}
	}
	return Bounds{lo, hi}, nil
}

// PCheck is a printed p-value beside the one that its statistic gives.
type PCheck struct {
	// PRange is the range of two-sided p-values (upper tail for F and χ²) of all
	// statistics that print so.
	PRange Bounds
	// Consistent: the printed p-value is among them.
	Consistent bool
	// OneSided: it is not, but half of them would fit.
	OneSided bool
	// DecisionChanges: the printed value is on the other side of 0.05.
	DecisionChanges bool
}

// CheckP recomputes the p-value of a printed t, F, χ² or z, minding the
// rounding of both. F(1, 46) = 3.90 printed with "P = .004" is not consistent:
// p lies between .0541 and .0545. Exact at every corner of the rounding.
// Source: Nuijten et al. (2016), doi 10.3758/s13428-015-0664-2, whose
// R package statcheck does the same; the tails agree with R's pt, pf, pchisq
// and pnorm.
// It panics for a kind that ParseReportedTest does not return.
func CheckP(test ReportedTest, printed PrintedP) PCheck {
	tail := func(x float64) float64 {
		switch test.Kind {
		case "t":
			return 2 * num.TSF(x, test.DF1)
		case "z":
			return 2 * num.NormSF(x)
		case "F":
			return num.FSF(x, test.DF1, test.DF2)
		case "chi2":
			return num.ChiSqSF(x, test.DF1)
		}
		panic(fmt.Sprintf("integrity.CheckP: no kind %q", test.Kind))
	}
	lo, hi := test.Statistic.Range()
	if test.Statistic.Value() < 0 {
		lo, hi = -hi, -lo
	}
	lo = math.Max(lo, 0)
	c := PCheck{PRange: Bounds{Lo: tail(hi), Hi: tail(lo)}}
	c.Consistent = c.PRange.HoldsP(printed)
	if c.Consistent || !printed.Stated() {
		return c
	}
	if test.Kind == "t" || test.Kind == "z" {
		c.OneSided = Bounds{Lo: c.PRange.Lo / 2, Hi: c.PRange.Hi / 2}.HoldsP(printed)
	}
	if significant, known := printed.Significant(0.05); known {
		c.DecisionChanges = (significant && c.PRange.Lo >= 0.05) || (!significant && c.PRange.Hi < 0.05)
	}
	return c
}

// CheckPercent reports whether events of n print as the percentage, rounded
// either way at a half. Exact. It refuses a count that is none.
// Source: the idea is that of GRIM, Brown & Heathers (2017),
// doi 10.1177/1948550616673876. It agrees with R's
// abs(percent - 100*x/n) <= 0.5*10^-digits.
func CheckPercent(percent Printed, c table.Count) (Check, error) {
	if err := check.Count("CheckPercent", "c", c.Events, c.N); err != nil {
		return Check{}, err
	}
	return Check{percent.holds(100 * c.Rate()), fmt.Sprintf("%s%% for %v", percent, c)}, nil
}

// SDComparison says how far two groups' standard deviations are apart.
type SDComparison struct {
	// Ratio is the larger over the smaller.
	Ratio float64
	// FirstSmaller: the first group has the smaller one.
	FirstSmaller bool
	// AsSE is what the smaller would be as a standard deviation if it were a
	// standard error: SE·√n.
	AsSE float64
	// Suspect: no two groups of one trial differ so by chance (p < 1e-6), nor
	// by a treatment that spreads responses (ratio below 3).
	Suspect bool

	p float64
}

var _ stats.Test = SDComparison{}

// P returns the two-sided F-test's p-value.
func (c SDComparison) P() float64 { return c.p }

// CompareSDs compares the standard deviations of two groups of one trial. A
// standard error printed as a standard deviation, or a slipped digit, makes
// them differ as no samples of one population do. The F-test is exact for
// normal data; the flag asks for p < 1e-6 and a ratio of 3, far from what
// skewed scores give. It refuses n below 2 and an SD that is not positive.
// Source: Fisher (1925), Statistical Methods for Research Workers; the error is
// that of Nagele (2003), doi 10.1093/bja/aeg087. P agrees with R's
// 2*pf((s1/s2)^2, n1 - 1, n2 - 1, lower.tail = FALSE) for s1 > s2.
func CompareSDs(a, b stats.Summary) (SDComparison, error) {
	for _, g := range []struct {
		arg string
		stats.Summary
	}{{"a", a}, {"b", b}} {
		if err := check.Summary("CompareSDs", g.arg, g.Summary.N, g.Summary.Mean, g.Summary.SD, 2); err != nil {
			return SDComparison{}, err
		}
		if g.SD == 0 {
			return SDComparison{}, check.NoVariation("CompareSDs", g.arg)
		}
	}
	c := SDComparison{FirstSmaller: a.SD < b.SD}
	small, large := b, a
	if c.FirstSmaller {
		small, large = a, b
	}
	c.Ratio = large.SD / small.SD
	up := num.FSF(c.Ratio*c.Ratio, float64(large.N-1), float64(small.N-1))
	c.p = 2 * math.Min(up, 1-up)
	c.AsSE = small.SD * math.Sqrt(float64(small.N))
	c.Suspect = c.p < 1e-6 && c.Ratio >= 3
	return c, nil
}
