package power_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
)

// sized is a design at a size, with its power and the size for a power.
type sized struct {
	name   string
	power  func(n float64) float64
	solve  func(power float64) (float64, error)
	refuse func() error // of the design's zero value
}

func smoothDesigns() []sized {
	r := [][]float64{{1, 0.6, 0.4}, {0.6, 1, 0.6}, {0.4, 0.6, 1}}
	ancova := power.ANCOVADesign{Effect: 1.5, SD: 2.3, Correlation: 0.5}
	mmrm := power.MMRMDesign{Effect: 1.5, SD: 2.3, R: r, Treated: []float64{1, 0.9, 0.8}}
	ordinal := power.OrdinalDesign{Shares: []float64{0.2, 0.5, 0.3}, OddsRatio: 1.8, Ratio: 2}
	ranks := power.MannWhitneyDesign{Probability: 0.62}
	wins := power.WinRatioDesign{WinRatio: 1.4, Ties: 0.2, Ratio: 0.5}
	counts := power.CountDesign{Rate: 0.8, RateRatio: 0.7, Dispersion: 0.4, Time: 1, Variance: power.CountPooled}
	deaths := power.LogRankDesign{HazardRatio: 0.7, Ratio: 2, Freedman: true}
	clusters := power.ClusterDesign{Size: 20, CV: 0.4, ICC: 0.05, Effect: 0.5, SD: 1}
	zero := func(_ float64, err error) func() error { return func() error { return err } }
	return []sized{
		{"ANCOVA", func(n float64) float64 { d := ancova; d.N = n; return d.Power() }, ancova.SolveN, zero(power.ANCOVADesign{}.SolveN(0.8))},
		{"MMRM", func(n float64) float64 { d := mmrm; d.N = n; return d.Power() }, mmrm.SolveN, zero(power.MMRMDesign{}.SolveN(0.8))},
		{"ordinal", func(n float64) float64 { d := ordinal; d.N = n; return d.Power() }, ordinal.SolveN, zero(power.OrdinalDesign{}.SolveN(0.8))},
		{"ranks", func(n float64) float64 { d := ranks; d.N = n; return d.Power() }, ranks.SolveN, zero(power.MannWhitneyDesign{}.SolveN(0.8))},
		{"win ratio", func(n float64) float64 { d := wins; d.N = n; return d.Power() }, wins.SolveN, zero(power.WinRatioDesign{}.SolveN(0.8))},
		{"counts", func(n float64) float64 { d := counts; d.N = n; return d.Power() }, counts.SolveN, zero(power.CountDesign{}.SolveN(0.8))},
		{"log-rank", func(n float64) float64 { d := deaths; d.Events = n; return d.Power() }, deaths.SolveEvents, zero(power.LogRankDesign{}.SolveEvents(0.8))},
		{"clusters", func(n float64) float64 { d := clusters; d.Clusters = n; return d.Power() }, clusters.SolveClusters, zero(power.ClusterDesign{}.SolveClusters(0.8))},
		{"Dunnett", nil, nil, zero(power.DunnettDesign{}.SolveN(0.8))},
	}
}

// More participants never lose power in normal theory, solving and asking again is the
// power asked for, and the zero value of a design is refused.
func TestPowerRisesAndSolvingInvertsIt(t *testing.T) {
	for _, d := range smoothDesigns() {
		assert.ErrorIs(t, d.refuse(), stats.ErrDomain, d.name)
		if d.power == nil {
			continue
		}
		last := 0.0
		for n := 3.0; n < 400; n *= 1.3 {
			p := d.power(n)
			assert.GreaterOrEqual(t, p, last, "%s: n = %v", d.name, n)
			last = p
		}
		for _, p := range []float64{0.3, 0.8, 0.9, 0.99} {
			n, err := d.solve(p)
			require.NoError(t, err, d.name)
			assert.InDelta(t, p, d.power(n), 1e-9, "%s: n = %v", d.name, n)
		}
		for _, p := range []float64{0.01, 1, math.NaN()} {
			_, err := d.solve(p)
			assert.ErrorIs(t, err, stats.ErrDomain, "%s: power %v", d.name, p)
		}
	}
}

