package simulate

import (
	"math"

	"github.com/trialkit/trialkit/study"
)

// Result is what was found in some trials of a simulation. Results of different trials of
// one simulation merge into one (Merge).
type Result struct {
	Identity Identity `json:"identity"`
	// Ranges are the trials, from the first to before the second, in order.
	Ranges [][2]int `json:"ranges"`
	// Stopped: the precision asked for was reached before the trials were all.
	Stopped     bool         `json:"stopped,omitempty"`
	Comparisons []Comparison `json:"comparisons"`
}

// Trials is how many there were.
func (r Result) Trials() int {
	n := 0
	for _, x := range r.Ranges {
		n += x[1] - x[0]
	}
	return n
}

// Comparison is how one plan compares an active arm with control over the trials. Its
// answers are questions to what was counted.
type Comparison struct {
	Outcome string        `json:"outcome"`
	Visit   string        `json:"visit"`
	Arm     string        `json:"arm"`
	Control string        `json:"control"`
	Method  study.Method  `json:"method"`
	Measure study.Measure `json:"measure,omitempty"`
	Role    study.Role    `json:"role"`
	Level   float64       `json:"level"`
	Alpha   float64       `json:"alpha"`
	// Margin and Framework are the plan's.
	Margin    float64         `json:"margin,omitempty"`
	Framework study.Framework `json:"framework,omitempty"`
	// Way is how estimates were found: ByValues, ByStatistics or ByAnalysis.
	Way string `json:"way"`
	// Truth is what is estimated, were everybody seen; nil where the truth does not say.
	Truth *float64 `json:"truth,omitempty"`

	tally tally
}

// Quantity is an answer with its Monte Carlo standard error; NaN where no trial answers.
type Quantity struct{ Value, SE float64 }

func share(k, n int) Quantity {
	if n == 0 {
		return Quantity{math.NaN(), math.NaN()}
	}
	p := float64(k) / float64(n)
	return Quantity{p, math.Sqrt(p * (1 - p) / float64(n))}
}

// Trials, and of these with an estimate, and with an interval.
func (c Comparison) Trials() int    { return c.tally.Trials }
func (c Comparison) Estimated() int { return c.tally.estimated() }
func (c Comparison) Intervals() int { return c.tally.Interval }

// Failures are how many trials gave no estimate, by the code of the reason.
func (c Comparison) Failures() map[string]int { return c.tally.Failed }

// Withheld is how many trials had an estimate whose degrees of freedom carry no interval
// (kr-degenerate); they count as not rejected.
func (c Comparison) Withheld() int { return c.tally.Withheld }

// WholeAnalyses is how many trials study's whole analysis answered.
func (c Comparison) WholeAnalyses() int { return c.tally.Whole }

// Power is the share of all trials in which the plan shows what it wants to show: no
// difference rejected at Alpha, or the margin held. Where the truth is no difference (or at
// the margin) it is the type I error. A trial without an answer does not reject.
func (c Comparison) Power() Quantity { return share(c.tally.Rejected, c.tally.Trials) }

// InFavor is the share of all trials that reject with an estimate toward benefit.
func (c Comparison) InFavor() Quantity { return share(c.tally.Favor, c.tally.Trials) }

// Coverage is the share of intervals that hold the truth.
func (c Comparison) Coverage() Quantity {
	if c.Truth == nil {
		return Quantity{math.NaN(), math.NaN()}
	}
	return share(c.tally.Covered, c.tally.Interval)
}

// moments of value − truth: n, mean and mean square.
func (c Comparison) moments() (n, mean, square float64) {
	n = float64(c.tally.estimated())
	return n, c.tally.Sum.float() / n, c.tally.Square.float() / n
}

// Bias is the mean of estimate − truth (of a ratio, of their logarithms).
func (c Comparison) Bias() Quantity {
	if c.Truth == nil {
		return Quantity{math.NaN(), math.NaN()}
	}
	n, mean, _ := c.moments()
	return Quantity{mean, c.EmpiricalSE().Value / math.Sqrt(n)}
}

