// Command gallery draws every chart of package plot, on the HILT study and on
// a larger simulated trial (n = 120, with dropout), as SVG, PNG and PDF, with a
// page to look at them all:
//
//	go run ./examples/gallery -out gallery
//
// charts.go lists the charts and shows how each is called.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("gallery", args, stderr)
	out := flags.String("out", "gallery", flags.Say("flag-gallery-out"))
	style := flags.StyleFlag()
	only := flags.String("chart", "", flags.Say("flag-chart"))
	width := flags.Float64("width", 0, flags.Say("flag-width"))
	dpi := flags.Float64("dpi", 0, flags.Say("flag-dpi"))
	if status, done := flags.Parse(args); done {
		return status
	}
	o := plot.Options{Lang: flags.Lang, Width: *width, EmbedFonts: true}
	var status int
	var done bool
	if o.Style, status, done = flags.Style(*style); done {
		return status
	}
	if *dpi != 0 {
		o.Style.DPI = *dpi
	}
	trials, err := loadTrials(flags.Words)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	figures, err := drawAll(trials, o, *only)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := save(*out, figures, flags.Lang); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	fmt.Fprintln(stdout, filepath.Join(*out, "index.html"))
	return 0
}

// formats of the gallery; the page shows the first.
var formats = []plot.Format{plot.SVG, plot.PNG, plot.PDF}

// drawn is a figure with its files.
type drawn struct {
	file  string // name without extension
	call  string // the function that drew it
	trial trial
	fig   *plot.Figure
	data  [][]byte // by format
}

// drawAll draws the charts of all trials side by side. The order of the result
// is the list's.
func drawAll(trials []trial, o plot.Options, only string) ([]drawn, error) {
	type job struct {
		trial trial
		chart chart
	}
	var jobs []job
	for _, t := range trials {
		for _, c := range charts {
			if (c.only == "" || c.only == t.id) && strings.Contains(t.id+"-"+c.name, only) {
				jobs = append(jobs, job{t, c})
			}
		}
	}
	out := make([]drawn, len(jobs))
	errs := make([]error, len(jobs))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			d := drawn{file: j.trial.id + "-" + j.chart.name, call: j.chart.call, trial: j.trial}
			var err error
			if d.fig, err = j.chart.draw(j.trial, o); err == nil {
				for _, format := range formats {
					var b bytes.Buffer
					if err = d.fig.Write(&b, format); err != nil {
						break
					}
					d.data = append(d.data, b.Bytes())
				}
			}
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", d.file, err)
			}
			out[i] = d
		})
	}
	wg.Wait()
	return out, errors.Join(errs...)
}

// save writes the figures and the page that shows them.
func save(dir string, figures []drawn, lang string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, d := range figures {
		for i, format := range formats {
			if err := os.WriteFile(filepath.Join(dir, d.file+"."+string(format)), d.data[i], 0o644); err != nil {
				return err
			}
		}
	}
	var b bytes.Buffer
	if err := writePage(&b, figures, lang); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "index.html"), b.Bytes(), 0o644)
}
