package study

import (
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study/files"
)

// maxProtocol is the largest protocol read, in bytes. The YAML parser's time
// grows with the square of some input.
const maxProtocol = 128 << 10

// ParseProtocol reads a protocol in YAML and validates it. name is the file's
// name in error messages. Everything wrong is returned at once, as Problems
// with line and column: unknown keys, values that cannot be read, and all that
// Validate finds. IDs, codes and column names are taken as written: arms may
// be called 0 and 1, true or NA without quotes.
//
//	title, registration, estimand: text
//	simulated: true                     # invented data say so everywhere
//	arms:                               # exactly one control
//	  - {id: hilt, label: Active HILT, randomized: 5}
//	  - {id: sham, label: Placebo HILT, control: true}
//	randomization: {kind: stratified, block: 4, strata: [site]}  # unknown, complete, blocked, stratified; also
//	                                    # column, cross: true, small: merge/random/ignore, reason
//	visits:                             # the first is the baseline, unless baseline: says otherwise
//	  - {id: pre, label: Before}
//	  - {id: w6, label: Week 6, time: 6w}                    # m, h, d or w
//	baseline: pre                       # or {outcome: column}, or none; an outcome may say its own
//	outcomes:
//	  - {id: vas, label: Pain, unit: cm, range: [0, 10], resolution: 0.1, better: lower,
//	     instrument: VAS-cm, condition: knee-oa,             # fill in what is left out
//	     thresholds: [{kind: MCID, value: 1.5, level: individual, population, method, n, ci, source, worsening}]}
//	data:
//	  layout: wide                      # a row a participant; long: a row a visit, or a value
//	  participant: id                   # these name columns; [site, id] where every site numbers its own
//	  arm: group
//	  columns: {vas: {pre: vas_pre, w6: vas_w6}}             # long: {vas: pain}
//	  visit, outcome, value: column     # long alone; the last two where a row is a value
//	  missing: [999, x]                 # an empty field is always missing
//	  arm_values: {1: hilt, 2: sham}    # what the file writes: ID; also visit_values, outcome_values
//	  values: {vas: {none: 0, mild: 1}} # an outcome in words: the number each means
//	  rows: {flag: [Y]}                 # keep only rows with these values; the others are counted
//	  covariates: {age: {column: age, kind: number, range: [18, 100], at: pre}} # or category
//	  adverse_events: column
//	  delimiter, decimal, encoding      # found in the file, decimal a column, unless stated
//	  header: 4                         # the line of the columns' names; lines above are left out
//	plans: [{outcome: vas, visit: w6, model: ancova, level: 0.95, covariates: [age], margin: 1,
//	         primary: true (or role: primary, sensitivity, supplementary), registered: {where, date}, priors: [{name, mean, sd}], seed: 1,
//	         exact: true,                                    # permutation and rank tests, however long
//	         covariance, df, covariance_by_arm, baseline}]   # these four: models of all visits
//	translations: {nl: {Before: Vooraf}}  # the trial's own words in other languages
//
// The words allowed are those of
// the constants of RandomizationKind, ThresholdKind, ThresholdLevel, Model and
// of Plan's fields. data.baseline is the same as the top-level baseline. A value
// mapped to "" in arm_values, visit_values or outcome_values is ignored: its
// rows are excluded, counted and listed; so are the rows that rows leaves out.
// values is also read in an outcome's baseline column; words that it lists are
// taken as written, and a numeral that it lists (1: 0, 2: 1) is matched as a
// number. range is that of a number: a value outside is refused. at is the
// visit whose value of a covariate counts, in the long layout; without it, a
// covariate that differs between visits is taken at baseline. delimiter is a character or comma,
// semicolon, tab, pipe, space; decimal is a point or a comma, as a sign or a word;
// encoding is utf-8, utf-16, utf-16le, utf-16be or windows-1252.
func ParseProtocol(r io.Reader, name string) (Protocol, error) {
	p, _, err := readProtocol(r, name)
	return p, err
}

