package page

import (
	"strings"
	"unicode/utf8"
)

// TextWidth is the number of columns of a terminal that the text keeps to.
const TextWidth = 100

// sectionIndent is where the text of a section begins, behind its label.
const sectionIndent = 13

// Text writes the document for a terminal.
func (d *Document) Text() string {
	w := textWriter{}
	for _, bl := range d.blocks {
		w.block(bl)
	}
	return w.b.String()
}

// textWriter writes blocks; a section's label waits for the line beside which
// it stands.
type textWriter struct {
	b       strings.Builder
	last    *block
	section bool   // the blocks are a section's
	label   string // not yet written
}

func (w *textWriter) block(bl block) {
	if bl.kind == breakBlock {
		return
	}
	inSection := w.section
	switch bl.kind {
	case headingBlock, bannerBlock, tableBlock, figureBlock:
		w.section = false
	case sectionBlock:
		w.section, w.label = true, bl.text
	}
	if w.last != nil && w.apart(bl, inSection) {
		w.b.WriteByte('\n')
	}
	w.last = &bl
	switch bl.kind {
	case headingBlock:
		lines := wrap(bl.text, TextWidth)
		for _, l := range lines {
			w.b.WriteString(l + "\n")
		}
		if rule := [...]string{"", "=", "-"}; bl.level < len(rule) && !bl.plain {
			w.b.WriteString(strings.Repeat(rule[bl.level], longest(lines)) + "\n")
		}
	case bannerBlock:
		w.lines("", "", bl.text)
	case paragraphBlock:
		w.lines("", "", bl.text)
	case itemBlock:
		w.lines("  • ", "    ", bl.text)
	case pairsBlock:
		name := 0
		for _, p := range bl.pairs {
			name = max(name, utf8.RuneCountInString(p[0]))
		}
		for _, p := range bl.pairs {
			pad := strings.Repeat(" ", name-utf8.RuneCountInString(p[0]))
			w.lines("  "+p[0]+pad+"  ", strings.Repeat(" ", name+4), p[1])
		}
	case tableBlock:
		textTable(&w.b, bl.table)
	case figureBlock:
		w.b.WriteString(bl.figure.Name + "\n")
		if bl.figure.Caption != "" {
			w.lines("", "", bl.figure.Caption)
		}
	}
}

// apart reports whether an empty line stands before the block: not inside a
// section, nor between page one's sections and compact tables.
func (w *textWriter) apart(bl block, inSection bool) bool {
	switch {
	case bl.kind == itemBlock && w.last.kind == itemBlock:
		return false
	case bl.kind == sectionBlock:
		return w.last.kind == headingBlock || w.last.kind == bannerBlock
	case w.section:
		return false
	case bl.kind == tableBlock && bl.table.Compact:
		return w.last.kind == tableBlock && !w.last.table.Compact
	case w.last.kind == bannerBlock, w.last.plain:
		return false
	}
	return true
}

// lines writes a text, its first line behind first and the others behind rest;
// in a section they stand beside its label.
func (w *textWriter) lines(first, rest, s string) {
	indent := 0
	if w.section {
		indent = sectionIndent
	}
	for k, l := range wrap(s, TextWidth-indent-utf8.RuneCountInString(rest)) {
		lead := rest
		if k == 0 {
			lead = first
		}
		if w.section {
			w.b.WriteString(w.label + strings.Repeat(" ", max(1, sectionIndent-utf8.RuneCountInString(w.label))))
			w.label = ""
		}
		w.b.WriteString(strings.TrimRight(lead+l, " ") + "\n")
	}
}

// textTable aligns columns; where the table is too wide, titles of number
// columns are wrapped at spaces, then the widest columns of words.
func textTable(b *strings.Builder, t Table) {
	const gap = 2
	indent := 0
	if t.Compact {
		indent = 2
	}
	rows := t.shown()
	if t.Compact { // the caption stands in the place of the names' titles
		columns := append([]Column(nil), t.Columns...)
		for j := range columns {
			if columns[j].Head {
				columns[j].Title = ""
			}
		}
		t.Columns = columns
	}
	width := columnWidths(t, rows, TextWidth-indent, gap)
	if t.Compact {
		makeRoom(t, width, TextWidth-indent, gap)
	}
	write := func(indent int, cells []string) {
		wrapped := make([][]string, len(cells))
		height := 1
		for j, s := range cells {
			wrapped[j] = wrap(s, width[j])
			height = max(height, len(wrapped[j]))
		}
		for k := range height {
			l := strings.Repeat(" ", indent)
			for j := range cells {
				s := ""
				if k < len(wrapped[j]) {
					s = wrapped[j][k]
				}
				pad := strings.Repeat(" ", max(0, width[j]-utf8.RuneCountInString(s)))
				if t.Columns[j].Right {
					s, pad = pad, s
				}
				l += s + pad + strings.Repeat(" ", gap)
			}
			b.WriteString(strings.TrimRight(l, " ") + "\n")
		}
	}
	titles := make([]string, len(t.Columns))
	for j, c := range t.Columns {
		titles[j] = c.Title
	}
	switch {
	case t.Compact:
		compactHead(b, t, titles, width, indent, gap)
	default:
		if t.Caption != "" {
			for _, l := range wrap(t.Caption, TextWidth) {
				b.WriteString(l + "\n")
			}
		}
		write(0, titles)
		total := -gap
		for _, w := range width {
			total += w + gap
		}
		b.WriteString(strings.Repeat("─", total) + "\n")
	}
	for _, r := range rows {
		write(indent, r)
	}
	for _, n := range t.Notes {
		for _, l := range wrap(n, TextWidth-indent) {
			b.WriteString(strings.Repeat(" ", indent) + l + "\n")
		}
	}
}

