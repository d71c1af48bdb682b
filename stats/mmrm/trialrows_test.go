package mmrm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// long is a trial as the columns of a file.
type long struct {
	id, arm, visit, site []string
	y, base, dose        []float64
}

// painRows are the columns of pain, baseline rows among them, in a random order.
func painRows(seed uint64) long {
	t := pain()
	var l long
	row := func(p int, visit string, y float64) {
		l.id, l.arm, l.visit = append(l.id, fmt.Sprint("p", p+1)), append(l.arm, t.Arms[t.Arm[p]]), append(l.visit, visit)
		l.y, l.base = append(l.y, y), append(l.base, t.Baseline[p])
		l.site, l.dose = append(l.site, []string{"north", "south"}[p%2]), append(l.dose, y/10)
	}
	for p, b := range t.Baseline {
		row(p, "week 0", b)
	}
	for _, v := range t.Values {
		row(v.Participant, t.Visits[v.Visit], v.Y)
	}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(l.y), func(i, j int) {
		for _, s := range [][]string{l.id, l.arm, l.visit, l.site} {
			s[i], s[j] = s[j], s[i]
		}
		for _, x := range [][]float64{l.y, l.base, l.dose} {
			x[i], x[j] = x[j], x[i]
		}
	})
	return l
}

// after is the rows without those of a visit.
func (l long) after(visit string) long {
	var out long
	for i, v := range l.visit {
		if v != visit {
			out.id, out.arm, out.visit, out.site = append(out.id, l.id[i]), append(out.arm, l.arm[i]), append(out.visit, v), append(out.site, l.site[i])
			out.y, out.base, out.dose = append(out.y, l.y[i]), append(out.base, l.base[i]), append(out.dose, l.dose[i])
		}
	}
	return out
}

// A trial from rows in any order is the one that indexes describe.
func TestTrialFromRows(t *testing.T) {
	t.Parallel()
	want := pain()
	want.NoBaseline = make([]bool, len(want.Arm))
	for i := range want.Arm {
		want.Participants = append(want.Participants, fmt.Sprint("p", i+1))
	}
	o := mmrm.TrialOptions{Control: "placebo", Arms: []string{"placebo", "laser"}, Times: []float64{2, 4, 8}, Baseline: "week 0"}
	for seed := range uint64(3) {
		l := painRows(seed)
		got, err := mmrm.TrialFromRowsWith(l.id, l.arm, l.visit, l.y, o)
		require.NoError(t, err)
		require.Equal(t, want, got)

		p := o
		a := l.after("week 0")
		p.Baseline, p.BaselineValues = "", a.base
		got, err = mmrm.TrialFromRowsWith(a.id, a.arm, a.visit, a.y, p)
		require.NoError(t, err)
		require.Equal(t, want, got)

		p = mmrm.TrialOptions{}
		got, err = mmrm.TrialFromRows(a.id, a.arm, a.visit, a.y)
		require.NoError(t, err)
		require.Equal(t, []string{"laser", "placebo"}, got.Arms)
		require.Equal(t, want.Visits, got.Visits)
		_, err = mmrm.Model{}.MMRM(got)
		require.ErrorIs(t, err, stats.ErrDomain, "the control is stated, not guessed")
		got.Control = "placebo"
		plain := pain()
		plain.Baseline = nil
		f, err := mmrm.Model{}.MMRM(plain)
		require.NoError(t, err)
		g, err := mmrm.Model{}.MMRM(got)
		require.NoError(t, err)
		for i, d := range f.Differences() {
			e := g.Differences()[i]
			assert.InDelta(t, d.Value, e.Value, 1e-9)
			assert.InDelta(t, d.SE, e.SE, 1e-9)
		}
	}
}

func TestTrialFromRowsReadsCovariates(t *testing.T) {
	t.Parallel()
	l := painRows(5).after("week 0")
	weight := make([]float64, len(l.y))
	for i := range weight {
		weight[i] = l.y[i] / 50
	}
	got, err := mmrm.TrialFromRowsWith(l.id, l.arm, l.visit, l.y, mmrm.TrialOptions{Control: "placebo", Weight: weight,
		Covariates: []mmrm.Covariate{{Name: "site", Category: l.site, Reference: "south", ByVisit: true}, {Name: "dose", Number: l.dose}}})
	require.NoError(t, err)
	require.Len(t, got.Covariates, 2)
	site, dose := got.Covariates[0], got.Covariates[1]
	assert.False(t, site.PerValue)
	assert.Equal(t, "south", site.Reference)
	assert.True(t, site.ByVisit)
	require.Len(t, site.Category, 20)
	for i, s := range site.Category {
		assert.Equal(t, []string{"north", "south"}[i%2], s)
	}
	assert.True(t, dose.PerValue)
	require.Len(t, dose.Number, len(got.Values))
	for i, v := range got.Values {
		assert.Equal(t, v.Y/10, dose.Number[i])
		assert.Equal(t, v.Y/50, v.Weight)
	}
}

