package power_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/resample"
)

// Values from R 4.2.2: integrals over the chi distribution with integrate()
// and rel.tol = 1e-13; see the script beside the numbers, design_errors.R in
// testdata/reference.
func TestTypeSM(t *testing.T) {
	for _, c := range []struct {
		d                   float64
		n                   int
		power, typeS, typeM float64
	}{
		{0.5, 5, 0.107685989797556, 0.035715331537491, 2.917730296230546},
		{0.8, 5, 0.2007394526520357, 0.0049682997135358, 1.9692600142292038},
		{1, 5, 0.2862954933805979, 0.0012850208789878, 1.6575869641532222},
		{1.5, 5, 0.54938559776240, 3.8992787964219e-05, 1.2639285538918},
		{0.3, 50, 0.317802204919462, 0.000897054476819, 1.740759728587415},
	} {
		got, err := power.TypeSMGroups(c.d, c.n, c.n, 0.05)
		require.NoError(t, err)
		// integrate() gives 1e-10 at best here.
		assert.InDelta(t, c.power, got.Power, 1e-9)
		assert.InEpsilon(t, c.typeS, got.TypeS, 1e-8)
		assert.InEpsilon(t, c.typeM, got.TypeM, 1e-8)
		flipped, err := power.TypeSMGroups(-c.d, c.n, c.n, 0.05)
		require.NoError(t, err)
		assert.Equal(t, got, flipped, "the sign of the truth does not matter")
	}
}

// Scaling the unit changes nothing, many degrees of freedom reach the normal
// limit, and a simulation agrees.
func TestTypeSMProperties(t *testing.T) {
	a, err := power.TypeSM(0.5, 0.4, 8, 0.05)
	require.NoError(t, err)
	b, err := power.TypeSM(50, 40, 8, 0.05)
	require.NoError(t, err)
	assert.InEpsilon(t, a.TypeM, b.TypeM, 1e-12)

	z, err := power.TypeSM(1.2, 1, math.Inf(1), 0.05)
	require.NoError(t, err)
	large, err := power.TypeSM(1.2, 1, 1e7, 0.05)
	require.NoError(t, err)
	assert.InEpsilon(t, z.TypeM, large.TypeM, 1e-6)
	assert.InEpsilon(t, z.TypeS, large.TypeS, 1e-5)

	rng := rand.New(rand.NewPCG(1, 2))
	var hits, wrong, size float64
	for range 100_000 {
		x, y := make([]float64, 5), make([]float64, 5)
		for i := range x {
			x[i], y[i] = rng.NormFloat64()+1, rng.NormFloat64()
		}
		e, err := stats.Student(x, y)
		require.NoError(t, err)
		if e.P(0) < 0.05 {
			hits++
			size += math.Abs(e.Value)
			if e.Value < 0 {
				wrong++
			}
		}
	}
	got, err := power.TypeSMGroups(1, 5, 5, 0.05)
	require.NoError(t, err)
	assert.InDelta(t, hits/100_000, got.Power, 0.006)
	assert.InDelta(t, size/hits, got.TypeM, 0.02)
	assert.InDelta(t, wrong/hits, got.TypeS, 0.001)
}

func TestDetectableD(t *testing.T) {
	d, err := power.DetectableD(5, 5, 0.05, 0.8)
	require.NoError(t, err)
	assert.InDelta(t, 2.0244379394941, d, 1e-4, "R's power.t.test stops at 1e-4 of its root")
	e, err := power.TypeSMGroups(d, 5, 5, 0.05)
	require.NoError(t, err)
	assert.InDelta(t, 0.8, e.Power, 1e-10)
}

// The needed SD is the one at which the interval touches the null.
func TestNeededSD(t *testing.T) {
	for _, null := range []float64{0, 2.26} {
		sd, err := power.NeededSDMeanWith(2.66, 5, power.SDOptions{Null: null})
		require.NoError(t, err)
		e, err := stats.MeanSummary(stats.Summary{N: 5, Mean: 2.66, SD: sd})
		require.NoError(t, err)
		assert.InDelta(t, null, e.CI(0.95).Lo, 1e-12)

		sd, err = power.NeededSDDifferenceWith(2.66, 5, 7, power.SDOptions{Null: null})
		require.NoError(t, err)
		e, err = stats.StudentSummary(stats.Summary{N: 5, Mean: 2.66, SD: sd}, stats.Summary{N: 7, SD: sd})
		require.NoError(t, err)
		assert.InDelta(t, null, e.CI(0.95).Lo, 1e-12)
	}
	within, _ := power.NeededSDMean(2.66, 5)
	between, _ := power.NeededSDDifference(2.66, 5, 5)
	assert.InDelta(t, 2.14, within, 0.005)
	assert.InDelta(t, 1.82, between, 0.005)
}

func TestArrangementFloor(t *testing.T) {
	two := power.Allocation{Treated: 1, Control: 1}
	for _, c := range []struct {
		want   float64
		blocks []power.Allocation
	}{
		{2.0 / 252, []power.Allocation{{Treated: 5, Control: 5}}},
		{2.0 / 32, []power.Allocation{two, two, two, two, two}},
		{2.0 / 72, []power.Allocation{{Treated: 2, Control: 2}, {Treated: 2, Control: 2}, two}},
		{1.0 / 210, []power.Allocation{{Treated: 4, Control: 6}}},
	} {
		got, err := power.ArrangementFloor(c.blocks...)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	large, err := power.ArrangementFloor(power.Allocation{Treated: 100, Control: 100})
	require.NoError(t, err)
	assert.InEpsilon(t, 2/9.0548514656103e58, large, 1e-10)
	// The data at hand cannot go below.
	floor, err := resample.PermutationFloor([]float64{9, 8, 7, 6}, []float64{1, 2, 3, 4, 5, 5})
	require.NoError(t, err)
	assert.GreaterOrEqual(t, floor, 1.0/210-1e-15)
	_, err = power.ArrangementFloor(power.Allocation{Treated: 5})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	five, err := power.SignFloor(5)
	require.NoError(t, err)
	assert.Equal(t, 0.0625, five)
}

func TestDesignRefusals(t *testing.T) {
	_, err := power.TypeSM(0, 1, 8, 0.05)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = power.TypeSM(1, math.NaN(), 8, 0.05)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = power.TypeSMGroups(1, 1, 1, 0.05)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = power.NeededSDMean(math.NaN(), 5)
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = power.NeededSDMean(1, 1)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	assert.Panics(t, func() { _, _ = power.DetectableD(5, 5, 0.05, 1) })
}

func ExampleTypeSMGroups() {
	e, _ := power.TypeSMGroups(0.5, 5, 5, 0.05)
	fmt.Printf("power %.2f, wrong sign %.3f, exaggeration %.1f\n", e.Power, e.TypeS, e.TypeM)
	// Output: power 0.11, wrong sign 0.036, exaggeration 2.9
}

func ExampleNeededSDDifference() {
	sd, _ := power.NeededSDDifference(2.66, 5, 5)
	fmt.Printf("%.2f\n", sd)
	// Output: 1.82
}
