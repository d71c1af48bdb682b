package impute_test

import (
	"bytes"
	"encoding/csv"
	"math"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
)

func imputed(t *testing.T, m impute.Model, d *impute.Data, o impute.DrawOptions) *impute.Imputations {
	t.Helper()
	f, err := m.Fit(d)
	require.NoError(t, err)
	draws, err := f.Draw(o)
	require.NoError(t, err)
	im, err := draws.Impute()
	require.NoError(t, err)
	return im
}

// Imputations scatter around the conditional mean: pooled estimates agree with it
// within Monte Carlo error and the order 1/n by which the engines differ.
func TestImputationsAgreeWithConditionalMeans(t *testing.T) {
	for _, s := range all {
		d := under(invented(90, 3, 41, 0.3), s)
		want := difference(t, analyzed(t, impute.Model{}, d, impute.Analysis{}), "active", "placebo", "week 12")
		for _, engine := range []impute.Engine{impute.Bayes, impute.BootstrapDraw} {
			r, err := imputed(t, impute.Model{}, d, impute.DrawOptions{Imputations: 300, Seed: 5, Engine: engine}).Analyze(impute.Analysis{})
			require.NoError(t, err)
			p, err := r.Difference("active", "placebo", "week 12")
			require.NoError(t, err)
			es, err := r.Estimates("active", "placebo", "week 12")
			require.NoError(t, err)
			mc, err := impute.StabilityOf(es)
			require.NoError(t, err)
			assert.InDelta(t, math.Sqrt(p.Between/300), mc.Estimate, 1e-9)
			assert.InDelta(t, want.Value, p.Value, 4*mc.Estimate+0.1*want.SE, "%v %v", s, engine)
			mean, err := r.Mean("active", "week 12")
			require.NoError(t, err)
			other, err := r.Mean("placebo", "week 12")
			require.NoError(t, err)
			assert.InDelta(t, p.Value, mean.Value-other.Value, 1e-9)
			if s == impute.BOCF || s == impute.J2R {
				assert.Greater(t, p.SE, 0.9*want.SE, "Rubin's variance is information-anchored")
			}
		}
	}
}

func TestDrawsAreSeeded(t *testing.T) {
	d := invented(60, 3, 8, 0.3).Under(impute.J2R)
	run := func(cores int, seed uint64, e impute.Engine) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		var b bytes.Buffer
		require.NoError(t, imputed(t, impute.Model{}, d, impute.DrawOptions{Imputations: 60, Seed: seed, Engine: e}).WriteCSV(&b, impute.Delta{}))
		return b.String()
	}
	for _, e := range []impute.Engine{impute.Bayes, impute.BootstrapDraw} {
		assert.Equal(t, run(1, 1, e), run(4, 1, e), "%v", e)
		assert.NotEqual(t, run(1, 1, e), run(1, 2, e))
	}
}

func TestNothingMissingPoolsTheCompleteAnalysis(t *testing.T) {
	d := invented(40, 2, 3, 0)
	im := imputed(t, impute.Model{}, d, impute.DrawOptions{Imputations: 5})
	r, err := im.Analyze(impute.Analysis{})
	require.NoError(t, err)
	p, err := r.Difference("active", "placebo", "week 8")
	require.NoError(t, err)
	one := analyzed(t, impute.Model{}, d, impute.Analysis{})
	e := difference(t, one, "active", "placebo", "week 8")
	w, err := one.Within("active", "placebo", "week 8")
	require.NoError(t, err)
	assert.InDelta(t, e.Value, p.Value, 1e-10)
	assert.InEpsilon(t, math.Sqrt(w), p.SE, 1e-10)
	assert.Zero(t, p.Lambda)
}

