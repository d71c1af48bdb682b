package desk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// call calls the desk and reads its answer.
func call[T any](t *testing.T, d *Desk, name string, request map[string]any, in ...File) (T, []File) {
	t.Helper()
	b, err := json.Marshal(request)
	require.NoError(t, err)
	answer, out, err := d.Call(name, b, in)
	require.NoError(t, err)
	var x T
	require.NoError(t, json.Unmarshal(answer, &x))
	return x, out
}

const clinic = `patient;group;pain_baseline;pain_week6
P1;usual;55;42
P2;exercise;78;55
P3;usual;59;70
P4;exercise;70;45
P5;usual;80;81
P6;exercise;40;999
`

var use = map[string]any{"use": []map[string]string{{"file": "clinic.csv"}}}

// A clinic's file becomes a protocol by the answers of the form alone.
func TestFormMakesAProtocol(t *testing.T) {
	d := &Desk{}
	o, _ := call[opened](t, d, "open", nil, File{"clinic.csv", []byte(clinic)})
	require.Empty(t, o.Problems)
	assert.Equal(t, []Sheet{{File: "clinic.csv", Rows: 6, Columns: 4, Used: true}}, o.Sheets)
	p, _ := call[proposed](t, d, "propose", use)
	f, _ := call[formed](t, d, "form", map[string]any{"protocol": p.Protocol, "missing": []string{"999"}})
	assert.Equal(t, 5, f.Open, "control, better, range, threshold, missing")
	assert.Equal(t, f.Open, p.Open)
	assert.Contains(t, p.Protocol, "# Open questions: 5.", "control: ? stands at both arms, and is one question")
	assert.Equal(t, p.Protocol, f.Protocol, "a look changes nothing")
	c, _ := call[checked](t, d, "check", map[string]any{"protocol": f.Protocol})
	require.NotEmpty(t, c.Problems)
	assert.Contains(t, c.Problems[0].Whole, "protocol.yaml:")
	f, _ = call[formed](t, d, "form", map[string]any{"protocol": f.Protocol, "edits": []Edit{
		{Path: "arms[0].control", YAML: "true"}, {Path: "arms[1].control", Delete: true}, {Path: "outcomes[0].better", Text: "lower"},
		{Path: "outcomes[0].range", YAML: "[0, 100]"}, {Path: "outcomes[0].thresholds", Delete: true}, {Path: "data.missing", YAML: `["999"]`},
		{Path: "arms[1].label", Text: "Exercise: <b>much</b>"}}})
	assert.Zero(t, f.Open)
	c, _ = call[checked](t, d, "check", map[string]any{"protocol": f.Protocol})
	require.Empty(t, c.Problems)
	r, out := call[reading](t, d, "read", map[string]any{"protocol": f.Protocol})
	require.Empty(t, r.Problems)
	require.Len(t, out, 1)
	assert.Contains(t, string(out[0].Data), "Exercise: &lt;b&gt;much&lt;/b&gt;")
	assert.NotContains(t, string(out[0].Data), "<b>much")
}

// The form speaks as the report will: the instrument's name, whole sentences about what
// matters, and the columns that are left out.
func TestFormSpeaksToAClinician(t *testing.T) {
	d := &Desk{}
	call[opened](t, d, "open", nil, File{"clinic.csv", []byte("Patient no,Group,NRS baseline,NRS 6 weeks,Remarks\n1,a,5,4,\n2,b,6,3,holiday\n3,a,7,6,\n4,b,8,2,ill\n")})
	p, _ := call[proposed](t, d, "propose", use)
	f, _ := call[formed](t, d, "form", map[string]any{"protocol": p.Protocol})
	outcome := f.Groups[3]
	assert.Equal(t, "Outcome: Pain (NRS)", outcome.Title)
	assert.Equal(t, "Pain (NRS)", outcome.Fields[0].Value)
	details := map[string]string{}
	for _, x := range outcome.Fields {
		for _, o := range x.Options {
			details[x.Path+"="+o.Value] = o.Detail
			for _, not := range []string{"  ", " :", " )", "doi"} {
				assert.NotContains(t, o.Detail, not)
			}
			assert.Equal(t, strings.TrimSpace(o.Detail), o.Detail)
		}
	}
	assert.Equal(t, "0 to 10", details["outcomes[0].instrument=NRS"])
	assert.True(t, strings.HasPrefix(details["outcomes[0].condition=low-back-pain"], "MIC 2: nonspecific low back pain. Ostelo"), details["outcomes[0].condition=low-back-pain"])
	assert.Contains(t, details["outcomes[0].condition=low-back-pain"], "\n30% better than before: ")
	c, _ := call[checked](t, d, "check", map[string]any{"protocol": p.Protocol})
	assert.Equal(t, []string{"Remarks"}, c.Unused)
	f, _ = call[formed](t, d, "form", map[string]any{"protocol": p.Protocol, "lang": "nl"})
	var named []string
	for _, x := range f.Groups[3].Fields {
		if strings.HasSuffix(x.Path, ".condition") {
			for _, o := range x.Options {
				named = append(named, o.Label)
			}
		}
	}
	assert.Contains(t, named, "lage rugpijn")
}

