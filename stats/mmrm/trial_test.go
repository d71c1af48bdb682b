package mmrm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// simTrial is a trial whose values are whole numbers, so that ties occur;
// dropout depends on the last value observed (missing at random).
func simTrial(n, m int, effect, dropout float64, seed uint64) *Trial {
	rng := rand.New(rand.NewPCG(seed, 11))
	t := &Trial{Arms: []string{"placebo", "active"}, Control: "placebo"}
	for j := 0; j < m; j++ {
		t.Visits = append(t.Visits, fmt.Sprintf("week %d", 4*(j+1)))
		t.Times = append(t.Times, float64(4*(j+1)))
	}
	sex := Covariate{Name: "sex"}
	for i := 0; i < n; i++ {
		arm := i % 2
		t.Arm = append(t.Arm, arm)
		u := 8 * rng.NormFloat64()
		base := math.Round(50 + u + 6*rng.NormFloat64())
		t.Baseline = append(t.Baseline, base)
		sex.Category = append(sex.Category, []string{"f", "m"}[rng.IntN(2)])
		last := base
		for j := 0; j < m; j++ {
			if rng.Float64() < dropout*2/(1+math.Exp((45-last)/8)) {
				break
			}
			y := math.Round(48 + u - effect*float64(arm*(j+1))/float64(m) + 5*rng.NormFloat64())
			t.Values = append(t.Values, Value{Participant: i, Visit: j, Y: y})
			last = y
		}
	}
	t.Covariates = []Covariate{sex}
	return t
}

func requireSame(t *testing.T, want, got stats.Estimate, tol float64, msg ...any) {
	t.Helper()
	require.InDelta(t, want.Value, got.Value, tol*want.SE, msg...)
	require.InEpsilon(t, want.SE, got.SE, tol, msg...)
	require.InEpsilon(t, want.DF, got.DF, 10*tol, msg...)
}

// With complete data, an unstructured covariance and baseline × visit each
// visit's difference is its own ANCOVA's, degrees of freedom included.
func TestCompleteEqualsANCOVA(t *testing.T) {
	tr := simTrial(30, 3, 4, 0, 1)
	tr.Covariates[0].ByVisit = true
	for _, df := range []DF{KenwardRoger, KenwardRogerLinear, KenwardRogerExpected, Satterthwaite} {
		f, err := Model{DF: df}.MMRM(tr)
		require.NoError(t, err)
		require.Zero(t, f.Iterations, "the starting value is the solution")
		for j, v := range tr.Visits {
			y := make([]float64, len(tr.Arm))
			arms := make([]string, len(tr.Arm))
			for _, x := range tr.Values {
				if x.Visit == j {
					y[x.Participant] = x.Y
				}
			}
			for i, a := range tr.Arm {
				arms[i] = tr.Arms[a]
			}
			var fr regress.Frame
			fr.Numeric("y", y)
			fr.Numeric("base", tr.Baseline)
			fr.Category("sex", tr.Covariates[0].Category, "")
			fr.Category("arm", arms, "placebo")
			lm, err := fr.Linear("y ~ base + sex + arm")
			require.NoError(t, err)
			requireSame(t, lm.Coefficient("armactive"), statstest.Must(f.Difference("active", "placebo", v)), 1e-9, df, v)
			for _, m := range lm.LSMeans("arm") {
				requireSame(t, m.Estimate, statstest.Must(f.LSMean(m.Levels["arm"], v)), 1e-9)
			}
		}
	}
}

// One arm measured twice is the paired t-test: Student's sleep data, SE 0.3890
// on 9 df where R's mmrm has 0.3386 by default.
func TestPairedT(t *testing.T) {
	a := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	b := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4}
	want, err := stats.Paired(b, a)
	require.NoError(t, err)
	r := &Rows{Columns: []string{"mean", "second"}, Visits: []string{"1", "2"}}
	for i := range a {
		r.Participant = append(r.Participant, i, i)
		r.Visit = append(r.Visit, 0, 1)
		r.Y = append(r.Y, a[i], b[i])
		r.X = append(r.X, []float64{1, 0}, []float64{1, 1})
	}
	for _, df := range []DF{KenwardRoger, KenwardRogerLinear, KenwardRogerExpected, Satterthwaite} {
		f, err := Model{DF: df}.Fit(r)
		require.NoError(t, err)
		got, err := f.Coefficient("second")
		require.NoError(t, err)
		requireSame(t, want, got, 1e-10, df)
	}
	f, err := Model{DF: KenwardRogerMMRM}.Fit(r)
	require.NoError(t, err)
	got, _ := f.Coefficient("second")
	require.InDelta(t, 0.3386, got.SE, 5e-5)
}

