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
	f := &Figure{theme: t, title: t.titled("plot-correlations-title", nil)}
	if label := name(o.Outcome.Label, o.Outcome.ID); label != "" {
		f.title = t.titled("plot-correlations-title-of", map[string]any{"outcome": label})
	}
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	n := len(visits)
	setRange(&pn.plot.X, -0.5, float64(n)-0.5)
	setRange(&pn.plot.Y, -0.5, float64(n)-0.5)
	for _, a := range []*plot.Axis{&pn.plot.X, &pn.plot.Y} {
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Padding = 0, 0, 0
		a.Tick.Length = t.size() * 0.2
	}
	down := make(Labels, n) // the first visit on top
	for i, v := range visits {
		down[i] = plot.Tick{Value: float64(n - 1 - i), Label: strings.Join(t.wrap(t.text(), v, t.width*0.22), "\n")}
	}
	pn.plot.Y.Tick.Marker = down
	var left, row vg.Length
	for _, k := range down {
		left, row = max(left, t.text().Width(k.Label)), max(row, t.textHeight(k.Label)+t.size()*0.3)
	}
	width := t.width - 2*t.edge() - left - t.size()*2
	if t.opt.Width == 0 { // tiles of a finger's width are wide enough
		width = min(width, t.size()*7*vg.Length(n))
	}
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i)
	}
	t.nameVisits(&pn.plot.X, visits, xs, width)
	pn.height = min(width*0.62, t.size()*3.4*vg.Length(n))
	if t.opt.Height != 0 {
		pn.height = mm(t.opt.Height)
	}
	pn.height = max(pn.height, row*vg.Length(n))

	var decimals = max(0, decimals(o.Outcome)-1)
	if o.Outcome.Resolution == 0 {
		decimals = 1
	}
	tiles := &tileMarks{theme: t, gap: t.size() * 0.08}
	words := &textMarks{theme: t}
	fits := true
	weakest, strongest := math.Inf(1), math.Inf(-1)
	for i := range n {
		for j := 0; j <= i; j++ {
			tl := tile{dataRect: dataRect{float64(j) - 0.5, float64(j) + 0.5, float64(n-1-i) - 0.5, float64(n-1-i) + 0.5}}
			text := ""
			switch {
			case o.Covariances:
				text = t.num(covariance[i][j], decimals)
			case i == j && !ones:
				text = t.num(math.Sqrt(covariance[i][i]), decimals)
			case i != j:
				text = t.num(r[i][j], 2)
			}
			if i == j {
				tl.edge = inkGray
				if ones && !o.Covariances {
					tl.edge = bandGray
				}
			} else {
				tl.fill = t.shade(r[i][j])
				weakest, strongest = math.Min(weakest, r[i][j]), math.Max(strongest, r[i][j])
			}
			tiles.tiles = append(tiles.tiles, tl)
			fits = fits && t.smallText().Width(text)+t.size()*0.4 < width/vg.Length(n)
			if text != "" {
				words.items = append(words.items, textItem{xy: xy{float64(j), float64(n - 1 - i)}, text: text, color: color.Black, small: true})
			}
		}
	}
	pn.add(tiles)
	var foot []string
	switch {
	case o.Covariances:
		foot = append(foot, t.say("plot-correlations-covariances", map[string]any{"unit": squaredUnit(o.Outcome.Unit)}))
	case ones:
		foot = append(foot, t.say("plot-correlations-plain", nil))
	default:
		foot = append(foot, t.say("plot-correlations-method", map[string]any{"unit": unitInBrackets(o.Outcome.Unit)}))
	}
	if fits {
		pn.add(words)
	} else {
		foot = append(foot, t.say("plot-correlations-shades", nil))
	}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title)
	if n > 1 {
		f.alt += " " + t.say("plot-correlations-alt", map[string]any{"visits": n, "weakest": t.num(weakest, 2), "strongest": t.num(strongest, 2)})
	}
	return f, nil
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
		end = t.plainLook(1).color
	}
	if t.style.Palette == PaletteGrey {
		end = rgb(0x404040)
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
