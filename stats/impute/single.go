package impute

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// Carry is a rule that puts one value in for a missing one. They are here to reproduce
// old papers: the values put in are analyzed as if they had been measured, so that
// standard errors are too small, and the assumption behind them (nobody changes after
// the last visit) is hardly ever what is meant. For an analysis use Model.
type Carry int

const (
	LOCF        Carry = iota // the last value observed
	BOCFAll                  // the baseline, for gaps too
	BOCFDropout              // the baseline after the last value observed, LOCF in gaps
	WOCF                     // the worst value observed so far
)

var carryNames = [...]string{"LOCF", "BOCF", "BOCF after dropout, LOCF in gaps", "WOCF"}

// String returns "LOCF", "WOCF", …
func (c Carry) String() string {
	if c < 0 || int(c) >= len(carryNames) {
		return fmt.Sprintf("Carry(%d)", int(c))
	}
	return carryNames[c]
}

// MarshalText writes the name that String returns.
func (c Carry) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Single says how single values are put in.
type Single struct {
	Rule Carry
	// FromBaseline counts the baseline among the values that LOCF and WOCF carry.
	FromBaseline bool
	// HigherIsBetter says which values are worse for WOCF.
	HigherIsBetter bool
}

// Filled are data with single values put in.
type Filled struct {
	Rule   Single
	Data   *Data    // without events; its values are complete but for those still missing
	Filled [][]bool // participant → visit → a value was put in
	// Count is how many values were put in, StillMissing how many had none to carry.
	Count, StillMissing int
}

// Fill puts single values in by a rule, in the order of the visits; events play no part.
// It refuses what Model.Fit refuses of data, and rules that need a baseline where there
// is none.
func (s Single) Fill(d *Data) (*Filled, error) {
	const fn = "Fill"
	if err := d.check(fn); err != nil {
		return nil, err
	}
	if s.Rule < LOCF || int(s.Rule) >= len(carryNames) {
		return nil, bad(fn, "Rule", -1, stats.ErrDomain, "no %v", s.Rule)
	}
	n, nv := len(d.Arm), len(d.Visits)
	baseline := s.FromBaseline || s.Rule == BOCFAll || s.Rule == BOCFDropout
	if baseline && !d.Change {
		if d.Baseline == nil {
			return nil, bad(fn, "Baseline", -1, stats.ErrTooFew, "no baseline to carry")
		}
		if _, err := d.terms(fn); err != nil {
			return nil, err
		}
	}
	y := make([]float64, n*nv)
	has := make([]bool, n*nv)
	for _, v := range d.Values {
		y[v.Participant*nv+v.Visit], has[v.Participant*nv+v.Visit] = v.Y, true
	}
	out := *d
	out.Events, out.Values = nil, nil
	f := &Filled{Rule: s, Data: &out, Filled: make([][]bool, n)}
	for p := range n {
		f.Filled[p] = make([]bool, nv)
		start := math.NaN() // of the participant
		if baseline {
			start = 0
			if !d.Change {
				start = d.Baseline[p]
			}
		}
		carried := start
		if s.Rule == BOCFAll || s.Rule == BOCFDropout {
			carried = math.NaN()
		}
		last := -1
		for v := range nv {
			if has[p*nv+v] {
				last = v
			}
		}
		for v := range nv {
			x := y[p*nv+v]
			if !has[p*nv+v] {
				x = carried
				if s.Rule == BOCFAll || s.Rule == BOCFDropout && (v > last || math.IsNaN(carried)) {
					x = start
				}
				if math.IsNaN(x) {
					f.StillMissing++
					continue
				}
				f.Filled[p][v] = true
				f.Count++
			} else if s.Rule != WOCF || math.IsNaN(carried) || s.HigherIsBetter == (x < carried) {
				carried = x
			}
			out.Values = append(out.Values, mmrm.Value{Participant: p, Visit: v, Y: x})
		}
	}
	return f, nil
}

// String names the rule and counts: "LOCF: 10 values put in, 2 still missing; only to
// reproduce earlier analyses".
func (f *Filled) String() string {
	if f == nil || f.Data == nil {
		return "no result"
	}
	return fmt.Sprintf("%v: %d values put in, %d still missing; only to reproduce earlier analyses", f.Rule.Rule, f.Count, f.StillMissing)
}
