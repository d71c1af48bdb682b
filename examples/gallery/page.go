package main

import (
	"html/template"
	"io"
)

// page shows each figure at its printed width, with its title, its caption and
// its files. The words are the figures' own.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>trialkit</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 200mm; padding: 0 1rem; color: #222; }
figure { margin: 1.5rem 0 3rem; }
figcaption { font-size: 13px; max-width: 174mm; }
img { max-width: 100%; height: auto; }
nav { columns: 2; font-size: 13px; }
</style>
</head>
<body>
{{range .Trials}}<h1>{{.Title}}</h1>
<nav>{{range .Figures}}<a href="#{{.File}}">{{.Name}}</a><br>
{{end}}</nav>
{{range .Figures}}<figure id="{{.File}}">
<img src="{{.File}}.svg" alt="{{.Alt}}" width="{{.Width}}">
<figcaption>{{.Caption}} <a href="{{.File}}.svg">SVG</a> <a href="{{.File}}.png">PNG</a> <a href="{{.File}}.pdf">PDF</a></figcaption>
</figure>
{{end}}{{end}}</body>
</html>
`))

type pageTrial struct {
	Title   string
	Figures []pageFigure
}

type pageFigure struct {
	File, Name, Alt, Caption string
	Width                    int // CSS pixels, 96 an inch
}

func writePage(w io.Writer, figures []drawn, lang string) error {
	var data struct {
		Lang   string
		Trials []pageTrial
	}
	data.Lang = lang
	last := ""
	for _, d := range figures {
		if d.trial.id != last {
			last = d.trial.id
			data.Trials = append(data.Trials, pageTrial{Title: d.trial.report.Protocol.Title})
		}
		mm, _ := d.fig.Size()
		t := &data.Trials[len(data.Trials)-1]
		t.Figures = append(t.Figures, pageFigure{d.file, d.fig.Title(), d.fig.Alt(), d.fig.Caption(), int(mm/25.4*96 + 0.5)})
	}
	return page.Execute(w, data)
}
