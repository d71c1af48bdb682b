package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Three invented trials from protocol and data to results.json, held against R
// (testdata/reference/study_outcomes.R): yes or no in strata with a per-protocol set,
// ordered categories with covariates, counts in a time at risk of two active arms.
func TestOutcomesAgreeWithR(t *testing.T) {
	type row struct {
		Set, Arm                  string
		N                         int
		Estimate, Lower, Upper, P float64
	}
	type trial struct {
		CSV  string
		Rows []row
	}
	var ref struct{ Binary, Ordinal, Counts trial }
	raw, err := os.ReadFile("../../testdata/reference/study_outcomes.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &ref))
	two := "arms: [{id: new}, {id: old, control: true}]\nvisits: [{id: end}]\nbaseline: none\n"
	for name, c := range map[string]struct {
		trial
		protocol, method, measure string
		within                    float64
	}{
		"yes or no": {ref.Binary, two + `randomization: {kind: stratified, strata: [site]}
outcomes: [{id: y, kind: binary, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {end: y}}, sets: {pp: {done: [yes]}}, covariates: {site: {column: site, kind: category}}}
plans: [{outcome: y, visit: end, primary: true}, {outcome: y, visit: end, set: pp, role: supplementary}]
`, "mantel-haenszel", "risk-difference", 1e-9},
		"categories": {ref.Ordinal, two + `randomization: complete
outcomes: [{id: y, kind: ordinal, levels: [worse, same, better, much], better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {end: y}}, covariates: {age: {column: age, kind: number}, sex: {column: sex, kind: category}}}
plans: [{outcome: y, visit: end, model: proportional-odds, covariates: [age, sex], primary: true}]
`, "proportional-odds", "odds-ratio", 1e-6},
		"counts": {ref.Counts, `arms: [{id: high}, {id: low}, {id: none, control: true}]
visits: [{id: end}]
baseline: none
randomization: complete
outcomes: [{id: y, kind: count, better: lower, baseline: none}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {end: y}}, exposure: {y: months}}
plans: [{outcome: y, visit: end, primary: true}]
`, "negative-binomial", "rate-ratio", 1e-5},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := study.ParseProtocol(strings.NewReader(c.protocol), "p.yaml")
			require.NoError(t, err)
			ds, err := study.Load(strings.NewReader(c.CSV+"\n"), "data.csv", p)
			require.NoError(t, err)
			r, err := ds.AnalyzeAll()
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, JSON(&b, r, Options{}))
			var file struct {
				Results []struct {
					Arm, Method, Effect, Set  string
					Decides                   bool
					Estimate, Lower, Upper, P *float64
					N                         map[string]int
				}
			}
			require.NoError(t, json.Unmarshal(b.Bytes(), &file))
			found := 0
			for _, w := range c.Rows {
				for _, x := range file.Results {
					if x.Arm != w.Arm || x.Method != c.method || x.Effect != c.measure || x.Set != w.Set || w.Set == "itt" && !x.Decides {
						continue
					}
					found++
					what := fmt.Sprint(name, " ", w.Arm, " ", w.Set)
					assert.Equal(t, w.N, x.N[w.Arm], what)
					require.NotNil(t, x.Estimate, what)
					require.NotNil(t, x.Lower, what)
					require.NotNil(t, x.Upper, what)
					assert.InEpsilon(t, w.Estimate, *x.Estimate, c.within, what)
					assert.InEpsilon(t, w.Lower, *x.Lower, c.within, what)
					assert.InEpsilon(t, w.Upper, *x.Upper, c.within, what)
					if x.P != nil {
						assert.InEpsilon(t, w.P, *x.P, 10*c.within, what)
					} else {
						assert.NotEqual(t, "itt", x.Set, "the primary row has its p")
					}
				}
			}
			assert.Equal(t, len(c.Rows), found)
		})
	}
}
