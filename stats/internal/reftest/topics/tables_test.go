package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "fisher-uniroot", Topic: "twobytwo, odds_ratio, cmh", Bound: 1.3e-4,
			Text: "R solves for the conditional odds ratio and its limits with uniroot's default tolerance (1.22e-4 of the odds ratio, or of its inverse beyond 1: up to 10 % of a limit near 10⁴). Truth: roots of the conditional likelihood and tail equations on the hypergeometric distribution from log factorials, by 200 halvings in the test."},
		reftest.Finding{Code: "blaker-four-decimals", Topic: "twobytwo", Bound: 1e-4,
			Text: "exact2x2::blaker.exact stops at four decimals (1e-4 of limits beyond 1). Truth: the acceptability at and between all its jumps, from the outside inwards."},
		reftest.Finding{Code: "desctools-score-rr", Topic: "risk_ratio",
			Text: "Where everybody in an arm had the event DescTools walks to Koopman's limit in steps of a factor 1.0001 that begin beyond 1.1 times the estimate (0.95 below it), and stays there or has NaN where rounding takes its first statistic; with an empty arm besides it takes a root of its cubic that is none of the likelihood. Truth: the score statistic with the quadratic's restricted estimate, by 200 halvings; the reference must be within a step of it, that start, or that root."},
		reftest.Finding{Code: "ratesci-precis", Topic: "risk_ratio", Bound: 1e-8,
			Text: "ratesci searches the arctangent of the risk ratio's limits to precis = 10 digits. Truth: the score statistic with the quadratic's restricted estimate, by 200 halvings."},
		reftest.Finding{Code: "gtest-complement", Topic: "twobytwo", Bound: 1.2e-16,
			Text: "DescTools takes 1 − pchisq and keeps 1e-16 absolute of a small tail. Truth: erfc(√(G/2)), the χ² tail on one degree of freedom."},
		reftest.Finding{Code: "exact-maximum", Topic: "twobytwo, scipy_tables",
			Text: "The peer's search over the nuisance probability (Exact: 100 points; SciPy: local searches) misses the maximum, or its rounding. Truth: the largest value on a grid of 4001 points refined by 200 thirds around the best; the reference must lie between the maximum over 32 points and the truth, or be a lower local maximum, or leave out tables that are as far out as the observed one."},
	)
	reftest.Register("risk_ratio", refRiskRatio)
	reftest.Register("odds_ratio", refOddsRatio)
	reftest.Register("twobytwo", refTwoByTwo)
}

func kindOf(c *reftest.Case) string { return c.ID[strings.LastIndex(c.ID, "/")+1:] }

// noNumber reports whether the reference at the path has no usable number.
func noNumber(c *reftest.Case, path string) bool {
	r, ok := c.Ref(path)
	return !ok || math.IsNaN(r) || math.IsInf(r, 0)
}

// wantEffect compares an effect's interval, or accepts a typed refusal where
// the peer has no interval either.
func wantEffect(c *reftest.Case, e stats.Effect, err error, level float64, lo, hi string, tol ...float64) {
	if err != nil {
		if c.ExpectsError() || noNumber(c, lo) || noNumber(c, hi) || degenerate(c, lo, hi) {
			c.Refused(err, "")
			return
		}
		c.Fail("%v", err)
		return
	}
	ci := e.CI(level)
	c.Want(lo, ci.Lo, tol...)
	c.Want(hi, ci.Hi, tol...)
}

// degenerate reports an interval without width, as the peer prints for an
// empty cell.
func degenerate(c *reftest.Case, lo, hi string) bool {
	a, _ := c.Ref(lo)
	b, _ := c.Ref(hi)
	return a == b
}

