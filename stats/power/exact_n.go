package power

import (
	"context"
	"fmt"

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
	Alpha  float64        // two-sided; 0 means 0.05
}

// rejects is the test's decision.
func (d ExactProportions) rejects(fn string) (func(treated, control table.Count) bool, error) {
	a, err := alphaOf(fn, d.Alpha)
	if err != nil {
		return nil, err
	}
	switch d.Test {
	case "", FisherTest:
		return func(t, c table.Count) bool { return fisherP(t, c) <= a }, nil
	case ScoreTest:
		z := num.NormQuantileUpper(a / 2)
		return func(t, c table.Count) bool {
			m := float64(t.Events+c.Events) / float64(t.N+c.N)
			v := m * (1 - m) * (1/float64(t.N) + 1/float64(c.N))
			d := t.Rate() - c.Rate()
			return v > 0 && d*d >= z*z*v*(1-1e-12)
		}, nil
	case UnconditionalTest:
		return func(t, c table.Count) bool {
			r, err := table.RiskDifferenceExact(t, c)
			return err == nil && r.P(0) <= a
		}, nil
	}
	return nil, domain(fn, "Test", d.Test)
}

// fisherP is Fisher's two-sided p by the probabilities of tables no more likely than that
// observed.
func fisherP(t, c table.Count) float64 {
	k := t.Events + c.Events
	lo, hi := max(0, k-c.N), min(k, t.N)
	row := make([]float64, hi-lo+1)
	for x := lo; x <= hi; x++ {
		row[x-lo] = num.HyperPMF(x, t.N, c.N, k)
	}
	p, at := 0.0, row[t.Events-lo]*(1+1e-7)
	for _, q := range row {
		if q <= at {
			p += q
		}
	}
	return p
}

// Power returns the exact power; see ExactPower for its time. It refuses what ExactPower
// refuses.
func (d ExactProportions) Power() (float64, error) {
	return d.PowerContext(context.Background())
}

// PowerContext is Power that stops with the context's error.
func (d ExactProportions) PowerContext(ctx context.Context) (float64, error) {
	reject, err := d.rejects("ExactProportions.Power")
	if err != nil {
		return 0, err
	}
	return ExactPowerContext(ctx, d.N, d.N, d.P1, d.P2, reject)
}

// SolveN returns the smallest N an arm that reaches the power, and the smallest from which on
// it is never lost: a discrete test's power is a saw, and one participant more can lose
// it. Every size is counted up to a fifth (at least 20) beyond the last that lacked the
// power. It refuses equal proportions and a power outside (alpha, 1), and a trial above
// 2,000 an arm (ErrDomain).
func (d ExactProportions) SolveN(ctx context.Context, power float64) (ExactSize, error) {
	const fn = "ExactProportions.SolveN"
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), d.P1-d.P2); err != nil {
		return ExactSize{}, err
	}
	if !(d.P1 >= 0 && d.P1 <= 1 && d.P2 >= 0 && d.P2 <= 1) {
		return ExactSize{}, domain(fn, "P1, P2", fmt.Sprint(d.P1, ", ", d.P2))
	}
	var s ExactSize
	lacking := 0
	for n := 1; ; n++ {
		if s.First > 0 && n > lacking+max(20, lacking/5) {
			s.Lasting, s.Searched = lacking+1, n-1
			return s, nil
		}
		if n > 2000 {
			return ExactSize{}, &stats.SampleError{Func: fn, Arg: "P1, P2", Index: -1, Err: stats.ErrDomain, Info: "more than 2,000 an arm"}
		}
		// Far below the size of the plain approximation the power is not counted.
		if approx := (ProportionDesign{N: float64(n), P1: d.P1, P2: d.P2, Alpha: d.Alpha}).Power(); s.First == 0 && approx < power/2 && n > 8 {
			lacking = n
			continue
		}
		e := d
		e.N = n
		p, err := e.PowerContext(ctx)
		if err != nil {
			return ExactSize{}, err
		}
		switch {
		case !(p >= power):
			lacking = n
		case s.First == 0:
			s.First, s.Power = n, p
		}
	}
}
