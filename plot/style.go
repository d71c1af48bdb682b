package plot

import (
	"fmt"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// mm returns a length of so many millimeters.
func mm(x float64) vg.Length { return vg.Length(x / render.MMPerPoint) }

// Style is a journal's house style as far as a figure shows it. Its zero value
// is a good default: 85 or 174 mm wide, 7.5 pt sans, Okabe–Ito colors. Fields
// left zero are filled in from the default.
type Style struct {
	Name string
	// Single and Double are the widths of one and two columns in mm.
	Single, Double float64
	// Size of text and Line width, in points at final size.
	Size, Line float64
	Palette    Palette
	// Midline writes the decimal sign as a raised dot, as The Lancet does.
	Midline bool
	// BlackText writes labels in black where they would have an arm's color.
	BlackText bool
	// LowerLetters names panels a, b, c instead of A, B, C.
	LowerLetters bool
	// DPI of PNG and TIFF files.
	DPI float64
	// MaxHeight in mm of a figure; one that comes out higher is not written. 0 means
	// 235 at 7.5 pt type, the text of a page, and more of larger type.
	MaxHeight float64
}

// The house styles below follow what could be read of the journals' guides to
// authors. Each says which numbers were found there ("guide") and which are
// assumed; a page of the journal's own was needed for the former. Guides change:
// check before you submit. The type is Arial's shapes everywhere. None of the
// palettes is in a guide: they are the colors of figures that the journals
// printed, as the R package ggsci collected them.

// Lancet is The Lancet's style.
// Guide: decimal points at mid-height (formatting guidelines for electronic
// submission, thelancet.com, 2012).
// Second hand: columns of 75 and 154 mm, and Times New Roman for headings and
// legends, by summaries of the journal's artwork guidelines; the page itself
// could not be read. The Lancet redraws most figures, so send it SVG, whose text
// stays text.
// Assumed: 7 pt type. The palette is not safe for color-blind readers; markers
// and dashes carry the distinction. The journal's spelling is British:
// Options.Lang "en-GB".
func Lancet() Style {
	return Style{Name: "Lancet", Single: 75, Double: 154, Size: 7, Palette: PaletteLancet, Midline: true}
}

// JAMA is the style of the JAMA Network journals.
// Guide: the AMA Manual of Style (10th edition) wants images for JAMA at least
// 5 inches (127 mm) wide, of any depth, and graphs as vectors. A PDF or SVG
// scales to that; for a PNG set Options.Width to 127 or more.
// Assumed: columns of 84 and 178 mm, 7.5 pt type; the current instructions
// could not be read.
func JAMA() Style { return Style{Name: "JAMA", Single: 84, Double: 178, Palette: PaletteJAMA} }

// NEJM is the style of The New England Journal of Medicine.
// Second hand: sans type, and 1,200 dpi for line art that is not a vector, by
// summaries of its technical guidelines for figures, which could not be read:
// send PDF or SVG, or set DPI.
// Assumed: columns of 80 and 165 mm, 7.5 pt type. The palette's two first colors
// are one gray: for a journal printed in black and white take another palette.
func NEJM() Style { return Style{Name: "NEJM", Single: 80, Double: 165, Palette: PaletteNEJM} }

// BMC is the style of the BioMed Central journals.
// Guide: columns of 85 and 176 mm, lines of at least 0.5 pt, labels of at least
// 8 pt, 300 dpi (biomedcentral.com/authors/figuretypes).
// Assumed: 170 mm for two columns, which fits the guide's 176 and is what later
// instructions are said to ask; 8.6 pt type, so that the smallest is 8.
func BMC() Style { return Style{Name: "BMC", Single: 85, Double: 170, Size: 8.6} }

// Nature is the style of the Nature journals.
// Guide: columns of 89 and 183 mm, at most 170 mm high, sans type of 5 to 7 pt,
// text that is neither colored nor outlined, fonts embedded, images of 300 dpi
// (research-figure-guide.nature.com). Options.Height is for the height.
// Second hand: lower-case bold panel letters, and 450 dpi (Style.DPI).
func Nature() Style {
	return Style{Name: "Nature", Single: 89, Double: 183, Size: 7, BlackText: true, LowerLetters: true}
}

// Slides is for projection: large type, heavy lines.
func Slides() Style {
	return Style{Name: "Slides", Single: 160, Double: 300, Size: 16, Line: 1.25, DPI: 150}
}

// filled returns the style with the default's values where it has none.
func (s Style) filled() Style {
	def := func(x *float64, v float64) {
		if *x == 0 {
			*x = v
		}
	}
	def(&s.Single, 85)
	def(&s.Double, 174)
	def(&s.Size, 7.5)
	def(&s.Line, 0.6)
	def(&s.DPI, 300)
	def(&s.MaxHeight, 235*max(1, s.Size/7.5))
	return s
}

func (s Style) check() error {
	switch {
	case s.Single < 20 || s.Double < s.Single || s.Double > 1000:
		return fmt.Errorf("plot: style %q: widths %g and %g mm are not between 20 and 1000 in order", s.Name, s.Single, s.Double)
	case s.Size < 4 || s.Size > 72:
		return fmt.Errorf("plot: style %q: type size %g pt is not between 4 and 72", s.Name, s.Size)
	case s.Line < 0.25 || s.Line > 10:
		return fmt.Errorf("plot: style %q: line width %g pt is not between 0.25 and 10", s.Name, s.Line)
	case s.MaxHeight < 20 || s.MaxHeight > 5000:
		return fmt.Errorf("plot: style %q: largest height %g mm is not between 20 and 5000", s.Name, s.MaxHeight)
	case s.DPI < 36 || s.DPI > 2400:
		return fmt.Errorf("plot: style %q: %g dpi is not between 36 and 2400", s.Name, s.DPI)
	}
	if _, _, ok := s.Palette.colors(); !ok {
		return fmt.Errorf("plot: style %q: no palette %q", s.Name, s.Palette)
	}
	return nil
}

// Options belong to every chart. The zero value is the recommended figure.
type Options struct {
	Style Style
	// Lang is the language of the figure's words: "en" when empty, "en-GB" for
	// British journals, "nl".
	Lang string
	// Width of the figure in mm; 0 means the style's width for this chart.
	Width float64
	// Height of a panel's data area in mm; 0 means the chart's default.
	Height float64
	// Visits picks visits by their IDs, for charts that have a panel or a row each;
	// nil draws all.
	Visits []string
	// Title replaces the chart's own title, which is not drawn but is part of
	// the caption, of SVG's <title> and of the PDF's properties.
	Title string
	// Letters names the panels of a figure with several: A, B, C, in reading order.
	Letters bool
	// Outlines writes SVG's letters as shapes: the same on every screen, but no
	// longer text that can be searched or edited.
	Outlines bool
	// EmbedFonts puts the glyphs that a figure uses into its SVG, as TrueType
	// fonts in a style sheet: browsers then draw its text alike everywhere, and
	// it stays text to search and copy. That adds 10 to 20 kB a figure. Programs
	// that draw SVG without style sheets, such as Inkscape and LibreOffice, fall
	// back on the installed fonts, as without the option; Outlines is for those.
	// With Outlines there is no text left to need a font.
	EmbedFonts bool
	// NoFootnote leaves the note under the figure to the caption. It is
	// ignored for simulated data, whose figures always say so.
	NoFootnote bool
	// taken is what a composed figure takes of the width, in points, so that the
	// data areas of its charts stand in line.
	taken vg.Length
	// dense is how close panels stand where the figure would be higher than a page.
	dense density
}

// theme is a style made ready to draw with.
type theme struct {
	style Style
	lang  string
	cat   *text.Catalog
	opt   Options
	study study.StudyInfo
	width vg.Length // of the figure
	// cramped says that a word has no room where it stands.
	cramped bool
	// names of arms, and of visits, of several words.
	names, visits [][]string
	// parting lets a line end behind the minus between two arms.
	parting bool
	// rich remembers the widths of the figure's labels.
	rich render.Rich
}

func newTheme(o Options, wide bool, info study.StudyInfo) (*theme, error) {
	st := o.Style.filled()
	if err := st.check(); err != nil {
		return nil, err
	}
	lang := o.Lang
	if lang == "" {
		lang = "en"
	}
	cat, err := text.In(lang)
	if err != nil {
		return nil, fmt.Errorf("plot: %w", err)
	}
	w := o.Width
	if w == 0 {
		w = st.Single
		if wide {
			w = st.Double
		}
	}
	if !(w >= 30 && w <= 1000) {
		return nil, fmt.Errorf("plot: width %g mm is not between 30 and 1000", w)
	}
	if o.Height != 0 && !(o.Height >= 10 && o.Height <= 1000) {
		return nil, fmt.Errorf("plot: height %g mm is not between 10 and 1000", o.Height)
	}
	return &theme{style: st, lang: lang, cat: cat, opt: o, study: info, width: mm(w), rich: render.NewRich()}, nil
}

// height of a data area: the option's, or the chart's default in mm at 7.5 pt
// text, growing with the type; less of panels that stand close.
func (t *theme) height(def float64) vg.Length {
	if t.opt.Height != 0 {
		return mm(t.opt.Height)
	}
	return mm(def * t.style.Size / 7.5 * t.opt.dense.lower())
}
