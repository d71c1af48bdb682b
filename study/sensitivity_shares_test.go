package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lostShares are 30 + 30 participants, some of whom are lost.
func lostShares(seen map[string][2]int, lost map[string]int, fill func(arm string, i int) string) []string {
	var rows []string
	for _, a := range []string{"a", "c"} {
		rows = append(rows, yesOrNo(a, seen[a][0], seen[a][1], nil)...)
		for i := range lost[a] {
			y := ""
			if fill != nil {
				y = fill(a, i)
			}
			rows = append(rows, fmt.Sprintf("%s,%s,s,50", a, y))
		}
	}
	return rows
}

// Best and worst case are the analyses of files in which those lost have these answers;
// the tipping point is found by such files, one after the other, and odds ratios give the
// shares of their definition.
func TestOtherAssumptionsAboutYesOrNo(t *testing.T) {
	seen, lost := map[string][2]int{"a": {19, 5}, "c": {8, 18}}, map[string]int{"a": 6, "c": 4}
	for _, better := range []string{"higher", "lower"} {
		protocol := func(more string) string {
			return strings.Replace(binaryProtocol(", primary: true"+more, ""), "better: higher", "better: "+better, 1)
		}
		good, bad := "ja", "nee"
		tipped, other := "a", "c"
		if better == "lower" {
			good, bad = bad, good
		}
		row, res := decided(t, loadBinary(t, protocol(", sensitivity: [{assume: best}, {assume: worst}, {assume: imor, odds: {a: 0.5}}, {assume: tipping, arm: "+tipped+"}]"), lostShares(seen, lost, nil)))
		require.Len(t, res.Sensitivity, 4)
		byHand := func(fill func(arm string, i int) string) Row {
			r, _ := decided(t, loadBinary(t, protocol(""), lostShares(seen, lost, fill)))
			return r
		}
		for i, treated := range []string{good, bad} {
			control := map[string]string{good: bad, bad: good}[treated]
			want := byHand(func(arm string, _ int) string { return map[string]string{"a": treated, "c": control}[arm] })
			got := res.Sensitivity[i]
			assert.Equal(t, map[string]int{"a": 6, "c": 4}, got.Lost)
			assert.Equal(t, map[string]int{"a": 30, "c": 30}, got.N)
			assert.InDelta(t, want.Estimate, got.Value, 1e-12)
			assert.InDelta(t, want.Lower, got.Lower, 1e-9)
			assert.InDelta(t, want.Upper, got.Upper, 1e-9)
			assert.InDelta(t, want.P, got.Completed.P, 1e-9)
			assert.Equal(t, want.Method, got.Completed.Method)
		}
		imor := res.Sensitivity[2]
		q := 19.0 / 24
		odds := 0.5 * q / (1 - q)
		share := 0.8*q + 0.2*odds/(1+odds)
		assert.InDelta(t, share-8.0/26, imor.Value, 1e-12, "the control's lost are as those observed")
		lo, hi := moverByHand(share, imorVariance(19, 24, 6, 0.5), 8.0/26, imorVariance(8, 26, 4, 1))
		assert.InDelta(t, lo, imor.Lower, 1e-9)
		assert.InDelta(t, hi, imor.Upper, 1e-9)
		assert.Greater(t, imor.SE, math.Sqrt(q*(1-q)/30+8.0*18/26/26/30), "of fewer than 30 + 30")

		tipping := res.Sensitivity[3]
		assert.InDelta(t, row.Estimate, tipping.Value, 1e-12, "as observed")
		k := tipping.Counts
		require.NotNil(t, k)
		expected, otherGood := 5, 1 // of 19/24·6 = 4.75 and 8/26·4 = 1.2
		if better == "lower" {
			expected, otherGood = 1, 3
		}
		assert.Equal(t, []int{6, expected, 4, otherGood}, []int{k.Lost, k.Expected, k.OtherLost, k.Other})
		significant := func(n int) bool {
			return byHand(func(arm string, i int) string {
				if arm == tipped && i < n || arm == other && i < otherGood {
					return good
				}
				return bad
			}).P < 0.05
		}
		require.True(t, significant(expected), "else choose other numbers")
		assert.True(t, k.Significant)
		most := expected - 1
		for most >= 0 && significant(most) {
			most--
		}
		assert.Equal(t, most >= 0, k.Found)
		if most >= 0 {
			assert.Equal(t, most, k.Good)
		}
	}
}

