package impute

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Strategy is what is assumed about values missing at and after an event. Means and
// covariances are those of the imputation model for the participant's own covariates,
// in the own arm or in the reference; values missing before the event (gaps) are
// imputed from the same joint distribution.
type Strategy int

const (
	// MAR: missing at random. Those lost go on as those of their arm who stayed and
	// had the same history.
	MAR Strategy = iota
	// J2R, jump to reference: from the event on the mean is the reference's. What
	// made the participant better or worse than the own arm's mean before is kept
	// as far as it predicts in the reference.
	J2R
	// CR, copy reference: mean and covariance are the reference's at all visits, so
	// that what the treatment gave before the event counts as a participant's own
	// and fades with the correlation. A gap before the event is imputed from the
	// reference too.
	CR
	// CIR, copy increments in reference: from the event on the mean changes from
	// visit to visit as the reference's does; the difference reached before stays.
	// An event at the first visit leaves nothing to add to: the reference's mean.
	CIR
	// LMCF, last mean carried forward: the own arm's mean before the event stays.
	LMCF
	// BOCF, baseline observation carried forward: the participant's own value at
	// baseline (0 for changes), without any uncertainty. Gaps before the event are
	// imputed as in MAR.
	BOCF
	// Given puts in Event.Value at and after the event, over whatever was observed
	// there: a composite strategy, in which the event itself is the outcome. Gaps
	// before it are imputed as in MAR.
	Given
	// Retrieved, of treatment policy: those lost after the event go on as those of their
	// arm who had it (one of the same Event.Kind) and were observed afterwards (retrieved dropouts) and had the same
	// history. Their mean departs from the arm's by an amount of its own at every visit;
	// where fewer than two of an arm were observed after the event at a visit, by that of
	// its nearest later visit with two, else of the nearest earlier. Values after the
	// event are in the model. Guizzaro, Pétavy, Ristl & Gallo 2021, The use of a variable
	// representing compliance improves accuracy of estimation of the effect of treatment
	// allocation regardless of discontinuation in trials with incomplete follow-up,
	// Statistics in Biopharmaceutical Research 13:119–127, doi 10.1080/19466315.2020.1736141.
	Retrieved
)

var strategyNames = [...]string{"mar", "j2r", "cr", "cir", "lmcf", "bocf", "given", "retrieved"}

// String returns the protocol's name: "mar", "j2r".
func (s Strategy) String() string {
	if s < 0 || int(s) >= len(strategyNames) {
		return fmt.Sprintf("Strategy(%d)", int(s))
	}
	return strategyNames[s]
}

// ParseStrategy returns the strategy with the name String writes.
func ParseStrategy(s string) (Strategy, error) {
	for i, n := range strategyNames {
		if n == s {
			return Strategy(i), nil
		}
	}
	return 0, fmt.Errorf("impute: no strategy %q (have %q)", s, strategyNames)
}

// params are the parameters of the imputation model.
type params struct {
	mean  [][]float64 // arm → visit × z: the means are linear in a participant's z
	off   [][]float64 // arm and kind of event → visit: what the mean of Retrieved adds; nil without it
	sigma [][]float64 // group → visits × visits
}

// kind is what participants have in common who are imputed by the same formula: arm,
// reference, visits observed, event and strategy.
type kind struct {
	arm, ref int
	event    int // first visit of it; the number of visits without one
	strategy Strategy
	off      int   // row of params.off, of Retrieved
	observed []int // visits with a value that counts
	missing  []int
	members  []int
}

// formula writes the values of a kind's missing visits as c·z + b·y: z the
// participant's intercept and covariates, then the value carried forward, y the values
// observed. v is their covariance given those.
type formula struct {
	c, b, v []float64 // missing × z, missing × observed, missing × missing
}

// workspace are the buffers of solve.
type workspace struct {
	mean, sigma, a, x []float64
}

// solve finds a kind's formula under the parameters.
func (k *kind) solve(par *params, groupOf func(arm int) int, nz, visits int, f *formula, w *workspace) error {
	if w.mean == nil {
		w.mean, w.sigma = make([]float64, visits*nz), make([]float64, visits*visits)
		w.a, w.x = make([]float64, visits*visits), make([]float64, visits*visits)
	}
	nm, no := len(k.missing), len(k.observed)
	if f.c == nil {
		f.c, f.b, f.v = make([]float64, nm*nz), make([]float64, nm*no), make([]float64, nm*nm)
	}
	k.profile(par, nz, visits, w.mean)
	k.covariance(par.sigma[groupOf(k.arm)], par.sigma[groupOf(k.ref)], visits, w)
	// b = Σ_mo Σ_oo⁻¹ by the factor L of Σ_oo: with X = Σ_mo L⁻ᵀ, b = X L⁻¹.
	l := w.a[:no*no]
	for i, o := range k.observed {
		for j, p := range k.observed {
			l[i*no+j] = w.sigma[o*visits+p]
		}
	}
	if !cholesky(l, no) {
		return fmt.Errorf("impute: the covariance of visits is not positive definite")
	}
	for i, m := range k.missing {
		x := w.x[i*no : i*no+no]
		for j, o := range k.observed {
			s := w.sigma[m*visits+o]
			for t := 0; t < j; t++ {
				s -= l[j*no+t] * x[t]
			}
			x[j] = s / l[j*no+j]
		}
		b := f.b[i*no : i*no+no]
		for j := no - 1; j >= 0; j-- {
			s := x[j]
			for t := j + 1; t < no; t++ {
				s -= l[t*no+j] * b[t]
			}
			b[j] = s / l[j*no+j]
		}
		c := f.c[i*nz : i*nz+nz]
		copy(c, w.mean[m*nz:m*nz+nz])
		for j, o := range k.observed {
			for z := range c {
				c[z] -= b[j] * w.mean[o*nz+z]
			}
		}
	}
	for i, m := range k.missing {
		for j, p := range k.missing {
			f.v[i*nm+j] = w.sigma[m*visits+p] - dot(w.x[i*no:i*no+no], w.x[j*no:j*no+no])
		}
	}
	if k.strategy == BOCF || k.strategy == Given {
		for i, m := range k.missing {
			if m < k.event {
				continue
			}
			clear(f.b[i*no : i*no+no])
			clear(f.c[i*nz : i*nz+nz])
			f.c[i*nz+nz-1] = 1
			for j := range k.missing {
				f.v[i*nm+j], f.v[j*nm+i] = 0, 0
			}
		}
	}
	return nil
}

