package study

import (
	"io"
	"testing"
)

// From the files to results.json: the built program's work but its start.
func BenchmarkFilesToJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ds, err := LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
		if err != nil {
			b.Fatal(err)
		}
		r, err := ds.AnalyzeAll()
		if err != nil {
			b.Fatal(err)
		}
		if err := r.WriteJSON(io.Discard, ReportOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
