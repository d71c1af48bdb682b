package study

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// An invented trial of 300 whose missing values R's mice drew, by other draws and other code:
// estimates, variances within and between lie inside four Monte Carlo errors of both
// (testdata/reference/study_completed.R; its polr is fitted to bootstrap samples, ours drawn from
// the large-sample normal distribution, which tell apart no more than that).
func TestCompletedIsThatOfMice(t *testing.T) {
	text, err := os.ReadFile("../testdata/reference/study_completed.csv")
	require.NoError(t, err)
	f, err := os.ReadFile("../testdata/reference/study_completed.json")
	require.NoError(t, err)
	var want map[Method]struct {
		Estimate, Within, Between float64
		WithinSD                  float64 `json:"within_sd"`
		M                         float64
	}
	require.NoError(t, json.Unmarshal(f, &want))
	require.Len(t, want, 4)
	for _, x := range []struct {
		method Method
		plan   string
	}{
		{MethodGComputation, "outcome: s, covariates: [age]"},
		{MethodMantelHaenszel, "outcome: s"},
		{MethodBenefit, "outcome: g"},
		{MethodProportionalOdds, "outcome: g, model: proportional-odds, covariates: [age]"},
	} {
		ds, err := LoadText(t, reliefProtocol+"plans: [{visit: v2, primary: true, level: 0.999, impute: {assume: mar}, "+x.plan+"}]\n", string(text))
		require.NoError(t, err)
		rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
		require.NoError(t, err)
		row := rows[0]
		require.NotNil(t, row.Effect, "%v", row.Notes)
		require.Equal(t, MethodMultipleImputation+"-"+x.method, row.Method)
		assert.True(t, row.Imputed.Chained.ByArm, x.method)
		value, se, mc := row.Estimate, row.SE, row.Imputed.MonteCarlo
		switch x.method {
		case MethodBenefit: // on the logit scale
			p := value
			value, se, mc = math.Log(p/(1-p)), se/(p*(1-p)), mc/(p*(1-p))
		case MethodProportionalOdds:
			value = math.Log(value)
		}
		m, w := float64(row.Imputed.Imputations), want[x.method]
		between := mc * mc * m // the level is far from any p, so that no more draws were asked for
		within := se*se - (1+1/m)*between
		t.Logf("%s: %.4f for %.4f; within %.5f for %.5f; between %.5f for %.5f", x.method, value, w.Estimate, within, w.Within, between, w.Between)
		assert.InDelta(t, w.Estimate, value, 4*math.Sqrt(between/m+w.Between/w.M), x.method)
		assert.InDelta(t, 1, between/w.Between, 4*math.Sqrt(2/(m-1)+2/(w.M-1)), x.method)
		assert.InDelta(t, w.Within, within, 4*w.WithinSD*math.Sqrt(1/m+1/w.M), x.method)
	}
}

// Responders of a measurement are Rubin's pooling, by hand, of the shares in the data sets
// that WriteImputed writes, with Agresti and Caffo's variances.
func TestRespondersArePooledByHand(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 2))
	text := "id,arm,y0,y1\n"
	for i := range 90 {
		base := math.Round(60 + 10*r.NormFloat64())
		y := fmt.Sprint(math.Round(base*0.8 - 6*float64(1-i%2) + 7*r.NormFloat64()))
		if r.IntN(3) == 0 {
			y = ""
		}
		text += fmt.Sprintf("P%03d,%s,%v,%s\n", i, []string{"a", "c"}[i%2], base, y)
	}
	protocol := strings.Replace(oneVisit, "range: [0, 100]}", "range: [-50, 150], thresholds: [{value: 15, kind: MCID, level: individual}]}", 1)
	ds, err := LoadText(t, protocol+"plans: [{outcome: y, visit: v1, primary: true, impute: {assume: mar, engine: bayes}}]\n", text)
	require.NoError(t, err)
	rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
	require.NoError(t, err)
	got := rows[0].Imputed.Responders
	require.NotNil(t, got)
	var buf strings.Builder
	require.NoError(t, ds.WriteImputed(t.Context(), &buf))
	lines, err := csv.NewReader(strings.NewReader(buf.String())).ReadAll()
	require.NoError(t, err)
	base := map[string]float64{}
	met, n := map[string]map[string]float64{}, map[string]map[string]float64{} // imputation → arm
	for _, l := range lines[1:] {
		var y float64
		_, err := fmt.Sscan(l[6], &y)
		require.NoError(t, err)
		if l[5] == "v0" {
			base[l[3]] = y
			continue
		}
		if met[l[2]] == nil {
			met[l[2]], n[l[2]] = map[string]float64{}, map[string]float64{}
		}
		n[l[2]][l[4]]++
		met[l[2]][l[4]] += float64(btoi(base[l[3]]-y >= 15))
	}
	require.Len(t, met, rows[0].Imputed.Imputations)
	var es []stats.Estimate
	for m := range met {
		e := stats.Estimate{DF: 88}
		for arm, sign := range map[string]float64{"a": 1, "c": -1} {
			x, k := met[m][arm], n[m][arm]
			q := (x + 1) / (k + 2)
			e.Value += sign * x / k
			e.SE += q * (1 - q) / (k + 2)
		}
		e.SE = math.Sqrt(e.SE)
		es = append(es, e)
	}
	value, se, df := rubin(es)
	assert.InDelta(t, value, got.Difference.Value, 1e-12)
	assert.InDelta(t, se, got.Difference.SE, 1e-12)
	assert.InEpsilon(t, df, got.Difference.DF, 1e-9)
}

