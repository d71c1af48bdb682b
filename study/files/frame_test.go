package files_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/files"
)

func read(t *testing.T, src string) *files.Table {
	t.Helper()
	table, err := files.Read(strings.NewReader(src), int64(len(src)), "pain.csv", files.Options{})
	require.NoError(t, err)
	return table
}

// Columns of a table go into a formula; rows that lack one are left out by name.
func TestFrame(t *testing.T) {
	t.Parallel()
	table := read(t, "y;x;group;center\n3,0;1;a;1\n8,0;2;b;1\n;9;a;2\n7,0;3;a;2\n12,0;4;b;NA\n\n11,0;5;a;2\n16,5;6;b;1\n")
	frame, reading, err := table.Frame(files.ColumnOptions{}, "y", "x", "group")
	require.NoError(t, err)
	assert.Equal(t, []files.Left{{Line: 4, Column: "y"}}, reading.Left)
	fit, err := frame.Linear("y ~ x + group")
	require.NoError(t, err)
	assert.Equal(t, 6, fit.N())
	// The rows are y = 1 + 2x + 3b but for the last, which is 0.5 higher. Within a
	// and b x is −2, 0 and 2 about its mean: the slope is 2 + 0.5·2/16.
	assert.InDelta(t, 2.0625, fit.Coefficient("x").Value, 1e-12)

	_, _, err = table.Frame(files.ColumnOptions{}, "y", "center")
	require.Error(t, err)
	assert.Contains(t, err.Error(), `pain.csv:6:10: column "center": "NA" is not a number`)
	_, reading, err = table.Frame(files.ColumnOptions{Missing: []string{"NA"}}, "y", "center")
	require.NoError(t, err)
	assert.Equal(t, []files.Left{{Line: 4, Column: "y"}, {Line: 6, Column: "center"}}, reading.Left)
	frame, _, err = table.Frame(files.ColumnOptions{Missing: []string{"NA"}, Categories: []string{"center"}})
	require.NoError(t, err)
	fit, err = frame.Linear("y ~ center")
	require.NoError(t, err)
	// center 1: 3, 8, 16.5; center 2: 7, 11.
	assert.InDelta(t, 9-27.5/3, fit.Coefficient("center2").Value, 1e-12)

	_, _, err = table.Frame(files.ColumnOptions{}, "y", "z")
	require.Error(t, err)
	assert.Contains(t, err.Error(), `there is no column "z"; the header has y, x, group, center`)
	_, _, err = read(t, "y;x;x\n1;2;3\n").Frame(files.ColumnOptions{})
	assert.ErrorContains(t, err, "twice")
	_, _, err = read(t, "y;x\n1;2\n3\n").Frame(files.ColumnOptions{})
	assert.ErrorContains(t, err, "too few fields")
}

const visits = `id,arm,visit,pain,start,site
2,sham,week 6,50,58,B
1,laser,week 6,44,62,A
1,laser,week 2,51,62,A
2,sham,week 2,55,58,B
3,laser,week 2,60,71,B
3,laser,week 6,,71,B
4,sham,week 2,66,66,A
4,sham,week 6,61,66,A
5,laser,week 2,40,49,A
5,laser,week 6,30,49,A
6,sham,week 2,47,53,B
6,sham,week 6,49,53,B
7,laser,week 2,48,65,B
7,laser,week 6,45,65,B
8,sham,week 2,64,,A
`

// A table's trial is the one of its columns.
func TestTableTrial(t *testing.T) {
	t.Parallel()
	columns := files.TrialColumns{Participant: "id", Arm: "arm", Visit: "visit", Value: "pain", Baseline: "start",
		Covariates: []string{"site"}, ByVisit: []string{"site"}, Trial: mmrm.TrialOptions{Control: "sham", Times: []float64{2, 6}}}
	trial, reading, err := read(t, visits).Trial(columns)
	require.NoError(t, err)
	assert.Equal(t, []files.Left{{Line: 7, Column: "pain"}}, reading.Left)
	assert.Empty(t, reading.Doubts)
	assert.Equal(t, "2 arms (control sham), 2 visits, 14 values of 8 participants", trial.String())
	want := &mmrm.Trial{Arms: []string{"laser", "sham"}, Control: "sham", Arm: []int{0, 1, 0, 1, 0, 1, 0, 1},
		Visits: []string{"week 2", "week 6"}, Times: []float64{2, 6}, Participants: strings.Split("12345678", ""),
		Baseline:   []float64{62, 58, 71, 66, 49, 53, 65, 0},
		NoBaseline: []bool{false, false, false, false, false, false, false, true},
		Covariates: []mmrm.Covariate{{Name: "site", Category: strings.Split("ABBAABBA", ""), ByVisit: true}},
	}
	for i, y := range [][]float64{{51, 44}, {55, 50}, {60}, {66, 61}, {40, 30}, {47, 49}, {48, 45}, {64}} {
		for j, v := range y {
			want.Values = append(want.Values, mmrm.Value{Participant: i, Visit: j, Y: v})
		}
	}
	assert.Equal(t, want, trial)

	_, _, err = read(t, strings.Replace(visits, "5,laser,week 6", "5,sham,week 6", 1)).Trial(columns)
	require.ErrorIs(t, err, stats.ErrDomain)
	assert.Contains(t, err.Error(), "pain.csv:11: ")
	columns.Value = "site"
	_, _, err = read(t, visits).Trial(columns)
	assert.ErrorContains(t, err, `column "site" holds no number`)
	columns.Value, columns.Trial.Control = "pain", "placebo"
	_, _, err = read(t, visits).Trial(columns)
	require.ErrorIs(t, err, stats.ErrDomain)
	assert.Contains(t, err.Error(), `"placebo" is not among ["laser" "sham"]`)
}

func ExampleTable_Trial() {
	table, err := files.Read(strings.NewReader(visits), int64(len(visits)), "pain.csv", files.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	trial, reading, err := table.Trial(files.TrialColumns{Participant: "id", Arm: "arm", Visit: "visit", Value: "pain",
		Trial: mmrm.TrialOptions{Control: "sham"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(trial)
	for _, l := range reading.Left {
		fmt.Printf("line %d: no %s\n", l.Line, l.Column)
	}
	// Output:
	// 2 arms (control sham), 2 visits, 14 values of 8 participants
	// line 7: no pain
}
