package datasetjson

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The time to read a table grows with its rows.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var src strings.Builder
			fmt.Fprintf(&src, `{"datasetJSONVersion": "1.1", "records": %d, "columns": [`, n)
			for i, kind := range []string{"string", "string", "string", "date", "integer", "double", "double", "double", "integer", "decimal"} {
				fmt.Fprintf(&src, `%s{"name": "V%d", "dataType": %q}`, strings.Repeat(", ", min(i, 1)), i, kind)
			}
			src.WriteString(`], "rows": [`)
			for i := range n {
				fmt.Fprintf(&src, `%s["P%06d", "active", "North", "2024-02-29", %d, %g, %g, %g, null, "%g"]`, strings.Repeat(",\n", min(i, 1)), i, i%50, float64(i%100)/10, float64(i*7%100)/10, 200+float64(i%3000)/10, float64(i%997)/997)
			}
			src.WriteString("]}")
			file := []byte(src.String())
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				s, err := read(file)
				require.NoError(b, err)
				require.Len(b, s[0].Rows, n)
			}
		})
	}
}
