package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study"
)

func TestRefusals(t *testing.T) {
	rs := smallTrial().results(t)
	other := smallTrial()
	other.outcome = strength()
	otherArms := smallTrial()
	otherArms.arms = []study.Arm{{ID: "x", Label: "X"}, {ID: "sham", Label: "Placebo", Control: true}}
	nan := smallTrial().results(t)
	nan[0].Records[0].Follow = math.NaN()
	empty := smallTrial().results(t)
	for i := range empty {
		empty[i].Records = nil
	}
	level := smallTrial().results(t)
	level[0].Level = 0
	for i := range level[0].Rows {
		level[0].Rows[i].Level = 0
	}
	for name, c := range map[string]struct {
		rs   []study.Result
		want string
	}{
		"none":       {nil, "no results"},
		"outcomes":   {[]study.Result{rs[0], other.results(t)[1]}, "one outcome"},
		"arms":       {[]study.Result{rs[0], otherArms.results(t)[1]}, "other arms"},
		"twice":      {[]study.Result{rs[0], rs[0]}, "two results"},
		"not finite": {nan, "NaN"},
		"no values":  {empty, "no values"},
		"level":      {level, "level"},
	} {
		for chart, draw := range charts(Options{}) {
			if chart == "differences" && name != "none" && name != "level" {
				continue // it draws rows, of any outcomes
			}
			_, err := draw(c.rs)
			assert.ErrorContains(t, err, c.want, "%s %s", name, chart)
		}
	}
	for _, o := range []Options{{Lang: "xx"}, {Width: 5}, {Width: math.NaN()}, {Height: -1}, {Style: Style{Size: 1}},
		{Style: Style{Palette: "rainbow"}}, {Style: Style{DPI: 1e6}}, {Style: Style{Line: 99}}, {Style: Style{Single: 1}}} {
		for chart, draw := range charts(o) {
			_, err := draw(rs)
			assert.ErrorContains(t, err, "plot: ", "%s %+v", chart, o)
		}
	}
}

func TestPlainChartsRefuseBadOptions(t *testing.T) {
	rs := smallTrial().results(t)
	for _, o := range []Options{{Lang: "xx"}, {Width: 5}, {Height: -1}, {Style: Style{Size: 1}}} {
		for chart, draw := range plainCharts(o) {
			_, err := draw(rs)
			assert.ErrorContains(t, err, "plot: ", "%s %+v", chart, o)
		}
	}
}

// Where nobody has baseline and visit, charts of changes have nothing to show:
// an empty frame would say that nobody changed.
func TestNobodyChanged(t *testing.T) {
	tr := smallTrial()
	nan := math.NaN()
	tr.values = [][][]float64{{{6, nan, nan}, {nan, 4, 3}}, {{nan, 5, 5}, {7, nan, nan}}}
	all, rs := charts(Options{}), tr.results(t)
	for _, name := range []string{"change", "raincloud", "responders", "waterfall", "slopegraph", "followup", "cumming"} {
		_, err := all[name](rs)
		assert.ErrorContains(t, err, "no participant with baseline and visit", name)
	}
}

// Without a direction nothing can be said to improve.
func TestNoDirectionIsRefused(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Better = study.BetterUnset
	tr.outcome.Thresholds = nil
	rs := tr.results(t)
	for name, draw := range charts(Options{}) {
		_, err := draw(rs)
		assert.ErrorContains(t, err, "does not say which direction is better", name)
	}
}

// A method that no row has is named beside those that some have.
func TestUnknownMethodNamesTheKnown(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range map[string]func() (*Figure, error){
		"Differences":    func() (*Figure, error) { return DifferencesWith(rs, DifferencesOptions{Method: "anova"}) },
		"Compatibility":  func() (*Figure, error) { return CompatibilityWith(rs, CompatibilityOptions{Method: "anova"}) },
		"ThresholdSweep": func() (*Figure, error) { return ThresholdSweepWith(rs, ThresholdSweepOptions{Method: "anova"}) },
		"Posterior":      func() (*Figure, error) { return PosteriorWith(rs, PosteriorOptions{Method: "anova"}) },
	} {
		_, err := draw()
		assert.EqualError(t, err, "plot: "+name+`: no row compares arms by method "anova"; there are ancova, ancova-adjusted, welch-change`)
	}
}

// A choice that does not exist is no other choice.
func TestUnknownChoicesAreRefused(t *testing.T) {
	rs := smallTrial().results(t)
	for want, draw := range map[string]func() (*Figure, error){
		"plot: Trajectories: no spacing 7": func() (*Figure, error) { return TrajectoriesWith(rs, TrajectoriesOptions{Spacing: 7}) },
		"plot: Dropout: no spacing -1":     func() (*Figure, error) { return DropoutWith(rs, DropoutOptions{Spacing: -1}) },
		"plot: Histogram: no quantity 3":   func() (*Figure, error) { return HistogramWith(rs[0], HistogramOptions{Of: 3}) },
		"plot: ECDF: no quantity 3":        func() (*Figure, error) { return ECDFWith(rs[0], ECDFOptions{Of: 3}) },
		"plot: Responders: no bands 9":     func() (*Figure, error) { return RespondersWith(rs, RespondersOptions{Bands: 9}) },
	} {
		_, err := draw()
		assert.EqualError(t, err, want)
	}
}
