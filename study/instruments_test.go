package study

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/text"
)

// Every registered threshold passes the checks of a protocol, says where it
// comes from, and belongs to a condition that both languages name.
func TestRegistryIsWhole(t *testing.T) {
	require.GreaterOrEqual(t, len(Instruments()), 25)
	seen := map[string]bool{}
	for _, in := range Instruments() {
		assert.False(t, seen[in.ID], in.ID)
		seen[in.ID] = true
		if in.ID != "dynamometry" { // the outcome names the muscle
			assert.NotEmpty(t, in.Label, in.ID)
		}
		assert.NotEmpty(t, in.Scoring, in.ID)
		for _, th := range in.Thresholds {
			assert.NotEmpty(t, th.Population, in.ID)
			assert.NotEmpty(t, th.Method, in.ID)
			assert.NotEmpty(t, th.Source, in.ID)
			for _, lang := range text.Languages() {
				c, err := text.In(lang)
				require.NoError(t, err)
				assert.True(t, c.Has("condition-"+th.Condition), "%s: %s", lang, th.Condition)
				if lang == "nl" {
					assert.NotEqual(t, th.Population, c.Population(th.Population), "the registry's patients in Dutch")
				}
			}
		}
		for _, condition := range append(in.Conditions(), "") {
			p := OneOutcome(Outcome{ID: "x", Instrument: in.ID, Condition: condition})
			assert.NoError(t, p.Validate(), "%s %s", in.ID, condition)
		}
	}
}

// OneOutcome is the smallest valid protocol for an outcome.
func OneOutcome(o Outcome) Protocol {
	return Protocol{
		Title: "T", Arms: []Arm{{ID: "a"}, {ID: "c", Control: true}}, Visits: []Visit{{ID: "v0"}, {ID: "v1"}},
		Outcomes: []Outcome{o},
		Data: DataSpec{Layout: Wide, Participant: "id", Arm: "arm",
			Columns: map[string]map[string]string{o.ID: {"v0": "x0", "v1": "x1"}}},
	}
}

func TestInstrumentFillsAnOutcome(t *testing.T) {
	p := OneOutcome(Outcome{ID: "vas", Instrument: "VAS-cm"}).WithInstruments()
	o := p.Outcomes[0]
	assert.Equal(t, []any{"Pain (VAS)", "cm", 0.0, 10.0, 0.1, LowerIsBetter},
		[]any{o.Label, o.Unit, o.Min, o.Max, o.Resolution, o.Better})
	benefit, worsening := o.PatientThreshold()
	require.NotNil(t, benefit)
	assert.Equal(t, 1.99, benefit.Value, "19.9 mm in decimals")
	assert.Nil(t, worsening)
	assert.True(t, benefit.Verified)
	assert.Contains(t, benefit.Source, "Tubach")

	o.Thresholds, o.Condition = nil, "after-tka"
	p.Outcomes[0] = o
	benefit, worsening = p.WithInstruments().Outcomes[0].PatientThreshold()
	assert.Equal(t, []float64{2.26, 2.91}, []float64{benefit.Value, worsening.Value})
	assert.Contains(t, benefit.Population, "inpatients")

	// What the protocol states stays; another unit keeps the numbers out.
	own := []Threshold{{Value: 3, Kind: MCID, Level: Individual}}
	q := OneOutcome(Outcome{ID: "vas", Instrument: "VAS-cm", Label: "Pain", Thresholds: own}).WithInstruments()
	assert.Equal(t, "Pain", q.Outcomes[0].Label)
	assert.Equal(t, own, q.Outcomes[0].Thresholds)
	q = OneOutcome(Outcome{ID: "vas", Instrument: "VAS-cm", Unit: "inch"}).WithInstruments()
	assert.Empty(t, q.Outcomes[0].Thresholds)
	assert.False(t, q.Outcomes[0].HasRange())
}

func TestInstrumentFaults(t *testing.T) {
	for want, o := range map[string]Outcome{
		`unknown instrument "VAS"`:      {ID: "x", Instrument: "VAS", Better: LowerIsBetter},
		"contradicts instrument":        {ID: "x", Instrument: "VAS-cm", Better: HigherIsBetter},
		`no thresholds for "back"`:      {ID: "x", Instrument: "VAS-cm", Condition: "back"},
		"name the instrument":           {ID: "x", Condition: "knee-oa", Better: LowerIsBetter},
		"largest change on the range":   {ID: "x", Instrument: "VAS-cm", Thresholds: []Threshold{{Value: 22.6, Kind: MCID, Level: Individual}}},
		"missing for outcome \"x\"; wr": {ID: "x"},
	} {
		assert.ErrorContains(t, OneOutcome(o).Validate(), want)
	}
}

