package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ExactMethod is the distribution of an ExactTest.
type ExactMethod string

// Distributions of exact tests by likelihood.
const (
	FisherExact   ExactMethod = "Fisher's exact test"
	BinomialExact ExactMethod = "exact binomial test"
	PoissonExact  ExactMethod = "exact Poisson test"
)

// ExactTest is an exact test of a count. Its two-sided p-value sums the outcomes
// no likelier than the observed one; outcomes count as equally likely when their
// probabilities agree to a relative 1e-7, as in R.
type ExactTest struct {
	Method             ExactMethod
	two, greater, less float64
}

var _ stats.Test = ExactTest{}

// P returns the two-sided p-value.
func (t ExactTest) P() float64 { return t.two }

// PGreater returns the probability of as many events or more, of the treated arm
// where there are two: small values say that the truth is above the hypothesis.
func (t ExactTest) PGreater() float64 { return t.greater }

// PLess returns the probability of as many events or fewer.
func (t ExactTest) PLess() float64 { return t.less }

// String formats the test: "Fisher's exact test: p = 0.49 (one-sided: greater
// 0.24, less 0.99)".
func (t ExactTest) String() string { return pText(string(t.Method), t.two, t.greater, t.less) }

// Binomial tests whether the event probability is p0. Exact: the two-sided p-value
// sums the outcomes that are no likelier than the observed.
// It refuses n below 1, events outside 0 … n and p0 outside [0, 1].
// It agrees with R's binom.test and SAS PROC FREQ EXACT BINOMIAL (whose
// two-sided value doubles the smaller tail, as ClopperPearson's P does).
func Binomial(c Count, p0 float64) (ExactTest, error) {
	if err := check.Count("Binomial", "c", c.Events, c.N); err != nil {
		return ExactTest{}, err
	}
	if !(p0 >= 0 && p0 <= 1) {
		return ExactTest{}, &stats.SampleError{Func: "Binomial", Arg: "p0", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(p0)}
	}
	return binomial(c, p0), nil
}

func binomial(c Count, p0 float64) ExactTest {
	t := ExactTest{Method: BinomialExact, greater: num.BinomSF(c.Events, c.N, p0), less: num.BinomCDF(c.Events, c.N, p0)}
	obs := num.BinomPMF(c.Events, c.N, p0) * (1 + 1e-7)
	mean := float64(c.N) * p0
	// Outcomes beyond the mean on the other side, outermost first, until one
	// is likelier than the observed.
	switch x := float64(c.Events); {
	case x == mean:
		t.two = 1
	case x < mean:
		k := c.N
		for k >= 0 && float64(k) > mean && num.BinomPMF(k, c.N, p0) <= obs {
			k--
		}
		t.two = t.less + num.BinomSF(k+1, c.N, p0)
	default:
		k := 0
		for float64(k) < mean && num.BinomPMF(k, c.N, p0) <= obs {
			k++
		}
		t.two = t.greater + num.BinomCDF(k-1, c.N, p0)
	}
	t.two = math.Min(1, t.two)
	return t
}

// Fisher tests whether treated and control share one event probability, given
// the table's margins. Exact at every size; conservative, because a small table
// has few possible p-values.
// A table with an empty margin (no events at all, or nothing else) holds no
// information: all three p-values are 1.
// It refuses n below 1 and events outside 0 … n.
// Source: Fisher (1935), J R Stat Soc 98:39, doi 10.2307/2342435.
// It agrees with R's fisher.test and SAS PROC FREQ EXACT FISHER.
func Fisher(treated, control Count) (ExactTest, error) {
	if err := checkArms("Fisher", treated, control); err != nil {
		return ExactTest{}, err
	}
	lo, w := hypergeometric(treated.N, control.N, treated.Events+control.Events)
	return fisher(w, treated.Events-lo), nil
}

// fisher sums weights of the possible tables, of which obs was observed.
func fisher(w []float64, obs int) ExactTest {
	var total, two, ge, le float64
	for _, v := range w {
		total += v
	}
	for i, v := range w {
		if v <= w[obs]*(1+1e-7) {
			two += v
		}
		if i >= obs {
			ge += v
		}
		if i <= obs {
			le += v
		}
	}
	unit := func(x float64) float64 { return math.Min(1, x/total) }
	return ExactTest{FisherExact, unit(two), unit(ge), unit(le)}
}

// checkArms refuses counts of two arms that are none.
func checkArms(fn string, treated, control Count) error {
	if err := check.Count(fn, "treated", treated.Events, treated.N); err != nil {
		return err
	}
	return check.Count(fn, "control", control.Events, control.N)
}

func badArms(fn string, err error, info string) error {
	return &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: err, Info: info}
}

// pText writes a test with its one-sided p-values.
func pText(method string, two, greater, less float64) string {
	if method == "" {
		return show.NoResult
	}
	return fmt.Sprintf("%s: p %s (one-sided: greater %s, less %s)", method, show.P(two), show.P(greater), show.P(less))
}
