package study

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/text"
)

// Generalized estimating equations and trimmed means have no subgroups: the report says so
// with a reason in both languages, and gives neither rows nor a test.
func TestSubgroupsNotOffered(t *testing.T) {
	protocol, csv := geeTrial(rand.New(rand.NewPCG(3, 1)), 60, "")
	trimmed := fmt.Sprintf(askedProtocol, 42) + "  covariates: {first: {column: y0, kind: number}}\n" + trimmedPlan("0.5", "worst", "")
	for code, x := range map[string]struct{ protocol, csv string }{
		"subgroups-gee":     {protocol + "subgroups: [site, {age: [50]}]\n", csv},
		"subgroups-trimmed": {trimmed + "subgroups: [first]\n", askedText(askedTrial(5, 42))},
	} {
		ds, err := LoadText(t, x.protocol, x.csv)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		require.NotEmpty(t, rep.Subgroups, code)
		for _, s := range rep.Subgroups {
			assert.True(t, s.NotOffered, code)
			n, ok := s.Reason()
			require.True(t, ok, code)
			assert.Equal(t, code, n.Code)
			assert.Empty(t, append(s.Rows, s.All...), code)
			assert.Empty(t, s.Interactions, code)
			assert.Empty(t, append(s.Curve, s.At...), code)
			_, tested := s.Tested()
			assert.False(t, tested)
			assert.Empty(t, s.TestedBy())
			for _, l := range []string{"en", "nl"} {
				c, err := text.In(l)
				require.NoError(t, err)
				assert.True(t, c.Has(code))
			}
		}
	}
}

// A quotient of shares is no share: where few more received the treatment in the arm that was
// to get it, 0.4/0.2 = 2 stands beyond 100 percentage points, uncut and with a note, which an
// effect within them does not have.
func TestCompliersBeyondAllAreNoted(t *testing.T) {
	for events, beyond := range map[int]bool{60: true, 22: false} {
		rows := "id,arm,y1,got\n"
		for i := range 100 {
			rows += fmt.Sprintf("a%02d,a,%d,%s\n", i, btoi(i < events), map[bool]string{true: "a", false: "c"}[i%10 < 6])
			rows += fmt.Sprintf("c%02d,c,%d,%s\n", i, btoi(i < 20), map[bool]string{true: "a", false: "c"}[i%10 < map[bool]int{true: 4, false: 1}[beyond]])
		}
		ds, err := LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v1}]
baseline: none
outcomes: [{id: y, better: higher, kind: binary}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1}}, received: got}
plans: [{outcome: y, visit: v1, primary: true}]
`, rows)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		row := rowOf(t, rep, "v1", func(r Row) bool { return r.Method == MethodCACE })
		require.NotNil(t, row.Effect, "%v", Codes(row.Notes))
		want := (float64(events)/100 - 0.2) / (0.6 - map[bool]float64{true: 0.4, false: 0.1}[beyond])
		assert.InDelta(t, want, row.Estimate, 1e-12)
		assert.Equal(t, beyond, row.noted("cace-beyond"))
	}
}
