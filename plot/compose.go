package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// Chart draws a chart with the options that it is given, as a part of a composed
// figure:
//
//	func(o plot.Options) (*plot.Figure, error) {
//		return plot.ChangeWith(results, plot.ChangeOptions{Options: o})
//	}
type Chart func(o Options) (*Figure, error)

// ComposeOptions are the choices of ComposeWith.
type ComposeOptions struct {
	Options
	// Columns of charts; 0 takes as many as leave each about the width of a
	// journal's column.
	Columns int
	// Shares of the width for the columns; nil: equal.
	Shares []float64
}

// Compose answers "what do these charts say together?": several charts in one
// figure, lettered A, B, C in reading order (a, b, c where the style says so),
// over one caption. Charts above each other share the left and right edges of
// their data areas, so that one visit stands over the other; charts beside each
// other share the line of their x axes and are as high as the highest, where that
// makes none more than half as high again. Tables
// (row names, text columns, the boxes of a flow diagram) keep the room that they
// need, and leave the edges of the others alone. A legend that all charts have
// stands once, over all; what is true of every chart is said once under them.
//
// Every chart is drawn by its function at the width of its place: pass the options
// on. Where a place is too narrow, writing the figure is an error that matches
// ErrNoRoom; nothing is drawn over anything else.
// Convention: panels lettered in reading order, with one legend, as the guides of
// style.go ask of figures of several parts.
func Compose(charts ...Chart) (*Figure, error) { return ComposeWith(ComposeOptions{}, charts...) }

// ComposeWith is Compose with choices.
func ComposeWith(o ComposeOptions, charts ...Chart) (*Figure, error) {
	c, err := newCompose(o, charts)
	if err != nil {
		return nil, err
	}
	if err := c.draw(charts); err != nil {
		return nil, err
	}
	c.shareLegend()
	c.names = c.f.partLetters()
	c.words()
	return c.f, nil
}

// compose is the figure while it is made.
type compose struct {
	t     *theme
	o     ComposeOptions
	f     *Figure
	names []string // of the parts: "A"
}

// partGrid is where the parts of a figure stand.
type partGrid struct {
	cols   int
	widths []vg.Length // of the columns
}

// partGap is between parts, in points at 7.5 pt type.
const partGap = vg.Length(14)

func newCompose(o ComposeOptions, charts []Chart) (*compose, error) {
	n := len(charts)
	switch {
	case n == 0:
		return nil, fmt.Errorf("plot: Compose: no charts")
	case n > 26:
		return nil, fmt.Errorf("plot: Compose: %d charts; there are 26 letters", n)
	case o.Columns < 0:
		return nil, fmt.Errorf("plot: Compose: %d columns", o.Columns)
	}
	c := &compose{o: o, f: &Figure{}}
	t, err := newTheme(o.Options, n > 1, study.StudyInfo{}) // the charts know the study
	if err != nil {
		return nil, err
	}
	c.t, c.f.theme = t, t
	g := &c.f.grid
	if g.cols = o.Columns; g.cols == 0 {
		g.cols = max(1, int(t.width/mm(0.9*t.style.Single)))
	}
	g.cols = min(g.cols, n)
	shares, sum := o.Shares, 0.0
	if shares == nil {
		shares = slices.Repeat([]float64{1}, g.cols)
	}
	if len(shares) != g.cols {
		return nil, fmt.Errorf("plot: Compose: %d shares of the width for %d columns", len(shares), g.cols)
	}
	for _, s := range shares {
		if !(s > 0) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("plot: Compose: a column's share of the width is %v", s)
		}
		sum += s
	}
	free := t.width - t.scaled(partGap)*vg.Length(g.cols-1)
	for _, s := range shares {
		g.widths = append(g.widths, free*vg.Length(s/sum))
	}
	return c, nil
}

// draw draws every chart at the width of its place, and again where the others of
// its column leave it less: its labels are to know.
func (c *compose) draw(charts []Chart) error {
	c.f.parts = make([]*Figure, len(charts))
	taken := make([]vg.Length, len(charts))
	for again := range 2 {
		for i, chart := range charts {
			if again == 1 && taken[i] < 0.5 {
				continue
			}
			part, err := c.part(i, chart, taken[i])
			if err != nil {
				return err
			}
			c.f.parts[i] = part
		}
		if again == 0 {
			taken = c.f.taken()
		}
	}
	for _, p := range c.f.parts {
		c.f.panels = append(c.f.panels, p.panels...)
	}
	return nil
}

