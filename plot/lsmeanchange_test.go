package plot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// reportOf analyzes a trial of testdata/studies; edit may change its protocol.
func reportOf(t testing.TB, name string, edit func(protocol string) string) study.Report {
	t.Helper()
	dir := filepath.Join("..", "testdata", "studies", name)
	raw, err := os.ReadFile(filepath.Join(dir, "protocol.yaml"))
	require.NoError(t, err)
	if edit != nil {
		raw = []byte(edit(string(raw)))
	}
	p, err := study.ParseProtocol(bytes.NewReader(raw), "protocol.yaml")
	require.NoError(t, err)
	data, err := os.Open(filepath.Join(dir, "data.csv"))
	require.NoError(t, err)
	defer data.Close()
	ds, err := study.Load(data, "data.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// ofOutcome are the report's results of an outcome.
func ofOutcome(r study.Report, id string) (out []study.Result) {
	for _, res := range r.Results {
		if res.Outcome.ID == id {
			out = append(out, res)
		}
	}
	return out
}

// writtenMean and writtenRow are what results.json says of a mean and of a difference.
type writtenMean struct {
	Outcome, Visit, Arm, Method string
	Estimate, Lower, Upper      *float64
	Level                       float64
	N                           int
	Withheld                    bool
	Change                      *struct{ Estimate, Lower, Upper *float64 }
}

type writtenRow struct {
	Outcome, Visit, Arm, Method, Role string
	Decides                           bool
	Estimate, Lower, Upper            *float64
	Level                             float64
}

// modelTrials are trials of testdata/studies decided by ANCOVA, by models of all visits
// of two and of three arms, against a margin, and without baseline.
var modelTrials = map[string]struct {
	study, outcome string
	edit           func(string) string
}{
	"hilt":    {"hilt", "vas", nil},
	"flow":    {"flow", "pain", nil},
	"dropout": {"dropout", "pain", nil},
	"margin": {"flow", "pain", func(p string) string {
		return strings.Replace(p, "df: kenward-roger, primary: true", "df: kenward-roger, margin: 6, level: 0.9, primary: true", 1)
	}},
	"clda":     {"dropout", "pain", onlyPlan("{outcome: pain, model: clda}")},
	"lmm":      {"dropout", "pain", onlyPlan("{outcome: pain, model: lmm}")},
	"values":   {"dropout", "pain", onlyPlan("{outcome: pain, model: mmrm, baseline: none}")},
	"anorexia": {"anorexia", "weight", nil},
}

// onlyPlan replaces a protocol's plans.
func onlyPlan(plan string) func(string) string {
	return func(p string) string {
		before, after, _ := strings.Cut(p, "plans:\n")
		_, after, _ = strings.Cut(after, "translations:")
		return before + "plans:\n  - " + plan + "\ntranslations:" + after
	}
}

// Every mark is a number of results.json as study/report writes it: means and
// differences with their limits, at every visit and in every arm, and nothing else.
func TestLSMeanChangeDrawsWhatResultsJSONSays(t *testing.T) {
	for name, c := range modelTrials {
		r := reportOf(t, c.study, c.edit)
		var b bytes.Buffer
		require.NoError(t, report.JSON(&b, r, report.Options{}))
		var file struct {
			Results []writtenRow
			LSMeans []writtenMean `json:"ls_means"`
		}
		require.NoError(t, json.Unmarshal(b.Bytes(), &file))
		results := ofOutcome(r, c.outcome)
		f, err := LSMeanChange(results)
		require.NoError(t, err, name)
		require.Equal(t, 2, f.Panels())

		visits := map[float64]string{}
		for _, res := range results {
			if res.Visit.ID == "" {
				continue
			}
			for panel := range 2 {
				x, err := f.XOfVisit(panel, res.Visit.ID)
				require.NoError(t, err)
				visits[x] = res.Visit.ID
			}
		}
		type mark struct{ arm, visit string }
		same := func(what string, want []*float64, got interval) {
			for i, x := range []float64{got.value, got.lo, got.hi} {
				if want[i] == nil {
					assert.True(t, math.IsNaN(x), "%s: %s", name, what)
				} else {
					assert.InDelta(t, *want[i], x, 1e-12*math.Max(1, math.Abs(x)), "%s: %s", name, what)
				}
			}
		}
		drawn := map[mark]interval{}
		for _, m := range marksOf[*intervalMarks](f.panels[0]) {
			for _, i := range m.items {
				drawn[mark{m.look.arm.ID, visits[i.at]}] = i
			}
		}
		decides := map[string]string{} // visit → method
		diffs := map[mark]interval{}
		for _, m := range marksOf[*intervalMarks](f.panels[1]) {
			for _, i := range m.items {
				diffs[mark{m.look.arm.ID, visits[i.at]}] = i
			}
		}
		n := 0
		for _, row := range file.Results {
			if row.Outcome != c.outcome || !row.Decides || row.Visit == study.OverallVisit {
				continue
			}
			decides[row.Visit] = row.Method
			at := mark{row.Arm, row.Visit}
			require.Contains(t, diffs, at, name)
			same(fmt.Sprint(at), []*float64{row.Estimate, row.Lower, row.Upper}, diffs[at])
			n++
		}
		assert.Len(t, diffs, n, name)
		n = 0
		strip := f.panels[1].below[0].(*numberStrip)
		for _, m := range file.LSMeans {
			if m.Outcome != c.outcome || decides[m.Visit] != m.Method {
				continue
			}
			at := mark{m.Arm, m.Visit}
			require.Contains(t, drawn, at, name)
			want := []*float64{m.Estimate, m.Lower, m.Upper}
			if name != "values" {
				require.NotNil(t, m.Change, name)
				want = []*float64{m.Change.Estimate, m.Change.Lower, m.Change.Upper}
			}
			same(fmt.Sprint(at), want, drawn[at])
			for _, row := range strip.rows {
				for i, x := range row.at {
					if row.look.arm.ID == m.Arm && visits[x] == m.Visit {
						assert.Equal(t, fmt.Sprint(m.N), row.text[i], "%s: n of %v", name, at)
					}
				}
			}
			n++
		}
		assert.Len(t, drawn, n, name)
		require.Greater(t, n, 1, name)
		assert.Empty(t, layoutProblems(f), name)
		if dir := os.Getenv("TRIALKIT_LOOK"); dir != "" {
			require.NoError(t, f.Save(filepath.Join(dir, "lsmean-"+name+".png")))
		}
	}
}

// The axis begins at baseline, from which every arm's line starts with no change; means
// of values have no such place.
func TestLSMeanChangeBeginsAtBaseline(t *testing.T) {
	f, err := LSMeanChange(ofOutcome(reportOf(t, "flow", nil), "pain"))
	require.NoError(t, err)
	x, err := f.XOfVisit(0, "week0")
	require.NoError(t, err)
	links := marksOf[linkMarks](f.panels[0])
	require.Len(t, links, 3)
	for i, l := range links {
		assert.Equal(t, [2]float64{x, 0}, [2]float64{l.of.items[0].at, l.of.items[0].value})
		assert.Len(t, l.of.items, 3)
		assert.Equal(t, marksOf[*intervalMarks](f.panels[0])[i].offset, l.of.offset)
	}
	c := modelTrials["values"]
	f, err = LSMeanChange(ofOutcome(reportOf(t, c.study, c.edit), "pain"))
	require.NoError(t, err)
	_, err = f.XOfVisit(0, "week0")
	assert.ErrorContains(t, err, "no visit")
	assert.NotContains(t, f.Caption(), "change")
	assert.Contains(t, f.Plot(0).Y.Label.Text, "LS-mean")
}

// The visit that decides is shaded in both parts, and named; without a primary
// comparison none is.
func TestLSMeanChangeMarksThePrimaryComparison(t *testing.T) {
	f, err := LSMeanChange(ofOutcome(reportOf(t, "flow", nil), "pain"))
	require.NoError(t, err)
	x, err := f.XOfVisit(1, "week12")
	require.NoError(t, err)
	for i := range 2 {
		s := marksOf[*stripeMarks](f.panels[i])
		require.Len(t, s, 1)
		assert.Equal(t, x, s[0].at)
	}
	assert.Equal(t, []topLabel{{x, "primary comparison"}}, f.panels[0].top)
	assert.Contains(t, f.Caption(), "Shaded: the primary comparison.")
	assert.Contains(t, f.Caption(), "The model analyzes Supervised exercise 41, Home exercise 41 and Advice 36, at each visit")
	f, err = LSMeanChange(ofOutcome(reportOf(t, "hilt", nil), "vas"))
	require.NoError(t, err)
	assert.Empty(t, marksOf[*stripeMarks](f.panels[0]))
	assert.Empty(t, f.panels[0].top)
	assert.NotContains(t, f.Caption(), "Shaded")
}

// Margins and thresholds between arms are drawn at their values, on the side where they
// judge, and labeled with kind, level and value; one patient's threshold is not.
func TestLSMeanChangeThresholds(t *testing.T) {
	c := modelTrials["margin"]
	results := ofOutcome(reportOf(t, c.study, func(p string) string {
		return strings.Replace(c.edit(p), "better: lower}\n  - {id: steps", "better: lower, thresholds: [{kind: MCID, value: 9, level: between}, {kind: MCID, value: 15, level: individual}]}\n  - {id: steps", 1)
	}), "pain")
	for _, lang := range []string{"en", "nl"} {
		f, err := LSMeanChangeWith(results, LSMeanChangeOptions{Options: Options{Lang: lang}})
		require.NoError(t, err)
		var at []float64
		var limited []bool
		for _, l := range marksOf[*refLine](f.panels[1]) {
			at, limited = append(at, l.value), append(limited, l.limited)
		}
		// Lower is better: a benefit of 9 is −9, and the margin of 6 lies above 0. It is
		// the primary comparison's alone.
		assert.Equal(t, []float64{0, -9, 6}, at)
		assert.Equal(t, []bool{false, false, true}, limited)
		var labels []string
		for _, s := range f.panels[1].side {
			labels = append(labels, strings.ReplaceAll(s.text, "\n", " "))
		}
		if lang == "en" {
			assert.Equal(t, []string{"MCID, between arms: 9 mm", "non-inferiority margin, between arms: 6 mm"}, noSpaces(labels))
			assert.Contains(t, f.Alt(), "the difference Supervised exercise minus Advice is")
			assert.Contains(t, noSpaces([]string{f.Note()})[0], "Dashed: MCID, between arms: 9 mm. Dotted: non-inferiority margin, between arms: 6 mm.")
		}
		assert.Empty(t, layoutProblems(f), lang)
	}
	f, err := LSMeanChangeWith(results, LSMeanChangeOptions{NoThreshold: true})
	require.NoError(t, err)
	assert.Len(t, marksOf[*refLine](f.panels[1]), 1)
}

// noSpaces writes no-break spaces as spaces.
func noSpaces(xs []string) []string {
	for i := range xs {
		xs[i] = strings.ReplaceAll(xs[i], "\u00a0", " ")
	}
	return xs
}

// Which arm a difference favors is said by name, whichever direction is better.
func TestLSMeanChangeSaysWhomItFavors(t *testing.T) {
	for better, want := range map[study.Direction]string{study.LowerIsBetter: "←\u00a0favors Active HILT", study.HigherIsBetter: "favors Active HILT\u00a0→"} {
		tr := smallTrial()
		tr.outcome.Better = better
		f, err := LSMeanChange(withModel(tr.results(t)))
		require.NoError(t, err)
		assert.Contains(t, f.Plot(1).Y.Label.Text, want)
	}
	f, err := LSMeanChangeWith(withModel(randomTrial(3, 4, 12, 0).results(t)), LSMeanChangeOptions{Options: Options{Lang: "nl"}})
	require.NoError(t, err)
	assert.Contains(t, strings.ReplaceAll(f.Plot(1).Y.Label.Text, "\n", " "), "voordeel van de groep van het symbool")
}

// Too few degrees of freedom: an estimate, no interval, and a note that says of which.
func TestLSMeanChangeWithheld(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`
title: Sparse
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: v1}, {id: v2}, {id: v3}]
baseline: none
outcomes: [{id: y, range: [0, 105], better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1, v2: y2, v3: y3}}}
plans: [{outcome: y, model: mmrm}]
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader("id,arm,y1,y2,y3\n1,c,63,66,70\n2,c,44,36,66\n3,c,62,51,63\n4,a,36,,68\n5,a,55,83,26\n6,a,77,40,31\n"), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	f, err := LSMeanChange(r.Results)
	require.NoError(t, err)
	bare := 0
	for _, m := range marksOf[*intervalMarks](f.panels[1]) {
		for _, i := range m.items {
			assert.False(t, math.IsNaN(i.value))
			if math.IsNaN(i.lo) {
				bare++
			}
		}
	}
	require.Positive(t, bare)
	assert.Contains(t, f.Note(), "Without an interval, for want of degrees of freedom: ")
	assert.Contains(t, f.Note(), "Active − Control at v2")
	assert.Contains(t, f.Description(), "without an interval")
	assert.NotContains(t, string(written(t, f, SVG)), "NaN")
	assert.Empty(t, layoutProblems(f))
}

func TestLSMeanChangeRefuses(t *testing.T) {
	small := smallTrial().results(t) // whose methods have no means
	_, err := LSMeanChange(small)
	assert.EqualError(t, err, `plot: LSMeanChange: "vas" is decided by ancova-adjusted, which estimates no mean of an arm: draw Change and Differences`)
	_, err = LSMeanChangeWith(withModel(small), LSMeanChangeOptions{Method: study.MethodMMRM})
	assert.ErrorContains(t, err, `no row compares arms by method "mmrm"; there are ancova`)
	_, err = LSMeanChangeWith(withModel(small), LSMeanChangeOptions{Spacing: 9})
	assert.ErrorContains(t, err, "no spacing 9")
	_, err = LSMeanChange(reportOf(t, "return-to-sport", nil).Results)
	assert.ErrorContains(t, err, `outcome "sport" is binary: this chart draws measurements`)
	// Another method's rows and means, where they are asked for.
	f, err := LSMeanChangeWith(ofOutcome(reportOf(t, "flow", nil), "pain"), LSMeanChangeOptions{Method: study.MethodANCOVA})
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), "ANCOVA on baseline")
}

// withModel gives results the means of a model, whose numbers are no others', makes
// the last visit's comparison primary, and holds it against a margin.
func withModel(rs []study.Result) []study.Result {
	out := append([]study.Result{}, rs...)
	last := len(out) - 1
	for last > 0 && out[last].Visit.ID == "" { // about all visits at once
		last--
	}
	for v := range out {
		r := &out[v]
		r.Rows = append([]study.Row{}, r.Rows...)
		for i := range r.Rows {
			if row := &r.Rows[i]; row.Decides && v == last {
				row.Role, row.NonInferiority = study.RolePrimary, &study.NonInferiority{Margin: 0.9}
			}
		}
		for k, a := range r.Arms {
			for _, m := range r.Summaries {
				if m.Arm != a.ID || m.Visit != r.Visit.ID || m.N < 2 {
					continue
				}
				e := stats.Estimate{Value: m.Mean + 0.031*float64(k+1), SE: m.SE * 0.9, DF: float64(m.N) + 5}
				c := study.LSMeanChange{Estimate: stats.Estimate{Value: e.Value - 6.12, SE: e.SE, DF: e.DF}}
				r.LSMeans = append(r.LSMeans, study.LSMean{Arm: a.ID, Visit: m.Visit, Method: study.MethodANCOVAAdjusted, Level: r.Level, N: m.N, Estimate: e, Change: &c})
			}
		}
	}
	return out
}
