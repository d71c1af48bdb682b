package regress_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/regress"
)

// Twelve participants in two arms at three visits: the interval of generalized
// η² holds its estimate, widens with the level, and for the arm's effect lies
// below that of partial η², because more error stands in the denominator.
func TestGeneralizedEta2CI(t *testing.T) {
	var d regress.RepeatedData
	var visit, arm []string
	y := [][]float64{{5, 4, 3}, {6, 5, 3}, {7, 5, 5}, {6, 4, 3}, {5, 3, 1}, {8, 6, 4}, {6, 6, 5}, {7, 7, 7}, {5, 6, 5}, {8, 7, 8}, {6, 5, 6}, {7, 8, 6}}
	for i, row := range y {
		for j, v := range row {
			d.ID = append(d.ID, string(rune('a'+i)))
			d.Y = append(d.Y, v)
			visit = append(visit, string(rune('1'+j)))
			arm = append(arm, map[bool]string{true: "active", false: "control"}[i < 6])
		}
	}
	d.Within = []regress.Term{regress.Category("visit", visit, "1")}
	d.Between = []regress.Term{regress.Category("arm", arm, "control")}
	f, err := regress.RepeatedANOVA(d)
	require.NoError(t, err)
	for _, test := range f.Tests {
		ci, wide := test.GeneralizedEta2CI(0.9), test.GeneralizedEta2CI(0.99)
		assert.True(t, ci.Contains(test.GeneralizedEta2), test.Term)
		assert.True(t, wide.Lo <= ci.Lo && wide.Hi >= ci.Hi, test.Term)
		assert.True(t, ci.Lo >= 0 && ci.Hi <= 1, test.Term)
		assert.LessOrEqual(t, test.GeneralizedEta2, test.PartialEta2()+1e-15)
		_, partial := num.NCFShareCI(test.PartialEta2(), test.DF1, test.DF2, 0.9)
		assert.LessOrEqual(t, ci.Hi, partial+1e-12, test.Term)
	}
}

// Two groups that differ in the first digit and vary in the ninth: F is near
// 1e18 and both shares are 1 as a float can tell.
func TestShareOfOne(t *testing.T) {
	m, err := regress.Linear([]float64{0, 1e-9, -1e-9, 1, 1 + 1e-9, 1 - 1e-9},
		regress.Category("arm", []string{"a", "a", "a", "b", "b", "b"}, "a"))
	require.NoError(t, err)
	arm := m.Tests()[0]
	require.Equal(t, 1.0, arm.PartialOmega2())
	assert.Equal(t, stats.Interval{Lo: 1, Hi: 1, Level: 0.9}, arm.PartialOmega2CI(0.9))
}
