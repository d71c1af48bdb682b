package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// SlopegraphOptions are the choices of SlopegraphWith.
type SlopegraphOptions struct {
	Options
	// NoThreshold draws all participants alike.
	NoThreshold bool
}

// Slopegraph answers "who went up, who went down, and by how much?": a panel
// an arm and visit, a line a participant from baseline to the visit. Strong
// lines are participants who improved by the individual threshold or more;
// pale lines are the others. The thick line joins the means of those who were
// seen at both. Steepness compares participants, not arms: the difference
// between arms is in Differences.
// Convention: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func Slopegraph(results []study.Result) (*Figure, error) {
	return SlopegraphWith(results, SlopegraphOptions{})
}

// SlopegraphWith is Slopegraph with choices.
func SlopegraphWith(results []study.Result, o SlopegraphOptions) (*Figure, error) {
	s, err := changing("Slopegraph", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results)*len(s.arms) > 3, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t}
	f.title = t.titled("plot-slopegraph-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th, hasTh := patientThreshold(s.outcome)
	hasTh = hasTh && !o.NoThreshold
	var ys span
	for _, r := range s.results {
		for _, rec := range r.Records {
			if rec.HasBaseline && rec.HasFollow {
				ys.add(rec.Baseline, rec.Follow)
			}
		}
	}
	if !ys.any {
		return nil, fmt.Errorf("plot: Slopegraph: %q has no participant with baseline and visit", s.outcome.ID)
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6, bounds(s.outcome)...)
	// Arms side by side in a row a visit; where that is too narrow, all panels
	// flow.
	cols := panelColumns(t, len(s.results)*len(s.arms))
	if fit := int(t.width / t.size() / 13); fit >= len(s.arms) {
		cols = len(s.arms) * max(1, min(len(s.results), fit/len(s.arms)))
	}
	high := 42.0
	if len(s.results)*len(s.arms) > 6 {
		high = 30
	}
	names := []string{visitName(s.baseline)}
	for _, r := range s.results {
		names = append(names, visitName(r.Visit))
	}
	axis := len(t.wrap(t.text(), outcomeLabel(s.outcome), t.height(high)))
	taken := t.tickRoom(lo, hi) + t.size()*(3+render.LineHeight*vg.Length(axis)) // by axis and gap
	word := widestWord(t.text(), names...)
	cols = fitColumns(cols, t.width, func(w vg.Length) bool { return (w-taken)/1.3 > word+t.size()*0.6 })
	room := t.width/vg.Length(cols) - taken
	n := 0
	for _, r := range s.results {
		for _, a := range s.arms {
			pn := t.newPanel(n/cols, n%cols, t.height(high))
			f.panels = append(f.panels, pn)
			p := pn.plot
			setRange(&p.X, -0.15, 1.15)
			setRange(&p.Y, lo, hi)
			if n%cols == 0 {
				p.Y.Label.Text = t.across(outcomeLabel(s.outcome), pn.height)
			}
			n++
			var records []study.Record
			met := map[string]bool{}
			for _, rec := range r.Records {
				if rec.Arm == a.ID && rec.HasBaseline && rec.HasFollow {
					records = append(records, rec)
					met[rec.ID] = hasTh && s.outcome.Better.Sign()*rec.Change >= th.Value
				}
			}
			order := sortedBy(len(records), func(a, b int) bool { return records[a].ID < records[b].ID })
			pale := &pathMarks{theme: t, color: fade(looks[a.ID].color, 0.3*slopeOpacity(len(records))), dots: len(records) <= 40}
			strong := &pathMarks{theme: t, color: fade(looks[a.ID].color, 0.85*slopeOpacity(len(records))), dots: len(records) <= 40}
			events := 0
			for _, j := range order {
				rec := records[j]
				m := pale
				if met[rec.ID] || !hasTh {
					m = strong
				}
				if met[rec.ID] {
					events++
				}
				m.lines = append(m.lines, []xy{{0, rec.Baseline}, {1, rec.Follow}})
			}
			pn.add(pale, strong)
			if len(records) > 1 {
				items, err := pairMeans(records)
				if err != nil {
					return nil, fmt.Errorf("plot: Slopegraph: %w", err)
				}
				m := &intervalMarks{theme: t, look: looks[a.ID], items: items}
				pn.add(haloMarks{m}, linkMarks{m}, m)
			}
			pn.setVisits([]study.Visit{s.baseline, r.Visit}, []float64{0, 1})
			p.X.Tick.Marker = Labels{
				plot.Tick{Value: 0, Label: strings.Join(t.wrap(t.text(), visitName(s.baseline), room*0.7), "\n")},
				plot.Tick{Value: 1, Label: strings.Join(t.wrap(t.text(), visitName(r.Visit), room*0.7), "\n")}}
			pn.title = armName(a)
			text := t.say("plot-n-only", map[string]any{"n": len(records)})
			if hasTh && len(records) > 0 {
				text = t.say("plot-slopegraph-responders", map[string]any{"events": events, "n": len(records)})
			}
			pn.below = append(pn.below, &textStrip{text: strings.Join(t.balance(t.text(), text, room), "\n")})
		}
	}
	foot := []string{t.say("plot-slopegraph-method", nil)}
	if hasTh {
		foot = append(foot, t.say("plot-slopegraph-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(th.Value), "unit": s.outcome.Unit}))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = append(foot, t.say("plot-not-a-comparison", nil))
	f.alt = strings.TrimSpace(sentence(f.title) + " " + s.altChanges(t))
	return f, nil
}

// pairMeans are the means at baseline (0) and visit (1), without intervals, of
// records that have both.
func pairMeans(records []study.Record) ([]interval, error) {
	var x [2][]float64
	for _, r := range records {
		x[0], x[1] = append(x[0], r.Baseline), append(x[1], r.Follow)
	}
	var out []interval
	for i := range x {
		sort.Float64s(x[i]) // the order of records shows in no last digit
		d, err := stats.Describe(x[i])
		if err != nil {
			return nil, err
		}
		out = append(out, interval{float64(i), d.Mean, math.NaN(), math.NaN()})
	}
	return out, nil
}

// slopeOpacity thins many lines, so that the mean stands out among them.
func slopeOpacity(n int) float64 { return clamp(math.Pow(16/math.Max(float64(n), 16), 0.5), 0.12, 1) }
