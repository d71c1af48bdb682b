package study

import (
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// checkData checks where things are said to stand in the file.
func (c *checker) checkData() {
	d := c.Data
	need := func(path, column string) {
		if column == "" {
			c.Add(path, "problem-missing-column")
		}
	}
	refuse := func(path, value, why string) {
		if value != "" {
			c.Add(path, why)
		}
	}
	c.checkParticipant()
	need("data.arm", d.Arm)
	perValue := d.Outcome != "" || d.Value != ""
	switch d.Layout {
	case Wide:
		const why = "problem-long-only"
		refuse("data.visit", d.Visit, why)
		refuse("data.outcome", d.Outcome, why)
		refuse("data.value", d.Value, why)
	case Long:
		need("data.visit", d.Visit)
		if perValue {
			need("data.outcome", d.Outcome)
			need("data.value", d.Value)
		}
	case "":
		c.Add("data.layout", "problem-layout-missing")
	default:
		c.Add("data.layout", "problem-layout-unknown", string(d.Layout))
	}
	c.checkColumns(perValue)
	c.checkBaselines()
	c.checkValues("data.arm_values", d.ArmValues, func(id string) bool {
		return slices.ContainsFunc(c.Arms, func(a Arm) bool { return a.ID == id })
	}, "word-arm", c.armIDs())
	c.checkValues("data.visit_values", d.VisitValues, c.hasVisit, "word-visits", c.visitIDs())
	c.checkValues("data.outcome_values", d.OutcomeValues, c.hasOutcome, "word-outcomes", c.outcomeIDs())
	if len(d.VisitValues) > 0 && d.Layout == Wide {
		c.Add("data.visit_values", "problem-long-only")
	}
	if len(d.OutcomeValues) > 0 && !(d.Layout == Long && perValue) {
		c.Add("data.outcome_values", "problem-long-outcome-only")
	}
	c.Unique("data.covariates", "word-covariates", len(d.Covariates), func(i int) string { return d.Covariates[i].ID })
	for i, v := range d.Covariates {
		at := fmt.Sprintf("data.covariates[%d]", i)
		need(at+".column", v.Column)
		if v.Kind != Numeric && v.Kind != Category {
			c.Add(at+".kind", "problem-covariate-kind", string(v.Kind))
		}
		c.checkCovariate(at, v)
	}
	c.checkOutcomeValues()
	c.checkRows()
	switch d.Delimiter {
	case "", ",", ";", "\t", "|", " ":
	default:
		c.Add("data.delimiter", "problem-delimiter-unknown", d.Delimiter)
	}
	if d.Header < 0 {
		c.Add("data.header", "problem-not-a-line", d.Header)
	}
	switch d.Decimal {
	case "", ".", ",":
	default:
		c.Add("data.decimal", "problem-decimal-unknown", d.Decimal)
	}
	if !files.KnownEncoding(d.Encoding) {
		c.Add("data.encoding", "problem-encoding-unknown", d.Encoding)
	}
}

// checkColumns checks columns: every outcome has its place, no place is named
// twice.
func (c *checker) checkColumns(perValue bool) {
	d := c.Data
	if d.Layout == Long && perValue {
		if len(d.Columns) > 0 {
			c.Add("data.columns", "problem-columns-contradict")
		}
		return
	}
	if d.Layout != Wide && d.Layout != Long {
		return
	}
	used := map[string]string{}
	for _, id := range c.columnOrder() {
		at := "data.columns." + id
		if !c.hasOutcome(id) {
			c.Add(at+"@", "problem-outcome-unknown", id, c.outcomeIDs())
			continue
		}
		columns := d.Columns[id]
		if len(columns) == 0 {
			c.Add(at, "problem-outcome-columns-none", id)
		}
		_, plain := columns[""]
		if d.Layout == Wide && plain {
			c.Add(at, "problem-wide-visits")
			continue
		}
		for _, visit := range sortedKeys(columns) {
			cell := at
			if visit != "" {
				cell += "." + visit
			}
			switch {
			case d.Layout == Long && visit != "":
				c.Add(cell+"@", "problem-long-one-column")
				continue
			case d.Layout == Wide && !c.hasVisit(visit):
				c.Add(cell+"@", "problem-visit-unknown", visit, c.visitIDs())
				continue
			case columns[visit] == "":
				c.Add(cell, "problem-missing-column")
				continue
			}
			c.once(used, cell, columns[visit])
		}
	}
	for _, o := range c.Outcomes {
		if _, ok := d.Columns[o.ID]; !ok && o.ID != "" {
			c.Add("data.columns", "problem-outcome-no-column", o.ID)
		}
	}
	for _, id := range sortedKeys(d.Baseline) {
		if c.hasOutcome(id) && d.Baseline[id] != "" {
			c.once(used, "data.baseline."+id, d.Baseline[id])
		}
	}
	for _, v := range [][2]string{{c.participantPath(len(d.Within)), d.Participant}, {"data.arm", d.Arm}, {"data.visit", d.Visit}} {
		if v[1] != "" {
			c.once(used, v[0], v[1])
		}
	}
}

// once refuses a column that is named for two things.
func (c *checker) once(used map[string]string, path, column string) {
	if first, ok := used[column]; ok {
		c.Add(path, "problem-column-named", column, first)
		return
	}
	used[column] = path
}

// columnOrder lists the outcomes named under columns: the protocol's first, in
// its order, then unknown ones.
func (c *checker) columnOrder() []string {
	var out []string
	for _, o := range c.Outcomes {
		if _, ok := c.Data.Columns[o.ID]; ok && !slices.Contains(out, o.ID) {
			out = append(out, o.ID)
		}
	}
	for _, id := range sortedKeys(c.Data.Columns) {
		if !c.hasOutcome(id) {
			out = append(out, id)
		}
	}
	return out
}

// checkBaselines checks that every outcome has a baseline and a visit after it.
func (c *checker) checkBaselines() {
	d := c.Data
	for _, id := range sortedKeys(d.Baseline) {
		switch {
		case !c.hasOutcome(id):
			c.Add("data.baseline."+id+"@", "problem-outcome-unknown", id, c.outcomeIDs())
		case d.Baseline[id] == "":
			c.Add("data.baseline."+id, "problem-missing-column")
		}
	}
	if base := c.baselineID(); base != "" && !c.noBaseline() && !c.hasVisit(base) {
		return
	}
	for i, o := range c.Outcomes {
		c.checkOutcomeBaseline(i, o)
		base := c.baselineVisit(o)
		column := base == "" // in a column of its own, or there is none
		if !column && d.Layout == Wide && len(d.Columns[o.ID]) > 0 {
			_, plain := d.Columns[o.ID][""]
			if _, ok := d.Columns[o.ID][base]; !ok {
				if plain {
					continue // reported by checkColumns
				}
				c.Add("data.columns."+o.ID, "problem-outcome-no-baseline", o.ID, base)
				continue
			}
		}
		located := d.Layout == Long || len(d.Columns[o.ID]) > 0
		if located && len(c.Visits) > 0 && len(c.postVisits(o.ID)) == 0 {
			c.Add(fmt.Sprintf("outcomes[%d]", i), "problem-outcome-no-visit", o.ID)
		}
	}
}

// checkValues checks a map from what the file writes to IDs; "" is ignored.
func (c *checker) checkValues(path string, values map[string]string, known func(string) bool, what string, all any) {
	for _, v := range sortedKeys(values) {
		if id := values[v]; id != "" && !known(id) {
			c.Add(path+"."+v, "problem-id-unknown", yamlfile.Phrase(what), id, all)
		}
	}
}
