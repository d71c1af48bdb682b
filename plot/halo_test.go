package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Among fewer than 20 participants no mark has a white edge: it would hide those
// whose values lie near the mean.
func TestNoHaloAmongFew(t *testing.T) {
	of := func(n int) []study.Result { return randomTrial(2, 3, n, 0).results(t) }
	halos := func(f *Figure, err error) (n int) {
		require.NoError(t, err)
		for _, p := range f.panels {
			n += len(marksOf[haloMarks](p))
			for _, m := range marksOf[*intervalMarks](p) {
				if m.clear {
					n++
				}
			}
		}
		return n
	}
	assert.Zero(t, halos(Trajectories(of(9))), "18 participants")
	assert.NotZero(t, halos(Trajectories(of(10))), "20 participants")
	assert.Zero(t, halos(Slopegraph(of(19))))
	assert.NotZero(t, halos(Slopegraph(of(20))))
	assert.Zero(t, halos(MeanBars(of(19))))
	assert.NotZero(t, halos(MeanBars(of(20))))
}
