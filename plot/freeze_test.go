package plot

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
)

// The ticks that a layout works out once are those of the plot as it is when it
// is written: later changes show, and one figure may be written many times at
// once.
func TestFreeze(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	first := string(written(t, f, SVG))
	assert.Contains(t, first, ">Baseline<")
	p := f.Plot(0)
	p.X.Tick.Marker = Labels{{Value: 0, Label: "Start"}}
	p.Y.Max += 2
	second := string(written(t, f, SVG))
	assert.Contains(t, second, ">Start<")
	assert.NotContains(t, second, ">Baseline<")
	assert.Contains(t, second, ">10<")
	p.Y.Min, p.Y.Max = 4, 4 // gonum makes 3 to 5 of it, on a plot of its own
	third := string(written(t, f, SVG))
	assert.Contains(t, third, ">3.0<")
	assert.Equal(t, 4.0, p.Y.Min)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { assert.True(t, third == string(written(t, f, SVG))) })
	}
	wg.Wait()

	// The frame measures as the whole plot does.
	p.Y.Min, p.Y.Max = 0, 9
	whole, frame := freeze(p)
	for _, w := range []float64{40, 120, 300} {
		assert.Equal(t, ownMargins(whole, mm(w), mm(50)), ownMargins(frame, mm(w), mm(50)))
	}
	calls := 0
	memo := &tickMemo{of: countedTicks{&calls}}
	for _, hi := range []float64{1, 1, 2, 2} {
		assert.Equal(t, Ticks{}.Ticks(0, hi), memo.Ticks(0, hi))
	}
	assert.Equal(t, 2, calls)
}

type countedTicks struct{ calls *int }

func (c countedTicks) Ticks(min, max float64) []plot.Tick {
	*c.calls++
	return Ticks{}.Ticks(min, max)
}
