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
// pale lines are the others; of 200 or more in a panel, bands from the 10th to
// the 90th percentile of both. The thick line joins the means of those who were
// seen at both. Steepness compares participants, not arms: the difference
// between arms is in Differences.
// Convention: Weissgerber et al. 2015, PLoS Biol 13:e1002128,
// doi:10.1371/journal.pbio.1002128.
func Slopegraph(results []study.Result) (*Figure, error) {
	return SlopegraphWith(results, SlopegraphOptions{})
}

// SlopegraphWith is Slopegraph with choices.
func SlopegraphWith(results []study.Result, o SlopegraphOptions) (*Figure, error) {
	s, err := changing("Slopegraph", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	return onePageGrid(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newSlopegraph(s, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			for k := range c.s.arms {
				if err := c.addPanel(i, k); err != nil {
					return nil, err
				}
			}
		}
		shareY(c.f.panels)
		c.words()
		return c.f, nil
	})
}

// slopegraph is the chart while it is made.
type slopegraph struct {
	drawing
	th     study.Threshold
	hasTh  bool
	lo, hi float64 // of the y axis
	high   float64 // of a panel, mm
	cols   int
	room   vg.Length // a panel's data area
	many   bool      // quantiles are drawn instead of lines
	names  []string  // of arms, above the columns of a grid
}

func newSlopegraph(s *series, o SlopegraphOptions) (*slopegraph, error) {
	c := &slopegraph{high: 42}
	var err error
	if c.drawing, err = s.draw(o.Options, len(s.results)*len(s.arms) > 3, "plot-slopegraph-title"); err != nil {
		return nil, err
	}
	c.th, c.hasTh = patientThreshold(s.outcome)
	c.hasTh = c.hasTh && !o.NoThreshold
	var ys span
	names := []string{visitName(s.baseline)}
	for i, r := range s.results {
		names = append(names, visitName(r.Visit))
		for _, a := range s.arms {
			c.many = c.many || len(s.changes(i, a.ID)) >= manyFrom
		}
		for _, rec := range r.Records {
			if rec.HasBaseline && rec.HasFollow {
				ys.add(rec.Baseline, rec.Follow)
			}
		}
	}
	if !ys.any {
		return nil, fmt.Errorf("plot: Slopegraph: %q has no participant with baseline and visit", s.outcome.ID)
	}
	c.lo, c.hi = valueRange(s.outcome, ys, 6)
	if len(s.results)*len(s.arms) > 6 {
		c.high = 30
	}
	t := c.t
	numbers, gap := t.tickRoom(c.lo, c.hi), t.size()*3
	if !t.opt.dense.close() {
		numbers += t.size() * render.LineHeight * vg.Length(lineCount(t.toward(outcomeLabel(s.outcome), s.outcome.Better, t.height(c.high))))
	}
	word := widestWord(t.text(), names...)
	if t.opt.dense.grid {
		word = 0
	}
	c.cols = fitColumns(t.armColumns(s), t.width, func(w vg.Length) bool { return (w-numbers-gap)/1.3 > word+t.size()*0.6 })
	if t.opt.dense.grid {
		c.cols = c.gridColumns(c.cols)
	}
	c.room = (t.width-numbers)/vg.Length(c.cols) - gap // the first panel of a row has the axis for all
	if t.opt.dense.grid {
		c.names = c.gridNames(c.room)
	}
	return c, nil
}

// addPanel draws an arm from baseline to a visit.
func (c *slopegraph) addPanel(i, arm int) error {
	t, n, a, r := c.t, len(c.f.panels), c.s.arms[arm], c.s.results[i]
	pn := t.newPanel(n/c.cols, n%c.cols, t.height(c.high))
	c.f.panels = append(c.f.panels, pn)
	p := pn.plot
	setRange(&p.X, -0.15, 1.15)
	setRange(&p.Y, c.lo, c.hi)
	if n%c.cols == 0 {
		c.f.nameYToward(pn, outcomeLabel(c.s.outcome), c.s.outcome.Better)
	}
	pn.title = armName(a)
	ends := []study.Visit{c.s.baseline, r.Visit}
	pn.setVisits(ends, []float64{0, 1})
	var names Labels
	for i, v := range ends {
		names = append(names, plot.Tick{Value: float64(i), Label: strings.Join(t.wrap(t.text(), visitName(v), c.room*0.7), "\n")})
	}
	p.X.Tick.Marker = names
	if t.opt.dense.grid {
		p.X.Tick.Marker = unnamedTicks{names}
		c.headGrid(pn, arm, c.names, t.say("plot-slopegraph-row", map[string]any{"baseline": visitName(c.s.baseline), "visit": visitName(r.Visit)}))
	}

	people, err := c.slopesOf(i, a.ID)
	if err != nil {
		return fmt.Errorf("plot: Slopegraph: %w", err)
	}
	c.drawPeople(pn, c.looks[a.ID], people)
	if people.n > 1 {
		m := &intervalMarks{theme: t, look: c.looks[a.ID], items: people.means}
		if people.n >= crowdFrom && !c.many {
			pn.add(haloMarks{m})
		}
		pn.add(linkMarks{of: m, strong: true}, m)
	}
	text := t.say("plot-n-only", map[string]any{"n": people.n})
	if c.hasTh && people.n > 0 {
		code := "plot-slopegraph-responders"
		if t.opt.dense.close() {
			code = "plot-slopegraph-responders-short"
		}
		text = t.say(code, map[string]any{"events": people.reached, "n": people.n})
	}
	pn.below = append(pn.below, &textStrip{text: strings.Join(t.balance(t.text(), text, c.room), "\n")})
	return nil
}

