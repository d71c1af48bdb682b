package files

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// View is what stands in a table, for a look at a file before anyone says what it
// means. Where the format states no kinds of columns (texts, workbooks) they are
// those of the cells:
//
//   - A column is of numbers, dates or times where all its values are that, with a
//     decimal point or comma (see Signs). Errors of a spreadsheet, words for a
//     missing value (NA, n/a) and, among dates, those in another order of day, month
//     and year (29-2-2024) do not make it a column of texts; they stay as they are.
//   - A column in which a value has a zero in front (007) holds codes, which are
//     texts. So are the numbers of a text's column whose name says that it holds
//     identifiers (id, participant_id).
//   - NA without quotes, and a point alone, are no values there: so R and SAS write
//     them. NA without quotes is none in a column of texts either, where the column's
//     other texts stand in quotes or the file's columns of numbers and dates have it too.
//
// It marshals to JSON as {"sheet", "columns": [{"name", "label", "type",
// "value_labels", "missing_codes", "missing_range"}], "rows": [[…]]}. A cell is null,
// a text ("6.3", "2024-02-29"), {"missing": CODE} for a value that the file itself
// calls missing, or {"error": "#DIV/0!"}.
type View struct {
	Sheet  string
	Hidden bool
	// Columns have the kind that was found where the file states none.
	Columns []Column
	// Rows are the cells; rows that hold nothing are left out. Lines are their
	// numbers in the file.
	Rows  [][]ViewCell
	Lines []int
	// Notes tell what was decided: messages of the catalog.
	Notes []text.Phrase
}

// ViewCell is one cell of a View.
type ViewCell = sheet.Cell

// View looks at a table.
func (t *Table) View() View {
	t.Fit()
	v := View{Sheet: t.Sheet, Hidden: t.Hidden, Columns: slices.Clone(t.Columns), Notes: slices.Clone(t.Notes)}
	var rows []Row
	unlike, first := 0, 0
	for r := range t.All() {
		if r.isBlank() {
			continue
		}
		if r.Len() != len(t.Columns) {
			if unlike++; unlike == 1 {
				first = r.Line()
			}
		}
		rows = append(rows, r)
		v.Lines = append(v.Lines, r.Line())
		cells := make([]ViewCell, r.Len())
		for i := range cells {
			cells[i] = r.viewed(i)
		}
		v.Rows = append(v.Rows, cells)
	}
	if unlike > 0 {
		v.Notes = append(v.Notes, text.Phrase{Code: "view-ragged", Args: text.Args{"count": unlike, "line": first, "want": len(t.Columns)}})
	}
	v.findKinds(t, rows)
	return v
}

// isBlank reports whether no cell of a row holds anything, not even a value that
// counts as missing.
func (r Row) isBlank() bool {
	for i := range r.Len() {
		if r.Text(i) != "" || r.Missing(i) != "" {
			return false
		}
	}
	return true
}

// viewed is a cell of the row as the file has it.
func (r Row) viewed(i int) ViewCell {
	if code := r.Missing(i); code != "" {
		return ViewCell{Text: code, Kind: sheet.Missing}
	}
	switch s := r.Text(i); {
	case r.t.sheet != nil && r.cell(i).Kind == sheet.Error:
		return ViewCell{Text: s, Kind: sheet.Error}
	case s == "":
		return ViewCell{}
	default:
		return ViewCell{Text: s, Kind: r.Kind(i)}
	}
}

// seenColumn counts what stands in a column whose kind is not stated.
type seenColumn struct {
	at                                                       int
	signs                                                    Signs
	numbers, numerals, dates, moments, times, unlike, others int
	none                                                     int // NA and the point
	bare, quoted                                             int // NA without quotes; texts in quotes
}

