package plot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/plot/internal/render"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Figure is a finished picture: panels of gonum/plot, laid out with aligned
// data areas, with legend and footnote, at an exact size in millimeters. It
// can be written any number of times, also concurrently; writing is
// deterministic: the same figure gives the same bytes. Charts make figures; the
// zero Figure has no panels and cannot be written.
type Figure struct {
	theme     *theme
	title     string
	caption   []string // sentences after the title
	footnote  string
	what      string   // it shows
	answer    string   // in a clause
	described []string // sentences for who cannot see it
	legend    []legendItem
	panels    []*panel
	parts     []*Figure    // of a composed figure; their panels are its panels
	grid      partGrid     // where they stand
	columns   []textColumn // that a forest would have if it were wide enough
	untitled  bool         // its caption needs no title beside those of its parts
}

// Title is the figure's short title. It is not drawn: journals set it.
func (f *Figure) Title() string {
	if f.empty() {
		return ""
	}
	return f.title
}

// empty reports whether no chart made the figure, as beside a chart's error.
func (f *Figure) empty() bool { return f == nil || f.theme == nil }

// Caption is the text to print under the figure: title, what is drawn, method
// and numbers. For simulated data it begins by saying so.
func (f *Figure) Caption() string {
	if f.empty() {
		return ""
	}
	parts := append([]string{sentence(f.title)}, f.caption...)
	if f.untitled {
		parts = f.caption
	}
	if f.theme.study.Simulated {
		parts = append([]string{sentence(f.theme.say("simulated", nil))}, parts...)
	}
	return strings.Join(parts, " ")
}

// Note is the text that is drawn under the panels: the part of the caption that a
// page beside the figure need not repeat. It is "" with Options.NoFootnote.
func (f *Figure) Note() string {
	if f.empty() || f.theme.opt.NoFootnote {
		return ""
	}
	return f.footnote
}

// Panels is the number of panels.
func (f *Figure) Panels() int {
	if f.empty() {
		return 0
	}
	return len(f.panels)
}

// Plot returns the gonum plot of panel i, counted from 0 in reading order.
// Changes to it show in what is written afterwards; do not change a plot while
// the figure is being written. It panics where there is no panel i.
func (f *Figure) Plot(i int) *plot.Plot {
	if i < 0 || i >= f.Panels() {
		panic(f.noPanel("Plot", i).Error())
	}
	return f.panels[i].plot
}

// noPanel says why there is no panel i.
func (f *Figure) noPanel(method string, i int) error {
	switch n := f.Panels(); n {
	case 0:
		return fmt.Errorf("plot: Figure.%s: the zero Figure has no panels; a chart function makes one", method)
	case 1:
		return fmt.Errorf("plot: Figure.%s: panel %d of a figure with one panel (0)", method, i)
	default:
		return fmt.Errorf("plot: Figure.%s: panel %d of a figure with %d panels (0 to %d)", method, i, n, n-1)
	}
}

// Size returns width and height in millimeters.
func (f *Figure) Size() (width, height float64) {
	if f.empty() {
		return 0, 0
	}
	l := f.layout()
	return float64(l.w) * render.MMPerPoint, float64(l.h) * render.MMPerPoint
}

// Format is a file format for figures.
type Format string

// Formats. There is no EPS: it has no transparency.
const (
	PNG Format = "png"
	SVG Format = "svg"
	PDF Format = "pdf"
	// TIFF has the pixels of PNG, for submission systems that ask for it.
	TIFF Format = "tiff"
)

// Formats lists the formats.
func Formats() []Format { return []Format{PNG, SVG, PDF, TIFF} }

// ErrFormat is matched by errors about a format that is not offered.
var ErrFormat = errors.New("plot: format not offered")

// ErrNoRoom is matched by the error that Write and Save return when labels
// leave the data of a panel no room (give the figure a larger Width, or shorter
// labels), and when the figure is higher than a page (choose visits with
// Options.Visits, or fewer rows; Style.MaxHeight allows more). Nothing is written then.
var ErrNoRoom = errors.New("plot: no room")

// GlyphError says that a character cannot be printed: the figure's font does
// not have it. Nothing is written in that case; a blank would be a lie.
type GlyphError struct {
	Char rune
	Text string // where it stands
	Font string
}

