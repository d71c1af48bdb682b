package files

import (
	"slices"
	"strings"
	"unicode"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Dictionary is what files beside the data say of its columns: labels, units, ranges
// and the words of values.
type Dictionary struct {
	// Format is "redcap" (a data dictionary), "castor" (a codebook), or that of a file
	// whose own columns are described.
	Format string
	// Columns are described by name.
	Columns []Column
}

// NewDictionary reads a dictionary out of the tables of the files that were given
// for it; what each is its content tells. It knows REDCap's data dictionary, Castor's
// list of variables with its list of options (each a sheet of one workbook, or a file
// of its own), and any file that describes its own columns, such as Dataset-JSON. A
// table that is none of these is left out; where all are, there is no dictionary: nil.
//
// A unit is taken from a field's note or from brackets behind its label, where that is
// the name of a unit and nothing says another one.
func NewDictionary(tables ...*Table) *Dictionary {
	d := &Dictionary{}
	var variables []*dictionaryTable
	options := map[string][]sheet.Label{}
	for _, t := range tables {
		x := newDictionaryTable(t)
		switch {
		case x.has("variablefieldname", "fieldtype", "fieldlabel"):
			d.Format = "redcap"
			d.redcap(x)
		case x.has("optionname", "optionvalue") && (x.has("optiongroupname") || x.has("optiongroupid")):
			for r := range t.All() {
				label := sheet.Label{Value: x.text(r, "optionvalue"), Word: x.text(r, "optionname")}
				for _, group := range []string{x.text(r, "optiongroupname"), x.text(r, "optiongroupid")} {
					if group != "" && label.Value != "" && label.Word != "" {
						options[group] = append(options[group], label)
					}
				}
			}
		case x.has("variablename", "fieldlabel"), x.has("fieldvariablename", "fieldlabel"):
			d.Format = "castor"
			variables = append(variables, x)
		case t.describes():
			if d.Format == "" {
				d.Format = t.Format
			}
			for _, c := range t.Columns {
				d.add(c)
			}
		}
	}
	for _, x := range variables {
		d.castor(x, options)
	}
	if len(d.Columns) == 0 {
		return nil
	}
	return d
}

// describes reports whether a file says more of its columns than their names.
func (t *Table) describes() bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool {
		return c.Label != "" && c.Label != c.Name || c.Unit != "" || len(c.Labels) > 0
	})
}

// dictionaryTable finds columns by the letters of their names.
type dictionaryTable struct {
	t  *Table
	at map[string]int
}

func newDictionaryTable(t *Table) *dictionaryTable {
	x := &dictionaryTable{t, map[string]int{}}
	for i, c := range t.Columns {
		name := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, c.Name)
		if _, twice := x.at[name]; !twice {
			x.at[name] = i
		}
	}
	return x
}

func (x *dictionaryTable) has(names ...string) bool {
	for _, n := range names {
		if _, ok := x.at[n]; !ok {
			return false
		}
	}
	return true
}

func (x *dictionaryTable) text(r Row, name string) string {
	if i, ok := x.at[name]; ok && i < r.Len() {
		return r.Text(i)
	}
	return ""
}

func (d *Dictionary) add(c Column) {
	if c.Name != "" && !slices.ContainsFunc(d.Columns, func(old Column) bool { return old.Name == c.Name }) {
		d.Columns = append(d.Columns, c)
	}
}

// redcap reads a data dictionary: a field a row.
func (d *Dictionary) redcap(x *dictionaryTable) {
	for r := range x.t.All() {
		name, kind := x.text(r, "variablefieldname"), strings.ToLower(x.text(r, "fieldtype"))
		c := Column{Name: name, Label: withoutTags(x.text(r, "fieldlabel"))}
		validation := strings.ToLower(x.text(r, "textvalidationtypeorshowslidernumber"))
		choices := choicesOf(x.text(r, "choicescalculationsorsliderlabels"))
		switch kind {
		case "radio", "dropdown":
			c.Labels = choices
		case "yesno":
			c.Labels = []sheet.Label{{Value: "1", Word: "Yes"}, {Value: "0", Word: "No"}}
		case "truefalse":
			c.Labels = []sheet.Label{{Value: "1", Word: "True"}, {Value: "0", Word: "False"}}
		case "checkbox": // a column a choice
			for _, choice := range choices {
				d.add(Column{Name: name + "___" + checkboxCode(choice.Value), Label: c.Label + ": " + choice.Word,
					Labels: []sheet.Label{{Value: "1", Word: "Checked"}, {Value: "0", Word: "Unchecked"}}})
			}
			continue
		case "text", "calc", "slider":
			c.Unit = unitOf(c.Label, x.text(r, "fieldnote"))
			if kind != "text" || validation == "integer" || strings.HasPrefix(validation, "number") {
				c.Low, c.High = boundOf(x.text(r, "textvalidationmin")), boundOf(x.text(r, "textvalidationmax"))
			}
		case "descriptive", "file", "":
			continue
		}
		d.add(c)
	}
}

