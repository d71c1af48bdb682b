package regress

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ErrNoUptake: the arms are not told apart in what their participants received.
var ErrNoUptake = errors.New("no difference in what was received")

// CACEData is a randomized comparison of two arms in which not everybody received what
// was allocated: one element per participant in every slice. Participants of further
// arms may be among them: the model has a term for each arm, and they tell of its
// residuals and of the covariates.
type CACEData struct {
	Y       []float64
	Arm     []string // as randomized
	Control string
	// Treated is the arm that is compared with Control; "" is the only other one.
	Treated string
	// Received is how much of the treatment the participant received: 1 or 0, or a
	// share of it, such as sessions attended of sessions planned.
	Received   []float64
	Covariates []Term // of baseline
	// Level is that of the interval of the difference in uptake which must exclude 0;
	// 0 means 0.95.
	Level float64
}

// CACEFit is the effect of the treatment in those who receive it because they are
// allocated to it, by Anderson and Rubin's test and the set that inverts it. It
// implements Effect.
type CACEFit struct {
	N int
	// ITT is the difference of the outcome as randomized, Uptake that of what was
	// received.
	ITT, Uptake stats.Estimate

	scale   float64 // of an arm's coefficient: its standard error per residual SD
	corr    float64 // of the residuals of outcome and uptake
	twoSLS  stats.Estimate
	hc0     float64
	columns int
}

var _ stats.Effect = CACEFit{}

