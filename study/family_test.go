package study

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/family"
)

// familyTrial has two arms, three outcomes of measurement and one of yes and no.
const familyTrial = `arms: [{id: laser}, {id: sham, control: true}]
randomization: complete
visits: [{id: pre}, {id: post}]
outcomes:
  - {id: x, better: higher}
  - {id: y, better: higher}
  - {id: z, better: lower}
  - {id: good, kind: binary, better: higher, baseline: none}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {pre: x0, post: x1}, y: {pre: y0, post: y1}, z: {pre: z0, post: z1}, good: {post: good}}
`

func familyRows(seed uint64, n int, shift ...float64) string {
	r := rand.New(rand.NewPCG(seed, 15))
	var s strings.Builder
	s.WriteString("id,arm,x0,x1,y0,y1,z0,z1,good\n")
	for i := range n {
		arm, on := "sham", 0.0
		if i%2 == 0 {
			arm, on = "laser", 1
		}
		fmt.Fprintf(&s, "%d,%s", i+1, arm)
		common := r.NormFloat64()
		for k := range 3 {
			before := 5 + r.NormFloat64()
			fmt.Fprintf(&s, ",%.2f,%.2f", before, before+common+shift[k]*on+r.NormFloat64())
		}
		fmt.Fprintf(&s, ",%d\n", r.IntN(2))
	}
	return s.String()
}

func familyReport(t testing.TB, protocol, csv string) Report {
	t.Helper()
	ds, err := LoadText(t, protocol, csv)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep
}

const familyPlans = "plans: [{id: X, outcome: x, visit: post}, {id: Y, outcome: y, visit: post}, {id: Z, outcome: z, visit: post}]\n"

func primaryRows(r Report) []Row {
	var out []Row
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			if row.Role == RolePrimary {
				out = append(out, row)
			}
		}
	}
	return out
}

// The adjusted p-values, what is shown and what stands in results are those of the raw
// p-values by the rules of each method, written here once more; intervals of steps stay
// as they are, and the interval, the p-value and the verdict of an answer agree.
func TestFamilyOfPlans(t *testing.T) {
	csv := familyRows(3, 40, 1, 0.75, 0.3)
	alone := primaryRows(familyReport(t, familyTrial+strings.ReplaceAll(familyPlans, "visit: post}", "visit: post, primary: true}"), csv))
	require.Len(t, alone, 3)
	var p []float64
	for _, r := range alone {
		p = append(p, r.P)
	}
	s := slices.Sorted(slices.Values(p))
	simes := func(q ...float64) float64 {
		slices.Sort(q)
		out := 1.0
		for i, x := range q {
			out = math.Min(out, float64(len(q))*x/float64(i+1))
		}
		return out
	}
	rules := map[string]func(i int) float64{
		"bonferroni": func(i int) float64 { return math.Min(1, 3*p[i]) },
		"holm": func(i int) float64 {
			switch p[i] {
			case s[0]:
				return math.Min(1, 3*s[0])
			case s[1]:
				return math.Min(1, max(3*s[0], 2*s[1]))
			}
			return math.Min(1, max(3*s[0], 2*s[1], s[2]))
		},
		"hochberg": func(i int) float64 {
			switch p[i] {
			case s[2]:
				return s[2]
			case s[1]:
				return min(2*s[1], s[2])
			}
			return min(3*s[0], 2*s[1], s[2])
		},
		"hommel": func(i int) float64 {
			a, b := p[(i+1)%3], p[(i+2)%3]
			return max(p[i], simes(p[i], a), simes(p[i], b), simes(p[i], a, b))
		},
		"fixed": func(i int) float64 { return slices.Max(p[:i+1]) },
	}
	for method, rule := range rules {
		rep := familyReport(t, familyTrial+familyPlans+"primary: {any: [X, Y, Z], adjust: "+method+"}\n", csv)
		require.NotNil(t, rep.Family)
		assert.Equal(t, 0.05, rep.Family.Alpha)
		rows := primaryRows(rep)
		require.Len(t, rows, 3)
		for i, r := range rows {
			want := rule(i)
			assert.InDelta(t, want, r.Adjusted, 1e-12, "%s of %v", method, p)
			assert.Equal(t, p[i], r.P, "the p-value by itself stays")
			require.NotNil(t, r.Hypothesis)
			assert.Equal(t, *r.Hypothesis, rep.Family.Hypotheses[i])
			assert.Equal(t, want < 0.05, r.Hypothesis.Shown, method)
			assert.Equal(t, []string{"X", "Y", "Z"}[i], r.Hypothesis.ID)
			if method == "bonferroni" {
				ci := alone[i].Effect.CI(1 - 0.05/3)
				assert.Equal(t, [2]float64{ci.Lo, ci.Hi}, [2]float64{r.Lower, r.Upper})
				assert.Equal(t, [2]float64{alone[i].Lower, alone[i].Upper}, [2]float64{r.Alone.Lo, r.Alone.Hi})
				assert.Equal(t, r.Hypothesis.Shown, !r.IncludesZero())
				assert.Equal(t, r.Effect.CI(0.95).Lo, r.Lower, "the effect answers as the row does")
				assert.Equal(t, family.Bonferroni, r.Together)
				assert.Contains(t, Codes(r.Notes), "family-together")
			} else {
				assert.Equal(t, [2]float64{alone[i].Lower, alone[i].Upper}, [2]float64{r.Lower, r.Upper}, method)
				assert.Nil(t, r.Alone)
				assert.Contains(t, Codes(r.Notes), "family-interval-alone")
			}
		}
		assert.NotContains(t, Codes(rep.Notes), "multiplicity-primary", "they are adjusted")
	}
	rep := familyReport(t, familyTrial+familyPlans+"primary: {all: [X, Y, Z]}\n", csv)
	assert.Equal(t, slices.Max(p), rep.Family.P)
	assert.Equal(t, slices.Max(p) < 0.05, rep.Family.Success)
	for i, r := range primaryRows(rep) {
		assert.Equal(t, p[i], r.Adjusted)
		assert.Equal(t, p[i] < 0.05, r.Hypothesis.Shown)
	}
}

