package study

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// rowRule is one column of data.rows: a row is kept if the column holds one of
// the values.
type rowRule struct {
	column int
	name   string
	values map[string]bool
	met    map[string]bool // values that some row held
}

func newRowRule(column int, name string, values []string) rowRule {
	r := rowRule{column, name, map[string]bool{}, map[string]bool{}}
	for _, v := range values {
		r.values[strings.TrimSpace(v)] = true
	}
	return r
}

// kept reports whether data.rows keeps the row.
func (l *loader) kept(r files.Row) bool {
	for _, rule := range l.where.rows {
		if rule.column >= 0 && !rule.values[r.Fields[rule.column].Text] {
			return false
		}
	}
	return true
}

// checkRowsKept looks at what data.rows left: it refuses a rule that keeps no
// row (then it returns false), and notes values that no row holds, which may be
// written wrong.
func (l *loader) checkRowsKept() bool {
	header := l.t.Rows[0]
	kept := len(l.where.rows) == 0
	found := make([]map[string]int, len(l.where.rows))
	for i := range found {
		found[i] = map[string]int{}
	}
	for _, r := range l.t.Rows[1:] {
		if len(l.where.rows) == 0 {
			break
		}
		if len(r.Fields) != len(header.Fields) || r.IsEmpty() {
			continue
		}
		kept = kept || l.kept(r)
		for i, rule := range l.where.rows {
			if rule.column < 0 {
				continue
			}
			s := r.Fields[rule.column].Text
			if found[i][s]++; rule.values[s] {
				rule.met[s] = true
			}
		}
	}
	for i, rule := range l.where.rows {
		if rule.column < 0 {
			return true // reported, and no row was left out by it
		}
		if len(rule.met) == 0 {
			l.t.Report(header, header.Fields[rule.column].Offset, "problem-rows-none",
				text.Args{"column": rule.name, "words": quotedList(sortedKeys(found[i]), 6)})
			return false
		}
	}
	if !kept && l.unread == 0 {
		l.t.Report(header, header.Offset, "problem-rows-none-together", nil)
		return false
	}
	return true
}

// rowNotes name values of data.rows that no row holds.
func (l *loader) rowNotes() []Note {
	var out []Note
	for _, rule := range l.where.rows {
		var absent []string
		for _, v := range sortedKeys(rule.values) {
			if !rule.met[v] {
				absent = append(absent, v)
			}
		}
		if len(absent) > 0 {
			out = append(out, Note{Code: "rows-value-absent", Args: map[string]any{"column": rule.name, "values": quotedList(absent, 6)}})
		}
	}
	return out
}

// quotedList lists at most n words in quotes.
func quotedList(words []string, n int) string {
	quoted := make([]string, 0, n)
	for _, w := range words[:min(n, len(words))] {
		quoted = append(quoted, `"`+clip(w)+`"`)
	}
	if len(words) > n {
		quoted = append(quoted, "…")
	}
	return strings.Join(quoted, ", ")
}

// participant is the row's ID, "" where a part of it is missing. Parts are
// joined with a slash; one inside a part is written \/ so that two
// participants never share an ID.
func (l *loader) participant(r files.Row) string {
	c := l.where.participant
	if c < 0 {
		return ""
	}
	id := r.Fields[c].Text
	if len(l.where.within) == 0 || id == "" {
		return id
	}
	parts := make([]string, 0, len(l.where.within)+1)
	for _, w := range l.where.within {
		if r.Fields[w].Text == "" {
			return ""
		}
		parts = append(parts, escapeID.Replace(r.Fields[w].Text))
	}
	return strings.Join(append(parts, escapeID.Replace(id)), "/")
}

var escapeID = strings.NewReplacer(`\`, `\\`, "/", `\/`)

// noParticipant reports the part of the row's ID that is missing.
func (l *loader) noParticipant(r files.Row) {
	c := l.where.participant
	if r.Fields[c].Text != "" {
		i := slices.IndexFunc(l.where.within, func(w int) bool { return r.Fields[w].Text == "" })
		c = l.where.within[i]
		l.t.Report(r, r.Fields[c].Offset, "problem-no-participant-part",
			text.Args{"column": l.p.Data.Within[i], "id": l.p.Data.Participant})
		return
	}
	l.t.Report(r, r.Fields[c].Offset, "problem-no-participant", nil)
}

// valueMap is what the file writes for an outcome's numbers.
type valueMap struct {
	words    map[string]Value
	numerals []numeralMap
}

// numeralMap is a numeral that means another number.
type numeralMap struct{ from, to Value }

func valueMaps(p Protocol) []valueMap {
	out := make([]valueMap, len(p.Outcomes))
	for i, o := range p.Outcomes {
		for word, number := range p.Data.Values[o.ID] {
			to, _ := files.ParsePlain(number) // Validate has seen it
			if out[i].words == nil {
				out[i].words = map[string]Value{}
			}
			out[i].words[word] = to
			if from, ok := files.ParsePlain(word); ok {
				out[i].numerals = append(out[i].numerals, numeralMap{from, to})
			}
		}
	}
	return out
}

// mapped looks up what data.values says a field means. Where the file's words
// are numerals, a number that is not listed has no meaning: fault says so.
func (m valueMap) mapped(s string, read func() (Value, bool)) (v Value, ok, unlisted bool) {
	if m.words == nil {
		return Value{}, false, false
	}
	if v, ok = m.words[s]; ok {
		return v, true, false
	}
	x, isNumber := read()
	if !isNumber {
		return Value{}, false, true
	}
	for _, n := range m.numerals {
		if n.from.Compare(x) == 0 {
			return n.to, true, false
		}
	}
	return Value{}, false, len(m.numerals) > 0
}
