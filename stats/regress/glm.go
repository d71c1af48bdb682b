package regress

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
)

// distribution is that of y (of m trials, where it has any) at a linear predictor:
// the log-likelihood without what does not depend on eta, its slope, its curvature with
// the sign turned, the expected curvature and the variance's mean; ok is false outside
// the domain.
type distribution func(y, m, eta float64) (l, slope, curvature, expected float64, ok bool)

func poissonFamily(y, _, eta float64) (l, slope, curvature, expected float64, ok bool) {
	mu := math.Exp(eta)
	return y*eta - mu, y - mu, mu, mu, !math.IsInf(mu, 1)
}

func logitFamily(y, m, eta float64) (l, slope, curvature, expected float64, ok bool) {
	p, v := logistic(eta)
	// y of m are y events and m − y others.
	return y*logOutcome(1, eta) + (m-y)*logOutcome(0, eta), y - m*p, m * v, m * v, true
}

func logFamily(y, m, eta float64) (l, slope, curvature, expected float64, ok bool) {
	if !(eta < 0) {
		return 0, 0, 0, 0, false
	}
	p, q := math.Exp(eta), -math.Expm1(eta)
	return y*eta + (m-y)*math.Log(q), y - (m-y)*p/q, (m - y) * p / (q * q), m * p / q, true
}

func identityFamily(y, m, eta float64) (l, slope, curvature, expected float64, ok bool) {
	if !(eta > 0 && eta < 1) {
		return 0, 0, 0, 0, false
	}
	q := 1 - eta
	return y*math.Log(eta) + (m-y)*math.Log(q), y/eta - (m-y)/q, y/(eta*eta) + (m-y)/(q*q), m / (eta * q), true
}

// glm is the likelihood of a generalized linear model in the coordinates of a basis.
type glm struct {
	fn               string
	y, m, off, count []float64
	q                [][]float64
	family           distribution
	// never reports whether a row is predicted no worse for ever by such a move of its
	// linear predictor, the largest of which is size; nil where the family has none.
	never func(y, m, move, size float64) bool
}

func (g *glm) size() int { return len(g.q) }

func (g *glm) eta(par []float64, i int) float64 {
	s := g.off[i]
	for k, q := range g.q {
		s += q[i] * par[k]
	}
	return s
}

// block is how many rows are worked on at a time, column by column: few enough for the
// nearest cache.
const block = 128

// tally is a compensated sum by Knuth's sum of two with its error, which needs no
// comparison.
type tally struct{ sum, lost float64 }

func (t tally) plus(v float64) tally {
	s := t.sum + v
	b := s - t.sum
	return tally{s, t.lost + ((t.sum - (s - b)) + (v - b))}
}

func (t tally) value() float64 {
	if math.IsInf(t.sum, 0) || math.IsNaN(t.sum) {
		return t.sum
	}
	return t.sum + t.lost
}

// lift adds Qγ to the rows from first on.
func (g *glm) lift(eta []float64, first int, par []float64) {
	for k, q := range g.q {
		b := par[k]
		q = q[first:][:len(eta)]
		for i, x := range q {
			eta[i] += x * b
		}
	}
}

// weigh adds Σ w·q of the rows from first on to each coordinate's tally.
func (g *glm) weigh(to []tally, first int, w []float64) {
	for k, q := range g.q {
		t := to[k]
		q = q[first:][:len(w)]
		for i, x := range q {
			t = t.plus(x * w[i])
		}
		to[k] = t
	}
}

// square adds Σ w·qqᵀ of the rows from first on to the lower triangle of a matrix.
func (g *glm) square(to []float64, first int, w []float64) {
	var room [block]float64
	p, n := len(g.q), len(w)
	wq := room[:n]
	for j := range p {
		for i, x := range g.q[j][first:][:n] {
			wq[i] = w[i] * x
		}
		for k := range j + 1 {
			q := g.q[k][first:][:n]
			var even, odd float64 // two sums: neither waits for the one before
			i := 1
			for ; i < n; i += 2 {
				even += wq[i-1] * q[i-1]
				odd += wq[i] * q[i]
			}
			if i == n {
				even += wq[n-1] * q[n-1]
			}
			to[j*p+k] += even + odd
		}
	}
}

// mirror fills the upper triangle.
func mirror(a []float64, p int) {
	for j := range p {
		for k := range j {
			a[k*p+j] = a[j*p+k]
		}
	}
}

