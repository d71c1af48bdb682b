package sheet

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNamesOfCells(t *testing.T) {
	for name, at := range map[string][2]int{"A1": {1, 1}, "Z9": {9, 26}, "AA10": {10, 27}, "AZ2": {2, 52}, "BA2": {2, 53}, "ZZ1": {1, 702}, "AAA1": {1, 703},
		"XFD1048576": {1048576, 16384}} {
		assert.Equal(t, name, Name(at[0], at[1]))
	}
}

func TestPlaces(t *testing.T) {
	assert.Equal(t, "VAS!B7", (&Fault{Sheet: "VAS", Row: 7, Column: 2, Letters: true}).Place())
	assert.Equal(t, "DM:7:2", (&Fault{Sheet: "DM", Row: 7, Column: 2}).Place())
	assert.Equal(t, "7:2", (&Fault{Row: 7, Column: 2}).Place())
	assert.Empty(t, (&Fault{}).Place())
}

func TestNumbers(t *testing.T) {
	for in, want := range map[string]string{"6.3": "6.3", "6.2999999999999998": "6.3", "7.09999999999999999991": "7.1", "54.0": "54", "5.400000E+01": "54",
		"-0": "0", "-0.0": "0", "0.10": "0.1", "-12.5": "-12.5", "1e400": "1e400", "-1e400": "-1e400", "1e-400": "1e-400", "0e-400": "0", "1e20": "100000000000000000000",
		"1e21": "1e+21", "123456789012345678": "123456789012345680", "999999999999999": "999999999999999"} {
		assert.Equal(t, want, Decimal(in), in)
	}
	for _, long := range []string{"", "-", "-0", "00", "01", "1.", ".5", "1.50", "1e5", "1,5", "1.2.3", "+1", "1234567890123456"} {
		assert.False(t, Shortest(long), long)
		assert.False(t, Shortest([]byte(long)), long)
	}
	for _, short := range []string{"0", "7", "-7", "0.5", "-0.5", "123456789012345", "1234567890.12345"} {
		assert.True(t, Shortest(short), short)
	}
}

func TestMoments(t *testing.T) {
	for in, want := range map[string]Cell{
		"2024-02-29":                    {Text: "2024-02-29", Kind: Date},
		"2024-02-29T10:07:13":           {"2024-02-29T10:07:13", DateTime},
		"2024-02-29 10:07":              {"2024-02-29T10:07:00", DateTime},
		"2024-02-29T10:07:12.999999999": {Text: "2024-02-29T10:07:13", Kind: DateTime},
		"2024-02-29T10:07:13.25":        {"2024-02-29T10:07:13.25", DateTime},
		"2024-02-29T23:59:59.9996":      {"2024-03-01T00:00:00", DateTime},
		"08:00":                         {Text: "08:00:00", Kind: Time},
		"T08:00:01":                     {Text: "08:00:01", Kind: Time},
		"08:00:01.500000000":            {Text: "08:00:01.5", Kind: Time},
	} {
		c, zone, ok := Moment(in)
		assert.True(t, ok && !zone, in)
		assert.Equal(t, want, c, in)
	}
	for _, in := range []string{"2024-02-29T10:07:13Z", "2024-02-29T10:07:13+02:00", "2024-02-29T10:07:13-0530", "2024-02-29T10:07:13+01"} {
		c, zone, ok := Moment(in)
		assert.True(t, ok && zone, in)
		assert.Equal(t, Cell{Text: "2024-02-29T10:07:13", Kind: DateTime}, c, in)
	}
	for _, in := range []string{"", "2024", "2024-02", "2023-02-29", "2024-13-01", "2024-00-10", "29-02-2024", "2024-02-29T", "2024-02-29T24:00:00", "2024-02-29T10", "24:00", "10:60",
		"2024-02-29T10:07:13.", "2024-02-29T10:07.5", "T", "x", "2024-02-29Z", "23:59:59.9999", "--12-15", "2003---15", "10:07:13.1x", "2024-02-29T10:07:13+2", "é:00:00", "2024-02-2é"} {
		_, _, ok := Moment(in)
		assert.False(t, ok, in)
	}
}