func (e *GlyphError) Error() string {
	return fmt.Sprintf("plot: %s has no glyph for %q (U+%04X) in %q", e.Font, e.Char, e.Char, e.Text)
}

// Save writes the figure to a file; the extension .png, .svg, .pdf, .tiff or .tif
// picks the format. The file appears whole or not at all.
func (f *Figure) Save(path string) error {
	format := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(path), ".")))
	if format == "tif" {
		format = TIFF
	}
	var b bytes.Buffer
	if err := f.Write(&b, format); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".figure-*")
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	defer os.Remove(tmp.Name()) // fails once renamed, which is what we want
	if _, err := tmp.Write(b.Bytes()); err != nil {
		tmp.Close()
		return fmt.Errorf("plot: %w", err)
	}
	if err := tmp.Chmod(0o644); err != nil {
		tmp.Close()
		return fmt.Errorf("plot: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// Write writes the figure in a format. A character that the font lacks is a
// *GlyphError; nothing is written then.
func (f *Figure) Write(w io.Writer, format Format) error {
	switch {
	case slices.Contains(Formats(), format):
	case format == "eps":
		return fmt.Errorf("%w: EPS has no transparency; use PDF", ErrFormat)
	default:
		return fmt.Errorf("%w: %q (offered are png, svg, pdf and tiff)", ErrFormat, format)
	}
	if f.empty() {
		return errors.New("plot: no figure to write: no chart made it, or one that returned an error")
	}
	l := f.layout()
	if l.cramped {
		return noRoom(l)
	}
	if most := f.theme.style.MaxHeight; l.tooHigh() {
		return fmt.Errorf("%w: the figure is %.0f mm high, above the %.0f of a page: choose fewer visits (Options.Visits) or rows, make it wider, or set Style.MaxHeight",
			ErrNoRoom, float64(l.h)*render.MMPerPoint, most)
	}
	s := l.render()
	if char, in, missing := s.MissingGlyph(); missing {
		return &GlyphError{Char: char, Text: in.Text, Font: in.Face.Name()}
	}
	if !s.Finite() || len(f.parts) > 0 && textsCollide(s) {
		return noRoom(l)
	}
	if format == SVG && f.theme.opt.Outlines {
		s.OutlineText()
	}
	var b bytes.Buffer
	var err error
	switch format {
	case PNG:
		err = render.WritePNG(&b, s, f.theme.style.DPI)
	case TIFF:
		err = render.WriteTIFF(&b, s, f.theme.style.DPI)
	case SVG:
		err = render.WriteSVG(&b, s, f.Alt(), f.Description(), f.theme.lang, f.theme.opt.EmbedFonts)
	case PDF:
		err = render.WritePDF(&b, s, f.title, strings.TrimSpace(f.Alt()+" "+f.Description()), f.theme.lang)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// TooHigh reports whether the figure is higher than a page (Style.MaxHeight), so that
// it cannot be written: fewer visits or rows are to be chosen.
func (f *Figure) TooHigh() bool { return !f.empty() && f.layout().tooHigh() }

func (l *layout) tooHigh() bool {
	return float64(l.h)*render.MMPerPoint > l.f.theme.style.MaxHeight
}

// noRoom tells at which width there is none.
func noRoom(l *layout) error {
	return fmt.Errorf("%w: the labels leave none for the data; make the figure wider or the labels shorter (%.0f mm wide)", ErrNoRoom, float64(l.w)*render.MMPerPoint)
}

// render draws everything on a new scene.
func (f *Figure) render() *render.Scene { return f.layout().render() }

func (l *layout) render() *render.Scene {
	s := render.NewScene(l.w, l.h)
	s.SetColor(rgb(0xFFFFFF))
	s.Fill(vg.Rectangle{Max: vg.Point{X: l.w, Y: l.h}}.Path())
	l.draw(s)
	return s
}

// sentence makes sure that a text ends like one.
func sentence(s string) string {
	if s == "" || strings.ContainsRune(".!?", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}

// FontFaces are the style rules (@font-face) with the fonts of figures written as
// SVG, for an HTML page that holds them: the glyphs that they use, once for all of
// them, where Options.EmbedFonts puts them into every file. The figures' text asks
// for their family, 'Figure Sans', first.
func FontFaces(svgs ...[]byte) (string, error) {
	var b bytes.Buffer
	err := render.FontFaces(&b, svgs...)
	return b.String(), err
}