// Exchanging the arms changes nothing where the design treats them alike: the sizes of
// both arms change places, a ratio becomes its inverse.
func TestArmsCanChangePlaces(t *testing.T) {
	total := func(n float64, err error, ratio float64) float64 {
		require.NoError(t, err)
		return n * (1 + ratio)
	}
	a := power.ANCOVADesign{Effect: 1.5, SD: 2.3, Correlation: 0.5, Ratio: 2}
	b := power.ANCOVADesign{Effect: -1.5, SD: 2.3, Correlation: -0.5, Ratio: 0.5}
	n, err := a.SolveN(0.8)
	m, err2 := b.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8)

	shares := []float64{0.2, 0.5, 0.3}
	o := power.OrdinalDesign{Shares: shares, OddsRatio: 1.8, Ratio: 2}
	treated, err := o.Treated()
	require.NoError(t, err)
	n, err = o.SolveN(0.8)
	m, err2 = power.OrdinalDesign{Shares: treated, OddsRatio: 1 / 1.8, Ratio: 0.5}.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8)
	// So does reading the categories from the other end.
	back := slices.Clone(shares)
	slices.Reverse(back)
	m, err2 = power.OrdinalDesign{Shares: back, OddsRatio: 1 / 1.8, Ratio: 2}.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 2), 1e-8)

	for _, v := range []power.CountVariance{power.CountTrue, power.CountPooled} {
		n, err = power.CountDesign{Rate: 1, RateRatio: 0.6, Dispersion: 0.5, Time: 2, Ratio: 2, Variance: v}.SolveN(0.8)
		m, err2 = power.CountDesign{Rate: 0.6, RateRatio: 1 / 0.6, Dispersion: 0.5, Time: 2, Ratio: 0.5, Variance: v}.SolveN(0.8)
		assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8, v)
	}
	for _, freedman := range []bool{false, true} {
		n, err = power.LogRankDesign{HazardRatio: 0.6, Ratio: 2, Freedman: freedman}.SolveEvents(0.8)
		require.NoError(t, err)
		m, err = power.LogRankDesign{HazardRatio: 1 / 0.6, Ratio: 0.5, Freedman: freedman}.SolveEvents(0.8)
		require.NoError(t, err)
		assert.InDelta(t, n, m, 1e-8)
	}
	n, err = power.WinRatioDesign{WinRatio: 1.4, Ties: 0.2, Ratio: 2}.SolveN(0.8)
	m, err2 = power.WinRatioDesign{WinRatio: 1 / 1.4, Ties: 0.2, Ratio: 0.5}.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8)
	n, err = power.MannWhitneyDesign{Probability: 0.62, Ratio: 2}.SolveN(0.8)
	m, err2 = power.MannWhitneyDesign{Probability: 0.38, Ratio: 0.5}.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8)
	r := [][]float64{{1, 0.6}, {0.6, 1}}
	n, err = power.MMRMDesign{Effect: 1, SD: 2, R: r, Ratio: 2, Treated: []float64{1, 0.7}, Control: []float64{1, 0.9}}.SolveN(0.8)
	m, err2 = power.MMRMDesign{Effect: 1, SD: 2, R: r, Ratio: 0.5, Treated: []float64{1, 0.9}, Control: []float64{1, 0.7}}.SolveN(0.8)
	assert.InDelta(t, total(n, err, 2), total(m, err2, 0.5), 1e-8)
}

