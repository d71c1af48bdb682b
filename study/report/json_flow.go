package report

import "github.com/trialkit/trialkit/study"

type jsonReason struct {
	Status string `json:"status"`
	Reason string `json:"reason"`
	N      int    `json:"n"`
}

type jsonConsort struct {
	Assessed   *int             `json:"assessed"`
	Excluded   []jsonReason     `json:"excluded"`
	Randomized int              `json:"randomized"`
	Declared   bool             `json:"declared"`
	Allocated  bool             `json:"allocated"`
	Arms       []jsonConsortArm `json:"arms"`
}

type jsonConsortArm struct {
	Arm         string           `json:"arm"`
	Randomized  int              `json:"randomized"`
	Declared    bool             `json:"declared"`
	InFile      int              `json:"in_file"`
	Received    *int             `json:"received"`
	NotReceived []jsonReason     `json:"not_received"`
	Completed   *int             `json:"completed"`
	Lost        []jsonReason     `json:"lost"`
	Analyzed    []jsonAnalyzed   `json:"analyzed"`
	Sets        []jsonSetCount   `json:"sets"`
	Events      []jsonEventCount `json:"intercurrent"`
}

// jsonEventCount counts an arm's participants to whom an intercurrent event happened.
type jsonEventCount struct {
	Event string `json:"event"`
	N     int    `json:"n"`
}

// jsonSetCount counts an arm's participants in a set.
type jsonSetCount struct {
	Set string `json:"set"`
	N   int    `json:"n"`
}

type jsonAnalyzed struct {
	Outcome      string       `json:"outcome"`
	Visit        string       `json:"visit"`
	Role         study.Role   `json:"role"`
	N            int          `json:"n"`
	Observed     int          `json:"observed"`
	LostAnalyzed *int         `json:"lost_analyzed"`
	NotAnalyzed  []jsonReason `json:"not_analyzed"`
}

// jsonConsortOf tells what is not recorded as null, never as 0.
func jsonConsortOf(c study.Consort) jsonConsort {
	given := func(n int, is bool) *int {
		if !is {
			return nil
		}
		return &n
	}
	j := jsonConsort{given(c.Assessed, c.HasAssessed), jsonReasons(c.Excluded), c.Randomized, c.Declared, c.Allocated, []jsonConsortArm{}}
	for _, a := range c.Arms {
		x := jsonConsortArm{a.Arm, a.Randomized, a.Declared, a.InFile, given(a.Received, a.HasReceived), jsonReasons(a.NotReceived),
			given(a.Completed, a.HasStatus), jsonReasons(a.Lost), []jsonAnalyzed{}, []jsonSetCount{}, []jsonEventCount{}}
		for _, y := range a.Intercurrent {
			x.Events = append(x.Events, jsonEventCount{y.Event, y.N})
		}
		for _, y := range a.Sets {
			x.Sets = append(x.Sets, jsonSetCount(y))
		}
		for _, y := range a.Analyzed {
			x.Analyzed = append(x.Analyzed, jsonAnalyzed{y.Outcome, y.Visit, y.Role, y.N, y.Observed, given(y.LostAnalyzed, y.LostAnalyzed >= 0), jsonReasons(y.Left)})
		}
		j.Arms = append(j.Arms, x)
	}
	return j
}

func jsonReasons(list []study.ReasonCount) []jsonReason {
	out := []jsonReason{}
	for _, r := range list {
		out = append(out, jsonReason(r))
	}
	return out
}
