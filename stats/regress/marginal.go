package regress

import (
	"errors"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Marginal holds standardized means (g-computation): what the mean outcome
// would be had everybody been in one arm, for each arm, with their covariance.
// For a yes-or-no outcome the means are risks.
type Marginal struct {
	Levels []string // the reference first
	errs   MarginalErrors
	means  []float64
	cov    [][]float64
}

// MarginalErrors says where the variance of standardized means comes from.
type MarginalErrors string

// Errors of standardized means. The zero value is YeErrors.
const (
	// YeErrors: also right where the outcome model is wrong, under simple
	// randomization, for models with an intercept, the arm and a canonical
	// link (Ye, Bannick, Yi & Shao 2023, doi:10.1080/24754269.2023.2205802).
	YeErrors MarginalErrors = ""
	// DeltaErrors: the delta method from the model's covariance matrix, given
	// the participants' covariates (Ge et al. 2011,
	// doi:10.1177/009286151104500409). Right where the model is.
	DeltaErrors MarginalErrors = "delta"
	// DeltaRobustErrors is the same with the sandwich covariance HC0 of a logistic
	// regression's coefficients: right where the model of the means is, whatever their
	// variances.
	DeltaRobustErrors MarginalErrors = "delta-hc0"
)

// MarginalOptions are the choices in standardized means.
type MarginalOptions struct{ Errors MarginalErrors }

// Mean returns the standardized mean (risk) of an arm, with a normal pivot; a level
// that the category does not have is refused (stats.ErrDomain, listing those it has).
func (g *Marginal) Mean(level string) (stats.Estimate, error) {
	i, err := place("Marginal.Mean", "level", level, g.Levels)
	if err != nil {
		return stats.Estimate{}, err
	}
	return g.mean(i), nil
}

func (g *Marginal) mean(i int) stats.Estimate {
	return stats.Estimate{Value: g.means[i], SE: math.Sqrt(g.cov[i][i]), DF: math.Inf(1)}
}

func (g *Marginal) difference(i, j int) stats.Estimate {
	v := g.cov[i][i] + g.cov[j][j] - 2*g.cov[i][j]
	return stats.Estimate{Value: g.means[i] - g.means[j], SE: math.Sqrt(v), DF: math.Inf(1)}
}

// Ratio returns the ratio treated/control of standardized means (the marginal risk
// ratio), with a normal pivot on the log scale. Means that are not positive and
// levels that the category does not have are refused (ErrDomain).
func (g *Marginal) Ratio(treated, control string) (stats.Ratio, error) {
	i, j, err := places("Marginal.Ratio", treated, control, g.Levels)
	if err != nil {
		return stats.Ratio{}, err
	}
	x, y := g.means[i], g.means[j]
	if !(x > 0 && y > 0) {
		return stats.Ratio{}, &stats.SampleError{Func: "Marginal.Ratio", Arg: "mean", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%v/%v", x, y)}
	}
	v := g.cov[i][i]/(x*x) + g.cov[j][j]/(y*y) - 2*g.cov[i][j]/(x*y)
	if !(v > 0) {
		return stats.Ratio{}, &stats.SampleError{Func: "Marginal.Ratio", Arg: "mean", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("the variance of the log ratio comes out as %v", v)}
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(x / y), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// OddsRatio returns the ratio treated/control of the odds of standardized risks, with
// a normal pivot on the log scale: the marginal odds ratio, which lies nearer to 1
// than the odds ratio given the covariates (LogisticFit.OddsRatio) and does not
// estimate the same. Means outside (0, 1) and levels that the category does not have
// are refused (ErrDomain).
func (g *Marginal) OddsRatio(treated, control string) (stats.Ratio, error) {
	const fn = "Marginal.OddsRatio"
	i, j, err := places(fn, treated, control, g.Levels)
	if err != nil {
		return stats.Ratio{}, err
	}
	x, y := g.means[i], g.means[j]
	if !(x > 0 && y > 0 && x < 1 && y < 1) {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "mean", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%v and %v are not both between 0 and 1", x, y)}
	}
	vx, vy := x*(1-x), y*(1-y) // the slopes of the odds' logarithms are their inverses
	v := g.cov[i][i]/(vx*vx) + g.cov[j][j]/(vy*vy) - 2*g.cov[i][j]/(vx*vy)
	if !(v > 0) {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "mean", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("the variance of the log odds ratio comes out as %v", v)}
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(x) - math.Log1p(-x) - math.Log(y) + math.Log1p(-y), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// ANHECOVA estimates the arms' mean outcomes and differences, adjusted for
// baseline and covariates, without assuming that the linear model is right: it
// has its own slopes in every arm (covariates × arm) and averages its
// predictions over all participants. It is never less precise in large samples
// than the difference of raw means. Estimates have normal pivots: approximate,
// for about 20 participants an arm or more.
//
// It refuses what ANCOVA refuses, arms without residual variation
// (ErrNoVariation), and arms so small that the variance of a difference, which
// is a difference of moments, is not positive (ErrTooFew).
//
// Source: Ye, Shao, Yi & Zhao 2023, doi:10.1080/01621459.2022.2049278.
// Agrees with R's RobinCar::robincar_linear(adj_method = "ANHECOVA") under
// simple randomization.
func ANHECOVA(data ANCOVAData) (*Marginal, error) {
	main, err := ANCOVA(data) // its checks, and the names of terms
	if err != nil {
		return nil, err
	}
	arm := Category(main.armName, data.Arm, data.Control)
	terms := []Term{arm, Numeric(main.baseName, data.Baseline)}
	terms = append(terms, data.Covariates...)
	for _, t := range terms[1:] {
		terms = append(terms, Interaction(arm, t))
	}
	m, err := fitLinear("ANHECOVA", data.Y, terms, LinearOptions{})
	if err != nil {
		return nil, err
	}
	return m.Marginal(main.armName)
}

// Marginal returns the standardized means of the levels of a category. It
// panics where the model has no such category.
func (m *Fit) Marginal(category string) (*Marginal, error) {
	return m.MarginalWith(category, MarginalOptions{})
}

// MarginalWith is Marginal with other errors.
func (m *Fit) MarginalWith(category string, opts MarginalOptions) (*Marginal, error) {
	errs := opts.Errors
	if errs == DeltaRobustErrors {
		panic("regress.Fit.Marginal: DeltaRobustErrors are those of a logistic regression; a linear one has Robust")
	}
	identity := func(eta float64) (mu, slope float64) { return eta, 1 }
	ones := make([]float64, len(m.y))
	for i := range ones {
		ones[i] = 1
	}
	if m.robust != nil {
		return marginal(m.d, m.y, ones, category, errs, m.fit.betaFloats(), m.robust, m.est.restrict, nil, identity)
	}
	// In the coordinates Rβ, of covariance σ², the origin of a column does not
	// cost digits.
	p := m.fit.rank()
	gamma, cov := make([]float64, p), make([]float64, p*p)
	for i := range p {
		gamma[i], cov[i*p+i] = m.fit.qty[i].Float(), m.rss/m.df
	}
	return marginal(m.d, m.y, ones, category, errs, gamma, cov, func(row []float64) ([]float64, bool) {
		row, ok := m.est.restrict(row)
		if !ok {
			return nil, false
		}
		z := make([]float64, p)
		for i, v := range m.fit.whiten(row) {
			z[i] = v.Float()
		}
		return z, true
	}, nil, identity)
}

// Marginal returns the standardized risks of the levels of a category: the
// marginal risk difference and ratio, which unlike the odds ratio do not
// depend on the covariates adjusted for. It panics where the model has no such
// category. With YeErrors, the default, it agrees with R's RobinCar and beeca, with
// DeltaErrors with marginaleffects and SAS's Margins macro.
func (m *LogisticFit) Marginal(category string) (*Marginal, error) {
	return m.MarginalWith(category, MarginalOptions{})
}

// MarginalWith is Marginal with other errors.
func (m *LogisticFit) MarginalWith(category string, opts MarginalOptions) (*Marginal, error) {
	var quick func(i, level int) ([]float64, bool)
	if v := m.d.variable(category); v != nil && v.category() {
		quick = m.shifted(v)
	}
	cov := m.cov
	if opts.Errors == DeltaRobustErrors {
		cov = m.sandwich()
	}
	return marginal(m.d, m.y, m.count, category, opts.Errors, m.gamma, cov, m.coordinates, quick, logistic)
}

func (f *lsFit) betaFloats() []float64 {
	out := make([]float64, len(f.beta))
	for i, b := range f.beta {
		out[i] = b.Float()
	}
	return out
}

// marginal averages over the design's rows, each of which stands for count
// participants.
func marginal(d *design, y, count []float64, category string, errs MarginalErrors, beta, cov []float64,
	coordinates func(row []float64) ([]float64, bool), quick func(i, level int) ([]float64, bool), link func(eta float64) (mu, slope float64)) (*Marginal, error) {
	v := d.variable(category)
	if v == nil || !v.category() {
		panic(fmt.Sprintf("regress.Marginal: no category %q in the model", category))
	}
	// What participant i would have with level a, as coordinates of beta.
	if quick == nil {
		quick = func(i, a int) ([]float64, bool) {
			return coordinates(d.row(func(u *variable) (int, float64) {
				switch {
				case u.name == category:
					return a, 0
				case u.category():
					return u.codes[i], 0
				}
				return 0, u.x[i]
			}))
		}
	}
	n, k, p := len(y), len(v.levels), len(beta)
	total := 0.0
	for _, c := range count {
		total += c
	}
	g := &Marginal{Levels: append([]string(nil), v.levels...), errs: errs, means: make([]float64, k), cov: make([][]float64, k)}
	pred := make([][]float64, k)
	grad := make([][]float64, k)
	for a := range k {
		g.cov[a] = make([]float64, k)
		pred[a], grad[a] = make([]float64, n), make([]float64, p)
		for i := range n {
			row, ok := quick(i, a)
			if !ok {
				return nil, &stats.SampleError{Func: "Marginal", Arg: category, Index: -1, Err: stats.ErrSingular,
					Info: fmt.Sprintf("the mean of %q is not estimable: a cell has no data", v.levels[a])}
			}
			eta := 0.0
			for j, x := range row {
				eta += x * beta[j]
			}
			mu, slope := link(eta)
			pred[a][i] = mu
			for j, x := range row {
				grad[a][j] += count[i] * slope * x / total
			}
		}
		g.means[a] = countedMean(pred[a], count, total)
	}
	switch errs {
	case DeltaErrors, DeltaRobustErrors:
		for a := range k {
			for b := range k {
				for i := range p {
					for j := range p {
						g.cov[a][b] += grad[a][i] * cov[i*p+j] * grad[b][j]
					}
				}
			}
		}
	case YeErrors:
		if err := g.ye(v, y, count, pred); err != nil {
			return nil, err
		}
	default:
		panic(fmt.Sprintf("regress.Marginal: unknown errors %q", errs))
	}
	return g, nil
}

// countedMean is the mean of x, each counted so many times, summed in twice the
// precision.
func countedMean(x, count []float64, total float64) float64 {
	var s num.DD
	for i, v := range x {
		s = s.Add(num.ToDD(v).MulFloat(count[i]))
	}
	return s.Div(num.ToDD(total)).Float()
}

// ye fills the covariance matrix of Ye et al. 2023, with π the observed shares
// of the arms.
func (g *Marginal) ye(v *variable, y, count []float64, pred [][]float64) error {
	k := len(g.Levels)
	in := make([][]int, k)
	size := make([]float64, k)
	n := 0.0
	for i, c := range v.codes {
		in[c] = append(in[c], i)
		size[c] += count[i]
		n += count[i]
	}
	all := make([]int, len(y))
	for i := range all {
		all[i] = i
	}
	cov := func(rows []int, x, y []float64) float64 { return covOver(rows, count, x, y) }
	for a := range k {
		if size[a] < 2 {
			return &stats.SampleError{Func: "Marginal", Arg: v.name, Index: -1, Err: stats.ErrTooFew,
				Info: fmt.Sprintf("%v participants in %q, need 2", size[a], v.levels[a])}
		}
		res := make([]float64, len(y))
		for _, i := range in[a] {
			res[i] = y[i] - pred[a][i]
		}
		share := size[a] / n
		g.cov[a][a] = (cov(in[a], res, res)/share + 2*cov(in[a], y, pred[a]) - cov(all, pred[a], pred[a])) / n
		if !(g.cov[a][a] > 0) {
			return &stats.SampleError{Func: "Marginal", Arg: v.name, Index: -1, Err: stats.ErrNoVariation,
				Info: fmt.Sprintf("in %q", v.levels[a])}
		}
		for b := range a {
			c := cov(in[a], y, pred[b]) + cov(in[b], y, pred[a]) - cov(all, pred[a], pred[b])
			g.cov[a][b], g.cov[b][a] = c/n, c/n
			if s := g.cov[a][a] + g.cov[b][b] - 2*g.cov[a][b]; !(s > 0) {
				return &stats.SampleError{Func: "Marginal", Arg: v.name, Index: -1, Err: stats.ErrTooFew,
					Info: fmt.Sprintf("the variance of %q − %q comes out as %v: too few participants for the slopes", v.levels[a], v.levels[b], s)}
			}
		}
	}
	return nil
}

// covOver is the sample covariance of two columns over the rows listed, each
// counted so many times.
func covOver(rows []int, count, x, y []float64) float64 {
	mx, my, n := 0.0, 0.0, 0.0
	for _, i := range rows {
		mx += count[i] * x[i]
		my += count[i] * y[i]
		n += count[i]
	}
	mx, my = mx/n, my/n
	s := 0.0
	for _, i := range rows {
		s += count[i] * (x[i] - mx) * (y[i] - my)
	}
	return s / (n - 1)
}

// ErrFewEvents: too few events, or participants without one, for a model of them.
var ErrFewEvents = errors.New("too few events or non-events")

// leastEvents are needed by GComputation, and as many participants without one.
const leastEvents = 10

// BinaryData are a trial's yes-or-no outcomes at one time, one entry a participant.
type BinaryData struct {
	Y       []bool
	Arm     []string
	Control string // an arm
	// Covariates are baseline values and all strata of the randomization.
	Covariates []Term
	// Errors is the variance of the risks, Ye's where it is empty.
	Errors MarginalErrors
}

// GComputation estimates each arm's risk had everybody been in it, adjusted for
// covariates: the mean over all participants of what the logistic regression of the
// outcome on arm and covariates predicts under that arm. Difference, Ratio and
// OddsRatio of the result compare two arms; all three are marginal, over the
// participants at hand, and the odds ratio is another one than that of Logistic,
// which is conditional on the covariates. Approximate, with normal pivots.
//
// Under randomization the estimate is consistent even where the regression is wrong.
// The variance is that of Ye et al., with π the share of arm a, p̂ₐ its predictions
// and Covₐ over its participants,
//
//	Vₐₐ = Varₐ(Y − p̂ₐ)/π + 2 Covₐ(Y, p̂ₐ) − Var(p̂ₐ)
//	Vₐᵦ = Covₐ(Y, p̂ᵦ) + Covᵦ(Y, p̂ₐ) − Cov(p̂ₐ, p̂ᵦ)
//
// divided by n, which includes the spread of the covariates and holds under stratified
// permuted blocks too as long as all strata are covariates. The variance of Ge et
// al., DeltaErrors, takes the covariates as fixed and is 1 to 4 % away.
//
// It refuses fewer than ten events or ten participants without one (ErrFewEvents),
// an arm or covariate that predicts the outcome perfectly (ErrSeparation), and what
// Logistic refuses. It panics for unknown errors.
//
// Source: Ye, Bannick, Yi & Shao 2023, doi:10.1080/24754269.2023.2205802; Ge et al.
// 2011, doi:10.1177/009286151104500409. Agrees with R's beeca::beeca_fit and
// RobinCar::robincar_glm.
func GComputation(data BinaryData) (*Marginal, error) {
	const fn = "GComputation"
	if len(data.Arm) != len(data.Y) {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrLength, Info: fmt.Sprintf("%d arms, %d outcomes", len(data.Arm), len(data.Y))}
	}
	if data.Control == "" {
		return nil, &stats.SampleError{Func: fn, Arg: "Control", Index: -1, Err: stats.ErrDomain, Info: "no arm is named as control"}
	}
	events := 0
	for _, y := range data.Y {
		if y {
			events++
		}
	}
	if events < leastEvents || len(data.Y)-events < leastEvents {
		return nil, &stats.SampleError{Func: fn, Arg: "Y", Index: -1, Err: ErrFewEvents,
			Info: fmt.Sprintf("%d events and %d without, need %d of each", events, len(data.Y)-events, leastEvents)}
	}
	const arm = "arm"
	name := arm
	for taken := true; taken; { // a covariate may be called so
		taken = false
		for _, t := range data.Covariates {
			if t.find(name) >= 0 {
				name, taken = name+"'", true
			}
		}
	}
	terms := append([]Term{Category(name, data.Arm, data.Control)}, data.Covariates...)
	m, err := Logistic(data.Y, terms...)
	if err != nil {
		return nil, check.Renamed(fn, err)
	}
	g, err := m.MarginalWith(name, MarginalOptions{Errors: data.Errors})
	if err != nil {
		return nil, check.Renamed(fn, err)
	}
	return g, nil
}

// sandwich is the covariance of γ that is right whatever the outcomes' variances: the
// inverse information on either side of the sum of squared scores (HC0).
func (m *LogisticFit) sandwich() []float64 {
	p := len(m.gamma)
	meat, row := make([]float64, p*p), make([]float64, p)
	for i, y := range m.y {
		m.basis.at(i, row)
		r := residual(y, m.eta[i])
		for j, x := range row {
			for k, z := range row {
				meat[j*p+k] += m.count[i] * r * r * x * z
			}
		}
	}
	return sandwiched(m.cov, meat, p)
}

// sandwiched is BMB of symmetric p × p matrices.
func sandwiched(b, meat []float64, p int) []float64 { return product(product(b, meat, p), b, p) }
