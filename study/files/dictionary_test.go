package files

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// A unit is taken where it is one alone, and a label stays as it is.
func TestUnitOf(t *testing.T) {
	for _, c := range []struct{ label, note, want string }{
		{"Age (years)", "", "years"}, {"Six-minute walk (m)", "", "m"}, {"Torque [Nm]", "", "Nm"}, {"Weight", "kg", "kg"}, {"Weight (kg)", "kg", "kg"},
		{"Pain (VAS)", "", ""}, {"Pain, 0-10", "", ""}, {"Walk (m)", "km", ""}, {"Weight", "in kg, without shoes", ""}, {"(m) of walking", "", ""}, {"", "", ""},
	} {
		assert.Equal(t, c.want, unitOf(c.label, c.note), "%q %q", c.label, c.note)
	}
}

func TestDictionaryWords(t *testing.T) {
	assert.Equal(t, []sheet.Label{{Value: "1", Word: "Laser"}, {Value: "-9", Word: "Unknown, not asked"}, {Value: "a", Word: "A < B"}},
		choicesOf("1, Laser | -9,  <i>Unknown</i>, not asked|a, A < B | 3 | ,x"))
	assert.Equal(t, "_99", checkboxCode("-99"))
	assert.Equal(t, "Pain at rest: a <5 b", withoutTags("<p>Pain\n at <b>rest</b>: a <5 b</p>"))
}

// A checkbox is a column a choice; a field that is no text and no number has no range.
func TestRedcapFields(t *testing.T) {
	const src = `Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max
drugs,f,,checkbox,Drugs,"1, NSAID | -99, Unknown",,,,
born,f,,text,Born,,,date_dmy,1900-01-01,2020-01-01
name,f,,text,Name,,,,1,5
pain,f,,text,Pain,,,"number_1dp_comma_decimal","0,5","9,5"
note,f,,descriptive,Read this,,,,,
`
	table, err := Read(strings.NewReader(src), int64(len(src)), "d.csv", Options{})
	require.NoError(t, err)
	d := NewDictionary(table)
	require.NotNil(t, d)
	assert.Equal(t, "redcap", d.Format)
	var names []string
	for _, c := range d.Columns {
		names = append(names, c.Name)
		if c.Name == "pain" {
			assert.Equal(t, []float64{0.5, 9.5}, []float64{*c.Low, *c.High})
		} else {
			assert.Nil(t, c.Low, c.Name)
		}
	}
	assert.Equal(t, []string{"drugs___1", "drugs____99", "born", "name", "pain"}, names)
}
