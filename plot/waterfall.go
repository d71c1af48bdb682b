package plot

import (
	"fmt"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// WaterfallOptions are the choices of WaterfallWith.
type WaterfallOptions struct {
	Options
	// NoThreshold leaves the responder lines out.
	NoThreshold bool
}

// Waterfall answers "how did each single participant fare?": a panel a visit
// and arm, a bar a participant, from the worst change to the best. Read how
// many bars pass the dashed responder line, and how many go the wrong way; the
// numbers under each panel count both. Bars are participants, so that nothing
// is averaged; a participant without baseline or visit has no bar. Improvement
// is drawn in the direction in which the outcome improves.
// Convention: Gillespie 2012, Perspect Clin Res 3:106,
// doi:10.4103/2229-3485.100663.
func Waterfall(results []study.Result) (*Figure, error) {
	return WaterfallWith(results, WaterfallOptions{})
}

// WaterfallWith is Waterfall with choices.
func WaterfallWith(results []study.Result, o WaterfallOptions) (*Figure, error) {
	s, err := changing("Waterfall", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results)*len(s.arms) > 2, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t}
	f.title = t.titled("plot-waterfall-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th, hasTh := patientThreshold(s.outcome)
	hasTh = hasTh && !o.NoThreshold
	sign := s.outcome.Better.Sign()
	var ys span
	ys.add(0)
	seen := false
	for i := range s.results {
		for _, a := range s.arms {
			ch := s.changes(i, a.ID)
			seen = seen || len(ch) > 0
			ys.add(ch...)
		}
	}
	if !seen {
		return nil, fmt.Errorf("plot: Waterfall: %q has no participant with baseline and visit", s.outcome.ID)
	}
	if hasTh {
		ys.add(sign * th.Value)
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6)
	cols := panelColumns(t, len(s.results)*len(s.arms))
	if fit := int(t.width / t.size() / 13); fit >= len(s.arms) {
		cols = len(s.arms) * max(1, min(len(s.results), fit/len(s.arms)))
	}
	high := 38.0
	if len(s.results)*len(s.arms) > 6 {
		high = 28
	}
	taken := t.tickRoom(lo, hi) + t.size()*4 // by axis and gap
	word := widestWord(t.bold(), t.say("plot-waterfall-counts", map[string]any{"events": 0, "n": 0, "worse": 0}))
	for _, a := range s.arms {
		word = max(word, widestWord(t.bold(), armName(a)))
	}
	cols = fitColumns(cols, t.width, func(w vg.Length) bool { return w-taken > word })
	room := t.width/vg.Length(cols) - taken
	var alts []string
	n, unchanged := 0, false
	for i, r := range s.results {
		for _, a := range s.arms {
			pn := t.newPanel(n/cols, n%cols, t.height(high))
			f.panels = append(f.panels, pn)
			p := pn.plot
			p.HideX()
			ch := s.changes(i, a.ID)
			sort.SliceStable(ch, func(x, y int) bool { return sign*ch[x] < sign*ch[y] })
			setRange(&p.X, 0, float64(max(len(ch), 1)))
			setRange(&p.Y, lo, hi)
			if n%cols == 0 {
				p.Y.Label.Text = t.across(t.changeAxis(s.outcome), pn.height)
			}
			n++
			pn.title = armName(a)
			if len(s.results) > 1 {
				pn.title += "\n" + visitName(r.Visit)
			}
			gap := 0.1
			if len(ch) > 100 {
				gap = 0
			}
			// Paler bars fall short of the threshold.
			short := &bandMarks{color: fade(looks[a.ID].color, 0.35)}
			reach := &bandMarks{color: fade(looks[a.ID].color, 0.85)}
			zero := &scatterMarks{theme: t, look: looks[a.ID], size: 0.6}
			events, worse := 0, 0
			for k, c := range ch {
				m := short
				if hasTh && sign*c >= th.Value || !hasTh {
					m = reach
				}
				if hasTh && sign*c >= th.Value {
					events++
				}
				if sign*c < 0 {
					worse++
				}
				if c == 0 { // a bar without height is still a participant
					zero.pts = append(zero.pts, xy{float64(k) + 0.5, 0})
				}
				m.rects = append(m.rects, dataRect{float64(k) + gap, float64(k+1) - gap, min(0, c), max(0, c)})
			}
			pn.add(short, reach)
			pn.add(&refLine{theme: t, value: 0, color: inkGray})
			if hasTh {
				pn.add(&refLine{theme: t, value: sign * th.Value, color: inkGray, dashes: t.dashes(3, 2)})
			}
			if len(zero.pts) > 0 && len(ch) <= 100 {
				pn.add(zero)
				unchanged = true
			}
			args := map[string]any{"events": events, "n": len(ch), "worse": worse}
			text := t.say("plot-waterfall-counts-plain", args)
			if hasTh {
				text = t.say("plot-waterfall-counts", args)
			}
			pn.below = append(pn.below, &textStrip{text: strings.Join(t.balance(t.text(), text, room), "\n")})
			alts = append(alts, t.say("plot-waterfall-alt", map[string]any{"visit": visitName(r.Visit), "arm": armName(a), "counts": text}))
		}
	}
	foot := []string{t.say("plot-waterfall-method", nil)}
	if hasTh {
		foot = append(foot, t.say("plot-waterfall-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(th.Value), "unit": s.outcome.Unit}))
	}
	if unchanged {
		foot = append(foot, t.say("plot-waterfall-unchanged", nil))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}
