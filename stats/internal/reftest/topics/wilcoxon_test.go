package topics_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "wilcox-uniroot", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: 1.01e-4,
			Text: "R finds the ends of the asymptotic Hodges–Lehmann interval by uniroot with tolerance 1e-4 on a step function. Truth: the step, found by testing every cut and gap with ranks computed by counting."},
		reftest.Finding{Code: "wilcox-asymptotic-estimate", Topic: "wilcoxon_ranksum, wilcoxon_signedrank",
			Text: "R's asymptotic estimate is a root of the standardized statistic (any point where it crosses zero, to 1e-4), not the median of the differences or Walsh averages, and leaves zeros out. Truth: the median, by sorting; the statistic must change sign within 2e-4 of the reference."},
		reftest.Finding{Code: "wilcox-range", Topic: "wilcoxon_ranksum, wilcoxon_signedrank",
			Text: "Where no outcome reaches the level, R returns an end of the range of the differences, or an interval at another level, instead of the whole line. Truth: the test accepts every null value beyond all cuts, so the end is infinite; the reference must be that end of the range, or an end at the level R reports."},
		reftest.Finding{Code: "exactRankTests-estimate", Topic: "wilcoxon_ranksum, wilcoxon_signedrank",
			Text: "With ties exactRankTests reports the middle of the values where the statistic equals its expectation, or −Inf, not the median of the differences. Truth: the median, by sorting; the reference must be what that rule gives."},
		reftest.Finding{Code: "exactRankTests-ends", Topic: "wilcoxon_ranksum, wilcoxon_signedrank",
			Text: "With ties exactRankTests inverts one distribution for every null value, not the distribution given the ties at that value, so its interval contradicts its own p-value. Truth: inversion by testing cuts and gaps with a plain two-way recursion; the reference must be the differences at which the statistic passes the quantiles of that one distribution."},
		reftest.Finding{Code: "exactRankTests-tail", Topic: "wilcoxon_ranksum, wilcoxon_signedrank, wilcoxon_ties_floatnoise",
			Text: "exactRankTests compares a sum's mirror about the mean as float64 and loses the outcomes exactly as far on the other side. Truth: a plain two-way recursion over doubled mid-ranks, which agrees with coin; the reference must be the truth with or without those outcomes."},
		reftest.Finding{Code: "wilcox-drops-zeros", Topic: "wilcoxon_signedrank",
			Text: "R removes zero differences once, before it shifts the data, so that its asymptotic interval is that of the other participants. Truth: all differences at every null value; the reference must equal the interval without zeros to 2e-4."},
		reftest.Finding{Code: "wilcox-inner-end", Topic: "wilcoxon_signedrank",
			Text: "With Wilcoxon's zeros the accepted null values can leave gaps; uniroot stops at the end of an inner part. Truth: the hull, by testing every cut and gap; the reference must be a place where acceptance changes."},
		reftest.Finding{Code: "wilcox-all-tied", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", None: true,
			Text: "With all values tied the peer divides zero by zero. Truth: every arrangement has the same rank sum, so p = 1 and Z = 0."},
	)
	reftest.Exceptions(reftest.Finding{Code: "wilcox-mu-noise", Topic: "wilcoxon_ranksum, wilcoxon_signedrank",
		Text: "R subtracts mu from the data, and the rounding breaks ties of decimals. Truth: ranks by counting with ties to 1e-9; the reference must be our test of the subtracted data at 1e-9."})
	reftest.Register("wilcoxon_ranksum", refRankSum)
	reftest.Register("wilcoxon_signedrank", refSignedRank)
	reftest.Register("wilcoxon_dist", refWilcoxonDist)
	reftest.Register("wilcoxon_ties_floatnoise", func(c *reftest.Case) error {
		x, y := c.Floats("x"), c.Floats("y")
		s, err := rank.MannWhitney(x, y)
		if err != nil {
			return err
		}
		c.Want("coin", s.P(0))
		wantPeerTail(c, "exactRankTests", s.P(0), x, y)
		c.Skip("n_distinct")
		return nil
	})
}

// tailOf picks the p-value of an alternative.
func tailOf(e stats.Effect, alternative string, null float64) float64 {
	switch alternative {
	case "less":
		return e.PLess(null)
	case "greater":
		return e.PGreater(null)
	default:
		return e.P(null)
	}
}

// wantPeerTail compares a p-value with the truth, and exactRankTests' with its
// own rule.
func wantPeerTail(c *reftest.Case, path string, got float64, x, y []float64) {
	with, without := peerTail(x, y)
	c.WantTruthBy(path, got, plainRankSum(x, y, 0, true).two, "exactRankTests-tail", func(ref float64) bool {
		return reftest.Close(ref, with, reftest.Tol, 0) || reftest.Close(ref, without, reftest.Tol, 0)
	})
}

