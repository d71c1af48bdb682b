package table_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// uptakeOf draws an arm: events with a probability that receipt changes by effect.
func uptakeOf(r *rand.Rand, n int, received, risk, effect float64) table.Uptake {
	var u table.Uptake
	for range n {
		c, p := &u.Others, risk
		if r.Float64() < received {
			c, p = &u.Received, risk+effect
		}
		c.N++
		if r.Float64() < p {
			c.Events++
		}
	}
	return u
}

func countOf(u table.Uptake) table.Count {
	return table.Count{Events: u.Received.Events + u.Others.Events, N: u.Received.N + u.Others.N}
}

// At 0 the test is the score test of the arms as randomized, and where everybody
// received what was allocated the whole set is that of the difference as randomized.
func TestCompliersAtNoEffectIsITT(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(61, 1))
	told := 0
	for range 400 {
		a, b := uptakeOf(r, 3+r.IntN(60), 0.8, 0.3, 0.2), uptakeOf(r, 3+r.IntN(60), 0.15, 0.3, 0.2)
		c, err := table.RiskDifferenceCompliers([]table.UptakeStratum{{Treated: a, Control: b}})
		if err != nil {
			require.ErrorIs(t, err, table.ErrNoUptake)
			continue
		}
		told++
		itt := must(table.RiskDifferenceScore(countOf(a), countOf(b)))
		assert.InDelta(t, itt.P(0), c.P(0), 1e-12)
		assert.InDelta(t, itt.PGreater(0), c.PGreater(0), 1e-12)
		all := table.UptakeStratum{Treated: table.Uptake{Received: countOf(a)}, Control: table.Uptake{Others: countOf(b)}}
		f := must(table.RiskDifferenceCompliers([]table.UptakeStratum{all}))
		want, got := itt.CI(0.95), f.CI(0.95)
		assert.InDelta(t, want.Lo, got.Lo, 1e-9)
		assert.InDelta(t, want.Hi, got.Hi, 1e-9)
	}
	assert.Greater(t, told, 250)
	// And over strata that of the strata.
	for range 50 {
		var strata []table.UptakeStratum
		var plain []table.Stratum
		for range 2 + r.IntN(3) {
			s := table.UptakeStratum{Treated: uptakeOf(r, 8+r.IntN(30), 0.9, 0.4, 0.2), Control: uptakeOf(r, 8+r.IntN(30), 0.1, 0.4, 0.2)}
			strata, plain = append(strata, s), append(plain, table.Stratum{Treated: countOf(s.Treated), Control: countOf(s.Control)})
		}
		c := must(table.RiskDifferenceCompliers(append(strata, table.UptakeStratum{Treated: uptakeOf(r, 5, 0.5, 0.5, 0)})))
		assert.InDelta(t, must(table.RiskDifferenceStratified(plain)).P(0), c.P(0), 1e-12)
		assert.Equal(t, 1, c.ITT.Dropped)
	}
}

