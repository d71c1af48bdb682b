// Command claim reads a published claim: from the numbers that a paper or a
// blog prints it says what they can and cannot support, and what would have to
// be true for the claim to hold.
//
//	go run ./examples/claim
//	go run ./examples/claim -lang nl
//	go run ./examples/claim -claim my-claim.yaml
//
// Without -claim it reads the numbers of a Dutch blog about the HILT knee
// study (testdata/claims/hilt-blog.yaml). -markdown writes Markdown.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/claims"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("claim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("claim", "", "claim in YAML; without it the HILT blog's")
	lang := flags.String("lang", "en", "language of the page: en or nl")
	markdown := flags.Bool("markdown", false, "write Markdown")
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
	if flags.NArg() > 0 {
		fmt.Fprintln(stderr, words.Say("claim-unexpected-argument", text.Args{"argument": flags.Arg(0)}))
		return 2
	}
	claim, err := open(*file)
	if err != nil {
		return output.Fail(stderr, err)
	}
	reading, err := claim.Read()
	if err != nil {
		return output.Fail(stderr, err)
	}
	write := reading.WriteText
	if *markdown {
		write = reading.WriteMarkdown
	}
	if err := write(stdout, study.ReportOptions{Lang: *lang}); err != nil {
		return output.Fail(stderr, err)
	}
	return 0
}

func open(file string) (study.Claim, error) {
	if file == "" {
		return study.ReadClaim(claims.FS, "hilt-blog.yaml")
	}
	f, err := os.Open(file)
	if err != nil {
		return study.Claim{}, err
	}
	defer f.Close()
	return study.ParseClaim(f, file)
}
