package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// checkStrata checks what randomization says of strata. They are covariates of
// kind category: a stratum is a group, not a slope.
func (c *checker) checkStrata() {
	r := c.Randomization
	seen := map[string]bool{}
	for i, id := range r.Strata {
		at := fmt.Sprintf("randomization.strata[%d]", i)
		k := slices.IndexFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == id })
		switch {
		case k < 0:
			c.Add(at, "problem-stratum-unknown", id)
		case seen[id]:
			c.Add(at, "problem-stratum-twice", id)
		case c.Data.Covariates[k].Kind == Numeric:
			c.Add(at, "problem-stratum-number", id)
		case c.Data.Covariates[k].Column == r.Column:
			c.Add(at, "problem-stratum-column", r.Column)
		}
		seen[id] = true
	}
	if len(r.Strata) > 0 {
		switch r.Kind {
		case RandomizationComplete:
			c.Add("randomization.strata", "problem-complete-no-strata")
		case RandomizationBlocked:
			c.Add("randomization.strata", "problem-blocked-strata")
		}
	}
	switch r.Small {
	case "", IgnoreStrata, MergeStrata, RandomStrata:
	default:
		c.Add("randomization.small", "problem-small-unknown", string(r.Small))
	}
	if !r.Stratified() {
		for _, key := range []struct {
			name string
			set  bool
		}{{"cross", r.Cross}, {"small", r.Small != ""}} {
			if key.set {
				c.Add("randomization."+key.name, "problem-no-strata")
			}
		}
	}
	switch {
	case r.Small == IgnoreStrata && strings.TrimSpace(r.Reason) == "":
		c.Add("randomization.small", "problem-ignore-reason")
	case r.Small == "" && r.Reason != "":
		c.Add("randomization.reason", "problem-reason-alone")
	}
}

// checkOutcomeBaseline checks an outcome's own baseline.
func (c *checker) checkOutcomeBaseline(i int, o Outcome) {
	at := fmt.Sprintf("outcomes[%d].baseline", i)
	_, column := c.Data.Baseline[o.ID]
	switch {
	case o.Baseline == "":
		return
	case column:
		c.Add(at, "problem-outcome-baseline-column", o.ID)
	case o.Baseline == NoBaseline && c.hasVisit(NoBaseline):
		c.Add(at, "problem-outcome-baseline-none")
	case o.Baseline != NoBaseline && !c.hasVisit(o.Baseline):
		c.Add(at, "problem-outcome-baseline-visit", o.Baseline, c.visitIDs())
	case o.Baseline == NoBaseline && c.Data.Layout == Wide:
		if base := c.baselineID(); base != "" && c.Data.Columns[o.ID][base] != "" {
			c.Add(at, "problem-outcome-baseline-both", o.ID, base)
		}
	}
}

// checkStrata checks that every participant's strata are known.
func (l *loader) checkStrata() {
	rand := l.p.Randomization
	for i, v := range l.p.Data.Covariates {
		if !slices.Contains(rand.Strata, v.ID) || l.where.covariates[i] < 0 {
			continue
		}
		varies := l.varies(i)
		for _, q := range l.people {
			if _, ok := q.covariates[i].value(varies); !ok {
				l.t.Report(q.first, q.first.Fields[l.where.covariates[i]].Offset, "problem-no-stratum",
					text.Args{"participant": q.ID, "stratum": v.ID})
			}
		}
	}
}

// unusedBaselines say where a file holds values at the protocol's baseline visit
// of an outcome that is declared without a baseline.
func (l *loader) unusedBaselines() []Note {
	at, ok := l.ds.visits[l.p.baselineID()]
	if !ok {
		return nil
	}
	var out []Note
	for i, o := range l.p.Outcomes {
		if o.HasBaseline() || slices.ContainsFunc(l.p.postVisits(o.ID), func(v Visit) bool { return v.ID == l.p.Visits[at].ID }) {
			continue
		}
		n := 0
		for _, q := range l.people {
			if q.cells[slotOf(i, at, len(l.p.Visits))].ok {
				n++
			}
		}
		if n > 0 {
			out = append(out, Note{Code: "baseline-values-unused", Args: text.Args{"outcome": o.Label, "n": n, "visit": l.p.Visits[at].Label}})
		}
	}
	return out
}

// unanswered are the plans that the strata leave without an answer: what is done
// about small strata can change a verdict, so the protocol has to say it. Cells
// that no plan names have a row without an estimate that says the same.
func (r Report) unanswered(d *Dataset) error {
	var out Problems
	seen := map[string]bool{}
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			for _, n := range row.Notes {
				if n.Code != "strata-too-many" || row.Role == RoleDefault || seen[row.Outcome+"\x00"+row.Visit] {
					continue
				}
				seen[row.Outcome+"\x00"+row.Visit] = true
				args := text.Args{"outcome": row.Outcome, "visit": row.Visit}
				for k, v := range n.Args {
					args[k] = v
				}
				p := files.NewProblem(d.randomizationAt[0], d.randomizationAt[1], "problem-strata-too-many", args)
				p.File = cmp.Or(d.protocolFile, "protocol")
				out = append(out, p)
			}
		}
	}
	return out.Err()
}
