package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/text"
)

// A column of answers (None, Mild, Severe; 1 - a little) is one problem, which
// lists the words and how often each stands there, and not one a row.

// wordTally counts the words where numbers should stand.
type wordTally struct {
	numbers, words, others int // fields that are numbers, words, neither
	count                  map[string]int
	row                    row // of the first word
	offset                 int
	told                   bool // the words are reported together
}

// maxWords is how many words of a column are told apart.
const maxWords = 200

// isWord reports whether a field that is no number is an answer in words,
// perhaps behind its number, and no date, unit, limit or error.
func isWord(s string) bool {
	if strings.HasPrefix(s, "#") {
		return false
	}
	if notANumber(s).code == "problem-number-missing" {
		return true
	}
	if inner, ok := strings.CutPrefix(s, "("); ok { // (1) a little
		s = inner
	}
	rest := strings.TrimLeft(s, "0123456789")
	mark := strings.TrimLeft(rest, " \t")
	if rest == s || mark == "" || looksLikeDate(s) {
		return false
	}
	switch mark {
	case "st", "nd", "rd", "th":
		return true
	}
	if !strings.ContainsRune("-–—:=.)(", []rune(mark)[0]) || mark[0] == '.' && strings.Trim(mark[1:2], "0123456789") == "" {
		return false // 39.7 pct
	}
	return strings.ContainsFunc(mark, unicode.IsLetter)
}

func (t *wordTally) add(r row, f field) {
	if !isWord(f.text) {
		t.others++
		return
	}
	if t.words++; t.words == 1 {
		t.row, t.offset, t.count = r, f.offset, map[string]int{}
	}
	if t.count[f.text] > 0 || len(t.count) < maxWords {
		t.count[f.text]++
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
		if answers[r.outcome] == nil {
			answers[r.outcome] = map[string]bool{}
		}
		for w := range r.words.count {
			answers[r.outcome][w] = true
		}
	}
	for _, r := range rules {
		if r.outcome >= 0 && l.values[r.outcome].words != nil {
			continue // data.values says what they mean, or does not: then each is told
		}
		words := sortedKeys(r.words.count)
		if len(words) == 1 && r.outcome >= 0 && r.words.numbers+r.words.others == 0 {
			words = sortedKeys(answers[r.outcome])
		}
		if len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return !absentWord(w) }) {
			l.reportColumn(r, words)
		}
	}
}

// absentWord reports whether a word is a common one for a missing value.
func absentWord(s string) bool {
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan", "inf", "infinity", "na", "n/a", "n.a.", "n.v.t.", "null", "none", ".", "-", "?", "missing", "not done":
		return true
	}
	return false
}

// leftOut reports whether a row's values are not read: the protocol leaves out
// its arm or its visit.
func (l *loader) leftOut(r row) bool {
	if c := l.where.arm; c >= 0 {
		s := r.fields[c].text
		if id, mapped := l.p.Data.ArmValues[s]; mapped && id == "" {
			return true
		}
		if arm, settled := l.settled[l.participant(r)]; settled && arm == armIgnored && l.blankArm(s) {
			return true
		}
	}
	if c := l.where.visit; c >= 0 {
		if id, mapped := l.p.Data.VisitValues[r.fields[c].text]; mapped && id == "" {
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
	if r.outcome >= 0 {
		code, hint = "problem-words", fmt.Sprintf("{%s: {%q: …, %q: …}}", l.p.Outcomes[r.outcome].ID, answers[0], answers[len(answers)-1])
	}
	if t.numbers+t.others > 0 {
		code += "-among-numbers"
	}
	l.t.report(t.row, t.offset, code, text.Args{"column": r.name, "words": t.list(), "hint": hint})
}
