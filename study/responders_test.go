package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

func record(id, arm string, base, follow, change float64) Record {
	return Record{ID: id, Arm: arm, Baseline: base, Follow: follow, Change: change, HasBaseline: true, HasFollow: true}
}

var twoArms = []Arm{{ID: "a"}, {ID: "c", Control: true}}

func responder(t *testing.T, rows []ResponderRow, arm, rule string) ResponderRow {
	t.Helper()
	for _, r := range rows {
		if r.Arm == arm && r.Rule == rule {
			return r
		}
	}
	require.Fail(t, "no row", "%s %s", arm, rule)
	return ResponderRow{}
}

func TestResponders(t *testing.T) {
	o := Outcome{ID: "vas", Better: LowerIsBetter, Max: 10, Resolution: 0.1, Thresholds: []Threshold{
		{Value: 2.3, Kind: MCID, Level: BetweenGroup},
		{Value: 1.8, Kind: MCID, Level: Individual},
		{Value: 1.8, Kind: MCID, Level: Individual, Worsening: true},
		{Value: 30, Kind: Percent, Level: Individual},
		{Value: 4, Kind: PASS, Level: Individual},
	}}
	records := []Record{
		// 5.9 − 4.1 and 6.2 − 4.4 are both 1.8 and both reach it.
		record("1", "a", 5.9, 4.1, -1.8),
		record("2", "a", 6.2, 4.4, -1.8),
		record("3", "a", 6.0, 4.3, -1.7),
		{ID: "4", Arm: "a", Baseline: 7, HasBaseline: true},
		{ID: "5", Arm: "a", Follow: 3, HasFollow: true},
		record("6", "c", 5.0, 6.8, 1.8),
		record("7", "c", 9.0, 6.3, -2.7), // exactly 30% of 9
		record("8", "c", 0.0, 4.0, 4.0),
	}
	rows, contrasts := respondersOf(o, "post", twoArms, records, map[string]int{"a": 6, "c": 3}, 0.95, nil)

	r := responder(t, rows, "a", RuleChange)
	assert.Equal(t, [2]int{2, 3}, [2]int{r.Events, r.N})
	assert.True(t, r.Headline)
	assert.Equal(t, 1.8, r.Threshold.Value, "a threshold between groups counts nobody")
	// binom.test(2, 3)$conf.int
	assert.InDelta(t, 0.09429932405024612, r.Lower, 1e-12)
	assert.InDelta(t, 0.9915962413403874, r.Upper, 1e-12)

	r = responder(t, rows, "a", RuleChangeRandomized)
	assert.Equal(t, [2]int{2, 6}, [2]int{r.Events, r.N}, "missing and never seen count as non-responders")
	assert.False(t, r.Headline)

	r = responder(t, rows, "c", RuleChange)
	assert.Equal(t, [2]int{1, 3}, [2]int{r.Events, r.N})
	r = responder(t, rows, "c", RuleWorsening)
	assert.Equal(t, [2]int{2, 3}, [2]int{r.Events, r.N})
	r = responder(t, rows, "c", RulePercent)
	assert.Equal(t, [2]int{1, 2}, [2]int{r.Events, r.N}, "no percentage of a baseline of 0")
	r = responder(t, rows, "a", RulePercent)
	assert.Equal(t, [2]int{1, 3}, [2]int{r.Events, r.N}, "1.8 is 30.5% of 5.9, but 29.0% of 6.2")
	r = responder(t, rows, "a", RulePass)
	assert.Equal(t, [2]int{1, 4}, [2]int{r.Events, r.N}, "PASS needs no baseline")
	r = responder(t, rows, "c", RulePass)
	assert.Equal(t, [2]int{1, 3}, [2]int{r.Events, r.N}, "at the threshold is acceptable")

	require.NotEmpty(t, contrasts)
	assert.Equal(t, RuleChange, contrasts[0].Rule)
	assert.InDelta(t, 1.0/3, contrasts[0].Difference, 1e-15)
	assert.InDelta(t, 1, contrasts[0].FisherP, 1e-12)
}

func TestRespondersOfAnEmptyArm(t *testing.T) {
	o := Outcome{ID: "x", Better: HigherIsBetter, Thresholds: []Threshold{{Value: 1, Kind: MCID, Level: Individual}}}
	rows, contrasts := respondersOf(o, "v", twoArms, []Record{record("1", "a", 1, 2, 1)}, map[string]int{"a": 1, "c": 0}, 0.95, nil)
	r := responder(t, rows, "c", RuleChange)
	assert.Equal(t, 0, r.N)
	assert.True(t, math.IsNaN(r.Lower))
	for _, c := range contrasts {
		assert.True(t, math.IsNaN(c.Difference))
	}
}

func TestActsAs(t *testing.T) {
	for _, c := range []struct{ value, resolution, want float64 }{
		{2.26, 0.1, 2.3}, {2.3, 0.1, 2.3}, {1.99, 0.1, 2}, {2.26, 1, 3}, {2.26, 0, 2.26}, {0.3, 0.1, 0.3}, {12, 5, 15},
	} {
		assert.Equal(t, c.want, Threshold{Value: c.value}.ActsAs(c.resolution), "%+v", c)
	}
}

