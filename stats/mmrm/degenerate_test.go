package mmrm

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// sparseTrial has three participants an arm at three visits, two values
// missing: a score from 0 to 100 of which Kenward and Roger's interval at the
// second visit would be −13,662 to 13,668.
func sparseTrial() *Trial {
	nan := math.NaN()
	y := [][]float64{{63, 66, 70}, {44, 36, 66}, {62, 51, 63}, {36, nan, 68}, {55, 83, 26}, {77, 40, 31}}
	return smallTrial(2, 3, 3, func(i, j int) float64 { return y[i][j] })
}

// An estimate with too few approximate degrees of freedom says so, and what
// stands of it is the model's own standard error, here from dense matrices.
func TestDegenerate(t *testing.T) {
	tr := sparseTrial()
	f, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	var sick []Cell
	for _, d := range f.Differences() {
		if f.Degenerate(d.Estimate) {
			sick = append(sick, d)
		}
	}
	require.NotEmpty(t, sick)
	codes := map[string]bool{}
	for _, n := range f.Notes {
		codes[n.Code] = true
	}
	require.True(t, codes[NoteDegenerate])
	p := len(f.Columns)
	xwx, s := mat.NewDense(p, p, nil), f.Sigma(0)
	rows := map[int][]int{}
	for i, who := range f.rows.Participant {
		rows[who] = append(rows[who], i)
	}
	for _, own := range rows {
		v, x := mat.NewDense(len(own), len(own), nil), mat.NewDense(len(own), p, nil)
		for a, i := range own {
			x.SetRow(a, f.rows.X[i])
			for b, j := range own {
				v.Set(a, b, s[f.rows.Visit[i]][f.rows.Visit[j]])
			}
		}
		var w, wx, t1 mat.Dense
		require.NoError(t, w.Inverse(v))
		wx.Mul(&w, x)
		t1.Mul(x.T(), &wx)
		xwx.Add(xwx, &t1)
	}
	var phi mat.Dense
	require.NoError(t, phi.Inverse(xwx))
	for _, d := range sick {
		l := minus(statstest.Must(f.LSMeanRow(d.Arm, d.Visit)), statstest.Must(f.LSMeanRow("arm 0", d.Visit)))
		v := mat.Inner(mat.NewVecDense(p, l), &phi, mat.NewVecDense(p, l))
		u := f.Unadjusted(l)
		require.InEpsilon(t, math.Sqrt(v), u.SE, 1e-7)
		require.Equal(t, d.Value, u.Value)
		require.Less(t, u.DF, 2.0)
	}
	_, err = f.AnyDifference()
	require.ErrorIs(t, err, stats.ErrTooFew)

	// Nothing is withheld of degrees of freedom that are counted, not matched.
	for _, df := range []DF{Residual, BetweenWithin, Normal} {
		f, err := Model{DF: df}.MMRM(tr)
		require.NoError(t, err)
		for _, d := range f.Differences() {
			require.False(t, f.Degenerate(d.Estimate), df)
		}
		_, err = f.AnyDifference()
		require.NoError(t, err, df)
	}
	require.True(t, f.Degenerate(stats.Estimate{DF: math.NaN()}))
	require.True(t, f.Degenerate(stats.Estimate{DF: math.Nextafter(2, 0)}))
	require.False(t, f.Degenerate(stats.Estimate{DF: 2}))
}

// Joint tests by moments have neither F nor p at LeastDF or below, where they
// had an F on 0.07 degrees of freedom.
func TestJointNeedsMoreThanTwo(t *testing.T) {
	nan := math.NaN()
	y := [][]float64{{69, 58, 78}, {59, 36, 41}, {43, 53, 63}, {32, 64, 50}, {43, 73, 44}, {72, 27, nan}}
	for _, df := range []DF{KenwardRoger, Satterthwaite} {
		f, err := Model{DF: df}.MMRM(smallTrial(2, 3, 3, func(i, j int) float64 { return y[i][j] }))
		require.NoError(t, err)
		if test, err := f.AnyDifference(); df == KenwardRoger {
			require.ErrorIs(t, err, stats.ErrTooFew, df)
		} else {
			require.NoError(t, err)
			require.Greater(t, test.DF2, 2.0)
		}
	}
}

// Doubts about structures stand where they are due: cLDA that ties the
// correlation with baseline to the others, and cLDA of few with any covariance.
func TestStructureNotes(t *testing.T) {
	has := func(f *TrialFit, code string) bool {
		for _, n := range f.Notes {
			if n.Code == code {
				return true
			}
		}
		return false
	}
	for _, n := range []int{12, 40} {
		tr := simTrial(n, 3, 6, 0, 3)
		for kind := Unstructured; kind <= SpatialGaussian; kind++ {
			m := Model{Covariance: kind}
			c, err := m.CLDA(tr)
			require.NoError(t, err)
			require.Equal(t, kind == CompoundSymmetry || kind == HeterogeneousCS, has(c, NoteEqualCorrelation), kind)
			require.Equal(t, kind == Unstructured && n < 20, has(c, NoteFewCLDA), kind)
			f, err := m.MMRM(tr)
			require.NoError(t, err)
			require.False(t, has(f, NoteEqualCorrelation) || has(f, NoteFewCLDA), kind)
		}
	}
}
