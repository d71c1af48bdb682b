package plot

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// overlap tells by how many points two convex boxes overlap at least in every
// direction (separating axes); 0 or less: they do not.
func overlap(a, b [4]vg.Point) float64 {
	if apart(a, b) {
		return -1
	}
	depth := math.Inf(1)
	for _, q := range [][4]vg.Point{a, b} {
		for i := range q {
			d := q[(i+1)%4].Sub(q[i])
			n := math.Hypot(float64(d.X), float64(d.Y))
			if n == 0 {
				continue
			}
			ax, ay := -float64(d.Y)/n, float64(d.X)/n
			project := func(p [4]vg.Point) (lo, hi float64) {
				lo, hi = math.Inf(1), math.Inf(-1)
				for _, v := range p {
					x := ax*float64(v.X) + ay*float64(v.Y)
					lo, hi = math.Min(lo, x), math.Max(hi, x)
				}
				return
			}
			alo, ahi := project(a)
			blo, bhi := project(b)
			depth = math.Min(depth, math.Min(ahi, bhi)-math.Max(alo, blo))
		}
	}
	return depth
}

// apart reports whether the upright rectangles around two boxes do not touch;
// most boxes of a page are far from each other.
func apart(a, b [4]vg.Point) bool {
	x := func(p [4]vg.Point) (lo, hi vg.Length) {
		return min(p[0].X, p[1].X, p[2].X, p[3].X), max(p[0].X, p[1].X, p[2].X, p[3].X)
	}
	y := func(p [4]vg.Point) (lo, hi vg.Length) {
		return min(p[0].Y, p[1].Y, p[2].Y, p[3].Y), max(p[0].Y, p[1].Y, p[2].Y, p[3].Y)
	}
	ax0, ax1 := x(a)
	bx0, bx1 := x(b)
	ay0, ay1 := y(a)
	by0, by1 := y(b)
	return ax1 < bx0 || bx1 < ax0 || ay1 < by0 || by1 < ay0
}

// layoutProblems lists text boxes that overlap, leave the page or cover a mark, and type too
// small to read.
func layoutProblems(f *Figure) []string {
	l := f.layout()
	s := l.render()
	out := coveredMarks(l, s)
	var texts []render.Mark
	for _, m := range s.Marks {
		if m.Kind == render.MarkText {
			texts = append(texts, m)
			if size := float64(m.Face.Font.Size); size < 0.64*l.f.theme.style.Size { // a superscript of the small type
				out = append(out, fmt.Sprintf("%q is set in %.1f pt", m.Text, size))
			}
		}
		for _, c := range m.Path {
			if c.Type != vg.CloseComp && (c.Pos.X < -0.5 || c.Pos.Y < -0.5 || c.Pos.X > s.W+0.5 || c.Pos.Y > s.H+0.5) {
				out = append(out, fmt.Sprintf("a mark leaves the page at (%.1f, %.1f)", c.Pos.X, c.Pos.Y))
				break
			}
		}
	}
	boxes := make([][4]vg.Point, len(texts))
	for i, a := range texts {
		boxes[i] = a.Box()
		ba := boxes[i]
		for _, p := range ba {
			if p.X < 0 || p.Y < 0 || p.X > s.W || p.Y > s.H {
				out = append(out, fmt.Sprintf("%q leaves the page at (%.1f, %.1f) of (%.1f, %.1f)", a.Text, p.X, p.Y, s.W, s.H))
				break
			}
		}
		for j, b := range texts[:i] {
			if d := overlap(ba, boxes[j]); d > 0.05 {
				out = append(out, fmt.Sprintf("%q and %q overlap by %.2f pt", b.Text, a.Text, d))
			}
		}
	}
	return out
}

