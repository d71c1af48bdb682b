package assumed_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// What was believed beforehand changes nothing that is written of the data.
func TestNoAnalysisReadsIt(t *testing.T) {
	write := func(more string) string {
		rows := "id,arm,p0,p1\n1,a,7,4\n2,a,6,4\n3,a,8,6\n4,a,5,4\n5,c,6,6\n6,c,7,6\n7,c,8,8\n8,c,5,4\n9,a,6,5\n10,c,6,5\n"
		protocol := `title: t
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {pre: p0, post: p1}}}
plans: [{outcome: pain, visit: post, primary: true, registered: {where: x, date: 2026-01-15}}]
` + more
		p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(rows), "d.csv", p)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, report.JSON(&b, rep, report.Options{}))
		require.NoError(t, report.Text(&b, rep, report.Options{}))
		return b.String()
	}
	without := write("")
	assert.Equal(t, without, write("assumed: {pain: {sd: 1.4, correlation: 0.7, difference: -1.6, control: 6}, lost: 0.2}\n"))
}
