package regress

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// HC is a kind of covariance estimator that stays consistent where the
// residual variance differs from row to row.
type HC string

// Heteroscedasticity-consistent estimators: V = (XᵀX)⁻¹ Xᵀ diag(ω) X (XᵀX)⁻¹,
// e a residual, h its leverage, p the number of coefficients.
const (
	HC0 HC = "HC0" // ω = e²
	HC1 HC = "HC1" // ω = e²·n/(n − p)
	HC2 HC = "HC2" // ω = e²/(1 − h)
	HC3 HC = "HC3" // ω = e²/(1 − h)²: recommended for small samples
	HC4 HC = "HC4" // ω = e²/(1 − h)^min(4, n·h/p)
)

// RobustOptions are the choices in Robust.
type RobustOptions struct {
	Kind HC // "" means HC3
}

// Robust returns the model with heteroscedasticity-consistent standard errors, HC3:
// Contrast, Coefficients, Cov, LSMeans and Joint of the result use them, with
// n − p degrees of freedom. Intervals are approximate; HC3 comes closest for
// small n.
//
// It refuses (ErrNoVariation, naming the row) HC2 to HC4 where one row alone
// determines a coefficient: its residual says nothing of its variance.
//
// Source: Long & Ervin 2000, doi:10.1080/00031305.2000.10474549;
// Cribari-Neto 2004, doi:10.1016/S0167-9473(02)00366-3. Agrees with R's
// sandwich::vcovHC.
func (m *Fit) Robust() (*Fit, error) { return m.RobustWith(RobustOptions{}) }

// RobustWith is Robust with another kind of estimator.
func (m *Fit) RobustWith(opts RobustOptions) (*Fit, error) {
	kind := opts.Kind
	if kind == "" {
		kind = HC3
	}
	cols := m.est.columns(m.d)
	n, p := len(m.y), len(cols)
	e := m.Residuals()
	h := m.Leverage()
	// In the basis that whitens the columns, where a number's origin is of no account: of
	// the columns themselves, x = 1e5 + 0.1 leaves five digits of the squares.
	meat := make([]float64, p*p)
	row := make([]float64, p)
	for i := range n {
		w := e[i] * e[i] * m.weight(i) * m.weight(i)
		rest := 1 - h[i]
		if kind != HC0 && kind != HC1 && rest < 1e-12 {
			return nil, &stats.SampleError{Func: "Robust", Arg: "y", Index: i, Err: stats.ErrNoVariation,
				Info: "this row alone determines a coefficient"}
		}
		switch kind {
		case HC0:
		case HC1:
			w *= float64(n) / m.df
		case HC2:
			w /= rest
		case HC3:
			w /= rest * rest
		case HC4:
			w /= math.Pow(rest, math.Min(4, float64(n)*h[i]/float64(p)))
		default:
			panic(fmt.Sprintf("regress.Fit.RobustWith: unknown robust errors %q", kind))
		}
		for j := range row {
			row[j] = cols[j][i]
		}
		z := floats(m.fit.whiten(row))
		for j := range p {
			for k := range j + 1 {
				meat[j*p+k] += w * z[j] * z[k]
			}
		}
	}
	for j := range p {
		for k := range j {
			meat[k*p+j] = meat[j*p+k]
		}
	}
	units := make([]float64, p*p) // the whitened unit vectors by column
	for j := range p {
		clear(row)
		row[j] = 1
		for i, v := range m.fit.whiten(row) {
			units[i*p+j] = v.Float()
		}
	}
	half := matMul(meat, units, p)
	cov := make([]float64, p*p)
	for k := range p {
		for i := range p {
			if x := units[k*p+i]; x != 0 {
				for j := range p {
					cov[i*p+j] += x * half[k*p+j]
				}
			}
		}
	}
	for j := range p {
		for k := range j {
			cov[j*p+k] = cov[k*p+j]
		}
	}
	r := *m
	r.hc, r.meat, r.robust = kind, meat, cov
	return &r, nil
}

func floats(z []num.DD) []float64 {
	out := make([]float64, len(z))
	for i, v := range z {
		out[i] = v.Float()
	}
	return out
}

// sandwich is B·M·B for symmetric p×p matrices.
func sandwich(b, meat []float64, p int) []float64 {
	return matMul(matMul(b, meat, p), b, p)
}

func matMul(a, b []float64, p int) []float64 {
	out := make([]float64, p*p)
	for i := range p {
		for k := range p {
			if x := a[i*p+k]; x != 0 {
				for j := range p {
					out[i*p+j] += x * b[k*p+j]
				}
			}
		}
	}
	return out
}

func quadForm(v []float64, p int, l []float64) float64 {
	s := 0.0
	for i := range p {
		if l[i] == 0 {
			continue
		}
		for j := range p {
			s += l[i] * v[i*p+j] * l[j]
		}
	}
	return s
}

// modelBased panics for a model whose errors are robust: sums of squares rest
// on one residual variance.
func (m *Fit) modelBased(what string) {
	if m.robust != nil {
		panic("regress.Fit." + what + ": the model has robust errors; use Joint")
	}
}
