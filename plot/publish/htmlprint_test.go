package publish

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// On A4 and on Letter no row of a table breaks over two pages, a short table stands on
// one with its caption, and nothing is wider than the sheet. Marks of two points in
// the first and last cell of each row tell which page they came to.
func TestHTMLPrints(t *testing.T) {
	c := startChromium(t)
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	marks := regexp.MustCompile(`QZ(\d+)x(\d+)([ab])QZ`)
	for name, file := range pages(t) {
		for _, paper := range []struct {
			name          string
			width, height float64 // inches
		}{{"A4", 8.27, 11.69}, {"Letter", 8.5, 11}} {
			about := name + " on " + paper.name
			// The sheet's text area, without the margins of 16 mm, as the print style has it.
			area := int(96 * (paper.width - 2*16/25.4))
			c.Window(area, 900, "light")
			c.Open(file)
			c.Call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
			var wide []string
			c.Evaluate(fmt.Sprintf(`[...document.querySelectorAll("main table, main p, main svg, main li, main h1")]
				.filter(e => !e.closest("svg") || e.tagName == "svg")
				.filter(e => e.getBoundingClientRect().right > %d + 1).map(e => e.tagName + " " + e.textContent.slice(0, 50))`, area), &wide)
			assert.Empty(t, wide, "%s: wider than the sheet", about)
			var short []bool // by table
			c.Evaluate(`[...document.querySelectorAll("main figure.table")].map((f, i) => {
				const mark = (e, row, end) => { const s = document.createElement("span"); s.style.fontSize = "2pt";
					s.textContent = "QZ" + i + "x" + row + end + "QZ"; e.append(s); };
				const caption = f.querySelector("figcaption");
				if (caption) mark(caption, 0, "a");
				[...f.querySelectorAll("tbody tr")].forEach((r, k) => { mark(r.cells[0], k + 1, "a"); mark(r.cells[r.cells.length - 1], k + 1, "b"); });
				return f.classList.contains("short"); })`, &short)
			pdf := filepath.Join(t.TempDir(), "page.pdf")
			require.NoError(t, os.WriteFile(pdf, c.PDF(paper.width, paper.height), 0o600))
			text, err := exec.Command(tool, pdf, "-").Output()
			require.NoError(t, err)
			rows, tables := map[string]map[int]bool{}, map[string]map[int]bool{}
			found := 0
			for i, sheet := range strings.Split(string(text), "\f") {
				for _, m := range marks.FindAllStringSubmatch(strings.Join(strings.Fields(sheet), ""), -1) {
					found++
					for key, at := range map[string]map[string]map[int]bool{m[1] + " row " + m[2]: rows, m[1]: tables} {
						if at[key] == nil {
							at[key] = map[int]bool{}
						}
						at[key][i] = true
					}
				}
			}
			require.Greater(t, found, 2*len(short), "%s: the marks are in the print", about)
			for key, sheets := range rows {
				assert.Len(t, sheets, 1, "%s: table %s", about, key)
			}
			for i, is := range short {
				if is {
					assert.Len(t, tables[fmt.Sprint(i)], 1, "%s: table %d", about, i)
				}
			}
		}
	}
}
