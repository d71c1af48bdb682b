package main

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRun holds the printed story to what it tells: simulated data say so, the
// first visit has more values than the last, MMRM and cLDA are nearer to the
// truth than completers and cover it at about the nominal rate.
func TestRun(t *testing.T) {
	var out, dutch, stderr bytes.Buffer
	require.Zero(t, run(nil, &out, &stderr))
	require.Zero(t, run([]string{"-lang=nl"}, &dutch, &stderr))
	assert.Empty(t, stderr.String())
	digits := regexp.MustCompile(`\d+`)
	assert.Equal(t, digits.FindAllString(out.String(), -1), digits.FindAllString(dutch.String(), -1), "the same numbers again")
	for _, s := range []string{"GESIMULEERDE gegevens", "laser − controle, week 12", "95%-BI", "toets tegen us", "alleen wie bleef"} {
		assert.Contains(t, dutch.String(), s)
	}
	assert.NotRegexp(t, `\d\.\d`, dutch.String(), "Dutch numbers have a comma")
	assert.Equal(t, 2, run([]string{"stray"}, &dutch, &stderr))
	assert.Equal(t, 2, run([]string{"-lang", "xx"}, &dutch, &stderr))
	text := out.String()
	assert.True(t, strings.HasPrefix(text, "SIMULATED"))
	row := func(prefix string) []string {
		i := strings.LastIndex(text, "\n"+prefix)
		require.GreaterOrEqual(t, i, 0, prefix)
		line, _, _ := strings.Cut(text[i+1+len(prefix):], "\n")
		return strings.Fields(line)
	}
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(strings.Replace(strings.TrimSuffix(s, "%"), "−", "-", 1), 64)
		require.NoError(t, err)
		return x
	}
	i := strings.Index(text, "\ncontrol")
	line, _, _ := strings.Cut(text[i+1:], "\n")
	counts := strings.Fields(line)[1:]
	require.Len(t, counts, 4)
	assert.Greater(t, number(counts[0]), number(counts[3]))

	completers := math.Abs(number(row("completers only, t-test")[0]) - truth)
	for _, m := range []string{"MMRM", "cLDA"} {
		r := row(m + " ")
		assert.Less(t, math.Abs(number(r[0])-truth), completers/2, m)
		// Four standard errors of a proportion of 0.95 in 500 trials.
		assert.InDelta(t, 95, number(r[1]), 100*4*math.Sqrt(0.95*0.05/500), m)
	}
}
