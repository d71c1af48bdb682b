package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/show"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// SMD is a standardized mean difference of a named kind, with an interval from
// the noncentral t distribution of its t statistic. It implements Effect: null
// values are standardized differences, and p-values and interval come from the
// same pivot.
type SMD struct {
	// Kind names the effect exactly: "Cohen's d", "Hedges' g", …
	Kind string
	// Value is the effect, Standardizer the SD it is measured in.
	Value, Standardizer float64
	// T is the statistic, on DF degrees of freedom, whose noncentrality is the
	// population's standardized difference divided by Scale.
	T, DF, Scale float64
	// J is the factor that makes the estimate unbiased (1 if none is applied);
	// the interval is multiplied with it as well.
	J float64
}

var _ Effect = SMD{}

// HedgesG estimates the standardized mean difference, treated − control, in
// units of the pooled SD, made unbiased by the exact factor
// J = Γ(m/2)/(√(m/2)·Γ((m−1)/2)), m = n₁ + n₂ − 2. The interval is J times the
// noncentral t interval of Cohen's d. Exact if both groups are normal with one
// variance.
// It refuses what Student refuses, and one degree of freedom (two participants
// against one; ErrTooFew): d has no expectation there and J is 0. CohenD, whose
// interval is exact, answers then.
// Source: Hedges (1981), J Educ Stat 6:107, doi 10.3102/10769986006002107.
// It agrees with R's effectsize::hedges_g, whose interval is an optimizer's
// answer.
func HedgesG(treated, control []float64) (SMD, error) {
	s, err := CohenD(treated, control)
	if err != nil {
		return SMD{}, check.Renamed("HedgesG", err)
	}
	return hedges("HedgesG", s, "Hedges' g")
}

// CohenD is the standardized mean difference, treated − control, in units of
// the pooled SD, without correction of its small-sample bias. The interval
// pivots the noncentral t distribution of Student's t. It refuses what Student
// refuses.
// Source: Cohen (1988); Steiger & Fouladi (1997).
// It agrees with R's effectsize::cohens_d and MBESS::ci.smd.
func CohenD(treated, control []float64) (SMD, error) {
	e, err := Student(treated, control)
	if err != nil {
		return SMD{}, check.Renamed("CohenD", err)
	}
	return pooledD(e, len(treated), len(control)), nil
}

// CohenDSummary is CohenD from published numbers. It refuses what StudentSummary
// refuses.
func CohenDSummary(treated, control Summary) (SMD, error) {
	e, err := StudentSummary(treated, control)
	if err != nil {
		return SMD{}, check.Renamed("CohenDSummary", err)
	}
	return pooledD(e, treated.N, control.N), nil
}

// HedgesGSummary is HedgesG from published numbers. It refuses what
// StudentSummary refuses, and one degree of freedom.
func HedgesGSummary(treated, control Summary) (SMD, error) {
	s, err := CohenDSummary(treated, control)
	if err != nil {
		return SMD{}, check.Renamed("HedgesGSummary", err)
	}
	return hedges("HedgesGSummary", s, "Hedges' g")
}

func pooledD(e Estimate, n1, n2 int) SMD {
	scale := math.Sqrt(1/float64(n1) + 1/float64(n2))
	sd := e.SE / scale
	return SMD{Kind: "Cohen's d", Value: e.Value / sd, Standardizer: sd, T: e.Value / e.SE, DF: e.DF, Scale: scale, J: 1}
}

// hedges applies J, which exists above one degree of freedom: with one, d has
// no expectation, and J is 0, as g and both ends of its interval would be
// whatever the data.
func hedges(fn string, s SMD, kind string) (SMD, error) {
	if !(s.DF > 1) {
		return SMD{}, &SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: ErrTooFew,
			Info: "one degree of freedom: no unbiased estimate exists, Cohen's d does"}
	}
	s.Kind, s.J = kind, num.HedgesJ(s.DF)
	s.Value *= s.J
	return s, nil
}

