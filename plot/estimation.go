package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// EstimationKey names the effect of an active arm against control at a visit.
type EstimationKey struct{ Arm, Visit string }

// EstimationOptions are the choices of the estimation plots.
type EstimationOptions struct {
	Options
	// Effects replace the difference of the changes' means by Welch's method
	// (the rows "welch-change"), for instance by a stats.Boot, whose density is
	// that of its replicates. They must be differences of mean changes, active −
	// control: the axes hang together.
	Effects map[EstimationKey]stats.Effect
	// Arm picks the active arm of GardnerAltman; "" means the first.
	Arm string
	// NoThreshold leaves the line of the threshold out.
	NoThreshold bool
}

// Effects that no row of a result holds.
const (
	givenEffect     study.Method = "given"
	bootstrapEffect study.Method = "bootstrap"
)

// estimationEffect finds the difference to draw; ok is false where there is
// none.
func estimationEffect(r study.Result, arm string, o EstimationOptions) (effectCurve, bool) {
	if e, ok := o.Effects[EstimationKey{arm, r.Visit.ID}]; ok {
		m := givenEffect
		if _, boot := e.(stats.Boot); boot {
			m = bootstrapEffect
		}
		return effectCurve{effect: e, row: study.Row{Method: m}, level: r.Level}, e != nil
	}
	for _, row := range shownRows(r, study.MethodWelchChange) {
		if row.Arm == arm && row.Effect != nil {
			return newCurve(look{}, row), true
		}
	}
	return effectCurve{}, false
}

// GardnerAltman answers "how do the participants' changes compare between two
// arms, and how large is the difference?" at one visit: left every participant's
// change with the arms' means, right, on an axis of its own whose 0 is at
// control's mean, the difference of the means with its interval and density.
// Read the difference from the right axis, and how it lies to 0 and to the
// dashed threshold. One unit is as long on both axes.
// Convention: Gardner & Altman 1986, BMJ 292:746, doi:10.1136/bmj.292.6522.746;
// Ho et al. 2019, Nat Methods 16:565, doi:10.1038/s41592-019-0470-3.
func GardnerAltman(result study.Result) (*Figure, error) {
	return GardnerAltmanWith(result, EstimationOptions{})
}

