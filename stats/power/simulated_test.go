package power_test

import (
	"context"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats/power"
)

// draws makes what simulated trials need; tests below never ask the package for it.
type draws struct{ *rand.Rand }

func (g draws) normals(n int, mean float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = mean + g.NormFloat64()
	}
	return x
}

func meanSS(x []float64) (m, ss float64) {
	for _, v := range x {
		m += v
	}
	m /= float64(len(x))
	for _, v := range x {
		ss += (v - m) * (v - m)
	}
	return m, ss
}

func tCritical(alpha, df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(1 - alpha)
}

// rankTest is the Wilcoxon test by normal quantiles with the variance of ties.
func rankTest(a, b []float64) bool {
	type v struct {
		x     float64
		first bool
	}
	var all []v
	for _, x := range a {
		all = append(all, v{x, true})
	}
	for _, x := range b {
		all = append(all, v{x, false})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].x < all[j].x })
	w, ties, n := 0.0, 0.0, float64(len(all))
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].x == all[i].x {
			j++
		}
		for k := i; k < j; k++ {
			if all[k].first {
				w += float64(i+j+1) / 2
			}
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	n1, n0 := float64(len(a)), float64(len(b))
	sd := math.Sqrt(n1 * n0 / 12 * (n + 1 - ties/(n*(n-1))))
	return math.Abs(w-n1*(n+1)/2) > 1.959963984540054*sd
}

