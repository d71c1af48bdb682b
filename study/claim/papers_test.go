package claim

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

var (
	point = regexp.MustCompile(`\d\.\d|\s\.\d`)
	doi   = regexp.MustCompile(`doi 10\.\S+`)
)

// Claims from papers, and made like papers': what is wrong is found and said
// to be what it is, and nothing else is accused.
func TestClaimsOfPapers(t *testing.T) {
	src, err := os.ReadFile("../../testdata/claims/papers/papers.yaml")
	require.NoError(t, err)
	documents := strings.Split(string(src), "\n---\n")[1:]
	require.Greater(t, len(documents), 30)
	expected := func(doc, key string) []string {
		for line := range strings.Lines(doc) {
			if list, ok := strings.CutPrefix(strings.TrimSpace(line), "# "+key+": "); ok && list != "none" {
				return strings.Split(list, ", ")
			}
		}
		return nil
	}
	for _, doc := range documents {
		c, err := Parse(strings.NewReader(doc), "papers.yaml")
		require.NoError(t, err, doc)
		r := read(t, c)
		for prefix, notes := range map[string][]study.Note{"claim-": r.Findings, "claim-flag-": r.Flags} {
			key := "findings"
			if prefix == "claim-flag-" {
				key = "flags"
			}
			var got []string
			for _, code := range noteCodes(notes) {
				got = append(got, strings.TrimPrefix(code, prefix))
			}
			assert.ElementsMatch(t, expected(doc, key), got, "%s: %s", c.Title, key)
		}
		// Dutch has decimal commas, also in numbers as printed.
		var nl bytes.Buffer
		require.NoError(t, r.WriteMarkdown(&nl, report.Options{Lang: "nl"}))
		_, page, _ := strings.Cut(nl.String(), "\n")
		assert.Empty(t, point.FindAllString(doi.ReplaceAllString(page, ""), -1), c.Title)
	}
}

// Differences, intervals, p-values and verdicts of printed groups, whatever
// spread is printed, are those of papers.R.
func TestClaimsAgreeWithR(t *testing.T) {
	var cases []struct {
		N                     [2]int
		Mean, A, B            [2]json.Number
		Kind                  [2]string
		Level, Threshold      float64
		LowerBetter           bool
		Difference, Lo, Hi, P float64
		Within1, Within2      struct{ Lo, Hi, P float64 }
		Benefit, Harm         study.Verdict
	}
	src, err := os.ReadFile("../../testdata/claims/papers/papers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(src, &cases))
	require.Greater(t, len(cases), 10)
	for i, c := range cases {
		var groups []Group
		for k, arm := range []string{"active", "control"} {
			g := Group{Arm: arm, Mean: integrity.Printed(c.Mean[k])}
			a, b := integrity.Printed(c.A[k]), integrity.Printed(c.B[k])
			switch c.Kind[k] {
			case "sd":
				g.SD = a
			case "se":
				g.SE = a
			case "ci":
				g.CI = [2]integrity.Printed{a, b}
			}
			groups = append(groups, g)
		}
		better := study.HigherIsBetter
		if c.LowerBetter {
			better = study.LowerIsBetter
		}
		claim := paper(better, c.Threshold, c.N[0], c.N[1], Result{Measure: MeasureChange, Groups: groups})
		claim.Level = c.Level
		res := read(t, claim).Results[0]
		near := func(want, got float64) { assert.InEpsilon(t, want, got, 1e-9, "case %d", i) }
		b := res.Between[0]
		ci := b.Effect.CI(c.Level)
		near(c.Difference, b.Difference)
		near(c.Lo, ci.Lo)
		near(c.Hi, ci.Hi)
		near(c.P, b.Effect.P(0))
		assert.Equal(t, c.Benefit, b.Judgements[0].Benefit, "case %d", i)
		assert.Equal(t, c.Harm, b.Judgements[0].Harm, "case %d", i)
		for k, w := range []struct{ Lo, Hi, P float64 }{c.Within1, c.Within2} {
			ci := res.Within[k].Effect.CI(c.Level)
			near(w.Lo, ci.Lo)
			near(w.Hi, ci.Hi)
			near(w.P, res.Within[k].Effect.P(0))
		}
	}
}
