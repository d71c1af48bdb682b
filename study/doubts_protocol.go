package study

import (
	"slices"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

// leastPerVisit is how many participants an arm should have for each visit of an
// unstructured covariance.
const leastPerVisit = 5

// Doubts are what a protocol can be asked about before data are read: an
// unstructured covariance matrix with fewer than five participants an arm for
// each of the model's visits, by the numbers randomized that the arms declare.
func (p Protocol) Doubts() []Note {
	var out []Note
	for _, plan := range p.Plans {
		if plan.Model != MMRM && plan.Model != CLDA {
			continue
		}
		if names := plan.structures(); len(names) > 0 && names[0] != mmrm.Unstructured.String() {
			continue
		}
		visits := len(p.postVisits(plan.Outcome))
		if plan.Model == CLDA {
			visits++
		}
		least, arm := 0, ""
		for _, a := range p.Arms {
			if a.Randomized > 0 && (arm == "" || a.Randomized < least) {
				least, arm = a.Randomized, a.ID
			}
		}
		if arm == "" || visits < 2 || least >= leastPerVisit*visits {
			continue
		}
		n := Note{Code: "unstructured-few", Args: text.Args{"outcome": plan.Outcome, "arm": arm, "n": least, "visits": visits,
			"least": leastPerVisit * visits}}
		if !slices.ContainsFunc(out, func(x Note) bool { return x.Args["outcome"] == plan.Outcome && x.Args["visits"] == visits }) {
			out = append(out, n)
		}
	}
	return out
}
