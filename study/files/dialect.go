package files

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// delimiters are tried in this order; blanks where no other finds columns.
var delimiters = []byte{',', ';', '\t', '|'}

// HeaderLines is how many lines a header is looked for in.
const HeaderLines = 20

// findDelimiter returns the stated delimiter, or the one under which one of the
// first rows holds most of the columns that the protocol names (then: most
// fields).
func findDelimiter(src string, offset int, stated string, wanted []string) byte {
	if stated != "" {
		return stated[0]
	}
	if len(wanted) == 0 {
		if d, ok := regularDelimiter(src, offset); ok {
			return d
		}
	}
	best, bestFound, bestFields := delimiters[0], -1, 0
	try := func(d byte) {
		found, fields := 0, 0
		t := top(src, offset, d)
		for i := range t.total() {
			r := Row{t, i}
			if i == 0 {
				fields = r.fields()
			}
			have := map[string]bool{}
			for k := range r.fields() {
				have[r.Text(k)] = true
			}
			n := 0
			for _, w := range wanted {
				if have[w] {
					n++
				}
			}
			found = max(found, n)
		}
		if found > bestFound || found == bestFound && fields > bestFields {
			best, bestFound, bestFields = d, found, fields
		}
	}
	for _, d := range delimiters {
		try(d)
	}
	if bestFound <= 1 {
		bestFound, bestFields = 1, 0 // blanks stand in titles too: two columns at least
		try(' ')
	}
	return best
}

// regularDelimiter finds the delimiter where no names of columns are known: the one
// under which a table begins first, and then the one that makes most fields. A table
// begins in the first row of two fields or more that most rows below it match, by
// their number of fields or one more (names of rows). So a title is no header, and a
// decimal comma no delimiter. Blanks stand in titles and texts too: all rows must
// match, and no other delimiter do.
func regularDelimiter(src string, offset int) (delimiter byte, ok bool) {
	first, most := HeaderLines, 0
	try := func(d byte, all bool) {
		t := top(src, offset, d)
		for h := range min(t.total(), first+1) {
			n, match, below := Row{t, h}.fields(), 0, 0
			for k := h + 1; k < t.total(); k++ {
				r := Row{t, k}
				if s := r.Text(0); s != "" && isRemark(s) {
					continue
				}
				below++
				if m := r.fields(); m == n || m == n+1 {
					match++
				}
			}
			if n < 2 || 5*match < 3*below || all && (match < below || below < 2) || below == 0 && h > 0 {
				continue
			}
			if h < first || n > most {
				first, most, delimiter, ok = h, n, d, true
			}
			return
		}
	}
	for _, d := range delimiters {
		try(d, false)
	}
	if !ok {
		try(' ', true)
	}
	return delimiter, ok
}

// top cuts the first lines of a text from offset on.
func top(src string, offset int, delimiter byte) *Table {
	return &Table{text: src, Delimiter: delimiter, invisible: true, header: -1, cuts: cut(src, offset, len(src), delimiter, HeaderLines)}
}

// separatorLine reads the line "sep=;" with which spreadsheets begin some
// files, and returns the delimiter, the offset and the line behind it.
func separatorLine(src string) (delimiter string, offset, line int) {
	if len(src) < 5 || !strings.EqualFold(src[:4], "sep=") {
		return "", 0, 1
	}
	rest := src[5:]
	switch {
	case strings.HasPrefix(rest, "\r\n"):
		offset = 7
	case strings.HasPrefix(rest, "\n"), strings.HasPrefix(rest, "\r"):
		offset = 6
	default:
		return "", 0, 1
	}
	switch src[4] {
	case ',', ';', '\t', '|':
		return src[4:5], offset, 2
	}
	return "", 0, 1
}

func faulty(code string) text.Phrase { return text.Phrase{Code: code, Args: text.Args{}} }

// notANumber says what a field is that is not a number, as far as it shows: a
// message of the catalog.
func notANumber(s string) text.Phrase {
	missing := faulty("problem-number-missing")
	if s == "" {
		return missing
	}
	if AbsentWord(s) {
		return missing
	}
	digits := strings.IndexAny(s, "0123456789")
	if _, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); errors.Is(err, strconv.ErrRange) {
		return faulty("problem-number-beyond")
	}
	switch {
	case strings.HasPrefix(s, "#"):
		if IsSheetError(s) {
			return faulty("problem-number-spreadsheet")
		}
		return missing // ##USER_MISSING_95##
	case digits < 0 && strings.Trim(s, "¼½¾⅓⅔⅛") != s, digits >= 0 && looksLikeFraction(s):
		return faulty("problem-number-fraction")
	case digits < 0 || strings.Contains(strings.ToLower(s), "missing"):
		return missing
	case looksLikeDate(s):
		return faulty("problem-number-date")
	case digits == 1 && s[0] == '%':
		return faulty("problem-number-unit")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.No, r) }):
		return faulty("problem-number-fraction")
	case strings.ContainsAny(s[:1], "<>~≤≥") || strings.HasPrefix(s, "≤") || strings.HasPrefix(s, "≥"):
		return faulty("problem-number-limit")
	case digits == 0 && strings.TrimLeft(s, "0123456789.,") != s && startsWithUnit(strings.TrimLeft(s, "0123456789.,")):
		return faulty("problem-number-unit")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Sc, r) }):
		return faulty("problem-number-currency")
	case strings.ContainsFunc(s, unicode.IsSpace):
		return faulty("problem-number-space")
	}
	return faulty("problem-not-a-number")
}

// looksLikeFraction reports whether a field is two numbers with a slash between
// them: 1/2.
func looksLikeFraction(s string) bool {
	above, below, ok := strings.Cut(s, "/")
	return ok && above != "" && below != "" && PlainDigits(above) && PlainDigits(below)
}

// startsWithUnit reports whether what follows a number is a word or a sign such
// as %.
func startsWithUnit(rest string) bool {
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) || strings.ContainsRune("%％‰°*'’\"", r)
}

// looksLikeDate reports whether a field is digits and month names between
// hyphens, slashes or colons: 2024-01-05, 6-apr, 12:30.
func looksLikeDate(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("-/:", r) })
	if len(parts) < 2 || len(parts) > 3 || strings.ContainsAny(s[:1], "-/:") {
		return false
	}
	words := 0
	for _, p := range parts {
		letters := strings.TrimRight(p, ".")
		switch {
		case strings.Trim(p, "0123456789") == "":
		case monthName(letters):
			words++
		default:
			return false
		}
	}
	return words == 1 || words == 0 && (len(parts) == 3 || strings.Contains(s, ":"))
}

// months are the first three letters of the months in English, Dutch, German,
// French, Spanish and Italian.
const months = " jan feb fév mar mrt mär apr avr abr may mei mai mag jun jui giu jul lug aug aoû ago sep set oct okt ott nov dec déc dez dic ene gen "

// monthName reports whether a word is the name of a month, or its beginning.
func monthName(s string) bool {
	r := []rune(strings.ToLower(s))
	return len(r) >= 3 && len(r) <= 10 && strings.Contains(months, " "+string(r[:3])+" ") &&
		!slices.ContainsFunc(r, func(c rune) bool { return !unicode.IsLetter(c) })
}

// IsSheetError reports whether a field is what spreadsheets show for a value that
// cannot be computed: #DIV/0!, #NAME?, #N/A.
func IsSheetError(s string) bool {
	return len(s) > 3 && s[0] == '#' && s[1] != '#' && (s[len(s)-1] == '!' || s[len(s)-1] == '?' || strings.HasPrefix(s, "#N/"))
}
