package study

import (
	"os"
	"regexp"
	"strings"
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

// Every exported model is among those that a plan may name, and every method of a
// row has its words for tables and for figures, in every language.
func TestModelsAndMethodsAreWhole(t *testing.T) {
	list, err := os.ReadFile("../testdata/api.txt")
	require.NoError(t, err)
	constant := regexp.MustCompile(`(?m)^study: const \w+ (Model|Method) = "(.*)"$`)
	var named []string
	methods := 0
	for _, m := range constant.FindAllStringSubmatch(string(list), -1) {
		if m[1] == "Model" {
			named = append(named, m[2])
			continue
		}
		methods++
		for _, lang := range text.Languages() {
			c, err := text.In(lang)
			require.NoError(t, err)
			assert.True(t, c.Has("method-"+m[2]), "%s: method-%s", lang, m[2])
			if m[2] != string(MethodPairedT) { // no comparison between arms
				assert.True(t, c.Has("plot-method-"+m[2]), "%s: plot-method-%s", lang, m[2])
			}
		}
	}
	assert.Greater(t, methods, 10)
	assert.ElementsMatch(t, named, models)
	p := Parsed(t, SmallProtocol)
	p.Plans = []Plan{{Outcome: "y", Visit: "post", Model: "anova"}}
	assert.ErrorContains(t, p.Validate(), `unknown model "anova" (`+strings.Join(models, ", ")+`)`)
}
