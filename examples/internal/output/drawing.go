package output

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// styles are the house styles by the name the flag takes, in the order in which
// they are listed.
var styles = []struct {
	name string
	make func() plot.Style
}{
	{"lancet", plot.Lancet}, {"jama", plot.JAMA}, {"nejm", plot.NEJM}, {"bmc", plot.BMC}, {"nature", plot.Nature}, {"slides", plot.Slides},
	{"gray", func() plot.Style { return plot.Style{Name: "gray", Palette: plot.PaletteGray} }},
}

// StyleFlag is the flag -style.
func (f *Flags) StyleFlag() *string {
	return f.String("style", "", f.Words.Say("flag-style", text.Args{"styles": styleNames()}))
}

// Style is the house style of a name, the default one of "". Where there is none,
// the program is done, with the status.
func (f *Flags) Style(name string) (s plot.Style, status int, done bool) {
	if name == "" {
		return plot.Style{}, 0, false
	}
	for _, s := range styles {
		if s.name == name || s.name == "gray" && name == "grey" {
			return s.make(), 0, false
		}
	}
	return plot.Style{}, f.Refuse("flag-no-style", text.Args{"style": name, "styles": styleNames()}), true
}

func styleNames() string {
	var names []string
	for _, s := range styles {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

// Widths of figures in mm, as plot has them.
const narrowest, widest = 30, 1000

// figureFormats are the formats of figures' files where -format names none.
const figureFormats = "svg,png"

// Drawing holds the flags of figures: -style, -width, -format and -figures. Files
// of tables on request are formats, too: who wants one looks for it there.
type Drawing struct {
	flags                   *Flags
	style, formats, figures *string
	width                   *float64
}

// DrawingFlags defines them.
func (f *Flags) DrawingFlags() Drawing {
	say := func(code, list string) string { return f.Words.Say(code, text.Args{"list": list}) }
	return Drawing{flags: f, style: f.StyleFlag(),
		width:   f.Float64("width", 0, f.Say("flag-width")),
		formats: f.String("format", figureFormats, f.Words.Say("flag-format", text.Args{"list": join(plot.Formats()), "tables": join(report.Formats())})),
		figures: f.String("figures", "default", say("flag-figures", join(publish.Kinds())))}
}

// Options are what the flags ask, beside a report's own. Where one asks for what
// there is not, the program is done, with the status.
func (d Drawing) Options(o report.Options) (out publish.Options, status int, done bool) {
	out = publish.Options{Report: o, Plot: plot.Options{Width: *d.width}, Figures: []publish.Kind{}}
	if out.Plot.Style, status, done = d.flags.Style(*d.style); done {
		return out, status, true
	}
	if w := *d.width; w != 0 && !(w >= narrowest && w <= widest) {
		return out, d.flags.Refuse("flag-no-width", text.Args{"width": w, "from": narrowest, "to": widest}), true
	}
	known := append(names(plot.Formats()), names(report.Formats())...)
	formats, bad := chosen(*d.formats, known)
	if bad != "" || len(formats) == 0 {
		return out, d.flags.Refuse("flag-no-format", text.Args{"format": bad, "list": join(known)}), true
	}
	for _, f := range formats {
		if t := report.Format(f); slices.Contains(report.Formats(), t) {
			out.Tables = append(out.Tables, t)
		} else {
			out.Formats = append(out.Formats, plot.Format(f))
		}
	}
	if len(out.Formats) == 0 { // -format tex says nothing of figures
		out.Formats, _ = chosen(figureFormats, plot.Formats())
	}
	switch strings.TrimSpace(*d.figures) {
	case "default":
		out.Figures = nil
	case "all":
		out.Figures = publish.Kinds()
	case "none":
	default:
		if out.Figures, bad = chosen(*d.figures, publish.Kinds()); bad != "" || len(out.Figures) == 0 {
			return out, d.flags.Refuse("flag-no-figure", text.Args{"figure": bad, "list": join(publish.Kinds())}), true
		}
	}
	return out, 0, false
}

// chosen reads a list of names with commas between; bad is the first that is not known.
func chosen[T ~string](list string, known []T) (out []T, bad string) {
	for s := range strings.SplitSeq(list, ",") {
		x := T(strings.ToLower(strings.TrimSpace(s)))
		if x == "" {
			continue
		}
		if !slices.Contains(known, x) {
			return nil, strings.TrimSpace(s)
		}
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out, ""
}

func join[T ~string](list []T) string { return strings.Join(names(list), ", ") }

func names[T ~string](list []T) (out []string) {
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}
