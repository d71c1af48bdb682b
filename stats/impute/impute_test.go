package impute_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

// invented is a trial of n participants at the visits, about a quarter of whom are
// lost, the active arm's more often, with values in whole millimeters.
func invented(n, visits int, seed uint64, loss float64) *impute.Data {
	rng := rand.New(rand.NewPCG(seed, 11))
	d := &impute.Data{}
	d.Arms, d.Control = []string{"placebo", "active"}, "placebo"
	for v := range visits {
		d.Visits = append(d.Visits, fmt.Sprint("week ", 4*v+4))
	}
	site := mmrm.Covariate{Name: "site"}
	for p := range n {
		arm := p % 2
		u := 12 * rng.NormFloat64()
		d.Arm = append(d.Arm, arm)
		d.Participants = append(d.Participants, fmt.Sprint("P", 100+p))
		d.Baseline = append(d.Baseline, math.Round(60+u+6*rng.NormFloat64()))
		site.Category = append(site.Category, []string{"north", "south", "west"}[rng.IntN(3)])
		for v := range visits {
			if rng.Float64() < loss/float64(visits)*(1+float64(arm)) {
				d.Events = append(d.Events, impute.Event{Participant: p, Visit: v})
				break
			}
			if rng.Float64() < 0.04*math.Min(1, 20*loss) && v < visits-1 {
				continue // a gap
			}
			d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: v,
				Y: math.Round(55 - 4*float64(v) - 5*float64(arm*v) + 0.8*u + 7*rng.NormFloat64())})
		}
	}
	d.Covariates = []mmrm.Covariate{site}
	return d
}

func analyzed(t *testing.T, m impute.Model, d *impute.Data, a impute.Analysis) *impute.Result {
	t.Helper()
	f, err := m.Fit(d)
	require.NoError(t, err)
	s, err := f.Jackknife()
	require.NoError(t, err)
	r, err := s.Analyze(a)
	require.NoError(t, err)
	return r
}

func difference(t *testing.T, r *impute.Result, arm, other, visit string) stats.Estimate {
	t.Helper()
	e, err := r.Difference(arm, other, visit)
	require.NoError(t, err)
	return e
}

func near(t *testing.T, want, got stats.Estimate, msg ...any) {
	t.Helper()
	require.InDelta(t, want.Value, got.Value, 1e-7*want.SE, msg...)
	require.InEpsilon(t, want.SE, got.SE, 1e-6, msg...)
	require.InEpsilon(t, want.DF, got.DF, 1e-5, msg...)
}

var all = []impute.Strategy{impute.MAR, impute.J2R, impute.CR, impute.CIR, impute.LMCF, impute.BOCF}

// under sets a strategy; an event at the first visit leaves LMCF nothing to carry.
func under(d *impute.Data, s impute.Strategy) *impute.Data {
	out := d.Under(s)
	if s == impute.LMCF {
		out.Events = slices.DeleteFunc(out.Events, func(e impute.Event) bool { return e.Visit == 0 })
	}
	return out
}

