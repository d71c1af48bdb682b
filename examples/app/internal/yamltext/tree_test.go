package yamltext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const protocol = `# Proposed from é.csv
title: "Trial in é.csv" # its name
arms:
  # Which arm is the control?
  - {id: a, label: "A, the first", control: ?}
  - {id: b}
outcomes:
  - id: pain
    # check: lower or higher
    better: ?
    range: [0, 10]
    thresholds: [{kind: MCID, value: 2}]
data:
  columns:
    pain: {pre: p0, post: p1}
  missing:
    - "999"
    - NA
empty:
`

func texts(t *Text) (out [][2]string) {
	for _, l := range t.Root.Leaves("") {
		out = append(out, [2]string{l.Path, l.Text})
	}
	return out
}

func TestParse(t *testing.T) {
	x, err := Parse(protocol)
	require.NoError(t, err)
	assert.Equal(t, [][2]string{{"title", "Trial in é.csv"}, {"arms[0].id", "a"}, {"arms[0].label", "A, the first"}, {"arms[0].control", "?"}, {"arms[1].id", "b"},
		{"outcomes[0].id", "pain"}, {"outcomes[0].better", "?"}, {"outcomes[0].range[0]", "0"}, {"outcomes[0].range[1]", "10"},
		{"outcomes[0].thresholds[0].kind", "MCID"}, {"outcomes[0].thresholds[0].value", "2"},
		{"data.columns.pain.pre", "p0"}, {"data.columns.pain.post", "p1"}, {"data.missing[0]", "999"}, {"data.missing[1]", "NA"}, {"empty", ""}}, texts(x))
	assert.Equal(t, 2, x.Root.Leaves("")[0].Line)
	at := func(n *Node) string { return protocol[n.start:n.end] }
	assert.Equal(t, `"Trial in é.csv"`, at(x.Root.Get("title")))
	assert.Equal(t, "{id: b}", at(x.Root.Get("arms").Items[1]))
	assert.Equal(t, `"A, the first"`, at(x.Root.Get("arms").Items[0].Get("label")))
	o := x.Root.Get("outcomes").Items[0]
	assert.Equal(t, "check: lower or higher", o.Get("better").Comment)
	assert.Equal(t, "?", at(o.Get("better")))
	assert.Equal(t, "[0, 10]", at(o.Get("range")))
	assert.Equal(t, "[{kind: MCID, value: 2}]", at(o.Get("thresholds")))
	assert.Equal(t, "- \"999\"\n    - NA", at(x.Root.Get("data").Get("missing")))
	assert.Equal(t, "", at(x.Root.Get("empty")))
}

// What is set is read back, and nothing else changes: every scalar of the text, one
// after the other.
func TestSetChangesOneKey(t *testing.T) {
	x, err := Parse(protocol)
	require.NoError(t, err)
	for _, l := range x.Root.Leaves("") {
		next, err := Set(protocol, l.Path, Quote("new: value, \"quoted\" #"))
		require.NoError(t, err, l.Path)
		y, err := Parse(next)
		require.NoError(t, err, l.Path+"\n"+next)
		want := texts(x)
		for i := range want {
			if want[i][0] == l.Path {
				want[i][1] = "new: value, \"quoted\" #"
			}
		}
		assert.Equal(t, want, texts(y), l.Path)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct{ name, path, value, from, to string }{
		{"block in place of a block", "data.missing", "[NA]", "  missing:\n    - \"999\"\n    - NA\n", "  missing: [NA]\n"},
		{"a new key of a block", "outcomes[0].unit", "cm", "    thresholds: [{kind: MCID, value: 2}]\n", "    thresholds: [{kind: MCID, value: 2}]\n    unit: cm\n"},
		{"a new key in braces", "arms[1].label", "\"B, b\"", "{id: b}", "{id: b, label: \"B, b\"}"},
		{"a new key of all", "registration", "NCT1", "empty:\n", "empty:\nregistration: NCT1\n"},
		{"nothing stands there", "empty", "1", "empty:\n", "empty: 1\n"},
	} {
		got, err := Set(protocol, c.path, c.value)
		require.NoError(t, err, c.name)
		assert.Equal(t, strings.Replace(protocol, c.from, c.to, 1), got, c.name)
	}
	for _, c := range []struct{ path, from, to string }{
		{"arms[0].control", ", control: ?", ""},
		{"arms[0].id", "id: a, ", ""},
		{"outcomes[0].better", "    # check: lower or higher\n    better: ?\n", ""},
		{"data.missing", "  missing:\n    - \"999\"\n    - NA\n", ""},
		{"data.missing[1]", "    - NA\n", ""},
		{"arms[1]", "  - {id: b}\n", ""},
		{"arms[0]", "  - {id: a, label: \"A, the first\", control: ?}\n", ""},
		{"outcomes[0].range[0]", "0, ", ""},
		{"outcomes[0].range[1]", ", 10", ""},
		{"nowhere", "", ""},
	} {
		got, err := Delete(protocol, c.path)
		require.NoError(t, err, c.path)
		assert.Equal(t, strings.Replace(protocol, c.from, c.to, 1), got, c.path)
	}
	_, err := Set(protocol, "arms[7].id", "x")
	assert.Error(t, err)
	_, err = Set(protocol, "title.x", "x")
	assert.Error(t, err)
	_, err = Parse("a: &x 1\nb: *x\n")
	assert.Equal(t, NoFormError{1}, err)
}
