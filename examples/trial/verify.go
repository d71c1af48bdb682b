package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/examples/internal/verify"
)

// runVerify checks the installation and writes the record: for a reader, or as
// JSON to standard output ("-") or a file. Its status is 1 where a case fails.
func runVerify(cases []verify.Case, file string, flags *output.Flags, stdout, stderr io.Writer) int {
	record := verify.Run(cases, time.Now())
	var b bytes.Buffer
	var err error
	if file == "" {
		err = record.WriteText(&b, flags.Words)
	} else {
		err = record.WriteJSON(&b)
	}
	if err == nil && file != "" && file != "-" {
		err = os.WriteFile(file, b.Bytes(), 0o644)
	} else if err == nil {
		_, err = stdout.Write(b.Bytes())
	}
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	for _, c := range record.Cases {
		if !c.Passed {
			fmt.Fprintf(stderr, "%s %s %s: %s\n", c.Check, c.Topic, c.ID, c.Fault)
		}
	}
	if record.Passed < record.Total {
		return 1
	}
	return 0
}
