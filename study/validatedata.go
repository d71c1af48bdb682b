package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
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
		if !c.hasWindows() {
			need("data.visit", d.Visit)
		}
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
		return slices.ContainsFunc(c.Arms, func(a Arm) bool { return a.ID == id }) || id == receivedNone && d.Received != ""
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
	c.checkExposure()
	c.checkRows()
	c.checkRepeats()
	c.checkFiles()
	c.checkSets()
	c.checkStatus()
	c.checkReceived()
	c.checkEvents()
	c.checkTreatment()
	c.checkIntercurrent()
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
		c.checkOutcomeSides(at, id, columns)
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
	for _, v := range [][2]string{{c.participantPath(len(d.Within)), d.Participant}, {"data.arm", d.Arm}, {"data.visit", d.Visit}, {"data.day", d.Day}} {
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
		default:
			if o, _ := c.Outcome(id); !o.Measured() {
				c.Add("data.baseline."+id, "problem-kind-baseline", id, string(o.Kind))
			}
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

// participantPath is the path of the i-th column that a participant is known
// by: data.participant, or data.participant[i] where it is a list.
func (c *checker) participantPath(i int) string {
	if len(c.Data.Within) == 0 {
		return "data.participant"
	}
	return fmt.Sprintf("data.participant[%d]", i)
}

// checkParticipant checks the columns that a participant is known by. One of
// them may be the arm's: some trials number the participants of each arm.
func (c *checker) checkParticipant() {
	d := c.Data
	columns := append(slices.Clone(d.Within), d.Participant)
	for i, column := range columns {
		at := c.participantPath(i)
		switch {
		case column == "":
			c.Add(at, "problem-missing-column")
		case slices.Contains(columns[:i], column):
			c.Add(at, "problem-column-listed-twice", column)
		case i == len(d.Within): // checkColumns compares it with the other columns
		case column == d.Visit || column == d.Outcome || c.isOutcomeColumn(column):
			c.Add(at, "problem-column-within", column)
		}
	}
}

// isOutcomeColumn reports whether a column holds values of an outcome.
func (c *checker) isOutcomeColumn(column string) bool {
	if column == c.Data.Value {
		return column != ""
	}
	for _, columns := range c.Data.Columns {
		for _, name := range columns {
			if name == column {
				return true
			}
		}
	}
	for _, name := range c.Data.Baseline {
		if name == column {
			return true
		}
	}
	return false
}

// checkCovariate checks a covariate's range and visit.
func (c *checker) checkCovariate(at string, v Covariate) {
	for _, x := range []float64{v.Min, v.Max} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			c.Add(at+".range", "problem-value-not-a-number", x)
			return
		}
	}
	switch {
	case v.HasRange() && v.Kind == Category:
		c.Add(at+".range", "problem-range-of-category", v.ID)
	case v.HasRange() && v.Min >= v.Max:
		c.Add(at+".range", "problem-not-below", v.Min, v.Max)
	}
	switch {
	case v.At == "":
	case c.Data.Layout == Wide:
		c.Add(at+".at", "problem-long-only")
	case !c.hasVisit(v.At):
		c.Add(at+".at", "problem-visit-unknown", v.At, c.visitIDs())
	}
}

// checkRows checks the columns by which rows are kept.
func (c *checker) checkRows() {
	for _, column := range sortedKeys(c.Data.Rows) {
		at := "data.rows." + column
		switch {
		case column == "":
			c.Add(at+"@", "problem-missing-column")
		case len(c.Data.Rows[column]) == 0:
			c.Add(at, "problem-rows-empty")
		case c.isOutcomeColumn(column):
			c.Add(at+"@", "problem-rows-outcome", column)
		}
	}
}

// checkLevels checks what the file writes for a category's levels.
func (c *checker) checkLevels(at, id string, missing map[string]bool) {
	v := c.Data.Covariates[slices.IndexFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == id })]
	values := c.Data.Values[id]
	switch {
	case v.Kind != Category:
		c.Add(at+"@", "problem-values-covariate", id)
		return
	case len(values) == 0:
		c.Add(at, "problem-values-empty")
	}
	for _, word := range sortedKeys(values) {
		switch {
		case word == "":
			c.Add(at+"."+word+"@", "problem-values-blank")
		case missing[word]:
			c.Add(at+"."+word+"@", "problem-values-missing", word)
		case strings.TrimSpace(values[word]) == "":
			c.Add(at+"."+word, "problem-values-level", word)
		}
	}
}

