package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
)

func imputedRow(t *testing.T, protocol, text, visit string) Row {
	t.Helper()
	ds, err := LoadText(t, protocol, text)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rowOf(t, rep, visit, func(r Row) bool { return r.Decides })
}

const oneVisit = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1}}}
`

// One visit, jump to reference: a lost participant's value is the controls' mean at that
// baseline, by least squares among those with a value; then least squares once more. No
// part of it comes from stats/impute.
func TestJumpToReferenceAtOneVisit(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	text := "id,arm,y0,y1\n"
	var group []string
	var base, follow []float64
	var lost []bool
	for i := range 60 {
		arm := []string{"a", "c"}[i%2]
		x := math.Round(50 + 10*r.NormFloat64())
		y := math.Round(x - 5 - 6*float64(1-i%2) + 5*r.NormFloat64())
		gone := r.IntN(4) == 0
		s := fmt.Sprint(y)
		if gone {
			s = ""
		}
		text += fmt.Sprintf("P%02d,%s,%v,%s\n", i, arm, x, s)
		group, base, follow, lost = append(group, arm), append(base, x), append(follow, y), append(lost, gone)
	}
	var seen handTrial
	seen.control = "c"
	for i := range group {
		if !lost[i] {
			seen.arm, seen.base, seen.follow = append(seen.arm, group[i]), append(seen.base, base[i]), append(seen.follow, follow[i])
		}
	}
	whole := ancovaByHand(t, seen)
	all := seen
	all.arm, all.base, all.follow = group, base, append([]float64(nil), follow...)
	for i := range lost {
		if lost[i] {
			all.follow[i] = whole.control + whole.slope*base[i]
		}
	}
	want := ancovaByHand(t, all)
	for _, variance := range []string{VarianceRepeatedSampling, VarianceInformationAnchored} {
		row := imputedRow(t, oneVisit+"plans: [{outcome: y, visit: v1, primary: true, impute: {assume: j2r}, variance: "+variance+"}]\n", text, "v1")
		require.NotNil(t, row.Effect)
		assert.Equal(t, map[string]int{"a": 30, "c": 30}, row.N)
		assert.Equal(t, variance, row.Imputed.Variance)
		require.NotNil(t, row.Imputed.Other)
		if variance == VarianceRepeatedSampling {
			assert.Equal(t, MethodConditionalMean, row.Method)
			assert.InDelta(t, want.effect, row.Estimate, 1e-9)
			assert.Less(t, row.SE, row.Imputed.Other.SE, "arms borrow from each other")
		} else {
			assert.Equal(t, MethodMultipleImputation, row.Method)
			assert.InDelta(t, want.effect, row.Estimate, 4*row.Imputed.MonteCarlo)
			assert.GreaterOrEqual(t, row.Imputed.Imputations, 200)
		}
	}
}

type handTrial struct {
	arm          []string
	control      string
	base, follow []float64
}

type byHand struct{ control, effect, slope float64 }

// ancovaByHand solves the normal equations of follow-up on intercept, arm and baseline.
func ancovaByHand(t *testing.T, d handTrial) byHand {
	t.Helper()
	var a [3][4]float64
	for i, arm := range d.arm {
		row := [3]float64{1, 0, d.base[i]}
		if arm != d.control {
			row[1] = 1
		}
		for j := range 3 {
			for k := range 3 {
				a[j][k] += row[j] * row[k]
			}
			a[j][3] += row[j] * d.follow[i]
		}
	}
	for j := range 3 {
		for k := range 3 {
			if k != j {
				f := a[k][j] / a[j][j]
				for m := range 4 {
					a[k][m] -= f * a[j][m]
				}
			}
		}
	}
	return byHand{a[0][3] / a[0][0], a[1][3] / a[1][1], a[2][3] / a[2][2]}
}

// A hypothetical strategy with imputation is that of a file without the values after the
// event; the imputation model may be that of an mmrm.
func TestHypotheticalIsImputed(t *testing.T) {
	rows := askedTrial(9, 90)
	base := fmt.Sprintf(askedProtocol, 0)
	for _, model := range []string{"ancova", "mmrm"} {
		plan := "plans: [{outcome: y, visit: v3, primary: true, model: " + model + ", impute: {assume: mar}"
		got := imputedRow(t, base+"estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: hypothetical}}]\n"+plan+", estimand: main}]\n", askedText(rows), "v3")
		hand := imputedRow(t, base+plan+"}]\n", askedText(askedByHand(rows, func(x *askedRow, v int) { x.y[v] = "" })), "v3")
		require.NotNil(t, got.Effect)
		if n := got.Imputed.of("stopped"); n == AssumeRetrieved { // which the file by hand does not know
			t.Fatal("choose another seed")
		}
		assert.InDelta(t, hand.Estimate, got.Estimate, 1e-9)
		assert.InDelta(t, hand.SE, got.SE, 1e-9)
		assert.Equal(t, hand.N, got.N)
		assert.Equal(t, 90, got.N["a"]+got.N["c"], "everybody randomized")
		assert.Positive(t, got.Imputed.Baselines)
	}
}

// What is handed to stats/impute under treatment policy, written out by hand: values
// after the event stay, those missing are imputed from retrieved dropouts where every arm
// has ten, else as declared.
func TestTreatmentPolicyIsImputed(t *testing.T) {
	for _, n := range []int{60, 240} {
		rows := askedTrial(11, n)
		for i := range rows {
			rows[i].rescue = ""
			if rows[i].y[0] == "" {
				rows[i].y[0] = "55"
			}
		}
		row := imputedRow(t, fmt.Sprintf(askedProtocol, 0)+`estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]
