package page

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// A table of at most so many rows is not broken over pages.
	shortTable = 14
	// A table whose rows need so many letters, columnGap of them between two
	// columns, is printed smaller: about as many as an A4's line holds.
	wideTable = 120
	columnGap = 2
)

// letters are how many letters stand in a line of the table where none breaks.
func (t Table) letters() int {
	n := columnGap * (len(t.Columns) - 1)
	for j, c := range t.Columns {
		most := utf8.RuneCountInString(c.Title)
		for _, r := range t.Rows {
			most = max(most, utf8.RuneCountInString(r[j]))
		}
		n += most
	}
	return n
}

// table writes a table. Where the window is narrower, it scrolls by itself, with
// the keyboard too. No text is hidden in it and no markup inside a cell makes a
// line, so that a copy holds what is seen, a cell a cell. Its caption stands
// above it and names it: that of a <caption> LibreOffice Calc pastes into the
// table's first cell, before what stands there.
func (w *htmlWriter) table(t Table) {
	id := "t" + strconv.Itoa(w.tables)
	label := ` aria-labelledby="` + w.heading.id + `"`
	role, name := "group", w.heading.text
	if t.Caption != "" {
		label, name = ` aria-labelledby="`+id+`"`, t.Caption
	}
	if w.heading.id == "" && t.Caption == "" {
		label = ""
	}
	if t.Caption != "" && w.unique(name) {
		role = "region"
	}
	class := ""
	if len(t.Rows) <= shortTable {
		class += " short"
	}
	if t.letters() >= wideTable {
		class += " wide"
	}
	w.body.WriteString(`<figure class="table` + class + "\">\n")
	if t.Caption != "" {
		w.body.WriteString(`<figcaption id="` + id + `">` + escapeHTML(t.Caption) + "</figcaption>\n")
	}
	w.body.WriteString(`<div class="scroll" role="` + role + `" tabindex="0"` + label + ">\n<table" + label + ">\n")
	w.body.WriteString("<thead>\n<tr>")
	for _, c := range t.Columns {
		if strings.TrimSpace(c.Title) == "" { // an empty cell heads nothing
			w.body.WriteString("<td></td>")
			continue
		}
		w.body.WriteString(`<th scope="col"` + rightClass(c) + keptAsText(c.Title) + ">" + escapeHTML(c.Title) + "</th>")
	}
	w.body.WriteString("</tr>\n</thead>\n<tbody>\n")
	for i := range t.Rows {
		if i > 0 && t.Group > 0 && t.starts(i) == 0 {
			w.body.WriteString("</tbody>\n<tbody>\n")
		}
		w.body.WriteString("<tr>")
		for j := range t.Columns {
			w.tableCell(t, i, j)
		}
		w.body.WriteString("</tr>\n")
	}
	w.body.WriteString("</tbody>\n</table>\n</div>\n")
	for _, n := range t.Notes {
		w.body.WriteString(`<p class="note">` + prose(n) + "</p>\n")
	}
	w.body.WriteString("</figure>\n")
}

func (w *htmlWriter) tableCell(t Table, i, j int) {
	span := t.span(i, j)
	if span == 0 {
		return // the row above shows it
	}
	s := t.Rows[i][j]
	tag, attributes := "td", rightClass(t.Columns[j])
	if t.heads(j) && strings.TrimSpace(s) != "" {
		tag = "th"
		scope := "row"
		if j == 0 && t.Group > 0 {
			scope = "rowgroup"
		}
		attributes = ` scope="` + scope + `"` + attributes
	}
	attributes += keptAsText(s)
	if span > 1 {
		attributes += ` rowspan="` + strconv.Itoa(span) + `"`
	}
	text := prose(s)
	if t.Columns[j].Right {
		text = numbers(s)
	}
	w.body.WriteString("<" + tag + attributes + ">" + text + "</" + tag + ">")
}

// keptAsText tells LibreOffice Calc, which computes with what it is given, to
// paste a cell as the text it is: an English Calc reads 0,016 as 16, and every
// Calc reads 0.00 as 0 and a label that begins with = as a formula. The
// attribute is Calc's own; others do not know it.
func keptAsText(s string) string {
	if strings.ContainsAny(s, "0123456789=") {
		return ` sdnum="1033;0;@"`
	}
	return ""
}

// heads reports whether a column names its rows: one that is said to, one that
// groups them, or the first column of words where none is.
func (t Table) heads(j int) bool {
	if t.Columns[j].Head || j < t.Group {
		return true
	}
	named := t.Group > 0 || slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Head })
	return j == 0 && !named && !t.Columns[j].Right
}

func rightClass(c Column) string {
	if c.Right {
		return ` class="r"`
	}
	return ""
}
