package main

import (
	"html/template"
	"io"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// page shows each figure at its printed width, with its title, what its caption
// says besides title and drawn note, its description and its files, each once. The
// words are the figures' own.
var page = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>trialkit: {{.Title}}</title>
<style>
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 190mm; padding: 1.5rem 1rem 4rem; color: #222; background: #f4f4f2; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 3rem 0 .5rem; border-top: 2px solid #222; padding-top: .5rem; }
h3 { font-size: 1rem; margin: 0 0 .75rem; }
nav { columns: 3 15rem; font-size: 14px; }
nav a { display: block; }
a { color: #005a8c; }
figure { background: #fff; margin: 1.5rem 0; padding: 1.25rem; border-radius: 4px; box-shadow: 0 1px 3px #0002; }
figure:target { outline: 2px solid #0072b2; }
figcaption, details { font-size: 14px; margin-top: .75rem; max-width: 174mm; }
img { display: block; max-width: 100%; height: auto; }
.files { font-size: 14px; margin: .75rem 0 0; }
.files a { margin-right: .75rem; }
code { font-size: 13px; }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Intro}}</p>
{{range .Trials}}<h2 id="{{.ID}}">{{.Title}}</h2>
<nav>{{range .Figures}}<a href="#{{.File}}">{{.Name}}</a>
{{end}}</nav>
{{$trial := .ID}}{{range .Figures}}<figure id="{{.File}}">
<h3>{{.Name}}</h3>
<img src="{{.File}}.svg" alt="{{.Alt}}" aria-describedby="{{.File}}-words" width="{{.Width}}" height="{{.Height}}" loading="lazy">
{{with .More}}<figcaption>{{.}}</figcaption>
{{end}}<details><summary>{{$.Described}}</summary><span id="{{.File}}-words">{{.Words}}</span></details>
<p class="files"><a href="{{.File}}.svg">SVG</a><a href="{{.File}}.png">PNG</a><a href="{{.File}}.pdf">PDF</a> {{$.Made}} <code>{{.Call}}</code> · <a href="#{{$trial}}">{{$.Back}}</a></p>
</figure>
{{end}}{{end}}</body>
</html>
`))

type pageTrial struct {
	ID, Title string
	Figures   []pageFigure
}

type pageFigure struct {
	File, Name, Alt, Words, More, Call string
	Width, Height                      int // CSS pixels, 96 an inch
}

func writePage(w io.Writer, figures []drawn, lang string) error {
	words, err := text.In(lang)
	if err != nil {
		return err
	}
	say := func(code string) string { return words.Say("gallery-"+code, text.Args{"figures": len(figures)}) }
	data := struct {
		Lang, Title, Intro, Described, Made, Back string
		Trials                                    []pageTrial
	}{Lang: lang, Title: say("title"), Intro: say("intro"), Described: say("described"), Made: say("made"), Back: say("back")}
	last := ""
	for _, d := range figures {
		if d.trial.id != last {
			last = d.trial.id
			data.Trials = append(data.Trials, pageTrial{ID: last, Title: d.trial.report.Protocol.Title})
		}
		width, height := d.fig.Size()
		pixels := func(mm float64) int { return int(mm/25.4*96 + 0.5) }
		t := &data.Trials[len(data.Trials)-1]
		t.Figures = append(t.Figures, pageFigure{File: d.file, Name: d.fig.Title(), Alt: d.fig.Alt(), Words: d.fig.Description(),
			More: without(d.fig.Caption(), d.fig.Title()+".", d.fig.Note(), words.Say("simulated", nil)+"."),
			Call: "plot." + d.call, Width: pixels(width), Height: pixels(height)})
	}
	for i := range data.Trials {
		nameApart(data.Trials[i].Figures)
	}
	return page.Execute(w, data)
}

// without takes parts out of a text.
func without(text string, parts ...string) string {
	for _, p := range parts {
		text = strings.Replace(text, p, "", 1)
	}
	return strings.Join(strings.Fields(text), " ")
}

// nameApart adds the chart's own name to titles that several figures of a trial
// have: each link of the list says where it leads.
func nameApart(figures []pageFigure) {
	titles := map[string]int{}
	for _, f := range figures {
		titles[f.Name]++
	}
	for i, f := range figures {
		if titles[f.Name] > 1 {
			_, chart, _ := strings.Cut(f.File, "-")
			figures[i].Name += " (" + chart + ")"
		}
	}
}