// With a margin the tipping point is where non-inferiority, or equivalence, is no longer
// shown by the plan's own analysis of files that are filled one after the other.
func TestTippingCountAgainstAMargin(t *testing.T) {
	above := false
	for _, c := range []struct {
		better, margin, arm string
		seen, lost          map[string][2]int
	}{
		{"higher", ", margin: 0.25", "a", map[string][2]int{"a": {36, 8}, "c": {33, 11}}, map[string][2]int{"a": {9}, "c": {4}}},
		{"lower", ", margin: 0.25", "a", map[string][2]int{"a": {8, 36}, "c": {11, 33}}, map[string][2]int{"a": {9}, "c": {4}}},
		{"higher", ", framework: equivalence, margin: 0.25", "a", map[string][2]int{"a": {36, 8}, "c": {35, 9}}, map[string][2]int{"a": {10}, "c": {3}}},
		{"higher", ", framework: equivalence, margin: 0.25", "c", map[string][2]int{"a": {36, 8}, "c": {35, 9}}, map[string][2]int{"a": {3}, "c": {10}}},
		{"higher", ", framework: equivalence, margin: 0.2", "a", map[string][2]int{"a": {66, 18}, "c": {63, 25}}, map[string][2]int{"a": {12}, "c": {6}}},
		{"higher", ", margin: 0.25", "c", map[string][2]int{"a": {36, 8}, "c": {33, 11}}, map[string][2]int{"a": {4}, "c": {9}}},
	} {
		name := fmt.Sprint(c)
		lost := map[string]int{"a": c.lost["a"][0], "c": c.lost["c"][0]}
		protocol := func(more string) string {
			return strings.Replace(binaryProtocol(", primary: true"+c.margin+more, ""), "better: higher", "better: "+c.better, 1)
		}
		good, bad := "ja", "nee"
		if c.better == "lower" {
			good, bad = bad, good
		}
		other := map[string]string{"a": "c", "c": "a"}[c.arm]
		_, res := decided(t, loadBinary(t, protocol(", sensitivity: [{assume: tipping, arm: "+c.arm+"}]"), lostShares(c.seen, lost, nil)))
		got := res.Sensitivity[0].Counts
		shown := func(n int) bool {
			row, _ := decided(t, loadBinary(t, protocol(""), lostShares(c.seen, lost, func(arm string, i int) string {
				if arm == c.arm && i < n || arm == other && i < got.Other {
					return good
				}
				return bad
			})))
			if row.Equivalence != nil {
				return row.Equivalence.Shown
			}
			return row.NonInferiority.Shown
		}
		require.Equal(t, shown(got.Expected), got.Significant, name)
		require.True(t, got.Significant, "%s: a fixture in which nothing can be lost", name)
		want, found := 0, false
		for n := got.Expected - 1; n >= 0 && !found; n-- {
			if !shown(n) {
				want, found = n, true
			}
		}
		assert.Equal(t, found, got.Found, name)
		assert.Equal(t, want, got.Good, name)
		want, found = 0, false
		for n := got.Expected + 1; n <= got.Lost && strings.Contains(c.margin, "equivalence") && !found; n++ {
			if !shown(n) {
				want, found = n, true
			}
		}
		assert.Equal(t, found, got.FoundAbove, name)
		assert.Equal(t, want, got.Above, name)
		above = above || found
	}
	assert.True(t, above, "some equivalence is lost by more good outcomes")
}

func TestOtherAssumptionsAboutYesOrNoAreChecked(t *testing.T) {
	for plan, want := range map[string]string{
		"sensitivity: [{assume: j2r}]":                                  "about a yes-or-no outcome",
		"sensitivity: [{assume: locf}]":                                 "about a yes-or-no outcome",
		"sensitivity: [{assume: imor}]":                                 "odds belong to",
		"sensitivity: [{assume: best, odds: {a: 2}}]":                   "odds belong to",
		"sensitivity: [{assume: imor, odds: {a: 0}}]":                   "above 0",
		"sensitivity: [{assume: imor, odds: {x: 2}}]":                   "no arm",
		"sensitivity: [{assume: imor, odds: 2}]":                        "odds belong to",
		"sensitivity: [{assume: tipping}]":                              "no arm",
		"sensitivity: [{assume: worst, reference: c}]":                  "no reference",
		"sensitivity: [{assume: best}, {assume: best}]":                 "twice",
		"covariates: [age], sensitivity: [{assume: best}]":              "without covariates",
		"effect: odds-ratio, sensitivity: [{assume: best}]":             "by their difference",
		"sensitivity: [{assume: imor, odds: {a: 2}, steps: [0, 1, 1]}]": "belong to assume: delta",
	} {
		_, err := ParseProtocol(strings.NewReader(binaryProtocol(", "+plan, "")), "p.yaml")
		require.ErrorContains(t, err, want, plan)
		assert.ErrorContains(t, err, "p.yaml:13", plan)
	}
	_, err := ParseProtocol(strings.NewReader(binaryProtocol(", sensitivity: [{assume: best}]", "randomization: {kind: stratified, strata: [site]}\n")), "p.yaml")
	require.ErrorContains(t, err, "strata")
}

