package topics_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "bm-permuted-noise", Topic: "brunner_munzel",
			Text: "brunnermunzel's permutation test compares statistics as floats and misses assignments whose statistic equals the observed one with the opposite sign. Truth: enumeration in rational arithmetic; the reference must count all assignments that are strictly further and some that are as far."},
		reftest.Finding{Code: "bm-permuted-constant", Topic: "brunner_munzel",
			Text: "brunnermunzel's permutation test gives p = 0 for all-equal values. Truth: every assignment has the same statistic, so p = 1."},
		reftest.Finding{Code: "jonckheere-untied-variance", Topic: "kruskal",
			Text: "DescTools' Jonckheere–Terpstra test uses the variance for untied data. Truth: variance from the joint distribution given ties (Kendall 1970); the reference must be the p-value with the untied one."},
		reftest.Finding{Code: "signtest-all-zero", Topic: "sign_test",
			Text: "With only zero differences DescTools::SignTest reports one success in one trial. Truth: no difference is positive and none counts."},
		reftest.Finding{Code: "signtest-ties", Topic: "sign_test",
			Text: "DescTools's one-sided limits are the order statistic at the binomial quantile, for the upper limit one place too low (coverage below the level), and its extreme value where none reaches the level. Truth: inversion of the binomial test at every value and gap."},
	)
	reftest.Register("sign_test", refSign)
	reftest.Register("kruskal", refKruskal)
	reftest.Register("brunner_munzel", refBrunnerMunzel)
}

func refSign(c *reftest.Case) error {
	x, y := completePairs(c.Floats("x"), c.Floats("y"))
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	s, err := rank.SignTest(d)
	if err != nil {
		return err
	}
	if c.ExpectsError() {
		c.Refused(nil, "all-zero differences give p = 1; SignTest's comment says so")
		return nil
	}
	plus, minus := s.Signs(0)
	n := plus + minus
	level := levelOf(c)
	if strings.HasPrefix(kindOf(c), "binom") {
		c.Want("statistic.number of successes", float64(plus))
		c.Want("parameter.number of trials", float64(n))
		c.Want("p.value", tailOf(s, c.Str("alternative"), 0))
		c.Want("estimate.probability of success", float64(plus)/float64(n))
		share, err := table.ClopperPearson(table.Count{Events: plus, N: n})
		if err != nil {
			return err
		}
		ci := sided(share.CI, c.Str("alternative"), level, 0, 1)
		c.WantVec("conf.int", []float64{ci.Lo, ci.Hi})
		c.Skip("conf.level", "null.value.")
		return nil
	}
	c.Skip("null.value.")
	for _, p := range c.Paths() {
		if strings.HasPrefix(p, "estimate") {
			c.Want(p, s.Point(), reftest.Tol, 1e-12)
		}
	}
	wantEnds(c, rankEnds(c, s), "signtest-ties", func() (lo, hi float64) {
		u := unitFor(d)
		ds := statstest.Scaled(d, u)
		lo, hi = plainEnds(slices.Clone(ds), func(null float64) float64 {
			a, b := 0, 0
			for _, v := range ds {
				if v = math.Round((v-null)*1e9) / 1e9; v > 0 {
					a++
				} else if v < 0 {
					b++
				}
			}
			p := 0.0
			for k := 0; k <= min(a, b); k++ {
				p += 2 * num.Choose(a+b, k) * math.Ldexp(1, -a-b)
			}
			return math.Min(1, p)
		}, bothLevel(c, level))
		return oneEnd(c, lo/u, hi/u)
	}, func(end int, ref float64) bool { return ref == descToolsMedianEnd(d, c.Str("alternative"), level, end) })
	if n == 0 {
		c.WantTruthBy("statistic.S", float64(plus), 0, "signtest-all-zero", reftest.Is(1))
		c.WantTruthBy("parameter.number of differences", float64(n), 0, "signtest-all-zero", reftest.Is(1))
	} else {
		c.Want("statistic.S", float64(plus))
		c.Want("parameter.number of differences", float64(n))
	}
	c.Want("p.value", tailOf(s, c.Str("alternative"), 0))
	// DescTools prints the coverage to three decimals.
	coverage := s.Coverage(bothLevel(c, level))
	if bothLevel(c, level) != level {
		coverage = (1 + coverage) / 2
	}
	c.Want("conf.level", math.Round(coverage*1000)/1000)
	return nil
}

