package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// threeCharts of the same results: with side labels, with a legend, and a table.
func threeCharts(rs []study.Result) []Chart {
	return []Chart{
		func(o Options) (*Figure, error) { return TrajectoriesWith(rs, TrajectoriesOptions{Options: o}) },
		func(o Options) (*Figure, error) { return ChangeWith(rs, ChangeOptions{Options: o}) },
		func(o Options) (*Figure, error) { return MeanBarsWith(rs, MeanBarsOptions{Options: o}) },
		func(o Options) (*Figure, error) { return DifferencesWith(rs, DifferencesOptions{Options: o}) },
	}
}

// Charts above each other have the edges of their data in line, charts beside each
// other their axes: to 0.01 pt, the grain of the page.
func TestComposedDataAreasAreAligned(t *testing.T) {
	for name, tr := range map[string]trial{"small": smallTrial(), "four": randomTrial(4, 5, 30, 0.02), "dutch": dutch(smallTrial())} {
		rs := tr.results(t)
		f, err := Compose(threeCharts(rs)...)
		require.NoError(t, err, name)
		l := f.layout()
		require.Len(t, l.data, f.Panels())
		a, b, c, d := l.data[0], l.data[1], l.data[2], l.data[3]
		assert.InDelta(t, float64(a.Min.X), float64(c.Min.X), 0.01, name+": left edges of a column")
		assert.InDelta(t, float64(a.Max.X), float64(c.Max.X), 0.01, name+": right edges of a column")
		for _, row := range [][2]int{{0, 1}, {2, 3}} {
			p, q := l.data[row[0]], l.data[row[1]]
			assert.InDelta(t, float64(p.Max.Y), float64(q.Max.Y), 0.01, name+": tops of a row")
			if high, low := p.Max.Y-p.Min.Y, q.Max.Y-q.Min.Y; high < 1.5*low && low < 1.5*high {
				assert.InDelta(t, float64(p.Min.Y), float64(q.Min.Y), 0.01, name+": x axes of a row")
			}
		}
		assert.InDelta(t, float64(a.Min.Y), float64(b.Min.Y), 0.01, name+": the first row is of one height")
		assert.Greater(t, d.Min.X, c.Max.X)
		assert.Greater(t, a.Min.Y, c.Max.Y)
	}
}

// What a part shows is what the chart alone shows, in data units.
func TestComposedChartsKeepTheirValues(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Compose(threeCharts(rs)...)
	require.NoError(t, err)
	for i, chart := range threeCharts(rs) {
		alone, err := chart(Options{})
		require.NoError(t, err)
		got, want := marksOf[*intervalMarks](f.panels[i]), marksOf[*intervalMarks](alone.panels[0])
		require.Equal(t, len(want), len(got))
		for k := range want {
			assert.Equal(t, want[k].items, got[k].items)
		}
	}
	// Means at the last visit, drawn where the axis says they are.
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		last := m.items[len(m.items)-1]
		s := strokes(t, f, 0, m)
		seen := false
		for _, line := range s {
			if len(line) == 2 {
				lo, hi := min(line[0].y, line[1].y), max(line[0].y, line[1].y)
				seen = seen || math.Abs(lo-last.lo) < 0.01 && math.Abs(hi-last.hi) < 0.01
			}
		}
		assert.True(t, seen, "%v among %v", last, s)
	}
}

