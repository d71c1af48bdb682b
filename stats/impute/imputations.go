package impute

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// Imputations are completed data sets.
type Imputations struct {
	f      *Fit
	engine string
	cells  []int       // participant·visits + visit of every missing value
	values [][]float64 // imputation → of these
}

// noise is the stream of an imputation, apart from those of the draws.
const noise = 0x5851f42d4c957f2d

// Impute draws the missing values of every draw of the parameters, given the values
// observed and what the strategy assumes. Imputation m has stream m: the same values
// on any number of cores.
func (d *Draws) Impute() (*Imputations, error) { return d.ImputeContext(context.Background()) }

// ImputeContext is Impute that stops when ctx is done.
func (d *Draws) ImputeContext(ctx context.Context) (*Imputations, error) {
	f := d.f
	out := &Imputations{f: f, engine: d.Engine.String(), values: make([][]float64, len(d.pars))}
	for i, has := range f.has {
		if !has {
			out.cells = append(out.cells, i)
		}
	}
	errs := make([]error, len(d.pars))
	err := draws.InChunks(ctx, len(d.pars), 8, func(_, from, to int) {
		fs := make([]formula, len(f.kinds))
		chol := make([][]float64, len(f.kinds))
		for i, k := range f.kinds {
			chol[i] = make([]float64, len(k.missing)*len(k.missing))
		}
		var w workspace
		z := make([]float64, f.visits)
		for m := from; m < to; m++ {
			for i, k := range f.kinds {
				if len(k.missing) > 0 && errs[m] == nil {
					errs[m] = k.solve(d.pars[m], f.groupOf, f.nz, f.visits, &fs[i], &w)
					semiCholesky(chol[i], fs[i].v, len(k.missing))
				}
			}
			if errs[m] != nil {
				continue
			}
			rng := rand.New(&draws.New(d.Seed^noise, m).Src)
			values := make([]float64, 0, len(out.cells))
			for p := range f.d.Arm {
				i := f.kindOf[p]
				k := f.kinds[i]
				n := len(k.missing)
				for j := range n {
					z[j] = rng.NormFloat64()
				}
				for j := range n {
					values = append(values, f.impute(p, k, &fs[i], j)+dot(chol[i][j*n:j*n+j+1], z[:j+1]))
				}
			}
			out.values[m] = values
		}
	})
	if err != nil {
		return nil, err
	}
	for m, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("imputation %d: %w", m, err)
		}
	}
	return out, nil
}

// Len is the number of completed data sets.
func (im *Imputations) Len() int { return len(im.values) }

// Values returns completed data set m, participant × visit, without delta.
func (im *Imputations) Values(m int) [][]float64 {
	f := im.f
	out := make([][]float64, len(f.d.Arm))
	for p := range out {
		out[p] = make([]float64, f.visits)
		for v := range out[p] {
			out[p][v] = f.y0 + f.y[p*f.visits+v]
		}
	}
	for i, c := range im.cells {
		out[c/f.visits][c%f.visits] = f.y0 + im.values[m][i]
	}
	return out
}

