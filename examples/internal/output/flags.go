package output

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// Flags are an example program's flags, described and refused in the language
// that its -lang asks for.
type Flags struct {
	*flag.FlagSet
	// Words of the language; Lang is its code.
	Words *text.Catalog
	Lang  string

	stderr io.Writer
}

// NewFlags prepares the flags of a program, -lang among them. The language is
// looked for in args beforehand, so that help and errors are in it; where there
// is no such language, Parse says so.
func NewFlags(program string, args []string, stderr io.Writer) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(program, flag.ContinueOnError), Words: text.English(), Lang: "en", stderr: stderr}
	f.SetOutput(io.Discard) // the flag package writes English
	if c, err := text.In(langOf(args)); err == nil {
		f.Words, f.Lang = c, c.Lang()
	}
	f.StringVar(&f.Lang, "lang", "en", f.Say("flag-lang"))
	return f
}

// langOf returns the value of -lang in args, or en.
func langOf(args []string) string {
	lang := "en"
	for i, a := range args {
		name, value, given := strings.Cut(strings.TrimLeft(a, "-"), "=")
		switch {
		case !strings.HasPrefix(a, "-") || name != "lang":
		case given:
			lang = value
		case i+1 < len(args):
			lang = args[i+1]
		}
	}
	return lang
}

// Say returns the message of a code.
func (f *Flags) Say(code string) string { return f.Words.Say(code, nil) }

// Parse reads args. With done, the program ends with the status: 0 after help,
// 2 after a flag or a language that does not exist.
func (f *Flags) Parse(args []string) (status int, done bool) {
	switch err := f.FlagSet.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.help()
		return 0, true
	case err != nil:
		fmt.Fprintln(f.stderr, f.Words.Say("flag-wrong", text.Args{"reason": err.Error()}))
		f.help()
		return 2, true
	}
	if _, err := text.In(f.Lang); err != nil {
		return f.Refuse("flag-no-language", text.Args{"lang": f.Lang, "languages": strings.Join(text.Languages(), ", ")}), true
	}
	return 0, false
}

// Refuse writes why the arguments cannot be used and returns the status 2.
func (f *Flags) Refuse(code string, args text.Args) int {
	fmt.Fprintln(f.stderr, f.Words.Say(code, args))
	return 2
}

// help lists the flags: name, what it is for, and its default.
func (f *Flags) help() {
	fmt.Fprintln(f.stderr, f.Words.Say("flag-usage", text.Args{"program": f.Name()}))
	f.VisitAll(func(x *flag.Flag) {
		line := x.Usage
		if d := x.DefValue; d != "" && d != "0" && d != "false" {
			line += " " + f.Words.Say("flag-default", text.Args{"value": d})
		}
		fmt.Fprintf(f.stderr, "  -%s\n    \t%s\n", x.Name, line)
	})
}

// Paths is a flag of one file or several: it may be given again, or hold several
// paths between commas. A comma may stand in the name of a file that exists.
type Paths []string

// String returns the paths between commas.
func (p *Paths) String() string { return strings.Join(*p, ",") }

// Set adds the paths of one flag.
func (p *Paths) Set(s string) error {
	if _, err := os.Stat(s); err == nil {
		*p = append(*p, s)
		return nil
	}
	for path := range strings.SplitSeq(s, ",") {
		if path = strings.TrimSpace(path); path != "" {
			*p = append(*p, path)
		}
	}
	return nil
}