plans: [{outcome: y, visit: v3, primary: true, model: mmrm, impute: {assume: j2r}, variance: repeated-sampling, estimand: main}]
`, askedText(rows), "v3")
		d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"a", "c"}, Control: "c", Visits: []string{"v1", "v2", "v3"}}}
		seen := map[string]int{}
		for i, x := range rows {
			d.Arm = append(d.Arm, map[string]int{"a": 0, "c": 1}[x.arm])
			var y [4]float64
			last := 0
			for v := range x.y {
				if _, err := fmt.Sscan(x.y[v], &y[v]); err == nil && v > 0 {
					d.Values = append(d.Values, mmrm.Value{Participant: i, Visit: v - 1, Y: y[v]})
					last = v
				}
			}
			d.Baseline = append(d.Baseline, y[0])
			var day int
			event := impute.Event{Participant: i, Visit: last, Strategy: impute.J2R}
			if _, err := fmt.Sscan(x.stop, &day); err == nil && day < 84 {
				event.Visit = map[bool]int{true: 0, false: 1}[day < 28]
				if day >= 56 {
					event.Visit = 2
				}
				if x.y[3] != "" {
					seen[x.arm]++
				}
				event.Strategy = impute.Retrieved
			}
			if event.Visit < 3 {
				d.Events = append(d.Events, event)
			}
		}
		want := AssumeRetrieved
		if seen["a"] < 10 || seen["c"] < 10 {
			want = "j2r"
			for i := range d.Events {
				d.Events[i].Strategy = impute.J2R
			}
		}
		assert.Equal(t, map[int]string{60: "j2r", 240: AssumeRetrieved}[n], want, "both are tried")
		assert.Equal(t, want, row.Imputed.of("stopped"))
		fit, err := impute.Model{}.Fit(d)
		require.NoError(t, err)
		s, err := fit.Jackknife()
		require.NoError(t, err)
		r, err := s.Analyze(impute.Analysis{})
		require.NoError(t, err)
		e, err := r.Difference("a", "c", "v3")
		require.NoError(t, err)
		assert.InDelta(t, e.Value, row.Estimate, 1e-9)
		assert.InEpsilon(t, e.SE, row.SE, 1e-7)
	}
}

// Values that a composite strategy gives are given; what is missing before is imputed.
func TestCompositeIsImputed(t *testing.T) {
	rows := askedTrial(12, 80)
	base := fmt.Sprintf(askedProtocol, 0)
	row := imputedRow(t, base+`estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: {composite: worst}}}]
