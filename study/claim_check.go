package study

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/text"
)

// checkNumbers asks whether the printed numbers can belong together. Every
// check leaves the printed numbers all that rounding leaves open; what is found
// is a mistake somewhere, and no check knows whose or where.
func (r *ClaimReading) checkNumbers() {
	for _, res := range r.Results {
		where := whereOf(res)
		r.checkGroups(where, res)
		r.checkDifference(where, res)
		r.checkResponders(where, res)
	}
	r.checkTests()
	r.checkTallies()
}

// whereOf names a result.
func whereOf(res ResultReading) string {
	s := labelOr(res.Outcome.Label, res.Outcome.ID)
	if res.Result.Visit != "" {
		s += ", " + res.Result.Visit
	}
	return s
}

func (r *ClaimReading) found(code string, args text.Args) {
	r.Findings = append(r.Findings, Note{Code: code, Args: args})
}

func (r *ClaimReading) armLabel(id string) string {
	a, _ := r.Claim.arm(id)
	return labelOr(a.Label, a.ID)
}

// checkGroups checks each group's mean and spread by themselves.
func (r *ClaimReading) checkGroups(where string, res ResultReading) {
	if res.Result.Measure == MeasureResponders || res.Result.Percent {
		return
	}
	o := res.Outcome
	for _, g := range res.Result.Groups {
		args := text.Args{"where": where, "arm": r.armLabel(g.Arm), "mean": string(g.Mean), "sd": string(g.SD)}
		n := r.Claim.groupN(g)
		args["n"] = n
		if g.Mean.Stated() && o.HasRange() {
			lo, hi := o.Min, o.Max
			if res.Result.Measure == MeasureChange {
				lo, hi = o.Min-o.Max, o.Max-o.Min
			}
			r.checkRange(g, o, n, lo, hi, args)
		}
		if g.Mean.Stated() && o.Resolution > 0 && !g.Adjusted && n > 0 {
			r.checkGrain(g, o, n, args)
		}
		r.checkSpreads(g, n, args)
	}
}

func (r *ClaimReading) checkRange(g ClaimGroup, o Outcome, n int, lo, hi float64, args text.Args) {
	args["low"], args["high"] = lo, hi
	mlo, mhi := g.Mean.Range()
	r.Checked++
	if mhi < lo || mlo > hi {
		r.found("claim-mean-outside", args)
		return
	}
	if !g.SD.Stated() || g.Adjusted || n < 2 {
		return
	}
	smallest, largest, err := stats.SDRange(g.Mean, n, lo, hi, o.Resolution)
	slo, shi := g.SD.Range()
	if err != nil {
		return
	}
	args["largest"], args["smallest"] = largest, smallest
	switch {
	case slo > largest*(1+1e-9):
		r.found("claim-sd-too-large", args)
	case shi < smallest*(1-1e-9):
		r.found("claim-sd-too-small", args)
	}
}

// checkGrain applies GRIM and GRIMMER on the instrument's steps.
func (r *ClaimReading) checkGrain(g ClaimGroup, o Outcome, n int, args text.Args) {
	// Means so coarse that every one is possible are not checked at all.
	if float64(n)/o.Resolution >= math.Pow(10, float64(g.Mean.Decimals())) && !g.SD.Stated() {
		return
	}
	args["step"] = o.Resolution
	grim, err := stats.GRIM(g.Mean, n, o.Resolution)
	if err != nil {
		return
	}
	r.Checked++
	if !grim.Possible {
		args["below"], args["above"] = grim.Below, grim.Above
		r.found("claim-grim", args)
		return
	}
	if !g.SD.Stated() || n < 2 {
		return
	}
	if ok, err := stats.GRIMMER(g.Mean, g.SD, n, o.Resolution); err == nil && !ok {
		r.found("claim-grimmer", args)
	}
}

