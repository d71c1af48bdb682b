package text

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var placeholder = regexp.MustCompile(`\{([a-z0-9A-Z_-]+)(:[^}]*)?\}`)

// Every language has every code of English with the same arguments, but for
// {detail}: that is an error's text, which is English.
func TestLanguagesAreComplete(t *testing.T) {
	require.Subset(t, Languages(), []string{"en", "en-GB", "nl"})
	for _, lang := range Languages() {
		c, err := In(lang)
		require.NoError(t, err)
		assert.Empty(t, lacking(c, English()), lang)
	}
}

// lacking lists what a catalog says less than English, more, or with other
// arguments, and messages that cannot be said.
func lacking(c, en *Catalog) (out []string) {
	all := Args{}
	for _, code := range en.Codes() {
		for _, a := range argNames(en.entries[code]) {
			all[a] = 1.5
		}
	}
	for _, code := range en.Codes() {
		want, got := argNames(en.entries[code]), argNames(c.entries[code])
		if c != en {
			isDetail := func(s string) bool { return s == "detail" }
			want, got = slices.DeleteFunc(want, isDetail), slices.DeleteFunc(got, isDetail)
		}
		switch {
		case strings.TrimSpace(c.entries[code]) == "":
			out = append(out, code+" is missing")
		case !slices.Equal(want, got):
			out = append(out, fmt.Sprintf("%s: arguments %v, not %v", code, got, want))
		default:
			if s := c.Say(code, all); strings.ContainsAny(s, "{}") {
				out = append(out, code+": "+s)
			}
		}
	}
	for _, code := range c.Codes() {
		if !en.Has(code) {
			out = append(out, code+" is no code")
		}
	}
	return out
}

// An interval that holds 0 does not show that there is no effect, and one that leaves
// it out does not show how large an effect is: no sentence speaks of none.
func TestNoSentenceSpeaksOfNoEffect(t *testing.T) {
	none := map[string]*regexp.Regexp{"en": regexp.MustCompile(`(?i)\bno effect\b`), "en-GB": regexp.MustCompile(`(?i)\bno effect\b`),
		"nl": regexp.MustCompile(`(?i)\bgeen effect\b`)}
	for _, lang := range Languages() {
		require.NotNil(t, none[lang], "how %s says that there is no effect", lang)
		c, err := In(lang)
		require.NoError(t, err)
		for _, code := range c.Codes() {
			if !strings.HasPrefix(code, "claim-words-") { // what others write
				assert.False(t, none[lang].MatchString(c.entries[code]), "%s: %s: %s", lang, code, c.entries[code])
			}
		}
	}
}

// A language is a file: one that is dropped in beside the others is there, and
// is complete or says what it lacks.
func TestAnotherLanguageIsAFile(t *testing.T) {
	folder := fstest.MapFS{}
	names, err := files.ReadDir(".")
	require.NoError(t, err)
	for _, n := range names {
		b, err := files.ReadFile(n.Name())
		require.NoError(t, err)
		folder[n.Name()] = &fstest.MapFile{Data: b}
	}
	var another strings.Builder
	for _, code := range English().Codes() {
		msg := English().entries[code]
		switch code {
		case "decimal-sign":
			msg = ","
		case "verdict-definite":
			msg = "sicher"
		}
		fmt.Fprintf(&another, "%s: %s\n", code, strconv.Quote(msg))
	}
	folder["xx.yaml"] = &fstest.MapFile{Data: []byte(another.String())}
	c := load(folder)
	require.Len(t, c, len(Languages())+1)
	xx, en := c["xx"](), c["en"]()
	assert.Empty(t, lacking(xx, en))
	assert.Equal(t, "sicher", xx.Say("verdict-definite", nil))
	assert.Equal(t, "−2,66", xx.Number(-2.66, 2))
	assert.Equal(t, "xx", xx.Lang())

	folder["xx.yaml"].Data = []byte("decimal-sign: \",\"\nverdict-possible: \"{x}\"\nodd: \"x\"\n")
	got := lacking(load(folder)["xx"](), en)
	assert.Contains(t, got, "verdict-definite is missing")
	assert.Contains(t, got, "verdict-possible: arguments [x], not []")
	assert.Contains(t, got, "odd is no code")
}

