package regress_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// table2x2 lists a/n₁ events in the treated and b/n₂ in the control arm.
func table2x2(a, n1, b, n2 int) (y []bool, arm []string) {
	for i := range n1 {
		y, arm = append(y, i < a), append(arm, "active")
	}
	for i := range n2 {
		y, arm = append(y, i < b), append(arm, "control")
	}
	return y, arm
}

// With the arm alone the odds ratio, its standard error and the standardized
// risks have closed forms.
func TestLogisticOfTwoArms(t *testing.T) {
	y, arm := table2x2(12, 40, 5, 35)
	m, err := regress.Logistic(y, regress.Category("arm", arm, "control"))
	require.NoError(t, err)
	e := m.Coefficient("armactive")
	assert.InEpsilon(t, math.Log(12.0/28*30/5), e.Value, 1e-13)
	assert.InEpsilon(t, math.Sqrt(1.0/12+1.0/28+1.0/5+1.0/30), e.SE, 1e-13)

	p1, p2 := 12.0/40, 5.0/35
	d, err := m.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})
	require.NoError(t, err)
	diff := statstest.Must(d.Difference("active", "control"))
	assert.InEpsilon(t, p1-p2, diff.Value, 1e-13)
	assert.InEpsilon(t, math.Sqrt(p1*(1-p1)/40+p2*(1-p2)/35), diff.SE, 1e-12)
	r, err := d.Ratio("active", "control")
	require.NoError(t, err)
	assert.InEpsilon(t, p1/p2, r.Point(), 1e-13)
	assert.InEpsilon(t, math.Sqrt((1-p1)/(p1*40)+(1-p2)/(p2*35)), r.Log.SE, 1e-12)
	ye, err := m.Marginal("arm")
	require.NoError(t, err)
	assert.InEpsilon(t, math.Sqrt(p1*(1-p1)/39+p2*(1-p2)/34), statstest.Must(ye.Difference("active", "control")).SE, 1e-12)
}

// Firth's estimate in a 2×2 table adds one half to every cell.
func TestFirthOfTwoArmsAddsHalf(t *testing.T) {
	for _, c := range [][4]int{{12, 40, 5, 35}, {0, 20, 5, 20}, {10, 10, 0, 12}, {1, 5, 0, 5}} {
		y, arm := table2x2(c[0], c[1], c[2], c[3])
		m, err := regress.LogisticWith(y, []regress.Term{regress.Category("arm", arm, "control")}, regress.LogisticOptions{Firth: true})
		require.NoError(t, err)
		a, b := float64(c[0])+0.5, float64(c[1]-c[0])+0.5
		cc, d := float64(c[2])+0.5, float64(c[3]-c[2])+0.5
		e := m.Coefficient("armactive")
		assert.InDelta(t, math.Log(a*d/(b*cc)), e.Value, 1e-10)
		// The profile interval agrees with the p-value.
		p := m.Profile("armactive")
		ci := p.CI(0.95)
		assert.InDelta(t, 0.05, p.P(ci.Lo), 1e-8)
		assert.InDelta(t, 0.05, p.P(ci.Hi), 1e-8)
		assert.Less(t, ci.Lo, e.Value)
		assert.Greater(t, ci.Hi, e.Value)
		assert.InDelta(t, 1, p.PGreater(0)+p.PLess(0), 1e-12)
	}
}

