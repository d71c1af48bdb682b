package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Axes end near the data, at a label where that costs little, and at the end
// of the instrument where that is near.
func TestNiceRangeWastesLittle(t *testing.T) {
	for _, c := range []struct {
		lo, hi, wantLo, wantHi float64
		bounds                 []float64
	}{
		{-66, 44, -70, 50, nil},   // not −100: a third would be empty
		{-21.1, 37, -30, 40, nil}, // not −40
		{-3, 3, -3, 3, nil},
		{0, 95, 0, 100, []float64{0, 100}},
		{1.3, 7.9, 0, 8, []float64{0, 10}},
		{34, 93, 30, 100, []float64{0, 100}},
		{0.2, 0.21, 0.2, 0.21, nil},
		{1e9, 1e9 + 3, 1e9, 1e9 + 3, nil},
	} {
		lo, hi := niceRange(c.lo, c.hi, 6, c.bounds...)
		assert.Equal(t, [2]float64{c.wantLo, c.wantHi}, [2]float64{lo, hi}, "%v to %v", c.lo, c.hi)
	}
	for _, scale := range []float64{1e-9, 1e-3, 1, 1e3, 1e9} {
		for lo := -50.0; lo < 50; lo += 7.3 {
			for width := 1.0; width < 200; width *= 1.7 {
				a, b := niceRange(lo*scale, (lo+width)*scale, 6)
				assert.LessOrEqual(t, a, lo*scale+1e-9*scale)
				assert.GreaterOrEqual(t, b, (lo+width)*scale-1e-9*scale)
				assert.Less(t, b-a, 1.5*width*scale, "%v to %v", lo*scale, (lo+width)*scale)
				labels := 0
				for _, k := range (Ticks{}).Ticks(a, b) {
					if k.Label != "" {
						labels++
					}
				}
				assert.GreaterOrEqual(t, labels, 2, "%v to %v", a, b)
			}
		}
	}
}
