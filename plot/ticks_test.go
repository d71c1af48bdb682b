package plot

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
)

func TestTicks(t *testing.T) {
	var labels []string
	for _, k := range (Ticks{}).Ticks(-4, 2) {
		if k.Label != "" {
			labels = append(labels, k.Label)
		}
	}
	assert.Equal(t, []string{"−4", "−3", "−2", "−1", "0", "1", "2"}, labels)
	for _, r := range [][2]float64{{0, 1e-7}, {-1e9, 3e9}, {0.1, 0.30000000000000004}, {5, 5.0001}, {-0.003, 0.002}} {
		major := 0
		for _, k := range (Ticks{}).Ticks(r[0], r[1]) {
			assert.GreaterOrEqual(t, k.Value, r[0])
			assert.LessOrEqual(t, k.Value, r[1])
			if k.Label != "" {
				major++
				assert.NotContains(t, k.Label, "-")
				assert.NotEqual(t, "−0", k.Label)
			}
		}
		assert.GreaterOrEqual(t, major, 2, "%v", r)
		assert.LessOrEqual(t, major, 8, "%v", r)
	}
	labels = nil
	for _, k := range (LogTicks{}).Ticks(0.2, 10) {
		if k.Label != "" {
			labels = append(labels, k.Label)
		}
	}
	assert.Equal(t, []string{"0.2", "0.5", "1", "2", "5", "10"}, labels)
	assert.Empty(t, LogTicks{}.Ticks(-1, 10))
	assert.Empty(t, LogTicks{}.Ticks(0, 10))
	labels = nil
	for _, k := range (Ticks{Steps: []float64{1, 2, 6, 12}}).Ticks(0, 24) {
		labels = append(labels, k.Label)
	}
	assert.Equal(t, []string{"0", "6", "12", "18", "24"}, labels)
	lo, hi := niceRange(2.04, 7.1, 6)
	assert.LessOrEqual(t, lo, 2.04)
	assert.GreaterOrEqual(t, hi, 7.1)
	lo, hi = niceRange(0.2, 9.8, 6, 0, 10)
	assert.Equal(t, [2]float64{0, 10}, [2]float64{lo, hi})
	lo, hi = niceRange(3, 3, 6)
	assert.Less(t, lo, hi)
}

// Axes end near the data, at a label where that costs little, and at the end
// of the instrument where that is near.
func TestNiceRangeWastesLittle(t *testing.T) {
	for _, c := range []struct {
		lo, hi, wantLo, wantHi float64
		bounds                 []float64
	}{
		{-66, 44, -75, 50, nil},   // not −100: a third would be empty
		{-21.1, 37, -40, 40, nil}, // not −30, where no label stands
		{-3, 3, -3, 3, nil},
		{0, 95, 0, 100, []float64{0, 100}},
		{1.3, 7.9, 0, 8, []float64{0, 10}},
		{34, 93, 20, 100, []float64{0, 100}},
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

// A comb of minor ticks helps nobody.
func TestTicksAreNoComb(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		minor  int
	}{{-25, 5, 0}, {-20, 6, 1}, {0, 15, 12}, {0, 100, 5}} {
		minor := 0
		for _, k := range (Ticks{}).Ticks(c.lo, c.hi) {
			if k.Label == "" {
				minor++
			}
		}
		assert.Equal(t, c.minor, minor, "%v to %v", c.lo, c.hi)
	}
}

// Every axis of numbers ends at labels, in every chart: also one that ends with an
// instrument whose range is no multiple of the step.
func TestAxesEndAtLabels(t *testing.T) {
	womac := randomTrial(2, 4, 25, 0.05)
	womac.outcome.Max, womac.outcome.Unit, womac.outcome.Resolution = 68, "", 1
	for _, arm := range womac.values {
		for _, p := range arm {
			for v := range p {
				p[v] = math.Round(6.8 * p[v])
			}
		}
	}
	for shape, tr := range map[string]trial{"small": smallTrial(), "big": randomTrial(2, 6, 40, 0.05), "four": randomTrial(4, 5, 12, 0.02), "womac": womac} {
		rs := tr.results(t)
		for _, width := range []float64{75, 174} {
			for name, draw := range everyChart(Options{Width: width}) {
				f, err := draw(rs)
				if (name == "flow" || name == "consort") && err != nil {
					continue // too narrow
				}
				if errors.Is(err, ErrNoRoom) && name == "gardneraltman" && len(tr.arms) > 2 {
					continue
				}
				require.NoError(t, err, name)
				for i, p := range f.panels {
					for _, a := range []*plot.Axis{&p.plot.X, &p.plot.Y} {
						ticks := a.Tick.Marker
						if bare, ok := ticks.(bareTicks); ok {
							ticks = bare.of
						}
						// The difference's axis has its 0 at control's mean, wherever that lies.
						if name == "gardneraltman" && i == 1 && a == &p.plot.Y {
							continue
						}
						if k, ok := ticks.(Ticks); !ok || a.LineStyle.Width == 0 || k.Steps != nil {
							continue
						}
						ends := map[float64]bool{}
						for _, k := range ticks.Ticks(a.Min, a.Max) {
							ends[k.Value] = k.Label != ""
						}
						assert.True(t, ends[a.Min] && ends[a.Max], "%s %s %v, panel %d: %v to %v: %v", shape, name, width, i, a.Min, a.Max, ticks.Ticks(a.Min, a.Max))
					}
				}
			}
		}
	}
	labels := ""
	for _, k := range (Ticks{}).Ticks(0, 68) {
		labels += k.Label + " "
	}
	assert.Equal(t, "0  20  40  68 ", strings.ReplaceAll(labels, "   ", "  "))
}

// A logarithmic axis ends at labels, too, however long it is: 0.02 to 5000.
func TestLogAxesEndAtLabels(t *testing.T) {
	for _, c := range []struct {
		min, max float64
		want     string
	}{{0.2, 10, "0.2 0.5 1 2 5 10"}, {0.02, 5000, "0.02 0.1 1 10 100 1000 5000"}, {0.05, 200, "0.05 1 10 200"}} {
		var labels []string
		for _, k := range (LogTicks{}).Ticks(c.min, c.max) {
			if k.Label != "" {
				labels = append(labels, k.Label)
			}
		}
		assert.Equal(t, c.want, strings.Join(labels, " "))
	}
}
