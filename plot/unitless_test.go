package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An outcome without a unit leaves no space where the unit would stand.
func TestNoUnitNoSpace(t *testing.T) {
	tr := smallTrial()
	for _, unit := range []string{"", "cm"} {
		tr.outcome.Unit = unit
		results := tr.results(t)
		for _, draw := range []func() (*Figure, error){
			func() (*Figure, error) { return Trajectories(results) },
			func() (*Figure, error) { return Change(results) },
			func() (*Figure, error) { return Responders(results) },
			func() (*Figure, error) { return Differences(results) },
		} {
			f, err := draw()
			require.NoError(t, err)
			assert.NotContains(t, strings.ReplaceAll(f.Alt(), "\u00a0", " "), "  ")
			assert.NotContains(t, f.Alt(), "\u00a0.")
			assert.Equal(t, unit != "", strings.Contains(f.Alt(), "\u00a0cm"), f.Alt())
		}
	}
}
