package topics_test

import (
	"errors"
	"math"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "effectsize-optimizer", Topic: "effect_size, effect_size_anova", Bound: 2e-3,
			Text: "effectsize and MBESS find noncentrality limits with an optimizer that stops early: the bound is on the tail probability at the reference's limit. (Where F has no lower limit what effectsize minimizes has no zero and its upper limit comes out anywhere, k3_onegroupconst 0.165 of ω², where ε², larger by 0.01, has 0.390; such a limit beyond the bound does not match.) Truth: the root of the noncentral t (F) distribution function, the function by quadrature over the chi distribution or the normal (a Poisson mixture of betas) in the test."},
		reftest.Finding{Code: "effectsize-stuck", Topic: "effect_size",
			Text: "effectsize's search starts at 1.1 t in steps of a tenth of that: from a t below 1e-6 it never leaves zero, and the interval has no width. Truth: as effectsize-optimizer."},
		reftest.Finding{Code: "nct-uniroot", Topic: "effect_size_nct_ci, effect_size_ncf_ci", Bound: 1e-6,
			Text: "uniroot on R's pt(ncp=) and pf(ncp=), which carry 1e-12 to 1e-9 absolute. Truth: as effectsize-optimizer."},
		reftest.Finding{Code: "pt-ncp-37", Topic: "effect_size, effect_size_nct_ci, effect_size_anova",
			Text: "beyond a noncentrality of 37.62 R's pt(ncp=) is a normal approximation off by up to 2e-2; limits are roots of that. The reference must solve the approximate equation. Truth: as effectsize-optimizer."},
		reftest.Finding{Code: "effectsize-omega-clip", Topic: "effect_size_anova",
			Text: "effectsize prints 0 where the nearly unbiased estimate is negative; we keep the estimate. Truth: (F−1)·df₁/(F·df₁+df₂+1) and (F−1)·df₁/(F·df₁+df₂)."},
		reftest.Finding{Code: "effectsize-constant-pairs", Topic: "effect_size",
			Text: "effectsize loses the sign of the matched-pairs rank-biserial when all differences are equal. Truth: −1 when every difference is negative."},
		reftest.Finding{Code: "effectsize-zeros-of-x", Topic: "effect_size",
			Text: "effectsize counts the nonzero values of x instead of the pairs for the standard error of the matched-pairs rank-biserial. Truth: the formula at the number of pairs."},
		reftest.Finding{Code: "correlation-cancellation", Topic: "effect_size",
			Text: "R's cor exceeds what 1 − r can resolve for collinear pairs. Truth: d_z·√(2(1−r)) with 1 − r in 300-bit arithmetic; R's is right to 4e-15 in its square."})
	reftest.Register("effect_size", refEffectSize)
	reftest.Register("effect_size_nct_ci", refNCTCI)
	reftest.Register("effect_size_ncf_ci", refNCFCI)
	reftest.Register("effect_size_anova", refEffectSizeANOVA)
}

// truthNCT is the noncentral t distribution function by Simpson's rule over
// the chi distribution of the denominator: P(T ≤ t) = E Φ(t·S − δ), S = √(χ²/df).
func truthNCT(t, df, ncp float64) float64 {
	if t < 0 {
		return 1 - truthNCT(-t, df, -ncp)
	}
	if ncp > 9 && t > 0 {
		// P(S ≥ (Z+δ)/t): smooth in Z however narrow the step in S is.
		f := func(z float64) float64 {
			u := (z + ncp) / t
			return phi(z) * mathext.GammaIncRegComp(df/2, df*u*u/2)
		}
		return simpson(f, -9, 9, 1200)
	}
	f := func(s float64) float64 {
		if s <= 0 {
			return 0
		}
		lg, _ := math.Lgamma(df / 2)
		logDensity := math.Log(2) + df/2*math.Log(df/2) - lg + (df-1)*math.Log(s) - df*s*s/2
		return math.Exp(logDensity) * math.Erfc(-(t*s-ncp)/math.Sqrt2) / 2
	}
	// The density of S lives within 12 of its SDs (1/√(2df)) of 1; substituting
	// s = u² at the left end smooths a root at 0.
	lo, hi := math.Max(0, 1-12/math.Sqrt(2*df)), 1+14/math.Sqrt(2*df)
	if lo == 0 {
		g := func(u float64) float64 { return 4 * u * u * u * f(u*u*u*u) }
		return simpson(g, 0, math.Pow(hi, 0.25), 4000)
	}
	return simpson(f, lo, hi, 4000)
}

