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

func floats(s string) []float64 {
	var out []float64
	for _, f := range strings.Fields(s) {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			panic(err)
		}
		out = append(out, x)
	}
	return out
}

// Columns as people would read them: which values are codes was decided by
// hand before the rule was tried.
func TestUndeclaredCodes(t *testing.T) {
	const ages = "67 77 73 56 42 59 60 62 44 74 64 "
	for _, c := range []struct{ name, values, codes string }{
		{"ages with 999 and −99", ages + "999 -99", "-99 999"},
		{"several digits", ages + "9999 888 997", "888 997 9999"},
		{"99 among the old", ages + "88 99", ""},
		{"99 among the very old", "99 85 91 88 97 93 86 90 98 89", ""},
		{"77 and 88 among the old", "77 88 70 65 81 69 90 74", ""},
		{"99 among the young", "20 23 31 45 28 25 33 41 22 99 99", "99"},
		{"strength up to 99", "76 78 50 81 73 94 98 73 79 73 73 71 86 91 89 76 56 99", ""},
		{"strength with −9", "81 79 66 82 86 71 80 88 93 -9 77 88 67 82", "-9"},
		{"88 on a scale to 10", "1.5 7 8 9 3 2 0 10 4 6 88", "88"},
		{"−9 on a scale to 10", "1.5 7 8 9 3 2 0 10 4 6 -9", "-9"},
		{"real 7, 8, 9 and 10", "7 8 9 10 9 8 7 10 9 8", ""},
		{"real 7, 8 and 9 alone", "7 8 9 9 8 7 9 9 8 8", ""},
		{"9 in a scale of 1 to 4", "1 2 3 4 2 2 1 3 4 1 2 9", "9"},
		{"9 three times in a scale of 0 to 4", "0 1 2 3 4 2 2 1 0 3 9 9 4 1 9", "9"},
		{"falls", "0 0 1 0 2 0 0 1 0 0 3 0 9", ""},
		{"falls, more", "0 0 1 0 2 0 0 1 0 0 3 0 9 7", ""},
		{"changes with a real −9", "3 -4 8 12 -9 5 -2 7 10", ""},
		{"changes with −99", "3 -4 8 12 -9 5 -2 7 10 -99", "-99"},
		{"temperatures below zero", "-7 -8 -9 -5 -11 -3 -2 0 1", ""},
		{"CRP, skewed, real 88", "1 2 2 3 4 5 6 8 12 30 41 88", ""},
		{"CRP with 999", "1 2 2 3 4 5 6 8 12 30 41 88 999", "999"},
		{"steps with a real 999", "3200 5100 999 8700 6400 2500 4100", ""},
		{"steps with 99999", "3200 5100 999 8700 6400 2500 4100 99999", "99999"},
		{"99.9 for a temperature", "36.5 37.1 36.8 36.9 37.4 38.2 99.9", "99.9"},
		{"999.9 for a weight", "61.2 70.5 88.0 99.9 75.1 68.4 999.9", "999.9"},
		{"a real 99.9", "61.2 70.5 88.0 99.9 75.1 68.4", ""},
		{"an unusual number is no code", ages + "450", ""},
		{"−1 for unknown on a scale of 1 to 5", "1 2 5 4 3 2 2 5 -1", "-1"},
		{"most are codes", "999 999 55 999 61 999 58 999", "999"},
		{"codes alone", "999 999 999", ""},
		{"too few others", "50 99 51", ""},
		{"year of birth 9999", "1950 1961 1948 1972 1955 1966 9999", "9999"},
		{"year 1999", "1999 1998 2001 1997 2003 1988", ""},
		{"16 and 32 bits", ages + "32767 -32768 2147483647", "-32768 32767 2147483647"},
		{"−2 and −5 for ages", ages + "-2 -5", "-5 -2"},
		{"a bending of −2 degrees", "0 3 5 12 15 -2 8 4 10", ""},
		{"changes from −35 to 32 with −99", "-35 -24 -11 -4 0 5 8 17 22 32 -99", "-99"},
		{"changes from −60 to 70 with a real −66", "-60 -48 -41 -30 -22 -11 -4 0 5 17 30 45 58 70 -66", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			values := floats(c.values)
			got, _, _ := undeclaredCodes(values)
			assert.Equal(t, floats(c.codes), got)
			slices.Reverse(values)
			again, _, _ := undeclaredCodes(values)
			assert.Equal(t, got, again, "whatever the order")
		})
	}
}