// CACE estimates the complier average causal effect: how much the treatment changes
// the outcome of those who receive it when allocated to it and not otherwise. With
// Y − τD regressed on the arm Z and the covariates, τ is rejected where the arm's
// coefficient is told from 0:
//
//	T(τ) = (b_Y − τb_D)/√(c(s_YY − 2τs_YD + τ²s_DD)),  n − p df,
//
// b the arm's coefficients for outcome and uptake, s their residual (co)variances and c
// the arm's element of (XᵀX)⁻¹. The estimate is b_Y/b_D. At τ = 0 the test is that of
// the intention-to-treat difference by ANCOVA: its p-value is the same, whatever the
// uptake. Exact for independent normal errors of Y − τD with one variance, however weak
// the difference in uptake; two-stage least squares (TwoStage) is not.
//
// It assumes randomization, that being allocated acts only through what is received,
// and that nobody receives the treatment because of being allocated to the control. It
// says nothing of those who would receive it in either arm, or in none. The accepted
// set is an interval at every level at which the uptake differs; at higher levels it is
// unbounded: Why is WhyUnbounded or WhyGaps.
//
// It refuses arms whose uptake is not told apart at Level (ErrNoUptake), one arm alone,
// and more than two where Treated names none of them (ErrTooFew, ErrDomain), and what
// ANCOVA refuses.
// Source: Anderson & Rubin 1949, doi:10.1214/aoms/1177730090; Angrist, Imbens & Rubin
// 1996, doi:10.1080/01621459.1996.10476902. Agrees with R's ivmodel::AR.test, and in
// TwoStage with AER::ivreg.
func CACE(data CACEData) (CACEFit, error) {
	const fn = "CACE"
	if data.Level == 0 {
		data.Level = 0.95
	}
	check.Level(data.Level)
	f, err := ancova(fn, ANCOVAData{Arm: data.Arm, Control: data.Control, Y: data.Y, Covariates: data.Covariates}, false)
	if err != nil {
		return CACEFit{}, err
	}
	at := slices.Index(f.arms, data.Treated)
	switch {
	case data.Treated == "" && len(f.arms) == 2:
		at = 1
	case data.Treated == "":
		return CACEFit{}, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%d arms, and Treated names none", len(f.arms))}
	case at < 1:
		return CACEFit{}, &stats.SampleError{Func: fn, Arg: "Treated", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%q is no arm beside the control", data.Treated)}
	}
	m := f.m
	if len(data.Received) != len(data.Y) {
		return CACEFit{}, &stats.SampleError{Func: fn, Arg: "Received", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d values, %d outcomes", len(data.Received), len(data.Y))}
	}
	if err := check.Sample(fn, "Received", data.Received, 0); err != nil {
		return CACEFit{}, err
	}
	if err := check.Scale(fn, "Received", data.Received); err != nil {
		return CACEFit{}, err
	}
	p := m.fit.rank()
	l := make([]float64, p)
	column := p - len(f.arms) + at // the arms are the last columns, but for the control
	if column < 0 || m.fit.kept[column] != len(m.d.cols)-len(f.arms)+at {
		return CACEFit{}, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrSingular, Info: "the covariates tell an arm apart"}
	}
	l[column] = 1
	d := solveLS(m.d.cols, data.Received, nil)
	itt := f.difference(f.arms[at], data.Control)
	fit := CACEFit{N: len(data.Y), ITT: itt, columns: p, scale: m.fit.norm(l)}
	eY, eD := m.Residuals(), d.residuals(m.d.cols, data.Received)
	sY, sD := m.Sigma(), math.Sqrt(d.rss.Float()/m.df)
	if all := maxAbs(data.Received); sD <= 0x1p-48*all {
		sD = 0 // everybody's uptake is that of their arm, to rounding
		clear(eD)
	}
	fit.Uptake = stats.Estimate{Value: d.dot(l), SE: sD * fit.scale, DF: m.df}
	if fit.Uptake.Value == 0 || !(fit.Uptake.P(0) < 1-data.Level) {
		return CACEFit{}, &stats.SampleError{Func: fn, Arg: "Received", Index: -1, Err: ErrNoUptake,
			Info: fmt.Sprintf("difference in uptake %.3g, %v%% interval %v", fit.Uptake.Value, 100*data.Level, fit.Uptake.CI(data.Level))}
	}
	if sD > 0 {
		var s num.DD
		for i, e := range eY {
			s = s.Add(num.ToDD(e / sY).MulFloat(eD[i] / sD))
		}
		fit.corr = math.Max(-1, math.Min(1, s.Float()/m.df))
	}
	fit.twoStage(m, column, eY, eD)
	return fit, nil
}

// twoStage fills in two-stage least squares: the arm's coefficient divides both
// residuals' weights.
func (c *CACEFit) twoStage(m *Fit, column int, eY, eD []float64) {
	tau, b := c.Point(), c.Uptake.Value
	cols := m.d.cols
	z := cols[m.fit.kept[column]]
	var others [][]float64
	for i, j := range m.fit.kept {
		if i != column {
			others = append(others, cols[j])
		}
	}
	rest := solveLS(others, z, nil).residuals(others, z) // of the arm, beside all else
	var rss, robust, zz num.DD
	for i := range eY {
		u := eY[i] - tau*eD[i]
		w := num.ToDD(u * rest[i])
		rss, robust, zz = rss.Add(num.ToDD(u*u)), robust.Add(w.Mul(w)), zz.Add(num.ToDD(rest[i]*rest[i]))
	}
	c.twoSLS = stats.Estimate{Value: tau, SE: math.Sqrt(rss.Float()/m.df) * c.scale / math.Abs(b), DF: m.df}
	c.hc0 = math.Sqrt(robust.Float()) / (zz.Float() * math.Abs(b))
}

// Point returns the ratio of the two differences.
func (c CACEFit) Point() float64 { return c.ITT.Value / c.Uptake.Value }

// T returns the test statistic at an effect of null, positive where the estimate is
// the larger.
func (c CACEFit) T(null float64) float64 {
	s := math.Copysign(1, c.Uptake.Value)
	if math.IsInf(null, 0) { // what the statistic tends to
		return -math.Copysign(1, null) * math.Abs(c.Uptake.T(0))
	}
	y, d := c.ITT.SE, null*c.Uptake.SE
	v := math.Hypot(y-c.corr*d, d*math.Sqrt(1-c.corr*c.corr))
	diff := c.ITT.Value - null*c.Uptake.Value
	if diff == 0 || null == c.Point() {
		return 0 // also where the outcome is a multiple of what was received, and v is 0
	}
	return s * diff / v
}

// P returns the two-sided p-value of an effect of null.
func (c CACEFit) P(null float64) float64 { return 2 * num.TSF(math.Abs(c.T(null)), c.ITT.DF) }

// PGreater is the one-sided p-value against an effect of at most null.
func (c CACEFit) PGreater(null float64) float64 { return num.TSF(c.T(null), c.ITT.DF) }

// PLess is the one-sided p-value against an effect of at least null.
func (c CACEFit) PLess(null float64) float64 { return num.TSF(-c.T(null), c.ITT.DF) }

// CI returns the effects that the test does not reject.
func (c CACEFit) CI(level float64) stats.Interval {
	check.Level(level)
	q := num.TQuantileUpper((1-level)/2, c.ITT.DF)
	return stats.RatioInterval(c.ITT.Value, c.Uptake.Value, q*c.ITT.SE, q*c.Uptake.SE, c.corr, level)
}

// TwoStage returns the estimate with the standard error of two-stage least squares:
// the Wald interval of an instrumental variable, which is too short and off center
// where the uptake differs little. For comparison with other programs.
func (c CACEFit) TwoStage() stats.Estimate { return c.twoSLS }

// TwoStageRobust is TwoStage with a standard error robust to unequal variances, HC0 or
// HC1. It panics for others.
func (c CACEFit) TwoStageRobust(hc HC) stats.Estimate {
	e := c.twoSLS
	switch hc {
	case HC0:
		e.SE = c.hc0
	case HC1:
		e.SE = c.hc0 * math.Sqrt(float64(c.N)/e.DF)
	default:
		panic(fmt.Sprintf("regress.CACEFit.TwoStageRobust: no errors %q, need HC0 or HC1", hc))
	}
	return e
}
