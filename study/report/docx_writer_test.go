package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// studyReport is the report of a trial whose data are in testdata/studies.
func studyReport(t *testing.T, name string) study.Report {
	t.Helper()
	protocol, err := studies.FS.ReadFile(name + "/protocol.yaml")
	require.NoError(t, err)
	data, err := studies.FS.ReadFile(name + "/data.csv")
	require.NoError(t, err)
	dir := t.TempDir()
	for file, content := range map[string][]byte{"protocol.yaml": protocol, "data.csv": data} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), content, 0o644))
	}
	ds, err := study.LoadFiles(filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv"))
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep
}

// tableCells are the texts of a DOCX's table cells, row by row.
func tableCells(t *testing.T, file []byte) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	require.NoError(t, err)
	r, err := z.Open("word/document.xml")
	require.NoError(t, err)
	var cells []string
	in := false
	for d := xml.NewDecoder(r); ; {
		tok, err := d.Token()
		if err == io.EOF {
			return cells
		}
		require.NoError(t, err)
		switch x := tok.(type) {
		case xml.StartElement:
			if x.Name.Local == "tc" {
				cells, in = append(cells, ""), true
			}
		case xml.EndElement:
			in = in && x.Name.Local != "tc"
		case xml.CharData:
			if in {
				cells[len(cells)-1] += string(x)
			}
		}
	}
}

// LibreOffice Writer opens the reports and prints every cell of their tables, in
// the order in which they stand, and marks each page of invented data.
func TestWriterPrintsDOCX(t *testing.T) {
	for _, tool := range []string{"soffice", "pdftotext"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	dir := t.TempDir()
	args := []string{"-env:UserInstallation=file://" + filepath.ToSlash(filepath.Join(dir, "profile")), "--headless", "--convert-to", "pdf", "--outdir", dir}
	written := map[string][]byte{}
	for name, lang := range map[string]string{"hilt": "nl", "anorexia": "en", "dropout": "en"} {
		var b bytes.Buffer
		require.NoError(t, DOCX(&b, studyReport(t, name), Options{Lang: lang, Supplement: true}))
		file := filepath.Join(dir, name+".docx")
		require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
		written[name] = b.Bytes()
		args = append(args, file)
	}
	out, err := exec.Command("soffice", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	squeeze := strings.NewReplacer(" ", "", "\u2003", "", "\u00a0", "", "\u202f", "", "\n", "", "\f", "")
	for name, file := range written {
		pages, err := exec.Command("pdftotext", "-raw", filepath.Join(dir, name+".pdf"), "-").Output()
		require.NoError(t, err)
		// A cell may be broken into lines, and a page may end between rows.
		text, from := squeeze.Replace(string(pages)), 0
		cells := tableCells(t, file)
		require.Greater(t, len(cells), 20)
		for _, c := range cells {
			at := strings.Index(text[from:], squeeze.Replace(c))
			require.GreaterOrEqual(t, at, 0, "%s: %q is not printed behind %q", name, c, text[max(0, from-80):from])
			from += at + len(squeeze.Replace(c))
		}
		printed := strings.Split(strings.TrimSuffix(string(pages), "\f"), "\f")
		require.NotEmpty(t, printed)
		for _, p := range printed {
			assert.Equal(t, name == "hilt", strings.Contains(p, "GESIMULEERDE GEGEVENS"), name)
		}
	}
}

// What is not one of the papers is refused, as is a language without sentences.
func TestDOCXRefuses(t *testing.T) {
	rep := studyReport(t, "anorexia")
	require.ErrorContains(t, DOCX(io.Discard, rep, Options{Paper: "a5"}), "a5")
	require.Error(t, DOCX(io.Discard, rep, Options{Lang: "xx"}))
	require.Error(t, DOCX(io.Discard, rep, Options{Figures: []Figure{{Name: "f", PNG: []byte("no")}}}))
}