// Coverage where those lost at the second visit are those who did badly at the first in one
// arm and well in the other: complete cases are biased, imputation given the first visit is
// not. TRIALKIT_SIMULATE=200 makes the numbers of stats/impute/evidence.md.
func TestCompletedCovers(t *testing.T) {
	trials, err := strconv.Atoi(os.Getenv("TRIALKIT_SIMULATE"))
	if err != nil {
		t.Skip("TRIALKIT_SIMULATE says how many trials")
	}
	patient := func(r *rand.Rand, treated int) (s1, s2 int) {
		z := 0.8*float64(treated) + 1.5*r.NormFloat64()
		return btoi(r.Float64() < 1/(1+math.Exp(-z))), btoi(r.Float64() < 1/(1+math.Exp(-z)))
	}
	truth, many := 0.0, 400000
	r := rand.New(rand.NewPCG(1, 99))
	for range many {
		_, a := patient(r, 1)
		_, c := patient(r, 0)
		truth += float64(a-c) / float64(many)
	}
	protocol := strings.Replace(reliefProtocol, "randomization: {strata: [site]}\n", "", 1)
	for _, n := range []int{60, 200} {
		plans := map[string]string{"complete cases": "", "multiple imputation": ", impute: {assume: mar}"}
		bias, covered := map[string]float64{}, map[string]float64{}
		for trial := range trials {
			r := rand.New(rand.NewPCG(uint64(trial), uint64(n)))
			text := "id,arm,site,age,s1,s2,g1,g2\n"
			for i := range n {
				s1, s2 := patient(r, 1-i%2)
				later := fmt.Sprint(s2)
				if r.Float64() < map[bool]float64{true: 0.5, false: 0.1}[s1 == i%2] {
					later = ""
				}
				text += fmt.Sprintf("P%03d,%s,N,60,%d,%s,same,same\n", i, []string{"a", "c"}[i%2], s1, later)
			}
			for name, more := range plans {
				ds, err := LoadText(t, protocol+"plans: [{outcome: s, visit: v2, primary: true, level: 0.95"+more+"}]\n", text)
				require.NoError(t, err)
				rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
				require.NoError(t, err)
				require.NotNil(t, rows[0].Effect)
				bias[name] += (rows[0].Estimate - truth) / float64(trials)
				covered[name] += float64(btoi(rows[0].Lower <= truth && truth <= rows[0].Upper)) / float64(trials)
			}
		}
		for _, name := range []string{"complete cases", "multiple imputation"} {
			t.Logf("| %d | %s | %+.3f | %.3f |", n, name, bias[name], covered[name])
		}
		assert.Less(t, math.Abs(bias["multiple imputation"]), 0.5*math.Abs(bias["complete cases"]), n)
		assert.Greater(t, covered["multiple imputation"], 0.95-4*math.Sqrt(0.95*0.05/float64(trials)), n)
	}
}