// What was printed keeps its digits and takes the language's signs.
func TestPrintedNumbers(t *testing.T) {
	nl, err := In("nl")
	require.NoError(t, err)
	for printed, want := range map[Printed][2]string{
		"-2.80": {"−2.80", "−2,80"}, "< 0.001": {"< 0.001", "< 0,001"}, "F(1, 46) = 3.90": {"F(1, 46) = 3.90", "F(1; 46) = 3,90"},
	} {
		assert.Equal(t, want[0], English().format(printed, ""))
		assert.Equal(t, want[1], nl.format(printed, ""))
	}
}

func argNames(msg string) []string {
	set := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(msg, -1) {
		set[m[1]] = true
	}
	out := []string{}
	for k := range set {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func TestNumbers(t *testing.T) {
	en := English()
	nl, err := In("nl")
	require.NoError(t, err)
	assert.Equal(t, "−2.66", en.Number(-2.66, 2))
	assert.Equal(t, "−2,66", nl.Number(-2.66, 2))
	assert.Equal(t, "0.0", en.Number(-0.04, 1), "a rounded zero has no sign")
	assert.Equal(t, "< 0.0001", en.P(2e-87))
	assert.Equal(t, "= 0.0079", en.P(2.0/252))
	assert.Equal(t, "= 0,041", nl.P(0.0412))
	assert.Equal(t, "= 0.23", en.P(0.2345))
	_, err = In("fr")
	assert.ErrorContains(t, err, "en, en-GB, nl")
}

// The line reader reads what a YAML parser reads.
func TestReaderEqualsYAML(t *testing.T) {
	names, err := files.ReadDir(".")
	require.NoError(t, err)
	for _, n := range names {
		b, err := files.ReadFile(n.Name())
		require.NoError(t, err)
		want, got := map[string]string{}, map[string]string{}
		require.NoError(t, yaml.Unmarshal(b, &want), n.Name())
		require.NoError(t, readMessages(string(b), got), n.Name())
		assert.Equal(t, want, got, n.Name())
	}
	for _, bad := range []string{"a", "a: b", `a: "b`, "a: \"b\"\na: \"c\""} {
		assert.Error(t, readMessages(bad, map[string]string{}), bad)
	}
}

// British English says what English says, in British spelling; keys of protocols,
// placeholders and what a caller names stay.
func TestBritishSpelling(t *testing.T) {
	gb, err := In("en-GB")
	require.NoError(t, err)
	assert.Equal(t, "en-GB", gb.Lang())
	for _, c := range []struct{ code, want string }{
		{"plot-flow-randomized", "Randomised"}, {"plot-flow-not-analyzed", "Not analysed"}, {"plot-flow-enrollment", "Enrolment"},
		{"default-analysis", English().Say("default-analysis", nil)},
	} {
		assert.Equal(t, c.want, gb.Say(c.code, nil))
	}
	assert.Equal(t, "in favour of Color Randomized Center", gb.Say("page-favors", Args{"arm": "Color Randomized Center"}))
	assert.Contains(t, gb.Say("problem-stratum-column", Args{"1": "x"}), "randomization.column")
	assert.Contains(t, gb.Say("problem-flow-file", Args{"assessed": 1, "excluded": 1, "left": 1, "randomized": 1}), "without randomized: in the protocol")
	american := regexp.MustCompile(`(?i)\b\w*(randomiz|analyz|andardiz|udentiz|favor|color|center|labeled|modeled|modeling|enrollment|skeptical|ighbor|behavior)\w*`)
	for _, code := range gb.Codes() {
		if strings.HasPrefix(code, "problem-") || strings.HasPrefix(code, "claim-words") { // keys; what texts may say
			continue
		}
		plain := placeholder.ReplaceAllString(gb.entries[code], "")
		for _, at := range american.FindAllStringIndex(plain, -1) {
			assert.True(t, dotted(plain, at[1]), "%s: %s", code, plain)
		}
	}
	_, err = In("en-US")
	assert.ErrorContains(t, err, "no language \"en-US\"")
}

// A British report of a Dutch trial takes the trial's English words.
func TestOwnTranslations(t *testing.T) {
	gb, err := In("en-GB")
	require.NoError(t, err)
	words := map[string]map[string]string{"en": {"Kleur": "Color"}, "nl": {"Kleur": "Kleur"}}
	assert.Equal(t, words["en"], gb.Own(words))
	assert.Equal(t, words["en"], English().Own(words))
	words["en-GB"] = map[string]string{"Kleur": "Colour"}
	assert.Equal(t, words["en-GB"], gb.Own(words))
	assert.Nil(t, gb.Own(nil))
}
