package mic

import (
	"context"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

// micRandom is an anchor study of whole-number changes: a patient is improved
// where a rating, the change seen with error, exceeds a threshold of the
// patient's own.
func micRandom(seed uint64, n int, mean, sd, threshold, own, seen float64) Data {
	r := rand.New(rand.NewPCG(seed, 1))
	var d Data
	for range n {
		x := mean + sd*r.NormFloat64()
		y := x + seen*r.NormFloat64() - (threshold + own*r.NormFloat64())
		d.Change = append(d.Change, math.Round(x))
		d.Improved = append(d.Improved, y > 0)
		d.Slight = append(d.Slight, y > 0 && y < 4)
		d.Unchanged = append(d.Unchanged, y <= 0 && y > -4)
		d.Rating = append(d.Rating, math.Round(y/3))
		d.Baseline = append(d.Baseline, math.Round(50-x/2+5*r.NormFloat64()))
	}
	return d
}

// TestMICKnown: the values that Terluin's example data give with R's package
// MiCT, whose data are not in this repository.
func TestMICKnown(t *testing.T) {
	path, ok := reftest.ExtraFile(t, "data/mict_example.csv")
	if !ok {
		return // study's TestTriangulationAgreesWithR compares invented studies with R
	}
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var d Data
	for _, r := range rows[1:] {
		x, err := strconv.ParseFloat(r[2], 64)
		require.NoError(t, err)
		d.Change, d.Improved = append(d.Change, x), append(d.Improved, r[3] == "1")
	}
	m, err := MinimalImportantChangeWith(d, Options{AnchorReliability: 0.5})
	require.NoError(t, err)
	require.Equal(t, 1000, m.N)
	for method, want := range map[Method]float64{Predictive: 0.848408532, PredictiveAdjusted: 1.413408885,
		PredictiveReliable: 2.757704662, Youden: -0.5, Corner: 0.5} {
		x, ok := m.Method(method)
		require.True(t, ok, method)
		assert.InDelta(t, want, x.Value, 5e-10, method) // given to nine decimals
		ci := x.CI(0.95)
		assert.True(t, ci.Lo < want && want < ci.Hi, "%s: %v", method, ci)
	}
}

// The table's ROC cut-offs and logistic regression are those of ROC and
// Logistic.
func TestMICAgainstROCAndLogistic(t *testing.T) {
	for seed := range uint64(60) {
		d := micRandom(seed, 20+int(seed), 4, 6, 3, 1, 5)
		table, _ := newMICTable(d)
		var cases, controls []float64
		for i, x := range d.Change {
			if d.Improved[i] {
				cases = append(cases, x)
			} else {
				controls = append(controls, x)
			}
		}
		roc, err := assoc.ROC(cases, controls)
		require.NoError(t, err)
		mean := func(points []assoc.ROCPoint) float64 {
			s, n := 0.0, 0.0
			for _, p := range points {
				if !math.IsInf(p.Threshold, 0) {
					s, n = s+p.Threshold, n+1
				}
			}
			return s / n
		}
		youden, corner, _ := table.cutoffs()
		assert.InDelta(t, mean(roc.BestYouden()), youden.value(), 1e-12)
		assert.InDelta(t, mean(roc.ClosestCorner()), corner.value(), 1e-12)

		m, err := regress.Logistic(d.Improved, regress.Numeric("x", d.Change))
		require.NoError(t, err)
		b := m.Coefficients()
		p := float64(len(cases)) / float64(len(d.Change))
		want := (math.Log(p/(1-p)) - b[0].Value) / b[1].Value
		plain, _, _ := table.predictive(0)
		assert.InDelta(t, want, plain, 1e-9*(1+math.Abs(want)))
	}
}

func TestMICBalancedByEnumeration(t *testing.T) {
	d := micRandom(5, 60, 4, 6, 3, 1, 3)
	table, _ := newMICTable(d)
	_, _, got := table.cutoffs()
	best := math.Inf(1)
	for cut := -30.5; cut < 40; cut++ {
		var sens, spec, n1, n0 float64
		for i, x := range d.Change {
			if d.Improved[i] {
				n1++
				sens += indicatorOf(x > cut)
			} else {
				n0++
				spec += indicatorOf(x < cut)
			}
		}
		best = math.Min(best, math.Abs(sens/n1-spec/n0))
	}
	var sens, spec, n1, n0 float64
	for i, x := range d.Change {
		if d.Improved[i] {
			n1++
			sens += indicatorOf(x > got.lo)
		} else {
			n0++
			spec += indicatorOf(x < got.lo)
		}
	}
	assert.InDelta(t, best, math.Abs(sens/n1-spec/n0), 1e-12)
}

func indicatorOf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Units rescale, a shift of the change shifts all but the differences, and the
// order of patients is irrelevant, intervals included.
func TestMICProperties(t *testing.T) {
	opt := Options{AnchorReliability: 0.6, Replicates: 200, Seed: 3}
	d := micRandom(11, 150, 4, 6, 3, 1, 4)
	before := slices.Clone(d.Change)
	base, err := MinimalImportantChangeWith(d, opt)
	require.NoError(t, err)
	require.Len(t, base.Methods, 10)
	require.Equal(t, before, d.Change, "inputs unchanged")

	scaled, shifted := d, d
	scaled.Change, shifted.Change = slices.Clone(d.Change), slices.Clone(d.Change)
	for i := range d.Change {
		scaled.Change[i] *= 8
		shifted.Change[i] += 16
	}
	perm := rand.New(rand.NewPCG(1, 2)).Perm(len(d.Change))
	shuffled := Data{}
	for _, i := range perm {
		shuffled.Change = append(shuffled.Change, d.Change[i])
		shuffled.Improved = append(shuffled.Improved, d.Improved[i])
		shuffled.Slight = append(shuffled.Slight, d.Slight[i])
		shuffled.Unchanged = append(shuffled.Unchanged, d.Unchanged[i])
		shuffled.Rating = append(shuffled.Rating, d.Rating[i])
		shuffled.Baseline = append(shuffled.Baseline, d.Baseline[i])
	}
	for name, c := range map[string]struct {
		data   Data
		factor float64
		shift  float64
	}{"scale": {scaled, 8, 0}, "shift": {shifted, 1, 16}, "shuffle": {shuffled, 1, 0}} {
		got, err := MinimalImportantChangeWith(c.data, opt)
		require.NoError(t, err)
		for i, m := range got.Methods {
			want, shift := base.Methods[i], c.shift
			require.Equal(t, want.Method, m.Method)
			if m.Method == MeanDifference || m.Method == MeanDifferenceAdjusted {
				shift = 0
			}
			assert.InDelta(t, c.factor*want.Value+shift, m.Value, 1e-9, "%s %s", name, m.Method)
			a, b := want.CI(0.95), m.CI(0.95)
			assert.InDelta(t, c.factor*a.Lo+shift, b.Lo, 1e-7, "%s %s", name, m.Method)
			assert.InDelta(t, c.factor*a.Hi+shift, b.Hi, 1e-7, "%s %s", name, m.Method)
			assert.Equal(t, want.N, m.N)
		}
	}
}

// Turning improvement into its opposite and the change with it turns the sign
// of the cut-offs and of the predictive values.
func TestMICOpposite(t *testing.T) {
	d := micRandom(12, 200, 2, 6, 3, 1, 4)
	o := Data{}
	for i := range d.Change {
		o.Change = append(o.Change, -d.Change[i])
		o.Improved = append(o.Improved, !d.Improved[i])
	}
	a, err := MinimalImportantChangeWith(d, Options{AnchorReliability: 0.5, Replicates: 100})
	require.NoError(t, err)
	b, err := MinimalImportantChangeWith(o, Options{AnchorReliability: 0.5, Replicates: 100})
	require.NoError(t, err)
	for _, m := range []Method{Youden, Corner, Balanced, Predictive, PredictiveAdjusted, PredictiveReliable} {
		x, _ := a.Method(m)
		y, _ := b.Method(m)
		assert.InDelta(t, x.Value, -y.Value, 1e-9, m)
	}
}

// A known threshold is recovered by the adjusted methods where far fewer than
// half improved; the unadjusted one is pulled toward the mean change. True
// changes have SD 6 and the score adds an error of SD 5. The anchor compares the
// true change with the threshold, without error (adjusted) or with an error
// that leaves it a reliability of 0.6 (reliability-adjusted).
func TestMICRecoversThreshold(t *testing.T) {
	const truth, mean, sd, studies = 6.0, 2.0, 6.0, 40
	for reliability, method := range map[float64]Method{1: PredictiveAdjusted, 0.6: PredictiveReliable} {
		var plain, adjusted float64
		for seed := range uint64(studies) {
			r := rand.New(rand.NewPCG(seed, 9))
			var d Data
			for range 1500 {
				x := mean + sd*r.NormFloat64()
				d.Improved = append(d.Improved, x+sd*math.Sqrt(1/reliability-1)*r.NormFloat64() > truth)
				d.Change = append(d.Change, math.Round(x+5*r.NormFloat64()))
			}
			m, err := MinimalImportantChangeWith(d, Options{AnchorReliability: reliability, Replicates: 100})
			require.NoError(t, err)
			p, _ := m.Method(Predictive)
			a, _ := m.Method(method)
			plain += p.Value / studies
			adjusted += a.Value / studies
		}
		t.Logf("truth %v, reliability %v: predictive %.2f, %s %.2f", truth, reliability, plain, method, adjusted)
		assert.Less(t, plain, truth-0.6)
		assert.InDelta(t, truth, adjusted, 0.25, method) // the formulas are fitted to simulations
	}
}

// Where half of the patients improved the three predictive values are one.
func TestMICHalfImproved(t *testing.T) {
	d := Data{Change: []float64{0, 1, 1, 2, 3, 2, 3, 4, 5, 0}, Improved: []bool{false, false, false, false, false, true, true, true, true, true}}
	m, err := MinimalImportantChangeWith(d, Options{AnchorReliability: 0.3, Replicates: 100})
	require.NoError(t, err)
	p, _ := m.Method(Predictive)
	a, _ := m.Method(PredictiveAdjusted)
	r, _ := m.Method(PredictiveReliable)
	assert.Equal(t, p.Value, a.Value)
	assert.Equal(t, p.Value, r.Value)
}

func TestMICRefuses(t *testing.T) {
	good := micRandom(3, 40, 3, 5, 3, 1, 3)
	with := func(f func(*Data)) Data {
		d := good
		d.Change, d.Improved = slices.Clone(d.Change), slices.Clone(d.Improved)
		d.Slight, d.Unchanged = slices.Clone(d.Slight), slices.Clone(d.Unchanged)
		f(&d)
		return d
	}
	for name, c := range map[string]struct {
		data Data
		want error
	}{
		"NaN":         {with(func(d *Data) { d.Change[3] = math.NaN() }), stats.ErrNotFinite},
		"lengths":     {with(func(d *Data) { d.Improved = d.Improved[1:] }), stats.ErrLength},
		"few":         {Data{Change: []float64{1, 2}, Improved: []bool{true, false}}, stats.ErrTooFew},
		"all":         {Data{Change: []float64{1, 2, 3}, Improved: []bool{true, true, true}}, stats.ErrNoVariation},
		"constant":    {Data{Change: []float64{2, 2, 2}, Improved: []bool{true, true, false}}, stats.ErrNoVariation},
		"slight":      {Data{Change: []float64{1, 2, 3}, Improved: []bool{true, true, false}, Slight: []bool{true, false, true}}, stats.ErrDomain},
		"unchanged":   {Data{Change: []float64{1, 2, 3}, Improved: []bool{true, true, false}, Unchanged: []bool{true, false, true}}, stats.ErrDomain},
		"baseline":    {with(func(d *Data) { d.Baseline = []float64{math.Inf(1)} }), stats.ErrLength},
		"baseline ∞":  {with(func(d *Data) { d.Baseline = slices.Clone(d.Baseline); d.Baseline[0] = math.Inf(1) }), stats.ErrNotFinite},
		"same rating": {with(func(d *Data) { d.Rating = make([]float64, len(d.Change)) }), stats.ErrNoVariation},
	} {
		_, err := MinimalImportantChange(c.data)
		assert.ErrorIs(t, err, c.want, name)
	}
	_, err := MinimalImportantChangeWith(good, Options{AnchorReliability: 1.2})
	assert.ErrorIs(t, err, stats.ErrDomain)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = MinimalImportantChangeContext(ctx, good, Options{})
	assert.ErrorIs(t, err, context.Canceled)
}

// Methods without an answer say why, and never give NaN.
func TestMICSeparated(t *testing.T) {
	d := Data{Change: []float64{0, 1, 2, 5, 6, 7}, Improved: []bool{false, false, false, true, true, true}}
	m, err := MinimalImportantChangeWith(d, Options{Replicates: 100})
	require.NoError(t, err)
	require.Len(t, m.Refused, 2)
	for _, r := range m.Refused {
		assert.ErrorIs(t, r.Err, regress.ErrSeparation, r.Method)
	}
	y, ok := m.Method(Youden)
	require.True(t, ok)
	assert.Equal(t, 3.5, y.Value)

	d.Improved = []bool{true, true, true, false, false, false} // the anchor runs against the change
	m, err = MinimalImportantChangeWith(d, Options{Replicates: 100})
	require.NoError(t, err)
	for _, r := range m.Refused {
		assert.ErrorIs(t, r.Err, stats.ErrDomain, r.Method)
	}
	for _, x := range m.Methods {
		ci := x.CI(0.95)
		assert.False(t, math.IsNaN(x.Value) || math.IsNaN(ci.Lo) || math.IsNaN(ci.Hi), x.Method)
	}
	require.NotEmpty(t, m.Notes)
	assert.Equal(t, NoteInvalidAnchor, m.Notes[0].Code)
}

// A resample without an answer widens the interval: with a weak anchor it has
// no bound.
func TestMICWeakAnchorHasNoBound(t *testing.T) {
	d := micRandom(4, 25, 3, 2, 3, 1, 14)
	m, err := MinimalImportantChangeWith(d, Options{Seed: 1})
	require.NoError(t, err)
	p, ok := m.Method(Predictive)
	require.True(t, ok)
	ci := p.CI(0.95)
	assert.True(t, math.IsInf(ci.Lo, -1) && math.IsInf(ci.Hi, 1), "%v", ci)
	codes := []string{}
	for _, n := range p.Notes {
		codes = append(codes, n.Code)
	}
	assert.Contains(t, codes, NoteResamples)
}

// The methods that compare means are Mean, Welch and Linear of the patients
// that the anchor puts into each group; the 95 % limit is of the unchanged.
func TestMICMeans(t *testing.T) {
	d := Data{
		Change:    []float64{-3, 0, 1, 2, 4, 5, 6, 7, 9, 12, 15},
		Improved:  []bool{false, false, false, false, true, false, true, true, true, true, true},
		Slight:    []bool{false, false, false, false, true, false, true, true, false, false, false},
		Unchanged: []bool{false, true, true, true, false, true, false, false, false, false, false},
		Baseline:  []float64{50, 42, 47, 40, 51, 45, 55, 60, 52, 58, 63},
	}
	m, err := MinimalImportantChangeWith(d, Options{Replicates: 100})
	require.NoError(t, err)
	slight, unchanged := []float64{4, 6, 7}, []float64{0, 1, 2, 5}
	mean, err := stats.Mean(slight)
	require.NoError(t, err)
	welch, err := stats.Welch(slight, unchanged)
	require.NoError(t, err)
	fit, err := regress.Linear([]float64{0, 1, 2, 4, 5, 6, 7}, regress.Numeric("g", []float64{0, 0, 0, 1, 0, 1, 1}),
		regress.Numeric("b", []float64{42, 47, 40, 51, 45, 55, 60}))
	require.NoError(t, err)
	for method, want := range map[Method]stats.Estimate{MeanChange: mean, MeanDifference: welch, MeanDifferenceAdjusted: fit.Coefficient("g")} {
		x, ok := m.Method(method)
		require.True(t, ok, method)
		assert.InDelta(t, want.Value, x.Value, 1e-12, method)
		assert.InDelta(t, want.CI(0.9).Lo, x.CI(0.9).Lo, 1e-9, method)
		assert.InDelta(t, want.CI(0.9).Hi, x.CI(0.9).Hi, 1e-9, method)
	}
	x, ok := m.Method(Limit95)
	require.True(t, ok)
	assert.InDelta(t, 2+1.645*math.Sqrt(14.0/3), x.Value, 1e-12) // 0, 1, 2, 5: mean 2, squares 14
	assert.Equal(t, 4, x.N)
	for _, x := range m.Methods {
		for _, n := range x.Notes {
			assert.NotEqual(t, NoteAllImproved, n.Code, "the slightly improved are told apart")
		}
	}
}

// With no difference between improved and others there is a doubt about the
// ROC, and one about a proportion far from a half.
func TestMICNotes(t *testing.T) {
	d := Data{Change: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, Improved: []bool{false, false, true, false, false, false, true, false, false, true}}
	m, err := MinimalImportantChangeWith(d, Options{Replicates: 100})
	require.NoError(t, err)
	codes := map[Method][]string{}
	for _, x := range m.Methods {
		for _, n := range x.Notes {
			codes[x.Method] = append(codes[x.Method], n.Code)
		}
	}
	assert.Less(t, m.ROC.AUC, 0.7)
	assert.Contains(t, codes[Youden], NoteLowAUC)
	assert.Contains(t, codes[Youden], NoteProportion)
	assert.Contains(t, codes[Predictive], NoteProportion)
	assert.NotContains(t, codes[PredictiveAdjusted], NoteProportion)
	assert.Contains(t, codes[MeanChange], NoteAllImproved)
}
