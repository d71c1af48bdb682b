package stats_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/stats"
)

func TestJSONOfEstimates(t *testing.T) {
	t.Parallel()
	inf, nan := math.Inf(1), math.NaN()
	b, err := json.Marshal(stats.Estimate{Value: 2, SE: 1, DF: inf})
	assert.NoError(t, err)
	var read struct{ Estimate, SE, Level, Lower, Upper, Null, P float64 }
	assert.NoError(t, json.Unmarshal([]byte(strings.Replace(string(b), `"df":"Inf",`, "", 1)), &read))
	assert.InDelta(t, 2-1.959963984540054, read.Lower, 1e-14, "R's qnorm(0.975)")
	assert.InDelta(t, 2+1.959963984540054, read.Upper, 1e-14)
	assert.InDelta(t, 0.04550026389635842, read.P, 1e-15, "2*pnorm(-2)")
	assert.Equal(t, []float64{2, 1, 0.95, 0}, []float64{read.Estimate, read.SE, read.Level, read.Null})
	for _, c := range []struct {
		x    any
		want string
	}{
		{stats.Estimate{}, `{"estimate":null,"se":null,"df":null,"level":0.95,"lower":null,"upper":null,"null":0,"p":null}`},
		{stats.Estimate{Value: nan, SE: nan, DF: 3}, `{"estimate":null,"se":null,"df":3,"level":0.95,"lower":null,"upper":null,"null":0,"p":null}`},
		{stats.Interval{Lo: -inf, Hi: 3, Level: 0.9, HiOpen: true, Why: stats.WhyLevel}, `{"level":0.9,"lower":"-Inf","upper":3,"upper_open":true,"why":"level-unattainable"}`},
		{stats.Interval{Lo: 1, Hi: inf, Level: 0.9}.WithGaps([]stats.Gap{{Lo: 2, Hi: 4}}), `{"level":0.9,"lower":1,"upper":"Inf","why":"gaps","gaps":[{"lower":2,"upper":4}]}`},
		{stats.Interval{}, `{"level":null,"lower":null,"upper":null}`},
		{stats.FTest{}, `{"f":null,"df1":null,"df2":null,"p":null}`},
		{stats.FTest{F: inf, DF1: 2, DF2: 7}, `{"f":"Inf","df1":2,"df2":7,"p":0}`},
	} {
		got, err := json.Marshal(c.x)
		if assert.NoError(t, err, "%#v", c.x) {
			assert.JSONEq(t, c.want, string(got), "%#v", c.x)
		}
	}
}
