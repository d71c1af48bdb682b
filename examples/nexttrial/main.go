// Command nexttrial plans the trial that the HILT study ends by asking for: ten sessions
// of high-intensity laser (HILT) and of low-level laser (LLLT) against placebo laser.
//
//	go run ./examples/nexttrial
//	go run ./examples/nexttrial -lang nl -out plan
//
// It prints the page that a protocol can take over, planned from numbers in print
// (programme.yaml), then how probable success is when the uncertainty of those numbers counts, and
// then what the ten simulated women would have said (pilot.yaml): that they establish no number.
// With -out the page is written as plan.md, .html and .docx with its figure.
package main

import (
	"bytes"
	"context"
	_ "embed" // the protocols
	"fmt"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study/nexttrial"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

//go:embed programme.yaml
var programme []byte

//go:embed pilot.yaml
var pilot []byte

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// published are the effects in print with the half-widths of their 95% intervals, in cm,
// benefit positive: Song 2020 (0.69 to 1.68) and Stausholm 2019 (0.73 to 2.11).
var published = []struct {
	arm          string
	effect, half float64
}{{"hilt", 1.18, (1.68 - 0.69) / 2}, {"lllt", 1.42, (2.11 - 0.73) / 2}}

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("nexttrial", args, stderr)
	out := flags.String("out", "", flags.Say("flag-out"))
	if status, done := flags.Parse(args); done {
		return status
	}
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	opt := report.Options{Lang: flags.Lang}
	plan, err := nexttrial.Read(bytes.NewReader(programme), "programme.yaml", nexttrial.Options{})
	if err != nil {
		return fail(err)
	}
	if err := nexttrial.Text(stdout, plan, opt); err != nil {
		return fail(err)
	}
	fmt.Fprintln(stdout)
	for _, p := range published {
		for _, c := range plan.Comparisons {
			if c.Arm.ID != p.arm {
				continue
			}
			belief := power.AssuranceDesign{Mean: p.effect, SD: p.half / 1.96, SE: c.SE, DF: float64(2*plan.Analyzed - 3), Alpha: plan.Alpha}
			beyond := belief
			beyond.Margin = plan.Margin()
			fmt.Fprintln(stdout, flags.Words.Say("nexttrial-assurance", text.Args{"arm": c.Arm.Label, "power": c.Power, "assurance": belief.Assurance(), "limit": beyond.Limit()}))
		}
	}
	if *out != "" {
		if err := publish.PlanFolder(context.Background(), *out, plan, publish.Options{Report: opt}); err != nil {
			return fail(err)
		}
	}
	small, err := nexttrial.Read(bytes.NewReader(pilot), "pilot.yaml", nexttrial.Options{})
	if err != nil {
		return fail(err)
	}
	fmt.Fprintln(stdout)
	if err := nexttrial.Text(stdout, small, opt); err != nil {
		return fail(err)
	}
	return 0
}