// descToolsMedianEnd is an end of DescTools::MedianCI: the value in the place
// that qbinom names, the extreme one at place 0 or beyond n.
func descToolsMedianEnd(d []float64, alternative string, level float64, end int) float64 {
	n, p := len(d), (1-level)/2
	switch alternative {
	case "less":
		p = level
	case "greater":
		p = 1 - level
	}
	k, sum := 0, 0.0
	for ; k <= n; k++ {
		if sum += num.Choose(n, k) * math.Ldexp(1, -n); sum >= p*(1-64*2.2e-16) {
			break
		}
	}
	if end == 1 && alternative != "less" {
		k = n - k + 1
	}
	return slices.Sorted(slices.Values(d))[min(max(k, 1), n)-1]
}

// byGroup splits v into the groups of g, which are sorted as R sorts factor
// levels, leaving missing values out.
func byGroup(c *reftest.Case, v, g string) (levels []string, groups [][]float64) {
	labels, values := c.Strs(g), c.Floats(v)
	levels = slices.Clone(labels)
	// R collates as a dictionary does: case decides only between equals.
	sort.Slice(levels, func(i, j int) bool {
		a, b := strings.ToLower(levels[i]), strings.ToLower(levels[j])
		return a < b || a == b && levels[i] > levels[j]
	})
	if numeric(c, g) {
		sort.Slice(levels, func(i, j int) bool {
			a, _ := strconv.ParseFloat(levels[i], 64)
			b, _ := strconv.ParseFloat(levels[j], 64)
			return a < b
		})
	}
	levels = slices.Compact(levels)
	at := map[string]int{}
	for i, l := range levels {
		at[l] = i
	}
	groups = make([][]float64, len(levels))
	for i, x := range values {
		if !math.IsNaN(x) {
			groups[at[labels[i]]] = append(groups[at[labels[i]]], x)
		}
	}
	return levels, groups
}

// holm is the adjustment of the cases, computed apart from the library.
func holm(p []float64) []float64 {
	idx := make([]int, len(p))
	for i := range idx {
		idx[i] = i
	}
	sort.Slice(idx, func(a, b int) bool { return p[idx[a]] < p[idx[b]] })
	out, run := make([]float64, len(p)), 0.0
	for k, i := range idx {
		run = math.Max(run, math.Min(1, float64(len(p)-k)*p[i]))
		out[i] = run
	}
	return out
}

