package plot

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// CorrelationsOptions are the choices of CorrelationsWith.
type CorrelationsOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Outcome names what was measured, and its unit.
	Outcome study.Outcome
	// Covariances prints the covariances instead of correlations and standard
	// deviations; the shades stay those of the correlations.
	Covariances bool
}

// Correlations answers "how strongly do a participant's values at the visits
// go together, and does their spread change?". It takes the visits' labels and
// their covariance matrix, such as the fitted one of a mixed model for repeated
// measures (mmrm's Fit.Sigma) or an observed one. Read the diagonal first: the
// standard deviation at each visit; then how fast the correlations fade away
// from it. The darker a tile, the stronger the correlation; negative ones have
// the other color. Where the matrix has ones on its diagonal it is taken for a
// correlation matrix and the diagonal is left blank.
// Convention: lower triangle with numbers, Friendly 2002, Am Stat 56:316,
// doi:10.1198/000313002533.
func Correlations(visits []string, covariance [][]float64) (*Figure, error) {
	return CorrelationsWith(visits, covariance, CorrelationsOptions{})
}

// CorrelationsWith is Correlations with choices.
func CorrelationsWith(visits []string, covariance [][]float64, o CorrelationsOptions) (*Figure, error) {
	r, ones, err := correlationsOf(covariance, len(visits))
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(visits) > 7, o.Study)
	if err != nil {
		return nil, err
	}
	c := &correlations{t: t, o: o, visits: visits, cov: covariance, r: r, ones: ones}
	title := "plot-correlations-title"
	if o.Covariances {
		title += "-covariances"
	}
	c.f = t.figure(title, nil)
	if label := name(o.Outcome.Label, o.Outcome.ID); label != "" {
		c.f.entitle(title+"-of", map[string]any{"outcome": label})
	}
	c.pn = t.newPanel(0, 0, t.height(50))
	c.f.panels = []*panel{c.pn}
	c.frame()
	c.words(c.drawTiles())
	return c.f, nil
}

// correlations is the chart while it is made.
type correlations struct {
	t      *theme
	o      CorrelationsOptions
	f      *Figure
	pn     *panel
	visits []string
	cov, r [][]float64
	ones   bool      // cov is a correlation matrix
	width  vg.Length // of all tiles
}

// frame names the visits on both axes and sets the size of the tiles.
func (c *correlations) frame() {
	t, pn, n := c.t, c.pn, len(c.visits)
	setRange(&pn.plot.X, -0.5, float64(n)-0.5)
	setRange(&pn.plot.Y, -0.5, float64(n)-0.5)
	for _, a := range []*plot.Axis{&pn.plot.X, &pn.plot.Y} {
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Padding = 0, 0, 0
		a.Tick.Length = t.size() * 0.2
	}
	down := make(Labels, n) // the first visit on top
	var left, row vg.Length
	xs := make([]float64, n)
	for i, v := range c.visits {
		xs[i] = float64(i)
		label := strings.Join(t.wrap(t.text(), v, t.width*0.22), "\n")
		down[i] = plot.Tick{Value: float64(n - 1 - i), Label: label}
		left, row = max(left, t.text().Width(label)), max(row, t.textHeight(label)+t.size()*0.3)
	}
	pn.plot.Y.Tick.Marker = down
	c.width = t.width - 2*t.edge() - left - t.size()*2
	if t.opt.Width == 0 { // tiles of a finger's width are wide enough
		c.width = min(c.width, t.size()*7*vg.Length(n))
	}
	t.nameVisits(&pn.plot.X, c.visits, xs, c.width)
	if o := c.o.Outcome; o.ID != "" {
		pn.plot.X.Label.Text = t.across(o.ShortLabel(), c.width)
	}
	pn.height = min(c.width*0.62, t.size()*3.4*vg.Length(n))
	if t.opt.Height != 0 {
		pn.height = mm(t.opt.Height)
	}
	pn.height = max(pn.height, row*vg.Length(n))
}

// drawTiles draws the lower triangle, with its numbers where they fit.
func (c *correlations) drawTiles() (numbered bool) {
	t, n := c.t, len(c.visits)
	tiles := &tileMarks{theme: t, gap: t.size() * 0.08}
	words := &textMarks{theme: t}
	numbered = true
	for i := range n {
		for j := 0; j <= i; j++ {
			tl := tile{dataRect: dataRect{float64(j) - 0.5, float64(j) + 0.5, float64(n-1-i) - 0.5, float64(n-1-i) + 0.5}}
			switch {
			case i != j:
				tl.fill = t.shade(c.r[i][j])
			case c.ones && !c.o.Covariances:
				tl.edge = bandGray
			default:
				tl.edge = inkGray
			}
			tiles.tiles = append(tiles.tiles, tl)
			text := c.number(i, j)
			numbered = numbered && t.smallText().Width(text)+t.size()*0.4 < c.width/vg.Length(n)
			if text != "" {
				words.items = append(words.items, textItem{xy: xy{float64(j), float64(n - 1 - i)}, text: text, color: color.Black, small: true})
			}
		}
	}
	c.pn.add(tiles)
	if numbered {
		c.pn.add(words)
	}
	return numbered
}

// number is what stands in a tile.
func (c *correlations) number(i, j int) string {
	d := c.o.Outcome.Digits() - 1
	switch {
	case c.o.Covariances:
		return c.t.num(c.cov[i][j], d)
	case i != j:
		return c.t.num(c.r[i][j], 2)
	case c.ones:
		return ""
	}
	return c.t.num(math.Sqrt(c.cov[i][i]), d)
}

