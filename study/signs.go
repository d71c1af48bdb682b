package study

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// The decimal sign is decided for each column by itself: a file joined from
// two programs has both. A numeral with one reading alone (12,5 or 0.125 or
// 1.250,5) keeps it, whatever stands around it. One mark with three digits
// behind it (1.250) has two readings, and the column decides:
//
//  1. what its other numerals show: 12.5 makes the point a decimal sign;
//     1.250,5 or 1.250.000 make it a separator of thousands, and nothing else
//     but 3 and 4 does that;
//  2. else, for the decimal sign alone, what the outcome's other columns show;
//  3. else what the protocol states;
//  4. else the reading that the declared range leaves, where the other puts
//     every such value outside;
//  5. else, for the decimal sign alone, what all columns of the file show, and
//     the point in a file with commas between its fields;
//  6. else nothing, and the value is refused.
//
// What 2, 3 and 5 decide gives way to the range where that leaves the other
// reading alone.

// openReading is how a numeral is read that has two readings.
type openReading byte

const (
	undecided openReading = iota
	asDecimal
	asThousands
)

// signTally counts what the numerals of a column show about one sign.
type signTally struct {
	decimals  int // numerals that have no other decimal sign
	thousands int // numerals that show it to separate thousands
	open      int // numerals with two readings
	// How many of the open ones the declared range allows in each reading.
	decimalInside, thousandsInside int
	example, openExample           string
	line                           int // of example
	reading                        openReading
	byRange                        bool
}

// signRule is how a column's numbers are read: for a column that holds several
// outcomes, the numbers of one of them.
type signRule struct {
	name         string
	outcome      int // −1: a covariate
	point, comma signTally
	words        wordTally
	ranged       bool
	low, high    float64
}

func (r *signRule) of(sign byte) *signTally {
	if sign == ',' {
		return &r.comma
	}
	return &r.point
}

// decimal counts a numeral that has no other decimal sign.
func (t *signTally) decimal(s string, line int) {
	if t.decimals++; t.decimals == 1 {
		t.example, t.line = strings.Clone(s), line
	}
}

// count adds a numeral to the tally.
func (r *signRule) count(n numeral, s string, line int) {
	switch e := n.evidence(); e {
	case '.', ',':
		r.of(e).decimal(s, line)
	case '?':
		sign := n.marks[0].sign
		part, _, _ := n.value(sign)
		whole, _, _ := n.value(other(sign))
		r.openNumeral(sign, s, part.Number, whole.Number)
	}
	if sign := n.thousandsSign(); sign != 0 {
		r.of(sign).thousands++
	}
}

// openNumeral counts a numeral with two readings.
func (r *signRule) openNumeral(sign byte, s string, asDecimal, asThousands float64) {
	t := r.of(sign)
	if t.open++; t.open == 1 {
		t.openExample = strings.Clone(s)
	}
	if r.ranged && asDecimal >= r.low && asDecimal <= r.high {
		t.decimalInside++
	}
	if r.ranged && asThousands >= r.low && asThousands <= r.high {
		t.thousandsInside++
	}
}

// countSimple is count for a numeral that readSimple reads.
func (r *signRule) countSimple(n simpleNumeral, s string, line int) {
	switch {
	case n.open:
		r.openNumeral(n.sign, s, n.value().Number, n.thousands().Number)
	case n.sign != 0:
		r.of(n.sign).decimal(s, line)
	}
}

// settle decides how numerals with two readings are read. sisters and file are
// the decimal sign that other columns of the outcome and all columns show; 0
// for none or both.
func (r *signRule) settle(stated, sisters, file byte) {
	for _, sign := range []byte{'.', ','} {
		t, o := r.of(sign), r.of(other(sign))
		if t.open == 0 {
			continue
		}
		silent := t.decimals == 0 && t.thousands == 0 && o.decimals == 0
		switch {
		case t.decimals > 0 && t.thousands == 0 && o.decimals == 0:
			t.reading = asDecimal
			continue
		case t.thousands > 0 && t.decimals == 0:
			t.reading = asThousands
			continue
		case silent && sisters == sign:
			t.reading = asDecimal
		case stated == sign:
			t.reading = asDecimal
		case stated != 0:
			t.reading = asThousands
		case silent && file == sign:
			t.reading = asDecimal
		}
		if !r.ranged || (t.decimalInside > 0) == (t.thousandsInside > 0) {
			continue
		}
		left := asDecimal
		if t.thousandsInside > 0 {
			left = asThousands
		}
		t.byRange = t.reading != left
		t.reading = left
	}
}

