package report

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Numbers are written as encoding/json writes them; what is none is null.
func TestNumbersAreJSON(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -2.66, 0.1 + 0.2, 1e-6, 9.9e-7, -3e-9, 1e20, 1e21, 5e-324, math.MaxFloat64} {
		want, err := json.Marshal(x)
		require.NoError(t, err)
		got, err := number(x).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		got, err := number(x).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, "null", string(got))
	}
}

// (1 − 1/5)^5.
func TestMissedHarm(t *testing.T) { assert.InDelta(t, 0.32768, missedHarm(5), 1e-15) }

// The 2.26 cm of the HILT trial comes from other patients than chronic knee
// osteoarthritis, whose threshold is 1.99: the report says both.
func TestThresholdChoiceIsNamed(t *testing.T) {
	o := study.Protocol{Outcomes: []study.Outcome{{ID: "vas", Instrument: "VAS-cm",
		Thresholds: []study.Threshold{{Value: 2.26, Kind: study.MCID, Level: study.Individual}}}}}.WithInstruments().Outcomes[0]
	notes := o.ThresholdChoice()
	require.Len(t, notes, 1)
	s := strings.ReplaceAll(Note(text.English(), study.Protocol{}, notes[0]), "\u00a0", " ")
	assert.Contains(t, s, "Used: 2.26 cm (inpatients after knee replacement; Danoff")
	assert.Contains(t, s, "1.99 cm (chronic knee osteoarthritis; Tubach")
	assert.NotContains(t, s, "2.91", "a threshold for worsening is no alternative for improvement")
	o.Instrument = ""
	assert.Empty(t, o.ThresholdChoice())
}

// A code that is new among those of a section is in its list: the report goes by
// the list, not by how the code begins.
func TestEveryNoteHasItsSection(t *testing.T) {
	for _, code := range text.English().Codes() {
		for begin, list := range map[string][]string{"exact-": floorNotes, "multiplicity": trialNotes, "companion-": companionNotes} {
			if strings.HasPrefix(code, begin) {
				assert.Contains(t, list, code)
			}
		}
	}
	for _, code := range slices.Concat(floorNotes, trialNotes, thresholdNotes, companionNotes, saidOnTop, quietNotes) {
		assert.True(t, text.English().Has(code), code)
	}
}
