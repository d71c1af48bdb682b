// Command sameresults compares two results.json of the same trial, computed on
// different processors:
//
//	go run ./examples/internal/sameresults one.json other.json
//
// Strings, counts, verdicts, keys and their order must be equal. Other numbers may
// differ by 1e-9, relatively: some processors multiply and add in one step, and
// round once where others round twice. It prints every difference and ends with
// status 1 where there is one, 2 where a file cannot be read.
package main

import (
	"fmt"
	"io"
	"os"
)

// tolerance is what results.json promises between processors.
const tolerance = 1e-9

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		fmt.Fprintln(stderr, "sameresults", "ONE.json", "OTHER.json")
		return 2
	}
	var files [2][]byte
	for i, name := range args {
		var err error
		if files[i], err = os.ReadFile(name); err != nil {
			fmt.Fprintln(stderr, err)
			return 2
		}
	}
	found, err := differences(files[0], files[1], tolerance)
	for _, d := range found {
		fmt.Fprintln(stdout, d)
	}
	switch {
	case err != nil:
		fmt.Fprintln(stderr, err)
		return 2
	case len(found) > 0:
		return 1
	}
	return 0
}
