// Command mcid derives the smallest change that patients call important from
// an anchor study: a CSV file with each patient's change in score and rating
// of change, and, where there are any, the baseline score and the two scores
// of a test–retest.
//
//	go run ./examples/mcid
//	go run ./examples/mcid -data mine.csv -better lower -from 1 -slight 1 -unchanged 0
//
// It prints every method's value side by side, with what speaks against the
// anchor. Without -data it shows a simulated study. Where the input is bad it
// writes every problem to standard error as file:line:column: problem and ends
// with status 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
	studies "github.com/trialkit/trialkit/testdata/studies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("mcid", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "the anchor study's data, CSV; empty: a simulated example")
	var cols columns
	flags.StringVar(&cols.change, "change", "change", "column of the change, follow-up − baseline")
	flags.StringVar(&cols.rating, "anchor", "rating", "column of the anchor's rating, larger is better")
	flags.StringVar(&cols.baseline, "baseline", "", "column of the baseline score")
	flags.StringVar(&cols.test, "test", "", "column of a score of patients who do not change")
	flags.StringVar(&cols.retest, "retest", "", "column of the same score again")
	better := flags.String("better", "", "which direction is better: lower or higher")
	var s study.AnchorStudy
	flags.Float64Var(&s.From, "from", 0, "lowest rating that counts as importantly improved (or highest that counts as worse)")
	flags.Var((*ratings)(&s.Slight), "slight", "ratings that mean just importantly changed: 1 or 1,2")
	flags.Var((*ratings)(&s.Unchanged), "unchanged", "ratings that mean unchanged")
	flags.BoolVar(&s.Worsening, "worsening", false, "ask for the smallest important worsening")
	flags.Float64Var(&s.AnchorReliability, "anchor-reliability", 0, "reliability of the ratings, 0 to 1")
	flags.Float64Var(&s.ICC, "icc", 0, "published reliability of the score, 0 to 1")
	flags.BoolVar(&s.Simulated, "simulated", false, "the data are simulated")
	flags.StringVar(&s.Outcome.Label, "label", "", "name of the score")
	flags.StringVar(&s.Outcome.Unit, "unit", "", "unit of the score")
	flags.Float64Var(&s.Outcome.Resolution, "resolution", 0, "step of the score")
	figure := flags.String("figure", "", "file for the figure: .svg, .png or .pdf")
	lang := flags.String("lang", "en", "language: en or nl")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	words, err := text.In(*lang)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	usage := func() int {
		fmt.Fprintln(stderr, words.Say("usage-mcid", nil))
		return 2
	}
	if flags.NArg() > 0 || (cols.test == "") != (cols.retest == "") {
		return usage()
	}
	switch {
	case *data == "" || *better == "lower":
		s.Outcome.Better = study.LowerIsBetter
	case *better == "higher":
		s.Outcome.Better = study.HigherIsBetter
	default:
		return usage()
	}
	file := *data
	var r io.Reader
	if file == "" {
		file = "anchor/data.csv"
		example, err := studies.FS.Open(file)
		if err != nil {
			return output.Fail(stderr, err)
		}
		defer example.Close()
		r = example
		cols = columns{change: "change", rating: "rating", baseline: "baseline", test: "baseline", retest: "retest"}
		s.Outcome.Label, s.Outcome.Unit, s.Outcome.Resolution = words.Say("mcid-example-outcome", nil), "mm", 1
		s.From, s.Slight, s.Unchanged, s.Simulated = 1, []float64{1}, []float64{0}, true
		if s.AnchorReliability == 0 {
			s.AnchorReliability = 0.8
		}
	} else {
		f, err := os.Open(file)
		if err != nil {
			return output.Fail(stderr, err)
		}
		defer f.Close()
		r = f
	}
	if s.Outcome.ID = cols.change; s.Outcome.Label == "" {
		s.Outcome.Label = cols.change
	}
	left, err := read(r, file, cols, &s)
	if err != nil {
		return output.Fail(stderr, err)
	}
	tr, err := study.Triangulate(s)
	if err != nil {
		return output.Fail(stderr, fmt.Errorf("%s: %w", file, err))
	}
	if *figure != "" {
		fig, err := plot.TriangulationWith(tr, plot.TriangulationOptions{Options: plot.Options{Lang: *lang}})
		if err == nil {
			err = fig.Save(*figure)
		}
		if err != nil {
			return output.Fail(stderr, err)
		}
	}
	if err := tr.WriteText(stdout, study.ReportOptions{Lang: *lang}); err != nil {
		return output.Fail(stderr, err)
	}
	if left > 0 {
		fmt.Fprintln(stdout, "\n"+words.Say("mcid-left-out", text.Args{"count": left}))
	}
	return 0
}

// ratings is a flag of numbers parted by commas.
type ratings []float64

// String implements flag.Value.
func (r *ratings) String() string {
	var out []string
	for _, x := range *r {
		out = append(out, strconv.FormatFloat(x, 'g', -1, 64))
	}
	return strings.Join(out, ",")
}

// Set implements flag.Value.
func (r *ratings) Set(s string) error {
	*r = nil
	for _, part := range strings.Split(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", part)
		}
		*r = append(*r, x)
	}
	return nil
}
