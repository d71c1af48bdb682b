package study

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study/text"
)

// A departure is where a result is not what the plan asked for, or where the plan's
// own provision for difficulties was needed. Report.Departures lists them; that it
// is empty is a statement about every field of every plan, since planChecks has a
// line for each, and about the rows of the file.

// planCheck compares fields of a plan with a row that answers it, and returns codes
// and arguments of departures; a nil compare says in why what there is to say
// instead.
type planCheck struct {
	fields  []string
	compare func(q Plan, row Row, res Result) []Note
	why     string
}

// planChecks hold how each field of Plan is compared.
var planChecks = []planCheck{
	{[]string{"Outcome", "Visit", "Model"}, answered, ""},
	{[]string{"Effect", "Set"}, methodForeseen, ""},
	{[]string{"Level"}, func(q Plan, row Row, _ Result) []Note {
		return departs(row.Level != q.Level, "departure-level", text.Args{"planned": q.Level, "used": row.Level})
	}, ""},
	{[]string{"Covariates"}, leftOutForCovariates, ""},
	{[]string{"Covariance", "CovarianceOrder", "CovarianceByArm"}, covarianceChosen, ""},
	{[]string{"DF"}, func(q Plan, row Row, _ Result) []Note {
		return departs(row.Effect != nil && q.Model.repeated() && math.IsInf(row.DF, 1) && q.DF != "normal",
			"departure-df", text.Args{})
	}, ""},
	{[]string{"Baseline"}, func(_ Plan, row Row, _ Result) []Note {
		return departs(row.noted("baseline-constant"), "departure-baseline", text.Args{})
	}, ""},
	{[]string{"SE"}, func(q Plan, row Row, _ Result) []Note {
		return departs(row.Effect != nil && (q.SE == StandardErrorHC3) != row.noted("hc3-errors"), "departure-se", text.Args{})
	}, ""},
	{[]string{"VarianceByArm"}, func(q Plan, row Row, _ Result) []Note {
		return departs(row.Effect != nil && q.VarianceByArm != row.noted("variance-by-arm"), "departure-variance", text.Args{})
	}, ""},
	{[]string{"Margin", "Framework", "Scale"}, func(q Plan, row Row, _ Result) []Note {
		tested := 0.0
		if margin, _, ok := row.againstMargin(); ok {
			tested = margin
		}
		return departs(row.Effect != nil && tested != q.Margin, "departure-margin", text.Args{"planned": q.Margin, "used": tested})
	}, ""},
	{[]string{"Role"}, func(q Plan, row Row, res Result) []Note {
		// A row that answers two plans has the role of the one that decides.
		another := res.Plan.Method() == q.Method() && res.Plan.Effect == q.Effect && res.Plan.Role == row.Role
		return departs(row.Role != q.Role && !another, "departure-role", text.Args{"planned": string(q.Role), "used": string(row.Role)})
	}, ""},
	{[]string{"Exact"}, companionsExact, ""},
	{[]string{"Priors", "Sensitivity"}, nil, "beliefs shown beside the result, which they do not change"},
	{[]string{"ID"}, nil, "the name of the plan"},
	{[]string{"Registered"}, nil, "where the plan was put on record: the report says it, and that it is not stated"},
	{[]string{"Seed"}, nil, "of random numbers, used as it is"},
}

// resultChecks compare what no field of a plan holds: who was analyzed, and what
// became of the strata of randomization.
var resultChecks = []func(q Plan, row Row, res Result) []Note{analyzedAsRandomized, strataAsPlanned}

// departures are those of all plans, equal ones once, and those of the file.
func (r Report) departures() []Note {
	var out []Note
	seen := map[string]bool{}
	add := func(notes ...Note) {
		for _, n := range notes {
			key := fmt.Sprint(n.Code, n.Args) // fmt sorts a map's keys
			if !seen[key] {
				seen[key] = true
				out = append(out, n)
			}
		}
	}
	for _, p := range r.Protocol.Plans {
		q := r.Protocol.planDefaults(p)
		for _, visit := range r.Protocol.plannedVisits(q) {
			method := string(q.Method())
			at := func(notes []Note) {
				for _, n := range notes {
					n.Args = maps.Clone(n.Args)
					n.Args["outcome"], n.Args["visit"] = q.Outcome, visit
					if n.Args["method"] == nil {
						n.Args["method"] = method
					}
					add(n)
				}
			}
			for _, a := range r.Protocol.Arms {
				if a.Control {
					continue
				}
				row, res, ok := r.rowOf(q, visit, a.ID)
				if !ok {
					at([]Note{{Code: "departure-no-row", Args: text.Args{"arm": a.ID}}})
					continue
				}
				method = string(row.Method)
				for _, c := range planChecks {
					if c.compare != nil {
						at(c.compare(q, row, res))
					}
				}
				for _, compare := range resultChecks {
					at(compare(q, row, res))
				}
			}
		}
	}
	add(r.leftOutByRows()...)
	return out
}

// plannedVisits are those that a plan is answered at.
func (p Protocol) plannedVisits(q Plan) []string {
	if q.Visit != "" {
		return []string{q.Visit}
	}
	var out []string
	for _, v := range p.postVisits(q.Outcome) {
		out = append(out, v.ID)
	}
	if q.Model.repeated() {
		out = append(out, OverallVisit)
	}
	return out
}