func TestLogisticDetectsSeparation(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	complete := []bool{false, false, false, false, true, true, true, true}
	_, err := regress.Logistic(complete, regress.Numeric("x", x))
	assert.ErrorIs(t, err, regress.ErrSeparation)
	assert.ErrorContains(t, err, "x → +∞")
	quasi := []bool{false, false, false, true, false, true, true, true}
	_, err = regress.Logistic(quasi, regress.Numeric("x", []float64{1, 2, 3, 4, 4, 5, 6, 7}))
	assert.ErrorIs(t, err, regress.ErrSeparation)
	overlap := []bool{false, false, false, true, false, true, true, true}
	m, err := regress.Logistic(overlap, regress.Numeric("x", x))
	require.NoError(t, err)
	assert.Greater(t, m.Coefficient("x").Value, 0.0)
	_, err = regress.LogisticWith(complete, []regress.Term{regress.Numeric("x", x)}, regress.LogisticOptions{Firth: true})
	assert.NoError(t, err)

	y, arm := table2x2(0, 20, 5, 20)
	_, err = regress.Logistic(y, regress.Category("arm", arm, "control"))
	assert.ErrorIs(t, err, regress.ErrSeparation)
	assert.ErrorContains(t, err, "armactive → −∞")
	_, err = regress.Logistic(make([]bool, 8), regress.Numeric("x", x))
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	_, err = regress.Logistic(complete[:2], regress.Numeric("x", x[:2]))
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = regress.Logistic(complete, regress.Numeric("x", statstest.With(x, 2, math.NaN())))
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = regress.Logistic(overlap, regress.Numeric("x", x), regress.Numeric("z", statstest.Affine(x, 2, 1)))
	assert.ErrorIs(t, err, stats.ErrSingular)
}

// Random small data: either separated, which a search over the sign patterns
// of a line confirms, or the score at the estimate is zero.
func TestLogisticSolvesOrRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 1))
	separated, solved := 0, 0
	for range 400 {
		n := 6 + rng.IntN(6)
		x, y := make([]float64, n), make([]bool, n)
		events := 0
		for i := range n {
			x[i] = float64(rng.IntN(6))
			y[i] = rng.Float64() < 1/(1+math.Exp(-1.5*(x[i]-2.5)))
			if y[i] {
				events++
			}
		}
		if events == 0 || events == n {
			continue
		}
		// One covariate: separated where the outcomes' ranges of x touch at
		// most in a point.
		lo, hi := [2]float64{99, 99}, [2]float64{-99, -99}
		same := true
		for i := range n {
			k := 0
			if y[i] {
				k = 1
			}
			lo[k], hi[k] = math.Min(lo[k], x[i]), math.Max(hi[k], x[i])
			same = same && x[i] == x[0]
		}
		if same {
			continue
		}
		sep := hi[0] <= lo[1] || hi[1] <= lo[0]
		m, err := regress.Logistic(y, regress.Numeric("x", x))
		if sep {
			separated++
			require.ErrorIs(t, err, regress.ErrSeparation, "%v %v", x, y)
			continue
		}
		solved++
		require.NoError(t, err, "%v %v", x, y)
		s0, s1 := 0.0, 0.0
		for i, p := range m.Fitted() {
			r := -p
			if y[i] {
				r++
			}
			s0 += r
			s1 += r * x[i]
		}
		assert.InDelta(t, 0, s0, 1e-10)
		assert.InDelta(t, 0, s1, 1e-9)
	}
	assert.Greater(t, separated, 20)
	assert.Greater(t, solved, 100)
}

// Swapping the outcome turns every sign; shifting and scaling a covariate
// scales its coefficient.
func TestLogisticProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	n := 60
	x, y, not, arm := make([]float64, n), make([]bool, n), make([]bool, n), make([]string, n)
	for i := range n {
		x[i] = math.Round(10 * rng.NormFloat64())
		arm[i] = []string{"a", "b"}[i%2]
		y[i] = rng.Float64() < 1/(1+math.Exp(-x[i]/10-float64(i%2)))
		not[i] = !y[i]
	}
	for _, firth := range []bool{false, true} {
		o := regress.LogisticOptions{Firth: firth}
		arms := regress.Category("arm", arm, "a")
		m, err := regress.LogisticWith(y, []regress.Term{regress.Numeric("x", x), arms}, o)
		require.NoError(t, err)
		r, err := regress.LogisticWith(not, []regress.Term{regress.Numeric("x", x), arms}, o)
		require.NoError(t, err)
		s, err := regress.LogisticWith(y, []regress.Term{regress.Numeric("x", statstest.Affine(x, 3, 1e6)), arms}, o)
		require.NoError(t, err)
		assertEstimate(t, m.Coefficient("armb").Neg(), r.Coefficient("armb"), 1e-9)
		assertEstimate(t, m.Coefficient("armb"), s.Coefficient("armb"), 1e-8)
		assertEstimate(t, m.Coefficient("x").Scale(1.0/3), s.Coefficient("x"), 1e-8)
		a, b := m.Profile("armb").CI(0.9), r.Profile("armb").CI(0.9)
		assert.InDelta(t, a.Lo, -b.Hi, 1e-8)
		assert.InDelta(t, 0.1, m.Profile("armb").P(a.Lo), 1e-9)
	}
}