// Power is the share of simulated trials that reject, in designs of every kind: within
// three Monte Carlo standard errors of 10,000 trials. The seed is fixed; trials are
// analyzed by tests written out here.
func TestPowerIsThatOfSimulatedTrials(t *testing.T) {
	const trials = 10_000
	designs := 0
	check := func(name string, want float64, reject func(g draws) bool) {
		t.Helper()
		designs++
		g := draws{rand.New(rand.NewPCG(18, uint64(designs)))}
		k := 0
		for range trials {
			if reject(g) {
				k++
			}
		}
		got, se := float64(k)/trials, math.Sqrt(want*(1-want)/trials)
		assert.InDelta(t, want, got, 3*se, "%s: power %.4f, simulated %.4f (SE %.4f)", name, want, got, se)
		t.Logf("%-44s %.4f  simulated %.4f  %+.1f SE", name, want, got, (got-want)/se)
	}
	tTest := func(g draws, n1, n0 int, effect float64) float64 {
		m1, s1 := meanSS(g.normals(n1, effect))
		m0, s0 := meanSS(g.normals(n0, 0))
		df := float64(n1 + n0 - 2)
		return (m1 - m0) / math.Sqrt((s1+s0)/df*(1/float64(n1)+1/float64(n0)))
	}
	for _, c := range []struct {
		n, m   int
		effect float64
	}{{5, 5, 1.5}, {12, 24, 0.9}, {40, 40, 0.6}} {
		crit := tCritical(0.025, float64(c.n+c.m-2))
		check("t-test", power.TDesign{N: float64(c.n), Ratio: float64(c.m) / float64(c.n), Effect: c.effect}.Power(),
			func(g draws) bool { return math.Abs(tTest(g, c.n, c.m, c.effect)) > crit })
	}
	for _, c := range []struct {
		n, m             int
		effect, r, alpha float64
	}{{3, 3, 2.5, 0.5, 0.05}, {5, 5, 1.5, 0.7, 0.05}, {8, 16, 1, 0.3, 0.05}, {10, 10, 0, 0.6, 0.05}, {20, 20, 0.7, 0.6, 0.05}, {40, 40, 0.5, 0.5, 0.01}, {60, 30, 0.4, 0.8, 0.05}} {
		crit := tCritical(c.alpha/2, float64(c.n+c.m-3))
		d := power.ANCOVADesign{N: float64(c.n), Ratio: float64(c.m) / float64(c.n), Effect: c.effect * 3, SD: 3, Correlation: c.r, Alpha: c.alpha}
		check("ANCOVA", d.Power(), func(g draws) bool {
			return math.Abs(ancovaT(g, c.n, c.m, c.effect, c.r)) > crit
		})
	}
	for _, c := range []struct{ n, margin, diff float64 }{{10, 1.5, 0}, {30, 0.8, 0.1}, {60, 0.6, -0.1}} {
		crit := tCritical(0.05, 2*c.n-2)
		check("equivalence", power.Equivalence{N: c.n, SD: 2, Margin: 2 * c.margin, Diff: 2 * c.diff}.Power(), func(g draws) bool {
			m1, s1 := meanSS(g.normals(int(c.n), c.diff))
			m0, s0 := meanSS(g.normals(int(c.n), 0))
			se := math.Sqrt((s1 + s0) / (2*c.n - 2) * 2 / c.n)
			return (m1-m0+c.margin)/se > crit && (m1-m0-c.margin)/se < -crit
		})
	}
	// Crossover: halved differences of periods within each sequence.
	crossover := func(g draws, n int, effect float64) (diff, se float64) {
		half := n / 2
		a, sa := meanSS(g.normals(half, effect/math.Sqrt2))
		b, sb := meanSS(g.normals(half, -effect/math.Sqrt2))
		return (a - b) / math.Sqrt2, math.Sqrt((sa+sb)/float64(n-2)) * math.Sqrt(2/float64(half)) / math.Sqrt2
	}
	for _, c := range []struct {
		n      int
		effect float64
	}{{6, 2}, {16, 1}, {40, 0.7}} {
		crit := tCritical(0.025, float64(c.n-2))
		check("crossover", power.CrossoverDesign{N: float64(c.n), Effect: c.effect, SD: 1}.Power(), func(g draws) bool {
			d, se := crossover(g, c.n, c.effect)
			return math.Abs(d) > crit*se
		})
	}
	for _, c := range []struct {
		n            int
		effect, half float64
	}{{12, 0, 1.2}, {24, 0.2, 1}} {
		crit := tCritical(0.05, float64(c.n-2))
		check("equivalence in a crossover", power.CrossoverDesign{N: float64(c.n), Effect: c.effect, SD: 1, Low: -c.half, High: c.half}.Power(), func(g draws) bool {
			d, se := crossover(g, c.n, c.effect)
			return d+c.half > crit*se && d-c.half < -crit*se
		})
	}
	for _, c := range []struct {
		k, m        int
		icc, effect float64
	}{{4, 10, 0.1, 0.8}, {8, 20, 0.05, 0.5}, {15, 5, 0.2, 0.5}} {
		crit, sd := tCritical(0.025, float64(2*c.k-2)), math.Sqrt(c.icc+(1-c.icc)/float64(c.m))
		check("clusters", power.ClusterDesign{Clusters: float64(c.k), Size: float64(c.m), ICC: c.icc, Effect: c.effect, SD: 1}.Power(),
			func(g draws) bool { return math.Abs(tTest(g, c.k, c.k, c.effect/sd)) > crit })
	}
	for _, c := range []struct {
		n, control int
		effects    []float64
	}{{10, 10, []float64{1, 0.5}}, {20, 30, []float64{0.8, 0.8, 0}}} {
		d := power.DunnettDesign{N: float64(c.n), Ratio: float64(c.control) / float64(c.n), Effects: c.effects}
		p, err := d.Power()
		require.NoError(t, err)
		for _, all := range []bool{false, true} {
			if c.control == 30 && all {
				continue // one arm has no effect
			}
			of := p.Any
			if all {
				of = p.All
			}
			check("Dunnett", of, func(g draws) bool {
				m0, ss := meanSS(g.normals(c.control, 0))
				means := make([]float64, len(c.effects))
				df := float64(c.control - 1)
				for i, e := range c.effects {
					m, s := meanSS(g.normals(c.n, e))
					means[i], ss, df = m, ss+s, df+float64(c.n-1)
				}
				se := math.Sqrt(ss / df * (1/float64(c.n) + 1/float64(c.control)))
				hits := 0
				for _, m := range means {
					if math.Abs(m-m0) > p.Critical*se {
						hits++
					}
				}
				return all && hits == len(means) || !all && hits > 0
			})
		}
	}
	for _, r := range []float64{0, 0.6} {
		p, err := power.CoPrimaryDesign{N: 60, Effects: []float64{0.5, 0.6}, Correlation: [][]float64{{1, r}, {r, 1}}}.Power()
		require.NoError(t, err)
		check("co-primary", p, func(g draws) bool { // the means, with known SDs
			root := math.Sqrt(30)
			a := g.NormFloat64()
			b := r*a + math.Sqrt(1-r*r)*g.NormFloat64()
			return a+0.5*root > 1.959963984540054 && b+0.6*root > 1.959963984540054
		})
	}
	for _, c := range []struct {
		n, treated, control int
		effect              float64
	}{{60, 60, 60, 0.5}, {120, 120, 240, 0.3}} {
		v := power.MannWhitneyDesign{N: float64(c.n), Ratio: float64(c.control) / float64(c.treated), Probability: distuv.UnitNormal.CDF(c.effect / math.Sqrt2)}
		check("Mann–Whitney", v.Power(), func(g draws) bool { return rankTest(g.normals(c.treated, c.effect), g.normals(c.control, 0)) })
	}
	for _, or := range []float64{1.8, 0.6} {
		d := power.OrdinalDesign{N: 120, Shares: []float64{0.2, 0.3, 0.3, 0.2}, OddsRatio: or}
		treated, err := d.Treated()
		require.NoError(t, err)
		category := func(g draws, p []float64) float64 {
			u := g.Float64()
			for k := range p {
				if u -= p[k]; u < 0 {
					return float64(k)
				}
			}
			return float64(len(p) - 1)
		}
		check("ordered categories", d.Power(), func(g draws) bool {
			a, b := make([]float64, 120), make([]float64, 120)
			for i := range a {
				a[i], b[i] = category(g, treated), category(g, d.Shares)
			}
			return rankTest(a, b)
		})
	}
	for _, k := range []float64{0.001, 0.8} {
		d := power.CountDesign{N: 200, Rate: 2, RateRatio: 0.75, Dispersion: k, Time: 1.5}
		gamma := func(g draws) distuv.Gamma { return distuv.Gamma{Alpha: 1 / k, Beta: 1 / k, Src: g} }
		check("counts", d.Power(), func(g draws) bool {
			of := func(mu float64) float64 {
				s := 0.0
				for range 200 {
					s += distuv.Poisson{Lambda: mu * gamma(g).Rand(), Src: g}.Rand()
				}
				return s / 200
			}
			a, b := of(2.25), of(3)
			return math.Abs(math.Log(a/b)) > 1.959963984540054*math.Sqrt((1/a+1/b+2*k)/200)
		})
	}
	for _, hr := range []float64{0.75, 1.4} {
		d := power.LogRankDesign{Events: 240, HazardRatio: hr}
		check("log-rank", d.Power(), func(g draws) bool {
			a, b := make([]float64, 120), make([]float64, 120)
			for i := range a {
				a[i], b[i] = g.ExpFloat64()/hr, g.ExpFloat64()
			}
			return logRank(a, b) > 1.959963984540054
		})
	}
	for _, c := range []power.MMRMDesign{
		{N: 80, Effect: 0.5, SD: 1, R: [][]float64{{1, 0.6, 0.36}, {0.6, 1, 0.6}, {0.36, 0.6, 1}}, Treated: []float64{1, 0.85, 0.7}},
		{N: 60, Ratio: 1.5, Effect: 0.5, SD: 1, R: [][]float64{{1, 0.7}, {0.7, 1}}, Treated: []float64{1, 0.7}, Control: []float64{1, 0.9}},
	} {
		check("MMRM", c.Power(), func(g draws) bool { return mmrmZ(g, c) > 1.959963984540054 })
	}
	for _, df := range []float64{0, 20} {
		a := power.AssuranceDesign{Mean: 1, SD: 0.6, SE: 0.4, DF: df}
		crit := 1.959963984540054
		if df > 0 {
			crit = tCritical(0.025, df)
		}
		check("assurance", a.Assurance(), func(g draws) bool {
			s := 1.0
			if df > 0 {
				s = math.Sqrt(distuv.ChiSquared{K: df, Src: g}.Rand() / df)
			}
			return (1+0.6*g.NormFloat64()+0.4*g.NormFloat64())/(0.4*s) > crit
		})
	}
	for _, n := range []int{10, 50} {
		d := power.PrecisionDesign{N: float64(n), SD: 1}
		w := 1.1 * d.HalfWidth()
		crit := tCritical(0.025, float64(n-1))
		check("precision with assurance", d.Assurance(w), func(g draws) bool {
			_, ss := meanSS(g.normals(n, 0))
			return crit*math.Sqrt(ss/float64(n-1)/float64(n)) <= w
		})
	}
	for _, test := range []power.ProportionTest{power.FisherTest, power.ScoreTest} {
		p, err := power.ExactProportions{N: 30, P1: 0.7, P2: 0.3, Test: test}.PowerContext(context.Background())
		require.NoError(t, err)
		check("proportions, "+string(test), p, func(g draws) bool {
			x := distuv.Binomial{N: 30, P: 0.7, Src: g}.Rand()
			y := distuv.Binomial{N: 30, P: 0.3, Src: g}.Rand()
			if test == power.ScoreTest {
				m := (x + y) / 60
				return math.Abs(x-y)/30 >= 1.959963984540054*math.Sqrt(m*(1-m)*2/30)*(1-1e-12)
			}
			return fisherTwoSided(int(x), int(y), 30) <= 0.05
		})
	}
	assert.GreaterOrEqual(t, designs, 40)
}