// Real numbers of many shapes are hardly ever suspected, and codes put among
// them nearly always are. The columns are drawn, so that nothing in them is a
// code unless it was put there.
func TestUndeclaredCodesAtLarge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 99))
	shapes := map[string]func() float64{
		"age, old":      func() float64 { return math.Round(72 + 11*r.NormFloat64()) },
		"age, adult":    func() float64 { return 18 + float64(r.IntN(63)) },
		"BMI":           func() float64 { return math.Round(10*(27+4*r.NormFloat64())) / 10 },
		"weight":        func() float64 { return math.Round(10*(78+14*r.NormFloat64())) / 10 },
		"strength":      func() float64 { return math.Round(80 + 14*r.NormFloat64()) },
		"percent":       func() float64 { return float64(r.IntN(101)) },
		"score 0-10":    func() float64 { return float64(r.IntN(11)) },
		"score 0-96":    func() float64 { return float64(r.IntN(97)) },
		"change":        func() float64 { return math.Round(6 + 12*r.NormFloat64()) },
		"walking, m":    func() float64 { return math.Round(420 + 90*r.NormFloat64()) },
		"lab, skewed":   func() float64 { return math.Round(10*math.Exp(1.5+0.9*r.NormFloat64())) / 10 },
		"days in care":  func() float64 { return math.Floor(math.Exp(1.6 + 0.8*r.NormFloat64())) },
		"systolic, mm":  func() float64 { return math.Round(134 + 17*r.NormFloat64()) },
		"ml, continual": func() float64 { return 500 + 120*r.NormFloat64() },
	}
	const times = 300
	for _, name := range sortedKeys(shapes) {
		draw := shapes[name]
		for _, n := range []int{10, 30, 200} {
			suspected, found := 0, 0
			for range times {
				values := make([]float64, n)
				for i := range values {
					values[i] = draw()
				}
				if codes, _, _ := undeclaredCodes(values); len(codes) > 0 {
					suspected++
				}
				values[0] = 9999
				if codes, _, _ := undeclaredCodes(values); slices.Contains(codes, 9999) {
					found++
				}
			}
			assert.LessOrEqual(t, suspected, times/50, "%s, %d values: suspected without a code", name, n)
			assert.GreaterOrEqual(t, found, times*49/50, "%s, %d values: 9999 found", name, n)
		}
	}
}

func TestUndeclaredLevels(t *testing.T) {
	for _, c := range []struct{ levels, codes string }{
		{"0 1 9", "9"}, {"1 2 99", "99"}, {"1 2 3 -9", "-9"}, {"1 2 8", ""}, {"1 2 3 4 5 6 7 8 9", ""},
		{"101 102 103 999", "999"}, {"1 2", ""}, {"1 9", ""}, {"left right 9", ""}, {"7 8 9 10 11", ""},
	} {
		var want []string
		want = append(want, strings.Fields(c.codes)...)
		assert.Equal(t, want, undeclaredLevels(strings.Fields(c.levels)), c.levels)
	}
}

// In the long layout a value's outcome says whose it is, and rows that are not
// used are not counted.
func TestUndeclaredCodesOfARowAValue(t *testing.T) {
	p := Parsed(t, valueProtocol)
	p.Data.VisitValues = map[string]string{"extra": ""}
	var data strings.Builder
	data.WriteString(valueHeader)
	for i := range 8 {
		id, arm := strconv.Itoa(i+1), []string{"a", "c"}[i%2]
		data.WriteString(id + "," + arm + ",v0,x," + strconv.Itoa(50+i) + ",\n" + id + "," + arm + ",v1,x," + strconv.Itoa(52+i) + ",\n" +
			id + "," + arm + ",v1,y," + strconv.Itoa(995+i) + ",1000\n" + id + "," + arm + ",extra,x,999,\n")
	}
	ds, err := Load(strings.NewReader(data.String()), "d.csv", p)
	require.NoError(t, err)
	assert.Empty(t, ds.Notes())
	changed := strings.Replace(data.String(), "3,a,v1,x,54", "3,a,v1,x,999", 1)
	require.NotEqual(t, changed, data.String())
	ds, err = Load(strings.NewReader(changed), "d.csv", p)
	require.NoError(t, err)
	require.Len(t, ds.Notes(), 1)
	assert.Equal(t, map[string]any{"variable": "x", "outcome": "x", "value": 999.0, "low": 50.0, "high": 59.0, "count": 1, "columns": "val", "lines": "11"}, ds.Notes()[0].Args)
}