func values(t []tally) []float64 {
	out := make([]float64, len(t))
	for k, v := range t {
		out[k] = v.value()
	}
	return out
}

func (g *glm) evaluate(par []float64) (ll float64, score, info []float64) {
	p := len(g.q)
	info = make([]float64, p*p)
	sums := make([]tally, p)
	var logs tally
	var etas, slopes, curvatures [block]float64
	for first := 0; first < len(g.y); first += block {
		n := min(block, len(g.y)-first)
		eta, slope, curvature := etas[:n], slopes[:n], curvatures[:n]
		copy(eta, g.off[first:])
		g.lift(eta, first, par)
		y, m, count := g.y[first:][:n], g.m[first:][:n], g.count[first:][:n]
		for i, v := range y {
			l, s, c, _, ok := g.family(v, m[i], eta[i])
			if !ok {
				return math.Inf(-1), nil, nil
			}
			logs = logs.plus(count[i] * l)
			slope[i], curvature[i] = count[i]*s, count[i]*c
		}
		g.weigh(sums, first, slope)
		g.square(info, first, curvature)
	}
	mirror(info, p)
	return logs.value(), values(sums), info
}

func (g *glm) move(par, step []float64) (size, most float64, never bool) {
	moves := make([]float64, len(g.y))
	g.lift(moves, 0, step)
	for _, v := range moves {
		size = max(size, math.Abs(v))
	}
	for _, v := range par { // of columns with mean square 1
		most += math.Abs(v)
	}
	if g.never == nil || size < endless {
		return size, most, false
	}
	for i, v := range moves {
		if !g.never(g.y[i], g.m[i], v, size) {
			return size, most, false
		}
	}
	return size, most, true
}

func (g *glm) unsettled(why string) error {
	return &stats.SampleError{Func: g.fn, Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: why}
}

// sums adds up squared rows with a weight each: of participants, not of rows.
func (g *glm) sums(weight func(i int) float64) []float64 {
	p := len(g.q)
	out := make([]float64, p*p)
	var room [block]float64
	for first := 0; first < len(g.y); first += block {
		w := room[:min(block, len(g.y)-first)]
		for i := range w {
			w[i] = g.count[first+i] * weight(first+i)
		}
		g.square(out, first, w)
	}
	mirror(out, p)
	return out
}

// zeroCounts is never of Poisson and negative binomial counts: a row without events
// whose mean falls; one with events must stay.
func zeroCounts(y, _, move, size float64) bool {
	if y == 0 {
		return move <= 1e-9*size
	}
	return math.Abs(move) <= 1e-6*size
}

// trialsNever is never of a binomial outcome by logit.
func trialsNever(y, m, move, size float64) bool {
	switch y {
	case m:
		return move >= -1e-9*size
	case 0:
		return move <= 1e-9*size
	}
	return math.Abs(move) <= 1e-6*size
}

// glmData is a design with its rows grouped, ready for a glm.
type glmData struct {
	d     *design
	est   *estimable
	basis *basis
	of    []int32
	n     int
	glm
}

// newGLM builds the model of an outcome, with an offset and numbers of trials where not
// nil. Participants alike in all of it share a row.
func newGLM(fn string, y, m, off []float64, terms []Term) (*glmData, error) {
	d, err := checkedTerms(fn, len(y), terms, true)
	if err != nil {
		return nil, err
	}
	g := &glmData{n: len(y)}
	codes, first := alikeValues(y, m, off)
	grouped := d.groupBy(codes, len(first))
	g.d, g.of = grouped.d, grouped.of
	g.fn, g.count = fn, grouped.count
	for _, k := range grouped.y {
		i := first[int(k)]
		g.y = append(g.y, y[i])
		trials, offset := 1.0, 0.0
		if m != nil {
			trials = m[i]
		}
		if off != nil {
			offset = off[i]
		}
		g.m, g.off = append(g.m, trials), append(g.off, offset)
	}
	if err := g.d.build(); err != nil {
		return nil, err
	}
	fit := solveLS(g.d.cols, g.y, grouped.weights())
	g.est, err = g.d.estimable(fit)
	p := fit.rank()
	if err != nil {
		p = len(g.d.cols)
	}
	if len(y) < p+1 {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d: the model has %d coefficients", len(y), p+1, p)}
	}
	if err != nil {
		return nil, err
	}
	g.basis = newBasis(g.est.columns(g.d), g.count, fit)
	g.q = g.basis.q
	return g, nil
}

