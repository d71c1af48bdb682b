package plot

import (
	"io"
	"testing"

	"github.com/trialkit/trialkit/study"
)

// everyChart is every chart function of the package, fed from the results of
// one outcome.
func everyChart(o Options) map[string]func([]study.Result) (*Figure, error) {
	all := charts(o)
	for name, draw := range plainCharts(o) {
		all[name] = draw
	}
	for name, draw := range oneResultCharts(o) {
		all[name] = func(rs []study.Result) (*Figure, error) { return draw(rs[len(rs)-1]) }
	}
	return all
}

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
	for name, draw := range everyChart(Options{Width: 85}) {
		for _, format := range []Format{SVG, PDF, PNG} {
			b.Run(name+"/"+string(format), func(b *testing.B) {
				for b.Loop() {
					f, err := draw(rs)
					if err != nil {
						b.Skip(err)
					}
					if err := f.Write(io.Discard, format); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
