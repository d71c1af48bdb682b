package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
)

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
			c.Add(at+"@", "problem-values-covariate", id, c.outcomeIDs())
			continue
		case i < 0:
			c.Add(at+"@", "problem-outcome-unknown", id, c.outcomeIDs())
			continue
		case len(c.Data.Values[id]) == 0:
			c.Add(at, "problem-values-empty")
			continue
		}
		numerals := map[float64]string{}
		for _, word := range sortedKeys(c.Data.Values[id]) {
			number := c.Data.Values[id][word]
			v, ok := files.ParsePlain(number)
			o := c.Outcomes[i]
			switch {
			case word == "":
				c.Add(at+"."+word+"@", "problem-values-blank")
			case missing[word]:
				c.Add(at+"."+word+"@", "problem-values-missing", word)
			case number == "":
				c.Add(at+"."+word, "problem-values-number", word)
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
