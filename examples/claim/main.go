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
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study/claim"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/claims"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("claim", args, stderr)
	file := flags.String("claim", "", flags.Say("flag-claim"))
	markdown := flags.Bool("markdown", false, flags.Say("flag-markdown"))
	if status, done := flags.Parse(args); done {
		return status
	}
	if flags.NArg() > 0 {
		return flags.Refuse("claim-unexpected-argument", text.Args{"argument": flags.Arg(0)})
	}
	claim, err := open(*file)
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	reading, err := claim.Read()
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	write := reading.WriteText
	if *markdown {
		write = reading.WriteMarkdown
	}
	if err := write(stdout, report.Options{Lang: flags.Lang}); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	return 0
}

func open(file string) (claim.Claim, error) {
	if file == "" {
		return claim.ParseFS(claims.FS, "hilt-blog.yaml")
	}
	f, err := os.Open(file)
	if err != nil {
		return claim.Claim{}, err
	}
	defer f.Close()
	return claim.Parse(f, file)
}