// Centimeters or millimeters, months or years: the same size.
func TestUnitsDoNotMatter(t *testing.T) {
	same := func(a float64, err error) func(float64, error) {
		return func(b float64, err2 error) {
			t.Helper()
			require.NoError(t, err)
			require.NoError(t, err2)
			assert.InEpsilon(t, a, b, 1e-10)
		}
	}
	same(power.ANCOVADesign{Effect: 1.5, SD: 2.3, Correlation: 0.5}.SolveN(0.8))(power.ANCOVADesign{Effect: 15, SD: 23, Correlation: 0.5}.SolveN(0.8))
	same(power.ClusterDesign{Size: 20, ICC: 0.1, Effect: 1.5, SD: 2.3}.SolveClusters(0.8))(power.ClusterDesign{Size: 20, ICC: 0.1, Effect: 15, SD: 23}.SolveClusters(0.8))
	same(power.CountDesign{Rate: 0.2, RateRatio: 0.6, Dispersion: 0.5, Time: 12}.SolveN(0.8))(power.CountDesign{Rate: 2.4, RateRatio: 0.6, Dispersion: 0.5, Time: 1}.SolveN(0.8))
	d := power.LogRankDesign{HazardRatio: 0.6}
	same(power.Recruitment{Hazard: 0.01, Accrual: 12, Follow: 18, Lost: 0.005}.Participants(d, 0.8))(power.Recruitment{Hazard: 0.12, Accrual: 1, Follow: 1.5, Lost: 0.06}.Participants(d, 0.8))
	same(power.AssuranceDesign{Mean: 1, SD: 0.5}.SolveSE(0.8))(func() (float64, error) {
		x, err := power.AssuranceDesign{Mean: 10, SD: 5}.SolveSE(0.8)
		return x / 10, err
	}())
}

// Analysis of covariance gives a t-test's power less what the imbalance of the baseline
// takes, which is a tenth of a participant a hundred; what it does not know of, SD or
// correlation, can be solved for.
func TestANCOVADesign(t *testing.T) {
	d := power.ANCOVADesign{N: 64, Effect: 0.5, SD: 1}
	assert.InDelta(t, power.TDesign{N: 64, Effect: 0.5}.Power(), d.Power(), 0.004)
	assert.Less(t, d.Power(), power.TDesign{N: 64, Effect: 0.5}.Power())
	// R: integrate(function(b) power of the noncentral t at ncp*sqrt(b) * dbeta(b, (df + 1)/2, .5), .2, 1).
	for n, want := range map[float64]float64{20: 0.628834844, 38: 0.895567510} {
		assert.InDelta(t, want, power.ANCOVADesign{N: n, Effect: 1.5, SD: 2.3, Correlation: 0.5}.Power(), 2e-8)
	}
	assert.InDelta(t, 0.05, power.ANCOVADesign{N: 7, SD: 1}.Power(), 1e-9, "no effect: its size")
	n, err := power.ANCOVADesign{Effect: 1.5, SD: 2.3, Correlation: 0.5}.SolveN(0.9)
	require.NoError(t, err)
	assert.InDelta(t, power.ANCOVANormalN(1.5, 2.3, 0.5, 0.05, 0.9), n, 1.6, "the normal formula is short of one participant or two")
	d = power.ANCOVADesign{N: 20, Effect: 1.5, SD: 2.3, Correlation: 0.5}
	p := d.Power()
	for name, solved := range map[string]func() (float64, error){"SD": func() (float64, error) { return d.SolveSD(p) },
		"any": func() (float64, error) {
			return power.SolveFor(p, 1, 9, func(sd float64) float64 { e := d; e.SD = sd; return e.Power() })
		}} {
		sd, err := solved()
		require.NoError(t, err)
		assert.InDelta(t, 2.3, sd, 1e-8, name)
	}
	effect, err := d.SolveEffect(p)
	require.NoError(t, err)
	assert.InDelta(t, 1.5, effect, 1e-8)
	r, err := power.SolveFor(p, 0, 0.99, func(r float64) float64 { e := d; e.Correlation = r; return e.Power() })
	require.NoError(t, err)
	assert.InDelta(t, 0.5, r, 1e-8)
	_, err = power.SolveFor(0.1, 0.5, 0.99, func(r float64) float64 { e := d; e.Correlation = r; return e.Power() })
	assert.ErrorIs(t, err, stats.ErrDomain, "no correlation there has so little power")
	assert.Less(t, power.ANCOVADesign{N: 10, Effect: 1.5, SD: 2.3, Correlation: 0.5, Covariates: 4}.Power(),
		power.ANCOVADesign{N: 10, Effect: 1.5, SD: 2.3, Correlation: 0.5}.Power(), "degrees of freedom cost power")
	// The mean of the squared error: n = 2 and 2 has one residual degree of freedom and no mean.
	assert.True(t, math.IsNaN(power.ANCOVADesign{N: 2, SD: 1}.SE()))
	assert.InDelta(t, math.Sqrt(0.75*2/100*(1+1/196.0)), power.ANCOVADesign{N: 100, SD: 1, Correlation: 0.5}.SE(), 1e-5)
}