// ptApproximate is R's pt(t, df, ncp), which changes to a normal approximation
// for large noncentralities.
func ptApproximate(t, df, ncp float64) float64 {
	if t < 0 {
		return 1 - ptApproximate(-t, df, -ncp)
	}
	if math.Abs(ncp) <= 37.62 {
		return truthNCT(t, df, ncp)
	}
	s := 1 / (4 * df)
	return cap0((t*(1-s) - ncp) / math.Sqrt(1+2*t*t*s))
}

// wantNCTLimit compares k times the noncentrality with P(T ≤ t) = p with a
// reference that solved that equation to within slack of p.
func wantNCTLimit(c *reftest.Case, path string, got, k, t, df, p, slack float64, finding string) {
	if r, ok := c.Ref(path); ok && reftest.Close(got, r, reftest.Tol, 1e-13) {
		c.Want(path, got, reftest.Tol, 1e-13)
		return
	}
	truth := k * truthNCTPivot(t, df, p, got/k)
	r, _ := c.Ref(path)
	switch {
	case t != 0 && math.Abs(t) < 1e-6 && finding == "effectsize-optimizer":
		c.WantTruthBy(path, got, truth, "effectsize-stuck", func(r float64) bool { return math.Abs(r/k-t) <= 0.3*math.Abs(t) })
	case math.Abs(r/k) > 37.62 || math.Abs(truth/k) > 37.62:
		c.WantTruthBy(path, got, truth, "pt-ncp-37", func(r float64) bool {
			// The approximation jumps at its border.
			lo, hi := ptApproximate(t, df, r/k*(1+1e-6)), ptApproximate(t, df, r/k*(1-1e-6))
			return math.Min(lo, hi)-slack <= p && p <= math.Max(lo, hi)+slack
		})
	default:
		c.WantTruthBy(path, got, truth, finding, func(r float64) bool {
			return math.Abs(r-truth) <= 1e-6*math.Max(1, math.Abs(truth)) || math.Abs(truthNCT(t, df, r/k)-p) <= slack
		})
	}
}

func simpson(f func(float64) float64, a, b float64, n int) float64 {
	h := (b - a) / float64(n)
	s := f(a) + f(b)
	for i := 1; i < n; i++ {
		w := 2.0
		if i%2 == 1 {
			w = 4
		}
		s += w * f(a+float64(i)*h)
	}
	return s * h / 3
}

// truthNCTPivot is the noncentrality with P(T ≤ t) = p, by secant steps from
// the tested answer's neighborhood, so that few quadratures are needed.
func truthNCTPivot(t, df, p, near float64) float64 {
	lo, hi := near-1e-4*(1+math.Abs(near)), near+1e-4*(1+math.Abs(near))
	if !(truthNCT(t, df, lo) > p && truthNCT(t, df, hi) < p) {
		return math.NaN() // the tested answer is not near the root
	}
	for range 60 {
		// Regula falsi with halving keeps the bracket.
		a, b := truthNCT(t, df, lo)-p, truthNCT(t, df, hi)-p
		x := lo + (hi-lo)*a/(a-b)
		fx := truthNCT(t, df, x) - p
		if math.Abs(fx) < 1e-15 || hi-lo < 1e-13*(1+math.Abs(near)) {
			return x
		}
		if fx > 0 {
			lo = x
		} else {
			hi = x
		}
		m := (lo + hi) / 2
		if truthNCT(t, df, m) > p {
			lo = m
		} else {
			hi = m
		}
	}
	return (lo + hi) / 2
}

// wantSMD compares an effect and its interval at the level.
func wantSMD(c *reftest.Case, s stats.SMD, err error, level float64, value, lo, hi, finding string) {
	if err != nil {
		if v, ok := c.Ref(value); c.ExpectsError() || !ok || math.IsNaN(v) || math.IsInf(v, 0) {
			c.Refused(err, "")
			return
		}
		c.Fail("%v", err)
		return
	}
	if x, y := c.Floats("x"), c.Floats("y"); lostDigits(c, value, present(x), present(y)) && !strings.HasPrefix(kindOf(c), "paired") {
		exact := exactTwoSample(present(x), present(y), true).Value
		wantRounded(c, value, s.Value, exact/s.Standardizer*s.J, present(x), present(y))
	} else {
		c.Want(value, s.Value, 1e-9, 1e-13)
	}
	ci := s.CI(level)
	a, k := (1-level)/2, s.Scale*s.J
	for path, end := range map[string][2]float64{lo: {ci.Lo, 1 - a}, hi: {ci.Hi, a}} {
		if k == 0 {
			c.Want(path, end[0])
			continue
		}
		slack := reftest.BoundOf("effectsize-optimizer")
		if finding == "nct-uniroot" {
			slack = 1e-7
		}
		wantNCTLimit(c, path, end[0], k, s.T, s.DF, end[1], slack, finding)
	}
}