// part draws a chart. It may be the caller's too: what is changed is a copy.
func (c *compose) part(i int, chart Chart, taken vg.Length) (*Figure, error) {
	o := c.o.Options
	width := c.f.grid.widths[i%c.f.grid.cols]
	o.Width, o.Title, o.Letters, o.taken = float64(width)*render.MMPerPoint, "", false, taken
	drawn, err := chart(o)
	switch {
	case err != nil:
		return nil, fmt.Errorf("plot: Compose: chart %d: %w", i+1, err)
	case drawn.empty():
		return nil, fmt.Errorf("plot: Compose: chart %d is empty", i+1)
	case len(drawn.parts) > 0:
		return nil, fmt.Errorf("plot: Compose: chart %d is a composed figure", i+1)
	case abs(drawn.theme.width-width) > 0.01:
		return nil, fmt.Errorf("plot: Compose: chart %d is %.1f mm wide, its place %.1f: pass the options on", i+1,
			float64(drawn.theme.width)*render.MMPerPoint, o.Width)
	case drawn.theme.lang != c.t.lang || drawn.theme.style != c.t.style:
		return nil, fmt.Errorf("plot: Compose: chart %d has another style or language: pass the options on", i+1)
	}
	part, t := *drawn, *drawn.theme
	simulated := c.t.study.Simulated || t.study.Simulated
	if i == 0 {
		c.t.study = t.study
	}
	c.t.study.Simulated = simulated
	t.study.Simulated, t.opt.NoFootnote = false, true // said once, by the whole
	part.theme = &t
	return &part, nil
}

// shareLegend puts a legend that all charts with one have over the whole.
func (c *compose) shareLegend() {
	var first []legendItem
	with := 0
	for _, p := range c.f.parts {
		switch {
		case len(p.legend) == 0:
			continue
		case with == 0:
			first = slices.Clone(p.legend)
		case !slices.EqualFunc(first, p.legend, legendItem.same):
			return
		}
		for i := range first { // the whole shows all that a part draws of an arm
			first[i].line, first[i].bare = first[i].line || p.legend[i].line, first[i].bare && p.legend[i].bare
		}
		with++
	}
	if with < 2 {
		return
	}
	c.f.legend = first
	for _, p := range c.f.parts {
		p.legend = nil
	}
}

// same reports whether two entries say the same of the same arm.
func (it legendItem) same(other legendItem) bool {
	return it.text == other.text && it.look.color == other.look.color &&
		it.look.marker == other.look.marker && it.look.arm.ID == other.look.arm.ID
}

func (c *compose) words() {
	t, f := c.t, c.f
	var titles, whats, answers []string
	for i, p := range f.parts {
		titles = appendNew(titles, p.title)
		answers = appendNew(answers, p.answer)
		what := p.what
		if len(f.parts) > 1 {
			what = t.say("plot-alt-part", map[string]any{"letter": c.names[i], "what": what})
		}
		whats = append(whats, what)
	}
	f.title, f.what = strings.Join(titles, "; "), strings.Join(whats, "; ")
	if c.o.Title != "" {
		f.title = c.o.Title
	}
	f.tell(joined(answers...), c.sentences(func(p *Figure) []string { return p.described })...)
	f.footnote = strings.Join(c.sentences((*Figure).under), " ")
	f.caption = c.sentences(func(p *Figure) []string {
		if len(titles) == 1 && c.o.Title == "" { // the whole's
			return p.caption
		}
		return append([]string{sentence(p.title)}, p.caption...)
	})
	f.untitled = len(titles) > 1 && c.o.Title == ""
}

// under are the sentences under a figure, the first of its caption.
func (f *Figure) under() []string {
	for k := range f.caption {
		if strings.Join(f.caption[:k+1], " ") == f.footnote {
			return f.caption[:k+1]
		}
	}
	if f.footnote == "" {
		return nil
	}
	return []string{f.footnote}
}

// sentences are those of all parts, each once: what is true of all first, then
// what is true of some, behind their letters.
func (c *compose) sentences(of func(*Figure) []string) []string {
	var order []string
	letters := map[string][]string{}
	for i, p := range c.f.parts {
		for _, s := range of(p) {
			if s == "" || slices.Contains(letters[s], c.names[i]) {
				continue
			}
			if letters[s] == nil {
				order = append(order, s)
			}
			letters[s] = append(letters[s], c.names[i])
		}
	}
	var out, groups []string
	said := map[string][]string{}
	for _, s := range order {
		who := letters[s]
		if len(who) == len(c.f.parts) {
			out = append(out, s)
			continue
		}
		key := strings.ReplaceAll(c.t.join(who), " ", "\u00a0")
		groups = appendNew(groups, key)
		said[key] = append(said[key], s)
	}
	for _, key := range groups {
		out = append(out, c.t.say("plot-compose-part", map[string]any{"letter": key, "text": strings.Join(said[key], " ")}))
	}
	return out
}
