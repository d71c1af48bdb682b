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
