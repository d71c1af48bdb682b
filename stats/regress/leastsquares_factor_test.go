package regress

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// factorModel has an intercept, a factor of k levels, and numbers before and after.
func factorModel(r *rand.Rand, k, before, after int, origin float64) (cols [][]float64, y []float64, of []int) {
	for l := range k {
		for range 1 + r.IntN(4) {
			of = append(of, l)
		}
	}
	r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	n := len(of)
	column := func(f func(i int) float64) {
		c := make([]float64, n)
		for i := range c {
			c[i] = f(i)
		}
		cols = append(cols, c)
	}
	column(func(int) float64 { return 1 })
	for range before {
		column(func(int) float64 { return origin + r.NormFloat64() })
	}
	for l := 1; l < k; l++ {
		column(func(i int) float64 {
			if of[i] == l {
				return 1
			}
			return 0
		})
	}
	for j := range after {
		column(func(i int) float64 {
			if j%2 == 0 {
				return float64(r.IntN(2))
			}
			return origin + 10*r.NormFloat64()
		})
	}
	for i := range n {
		y = append(y, origin+float64(of[i])+r.NormFloat64())
	}
	return cols, y, of
}

// A model solved with its factor taken out answers every question as the model
// solved whole.
func TestFactorTakenOutChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for rep := range 60 {
		k, before, after := 12+r.IntN(30), r.IntN(3), r.IntN(4)
		origin := []float64{0, 1e3, 1e6}[rep%3]
		cols, y, of := factorModel(r, k, before, after, origin)
		got, want := solveWithFactor(cols, y, 1+before, k, of), solveLS(cols, y, nil)
		name := fmt.Sprint(rep, k, before, after)
		if len(want.aliased) > 0 || len(y) <= len(cols) {
			require.Nil(t, got, name)
			continue
		}
		require.NotNil(t, got, name)
		close := func(a, b float64, what string) {
			t.Helper()
			assert.InDelta(t, a, b, 1e-12*math.Max(1, math.Abs(a)), "%s %s", name, what)
		}
		require.Equal(t, want.kept, got.kept)
		close(want.rss.Float(), got.rss.Float(), "rss")
		close(want.qty[0].Float()*want.qty[0].Float(), got.qty[0].Float()*got.qty[0].Float(), "intercept")
		close(num.DotDD(want.qty, want.qty).Float(), num.DotDD(got.qty, got.qty).Float(), "explained")
		for j := range want.beta {
			close(want.beta[j].Float(), got.beta[j].Float(), "beta")
		}
		a, b := want.residuals(cols, y), got.residuals(cols, y)
		for i := range a {
			close(a[i], b[i], "residual")
		}
		p := len(cols)
		var rows [2][]float64
		for i := range rows {
			for range p {
				rows[i] = append(rows[i], r.NormFloat64())
			}
		}
		close(want.quad(rows[0]), got.quad(rows[0]), "quad")
		close(want.norm(rows[0]), got.norm(rows[0]), "norm")
		for _, f := range []*lsFit{want, got} { // of the same Q as Qᵀy
			close(want.dot(rows[0]), num.DotDD(f.whiten(rows[0]), f.qty).Float(), "whitened")
		}
		close(num.DotDD(want.whiten(rows[0]), want.whiten(rows[1])).Float(),
			num.DotDD(got.whiten(rows[0]), got.whiten(rows[1])).Float(), "product")
		for i := range y {
			row := make([]float64, p)
			for j, c := range cols {
				row[j] = c[i]
			}
			close(want.quad(row), got.factor.leverage(i, cols).Float(), "leverage")
		}
		va, vb := want.xtxInv(), got.xtxInv()
		for i := range va {
			close(va[i], vb[i], "inverse")
		}
	}
	cols, y, of := factorModel(r, 20, 1, 2, 0)
	for i := range y { // a column that the levels tell
		cols[len(cols)-1][i] = cols[5][i] + cols[6][i]
	}
	require.Nil(t, solveWithFactor(cols, y, 2, 20, of))
}

// A mean over the reference grid with weights that are products is computed without the
// grid; here the grid is walked, row by row.
func TestLSMeansAreMeansOverTheGrid(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const n = 200
	x, y := make([]float64, n), make([]float64, n)
	labels := map[string][]string{}
	size := map[string]int{"arm": 2, "site": 5, "sex": 3}
	for i := range n {
		x[i], y[i] = 1000+10*r.NormFloat64(), r.NormFloat64()
		for name, k := range size {
			labels[name] = append(labels[name], fmt.Sprint(min(r.IntN(k), r.IntN(k))))
		}
	}
	base := Numeric("x", x)
	arm, site, sex := Category("arm", labels["arm"], "1"), Category("site", labels["site"], ""), Category("sex", labels["sex"], "2")
	for _, terms := range [][]Term{
		{arm, site}, {base, site, arm, sex}, {base, arm, site, sex, Interaction(arm, base), Interaction(site, sex), Interaction(site, base)},
	} {
		m, err := Linear(y, terms...)
		require.NoError(t, err)
		for _, kind := range []MarginWeights{EqualWeights, OuterWeights} {
			for level := range size["arm"] {
				sum, total := make([]float64, len(m.Names())), 0.0
				for i := range size["site"] {
					for j := range size["sex"] {
						at := map[string]int{"arm": level, "site": i, "sex": j}
						w, value := 1.0, 1.0
						for _, name := range []string{"site", "sex"} {
							count := 0.0
							for k := range n {
								if labels[name][k] == fmt.Sprint(at[name]) {
									count++
								}
							}
							if kind == OuterWeights {
								w *= count
							}
						}
						total += w
						for c, name := range m.Names() {
							value = w
							for _, part := range strings.Split(name, ":") {
								v, l := part[:max(0, len(part)-1)], part[max(0, len(part)-1):]
								switch {
								case part == "x":
									value *= 1003
								case part != "(Intercept)" && l != fmt.Sprint(at[v]):
									value = 0
								}
							}
							sum[c] += value
						}
					}
				}
				for _, e := range m.LSMeansWith(LSMeansOptions{Weights: kind, At: map[string]float64{"x": 1003}}, "arm") {
					if e.Levels["arm"] == fmt.Sprint(level) {
						for c, name := range m.Names() {
							assert.InDelta(t, sum[c]/total, e.Row()[c], 1e-13*math.Max(1, math.Abs(sum[c]/total)), "%s %d %s", kind, level, name)
						}
					}
				}
			}
		}
	}
}

// Leverages are kept once they were asked for; callers at once get the same.
func TestLeveragesAtOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	x, y := make([]float64, 300), make([]float64, 300)
	for i := range x {
		x[i], y[i] = r.NormFloat64(), r.NormFloat64()
	}
	m, err := Linear(y, Numeric("x", x))
	require.NoError(t, err)
	got := make([][]float64, 4)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() { got[i] = m.Leverage() })
	}
	all.Wait()
	sum := 0.0
	for i := range x {
		sum += got[0][i]
	}
	assert.InDelta(t, 2, sum, 1e-10)
	for _, g := range got {
		assert.Equal(t, got[0], g)
	}
}
