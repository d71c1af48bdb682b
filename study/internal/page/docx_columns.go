package page

import "strings"

// docxColumns are the widths of a table's columns in twips and the size of its
// letters: as wide as what they hold where the page has room. Where it has not,
// first the titles of number columns are broken at spaces, then columns of words,
// then the letters become smaller and last the numbers are broken.
func docxColumns(t Table, line int) (width []int, size int) {
	for _, size = range []int{docxTableSize, docxSmallSize} {
		c := measure(t, size)
		if c.narrow(line, t) {
			c.widen(line)
			return c.width, size
		}
		if size == docxSmallSize {
			c.squeeze(line)
			width = c.width
		}
	}
	return width, size
}

// columns are a table's columns: how wide they are, how narrow their titles and
// words let them become, and how narrow broken numbers would.
type columns struct{ width, least, word []int }

// cellMargin stands left and right in every cell, in twips; cellSpace is what a
// cell needs besides its letters: its margins, and a bit, as programs round.
const (
	cellMargin = 85
	cellSpace  = 2*cellMargin + 20
)

func measure(t Table, size int) columns {
	n := len(t.Columns)
	c := columns{make([]int, n), make([]int, n), make([]int, n)}
	for j, col := range t.Columns {
		whole, word := 0, longestWord(col.Title, size, true)
		for _, r := range t.Rows {
			whole = max(whole, textWidth(r[j], size, false))
			word = max(word, longestWord(r[j], size, false))
		}
		c.width[j] = max(whole, textWidth(col.Title, size, true)) + cellSpace
		c.word[j] = word + cellSpace
		c.least[j] = c.word[j]
		if col.Right {
			c.least[j] = max(word, whole) + cellSpace
		}
	}
	return c
}

// narrow makes the columns fit the line with their numbers whole, if they can.
func (c columns) narrow(line int, t Table) bool {
	numbers, words := []int{}, []int{}
	for j, col := range t.Columns {
		if col.Right {
			numbers = append(numbers, j)
		} else {
			words = append(words, j)
		}
	}
	c.cut(numbers, c.least, line)
	c.cut(words, c.least, line)
	return sum(c.width) <= line
}

// widen gives a table that is nearly as wide as the line the whole of it. A narrow
// one stays narrow: names and their numbers belong near each other.
func (c columns) widen(line int) {
	rest := line - sum(c.width)
	if rest*5 > line*2 {
		return
	}
	for j := range c.width {
		share := rest / (len(c.width) - j)
		c.width[j] += share
		rest -= share
	}
}

// squeeze breaks numbers too, and words where even that is not enough.
func (c columns) squeeze(line int) {
	all := make([]int, len(c.width))
	for j := range all {
		all[j] = j
	}
	c.cut(all, c.word, line)
	if total := sum(c.width); total > line {
		for j := range c.width {
			c.width[j] = c.width[j] * line / total
		}
	}
}

// cut narrows the widest of some columns, step by step, until all fit the line
// or none of them can become narrower.
func (c columns) cut(of, least []int, line int) {
	const step = 10
	for excess := sum(c.width) - line; excess > 0; {
		widest := -1
		for _, j := range of {
			if c.width[j] > least[j] && (widest < 0 || c.width[j] > c.width[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			return
		}
		by := min(step, c.width[widest]-least[widest])
		c.width[widest] -= by
		excess -= by
	}
}

func sum(x []int) int {
	s := 0
	for _, v := range x {
		s += v
	}
	return s
}

func longestWord(s string, size int, bold bool) int {
	n := 0
	for w := range strings.FieldsFuncSeq(s, isSpace) {
		n = max(n, textWidth(w, size, bold))
	}
	return n
}

// letterWidths are the advance widths of U+0020 to U+007E in Carlito, which are
// Calibri's, in 1/2048 of the letters' size; measured from Carlito-Regular.ttf
// (Debian fonts-crosextra-carlito 20220224).
var letterWidths = [...]uint16{
	463, 667, 821, 1020, 1038, 1464, 1397, 452, 621, 621, 1020, 1020, 511, 627, 517, 791,
	1038, 1038, 1038, 1038, 1038, 1038, 1038, 1038, 1038, 1038, 548, 548, 1020, 1020, 1020, 949,
	1831, 1185, 1114, 1092, 1260, 1000, 941, 1292, 1276, 516, 653, 1064, 861, 1751, 1322, 1356,
	1058, 1378, 1112, 941, 998, 1314, 1162, 1822, 1063, 998, 959, 628, 791, 628, 1020, 1020,
	596, 981, 1076, 866, 1076, 1019, 625, 964, 1076, 470, 490, 931, 470, 1636, 1076, 1080,
	1076, 1076, 714, 801, 686, 1076, 925, 1464, 887, 927, 809, 644, 943, 644, 1020,
}

// otherWidth is at least that of most letters with accents, of Greek ones and of
// signs such as − and ≤; wideWidth that of an em dash and an arrow.
const (
	otherWidth = 1160
	wideWidth  = 1854
)

// textWidth is how wide a text is in twips, at a size in half points. Bold letters
// are wider, by a sixteenth together.
func textWidth(s string, size int, bold bool) int {
	n := 0
	for _, r := range s {
		switch {
		case r >= ' ' && int(r-' ') < len(letterWidths):
			n += int(letterWidths[r-' '])
		case r == '\u00a0':
			n += int(letterWidths[0])
		case r == '—' || r >= '\u2190':
			if r == '−' || r == '≤' || r == '≥' {
				n += otherWidth
			} else {
				n += wideWidth
			}
		default:
			n += otherWidth
		}
	}
	w := n * size * 10 / 2048
	if bold {
		w += w / 16
	}
	return w
}
