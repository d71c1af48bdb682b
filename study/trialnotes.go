package study

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

// trialNotes are the doubts that concern the whole report.
func (r Report) trialNotes() []Note {
	notes := append(r.multiplicityNotes(), r.Protocol.Doubts()...)
	rnd := r.Protocol.Randomization
	if rnd.Kind == RandomizationUnknown && !rnd.Stratified() {
		notes = append(notes, Note{Code: "allocation-unstated"})
	}
	switch {
	case rnd.Stratified():
		notes = append(notes, Note{Code: "exact-within-blocks", Args: text.Args{"strata": newStrata(r.Protocol, nil).list()}})
	case rnd.Kind == RandomizationComplete:
		notes = append(notes, Note{Code: "exact-complete"})
	case rnd.Kind == RandomizationUnknown:
		notes = append(notes, Note{Code: "exact-allocation-unknown"})
	default:
		notes = append(notes, Note{Code: "exact-exchangeability"})
	}
	if r.Protocol.Simulated {
		notes = append(notes, Note{Code: "simulated-beside"})
	}
	return notes
}

// multiplicityNotes say how often something would be found where there is
// nothing. Of primary comparisons the bound is the sum of their alphas, whatever
// they share; it counts where any one of them would be taken as success, and not
// where all must hold.
func (r Report) multiplicityNotes() []Note {
	var notes []Note
	all, primary := 0, 0
	none, sum, most := 1.0, 0.0, 0.0
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			all++
			none *= row.Level
			most = math.Max(most, 1-row.Level)
			if row.Role == RolePrimary && row.Effect != nil {
				primary++
				sum += row.Alpha
			}
		}
	}
	if all > 1 {
		notes = append(notes, Note{Code: "multiplicity", Args: text.Args{"k": all, "chance": 1 - none, "least": most}})
	}
	if primary > 1 {
		notes = append(notes, Note{Code: "multiplicity-primary", Args: text.Args{"k": primary, "chance": math.Min(sum, 1)}})
	}
	return notes
}

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
