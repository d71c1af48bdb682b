package study

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Drawn exchanges, held against a loop written here once more: Welch's t of the changes,
// the step-down maxima of Westfall and Young's algorithm 4.1, over 20,000 allocations of
// its own. Both are drawn, so that they agree to 4 standard errors of their difference.
func TestFamilyPermutedDrawn(t *testing.T) {
	csv := familyRows(11, 60, 1.2, 0.9, -0.2)
	var arm []bool
	changes := make([][]float64, 3)
	for i, line := range strings.Split(strings.TrimSpace(csv), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Split(line, ",")
		arm = append(arm, f[1] == "laser")
		for k := range changes {
			before, err := strconv.ParseFloat(f[2+2*k], 64)
			require.NoError(t, err)
			after, err := strconv.ParseFloat(f[3+2*k], 64)
			require.NoError(t, err)
			changes[k] = append(changes[k], after-before)
		}
	}
	welch := func(x []float64, arm []bool) float64 {
		var n, s, q [2]float64
		for i, v := range x {
			a := 0
			if arm[i] {
				a = 1
			}
			n[a]++
			s[a] += v
			q[a] += v * v
		}
		v := 0.0
		for a := range n {
			v += (q[a] - s[a]*s[a]/n[a]) / (n[a] - 1) / n[a]
		}
		return math.Abs(s[1]/n[1]-s[0]/n[0]) / math.Sqrt(v)
	}
	var own []float64
	for _, x := range changes {
		own = append(own, welch(x, arm))
	}
	order := []int{0, 1, 2} // from the largest
	slices.SortFunc(order, func(a, b int) int {
		if own[a] > own[b] {
			return -1
		}
		return 1
	})
	r := rand.New(rand.NewPCG(71, 1))
	const draws = 20_000
	reach := make([]float64, 3)
	for range draws {
		r.Shuffle(len(arm), func(i, j int) { arm[i], arm[j] = arm[j], arm[i] })
		most := 0.0
		for _, k := range slices.Backward(order) {
			most = math.Max(most, welch(changes[k], arm))
			if most >= own[k]-1e-12 {
				reach[k]++
			}
		}
	}
	want, last := make([]float64, 3), 0.0
	for _, k := range order {
		last = math.Max(last, reach[k]/draws)
		want[k] = last
	}
	plans := strings.ReplaceAll(familyPlans, "visit: post", "visit: post, model: welch-change, seed: 5")
	rep := familyReport(t, familyTrial+plans+"primary: {any: [X, Y, Z], adjust: westfall-young}\n", csv)
	require.Len(t, rep.Family.Hypotheses, 3)
	for k, h := range rep.Family.Hypotheses {
		se := math.Sqrt(want[k] * (1 - want[k]) * (1.0/draws + 1.0/10_000))
		assert.InDelta(t, want[k], h.Adjusted, 4*se+2.0/10_000, "%s: %v", h.ID, want)
	}
	assert.Greater(t, want[2], 0.3, "one of them is not there")
	assert.Less(t, slices.Min(want), 0.05)
	for _, row := range primaryRows(rep) {
		for _, n := range row.Notes {
			if n.Code == "family-permuted-drawn" {
				assert.Equal(t, uint64(5), n.Args["seed"])
			}
		}
	}
}

// Several arms and one control: the hypotheses of one arm, each by its name, and those of
// two arms are refused.
func TestFamilyPermutedOfAnArm(t *testing.T) {
	trial := `arms: [{id: high}, {id: low}, {id: none, control: true}]
randomization: complete
visits: [{id: pre}, {id: post}]
outcomes: [{id: x, better: higher}, {id: y, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {x: {pre: x0, post: x1}, y: {pre: y0, post: y1}}}
plans: [{id: X, outcome: x, visit: post, model: welch-change}, {id: Y, outcome: y, visit: post, model: welch-change}]
`
	r := rand.New(rand.NewPCG(72, 1))
	three, two := "id,arm,x0,x1,y0,y1\n", "id,arm,x0,x1,y0,y1\n"
	for i := range 21 {
		a := []string{"high", "low", "none"}[i%3]
		line := strconv.Itoa(i) + "," + a
		for range 4 {
			line += "," + strconv.FormatFloat(math.Round(100*(5+r.NormFloat64()))/100, 'f', 2, 64)
		}
		three += line + "\n"
		if a != "low" {
			two += line + "\n"
		}
	}
	whole := familyReport(t, trial+"primary: {any: [X.high, Y.high], adjust: westfall-young}\n", three)
	alone := familyReport(t, strings.Replace(trial, "{id: low}, ", "", 1)+"primary: {any: [X, Y], adjust: westfall-young}\n", two)
	require.Len(t, whole.Family.Hypotheses, 2)
	for k, h := range whole.Family.Hypotheses {
		assert.Equal(t, []string{"X.high", "Y.high"}[k], h.ID)
		assert.Equal(t, "high", h.Arm)
		assert.InDelta(t, alone.Family.Hypotheses[k].Adjusted, h.Adjusted, 1e-12, "the third arm has no part in it")
	}
	for _, res := range whole.Results {
		for _, row := range res.Deciding() {
			if row.Arm == "low" {
				assert.Nil(t, row.Hypothesis)
				assert.Equal(t, RoleAdditional, row.Role)
			}
		}
	}
	_, err := ParseProtocol(strings.NewReader(trial+"primary: {any: [X.high, Y.low], adjust: westfall-young}\n"), "p.yaml")
	assert.ErrorContains(t, err, `share no exchange; name the hypotheses of one arm`)
}

// Where no stratum holds both arms nothing can be exchanged: every hypothesis says so, and
// none is shown, though each has a p-value by itself.
func TestFamilyNotPermuted(t *testing.T) {
	var csv strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(familyRows(12, 24, 3, 3, -3)), "\n") {
		switch {
		case i == 0:
			line += ",site"
		case strings.Contains(line, "laser"):
			line += ",north"
		default:
			line += ",south"
		}
		csv.WriteString(line + "\n")
	}
	trial := strings.Replace(familyTrial, "randomization: complete", "randomization: {kind: stratified, strata: [site]}", 1)
	trial = strings.Replace(trial, ", good: {post: good}}", ", good: {post: good}}\n  covariates: {site: {column: site, kind: category}}", 1)
	plans := strings.ReplaceAll(familyPlans, "visit: post", "visit: post, model: welch-change")
	rep := familyReport(t, trial+plans+"primary: {any: [X, Y, Z], adjust: westfall-young}\n", csv.String())
	require.Len(t, rep.Family.Hypotheses, 3)
	for _, h := range rep.Family.Hypotheses {
		assert.Less(t, h.P, 0.05, h.ID)
		assert.True(t, math.IsNaN(h.Adjusted), h.ID)
		assert.False(t, h.Shown || h.Tested, h.ID)
	}
	assert.False(t, rep.Family.Success)
	for _, row := range primaryRows(rep) {
		assert.Contains(t, Codes(row.Notes), "family-no-permutation")
	}
}