// The cLDA estimate by ML with one follow-up is ANCOVA's; its standard error
// is not.
func TestCLDAEqualsANCOVA(t *testing.T) {
	tr := simTrial(40, 1, 4, 0, 2)
	tr.Covariates = nil
	f, err := Model{Method: ML, DF: Satterthwaite}.CLDA(tr)
	require.NoError(t, err)
	lm, err := Model{DF: Residual}.MMRM(tr)
	require.NoError(t, err)
	a, c := statstest.Must(lm.Difference("active", "placebo", tr.Visits[0])), statstest.Must(f.Difference("active", "placebo", tr.Visits[0]))
	require.InDelta(t, a.Value, c.Value, 1e-9)
	require.Greater(t, math.Abs(a.SE-c.SE), 1e-4)
	require.Equal(t, statstest.Must(f.LSMean("active", BaselineVisit)), statstest.Must(f.LSMean("placebo", BaselineVisit)))
	require.InDelta(t, statstest.Must(f.Difference("active", "placebo", tr.Visits[0])).Value,
		statstest.Must(f.Change("active", tr.Visits[0])).Value-statstest.Must(f.Change("placebo", tr.Visits[0])).Value, 1e-9)
}

// Change from baseline with baseline × visit has MMRM's differences.
func TestChangeEqualsMMRM(t *testing.T) {
	tr := simTrial(60, 3, 4, 0.15, 3)
	a, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	b, err := Model{}.Change(tr)
	require.NoError(t, err)
	for _, v := range tr.Visits {
		requireSame(t, statstest.Must(a.Difference("active", "placebo", v)), statstest.Must(b.Difference("active", "placebo", v)), 1e-8)
	}
	requireSame(t, statstest.Must(a.SlopeDifference("active", "placebo")), statstest.Must(b.SlopeDifference("active", "placebo")), 1e-8)
}

// Arms swapped: signs flip. Rows shuffled, visits renumbered: nothing. A
// constant added: nothing but the means. Scaled: scales.
func TestInvariance(t *testing.T) {
	tr := simTrial(80, 4, 4, 0.15, 4)
	base, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	compare := func(name string, f *TrialFit, sign, scale float64) {
		for _, v := range tr.Visits {
			want := statstest.Must(base.Difference("active", "placebo", v)).Scale(sign * scale)
			got := statstest.Must(f.Difference(f.other(), f.Control, v))
			requireSame(t, want, got, 1e-8, name)
		}
		a, err := base.AnyDifference()
		require.NoError(t, err)
		b, err := f.AnyDifference()
		require.NoError(t, err)
		require.InEpsilon(t, a.F, b.F, 1e-7, name)
		require.InEpsilon(t, a.DF2, b.DF2, 1e-6, name)
	}
	edit := func(change func(*Trial)) *TrialFit {
		c := *tr
		c.Values = append([]Value(nil), tr.Values...)
		c.Baseline = append([]float64(nil), tr.Baseline...)
		change(&c)
		f, err := Model{}.MMRM(&c)
		require.NoError(t, err)
		return f
	}
	compare("swap", edit(func(c *Trial) { c.Control = "active" }), -1, 1)
	compare("relabel", edit(func(c *Trial) {
		c.Arms = []string{"active", "placebo"}
		c.Arm = nil
		for _, a := range tr.Arm {
			c.Arm = append(c.Arm, 1-a)
		}
	}), 1, 1)
	compare("shuffle", edit(func(c *Trial) {
		rand.New(rand.NewPCG(1, 1)).Shuffle(len(c.Values), func(i, j int) { c.Values[i], c.Values[j] = c.Values[j], c.Values[i] })
	}), 1, 1)
	compare("visits", edit(func(c *Trial) {
		n := len(c.Visits)
		c.Visits, c.Times = nil, nil
		for j := n - 1; j >= 0; j-- {
			c.Visits, c.Times = append(c.Visits, tr.Visits[j]), append(c.Times, tr.Times[j])
		}
		for i := range c.Values {
			c.Values[i].Visit = n - 1 - c.Values[i].Visit
		}
	}), 1, 1)
	compare("shift", edit(func(c *Trial) {
		for i := range c.Values {
			c.Values[i].Y += 1e6
		}
		for i := range c.Baseline {
			c.Baseline[i] -= 3e5
		}
	}), 1, 1)
	compare("scale", edit(func(c *Trial) {
		for i := range c.Values {
			c.Values[i].Y *= 1000
		}
	}), 1, 1000)
}

