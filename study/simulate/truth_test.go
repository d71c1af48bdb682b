package simulate

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

const truthFile = `title: What is believed
patients: {laser: 60, sham: 60}
outcomes:
  vas:
    source: Ten trials
    means: {laser: {pre: 6, w2: 5, w6: 4}, sham: {pre: 6, w2: 5.5, w6: 5}}
    sds: {pre: 1.5, w2: 2, w6: 2}
    correlation: {ar1: 0.6}
loss: {by: 0.15, kind: mar, outcome: vas, odds: 1.5}
missing: 0.02
`

func TestParseTruth(t *testing.T) {
	p := pain(study.ANCOVA, "w2", "w6")
	truth, err := ParseTruth(strings.NewReader(truthFile), "truth.yaml", p)
	require.NoError(t, err)
	assert.Equal(t, 60, truth.Patients["sham"])
	v := truth.Outcomes["vas"]
	assert.Equal(t, map[string]float64{"pre": 1.5, "w2": 2, "w6": 2}, v.SDs["laser"])
	assert.InDelta(t, .36, v.Correlation.at(0, 2), 1e-15)
	assert.Equal(t, map[string]map[string]float64{"laser": {"w6": .15}, "sham": {"w6": .15}}, truth.Loss.By)
	w, err := newWorld(p, truth)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{.075, .075 / .925}, w.hazard[0], 1e-15) // half of it by half of the visits
	for _, form := range []string{"sds: 2", "sds: {laser: 2, sham: 2}", "sds: {laser: {pre: 2, w2: 2, w6: 2}, sham: {pre: 2, w2: 2, w6: 2}}",
		"sds: 2\n    correlation: [[1, .5, .5], [.5, 1, .5], [.5, .5, 1]]"} {
		f := strings.Replace(truthFile, "sds: {pre: 1.5, w2: 2, w6: 2}", form, 1)
		if strings.Contains(form, "correlation") {
			f = strings.Replace(f, "    correlation: {ar1: 0.6}\n", "", 1)
		}
		truth, err := ParseTruth(strings.NewReader(f), "truth.yaml", p)
		require.NoError(t, err, form)
		assert.Equal(t, 2.0, truth.Outcomes["vas"].SDs["sham"]["w6"])
	}
}

// What cannot be true is refused where it stands.
func TestImpossibleTruths(t *testing.T) {
	p := pain(study.ANCOVA, "w2", "w6")
	gridded(&p)
	for _, c := range []struct{ from, to, want string }{
		{"w6: 2}", "w6: 6}", `7:32: outcomes.vas.sds.laser.w6: an SD of 6 is larger than the scale allows`},
		{"w6: 5}}\n    sds: {pre: 1.5, w2: 2, w6: 2}", "w6: 5.05}}\n    sds: 0.01", "smaller than the scale's steps allow"},
		{"w6: 4}", "w6: 11}", "outcomes.vas.means.laser.w6: a mean of 11 lies outside the scale"},
		{"{ar1: 0.6}", "-0.6", "8:18: outcomes.vas.correlation: no values can have these correlations together"},
		{"{ar1: 0.6}", "[[1, .9, -.9], [.9, 1, .9], [-.9, .9, 1]]", "no values can have these correlations"},
		{"{ar1: 0.6}", "[[1, .9, .5], [.8, 1, .9], [.5, .9, 1]]", "correlation[1][0]: 0.8 cannot stand here"},
		{"{ar1: 0.6}", "[[1, .9], [.9, 1]]", "the correlations need 3 rows of 3"},
		{"{ar1: 0.6}", "1.2", "1.2 is no correlation"},
		{"by: 0.15", "by: 1.1", "a loss of 1.1 is not a share"},
		{"by: 0.15", "by: {w2: 0.3, w6: 0.2}", "loss.by.laser.w6: a loss of 0.2 by this visit is less than the 0.3"},
		{"kind: mar", "kind: sometimes", `"sometimes" is not a way of loss`},
		{"outcome: vas, odds", "outcome: fun, odds", "needs a measured outcome"},
		{"sham: {pre: 6", "sham: {pre: 5", "outcomes.vas.means.sham.pre: 5 is not the other arms’ 6"},
		{"sham: 60", "sham: 0", "0 is not a number from 1"},
		{"sham: 60", "placebo: 60", `the protocol has no "placebo" here`},
		{", w6: 5}", "}", "outcomes.vas.means.sham.w6: nothing is said of"},
		{"missing: 0.02", "missing: 2", "2 is not a share"},
		{"source: Ten", "skewness: 70\n    source: Ten", "a skewness of 70 is not between"},
		{"source: Ten", "shares: {laser: {w6: .5}}\n    source: Ten", "is not said of an outcome"},
		{"missing: 0.02", "covariates: {age: {mean: 3, sd: 1}}", `the protocol has no "age" here`},
		{"patients", "people", "people"},
	} {
		_, err := ParseTruth(strings.NewReader(strings.Replace(truthFile, c.from, c.to, 1)), "truth.yaml", p)
		if assert.Error(t, err, c.to) {
			assert.Contains(t, strings.ReplaceAll(err.Error(), "'", "’"), strings.ReplaceAll(c.want, "'", "’"), c.to)
		}
	}
}