// GlassDelta is the mean difference in units of the control group's SD, for
// treatments that change the spread. The interval pivots a noncentral t on
// n₂ − 1 degrees of freedom and is approximate when the variances differ. It
// refuses fewer than two values in a group and a control group that does not
// vary.
// Source: Glass (1976), doi 10.3102/0013189X005010003.
// It agrees with R's effectsize::glass_delta.
func GlassDelta(treated, control []float64) (SMD, error) {
	const fn = "GlassDelta"
	a, b, err := twoSummaries(fn, treated, control)
	if err != nil {
		return SMD{}, check.Renamed("GlassDelta", err)
	}
	if moments.Constant(b.SD, b.Mean) {
		return SMD{}, check.NoVariation(fn, "control")
	}
	scale := math.Sqrt(1/float64(b.N) + a.SD*a.SD/(float64(a.N)*b.SD*b.SD))
	e, err := Welch(treated, control) // its difference keeps the digits that rounded means lose
	if err != nil {
		return SMD{}, check.Renamed("GlassDelta", err)
	}
	d := e.Value / b.SD
	return SMD{Kind: "Glass's Δ", Value: d, Standardizer: b.SD, T: d / scale, DF: float64(b.N - 1), Scale: scale, J: 1}, nil
}

// CohenDAverage is the mean difference in units of √((s₁² + s₂²)/2), for groups
// of different spread (d_av between groups; R's pooled_sd = FALSE). The
// interval pivots a noncentral t on Welch's degrees of freedom; approximate.
// It refuses what Welch refuses.
// Source: Bonett (2008), doi 10.1037/1082-989X.13.2.99; Delacre et al. (2021).
// It agrees with R's effectsize::cohens_d(pooled_sd = FALSE).
func CohenDAverage(treated, control []float64) (SMD, error) {
	return averageD("CohenDAverage", treated, control)
}

// HedgesGAverage is CohenDAverage made unbiased by the factor J of HedgesG on
// Welch's degrees of freedom; approximate. It refuses what CohenDAverage refuses,
// and one degree of freedom. Sources as CohenDAverage and HedgesG. It agrees with
// R's effectsize::hedges_g(pooled_sd = FALSE).
func HedgesGAverage(treated, control []float64) (SMD, error) {
	s, err := averageD("HedgesGAverage", treated, control)
	if err != nil {
		return SMD{}, err
	}
	return hedges("HedgesGAverage", s, "Hedges' g (average SD)")
}

func averageD(fn string, treated, control []float64) (SMD, error) {
	e, err := Welch(treated, control)
	if err != nil {
		return SMD{}, check.Renamed(fn, err)
	}
	a, b, err := twoSummaries(fn, treated, control)
	if err != nil {
		return SMD{}, check.Renamed(fn, err)
	}
	v1, v2 := a.SD*a.SD, b.SD*b.SD
	sd := math.Sqrt((v1 + v2) / 2)
	return SMD{Kind: "Cohen's d (average SD)", Value: e.Value / sd, Standardizer: sd, T: e.T(0), DF: e.DF, Scale: e.SE / sd, J: 1}, nil
}

func twoSummaries(fn string, treated, control []float64) (a, b Summary, err error) {
	if err = check.Moments(fn, "treated", treated, 2); err != nil {
		return
	}
	if err = check.Moments(fn, "control", control, 2); err != nil {
		return
	}
	if a, err = Summarize(treated); err != nil {
		return
	}
	b, err = Summarize(control)
	return
}

// CohenDZ is the mean change in units of the SD of changes: d_z, also called
// the standardized response mean (SRM). It is larger than d the more before
// and after correlate, and is no substitute for it. The interval pivots the
// noncentral t distribution on n − 1 degrees of freedom: exact for normal
// changes. It refuses what Paired refuses.
// Source: Cohen (1988); Lakens (2013), doi 10.3389/fpsyg.2013.00863.
// It agrees with R's effectsize::cohens_d(paired = TRUE).
func CohenDZ(after, before []float64) (SMD, error) { return changeD("CohenDZ", after, before) }

