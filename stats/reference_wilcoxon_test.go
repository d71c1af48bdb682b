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

func wantP(c *reftest.Case, path string, got float64, allTied bool) {
	if ref, _ := c.Ref(path); math.IsNaN(ref) && allTied {
		c.WantTruth(path, got, 1, "wilcox-all-tied")
		return
	}
	c.Want(path, got)
}

func refRankSum(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
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
	level := 0.95
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
	var cuts []float64
	for _, a := range x {
		for _, b := range y {
			cuts = append(cuts, a-b)
		}
	}
	cc := !o.NoContinuity
	truth := func() (lo, hi float64) {
		return plainEnds(slices.Clone(cuts), func(null float64) float64 {
			p := plainRankSum(x, y, null, !asymptotic)
			switch {
			case !asymptotic:
				return p.two
			case cc:
				return p.normalCC
			default:
				return p.normal
			}
		}, level)
	}
	switch {
	case kind == "hodges_lehmann":
		c.Want("", s.Point(), reftest.Tol, 1e-12) // a difference near zero of larger values
		return nil
	case kind == "HL_ci_moses_order_stat":
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
	c.Want("statistic.W", s.U())
	c.Skip("null.value.", "conf.level")
	p := tailOf(s, alt, 0)
	ref, _ := c.Ref("p.value")
	if strings.Contains(kind, "exactRankTests") && !reftest.Close(p, ref, reftest.Tol, 0) {
		c.WantTruth("p.value", p, plainRankSum(x, y, 0, true).tail(alt), "exactRankTests-tail")
	} else {
		wantP(c, "p.value", p, tied)
	}
	if !c.HasPath("conf.int.0") {
		return nil
	}
	if lv, ok := c.Ref("conf.level"); ok && lv != level {
		// The level R could reach: that of the most extreme outcome.
		c.Want("conf.level", 1-s.P(math.Inf(1)))
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
	wantEnds(c, s.CI(level), finding, truth)
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
	alt := c.Str("alternative")
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
	level := 0.95
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
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
	c.Want("statistic.V", s.V())
	c.Skip("null.value.", "conf.level")
	p := tailOf(s, alt, 0)
	ref, _ := c.Ref("p.value")
	if strings.Contains(kind, "exactRankTests") && !reftest.Close(p, ref, reftest.Tol, 0) {
		c.WantTruth("p.value", p, plainSigned(d, 0, false).tail(alt), "exactRankTests-tail")
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
		c.Want("conf.level", 1-s.P(math.Inf(1)), 0.01)
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
		return plainEnds(walsh(d), func(null float64) float64 { return test(d, null) }, level)
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
	wantEnds(c, s.CI(level), finding, func() (lo, hi float64) { return ends(d) })
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