func refRiskRatio(c *reftest.Case) error {
	t, k := twoCounts(c)
	kind := kindOf(c)
	switch {
	case strings.HasPrefix(kind, "MN_ratesci"):
		s, err := table.RiskRatioScore(t, k)
		if err != nil {
			wantEffect(c, s, err, levelOf(c), "lower", "upper")
			return nil
		}
		lo, hi := truthScoreRatio(t, k, levelOf(c), false, true)
		ci := s.CI(levelOf(c))
		c.WantTruthOn("lower", ci.Lo, lo, "ratesci-precis", math.Atan)
		c.WantTruthOn("upper", ci.Hi, hi, "ratesci-precis", math.Atan)
	case kind == "katz_log_formula":
		r, err := table.RiskRatio(t, k)
		wantEffect(c, r, err, levelOf(c), "lwr", "upr")
		if err == nil {
			c.Want("rr", r.Point())
			c.Want("se_log", r.Log.SE)
		}
	case strings.HasPrefix(kind, "DescTools"):
		switch c.Str("method") {
		case "score":
			s, err := table.RiskRatioScoreWith(t, k, table.ScoreOptions{NoBiasCorrection: true})
			if err != nil {
				c.Refused(err, "")
				return nil
			}
			lo, hi := truthScoreRatio(t, k, levelOf(c), false, false)
			cubic := koopmanCubic(t, k, math.Pow(distuv.UnitNormal.Quantile((1+levelOf(c))/2), 2))
			rule := func(truth float64) func(ref float64) bool {
				if t.Events != t.N && k.Events != k.N {
					return reftest.Is(truth)
				}
				return func(ref float64) bool {
					return ref == truth || reftest.Close(ref, cubic[0], reftest.Tol, 0) || reftest.Close(ref, cubic[1], reftest.Tol, 0) || math.Abs(ref/truth-1) < 1.0001e-4 || math.IsNaN(ref) ||
						reftest.Close(ref, s.Point()/1.1, reftest.Tol, 0) || reftest.Close(ref, 0.95*s.Point(), reftest.Tol, 0)
				}
			}
			c.WantTruthBy("lwr", s.CI(levelOf(c)).Lo, lo, "desctools-score-rr", rule(lo))
			c.WantTruthBy("upr", s.CI(levelOf(c)).Hi, hi, "desctools-score-rr", rule(hi))
			c.Want("est", s.Point())
		case "wald":
			r, err := table.RiskRatioWith(t, k, table.RatioOptions{Method: table.LogHalfSE})
			wantEffect(c, r, err, levelOf(c), "lwr", "upr")
			if err == nil {
				c.Want("est", r.Point())
			}
		case "use.or":
			r, err := table.RiskRatioFromOdds(t, k)
			if err != nil {
				// Where a cell is empty DescTools adds ½ for the odds ratio and
				// none for the risk; the doc comment refuses empty cells.
				c.Refused(err, "")
				return nil
			}
			ci := r.CI(levelOf(c))
			c.Want("lwr", ci.Lo)
			c.Want("upr", ci.Hi)
			c.Want("est", t.Rate()/k.Rate())
		}
	}
	return nil
}

// koopmanCubic gives the limits of the risk ratio that belong to the smallest
// and the middle root of Nam's (1995) cubic, and to a root of 1, z2 being the squared deviate.
func koopmanCubic(t, k table.Count, z2 float64) [3]float64 {
	x1, n1, x2, n2 := float64(t.Events), float64(t.N), float64(k.Events), float64(k.N)
	a1 := n2 * (n2*(n2+n1)*x1 + n1*(n2+x1)*z2)
	b1 := -n2 * (n2*n1*(x2+x1) + 2*(n2+n1)*x2*x1 + n1*(n2+x2+2*x1)*z2) / a1
	b2 := (2*n2*n1*x2*(x2+x1) + (n2+n1)*x2*x2*x1 + n2*n1*(x2+x1)*z2) / a1
	b3 := -n1 * x2 * x2 * (x2 + x1) / a1
	c1, c2 := b2-b1*b1/3, b3-b1*b2/3+2*b1*b1*b1/27
	angle := math.Acos(math.Sqrt(27) * c2 / (2 * c1 * math.Sqrt(-c1)))
	r := 2 * math.Sqrt(-c1/3)
	roots := []float64{-r*math.Cos(math.Pi/3-angle/3) - b1/3, -r*math.Cos(math.Pi/3+angle/3) - b1/3, r*math.Cos(angle/3) - b1/3}
	slices.Sort(roots)
	of := func(p float64) float64 { return (1 - (n1-x1)*(1-p)/(x2+n1-(n2+n1)*p)) / p }
	// At p = 1, a double root where all controls had the event, by its limit.
	return [3]float64{of(roots[0]), of(roots[1]), 1 - (n1-x1)/(n1+n2)}
}