// dutch gives a trial the longest labels a Dutch protocol would.
func dutch(tr trial) trial {
	tr.outcome.Label = "Pijnintensiteit in rust (visueel-analoge schaal)"
	arms := append([]study.Arm{}, tr.arms...)
	for i := range arms {
		arms[i].Label = "Hoogintensieve lasertherapie " + fmt.Sprint(i+1)
		if arms[i].Control {
			arms[i].Label = "Schijnbehandeling (placebolaser)"
		}
	}
	tr.arms = arms
	visits := append([]study.Visit{}, tr.visits...)
	for i := range visits {
		visits[i].Label = fmt.Sprint("Vervolgmeting na ", 4*i, " weken")
	}
	visits[0].Label = "Nulmeting"
	tr.visits = visits
	return tr
}

// TestLayout: no text overlaps another or leaves the page, for every chart,
// at three widths, with short and with long Dutch labels, in several shapes.
func TestLayout(t *testing.T) {
	shapes := map[string]trial{
		"small": smallTrial(), "big": randomTrial(2, 6, 40, 0.05), "four": randomTrial(4, 5, 12, 0.02),
		"twelve": randomTrial(3, 12, 8, 0.02), "two": randomTrial(2, 2, 3, 0), "six": randomTrial(6, 3, 12, 0),
		"many": randomTrial(4, 4, 250, 0.02),
	}
	for name, tr := range shapes {
		for _, lang := range []string{"en", "nl"} {
			x := tr
			if lang == "nl" {
				x = dutch(tr)
			}
			rs := x.results(t)
			for _, width := range []float64{75, 85, 174} {
				all := everyChart(Options{Width: width, Lang: lang})
				for chart := range plainCharts(Options{}) { // TestPlainChartsLayout has them
					delete(all, chart)
				}
				t.Run(fmt.Sprint(name, "/", lang, "/", width), func(t *testing.T) {
					t.Parallel()
					for chart, draw := range all {
						f, err := draw(rs)
						if errors.Is(err, ErrNoRoom) { // of axes and many arms beside each other
							assert.True(t, chart == "gardneraltman" && width < 174 && len(rs[0].Arms) > 2, chart)
							continue
						}
						require.NoError(t, err, chart)
						assert.Empty(t, layoutProblems(f), chart)
					}
				})
			}
		}
	}
}

func TestPlainChartsLayout(t *testing.T) {
	shapes := map[string]trial{"small": smallTrial(), "big": randomTrial(2, 6, 40, 0.05),
		"four": randomTrial(4, 5, 12, 0.02), "twelve": randomTrial(3, 12, 8, 0.02)}
	for name, tr := range shapes {
		for _, lang := range []string{"en", "nl"} {
			x := tr
			if lang == "nl" {
				x = dutch(tr)
			}
			rs := x.results(t)
			for _, width := range []float64{75, 85, 174} {
				for chart, draw := range plainCharts(Options{Width: width, Lang: lang}) {
					t.Run(fmt.Sprint(name, "/", lang, "/", width, "/", chart), func(t *testing.T) {
						f, err := draw(rs)
						if (chart == "flow" || chart == "consort") && err != nil { // it says what it needs
							assert.ErrorContains(t, err, "make it wider")
							if chart == "consort" { // which has arms of its own
								assert.Less(t, width, 174.0)
								return
							}
							assert.Greater(t, float64(len(rs[0].Arms))*45, width*0.75, "there is room")
							return
						}
						require.NoError(t, err)
						assert.Empty(t, layoutProblems(f))
					})
				}
			}
		}
	}
}

// Every style, with short labels and with long Dutch ones, lettered.
func TestLayoutInEveryStyle(t *testing.T) {
	for lang, tr := range map[string]trial{"en": smallTrial(), "nl": dutch(smallTrial())} {
		rs := tr.results(t)
		for _, st := range []Style{Lancet(), JAMA(), NEJM(), BMC(), Nature(), Slides(), {Palette: PaletteGray}} {
			for chart, draw := range charts(Options{Style: st, Lang: lang, Letters: lang == "nl"}) {
				t.Run(st.Name+"/"+lang+"/"+chart, func(t *testing.T) {
					f, err := draw(rs)
					require.NoError(t, err)
					assert.Empty(t, layoutProblems(f))
				})
			}
		}
	}
}

