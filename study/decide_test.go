package study_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/report"
)

// decidingRows are outcome's rows that decide: visit, method, role, level.
func decidingRows(r study.Report) []string {
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
		protocol := study.RepeatedProtocol
		if c.plans != "" {
			protocol += "plans: [" + c.plans + "]\n"
		}
		r := analyzeAll(t, study.LoadRepeated(t, protocol, study.RepeatedTrial(5, 60, 0.1)))
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
	read := func(plan string) (study.Protocol, error) {
		return study.ParseProtocol(strings.NewReader(study.RepeatedProtocol+"plans:\n  - {outcome: y, visit: v2, "+plan+"}\n"), "p.yaml")
	}
	for _, plan := range []string{"primary: true", "role: primary", "role: primary, primary: true"} {
		p, err := read(plan)
		require.NoError(t, err, plan)
		assert.Equal(t, study.RolePrimary, p.Plans[0].Role)
	}
	_, err := read("role: sensitivity, primary: true")
	assert.ErrorContains(t, err, "primary: true contradicts role: sensitivity")
	_, err = read("role: primary, primary: false")
	assert.ErrorContains(t, err, "primary: false contradicts role: primary")
}

// Where plans differ in level no interval stands under another's: each says
// its own, in every table.
func TestEachIntervalSaysItsLevel(t *testing.T) {
	protocol := study.RepeatedProtocol + "plans: [{outcome: y, visit: v1, level: 0.8}, {outcome: y, visit: v1, model: welch-change, level: 0.99}]\n"
	r := analyzeAll(t, study.LoadRepeated(t, protocol, study.RepeatedTrial(5, 60, 0.1)))
	levels := map[study.Method]float64{}
	for _, row := range r.Results[0].Rows {
		levels[row.Method] = row.Level
	}
	assert.Equal(t, map[study.Method]float64{study.MethodANCOVA: 0.8, study.MethodWelchChange: 0.99, study.MethodPermutationANCOVA: 0.8,
		study.MethodPermutationChange: 0.8, study.MethodMannWhitneyChange: 0.8}, levels)
	var b strings.Builder
	require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true}))
	counts := map[string]int{}
	for _, line := range strings.Split(b.String(), "\n") {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		assert.NotContains(t, line, "95% CI", "levels differ: the head cannot name one")
		assert.NotContains(t, line, "80% CI")
		for _, level := range []string{"(80%)", "(95%)", "(99%)"} {
			if strings.Contains(line, level) {
				counts[level]++
			}
		}
		if strings.Contains(line, "Welch") && strings.Contains(line, "additional") {
			assert.Contains(t, line, "(99%)")
		}
	}
	assert.Positive(t, counts["(80%)"])
	assert.Positive(t, counts["(95%)"], "visits without a plan")
	assert.Equal(t, 2, counts["(99%)"], "one row an active arm")
}

// What a role cannot be is refused, every problem at once, each with its place.
func TestRolesAreChecked(t *testing.T) {
	problems := func(plans string) []string {
		_, err := study.ParseProtocol(strings.NewReader(study.RepeatedProtocol+"plans:\n"+plans), "p.yaml")
		var out files.Problems
		if errors.As(err, &out) {
			var lines []string
			for _, p := range out {
				lines = append(lines, p.Error())
			}
			return lines
		}
		require.NoError(t, err, plans)
		return nil
	}
	first := strings.Count(study.RepeatedProtocol, "\n") + 2 // the first plan's line
	at := func(k int) string { return fmt.Sprintf("p.yaml:%d:5: ", first+k) }

	twice := problems("  - {outcome: y, visit: v2, primary: true}\n  - {outcome: y, visit: v1, primary: true}\n" +
		"  - {outcome: y, visit: v2, model: mmrm, role: primary}\n  - {outcome: y, model: clda, primary: true}\n")
	assert.Equal(t, []string{
		at(0) + `plans[0]: a second primary plan for outcome "y" at visit "v2"; the other is plans[2]`,
		at(2) + `plans[2]: a second primary plan for outcome "y" at visit "v2"; the other is plans[0]`,
		at(3) + `plans[3]: a primary plan needs a visit, or overall for the average over visits of a model of all visits`,
	}, twice)

	assert.Empty(t, problems("  - {outcome: y, visit: v2, primary: true}\n  - {outcome: y, visit: v2, model: welch-change, role: sensitivity}\n"+
		"  - {outcome: y, visit: overall, model: mmrm, role: supplementary}\n"))
	for _, visit := range []string{"visit: v1, ", "visit: overall, ", ""} {
		got := problems("  - {outcome: y, visit: v2, primary: true}\n  - {outcome: y, " + visit + "model: mmrm, role: sensitivity}\n")
		require.Len(t, got, 1, visit)
		assert.Contains(t, got[0], at(1)+"plans[1]: a sensitivity analysis answers a primary plan's question", "another visit is another estimand")
	}

	p, err := study.ParseProtocol(strings.NewReader(study.RepeatedProtocol), "p.yaml")
	require.NoError(t, err)
	p.Plans = []study.Plan{{Outcome: "y", Visit: "v1", Role: study.RoleDefault}}
	assert.ErrorContains(t, p.Validate(), `unknown role "default"`)
}
