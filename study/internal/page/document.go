// Package page holds the content of what study writes (reports, readings of
// claims, derived thresholds) apart from its form: one document, from which the
// terminal's text, Markdown, HTML and DOCX are written, so that they say the same.
package page

// Document is a report's content before it has a form.
type Document struct {
	Meta   Meta
	blocks []block
}

// Meta is what a file says about itself, outside its text.
type Meta struct {
	Title string
	// Lang is the language of the text, as HTML and DOCX write it: en, nl.
	Lang string
	// Banner marks invented data inside every file that can travel alone; "" for
	// real data.
	Banner string
	// Software wrote the file.
	Software string
	// Paper is the sheet that DOCX is laid out for: "" or a4, letter.
	Paper string
	// Mark is the banner in two words, for the title of HTML and DOCX and the head of printed
	// pages.
	Mark string
	// Labels are words of HTML's navigation.
	Labels Labels
	// FontFaces are style rules with the fonts that the figures' SVG names, once
	// for all figures of an HTML file.
	FontFaces string
}

// Labels are the words of a page's navigation, in its language.
type Labels struct {
	// Skip leads past the navigation, Contents names it, Top leads to the first
	// page.
	Skip, Contents, Top string
}

type block struct {
	kind   blockKind
	level  int    // of a heading
	plain  bool   // a heading without a rule in text
	text   string // of a heading, section, paragraph or item
	pairs  [][2]string
	table  Table
	figure Figure
}

type blockKind int

const (
	headingBlock blockKind = iota
	bannerBlock
	sectionBlock
	paragraphBlock
	itemBlock
	pairsBlock
	tableBlock
	figureBlock
	breakBlock
)

// Column is a table's column; numbers stand right. Head columns name their row.
type Column struct {
	Title string
	Right bool
	Head  bool
}

// Words is a column of words.
func Words(title string) Column { return Column{Title: title} }

// Numbers is a column of numbers.
func Numbers(title string) Column { return Column{Title: title, Right: true} }

// Names is a column of words that name their row.
func Names(title string) Column { return Column{Title: title, Head: true} }

// Table is a table with its caption. Every cell holds its value in full, those
// of the first Group columns too, which the writers show once for a run of rows.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]string
	// Notes stand below the table.
	Notes []string
	Group int
	// Compact is the form of page one's text: the caption stands in the line of
	// the columns' titles, without a rule.
	Compact bool
}

// shown are the table's rows with what the row above says left blank in the
// first Group columns.
func (t Table) shown() [][]string {
	out := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		out[i] = append([]string(nil), row...)
		for j := range min(t.Group, t.starts(i)) {
			out[i][j] = ""
		}
	}
	return out
}

// starts is the first column of a row that differs from the row above: the
// columns before it continue that row's.
func (t Table) starts(i int) int {
	if i == 0 {
		return 0
	}
	for j := range t.Rows[i] {
		if t.Rows[i][j] != t.Rows[i-1][j] {
			return j
		}
	}
	return len(t.Rows[i])
}

// span is how many rows, from row i on, show cell i, j as one; 0 where the row
// above shows it.
func (t Table) span(i, j int) int {
	if j >= t.Group {
		return 1
	}
	if t.starts(i) > j {
		return 0
	}
	n := 1
	for i+n < len(t.Rows) && t.starts(i+n) > j {
		n++
	}
	return n
}

// Figure is a figure that the document shows: its file beside a Markdown or text
// report, its bytes inside HTML (SVG) and DOCX (PNG).
type Figure struct {
	// Name is the name of its file.
	Name string
	// Alt says what it shows to who cannot see it; Caption stands below it.
	Alt, Caption      string
	SVG, PNG          []byte
	WidthMM, HeightMM float64
}

// Heading adds a heading of a level, 1 for the title. It ends a section.
func (d *Document) Heading(level int, s string) {
	d.blocks = append(d.blocks, block{kind: headingBlock, level: level, text: s})
}

// Title adds the document's title, which has no rule below it in text.
func (d *Document) Title(s string) {
	d.blocks = append(d.blocks, block{kind: headingBlock, level: 1, text: s, plain: true})
}

// Banner adds a warning that nobody may overlook.
func (d *Document) Banner(s string) { d.blocks = append(d.blocks, block{kind: bannerBlock, text: s}) }

// Section begins a labeled part of page one, a question that the paragraphs,
// items and pairs after it answer; a heading or a table ends it.
func (d *Document) Section(label string) {
	d.blocks = append(d.blocks, block{kind: sectionBlock, text: label})
}

// Paragraph adds a paragraph.
func (d *Document) Paragraph(s string) {
	d.blocks = append(d.blocks, block{kind: paragraphBlock, text: s})
}

// Item adds an item of a list.
func (d *Document) Item(s string) {
	d.blocks = append(d.blocks, block{kind: itemBlock, text: s})
}

// Pairs adds lines of a name and what is said of it, aligned.
func (d *Document) Pairs(pairs [][2]string) {
	if len(pairs) > 0 {
		d.blocks = append(d.blocks, block{kind: pairsBlock, pairs: pairs})
	}
}

// Table adds a table; without rows it is left out.
func (d *Document) Table(columns []Column, rows [][]string) {
	d.TableWith(Table{Columns: columns, Rows: rows})
}

// TableWith adds a table with its caption; without rows it is left out.
func (d *Document) TableWith(t Table) {
	if len(t.Rows) > 0 {
		d.blocks = append(d.blocks, block{kind: tableBlock, table: t})
	}
}

// Figure shows a figure.
func (d *Document) Figure(f Figure) {
	d.blocks = append(d.blocks, block{kind: figureBlock, figure: f})
}

// Break starts a new page where there are pages.
func (d *Document) Break() { d.blocks = append(d.blocks, block{kind: breakBlock}) }
