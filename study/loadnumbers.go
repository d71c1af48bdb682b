package study

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// signRule is how a column's numbers are read: for a column that holds several
// outcomes, the numbers of one of them. Its Group is the outcome's position;
// −1 is a covariate.
type signRule struct {
	files.Signs
	words wordTally
}

// findSigns decides the decimal signs of all columns of numbers.
func (l *loader) findSigns() {
	l.signs = make([]*signRule, len(l.t.Columns))
	var rules []*signRule
	of := map[*signRule]int{} // the file of its column
	rule := func(column, outcome int) *signRule {
		r := &signRule{Signs: files.Signs{Name: l.t.Columns[column].Name, Group: outcome}}
		if outcome >= 0 {
			o := l.p.Outcomes[outcome]
			r.Ranged, r.Low, r.High = o.HasRange(), o.Min, o.Max
		}
		rules = append(rules, r)
		of[r] = l.t.Part(column)
		return r
	}
	var columns []int
	add := func(column, outcome int) {
		if column >= 0 && l.signs[column] == nil {
			l.signs[column] = rule(column, outcome)
			columns = append(columns, column)
		}
	}
	for _, c := range l.where.cells {
		add(c.column, c.outcome)
	}
	for _, b := range l.where.baselines {
		add(b.column, b.outcome)
	}
	for i, c := range l.where.covariates {
		if l.p.Data.Covariates[i].Kind == Numeric {
			add(c, -1)
			if v := l.p.Data.Covariates[i]; c >= 0 && v.HasRange() && l.signs[c].Group < 0 {
				l.signs[c].Ranged, l.signs[c].Low, l.signs[c].High = true, v.Min, v.Max
			}
		}
	}
	for _, c := range l.where.exposures {
		add(c.column, -1)
	}
	add(l.where.day, -1)
	add(l.where.followed, -1)
	add(l.where.adherence, -1)
	for _, c := range l.where.intercurrent {
		add(c.day, -1)
	}
	if c := l.where.value; c >= 0 {
		columns = append(columns, c)
		for i := range l.p.Outcomes {
			r := rule(c, i)
			r.Name += " (" + l.p.Outcomes[i].ID + ")"
			l.valueSigns = append(l.valueSigns, r)
		}
	}
	slices.Sort(columns)
	var missing func(Value) bool
	if len(l.missingNum) > 0 {
		missing = l.missingValue
	}
	l.countAll(columns, rules, missing)
	l.reportWords(rules)
	for i, t := range l.t.Parts() {
		var signs []*files.Signs
		for _, r := range rules {
			if of[r] == i {
				signs = append(signs, &r.Signs)
			}
		}
		decimal, doubts := files.SettleSigns(signs, l.p.Data.Decimal, t.Delimiter)
		if i == 0 || decimal == l.ds.source.Decimal {
			l.ds.source.Decimal = decimal
		} else {
			l.ds.source.Decimal = "" // each file has its own
		}
		for _, d := range doubts {
			l.signNotes = append(l.signNotes, Note{Code: d.Code, Args: d.Args})
		}
	}
}

// countAll counts what the fields of columns show, in parts of the rows at once.
func (l *loader) countAll(columns []int, rules []*signRule, missing func(Value) bool) {
	parts := make([][]*signRule, l.workers())
	l.inRanges(func(k int, rows iter.Seq2[int, files.Row]) {
		s, own := l.withOwn(rules)
		parts[k] = own
		for _, row := range rows {
			if row.Len() != len(l.signs) || !l.kept(row) {
				continue
			}
			for _, c := range columns {
				r, text := s.signRule(row, c), row.Text(c)
				switch {
				case r == nil || l.isMissing(text):
				case files.PlainDigits(text):
					r.words.numbers++
				default:
					s.countSigns(r, row, c, text, missing)
				}
			}
		}
	})
	most := 0
	for i := range rules {
		n := 0
		for _, own := range parts {
			n += len(own[i].words.count)
		}
		most = max(most, n)
	}
	if len(parts) > 1 && most >= maxWords { // which words come first, their order tells
		defer func(n int) { l.atOnce = n }(l.atOnce)
		l.atOnce = 1
		l.countAll(columns, rules, missing)
		return
	}
	for _, own := range parts {
		for i, r := range rules {
			r.Signs.Join(&own[i].Signs)
			r.words.join(&own[i].words)
		}
	}
}

// withOwn is a loader with rules of its own.
func (l *loader) withOwn(rules []*signRule) (*loader, []*signRule) {
	s, own, of := *l, make([]*signRule, len(rules)), map[*signRule]*signRule{}
	for i, r := range rules {
		c := *r
		own[i], of[r] = &c, &c
	}
	s.signs, s.valueSigns = make([]*signRule, len(l.signs)), make([]*signRule, len(l.valueSigns))
	for i, r := range l.signs {
		s.signs[i] = of[r]
	}
	for i, r := range l.valueSigns {
		s.valueSigns[i] = of[r]
	}
	return &s, own
}

