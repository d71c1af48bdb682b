package report

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/text"
)

// Check writes what was loaded without the arms, for a look at the data that stays
// blind: where every row of the file went, what loading doubts, the values of each
// outcome by visit (how many are missing, the smallest and the largest, how many
// outside the instrument's range) and Table 1 of all participants together. No arm
// is named and nothing is counted by arm: a doubt about one arm is left out with the
// number of those left out, and so is a title that names one.
func Check(w io.Writer, ds *study.Dataset, o Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	r, err := study.Report{Protocol: ds.Protocol(), Source: ds.Source(), Accounting: ds.Accounting(), Consort: ds.Flow(),
		Notes: append(ds.Protocol().Doubts(), ds.Notes()...)}.In(c.Lang())
	if err != nil {
		return err
	}
	b := &builder{Writer: prose.Writer{C: c}, r: r, opt: o}
	names := armNames(ds.Protocol(), r.Protocol)
	if r.Protocol.Simulated {
		b.Doc.Banner(b.Say("page-banner", nil))
	}
	title := r.Protocol.Title
	if title == "" || mentions(title, names) {
		title = filepath.Base(r.Source.Name)
	}
	b.Doc.Title(b.Say("check-title", text.Args{"title": title}))
	b.Paragraph("check-blinded", nil)
	withheld := 0
	b.r.Notes = slices.DeleteFunc(slices.Clone(b.r.Notes), func(n study.Note) bool {
		_, arm := n.Args["arm"]
		if arm = arm || mentions(b.note(n), names); arm {
			withheld++
		}
		return arm
	})
	b.account()
	if withheld > 0 {
		b.Doc.Item(b.Say("check-withheld", text.Args{"n": withheld}))
	}
	b.values(ds)
	b.fileColumns(ds, names)
	t, err := Table1With(ds, Table1Options{Lang: o.Lang, Blinded: true})
	if err != nil {
		return err
	}
	if len(t.Rows) > 0 {
		b.Doc.TableWith(t.page())
	}
	_, err = io.WriteString(w, b.Doc.Text())
	return err
}

// armNames are what a reader knows the arms by, in the protocol's words and the
// language's. A label of one or two letters is no name: it may be any word.
func armNames(protocols ...study.Protocol) []string {
	var out []string
	for _, p := range protocols {
		for _, a := range p.Arms {
			for _, s := range []string{a.Label, a.Short} {
				if utf8.RuneCountInString(s) > 2 {
					out = append(out, strings.ToLower(s))
				}
			}
		}
	}
	return out
}

// mentions reports whether a text has one of the names as whole words.
func mentions(s string, names []string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(names, func(name string) bool {
		for rest := s; ; {
			i := strings.Index(rest, name)
			if i < 0 {
				return false
			}
			before, _ := utf8.DecodeLastRuneInString(rest[:i])
			after, _ := utf8.DecodeRuneInString(rest[i+len(name):])
			if !wordSign(before) && !wordSign(after) {
				return true
			}
			rest = rest[i+len(name):]
		}
	})
}

// fileColumns lists what the file itself says of the columns that are used. The words
// for arms are left out, wherever they stand.
func (b *builder) fileColumns(ds *study.Dataset, names []string) {
	t := page.Table{Caption: b.Say("check-file", nil), Columns: []page.Column{page.Names(b.Say("look-column", nil)), page.Words(b.Say("look-label", nil))}}
	d := ds.Protocol().Data
	for _, c := range ds.FileColumns() {
		if c.Name == d.Arm || c.Name == d.Received {
			continue
		}
		if says := saysOf(b.C, c); says != "" && !mentions(says, names) {
			t.Rows = append(t.Rows, []string{c.Name, says})
		}
	}
	b.Doc.TableWith(t)
}

func wordSign(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// values is the table of each outcome's values by visit, the baseline first.
func (b *builder) values(ds *study.Dataset) {
	people := ds.Participants()
	t := page.Table{Caption: b.Say("check-values", text.Args{"n": len(people)}), Group: 1,
		Columns: []page.Column{page.Names(b.Say("table-outcome", nil)), page.Names(b.Say("check-visit", nil)), page.Numbers(b.Say("check-n", nil)),
			page.Numbers(b.Say("check-missing", nil)), page.Numbers(b.Say("check-smallest", nil)), page.Numbers(b.Say("check-largest", nil)),
			page.Words(b.Say("check-range", nil)), page.Numbers(b.Say("check-outside", nil))}}
	for _, o := range b.r.Protocol.Outcomes {
		visits := ds.PostVisits(o.ID)
		if o.HasBaseline() {
			visits = append([]study.Visit{ds.BaselineVisit(o.ID)}, visits...)
		}
		decimals := ds.Decimals(o.ID)
		for _, v := range visits {
			label := b.visit(v.ID)
			if v.ID == "" { // held in a column of its own
				label = b.Say("check-baseline", nil)
			}
			n, outside, low, high := 0, 0, 0.0, 0.0
			for _, p := range people {
				x, ok := ds.Value(p.ID, o.ID, v.ID)
				if !ok {
					continue
				}
				if n == 0 {
					low, high = x.Number, x.Number
				}
				n++
				low, high = min(low, x.Number), max(high, x.Number)
				if o.HasRange() && (x.Number < o.Min || x.Number > o.Max) {
					outside++
				}
			}
			row := []string{variableLabel(study.BaselineVariable{ID: o.ID, Short: o.Short, Label: o.Label, Unit: o.Unit}), label, b.C.Number(float64(n), 0), b.C.Number(float64(len(people)-n), 0), "–", "–", "–", "–"}
			if n > 0 {
				row[4], row[5] = b.C.Number(low, decimals), b.C.Number(high, decimals)
			}
			if o.Ordinal() && n > 0 {
				row[4], row[5] = o.Levels[int(low)-1], o.Levels[int(high)-1]
			}
			if o.HasRange() {
				row[6], row[7] = b.Say("check-from-to", text.Args{"low": o.Min, "high": o.Max}), b.C.Number(float64(outside), 0)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	t.Notes = []string{b.Say("check-range-note", nil)}
	b.Doc.TableWith(t)
}
