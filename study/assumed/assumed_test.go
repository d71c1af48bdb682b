package assumed_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
)

const trial = `title: t
arms: [{id: a}, {id: b}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes:
  - {id: pain, range: [0, 10], better: lower, thresholds: [{kind: MCID, value: 2, level: individual}, {kind: margin, value: 1, level: between}]}
  - {id: good, kind: binary, better: higher}
  - {id: pgic, kind: ordinal, levels: [x, y, z], better: higher}
  - {id: falls, kind: count, better: lower}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {pre: p0, post: p1}, good: {post: g}, pgic: {post: q}, falls: {post: f}}
  exposure: {falls: t}
`

func parse(t *testing.T, y string) (study.Protocol, error) {
	t.Helper()
	return study.ParseProtocol(strings.NewReader(trial+y), "p.yaml")
}

func TestRead(t *testing.T) {
	p, err := parse(t, `
assumed:
  pain: {source: Jansen, sd: {value: 2.3, n: 120, arms: 2}, correlation: 0.5, control: 5, difference: {a: -1.5, b: {value: -0.9, source: panel}}}
  good: {control: {value: 0.4, source: registry}, difference: 0.2}
  pgic: {control: {shares: [0.2, 0.5, 0.3], source: registry}, odds_ratio: 1.8}
  falls: {control: 0.8, rate_ratio: 0.7, dispersion: 0.4}
  lost: 0.15
`)
	require.NoError(t, err)
	pain, ok := p.Assumed.Outcome("pain")
	require.True(t, ok)
	assert.Equal(t, assumed.Number{Value: 2.3, Source: "Jansen", N: 120, Arms: 2, Stated: true}, pain.SD)
	assert.Equal(t, assumed.Number{Value: 0.5, Source: "Jansen", Stated: true}, pain.Correlation)
	b, ok := assumed.Find(pain.Difference, "b")
	assert.True(t, ok)
	assert.Equal(t, assumed.Number{Value: -0.9, Source: "panel", Stated: true}, b)
	good, _ := p.Assumed.Outcome("good")
	all, ok := assumed.Find(good.Difference, "b")
	assert.True(t, ok)
	assert.Equal(t, 0.2, all.Value)
	pgic, _ := p.Assumed.Outcome("pgic")
	assert.Equal(t, []float64{0.2, 0.5, 0.3}, pgic.Shares)
	assert.Equal(t, assumed.Number{Value: 0.15, Stated: true}, p.Assumed.Lost)
	assert.Equal(t, []string{"assumed.lost"}, p.Assumed.Unsourced("pain"))
	assert.Equal(t, []string{"assumed.good.difference", "assumed.lost"}, p.Assumed.Unsourced("good"))
	assert.Equal(t, []string{"assumed.falls.rate_ratio", "assumed.falls.control", "assumed.falls.dispersion", "assumed.lost"}, p.Assumed.Unsourced("falls"))
	q := p.Assumed.Clone()
	q.Outcomes[0].Difference[0].Value = 99
	assert.Equal(t, -1.5, pain.Difference[0].Value)
}

