package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signsProtocol has an outcome without a range, one with, and a covariate.
const signsProtocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes:
  - {id: x, better: lower}
  - {id: r, range: [0, 60], better: lower}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}, r: {v0: r0, v1: r1}}
  missing: [NA, "-99.5"]
  covariates: {bmi: {column: bmi, kind: number}}
`

// signsFile writes a file of the columns' values; a column without values is 1.
func signsFile(delimiter string, columns map[string]string) string {
	names := []string{"x0", "x1", "r0", "r1", "bmi"}
	var b strings.Builder
	b.WriteString(strings.Join(append([]string{"id", "arm"}, names...), delimiter) + "\n")
	for i := range 4 {
		b.WriteString(fmt.Sprintf("P%d%s%s", i, delimiter, string("ac"[i%2])))
		for _, n := range names {
			v := "1"
			if of := strings.Split(columns[n], "|"); columns[n] != "" {
				v = of[i%len(of)]
			}
			if strings.Contains(v, delimiter) {
				v = `"` + v + `"`
			}
			b.WriteString(delimiter + v)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// The sign of each column, from what the numerals show. What must come was
// written down by hand, from the rules and not from the code.
func TestDecimalSigns(t *testing.T) {
	type col = map[string]string
	for _, c := range []struct {
		name, delimiter, stated string
		columns                 col
		want                    map[string]float64 // the first participant's
		notes                   string
		refused                 string
	}{
		{"points beside commas", ";", "", col{"x0": "6,5|7", "r0": "2.5|3"}, map[string]float64{"x0": 6.5, "r0": 2.5}, "decimal-signs-differ", ""},
		{"three decimals beside commas", ";", "", col{"x0": "2.125|4.397", "r0": "6,5"}, nil, "",
			`d.csv:2:6: x at v0: "2.125" may be 2.125 or 2125: nothing in column "x0" shows its decimal sign`},
		{"commas of three decimals beside points", "\t", "", col{"x0": "2,125|4,397", "r0": "6.5"}, nil, "",
			`x at v0: "2,125" may be 2.125 or 2125`},
		{"a zero in front shows the sign", ";", "", col{"x0": "2.125|0.912", "r0": "6,5"}, map[string]float64{"x0": 2.125, "r0": 6.5}, "decimal-signs-differ", ""},
		{"the outcome's other visit shows it", ";", "", col{"x0": "2.125", "x1": "0.912", "bmi": "22,5"}, map[string]float64{"x0": 2.125, "x1": 0.912}, "decimal-signs-differ", ""},
		{"another outcome does not make thousands", ";", "", col{"x0": "2.125", "r0": "1.250,5", "bmi": "22,5"}, nil, "", `x at v0: "2.125" may be`},
		{"points throughout", "\t", "", col{"x0": "2.125", "r0": "6.5"}, map[string]float64{"x0": 2.125}, "", ""},
		{"commas throughout", ";", "", col{"x0": "2,125", "r0": "6,5"}, map[string]float64{"x0": 2.125}, "", ""},
		{"nothing shown between commas", ",", "", col{"x0": "2.125"}, map[string]float64{"x0": 2.125}, "", ""},
		{"nothing shown between semicolons", ";", "", col{"x0": "2.125"}, nil, "", `may be 2.125 or 2125`},
		{"quoted commas of three decimals", ",", "", col{"x0": "2,125"}, nil, "", `may be 2.125 or 2125`},
		{"both signs in one numeral", ";", "", col{"x0": "1.250|1.300,5"}, map[string]float64{"x0": 1250}, "thousands-separator", ""},
		{"two marks", ";", "", col{"x0": "1.250|1.300.000"}, map[string]float64{"x0": 1250}, "thousands-separator", ""},
		{"American thousands", ",", "", col{"x0": "1,250|1,300.5"}, map[string]float64{"x0": 1250}, "thousands-separator", ""},
		{"American thousands without decimals", ",", "", col{"x0": "1,250|987.5"}, nil, "", `may be 1.25 or 1250`},
		{"a column with both", ";", "", col{"x0": "6,5|6.4|7,5|8,5"}, map[string]float64{"x0": 6.5}, "decimal-signs-mixed decimal-signs-differ", ""},
		{"a column with both and an open one", ";", "", col{"x0": "6,5|6.4|7.125|8,5"}, nil, "", `x at v0: "7.125" may be`},
		{"one point of three decimals among commas", ";", "", col{"x0": "6,5|2.125"}, nil, "", `x at v0: "2.125" may be`},
		{"the same within a range", ";", "", col{"r0": "6,5|2.125"}, map[string]float64{"r0": 6.5}, "decimal-sign-by-range decimal-signs-differ", ""},
		{"the range leaves decimals", ";", "", col{"r0": "7.125|55.250", "x0": "6,5"}, map[string]float64{"r0": 7.125}, "decimal-sign-by-range decimal-signs-differ", ""},
		{"the range overrules what is stated", ";", "comma", col{"r0": "7.125", "x0": "6,5"}, map[string]float64{"r0": 7.125}, "decimal-sign-by-range decimal-signs-differ", ""},
		{"outside the range in both readings", ";", "", col{"r0": "70.125"}, nil, "", `r at v0: "70.125" may be`},
		{"stated comma settles", ";", "comma", col{"x0": "2.125"}, map[string]float64{"x0": 2125}, "thousands-separator", ""},
		{"stated point settles", ";", "point", col{"x0": "2.125", "r0": "1,250"}, map[string]float64{"x0": 2.125, "r0": 1.25}, "decimal-sign-by-range decimal-signs-differ", ""},
		{"a numeral with the other reading alone keeps it", ";", "comma", col{"bmi": "31.72", "x0": "6,5"}, map[string]float64{"bmi": 31.72, "x0": 6.5}, "decimal-sign-unlike-stated-point", ""},
		{"the column shows more than what is stated", ";", "comma", col{"bmi": "31.725|22.5"}, map[string]float64{"bmi": 31.725}, "decimal-sign-unlike-stated-point", ""},
		{"stated point, commas found", "\t", "point", col{"x0": "6,5|7"}, map[string]float64{"x0": 6.5}, "decimal-sign-unlike-stated-comma", ""},
		{"a code of a missing value shows nothing", ";", "", col{"x0": "6,5|-99.5"}, map[string]float64{"x0": 6.5}, "", ""},
		{"Swiss", ";", "", col{"x0": "1'250.5|987"}, map[string]float64{"x0": 1250.5}, "thousands-separator", ""},
		{"typed with an accent", ";", "", col{"x0": "1´250.5|1`987"}, map[string]float64{"x0": 1250.5}, "thousands-separator", ""},
		{"a letter's apostrophe", ";", "", col{"x0": "1ʼ250.5|1‘987"}, map[string]float64{"x0": 1250.5}, "thousands-separator", ""},
		{"other blanks", ";", "", col{"x0": "1\u2006250,5|1\u205f987"}, map[string]float64{"x0": 1250.5}, "thousands-separator", ""},
		{"Swiss, whole", ";", "", col{"x0": "1’250|12’250"}, map[string]float64{"x0": 1250}, "thousands-separator", ""},
		{"French", ";", "", col{"x0": "1 250,5|987,5"}, map[string]float64{"x0": 1250.5}, "thousands-separator", ""},
		{"French, no-break", ";", "", col{"x0": "−1\u00a0250,5"}, map[string]float64{"x0": -1250.5}, "thousands-separator", ""},
		{"French, narrow", "\t", "", col{"x0": "1\u202f250\u202f000|7"}, map[string]float64{"x0": 1250000}, "thousands-separator", ""},
		{"negative", ";", "", col{"x0": "−2.125|−0,5"}, nil, "", `"−2.125" may be -2.125 or -2125`},
	} {
		t.Run(c.name, func(t *testing.T) {
			yaml := signsProtocol
			if c.stated != "" {
				yaml += "  decimal: " + c.stated + "\n"
			}
			ds, err := Load(strings.NewReader(signsFile(c.delimiter, c.columns)), "d.csv", Parsed(t, yaml))
			if c.refused != "" {
				assert.ErrorContains(t, err, c.refused)
				assert.Nil(t, ds)
				return
			}
			require.NoError(t, err)
			for name, want := range c.want {
				got := math.NaN()
				if name == "bmi" {
					got = ds.Participants()[0].Numbers["bmi"]
				} else if v, ok := ds.Value("P0", name[:1], "v"+name[1:]); ok {
					got = v.Number
				}
				assert.Equal(t, want, got, name)
			}
			assert.Equal(t, c.notes, strings.Join(Codes(ds.Notes()), " "))
		})
	}
}

