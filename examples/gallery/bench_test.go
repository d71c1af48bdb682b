//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/text"
)

// budget is what a figure may take, from results to bytes, in milliseconds; PNG
// is promised for one column at 300 dpi (where that is too narrow or makes it too
// high for a page, at the chart's own width), the others at its own width. The
// small models that some charts of the gallery fit for themselves are in it.
var budget = map[plot.Format]float64{plot.SVG: 5, plot.PDF: 20, plot.PNG: 120}

// benchmarkTrials are the HILT study, with 10 participants, and the gallery's
// simulated trial with 60 and with 2,000.
func benchmarkTrials(b testing.TB) []trial {
	words, err := text.In("en")
	if err != nil {
		b.Fatal(err)
	}
	trials, err := loadTrials(words)
	if err != nil {
		b.Fatal(err)
	}
	out := trials[:1]
	for _, n := range []int{60, 2000} {
		t := trial{id: "large", words: words}
		if t.dataset, err = simulate(n / 2); err != nil {
			b.Fatal(err)
		}
		if err := t.analyze(); err != nil {
			b.Fatal(err)
		}
		out = append(out, t)
	}
	return out
}

// benchmarkCharts calls f with every chart of the gallery on every trial.
func benchmarkCharts(b *testing.B, f func(name string, write func(plot.Format) error)) {
	for _, t := range benchmarkTrials(b) {
		n := len(t.dataset.Participants())
		for _, c := range charts {
			if c.only != "" && c.only != t.id {
				continue
			}
			write := func(format plot.Format, o plot.Options) error {
				fig, err := c.draw(t, o)
				if err != nil {
					return err
				}
				return fig.Write(io.Discard, format)
			}
			pixels := plot.Options{Width: 85}
			if errors.Is(write(plot.PNG, pixels), plot.ErrNoRoom) {
				pixels.Width = 0
			}
			f(fmt.Sprintf("%s-%d", c.name, n), func(format plot.Format) error {
				if format == plot.PNG {
					return write(format, pixels)
				}
				return write(format, plot.Options{})
			})
		}
	}
}

// Every chart and format by itself, for a profile:
//
//	go test ./examples/gallery -run '^$' -bench Gallery/followup-2000/svg -cpuprofile cpu
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

// The table of all charts and formats with 10, 60 and 2,000 participants: the best
// of twelve runs each, in milliseconds of processor time (user and system, of all
// threads), which other work on the machine hardly moves. What is over its budget
// is marked.
//
//	go test ./examples/gallery -run '^$' -bench Table -benchtime 1x
func BenchmarkTable(b *testing.B) {
	const runs = 12
	var table strings.Builder
	fmt.Fprintf(&table, "%-26s", "CPU ms, best of 12")
	for _, format := range formats {
		fmt.Fprintf(&table, "%8s ", format)
	}
	worst := map[plot.Format]float64{}
	benchmarkCharts(b, func(name string, write func(plot.Format) error) {
		fmt.Fprintf(&table, "\n%-26s", name)
		for _, format := range formats {
			best := 0.0
			for i := range runs {
				start := processorMS(b)
				if err := write(format); err != nil {
					b.Fatal(name, err)
				}
				if ms := processorMS(b) - start; i == 0 || ms < best {
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

// processorMS is what the process has used so far.
func processorMS(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}
