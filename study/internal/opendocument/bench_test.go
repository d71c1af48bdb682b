package opendocument

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The time to read a sheet grows with its rows.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var rows strings.Builder
			for i := range n {
				rows.WriteString(rowOf(textOf(fmt.Sprintf("P%06d", i)), textOf("active"), textOf("North"), typed("date", `office:date-value="2024-02-29"`, "29-02-24"),
					floatOf(fmt.Sprint(i%50)), floatOf(fmt.Sprint(float64(i%100)/10)), floatOf(fmt.Sprint(float64(i*7%100)/10)), floatOf(fmt.Sprint(i%101)), floatOf(fmt.Sprint(i%7)), floatOf(fmt.Sprint(float64(i%997)/997))))
			}
			src := file(b, tableOf("Data", "seen", rows.String()))
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				s, err := read(src)
				require.NoError(b, err)
				require.Len(b, s[0].Rows, n)
			}
		})
	}
}
