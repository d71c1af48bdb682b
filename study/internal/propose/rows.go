package propose

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// keepRows leaves out the rows that are nobody's answers. Rows of repeating forms of a
// REDCap export share their event with the outcomes, and hold adverse events or drugs.
// Rows of a survey (Qualtrics) may be previews and tests of those who made it: which
// kinds of rows count is asked.
func (p *Proposal) keepRows() {
	find := func(names ...string) int {
		return slices.IndexFunc(p.in.Columns, func(c Column) bool { return slices.Contains(names, fold(c.Name)) })
	}
	repeats := find("redcaprepeatinstrument")
	if repeats < 0 {
		repeats = find("repeatinstrument")
	}
	if repeats >= 0 && slices.ContainsFunc(p.in.Columns[repeats].Cells, func(s string) bool { return s != "" }) {
		p.rows, p.rowValues = p.in.Columns[repeats].Name, []string{""}
		p.keepWhere(repeats)
		return
	}
	status := find("status")
	if status < 0 || find("progress") < 0 || find("finished") < 0 || find("responseid", "recordeddate", "enddate") < 0 ||
		!slices.ContainsFunc(p.in.Columns[status].Cells, isPreview) {
		return
	}
	p.rows, p.rowsAsked = p.in.Columns[status].Name, true
	if a := p.answers["data.rows"]; a != "" {
		p.rowValues = strings.Split(a, "\x00")
		p.keepWhere(status)
	}
}

// isPreview knows the kinds of rows of a survey that no participant made: previews,
// tests, and what was marked as spam.
func isPreview(status string) bool {
	s := strings.ToLower(status)
	return slices.Contains([]string{"1", "2", "8", "9", "17"}, s) || strings.Contains(s, "preview") || strings.Contains(s, "test") || strings.Contains(s, "spam")
}

// keepWhere keeps the rows in which a column holds one of the values that count, and
// gathers which forms alone fill a column that is empty in these.
func (p *Proposal) keepWhere(column int) {
	forms := p.in.Columns[column].Cells
	p.kept = []int{}
	for k, s := range forms {
		if slices.Contains(p.rowValues, s) {
			p.kept = append(p.kept, k)
		}
	}
	columns := slices.Clone(p.in.Columns)
	p.repeating = map[string][]string{}
	for j := range columns {
		var cells, only []string
		for _, k := range p.kept {
			cells = append(cells, columns[j].Cells[k])
		}
		for k, s := range columns[j].Cells {
			if s != "" && !slices.Contains(p.rowValues, forms[k]) && !slices.Contains(only, forms[k]) {
				only = append(only, forms[k])
			}
		}
		columns[j].Cells = cells
		if len(only) > 0 && !slices.ContainsFunc(cells, func(s string) bool { return s != "" }) {
			p.repeating[columns[j].Name] = only
		}
	}
	p.in.Columns = columns
}

// kinds are the values of the column that selects rows, with how often each stands there.
func (p *Proposal) kinds() (values []string, counts string) {
	i := slices.IndexFunc(p.given.Columns, func(c Column) bool { return c.Name == p.rows })
	f := newFacts(&p.given.Columns[i])
	var list []string
	for _, s := range f.sortedValues() {
		values = append(values, s)
		list = append(list, s+" × "+short(float64(f.count[s])))
	}
	return values, text.List(list, 8)
}

// writeRows writes which rows count.
func (p *Proposal) writeRows(w *writer) {
	switch {
	case p.rows == "":
	case !p.rowsAsked:
		w.line(2, "rows: "+p.selects(p.rowValues), Safe, phrase("propose-rows", text.Args{"column": p.rows, "n": len(p.facts[0].Cells)}))
	case p.rowValues == nil:
		values, counts := p.kinds()
		values = slices.DeleteFunc(values, isPreview)
		w.line(2, "rows: ?", Asked, phrase("propose-previews", text.Args{"column": p.rows, "kinds": counts,
			"example": p.selects(append(values, "…")[:1])}))
	default:
		w.line(2, "rows: "+p.selects(p.rowValues), Safe)
	}
}

// selects writes that rows with one of the values count.
func (p *Proposal) selects(values []string) string {
	list := make([]string, len(values))
	for i, s := range values {
		list[i] = quote(s)
	}
	return "{" + quote(p.rows) + ": [" + strings.Join(list, ", ") + "]}"
}

// sideWords are the names of columns that tell the two sides of one person apart.
var sideWords = []string{"side", "laterality", "knee", "eye", "leg", "hip", "ear", "hand", "foot", "limb", "shoulder", "ankle", "wrist", "elbow",
	"zijde", "kant", "knie", "oog", "been", "heup", "oor", "voet", "schouder", "enkel", "pols", "elleboog", "seite", "auge", "bein"}

// findSides reports whether a column tells the rows of one participant apart as the two
// sides of a person, for which there is no protocol.
func (p *Proposal) findSides(id *facts) bool {
	for _, s := range p.free() {
		if s == id || len(s.order) != 2 || s.n < len(s.Cells) || !hasToken(s.Name, sideWords...) {
			continue
		}
		for _, visit := range append([]*facts{nil}, p.free()...) {
			columns := []string{id.Name}
			if visit != nil {
				if visit == s || !slices.Contains(visitNames, fold(visit.Name)) {
					continue
				}
				columns = append(columns, visit.Name)
			}
			if distinct(p.groups(append(columns, s.Name)...)) < len(s.Cells) {
				continue
			}
			first := map[string]int{}
			for i, g := range p.groups(columns...) {
				k, twice := first[g]
				if !twice {
					first[g] = i
					continue
				}
				p.fault = &Fault{p.place(i), s.Name, phrase("problem-sides", text.Args{"participant": id.Cells[i], "line": p.given.Lines[p.place(k)],
					"column": s.Name, "other": s.Cells[k], "value": s.Cells[i]})}
				return true
			}
		}
	}
	return false
}

// place is that of a row that counts among those given.
func (p *Proposal) place(row int) int {
	if p.kept != nil {
		return p.kept[row]
	}
	return row
}
