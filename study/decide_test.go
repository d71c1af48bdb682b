package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decidingRows are outcome's rows that decide: visit, method, role, level.
func decidingRows(r Report) []string {
	var out []string
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			if row.Arm == "a" {
				out = append(out, strings.Join([]string{row.Visit, string(row.Method), string(row.Role)}, " "))
			}
		}
	}
	return out
}

// One row decides for each active arm at each visit, by the rule of plansAt.
func TestOneRowDecides(t *testing.T) {
	for _, c := range []struct{ plans, want string }{
		{"", "v1 ancova default; v2 ancova default; v3 ancova default"},
		{"{outcome: y, visit: v2, covariates: [site], role: primary}",
			"v1 ancova default; v2 ancova-adjusted primary; v3 ancova default"},
		{"{outcome: y, visit: v2, model: welch-change}, {outcome: y, visit: v2, primary: true}",
			"v1 ancova default; v2 ancova primary; v3 ancova default"},
		{"{outcome: y, visit: v2, model: welch-change}, {outcome: y, visit: v2}",
			"v1 ancova default; v2 welch-change additional; v3 ancova default"},
		{"{outcome: y, visit: v2, model: welch-change, role: supplementary}, {outcome: y, visit: v2}",
			"v1 ancova default; v2 ancova additional; v3 ancova default"},
		// A model of all visits that names one holds an answer for the others.
		{"{outcome: y, visit: v3, model: mmrm, primary: true}",
			"v1 mmrm additional; v2 mmrm additional; v3 mmrm primary"},
		{"{outcome: y, visit: v3, model: mmrm, primary: true}, {outcome: y, visit: v1}",
			"v1 ancova additional; v2 mmrm additional; v3 mmrm primary"},
		{"{outcome: y, visit: overall, model: mmrm, primary: true}",
			"v1 mmrm additional; v2 mmrm additional; v3 mmrm additional; overall mmrm primary"},
		{"{outcome: y, model: clda}, {outcome: y, visit: overall, model: mmrm, primary: true}",
			"v1 clda additional; v2 clda additional; v3 clda additional; overall mmrm primary"},
	} {
		protocol := repeatedProtocol
		if c.plans != "" {
			protocol += "plans: [" + c.plans + "]\n"
		}
		r := analyzeAll(t, loadRepeated(t, protocol, repeatedTrial(5, 60, 0.1)))
		assert.Equal(t, c.want, strings.Join(decidingRows(r), "; "), c.plans)
		for _, res := range r.Results {
			for _, row := range res.Rows {
				assert.Equal(t, row.Decides, row.Judgement != nil, "%s: %s %s", c.plans, row.Visit, row.Method)
			}
		}
	}
}

// The one sign of one role: both ways to write primary agree or are refused.
func TestRoleAndPrimary(t *testing.T) {
	read := func(plan string) (Protocol, error) {
		return ParseProtocol(strings.NewReader(repeatedProtocol+"plans:\n  - {outcome: y, visit: v2, "+plan+"}\n"), "p.yaml")
	}
	for _, plan := range []string{"primary: true", "role: primary", "role: primary, primary: true"} {
		p, err := read(plan)
		require.NoError(t, err, plan)
		assert.Equal(t, RolePrimary, p.Plans[0].Role)
	}
	_, err := read("role: sensitivity, primary: true")
	assert.ErrorContains(t, err, "primary: true contradicts role: sensitivity")
	_, err = read("role: primary, primary: false")
	assert.ErrorContains(t, err, "primary: false contradicts role: primary")
}
