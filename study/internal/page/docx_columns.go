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
// letters are up to a fifth wider: names and their numbers belong near each other.
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

// letterWidths are the advance widths of U+0020 to U+007E in Liberation Sans, which are
// Arial's, in 1/2048 of the letters' size; read from LiberationSans-Regular.ttf 2.1.
var letterWidths = [...]uint16{
	569, 569, 727, 1139, 1139, 1821, 1366, 391, 682, 682, 797, 1196, 569, 682, 569, 569,
	1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 569, 569, 1196, 1196, 1196, 1139,
	2079, 1366, 1366, 1479, 1479, 1366, 1251, 1593, 1479, 569, 1024, 1366, 1139, 1706, 1479, 1593,
	1366, 1593, 1479, 1366, 1251, 1479, 1366, 1933, 1366, 1366, 1251, 569, 569, 569, 961, 1139,
	682, 1139, 1139, 1024, 1139, 1139, 569, 1139, 1139, 455, 455, 1024, 455, 1706, 1139, 1139,
	1139, 1139, 682, 1024, 569, 1139, 1024, 1479, 1024, 1024, 1024, 684, 532, 684, 1196,
}

// otherWidth is at least that of most letters with accents, of Greek ones and of
// signs such as − and ≤; wideWidth that of an em dash and an arrow.
const (
	otherWidth = 1251
	wideWidth  = 2048
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