// findKinds finds the kinds of the columns that have none, and rewrites their cells:
// numbers with a decimal point, moments with a T.
func (v *View) findKinds(t *Table, rows []Row) {
	var seen []*seenColumn
	var signs []*Signs
	for c := range v.Columns {
		if v.Columns[c].Kind != sheet.Empty {
			continue
		}
		s := &seenColumn{at: c, signs: Signs{Name: v.Columns[c].Name, Group: -1}}
		for k, row := range v.Rows {
			if c < len(row) {
				s.count(row[c], rows[k], t.sheet == nil)
			}
		}
		seen = append(seen, s)
		if s.numerals > 0 && s.others+s.dates+s.moments+s.times == 0 {
			signs = append(signs, &s.signs)
		}
	}
	_, doubts := SettleSigns(signs, "", t.Delimiter)
	v.Notes = append(v.Notes, doubts...)
	none, unlike := 0, 0
	for _, s := range seen {
		v.Columns[s.at].Kind = s.kind()
	}
	usesNA := slices.ContainsFunc(seen, func(s *seenColumn) bool { return s.bare > 0 && v.Columns[s.at].Kind != sheet.Text })
	for _, s := range seen {
		column := &v.Columns[s.at]
		if column.Kind == sheet.Number && (s.ambiguous(v.Rows) || t.sheet == nil && isIdentifier(column.Name)) {
			column.Kind = sheet.Text
		}
		if column.Kind == sheet.Text {
			if s.bare > 0 && (usesNA || s.quoted > 0) {
				none += s.bare
				s.clearNA(v.Rows, rows)
			}
			continue
		}
		none, unlike = none+s.none, unlike+s.unlike
		for _, row := range v.Rows {
			if s.at < len(row) {
				row[s.at] = s.read(row[s.at], column.Kind)
			}
		}
	}
	if none > 0 {
		v.Notes = append(v.Notes, text.Phrase{Code: "view-no-value", Args: text.Args{"count": none}})
	}
	if unlike > 0 {
		v.Notes = append(v.Notes, text.Phrase{Code: "view-dates-unlike", Args: text.Args{"count": unlike}})
	}
}

// clearNA leaves out the texts NA that stand without quotes.
func (s *seenColumn) clearNA(cells [][]ViewCell, rows []Row) {
	for k, row := range cells {
		if s.at < len(row) && row[s.at].Text == "NA" && row[s.at].Kind == sheet.Text && !rows[k].Quoted(s.at) {
			row[s.at] = ViewCell{}
		}
	}
}

// noValue reports whether a text is no value as R and SAS write it.
func noValue(s string) bool { return s == "NA" || s == "." }

func (s *seenColumn) count(c ViewCell, r Row, isText bool) {
	if isText && c.Kind == sheet.Text {
		switch quoted := r.Quoted(s.at); {
		case quoted:
			s.quoted++
		case c.Text == "NA":
			s.bare++
		}
	}
	switch {
	case c.Kind == sheet.Number:
		s.numbers++
	case c.Kind == sheet.Date:
		s.dates++
	case c.Kind == sheet.DateTime:
		s.moments++
	case c.Kind == sheet.Time:
		s.times++
	case c.Kind != sheet.Text:
	case noValue(c.Text) && !(isText && r.Quoted(s.at)):
		s.none++
	case AbsentWord(c.Text):
	case isCode(c.Text):
		s.others++
	case s.signs.Count(c.Text, r.Line(), nil):
		s.numerals++
	case textKind(c.Text) == sheet.Date:
		s.dates++
	case textKind(c.Text) == sheet.DateTime:
		s.moments++
	case textKind(c.Text) == sheet.Time:
		s.times++
	case looksLikeDate(c.Text):
		s.unlike++
	default:
		s.others++
	}
}

// kind is the column's kind.
func (s *seenColumn) kind() sheet.Kind {
	numbers := s.numbers + s.numerals
	switch {
	case s.others > 0:
		return sheet.Text
	case numbers > 0 && s.dates+s.moments+s.times+s.unlike == 0:
		return sheet.Number
	case s.dates > s.unlike && numbers+s.moments+s.times == 0:
		return sheet.Date
	case s.moments > s.unlike && numbers+s.times == 0:
		return sheet.DateTime
	case s.times > 0 && numbers+s.dates+s.moments+s.unlike == 0:
		return sheet.Time
	}
	return sheet.Text
}

// ambiguous reports whether a number of the column has two readings.
func (s *seenColumn) ambiguous(rows [][]ViewCell) bool {
	return s.numerals > 0 && slices.ContainsFunc(rows, func(row []ViewCell) bool {
		if s.at >= len(row) || row[s.at].Kind != sheet.Text || noValue(row[s.at].Text) || AbsentWord(row[s.at].Text) {
			return false
		}
		_, _, fault := s.signs.Read(row[s.at].Text)
		return fault.Code != ""
	})
}