// Thresholds in other units are the same thresholds.
func TestRegistryUnits(t *testing.T) {
	cm, _ := InstrumentByID("VAS-cm")
	mm, _ := InstrumentByID("VAS-mm")
	require.Equal(t, len(cm.Thresholds), len(mm.Thresholds))
	for i := range cm.Thresholds {
		a, b := cm.Thresholds[i], mm.Thresholds[i]
		if a.Kind != Percent {
			assert.Equal(t, b.Value, math.Round(a.Value*1000)/100)
			continue
		}
		assert.Equal(t, a.Value, b.Value)
	}
	likert, _ := InstrumentByID("WOMAC-function-Likert")
	assert.Equal(t, 6.188, likert.ThresholdsFor("")[0].Value) // 9.1·68/100
}

// Every instrument has its name in every language, the registry's in English.
func TestInstrumentsHaveNames(t *testing.T) {
	for _, lang := range text.Languages() {
		c, err := text.In(lang)
		require.NoError(t, err)
		for _, in := range Instruments() {
			if in.Label == "" { // the outcome's own name has to do
				continue
			}
			require.True(t, c.Has("instrument-"+in.ID), in.ID)
			if lang == "en" {
				assert.Equal(t, in.Label, c.Say("instrument-"+in.ID, nil))
			}
		}
	}
}

// A report and its results say the trial's own words, and the registry's
// labels, in the language; IDs and numbers stay.
func TestReportInALanguage(t *testing.T) {
	protocol := strings.NewReplacer("{id: x, range: [0, 10], better: lower}", "{id: x, instrument: NRS}").Replace(baseProtocol)
	require.NotEqual(t, baseProtocol, protocol)
	_, err := ParseProtocol(strings.NewReader(protocol+"translations: {nl: {sham: schijnbehandeling}, xx: {a: b}}\n"), "p.yaml")
	assert.ErrorContains(t, err, `translations.xx: no language "xx" (`)
	p := Protocol{Title: "Laser", Arms: []Arm{{ID: "a", Label: "laser"}, {ID: "b", Label: "sham", Control: true}},
		Visits: []Visit{{ID: "v0", Label: "start"}, {ID: "v1", Label: "end"}}, Outcomes: []Outcome{{ID: "x", Instrument: "NRS"}},
		Translations: map[string]map[string]string{"nl": {"Laser": "De laser", "sham": "schijnbehandeling", "end": "einde"}}}.WithInstruments()
	r := Report{Protocol: p, Results: []Result{{Outcome: p.Outcomes[0], Visit: p.Visits[1], Baseline: p.Visits[0], Arms: p.Arms, Study: StudyInfo{Title: p.Title}}}}
	nl, err := r.In("nl")
	require.NoError(t, err)
	assert.Equal(t, "De laser", nl.Protocol.Title)
	assert.Equal(t, []string{"laser", "schijnbehandeling"}, []string{nl.Results[0].Arms[0].Label, nl.Protocol.Arms[1].Label})
	assert.Equal(t, "Pijn (NRS)", nl.Results[0].Outcome.Label)
	assert.Equal(t, "einde", nl.Results[0].Visit.Label)
	assert.Equal(t, "sham", r.Protocol.Arms[1].Label, "the report itself is unchanged")
	_, err = r.In("xx")
	assert.Error(t, err)
}