// WriteCSV writes the completed data sets as tidy CSV, a row a value: imputation (from
// 1), participant, arm, visit, value, and whether it was imputed. Delta is added.
func (im *Imputations) WriteCSV(w io.Writer, delta Delta) error {
	add, err := im.f.Deltas(delta)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"imputation", "participant", "arm", "visit", "value", "imputed"}); err != nil {
		return err
	}
	d := im.f.d
	for m := range im.values {
		for p, row := range im.Values(m) {
			label := strconv.Itoa(p)
			if p < len(d.Participants) {
				label = d.Participants[p]
			}
			for v, y := range row {
				y += add[p][v]
				if err := out.Write([]string{strconv.Itoa(m + 1), label, d.Arms[d.Arm[p]], d.Visits[v], strconv.FormatFloat(y, 'g', -1, 64),
					strconv.FormatBool(!im.f.has[p*im.f.visits+v])}); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// Pool analyzes every completed data set, participant × visit with delta, and combines
// the estimates by Rubin's rules: for responders, ranks and whatever else is not linear
// in the values. Rubin's variance is information-anchored: under a reference-based
// strategy it does not fall below that under MAR, as the repeated-sampling variance
// does. See stats.PoolImputations.
func (im *Imputations) Pool(delta Delta, analyze func(values [][]float64) (stats.Estimate, error)) (stats.Pooled, error) {
	add, err := im.f.Deltas(delta)
	if err != nil {
		return stats.Pooled{}, err
	}
	es := make([]stats.Estimate, len(im.values))
	for m := range es {
		y := im.Values(m)
		for p := range y {
			axpy(y[p], 1, add[p])
		}
		if es[m], err = analyze(y); err != nil {
			return stats.Pooled{}, fmt.Errorf("imputation %d: %w", m, err)
		}
	}
	return stats.PoolImputations(es)
}

// Multiple is the analysis of covariance of completed data sets, to be asked for means
// and differences.
type Multiple struct {
	Arms, Visits []string
	Analysis     Analysis
	Participants int
	Engine       string

	fit      *Fit
	d        *design
	at       [][]float64 // arm → row of the average participant
	inv      []float64   // factor of Σ w wᵀ
	beta     [][]float64 // imputation → visit × p
	residual [][]float64 // imputation → visits × visits, over the degrees of freedom
}

// Analyze fits the analysis of covariance of every visit in every completed data set,
// with delta. Analysis.Normal must not be set: Rubin's rules have degrees of freedom.
func (im *Imputations) Analyze(a Analysis) (*Multiple, error) {
	return im.AnalyzeContext(context.Background(), a)
}

// AnalyzeContext is Analyze that stops when ctx is done.
func (im *Imputations) AnalyzeContext(ctx context.Context, a Analysis) (*Multiple, error) {
	const fn = "Analyze"
	f := im.f
	if a.Normal {
		return nil, bad(fn, "Normal", -1, stats.ErrDomain, "pooled imputations have degrees of freedom")
	}
	d, err := a.design(fn, f)
	if err != nil {
		return nil, err
	}
	add, err := f.Deltas(a.Delta)
	if err != nil {
		return nil, err
	}
	n, p, nv := len(f.d.Arm), d.p, f.visits
	r := &Multiple{Arms: f.d.Arms, Visits: f.d.Visits, Analysis: a, Participants: n, Engine: im.engine, fit: f, d: d,
		beta: make([][]float64, len(im.values)), residual: make([][]float64, len(im.values))}
	whole := newSums(d)
	for i := range n {
		whole.add(i, 1)
	}
	r.inv = append([]float64(nil), whole.a...)
	if !cholesky(r.inv, p) {
		return nil, bad(fn, "Covariates", -1, stats.ErrSingular, "the analysis has columns that depend on each other")
	}
	for arm := range f.d.Arms {
		r.at = append(r.at, d.at(arm, whole))
	}
	err = draws.InChunks(ctx, len(im.values), 8, func(_, from, to int) {
		y := make([]float64, n*nv)
		e := make([]float64, nv)
		for m := from; m < to; m++ {
			copy(y, f.y)
			for i, c := range im.cells {
				y[c] = im.values[m][i]
			}
			for i, row := range add {
				axpy(y[i*nv:i*nv+nv], 1, row)
			}
			beta, res := make([]float64, nv*p), make([]float64, nv*nv)
			for i := range n {
				w := d.row(i)
				for v := range nv {
					axpy(beta[v*p:v*p+p], y[i*nv+v], w)
				}
			}
			for v := range nv {
				cholSolve(r.inv, beta[v*p:v*p+p], p)
			}
			for i := range n {
				w := d.row(i)
				for v := range nv {
					e[v] = y[i*nv+v] - dot(w, beta[v*p:v*p+p])
				}
				for v := range nv {
					axpy(res[v*nv:v*nv+v+1], e[v], e[:v+1])
				}
			}
			for v := range nv {
				for u := range v + 1 {
					res[v*nv+u] /= float64(n - p)
					res[u*nv+v] = res[v*nv+u]
				}
			}
			r.beta[m], r.residual[m] = beta, res
		}
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// estimates are the answers of the completed data sets: weights arm × visit.
func (r *Multiple) estimates(w []float64) []stats.Estimate {
	nv, p := len(r.Visits), r.d.p
	rows := make([][]float64, nv)
	solved := make([][]float64, nv)
	origin := 0.0
	for v := range nv {
		rows[v] = make([]float64, p)
		for arm := range r.Arms {
			axpy(rows[v], w[arm*nv+v], r.at[arm])
			origin += w[arm*nv+v]
		}
		solved[v] = append([]float64(nil), rows[v]...)
		cholSolve(r.inv, solved[v], p)
	}
	if math.Abs(origin) < 1e-12 {
		origin = 0
	}
	out := make([]stats.Estimate, len(r.beta))
	for m := range out {
		e := stats.Estimate{Value: origin * r.fit.y0, DF: float64(r.Participants - p)}
		s := 0.0
		for v := range nv {
			e.Value += dot(rows[v], r.beta[m][v*p:v*p+p])
			for u := range nv {
				s += r.residual[m][v*nv+u] * dot(rows[v], solved[u])
			}
		}
		e.SE = math.Sqrt(s)
		out[m] = e
	}
	return out
}

// Difference pools the differences of two arms at a visit (least squares means, arm −
// other) by Rubin's rules with the degrees of freedom of Barnard and Rubin.
func (r *Multiple) Difference(arm, other, visit string) (stats.Pooled, error) {
	es, err := r.Estimates(arm, other, visit)
	if err != nil {
		return stats.Pooled{}, err
	}
	return stats.PoolImputations(es)
}

// Estimates returns Difference's estimates of the completed data sets.
func (r *Multiple) Estimates(arm, other, visit string) ([]stats.Estimate, error) {
	a, err := index("Difference", "arm", arm, r.Arms)
	if err != nil {
		return nil, err
	}
	b, err := index("Difference", "other", other, r.Arms)
	if err != nil {
		return nil, err
	}
	v, err := index("Difference", "visit", visit, r.Visits)
	if err != nil {
		return nil, err
	}
	if a == b {
		return nil, bad("Difference", "other", -1, stats.ErrDomain, "%q against itself", arm)
	}
	w := make([]float64, len(r.Arms)*len(r.Visits))
	w[a*len(r.Visits)+v], w[b*len(r.Visits)+v] = 1, -1
	return r.estimates(w), nil
}

// Mean pools an arm's least squares means at a visit.
func (r *Multiple) Mean(arm, visit string) (stats.Pooled, error) {
	a, err := index("Mean", "arm", arm, r.Arms)
	if err != nil {
		return stats.Pooled{}, err
	}
	v, err := index("Mean", "visit", visit, r.Visits)
	if err != nil {
		return stats.Pooled{}, err
	}
	w := make([]float64, len(r.Arms)*len(r.Visits))
	w[a*len(r.Visits)+v] = 1
	return stats.PoolImputations(r.estimates(w))
}

// Stability is how far the pooled numbers would move with other imputations: Monte
// Carlo standard errors.
type Stability struct{ Estimate, SE, P float64 }

// StabilityOf is the jackknife over the imputations. Where a p-value lies within two of
// its errors from α, more imputations should be drawn.
func StabilityOf(estimates []stats.Estimate) (Stability, error) {
	m := len(estimates)
	if m < 3 {
		return Stability{}, bad("StabilityOf", "estimates", -1, stats.ErrTooFew, "%d imputations, need 3", m)
	}
	left := make([]stats.Estimate, 0, m-1)
	values := make([][3]float64, m)
	var mean [3]float64
	for i := range estimates {
		left = append(append(left[:0], estimates[:i]...), estimates[i+1:]...)
		p, err := stats.PoolImputations(left)
		if err != nil {
			return Stability{}, err
		}
		values[i] = [3]float64{p.Value, p.SE, p.P(0)}
		for k, x := range values[i] {
			mean[k] += x / float64(m)
		}
	}
	var s [3]float64
	for _, v := range values {
		for k, x := range v {
			s[k] += (x - mean[k]) * (x - mean[k])
		}
	}
	for k := range s {
		s[k] = math.Sqrt(s[k] * float64(m-1) / float64(m))
	}
	return Stability{s[0], s[1], s[2]}, nil
}

// Enough is the number of imputations that makes the standard error repeatable to 5 %,
// 1 + ½(γ/0.05)² with γ the fraction of missing information, and at least one a percent
// of incomplete participants.
//
// Sources: von Hippel 2020, How many imputations do you need?, Sociological Methods &
// Research 49:699–718; White, Royston & Wood 2011, Statistics in Medicine 30:377–399.
func Enough(p stats.Pooled, incomplete float64) int {
	g := p.FractionMissing / 0.05
	return int(math.Ceil(max(1+g*g/2, 100*incomplete)))
}
