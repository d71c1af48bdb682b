package propose

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// tokens cuts a name into words and numbers: vas_pre24h is vas, pre, 24, h.
func tokens(name string) []string {
	var out []string
	var last rune
	for _, r := range name {
		kind := func(r rune) int {
			switch {
			case unicode.IsDigit(r):
				return 1
			case unicode.IsLetter(r):
				return 2
			}
			return 0
		}
		k := kind(r)
		camel := unicode.IsUpper(r) && unicode.IsLower(last)
		if k != 0 {
			if len(out) == 0 || kind(last) != k || camel {
				out = append(out, "")
			}
			out[len(out)-1] += string(unicode.ToLower(r))
		}
		last = r
	}
	return out
}

// moment is a point in time that a name or a value tells of.
type moment struct {
	key   string // as the name writes it
	label string // as a reader does, "" where that is the same
	order float64
	time  string // as a protocol writes it, "" where the unit is not sure
	base  bool
	weak  bool // a bare number: it may number questions just as well
}

// The words of moments, English, Dutch and some German, as names of columns write them.
var (
	baseWords  = []string{"pre", "baseline", "base", "bl", "screening", "scr", "before", "voor", "voormeting", "nulmeting", "begin", "start", "admission", "opname", "intake", "vooraf", "vorher", "vor", "avant"}
	afterWords = []string{"post", "after", "na", "nameting", "direct", "immediate", "erna", "nachher", "nach", "apres", "après"}
	endWords   = []string{"end", "eind", "final", "discharge", "ontslag", "last", "eindmeting"}
	laterWords = []string{"fu", "followup", "follow", "fup", "nacontrole", "controle"}
	unitOf     = map[string]float64{"min": 1, "minutes": 1, "minuten": 1, "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60, "uur": 60, "u": 60,
		"d": 1440, "day": 1440, "days": 1440, "dag": 1440, "dagen": 1440, "w": 10080, "wk": 10080, "wks": 10080, "week": 10080, "weeks": 10080, "weken": 10080, "woche": 10080, "wochen": 10080, "tag": 1440, "tage": 1440,
		"m": 43830, "mo": 43830, "mon": 43830, "month": 43830, "months": 43830, "mnd": 43830, "maand": 43830, "maanden": 43830, "monat": 43830, "monate": 43830,
		"y": 525960, "yr": 525960, "year": 525960, "years": 525960, "jaar": 525960, "jahr": 525960, "jahre": 525960, "j": 525960}
	plainWords = []string{"t", "v", "visit", "visite", "time", "tijd", "meting", "moment", "wave", "occasion", "session", "sessie", "tp", "vis", "period"}
	// A protocol has hours, days and weeks; months and years have no fixed length.
	protocolUnit = map[float64]string{60: "h", 1440: "d", 10080: "w"}
)

// readMoment reads words and numbers as one moment.
func readMoment(t []string) (m moment, ok bool) {
	m.key = strings.Join(t, "")
	num := func(s string) (float64, bool) {
		x, err := strconv.ParseFloat(s, 64)
		return x, err == nil && len(s) < 5
	}
	switch {
	case len(t) == 1 && slices.Contains(baseWords, t[0]):
		m.base, m.time = true, "0"
	case len(t) == 1 && slices.Contains(afterWords, t[0]):
		m.order = 0.5
	case len(t) == 1 && slices.Contains(endWords, t[0]):
		m.order = 1e9
	case len(t) == 1 && slices.Contains(laterWords, t[0]), len(t) == 2 && t[0] == "follow" && t[1] == "up":
		m.order = 1e10
	case len(t) == 1:
		x, isNumber := num(t[0])
		if !isNumber {
			return m, false
		}
		m.order, m.base, m.weak = x, x == 0, true
	case len(t) == 2:
		if x, isNumber := num(t[0]); isNumber && unitOf[t[1]] > 0 { // 24h, 3 months
			return inUnit(m, x, unitOf[t[1]]).labeled(t, t[1]), true
		}
		x, isNumber := num(t[1])
		switch {
		case !isNumber:
			return m, false
		case t[0] != "min" && unitOf[t[0]] > 0: // week4, d6
			return inUnit(m, x, unitOf[t[0]]).labeled(t, t[0]), true
		case slices.Contains(plainWords, t[0]):
			m.order, m.base = x, x == 0
		case slices.Contains(laterWords, t[0]):
			m.order = 1e10 + x
		default:
			return m, false
		}
	default:
		return m, false
	}
	return m, true
}

