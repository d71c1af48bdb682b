package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/testdata/studies"
)

// withTrend gives a result a trend along doses, made up: control has none, each further arm
// 3 more and a mean that is 0.6 better.
func withTrend(r study.Result) study.Result {
	trend := along.Trend{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Method: string(study.MethodANCOVA), Level: r.Level}
	middle, better := 5.0, r.Outcome.Better.Sign()
	if r.Outcome.HasRange() {
		middle = (r.Outcome.Min + r.Outcome.Max) / 2
	}
	of := func(dose float64) stats.Estimate {
		return stats.Estimate{Value: middle + better*0.2*dose, SE: 0.4, DF: 40}
	}
	_, control := sides(r.Arms)
	next := 0.0
	for _, a := range r.Arms {
		dose := 0.0
		if a.ID != control.ID {
			next += 3
			dose = next
		}
		trend.Arms = append(trend.Arms, along.Arm{Arm: a.ID, Dose: dose, N: 20, Mean: of(dose)})
	}
	trend.Slope = stats.Estimate{Value: better * 0.2, SE: 0.05, DF: 40}
	for i := range 41 {
		dose := next * float64(i) / 40
		trend.Line = append(trend.Line, along.Point{Dose: dose, Estimate: of(dose)})
	}
	r.Trends = []along.Trend{trend}
	return r
}

// alongAge are differences along age, made up: the older, the smaller.
func alongAge(r study.Result) study.Subgroups {
	s := study.Subgroups{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Covariate: "age", Level: r.Level, Interaction: &stats.FTest{F: 3, DF1: 1, DF2: 40}}
	active, _ := sides(r.Arms)
	for _, a := range active {
		for i := range 41 {
			p := study.SubgroupPoint{Arm: a.ID, At: 40 + float64(i), Effect: stats.Estimate{Value: r.Outcome.Better.Sign() * (2 - float64(i)/40), SE: 0.5, DF: 40}}
			s.Curve = append(s.Curve, p)
			if i%16 == 4 {
				s.At = append(s.At, p)
			}
		}
	}
	return s
}

// The marks are the means and the line that the trend holds (study/along_test.go has them
// against R): 5.25 at 0 and 4.55 at 12, the line 4.76 at 6.
func TestDosesAreDrawnFromTheTrend(t *testing.T) {
	r := reportOf(t, "lasers", func(p string) string {
		return strings.NewReplacer("{id: hilt,", "{id: hilt, dose: 12,", "{id: lllt,", "{id: lllt, dose: 3,", "{id: sham,", "{id: sham, dose: 0,",
			"{id: A, outcome: pain, visit: w12}", "{id: A, outcome: pain, visit: w12, trend: true}").Replace(p)
	})
	results := ofOutcome(r, "pain")
	last := results[len(results)-1]
	for _, lang := range []string{"en", "nl"} {
		f, err := DosesWith(last, DosesOptions{Options: Options{Lang: lang}, Unit: "J"})
		require.NoError(t, err)
		at := map[float64]interval{}
		for _, m := range marksOf[*intervalMarks](f.panels[0]) {
			for _, i := range m.items {
				at[i.at] = i
			}
		}
		require.Len(t, at, 3)
		assert.InDelta(t, 5.24644556128843, at[0].value, 1e-9)
		assert.InDelta(t, 4.54947861443836, at[12].value, 1e-9)
		line := marksOf[*linesMarks](f.panels[0])[0].lines[0]
		assert.Equal(t, 6.0, line[20].x)
		assert.InDelta(t, 4.76266144597714, line[20].y, 1e-9)
		assert.Contains(t, strings.ReplaceAll(f.Alt(), "\u00a0", " "), map[string]string{"en": "−0.047 cm for each J (95% CI −0.106 to 0.013)", "nl": "−0,047 cm per J (95%-BI −0,106 tot 0,013)"}[lang])
		var b strings.Builder
		require.NoError(t, f.Write(&b, SVG))
	}
	_, err := Doses(results[0])
	assert.ErrorContains(t, err, "no trend")

	s, err := study.SubgroupsOf(last, "age", 60)
	require.NoError(t, err)
	f, err := Moderator(last, s)
	require.NoError(t, err)
	require.Len(t, f.panels, 2, "a panel an arm")
	for k, pn := range f.panels {
		line := marksOf[*linesMarks](pn)[0].lines[0]
		require.Len(t, line, len(s.Curve)/2)
		for i, p := range s.Curve[k*len(line) : (k+1)*len(line)] {
			assert.Equal(t, xy{p.At, p.Effect.Point()}, line[i])
		}
		band := marksOf[*shadeMarks](pn)[0].pts
		assert.Equal(t, s.Curve[k*len(line)].Effect.CI(0.95).Hi, band[0].y)
		assert.Equal(t, s.Curve[k*len(line)].Effect.CI(0.95).Lo, band[len(band)-1].y)
	}
	var b strings.Builder
	require.NoError(t, f.Write(&b, SVG))
	_, err = Moderator(last, study.Subgroups{})
	assert.Error(t, err)
}

// A ratio along a number stands on a logarithmic axis, whose label takes its room beside
// it and none beyond its end; the value that is the mean of the axis's ends is drawn
// where it belongs.
func TestRatiosAlongANumber(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "falls/protocol.yaml", "falls/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	s, err := study.SubgroupsOf(r.Results[0], "age")
	require.NoError(t, err)
	f, err := Moderator(r.Results[0], s)
	require.NoError(t, err)
	l := f.layout()
	assert.Less(t, l.own[0].top, f.theme.size(), "no more than half of the highest tick's label")
	y := &f.panels[0].plot.Y
	whole, _ := freeze(f.panels[0].plot)
	for _, v := range []float64{y.Min, 0.5 * (y.Min + y.Max), 1, y.Max} {
		assert.InDelta(t, math.Log(v/y.Min)/math.Log(y.Max/y.Min), whole.Y.Norm(v), 1e-11, "%v", v)
	}
	assert.Equal(t, 0.5, whole.Y.Norm(0.5*(whole.Y.Min+whole.Y.Max)))
	assert.Contains(t, f.Alt(), "ratio of rates")
	assert.Empty(t, layoutProblems(f))
}

// Subgroups of every kind of outcome name outcome, visit and what the axis counts.
func TestSubgroupsOfKindsSayTheirAxis(t *testing.T) {
	for _, x := range []struct{ trial, covariate, axis string }{
		{"falls", "sex", "Ratio of rates (1: no difference), Falls, Year 1"},
		{"shoulder", "", "Probability of benefit (0.5: no difference), Perceived effect, Week 12"},
		{"return-to-sport", "", "percentage points"},
	} {
		ds, err := study.LoadFS(studies.FS, x.trial+"/protocol.yaml", x.trial+"/data.csv")
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		res := r.Results[len(r.Results)-1]
		for _, c := range r.Protocol.Data.Covariates {
			if c.Kind == study.Category && x.covariate == "" {
				x.covariate = c.ID
			}
		}
		if x.trial == "falls" {
			res = r.Results[0]
		}
		s, err := study.SubgroupsOf(res, x.covariate)
		require.NoError(t, err)
		f, err := Subgroups(res, s)
		require.NoError(t, err)
		words := strings.ReplaceAll(strings.ReplaceAll(drawnWords(f), "\n", " "), "\u00a0", " ")
		assert.Contains(t, words, x.axis)
		assert.Contains(t, words, visitName(res.Visit))
		assert.Contains(t, words, res.Outcome.ShortLabel())
	}
}