// alikeValues numbers the participants' outcomes, trials and offsets together, and says
// where each number was first.
func alikeValues(y, m, off []float64) (codes []int32, first []int) {
	type key struct{ y, m, off float64 }
	index := make(map[key]int32, min(len(y), 4096))
	codes = make([]int32, len(y))
	for i, v := range y {
		k := key{y: v}
		if m != nil {
			k.m = m[i]
		}
		if off != nil {
			k.off = off[i]
		}
		j, ok := index[k]
		if !ok {
			j = int32(len(first))
			index[k] = j
			first = append(first, i)
		}
		codes[i] = j
	}
	return codes, first
}

// separated names the coefficients that a likelihood without maximum sends to infinity.
func (g *glmData) separated(err error) error {
	var s *separation
	if !errors.As(err, &s) {
		return err
	}
	var names []string
	arg := "y"
	for k, b := range g.basis.coefficients(s.step[len(s.step)-len(g.q):]) {
		j := g.est.kept[k]
		c := g.d.cols[j]
		spread := slices.Max(c) - slices.Min(c)
		if spread == 0 {
			spread = 1
		}
		if math.Abs(b)*spread > 1e-5*s.size {
			names = append(names, g.d.names[j]+map[bool]string{true: " → +∞", false: " → −∞"}[b > 0])
			arg = g.d.terms[g.d.assign[j]].Name()
		}
	}
	return &stats.SampleError{Func: g.fn, Arg: arg, Index: -1, Err: ErrSeparation, Info: strings.Join(names, ", ")}
}

// glmResult is what all fitted generalized linear models answer.
type glmResult struct {
	g     *glmData
	gamma []float64
	cov   []float64 // of gamma
	df    float64   // of the pivots
	errs  string
}

// N returns the number of participants.
func (r *glmResult) N() int { return r.g.n }

// Names returns the names of the coefficients.
func (r *glmResult) Names() []string { return slices.Clone(r.g.d.names) }

// Coefficients returns all coefficients, on the scale of the linear predictor (Wald).
func (r *glmResult) Coefficients() Coefficients {
	out := make(Coefficients, len(r.g.d.names))
	l := make([]float64, len(out))
	beta := r.g.basis.coefficients(r.gamma)
	k := 0
	for j := range out {
		l[j] = 1
		e := r.Contrast(l)
		if k < len(beta) && r.g.est.kept[k] == j {
			if e.Estimable() {
				e.Value = beta[k]
			}
			k++
		}
		out[j] = Coefficient{r.g.d.names[j], e}
		l[j] = 0
	}
	return out
}

// Coefficient returns the coefficient of that name. It panics where there is none.
func (r *glmResult) Coefficient(name string) stats.Estimate {
	return r.Coefficients()[r.index(name)].Estimate
}

func (r *glmResult) index(name string) int {
	if j := slices.Index(r.g.d.names, name); j >= 0 {
		return j
	}
	panic(fmt.Sprintf("regress: no coefficient %q; there are %s", name, strings.Join(r.g.d.names, ", ")))
}

// Contrast returns Σ l[j]·β[j].
func (r *glmResult) Contrast(l []float64) stats.Estimate {
	if len(l) != len(r.g.d.names) {
		panic(fmt.Sprintf("regress: contrast of %d elements for %d coefficients", len(l), len(r.g.d.names)))
	}
	kept, ok := r.g.est.restrict(l)
	if !ok {
		return notEstimable(r.df)
	}
	c := r.g.basis.coordinates(kept)
	v := 0.0
	for j := range c {
		v += c[j] * r.gamma[j]
	}
	return stats.Estimate{Value: v, SE: math.Sqrt(quadForm(r.cov, len(c), c)), DF: r.df}
}

// Cov returns the covariance matrix of the coefficients; NaN for those that are not
// estimable.
func (r *glmResult) Cov() [][]float64 {
	return r.g.est.expand(r.g.basis.covariance(r.cov), r.g.d.names)
}

// robustCov is the sandwich covariance HC0 or HC1 around the expected information.
func (r *glmResult) robustCov(fn string, hc HC) []float64 {
	g := r.g
	p := len(g.q)
	bread := g.sums(func(i int) float64 {
		_, _, _, expected, _ := g.family(g.y[i], g.m[i], g.eta(r.gamma, i))
		return expected
	})
	cov := sandwiched(inverse(bread, p), g.sums(func(i int) float64 {
		_, slope, _, _, _ := g.family(g.y[i], g.m[i], g.eta(r.gamma, i))
		return slope * slope
	}), p)
	switch hc {
	case HC0:
	case HC1:
		for i := range cov {
			cov[i] *= float64(g.n) / float64(g.n-p)
		}
	default:
		panic(fmt.Sprintf("regress.%s.Robust: no errors %q, need HC0 or HC1", fn, hc))
	}
	return cov
}

