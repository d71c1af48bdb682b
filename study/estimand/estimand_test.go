package estimand_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study/estimand"
)

// Days are compared whole where the event's is whole; the visit of the same day came
// before the event.
func TestFirstVisitAfterAnEvent(t *testing.T) {
	visits := []string{"v1", "v2", "v3"}
	days := []float64{28, 56.2, 84}
	for _, c := range []struct {
		o    estimand.Occurrence
		want int
	}{
		{estimand.Occurrence{Day: 0, HasDay: true}, 0},
		{estimand.Occurrence{Day: 27, HasDay: true}, 0},
		{estimand.Occurrence{Day: 28, HasDay: true}, 1},
		{estimand.Occurrence{Day: 56, HasDay: true}, 2}, // the day of the second visit, in whole days
		{estimand.Occurrence{Day: 56.1, HasDay: true}, 1},
		{estimand.Occurrence{Day: 84, HasDay: true}, 3},
		{estimand.Occurrence{Day: 200, HasDay: true}, 3},
		{estimand.Occurrence{Visit: "v2"}, 1},
		{estimand.Occurrence{Visit: "other"}, 3},
		{estimand.Occurrence{}, 0},
	} {
		assert.Equal(t, c.want, c.o.First(visits, days), "%+v", c.o)
	}
	assert.Equal(t, 2, estimand.Occurrence{Day: 3, HasDay: true}.First(visits, []float64{math.NaN(), 2, 9}))
}

// Brute force: what the rules of doc.go say of one visit, asked visit by visit.
func TestResolveByTheRules(t *testing.T) {
	strategies := []estimand.Handling{{Event: "a", Strategy: estimand.TreatmentPolicy}, {Event: "b", Strategy: estimand.Hypothetical},
		{Event: "c", Strategy: estimand.Composite, Value: estimand.Worst}, {Event: "d", Strategy: estimand.WhileOnTreatment}, {Event: "e", Strategy: estimand.TreatmentPolicy}}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		n := 1 + r.IntN(5)
		observed := make([]bool, n)
		for v := range observed {
			observed[v] = r.IntN(3) > 0
		}
		first := map[string]int{}
		for _, h := range strategies {
			if r.IntN(2) == 0 {
				first[h.Event] = r.IntN(n + 1)
			}
		}
		e := estimand.Estimand{Strategies: strategies}
		for i := range e.Strategies { // the order of the protocol does not matter
			j := r.IntN(len(e.Strategies))
			e.Strategies[i], e.Strategies[j] = e.Strategies[j], e.Strategies[i]
		}
		at := func(event string, v int) bool { f, ok := first[event]; return ok && f <= v }
		for v, c := range e.Resolve(observed, first) {
			earliest := n
			for _, x := range []string{"b", "c", "d"} {
				if at(x, v) {
					earliest = min(earliest, first[x])
				}
			}
			want := estimand.Absent
			switch is := func(x string) bool { return at(x, v) && first[x] == earliest }; {
			case is("c"):
				want = estimand.Given
				assert.Equal(t, estimand.Worst, c.Given)
			case is("d"):
				want = estimand.NoneBefore
				for u := range earliest {
					if observed[u] {
						want = estimand.LastBefore
						assert.True(t, c.From >= u && c.From < earliest && observed[c.From])
					}
				}
			case is("b"):
				want = estimand.SetAside
			case observed[v] && (at("a", v) || at("e", v)):
				want = estimand.ObservedAfter
			case at("a", v) || at("e", v):
				want = estimand.AbsentAfter
			case observed[v]:
				want = estimand.Observed
			}
			assert.Equal(t, want, c.Use, "%v %v visit %d", observed, first, v)
			assert.Equal(t, want != estimand.Observed && want != estimand.Absent, c.Event != "")
		}
	}
}

func ExampleEstimand_Resolve() {
	asked := estimand.Estimand{ID: "main", Strategies: []estimand.Handling{
		{Event: "stopped", Strategy: estimand.TreatmentPolicy}, {Event: "rescue", Strategy: estimand.Hypothetical}}}
	// Treatment stopped before the second of four visits, rescue medication before the
	// last; no value at the third.
	for v, c := range asked.Resolve([]bool{true, true, false, true}, map[string]int{"stopped": 1, "rescue": 3}) {
		fmt.Printf("%d %s %q\n", v+1, c.Use, c.Event)
	}
	// Output:
	// 1 observed ""
	// 2 observed-after "stopped"
	// 3 absent-after "stopped"
	// 4 set-aside "rescue"
}