// ANHECOVA predicts from each arm's own regression at the overall mean; with
// nothing to adjust for, Ye's variance is that of two separate means.
func TestANHECOVA(t *testing.T) {
	d := trialOf(rand.New(rand.NewPCG(4, 4)), 60)
	d.Covariates = nil
	g, err := regress.ANHECOVA(d)
	require.NoError(t, err)
	mean := 0.0
	for _, b := range d.Baseline {
		mean += b / float64(len(d.Baseline))
	}
	for _, arm := range g.Levels {
		var x, y []float64
		for i := range d.Arm {
			if d.Arm[i] == arm {
				x, y = append(x, d.Baseline[i]), append(y, d.Y[i])
			}
		}
		m, err := regress.Linear(y, regress.Numeric("x", x))
		require.NoError(t, err)
		assert.InEpsilon(t, m.Predict(regress.At{Numbers: map[string]float64{"x": mean}}).Value, statstest.Must(g.Mean(arm)).Value, 1e-12)
	}
	assertEstimate(t, statstest.Must(g.Difference("low", "high")).Neg(), statstest.Must(g.Difference("high", "low")), 1e-14)

	var a, b []float64
	for i := range d.Arm {
		switch d.Arm[i] {
		case "high":
			a = append(a, d.Y[i])
		case "sham":
			b = append(b, d.Y[i])
		}
	}
	m, err := regress.Linear(d.Y, regress.Category("arm", d.Arm, "sham"))
	require.NoError(t, err)
	raw, err := m.Marginal("arm")
	require.NoError(t, err)
	w, err := stats.Welch(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, w.SE, statstest.Must(raw.Difference("high", "sham")).SE, 1e-12)
	assert.InEpsilon(t, w.Value, statstest.Must(raw.Difference("high", "sham")).Value, 1e-12)
}

// A simulated trial with a wrong linear model: the 95% interval of ANHECOVA
// covers the true difference at about its level.
func TestANHECOVACovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	const runs = 600
	covered := 0
	for range runs {
		d := regress.ANCOVAData{Control: "c"}
		for i := range 100 {
			b := rng.NormFloat64()
			y := math.Exp(b) + rng.NormFloat64()
			arm := "c"
			if i < 40 {
				arm = "t"
				y += 1 + b*b - 1 // the mean effect is 1
			}
			d.Arm, d.Baseline, d.Y = append(d.Arm, arm), append(d.Baseline, b), append(d.Y, y)
		}
		g, err := regress.ANHECOVA(d)
		require.NoError(t, err)
		if statstest.Must(g.Difference("t", "c")).CI(0.95).Contains(1) {
			covered++
		}
	}
	share := float64(covered) / runs
	assert.InDelta(t, 0.94, share, 0.03) // SE of the share: 0.009
}

func ExampleLogistic() {
	y, arm := table2x2(12, 40, 5, 35)
	m, err := regress.Logistic(y, regress.Category("arm", arm, "control"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("odds ratio", m.OddsRatio("armactive"))
	g, err := m.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := g.Difference("active", "control")
	fmt.Println("risk difference", d, err)
	// Output:
	// odds ratio 2.6 (95% CI 0.8 to 8.2; p = 0.11; log normal)
	// risk difference 0.157 (95% CI -0.026 to 0.340; p = 0.0929; normal) <nil>
}

func ExampleANHECOVA() {
	g, err := regress.ANHECOVA(regress.ANCOVAData{
		Arm:      []string{"t", "t", "t", "t", "t", "c", "c", "c", "c", "c"},
		Control:  "c",
		Baseline: []float64{6.1, 7.2, 5.4, 8, 6.6, 6.3, 7.9, 5.2, 7.1, 6.8},
		Y:        []float64{2.9, 4.1, 2.6, 4.4, 3.2, 5.9, 7.1, 5, 6.2, 6.9},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Difference("t", "c"))
	// Output:
	// -2.78 (95% CI -3.12 to -2.44; p < 0.0001; normal) <nil>
}
