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
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
	studies "github.com/trialkit/trialkit/testdata/studies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("mcid", args, stderr)
	say := flags.Say
	data := flags.String("data", "", say("flag-anchor-data"))
	var cols columns
	flags.StringVar(&cols.change, "change", "change", say("flag-change"))
	flags.StringVar(&cols.rating, "anchor", "rating", say("flag-anchor"))
	flags.StringVar(&cols.baseline, "baseline", "", say("flag-baseline"))
	flags.StringVar(&cols.test, "test", "", say("flag-test"))
	flags.StringVar(&cols.retest, "retest", "", say("flag-retest"))
	better := flags.String("better", "", say("flag-better"))
	var s mcid.AnchorStudy
	flags.Float64Var(&s.From, "from", 0, say("flag-from"))
	flags.Var(&ratings{&s.Slight, flags.Words}, "slight", say("flag-slight"))
	flags.Var(&ratings{&s.Unchanged, flags.Words}, "unchanged", say("flag-unchanged"))
	flags.BoolVar(&s.Worsening, "worsening", false, say("flag-worsening"))
	flags.Float64Var(&s.AnchorReliability, "anchor-reliability", 0, say("flag-anchor-reliability"))
	flags.Float64Var(&s.ICC, "icc", 0, say("flag-icc"))
	flags.BoolVar(&s.Simulated, "simulated", false, say("flag-simulated"))
	flags.StringVar(&s.Outcome.Label, "label", "", say("flag-label"))
	flags.StringVar(&s.Outcome.Unit, "unit", "", say("flag-unit"))
	flags.Float64Var(&s.Outcome.Resolution, "resolution", 0, say("flag-resolution"))
	figure := flags.String("figure", "", say("flag-figure"))
	if status, done := flags.Parse(args); done {
		return status
	}
	words := flags.Words
	usage := func() int { return flags.Refuse("usage-mcid", nil) }
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
			return output.Fail(stderr, flags.Lang, err)
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
			return output.Fail(stderr, flags.Lang, err)
		}
		defer f.Close()
		r = f
	}
	if s.Outcome.ID = cols.change; s.Outcome.Label == "" {
		s.Outcome.Label = cols.change
	}
	left, err := read(r, file, cols, words, &s)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	tr, err := mcid.Triangulate(s)
	if err != nil {
		return output.Fail(stderr, flags.Lang, fmt.Errorf("%s: %w", file, err))
	}
	if *figure != "" {
		fig, err := plot.TriangulationWith(tr, plot.TriangulationOptions{Options: plot.Options{Lang: flags.Lang, EmbedFonts: true}})
		if err == nil {
			err = fig.Save(*figure)
		}
		if err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
	}
	if err := tr.WriteText(stdout, report.Options{Lang: flags.Lang}); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if left > 0 {
		fmt.Fprintln(stdout, "\n"+words.Say("mcid-left-out", text.Args{"count": left}))
	}
	return 0
}

// ratings is a flag of numbers parted by commas.
type ratings struct {
	list  *[]float64
	words *text.Catalog
}

// String implements flag.Value.
func (r *ratings) String() string {
	var out []string
	if r.list != nil { // the flag package asks a zero value too
		for _, x := range *r.list {
			out = append(out, strconv.FormatFloat(x, 'g', -1, 64))
		}
	}
	return strings.Join(out, ",")
}

// Set implements flag.Value.
func (r *ratings) Set(s string) error {
	*r.list = nil
	for _, part := range strings.Split(s, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return errors.New(r.words.Say("mcid-rating-not-a-number", text.Args{"value": part}))
		}
		*r.list = append(*r.list, x)
	}
	return nil
}