// The first visit alone is a t-test's normal formula; nobody lost adds nothing; a visit
// that nobody is lost before adds nothing either.
func TestMMRMDesign(t *testing.T) {
	a, b, err := power.MMRMDesign{R: [][]float64{{1, 0.5}, {0.5, 1}}, Treated: []float64{1, 1}}.Inflation()
	require.NoError(t, err)
	assert.InDelta(t, 1, a, 1e-12)
	assert.Equal(t, a, b)
	// Two visits, a share r lost before the second: φ = ((1 − ρ²)/r + ρ²).
	a, _, err = power.MMRMDesign{R: [][]float64{{1, 0.5}, {0.5, 1}}, Treated: []float64{1, 0.6}}.Inflation()
	require.NoError(t, err)
	assert.InDelta(t, 0.75/0.6+0.25, a, 1e-12)
	for _, bad := range []power.MMRMDesign{
		{Effect: 1, SD: 1, R: [][]float64{{1, 1}, {1, 1}}, Treated: []float64{1, 1}}, {Effect: 1, SD: 1, R: [][]float64{{1}}, Treated: []float64{0}},
		{Effect: 1, SD: 1, R: [][]float64{{1, 0.5}, {0.5, 1}}, Treated: []float64{0.6, 0.8}}, {Effect: 1, SD: 1, R: [][]float64{{1, 0.5}, {0.4, 1}}, Treated: []float64{1, 1}}} {
		_, err := bad.SolveN(0.8)
		assert.ErrorIs(t, err, stats.ErrDomain)
		bad.N = 9
		assert.True(t, math.IsNaN(bad.Power()))
	}
	d := power.MMRMDesign{N: 40, SD: 2, R: [][]float64{{1, 0.5}, {0.5, 1}}, Treated: []float64{1, 0.6}}
	e, err := d.SolveEffect(0.8)
	require.NoError(t, err)
	d.Effect = e
	assert.InDelta(t, 0.8, d.Power(), 1e-12)
}

// The size of a margin's test has the power it was asked for.
func TestNonInferiorProportionsPower(t *testing.T) {
	d := power.NonInferiorProportions{P1: 0.85, P2: 0.85, Margin: 0.1, Ratio: 2}
	n, err := d.SolveN(0.9)
	require.NoError(t, err)
	assert.InDelta(t, 0.9, d.PowerAt(n), 1e-12)
	assert.True(t, math.IsNaN(power.NonInferiorProportions{}.PowerAt(10)))
}

// An exact test's power is a saw: the first size that reaches it is not always safe.
func TestExactSizes(t *testing.T) {
	d := power.ExactProportions{P1: 0.75, P2: 0.3}
	s, err := d.SolveN(context.Background(), 0.8)
	require.NoError(t, err)
	at := func(n int) float64 {
		p, err := power.ExactPower(n, n, 0.75, 0.3, func(a, b table.Count) bool {
			f, err := table.Fisher(a, b)
			return err == nil && f.P() <= 0.05
		})
		require.NoError(t, err)
		return p
	}
	assert.GreaterOrEqual(t, at(s.First), 0.8)
	assert.InDelta(t, at(s.First), s.Power, 1e-12)
	for n := 5; n < s.First; n++ {
		assert.Less(t, at(n), 0.8)
	}
	assert.GreaterOrEqual(t, s.Lasting, s.First)
	for n := s.Lasting; n <= s.Searched; n++ {
		assert.GreaterOrEqual(t, at(n), 0.8)
	}
	if s.Lasting > s.First {
		assert.Less(t, at(s.Lasting-1), 0.8)
	}
	_, err = power.ExactProportions{}.SolveN(context.Background(), 0.8)
	assert.ErrorIs(t, err, stats.ErrDomain)
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = d.SolveN(stopped, 0.8)
	assert.ErrorIs(t, err, context.Canceled)
}

