package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// What a file says of itself stands beside what is in it, hidden sheets too.
func TestLook(t *testing.T) {
	arm := files.Column{Name: "arm", Label: "Allocated\ntreatment", Kind: sheet.Number, Labels: []sheet.Label{{Value: "1", Word: "Laser"}, {Value: "2", Word: "Placebo"}}}
	pain := files.Column{Name: "pain", Kind: sheet.Number, Missing: []string{"-99"}, Ranged: true, Range: [2]float64{-98, -90}}
	num := func(s string) files.ViewCell { return files.ViewCell{Text: s, Kind: sheet.Number} }
	v := files.View{Columns: []files.Column{arm, pain, {Name: "", Kind: sheet.Text}}, Lines: []int{2, 5},
		Rows:  [][]files.ViewCell{{num("1"), num("10"), {Text: "a", Kind: sheet.Text}}, {num("2"), {Text: "-99", Kind: sheet.Missing}}},
		Notes: []text.Phrase{{Code: "row-names"}}}
	hidden := files.View{Sheet: "Codes", Hidden: true, Columns: []files.Column{{Name: "x"}}}
	var b bytes.Buffer
	require.NoError(t, Look(&b, "dir/d.sav", []files.View{v, hidden}, Options{Lang: "en"}))
	assert.Equal(t, `What stands in d.sav
rows: 2, columns: 3
-------------------

  • Each row has one field more than the header: the first, a name of the row as R writes it, was
    left out.

Column               Type    Values  From … to, or words  What the file says of it
────────────────────────────────────────────────────────────────────────────────────────────────────
arm                  number       2  1 to 2               Allocated treatment; 1 = Laser, 2 =
                                                          Placebo
pain                 number       1  10 to 10             missing: -99, −98 to −90
(no name, column 3)  text         1  a

The first rows (2)
Row  arm            pain
───────────────────────────
2      1              10  a
5      2  (-99: missing)

Sheet Codes (hidden): rows: 0, columns: 1
-----------------------------------------

Column  Type  Values  From … to, or words  What the file says of it
───────────────────────────────────────────────────────────────────
x       text       0
`, b.String())
	assert.ErrorContains(t, Look(&b, "d", nil, Options{Lang: "xx"}), "xx")
}
