package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// runInit proposes a protocol from a data file. With questions nil it writes the
// proposal to stdout, its open questions as ?; else it asks them there, reads the
// answers, and writes the finished protocol to a file of its own, which must not
// exist.
func runInit(data, sheet, protocol string, dictionary output.Paths, flags *output.Flags, questions io.Reader, stdout, stderr io.Writer) int {
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	if protocol == "" {
		protocol = strings.TrimSuffix(data, filepath.Ext(data)) + ".yaml"
	}
	if questions != nil {
		if _, err := os.Stat(protocol); err == nil {
			return flags.Refuse("init-exists", text.Args{"file": protocol})
		}
	}
	f, err := os.Open(data)
	if err != nil {
		return fail(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fail(err)
	}
	table, err := files.Read(f, info.Size(), data, files.Options{Sheet: sheet})
	if err != nil {
		return fail(err)
	}
	if err := describe(table, dictionary); err != nil {
		return fail(err)
	}
	p, err := study.Propose(table)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", data, err))
	}
	if questions != nil {
		if p, err = askAll(p, flags, questions, stdout); err != nil {
			return fail(err)
		}
	}
	yaml, err := p.YAML(flags.Lang)
	if err != nil {
		return fail(err)
	}
	if questions == nil {
		_, err := io.WriteString(stdout, yaml)
		if err != nil {
			return fail(err)
		}
		return 0
	}
	if err := writeNew(protocol, yaml); err != nil {
		return fail(err)
	}
	fmt.Fprintln(stdout, flags.Words.Say("init-wrote", text.Args{"file": protocol, "data": data}))
	return 0
}

// describe lets the dictionaries say what the columns are.
func describe(table *files.Table, dictionary output.Paths) error {
	var tables []*files.Table
	for _, name := range dictionary {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		ts, err := files.Tables(bytes.NewReader(src), int64(len(src)), name, files.Options{})
		if err != nil {
			return err
		}
		tables = append(tables, ts...)
	}
	if len(tables) == 0 {
		return nil
	}
	d := files.NewDictionary(tables...)
	if d == nil {
		p := files.NewProblem(0, 0, "problem-dictionary-unknown", nil)
		p.File = dictionary[0]
		return files.Problems{p}
	}
	d.Apply(table)
	return nil
}

// askAll asks until no question is open. A wrong answer is said and asked again.
func askAll(p *study.Proposal, flags *output.Flags, questions io.Reader, stdout io.Writer) (*study.Proposal, error) {
	in := bufio.NewScanner(questions)
	told := false
	for {
		open, err := p.Questions(flags.Lang)
		if err != nil || len(open) == 0 {
			return p, err
		}
		if !told {
			told = true
			fmt.Fprintln(stdout, flags.Words.Say("init-asks", nil))
		}
		q := open[0]
		if q.ID == "outcomes" && len(q.Options) == 0 {
			return nil, errors.New(flags.Say("init-no-outcome"))
		}
		fmt.Fprintf(stdout, "\n%s\n", q.Text)
		for i, o := range q.Options {
			if q.Words != nil && q.Words[i] != "" {
				o += " = " + q.Words[i]
			}
			fmt.Fprintf(stdout, "  %d  %s\n", i+1, o)
		}
		fmt.Fprint(stdout, "> ")
		if !in.Scan() {
			fmt.Fprintln(stdout)
			return nil, errors.Join(errors.New(flags.Say("init-end")), in.Err())
		}
		next, err := p.Answer(q.ID, in.Text(), flags.Lang)
		if err != nil {
			fmt.Fprintln(stdout, err)
			continue
		}
		p = next
	}
}

// writeNew writes a file that does not exist, whole or not at all.
func writeNew(name, content string) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".protocol-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Link(f.Name(), name) // fails where the name is taken meanwhile
}

// terminal is the standard input if both it and the standard output are a
// terminal's, else nil.
func terminal() io.Reader {
	for _, f := range []*os.File{os.Stdin, os.Stdout} {
		info, err := f.Stat()
		if err != nil || info.Mode()&os.ModeCharDevice == 0 {
			return nil
		}
	}
	return os.Stdin
}
