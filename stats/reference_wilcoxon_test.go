package stats_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "wilcox-uniroot", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: 2e-4,
			Text: "R finds the ends of the asymptotic Hodges–Lehmann interval by uniroot with tolerance 1e-4 on a step function. Truth: the step, found by testing every cut and gap with ranks computed by counting."},
		reftest.Finding{Code: "wilcox-asymptotic-estimate", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: 1,
			Text: "R's asymptotic estimate is a root of the standardized statistic (any point where it crosses zero, to 1e-4), not the median of the differences or Walsh averages, and leaves zeros out. Truth: the median, by sorting."},
		reftest.Finding{Code: "wilcox-range", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: math.Inf(1),
			Text: "Where no outcome reaches the level, R returns the range of the differences, or an interval at another level, instead of the whole line. Truth: the test accepts every null value beyond all cuts, so the end is infinite."},
		reftest.Finding{Code: "exactRankTests-estimate", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: math.Inf(1),
			Text: "With ties exactRankTests reports the middle of the values where the statistic equals its expectation, or −Inf, not the median of the differences. Truth: the median, by sorting."},
		reftest.Finding{Code: "exactRankTests-ends", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: math.Inf(1),
			Text: "With ties exactRankTests inverts one distribution for every null value, not the distribution given the ties at that value, so its interval contradicts its own p-value. Truth: inversion by testing cuts and gaps with a plain two-way recursion."},
		reftest.Finding{Code: "exactRankTests-tail", Topic: "wilcoxon_ranksum, wilcoxon_signedrank, wilcoxon_ties_floatnoise", Bound: 0.02,
			Text: "exactRankTests drops part of the mirrored tail where the distribution is not symmetric. Truth: a plain two-way recursion over doubled mid-ranks, which agrees with coin."},
		reftest.Finding{Code: "wilcox-drops-zeros", Topic: "wilcoxon_signedrank", Bound: math.Inf(1),
			Text: "R removes zero differences once, before it shifts the data, so that its asymptotic interval is that of the other participants. Truth: all differences at every null value; the reference must equal the interval without zeros to 2e-4."},
		reftest.Finding{Code: "wilcox-inner-end", Topic: "wilcoxon_signedrank", Bound: math.Inf(1),
			Text: "With Wilcoxon's zeros the accepted null values can leave gaps; uniroot stops at the end of an inner part. Truth: the hull, by testing every cut and gap; the reference must be a place where acceptance changes."},
		reftest.Finding{Code: "wilcox-all-tied", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: 1,
			Text: "With all values tied the peer divides zero by zero. Truth: every arrangement has the same rank sum, so p = 1 and Z = 0."},
	)
	reftest.Exceptions(reftest.Finding{Code: "wilcox-mu-noise", Topic: "wilcoxon_ranksum, wilcoxon_signedrank", Bound: 1,
		Text: "R subtracts mu from the data, and the rounding breaks ties of decimals. Truth: ranks by counting with ties to 1e-9; the reference must be our test of the subtracted data at 1e-9."})
	reftest.Register("wilcoxon_ranksum", refRankSum)
	reftest.Register("wilcoxon_signedrank", refSignedRank)
	reftest.Register("wilcoxon_dist", refWilcoxonDist)
	reftest.Register("wilcoxon_ties_floatnoise", func(c *reftest.Case) error {
		x, y := c.Floats("x"), c.Floats("y")
		s, err := stats.MannWhitney(x, y)
		if err != nil {
			return err
		}
		c.Want("coin", s.P(0))
		c.WantTruth("exactRankTests", s.P(0), plainRankSum(x, y, 0, true).two, "exactRankTests-tail")
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

// wantEnds compares an interval with the peer's; truth is computed only where
// the two differ, and then decides.
func wantEnds(c *reftest.Case, ci stats.Interval, finding string, truth func() (lo, hi float64)) {
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
		c.WantTruth(fmt.Sprint("conf.int.", i), got[i], tr, f)
	}
}

// wantPoint compares an estimate, wherever R's name for it puts it.
func wantPoint(c *reftest.Case, point float64, finding string, cuts []float64) {
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
			c.WantTruth(path, point, median, finding)
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
	c.WantTruth("p.value", got, p, "wilcox-mu-noise")
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

func scaled(x []float64, unit float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= unit
	}
	return out
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

func refRankSum(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	null := nullOf(c, "mu", 0)
	if hasMissing(c, "x", "y") && (noNumber(c, "") && c.HasPath("") || c.HasPath("index")) {
		_, err := stats.MannWhitney(c.Floats("x"), c.Floats("y")) // R's outer keeps them
		c.Refused(err, "")
		return nil
	}
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	alt := c.Str("alternative")
	var o stats.RankOptions
	asymptotic := strings.Contains(kind, "asymptotic") || strings.Contains(c.RefString("method"), "continuity")
	if asymptotic {
		o.Method = stats.RankAsymptotic
		o.NoContinuity = !strings.Contains(c.RefString("method"), "continuity")
	}
	s, err := stats.MannWhitneyWith(x, y, o)
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
		xs, ys := scaled(x, u), scaled(y, u)
		lo, hi = plainEnds(scaled(cuts, u), func(null float64) float64 {
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
	shifted, err := stats.MannWhitneyWith(lessNull(x, null), y, o)
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
		c.WantTruth("p.value", p, plainRankSum(x, y, null, true).tail(alt), "exactRankTests-tail")
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
	wantEnds(c, rankEnds(c, s), finding, truth)
	wantPoint(c, s.Point(), point, cuts)
	return nil
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
	o := stats.SignedRankOptions{Zeros: stats.ZerosWilcoxon}
	// R's exact interval runs between order statistics of the Walsh averages and
	// drops nothing at a null value that equals a difference: Pratt's zeros.
	pratt := strings.Contains(kind, "pratt") ||
		strings.HasPrefix(kind, "HL_ci_exact_") && !strings.Contains(c.RefString("method"), "continuity")
	if pratt {
		o.Zeros = stats.ZerosPratt
	}
	asymptotic := strings.Contains(kind, "asymptotic") || strings.Contains(c.RefString("method"), "continuity")
	if asymptotic {
		o.Method = stats.RankAsymptotic
		o.NoContinuity = pratt || !strings.Contains(c.RefString("method"), "continuity")
	}
	s, err := stats.SignedRankWith(d, o)
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
	at, err := stats.SignedRankWith(lessNull(d, null), o)
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
		ds := scaled(d, u)
		lo, hi = plainEnds(walsh(ds), func(null float64) float64 { return test(ds, null) }, bothLevel(c, level))
		return oneEnd(c, lo/u, hi/u)
	}
	if finding == "wilcox-uniroot" {
		// Another end of the accepted set than the outermost one?
		lo, hi := ends(d)
		for i, w := range []float64{lo, hi} {
			ref, _ := c.Ref(fmt.Sprint("conf.int.", i))
			a, b := test(d, ref-2e-4) < 1-level, test(d, ref+2e-4) < 1-level
			if math.Abs(ref-w) > 2e-4 && a != b {
				finding = "wilcox-inner-end"
			}
		}
	}
	if finding == "wilcox-uniroot" && slices.Contains(d, 0) {
		finding, point = "wilcox-drops-zeros", "wilcox-drops-zeros"
		lo, hi := ends(slices.DeleteFunc(slices.Clone(d), func(v float64) bool { return v == 0 }))
		for i, w := range []float64{lo, hi} {
			if ref, _ := c.Ref(fmt.Sprint("conf.int.", i)); !math.IsInf(w, 0) && math.Abs(ref-w) > 2e-4 {
				c.Fail("conf.int.%d: %v is not the end %v without zeros", i, ref, w)
			}
		}
	}
	interval := sided(s.CI, alt, level, math.Inf(-1), math.Inf(1)) // R may have lowered the level
	wantEnds(c, interval, finding, func() (lo, hi float64) { return ends(d) })
	wantPoint(c, s.Point(), point, cuts)
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