func TestSafety(t *testing.T) {
	p := Protocol{}
	p.Data.AdverseEvents = "ae"
	var people []*subject
	for _, arm := range []string{"a", "c"} {
		for range 5 {
			people = append(people, &subject{Arm: arm, details: &details{EventsRecorded: true}})
		}
	}
	people = append(people, &subject{Arm: "c", details: &details{}}) // nothing recorded
	s := safetyOf(p, twoArms, map[string]int{"a": 5, "c": 5}, people, 0.95, nil)
	require.Len(t, s.Arms, 2)
	assert.Equal(t, 0, s.Arms[0].Events)
	assert.Equal(t, 5, s.Arms[1].N, "not recorded is not zero")
	assert.Equal(t, 1, s.Arms[1].NotRecorded)
	// 1 − 0.025^(1/5) and 1 − 0.05^(1/5)
	assert.InDelta(t, 0.5218237501049815, s.Arms[0].Upper, 1e-12)
	assert.InDelta(t, 0.4507197283469412, s.Arms[0].UpperOneSided, 1e-12)
	assert.Equal(t, 10, s.Pooled.N)
	assert.InDelta(t, 0, s.Contrasts[0].Difference, 0)

	people[0].AdverseEvents, people[1].AdverseEvents = 2, 1
	s = safetyOf(p, twoArms, map[string]int{"a": 5, "c": 5}, people, 0.95, nil)
	assert.Equal(t, 2, s.Arms[0].Events, "participants, not events")
	assert.Equal(t, 3, s.Arms[0].TotalEvents)

	p.Data.AdverseEvents = ""
	assert.False(t, safetyOf(p, twoArms, map[string]int{"a": 5, "c": 5}, people, 0.95, nil).Declared)
}

func TestThresholdsInDecimals(t *testing.T) {
	// 0.91·10 − 0.51·10: floats find 3.9999999999999996.
	change := files.Decimal(5.1).Minus(files.Decimal(9.1))
	assert.True(t, meetsThreshold(change, 4, -1))
	assert.False(t, meetsThreshold(change, 4.0001, -1))
	assert.True(t, meetsThreshold(files.Decimal(6.4).Minus(files.Decimal(4.1)), 2.3, 1))
	assert.False(t, meetsThreshold(-2.2, 2.26, -1))
	assert.True(t, meetsThreshold(-2.3, 2.26, -1))

	assert.True(t, meetsPercent(7, 4.9, 30, -1), "floats find 29.999999999999993%")
	assert.False(t, meetsPercent(7, 4.91, 30, -1))
	assert.True(t, meetsPercent(0.3, 0.39, 30, 1))
	assert.True(t, meetsPercent(-10, -13, 30, -1))
	assert.False(t, meetsPercent(0, -13, 30, -1), "no percentage of zero")
	assert.False(t, meetsPercent(7, 9.1, 30, -1))
}

// One participant is a responder as the counts are: 5.9 − 4.1 reaches 1.8.
func TestImproved(t *testing.T) {
	o := Outcome{ID: "vas", Better: LowerIsBetter, Thresholds: []Threshold{
		{Value: 1, Kind: MDC, Level: Individual}, {Value: 1.8, Kind: MCID, Level: Individual, Worsening: true},
		{Value: 1.8, Kind: MCID, Level: Individual}}}
	for _, c := range []struct {
		r          Record
		known, met bool
	}{
		{record("1", "a", 5.9, 4.1, -1.8), true, true},
		{record("2", "a", 6.0, 4.3, -1.7), true, false},
		{record("3", "a", 4.1, 5.9, 1.8), true, false},
		{Record{ID: "4", Arm: "a", Baseline: 7, HasBaseline: true}, false, false},
	} {
		known, met := o.Improved(c.r)
		assert.Equal(t, [2]bool{c.known, c.met}, [2]bool{known, met}, c.r.ID)
	}
	o.Baseline = NoBaseline
	known, _ := o.Improved(record("1", "a", 5.9, 4.1, -1.8))
	assert.False(t, known)
	known, _ = Outcome{}.Improved(record("1", "a", 5.9, 4.1, -1.8))
	assert.False(t, known, "no threshold of patients")
}

// Of several thresholds the one that decides is counted, in whatever language
// the outcome's words are.
func TestRespondersBy(t *testing.T) {
	o := Outcome{ID: "vas", Better: LowerIsBetter, Thresholds: []Threshold{
		{Value: 0.5, Kind: MDC, Level: Individual}, // measurement error decides nothing
		{Value: 1.8, Kind: MCID, Level: Individual, Source: "paper"},
		{Value: 1.0, Kind: MIC, Level: Individual},
		{Value: 2.5, Kind: MCID, Level: Individual, Worsening: true},
		{Value: 30, Kind: Percent, Level: Individual}, {Value: 50, Kind: Percent, Level: Individual},
	}}
	r := Result{Outcome: o}
	r.Responders, r.ResponderContrasts = respondersOf(o, "post", twoArms, []Record{
		record("1", "a", 6, 4.5, -1.5), record("2", "a", 6, 4, -2), record("3", "c", 6, 9, 3)}, map[string]int{"a": 2, "c": 1}, 0.95, nil)
	r.Outcome.Thresholds = append([]Threshold{}, o.Thresholds...)
	r.Outcome.Thresholds[1].Source = "artikel"
	for rule, want := range map[string]struct {
		value  float64
		events [2]int // of the arms
	}{
		RuleChange: {1.8, [2]int{1, 0}}, RuleChangeRandomized: {1.8, [2]int{1, 0}},
		RuleWorsening: {2.5, [2]int{0, 1}}, RulePercent: {30, [2]int{1, 0}},
	} {
		rows, contrasts := r.RespondersBy(rule)
		if !assert.Len(t, rows, 2, rule) || !assert.Len(t, contrasts, 1, rule) {
			continue
		}
		assert.Equal(t, want.events, [2]int{rows[0].Events, rows[1].Events}, rule)
		assert.Equal(t, []float64{want.value, want.value, want.value}, []float64{rows[0].Threshold.Value, rows[1].Threshold.Value, contrasts[0].Threshold.Value}, rule)
	}
	rows, contrasts := r.RespondersBy(RulePass)
	assert.Empty(t, rows)
	assert.Empty(t, contrasts)
}