func (f *TrialFit) other() string {
	for _, a := range f.Arms {
		if a != f.Control {
			return a
		}
	}
	return ""
}

// The same data give the same bits, whatever was fitted before.
func TestDeterministic(t *testing.T) {
	tr := simTrial(200, 5, 4, 0.1, 5)
	text := func() string {
		f, err := Model{}.MMRM(tr)
		require.NoError(t, err)
		return fmt.Sprint(f.Coefficients(), f.Sigma(0), f.LogLik, f.Iterations, f.Condition)
	}
	first := text()
	for i := 0; i < 3; i++ {
		_, err := Model{ByArm: true}.CLDA(simTrial(50, 3, 1, 0, uint64(i)))
		require.NoError(t, err)
		require.Equal(t, first, text())
	}
}

// Rank one differences: p below 0.05 exactly where the interval excludes 0.
func TestEstimateAgrees(t *testing.T) {
	f, err := Model{}.MMRM(simTrial(60, 4, 4, 0.1, 6))
	require.NoError(t, err)
	for _, d := range f.Differences() {
		p := d.P(0)
		ci := d.CI(1 - p)
		require.InDelta(t, 0, math.Min(math.Abs(ci.Lo), math.Abs(ci.Hi)), 1e-8*d.SE)
		one, err := f.Joint([][]float64{minus(statstest.Must(f.LSMeanRow(d.Arm, d.Visit)), statstest.Must(f.LSMeanRow(f.Control, d.Visit)))})
		require.NoError(t, err)
		require.InEpsilon(t, d.T(0)*d.T(0), one.F, 1e-9)
		require.InEpsilon(t, d.DF, one.DF2, 1e-9)
	}
}

func TestRefusals(t *testing.T) {
	good := func() *Trial { return simTrial(30, 3, 4, 0, 7) }
	for name, c := range map[string]struct {
		change func(*Trial)
		want   error
	}{
		"nan":       {func(x *Trial) { x.Values[4].Y = math.NaN() }, stats.ErrNotFinite},
		"inf base":  {func(x *Trial) { x.Baseline[2] = math.Inf(1) }, stats.ErrNotFinite},
		"control":   {func(x *Trial) { x.Control = "sham" }, stats.ErrDomain},
		"twice":     {func(x *Trial) { x.Values = append(x.Values, x.Values[0]) }, stats.ErrDomain},
		"visit":     {func(x *Trial) { x.Values[0].Visit = 9 }, stats.ErrDomain},
		"covariate": {func(x *Trial) { x.Covariates[0].Category = x.Covariates[0].Category[1:] }, stats.ErrLength},
		"aliased":   {func(x *Trial) { x.Covariates = append(x.Covariates, x.Covariates[0]); x.Covariates[1].Name = "again" }, stats.ErrSingular},
		"constant": {func(x *Trial) {
			for i := range x.Values {
				x.Values[i].Y = 5
			}
		}, stats.ErrNoVariation},
		"no pair": {func(x *Trial) { // nobody has both the first and the last visit
			var keep []Value
			for _, v := range x.Values {
				if v.Visit == 1 || (v.Visit == 0) == (v.Participant%4 < 2) {
					keep = append(keep, v)
				}
			}
			x.Values = keep
		}, stats.ErrNotConverged},
	} {
		tr := good()
		c.change(tr)
		_, err := Model{}.MMRM(tr)
		require.ErrorIs(t, err, c.want, name)
		t.Log(err)
	}
	tr := good()
	tr.Covariates = append(tr.Covariates, Covariate{Name: "again", Category: tr.Covariates[0].Category})
	f, err := Model{DropAliased: true}.MMRM(tr)
	require.NoError(t, err)
	require.Equal(t, []string{"again=m"}, f.Aliased)
	ref, err := Model{}.MMRM(good())
	require.NoError(t, err)
	requireSame(t, statstest.Must(ref.Difference("active", "placebo", "week 8")), statstest.Must(f.Difference("active", "placebo", "week 8")), 1e-9)

	// An arm without values at a visit is refused even so.
	tr = good()
	var keep []Value
	for _, v := range tr.Values {
		if v.Visit < 2 || tr.Arm[v.Participant] == 0 {
			keep = append(keep, v)
		}
	}
	tr.Values = keep
	_, err = Model{DropAliased: true}.MMRM(tr)
	require.ErrorIs(t, err, stats.ErrSingular)
	require.ErrorContains(t, err, `"active" at "week 12"`)
	// A level only participants without values have does not exist.
	tr = good()
	tr.Covariates[0].Category = append(tr.Covariates[0].Category, "unknown")
	tr.Arm, tr.Baseline = append(tr.Arm, 0), append(tr.Baseline, 50)
	f, err = Model{}.MMRM(tr)
	require.NoError(t, err)
	requireSame(t, statstest.Must(ref.LSMean("active", "week 8")), statstest.Must(f.LSMean("active", "week 8")), 1e-9)

	_, err = Model{Covariance: Unstructured}.MMRM(func() *Trial { x := good(); x.Values = x.Values[:5]; return x }())
	require.Error(t, err)
	var conv *ConvergenceError
	if errors.As(err, &conv) {
		require.NotEmpty(t, conv.Advice)
	}
}