// drawn are the moments of many drawn patients.
func drawn(t *testing.T, p study.Protocol, truth Truth, patients int) *trial {
	t.Helper()
	for arm := range truth.Patients {
		truth.Patients[arm] = patients
	}
	w, err := newWorld(p, truth)
	require.NoError(t, err)
	x := newTrial(w)
	x.draw(9, 9)
	return x
}

func correlationOf(x, y []float64) float64 {
	mx, sx := squares(x)
	my, sy := squares(y)
	s := 0.0
	for i := range x {
		s += (x[i] - mx) * (y[i] - my)
	}
	return s / math.Sqrt(sx*sy)
}

// Trials are as the truth says: means, SDs, correlations over visits, between outcomes
// and with covariates, effects of strata and sites, shares, rates, events and loss.
func TestTrialsAreAsBelieved(t *testing.T) {
	const n = 60_000
	p := pain(study.ANCOVA, "w2", "w6")
	p.Outcomes = append(p.Outcomes,
		study.Outcome{ID: "odi", Better: study.LowerIsBetter},
		study.Outcome{ID: "sport", Kind: study.KindBinary, Better: study.HigherIsBetter},
		study.Outcome{ID: "pgic", Kind: study.KindOrdinal, Levels: []string{"worse", "same", "better"}, Better: study.HigherIsBetter},
		study.Outcome{ID: "falls", Kind: study.KindCount, Better: study.LowerIsBetter})
	p.Data.Columns["odi"] = map[string]string{"pre": "o0", "w2": "o2", "w6": "o6"}
	for _, id := range []string{"sport", "pgic", "falls"} {
		p.Data.Columns[id] = map[string]string{"w6": id}
	}
	p.Data.Exposure = map[string]map[string]string{"falls": {"w6": "time"}}
	p.Data.Covariates = []study.Covariate{{ID: "age", Column: "age", Kind: study.Numeric}, {ID: "site", Column: "site", Kind: study.Category}}
	truth := believed(p, n, 1)
	v := truth.Outcomes["vas"]
	v.Correlation = Correlation{Rho: .6, AR1: true}
	truth.Outcomes["vas"], truth.Outcomes["odi"] = v, v
	truth.Outcomes["sport"] = Values{Shares: map[string]map[string][]float64{"laser": {"w6": {.7}}, "sham": {"w6": {.4}}}}
	truth.Outcomes["pgic"] = Values{Shares: map[string]map[string][]float64{"laser": {"w6": {.2, .3, .5}}, "sham": {"w6": {.5, .3, .2}}}}
	truth.Outcomes["falls"] = Values{Rates: map[string]map[string]float64{"laser": {"w6": 1}, "sham": {"w6": 2}}, Dispersion: .5, Exposure: 1.5}
	truth.Covariates = map[string]Factor{"age": {Mean: 60, SD: 10, Correlation: map[string]float64{"vas": .3}},
		"site": {Shares: map[string]float64{"a": .6, "b": .4}, Effects: map[string]map[string]float64{"vas": {"b": 1}}}}
	truth.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}, "sham": {"w6": .4}}, Kind: LossMNAR, Outcome: "vas", Odds: 2}
	x := drawn(t, p, truth, n)
	w := x.w
	site := slicesIndex(w, "site")
	for a := range w.arms {
		from, to := w.from[a], w.from[a+1]
		for j, c := range w.outcomes[0].cells {
			m, ss := squares(x.y[0][j][from:to])
			assert.InDelta(t, v.Means[w.arms[a].ID][c.visit], m, .05)
			assert.InDelta(t, math.Sqrt(4+.24), math.Sqrt(ss/float64(n)), .03) // and the sites' own variance
			m, ss = squares(x.y[1][j][from:to])
			assert.InDelta(t, v.Means[w.arms[a].ID][c.visit], m, .05)
			assert.InDelta(t, 2, math.Sqrt(ss/float64(n)), .03)
		}
		assert.InDelta(t, .6, correlationOf(x.y[1][0][from:to], x.y[1][1][from:to]), .02)
		assert.InDelta(t, .36, correlationOf(x.y[1][0][from:to], x.y[1][2][from:to]), .02)
		assert.InDelta(t, .3*2/math.Sqrt(4.24), correlationOf(x.x[0][from:to], x.y[0][2][from:to]), .02)
		m, _ := squares(x.y[2][0][from:to])
		assert.InDelta(t, truth.Outcomes["sport"].Shares[w.arms[a].ID]["w6"][0], m, .01)
		counts := map[float64]float64{}
		for _, y := range x.y[3][0][from:to] {
			counts[y] += 1. / n
		}
		for k, share := range truth.Outcomes["pgic"].Shares[w.arms[a].ID]["w6"] {
			assert.InDelta(t, share, counts[float64(k+1)], .01)
		}
		mean := 1.5 * truth.Outcomes["falls"].Rates[w.arms[a].ID]["w6"]
		m, ss := squares(x.y[4][0][from:to])
		assert.InDelta(t, mean, m, .03)
		assert.InDelta(t, mean+.5*mean*mean, ss/n, .15)
		lost := 0.0
		for p := from; p < to; p++ {
			if !x.seen[0][2][p] {
				lost += 1. / n
			}
			assert.True(t, x.seen[0][0][p])
			assert.True(t, x.seen[0][1][p] || !x.seen[0][2][p], "for good")
		}
		assert.InDelta(t, truth.Loss.By[w.arms[a].ID]["w6"], lost, .01)
	}
	var by [2][]float64
	for p := range w.n {
		by[x.level[site][p]] = append(by[x.level[site][p]], x.y[0][1][p])
	}
	m0, _ := squares(by[0])
	m1, _ := squares(by[1])
	assert.InDelta(t, 1, m1-m0, .05)
	// Those who are not seen at the end have more pain then: twice the odds an SD.
	var there, gone []float64
	for p := range w.n {
		if x.seen[0][1][p] && !x.seen[0][2][p] {
			gone = append(gone, x.y[0][2][p])
		} else if x.seen[0][2][p] {
			there = append(there, x.y[0][2][p])
		}
	}
	m0, _ = squares(there)
	m1, _ = squares(gone)
	assert.Greater(t, m1-m0, .7)
}