// peerEnd says whether a reference is what its program computes for the lower
// (0) or upper (1) end of an interval.
type peerEnd func(end int, ref float64) bool

// wantEnds compares an interval with the peer's; truth is computed only where
// the two differ, and then decides. Without a peer's rule the finding's bound
// holds.
func wantEnds(c *reftest.Case, ci stats.Interval, finding string, truth func() (lo, hi float64), peer peerEnd) {
	got := []float64{ci.Lo, ci.Hi}
	same := true
	for i, g := range got {
		ref, ok := c.Ref(fmt.Sprint("conf.int.", i))
		same = same && ok && reftest.Close(g, ref, reftest.Tol, 1e-300)
	}
	if same {
		c.WantVec("conf.int", got)
		return
	}
	lo, hi := truth()
	for i, tr := range []float64{lo, hi} {
		f := finding
		if math.IsInf(tr, 0) {
			f = "wilcox-range"
		}
		path := fmt.Sprint("conf.int.", i)
		if ref, _ := c.Ref(path); reftest.Close(ref, tr, reftest.Tol, 0) {
			c.Want(path, got[i])
		} else if peer != nil {
			c.WantTruthBy(path, got[i], tr, f, func(ref float64) bool { return peer(i, ref) })
		} else {
			c.WantTruth(path, got[i], tr, f)
		}
	}
}

// wantPoint compares an estimate, wherever R's name for it puts it.
func wantPoint(c *reftest.Case, point float64, finding string, cuts []float64, peer func(ref float64) bool) {
	sort.Float64s(cuts)
	n := len(cuts)
	median := (cuts[n/2] + cuts[(n-1)/2]) / 2
	for _, path := range c.Paths() {
		if !strings.HasPrefix(path, "estimate") {
			continue
		}
		if finding == "" {
			c.Want(path, point, reftest.Tol, 1e-12) // a median of rounded differences near zero
		} else {
			c.WantTruthBy(path, point, median, finding, peer)
		}
	}
}

// mendedByTies handles a null value whose subtraction broke ties in R: where R's p is
// that of the subtracted data, ours must be that of the slow test.
func mendedByTies(c *reftest.Case, got, subtracted float64, truth func() plain, asymptotic, cc bool) bool {
	ref, _ := c.Ref("p.value")
	if nullOf(c, "mu", 0) == 0 || reftest.Close(got, ref, reftest.Tol, 0) || !reftest.Close(subtracted, ref, reftest.Tol, 0) {
		return false
	}
	p := truth().tail(c.Str("alternative"))
	if asymptotic {
		p = truth().normalTail(c.Str("alternative"), cc)
	}
	c.WantTruthBy("p.value", got, p, "wilcox-mu-noise", reftest.Is(subtracted))
	return true
}

func wantP(c *reftest.Case, path string, got float64, allTied bool) {
	if ref, _ := c.Ref(path); math.IsNaN(ref) && allTied {
		c.WantTruth(path, got, 1, "wilcox-all-tied")
		return
	}
	c.Want(path, got)
}

// unitFor is the power of two that brings small values to 1 and beyond: the
// slow tests tell ties from subtraction noise at 1e-9.
func unitFor(xs ...[]float64) float64 {
	if m := largest(xs...); m > 0 && m < 1 {
		return math.Ldexp(1, 1-math.Ilogb(m))
	}
	return 1
}

// lessNull is x − null as R subtracts it.
func lessNull(x []float64, null float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] -= null
	}
	return out
}

// rankEnds is the interval of the alternative from a test's own two-sided one.
func rankEnds(c *reftest.Case, e stats.Effect) stats.Interval {
	return sided(e.CI, c.Str("alternative"), levelOf(c), math.Inf(-1), math.Inf(1))
}

// bothLevel is the level at which the two-sided interval has the case's ends.
func bothLevel(c *reftest.Case, level float64) float64 {
	if alt := c.Str("alternative"); alt == "less" || alt == "greater" {
		return wider(level)
	}
	return level
}

// oneEnd replaces the end that an alternative does not have.
func oneEnd(c *reftest.Case, lo, hi float64) (float64, float64) {
	switch c.Str("alternative") {
	case "less":
		return math.Inf(-1), hi
	case "greater":
		return lo, math.Inf(1)
	}
	return lo, hi
}

