package study

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAgreesWithR compares every row with what R says: the values and the
// script that made them are in testdata/reference (study.R, study.json).
// Trials whose data are not in the repository are read where they are at hand.
func TestAgreesWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study.json")
	require.NoError(t, err)
	var ref struct {
		Rows []map[string]any `json:"rows"`
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.NotEmpty(t, ref.Rows)

	covariates := map[string][]string{"btheb": {"drug", "length"}, "polyps": {"sex", "age"}, "fev": {"race", "sex"}}
	elsewhere := map[string]string{"btheb": "BtheB.csv", "polyps": "polyps.csv", "fev": "fev_data.csv"}
	datasets := map[string]*Dataset{}
	results := map[string]Result{}
	skipped := map[string]bool{}
	compared := 0
	for _, want := range ref.Rows {
		get := func(k string) string { s, _ := want[k].(string); return s }
		name := get("study")
		if skipped[name] {
			continue
		}
		if datasets[name] == nil {
			dir := filepath.Join("../testdata/studies", name)
			data := filepath.Join(dir, "data.csv")
			if file := elsewhere[name]; file != "" {
				path, ok := extra(t, "data/"+file)
				if !ok {
					skipped[name] = true
					continue
				}
				data = path
			}
			datasets[name], err = LoadFiles(filepath.Join(dir, "protocol.yaml"), data)
			require.NoError(t, err)
		}
		key := name + "/" + get("outcome") + "/" + get("visit")
		if _, ok := results[key]; !ok {
			results[key], err = datasets[name].Analyze(Plan{Outcome: get("outcome"), Visit: get("visit"), Covariates: covariates[name]})
			require.NoError(t, err)
		}
		row, ok := FindRow(results[key], get("method"), get("arm"))
		for _, e := range results[key].EffectSizes {
			if e.Measure == get("method") && e.Arm == get("arm") {
				row = Row{Method: Method(e.Measure), Arm: e.Arm, Estimate: e.Estimate, Lower: e.Lower, Upper: e.Upper}
				ok = true
			}
		}
		require.True(t, ok, "%s has no row %s, %s", key, get("method"), get("arm"))
		got := map[string]float64{"estimate": row.Estimate, "se": row.SE, "df": row.DF, "lower": row.Lower, "upper": row.Upper, "p": row.P}
		for _, f := range results[key].Floors {
			if f.Method == row.Method && f.Arm == row.Arm {
				got["min_p"] = f.MinP
			}
		}
		for k, v := range want {
			x, ok := v.(float64)
			if !ok {
				continue
			}
			compared++
			assert.InDelta(t, x, got[k], 1e-9*math.Abs(x)+1e-14, "%s: %s, %s: %s", key, row.Method, row.Arm, k)
		}
	}
	assert.Greater(t, compared, 200)
}

func FindRow[M ~string](res Result, method M, arm string) (Row, bool) {
	for _, rows := range [][]Row{res.Rows, res.Within} {
		for _, r := range rows {
			if r.Method == Method(method) && r.Arm == arm {
				return r, true
			}
		}
	}
	return Row{}, false
}