// readProtocol also returns where everything was written, for what analysis
// alone can find wrong.
func readProtocol(r io.Reader, name string) (Protocol, *protocolReader, error) {
	src, err := io.ReadAll(io.LimitReader(r, maxProtocol+1))
	if err != nil {
		return Protocol{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	d := &protocolReader{file: name, at: map[string][2]int{}, bad: map[string]bool{}}
	if len(src) > maxProtocol {
		d.report(1, 1, "problem-protocol-long", maxProtocol)
		return Protocol{}, nil, d.problems.Err()
	}
	content, ok := d.decodeText(src)
	if !ok {
		return Protocol{}, nil, d.problems.Err()
	}
	root := parseYAML([]byte(content), d.report)
	if root == nil {
		return Protocol{}, nil, d.problems.Err()
	}
	if root.kind != yamlMap {
		d.report(root.line, root.column, "problem-no-protocol")
		return Protocol{}, nil, d.problems.Err()
	}
	var p Protocol
	d.protocol(root, &p)
	for _, f := range p.check() {
		if !d.bad[f.path] {
			at := d.place(f.path)
			d.put(f.problem(at[0], at[1]))
		}
	}
	if err := d.problems.Err(); err != nil {
		return Protocol{}, nil, err
	}
	return p.WithInstruments(), d, nil
}

// ReadProtocol reads a protocol from a file system; see ParseProtocol.
func ReadProtocol(fsys fs.FS, file string) (Protocol, error) {
	p, _, err := readProtocolFS(fsys, file)
	return p, err
}

func readProtocolFS(fsys fs.FS, file string) (Protocol, *protocolReader, error) {
	f, err := fsys.Open(path.Clean(file))
	if err != nil {
		return Protocol{}, nil, err
	}
	defer f.Close()
	return readProtocol(f, file)
}

// protocolReader fills a Protocol from YAML and remembers where each value,
// named by its path as in check, was written.
type protocolReader struct {
	file     string
	problems Problems
	at       map[string][2]int
	bad      map[string]bool // already reported
}

func (d *protocolReader) put(p Problem) {
	p.File = d.file
	d.problems = append(d.problems, p)
}

// report adds a message of the catalog with the arguments {1}, {2} ….
func (d *protocolReader) report(line, column int, code string, args ...any) {
	d.put(files.NewProblem(line, column, code, phrase(code, args...).Args))
}

func (d *protocolReader) reject(n *yamlNode, path, code string, args ...any) {
	d.bad[path] = true
	d.put(fault{path, phrase(code, args...)}.problem(n.line, n.column))
}

// decodeText returns the protocol as UTF-8 without a byte order mark.
func (d *protocolReader) decodeText(src []byte) (string, bool) {
	content, bad := files.Text(src)
	if bad != nil {
		d.put(*bad)
		return "", false
	}
	return content, true
}

// place finds a path's position, or its nearest parent's.
func (d *protocolReader) place(path string) [2]int {
	for path != "" {
		if at, ok := d.at[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".[@"), 0)]
	}
	return d.at[""]
}

// fields reads a map with known keys.
func (d *protocolReader) fields(n *yamlNode, path string, keys map[string]func(n *yamlNode, path string)) {
	d.at[path] = [2]int{n.line, n.column}
	if n.kind == yamlNothing {
		return
	}
	names := make([]string, 0, len(keys))
	for k := range keys {
		names = append(names, k)
	}
	sort.Strings(names)
	if n.kind != yamlMap {
		d.reject(n, path, "problem-map-keys", strings.Join(names, ", "))
		return
	}
	for _, e := range n.entries {
		read, ok := keys[e.key]
		if !ok {
			d.report(e.line, e.column, "problem-unknown-key", e.key, within(path), strings.Join(names, ", "))
			continue
		}
		p := join(path, e.key)
		d.at[p] = [2]int{e.value.line, e.value.column}
		if e.value.kind == yamlNothing {
			d.at[p] = [2]int{e.line, e.column}
		}
		read(e.value, p)
	}
}