// signRule returns the rule by which a row's column is read, nil for the rows
// of outcomes that are not analyzed.
func (l *loader) signRule(row files.Row, column int) *signRule {
	if column != l.where.value {
		return l.signs[column]
	}
	c := l.where.outcome
	if c < 0 {
		return nil
	}
	if outcome, ok := l.outcomeOf(row.Text(c)); ok {
		return l.valueSigns[outcome]
	}
	return nil
}

// outcomeOf finds the outcome that a row names.
func (l *loader) outcomeOf(s string) (outcome int, ok bool) {
	id, mapped := l.p.Data.OutcomeValues[s]
	if !mapped {
		id = s
	}
	outcome, ok = l.ds.outcomes[id]
	return outcome, ok
}

func (l *loader) countSigns(r *signRule, row files.Row, column int, s string, missing func(Value) bool) {
	if _, ok := row.Number(column); ok { // which shows nothing about signs
		r.words.numbers++
		return
	}
	switch {
	case r.Count(s, row.Line(), missing):
		r.words.numbers++
	case !l.leftOut(row):
		r.words.add(row, column, s)
	}
}

// quickly says of an outcome that a plain number within its limits has nothing more to
// be looked at: then its cell is read without the rest, which takes several times as
// long.
type quickly struct {
	ok        bool
	low, high float64
}

// setQuick finds the outcomes that are read quickly, and whether numeric covariates are.
func (l *loader) setQuick() {
	l.quick = make([]quickly, len(l.p.Outcomes))
	counted := slices.ContainsFunc(l.p.Visits, func(v Visit) bool { return l.repeatRule(l.ds.visits[v.ID]) != RepeatsRefuse })
	l.quickText = l.t.Format == "text" && len(l.t.Parts()) == 1 && len(l.missingNum) == 0
	if !l.quickText || counted {
		return
	}
	for i, o := range l.p.Outcomes {
		x := quickly{o.Kind == "" || o.Kind == KindContinuous, math.Inf(-1), math.Inf(1)}
		if o.HasRange() {
			x.low, x.high = o.Min, o.Max
		}
		logs := slices.ContainsFunc(l.p.Plans, func(q Plan) bool { return q.Outcome == o.ID && q.Scale == ScaleLog })
		x.ok = x.ok && !logs && l.values[i].words == nil && !l.grids[i].ok
		l.quick[i] = x
	}
}

// isMissing reports whether a field stands for a missing value: nothing, or a declared
// code.
func (l *loader) isMissing(s string) bool {
	return s == "" || len(l.missing) > 1 && l.missing[s]
}

// missingValue reports whether a number is a declared code of a missing value.
func (l *loader) missingValue(v Value) bool {
	return slices.ContainsFunc(l.missingNum, func(m Value) bool { return m.Compare(v) == 0 })
}

// A column of answers (None, Mild, Severe; 1 - a little) is one problem, which
// lists the words and how often each stands there, and not one a row.

// wordTally counts the words where numbers should stand.
type wordTally struct {
	numbers, words, others int // fields that are numbers, words, neither
	count                  map[string]int
	row                    files.Row // of the first word
	column                 int
	told                   bool // the words are reported together
}

// maxWords is how many words of a column are told apart.
const maxWords = 200

func (t *wordTally) add(r files.Row, column int, s string) {
	if !files.IsWord(s) {
		t.others++
		return
	}
	if t.words++; t.words == 1 {
		t.row, t.column, t.count = r, column, map[string]int{}
	}
	if t.count[s] > 0 || len(t.count) < maxWords {
		t.count[s]++
	}
}

// join adds the tally of later rows.
func (t *wordTally) join(o *wordTally) {
	if t.words == 0 {
		t.row, t.column = o.row, o.column
	}
	t.numbers, t.words, t.others = t.numbers+o.numbers, t.words+o.words, t.others+o.others
	for word, n := range o.count {
		if t.count == nil {
			t.count = map[string]int{}
		}
		t.count[word] += n
	}
}

// list lists the words, the commonest first.
func (t *wordTally) list() string {
	words := sortedKeys(t.count)
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(t.count[b], t.count[a]) })
	parts := make([]string, 0, 8)
	for _, w := range words[:min(len(words), cap(parts))] {
		parts = append(parts, fmt.Sprintf("%q (%d)", clip(w), t.count[w]))
	}
	if len(words) > len(parts) {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// reportWords reports the words of each column together where it, or another
// column of its outcome, has several; a single one is most often a missing
// value and reported as such.
func (l *loader) reportWords(rules []*signRule) {
	answers := map[int]map[string]bool{}
	for _, r := range rules {
		if answers[r.Group] == nil {
			answers[r.Group] = map[string]bool{}
		}
		for w := range r.words.count {
			answers[r.Group][w] = true
		}
	}
	for _, r := range rules {
		if r.Group >= 0 && l.values[r.Group].words != nil {
			continue // data.values says what they mean, or does not: then each is told
		}
		words := sortedKeys(r.words.count)
		if len(words) == 1 && r.Group >= 0 && r.words.numbers+r.words.others == 0 {
			words = sortedKeys(answers[r.Group])
		}
		if len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return !files.AbsentWord(w) }) {
			l.reportColumn(r, words)
		}
	}
}

