package plot

import (
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func TestCorrelationMarks(t *testing.T) {
	cov := [][]float64{{4, 3, -1}, {3, 9, 0}, {-1, 0, 1}}
	f, err := CorrelationsWith([]string{"a", "b", "c"}, cov, CorrelationsOptions{Outcome: vas})
	require.NoError(t, err)
	words := map[xy]string{}
	for _, i := range marksOf[*textMarks](f.panels[0])[0].items {
		words[i.xy] = i.text
	}
	assert.Equal(t, map[xy]string{{0, 2}: "2.0", {1, 1}: "3.0", {2, 0}: "1.0", // standard deviations
		{0, 1}: "0.50", {0, 0}: "−0.50", {1, 0}: "0.00"}, words)
	assert.Len(t, marksOf[*tileMarks](f.panels[0])[0].tiles, 6)
	dark, light, other := f.theme.shade(0.9), f.theme.shade(0.2), f.theme.shade(-0.9)
	lum := func(c interface {
		RGBA() (r, g, b, a uint32)
	}) uint32 {
		r, g, b, _ := c.RGBA()
		return r + g + b
	}
	assert.Less(t, lum(dark), lum(light))
	assert.NotEqual(t, dark, other)
	for _, p := range []Palette{OkabeIto, PaletteJAMA, PaletteNEJM, PaletteLancet, PaletteGray} {
		th, err := newTheme(Options{Style: Style{Palette: p}}, false, study.StudyInfo{})
		require.NoError(t, err)
		for _, r := range []float64{-1, 1} { // the numbers are black on all
			assert.GreaterOrEqual(t, blackContrast(th.shade(r).(color.NRGBA)), 6.5, "%q, %v", p, r)
		}
	}
	for name, bad := range map[string][][]float64{"rows": {{1}}, "ragged": {{1, 0}, {0}}, "variance": {{1, 0}, {0, 0}},
		"asymmetric": {{1, 0.5}, {0.4, 1}}, "too strong": {{1, 2}, {2, 1}}, "NaN": {{1, math.NaN()}, {0, 1}}} {
		_, err := Correlations([]string{"a", "b"}, bad)
		assert.ErrorContains(t, err, "plot: ", name)
	}
	_, err = Correlations(nil, nil)
	assert.Error(t, err)
	f, err = Correlations([]string{"a", "b"}, [][]float64{{1, 0.3}, {0.3, 1}})
	require.NoError(t, err)
	assert.Len(t, marksOf[*textMarks](f.panels[0])[0].items, 1, "the diagonal of a correlation matrix says nothing")
}
