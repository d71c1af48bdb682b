// Package text holds every sentence the library writes, in every language it
// writes. Study, plot and the example programs say things by code; a language
// is its YAML files beside this one (en.yaml, en.plot.yaml, …: one a subject),
// and adding a language is adding files. A variety of a language ("en-GB" of
// "en") says what it says otherwise: single messages (en-GB.yaml), and words
// wherever they stand (en-GB.words.yaml).
//
// A message may hold placeholders: {name} writes an argument as it is,
// {name:2} a number with two decimals, {name:g} a number in its shortest form,
// {name:%} a proportion as a percentage, {name:p} a p-value ("= 0.023",
// "< 0.0001"), {name:q} a text in quotes, with what cannot be seen escaped,
// {name:u} a unit behind its number, with the space before it ("" is none),
// {name:v} a value as files and protocols write it in every language. A
// Phrase as an argument is said in the language of the message. Numbers follow the language: a decimal comma in Dutch, a true
// minus sign everywhere.
//
// # Which function answers which question
//
//	question                                  answer
//	which languages are there?                Languages
//	the sentences of one of them              In, English
//	a sentence, a number, a p-value           Catalog.Say, Catalog.Number, Catalog.P
//	a list of names that may be long          List
//	a unit behind its number                  Unit
//	is there such a sentence?                 Catalog.Has, Catalog.Codes
//	a sentence that others fill in            Catalog.Message
//	which of a trial's translations are its?  Catalog.Own
package text

