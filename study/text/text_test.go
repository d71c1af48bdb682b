package text

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var placeholder = regexp.MustCompile(`\{([a-z0-9A-Z_-]+)(:[^}]*)?\}`)

// Every language has every code of English with the same arguments, but for
// {detail}: that is an error's text, which is English.
func TestLanguagesAreComplete(t *testing.T) {
	en := English()
	for _, lang := range Languages() {
		c, err := In(lang)
		require.NoError(t, err)
		assert.Equal(t, en.Codes(), c.Codes(), lang)
		for _, code := range en.Codes() {
			want := argNames(en.entries[code])
			if lang != "en" {
				want = slices.DeleteFunc(want, func(s string) bool { return s == "detail" })
			}
			assert.Equal(t, want, argNames(c.entries[code]), "%s: %s", lang, code)
			assert.NotEmpty(t, strings.TrimSpace(c.entries[code]), "%s: %s", lang, code)
		}
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
	assert.ErrorContains(t, err, "en, nl")
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
