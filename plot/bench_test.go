package plot

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

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

// mayRefuse are the charts for which one column is too narrow, or a page too low: those
// of the longest names there are, and those in which every participant takes room.
var mayRefuse = map[string]bool{"flow": true, "consort": true, "participantpanels": true}

func benchmarkWrite(b *testing.B, rs []study.Result) {
	all := everyChart(Options{Width: 85})
	for name, c := range chartsOfKinds(Options{Width: 85}) { // the analysis is not the chart's work
		ofIt, err := ofKind(rs, c.kind)
		require.NoError(b, err)
		all[name] = func([]study.Result) (*Figure, error) { return c.draw(ofIt) }
	}
	for name, draw := range all {
		for _, format := range []Format{SVG, PDF, PNG} {
			b.Run(name+"/"+string(format), func(b *testing.B) {
				for b.Loop() {
					f, err := draw(rs)
					if err == nil {
						err = f.Write(io.Discard, format)
					}
					if mayRefuse[name] && errors.Is(err, ErrNoRoom) {
						b.Skip(err)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
