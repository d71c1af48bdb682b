package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Where columns must go, the means go before the numbers analyzed, and the note
// speaks of means only where they stand.
func TestSubgroupColumnsGiveWay(t *testing.T) {
	r := smallTrial().results(t)
	g, err := study.SubgroupsOf(r[len(r)-1], "sex")
	require.NoError(t, err)
	seen := map[int]bool{}
	for width := 90.0; width < 230; width += 5 {
		f, err := SubgroupsWith(r[len(r)-1], SubgroupsOptions{Options: Options{Width: width}}, g)
		require.NoError(t, err)
		n := len(f.panels[0].columns)
		seen[n] = true
		assert.NotEqual(t, 3, n, "one arm's means alone")
		assert.Equal(t, n == 4, strings.Contains(f.footnote, "n, means and SDs"), "%v mm", width)
		if n > 1 {
			assert.True(t, strings.HasPrefix(f.panels[0].columns[0].header, "n"), "%v mm", width)
		}
	}
	assert.True(t, seen[2] && seen[4])
	for in, out := range map[string]string{"sex": "Sex", "pH": "pH", "ouder dan 65": "Ouder dan 65", "élevé": "Élevé", "65+": "65+", "": ""} {
		assert.Equal(t, out, capitalized(in))
	}
}