func refOddsRatio(c *reftest.Case) error {
	t, k := twoCounts(c)
	kind := kindOf(c)
	logMethod := func(m table.RatioMethod, est string) {
		r, err := table.OddsRatioWith(t, k, table.RatioOptions{Method: m})
		wantEffect(c, r, err, levelOf(c), "lwr", "upr")
		if err == nil {
			c.Want(est, r.Point())
			if c.HasPath("se_log") {
				c.Want("se_log", r.Log.SE)
			}
		}
	}
	switch {
	case strings.HasPrefix(kind, "MN_ratesci"):
		s, err := table.OddsRatioScoreWith(t, k, table.ScoreOptions{OddsRatioBias: true})
		wantEffect(c, s, err, levelOf(c), "lower", "upper", 1e-8)
	case kind == "woolf_formula":
		logMethod(table.LogRatio, "or")
	case kind == "haldane_anscombe_formula":
		logMethod(table.LogHalf, "or")
	case c.Str("method") == "wald":
		// DescTools adds ½ only where a cell is empty.
		if t.Events == 0 || k.Events == 0 || t.Events == t.N || k.Events == k.N {
			logMethod(table.LogHalf, "est")
		} else {
			logMethod(table.LogRatio, "est")
		}
	case c.Str("method") == "mle":
		e, err := table.OddsRatioExact(t, k)
		if err != nil {
			c.Refused(err, "")
			return nil
		}
		truth := newConditional(t, k)
		a := (1 - levelOf(c)) / 2
		wantConditional(c, e, truth, "est", "lwr", "upr", a, a)
	case c.Str("method") == "midp":
		e, err := table.OddsRatioExactWith(t, k, table.ExactOptions{MidP: true})
		if err != nil || c.ExpectsError() {
			c.Refused(err, "a finite interval where DescTools stops: see OddsRatioExact")
			return nil
		}
		truth := newConditional(t, k)
		truth.mid = true
		// DescTools's estimate is the median unbiased one: both mid-p tails ½.
		ci, a := e.CI(levelOf(c)), (1-levelOf(c))/2
		c.WantTruthOn("lwr", ci.Lo, truth.lower(a), "fisher-uniroot", oddsScale)
		c.WantTruthOn("upr", ci.Hi, truth.upper(a), "fisher-uniroot", oddsScale)
		c.WantTruthOn("est", e.MedianUnbiased(), truth.lower(0.5), "fisher-uniroot", oddsScale)
	}
	return nil
}

// conditional is the noncentral hypergeometric distribution of one table from
// log factorials, the tests' own.
type conditional struct {
	lo, x int
	logw  []float64
	mid   bool
}

func newConditional(t, k table.Count) *conditional {
	lf := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	m := t.Events + k.Events
	d := &conditional{lo: max(0, m-k.N), x: t.Events}
	for i := d.lo; i <= min(m, t.N); i++ {
		d.logw = append(d.logw, lf(t.N)-lf(i)-lf(t.N-i)+lf(k.N)-lf(m-i)-lf(k.N-m+i))
	}
	return d
}

func (d *conditional) sums(l float64) (ge, le, mean float64) {
	top, total := math.Inf(-1), 0.0
	for i, w := range d.logw {
		top = math.Max(top, w+float64(i)*l)
	}
	for i, w := range d.logw {
		p := math.Exp(w + float64(i)*l - top)
		total += p
		mean += float64(d.lo+i) * p
		if d.mid && d.lo+i == d.x {
			ge += p / 2
			le += p / 2
			continue
		}
		if d.lo+i >= d.x {
			ge += p
		}
		if d.lo+i <= d.x {
			le += p
		}
	}
	return ge / total, le / total, mean / total
}

func (d *conditional) lower(a float64) float64 {
	if d.x == d.lo {
		return 0
	}
	return math.Exp(statstest.Halve(-60, 60, func(l float64) bool { ge, _, _ := d.sums(l); return ge < a }))
}

func (d *conditional) upper(a float64) float64 {
	if d.x == d.lo+len(d.logw)-1 {
		return math.Inf(1)
	}
	return math.Exp(statstest.Halve(-60, 60, func(l float64) bool { _, le, _ := d.sums(l); return le > a }))
}

func (d *conditional) mle() float64 {
	switch d.x {
	case d.lo:
		return 0
	case d.lo + len(d.logw) - 1:
		return math.Inf(1)
	}
	return math.Exp(statstest.Halve(-60, 60, func(l float64) bool { _, _, m := d.sums(l); return m < float64(d.x) }))
}

