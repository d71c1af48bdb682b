package regress

import (
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// Profile returns a coefficient for questions by profile likelihood. It panics
// where there is no such coefficient. Agrees with R's confint of a glm, which
// interpolates the profile, and with logistf.
func (m *LogisticFit) Profile(name string) Profile {
	c := &profiled{fn: "Logistic", name: name, how: "profile likelihood, " + m.method(), coef: m.Coefficient(name), concave: !m.firth}
	last := slices.Index(m.est.kept, m.index(name))
	if last < 0 || !c.coef.Estimable() {
		c.err = &stats.SampleError{Func: "Profile", Arg: name, Index: -1, Err: stats.ErrSingular, Info: "not estimable"}
		return Profile{c}
	}
	b := newBasisWith(m.est.columns(m.d), m.count, last)
	for _, q := range b.q { // orthonormal: γ = Qᵀη/n
		s := 0.0
		for i, x := range q {
			s += m.count[i] * x * m.eta[i]
		}
		c.best = append(c.best, s/float64(m.n))
	}
	k := len(c.best)
	perUnit := b.fit.r[k*k-1].Float() // the last coordinate of a coefficient of 1
	c.fall = func(null float64, start []float64) (float64, []float64, error) {
		f, err := m.maximize(b, null*perUnit, start)
		if err != nil {
			return 0, nil, err
		}
		return m.obj - f.obj, f.gamma, nil
	}
	return Profile{c}
}
