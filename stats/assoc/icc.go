package assoc

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ICCForm names an intraclass correlation in the notation of Shrout and Fleiss.
type ICCForm int

const (
	// ICC1: every participant has other raters; one rating. McGraw and Wong
	// ICC(1).
	ICC1 ICCForm = iota
	// ICC2: raters are a random sample; one rating; differences between raters
	// count as error. McGraw and Wong ICC(A,1), absolute agreement.
	ICC2
	// ICC3: these raters only; one rating; differences between raters do not
	// count. McGraw and Wong ICC(C,1), consistency.
	ICC3
	// ICC1k, ICC2k, ICC3k are the same for the mean of all k ratings:
	// ICC(k), ICC(A,k), ICC(C,k).
	ICC1k
	ICC2k
	ICC3k
)

// String returns the names of both notations.
func (f ICCForm) String() string {
	names := [...]string{"ICC(1,1) = ICC(1)", "ICC(2,1) = ICC(A,1)", "ICC(3,1) = ICC(C,1)",
		"ICC(1,k) = ICC(k)", "ICC(2,k) = ICC(A,k)", "ICC(3,k) = ICC(C,k)"}
	if f < ICC1 || f > ICC3k {
		panic(fmt.Sprintf("assoc.ICCForm: no form %d", int(f)))
	}
	return names[f]
}

// Reliability is the analysis of variance of ratings: n participants by k
// raters (or occasions), from which all intraclass correlations follow.
type Reliability struct {
	Participants, Raters int
	// Mean squares between participants, between raters, residual, and within
	// participants (raters and residual together).
	MSParticipants, MSRaters, MSError, MSWithin float64
}

// ICCs analyzes ratings[i][j], participant i by rater (or occasion) j, all
// present. Sums are taken in double-double arithmetic. Ask the result for one
// of the six coefficients; state which one you report, for they answer
// different questions (Koo & Li 2016, doi 10.1016/j.jcm.2016.02.012).
//
// It assumes normal effects of participants and normal errors of one variance.
// It refuses fewer than two participants or raters, rows of different lengths,
// NaN, Inf, and participants that do not differ (ErrNoVariation).
// Source: Shrout & Fleiss (1979), doi 10.1037/0033-2909.86.2.420; McGraw & Wong
// (1996), doi 10.1037/1082-989X.1.1.30.
// It agrees with R's psych::ICC(lmer = FALSE) and irr::icc.
func ICCs(ratings [][]float64) (Reliability, error) {
	const fn = "ICCs"
	bad := func(i int, err error, info string) (Reliability, error) {
		return Reliability{}, &stats.SampleError{Func: fn, Arg: "ratings", Index: i, Err: err, Info: info}
	}
	if len(ratings) < 2 {
		return bad(-1, stats.ErrTooFew, fmt.Sprintf("%d participants, need 2", len(ratings)))
	}
	n, k := len(ratings), len(ratings[0])
	if k < 2 {
		return bad(-1, stats.ErrTooFew, fmt.Sprintf("%d raters, need 2", k))
	}
	var all []float64
	for i, r := range ratings {
		if len(r) != k {
			return bad(i, stats.ErrLength, fmt.Sprintf("%d ratings, not %d", len(r), k))
		}
		if err := check.Moments(fn, fmt.Sprintf("ratings[%d]", i), r, 1); err != nil {
			return Reliability{}, err
		}
		all = append(all, r...)
	}
	columns := make([][]float64, k)
	for _, r := range ratings {
		for j, v := range r {
			columns[j] = append(columns[j], v)
		}
	}
	grand, total := moments.DD(all)
	between := func(groups [][]float64) float64 {
		var s num.DD
		for _, g := range groups {
			m, _ := moments.DD(g)
			d := m.Sub(grand)
			s = s.Add(d.Mul(d).MulFloat(float64(len(g))))
		}
		return s.Float()
	}
	rows, cols := between(ratings), between(columns)
	if moments.NoSpread(ratings, rows, n*k) {
		return bad(-1, stats.ErrNoVariation, "between participants")
	}
	// The residual sum of squares from the residuals themselves.
	rowMean, colMean := make([]num.DD, n), make([]num.DD, k)
	for i, g := range ratings {
		rowMean[i], _ = moments.DD(g)
	}
	for j, g := range columns {
		colMean[j], _ = moments.DD(g)
	}
	var rest num.DD
	for i, g := range ratings {
		for j, v := range g {
			d := num.ToDD(v).Sub(rowMean[i]).Sub(colMean[j]).Add(grand)
			rest = rest.Add(d.Mul(d))
		}
	}
	res := rest.Float()
	if res <= 1e-28*total {
		res = 0 // rounding of exact agreement
	}
	if cols <= 1e-28*total {
		cols = 0
	}
	fn1, fk1 := float64(n-1), float64(k-1)
	return Reliability{Participants: n, Raters: k, MSParticipants: rows / fn1, MSRaters: cols / fk1,
		MSError: res / (fn1 * fk1), MSWithin: (cols + res) / (float64(n) * fk1)}, nil
}

