package study_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

const sparseProtocol = `
title: Sparse
arms: [{id: a, randomized: 3}, {id: c, control: true, randomized: 3}]
visits: [{id: v1}, {id: v2}, {id: v3}]
baseline: none
outcomes: [{id: y, range: [0, 105], better: higher, thresholds: [{kind: margin, value: 2, level: between}]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1, v2: y2, v3: y3}}}
plans:
`

// sparseRows are scores from 0 to 100 on which Kenward and Roger's interval at
// v2 was −13,662 to 13,668, with a verdict.
var sparseRows = []string{"1,c,63,66,70", "2,c,44,36,66", "3,c,62,51,63", "4,a,36,,68", "5,a,55,83,26", "6,a,77,40,31"}

func sparseReport(t *testing.T, plan string) study.Report {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(sparseProtocol+"  - "+plan+"\n"), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader("id,arm,y1,y2,y3\n"+strings.Join(sparseRows, "\n")+"\n"), "d.csv", p)
	require.NoError(t, err)
	return analyzeAll(t, ds)
}

// sparseModel is the same trial given to package mmrm by hand.
func sparseModel(t *testing.T, m mmrm.Model) (*mmrm.TrialFit, error) {
	t.Helper()
	tr := &mmrm.Trial{Arms: []string{"a", "c"}, Control: "c", Visits: []string{"v1", "v2", "v3"}, Arm: []int{1, 1, 1, 0, 0, 0}}
	for i, y := range [][]float64{{63, 66, 70}, {44, 36, 66}, {62, 51, 63}, {36, math.NaN(), 68}, {55, 83, 26}, {77, 40, 31}} {
		for j, v := range y {
			if v == v {
				tr.Values = append(tr.Values, mmrm.Value{Participant: i, Visit: j, Y: v})
			}
		}
	}
	return m.MMRM(tr)
}

// Of a difference with fewer than 2 degrees of freedom the estimate and the
// model's standard error are left, in the row, the report and the JSON.
func TestDegenerateRowsAreWithheld(t *testing.T) {
	fit, err := sparseModel(t, mmrm.Model{})
	require.NoError(t, err)
	for _, plan := range []string{"{outcome: y, model: mmrm, primary: true, visit: v2}", "{outcome: y, model: mmrm}"} {
		r := sparseReport(t, plan)
		withheld := 0
		for _, res := range r.Results {
			for _, row := range res.Rows {
				if row.Method != "mmrm" || row.Visit == study.OverallVisit {
					continue
				}
				e, err := fit.Difference("a", "c", row.Visit)
				require.NoError(t, err)
				require.InDelta(t, e.Value, row.Estimate, 1e-8)
				require.Equal(t, e.DF < 2, row.Withheld(), row.Visit)
				if !row.Withheld() {
					require.NotNil(t, row.Effect)
					continue
				}
				withheld++
				cov, v := fit.CovModel(), 0.0
				l, err := fit.LSMeanRow("a", row.Visit)
				require.NoError(t, err)
				c, err := fit.LSMeanRow("c", row.Visit)
				require.NoError(t, err)
				for i, x := range c {
					l[i] -= x
				}
				for i := range l {
					for j := range l {
						v += l[i] * cov[i][j] * l[j]
					}
				}
				assert.InEpsilon(t, math.Sqrt(v), row.SE, 1e-8)
				assert.Nil(t, row.Effect)
				assert.Nil(t, row.Judgement)
				assert.True(t, math.IsNaN(row.Lower) && math.IsNaN(row.Upper) && math.IsNaN(row.P))
				assert.Contains(t, study.Codes(row.Notes), "kr-degenerate")
			}
		}
		require.Positive(t, withheld)
		for _, lang := range []string{"en", "nl"} {
			var b bytes.Buffer
			require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true, Lang: lang, ShowP: true}))
			assert.NotRegexp(t, `NaN|13[.,]?66\d`, b.String())
			words, err := text.In(lang)
			require.NoError(t, err)
			assert.Contains(t, b.String(), strings.Split(words.Say("kr-degenerate", text.Args{"df": 1.0}), ". ")[1])
		}
		var b bytes.Buffer
		require.NoError(t, report.JSON(&b, r, report.Options{}))
		var file struct {
			Results []struct {
				Visit, Method             string
				Estimate, SE, Lower, P    *float64
				Verdict                   *string
				NoteCodes                 []string `json:"note_codes"`
				NonInferiority, Threshold any
			}
			LSMeans []struct {
				Lower    *float64
				Withheld bool
			} `json:"ls_means"`
		}
		require.NoError(t, json.Unmarshal(b.Bytes(), &file))
		for _, x := range file.Results {
			if x.Method == "mmrm" && x.Visit == "v2" {
				assert.NotNil(t, x.Estimate)
				assert.NotNil(t, x.SE)
				assert.Nil(t, x.Lower)
				assert.Nil(t, x.P)
				assert.Nil(t, x.Verdict)
				assert.Contains(t, x.NoteCodes, "kr-degenerate")
			}
		}
		for _, m := range file.LSMeans {
			assert.Equal(t, m.Withheld, m.Lower == nil)
		}
	}
	// Degrees of freedom that are counted are no matter of this.
	for _, res := range sparseReport(t, "{outcome: y, model: mmrm, df: residual}").Results {
		for _, row := range res.Rows {
			assert.False(t, row.Withheld())
		}
	}
}

