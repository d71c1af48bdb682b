package files

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

// Signs says how the numbers of a column are read, once all of them are
// counted and SettleSigns has decided. A column that holds several quantities
// has one for each. The zero value reads what has one reading alone.
type Signs struct {
	// Name is the column's, for messages.
	Name string
	// Group is the same for columns of one quantity, such as those of its
	// visits; a negative one has no sisters.
	Group int
	// Ranged: the numbers lie from Low to High.
	Ranged    bool
	Low, High float64

	point, comma signTally
}

func (r *Signs) of(sign byte) *signTally {
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

// Count takes note of what a field shows, and reports whether it is a numeral.
// missing, if not nil, tells codes of missing values, which show nothing.
func (r *Signs) Count(s string, line int, missing func(Value) bool) bool {
	if n, ok := readSimple(s); ok && (n.open || missing == nil) {
		r.countSimple(n, s, line)
		return true
	}
	n, ok := readNumeral(s)
	if !ok {
		return false
	}
	if e := n.evidence(); missing != nil && (e == '.' || e == ',') {
		if v, _, ok := n.value(e); ok && missing(v) {
			return true
		}
	}
	r.count(n, s, line)
	return true
}

// Join adds what later fields of the column, counted apart, have shown.
func (r *Signs) Join(later *Signs) {
	r.point.join(&later.point)
	r.comma.join(&later.comma)
}

func (t *signTally) join(o *signTally) {
	if t.decimals == 0 {
		t.example, t.line = o.example, o.line
	}
	if t.open == 0 {
		t.openExample = o.openExample
	}
	t.decimals, t.thousands, t.open = t.decimals+o.decimals, t.thousands+o.thousands, t.open+o.open
	t.decimalInside, t.thousandsInside = t.decimalInside+o.decimalInside, t.thousandsInside+o.thousandsInside
}

// count adds a numeral to the tally.
func (r *Signs) count(n numeral, s string, line int) {
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
func (r *Signs) openNumeral(sign byte, s string, asDecimal, asThousands float64) {
	t := r.of(sign)
	if t.open++; t.open == 1 {
		t.openExample = strings.Clone(s)
	}
	if r.Ranged && asDecimal >= r.Low && asDecimal <= r.High {
		t.decimalInside++
	}
	if r.Ranged && asThousands >= r.Low && asThousands <= r.High {
		t.thousandsInside++
	}
}

// countSimple is count for a numeral that readSimple reads.
func (r *Signs) countSimple(n simpleNumeral, s string, line int) {
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
func (r *Signs) settle(stated, sisters, file byte) {
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
		if !r.Ranged || (t.decimalInside > 0) == (t.thousandsInside > 0) {
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

// Short reads a field that is a minus, up to 15 digits and at most one decimal sign, as
// nearly all are; false for others, and for those whose mark is none. It gives what Read
// does.
func (r *Signs) Short(s string) (number float64, decimals int, ok bool) {
	n, ok := readSimple(s)
	if !ok || n.open && r.of(n.sign).reading != asDecimal {
		return 0, 0, false
	}
	return float64(n.digits) / pow10[n.decimals], n.decimals, true
}

// Read reads a field as a number; thousands: its marks separate thousands. A
// field that is no number, or has two readings of which none was settled, has a
// fault: the message that says so, without its subject and value.
func (r *Signs) Read(s string) (v Value, thousands bool, fault text.Phrase) {
	if n, ok := readSimple(s); ok {
		switch {
		case !n.open || r.of(n.sign).reading == asDecimal:
			return n.value(), false, text.Phrase{}
		case r.of(n.sign).reading == asThousands:
			return n.thousands(), true, text.Phrase{}
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
			return Value{}, false, text.Phrase{Code: "problem-number-ambiguous",
				Args: text.Args{"read": fmt.Sprint(part.Number), "other": whole.Text(), "column": r.Name}}
		}
	}
	if v, thousands, ok = n.value(sign); !ok {
		return Value{}, false, faulty("problem-number-beyond")
	}
	return v, thousands, text.Phrase{}
}

// SettleSigns decides for all columns of numbers of a file how numerals with
// two readings are read. stated is the decimal sign that a protocol states, ""
// where it does not; decimal is the one stated or shown ("" none, ".," both).
// The doubts tell where columns, or numbers of a column, differ in their
// decimal sign, and what a range decided: messages of the catalog.
func SettleSigns(columns []*Signs, stated string, delimiter byte) (decimal string, doubts []text.Phrase) {
	sign := byte(0)
	if stated != "" {
		sign = stated[0]
	}
	points, commas := 0, 0
	bySister := map[int][2]int{}
	for _, r := range columns {
		points += r.point.decimals
		commas += r.comma.decimals
		if r.Group >= 0 {
			n := bySister[r.Group]
			// A separator of thousands shows the other sign as decimal sign.
			bySister[r.Group] = [2]int{n[0] + r.point.decimals + r.comma.thousands, n[1] + r.comma.decimals + r.point.thousands}
		}
	}
	file := shown(points, commas)
	if file == 0 && points+commas == 0 && delimiter == ',' {
		file = '.'
	}
	for _, r := range columns {
		sisters := byte(0)
		if r.Group >= 0 {
			sisters = shown(bySister[r.Group][0], bySister[r.Group][1])
		}
		r.settle(sign, sisters, file)
	}
	switch {
	case sign != 0:
		decimal = string(sign)
	case file != 0:
		decimal = string(file)
	case commas > 0:
		decimal = ".,"
	}
	return decimal, signDoubts(columns, sign)
}

// signDoubts tells where columns, or numbers of a column, differ in their
// decimal sign, and what the declared range decided.
func signDoubts(columns []*Signs, stated byte) []text.Phrase {
	var out []text.Phrase
	under := map[byte][]string{}
	against := map[string]*signTally{}
	var unlike []string
	for _, r := range columns {
		for _, sign := range []byte{'.', ','} {
			t := r.of(sign)
			if t.decimals == 0 && t.reading != asDecimal {
				continue
			}
			if !slices.Contains(under[sign], r.Name) {
				under[sign] = append(under[sign], r.Name)
			}
			if stated != 0 && stated != sign && t.decimals > 0 && against[r.Name] == nil {
				against[r.Name] = t
				unlike = append(unlike, r.Name)
			}
		}
		p, c := &r.point, &r.comma
		if p.decimals > 0 && c.decimals > 0 {
			rare := p
			if c.decimals < p.decimals {
				rare = c
			}
			out = append(out, text.Phrase{Code: "decimal-signs-mixed", Args: text.Args{"column": r.Name,
				"points": p.decimals, "commas": c.decimals, "example": rare.example, "line": rare.line}})
		}
		for _, sign := range []byte{'.', ','} {
			if t := r.of(sign); t.byRange {
				out = append(out, rangeDoubt(r, t, sign))
			}
		}
	}
	switch {
	case len(unlike) > 0:
		t := against[unlike[0]]
		out = append(out, text.Phrase{Code: unlikeCode[other(stated)], Args: text.Args{
			"columns": text.List(unlike, 8), "example": t.example, "line": t.line}})
	case len(under['.']) > 0 && len(under[',']) > 0:
		out = append(out, text.Phrase{Code: "decimal-signs-differ", Args: text.Args{
			"points": text.List(under['.'], 8), "commas": text.List(under[','], 8)}})
	}
	return out
}

var unlikeCode = map[byte]string{'.': "decimal-sign-unlike-stated-point", ',': "decimal-sign-unlike-stated-comma"}

// rangeDoubt tells that the range left one reading of a column's numbers.
func rangeDoubt(r *Signs, t *signTally, sign byte) text.Phrase {
	n, _ := readNumeral(t.openExample)
	part, _, _ := n.value(sign)
	whole, _, _ := n.value(other(sign))
	read, not := part, whole
	if t.reading == asThousands {
		read, not = whole, part
	}
	return text.Phrase{Code: "decimal-sign-by-range", Args: text.Args{"column": r.Name, "count": t.open,
		"written": t.openExample, "value": read.Text(), "not": not.Text(), "min": r.Low, "max": r.High}}
}
