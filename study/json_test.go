package study_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/claim"
	"github.com/trialkit/trialkit/study/mcid"
)

// Every exported result marshals, whatever does not exist in it: NaN is null and
// an infinity "Inf", which encoding/json refuses. What is not a result is listed.
func TestResultsAreJSON(t *testing.T) {
	inputs := []string{"AdherenceSpec", "Arm", "Assumption", "Declared", "Covariate", "Instrument", "Norms", "Outcome", "Plan", "Posterior", "Subgroup", "Threshold", "Claim", "claim.Result", "AnchorStudy"}
	declares := regexp.MustCompile(`(?ms)^type ([A-Z]\w*) struct \{(.*?)^\}`)
	for _, dir := range []string{".", "claim", "mcid"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		var writes []byte
		for _, f := range files {
			src, err := os.ReadFile(f)
			require.NoError(t, err)
			writes = append(writes, src...)
		}
		for _, f := range files {
			src, err := os.ReadFile(f)
			require.NoError(t, err)
			for _, m := range declares.FindAllStringSubmatch(string(src), -1) {
				if strings.HasSuffix(f, "_test.go") || !strings.Contains(m[2], "float64") ||
					slices.Contains(inputs, m[1]) || slices.Contains(inputs, dir+"."+m[1]) {
					continue
				}
				assert.Contains(t, string(writes), "func (x "+m[1]+") MarshalJSON()", f)
			}
		}
	}
	for _, v := range []any{study.Row{}, study.Result{}, study.LSMean{}, study.Summary{}, study.Judgement{}, study.ResponderEffect{}, study.ResponderContrast{},
		study.SafetyRow{}, study.FTest{}, study.ThresholdPoint{}, study.PosteriorSummary{}, study.Record{}, study.Participant{},
		study.BenefitProbability{}, study.Report{}, study.FlatPrior(), claim.Reading{}, claim.WithinReading{}, claim.BetweenReading{}, mcid.Triangulation{}} {
		for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0.5} {
			filled := reflect.New(reflect.TypeOf(v)).Elem()
			n := fill(filled, x)
			b, err := json.Marshal(filled.Interface())
			require.NoError(t, err, "%T", v)
			require.True(t, json.Valid(b))
			want := map[float64]string{math.Inf(1): `"Inf"`, math.Inf(-1): `"-Inf"`, 0.5: "0.5"}[x]
			if math.IsNaN(x) {
				want = "null"
			}
			assert.GreaterOrEqual(t, strings.Count(string(b), ":"+want), n, "%T", v)
		}
	}
	b, err := json.Marshal(study.LSMean{Estimate: stats.Estimate{Value: 1.5, SE: 2, DF: math.Inf(1)}, Arm: "a", Visit: "v"})
	require.NoError(t, err)
	for _, part := range []string{`"arm":"a"`, `"visit":"v"`, `"value":1.5`, `"df":"Inf"`} {
		assert.Contains(t, string(b), part, "an embedded estimate does not write the mean in its place")
	}
	r, err := study.LoadHILT(t, 1).AnalyzeAll()
	require.NoError(t, err)
	b, err = json.Marshal(r)
	require.NoError(t, err)
	var back struct {
		Results []struct {
			Rows []struct {
				Arm      string
				Estimate *float64
				Effect   any
			}
		}
	}
	require.NoError(t, json.Unmarshal(b, &back))
	require.Len(t, back.Results, len(r.Results))
	assert.InDelta(t, r.Results[0].Rows[0].Estimate, *back.Results[0].Rows[0].Estimate, 0)
	assert.NotNil(t, back.Results[0].Rows[0].Effect)
}

// fill sets the floats of a struct's own fields and returns how many there are.
func fill(v reflect.Value, x float64) int {
	n := 0
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case !f.CanSet():
		case f.Kind() == reflect.Float64:
			f.SetFloat(x)
			n++
		}
	}
	return n
}
