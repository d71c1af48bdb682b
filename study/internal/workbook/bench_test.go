package workbook

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// A workbook of 100,000 rows and 10 columns is read in less than a second, and in
// a time that grows with the rows. The same file in readxl and openpyxl: see
// testdata/bench.R and bench.py; TRIALKIT_BENCH names a file to write it into.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 300_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := large(b, n)
			if name := os.Getenv("TRIALKIT_BENCH"); name != "" && n == 100_000 {
				require.NoError(b, os.WriteFile(name, src, 0o600))
			}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				s, err := Read(bytes.NewReader(src), int64(len(src)))
				require.NoError(b, err)
				require.Len(b, s[0].Rows, n+1)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/float64(n)*100_000, "ms/100,000rows")
		})
	}
}
