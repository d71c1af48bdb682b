package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// CSV writes the rows of results.json as a table, one row a line, under
// the same names; numbers per arm stand as arm=n pairs. A number that does not
// exist is an empty field. Decimals are points in every language, so that any
// program reads the file alike; texts are kept from being formulas as in TablesCSV,
// which is for spreadsheets.
func CSV(w io.Writer, r study.Report, o Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	header := []string{"outcome", "visit", "contrast", "arm", "control", "method", "estimate", "se", "df", "level", "alpha", "lower", "upper",
		"lower_open", "upper_open", "p", "set", "estimand", "effect", "scale", "target", "n", "observed", "randomized", "role", "decides", "primary", "adjusted", "hypothesis", "together", "alone_lower", "alone_upper", "threshold_kind", "threshold_value", "threshold_level",
		"verdict", "verdict_harm", "includes_zero", "simulated", "notes"}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, res := range r.Results {
		for _, row := range append(slices.Clone(res.Rows), res.Within...) {
			if err := out.Write(csvRow(c, r.Protocol, row, res.SharedNotes(row))); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(c *text.Catalog, p study.Protocol, r study.Row, shared []study.Note) []string {
	num := func(x float64) string {
		if !finiteNumber(x) {
			return ""
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	counts := func(n map[string]int) string {
		var parts []string
		for _, arm := range []string{r.Arm, r.Control} {
			if x, ok := n[arm]; ok {
				parts = append(parts, arm+"="+strconv.Itoa(x))
			}
		}
		return harmless(strings.Join(parts, " "))
	}
	threshold := []string{"", "", ""}
	if r.Threshold != nil {
		threshold = []string{string(r.Threshold.Kind), num(r.Threshold.Value), string(r.Threshold.Level)}
	}
	verdict := []string{"", "", ""}
	if r.Judgement != nil {
		verdict[0], verdict[1] = string(r.Judgement.Benefit), string(r.Judgement.Harm)
	}
	if r.Contrast == study.Between && r.Effect != nil {
		verdict[2] = strconv.FormatBool(r.IncludesZero())
	}
	cells := []string{harmless(r.Outcome), harmless(r.Visit), string(r.Contrast), harmless(r.Arm), harmless(r.Control), string(r.Method), num(r.Estimate), num(r.SE), num(r.DF),
		num(r.Level), num(r.Alpha), num(r.Lower), num(r.Upper), strconv.FormatBool(r.LoOpen), strconv.FormatBool(r.HiOpen), num(r.P), cmp.Or(r.Set, study.SetITT), harmless(r.Estimand), string(r.Measure), string(r.Measure.Scale()), string(r.Target),
		counts(r.N), counts(r.Observed), counts(r.Randomized), string(r.Role), strconv.FormatBool(r.Decides), strconv.FormatBool(r.Role == study.RolePrimary), num(r.Adjusted)}
	together := []string{"", string(r.Together), "", ""}
	if h := r.Hypothesis; h != nil {
		together[0] = harmless(h.ID)
	}
	if a := r.Alone; a != nil {
		together[2], together[3] = num(a.Lo), num(a.Hi)
	}
	cells = append(cells, together...)
	cells = append(cells, threshold...)
	cells = append(cells, verdict...)
	return append(cells, strconv.FormatBool(p.Simulated), harmless(strings.Join(sentences(c, p, append(slices.Clone(r.Notes), shared...)), " ")))
}

// File is a file of a report, ready to be written.
type File struct {
	Name string
	Data []byte
}

// Format is a kind of file that not every reader needs: Files makes it where it is asked for.
type Format string

// Formats on request.
const (
	FormatTeX Format = "tex" // tables.tex, written by LaTeX
	FormatARD Format = "ard" // ard.csv, written by ARD
)

// Formats lists them.
func Formats() []Format { return []Format{FormatTeX, FormatARD} }

// Files makes report.md, report.html and report.docx, with the supplement, tables.csv,
// results.csv and results.json, and the files of the formats asked for, each once.
// plot/publish.Folder draws the figures and writes all into a folder.
func Files(r study.Report, o Options, also ...Format) ([]File, error) {
	o.Supplement = true // a file has room for it
	type file struct {
		name  string
		write func(io.Writer, study.Report, Options) error
	}
	files := []file{{"report.md", Markdown}, {"report.html", HTML}, {"report.docx", DOCX}, {"tables.csv", TablesCSV}, {"results.csv", CSV}, {"results.json", JSON}}
	onRequest := map[Format]file{FormatTeX: {"tables.tex", LaTeX}, FormatARD: {"ard.csv", ARD}}
	for i, f := range also {
		x, ok := onRequest[f]
		if !ok {
			return nil, fmt.Errorf("report: no format %q (there are %v)", f, Formats())
		}
		if !slices.Contains(also[:i], f) {
			files = append(files, x)
		}
	}
	var out []File
	for _, f := range files {
		var b bytes.Buffer
		if err := f.write(&b, r, o); err != nil {
			return nil, err
		}
		out = append(out, File{f.name, b.Bytes()})
	}
	return out, nil
}

// finiteNumber reports whether x is a number that a file can hold.
func finiteNumber(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
