package browser

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clinic is a spreadsheet as a clinic has it: 24 patients, semicolons, a code for a
// value that is missing.
func clinic() string {
	var b strings.Builder
	b.WriteString("patient;group;age;sex;pain_baseline;pain_week6\n")
	for i := range 24 {
		arm, fall := "usual care", 3+i*7%11
		if i%2 == 1 {
			arm, fall = "exercise", 9+i*5%17
		}
		after := 45 + i*13%30 - fall
		if i == 5 {
			after = 999
		}
		fmt.Fprintf(&b, "P%02d;%s;%d;%s;%d;%d\n", i+1, arm, 45+i*3%31, "fm"[i%3/2:i%3/2+1], 45+i*13%30, after)
	}
	return b.String()
}

// keep writes a file beside the test's downloads.
func (p *tab) keep(name, content string) string {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	require.NoError(p.t, os.WriteFile(file, []byte(content), 0o644))
	return file
}

// workbook makes a small Excel file of a text's rows, with the sheet Trial, and one more
// for each other text.
func workbook(t *testing.T, texts ...string) string {
	t.Helper()
	const relations = "http://schemas.openxmlformats.org/package/2006/relationships"
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	var types, names, targets strings.Builder
	var parts [][2]string
	for i, rows := range texts {
		var sheet strings.Builder
		for r, line := range strings.Split(strings.TrimSpace(rows), "\n") {
			fmt.Fprintf(&sheet, `<row r="%d">`, r+1)
			for c, s := range strings.Split(line, ";") {
				at := fmt.Sprintf("%c%d", 'A'+c, r+1)
				switch {
				case s == "":
				case strings.Trim(s, "0123456789") == "":
					fmt.Fprintf(&sheet, `<c r="%s"><v>%s</v></c>`, at, s)
				default:
					fmt.Fprintf(&sheet, `<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, s)
				}
			}
			sheet.WriteString("</row>")
		}
		name := "Trial"
		if i > 0 {
			name = fmt.Sprint("Notes ", i)
		}
		file := fmt.Sprintf("worksheets/sheet%d.xml", i+1)
		fmt.Fprintf(&types, `<Override PartName="/xl/%s" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, file)
		fmt.Fprintf(&names, `<sheet name="%s" sheetId="%d" r:id="r%[2]d"/>`, name, i+1)
		fmt.Fprintf(&targets, `<Relationship Id="r%d" Type="%s/worksheet" Target="%s"/>`, i+1, office, file)
		parts = append(parts, [2]string{"xl/" + file, `<worksheet xmlns="` + main + `"><sheetData>` + sheet.String() + "</sheetData></worksheet>"})
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range append([][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` + types.String() + `</Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + relations + `"><Relationship Id="r1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="` + main + `" xmlns:r="` + office + `"><sheets>` + names.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + relations + `">` + targets.String() + `</Relationships>`},
	}, parts...) {
		w, err := z.Create(f[0])
		require.NoError(t, err)
		_, err = w.Write([]byte(f[1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.String()
}

// answerAll answers every question as a hurried clinician does: the first choice, no
// limits, no threshold, and the values that look missing are.
func (p *tab) answerAll() {
	p.t.Helper()
	for range 60 {
		p.idle()
		if !js[bool](p, `(() => {
			const next = document.querySelector(".asking > .question [data-option], .asking > .question button, .group .open input[type=checkbox], .group .open input[type=radio], .group .open button[data-key$='=']");
			if (!next) return false;
			next.click();
			return true;
		})()`) {
			return
		}
		time.Sleep(30 * time.Millisecond)
	}
	require.Fail(p.t, "the questions have no end")
}

func (p *tab) idle() {
	p.t.Helper()
	p.wait(`!document.body.hasAttribute("aria-busy")`)
}

// toReport goes from Ask to Read.
func (p *tab) toReport() {
	p.t.Helper()
	p.click("#go-read")
	p.on("read")
}

// shadow is an expression for what stands in the report.
func shadow(rest string) string { return `document.getElementById("report").shadowRoot` + rest }

// taken takes a file away and reads it.
func (p *tab) taken(name string) []byte {
	p.t.Helper()
	p.click(fmt.Sprintf("[data-file=%q]", name))
	return p.saved(name)
}

// saved waits for a file that is being saved.
func (p *tab) saved(name string) []byte {
	p.t.Helper()
	file := filepath.Join(p.downs, name)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
			if _, err := os.Stat(file + ".crdownload"); err != nil {
				return b
			}
		}
	}
	require.Fail(p.t, "nothing was saved as "+name)
	return nil
}

// The whole way of a clinic: a file of any kind, the questions, the report, and the
// files to take away.
func TestWay(t *testing.T) {
	for _, kind := range []string{"csv", "xlsx", "sav"} {
		t.Run(kind, func(t *testing.T) {
			p := open(t, 1440, 900)
			var file string
			switch kind {
			case "csv":
				file = p.keep("clinic.csv", clinic())
			case "xlsx":
				file = p.keep("clinic.xlsx", workbook(t, clinic()))
			default:
				file = filepath.Join(repository, "..", "shared", "formats", "stat", "knee-pspp.sav")
				if _, err := os.Stat(file); err != nil {
					t.Skip("the fixtures of formats are not beside the repository")
				}
			}
			p.choose(file)
			p.on("ask")
			p.shoot("ask-" + kind)
			p.answerAll()
			p.shoot("answered-" + kind)
			p.toReport()
			assert.NotEmpty(t, js[string](p, shadow(`.querySelector("h1").textContent`)))
			assert.Positive(t, js[int](p, shadow(`.querySelectorAll("svg").length`)))
			assert.False(t, js[bool](p, shadow(`.querySelector("details.supplement").open`)))
			assert.Zero(t, js[int](p, shadow(`.querySelectorAll("svg [font-style]").length`)), "the program has no oblique face")
			p.click("#go-take")
			p.on("take")
			z, err := zip.NewReader(bytes.NewReader(p.taken("trialkit.zip")), int64(len(p.taken("trialkit.zip"))))
			require.NoError(t, err)
			var names []string
			for _, f := range z.File {
				names = append(names, f.Name)
			}
			for _, want := range []string{"report.html", "report.docx", "results.json", "tables.csv", "protocol.yaml", "flow.svg", "flow.png"} {
				assert.Contains(t, names, want)
			}
		})
	}
}

// results.json is that of the command line.
func TestSameResults(t *testing.T) {
	for _, study := range []string{"hilt", "anorexia"} {
		t.Run(study, func(t *testing.T) {
			folder := filepath.Join("testdata", "studies", study)
			p := open(t, 1440, 900)
			p.choose(filepath.Join(repository, folder, "data.csv"), filepath.Join(repository, folder, "protocol.yaml"))
			p.on("ask")
			p.toReport()
			p.click("#go-take")
			p.on("take")
			mine := p.keep("mine.json", string(p.taken("results.json")))
			c := exec.Command("go", "run", "./examples/trial", "-protocol", filepath.Join(folder, "protocol.yaml"), "-data", filepath.Join(folder, "data.csv"), "-json", "-")
			c.Dir = repository
			out, err := c.Output()
			require.NoError(t, err)
			same := exec.Command("go", "run", "./testdata/compare/sameresults", mine, p.keep("line.json", string(out)))
			same.Dir = repository
			said, err := same.CombinedOutput()
			assert.NoError(t, err, string(said))
		})
	}
}

// A file that is none is named with what is wrong, and the next one is taken.
func TestBadFile(t *testing.T) {
	p := open(t, 1440, 900)
	p.choose(p.keep("scan.xlsx", "\x89PNG\r\n\x1a\n not a table"))
	p.wait(`document.querySelector(".opened .problems li")`)
	p.idle()
	assert.Contains(t, js[string](p, `document.querySelector(".opened .problems").textContent`), "scan.xlsx")
	p.shoot("bad-file")
	p.axe("bad file")
	p.choose(p.keep("clinic.csv", clinic()))
	p.on("ask")
	p.answerAll()
	// A cell that cannot be read has its problem beside it, in the command line's
	// words, and the key of the protocol that reads its column.
	js[bool](p, `(() => { const y = document.getElementById("protocol"); y.value = y.value.replace("missing: [\"999\"]", "missing: [\"99\"]").replace("better: ", "range: [0, 100]\n    better: "); y.dispatchEvent(new Event("change")); return true; })()`)
	p.idle()
	p.shoot("bad-cell")
	assert.Equal(t, "999", js[string](p, `document.querySelector("td.bad").firstChild.textContent`))
	assert.True(t, strings.HasPrefix(js[string](p, `document.querySelector("#problem-1").textContent`), "clinic.csv:7:"))
	assert.Equal(t, "data.columns.pain.week6", js[string](p, `document.querySelector("#problem-1 button").textContent`))
	p.click("#problem-1 button")
	assert.Equal(t, "protocol", js[string](p, `document.activeElement.id`))
}

// Names that are markup are names: in the table, the form, the report and the files.
func TestMarkupInNames(t *testing.T) {
	const evil = `<img src=x onerror=document.title='hacked'>`
	p := open(t, 1440, 900)
	s := strings.NewReplacer("exercise", evil, "P01", "<b>P01</b>", "P03", "=1+1", "pain_", "<i>pain</i>_").Replace(clinic())
	p.choose(p.keep("clinic.csv", s))
	p.on("ask")
	p.answerAll()
	p.toReport()
	for _, count := range []string{`document.querySelectorAll("img, i").length`, shadow(`.querySelectorAll("img, script, i").length`), shadow(`.querySelectorAll("[onerror], [onload], [onclick]").length`)} {
		assert.Zero(t, js[int](p, count), count)
	}
	assert.Contains(t, js[string](p, shadow(`.textContent`)), evil)
	p.click("#go-take")
	p.on("take")
	assert.NotContains(t, string(p.taken("report.html")), "<img src=x")
	for _, line := range strings.Split(string(p.taken("tables.csv")), "\n") {
		assert.False(t, strings.HasPrefix(strings.Trim(line, `"`), "="), line)
	}
	assert.NotContains(t, js[string](p, "document.title"), "hacked")
}

// Changes after results were shown are on the page, in the report and in results.json.
func TestLogOfChanges(t *testing.T) {
	p := open(t, 1440, 900)
	p.click("#example")
	p.on("ask")
	p.toReport()
	p.click("#step-ask")
	p.on("ask")
	js[bool](p, `(() => { const y = document.getElementById("protocol"); y.value = y.value.replace("value: 2.26", "value: 1.5"); y.dispatchEvent(new Event("change")); return true; })()`)
	p.idle()
	p.toReport()
	assert.Contains(t, js[string](p, `document.querySelector(".log").textContent`), "outcomes[0].thresholds[0].value")
	assert.Contains(t, js[string](p, shadow(`.textContent`)), "Changes of the protocol after results were shown")
	p.shoot("log")
	p.click("#go-take")
	p.on("take")
	assert.Contains(t, string(p.taken("results.json")), `"key": "outcomes[0].thresholds[0].value"`)
}

// Stop ends what is being done and keeps the file; a reload forgets all.
func TestStopAndReload(t *testing.T) {
	p := open(t, 1440, 900)
	var b strings.Builder
	b.WriteString("id,arm,y0,y1\n")
	for i := range 4000 {
		fmt.Fprintf(&b, "%d,%s,%d,%d\n", i+1, "ac"[i%2:i%2+1], 40+i*7%31, 35+i*11%37)
	}
	p.choose(p.keep("large.csv", b.String()))
	p.on("ask")
	p.answerAll()
	p.click("#go-read")
	p.wait(`!document.getElementById("working").hidden`)
	p.shoot("working")
	js[bool](p, `(document.getElementById("stop").click(), true)`)
	p.idle()
	assert.Equal(t, "ask", js[string](p, `document.getElementById("screen").dataset.screen`), "where it was")
	assert.Contains(t, js[string](p, `document.getElementById("protocol").value`), "id: y")
	p.toReport()
	assert.NotEmpty(t, js[string](p, shadow(`.querySelector("h1").textContent`)))
	p.load(js[string](p, "location.href"))
	assert.Equal(t, "open", js[string](p, `document.getElementById("screen").dataset.screen`))
	assert.Equal(t, 0, js[int](p, `localStorage.length + sessionStorage.length + document.cookie.length`))
}

// A claim: the numbers of a paper, typed, and read.
func TestClaim(t *testing.T) {
	p := open(t, 1440, 900)
	p.click("#claim")
	p.wait(`document.getElementById("claim-form")`)
	p.axe("claim")
	p.click("#go-claim")
	p.wait(`!document.getElementById("claim-problems").hidden`)
	js[bool](p, `(() => {
		const f = document.getElementById("claim-form");
		const typed = { Title: "<b>A paper</b>", Outcome: "Pain", Instrument: "VAS-cm", Visit: "6 weeks", P: "0.03", Quotes: "clinically relevant" };
		for (const [name, value] of Object.entries(typed)) f.elements[name].value = value;
		[["Exercise", "12", "-2.8", "1.4"], ["Usual care", "12", "-1.5", "1.3"]].forEach((arm, i) =>
			["Name", "N", "Mean", "SD"].forEach((name, k) => { f.querySelector('[data-arm="' + i + '"] [name="' + name + '"]').value = arm[k]; }));
		return true;
	})()`)
	p.shoot("claim")
	p.click("#go-claim")
	p.on("read")
	assert.Contains(t, js[string](p, shadow(`.textContent`)), "<b>A paper</b>")
	assert.Zero(t, js[int](p, shadow(`.querySelectorAll("h1 b").length`)))
	p.shoot("claim-read")
	p.axe("claim read")
}

// Japanese, Korean and Chinese files are read by the browser's own tables, in place of
// the library's: as the command line reads them.
func TestFilesOfOtherScripts(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(repository, "..", "shared", "formats", "stat", "knee-pspp.sav"))
	if err != nil {
		t.Skip("the fixtures of formats are not beside the repository")
	}
	for _, c := range [][3]string{{"cp932", "\x83\x65\x83\x58", "テス"}, {"EUCKR", "\xb0\xa1\xb3\xaa", "가나"}, {"CP936", "\xc4\xe3\xba\xc3", "你好"}} {
		file := bytes.Replace(b, []byte("UTF-8"), []byte(c[0]), 1)
		file = bytes.Replace(file, []byte("Pain before"), []byte(c[1]+" before"), 1)
		p := open(t, 1440, 900)
		name := p.keep("other.sav", string(file))
		p.choose(name)
		p.on("ask")
		line := exec.Command("go", "run", "./examples/trial", "-table", name, "-json", "-")
		line.Dir = repository
		out, err := line.Output()
		require.NoError(t, err)
		assert.Contains(t, string(out), c[2]+" before", "by the command line")
		assert.Contains(t, js[string](p, `document.querySelector(".data thead").textContent`), c[2]+" before", c[0])
	}
}
