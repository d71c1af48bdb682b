package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// ChangeOptions are the choices of ChangeWith.
type ChangeOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
}

// Change answers "by how much did each participant change, at each visit?".
// It takes the results of one outcome, a visit each. Read the small symbols
// first: each is one participant's change from baseline; the large symbol
// beside them is the arm's mean with its confidence interval, from the
// within-arm row of the result. The dashed line is the threshold for one
// patient's improvement: it belongs to the small symbols, not to the means.
// Convention: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func Change(results []study.Result) (*Figure, error) { return ChangeWith(results, ChangeOptions{}) }

// ChangeWith is Change with choices.
func ChangeWith(results []study.Result, o ChangeOptions) (*Figure, error) {
	s, err := changing("Change", results)
	if err != nil {
		return nil, err
	}
	results = s.results
	t, err := newTheme(o.Options, s.crowded(8), results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, false)}
	f.title = t.titled("plot-change-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	p := pn.plot
	p.Y.Label.Text = t.across(t.say("plot-change-axis",
		map[string]any{"outcome": outcomeLabel(s.outcome)}), pn.height)

	ys := span{}
	ys.add(0)
	rows := make([]numberRow, len(s.arms))
	means := make([][]interval, len(s.arms))
	for k, a := range s.arms {
		rows[k].look = looks[a.ID]
		for i := range results {
			ch := s.changes(i, a.ID)
			ys.add(ch...)
			rows[k].at = append(rows[k].at, float64(i))
			rows[k].text = append(rows[k].text, t.num(float64(len(ch)), 0))
			if row, ok := s.within(i, a.ID); ok {
				means[k] = append(means[k], interval{float64(i), row.Estimate, row.Lower, row.Upper})
				ys.add(row.Estimate, row.Lower, row.Upper)
			}
		}
	}
	th, hasTh := patientThreshold(s.outcome)
	hasTh = hasTh && !o.NoThreshold
	line := th.Value * s.outcome.Better.Sign()
	if hasTh {
		ys.add(line)
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6)
	setRange(&p.Y, lo, hi)

	// Right of the data: which way is better, and the threshold.
	end := hi
	arrow := 1
	if s.outcome.Better == study.LowerIsBetter {
		end, arrow = lo, -1
	}
	pn.side = append(pn.side, sideLabel{y: end, text: t.say("plot-better", nil), color: inkGray, arrow: arrow, fixed: true})
	if hasTh {
		txt := t.say("plot-individual-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(line), "unit": s.outcome.Unit})
		pn.side = append(pn.side, sideLabel{y: line, color: inkGray,
			text: strings.Join(t.wrap(t.text(), txt, t.width*0.2), "\n")})
	}

	visits := make([]study.Visit, len(results))
	xs := make([]float64, len(results))
	for i, r := range results {
		visits[i], xs[i] = r.Visit, float64(i)
	}
	strip := t.newNumberStrip(t.say("plot-n-header", nil), rows)
	notes := t.placeVisits(pn, strip, visits, xs, SpacingEven, 0, 0.5) // half a place of room on both sides
	notes = dropNote(notes, t.say("plot-even", nil))
	// Reference lines lie under the data.
	pn.add(&refLine{theme: t, value: 0, color: inkGray})
	// Arms side by side at each visit: a swarm, and the mean right of it.
	slot := t.changeSlot(pn, strip, len(results), len(s.arms))
	var points swarms
	var lines, arms []plot.Plotter
	most := 0
	for i := range results {
		for _, a := range s.arms {
			most = max(most, len(s.changes(i, a.ID)))
		}
	}
	for k, a := range s.arms {
		center := slot * vg.Length(float64(k)-float64(len(s.arms)-1)/2)
		for i := range results {
			if hasTh { // behind the participants, not behind the mean
				lines = append(lines, &refLine{theme: t, value: line, color: inkGray, dashes: t.dashes(2.5, 1.5),
					at: float64(i), before: center - slot*0.46, after: center + slot*0.22, limited: true})
			}
			points = append(points, &pointMarks{theme: t, look: looks[a.ID], at: float64(i), values: s.changes(i, a.ID),
				offset: center - slot*0.12, room: slot * 0.33, size: pointSize(most)})
		}
		arms = append(arms, &intervalMarks{theme: t, look: looks[a.ID], items: means[k], offset: center + slot*0.34})
	}
	pn.add(lines...)
	pn.add(points)
	pn.add(arms...)

	levels := s.levels()
	foot := append([]string{t.say("plot-points-participants", nil), t.say("plot-mean-change-ci", map[string]any{"level": levels.words(t)})}, levels.note(t)...)
	if hasTh {
		foot = append(foot, t.say("plot-threshold-belongs", map[string]any{"kind": string(th.Kind)}))
	}
	for k := range means {
		if t.hidden(pn, means[k]) {
			foot = append(foot, t.say("plot-interval-hidden", nil))
			break
		}
	}
	foot = append(foot, notes...)
	f.footnote = strings.Join(foot, " ")
	f.caption = append(foot, t.say("plot-not-a-comparison", nil))
	f.alt = strings.TrimSpace(f.title + ". " + s.altChanges(t))
	return f, nil
}

// crowded reports whether the participants of all arms at all visits ask for two
// columns: for more groups than given, or half as many of large ones.
func (s *series) crowded(groups int) bool {
	n := len(s.results) * len(s.arms)
	return n > groups || 2*n > groups && len(s.results[0].Records) > 30*len(s.arms)
}

// changeSlot is the width on the page that one arm has at one visit.
func (t *theme) changeSlot(pn *panel, strip *numberStrip, visits, arms int) vg.Length {
	_, left := strip.size(t)
	width := t.width - 2*t.edge() - max(left, t.size()*5.5) - t.sideWidth(pn.side)
	return min(width/vg.Length(visits)*0.86/vg.Length(arms), t.size()*8)
}

// pointSize shrinks symbols when there are many.
func pointSize(n int) float64 { return clamp(math.Sqrt(60/math.Max(float64(n), 1)), 0.45, 1) }

func dropNote(notes []string, drop string) []string {
	var out []string
	for _, n := range notes {
		if n != drop {
			out = append(out, n)
		}
	}
	return out
}
