package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The odds ratios of generalized estimating equations agree with R's geepack, and their
// standard errors with Mancl and DeRouen's written out: testdata/reference/study_gee.R.
func TestGEEAgreesWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_gee.json")
	require.NoError(t, err)
	var ref struct {
		Rows []struct {
			Covariates                        bool
			Visit                             string
			Estimate, SE, DF, Lower, Upper, P float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Rows, 4)
	var risks struct { // study_gee_risks.R
		Rows []struct {
			Covariates                        bool
			Visit                             string
			OddsRatio                         float64 `json:"odds_ratio"`
			Estimate, SE, DF, Lower, Upper, P float64
		}
	}
	raw, err = os.ReadFile("../testdata/reference/study_gee_risks.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &risks))
	checked := 0
	dir := "../testdata/studies/return-to-sport/"
	protocol, err := os.ReadFile(dir + "protocol.yaml")
	require.NoError(t, err)
	data, err := os.ReadFile(dir + "data.csv")
	require.NoError(t, err)
	for _, covariates := range []bool{false, true} {
		plan := "{outcome: sport, model: gee}"
		if covariates {
			plan = "{outcome: sport, model: gee, covariates: [age]}"
		}
		from := strings.Index(string(protocol), "plans:\n")
		to := strings.Index(string(protocol), "translations:")
		p, err := ParseProtocol(strings.NewReader(string(protocol)[:from]+"plans: ["+plan+"]\n"+string(protocol)[to:]), "protocol.yaml")
		require.NoError(t, err)
		ds, err := Load(bytes.NewReader(data), "data.csv", p)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		for _, w := range ref.Rows {
			if w.Covariates != covariates {
				continue
			}
			for _, res := range rep.Results {
				if res.Visit.ID != w.Visit {
					continue
				}
				row := res.Deciding()[0]
				assert.Equal(t, MethodGEE, row.Method)
				assert.Equal(t, OddsRatio, row.Measure)
				assert.Equal(t, Marginal, row.Target)
				for _, x := range [][2]float64{{w.Estimate, row.Estimate}, {w.SE, row.SE}, {w.DF, row.DF}, {w.Lower, row.Lower}, {w.Upper, row.Upper}, {w.P, row.P}} {
					assert.InEpsilon(t, x[0], x[1], 1e-6, "%v %s", covariates, w.Visit)
				}
				assert.Len(t, res.RowsBy(MethodScore), 3, "beside it the visit alone")
				by := res.RowsBy(MethodGEE)
				require.Len(t, by, 2)
				risk := by[1]
				assert.Equal(t, []any{RiskDifference, Marginal, RoleCompanion, false}, []any{risk.Measure, risk.Target, risk.Role, risk.Decides})
				assert.Equal(t, row.N, risk.N)
				assert.Contains(t, Codes(risk.Notes), "gee-difference")
				for _, w := range risks.Rows {
					if w.Covariates == covariates && w.Visit == res.Visit.ID {
						checked++
						assert.InEpsilon(t, w.OddsRatio, row.Estimate, 1e-6)
						for _, x := range [][2]float64{{w.Estimate, risk.Estimate}, {w.SE, risk.SE}, {w.DF, risk.DF}, {w.Lower, risk.Lower}, {w.Upper, risk.Upper}, {w.P, risk.P}} {
							assert.InEpsilon(t, x[0], x[1], 1e-8, "%v %s", covariates, w.Visit)
						}
					}
				}
			}
		}
		assert.NotContains(t, Codes(rep.Departures), "departure-method")
	}
	assert.Equal(t, 4, checked)
}

// geeTrial has a yes-or-no outcome at two visits.
func geeTrial(r *rand.Rand, n int, plan string) (protocol, csv string) {
	protocol = `
title: Yes or no twice
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: mid}, {id: post}]
outcomes: [{id: y, kind: binary, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {mid: y1, post: y2}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: post, model: gee` + plan + `}]
`
	csv = "id,arm,y1,y2,site,age\n"
	cut := r.Float64()*3 - 1.5
	for i := range n {
		own := r.NormFloat64()
		word := func() string {
			x := own + r.NormFloat64()
			switch {
			case r.IntN(8) == 0:
				return ""
			case x > cut:
				return "1"
			}
			return "0"
		}
		csv += fmt.Sprintf("%02d,%s,%s,%s,s%d,%d\n", i+1, []string{"a", "c"}[i%2], word(), word(), r.IntN(2), 30+r.IntN(40))
	}
	return protocol, csv
}

func answerGEE(t testing.TB, protocol, csv string) Row {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	rows, err := ds.Answer(t.Context(), p.Plans[0])
	require.NoError(t, err, csv)
	return rows[0]
}

// On random trials, tiny and separated ones among them, the row has an answer or a named
// reason, its p-value and interval agree, swapped arms invert the ratio, and the order of
// the file's rows does not matter.
func TestGEEOnRandomTrials(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 77))
	answered, refused := 0, 0
	for k := range 300 {
		plan := []string{"", ", covariates: [age]", ", covariates: [site]", ", scale: ratio, margin: 0.7"}[r.IntN(4)]
		protocol, csv := geeTrial(r, 2+r.IntN(60), plan)
		row := answerGEE(t, protocol, csv)
		at := fmt.Sprint(k, plan, "\n", csv)
		if row.Effect == nil {
			refused++
			require.NotEmpty(t, row.Notes, at)
			continue
		}
		answered++
		require.True(t, row.Lower <= row.Estimate && row.Estimate <= row.Upper, at)
		require.Equal(t, row.P < 0.05, !row.IncludesZero(), at)
		if ni := row.NonInferiority; ni != nil {
			require.Equal(t, row.Lower > 0.7, ni.Shown, at)
		}
		turned := answerGEE(t, strings.Replace(protocol, ", scale: ratio, margin: 0.7", "", 1), strings.NewReplacer(",a,", ",c,", ",c,", ",a,").Replace(csv))
		require.NotNil(t, turned.Effect, at)
		require.InEpsilon(t, 1/row.Estimate, turned.Estimate, 1e-6, at)
		require.InEpsilon(t, row.SE, turned.SE, 1e-6, at)
		lines := strings.Split(strings.TrimSpace(csv), "\n")
		r.Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
		again := answerGEE(t, protocol, strings.Join(lines, "\n")+"\n")
		require.Equal(t, row.Estimate, again.Estimate, at)
		require.Equal(t, row.P, again.P, at)
	}
	assert.Greater(t, answered, 120)
	assert.Positive(t, refused)
	t.Log(answered, refused)
}

// What the model does not have is refused where it stands.
func TestGEERefused(t *testing.T) {
	protocol, _ := geeTrial(rand.New(rand.NewPCG(1, 1)), 4, "")
	for _, c := range []struct{ from, to, want string }{
		{"model: gee", "model: gee, effect: risk-difference", "effect risk-difference is not for"},
		{"{mid: y1, post: y2}", "{post: y2}", "model gee is one of several visits"},
		{"kind: binary", "kind: continuous, baseline: none", "model gee is not for an outcome that is continuous"},
		{"model: gee", "model: gee, covariance: ar1", "plans[0].covariance"},
		{"model: gee", "model: gee, margin: 0.1", "write scale: ratio"},
		{"visit: post", "visit: overall", "plans[0].visit"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(protocol, c.from, c.to, 1)), "protocol.yaml")
		require.Error(t, err, c)
		assert.Contains(t, err.Error(), c.want)
		assert.Contains(t, err.Error(), "protocol.yaml:")
	}
}
