package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// Spacing of visits on the x axis.
type Spacing int

const (
	// SpacingAuto is true time where every visit has one and the labels fit,
	// equal spacing otherwise; the footnote says which when it matters.
	SpacingAuto Spacing = iota
	SpacingEven
	SpacingTime
)

// TrajectoriesOptions are the choices of TrajectoriesWith.
type TrajectoriesOptions struct {
	Options
	Spacing Spacing
	// LSMeans, a repeated-measures result of the same outcome, replaces the
	// observed means by its model's means.
	LSMeans *study.Result
	// NoParticipants leaves the thin lines out.
	NoParticipants bool
	// Threshold draws the outcome's threshold for one patient's change: a dashed
	// line where a participant who began at the mean baseline of all would have
	// reached it, and a band for the smaller changes on the way there. An outcome
	// without such a threshold is an error.
	Threshold bool
}

// Trajectories answers "how did each participant, and each arm on average,
// go from baseline on?". It takes the results of one outcome, a visit each, in
// order. Read the thin lines first: each is a participant. Symbols are the
// arms' means with confidence intervals, set side by side on the page (their
// values are not moved); the table counts the values behind each. The
// intervals describe arms; the difference between arms is in Differences.
// Convention: individual data beside means where n is small (Weissgerber et
// al. 2015, PLoS Biol 13:e1002128, doi:10.1371/journal.pbio.1002128).
func Trajectories(results []study.Result) (*Figure, error) {
	return TrajectoriesWith(results, TrajectoriesOptions{})
}