// A participant without baseline is left out of MMRM and listed, and takes
// part in CLDA; one with a baseline only takes part in CLDA.
func TestNoBaseline(t *testing.T) {
	tr := simTrial(40, 3, 4, 0.1, 9)
	tr.NoBaseline = make([]bool, 40)
	tr.NoBaseline[3], tr.Baseline[3] = true, math.NaN()
	var keep []Value
	for _, v := range tr.Values {
		if v.Participant != 5 {
			keep = append(keep, v)
		}
	}
	tr.Values = keep
	seen := map[int]bool{}
	for _, v := range keep {
		seen[v.Participant] = true
	}
	require.True(t, seen[3])
	f, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	require.Equal(t, []int{3}, f.NoBaseline)
	require.Equal(t, len(seen)-1, f.Participants)
	require.Equal(t, NoteNoBaseline, f.Notes[len(f.Notes)-1].Code)
	c, err := Model{}.CLDA(tr)
	require.NoError(t, err)
	require.Equal(t, 40, c.Participants)
	require.Empty(t, c.NoBaseline)

	without := *tr
	without.Baseline, without.NoBaseline = nil, nil
	n, err := Model{}.MMRM(&without)
	require.NoError(t, err)
	require.Equal(t, len(seen), n.Participants)
	for _, call := range []func(*Trial) (*TrialFit, error){Model{}.CLDA, Model{}.Change} {
		_, err = call(&without)
		require.ErrorIs(t, err, stats.ErrTooFew)
	}
}

// Inputs are not changed.
func TestInputsUnchanged(t *testing.T) {
	tr := simTrial(40, 3, 4, 0.1, 8)
	before := fmt.Sprint(*tr)
	_, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	_, err = Model{Errors: CR2, DF: Satterthwaite}.CLDA(tr)
	require.NoError(t, err)
	require.Equal(t, before, fmt.Sprint(*tr))
}

// Five against five at three visits: every fit converges or says why not, and
// the note on size is there.
func TestTinyTrials(t *testing.T) {
	for seed := uint64(0); seed < 100; seed++ {
		tr := simTrial(10, 3, 4, 0.1, 100+seed)
		tr.Covariates = nil
		f, err := Model{}.MMRM(tr)
		var conv *ConvergenceError
		if err != nil && !errors.As(err, &conv) && !errors.Is(err, stats.ErrSingular) && !errors.Is(err, stats.ErrTooFew) {
			t.Fatal(seed, err)
		}
		if err != nil {
			t.Log(seed, err)
			continue
		}
		require.Equal(t, NoteFew, f.Notes[0].Code)
	}
}

// High dropout: nothing but the data's own limits may stop a fit.
func TestHighDropout(t *testing.T) {
	failed := 0
	for seed := uint64(0); seed < 60; seed++ {
		_, err := Model{}.MMRM(simTrial(120, 6, 3, 0.3, 200+seed))
		if err != nil {
			var conv *ConvergenceError
			require.ErrorAs(t, err, &conv)
			require.Contains(t, conv.Reason, "without bound")
			require.Contains(t, conv.Parameter, "week 24")
			failed++
		}
	}
	require.LessOrEqual(t, failed, 3)
}

// Estimates are centered and intervals cover at the nominal rate when dropout
// depends on the values observed.
func TestCoverage(t *testing.T) {
	const runs = 1500
	covered, sum, clda := 0, 0.0, 0
	for seed := uint64(0); seed < runs; seed++ {
		tr := simTrial(40, 3, 6, 0.12, 1000+seed)
		f, err := Model{}.MMRM(tr)
		require.NoError(t, err)
		d := statstest.Must(f.Difference("active", "placebo", tr.Visits[2]))
		sum += d.Value + 6
		if d.CI(0.95).Contains(-6) {
			covered++
		}
		c, err := Model{}.CLDA(tr)
		require.NoError(t, err)
		if statstest.Must(c.Difference("active", "placebo", tr.Visits[2])).CI(0.95).Contains(-6) {
			clda++
		}
	}
	t.Logf("bias %.3f, MMRM covers %.3f, cLDA %.3f", sum/runs, float64(covered)/runs, float64(clda)/runs)
	// Four standard errors of a proportion of 0.95.
	require.InDelta(t, 0.95, float64(covered)/runs, 4*math.Sqrt(0.95*0.05/runs))
	require.InDelta(t, 0.95, float64(clda)/runs, 4*math.Sqrt(0.95*0.05/runs))
	require.InDelta(t, 0, sum/runs, 4*2.5/math.Sqrt(runs))
}

