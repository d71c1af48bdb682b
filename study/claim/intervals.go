package claim

import (
	"math"
	"regexp"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// A printed value, its interval and its p-value come from one standard error,
// whatever the model: they can be held against each other where nothing else
// is printed.

// tTest names tests that two printed groups determine, in words as papers have
// them; a paired test is not one of them.
var (
	tTest      = regexp.MustCompile(`(?i)^t$|\bt[- ]tests?\b|\bstudent\b|\bwelch\b|\bz[- ]?(test)?$|two[- ]sample t\b`)
	pairedTest = regexp.MustCompile(`(?i)(^|[^n])\bpaired\b|\bone[- ]sample\b`)
	modelTest  = regexp.MustCompile(`(?i)\bancova\b|covariance|\bmixed\b|\bmmrm\b|\blmm\b|\bgee\b|regression|adjusted|\bgeneralized\b`)
	jointTest  = regexp.MustCompile(`(?i)\banova\b`)
	countTest  = regexp.MustCompile(`(?i)^$|\bchi\b|chi[- ]?sq|chi2|χ|\bfisher\b|^z\b`)
)

// byGroups reports whether the printed groups determine the comparison's test.
func (d Difference) byGroups() bool {
	t := strings.TrimSpace(d.Test)
	return t == "" || tTest.MatchString(t) && !pairedTest.MatchString(t)
}

// adjusted reports whether the comparison is a model's, by its mark or name.
func (d Difference) adjusted() bool { return d.Adjusted || modelTest.MatchString(d.Test) }

// ownP reports whether the p-value is that of the value and its interval. A
// rank test's, a permutation test's or an F-test's is not.
func (d Difference) ownP() bool {
	return d.byGroups() || modelTest.MatchString(d.Test) && !jointTest.MatchString(d.Test)
}

// checkPrinted holds a printed comparison against its own interval, and where
// they belong together against its p-value.
func (r *Reading) checkPrinted(where Place, d Difference, dfs []int) {
	p := d.P
	if !d.ownP() {
		p = ""
	}
	r.checkInterval(where, d.Value, d.SE, d.CI, p, dfs, d.ownP())
}

// normal reports whether the comparison may rest on normal quantiles.
func (d Difference) normal() bool {
	t := strings.ToLower(strings.TrimSpace(d.Test))
	return t == "" || strings.HasPrefix(t, "z")
}

// meanBounds is what rounding leaves to the difference of two printed numbers.
func meanBounds(a, b integrity.Printed) integrity.Bounds {
	alo, ahi := a.Range()
	blo, bhi := b.Range()
	return integrity.Bounds{Lo: alo - bhi, Hi: ahi - blo}
}

// changeBounds is the same for the difference of two groups' changes.
func changeBounds(g, h Group) integrity.Bounds {
	a, b := meanBounds(g.Mean, g.Baseline), meanBounds(h.Mean, h.Baseline)
	return integrity.Bounds{Lo: a.Lo - b.Hi, Hi: a.Hi - b.Lo}
}

// dfOf lists degrees of freedom that a comparison of the groups may have had:
// those of the t-test, and about half as many, as mixed models may leave.
func (r *Reading) dfOf(g, h Group) []int {
	df := r.Claim.groupN(g) + r.Claim.groupN(h) - 2
	return []int{df, max(df/2, 1)}
}

// changesAllow reports whether the printed p-value and interval can be those of
// a comparison of the changes between two printed visits. Their spread depends
// on a correlation that was not printed; any is allowed.
func (r *Reading) changesAllow(d Difference, g, h Group) bool {
	if !d.P.Stated() && !d.CI[0].Stated() {
		return false
	}
	if !g.SD.Stated() || !h.SD.Stated() || !g.BaselineSD.Stated() || !h.BaselineSD.Stated() {
		return true
	}
	diff := changeBounds(g, h)
	n1, n2 := r.Claim.groupN(g), r.Claim.groupN(h)
	se := func(sign float64) float64 {
		v := 0.0
		for _, x := range []struct {
			g Group
			n int
		}{{g, n1}, {h, n2}} {
			s := math.Abs(x.g.SD.Value() + sign*x.g.BaselineSD.Value())
			v += s * s / float64(x.n)
		}
		return math.Sqrt(v)
	}
	df := float64(n1 + n2 - 2)
	if df < 1 {
		return true
	}
	p := pBounds(diff, integrity.Bounds{Lo: se(-1), Hi: se(1)}, df)
	if d.P.Stated() && !p.HoldsP(d.P) {
		return false
	}
	if !d.CI[0].Stated() {
		return true
	}
	q := -stats.Estimate{SE: 1, DF: df}.CI(r.Claim.level()).Lo
	width := meanBounds(d.CI[1], d.CI[0])
	mid := (d.CI[0].Value() + d.CI[1].Value()) / 2
	e := rounding(d.CI[0])
	return width.Hi/2 >= q*se(-1)*0.98 && width.Lo/2 <= q*se(1)*1.02 && mid >= diff.Lo-e && mid <= diff.Hi+e
}

// rounding is half a unit of a printed number's last digit.
func rounding(p integrity.Printed) float64 { return 0.5 * math.Pow(10, -float64(p.Decimals())) }

// pBounds is the range of two-sided p-values for values and standard errors
// within bounds.
func pBounds(value, se integrity.Bounds, df float64) integrity.Bounds {
	near, far := math.Min(math.Abs(value.Lo), math.Abs(value.Hi)), math.Max(math.Abs(value.Lo), math.Abs(value.Hi))
	if value.Lo <= 0 && value.Hi >= 0 {
		near = 0
	}
	at := func(x, s float64) float64 {
		switch {
		case x == 0:
			return 1
		case s <= 0:
			return 0
		}
		return stats.Estimate{Value: x, SE: s, DF: df}.P(0)
	}
	return integrity.Bounds{Lo: at(far, se.Lo), Hi: at(near, se.Hi)}
}

// checkInterval asks whether a value lies in its own interval, and whether
// interval, standard error and p-value tell the same. Degrees of freedom are
// tried as given and as infinite. With middle, the interval is one of value ± t
// standard errors, and a value off its middle is told; otherwise an interval
// that is not symmetric is another method's. Either way only whether it excludes
// no effect is then compared with p.
func (r *Reading) checkInterval(where Place, value, se integrity.Printed, ci [2]integrity.Printed, p integrity.PrintedP, dfs []int, middle bool) {
	args := text.Args{"where": where, "value": digits(value), "se": digits(se), "lower": digits(ci[0]), "upper": digits(ci[1]),
		"printed": digits(bareP(p))}
	level := r.Claim.level()
	if !ci[0].Stated() {
		if !value.Stated() || !se.Stated() || !p.Stated() {
			return
		}
		lo, hi := value.Range()
		slo, shi := se.Range()
		all := integrity.Bounds{Lo: 1, Hi: 0}
		r.Checked++
		for _, df := range withNormal(dfs) {
			b := pBounds(integrity.Bounds{Lo: lo, Hi: hi}, integrity.Bounds{Lo: math.Max(slo, 0), Hi: shi}, df)
			all.Lo, all.Hi = math.Min(all.Lo, b.Lo), math.Max(all.Hi, b.Hi)
		}
		if !all.HoldsP(p) {
			args["low"], args["high"] = all.Lo, all.Hi
			r.found("claim-se-p", args)
		}
		return
	}
	lo, _ := ci[0].Range()
	_, hi := ci[1].Range()
	mid := (ci[0].Value() + ci[1].Value()) / 2
	at := integrity.Bounds{Lo: mid - rounding(ci[0]), Hi: mid + rounding(ci[0])}
	symmetric := true
	if value.Stated() {
		r.Checked++
		at.Lo, at.Hi = value.Range()
		if at.Hi < lo || at.Lo > hi {
			r.found("claim-value-outside", args)
			return
		}
		if symmetric = !offMiddle(value, ci); !symmetric && middle {
			args["middle"] = mid
			r.found("claim-value-off-middle", args)
		}
	}
	if symmetric && middle && se.Stated() {
		r.checkWidth(se, ci, args, dfs)
	}
	if !p.Stated() {
		return
	}
	r.Checked++
	if !symmetric {
		significant, known := p.Significant(r.Claim.alpha())
		a, b := ci[0].Value(), ci[1].Value()
		if known && (significant && a < 0 && b > 0 || !significant && (a > 0 || b < 0)) {
			r.found("claim-ci-p-zero", args)
		}
		return
	}
	all := integrity.Bounds{Lo: 1, Hi: 0}
	width := meanBounds(ci[1], ci[0])
	for _, df := range withNormal(dfs) {
		q := -stats.Estimate{SE: 1, DF: df}.CI(level).Lo
		b := pBounds(at, integrity.Bounds{Lo: math.Max(width.Lo, 0) / 2 / q, Hi: width.Hi / 2 / q}, df)
		all.Lo, all.Hi = math.Min(all.Lo, b.Lo), math.Max(all.Hi, b.Hi)
	}
	if !all.HoldsP(p) {
		if !value.Stated() {
			args["value"] = mid
		}
		args["low"], args["high"] = all.Lo, all.Hi
		r.found("claim-ci-p", args)
	}
}

// checkWidth asks whether an interval is as wide as its standard error makes it,
// with any degrees of freedom from the fewest given.
func (r *Reading) checkWidth(se integrity.Printed, ci [2]integrity.Printed, args text.Args, dfs []int) {
	slo, shi := se.Range()
	width := meanBounds(ci[1], ci[0])
	fewest := math.Inf(1)
	for _, df := range withNormal(dfs) {
		fewest = math.Min(fewest, df)
	}
	quantile := func(df float64) float64 { return -stats.Estimate{SE: 1, DF: df}.CI(r.Claim.level()).Lo }
	r.Checked++
	if width.Hi/2 < quantile(math.Inf(1))*math.Max(slo, 0) || width.Lo/2 > quantile(fewest)*shi {
		args["lowse"], args["highse"] = width.Lo/2/quantile(fewest), width.Hi/2/quantile(math.Inf(1))
		r.found("claim-se-ci", args)
	}
}

func withNormal(dfs []int) []float64 {
	out := []float64{math.Inf(1)}
	for _, df := range dfs {
		if df >= 1 {
			out = append(out, float64(df))
		}
	}
	return out
}

// checkHeadline holds a headline number against what is printed beside it.
func (r *Reading) checkHeadline(where Place, res ResultReading) {
	x := res.Result
	if !x.Change.Stated() || x.Percent {
		return
	}
	a, ok := r.Claim.arm(x.Arm)
	if !ok {
		a = r.Claim.firstActive()
	}
	dfs := []int{a.N - 1}
	if ctl, ok := r.Claim.control(); ok && res.Contrast != study.Within {
		dfs = append(dfs, a.N+ctl.N-2)
	}
	r.checkInterval(where, x.Change, x.SE, x.CI, x.P, dfs, true)
	if res.Contrast == study.Within && x.SD.Stated() {
		r.checkWithin(Group{Arm: a.ID, Mean: x.Change, SD: x.SD, P: x.P}, a.N,
			text.Args{"where": where, "arm": a.ID, "mean": digits(x.Change), "n": a.N})
	}
}

// checkWithin holds an arm's printed p-value for its change against mean and
// spread. Papers seldom name that test, so only the other side of the level is
// told.
func (r *Reading) checkWithin(g Group, n int, args text.Args) {
	if n < 2 || g.Adjusted || !g.Mean.Stated() || !g.P.Stated() {
		return
	}
	spread, scale := g.SD, math.Sqrt(float64(n))
	if !spread.Stated() {
		spread, scale = g.SE, 1
	}
	lo, hi := g.Mean.Range()
	var se integrity.Bounds
	switch {
	case spread.Stated():
		slo, shi := spread.Range()
		se = integrity.Bounds{Lo: math.Max(slo, 0) / scale, Hi: shi / scale}
	case g.CI[0].Stated() && !offMiddle(g.Mean, g.CI):
		q := -stats.Estimate{SE: 1, DF: float64(n - 1)}.CI(r.Claim.level()).Lo
		w := meanBounds(g.CI[1], g.CI[0])
		se = integrity.Bounds{Lo: math.Max(w.Lo, 0) / 2 / q, Hi: w.Hi / 2 / q}
	default:
		return
	}
	r.Checked++
	p := pBounds(integrity.Bounds{Lo: lo, Hi: hi}, se, float64(n-1))
	alpha := r.Claim.alpha()
	if s, known := g.P.Significant(alpha); known && (s && p.Lo > alpha || !s && p.Hi < alpha) {
		args["printed"], args["low"], args["high"] = digits(bareP(g.P)), p.Lo, p.Hi
		r.found("claim-within-p", args)
	}
}
