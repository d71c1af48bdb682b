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
	Neither Verdict = iota // the interval holds 0, or the margin
	Better                 // in favor of the active arm; not inferior to control
	Worse                  // in favor of control; worse by more than the margin
)

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

// Along are the differences along the declared steps of one arm's delta (first, last and
// the step between), the other arm's lost being as predicted; between them as many more
// as make a smooth curve. All of them have closed forms (impute.Tipping).
func Along(t *impute.Tipping, arm string, from, to, by, level, worse float64) ([]Step, error) {
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
	Deltas       []float64 // of both, ascending, symmetric about 0
	Estimates    [][]stats.Estimate
	Verdicts     [][]Verdict
}

// mapSide is how many deltas a map has on each side of 0.
const mapSide = 10

// MapOf is the map of 21 × 21 deltas up to a largest one on both sides, with verdicts
// against a difference of null.
//
// Source: Campbell, Pennello & Yue 2011, doi 10.1080/10543406.2011.550094 (tipping
// points over what is assumed of both arms); Liublinska & Rubin 2014, Statistics in
// Medicine 33:4170 (how to display them).
func MapOf(t *impute.Tipping, arm, control string, to, level, worse, null float64) (*Map, error) {
	m := &Map{Arm: arm, Control: control, Level: level, Null: null}
	var signed []float64
	for i := -mapSide; i <= mapSide; i++ {
		d := to * float64(i) / mapSide
		m.Deltas, signed = append(m.Deltas, d), append(signed, worse*d)
	}
	var err error
	if m.Estimates, err = t.Map(arm, signed, control, signed); err != nil {
		return nil, err
	}
	for _, row := range m.Estimates {
		var v []Verdict
		for _, e := range row {
			v = append(v, VerdictFrom(e, level, worse, null))
		}
		m.Verdicts = append(m.Verdicts, v)
	}
	return m, nil
}
