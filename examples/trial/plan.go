package main

import (
	"context"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study/nexttrial"
)

// runPlan plans the trial of a protocol: the page on stdout, or with out as files in that
// folder, with its figure.
func runPlan(protocol, out string, power float64, files publish.Options, flags *output.Flags, stdout, stderr io.Writer) int {
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	f, err := os.Open(protocol)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	plan, err := nexttrial.Read(f, protocol, nexttrial.Options{Power: power})
	if err != nil {
		return fail(err)
	}
	if out != "" {
		if err := publish.PlanFolder(context.Background(), out, plan, files); err != nil {
			return fail(err)
		}
	}
	if err := nexttrial.Text(stdout, plan, files.Report); err != nil {
		return fail(err)
	}
	return 0
}
