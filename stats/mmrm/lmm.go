package mmrm

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/regress"
)

// LMM is the linear mixed model y = Xβ + b0_i + b1_i·t + e with a random
// intercept, and where Slope is set a random slope, of every cluster: a
// center, or a participant measured many times. The zero value has a random
// intercept, REML, and Kenward–Roger inference on the expected information, as
// in the paper of 1997 and R's pbkrtest.
type LMM struct {
	Slope  bool   // random slope on ClusterRows.T, correlated with the intercept
	Method Method // REML or ML
	DF     DF     // KenwardRoger, Satterthwaite, Residual or Normal
	// Observed takes the observed instead of the expected information for
	// Kenward–Roger, as SAS does.
	Observed bool
}

// ClusterRows are the data of an LMM, one row an observation.
type ClusterRows struct {
	Cluster []int // row → cluster 0, 1, 2, …
	Y       []float64
	X       [][]float64 // row → values of the columns
	Columns []string
	T       []float64 // row → the variable of the random slope
}

// LMMFit is a fitted linear mixed model.
type LMMFit struct {
	Model        LMM
	Columns      []string
	Observations int
	Clusters     int
	LogLik       float64
	Iterations   int
	Gradient     float64 // distance to the exact optimum in standard errors

	// Random is the covariance matrix of the random effects (1 × 1, or
	// intercept and slope), Sigma2 the residual variance.
	Random stats.Matrix
	Sigma2 float64
	// Singular says that Random is on the boundary: a variance of zero or a
	// correlation of ±1. Inference then takes the boundary as known.
	Singular bool
	Notes    []stats.Note

	inf  *inference
	covR []float64 // covariance of the variance parameters
}

// NoteSingular: a random effect's variance was estimated as zero, or a
// correlation as ±1.
const NoteSingular = "lmm-singular"

// Fit fits the model. It refuses NaN and infinities, linearly dependent
// columns, named, and fewer than two clusters. Agrees with R's lme4, lmerTest
// (Satterthwaite) and pbkrtest (Kenward–Roger).
//
// Method: each cluster's rows are rotated so that the random effects meet as
// many of them as there are effects; the rest are independent with the
// residual variance and enter through sums over all clusters.
func (m LMM) Fit(r *ClusterRows) (*LMMFit, error) { return m.FitContext(context.Background(), r) }

// FitContext is Fit that stops when ctx is done.
func (m LMM) FitContext(ctx context.Context, r *ClusterRows) (*LMMFit, error) {
	switch m.DF {
	case KenwardRoger, Satterthwaite, Residual, Normal:
	default:
		panic("mmrm.LMM.Fit: no " + m.DF.String() + " degrees of freedom for this model")
	}
	if m.Method != REML && m.Method != ML {
		panic("mmrm.LMM.Fit: no " + m.Method.String())
	}
	c, err := newClusters(m, r)
	if err != nil {
		return nil, err
	}
	s, err := c.maximize(ctx)
	if err != nil {
		return nil, err
	}
	n, p := float64(c.n), c.p
	f := &LMMFit{Model: m, Columns: r.Columns, Observations: c.n, Clusters: c.clusters, Iterations: s.iter,
		Gradient: s.decrement, Sigma2: s.v[c.nv-1], Singular: s.singular}
	if m.Method == REML {
		n -= float64(p)
	}
	f.LogLik = -(s.f + n*math.Log(2*math.Pi)) / 2
	back := c.slopeBack()
	v := make([]float64, c.nv)
	mul(v, back, s.v, c.nv, c.nv, 1)
	if m.Slope {
		f.Random = stats.Matrix{{v[0], v[1]}, {v[1], v[2]}}
	} else {
		f.Random = stats.Matrix{{v[0]}}
	}
	if s.singular {
		f.Notes = append(f.Notes, stats.Note{Code: NoteSingular})
	}
	if err := s.inverseInformation(false); err != nil {
		return nil, err
	}
	f.covR = make([]float64, c.nv*c.nv)
	half := make([]float64, c.nv*c.nv)
	mul(half, back, s.omega, c.nv, c.nv, c.nv)
	mulT(f.covR, half, back, c.nv, c.nv, c.nv)
	kr := m.DF == KenwardRoger
	if kr && !m.Observed {
		if err := s.inverseInformation(true); err != nil {
			return nil, err
		}
	}
	f.inf = &inference{p: p, ne: c.nv, rr: c.rr, l: s.l, fe: s.fe, omega: s.omega, kr: kr,
		special: func(l, w []float64) (float64, bool) {
			switch m.DF {
			case Normal:
				return math.Inf(1), true
			case Residual:
				return float64(c.n - p), true
			}
			return 0, false
		}}
	f.inf.beta = append([]float64(nil), c.beta0...)
	axpy(f.inf.beta, 1, s.beta)
	if kr {
		f.inf.cov = s.kenwardRoger()
	}
	return f, nil
}