// Outcomes seen at the same visits go together as much as is said; of others that is
// refused, and so are counts beyond what is drawn from a table.
func TestBetweenOutcomes(t *testing.T) {
	const n = 60_000
	p := pain(study.ANCOVA, "w2", "w6")
	p.Outcomes = append(p.Outcomes, study.Outcome{ID: "odi", Better: study.LowerIsBetter}, study.Outcome{ID: "falls", Kind: study.KindCount, Better: study.LowerIsBetter})
	p.Data.Columns["odi"] = map[string]string{"pre": "o0", "w2": "o2", "w6": "o6"}
	p.Data.Columns["falls"] = map[string]string{"w6": "falls"}
	p.Data.Exposure = map[string]map[string]string{"falls": {"w6": "time"}}
	truth := believed(p, n, 1)
	truth.Outcomes["odi"] = truth.Outcomes["vas"]
	truth.Between = .4
	x := drawn(t, p, truth, n)
	for a := range x.w.arms {
		from, to := x.w.from[a], x.w.from[a+1]
		for j := range 3 {
			assert.InDelta(t, .4, correlationOf(x.y[0][j][from:to], x.y[1][j][from:to]), .02)
		}
	}
	truth.Outcomes["falls"] = Values{Rates: map[string]map[string]float64{"laser": {"w6": 600}, "sham": {"w6": 2}}, Exposure: 1}
	_, err := newWorld(p, truth)
	require.ErrorContains(t, err, "between: odi is not seen at the same visits")
	require.ErrorContains(t, err, "600 events a participant")
	truth.Between = 0
	delete(truth.Outcomes, "odi")
	delete(truth.Outcomes, "falls")
	truth.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}}, Kind: LossMNAR, Outcome: "odi", Odds: 2}
	_, err = newWorld(p, truth)
	require.ErrorContains(t, err, "loss.outcome: nothing is said of", "an outcome of the protocol that the truth lacks")
}

func slicesIndex(w *world, id string) int {
	for i, f := range w.factors {
		if f.id == id {
			return i
		}
	}
	panic(id)
}

// The estimand is the mean of what everybody would show, whatever happens to them.
func TestEstimand(t *testing.T) {
	p := pain(study.ANCOVA, "w2", "w6")
	gridded(&p)
	p.Data.Covariates = []study.Covariate{{ID: "site", Column: "site", Kind: study.Category}}
	truth := believed(p, 1, 1.5)
	v := truth.Outcomes["vas"]
	v.Latent, v.Skewness = true, 1
	truth.Outcomes["vas"] = v
	truth.Covariates = map[string]Factor{"site": {Sites: 40_000, EffectSDs: map[string]float64{"vas": 1}}}
	truth.Events = []Event{{ID: "rescue", Probability: map[string]float64{"laser": .2, "sham": .6}, Shift: map[string]float64{"vas": -3}}}
	x := drawn(t, p, truth, 200_000)
	want := x.w.estimand(p.Plans[0], 0)
	a, _ := squares(x.y[0][2][:200_000])
	b, _ := squares(x.y[0][2][200_000:])
	assert.InDelta(t, want, a-b, .03)
	assert.Greater(t, math.Abs(want+1.5), .2, "the events matter")
}

func TestTruthOrderChangesNothing(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	truth := believed(p, 5, 1)
	first, err := newSimulation(p, truth, Options{})
	require.NoError(t, err)
	truth.Patients = maps.Clone(truth.Patients)
	again, err := newSimulation(p, truth, Options{})
	require.NoError(t, err)
	assert.Equal(t, first.result.Identity, again.result.Identity, fmt.Sprint(truth))
}