// read is a cell as one of its column's kind, where it is that.
func (s *seenColumn) read(c ViewCell, kind sheet.Kind) ViewCell {
	switch {
	case c.Kind != sheet.Text:
		return c
	case noValue(c.Text):
		return ViewCell{}
	case kind == sheet.Number:
		if v, _, fault := s.signs.Read(c.Text); fault.Code == "" {
			return ViewCell{Text: v.Text(), Kind: kind}
		}
	case textKind(c.Text) != sheet.Text:
		return ViewCell{Text: strings.Replace(c.Text, " ", "T", 1), Kind: textKind(c.Text)}
	}
	return c
}

// isCode reports whether digits begin with a zero that a number would lose.
func isCode(s string) bool { return len(s) > 1 && s[0] == '0' && PlainDigits(s) }

// isIdentifier reports whether a column's name has the word id.
func isIdentifier(name string) bool {
	return slices.Contains(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '.' || r == '-' }), "id")
}

// textKind is the kind of a text that is a date, a moment or a time in ISO 8601.
func textKind(s string) sheet.Kind {
	digits := func(s string, form string) bool {
		if len(s) < len(form) {
			return false
		}
		for i := range form {
			if form[i] == '0' && (s[i] < '0' || s[i] > '9') || form[i] != '0' && s[i] != form[i] {
				return false
			}
		}
		return true
	}
	const date, clock = "0000-00-00", "00:00"
	time := func(s string) bool {
		if !digits(s, clock) {
			return false
		}
		rest := s[len(clock):]
		return rest == "" || digits(rest, ":00") && (len(rest) == 3 || rest[3] == '.' && len(rest) > 4 && PlainDigits(rest[4:]))
	}
	switch {
	case len(s) == len(date) && digits(s, date):
		return sheet.Date
	case len(s) > len(date) && digits(s, date) && (s[10] == 'T' || s[10] == ' ') && time(s[11:]):
		return sheet.DateTime
	case time(s):
		return sheet.Time
	}
	return sheet.Text
}

// MarshalJSON writes the view; see View.
func (v View) MarshalJSON() ([]byte, error) {
	type column struct {
		Name    string   `json:"name"`
		Label   string   `json:"label,omitempty"`
		Type    string   `json:"type"`
		Labels  labels   `json:"value_labels,omitempty"`
		Missing []string `json:"missing_codes,omitempty"`
		Range   []string `json:"missing_range,omitempty"`
	}
	out := struct {
		Sheet   *string  `json:"sheet"`
		Hidden  bool     `json:"hidden,omitempty"`
		Columns []column `json:"columns"`
		Rows    [][]any  `json:"rows"`
	}{Hidden: v.Hidden, Columns: []column{}, Rows: make([][]any, len(v.Rows))}
	if v.Sheet != "" {
		out.Sheet = &v.Sheet
	}
	for _, c := range v.Columns {
		x := column{Name: c.Name, Label: c.Label, Type: c.Kind.Name(), Labels: c.Labels, Missing: c.Missing}
		if c.Ranged {
			x.Range = []string{strconv.FormatFloat(c.Range[0], 'g', -1, 64), strconv.FormatFloat(c.Range[1], 'g', -1, 64)}
		}
		out.Columns = append(out.Columns, x)
	}
	for i, row := range v.Rows {
		cells := make([]any, len(row))
		for j, c := range row {
			switch c.Kind {
			case sheet.Empty:
			case sheet.Missing:
				cells[j] = map[string]string{"missing": c.Text}
			case sheet.Error:
				cells[j] = map[string]string{"error": c.Text}
			default:
				cells[j] = c.Text
			}
		}
		out.Rows[i] = cells
	}
	return json.Marshal(out)
}

// labels are written in the file's order, which a map would lose.
type labels []sheet.Label

func (l labels) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range l {
		if i > 0 {
			b = append(b, ',')
		}
		for j, s := range []string{x.Value, x.Word} {
			q, err := json.Marshal(s)
			if err != nil {
				return nil, err
			}
			if b = append(b, q...); j == 0 {
				b = append(b, ':')
			}
		}
	}
	return append(b, '}'), nil
}
