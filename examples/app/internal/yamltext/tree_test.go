package yamltext

import (
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

func TestParse(t *testing.T) {
	x, err := Parse(protocol)
	require.NoError(t, err)
	assert.Equal(t, []Leaf{{"title", "Trial in é.csv"}, {"arms[0].id", "a"}, {"arms[0].label", "A, the first"}, {"arms[0].control", "?"}, {"arms[1].id", "b"},
		{"outcomes[0].id", "pain"}, {"outcomes[0].better", "?"}, {"outcomes[0].range[0]", "0"}, {"outcomes[0].range[1]", "10"},
		{"outcomes[0].thresholds[0].kind", "MCID"}, {"outcomes[0].thresholds[0].value", "2"},
		{"data.columns.pain.pre", "p0"}, {"data.columns.pain.post", "p1"}, {"data.missing[0]", "999"}, {"data.missing[1]", "NA"}, {"empty", ""}}, x.Root.Leaves(""))
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