// One arm is Student's test; two arms without effects reject with the size in all.
func TestDunnettDesign(t *testing.T) {
	p, err := power.DunnettDesign{N: 15, Effects: []float64{0.9}}.Power()
	require.NoError(t, err)
	one := power.TDesign{N: 15, Effect: 0.9}.Power()
	for _, x := range []float64{p.Each[0], p.Any, p.All} {
		assert.InDelta(t, one, x, 1e-6)
	}
	p, err = power.DunnettDesign{N: 15, Effects: []float64{0, 0, 0}}.Power()
	require.NoError(t, err)
	assert.InDelta(t, 0.05, p.Any, 1e-6)
	d := power.DunnettDesign{Effects: []float64{0.9, 0.6}, Ratio: math.Sqrt2}
	n, err := d.SolveN(0.8)
	require.NoError(t, err)
	d.N = n
	p, err = d.Power()
	require.NoError(t, err)
	assert.InDelta(t, 0.8, p.Each[1], 1e-9)
	assert.Greater(t, p.Each[0], 0.8)
	d.Effects[0], d.Effects[1] = 0.6, 0.9
	q, err := d.Power()
	require.NoError(t, err)
	assert.InDelta(t, p.Any, q.Any, 1e-9)
	// Independent outcomes multiply.
	c := power.CoPrimaryDesign{N: 60, Effects: []float64{0.5, 0.6}, Correlation: [][]float64{{1, 0}, {0, 1}}}
	got, err := c.Power()
	require.NoError(t, err)
	zPower := func(e float64) float64 {
		return power.MMRMDesign{N: 60, Effect: e, SD: 1, R: [][]float64{{1}}, Treated: []float64{1}}.Power()
	}
	assert.InDelta(t, zPower(0.5)*zPower(0.6), got, 1e-7)
	k, err := c.SolveN(0.8)
	require.NoError(t, err)
	for n, enough := range map[int]bool{k: true, k - 1: false} {
		e := c
		e.N = float64(n)
		x, err := e.Power()
		require.NoError(t, err)
		assert.Equal(t, enough, x >= 0.8)
	}
	c.T = true
	small, err := c.Power()
	require.NoError(t, err)
	assert.Less(t, small, got)
	c.Correlation[0][1], c.Correlation[1][0] = 1, 1
	_, err = c.Power()
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Crossover: half the variance of a parallel trial of the same participants at no
// correlation, and margins as Equivalence has them.
func TestCrossoverDesign(t *testing.T) {
	d := power.CrossoverDesign{Effect: 1, SD: 1}
	n, err := d.SolveN(0.8)
	require.NoError(t, err)
	assert.Zero(t, n%2)
	for size, enough := range map[int]bool{n: true, n - 2: false} {
		e := d
		e.N = float64(size)
		assert.Equal(t, enough, e.Power() >= 0.8)
	}
	_, err = power.CrossoverDesign{Effect: 0.3, SD: 0.2, Low: -0.2, High: 0.2}.SolveN(0.8)
	assert.ErrorIs(t, err, stats.ErrDomain, "outside the margins")
	_, err = power.CrossoverDesign{}.SolveN(0.8)
	assert.ErrorIs(t, err, stats.ErrDomain)
	// The same standard error and degrees of freedom as a parallel trial of half the size
	// an arm: N − 2 = 2n − 2 and √(2/N)·SD = √(2/n)·SD/√2.
	parallel := power.Equivalence{N: 12, SD: math.Sqrt2 * 0.3, Margin: 0.3, Diff: 0.05}
	c := power.CrossoverDesign{N: 24, SD: 0.6, Effect: 0.05, Low: -0.3, High: 0.3}
	assert.InDelta(t, parallel.Power(), power.CrossoverDesign{N: 24, SD: 0.6, Effect: 0.05, Low: -0.3, High: 0.3}.Power()+0*c.N, 1e-12)
}

func TestPrecisionDesign(t *testing.T) {
	d := power.PrecisionDesign{SD: 10}
	plain, err := d.SolveN(2, 0)
	require.NoError(t, err)
	sure, err := d.SolveN(2, 0.8)
	require.NoError(t, err)
	assert.Greater(t, sure, plain, "half of all samples find a wider interval")
	d.N = float64(sure)
	assert.GreaterOrEqual(t, d.Assurance(2), 0.8)
	d.N--
	assert.Less(t, d.Assurance(2), 0.8)
	// E(S)/σ of three values is √π/2.
	d.N = 3
	assert.InDelta(t, d.HalfWidth()*math.Sqrt(math.Pi)/2, d.ExpectedHalfWidth(), 1e-10)
	_, err = power.PrecisionDesign{}.SolveN(2, 0)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = power.PrecisionDesign{SD: 1}.SolveN(0, 0)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, _, err = power.PrecisionProportion(0, 0.1, 0.95)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Assurance is power where nothing is uncertain, and no trial has more than its limit.
func TestAssuranceDesign(t *testing.T) {
	sure := power.AssuranceDesign{Mean: 1, SE: 0.35}
	assert.InDelta(t, power.MMRMDesign{N: 1, Effect: 1, SD: 0.35 / math.Sqrt2, R: [][]float64{{1}}, Treated: []float64{1}}.Power(), sure.Assurance(), 1e-12)
	d := power.AssuranceDesign{Mean: 1, SD: 0.8, SE: 1e-6}
	assert.InDelta(t, d.Limit(), d.Assurance(), 1e-4)
	_, err := d.SolveSE(0.95)
	assert.ErrorIs(t, err, stats.ErrDomain, "beyond the limit")
	se, err := d.SolveSE(0.7)
	require.NoError(t, err)
	d.SE = se
	assert.InDelta(t, 0.7, d.Assurance(), 1e-10)
	normal := d.Assurance()
	d.DF = 1e7
	assert.InDelta(t, normal, d.Assurance(), 1e-6)
	assert.True(t, math.IsNaN(power.AssuranceDesign{}.Assurance()))
}

// Planning for 80% with the plain SD of five and five gives a mean power of .73, below .8
// after 57% of pilots; with its upper 80% limit, below it after 20%.
func TestPilotRisk(t *testing.T) {
	r, err := power.NewPilotRisk(8, 0.8, 0.05, 0)
	require.NoError(t, err)
	assert.InDelta(t, 0.73, r.Mean, 0.005)
	assert.InDelta(t, 0.57, r.Below, 0.005)
	limit, err := power.NewPilotRisk(8, 0.8, 0.05, power.PilotLevel)
	require.NoError(t, err)
	assert.InDelta(t, 0.2, limit.Below, 1e-12)
	assert.Greater(t, limit.Mean, 0.8)
	large, err := power.NewPilotRisk(1e6, 0.8, 0.05, 0)
	require.NoError(t, err)
	assert.InDelta(t, 0.8, large.Mean, 1e-5)
	_, err = power.NewPilotRisk(0, 0.8, 0.05, 0)
	assert.ErrorIs(t, err, stats.ErrDomain)
	for d, want := range map[float64]int{0.05: 75, -0.2: 25, 0.5: 15, 0.8: 10} {
		n, err := power.PilotSize(d)
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	_, err = power.PilotSize(0)
	assert.ErrorIs(t, err, stats.ErrDomain)
	sd, err := power.UpperSD(2, math.Inf(1), 0.8)
	require.NoError(t, err)
	assert.Equal(t, 2.0, sd)
	_, err = power.UpperSD(2, 0, 0.8)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = power.LowerCorrelation(0.5, 3, 0.8)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	assert.Panics(t, func() { _, _ = power.LowerCorrelation(0.5, 9, 1) })
}
