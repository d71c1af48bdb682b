package study

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// extra returns the path of a file that the repository does not hold, as its
// data are not ours to give away, and whether somebody put it beside the
// repository. What is not there is left out of a list of cases, never a whole
// test.
func extra(t testing.TB, name string) (string, bool) {
	t.Helper()
	path := filepath.Join("..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Logf("%s is not beside the repository: its cases are left out", name)
		return "", false
	}
	return path, true
}

// mmrmCase is a case of R mmrm's reference fits, as far as it is compared.
type mmrmCase struct {
	ID    string
	Input struct {
		Data   map[string][]any
		Levels map[string][]string
	}
	Expect struct {
		Contrasts   mmrmTable
		ContrastAvg mmrmTable `json:"contrast_avg"`
		LSMeans     mmrmTable
		Interaction struct {
			NumDF   float64 `json:"num_df"`
			DenomDF float64 `json:"denom_df"`
			F, P    float64
		} `json:"interaction_F"`
	}
}

type mmrmTable struct {
	Contrast, Visit, Arm     []string
	Estimate, Emmean, SE, DF []float64
}

// protocol writes the case's trial, of columns id, arm, visit, y and perhaps
// base, whose visits all are responses; the first arm is the control.
func (c mmrmCase) protocol() string {
	var b strings.Builder
	b.WriteString("title: invented\nbaseline: none\noutcomes: [{id: y, better: higher}]\narms:\n")
	for i, a := range c.Input.Levels["arm"] {
		fmt.Fprintf(&b, "  - {id: %q, control: %v}\n", a, i == 0)
	}
	b.WriteString("visits:\n")
	for _, v := range c.Input.Levels["visit"] {
		fmt.Fprintf(&b, "  - {id: %q}\n", v)
	}
	b.WriteString("data:\n  layout: long\n  participant: id\n  arm: arm\n  visit: visit\n  columns: {y: y}\n")
	if c.Input.Data["base"] != nil {
		b.WriteString("  covariates: {base: {column: base, kind: number}}\n")
	}
	return b.String() + "plans:\n"
}

