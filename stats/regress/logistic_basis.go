package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// basis holds a design's columns made orthonormal, X = QR, so that iterations
// see neither the origin nor the unit of a column: a calendar year of 2018 and
// one counted from the trial's start have the same Q up to rounding. A vector
// of coefficients β has the coordinates γ = Rβ, with Xβ = Qγ.
//
// One column can be put last; its coefficient is then the last coordinate
// divided by the last element of R, and holding it fixed leaves the other
// coordinates free.
type basis struct {
	q     [][]float64 // columns, times √n
	fit   *lsFit      // R/√n
	order []int       // of the design's columns in q
	count []float64   // participants of each row
}

// newBasis makes the basis of independent columns, in their order, from their
// least squares fit with weights count: the participants that each row stands for.
func newBasis(cols [][]float64, count []float64, fit *lsFit) *basis {
	b := &basis{count: count}
	for j := range cols {
		b.order = append(b.order, j)
	}
	b.fill(cols, fit)
	return b
}

// newBasisWith makes the basis with one column put last.
func newBasisWith(cols [][]float64, count []float64, last int) *basis {
	b := &basis{count: count}
	var ordered [][]float64
	for j, c := range cols {
		if j != last {
			b.order, ordered = append(b.order, j), append(ordered, c)
		}
	}
	b.order, ordered = append(b.order, last), append(ordered, cols[last])
	b.fill(ordered, solveLS(ordered, count, count))
	return b
}

func (b *basis) fill(cols [][]float64, fit *lsFit) {
	n, p := len(b.count), len(cols)
	var total num.DD
	for _, c := range b.count {
		total = total.Add(num.ToDD(c))
	}
	scale := num.ToDD(1).Div(total.Sqrt()) // so that the columns of q have mean square 1
	b.fit = &lsFit{kept: fit.kept, r: make([]num.DD, p*p)}
	for i, v := range fit.r {
		b.fit.r[i] = v.Mul(scale)
	}
	inverse := make([]num.DD, p) // of the diagonal
	for k := range p {
		b.q = append(b.q, make([]float64, n))
		inverse[k] = num.ToDD(1).Div(b.fit.r[k*p+k])
	}
	z := make([]num.DD, p) // whitened, as lsFit.whiten does
	for i := range n {
		for k, c := range cols {
			v := num.ToDD(c[i])
			for j := range k {
				v = v.Sub(b.fit.r[j*p+k].Mul(z[j]))
			}
			z[k] = v.Mul(inverse[k])
			b.q[k][i] = z[k].Float()
		}
	}
}

// predict returns Qγ.
func (b *basis) predict(gamma []float64) []float64 {
	eta := make([]float64, len(b.q[0]))
	for k, c := range b.q {
		if g := gamma[k]; g != 0 {
			for i, x := range c {
				eta[i] += x * g
			}
		}
	}
	return eta
}

// at fills row with a participant's coordinates.
func (b *basis) at(i int, row []float64) []float64 {
	for k, c := range b.q {
		row[k] = c[i]
	}
	return row
}

// coefficients returns R⁻¹γ in the design's order.
func (b *basis) coefficients(gamma []float64) []float64 {
	p := len(b.q)
	beta := make([]num.DD, p)
	out := make([]float64, p)
	for i := p - 1; i >= 0; i-- {
		v := num.ToDD(gamma[i])
		for j := i + 1; j < p; j++ {
			v = v.Sub(b.fit.r[i*p+j].Mul(beta[j]))
		}
		beta[i] = v.Div(b.fit.r[i*p+i])
		out[b.order[i]] = beta[i].Float()
	}
	return out
}

// coordinates returns the contrast of γ that is Σ l[j]·β[j].
func (b *basis) coordinates(l []float64) []float64 {
	row := make([]float64, len(l))
	for k, j := range b.order {
		row[k] = l[j]
	}
	for k, v := range b.fit.whiten(row) {
		row[k] = v.Float()
	}
	return row
}

