package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// Labels right of the data begin beside the marks they name.
func TestSideLabelsBesideMarks(t *testing.T) {
	for name, draw := range map[string]func([]study.Result) (*Figure, error){"dropout": Dropout, "trajectories": Trajectories, "change": Change} {
		f, err := draw(smallTrial().results(t))
		require.NoError(t, err)
		p := f.panels[0]
		require.NotEmpty(t, p.side, name)
		l := f.layout()
		right := float64(l.data[0].Max.X + p.reach(l.data[0].Max.X-l.data[0].Min.X))
		first := strings.Split(p.side[0].text, "\n")[0]
		for _, m := range l.render().Marks {
			if m.Kind == render.MarkText && m.Text == first && float64(m.At.X) > right {
				gap := float64(m.At.X) - right
				assert.Less(t, gap, 2.4*float64(f.theme.size()), "%s: %q", name, first)
			}
		}
	}
}

// Titles and the labels of lines share a line of text where they fit.
func TestTitlesBesideTopLabels(t *testing.T) {
	for _, width := range []float64{174, 40} {
		f, err := CompatibilityWith(smallTrial().results(t), CompatibilityOptions{Options: Options{Width: width}})
		require.NoError(t, err)
		y := map[string]vg.Length{}
		for _, m := range f.render().Marks {
			if _, ok := y[m.Text]; m.Kind == render.MarkText && !ok {
				y[m.Text] = m.At.Y
			}
		}
		title := f.panels[0].title
		require.Contains(t, y, title)
		label := "margin between arms: 1.3\u00a0cm"
		at, whole := y[label]
		assert.Equal(t, width == 174, whole && y[title] == at, "%v mm", width)
		assert.Empty(t, layoutProblems(f))
	}
}