// makeRoom widens the first column so that the caption stands beside the titles,
// where the line has room for that.
func makeRoom(t Table, width []int, line, gap int) {
	total := -gap
	for _, w := range width {
		total += w + gap
	}
	heads := 2 // the rows are indented
	for j := 0; j < len(width) && !t.Columns[j].Right; j++ {
		heads += width[j] + gap
	}
	if lack := utf8.RuneCountInString(t.Caption) + gap - heads; lack > 0 && total+lack <= line {
		width[0] += lack
	}
}

// compactHead writes the caption and, right of it, the columns' titles; a
// caption that has no room there stands above.
func compactHead(b *strings.Builder, t Table, titles []string, width []int, indent, gap int) {
	wrapped := make([][]string, len(titles))
	height := 1
	for j, s := range titles {
		wrapped[j] = wrap(s, width[j])
		height = max(height, len(wrapped[j]))
	}
	caption := t.Caption
	for k := range height {
		runes := []rune(strings.Repeat(" ", indent))
		for j, c := range t.Columns {
			s := ""
			if from := height - len(wrapped[j]); k >= from {
				s = wrapped[j][k-from]
			}
			pad := strings.Repeat(" ", max(0, width[j]-utf8.RuneCountInString(s)))
			if c.Right {
				s, pad = pad, s
			}
			runes = append(runes, []rune(s+pad+strings.Repeat(" ", gap))...)
		}
		line := string(runes)
		if k == 0 && caption != "" {
			n := utf8.RuneCountInString(caption)
			room := len(runes) - len([]rune(strings.TrimLeft(line, " ")))
			if strings.TrimSpace(line) == "" {
				room = len(runes)
			}
			if n+gap <= room {
				line = caption + string(runes[n:])
			} else {
				for _, l := range wrap(caption, TextWidth) {
					b.WriteString(l + "\n")
				}
			}
		}
		if line = strings.TrimRight(line, " "); line != "" {
			b.WriteString(line + "\n")
		}
	}
}

// columnWidths fits the columns into the line.
func columnWidths(t Table, rows [][]string, line, gap int) []int {
	width := make([]int, len(t.Columns))
	least := make([]int, len(t.Columns)) // numbers stay whole, and so do the title's words
	for j, c := range t.Columns {
		for _, r := range rows {
			width[j] = max(width[j], utf8.RuneCountInString(r[j]))
		}
		least[j] = width[j]
		width[j] = max(width[j], utf8.RuneCountInString(c.Title))
		for _, w := range strings.FieldsFunc(c.Title, isSpace) {
			least[j] = max(least[j], utf8.RuneCountInString(w))
		}
	}
	total := func() int {
		sum := -gap
		for _, w := range width {
			sum += w + gap
		}
		return sum
	}
	for excess := total() - line; excess > 0; {
		widest := -1
		for j, c := range t.Columns {
			if c.Right && width[j] > least[j] && (widest < 0 || width[j] > width[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			break
		}
		cut := min(width[widest]-least[widest], excess)
		width[widest] -= cut
		excess -= cut
	}
	for total() > line {
		widest := -1
		for j, w := range width {
			if !t.Columns[j].Right && (widest < 0 || w > width[widest]) {
				widest = j
			}
		}
		if widest < 0 || width[widest] <= 8 {
			break
		}
		width[widest]--
	}
	for total() > line { // numbers of ten digits: their cells break before the parenthesis
		widest := -1
		for j, w := range width {
			if t.Columns[j].Right && w > widestWord(rows, j) && (widest < 0 || w > width[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			break
		}
		width[widest]--
	}
	return width
}

// widestWord is the longest in a column's cells.
func widestWord(rows [][]string, column int) int {
	n := 0
	for _, r := range rows {
		for _, w := range strings.FieldsFunc(r[column], isSpace) {
			n = max(n, utf8.RuneCountInString(w))
		}
	}
	return n
}

// isSpace reports whether a line may break at the rune: no-break spaces hold
// number and unit together.
func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }

// wrap breaks a text into lines of at most width runes, at spaces; a longer
// word is cut.
func wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	line, n := "", 0
	for _, word := range strings.FieldsFunc(s, isSpace) {
		w := utf8.RuneCountInString(word)
		if n > 0 && n+1+w > width {
			lines = append(lines, line)
			line, n = "", 0
		}
		for w > width {
			runes := []rune(word)
			lines = append(lines, string(runes[:width]))
			word, w = string(runes[width:]), w-width
		}
		if n > 0 {
			line += " "
			n++
		}
		line += word
		n += w
	}
	if n > 0 || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

func longest(lines []string) int {
	n := 0
	for _, l := range lines {
		n = max(n, utf8.RuneCountInString(l))
	}
	return n
}