func (c *correlations) words(numbered bool) {
	t, unit := c.t, c.o.Outcome.Unit
	var foot []string
	switch {
	case c.o.Covariances:
		foot = append(foot, t.say("plot-correlations-covariances", map[string]any{"unit": squaredUnit(unit)}))
	case c.ones:
		foot = append(foot, t.say("plot-correlations-plain", nil))
	default:
		foot = append(foot, t.say("plot-correlations-method", map[string]any{"unit": unitInBrackets(unit)}))
	}
	if !numbered {
		foot = append(foot, t.say("plot-correlations-shades", nil))
	}
	c.f.note(foot)
	c.f.tell("", c.told()...)
	if len(c.visits) < 2 {
		return
	}
	if len(c.visits) == 2 {
		c.f.tell(t.say("plot-correlations-alt-one", map[string]any{"first": c.visits[0], "second": c.visits[1], "value": t.num(c.r[1][0], 2)}), c.told()...)
		return
	}
	weakest, strongest := math.Inf(1), math.Inf(-1)
	for i, row := range c.r {
		for _, r := range row[:i] {
			weakest, strongest = math.Min(weakest, r), math.Max(strongest, r)
		}
	}
	c.f.tell(t.say("plot-correlations-alt", map[string]any{"visits": len(c.visits), "weakest": t.num(weakest, 2), "strongest": t.num(strongest, 2)}), c.told()...)
}

// told are the numbers of all tiles.
func (c *correlations) told() (out []string) {
	t, squared := c.t, spaced(c.o.Outcome.Unit)
	if squared != "" {
		squared += "²"
	}
	for i, v := range c.visits {
		switch {
		case c.o.Covariances:
			out = append(out, t.say("plot-alt-variance", map[string]any{"visit": v, "value": c.number(i, i), "unit": squared}))
		case !c.ones:
			out = append(out, t.say("plot-alt-sd", map[string]any{"visit": v, "value": t.num(math.Sqrt(c.cov[i][i]), c.o.Outcome.Digits()-1), "unit": c.o.Outcome.Unit}))
		}
		for j, w := range c.visits[:i] {
			code, said := "plot-alt-correlation", map[string]any{"first": w, "second": v, "value": t.num(c.r[i][j], 2)}
			if c.o.Covariances {
				code, said["covariance"] = "plot-alt-covariance", c.number(i, j)
			}
			out = append(out, t.say(code, said))
		}
	}
	if out == nil {
		out = []string{t.say("plot-correlations-plain", nil)}
	}
	return out
}

// correlationsOf checks a covariance matrix and divides it by the standard
// deviations.
func correlationsOf(cov [][]float64, n int) (r [][]float64, ones bool, err error) {
	if n == 0 {
		return nil, false, errors.New("plot: Correlations: no visits")
	}
	if len(cov) != n {
		return nil, false, fmt.Errorf("plot: Correlations: %d visits, but a matrix of %d rows", n, len(cov))
	}
	ones = true
	for i, row := range cov {
		if len(row) != n {
			return nil, false, fmt.Errorf("plot: Correlations: row %d has %d numbers for %d visits", i, len(row), n)
		}
		if !finite(row...) {
			return nil, false, fmt.Errorf("plot: Correlations: row %d is not finite", i)
		}
		if !(row[i] > 0) {
			return nil, false, fmt.Errorf("plot: Correlations: the variance at visit %d is %v", i, row[i])
		}
		ones = ones && math.Abs(row[i]-1) < 1e-12
	}
	r = make([][]float64, n)
	for i := range n {
		r[i] = make([]float64, n)
		for j := range n {
			s := math.Sqrt(cov[i][i]) * math.Sqrt(cov[j][j])
			r[i][j] = cov[i][j] / s
			if math.Abs(cov[i][j]-cov[j][i]) > 1e-9*s || math.Abs(r[i][j]) > 1+1e-9 {
				return nil, false, fmt.Errorf("plot: Correlations: entries (%d, %d) = %v and (%d, %d) = %v are no covariance", i, j, cov[i][j], j, i, cov[j][i])
			}
		}
	}
	return r, ones, nil
}

// shade is the color of a correlation, from white at 0 to one on which black
// numbers read well: one ink for all tiles, on every palette.
func (t *theme) shade(r float64) color.Color {
	end := t.plainLook(0).color
	if r < 0 {
		end = negativeRed
	}
	tint := func(w float64) color.NRGBA {
		mix := func(c uint8) uint8 { return uint8(math.Round(255 + w*(float64(c)-255))) }
		return color.NRGBA{R: mix(end.R), G: mix(end.G), B: mix(end.B), A: 255}
	}
	full := 0.9
	for ; full > 0.1 && blackContrast(tint(full)) < 6.5; full -= 0.02 {
	}
	return tint(full * math.Min(1, math.Abs(r)))
}

// negativeRed shades negative correlations: a color that is no arm's in any
// palette.
var negativeRed = rgb(0x9E2F50)

// blackContrast is the contrast of black on a color, 1 to 21 (WCAG 2).
func blackContrast(c color.NRGBA) float64 {
	lin := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return (0.2126*lin(c.R) + 0.7152*lin(c.G) + 0.0722*lin(c.B) + 0.05) / 0.05
}

func unitInBrackets(unit string) string {
	if unit == "" {
		return ""
	}
	return " (" + unit + ")"
}

// squaredUnit writes " (mm^{2})".
func squaredUnit(unit string) string {
	if unit == "" {
		return ""
	}
	return " (" + unit + "^{2})"
}
