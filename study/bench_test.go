package study_test

import (
	"io"
	"testing"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// From the files to results.json: the built program's work but its start.
func BenchmarkFilesToJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ds, err := study.LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
		if err != nil {
			b.Fatal(err)
		}
		r, err := ds.AnalyzeAll()
		if err != nil {
			b.Fatal(err)
		}
		if err := report.JSON(io.Discard, r, report.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