// ancovaT is the t of the arm in a regression on arm and baseline, by the sums of
// squares within arms.
func ancovaT(g draws, n, m int, effect, r float64) float64 {
	var sxx, sxy, syy, mx, my [2]float64
	for arm, size := range []int{n, m} {
		x, y := make([]float64, size), make([]float64, size)
		for i := range x {
			x[i] = g.NormFloat64()
			y[i] = r*x[i] + math.Sqrt(1-r*r)*g.NormFloat64()
			if arm == 0 {
				y[i] += effect
			}
			mx[arm] += x[i] / float64(size)
			my[arm] += y[i] / float64(size)
		}
		for i := range x {
			sxx[arm] += (x[i] - mx[arm]) * (x[i] - mx[arm])
			sxy[arm] += (x[i] - mx[arm]) * (y[i] - my[arm])
			syy[arm] += (y[i] - my[arm]) * (y[i] - my[arm])
		}
	}
	xx, xy, yy := sxx[0]+sxx[1], sxy[0]+sxy[1], syy[0]+syy[1]
	b := xy / xx
	s2 := (yy - b*xy) / float64(n+m-3)
	d := mx[0] - mx[1]
	return (my[0] - my[1] - b*d) / math.Sqrt(s2*(1/float64(n)+1/float64(m)+d*d/xx))
}

