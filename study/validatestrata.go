package study

import (
	"fmt"
	"slices"
	"strings"

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
			c.add(at, "unknown covariate %q; strata are covariates, declared under data", id)
		case seen[id]:
			c.add(at, "stratum %q is named twice", id)
		case c.Data.Covariates[k].Kind == Numeric:
			c.add(at, "covariate %q is a number; a stratum is a group: kind: category", id)
		case c.Data.Covariates[k].Column == r.Column:
			c.add(at, "column %q is named by randomization.column, too", r.Column)
		}
		seen[id] = true
	}
	if len(r.Strata) > 0 {
		switch r.Kind {
		case RandomizationComplete:
			c.add("randomization.strata", "complete randomization has no blocks or strata")
		case RandomizationBlocked:
			c.add("randomization.strata", "blocks within strata are kind: stratified, with block: for their size")
		}
	}
	switch r.Small {
	case "", IgnoreStrata, MergeStrata, RandomStrata:
	default:
		c.add("randomization.small", "unknown choice %q (ignore, merge, random)", string(r.Small))
	}
	if !r.stratified() {
		for _, key := range []struct {
			name string
			set  bool
		}{{"cross", r.Cross}, {"small", r.Small != ""}} {
			if key.set {
				c.add("randomization."+key.name, "there are no strata; name them under strata or column")
			}
		}
	}
	switch {
	case r.Small == IgnoreStrata && strings.TrimSpace(r.Reason) == "":
		c.add("randomization.small", "ignore needs a reason: under randomization")
	case r.Small == "" && r.Reason != "":
		c.add("randomization.reason", "belongs to small: ignore, merge or random")
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
		c.add(at, "contradicts data.baseline, which names a column for outcome %q", o.ID)
	case o.Baseline == NoBaseline && c.hasVisit(NoBaseline):
		c.add(at, "none says that there is no baseline, and a visit is called none, too; give the visit another ID")
	case o.Baseline != NoBaseline && !c.hasVisit(o.Baseline):
		c.add(at, "unknown visit %q (%s, or none)", o.Baseline, c.visitIDs())
	case o.Baseline == NoBaseline && c.Data.Layout == Wide:
		if base := c.baselineID(); base != "" && c.Data.Columns[o.ID][base] != "" {
			c.add(at, "none, and data.columns names a column of outcome %q at visit %q, the baseline", o.ID, base)
		}
	}
}

// checkStrata checks that every participant's strata are known, and that the
// factors leave a linear model of the whole file enough degrees of freedom where
// nothing is said about small strata.
func (l *loader) checkStrata(header row) {
	rand := l.p.Randomization
	column := -1
	complete := l.unread == 0
	for i, v := range l.p.Data.Covariates {
		if !slices.Contains(rand.Strata, v.ID) || l.where.covariates[i] < 0 {
			continue
		}
		if column < 0 {
			column = l.where.covariates[i]
		}
		for _, q := range l.people {
			if q.Categories[v.ID] == "" {
				complete = false
				l.t.report(q.first, q.first.fields[l.where.covariates[i]].offset,
					"problem-no-stratum", text.Args{"participant": q.ID, "stratum": v.ID})
			}
		}
	}
	if column < 0 {
		column = l.where.block
	}
	if column < 0 || !complete || rand.Small != "" || len(l.people) == 0 {
		return
	}
	people := make([]Participant, len(l.people))
	records := make([]Record, len(l.people))
	for i, q := range l.people {
		people[i] = q.Participant
		records[i] = Record{ID: q.ID, Arm: q.Arm, Block: q.Block, Categories: q.Categories}
	}
	s := newStrata(l.p, people)
	if df := s.residualDF(records, len(l.p.Arms)+1, false); df < minStrataDF {
		l.t.report(header, header.fields[column].offset, "problem-strata-too-many", text.Args{
			"strata": strings.Join(s.names, ", "), "df": int(max(df, 0)), "n": len(l.people), "least": minStrataDF})
	}
}
