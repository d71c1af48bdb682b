package plot

import (
	"io"
	"testing"

	"github.com/trialkit/trialkit/study"
)

// From results to bytes: 5 ms SVG, 20 ms PDF and 120 ms PNG are the promise
// for one column.
func BenchmarkWrite(b *testing.B) {
	benchmarkWrite(b, smallTrial().results(b))
}

// The same for 2,000 participants at six visits, where every one is drawn.
func BenchmarkWriteLarge(b *testing.B) {
	benchmarkWrite(b, randomTrial(2, 6, 1000, 0.02).results(b))
}

func benchmarkWrite(b *testing.B, rs []study.Result) {
	all := everyChart(Options{Width: 85})
	delete(all, "flow") // 85 mm are too narrow for it
	for name, draw := range all {
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