// maximum is where Newton's method ended.
type maximum struct {
	par         []float64
	ll          float64
	score, info []float64
}

// separation says that the likelihood rises for ever along step.
type separation struct {
	step []float64
	size float64
}

func (s *separation) Error() string { return ErrSeparation.Error() }

// objective is a log-likelihood of the coordinates par.
type objective interface {
	size() int
	// evaluate returns the log-likelihood, −∞ outside its domain, its score and
	// information.
	evaluate(par []float64) (ll float64, score, info []float64)
	// move is how far a step moves a linear predictor at most, how large these are, and
	// whether no row is ever predicted worse along it (Albert & Anderson 1984), of steps
	// that are endless.
	move(par, step []float64) (size, most float64, never bool)
	unsettled(why string) error
}

// endless is how long a step is, at the least, of a likelihood that rises for ever.
const endless = 0.4

// climb maximizes an objective by Newton's method with step halving from start; with
// fixed the last coordinate stays.
func climb(c objective, start []float64, fixed bool) (*maximum, error) {
	return approach(c, start, fixed, 0)
}

// approach is climb that stops where a step promises no more than enough, which is twice
// a rise of the log-likelihood: a start for another climb.
func approach(c objective, start []float64, fixed bool, enough float64) (*maximum, error) {
	par := append([]float64(nil), start...)
	free := c.size()
	if fixed {
		free--
	}
	ll, score, info := c.evaluate(par)
	if math.IsInf(ll, -1) {
		return nil, c.unsettled("the start is outside the domain")
	}
	last := math.Inf(1)
	for range 500 {
		step, gain, ok := newtonStep(score, info, c.size(), free)
		if !ok {
			return nil, c.unsettled("the information vanishes")
		}
		size, most, never := c.move(par, step)
		if size <= 1e-13*(1+most) || gain <= 1e-22 && size > last/2 || gain <= enough && size <= 0.01 {
			return &maximum{par, ll, score, info}, nil
		}
		last = size
		if never && size >= endless && !fixed {
			return nil, &separation{step, size}
		}
		scale, done := math.Min(1, 5/size), false
		for range 60 {
			next := append([]float64(nil), par...)
			for j := range next {
				next[j] += scale * step[j]
			}
			// So near the top that rounding hides the rise, the step itself is trusted.
			slack := 1e-14 * math.Abs(ll)
			if gain <= 1e-10 {
				slack = 1e-10 * (1 + math.Abs(ll))
			}
			if l, s, i := c.evaluate(next); l >= ll-slack {
				par, ll, score, info, done = next, l, s, i, true
				break
			}
			scale /= 2
		}
		if !done {
			if gain <= 1e-12 {
				return &maximum{par, ll, score, info}, nil // no rise left that float64 could tell
			}
			return nil, c.unsettled("no step raises the likelihood")
		}
	}
	return nil, c.unsettled("500 iterations")
}

// newtonStep solves info·step = score for the first free of n coefficients; gain is
// twice the rise it promises.
func newtonStep(score, info []float64, n, free int) (step []float64, gain float64, ok bool) {
	a := make([]float64, free*free)
	for i := range free {
		copy(a[i*free:(i+1)*free], info[i*n:i*n+free])
	}
	l, ok := cholesky(a, free)
	if !ok {
		return nil, 0, false
	}
	step = make([]float64, n)
	z := forwardSolve(l, free, score[:free])
	for _, v := range z {
		gain += v * v
	}
	copy(step, backSolve(l, free, z))
	return step, gain, true
}

// backSolve solves Lᵀx = z.
func backSolve(l []float64, n int, z []float64) []float64 {
	x := append([]float64(nil), z...)
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k*n+i] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	return x
}

// inverse inverts a positive definite n × n matrix; nil where it is none.
func inverse(a []float64, n int) []float64 {
	l, ok := cholesky(a, n)
	if !ok {
		return nil
	}
	out, e := make([]float64, n*n), make([]float64, n)
	for j := range n {
		e[j] = 1
		for i, v := range backSolve(l, n, forwardSolve(l, n, e)) {
			out[i*n+j] = v
		}
		e[j] = 0
	}
	return out
}
