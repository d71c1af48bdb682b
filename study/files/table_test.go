package files

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// encoding/csv writes what cut reads.
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
		tab := &Table{text: b.String(), Delimiter: ','}
		tab.takeText(cutAll(b.String(), 0, ','), 1, Options{})
		require.NoError(t, tab.Err())
		require.Equal(t, len(rows), tab.total())
		for i := range rows {
			row := Row{tab, i}
			line, col := lineColumn(b.String()[:tab.cuts.at[tab.cuts.begin(i)]])
			require.Equal(t, row.Line(), line)
			require.Equal(t, 1, col)
			for j, s := range row.Texts() {
				require.Equal(t, rows[i][j], strings.ReplaceAll(s, "\r\n", "\n"))
			}
		}
	}
}

// A text cut in parts is cut as it is in one, wherever quotes and line ends stand.
func TestPartsAreCutAsOne(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		src := make([]byte, r.IntN(120))
		for i := range src {
			src[i] = "ab,\"\"\n\n\r \\"[r.IntN(10)]
		}
		delimiter := ", "[r.IntN(2)]
		want := cut(string(src), 0, len(src), delimiter, 0)
		got := cutParts(string(src), 0, delimiter, 1+r.IntN(9))
		require.Equal(t, want.at, got.at, "%q", src)
		require.Equal(t, want.first, got.first, "%q", src)
		if want.rows == 0 {
			continue
		}
		require.Equal(t, []any{want.rows, want.stride, want.topLine, want.ragged, want.quotes}, []any{got.rows, got.stride, got.topLine, got.ragged, got.quotes}, "%q", src)
		require.Equal(t, want.line, got.line, "%q", src)
		require.Equal(t, want.faults, got.faults, "%q", src)
	}
}

// Eight bytes at once are looked at as one by one.
func TestPrintable(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for b := range 256 {
		for at := range 8 {
			for range 50 {
				s := make([]byte, 8)
				want := true
				for i := range s {
					s[i] = byte(b)
					if i != at {
						s[i] = " ~!}\x7f\x1f\x80a"[r.IntN(8)]
					}
					want = want && s[i] >= ' ' && s[i] < 0x7f
				}
				require.Equal(t, want, printable(string(s)), "%q", s)
			}
		}
	}
}

// A field of a text without blanks and doubled quotes is found without looking for them.
func TestBareFields(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	bare, quoted := 0, 0
	for range 20000 {
		src := make([]byte, 1+r.IntN(30))
		for i := range src {
			src[i] = "abc,,\n\n\"  é\u00a0"[r.IntN(10+r.IntN(5))]
		}
		tab := &Table{text: string(src), Delimiter: ','}
		tab.takeText(cut(string(src), 0, len(src), ',', 0), 1, Options{})
		if tab.Err() != nil || !tab.bare {
			continue
		}
		bare++
		if tab.quotes {
			quoted++
		}
		for n := range tab.total() {
			for i := range (Row{tab, n}).fields() {
				require.Equal(t, Row{tab, n}.foundText(i), Row{tab, n}.Text(i), "%q", src)
			}
		}
	}
	assert.Greater(t, bare, 1000)
	assert.Greater(t, quoted, 50)
}