plans: [{outcome: y, visit: v3, primary: true, impute: {assume: mar, engine: bayes}, estimand: main}]
`, askedText(rows), "v3")
	require.NotNil(t, row.Effect)
	assert.Equal(t, MethodMultipleImputation, row.Method)
	assert.Equal(t, 80, row.N["a"]+row.N["c"])
	missing := map[string]int{}
	for _, x := range rows {
		var day int
		if _, err := fmt.Sscan(x.rescue, &day); (err != nil || day >= 84) && x.y[3] == "" {
			missing[x.arm]++
		}
	}
	assert.Equal(t, missing, row.Imputed.Values)
}

func TestImputationIsChecked(t *testing.T) {
	for plan, want := range map[string]string{
		"impute: {assume: j2r}, primary: true":                                       "must say which variance decides",
		"impute: {assume: mar}, variance: repeated-sampling":                         "a choice where values are imputed",
		"variance: repeated-sampling":                                                "a choice where values are imputed",
		"impute: {engine: bayes}":                                                    "missing",
		"impute: {assume: delta}":                                                    "a delta is a sensitivity analysis",
		"impute: {assume: given}":                                                    "unknown assumption",
		"impute: {assume: mar, engine: magic}":                                       "magic",
		"impute: {assume: mar}, model: clda":                                         "ancova or mmrm",
		"impute: {assume: mar}, se: hc3":                                             "standard errors",
		"impute: {assume: j2r, reference: a}":                                        "compared itself",
		"impute: {assume: j2r, reference: {a: a}}":                                   "its own reference",
		"impute: {assume: j2r, reference: {c: a}}":                                   "has no reference",
		"impute: {assume: j2r, reference: x}":                                        "no arm",
		"impute: {assume: j2r, engine: conditional}, variance: information-anchored": "completed data sets",
		"impute: {assume: j2r, engine: bayes}, variance: repeated-sampling":          "comes from conditional means",
		"impute: {assume: mar, engine: bayes}, model: mmrm, covariance: ar1":         "not ar1",
		"impute: {assume: mar, events: {stopped: j2r}}":                              "no event",
		"impute: {assume: mar, events: {rescue: j2r}}, estimand: main":               "handled as hypothetical",
		"impute: {assume: mar, events: {stopped: best}}, estimand: main":             "unknown assumption",
	} {
		_, err := ParseProtocol(strings.NewReader(fmt.Sprintf(askedProtocol, 0)+"estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: hypothetical}}]\nplans: [{outcome: y, visit: v3, "+plan+"}]\n"), "p.yaml")
		require.ErrorContains(t, err, want, plan)
		assert.ErrorContains(t, err, "p.yaml:11", plan)
	}
}

// Three arms, each lost looking to the arm that is named.
func TestReferencesByArm(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	text := "id,arm,y0,y1\n"
	for i := range 90 {
		x := math.Round(50 + 10*r.NormFloat64())
		y := fmt.Sprint(math.Round(x - 6*float64(i%3) + 5*r.NormFloat64()))
		if r.IntN(4) == 0 {
			y = ""
		}
		text += fmt.Sprintf("P%02d,%s,%v,%s\n", i, []string{"c", "a", "b"}[i%3], x, y)
	}
	three := strings.Replace(oneVisit, "{id: a},", "{id: a}, {id: b},", 1)
	at := func(reference string) (a, b float64) {
		ds, err := LoadText(t, three+"plans: [{outcome: y, visit: v1, impute: {assume: j2r, engine: conditional"+reference+"}, sensitivity: [{assume: mar}]}]\n", text)
		require.NoError(t, err)
		res, err := ds.Analyze(ds.Protocol().Plans[0])
		require.NoError(t, err)
		for _, row := range res.Deciding() {
			if row.Arm == "a" {
				a = row.Estimate
			} else {
				b = row.Estimate
			}
		}
		return a, b
	}
	toControlA, toControlB := at("")
	toA, toB := at(", reference: {b: a}")
	assert.InDelta(t, toControlA, toA, 0.05, "a still looks to the control; the slope on baseline, shared by all arms, moves a little")
	assert.Less(t, toB, toControlB, "b looks to a, which is better than the control")
}

// What an estimand sets aside is predicted as it says, whatever a sensitivity analysis
// assumes of those lost; where nobody else is lost, jumping to reference changes nothing.
func TestOtherAssumptionsLeaveWhatIsSetAside(t *testing.T) {
	rows := askedTrial(21, 120)
	for i := range rows {
		rows[i].stop = ""
		for v, y := range rows[i].y {
			if y == "" {
				rows[i].y[v] = "50"
			}
		}
	}
	plan := "plans: [{outcome: y, visit: v3, primary: true, model: mmrm, estimand: main, sensitivity: [{assume: mar}, {assume: j2r}]}]\n"
	answers := func(strategy string, rows []askedRow) (mar, j2r SensitivityRow) {
		ds, err := LoadText(t, fmt.Sprintf(askedProtocol, 60)+"estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: "+strategy+"}}]\n"+plan, askedText(rows))
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		for _, res := range rep.Results {
			if len(res.Sensitivity) == 2 {
				return res.Sensitivity[0], res.Sensitivity[1]
			}
		}
		t.Fatal("no sensitivity analysis")
		return
	}
	mar, j2r := answers("hypothetical", rows)
	assert.InDelta(t, mar.Value, j2r.Value, 0.15*mar.SE, "but for 200 draws")
	lost := askedByHand(rows, func(x *askedRow, v int) { x.y[v] = "" })
	for i := range lost {
		lost[i].rescue = ""
	}
	mar, j2r = answers("treatment-policy", lost) // lost as anybody is
	assert.Greater(t, math.Abs(mar.Value-j2r.Value), 0.4*mar.SE)
}

// The engine that drew is named: a structured covariance is drawn by the bootstrap.
func TestTheEngineThatDrewIsNamed(t *testing.T) {
	text := askedText(askedTrial(9, 90))
	for covariance, want := range map[string]string{"us": EngineBayes, "toeph": EngineBootstrap} {
		row := imputedRow(t, fmt.Sprintf(askedProtocol, 0)+"plans: [{outcome: y, visit: v3, primary: true, model: mmrm, covariance: "+covariance+
			", impute: {assume: j2r}, variance: information-anchored}]\n", text, "v3")
		require.NotNil(t, row.Effect, covariance)
		assert.Equal(t, want, row.Imputed.Engine, covariance)
	}
}

// What a plan declares beside impute is used or refused; a set of participants is refused
// wherever it is declared, since everybody randomized is imputed.
func TestImputationIsOfEverybody(t *testing.T) {
	for plan, want := range map[string]string{
		"covariance: [unstructured, ar1], model: mmrm": "not a list",
		"set: pp":                      "everybody randomized",
		"estimand: some":               "everybody randomized",
		"estimand: main":               "",
		"covariance: ar1, model: mmrm": "",
		"set: itt":                     "",
	} {
		_, err := ParseProtocol(strings.NewReader(fmt.Sprintf(askedProtocol, 0)+`  sets: {pp: {column: pp, values: ["1"]}}
estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: hypothetical}}, {id: some, set: pp, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]
plans: [{outcome: y, visit: v3, impute: {assume: mar}, `+plan+"}]\n"), "p.yaml")
		if want == "" {
			require.NoError(t, err, plan)
			continue
		}
		require.ErrorContains(t, err, want, plan)
		assert.ErrorContains(t, err, "p.yaml:12", plan)
	}
}

// Degrees of freedom that a plan declares are those of a model without imputation: the
// row says so.
func TestDeclaredDegreesOfFreedomAreAnswered(t *testing.T) {
	for df, want := range map[string]bool{"": false, ", df: kenward-roger": true} {
		row := imputedRow(t, fmt.Sprintf(askedProtocol, 0)+"plans: [{outcome: y, visit: v3, primary: true, model: mmrm, impute: {assume: mar}"+df+"}]\n", askedText(askedTrial(9, 90)), "v3")
		assert.Equal(t, want, slices.ContainsFunc(row.Notes, func(n Note) bool { return n.Code == "imputed-df" }))
		assert.False(t, math.IsInf(row.DF, 1))
	}
}

// A change of 0 of somebody whose baseline is unknown ends where the baseline is put: at
// the mean of all. Nothing else is missing, so that least squares by hand gives the answer.
func TestNoChangeWithoutBaseline(t *testing.T) {
	d := handTrial{control: "c"}
	text, known, sum := "id,arm,y0,y1,rescue\n", 0, 0.0
	var unknown, rescued []int
	for i := range 40 {
		arm, x := []string{"a", "c"}[i%2], 40+float64(i*7%23)
		y, baseline, day := x-3-5*float64(1-i%2)+float64(i*11%9), fmt.Sprint(x), ""
		if i%5 == 3 {
			day = "10"
			rescued = append(rescued, i)
		}
		if i%8 == 3 {
			baseline = ""
			unknown = append(unknown, i)
		} else {
			known, sum = known+1, sum+x
		}
		d.arm, d.base, d.follow = append(d.arm, arm), append(d.base, x), append(d.follow, y)
		text += fmt.Sprintf("P%02d,%s,%s,%v,%s\n", i, arm, baseline, y, day)
	}
	for _, i := range unknown {
		d.base[i] = sum / float64(known)
	}
	both := 0
	for _, i := range rescued {
		d.follow[i] = d.base[i]
		both += btoi(slices.Contains(unknown, i))
	}
	require.Positive(t, both)
	row := imputedRow(t, strings.Replace(oneVisit, "columns:", "intercurrent: {rescue: {day: rescue}}, columns:", 1)+`estimands: [{id: main, strategies: {rescue: {composite: 0 change}}}]
plans: [{outcome: y, visit: v1, primary: true, impute: {assume: mar}, estimand: main}]
`, text, "v1")
	require.NotNil(t, row.Effect)
	assert.InDelta(t, ancovaByHand(t, d).effect, row.Estimate, 1e-9)
}

// A site of three is missing from one bootstrap sample in twenty: others are drawn in
// their place, and the row says how many. A site of one is missing from one in three,
// which is too many.
func TestBootstrapSamplesWithoutFitAreReplaced(t *testing.T) {
	for few, fits := range map[int]bool{3: true, 1: false} {
		lines := strings.Split(strings.TrimSpace(askedText(askedTrial(9, 90))), "\n")
		for i := range lines {
			switch {
			case i == 0:
				lines[i] += ",site"
			case i <= few:
				lines[i] += ",small"
			default:
				lines[i] += ",large"
			}
		}
		row := imputedRow(t, fmt.Sprintf(askedProtocol, 0)+"  covariates: {site: {column: site, kind: category}}\nplans: [{outcome: y, visit: v3, primary: true, covariates: [site], impute: {assume: mar, engine: bootstrap}}]\n",
			strings.Join(lines, "\n")+"\n", "v3")
		assert.Equal(t, fits, row.Effect != nil)
		i := slices.IndexFunc(row.Notes, func(n Note) bool { return n.Code == "imputed-redrawn" })
		require.Equal(t, fits, i >= 0, row.Notes)
		if fits {
			n, of := row.Notes[i].Args["n"].(int), row.Notes[i].Args["of"].(int)
			assert.Equal(t, row.Imputed.Imputations, of-n)
			assert.Positive(t, n)
			assert.LessOrEqual(t, n, row.Imputed.Imputations/10)
		}
	}
}

// Responders are counted in completed data sets. Of those with a value the count is what
// the file says; a lost patient of an arm at one visit is drawn from a normal distribution
// whose mean and SD least squares give, so that the expected share is known, within what
// the draws of its parameters add.
func TestImputedResponders(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	text := "id,arm,y0,y1\n"
	d := handTrial{control: "c"}
	type patient struct {
		arm  string
		base float64
		y    float64
		lost bool
	}
	var all []patient
	for i := range 400 {
		p := patient{arm: []string{"a", "c"}[i%2], base: math.Round(50 + 10*r.NormFloat64())}
		p.y = math.Round(p.base*0.8 - 4*float64(1-i%2) + 6*r.NormFloat64())
		p.lost = r.IntN(3) == 0
		s := fmt.Sprint(p.y)
		if p.lost {
			s = ""
		} else {
			d.arm, d.base, d.follow = append(d.arm, p.arm), append(d.base, p.base), append(d.follow, p.y)
		}
		text += fmt.Sprintf("P%03d,%s,%v,%s\n", i, p.arm, p.base, s)
		all = append(all, p)
	}
	fit, rss := ancovaByHand(t, d), 0.0
	mean := func(arm string, base float64) float64 {
		m := fit.control + fit.slope*base
		if arm == "a" {
			m += fit.effect
		}
		return m
	}
	for i := range d.arm {
		e := d.follow[i] - mean(d.arm[i], d.base[i])
		rss += e * e
	}
	sd := math.Sqrt(rss / float64(len(d.arm)-3))
	want, n := map[string]float64{}, map[string]float64{}
	for _, p := range all {
		n[p.arm]++
		switch at := p.base - 12; { // improved by 12
		case p.lost:
			want[p.arm] += 0.5 * math.Erfc(-(at-mean(p.arm, p.base))/sd/math.Sqrt2)
		case p.y <= at:
			want[p.arm]++
		}
	}
	protocol := strings.Replace(oneVisit, "range: [0, 100]}", "range: [-50, 150], thresholds: [{value: 12, kind: MCID, level: individual}]}", 1)
	for _, how := range []string{"impute: {assume: mar}", "impute: {assume: mar, engine: bayes}"} {
		row := imputedRow(t, protocol+"plans: [{outcome: y, visit: v1, primary: true, "+how+"}]\n", text, "v1")
		got := row.Imputed.Responders
		require.NotNil(t, got)
		assert.Equal(t, map[string]int{"a": 200, "c": 200}, got.N)
		for arm, share := range got.Shares {
			assert.InDelta(t, want[arm]/n[arm], share, 0.01, arm)
		}
		assert.InDelta(t, got.Shares["a"]-got.Shares["c"], got.Difference.Value, 1e-12)
		wald := math.Sqrt(got.Shares["a"]*(1-got.Shares["a"])/200 + got.Shares["c"]*(1-got.Shares["c"])/200)
		assert.Greater(t, got.Difference.SE, wald, "what is missing widens it")
		assert.Less(t, got.Difference.SE, wald*math.Sqrt(1.6))
	}
}