// A graph is by hypotheses, whatever order the plans and outcomes have; shares of
// Bonferroni make intervals of their own levels; a fixed order says what stopped it.
func TestFamilyGraphs(t *testing.T) {
	csv := familyRows(3, 40, 1, 0.75, 0.3)
	graph := "primary: {any: [Z, X, Y], adjust: {graph: {weights: {X: 0.5, Z: 0.5}, transitions: {X: {Y: 1}, Z: {X: 1}, Y: {Z: 1}}}}}\n"
	rep := familyReport(t, familyTrial+familyPlans+graph, csv)
	p := map[string]float64{}
	for _, h := range rep.Family.Hypotheses {
		p[h.ID] = h.P
	}
	assert.Equal(t, []string{"Z", "X", "Y"}, []string{rep.Family.Hypotheses[0].ID, rep.Family.Hypotheses[1].ID, rep.Family.Hypotheses[2].ID})
	require.Less(t, p["X"], p["Z"]) // X at half first; then Y at half of it, Z at half; then all for the last
	require.Less(t, p["Y"], p["Z"])
	want := map[string]float64{"X": 2 * p["X"], "Y": max(2*p["X"], 2*p["Y"])}
	want["Z"] = min(1, max(want["Y"], p["Z"]))
	for _, h := range rep.Family.Hypotheses {
		assert.InDelta(t, want[h.ID], h.Adjusted, 1e-12, h.ID)
		assert.Equal(t, map[string]float64{"X": 0.5, "Z": 0.5}[h.ID], h.Weight)
	}

	rep = familyReport(t, familyTrial+familyPlans+"primary: {any: [X, Y], adjust: {bonferroni: {weights: {X: 0.8, Y: 0.2}}}, alpha: 0.1}\n", csv)
	for i, r := range primaryRows(rep) {
		w := []float64{0.8, 0.2}[i]
		assert.Equal(t, 0.9, r.Level)
		ci := family.Alone(r.Effect).CI(1 - (1-0.9)*w)
		assert.InDelta(t, ci.Lo, r.Lower, 1e-12)
		assert.InDelta(t, min(1, r.P/w), r.Adjusted, 1e-15)
	}

	rep = familyReport(t, familyTrial+familyPlans+"primary: {any: [Z, X, Y], adjust: fixed}\n", csv)
	var said []string
	for _, h := range rep.Family.Hypotheses {
		said = append(said, fmt.Sprint(h.ID, " ", h.Tested, " ", h.Shown, " ", h.Before))
	}
	assert.Equal(t, []string{"Z true false ", "X false false Z", "Y false false Z"}, said)
}

