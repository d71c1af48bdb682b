package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A limit on either side of zero never reads as zero; zero does.
func TestLimitKeepsItsSide(t *testing.T) {
	th, err := newTheme(Options{}, false, smallTrial().info)
	require.NoError(t, err)
	for x, want := range map[float64]string{0.004: "0.004", -0.004: "−0.004", 0.005: "0.01", 0: "0.00", -1.274: "−1.27", 3e-5: "0.00003"} {
		assert.Equal(t, want, th.limit(x, 2), x)
	}
}
