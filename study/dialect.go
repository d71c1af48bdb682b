package study

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// delimiters are tried in this order; a pipe has to be stated.
var delimiters = []byte{',', ';', '\t'}

// findDelimiter returns the stated delimiter, or the one under which the first
// row holds most of the columns that the protocol names (then: most fields).
func findDelimiter(src string, offset, line int, stated string, wanted []string) byte {
	if stated != "" {
		return stated[0]
	}
	best, bestFound, bestFields := delimiters[0], -1, 0
	for _, d := range delimiters {
		t := parseTable("", src, offset, line, d, 1)
		if len(t.rows) == 0 {
			continue
		}
		have := map[string]bool{}
		for _, f := range t.rows[0].fields {
			have[f.text] = true
		}
		found := 0
		for _, w := range wanted {
			if have[w] {
				found++
			}
		}
		if found > bestFound || found == bestFound && len(t.rows[0].fields) > bestFields {
			best, bestFound, bestFields = d, found, len(t.rows[0].fields)
		}
	}
	return best
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

// numberFault says why a field was not read as a number: a message of the
// catalog, "" if it was.
type numberFault struct {
	code string
	args text.Args
}

func faulty(code string) numberFault { return numberFault{code, text.Args{}} }

// notANumber says what a field is that is not a number, as far as it shows.
func notANumber(s string) numberFault {
	missing := faulty("problem-number-missing")
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity", "na", "n/a", "null", "none", ".":
		return missing
	}
	digits := strings.IndexAny(s, "0123456789")
	if _, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); errors.Is(err, strconv.ErrRange) {
		return faulty("problem-number-beyond")
	}
	switch {
	case digits < 0:
		return missing
	case looksLikeDate(s):
		return faulty("problem-number-date")
	case strings.ContainsAny(s[:1], "<>~≤≥") || strings.HasPrefix(s, "≤") || strings.HasPrefix(s, "≥"):
		return faulty("problem-number-limit")
	case digits == 0 && strings.TrimLeft(s, "0123456789.,") != s && startsWithUnit(strings.TrimLeft(s, "0123456789.,")):
		return faulty("problem-number-unit")
	case strings.ContainsFunc(s, unicode.IsSpace):
		return faulty("problem-number-space")
	}
	return faulty("problem-not-a-number")
}

// startsWithUnit reports whether what follows a number is a word or a sign such
// as %.
func startsWithUnit(rest string) bool {
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r) || strings.ContainsRune("%°*'’\"", r)
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
		case len(letters) >= 3 && len(letters) <= 9 && strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) < 0:
			words++
		default:
			return false
		}
	}
	return words == 1 || words == 0 && (len(parts) == 3 || strings.Contains(s, ":"))
}