// One-sided tests are held against half of α, doubled beside two-sided ones; their answer
// is the scheme's, and superiority is no hypothesis of it.
func TestFamilyWithMargins(t *testing.T) {
	csv := familyRows(5, 60, 0.1, 0.9, 0)
	plans := "plans: [{id: X, outcome: x, visit: post, margin: 0.8}, {id: Y, outcome: y, visit: post}, {id: Z, outcome: z, visit: post, margin: 1.5, framework: equivalence}]\n"
	for _, adjust := range []string{"holm", "bonferroni", "hommel"} {
		rep := familyReport(t, familyTrial+plans+"primary: {any: [X, Y, Z], adjust: "+adjust+"}\n", csv)
		rows := primaryRows(rep)
		x, y, z := rows[0], rows[1], rows[2]
		e := family.Alone(x.Effect).(stats.Estimate)
		assert.Equal(t, e.PGreater(-0.8), x.NonInferiority.P, "the test's own p")
		two := []float64{min(1, 2*x.NonInferiority.P), y.P, min(1, 2*z.Equivalence.P)}
		want, err := stats.AdjustPWith(two, stats.AdjustOptions{Method: stats.Adjustment(adjust)})
		require.NoError(t, err)
		assert.InDelta(t, want[0]/2, x.Adjusted, 1e-12, adjust)
		assert.InDelta(t, want[1], y.Adjusted, 1e-12)
		assert.InDelta(t, want[2]/2, z.Adjusted, 1e-12)
		assert.Equal(t, []float64{0.025, 0.05, 0.025}, []float64{x.Alpha, y.Alpha, z.Alpha})
		assert.Equal(t, x.Adjusted < 0.025, x.NonInferiority.Shown)
		assert.Equal(t, z.Adjusted < 0.025, z.Equivalence.Shown)
		assert.False(t, x.NonInferiority.Superior)
		code := "noninferiority-not-shown-adjusted"
		if x.NonInferiority.Shown {
			code = "noninferiority-shown-adjusted"
		}
		assert.Contains(t, Codes(x.Notes), code)
		if adjust == "bonferroni" { // interval and answer agree
			assert.Equal(t, x.NonInferiority.Shown, x.Lower > -0.8)
			assert.Equal(t, z.Equivalence.Shown, z.Lower > -1.5 && z.Upper < 1.5)
		}
	}
}

