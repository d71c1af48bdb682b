package verify

import (
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// trial goes the whole way from a protocol and a file to the rows of a report.
func trial(c Case, got values) error {
	name := c.str("study")
	ds, err := study.LoadFS(studies.FS, name+"/protocol.yaml", name+"/data.csv")
	if err != nil {
		return err
	}
	report, err := ds.AnalyzeAll()
	if err != nil {
		return err
	}
	for _, result := range report.Results {
		for _, row := range result.Rows {
			at := strings.Join([]string{row.Outcome, row.Visit, string(row.Method), row.Arm, ""}, " ")
			got[at+"estimate"], got[at+"se"], got[at+"df"] = row.Estimate, row.SE, row.DF
			got[at+"lower"], got[at+"upper"], got[at+"p"] = row.Lower, row.Upper, row.P
		}
	}
	return nil
}