// What is impossible is refused at its place.
func TestRefusals(t *testing.T) {
	for y, want := range map[string]string{
		"assumed: {pain: {sd: 5.1}}":                                            "p.yaml:16:22: assumed.pain.sd: an SD of 5.1 is impossible",
		"assumed: {pain: {sd: -1}}":                                             "is not above 0",
		"assumed: {pain: {correlation: 1}}":                                     "is not a correlation",
		"assumed: {pain: {difference: 10.5}}":                                   "is impossible on this scale",
		"assumed: {pain: {difference: {a: -1, d: -1}}}":                         `p.yaml:16:38: assumed.pain.difference.d: "d" is no treated arm (a, b)`,
		"assumed: {pain: {difference: {c: -1}}}":                                `"c" is no treated arm`,
		"assumed: {pain: {difference: -2}}":                                     "2 is an important change of one patient",
		"assumed: {pain: {difference: {value: -1.7, source: MCID}}}":            "1.7 is an important change of one patient",
		"assumed: {pain: {difference: {value: -1.5, source: Our Pilot study}}}": "a pilot's effect is not planned with",
		"assumed: {pain: {sd: {value: 2, source: pilot}}}":                      "state n, the participants that it was found in, 3 at least",
		"assumed: {pain: {correlation: {value: 0.5, n: 3}}}":                    "4 at least",
		"assumed: {pain: {sd: {source: x}}}":                                    "the value is missing",
		"assumed: {pain: {odds_ratio: 2}}":                                      "odds_ratio means nothing of an outcome of kind",
		"assumed: {good: {sd: 2}}":                                              "sd means nothing of an outcome of kind binary; known there: control, difference",
		"assumed: {good: {control: 0.9, difference: 0.2}}":                      "is not between 0 and 1",
		"assumed: {pgic: {control: [0.2, 0.8]}}":                                "share of each of the 3 levels",
		"assumed: {pgic: {control: 0.2}}":                                       "shares are those of the levels",
		"assumed: {falls: {control: 0}}":                                        "is not above 0",
		"assumed: {falls: {control: 1, rate_ratio: 0}}":                         "an effect of 0 is impossible",
		"assumed: {pian: {sd: 2}}":                                              `unknown outcome "pian"; declared are pain, good, pgic, falls`,
		"assumed: {lost: 15}":                                                   "p.yaml:16:17: assumed.lost: a loss of 15 is impossible",
		"assumed: {lost: 1}":                                                    "a loss of 1 is impossible",
		"assumed: [1]":                                                          "must be a map from outcome",
		"assumed: {pain: {stdev: 2}}":                                           `unknown key "stdev"`,
	} {
		_, err := parse(t, "\n"+y+"\n")
		if assert.Error(t, err, y) {
			assert.Contains(t, err.Error(), want, y)
		}
	}
	// A difference that was declared between arms is one, whatever one patient's is.
	_, err := parse(t, "\nassumed: {pain: {difference: {value: -1, source: between-group MCID}}}\n")
	assert.NoError(t, err)
}

// A pilot's SD and correlation are planned with at a limit. In R 2.3*sqrt(8/qchisq(.2, 8))
// and tanh(atanh(.6) - qnorm(.8)/sqrt(7)); here from the closed form of χ² on 8 degrees of freedom.
func TestPilotLimits(t *testing.T) {
	sd := assumed.Number{Value: 2.3, Source: "pilot of 2023", N: 10, Arms: 2, Stated: true}
	assert.InDelta(t, 3.0352711175216065, sd.PlannedSD(), 1e-12)
	r := assumed.Number{Value: 0.6, Source: "pilot", N: 10, Stated: true}
	assert.InDelta(t, 0.3583959691092261, r.PlannedCorrelation(), 1e-12)
	r.Value = -0.6
	assert.InDelta(t, -0.3583959691092261, r.PlannedCorrelation(), 1e-12)
	r.Value = 0.1
	assert.Zero(t, r.PlannedCorrelation(), "a limit below 0 promises nothing")
	sd.Source, r.Source = "a trial", "a trial"
	assert.Equal(t, 2.3, sd.PlannedSD())
	assert.Equal(t, 0.1, r.PlannedCorrelation())
	assert.True(t, math.IsInf(assumed.Number{}.DF(), 1))
}

func ExampleNumber_PlannedSD() {
	trial := assumed.Number{Value: 2.3, Source: "Jansen 2021", N: 120, Arms: 2, Stated: true}
	pilot := assumed.Number{Value: 2.3, Source: "pilot", N: 10, Arms: 2, Stated: true}
	fmt.Printf("%.2f %.2f\n", trial.PlannedSD(), pilot.PlannedSD())
	// Output: 2.30 3.04
}