func within(path string) any {
	if path == "" {
		return ""
	}
	return phrase("word-in", path)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// each reads a list.
func (d *protocolReader) each(n *yamlNode, path string, item func(i int, n *yamlNode, path string)) {
	switch n.kind {
	case yamlNothing:
	case yamlList:
		for i, v := range n.items {
			p := fmt.Sprintf("%s[%d]", path, i)
			d.at[p] = [2]int{v.line, v.column}
			item(i, v, p)
		}
	default:
		d.reject(n, path, "problem-must-list")
	}
}

func (d *protocolReader) text(dst *string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		switch n.kind {
		case yamlScalar:
			*dst = strings.TrimSpace(n.text)
		case yamlNothing:
		default:
			d.reject(n, path, "problem-must-text")
		}
	}
}

// raw is text in which spaces count (a delimiter may be a tab).
func (d *protocolReader) raw(dst *string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind != yamlScalar {
			d.text(dst)(n, path)
			return
		}
		*dst = n.text
	}
}

func (d *protocolReader) number(dst *float64) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		x, err := strconv.ParseFloat(n.text, 64)
		if n.kind != yamlScalar || err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(n.text, "xX_pP") {
			d.reject(n, path, "problem-value-not-a-number", d.shown(n))
			return
		}
		*dst = x + 0 // −0 is 0
	}
}

// positive reads a number that has no meaning where it is 0: in a Protocol,
// 0 stands for a key that was left out.
func (d *protocolReader) positive(dst *float64) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.number(dst)(n, path)
		if !d.bad[path] && *dst == 0 {
			d.reject(n, path, "problem-zero")
		}
	}
}

func (d *protocolReader) whole(dst *int) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		x, err := strconv.Atoi(n.text)
		if n.kind != yamlScalar || err != nil {
			d.reject(n, path, "problem-not-whole", d.shown(n))
			return
		}
		*dst = x
	}
}

func (d *protocolReader) flag(dst *bool) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		switch strings.ToLower(n.text) {
		case "true", "yes":
			*dst = true
		case "false", "no":
			*dst = false
		default:
			d.reject(n, path, "problem-not-flag", d.shown(n))
		}
	}
}

// shown names a node in a message.
func (d *protocolReader) shown(n *yamlNode) any {
	switch n.kind {
	case yamlList:
		return phrase("word-a-list")
	case yamlMap:
		return phrase("word-a-map")
	case yamlNothing:
		return phrase("word-nothing")
	}
	return strconv.Quote(n.text)
}

func (d *protocolReader) texts(dst *[]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind == yamlScalar {
			*dst = []string{n.text}
			return
		}
		d.each(n, path, func(_ int, n *yamlNode, path string) {
			var s string
			d.text(&s)(n, path)
			*dst = append(*dst, s)
		})
	}
}

// textOrTexts reads one text, or a list of them.
func (d *protocolReader) textOrTexts(one *string, many *[]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		if n.kind == yamlScalar || n.kind == yamlNothing {
			d.text(one)(n, path)
			return
		}
		d.texts(many)(n, path)
	}
}

func (d *protocolReader) textMap(dst *map[string]string) func(*yamlNode, string) {
	return func(n *yamlNode, path string) {
		d.at[path] = [2]int{n.line, n.column}
		switch n.kind {
		case yamlNothing:
			return
		case yamlMap:
		default:
			d.reject(n, path, "problem-must-map")
			return
		}
		*dst = map[string]string{}
		for _, e := range n.entries {
			p := join(path, e.key)
			d.at[p] = [2]int{e.value.line, e.value.column}
			d.at[p+"@"] = [2]int{e.line, e.column}
			var s string
			d.text(&s)(e.value, p)
			(*dst)[strings.TrimSpace(e.key)] = s
		}
	}
}

// parseTime reads the time of a visit: a number with its unit.
func parseTime(s string) (t time.Duration, ok bool) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	s = strings.TrimSpace(s)
	if s == "0" {
		return 0, true
	}
	if s != "" {
		if unit, ok := units[s[len(s)-1]]; ok {
			x, err := strconv.ParseFloat(strings.TrimSpace(s[:len(s)-1]), 64)
			ns := x * float64(unit)
			if err == nil && math.Abs(ns) < math.MaxInt64/2 && !strings.ContainsAny(s[:len(s)-1], "xXpP_") {
				return time.Duration(math.Round(ns)), true
			}
		}
	}
	return 0, false
}
