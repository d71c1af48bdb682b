package regress_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// The comparisons of several arms with a control are the same by MaxT and Dunnett.
func TestMaxTIsDunnettOfItsCorrelations(t *testing.T) {
	t.Parallel()
	y := []float64{5, 7, 6, 9, 8, 10, 12, 9, 11, 14, 13, 10, 12, 15, 16}
	var arm []string
	for i := range y {
		arm = append(arm, []string{"c", "low", "high"}[i/5])
	}
	m, err := regress.Linear(y, regress.Category("arm", arm, "c"))
	require.NoError(t, err)
	d, err := m.VersusControl("arm", "c")
	require.NoError(t, err)
	joint, err := regress.MaxT([]string{d[0].A, d[1].A}, []stats.Estimate{d[0].Estimate, d[1].Estimate}, [][]float64{{1, 0.5}, {0.5, 1}})
	require.NoError(t, err)
	for i := range d {
		assert.InDelta(t, d[i].P(0), joint[i].P(0), 1e-9)
		assert.InDelta(t, d[i].PGreater(1), joint[i].PGreater(1), 1e-9)
		assert.InDelta(t, d[i].CI(0.95).Lo, joint[i].CI(0.95).Lo, 1e-7)
		assert.Equal(t, joint[i].P(0) < 0.05, joint[i].CI(0.95).Excludes(0))
	}
}

// Between the unadjusted p-value and Bonferroni's, whatever the correlations; without
// any it is Šidák's; one estimate is itself; order and signs follow.
func TestMaxTProperties(t *testing.T) {
	t.Parallel()
	es := []stats.Estimate{{Value: 2, SE: 1, DF: 30}, {Value: -1.8, SE: 0.8, DF: 24}, {Value: 0.4, SE: 0.5, DF: math.Inf(1)}}
	names := []string{"week 4", "week 8", "week 12"}
	corr := [][]float64{{1, 0.6, 0.3}, {0.6, 1, 0.5}, {0.3, 0.5, 1}}
	cs, err := regress.MaxT(names, es, corr)
	require.NoError(t, err)
	for i, c := range cs {
		single := stats.Estimate{Value: es[i].Value, SE: es[i].SE, DF: 24} // the smallest
		assert.Greater(t, c.P(0), single.P(0))
		assert.LessOrEqual(t, c.P(0), math.Min(1, 3*single.P(0)))
		assert.Greater(t, c.CI(0.95).Width(), single.CI(0.95).Width())
		assert.InDelta(t, 0.05, c.P(c.CI(0.95).Lo), 1e-4)
	}
	turned, err := regress.MaxT([]string{names[2], names[1], names[0]}, []stats.Estimate{es[2], es[1].Neg(), es[0]},
		[][]float64{{1, -0.5, 0.3}, {-0.5, 1, -0.6}, {0.3, -0.6, 1}})
	require.NoError(t, err)
	for i := range cs {
		assert.InDelta(t, cs[i].P(0), turned[2-i].P(0), 2e-6)
	}
	free, err := regress.MaxT(names[:2], []stats.Estimate{{Value: 2, SE: 1, DF: math.Inf(1)}, {Value: 1, SE: 1, DF: math.Inf(1)}}, [][]float64{{1, 0}, {0, 1}})
	require.NoError(t, err)
	assert.InDelta(t, 1-math.Pow(1-free[0].Estimate.P(0), 2), free[0].P(0), 1e-9)
	one, err := regress.MaxT(names[:1], es[:1], [][]float64{{1}})
	require.NoError(t, err)
	assert.InDelta(t, es[0].P(0), one[0].P(0), 1e-10)
	statstest.Results(t, cs[0], cs)
	assert.NotContains(t, cs[0].String(), "−  ")
}

func TestMaxTRefuses(t *testing.T) {
	e := stats.Estimate{Value: 1, SE: 1, DF: 9}
	two := []string{"a", "b"}
	for name, c := range map[string]struct {
		names []string
		es    []stats.Estimate
		corr  [][]float64
		want  error
	}{
		"none":     {nil, nil, nil, stats.ErrTooFew},
		"names":    {two[:1], []stats.Estimate{e, e}, [][]float64{{1, 0}, {0, 1}}, stats.ErrLength},
		"row":      {two, []stats.Estimate{e, e}, [][]float64{{1}, {0, 1}}, stats.ErrLength},
		"no error": {two, []stats.Estimate{e, {Value: 1, DF: 3}}, [][]float64{{1, 0}, {0, 1}}, stats.ErrNoVariation},
		"above 1":  {two, []stats.Estimate{e, e}, [][]float64{{1, 2}, {2, 1}}, stats.ErrDomain},
		"uneven":   {two, []stats.Estimate{e, e}, [][]float64{{1, 0.2}, {0.3, 1}}, stats.ErrDomain},
		"the same": {two, []stats.Estimate{e, e}, [][]float64{{1, 1}, {1, 1}}, stats.ErrSingular},
		"negative": {[]string{"a", "b", "c"}, []stats.Estimate{e, e, e}, [][]float64{{1, 0.9, -0.9}, {0.9, 1, 0.9}, {-0.9, 0.9, 1}}, stats.ErrDomain},
	} {
		_, err := regress.MaxT(c.names, c.es, c.corr)
		assert.ErrorIs(t, err, c.want, name)
	}
}

func ExampleMaxT() {
	cs, err := regress.MaxT([]string{"week 4", "week 12"},
		[]stats.Estimate{{Value: -8.1, SE: 3.2, DF: 41}, {Value: -6.0, SE: 3.4, DF: 41}}, [][]float64{{1, 0.7}, {0.7, 1}})
	if err != nil {
		panic(err)
	}
	for _, c := range cs {
		fmt.Println(c)
	}
	// Output:
	// week 4: -8.1 (95% CI -15.3 to -0.9; p = 0.0265; max-T, 41 df)
	// week 12: -6.0 (95% CI -13.7 to 1.7; p = 0.14; max-T, 41 df)
}
