package page

import "strings"

// docxColumns are the widths of a table's columns in twips and the size of its
// letters: as wide as what they hold where the page has room. Where it has not,
// titles of number columns are broken into two lines, then the letters become
// smaller, then words are broken into a few lines, as that makes a table of many
// rows twice as long, and last the numbers are broken too.
func docxColumns(t Table, line int) (width []int, size int) {
	for _, size = range []int{docxTableSize, docxSmallSize} {
		c := measure(t, size)
		if c.foldTitles(line); sum(c.width) <= line {
			c.widen(line)
			return c.width, size
		}
	}
	for _, size = range []int{docxTableSize, docxSmallSize} {
		c := measure(t, size)
		if c.narrow(line); sum(c.width) <= line {
			c.widen(line)
			return c.width, size
		}
		width = c.squeeze(line)
	}
	return width, size
}

// columns are a table's columns, and how wide they are.
type columns struct {
	width []int
	// number columns keep their numbers whole as long as they can.
	number []bool
	// whole, title and word are as wide as the widest cell, the title and the
	// longest word.
	whole, title, word []int
}

// cellMargin stands left and right in every cell, in twips; cellSpace is what a
// cell needs besides its letters: its margins, and a bit, as programs round; wordGap
// sets words apart from the numbers before them.
const (
	cellMargin = 85
	cellSpace  = 2*cellMargin + 20
	wordGap    = 140
)

func measure(t Table, size int) columns {
	var c columns
	for j, col := range t.Columns {
		whole, title, word := 0, textWidth(col.Title, size, true), longestWord(col.Title, size, true)
		for _, r := range t.Rows {
			whole = max(whole, textWidth(r[j], size, false))
			word = max(word, longestWord(r[j], size, false))
		}
		space := cellSpace
		if t.followsNumbers(j) {
			space += wordGap
		}
		c.number = append(c.number, col.Right)
		c.whole = append(c.whole, whole+space)
		c.title = append(c.title, title+space)
		c.word = append(c.word, word+space)
		c.width = append(c.width, max(whole, title)+space)
	}
	return c
}

// foldTitles makes the columns fit the line, if they can, with the titles of
// numbers in about two lines.
func (c columns) foldTitles(line int) {
	c.cut(line, true, func(j int) int { return max(c.whole[j], c.word[j], c.title[j]*3/5) })
}

// narrow makes the columns fit the line with their numbers whole, if they can:
// titles of numbers in about two lines, words in about three, and then both in
// more.
func (c columns) narrow(line int) {
	c.foldTitles(line)
	c.cut(line, false, func(j int) int { return max(c.word[j], max(c.whole[j], c.title[j])*2/5) })
	c.cut(line, true, func(j int) int { return max(c.whole[j], c.word[j]) })
}

// squeeze breaks numbers, then words into as many lines as there are, and cuts
// words where even that is not enough.
func (c columns) squeeze(line int) []int {
	c.cut(line, true, func(j int) int { return c.word[j] })
	c.cut(line, false, func(j int) int { return c.word[j] })
	if total := sum(c.width); total > line {
		for j := range c.width {
			c.width[j] = c.width[j] * line / total
		}
	}
	return c.width
}

// cut narrows the widest of the columns of numbers, or of words, step by step,
// until all columns fit the line or each is as narrow as it may be.
func (c columns) cut(line int, numbers bool, least func(j int) int) {
	const step = 10
	for excess := sum(c.width) - line; excess > 0; {
		widest := -1
		for j, w := range c.width {
			if c.number[j] == numbers && w > least(j) && (widest < 0 || w > c.width[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			return
		}
		by := min(step, c.width[widest]-least(widest))
		c.width[widest] -= by
		excess -= by
	}
}

// widen gives a table that fills half the line the whole of it. A narrower one
// stays so, but for what a stand-in for the font may need, such as DejaVu Sans, whose
// letters are up to a third wider: names and their numbers belong near each other.
func (c columns) widen(line int) {
	rest := line - sum(c.width)
	if rest*2 > line {
		for j, w := range c.width {
			c.width[j] += w * 3 / 10
		}
		return
	}
	for j := range c.width {
		share := rest / (len(c.width) - j)
		c.width[j] += share
		rest -= share
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
