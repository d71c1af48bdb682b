package regress

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// alphaLikelihood is the negative binomial likelihood of counts (NB2): its first
// coordinate is log α, the others those of the means. With α = 1/θ
//
//	l = Σ_{k<y} log(1 + αk) + y log μ − (y + 1/α) log(1 + αμ),
//
// which loses nothing where α is small.
type alphaLikelihood struct {
	*glm
	above []float64 // participants with more than k events
}

func newAlphaLikelihood(g *glm) *alphaLikelihood {
	a := &alphaLikelihood{glm: g}
	most := 0
	for _, y := range g.y {
		most = max(most, int(y))
	}
	a.above = make([]float64, most+1)
	for i, y := range g.y {
		if y > 0 {
			a.above[int(y)-1] += g.count[i]
		}
	}
	for k := most - 1; k >= 0; k-- {
		a.above[k] += a.above[k+1]
	}
	return a
}

// negbinFamily is the negative binomial at a fixed α, without what depends on it alone.
func negbinFamily(alpha float64) distribution {
	return func(y, _, eta float64) (l, slope, curvature, expected float64, ok bool) {
		mu := math.Exp(eta)
		u := alpha * mu
		return y*eta - (y+1/alpha)*math.Log1p(u), (y - mu) / (1 + u), mu * (1 + alpha*y) / ((1 + u) * (1 + u)), mu / (1 + u), !math.IsInf(mu, 1)
	}
}

// phi is (log(1+u) − u/(1+u))/u², psi is (1/(1+u)² − 2 phi)/u; log1p is log(1+u).
func phiPsi(u, log1p float64) (phi, psi float64) {
	if u < 0.01 {
		// Alternating series in u, of which ten terms are exact here.
		power := 1.0
		for k := 0; k < 10; k++ {
			phi += power * (1 - 1/float64(k+2))
			m := float64(k + 1)
			psi -= power * m * (m + 1) / (m + 2)
			power *= -u
		}
		return phi, psi
	}
	phi = (log1p - u/(1+u)) / (u * u)
	return phi, (1/((1+u)*(1+u)) - 2*phi) / u
}

// pieces are the sum over k of log(1 + αk) and its first two derivatives by α.
func (a *alphaLikelihood) pieces(alpha float64) (l, d1, d2 float64) {
	logs := make([]float64, len(a.above))
	for k, n := range a.above {
		t := float64(k) / (1 + alpha*float64(k))
		logs[k] = n * math.Log1p(alpha*float64(k))
		d1 += n * t
		d2 -= n * t * t
	}
	return num.Sum(logs), d1, d2
}

func (a *alphaLikelihood) size() int { return len(a.q) + 1 }

// derivatives are the log-likelihood at α with its derivatives by α, its score and
// information of the means' coordinates and the mixed ones.
func (a *alphaLikelihood) derivatives(alpha float64, par []float64) (ll, d1, d2 float64, score, info, mixed []float64) {
	p := len(a.q)
	info = make([]float64, p*p)
	sums, cross := make([]tally, p), make([]tally, p)
	ll, d1, d2 = a.pieces(alpha)
	var logs, s1, s2 tally
	var etas, slopes, curvatures, mixes [block]float64
	for first := 0; first < len(a.y); first += block {
		n := min(block, len(a.y)-first)
		eta, slope, curvature, mix := etas[:n], slopes[:n], curvatures[:n], mixes[:n]
		copy(eta, a.off[first:])
		a.lift(eta, first, par)
		count := a.count[first:][:n]
		for i, y := range a.y[first:][:n] {
			mu := math.Exp(eta[i])
			if math.IsInf(mu, 1) {
				return math.Inf(-1), 0, 0, nil, nil, nil
			}
			u := alpha * mu
			r := 1 / (1 + u)
			m := count[i]
			log1p := math.Log1p(u)
			logs = logs.plus(m * (y*eta[i] - (y+1/alpha)*log1p))
			phi, psi := phiPsi(u, log1p)
			s1 = s1.plus(m * (mu*mu*phi - y*mu*r))
			s2 = s2.plus(m * (mu*mu*mu*psi + y*mu*mu*r*r))
			slope[i] = m * (y - mu) * r
			curvature[i] = m * mu * (1 + alpha*y) * r * r
			mix[i] = -slope[i] * mu * r
		}
		a.weigh(sums, first, slope)
		a.weigh(cross, first, mix)
		a.square(info, first, curvature)
	}
	mirror(info, p)
	return ll + logs.value(), d1 + s1.value(), d2 + s2.value(), values(sums), info, values(cross)
}

