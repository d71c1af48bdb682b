package impute_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// retrievedTrial has participants who stopped before the last visit: some were seen
// afterwards (by shift worse), others not. Without a baseline.
func retrievedTrial(visits, n int, shift float64) *impute.Data {
	r := rand.New(rand.NewPCG(4, uint64(visits)))
	d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"a", "c"}, Control: "c"}}
	for v := range visits {
		d.Visits = append(d.Visits, []string{"v1", "v2", "v3"}[v])
	}
	for p := range n {
		d.Arm = append(d.Arm, p%2)
		own := r.NormFloat64()
		stopped := p%3 == 0
		if stopped {
			d.Events = append(d.Events, impute.Event{Participant: p, Visit: visits - 1, Strategy: impute.Retrieved})
		}
		for v := range visits {
			y := 10 + own + r.NormFloat64()
			if stopped && v == visits-1 {
				if y += shift; p%4 == 0 {
					continue // lost
				}
			}
			d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: v, Y: y})
		}
	}
	return d
}

// At one visit without covariates a lost participant's value is the mean of the arm's
// retrieved dropouts; those who stayed have no part in it.
func TestRetrievedIsTheirMean(t *testing.T) {
	d := retrievedTrial(1, 60, 5)
	fit, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	sum, n := [2]float64{}, [2]float64{}
	for _, v := range d.Values {
		if v.Participant%3 == 0 {
			sum[v.Participant%2] += v.Y
			n[v.Participant%2]++
		}
	}
	cells, err := fit.Cells()
	require.NoError(t, err)
	require.NotEmpty(t, cells)
	for _, c := range cells {
		arm := c.Participant % 2
		assert.InDelta(t, sum[arm]/n[arm], c.Mean, 1e-9)
	}
	_, err = fit.Under(impute.MAR)
	assert.ErrorContains(t, err, "fit it again")
	_, err = fit.Draw(impute.DrawOptions{Engine: impute.Bayes})
	assert.ErrorContains(t, err, "BootstrapDraw")
}

// With an earlier visit the value is the retrieved dropouts' mean for the participant's
// history: the regression of an analysis of covariance among all with arm and stopping,
// whose slope is the model's. It is what was put in: the difference of MAR and Retrieved
// is about the shift.
func TestRetrievedTakesTheHistory(t *testing.T) {
	d := retrievedTrial(2, 400, 5)
	fit, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	cells, err := fit.Cells()
	require.NoError(t, err)
	at, err := impute.Model{}.Fit(d.Under(impute.MAR))
	require.NoError(t, err)
	random, err := at.Cells()
	require.NoError(t, err)
	for i := range cells {
		assert.InDelta(t, 5, cells[i].Mean-random[i].Mean, 2.2)
	}
	samples, err := fit.Jackknife()
	require.NoError(t, err)
	r, err := samples.Analyze(impute.Analysis{})
	require.NoError(t, err)
	jack, err := r.Difference("a", "c", "v2")
	require.NoError(t, err)
	draws, err := fit.Draw(impute.DrawOptions{Imputations: 200, Seed: 1})
	require.NoError(t, err)
	assert.Equal(t, impute.BootstrapDraw, draws.Engine)
	im, err := draws.Impute()
	require.NoError(t, err)
	m, err := im.Analyze(impute.Analysis{})
	require.NoError(t, err)
	pooled, err := m.Difference("a", "c", "v2")
	require.NoError(t, err)
	assert.InDelta(t, jack.Value, pooled.Value, 4*pooled.SE*0.2)
	assert.InEpsilon(t, jack.SE, pooled.SE, 0.25)
}

// Nobody of an arm was seen after the event: there is nothing to go by.
func TestRetrievedNeedsSomebody(t *testing.T) {
	d := retrievedTrial(2, 60, 5)
	var kept []mmrm.Value
	for _, v := range d.Values {
		if v.Visit == 1 && v.Participant%3 == 0 && v.Participant%2 == 0 {
			continue
		}
		kept = append(kept, v)
	}
	d.Values = kept
	_, err := impute.Model{}.Fit(d)
	assert.ErrorContains(t, err, `two of "a"`)
}
