package claim

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// checkNumbers asks whether the printed numbers can belong together. Every
// check leaves the printed numbers all that rounding leaves open; what is found
// is a mistake somewhere, and no check knows whose or where.
func (r *Reading) checkNumbers() {
	for _, res := range r.Results {
		where := placeOf(res)
		r.checkHeadline(where, res)
		r.checkSizes(where, res)
		r.checkGroups(where, res)
		r.checkDifference(where, res)
		r.checkResponders(where, res)
	}
	r.checkTests()
	r.checkTallies()
}

// Place is a result that a finding or a flag is about: its outcome's ID and
// its visit.
type Place struct{ Outcome, Visit string }

func placeOf(res ResultReading) Place { return Place{res.Outcome.ID, res.Result.Visit} }

func (r *Reading) found(code string, args text.Args) {
	r.Findings = append(r.Findings, study.Note{Code: code, Args: args})
}

// checkGroups checks each group's mean and spread by themselves.
func (r *Reading) checkGroups(where Place, res ResultReading) {
	if res.Result.Measure.counts() || res.Result.Percent {
		return
	}
	o := res.Outcome
	for _, g := range res.Result.Groups {
		n := r.Claim.groupN(g)
		args := func() text.Args {
			return text.Args{"where": where, "arm": g.Arm, "mean": digits(g.Mean), "sd": digits(g.SD), "n": n}
		}
		if g.Mean.Stated() && o.HasRange() {
			lo, hi := o.Min, o.Max
			if res.Result.Measure == MeasureChange {
				lo, hi = o.Min-o.Max, o.Max-o.Min
			}
			r.checkRange(g, o, n, lo, hi, args())
		}
		if g.Mean.Stated() && o.Resolution > 0 && !g.Adjusted && n > 0 {
			r.checkGrain(g, o, n, args())
		}
		r.checkSpreads(g, n, args())
		r.checkMedian(g, o, res.Result.Measure, args())
		if res.Result.Measure == MeasureChange {
			r.checkWithin(g, n, args())
		}
		if !g.Baseline.Stated() {
			continue
		}
		// The arm's numbers before treatment are subject to the same rules.
		b := Group{Arm: g.Arm, N: g.N, Mean: g.Baseline, SD: g.BaselineSD}
		before := func() text.Args {
			a := args()
			a["mean"], a["sd"], a[beforeTreatment] = digits(b.Mean), digits(b.SD), true
			return a
		}
		if o.HasRange() {
			r.checkRange(b, o, n, o.Min, o.Max, before())
		}
		if o.Resolution > 0 && n > 0 {
			r.checkGrain(b, o, n, before())
		}
	}
}

// beforeTreatment marks the arguments of a finding about baseline values.
const beforeTreatment = "before"

// checkMedian asks whether a median lies between its quartiles and on the scale.
func (r *Reading) checkMedian(g Group, o study.Outcome, m Measure, args text.Args) {
	if !g.Median.Stated() {
		return
	}
	args["median"] = digits(g.Median)
	lo, hi := g.Median.Range()
	if g.Quartiles[0].Stated() {
		r.Checked++
		first, _ := g.Quartiles[0].Range()
		_, third := g.Quartiles[1].Range()
		if hi < first || lo > third {
			args["lower"], args["upper"] = digits(g.Quartiles[0]), digits(g.Quartiles[1])
			r.found("claim-median-outside", args)
			return
		}
	}
	if o.HasRange() {
		r.Checked++
		least, most := o.Min, o.Max
		if m == MeasureChange {
			least, most = o.Min-o.Max, o.Max-o.Min
		}
		if hi < least || lo > most {
			args["lower"], args["upper"] = least, most
			r.found("claim-median-outside", args)
		}
	}
}

// checkSizes looks for arms that analyze more participants than they have.
func (r *Reading) checkSizes(where Place, res ResultReading) {
	for _, g := range res.Result.Groups {
		a, ok := r.Claim.arm(g.Arm)
		if !ok || g.N == 0 {
			continue
		}
		r.Checked++
		if g.N > a.N {
			r.found("claim-more-than-arm", text.Args{"where": where, "arm": g.Arm, "n": g.N, "size": a.N})
		}
	}
}