// Contrast estimates Σ l_c·β_c, one number of l for each of Columns.
func (f *LMMFit) Contrast(l []float64) stats.Estimate { return f.inf.contrast(l) }

// Unadjusted is Contrast with the model-based standard error; see
// Fit.Unadjusted.
func (f *LMMFit) Unadjusted(l []float64) stats.Estimate { return f.inf.unadjusted(l) }

// Degenerate reports whether an estimate of the fit has too few degrees of
// freedom for an interval or a p-value; see Fit.Degenerate.
func (f *LMMFit) Degenerate(e stats.Estimate) bool { return f.Model.DF.degenerate(e.DF) }

// Joint tests that every contrast (row of l) is zero; see Fit.Joint.
func (f *LMMFit) Joint(l [][]float64) (stats.FTest, error) { return f.inf.joint(l) }

// Cov returns the covariance of the coefficients behind the standard errors.
func (f *LMMFit) Cov() stats.Matrix { return f.inf.covariance(f.inf.cov) }

// Coefficients returns the estimates in the order of Columns.
func (f *LMMFit) Coefficients() regress.Coefficients { return f.inf.coefficients(f.Columns) }

// ICC is the intraclass correlation, the share of the variance (at T = 0) that
// is between clusters.
func (f *LMMFit) ICC() float64 { return f.Random[0][0] / (f.Random[0][0] + f.Sigma2) }

// Criteria returns AIC, AICc and BIC that count coefficients and variance
// parameters for REML and ML alike, with the number of observations in BIC and
// AICc, as R's lme4 does.
func (f *LMMFit) Criteria() Criteria {
	k, n := float64(len(f.Columns)+2), float64(f.Observations)
	if f.Model.Slope {
		k += 2
	}
	dev := -2 * f.LogLik
	return Criteria{AIC: dev + 2*k, AICc: dev + 2*k*n/(n-k-1), BIC: dev + k*math.Log(n)}
}

// RandomSE returns the standard errors of the variance parameters, from the
// observed information: the elements of Random's lower triangle by rows, then
// Sigma2. On the boundary they are 0.
func (f *LMMFit) RandomSE() []float64 {
	n := f.inf.ne
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sqrt(f.covR[i*n+i])
	}
	return out
}

func (r *ClusterRows) check(m LMM) (clusters int, err error) {
	const fn = "LMM.Fit"
	rows := len(r.Y)
	if len(r.Cluster) != rows || len(r.X) != rows {
		return 0, bad(fn, "Y", -1, stats.ErrLength, "%d clusters, %d rows of X, %d of Y", len(r.Cluster), len(r.X), rows)
	}
	if m.Slope && len(r.T) != rows {
		return 0, bad(fn, "T", -1, stats.ErrLength, "%d values, Y has %d", len(r.T), rows)
	}
	if rows <= len(r.Columns) || len(r.Columns) == 0 {
		return 0, bad(fn, "Y", -1, stats.ErrTooFew, "%d observations for %d coefficients", rows, len(r.Columns))
	}
	for i := range r.Y {
		if !finite(r.Y[i]) {
			return 0, bad(fn, "Y", i, stats.ErrNotFinite, "%v", r.Y[i])
		}
		if m.Slope && !finite(r.T[i]) {
			return 0, bad(fn, "T", i, stats.ErrNotFinite, "%v", r.T[i])
		}
		if len(r.X[i]) != len(r.Columns) {
			return 0, bad(fn, "X", i, stats.ErrLength, "%d values, %d columns", len(r.X[i]), len(r.Columns))
		}
		for c, x := range r.X[i] {
			if !finite(x) {
				return 0, bad(fn, "X", i, stats.ErrNotFinite, "column %q: %v", r.Columns[c], x)
			}
		}
		if r.Cluster[i] < 0 || r.Cluster[i] > 2*rows+1000 {
			return 0, bad(fn, "Cluster", i, stats.ErrDomain, "%d: number clusters 0, 1, 2, …", r.Cluster[i])
		}
		clusters = max(clusters, r.Cluster[i]+1)
	}
	return clusters, checkScale(fn, r.Columns, r.X, r.Y)
}