// checkOutcomeValues checks what the file writes for an outcome's numbers.
func (c *checker) checkOutcomeValues() {
	missing := map[string]bool{}
	for _, m := range c.Data.Missing {
		missing[strings.TrimSpace(m)] = true
	}
	for _, id := range sortedKeys(c.Data.Values) {
		at := "data.values." + id
		i := slices.IndexFunc(c.Outcomes, func(o Outcome) bool { return o.ID == id })
		switch {
		case i < 0 && slices.ContainsFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == id }):
			c.checkLevels(at, id, missing)
			continue
		case i < 0:
			c.Add(at+"@", "problem-outcome-unknown", id, c.outcomeIDs())
			continue
		case len(c.Data.Values[id]) == 0:
			c.Add(at, "problem-values-empty")
			continue
		case !slices.Contains(kindsIn, c.Outcomes[i].Kind): // which is refused itself
			continue
		}
		numerals := map[float64]string{}
		for _, word := range sortedKeys(c.Data.Values[id]) {
			number := c.Data.Values[id][word]
			o := c.Outcomes[i]
			v, ok := o.meaning(number)
			switch {
			case word == "":
				c.Add(at+"."+word+"@", "problem-values-blank")
			case missing[word]:
				c.Add(at+"."+word+"@", "problem-values-missing", word)
			case number == "":
				c.Add(at+"."+word, "problem-values-number", word)
			case !ok && o.Binary():
				c.Add(at+"."+word, "problem-values-binary", number)
			case !ok && o.Ordinal():
				c.Add(at+"."+word, "problem-values-level-unknown", number, strings.Join(o.Levels, ", "))
			case !ok && (number == "yes" || number == "no"):
				c.Add(at+"."+word, "problem-values-yes-no", number)
			case !ok:
				c.Add(at+"."+word, "problem-values-not-a-number", number)
			case o.HasRange() && (v.Number < o.Min || v.Number > o.Max):
				c.Add(at+"."+word, "problem-values-outside", number, o.Min, o.Max)
			}
			if key, ok := files.ParsePlain(word); ok {
				if first, twice := numerals[key.Number]; twice {
					c.Add(at+"."+word+"@", "problem-values-same", word, first)
				}
				numerals[key.Number] = word
			}
		}
	}
}