func refEffectSize(c *reftest.Case) error {
	kind := kindOf(c)
	x, y := c.Floats("x"), c.Floats("y")
	paired := strings.HasPrefix(kind, "paired_")
	if paired {
		x, y = completePairs(x, y)
	} else {
		x, y = present(x), present(y)
	}
	level := 0.95
	if c.Has("ci") {
		level = c.Num("ci")
	}
	if c.ExpectsError() {
		_, err := stats.CohenD(x, y)
		why := "one value in a group: the pooled variance is the other's"
		switch {
		case paired:
			_, err = stats.CohenDZ(x, y)
			why = ""
		case strings.HasPrefix(kind, "glass"):
			_, err = stats.GlassDelta(x, y)
			why = ""
		case strings.HasSuffix(kind, "_unpooled"):
			_, err = stats.CohenDAverage(x, y)
			why = ""
		case min(len(x), len(y)) > 1:
			why = ""
		}
		c.Refused(err, why)
		return nil
	}
	const opt = "effectsize-optimizer"
	c.Skip("CI") // the level, repeated
	d, err := stats.CohenD(x, y)
	far := !paired && len(x) > 1 && len(y) > 1 && lostDigits(c, "", x, y)
	exact := func(path string, got, standardizer, j float64) {
		if !far {
			c.Want(path, got)
			return
		}
		wantRounded(c, path, got, exactTwoSample(x, y, true).Value/standardizer*j, x, y)
	}
	switch {
	case strings.HasPrefix(kind, "cohens_d_pooled"):
		wantSMD(c, d, err, level, "Cohens_d", "CI_low", "CI_high", opt)
	case strings.HasPrefix(kind, "hedges_g_pooled"):
		g, err := stats.HedgesG(x, y)
		wantSMD(c, g, err, level, "Hedges_g", "CI_low", "CI_high", opt)
	case strings.HasPrefix(kind, "glass_delta"):
		g, err := stats.GlassDelta(x, y)
		wantSMD(c, g, err, level, "Glass_delta", "CI_low", "CI_high", opt)
	case kind == "cohens_d_unpooled", kind == "hedges_g_unpooled":
		g := kind == "hedges_g_unpooled"
		f := stats.CohenDAverage
		if g {
			f = stats.HedgesGAverage
		}
		s, err := f(x, y)
		wantSMD(c, s, err, level, map[bool]string{false: "Cohens_d", true: "Hedges_g"}[g], "CI_low", "CI_high", opt)
	case kind == "MBESS_ci_smd":
		wantSMD(c, d, err, level, "smd", "Lower.Conf.Limit.smd", "Upper.Conf.Limit.smd", opt)
	case kind == "paired_d_z", kind == "paired_g_z":
		g := kind == "paired_g_z"
		f := stats.CohenDZ
		if g {
			f = stats.HedgesGZ
		}
		s, err := f(x, y)
		wantSMD(c, s, err, level, map[bool]string{false: "Cohens_d", true: "Hedges_g"}[g], "CI_low", "CI_high", opt)
	case strings.HasPrefix(kind, "rank_biserial"), kind == "paired_rank_biserial":
		f := rank.CliffDelta
		if paired {
			f = rank.PairedRankBiserial
		}
		r, err := f(x, y)
		if paired && errors.Is(err, stats.ErrNoVariation) {
			c.Refused(err, "") // no pair differs: R ranks nothing and prints 1
			return nil
		}
		if ref, _ := c.Ref("r_rank_biserial"); paired && err == nil && r.Value == -1 && ref == 1 {
			c.WantTruthBy("r_rank_biserial", r.Value, pairedSigns(x, y), "effectsize-constant-pairs", reftest.Is(1))
			wantEndsOrNone(c, "CI_low", "CI_high", r.CI(level), -1, 1, 1, 0)
			return nil
		}
		if err == nil && math.Abs(r.Value) == 1 {
			c.Want("r_rank_biserial", r.Value)
			wantEndsOrNone(c, "CI_low", "CI_high", r.CI(level), -1, 1, r.Value, 0)
			return nil
		}
		if n := len(x) - countZeros(x); paired && err == nil && n > 0 && n < len(x) {
			// effectsize takes the values of x that are not zero for the pairs
			// that differ; truth: all pairs.
			c.Want("r_rank_biserial", r.Value, 1e-9, 1e-14)
			se := func(n float64) float64 { return math.Sqrt((2*n*n*n+3*n*n+n)/6) / ((n*n + n) / 2) }
			z := num.NormQuantileUpper((1 - level) / 2)
			for path, got := range map[string]float64{"CI_low": r.CI(level).Lo, "CI_high": r.CI(level).Hi} {
				side := -z
				if path == "CI_high" {
					side = z
				}
				end := func(n float64) float64 { return math.Tanh(math.Atanh(r.Value) + side*se(n)) }
				wantOrBy(c, path, got, end(float64(len(x))), "effectsize-zeros-of-x", func(ref float64) bool {
					return reftest.Close(ref, end(float64(n)), 1e-9, 1e-14)
				})
			}
			return nil
		}
		statistic(c, "r_rank_biserial", r.Value, err, 1e-9, 1e-14)
		statistic(c, "CI_low", r.CI(level).Lo, err, 1e-9, 1e-14)
		statistic(c, "CI_high", r.CI(level).Hi, err, 1e-9, 1e-14)
	case kind == "formula_d_g":
		if err != nil {
			return refusedNaN(c, err, "d")
		}
		if noNumber(c, "d") {
			c.Refused(nil, "var() of one value is NA in R; the pooled variance is the other group's")
			return nil
		}
		g, _ := stats.HedgesG(x, y)
		c.Want("sd_pooled", d.Standardizer)
		exact("d", d.Value, d.Standardizer, 1)
		c.Want("J_exact", g.J, 1e-9, 1e-12)
		exact("g_exact", g.Value, d.Standardizer, g.J)
		// The approximate J is not offered; its formula is in every paper.
		c.Skip("J_approx", "g_approx")
		gl, err := stats.GlassDelta(x, y)
		if err == nil {
			exact("glass", gl.Value, gl.Standardizer, 1)
		} else {
			statistic(c, "glass", gl.Value, err)
		}
		av, err := stats.CohenDAverage(x, y)
		if err == nil {
			exact("d_av", av.Value, av.Standardizer, 1)
		} else {
			statistic(c, "d_av", av.Value, err)
		}
		if far {
			n, m, e := float64(len(x)), float64(len(y)), exactTwoSample(x, y, true).Value/d.Standardizer
			wantRounded(c, "se_d_hedges_olkin", d.SE(len(x), len(y)), math.Sqrt((n+m)/(n*m)+e*e/(2*(n+m))), x, y)
		} else {
			c.Want("se_d_hedges_olkin", d.SE(len(x), len(y)))
		}
	case kind == "paired_formulas":
		z, err := stats.CohenDZ(x, y)
		p, err2 := stats.PairedEffects(x, y)
		if allMissing(c, "") {
			c.Refused(nil, "R's expression keeps missing pairs; they are absent here")
			return nil
		}
		statistic(c, "d_z", z.Value, err)
		if errors.Is(err2, stats.ErrNoVariation) && noNumber(c, "r") {
			c.Skip("d_av") // one occasion is constant: refused with r
		} else {
			statistic(c, "d_av", p.DAverage, err2)
		}
		rm, err3 := p.DRepeated()
		statistic(c, "r", p.R, err2, 1e-9, 1e-12)
		if err2 == nil && err3 == nil && 1-math.Abs(p.R) < 1e-9 {
			// 1 − r in 300 bits: rest/(1 + r) for r > 0.
			r, rest := exactCorrelation(x, y)
			less := 1 - r
			if r > 0 {
				less = rest / (1 + r)
			}
			truth := z.Value * math.Sqrt(2*less)
			c.WantTruthBy("d_rm", rm, truth, "correlation-cancellation", func(ref float64) bool {
				// R's 1 − r is right to a few 1e-16.
				return math.Abs(ref*ref-truth*truth) <= 4e-15*z.Value*z.Value
			})
		} else {
			statistic(c, "d_rm", rm, err3)
		}
	case kind == "cliff_delta_cles":
		return refCles(c, x, y)
	case kind == "AUC_delong_ci":
		return refDeLong(c, x, y)
	case kind == "cles_pingouin_like":
		if err != nil {
			return refusedNaN(c, err, "p_superiority")
		}
		if far {
			wantRounded(c, "p_superiority", stats.Translate(d.Value).Superiority,
				cap0(exactTwoSample(x, y, true).Value/d.Standardizer/math.Sqrt2), x, y)
		} else {
			c.Want("p_superiority", stats.Translate(d.Value).Superiority)
		}
		ci := d.CI(0.95)
		k := d.Scale
		for path, end := range map[string][2]float64{"CI_low": {ci.Lo, 0.975}, "CI_high": {ci.Hi, 0.025}} {
			truth := cap0(k * truthNCTPivot(d.T, d.DF, end[1], end[0]/k) / math.Sqrt2)
			c.WantTruthBy(path, stats.Translate(end[0]).Superiority, truth, opt, func(r float64) bool {
				if d.T != 0 && math.Abs(d.T) < 1e-6 { // effectsize-stuck
					return math.Abs(r-0.5) < 1e-6
				}
				if reftest.Is(truth)(r) {
					return true
				}
				ncp := num.NormQuantile(r) * math.Sqrt2 / k
				return math.Abs(ptApproximate(d.T, d.DF, ncp)-end[1]) <= reftest.BoundOf(opt)
			})
		}
	}
	return nil
}

