package impute

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// Engine is how the imputation model's parameters are drawn.
type Engine int

const (
	// ByStructure is Bayes for an unstructured covariance, BootstrapDraw for others.
	ByStructure Engine = iota
	// Bayes draws from the posterior under flat means and p(Σ) ∝ |Σ|^−(J+1)/2, by
	// data augmentation. Unstructured covariance only.
	Bayes
	// BootstrapDraw takes the maximum likelihood (or REML) estimates in a bootstrap
	// sample, drawn within the arms, for a draw: approximately Bayesian, for every
	// structure.
	BootstrapDraw
)

// String returns "bayes" or "bootstrap".
func (e Engine) String() string {
	switch e {
	case ByStructure:
		return "by structure"
	case Bayes:
		return "bayes"
	case BootstrapDraw:
		return "bootstrap"
	}
	return fmt.Sprintf("Engine(%d)", int(e))
}

// MarshalText writes the name that String returns.
func (e Engine) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// DrawOptions says how many draws are made and how. The zero value makes one for every
// percent of participants with a missing value, and at least 20.
type DrawOptions struct {
	Imputations int
	Seed        uint64
	Engine      Engine
	// BurnIn and Thin are the iterations of data augmentation before the first draw of
	// a chain and from one to the next; 0 means 100 and 10. A chain makes 25 draws.
	BurnIn, Thin int
	// Redraws is how many bootstrap samples in which the model cannot be fitted may be
	// replaced by others; each one leaves out what is rare. 0 refuses the first.
	Redraws int
}

// Draws are draws of the imputation model's parameters. Like Samples they do not
// depend on strategies and deltas.
type Draws struct {
	Engine  Engine
	Seed    uint64
	Redrawn int // bootstrap samples replaced

	f    *Fit
	pars []*params
}

// leastArm is the number of participants below which an arm's missing values are not
// multiply imputed: nothing but deltas and extremes is left.
const leastArm = 10

// Draw draws the imputation model's parameters for multiple imputation, which serves
// every summary of the completed data, responders and ranks too. Draws are seeded with
// a stream of their own, and the same on any number of cores.
//
// The posterior of Bayes is drawn by Gibbs sampling: missing values given parameters,
// then the means (normal, generalized least squares) and each Σ (inverse Wishart with
// as many degrees of freedom as participants).
//
// It refuses fewer than 10 participants with a value in an arm; Bayes with another
// structure than unstructured, and where arms have their own covariance (or share one)
// fewer than visits + 2 participants more than coefficients; and for BootstrapDraw a
// sample without a fit.
//
// Sources: Schafer 1997, Analysis of Incomplete Multivariate Data, Chapman & Hall;
// Carpenter, Roger & Kenward 2013, doi 10.1080/10543406.2013.834911. BootstrapDraw agrees with R's rbmi,
// method_approxbayes().
func (f *Fit) Draw(o DrawOptions) (*Draws, error) { return f.DrawContext(context.Background(), o) }

// DrawContext is Draw that stops when ctx is done.
func (f *Fit) DrawContext(ctx context.Context, o DrawOptions) (*Draws, error) {
	const fn = "Draw"
	m := o.Imputations
	if m == 0 {
		m = max(20, int(math.Ceil(100*float64(f.Incomplete)/float64(len(f.d.Arm)))))
	}
	if m < 2 {
		return nil, bad(fn, "Imputations", -1, stats.ErrTooFew, "%d imputations, need 2", m)
	}
	if o.BurnIn < 0 || o.Thin < 0 || o.Redraws < 0 {
		return nil, bad(fn, "BurnIn", -1, stats.ErrDomain, "burn-in %d, thinning %d, redraws %d", o.BurnIn, o.Thin, o.Redraws)
	}
	us := f.Model.Covariance == mmrm.Unstructured
	engine := o.Engine
	switch {
	case engine < ByStructure || engine > BootstrapDraw:
		return nil, bad(fn, "Engine", -1, stats.ErrDomain, "no %v", engine)
	case f.off != nil && engine == Bayes:
		return nil, bad(fn, "Engine", -1, stats.ErrDomain, "the posterior is drawn without means of retrieved dropouts: use BootstrapDraw")
	case engine == ByStructure && us && f.off == nil:
		engine = Bayes
	case engine == ByStructure:
		engine = BootstrapDraw
	case engine == Bayes && !us:
		return nil, bad(fn, "Engine", -1, stats.ErrDomain, "the posterior is drawn with an unstructured covariance only, not %v: use BootstrapDraw", f.Model.Covariance)
	}
	in := make([]int, len(f.d.Arms))
	for p, a := range f.d.Arm {
		if f.rowOf[p] >= 0 {
			in[a]++
		}
	}
	for a, n := range in {
		if n < leastArm {
			return nil, bad(fn, "Arm", -1, stats.ErrTooFew, "%d participants of %q have a value: below %d their missing values are not multiply imputed", n, f.d.Arms[a], leastArm)
		}
	}
	out := &Draws{Engine: engine, Seed: o.Seed, f: f, pars: make([]*params, m)}
	if engine == Bayes {
		return out, out.bayes(ctx, o, in)
	}
	return out, out.bootstrap(ctx, o)
}

// bootstrap fills the parameters with estimates in bootstrap samples. Sample i is
// drawn from stream i; one without a fit goes on with the same stream.
func (d *Draws) bootstrap(ctx context.Context, o DrawOptions) error {
	f := d.f
	errs, again := make([]error, len(d.pars)), make([]int, len(d.pars))
	err := draws.InChunks(ctx, len(d.pars), 16, func(_, from, to int) {
		r := f.mmrm.Refitter(ctx)
		for i := from; i < to; i++ {
			rng := draws.New(o.Seed, i)
			for {
				errs[i] = r.Counted(f.modelCounts(f.draw(rng, false)))
				if errs[i] == nil || ctx.Err() != nil || again[i] >= o.Redraws {
					break
				}
				again[i]++
			}
			if errs[i] == nil {
				d.pars[i] = f.newParams()
				f.fill(d.pars[i], r.Coefficients(), r.Sigma)
			}
		}
	})
	if err != nil {
		return err
	}
	for i, err := range errs {
		d.Redrawn += again[i]
		if err != nil {
			return fmt.Errorf("the imputation model in bootstrap sample %d: %w", i, err)
		}
	}
	if d.Redrawn > o.Redraws {
		return bad("Draw", "Redraws", -1, stats.ErrNotConverged, "%d bootstrap samples had no fit, %d may be replaced", d.Redrawn, o.Redraws)
	}
	return nil
}

// Under returns the draws with the strategy for every event; see Fit.Under.
func (d *Draws) Under(s Strategy) (*Draws, error) {
	f, err := d.f.Under(s)
	if err != nil {
		return nil, err
	}
	out := *d
	out.f = f
	return &out, nil
}

// Len is the number of draws.
func (d *Draws) Len() int { return len(d.pars) }
