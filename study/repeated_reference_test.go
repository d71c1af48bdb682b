package study

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRepeatedAgreesWithR compares the models of all visits with what R says
// about trials with dropout (testdata/reference/study_repeated.R): the invented
// one of the repository, and two real ones where they are at hand.
func TestRepeatedAgreesWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_repeated.json")
	require.NoError(t, err)
	type plan struct{ Study, Outcome, Model, DF string }
	var ref struct {
		Rows []struct {
			plan
			Arm, Visit        string
			Estimate, SE, DDF any
		}
		Tests []struct {
			plan
			Term                    string
			F, DF1, DF2, P, Epsilon any
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	data := map[string]string{"dropout": studies + "dropout/data.csv"}
	for name, file := range map[string]string{"fev": "fev_data.csv", "btheb": "BtheB.csv"} {
		if path, ok := extra(t, "data/"+file); ok {
			data[name] = path
		}
	}
	covariates := map[string][]string{"dropout": {"site", "age"}, "fev": {"race", "sex"}, "btheb": {"drug", "length"}}
	// What each method of R's was computed to: lme4's optimizer stops at 1e-7 of
	// its parameters, and gls when the likelihood no longer changes visibly.
	tolerance := map[string]float64{"lmm": 2e-6, "mmrm": 2e-4, "clda": 2e-4, "mixed-anova": 1e-9}
	results := map[plan]Result{}
	result := func(k plan) (Result, bool) {
		if res, ok := results[k]; ok {
			return res, true
		}
		if data[k.Study] == "" {
			return Result{}, false
		}
		ds, err := LoadFiles(studies+k.Study+"/protocol.yaml", data[k.Study])
		require.NoError(t, err)
		p := Plan{Outcome: k.Outcome, Model: Model(k.Model), DF: k.DF}
		if p.Model == LMM || p.Model == MMRM {
			p.Covariates = covariates[k.Study]
		}
		res, err := ds.Analyze(p)
		require.NoError(t, err)
		results[k] = res
		return res, true
	}
	compared := 0
	same := func(k plan, want any, got float64, what string) {
		t.Helper()
		if x, ok := want.(float64); ok {
			compared++
			assert.InDelta(t, x, got, tolerance[k.Model]*math.Abs(x), "%v: %s", k, what)
		}
	}
	for _, w := range ref.Rows {
		res, ok := result(w.plan)
		if !ok {
			continue
		}
		row := RepeatedRow(t, res, w.Visit, w.Arm)
		same(w.plan, w.Estimate, row.Estimate, w.Visit+" estimate")
		same(w.plan, w.SE, row.SE, w.Visit+" SE")
		same(w.plan, w.DDF, row.DF, w.Visit+" df")
	}
	for _, w := range ref.Tests {
		res, ok := result(w.plan)
		if !ok {
			continue
		}
		found := false
		for _, f := range res.Tests {
			if f.Term != w.Term {
				continue
			}
			found = true
			same(w.plan, w.F, f.F, w.Term+" F")
			same(w.plan, w.DF1, f.DF1, w.Term+" df1")
			same(w.plan, w.DF2, f.DF2, w.Term+" df2")
			same(w.plan, w.P, f.P, w.Term+" p")
			same(w.plan, w.Epsilon, f.Epsilon, w.Term+" epsilon")
		}
		assert.True(t, found, "%v: no test %s", w.plan, w.Term)
	}
	assert.Greater(t, compared, 75*len(data)-10)
}
