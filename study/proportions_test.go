package study

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
)

// The numbers of testdata/reference/study_proportions.R: tables enumerated, and
// Miettinen and Nurminen's equation solved, in R.
func TestDifferencesOfProportionsAgreeWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_proportions.json")
	require.NoError(t, err)
	var file struct {
		Tables []struct {
			X1, N1, X0, N0              int
			Method                      RiskMethod
			Difference, Lower, Upper, P float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.Len(t, file.Tables, 11)
	known := &risks{}
	for _, c := range file.Tables {
		a, b := table.Count{Events: c.X1, N: c.N1}, table.Count{Events: c.X0, N: c.N0}
		for _, k := range []*risks{nil, known, known} {
			r, ok := k.between(a, b, [2]int{c.N1, c.N0}, 0.95)
			require.True(t, ok)
			assert.Equal(t, c.Method, r.method, "%+v", c)
			assert.InDelta(t, c.Difference, r.point, 1e-12, "%+v", c)
			assert.InDelta(t, c.Lower, r.ci.Lo, 2e-8, "%+v", c) // R's bisection ends at 1e-8
			assert.InDelta(t, c.Upper, r.ci.Hi, 2e-8, "%+v", c)
			assert.InDelta(t, c.P, r.p, 1e-9, "%+v", c)
		}
	}
}

// The numbers randomized choose the method, whatever was observed: 50 against 50
// are exact, 50 against 51 are not, also where a few of them have a value.
func TestRandomizedChooseTheMethod(t *testing.T) {
	for _, c := range []struct {
		randomized [2]int
		want       RiskMethod
	}{{[2]int{50, 50}, RiskExact}, {[2]int{25, 100}, RiskExact}, {[2]int{50, 51}, RiskScore}, {[2]int{10, 10}, RiskExact}} {
		r, ok := (*risks)(nil).between(table.Count{Events: 3, N: 10}, table.Count{Events: 1, N: 9}, c.randomized, 0.95)
		require.True(t, ok)
		assert.Equal(t, c.want, r.method, "%v", c.randomized)
	}
	_, ok := (&risks{}).between(table.Count{}, table.Count{Events: 1, N: 9}, [2]int{9, 9}, 0.95)
	assert.False(t, ok)
}

// p is below 0.05 where the interval leaves out 0, and only there, whichever method
// has the turn. Swapped arms turn the sign and nothing else.
func TestIntervalAndPOfProportionsAgree(t *testing.T) {
	check := func(x1, n1, x0, n0 int) {
		a, b := table.Count{Events: x1, N: n1}, table.Count{Events: x0, N: n0}
		r, ok := (*risks)(nil).between(a, b, [2]int{n1, n0}, 0.95)
		require.True(t, ok)
		assert.Equal(t, r.ci.Excludes(0), r.p < 0.05, "%d/%d %d/%d: %v, p %v", x1, n1, x0, n0, r.ci, r.p)
		gap := slices.Contains(Codes(r.notes), "responders-gap-zero")
		assert.Equal(t, gap, r.ci.Excludes(0) != (r.ci.Lo > 0 || r.ci.Hi < 0))
		assert.False(t, gap && n1 == n0, "%d/%d %d/%d", x1, n1, x0, n0)
		s, _ := (*risks)(nil).between(b, a, [2]int{n0, n1}, 0.95)
		assert.InDelta(t, -r.ci.Lo, s.ci.Hi, 1e-9)
		assert.InDelta(t, r.p, s.p, 1e-9)
	}
	for n1 := 1; n1 <= 6; n1++ {
		for n0 := 1; n0 <= n1; n0++ {
			for x1 := range n1 + 1 {
				for x0 := range n0 + 1 {
					check(x1, n1, x0, n0)
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(5, 1))
	for range 300 {
		n1, n0 := 1+r.IntN(200), 1+r.IntN(200)
		check(r.IntN(n1+1), n1, r.IntN(n0+1), n0)
	}
}

// A table whose accepted differences have gaps says so; the gap of 12 of 32 against 6
// of 7 holds 0 (see table.ExactRisk.CI), that of none of 2 against 4 of 7 does not (33
// points have p = 0.045 in study_proportions.R, 30 and 36 more than 0.05).
func TestGapsAreNoted(t *testing.T) {
	for _, c := range []struct {
		x1, n1, x0, n0 int
		want           []string
	}{{12, 32, 6, 7, []string{"responders-gap-zero"}}, {9, 111, 2, 3, []string{"responders-gap-zero"}}, {3, 5, 0, 5, nil}, {0, 2, 4, 7, []string{"responders-gaps"}}} {
		r, ok := (*risks)(nil).between(table.Count{Events: c.x1, N: c.n1}, table.Count{Events: c.x0, N: c.n0}, [2]int{c.n1, c.n0}, 0.95)
		require.True(t, ok)
		assert.Equal(t, c.want, Codes(r.notes), "%+v", c)
	}
}

// Strata are not taken into account for harms, which the contrast says; its interval
// is the exact one: none of 5 against none of 5 is −52.2 to 52.2 points, 1 − 0.025^(1/5).
func TestSafetyDifferences(t *testing.T) {
	for _, c := range []struct {
		randomization string
		without       bool
	}{{"kind: complete", false}, {"kind: stratified, column: site", true}} {
		p := Parsed(t, fmt.Sprintf(`
title: Harms
arms: [{id: a}, {id: c, control: true}]
randomization: {%s}
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: pre, post: post}}, adverse_events: ae}
`, c.randomization))
		file := "id,arm,site,pre,post,ae\n"
		for i := range 10 {
			file += fmt.Sprintf("%d,%s,%s,%d,%d,0\n", i, []string{"a", "c"}[i%2], []string{"x", "y"}[i/5], 5+i%3, 6+i%4)
		}
		s := reported(t, loadText(t, p, file)).Safety
		require.Len(t, s.Contrasts, 1)
		x := s.Contrasts[0]
		assert.Equal(t, RiskExact, x.Method)
		assert.Equal(t, c.without, x.WithoutStrata)
		assert.InDelta(t, 1-math.Pow(0.025, 0.2), x.Upper, 1e-9)
		assert.InDelta(t, -x.Upper, x.Lower, 1e-9)
	}
}
