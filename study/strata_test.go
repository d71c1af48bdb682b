package study

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// strataProtocol describes the trials of testdata/reference/study_strata.R.
// RANDOMIZATION, OUTCOME and PLANS are replaced.
const strataProtocol = `
title: An invented stratified trial
arms: [{id: active}, {id: control, control: true}]
randomization: {RANDOMIZATION}
visits: [{id: pre}, {id: w4}, {id: w12}]
outcomes:
  - {id: pain, better: lower, range: [-100, 300], OUTCOME
     thresholds: [{kind: MCID, value: 6, level: individual}]}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {pre: pre, w4: w4, w12: w12}}
  covariates: {site: {column: site, kind: category}, severity: {column: severity, kind: category}, age: {column: age, kind: number}}
plans: [PLANS]
`

type strataCase struct {
	Name, CSV string
	Rows      []struct {
		Model, Visit string
		R            struct{ Estimate, SE, DF, P, Lower, Upper float64 }
	}
}

func strataCases(t *testing.T) map[string]strataCase {
	t.Helper()
	raw, err := os.ReadFile("../testdata/reference/study_strata.json")
	require.NoError(t, err)
	var file struct{ Trials []strataCase }
	require.NoError(t, json.Unmarshal(raw, &file))
	out := map[string]strataCase{}
	for _, c := range file.Trials {
		out[c.Name] = c
	}
	return out
}

func strataDataset(t *testing.T, c strataCase, randomization, outcome, plans string) *Dataset {
	t.Helper()
	p := strings.NewReplacer("RANDOMIZATION", randomization, "OUTCOME", outcome, "PLANS", plans).Replace(strataProtocol)
	if strings.Contains(outcome, "baseline: none") {
		p = strings.Replace(p, "pre: pre, ", "", 1)
	}
	protocol, err := ParseProtocol(strings.NewReader(p), "p.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(c.CSV), "d.csv", protocol)
	require.NoError(t, err)
	return ds
}

// TestStrataAgreeWithR holds every way in which a model can have strata against
// R's lm, lmer and gls on the same data.
func TestStrataAgreeWithR(t *testing.T) {
	cases := strataCases(t)
	for _, c := range []struct {
		trial, model, randomization, outcome, plan string
		method                                     Method
		tolerance                                  float64
	}{
		{"main", "ancova", "kind: stratified, strata: [site, severity]", "", "", MethodANCOVA, 1e-9},
		{"main", "ancova-adjusted", "kind: stratified, strata: [site, severity]", "", "{outcome: pain, visit: w12, covariates: [age]}", MethodANCOVAAdjusted, 1e-9},
		// A stratum that is named as covariate, too, is in the model once.
		{"main", "ancova-adjusted", "kind: stratified, strata: [site, severity]", "", "{outcome: pain, visit: w12, covariates: [age, site]}", MethodANCOVAAdjusted, 1e-9},
		{"main", "ignored", "kind: complete", "", "", MethodANCOVA, 1e-9},
		{"main", "cross", "kind: stratified, strata: [site, severity], cross: true", "", "", MethodANCOVA, 1e-9},
		{"main", "permutation-change", "kind: stratified, strata: [site, severity]", "", "", MethodPermutationChange, 1e-9},
		{"main", "mmrm", "kind: stratified, strata: [site, severity]", "", "{outcome: pain, model: mmrm, visit: w12, df: satterthwaite}", MethodMMRM, 2e-5},
		{"main", "welch-value", "kind: complete", "baseline: none,", "", MethodWelch, 1e-9},
		{"main", "linear", "kind: stratified, strata: [site, severity]", "baseline: none,", "", MethodLinear, 1e-9},
		{"main", "linear-adjusted", "kind: stratified, strata: [site, severity]", "baseline: none,", "{outcome: pain, visit: w12, covariates: [age]}", MethodLinearAdjusted, 1e-9},
		{"unequal", "ignored", "kind: complete", "", "", MethodANCOVA, 1e-9},
		{"unequal", "ancova", "kind: stratified, strata: [site]", "", "", MethodANCOVA, 1e-9},
		{"unequal", "ancova", "kind: stratified, column: site", "", "", MethodANCOVA, 1e-9},
		{"unequal", "ancova", "kind: blocked, column: site", "", "", MethodANCOVA, 1e-9},
		{"unequal", "permutation-change", "kind: stratified, column: site", "", "", MethodPermutationChange, 1e-9},
		// The ratios differ between cells by more than blocks of four allow.
		{"crossed", "ancova", "kind: stratified, block: 4, strata: [site, severity]", "", "", MethodANCOVA, 1e-9},
		{"crossed", "ancova", "kind: stratified, strata: [site, severity], cross: true", "", "", MethodANCOVA, 1e-9},
		{"small", "ignore", "kind: stratified, strata: [site], small: ignore, reason: sites are alike", "", "", MethodANCOVA, 1e-9},
		{"small", "random", "kind: stratified, strata: [site], small: random", "", "", MethodANCOVA, 2e-6},
		{"merge", "merge", "kind: stratified, strata: [site], small: merge", "", "", MethodANCOVA, 1e-9},
	} {
		name := c.trial + " " + c.model + " {" + c.randomization + "} " + c.plan
		ref := cases[c.trial]
		ds := strataDataset(t, ref, c.randomization, c.outcome, c.plan)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err, name)
		found := false
		for _, want := range ref.Rows {
			if want.Model != c.model {
				continue
			}
			for _, res := range rep.Results {
				for _, row := range res.RowsBy(c.method) {
					if row.Visit != want.Visit {
						continue
					}
					found = true
					r := want.R
					near := func(want, got float64, what string) {
						assert.InDelta(t, want, got, c.tolerance*math.Max(1, math.Abs(want)), "%s: %s", name, what)
					}
					near(r.Estimate, row.Estimate, "estimate")
					if c.method == MethodPermutationChange { // whose p and interval are its own
						assert.True(t, row.interval().Contains(row.Estimate), name)
						continue
					}
					near(r.SE, row.SE, "SE")
					if r.DF > 0 {
						near(r.DF, row.DF, "df")
						near(r.P, row.P, "p")
					}
					if r.Upper > r.Lower {
						near(r.Lower, row.Lower, "lower")
						near(r.Upper, row.Upper, "upper")
					}
				}
			}
		}
		assert.True(t, found, name)
	}
}