func inUnit(m moment, x, unit float64) moment {
	m.order, m.base = x*unit, x == 0
	if x == 0 {
		m.time = "0"
	} else if u := protocolUnit[unit]; u != "" {
		m.time = short(x) + u
	}
	return m
}

// labeled is the moment with a label where its unit is a word, not a letter or two.
func (m moment) labeled(t []string, unit string) moment {
	if len([]rune(unit)) > 3 {
		m.label = strings.Join(t, " ")
	}
	return m
}

// readLevel reads a value of a visit column as a moment; unit is what the column's
// name counts in, 0 if it does not say.
func readLevel(value string, unit float64) (moment, bool) {
	if x, _, ok := number(value); ok {
		m := moment{key: value, order: x, base: x == 0}
		if unit > 0 {
			m = inUnit(m, x, unit)
			m.key = value
		}
		return m, true
	}
	t := tokens(value)
	for i := 0; i < len(t); i++ { // "Week 4 visit", "Baseline (day 0)"
		for j := min(len(t), i+2); j > i; j-- {
			if m, ok := readMoment(t[i:j]); ok && !m.weak {
				m.key = value
				return m, true
			}
		}
	}
	for _, w := range t { // "VIS3", "event_2_arm_1"
		if x, err := strconv.ParseFloat(w, 64); err == nil {
			return moment{key: value, order: x, weak: true}, true
		}
	}
	return moment{}, false
}

// split is a name cut into what was measured and when.
type split struct {
	stem string
	at   moment
}

// withoutUnit is a name without what stands in brackets behind it, a unit or a range
// (Pain before (0-10)), unless that is a moment.
func withoutUnit(name string) string {
	s := strings.TrimSpace(name)
	for _, b := range []string{"()", "[]"} {
		if i := strings.LastIndexByte(s, b[0]); i > 0 && s[len(s)-1] == b[1] {
			if _, ok := readMoment(tokens(s[i:])); !ok {
				return s[:i]
			}
		}
	}
	return name
}

// splits are the ways to cut a name, the likeliest first: the moment behind, then
// in front.
func splits(name string) []split {
	t := tokens(withoutUnit(name))
	var out []split
	add := func(stem, at []string) {
		if m, ok := readMoment(at); ok && len(stem) > 0 {
			out = append(out, split{strings.Join(stem, "_"), m})
		}
	}
	for n := min(2, len(t)-1); n >= 1; n-- {
		add(t[:len(t)-n], t[len(t)-n:])
	}
	for n := min(2, len(t)-1); n >= 1; n-- {
		add(t[n:], t[:n])
	}
	// prewt and postwt are written in one.
	if len(t) > 0 {
		for _, w := range []string{"baseline", "pre", "post", "base"} {
			if rest, ok := strings.CutPrefix(t[0], w); ok && len(rest) >= 2 {
				add(append([]string{rest}, t[1:]...), []string{w})
			}
			if rest, ok := strings.CutSuffix(t[len(t)-1], w); ok && len(rest) >= 2 {
				add(append(slices.Clone(t[:len(t)-1]), rest), []string{w})
			}
		}
	}
	return out
}

// hasToken reports whether a name holds one of the words.
func hasToken(name string, words ...string) bool {
	for _, t := range tokens(name) {
		if slices.Contains(words, t) {
			return true
		}
	}
	return slices.Contains(words, fold(name))
}
