package report

import (
	"cmp"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/harms"
)

type jsonSafetyRow struct {
	Arm           *string `json:"arm"`
	Events        int     `json:"events"`
	N             int     `json:"n"`
	TotalEvents   int     `json:"total_events"`
	NotRecorded   int     `json:"not_recorded"`
	Lower         number  `json:"lower"`
	Upper         number  `json:"upper"`
	UpperOneSided number  `json:"upper_one_sided"`
}

type jsonSafetyContrast struct {
	Arm        string            `json:"arm"`
	Control    string            `json:"control"`
	Difference number            `json:"difference"`
	Lower      number            `json:"lower"`
	Upper      number            `json:"upper"`
	Method     *study.RiskMethod `json:"method"`
}

type jsonSafety struct {
	Recorded  bool                 `json:"recorded"`
	Level     float64              `json:"level"`
	Arms      []jsonSafetyRow      `json:"arms"`
	Pooled    *jsonSafetyRow       `json:"any_procedure"`
	Contrasts []jsonSafetyContrast `json:"contrasts"`
	Set       string               `json:"set"`
	ByTerm    *jsonHarms           `json:"by_term"`
}

// jsonHarms is what a file says in which every adverse event has a line.
type jsonHarms struct {
	LinesRead int            `json:"lines_read"`
	LinesUsed int            `json:"lines_used"`
	Excluded  []jsonExcl     `json:"excluded"`
	Unit      *harms.Unit    `json:"unit"`
	Rows      []jsonHarmsRow `json:"rows"`
}

type jsonHarmsRow struct {
	Kind      harms.Kind           `json:"kind"`
	Term      *string              `json:"term"`
	Arms      []jsonHarmsArm       `json:"arms"`
	Contrasts []jsonSafetyContrast `json:"contrasts"`
}

type jsonHarmsArm struct {
	Arm            string `json:"arm"`
	Participants   int    `json:"participants"`
	N              int    `json:"n"`
	Events         int    `json:"events"`
	Unknown        int    `json:"unknown"`
	Lower          number `json:"lower"`
	Upper          number `json:"upper"`
	Exposure       number `json:"exposure"`
	NotFollowed    int    `json:"not_followed"`
	EventRate      number `json:"event_rate"`
	AtRisk         number `json:"at_risk"`
	Incidence      number `json:"incidence"`
	IncidenceLower number `json:"incidence_lower"`
	IncidenceUpper number `json:"incidence_upper"`
}

func jsonHarmsOf(s study.Safety) *jsonHarms {
	t := s.Events
	if t == nil {
		return nil
	}
	j := &jsonHarms{LinesRead: s.Listed.Lines, LinesUsed: s.Listed.Lines - len(s.Listed.Excluded), Excluded: []jsonExcl{}}
	for _, x := range s.Listed.Excluded {
		j.Excluded = append(j.Excluded, jsonExcl(x))
	}
	if t.Unit != "" {
		j.Unit = &t.Unit
	}
	for _, r := range t.Rows {
		row := jsonHarmsRow{Kind: r.Kind, Contrasts: []jsonSafetyContrast{}}
		if r.Kind == harms.OfTerm {
			row.Term = &r.Term
		}
		for _, a := range r.Arms {
			row.Arms = append(row.Arms, jsonHarmsArm{a.Arm, a.Participants, a.N, a.Events, a.Unknown, number(a.Lower), number(a.Upper), number(a.Exposure),
				a.NotFollowed, number(a.EventRate), number(a.AtRisk), number(a.Incidence), number(a.IncidenceLower), number(a.IncidenceUpper)})
		}
		for _, c := range r.Contrasts {
			row.Contrasts = append(row.Contrasts, jsonSafetyContrast{c.Arm, c.Control, number(c.Difference), number(c.Lower), number(c.Upper), riskMethod(study.RiskMethod(c.Method))})
		}
		j.Rows = append(j.Rows, row)
	}
	return j
}

func jsonSafetyOf(s study.Safety) jsonSafety {
	j := jsonSafety{Recorded: s.Declared, Level: s.Level, Arms: []jsonSafetyRow{}, Contrasts: []jsonSafetyContrast{},
		Set: cmp.Or(s.Set, study.SetITT), ByTerm: jsonHarmsOf(s)}
	row := func(r study.SafetyRow) jsonSafetyRow {
		x := jsonSafetyRow{nil, r.Events, r.N, r.TotalEvents, r.NotRecorded, number(r.Lower), number(r.Upper), number(r.UpperOneSided)}
		if r.Arm != "" {
			x.Arm = &r.Arm
		}
		return x
	}
	for _, r := range s.Arms {
		j.Arms = append(j.Arms, row(r))
	}
	if s.Pooled != nil {
		x := row(*s.Pooled)
		j.Pooled = &x
	}
	for _, c := range s.Contrasts {
		j.Contrasts = append(j.Contrasts, jsonSafetyContrast{c.Arm, c.Control, number(c.Difference), number(c.Lower), number(c.Upper), riskMethod(c.Method)})
	}
	return j
}
