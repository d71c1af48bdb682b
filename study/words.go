package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// A column of answers (None, Mild, Severe; 1 - a little) is one problem, which
// lists the words and how often each stands there, and not one a row.

// wordTally counts the words where numbers should stand.
type wordTally struct {
	numbers, words, others int // fields that are numbers, words, neither
	count                  map[string]int
	row                    files.Row // of the first word
	offset                 int
	told                   bool // the words are reported together
}

// maxWords is how many words of a column are told apart.
const maxWords = 200

func (t *wordTally) add(r files.Row, f files.Field) {
	if !files.IsWord(f.Text) {
		t.others++
		return
	}
	if t.words++; t.words == 1 {
		t.row, t.offset, t.count = r, f.Offset, map[string]int{}
	}
	if t.count[f.Text] > 0 || len(t.count) < maxWords {
		t.count[f.Text]++
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
		s := r.Fields[c].Text
		if id, mapped := l.p.Data.ArmValues[s]; mapped && id == "" {
			return true
		}
		if arm, settled := l.settled[l.participant(r)]; settled && arm == armIgnored && l.blankArm(s) {
			return true
		}
	}
	if c := l.where.visit; c >= 0 {
		if id, mapped := l.p.Data.VisitValues[r.Fields[c].Text]; mapped && id == "" {
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
	l.t.Report(t.row, t.offset, code, text.Args{"column": r.Name, "words": t.list(), "hint": hint})
}