func refKruskal(c *reftest.Case) error {
	_, groups := byGroup(c, "v", "g")
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	var pooled []float64
	for _, g := range groups {
		pooled = append(pooled, g...)
	}
	switch kind {
	case "kruskal", "fligner":
		var t stats.ChiSquareTest
		var err error
		if kind == "kruskal" {
			var k rank.KruskalWallisTest
			k, err = rank.KruskalWallis(groups...)
			t = k.ChiSquareTest
		} else {
			t, err = regress.Fligner(groups...)
		}
		if err != nil {
			if p, _ := c.Ref("p.value"); c.ExpectsError() || math.IsNaN(p) && errors.Is(err, stats.ErrNoVariation) {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		for _, p := range c.Paths() {
			if strings.HasPrefix(p, "statistic.") {
				wantFligner(c, kind, p, t, groups)
			}
		}
		c.Want("parameter.df", t.DF)
		return nil
	case "dunn_holm":
		t, err := rank.KruskalWallis(groups...)
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return err
		}
		var z, p []float64
		for _, d := range t.Dunn() {
			z, p = append(z, -d.Statistic), append(p, d.P()) // rstatix: later − earlier group
		}
		if c.HasPath("p") { // a single comparison is a scalar
			c.Want("statistic", z[0])
			c.Want("p", p[0])
			c.Want("p.adj", holm(p)[0])
		} else {
			c.WantVec("statistic", z)
			c.WantVec("p.adj", holm(p))
			for i, v := range p { // "p." would take in "p.adj."
				c.Want(fmt.Sprint("p.", i), v)
			}
		}
		c.Skip("group1", "group2", "group1.", "group2.")
		return nil
	case "pairwise_wilcox_holm":
		type pair struct{ row, col int }
		var at []pair
		var p []float64
		nan := false
		for col := range groups {
			for row := col + 1; row < len(groups); row++ {
				s, err := rank.MannWhitneyWith(groups[row], groups[col], rank.Options{Method: rank.Asymptotic})
				if err != nil {
					return err
				}
				at, p = append(at, pair{row - 1, col}), append(p, s.P(0))
				nan = nan || s.Z() == 0 && s.P(0) == 1
			}
		}
		adj := holm(p)
		for i, a := range at {
			path := fmt.Sprintf("values.%d.%d", a.row, a.col)
			if len(groups) == 2 && !c.HasPath(path) {
				path = c.Paths()[len(c.Paths())-1]
			}
			if ref, _ := c.Ref(path); math.IsNaN(ref) && nan {
				c.WantTruth(path, adj[i], 1, "wilcox-all-tied")
			} else {
				c.Want(path, adj[i])
			}
		}
		for _, path := range c.Paths() { // the empty upper triangle and labels
			if ref, _ := c.Ref(path); math.IsNaN(ref) {
				c.Skip(path)
			}
		}
		c.Skip("rownames", "colnames", "rownames.", "colnames.")
		return nil
	case "jonckheere_DescTools":
		t, err := rank.JonckheereWith(groups, rank.Options{Method: rank.Asymptotic, NoContinuity: true})
		if err != nil {
			return err
		}
		c.Want("statistic", t.J)
		if ref, _ := c.Ref("p.value"); tiedPool(pooled, nil) && !reftest.Close(ref, t.P(), reftest.Tol, 0) {
			n, mean, v := 0.0, 0.0, 0.0
			for _, g := range groups {
				m := float64(len(g))
				mean, v, n = mean+n*m/2, v+n*m*(n+m+1)/12, n+m
			}
			c.WantTruthBy("p.value", t.P(), plainTrend(groups), "jonckheere-untied-variance",
				reftest.Is(2*normTail(math.Abs(t.J-mean)/math.Sqrt(v))))
		} else {
			c.Want("p.value", t.P())
		}
		return nil
	}
	return fmt.Errorf("no mapping for %s", c.ID)
}

// plainTrend is the normal p-value of J, its variance taken from J's exact
// covariance form: J is a sum over pairs of values of aᵢⱼ·bᵢⱼ, for which Daniels's
// generalized correlation gives the permutation variance.
func plainTrend(groups [][]float64) float64 {
	var v, g []float64
	for i, x := range groups {
		for _, a := range x {
			v, g = append(v, a), append(g, float64(i))
		}
	}
	sign := func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	}
	// S = Σ_{i<j} sign(vᵢ−vⱼ)·sign(gᵢ−gⱼ) = 2(J − E J).
	n := len(v)
	row := func(x []float64) (sums []float64, all, sq float64) {
		sums = make([]float64, n)
		for i := range x {
			for j := range x {
				s := sign(x[i] - x[j])
				sums[i] += s
				sq += s * s
			}
		}
		for _, s := range sums {
			all += s * s
		}
		return
	}
	_, a2, aa := row(v)
	_, b2, bb := row(g)
	s := 0.0
	for i := range v {
		for j := range i {
			s += sign(v[i]-v[j]) * sign(g[i]-g[j])
		}
	}
	nn := float64(n)
	// Variance of Σ over ordered pairs, then a quarter for S.
	variance := 4*(a2-aa)*(b2-bb)/(nn*(nn-1)*(nn-2)) + 2*aa*bb/(nn*(nn-1))
	if variance == 0 {
		return 1
	}
	return math.Erfc(math.Abs(2*s) / math.Sqrt(variance) / math.Sqrt2)
}