// leftOut reports whether a row's values are not read: the protocol leaves out
// its arm or its visit.
func (l *loader) leftOut(r files.Row) bool {
	if c := l.where.arm; c >= 0 {
		s := r.Text(c)
		if id, mapped := l.p.Data.ArmValues[s]; mapped && id == "" {
			return true
		}
		if arm, settled := l.settled[l.participant(r)]; settled && arm == armIgnored && l.blankArm(s) {
			return true
		}
	}
	if c := l.where.visit; c >= 0 {
		if id, mapped := l.p.Data.VisitValues[r.Text(c)]; mapped && id == "" {
			return true
		}
	}
	return false
}

// reportColumn reports a column's words; answers may be those of all columns
// of its outcome.
func (l *loader) reportColumn(r *signRule, answers []string) {
	t := &r.words
	t.told = true
	code, hint := "problem-words-covariate", ""
	if r.Group >= 0 {
		code, hint = "problem-words", fmt.Sprintf("{%s: {%q: …, %q: …}}", l.p.Outcomes[r.Group].ID, answers[0], answers[len(answers)-1])
	}
	if t.numbers+t.others > 0 {
		code += "-among-numbers"
	}
	l.report(t.row, t.column, code, text.Args{"column": r.Name, "words": t.list(), "hint": hint})
}

// extraFields is the message of a row with too many fields: delimiters at its
// end, or a decimal comma.
func extraFields(t *files.Table, r files.Row, want int) string {
	empty := true
	for i := want; i < r.Len(); i++ {
		empty = empty && r.Text(i) == ""
	}
	switch {
	case empty:
		return "problem-fields-many-empty"
	case t.Delimiter == ',':
		return "problem-fields-many-comma"
	}
	if r.Len() == want+1 {
		return "problem-fields-one-more"
	}
	return "problem-fields-many"
}

// repeatsHeader reports whether a row is the header once more, as in files that were put
// one behind another: then two files may number their participants alike.
func repeatsHeader(t *files.Table, r files.Row) bool {
	same := 0
	for i, c := range t.Columns {
		if r.Text(i) != c.Name {
			return false
		}
		if c.Name != "" {
			same++
		}
	}
	return same > 1
}

// signsOf settles how the numerals of each column are read, as far as the file shows it.
func signsOf(t *files.Table) []*files.Signs {
	signs := make([]*files.Signs, len(t.Columns))
	for i, c := range t.Columns {
		signs[i] = &files.Signs{Name: c.Name, Group: -1}
		for r := range t.All() {
			if i >= r.Len() {
				continue
			}
			if _, known := r.Number(i); !known && r.Text(i) != "" {
				signs[i].Count(r.Text(i), r.Line(), nil)
			}
		}
	}
	files.SettleSigns(signs, "", t.Delimiter)
	return signs
}

// unitsUnder reports whether the row under the header holds words in columns of numbers
// alone, two at least, and nothing in the others: units, and nobody's values.
func unitsUnder(t *files.Table) bool {
	if t.Len() < 3 || t.Row(0).Len() != len(t.Columns) {
		return false
	}
	words := 0
	for c := range t.Columns {
		s := t.Row(0).Text(c)
		if s == "" {
			continue
		}
		if files.IsNumeral(s) || files.AbsentWord(s) {
			return false
		}
		for i := 1; i < t.Len(); i++ {
			if r := t.Row(i); c < r.Len() && r.Text(c) != "" && !files.IsNumeral(r.Text(c)) && !files.AbsentWord(r.Text(c)) {
				return false
			}
		}
		words++
	}
	return words > 1
}

// headerBelow is the line under a title in which the names of columns seem to
// stand: the first that names most columns, where the header names fewer than half
// of them; 0 where the header is one.
func headerBelow(t *files.Table) int {
	filled := func(texts []string) int {
		n := 0
		for _, s := range texts {
			if s != "" {
				n++
			}
		}
		return n
	}
	if filled(t.Header().Texts())*2 >= len(t.Columns) {
		return 0
	}
	for i := range min(t.Len(), files.HeaderLines) {
		if filled(t.Row(i).Texts())*2 > len(t.Columns) {
			return t.Row(i).Line()
		}
	}
	return 0
}
