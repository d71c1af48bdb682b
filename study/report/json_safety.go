package report

import "github.com/trialkit/trialkit/study"

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
}

func jsonSafetyOf(s study.Safety) jsonSafety {
	j := jsonSafety{Recorded: s.Declared, Level: s.Level, Arms: []jsonSafetyRow{}, Contrasts: []jsonSafetyContrast{}}
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
