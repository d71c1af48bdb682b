package num

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// truth returns rows of testdata/truth.json, written by truth.py in 50-digit
// arithmetic.
func truth(tb testing.TB, key string) [][]float64 {
	tb.Helper()
	b, err := os.ReadFile("testdata/truth.json")
	require.NoError(tb, err)
	var all map[string][][]float64
	require.NoError(tb, json.Unmarshal(b, &all))
	require.NotEmpty(tb, all[key], key)
	return all[key]
}

// near fails unless got is within rel of want, relatively.
func near(tb testing.TB, got, want, rel float64, args ...any) {
	tb.Helper()
	if got == want || math.Abs(got-want) <= rel*math.Abs(want) {
		return
	}
	tb.Errorf("%v: got %.17g, want %.17g, relative error %.2g", args, got, want, math.Abs(got-want)/math.Abs(want))
}

// tailRel is the relative error allowed at a tail of size p: the exponential
// of a rounded logarithm costs |ln p| units in the last place.
func tailRel(p float64) float64 { return 4e-15 + 4e-16*math.Abs(math.Log(p)) }