// wantConditional compares estimate and limits with the roots and the peer.
func wantConditional(c *reftest.Case, e table.ExactOddsRatio, truth *conditional, est, lo, hi string, aLo, aHi float64) {
	c.WantTruthOn(est, e.Point(), truth.mle(), "fisher-uniroot", oddsScale)
	wantTails(c, e, truth, lo, hi, aLo, aHi)
}

func wantLimits(c *reftest.Case, e table.ExactOddsRatio, truth *conditional, lo, hi string) {
	aLo, aHi := tailsOf(c)
	wantTails(c, e, truth, lo, hi, aLo, aHi)
}

func wantTails(c *reftest.Case, e table.ExactOddsRatio, truth *conditional, lo, hi string, aLo, aHi float64) {
	if aLo > 0 {
		c.WantTruthOn(lo, e.CI(1-2*aLo).Lo, truth.lower(aLo), "fisher-uniroot", oddsScale)
	} else {
		c.Want(lo, 0)
	}
	if aHi > 0 {
		c.WantTruthOn(hi, e.CI(1-2*aHi).Hi, truth.upper(aHi), "fisher-uniroot", oddsScale)
	} else {
		c.Want(hi, math.Inf(1))
	}
}

// tailsOf is the probability beyond either end of the case's interval.
func tailsOf(c *reftest.Case) (lo, hi float64) {
	a := 1 - levelOf(c)
	switch c.Str("alternative") {
	case "less":
		return 0, a
	case "greater":
		return a, 0
	}
	return a / 2, a / 2
}

