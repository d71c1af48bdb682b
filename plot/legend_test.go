package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Names longer than the figure is wide take several lines of the legend: nothing is
// cut, in any chart and any width.
func TestLongLegendsWrap(t *testing.T) {
	tr := randomTrial(3, 3, 12, 0)
	long := "high-intensity laser therapy with supervised strengthening exercise of the quadriceps and hamstrings"
	for i := range tr.arms {
		tr.arms[i].Label = []string{"Early ", "Late ", "Sham "}[i] + long
	}
	rs := tr.results(t)
	for _, width := range []float64{85, 174} {
		wrapped := 0
		for name, draw := range everyChart(Options{Width: width}) {
			f, err := draw(rs)
			if err != nil {
				assert.ErrorIs(t, err, ErrNoRoom, name)
				continue
			}
			if l := f.layout(); l.cramped { // Write says so
				continue
			}
			assert.Empty(t, layoutProblems(f), name)
			if len(f.legend) > 0 && strings.Contains(f.legend[0].text, long) {
				wrapped++
				assert.Contains(t, drawnWords(f), strings.ReplaceAll(f.legend[0].text, "\u00a0", " "), name)
			}
		}
		assert.Greater(t, wrapped, 8, "legends at %v mm", width)
	}
}
