package impute

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// This file prints fits and results: a line on what was done, then a table.

// MarshalText writes the name that String returns.
func (s Strategy) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalText writes the name that String returns.
func (s Shape) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String says what the data hold: the trial, and how many events under which strategy.
func (d Data) String() string {
	s := d.Trial.String()
	counts := make([]int, len(strategyNames))
	for _, e := range d.Events {
		if e.Strategy >= 0 && int(e.Strategy) < len(counts) {
			counts[e.Strategy]++
		}
	}
	for i, n := range counts {
		if n > 0 {
			s += fmt.Sprintf(", %d events under %v", n, Strategy(i))
		}
	}
	return s
}

// String names the choices: "REML, covariance us by arm".
func (m Model) String() string {
	s := fmt.Sprintf("%v, covariance %v", m.Method, m.Covariance)
	if m.ByArm {
		s += " by arm"
	}
	return s
}

// String says what was fitted and what is imputed.
func (f *Fit) String() string {
	if f == nil || f.d == nil {
		return show.NoResult
	}
	return fmt.Sprintf("%v; %d values observed, %d imputed in %d of %d participants", f.Model, f.Observations, f.Missing, f.Incomplete, len(f.d.Arm))
}

// MarshalJSON writes the model, the counts and the fitted means and covariances.
func (f *Fit) MarshalJSON() ([]byte, error) {
	if f == nil || f.d == nil {
		return wire.Null, nil
	}
	means, sigma := map[string][]float64{}, map[string]stats.Matrix{}
	for _, a := range f.d.Arms {
		means[a], _ = f.Means(a)
		sigma[a], _ = f.Sigma(a)
	}
	return wire.Pairs("model", f.Model, "observations", f.Observations, "missing", f.Missing, "incomplete", f.Incomplete,
		"log_lik", f.LogLik(), "means", means, "sigma", sigma).MarshalJSON()
}

// String says how many samples there are.
func (s *Samples) String() string {
	switch {
	case s == nil || s.f == nil:
		return show.NoResult
	case s.counts == nil:
		return fmt.Sprintf("jackknife, %d fits", len(s.pars))
	}
	return fmt.Sprintf("bootstrap, %d fits", len(s.pars))
}

// MarshalJSON writes the kind of the samples and their number.
func (s *Samples) MarshalJSON() ([]byte, error) {
	if s == nil || s.f == nil {
		return wire.Null, nil
	}
	kind := "jackknife"
	if s.counts != nil {
		kind = "bootstrap"
	}
	return wire.Pairs("kind", kind, "fits", len(s.pars)).MarshalJSON()
}

// cell is a difference with where it is.
type cell struct {
	Arm, Control, Visit string
	stats.Estimate
}

// differences are those of all arms from the control at all visits.
func (r *Result) differences() []cell {
	var out []cell
	for _, v := range r.Visits {
		for _, a := range r.Arms {
			if a == r.fit.d.Control {
				continue
			}
			if e, err := r.Difference(a, r.fit.d.Control, v); err == nil {
				out = append(out, cell{a, r.fit.d.Control, v, e})
			}
		}
	}
	return out
}

// String prints the differences of all arms from the control at all visits.
func (r *Result) String() string {
	if r == nil || r.fit == nil {
		return show.NoResult
	}
	kind := "jackknife"
	if r.Bootstrap {
		kind = "bootstrap"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "conditional means of %d missing values, %v, variance by %s of %d samples", r.fit.Missing, r.fit.Model, kind, len(r.samples))
	for _, c := range r.differences() {
		fmt.Fprintf(&b, "\n%s − %s, %s: %v", c.Arm, c.Control, c.Visit, c.Estimate)
	}
	return b.String()
}

// MarshalJSON writes what was imputed how, and the differences from the control.
func (r *Result) MarshalJSON() ([]byte, error) {
	if r == nil || r.fit == nil {
		return wire.Null, nil
	}
	var rows []any
	for _, c := range r.differences() {
		rows = append(rows, wire.Pairs("arm", c.Arm, "control", c.Control, "visit", c.Visit, "estimate", c.Estimate))
	}
	return wire.Pairs("model", r.fit.Model, "missing", r.fit.Missing, "participants", r.Participants, "bootstrap", r.Bootstrap,
		"samples", len(r.samples), "delta", r.Analysis.Delta, "differences", rows).MarshalJSON()
}

// String says where significance at 5% is lost, by arm.
func (t *Tipping) String() string {
	if t == nil || t.r == nil {
		return show.NoResult
	}
	s := t.at(t.sizes).String()
	for _, a := range t.arms {
		if x, ok, err := t.Point(a, 0.95); err == nil && ok {
			s += fmt.Sprintf("; p = 0.05 at a delta of %s in %s", show.Fixed(x, show.DecimalsOf(x)), a)
		}
	}
	return s
}

// MarshalJSON writes the difference and each arm's slope and tipping point.
func (t *Tipping) MarshalJSON() ([]byte, error) {
	if t == nil || t.r == nil {
		return wire.Null, nil
	}
	var rows []any
	for i, a := range t.arms {
		x, ok, err := t.Point(a, 0.95)
		if !ok || err != nil {
			x = math.NaN()
		}
		rows = append(rows, wire.Pairs("arm", a, "slope", t.slope[i], "tipping_point", x))
	}
	return wire.Pairs("estimate", t.at(t.sizes), "level", 0.95, "arms", rows).MarshalJSON()
}