func (a *alphaLikelihood) evaluate(par []float64) (ll float64, score, info []float64) {
	alpha := math.Exp(par[0])
	if alpha < 1e-12 || alpha > 1e12 {
		return math.Inf(-1), nil, nil
	}
	ll, d1, d2, s, h, mixed := a.derivatives(alpha, par[1:])
	if math.IsInf(ll, -1) {
		return ll, nil, nil
	}
	n := len(s) + 1
	score, info = append([]float64{alpha * d1}, s...), make([]float64, n*n)
	info[0] = -alpha*alpha*d2 - alpha*d1
	for j := range s {
		info[(j+1)*n], info[j+1] = -alpha*mixed[j], -alpha*mixed[j]
		copy(info[(j+1)*n+1:(j+2)*n], h[j*len(s):(j+1)*len(s)])
	}
	if _, ok := cholesky(info, n); !ok {
		// Not concave here: α takes a step of its own, uphill and no longer than 1.
		info[0] = math.Max(math.Abs(info[0]), math.Abs(score[0]))
		for j := range s {
			info[(j+1)*n], info[j+1] = 0, 0
		}
	}
	return ll, score, info
}

func (a *alphaLikelihood) move(par, step []float64) (size, most float64, never bool) {
	size, most, never = a.glm.move(par[1:], step[1:])
	return math.Max(size, math.Abs(step[0])), most, never && math.Abs(step[0]) <= 1e-6*size
}

// nearEnough is how near the top of Poisson's likelihood is a start for α.
const nearEnough = 1e-6

// best is the maximum over α ≥ 0, given nearly that at α = 0; its first coordinate is
// log α, −∞ at 0. Near is a guess of α, or 0. The family of a is Poisson's.
func (a *alphaLikelihood) best(poisson *maximum, near float64, fixed bool) (*maximum, error) {
	slope, moment, squares := a.atZero(poisson.par)
	var zero *maximum
	if slope <= 0.01*math.Sqrt(squares) {
		// Less than a hundredth of its standard error: the sign needs the very top.
		var err error
		if poisson, err = climb(a.glm, poisson.par, fixed); err != nil {
			return nil, err
		}
		slope, moment, squares = a.atZero(poisson.par)
		zero = &maximum{par: append([]float64{math.Inf(-1)}, poisson.par...), ll: poisson.ll}
	}
	starts := []float64{near}
	if near <= 0 {
		starts[0] = math.Min(10, math.Max(1e-3, moment/squares))
	}
	if slope <= 0 {
		// The likelihood falls from 0; where it rises again higher on, a start there
		// finds it.
		starts = nil
		for _, alpha := range []float64{0.1, 1} {
			if ll, _, _ := a.evaluate(append([]float64{math.Log(alpha)}, poisson.par...)); ll > poisson.ll {
				starts = append(starts, alpha)
			}
		}
		if starts == nil {
			return zero, nil
		}
	}
	f, err := climb(a, append([]float64{math.Log(starts[0])}, poisson.par...), fixed)
	if err != nil {
		return nil, err
	}
	if slope <= 0 && f.ll < zero.ll {
		return zero, nil
	}
	return f, nil
}

// atZero is the slope of the log-likelihood in α at 0, Σ((y − μ)² − y)/2, with what a
// guess of α is made of.
func (a *alphaLikelihood) atZero(par []float64) (slope, moment, squares float64) {
	eta := slices.Clone(a.off)
	a.lift(eta, 0, par)
	for i, y := range a.y {
		mu := math.Exp(eta[i])
		d := (y-mu)*(y-mu) - y
		slope += a.count[i] * d / 2
		moment += a.count[i] * d
		squares += a.count[i] * mu * mu
	}
	return slope, moment, squares
}

// fitAlpha goes on from about the Poisson fit.
func (m *CountsFit) fitAlpha(poisson *maximum) error {
	a := newAlphaLikelihood(&m.g.glm)
	f, err := a.best(poisson, 0, false)
	if err != nil {
		return err
	}
	m.chosen = true
	m.gamma, m.ll = f.par[1:], f.ll
	if math.IsInf(f.par[0], -1) {
		m.model = PoissonCounts
		return nil
	}
	m.alpha = math.Exp(f.par[0])
	m.curvature = (f.info[0] + f.score[0]) / (m.alpha * m.alpha)
	m.g.family = negbinFamily(m.alpha)
	n := a.size()
	v := inverse(f.info, n)
	if v == nil {
		return m.g.unsettled("the information of α vanishes")
	}
	p := n - 1
	m.joint = make([]float64, p*p)
	for j := range p {
		copy(m.joint[j*p:(j+1)*p], v[(j+1)*n+1:(j+2)*n])
	}
	return nil
}