// checkSpreads compares a group's SD, SE and interval with each other.
func (r *ClaimReading) checkSpreads(g ClaimGroup, n int, args text.Args) {
	if n < 2 || g.Adjusted {
		return
	}
	root := math.Sqrt(float64(n))
	if g.SD.Stated() && g.SE.Stated() {
		r.Checked++
		lo, hi := g.SD.Range()
		if !(stats.Bounds{Lo: math.Max(lo, 0) / root, Hi: hi / root}).Holds(g.SE) {
			args["se"], args["should"] = string(g.SE), g.SD.Value()/root
			r.found("claim-se-not-sd", args)
		}
	}
	spread, scale := g.SD, root
	if !spread.Stated() {
		spread, scale = g.SE, 1
	}
	if !spread.Stated() || !g.CI[0].Stated() || !g.Mean.Stated() {
		return
	}
	r.Checked++
	lo, hi := spread.Range()
	mlo, mhi := g.Mean.Range()
	fits := func(lo, hi float64) bool {
		for _, df := range []float64{float64(n - 1), math.Inf(1)} { // Student's or normal limits
			q := -stats.Estimate{SE: 1, DF: df}.CI(r.Claim.level()).Lo
			if (stats.Bounds{Lo: mlo - q*hi, Hi: mhi - q*lo}).Holds(g.CI[0]) &&
				(stats.Bounds{Lo: mlo + q*lo, Hi: mhi + q*hi}).Holds(g.CI[1]) {
				return true
			}
		}
		return false
	}
	lo, hi = math.Max(lo, 0)/scale, hi/scale
	if fits(lo, hi) {
		return
	}
	args["lower"], args["upper"] = string(g.CI[0]), string(g.CI[1])
	switch {
	case g.SD.Stated() && fits(lo*root, hi*root):
		r.found("claim-ci-sd-is-se", args)
	default:
		args["spread"] = string(spread)
		r.found("claim-ci-not-spread", args)
	}
}

// printedSummary is the group with an SD, or with an SE turned into one at the
// same relative rounding; ok is false where neither is printed.
func (c Claim) printedSummary(g ClaimGroup, readSDAsSE, readSEAsSD bool) (stats.PrintedSummary, float64, bool) {
	n := c.groupN(g)
	s := stats.PrintedSummary{N: n, Mean: g.Mean, SD: g.SD}
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
func (r *ClaimReading) checkDifference(where string, res ResultReading) {
	d := res.Result.Difference
	ctl, ok := r.Claim.control()
	arm := d.Arm
	if arm == "" {
		arm = r.Claim.firstActive().ID
	}
	g, hasA := res.Result.group(arm)
	h, hasC := res.Result.group(ctl.ID)
	if !ok || !hasA || !hasC || res.Result.Measure == MeasureResponders {
		return
	}
	r.checkSDs(where, g, h)
	if !d.stated() {
		return
	}
	test := strings.ToLower(strings.TrimSpace(d.Test))
	byGroups := slices.Contains([]string{"", "t", "t-test", "student", "welch"}, test)
	args := text.Args{"where": where}
	if d.Value.Stated() && !d.Adjusted && !g.Adjusted && !h.Adjusted && g.Mean.Stated() && h.Mean.Stated() {
		r.Checked++
		alo, ahi := g.Mean.Range()
		blo, bhi := h.Mean.Range()
		diff := stats.Bounds{Lo: alo - bhi, Hi: ahi - blo}
		if !diff.Holds(d.Value) {
			args["printed"], args["value"] = string(d.Value), writtenDiff(g.mean(), h.mean())
			if (stats.Bounds{Lo: -diff.Hi, Hi: -diff.Lo}).Holds(d.Value) {
				r.found("claim-difference-sign", args)
			} else {
				r.found("claim-difference-not-means", args)
			}
		}
	}
	if d.Adjusted || g.Adjusted || h.Adjusted || !byGroups {
		return
	}
	r.checkComparison(args, d, g, h)
}

// checkComparison holds the printed p-value and interval against the groups'
// t-tests, read as printed, and where that fails with SD and SE confused.
func (r *ClaimReading) checkComparison(args text.Args, d ClaimDifference, g, h ClaimGroup) {
	fit := func(sdAsSE, seAsSD bool) (p, ci bool, shown stats.PrintedDifference, ok bool) {
		a, ka, okA := r.Claim.printedSummary(g, sdAsSE, seAsSD)
		b, kb, okB := r.Claim.printedSummary(h, sdAsSE, seAsSD)
		if !okA || !okB {
			return false, false, shown, false
		}
		for _, t := range comparePrinted(a, ka, b, kb, r.Claim.level()) {
			p = p || !d.P.Stated() || t.P.HoldsP(d.P)
			ci = ci || !d.CI[0].Stated() || t.Lower.Holds(d.CI[0]) && t.Upper.Holds(d.CI[1]) ||
				negated(t.Upper).Holds(d.CI[0]) && negated(t.Lower).Holds(d.CI[1])
			shown, ok = t, true
		}
		return p, ci, shown, ok
	}
	pOK, ciOK, shown, ok := fit(false, false)
	if !ok || !d.P.Stated() && !d.CI[0].Stated() {
		return
	}
	r.Checked++
	if pOK && ciOK {
		return
	}
	if p, ci, _, ok := fit(true, true); ok && p && ci {
		if g.SD.Stated() && h.SD.Stated() {
			r.found("claim-sd-is-se", args)
		} else {
			r.found("claim-se-is-sd", args)
		}
		return
	}
	args["named"] = d.Test
	if !pOK {
		args["printed"], args["p"] = bareP(d.P), shown.Estimate.P(0)
		args["low"], args["high"] = shown.P.Lo, shown.P.Hi
		if d.Test == "" {
			r.found("claim-p-not-t", args)
		} else {
			r.found("claim-p-differs", args)
		}
	}
	if !ciOK {
		ci := shown.Estimate.CI(r.Claim.level())
		args["printedlower"], args["printedupper"], args["lower"], args["upper"] = string(d.CI[0]), string(d.CI[1]), ci.Lo, ci.Hi
		r.found("claim-ci-differs", args)
	}
}

func negated(b stats.Bounds) stats.Bounds { return stats.Bounds{Lo: -b.Hi, Hi: -b.Lo} }

// comparePrinted is Student's and Welch's comparison of two printed groups
// whose spreads count ka and kb times. A spread printed as standard error is
// compared on the scale of the means divided by k, which the p-value does not
// notice when both arms have one size; otherwise at the corners by hand.
func comparePrinted(a stats.PrintedSummary, ka float64, b stats.PrintedSummary, kb float64, level float64) []stats.PrintedDifference {
	var out []stats.PrintedDifference
	if ka == 1 && kb == 1 {
		for _, f := range []func(a, b stats.PrintedSummary, level float64) (stats.PrintedDifference, error){stats.WelchPrinted, stats.StudentPrinted} {
			if d, err := f(a, b, level); err == nil {
				out = append(out, d)
			}
		}
		return out
	}
	for _, f := range []func(t, c stats.Summary) (stats.Estimate, error){stats.WelchSummary, stats.StudentSummary} {
		var d stats.PrintedDifference
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
					d.Estimate = e
					d.Difference, d.Lower, d.Upper = stats.Bounds{Lo: diff, Hi: diff}, stats.Bounds{Lo: ci.Lo, Hi: ci.Lo}, stats.Bounds{Lo: ci.Hi, Hi: ci.Hi}
					d.P = stats.Bounds{Lo: e.P(0), Hi: e.P(0)}
					first = false
				}
				for _, x := range []struct {
					b *stats.Bounds
					x float64
				}{{&d.Difference, diff}, {&d.Lower, ci.Lo}, {&d.Upper, ci.Hi}, {&d.P, e.P(0)}} {
					x.b.Lo, x.b.Hi = math.Min(x.b.Lo, x.x), math.Max(x.b.Hi, x.x)
				}
			}
		}
		if d.Difference.Lo <= 0 && d.Difference.Hi >= 0 {
			d.P.Hi = 1
		}
		if !first {
			out = append(out, d)
		}
	}
	return out
}

