package study

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/text"
)

// Every field of a plan has one line that compares it, or says why nothing does: an
// empty list of departures is then a statement about all of them.
func TestEveryFieldOfAPlanIsCompared(t *testing.T) {
	lines := map[string]int{}
	for _, c := range planChecks {
		assert.NotEqual(t, c.compare == nil, c.why == "", "%v: a comparison, or why there is none", c.fields)
		for _, f := range c.fields {
			lines[f]++
		}
	}
	plan := reflect.TypeFor[Plan]()
	for i := range plan.NumField() {
		assert.Equal(t, 1, lines[plan.Field(i).Name], "a line for Plan.%s", plan.Field(i).Name)
		delete(lines, plan.Field(i).Name)
	}
	assert.Empty(t, lines, "no such field")
}

// deciding returns the first planned row of a report, to be changed.
func deciding(rep Report) *Row {
	for i := range rep.Results {
		for k := range rep.Results[i].Rows {
			if rep.Results[i].Rows[k].Decides {
				return &rep.Results[i].Rows[k]
			}
		}
	}
	return nil
}

func TestDepartures(t *testing.T) {
	rows := []string{"a 5 7", "a 6 9", "a 7 9", "a 5 8", "a 8 10", "a 6 8", "a 7 10", "c 5 6", "c 6 6", "c 7 8", "c 5 5", "c 8 8", "c 6 7", "c 7 7"}
	plan := func(more string) string {
		return SmallProtocol + "plans: [{outcome: y, visit: post" + more + "}]\n"
	}
	small := func(more string, rows ...string) Report { return reported(t, LoadRows(t, plan(more), rows...)) }
	with := func(rep Report, change func(row *Row)) Report {
		change(deciding(rep))
		return rep
	}
	note := func(code string, args text.Args) func(*Row) {
		return func(r *Row) { r.Notes = append(r.Notes, Note{Code: code, Args: args}) }
	}
	mmrm := func() Report {
		return reported(t, LoadRepeated(t, RepeatedProtocol+"plans: [{outcome: y, model: mmrm, covariance: [us, cs]}]\n", RepeatedTrial(1, 60, 0)))
	}
	trials := strataCases(t)
	strata := func(name, how string) Report {
		c := trials[name]
		return reported(t, strataDataset(t, c, how, "", "{outcome: pain, visit: w12}"))
	}
	siteProtocol := strings.Replace(strings.Replace(SmallProtocol, "  arm: arm\n", "  arm: arm\n  rows: {keep: [yes]}\n  covariates: {age: {column: age, kind: number}}\n", 1), "{kind: complete}", "{kind: complete}", 1)
	withAge := func(plans, file string) Report {
		return reported(t, loadText(t, Parsed(t, siteProtocol+plans), file))
	}
	file := "id,arm,keep,age,pre,post\n"
	for i, r := range rows {
		file += strings.Join([]string{"p" + string(rune('a'+i)), strings.Fields(r)[0], "yes", string(rune('1' + i%9)), strings.Fields(r)[1], strings.Fields(r)[2]}, ",") + "\n"
	}
	age := "plans: [{outcome: y, visit: post, covariates: [age]}]\n"
	for _, c := range []struct {
		name string
		rep  Report
		want string
	}{
		{"as planned", small("", rows...), ""},
		{"as planned, HC3", small(", se: hc3", rows...), ""},
		{"as planned, with a margin", small(", margin: 1", rows...), ""},
		{"as planned, at 90 %", small(", level: 0.9", rows...), ""},
		{"as planned, all visits", mmrm(), ""},
		{"as planned, a covariate and selected rows", withAge(age, file), ""},
		{"HILT", reported(t, LoadHILT(t, 0)), ""},
		{"anorexia", reported(t, loadAnorexia(t)), ""},
		{"no plan, no departure", reported(t, LoadRows(t, SmallProtocol, append(rows, "a 5 ")...)), ""},
		{"row missing", with(small("", rows...), func(r *Row) { r.Method = "another" }), "departure-no-row"},
		{"nobody of arm a", small("", "a 5 ", "a 6 ", "c 5 6", "c 6 6", "c 7 9", "c 5 5"), "departure-no-estimate departure-analyzed"},
		{"not converged", with(mmrm(), func(r *Row) { r.Effect = nil; note("not-converged", nil)(r) }), "departure-not-converged"},
		{"withheld", with(mmrm(), func(r *Row) { r.Effect = nil; r.withhold(stats.Estimate{Value: 1, SE: 1, DF: 1.5}) }), "departure-withheld"},
		{"another level", with(small("", rows...), func(r *Row) { r.Level = 0.9 }), "departure-level"},
		{"second structure", with(mmrm(), func(r *Row) { r.Notes = nil; note("covariance-chosen", text.Args{"structure": "cs"})(r) }), "departure-covariance"},
		{"no structure", with(mmrm(), func(r *Row) {
			r.Notes = nil
			note("covariance-none", text.Args{"structure": "us", "order": "us, cs"})(r)
		}), "departure-covariance-none"},
		{"normal quantiles", with(mmrm(), func(r *Row) { r.DF = math.Inf(1) }), "departure-df"},
		{"one baseline", small("", "a 5 7", "a 5 9", "a 5 8", "c 5 6", "c 5 6", "c 5 7"), "departure-baseline"},
		{"model's errors for HC3", with(small(", se: hc3", rows...), func(r *Row) { r.Notes = nil }), "departure-se"},
		{"margin not tested", with(small(", margin: 1", rows...), func(r *Row) { r.NonInferiority = nil }), "departure-margin"},
		{"another role", with(small("", rows...), func(r *Row) { r.Role = RoleSensitivity }), "departure-role"},
		{"one lost", small("", append(rows, "a 5 ")...), "departure-analyzed"},
		{"more randomized than in the file", reported(t, LoadRows(t, strings.Replace(plan(""), "label: Active", "label: Active, randomized: 9", 1), rows...)), "departure-analyzed"},
		{"strata ignored", strata("small", `kind: stratified, strata: [site], small: ignore, reason: "few"`), "departure-strata-ignored"},
		{"strata random", strata("small", "kind: stratified, strata: [site], small: random"), "departure-strata-random"},
		{"strata merged", strata("merge", "kind: stratified, strata: [site], small: merge"), "departure-strata-merged"},
		{"Welch takes no strata", reported(t, factsTrials(t)["strata"].load(t, ", model: welch-change")), "departure-without-strata"},
		{"a covariate missing", withAge(age, strings.Replace(file, ",yes,1,", ",yes,,", 1)), "departure-covariate-missing departure-analyzed"},
		{"a row not selected", withAge(age, file+"px,a,no,5,5,6\n"), "departure-rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := c.rep.departures()
			var codes []string
			for _, n := range found {
				if len(codes) == 0 || codes[len(codes)-1] != n.Code {
					codes = append(codes, n.Code)
				}
				for _, lang := range []string{"en", "nl"} {
					words, err := text.In(lang)
					require.NoError(t, err)
					assert.True(t, words.Has(n.Code), "%s in %s", n.Code, lang)
				}
			}
			assert.Equal(t, c.want, strings.Join(codes, " "))
		})
	}
}

// A test that the plan wants exact and that is not.
func TestDepartureFromExact(t *testing.T) {
	rep := reported(t, LoadRows(t, SmallProtocol+"plans: [{outcome: y, visit: post, exact: true}]\n", "a 5 7", "a 6 9", "a 7 9", "c 5 6", "c 6 6", "c 7 8"))
	assert.Empty(t, rep.departures())
	for i := range rep.Results[0].Rows {
		if r := &rep.Results[0].Rows[i]; r.Method == MethodMannWhitneyChange {
			r.Notes = append(r.Notes, Note{Code: "rank-asymptotic"})
		}
	}
	require.Len(t, rep.departures(), 1)
	assert.Equal(t, "departure-exact", rep.departures()[0].Code)
	rep.Protocol.Plans[0].Exact = false
	assert.Empty(t, rep.departures())
}
