package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// RatioMethod is a way to make the interval of a risk ratio or an odds ratio.
// The zero value is the log method (Katz for risks, Woolf for odds).
type RatioMethod string

// Methods for ratios.
const (
	// LogRatio is Wald's interval on the log scale: Katz et al. (1978,
	// doi 10.2307/2530610) for the risk ratio, Woolf (1955,
	// doi 10.1111/j.1469-1809.1955.tb01348.x) for the odds ratio. It does not
	// exist with a zero cell (ErrDomain).
	LogRatio RatioMethod = "log"
	// LogHalf adds ½ to each count: Walter (1975) for the risk ratio, Haldane
	// and Anscombe for the odds ratio. Its estimate moves with the counts.
	LogHalf RatioMethod = "log-half"
	// LogHalfSE centers on the observed ratio and adds ½ to the events in the
	// standard error only. Risk ratio.
	LogHalfSE RatioMethod = "log-half-se"
	// LogShrunk adds counts summing to two that follow the table's margins
	// (Agresti 2002, section 3.1). Odds ratio.
	LogShrunk RatioMethod = "log-shrunk"
)

// RatioOptions choose the method for a ratio.
type RatioOptions struct {
	Method RatioMethod // "" means LogRatio
}

// RiskRatio estimates the ratio of two risks, treated over control, on the log
// scale: SE² = 1/x₁ − 1/n₁ + 1/x₂ − 1/n₂. Approximate; for small or empty
// cells use RiskRatioScore, which always exists.
// It refuses n below 1, events outside 0 … n and an arm without events
// (ErrDomain).
// Source: Katz et al. (1978), Biometrics 34:469, doi 10.2307/2530610.
// It agrees with SAS PROC FREQ RELRISK and R's epitools::riskratio.wald.
func RiskRatio(treated, control Count) (stats.Ratio, error) {
	return RiskRatioWith(treated, control, RatioOptions{})
}

