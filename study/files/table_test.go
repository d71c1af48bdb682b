package files

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// encoding/csv writes what parseTable reads.
func TestTableAgainstEncodingCSV(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		rows := make([][]string, 1+r.IntN(4))
		for i := range rows {
			for range 2 + r.IntN(3) {
				f := []byte{'x'} // blanks at the ends are trimmed by ours
				for range r.IntN(6) {
					f = append(f, ` ab",;`+"\t\n'"...)
					f = f[:len(f)-r.IntN(9)]
				}
				rows[i] = append(rows[i], string(append(f, 'x')))
			}
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = r.IntN(2) == 0
		require.NoError(t, w.WriteAll(rows))
		tab := parseTable("d.csv", b.String(), 0, 1, ',', 0)
		require.Empty(t, tab.problems)
		require.Len(t, tab.Rows, len(rows))
		for i, row := range tab.Rows {
			line, col := lineColumn(b.String()[:row.Offset])
			require.Equal(t, row.Line, line)
			require.Equal(t, 1, col)
			for j, f := range row.Fields {
				require.Equal(t, rows[i][j], strings.ReplaceAll(f.Text, "\r\n", "\n"))
			}
		}
	}
}
