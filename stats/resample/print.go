package resample

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// This file prints results and writes them as JSON.

// way says how the distribution was found: "exact, 252 arrangements", "Monte Carlo,
// 10000 draws, seed 1".
func way(m PermMethod, arrangements float64, replicates int, seed uint64) string {
	switch m {
	case PermEnumeration:
		return fmt.Sprintf("exact, %.6g arrangements", arrangements)
	case PermLattice:
		return fmt.Sprintf("exact by lattice, %.6g arrangements", arrangements)
	case PermMonteCarlo:
		return fmt.Sprintf("Monte Carlo, %d draws, seed %d", replicates, seed)
	}
	return string(m)
}

func (p Perm) way() string {
	s := "permutation, "
	if p.Statistic != PermMean {
		s += string(p.Statistic) + ", "
	}
	return s + way(p.Method, p.Arrangements, p.Replicates, p.Seed)
}

// String prints the estimate with its 95% interval, its p-value and how they were
// found.
func (p Perm) String() string {
	if p.test == nil {
		return show.NoResult
	}
	return show.Effect(p, 0, 0, p.way())
}

// MarshalJSON writes the estimate, its interval and p-value, the method with the
// number of arrangements, replicates and seed, and the notes; a zero value is null.
func (p Perm) MarshalJSON() ([]byte, error) {
	if p.test == nil {
		return wire.Null, nil
	}
	o := wire.Pairs("statistic", p.Stat)
	if p.Statistic != PermMean {
		o = o.With("of", string(p.Statistic))
	}
	return wire.Effect(p, 0, string(p.Method), o.With("arrangements", p.Arrangements, "min_p", p.MinP, "replicates", p.Replicates, "seed", p.Seed, "notes", p.Notes))
}

// named is a choice's name, of which the zero value has none.
func named(name, usual string) string {
	if name == "" {
		return usual
	}
	return name
}

// String prints the statistic with its 95% interval, its p-value and how they were
// found.
func (b Boot) String() string {
	if len(b.sorted) == 0 {
		return show.NoResult
	}
	return show.Effect(b, 0, b.SE, fmt.Sprintf("bootstrap, %s, %d draws, seed %d", named(string(b.Interval), "BCa"), b.Replicates, b.Seed))
}

// MarshalJSON writes the statistic, its interval and p-value, the kind of interval,
// replicates, seed and notes; a zero value is null.
func (b Boot) MarshalJSON() ([]byte, error) {
	if len(b.sorted) == 0 {
		return wire.Null, nil
	}
	return wire.Effect(b, 0, named(string(b.Interval), "BCa"), wire.Pairs("se", b.SE, "bias", b.Bias, "z0", b.Z0, "a", b.A,
		"replicates", b.Replicates, "seed", b.Seed, "notes", b.Notes))
}

// String prints the test on a line.
func (t WYTest) String() string {
	if t == (WYTest{}) {
		return show.NoResult
	}
	return fmt.Sprintf("%s: difference %s, t = %s, p %s; adjusted p %s (step-down max-T), %s (step-down min-p)", t.Name,
		show.Digits(t.Difference, 4), show.Fixed(t.T, 2), show.P(t.p), show.P(t.stepMaxT), show.P(t.stepMinP))
}

// MarshalJSON writes the difference, t and the p-values.
func (t WYTest) MarshalJSON() ([]byte, error) {
	return wire.Fields(t).With("p", t.p, "p_max_t", t.maxT, "p_step_max_t", t.stepMaxT, "p_step_min_p", t.stepMinP).MarshalJSON()
}

// String prints how the p-values were found and a table of the tests.
func (r WYResult) String() string {
	if len(r.Tests) == 0 {
		return show.NoResult
	}
	rows := make([][]string, len(r.Tests))
	for i, t := range r.Tests {
		rows[i] = []string{t.Name, show.Digits(t.Difference, 4), show.Fixed(t.T, 2)}
		for _, p := range []float64{t.p, t.maxT, t.stepMaxT, t.stepMinP} {
			rows[i] = append(rows[i], show.Fixed(p, 4))
		}
	}
	return "Westfall–Young: " + way(r.Method, r.Arrangements, r.Replicates, r.Seed) + "\n" +
		show.Table([]string{"endpoint", "difference", "t", "p", "max-T", "step-down max-T", "step-down min-p"}, rows)
}

// MarshalJSON writes how the p-values were found and the tests; a zero value is null.
func (r WYResult) MarshalJSON() ([]byte, error) {
	if len(r.Tests) == 0 {
		return wire.Null, nil
	}
	return wire.Fields(r).MarshalJSON()
}
