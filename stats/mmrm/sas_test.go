package mmrm

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// sasTables is the folder of SAS's tables and the data they are of, which are
// not in the repository.
func sasTables(t *testing.T) (tables, data string, ok bool) {
	t.Helper()
	tables, ok = reftest.ExtraFile(t, "reference/sas")
	if !ok {
		return "", "", false
	}
	data, ok = reftest.ExtraFile(t, "data/fev_data.csv")
	return tables, data, ok
}

// fevRows is FEV1 ~ ARMCD + covariance over visits, as in the SAS runs; with
// visits the means depend on arm × visit.
func fevRows(tb testing.TB, data string, byVisit bool) *Rows {
	f, err := os.Open(data)
	require.NoError(tb, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(tb, err)
	r := &Rows{Columns: []string{"(Intercept)", "TRT"}, Visits: []string{"VIS1", "VIS2", "VIS3", "VIS4"},
		Times: make([]float64, 4), Groups: []string{"PBO", "TRT"}}
	ids := map[string]int{}
	for _, x := range all[1:] {
		if x[6] == "" {
			continue
		}
		num := func(s string) float64 { v, err := strconv.ParseFloat(s, 64); require.NoError(tb, err); return v }
		trt := 0
		if x[2] == "TRT" {
			trt = 1
		}
		if _, ok := ids[x[0]]; !ok {
			ids[x[0]] = len(ids)
			r.Group = append(r.Group, trt)
		}
		v := int(x[1][3] - '1')
		r.Times[v] = num(x[8])
		r.Participant = append(r.Participant, ids[x[0]])
		r.Visit = append(r.Visit, v)
		r.Y = append(r.Y, num(x[6]))
		row := []float64{1, float64(trt)}
		if byVisit {
			row = make([]float64, 8)
			row[v], row[4+v] = 1, float64(trt)
		}
		r.X = append(r.X, row)
	}
	if byVisit {
		r.Columns = []string{"VIS1", "VIS2", "VIS3", "VIS4", "TRT:VIS1", "TRT:VIS2", "TRT:VIS3", "TRT:VIS4"}
	}
	return r
}

// TestSAS compares the arm difference with SAS PROC MIXED's ddfm=kr and
// ddfm=kr(linear) output: to 1e-4, or, where SAS stopped early, to what its
// convergence criterion leaves open (see sasSlack). The spatial runs are not
// here: they took distances from two coordinates of every row.
func TestSAS(t *testing.T) {
	dir, data, ok := sasTables(t)
	if !ok {
		return
	}
	rows := fevRows(t, data, false)
	for name, kind := range map[string]Covariance{"us": Unstructured, "cs": CompoundSymmetry, "csh": HeterogeneousCS,
		"ar1": AR1, "arh1": HeterogeneousAR1, "toep": Toeplitz, "toeph": HeterogeneousToep, "adh": HeterogeneousAnte} {
		for prefix, df := range map[string]DF{"kr": KenwardRoger, "kr1": KenwardRogerLinear} {
			t.Run(prefix+"_"+name, func(t *testing.T) {
				want := sasRow(t, filepath.Join(dir, prefix+"_"+name+".csv"))
				fit, err := Model{Covariance: kind, DF: df}.Fit(rows)
				require.NoError(t, err)
				got, _ := fit.Coefficient("TRT")
				slack := sasSlack(t, fit)
				for i, x := range []float64{got.Value, got.SE, got.DF} {
					tol := 1e-4 * want[i]
					if d := math.Abs(x - want[i]); d > tol {
						t.Logf("number %d: ours %.8g, SAS %.8g; SAS's criterion allows %.2g", i, x, want[i], slack[i])
						tol = slack[i]
					}
					require.InDelta(t, want[i], x, tol)
				}
			})
		}
	}
}

// sasSlack is how far estimate, SE and df of the arm difference can be from
// the optimum's at a point where PROC MIXED stops: gᵀH⁻¹g ≤ 1e-8·|−2ℓ| (its
// default criterion). To first order a statistic s varies there by
// √(1e-8·|−2ℓ|·∇sᵀH⁻¹∇s); gradients by central differences of refits.
func sasSlack(t *testing.T, f *Fit) [3]float64 {
	o, q := f.o, f.st.size()
	us := f.st.kind == Unstructured
	at := func(step []float64) [3]float64 {
		c := newOptimum(f.pb, f.st)
		c.theta = o.theta
		copy(c.sigma, o.sigma)
		theta, ok := c.tryStep(us, o.sigma, step)
		require.True(t, ok)
		c.theta = theta
		g, h := make([]float64, q), make([]float64, q*q)
		c.evaluate(us, true, g, h)
		l := append([]float64(nil), h...)
		require.True(t, cholesky(l, q))
		c.finish(h, l, q)
		cov, err := c.kenwardRoger(f.Model.DF, c.sigmaCov)
		require.NoError(t, err)
		n := *f.inf
		n.l, n.fe, n.omega, n.cov = c.l, c.fe, c.omega, cov
		n.beta = append([]float64(nil), f.pb.beta0...)
		axpy(n.beta, 1, c.beta)
		e := n.contrast([]float64{0, 1})
		return [3]float64{e.Value, e.SE, e.DF}
	}
	grad := make([][]float64, 3)
	for i := 0; i < q; i++ {
		step := make([]float64, q)
		step[i] = 1e-4
		hi := at(step)
		step[i] = -1e-4
		lo := at(step)
		for k := range grad {
			grad[k] = append(grad[k], (hi[k]-lo[k])/2e-4)
		}
	}
	g, h := make([]float64, q), make([]float64, q*q)
	c := newOptimum(f.pb, f.st)
	c.theta = o.theta
	require.True(t, c.value(o.sigma))
	c.evaluate(us, true, g, h)
	require.True(t, cholesky(h, q))
	inv, work := make([]float64, q*q), make([]float64, q*q)
	cholInverse(h, inv, work, q)
	var out [3]float64
	for k := range out {
		out[k] = math.Sqrt(1e-8 * math.Abs(2*f.LogLik) * quad(grad[k], inv, grad[k]))
	}
	return out
}

func sasRow(t *testing.T, path string) [3]float64 {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var out [3]float64
	for i := range out {
		out[i], err = strconv.ParseFloat(all[1][4+i], 64)
		require.NoError(t, err)
		require.False(t, math.IsNaN(out[i]))
	}
	return out
}
