package impute

import (
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// Delta is added to imputed values at and after an event, never to gaps before it nor
// to participants without an event. The zero value adds nothing.
type Delta struct {
	// Size is arm → what is added, in the outcome's unit; arms not named get nothing.
	Size  map[string]float64
	Shape Shape
	// Visits multiplies the size by visit, 1 where nil.
	//
	// Lags takes the place of Shape: what is added at a visit is the sum, from the
	// event to it, of size·Visits[visit]·Lags[visits since the event]. {1, 0, 0, …}
	// adds what belongs to the visit of the event, {1, 1, 1, …} adds up.
	Visits, Lags []float64
	// Observed adds delta to the values observed at and after the event too.
	Observed bool
}

// Shape is how delta develops after the event.
type Shape int

const (
	Constant Shape = iota // the size at every visit
	AddingUp              // the size once more with every visit
)

// String returns "constant" or "adding up".
func (s Shape) String() string {
	if s == AddingUp {
		return "adding up"
	}
	return "constant"
}

func (d Delta) check(fn string, data *Data) error {
	for arm, x := range d.Size {
		if !slices.Contains(data.Arms, arm) {
			return bad(fn, "Delta.Size", -1, stats.ErrDomain, "%q is not among the arms %q", arm, data.Arms)
		}
		if !finite(x) {
			return bad(fn, "Delta.Size", -1, stats.ErrNotFinite, "%q: %v", arm, x)
		}
	}
	if d.Shape != Constant && d.Shape != AddingUp {
		return bad(fn, "Delta.Shape", -1, stats.ErrDomain, "no Shape(%d)", int(d.Shape))
	}
	if d.Lags != nil && d.Shape != Constant {
		return bad(fn, "Delta.Lags", -1, stats.ErrDomain, "lags take the place of %v: say one of the two", d.Shape)
	}
	for _, l := range []struct {
		arg string
		x   []float64
	}{{"Delta.Visits", d.Visits}, {"Delta.Lags", d.Lags}} {
		if l.x != nil && len(l.x) != len(data.Visits) {
			return bad(fn, l.arg, -1, stats.ErrLength, "%d numbers for %d visits", len(l.x), len(data.Visits))
		}
		for i, x := range l.x {
			if !finite(x) {
				return bad(fn, l.arg, i, stats.ErrNotFinite, "%v", x)
			}
		}
	}
	return nil
}

// profile returns what a size of 1 adds at the visits after an event.
func (d Delta) profile(event, visits int) []float64 {
	out := make([]float64, visits)
	sum := 0.0
	for v := event; v < visits; v++ {
		x := 1.0
		switch lag := v - event; {
		case d.Lags != nil:
			x = d.Lags[lag]
		case d.Shape == Constant && lag > 0:
			x = 0
		}
		if d.Visits != nil {
			x *= d.Visits[v]
		}
		sum += x
		out[v] = sum
	}
	if d.Shape == Constant && d.Lags == nil && d.Visits != nil {
		for v := event; v < visits; v++ {
			out[v] = d.Visits[v]
		}
	}
	return out
}

// of writes the profiles of a fit's kinds: what a size of 1 adds to their values.
func (d Delta) of(f *Fit) [][]float64 {
	out := make([][]float64, len(f.kinds))
	for i, k := range f.kinds {
		full := d.profile(k.event, f.visits)
		out[i] = make([]float64, f.visits)
		for v := k.event; v < f.visits; v++ {
			if d.Observed || slices.Contains(k.missing, v) {
				out[i][v] = full[v]
			}
		}
	}
	return out
}

// Deltas returns what a delta adds, participant × visit.
func (f *Fit) Deltas(d Delta) ([][]float64, error) {
	if err := d.check("Deltas", f.d); err != nil {
		return nil, err
	}
	profiles := d.of(f)
	out := make([][]float64, len(f.d.Arm))
	for p, a := range f.d.Arm {
		out[p] = make([]float64, f.visits)
		axpy(out[p], d.Size[f.d.Arms[a]], profiles[f.kindOf[p]])
	}
	return out, nil
}