// shown is the one decimal sign that the numerals show; 0 for none or both.
func shown(points, commas int) byte {
	switch {
	case points > 0 && commas == 0:
		return '.'
	case commas > 0 && points == 0:
		return ','
	}
	return 0
}

// read reads a field as a number.
func (r *signRule) read(s string) (v Value, thousands bool, fault numberFault) {
	if n, ok := readSimple(s); ok {
		switch {
		case !n.open || r.of(n.sign).reading == asDecimal:
			return n.value(), false, numberFault{}
		case r.of(n.sign).reading == asThousands:
			return n.thousands(), true, numberFault{}
		}
	}
	n, ok := readNumeral(s)
	if !ok {
		return Value{}, false, notANumber(s)
	}
	sign := n.evidence()
	switch sign {
	case '!':
		return Value{}, false, notANumber(s)
	case 0:
		sign = '.' // nothing shows it
	case '?':
		sign = n.marks[0].sign
		switch r.of(sign).reading {
		case asThousands:
			sign = other(sign)
		case undecided:
			part, _, _ := n.value(sign)
			whole, _, _ := n.value(other(sign))
			return Value{}, false, numberFault{"problem-number-ambiguous",
				text.Args{"read": fmt.Sprint(part.Number), "other": whole.Text(), "column": r.name}}
		}
	}
	if v, thousands, ok = n.value(sign); !ok {
		return Value{}, false, faulty("problem-number-beyond")
	}
	return v, thousands, numberFault{}
}

// findSigns decides the decimal signs of all columns of numbers.
func (l *loader) findSigns(delimiter byte) {
	l.signs = make([]*signRule, len(l.t.rows[0].fields))
	var rules []*signRule
	rule := func(column, outcome int) *signRule {
		r := &signRule{name: l.t.rows[0].fields[column].text, outcome: outcome}
		if outcome >= 0 {
			o := l.p.Outcomes[outcome]
			r.ranged, r.low, r.high = o.HasRange(), o.Min, o.Max
		}
		rules = append(rules, r)
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
			if v := l.p.Data.Covariates[i]; c >= 0 && v.HasRange() && l.signs[c].outcome < 0 {
				l.signs[c].ranged, l.signs[c].low, l.signs[c].high = true, v.Min, v.Max
			}
		}
	}
	if c := l.where.value; c >= 0 {
		columns = append(columns, c)
		for i := range l.p.Outcomes {
			r := rule(c, i)
			r.name += " (" + l.p.Outcomes[i].ID + ")"
			l.valueSigns = append(l.valueSigns, r)
		}
	}
	slices.Sort(columns)
	for _, row := range l.t.rows[1:] {
		if len(row.fields) != len(l.signs) || !l.kept(row) {
			continue
		}
		for _, c := range columns {
			r, s := l.signRule(row, c), row.fields[c].text
			switch {
			case r == nil || l.missing[s]:
			case plainDigits(s):
				r.words.numbers++
			default:
				l.countSigns(r, row, row.fields[c])
			}
		}
	}
	l.reportWords(rules)
	l.settleSigns(rules, delimiter)
}