func (c mmrmCase) csv() string {
	var names []string
	for n := range c.Input.Data {
		names = append(names, n)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(names)
	for i := range c.Input.Data["id"] {
		row := make([]string, len(names))
		for k, n := range names {
			if v := c.Input.Data[n][i]; v != nil {
				row[k] = fmt.Sprint(v)
			}
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.String()
}

// fevProtocol is a protocol of the FEV trial whose baseline is a covariate, as
// in R mmrm's reference fits: all four visits are responses.
const fevProtocol = `
title: FEV1 trial
arms: [{id: TRT}, {id: PBO, control: true}]
visits: [{id: VIS1}, {id: VIS2}, {id: VIS3}, {id: VIS4}]
baseline: none
outcomes: [{id: fev, better: higher}]
data:
  layout: long
  participant: USUBJID
  arm: ARMCD
  visit: AVISIT
  columns: {fev: FEV1}
  covariates:
    race: {column: RACE, kind: category}
    sex: {column: SEX, kind: category}
    bl: {column: FEV1_BL, kind: number}
plans:
`

// TestMMRMReference compares study's rows with R mmrm's: estimates, standard
// errors and degrees of freedom per visit and for the average, LS-means and
// the interaction test.
func TestMMRMReference(t *testing.T) {
	cases := func(path string) (out []mmrmCase) {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		var file struct{ Cases []mmrmCase }
		require.NoError(t, json.Unmarshal(raw, &file))
		return file.Cases
	}
	compared := 0
	run := func(all []mmrmCase, plans map[string]string, outcome string, load func(c mmrmCase, plan string) *Dataset) {
		found := 0
		for _, c := range all {
			choices, ok := plans[c.ID]
			if !ok {
				continue
			}
			found++
			t.Run(c.ID, func(t *testing.T) {
				ds := load(c, "  - {outcome: "+outcome+", model: mmrm, baseline: none, "+choices+"}\n")
				compared += c.compare(t, ds)
			})
		}
		assert.Len(t, plans, found)
	}
	run(cases("../testdata/reference/mmrm_invented.json"), map[string]string{
		"t1/us/REML/SAT":         "df: satterthwaite",
		"t1/us/REML/KR":          "df: kenward-roger-mmrm",
		"t1/toeph/REML/SAT":      "covariance: toeph, df: satterthwaite",
		"t1/ar1h/REML/KRlinear":  "covariance: ar1h, df: kenward-roger-linear",
		"t2/us/REML/SAT":         "covariates: [base], df: satterthwaite",
		"t2/toeph/REML/KR":       "covariates: [base], covariance: toeph, df: kenward-roger-mmrm",
		"t2/csh/REML/KRlinear":   "covariates: [base], covariance: csh, df: kenward-roger-linear",
		"t3/us_grouped/SAT":      "covariance: us, covariance_by_arm: true, df: satterthwaite",
		"t3/cs_grouped/KR":       "covariance: cs, covariance_by_arm: true, df: kenward-roger-mmrm",
		"t3/us_grouped/KRlinear": "covariance: us, covariance_by_arm: true, df: kenward-roger-linear",
	}, "y", func(c mmrmCase, plan string) *Dataset {
		ds, err := Load(strings.NewReader(c.csv()), "d.csv", Parsed(t, c.protocol()+plan))
		require.NoError(t, err)
		return ds
	})
	assert.Greater(t, compared, 300)
	data, ok := extra(t, "data/fev_data.csv")
	if !ok || t.Failed() {
		return
	}
	reference, _ := extra(t, "reference/mmrm_fev.json")
	run(cases(reference), map[string]string{
		"fev/us_cov2/SAT":         "covariance: us, df: satterthwaite, covariates: [race, sex, bl]",
		"fev/us_cov2/KR":          "covariance: us, df: kenward-roger-mmrm, covariates: [race, sex, bl]",
		"fev/us/REML/SAT":         "df: satterthwaite",
		"fev/toeph/REML/SAT":      "covariance: toeph, df: satterthwaite",
		"fev/ar1h/REML/SAT":       "covariance: ar1h, df: satterthwaite",
		"fev/us_grouped/SAT":      "covariance: us, covariance_by_arm: true, df: satterthwaite",
		"fev/us/BW":               "df: between-within",
		"fev/toeph/REML/KRlinear": "covariance: toeph, df: kenward-roger-linear",
	}, "fev", func(c mmrmCase, plan string) *Dataset {
		f, err := os.Open(data)
		require.NoError(t, err)
		defer f.Close()
		ds, err := Load(f, filepath.Base(data), Parsed(t, fevProtocol+plan))
		require.NoError(t, err)
		return ds
	})
}

// compare analyzes the plan and returns how many numbers were compared.
func (c mmrmCase) compare(t *testing.T, ds *Dataset) (n int) {
	res, err := ds.Analyze(ds.Protocol().Plans[0])
	require.NoError(t, err)
	same := func(want, got float64, what, visit string) {
		t.Helper()
		n++
		assert.InDelta(t, want, got, 1e-6*math.Abs(want), "%s, %s", what, visit)
	}
	control := ds.Control().ID
	check := func(w mmrmTable, i int, visit string) {
		arm, ok := strings.CutSuffix(w.Contrast[i], " - "+control)
		if !ok {
			return // of two active arms
		}
		row := RepeatedRow(t, res, visit, strings.TrimPrefix(arm, "arm"))
		same(w.Estimate[i], row.Estimate, "estimate", visit)
		same(w.SE[i], row.SE, "SE", visit)
		same(w.DF[i], row.DF, "df", visit)
	}
	for i, v := range c.Expect.Contrasts.Visit {
		check(c.Expect.Contrasts, i, v)
	}
	for i := range c.Expect.ContrastAvg.Contrast {
		check(c.Expect.ContrastAvg, i, OverallVisit)
	}
	for i, v := range c.Expect.LSMeans.Visit {
		for _, l := range res.LSMeans {
			if l.Visit == v && l.Arm == c.Expect.LSMeans.Arm[i] {
				same(c.Expect.LSMeans.Emmean[i], l.Value, "LS-mean", v)
				same(c.Expect.LSMeans.SE[i], l.SE, "LS-mean's SE", v)
			}
		}
	}
	for _, f := range res.Tests {
		if f.Term == "arm:visit" {
			w := c.Expect.Interaction
			same(w.F, f.F, "F", "")
			same(w.NumDF, f.DF1, "df1", "")
			same(w.DenomDF, f.DF2, "df2", "")
			same(w.P, f.P, "p of F", "")
		}
	}
	return n
}
