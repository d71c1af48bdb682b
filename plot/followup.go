package plot

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// FollowUpOptions are the choices of FollowUpWith.
type FollowUpOptions struct{ Options }

// FollowUp answers "given where participants started, where did they end, and
// does the arm matter?": a panel a visit, the follow-up value against baseline,
// a symbol a participant. On the thin identity line nothing changed. The arms'
// parallel lines are those of the analysis of covariance, over the baselines
// that were observed: their vertical distance is the adjusted difference. Look
// first whether straight parallel lines describe the symbols.
// Convention: Vickers & Altman 2001, BMJ 323:1123,
// doi:10.1136/bmj.323.7321.1123.
func FollowUp(results []study.Result) (*Figure, error) {
	return FollowUpWith(results, FollowUpOptions{})
}

// FollowUpWith is FollowUp with choices.
func FollowUpWith(results []study.Result, o FollowUpOptions) (*Figure, error) {
	s, err := changing("FollowUp", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results) > 1, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, true)}
	f.title = t.titled("plot-followup-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	var all span
	for _, r := range s.results {
		for _, rec := range r.Records {
			if rec.HasBaseline && rec.HasFollow {
				all.add(rec.Baseline, rec.Follow)
			}
		}
	}
	if !all.any {
		return nil, fmt.Errorf("plot: FollowUp: %q has no participant with baseline and visit", s.outcome.ID)
	}
	lo, hi := niceRange(all.lo, all.hi, 6, bounds(s.outcome)...)
	// Square panels, as many in a row as leave each its ticks.
	cols := max(1, min(len(s.results), int(t.width/t.size()/15)))
	cols = (len(s.results) + (len(s.results)+cols-1)/cols - 1) / ((len(s.results) + cols - 1) / cols)
	// What the first panel's numbers and the gaps leave each.
	room := max((t.width-t.size()*vg.Length(6+3.5*float64(cols-1)))/vg.Length(cols), t.size()*6)
	unfitted := false
	var alts []string
	for i, r := range s.results {
		pn := t.newPanel(i/cols, i%cols, room)
		f.panels = append(f.panels, pn)
		p := pn.plot
		pn.title = visitName(r.Visit)
		setRange(&p.X, lo, hi)
		setRange(&p.Y, lo, hi)
		p.X.Tick.Marker = t.ticksFor(room)
		p.X.Label.Text = t.across(t.axisAt(s.baseline, s.outcome), room)
		if i%cols == 0 {
			p.Y.Label.Text = t.across(outcomeLabel(s.outcome), pn.height)
		}
		pn.add(&linesMarks{theme: t, color: inkGray, width: 0.9, lines: [][]xy{{{lo, lo}, {hi, hi}}}})
		var ns []string
		most := 0
		dots := make([]*scatterMarks, len(s.arms))
		for k, a := range s.arms {
			dots[k] = &scatterMarks{theme: t, look: looks[a.ID]}
			for _, rec := range r.Records {
				if rec.Arm == a.ID && rec.HasBaseline && rec.HasFollow {
					dots[k].pts = append(dots[k].pts, xy{rec.Baseline, rec.Follow})
				}
			}
			sortPoints(dots[k].pts)
			most = max(most, len(dots[k].pts))
			ns = append(ns, t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(dots[k].pts)}))
		}
		for _, d := range dots {
			d.size = pointSize(most) * clamp(float64(pn.height/t.size())/20, 0.65, 1)
			pn.add(d)
		}
		lines, err := study.BaselineLines(r)
		if err != nil {
			unfitted = true // the footnote says so; the participants stand
		}
		for _, l := range lines {
			lk := looks[l.Arm]
			pn.add(&linesMarks{theme: t, color: lk.color, width: 1.9, dashes: lk.dashes, lines: [][]xy{cutLine(l, lo, hi)}})
		}
		pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(ns, "\n"), room), "\n")})
		if len(lines) > 0 {
			alts = append(alts, t.say("plot-followup-alt", map[string]any{"visit": visitName(r.Visit), "slope": t.num(lines[0].Slope, 2)}))
		}
	}
	shareY(f.panels)
	if o.Height == 0 {
		f.square()
	} else {
		for _, pn := range f.panels {
			pn.height = mm(o.Height)
		}
	}
	foot := []string{t.say("plot-followup-method", nil)}
	if unfitted {
		foot = append(foot, t.say("plot-followup-unfitted", nil))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = strings.TrimSpace(sentence(f.title) + " " + strings.Join(alts, " ") + " " + s.altChanges(t))
	return f, nil
}

// axisAt names an axis of values at a visit.
func (t *theme) axisAt(v study.Visit, o study.Outcome) string {
	if o.Unit == "" {
		return visitName(v)
	}
	return visitName(v) + ", " + o.Unit
}

func sortPoints(pts []xy) {
	idx := sortedBy(len(pts), func(a, b int) bool {
		return pts[a].x < pts[b].x || pts[a].x == pts[b].x && pts[a].y < pts[b].y
	})
	old := append([]xy{}, pts...)
	for i, j := range idx {
		pts[i] = old[j]
	}
}

// cutLine is an arm's line over its observed baselines, ended where it leaves
// the axes.
func cutLine(l study.BaselineLine, lo, hi float64) []xy {
	x0, x1 := l.Lo, l.Hi
	y := func(x float64) float64 { return l.Intercept + l.Slope*x }
	for _, edge := range []float64{lo, hi} {
		if l.Slope == 0 || (y(x0)-edge)*(y(x1)-edge) >= 0 {
			continue
		}
		x := (edge - l.Intercept) / l.Slope
		if y(x0) < lo || y(x0) > hi {
			x0 = x
		} else {
			x1 = x
		}
	}
	return []xy{{x0, y(x0)}, {x1, y(x1)}}
}
