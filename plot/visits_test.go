package plot

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	ticks, ok := th.visitNumbers([]float64{0, 4, 8, 12, 26}, 140, 1)
	require.True(t, ok)
	var labels []string
	for _, k := range ticks {
		labels = append(labels, k.Label)
	}
	assert.Equal(t, []string{"0", "4", "8", "12", "26"}, labels)
	_, ok = th.visitNumbers([]float64{0, 1, 2, 3, 260}, 140, 1)
	assert.False(t, ok, "numbers that would touch give way")
	_, ok = th.visitNumbers([]float64{0, 4.3333, 8}, 140, 1)
	assert.False(t, ok, "a rounded time is not the visit's")
}

// Where the protocol gives times, visits stand at their times: under their names,
// under numbers where these are too long, and equally spaced only where numbers would
// touch, or on request, which the note says.
func TestTrueTimeComesFirst(t *testing.T) {
	weeks := []float64{0, 4, 8, 12, 26}
	tr := randomTrial(2, 5, 20, 0.05)
	for i, w := range weeks {
		tr.visits[i].Time, tr.visits[i].Label = time.Duration(w)*7*24*time.Hour, fmt.Sprint("Week ", w)
	}
	rs := tr.results(t)
	const note = "equally spaced"
	for name, draw := range map[string]func(Options, Spacing) (*Figure, error){
		"trajectories": func(o Options, x Spacing) (*Figure, error) {
			return TrajectoriesWith(rs, TrajectoriesOptions{Options: o, Spacing: x})
		},
		"dropout": func(o Options, x Spacing) (*Figure, error) {
			return DropoutWith(rs, DropoutOptions{Options: o, Spacing: x})
		},
		"paired": func(o Options, _ Spacing) (*Figure, error) {
			return PairedEstimationWith(rs[:], EstimationOptions{Options: o})
		},
	} {
		for _, width := range []float64{85, 174} {
			if name == "paired" && width == 85 { // two arms beside each other have no room
				continue
			}
			f, err := draw(Options{Width: width}, SpacingAuto)
			require.NoError(t, err)
			for i, w := range weeks {
				x, err := f.XOfVisit(0, tr.visits[i].ID)
				require.NoError(t, err)
				assert.Equal(t, w, x, "%s at %v mm", name, width)
			}
			assert.NotContains(t, f.Caption(), note, name)
			p := f.panels[len(f.panels)-1]
			var labels []string
			for _, k := range p.plot.X.Tick.Marker.Ticks(0, 26) {
				labels = append(labels, strings.ReplaceAll(k.Label, "\n", " "))
			}
			if p.plot.X.Label.Text != "" {
				assert.Equal(t, []string{"0", "4", "8", "12", "26"}, labels, name)
				assert.Contains(t, p.plot.X.Label.Text, "weeks")
			} else {
				assert.Equal(t, []string{"Week 0", "Week 4", "Week 8", "Week 12", "Week 26"}, labels, name)
			}
			assert.Empty(t, layoutProblems(f), name)
			if name == "paired" {
				continue
			}
			f, err = draw(Options{Width: width}, SpacingEven)
			require.NoError(t, err)
			x, err := f.XOfVisit(0, tr.visits[4].ID)
			require.NoError(t, err)
			assert.Equal(t, 4.0, x)
			assert.Contains(t, f.Caption(), note)
		}
	}
	// Charts of groups side by side are equally spaced, and say so.
	for _, name := range []string{"change", "bars", "responderbars", "cumming"} {
		f, err := charts(Options{})[name](rs)
		require.NoError(t, err)
		assert.Contains(t, f.Caption(), note, name)
	}
	// Half an hour and a day cannot both be shown to scale.
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), note)
}

