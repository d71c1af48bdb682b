package plot

import (
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// legendItem is an entry of the legend above the panels.
type legendItem struct {
	look  look
	text  string
	line  bool // with the arm's line
	bare  bool // without the arm's symbol
	band  bool // a patch of a band instead
	plain bool // nothing before the text
	// fill is the color of a patch instead.
	fill color.Color
	// dotted has a dot in that patch.
	dotted bool
}

const legendGap = vg.Length(14)

func (t *theme) legendKey(it legendItem) vg.Length {
	switch {
	case it.plain:
		return 0
	case it.line:
		return t.size() * 3
	}
	return t.size() * 1.3
}

// legendEntry is an entry as it is set: its text in lines.
type legendEntry struct {
	legendItem
	lines []string
}

// legendRows flows the entries into rows; one that is wider than the figure takes
// several lines.
func (t *theme) legendRows(items []legendItem, width vg.Length) [][]legendEntry {
	var rows [][]legendEntry
	var x vg.Length
	for _, it := range items {
		e := legendEntry{it, strings.Split(t.across(it.text, width-t.legendKey(it)), "\n")}
		w := t.entryWidth(e) + t.scaled(legendGap)
		if n := len(rows); n == 0 || x+w-t.scaled(legendGap) > width || rows[n-1][0].plain { // a name of axes stands alone
			rows, x = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += w
	}
	return rows
}

// entryWidth is an entry's width with its key.
func (t *theme) entryWidth(e legendEntry) vg.Length {
	return t.legendKey(e.legendItem) + t.text().Width(strings.Join(e.lines, "\n"))
}

// legendRowHeight is the height of a row: that of its longest entry.
func (t *theme) legendRowHeight(row []legendEntry) vg.Length {
	lines := 1
	for _, e := range row {
		lines = max(lines, len(e.lines))
	}
	return t.size() * (1.5 + render.LineHeight*vg.Length(lines-1))
}

func (t *theme) legendHeight(items []legendItem, width vg.Length) vg.Length {
	if len(items) == 0 {
		return 0
	}
	h := t.size() * 0.4
	for _, row := range t.legendRows(items, width) {
		h += t.legendRowHeight(row)
	}
	return h
}

func (t *theme) drawLegend(c draw.Canvas, items []legendItem, left, top, width vg.Length) {
	for _, row := range t.legendRows(items, width) {
		x := left
		for _, e := range row {
			t.drawEntry(c, e, x, top-t.size())
			x += t.entryWidth(e) + t.scaled(legendGap)
		}
		top -= t.legendRowHeight(row)
	}
}

// drawEntry draws an entry, its first line at a height.
func (t *theme) drawEntry(c draw.Canvas, e legendEntry, x, y vg.Length) {
	end := x + t.legendKey(e.legendItem) - t.size()*0.5
	mid := vg.Point{X: (x + end) / 2, Y: y + t.size()*0.35}
	if e.line {
		c.StrokeLines(draw.LineStyle{Color: e.look.color, Width: t.line(1.7), Dashes: e.look.dashes},
			[]vg.Point{{X: x, Y: mid.Y}, {X: end, Y: mid.Y}})
	}
	switch {
	case e.band || e.fill != nil:
		half := t.size() * 0.4
		patch := vg.Rectangle{Min: vg.Point{X: x, Y: mid.Y - half}, Max: vg.Point{X: x + 2*half, Y: mid.Y + half}}.Path()
		fill, edge := color.Color(bandGray), color.Color(bandEdge)
		if e.fill != nil {
			fill, edge = e.fill, rgb(0x000000)
		}
		c.SetColor(fill)
		c.Fill(patch)
		c.SetLineStyle(draw.LineStyle{Color: edge, Width: t.line(1)})
		c.Stroke(patch)
		if e.dotted {
			t.drawMarker(c, look{color: color.NRGBA{A: 255}, marker: discMarker}, vg.Point{X: x + half, Y: mid.Y}, 0.45)
		}
	case !e.bare:
		t.drawMarker(c, e.look, mid, 1)
	}
	for _, line := range e.lines {
		t.write(c, t.text(), x+t.legendKey(e.legendItem), y, draw.XLeft, line)
		y -= t.size() * render.LineHeight
	}
}

// levels are the confidence levels of a figure's intervals, with what each
// belongs to: plans of one outcome may differ in it.
type levels struct {
	of    []float64
	where map[float64][]string
}

func (l *levels) add(level float64, where string) {
	if l.where == nil {
		l.where = map[float64][]string{}
	}
	if !slices.Contains(l.of, level) {
		l.of = append(l.of, level)
	}
	l.where[level] = appendNew(l.where[level], where)
}

// mixed reports whether the intervals differ in level, so that each has to say
// its own.
func (l *levels) mixed() bool { return len(l.of) > 1 }

// words writes what stands before "% CI": "95", or "80% or 99".
func (l *levels) words(t *theme) string {
	var out []string
	for _, x := range slices.Sorted(slices.Values(l.of)) {
		out = append(out, t.level(x))
	}
	return strings.Join(out, t.say("plot-level-or", nil))
}

// note says which intervals have which level, where they differ.
func (l *levels) note(t *theme) []string {
	if !l.mixed() {
		return nil
	}
	var parts []string
	for _, x := range slices.Sorted(slices.Values(l.of)) {
		parts = append(parts, t.say("plot-level-of", map[string]any{"level": t.level(x), "list": strings.Join(l.where[x], ", ")}))
	}
	return []string{t.say("plot-levels", map[string]any{"list": strings.Join(parts, "; ")})}
}

// levels are those of the results' own intervals.
func (s *series) levels() *levels {
	l := &levels{}
	for _, r := range s.results {
		l.add(r.Level, visitName(r.Visit))
	}
	return l
}

// curveLevels are those of the effects drawn.
func (s *series) curveLevels(curves [][]effectCurve) *levels {
	l := &levels{}
	for i, cs := range curves {
		for _, c := range cs {
			l.add(c.level, visitName(s.results[i].Visit))
		}
	}
	return l
}

// levelAt is the level of the means at a visit; at baseline, of the first
// visit's result.
func (s *series) levelAt(visit string) float64 {
	for _, r := range s.results {
		if r.Visit.ID == visit {
			return r.Level
		}
	}
	return s.results[0].Level
}
