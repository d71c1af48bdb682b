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

func caceTrial(r *rand.Rand, n int, take float64) regress.CACEData {
	d := regress.CACEData{Control: "c"}
	x := make([]float64, n)
	for i := range n {
		active := i%2 == 1
		x[i] = math.Round(10*r.NormFloat64()) / 10
		got := 0.0
		if active && r.Float64() < take {
			got = 1
		}
		d.Y = append(d.Y, math.Round(10*(x[i]-2*got+r.NormFloat64()))/10)
		d.Arm = append(d.Arm, map[bool]string{true: "a", false: "c"}[active])
		d.Received = append(d.Received, got)
	}
	d.Covariates = []regress.Term{regress.Numeric("x", x)}
	return d
}

// At 0 the test is that of the intention to treat, to the last digit; test and set are
// one at every level, bounded where the uptake differs at it and only there; arms
// swapped change nothing, as both differences turn; origins and units of the covariate
// and the outcome follow.
func TestCACEProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	kinds := map[string]int{}
	for range 1500 {
		d := caceTrial(r, 8+r.IntN(30), 0.3+0.7*r.Float64())
		f, err := regress.CACE(d)
		if err != nil {
			require.ErrorIs(t, err, regress.ErrNoUptake)
			kinds["refused"]++
			continue
		}
		m, err := regress.ANCOVA(regress.ANCOVAData{Y: d.Y, Arm: d.Arm, Control: d.Control, Covariates: d.Covariates})
		require.NoError(t, err)
		itt, err := m.Difference("a", "c")
		require.NoError(t, err)
		require.InDelta(t, itt.P(0), f.P(0), 1e-14)
		require.InDelta(t, itt.PLess(0), f.PLess(0), 1e-14, "the direction is that of benefit received")
		for _, level := range []float64{0.8, 0.95, 0.999} {
			ci := f.CI(level)
			name := fmt.Sprint(f, level, ci, ci.Gaps())
			bounded := !math.IsInf(ci.Lo, 0) && !math.IsInf(ci.Hi, 0)
			require.Equal(t, f.Uptake.P(0) < 1-level, bounded, name)
			require.True(t, ci.Contains(f.Point()), name)
			if level == 0.95 {
				require.True(t, bounded, name)
			}
			kinds[ci.Why]++
			for range 10 {
				null := 4 * r.NormFloat64()
				if p := f.P(null); math.Abs(p-(1-level)) > 1e-9 {
					require.Equal(t, p < 1-level, ci.Excludes(null), "%s at %v: %v", name, null, p)
				}
			}
		}
		turned, scaled := d, d
		turned.Control = "a"
		back, err := regress.CACE(turned)
		require.NoError(t, err)
		require.InDelta(t, f.Point(), back.Point(), 1e-9*(1+math.Abs(f.Point())))
		require.InDelta(t, f.P(-1), back.P(-1), 1e-9)
		scaled.Y = nil
		for _, y := range d.Y {
			scaled.Y = append(scaled.Y, 1e4+100*y)
		}
		hundred, err := regress.CACE(scaled)
		require.NoError(t, err)
		require.InDelta(t, 100*f.CI(0.95).Lo, hundred.CI(0.95).Lo, 1e-6*(1+math.Abs(100*f.CI(0.95).Lo)))
		require.InDelta(t, 100*f.TwoStage().SE, hundred.TwoStage().SE, 1e-7)
	}
	for _, kind := range []string{"refused", "", stats.WhyGaps, stats.WhyUnbounded} {
		assert.Greater(t, kinds[kind], 20, "%q of %v", kind, kinds)
	}
}

// Where everybody receives what was allocated the effect is the difference as
// randomized, with its interval.
func TestCACEOfPerfectUptake(t *testing.T) {
	d := caceTrial(rand.New(rand.NewPCG(1, 3)), 40, 1)
	f, err := regress.CACE(d)
	require.NoError(t, err)
	assert.InDelta(t, f.ITT.Value, f.Point(), 1e-12)
	assert.InDelta(t, f.ITT.CI(0.9).Lo, f.CI(0.9).Lo, 1e-12)
	assert.InDelta(t, f.ITT.CI(0.9).Hi, f.CI(0.9).Hi, 1e-12)
	assert.InDelta(t, f.ITT.SE, f.TwoStage().SE, 1e-12)
	assert.Panics(t, func() { f.TwoStageRobust(regress.HC3) })
}

