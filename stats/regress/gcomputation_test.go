package regress_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// binaryTrial draws a trial of n participants in two arms, with a covariate and a
// site, whose log odds begin at base.
func binaryTrial(r *rand.Rand, n int, base float64) (y []bool, arm, site []string, x []float64) {
	for i := range n {
		a := i % 2
		v := math.Round(10*r.NormFloat64()) / 10
		y = append(y, r.Float64() < 1/(1+math.Exp(-base-0.7*float64(a)-v)))
		arm, site = append(arm, []string{"c", "a"}[a]), append(site, fmt.Sprint("s", r.IntN(3)))
		x = append(x, v)
	}
	return y, arm, site, x
}

func TestGComputationProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		y, arm, site, x := binaryTrial(r, 60+r.IntN(60), r.NormFloat64())
		for _, errs := range []regress.MarginalErrors{regress.YeErrors, regress.DeltaErrors, regress.DeltaRobustErrors} {
			fit := func(y []bool, x []float64, control string) (*regress.Marginal, error) {
				return regress.GComputation(regress.BinaryData{Y: y, Arm: arm, Control: control, Errors: errs,
					Covariates: []regress.Term{regress.Numeric("arm", x), regress.Category("site", site, "")}}) // its name is taken
			}
			g, err := fit(y, x, "c")
			if err != nil {
				require.True(t, isNamed(err), "%v", err)
				continue
			}
			ac, _ := g.Difference("a", "c")
			ca, _ := g.Difference("c", "a")
			assert.Equal(t, -ac.Value, ca.Value)
			assert.InEpsilon(t, ac.SE, ca.SE, 1e-14)
			or, err := g.OddsRatio("a", "c")
			require.NoError(t, err)
			back, _ := g.OddsRatio("c", "a")
			assert.InDelta(t, 0, or.Log.Value+back.Log.Value, 1e-12)
			assert.InEpsilon(t, or.Log.SE, back.Log.SE, 1e-14)

			// Neither the covariate's origin and unit nor the reference count.
			moved := make([]float64, len(x))
			for i, v := range x {
				moved[i] = 2018 + 1e-4*v
			}
			m, err := fit(y, moved, "a")
			require.NoError(t, err)
			same, _ := m.Difference("a", "c")
			assert.InDelta(t, ac.Value, same.Value, 1e-9)
			assert.InEpsilon(t, ac.SE, same.SE, 1e-8)

			// Events and non-events change places: the sign turns, the odds are inverted.
			no := make([]bool, len(y))
			for i, v := range y {
				no[i] = !v
			}
			n, err := fit(no, x, "c")
			require.NoError(t, err)
			turned, _ := n.Difference("a", "c")
			assert.InDelta(t, -ac.Value, turned.Value, 1e-12)
			assert.InEpsilon(t, ac.SE, turned.SE, 1e-9)
			inverse, _ := n.OddsRatio("a", "c")
			assert.InDelta(t, -or.Log.Value, inverse.Log.Value, 1e-11)
		}
	}
}

