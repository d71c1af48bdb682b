package topics_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("logistic", logisticCase)
	reftest.Exceptions(
		reftest.Finding{
			Code: "glm-last-weights", Topic: "logistic",
			Text: "glm's standard errors belong to the weights before its last step, with its tolerance at 1e-14 about 1e-7 away. " +
				"Truth: the inverse information at the solution of plain Newton steps.",
			Bound: 1e-6,
		}, reftest.Finding{
			Code: "glm-profile-spline", Topic: "logistic",
			Text: "confint of a glm interpolates the profile by a spline through steps of about 0.2 deviance units. " +
				"Truth: where a refit at the limit with an offset loses exactly χ²(0.95)/2 of log-likelihood.",
			Bound: 5e-4, // of the root of the fall, what a cubic through such steps leaves: at most 3.0e-4 was seen
		}, reftest.Finding{
			Code: "glm-separation", Topic: "logistic",
			Text: "glm reports a finite coefficient for a level without events: the estimate is −∞ and the number is where the " +
				"iterations stopped, as its standard error (2e5) shows. Truth: all its rows are one outcome; " +
				"the other coefficients are those of the model without them.",
		})
}

// logisticData reads a case; the outcome is column "event.", "1" for an event.
func logisticData(c *reftest.Case) (*regress.Formula, *dataTable, error) {
	left, right, _ := strings.Cut(c.Str("formula"), "~")
	t, right, _ := readCase(c).transformed(right)
	t, left, _ = t.transformed(strings.TrimSpace(left))
	p, err := regress.ParseFormula("event. ~ " + right)
	if err != nil {
		return nil, nil, err
	}
	t = t.complete(append(formulaNames(p)[1:], left)...)
	k := t.index(left)
	none := firstLevel(t.col(left)) // glm counts a factor's first level as failure
	if t.levels[left] != nil {
		none = t.levels[left][0]
	} else if _, err := strconv.ParseFloat(none, 64); err == nil {
		none = "0"
	}
	event := "" // the outcome's value that is one; a formula as I(y == "good") says it itself
	if c.Has("event") {
		if e := scalar(c, "event"); left == c.Str("outcome") || !c.Has("outcome") {
			event = e
		}
	}
	out := &dataTable{names: append(slices.Clone(t.names), "event."), levels: t.levels}
	for _, r := range t.rows {
		e := "0"
		if r[k] == event || event == "" && r[k] != none {
			e = "1"
		}
		out.rows = append(out.rows, append(slices.Clone(r), e))
	}
	return p, out, nil
}

