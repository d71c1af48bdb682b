package plot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// balanceOf is Table 1 of results: the outcome at baseline, and two categories.
func balanceOf(rs []study.Result) study.Report {
	r := study.Report{Protocol: study.Protocol{Title: rs[0].Study.Title, Simulated: rs[0].Study.Simulated, Arms: rs[0].Arms}}
	o := rs[0].Outcome
	v := study.BaselineVariable{ID: o.ID, Label: o.Label, Outcome: true, Kind: study.Numeric}
	sex := study.BaselineVariable{ID: "sex", Label: "Sex", Kind: study.Category, Levels: []string{"female", "male"}}
	age := study.BaselineVariable{ID: "age", Label: "Age when the first of the symptoms came", Kind: study.Category, Levels: []string{"under 50", "50–64", "65 or older"}}
	for _, a := range rs[0].Arms {
		var xs []float64
		counts := map[string]int{}
		for _, rec := range rs[0].Records {
			if rec.Arm == a.ID && rec.HasBaseline {
				xs = append(xs, rec.Baseline)
				counts[rec.Categories["sex"]]++
				counts[rec.Categories["age"]]++
			}
		}
		s := study.BaselineSummary{Arm: a.ID, N: len(xs)}
		if d, err := stats.Describe(xs); err == nil {
			s.Mean, s.SD = d.Mean, d.SD
		}
		v.Arms = append(v.Arms, s)
		for _, c := range []*study.BaselineVariable{&sex, &age} {
			s := study.BaselineSummary{Arm: a.ID, N: len(xs)}
			for _, l := range c.Levels {
				s.Counts = append(s.Counts, counts[l])
			}
			c.Arms = append(c.Arms, s)
		}
	}
	r.Baseline = []study.BaselineVariable{age, sex, v}
	return r
}

// Of three active and four control participants; R gives, with
// smd <- function(d, v1, v0) d / sqrt((v1 + v0) / 2),
// age: smd(60 - 50, var(c(50, 60, 70)), var(c(40, 50, 60, 50))), and of shares p and q
// with p(1 − p): women smd(2/3 − 1/4, …), stages of 1, 1, 1 against 2, 1, 1.
func TestLoveMarks(t *testing.T) {
	const age, women, first, others = 1.095445115010332, 0.9205746178983233, -0.3429971702850177, 0.1841149235796646
	p, err := study.ParseProtocol(strings.NewReader(`title: Laser
arms: [{id: a, label: Laser}, {id: b, label: Exercise}, {id: c, label: Advice, control: true}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: x, label: Pain, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {x: {v0: x0, v1: x1}}
  covariates:
    age: {column: age, label: Age, kind: number}
    sex: {column: sex, label: Sex, kind: category}
    stage: {column: stage, label: Stage, kind: category}
    site: {column: site, label: Site, kind: category}
translations:
  nl: {Age: Leeftijd, Sex: Geslacht, woman: vrouw, Stage: Stadium}
`), "p")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(`id,arm,age,sex,stage,site,x0,x1
1,a,50,woman,I,N,5,4
2,a,60,woman,II,N,5,3
3,a,70,man,III,N,5,4
4,c,40,woman,I,N,5,4
5,c,50,man,I,N,5,5
6,c,60,man,II,N,5,4
7,c,50,man,III,N,5,5
8,b,40,woman,I,N,5,4
9,b,50,man,I,N,5,3
10,b,60,man,II,N,5,5
11,b,50,man,III,N,5,4
`), "d.csv", p)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	f, err := Love(rep)
	require.NoError(t, err)
	require.Empty(t, layoutProblems(f))
	pn := f.panels[0]
	var labels []string
	at := map[float64]string{}
	for _, r := range pn.rows {
		labels = append(labels, r.text)
		at[r.y] = r.text
	}
	assert.Equal(t, []string{"Age", "Sex: woman", "Stage", "I", "II", "III"}, labels, "as in Table 1; what does not vary is named below")
	marks := marksOf[*intervalMarks](pn)
	require.Len(t, marks, 2, "an arm each")
	want := map[string]float64{"Age": age, "Sex: woman": women, "I": first, "II": others, "III": others}
	for i, m := range marks {
		assert.Equal(t, []string{"a", "b"}[i], m.look.arm.ID)
		require.Len(t, m.items, 5)
		for _, it := range m.items {
			x := want[at[it.at]]
			if i == 1 { // the arm is control's twin
				x = 0
			}
			assert.InDelta(t, x, it.value, 1e-14, at[it.at])
		}
	}
	assert.Greater(t, marks[0].offset, marks[1].offset, "the first arm stands above")
	var lines []float64
	for _, m := range marksOf[*refLine](pn) {
		lines = append(lines, m.value)
		assert.True(t, m.upright)
	}
	assert.Equal(t, []float64{0, -0.1, 0.1}, lines)
	assert.Equal(t, -pn.plot.X.Max, pn.plot.X.Min, "as far on both sides")
	assert.Equal(t, "conventional reference: ±0.1", f.legend[2].text)
	said := f.Caption()
	assert.Contains(t, said, "without a standardized difference: Site and Pain.")
	assert.Contains(t, said, "a standard deviation of about 0.71 to 0.76.", "√(1/4 + 1/4) and √(1/3 + 1/4)")
	assert.Contains(t, said, "by chance alone")
	assert.NotContains(t, said, "p =")
	assert.Equal(t, "Balance of the arms at baseline; standardized differences beyond ±0.1: 5 of 10; the largest: Age, Laser − Advice: 1.10.", f.Alt())
	assert.Contains(t, f.Description(), "Stage: I, Laser − Advice: −0.34.")
	dutch, err := rep.In("nl")
	require.NoError(t, err)
	f, err = LoveWith(dutch, LoveOptions{Options{Lang: "nl"}})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "het grootste: Leeftijd, Laser − Advice: 1,10")
}

func TestLoveRefuses(t *testing.T) {
	_, err := Love(study.Report{})
	assert.ErrorContains(t, err, "no arm with a control")
	r := balanceOf(smallTrial().results(t))
	r.Baseline = nil
	_, err = Love(r)
	assert.ErrorContains(t, err, "none of the 0 baseline variables")
	// Many variables in a narrow figure: the numbers give way, the labels stay whole.
	r = balanceOf(randomTrial(5, 2, 30, 0).results(t))
	for i := range 12 {
		v := r.Baseline[2]
		v.Label = fmt.Sprintf("Variable number %d with a long name", i)
		r.Baseline = append(r.Baseline, v)
	}
	f := mustFig(t)(LoveWith(r, LoveOptions{Options{Width: 85}}))
	assert.Empty(t, layoutProblems(f))
	assert.Empty(t, f.panels[0].columns)
}
