package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One line a cause and column, with the first three places and the count. The
// counts are those of the loop that writes the file.
func TestOneProblemACause(t *testing.T) {
	p := Parsed(t, longProtocol)
	var b strings.Builder
	b.WriteString(longHeader)
	for i := range 300 { // lines 2 to 301
		x, y, arm := fmt.Sprint(i%10), "5", "ac"[i/2%2:i/2%2+1]
		switch i % 3 {
		case 1:
			x = "not done"
		case 2:
			y = fmt.Sprintf("<%d", i)
		}
		if i >= 200 {
			arm = fmt.Sprintf("arm%d", i%6)
		}
		fmt.Fprintf(&b, "%d,%s,v%d,%s,%s,7,50,n,0\n", i/2, arm, i%2, x, y)
	}
	_, err := Load(strings.NewReader(b.String()), "d.csv", p)
	var problems Problems
	require.ErrorAs(t, err, &problems)
	lines := strings.Split(err.Error(), "\n")
	assert.Contains(t, lines, `d.csv:3:8: x at v1: "not done" is not a number; declare it under data.missing if it means a missing value (100 times: lines 3, 6, 9, …)`)
	assert.Contains(t, lines, `d.csv:4:10: y at v0: "<2" is not a number; what lies below or above a limit cannot be computed with (100 times: lines 4, 7 ("<5"), 10 ("<8"), …)`)
	total := 0
	for _, q := range problems {
		if strings.Contains(q.Text, "unknown arm") {
			total += q.Count
		}
	}
	assert.Equal(t, 100, total, "every unknown arm is counted")
	assert.Len(t, lines, 2+4+1, "four unknown arms, and all others together")

	nl, err := problems.In("nl")
	require.NoError(t, err)
	assert.Contains(t, nl.Error(), `d.csv:3:8: x op v1: "not done" is geen getal; noem het onder data.missing als het een ontbrekende waarde betekent (100 keer: regels 3, 6, 9, …)`)
	assert.NotContains(t, nl.Error(), "unknown")
	_, err = problems.In("xx")
	assert.Error(t, err)
}