func logRank(a, b []float64) float64 {
	sort.Float64s(a)
	sort.Float64s(b)
	i, j, u, v := 0, 0, 0.0, 0.0
	for i < len(a) || j < len(b) {
		ra, rb := float64(len(a)-i), float64(len(b)-j)
		p := ra / (ra + rb)
		v += p * (1 - p)
		if j == len(b) || i < len(a) && a[i] < b[j] {
			u += 1 - p
			i++
		} else {
			u -= p
			j++
		}
	}
	return math.Abs(u) / math.Sqrt(v)
}

// mmrmZ is the generalized least squares estimate over its error with known R, of
// participants who leave at random.
func mmrmZ(g draws, d power.MMRMDesign) float64 {
	j := len(d.R)
	full := mat.NewSymDense(j, nil)
	for a := range j {
		for b := range j {
			full.SetSym(a, b, d.R[a][b])
		}
	}
	var chol mat.Cholesky
	chol.Factorize(full)
	var l mat.TriDense
	chol.LTo(&l)
	var inverses []*mat.SymDense
	for k := 1; k <= j; k++ {
		var c mat.Cholesky
		var inv mat.SymDense
		c.Factorize(full.SliceSym(0, k).(*mat.SymDense))
		_ = c.InverseTo(&inv)
		inverses = append(inverses, &inv)
	}
	var est, variance [2]float64
	for arm := range 2 {
		n, stay := int(d.N), d.Treated
		if arm == 1 {
			if d.Ratio > 0 {
				n = int(d.N * d.Ratio)
			}
			if len(d.Control) > 0 {
				stay = d.Control
			}
		}
		info, score := mat.NewDense(j, j, nil), mat.NewVecDense(j, nil)
		for i := range n {
			u, k := (float64(i)+0.5)/float64(n), j // shares as planned
			for k > 1 && u >= stay[k-1] {
				k--
			}
			z := mat.NewVecDense(j, g.normals(j, 0))
			var y mat.VecDense
			y.MulVec(&l, z)
			for a := range k {
				for b := range k {
					info.Set(a, b, info.At(a, b)+inverses[k-1].At(a, b))
					score.SetVec(a, score.AtVec(a)+inverses[k-1].At(a, b)*y.AtVec(b))
				}
			}
		}
		var inv mat.Dense
		_ = inv.Inverse(info)
		var mean mat.VecDense
		mean.MulVec(&inv, score)
		est[arm], variance[arm] = mean.AtVec(j-1), inv.At(j-1, j-1)
	}
	return math.Abs(est[0]+d.Effect-est[1]) / math.Sqrt(variance[0]+variance[1])
}

func fisherTwoSided(x, y, n int) float64 {
	lc := func(a, b int) float64 {
		p, _ := math.Lgamma(float64(a + 1))
		q, _ := math.Lgamma(float64(b + 1))
		r, _ := math.Lgamma(float64(a - b + 1))
		return p - q - r
	}
	at := func(k int) float64 { return math.Exp(lc(n, k) + lc(n, x+y-k) - lc(2*n, x+y)) }
	p := 0.0
	for k := max(0, x+y-n); k <= min(n, x+y); k++ {
		if q := at(k); q <= at(x)*(1+1e-7) {
			p += q
		}
	}
	return p
}
