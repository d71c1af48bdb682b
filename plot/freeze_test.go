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
	p.Y.Max += 3
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

// What a typeface keeps is what the font's file says.
func TestTypeface(t *testing.T) {
	th := &theme{style: Style{}.filled(), measure: newMeasurer()}
	face := th.measure.of(th.text().Font).face
	kept := typefaceOf(face)
	fresh := &typeface{file: face.Face, em: em(face)}
	kerned := 0
	for range 2 { // the second time from what is kept
		for _, a := range "AVTLPWa1 .é–" {
			g0, adv := fresh.search(nil, a)
			gotG, gotAdv := kept.glyph(nil, a)
			assert.Equal(t, g0, gotG)
			assert.Equal(t, adv, gotAdv)
			for _, b := range "AVTLPWa1 .é–" {
				g1, _ := fresh.search(nil, b)
				want, err := face.Face.Kern(nil, g0, g1, em(face), 0)
				if err != nil {
					want = 0
				}
				if want != 0 {
					kerned++
				}
				assert.Equal(t, want, kept.kern(nil, a, b, g0, g1), "%c%c", a, b)
			}
		}
	}
	assert.Greater(t, kerned, 20)
}
