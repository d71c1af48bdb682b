package study

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLSMeanChangesAgreeWithR compares the mean changes from baseline with those that R
// finds by fitting the changes themselves (testdata/reference/study_lsmeans.R).
func TestLSMeanChangesAgreeWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_lsmeans.json")
	require.NoError(t, err)
	type plan struct{ Study, Outcome, Model, DF string }
	var ref struct {
		Rows []struct {
			plan
			Arm, Visit        string
			Estimate, SE, DDF any
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Rows, 16+6+2*10+8+10)
	// What each method of R's was computed to: see TestRepeatedAgreesWithR.
	tolerance := map[string]float64{"ancova": 1e-9, "lmm": 2e-6, "mmrm": 2e-4, "clda": 2e-4, "mixed-anova": 1e-9}
	means := map[plan]map[[2]string]LSMean{}
	of := func(k plan, visit string) map[[2]string]LSMean {
		key := k
		if k.Model == "ancova" {
			key.DF = visit
		}
		if m, ok := means[key]; ok {
			return m
		}
		ds, err := LoadFiles(studies+k.Study+"/protocol.yaml", studies+k.Study+"/data.csv")
		require.NoError(t, err)
		p := Plan{Outcome: k.Outcome, Model: Model(k.Model), DF: k.DF}
		if k.Model == "ancova" {
			p.Visit = visit
		}
		if p.Model == LMM {
			p.Covariates = []string{"site", "age"}
		}
		res, err := ds.Analyze(p)
		require.NoError(t, err)
		means[key] = map[[2]string]LSMean{}
		for _, l := range res.LSMeans {
			if l.Method == p.Method() {
				means[key][[2]string{l.Visit, l.Arm}] = l
			}
		}
		return means[key]
	}
	for _, w := range ref.Rows {
		l := of(w.plan, w.Visit)[[2]string{w.Visit, w.Arm}]
		if !assert.NotNil(t, l.Change, "%v: %s at %s", w.plan, w.Arm, w.Visit) {
			continue
		}
		for _, c := range []struct {
			want any
			got  float64
			what string
		}{{w.Estimate, l.Change.Value, "estimate"}, {w.SE, l.Change.SE, "SE"}, {w.DDF, l.Change.DF, "df"}} {
			if x, ok := c.want.(float64); ok {
				assert.InDelta(t, x, c.got, tolerance[w.Model]*math.Max(math.Abs(x), 1), "%v: %s of %s at %s", w.plan, c.what, w.Arm, w.Visit)
			}
		}
	}
	// A baseline, and a model without one, know no change.
	for k, all := range means {
		for at, l := range all {
			if at[0] == "week0" {
				assert.Nil(t, l.Change, "%v", k)
			}
		}
	}
	ds, err := LoadFiles(studies+"dropout/protocol.yaml", studies+"dropout/data.csv")
	require.NoError(t, err)
	for _, m := range []Model{MMRM, LMM, MixedANOVA} {
		res, err := ds.Analyze(Plan{Outcome: "pain", Model: m, Baseline: NoBaseline})
		require.NoError(t, err)
		require.NotEmpty(t, res.LSMeans)
		for _, l := range res.LSMeans {
			assert.Nil(t, l.Change, "%s at %s", m, l.Visit)
		}
	}
}
