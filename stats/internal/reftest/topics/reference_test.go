package topics_test

import (
	"testing"

	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// TestReference compares the library with every reference case at hand; see
// package reftest for what counts as a match. Handlers live in
// <topic>_test.go beside this file.
func TestReference(t *testing.T) { reftest.Run(t) }