// Dunnett's comparisons of the stored reference (quadrature, and multcomp) come out of a
// protocol, with and without a covariate in the place of the baseline.
func TestFamilyDunnettReference(t *testing.T) {
	b, err := os.ReadFile("../testdata/reference/multiplicity_plan.json")
	require.NoError(t, err)
	var file struct {
		Cases []struct {
			ID    string
			Input struct {
				Y, X []float64
				Arm  []string
			}
			Expect struct {
				Comparisons, Lower, Upper, Estimate json.RawMessage
				P                                   json.RawMessage `json:"p_two_sided"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(b, &file))
	numbers := func(raw json.RawMessage) (out []float64) {
		if json.Unmarshal(raw, &out) != nil {
			out = make([]float64, 1)
			require.NoError(t, json.Unmarshal(raw, &out[0]))
		}
		return out
	}
	n := 0
	for _, c := range file.Cases {
		if c.Input.Y == nil {
			continue
		}
		arms := slices.Compact(slices.Sorted(slices.Values(c.Input.Arm)))
		protocol := "arms: [{id: " + strings.Join(arms[1:], "}, {id: ") + "}, {id: " + arms[0] + ", control: true}]\nrandomization: complete\nvisits: [{id: pre}, {id: post}]\n"
		csv := "id,arm,pre,post\n"
		for i, y := range c.Input.Y {
			x := 0.0
			if c.Input.X != nil {
				x = c.Input.X[i]
			}
			csv += fmt.Sprintf("%d,%s,%v,%v\n", i+1, c.Input.Arm[i], x, y)
		}
		baseline, columns := "", "pre: pre, "
		if c.Input.X == nil {
			baseline, columns = ", baseline: none", ""
		}
		protocol += "outcomes: [{id: y, better: higher" + baseline + "}]\ndata: {layout: wide, participant: id, arm: arm, columns: {y: {" + columns + "post: post}}}\n" +
			"plans: [{id: A, outcome: y, visit: post}]\nprimary: {any: [A], adjust: METHOD}\n"
		if len(arms) < 3 {
			continue
		}
		for _, method := range []string{"dunnett", "max-t"} {
			rows := primaryRows(familyReport(t, strings.Replace(protocol, "METHOD", method, 1), csv))
			p, lower, upper := numbers(c.Expect.P), numbers(c.Expect.Lower), numbers(c.Expect.Upper)
			require.Len(t, rows, len(p))
			for i, r := range rows {
				assert.InDelta(t, p[i], r.Adjusted, 1e-7, "%s %s", c.ID, method)
				assert.InDelta(t, lower[i], r.Lower, 1e-6*r.SE, c.ID)
				assert.InDelta(t, upper[i], r.Upper, 1e-6*r.SE, c.ID)
				assert.Equal(t, r.Adjusted < 0.05, !r.IncludesZero())
				assert.Equal(t, family.Method(method), r.Together)
				n++
			}
		}
	}
	assert.Greater(t, n, 15)
}

// Max-T over two visits of one model: complete data and no baseline make the visits'
// differences correlated as the residuals are, and their joint t is integrated here by
// brute force.
func TestFamilyMaxT(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 9))
	const n = 24
	y := make([][2]float64, n)
	csv := "id,arm,v1,v2\n"
	for i := range y {
		z := rng.NormFloat64()
		for v := range 2 {
			y[i][v] = math.Round(100*(z+0.7*rng.NormFloat64()+[]float64{0.8, 0}[i%2])) / 100
		}
		csv += fmt.Sprintf("%d,%s,%v,%v\n", i+1, []string{"laser", "sham"}[i%2], y[i][0], y[i][1])
	}
	protocol := `arms: [{id: laser}, {id: sham, control: true}]
randomization: complete
visits: [{id: v1}, {id: v2}]
outcomes: [{id: y, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: v1, v2: v2}}}
baseline: none
plans: [{id: A, outcome: y, visit: v1, model: mmrm}, {id: B, outcome: y, visit: v2, model: mmrm}]
primary: {any: [A, B], adjust: max-t}
`
	rows := primaryRows(familyReport(t, protocol, csv))
	require.Len(t, rows, 2)
	var s [2][2]float64 // residual products
	var mean [2][2]float64
	for i := range y {
		for v := range 2 {
			mean[i%2][v] += y[i][v] / (n / 2)
		}
	}
	for i := range y {
		for a := range 2 {
			for b := range 2 {
				s[a][b] += (y[i][a] - mean[i%2][a]) * (y[i][b] - mean[i%2][b])
			}
		}
	}
	rho := s[0][1] / math.Sqrt(s[0][0]*s[1][1])
	for _, r := range rows {
		tt := math.Abs(r.Estimate / r.SE)
		assert.InDelta(t, n-2, r.DF, 1e-6)
		assert.InDelta(t, outsideSquare(tt, rho, n-2), r.Adjusted, 2e-6)
		assert.Equal(t, r.Adjusted < 0.05, !r.IncludesZero())
		assert.Less(t, r.P, r.Adjusted)
		assert.Less(t, r.Adjusted, 2*r.P, "less than Bonferroni's")
	}
}

// outsideSquare is the chance that one of two correlated t statistics is beyond q: over
// the common variance, and the first of two normals.
func outsideSquare(q, rho, df float64) float64 {
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	lg, _ := math.Lgamma(df / 2)
	inside, steps := 0.0, 2000
	for i := range steps { // of s = √(χ²/df)
		s := (float64(i) + 0.5) / float64(steps) * 3
		density := math.Exp(math.Log(2) + (df/2)*math.Log(df/2) - lg + (df-1)*math.Log(s) - df*s*s/2)
		in := 0.0
		for k := range 400 {
			z := -q*s + (float64(k)+0.5)/400*2*q*s
			sd := math.Sqrt(1 - rho*rho)
			in += math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * (phi((q*s-rho*z)/sd) - phi((-q*s-rho*z)/sd)) * 2 * q * s / 400
		}
		inside += density * in * 3 / float64(steps)
	}
	return 1 - inside
}

// A scheme of single arms leaves the plan's other arm additional; interval and p of an
// outcome of yes and no hold together, too.
func TestFamilyOfArmsAndKinds(t *testing.T) {
	protocol := strings.Replace(RepeatedProtocol, "title: Repeated\n", "", 1)
	ds := LoadRepeated(t, protocol+"plans: [{id: A, outcome: y, visit: v3}, {id: B, outcome: y, visit: v2}]\nprimary: {any: [A.b, A.a, B.a], adjust: fixed}\n", RepeatedTrial(4, 60, 0))
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var ids, roles []string
	for _, h := range rep.Family.Hypotheses {
		ids = append(ids, h.ID)
	}
	for _, res := range rep.Results {
		for _, r := range res.Deciding() {
			roles = append(roles, fmt.Sprint(r.Visit, " ", r.Arm, " ", r.Role, " ", r.Hypothesis != nil))
		}
	}
	assert.Equal(t, []string{"A.b", "A.a", "B.a"}, ids)
	assert.Equal(t, []string{"v1 a default false", "v1 b default false", "v2 a primary true", "v2 b additional false", "v3 a primary true", "v3 b primary true"}, roles)

	csv := familyRows(3, 40, 1, 0.75, 0.3)
	rep = familyReport(t, familyTrial+"plans: [{id: X, outcome: x, visit: post}, {id: G, outcome: good, visit: post}]\nprimary: {any: [X, G], adjust: bonferroni}\n", csv)
	g := primaryRows(rep)[1]
	assert.Equal(t, RiskDifference, g.Measure)
	assert.InDelta(t, math.Min(1, 2*g.P), g.Adjusted, 1e-15)
	ci := family.Alone(g.Effect).CI(0.975)
	assert.Equal(t, [2]float64{ci.Lo, ci.Hi}, [2]float64{g.Lower, g.Upper})
	require.NotNil(t, g.NNT)
	nnt := stats.NewNNT(g.Estimate, g.interval(), 1)
	assert.Equal(t, fmt.Sprint(nnt), fmt.Sprint(*g.NNT), "the interval that decides")
}

// What a scheme asks that plans or data cannot answer is refused where it stands.
func TestFamilyRefused(t *testing.T) {
	three := "plans: [{id: X, outcome: x, visit: post}, {id: Y, outcome: y, visit: post}, {id: Z, outcome: z, visit: post, role: supplementary}, {outcome: good, visit: post}]\n"
	for primary, want := range map[string]string{
		"{any: [X, Q], adjust: holm}":                                                                 `primary.any[1]: no plan has the id "Q" (known: X, Y, Z)`,
		"{any: [X, X], adjust: holm}":                                                                 `primary.any[1]: "X" stands here twice`,
		"{any: [X, Y, Z], adjust: holm}":                                                              `primary.any[2]: "Z" is a supplementary plan (plans[2])`,
		"{any: [X], adjust: holm}":                                                                    `primary.any: one hypothesis is no family`,
		"{any: [X, Y]}":                                                                               `primary: say how the hypotheses are tested together`,
		"{all: [X, Y], adjust: holm}":                                                                 `primary.adjust: where all must be shown nothing is adjusted`,
		"{any: [X, Y], adjust: scheffe}":                                                              `primary.adjust: unknown method "scheffe"`,
		"{any: [X], all: [Y]}":                                                                        `any and all exclude each other`,
		"{any: [X, Y], adjust: holm, alpha: 1.5}":                                                     `primary.alpha: 1.5 is no α`,
		"{any: [X, Y], adjust: dunnett}":                                                              `primary.adjust: dunnett is of several arms in one plan`,
		"{any: [X, Y], adjust: max-t}":                                                                `primary.adjust: max-t needs the differences in one model`,
		"{any: [X, Y], adjust: graph}":                                                                `primary.adjust: a graph needs weights`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 0.7, Y: 0.5}}}}":                                 `primary.adjust.graph.weights: shares add up to 1.2`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1}}}}":                                           `primary.adjust.graph: no share of α can come to "Y"`,
		"{any: [X, Y], adjust: {graph: {weights: {X: -1, Y: 1}}}}":                                    `primary.adjust.graph.weights.X: -1 is no share`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1, Q: 0}}}}":                                     `primary.adjust.graph.weights.Q: "Q" is no hypothesis of the family (X, Y)`,
		"{any: [X, Y], adjust: {bonferroni: {weights: {X: 0.5}}}}":                                    `primary.adjust.bonferroni.weights: "Y" has no share`,
		"{any: [X, Y], adjust: {bonferroni: {weights: {X: 1, Y: 1}}}}":                                `primary.adjust.bonferroni.weights: shares add up to 2`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1}, transitions: {X: {X: 1}, Y: {X: 1}}}}}":      `primary.adjust.graph.transitions.X.X: "X" cannot hand its share to itself`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1}, transitions: {X: {Y: 0.7, Q: 0.7}}}}}":       `"Q" is no hypothesis`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1}, transitions: {X: {Y: 1.5}}}}}":               `primary.adjust.graph.transitions.X.Y: 1.5 is no share`,
		"{any: [X, Y], adjust: {graph: {weights: {X: 1}, transitions: {X: {Y: 1}}}, bonferroni: {}}}": `primary.adjust: one method alone`,
		"{adjust: holm}":                       `primary: name the plans`,
		"{any: [X.laser, X.sham]}":             `primary.any[1]: no plan has the id "X.sham"`,
		"{any: [X, Y], adjust: holm, beta: 1}": `unknown key "beta"`,
	} {
		_, err := ParseProtocol(strings.NewReader(familyTrial+three+"primary: "+primary+"\n"), "p.yaml")
		if assert.Error(t, err, primary) {
			assert.Contains(t, err.Error(), want, primary)
			assert.Regexp(t, `p.yaml:1[0-9]:\d+:`, err.Error(), "with its place")
		}
	}
	for plans, want := range map[string]string{
		"[{id: X, outcome: x, visit: post, primary: true}, {id: Y, outcome: y, visit: post}, {id: Z, outcome: z, visit: post}]": `plans[0]: a primary plan that is not in the list of the key primary`,
		"[{id: Y, outcome: x, visit: post}, {id: Y, outcome: y, visit: post}, {id: Z, outcome: z, visit: post}]":                `plans[1].id: a second plan with the id "Y"`,
		"[{id: Y, outcome: y, visit: post, level: 0.9}, {id: Z, outcome: z, visit: post, level: 0.95}]":                         `plans[1].level: a level of 0.95 does not belong to the primary α of 0.1`,
		"[{id: Y, outcome: y, visit: post}, {id: Z, outcome: y, visit: post, model: welch-change}]":                             `plans[0]: a second primary plan for outcome "y" at visit "post"`,
		"[{id: Y, outcome: y}, {id: Z, outcome: z, visit: post}]":                                                               `plans[0]: a primary plan needs a visit`,
	} {
		_, err := ParseProtocol(strings.NewReader(familyTrial+"plans: "+plans+"\nprimary: {any: [Y, Z], adjust: holm}\n"), "p.yaml")
		if assert.Error(t, err, plans) {
			assert.Contains(t, err.Error(), want, plans)
		}
	}
	for text, want := range map[string]string{
		"plans: [{id: A, outcome: y, visit: v3, margin: 1}]\nprimary: {any: [A], adjust: dunnett}\n":                                                                        `plans[0].margin: dunnett is for differences`,
		"plans: [{id: A, outcome: y, visit: v3, model: mmrm}]\nprimary: {any: [A], adjust: dunnett}\n":                                                                      `primary.adjust: dunnett needs one linear model of all arms`,
		"plans: [{id: A, outcome: y, visit: v3, model: mmrm}, {id: B, outcome: y, visit: v2, model: mmrm, covariance: cs}]\nprimary: {any: [A, B], adjust: max-t}\n":        `primary.adjust: max-t needs the differences in one model`,
		"plans: [{id: A, outcome: y, visit: v3, impute: {assume: mar}}]\nprimary: {any: [A], adjust: dunnett}\n":                                                            `plans[0].impute: dunnett takes no plan`,
		"plans: [{id: A, outcome: y, visit: v3, model: mmrm, impute: {assume: mar}}, {id: B, outcome: y, visit: v2, model: mmrm}]\nprimary: {any: [A, B], adjust: max-t}\n": `plans[0].impute: max-t takes no plan`,
		"plans: [{id: A, outcome: y, visit: v3}]\nprimary: {any: [A.a, A], adjust: dunnett}\n":                                                                              `primary.any[1]: "A" stands here twice`,
	} {
		_, err := ParseProtocol(strings.NewReader(RepeatedProtocol+text), "p.yaml")
		if assert.Error(t, err, text) {
			assert.Contains(t, err.Error(), want, text)
		}
	}
}

// A protocol that a data set has filled in is read again as it was.
func TestFamilyAgain(t *testing.T) {
	csv := familyRows(3, 40, 1, 0.75, 0.3)
	ds, err := LoadText(t, familyTrial+familyPlans+"primary: {any: [X, Y, Z], adjust: holm, alpha: 0.1}\n", csv)
	require.NoError(t, err)
	p := ds.Protocol()
	assert.Equal(t, 0.9, p.Plans[0].Level)
	again, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	a, err := ds.AnalyzeAll()
	require.NoError(t, err)
	b, err := again.AnalyzeAll()
	require.NoError(t, err)
	assert.Equal(t, a.Family, b.Family)
	one, err := ds.Analyze(p.Plans[1])
	require.NoError(t, err)
	assert.Equal(t, RolePrimary, one.Deciding()[0].Role)
}

// To say the set that every plan has anyway changes nothing.
func TestFamilyOfEverybodySaidOrNot(t *testing.T) {
	for _, adjust := range []string{"dunnett", "bonferroni"} {
		var said [2][]Row
		for i, set := range []string{"", ", set: itt"} {
			ds := LoadRepeated(t, RepeatedProtocol+"plans: [{id: A, outcome: y, visit: v3"+set+"}]\nprimary: {any: [A], adjust: "+adjust+"}\n", RepeatedTrial(1, 60, 0))
			r, err := ds.AnalyzeAll()
			require.NoError(t, err)
			said[i] = primaryRows(r)
			require.Len(t, said[i], 2, adjust)
		}
		for k, x := range said[0] {
			y := said[1][k]
			require.NotEmpty(t, x.Together)
			assert.Equal(t, [3]float64{x.Lower, x.Upper, x.Adjusted}, [3]float64{y.Lower, y.Upper, y.Adjusted}, adjust)
			assert.Less(t, x.Adjusted, 1.0)
		}
	}
}

// Westfall and Young's p-values of a protocol are those of R's listing of all exchanges
// within strata (study_permuted.R), and never below the comparison's own.
func TestFamilyPermuted(t *testing.T) {
	read := func(name string) []byte {
		b, err := os.ReadFile("../testdata/reference/" + name)
		require.NoError(t, err)
		return b
	}
	csv := string(read("study_permuted.csv"))
	var want map[string]any
	require.NoError(t, json.Unmarshal(read("study_permuted.json"), &want))
	trial := strings.Replace(familyTrial, "randomization: complete", "randomization: {kind: stratified, strata: [site]}", 1)
	trial = strings.Replace(trial, "  - {id: good, kind: binary, better: higher, baseline: none}\n", "", 1)
	trial = strings.Replace(trial, ", good: {post: good}}", "}\n  covariates: {site: {column: site, kind: category}}", 1)
	for _, model := range []string{"ancova", "welch-change"} {
		key := strings.TrimSuffix(model, "-change")
		plans := strings.ReplaceAll(familyPlans, "visit: post", "visit: post, model: "+model)
		rows := primaryRows(familyReport(t, trial+plans+"primary: {any: [X, Y, Z], adjust: westfall-young}\n", csv))
		require.Len(t, rows, 3)
		for i, r := range rows {
			own, adjusted := want[key+"_p"].([]any)[i].(float64), want[key].([]any)[i].(float64)
			assert.InDelta(t, own, r.P, 1e-12, model)
			assert.InDelta(t, max(adjusted, own), r.Adjusted, 1e-12, model)
			assert.Equal(t, r.Adjusted < 0.05, r.Hypothesis.Shown)
			assert.Contains(t, Codes(r.Notes), "family-permuted-all")
			assert.NotContains(t, Codes(r.Notes), "family-interval-alone")
			assert.Nil(t, r.Alone, "the interval stays")
		}
	}

	csv = familyRows(3, 40, 1, 0.75, 0.3) // too many exchanges: drawn, the same each time
	scheme := familyTrial + familyPlans + "primary: {any: [X, Y, Z], adjust: westfall-young}\n"
	a, b := familyReport(t, scheme, csv), familyReport(t, scheme, csv)
	holm := familyReport(t, familyTrial+familyPlans+"primary: {any: [X, Y, Z], adjust: holm}\n", csv)
	for i, h := range a.Family.Hypotheses {
		assert.Equal(t, h.Adjusted, b.Family.Hypotheses[i].Adjusted)
		assert.InDelta(t, holm.Family.Hypotheses[i].Adjusted, h.Adjusted, 0.1, "another statistic, of much the same")
		assert.GreaterOrEqual(t, h.Adjusted, h.P)
	}
	assert.Contains(t, Codes(primaryRows(a)[0].Notes), "family-permuted-drawn")

	for plans, want := range map[string]string{
		"{id: X, outcome: x, visit: post}, {id: Y, outcome: y, visit: post, margin: 1}":                        `plans[1].margin: westfall-young is for differences`,
		"{id: X, outcome: x, visit: post}, {id: Y, outcome: y, visit: post, model: welch-change}":              `plan "Y" has another`,
		"{id: X, outcome: x, visit: post, se: hc3}, {id: Y, outcome: y, visit: post}":                          `plan "X" has another`,
		"{id: X, outcome: x, visit: post, model: mmrm}, {id: Y, outcome: y, visit: post, model: mmrm}":         `plan "X" has another`,
		"{id: X, outcome: good, visit: post}, {id: Y, outcome: y, visit: post}":                                `plan "X" has another`,
		"{id: X, outcome: x, visit: post}, {id: Y, outcome: y, visit: post, impute: {assume: mar}}":            `plans[1].impute: westfall-young exchanges values that were measured`,
		"{id: X, outcome: x, visit: post, variance_by_arm: true}, {id: Y, outcome: y, visit: post, se: model}": `plan "X" has another`,
	} {
		_, err := ParseProtocol(strings.NewReader(familyTrial+"plans: ["+plans+"]\nprimary: {any: [X, Y], adjust: westfall-young}\n"), "p.yaml")
		if assert.Error(t, err, plans) {
			assert.Contains(t, err.Error(), want, plans)
		}
	}
	_, err := ParseProtocol(strings.NewReader(RepeatedProtocol+"plans: [{id: A, outcome: y, visit: v3}]\nprimary: {any: [A], adjust: westfall-young}\n"), "p.yaml")
	assert.ErrorContains(t, err, `"a" and "b" share no exchange`)
}
