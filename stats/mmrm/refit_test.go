package mmrm

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// refitRows is a small trial with dropout and a gap, y correlated within participants.
func refitRows(n int, seed uint64) *Rows {
	rng := rand.New(rand.NewPCG(seed, 7))
	r := &Rows{Columns: []string{"1", "v2", "v3", "arm", "arm v2", "arm v3", "base"}, Visits: []string{"v1", "v2", "v3"}, Groups: []string{"a", "b"}}
	for i := range n {
		r.Group = append(r.Group, i%2)
		b, u := rng.NormFloat64(), rng.NormFloat64()
		last := 3
		if i%5 == 4 {
			last = 1 + i%3
		}
		for v := range last {
			if i%11 == 3 && v == 1 {
				continue
			}
			x := make([]float64, 7)
			x[0], x[6] = 1, b
			if v > 0 {
				x[v] = 1
			}
			if i%2 == 1 {
				x[3] = 1
				if v > 0 {
					x[3+v] = 1
				}
			}
			r.Participant, r.Visit = append(r.Participant, i), append(r.Visit, v)
			r.X, r.Y = append(r.X, x), append(r.Y, math.Round(10*(50+3*b+5*u+3*float64(v)*rng.NormFloat64()+2*rng.NormFloat64()))/10)
		}
	}
	return r
}

// counted repeats the rows of each participant so many times.
func counted(r *Rows, times []int) *Rows {
	out := *r
	out.Participant, out.Visit, out.X, out.Y, out.Group = nil, nil, nil, nil, nil
	next := 0
	for i, k := range times {
		for range k {
			for j, p := range r.Participant {
				if p == i {
					out.Participant, out.Visit = append(out.Participant, next), append(out.Visit, r.Visit[j])
					out.X, out.Y = append(out.X, r.X[j]), append(out.Y, r.Y[j])
				}
			}
			out.Group = append(out.Group, r.Group[i])
			next++
		}
	}
	return &out
}

// A refit is the fit of the rows that remain, written out: the oracle shares no sums
// with it.
func TestRefitIsAFitOfTheSample(t *testing.T) {
	for _, n := range []int{16, 60} {
		rows := refitRows(n, uint64(n))
		for _, m := range []Model{{}, {Method: ML}, {Covariance: HeterogeneousAR1}, {Covariance: Toeplitz}, {ByArm: n > 30, Covariance: HeterogeneousCS}} {
			m.DF = Normal
			fit, err := m.Fit(rows)
			require.NoError(t, err)
			r := fit.Refitter(context.Background())
			same := func(times []int) {
				want, err := m.Fit(counted(rows, times))
				require.NoError(t, err)
				for c, b := range r.Coefficients() {
					e, err := want.Coefficient(want.Columns[c])
					require.NoError(t, err)
					require.InDelta(t, e.Value, b, 2e-7*e.SE, "%v %v", m.Covariance, want.Columns[c])
				}
				got := make([]float64, 9)
				for g := range want.pb.groups {
					r.Sigma(g, got)
					for a := range 3 {
						for b := range 3 {
							require.InEpsilon(t, want.Sigma(g)[a][b], got[3*a+b], 1e-6, "%v", m.Covariance)
						}
					}
				}
			}
			times := make([]int, n)
			for i := range n {
				for j := range times {
					times[j] = 1
				}
				times[i] = 0
				require.NoError(t, r.Without(i))
				if i%5 == 0 {
					same(times)
				}
			}
			for j := range times {
				times[j] = (j*7 + 3) % 3
			}
			require.NoError(t, r.Counted(times))
			same(times)
			first := append([]float64(nil), r.Coefficients()...)
			require.NoError(t, r.Without(2))
			require.NoError(t, r.Counted(times))
			require.Equal(t, first, r.Coefficients(), "an answer depends on its question alone")
		}
	}
}

func TestRefitRefuses(t *testing.T) {
	rows := refitRows(30, 3)
	rows.Columns = append(rows.Columns, "only 7")
	for j, p := range rows.Participant {
		rows.X[j] = append(rows.X[j], 0)
		if p == 7 {
			rows.X[j][7] = 1
		}
	}
	fit, err := Model{DF: Normal}.Fit(rows)
	require.NoError(t, err)
	r := fit.Refitter(context.Background())
	require.ErrorContains(t, r.Without(7), "do not determine")
	require.NoError(t, r.Without(8))
	require.Error(t, r.Without(30))
	require.Error(t, r.Counted([]int{1}))
	times := make([]int, 30)
	require.Error(t, r.Counted(times))
	times[0] = -1
	require.Error(t, r.Counted(times))
	ctx, stop := context.WithCancel(context.Background())
	stop()
	require.ErrorIs(t, fit.Refitter(ctx).Without(8), context.Canceled)
}
