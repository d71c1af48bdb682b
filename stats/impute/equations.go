package impute

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// equation is one model of chained equations: rows with a value, and rows without.
type equation struct {
	name string
	p    int         // coefficients, the first the intercept
	x    [][]float64 // rows observed
	y    []float64
	at   [][]float64 // rows to impute
	// start are coefficients of a like model that Newton's method begins at, and then its own.
	start []float64
}

// standardize puts predictors at mean 0 and SD 1, which changes no prediction and keeps
// the digits. A predictor that does not vary among the rows observed becomes 0.
func (e *equation) standardize() {
	for c := 1; c < e.p; c++ {
		m, s := 0.0, 0.0
		for _, r := range e.x {
			m += r[c] / float64(len(e.x))
		}
		for _, r := range e.x {
			s += (r[c] - m) * (r[c] - m)
		}
		s = math.Sqrt(s / float64(max(len(e.x)-1, 1)))
		for _, rows := range [][][]float64{e.x, e.at} {
			for _, r := range rows {
				if s > 1e-12*math.Abs(m) {
					r[c] = (r[c] - m) / s
				} else {
					r[c] = 0
				}
			}
		}
	}
	// Columns of zeros leave.
	var keep []int
	for c := range e.p {
		for _, r := range e.x {
			if r[c] != 0 {
				keep = append(keep, c)
				break
			}
		}
	}
	for _, rows := range [][][]float64{e.x, e.at} {
		for i, r := range rows {
			out := r[:0]
			for _, c := range keep {
				out = append(out, r[c])
			}
			rows[i] = out
		}
	}
	e.p = len(keep)
}

func (e *equation) dependent() error {
	return bad("Chained", e.name, -1, stats.ErrSingular, "its predictors depend on each other among the %d rows observed", len(e.x))
}

// normal draws numbers: σ² from RSS/χ², coefficients given it, then values with normal
// residuals or from the donors whose predictions are nearest.
func (e *equation) normal(rng *rand.Rand, matching bool) ([]float64, error) {
	n, p := len(e.x), e.p
	if n < p+2 {
		return nil, bad("Chained", e.name, -1, stats.ErrTooFew, "%d values observed for %d coefficients", n, p)
	}
	center := mean(e.y)
	a, b := make([]float64, p*p), make([]float64, p)
	for i, r := range e.x {
		for c, v := range r {
			axpy(a[c*p:c*p+p], v, r)
			b[c] += v * (e.y[i] - center)
		}
	}
	if !independent(a, p) {
		return nil, e.dependent()
	}
	cholSolve(a, b, p)
	rss := 0.0
	for i, r := range e.x {
		d := e.y[i] - center - dot(r, b)
		rss += d * d
	}
	sigma := math.Sqrt(rss / (2 * gammaDraw(rng, float64(n-p)/2)))
	drawn := slices.Clone(b)
	axpy(drawn, sigma, precisionDraw(rng, a, p))
	out := make([]float64, len(e.at))
	if !matching {
		for t, r := range e.at {
			out[t] = center + dot(r, drawn) + sigma*rng.NormFloat64()
		}
		return out, nil
	}
	// Observed values by their predictions; the donors of a missing one are the
	// nearest around its own.
	order := make([]int, n)
	pred := make([]float64, n)
	for i, r := range e.x {
		order[i], pred[i] = i, dot(r, b)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case pred[i] < pred[j]:
			return -1
		case pred[i] > pred[j]:
			return 1
		}
		return 0
	})
	for t, r := range e.at {
		want := dot(r, drawn)
		hi, _ := slices.BinarySearchFunc(order, want, func(i int, x float64) int {
			if pred[i] < x {
				return -1
			}
			return 1
		})
		lo := hi - 1
		var near [donors]int
		for k := range near {
			if hi >= n || lo >= 0 && want-pred[order[lo]] <= pred[order[hi]]-want {
				near[k] = order[lo]
				lo--
			} else {
				near[k] = order[hi]
				hi++
			}
		}
		out[t] = e.y[near[rng.IntN(donors)]]
	}
	return out, nil
}

// independent factors a sum of products and reports whether no column depends on the
// others.
func independent(a []float64, p int) bool {
	diag := make([]float64, p)
	for c := range p {
		diag[c] = a[c*p+c]
	}
	if !cholesky(a, p) {
		return false
	}
	for c := range p {
		if !(a[c*p+c]*a[c*p+c] > 1e-10*diag[c]) {
			return false
		}
	}
	return true
}

// precisionDraw draws from N(0, A⁻¹), given the factor of A.
func precisionDraw(rng *rand.Rand, l []float64, p int) []float64 {
	z := make([]float64, p)
	for j := range z {
		z[j] = rng.NormFloat64()
	}
	for j := p - 1; j >= 0; j-- {
		for t := j + 1; t < p; t++ {
			z[j] -= l[t*p+j] * z[t]
		}
		z[j] /= l[j*p+j]
	}
	return z
}