func refOf(c *reftest.Case, path string) float64 {
	v, _ := c.Ref(path)
	return v
}

// refBrunnerMunzel maps R's P(X < Y) to P(x > y), which is its complement: the
// control arm is y.
func refBrunnerMunzel(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	alt := c.Str("alternative")
	if strings.Contains(c.ID, "/permuted_") {
		s, err := rank.BrunnerMunzelPermutation(x, y)
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return err
		}
		c.Want("estimate", 1-s.Value)
		p := map[string]float64{"two.sided": s.P(), "less": s.PLess(), "greater": s.PGreater()}[alt]
		if slices.Min(append(slices.Clone(x), y...)) == slices.Max(append(slices.Clone(x), y...)) {
			c.WantTruthBy("p.value", p, 1, "bm-permuted-constant", reftest.Is(0))
			return nil
		}
		if alt == "two.sided" && !reftest.Close(refOf(c, "p.value"), p, reftest.Tol, 0) {
			far, further := plainSuperiority(x, y)
			c.WantTruthBy("p.value", p, far, "bm-permuted-noise", func(ref float64) bool { return further-1e-12 <= ref && ref < far })
			return nil
		}
		c.Want("p.value", p)
		return nil
	}
	s, err := rank.BrunnerMunzel(x, y)
	stat := refOf(c, "statistic.Brunner-Munzel Test Statistic")
	if errors.Is(err, stats.ErrNoVariation) && (math.IsInf(stat, 0) || math.IsNaN(stat)) || c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	c.Want("statistic.Brunner-Munzel Test Statistic", -s.T(0.5), reftest.Tol, 1e-12)
	c.Want("parameter.df", s.DF)
	c.Want("p.value", tailOf(s, alt, 0.5))
	c.Want("estimate.P(X<Y)+.5*P(X=Y)", 1-s.Value)
	ci := s.CI(levelOf(c))
	c.WantVec("conf.int", []float64{1 - ci.Hi, 1 - ci.Lo}, reftest.Tol, 1e-12)
	c.Skip("conf.level")
	return nil
}

// plainSuperiority is the two-sided permutation p-value of the Brunner–Munzel
// statistic in rational arithmetic, and the share strictly further out.
func plainSuperiority(x, y []float64) (far, further float64) {
	all := append(slices.Clone(x), y...)
	n := len(all)
	if n > 20 {
		return math.NaN(), math.NaN() // too many to go through
	}
	square := func(set uint) *big.Rat { // W², nil where the variance is 0
		place := func(i int) int64 {
			p := int64(0)
			for j := range all {
				if set>>i&1 == set>>j&1 {
					continue
				}
				if all[j] < all[i] {
					p += 2
				} else if all[j] == all[i] {
					p++
				}
			}
			return p
		}
		var k, s, q [2]int64
		for i := range all {
			g := set >> i & 1
			p := place(i)
			k[g], s[g], q[g] = k[g]+1, s[g]+p, q[g]+p*p
		}
		v := new(big.Rat)
		for g := range 2 {
			m, o := k[g], k[1-g]
			v.Add(v, big.NewRat(m*q[g]-s[g]*s[g], 4*m*(m-1)*m*o*o))
		}
		d := big.NewRat(s[1]-k[0]*k[1], 2*k[0]*k[1])
		if d.Sign() == 0 {
			return d
		}
		if v.Sign() == 0 {
			return nil
		}
		return d.Quo(d.Mul(d, d), v)
	}
	w0 := square(1<<len(x) - 1)
	hits, strict, total := 0.0, 0.0, 0.0
	for set := uint(0); set < 1<<n; set++ {
		if bits.OnesCount(set) != len(x) {
			continue
		}
		total++
		w := square(set)
		switch {
		case w == nil && w0 == nil:
			hits++
		case w == nil:
			hits, strict = hits+1, strict+1
		case w0 != nil && w.Cmp(w0) >= 0:
			hits++
			if w.Cmp(w0) > 0 {
				strict++
			}
		}
	}
	return hits / total, strict / total
}