// Mean is the mean estimate (of a ratio, of its logarithm).
func (c Comparison) Mean() Quantity {
	n, mean, _ := c.moments()
	return Quantity{mean + c.origin(), c.EmpiricalSE().Value / math.Sqrt(n)}
}

func (c Comparison) origin() float64 {
	switch {
	case c.Truth == nil:
		return 0
	case c.Measure.Scale() == study.ScaleRatio:
		return math.Log(*c.Truth)
	}
	return *c.Truth
}

// EmpiricalSE is the standard deviation of the estimates over trials.
func (c Comparison) EmpiricalSE() Quantity {
	n, mean, square := c.moments()
	s := math.Sqrt(max(square-mean*mean, 0) * n / (n - 1))
	return Quantity{s, s / math.Sqrt(2*(n-1))}
}

// ModelSE is the root of the mean squared standard error that trials report.
func (c Comparison) ModelSE() Quantity {
	n := float64(c.tally.Standard)
	m := c.tally.Errors.float() / n
	v := max(c.tally.ErrorFourth.float()/n-m*m, 0) * n / (n - 1)
	return Quantity{math.Sqrt(m), math.Sqrt(v / (4 * n * m))}
}

// RMSE is the root of the mean squared error of the estimates.
func (c Comparison) RMSE() Quantity {
	if c.Truth == nil {
		return Quantity{math.NaN(), math.NaN()}
	}
	n, _, square := c.moments()
	v := max(c.tally.Fourth.float()/n-square*square, 0) * n / (n - 1)
	return Quantity{math.Sqrt(square), math.Sqrt(v/n) / (2 * math.Sqrt(square))}
}

// Verdict is the share of all trials with a level of clinical importance for benefit;
// withZero are those of them whose interval includes no difference.
func (c Comparison) Verdict(v study.Verdict) (all, withZero Quantity) {
	k := levelOf(v)
	return share(c.tally.Benefit[k], c.tally.Trials), share(c.tally.BenefitZero[k], c.tally.Trials)
}

// Harm is the share of all trials with a level of importance for harm.
func (c Comparison) Harm(v study.Verdict) Quantity {
	return share(c.tally.Harm[levelOf(v)], c.tally.Trials)
}

// Judged is in how many trials a threshold judged the difference; 0 where there is none.
func (c Comparison) Judged() int { return c.tally.Judged }

// ImportantBoth is the share of all trials whose interval reaches important benefit and
// important harm.
func (c Comparison) ImportantBoth() Quantity { return share(c.tally.Both, c.tally.Trials) }

// signed reports whether a rejection says that an effect is on one side of none, and how
// far an estimate is from none is its value: not where a margin is tested, nor of
// probabilities, whose none is one half.
func (c Comparison) signed() bool {
	return c.origin() != 0 && c.Margin == 0 && c.Measure.Scale() != study.ScaleProbability
}

// TypeS is the share of rejections whose estimate has the wrong sign; NaN where the truth
// is no difference or not known, where a margin is tested, and of probabilities.
func (c Comparison) TypeS() Quantity {
	if !c.signed() {
		return Quantity{math.NaN(), math.NaN()}
	}
	return share(c.tally.Wrong, c.tally.Rejected)
}

// TypeM is by which factor estimates among rejections exaggerate the truth on average.
func (c Comparison) TypeM() Quantity {
	if !c.signed() || c.tally.Rejected == 0 {
		return Quantity{math.NaN(), math.NaN()}
	}
	n, truth := float64(c.tally.Rejected), math.Abs(c.origin())
	m := c.tally.Size.float() / n
	v := max(c.tally.SizeSquare.float()/n-m*m, 0) * n / max(n-1, 1)
	return Quantity{m / truth, math.Sqrt(v/n) / truth}
}