// What is missing is left out by name, and said.
func TestTrialFromRowsWithoutBaseline(t *testing.T) {
	t.Parallel()
	l := painRows(1)
	a := long{}
	for i := range l.y {
		if l.id[i] == "p7" && l.visit[i] == "week 0" {
			continue
		}
		a.id, a.arm, a.visit, a.y = append(a.id, l.id[i]), append(a.arm, l.arm[i]), append(a.visit, l.visit[i]), append(a.y, l.y[i])
	}
	tr, err := mmrm.TrialFromRowsWith(a.id, a.arm, a.visit, a.y, mmrm.TrialOptions{Control: "placebo", Baseline: "week 0"})
	require.NoError(t, err)
	f, err := mmrm.Model{}.MMRM(tr)
	require.NoError(t, err)
	require.Len(t, f.NoBaseline, 1)
	assert.Equal(t, "p7", tr.Participants[f.NoBaseline[0]])

	b := l.after("week 0")
	no := make([]bool, len(b.y))
	for i := range no {
		no[i] = b.id[i] == "p7"
	}
	tr2, err := mmrm.TrialFromRowsWith(b.id, b.arm, b.visit, b.y, mmrm.TrialOptions{Control: "placebo", BaselineValues: b.base, NoBaseline: no})
	require.NoError(t, err)
	assert.Equal(t, tr, tr2)
}

func TestTrialFromRowsRefuses(t *testing.T) {
	t.Parallel()
	type in struct {
		long
		o mmrm.TrialOptions
	}
	for name, c := range map[string]struct {
		change func(*in)
		err    error
		says   string
	}{
		"unknown arm":      {func(x *in) { x.o.Arms = []string{"placebo", "Laser"} }, stats.ErrDomain, `"laser" is not among ["placebo" "Laser"]`},
		"unknown control":  {func(x *in) { x.o.Control = "sham" }, stats.ErrDomain, `"sham" is not among ["laser" "placebo"]`},
		"unknown visit":    {func(x *in) { x.o.Visits = []string{"week 2", "week 4"} }, stats.ErrDomain, `"week 8" is not among ["week 2" "week 4"]`},
		"unknown baseline": {func(x *in) { x.o.Baseline = "start" }, stats.ErrDomain, `no row has the visit "start"; there are ["week 0" "week 2"`},
		"two baselines":    {func(x *in) { x.o.BaselineValues = x.y }, stats.ErrDomain, "not both"},
		"baselines differ": {func(x *in) { x.o.Baseline, x.o.BaselineValues = "", x.y }, stats.ErrDomain, "has the baseline"},
		"open order":       {func(x *in) { x.visit[0] = "end" }, stats.ErrDomain, `"end"`},
		"two arms":         {func(x *in) { x.arm[3] = map[string]string{"laser": "placebo", "placebo": "laser"}[x.arm[3]] }, stats.ErrDomain, "participant"},
		"twice": {func(x *in) {
			x.id, x.arm, x.visit, x.y = append(x.id, x.id[0]), append(x.arm, x.arm[0]), append(x.visit, x.visit[0]), append(x.y, 3)
		}, stats.ErrDomain, ""},
		"no label":           {func(x *in) { x.id[2] = "" }, stats.ErrDomain, "participant[2]"},
		"NaN":                {func(x *in) { x.y[4] = math.NaN() }, stats.ErrNotFinite, "y[4]"},
		"lengths":            {func(x *in) { x.arm = x.arm[1:] }, stats.ErrLength, "arm"},
		"times":              {func(x *in) { x.o.Times = []float64{1} }, stats.ErrLength, `["week 2" "week 4" "week 8"]`},
		"covariate's length": {func(x *in) { x.o.Covariates = []mmrm.Covariate{{Name: "site", Category: x.site[1:]}} }, stats.ErrLength, "site"},
		"covariate is NaN":   {func(x *in) { x.dose[1] = math.NaN(); x.o.Covariates = []mmrm.Covariate{{Name: "dose", Number: x.dose}} }, stats.ErrNotFinite, "dose[1]"},
		"empty":              {func(x *in) { x.long = long{} }, stats.ErrTooFew, ""},
		"baselines alone": {func(x *in) {
			x.id, x.arm, x.visit, x.y = []string{"a"}, []string{"laser"}, []string{"week 0"}, []float64{1}
			x.o.Control = "laser"
		}, stats.ErrTooFew, ""},
		"baseline as a visit": {func(x *in) { x.o.Visits = []string{"week 0", "week 2", "week 4", "week 8"} }, stats.ErrDomain, "baseline"},
	} {
		x := in{painRows(2), mmrm.TrialOptions{Control: "placebo", Baseline: "week 0"}}
		c.change(&x)
		_, err := mmrm.TrialFromRowsWith(x.id, x.arm, x.visit, x.y, x.o)
		if assert.ErrorIs(t, err, c.err, name) {
			assert.Contains(t, err.Error(), c.says, name)
			assert.Contains(t, err.Error(), "mmrm.TrialFromRowsWith", name)
		}
	}
}

func TestTrialFromRowsKeepsItsInput(t *testing.T) {
	t.Parallel()
	l, same := painRows(4), painRows(4)
	o := mmrm.TrialOptions{Control: "placebo", Baseline: "week 0", Visits: []string{"week 2", "week 4", "week 8"}}
	tr, err := mmrm.TrialFromRowsWith(l.id, l.arm, l.visit, l.y, o)
	require.NoError(t, err)
	tr.Visits[0], tr.Arms[0] = "x", "y"
	assert.Equal(t, same, l)
	assert.Equal(t, "week 2", o.Visits[0])
}