// TrajectoriesWith is Trajectories with choices.
func TrajectoriesWith(results []study.Result, o TrajectoriesOptions) (*Figure, error) {
	s, err := newSeries("Trajectories", results)
	if err != nil {
		return nil, err
	}
	results = s.results
	visits := s.visits()
	t, err := newTheme(o.Options, len(visits) > 6, results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t}
	f.title = t.titled("plot-trajectories-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	pn.plot.Y.Label.Text = t.across(outcomeLabel(s.outcome), pn.height)

	// Means and participants.
	xs := make([]float64, len(visits))
	for i := range xs {
		xs[i] = float64(i)
	}
	var ys span
	means := make([][]interval, len(s.arms))
	for k, a := range s.arms {
		for i, v := range visits {
			if m, ok := s.mean(a.ID, v.ID, o.LSMeans); ok {
				m.at = float64(i) // index; its place comes with the axis
				means[k] = append(means[k], m)
				ys.add(m.value, m.lo, m.hi)
			}
		}
	}
	people := s.participants()
	if o.NoParticipants {
		people = nil
	}
	for _, lines := range people {
		for _, l := range lines {
			ys.add(l...)
		}
	}
	if !ys.any {
		return nil, fmt.Errorf("plot: Trajectories: %q has no values to draw", s.outcome.ID)
	}
	th, start, err := s.thresholdFromBaseline(o.Threshold)
	if err != nil {
		return nil, err
	}
	goal := start + th.Value*s.outcome.Better.Sign()
	if o.Threshold {
		ys.add(start, goal)
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6, bounds(s.outcome)...)
	setRange(&pn.plot.Y, lo, hi)

	// Labels at the end of the lines, or a legend.
	for k, a := range s.arms {
		if n := len(means[k]); n > 0 {
			pn.side = append(pn.side, sideLabel{y: means[k][n-1].value, color: looks[a.ID].color,
				text: strings.Join(t.wrap(t.text(), armName(a), t.width*0.2), "\n")})
		}
	}
	if o.Threshold {
		pn.side = append(pn.side, sideLabel{y: goal, color: inkGray, text: string(th.Kind)})
	}
	if !t.sideFits(pn.side, pn.height) {
		pn.side = nil
		f.legend = t.armLegend(s.arms, looks, true)
	}

	// Numbers under the axis, and the axis itself.
	strip := t.newNumberStrip(t.say("plot-n-header", nil), s.numberRows(looks, visits, o.LSMeans))
	dodge := t.size() * 0.62
	notes := t.placeVisits(pn, strip, visits, xs, o.Spacing, dodge*vg.Length(len(s.arms)), 0)
	for k := range means {
		for i := range means[k] {
			means[k][i].at = xs[int(means[k][i].at)]
		}
	}

	if o.Threshold {
		x := pn.plot.X
		pn.add(&bandMarks{color: bandGray, rects: []dataRect{{x.Min, x.Max, min(start, goal), max(start, goal)}}},
			&refLine{theme: t, value: goal, color: inkGray, dashes: t.dashes(3, 2)})
	}
	// Draw: participants behind, control's first; means on top.
	n := 0
	for _, lines := range people {
		n += len(lines)
	}
	for k := len(s.arms) - 1; k >= 0; k-- {
		a := s.arms[k]
		m := &pathMarks{theme: t, color: fade(looks[a.ID].color, opacity(n)), dots: n <= 40}
		for _, row := range people[a.ID] {
			line := make([]xy, len(row))
			for i, y := range row {
				line[i] = xy{xs[i], y}
			}
			m.lines = append(m.lines, line)
		}
		pn.add(m)
	}
	var arms []*intervalMarks
	for k := len(s.arms) - 1; k >= 0; k-- {
		m := &intervalMarks{theme: t, look: looks[s.arms[k].ID], items: means[k],
			offset: dodge * vg.Length(float64(k)-float64(len(s.arms)-1)/2)}
		if n > 12 {
			pn.add(haloMarks{m})
		}
		arms = append(arms, m)
	}
	for _, m := range arms {
		pn.add(linkMarks{m})
	}
	for _, m := range arms {
		pn.add(m)
	}

	var foot []string
	if !o.NoParticipants {
		foot = append(foot, t.say("plot-lines-participants", nil))
	}
	code := "plot-mean-ci"
	if o.LSMeans != nil {
		code = "plot-lsmean-ci"
	}
	levels := s.levels()
	if o.LSMeans != nil { // one model, one level
		levels.of = []float64{o.LSMeans.Level}
	}
	foot = append(foot, t.say(code, map[string]any{"level": levels.words(t)}))
	foot = append(foot, levels.note(t)...)
	if o.Threshold {
		foot = append(foot, t.say("plot-trajectories-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(th.Value), "unit": s.outcome.Unit}))
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

// thresholdFromBaseline is the threshold of one patient's change, and the mean
// baseline of all participants from which it is drawn.
func (s *series) thresholdFromBaseline(wanted bool) (study.Threshold, float64, error) {
	if !wanted {
		return study.Threshold{}, 0, nil
	}
	th, ok := patientThreshold(s.outcome)
	if !ok {
		return th, 0, fmt.Errorf("plot: Trajectories: %q has no threshold for one patient's change", s.outcome.ID)
	}
	var baselines []float64
	for _, lines := range s.participants() {
		for _, l := range lines {
			if !math.IsNaN(l[0]) {
				baselines = append(baselines, l[0])
			}
		}
	}
	sort.Float64s(baselines) // the order of the file shows in no last digit
	d, err := stats.Describe(baselines)
	if err != nil {
		return th, 0, fmt.Errorf("plot: Trajectories: threshold from the mean baseline: %w", err)
	}
	return th, d.Mean, nil
}

// mean is an arm's mean at a visit, observed or the model's.
func (s *series) mean(arm, visit string, ls *study.Result) (interval, bool) {
	if ls != nil {
		for _, m := range ls.LSMeans {
			if m.Arm == arm && m.Visit == visit && m.Method == ls.Plan.Method() {
				ci := m.CI(m.Level)
				return interval{0, m.Value, ci.Lo, ci.Hi}, true
			}
		}
		if visit != s.baseline.ID {
			return interval{}, false
		}
	}
	m, ok := s.summary(arm, visit)
	if !ok {
		return interval{}, false
	}
	return fromDescription(0, m.Description, s.levelAt(visit)), true
}

// numberRows counts the values behind each mean.
func (s *series) numberRows(looks map[string]look, visits []study.Visit, ls *study.Result) []numberRow {
	var rows []numberRow
	for _, a := range s.arms {
		r := numberRow{look: looks[a.ID]}
		for i, v := range visits {
			m, ok := s.summary(a.ID, v.ID)
			if !ok {
				m.N = 0
			}
			r.at, r.text = append(r.at, float64(i)), append(r.text, fmt.Sprint(m.N))
		}
		rows = append(rows, r)
	}
	return rows
}

// bounds is the instrument's range, where stated.
func bounds(o study.Outcome) []float64 {
	if !o.HasRange() {
		return nil
	}
	return []float64{o.Min, o.Max}
}

// opacity of thin lines: what many lines make dark, few may show.
func opacity(n int) float64 {
	return clamp(0.42*math.Pow(25/math.Max(float64(n), 25), 0.6), 0.025, 0.42)
}

// titled gives a figure its title: the caller's own, or the catalog's.
func (t *theme) titled(code string, args map[string]any) string {
	if t.opt.Title != "" {
		return t.opt.Title
	}
	return t.say(code, args)
}

// armLegend is a legend of all arms.
func (t *theme) armLegend(arms []study.Arm, looks map[string]look, line bool) []legendItem {
	var out []legendItem
	for _, a := range arms {
		out = append(out, legendItem{look: looks[a.ID], text: armName(a), line: line})
	}
	return out
}

// sideFits reports whether side labels fit beside a data area of height h and
// leave it most of the figure's width.
func (t *theme) sideFits(ls []sideLabel, h vg.Length) bool {
	var sum vg.Length
	for _, l := range ls {
		sum += t.textHeight(l.text) + t.size()*0.25
	}
	return sum <= h && t.sideWidth(ls) <= t.width*0.27
}
