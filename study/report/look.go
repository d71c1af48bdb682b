package report

import (
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// lookRows is how many rows of a sheet Look shows, lookWord the longest cell.
const lookRows, lookWord = 6, 24

// Look writes what stands in a file, before any protocol says what it means: for
// each sheet, hidden ones too, what was decided when it was read, its columns (kind,
// how many values, from where to where, the file's own labels and codes of missing
// values), and its first rows. Only Options.Lang is used.
func Look(w io.Writer, file string, sheets []files.View, o Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	var d page.Document
	d.Title(c.Say("look-title", text.Args{"file": filepath.Base(file)}))
	for _, v := range sheets {
		name := c.Say("look-size", text.Args{"rows": len(v.Rows), "columns": len(v.Columns)})
		switch {
		case v.Sheet != "" && v.Hidden:
			name = c.Say("look-sheet-hidden", text.Args{"sheet": v.Sheet, "size": name})
		case v.Sheet != "":
			name = c.Say("look-sheet", text.Args{"sheet": v.Sheet, "size": name})
		}
		d.Heading(2, name)
		for _, n := range v.Notes {
			d.Item(c.Say(n.Code, n.Args))
		}
		if len(v.Columns) > 0 {
			d.TableWith(lookColumns(c, v))
			for _, t := range firstRows(c, v) {
				d.TableWith(t)
			}
		}
	}
	_, err = io.WriteString(w, d.Text())
	return err
}

// lookColumns lists a sheet's columns.
func lookColumns(c *text.Catalog, v files.View) page.Table {
	t := page.Table{Columns: []page.Column{page.Names(c.Say("look-column", nil)), page.Words(c.Say("look-type", nil)),
		page.Numbers(c.Say("look-values", nil)), page.Words(c.Say("look-from", nil)), page.Words(c.Say("look-label", nil))}}
	for i, col := range v.Columns {
		n, what := valuesOf(c, v, i)
		name := col.Name
		if name == "" {
			name = c.Say("look-no-name", text.Args{"n": i + 1})
		}
		t.Rows = append(t.Rows, []string{name, c.Say("look-type-"+col.Kind.Name(), nil), strconv.Itoa(n), what, saysOf(c, col)})
	}
	return t
}

// saysOf is what a file says of a column: label, unit, words for values, and codes of
// missing ones.
func saysOf(c *text.Catalog, col files.Column) string {
	var says []string
	if col.Label != "" {
		says = append(says, strings.Join(strings.Fields(col.Label), " "))
	}
	if col.Unit != "" {
		says = append(says, c.Say("look-unit", text.Args{"unit": col.Unit}))
	}
	if len(col.Labels) > 0 {
		var words []string
		for _, l := range col.Labels {
			words = append(words, l.Value+" = "+l.Word)
		}
		says = append(says, text.List(words, 8))
	}
	codes := slices.Clone(col.Missing)
	if col.Ranged {
		codes = append(codes, c.Say("check-from-to", text.Args{"low": col.Range[0], "high": col.Range[1]}))
	}
	if len(codes) > 0 {
		says = append(says, c.Say("look-missing", text.Args{"codes": strings.Join(codes, ", ")}))
	}
	return strings.Join(says, "; ")
}

// valuesOf counts the values of a column, and says the smallest and the largest, or
// the first different texts.
func valuesOf(c *text.Catalog, v files.View, column int) (n int, what string) {
	var low, high string
	var lowest, highest float64
	var words []string
	for _, row := range v.Rows {
		if column >= len(row) {
			continue
		}
		cell := row[column]
		switch cell.Kind {
		case sheet.Empty, sheet.Missing, sheet.Error:
			continue
		case sheet.Number:
			x, _ := strconv.ParseFloat(cell.Text, 64)
			if low == "" || x < lowest {
				low, lowest = cell.Text, x
			}
			if high == "" || x > highest {
				high, highest = cell.Text, x
			}
		case sheet.Text:
			if s := clipWord(cell.Text); len(words) < 4 && !slices.Contains(words, s) {
				words = append(words, s)
			}
		default: // in ISO 8601 the order of texts is that of times
			if low == "" || cell.Text < low {
				low = cell.Text
			}
			high = max(high, cell.Text)
		}
		n++
	}
	switch {
	case low != "" && v.Columns[column].Kind != sheet.Text:
		what = c.Say("look-range", text.Args{"low": low, "high": high})
		if len(words) > 0 {
			what += "; " + text.List(words, 3)
		}
	case len(words) > 0:
		what = text.List(words, 3)
	}
	return n, what
}

// firstRows shows the first rows, in as many tables as the width of a page asks for.
func firstRows(c *text.Catalog, v files.View) []page.Table {
	rows := v.Rows[:min(len(v.Rows), lookRows)]
	if len(rows) == 0 {
		return nil
	}
	cellOf := func(i, j int) string {
		if j >= len(rows[i]) {
			return ""
		}
		cell := rows[i][j]
		if cell.Kind == sheet.Missing {
			return c.Say("look-cell-missing", text.Args{"code": cell.Text})
		}
		return clipWord(cell.Text)
	}
	var out []page.Table
	room := 0
	for j, col := range v.Columns {
		name := clipWord(col.Name)
		width := utf8.RuneCountInString(name)
		for i := range rows {
			width = max(width, utf8.RuneCountInString(cellOf(i, j)))
		}
		if room -= width + 2; room < 0 {
			out = append(out, page.Table{Columns: []page.Column{page.Names(c.Say("look-row", nil))}})
			room = page.TextWidth - 10 - width
			for i := range rows {
				out[len(out)-1].Rows = append(out[len(out)-1].Rows, []string{strconv.Itoa(v.Lines[i])})
			}
		}
		t := &out[len(out)-1]
		head := page.Words(name)
		if col.Kind == sheet.Number {
			head = page.Numbers(name)
		}
		t.Columns = append(t.Columns, head)
		for i := range rows {
			t.Rows[i] = append(t.Rows[i], cellOf(i, j))
		}
	}
	out[0].Caption = c.Say("look-first", text.Args{"n": len(rows)})
	return out
}

// clipWord is a cell in one line of at most lookWord characters.
func clipWord(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= lookWord {
		return s
	}
	return string([]rune(s)[:lookWord-1]) + "…"
}