// isNamed reports whether an error is one of those that say what the data lack.
func isNamed(err error) bool {
	for _, e := range []error{regress.ErrFewEvents, regress.ErrSeparation, stats.ErrTooFew, stats.ErrSingular, stats.ErrNoVariation, stats.ErrDomain, stats.ErrNotConverged} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Without covariates the risks are the observed ones, and Ye's variance is that of
// two independent proportions with n − 1.
func TestGComputationWithoutCovariates(t *testing.T) {
	t.Parallel()
	var y []bool
	var arm []string
	for a, c := range map[string][2]int{"c": {12, 40}, "a": {21, 37}} {
		for i := range c[1] {
			y, arm = append(y, i < c[0]), append(arm, a)
		}
	}
	g, err := regress.GComputation(regress.BinaryData{Y: y, Arm: arm, Control: "c"})
	require.NoError(t, err)
	d, _ := g.Difference("a", "c")
	assert.InDelta(t, 21.0/37-12.0/40, d.Value, 1e-13)
	// V/n of an arm is p(1 − p)·nₐ/(nₐ − 1)/nₐ, for its predictions do not vary.
	assert.InDelta(t, math.Sqrt(21.0/37*16/37/36+12.0/40*28/40/39), d.SE, 1e-13)
}

func TestGComputationRefuses(t *testing.T) {
	t.Parallel()
	of := func(events, n int, arm func(i int) string) regress.BinaryData {
		d := regress.BinaryData{Control: "c"}
		for i := range n {
			d.Y, d.Arm = append(d.Y, i < events), append(d.Arm, arm(i))
		}
		return d
	}
	half := func(i int) string { return []string{"c", "a"}[i%2] }
	for _, events := range []int{0, 9, 31, 40} {
		_, err := regress.GComputation(of(events, 40, half))
		assert.ErrorIs(t, err, regress.ErrFewEvents, "%d events", events)
	}
	_, err := regress.GComputation(of(10, 40, half))
	assert.NoError(t, err)
	_, err = regress.GComputation(of(20, 40, func(i int) string { return map[bool]string{true: "c", false: "a"}[i < 20] }))
	assert.ErrorIs(t, err, regress.ErrSeparation)
	d := of(20, 40, half)
	d.Covariates = []regress.Term{regress.Numeric("x", append(make([]float64, 39), math.NaN()))}
	_, err = regress.GComputation(d)
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	d = of(20, 40, half)
	d.Arm = d.Arm[1:]
	_, err = regress.GComputation(d)
	assert.ErrorIs(t, err, stats.ErrLength)
	for _, control := range []string{"", "b"} {
		d = of(20, 40, half)
		d.Control = control
		_, err = regress.GComputation(d)
		assert.ErrorIs(t, err, stats.ErrDomain)
	}
}

// Tiny and separated trials: a result or a named reason, no NaN, no hang.
func TestGComputationOfTinyTrials(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	answered := 0
	for range 2000 {
		y, arm, site, x := binaryTrial(r, 2+r.IntN(40), 4*r.NormFloat64())
		covariates := []regress.Term{regress.Numeric("x", x)}
		if r.IntN(2) == 0 {
			covariates = append(covariates, regress.Category("site", site, ""))
		}
		g, err := regress.GComputation(regress.BinaryData{Y: y, Arm: arm, Control: "c", Covariates: covariates})
		if err != nil {
			require.True(t, isNamed(err), "%v", err)
			continue
		}
		answered++
		d, err := g.Difference("a", "c")
		require.NoError(t, err)
		ci := d.CI(0.95)
		require.False(t, math.IsNaN(d.Value+d.SE+d.P(0)+ci.Lo+ci.Hi))
		require.Equal(t, d.P(0) < 0.05, ci.Excludes(0))
	}
	assert.Greater(t, answered, 100)
}

func ExampleGComputation() {
	// Pain relieved after 24 hours: 40 of 60 with the laser, 28 of 60 without.
	var y []bool
	var arm []string
	var age []float64
	for i := range 120 {
		active := i%2 == 0
		y = append(y, (i/2*37)%60 < map[bool]int{true: 40, false: 28}[active])
		arm = append(arm, map[bool]string{true: "laser", false: "placebo"}[active])
		age = append(age, float64(50+i*7%23))
	}
	g, err := regress.GComputation(regress.BinaryData{Y: y, Arm: arm, Control: "placebo",
		Covariates: []regress.Term{regress.Numeric("age", age)}})
	if err != nil {
		panic(err)
	}
	rd, _ := g.Difference("laser", "placebo")
	or, _ := g.OddsRatio("laser", "placebo")
	fmt.Println("risk difference", rd)
	fmt.Println("marginal odds ratio", or)
	// Output:
	// risk difference 0.198 (95% CI 0.036 to 0.360; p = 0.0169; normal)
	// marginal odds ratio 2.27 (95% CI 1.13 to 4.53; p = 0.0206; log normal)
}
