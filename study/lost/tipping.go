package lost

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
)

// Verdict is what an interval says of a difference between arms against none, or against
// a non-inferiority margin.
type Verdict int

// Verdicts.
const (
	Neither    Verdict = iota // the interval holds 0, or a margin
	Better                    // in favor of the active arm; not inferior to control; of equivalence, better by more than the margin
	Worse                     // in favor of control; worse by more than the margin
	Equivalent                // of equivalence, within the margins
)

// Claim is what verdicts are about: at a level, a difference from Null or, with
// Equivalence above 0, one within that margin on both sides of none.
type Claim struct {
	Level, Null, Equivalence float64
	Worse                    float64 // +1 where higher values are worse, −1 where they are better
}

// Verdict is that of a difference active − control. Of equivalence it is Equivalent where
// both one-sided tests have p below (1 − Level)/2: where the interval lies within the
// margins.
//
// Source: Schuirmann 1987, doi 10.1007/BF01068419.
func (c Claim) Verdict(e stats.Estimate) Verdict {
	if c.Equivalence == 0 {
		return VerdictFrom(e, c.Level, c.Worse, c.Null)
	}
	harm, benefit := VerdictFrom(e, c.Level, c.Worse, c.Worse*c.Equivalence), VerdictFrom(e, c.Level, c.Worse, -c.Worse*c.Equivalence)
	switch {
	case harm == Better && benefit == Worse:
		return Equivalent
	case harm == Worse:
		return Worse
	case benefit == Better:
		return Better
	}
	return Neither
}

// FirstLost is the least delta of an arm at which the verdict without it is lost, between
// 0 and a farthest one: above 0 for worse than predicted, below for better. Of
// impute.Tipping it has a closed form, where a limit of the interval reaches the null or a
// margin; of others FirstChange looks for it.
func (c Claim) FirstLost(t Differences, arm string, to float64) (delta float64, found bool, err error) {
	closed, ok := t.(*impute.Tipping)
	if !ok {
		return FirstChange(t, arm, to, c)
	}
	nulls := []float64{c.Null}
	if c.Equivalence > 0 {
		nulls = []float64{-c.Equivalence, c.Equivalence}
	}
	for _, null := range nulls {
		roots, err := closed.RootsFrom(arm, c.Level, null)
		if err != nil {
			return 0, false, err
		}
		for _, r := range roots {
			r *= c.Worse
			if r*to > 0 && math.Abs(r) <= math.Abs(to) && (!found || math.Abs(r) < math.Abs(delta)) {
				delta, found = r, true
			}
		}
	}
	return delta, found, nil
}

// VerdictOf is the verdict of a difference active − control at a level: of its two-sided
// p-value against 1 − level, so that verdict, p and interval cannot contradict each
// other. Worse is +1 where higher values are worse, −1 where they are better.
func VerdictOf(e stats.Estimate, level, worse float64) Verdict {
	return VerdictFrom(e, level, worse, 0)
}

// VerdictFrom is VerdictOf against a difference of null instead of 0: of a
// non-inferiority margin M that is worse × M, on the side of harm.
func VerdictFrom(e stats.Estimate, level, worse, null float64) Verdict {
	switch {
	case !(e.P(null) < 1-level):
		return Neither
	case (e.Value-null)*worse < 0:
		return Better
	}
	return Worse
}

// Step is the difference, active − control, where those lost in one arm are worse than
// predicted by Delta, in the outcome's unit.
type Step struct {
	Delta float64
	stats.Estimate
	Lower, Upper float64
}

// leastSteps is into how many parts a curve is divided at least, so that it looks like
// the smooth one that it is.
const leastSteps = 40

// Differences answer with the difference where the lost of arms are other than predicted
// by so much.
type Differences interface {
	At(size map[string]float64) (stats.Estimate, error)
}

