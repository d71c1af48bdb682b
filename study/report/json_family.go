package report

import (
	"math"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
)

// The scheme of primary hypotheses in results.json.

type jsonFamily struct {
	// Needed is which of them must be shown: "any" or "all".
	Needed     string           `json:"needed"`
	Adjust     *family.Method   `json:"adjust"`
	Alpha      float64          `json:"alpha"`
	P          number           `json:"p"`
	Success    bool             `json:"success"`
	Hypotheses []jsonHypothesis `json:"hypotheses"`
}

type jsonHypothesis struct {
	Hypothesis string          `json:"hypothesis"`
	Plan       string          `json:"plan"`
	Outcome    string          `json:"outcome"`
	Visit      string          `json:"visit"`
	Arm        string          `json:"arm"`
	Control    *string         `json:"control"`
	Framework  study.Framework `json:"framework"`
	P          number          `json:"p"`
	Adjusted   number          `json:"adjusted"`
	Alpha      float64         `json:"alpha"`
	Tested     bool            `json:"tested"`
	Shown      bool            `json:"shown"`
	Against    bool            `json:"against"`
	StoppedBy  *string         `json:"stopped_by"`
	// Weight is the share of alpha at the start, Left what there is of it when those
	// shown have handed theirs on, of a graph; Transitions are the graph's, as declared.
	Weight      float64            `json:"weight"`
	Left        number             `json:"weight_left"`
	Transitions map[string]float64 `json:"transitions"`
}

func jsonFamilyOf(f *study.FamilyResult) *jsonFamily {
	if f == nil {
		return nil
	}
	out := &jsonFamily{Needed: "any", Adjust: orNull(f.Scheme.Adjust), Alpha: f.Alpha, P: number(f.P), Success: f.Success, Hypotheses: []jsonHypothesis{}}
	if f.Scheme.All {
		out.Needed = "all"
	}
	for i, h := range f.Hypotheses {
		x := jsonHypothesis{Hypothesis: h.ID, Plan: h.Plan, Outcome: h.Outcome, Visit: h.Visit, Arm: h.Arm, Control: orNull(h.Control), Framework: h.Framework,
			P: number(h.P), Adjusted: number(h.Adjusted), Alpha: h.Alpha, Tested: h.Tested, Shown: h.Shown, Against: h.Against, StoppedBy: orNull(h.Before),
			Weight: h.Weight, Left: number(math.NaN()), Transitions: map[string]float64{}}
		if len(f.Graph.Weights) > 0 {
			x.Left = number(f.Graph.Weights[i])
			for to, w := range f.Scheme.Graph.Transitions[h.ID] {
				x.Transitions[to] = w
			}
		}
		out.Hypotheses = append(out.Hypotheses, x)
	}
	return out
}
