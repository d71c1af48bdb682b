package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// lineFaults lists what an editor would mark in the broken lines of a figure: a
// unit alone under an axis title, and a line that ends inside what is read as one.
func lineFaults(f *Figure) (out []string) {
	for _, p := range f.panels {
		for _, label := range []string{p.plot.X.Label.Text, p.plot.Y.Label.Text} {
			lines := strings.Split(label, "\n")
			last := lines[len(lines)-1]
			if len(lines) > 1 && strings.HasSuffix(lines[len(lines)-2], ",") && !strings.Contains(last, " ") {
				out = append(out, "unit alone: "+strings.Join(lines, " / "))
			}
		}
		for _, s := range p.below {
			if s, ok := s.(*textStrip); ok {
				out = append(out, brokenPairs(strings.Split(s.text, "\n"))...)
			}
		}
	}
	return append(out, brokenPairs(f.layout().note)...)
}

func brokenPairs(lines []string) (out []string) {
	for i := 1; i < len(lines); i++ {
		a, b := strings.Fields(lines[i-1]), strings.Fields(lines[i])
		if len(a) > 0 && len(b) > 0 && tied(append(a, b...), len(a)) {
			out = append(out, "broken: "+lines[i-1]+" / "+lines[i])
		}
	}
	return out
}

// TestLinesInEveryStyle: whatever the type and the width of the column, lines
// end where a reader would pause.
func TestLinesInEveryStyle(t *testing.T) {
	rs := randomTrial(2, 5, 40, 0.05).results(t)
	for _, st := range []Style{{}, Lancet(), JAMA(), NEJM(), BMC(), Nature(), Slides()} {
		for _, lang := range []string{"en", "nl"} {
			for chart, draw := range charts(Options{Style: st, Lang: lang}) {
				f, err := draw(rs)
				require.NoError(t, err)
				assert.Empty(t, lineFaults(f), "%s, %s, %s", st.Name, lang, chart)
			}
		}
	}
}

// A line is made even only as far as it keeps whole what fits: the interval of an
// area under the curve used to be broken where the line had room for it.
func TestEvenLinesKeepIntervalsWhole(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	s := "AUC 0.85 (95% CI 0.77 to 0.93); 43 cases, 50 others."
	for w := vg.Length(130); w < 200; w += 5 {
		assert.Empty(t, brokenPairs(th.balance(th.text(), s, w)), "%v pt", w)
	}
	assert.True(t, tied([]string{"(MCID", "2.26\u00a0cm)"}, 1))
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