// ICC is one intraclass correlation.
type ICC struct {
	Form ICCForm
	// Value may be negative: raters then agree less than chance.
	Value float64
	// Zero tests that the coefficient is zero against a positive one.
	Zero ZeroTest

	r     Reliability
	alpha bool // asked for as Cronbach's α
}

var (
	_ stats.Effect = ICC{}
	_ stats.Test   = ZeroTest{}
)

// ZeroTest is the F test that an intraclass correlation is zero against a positive
// one, as psych::ICC prints it: +Inf where participants alone differ.
type ZeroTest struct{ F, DF1, DF2 float64 }

// P returns P(F ≥ the observed), NaN for a zero value, and 1 for an infinite F: no
// error was seen that the participants' differences could be compared with.
func (t ZeroTest) P() float64 {
	if t.DF1 == 0 {
		return math.NaN()
	}
	if math.IsInf(t.F, 1) {
		return 1
	}
	return num.FSF(t.F, t.DF1, t.DF2)
}

// ICC returns the coefficient of the form. It panics for an unknown form.
func (r Reliability) ICC(form ICCForm) ICC {
	_ = form.String()
	n, k := float64(r.Participants), float64(r.Raters)
	c := ICC{Form: form, r: r}
	c.Zero.DF1 = n - 1
	c.Value = c.scale(c.single(1))
	if single := form % 3; single == ICC1 {
		c.Zero.F, c.Zero.DF2 = r.MSParticipants/r.MSWithin, n*(k-1)
	} else {
		c.Zero.F, c.Zero.DF2 = r.MSParticipants/r.MSError, (n-1)*(k-1)
	}
	return c
}

// single is the coefficient of one rating with the mean square between
// participants divided by f: the estimate at 1, interval ends at F quantiles.
// It falls with f.
func (c ICC) single(f float64) float64 {
	r := c.r
	n, k := float64(r.Participants), float64(r.Raters)
	switch b := r.MSParticipants; c.Form % 3 {
	case ICC1:
		return (b - f*r.MSWithin) / (b + f*(k-1)*r.MSWithin)
	case ICC2:
		return n * (b - f*r.MSError) / (n*b + f*(k*r.MSRaters+(k*n-k-n)*r.MSError))
	default:
		return (b - f*r.MSError) / (b + f*(k-1)*r.MSError)
	}
}

// factor solves single(f) = rho for f.
func (c ICC) factor(rho float64) float64 {
	r := c.r
	n, k := float64(r.Participants), float64(r.Raters)
	switch b := r.MSParticipants; c.Form % 3 {
	case ICC1:
		return b * (1 - rho) / (r.MSWithin * (1 + (k-1)*rho))
	case ICC2:
		return n * b * (1 - rho) / (n*r.MSError + rho*(k*r.MSRaters+(k*n-k-n)*r.MSError))
	default:
		return b * (1 - rho) / (r.MSError * (1 + (k-1)*rho))
	}
}

// scale takes the coefficient of one rating to that of the form, by Spearman
// and Brown; unscale back.
func (c ICC) scale(rho float64) float64 {
	if c.Form < ICC1k {
		return rho
	}
	k := float64(c.r.Raters)
	return k * rho / (1 + (k-1)*rho)
}

func (c ICC) unscale(rho float64) float64 {
	if c.Form < ICC1k {
		return rho
	}
	k := float64(c.r.Raters)
	return rho / (k - (k-1)*rho)
}

