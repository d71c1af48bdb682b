package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/text"
)

// columns are the names of the file's columns; empty: not used.
type columns struct{ change, rating, baseline, test, retest string }

// read fills the study from a CSV file with a header. Where it is delimited by
// semicolons a decimal comma is read too. A patient without change, rating or
// (where it is used) baseline is left out and counted; test and retest are
// taken wherever both are present. Every number that cannot be read is a
// problem with its place.
func read(r io.Reader, file string, cols columns, words *text.Catalog, s *mcid.AnchorStudy) (left int, err error) {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := in.Discard(3); err != nil {
			return 0, err
		}
	}
	head, err := in.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	line, _, _ := strings.Cut(string(head), "\n")
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	semicolon := strings.Contains(line, ";") && !strings.Contains(line, ",")
	if semicolon {
		c.Comma = ';'
	}
	names, err := c.Read()
	if errors.Is(err, io.EOF) {
		return 0, files.Problems{{File: file, Line: 1, Column: 1, Text: words.Say("mcid-empty-file", nil)}}
	} else if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	var problems files.Problems
	place := map[string]int{}
	for _, name := range []string{cols.change, cols.rating, cols.baseline, cols.test, cols.retest} {
		i := slices.IndexFunc(names, func(n string) bool { return strings.TrimSpace(n) == name })
		if name != "" && i < 0 {
			problems = append(problems, files.Problem{File: file, Line: 1, Column: 1, Text: words.Say("mcid-no-column", text.Args{"column": name})})
		}
		place[name] = i
	}
	if len(problems) > 0 {
		return 0, problems
	}
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		number := func(name string) (x float64, ok bool) {
			i := place[name]
			if name == "" || i >= len(row) || strings.TrimSpace(row[i]) == "" {
				return 0, false
			}
			field := strings.TrimSpace(row[i])
			if semicolon {
				field = strings.Replace(field, ",", ".", 1)
			}
			field = strings.Replace(field, "−", "-", 1)
			x, err := strconv.ParseFloat(field, 64)
			if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
				line, col := c.FieldPos(i)
				problems = append(problems, files.Problem{File: file, Line: line, Column: column(row, i, col),
					Text: words.Say("mcid-not-a-number", text.Args{"column": name, "value": row[i]})})
				return 0, false
			}
			return x, true
		}
		change, hasChange := number(cols.change)
		rating, hasRating := number(cols.rating)
		baseline, hasBaseline := number(cols.baseline)
		if hasChange && hasRating && (hasBaseline || cols.baseline == "") {
			s.Change, s.Rating = append(s.Change, change), append(s.Rating, rating)
			if cols.baseline != "" {
				s.Baseline = append(s.Baseline, baseline)
			}
		} else {
			left++
		}
		a, hasTest := number(cols.test)
		b, hasRetest := number(cols.retest)
		if hasTest && hasRetest {
			s.Test, s.Retest = append(s.Test, a), append(s.Retest, b)
		}
	}
	if len(problems) > 0 {
		return 0, problems
	}
	return left, nil
}

// column turns the byte column of a row's field into one of characters.
func column(row []string, field, bytes int) int {
	for _, f := range row[:field] {
		bytes -= len(f) - utf8.RuneCountInString(f)
	}
	return bytes
}