// Of three arms each is compared by the model of all: at every effect τ the test is that
// of ANCOVA of Y − τD, whose own arithmetic is the oracle, and at 0 that of the arms as
// randomized.
func TestCACEOfSeveralArms(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 4))
	fitted := 0
	for range 60 {
		d := regress.CACEData{Control: "b"}
		var base []float64
		for i := range 30 + r.IntN(30) {
			arm := []string{"a", "b", "c"}[i%3]
			x := 0.0
			if arm == "a" && r.IntN(6) > 0 || arm != "a" && r.IntN(10) == 0 {
				x = 1
			}
			d.Arm, d.Received = append(d.Arm, arm), append(d.Received, x)
			base = append(base, r.NormFloat64())
			d.Y = append(d.Y, base[i]-x+r.NormFloat64())
		}
		d.Covariates = []regress.Term{regress.Numeric("x", base)}
		_, err := regress.CACE(d)
		require.ErrorIs(t, err, stats.ErrDomain, "which arm?")
		d.Treated = "z"
		_, err = regress.CACE(d)
		require.ErrorIs(t, err, stats.ErrDomain)
		d.Treated = []string{"a", "c"}[r.IntN(2)]
		f, err := regress.CACE(d)
		if errors.Is(err, regress.ErrNoUptake) {
			continue
		}
		require.NoError(t, err)
		fitted++
		for _, tau := range []float64{0, -1, 0.5, 3, f.Point()} {
			y := make([]float64, len(d.Y))
			for i := range y {
				y[i] = d.Y[i] - tau*d.Received[i]
			}
			m, err := regress.ANCOVA(regress.ANCOVAData{Y: y, Arm: d.Arm, Control: d.Control, Covariates: d.Covariates})
			require.NoError(t, err)
			e, err := m.Difference(d.Treated, d.Control)
			require.NoError(t, err)
			require.InDelta(t, e.P(0), f.P(tau), 1e-9)
		}
	}
	assert.Greater(t, fitted, 20)
}

func TestCACERefuses(t *testing.T) {
	good := func() regress.CACEData { return caceTrial(rand.New(rand.NewPCG(1, 3)), 40, 0.9) }
	for name, c := range map[string]struct {
		change func(d *regress.CACEData)
		want   error
	}{
		"nobody received": {func(d *regress.CACEData) { d.Received = make([]float64, 40) }, regress.ErrNoUptake},
		"all received": {func(d *regress.CACEData) {
			d.Received = d.Received[:0]
			for range 40 {
				d.Received = append(d.Received, 1)
			}
		}, regress.ErrNoUptake},
		"three arms": {func(d *regress.CACEData) { d.Arm[3] = "b" }, stats.ErrDomain},
		"one arm": {func(d *regress.CACEData) {
			for i := range d.Arm {
				d.Arm[i] = "c"
			}
		}, stats.ErrTooFew},
		"short":      {func(d *regress.CACEData) { d.Received = d.Received[1:] }, stats.ErrLength},
		"NaN":        {func(d *regress.CACEData) { d.Received[3] = math.NaN() }, stats.ErrNotFinite},
		"no outcome": {func(d *regress.CACEData) { d.Y[3] = math.Inf(1) }, stats.ErrNotFinite},
	} {
		d := good()
		c.change(&d)
		_, err := regress.CACE(d)
		assert.ErrorIs(t, err, c.want, name)
	}
}

func ExampleCACE() {
	// Twelve patients, of whom one of the active arm did not come.
	f, err := regress.CACE(regress.CACEData{Control: "sham",
		Y:        []float64{31, 28, 35, 22, 30, 27, 44, 39, 47, 36, 41, 45},
		Arm:      []string{"laser", "laser", "laser", "laser", "laser", "laser", "sham", "sham", "sham", "sham", "sham", "sham"},
		Received: []float64{1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}})
	if err != nil {
		panic(err)
	}
	fmt.Println("as randomized", f.ITT)
	fmt.Println("compliers    ", f)
	// Output:
	// as randomized -13.2 (95% CI -18.6 to -7.7; p = 0.0003; t, 10 df)
	// compliers     -15.8 (95% CI -25.7 to -10.0; p = 0.0003; Anderson–Rubin, 10 df; uptake 0.46 to 1.20)
}
