package plot

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/study"
)

// MissingOptions are the choices of MissingWith.
type MissingOptions struct{ Options }

// Missing answers "which visits are missing together, and in which arm?". It
// takes the results of one outcome, a visit each. A row is a pattern: filled
// where the value was observed, an empty frame where it is missing; the columns
// at the right count the participants with that pattern in each arm. Read the
// top row first: it is the commonest pattern, complete where all goes well.
// Patterns whose frames begin somewhere and go on to the right are dropout; a
// frame between filled tiles is a missed visit. Participants are those of the
// file.
// Convention: patterns by frequency, van Buuren 2018, Flexible Imputation of
// Missing Data, §4.1, doi:10.1201/9780429492259.
func Missing(results []study.Result) (*Figure, error) {
	return MissingWith(results, MissingOptions{})
}

// mostPatterns are drawn; rarer ones are counted together.
const mostPatterns = 14

// missingPattern is which of baseline and the visits were observed.
type missingPattern struct {
	seen  []bool
	total int
	byArm map[string]int
}

// MissingWith is Missing with choices.
func MissingWith(results []study.Result, o MissingOptions) (*Figure, error) {
	c, err := drawMissing(results, o, false)
	if err != nil {
		return nil, err
	}
	if c.upright() { // in two columns the names may lie level
		if wide, err := drawMissing(results, o, true); err == nil && !wide.upright() {
			c = wide
		}
	}
	return c.f, nil
}

func drawMissing(results []study.Result, o MissingOptions, wide bool) (*missing, error) {
	c, err := newMissing(results, o, wide)
	if err != nil {
		return nil, err
	}
	c.drawTiles()
	c.countPatterns()
	c.nameVisits()
	c.words()
	return c, nil
}

// missing is the chart while it is made.
type missing struct {
	drawing
	pn       *panel
	places   []study.Visit
	patterns []missingPattern
	shown    []missingPattern
	rest     missingPattern // the others together
	rows     int
}