import (
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.yaml
var files embed.FS

// Args are a message's arguments by name.
type Args map[string]any

// Catalog is the messages of one language. It is immutable and may be shared.
type Catalog struct {
	lang    string
	comma   bool
	entries map[string]string
	words   map[string]string // of a variety: what it writes for a word of its language
}

// catalogs holds every language, each read at its first use: a program does not
// wait for the words that it does not say.
var catalogs = sync.OnceValue(func() map[string]func() *Catalog { return load(files) })

// load finds the languages in a folder. A language may have several files
// (en.yaml, en.plot.yaml, …); a broken one is a programmer's mistake.
func load(folder fs.ReadDirFS) map[string]func() *Catalog {
	names, err := folder.ReadDir(".")
	if err != nil {
		panic(err)
	}
	of := map[string][]string{}
	for _, n := range names {
		lang, _, _ := strings.Cut(path.Base(n.Name()), ".")
		of[lang] = append(of[lang], n.Name())
	}
	out := map[string]func() *Catalog{}
	for lang, names := range of {
		out[lang] = sync.OnceValue(func() *Catalog {
			c := read(folder, lang, names)
			if base, _, variety := strings.Cut(lang, "-"); variety {
				c.overlay(out[base]())
			}
			return c
		})
	}
	return out
}

// read makes the catalog of one language.
func read(folder fs.FS, lang string, names []string) *Catalog {
	c := &Catalog{lang: lang, entries: map[string]string{}, words: map[string]string{}}
	for _, n := range names {
		into := c.entries
		if strings.HasSuffix(n, ".words.yaml") {
			into = c.words
		}
		b, err := fs.ReadFile(folder, n)
		if err != nil {
			panic(err)
		}
		if err := readMessages(string(b), into); err != nil {
			panic("text: " + n + ": " + err.Error())
		}
	}
	c.comma = c.entries["decimal-sign"] == ","
	return c
}

// readMessages adds a file's messages. The files are YAML of the plainest kind,
// a line a message (code: "sentence"), and are read as such: a general parser
// would take longer than the analysis of a trial. The tests hold this reader
// to the parser.
func readMessages(file string, into map[string]string) error {
	line := 0
	for l := range strings.Lines(file) {
		line++
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		code, quoted, ok := strings.Cut(l, ": ")
		if !ok {
			return fmt.Errorf("line %d is not code: \"sentence\"", line)
		}
		msg, err := strconv.Unquote(strings.TrimSpace(quoted))
		if err != nil {
			return fmt.Errorf("line %d: the sentence is not in double quotes", line)
		}
		if _, twice := into[code]; twice {
			return fmt.Errorf("line %d: code %s stands twice", line, code)
		}
		into[code] = msg
	}
	return nil
}

// Languages lists the languages there are, sorted: "en", "en-GB", "nl".
func Languages() []string {
	var out []string
	for l := range catalogs() {
		out = append(out, l)
	}
	sort.Strings(out)
	return out
}

// In returns a language's catalog; "" is English, and an unknown language is an
// error.
func In(lang string) (*Catalog, error) {
	if lang == "" {
		return English(), nil
	}
	c, ok := catalogs()[lang]
	if !ok {
		return nil, fmt.Errorf("text: no language %q (there are: %s)", lang, strings.Join(Languages(), ", "))
	}
	return c(), nil
}

// English returns the English catalog.
func English() *Catalog { return catalogs()["en"]() }

// Lang returns the catalog's language code.
func (c *Catalog) Lang() string { return c.lang }

// Has reports whether the catalog holds the code.
func (c *Catalog) Has(code string) bool { _, ok := c.entries[code]; return ok }

// Population is the catalog's word for those in whom the registry's threshold was found;
// what a protocol wrote itself stays as it is.
func (c *Catalog) Population(who string) string {
	words := strings.FieldsFunc(strings.ToLower(who), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if s, ok := c.entries["population-"+strings.Join(words, "-")]; ok {
		return s
	}
	return who
}

// Codes lists all codes, sorted.
func (c *Catalog) Codes() []string {
	var out []string
	for k := range c.entries {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// Message returns the message of a code as it stands, its placeholders in it, for a
// program that fills them in itself; "" where there is none.
func (c *Catalog) Message(code string) string { return c.entries[code] }

// Say writes the message of a code. An unknown code or a missing argument is a
// programmer's mistake and panics; the tests say every code in every language.
func (c *Catalog) Say(code string, args Args) string {
	msg, ok := c.entries[code]
	if !ok {
		panic(fmt.Sprintf("text: no message %q in %q", code, c.lang))
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(msg, '{')
		if i < 0 {
			b.WriteString(msg)
			return b.String()
		}
		j := strings.IndexByte(msg[i:], '}')
		if j < 0 {
			panic(fmt.Sprintf("text: message %q of %q: { without }", code, c.lang))
		}
		b.WriteString(msg[:i])
		name, format, _ := strings.Cut(msg[i+1:i+j], ":")
		v, ok := args[name]
		if !ok {
			panic(fmt.Sprintf("text: message %q needs argument %q", code, name))
		}
		b.WriteString(c.format(v, format))
		msg = msg[i+j+1:]
	}
}

func (c *Catalog) format(v any, format string) string {
	switch p, phrase := v.(Phrase); {
	case phrase:
		v = c.Say(p.Code, p.Args)
	case format == "v":
		return fmt.Sprint(v)
	}
	switch format {
	case "q":
		return strconv.Quote(fmt.Sprint(v))
	case "u":
		return Unit(fmt.Sprint(v))
	}
	var x float64
	switch v := v.(type) {
	case float64:
		x = v
	case int:
		if format == "" {
			return strconv.Itoa(v)
		}
		x = float64(v)
	case string:
		return v
	case Printed:
		return c.printed(string(v))
	default:
		return fmt.Sprint(v)
	}
	switch format {
	case "", "g":
		return c.sign(strconv.FormatFloat(x, 'g', -1, 64))
	case "p":
		return c.P(x)
	case "%":
		return c.Number(100*x, 0) + "%"
	}
	d, err := strconv.Atoi(format)
	if err != nil {
		panic("text: unknown format " + format)
	}
	return c.Number(x, d)
}

// Phrase is a message as an argument of another.
type Phrase struct {
	Code string
	Args Args
}

// Printed is a number, a p-value or a test statistic as an English publication
// prints it, such as "-2.80", "< 0.001" or "F(1, 46) = 3.90". As an argument it
// keeps its digits and takes the language's signs.
type Printed string

func (c *Catalog) printed(s string) string {
	if c.comma {
		s = strings.ReplaceAll(s, ", ", "; ")
	}
	return c.sign(s)
}

// Number writes x with the given count of decimals, the language's decimal
// sign and a true minus; a value that rounds to zero has no sign.
func (c *Catalog) Number(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case math.IsInf(x, 1):
		return "∞"
	case math.IsInf(x, -1):
		return "−∞"
	}
	// One number computed in two ways prints alike, though their last bits lie
	// on both sides of a half.
	if y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 14, 64), 64); err == nil {
		x = y
	}
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return c.sign(s)
}

// Beside writes x with at least the given decimals, and with more where
// rounding would make it look equal to a mark that it does not equal: a limit
// of 2.2597 is not printed as 2.26 beside a threshold of 2.26, nor −0.004 as 0.
func (c *Catalog) Beside(x float64, decimals int, marks ...float64) string {
	for d := decimals; d < decimals+6; d++ {
		s := c.Number(x, d)
		if !slices.ContainsFunc(marks, func(m float64) bool { return x != m && s == c.Number(m, d) }) {
			return s
		}
	}
	return c.Number(x, decimals)
}

func (c *Catalog) sign(s string) string {
	s = strings.ReplaceAll(s, "-", "−")
	if c.comma {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// P writes a p-value with its relation: "< 0.0001", four decimals below 0.01,
// three below 0.1, else two.
func (c *Catalog) P(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.0001:
		return "< " + c.Number(0.0001, 4)
	case p < 0.01:
		return "= " + c.Number(p, 4)
	case p < 0.1:
		return "= " + c.Number(p, 3)
	}
	return "= " + c.Number(p, 2)
}

// List lists at most n names, and says with "…" that there are more.
func List(names []string, n int) string {
	if len(names) > n {
		return strings.Join(names[:n], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// Unit is a unit as it stands behind a number: with a no-break space before it,
// or nothing where there is none.
func Unit(unit string) string {
	if unit == "" {
		return ""
	}
	return "\u00a0" + unit
}
