package study

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/files"
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
	{[]string{"Effect", "Set", "Estimand", "Impute", "Variance"}, methodForeseen, ""},
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
	{[]string{"Trend"}, func(q Plan, _ Row, res Result) []Note {
		return departs(q.Trend && !slices.ContainsFunc(res.Trends, func(t along.Trend) bool { return t.Why == "" }), "departure-trend", text.Args{})
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
			method, estimand := string(q.Method()), ""
			at := func(notes []Note) {
				for _, n := range notes {
					n.Args = maps.Clone(n.Args)
					n.Args["outcome"], n.Args["visit"] = q.Outcome, visit
					if n.Args["method"] == nil {
						n.Args["method"] = method
					}
					if q.Set != "" { // one method answers plans of several sets
						n.Args["set"] = q.Set
					}
					if estimand != "" {
						n.Args["estimand"] = estimand
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
				if !row.Decides {
					estimand = row.Estimand
				}
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
	model := (row.Planned == MethodGComputation || row.Planned == MethodImputedGComputation) && row.Method != row.Planned ||
		row.Planned == MethodNegativeBinomial && row.Method == MethodExactRates && len(q.Covariates) > 0
	return departs(model,
		"departure-method", text.Args{"arm": row.Arm, "method": string(row.Planned), "instead-method": string(row.Method)})
}

// leftOutForCovariates counts those whom a model with the plan's covariates cannot
// use, in all arms.
func leftOutForCovariates(_ Plan, row Row, res Result) []Note {
	missing := map[string]bool{}
	for _, other := range res.Rows {
		if other.Method == row.Method && other.Visit == row.Visit && other.Set == row.Set && other.Estimand == row.Estimand {
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
		if (other.Role == RoleCompanion || other.Method == MethodTrimmedMeans) && other.Visit == row.Visit && slices.ContainsFunc(approximate, other.noted) {
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

// What stands beside a deciding row says how much hangs on its method: whether other
// methods agree with it, what it is once all arms are covered together, and whether it is
// alike for all baselines. None of it changes a row.

// Agreement says how many of the other ways to compare the arms agree with the
// row that decides: their interval leaves out Null where its does, and holds it
// where its does.
type Agreement struct {
	Arm, Visit string
	// Null is the difference that is asked about: 0 (of a ratio 1), or the margin of a plan that
	// has one, on the side of harm (active − control).
	Null float64
	// Companions are the rows of the same arm, visit and measure that have an effect, but
	// for those of supplementary plans, which ask another question.
	Companions []Row
	// Agree counts those that do; Differ are those that do not.
	Agree  int
	Differ []Row
}

// leavesOutSetAside reports whether the row compares those who are left where values were
// set aside after an event, or rank worst without a value: another question than the
// estimand's.
func (r Row) leavesOutSetAside() bool {
	return slices.ContainsFunc(r.Dropped, func(d Dropped) bool { return d.Reason == reasonSetAside || d.Reason == reasonRankedWorst })
}

// Few reports whether so few companions differ that the answer itself names them with
// their numbers: fewer than agree, or none. Else they are a doubt of their own.
func (a Agreement) Few() bool { return len(a.Differ) == 0 || len(a.Differ) < a.Agree }

// Agreement has one entry for each deciding row that has an effect, in the order
// of the rows.
func (r Result) Agreement() []Agreement {
	var out []Agreement
	for _, row := range r.Deciding() {
		if row.Effect == nil || row.Equivalence != nil { // which asks about two margins, not one null
			continue
		}
		a := Agreement{Arm: row.Arm, Visit: row.Visit}
		a.Null = row.Measure.Null()
		if ni := row.NonInferiority; ni != nil {
			a.Null = ni.Bound(r.Outcome.Better)
		}
		for _, other := range r.Rows {
			if other.Decides || other.Set != row.Set || other.Estimand != row.Estimand || other.Contrast != Between || other.Arm != row.Arm || other.Visit != row.Visit ||
				other.Effect == nil || other.Role == RoleSupplementary || other.leavesOutSetAside() || other.Measure.Scale() != row.Measure.Scale() || other.Measure == OddsRatio != (row.Measure == OddsRatio) {
				continue
			}
			a.Companions = append(a.Companions, other)
			if other.interval().Contains(a.Null) == row.alone().Contains(a.Null) {
				a.Agree++
			} else {
				a.Differ = append(a.Differ, other)
			}
		}
		out = append(out, a)
	}
	return out
}

// JointInterval is the interval of a deciding row's difference that holds together
// with those of all other arms against control, with probability Level.
type JointInterval struct {
	Arm                           string
	Estimate, Lower, Upper, Level float64
	Method                        string // "dunnett"
	Measure                       Measure
}

// methodDunnett: by the joint t distribution of the arms' differences.
const methodDunnett = string(regress.Dunnett)

// joint are the intervals of Result.Joint.
func (c *comparison) joint(ctx context.Context, fit *armsFit) ([]JointInterval, error) {
	if fit == nil || fit.linear == nil || len(fit.linear.Arms()) < 3 {
		return nil, nil
	}
	cs, err := fit.linear.VersusControl()
	if err != nil {
		return nil, onlyData(err)
	}
	intervals, err := cs.CIContext(ctx, c.plan.Level)
	if err != nil {
		return nil, err
	}
	var out []JointInterval
	for _, a := range c.active() {
		if i := slices.IndexFunc(cs, func(x regress.Comparison) bool { return x.A == a.ID }); i >= 0 {
			j := JointInterval{Arm: a.ID, Estimate: cs[i].Value, Lower: intervals[i].Lo, Upper: intervals[i].Hi, Level: c.plan.Level, Method: methodDunnett, Measure: MeanDifference}
			if c.plan.Scale == ScaleLog {
				j.Measure = GeometricMeanRatio
				j.Estimate, j.Lower, j.Upper = math.Exp(j.Estimate), math.Exp(j.Lower), math.Exp(j.Upper)
			}
			out = append(out, j)
		}
	}
	return out, nil
}

// onlyData is nil for an error that the data's shape explains.
func onlyData(err error) error {
	for _, known := range []error{stats.ErrTooFew, stats.ErrNoVariation, stats.ErrSingular, stats.ErrDomain} {
		if errors.Is(err, known) {
			return nil
		}
	}
	return err
}

// BaselineSlopes says whether the difference varies with baseline: the deciding
// model with a slope on baseline for each arm (regress.ANCOVASlopes), with the same
// participants, strata, covariates and kind of standard errors. Nobody planned it,
// and it decides nothing.
type BaselineSlopes struct {
	// F test that all arms have one slope.
	F, DF1, DF2, P float64
	// Low and High are the 10th and the 90th percentile of the baseline of those
	// analyzed (stats.Quantile, type 7): one in ten is below, one in ten above.
	Low, High float64
	Arms      []BaselineSlope // active arms in the protocol's order
	Method    Method          // of the deciding row
}

// BaselineSlope is how an active arm's difference from control varies.
type BaselineSlope struct {
	Arm string
	// Slope: the arm's minus control's, in the outcome's unit for each unit of
	// baseline.
	Slope stats.Estimate
	// AtLow and AtHigh are the differences from control at Low and High.
	AtLow, AtHigh stats.Estimate
}

// baselineSlopes are those of Result.BaselineSlopes.
func (c *comparison) baselineSlopes(fit *armsFit) (*BaselineSlopes, error) {
	if fit == nil || fit.linear == nil || fit.data.Baseline == nil || c.plan.Scale == ScaleLog { // whose slopes are of logarithms
		return nil, nil
	}
	m, err := regress.ANCOVASlopes(fit.data)
	if err == nil && fit.robust {
		m, err = m.Robust()
	}
	if err != nil {
		return nil, onlyData(err)
	}
	test := m.Test()
	if math.IsNaN(test.F) {
		return nil, nil
	}
	s := &BaselineSlopes{F: test.F, DF1: test.DF1, DF2: test.DF2, P: test.P(), Method: c.plan.Method()}
	for _, end := range []struct {
		at *float64
		p  float64
	}{{&s.Low, 0.1}, {&s.High, 0.9}} {
		if *end.at, err = stats.Quantile(fit.data.Baseline, end.p, 7); err != nil {
			return nil, err
		}
	}
	for _, a := range c.active() {
		if fit.n(a.ID) == 0 {
			continue
		}
		b := BaselineSlope{Arm: a.ID}
		var errs [3]error
		b.Slope, errs[0] = m.Slope(a.ID)
		b.AtLow, errs[1] = m.DifferenceAt(a.ID, s.Low)
		b.AtHigh, errs[2] = m.DifferenceAt(a.ID, s.High)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		s.Arms = append(s.Arms, b)
	}
	return s, nil
}

// Diagnostics look for what a model leans on. They add doubts and change no row.
type Diagnostics struct {
	// Cook is the largest of Cook's distances in the deciding linear model, of the
	// participant CookID, and Influential are those with a distance above 1, the
	// bound of Cook and Weisberg (1982, Residuals and Influence in Regression, ISBN
	// 0-412-24280-X): without that participant the coefficients move beyond the edge of
	// their joint 50 % confidence region, for which the distance is the median of
	// F(p, n − p), between 0.45 (p = 1) and 1. That is a yardstick, not a test: the
	// distance is not distributed as F. NaN and "" where the deciding row is no linear
	// model. Source of the distance: Cook (1977), Technometrics 19:15,
	// doi 10.1080/00401706.1977.10489493; R's cooks.distance.
	Cook        float64
	CookID      string
	Influential []string
	// Floor counts, by arm, those with a baseline and a value whose baseline is
	// closer to the scale's better end than the patients' threshold: they cannot
	// improve by it. Empty where no threshold of patients or no range is stated.
	Floor []FloorCount
}

// FloorCount is how many of an arm's participants cannot reach the threshold.
type FloorCount struct {
	Arm   string
	N, Of int
}

// diagnostics looks at the deciding model and the scale.
func (c *comparison) diagnostics(fit *armsFit) Diagnostics {
	d := Diagnostics{Cook: math.NaN()}
	if fit != nil && fit.linear != nil {
		for i, x := range fit.linear.Model().CooksDistance() {
			if !(x <= d.Cook) {
				d.Cook, d.CookID = x, fit.used[i].ID
			}
			if x > 1 {
				d.Influential = append(d.Influential, fit.used[i].ID)
			}
		}
		slices.SortFunc(d.Influential, compareIDs)
	}
	th, _ := c.outcome.PatientThreshold()
	if th == nil || !c.outcome.HasRange() || !c.outcome.HasBaseline() {
		return d
	}
	for _, a := range c.arms {
		count := FloorCount{Arm: a.ID}
		for _, r := range c.complete(a.ID, false) {
			room := files.Decimal(r.Baseline).Minus(files.Decimal(c.outcome.Min))
			if c.outcome.Better == HigherIsBetter {
				room = files.Decimal(c.outcome.Max).Minus(files.Decimal(r.Baseline))
			}
			count.Of++
			if room < th.Value {
				count.N++
			}
		}
		d.Floor = append(d.Floor, count)
	}
	return d
}

// reason says in a note why an interaction cannot be tested.
func reason(code string, args text.Args) error { return &modelError{Note{Code: code, Args: args}} }