// slopes are the participants of an arm with baseline and visit.
type slopes struct {
	n, reached int       // all, and those who reach the threshold or are held against none
	lines      [2][][]xy // of the others, and of those who reach it
	means      []interval
	bands      [2]quantileBand // of both, where they are many
}

// slopesOf are the slopes of an arm in result i. Who reaches the threshold is study's
// to say.
func (c *slopegraph) slopesOf(i int, arm string) (slopes, error) {
	return kept(&c.s.slopes, i, arm, func() (out slopes, err error) {
		var records []*study.Record
		for k := range c.s.results[i].Records {
			if rec := &c.s.results[i].Records[k]; rec.Arm == arm && rec.HasBaseline && rec.HasFollow {
				records = append(records, rec)
			}
		}
		if out.n = len(records); out.n > 1 {
			if out.means, err = pairMeans(records); err != nil {
				return out, err
			}
		}
		if !c.many { // quantiles have no order
			sort.SliceStable(records, func(a, b int) bool { return records[a].ID < records[b].ID })
		}
		var ends [2][][]float64
		values := make([]float64, 2*len(records))
		for n, rec := range records {
			k := 0
			if _, met := c.s.outcome.Improved(*rec); met || !c.hasTh {
				k = 1
				out.reached++
			}
			if c.many {
				values[2*n], values[2*n+1] = rec.Baseline, rec.Follow
				ends[k] = append(ends[k], values[2*n:2*n+2])
				continue
			}
			out.lines[k] = append(out.lines[k], []xy{{0, rec.Baseline}, {1, rec.Follow}})
		}
		for k := range ends {
			if c.many {
				if out.bands[k], err = newQuantileBand(ends[k], 2, 0.1); err != nil {
					return out, err
				}
			}
		}
		return out, nil
	})
}

// drawPeople draws a line a participant, strong where it reaches the threshold, or of
// many bands of both.
func (c *slopegraph) drawPeople(pn *panel, l look, people slopes) {
	if c.many {
		for k, b := range people.bands {
			pn.add(b.marks(c.t, l, []float64{0, 1}, []float64{0.15, 0.4}[k], false)...)
		}
		return
	}
	thin := slopeOpacity(people.n)
	pale := &pathMarks{theme: c.t, color: fade(l.color, 0.3*thin), dots: people.n <= 40, lines: people.lines[0]}
	strong := &pathMarks{theme: c.t, color: fade(l.color, 0.75*thin), dots: people.n <= 40, lines: people.lines[1]}
	pn.add(pale, strong)
}

func (c *slopegraph) words() {
	t := c.t
	method, threshold := "plot-slopegraph-method", "plot-slopegraph-threshold"
	if c.many {
		method, threshold = "plot-slopegraph-many", "plot-slopegraph-many-threshold"
	}
	foot := []string{t.say(method, nil)}
	if c.hasTh {
		foot = append(foot, t.thresholdNote(threshold, c.th, c.s.outcome))
		if t.opt.dense.close() {
			foot = append(foot, t.say("plot-slopegraph-responders-note", nil))
		}
	}
	c.f.note(foot, t.say("plot-not-a-comparison", nil))
	c.f.tell(c.s.altDifference(t), append(c.s.altDifferences(t), c.s.altChanges(t))...)
}

// pairMeans are the means at baseline (0) and visit (1), without intervals, of
// records that have both.
func pairMeans(records []*study.Record) ([]interval, error) {
	x := [2][]float64{make([]float64, len(records)), make([]float64, len(records))}
	for i, r := range records {
		x[0][i], x[1][i] = r.Baseline, r.Follow
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
