package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The worked example of Jacobson & Truax (1991): a marital satisfaction score,
// higher better, clinical mean 40, healthy 60, both SD 7.5, reliability 0.80; a
// patient goes from 32.5 to 47.5: RCI 15/4.74 = 3.16. Cut-offs a 55, b 45, c 50.
func TestJacobsonTruaxExample(t *testing.T) {
	n := Norms{Mean: 40, SD: 7.5, Reliability: 0.80, HealthyMean: 60, HealthySD: 7.5}
	for cut, want := range map[Cutoff]float64{CutoffA: 55, CutoffB: 45, CutoffC: 50} {
		x, err := n.CutoffValue(cut, HigherIsBetter)
		require.NoError(t, err)
		assert.InDelta(t, want, x, 1e-12)
		m := Norms{Mean: -40, SD: 7.5, HealthyMean: -60, HealthySD: 7.5}
		x, err = m.CutoffValue(cut, LowerIsBetter)
		require.NoError(t, err)
		assert.InDelta(t, -want, x, 1e-12, "the mirror image")
	}
	z, err := n.Index(32.5, 47.5, JacobsonTruax, HigherIsBetter)
	require.NoError(t, err)
	assert.InDelta(t, 15/math.Sqrt(2*7.5*7.5*0.2), z, 1e-12)
	assert.Equal(t, "3.16", fmt.Sprintf("%.2f", z))
	// By hand: ((47.5−40) − 0.8(−7.5)) / (7.5·√(1−0.64)) = 13.5/4.5.
	z, err = n.Index(32.5, 47.5, GulliksenLordNovick, HigherIsBetter)
	require.NoError(t, err)
	assert.InDelta(t, 3, z, 1e-12)
	// By hand: (47.5 − (0.8·(−7.5)+40)) / (7.5·√0.2) = 13.5/3.3541.
	z, err = n.Index(32.5, 47.5, EdwardsNunnally, HigherIsBetter)
	require.NoError(t, err)
	assert.InDelta(t, 13.5/(7.5*math.Sqrt(0.2)), z, 1e-12)

	_, err = Norms{Mean: 40, SD: 7.5}.CutoffValue(CutoffC, HigherIsBetter)
	assert.ErrorContains(t, err, "without the complaint")
	_, err = Norms{Mean: 40, SD: 7.5, Reliability: 1}.Index(1, 2, JacobsonTruax, HigherIsBetter)
	assert.Error(t, err)
}

func TestClassify(t *testing.T) {
	// Lower is better; SEM 0.5·√0.36 … : SD 2.5, r 0.91: √2·SEM = 1.0607, so
	// reliable beyond 2.0789. Cut-off c at 3.5.
	n := Norms{Mean: 6, SD: 2.5, Reliability: 0.91, HealthyMean: 1, HealthySD: 2.5}
	r := responderResult(LowerIsBetter, []float64{5}, []float64{-3, -2, -2.1, 2.1, -1.4}, []float64{0})
	r.Records[2].Baseline, r.Records[2].Follow = 9, 6.9
	r.Records = append(r.Records, Record{ID: "gone", Arm: "c", Baseline: 4, HasBaseline: true})
	out, err := r.Classify(n, CutoffC, JacobsonTruax)
	require.NoError(t, err)
	var classes []ChangeClass
	for _, c := range out {
		classes = append(classes, c.Class)
	}
	assert.Equal(t, []ChangeClass{Recovered, Unchanged, Improved, Deteriorated, Unchanged, Unchanged}, classes)
	assert.Positive(t, out[0].Index)
	// Who began in the functional range has not recovered.
	r.Records[0].Baseline, r.Records[0].Follow = 3.4, 0.4
	out, err = r.Classify(n, CutoffC, JacobsonTruax)
	require.NoError(t, err)
	assert.Equal(t, Improved, out[0].Class)
}

func TestOMERACTOARSI(t *testing.T) {
	for _, c := range []struct {
		before, after OAState
		want          bool
	}{
		{OAState{40, 40, 40}, OAState{20, 40, 40}, true},    // pain 50%, 20 points
		{OAState{39, 40, 40}, OAState{19.5, 40, 40}, false}, // 50%, 19.5 points
		{OAState{60, 40, 40}, OAState{31, 40, 40}, false},   // 29 points, 48%
		{OAState{40, 40, 40}, OAState{40, 20, 40}, true},    // function
		{OAState{40, 40, 80}, OAState{40, 40, 0}, false},    // global alone is not enough
		{OAState{50, 50, 50}, OAState{40, 40, 50}, true},    // two by 20% and 10 points
		{OAState{50, 50, 50}, OAState{40, 50, 40}, true},
		{OAState{50, 50, 50}, OAState{50, 40, 40}, true},
		{OAState{51, 50, 50}, OAState{41, 40, 50}, false},          // 10 points, 19.6%
		{OAState{45, 45, 45}, OAState{35.1, 35.1, 35.1}, false},    // 9.9 points
		{OAState{50.3, 50.3, 50}, OAState{40.24, 40.24, 50}, true}, // exactly 20%
		{OAState{0, 0, 0}, OAState{0, 0, 0}, false},
	} {
		got, err := OMERACTOARSI(c.before, c.after)
		require.NoError(t, err)
		assert.Equal(t, c.want, got, "%+v", c)
	}
	_, err := OMERACTOARSI(OAState{101, 0, 0}, OAState{})
	assert.Error(t, err)
	_, err = OMERACTOARSI(OAState{}, OAState{Global: math.NaN()})
	assert.Error(t, err)
}

func TestWOMACResponse(t *testing.T) {
	before := WOMACState{Pain: 10, Stiffness: 5, Function: 40}
	for _, c := range []struct {
		after  WOMACState
		pct    float64
		p, pfs bool
	}{
		{WOMACState{8, 5, 40}, 20, true, false},
		{WOMACState{8, 4, 40}, 20, true, true},
		{WOMACState{8, 5, 32}, 20, true, true},
		{WOMACState{9, 1, 10}, 20, false, false},
		{WOMACState{5, 5, 20}, 50, true, true},
		{WOMACState{3, 5, 40}, 70, true, false},
		{WOMACState{3.01, 1, 1}, 70, false, false},
	} {
		p, pfs, err := WOMACResponse(before, c.after, c.pct)
		require.NoError(t, err)
		assert.Equal(t, []bool{c.p, c.pfs}, []bool{p, pfs}, "%+v", c)
	}
	_, _, err := WOMACResponse(before, before, 0)
	assert.Error(t, err)
	_, _, err = WOMACResponse(before, WOMACState{Pain: -1}, 20)
	assert.Error(t, err)
}

func ExampleOMERACTOARSI() {
	before := OAState{Pain: 60, Function: 55, Global: 50}
	after := OAState{Pain: 45, Function: 44, Global: 48}
	fmt.Println(OMERACTOARSI(before, after))
	// Output: true <nil>
}
