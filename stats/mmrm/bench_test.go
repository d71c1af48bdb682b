package mmrm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// simRows simulates a trial of two arms with m visits, arm × visit +
// baseline × visit (or arm × visit alone), and a share of values missing
// completely at random; each participant keeps at least one.
func simRows(n, m int, baseline bool, missing float64, seed uint64) *Rows {
	rng := rand.New(rand.NewPCG(seed, 7))
	q := 2
	if baseline {
		q = 3
	}
	r := &Rows{Groups: []string{"control", "active"}}
	for j := 0; j < m; j++ {
		r.Visits = append(r.Visits, fmt.Sprintf("V%d", j+1))
		r.Times = append(r.Times, float64(j+1))
	}
	for k := 0; k < q; k++ {
		for j := 0; j < m; j++ {
			r.Columns = append(r.Columns, fmt.Sprintf("%s:V%d", []string{"visit", "active", "base"}[k], j+1))
		}
	}
	for i := 0; i < n; i++ {
		arm := i % 2
		r.Group = append(r.Group, arm)
		base := 50 + 10*rng.NormFloat64()
		common, ar := 4*rng.NormFloat64(), 0.0
		kept := 0
		for j := 0; j < m; j++ {
			ar = 0.6*ar + 3*rng.NormFloat64()
			y := 20 + 0.5*base + float64(j) + float64(arm*j)/2 + common + ar + rng.NormFloat64()
			if rng.Float64() < missing && (kept > 0 || j < m-1) {
				continue
			}
			kept++
			x := make([]float64, q*m)
			x[j] = 1
			x[m+j] = float64(arm)
			if baseline {
				x[2*m+j] = base
			}
			r.Participant = append(r.Participant, i)
			r.Visit = append(r.Visit, j)
			r.Y = append(r.Y, math.Round(10*y)/10)
			r.X = append(r.X, x)
		}
	}
	return r
}

func benchFit(b *testing.B, m Model, r *Rows) {
	b.ReportAllocs()
	for b.Loop() {
		f, err := m.Fit(r)
		if err != nil {
			b.Fatal(err)
		}
		f.Coefficients()
	}
}

func BenchmarkFEV(b *testing.B) {
	data, ok := reftest.ExtraFile(b, "data/fev_data.csv")
	if !ok {
		return
	}
	r := fevRows(b, data, true)
	b.Run("KenwardRoger", func(b *testing.B) { benchFit(b, Model{}, r) })
	b.Run("Satterthwaite", func(b *testing.B) { benchFit(b, Model{DF: Satterthwaite}, r) })
}

func BenchmarkBCVALike(b *testing.B) {
	r := simRows(1000, 10, true, 0.14, 1)
	b.Run("Satterthwaite", func(b *testing.B) { benchFit(b, Model{DF: Satterthwaite}, r) })
	b.Run("KenwardRoger", func(b *testing.B) { benchFit(b, Model{}, r) })
}

func BenchmarkLarge(b *testing.B) {
	for _, n := range []int{2000, 10000, 100000} {
		r := simRows(n, 4, false, 0.2, 2)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchFit(b, Model{}, r) })
	}
}

func BenchmarkTiny(b *testing.B) {
	r := simRows(10, 3, false, 0, 3)
	benchFit(b, Model{}, r)
}
