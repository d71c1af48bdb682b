package publish

import (
	"path"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// File is a drawn figure, ready to be written: its name, what it shows for who
// cannot see it, the text to print below it, its bytes and its size.
type File struct {
	Name, Alt, Caption string
	Data               []byte
	WidthMM, HeightMM  float64
}

// Attach puts drawn figures into a report's options, for the files that hold
// their figures: files of the same name but for its ending are one figure. Their
// captions are numbered in order, behind those that the options hold already:
// "Figure 1. …" in the report's language, without the words that mark invented data,
// which the report and the figure have already. It adds the fonts that the SVG is set
// in, once. It refuses an unknown language.
func Attach(o report.Options, drawn []File) (report.Options, error) {
	c, err := text.In(o.Lang)
	if err != nil {
		return o, err
	}
	mark := c.Say("simulated", nil) + ". "
	o.Figures = slices.Clone(o.Figures)
	at := map[string]int{}
	var svgs [][]byte
	for _, f := range drawn {
		ext := path.Ext(f.Name)
		name := strings.TrimSuffix(f.Name, ext)
		i, ok := at[name]
		if !ok {
			i = len(o.Figures)
			at[name] = i
			o.Figures = append(o.Figures, report.Figure{Name: f.Name, Alt: f.Alt, WidthMM: f.WidthMM, HeightMM: f.HeightMM,
				Caption: c.Say("figure-caption", text.Args{"number": i + 1, "caption": strings.TrimPrefix(f.Caption, mark)})})
		}
		switch plot.Format(strings.TrimPrefix(ext, ".")) {
		case plot.SVG:
			o.Figures[i].Name, o.Figures[i].SVG = f.Name, f.Data // reports that name a file name this one
			svgs = append(svgs, f.Data)
		case plot.PNG:
			o.Figures[i].PNG = f.Data
		}
	}
	faces, err := plot.FontFaces(svgs...)
	if err != nil {
		return o, err
	}
	o.FontFaces += faces
	return o, nil
}
