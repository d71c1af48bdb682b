package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/report"
)

// runTable shows what stands in a data file: all sheets and members, or the one that
// is named; as a text to read or, with asJSON, as JSON, and then what was decided
// stands on stderr.
func runTable(data, sheet string, asJSON bool, flags *output.Flags, stdout, stderr io.Writer) int {
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	f, err := os.Open(data)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fail(err)
	}
	tables, err := files.Tables(f, info.Size(), data, files.Options{Sheet: sheet})
	if err != nil {
		return fail(err)
	}
	views := make([]files.View, len(tables))
	for i, t := range tables {
		if err := t.Err(); err != nil {
			return fail(err)
		}
		views[i] = t.View()
	}
	if !asJSON {
		if err := report.Look(stdout, data, views, report.Options{Lang: flags.Lang}); err != nil {
			return fail(err)
		}
		return 0
	}
	for _, v := range views {
		for _, n := range v.Notes {
			place := data
			if v.Sheet != "" {
				place += ":" + v.Sheet
			}
			fmt.Fprintf(stderr, "%s: %s\n", place, flags.Words.Say(n.Code, n.Args))
		}
	}
	b, err := json.Marshal(map[string]any{"sheets": views})
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s\n", b)
	}
	if err != nil {
		return fail(err)
	}
	return 0
}
