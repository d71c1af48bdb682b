package plot

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A few pictures byte for byte. Run with -update after a change that is meant,
// and look at the pictures.
func TestGolden(t *testing.T) {
	rs := smallTrial().results(t)
	all := charts(Options{})
	for _, name := range []string{"trajectories", "change", "differences", "responders", "cumming", "raincloud",
		"missing", "dropout", "bars"} {
		f, err := all[name](rs)
		require.NoError(t, err)
		got := written(t, f, SVG)
		file := filepath.Join("..", "testdata", "golden", fmt.Sprintf("plot-%s.svg", name))
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, got, 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), file)
	}
}
