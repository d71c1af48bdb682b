package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// AdherenceTable shows how much of the treatment was taken in each arm. It is empty
// where the protocol names no column of it. It refuses an unknown language.
func AdherenceTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	if len(b.r.Adherence) == 0 {
		return b.Table, nil
	}
	planned := b.r.Adherence[0].Planned
	b.Title = b.Say("adherence-caption", nil)
	if planned > 0 {
		b.Title = b.Say("adherence-caption-planned", text.Args{"planned": planned})
	}
	heads := []string{"col-arm", "col-n", "col-mean-sd", "col-median-quartiles", "col-range"}
	if planned > 0 {
		heads = append(heads, "col-full")
	}
	for i, code := range append(heads, "col-unrecorded") {
		b.Columns = append(b.Columns, TableColumn{Key: map[bool]string{true: "label", false: "value"}[i == 0], Title: b.Say(code, nil), Right: i > 0})
	}
	for _, a := range b.r.Adherence {
		d := study.DigitsFor(a.SD/math.Sqrt(float64(max(a.N, 1))), 0, 0)
		num := func(x float64) string {
			if math.IsNaN(x) {
				return "–"
			}
			return b.C.Number(x, d)
		}
		short := func(x float64) string {
			if math.IsNaN(x) {
				return "–"
			}
			return b.Say("number", text.Args{"x": x})
		}
		cell := func(text string, numbers ...any) TableCell {
			return TableCell{Text: text, N: a.N, Numbers: existing(numbers...)}
		}
		row := TableRow{Arm: a.Arm, Statistic: "adherence", Cells: []TableCell{{Text: b.arm(a.Arm)}, cell(fmt.Sprint(a.N)),
			cell(num(a.Mean)+" ("+num(a.SD)+")", "mean", a.Mean, "sd", a.SD),
			cell(short(a.Median)+" ["+b.Say("interval", text.Args{"lower": short(a.Q1), "upper": short(a.Q3)})+"]", "median", a.Median, "q1", a.Q1, "q3", a.Q3),
			cell(b.Say("interval", text.Args{"lower": short(a.Min), "upper": short(a.Max)}), "min", a.Min, "max", a.Max)}}
		if planned > 0 {
			row.Cells = append(row.Cells, cell(b.Say("table-count-cell", text.Args{"n": a.Full, "percent": b.C.Number(100*float64(a.Full)/float64(max(a.N, 1)), 0)}),
				"count", float64(a.Full), "percent", 100*float64(a.Full)/float64(a.N)))
		}
		row.Cells = append(row.Cells, cell(fmt.Sprint(a.Missing), "missing", float64(a.Missing)))
		b.Rows = append(b.Rows, row)
	}
	return b.Table, nil
}

// BlindingTable shows what each arm's participants took their treatment for, with Bang's
// index. It is empty where the protocol names no column of guesses. It refuses an
// unknown language.
func BlindingTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	if len(b.r.Blinding) == 0 {
		return b.Table, nil
	}
	b.Title = b.Say("blinding-caption", nil)
	heads := []string{b.Say("col-arm", nil), b.Say("col-right", nil), b.Say("col-wrong", nil), b.Say("col-unsure", nil), b.Say("col-unrecorded", nil),
		b.Say("col-blinding", nil) + " (" + b.Say("col-interval", text.Args{"level": b.Level(b.r.Blinding[0].Level)}) + ")"}
	for i, h := range heads {
		b.Columns = append(b.Columns, TableColumn{Key: map[bool]string{true: "label", false: "value"}[i == 0], Title: h, Right: i > 0})
	}
	one := false
	for _, a := range b.r.Blinding {
		count := func(n int, name string) TableCell {
			return TableCell{Text: fmt.Sprint(n), N: a.N(), Numbers: existing(name, float64(n))}
		}
		index := TableCell{Text: "–", N: a.N()}
		if !math.IsNaN(a.Index) {
			index.Text = b.index(a.Index) + " (" + b.Say("interval", text.Args{"lower": b.index(a.Lower), "upper": b.index(a.Upper)}) + ")"
			index.Numbers = existing("estimate", a.Index, "lower", a.Lower, "upper", a.Upper, "level", a.Level)
			one = one || a.Right == a.N() || a.Wrong == a.N() || a.Unsure == a.N()
		}
		b.Rows = append(b.Rows, TableRow{Arm: a.Arm, Statistic: "blinding", Cells: []TableCell{{Text: b.arm(a.Arm)}, count(a.Right, "right"), count(a.Wrong, "wrong"),
			count(a.Unsure, "unsure"), count(a.NotRecorded, "missing"), index}})
	}
	b.Notes = []string{b.Say("blinding-note", nil)}
	if one {
		b.Notes = append(b.Notes, b.Say("blinding-note-one", nil))
	}
	if len(b.r.Blinding) > 2 {
		b.Notes = append(b.Notes, b.Say("blinding-note-other", nil))
	}
	return b.Table, nil
}

