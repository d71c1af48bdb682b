// Package compare holds two results.json of the same trial against each other,
// computed on different processors or by different versions:
//
//	go run ./testdata/compare/sameresults one.json other.json
//
// Strings, counts, verdicts, keys and their order must be equal. Other numbers may
// differ by Tolerance, relatively: some processors multiply and add in one step, and
// round once where others round twice.
//
// The go command leaves testdata out of "./...": its tests are in examples.
package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// Tolerance is what results.json promises between processors.
const Tolerance = 1e-9

// Run compares the two files that args names and prints every difference. It returns
// the exit status: 0, or 1 where there is a difference, 2 where a file cannot be read.
func Run(args []string, stdout, stderr io.Writer) int {
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
	found, err := Differences(files[0], files[1], Tolerance)
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

// reader hands out a JSON file token by token, and says where it is.
type reader struct {
	*json.Decoder
	path []place
}

// place is an object's key, or the position in a list.
type place struct {
	list  bool
	at    int
	key   string
	named bool // the next string of the object is not its next key
}

// next is the next token with the place at which it stands.
func (r *reader) next() (json.Token, string, error) {
	t, err := r.Token()
	if err != nil {
		return nil, "", err
	}
	var top *place
	if n := len(r.path); n > 0 {
		top = &r.path[n-1]
	}
	if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
		r.path = r.path[:len(r.path)-1]
		return t, r.where(), nil
	}
	switch {
	case top == nil:
	case top.list:
		top.at++
	case !top.named:
		top.key, top.named = t.(string), true
		return t, r.where(), nil
	default:
		top.named = false
	}
	at := r.where()
	if d, ok := t.(json.Delim); ok {
		r.path = append(r.path, place{list: d == '[', at: -1})
	}
	return t, at, nil
}

func (r *reader) where() string {
	var b strings.Builder
	for _, p := range r.path {
		if p.list {
			fmt.Fprintf(&b, "[%d]", max(p.at, 0))
		} else {
			b.WriteString("." + p.key)
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

// Differences reads two files in step. A token that differs is a line; where the
// files no longer hold the same keys or lengths, nothing behind can be matched and
// the reading stops. Two numbers are equal where they differ by at most tolerance,
// relative to the larger: counts below 1/tolerance are then equal or are not.
func Differences(one, other []byte, tolerance float64) ([]string, error) {
	a, b := &reader{Decoder: json.NewDecoder(bytes.NewReader(one))}, &reader{Decoder: json.NewDecoder(bytes.NewReader(other))}
	a.UseNumber()
	b.UseNumber()
	var out []string
	for {
		x, at, errA := a.next()
		y, atOther, errB := b.next()
		if errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF) {
			return out, nil
		}
		if err := errors.Join(errA, errB); err != nil {
			return out, fmt.Errorf("after %s: %w", at, err)
		}
		if at != atOther {
			return append(out, fmt.Sprintf("%s ≠ %s", at, atOther)), nil
		}
		nx, okX := x.(json.Number)
		ny, okY := y.(json.Number)
		switch {
		case okX && okY:
			same, err := near(nx, ny, tolerance)
			if err != nil {
				return out, fmt.Errorf("%s: %w", at, err)
			}
			if same {
				continue
			}
		case x == y:
			continue
		}
		out = append(out, fmt.Sprintf("%s: %s ≠ %s", at, shown(x), shown(y)))
		if _, ok := x.(json.Delim); ok {
			return out, nil
		}
		if _, ok := y.(json.Delim); ok {
			return out, nil
		}
	}
}

// near compares two numbers of JSON, which has neither NaN nor infinities.
func near(a, b json.Number, tolerance float64) (bool, error) {
	if a == b {
		return true, nil
	}
	x, errX := strconv.ParseFloat(a.String(), 64)
	y, errY := strconv.ParseFloat(b.String(), 64)
	return math.Abs(x-y) <= tolerance*max(math.Abs(x), math.Abs(y)), errors.Join(errX, errY)
}

func shown(t json.Token) string {
	switch t := t.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(t)
	}
	return fmt.Sprint(t)
}
