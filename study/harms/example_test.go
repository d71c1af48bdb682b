package harms_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/harms"
)

// Five patients an arm. One of the laser arm had two burns; nobody else had anything.
func ExampleNew() {
	people := []harms.Person{{Arm: "laser", Events: []harms.Event{{Term: "Burn"}, {Term: "Burn"}}}}
	for range 4 {
		people = append(people, harms.Person{Arm: "laser"})
	}
	for range 5 {
		people = append(people, harms.Person{Arm: "sham"})
	}
	t := harms.New(people, harms.Options{Arms: []string{"laser", "sham"}, Level: 0.95,
		Compare: func(active, control table.Count, _, _ string) (harms.Difference, bool) {
			e, err := table.RiskDifferenceExact(active, control)
			if err != nil {
				return harms.Difference{}, false
			}
			ci := e.CI(0.95)
			return harms.Difference{Estimate: e.Point(), Lower: ci.Lo, Upper: ci.Hi}, true
		}})
	for _, a := range t.Rows[1].Arms {
		fmt.Printf("%s: %d of %d had a burn (95%% CI %.0f%% to %.0f%%), %d burns\n", a.Arm, a.Participants, a.N, 100*a.Lower, 100*a.Upper, a.Events)
	}
	d := t.Rows[1].Contrasts[0]
	fmt.Printf("difference %.0f points (95%% CI %.0f to %.0f)\n", 100*d.Difference, 100*d.Lower, 100*d.Upper)
	// Output:
	// laser: 1 of 5 had a burn (95% CI 1% to 72%), 2 burns
	// sham: 0 of 5 had a burn (95% CI 0% to 52%), 0 burns
	// difference 20 points (95% CI -34 to 72)
}
