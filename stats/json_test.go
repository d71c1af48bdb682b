package stats_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/stats"
)

func TestJSONOfEstimates(t *testing.T) {
	t.Parallel()
	inf, nan := math.Inf(1), math.NaN()
	// The half-width is SE times the normal 97.5% point, 1.959963984540054 (R's
	// qnorm(0.975)).
	for _, c := range []struct {
		x    any
		want string
	}{
		{stats.Estimate{Value: 0, SE: 1, DF: inf}, `{"estimate":0,"se":1,"df":"Inf","level":0.95,"lower":-1.959963984540054,"upper":1.959963984540054,"null":0,"p":1}`},
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
