package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study/text"
)

// printedSummary is the group with an SD, or with an SE turned into one at the
// same relative rounding; ok is false where neither is printed.
func (c Claim) printedSummary(g Group, readSDAsSE, readSEAsSD bool) (integrity.PrintedSummary, float64, bool) {
	n := c.groupN(g)
	s := integrity.PrintedSummary{N: n, Mean: g.Mean, SD: g.SD}
	scale := 1.0
	switch {
	case !g.Mean.Stated() || n < 2:
		return s, 0, false
	case g.SD.Stated():
		if readSDAsSE {
			scale = math.Sqrt(float64(n))
		}
	case g.SE.Stated():
		s.SD = g.SE
		if !readSEAsSD {
			scale = math.Sqrt(float64(n))
		}
	default:
		return s, 0, false
	}
	return s, scale, true
}

// checkDifference recomputes the printed comparison from the groups.
func (r *Reading) checkDifference(where Place, res ResultReading) {
	d := res.Result.Difference
	ctl, ok := r.Claim.control()
	arm := d.Arm
	if arm == "" {
		arm = r.Claim.firstActive().ID
	}
	g, hasA := res.Result.group(arm)
	h, hasC := res.Result.group(ctl.ID)
	if res.Result.Measure.counts() || res.Result.Percent {
		return
	}
	if !ok || !hasA || !hasC {
		if a, has := r.Claim.arm(arm); ok && has {
			r.checkPrinted(where, d, []int{a.N + ctl.N - 2})
		}
		return
	}
	r.checkSDs(where, g, h)
	if !d.stated() {
		return
	}
	byGroups := d.byGroups()
	args := text.Args{"where": where}
	plain := byGroups && !d.adjusted() && !g.Adjusted && !h.Adjusted
	if !plain {
		r.checkSign(where, d, g, h)
	}
	// Beside scores at two visits a comparison may be of the changes.
	ofChanges := res.Result.Measure == MeasureScore && g.Baseline.Stated() && h.Baseline.Stated()
	mistaken := false
	if d.Value.Stated() && plain && g.Mean.Stated() && h.Mean.Stated() {
		r.Checked++
		diff := meanBounds(g.Mean, h.Mean)
		fits := diff.Holds(d.Value)
		switch {
		case fits && !ofChanges:
		case ofChanges && changeBounds(g, h).Holds(d.Value):
			if !fits { // of the changes, whose spread is not printed
				r.checkPrinted(where, d, r.dfOf(g, h))
				return
			}
		case fits:
			ofChanges = false
		default:
			mistaken = true
			args["printed"], args["value"] = digits(d.Value), writtenDiff(g.mean(), h.mean())
			if negated(diff).Holds(d.Value) {
				r.found("claim-difference-sign", args)
			} else {
				r.found("claim-difference-not-means", args)
			}
		}
	}
	if !plain || ofChanges && r.changesAllow(d, g, h) {
		r.checkPrinted(where, d, r.dfOf(g, h))
		return
	}
	if !r.checkComparison(args, d, g, h) && !mistaken {
		r.checkPrinted(where, d, r.dfOf(g, h))
	}
}

// checkComparison holds the printed p-value and interval against the groups'
// t-tests, read as printed, and where that fails with SD and SE confused. It
// reports whether anything was found.
func (r *Reading) checkComparison(args text.Args, d Difference, g, h Group) bool {
	fit := func(sdAsSE, seAsSD bool) (p, ci bool, shown comparison, ok bool) {
		a, ka, okA := r.Claim.printedSummary(g, sdAsSE, seAsSD)
		b, kb, okB := r.Claim.printedSummary(h, sdAsSE, seAsSD)
		if !okA || !okB {
			return false, false, shown, false
		}
		for _, t := range comparePrinted(a, ka, b, kb, r.Claim.level(), d.normal()) {
			p = p || !d.P.Stated() || t.p.HoldsP(d.P)
			ci = ci || !d.CI[0].Stated() || t.lower.Holds(d.CI[0]) && t.upper.Holds(d.CI[1]) ||
				negated(t.upper).Holds(d.CI[0]) && negated(t.lower).Holds(d.CI[1])
			if !ok || !math.IsInf(t.estimate.DF, 1) {
				shown = t
			}
			ok = true
		}
		return p, ci, shown, ok
	}
	pOK, ciOK, shown, ok := fit(false, false)
	if !ok || !d.P.Stated() && !d.CI[0].Stated() {
		return false
	}
	r.Checked++
	if pOK && ciOK {
		return false
	}
	if p, ci, _, ok := fit(true, true); ok && p && ci {
		if g.SD.Stated() && h.SD.Stated() {
			r.found("claim-sd-is-se", args)
		} else {
			r.found("claim-se-is-sd", args)
		}
		return true
	}
	args["named"] = d.Test
	if !pOK {
		args["printed"], args["p"] = digits(bareP(d.P)), shown.estimate.P(0)
		args["low"], args["high"] = shown.p.Lo, shown.p.Hi
		if d.Test == "" {
			r.found("claim-p-not-t", args)
		} else {
			r.found("claim-p-differs", args)
		}
	}
	if !ciOK {
		ci := shown.estimate.CI(r.Claim.level())
		args["printedlower"], args["printedupper"], args["lower"], args["upper"] = digits(d.CI[0]), digits(d.CI[1]), ci.Lo, ci.Hi
		r.found("claim-ci-differs", args)
	}
	return true
}