// checkSDs looks for a standard deviation beside one of another order.
func (r *ClaimReading) checkSDs(where string, g, h ClaimGroup) {
	if !g.SD.Stated() || !h.SD.Stated() {
		return
	}
	a := stats.Summary{N: r.Claim.groupN(g), SD: g.SD.Value()}
	b := stats.Summary{N: r.Claim.groupN(h), SD: h.SD.Value()}
	c, err := stats.CompareSDs(a, b)
	if err != nil {
		return
	}
	r.Checked++
	if !c.Suspect {
		return
	}
	small, large := h, g
	if c.FirstSmaller {
		small, large = g, h
	}
	r.found("claim-sd-beside", text.Args{"where": where, "arm": r.armLabel(small.Arm), "other": r.armLabel(large.Arm),
		"sd": string(small.SD), "othersd": string(large.SD), "ratio": c.Ratio, "p": c.P, "asse": c.AsSE})
}

// checkResponders recomputes percentages, p-values and numbers needed to treat.
func (r *ClaimReading) checkResponders(where string, res ResultReading) {
	if res.Result.Measure != MeasureResponders {
		return
	}
	for _, g := range res.Result.Groups {
		count := stats.Count{Events: g.Events, N: r.Claim.groupN(g)}
		if !g.Percent.Stated() {
			continue
		}
		r.Checked++
		if ok, err := stats.CheckPercent(g.Percent, count); err == nil && !ok {
			r.found("claim-percent", text.Args{"where": where, "arm": r.armLabel(g.Arm), "printed": string(g.Percent),
				"events": count.Events, "n": count.N, "percent": 100 * count.Rate()})
		}
	}
	d := res.Result.Difference
	arm := d.Arm
	if arm == "" {
		arm = r.Claim.firstActive().ID
	}
	i := slices.IndexFunc(res.Responders, func(x ResponderReading) bool { return x.Arm == arm })
	if i < 0 {
		return
	}
	x := res.Responders[i]
	if d.P.Stated() && slices.Contains([]string{"", "chi2", "chi-square", "fisher", "z"}, strings.ToLower(strings.TrimSpace(d.Test))) {
		r.Checked++
		fits := false
		for _, p := range []float64{x.ChiSq, x.Yates, x.Fisher} {
			fits = fits || !math.IsNaN(p) && stats.Bounds{Lo: p, Hi: p}.HoldsP(d.P)
		}
		if !fits {
			r.found("claim-responders-p", text.Args{"where": where, "printed": bareP(d.P), "p": x.ChiSq, "fisher": x.Fisher})
		}
	}
	r.checkNNT(where, d, x)
}