// category draws one of k levels by (polytomous) logistic regression: coefficients from
// their large-sample normal distribution, then levels by their probabilities.
func (e *equation) category(rng *rand.Rand, k int) ([]float64, error) {
	x, y, w := e.augmented(k)
	p, q := e.p, e.p*(k-1)
	if len(e.x) < p+2 {
		return nil, bad("Chained", e.name, -1, stats.ErrTooFew, "%d values observed for %d coefficients", len(e.x), p)
	}
	beta, a := make([]float64, q), make([]float64, q*q)
	if len(e.start) == q {
		copy(beta, e.start)
	}
	g, prob := make([]float64, q), make([]float64, k)
	last, best, from := make([]float64, q), math.Inf(-1), make([]float64, q)
	for iter := 0; ; iter++ {
		clear(a)
		clear(g)
		like := 0.0
		for i, r := range x {
			probabilities(r, beta, prob)
			like += w[i] * math.Log(prob[int(y[i])])
			for s := range k - 1 {
				d := -prob[s+1]
				if int(y[i]) == s+1 {
					d++
				}
				axpy(g[s*p:s*p+p], w[i]*d, r)
				for t := range s + 1 {
					v := -prob[s+1] * prob[t+1]
					if s == t {
						v += prob[s+1]
					}
					v *= w[i]
					for c, xc := range r {
						axpy(a[(s*p+c)*q+t*p:(s*p+c)*q+t*p+p], v*xc, r)
					}
				}
			}
		}
		if iter == 100 {
			return nil, bad("Chained", e.name, -1, stats.ErrNotConverged, "its logistic model")
		}
		if !(like >= best-1e-9*math.Abs(best)) { // the step went beyond the maximum: half of it
			for j := range last {
				last[j] /= 2
				beta[j] = from[j] + last[j]
			}
			continue
		}
		best = like
		for s := range k - 1 { // the upper blocks
			for t := range s {
				for c := range p {
					for d := range p {
						a[(t*p+d)*q+s*p+c] = a[(s*p+c)*q+t*p+d]
					}
				}
			}
		}
		if !independent(a, q) {
			return nil, e.dependent()
		}
		cholSolve(a, g, q)
		step := 0.0
		for _, s := range g {
			step = max(step, math.Abs(s))
		}
		copy(from, beta)
		axpy(beta, min(1, 4/step), g) // steps of more than 4 a standard deviation of a predictor are cut
		for j := range last {
			last[j] = beta[j] - from[j]
		}
		if step < 1e-6 {
			break // Newton's next step would be its square
		}
	}
	e.start = slices.Clone(beta)
	axpy(beta, 1, precisionDraw(rng, a, q))
	out := make([]float64, len(e.at))
	for t, r := range e.at {
		probabilities(r, beta, prob)
		u, s := rng.Float64(), 0
		for s < k-1 && u >= prob[s] {
			u -= prob[s]
			s++
		}
		out[t] = float64(s)
	}
	return out, nil
}

// probabilities of the levels, the first the reference.
func probabilities(x, beta, prob []float64) {
	p := len(x)
	top := 0.0
	prob[0] = 0
	for s := 1; s < len(prob); s++ {
		prob[s] = dot(x, beta[(s-1)*p:s*p])
		top = max(top, prob[s])
	}
	sum := 0.0
	for s, v := range prob {
		prob[s] = math.Exp(v - top)
		sum += prob[s]
	}
	for s := range prob {
		prob[s] /= sum
	}
}

// augmented adds, for every predictor and level, two rows half a standard deviation to
// both sides of the mean, within the range, all other predictors at their means, with a
// weight that sums to the number of coefficients over all: no level is impossible
// anywhere. Without a predictor there is one row of every level.
func (e *equation) augmented(k int) (x [][]float64, y, w []float64) {
	x, y = slices.Clone(e.x), slices.Clone(e.y)
	w = make([]float64, len(x))
	for i := range w {
		w[i] = 1
	}
	if e.p == 1 {
		for level := range k {
			x, y, w = append(x, []float64{1}), append(y, float64(level)), append(w, 1/float64(k))
		}
		return x, y, w
	}
	rows := 2 * (e.p - 1) * k
	for c := 1; c < e.p; c++ {
		lo, hi := math.Inf(1), math.Inf(-1)
		for _, r := range e.x {
			lo, hi = min(lo, r[c]), max(hi, r[c])
		}
		for level := range k {
			for _, v := range []float64{0.5, -0.5} {
				r := make([]float64, e.p)
				r[0], r[c] = 1, min(max(v, lo), hi)
				x, y, w = append(x, r), append(y, float64(level)), append(w, float64(e.p)/float64(rows))
			}
		}
	}
	return x, y, w
}