// How arms were allocated is chosen in the form and stands in the text: the strata are
// covariates with categories, and what belongs to another way goes with it.
func TestFormOfRandomization(t *testing.T) {
	d := &Desk{}
	rows := strings.NewReplacer("group", "group;site;age", "usual", "usual;Leiden;50", "exercise", "exercise;Utrecht;60").Replace(clinic)
	call[opened](t, d, "open", nil, File{"clinic.csv", []byte(rows)})
	p, _ := call[proposed](t, d, "propose", use)
	protocol := p.Protocol
	edit := func(edits ...Edit) (line string, fields []Field) {
		f, _ := call[formed](t, d, "form", map[string]any{"protocol": protocol, "edits": edits})
		protocol = f.Protocol
		for _, l := range strings.Split(protocol, "\n") {
			if strings.HasPrefix(l, "randomization:") {
				line = l
			}
		}
		for _, x := range f.Groups[1].Fields {
			if strings.HasPrefix(x.Path, "randomization") {
				fields = append(fields, x)
			}
		}
		return line, fields
	}
	line, fields := edit()
	assert.Equal(t, "randomization: {kind: unknown}", line)
	assert.Len(t, fields, 1)
	line, fields = edit(Edit{Path: "randomization.kind", YAML: "stratified"}, Edit{Path: "randomization.strata", YAML: "?"})
	assert.Equal(t, "randomization: {kind: stratified, strata: ?}", line)
	require.Len(t, fields, 3)
	assert.True(t, fields[1].Open)
	assert.Equal(t, []Option{{Value: "site", Label: "site"}}, fields[1].Options, "age is a number")
	assert.Equal(t, "randomization.block", fields[2].Path)
	line, fields = edit(Edit{Path: "randomization.strata", YAML: `["site"]`}, Edit{Path: "randomization.block", YAML: "4"})
	assert.Equal(t, `randomization: {kind: stratified, strata: ["site"], block: 4}`, line)
	assert.False(t, fields[1].Open)
	assert.Equal(t, []string{"site"}, fields[1].Values)
	assert.Equal(t, "4", fields[0].More)
	line, fields = edit(Edit{Path: "randomization.kind", YAML: "blocked"}, Edit{Path: "randomization.strata", Delete: true})
	assert.Equal(t, "randomization: {kind: blocked, block: 4}", line)
	assert.Len(t, fields, 2)
}

// A problem of the data stands at its cell, and names the key that reads the column.
func TestProblemsHaveTheirCell(t *testing.T) {
	d := &Desk{}
	call[opened](t, d, "open", nil, File{"clinic.csv", []byte(clinic)})
	p, _ := call[proposed](t, d, "propose", use)
	call[opened](t, d, "open", nil, File{"clinic.csv", []byte(strings.Replace(clinic, "81", "8x1", 1))})
	call[proposed](t, d, "propose", use)
	protocol := strings.NewReplacer("usual, control: ?", "usual, control: true", ", control: ?", "", "better: ?", "better: lower",
		"range: ?", "range: [0, 100]", "    thresholds: ?\n", "", "missing: ?", `missing: ["999"]`).Replace(p.Protocol)
	c, _ := call[checked](t, d, "check", map[string]any{"protocol": protocol})
	require.Len(t, c.Problems, 1)
	x := c.Problems[0]
	assert.Equal(t, "data.columns.pain.week6", x.Key)
	assert.Equal(t, []int{4, 3}, []int{x.Row, x.Cell})
	assert.True(t, strings.HasPrefix(x.Whole, "clinic.csv:6:13: "), x.Whole)
	assert.Contains(t, strings.Split(protocol, "\n")[x.At-1], "week6: pain_week6")
}

