package regress_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// emptyCell are two arms in centers A, B and C, where C has controls alone.
func emptyCell() (y []float64, arm, center []string) {
	for _, c := range []struct {
		arm, center string
		y           []float64
	}{
		{"control", "A", []float64{6, 7, 5, 6}}, {"active", "A", []float64{3, 4, 3.5, 3.5}},
		{"control", "B", []float64{8, 6.5}}, {"active", "B", []float64{4, 5}},
		{"control", "C", []float64{5, 9, 7}},
	} {
		for _, v := range c.y {
			y, arm, center = append(y, v), append(arm, c.arm), append(center, c.center)
		}
	}
	return y, arm, center
}

// The saturated model's estimates are means of cells: active − control is
// −2.50 in A and −2.75 in B, σ² is pooled within the five cells. It used to be
// refused as a whole.
func TestEmptyCellLeavesTheOthersEstimable(t *testing.T) {
	y, arm, center := emptyCell()
	for _, ref := range []string{"A", "B", "C"} {
		a, c := regress.Category("arm", arm, "control"), regress.Category("center", center, ref)
		m, err := regress.Linear(y, a, c, regress.Interaction(a, c))
		require.NoError(t, err)
		assert.Equal(t, float64(len(y)-5), m.DF())
		require.NotEmpty(t, m.NotEstimable())
		means := map[string]regress.LSMean{}
		for _, e := range m.LSMeans("arm", "center") {
			means[e.Levels["arm"]+e.Levels["center"]] = e
		}
		sigma := math.Sqrt((2.0 + 0.5 + 1.125 + 0.5 + 8) / 10) // sums of squares of the cells by hand
		assert.InEpsilon(t, sigma, m.Sigma(), 1e-12)
		for center, want := range map[string][2]float64{"A": {-2.5, math.Sqrt(1.0/4 + 1.0/4)}, "B": {-2.75, 1}} {
			d := m.Compare(means["active"+center], means["control"+center])
			assert.InEpsilon(t, want[0], d.Value, 1e-12, ref)
			assert.InEpsilon(t, want[1]*sigma, d.SE, 1e-12, ref)
		}
		assert.InEpsilon(t, 7.0, means["controlC"].Value, 1e-12)
		assert.False(t, means["activeC"].Estimable())
		d := m.Compare(means["activeC"], means["controlC"])
		assert.False(t, d.Estimable())
		assert.True(t, math.IsNaN(d.P(0)) && math.IsNaN(d.CI(0.95).Lo))
		marginal := m.LSMeans("arm")
		assert.InEpsilon(t, (6+7.25+7)/3, marginal[0].Value, 1e-12)
		assert.False(t, marginal[1].Estimable())
		robust, err := m.RobustWith(regress.RobustOptions{Kind: regress.HC0})
		require.NoError(t, err)
		d = robust.Compare(means["activeA"], means["controlA"])
		assert.InEpsilon(t, math.Sqrt(2.0/16+0.5/16), d.SE, 1e-12)
		assert.True(t, math.IsNaN(m.Joint([][]float64{means["activeC"].Row()}).F))
		assert.Equal(t, 1.0, m.TestWith("arm:center", regress.TestOptions{Type: regress.TypeI}).DF1)
		assert.True(t, math.IsNaN(m.Test("arm").F))
		_, err = m.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})
		assert.ErrorIs(t, err, stats.ErrSingular)
	}
	// R: lm(y ~ arm*center) gives NA for armactive:centerC.
	a, c := regress.Category("arm", arm, "control"), regress.Category("center", center, "A")
	m, err := regress.Linear(y, a, c, regress.Interaction(a, c))
	require.NoError(t, err)
	assert.Equal(t, []string{"armactive:centerC"}, m.NotEstimable())
	assert.InEpsilon(t, -2.5, m.Coefficient("armactive").Value, 1e-12)
	assert.True(t, math.IsNaN(m.Cov()[5][0]) && !math.IsNaN(m.Cov()[1][1]))
}

// Log odds ratios of the centers' own tables.
func TestLogisticWithAnEmptyCell(t *testing.T) {
	var y []bool
	var arm, center []string
	for center0, counts := range map[string][4]int{"A": {3, 8, 5, 9}, "B": {2, 7, 4, 6}, "C": {0, 0, 2, 5}} {
		ty, ta := table2x2(counts[0], counts[1], counts[2], counts[3])
		y, arm = append(y, ty...), append(arm, ta...)
		for range ty {
			center = append(center, center0)
		}
	}
	for _, firth := range []bool{false, true} {
		half := 0.0
		if firth {
			half = 0.5
		}
		a, c := regress.Category("arm", arm, "control"), regress.Category("center", center, "A")
		m, err := regress.LogisticWith(y, []regress.Term{a, c, regress.Interaction(a, c)}, regress.LogisticOptions{Firth: firth})
		require.NoError(t, err)
		assert.Equal(t, []string{"armactive:centerC"}, m.NotEstimable())
		or := func(a, b, c, d float64) float64 { return math.Log((a + half) * (d + half) / ((b + half) * (c + half))) }
		assert.InDelta(t, or(3, 5, 5, 4), m.Coefficient("armactive").Value, 1e-9)
		assert.InDelta(t, or(2, 5, 4, 2)-or(3, 5, 5, 4), m.Coefficient("armactive:centerB").Value, 1e-9)
		assert.False(t, m.Coefficient("armactive:centerC").Estimable())
		p := m.Profile("armactive:centerC")
		_, err = p.CIContext(t.Context(), 0.95)
		assert.ErrorIs(t, err, stats.ErrSingular)
		assert.True(t, math.IsNaN(p.P(0)) && math.IsNaN(p.Point()))
		ci, err := m.Profile("armactive").CIContext(t.Context(), 0.95)
		require.NoError(t, err)
		assert.True(t, ci.Contains(m.Coefficient("armactive").Value))
		_, err = m.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})
		assert.ErrorIs(t, err, stats.ErrSingular)
	}
}

// Arm b is the only one at site 2 and has no other: its difference is the
// site's. The other arm's is what it is without arm b.
func TestANCOVAAnswersTheArmsThatCovariatesLeave(t *testing.T) {
	d := regress.ANCOVAData{Control: "c",
		Arm:      []string{"c", "c", "c", "c", "a", "a", "a", "a", "b", "b", "b"},
		Y:        []float64{5, 6, 4, 7, 3, 2, 4, 2.5, 1, 3, 2},
		Baseline: []float64{6, 7, 6, 8, 6, 5, 7, 6, 5, 7, 6}}
	site := []string{"1", "1", "1", "1", "1", "1", "1", "1", "2", "2", "2"}
	site[3], site[7] = "3", "3"
	d.Covariates = []regress.Term{regress.Category("site", site, "")}
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	assert.False(t, statstest.Must(f.Difference("b", f.Arms()[0])).Estimable())
	assert.False(t, statstest.Must(f.LSMean("b")).Estimable())
	assert.Equal(t, []string{"site2", "armb"}, f.Model().NotEstimable())
	// R 4.2: lm(y ~ baseline + site + arm), coefficient arma.
	assert.InDelta(t, -1.76277372262774, statstest.Must(f.Difference("a", f.Arms()[0])).Value, 1e-9)
	assert.InDelta(t, 0.28236950560416, statstest.Must(f.Difference("a", f.Arms()[0])).SE, 1e-9)
}
