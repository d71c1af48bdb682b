package show

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Two significant digits of the standard error, by hand.
func TestDecimals(t *testing.T) {
	for se, want := range map[float64]int{0.89: 2, 0.089: 3, 1.6: 1, 12: 0, 4711: 0, 0.1: 2, 1: 1, 1e-20: 12, 0: -1} {
		assert.Equal(t, want, Decimals(se), "%v", se)
	}
	assert.Equal(t, -1, Decimals(math.NaN()))
	assert.Equal(t, -1, Decimals(math.Inf(1)))
	assert.Equal(t, 2, DecimalsOf(3.456, 0), "three significant digits of the value: 3.46")
	assert.Equal(t, 4, DecimalsOf(0.03456, math.NaN()))
	assert.Equal(t, 0, DecimalsOf(0))
}

func TestFixed(t *testing.T) {
	assert.Equal(t, "0.00", Fixed(-0.001, 2), "no sign at zero")
	assert.Equal(t, "-0.01", Fixed(-0.009, 2))
	assert.Equal(t, "-Inf", Fixed(math.Inf(-1), 2))
	assert.Equal(t, "Inf", Fixed(math.Inf(1), 2))
	assert.Equal(t, "not estimable", Fixed(math.NaN(), 2))
}

func TestPAndDF(t *testing.T) {
	assert.Equal(t, "= 0.0500", P(0.05))
	assert.Equal(t, "= 0.10", P(0.0996))
	assert.Equal(t, "< 0.0001", P(0))
	assert.Equal(t, "not found", P(math.NaN()))
	for df, want := range map[float64]string{8: "8", 7.583: "7.58", 123.46: "123.5", 12345: "12345"} {
		assert.Equal(t, want, DF(df))
	}
}

func TestTable(t *testing.T) {
	assert.Equal(t, "term      value\nΔ arm     -1.23\nbaseline    0.5",
		Table([]string{"term", "value"}, [][]string{{"Δ arm", "-1.23"}, {"baseline", "0.5"}}))
}
