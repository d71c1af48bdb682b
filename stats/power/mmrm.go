package power

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// MMRMDesign is a trial of two arms with several visits, compared at the last one by a
// mixed model for repeated measures of the visits in R, an unstructured mean by arm
// and visit, with participants lost from visit to visit. Participants lost still inform the
// last visit through their earlier values:
//
//	N = (φ₁ + φ₀/Ratio)·(z_{1−α/2} + z_power)²·σ²/δ²,  φ = [(Σ_j (r_j − r_{j+1})·E_j′R_j⁻¹E_j)⁻¹]_{JJ}
//
// where r_j is the share still there at visit j and R_j the correlations of the first j
// visits. Values are missing at random and monotone; the normal quantiles leave out that
// R is estimated, which matters below about 20 an arm. A baseline is adjusted for where R holds the
// correlations given the baseline and SD that within an arm given the baseline.
// Source: Lu, Luo & Chen (2008), Int J Biostat 4(1), article 9,
// doi 10.2202/1557-4679.1098.
type MMRMDesign struct {
	// N participants randomized to the treated arm; Ratio control participants per treated
	// one, 0 means 1.
	N, Ratio float64
	// Effect at the last visit and SD there, in the outcome's unit.
	Effect, SD float64
	// R are the correlations between visits. Treated and Control are the shares of
	// participants with a value at each visit, not rising; Control empty: as Treated.
	R                [][]float64
	Treated, Control []float64
	Alpha            float64 // two-sided; 0 means 0.05
}

// Inflation returns φ of both arms: the variance at the last visit of one participant
// randomized, in units of SD².
func (d MMRMDesign) Inflation() (treated, control float64, err error) {
	const fn = "MMRMDesign.Inflation"
	if treated, err = d.inflation(fn, "Treated", d.Treated); err != nil {
		return 0, 0, err
	}
	if len(d.Control) == 0 {
		return treated, treated, nil
	}
	control, err = d.inflation(fn, "Control", d.Control)
	return treated, control, err
}

func (d MMRMDesign) inflation(fn, arg string, stay []float64) (float64, error) {
	j := len(d.R)
	if j == 0 || len(stay) != j {
		return 0, domain(fn, arg, fmt.Sprintf("%d shares for %d visits", len(stay), j))
	}
	info := mat.NewSymDense(j, nil)
	for k := range j {
		next := 0.0
		if k+1 < j {
			next = stay[k+1]
		}
		if !(stay[k] > 0 && stay[k] <= 1) || stay[k] < next || len(d.R[k]) != j {
			return 0, domain(fn, arg, fmt.Sprintf("visit %d: %v", k, stay[k]))
		}
		part := mat.NewSymDense(k+1, nil)
		for a := range k + 1 {
			for b := range a + 1 {
				if d.R[a][b] != d.R[b][a] || d.R[a][a] != 1 {
					return 0, domain(fn, "R", fmt.Sprintf("row %d, column %d", a, b))
				}
				part.SetSym(a, b, d.R[a][b])
			}
		}
		inv, ok := inverse(part)
		if !ok {
			return 0, domain(fn, "R", "not positive definite")
		}
		for a := range k + 1 {
			for b := range a + 1 {
				info.SetSym(a, b, info.At(a, b)+(stay[k]-next)*inv.At(a, b))
			}
		}
	}
	inv, ok := inverse(info)
	if !ok {
		return 0, domain(fn, arg, "nobody reaches the last visit")
	}
	return inv.At(j-1, j-1), nil
}

// inverse is that of a positive definite matrix.
func inverse(a *mat.SymDense) (*mat.SymDense, bool) {
	var c mat.Cholesky
	var inv mat.SymDense
	if !c.Factorize(a) || c.InverseTo(&inv) != nil {
		return nil, false
	}
	return &inv, true
}

func (d MMRMDesign) form(fn string) (zDesign, error) {
	a, err := alphaOf(fn, d.Alpha)
	if err != nil {
		return zDesign{}, err
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return zDesign{}, err
	}
	if !(d.SD > 0) || math.IsInf(d.SD, 0) {
		return zDesign{}, domain(fn, "SD", d.SD)
	}
	t, c, err := d.Inflation()
	v := d.SD * d.SD * (t + c/r)
	return zDesign{d.Effect, v, v, a}, err
}

// Power returns the power; NaN for a design that is refused.
func (d MMRMDesign) Power() float64 { return powerAt(d.form, d.N) }

// SolveN returns the participants to be randomized to the treated arm; round up.
func (d MMRMDesign) SolveN(power float64) (float64, error) {
	return solveAt("MMRMDesign.SolveN", d.form, power)
}

// SolveEffect returns the difference detected with the power asked for.
func (d MMRMDesign) SolveEffect(power float64) (float64, error) {
	const fn = "MMRMDesign.SolveEffect"
	d.Effect = 1
	n, err := solveAt(fn, d.form, power)
	if err == nil && !(d.N > 0) {
		err = domain(fn, "N", d.N)
	}
	return math.Sqrt(n / d.N), err
}
