package report

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"html"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

func shockwave(t testing.TB) study.Report {
	t.Helper()
	ds, err := study.LoadFS(studies.FS, "shockwave/protocol.yaml", "shockwave/data.csv", "shockwave/ae.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// unwrapped is a text in one line.
func unwrapped(s string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(s, " ") }

// The counts are those of testdata/reference/harms.json, which R made; 7.4% is the upper
// limit of binom.test(0, 48).
func TestHarmsOnPageOneAndBehind(t *testing.T) {
	r := shockwave(t)
	for lang, want := range map[string][]string{
		"en": {"Adverse events (each participant counted once; then events): 39 of 48 Shock waves (84) and 22 of 48 Sham (34).",
			"Difference in participants with any event, Shock waves − Sham: 35 percentage points (95% CI 14 to 53).",
			"Serious: 3 of 48 Shock waves and 0 of 48 Sham. Led to withdrawal: 1 of 48 Shock waves and 0 of 48 Sham. In an arm, 0 of 48 fits a risk of 0% to 7%.",
			"Pain during treatment 22 (46); 30 2 (4.2); 2 42 (26 to 57)", "Serious 3 (6.2); 3 0 (up to 7.4%) 6 (−2 to 17)",
			"Lines of the file of adverse events: 128; of them events of the trial: 118. Left out: 3 (the event began before randomization, on a day below 0). Left out: 7 (the line names a participant and no event).",
			"Any adverse event 2.16 2.11 (1.50 to 2.89) 0.85 0.79 (0.49 to 1.20)",
			"Time of observation: Shock waves, 48 participants, 3896 person-days; Sham, 48 participants, 3999 person-days."},
		"nl": {"Ongewenste voorvallen (elke deelnemer telt één keer; daarachter het aantal voorvallen): 39 van 48 Schokgolven (84) en 22 van 48 Schijnbehandeling (34).",
			"Verschil in deelnemers met een ongewenst voorval, Schokgolven − Schijnbehandeling: 35 procentpunten (95%-BI 14 tot 53).",
			"Ernstig: 3 van 48 Schokgolven en 0 van 48 Schijnbehandeling.", "Pijn tijdens de behandeling 22 (46); 30 2 (4,2); 2 42 (26 tot 57)",
			"Ernstig 3 (6,2); 3 0 (tot 7,4%) 6 (−2 tot 17)", "Blindedarmontsteking"},
	} {
		var b bytes.Buffer
		require.NoError(t, Text(&b, r, Options{Lang: lang, Supplement: true}))
		page := unwrapped(b.String())
		for _, s := range want {
			assert.Contains(t, page, s, lang)
		}
		assert.NotRegexp(t, `(?i)\bsafe|\bveilig`, page, "no count shows that")
	}
}

func TestHarmsInTablesAndJSON(t *testing.T) {
	r := shockwave(t)
	_, err := csv.NewReader(strings.NewReader(tablesFile(t, r, "nl")[len("\ufeff"):])).ReadAll()
	require.Error(t, err, "semicolons")
	rows, err := csv.NewReader(strings.NewReader(tablesFile(t, r, "en"))).ReadAll()
	require.NoError(t, err)
	got := map[string]string{}
	for _, x := range rows {
		got[strings.Join([]string{x[0], x[1], x[5], x[3], x[7]}, "/")] = x[8]
	}
	for key, want := range map[string]string{"harms/term/Cold/sham/count": "7", "harms/term/Cold/sham/events": "8", "harms/serious//sham/count": "0",
		"harms/any//eswt/estimate": "35.41666666666667", "harms-rates/any//eswt/exposure": "1845", "harms/any//eswt/percent": "81.25"} {
		assert.Equal(t, want, got[key], key)
	}
	assert.Contains(t, got["harms/serious//sham/upper"], "7.397", "binom.test(0, 48)")

	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{Lang: "nl"}))
	var f struct {
		Safety struct {
			Set    string
			ByTerm struct {
				LinesRead int `json:"lines_read"`
				LinesUsed int `json:"lines_used"`
				Excluded  []jsonExcl
				Unit      string
				Rows      []struct {
					Kind string
					Term *string
					Arms []struct {
						Arm                     string
						Participants, N, Events int
					}
				}
			} `json:"by_term"`
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &f))
	x := f.Safety.ByTerm
	assert.Equal(t, []any{"itt", 128, 118, 10, "days"}, []any{f.Safety.Set, x.LinesRead, x.LinesUsed, len(x.Excluded), x.Unit})
	assert.Equal(t, "Pain during treatment", *x.Rows[4].Term, "an ID in every language")
	assert.Equal(t, []int{22, 48, 30}, []int{x.Rows[4].Arms[0].Participants, x.Rows[4].Arms[0].N, x.Rows[4].Arms[0].Events})
	assert.Nil(t, x.Rows[0].Term)
}