// In a file with a row a value, each outcome has its own sign.
func TestDecimalSignsOfARowAValue(t *testing.T) {
	file := strings.ReplaceAll("id,arm,visit,test,val,base\n1,a,v0,XX,5.125,\n1,a,v1,y,4|5,9\n2,c,v0,x,0.25,\n2,c,v1,y,4|5,9\n", ",", ";")
	ds, err := Load(strings.NewReader(strings.ReplaceAll(file, "|", ",")), "d.csv", Parsed(t, valueProtocol))
	require.NoError(t, err)
	x, _ := ds.Value("1", "x", "v0")
	y, _ := ds.Value("1", "y", "v1")
	assert.Equal(t, []float64{5.125, 4.5}, []float64{x.Number, y.Number})
	require.NotEmpty(t, ds.Notes())
	assert.Equal(t, Note{Code: "decimal-signs-differ", Args: map[string]any{"points": "val (x)", "commas": "val (y)"}}, ds.Notes()[0])
}

// A problem about a value shows it as in the file and as it was read.
func TestProblemsShowWhatWasRead(t *testing.T) {
	_, err := Load(strings.NewReader(signsFile(";", map[string]string{"r0": "1.250|1.300,5|77"})), "d.csv", Parsed(t, signsProtocol))
	assert.EqualError(t, err, `d.csv:2:10: r at v0: 1.250, read as 1250, is outside the range 0 to 60 (4 times: lines 2, 3 ("1.300,5"), 4 ("77"), …)`)
}