// index writes a blinding index.
func (b *builder) index(x float64) string { return b.C.Number(x, 2) }

// treatment puts both tables into the supplement.
func (b *builder) treatment() {
	if len(b.r.Adherence)+len(b.r.Blinding) == 0 {
		return
	}
	b.Heading("report-treatment")
	for _, make := range []func(study.Report, string) (Table, error){AdherenceTable, BlindingTable} {
		t, err := make(b.r, b.opt.Lang)
		if err != nil { // the language is known: this report is written in it
			panic(err)
		}
		if len(t.Rows) > 0 {
			b.Doc.TableWith(t.page())
		}
	}
}

// treatmentLine says on page one how much was taken in each arm, and how blinding fared.
// Of what it says of each arm a short page keeps the indexes alone.
func (b *builder) treatmentLine() (out []string) {
	var list []string
	n, of := 0, 0
	for _, f := range b.r.Consort.Arms {
		of += f.Randomized
		for _, x := range f.NotReceived {
			if x.NotReceived() {
				n += x.N
			}
		}
	}
	if n > 0 {
		out = append(out, b.Say("page-otherwise", text.Args{"n": n, "of": of}))
	}
	if b.brief > whole {
		for _, a := range b.r.Blinding {
			if !math.IsNaN(a.Index) {
				list = append(list, b.Say("page-blinding-arm-brief", text.Args{"arm": b.shortArm(a.Arm), "index": b.index(a.Index)}))
			}
		}
		if len(list) > 0 {
			out = append(out, b.Say("page-blinding-brief", text.Args{"list": strings.Join(list, ", ")}))
		}
		return out
	}
	for _, a := range b.r.Adherence {
		if a.N > 0 {
			list = append(list, b.Say("page-adherence-arm", text.Args{"mean": b.C.Number(a.Mean, 1), "arm": b.arm(a.Arm)}))
		}
	}
	if len(list) > 0 {
		code, planned := "page-adherence", b.r.Adherence[0].Planned
		if planned > 0 {
			code = "page-adherence-planned"
		}
		out = append(out, b.Say(code, text.Args{"list": b.joined("page-list-and", list), "planned": planned}))
	}
	list = nil
	for _, a := range b.r.Blinding {
		if !math.IsNaN(a.Index) {
			list = append(list, b.Say("page-blinding-arm", text.Args{"arm": b.arm(a.Arm), "index": b.index(a.Index),
				"interval": b.Say("interval", text.Args{"lower": b.index(a.Lower), "upper": b.index(a.Upper)})}))
		}
	}
	if len(list) > 0 {
		out = append(out, b.Say("page-blinding", text.Args{"list": strings.Join(list, ", "), "level": b.Level(b.r.Blinding[0].Level)}))
	}
	return slices.Clip(out)
}

type jsonAdherence struct {
	Arm     string  `json:"arm"`
	N       int     `json:"n"`
	Missing int     `json:"missing"`
	Planned *number `json:"planned"`
	Full    *int    `json:"full"`
	Mean    number  `json:"mean"`
	SD      number  `json:"sd"`
	Median  number  `json:"median"`
	Q1      number  `json:"q1"`
	Q3      number  `json:"q3"`
	Min     number  `json:"min"`
	Max     number  `json:"max"`
}

type jsonBlinding struct {
	Arm         string  `json:"arm"`
	Right       int     `json:"right"`
	Wrong       int     `json:"wrong"`
	Unsure      int     `json:"unsure"`
	NotRecorded int     `json:"not_recorded"`
	Index       number  `json:"index"`
	Lower       number  `json:"lower"`
	Upper       number  `json:"upper"`
	Level       float64 `json:"level"`
}

// addTreatment tells what was taken and what was guessed, by arm.
func (f *resultsFile) addTreatment(r study.Report) {
	f.Adherence, f.Blinding = []jsonAdherence{}, []jsonBlinding{}
	for _, a := range r.Adherence {
		x := jsonAdherence{Arm: a.Arm, N: a.N, Missing: a.Missing, Mean: number(a.Mean), SD: number(a.SD), Median: number(a.Median), Q1: number(a.Q1),
			Q3: number(a.Q3), Min: number(a.Min), Max: number(a.Max)}
		if a.Planned > 0 {
			x.Planned, x.Full = new(number(a.Planned)), new(a.Full)
		}
		f.Adherence = append(f.Adherence, x)
	}
	for _, a := range r.Blinding {
		f.Blinding = append(f.Blinding, jsonBlinding{a.Arm, a.Right, a.Wrong, a.Unsure, a.NotRecorded, number(a.Index), number(a.Lower), number(a.Upper), a.Level})
	}
}