// plainDigits reports whether a field shows nothing about signs.
func plainDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// signRule returns the rule by which a row's column is read, nil for the rows
// of outcomes that are not analyzed.
func (l *loader) signRule(row row, column int) *signRule {
	if column != l.where.value {
		return l.signs[column]
	}
	c := l.where.outcome
	if c < 0 {
		return nil
	}
	if outcome, ok := l.outcomeOf(row.fields[c].text); ok {
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

func (l *loader) countSigns(r *signRule, row row, f field) {
	if n, ok := readSimple(f.text); ok && (n.open || len(l.missingNum) == 0) {
		r.words.numbers++
		r.countSimple(n, f.text, row.line)
		return
	}
	n, ok := readNumeral(f.text)
	if !ok {
		if !l.leftOut(row) {
			r.words.add(row, f)
		}
		return
	}
	r.words.numbers++
	if e := n.evidence(); len(l.missingNum) > 0 && (e == '.' || e == ',') {
		if v, _, ok := n.value(e); ok && l.missingValue(v) {
			return
		}
	}
	r.count(n, f.text, row.line)
}

// missingValue reports whether a number is a declared code of a missing value.
func (l *loader) missingValue(v Value) bool {
	return slices.ContainsFunc(l.missingNum, func(m Value) bool { return decimalCompare(m, v) == 0 })
}

// settleSigns decides what is open and notes what was decided.
func (l *loader) settleSigns(rules []*signRule, delimiter byte) {
	stated := byte(0)
	if s := l.p.Data.Decimal; s != "" {
		stated = s[0]
	}
	points, commas := 0, 0
	bySister := map[int][2]int{}
	for _, r := range rules {
		points += r.point.decimals
		commas += r.comma.decimals
		if r.outcome >= 0 {
			n := bySister[r.outcome]
			// A separator of thousands shows the other sign as decimal sign.
			bySister[r.outcome] = [2]int{n[0] + r.point.decimals + r.comma.thousands, n[1] + r.comma.decimals + r.point.thousands}
		}
	}
	file := shown(points, commas)
	if file == 0 && points+commas == 0 && delimiter == ',' {
		file = '.'
	}
	for _, r := range rules {
		sisters := byte(0)
		if r.outcome >= 0 {
			sisters = shown(bySister[r.outcome][0], bySister[r.outcome][1])
		}
		r.settle(stated, sisters, file)
	}
	switch {
	case stated != 0:
		l.ds.source.Decimal = string(stated)
	case file != 0:
		l.ds.source.Decimal = string(file)
	case commas > 0:
		l.ds.source.Decimal = ".,"
	}
	l.signNotes = signNotes(rules, stated)
}

// signNotes tells where columns, or numbers of a column, differ in their
// decimal sign, and what the declared range decided.
func signNotes(rules []*signRule, stated byte) []Note {
	var out []Note
	columns := map[byte][]string{}
	against := map[string]*signTally{}
	var unlike []string
	for _, r := range rules {
		for _, sign := range []byte{'.', ','} {
			t := r.of(sign)
			if t.decimals == 0 && t.reading != asDecimal {
				continue
			}
			if !slices.Contains(columns[sign], r.name) {
				columns[sign] = append(columns[sign], r.name)
			}
			if stated != 0 && stated != sign && t.decimals > 0 && against[r.name] == nil {
				against[r.name] = t
				unlike = append(unlike, r.name)
			}
		}
		p, c := &r.point, &r.comma
		if p.decimals > 0 && c.decimals > 0 {
			rare := p
			if c.decimals < p.decimals {
				rare = c
			}
			out = append(out, Note{Code: "decimal-signs-mixed", Args: map[string]any{"column": r.name,
				"points": p.decimals, "commas": c.decimals, "example": rare.example, "line": rare.line}})
		}
		for _, sign := range []byte{'.', ','} {
			if t := r.of(sign); t.byRange {
				out = append(out, rangeNote(r, t, sign))
			}
		}
	}
	switch {
	case len(unlike) > 0:
		t := against[unlike[0]]
		out = append(out, Note{Code: unlikeCode[other(stated)], Args: map[string]any{
			"columns": clipList(unlike, 8), "example": t.example, "line": t.line}})
	case len(columns['.']) > 0 && len(columns[',']) > 0:
		out = append(out, Note{Code: "decimal-signs-differ", Args: map[string]any{
			"points": clipList(columns['.'], 8), "commas": clipList(columns[','], 8)}})
	}
	return out
}

var unlikeCode = map[byte]string{'.': "decimal-sign-unlike-stated-point", ',': "decimal-sign-unlike-stated-comma"}

// rangeNote tells that the range left one reading of a column's numbers.
func rangeNote(r *signRule, t *signTally, sign byte) Note {
	n, _ := readNumeral(t.openExample)
	part, _, _ := n.value(sign)
	whole, _, _ := n.value(other(sign))
	read, not := part, whole
	if t.reading == asThousands {
		read, not = whole, part
	}
	return Note{Code: "decimal-sign-by-range", Args: map[string]any{"column": r.name, "count": t.open,
		"written": t.openExample, "value": read.Text(), "not": not.Text(), "min": r.low, "max": r.high}}
}