// The file has every cell with its flag, observed values untouched, and delta at and
// after the event alone.
func TestTidyFile(t *testing.T) {
	d := invented(40, 3, 12, 0.4)
	im := imputed(t, impute.Model{}, d, impute.DrawOptions{Imputations: 3, Seed: 9})
	read := func(delta impute.Delta) [][]string {
		var b bytes.Buffer
		require.NoError(t, im.WriteCSV(&b, delta))
		rows, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		return rows
	}
	plain, moved := read(impute.Delta{}), read(impute.Delta{Size: map[string]float64{"active": 5}})
	require.Len(t, plain, 1+3*40*3)
	event := map[string]int{}
	for _, e := range d.Events {
		event[d.Participants[e.Participant]] = e.Visit
	}
	for i, row := range plain[1:] {
		p, v := i%120/3, i%3
		y, err := strconv.ParseFloat(row[4], 64)
		require.NoError(t, err)
		z, err := strconv.ParseFloat(moved[i+1][4], 64)
		require.NoError(t, err)
		seen := value(d, p, v)
		assert.Equal(t, strconv.FormatBool(math.IsNaN(seen)), row[5])
		if !math.IsNaN(seen) {
			assert.InDelta(t, seen, y, 1e-9)
		}
		want := 0.0
		if at, ok := event[row[1]]; ok && v >= at && row[5] == "true" && row[2] == "active" {
			want = 5
		}
		assert.InDelta(t, want, z-y, 1e-9)
	}
	// Responders, and delta through the same door as in Analyze.
	share := func(values [][]float64) (stats.Estimate, error) {
		n := 0.0
		for _, row := range values {
			if row[2] < 45 {
				n++
			}
		}
		return stats.Estimate{Value: n / 40, SE: 0.08, DF: 38}, nil
	}
	p, err := im.Pool(impute.Delta{}, share)
	require.NoError(t, err)
	worse, err := im.Pool(impute.Delta{Size: map[string]float64{"active": 100}}, share)
	require.NoError(t, err)
	assert.Less(t, worse.Value, p.Value)
	assert.Equal(t, 3, p.M)
	assert.GreaterOrEqual(t, impute.Enough(p, 0.3), 30)
}

func TestDrawRefuses(t *testing.T) {
	small, err := impute.Model{}.Fit(invented(18, 2, 1, 0.1))
	require.NoError(t, err)
	_, err = small.Draw(impute.DrawOptions{})
	require.ErrorIs(t, err, stats.ErrTooFew)
	d := invented(40, 3, 1, 0.3)
	f, err := impute.Model{Covariance: mmrm.HeterogeneousAR1}.Fit(d)
	require.NoError(t, err)
	_, err = f.Draw(impute.DrawOptions{Engine: impute.Bayes})
	require.ErrorIs(t, err, stats.ErrDomain)
	draws, err := f.Draw(impute.DrawOptions{Imputations: 30})
	require.NoError(t, err)
	assert.Equal(t, impute.BootstrapDraw, draws.Engine)
	for _, o := range []impute.DrawOptions{{Imputations: 1}, {Engine: 9}, {Thin: -1}} {
		_, err = f.Draw(o)
		require.Error(t, err)
	}
	im, err := draws.Impute()
	require.NoError(t, err)
	_, err = im.Analyze(impute.Analysis{Normal: true})
	require.ErrorIs(t, err, stats.ErrDomain)
	own := invented(20, 4, 1, 0) // 10 an arm, for 4 visits and 5 coefficients a visit
	own.Covariates = []mmrm.Covariate{{Name: "x", Number: ramp(20, 3)}, {Name: "y", Number: ramp(20, 7)}, {Name: "z", Number: ramp(20, 11)}}
	byArm, err := impute.Model{ByArm: true}.Fit(own)
	require.NoError(t, err)
	_, err = byArm.Draw(impute.DrawOptions{})
	require.ErrorContains(t, err, "of their own")
	shared, err := impute.Model{}.Fit(own)
	require.NoError(t, err)
	_, err = shared.Draw(impute.DrawOptions{})
	require.NoError(t, err)
}

// ramp are whole numbers without order.
func ramp(n, step int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i * i * step % 23)
	}
	return out
}
