package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/text"
)

// budget is what a figure may take, from results to bytes, in milliseconds; PNG
// is promised for one column at 300 dpi, the others at the chart's own width. The
// small models that some charts of the gallery fit for themselves are in it.
var budget = map[plot.Format]float64{plot.SVG: 5, plot.PDF: 20, plot.PNG: 120}

// benchmarkCharts calls f with every chart of the gallery on every trial.
func benchmarkCharts(b *testing.B, f func(name string, write func(plot.Format) error)) {
	words, err := text.In("en")
	if err != nil {
		b.Fatal(err)
	}
	trials, err := loadTrials(words)
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range trials {
		for _, c := range charts {
			if c.only != "" && c.only != t.id {
				continue
			}
			f(t.id+"-"+c.name, func(format plot.Format) error {
				o := plot.Options{}
				if format == plot.PNG {
					o.Width = 85
				}
				fig, err := c.draw(t, o)
				if err != nil {
					return err
				}
				return fig.Write(io.Discard, format)
			})
		}
	}
}

// Every chart and format by itself, for a profile:
//
//	go test ./examples/gallery -run '^$' -bench Gallery/large-followup/svg -cpuprofile cpu
func BenchmarkGallery(b *testing.B) {
	benchmarkCharts(b, func(name string, write func(plot.Format) error) {
		for _, format := range formats {
			b.Run(name+"/"+string(format), func(b *testing.B) {
				for b.Loop() {
					if err := write(format); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	})
}

// The table of all charts and formats: the best of twenty runs each, in
// milliseconds, which other work on the machine hardly moves. What is over its
// budget is marked.
//
//	go test ./examples/gallery -run '^$' -bench Table -benchtime 1x
func BenchmarkTable(b *testing.B) {
	const runs = 20
	var table strings.Builder
	fmt.Fprintf(&table, "%-26s", "ms, best of 20")
	for _, format := range formats {
		fmt.Fprintf(&table, "%8s ", format)
	}
	worst := map[plot.Format]float64{}
	benchmarkCharts(b, func(name string, write func(plot.Format) error) {
		fmt.Fprintf(&table, "\n%-26s", name)
		for _, format := range formats {
			best := 0.0
			for i := range runs {
				start := time.Now()
				if err := write(format); err != nil {
					b.Fatal(name, err)
				}
				if ms := time.Since(start).Seconds() * 1e3; i == 0 || ms < best {
					best = ms
				}
			}
			mark := " "
			if best > budget[format] {
				mark = "!"
			}
			fmt.Fprintf(&table, "%8.1f%s", best, mark)
			worst[format] = max(worst[format], best)
		}
	})
	fmt.Fprintf(&table, "\n%-26s", "slowest")
	for _, format := range formats {
		fmt.Fprintf(&table, "%8.1f ", worst[format])
	}
	fmt.Println("\n" + table.String()) // b.Log cuts after ten lines
}