// Along are the differences along the declared steps of one arm's delta (first, last and
// the step between), the other arm's lost being as predicted; between them as many more
// as make a smooth curve. Of impute.Tipping all have closed forms.
func Along(t Differences, arm string, from, to, by, level, worse float64) ([]Step, error) {
	n := max(1, int(math.Floor((to-from)/by*(1+1e-12)+1e-9)))
	fine := (leastSteps + n - 1) / n
	var out []Step
	for i := 0; i <= n*fine; i++ {
		delta := from + by*float64(i)/float64(fine)
		if i == n*fine {
			delta = min(from+by*float64(n), to)
		}
		e, err := t.At(map[string]float64{arm: worse * delta})
		if err != nil {
			return nil, err
		}
		ci := e.CI(level)
		out = append(out, Step{delta, e, ci.Lo, ci.Hi})
	}
	return out, nil
}

// Map is the difference where the lost of both arms are other than predicted: rows for
// how much worse in the active arm, columns for control, negative for better. At 0 and 0
// all are as predicted.
type Map struct {
	Arm, Control string
	Level        float64
	Null         float64   // what the verdicts are against: 0, or the margin on the side of harm
	Equivalence  float64   // instead, the margin on both sides; else 0
	Deltas       []float64 // of both, ascending, symmetric about 0
	Estimates    [][]stats.Estimate
	Verdicts     [][]Verdict
}

// mapSide is how many deltas a map has on each side of 0.
const mapSide = 10

// MapOf is the map of 21 × 21 deltas up to a largest one on both sides, with the verdicts
// of a claim.
//
// Source: Campbell, Pennello & Yue 2011, doi 10.1080/10543406.2011.550094 (tipping
// points over what is assumed of both arms); Liublinska & Rubin 2014, Statistics in
// Medicine 33:4170 (how to display them).
func MapOf(t Differences, arm, control string, to float64, c Claim) (*Map, error) {
	m := &Map{Arm: arm, Control: control, Level: c.Level, Null: c.Null, Equivalence: c.Equivalence}
	var signed []float64
	for i := -mapSide; i <= mapSide; i++ {
		d := to * float64(i) / mapSide
		m.Deltas, signed = append(m.Deltas, d), append(signed, c.Worse*d)
	}
	for _, x := range signed {
		var row []stats.Estimate
		var v []Verdict
		for _, y := range signed {
			e, err := t.At(map[string]float64{arm: x, control: y})
			if err != nil {
				return nil, err
			}
			row, v = append(row, e), append(v, c.Verdict(e))
		}
		m.Estimates, m.Verdicts = append(m.Estimates, row), append(m.Verdicts, v)
	}
	return m, nil
}

// Held are the differences in completed data sets whose imputed values are held inside the
// range of the instrument (impute.Clipped).
type Held struct{ *impute.Clipped }

// At is the pooled difference.
func (h Held) At(size map[string]float64) (stats.Estimate, error) {
	d, err := h.Clipped.At(size)
	return d.Estimate, err
}

// searchSteps is into how many parts FirstChange divides the deltas that it looks through.
const searchSteps = 200

// FirstChange is the least delta of an arm, between 0 and a farthest one on either side,
// from which on a verdict is not the one without it: the first of 200 equal parts in which it changes, halved until
// nothing is left between. It serves differences that have no closed form in delta; a
// verdict lost and won back within one part is not seen.
func FirstChange(t Differences, arm string, to float64, c Claim) (delta float64, found bool, err error) {
	verdict := func(delta float64) Verdict {
		e, why := t.At(map[string]float64{arm: c.Worse * delta})
		if why != nil {
			err = why
		}
		return c.Verdict(e)
	}
	own := verdict(0)
	for i := 1; i <= searchSteps && err == nil; i++ {
		lo, hi := to*float64(i-1)/searchSteps, to*float64(i)/searchSteps
		if verdict(hi) == own {
			continue
		}
		for math.Abs(hi-lo) > 1e-9*math.Abs(to) {
			if mid := (lo + hi) / 2; verdict(mid) == own {
				lo = mid
			} else {
				hi = mid
			}
		}
		return hi, err == nil, err
	}
	return 0, false, err
}