// One visit is linear regression; with two every structure works.
func TestFewVisits(t *testing.T) {
	for _, kind := range allKinds() {
		for _, byArm := range []bool{false, true} {
			for m := 1; m <= 2; m++ {
				r := simRows(40, m, true, 0, 21)
				f, err := Model{Covariance: kind, ByArm: byArm}.Fit(r)
				require.NoError(t, err, "%s %d", kind, m)
				if m > 1 || byArm {
					continue
				}
				var fr regress.Frame
				arm, base := make([]float64, len(r.Y)), make([]float64, len(r.Y))
				for i, x := range r.X {
					arm[i], base[i] = x[1], x[2]
				}
				fr.Numeric("y", r.Y)
				fr.Numeric("arm", arm)
				fr.Numeric("base", base)
				lm, err := fr.Linear("y ~ arm + base")
				require.NoError(t, err)
				requireSame(t, lm.Coefficient("arm"), f.Coefficients()[1].Estimate, 1e-9)
			}
		}
	}
}

func TestResidualsAndLRT(t *testing.T) {
	r := awkwardRows(9)
	f, err := Model{DF: Satterthwaite}.Fit(r)
	require.NoError(t, err)
	e := f.Residuals()
	ss := 0.0
	for i, x := range e.Normalized {
		ss += x * x
		require.InDelta(t, r.Y[i], e.Fitted[i]+e.Marginal[i], 1e-9)
		y := 0.0
		for c, b := range f.Coefficients() {
			y += b.Value * r.X[i][c]
		}
		require.InDelta(t, y, e.Fitted[i], 1e-8)
	}
	// rᵀWr = N − p at the REML optimum of a scale family.
	require.InEpsilon(t, float64(len(r.Y)-len(r.Columns)), ss, 1e-7)
	var last *Fit
	for _, kind := range []Covariance{CompoundSymmetry, Toeplitz, HeterogeneousToep, Unstructured} {
		f, err := Model{Covariance: kind, DF: Satterthwaite}.Fit(r)
		require.NoError(t, err)
		if last != nil {
			lr, err := f.CompareCovariance(last)
			require.NoError(t, err)
			require.GreaterOrEqual(t, lr.ChiSq, 0.0)
			require.True(t, lr.P() > 0 && lr.P() <= 1)
			_, err = last.CompareCovariance(f)
			require.ErrorIs(t, err, stats.ErrDomain)
		}
		last = f
	}
}

// An LS-mean of the values less the baseline at which it stands is that of the
// changes, as a fit of the changes themselves has it.
func TestBaselineMean(t *testing.T) {
	tr := simTrial(60, 3, 4, 0.15, 3)
	changes, err := Model{}.Change(tr)
	require.NoError(t, err)
	values, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	sum := 0.0
	for _, v := range tr.Values {
		sum += tr.Baseline[v.Participant]
	}
	for _, f := range []*TrialFit{values, changes} {
		base, ok := f.BaselineMean()
		require.True(t, ok)
		require.InDelta(t, sum/float64(len(tr.Values)), base, 1e-12, "over the values analyzed")
	}
	base, _ := values.BaselineMean()
	for _, a := range tr.Arms {
		for _, v := range tr.Visits {
			got := statstest.Must(values.LSMean(a, v))
			got.Value -= base
			requireSame(t, statstest.Must(changes.LSMean(a, v)), got, 1e-8)
		}
	}
	lmm, err := LMM{}.Trial(tr)
	require.NoError(t, err)
	got, ok := lmm.BaselineMean()
	require.True(t, ok)
	require.InDelta(t, base, got, 1e-12)
	clda, err := Model{}.CLDA(tr)
	require.NoError(t, err)
	_, ok = clda.BaselineMean()
	require.False(t, ok)
	tr.Baseline, tr.NoBaseline = nil, nil
	without, err := Model{}.MMRM(tr)
	require.NoError(t, err)
	_, ok = without.BaselineMean()
	require.False(t, ok)
}