// String prints the difference of the shares.
func (s Shares) String() string {
	if s == (Shares{}) {
		return show.NoResult
	}
	d, err := s.Difference()
	if err != nil {
		return fmt.Sprintf("shares %.3g and %.3g, no standard error", s.P[1], s.P[0])
	}
	return fmt.Sprintf("shares %.3g and %.3g, difference %v", s.P[1], s.P[0], d)
}

// MarshalJSON writes shares, variances and the difference.
func (s Shares) MarshalJSON() ([]byte, error) {
	if s == (Shares{}) {
		return wire.Null, nil
	}
	o := wire.Pairs("control", wire.Pairs("share", s.P[0], "variance", s.Var[0], "of_missing", s.Missing[0]),
		"treated", wire.Pairs("share", s.P[1], "variance", s.Var[1], "of_missing", s.Missing[1]), "covariance", s.Cov)
	if d, err := s.Difference(); err == nil {
		o = o.With("difference", d)
	}
	return o.MarshalJSON()
}

// String says how the parameters were drawn.
func (d *Draws) String() string {
	if d == nil || d.f == nil {
		return show.NoResult
	}
	return fmt.Sprintf("%d draws by %v, seed %d", len(d.pars), d.Engine, d.Seed)
}

// MarshalJSON writes how the parameters were drawn.
func (d *Draws) MarshalJSON() ([]byte, error) {
	if d == nil || d.f == nil {
		return wire.Null, nil
	}
	return wire.Pairs("engine", d.Engine, "draws", len(d.pars), "seed", fmt.Sprint(d.Seed), "redrawn", d.Redrawn).MarshalJSON()
}

// String says how many data sets were completed.
func (im *Imputations) String() string {
	if im == nil || im.f == nil {
		return show.NoResult
	}
	return fmt.Sprintf("%d completed data sets, %d values imputed in each, by %s", len(im.values), len(im.cells), im.engine)
}

// MarshalJSON writes the counts; the data sets are WriteCSV's.
func (im *Imputations) MarshalJSON() ([]byte, error) {
	if im == nil || im.f == nil {
		return wire.Null, nil
	}
	return wire.Pairs("imputations", len(im.values), "imputed", len(im.cells), "engine", im.engine).MarshalJSON()
}

// String prints the pooled differences of all arms from the control at all visits.
func (r *Multiple) String() string {
	if r == nil || r.fit == nil {
		return show.NoResult
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d imputations of %d missing values by %s, Rubin's rules", len(r.beta), r.fit.Missing, r.Engine)
	for _, v := range r.Visits {
		for _, a := range r.Arms {
			if a == r.fit.d.Control {
				continue
			}
			if p, err := r.Difference(a, r.fit.d.Control, v); err == nil {
				fmt.Fprintf(&b, "\n%s − %s, %s: %v", a, r.fit.d.Control, v, p.Estimate)
			}
		}
	}
	return b.String()
}

// MarshalJSON writes the pooled differences from the control.
func (r *Multiple) MarshalJSON() ([]byte, error) {
	if r == nil || r.fit == nil {
		return wire.Null, nil
	}
	var rows []any
	for _, v := range r.Visits {
		for _, a := range r.Arms {
			if a == r.fit.d.Control {
				continue
			}
			p, err := r.Difference(a, r.fit.d.Control, v)
			if err != nil {
				return nil, err
			}
			rows = append(rows, wire.Pairs("arm", a, "control", r.fit.d.Control, "visit", v, "estimate", p))
		}
	}
	return wire.Pairs("engine", r.Engine, "imputations", len(r.beta), "missing", r.fit.Missing, "participants", r.Participants,
		"delta", r.Analysis.Delta, "differences", rows).MarshalJSON()
}

// way says how the answer was found.
func (r Trimmed) way() string {
	kind := fmt.Sprintf("%.0f arrangements", r.Arrangements)
	if r.Replicates > 0 {
		kind = fmt.Sprintf("%d random arrangements, seed %d", r.Replicates, r.Seed)
	}
	return fmt.Sprintf("trimmed by %s%%, %s", show.Digits(100*r.Share, 3), kind)
}

// String prints the difference with its 95% interval, its p-value and how they were found.
func (r Trimmed) String() string {
	if !r.value {
		return show.NoResult
	}
	return show.Effect(r, 0, 0, r.way())
}

// MarshalJSON writes the difference, its interval and p-value, the arms' trimmed means
// and what was cut off; a zero value is null.
func (r Trimmed) MarshalJSON() ([]byte, error) {
	if !r.value {
		return wire.Null, nil
	}
	return wire.Effect(r, 0, "trimmed-means", wire.Pairs("share", r.Share, "means", r.Means, "cut", r.Cut, "arrangements", r.Arrangements,
		"replicates", r.Replicates, "seed", r.Seed, "notes", r.Notes))
}