// Responders are compared within strata: Mantel and Haenszel's difference with
// Sato's variance, which the R script writes out.
func TestRespondersWithinStrata(t *testing.T) {
	ref := strataCases(t)["main"]
	ds := strataDataset(t, ref, "kind: stratified, strata: [site, severity]", "", "")
	res, err := ds.Analyze(Plan{Outcome: "pain", Visit: "w12"})
	require.NoError(t, err)
	for _, want := range ref.Rows {
		if want.Model != "responders" {
			continue
		}
		found := 0
		for _, c := range res.ResponderContrasts {
			if c.Rule != RuleChange && c.Rule != RuleChangeRandomized { // nobody is missing: the same
				continue
			}
			found++
			assert.True(t, c.Stratified)
			assert.True(t, math.IsNaN(c.FisherP))
			assert.InDelta(t, want.R.Estimate, c.Difference, 1e-12)
			assert.InDelta(t, want.R.Lower, c.Lower, 1e-12)
			assert.InDelta(t, want.R.Upper, c.Upper, 1e-12)
			assert.InDelta(t, want.R.P, c.P(), 1e-12)
			assert.Equal(t, RiskWithinStrata, c.Method)
		}
		assert.Equal(t, 2, found)
		require.NotEmpty(t, res.ResponderEffects)
		e := res.ResponderEffects[0]
		assert.InDelta(t, want.R.Estimate, e.Difference, 1e-12)
		assert.InDelta(t, want.R.Upper, e.DifferenceHi, 1e-12)
		nnt, benefit := e.NNT.Point()
		assert.True(t, benefit)
		assert.InDelta(t, 1/want.R.Estimate, nnt, 1e-9)
	}
}

