package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/study/text"
)

// An exact test of few values can reject everything at a low level: the row
// says that its interval is empty, in both languages.
func TestRowNamesEmptyInterval(t *testing.T) {
	s, err := rank.MannWhitney([]float64{0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 0.5})
	require.NoError(t, err)
	r := Row{Level: 0.5}
	r.fill(s)
	require.Contains(t, Codes(r.Notes), "interval-empty")
	for _, lang := range []string{"en", "nl"} {
		c, err := text.In(lang)
		require.NoError(t, err)
		assert.Contains(t, c.Say("interval-empty", text.Args{"level": 0.5}), "50%", lang)
	}
	r = Row{Level: 0.95}
	r.fill(s)
	assert.NotContains(t, Codes(r.Notes), "interval-empty")
}

// A Monte Carlo test of up to 200 participants has 100,000 arrangements; from
// there on their number times the participants is 20 million, down to 2,000.
func TestReplicates(t *testing.T) {
	assert.Equal(t, 100_000, replicates(200))
	assert.Equal(t, 10_000, replicates(2000))
	assert.Equal(t, 5000, replicates(4000))
	assert.Equal(t, 2000, replicates(1_000_000))
}
