package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/study"
)

// ResponderBarsOptions are the choices of ResponderBarsWith.
type ResponderBarsOptions struct {
	Options
	// Rule picks the responder rows, such as study.RuleChangeRandomized; ""
	// means study.RuleChange.
	Rule string
}

// ResponderBars answers "which share of each arm reached the threshold?": a bar
// an arm at each visit, from 0 to 100%, with the exact (Clopper–Pearson)
// interval and, under it, events of participants. Bars start at 0 because a
// bar's length is what is read; the interval belongs to the arm, and the
// difference between arms is in the results' responder contrasts, quoted in the
// caption.
// Convention: Altman et al. 2000, Statistics with Confidence, ISBN
// 978-0-7279-1375-3; Farrar et al. 2001, doi:10.1016/S0304-3959(01)00349-9.
func ResponderBars(results []study.Result) (*Figure, error) {
	return ResponderBarsWith(results, ResponderBarsOptions{})
}

// ResponderBarsWith is ResponderBars with choices.
func ResponderBarsWith(results []study.Result, o ResponderBarsOptions) (*Figure, error) {
	s, err := newSeries("ResponderBars", results)
	if err != nil {
		return nil, err
	}
	if o.Rule == "" {
		o.Rule = study.RuleChange
	}
	t, err := newTheme(o.Options, len(s.results)*len(s.arms) > 8, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, false)}
	f.title = t.titled("plot-responderbars-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.height(45))
	f.panels = []*panel{pn}
	p := pn.plot
	setRange(&p.Y, 0, 100)
	pn.standOnAxis()
	p.Y.Label.Text = t.across(t.say("plot-responders-y", nil), pn.height)

	visits := make([]study.Visit, len(s.results))
	xs := make([]float64, len(s.results))
	rows := make([]numberRow, len(s.arms))
	width := 0.72 / float64(len(s.arms))
	th, found := barThreshold(s.outcome, o.Rule), false
	var alts []string
	bars := make([]*bandMarks, len(s.arms))
	edges := make([]*linesMarks, len(s.arms))
	marks := make([]*intervalMarks, len(s.arms))
	for k, a := range s.arms {
		l := looks[a.ID]
		fill := fade(l.color, 0.75)
		if a.Control { // open, as its symbol is
			fill = rgb(0xFFFFFF)
		}
		bars[k] = &bandMarks{color: fill}
		edges[k] = &linesMarks{theme: t, color: l.color, width: 1.3}
		thin := l
		thin.color = rgb(0x000000)
		marks[k] = &intervalMarks{theme: t, look: thin}
		rows[k].look = l
	}
	for i, r := range s.results {
		visits[i], xs[i] = r.Visit, float64(i)
		for k, a := range s.arms {
			rows[k].at = append(rows[k].at, float64(i))
			text := "–"
			for _, row := range r.Responders {
				if row.Arm != a.ID || row.Rule != o.Rule || row.Threshold != th {
					continue
				}
				found = true
				text = fmt.Sprintf("%d/%d", row.Events, row.N)
				if row.N > 0 {
					x := float64(i) + (float64(k)-float64(len(s.arms)-1)/2)*width
					y := 100 * float64(row.Events) / float64(row.N)
					x0, x1 := x-0.44*width, x+0.44*width
					bars[k].rects = append(bars[k].rects, dataRect{x0, x1, 0, y})
					edges[k].lines = append(edges[k].lines, []xy{{x0, 0}, {x0, y}, {x1, y}, {x1, 0}})
					if row.Lower < row.Upper {
						marks[k].items = append(marks[k].items, interval{x, y, 100 * row.Lower, 100 * row.Upper})
					}
					alts = append(alts, t.say("plot-responderbars-alt", map[string]any{"visit": visitName(r.Visit), "arm": armName(a),
						"events": row.Events, "n": row.N, "lower": t.num(100*row.Lower, 0), "upper": t.num(100*row.Upper, 0), "level": t.level(row.Level)}))
				}
				break
			}
			rows[k].text = append(rows[k].text, text)
		}
	}
	if !found {
		return nil, fmt.Errorf("plot: ResponderBars: %q has no responders by rule %q", s.outcome.ID, o.Rule)
	}
	strip := t.newNumberStrip(t.say("plot-responderbars-strip", nil), rows)
	notes := dropNote(t.placeVisits(pn, strip, visits, xs, SpacingEven, 0, 0.5), t.say("plot-even", nil))
	for k := range s.arms {
		pn.add(bars[k], edges[k])
	}
	for k := range s.arms {
		pn.add(barIntervals{marks[k]})
	}
	value := t.shortest(th.Value)
	levels := s.levels()
	foot := []string{t.say("plot-responderbars-method", map[string]any{"level": levels.words(t),
		"rule": t.say("plot-rule-"+o.Rule, map[string]any{"kind": string(th.Kind), "value": value, "unit": s.outcome.Unit})})}
	foot = append(foot, levels.note(t)...)
	foot = append(foot, notes...)
	f.footnote = strings.Join(foot, " ")
	f.caption = append([]string{}, foot...)
	for _, r := range s.results {
		for _, c := range r.ResponderContrasts {
			if c.Rule == o.Rule && c.Threshold == th && !math.IsNaN(c.Difference) {
				f.caption = append(f.caption, t.say("plot-responderbars-contrast", map[string]any{"visit": visitName(r.Visit),
					"arm": armName(looks[c.Arm].arm), "control": armName(looks[c.Control].arm), "value": t.num(100*c.Difference, 0),
					"lower": t.num(100*c.Lower, 0), "upper": t.num(100*c.Upper, 0), "level": t.level(c.Level)}))
			}
		}
	}
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}

// barIntervals are intervals over bars: a line with short ends, no symbol.
type barIntervals struct{ of *intervalMarks }

// Plot implements plot.Plotter.
func (m barIntervals) Plot(c draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: m.of.look.color, Width: m.of.theme.line(1.3)}
	end := m.of.theme.size() * 0.28
	for _, i := range m.of.items {
		x, lo, hi := c.X(p.X.Norm(i.at)), c.Y(p.Y.Norm(i.lo)), c.Y(p.Y.Norm(i.hi))
		halo := draw.LineStyle{Color: rgb(0xFFFFFF), Width: sty.Width * 2.4}
		c.StrokeLine2(halo, x, lo, x, hi)
		c.StrokeLine2(sty, x, lo, x, hi)
		c.StrokeLine2(sty, x-end, lo, x+end, lo)
		c.StrokeLine2(sty, x-end, hi, x+end, hi)
	}
}

// barThreshold is the outcome's threshold of a responder rule: the one that
// patients are judged by, or else the first of the rule's kind.
func barThreshold(o study.Outcome, rule string) study.Threshold {
	improved, worse := o.PatientThreshold()
	kind := study.Percent
	switch rule {
	case study.RuleChange, study.RuleChangeRandomized:
		if improved != nil {
			return *improved
		}
		return study.Threshold{}
	case study.RuleWorsening:
		if worse != nil {
			return *worse
		}
		return study.Threshold{}
	case study.RulePass, study.RulePassRandomized:
		kind = study.PASS
	}
	for _, t := range o.Thresholds {
		if t.Kind == kind && t.Level == study.Individual && !t.Worsening {
			return t
		}
	}
	return study.Threshold{}
}