// covariance turns that of γ into that of β, in the design's order.
func (b *basis) covariance(cov []float64) []float64 {
	p := len(b.q)
	z := make([][]float64, p)
	l := make([]float64, p)
	for j := range p {
		l[j] = 1
		z[j] = b.coordinates(l)
		l[j] = 0
	}
	out := make([]float64, p*p)
	for i := range p {
		for j := range p {
			for k := range p {
				for m := range p {
					out[i*p+j] += z[i][k] * cov[k*p+m] * z[j][m]
				}
			}
		}
	}
	return out
}

// information is the weighted least squares whose cross-products are the Fisher
// information of γ at linear predictor eta.
func (b *basis) information(eta []float64) *lsFit {
	w := make([]float64, len(eta))
	for i, e := range eta {
		_, v := logistic(e)
		w[i] = b.count[i] * math.Max(v, 1e-300)
	}
	return solveLS(b.q, w, w)
}

// quickStep is step by the normal equations. In the basis, whose columns are
// orthonormal, these lose no digits as long as the weights of the participants do
// not vanish: ok is false where the information is not well conditioned. The
// score, which decides where Newton's method settles, is summed in twice the
// precision.
func (m *LogisticFit) quickStep(free [][]float64, f *logisticFit) (step []float64, gain float64, ok bool) {
	p := len(free)
	info, score := make([]float64, p*p), make([]num.DD, p)
	row := make([]float64, p)
	for i, y := range m.y {
		_, w := logistic(f.eta[i])
		w *= m.count[i]
		r := m.count[i] * residual(y, f.eta[i])
		for j, c := range free {
			row[j] = c[i]
			score[j] = score[j].Add(num.ToDD(c[i] * r))
		}
		for j, x := range row {
			x *= w
			for k := range j + 1 {
				info[j*p+k] += x * row[k]
			}
		}
	}
	for j := range p {
		for k := range j {
			info[k*p+j] = info[j*p+k]
		}
	}
	l, ok := cholesky(info, p)
	if !ok {
		return nil, 0, false
	}
	least, most := math.Inf(1), 0.0
	for j := range p {
		least, most = math.Min(least, l[j*p+j]), math.Max(most, l[j*p+j])
	}
	if !(least > 1e-3*most) { // of the square root: 1e-6 of the information
		return nil, 0, false
	}
	step = make([]float64, len(f.gamma))
	z := make([]float64, p)
	for j := range p {
		z[j] = score[j].Float()
		for k := range j {
			z[j] -= l[j*p+k] * z[k]
		}
		z[j] /= l[j*p+j]
		gain += z[j] * z[j]
	}
	for j := p - 1; j >= 0; j-- {
		step[j] = z[j]
		for k := j + 1; k < p; k++ {
			step[j] -= l[k*p+j] * step[k]
		}
		step[j] /= l[j*p+j]
	}
	return step, gain, true
}

// shifted answers marginal for a model whose category stands in no interaction:
// every participant's coordinates are those of the basis, and another level
// moves them by a vector that is the same for all.
func (m *LogisticFit) shifted(v *variable) func(i, level int) ([]float64, bool) {
	if len(m.est.aliased) > 0 {
		return nil
	}
	for _, t := range m.d.terms {
		if len(t.vars) < 2 {
			continue
		}
		for _, u := range t.vars {
			if u.name == v.name {
				return nil
			}
		}
	}
	k, p := len(v.levels), len(m.gamma)
	at := func(level int) []float64 { // the first participant's row with that level
		return m.d.row(func(u *variable) (int, float64) {
			switch {
			case u.name == v.name:
				return level, 0
			case u.category():
				return u.codes[0], 0
			}
			return 0, u.x[0]
		})
	}
	shift := make([][]float64, k*k)
	for from := range k {
		for to := range k {
			l, own := at(to), at(from)
			for j := range l {
				l[j] -= own[j] // of zeros and ones
			}
			z, ok := m.coordinates(l)
			if !ok {
				return nil
			}
			shift[from*k+to] = z
		}
	}
	row := make([]float64, p)
	return func(i, level int) ([]float64, bool) {
		m.basis.at(i, row)
		for j, s := range shift[v.codes[i]*k+level] {
			row[j] += s
		}
		return row, true
	}
}