// An order of structures takes the first that converges with at least 2 degrees
// of freedom for every difference; the oracle asks package mmrm for each.
func TestCovarianceOrder(t *testing.T) {
	enough := func(name string) (least float64, converged bool) {
		c, err := mmrm.ParseCovariance(name)
		require.NoError(t, err)
		f, err := sparseModel(t, mmrm.Model{Covariance: c})
		if errors.Is(err, stats.ErrNotConverged) {
			return 0, false
		}
		require.NoError(t, err)
		average, err := f.Average("a", "c")
		require.NoError(t, err)
		least = average.DF
		for _, d := range f.Differences() {
			least = math.Min(least, d.DF)
		}
		return least, true
	}
	for _, order := range []string{"us, toeph, ar1h", "us, cs", "cs, us", "us", "us, us"} {
		names := strings.Split(order, ", ")
		want, failed := "", 0
		for _, name := range names {
			if df, ok := enough(name); ok && df >= 2 {
				want = name
				break
			}
			failed++
		}
		r := sparseReport(t, "{outcome: y, model: mmrm, covariance: ["+order+"]}")
		var row study.Row
		for _, res := range r.Results {
			for _, x := range res.Rows {
				if x.Method == "mmrm" && x.Visit == "v2" {
					row = x
				}
			}
		}
		var said []string
		for _, n := range row.Notes {
			switch n.Code {
			case "covariance-chosen":
				said = append(said, n.Args["structure"].(string))
			case "covariance-degenerate", "covariance-not-converged":
				failed--
			}
		}
		assert.Zero(t, failed, order)
		if want == "" {
			assert.Contains(t, study.Codes(row.Notes), "covariance-none", order)
			assert.True(t, row.Withheld(), order)
			continue
		}
		assert.Equal(t, []string{want}, said, order)
		c, _ := mmrm.ParseCovariance(want)
		f, err := sparseModel(t, mmrm.Model{Covariance: c})
		require.NoError(t, err)
		d, err := f.Difference("a", "c", "v2")
		require.NoError(t, err)
		assert.InDelta(t, d.Value, row.Estimate, 1e-8, order)
		assert.NotNil(t, row.Effect, order)
	}
	for want, plan := range map[string]string{
		`plans[0].covariance: only mmrm and clda take an order`: "{outcome: y, model: lmm, covariance: [intercept, intercept-slope]}",
		`plans[0].covariance: unknown structure "arh1"`:         "{outcome: y, model: mmrm, covariance: [us, arh1]}",
	} {
		_, err := study.ParseProtocol(strings.NewReader(sparseProtocol+"  - "+plan+"\n"), "p.yaml")
		assert.ErrorContains(t, err, want)
	}
}

// An unstructured matrix asks for five participants an arm and visit before data
// are read; the smallest arm counts.
func TestProtocolDoubts(t *testing.T) {
	doubts := func(plan string, n1, n2 string) []string {
		file := strings.NewReplacer("{id: a, randomized: 3}", "{id: a, randomized: "+n1+"}", "control: true, randomized: 3", "control: true, randomized: "+n2).
			Replace(sparseProtocol)
		p, err := study.ParseProtocol(strings.NewReader(file+"  - "+plan+"\n"), "p.yaml")
		require.NoError(t, err)
		return study.Codes(p.Doubts())
	}
	few := []string{"unstructured-few"}
	assert.Equal(t, few, doubts("{outcome: y, model: mmrm}", "20", "14"))
	assert.Empty(t, doubts("{outcome: y, model: mmrm}", "20", "15"))
	assert.Equal(t, few, doubts("{outcome: y, model: mmrm, covariance: [us, ar1h]}", "3", "3"))
	assert.Empty(t, doubts("{outcome: y, model: mmrm, covariance: ar1h}", "3", "3"))
	assert.Empty(t, doubts("{outcome: y, model: lmm}", "3", "3"))
	assert.Empty(t, doubts("{outcome: y}", "3", "3"))
}
