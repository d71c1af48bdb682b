package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/trialkit/trialkit/stats"
)

// subgroupsSeen counts what subgroups of random trials came to.
type subgroupsSeen struct {
	tested, outside, curves int
	reasons                 map[string]int
}

// hold requires of a result's subgroups, by a category, along a number and by its cuts, what
// must be true of all: an estimate or a reason, nothing that is no number, and a p-value
// below α where the one interval of the interaction leaves out no difference, and only there.
func (k *subgroupsSeen) hold(t *testing.T, res Result, about string) {
	t.Helper()
	if k.reasons == nil {
		k.reasons = map[string]int{}
	}
	for _, by := range []struct {
		covariate string
		cuts      []float64
	}{{"site", nil}, {"age", nil}, {"age", []float64{50}}} {
		s, err := SubgroupsOf(res, by.covariate, by.cuts...)
		at := fmt.Sprintf("%s %v: %s", by.covariate, by.cuts, about)
		if err != nil {
			used := 0
			for _, r := range res.Records {
				if r.HasFollow {
					used++
				}
			}
			if used > 0 {
				t.Fatalf("%v: %s", err, at)
			}
			continue
		}
		finiteEffect := func(e stats.Effect, level float64) stats.Interval {
			ci := e.CI(level)
			if math.IsNaN(e.Point()) || math.IsInf(e.Point(), 0) || math.IsNaN(ci.Lo) || math.IsNaN(ci.Hi) || ci.Lo > e.Point()+1e-12 || ci.Hi < e.Point()-1e-12 {
				t.Fatalf("%v, %v: %s", e.Point(), ci, at)
			}
			return ci
		}
		for _, row := range s.Rows {
			switch {
			case row.Effect == nil || row.Withheld:
				if row.Why == nil {
					t.Fatalf("no estimate of %q without a reason: %s", row.Level, at)
				}
			case row.Why != nil:
				t.Fatalf("%v beside an estimate: %s", row.Why, at)
			case math.IsInf(row.Effect.Point(), 1) && row.Method == MethodExactRates && math.IsInf(row.CI(s.Level).Hi, 1): // none in control
			default:
				finiteEffect(row.Effect, s.Level)
			}
		}
		p, tested := s.Tested()
		if !tested {
			if s.Why == nil || len(s.Interactions) > 0 || len(s.Curve) > 0 {
				t.Fatalf("not tested, %v, %v: %s", s.Why, s.Interactions, at)
			}
			if n, ok := s.Reason(); ok {
				k.reasons[n.Code]++
			} else {
				k.reasons[s.Why.Error()]++
			}
			continue
		}
		k.tested++
		if !(p >= 0 && p <= 1) || len(s.Interactions) != 1 {
			t.Fatalf("p = %v, %d interactions: %s", p, len(s.Interactions), at)
		}
		null := 0.0
		if s.Interacts.Scale() == ScaleRatio {
			null = 1
		}
		ci := finiteEffect(s.Interactions[0].Effect, s.Level)
		if out := !ci.Contains(null); out != (p < 0.05) || math.Abs(s.Interactions[0].Effect.P(null)-p) > 1e-7 && s.Interaction == nil {
			t.Fatalf("p = %v and %v, interval %v: %s", p, s.Interactions[0].Effect.P(null), ci, at)
		} else if out {
			k.outside++
		}
		if few := res.Plan.VarianceByArm && len(s.Curve) == 0; by.covariate == "age" && len(s.Curve) != trendPoints && !few { // degrees of freedom at some point
			t.Fatalf("%d points: %s", len(s.Curve), at)
		}
		for _, c := range s.Curve {
			k.curves++
			finiteEffect(c.Effect, s.Level)
		}
	}
}
