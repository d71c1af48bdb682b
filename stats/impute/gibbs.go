package impute

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// chainDraws is how many draws a chain of data augmentation makes. It is fixed, so
// that results do not depend on how many cores share the chains.
const chainDraws = 25

// gibbs is what all chains share: the participants in the model, their values, and the
// cross-products that no draw changes.
type gibbs struct {
	f        *Fit
	nv, q, k int       // visits; arms and covariates; coefficients
	column   []int     // visit × q → coefficient
	who      []int     // participants in the model
	u        []float64 // of them × q: arm indicators, covariates
	uu       [][]float64
	uy       [][]float64 // group → q × visits: of the values in the model
	kinds    []*kind     // by arm and values in the model
	kindOf   []int
	n        []int // group → participants
}

func (f *Fit) newGibbs() *gibbs {
	g := &gibbs{f: f, nv: f.visits, q: len(f.d.Arms) + len(f.terms), k: len(f.d.Arms) * f.visits, n: make([]int, f.groups())}
	at := g.k
	g.column = make([]int, g.nv*g.q)
	for v := range g.nv {
		for a := range f.d.Arms {
			g.column[v*g.q+a] = a*g.nv + v
		}
	}
	for c, t := range f.terms {
		for v := range g.nv {
			g.column[v*g.q+len(f.d.Arms)+c] = at
			if t.byVisit {
				at++
			}
		}
		if !t.byVisit {
			at++
		}
	}
	g.k = at
	for range g.n {
		g.uu, g.uy = append(g.uu, make([]float64, g.q*g.q)), append(g.uy, make([]float64, g.q*g.nv))
	}
	index := map[string]int{}
	for p, arm := range f.d.Arm {
		if f.rowOf[p] < 0 {
			continue
		}
		u := make([]float64, g.q)
		u[arm] = 1
		for c, t := range f.terms {
			u[len(f.d.Arms)+c] = t.x[p]
		}
		g.who, g.u = append(g.who, p), append(g.u, u...)
		gr := f.groupOf(arm)
		g.n[gr]++
		key := []byte{byte(arm), byte(arm >> 8)}
		kd := &kind{arm: arm, ref: arm, event: g.nv}
		for v := range g.nv {
			if f.inModel(p, v) {
				kd.observed = append(kd.observed, v)
				key = append(key, '1')
			} else {
				kd.missing = append(kd.missing, v)
				key = append(key, '0')
			}
		}
		i, ok := index[string(key)]
		if !ok {
			i = len(g.kinds)
			index[string(key)] = i
			g.kinds = append(g.kinds, kd)
		}
		g.kindOf = append(g.kindOf, i)
		for a, x := range u {
			axpy(g.uu[gr][a*g.q:a*g.q+g.q], x, u)
			for _, v := range kd.observed {
				g.uy[gr][a*g.nv+v] += x * f.y[p*g.nv+v]
			}
		}
	}
	return g
}