func newMissing(results []study.Result, o MissingOptions, wide bool) (*missing, error) {
	s, err := anySeries("Missing", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &missing{places: s.visits(), patterns: s.missingPatterns(), rest: missingPattern{byArm: map[string]int{}}}
	if c.drawing, err = s.draw(o.Options, wide || len(c.places)*2+len(s.arms)*3 > 18, "plot-missing-title"); err != nil {
		return nil, err
	}
	c.shown = c.patterns[:min(len(c.patterns), mostPatterns)]
	for _, p := range c.patterns[len(c.shown):] {
		c.rest.total += p.total
		for a, n := range p.byArm {
			c.rest.byArm[a] += n
		}
	}
	c.rows = len(c.shown)
	if c.rest.total > 0 {
		c.rows++
	}
	const em = 1.7 // height of a row in units of the type size
	c.pn = c.t.newPanel(0, 0, c.t.size()*em*vg.Length(c.rows))
	c.f.panels = []*panel{c.pn}
	setRange(&c.pn.plot.Y, 0, float64(c.rows))
	c.pn.hideY()
	x := &c.pn.plot.X
	x.LineStyle.Width, x.Tick.LineStyle.Width, x.Padding = 0, 0, 0
	return c, nil
}

// drawTiles draws a row a pattern, the commonest on top.
func (c *missing) drawTiles() {
	if c.rest.total > 0 {
		words := c.t.say("plot-missing-rest", map[string]any{"patterns": len(c.patterns) - mostPatterns})
		c.pn.add(&textMarks{theme: c.t, items: []textItem{{xy: xy{-0.5, 0.5}, text: words, left: true, dx: c.t.size() * 0.2}}})
	}
	tiles := &tileMarks{theme: c.t, gap: c.t.size() * 0.16}
	observed := c.t.plainLook(0).color
	for i, p := range c.shown {
		y := float64(c.rows - 1 - i)
		for v, seen := range p.seen {
			tl := tile{dataRect: dataRect{float64(v) - 0.5, float64(v) + 0.5, y, y + 1}, edge: observed}
			if seen {
				tl.fill = fade(observed, 0.55)
			}
			tiles.tiles = append(tiles.tiles, tl)
		}
	}
	c.pn.add(tiles)
}

// countPatterns sets the columns: participants in all, and by arm under its name, or
// under a letter where the names have no room.
func (c *missing) countPatterns() {
	t, arms := c.t, c.s.arms
	columns := make([]textColumn, len(arms)+1)
	count := func(y float64, p missingPattern) {
		columns[0].cells = append(columns[0].cells, textCell{y, fmt.Sprint(p.total)})
		for k, a := range arms {
			columns[k+1].cells = append(columns[k+1].cells, textCell{y, fmt.Sprint(p.byArm[a.ID])})
		}
	}
	for i, p := range c.shown {
		count(float64(c.rows-1-i)+0.5, p)
	}
	if c.rest.total > 0 {
		count(0.5, c.rest)
	}
	head := func(names []string) bool {
		heads := append([]string{t.say("plot-missing-all", nil)}, t.alike(names, t.width*0.5/vg.Length(len(arms)+1))...)
		for k := range columns {
			columns[k].header, columns[k].right = heads[k], true
		}
		return t.columnsWidth(columns) <= t.width*0.55
	}
	if !head(armNames(arms)) { // letters, which the legend explains
		letters := make([]string, len(arms))
		for k, a := range arms {
			letters[k] = string(rune('a' + k%26))
			c.f.legend = append(c.f.legend, legendItem{text: t.say("plot-compose-part", map[string]any{"letter": letters[k], "text": armName(a)}), bare: true, plain: true})
		}
		t.cramped = t.cramped || !head(letters)
	}
	c.pn.columns = columns
}

// upright reports whether the visits' names are.
func (c *missing) upright() bool { return c.pn.plot.X.Tick.Label.Rotation != 0 }

func (c *missing) nameVisits() {
	xs, names := make([]float64, len(c.places)), make([]string, len(c.places))
	for i, v := range c.places {
		xs[i], names[i] = float64(i), visitName(v)
	}
	c.pn.setVisits(c.places, xs)
	setRange(&c.pn.plot.X, -0.5, float64(len(c.places))-0.5)
	room := c.t.width - 2*c.t.edge() - c.t.columnsWidth(c.pn.columns)
	c.t.nameVisits(&c.pn.plot.X, names, xs, room)
	c.pn.plot.X.Label.Text = c.t.across(c.t.say("plot-missing-x", map[string]any{"outcome": c.s.outcome.ShortLabel()}), room)
}

func (c *missing) words() {
	people, complete, dropouts := 0, 0, 0
	for _, p := range c.patterns {
		people += p.total
		if !slices.Contains(p.seen, false) {
			complete += p.total
		}
		if !p.seen[len(p.seen)-1] {
			dropouts += p.total
		}
	}
	foot := []string{c.t.say("plot-missing-method", map[string]any{"n": people})}
	c.f.note(foot)
	c.f.tell(c.answer(), c.t.say("plot-missing-alt", map[string]any{"n": people, "complete": complete,
		"patterns": len(c.patterns), "dropouts": dropouts}))
}

// answer says how many of each arm were observed throughout.
func (c *missing) answer() string {
	return c.t.say("plot-alt-complete", map[string]any{"list": c.t.altShares(c.s.arms, func(arm string) (complete, n int) {
		for _, p := range c.patterns {
			n += p.byArm[arm]
			if !slices.Contains(p.seen, false) {
				complete += p.byArm[arm]
			}
		}
		return complete, n
	})})
}

// nameVisits puts visit names under an axis of a width: upright where they
// are too long even when wrapped.
func (t *theme) nameVisits(a *plot.Axis, names []string, xs []float64, width vg.Length) {
	labels, ok := t.visitLabels(names, xs, width, 0.5)
	if !ok {
		for i := range labels {
			labels[i].Label = names[i] + " " // clear of the axis
		}
		a.Tick.Label.Rotation = math.Pi / 2
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = draw.XRight, draw.YCenter
	}
	a.Tick.Marker = labels
}

// missingPatterns counts the participants of each pattern, the commonest
// first, then the more complete.
func (s *series) missingPatterns() []missingPattern {
	byKey := map[string]*missingPattern{}
	people := s.participants()
	for _, a := range s.arms {
		for _, row := range people[a.ID] {
			seen, key := make([]bool, len(row)), ""
			for v, x := range row {
				seen[v] = !math.IsNaN(x)
				key += map[bool]string{true: "1", false: "0"}[seen[v]]
			}
			p, ok := byKey[key]
			if !ok {
				p = &missingPattern{seen: seen, byArm: map[string]int{}}
				byKey[key] = p
			}
			p.total++
			p.byArm[a.ID]++
		}
	}
	keys := make([]string, 0, len(byKey))
	for k := range byKey {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := byKey[keys[i]], byKey[keys[j]]
		if a.total != b.total {
			return a.total > b.total
		}
		return keys[i] > keys[j]
	})
	out := make([]missingPattern, len(keys))
	for i, k := range keys {
		out[i] = *byKey[k]
	}
	return out
}
