package mmrm

import (
	"math"
	"testing"
)

// A structure of few parameters at many visits takes another way through the
// same sums: both must give the same matrices, errors and degrees of freedom.
func TestManyVisits(t *testing.T) {
	rows := simRows(40, 14, false, 0.2, 5)
	for _, byArm := range []bool{false, true} {
		for _, kind := range []Covariance{CompoundSymmetry, AR1, SpatialExponential, HeterogeneousAR1} {
			m := Model{Covariance: kind, ByArm: byArm}
			f, err := m.Fit(rows)
			if err != nil {
				t.Fatal(kind, err)
			}
			s := f.o.surface
			s.direct()
			fe, be := append([]float64(nil), s.fe...), append([]float64(nil), s.be...)
			s.tensor()
			near(t, kind.String()+" F", fe, s.fe)
			near(t, kind.String()+" b", be, s.be)

			for i := range s.pb.pats {
				pt := &s.pb.pats[i]
				k, ne := len(pt.visit), s.pb.groups*s.pb.d
				few, all := make([]float64, k*k), make([]float64, k*k)
				f.o.fewParameters(i, few)
				for x := range all {
					for b := 0; b < k; b++ {
						for c := 0; c < k; c++ {
							all[x] += f.o.sigmaCov[pt.elem[x/k*k+b]*ne+pt.elem[c*k+x%k]] * s.w[i][b*k+c]
						}
					}
				}
				whiten(all, s.ci[i], all, make([]float64, k*k), k)
				near(t, kind.String()+" Q", few, all)
			}
		}
	}
}

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	size := 0.0
	for _, x := range want {
		size = math.Max(size, math.Abs(x))
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-11*size {
			t.Fatalf("%s[%d]: %v, want %v of %v", what, i, got[i], want[i], size)
		}
	}
}
