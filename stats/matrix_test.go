package stats_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func ExampleMatrix() {
	fmt.Println(stats.Matrix{{4, -0.5}, {-0.5, 123.456}})
	// Output:
	//       1      2
	// 1     4   -0.5
	// 2  -0.5  123.5
}

func TestMatrixOfNothing(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "no result", stats.Matrix(nil).String())
	b, err := json.Marshal(stats.Matrix{{1, math.NaN()}, {math.Inf(-1), 0}})
	require.NoError(t, err)
	assert.Equal(t, `[[1,null],["-Inf",0]]`, string(b))
}