// refusedNaN accepts our typed error where the peer divides by zero.
func refusedNaN(c *reftest.Case, err error, path string) error {
	if v, ok := c.Ref(path); !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		c.Refused(err, "")
		return nil
	}
	return err
}

func countZeros(x []float64) (n int) {
	for _, v := range x {
		if v == 0 {
			n++
		}
	}
	return n
}

// pairedSigns is −1 when every difference is negative, else NaN.
func pairedSigns(x, y []float64) float64 {
	for i := range x {
		if !(x[i] < y[i]) {
			return math.NaN()
		}
	}
	return -1
}

func refCles(c *reftest.Case, x, y []float64) error {
	delta, err := rank.CliffDelta(x, y)
	if err != nil {
		return err
	}
	if noNumber(c, "cliff_delta") {
		c.Refused(nil, "R's expression keeps missing values; they are absent here")
		return nil
	}
	c.Want("cliff_delta", delta.Value, 1e-9, 1e-15)
	c.Want("prob_superiority_ties_half", (delta.Value+1)/2, 1e-9, 1e-15)
	gt, tie := 0, 0
	for _, a := range x {
		for _, b := range y {
			if a > b {
				gt++
			} else if a == b {
				tie++
			}
		}
	}
	n := float64(len(x) * len(y))
	// δ + ties must reproduce the two counts.
	c.Want("p_gt", (delta.Value+1-float64(tie)/n)/2, 1e-9, 1e-15)
	c.Skip("p_tie")
	if math.Abs(float64(gt)/n-(delta.Value+1-float64(tie)/n)/2) > 1e-12 {
		c.Fail("δ does not fit the counts")
	}
	s, err := stats.SuperiorityNormal(x, y)
	if r, _ := c.Ref("cles_normal"); errors.Is(err, stats.ErrNoVariation) && (r == 0 || r == 1) {
		c.Skip("cles_normal") // R's limit of groups without spread; refused here
		return nil
	}
	if err == nil && len(x) > 1 && len(y) > 1 && lostDigits(c, "", x, y) {
		e := exactTwoSample(x, y, false)
		_, sx, _ := exactMoments(x)
		_, sy, _ := exactMoments(y)
		sd := math.Sqrt(sx/float64(len(x)-1) + sy/float64(len(y)-1))
		wantRounded(c, "cles_normal", s, cap0(e.Value/sd), x, y)
		return nil
	}
	statistic(c, "cles_normal", s, err)
	return nil
}

func refNCTCI(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	level := c.Num("conf.level")
	d, err := stats.CohenD(x, y)
	if c.ExpectsError() {
		why := ""
		if min(len(x), len(y)) == 1 || len(x)+len(y) < len(c.Floats("x"))+len(c.Floats("y")) {
			why = "var() of one value, or of missing ones, is NA in R; the pooled variance is that of what is there"
		}
		c.Refused(err, why)
		return nil
	}
	if err != nil {
		return refusedNaN(c, err, "d")
	}
	g, err := stats.HedgesG(x, y)
	if err != nil {
		return err
	}
	if lostDigits(c, "t", x, y) {
		wantRounded(c, "t", d.T, exactTwoSample(x, y, true).T(0), x, y)
	} else {
		c.Want("t", d.T)
	}
	c.Want("df", d.DF)
	wantSMD(c, d, nil, level, "d", "d_ci.0", "d_ci.1", "nct-uniroot")
	wantSMD(c, g, nil, level, "g", "g_ci.0", "g_ci.1", "nct-uniroot")
	return nil
}
