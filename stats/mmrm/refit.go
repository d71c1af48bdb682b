package mmrm

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Refitter fits the model of a Fit again to some of its participants, or to some of
// them more than once: what the jackknife and the bootstrap ask for. It gathers no
// data again (a participant's products are taken from the sums of their pattern) and
// starts from the whole fit. Its answers depend on the question alone, not on what
// was asked before. It is not safe for concurrent use: one a goroutine.
type Refitter struct {
	f     *Fit
	o     *optimum
	grad  []float64
	step  []float64
	jac   []float64
	dirty []int // patterns whose sums are not those of the whole fit
	beta  []float64
}

// Refitter returns a new Refitter of the fit, which stops when ctx is done.
func (f *Fit) Refitter(ctx context.Context) *Refitter {
	pb := *f.pb
	pb.ctx = ctx
	pb.pats = make([]pattern, len(f.pb.pats))
	for i, pt := range f.pb.pats {
		pt.zz = append([]float64(nil), pt.zz...)
		pt.zy = append([]float64(nil), pt.zy...)
		pt.yy = append([]float64(nil), pt.yy...)
		pb.pats[i] = pt
	}
	o := newOptimum(&pb, f.st)
	q := f.st.size() * pb.groups
	o.first = append([]float64(nil), f.o.sigma...)
	return &Refitter{f: f, o: o, grad: make([]float64, q), step: make([]float64, q),
		jac: make([]float64, f.st.size()*pb.d), beta: make([]float64, pb.p)}
}

// add adds k times participant i's products to the sums of their pattern.
func (r *Refitter) add(i int, k float64) {
	pb := r.o.pb
	pt := &pb.pats[pb.patOf[i]]
	w, m := pb.r, pb.m
	pt.n += int(k)
	z := pb.ft.z[i*w : i*w+w]
	for s, v := range z {
		axpy(pt.zz[s*w:s*w+w], k*v, z)
	}
	q := len(pt.visit)
	for s, a := range pt.visit {
		ya := k * pb.y[pb.at[i*m+a]]
		axpy(pt.zy[s*w:s*w+w], ya, z)
		for t, b := range pt.visit {
			pt.yy[s*q+t] += ya * pb.y[pb.at[i*m+b]]
		}
	}
}

// restore puts the sums of the whole fit back.
func (r *Refitter) restore() {
	for _, i := range r.dirty {
		from, to := &r.f.pb.pats[i], &r.o.pb.pats[i]
		to.n = from.n
		copy(to.zz, from.zz)
		copy(to.zy, from.zy)
		copy(to.yy, from.yy)
	}
	r.dirty = r.dirty[:0]
}

// Without fits the model to all participants but one (by the index of the rows). A
// participant without a value leaves the fit as it is.
//
// The steps are Newton's with the information of the whole fit, which one participant
// in n changes by about 1/n: each shortens the distance about n-fold and needs the
// gradient only. Where they do not (tiny trials, one participant who carries a
// parameter) the search of Model.Fit takes over. The estimates agree with those of a
// fit to the remaining rows to 1e-8 standard errors or better.
//
// It refuses what Model.Fit refuses of the remaining participants: a
// *ConvergenceError, or coefficients that they do not determine (stats.ErrSingular).
func (r *Refitter) Without(participant int) error {
	if participant < 0 || participant >= len(r.f.pb.patOf) {
		return bad("Without", "participant", participant, stats.ErrDomain, "no participant %d", participant)
	}
	r.restore()
	if i := int(r.f.pb.patOf[participant]); i >= 0 {
		r.dirty = append(r.dirty, i)
		r.add(participant, -1)
	}
	return r.fit("Without", true)
}

// Counted fits the model to a sample in which every participant (by the index of the
// rows) is counted so many times, 0 for those left out: two of one are two
// participants with the same values. It refuses what Model.Fit refuses of the sample.
func (r *Refitter) Counted(times []int) error {
	pb := r.f.pb
	if len(times) < len(pb.patOf) {
		return bad("Counted", "times", -1, stats.ErrLength, "%d counts for %d participants", len(times), len(pb.patOf))
	}
	r.restore()
	for i := range r.o.pb.pats {
		pt := &r.o.pb.pats[i]
		pt.n = 0
		clear(pt.zz)
		clear(pt.zy)
		clear(pt.yy)
		r.dirty = append(r.dirty, i)
	}
	for i, k := range times {
		if k < 0 {
			return bad("Counted", "times", i, stats.ErrDomain, "%d", k)
		}
		if k > 0 && i < len(pb.patOf) && pb.patOf[i] >= 0 {
			r.add(i, float64(k))
		}
	}
	return r.fit("Counted", false)
}

