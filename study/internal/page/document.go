// Package page holds the content of what study writes (reports, readings of
// claims, derived thresholds) apart from its form: one document, written as text
// for a terminal or as Markdown.
package page

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Document is a report's content before it becomes a terminal's text or
// Markdown: both are written from the same blocks, so they say the same.
type Document struct{ blocks []block }

type block struct {
	kind    blockKind
	level   int      // of a heading
	text    string   // of a heading, paragraph or item; a figure's description
	file    string   // of a figure
	columns []Column // of a table
	rows    [][]string
}

type blockKind int

const (
	headingBlock blockKind = iota
	paragraphBlock
	itemBlock
	tableBlock
	figureBlock
)

// Column is a table's column; numbers stand right.
type Column struct {
	Title string
	Right bool
}

// Words is a column of words.
func Words(title string) Column { return Column{Title: title} }

// Numbers is a column of numbers.
func Numbers(title string) Column { return Column{Title: title, Right: true} }

// Heading adds a heading of a level, 1 for the title.
func (d *Document) Heading(level int, s string) {
	d.blocks = append(d.blocks, block{kind: headingBlock, level: level, text: s})
}

// Paragraph adds a paragraph.
func (d *Document) Paragraph(s string) {
	d.blocks = append(d.blocks, block{kind: paragraphBlock, text: s})
}

// Item adds an item of a list.
func (d *Document) Item(s string) {
	d.blocks = append(d.blocks, block{kind: itemBlock, text: s})
}

// Table adds a table; without rows it is left out.
func (d *Document) Table(columns []Column, rows [][]string) {
	if len(rows) > 0 {
		d.blocks = append(d.blocks, block{kind: tableBlock, columns: columns, rows: rows})
	}
}

// Figure shows a figure of a file; alt says what it shows.
func (d *Document) Figure(file, alt string) {
	d.blocks = append(d.blocks, block{kind: figureBlock, text: alt, file: file})
}

// TextWidth is the number of columns of a terminal that the text keeps to.
const TextWidth = 100

// Text writes the document for a terminal.
func (d *Document) Text() string {
	var b strings.Builder
	for i, bl := range d.blocks {
		if i > 0 && !(bl.kind == itemBlock && d.blocks[i-1].kind == itemBlock) {
			b.WriteByte('\n')
		}
		switch bl.kind {
		case headingBlock:
			lines := wrap(bl.text, TextWidth)
			for _, l := range lines {
				b.WriteString(l + "\n")
			}
			if rule := [...]string{"", "=", "-"}; bl.level < len(rule) {
				b.WriteString(strings.Repeat(rule[bl.level], longest(lines)) + "\n")
			}
		case paragraphBlock:
			for _, l := range wrap(bl.text, TextWidth) {
				b.WriteString(l + "\n")
			}
		case itemBlock:
			for k, l := range wrap(bl.text, TextWidth-4) {
				if k == 0 {
					b.WriteString("  • " + l + "\n")
				} else {
					b.WriteString("    " + l + "\n")
				}
			}
		case tableBlock:
			textTable(&b, bl)
		case figureBlock:
			b.WriteString(bl.file + "\n")
		}
	}
	return b.String()
}

// textTable aligns columns; where the table is too wide, titles of number
// columns are wrapped at spaces, then the widest columns of words.
func textTable(b *strings.Builder, t block) {
	const gap = 2
	width := make([]int, len(t.columns))
	for j, c := range t.columns {
		width[j] = utf8.RuneCountInString(c.Title)
		for _, r := range t.rows {
			width[j] = max(width[j], utf8.RuneCountInString(r[j]))
		}
	}
	total := func() int {
		sum := -gap
		for _, w := range width {
			sum += w + gap
		}
		return sum
	}
	for excess := total() - TextWidth; excess > 0; {
		widest, least := -1, 0
		for j, c := range t.columns {
			if !c.Right {
				continue
			}
			need := 0 // numbers stay whole, and so do the title's words
			for _, w := range strings.Fields(c.Title) {
				need = max(need, utf8.RuneCountInString(w))
			}
			for _, r := range t.rows {
				need = max(need, utf8.RuneCountInString(r[j]))
			}
			if width[j] > need && (widest < 0 || width[j] > width[widest]) {
				widest, least = j, need
			}
		}
		if widest < 0 {
			break
		}
		cut := min(width[widest]-least, excess)
		width[widest] -= cut
		excess -= cut
	}
	for {
		widest := -1
		for j, w := range width {
			if !t.columns[j].Right && (widest < 0 || w > width[widest]) {
				widest = j
			}
		}
		if total() <= TextWidth || widest < 0 || width[widest] <= 8 {
			break
		}
		width[widest]--
	}
	line := func(cells []string) {
		wrapped := make([][]string, len(cells))
		height := 1
		for j, s := range cells {
			wrapped[j] = wrap(s, width[j])
			height = max(height, len(wrapped[j]))
		}
		for k := range height {
			var l strings.Builder
			for j := range cells {
				s := ""
				if k < len(wrapped[j]) {
					s = wrapped[j][k]
				}
				pad := strings.Repeat(" ", max(0, width[j]-utf8.RuneCountInString(s)))
				if t.columns[j].Right {
					l.WriteString(pad + s)
				} else {
					l.WriteString(s + pad)
				}
				l.WriteString(strings.Repeat(" ", gap))
			}
			b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
		}
	}
	titles := make([]string, len(t.columns))
	for j, c := range t.columns {
		titles[j] = c.Title
	}
	line(titles)
	b.WriteString(strings.Repeat("─", total()) + "\n")
	for _, r := range t.rows {
		line(r)
	}
}

// Markdown writes the document as Markdown.
func (d *Document) Markdown() string {
	var b strings.Builder
	for i, bl := range d.blocks {
		if i > 0 && !(bl.kind == itemBlock && d.blocks[i-1].kind == itemBlock) {
			b.WriteByte('\n')
		}
		switch bl.kind {
		case headingBlock:
			b.WriteString(strings.Repeat("#", bl.level) + " " + escapeMarkdown(bl.text) + "\n")
		case paragraphBlock:
			b.WriteString(escapeMarkdown(bl.text) + "\n")
		case itemBlock:
			b.WriteString("- " + escapeMarkdown(bl.text) + "\n")
		case figureBlock:
			b.WriteString("![" + escapeMarkdown(bl.text) + "](" + (&url.URL{Path: bl.file}).EscapedPath() + ")\n")
		case tableBlock:
			row := func(cells []string) {
				b.WriteByte('|')
				for _, c := range cells {
					b.WriteString(" " + escapeMarkdown(c) + " |")
				}
				b.WriteByte('\n')
			}
			titles, rules := []string{}, []string{}
			for _, c := range bl.columns {
				titles = append(titles, c.Title)
				if c.Right {
					rules = append(rules, "--:")
				} else {
					rules = append(rules, ":--")
				}
			}
			row(titles)
			b.WriteString("|" + strings.Join(rules, "|") + "|\n")
			for _, r := range bl.rows {
				row(r)
			}
		}
	}
	return b.String()
}

// escapeMarkdown keeps labels and file names from becoming markup.
var markdownEscaper = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "#", `\#`,
	"[", `\[`, "]", `\]`, "\n", " ", "\r", " ")

func escapeMarkdown(s string) string { return markdownEscaper.Replace(s) }

// wrap breaks a text into lines of at most width runes, at spaces; a longer
// word is cut. No-break spaces hold number and unit together.
func wrap(s string, width int) []string {
	width = max(width, 1)
	var lines []string
	line, n := "", 0
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }) {
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