// reached is the level of the most extreme outcome.
func reached(c *reftest.Case, e stats.Effect) float64 {
	switch c.Str("alternative") {
	case "less":
		return 1 - e.PLess(math.Inf(1))
	case "greater":
		return 1 - e.PGreater(math.Inf(-1))
	}
	return 1 - e.P(math.Inf(1))
}

// corrected reports whether the case asks for the correction for continuity, in
// its input or by the name of the method that R used.
func corrected(c *reftest.Case) bool {
	if c.Has("correct") {
		return c.Num("correct") == 1
	}
	return strings.Contains(c.RefString("method"), "continuity")
}

func refRankSum(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	null := nullOf(c, "mu", 0)
	if hasMissing(c, "x", "y") && (noNumber(c, "") && c.HasPath("") || c.HasPath("index")) {
		_, err := rank.MannWhitney(c.Floats("x"), c.Floats("y")) // R's outer keeps them
		c.Refused(err, "")
		return nil
	}
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	alt := c.Str("alternative")
	var o rank.Options
	asymptotic := strings.Contains(kind, "asymptotic") || strings.Contains(c.RefString("method"), "continuity")
	if asymptotic {
		o.Method = rank.Asymptotic
		o.NoContinuity = !corrected(c)
	}
	s, err := rank.MannWhitneyWith(x, y, o)
	if err != nil {
		return err
	}
	if c.ExpectsError() {
		c.Refused(nil, "constant samples are no error; MannWhitney's comment says so")
		return nil
	}
	tied := s.Z() == 0 && slices.Min(x) == slices.Max(y) && slices.Max(x) == slices.Min(y)
	level := levelOf(c)
	var cuts []float64
	for _, a := range x {
		for _, b := range y {
			cuts = append(cuts, a-b)
		}
	}
	cc := !o.NoContinuity
	truth := func() (lo, hi float64) {
		u := unitFor(x, y)
		xs, ys := statstest.Scaled(x, u), statstest.Scaled(y, u)
		lo, hi = plainEnds(statstest.Scaled(cuts, u), func(null float64) float64 {
			p := plainRankSum(xs, ys, null, !asymptotic)
			switch {
			case !asymptotic:
				return p.two
			case cc:
				return p.normalCC
			default:
				return p.normal
			}
		}, bothLevel(c, level))
		return oneEnd(c, lo/u, hi/u)
	}
	switch {
	case kind == "hodges_lehmann":
		c.Want("", s.Point(), reftest.Tol, 1e-12) // a difference near zero of larger values
		return nil
	case strings.HasPrefix(kind, "HL_ci_moses_order_stat"):
		ci, k := s.Moses(level)
		c.Want("index", float64(k))
		c.Want("lower", ci.Lo, reftest.Tol, 1e-12)
		c.Want("upper", ci.Hi, reftest.Tol, 1e-12)
		return nil
	case strings.HasPrefix(kind, "coin"):
		wantP(c, "p.value", tailOf(s, alt, 0), tied)
		if ref, _ := c.Ref("statistic"); math.IsNaN(ref) && tied {
			c.WantTruth("statistic", s.Z(), 0, "wilcox-all-tied")
		} else {
			c.Want("statistic", s.Z())
		}
		return nil
	}
	shifted, err := rank.MannWhitneyWith(lessNull(x, null), y, o)
	if err != nil {
		return err
	}
	c.Want("statistic.W", shifted.U())
	c.Skip("null.value.", "conf.level")
	p := tailOf(s, alt, null)
	ref, _ := c.Ref("p.value")
	if mendedByTies(c, p, tailOf(shifted, alt, 0), func() plain { return plainRankSum(x, y, null, !asymptotic) }, asymptotic, cc) {
		return nil
	}
	if strings.Contains(kind, "exactRankTests") && !reftest.Close(p, ref, reftest.Tol, 0) {
		wantPeerTail(c, "p.value", p, lessNull(x, null), y)
	} else {
		wantP(c, "p.value", p, tied)
	}
	if !c.HasPath("conf.int.0") {
		return nil
	}
	if lv, ok := c.Ref("conf.level"); ok && lv != level {
		// The level R could reach: that of the most extreme outcome.
		c.Want("conf.level", reached(c, s))
	}
	finding, point := "", ""
	switch {
	case asymptotic:
		finding, point = "wilcox-uniroot", "wilcox-asymptotic-estimate"
	case strings.Contains(kind, "exactRankTests"):
		finding = "exactRankTests-ends"
		if tiedPool(x, y) {
			point = "exactRankTests-estimate"
		}
		if e, _ := c.Ref("estimate.difference in location"); !reftest.Close(e, s.Point(), reftest.Tol, 1e-12) {
			point = "exactRankTests-estimate"
		}
	}
	var peer peerEnd
	crosses := func(ref float64) bool {
		at := func(null float64) (sum int) {
			for _, a := range x {
				for _, b := range y {
					sum += cmp.Compare(a-null, b)
				}
			}
			return sum
		}
		return at(ref-uniroot) >= 0 && at(ref+uniroot) <= 0 || math.IsNaN(ref) && len(slices.Compact(slices.Sorted(slices.Values(cuts)))) == 1
	}
	switch {
	case point == "exactRankTests-estimate" || finding == "exactRankTests-ends":
		lo, hi, estimate := peerRankSum(x, y, null, alt, level)
		peer = func(end int, ref float64) bool { return reftest.Is([]float64{lo, hi}[end])(ref) }
		crosses = reftest.Is(estimate)
	default:
		peer = rangeOr(cuts, rankEnds(c, s), truth)
	}
	wantEnds(c, rankEnds(c, s), finding, truth, peer)
	wantPoint(c, s.Point(), point, cuts, crosses)
	return nil
}

