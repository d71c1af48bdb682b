package plot

import (
	"io"
	"testing"
)

// From results to bytes: 5 ms SVG, 20 ms PDF and 120 ms PNG are the promise
// for one column.
func BenchmarkWrite(b *testing.B) {
	rs := smallTrial().results(b)
	for name, draw := range charts(Options{Width: 85}) {
		for _, format := range []Format{SVG, PDF, PNG} {
			b.Run(name+"/"+string(format), func(b *testing.B) {
				for b.Loop() {
					f, err := draw(rs)
					if err != nil {
						b.Fatal(err)
					}
					if err := f.Write(io.Discard, format); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkLargeTrialSVG(b *testing.B) {
	rs := randomTrial(2, 6, 1000, 0.02).results(b)
	for b.Loop() {
		f, err := Trajectories(rs)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Write(io.Discard, SVG); err != nil {
			b.Fatal(err)
		}
	}
}