// df2 is the denominator's degrees of freedom of interval and test:
// Satterthwaite's for ICC2, where two mean squares make the denominator.
func (c ICC) df2() float64 {
	if c.Form%3 != ICC2 {
		return c.Zero.DF2
	}
	r := c.r
	n, k := float64(r.Participants), float64(r.Raters)
	rho := c.single(1)
	fj := k * rho * r.MSRaters
	fe := (n*(1+(k-1)*rho) - k*rho) * r.MSError
	den := fj*fj/(k-1) + fe*fe/((n-1)*(k-1))
	if den == 0 {
		return c.Zero.DF2
	}
	return (fj + fe) * (fj + fe) / den
}

// Point returns the coefficient.
func (c ICC) Point() float64 { return c.Value }

// perfect reports agreement without any error.
func (c ICC) perfect() bool { return c.Value == 1 }

// CI returns the interval from F quantiles: exact for forms 1 and 3, with
// Satterthwaite's degrees of freedom for form 2. Where the ratings agree throughout
// there is no error to divide by: it then spans all possible values, with Why =
// WhyNoError.
func (c ICC) CI(level float64) stats.Interval {
	check.Level(level)
	if c.perfect() {
		return noInterval(c.scale(-1/float64(c.r.Raters-1)), level)
	}
	a := (1 - level) / 2
	return stats.Interval{Lo: c.scale(c.single(num.FQuantileUpper(a, c.Zero.DF1, c.df2()))),
		Hi: c.scale(c.single(num.FQuantile(a, c.Zero.DF1, c.df2()))), Level: level}
}

// P returns the two-sided p-value of the hypothesis that the coefficient is
// null; it agrees with CI. A null of 1 or more, or below what any reliability can
// be (−1/(k − 1) for one rating), has p = 0: under it these ratings cannot be. Where
// they agree throughout every possible null has p = 1, as CI says. For form 2 at null = 0 it differs from that of Zero by its
// degrees of freedom.
func (c ICC) P(null float64) float64 {
	return math.Min(1, 2*math.Min(c.PGreater(null), c.PLess(null)))
}

// PGreater is the one-sided p-value against a reliability of at most null, as
// a study that requires at least that reliability asks.
func (c ICC) PGreater(null float64) float64 { return c.tails(null, num.FSF, 0) }

// PLess is the one-sided p-value against a reliability of at least null.
func (c ICC) PLess(null float64) float64 { return c.tails(null, num.FCDF, 1) }

// tails gives below where null is under all possible values, and 1 − below
// where it is above them.
func (c ICC) tails(null float64, tail func(f, d1, d2 float64) float64, below float64) float64 {
	if null > 1 || null == 1 && !c.perfect() {
		return 1 - below
	}
	rho := c.unscale(null)
	if c.Form%3 != ICC2 && rho <= -1/float64(c.r.Raters-1) {
		return below
	}
	if c.perfect() {
		return 1
	}
	f := c.factor(rho)
	if f < 0 || math.IsInf(f, 0) {
		return below
	}
	return tail(f, c.Zero.DF1, c.df2())
}

// ConsistencyError returns the error of a single rating in its unit, differences
// between raters left out: the root of the residual mean square on
// (n − 1)(k − 1) degrees of freedom. It goes with ICC3.
func (r Reliability) ConsistencyError() MeasurementError {
	n, k := float64(r.Participants), float64(r.Raters)
	return MeasurementError{SEM: math.Sqrt(r.MSError), DF: (n - 1) * (k - 1)}
}

// AgreementError returns the error of a single rating in its unit, differences
// between raters counted: the root of the mean square within participants on
// n(k − 1) degrees of freedom. It goes with ICC1.
func (r Reliability) AgreementError() MeasurementError {
	n, k := float64(r.Participants), float64(r.Raters)
	return MeasurementError{SEM: math.Sqrt(r.MSWithin), DF: n * (k - 1)}
}

// CronbachAlpha estimates the internal consistency of a scale from items[i][j],
// participant i by item j: α = k/(k−1)·(1 − Σ item variances / variance of the
// sums). It is ICC(3,k), with Feldt's interval (1965, doi 10.1007/BF02289499),
// exact for normal parallel items. Negative values mean items that oppose each
// other: look for one scored the wrong way round. It refuses what ICCs does.
// Source: Cronbach (1951), doi 10.1007/BF02310555. It agrees with psych::alpha.
func CronbachAlpha(items [][]float64) (ICC, error) {
	r, err := ICCs(items)
	if err != nil {
		return ICC{}, check.Renamed("CronbachAlpha", err)
	}
	a := r.ICC(ICC3k)
	a.alpha = true
	return a, nil
}
