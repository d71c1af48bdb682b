package study

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/lost"
)

const reliefProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}, {id: v2, time: 12w}]
randomization: {strata: [site]}
outcomes:
  - {id: s, kind: binary, better: higher}
  - {id: g, kind: ordinal, better: higher, levels: [worse, same, better, best]}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {s: {v1: s1, v2: s2}, g: {v1: g1, v2: g2}}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
`

var reliefLevels = []string{"worse", "same", "better", "best"}

// reliefTrial has n patients with a yes or no and a grade at two visits; who did badly at
// the first is lost oftener at the second, and some ages are unknown.
func reliefTrial(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 17))
	out := "id,arm,site,age,s1,s2,g1,g2\n"
	for i := range n {
		arm, treated := []string{"a", "c"}[i%2], float64(1-i%2)
		age, frail := math.Round(60+9*r.NormFloat64()), r.NormFloat64()
		var s [2]int
		var g [2]string
		for v := range 2 {
			z := 0.9*treated + 0.04*(age-60) + frail
			s[v] = btoi(r.Float64() < 1/(1+math.Exp(0.3-z)))
			level := 0
			for _, cut := range []float64{-1.2, 0.2, 1.5} {
				level += btoi(z+1.5*r.NormFloat64() > cut)
			}
			g[v] = reliefLevels[level]
		}
		text := []string{fmt.Sprint(s[0]), fmt.Sprint(s[1]), g[0], g[1]}
		if r.Float64() < 1/(1+math.Exp(1.2-0.9*float64(1-s[0]))) {
			text[1], text[3] = "", ""
		}
		if r.IntN(20) == 0 {
			text[0], text[2] = "", ""
		}
		old := fmt.Sprint(age)
		if r.IntN(30) == 0 {
			old = ""
		}
		out += fmt.Sprintf("P%03d,%s,%s,%s,%s\n", i, arm, []string{"N", "S"}[r.IntN(2)], old, strings.Join(text, ","))
	}
	return out
}

// completedSet is one data set as WriteImputed gives it.
type completedSet struct {
	arm, site []string
	y, age    []float64
}

// completedSets reads what WriteImputed writes of one plan, with the sites of the file.
func completedSets(t *testing.T, ds *Dataset, outcome, text string) []completedSet {
	t.Helper()
	var buf strings.Builder
	require.NoError(t, ds.WriteImputed(t.Context(), &buf))
	rows, err := csv.NewReader(strings.NewReader(buf.String())).ReadAll()
	require.NoError(t, err)
	source, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	site, ages := map[string]string{}, map[string]string{}
	for _, r := range source {
		site[r[0]], ages[r[0]] = r[2], r[3]
	}
	var out []completedSet
	age := map[string]string{}
	for _, r := range rows[1:] {
		var m int
		_, err := fmt.Sscan(r[2], &m)
		require.NoError(t, err)
		if m > len(out) {
			out = append(out, completedSet{})
		}
		set := &out[m-1]
		switch {
		case r[1] == "age":
			age[r[3]] = r[6]
			assert.Equal(t, ages[r[3]] == "", r[7] == "true")
		case r[1] == outcome && r[5] == "v2":
			y := float64(slices.Index(reliefLevels, r[6]) + 1)
			if y == 0 {
				_, err := fmt.Sscan(r[6], &y)
				require.NoError(t, err)
			}
			old := age[r[3]]
			if old == "" {
				old = ages[r[3]]
			}
			var x float64
			_, err := fmt.Sscan(old, &x)
			if err != nil {
				x = math.NaN()
			}
			set.arm, set.site, set.y, set.age = append(set.arm, r[4]), append(set.site, site[r[3]]), append(set.y, y), append(set.age, x)
		}
	}
	return out
}

// rubin pools by Rubin's rules with Barnard and Rubin's degrees of freedom, from the
// formulas of their paper.
func rubin(es []stats.Estimate) (value, se, df float64) {
	m := float64(len(es))
	within, between := 0.0, 0.0
	for _, e := range es {
		value += e.Value / m
		within += e.SE * e.SE / m
	}
	for _, e := range es {
		between += (e.Value - value) * (e.Value - value) / (m - 1)
	}
	total := within + (1+1/m)*between
	lambda := (1 + 1/m) * between / total
	nu := es[0].DF
	old, observed := (m-1)/(lambda*lambda), (nu+1)/(nu+3)*nu*(1-lambda)
	return value, math.Sqrt(total), old * observed / (old + observed)
}

func counted(s completedSet, arm string, in func(i int) bool) (x, n float64) {
	for i := range s.y {
		if s.arm[i] == arm && in(i) {
			n++
			x += s.y[i]
		}
	}
	return x, n
}

// byHand analyzes a completed data set: shares, Mantel and Haenszel's difference with
// Sato's variance, pairs with Brunner and Munzel's variance, written out; the regressions by
// stats/regress, which was held against R.
func (s completedSet) byHand(t *testing.T, method Method, measure Measure) stats.Estimate {
	t.Helper()
	all := func(int) bool { return true }
	x1, n1 := counted(s, "a", all)
	x0, n0 := counted(s, "c", all)
	p1, p0 := x1/n1, x0/n0
	e := stats.Estimate{DF: n1 + n0 - 2}
	arm := regress.Category("arm", s.arm, "c")
	switch method {
	case MethodImputedShares:
		switch measure {
		case RiskDifference:
			q1, q0 := (x1+1)/(n1+2), (x0+1)/(n0+2)
			e.Value, e.SE = p1-p0, math.Sqrt(q1*(1-q1)/(n1+2)+q0*(1-q0)/(n0+2))
		case RiskRatio:
			e.Value, e.SE = math.Log(p1/p0), math.Sqrt(1/x1-1/n1+1/x0-1/n0)
		default:
			e.Value, e.SE = math.Log(x1/(n1-x1)*(n0-x0)/x0), math.Sqrt(1/x1+1/(n1-x1)+1/x0+1/(n0-x0))
		}
	case MethodImputedMantelHaenszel:
		var weight, sum, p, q float64
		for _, site := range []string{"N", "S"} {
			in := func(i int) bool { return s.site[i] == site }
			a, n := counted(s, "a", in)
			b, m := counted(s, "c", in)
			total := n + m
			weight += n * m / total
			sum += (a*m - b*n) / total
			p += (n*n*b - m*m*a + n*m*(m-n)/2) / (total * total)
			q += (a*(m-b) + b*(n-a)) / (2 * total)
		}
		e.Value = sum / weight
		e.SE, e.DF = math.Sqrt((e.Value*p+q)/(weight*weight)), n1+n0-3
	case MethodImputedGComputation:
		y := make([]bool, len(s.y))
		for i := range y {
			y[i] = s.y[i] == 1
		}
		fit, err := regress.Logistic(y, arm, regress.Category("site", s.site, "N"), regress.Numeric("age", s.age))
		require.NoError(t, err)
		m, err := fit.Marginal("arm")
		require.NoError(t, err)
		e, err = m.Difference("a", "c")
		if measure == OddsRatio {
			var r stats.Ratio
			r, err = m.OddsRatio("a", "c")
			e = r.Log
		}
		require.NoError(t, err)
		e.DF = n1 + n0 - 4
	case MethodImputedOdds:
		fit, err := regress.Ordinal(s.y, arm, regress.Category("site", s.site, "N"), regress.Numeric("age", s.age))
		require.NoError(t, err)
		e = fit.Coefficient("arma")
		e.DF = n1 + n0 - 6
	case MethodImputedBenefit:
		var weights, sum, variance float64
		for _, site := range []string{"N", "S"} {
			place := map[string][]float64{}
			for i := range s.y {
				if s.site[i] != site {
					continue
				}
				below, n := 0.0, 0.0
				for j := range s.y {
					if s.site[j] == site && s.arm[j] != s.arm[i] {
						n++
						below += float64(btoi(s.y[j] < s.y[i])) + 0.5*float64(btoi(s.y[j] == s.y[i]))
					}
				}
				place[s.arm[i]] = append(place[s.arm[i]], below/n)
			}
			n, m := float64(len(place["a"])), float64(len(place["c"]))
			w := n * m / (n + m + 1)
			weights += w
			sum += w * meanOf(place["a"])
			variance += w * w * (described(place["a"]).SD*described(place["a"]).SD/n + described(place["c"]).SD*described(place["c"]).SD/m)
		}
		p := sum / weights
		e.Value, e.SE = math.Log(p/(1-p)), math.Sqrt(variance)/weights/(p*(1-p))
	}
	return e
}

// Every kind of plan is Rubin's pooling of an analysis by hand of the data sets that
// WriteImputed writes.
func TestCompletedIsPooledByHand(t *testing.T) {
	text := reliefTrial(100, 2)
	for _, x := range []struct {
		outcome, plan, protocol string
		method                  Method
		measure                 Measure
	}{
		{"s", "", "", MethodImputedMantelHaenszel, RiskDifference},
		{"s", "covariates: [age]", "", MethodImputedGComputation, RiskDifference},
		{"s", "covariates: [age], effect: odds-ratio", "", MethodImputedGComputation, OddsRatio},
		{"s", "", "strata", MethodImputedShares, RiskDifference},
		{"s", "effect: risk-ratio", "strata", MethodImputedShares, RiskRatio},
		{"s", "effect: odds-ratio", "strata", MethodImputedShares, OddsRatio},
		{"g", "", "", MethodImputedBenefit, ProbabilityBetter},
		{"g", "effect: win-odds", "", MethodImputedBenefit, WinOdds},
		{"g", "model: proportional-odds, covariates: [age]", "", MethodImputedOdds, OddsRatio},
	} {
		protocol := reliefProtocol
		if x.protocol == "strata" {
			protocol = strings.Replace(protocol, "randomization: {strata: [site]}\n", "", 1)
		}
		ds, err := LoadText(t, protocol+"plans: [{outcome: "+x.outcome+", visit: v2, primary: true, impute: {assume: mar}, "+x.plan+"}]\n", text)
		require.NoError(t, err, x)
		rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
		require.NoError(t, err)
		row := rows[0]
		require.NotNil(t, row.Effect, "%v %v", x, row.Notes)
		assert.Equal(t, x.method, row.Method)
		assert.Equal(t, x.measure, row.Measure)
		sets := completedSets(t, ds, x.outcome, text)
		require.Len(t, sets, row.Imputed.Imputations)
		var es []stats.Estimate
		for _, s := range sets {
			require.Len(t, s.y, 100)
			es = append(es, s.byHand(t, x.method, x.measure))
		}
		value, se, df := rubin(es)
		switch {
		case x.measure == ProbabilityBetter:
			p := 1 / (1 + math.Exp(-value))
			assert.InDelta(t, p, row.Estimate, 1e-12, x)
			assert.InDelta(t, se*p*(1-p), row.SE, 1e-12, x)
		case x.measure.Scale() == ScaleRatio:
			assert.InDelta(t, math.Exp(value), row.Estimate, 1e-9, x)
			assert.InDelta(t, se, row.SE, 1e-9, x)
		default:
			assert.InDelta(t, value, row.Estimate, 1e-9, x)
			assert.InDelta(t, se, row.SE, 1e-9, x)
		}
		assert.InEpsilon(t, df, row.DF, 1e-7, x)
		half := stats.Estimate{Value: value, SE: se, DF: df}.CI(0.95)
		lower := map[bool]float64{true: math.Exp(half.Lo), false: half.Lo}[x.measure.Scale() == ScaleRatio]
		if x.measure == ProbabilityBetter {
			lower = 1 / (1 + math.Exp(-half.Lo))
		}
		assert.InDelta(t, lower, row.Lower, 1e-9, x)
	}
}

// With nothing but the arm known, who is lost is as those observed: the estimate is the
// observed difference, the standard error that of the observed alone.
func TestCompletedFromTheArmAlone(t *testing.T) {
	protocol := strings.Replace(strings.Replace(reliefProtocol, "randomization: {strata: [site]}\n", "", 1), "{s: {v1: s1, v2: s2}, g: {v1: g1, v2: g2}}", "{s: {v2: s2}, g: {v2: g2}}", 1)
	ds, err := LoadText(t, protocol+"plans: [{outcome: s, visit: v2, primary: true, impute: {assume: mar}}]\n", reliefTrial(400, 5))
	require.NoError(t, err)
	res, err := ds.Analyze(ds.Protocol().Plans[0])
	require.NoError(t, err)
	row := res.Deciding()[0]
	seen := map[string]*Share{}
	for _, s := range res.Summaries {
		seen[s.Arm] = s.Share
	}
	v := 0.0
	for _, s := range seen {
		v += s.Value * (1 - s.Value) / float64(s.N)
	}
	// Augmented rows of small weight draw shares to one half by a hundredth of their error.
	assert.InDelta(t, seen["a"].Value-seen["c"].Value, row.Estimate, 4*row.Imputed.MonteCarlo+0.05*row.SE)
	assert.InEpsilon(t, math.Sqrt(v), row.SE, 0.05)
	assert.Greater(t, row.Imputed.FractionMissing, 0.2)
	assert.Equal(t, map[string]int{"a": 200, "c": 200}, row.N)
	assert.Equal(t, 200-seen["a"].N, row.Imputed.Values["a"])
	assert.Equal(t, 400, row.N["a"]+row.N["c"])
}

// The order of rows, the number of cores and the names of the arms change nothing; arms
// that are exchanged turn the sign, but for other draws.
func TestCompletedIsSymmetric(t *testing.T) {
	text := reliefTrial(140, 8)
	plan := "plans: [{outcome: s, visit: v2, primary: true, covariates: [age], impute: {assume: mar}}]\n"
	answer := func(protocol, text string) Row {
		ds, err := LoadText(t, protocol, text)
		require.NoError(t, err)
		rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
		require.NoError(t, err)
		require.NotNil(t, rows[0].Effect)
		return rows[0]
	}
	want := answer(reliefProtocol+plan, text)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
	shuffled := answer(reliefProtocol+plan, strings.Join(lines, "\n")+"\n")
	assert.Equal(t, want.Estimate, shuffled.Estimate)
	assert.Equal(t, want.SE, shuffled.SE)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.Equal(t, want.SE, answer(reliefProtocol+plan, text).SE)
	swapped := answer(strings.Replace(reliefProtocol, "[{id: a}, {id: c, control: true}]", "[{id: a, control: true}, {id: c}]", 1)+plan, text)
	assert.InDelta(t, -want.Estimate, swapped.Estimate, 4*math.Hypot(want.Imputed.MonteCarlo, swapped.Imputed.MonteCarlo))
	assert.InEpsilon(t, want.SE, swapped.SE, 0.1)
}

func TestCompletedIsChecked(t *testing.T) {
	protocol := strings.Replace(reliefProtocol, "  - {id: g,", "  - {id: n, kind: count, better: lower}\n  - {id: g,", 1)
	protocol = strings.Replace(protocol, "columns: {s:", "exposure: {n: days}\n  columns: {n: {v2: n2}, s:", 1)
	for plan, want := range map[string]string{
		"outcome: s, impute: {assume: j2r}":                                               "best, worst, imor and tipping",
		"outcome: s, impute: {assume: mar, engine: conditional}":                          "not linear",
		"outcome: g, impute: {assume: mar, engine: conditional}":                          "not linear",
		"outcome: s, impute: {assume: mar, engine: bayes}":                                "takes chained",
		"outcome: s, impute: {assume: mar, reference: a}":                                 "measurements",
		"outcome: s, impute: {assume: mar}, variance: repeated-sampling":                  "a choice where values are imputed",
		"outcome: s, impute: {assume: mar}, model: gee":                                   "not for model gee",
		"outcome: n, impute: {assume: mar}":                                               "time at risk until the loss",
		"outcome: s, impute: {assume: mar, engine: chained}":                              "",
		"outcome: g, impute: {assume: mar}, model: proportional-odds, effect: odds-ratio": "",
	} {
		_, err := ParseProtocol(strings.NewReader(protocol+"plans: [{visit: v2, "+plan+"}]\n"), "p.yaml")
		if want == "" {
			assert.NoError(t, err, plan)
			continue
		}
		require.ErrorContains(t, err, want, plan)
		assert.ErrorContains(t, err, "p.yaml:15", plan)
	}
	_, err := ParseProtocol(strings.NewReader(oneVisit+"plans: [{outcome: y, visit: v1, impute: {assume: mar, engine: chained}}]\n"), "p.yaml")
	assert.ErrorContains(t, err, "of measurements it is")
}

// Below ten observed in an arm nothing is imputed; where g-computation does not stand on
// the observed, what was foreseen is said.
func TestCompletedNeedsValues(t *testing.T) {
	plan := "plans: [{outcome: s, visit: v2, primary: true, covariates: [age], impute: {assume: mar}}]\n"
	for n, code := range map[int]string{18: "impute-too-few", 32: "gcomp-few-events"} {
		ds, err := LoadText(t, reliefProtocol+plan, reliefTrial(n, 3))
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		row := rowOf(t, rep, "v2", func(r Row) bool { return r.Decides && r.Outcome == "s" })
		assert.Equal(t, MethodImputedGComputation, row.Planned)
		assert.True(t, row.noted(code), row.Notes)
		assert.Equal(t, n == 32, row.Effect != nil)
		if n == 32 {
			assert.Equal(t, MethodImputedMantelHaenszel, row.Method)
			assert.True(t, slices.ContainsFunc(rep.Departures, func(n Note) bool { return n.Code == "departure-method" }))
		}
	}
}

// Missing at random as a sensitivity analysis is the answer of the plan that imputes so,
// beside those that count; its verdict is turned toward benefit whichever direction is better.
func TestMissingAtRandomBesideOthers(t *testing.T) {
	text := reliefTrial(90, 4)
	for _, x := range []struct{ outcome, plan, more string }{
		{"s", ", covariates: [age]", ""},
		{"s", ", effect: odds-ratio", ""},
		{"g", ", effect: win-odds", ""},
		{"g", ", model: proportional-odds", ""},
		{"s", "", ", {assume: best}, {assume: worst}"},
	} {
		protocol := reliefProtocol
		if x.more != "" {
			protocol = strings.Replace(protocol, "randomization: {strata: [site]}\n", "", 1)
		}
		head := protocol + "plans: [{outcome: " + x.outcome + ", visit: v2, primary: true" + x.plan
		ds, err := LoadText(t, head+", sensitivity: [{assume: mar}"+x.more+"]}]\n", text)
		require.NoError(t, err, x)
		res, err := ds.Analyze(ds.Protocol().Plans[0])
		require.NoError(t, err)
		imputed, err := LoadText(t, head+", impute: {assume: mar}}]\n", text)
		require.NoError(t, err)
		rows, err := imputed.Answer(t.Context(), imputed.Protocol().Plans[0])
		require.NoError(t, err)
		got := res.Sensitivity[0]
		require.NotNil(t, got.Completed, x)
		assert.Equal(t, rows[0].Estimate, got.Value, x)
		assert.Equal(t, rows[0].Lower, got.Lower, x)
		assert.Equal(t, rows[0].Imputed.Imputations, got.Imputations)
		assert.Equal(t, rows[0].Imputed.Values, got.Lost)
		assert.Len(t, res.Sensitivity, 1+strings.Count(x.more, "assume"))
		if x.more != "" { // between the extremes, and other than these
			assert.Less(t, got.Value, res.Sensitivity[1].Value)
			assert.Greater(t, got.Value, res.Sensitivity[2].Value)
		}
		assert.Equal(t, !rows[0].IncludesZero(), got.Verdict(res.Outcome) == lost.Better, x)
	}
	for plan, want := range map[string]string{
		"outcome: g, sensitivity: [{assume: best}]":                    "one other assumption",
		"outcome: g, sensitivity: [{assume: mar, reference: a}]":       "",
		"outcome: s, covariates: [age], sensitivity: [{assume: best}]": "mar alone",
		"outcome: s, model: gee, sensitivity: [{assume: mar}]":         "mar alone",
		"outcome: s, visit: v2, sensitivity: [{assume: j2r}]":          "mar alone",
	} {
		_, err := ParseProtocol(strings.NewReader(reliefProtocol+"plans: [{visit: v2, "+strings.Replace(plan, "visit: v2, ", "", 1)+"}]\n"), "p.yaml")
		if want == "" {
			want = "reference"
		}
		require.ErrorContains(t, err, want, plan)
	}
}

// A hypothetical strategy with imputation is that of a file without the values after the
// event; a composite one that of a file in which they are the worst.
func TestEventsOfYesOrNoAreImputed(t *testing.T) {
	text := reliefTrial(120, 6)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	events, aside, failed := lines[0]+",rescue\n", lines[0]+"\n", lines[0]+"\n"
	for i, l := range lines[1:] {
		if i%7 != 3 {
			events, aside, failed = events+l+",\n", aside+l+"\n", failed+l+"\n"
			continue
		}
		cells := strings.Split(l, ",") // the event comes between the visits
		events += l + ",40\n"
		cells[5], cells[7] = "", ""
		aside += strings.Join(cells, ",") + "\n"
		cells[5] = "0"
		failed += strings.Join(cells, ",") + "\n"
	}
	plan := "plans: [{outcome: s, visit: v2, primary: true, covariates: [age], impute: {assume: mar}"
	answer := func(more, end, text string) Row {
		ds, err := LoadText(t, reliefProtocol+more+plan+end+"}]\n", text)
		require.NoError(t, err)
		rows, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
		require.NoError(t, err)
		require.NotNil(t, rows[0].Effect, "%v", rows[0].Notes)
		return rows[0]
	}
	for strategy, hand := range map[string]string{"hypothetical": aside, "{composite: worst}": failed} {
		got := answer("  intercurrent: {rescue: {day: rescue}}\nestimands: [{id: main, strategies: {rescue: "+strategy+"}}]\n", ", estimand: main", events)
		want := answer("", "", hand)
		assert.Equal(t, want.Estimate, got.Estimate, strategy)
		assert.Equal(t, want.SE, got.SE, strategy)
		assert.Equal(t, want.Imputed.Values, got.Imputed.Values, strategy)
	}
	_, err := ParseProtocol(strings.NewReader(reliefProtocol+"  intercurrent: {rescue: {day: rescue}}\nestimands: [{id: main, strategies: {rescue: hypothetical}}]\nplans: [{outcome: s, visit: v2, estimand: main}]\n"), "p.yaml")
	assert.ErrorContains(t, err, "impute at the plan")
}