// The log holds what changed after results had been shown, and nothing else.
func TestChangesAfterResults(t *testing.T) {
	d := &Desk{}
	o, _ := call[opened](t, d, "open", map[string]any{"example": "hilt"})
	r, _ := call[reading](t, d, "read", map[string]any{"protocol": o.Protocol})
	assert.Empty(t, r.Changes)
	next := strings.Replace(o.Protocol, "value: 2.26", "value: 1.5", 1)
	require.NotEqual(t, o.Protocol, next)
	r, _ = call[reading](t, d, "read", map[string]any{"protocol": "# a comment\n" + next, "shown": o.Protocol, "now": "2026-01-02 03:04"})
	require.Len(t, r.Changes, 1)
	assert.Equal(t, "outcomes[0].thresholds[0].value 2.26 1.5 2026-01-02 03:04", strings.Join([]string{r.Changes[0].Key, r.Changes[0].From, r.Changes[0].To, r.Changes[0].At}, " "))
	_, out := call[reading](t, d, "take", map[string]any{"protocol": next, "shown": next, "changes": r.Changes})
	names := map[string]string{}
	for _, f := range out {
		names[f.Name] = string(f.Data)
	}
	assert.Contains(t, names["results.json"], `"key": "outcomes[0].thresholds[0].value"`)
	assert.Contains(t, names["report.html"], "Changes of the protocol after results were shown")
	assert.Contains(t, names["report.md"], "2026-01-02 03:04")
	assert.Equal(t, next, names["protocol.yaml"])
	assert.Contains(t, names["trialkit.zip"], "report.docx")
}

// Several files are joined by the column that they share.
func TestSeveralFiles(t *testing.T) {
	d := &Desk{}
	call[opened](t, d, "open", nil, File{"who.csv", []byte("patient,group\nP1,a\nP2,b\nP3,a\nP4,b\n")},
		File{"pain.csv", []byte("patient,pain_baseline,pain_week6\nP1,5,4\nP2,6,3\nP3,7,6\nP4,5,1\n")})
	two := []map[string]string{{"file": "who.csv"}, {"file": "pain.csv"}}
	p, _ := call[proposed](t, d, "propose", map[string]any{"use": two})
	require.Empty(t, p.Problems)
	assert.Len(t, p.Tables, 2)
	assert.Contains(t, p.Protocol, "files: [{name: who.csv}, {name: pain.csv}]")
	protocol := strings.NewReplacer("a, control: ?", "a, control: true", ", control: ?", "", "better: ?", "better: lower",
		"range: ?", "range: [0, 10]", "    thresholds: ?\n", "").Replace(p.Protocol)
	c, _ := call[checked](t, d, "check", map[string]any{"protocol": protocol})
	assert.Empty(t, c.Problems, protocol)
	call[opened](t, d, "open", nil, File{"who.csv", []byte("patient,group\nP1,a\n")}, File{"pain.csv", []byte("id,pain\nP1,5\n")})
	p, _ = call[proposed](t, d, "propose", map[string]any{"use": two, "lang": "nl"})
	require.Len(t, p.Problems, 1)
	assert.Contains(t, p.Problems[0].Text, "geen kolom gemeen")
}

// A file that is none is a problem, not an error of the program.
func TestBadFile(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "gallery", "figures", "large-flow.png"))
	require.NoError(t, err)
	o, _ := call[opened](t, &Desk{}, "open", nil, File{"scan.png", b})
	require.Len(t, o.Problems, 1)
	assert.Contains(t, o.Problems[0].Whole, "scan.png")
	assert.Empty(t, o.Sheets)
}

// The numbers of a paper, typed into the form, are read as the library reads a claim.
func TestClaim(t *testing.T) {
	form := map[string]any{"Title": "A paper: \"x\"", "Outcome": "Pain", "Instrument": "VAS-cm", "Visit": "6 weeks", "Measure": "change", "P": "0,03", "Quotes": "clinically relevant\n",
		"Arms": []map[string]string{{"Name": "Exercise", "N": "12", "Mean": "-2,80", "SD": "1.4"}, {"Name": "Usual care", "N": "12", "Mean": "-1.5", "SD": "1.3"}}}
	c, out := call[claimed](t, &Desk{}, "claim", map[string]any{"form": form})
	require.Empty(t, c.Problems, c.YAML)
	assert.Contains(t, c.YAML, "mean: -2.80")
	assert.Contains(t, string(out[0].Data), "Exercise")
	form["Arms"] = []map[string]string{{"Name": "Exercise", "N": "twelve", "Mean": "-2.8"}, {"Name": "Usual care", "N": "12", "Mean": "-1.5"}}
	c, _ = call[claimed](t, &Desk{}, "claim", map[string]any{"form": form, "lang": "nl"})
	require.NotEmpty(t, c.Problems)
	assert.Contains(t, c.Problems[0].Whole, "claim.yaml:")
	c, out = call[claimed](t, &Desk{}, "claim", map[string]any{"example": true, "lang": "nl"})
	require.Empty(t, c.Problems)
	assert.Contains(t, string(out[0].Data), `lang="nl"`)
}