// checkNNT accepts a printed number needed to treat that either interval
// gives, rounded in either direction.
func (r *ClaimReading) checkNNT(where string, d ClaimDifference, x ResponderReading) {
	if !d.NNT.Stated() {
		return
	}
	r.Checked++
	near := func(p stats.Printed, v float64) bool {
		return math.Abs(math.Abs(p.Value())-math.Abs(v)) <= math.Pow(10, -float64(p.Decimals()))*(1+1e-9)
	}
	value, _ := x.NNT.Point()
	fits := near(d.NNT, value)
	if d.NNTCI[0].Stated() && fits {
		fits = false
		for _, n := range []stats.NNT{x.NNT, x.NNTWald} {
			best, worst := n.Ends()
			fits = fits || near(d.NNTCI[0], best) && near(d.NNTCI[1], worst)
		}
	}
	if !fits {
		nb, nw := x.NNT.Ends()
		wb, ww := x.NNTWald.Ends()
		r.found("claim-nnt", text.Args{"where": where, "printed": string(d.NNT), "value": value,
			"newcombelo": nb, "newcombehi": nw, "waldlo": wb, "waldhi": ww})
	}
}

func (r *ClaimReading) checkTests() {
	for _, t := range r.Claim.Tests {
		test, err := stats.ParseReportedTest(t.Test)
		if err != nil {
			continue // Validate refused it
		}
		r.Checked++
		c := stats.CheckP(test, t.P)
		args := text.Args{"label": labelOr(t.Label, test.String()), "test": test.String(), "printed": bareP(t.P), "low": c.P.Lo, "high": c.P.Hi}
		switch {
		case c.Consistent:
		case c.OneSided:
			r.found("claim-test-one-sided", args)
		case c.DecisionChanges:
			r.found("claim-test-decision", args)
		default:
			r.found("claim-test-p", args)
		}
	}
}

// checkTallies compares counts with the sizes of their arms; two arms whose
// counts add up to each other's size are called swapped.
func (r *ClaimReading) checkTallies() {
	size := func(t ClaimTally) int {
		if t.N > 0 {
			return t.N
		}
		a, _ := r.Claim.arm(t.Arm)
		return a.N
	}
	sum := func(t ClaimTally) int {
		s := 0
		for _, k := range t.Parts {
			s += k
		}
		return s
	}
	done := map[int]bool{}
	for i, t := range r.Claim.Tallies {
		r.Checked++
		if sum(t) == size(t) || done[i] {
			continue
		}
		swapped := -1
		for j, u := range r.Claim.Tallies {
			if j != i && u.Label == t.Label && u.Arm != t.Arm && sum(t) == size(u) && sum(u) == size(t) {
				swapped = j
			}
		}
		args := text.Args{"label": t.Label, "arm": r.armLabel(t.Arm), "sum": sum(t), "n": size(t)}
		if swapped >= 0 {
			done[swapped] = true
			args["other"] = r.armLabel(r.Claim.Tallies[swapped].Arm)
			r.found("claim-swapped", args)
			continue
		}
		r.found("claim-tally", args)
	}
}

// bareP is a printed p-value without the letter before it.
func bareP(p stats.PrintedP) string {
	return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(string(p)), "pP"))
}