// checkSign tells an adjusted comparison on the other side of no effect than the
// arms' own numbers, of the scores and of the changes where both are printed.
// Adjustment can do that; a difference taken the other way round does it always.
func (r *Reading) checkSign(where Place, d Difference, g, h Group) {
	if !d.Value.Stated() || !g.Mean.Stated() || !h.Mean.Stated() {
		return
	}
	r.Checked++
	lo, hi := d.Value.Range()
	opposite := func(b integrity.Bounds) bool { return lo > 0 && b.Hi < 0 || hi < 0 && b.Lo > 0 }
	if !opposite(meanBounds(g.Mean, h.Mean)) {
		return
	}
	if g.Baseline.Stated() && h.Baseline.Stated() && !opposite(changeBounds(g, h)) {
		return
	}
	r.found("claim-adjusted-sign", text.Args{"where": where, "printed": digits(d.Value), "value": writtenDiff(g.mean(), h.mean())})
}

func negated(b integrity.Bounds) integrity.Bounds { return integrity.Bounds{Lo: -b.Hi, Hi: -b.Lo} }

// comparison is a difference of two printed groups with the ranges that rounding
// leaves to it, to the ends of its interval and to its p-value.
type comparison struct {
	estimate                    stats.Estimate
	difference, lower, upper, p integrity.Bounds
}

// comparePrinted is Student's and Welch's comparison of two printed groups
// whose spreads count ka and kb times, and with normal the comparison by normal
// quantiles that reviews and large trials print. A spread printed as standard error is
// compared on the scale of the means divided by k, which the p-value does not
// notice when both arms have one size; otherwise at the corners by hand.
func comparePrinted(a integrity.PrintedSummary, ka float64, b integrity.PrintedSummary, kb float64, level float64, normal bool) []comparison {
	var out []comparison
	if ka == 1 && kb == 1 {
		for _, f := range []func(a, b integrity.PrintedSummary) (integrity.PrintedDifference, error){integrity.WelchPrinted, integrity.StudentPrinted} {
			if d, err := f(a, b); err == nil {
				lower, upper := d.CIRange(level)
				out = append(out, comparison{d.Estimate, d.Difference, lower, upper, d.PRange(0)})
			}
		}
	}
	type method = func(t, c stats.Summary) (stats.Estimate, error)
	var methods []method
	if ka != 1 || kb != 1 {
		methods = []method{stats.WelchSummary, stats.StudentSummary}
	}
	if normal {
		methods = append(methods, func(t, c stats.Summary) (stats.Estimate, error) {
			e, err := stats.WelchSummary(t, c)
			e.DF = math.Inf(1)
			return e, err
		})
	}
	for _, f := range methods {
		var d comparison
		first := true
		am, aM := a.Mean.Range()
		bm, bM := b.Mean.Range()
		as, aS := a.SD.Range()
		bs, bS := b.SD.Range()
		for _, diff := range []float64{a.Mean.Value() - b.Mean.Value(), am - bM, aM - bm} {
			for _, sd := range [][2]float64{{a.SD.Value(), b.SD.Value()}, {as, bs}, {as, bS}, {aS, bs}, {aS, bS}} {
				e, err := f(stats.Summary{N: a.N, Mean: diff, SD: math.Max(sd[0], 0) * ka}, stats.Summary{N: b.N, SD: math.Max(sd[1], 0) * kb})
				if err != nil {
					continue
				}
				ci := e.CI(level)
				if first {
					d.estimate = e
					d.difference, d.lower, d.upper = integrity.Bounds{Lo: diff, Hi: diff}, integrity.Bounds{Lo: ci.Lo, Hi: ci.Lo}, integrity.Bounds{Lo: ci.Hi, Hi: ci.Hi}
					d.p = integrity.Bounds{Lo: e.P(0), Hi: e.P(0)}
					first = false
				}
				for _, x := range []struct {
					b *integrity.Bounds
					x float64
				}{{&d.difference, diff}, {&d.lower, ci.Lo}, {&d.upper, ci.Hi}, {&d.p, e.P(0)}} {
					x.b.Lo, x.b.Hi = math.Min(x.b.Lo, x.x), math.Max(x.b.Hi, x.x)
				}
			}
		}
		if d.difference.Lo <= 0 && d.difference.Hi >= 0 {
			d.p.Hi = 1
		}
		if !first {
			out = append(out, d)
		}
	}
	return out
}
