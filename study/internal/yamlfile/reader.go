package yamlfile

import (
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
)

// maxYAML is the largest file read, in bytes. The YAML parser's time grows with
// the square of some input.
const maxYAML = 128 << 10

// Reader reads values out of a tree of nodes and remembers where each, named by
// its path (outcomes[0].unit), was written. What is wrong gathers as problems.
// A method that returns a function reads a value into dst; Fields takes them.
type Reader struct {
	File string
	// At holds places by path; a path with @ behind it is the key's place.
	At map[string][2]int
	// Bad paths have a problem that was reported.
	Bad      map[string]bool
	problems files.Problems
}

// Open reads and parses a file of YAML. tooLong is the message of one above the
// limit.
func Open(r io.Reader, name, tooLong string) (*Reader, *Node, error) {
	src, err := io.ReadAll(io.LimitReader(r, maxYAML+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &Reader{File: name, At: map[string][2]int{}, Bad: map[string]bool{}}
	if len(src) > maxYAML {
		d.Report(1, 1, tooLong, maxYAML)
		return nil, nil, d.problems.Err()
	}
	content, bad := files.Text(src)
	if bad != nil {
		d.put(*bad)
		return nil, nil, d.problems.Err()
	}
	root := parse([]byte(content), d.Report)
	if root == nil {
		return nil, nil, d.problems.Err()
	}
	before := len(d.problems)
	if d.questions(root, ""); len(d.problems) > before {
		return nil, nil, d.problems[before:].Err()
	}
	return d, root, nil
}

// questions reports every ? that stands for an answer. They come before all else:
// what is wrong around an open question may be right once it is answered. In
// quotes it is a word like others.
func (d *Reader) questions(n *Node, path string) {
	if n == nil {
		return
	}
	if n.Kind == Scalar && n.Text == "?" && !n.quoted {
		d.Reject(n, path, "problem-unanswered", path)
	}
	for i, item := range n.Items {
		d.questions(item, fmt.Sprintf("%s[%d]", path, i))
	}
	for _, e := range n.Entries {
		if path == "" {
			d.questions(e.Value, e.Key)
		} else {
			d.questions(e.Value, path+"."+e.Key)
		}
	}
}

// Close adds the faults of what was read, but for those of values that were
// reported as unreadable, and returns all problems, or nil.
func (d *Reader) Close(faults []Fault) error {
	for _, f := range faults {
		if !d.Bad[f.Path] {
			at := d.Place(f.Path)
			d.put(f.Problem(at[0], at[1]))
		}
	}
	return d.problems.Err()
}

func (d *Reader) put(p files.Problem) {
	p.File = d.File
	d.problems = append(d.problems, p)
}

// Report adds a message of the catalog with the arguments {1}, {2} ….
func (d *Reader) Report(line, column int, code string, args ...any) {
	d.put(files.NewProblem(line, column, code, Phrase(code, args...).Args))
}

func (d *Reader) Reject(n *Node, path, code string, args ...any) {
	d.Bad[path] = true
	d.put(Fault{path, Phrase(code, args...)}.Problem(n.Line, n.Column))
}

// Place finds a path's position, or its nearest parent's.
func (d *Reader) Place(path string) [2]int {
	for path != "" {
		if at, ok := d.At[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".[@"), 0)]
	}
	return d.At[""]
}

// Fields reads a map with known keys.
func (d *Reader) Fields(n *Node, path string, keys map[string]func(n *Node, path string)) {
	d.At[path] = [2]int{n.Line, n.Column}
	if n.Kind == Nothing {
		return
	}
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	sort.Strings(names)
	if n.Kind != Map {
		d.Reject(n, path, "problem-map-keys", strings.Join(names, ", "))
		return
	}
	for _, e := range n.Entries {
		read, ok := keys[e.Key]
		if !ok {
			d.Report(e.Line, e.Column, "problem-unknown-key", e.Key, within(path), strings.Join(names, ", "))
			continue
		}
		p := Join(path, e.Key)
		d.At[p] = [2]int{e.Value.Line, e.Value.Column}
		if e.Value.Kind == Nothing {
			d.At[p] = [2]int{e.Line, e.Column}
		}
		read(e.Value, p)
	}
}

func within(path string) any {
	if path == "" {
		return ""
	}
	return Phrase("word-in", path)
}

// Join is the path of a key.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Each reads a list.
func (d *Reader) Each(n *Node, path string, item func(i int, n *Node, path string)) {
	switch n.Kind {
	case Nothing:
	case List:
		for i, v := range n.Items {
			p := fmt.Sprintf("%s[%d]", path, i)
			d.At[p] = [2]int{v.Line, v.Column}
			item(i, v, p)
		}
	default:
		d.Reject(n, path, "problem-must-list")
	}
}

func (d *Reader) Text(dst *string) func(*Node, string) {
	return func(n *Node, path string) {
		switch n.Kind {
		case Scalar:
			*dst = strings.TrimSpace(n.Text)
		case Nothing:
		default:
			d.Reject(n, path, "problem-must-text")
		}
	}
}

// Raw is text in which spaces count (a delimiter may be a tab).
func (d *Reader) Raw(dst *string) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind != Scalar {
			d.Text(dst)(n, path)
			return
		}
		*dst = n.Text
	}
}

func (d *Reader) Number(dst *float64) func(*Node, string) {
	return func(n *Node, path string) {
		x, err := strconv.ParseFloat(n.Text, 64)
		if n.Kind != Scalar || err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(n.Text, "xX_pP") {
			d.Reject(n, path, "problem-value-not-a-number", d.Shown(n))
			return
		}
		*dst = x + 0 // −0 is 0
	}
}