func (r *Reading) checkRange(g Group, o study.Outcome, n int, lo, hi float64, args text.Args) {
	args["low"], args["high"] = lo, hi
	mlo, mhi := g.Mean.Range()
	r.Checked++
	if mhi < lo || mlo > hi {
		r.found("claim-mean-outside", args)
		return
	}
	if !g.SD.Stated() || g.Adjusted || n < 2 || binary(o) { // DEBIT asks more
		return
	}
	sds, err := integrity.SDRange(g.Mean, n, lo, hi, o.Resolution)
	slo, shi := g.SD.Range()
	if err != nil {
		return
	}
	args["largest"], args["smallest"] = sds.Hi, sds.Lo
	switch {
	case slo > sds.Hi*(1+1e-9):
		r.found("claim-sd-too-large", args)
	case shi < sds.Lo*(1-1e-9):
		r.found("claim-sd-too-small", args)
	}
}

// checkGrain applies GRIM and GRIMMER on the instrument's steps.
func (r *Reading) checkGrain(g Group, o study.Outcome, n int, args text.Args) {
	// Means so coarse that every one is possible are not checked at all.
	if float64(n)/o.Resolution >= math.Pow(10, float64(g.Mean.Decimals())) && !g.SD.Stated() {
		return
	}
	args["step"] = o.Resolution
	grim, err := integrity.GRIM(g.Mean, n, o.Resolution)
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
	if binary(o) {
		if c, err := integrity.DEBIT(g.Mean, g.SD, n); err == nil && !c.Possible {
			r.found("claim-debit", args)
		}
		return
	}
	if c, err := integrity.GRIMMER(g.Mean, g.SD, n, o.Resolution); err == nil && !c.Possible {
		r.found("claim-grimmer", args)
	}
}

// binary reports whether an outcome is 0 or 1.
func binary(o study.Outcome) bool { return o.Min == 0 && o.Max == 1 && o.Resolution == 1 }

// checkSpreads compares a group's SD, SE and interval with each other.
func (r *Reading) checkSpreads(g Group, n int, args text.Args) {
	if n < 2 || g.Adjusted {
		return
	}
	root := math.Sqrt(float64(n))
	if g.SD.Stated() && g.SE.Stated() {
		r.Checked++
		lo, hi := g.SD.Range()
		if !(integrity.Bounds{Lo: math.Max(lo, 0) / root, Hi: hi / root}).Holds(g.SE) {
			args["se"], args["should"] = digits(g.SE), g.SD.Value()/root
			r.found("claim-se-not-sd", args)
		}
	}
	spread, scale := g.SD, root
	if !spread.Stated() {
		spread, scale = g.SE, 1
	}
	if !spread.Stated() && g.CI[0].Stated() && g.Mean.Stated() {
		r.Checked++
		if offMiddle(g.Mean, g.CI) {
			args["lower"], args["upper"] = digits(g.CI[0]), digits(g.CI[1])
			args["middle"] = (g.CI[0].Value() + g.CI[1].Value()) / 2
			r.found("claim-mean-off-middle", args)
		}
		return
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
			if (integrity.Bounds{Lo: mlo - q*hi, Hi: mhi - q*lo}).Holds(g.CI[0]) &&
				(integrity.Bounds{Lo: mlo + q*lo, Hi: mhi + q*hi}).Holds(g.CI[1]) {
				return true
			}
		}
		return false
	}
	lo, hi = math.Max(lo, 0)/scale, hi/scale
	if fits(lo, hi) {
		return
	}
	args["lower"], args["upper"] = digits(g.CI[0]), digits(g.CI[1])
	switch {
	case g.SD.Stated() && fits(lo*root, hi*root):
		r.found("claim-ci-sd-is-se", args)
	default:
		args["spread"] = digits(spread)
		r.found("claim-ci-not-spread", args)
	}
}

// checkSDs looks for a standard deviation beside one of another order.
func (r *Reading) checkSDs(where Place, g, h Group) {
	if !g.SD.Stated() || !h.SD.Stated() {
		return
	}
	a := stats.Summary{N: r.Claim.groupN(g), SD: g.SD.Value()}
	b := stats.Summary{N: r.Claim.groupN(h), SD: h.SD.Value()}
	c, err := integrity.CompareSDs(a, b)
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
	r.found("claim-sd-beside", text.Args{"where": where, "arm": small.Arm, "other": large.Arm,
		"sd": digits(small.SD), "othersd": digits(large.SD), "ratio": c.Ratio, "p": c.P(), "asse": c.AsSE})
}