// The set is what the test does not reject, bounded wherever the uptake is told apart;
// arms swapped turn the signs of outcome and uptake, which leaves the effect; the event's
// opposite turns the sign; receipt's opposite turns it too.
func TestCompliersProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(62, 1))
	done := 0
	for range 300 {
		k := 1 + r.IntN(2)
		var s, swapped, others, declined []table.UptakeStratum
		turn := func(c table.Count) table.Count { return table.Count{Events: c.N - c.Events, N: c.N} }
		for range k {
			x := table.UptakeStratum{Treated: uptakeOf(r, 6+r.IntN(50), 0.75, 0.4, 0.3), Control: uptakeOf(r, 6+r.IntN(50), 0.2*float64(r.IntN(2)), 0.4, 0.3)}
			s = append(s, x)
			swapped = append(swapped, table.UptakeStratum{Treated: x.Control, Control: x.Treated})
			flip := func(u table.Uptake) table.Uptake {
				return table.Uptake{Received: turn(u.Received), Others: turn(u.Others)}
			}
			others = append(others, table.UptakeStratum{Treated: flip(x.Treated), Control: flip(x.Control)})
			not := func(u table.Uptake) table.Uptake { return table.Uptake{Received: u.Others, Others: u.Received} }
			declined = append(declined, table.UptakeStratum{Treated: not(x.Treated), Control: not(x.Control)})
		}
		c, err := table.RiskDifferenceCompliers(s)
		if err != nil {
			require.ErrorIs(t, err, table.ErrNoUptake)
			continue
		}
		done++
		ci := c.CI(0.95)
		require.False(t, math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0), "%+v", s)
		assert.InDelta(t, 0.05, c.P(ci.Lo), 1e-9)
		assert.InDelta(t, 0.05, c.P(ci.Hi), 1e-9)
		assert.True(t, ci.Contains(c.Point()))
		assert.Equal(t, c.P(0) < 0.05, ci.Excludes(0))
		for range 40 {
			null := math.Tan(3 * (r.Float64() - 0.5))
			require.False(t, math.IsNaN(c.Z(null)))
			if p := c.P(null); math.Abs(p-0.05) > 1e-9 {
				assert.Equal(t, p < 0.05, ci.Excludes(null), "%v in %v", null, ci)
			}
			assert.InDelta(t, c.Z(null), must(table.RiskDifferenceCompliers(swapped)).Z(null), 1e-9)
			assert.InDelta(t, -c.Z(null), must(table.RiskDifferenceCompliers(others)).Z(-null), 1e-9)
			assert.InDelta(t, -c.Z(null), must(table.RiskDifferenceCompliers(declined)).Z(-null), 1e-9)
		}
		both := true
		for _, x := range s {
			for _, u := range []table.Uptake{x.Treated, x.Control} {
				both = both && u.Received.N > 0 && u.Others.N > 0
			}
		}
		if !both { // of an arm without any, uptake is no estimate
			assert.Greater(t, math.Abs(c.Z(math.Inf(1))), 1.96)
			continue
		}
		far := -math.Abs(c.Uptake.Z(0))
		assert.InDelta(t, far, c.Z(math.Inf(1)), 1e-9)
		assert.InDelta(t, far, c.Z(1e9), 1e-6)
		assert.InDelta(t, -far, c.Z(-1e9), 1e-6)
		// Beyond the level at which the uptake differs, nothing far out is rejected.
		wide := 1 - c.Uptake.P(0)/2
		if wide < 1 {
			ci := c.CI(wide)
			assert.True(t, math.IsInf(ci.Lo, -1) && math.IsInf(ci.Hi, 1), "%v", ci)
			assert.Contains(t, []string{stats.WhyUnbounded, stats.WhyGaps}, ci.Why)
		}
	}
	assert.Greater(t, done, 200)
}

// The constrained maximum by another way: over the common mean, and the multiplier of
// each arm by bisection; all cells with participants.
func TestCompliersVarianceByMultipliers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(63, 1))
	for range 30 {
		cell := func() table.Count { n := 2 + r.IntN(20); return table.Count{Events: 1 + r.IntN(n-1), N: n} }
		s := table.UptakeStratum{Treated: table.Uptake{Received: cell(), Others: cell()}, Control: table.Uptake{Received: cell(), Others: cell()}}
		c, err := table.RiskDifferenceCompliersWith([]table.UptakeStratum{s}, table.CompliersOptions{Level: 1e-9})
		require.NoError(t, err)
		for _, null := range []float64{-1.7, -0.3, 0.2, 0.9, 1.4} {
			u := []float64{0, 1, -null, 1 - null}
			arms := [][]float64{}
			for _, x := range []table.Uptake{s.Treated, s.Control} {
				arms = append(arms, []float64{float64(x.Others.N - x.Others.Events), float64(x.Others.Events), float64(x.Received.N - x.Received.Events), float64(x.Received.Events)})
			}
			at := func(x []float64, mean float64) (ll, variance, n, own float64) {
				lo, hi := math.Inf(-1), math.Inf(1)
				for k := range u {
					n += x[k]
				}
				for k, v := range u {
					own += x[k] * v / n
					if d := v - mean; d > 0 {
						lo = math.Max(lo, -n/d)
					} else if d < 0 {
						hi = math.Min(hi, -n/d)
					}
				}
				for range 200 { // Σ x(u − mean)/(n + λ(u − mean)) falls in λ
					mid, sum := (lo+hi)/2, 0.0
					for k, v := range u {
						sum += x[k] * (v - mean) / (n + mid*(v-mean))
					}
					if sum > 0 {
						lo = mid
					} else {
						hi = mid
					}
				}
				for k, v := range u {
					p := x[k] / (n + (lo+hi)/2*(v-mean))
					ll += x[k] * math.Log(p)
					variance += p * (v - mean) * (v - mean)
				}
				return ll, variance, n, own
			}
			_, _, n1, m1 := at(arms[0], 0.5*(u[1]+u[2]))
			_, _, n0, m0 := at(arms[1], 0.5*(u[1]+u[2]))
			a, b := math.Min(m1, m0), math.Max(m1, m0)
			for range 200 { // the common mean lies between the arms'; thirds of a concave function
				x, y := a+(b-a)/3, b-(b-a)/3
				l1, _, _, _ := at(arms[0], x)
				l0, _, _, _ := at(arms[1], x)
				k1, _, _, _ := at(arms[0], y)
				k0, _, _, _ := at(arms[1], y)
				if l1+l0 < k1+k0 {
					a = x
				} else {
					b = y
				}
			}
			_, v1, _, _ := at(arms[0], (a+b)/2)
			_, v0, _, _ := at(arms[1], (a+b)/2)
			want := math.Copysign(1, c.Uptake.Point()) * (m1 - m0) / math.Sqrt((v1/n1+v0/n0)*(n1+n0)/(n1+n0-1))
			assert.InDelta(t, want, c.Z(null), 2e-6, "%+v at %v", s, null)
		}
	}
}