// Positive reads a number that has no meaning where it is 0: in a Protocol,
// 0 stands for a key that was left out.
func (d *Reader) Positive(dst *float64) func(*Node, string) {
	return func(n *Node, path string) {
		d.Number(dst)(n, path)
		if !d.Bad[path] && *dst == 0 {
			d.Reject(n, path, "problem-zero")
		}
	}
}

func (d *Reader) Whole(dst *int) func(*Node, string) {
	return func(n *Node, path string) {
		x, err := strconv.Atoi(n.Text)
		if n.Kind != Scalar || err != nil {
			d.Reject(n, path, "problem-not-whole", d.Shown(n))
			return
		}
		*dst = x
	}
}

func (d *Reader) Flag(dst *bool) func(*Node, string) {
	return func(n *Node, path string) {
		switch strings.ToLower(n.Text) {
		case "true", "yes":
			*dst = true
		case "false", "no":
			*dst = false
		default:
			d.Reject(n, path, "problem-not-flag", d.Shown(n))
		}
	}
}

// Shown names a node in a message.
func (d *Reader) Shown(n *Node) any {
	switch n.Kind {
	case List:
		return Phrase("word-a-list")
	case Map:
		return Phrase("word-a-map")
	case Nothing:
		return Phrase("word-nothing")
	}
	return strconv.Quote(n.Text)
}

func (d *Reader) Texts(dst *[]string) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind == Scalar {
			*dst = []string{n.Text}
			return
		}
		d.Each(n, path, func(_ int, n *Node, path string) {
			var s string
			d.Text(&s)(n, path)
			*dst = append(*dst, s)
		})
	}
}

// TextOrTexts reads one text, or a list of them.
func (d *Reader) TextOrTexts(one *string, many *[]string) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind == Scalar || n.Kind == Nothing {
			d.Text(one)(n, path)
			return
		}
		d.Texts(many)(n, path)
	}
}

func (d *Reader) TextMap(dst *map[string]string) func(*Node, string) {
	return func(n *Node, path string) {
		d.At[path] = [2]int{n.Line, n.Column}
		switch n.Kind {
		case Nothing:
			return
		case Map:
		default:
			d.Reject(n, path, "problem-must-map")
			return
		}
		*dst = map[string]string{}
		for _, e := range n.Entries {
			p := Join(path, e.Key)
			d.At[p] = [2]int{e.Value.Line, e.Value.Column}
			d.At[p+"@"] = [2]int{e.Line, e.Column}
			var s string
			d.Text(&s)(e.Value, p)
			(*dst)[strings.TrimSpace(e.Key)] = s
		}
	}
}

type Keys = map[string]func(n *Node, path string)

// Line reads the number of a line.
func (d *Reader) Line(dst *int) func(*Node, string) {
	return func(n *Node, path string) {
		d.Whole(dst)(n, path)
		if !d.Bad[path] && *dst < 1 {
			d.Reject(n, path, "problem-not-a-line", n.Text)
		}
	}
}

// Word reads one of a few words, in any case, and leaves others to check.
func (d *Reader) Word(dst *string, words ...string) func(*Node, string) {
	return func(n *Node, path string) {
		d.Text(dst)(n, path)
		for _, w := range words {
			if strings.EqualFold(*dst, w) {
				*dst = w
			}
		}
	}
}

// Pair reads [low, high].
func (d *Reader) Pair(lo, hi *float64) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind != List || len(n.Items) != 2 {
			d.Reject(n, path, "problem-pair")
			return
		}
		for i, dst := range []*float64{lo, hi} {
			p := path + "[" + strconv.Itoa(i) + "]"
			d.Number(dst)(n.Items[i], p)
			if d.Bad[p] {
				d.Bad[path] = true
			}
		}
		if !d.Bad[path] && *lo == 0 && *hi == 0 { // would read as "not stated"
			d.Reject(n, path, "problem-not-below", *lo, *hi)
		}
	}
}

// MapOf reads a map with keys that the protocol chooses.
func (d *Reader) MapOf(n *Node, path, otherwise string, read func(key string, n *Node, path string)) {
	switch n.Kind {
	case Nothing:
		return
	case Map:
	default:
		d.Reject(n, path, otherwise)
		return
	}
	for _, e := range n.Entries {
		p := Join(path, e.Key)
		d.At[p] = [2]int{e.Value.Line, e.Value.Column}
		if e.Value.Kind == Nothing {
			d.At[p] = [2]int{e.Line, e.Column}
		}
		d.At[p+"@"] = [2]int{e.Line, e.Column}
		read(strings.TrimSpace(e.Key), e.Value, p)
	}
}

func (d *Reader) Numbers(dst *[]float64) func(*Node, string) {
	return func(n *Node, path string) {
		d.Each(n, path, func(_ int, n *Node, path string) {
			var x float64
			d.Number(&x)(n, path)
			*dst = append(*dst, x)
		})
	}
}

// Translations reads a map from language to a map from word to word.
func (d *Reader) Translations(dst *map[string]map[string]string) func(*Node, string) {
	return func(n *Node, path string) {
		d.At[path] = [2]int{n.Line, n.Column}
		if n.Kind != Map {
			d.Reject(n, path, "problem-translations-map")
			return
		}
		*dst = map[string]map[string]string{}
		for _, e := range n.Entries {
			words := map[string]string{}
			at := Join(path, e.Key)
			d.At[at] = [2]int{e.Value.Line, e.Value.Column}
			d.TextMap(&words)(e.Value, at)
			(*dst)[e.Key] = words
		}
	}
}
