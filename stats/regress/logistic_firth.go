package regress

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// firthPart is what Firth's penalty ½ log|I| adds to a fit: hat values and
// rows whitened by the information I = RᵀR, u = R⁻ᵀx, in whose coordinates it
// is the identity however small the weights.
type firthPart struct {
	info *lsFit
	u    [][]float64
	hat  []float64 // v·uᵀu
}

func (m *LogisticFit) penalty(b *basis, eta []float64) (*firthPart, float64, error) {
	f := &firthPart{info: b.information(eta), hat: make([]float64, len(eta)), u: make([][]float64, len(eta))}
	p := len(b.q)
	if f.info.rank() < p {
		return nil, 0, m.unsettled("the information vanishes")
	}
	half := 0.0 // ½ log|I|
	for k := range p {
		half += math.Log(math.Abs(f.info.r[k*p+k].Float()))
	}
	row := make([]float64, p)
	for i, e := range eta {
		u := make([]float64, p)
		for k, z := range f.info.whiten(b.at(i, row)) {
			u[k] = z.Float()
			f.hat[i] += u[k] * u[k]
		}
		_, v := logistic(e)
		f.u[i], f.hat[i] = u, f.hat[i]*v
	}
	return f, half, nil
}

// step is Newton's for the first free coordinates, and gain twice the rise it
// promises. The second derivatives of the penalty are, in whitened coordinates,
//
//	½ (Σ h v″/v u uᵀ − (tr D_a D_b)),  D_a = Σ v′ u_a u uᵀ
//
// Where with them the matrix is not positive definite, the score's derivative
// with hat values held takes its place, Σ v(1 + h) u uᵀ: always positive
// definite, but slow to converge.
func (f *firthPart) step(y, count, eta []float64, free int) (step []float64, gain float64) {
	p := f.info.rank()
	score := make([]float64, free)
	exact, held := make([]float64, free*free), make([]float64, free*free)
	d := make([]float64, p*p*free)
	for i, u := range f.u {
		mu, v := logistic(eta[i])
		h := f.hat[i]
		n := count[i]
		s := n * (residual(y[i], eta[i]) + h*(0.5-mu))
		slope := n * v * (1 - 2*mu) // v′
		for a := range free {
			score[a] += s * u[a]
			for b := range free {
				held[a*free+b] += n * v * (1 + h) * u[a] * u[b]
				exact[a*free+b] -= 0.5 * n * h * (1 - 6*v) * u[a] * u[b]
			}
			for b := range p {
				for c := range p {
					d[(a*p+b)*p+c] += slope * u[a] * u[b] * u[c]
				}
			}
		}
	}
	for a := range free {
		exact[a*free+a]++
		for b := range free {
			for k := range p * p {
				exact[a*free+b] += 0.5 * d[a*p*p+k] * d[b*p*p+k]
			}
		}
	}
	z, ok := solveDefinite(exact, score)
	if !ok {
		z, ok = solveDefinite(held, score)
	}
	if !ok {
		z = score // the information alone, which is the identity here
	}
	for a := range free {
		gain += z[a] * score[a]
	}
	// δ = R⁻¹z; the coordinates held fixed are the last and stay 0.
	step = make([]float64, p)
	delta := make([]num.DD, p)
	for i := free - 1; i >= 0; i-- {
		v := num.ToDD(z[i])
		for j := i + 1; j < free; j++ {
			v = v.Sub(f.info.r[i*p+j].Mul(delta[j]))
		}
		delta[i] = v.Div(f.info.r[i*p+i])
		step[i] = delta[i].Float()
	}
	return step, gain
}

// solveDefinite solves Ax = b; not ok where A is not positive definite.
func solveDefinite(a, b []float64) (x []float64, ok bool) {
	n := len(b)
	l, ok := cholesky(a, n)
	if !ok {
		return nil, false
	}
	x = forwardSolve(l, n, b)
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k*n+i] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	return x, true
}

// Profile returns a coefficient for questions by profile likelihood. It panics
// where there is no such coefficient. Agrees with R's confint of a glm, which
// interpolates the profile, and with logistf.
func (m *LogisticFit) Profile(name string) Profile {
	c := &profiled{fn: "Logistic", name: name, how: "profile likelihood, " + m.method(), coef: m.Coefficient(name), concave: !m.firth}
	last := slices.Index(m.est.kept, m.index(name))
	if last < 0 || !c.coef.Estimable() {
		c.err = &stats.SampleError{Func: "Profile", Arg: name, Index: -1, Err: stats.ErrSingular, Info: "not estimable"}
		return Profile{c}
	}
	b := newBasisWith(m.est.columns(m.d), m.count, last)
	for _, q := range b.q { // orthonormal: γ = Qᵀη/n
		s := 0.0
		for i, x := range q {
			s += m.count[i] * x * m.eta[i]
		}
		c.best = append(c.best, s/float64(m.n))
	}
	k := len(c.best)
	perUnit := b.fit.r[k*k-1].Float() // the last coordinate of a coefficient of 1
	c.fall = func(null float64, start []float64) (float64, []float64, error) {
		f, err := m.maximize(b, null*perUnit, start)
		if err != nil {
			return 0, nil, err
		}
		return m.obj - f.obj, f.gamma, nil
	}
	return Profile{c}
}