// Nobody had anything: the limit stands in every arm.
func TestNoHarmsHaveALimit(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`arms: [{id: a, label: Laser}, {id: c, label: Sham, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {x: {v0: x0, v1: x1}}, adverse_events: {file: ae.csv, term: what, serious: ser}}
`), "p.yaml")
	require.NoError(t, err)
	data := "id,arm,x0,x1\n"
	for i := range 10 {
		data += string(rune('A'+i)) + "," + []string{"a", "c"}[i%2] + ",5," + string(rune('1'+i%7)) + "\n"
	}
	ds, err := study.LoadInputs(p, study.Input{Name: "d.csv", Reader: strings.NewReader(data)}, study.Input{Name: "ae.csv", Reader: strings.NewReader("id,what,ser\n")})
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, Text(&b, r, Options{Supplement: true}))
	page := unwrapped(b.String())
	assert.Contains(t, page, "0 of 5 Laser (0) and 0 of 5 Sham (0). Difference in participants with any event, Laser − Sham: 0 percentage points")
	assert.Contains(t, page, "In an arm, 0 of 5 fits a risk of 0% to 52%.")
	assert.Contains(t, page, "Any adverse event 0 (up to 52%) 0 (up to 52%)")
	assert.NotRegexp(t, `(?i)\bsafe`, page)
}

// The table of harms is whole in HTML and in DOCX: each row's cells stand together, in both
// languages; the counts are those of testdata/reference/harms.json.
func TestHarmsTableInHTMLAndDOCX(t *testing.T) {
	r := shockwave(t)
	for lang, want := range map[string][]string{
		"en": {"Pain during treatment|22 (46); 30|2 (4.2); 2|42 (26 to 57)", "Serious|3 (6.2); 3|0 (up to 7.4%)|6 (−2 to 17)"},
		"nl": {"Pijn tijdens de behandeling|22 (46); 30|2 (4,2); 2|42 (26 tot 57)", "Ernstig|3 (6,2); 3|0 (tot 7,4%)|6 (−2 tot 17)"},
	} {
		var b bytes.Buffer
		require.NoError(t, HTML(&b, r, Options{Lang: lang, Supplement: true}))
		var rows []string
		for _, row := range regexp.MustCompile(`(?s)<tr[^>]*>(.*?)</tr>`).FindAllStringSubmatch(b.String(), -1) {
			var cells []string
			for _, c := range regexp.MustCompile(`(?s)<t[dh][^>]*>(.*?)</t[dh]>`).FindAllStringSubmatch(row[1], -1) {
				cells = append(cells, plainCell(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(c[1], ""))))
			}
			rows = append(rows, strings.Join(cells, "|"))
		}
		b.Reset()
		require.NoError(t, DOCX(&b, r, Options{Lang: lang, Supplement: true}))
		cells := docxCells(t, b.Bytes())
		for i := range cells {
			cells[i] = plainCell(cells[i])
		}
		for _, s := range want {
			assert.Contains(t, rows, s, lang)
			assert.Contains(t, "|"+strings.Join(cells, "|")+"|", "|"+s+"|", lang)
		}
	}
}

// plainCell is a cell's text with plain blanks, and none around it.
func plainCell(s string) string {
	return strings.TrimSpace(unwrapped(strings.NewReplacer("\u00a0", " ", "\u2003", " ").Replace(s)))
}

// docxCells are the texts of a DOCX's table cells, row by row.
func docxCells(t testing.TB, file []byte) (out []string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	body, err := fs.ReadFile(z, "word/document.xml")
	require.NoError(t, err)
	for _, c := range regexp.MustCompile(`(?s)<w:tc>(.*?)</w:tc>`).FindAllSubmatch(body, -1) {
		cell := ""
		for _, x := range regexp.MustCompile(`(?s)<w:t(?: [^>]*)?>(.*?)</w:t>`).FindAllSubmatch(c[1], -1) {
			cell += string(x[1])
		}
		out = append(out, html.UnescapeString(cell))
	}
	return out
}
