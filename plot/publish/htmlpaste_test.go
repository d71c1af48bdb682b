package publish

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/chromiumtest"
)

// gridScript lays a table's cells out as a spreadsheet does: a cell of several
// rows stands in the first.
const gridScript = `(t => { const grid = [], taken = {}; let i = 0;
	for (const row of t.rows) { const cells = []; let j = 0;
		const skip = () => { while (taken[i + "," + j]) { cells.push(""); j++; } };
		for (const c of row.cells) { skip(); for (let k = 0; k < c.rowSpan; k++) taken[(i + k) + "," + j] = 1; cells.push(c.innerText); j++; }
		skip(); grid.push(cells); i++; }
	return grid; })`

// copied is a table selected in the browser and copied, with its caption or
// without: what the clipboard holds, and the cells that the reader sees.
type copied struct {
	HTML, Text, Caption string
	Grid                [][]string
}

func copyTable(t *testing.T, c *chromiumtest.Browser, i int, withCaption bool) copied {
	t.Helper()
	var out copied
	c.Evaluate(fmt.Sprintf(`(async () => {
		const table = document.querySelectorAll("table")[%d], range = document.createRange(), selection = getSelection();
		const caption = %t ? table.closest("figure").querySelector("figcaption") : null;
		range.selectNode(table);
		if (caption) range.setStartBefore(caption);
		selection.removeAllRanges();
		selection.addRange(range);
		document.execCommand("copy");
		const [item] = await navigator.clipboard.read({unsanitized: ["text/html"]});
		const read = async type => await (await item.getType(type)).text();
		return {HTML: await read("text/html"), Text: await read("text/plain"), Caption: caption ? caption.innerText : "", Grid: %s(table)};
	})()`, i, withCaption, gridScript), &out)
	return out
}

// A table copied in Chromium and pasted into LibreOffice keeps its cells, each
// with the text that the reader sees: into Calc as text, not as the number that
// its language takes it for, and into Writer in one paragraph a cell. Pasting
// reads the clipboard's HTML with the filters used here.
func TestHTMLTablesPaste(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("soffice is not installed")
	}
	program, err := filepath.EvalSymlinks(soffice)
	require.NoError(t, err)
	if calc, _ := filepath.Glob(filepath.Join(filepath.Dir(program), "libsclo.*")); len(calc) == 0 {
		t.Skip("LibreOffice Calc is not installed")
	}
	c := startChromium(t)
	dir := t.TempDir()
	tables := map[string]copied{}
	var files []string
	for name, file := range pages(t, "hilt", "anorexia") {
		c.Window(1280, 900, "dark") // the worse: a copy takes colors along
		c.Open(file)
		var n int
		c.Evaluate(`document.querySelectorAll("table").length`, &n)
		require.Positive(t, n)
		for i := range n {
			table := copyTable(t, c, i, strings.HasSuffix(name, "-nl"))
			assert.NotContains(t, table.HTML, "rgb(23, 23, 23)", "the dark page's paper")
			key := fmt.Sprintf("%s-%d", name, i)
			tables[key] = table
			files = append(files, filepath.Join(dir, key+".html"))
			require.NoError(t, os.WriteFile(files[len(files)-1], []byte(`<meta charset="utf-8"/>`+table.HTML), 0o600))
		}
	}
	convert := func(from, to string) {
		cmd := exec.Command(soffice, append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless",
			"--infilter=" + from, "--convert-to", to, "--outdir", dir}, files...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	convert("HTML (StarCalc)", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false")
	convert("HTML (StarWriter)", "fodt")
	for key, table := range tables {
		want := table.Grid
		calc, err := os.Open(filepath.Join(dir, key+".csv"))
		require.NoError(t, err)
		defer calc.Close()
		r := csv.NewReader(calc)
		r.FieldsPerRecord = -1
		got, err := r.ReadAll()
		require.NoError(t, err)
		if table.Caption != "" {
			require.Equal(t, table.Caption, strings.Join(got[0], ""), key)
			got = got[1:]
		}
		assert.Equal(t, want, got, "%s in Calc", key)
		writer, err := os.Open(filepath.Join(dir, key+".fodt"))
		require.NoError(t, err)
		defer writer.Close()
		assert.Equal(t, want, writerTable(t, writer), "%s in Writer", key)
	}
}

// writerTable reads the cells of a Writer file's table; a second paragraph in a
// cell begins with ¶.
func writerTable(t *testing.T, r io.Reader) [][]string {
	t.Helper()
	var rows [][]string
	d := xml.NewDecoder(r)
	inCell, paragraphs := false, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return rows
		}
		require.NoError(t, err)
		last := len(rows) - 1
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "table-row":
				rows = append(rows, nil)
			case "table-cell", "covered-table-cell":
				rows[last] = append(rows[last], "")
				inCell, paragraphs = true, 0
			case "p":
				if inCell {
					if paragraphs++; paragraphs > 1 {
						rows[last][len(rows[last])-1] += "¶"
					}
				}
			case "s":
				if inCell {
					rows[last][len(rows[last])-1] += " "
				}
			}
		case xml.EndElement:
			if e.Name.Local == "table-cell" {
				inCell = false
			}
		case xml.CharData:
			if inCell && strings.Trim(string(e), " \n") != "" {
				rows[last][len(rows[last])-1] += string(e)
			}
		}
	}
}

// A click on a number selects it with its sign and nothing else; a selection of
// the table still holds every cell.
func TestHTMLNumbersAreSelectedAlone(t *testing.T) {
	c := startChromium(t)
	c.Window(1280, 900, "light")
	c.Open(pages(t, "hilt")["hilt-en"])
	var numbers []struct {
		Text string
		X, Y float64
	}
	c.Evaluate(`[...document.querySelectorAll("td .n")].filter(e => e.textContent.startsWith("−")).slice(0, 6).map(e => {
		e.scrollIntoView({block: "center"});
		const box = e.getBoundingClientRect();
		return {Text: e.textContent, X: box.left + scrollX + box.width * 0.7, Y: box.top + scrollY + box.height / 2}; })`, &numbers)
	require.Len(t, numbers, 6)
	for _, n := range numbers {
		var y float64
		c.Evaluate(fmt.Sprintf(`getSelection().removeAllRanges(); scrollTo(0, %g - 300); %g - scrollY`, n.Y, n.Y), &y)
		for _, event := range []string{"mousePressed", "mouseReleased"} {
			c.Call("Input.dispatchMouseEvent", map[string]any{"type": event, "x": n.X, "y": y, "button": "left", "clickCount": 1}, nil)
		}
		var selected string
		c.Evaluate(`getSelection().toString()`, &selected)
		assert.Equal(t, n.Text, selected)
	}
	table := copyTable(t, c, 0, false)
	for _, row := range table.Grid {
		for _, cell := range row {
			assert.Contains(t, table.Text, strings.ReplaceAll(cell, "\u00a0", " ")) // as Chromium writes plain text
		}
	}
}