// Six strata of two leave 4 residual degrees of freedom of 12 participants. A
// planned comparison is then no answer but a question; one that no plan names
// has a row that says so.
func TestSmallStrataAreRefused(t *testing.T) {
	ref := strataCases(t)["small"]
	ds := strataDataset(t, ref, "kind: stratified, strata: [site]", "", "")
	res, err := ds.Analyze(Plan{Outcome: "pain", Visit: "w12"})
	require.NoError(t, err)
	row := res.Deciding()[0]
	assert.Nil(t, row.Effect)
	assert.True(t, math.IsNaN(row.Estimate))
	require.NotEmpty(t, row.Notes)
	assert.Equal(t, "strata-too-many", row.Notes[0].Code)
	assert.Equal(t, 4.0, row.Notes[0].Args["df"])
	_, err = ds.AnalyzeAll()
	require.NoError(t, err)

	ds = strataDataset(t, ref, "kind: stratified, strata: [site]", "", "{outcome: pain, visit: w12}")
	_, err = ds.AnalyzeAll()
	require.Error(t, err)
	for _, want := range []string{`outcome "pain" at visit "w12"`, "4 residual degrees of freedom", "merge", "random", "ignore"} {
		assert.Contains(t, err.Error(), want)
	}
}

func TestStrataProblems(t *testing.T) {
	for randomization, want := range map[string]string{
		"kind: stratified, strata: [centre]":              `unknown covariate "centre"`,
		"kind: stratified, strata: [age]":                 "kind: category",
		"kind: stratified, strata: [site, site]":          "named twice",
		"kind: complete, strata: [site]":                  "complete randomization has no blocks or strata",
		"kind: stratified, strata: [site], small: ignore": "reason",
		"kind: stratified, strata: [site], reason: why":   "small",
		"kind: stratified, small: merge":                  "no strata",
		"kind: stratified, cross: true":                   "no strata",
		"kind: stratified, strata: [site], column: site":  "randomization.column",
		"kind: stratified, strata: [site], small: forget": "forget",
		"kind: blocked, block: 4, strata: [site]":         "kind: stratified",
	} {
		p := strings.NewReplacer("RANDOMIZATION", randomization, "OUTCOME", "", "PLANS", "").Replace(strataProtocol)
		_, err := ParseProtocol(strings.NewReader(p), "p.yaml")
		if assert.Error(t, err, randomization) {
			assert.Contains(t, err.Error(), want, randomization)
			assert.Contains(t, err.Error(), "p.yaml:4:", randomization)
		}
	}
}

// The region of a site adds nothing beside the site: the model is R's without it.
func TestNestedStrata(t *testing.T) {
	ref := strataCases(t)["main"]
	region := map[string]string{"A": "north", "B": "north", "C": "south"}
	lines := strings.Split(strings.TrimSpace(ref.CSV), "\n")
	at := slices.Index(strings.Split(lines[0], ","), "site")
	lines[0] += ",region"
	for i, l := range lines[1:] {
		lines[i+1] += "," + region[strings.Split(l, ",")[at]]
	}
	for _, strata := range []string{"region, site, severity", "site, severity, region"} {
		p := strings.NewReplacer("RANDOMIZATION", "kind: stratified, strata: ["+strata+"]", "OUTCOME", "", "PLANS", "{outcome: pain, model: mmrm}",
			"covariates: {", "covariates: {region: {column: region, kind: category}, ").Replace(strataProtocol)
		protocol, err := ParseProtocol(strings.NewReader(p), "p.yaml")
		require.NoError(t, err)
		ds, err := Load(strings.NewReader(strings.Join(lines, "\n")+"\n"), "d.csv", protocol)
		require.NoError(t, err)
		res, err := ds.Analyze(Plan{Outcome: "pain", Visit: "w12"})
		require.NoError(t, err)
		for _, row := range ref.Rows {
			if row.Model == "ancova" {
				assert.InDelta(t, row.R.Estimate, res.Deciding()[0].Estimate, 1e-9, strata)
				assert.InDelta(t, row.R.SE, res.Deciding()[0].SE, 1e-9, strata)
			}
		}
		refit := res.RowsBy(MethodPermutationANCOVA)[0]
		assert.InDelta(t, res.Deciding()[0].Estimate, refit.Estimate, 1e-9, strata)
		res, err = ds.Analyze(Plan{Outcome: "pain", Visit: "w12", Model: MMRM, DF: "satterthwaite"})
		require.NoError(t, err)
		for _, row := range ref.Rows {
			if row.Model == "mmrm" {
				assert.InDelta(t, row.R.Estimate, res.Deciding()[0].Estimate, 1e-4, strata)
			}
		}
	}
}