// block is one cluster after rotation: k rows that the random effects reach.
type block struct {
	k int
	s []float64 // k × effects: the random effects' design
	x []float64 // k × p
	y []float64
}

// clusters is everything the likelihood needs of the data.
type clusters struct {
	model      LMM
	n, p       int
	clusters   int
	ne, nv     int // random effects, variance parameters
	blocks     []block
	outN       int       // rows no random effect reaches
	xx         []float64 // their Σ xxᵀ, Σ xy, Σ y²
	xy         []float64
	yy         float64
	rr         []float64
	beta0      []float64
	logR       float64
	yScale     float64
	betweenVar float64 // starting values
	withinVar  float64
	tMean, tSD float64 // the slope's variable is (T − tMean)/tSD
}

// newClusters orthonormalizes X, removes the least-squares fit from y and
// rotates each cluster.
func newClusters(m LMM, r *ClusterRows) (*clusters, error) {
	nc, err := r.check(m)
	if err != nil {
		return nil, err
	}
	n, p := len(r.Y), len(r.Columns)
	c := &clusters{model: m, n: n, p: p, ne: 1, nv: 2}
	if m.Slope {
		c.ne, c.nv = 2, 4
	}
	cols := make([][]float64, p)
	c.rr = make([]float64, p*p)
	y := append([]float64(nil), r.Y...)
	c.beta0 = make([]float64, p)
	for j := range cols {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.X[i][j]
		}
		norm0 := math.Sqrt(dot(v, v))
		wide := make([]num.DD, n) // what is far from 0 and varies little keeps its digits
		for i, x := range v {
			wide[i] = num.ToDD(x)
		}
		for pass := 0; pass < 3; pass++ {
			for k := 0; k < j; k++ {
				t := dot(v, cols[k])
				for i, x := range cols[k] {
					wide[i] = wide[i].Add(num.ToDD(-t).MulFloat(x))
					v[i] = wide[i].Float()
				}
				c.rr[k*p+j] += t
			}
		}
		norm := math.Sqrt(dot(v, v))
		if norm <= aliasShare*norm0 || norm0 == 0 {
			return nil, bad("LMM.Fit", "X", -1, stats.ErrSingular, "column %q is a linear combination of earlier ones", r.Columns[j])
		}
		for i := range v {
			v[i] /= norm
		}
		c.rr[j*p+j] = norm
		c.logR += math.Log(norm)
		cols[j] = v
	}
	for pass := 0; pass < 3; pass++ {
		for j, v := range cols {
			t := dot(y, v)
			axpy(y, -t, v)
			c.beta0[j] += t
		}
	}
	rss := dot(y, y)
	if !(rss > 1e-24*dot(r.Y, r.Y)) {
		return nil, bad("LMM.Fit", "Y", -1, stats.ErrNoVariation, "the means fit every value exactly")
	}
	c.yScale = rss / float64(n-p)
	c.rotate(r, cols, y, nc)
	if c.clusters < 2 {
		return nil, bad("LMM.Fit", "Cluster", -1, stats.ErrTooFew, "%d clusters, need 2", c.clusters)
	}
	if c.outN == 0 {
		return nil, bad("LMM.Fit", "Cluster", -1, stats.ErrTooFew, "no cluster has more observations than random effects: the residual variance is not identified")
	}
	return c, nil
}

