package study

import "github.com/trialkit/trialkit/study/files"

// Value is a number as the file wrote it; see files.Value.
type Value = files.Value

// Problem is one thing wrong with a protocol or a data file, and its place; see
// files.Problem.
type Problem = files.Problem

// Problems is everything wrong with one protocol or data file. It is the error
// that ParseProtocol, Validate and Load return for bad input; errors.As finds
// it. See files.Problems.
type Problems = files.Problems

// Place is a place in a file; see files.Place.
type Place = files.Place