// bayes draws from the posterior.
func (d *Draws) bayes(ctx context.Context, o DrawOptions, in []int) error {
	f := d.f
	g := f.newGibbs()
	perVisit := 1 + len(f.terms) // coefficients of an arm's mean at a visit
	for gr, n := range g.n {
		free := n - perVisit
		if !f.Model.ByArm {
			free = n - g.q
		}
		if free < g.nv+2 {
			who := "all arms"
			if f.Model.ByArm {
				who = f.d.Arms[gr]
			}
			return bad("Draw", "Engine", -1, stats.ErrTooFew, "%d participants of %s for %d visits and %d coefficients a visit: a covariance matrix of their own is not drawn", n, who, g.nv, perVisit)
		}
	}
	if o.BurnIn == 0 {
		o.BurnIn = 100
	}
	if o.Thin == 0 {
		o.Thin = 10
	}
	chains := (len(d.pars) + chainDraws - 1) / chainDraws
	errs := make([]error, chains)
	err := draws.InChunks(ctx, chains, 1, func(c, _, _ int) {
		errs[c] = g.chain(ctx, o, c, d.pars[c*chainDraws:min(len(d.pars), (c+1)*chainDraws)])
	})
	if err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// chain fills dst by one chain, which starts at the estimates.
func (g *gibbs) chain(ctx context.Context, o DrawOptions, id int, dst []*params) error {
	f := g.f
	nv, q, k := g.nv, g.q, g.k
	src := &draws.New(o.Seed, id).Src
	rng := rand.New(src)
	par := f.newParams()
	for a, m := range f.par.mean {
		copy(par.mean[a], m)
	}
	for gr, s := range f.par.sigma {
		copy(par.sigma[gr], s)
	}
	y := make([]float64, len(g.who)*nv)
	for i, p := range g.who {
		copy(y[i*nv:i*nv+nv], f.y[p*nv:p*nv+nv])
	}
	fs := make([]formula, len(g.kinds))
	chols := make([][]float64, len(g.kinds))
	for i, kd := range g.kinds {
		chols[i] = make([]float64, len(kd.missing)*len(kd.missing))
	}
	var w workspace
	uy := make([]float64, q*nv)
	a, beta, z := make([]float64, k*k), make([]float64, k), make([]float64, max(k, nv))
	prec, l, s := make([]float64, nv*nv), make([]float64, nv*nv), make([]float64, nv*nv)
	e, bart, tmp := make([]float64, nv), make([]float64, nv*nv), make([]float64, nv*nv)
	total := o.BurnIn + 1 + (len(dst)-1)*o.Thin
	for iter := range total {
		if ctx.Err() != nil {
			return nil // the caller returns the context's error
		}
		// Missing values given the parameters.
		for i, kd := range g.kinds {
			if len(kd.missing) == 0 {
				continue
			}
			if err := kd.solve(par, f.groupOf, f.nz, nv, &fs[i], &w); err != nil {
				return err
			}
			semiCholesky(chols[i], fs[i].v, len(kd.missing))
		}
		for i, p := range g.who {
			kd := g.kinds[g.kindOf[i]]
			if m := len(kd.missing); m > 0 {
				for j := range m {
					z[j] = rng.NormFloat64()
				}
				for j, v := range kd.missing {
					y[i*nv+v] = f.impute(p, kd, &fs[g.kindOf[i]], j) + dot(chols[g.kindOf[i]][j*m:j*m+j+1], z[:j+1])
				}
			}
		}
		// Means given Σ and complete data.
		clear(a)
		clear(beta)
		for gr := range g.n {
			copy(l, par.sigma[gr])
			if !cholesky(l, nv) {
				return bad("Draw", "Engine", -1, stats.ErrSingular, "a covariance matrix drawn is not positive definite")
			}
			for v := range nv {
				row := prec[v*nv : v*nv+nv]
				clear(row)
				row[v] = 1
				cholSolve(l, row, nv)
			}
			copy(uy, g.uy[gr])
			for i, p := range g.who {
				kd := g.kinds[g.kindOf[i]]
				if len(kd.missing) == 0 || f.groupOf(f.d.Arm[p]) != gr {
					continue
				}
				for t, x := range g.u[i*q : i*q+q] {
					if x != 0 {
						for _, v := range kd.missing {
							uy[t*nv+v] += x * y[i*nv+v]
						}
					}
				}
			}
			for v := range nv {
				for t := range q {
					c := g.column[v*q+t]
					beta[c] += dot(prec[v*nv:v*nv+nv], uy[t*nv:t*nv+nv])
					for u := range nv {
						x := prec[v*nv+u]
						for r := range q {
							a[c*k+g.column[u*q+r]] += x * g.uu[gr][t*q+r]
						}
					}
				}
			}
		}
		if !cholesky(a, k) {
			return bad("Draw", "Covariates", -1, stats.ErrSingular, "the imputation model's columns depend on each other")
		}
		cholSolve(a, beta, k)
		for j := range k {
			z[j] = rng.NormFloat64()
		}
		for j := k - 1; j >= 0; j-- { // L⁻ᵀz
			x := z[j]
			for t := j + 1; t < k; t++ {
				x -= a[t*k+j] * z[t]
			}
			z[j] = x / a[j*k+j]
			beta[j] += z[j]
		}
		f.fill(par, beta, func(int, []float64) {})
		// Σ given means and complete data.
		for gr := range g.n {
			clear(s)
			for i, p := range g.who {
				if f.groupOf(f.d.Arm[p]) != gr {
					continue
				}
				for v := range nv {
					e[v] = y[i*nv+v]
					for t, x := range g.u[i*q : i*q+q] {
						if x != 0 {
							e[v] -= x * beta[g.column[v*q+t]]
						}
					}
				}
				for v := range nv {
					axpy(s[v*nv:v*nv+v+1], e[v], e[:v+1])
				}
			}
			if !cholesky(s, nv) {
				return bad("Draw", "Engine", -1, stats.ErrSingular, "residuals of complete data are not of full rank")
			}
			inverseWishart(rng, s, float64(g.n[gr]), nv, par.sigma[gr], bart, tmp)
		}
		if back := iter - o.BurnIn; back >= 0 && back%o.Thin == 0 {
			keep := f.newParams()
			for i, m := range par.mean {
				copy(keep.mean[i], m)
			}
			for i, m := range par.sigma {
				copy(keep.sigma[i], m)
			}
			dst[back/o.Thin] = keep
		}
	}
	return nil
}

// inverseWishart draws Σ with Σ⁻¹ ~ Wishart(df, (LLᵀ)⁻¹), L the lower factor in l:
// Σ = LA⁻ᵀA⁻¹Lᵀ with A Bartlett's lower triangle of Σ⁻¹ in coordinates where LLᵀ is
// the identity.
func inverseWishart(rng *rand.Rand, l []float64, df float64, n int, dst, a, t []float64) {
	clear(a)
	for i := range n {
		a[i*n+i] = math.Sqrt(2 * gammaDraw(rng, (df-float64(i))/2))
		for j := range i {
			a[i*n+j] = rng.NormFloat64()
		}
	}
	// t = L·A⁻ᵀ: rows solve t·Aᵀ = L.
	for r := range n {
		for j := range n {
			x := 0.0
			if j <= r {
				x = l[r*n+j]
			}
			for s := range j {
				x -= t[r*n+s] * a[j*n+s]
			}
			t[r*n+j] = x / a[j*n+j]
		}
	}
	for r := range n {
		for c := range r + 1 {
			x := dot(t[r*n:r*n+n], t[c*n:c*n+n])
			dst[r*n+c], dst[c*n+r] = x, x
		}
	}
}

// gammaDraw draws from the gamma distribution with this shape, at least ½, and scale 1
// (Marsaglia & Tsang 2000, ACM Transactions on Mathematical Software 26:363–372; below
// 1 by a power of a uniform).
func gammaDraw(rng *rand.Rand, shape float64) float64 {
	boost := 1.0
	if shape < 1 {
		boost = math.Pow(1-rng.Float64(), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - rng.Float64()
		if math.Log(u) < x*x/2+d-d*v+d*math.Log(v) {
			return boost * d * v
		}
	}
}
