package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

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