func refTwoByTwo(c *reftest.Case) error {
	t, k := twoCounts(c)
	kind := kindOf(c)
	tab := [][]int{{t.Events, t.N - t.Events}, {k.Events, k.N - k.Events}}
	switch {
	case strings.HasPrefix(kind, "fisher_midp"):
		e, err := table.OddsRatioExactWith(t, k, table.ExactOptions{MidP: true})
		if err != nil {
			c.Refused(err, "")
			return nil
		}
		truth := newConditional(t, k)
		truth.mid = true
		c.Want("p.value", tailOf(e, c.Str("alternative"), 1))
		wantLimits(c, e, truth, "conf.int.0", "conf.int.1")
	case strings.HasPrefix(kind, "fisher_blaker"):
		b, err := table.BlakerOddsRatio(t, k)
		if err != nil {
			c.Refused(err, "")
			return nil
		}
		c.Want("p.value", b.P(1))
		truth, ci := newConditional(t, k), b.CI(levelOf(c))
		c.WantTruth("conf.int.0", ci.Lo, truth.blakerLower(1-levelOf(c)), "blaker-four-decimals")
		c.WantTruth("conf.int.1", ci.Hi, truth.blakerUpper(1-levelOf(c)), "blaker-four-decimals")
	case strings.HasPrefix(kind, "fisher_"):
		f, err := table.Fisher(t, k)
		if err != nil {
			return err
		}
		p := f.P()
		switch c.Str("alternative") {
		case "less":
			p = f.PLess()
		case "greater":
			p = f.PGreater()
		}
		c.Want("p.value", p)
		c.Skip("conf.level", "null.value.")
		e, err := table.OddsRatioExact(t, k)
		if err != nil {
			// One possible table: R prints 0 to Inf around 0.
			c.Skip("conf.int.", "estimate.")
			return nil
		}
		aLo, aHi := tailsOf(c)
		wantConditional(c, e, newConditional(t, k), "estimate.odds ratio", "conf.int.0", "conf.int.1", aLo, aHi)
	case strings.HasPrefix(kind, "chisq_"), kind == "G_test":
		r, err := table.ContingencyTable(tab)
		if err != nil {
			// An empty margin: R gives NaN, DescTools a G of 0 without meaning.
			if g, _ := c.Ref("statistic"); noNumber(c, "p.value") || g == 0 {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		x := r.Pearson
		if kind == "G_test" {
			x = r.G
		} else if c.Num("correct") == 1 {
			x = *r.Yates
		}
		c.Want("statistic", x.X2, 1e-9, 1e-14)
		if x.P() < 1e-6 && kind == "G_test" {
			c.WantTruth("p.value", x.P(), math.Erfc(math.Sqrt(x.X2/2)), "gtest-complement")
		} else {
			c.Want("p.value", x.P())
		}
		if c.HasPath("df") {
			c.Want("df", x.DF)
			for i := range r.Expected {
				c.WantVec(fmt.Sprintf("expected.%d", i), r.Expected[i])
			}
		}
	case strings.HasPrefix(kind, "proptest_"):
		return refPropTest(c, t, k, tab)
	case strings.HasPrefix(kind, "boschloo_"), strings.HasPrefix(kind, "barnard_"):
		order := table.BarnardPooledAbs
		if strings.HasPrefix(kind, "boschloo_") {
			order = table.Boschloo
		}
		return refUnconditional(c, t, k, order, "p.value", "statistic")
	}
	return nil
}

func refPropTest(c *reftest.Case, t, k table.Count, tab [][]int) error {
	cc := c.Num("correct") == 1
	c.WantVec("estimate", []float64{t.Rate(), k.Rate()})
	method := table.WaldRD
	if cc {
		method = table.WaldRDCC
	}
	alternative, level := c.Str("alternative"), levelOf(c)
	both := level
	if alternative == "less" || alternative == "greater" {
		both = wider(level)
	}
	ci, err := riskLimits(t, k, both, method)
	if err != nil {
		return err
	}
	if half := (1/float64(t.N) + 1/float64(k.N)) / 2; cc && math.Abs(t.Rate()-k.Rate()) < half {
		// prop.test never corrects by more than the difference itself.
		w, err := riskLimits(t, k, both, table.WaldRD)
		if err != nil {
			return err
		}
		d := math.Abs(t.Rate() - k.Rate())
		ci.Lo, ci.Hi = math.Max(-1, w.Lo-d), math.Min(1, w.Hi+d)
	}
	ci = sided(func(float64) stats.Interval { return ci }, alternative, level, -1, 1)
	if ci.Why == stats.WhyNoError {
		d, widened := t.Rate()-k.Rate(), 0.0
		if cc {
			widened = math.Min(math.Abs(d), (1/float64(t.N)+1/float64(k.N))/2)
		}
		lo, hi := d-widened, d+widened
		if alternative == "less" {
			lo = -1
		} else if alternative == "greater" {
			hi = 1
		}
		near := func(want float64) func(ref float64) bool {
			return func(ref float64) bool { return reftest.Close(ref, want, 1e-9, 1e-14) }
		}
		c.WantTruthBy("conf.int.0", ci.Lo, -1, noError, near(math.Max(-1, lo)))
		c.WantTruthBy("conf.int.1", ci.Hi, 1, noError, near(math.Min(1, hi)))
	} else {
		c.Want("conf.int.0", ci.Lo, 1e-9, 1e-14)
		c.Want("conf.int.1", ci.Hi, 1e-9, 1e-14)
	}
	r, err := table.ContingencyTable(tab)
	if err != nil {
		if noNumber(c, "p.value") {
			c.Refused(err, "")
			return nil
		}
		return err
	}
	x := r.Pearson
	if cc {
		x = *r.Yates
	}
	c.Want("statistic", x.X2, 1e-9, 1e-14)
	p := x.P()
	if z := math.Copysign(math.Sqrt(x.X2), t.Rate()-k.Rate()); alternative == "greater" {
		p = normTail(z)
	} else if alternative == "less" {
		p = normTail(-z)
	}
	c.Want("p.value", p)
	return nil
}

// probs is the distribution at a log odds ratio.
func (d *conditional) probs(l float64) []float64 {
	p := make([]float64, len(d.logw))
	top, total := math.Inf(-1), 0.0
	for i, w := range d.logw {
		top = math.Max(top, w+float64(i)*l)
	}
	for i, w := range d.logw {
		p[i] = math.Exp(w + float64(i)*l - top)
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}

// blakerLower is the smallest odds ratio whose acceptability exceeds a.
func (d *conditional) blakerLower(a float64) float64 {
	if d.x == d.lo {
		return 0
	}
	// Beyond the middle of the central interval both tails exceed a/2.
	return math.Exp(statstest.HullStart(math.Log(d.lower(a/2)), math.Min(700, math.Log(d.upper(a/2))), d.x-d.lo, d.probs, a))
}

func (d *conditional) blakerUpper(a float64) float64 {
	n := len(d.logw)
	if d.x == d.lo+n-1 {
		return math.Inf(1)
	}
	mirrored := func(l float64) []float64 {
		p := d.probs(-l)
		slices.Reverse(p)
		return p
	}
	return math.Exp(-statstest.HullStart(-math.Log(d.upper(a/2)), math.Min(700, -math.Log(d.lower(a/2))), n-1-(d.x-d.lo), mirrored, a))
}