// rowOf is the row that answers a plan for an arm at a visit.
func (r Report) rowOf(q Plan, visit, arm string) (Row, Result, bool) {
	for _, res := range r.Results {
		if res.Outcome.ID != q.Outcome {
			continue
		}
		for _, row := range res.Rows {
			if row.Contrast == Between && row.Visit == visit && row.Arm == arm && row.answers(q) && row.Role != RoleCompanion {
				return row, res, true
			}
		}
	}
	return Row{}, Result{}, false
}

// noted reports whether one of the row's notes has the code.
func (r Row) noted(code string) bool {
	return slices.ContainsFunc(r.Notes, func(n Note) bool { return n.Code == code })
}

// departs is the note, if it stands.
func departs(stands bool, code string, args text.Args) []Note {
	if !stands {
		return nil
	}
	return []Note{{Code: code, Args: args}}
}

// answered says where a planned comparison has no estimate, or no interval.
func answered(_ Plan, row Row, _ Result) []Note {
	switch {
	case row.Withheld():
		return departs(true, "departure-withheld", text.Args{"arm": row.Arm, "df": row.DF})
	case row.Effect == nil && row.noted("not-converged"):
		return departs(true, "departure-not-converged", text.Args{})
	case row.Effect == nil:
		return departs(true, "departure-no-estimate", text.Args{"arm": row.Arm})
	}
	return nil
}

// methodForeseen says where the data could not carry the method that the plan
// foresees. A plan without covariates foresees the rule that chooses one, as of counts.
func methodForeseen(q Plan, row Row, _ Result) []Note {
	model := row.Planned == MethodGComputation && row.Method != MethodGComputation ||
		row.Planned == MethodNegativeBinomial && row.Method == MethodExactRates && len(q.Covariates) > 0
	return departs(model,
		"departure-method", text.Args{"arm": row.Arm, "method": string(row.Planned), "instead-method": string(row.Method)})
}

// leftOutForCovariates counts those whom a model with the plan's covariates cannot
// use, in all arms.
func leftOutForCovariates(_ Plan, row Row, res Result) []Note {
	missing := map[string]bool{}
	for _, other := range res.Rows {
		if other.Method == row.Method && other.Visit == row.Visit && other.Set == row.Set {
			for _, d := range other.Dropped {
				if d.Reason == reasonMissingCovariate {
					missing[d.ID] = true
				}
			}
		}
	}
	return departs(len(missing) > 0, "departure-covariate-missing", text.Args{"n": len(missing)})
}

// covarianceChosen says where an order of structures did not end with its first.
func covarianceChosen(q Plan, row Row, _ Result) []Note {
	for _, n := range row.Notes {
		switch {
		case n.Code == "covariance-chosen" && len(q.CovarianceOrder) > 0 && n.Args["structure"] != q.CovarianceOrder[0]:
			return departs(true, "departure-covariance", text.Args{"first": q.CovarianceOrder[0], "structure": n.Args["structure"]})
		case n.Code == "covariance-none":
			return departs(true, "departure-covariance-none", text.Args{"structure": n.Args["structure"], "order": n.Args["order"]})
		}
	}
	return nil
}

// companionsExact says where a test is approximate that the plan wants exact.
func companionsExact(q Plan, row Row, res Result) []Note {
	if !q.Exact {
		return nil
	}
	approximate := []string{resample.NotePermMonteCarlo, resample.NotePermApprox, resample.NotePermMerged, "rank-asymptotic"}
	var out []Note
	for _, other := range res.Rows {
		if other.Role == RoleCompanion && other.Visit == row.Visit && slices.ContainsFunc(approximate, other.noted) {
			out = append(out, Note{Code: "departure-exact", Args: text.Args{"instead-method": string(other.Method)}})
		}
	}
	return out
}

// analyzedAsRandomized compares the numbers of the row's arms.
func analyzedAsRandomized(_ Plan, row Row, _ Result) []Note {
	var out []Note
	for _, arm := range []string{row.Arm, row.Control} {
		of := row.Randomized[arm]
		for _, d := range row.Dropped { // who is not in the plan's set was not asked for
			if d.Arm == arm && d.Reason == reasonNotInSet {
				of--
			}
		}
		out = append(out, departs(row.N[arm] != of, "departure-analyzed", text.Args{"arm": arm, "n": row.N[arm], "of": of})...)
	}
	return out
}

// strataAsPlanned says where small strata were merged, ignored or random, as the
// protocol provides, and where the method takes none.
func strataAsPlanned(_ Plan, row Row, _ Result) []Note {
	for _, how := range []string{"merged", "ignored", "random"} {
		for _, n := range row.Notes {
			if n.Code == "strata-"+how {
				return departs(true, "departure-strata-"+how, text.Args{"strata": n.Args["strata"]})
			}
		}
	}
	return departs(row.WithoutStrata, "departure-without-strata", text.Args{})
}

// leftOutByRows counts the participants of the file of whom data.rows keeps no row.
func (r Report) leftOutByRows() []Note {
	known := map[string]bool{}
	for _, res := range r.Results {
		for _, x := range res.Records {
			known[x.ID] = true
		}
	}
	left := map[string]bool{}
	for _, x := range r.Accounting.Excluded {
		if x.Reason == "row-not-selected" && x.Participant != "" && !known[x.Participant] {
			left[x.Participant] = true
		}
	}
	return departs(len(left) > 0, "departure-rows", text.Args{"n": len(left)})
}