// What the issue of a threshold in another population costs: the thresholds
// themselves, each as its source has it (seen in the abstracts that
// instruments.yaml names).
func TestRegisteredValues(t *testing.T) {
	type entry struct {
		instrument, condition string
		kind                  ThresholdKind
		worsening             bool
	}
	for e, want := range map[entry]float64{
		{"VAS-cm", "knee-oa", MCID, false}:                       1.99,
		{"VAS-cm", "after-tka", MCID, false}:                     2.26,
		{"VAS-cm", "after-tka", MCID, true}:                      2.91,
		{"VAS-mm", "after-tka", MDC, false}:                      16.1,
		{"VAS-mm", "hip-oa", MCID, false}:                        15.3,
		{"VAS-mm", "after-tha", MCID, true}:                      23.6,
		{"VAS-mm", "knee-oa", PASS, false}:                       32.3,
		{"VAS-mm", "low-back-pain", MIC, false}:                  15,
		{"VAS-cm", "awaiting-tka", MDC, false}:                   2.8,
		{"VAS-cm", "knee-oa", Percent, false}:                    40.8,
		{"NRS", "chronic-pain", MCID, false}:                     2,
		{"NRS", "musculoskeletal-pain", MCID, false}:             1,
		{"NRS", "low-back-pain", MIC, false}:                     2,
		{"WOMAC-function-100", "knee-oa", MCID, false}:           9.1,
		{"WOMAC-function-Likert", "knee-oa", MCID, false}:        6.188,
		{"WOMAC-function-VAS", "hip-oa", MCID, false}:            134.3,
		{"WOMAC-function-100", "hip-oa", PASS, false}:            34.4,
		{"WOMAC-pain-Likert", "oa-minimal", MCID, false}:         1.94,
		{"WOMAC-pain-100", "months-after-tka", MCID, false}:      22.87,
		{"WOMAC-stiffness-VAS", "months-after-tka", MCID, false}: 29.04,
		{"KOOS-pain", "after-tka-rehabilitation", MIC, false}:    16.7,
		{"KOOS-ADL", "after-tka-rehabilitation", MIC, false}:     18.4,
		{"KOOS-QOL", "awaiting-tka", MDC, false}:                 26.6,
		{"KOOS-symptoms", "knee", MCID, false}:                   8,
		{"TUG", "knee-oa", MDC, false}:                           1.10,
		{"TUG", "hip-oa", MCID, false}:                           0.8,
		{"ODI", "low-back-pain", MIC, false}:                     10,
		{"RMDQ", "low-back-pain", MIC, false}:                    5,
		{"QBPDS", "low-back-pain", MIC, false}:                   20,
		{"QBPDS", "chronic-low-back-pain", MIC, false}:           6,
		{"JPS-error", "motion-detection", MDC, false}:            6.26,
	} {
		in, ok := InstrumentByID(e.instrument)
		require.True(t, ok, e.instrument)
		var got []float64
		for _, th := range in.Thresholds {
			if th.Condition == e.condition && th.Kind == e.kind && th.Worsening == e.worsening {
				got = append(got, th.Value)
			}
		}
		assert.Equal(t, []float64{want}, got, "%+v", e)
	}
	for id, want := range map[string]struct {
		min, max float64
		better   Direction
		items    int
	}{
		"VAS-cm": {0, 10, LowerIsBetter, 0}, "NRS": {0, 10, LowerIsBetter, 0}, "WOMAC-pain-Likert": {0, 20, LowerIsBetter, 5},
		"WOMAC-stiffness-VAS": {0, 200, LowerIsBetter, 2}, "WOMAC-function-VAS": {0, 1700, LowerIsBetter, 17},
		"KOOS-pain": {0, 100, HigherIsBetter, 9}, "KOOS-symptoms": {0, 100, HigherIsBetter, 7}, "KOOS-ADL": {0, 100, HigherIsBetter, 17},
		"KOOS-sport": {0, 100, HigherIsBetter, 5}, "KOOS-QOL": {0, 100, HigherIsBetter, 4}, "ODI": {0, 100, LowerIsBetter, 10},
		"RMDQ": {0, 24, LowerIsBetter, 24}, "QBPDS": {0, 100, LowerIsBetter, 20}, "STarT-Back": {0, 9, LowerIsBetter, 9},
		"PGIC": {1, 7, LowerIsBetter, 0}, "GROC": {-7, 7, HigherIsBetter, 0}, "TUG": {0, 0, LowerIsBetter, 0},
		"PPT-kPa": {0, 0, HigherIsBetter, 0}, "dynamometry": {0, 0, HigherIsBetter, 0}, "JPS-error": {0, 0, LowerIsBetter, 0},
	} {
		in, ok := InstrumentByID(id)
		require.True(t, ok, id)
		assert.Equal(t, want.min, in.Min, id)
		assert.Equal(t, want.max, in.Max, id)
		assert.Equal(t, want.better, in.Better, id)
		assert.Equal(t, want.items, in.Items, id)
	}
}

// The percent form of the Neck Disability Index has twice the points of the sum
// (Young et al. 2009 give 7.5 of 50); a goniometer has no default, since each
// joint and movement has its own error.
func TestFormsOfAnInstrumentShareThresholds(t *testing.T) {
	o := OneOutcome(Outcome{ID: "ndi", Instrument: "NDI-percent", Condition: "neck-pain"}).WithInstruments().Outcomes[0]
	benefit, _ := o.PatientThreshold()
	require.NotNil(t, benefit)
	assert.Equal(t, 15.0, benefit.Value)
	o = OneOutcome(Outcome{ID: "rom", Instrument: "goniometry"}).WithInstruments().Outcomes[0]
	assert.Empty(t, o.Thresholds)
}
