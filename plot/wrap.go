package plot

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// wrap breaks a text into lines no wider than width, at spaces but not at
// no-break spaces; "\n" breaks always. Words that are read as one, such as an
// interval, stay together where they fit. A word wider than the width stands
// alone on its line.
func (t *theme) wrap(sty text.Style, s string, width vg.Length) []string {
	var out []string
	for _, para := range strings.Split(s, "\n") {
		line := ""
		words := strings.FieldsFunc(para, func(r rune) bool { return r == ' ' })
		for i, j := 0, 0; i < len(words); i = j {
			j = t.tiedEnd(words, i)
			w := strings.Join(words[i:j], " ")
			if j > i+1 && sty.Width(w) > width {
				j = t.lastBreak(sty, words, i, j, width)
				w = strings.Join(words[i:j], " ")
			}
			switch {
			case line == "":
				line = w
			case t.rich.Width(sty.Font, line+" "+w) <= width:
				line += " " + w
			default:
				out = append(out, line)
				line = w
			}
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// lastBreak is where words i to j, read as one but too wide, are parted after all:
// behind the last word that fits, within an arm's name only where it must be.
func (t *theme) lastBreak(sty text.Style, words []string, i, j int, width vg.Length) int {
	within := 0
	for j--; j > i+1; j-- {
		if sty.Width(strings.Join(words[i:j], " ")) > width {
			continue
		}
		if !t.inName(words, j) {
			return j
		}
		within = max(within, j)
	}
	if within > 0 && t.inName(words, i+1) {
		return within
	}
	return i + 1
}

// noWidow gives a last line of one word company from the line before it.
func (t *theme) noWidow(lines []string) []string {
	n := len(lines)
	if n < 2 || strings.Contains(lines[n-1], " ") {
		return lines
	}
	words := strings.Split(lines[n-2], " ")
	for j := len(words) - 1; j > 0; j-- {
		if !t.tied(append(words[:len(words):len(words)], lines[n-1]), j) {
			if j < len(words)/2 {
				break // not for the price of a short line
			}
			return append(lines[:n-2:n-2], strings.Join(words[:j], " "), strings.Join(words[j:], " ")+" "+lines[n-1])
		}
	}
	return lines
}

// knowNames keeps the arms' names whole where lines are broken.
func (t *theme) knowNames(arms []study.Arm) {
	for _, a := range arms {
		for _, n := range []string{armName(a), a.ShortLabel()} {
			parts := strings.Fields(n)
			if len(parts) > 1 && !slices.ContainsFunc(t.names, func(o []string) bool { return slices.Equal(o, parts) }) {
				t.names = append(t.names, parts)
			}
		}
	}
}

// knowVisits keeps the visits' names whole within sentences.
func (t *theme) knowVisits(visits []study.Visit) {
	for _, v := range visits {
		if parts := strings.Fields(visitName(v)); len(parts) > 1 {
			t.visits = append(t.visits, parts)
		}
	}
}

// inName reports whether words j−1 and j belong to one name of an arm.
func (t *theme) inName(words []string, j int) bool { return inOneOf(t.names, words, j) }

// inOneOf reports whether words j−1 and j belong to one of several names, with
// brackets, a slash or punctuation around it.
func inOneOf(names [][]string, words []string, j int) bool {
	for _, name := range names {
		for first := max(j-len(name)+1, 0); first < j && first+len(name) <= len(words); first++ {
			last := first + len(name) - 1
			whole := strings.TrimLeft(words[first], "(“") == name[0] && strings.TrimRight(words[last], ".,;:)/”") == strings.TrimRight(name[len(name)-1], ".)")
			for k := first + 1; whole && k < last; k++ {
				whole = words[k] == name[k-first]
			}
			if whole {
				return true
			}
		}
	}
	return false
}

// tied reports whether word j is read as one with the word before it, so that no
// line may end between them: the words of an arm's name, in a sentence those of a
// visit's, the sides of an operator ("active − control"), two numbers with a short word
// between ("−21.1 to −14.5"), a number and its interval, "95% CI", "MCID 8" and
// "dashed: MCID".
func (t *theme) tied(words []string, j int) bool {
	if t.inName(words, j) {
		return true
	}
	a, b := words[j-1], words[j]
	switch {
	case len(words) > 3 && (numbered(a, b) || inOneOf(t.visits, words, j)): // a name alone breaks as it must
		return true
	case t.parting && a == "−":
		return false
	case operator(a[lastSpace(a):]) || operator(strings.Split(b, "\u00a0")[0]):
		return true
	case endsInDigit(a) && strings.HasPrefix(b, "("):
		return beginsWithDigit(b)
	case endsInDigit(a) && shortWord(strings.TrimRight(b, ".,;:)")): // "24 h" too
		return true
	case shortWord(a) && beginsWithDigit(b):
		return j >= 2 && endsInDigit(words[j-2])
	case strings.HasSuffix(a, ":"):
		return capitals(b)
	case strings.HasSuffix(a, "%"):
		return capitals(b)
	}
	return capitals(a[strings.LastIndex(a, "-")+1:]) && beginsWithDigit(b) // "95%-BI" too
}

// tiedEnd is the end of the words that are read as one with word i.
func (t *theme) tiedEnd(words []string, i int) int {
	j := i + 1
	for j < len(words) && t.tied(words, j) {
		j++
	}
	return j
}

// widestTied is the width of the widest part of a text that is read as one and
// fits: no narrower column keeps it whole.
func (t *theme) widestTied(sty text.Style, s string, room vg.Length) (w vg.Length) {
	for _, para := range strings.Split(s, "\n") {
		words := strings.FieldsFunc(para, func(r rune) bool { return r == ' ' })
		for i, j := 0, 0; i < len(words); i = j {
			j = t.tiedEnd(words, i)
			if part := sty.Width(strings.Join(words[i:j], " ")); part <= room {
				w = max(w, part)
			}
		}
	}
	return w
}

// lastSpace is where a word's part after its last no-break space begins.
func lastSpace(w string) int {
	if i := strings.LastIndex(w, "\u00a0"); i >= 0 {
		return i + len("\u00a0")
	}
	return 0
}

func operator(w string) bool {
	switch w {
	case "−", "±", "=", "<", ">", "≤", "≥", "×", "+":
		return true
	}
	return false
}

func endsInDigit(w string) bool { return w != "" && w[len(w)-1] >= '0' && w[len(w)-1] <= '9' }

func beginsWithDigit(w string) bool {
	w = strings.TrimPrefix(strings.TrimPrefix(w, "("), "−")
	return w != "" && w[0] >= '0' && w[0] <= '9'
}

// numbered reports whether a word and its number name something: "Week 4:".
func numbered(a, b string) bool {
	first, _ := utf8.DecodeRuneInString(a)
	b = strings.TrimRight(b, ".,;:)")
	return unicode.IsUpper(first) && strings.IndexFunc(a, func(r rune) bool { return !unicode.IsLetter(r) }) < 0 && b != "" && strings.Trim(b, "0123456789") == ""
}

func shortWord(w string) bool {
	return w != "" && len(w) <= 3 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == ""
}

func capitals(w string) bool {
	w = strings.TrimLeft(strings.TrimRight(w, ",.;:)"), "(")
	return len(w) >= 2 && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// clauses breaks a sentence that is too wide behind its semicolons first.
func (t *theme) clauses(sty text.Style, s string, width vg.Length) []string {
	if sty.Width(s) > width {
		s = strings.ReplaceAll(s, "; ", ";\n")
	}
	var out []string
	for _, part := range strings.Split(s, "\n") {
		out = append(out, t.balance(sty, part, width)...)
	}
	return out
}

// fold is wrap for a place that cannot grow, such as the side of an axis: a word
// wider than the width is broken after a hyphen, a dash or a slash. One without
// them stays whole and wider than the width.
func (t *theme) fold(sty text.Style, s string, width vg.Length) []string {
	var out []string
	for _, line := range t.wrap(sty, s, width) {
		for sty.Width(line) > width {
			n := 0
			for i, r := range line {
				end := i + len(string(r))
				if strings.ContainsRune("-–/", r) && end < len(line) && (n == 0 || sty.Width(line[:end]) <= width) {
					n = end
				}
			}
			if n == 0 {
				break
			}
			out = append(out, line[:n])
			line = line[n:]
		}
		out = append(out, line)
	}
	return out
}

// fits reports whether no line is wider than a width.
func fits(sty text.Style, lines []string, width vg.Length) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return sty.Width(l) > width })
}

// across writes a label along an axis, in lines of even length where it needs
// several: no unit stands alone. What compares arms is parted behind its minus where
// that spares a line.
func (t *theme) across(label string, room vg.Length) string {
	lines := t.lengthwise(label, room)
	if n := len(lines); n > 1 && len(t.names) > 0 {
		parting := *t
		parting.parting = true
		alone := strings.HasSuffix(lines[n-2], ",") && !strings.Contains(lines[n-1], " ")
		if parted := parting.lengthwise(label, room); len(parted) < n || alone && len(parted) == n {
			lines = parted
		}
	}
	if !fits(t.text(), lines, room) { // a word is longer than the axis
		t.cramped = true
	}
	return strings.Join(lines, "\n")
}

func (t *theme) lengthwise(label string, room vg.Length) []string {
	return t.fold(t.text(), strings.Join(t.balance(t.text(), label, room), "\n"), room)
}

// rowName wraps the name of a row into lines of even length. A word wider than
// the room stays whole: the column is as wide as it.
func (t *theme) rowName(sty text.Style, label string, room vg.Length) string {
	return strings.Join(t.fold(sty, strings.Join(t.balance(sty, label, room), "\n"), room), "\n")
}

// wrapLines breaks a text into at most so many lines, as narrow as that allows
// without breaking what is read as one.
func (t *theme) wrapLines(sty text.Style, s string, room vg.Length, lines int) []string {
	// Narrower never takes fewer lines: the first width that takes too many is
	// found by halves.
	step := t.size() / 4
	least := t.widestTied(sty, s, room)
	width := func(n int) vg.Length { return max(room-vg.Length(n)*step, least) }
	n := sort.Search(int(room/step)+1, func(n int) bool { return len(t.wrap(sty, s, width(n))) > lines })
	return t.wrap(sty, s, width(max(n-1, 0)))
}

// unwidowed folds a text to the width and, where next to nothing is left for the
// last line, sets the lines before it a little shorter.
func (t *theme) unwidowed(sty text.Style, s string, width vg.Length) []string {
	lines := t.fold(sty, s, width)
	n := len(lines)
	if n < 2 {
		return lines
	}
	for w := width; w > 0.8*width && sty.Width(lines[n-1]) < 0.2*width; w -= t.size() / 2 {
		if shorter := t.fold(sty, s, w); len(shorter) == n {
			lines = shorter
		} else {
			break
		}
	}
	return lines
}

// balance wraps a text to the width and then evens its lines out.
func (t *theme) balance(sty text.Style, s string, width vg.Length) []string {
	return t.wrapLines(sty, s, width, len(t.wrap(sty, s, width)))
}