// Where a visit stands is where its label is, in every panel that shows visits;
// everything else is an error that names what there is.
func TestXOfVisit(t *testing.T) {
	rs := smallTrial().results(t) // baseline, 30 minutes, 24 hours
	timed, err := TrajectoriesWith(rs, TrajectoriesOptions{Spacing: SpacingTime})
	require.NoError(t, err)
	even, err := TrajectoriesWith(rs, TrajectoriesOptions{Spacing: SpacingEven})
	require.NoError(t, err)
	for visit, want := range map[string][2]float64{"baseline": {0, 0}, "post": {0.5, 1}, "h24": {24, 2}} {
		x, err := timed.XOfVisit(0, visit)
		require.NoError(t, err)
		assert.Equal(t, want[0], x, "hours")
		x, err = even.XOfVisit(0, visit)
		require.NoError(t, err)
		assert.Equal(t, want[1], x, "places")
	}
	shown := map[string]int{}
	// Charts on a scale of time, and panels whose names stand under another.
	elsewhere := func(name string, panel int) bool {
		return name == "trajectories" || name == "dropout" || name == "participantpanels" || name == "paired" && panel%2 == 0 || name == "lsmeanchange" && panel == 0
	}
	for name, draw := range everyChart(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		for i, p := range f.panels {
			if p.visits == nil {
				continue
			}
			labels := map[float64]string{}
			for _, k := range p.plot.X.Tick.Marker.Ticks(p.plot.X.Min, p.plot.X.Max) {
				labels[k.Value] += strings.TrimSpace(k.Label)
			}
			for _, v := range p.visits {
				x, err := f.XOfVisit(i, v.id)
				require.NoError(t, err)
				if !elsewhere(name, i) {
					want := map[string]string{"baseline": "Baseline", "post": "Right after", "h24": "24 h"}[v.id]
					assert.Equal(t, want, strings.ReplaceAll(labels[x], "\n", " "), "%s, panel %d", name, i)
				}
				shown[name]++
			}
		}
	}
	assert.Equal(t, map[string]int{"trajectories": 3, "change": 2, "missing": 3, "dropout": 3, "lostcourses": 6, "bars": 3, "slopegraph": 8,
		"responderbars": 2, "cumming": 4, "paired": 12, "compose": 6, "shares": 2, "rates": 2,
		"armpanels": 6, "armmedians": 6, "participantpanels": 30, "lsmeanchange": 6}, shown)

	for want, of := range map[string]struct {
		fig   *Figure
		panel int
		visit string
	}{
		"no visit \"week9\" in panel 0, which shows baseline, post, h24": {even, 0, "week9"},
		"panel 3 of a figure with one panel (0)":                         {even, 3, "post"},
		"the zero Figure has no panels":                                  {&Figure{}, 0, "post"},
	} {
		_, err := of.fig.XOfVisit(of.panel, of.visit)
		assert.ErrorContains(t, err, want)
	}
	forest, err := Differences(rs)
	require.NoError(t, err)
	_, err = forest.XOfVisit(0, "post")
	assert.ErrorContains(t, err, "the x axis of panel 0 shows no visits")
}

// Side by side at a visit, all arms together take at most 35% of the smallest
// interval between visits: more, and the last arm seems measured at another time.
func TestArmsStandWithinTheirVisit(t *testing.T) {
	for _, arms := range []int{2, 3, 6} {
		for _, visits := range []int{2, 5, 12} {
			rs := randomTrial(arms, visits, 8, 0).results(t)
			for _, o := range []Options{{}, {Width: 75}, {Style: Slides()}} {
				for name, draw := range map[string]func([]study.Result) (*Figure, error){
					"trajectories": charts(o)["trajectories"], "dropout": charts(o)["dropout"],
				} {
					f, err := draw(rs)
					require.NoError(t, err, name)
					places := f.panels[0].visits
					gap := places[1].x - places[0].x
					first, last := map[string]float64{}, map[string]float64{} // place of the outer arms' lines
					for _, m := range marksOf[linkMarks](f.panels[0]) {
						for i, q := range strokes(t, f, 0, m)[0] {
							id := places[i].id
							if _, ok := first[id]; !ok {
								first[id], last[id] = q.x, q.x
							}
							first[id], last[id] = min(first[id], q.x), max(last[id], q.x)
						}
					}
					for id := range first {
						assert.LessOrEqual(t, last[id]-first[id], 0.35*gap+0.01*gap, "%s: %d arms, %d visits, %+v", name, arms, visits, o.Width)
						assert.Greater(t, last[id]-first[id], 0.02*gap)
					}
				}
			}
		}
	}
}

// Under bars, lines and shares the visits' names break alike.
func TestVisitNamesBreakAlike(t *testing.T) {
	compared := 0
	for _, visits := range []int{3, 5, 6, 9} {
		tr := dutch(randomTrial(2, visits, 12, 0))
		for i := range tr.visits {
			tr.visits[i].Label, tr.visits[i].HasTime = fmt.Sprint("Week ", 4*i), visits%2 == 1 // equally spaced with times and without
		}
		tr.visits[0].Label = "Baseline"
		rs := tr.results(t)
		for width := 60.0; width < 120; width += 5 {
			want := ""
			for _, name := range []string{"bars", "trajectories", "dropout"} {
				f, err := charts(Options{Width: width, Lang: "nl"})[name](rs)
				require.NoError(t, err)
				if f.legend == nil || f.panels[0].plot.X.Label.Text != "" { // names beside the lines leave the axis less; numbers
					continue
				}
				compared++
				x := f.panels[0].plot.X
				got := fmt.Sprint(x.Tick.Label.Rotation)
				for _, k := range x.Tick.Marker.Ticks(0, 1) {
					got += fmt.Sprintf(" %q", k.Label)
				}
				if want == "" {
					want = got
				}
				assert.Equal(t, want, got, "%s: %d visits, %v mm", name, visits, width)
			}
		}
	}
	assert.Greater(t, compared, 24)
}
