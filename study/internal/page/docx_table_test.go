package page

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Column by column, the cells say what the table's rows say, a merged one for
// all its rows.
func TestDOCXTables(t *testing.T) {
	tables := body(t, everything(t)).all("tbl")
	require.Len(t, tables, 5)
	for _, tbl := range tables {
		grid := tbl.all("gridCol")
		total := 0
		for _, tr := range tbl.all("tr") {
			require.Len(t, tr.all("tc"), len(grid))
			for j, tc := range tr.all("tc") {
				assert.Equal(t, grid[j].attr["w"], tc.all("tcW")[0].attr["w"])
			}
			assert.True(t, tr.has("cantSplit"))
		}
		for _, g := range grid {
			w, err := strconv.Atoi(g.attr["w"])
			require.NoError(t, err)
			total += w
		}
		assert.Equal(t, strconv.Itoa(total), tbl.all("tblW")[0].attr["w"])
		assert.LessOrEqual(t, total, 11906-2*1417)
	}
	tbl := tables[3]
	assert.Equal(t, "Table 2. Results", tbl.all("tblCaption")[0].attr["val"])
	rows := tbl.all("tr")
	require.Len(t, rows, 1+len(grouped.Rows))
	assert.True(t, rows[0].has("tblHeader"))
	above := make([]string, len(grouped.Columns))
	merged := 0
	for i, row := range grouped.Rows {
		assert.False(t, rows[i+1].has("tblHeader"))
		for j, tc := range rows[i+1].all("tc") {
			s := tc.words()
			if m := tc.all("vMerge"); len(m) == 1 && m[0].attr["val"] == "" {
				assert.Empty(t, s)
				s = above[j]
				merged++
			} else if len(m) == 1 {
				assert.Equal(t, "restart", m[0].attr["val"])
			}
			assert.Equal(t, row[j], s, "row %d, column %d", i, j)
			above[j] = s
			assert.Equal(t, grouped.Columns[j].Right, tc.all("pStyle")[0].attr["val"] == styleNumber)
		}
	}
	assert.Equal(t, 5, merged, "Pain twice, its 1 h, the second Strength and its 24 h")
	blocks := body(t, everything(t)).all("body")[0].children
	for i, n := range blocks {
		if n.name == "tbl" {
			assert.Equal(t, "p", blocks[i+1].name, "Word joins tables that touch")
		}
	}
}

// Words before a table stand on its page, and other words go on to the next.
func TestDOCXKeepsWordsWithTheirTable(t *testing.T) {
	d := &Document{}
	d.Paragraph("a")
	d.Paragraph("b")
	d.TableWith(grouped)
	d.Paragraph("c")
	p := body(t, d).all("p")
	assert.False(t, p[0].has("keepNext"))
	assert.True(t, p[1].has("keepNext"))
	assert.False(t, p[len(p)-1].has("keepNext"))
}

// A table that a page has room for stays on one, as does a group, whose name
// stands in its first row alone; between groups a long table breaks.
func TestDOCXKeepsRowsTogether(t *testing.T) {
	kept := func(table Table) string {
		d := &Document{}
		d.TableWith(table)
		s := ""
		for _, tr := range body(t, d).all("tr")[1:] {
			if tr.has("keepNext") {
				s += "k"
			} else {
				s += "."
			}
		}
		return s
	}
	table := wide(12).blocks[0].table
	assert.Equal(t, "kkkkkkkkkkk.", kept(table))
	table.Notes = []string{"Below."}
	assert.Equal(t, "kkkkkkkkkkkk", kept(table), "with its notes")
	table = wide(20).blocks[0].table // groups of five
	assert.Equal(t, strings.Repeat("kkkk.", 3)+"kkkk.", kept(table), "it would leave half a page empty")
	table = wide(42).blocks[0].table
	assert.Equal(t, "kkkk."+strings.Repeat("kkkk.", 7)+"k.", kept(table))
	table.Group = 0
	assert.Equal(t, "k"+strings.Repeat(".", 39)+"k.", kept(table), "no row alone at either end")
	for i := range table.Rows { // a group that no page has room for
		table.Rows[i][0] = "All"
	}
	table.Group = 1
	assert.Equal(t, "k"+strings.Repeat(".", 39)+"k.", kept(table))
}

// Thousands of rows: the numbers stay whole, the text fits, and it is fast.
func wide(rows int) *Document {
	d := &Document{}
	t := Table{Caption: "Table 1. All", Group: 1, Columns: []Column{Names("Outcome"), Words("Analysis"), Numbers("Active"), Numbers("Control"), Numbers("n"), Numbers("Adjusted difference from control"), Numbers("95% CI")}}
	for i := range rows {
		t.Rows = append(t.Rows, []string{fmt.Sprint("Outcome number ", i/5), "ANCOVA on baseline, arms re-randomized", "3.80 (1.53)", "6.46 (0.83)", "5 + 5", "−2.49", fmt.Sprintf("−%d.42 to −0.55", i)})
	}
	d.TableWith(t)
	return d
}

func TestDOCXColumns(t *testing.T) {
	table := wide(200).blocks[0].table
	for _, line := range []int{9072, 7000} {
		width, size := docxColumns(table, line)
		assert.LessOrEqual(t, sum(width), line)
		for j, c := range table.Columns {
			for _, r := range table.Rows {
				if c.Right {
					assert.LessOrEqual(t, textWidth(r[j], size, false)+2*cellMargin, width[j], r[j])
				}
			}
		}
	}
	width, size := docxColumns(table, 3000)
	assert.LessOrEqual(t, sum(width), 3000)
	assert.Equal(t, docxSmallSize, size)
	// Words stay whole in smaller letters before they make each row two lines.
	many := Table{Columns: []Column{Words("Comparison"), Words("Analysis"), Numbers("Difference")}}
	words := strings.Repeat("word ", 18)
	many.Rows = [][]string{{words, words, "−2.49"}}
	whole := 2*textWidth(words, docxSmallSize, false) + textWidth("Difference", docxSmallSize, true) + 3*cellSpace
	width, size = docxColumns(many, whole)
	assert.Equal(t, docxSmallSize, size)
	assert.GreaterOrEqual(t, width[0], textWidth(words, docxSmallSize, false)+cellSpace)
	// Liberation Sans' own widths of "Age, years": A 1366, g, e and a 1139, comma and space
	// 569, y and s 1024, r 682 of 2,048, at 9 points 860.4 twips.
	assert.Equal(t, 860, textWidth("Age, years", 18, false))
}

func BenchmarkDOCX(b *testing.B) {
	d := wide(5000)
	for b.Loop() {
		if _, err := d.DOCX(); err != nil {
			b.Fatal(err)
		}
	}
}
