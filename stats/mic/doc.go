// Package mic estimates the minimal important change of an instrument from an
// anchor question: which change do patients call important? A threshold for one
// patient's change is not a margin between arms; package study keeps them apart.
//
// # Which function answers which question
//
//	which change do patients call important?          MinimalImportantChange             mic.go, methods.go
package mic