// The jackknife against its definition: leave a participant out of the data, and do
// everything again.
func TestJackknifeIsEverythingWithoutOne(t *testing.T) {
	for _, s := range all {
		d := under(invented(36, 3, 5, 0.3), s)
		a := impute.Analysis{Delta: impute.Delta{Size: map[string]float64{"active": 3}, Shape: impute.AddingUp}}
		r := analyzed(t, impute.Model{}, d, a)
		got, err := r.Replicates("active", "placebo", "week 12")
		require.NoError(t, err)
		for i := 0; i < 36; i += 5 {
			w := without(d, i)
			f, err := impute.Model{}.Fit(w)
			require.NoError(t, err)
			js, err := f.Bootstrap(impute.BootstrapOptions{Resamples: [][]int{seq(35), seq(35)}}) // the sample itself
			require.NoError(t, err)
			one, err := js.Analyze(a)
			require.NoError(t, err)
			require.InDelta(t, difference(t, one, "active", "placebo", "week 12").Value, got[i], 1e-6, "%v without %d", s, i)
		}
	}
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// without leaves a participant out.
func without(d *impute.Data, i int) *impute.Data {
	order := slices.Delete(seq(len(d.Arm)), i, i+1)
	return reordered(d, order)
}

// reordered keeps the participants of a list, in its order.
func reordered(d *impute.Data, order []int) *impute.Data {
	out := *d
	out.Arm, out.Baseline, out.Values, out.Events, out.Participants, out.Covariates = nil, nil, nil, nil, nil, nil
	at := map[int]int{}
	for k, p := range order {
		at[p] = k
		out.Arm, out.Baseline, out.Participants = append(out.Arm, d.Arm[p]), append(out.Baseline, d.Baseline[p]), append(out.Participants, d.Participants[p])
	}
	for _, c := range d.Covariates {
		cc := mmrm.Covariate{Name: c.Name, ByVisit: c.ByVisit}
		for _, p := range order {
			cc.Category = append(cc.Category, c.Category[p])
		}
		out.Covariates = append(out.Covariates, cc)
	}
	for _, v := range d.Values {
		if k, ok := at[v.Participant]; ok {
			v.Participant = k
			out.Values = append(out.Values, v)
		}
	}
	for _, e := range d.Events {
		if k, ok := at[e.Participant]; ok {
			e.Participant = k
			out.Events = append(out.Events, e)
		}
	}
	return &out
}

// Without missing values every strategy is the analysis of covariance of the visit.
func TestNothingMissingIsTheCompleteAnalysis(t *testing.T) {
	d := invented(30, 2, 3, 0)
	require.Len(t, d.Values, 60)
	for _, s := range all {
		with := *d
		with.Events = []impute.Event{{Participant: 3, Visit: 1, Strategy: s}}
		r := analyzed(t, impute.Model{}, &with, impute.Analysis{})
		for v, visit := range d.Visits {
			data := regress.ANCOVAData{Control: "placebo", Baseline: d.Baseline, Covariates: []regress.Term{regress.Category("site", d.Covariates[0].Category, "north")}}
			for p, a := range d.Arm {
				data.Arm = append(data.Arm, d.Arms[a])
				data.Y = append(data.Y, value(d, p, v))
			}
			want, err := regress.ANCOVA(data)
			require.NoError(t, err)
			e := difference(t, r, "active", "placebo", visit)
			w := want.Model().Coefficient("armactive")
			require.InDelta(t, w.Value, e.Value, 1e-9)
			within, err := r.Within("active", "placebo", visit)
			require.NoError(t, err)
			require.InEpsilon(t, w.SE, math.Sqrt(within), 1e-9, "what is within imputations is the analysis's own SE")
			require.InEpsilon(t, w.DF*(w.DF+1)/(w.DF+3), e.DF, 1e-12)
		}
	}
}

func value(d *impute.Data, p, v int) float64 {
	for _, x := range d.Values {
		if x.Participant == p && x.Visit == v {
			return x.Y
		}
	}
	return math.NaN()
}

// One visit after baseline: a missing value is predicted by the regression on arm and
// baseline of those observed, so that MAR is the complete-case analysis, and J2R puts in
// the prediction of the reference.
func TestOneVisit(t *testing.T) {
	d := invented(40, 1, 9, 0.2)
	d.Covariates = nil
	var y, base []float64
	var arm []string
	for _, v := range d.Values {
		y, base, arm = append(y, v.Y), append(base, d.Baseline[v.Participant]), append(arm, d.Arms[d.Arm[v.Participant]])
	}
	want, err := regress.ANCOVA(regress.ANCOVAData{Y: y, Baseline: base, Arm: arm, Control: "placebo"})
	require.NoError(t, err)
	cc := want.Model()
	mar := analyzed(t, impute.Model{}, d, impute.Analysis{})
	require.Less(t, len(d.Values), 40)
	require.InDelta(t, cc.Coefficient("armactive").Value, difference(t, mar, "active", "placebo", "week 4").Value, 1e-9)
	f, err := impute.Model{}.Fit(d.Under(impute.J2R))
	require.NoError(t, err)
	cells, err := f.Cells()
	require.NoError(t, err)
	require.NotEmpty(t, cells)
	for _, c := range cells {
		x := cc.Coefficient("(Intercept)").Value + cc.Coefficient("baseline").Value*d.Baseline[c.Participant]
		require.InDelta(t, x, c.Mean, 1e-8)
		require.InEpsilon(t, cc.Sigma(), c.SD, 1e-8)
	}
}

// BOCF by hand.
func TestBaselineCarriedForward(t *testing.T) {
	d := invented(40, 3, 2, 0.4)
	for _, change := range []bool{false, true} {
		d.Change = change
		f, err := impute.Model{}.Fit(d.Under(impute.BOCF))
		require.NoError(t, err)
		cells, err := f.Cells()
		require.NoError(t, err)
		event := map[int]int{}
		for _, e := range d.Events {
			event[e.Participant] = e.Visit
		}
		n := 0
		for _, c := range cells {
			if v, ok := event[c.Participant]; ok && c.Visit >= v {
				want := d.Baseline[c.Participant]
				if change {
					want = 0
				}
				require.InDelta(t, want, c.Mean, 1e-9)
				require.Zero(t, c.SD)
				n++
			}
		}
		require.Greater(t, n, 5)
	}
}

func TestSwapShiftScaleShuffle(t *testing.T) {
	d := invented(50, 3, 21, 0.3)
	for _, s := range all {
		x := under(d, s)
		m := impute.Model{References: map[string]string{"active": "placebo"}}
		want := difference(t, analyzed(t, m, x, impute.Analysis{}), "active", "placebo", "week 12")
		near(t, want.Neg(), difference(t, analyzed(t, m, x, impute.Analysis{}), "placebo", "active", "week 12"), s)
		if s == impute.MAR || s == impute.LMCF || s == impute.BOCF { // without a reference the control's name is a label
			swapped := *x
			swapped.Control = "active"
			near(t, want, difference(t, analyzed(t, impute.Model{}, &swapped, impute.Analysis{}), "active", "placebo", "week 12"), s)
		}
		moved := *x
		moved.Values, moved.Baseline = slices.Clone(x.Values), slices.Clone(x.Baseline)
		for i := range moved.Values {
			moved.Values[i].Y = 1e6 + 10*moved.Values[i].Y
		}
		for i := range moved.Baseline {
			moved.Baseline[i] = 1e6 + 10*moved.Baseline[i]
		}
		got := difference(t, analyzed(t, m, &moved, impute.Analysis{}), "active", "placebo", "week 12").Scale(0.1)
		require.InDelta(t, want.Value, got.Value, 1e-5*want.SE)
		require.InEpsilon(t, want.SE, got.SE, 1e-5)
		order := rand.New(rand.NewPCG(8, 8)).Perm(50)
		near(t, want, difference(t, analyzed(t, m, reordered(x, order), impute.Analysis{}), "active", "placebo", "week 12"), s)
	}
}

// The same bytes on one core and on several.
func TestCoresDoNotShow(t *testing.T) {
	d := invented(120, 3, 4, 0.3).Under(impute.CIR)
	run := func(cores int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		b, err := json.Marshal(analyzed(t, impute.Model{}, d, impute.Analysis{}))
		require.NoError(t, err)
		return string(b)
	}
	assert.Equal(t, run(1), run(4))
}

// The map of deltas against analyses with the delta in them.
func TestTippingIsLinear(t *testing.T) {
	d := invented(60, 3, 13, 0.4).Under(impute.J2R)
	f, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	s, err := f.Jackknife()
	require.NoError(t, err)
	for _, shape := range []impute.Shape{impute.Constant, impute.AddingUp} {
		r, err := s.Analyze(impute.Analysis{Delta: impute.Delta{Shape: shape}})
		require.NoError(t, err)
		tip, err := r.Tipping("active", "placebo", "week 12")
		require.NoError(t, err)
		m, err := tip.Map("active", []float64{0, 4, 9}, "placebo", []float64{-3, 0})
		require.NoError(t, err)
		for i, x := range []float64{0, 4, 9} {
			for j, y := range []float64{-3, 0} {
				at, err := s.Analyze(impute.Analysis{Delta: impute.Delta{Shape: shape, Size: map[string]float64{"active": x, "placebo": y}}})
				require.NoError(t, err)
				near(t, difference(t, at, "active", "placebo", "week 12"), m[i][j])
			}
		}
		point, ok, err := tip.Point("active", 0.95)
		require.NoError(t, err)
		require.True(t, ok)
		e, err := tip.At(map[string]float64{"active": point})
		require.NoError(t, err)
		assert.InDelta(t, 0.05, e.P(0), 1e-9)
		null, ok, err := tip.Null("active")
		require.NoError(t, err)
		require.True(t, ok)
		e, err = tip.At(map[string]float64{"active": null})
		require.NoError(t, err)
		assert.InDelta(t, 0, e.Value, 1e-9)
	}
}

// Values after the event: in the model under MAR, in the analysis always unless they
// are set aside.
func TestValuesAfterTheEvent(t *testing.T) {
	d := invented(40, 3, 31, 0)
	d.Events = []impute.Event{{Participant: 1, Visit: 1, Strategy: impute.MAR}}
	d.Values = slices.DeleteFunc(d.Values, func(v mmrm.Value) bool { return v.Participant == 1 && v.Visit == 2 })
	fit := func(s impute.Strategy, aside bool) *impute.Fit {
		x := d.Under(s)
		x.Events[0].SetAside = aside
		f, err := impute.Model{}.Fit(x)
		require.NoError(t, err)
		return f
	}
	n := len(d.Values)
	assert.Equal(t, []int{n, 1}, []int{fit(impute.MAR, false).Observations, fit(impute.MAR, false).Missing})
	assert.Equal(t, []int{n - 1, 1}, []int{fit(impute.J2R, false).Observations, fit(impute.J2R, false).Missing})
	assert.Equal(t, []int{n - 1, 2}, []int{fit(impute.J2R, true).Observations, fit(impute.J2R, true).Missing})
	assert.Equal(t, []int{n - 1, 2}, []int{fit(impute.MAR, true).Observations, fit(impute.MAR, true).Missing})
	_, err := fit(impute.MAR, false).Under(impute.J2R)
	require.ErrorContains(t, err, "P101")
	_, err = fit(impute.J2R, false).Under(impute.CR)
	require.NoError(t, err)
	_, err = fit(impute.MAR, true).Under(impute.J2R)
	require.NoError(t, err)
}

func TestRefusals(t *testing.T) {
	fresh := func() *impute.Data { return invented(30, 2, 1, 0.3) }
	for name, c := range map[string]struct {
		change func(d *impute.Data, m *impute.Model)
		index  int
		err    error
	}{
		"NaN":                  {func(d *impute.Data, m *impute.Model) { d.Values[7].Y = math.NaN() }, 7, stats.ErrNotFinite},
		"infinite baseline":    {func(d *impute.Data, m *impute.Model) { d.Baseline[4] = math.Inf(1) }, 4, stats.ErrNotFinite},
		"no baseline":          {func(d *impute.Data, m *impute.Model) { d.NoBaseline = make([]bool, 30); d.NoBaseline[5] = true }, 5, stats.ErrTooFew},
		"two values":           {func(d *impute.Data, m *impute.Model) { d.Values = append(d.Values, d.Values[0]) }, -2, stats.ErrDomain},
		"event before visits":  {func(d *impute.Data, m *impute.Model) { d.Events[0].Visit = -1 }, 0, stats.ErrDomain},
		"two events":           {func(d *impute.Data, m *impute.Model) { d.Events = append(d.Events, d.Events[0]) }, -2, stats.ErrDomain},
		"LMCF at first":        {func(d *impute.Data, m *impute.Model) { d.Events = []impute.Event{{Strategy: impute.LMCF}} }, 0, stats.ErrDomain},
		"BOCF of nothing":      {func(d *impute.Data, m *impute.Model) { d.Baseline = nil; d.Events[0].Strategy = impute.BOCF }, 0, stats.ErrDomain},
		"the arm itself":       {func(d *impute.Data, m *impute.Model) { m.References = map[string]string{"active": "active"} }, 1, stats.ErrDomain},
		"unknown reference":    {func(d *impute.Data, m *impute.Model) { m.References = map[string]string{"active": "none"} }, 1, stats.ErrDomain},
		"reference of no arm":  {func(d *impute.Data, m *impute.Model) { m.References = map[string]string{"x": "active"} }, -1, stats.ErrDomain},
		"unknown covariate":    {func(d *impute.Data, m *impute.Model) { m.Covariates = []string{"age"} }, 0, stats.ErrDomain},
		"no such strategy":     {func(d *impute.Data, m *impute.Model) { d.Events[0].Strategy = 17 }, 0, stats.ErrDomain},
		"covariate of visits":  {func(d *impute.Data, m *impute.Model) { d.Covariates[0].PerValue = true }, 0, stats.ErrDomain},
		"no participants":      {func(d *impute.Data, m *impute.Model) { *d = impute.Data{} }, -1, stats.ErrTooFew},
		"an arm without value": {func(d *impute.Data, m *impute.Model) { d.Arms = append(d.Arms, "third") }, -1, stats.ErrSingular},
	} {
		d, m := fresh(), impute.Model{}
		c.change(d, &m)
		_, err := m.Fit(d)
		require.ErrorIs(t, err, c.err, name)
		if c.index > -2 {
			var s *stats.SampleError
			require.ErrorAs(t, err, &s, name)
			assert.Equal(t, c.index, s.Index, name)
		}
	}
}

func TestPrinting(t *testing.T) {
	r := analyzed(t, impute.Model{}, invented(40, 2, 6, 0.2), impute.Analysis{})
	assert.Contains(t, r.String(), "active − placebo, week 8: ")
	assert.Equal(t, "no result", (&impute.Result{}).String())
	assert.Equal(t, "no result", (*impute.Fit)(nil).String())
	b, err := json.Marshal(r)
	require.NoError(t, err)
	assert.True(t, json.Valid(b))
	for _, s := range all {
		got, err := impute.ParseStrategy(s.String())
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
}

// A composite strategy by hand: the value given, over what was observed too.
func TestGivenValues(t *testing.T) {
	d := invented(40, 3, 31, 0)
	d.Events = []impute.Event{{Participant: 1, Visit: 1, Strategy: impute.Given, Value: 100}, {Participant: 4, Visit: 2, Strategy: impute.Given, Value: 90}}
	f, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	assert.Equal(t, len(d.Values)-3, f.Observations)
	cells, err := f.Cells()
	require.NoError(t, err)
	require.Len(t, cells, 3)
	for i, want := range []float64{100, 100, 90} {
		assert.InDelta(t, want, cells[i].Mean, 1e-9)
		assert.Zero(t, cells[i].SD)
	}
	r := analyzed(t, impute.Model{}, d, impute.Analysis{})
	data := regress.ANCOVAData{Control: "placebo", Baseline: d.Baseline, Covariates: []regress.Term{regress.Category("site", d.Covariates[0].Category, "north")}}
	for p, a := range d.Arm {
		y := value(d, p, 2)
		switch p {
		case 1:
			y = 100
		case 4:
			y = 90
		}
		data.Arm, data.Y = append(data.Arm, d.Arms[a]), append(data.Y, y)
	}
	want, err := regress.ANCOVA(data)
	require.NoError(t, err)
	assert.InDelta(t, want.Model().Coefficient("armactive").Value, difference(t, r, "active", "placebo", "week 12").Value, 1e-9)
	_, err = f.Under(impute.J2R)
	require.ErrorContains(t, err, "fit the model again")
	d.Events[0].Value = math.NaN()
	_, err = impute.Model{}.Fit(d)
	require.ErrorIs(t, err, stats.ErrNotFinite)
}

// Tiny and odd trials have finite answers, or an error that is typed; none panics.
func TestTinyTrialsAnswerOrSayWhy(t *testing.T) {
	answered, refused := 0, 0
	for seed := range uint64(250) {
		rng := rand.New(rand.NewPCG(seed, 3))
		d := invented(3+rng.IntN(30), 1+rng.IntN(4), seed, rng.Float64())
		if rng.IntN(2) == 0 {
			d.Covariates = nil
		}
		if rng.IntN(3) == 0 {
			for i := range d.Values {
				d.Values[i].Y = math.Round(d.Values[i].Y / 20)
			}
		}
		for i := range d.Events {
			d.Events[i].Strategy = all[rng.IntN(len(all))]
			d.Events[i].SetAside = rng.IntN(2) == 0
		}
		m := impute.Model{Covariance: mmrm.Covariance(rng.IntN(9)), ByArm: rng.IntN(4) == 0}
		err := func() error {
			f, err := m.Fit(d)
			if err != nil {
				return err
			}
			s, err := f.Jackknife()
			if err != nil {
				return err
			}
			r, err := s.Analyze(impute.Analysis{})
			if err != nil {
				return err
			}
			for _, v := range d.Visits {
				e, err := r.Difference("active", "placebo", v)
				require.NoError(t, err)
				require.False(t, math.IsNaN(e.Value) || math.IsInf(e.Value, 0) || math.IsNaN(e.SE) || !(e.DF > 0), "seed %d: %+v", seed, e)
				tip, err := r.Tipping("active", "placebo", v)
				require.NoError(t, err)
				_, _, err = tip.Point("active", 0.95)
				require.NoError(t, err)
			}
			return nil
		}()
		if err == nil {
			answered++
			continue
		}
		refused++
		known := false
		for _, e := range []error{stats.ErrTooFew, stats.ErrSingular, stats.ErrNotConverged, stats.ErrDomain, stats.ErrNoVariation} {
			known = known || errors.Is(err, e)
		}
		require.True(t, known, "seed %d: %v", seed, err)
	}
	assert.Greater(t, answered, 40)
	assert.Greater(t, refused, 40)
}