// profile writes the means that the strategy assumes, visit × z.
func (k *kind) profile(par *params, nz, visits int, mean []float64) {
	own, ref := par.mean[k.arm], par.mean[k.ref]
	copy(mean, own)
	row := func(m []float64, v int) []float64 { return m[v*nz : v*nz+nz] }
	for v := range visits {
		to := row(mean, v)
		switch {
		case k.strategy == CR:
			copy(to, row(ref, v))
		case v < k.event:
		case k.strategy == J2R || k.strategy == CIR && k.event == 0:
			copy(to, row(ref, v))
		case k.strategy == CIR:
			last := k.event - 1
			for z := range to {
				to[z] = row(own, last)[z] + (row(ref, v)[z] - row(ref, last)[z])
			}
		case k.strategy == LMCF:
			copy(to, row(own, k.event-1))
		case k.strategy == Retrieved:
			to[0] += par.off[k.off][v]
		}
	}
}

// covariance writes the covariance that the strategy assumes. Where arms have their
// own, J2R and CIR keep the own one before the event and the reference's regression
// of later on earlier values (Carpenter, Roger & Kenward 2013).
func (k *kind) covariance(own, ref []float64, visits int, w *workspace) {
	e := k.event
	switch {
	case k.strategy == CR || (k.strategy == J2R || k.strategy == CIR) && e == 0:
		copy(w.sigma, ref)
		return
	case &own[0] == &ref[0] || k.strategy != J2R && k.strategy != CIR || e == visits:
		copy(w.sigma, own)
		return
	}
	// D = R₂₁R₁₁⁻¹: Σ₂₁ = D A₁₁, Σ₂₂ = R₂₂ − D(R₁₁ − A₁₁)Dᵀ.
	l := w.a[:e*e]
	for i := range e {
		copy(l[i*e:i*e+e], ref[i*visits:i*visits+e])
	}
	if !cholesky(l, e) {
		l[0] = math.NaN() // solve's own factor refuses the result
	}
	d := w.x[:(visits-e)*e]
	for v := e; v < visits; v++ {
		x := d[(v-e)*e : (v-e)*e+e]
		copy(x, ref[v*visits:v*visits+e])
		cholSolve(l, x, e)
	}
	s := w.sigma
	copy(s, own)
	for v := e; v < visits; v++ {
		dv := d[(v-e)*e : (v-e)*e+e]
		for j := range e {
			x := 0.0
			for t := range e {
				x += dv[t] * own[t*visits+j]
			}
			s[v*visits+j], s[j*visits+v] = x, x
		}
		for u := e; u <= v; u++ {
			du := d[(u-e)*e : (u-e)*e+e]
			x := ref[v*visits+u]
			for t := range e {
				for j := range e {
					x -= dv[t] * (ref[t*visits+j] - own[t*visits+j]) * du[j]
				}
			}
			s[v*visits+u], s[u*visits+v] = x, x
		}
	}
}

// references returns arm → index of its reference.
func (m Model) references(fn string, d *Data) ([]int, error) {
	out := make([]int, len(d.Arms))
	for a, name := range d.Arms {
		ref, said := m.References[name]
		if !said {
			ref = d.Control
		}
		r := -1
		for i, s := range d.Arms {
			if s == ref {
				r = i
			}
		}
		if r < 0 {
			return nil, bad(fn, "References", a, stats.ErrDomain, "%q is not among the arms %q", ref, d.Arms)
		}
		if r == a && name != d.Control {
			return nil, bad(fn, "References", a, stats.ErrDomain, "the reference of %q is that arm itself", name)
		}
		out[a] = r
	}
	for name := range m.References {
		found := false
		for _, a := range d.Arms {
			found = found || a == name
		}
		if !found {
			return nil, bad(fn, "References", -1, stats.ErrDomain, "no arm %q", name)
		}
	}
	return out, nil
}
