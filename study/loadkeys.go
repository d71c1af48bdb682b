package study

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
func (l *loader) kept(r files.Row) bool { return keptBy(l.where.rows, r) }

func keptBy(rules []rowRule, r files.Row) bool {
	for _, rule := range rules {
		if rule.column >= 0 && r.Has(rule.column) && !rule.values[r.Text(rule.column)] {
			return false
		}
	}
	return true
}

// checkRowsKept looks at what data.rows left: it refuses a rule that keeps no
// row (then it returns false), and notes values that no row holds, which may be
// written wrong.
func (l *loader) checkRowsKept() bool {
	header := l.t.Header()
	kept := len(l.where.rows) == 0
	found := make([]map[string]int, len(l.where.rows))
	for i := range found {
		found[i] = map[string]int{}
	}
	for r := range l.t.All() {
		if len(l.where.rows) == 0 {
			break
		}
		if r.Len() != header.Len() || r.IsEmpty() {
			continue
		}
		kept = kept || l.kept(r)
		for i, rule := range l.where.rows {
			if rule.column < 0 {
				continue
			}
			s := r.Text(rule.column)
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
			l.report(header, rule.column, "problem-rows-none",
				text.Args{"column": rule.name, "words": quotedList(sortedKeys(found[i]), 6)})
			return false
		}
	}
	if !kept && l.unread == 0 {
		l.report(header, -1, "problem-rows-none-together", nil)
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
	return l.idOf(r, r.Text(c))
}

// idOf is participant where the column holds id.
func (l *loader) idOf(r files.Row, id string) string {
	if len(l.where.within) == 0 || id == "" {
		return id
	}
	parts := make([]string, 0, len(l.where.within)+1)
	for _, w := range l.where.within {
		if r.Text(w) == "" {
			return ""
		}
		parts = append(parts, escapeID.Replace(r.Text(w)))
	}
	return strings.Join(append(parts, escapeID.Replace(id)), "/")
}

var escapeID = strings.NewReplacer(`\`, `\\`, "/", `\/`)

// noParticipant reports the part of the row's ID that is missing.
func (l *loader) noParticipant(r files.Row) {
	c := l.where.participant
	if r.Text(c) != "" {
		i := slices.IndexFunc(l.where.within, func(w int) bool { return r.Text(w) == "" })
		c = l.where.within[i]
		l.report(r, c, "problem-no-participant-part",
			text.Args{"column": l.p.Data.Within[i], "id": l.p.Data.Participant})
		return
	}
	l.report(r, c, "problem-no-participant", nil)
}

// summaryWords stand where spreadsheets have a participant's ID, in the rows
// below the data. Shorter ones (SD, sum) may be somebody's initials.
var summaryWords = map[string]bool{"total": true, "totals": true, "mean": true, "average": true, "median": true,
	"stdev": true, "std dev": true, "count": true, "totaal": true, "gemiddelde": true, "mediaan": true, "aantal": true}

// isSummary reports whether a field is one of summaryWords.
func isSummary(s string) bool {
	if s == "" || len(s) > 20 || strings.IndexByte("tmascgTMASCG .:=", s[0]) < 0 { // as nearly all are
		return false
	}
	return summaryWords[strings.ToLower(strings.Trim(s, " .:="))]
}

// valueMap is what the file writes for an outcome's numbers.
type valueMap struct {
	words    map[string]Value
	numerals []numeralMap
	closed   bool // nothing else has a meaning
}

// numeralMap is a numeral that means another number.
type numeralMap struct{ from, to Value }

func valueMaps(p Protocol) []valueMap {
	out := make([]valueMap, len(p.Outcomes))
	for i, o := range p.Outcomes {
		meanings := p.Data.Values[o.ID]
		if o.Ordinal() && len(meanings) == 0 { // the file writes the levels themselves
			meanings = map[string]string{}
			for _, l := range o.Levels {
				meanings[l] = l
			}
		}
		out[i].closed = o.Ordinal()
		for word, number := range meanings {
			to, _ := o.meaning(number) // Validate has seen it
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
	return Value{}, false, m.closed || len(m.numerals) > 0
}

// siteWords stand in the names of columns within which participants are
// numbered anew.
var siteWords = []string{"site", "centre", "center", "hospital", "clinic", "practice", "country", "region", "city", "location",
	"ward", "investigator", "inv", "centrum", "ziekenhuis", "kliniek", "praktijk", "land", "regio", "stad", "locatie", "afdeling"}

// sideWords stand in the names of columns that tell the two sides of one person
// apart.
var sideWords = []string{"side", "laterality", "knee", "eye", "leg", "hip", "ear", "hand", "foot", "limb", "shoulder", "ankle",
	"wrist", "elbow", "zijde", "kant", "knie", "oog", "been", "heup", "oor", "voet", "schouder", "enkel", "pols", "elleboog"}

// sideValues are what such a column holds.
var sideValues = map[string]bool{"l": true, "r": true, "left": true, "right": true, "links": true, "rechts": true,
	"od": true, "os": true, "sin": true, "dex": true, "sinistra": true, "dextra": true, "li": true, "re": true}

// named reports whether one of words stands in a column's name: as a word of
// it, perhaps in the plural, numbered or with id, name or the like behind it, or
// anywhere if it is long.
func named(column string, words []string) bool {
	column = strings.ToLower(column)
	parts := strings.FieldsFunc(column, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range words {
		if len(w) >= 7 && strings.Contains(column, w) {
			return true
		}
		for _, p := range parts {
			if rest, ok := strings.CutPrefix(p, w); ok && slices.Contains(nameEnds, rest) {
				return true
			}
		}
	}
	return false
}

var nameEnds = []string{"", "s", "id", "nr", "no", "num", "name", "code", "naam"}

// reportSides reports rows that are the two sides of one person, and whether
// that is what all second rows are. Sides of one person are not independent.
func (l *loader) reportSides() bool {
	for _, c := range l.clashes {
		if c.kind == clashOnce {
			return false // another age is another person
		}
	}
	for i, f := range l.t.Columns {
		if !l.usable(i) || !l.differAt(i, clashRows, clashVisit) || !l.isSide(i) {
			continue
		}
		for _, c := range firstOfEach(l.clashes) {
			c.column = l.where.participant
			l.reportClash(c, "problem-sides", text.Args{"column": f.Name, "other": l.t.RowAt(c.line).Text(i), "value": c.r.Text(i)})
		}
		return true
	}
	return false
}

// isSide reports whether a column holds sides of the body: by its words, or by
// its name where it holds two values.
func (l *loader) isSide(column int) bool {
	values := map[string]bool{}
	words := true
	for _, c := range l.clashes {
		for _, s := range []string{c.r.Text(column), l.t.RowAt(c.line).Text(column)} {
			values[s] = true
			words = words && sideValues[strings.ToLower(s)]
		}
	}
	return words || len(values) == 2 && named(l.t.Columns[column].Name, sideWords)
}

// sideOf cuts a side of the body off the end of a name: whose, which (left −1, right
// +1), and whether a whole word says so. 0: there is none.
func sideOf(name string) (of string, side int, word bool) {
	name = strings.ToLower(name)
	for _, s := range []struct {
		end  string
		side int
		word bool
	}{{"left", -1, true}, {"links", -1, true}, {"right", 1, true}, {"rechts", 1, true}, {"l", -1, false}, {"r", 1, false}} {
		of, ok := strings.CutSuffix(name, s.end)
		if !ok || of == "" {
			continue
		}
		// A letter of a word, as in bright, is no side.
		if last, _ := utf8.DecodeLastRuneInString(of); !unicode.IsLetter(last) {
			if of = strings.TrimRight(of, " _-./"); of != "" {
				return of, s.side, s.word
			}
		}
	}
	return "", 0, false
}

// checkSides refuses participants who are the two sides of one person (P1_left and
// P1_right). Single letters are sides only where everybody has one and half of the
// people have both.
func (l *loader) checkSides() {
	type pair struct{ left, right *person }
	people := map[string]*pair{}
	words := map[string]bool{}
	without := 0
	for _, q := range l.people {
		of, side, word := "", 0, false
		if strings.IndexByte("lrtsLRTS", q.ID[len(q.ID)-1]) >= 0 {
			of, side, word = sideOf(q.ID)
		}
		if side == 0 {
			without++
			continue
		}
		p := people[of]
		if p == nil {
			p = &pair{}
			people[of] = p
		}
		if words[of] = words[of] || word; side < 0 {
			p.left = q
		} else {
			p.right = q
		}
	}
	var both []*person
	sure := false
	for _, of := range sortedKeys(people) {
		if p := people[of]; p.left != nil && p.right != nil {
			both = append(both, p.right)
			sure = sure || words[of]
		}
	}
	if len(both) == 0 || !sure && (without > 0 || len(both) < 2 || 2*len(both) < len(people)) {
		return
	}
	of, _, _ := sideOf(both[0].ID)
	p := people[of]
	a, b := p.left, p.right
	if l.first(a).Line() > l.first(b).Line() {
		a, b = b, a
	}
	l.report(l.first(b), l.where.participant, "problem-sides-ids", text.Args{"participant": b.ID, "other": a.ID, "count": len(both)})
}

// checkOutcomeSides refuses an outcome whose columns are of both sides of the body.
func (c *checker) checkOutcomeSides(at, id string, columns map[string]string) {
	side := func(column string) int {
		left, right := false, false
		for _, w := range strings.FieldsFunc(spacedCase(column), func(r rune) bool { return !unicode.IsLetter(r) }) {
			switch strings.ToLower(w) {
			case "left", "links", "l":
				left = true
			case "right", "rechts", "r":
				right = true
			}
		}
		switch {
		case left && !right:
			return -1
		case right && !left:
			return 1
		}
		return 0
	}
	first := map[int]string{}
	for _, visit := range sortedKeys(columns) {
		if s := side(columns[visit]); s != 0 {
			if first[s] == "" {
				first[s] = columns[visit]
			}
			if other := first[-s]; other != "" {
				c.Add(at, "problem-outcome-sides", id, other, columns[visit])
				return
			}
		}
	}
}

// spacedCase puts a blank before capitals behind small letters: LeftKnee is two words.
func spacedCase(s string) string {
	var b strings.Builder
	small := false
	for _, r := range s {
		if small && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		b.WriteRune(r)
	}
	return b.String()
}

// reportNumberedAnew reports that participants are numbered anew within the
// values of a column, where that column tells all rows apart that cannot both
// hold.
func (l *loader) reportNumberedAnew() bool {
	second, other := 0, 0
	for _, c := range l.clashes {
		if c.kind == clashRows || c.kind == clashVisit {
			second++
		} else {
			other++
		}
	}
	if second == 0 || len(l.where.within) > 0 {
		return false
	}
	for _, sites := range []bool{true, false} { // columns named as sites first
		for i, f := range l.t.Columns {
			if !l.usable(i) || named(f.Name, siteWords) != sites || !sites && l.isSide(i) {
				continue
			}
			// Without a site's name, rows of one person that were measured
			// several times look the same unless their arms or ages differ.
			if !sites && (l.p.Data.Layout == Long || len(l.repeated) > 0) && other == 0 || !sites && len(firstOfEach(l.clashes)) < 3 {
				continue
			}
			if !l.differAt(i, clashRows, clashVisit, clashArm, clashOnce) || !l.numbersAnew(i) {
				continue
			}
			l.reportNumbering(i, sites || other > 0)
			return true
		}
	}
	return false
}

// reportNumberedInArms reports that the participants of each arm are numbered
// anew.
func (l *loader) reportNumberedInArms() bool {
	c := l.where.arm
	if c < 0 || len(l.where.within) > 0 || !l.differAt(c, clashRows, clashVisit) ||
		!l.differAt(c, clashRows, clashVisit, clashArm, clashOnce) || !l.numbersAnew(c) {
		return false
	}
	l.reportNumbering(c, true)
	return true
}

// numbersAnew reports whether ID and column together name persons: no two rows
// of one then stand for the same visit or in two arms, and the column holds
// several participants a value.
func (l *loader) numbersAnew(column int) bool {
	type person struct{ value, id string }
	type place struct {
		person
		visit string
	}
	arms := map[person]string{}
	places := map[place]bool{}
	values := map[string]bool{}
	ok := true
	l.readRows(func(r files.Row, id, visit string) {
		q := person{r.Text(column), id}
		p := place{q, visit}
		arm := ""
		if c := l.where.arm; c >= 0 {
			arm = r.Text(c)
		}
		old := arms[q]
		ok = ok && q.value != "" && !places[p] && (old == "" || arm == "" || old == arm)
		if old == "" {
			arms[q] = arm
		}
		places[p], values[q.value] = true, true
	})
	few := 2*len(values) <= len(arms)
	if named(l.t.Columns[column].Name, siteWords) {
		few = len(values) < len(arms)
	}
	return ok && len(values) > 1 && few
}

// reportNumbering proposes the list of columns that tells participants apart.
func (l *loader) reportNumbering(column int, sure bool) {
	code := "problem-numbered-anew"
	if !sure {
		code = "problem-numbered-anew-maybe"
	}
	name := l.t.Columns[column].Name
	for _, c := range firstOfEach(l.clashes) {
		c.column = l.where.participant
		l.reportClash(c, code, text.Args{"column": name, "other": l.t.RowAt(c.line).Text(column),
			"value": c.r.Text(column), "list": fmt.Sprintf("[%s, %s]", protocolWord(name), protocolWord(l.p.Data.Participant))})
	}
}

// siteNotes doubt participants whose rows stand under several values of a column
// named as a site: rows of two people fit together where neither has a visit of
// the other's.
func (l *loader) siteNotes() []Note {
	if l.p.Data.Layout != Long || len(l.where.within) > 0 {
		return nil
	}
	var out []Note
	for i, f := range l.t.Columns {
		if !l.usable(i) || slices.Contains(l.where.covariates, i) || !named(f.Name, siteWords) {
			continue
		}
		first := map[string]string{}
		second := map[string]string{}
		l.readRows(func(r files.Row, id, _ string) {
			s := r.Text(i)
			switch old, ok := first[id]; {
			case l.isMissing(s):
			case !ok:
				first[id] = s
			case old != s && second[id] == "":
				second[id] = s
			}
		})
		for _, q := range l.people { // sorted
			if s := second[q.ID]; s != "" {
				a := []string{first[q.ID], s}
				slices.Sort(a) // whatever the rows' order
				out = append(out, Note{Code: "site-changes", Args: map[string]any{"column": f.Name, "count": len(second), "participant": q.ID,
					"first": a[0], "second": a[1], "list": fmt.Sprintf("[%s, %s]", protocolWord(f.Name), protocolWord(l.p.Data.Participant))}})
				break
			}
		}
	}
	return out
}