// standardize finds the mean and the standard deviation of the slope's variable.
// From far away, as in calendar years, intercepts at 0 and slopes can hardly be
// told apart; at the mean they can, and the model is the same.
func (c *clusters) standardize(t []float64) {
	c.tSD = 1
	if !c.model.Slope {
		return
	}
	for pass := 0; pass < 2; pass++ {
		d := 0.0
		for _, x := range t {
			d += (x - c.tMean) / float64(c.n)
		}
		c.tMean += d
	}
	ss := 0.0
	for _, x := range t {
		ss += (x - c.tMean) * (x - c.tMean) / float64(c.n)
	}
	if ss > 0 {
		c.tSD = math.Sqrt(ss)
	}
}

// slopeBack turns the variance parameters of the standardized slope into those
// of intercept and slope on T: b1 = b1*/tSD, b0 = b0* − b1·tMean.
func (c *clusters) slopeBack() []float64 {
	out := make([]float64, c.nv*c.nv)
	for i := 0; i < c.nv; i++ {
		out[i*c.nv+i] = 1
	}
	if c.model.Slope {
		a, b := c.tMean/c.tSD, 1/c.tSD
		out[1], out[2] = -2*a, a*a
		out[c.nv+1], out[c.nv+2] = b, -a*b
		out[2*c.nv+2] = b * b
	}
	return out
}

// rotate finds, for each cluster, an orthonormal basis U of the span of its
// random effects' design Z; UᵀX and Uᵀy become its block, and what is left
// joins the sums over all clusters.
func (c *clusters) rotate(r *ClusterRows, cols [][]float64, y []float64, nc int) {
	p, ne := c.p, c.ne
	zz, zx, zy := make([]float64, nc*ne*ne), make([]float64, nc*ne*p), make([]float64, nc*ne)
	count := make([]int, nc)
	c.xx, c.xy = make([]float64, p*p), make([]float64, p)
	c.standardize(r.T)
	z := [2]float64{1, 0}
	x := make([]float64, p)
	for i := range y {
		g := r.Cluster[i]
		count[g]++
		if ne == 2 {
			z[1] = (r.T[i] - c.tMean) / c.tSD
		}
		for j := range x {
			x[j] = cols[j][i]
			axpy(c.xx[j*p:j*p+j+1], x[j], x[:j+1])
		}
		axpy(c.xy, y[i], x)
		c.yy += y[i] * y[i]
		for a := 0; a < ne; a++ {
			axpy(zz[(g*ne+a)*ne:(g*ne+a)*ne+ne], z[a], z[:ne])
			axpy(zx[(g*ne+a)*p:(g*ne+a)*p+p], z[a], x)
			zy[g*ne+a] += z[a] * y[i]
		}
	}
	mirror(c.xx, p)
	c.outN = c.n
	for g := 0; g < nc; g++ {
		if count[g] == 0 {
			continue
		}
		c.clusters++
		b := block{}
		val, vec := symEigen(zz[g*ne*ne:(g+1)*ne*ne], ne)
		for t := ne - 1; t >= 0; t-- {
			if val[t] <= 1e-12*val[ne-1] || b.k == count[g] {
				continue
			}
			s := math.Sqrt(val[t])
			bx, by := make([]float64, p), 0.0
			for a := 0; a < ne; a++ {
				b.s = append(b.s, s*vec[a*ne+t])
				axpy(bx, vec[a*ne+t]/s, zx[(g*ne+a)*p:(g*ne+a)*p+p])
				by += vec[a*ne+t] / s * zy[g*ne+a]
			}
			b.x, b.y = append(b.x, bx...), append(b.y, by)
			b.k++
			for j, v := range bx {
				axpy(c.xx[j*p:j*p+p], -v, bx)
			}
			axpy(c.xy, -by, bx)
			c.yy -= by * by
		}
		c.outN -= b.k
		c.blocks = append(c.blocks, b)
	}
	c.yy = math.Max(c.yy, 0)
	c.withinVar, c.betweenVar = c.yScale, 0
	if c.outN > 0 {
		c.withinVar = math.Max(c.yy/float64(c.outN), 1e-4*c.yScale)
	}
	c.betweenVar = math.Max(c.yScale-c.withinVar, 0.1*c.yScale)
}

func (c *clusters) describe() string {
	return fmt.Sprintf("%d observations in %d clusters", c.n, c.clusters)
}