// HedgesGZ is CohenDZ made unbiased by the factor J of HedgesG: g_z. For two pairs J
// is 0, and with it g_z and both ends of its interval whatever the data, which is
// what R prints: no unbiased estimate exists, and only d_z says anything. It
// refuses what Paired refuses. Sources as CohenDZ and HedgesG. It agrees with R's
// effectsize::hedges_g(paired = TRUE).
func HedgesGZ(after, before []float64) (SMD, error) {
	s, err := changeD("HedgesGZ", after, before)
	if err != nil {
		return SMD{}, err
	}
	if len(after) == 2 {
		s.Kind, s.J, s.Value = "g_z", 0, 0
		return s, nil
	}
	return hedges("HedgesGZ", s, "g_z")
}

func changeD(fn string, after, before []float64) (SMD, error) {
	e, err := Paired(after, before)
	if err != nil {
		return SMD{}, check.Renamed(fn, err)
	}
	scale := 1 / math.Sqrt(float64(len(after)))
	sd := e.SE / scale
	return SMD{Kind: "d_z (SRM)", Value: e.Value / sd, Standardizer: sd, T: e.T(0), DF: e.DF, Scale: scale, J: 1}, nil
}

// PairedD holds the other standardizations of a change within people, which
// have no exact interval.
type PairedD struct {
	// DAverage is the mean change over √((s₁² + s₂²)/2).
	DAverage float64
	// R is the correlation of before and after.
	R float64

	mean, sd float64 // of the changes
	less     float64 // 1 − r
}

// DRepeated returns d_rm = d_z·√(2(1 − r)): the change in units of the raw
// scores' SD if both occasions have one spread. It refuses changes that do not
// vary (ErrNoVariation).
func (p PairedD) DRepeated() (float64, error) {
	if p.sd == 0 {
		return 0, check.NoVariation("PairedEffects", "after − before")
	}
	return p.mean / p.sd * math.Sqrt(2*p.less), nil
}

// PairedEffects returns d_av and, by its method, d_rm of a change. It refuses
// slices of different length, fewer than two pairs, NaN, Inf, and occasions of
// which one does not vary.
// Source: Morris & DeShon (2002), doi 10.1037/1082-989X.7.1.105; Lakens (2013).
func PairedEffects(after, before []float64) (PairedD, error) {
	const fn = "PairedEffects"
	if len(after) != len(before) {
		return PairedD{}, &SampleError{Func: fn, Arg: "before", Index: -1, Err: ErrLength}
	}
	a, b, err := twoSummaries(fn, after, before)
	if err != nil {
		return PairedD{}, err
	}
	if moments.Constant(a.SD, a.Mean) || moments.Constant(b.SD, b.Mean) {
		return PairedD{}, check.NoVariation(fn, "after, before")
	}
	d := make([]float64, len(after))
	for i := range d {
		d[i] = after[i] - before[i]
	}
	mean, ss := moments.Of(d)
	vd := ss / float64(len(d)-1)
	if moments.Constant(math.Sqrt(vd), a.Mean) {
		vd = 0
	}
	v1, v2 := a.SD*a.SD, b.SD*b.SD
	r, rest := moments.NewJoint(moments.Rescaled(after)[0], moments.Rescaled(before)[0]).Correlation()
	less := 1 - r
	if r > 0 {
		less = rest / (1 + r)
	}
	return PairedD{DAverage: mean / math.Sqrt((v1+v2)/2), R: r, mean: mean, sd: math.Sqrt(vd), less: less}, nil
}

// Point returns the effect.
func (s SMD) Point() float64 { return s.Value }

// SE returns Hedges and Olkin's large-sample standard error of a two-group d
// of n₁ and n₂, as meta-analyses use it: √((n₁+n₂)/(n₁n₂) + d²/(2(n₁+n₂))).
func (s SMD) SE(n1, n2 int) float64 {
	a, b := float64(n1), float64(n2)
	return math.Sqrt((a+b)/(a*b) + s.Value*s.Value/(2*(a+b)))
}

// CI pivots the noncentral t distribution: the population effects under which
// the observed t is neither too large nor too small.
func (s SMD) CI(level float64) Interval {
	check.Level(level)
	a, k := (1-level)/2, s.Scale*s.J
	return Interval{Lo: num.NCTNCPUpper(s.T, s.DF, a) * k, Hi: num.NCTNCP(s.T, s.DF, a) * k, Level: level}
}