// GardnerAltmanWith is GardnerAltman with choices.
func GardnerAltmanWith(result study.Result, o EstimationOptions) (*Figure, error) {
	s, err := changing("GardnerAltman", []study.Result{result})
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, false, result.Study)
	if err != nil {
		return nil, err
	}
	arms, err := s.pair(o.Arm)
	if err != nil {
		return nil, err
	}
	c, ok := estimationEffect(result, arms[0].ID, o)
	if !ok {
		return nil, fmt.Errorf("plot: GardnerAltman: %q at visit %q has no difference of mean changes", s.outcome.ID, result.Visit.ID)
	}
	control, ok := s.within(0, arms[1].ID)
	if !ok {
		return nil, fmt.Errorf("plot: GardnerAltman: the control arm has no mean change at visit %q", result.Visit.ID)
	}
	looks := t.looks(s.arms)
	c.look = looks[arms[0].ID]
	e, ci := c.effect, c.ci()
	f := &Figure{theme: t}
	f.title = t.titled("plot-estimation-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th := margin(s.outcome)
	if o.NoThreshold {
		th = nil
	}
	var ys span
	for _, a := range arms {
		ys.add(s.changes(0, a.ID)...)
	}
	lo, hi := cloudReach(e, c.level)
	ys.add(0, control.Estimate+lo, control.Estimate+hi, control.Estimate)
	edge := 0.0
	if th != nil {
		edge = th.Value * s.outcome.Better.Sign()
		ys.add(control.Estimate + edge)
	}
	y0, y1 := niceRange(ys.lo, ys.hi, 6)

	left, right := t.newPanel(0, 0, t.height(55)), t.newPanel(0, 1, t.height(55))
	right.weight, left.weight = 0.42, 1
	left.title = visitName(result.Visit)
	f.panels = []*panel{left, right}
	setRange(&left.plot.Y, y0, y1)
	setRange(&right.plot.Y, y0-control.Estimate, y1-control.Estimate)
	setRange(&left.plot.X, -0.5, 1.5)
	setRange(&right.plot.X, -0.4, 0.6)
	left.plot.Y.Label.Text = t.across(t.say("plot-change-axis",
		map[string]any{"outcome": outcomeLabel(s.outcome)}), left.height)
	right.plot.Y.Label.Text = t.across(t.differenceAxis(s.outcome), right.height)
	ticks := t.ticks()
	ticks.NoMinor = true
	right.plot.Y.Tick.Marker = ticks

	// What axes leave goes to the two parts, 1 to 0.42.
	axes := 2*t.tickRoom(y0, y1) + t.size()*9
	if t.width-axes < t.size()*15 && o.Width == 0 {
		t.width = mm(t.style.Double) // long numbers
	}
	free := t.width - axes
	if free < t.size()*10 {
		return nil, fmt.Errorf("plot: GardnerAltman: the axes' labels leave no room at a width of %.0f mm", float64(t.width)*render.MMPerPoint)
	}
	room := free * 0.35 // of an arm's name
	for _, a := range arms {
		for _, w := range strings.Fields(armName(a)) {
			if t.text().Width(w) > room*0.95 {
				f.legend = t.armLegend([]study.Arm{arms[1], arms[0]}, looks, false)
			}
		}
	}
	var names Labels
	var points swarms
	var means []plot.Plotter
	shown := []study.Arm{arms[1], arms[0]} // control first, so that active stands beside the difference
	most := max(len(s.changes(0, arms[0].ID)), len(s.changes(0, arms[1].ID)))
	for k, a := range shown {
		ch := s.changes(0, a.ID)
		label := strings.Join(t.wrap(t.text(), armName(a), room), "\n") + "\n" + t.say("plot-n-only", map[string]any{"n": len(ch)})
		if f.legend != nil {
			label = t.say("plot-n-only", map[string]any{"n": len(ch)})
		}
		names = append(names, plot.Tick{Value: float64(k), Label: label})
		points = append(points, &pointMarks{theme: t, look: looks[a.ID], at: float64(k), values: ch, offset: -free * 0.015, room: free * 0.11, size: pointSize(most)})
		row, ok := s.within(0, a.ID)
		if !ok {
			continue
		}
		means = append(means, &intervalMarks{theme: t, look: looks[a.ID],
			items: []interval{{float64(k) + 0.3, row.Estimate, row.Lower, row.Upper}}})
		left.add(&linesMarks{theme: t, color: fade(looks[a.ID].color, 0.5), width: 1,
			lines: [][]xy{{{float64(k) + 0.3, row.Estimate}, {1.5, row.Estimate}}}}) // on to the other axis
	}
	left.plot.X.Tick.Marker = names
	left.plot.X.Tick.Length = 0
	right.plot.X.Tick.Length = 0
	right.plot.X.Tick.Marker = Labels{{Value: 0}} // the axis's label says what it is
	left.add(points)
	left.add(means...)
	right.add(&refLine{theme: t, value: 0, color: inkGray})
	right.add(&linesMarks{theme: t, color: fade(looks[arms[0].ID].color, 0.5), width: 1,
		lines: [][]xy{{{-0.4, e.Point()}, {0, e.Point()}}}})
	if th != nil {
		right.add(&refLine{theme: t, value: edge, color: inkGray, dashes: t.dashes(3, 2)})
	}
	if xs, d := effectDensity(e, lo, hi); xs != nil {
		right.add(&violinMarks{look: looks[arms[0].ID], at: 0, reach: free * 0.15, pts: shares(xs, d)})
	}
	right.add(&intervalMarks{theme: t, look: looks[arms[0].ID], items: []interval{{0, e.Point(), ci.Lo, ci.Hi}}})
	f.finishEstimation(t, s, th, [][]effectCurve{{c}})
	return f, nil
}

