package page

import "strconv"

// keptRows is how many rows of a group stay together on a page, and keptTable how
// many a table has that does. A longer one breaks between rows, or groups of them,
// and repeats its head: kept whole, it would leave half a page empty before it.
const (
	keptRows  = 30
	keptTable = 18
)

// table writes a table below its caption and above its notes. Word makes one
// table of two that touch, so that a gap follows where no note does.
func (b *docxBody) table(t Table) {
	switch {
	case t.Caption != "":
		b.caption(keepNext, t.Caption)
	case b.breaks: // a table begins no page by itself
		b.open(styleGap, keepNext, "")
		b.raw(`</w:p>`)
	}
	width, size := docxColumns(t, b.paper.text())
	run := ""
	if size != docxTableSize {
		run = `<w:rPr>` + letters(size) + `</w:rPr>`
	}
	b.raw(`<w:tbl><w:tblPr><w:tblStyle w:val="` + styleTable + `"/><w:tblW w:w="` + strconv.Itoa(sum(width)) + `" w:type="dxa"/><w:tblLayout w:type="fixed"/>` +
		`<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>`)
	if t.Caption != "" {
		b.raw(`<w:tblCaption w:val="`)
		b.text(t.Caption)
		b.raw(`"/>`)
	}
	b.raw(`</w:tblPr><w:tblGrid>`)
	cells := make([]string, len(width))
	margin := make([]string, len(width))
	for j, w := range width {
		s := strconv.Itoa(w)
		b.raw(`<w:gridCol w:w="` + s + `"/>`)
		cells[j] = `<w:tc><w:tcPr><w:tcW w:w="` + s + `" w:type="dxa"/>`
		if t.followsNumbers(j) {
			margin[j] = `<w:tcMar><w:left w:w="` + strconv.Itoa(cellMargin+wordGap) + `" w:type="dxa"/></w:tcMar>`
		}
	}
	b.raw(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for j, c := range t.Columns {
		style := styleHead
		if c.Right {
			style = styleNumberHead
		}
		b.raw(cells[j] + margin[j] + `<w:vAlign w:val="bottom"/></w:tcPr>`)
		b.cell(style, "", run, c.Title)
	}
	b.raw(`</w:tr>`)
	keeps := t.keeps()
	for i, row := range t.Rows {
		keep := ""
		if keeps[i] {
			keep = keepNext
		}
		// A group's first row stands a little apart from the group above.
		if i > 0 && t.Group > 0 && t.starts(i) == 0 {
			keep += `<w:spacing w:before="60"/>`
		}
		b.raw(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		for j, s := range row {
			style := styleCell
			if t.Columns[j].Right {
				style = styleNumber
			}
			b.raw(cells[j])
			switch t.span(i, j) {
			case 0:
				b.raw(`<w:vMerge/>`)
				s = ""
			case 1:
			default:
				b.raw(`<w:vMerge w:val="restart"/>`)
			}
			b.raw(margin[j])
			b.raw(`</w:tcPr>`)
			b.cell(style, keep, run, s)
		}
		b.raw(`</w:tr>`)
	}
	b.raw(`</w:tbl>`)
	for i, n := range t.Notes {
		keep := ""
		if i+1 < len(t.Notes) {
			keep = keepNext
		}
		b.paragraph(styleNote, keep, n)
	}
	if len(t.Notes) == 0 {
		b.raw(`<w:p><w:pPr><w:pStyle w:val="` + styleGap + `"/></w:pPr></w:p>`)
	}
}

// followsNumbers reports whether words stand behind numbers, which end where the
// words begin.
func (t Table) followsNumbers(j int) bool {
	return j > 0 && t.Columns[j-1].Right && !t.Columns[j].Right
}

// keeps are the rows that stay on the page of what follows them: in a table that
// a page has room for, in a group, whose name stands in its first row alone, at the
// table's ends, and above its notes.
func (t Table) keeps() []bool {
	out := make([]bool, len(t.Rows))
	last := len(t.Rows) - 1
	for i := 0; i <= last; {
		group := t.span(i, 0)
		for k := range group {
			out[i+k] = k+1 < group && group <= keptRows || len(t.Rows) <= keptTable
		}
		i += group
	}
	out[0] = true
	if last > 0 {
		out[last-1] = true
	}
	out[last] = len(t.Notes) > 0
	return out
}

// cell writes a cell's paragraph and closes the cell.
func (b *docxBody) cell(style, properties, run, s string) {
	b.raw(`<w:p><w:pPr><w:pStyle w:val="`)
	b.raw(style)
	b.raw(`"/>`)
	b.raw(properties)
	b.raw(`</w:pPr>`)
	if s != "" {
		b.raw(`<w:r>`)
		b.raw(run)
		b.raw(`<w:t xml:space="preserve">`)
		b.text(s)
		b.raw(`</w:t></w:r>`)
	}
	b.raw(`</w:p></w:tc>`)
}