func TestPlainChartsInEveryStyle(t *testing.T) {
	for lang, tr := range map[string]trial{"en": smallTrial(), "nl": dutch(smallTrial())} {
		rs := tr.results(t)
		word := map[string]string{"en": "SIMULATED", "nl": "GESIMULEERD"}[lang]
		for _, st := range []Style{Lancet(), JAMA(), NEJM(), BMC(), Nature(), Slides(), {Palette: PaletteGray}} {
			for chart, draw := range plainCharts(Options{Style: st, Lang: lang}) {
				t.Run(st.Name+"/"+lang+"/"+chart, func(t *testing.T) {
					f, err := draw(rs)
					require.NoError(t, err)
					assert.Empty(t, layoutProblems(f))
					assert.Contains(t, f.Caption(), word)
					assert.Contains(t, f.Alt(), word)
				})
			}
		}
	}
}

// The layout test itself must see an overlap and a text off the page.
func TestLayoutProblemsAreSeen(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	f.panels[0].side = append(f.panels[0].side, sideLabel{y: 4, text: "x", color: inkGray})
	l := f.layout()
	require.NotNil(t, l)
	f.Plot(0).X.Tick.Marker = Labels{{Value: 0, Label: "one long label"}, {Value: 0.1, Label: "another long label"}}
	assert.NotEmpty(t, layoutProblems(f))
}

func TestSpread(t *testing.T) {
	got := spread([]float64{50, 51, 52, 10}, []float64{4, 4, 4, 4}, 0, 100)
	assert.Equal(t, 10.0, got[3], "a free label stays")
	s := append([]float64{}, got...)
	sort.Float64s(s)
	for i := 1; i < len(s); i++ {
		assert.GreaterOrEqual(t, s[i]-s[i-1], 8-1e-9)
	}
	assert.InDelta(t, 51, got[1], 1e-9, "the middle of three stays")
	got = spread([]float64{100, 100}, []float64{4, 4}, 0, 100)
	assert.InDeltaSlice(t, []float64{88, 96}, got, 1e-9, "kept inside")
}

// Panel letters stand at the panel's left edge, on the title's first line.
func TestPanelLetters(t *testing.T) {
	f, err := Responders(dutch(smallTrial()).results(t))
	require.NoError(t, err)
	for i, p := range f.panels {
		p.letter = string(rune('A' + i))
	}
	require.Empty(t, layoutProblems(f))
	seen := map[string]vg.Point{}
	for _, m := range f.render().Marks {
		if m.Kind == render.MarkText {
			if _, ok := seen[m.Text]; !ok {
				seen[m.Text] = m.At
			}
		}
	}
	assert.Equal(t, seen["A"].Y, seen["Vervolgmeting na 4 weken"].Y)
	assert.Less(t, seen["A"].X, seen["Vervolgmeting na 4 weken"].X)
	assert.Equal(t, seen["A"].Y, seen["B"].Y)
}

// Panels are lettered in reading order on request, in lower case for Nature.
func TestLettersOnRequest(t *testing.T) {
	rs := smallTrial().results(t)
	for _, c := range []struct {
		o     Options
		want  []string
		label bool
	}{{Options{}, []string{"", ""}, false}, {Options{Letters: true}, []string{"A", "B"}, true},
		{Options{Letters: true, Style: Nature()}, []string{"a", "b"}, true}} {
		f, err := RespondersWith(rs, RespondersOptions{Options: c.o})
		require.NoError(t, err)
		assert.Equal(t, c.want, f.panelLetters())
		assert.Equal(t, c.label, strings.Contains(string(written(t, f, SVG)), ">"+c.want[0]+"</text>") && c.want[0] != "")
		assert.Empty(t, layoutProblems(f))
	}
}