// pair is an active arm and control.
func (s *series) pair(arm string) ([2]study.Arm, error) {
	var out [2]study.Arm
	found := 0
	for _, a := range s.arms {
		switch {
		case a.Control:
			out[1] = a
			found |= 2
		case found&1 == 0 && (arm == "" || arm == a.ID):
			out[0] = a
			found |= 1
		}
	}
	if found != 3 {
		return out, fmt.Errorf("plot: GardnerAltman: the results do not compare an arm %q with control", arm)
	}
	return out, nil
}

// Cumming answers "how do the participants' changes compare between arms, and
// how large are the differences?" for any number of arms and visits: above,
// every participant's change with the arms' means and intervals; under it, on
// an axis of its own, each active arm's difference from control with its
// interval and density. Read the lower part: the intervals above describe arms.
// Convention: Cumming 2012, Understanding the New Statistics, ISBN
// 978-0-415-87968-2; Ho et al. 2019, Nat Methods 16:565,
// doi:10.1038/s41592-019-0470-3.
func Cumming(results []study.Result) (*Figure, error) {
	return CummingWith(results, EstimationOptions{})
}

// CummingWith is Cumming with choices.
func CummingWith(results []study.Result, o EstimationOptions) (*Figure, error) {
	f, err := ChangeWith(results, ChangeOptions{Options: o.Options, NoThreshold: true})
	if err != nil {
		return nil, err
	}
	s, err := changing("Cumming", results)
	if err != nil {
		return nil, err
	}
	t := f.theme
	looks := t.looks(s.arms)
	f.title = t.titled("plot-estimation-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	upper := f.panels[0]
	lower := t.newPanel(1, 0, t.height(36))
	f.panels = append(f.panels, lower)
	upper.side = nil
	lower.visits = upper.visits
	lower.plot.X.Tick.Marker = upper.plot.X.Tick.Marker
	lower.plot.X.Tick.Label = upper.plot.X.Tick.Label
	setRange(&lower.plot.X, upper.plot.X.Min, upper.plot.X.Max)
	lower.plot.Y.Label.Text = t.across(t.differenceAxis(s.outcome), lower.height)
	th := margin(s.outcome)
	if o.NoThreshold {
		th = nil
	}
	edge := 0.0
	var ys span
	ys.add(0)
	if th != nil {
		edge = th.Value * s.outcome.Better.Sign()
		ys.add(edge)
	}
	active := 0
	for _, a := range s.arms {
		if !a.Control {
			active++
		}
	}
	slot := min((t.width-t.size()*8)/vg.Length(len(s.results))*0.8/vg.Length(max(active, 1)), t.size()*6)
	var marks []plot.Plotter
	drawn := 0
	curves := make([][]effectCurve, len(s.results))
	for i, r := range s.results {
		k := 0
		for _, a := range s.arms {
			if a.Control {
				continue
			}
			offset := slot * (vg.Length(k) - vg.Length(active-1)/2)
			if active > 1 {
				offset -= slot * 0.15 // interval and density in the middle of their slot
			}
			k++
			c, ok := estimationEffect(r, a.ID, o)
			if !ok {
				continue
			}
			c.look = looks[a.ID]
			curves[i] = append(curves[i], c)
			drawn++
			e, ci := c.effect, c.ci()
			lo, hi := cloudReach(e, c.level)
			ys.add(lo, hi, e.Point())
			if xs, d := effectDensity(e, lo, hi); xs != nil {
				marks = append(marks, &violinMarks{look: looks[a.ID], at: float64(i), offset: offset, reach: slot * 0.5, pts: shares(xs, d)})
			}
			marks = append(marks, &intervalMarks{theme: t, look: looks[a.ID], offset: offset,
				items: []interval{{float64(i), e.Point(), ci.Lo, ci.Hi}}})
		}
	}
	if drawn == 0 {
		return nil, fmt.Errorf("plot: Cumming: %q has no difference of mean changes", s.outcome.ID)
	}
	y0, y1 := niceRange(ys.lo, ys.hi, 5)
	setRange(&lower.plot.Y, y0, y1)
	lower.add(&refLine{theme: t, value: 0, color: inkGray})
	if th != nil {
		lower.add(&refLine{theme: t, value: edge, color: inkGray, dashes: t.dashes(3, 2)})
	}
	lower.add(marks...)
	f.finishEstimation(t, s, th, curves)
	levels := s.levels()
	foot := []string{t.say("plot-points-participants", nil), t.say("plot-mean-change-ci", map[string]any{"level": levels.words(t)})}
	f.footnote = strings.Join(append(foot, f.footnote), " ")
	f.caption = append(foot, f.caption...)
	return f, nil
}

// finishEstimation writes the words of an estimation plot. Where another
// analysis decides, it says so: the plot's axes belong to the mean changes.
func (f *Figure) finishEstimation(t *theme, s *series, th *study.Threshold, curves [][]effectCurve) {
	var ms, deciding []string
	for i, cs := range curves {
		for _, c := range cs {
			if m := c.row.Method; m == givenEffect || m == bootstrapEffect {
				ms = appendNew(ms, t.say("plot-estimation-"+string(m), nil))
			} else {
				ms = appendNew(ms, t.method(m))
			}
			for _, row := range s.results[i].Deciding() {
				if row.Arm == c.look.arm.ID && !c.row.Decides {
					deciding = appendNew(deciding, t.rowMethod(row))
				}
			}
		}
	}
	levels := s.curveLevels(curves)
	foot := []string{t.say("plot-estimation-method", map[string]any{"level": levels.words(t), "methods": t.join(ms)})}
	foot = append(foot, levels.note(t)...)
	if len(deciding) > 0 {
		foot = append(foot, t.say("plot-estimation-decides", map[string]any{"methods": t.join(deciding)}))
	}
	if th != nil {
		foot = append(foot, t.say("plot-estimation-threshold", map[string]any{"kind": string(th.Kind),
			"value": t.shortest(th.Value * s.outcome.Better.Sign()), "unit": s.outcome.Unit}))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = strings.TrimSpace(sentence(f.title) + " " + t.altEffects(s, curves))
}

// PairedEstimation answers "how did the participants of each arm change, and
// how large was the mean change?": above, every participant's line from
// baseline over the visits; under it the mean change at each visit with its
// interval and density. It describes change within arms, which holds natural
// course and placebo response besides any effect: it is no comparison of arms,
// for which see Cumming.
// Convention: Ho et al. 2019, Nat Methods 16:565,
// doi:10.1038/s41592-019-0470-3 (paired Cumming plot).
func PairedEstimation(results []study.Result) (*Figure, error) {
	return PairedEstimationWith(results, EstimationOptions{})
}

// PairedEstimationWith is PairedEstimation with choices. Effects with the arm's
// key replace its mean change.
func PairedEstimationWith(results []study.Result, o EstimationOptions) (*Figure, error) {
	s, err := changing("PairedEstimation", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results)*len(s.arms) > 3, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	visits := s.visits()
	f := &Figure{theme: t}
	f.title = t.titled("plot-paired-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	people := s.participants()
	var ys, ds span
	ds.add(0)
	for _, lines := range people {
		for _, l := range lines {
			ys.add(l...)
		}
	}
	cols := max(1, min(len(s.arms), int(t.width/t.size()/12)))
	effects := make([][]effectCurve, len(s.arms))
	for k, a := range s.arms {
		for i, r := range s.results {
			c := effectCurve{look: looks[a.ID], level: r.Level}
			if e, ok := o.Effects[EstimationKey{a.ID, r.Visit.ID}]; ok {
				c.effect = e
			} else if row, ok := s.within(i, a.ID); ok {
				c.effect, c.row, c.level = row.Effect, row, row.Level
			}
			if c.effect != nil {
				ds.add(cloudReach(c.effect, c.level))
				ds.add(c.effect.Point())
			}
			effects[k] = append(effects[k], c)
		}
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6, bounds(s.outcome)...)
	taken := t.tickRoom(lo, hi) + t.size()*4.5
	var words vg.Length
	for _, a := range s.arms {
		words = max(words, widestWord(t.bold(), armName(a)))
	}
	cols = fitColumns(cols, t.width, func(w vg.Length) bool {
		return w-taken > words && (w-taken)/vg.Length(len(visits)) > t.size()*1.35
	})
	dlo, dhi := niceRange(ds.lo, ds.hi, 5)
	n := len(visits)
	for k, a := range s.arms {
		up := t.newPanel(2*(k/cols), k%cols, t.height(38))
		down := t.newPanel(2*(k/cols)+1, k%cols, t.height(26))
		f.panels = append(f.panels, up, down)
		up.title = armName(a)
		if k%cols == 0 {
			up.plot.Y.Label.Text = t.across(outcomeLabel(s.outcome), up.height)
			down.plot.Y.Label.Text = t.across(t.changeAxis(s.outcome), down.height)
		}
		setRange(&up.plot.Y, lo, hi)
		setRange(&down.plot.Y, dlo, dhi)
		names := make([]string, n)
		xs := make([]float64, n)
		for i, v := range visits {
			names[i], xs[i] = visitName(v), float64(i)
		}
		width := t.width/vg.Length(cols) - t.size()*6
		labels, ok := t.visitLabels(names, xs, width, 0.45)
		if !ok {
			for i := range labels {
				labels[i].Label = names[i] + " "
			}
			for _, p := range []*panel{down} {
				p.plot.X.Tick.Label.Rotation = math.Pi / 2
				p.plot.X.Tick.Label.XAlign, p.plot.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
			}
		}
		up.setVisits(visits, xs)
		down.setVisits(visits, xs)
		down.plot.X.Tick.Marker = labels
		blank := append(Labels{}, labels...)
		for i := range blank {
			blank[i].Label = " "
		}
		up.plot.X.Tick.Marker = blank
		setRange(&up.plot.X, -0.45, float64(n)-0.55)
		setRange(&down.plot.X, -0.45, float64(n)-0.55)
		m := &pathMarks{theme: t, color: fade(looks[a.ID].color, math.Min(0.75, 1.6*opacity(len(people[a.ID])))), dots: len(people[a.ID]) <= 40}
		for _, row := range people[a.ID] {
			line := make([]xy, len(row))
			for i, y := range row {
				line[i] = xy{float64(i), y}
			}
			m.lines = append(m.lines, line)
		}
		up.add(m)
		seen := numberRow{look: looks[a.ID], at: xs}
		for i := range visits {
			count := 0
			for _, row := range people[a.ID] {
				if !math.IsNaN(row[0]) && !math.IsNaN(row[i]) {
					count++
				}
			}
			seen.text = append(seen.text, t.num(float64(count), 0))
		}
		if strip := (&numberStrip{header: "n", rows: []numberRow{seen}, inline: true}); strip.fits(t, width/vg.Length(n)) {
			down.below = append(down.below, strip)
		}
		slot := min(width/vg.Length(n)*0.4, t.size()*3.5)
		down.add(&refLine{theme: t, value: 0, color: inkGray})
		for i, c := range effects[k] {
			if c.effect == nil {
				continue
			}
			from, to := cloudReach(c.effect, c.level)
			if xs, d := effectDensity(c.effect, from, to); xs != nil {
				down.add(&violinMarks{look: c.look, at: float64(i + 1), reach: slot, pts: shares(xs, d)})
			}
			down.add(&intervalMarks{theme: t, look: c.look, items: []interval{fromEffect(float64(i+1), c.effect, c.level)}})
		}
	}
	shareY(f.panels)
	levels := s.levels()
	foot := []string{t.say("plot-lines-participants", nil), t.say("plot-paired-method", map[string]any{"level": levels.words(t)})}
	foot = append(append(foot, levels.note(t)...), t.say("plot-not-a-comparison", nil))
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = strings.TrimSpace(sentence(f.title) + " " + s.altChanges(t))
	return f, nil
}
