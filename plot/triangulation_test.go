package plot

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
)

func exampleTriangulation(tb testing.TB) mcid.Triangulation {
	tb.Helper()
	tr, err := onceTriangulated()
	require.NoError(tb, err)
	tr.Rows = slices.Clone(tr.Rows)
	return tr
}

var onceTriangulated = sync.OnceValues(func() (mcid.Triangulation, error) {
	s := mcid.AnchorStudy{Outcome: study.Outcome{ID: "pain", Label: "Pain", Unit: "mm", Resolution: 1, Better: study.LowerIsBetter},
		From: 1, Slight: []float64{1}, Unchanged: []float64{0}, AnchorReliability: 0.7, ICC: 0.9, Simulated: true}
	for i := range 60 {
		x := float64((i*37)%60) - 10
		s.Change = append(s.Change, -math.Round(x/2))
		s.Rating = append(s.Rating, math.Round((x-18+float64((i*11)%13))/9))
		s.Baseline = append(s.Baseline, float64(40+(i*17)%41))
	}
	return mcid.Triangulate(s)
})

// The marks are the rows' values, in data units, and the band is the range of
// the anchor-based ones.
func TestTriangulationMarks(t *testing.T) {
	tr := exampleTriangulation(t)
	f, err := Triangulation(tr)
	require.NoError(t, err)
	pn := f.panels[0]
	var anchor, spread []interval
	var band []dataRect
	for _, m := range pn.marks {
		switch m := m.(type) {
		case *intervalMarks:
			if m.look.arm.Control { // open symbols
				spread = append(spread, m.items...)
			} else {
				anchor = append(anchor, m.items...)
			}
		case *bandMarks:
			band = append(band, m.rects...)
		}
	}
	k := 0
	for _, r := range tr.Rows {
		if r.Evidence == mcid.AnchorBased {
			assert.Equal(t, [3]float64{r.Value, r.Lower, r.Upper}, [3]float64{anchor[k].value, anchor[k].lo, anchor[k].hi}, r.Method)
			k++
		}
	}
	assert.Len(t, anchor, k)
	assert.Len(t, spread, len(tr.Rows)-k)
	for i := 1; i < len(anchor); i++ {
		assert.Less(t, anchor[i].at, anchor[i-1].at, "the rows run downward")
	}
	require.Len(t, band, 2, "broken at the second heading")
	for _, b := range band {
		assert.Equal(t, []float64{tr.AnchorLow, tr.AnchorHigh}, []float64{b.x0, b.x1})
	}
	assert.Contains(t, f.Caption(), "SIMULATED DATA")

	f, err = TriangulationWith(tr, TriangulationOptions{AnchorOnly: true})
	require.NoError(t, err)
	assert.NotContains(t, f.Alt(), "MDC95")
}

func TestTriangulationLayout(t *testing.T) {
	open := exampleTriangulation(t)
	open.Outcome.Unit = ""
	open.Worsening = true
	for i := range open.Rows {
		if i%3 == 0 {
			open.Rows[i].Lower, open.Rows[i].Upper = math.Inf(-1), math.Inf(1)
		}
		if i%5 == 1 {
			open.Rows[i].Lower, open.Rows[i].Upper = math.NaN(), math.NaN()
		}
	}
	one := exampleTriangulation(t)
	one.Rows = one.Rows[len(one.Rows)-1:]
	one.AnchorLow, one.AnchorHigh = math.NaN(), math.NaN()
	for name, tr := range map[string]mcid.Triangulation{"example": exampleTriangulation(t), "open": open, "one": one} {
		for _, lang := range []string{"en", "nl"} {
			for _, width := range []float64{75, 85, 174} {
				t.Run(fmt.Sprint(name, "/", lang, "/", width), func(t *testing.T) {
					f, err := TriangulationWith(tr, TriangulationOptions{Options: Options{Width: width, Lang: lang}})
					require.NoError(t, err)
					assert.Empty(t, layoutProblems(f))
					assert.NotContains(t, f.Alt()+f.Caption(), "NaN")
				})
			}
		}
	}
	_, err := Triangulation(mcid.Triangulation{})
	assert.ErrorContains(t, err, "no method has a value")
}