// fit finds the maximum for the sums as they are.
func (r *Refitter) fit(fn string, close bool) error {
	o, f := r.o, r.f
	if err := r.informed(fn); err != nil {
		return err
	}
	begin := func() bool {
		o.near, o.iter = f.o.near, 0
		if f.o.theta != nil {
			o.theta = nil
			for _, th := range f.o.theta {
				o.theta = append(o.theta, append([]float64(nil), th...))
			}
		}
		return o.value(f.o.sigma)
	}
	found := begin()
	if err := o.pb.ctx.Err(); err != nil {
		return err
	}
	if !found {
		return bad(fn, "X", -1, stats.ErrSingular, "these participants do not determine the coefficients")
	}
	if !close || !r.chord() {
		begin()
		if err := o.climb(o.pb.ctx); err != nil {
			return err
		}
	}
	if err := o.pb.ctx.Err(); err != nil {
		return err
	}
	p := o.pb.p
	for i := 0; i < p; i++ { // the columns are orthonormal in the whole fit
		if l := o.l[i*p+i]; !(l*l > 1e-9*o.a[i*p+i]) {
			return bad(fn, "X", -1, stats.ErrSingular, "these participants do not determine the coefficients")
		}
	}
	copy(r.beta, o.pb.beta0)
	axpy(r.beta, 1, o.beta)
	for i := p - 1; i >= 0; i-- {
		for k := i + 1; k < p; k++ {
			r.beta[i] -= o.pb.rr[i*p+k] * r.beta[k]
		}
		r.beta[i] /= o.pb.rr[i*p+i]
	}
	return nil
}

// informed refuses samples that say nothing about a covariance parameter.
func (r *Refitter) informed(fn string) error {
	pb := r.o.pb
	m, d := pb.m, pb.d
	cnt, left, total := make([]float64, pb.groups*d), make([]float64, pb.groups*m), 0.0
	free := make([]float64, m)
	rows := 0
	for i := range pb.pats {
		pt := &pb.pats[i]
		k := len(pt.visit)
		rows += pt.n * k
		for a, va := range pt.visit {
			for b := 0; b <= a; b++ {
				cnt[pt.elem[a*k+b]] += float64(pt.n)
			}
			left[pt.group*m+va] += pt.yy[a*k+a]
			total += pt.yy[a*k+a]
			free[va] += float64(pt.n)
		}
	}
	if rows <= pb.p {
		return bad(fn, "Y", -1, stats.ErrTooFew, "%d observations for %d coefficients", rows, pb.p)
	}
	return r.o.supported(cnt, left, free, total)
}

// chord moves to the maximum by steps whose information is that of the whole fit, and
// reports whether they came there.
func (r *Refitter) chord() bool {
	o, f := r.o, r.f
	us := o.st.kind == Unstructured
	if o.near {
		return false
	}
	q1, d, q := o.st.size(), o.pb.d, len(r.grad)
	last := math.Inf(1)
	for range 25 {
		o.gradient()
		for g := 0; g < o.pb.groups; g++ {
			o.chart(us, g, r.jac, nil, nil)
			mul(r.grad[g*q1:g*q1+q1], r.jac, o.grad[g*d:g*d+d], q1, d, 1)
		}
		for i := range r.step { // thetaCov is twice the inverse of the information of −2ℓ
			r.step[i] = -dot(f.o.thetaCov[i*q:i*q+q], r.grad) / 2
		}
		pred := -dot(r.grad, r.step)
		if o.pb.ctx.Err() != nil || !(pred >= 0) || pred > 1 || pred > last/8 && pred > 1e-14 {
			return false
		}
		o.decrement = math.Sqrt(pred / 2)
		if pred < 1e-22 || pred > last/8 {
			return true
		}
		from := append([]float64(nil), o.sigma...)
		theta, ok := o.tryStep(us, from, r.step)
		if !ok {
			return false
		}
		o.theta = theta
		// What is left after a step is about this part of it, if the steps shorten
		// as they did.
		if rate := min(pred/last, 1); !math.IsInf(last, 1) && pred*rate < 1e-18 {
			return true
		}
		last = pred
	}
	return false
}

// Coefficients returns the coefficients of the last fit, in the order of Fit.Columns.
// The slice is overwritten by the next.
func (r *Refitter) Coefficients() []float64 { return r.beta }

// Sigma writes the covariance matrix of the visits, of the group where the model has
// one for each, of the last fit to dst, by rows.
func (r *Refitter) Sigma(group int, dst []float64) {
	m, d := r.o.pb.m, r.o.pb.d
	for a := range m {
		for b := range m {
			dst[a*m+b] = r.o.sigma[group*d+elem(a, b)]
		}
	}
}
