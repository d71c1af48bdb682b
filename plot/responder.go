package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// RespondersOptions are the choices of RespondersWith.
type RespondersOptions struct {
	Options
	// NoThreshold leaves the line of the individual threshold out.
	NoThreshold bool
	// Bands around the curves; the zero value draws none.
	Bands Bands
}

// Responders answers "which share of each arm improved by at least so much?"
// for every possible amount at once: the cumulative responder curve, a panel a
// visit. Read up from any improvement on the x axis: the height of an arm's
// curve is the percentage of its participants, with baseline and visit
// observed, who improved by that much or more; left of 0 stand those who got
// worse. The curve needs no threshold; where the protocol has one for
// individuals, a line marks it.
// Convention: Farrar, Dworkin & Max 2006, J Pain Symptom Manage 31:369,
// doi:10.1016/j.jpainsymman.2005.08.018.
func Responders(results []study.Result) (*Figure, error) {
	return RespondersWith(results, RespondersOptions{})
}

// RespondersWith is Responders with choices.
func RespondersWith(results []study.Result, o RespondersOptions) (*Figure, error) {
	s, err := changing("Responders", results)
	if err != nil {
		return nil, err
	}
	results = s.results
	t, err := newTheme(o.Options, len(results) > 1, results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, true)}
	for i := range f.legend {
		f.legend[i].bare = true
	}
	f.title = t.titled("plot-responders-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	sign := s.outcome.Better.Sign()
	th, hasTh := patientThreshold(s.outcome)
	hasTh = hasTh && !o.NoThreshold

	var xs span
	gains := make([][][]float64, len(results))
	for i := range results {
		gains[i] = make([][]float64, len(s.arms))
		for k, a := range s.arms {
			for _, c := range s.changes(i, a.ID) {
				gains[i][k] = append(gains[i][k], sign*c)
			}
			sort.Float64s(gains[i][k])
			xs.add(gains[i][k]...)
		}
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: Responders: %q has no participant with baseline and visit", s.outcome.ID)
	}
	xs.add(0)
	if hasTh {
		xs.add(th.Value)
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	cols := panelColumns(t, len(results))
	high := 45.0
	if len(results) > 4 {
		high = 32
	}
	for i, r := range results {
		pn := t.newPanel(i/cols, i%cols, t.height(high))
		p := pn.plot
		f.panels = append(f.panels, pn)
		if len(results) > 1 {
			pn.title = visitName(r.Visit)
		}
		setRange(&p.X, lo, hi)
		setRange(&p.Y, 0, 100)
		if i%cols == 0 {
			p.Y.Label.Text = t.across(t.say("plot-responders-y", nil), pn.height)
		}
		x := t.say("plot-responders-x", map[string]any{"unit": s.outcome.Unit})
		if s.outcome.Unit == "" {
			x = t.say("plot-responders-x-unitless", nil)
		}
		room := t.width/vg.Length(cols) - t.size()*7
		p.X.Label.Text = t.across(x, room)
		p.X.Tick.Marker = t.ticksFor(room)
		if hasTh {
			pn.add(&refLine{theme: t, value: th.Value, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
			pn.top = append(pn.top, topLabel{th.Value, t.say("plot-threshold-short", nil)})
		}
		var ns []string
		for _, a := range s.arms {
			if err := t.responderBands(pn, r, looks[a.ID], o.Bands); err != nil {
				return nil, fmt.Errorf("plot: Responders: %w", err)
			}
		}
		for k, a := range s.arms {
			if len(gains[i][k]) > 0 {
				pn.add(&stepMarks{theme: t, look: looks[a.ID], pts: responderSteps(gains[i][k], lo)})
			}
			ns = append(ns, t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(gains[i][k])}))
		}
		pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(ns, "\n"),
			t.width/vg.Length(cols)-t.size()*7), "\n")})
	}
	foot := []string{t.say("plot-responders-method", nil)}
	if o.Bands != NoBands {
		code := map[Bands]string{PointwiseBands: "pointwise", SimultaneousBands: "simultaneous", BothBands: "both"}[o.Bands]
		if code == "" {
			return nil, fmt.Errorf("plot: Responders: no bands %d", o.Bands)
		}
		levels := s.levels()
		foot = append(foot, t.say("plot-bands-"+code, map[string]any{"level": levels.words(t)}))
		foot = append(foot, levels.note(t)...)
	}
	if hasTh {
		foot = append(foot, t.say("plot-responders-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(th.Value), "unit": s.outcome.Unit}))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + altResponders(t, s, th, hasTh)
	return f, nil
}

// responderSteps are the corners of the curve: at improvement x its height is
// 100 times the share of gains ≥ x. Gains are sorted.
func responderSteps(gains []float64, lo float64) []xy {
	n := float64(len(gains))
	pts := []xy{{lo, 100}}
	for i := 0; i < len(gains); {
		j := i
		for j < len(gains) && gains[j] == gains[i] {
			j++
		}
		// Those at exactly x still count at x: the fall comes after it.
		pts = append(pts, xy{gains[i], 100 * (n - float64(i)) / n}, xy{gains[i], 100 * (n - float64(j)) / n})
		i = j
	}
	return pts
}

// panelColumns is how many panels stand side by side.
func panelColumns(t *theme, n int) int {
	em := 21.0 // width of a panel
	if n > 6 {
		em = 16
	}
	fit := int(math.Max(1, math.Floor(float64(t.width/t.size())/em)))
	c := min(n, fit)
	rows := (n + c - 1) / c
	return (n + rows - 1) / rows
}

// altResponders says the headline responders of each arm and visit.
func altResponders(t *theme, s *series, th study.Threshold, has bool) string {
	if !has {
		return ""
	}
	var out []string
	for _, r := range s.results {
		for _, row := range r.Responders {
			if !row.Headline || row.N == 0 {
				continue
			}
			arm := row.Arm
			for _, a := range s.arms {
				if a.ID == row.Arm {
					arm = armName(a)
				}
			}
			out = append(out, t.say("plot-alt-responders", map[string]any{"visit": visitName(r.Visit), "arm": arm,
				"events": row.Events, "n": row.N, "value": t.shortest(th.Value), "unit": s.outcome.Unit}))
		}
	}
	return strings.Join(out, " ")
}
