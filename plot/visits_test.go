package plot

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Names of visits that do not fit beside direct labels send those to a legend
// rather than stand upright.
func TestVisitsStayLevel(t *testing.T) {
	tr := randomTrial(2, 5, 20, 0.05)
	for i := range tr.visits {
		tr.visits[i].Label = fmt.Sprint("Week ", 6*i)
	}
	tr.visits[0].Label = "Baseline"
	f, err := DropoutWith(tr.results(t), DropoutOptions{Options: Options{Style: BMC()}})
	require.NoError(t, err)
	assert.Zero(t, f.panels[0].plot.X.Tick.Label.Rotation)
	assert.Empty(t, layoutProblems(f))
}

// On a scale of time the ticks are the visits, not round numbers between them.
func TestTimeScaleMarksVisits(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	ticks := th.timeTicks([]float64{0, 4, 8, 12, 26}, "w", 140, 1).Ticks(-1, 27)
	var labels []string
	for _, k := range ticks {
		labels = append(labels, k.Label)
	}
	assert.Equal(t, []string{"0", "4", "8", "12", "26"}, labels)
	crowded := th.timeTicks([]float64{0, 1, 2, 3, 260}, "w", 140, 1)
	assert.IsType(t, Ticks{}, crowded, "numbers that would touch give way to even steps")
}