// Letters, one legend and every sentence once.
func TestComposedWords(t *testing.T) {
	rs := smallTrial().results(t)
	for _, c := range []struct {
		st      Style
		letters []string
	}{{Style{}, []string{"A", "B", "C"}}, {Nature(), []string{"a", "b", "c"}}} {
		f, err := ComposeWith(ComposeOptions{Options: Options{Style: c.st}}, threeCharts(rs)[:3]...)
		require.NoError(t, err)
		count := map[string]int{}
		for _, m := range f.render().Marks {
			if m.Kind == render.MarkText {
				count[m.Text]++
			}
		}
		for _, x := range c.letters {
			assert.Equal(t, 1, count[x], x)
			assert.Contains(t, f.Caption(), x+": ")
			assert.Contains(t, f.Alt(), x+", ")
		}
		assert.Equal(t, 5, count["Active HILT"], "the shared legend, the label at its line, and three tables of numbers")
		assert.Equal(t, 1, strings.Count(f.Caption(), "Intervals describe each arm"))
		assert.Equal(t, 1, strings.Count(f.Caption(), "SIMULATED DATA"))
		assert.Equal(t, 1, strings.Count(f.Alt(), "SIMULATED DATA"))
		assert.Equal(t, 1, strings.Count(f.Description(), "Pain (VAS) fell by 2.66"), "all three say it")
		assert.Contains(t, strings.ToUpper(f.Caption()), strings.ToUpper("\u00a0C: Small symbols: participants."), "what two say is said once, of both")
	}
	f, err := ComposeWith(ComposeOptions{Options: Options{Title: "All of it"}}, threeCharts(rs)...)
	require.NoError(t, err)
	assert.Equal(t, "All of it", f.Title())
	assert.True(t, strings.HasPrefix(f.Caption(), "SIMULATED DATA. All of it. "), f.Caption())
	two, err := Compose(threeCharts(rs)[0], func(o Options) (*Figure, error) { return ArmPanelsWith(rs, ArmPanelsOptions{Options: o}) })
	require.NoError(t, err)
	assert.Contains(t, two.Description(), "B: Active HILT: mean Baseline 6.22", "what one says alone is behind its letter")
	assert.True(t, strings.HasPrefix(two.Description(), "At Right after, the difference"), two.Description())
	one, err := Compose(threeCharts(rs)[0])
	require.NoError(t, err)
	assert.NotContains(t, one.Caption()+one.Description(), "A: ", "one chart has no letter")
}

// A chart that is also used alone stays what it was.
func TestComposeLeavesChartsAlone(t *testing.T) {
	rs := smallTrial().results(t)
	var own []*Figure
	var before []string
	var charts []Chart
	for _, chart := range threeCharts(rs) {
		charts = append(charts, func(o Options) (*Figure, error) {
			f, err := chart(o)
			require.NoError(t, err)
			own, before = append(own, f), append(before, string(written(t, f, SVG))+f.Caption())
			return f, err
		})
	}
	_, err := Compose(charts...)
	require.NoError(t, err)
	for i, f := range own {
		assert.Equal(t, before[i], string(written(t, f, SVG))+f.Caption(), i)
	}
}

// Where the places are too narrow nothing is drawn over anything else.
func TestComposeWithoutRoom(t *testing.T) {
	rs := dutch(smallTrial()).results(t)
	f, err := ComposeWith(ComposeOptions{Options: Options{Width: 150, Lang: "nl"}, Columns: 4}, threeCharts(rs)...)
	require.NoError(t, err)
	require.ErrorIs(t, f.Write(&strings.Builder{}, SVG), ErrNoRoom)
}

func TestComposeRefuses(t *testing.T) {
	rs := smallTrial().results(t)
	all := threeCharts(rs)
	wide := func(o Options) (*Figure, error) { return Change(rs) }
	for want, draw := range map[string]func() (*Figure, error){
		"no charts":  func() (*Figure, error) { return Compose() },
		"-1 columns": func() (*Figure, error) { return ComposeWith(ComposeOptions{Columns: -1}, all...) },
		"1 shares":   func() (*Figure, error) { return ComposeWith(ComposeOptions{Columns: 2, Shares: []float64{1}}, all...) },
		"share of the width": func() (*Figure, error) {
			return ComposeWith(ComposeOptions{Columns: 2, Shares: []float64{1, 0}}, all...)
		},
		"pass the options on": func() (*Figure, error) { return ComposeWith(ComposeOptions{Columns: 1}, wide, wide) },
		"chart 2: plot: Change: no results": func() (*Figure, error) {
			return Compose(all[0], func(o Options) (*Figure, error) { return Change(nil) })
		},
		"is a composed figure": func() (*Figure, error) {
			return ComposeWith(ComposeOptions{Columns: 1}, all[0], func(o Options) (*Figure, error) {
				return ComposeWith(ComposeOptions{Options: o}, all...)
			})
		},
		"is empty": func() (*Figure, error) {
			return Compose(func(Options) (*Figure, error) { return &Figure{}, nil })
		},
		"another style": func() (*Figure, error) {
			return Compose(func(o Options) (*Figure, error) {
				o.Style = Lancet()
				return ChangeWith(rs, ChangeOptions{Options: o})
			})
		},
	} {
		f, err := draw()
		assert.ErrorContains(t, err, want)
		assert.Nil(t, f)
	}
	f, err := ComposeWith(ComposeOptions{Columns: 2, Shares: []float64{2, 1}}, all[:2]...)
	require.NoError(t, err)
	assert.InDelta(t, 2, float64(f.grid.widths[0]/f.grid.widths[1]), 1e-9)
}
