package power

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/table"
)

// ExactSize is the size of a trial whose exact power is no smooth function of it.
type ExactSize struct {
	// First is the smallest n an arm that reaches the power, Power what it has there.
	First int     `json:"first"`
	Power float64 `json:"power"`
	// Lasting is the smallest n from which on the power is never lost again, up to
	// Searched.
	Lasting  int `json:"lasting"`
	Searched int `json:"searched"`
}

// String writes "n = 33 an arm reaches it (0.802), from n = 36 on it is never lost".
func (s ExactSize) String() string {
	if s == (ExactSize{}) {
		return show.NoResult
	}
	return fmt.Sprintf("n = %d an arm reaches it (%.3f), from n = %d on it is never lost (searched to %d)", s.First, s.Power, s.Lasting, s.Searched)
}

// ProportionTest names a test of two proportions whose exact power is counted.
type ProportionTest string

// Tests of two proportions.
const (
	FisherTest ProportionTest = "fisher" // exact, conditional
	// ScoreTest is the asymptotic χ² test with the pooled variance, without correction.
	ScoreTest ProportionTest = "score"
	// MiettinenNurminenTest is the score test with their factor N/(N − 1) on the variance, as
	// table.RiskDifferenceScore has it.
	MiettinenNurminenTest ProportionTest = "miettinen-nurminen"
	// UnconditionalTest is the exact unconditional test of Chan and Zhang, as analyses of
	// small trials use it (table.RiskDifferenceExact).
	UnconditionalTest ProportionTest = "unconditional"
)

// ExactProportions is a trial of two arms of N each, with a binary outcome, whose
// power is that of all tables (ExactPower).
type ExactProportions struct {
	N      int
	P1, P2 float64
	Test   ProportionTest // "" means FisherTest
	// Margin above 0: P1 is to be shown above P2 − Margin, by the one-sided
	// UnconditionalTest or MiettinenNurminenTest (higher is better).
	Margin float64
	Alpha  float64 // two-sided, 0 means 0.05; with a Margin one-sided, 0 means 0.025
}

func (d ExactProportions) alpha(fn string) (float64, error) {
	if d.Margin > 0 && d.Alpha == 0 {
		return 0.025, nil
	}
	return alphaOf(fn, d.Alpha)
}

// rejects is the test's decision of tables of N and N.
func (d ExactProportions) rejects(ctx context.Context, fn string) (func(treated, control table.Count) (bool, error), error) {
	a, err := d.alpha(fn)
	if err != nil {
		return nil, err
	}
	if !(d.Margin >= 0 && d.Margin < 1) {
		return nil, domain(fn, "Margin", d.Margin)
	}
	switch {
	case d.Test == UnconditionalTest:
		return d.unconditional(ctx, a)
	case d.Test == MiettinenNurminenTest && d.Margin > 0:
		return func(t, c table.Count) (bool, error) {
			r, err := table.RiskDifferenceScore(t, c)
			return err == nil && r.PGreater(-d.Margin) <= a, err
		}, nil
	case d.Margin > 0:
	case d.Test == "" || d.Test == FisherTest:
		return func(t, c table.Count) (bool, error) {
			f, err := table.Fisher(t, c)
			return err == nil && f.P() <= a, err
		}, nil
	case d.Test == ScoreTest || d.Test == MiettinenNurminenTest:
		z := num.NormQuantileUpper(a / 2)
		return func(t, c table.Count) (bool, error) {
			n := float64(t.N + c.N)
			m := float64(t.Events+c.Events) / n
			v := m * (1 - m) * (1/float64(t.N) + 1/float64(c.N))
			if d.Test == MiettinenNurminenTest {
				v *= n / (n - 1)
			}
			x := t.Rate() - c.Rate()
			return v > 0 && x*x >= z*z*v*(1-1e-12), nil
		}, nil
	}
	return nil, domain(fn, "Test", d.Test)
}

