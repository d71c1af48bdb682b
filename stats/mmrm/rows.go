package mmrm

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Rows is the general form of the data: one row an observation, with its own
// row of the design matrix. A visit a participant missed has no row. Trial
// builds the usual designs without it.
type Rows struct {
	Participant []int // row → participant, 0, 1, 2, …
	Visit       []int // row → index of Visits
	Y           []float64
	X           [][]float64 // row → values of the columns
	Weight      []float64   // row → weight > 0: the variance is divided by it; nil means 1

	Columns []string  // names of the columns of X
	Visits  []string  // labels, in time order
	Times   []float64 // visit → time, for the spatial structures and slopes; else nil

	// Group is participant → index of Groups, for Model.ByArm; else nil.
	Group  []int
	Groups []string
}

// bad is a data error of this package.
func bad(fn, arg string, i int, err error, format string, a ...any) error {
	return &stats.SampleError{Func: "mmrm." + fn, Arg: arg, Index: i, Err: err, Info: fmt.Sprintf(format, a...)}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// checkScale refuses outcomes and columns whose squares, or the squares of
// whose products, leave the range of float64.
func checkScale(fn string, columns []string, x [][]float64, y []float64) error {
	const widest = 1e75
	wrong := func(arg string, value func(i int) float64) error {
		big, at := 0.0, 0
		for i := range y {
			if v := math.Abs(value(i)); v > big {
				big, at = v, i
			}
		}
		if big > widest || big > 0 && big < 1/widest {
			return bad(fn, arg, at, stats.ErrDomain, "%v: squares of the values leave the range of float64: change the unit", value(at))
		}
		return nil
	}
	if err := wrong("Y", func(i int) float64 { return y[i] }); err != nil {
		return err
	}
	for c, name := range columns {
		if err := wrong(name, func(i int) float64 { return x[i][c] }); err != nil {
			return err
		}
	}
	return nil
}

// check validates the rows and returns the number of participants and the
// table participant × visit → row (−1 where missing).
func (r *Rows) check(m Model) (n int, at []int32, err error) {
	const fn = "Fit"
	rows := len(r.Y)
	if rows == 0 {
		return 0, nil, bad(fn, "Y", -1, stats.ErrTooFew, "no rows")
	}
	for _, l := range []struct {
		name string
		n    int
	}{{"Participant", len(r.Participant)}, {"Visit", len(r.Visit)}, {"X", len(r.X)}} {
		if l.n != rows {
			return 0, nil, bad(fn, l.name, -1, stats.ErrLength, "%d rows, Y has %d", l.n, rows)
		}
	}
	if r.Weight != nil && len(r.Weight) != rows {
		return 0, nil, bad(fn, "Weight", -1, stats.ErrLength, "%d rows, Y has %d", len(r.Weight), rows)
	}
	if len(r.Columns) == 0 {
		return 0, nil, bad(fn, "Columns", -1, stats.ErrTooFew, "no columns")
	}
	nv := len(r.Visits)
	if nv == 0 {
		return 0, nil, bad(fn, "Visits", -1, stats.ErrTooFew, "no visits")
	}
	if m.Covariance == SpatialExponential || m.Covariance == SpatialGaussian {
		if len(r.Times) != nv {
			return 0, nil, bad(fn, "Times", -1, stats.ErrLength, "%s needs a time for each of %d visits", m.Covariance, nv)
		}
		for i, t := range r.Times {
			for j := 0; j < i; j++ {
				if t == r.Times[j] {
					return 0, nil, bad(fn, "Times", i, stats.ErrDomain, "visits %q and %q have the same time", r.Visits[j], r.Visits[i])
				}
			}
		}
	}
	for i, t := range r.Times {
		if !finite(t) {
			return 0, nil, bad(fn, "Times", i, stats.ErrNotFinite, "%v", t)
		}
	}
	for i, p := range r.Participant {
		if p < 0 {
			return 0, nil, bad(fn, "Participant", i, stats.ErrDomain, "negative index %d", p)
		}
		n = max(n, p+1)
	}
	if n > 2*rows+1000 {
		return 0, nil, bad(fn, "Participant", -1, stats.ErrDomain, "indices run to %d with %d rows: number participants 0, 1, 2, …", n-1, rows)
	}
	if m.ByArm {
		if len(r.Group) < n {
			return 0, nil, bad(fn, "Group", -1, stats.ErrLength, "%d participants, have %d", n, len(r.Group))
		}
		for i, g := range r.Group {
			if g < 0 || g >= len(r.Groups) {
				return 0, nil, bad(fn, "Group", i, stats.ErrDomain, "no group %d", g)
			}
		}
	}
	at = make([]int32, n*nv)
	for i := range at {
		at[i] = -1
	}
	for i := range r.Y {
		v := r.Visit[i]
		if v < 0 || v >= nv {
			return 0, nil, bad(fn, "Visit", i, stats.ErrDomain, "no visit %d", v)
		}
		if !finite(r.Y[i]) {
			return 0, nil, bad(fn, "Y", i, stats.ErrNotFinite, "%v", r.Y[i])
		}
		if len(r.X[i]) != len(r.Columns) {
			return 0, nil, bad(fn, "X", i, stats.ErrLength, "%d values, %d columns", len(r.X[i]), len(r.Columns))
		}
		for c, x := range r.X[i] {
			if !finite(x) {
				return 0, nil, bad(fn, "X", i, stats.ErrNotFinite, "column %q: %v", r.Columns[c], x)
			}
		}
		if r.Weight != nil && !(r.Weight[i] > 0 && finite(r.Weight[i])) {
			return 0, nil, bad(fn, "Weight", i, stats.ErrDomain, "%v, must be positive", r.Weight[i])
		}
		k := r.Participant[i]*nv + v
		if at[k] >= 0 {
			return 0, nil, bad(fn, "Visit", i, stats.ErrDomain, "participant %d has visit %q twice (rows %d and %d)", r.Participant[i], r.Visits[v], at[k], i)
		}
		at[k] = int32(i)
	}
	return n, at, checkScale(fn, r.Columns, r.X, r.Y)
}
