package score

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repeat returns n answers of a value, the last missing ones left out.
func repeat(n int, value float64, missing int) []Answer {
	out := make([]Answer, n)
	for i := range n - missing {
		out[i] = Answer{value, true}
	}
	return out
}

func TestKOOSRulesForMissingItems(t *testing.T) {
	// The most items that may be missing: half, rounded down; two in 1998.
	for scale, half := range map[KOOSSubscale]int{KOOSPain: 4, KOOSSymptoms: 3, KOOSADL: 8, KOOSSport: 2, KOOSQOL: 2} {
		for missing := range scale.Items() + 1 {
			for rule, most := range map[KOOSRule]int{KOOSHalf: half, KOOS1998: 2} {
				s, err := KOOS(scale, repeat(scale.Items(), 1, missing), rule)
				if missing > most {
					assert.ErrorIs(t, err, ErrTooManyMissing)
					continue
				}
				require.NoError(t, err)
				assert.Equal(t, Score{75, scale.Items() - missing, scale.Items()}, s)
			}
		}
	}
	s, err := KOOS(KOOSQOL, Answers(0, 1, 2, 4), KOOSHalf)
	require.NoError(t, err)
	assert.Equal(t, 56.25, s.Value) // 100 − 25·7/4
	for _, bad := range [][]Answer{Answers(0, 1, 2), Answers(0, 1, 2, 5), Answers(0, 1, 2, -1), Answers(0, 1, 2, 0.5), Answers(0, 1, 2, math.NaN())} {
		_, err := KOOS(KOOSQOL, bad, KOOSHalf)
		assert.ErrorIs(t, err, ErrItem)
	}
}

func TestWOMACScores(t *testing.T) {
	for scale, most := range map[WOMACSubscale]int{WOMACPain: 1, WOMACStiffness: 1, WOMACFunction: 3} {
		for missing := range scale.Items() + 1 {
			s, err := WOMAC(scale, WOMACLikert, repeat(scale.Items(), 3, missing))
			if missing > most {
				assert.ErrorIs(t, err, ErrTooManyMissing)
				continue
			}
			require.NoError(t, err)
			assert.InDelta(t, 3*float64(scale.Items()), s.Value, 1e-12)
		}
	}
	// Likert ranges 0–20, 0–8, 0–68 and the lines' 0–500, 0–200, 0–1700.
	for scale, top := range map[WOMACSubscale]float64{WOMACPain: 20, WOMACStiffness: 8, WOMACFunction: 68} {
		for format, k := range map[WOMACFormat]float64{WOMACLikert: 1, WOMACVAS: 25, WOMACNRS: 2.5} {
			x, err := WOMACNormalize(scale, format, top*k/4)
			require.NoError(t, err)
			assert.Equal(t, 25.0, x)
			_, err = WOMACNormalize(scale, format, top*k+1)
			assert.ErrorIs(t, err, ErrItem)
		}
	}
}

func TestBackScores(t *testing.T) {
	s, err := ODI(append(Answers(1, 2, 3, 0, 5, 1, 1, 2, 2), Answer{}))
	require.NoError(t, err)
	assert.Equal(t, 100*17.0/45, s.Value)
	assert.Equal(t, 9, s.Answered)
	_, err = ODI(make([]Answer, 10))
	assert.ErrorIs(t, err, ErrTooManyMissing)

	ticked := make([]bool, 24)
	ticked[0], ticked[7], ticked[23] = true, true, true
	s, err = RMDQ(ticked)
	require.NoError(t, err)
	assert.Equal(t, 3.0, s.Value)
	_, err = RMDQ(ticked[1:])
	assert.ErrorIs(t, err, ErrItem)

	s, err = QBPDS(repeat(20, 3, 0))
	require.NoError(t, err)
	assert.Equal(t, 60.0, s.Value)
	_, err = QBPDS(repeat(20, 3, 1))
	assert.ErrorIs(t, err, ErrTooManyMissing)
}

func TestSTarTBackGroups(t *testing.T) {
	for _, c := range []struct {
		items        []float64
		total, psych int
		group        RiskGroup
	}{
		{[]float64{0, 0, 0, 0, 1, 1, 1, 0, 0}, 3, 3, LowRisk},
		{[]float64{1, 0, 0, 0, 1, 1, 1, 0, 0}, 4, 3, MediumRisk},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 0, 0}, 7, 3, MediumRisk},
		{[]float64{0, 0, 0, 0, 1, 1, 1, 1, 0}, 4, 4, HighRisk},
		{[]float64{1, 1, 1, 1, 1, 1, 1, 1, 1}, 9, 5, HighRisk},
	} {
		total, psych, group, err := STarTBack(Answers(c.items...))
		require.NoError(t, err)
		assert.Equal(t, c.total, total)
		assert.Equal(t, c.psych, psych)
		assert.Equal(t, c.group, group)
	}
	_, _, _, err := STarTBack(repeat(9, 1, 1))
	assert.ErrorIs(t, err, ErrTooManyMissing)
}

func ExampleKOOS() {
	// Four of nine pain items left open: a score by the rule of 2012, none by
	// that of 1998.
	items := append(Answers(1, 2, 1, 0, 1), make([]Answer, 4)...)
	s, err := KOOS(KOOSPain, items, KOOSHalf)
	fmt.Println(s.Value, s.Answered, err)
	_, err = KOOS(KOOSPain, items, KOOS1998)
	fmt.Println(err)
	// Output:
	// 75 5 <nil>
	// score: KOOS: 5 of 9 items answered: too many items without an answer
}
