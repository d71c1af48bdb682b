package plot

import (
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// RaincloudOptions are the choices of RaincloudWith.
type RaincloudOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
	// CloudFrom is the fewest participants of whom a density is drawn; 0 means
	// 20: of fewer it would show the smoothing more than the data.
	CloudFrom int
}

// Raincloud answers "what is the shape of the participants' changes in each
// arm?": a panel a visit, and in it, for each arm, the density of the changes
// from baseline (half a violin), a box with quartiles, median and range, and
// every participant as a dot. Read the dots first: the cloud above them is a
// smoothed picture, left out for arms of fewer than CloudFrom. Dots are moved up
// and down on the page only.
// Convention: Allen et al. 2021, Wellcome Open Res 4:63,
// doi:10.12688/wellcomeopenres.15191.2.
func Raincloud(results []study.Result) (*Figure, error) {
	return RaincloudWith(results, RaincloudOptions{})
}

// RaincloudWith is Raincloud with choices.
func RaincloudWith(results []study.Result, o RaincloudOptions) (*Figure, error) {
	s, err := changing("Raincloud", results)
	if err != nil {
		return nil, err
	}
	if o.CloudFrom == 0 {
		o.CloudFrom = 20
	}
	t, err := newTheme(o.Options, len(s.results) > 1, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, false)}
	f.title = t.titled("plot-raincloud-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	var xs span
	xs.add(0)
	clouds := map[[2]int]stats.DensityCurve{}
	few := false
	for i := range s.results {
		for k, a := range s.arms {
			ch := s.changes(i, a.ID)
			xs.add(ch...)
			few = few || len(ch) > 0 && len(ch) < o.CloudFrom
			if len(ch) < o.CloudFrom {
				continue
			}
			// Silverman's rule serves tied values, where Sheather and Jones's
			// equation may have no solution.
			h, err := stats.BandwidthSilverman(ch)
			if errors.Is(err, stats.ErrNoVariation) || errors.Is(err, stats.ErrTooFew) {
				continue // all alike, or one: no shape
			}
			if err != nil {
				return nil, fmt.Errorf("plot: Raincloud: %w", err)
			}
			// The cloud ends with the data: it claims nothing beyond them.
			d, err := stats.DensityWith(ch, stats.DensityOptions{Bandwidth: h, Points: 81, From: ch[0], To: ch[len(ch)-1]})
			if err != nil {
				return nil, fmt.Errorf("plot: Raincloud: %w", err)
			}
			clouds[[2]int{i, k}] = d
		}
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: Raincloud: %q has no participant with baseline and visit", s.outcome.ID)
	}
	th, hasTh := patientThreshold(s.outcome)
	hasTh = hasTh && !o.NoThreshold
	line := th.Value * s.outcome.Better.Sign()
	if hasTh {
		xs.add(line)
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	cols := panelColumns(t, len(s.results))
	high := t.size() * 5.4 // an arm's height on the page, of which its cloud has half
	if len(s.results) > 4 {
		high = t.size() * 4.4
	}
	row, up := high, vg.Length(0)
	if len(clouds) == 0 { // box and rain alone, in the middle
		row, up = high*0.62, high*0.23
	}
	var strips []*rainMarks
	for i, r := range s.results {
		pn := t.newPanel(i/cols, i%cols, row*vg.Length(len(s.arms)))
		if len(s.results) > 1 {
			pn.title = visitName(r.Visit)
		}
		f.panels = append(f.panels, pn)
		p := pn.plot
		setRange(&p.X, lo, hi)
		setRange(&p.Y, 0, float64(len(s.arms)))
		p.HideY()
		pn.below = append(pn.below, edgeRoom{p})
		room := t.width/vg.Length(cols) - t.size()*3
		p.X.Label.Text = t.across(t.changeAxis(s.outcome), room)
		p.X.Tick.Marker = t.ticksFor(room)
		pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
		if hasTh {
			pn.add(&refLine{theme: t, value: line, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
			pn.top = append(pn.top, topLabel{line, t.say("plot-threshold-short", nil)})
		}
		var ns []string
		for k, a := range s.arms {
			at := float64(len(s.arms)-1-k) + 0.5
			ch := s.changes(i, a.ID)
			ns = append(ns, t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(ch)}))
			if len(ch) == 0 {
				continue
			}
			if d, ok := clouds[[2]int{i, k}]; ok {
				pn.add(&violinMarks{look: looks[a.ID], at: at, offset: high * 0.05, reach: high * 0.4, flat: true, pts: shares(d.X, d.Y)})
			}
			d, err := stats.Describe(ch)
			if err != nil {
				return nil, fmt.Errorf("plot: Raincloud: %w", err)
			}
			if len(ch) > 1 {
				pn.add(&boxMarks{theme: t, look: looks[a.ID], at: at, offset: up - high*0.06, half: high * 0.055,
					min: d.Min, q1: d.Q1, median: d.Median, q3: d.Q3, max: d.Max})
			}
			rain := &rainMarks{theme: t, look: looks[a.ID], at: at, values: ch, offset: up - high*0.31, room: high * 0.16}
			strips = append(strips, rain)
			pn.add(rain)
		}
		pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(ns, "\n"), room-t.size()), "\n")})
	}
	shareSize(strips, lo, hi, t.width/vg.Length(cols)-t.size()*2.5)
	foot := []string{t.say("plot-raincloud-method", nil)}
	if len(clouds) > 0 {
		foot = append(foot, t.say("plot-raincloud-clouds", nil))
	}
	switch {
	case few && len(clouds) > 0:
		foot = append(foot, t.say("plot-raincloud-few", map[string]any{"n": o.CloudFrom}))
	case few:
		foot = append(foot, t.say("plot-raincloud-none", map[string]any{"n": o.CloudFrom}))
	}
	if hasTh {
		foot = append(foot, t.say("plot-threshold-line", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(line), "unit": s.outcome.Unit}))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = append(foot, t.say("plot-not-a-comparison", nil))
	f.alt = strings.TrimSpace(sentence(f.title) + " " + s.altChanges(t))
	return f, nil
}

// changeAxis is the label of an axis of changes, with the unit where there is
// one.
func (t *theme) changeAxis(o study.Outcome) string {
	if o.Unit == "" {
		return t.say("plot-change-short-unitless", nil)
	}
	return t.say("plot-change-short", map[string]any{"unit": o.Unit})
}