// uniroot is the distance within which R's search for an end or an estimate
// stops.
const uniroot = 1.01e-4

// rangeOr is R's own end: that of the test, found by uniroot, or where there is
// none that of the range of the cuts.
func rangeOr(cuts []float64, ci stats.Interval, truth func() (lo, hi float64)) peerEnd {
	return func(end int, ref float64) bool {
		lo, hi := truth()
		want := []float64{lo, hi}[end]
		if math.IsInf(want, 0) {
			want = []float64{slices.Min(cuts), slices.Max(cuts)}[end]
		}
		return math.Abs(ref-want) <= uniroot
	}
}

func tiedPool(x, y []float64) bool {
	v := append(slices.Clone(x), y...)
	sort.Float64s(v)
	return len(slices.Compact(v)) < len(x)+len(y)
}

func refSignedRank(c *reftest.Case) error {
	x, y := completePairs(c.Floats("x"), c.Floats("y"))
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	alt, null := c.Str("alternative"), nullOf(c, "mu", 0)
	o := rank.SignedRankOptions{Zeros: rank.ZerosWilcoxon}
	// R's exact interval runs between order statistics of the Walsh averages and
	// drops nothing at a null value that equals a difference: Pratt's zeros.
	pratt := strings.Contains(kind, "pratt") ||
		strings.HasPrefix(kind, "HL_ci_exact_") && !strings.Contains(c.RefString("method"), "continuity")
	if pratt {
		o.Zeros = rank.ZerosPratt
	}
	asymptotic := strings.Contains(kind, "asymptotic") || strings.Contains(c.RefString("method"), "continuity")
	if asymptotic {
		o.Method = rank.Asymptotic
		o.NoContinuity = pratt || !corrected(c)
	}
	s, err := rank.SignedRankWith(d, o)
	if err != nil {
		return err
	}
	if c.ExpectsError() {
		c.Refused(nil, "zero and constant differences are no error; SignedRank's comment says so")
		return nil
	}
	zero := slices.Min(d) == 0 && slices.Max(d) == 0
	level := levelOf(c)
	cuts := walsh(d)
	switch {
	case kind == "HL_walsh_median":
		c.Want("", s.Point(), reftest.Tol, 1e-12)
		return nil
	case strings.HasPrefix(kind, "coin"):
		wantP(c, "p.value", tailOf(s, alt, 0), zero)
		if ref, _ := c.Ref("statistic"); math.IsNaN(ref) && zero {
			c.WantTruth("statistic", s.Z(), 0, "wilcox-all-tied")
		} else {
			c.Want("statistic", s.Z())
		}
		return nil
	}
	at, err := rank.SignedRankWith(lessNull(d, null), o)
	if err != nil {
		return err
	}
	c.Want("statistic.V", at.V())
	c.Skip("null.value.", "conf.level")
	p := tailOf(s, alt, null)
	ref, _ := c.Ref("p.value")
	if mendedByTies(c, p, tailOf(at, alt, 0), func() plain { return plainSigned(d, null, pratt) }, asymptotic, !o.NoContinuity) {
		return nil
	}
	if strings.Contains(kind, "exactRankTests") && !reftest.Close(p, ref, reftest.Tol, 0) {
		c.WantTruth("p.value", p, plainSigned(d, null, false).tail(alt), "exactRankTests-tail")
	} else {
		wantP(c, "p.value", p, zero)
	}
	if !c.HasPath("conf.int.0") {
		return nil
	}
	lv, hasLevel := c.Ref("conf.level")
	finding, point := "", ""
	switch {
	case asymptotic:
		finding, point = "wilcox-uniroot", "wilcox-asymptotic-estimate"
		if hasLevel && lv > 0 && lv < 1 {
			level = lv // R lowers the level where its approximation cannot reach it
		} else if lv == 0 {
			finding = "wilcox-range"
		}
	case strings.Contains(kind, "exactRankTests"):
		finding = "exactRankTests-ends"
		if e, _ := c.Ref("estimate.(pseudo)median"); !reftest.Close(e, s.Point(), reftest.Tol, 1e-12) {
			point = "exactRankTests-estimate"
		}
	case hasLevel && lv != level:
		// R rounds the rejection probability it could reach to two digits.
		c.Want("conf.level", reached(c, s), 0.01)
	}
	cc := !o.NoContinuity
	test := func(d []float64, null float64) float64 {
		p := plainSigned(d, null, pratt)
		switch {
		case !asymptotic:
			return p.two
		case cc:
			return p.normalCC
		default:
			return p.normal
		}
	}
	ends := func(d []float64) (lo, hi float64) {
		u := unitFor(d)
		ds := statstest.Scaled(d, u)
		lo, hi = plainEnds(walsh(ds), func(null float64) float64 { return test(ds, null) }, bothLevel(c, level))
		return oneEnd(c, lo/u, hi/u)
	}
	// R drops zeros before it does anything else, and may have lowered the level.
	others := slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 })
	slices.Sort(others)
	interval := sided(s.CI, alt, level, math.Inf(-1), math.Inf(1))
	var peer peerEnd
	if finding == "wilcox-uniroot" {
		// Another end of the accepted set than the outermost one?
		changes := func(ref float64) bool {
			return test(d, ref-uniroot) < 1-level != (test(d, ref+uniroot) < 1-level)
		}
		lo, hi := ends(d)
		for i, w := range []float64{lo, hi} {
			ref, _ := c.Ref(fmt.Sprint("conf.int.", i))
			if math.Abs(ref-w) > uniroot && changes(ref) {
				finding = "wilcox-inner-end"
				peer = func(_ int, ref float64) bool { return changes(ref) }
			}
		}
	}
	if finding == "wilcox-uniroot" && slices.Contains(d, 0) {
		finding, point = "wilcox-drops-zeros", "wilcox-drops-zeros"
		peer = rangeOr(walsh(others), interval, func() (lo, hi float64) { return ends(others) })
	}
	if lv == 0 && hasLevel {
		// R lowered the level to nothing.
		peer = func(_ int, ref float64) bool {
			return math.IsNaN(ref) || ref == (others[(len(others)-1)/2]+others[len(others)/2])/2
		}
	}
	if peer == nil {
		peer = rangeOr(walsh(others), interval, func() (lo, hi float64) { return ends(d) })
	}
	crosses := func(ref float64) bool {
		at := func(null float64) float64 {
			p := plainSigned(others, null, pratt)
			return p.off
		}
		return math.IsNaN(ref) && len(slices.Compact(slices.Clone(others))) < 2 || at(ref-uniroot) >= 0 && at(ref+uniroot) <= 0
	}
	if strings.Contains(kind, "exactRankTests") {
		lo, hi, estimate := peerSignedRank(d, null, alt, level)
		peer = func(end int, ref float64) bool { return reftest.Is([]float64{lo, hi}[end])(ref) }
		crosses = reftest.Is(estimate)
	}
	wantEnds(c, interval, finding, func() (lo, hi float64) { return ends(d) }, peer)
	wantPoint(c, s.Point(), point, cuts, crosses)
	return nil
}

func walsh(d []float64) []float64 {
	var w []float64
	for i, a := range d {
		for _, b := range d[i:] {
			w = append(w, (a+b)/2)
		}
	}
	return w
}

func refWilcoxonDist(c *reftest.Case) error {
	q := c.Floats("q")
	got := make([]float64, len(q))
	ranks := make([]int, 0, 100)
	if strings.HasPrefix(c.ID, "psignrank") {
		for i := range c.Int("n") {
			ranks = append(ranks, i+1)
		}
		d, err := num.NewSignSum(context.Background(), ranks)
		if err != nil {
			return err
		}
		for i, v := range q {
			got[i] = d.LE(int(math.Floor(v))) / d.Total
		}
	} else {
		m := c.Int("m")
		for i := range m + c.Int("n") {
			ranks = append(ranks, i+1)
		}
		d, err := num.NewSubsetSum(context.Background(), ranks, m)
		if err != nil {
			return err
		}
		for i, v := range q {
			got[i] = d.LE(int(math.Floor(v))+m*(m+1)/2) / d.Total
		}
	}
	c.WantVec("", got)
	return nil
}