// checkEvents checks where adverse events have a line each.
func (c *checker) checkEvents() {
	e := c.Data.Events
	const at = "data.adverse_events"
	if !e.Stated() {
		return
	}
	if e.Term == "" {
		c.Add(at+".term", "problem-missing-column")
	}
	if strings.ContainsAny(e.File, `/\`) {
		c.Add(at+".file", "problem-file-path", e.File)
	}
	if e.Header < 0 {
		c.Add(at+".header", "problem-not-a-line", e.Header)
	}
	if n := len(e.Participant); n > 0 && n != 1+len(c.Data.Within) {
		c.Add(at+".participant", "problem-event-participant-columns", 1+len(c.Data.Within))
	}
	used := map[string]string{}
	for _, column := range e.Participant {
		c.once(used, at+".participant", column)
	}
	named := map[string]string{"serious": e.Serious, "related": e.Related, "withdrawal": e.Withdrawal}
	for _, x := range [][2]string{{"term", e.Term}, {"serious", e.Serious}, {"related", e.Related}, {"withdrawal", e.Withdrawal}, {"day", e.Day}} {
		if x[1] != "" {
			c.once(used, at+"."+x[0], x[1])
		}
	}
	for _, key := range sortedKeys(e.Values) {
		if named[key] == "" {
			c.Add(at+".values."+key+"@", "problem-event-values-key", key, strings.Join(harms.AnswerKeys(), ", "))
			continue
		}
		for _, word := range sortedKeys(e.Values[key]) {
			if harms.AnswerOf(e.Values[key][word]) == harms.Unknown {
				c.Add(at+".values."+key+"."+word, "problem-event-values-word", e.Values[key][word])
			}
		}
	}
	switch {
	case e.Exposure == "" && e.Unit == "":
	case e.Exposure == "":
		c.Add(at+".exposure", "problem-missing-column")
	case e.Unit.Days() == 0:
		c.Add(at+".exposure", "problem-event-unit", e.Exposure)
	case c.isOutcomeColumn(e.Exposure) || e.Exposure == c.Data.Participant || e.Exposure == c.Data.Arm:
		c.Add(at+".exposure.column", "problem-column-other", e.Exposure)
	}
	if _, ok := c.Data.Sets[e.Set]; e.Set == SetAsTreated && c.Data.Received == "" {
		c.Add(at+".set", "problem-set-as-treated")
	} else if !ok && e.Set != "" && e.Set != SetITT && e.Set != SetAsTreated {
		c.Add(at+".set", "problem-set-unknown", e.Set, strings.Join(append([]string{SetITT}, sortedKeys(c.Data.Sets)...), ", "))
	}
}

// checkTreatment checks where adherence and guesses stand.
func (c *checker) checkTreatment() {
	d := c.Data
	for _, x := range [][2]string{{"data.adherence", d.Adherence.Column}, {"data.guess", d.Guess.Column}} {
		if x[1] != "" && (c.isOutcomeColumn(x[1]) || x[1] == d.Participant || x[1] == d.Arm) {
			c.Add(x[0], "problem-column-other", x[1])
		}
	}
	if d.Adherence.Column == "" && d.Adherence.Planned > 0 {
		c.Add("data.adherence", "problem-missing-column")
	}
	if d.Guess.Column == "" && len(d.Guess.Values) > 0 {
		c.Add("data.guess", "problem-missing-column")
	}
	for _, word := range sortedKeys(d.Guess.Values) {
		if !c.isGuess(d.Guess.Values[word]) {
			c.Add("data.guess.values."+word, "problem-guess-word", d.Guess.Values[word], c.armIDs(), GuessActive, GuessUnknown)
		}
	}
}

// isGuess reports whether a word is an arm, or one of the other answers.
func (p Protocol) isGuess(word string) bool {
	return word == GuessActive || word == GuessUnknown || slices.ContainsFunc(p.Arms, func(a Arm) bool { return a.ID == word })
}

// checkExposure checks where the time at risk of counts stands.
func (c *checker) checkExposure() {
	d := c.Data
	for _, id := range sortedKeys(d.Exposure) {
		at := "data.exposure." + id
		o, known := c.Outcome(id)
		switch {
		case !known:
			c.Add(at+"@", "problem-outcome-unknown", id, c.outcomeIDs())
			continue
		case !o.Counted():
			c.Add(at+"@", "problem-exposure-kind", id)
			continue
		}
		columns, visits := d.Exposure[id], c.postVisits(id)
		_, plain := columns[""]
		for _, visit := range sortedKeys(columns) {
			place := at
			if visit != "" {
				place += "." + visit
			}
			switch {
			case columns[visit] == "":
				c.Add(place, "problem-missing-column")
			case c.isOutcomeColumn(columns[visit]), columns[visit] == d.Participant, columns[visit] == d.Arm:
				c.Add(place, "problem-column-other", columns[visit])
			case visit == "" && d.Layout == Wide && len(visits) > 1:
				c.Add(place, "problem-exposure-visits", id)
			case visit != "" && d.Layout == Long:
				c.Add(place+"@", "problem-long-one-column")
			case visit != "" && !slices.ContainsFunc(visits, func(v Visit) bool { return v.ID == visit }):
				c.Add(place+"@", "problem-visit-unknown", visit, yamlfile.ListIDs(visits, func(v Visit) string { return v.ID }))
			}
		}
		for _, v := range visits {
			if _, ok := columns[v.ID]; !ok && !plain && d.Layout == Wide {
				c.Add(at, "problem-exposure-visit", id, v.ID)
			}
		}
	}
	for i, o := range c.Outcomes {
		if _, ok := d.Exposure[o.ID]; !ok && o.Counted() {
			c.Add(fmt.Sprintf("outcomes[%d].kind", i), "problem-exposure-missing", o.ID)
		}
	}
}
