// Package labels puts the labels of visits, arms and participants in order.
package labels

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Distinct returns the labels that occur, in natural order: by letters, and runs
// of digits by value ("p2" before "p10"). The order of the argument does not
// matter.
func Distinct(list []string) []string {
	seen := make(map[string]bool, 16)
	var out []string
	for _, l := range list {
		if !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(natural(a, b), strings.Compare(a, b)) })
	return out
}

// signed are numbers whose digits alone do not tell their value.
var signed = regexp.MustCompile(`(^|[^0-9A-Za-z])[-−+][0-9]|[0-9][.,][0-9]`)

var number = regexp.MustCompile(`[0-9]+`)

// ByValue orders distinct labels by the numbers in them: labels that are numbers, or
// that differ in a whole number alone ("week 2", "week 10"). It is not ok where the
// labels leave their order open.
func ByValue(distinct []string) (ordered []string, ok bool) {
	out := slices.Clone(distinct)
	if len(out) < 2 {
		return out, true
	}
	value := make(map[string]float64, len(out))
	for _, l := range out {
		x, err := strconv.ParseFloat(l, 64)
		if err != nil || x != x {
			value = nil
			break
		}
		value[l] = x
	}
	order := natural
	if value != nil {
		order = func(a, b string) int { return cmp.Compare(value[a], value[b]) }
	} else {
		words := number.ReplaceAllString(out[0], "#")
		for _, l := range out {
			if signed.MatchString(l) || number.ReplaceAllString(l, "#") != words {
				return nil, false
			}
		}
	}
	slices.SortFunc(out, order)
	for i := 1; i < len(out); i++ {
		if order(out[i-1], out[i]) == 0 { // "1" and "01"
			return nil, false
		}
	}
	return out, true
}

// natural compares letter by letter, and runs of digits by value.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, restA := digits(a)
		y, restB := digits(b)
		if x != "" && y != "" {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = restA, restB
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits cuts the digits at the start of s off.
func digits(s string) (run, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return s[:len(s)-len(rest)], rest
}
