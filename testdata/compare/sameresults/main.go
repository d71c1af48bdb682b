// Command sameresults compares two results.json; see package compare.
package main

import (
	"os"

	"github.com/trialkit/trialkit/testdata/compare"
)

func main() { os.Exit(compare.Run(os.Args[1:], os.Stdout, os.Stderr)) }