// RiskRatioWith is RiskRatio by a named method. It panics for one that is not for
// risk ratios.
func RiskRatioWith(treated, control Count, o RatioOptions) (stats.Ratio, error) {
	const fn = "RiskRatio"
	if err := checkArms(fn, treated, control); err != nil {
		return stats.Ratio{}, err
	}
	t := newTable2(treated, control)
	add := 0.0
	switch o.Method {
	case "", LogRatio, LogHalfSE:
	case LogHalf:
		add = 0.5
	default:
		panic(fmt.Sprintf("table.RiskRatioWith: method %q is not for risk ratios", o.Method))
	}
	x1, n1, x2, n2 := t.X1+add, t.N1+add, t.X2+add, t.N2+add
	if x1 == 0 || x2 == 0 {
		return stats.Ratio{}, badArms(fn, stats.ErrDomain, "an arm has no events")
	}
	v := 1/x1 - 1/n1 + 1/x2 - 1/n2
	if o.Method == LogHalfSE {
		v = 1/(x1+0.5) - 1/n1 + 1/(x2+0.5) - 1/n2
	}
	if v <= 0 {
		return stats.Ratio{}, badArms(fn, stats.ErrNoVariation, "everybody had the event")
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(x1 / n1 / (x2 / n2)), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// ConvertedRatio is a risk ratio by way of an odds ratio, with what the odds ratio
// says. It implements Effect.
type ConvertedRatio struct {
	Odds stats.Ratio
	// ControlRisk is the risk at which the odds ratio is converted.
	ControlRisk float64
}

var _ stats.Effect = ConvertedRatio{}

const convertedMethod = "from the odds ratio"

// RiskRatioFromOdds converts Woolf's odds ratio and its limits into risk ratios
// at the observed control risk, OR/(1 − p₀ + p₀·OR). It ignores that the control
// risk is estimated, and is here for comparison only: do not rely on it. It
// refuses what OddsRatio refuses, empty cells among it.
// Source: Zhang & Yu (1998), doi 10.1001/jama.280.19.1690.
// It agrees with R's DescTools::RelRisk(method = "use.or").
func RiskRatioFromOdds(treated, control Count) (ConvertedRatio, error) {
	or, err := OddsRatio(treated, control)
	if err != nil {
		return ConvertedRatio{}, check.Renamed("RiskRatioFromOdds", err)
	}
	return ConvertedRatio{or, control.Rate()}, nil
}

func (c ConvertedRatio) risks(odds float64) float64 {
	return odds / (1 - c.ControlRisk + c.ControlRisk*odds)
}

// odds is the odds ratio of a risk ratio; that of 1/ControlRisk, which no risk
// exceeds, is infinite.
func (c ConvertedRatio) odds(risks float64) float64 {
	if left := 1 - c.ControlRisk*risks; left > 0 {
		return risks * (1 - c.ControlRisk) / left
	}
	return math.Inf(1)
}

// Point returns the converted odds ratio.
func (c ConvertedRatio) Point() float64 { return c.risks(c.Odds.Point()) }

// CI returns the converted limits.
func (c ConvertedRatio) CI(level float64) stats.Interval {
	w := c.Odds.CI(level)
	return stats.Interval{Lo: c.risks(w.Lo), Hi: c.risks(w.Hi), Level: level}
}

// P returns the two-sided p-value of the odds ratio that null converts to; it is 0
// for risk ratios that no probabilities have.
func (c ConvertedRatio) P(null float64) float64 { return c.Odds.P(c.odds(null)) }

// PGreater is the one-sided p-value against a risk ratio of at most null.
func (c ConvertedRatio) PGreater(null float64) float64 { return c.Odds.PGreater(c.odds(null)) }

// PLess is the one-sided p-value against a risk ratio of at least null.
func (c ConvertedRatio) PLess(null float64) float64 { return c.Odds.PLess(c.odds(null)) }

// String formats the risk ratio with its 95% interval and the p-value against 1.
func (c ConvertedRatio) String() string {
	if c == (ConvertedRatio{}) {
		return show.NoResult
	}
	return ratioText(c, convertedMethod)
}

// OddsRatio estimates the ratio of two odds, treated over control, on the log
// scale: SE² = Σ 1/cell. Approximate; for small tables use OddsRatioExact or
// OddsRatioScore.
// It refuses n below 1, events outside 0 … n and any empty cell (ErrDomain).
// Source: Woolf (1955), doi 10.1111/j.1469-1809.1955.tb01348.x.
// It agrees with SAS PROC FREQ RELRISK and R's exp(confint.default(glm)).
func OddsRatio(treated, control Count) (stats.Ratio, error) {
	return OddsRatioWith(treated, control, RatioOptions{})
}

// OddsRatioWith is OddsRatio by a named method. It panics for one that is not for
// odds ratios.
func OddsRatioWith(treated, control Count, o RatioOptions) (stats.Ratio, error) {
	const fn = "OddsRatio"
	if err := checkArms(fn, treated, control); err != nil {
		return stats.Ratio{}, err
	}
	t := newTable2(treated, control)
	a, b, c, d := t.X1, t.N1-t.X1, t.X2, t.N2-t.X2
	switch o.Method {
	case "", LogRatio:
	case LogHalf:
		a, b, c, d = a+0.5, b+0.5, c+0.5, d+0.5
	case LogShrunk:
		n := a + b + c + d
		row1, row2, col1, col2 := a+b, c+d, a+c, b+d
		k := 2 / (n * n)
		a, b, c, d = a+k*row1*col1, b+k*row1*col2, c+k*row2*col1, d+k*row2*col2
	default:
		panic(fmt.Sprintf("table.OddsRatioWith: method %q is not for odds ratios", o.Method))
	}
	if a == 0 || b == 0 || c == 0 || d == 0 {
		return stats.Ratio{}, badArms(fn, stats.ErrDomain, "a cell is empty")
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(a) - math.Log(b) - math.Log(c) + math.Log(d),
		SE: math.Sqrt(1/a + 1/b + 1/c + 1/d), DF: math.Inf(1)}}, nil
}
