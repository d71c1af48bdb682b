package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/text"
)

// Where a note stands. A note that none of these lists names is said with the
// data, or with the result that it is about.
var (
	// floorNotes say what exact tests assume.
	floorNotes = []string{"exact-within-blocks", "exact-complete", "exact-allocation-unknown", "exact-exchangeability"}
	// trialNotes say how many questions were asked and how arms were allocated.
	trialNotes = []string{"multiplicity", "multiplicity-primary", "allocation-unstated"}
	// thresholdNotes are said once, with the responders.
	thresholdNotes = []string{"threshold-acts-as", "threshold-choice"}
	// companionNotes name the method that would have decided otherwise.
	companionNotes = []string{"companion-excludes-zero", "companion-includes-zero", "companion-other-benefit", "companion-other-harm"}
	// saidOnTop stands in the title and beside every p-value.
	saidOnTop = []string{"simulated-beside"}
)

// note writes a note's sentence; arms and methods in its arguments become
// their labels, numbers keep the outcome's decimals.
func (b *builder) note(n study.Note) string {
	if primary, tested := n.Args["primary"].(bool); tested && !primary && !b.opt.ShowP {
		n.Code += "-no-p"
	}
	return Note(b.C, b.r.Protocol, n)
}

// Note is a note's sentence in a language. Notes hold IDs of arms, outcomes and
// visits, and codes of methods, verdicts and thresholds: the protocol has their
// labels (in the language, if it is one of a translated report).
func Note(c *text.Catalog, p study.Protocol, n study.Note) string {
	if !c.Has(n.Code) {
		// A note from a package that has no sentence yet: the code itself
		// says more than silence.
		return n.Code
	}
	args := text.Args{}
	for k, v := range n.Args {
		args[k] = v
		if name, ok := v.(text.Args); ok {
			args[k] = name["name"] // words already in the report's language
		}
		if ts, ok := v.([]study.Threshold); ok {
			unit, _ := n.Args["unit"].(string)
			args[k] = prose.Thresholds(c, ts, unit)
		}
		s, ok := v.(string)
		if !ok {
			continue
		}
		switch k {
		case "strata":
			args[k] = strataLabels(p, s)
		case "adjust":
			args[k] = c.Say("adjust-"+s, nil)
		case "method", "instead-method":
			args[k] = c.Say("method-"+s, nil)
		case "verdict", "instead":
			args[k] = c.Say("verdict-"+s, nil)
		case "outcome":
			args[k] = outcomeLabel(p, s)
		case "variable":
			if n.Args["outcome"] == v { // or a covariate, which has no label
				args[k] = outcomeLabel(p, s)
			}
		case "visit":
			if s == study.OverallVisit {
				args[k] = c.Say("visit-overall", nil)
			}
			if i := slices.IndexFunc(p.Visits, func(v study.Visit) bool { return v.ID == s }); i >= 0 {
				args[k] = cmp.Or(p.Visits[i].Label, s)
			}
		case "arm", "other":
			if i := slices.IndexFunc(p.Arms, func(a study.Arm) bool { return a.ID == s }); i >= 0 {
				args[k] = cmp.Or(p.Arms[i].Label, s)
			}
		}
	}
	if strings.HasPrefix(n.Code, "departure-") { // of which plan, where one method answers several
		set, _ := n.Args["set"].(string)
		estimand, _ := n.Args["estimand"].(string)
		if name, ok := args["method"].(string); ok {
			args["method"] = methodOf(c, name, set, estimand)
		}
	}
	return c.Say(n.Code, args)
}

// strataLabels are the labels of strata that a note lists by ID.
func strataLabels(p study.Protocol, ids string) string {
	list := strings.Split(ids, ", ")
	for i, id := range list {
		if k := slices.IndexFunc(p.Data.Covariates, func(c study.Covariate) bool { return c.ID == id }); k >= 0 {
			list[i] = cmp.Or(p.Data.Covariates[k].Label, id)
		}
	}
	return strings.Join(list, ", ")
}

func outcomeLabel(p study.Protocol, id string) string {
	o, _ := p.Outcome(id)
	return cmp.Or(o.Label, id)
}

// quietNotes concern readers of the results files; tables show the same.
var quietNotes = []string{"no-standard-error", "no-threshold", "no-margin", "verdict-from-plan", "within-no-evidence",
	"simulated-beside", "individual-threshold-as-margin", "harm-threshold-mirrored",
	// How arrangements were counted changes no reading.
	"rank-ties", "rank-zeros", "rank-inverted", "rank-asymptotic", "permutation-monte-carlo", "permutation-approximate",
	"permutation-merged", "permutation-inverted", "permutation-singular"}

func loud(notes []study.Note) []study.Note {
	var out []study.Note
	for _, n := range notes {
		if !slices.Contains(quietNotes, n.Code) {
			out = append(out, n)
		}
	}
	return out
}

// methodLabel names the row's method in a language, and says where it cannot
// take the strata of the randomization.
func methodLabel(c *text.Catalog, r study.Row) string {
	estimand := r.Estimand
	if r.Decides || r.Role == study.RoleCompanion {
		estimand = ""
	}
	name := methodOf(c, c.Say("method-"+string(r.Method), nil), r.Set, estimand)
	if r.WithoutStrata {
		return c.Say("method-without-strata", text.Args{"method": name})
	}
	return name
}

// methodOf says of which set and estimand a method's answer is, where it is of one.
func methodOf(c *text.Catalog, name, set, estimand string) string {
	switch set {
	case "":
	case study.SetAsTreated:
		name = c.Say("method-as-treated", text.Args{"method": name})
	default:
		name = c.Say("method-in-set", text.Args{"method": name, "set": set})
	}
	if estimand != "" {
		name = c.Say("method-of-estimand", text.Args{"method": name, "estimand": estimand})
	}
	return name
}
