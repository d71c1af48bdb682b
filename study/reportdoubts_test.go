package study

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func reported(t *testing.T, ds *Dataset) Report {
	t.Helper()
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep
}

func loadAnorexia(t *testing.T) *Dataset {
	t.Helper()
	p, err := ReadProtocol(os.DirFS("../testdata/studies/anorexia"), "protocol.yaml")
	require.NoError(t, err)
	f, err := os.Open("../testdata/studies/anorexia/data.csv")
	require.NoError(t, err)
	defer f.Close()
	ds, err := Load(f, "data.csv", p)
	require.NoError(t, err)
	return ds
}

// doubtsOf writes doubts as "kind outcome visit arm", those that the answer says
// itself in brackets.
func doubtsOf(rep Report) []string {
	var out []string
	for _, d := range rep.Doubts {
		s := strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", d.Kind, d.Outcome, d.Visit, d.Arm)), " ")
		if d.Said {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return out
}

// ../shared/page-one.md: HILT's one doubt is the threshold (that the rank test
// differs right after stands in the answer), anorexia's are these, in this order.
func TestDoubtsOfTheTwoStudies(t *testing.T) {
	rep := reported(t, LoadHILT(t, 0))
	assert.Equal(t, []string{"threshold vas post", "(companion vas post hilt)"}, doubtsOf(rep))
	d := rep.Doubts[0]
	assert.Equal(t, 2.26, d.Threshold.Value)
	assert.Equal(t, 1.99, d.Other.Value)
	assert.Contains(t, d.Other.Source, "Tubach et al. 2005")
	assert.Equal(t, "knee-oa", d.Other.Condition)
	require.Len(t, d.Counts, 2)
	assert.Equal(t, [4]int{4, 5, 0, 5}, [4]int{d.Counts[0].Events, d.Counts[0].N, d.Counts[1].Events, d.Counts[1].N})
	require.Len(t, d.Notes, 1, "the placebo arm's count stays")
	assert.Equal(t, 3, d.Notes[0].Args["was"])

	nl, err := rep.In("nl")
	require.NoError(t, err)
	assert.Contains(t, nl.Doubts[0].Threshold.Population, "knieprothese")
	assert.Contains(t, rep.Doubts[0].Threshold.Population, "arthroplasty", "the report itself keeps its words")

	rep = reported(t, loadAnorexia(t))
	assert.Equal(t, []string{"companion weight after CBT", "joint weight after CBT", "varies weight after", "allocation"}, doubtsOf(rep))
	assert.Len(t, rep.Doubts[0].Notes, 3)
	assert.InDelta(t, -0.188, rep.Doubts[1].Joint.Lower, 5e-4)
	assert.Len(t, rep.Doubts[2].Notes, 2)
}

// Every kind with a trial in which it stands and a sibling in which it does not.
func TestEachDoubtStandsOrNot(t *testing.T) {
	facts := factsTrials(t)
	// Fourteen participants, arm a against c: change 2 or 3 against 0 or 1.
	rows := []string{"a 5 7", "a 6 9", "a 7 9", "a 5 8", "a 8 10", "a 6 8", "a 7 10", "c 5 6", "c 6 6", "c 7 8", "c 5 5", "c 8 8", "c 6 7", "c 7 7"}
	with := func(old, new string) string { return strings.Replace(SmallProtocol, old, new, 1) }
	threshold := func(values string) string {
		return with("thresholds: [{kind: MCID, value: 1, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}]", "thresholds: ["+values+"]")
	}
	ranged := with("unit: cm", "unit: cm\n    range: [0, 10]")
	plan := func(protocol, more string) string {
		return protocol + "plans: [{outcome: y, visit: post" + more + "}]\n"
	}
	replace := func(i int, row string) []string {
		out := append([]string(nil), rows...)
		out[i] = row
		return out
	}
	// Doubling the rows keeps everything else as it is.
	forty := append(append([]string(nil), rows...), append(append([]string(nil), rows...), rows...)...)
	oneLost := append([]string(nil), forty...)
	oneLost[0] = "a 5 " // one of 42: 2.4 %
	threeLost := append([]string(nil), oneLost...)
	threeLost[15], threeLost[40] = "a 6 ", "c 7 " // 7.1 %
	sensitivity := ", role: primary, registered: {where: x, date: 2020-01-01}}, {outcome: y, visit: post, role: sensitivity, model: welch-change"
	supplementary := func(margin string) string {
		return ", role: primary, margin: " + margin + ", registered: {where: x, date: 2020-01-01}}, {outcome: y, visit: post, role: supplementary, model: welch-change, margin: " + margin
	}
	// In R: lm -1.6517 to 0.2231, t.test of the changes -1.6312 to 0.2026.
	shifted := []string{"a 5 5", "a 6 7", "a 7 6", "a 5 4", "a 8 9", "a 6 6", "a 7 7", "c 5 6", "c 6 6", "c 7 8", "c 5 5", "c 8 8", "c 6 7", "c 7 9"}
	for _, c := range []struct {
		name   string
		kind   DoubtKind
		ds     *Dataset
		stands bool
	}{
		{"a second threshold that some reach", DoubtThreshold, LoadRows(t, threshold("{kind: MCID, value: 2, level: individual}, {kind: MIC, value: 3, level: individual}"), rows...), true},
		{"a second threshold that the same reach", DoubtThreshold, LoadRows(t, threshold("{kind: MCID, value: 2, level: individual}, {kind: MIC, value: 1.5, level: individual}"), rows...), false},
		{"measurement error is no such threshold", DoubtThreshold, LoadRows(t, threshold("{kind: MCID, value: 2, level: individual}, {kind: MDC, value: 3, level: individual}"), rows...), false},
		{"the registry's threshold for knees", DoubtThreshold, LoadHILT(t, 0), true},
		{"one threshold", DoubtThreshold, LoadRows(t, SmallProtocol, rows...), false},
		{"tests of changes include 0", DoubtCompanion, facts["anorexia"].load(t, ""), true},
		{"all leave out 0", DoubtCompanion, LoadRows(t, SmallProtocol, rows...), false},
		{"Dunnett's interval of CBT", DoubtJoint, facts["anorexia"].load(t, ""), true},
		{"b leaves out 0 with all arms, too", DoubtJoint, facts["strata"].load(t, ""), false},
		{"slopes of anorexia", DoubtVaries, facts["anorexia"].load(t, ""), true},
		{"slopes alike", DoubtVaries, facts["four"].load(t, ""), false},
		{"allocation not stated", DoubtAllocation, facts["anorexia"].load(t, ""), true},
		{"allocation stated", DoubtAllocation, facts["strata"].load(t, ""), false},
		{"one of 42 lost, nothing declared", DoubtLost, LoadRows(t, plan(SmallProtocol, ""), oneLost...), true},
		{"one of 42 lost, sensitivity analysis declared", DoubtLost, LoadRows(t, plan(SmallProtocol, sensitivity), oneLost...), false},
		{"three of 42 lost, sensitivity analysis declared", DoubtLost, LoadRows(t, plan(SmallProtocol, sensitivity), threeLost...), true},
		{"nobody lost", DoubtLost, LoadRows(t, plan(SmallProtocol, ""), forty...), false},
		{"two more were randomized than the file has", DoubtLost, LoadRows(t, plan(with("label: Active", "label: Active, randomized: 9"), ""), rows...), true},
		{"ANCOVA and Welch disagree about the margin", DoubtSets, LoadRows(t, plan(SmallProtocol, supplementary("1.64")), shifted...), true},
		{"they agree about a wide margin", DoubtSets, LoadRows(t, plan(SmallProtocol, supplementary("5")), shifted...), false},
		{"an outlier at the end of baseline", DoubtDiagnostics, LoadRows(t, SmallProtocol, replace(0, "a 60 9")...), true},
		{"nobody stands out", DoubtDiagnostics, LoadRows(t, SmallProtocol, rows...), false},
		{"one begins at 9.5 of 10 and cannot gain 1", DoubtDiagnostics, LoadRows(t, ranged, replace(0, "a 9.5 10")...), true},
		{"one begins at 9 and can", DoubtDiagnostics, LoadRows(t, ranged, replace(0, "a 9 10")...), false},
	} {
		t.Run(string(c.kind)+": "+c.name, func(t *testing.T) {
			rep := reported(t, c.ds)
			found := false
			for _, d := range rep.Doubts {
				if d.Kind == c.kind {
					found = true
					assert.NotEmpty(t, d.Notes)
				}
			}
			assert.Equal(t, c.stands, found, "%v", doubtsOf(rep))
		})
	}
}

// Doubts about the primary comparison and the trial go before those about others,
// whatever their kind, and unplanned outcomes have none.
func TestDoubtsOfThePrimaryComeFirst(t *testing.T) {
	p, err := ReadProtocol(os.DirFS("../testdata/studies/hilt"), "protocol.yaml")
	require.NoError(t, err)
	p.Plans[1].Role, p.Plans[1].Registered = RolePrimary, Registered{Where: "x", Date: "2020-01-01"}
	p.Randomization = Randomization{Kind: RandomizationUnknown}
	f, err := os.Open("../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	defer f.Close()
	ds, err := Load(f, "data.csv", p)
	require.NoError(t, err)
	assert.Equal(t, []string{"allocation", "threshold vas post", "(companion vas post hilt)"}, doubtsOf(reported(t, ds)))
}