func TestCompliersRefused(t *testing.T) {
	t.Parallel()
	u := table.Uptake{Received: table.Count{Events: 2, N: 6}, Others: table.Count{Events: 3, N: 8}}
	for _, c := range []struct {
		strata []table.UptakeStratum
		why    error
	}{
		{nil, stats.ErrTooFew},
		{[]table.UptakeStratum{{Treated: u}}, stats.ErrTooFew},
		{[]table.UptakeStratum{{Treated: u, Control: u}}, table.ErrNoUptake},
		{[]table.UptakeStratum{{Treated: u, Control: table.Uptake{Received: table.Count{Events: 3, N: 2}}}}, stats.ErrDomain},
	} {
		_, err := table.RiskDifferenceCompliers(c.strata)
		assert.ErrorIs(t, err, c.why)
	}
}

// Coverage of 30 a arm with 70 % of one arm and 10 % of the other treated, and an effect
// of 0.3 of treatment; the weak instrument is often refused.
func TestCompliersCover(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(64, 1))
	covered, n := 0, 4000
	for range n {
		c, err := table.RiskDifferenceCompliersWith([]table.UptakeStratum{{Treated: uptakeOf(r, 40, 0.7, 0.3, 0.3), Control: uptakeOf(r, 20, 0.1, 0.3, 0.3)}},
			table.CompliersOptions{Level: 1e-9})
		require.NoError(t, err)
		if c.P(0.3) >= 0.05 {
			covered++
		}
	}
	assert.InDelta(t, 0.95, float64(covered)/float64(n), 0.014)
}

func ExampleRiskDifferenceCompliers() {
	// Of 60 offered surgery 45 had it, of 60 others 6; the event is being free of pain.
	surgery := table.Uptake{Received: table.Count{Events: 30, N: 45}, Others: table.Count{Events: 5, N: 15}}
	usual := table.Uptake{Received: table.Count{Events: 4, N: 6}, Others: table.Count{Events: 19, N: 54}}
	c, err := table.RiskDifferenceCompliers([]table.UptakeStratum{{Treated: surgery, Control: usual}})
	if err != nil {
		panic(err)
	}
	fmt.Println(c.ITT)
	fmt.Println(c)
	// Output:
	// 20.0% (95% CI 2.0% to 36.7%; p = 0.0290; Miettinen–Nurminen score in 1 strata)
	// 31% (95% CI 3% to 56%; p = 0.0290; Anderson–Rubin by score; uptake 65.0% (95% CI 49.8% to 76.4%; p < 0.0001; Miettinen–Nurminen score in 1 strata))
}

// Tiny and separated tables: a result or a named reason, no NaN, the estimate inside, and
// the interval leaves out 0 just where its p is below 5 %.
func TestCompliersOfTinyTables(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(65, 1))
	cell := func() table.Count { n := r.IntN(5) * r.IntN(3); return table.Count{Events: r.IntN(n + 1), N: n} }
	n, told := 4000, 0
	if testing.Short() {
		n = 400
	}
	for range n {
		var s []table.UptakeStratum
		for range 1 + r.IntN(2) {
			s = append(s, table.UptakeStratum{Treated: table.Uptake{Received: cell(), Others: cell()}, Control: table.Uptake{Received: cell(), Others: cell()}})
		}
		c, err := table.RiskDifferenceCompliersWith(s, table.CompliersOptions{Level: 0.5})
		if err != nil {
			require.True(t, errors.Is(err, table.ErrNoUptake) || errors.Is(err, stats.ErrTooFew), "%v", err)
			continue
		}
		told++
		for _, null := range []float64{-2, -1, -0.5, 0, 0.3, 1, 1.5, c.Point(), math.Inf(1), math.Inf(-1)} {
			p := c.P(null)
			require.True(t, p >= 0 && p <= 1, "%+v at %v: %v", s, null, p)
			require.InDelta(t, 1, c.PGreater(null)+c.PLess(null), 1e-12)
		}
		ci := c.CI(0.95)
		require.True(t, ci.Lo <= ci.Hi && ci.Contains(c.Point()), "%+v: %v, %v", s, c.Point(), ci)
		if p := c.P(0); math.Abs(p-0.05) > 1e-9 {
			require.Equal(t, p < 0.05, ci.Excludes(0), "%+v: p %v, %v", s, p, ci)
		}
	}
	assert.Greater(t, told, n/5)
}