// logisticCase: glm with its tolerance set to 1e-14 is held to 1e-9, standard
// errors and profile limits to a refit.
func logisticCase(c *reftest.Case) error {
	p, t, err := logisticData(c)
	if err != nil {
		return err
	}
	response, _, _ := strings.Cut(c.Str("formula"), " ~")
	if err := words(c, response); err != nil {
		return err
	}
	c.Unused("arm") // one of the formula's variables
	if method := c.Str("method"); strings.HasPrefix(method, "Firth") {
		return firthCase(c, p, t)
	} else if method != "" && method != "maximum likelihood" {
		return fmt.Errorf("%w: method %s", reftest.ErrNoFunction, method)
	}
	level := levelOf(c)
	names := formulaNames(p)[1:]
	f := [3]string{"", "event.", "1"}
	fit := func(t *dataTable) (*regress.LogisticFit, error) {
		var y []bool
		num := make([]float64, len(t.rows))
		for i, s := range t.col(f[1]) {
			y = append(y, s == f[2])
			num[i] = float64(i)
		}
		frame := t.frame(names...)
		frame.Numeric("event.", num)
		_, terms, err := frame.Terms(p)
		if err != nil {
			return nil, err
		}
		return regress.Logistic(y, terms...)
	}
	m, err := fit(t)
	var se *stats.SampleError
	lost := ""
	all := t
	if errors.Is(err, regress.ErrSeparation) && errors.As(err, &se) {
		// One level has no events (or no non-events): compare the rest of the
		// model without it.
		for _, level := range t.col(se.Arg) {
			if strings.HasPrefix(se.Info, se.Arg+level+" ") {
				lost = level
			}
		}
		if deviance, _ := c.Ref("deviance"); lost == "" && deviance < 1e-6 && perfect(t, f[1], f[2], p) {
			// Nothing is finite: glm's numbers are where its iterations stopped.
			c.Refused(err, "")
			return nil
		}
		if lost == "" {
			return err
		}
		t = t.where(func(get func(string) string) bool { return get(se.Arg) != lost })
		m, err = fit(t)
		lost = se.Arg + lost
	}
	if err != nil {
		return err
	}
	c.Want("n", float64(len(all.rows)))
	c.Want("deviance", m.Deviance(), 1e-8) // glm's includes e^-24 of the separated rows
	if lost == "" {
		c.Want("null", m.NullDeviance())
		c.Want("AIC", m.AIC())
	} else {
		n, k := 0.0, 0.0
		for _, s := range all.col(f[1]) {
			n++
			if s == f[2] {
				k++
			}
		}
		c.Want("null", -2*(k*math.Log(k/n)+(n-k)*math.Log(1-k/n)))
		c.Want("AIC", m.AIC()+2, 1e-8)
	}
	for i, name := range columnNames(all, p) {
		k := strconv.Itoa(i)
		if name == lost {
			// No other statistic of it exists.
			end := math.Inf(1)
			if strings.Contains(se.Info, name+" → −∞") {
				end = math.Inf(-1)
			}
			c.WantTruthBy("coef."+name, end, allOneOutcome(all, se.Arg, strings.TrimPrefix(name, se.Arg), f[1], f[2]), "glm-separation",
				func(ref float64) bool {
					s, _ := c.Ref("se." + k)
					return ref*end > 0 && s > 1000*math.Abs(ref)
				})
			c.Skip("se."+k, "z."+k, "p."+k, "wald_ci."+k+".0", "wald_ci."+k+".1",
				"profile_ci."+k+".0", "profile_ci."+k+".1")
			continue
		}
		co := m.Coefficient(name)
		// glm stops before the separated coefficient has no influence left.
		tol := reftest.Tol
		if lost != "" {
			tol = 1e-8
		}
		r := refit(t, f[1], f[2], p, name)
		w, v := co.CI(level), r.CI(level)
		c.Want("coef."+name, co.Value, tol, tol*co.SE)
		for _, x := range []struct {
			path       string
			got, truth float64
		}{
			{"se." + k, co.SE, r.SE}, {"z." + k, co.T(0), r.T(0)}, {"p." + k, co.P(0), r.P(0)},
			{"wald_ci." + k + ".0", w.Lo, v.Lo}, {"wald_ci." + k + ".1", w.Hi, v.Hi},
		} {
			if ref, _ := c.Ref(x.path); reftest.Close(x.truth, ref, tol, 0) {
				c.Want(x.path, x.got, tol)
			} else {
				c.WantTruth(x.path, x.got, x.truth, "glm-last-weights")
			}
		}
		ci := m.Profile(name).CI(level)
		lo, hi, root := profileLimits(t, f[1], f[2], p, name, co, level)
		// The spline interpolates the signed root of the fall in twice the
		// log-likelihood, so that is the scale of its error.
		near := func(ref float64) bool {
			bound := reftest.BoundOf("glm-profile-spline")
			if lost != "" { // each refit stops elsewhere on the way to infinity
				bound *= 10
			}
			return math.Abs(root(ref)-distuv.UnitNormal.Quantile((1+level)/2)) <= bound
		}
		c.WantTruthBy("profile_ci."+k+".0", ci.Lo, lo, "glm-profile-spline", near)
		c.WantTruthBy("profile_ci."+k+".1", ci.Hi, hi, "glm-profile-spline", near)
	}
	return nil
}

// perfect reports whether a combination of the columns separates the events from
// the rest, by Rosenblatt's perceptron, which ends where there is one.
func perfect(t *dataTable, column, event string, p *regress.Formula) bool {
	_, cols := plainColumns(t, p)
	y := outcomes(t, column, event)
	scale := make([]float64, len(cols))
	for j, x := range cols {
		for _, v := range x {
			scale[j] = math.Max(scale[j], math.Abs(v))
		}
	}
	w := make([]float64, len(cols))
	for range 100000 {
		wrong := false
		for i := range y {
			side, s := 2*y[i]-1, 0.0
			for j := range cols {
				s += w[j] * cols[j][i] / scale[j]
			}
			if s*side > 0 {
				continue
			}
			wrong = true
			for j := range cols {
				w[j] += side * cols[j][i] / scale[j]
			}
		}
		if !wrong {
			return true
		}
	}
	return false
}

// allOneOutcome is the limit of a level's log odds where its rows are all
// events or all not; NaN where they are mixed.
func allOneOutcome(t *dataTable, column, level, outcome, event string) float64 {
	events, n := 0, 0
	for i, s := range t.col(column) {
		if s == level {
			n++
			if t.col(outcome)[i] == event {
				events++
			}
		}
	}
	switch events {
	case 0:
		return math.Inf(-1)
	case n:
		return math.Inf(1)
	}
	return math.NaN()
}

// plainColumns is the design written out once more, apart from the library:
// an intercept, numbers as they are, indicators of all levels but the first,
// and products of these.
func plainColumns(t *dataTable, p *regress.Formula) (labels []string, cols [][]float64) {
	one := make([]float64, len(t.rows))
	for i := range one {
		one[i] = 1
	}
	labels, cols = []string{"(Intercept)"}, [][]float64{one}
	for _, term := range p.Terms {
		names, products := []string{""}, [][]float64{one}
		for _, v := range term.Vars {
			var longer []string
			var more [][]float64
			own, x := plainVariable(t, v.Name)
			for j := range own { // the first variable varies fastest
				for i := range names {
					longer = append(longer, strings.TrimPrefix(names[i]+":"+own[j], ":"))
					y := make([]float64, len(one))
					for k := range y {
						y[k] = products[i][k] * x[j][k]
					}
					more = append(more, y)
				}
			}
			names, products = longer, more
		}
		labels, cols = append(labels, names...), append(cols, products...)
	}
	return labels, cols
}

