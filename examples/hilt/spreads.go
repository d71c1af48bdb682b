package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// spread is the verdict that the same difference would have had with another
// pooled standard deviation of the change.
type spread struct {
	sd float64
	ci stats.Interval
	study.Judgement
}

// spreads repeat the verdict for other spreads, as the data's means were given
// and their spread was invented: the difference in mean change is kept, its
// standard error is SD·√(1/n₁ + 1/n₂) on n₁ + n₂ − 2 degrees of freedom
// (Student's t). The SDs run from 5 to 30% of the instrument's range, 0.5 to 3 cm.
func spreads(res study.Result, margin float64) []spread {
	var sum, n [2]float64 // treated, control
	control := res.Arms[len(res.Arms)-1].ID
	for _, r := range res.Records {
		if !r.HasBaseline || !r.HasFollow {
			continue
		}
		k := 0
		if r.Arm == control {
			k = 1
		}
		sum[k] += r.Change
		n[k]++
	}
	var out []spread
	by := study.Threshold{Kind: study.Margin, Level: study.BetweenGroup, Value: margin}
	for k := 1; k <= 6; k++ {
		sd := float64(k) * (res.Outcome.Max - res.Outcome.Min) / 20
		e := stats.Estimate{Value: sum[0]/n[0] - sum[1]/n[1], SE: sd * math.Sqrt(1/n[0]+1/n[1]), DF: n[0] + n[1] - 2}
		out = append(out, spread{sd, e.CI(res.Level), study.Judge(e, res.Level, by, res.Outcome.Better)})
	}
	return out
}

// writeSpreads writes them as a table for each visit of the first outcome, pain.
func writeSpreads(w io.Writer, rep study.Report, margin float64, c *text.Catalog) error {
	say := func(code string, args text.Args) string { return c.Say(code, args) }
	fmt.Fprintf(w, "\n%s\n\n%s\n", say("hilt-spreads", nil), say("hilt-spreads-intro", nil))
	for _, res := range rep.Results {
		if res.Outcome.ID != rep.Protocol.Outcomes[0].ID || res.Visit.ID == "" {
			continue
		}
		fmt.Fprintf(w, "\n%s, %s (%s)\n", res.Outcome.Label, res.Visit.Label, say("simulated", nil))
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", say("col-sd", nil), say("col-interval", text.Args{"level": c.Number(100*res.Level, 0) + "%"}),
			say("col-zero", nil), say("col-benefit", nil), say("col-harm", nil))
		for _, s := range spreads(res, margin) {
			zero := "zero-excluded"
			if s.IncludesZero {
				zero = "zero-included"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", c.Number(s.sd, 1),
				say("interval", text.Args{"lower": c.Number(s.ci.Lo, 2), "upper": c.Number(s.ci.Hi, 2)}), say(zero, nil),
				say("verdict-"+string(s.Benefit), nil), say("verdict-"+string(s.Harm), nil))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}
