package plot

import (
	"fmt"
	"math"
	"sort"
	"strings"

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
	s, err := newSeries("Missing", results)
	if err != nil {
		return nil, err
	}
	visits := s.visits()
	t, err := newTheme(o.Options, len(visits)*2+len(s.arms)*3 > 18, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	patterns := s.missingPatterns()
	shown, rest := patterns, missingPattern{byArm: map[string]int{}}
	if len(patterns) > mostPatterns {
		shown = patterns[:mostPatterns]
		for _, p := range patterns[mostPatterns:] {
			rest.total += p.total
			for a, n := range p.byArm {
				rest.byArm[a] += n
			}
		}
	}
	rows := len(shown)
	if rest.total > 0 {
		rows++
	}
	const em = 1.7 // height of a row in units of the type size
	f := &Figure{theme: t}
	f.title = t.titled("plot-missing-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.size()*em*vg.Length(rows))
	f.panels = []*panel{pn}
	setRange(&pn.plot.Y, 0, float64(rows))
	pn.hideY()
	pn.plot.X.LineStyle.Width, pn.plot.X.Tick.LineStyle.Width = 0, 0
	pn.plot.X.Padding = 0

	// Columns: participants in all, and by arm.
	all := textColumn{header: t.say("plot-missing-all", nil), right: true}
	byArm := make([]textColumn, len(s.arms))
	room := t.width * 0.5 / vg.Length(len(s.arms)+1)
	arms := make([]string, len(s.arms))
	for k, a := range s.arms {
		arms[k] = armName(a)
	}
	for k, header := range t.alike(arms, room) {
		byArm[k] = textColumn{header: header, right: true}
	}
	cells := func(y float64, p missingPattern) {
		all.cells = append(all.cells, textCell{y, fmt.Sprint(p.total)})
		for k, a := range s.arms {
			byArm[k].cells = append(byArm[k].cells, textCell{y, fmt.Sprint(p.byArm[a.ID])})
		}
	}
	tiles := &tileMarks{theme: t, gap: t.size() * 0.16}
	observed := t.plainLook(0).color
	complete, dropouts, people := 0, 0, rest.total
	for i, p := range shown {
		y := float64(rows - 1 - i)
		for v, seen := range p.seen {
			tl := tile{dataRect: dataRect{float64(v) - 0.5, float64(v) + 0.5, y, y + 1}, edge: observed}
			if seen {
				tl.fill = fade(observed, 0.55)
			}
			tiles.tiles = append(tiles.tiles, tl)
		}
		cells(y+0.5, p)
		people += p.total
	}
	for _, p := range patterns {
		gaps, last := 0, -1
		for v, seen := range p.seen {
			if seen {
				last = v
			} else {
				gaps++
			}
		}
		if gaps == 0 {
			complete += p.total
		}
		if last < len(p.seen)-1 {
			dropouts += p.total
		}
	}
	pn.columns = append([]textColumn{all}, byArm...)
	if t.columnsWidth(pn.columns) > t.width*0.55 { // the arms' counts have no room
		pn.columns = pn.columns[:1]
	}
	if rest.total > 0 {
		cells(0.5, rest)
		pn.columns = append([]textColumn{all}, byArm...)[:len(pn.columns)]
		words := t.say("plot-missing-rest", map[string]any{"patterns": len(patterns) - mostPatterns})
		pn.add(&textMarks{theme: t, items: []textItem{{xy: xy{-0.5, 0.5}, text: words, left: true, dx: t.size() * 0.2}}})
	}
	pn.add(tiles)
	xs, names := make([]float64, len(visits)), make([]string, len(visits))
	for i, v := range visits {
		xs[i], names[i] = float64(i), visitName(v)
	}
	pn.setVisits(visits, xs)
	setRange(&pn.plot.X, -0.5, float64(len(visits))-0.5)
	t.nameVisits(&pn.plot.X, names, xs, t.width-2*t.edge()-t.columnsWidth(pn.columns))

	foot := []string{t.say("plot-missing-method", map[string]any{"n": people})}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + t.say("plot-missing-alt", map[string]any{"n": people, "complete": complete,
		"patterns": len(patterns), "dropouts": dropouts})
	return f, nil
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