// unconditional finds the region of Chan and Zhang's test. Their one-sided p is the largest
// probability of a table at least as far out by the score statistic, so that tables
// further out have smaller p: the border is found by halving, with some ten exact tests
// in place of one for each table.
func (d ExactProportions) unconditional(ctx context.Context, a float64) (func(treated, control table.Count) (bool, error), error) {
	n := d.N
	side := a
	if d.Margin == 0 {
		side = a / 2
	}
	type cell struct {
		x, y int
		p    float64 // of the score test, which orders
	}
	var cells []cell
	for x := range n + 1 {
		for y := range n + 1 {
			if d.Margin == 0 && x <= y {
				continue // p is at least a half
			}
			s, err := table.RiskDifferenceScore(table.Count{Events: x, N: n}, table.Count{Events: y, N: n})
			if err != nil {
				return nil, err
			}
			cells = append(cells, cell{x, y, s.PGreater(-d.Margin)})
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(cells, func(a, b cell) int {
		if a.p < b.p {
			return -1
		}
		if a.p > b.p {
			return 1
		}
		return 0
	})
	lo, hi := 0, len(cells) // those before lo are in the region, those from hi on are not
	for lo < hi {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k := lo + (hi-lo)/2
		r, err := table.RiskDifferenceExact(table.Count{Events: cells[k].x, N: n}, table.Count{Events: cells[k].y, N: n})
		if err != nil {
			return nil, err
		}
		if r.PGreater(-d.Margin) <= side {
			lo = k + 1
		} else {
			hi = k
		}
	}
	in := make([]bool, (n+1)*(n+1))
	for _, c := range cells[:lo] {
		in[c.x*(n+1)+c.y] = true
		if d.Margin == 0 {
			in[c.y*(n+1)+c.x] = true
		}
	}
	return func(t, c table.Count) (bool, error) { return in[t.Events*(n+1)+c.Events], nil }, nil
}

// Power returns the exact power; see ExactPower for its time. It refuses what ExactPower
// refuses, a Test that is none, a Margin outside [0, 1) and one with a test that has none;
// UnconditionalTest above 100 an arm.
func (d ExactProportions) Power() (float64, error) {
	return d.PowerContext(context.Background())
}

// PowerContext is Power that stops with the context's error.
func (d ExactProportions) PowerContext(ctx context.Context) (float64, error) {
	if err := checkTable(d.N, d.N, d.P1, d.P2); err != nil {
		return 0, err
	}
	reject, err := d.rejects(ctx, "ExactProportions.Power")
	if err != nil {
		return 0, err
	}
	return exactPower(ctx, d.N, d.N, d.P1, d.P2, reject)
}

// SolveN returns the smallest N an arm that reaches the power, and the smallest from which on
// it is never lost: a discrete test's power is a saw, and one participant more can lose
// it. It refuses equal proportions (with a Margin, those that are apart by it or more) and
// a power outside (alpha, 1), and a trial above 2,000 an arm (ErrDomain).
func (d ExactProportions) SolveN(ctx context.Context, power float64) (ExactSize, error) {
	const fn = "ExactProportions.SolveN"
	a, err := d.alpha(fn)
	if err != nil {
		return ExactSize{}, err
	}
	gap := d.P1 - d.P2
	if d.Margin > 0 {
		gap = math.Max(0, gap+d.Margin)
	}
	if err := checkPower(fn, power, a, gap); err != nil {
		return ExactSize{}, err
	}
	if !(d.P1 >= 0 && d.P1 <= 1 && d.P2 >= 0 && d.P2 <= 1) {
		return ExactSize{}, domain(fn, "P1, P2", fmt.Sprint(d.P1, ", ", d.P2))
	}
	return SolveSaw(power, func(n int) (float64, error) {
		// Far below the size of the plain approximation the power is not counted.
		approx := ProportionDesign{N: float64(n), P1: d.P1, P2: d.P2, Alpha: d.Alpha}.Power()
		if d.Margin == 0 && approx < power/2 && n > 8 {
			return 0, nil
		}
		e := d
		e.N = n
		return e.PowerContext(ctx)
	})
}

// SolveSaw returns the smallest whole n whose power reaches the target, and the smallest
// from which on it is never lost, for a power that rises with n but not at every n. Every
// size is looked at up to a fifth (at least 20) beyond the last that lacks the power. It
// refuses a target outside (0, 1), passes the power's error on, and gives up above 2,000
// (ErrDomain).
func SolveSaw(target float64, power func(n int) (float64, error)) (ExactSize, error) {
	const fn = "SolveSaw"
	if !(target > 0 && target < 1) {
		return ExactSize{}, domain(fn, "target", target)
	}
	var s ExactSize
	lacking := 0
	for n := 1; ; n++ {
		if s.First > 0 && n > lacking+max(20, lacking/5) {
			s.Lasting, s.Searched = lacking+1, n-1
			return s, nil
		}
		if n > 2000 {
			return ExactSize{}, &stats.SampleError{Func: fn, Arg: "power", Index: -1, Err: stats.ErrDomain, Info: "more than 2,000 an arm"}
		}
		p, err := power(n)
		switch {
		case err != nil:
			return ExactSize{}, err
		case !(p >= target):
			lacking = n
		case s.First == 0:
			s.First, s.Power = n, p
		}
	}
}
