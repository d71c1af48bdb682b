// Package output is what the example programs share: flags, progress and errors
// written for a terminal, and a limit on memory.
package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// interrupted is the exit status after an interrupt, as shells have it.
const interrupted = 130

// Fail writes what is wrong to w: every problem of bad input as
// file:line:column: problem, one a line, in a language, and other errors as
// they are. It returns the exit status: 1, or 130 after an interrupt.
func Fail(w io.Writer, lang string, err error) int {
	var problems study.Problems
	var path *fs.PathError
	switch {
	case errors.Is(err, context.Canceled):
		words, e := text.In(lang)
		if e != nil {
			words = text.English()
		}
		fmt.Fprintln(w, words.Say("interrupted", nil))
		return interrupted
	case errors.As(err, &problems):
		if said, err := problems.In(lang); err == nil {
			problems = said
		}
		for _, p := range problems {
			fmt.Fprintln(w, p.Error())
		}
	case errors.As(err, &path):
		fmt.Fprintf(w, "%s: %v\n", path.Path, path.Err)
	default:
		fmt.Fprintln(w, err)
	}
	return 1
}

// Doubts writes what loading the data left in doubt, a line each.
func Doubts(w io.Writer, ds *study.Dataset, file, lang string) error {
	protocol, data, err := report.Loaded(ds, lang)
	if err != nil {
		return err
	}
	for _, s := range protocol {
		fmt.Fprintln(w, s)
	}
	for _, s := range data {
		fmt.Fprintf(w, "%s: %s\n", file, s)
	}
	return nil
}

// Write puts a report's files and figures into dir, and names on stderr the
// figures that the data cannot give. An interrupt stops it before anything has
// appeared, with context.Canceled; a second one ends the program.
func Write(dir string, r study.Report, o publish.Options, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	undrawn, err := publish.FolderContext(ctx, dir, r, o)
	for _, reason := range undrawn {
		fmt.Fprintln(stderr, reason)
	}
	return err
}
