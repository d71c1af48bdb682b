package plot

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDistributionMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := HistogramWith(rs[1], HistogramOptions{Of: OfFollow})
	require.NoError(t, err)
	values := map[int][]float64{0: {2.2, 2.6, 2.8, 3.1, 4.2}, 1: {5.0, 5.2, 5.6, 5.9, 6.6}}
	for k, p := range f.panels {
		assert.Equal(t, values[k], marksOf[*rugMarks](p)[0].values)
		n := 0.0
		for _, tl := range marksOf[*tileMarks](p)[0].tiles {
			inside := 0.0
			for _, v := range values[k] {
				if v >= tl.x0 && v < tl.x1 {
					inside++
				}
			}
			assert.Equal(t, inside, tl.y1, "the bar counts what lies between its sides")
			assert.Zero(t, tl.y0)
			n += tl.y1
		}
		assert.Equal(t, 5.0, n)
	}
	f, err = ECDFWith(rs[1], ECDFOptions{Of: OfFollow})
	require.NoError(t, err)
	steps := marksOf[*stepMarks](f.panels[0])[0].pts
	for i, v := range values[0] {
		assert.Equal(t, xy{v, 20 * float64(i)}, steps[1+2*i])
		assert.Equal(t, xy{v, 20 * float64(i+1)}, steps[2+2*i])
	}
}

func TestHistogramBins(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		step := []float64{0, 0.1, 1, 5}[rng.IntN(4)]
		lo := math.Round(100*rng.NormFloat64()) * 0.1
		hi := lo + float64(1+rng.IntN(300))*0.1
		if step > 0 {
			lo, hi = math.Round(lo/step)*step, math.Round(hi/step)*step
		}
		if lo == hi {
			continue
		}
		start, width, n := histogramBins(lo, hi, 7, step)
		assert.LessOrEqual(t, start, lo+1e-9)
		assert.Greater(t, start+width*float64(n), hi-1e-9)
		assert.Greater(t, start+width, lo-1e-9, "no empty bin before the data")
		if step > 0 {
			assert.InDelta(t, math.Round(width/step), width/step, 1e-9, "whole steps wide")
		}
	}
	_, _, n := histogramBins(5, 5, 7, 0)
	assert.Equal(t, 1, n)
}