// Rules of old papers are the analysis of a file in which every value missing after
// baseline is the last, or the worst, before it.
func TestOldRulesAreThoseOfAFilledFile(t *testing.T) {
	rows := askedTrial(21, 60)
	base := fmt.Sprintf(askedProtocol, 0)
	for _, model := range []string{"ancova", "mmrm"} {
		for rule, carried := range map[string]func(kept, y float64) float64{
			"locf": func(_, y float64) float64 { return y },
			"wocf": func(worst, y float64) float64 { return max(worst, y) }, // lower is better
		} {
			filled := make([]askedRow, len(rows))
			for i, x := range rows {
				filled[i] = x
				if x.y[0] == "" {
					continue
				}
				var kept float64
				fmt.Sscan(x.y[0], &kept)
				for v := 1; v < 4; v++ {
					if x.y[v] == "" {
						filled[i].y[v] = fmt.Sprint(kept)
						continue
					}
					var y float64
					fmt.Sscan(x.y[v], &y)
					kept = carried(kept, y)
				}
			}
			plan := "plans: [{outcome: y, visit: v3, primary: true, model: " + model
			ds, err := LoadText(t, base+plan+", sensitivity: [{assume: "+rule+"}]}]\n", askedText(rows))
			require.NoError(t, err)
			rep, err := ds.AnalyzeAll()
			require.NoError(t, err)
			var got SensitivityRow
			for _, res := range rep.Results {
				if res.Visit.ID == "v3" {
					require.Len(t, res.Sensitivity, 1)
					got = res.Sensitivity[0]
				}
			}
			want := imputedRow(t, base+plan+"}]\n", askedText(filled), "v3")
			assert.InDelta(t, want.Estimate, got.Value, 1e-9, "%s %s", rule, model)
			assert.InDelta(t, want.SE, got.SE, 1e-9)
			assert.InDelta(t, want.Lower, got.Lower, 1e-9)
			assert.Equal(t, want.N, got.Completed.N)
			assert.Positive(t, got.Lost["a"]+got.Lost["c"])
		}
	}
}

// imorVariance is the delta method's for a share of x of n observed and lost unknown, with
// the odds of the lost times imor.
func imorVariance(x, n, lost, imor float64) float64 {
	q, a := x/n, lost/(n+lost)
	p := func(q, a float64) float64 {
		odds := imor * q / (1 - q)
		return (1-a)*q + a*odds/(1+odds)
	}
	const h = 1e-6
	dq, da := (p(q+h, a)-p(q-h, a))/(2*h), (p(q, a+h)-p(q, a-h))/(2*h)
	return dq*dq*q*(1-q)/n + da*da*a*(1-a)/(n+lost)
}

// moverByHand combines the limits of both shares, found by bisection of their log odds.
func moverByHand(p1, v1, p0, v0 float64) (lo, hi float64) {
	limit := func(p, v, z float64) float64 {
		l, u := 0.0, 1.0
		for range 200 {
			m := (l + u) / 2
			if (math.Log(m/(1-m))-math.Log(p/(1-p)))*p*(1-p)/math.Sqrt(v) < z {
				l = m
			} else {
				u = m
			}
		}
		return l
	}
	const z = 1.959963984540054
	l1, u1, l0, u0 := limit(p1, v1, -z), limit(p1, v1, z), limit(p0, v0, -z), limit(p0, v0, z)
	d := p1 - p0
	return d - math.Sqrt((p1-l1)*(p1-l1)+(u0-p0)*(u0-p0)), d + math.Sqrt((u1-p1)*(u1-p1)+(p0-l0)*(p0-l0))
}
