package plot

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot/vg"
)

// coveredMarks lists the texts that lie over a symbol or over the end of an
// interval or line in a panel's data area. Symbols are told by their size: a
// shape of at most one and a half lines. Cells with a number in them, bars and
// bands are larger, and curves have no end that a label could hide.
func coveredMarks(l *layout, s *render.Scene) []string {
	size := float64(l.f.theme.size())
	var texts [][4]vg.Point
	var names []string
	for _, m := range s.Marks {
		if m.Kind == render.MarkText {
			m.Text = strings.TrimRight(m.Text, " ") // the gap to an axis
			texts = append(texts, m.Box())
			names = append(names, m.Text)
		}
	}
	inside := func(x, y float64) bool {
		for _, d := range l.data {
			if x > float64(d.Min.X)-1 && x < float64(d.Max.X)+1 && y > float64(d.Min.Y)-1 && y < float64(d.Max.Y)+1 {
				return true
			}
		}
		return false
	}
	var out []string
	check := func(what string, x0, y0, x1, y1 float64) {
		if !inside((x0+x1)/2, (y0+y1)/2) {
			return
		}
		box := [4]vg.Point{{X: vg.Length(x0), Y: vg.Length(y0)}, {X: vg.Length(x1), Y: vg.Length(y0)},
			{X: vg.Length(x1), Y: vg.Length(y1)}, {X: vg.Length(x0), Y: vg.Length(y1)}}
		for i, b := range texts {
			if d := overlap(b, box); d > 0.05 {
				out = append(out, fmt.Sprintf("%q covers %s at (%.1f, %.1f) by %.2f pt", names[i], what, (x0+x1)/2, (y0+y1)/2, d))
			}
		}
	}
	for _, m := range s.Marks {
		if m.Kind != render.MarkStroke && m.Kind != render.MarkFill || len(m.Path) == 0 {
			continue
		}
		if m.Kind == render.MarkStroke && len(m.Path) == 2 {
			for _, c := range m.Path {
				x, y, r := float64(c.Pos.X), float64(c.Pos.Y), m.Width/2
				check("the end of a line", x-r, y-r, x+r, y+r)
			}
			continue
		}
		x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, c := range m.Path {
			if c.Type != vg.CloseComp {
				x0, x1 = math.Min(x0, float64(c.Pos.X)), math.Max(x1, float64(c.Pos.X))
				y0, y1 = math.Min(y0, float64(c.Pos.Y)), math.Max(y1, float64(c.Pos.Y))
			}
		}
		if x1-x0 <= 1.5*size && y1-y0 <= 1.5*size {
			check("a symbol", x0, y0, x1, y1)
		}
	}
	return out
}

// The check itself must see a label that lies over a mean.
func TestCoveredMarksAreSeen(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	require.Empty(t, layoutProblems(f))
	f.panels[0].add(&textMarks{theme: f.theme, items: []textItem{
		{xy: xy{0, 6.22}, text: "a label"}, {xy: xy{0, 6.98}, text: "another"}}}) // the mean and its upper limit
	problems := strings.Join(layoutProblems(f), "\n")
	assert.Contains(t, problems, `"a label" covers a symbol`)
	assert.Contains(t, problems, `"another" covers the end of a line`)
}