// P is the two-sided p-value of the population effect null: twice the smaller
// tail of the noncentral t distribution.
func (s SMD) P(null float64) float64 {
	return math.Min(1, 2*math.Min(s.PGreater(null), s.PLess(null)))
}

// PGreater is the one-sided p-value against an effect of at most null.
func (s SMD) PGreater(null float64) float64 { return s.tail(null, 1, num.NCTSF) }

// PLess is the one-sided p-value against an effect of at least null.
func (s SMD) PLess(null float64) float64 { return s.tail(null, -1, num.NCTCDF) }

// tail is the tail of the noncentral t distribution beyond T, 1 where the
// noncentrality is infinitely far to its side (+1 or −1) and 0 at the other.
func (s SMD) tail(null float64, side int, of func(t, df, ncp float64) float64) float64 {
	n := s.ncp(null)
	switch {
	case math.IsInf(n, side):
		return 1
	case math.IsInf(n, -side):
		return 0
	}
	return of(s.T, s.DF, n)
}

// ncp is the noncentrality of an effect. With J = 0 (g_z of two pairs) every
// effect but 0 is infinitely far.
func (s SMD) ncp(null float64) float64 {
	if null == 0 {
		return 0
	}
	return null / (s.Scale * s.J)
}

// String formats the effect: "Hedges' g = -1.26 (95% CI -2.80 to 0.38; noncentral t, 8
// df)".
func (s SMD) String() string {
	if s.Kind == "" {
		return show.NoResult
	}
	ci := s.CI(0.95)
	d := show.DecimalsOf(s.Value, ci.Width()/3.92)
	return fmt.Sprintf("%s = %s (95%% CI %s; noncentral t, %s df)", s.Kind, show.Fixed(s.Value, d), ci.Text(d, ""), show.DF(s.DF))
}

// CommonLanguage translates a Cohen's d of two normal groups of one variance.
type CommonLanguage struct {
	// Superiority is P(a treated value exceeds a control value) = Φ(d/√2).
	Superiority float64
	// U3 is the share of controls below the treated mean, Φ(d).
	U3 float64
	// Overlap is the shared area of both distributions, 2Φ(−|d|/2).
	Overlap float64
}

// Translate returns what a standardized difference of d means for normal
// groups of one variance. Apply it to the ends of an interval as well.
// Source: McGraw & Wong (1992), doi 10.1037/0033-2909.111.2.361; Cohen (1988).
func Translate(d float64) CommonLanguage {
	return CommonLanguage{
		Superiority: num.NormCDF(d / math.Sqrt2),
		U3:          num.NormCDF(d),
		Overlap:     2 * num.NormSF(math.Abs(d)/2),
	}
}

// SuperiorityNormal returns P(a treated value exceeds a control value) for
// normal groups with their own variances, Φ((x̄₁ − x̄₂)/√(s₁² + s₂²)).
// BrunnerMunzel asks the same without assuming a distribution. It refuses what
// Welch refuses. Source: McGraw & Wong (1992), doi 10.1037/0033-2909.111.2.361.
func SuperiorityNormal(treated, control []float64) (float64, error) {
	e, err := Welch(treated, control)
	if err != nil {
		return 0, check.Renamed("SuperiorityNormal", err)
	}
	a, b, err := twoSummaries("SuperiorityNormal", treated, control)
	if err != nil {
		return 0, check.Renamed("SuperiorityNormal", err)
	}
	return num.NormCDF(e.Value / math.Hypot(a.SD, b.SD)), nil
}

// String formats the words: "superiority 76%, U3 84%, overlap 62%".
func (c CommonLanguage) String() string {
	if c == (CommonLanguage{}) {
		return show.NoResult
	}
	return fmt.Sprintf("superiority %.0f%%, U3 %.0f%%, overlap %.0f%%", 100*c.Superiority, 100*c.U3, 100*c.Overlap)
}

// String formats d_av and the correlation of both occasions.
func (p PairedD) String() string {
	if p == (PairedD{}) {
		return show.NoResult
	}
	return fmt.Sprintf("d_av %s, r %s", show.Fixed(p.DAverage, 2), show.Fixed(p.R, 2))
}
