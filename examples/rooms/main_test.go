package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRooms(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(&out))
	assert.Greater(t, strings.Count(out.String(), "\n"), 15)
	assert.NotContains(t, out.String(), "NaN")
	assert.Contains(t, out.String(), "-5.2 (", "the means are 51 and 56.25")
}