// castor reads a list of variables whose choices stand in groups of options.
func (d *Dictionary) castor(x *dictionaryTable, options map[string][]sheet.Label) {
	for r := range x.t.All() {
		name := x.text(r, "variablename")
		if name == "" {
			name = x.text(r, "fieldvariablename")
		}
		c := Column{Name: name, Label: withoutTags(x.text(r, "fieldlabel"))}
		for _, group := range []string{"optiongroupname", "fieldoptiongroup", "optiongroupid"} {
			if c.Labels == nil {
				c.Labels = options[x.text(r, group)]
			}
		}
		if c.Labels == nil {
			c.Unit = unitOf(c.Label, x.text(r, "fieldunits"))
			c.Low, c.High = boundOf(x.text(r, "fieldmin")), boundOf(x.text(r, "fieldmax"))
		}
		d.add(c)
	}
}

// choicesOf reads "1, Laser | 2, Placebo".
func choicesOf(s string) []sheet.Label {
	var out []sheet.Label
	for choice := range strings.SplitSeq(s, "|") {
		value, word, ok := strings.Cut(choice, ",")
		value, word = strings.TrimSpace(value), withoutTags(word)
		if ok && value != "" && word != "" {
			out = append(out, sheet.Label{Value: value, Word: word})
		}
	}
	return out
}

// checkboxCode is a choice's code as it stands in the name of its column.
func checkboxCode(code string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '_'
	}, code)
}

func boundOf(s string) *float64 {
	v, ok := ParsePlain(strings.Replace(s, ",", ".", 1))
	if !ok {
		return nil
	}
	return &v.Number
}

// withoutTags is a label without marks of HTML, on one line.
func withoutTags(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i:], '>')
		// < may also be less than: a tag begins with a letter or a slash.
		if end < 0 || i+1 >= len(s) || s[i+1] != '/' && !unicode.IsLetter(rune(s[i+1])) {
			b.WriteString(s[:i+1])
			s = s[i+1:]
			continue
		}
		b.WriteString(s[:i])
		switch name := strings.ToLower(strings.Trim(s[i+1:i+end], "/ ")); {
		case name == "br", name == "p", name == "div", name == "li", strings.HasPrefix(name, "p "), strings.HasPrefix(name, "div "):
			b.WriteByte(' ') // a line ends there
		}
		s = s[i+end+1:]
	}
	b.WriteString(s)
	return strings.Join(strings.Fields(b.String()), " ")
}

// units are the names of units that a label or a note may end in.
var units = map[string]bool{"years": true, "year": true, "yrs": true, "yr": true, "months": true, "weeks": true, "days": true, "hours": true, "minutes": true,
	"seconds": true, "min": true, "sec": true, "s": true, "ms": true, "h": true, "m": true, "cm": true, "mm": true, "km": true, "kg": true, "g": true, "mg": true,
	"kg/m2": true, "kg/m²": true, "kg/m^2": true, "m/s": true, "km/h": true, "n": true, "nm": true, "n·m": true, "nm/kg": true, "n/kg": true, "kpa": true,
	"mmhg": true, "bpm": true, "beats/min": true, "°": true, "degrees": true, "deg": true, "%": true, "l": true, "ml": true, "mmol/l": true, "mg/dl": true,
	"w": true, "kj": true, "kcal": true, "steps": true, "jaar": true, "jaren": true, "maanden": true, "weken": true, "dagen": true, "uur": true, "minuten": true,
	"seconden": true, "graden": true, "stappen": true}

// unitOf is the unit that a label names in brackets at its end, or a note that is a
// unit and no more; "" where they name none, or two.
func unitOf(label, note string) string {
	of := func(s string) string {
		if s = strings.TrimSpace(s); units[strings.ToLower(s)] {
			return s
		}
		return ""
	}
	a := ""
	for _, brackets := range []string{"()", "[]"} {
		if open := strings.LastIndexByte(label, brackets[0]); open >= 0 && strings.HasSuffix(label, brackets[1:]) {
			a = of(label[open+1 : len(label)-1])
		}
	}
	b := of(note)
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return ""
}

// Apply says of a table's columns what the dictionary has. What the file itself says
// of its columns stays; where the dictionary says otherwise of values, a note of the
// table tells. It returns how many columns the dictionary knows.
func (d *Dictionary) Apply(t *Table) int {
	n := 0
	for i := range t.Columns {
		c := &t.Columns[i]
		k := slices.IndexFunc(d.Columns, func(x Column) bool { return x.Name == c.Name })
		if k < 0 {
			continue
		}
		n++
		x := d.Columns[k]
		if c.Label == "" {
			c.Label = x.Label
		}
		if c.Unit == "" {
			c.Unit = x.Unit
		}
		if c.Low == nil && c.High == nil {
			c.Low, c.High = x.Low, x.High
		}
		switch {
		case len(c.Labels) == 0:
			c.Labels = slices.Clone(x.Labels)
		case len(x.Labels) > 0:
			if value, word, other, ok := contradiction(c.Labels, x.Labels); ok {
				t.Notes = append(t.Notes, text.Phrase{Code: "dictionary-labels", Args: text.Args{"column": c.Name, "value": value, "word": word, "other": other}})
			}
		}
	}
	return n
}

// contradiction is a value for which two lists have different words.
func contradiction(a, b []sheet.Label) (value, word, other string, ok bool) {
	for _, x := range a {
		for _, y := range b {
			if x.Value == y.Value && !strings.EqualFold(strings.TrimSpace(x.Word), strings.TrimSpace(y.Word)) {
				return x.Value, x.Word, y.Word, true
			}
		}
	}
	return "", "", "", false
}