// checkResponders recomputes percentages, p-values and numbers needed to treat.
func (r *Reading) checkResponders(where Place, res ResultReading) {
	if !res.Result.Measure.counts() {
		return
	}
	for _, g := range res.Result.Groups {
		count := table.Count{Events: g.Events, N: r.Claim.groupN(g)}
		if !g.Percent.Stated() {
			continue
		}
		r.Checked++
		if c, err := integrity.CheckPercent(g.Percent, count); err == nil && !c.Possible {
			r.found("claim-percent", text.Args{"where": where, "arm": g.Arm, "printed": digits(g.Percent),
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
	if d.P.Stated() && countTest.MatchString(strings.TrimSpace(d.Test)) {
		r.Checked++
		fits := false
		for _, p := range []float64{x.ChiSq, x.Yates, x.Fisher} {
			fits = fits || !math.IsNaN(p) && integrity.Bounds{Lo: p, Hi: p}.HoldsP(d.P)
		}
		if !fits {
			r.found("claim-responders-p", text.Args{"where": where, "printed": digits(bareP(d.P)), "p": x.ChiSq, "fisher": x.Fisher})
		}
	}
	r.checkNNT(where, d, x)
}

// checkNNT accepts a printed number needed to treat that either interval
// gives, rounded in either direction.
func (r *Reading) checkNNT(where Place, d Difference, x ResponderReading) {
	if !d.NNT.Stated() {
		return
	}
	r.Checked++
	near := func(p integrity.Printed, v float64) bool {
		return math.Abs(math.Abs(p.Value())-math.Abs(v)) <= math.Pow(10, -float64(p.Decimals()))*(1+1e-9)
	}
	value, _ := x.NNT.Point()
	fits := near(d.NNT, value)
	if d.NNTCI[0].Stated() && fits {
		fits = false
		for _, n := range []stats.NNT{x.NNT, x.NNTWald} {
			best, worst := n.Ends()
			fits = fits || near(d.NNTCI[0], best) && near(d.NNTCI[1], worst) ||
				x.Harm && near(d.NNTCI[0], worst) && near(d.NNTCI[1], best) // harms are printed from their smallest number
		}
	}
	if !fits {
		nb, nw := x.NNT.Ends()
		wb, ww := x.NNTWald.Ends()
		r.found("claim-nnt", text.Args{"where": where, "printed": digits(d.NNT), "value": value,
			"newcombelo": nb, "newcombehi": nw, "waldlo": wb, "waldhi": ww})
	}
}

func (r *Reading) checkTests() {
	for _, t := range r.Claim.Tests {
		test, err := integrity.ParseReportedTest(t.Test)
		if err != nil {
			continue // Validate refused it
		}
		r.Checked++
		c := integrity.CheckP(test, t.P)
		args := text.Args{"label": cmp.Or(t.Label, test.String()), "test": digits(test.String()), "printed": digits(bareP(t.P)), "low": c.PRange.Lo, "high": c.PRange.Hi}
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
func (r *Reading) checkTallies() {
	size := func(t Tally) int {
		if t.N > 0 {
			return t.N
		}
		a, _ := r.Claim.arm(t.Arm)
		return a.N
	}
	sum := func(t Tally) int {
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
		args := text.Args{"label": t.Label, "arm": t.Arm, "sum": sum(t), "n": size(t)}
		if swapped >= 0 {
			done[swapped] = true
			args["other"] = r.Claim.Tallies[swapped].Arm
			r.found("claim-swapped", args)
			continue
		}
		r.found("claim-tally", args)
	}
}

// digits is a number as printed, to be written in a language's signs.
func digits[T ~string](p T) text.Printed { return text.Printed(strings.TrimSpace(string(p))) }

// bareP is a printed p-value without the letter before it.
func bareP(p integrity.PrintedP) string {
	return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(string(p)), "pP"))
}
