// Command figure draws the trajectories of the HILT study's pain scores, from
// the study's files to one file, for run.sh to time.
package main

import (
	"fmt"
	"os"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(protocol, data, out string) error {
	ds, err := study.LoadFiles(protocol, data)
	if err != nil {
		return err
	}
	var results []study.Result
	for _, v := range []string{"post", "h24"} {
		r, err := ds.Analyze(study.Plan{Outcome: "vas", Visit: v})
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	fig, err := plot.Trajectories(results)
	if err != nil {
		return err
	}
	return fig.Save(out)
}
