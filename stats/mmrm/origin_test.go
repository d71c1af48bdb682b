package mmrm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// origins are what values may be counted from: nothing depends on it.
var origins = []float64{-1e4, 2018, 1e4, 1 << 20, 1e9}

func sameEstimate(t *testing.T, want, got stats.Estimate, tol float64, name string) {
	t.Helper()
	require.InDelta(t, want.Value, got.Value, tol*want.SE, "%s: value", name)
	require.InEpsilon(t, want.SE, got.SE, tol, "%s: SE", name)
	require.InEpsilon(t, want.DF, got.DF, tol*100, "%s: df", name)
}

// TestSlopesDoNotDependOnOrigins: random slopes on calendar years, days or
// seconds are those on years since the first.
func TestSlopesDoNotDependOnOrigins(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 18))
	const n = 24
	rows := &ClusterRows{Columns: []string{"(Intercept)", "t", "arm", "t × arm"}}
	years := []float64{0, 0.5, 1, 2, 4}
	for i := 0; i < n; i++ {
		b0, b1, arm := 3*rng.NormFloat64(), rng.NormFloat64(), float64(i%2)
		for _, year := range years {
			if year > 0 && rng.Float64() < 0.1 {
				continue
			}
			rows.Cluster, rows.T = append(rows.Cluster, i), append(rows.T, year)
			rows.Y = append(rows.Y, math.Round(64*(20+b0+(b1+0.5*arm)*year+rng.NormFloat64()))/64)
			rows.X = append(rows.X, []float64{1, year, arm, arm * year})
		}
	}
	for _, m := range []LMM{{Slope: true}, {Slope: true, DF: Satterthwaite}, {Slope: true, Method: ML}} {
		plain, err := m.Fit(rows)
		require.NoError(t, err)
		require.False(t, plain.Singular)
		for _, unit := range []float64{1, 1. / 1024, 1 << 25} {
			for _, origin := range origins {
				far := math.Abs(origin) / unit
				if far > 2e9 { // spaced too widely for the values between
					continue
				}
				name := fmt.Sprint(m, " ", unit, " ", origin)
				r := *rows
				r.T, r.X, r.Y = nil, nil, nil
				for i, year := range rows.T {
					x := origin + year*unit
					arm := rows.X[i][2]
					r.T, r.Y = append(r.T, x), append(r.Y, rows.Y[i]+origin)
					r.X = append(r.X, []float64{1, x, arm, arm * x})
				}
				f, err := m.Fit(&r)
				require.NoError(t, err, name)
				tol := 1e-8 + 1e-14*far // outcomes and contrasts near the origin have that many digits less
				for _, c := range []int{1, 3} {
					want, got := plain.Coefficients()[c], f.Coefficients()[c]
					got.Value, got.SE = got.Value*unit, got.SE*unit
					sameEstimate(t, want.Estimate, got.Estimate, tol, name)
				}
				sameEstimate(t, plain.Contrast([]float64{0, 0, 1, 1.5}), f.Contrast([]float64{0, 0, 1, origin + 1.5*unit}), tol, name)
				require.InEpsilon(t, plain.Random[1][1], f.Random[1][1]*unit*unit, tol, name)
				require.InEpsilon(t, plain.Sigma2, f.Sigma2, tol, name)
				at := f.Random[0][0] + 2*origin*f.Random[0][1] + origin*origin*f.Random[1][1]
				require.InDelta(t, plain.Random[0][0], at, 1e-14*f.Random[0][0]+1e-6*plain.Random[0][0], name)
			}
		}
	}
}

// TestMMRMDoesNotDependOnOrigins: neither the outcome's nor the covariates'.
func TestMMRMDoesNotDependOnOrigins(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 18))
	const n, m = 40, 3
	level, age := make([]float64, n), make([]float64, n)
	for i := range level {
		level[i], age[i] = math.Round(10*rng.NormFloat64()), math.Round(8*rng.NormFloat64())
	}
	y := make([][m]float64, n)
	for i := range y {
		for j := range y[i] {
			y[i][j] = math.Round(level[i] + 5*rng.NormFloat64() + float64(j*(i/20)))
		}
	}
	at := func(y0, x0 float64) *Trial {
		tr := smallTrial(2, n/2, m, func(i, j int) float64 {
			if j > 0 && (i*7+j*5)%9 == 0 {
				return math.NaN()
			}
			return y[i][j] + y0
		})
		b, a := make([]float64, n), make([]float64, n)
		for i := range a {
			b[i], a[i] = math.Round(level[i]+age[i]/2)+y0, age[i]+x0
		}
		tr.Baseline = b
		tr.Covariates = []Covariate{{Name: "age", Number: a}}
		return tr
	}
	for _, kind := range allKinds() {
		for _, clda := range []bool{false, true} {
			fit := func(y0, x0 float64) *TrialFit {
				model := Model{Covariance: kind}
				run := model.MMRM
				if clda {
					run = model.CLDA
				}
				f, err := run(at(y0, x0))
				require.NoError(t, err, "%s %v %v", kind, y0, x0)
				return f
			}
			plain := fit(0, 0)
			for _, origin := range origins {
				f := fit(origin, origin)
				name := fmt.Sprint(kind, " ", clda, " ", origin)
				tol := 1e-8 + 1e-15*math.Abs(origin)
				for i, d := range f.Differences() {
					sameEstimate(t, plain.Differences()[i].Estimate, d.Estimate, tol, name)
				}
				for i, d := range f.LSMeans() {
					want := plain.LSMeans()[i].Estimate
					want.Value += origin
					sameEstimate(t, want, d.Estimate, tol, name)
				}
			}
		}
	}
}
