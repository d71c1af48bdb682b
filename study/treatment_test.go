package study

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const treatmentProtocol = `arms: [{id: h}, {id: l}, {id: p, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  arm_values: {H: h, L: l, P: p}
  columns: {x: {v0: x0, v1: x1}}
  missing: [x]
  adherence: {column: sessions, planned: 10}
  guess: {column: thinks, values: {laser: active, "?": unknown}}
`

const treatmentData = `id,arm,x0,x1,sessions,thinks
1,H,5,4,10,H
2,H,5,3,"7,5",laser
3,H,6,4,x,L
4,H,6,2,0,?
5,L,5,4,10,h
6,L,5,3,10,
7,P,7,6,10,?
8,P,7,7,9,laser
9,P,6,6,10,P
`

// Right is the own arm or, of an active one, an active treatment; another active arm is
// wrong. The limits of h are those of Bang, Ni & Davis by hand: (2 − 1)/4 ±
// 1.959964·√((3/4 − 1/16)/4).
func TestAdherenceAndBlinding(t *testing.T) {
	ds, err := LoadText(t, treatmentProtocol, treatmentData)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var full, missing, right, wrong, unsure, not []int
	for i, b := range r.Blinding {
		a := r.Adherence[i]
		full, missing = append(full, a.Full), append(missing, a.Missing)
		right, wrong, unsure, not = append(right, b.Right), append(wrong, b.Wrong), append(unsure, b.Unsure), append(not, b.NotRecorded)
	}
	assert.Equal(t, []int{1, 2, 2}, full)
	assert.Equal(t, []int{1, 0, 0}, missing)
	assert.Equal(t, [][]int{{2, 0, 1}, {1, 1, 1}, {1, 0, 1}, {0, 1, 0}}, [][]int{right, wrong, unsure, not})
	assert.InDelta(t, 17.5/3, r.Adherence[0].Mean, 1e-12)
	h := r.Blinding[0]
	assert.InDelta(t, 0.25, h.Index, 1e-15)
	assert.InDelta(t, 0.25-1.959963984540054*math.Sqrt((0.75-0.0625)/4), h.Lower, 1e-12)
	assert.Equal(t, [3]float64{-1, -1, 1}, [3]float64{r.Blinding[1].Index, r.Blinding[1].Lower, r.Blinding[1].Upper}, "one answer tells no error")
	shuffledDS, err := LoadText(t, treatmentProtocol, shuffled(treatmentData, 3))
	require.NoError(t, err)
	assert.Equal(t, ds.Fingerprints(), shuffledDS.Fingerprints())
	other, err := LoadText(t, treatmentProtocol, strings.Replace(treatmentData, "4,10,h", "4,10,l", 1))
	require.NoError(t, err)
	assert.NotEqual(t, ds.Fingerprints()[4], other.Fingerprints()[4])
	plain, err := LoadText(t, strings.Replace(strings.Replace(treatmentProtocol, "{column: sessions, planned: 10}", "sessions", 1), "{column: thinks, values: {laser: active, \"?\": unknown}}", "thinks", 1),
		strings.NewReplacer("laser", "active", "?", "unknown").Replace(treatmentData))
	require.NoError(t, err)
	r2, err := plain.AnalyzeAll()
	require.NoError(t, err)
	assert.Equal(t, r.Blinding, r2.Blinding)
	assert.Zero(t, r2.Adherence[0].Planned)
}

func TestAdherenceAndBlindingRefused(t *testing.T) {
	for _, c := range [][3]string{
		{treatmentData, strings.Replace(treatmentData, ",9,laser", ",11,laser", 1), "adherence is 0 to the 10 planned, and 11 is not"},
		{treatmentData, strings.Replace(treatmentData, ",9,laser", ",-1,laser", 1), "and -1 is not"},
		{treatmentData, strings.Replace(treatmentData, "4,x,L", "4,x,K", 1), `"K" is no arm`},
		{treatmentData, strings.Replace(treatmentData, ",9,laser", ",often,laser", 1), "often"},
	} {
		_, err := LoadText(t, treatmentProtocol, c[1])
		if assert.ErrorContains(t, err, c[2]) {
			assert.Regexp(t, `:\d+:\d+: `, err.Error())
		}
	}
	for from, to := range map[string][2]string{
		"laser: active":             {"laser: both", `"both" is no guess: write an arm (h, l, p), active or unknown`},
		"planned: 10":               {"planned: 0", "planned"},
		"thinks":                    {"x1", "already used for something else"},
		"column: sessions, planned": {"planned", "missing; name the column"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(treatmentProtocol, from, to[0], 1)), "p.yaml")
		if assert.ErrorContains(t, err, to[1], from) {
			assert.Regexp(t, `p\.yaml:\d+:\d+: `, err.Error(), from)
		}
	}
}

// The effect in compliers of three arms: its test of 0 is that of the model of all arms.
func TestCompliersOfThreeArms(t *testing.T) {
	ds, err := LoadFiles(studies+"lasers/protocol.yaml", studies+"lasers/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	n := 0
	for _, res := range r.Results {
		for _, row := range res.RowsBy(MethodCACE) {
			for _, itt := range res.Deciding() {
				if itt.Arm == row.Arm {
					assert.InDelta(t, itt.P, row.P, 1e-9)
					n++
				}
			}
		}
	}
	assert.Equal(t, 3, n, "who received another than LLLT has no value at week 12")
}
