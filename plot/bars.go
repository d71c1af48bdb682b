package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/study"
)

// MeanBarsOptions are the choices of MeanBarsWith.
type MeanBarsOptions struct {
	Options
	// NoParticipants leaves the participants out of the bars.
	NoParticipants bool
}

// MeanBars draws arm means at each visit as bars from zero, because somebody
// asked for bars. WARNING: prefer Trajectories or Change. A bar shows a mean
// and hides the values it came from: very different samples give the same bar,
// its inside suggests values where there may be none, and it needs zero on the
// axis even where zero means nothing. So this chart draws the participants over
// the bars and a confidence interval, never a standard error, and is drawn by
// no other function on its own. It takes the results of one outcome, a visit
// each. Values must not be negative.
// What is wrong with bars: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func MeanBars(results []study.Result) (*Figure, error) {
	return MeanBarsWith(results, MeanBarsOptions{})
}

// MeanBarsWith is MeanBars with choices.
func MeanBarsWith(results []study.Result, o MeanBarsOptions) (*Figure, error) {
	s, err := newSeries("MeanBars", results)
	if err != nil {
		return nil, err
	}
	visits := s.visits()
	t, err := newTheme(o.Options, s.crowded(8), s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, false)}
	f.title = t.titled("plot-bars-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	pn.plot.Y.Label.Text = t.across(outcomeLabel(s.outcome), pn.height)
	people := s.participants()
	var ys span
	ys.add(0)
	wide := 0.8 / float64(len(s.arms)) // of a bar, in units of the x axis
	bars := &tileMarks{theme: t}
	var points swarms
	var means []plot.Plotter
	var intervals []*intervalMarks
	rows := make([]numberRow, len(s.arms))
	most := 0
	for k, a := range s.arms {
		rows[k].look = looks[a.ID]
		m := &intervalMarks{theme: t, look: looks[a.ID], scale: 0.75}
		for v, visit := range visits {
			at := float64(v) + wide*(float64(k)-float64(len(s.arms)-1)/2)
			var values []float64
			for _, row := range people[a.ID] {
				if !math.IsNaN(row[v]) {
					values = append(values, row[v])
				}
			}
			sort.Float64s(values)
			if len(values) > 0 && values[0] < 0 {
				return nil, fmt.Errorf("plot: MeanBars: the value %v is negative; a bar from zero says nothing then", values[0])
			}
			ys.add(values...)
			most = max(most, len(values))
			rows[k].at, rows[k].text = append(rows[k].at, float64(v)), append(rows[k].text, fmt.Sprint(len(values)))
			mean, ok := s.mean(a.ID, visit.ID, nil)
			if !ok {
				continue
			}
			mean.at = at
			ys.add(mean.value, mean.lo, mean.hi)
			bars.tiles = append(bars.tiles, tile{dataRect: dataRect{at - wide*0.46, at + wide*0.46, 0, mean.value},
				fill: fade(looks[a.ID].color, 0.2), edge: looks[a.ID].color})
			m.items = append(m.items, mean)
			points = append(points, &pointMarks{theme: t, look: looks[a.ID], at: at, values: values})
		}
		means, intervals = append(means, m), append(intervals, m)
	}
	_, hi := niceRange(0, ys.hi, 6, bounds(s.outcome)...)
	setRange(&pn.plot.Y, 0, hi)
	pn.standOnAxis()
	xs := make([]float64, len(visits))
	for i := range xs {
		xs[i] = float64(i)
	}
	strip := t.newNumberStrip(t.say("plot-n-header", nil), rows)
	notes := dropNote(t.placeVisits(pn, strip, visits, xs, SpacingEven, 0, 0.5), t.say("plot-even", nil))
	slot := t.changeSlot(pn, strip, len(visits), len(s.arms)) / 2
	for _, p := range points {
		p.room, p.size = slot*0.8, pointSize(most)
		if most <= 12 { // few stand beside the interval, many behind it
			p.room, p.offset = slot*0.4, -slot*0.4
		}
	}
	for _, m := range intervals {
		m.clear = most > 12
		if most <= 12 {
			m.offset = slot * 0.4
		}
	}
	pn.add(bars)
	if !o.NoParticipants {
		pn.add(points)
	}
	pn.add(means...)
	var foot []string
	if !o.NoParticipants {
		foot = append(foot, t.say("plot-points-participants", nil))
	}
	levels := s.levels()
	foot = append(foot, t.say("plot-bars-method", map[string]any{"level": levels.words(t)}))
	foot = append(foot, levels.note(t)...)
	foot = append(foot, notes...)
	f.footnote = strings.Join(foot, " ")
	f.caption = append(foot, t.say("plot-not-a-comparison", nil))
	f.alt = strings.TrimSpace(f.title + ". " + s.altChanges(t))
	return f, nil
}
