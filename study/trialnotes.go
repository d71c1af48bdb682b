package study

import (
	"math"

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