func plainVariable(t *dataTable, n string) (labels []string, cols [][]float64) {
	var levels []string
	switch {
	case t.levels[n] != nil:
		levels = t.levelsOf(n)
	case t.numeric(n):
		return []string{n}, [][]float64{t.floats(n)}
	default:
		levels = slices.Clone(t.col(n))
		slices.SortFunc(levels, localeOrder)
		levels = slices.Compact(levels)
	}
	for _, l := range levels[1:] {
		x := make([]float64, len(t.rows))
		for i, s := range t.col(n) {
			if s == l {
				x[i] = 1
			}
		}
		labels, cols = append(labels, n+l), append(cols, x)
	}
	return labels, cols
}

func columnNames(t *dataTable, p *regress.Formula) []string {
	labels, _ := plainColumns(t, p)
	return labels
}

// refit is one coefficient of the model fitted by plain Newton steps, its
// standard error from the information at the solution.
func refit(t *dataTable, column, event string, p *regress.Formula, name string) stats.Estimate {
	labels, cols := plainColumns(t, p)
	y := outcomes(t, column, event)
	_, beta, h := newtonLogLik(y, cols, make([]float64, len(y)))
	var chol mat.Cholesky
	chol.Factorize(h)
	var inv mat.SymDense
	if err := chol.InverseTo(&inv); err != nil {
		panic(err)
	}
	k := slices.Index(labels, name)
	return stats.Estimate{Value: beta[k], SE: math.Sqrt(inv.At(k, k)), DF: math.Inf(1)}
}

func outcomes(t *dataTable, column, event string) []float64 {
	y := make([]float64, len(t.rows))
	for i, s := range t.col(column) {
		if s == event {
			y[i] = 1
		}
	}
	return y
}

// profileLimits bisects, by plain Newton steps with an offset, for the values
// at which twice the log-likelihood has fallen by the level's point of χ²(1).
func profileLimits(t *dataTable, column, event string, p *regress.Formula, name string, est stats.Estimate, level float64) (lo, hi float64, root func(b float64) float64) {
	labels, cols := plainColumns(t, p)
	k := slices.Index(labels, name)
	fixed := cols[k]
	rest := append(slices.Clone(cols[:k]), cols[k+1:]...)
	y := outcomes(t, column, event)
	top, start, _ := newtonLogLik(y, cols, make([]float64, len(y)))
	start = append(slices.Clone(start[:k]), start[k+1:]...)
	fall := distuv.ChiSquared{K: 1}.Quantile(level)
	at := func(b float64) float64 {
		offset := make([]float64, len(y))
		for i := range offset {
			offset[i] = b * fixed[i]
		}
		ll, beta, _ := newtonFrom(start, y, rest, offset)
		start = beta // the next point is near
		return 2*(top-ll) - fall
	}
	limit := func(dir float64) float64 {
		in, out := est.Value, est.Value+dir*est.SE
		for at(out) < 0 {
			out += dir * est.SE
		}
		for range 60 {
			mid := (in + out) / 2
			if at(mid) < 0 {
				in = mid
			} else {
				out = mid
			}
		}
		return (in + out) / 2
	}
	return limit(-1), limit(1), func(b float64) float64 { return math.Sqrt(at(b) + fall) }
}

func newtonLogLik(y []float64, cols [][]float64, offset []float64) (ll float64, beta []float64, h *mat.SymDense) {
	return newtonFrom(make([]float64, len(cols)), y, cols, offset)
}

func newtonFrom(start, y []float64, cols [][]float64, offset []float64) (ll float64, beta []float64, h *mat.SymDense) {
	n, p := len(y), len(cols)
	beta = slices.Clone(start)
	for range 200 {
		h = mat.NewSymDense(p, nil)
		g := mat.NewVecDense(p, nil)
		ll = 0
		for i := range n {
			eta := offset[i]
			for j := range p {
				eta += cols[j][i] * beta[j]
			}
			mu := 1 / (1 + math.Exp(-eta))
			ll += y[i]*eta - math.Log1p(math.Exp(eta))
			for j := range p {
				g.SetVec(j, g.AtVec(j)+cols[j][i]*(y[i]-mu))
				for l := range j + 1 {
					h.SetSym(j, l, h.At(j, l)+cols[j][i]*cols[l][i]*mu*(1-mu))
				}
			}
		}
		var chol mat.Cholesky
		if !chol.Factorize(h) {
			panic("newtonLogLik: singular")
		}
		var step mat.VecDense
		if err := chol.SolveVecTo(&step, g); err != nil {
			panic(err)
		}
		size := 0.0
		for i := range n {
			d := 0.0
			for j := range p {
				d += cols[j][i] * step.AtVec(j)
			}
			size = math.Max(size, math.Abs(d))
		}
		for j := range p {
			beta[j] += step.AtVec(j) * math.Min(1, 1/size)
		}
		if size < 1e-12 {
			break
		}
	}
	return ll, beta, h
}
