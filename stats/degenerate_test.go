package stats_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

type twoSamples struct{ a, b []float64 }

// degenerateSamples are what a file can hold though no study measured it.
func degenerateSamples() map[string]twoSamples {
	times := func(k float64, x ...float64) []float64 {
		y := make([]float64, len(x))
		for i := range x {
			y[i] = k * x[i]
		}
		return y
	}
	a := []float64{3, -1, 4, 1, 5, 9, 2, 6, 5, 3}
	b := []float64{2, 7, 1, 8, -2, 8, 1, 8, 2, 8}
	c := make([]float64, 10)
	tiny := make([]float64, 10)
	tiny[3] = 5e-324
	one := append([]float64(nil), a...)
	one[0] = 1e300
	nan, inf := append([]float64(nil), a...), append([]float64(nil), a...)
	nan[4], inf[4] = math.NaN(), math.Inf(-1)
	s := map[string]twoSamples{
		"huge":         {times(1e300, a...), times(1e300, b...)},
		"largest":      {times(1.9e307, a...), times(2.1e307, b...)},
		"one huge":     {one, b},
		"square":       {times(1e160, a...), times(1e160, b...)},
		"cube":         {times(1e110, a...), times(1e110, b...)},
		"fourth":       {times(1e80, a...), times(1e80, b...)},
		"small":        {times(1e-80, a...), times(1e-80, b...)},
		"smaller":      {times(1e-110, a...), times(1e-110, b...)},
		"square small": {times(1e-160, a...), times(1e-160, b...)},
		"tiny":         {times(1e-300, a...), times(1e-300, b...)},
		"subnormal":    {times(5e-324, a...), times(5e-324, b...)},
		"denormal one": {tiny, c},
		"tiny v plain": {times(1e-300, a...), b},
		"huge v tiny":  {times(1e300, a...), times(1e-300, b...)},
		"zero":         {c, c},
		"constant":     {times(7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), times(7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)},
		"one constant": {times(7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), b},
		"two":          {[]float64{1, 2}, []float64{2, 1}},
		"two equal":    {[]float64{1, 1}, []float64{1, 1}},
		"three tiny":   {[]float64{5e-324, 0, 0}, []float64{0, 0, 5e-324}},
		"single":       {[]float64{2}, []float64{1}},
		"empty":        {[]float64{}, []float64{}},
		"nil":          {nil, nil},
		"NaN":          {nan, b},
		"Inf":          {inf, b},
	}
	for name, p := range s {
		if name != "empty" && name != "nil" {
			s[name+", swapped"] = twoSamples{p.b, p.a}
		}
	}
	return s
}

// sampleFunctions calls each exported function that takes a sample, by name.
func sampleFunctions() map[string]func(a, b []float64) (any, error) {
	type fn = func(a, b []float64) (any, error)
	ctx := context.Background()
	boot := resample.BootOptions{Replicates: 200, Seed: 1}
	perm := resample.PermOptions{Method: resample.PermMonteCarlo, Replicates: 1000, Seed: 1}
	mean := func(x []float64) float64 {
		s := 0.0
		for _, v := range x {
			s += v / float64(len(x))
		}
		return s
	}
	// pairs lays two samples out as participants × 2.
	pairs := func(a, b []float64) [][]float64 {
		var m [][]float64
		for i := range min(len(a), len(b)) {
			m = append(m, []float64{a[i], b[i]})
		}
		return m
	}
	terms := func(x []float64) []regress.Term { return []regress.Term{regress.Numeric("x", x)} }
	yes := func(a []float64) []bool {
		y := make([]bool, len(a))
		for i := range a {
			y[i] = i%3 == 0
		}
		return y
	}
	return map[string]fn{
		"Describe": func(a, b []float64) (any, error) { return stats.Describe(a) },
		"Quantile": func(a, b []float64) (any, error) {
			var out []float64
			for typ := 1; typ <= 9; typ++ {
				for _, p := range []float64{0, 0.2, 0.31, 0.5, 1} {
					q, err := stats.Quantile(a, p, typ)
					if err != nil {
						return nil, err
					}
					out = append(out, q)
				}
			}
			return out, nil
		},
		"Summarize": func(a, b []float64) (any, error) { return stats.Summarize(a) },
		"Mean":      func(a, b []float64) (any, error) { return stats.Mean(a) },
		"Welch":     func(a, b []float64) (any, error) { return stats.Welch(a, b) },
		"Counts":    func(a, b []float64) (any, error) { return regress.Counts(absAll(a), nil, terms(b)...) },
		"CountsWith": func(a, b []float64) (any, error) {
			return regress.CountsWith(absAll(a), terms(b), regress.CountsOptions{Model: regress.QuasiPoisson})
		},
		"Bounded":           func(a, b []float64) (any, error) { return regress.Bounded(absAll(a), absAll(a), terms(b)...) },
		"Ordinal":           func(a, b []float64) (any, error) { return regress.Ordinal(a, terms(b)...) },
		"Benefit":           func(a, b []float64) (any, error) { return rank.Benefit(a, b) },
		"BenefitStratified": func(a, b []float64) (any, error) { return rank.BenefitStratified([][]float64{a, b}, [][]float64{b, a}) },
		"BenefitWith": func(a, b []float64) (any, error) {
			return rank.BenefitWith([][]float64{a}, [][]float64{b}, rank.BenefitOptions{Method: rank.BenefitNormal})
		},
		"RatioOfMeans": func(a, b []float64) (any, error) { return stats.RatioOfMeans(a, b) },
		"Student":      func(a, b []float64) (any, error) { return stats.Student(a, b) },
		"Paired":       func(a, b []float64) (any, error) { return stats.Paired(a, b) },
		"SD": func(a, b []float64) (any, error) {
			s, err := stats.SD(a)
			return []any{s.Value, s.CI(0.95), s.VarianceCI(0.95)}, err
		},
		"CV":  func(a, b []float64) (any, error) { return stats.CV(a) },
		"IQR": func(a, b []float64) (any, error) { return stats.IQR(a, 6) },
		"MAD": func(a, b []float64) (any, error) { return stats.MAD(a) },
		"FiveNumbers": func(a, b []float64) (any, error) {
			return stats.FiveNumbers(a)
		},
		"TrimmedMean": func(a, b []float64) (any, error) { return stats.TrimmedMean(a, 0.2) },
		"Trimmed":     func(a, b []float64) (any, error) { return stats.Trimmed(a, 0.2) },
		"Winsorized":  func(a, b []float64) (any, error) { return stats.Winsorized(a, 0.2) },
		"Median": func(a, b []float64) (any, error) {
			m, err := stats.Median(a)
			if err != nil {
				return nil, err
			}
			return []any{m.Point(), m.CI(0.95), m.Coverage(0.95)}, nil
		},
		"GeometricMean": func(a, b []float64) (any, error) { return stats.GeometricMean(absAll(a)) },
		"GeometricSD": func(a, b []float64) (any, error) {
			sd, cv, err := stats.GeometricSD(absAll(a))
			return []any{sd, cv}, err
		},
		"Skewness": func(a, b []float64) (any, error) {
			return typesOf(1, 3, func(t int) (float64, error) { return stats.Skewness(a, t) })
		},
		"Kurtosis": func(a, b []float64) (any, error) {
			return typesOf(1, 3, func(t int) (float64, error) { return stats.Kurtosis(a, t) })
		},

		"ShapiroWilk":     func(a, b []float64) (any, error) { return stats.ShapiroWilk(a) },
		"AndersonDarling": func(a, b []float64) (any, error) { return stats.AndersonDarling(a) },
		"Lilliefors":      func(a, b []float64) (any, error) { return stats.Lilliefors(a) },
		"JarqueBera":      func(a, b []float64) (any, error) { return stats.JarqueBera(a) },
		"DAgostinoSkewness": func(a, b []float64) (any, error) {
			t, err := stats.DAgostinoSkewness(a)
			return []any{t.Skewness, t.Z, t.P()}, err
		},
		"Density":     func(a, b []float64) (any, error) { return stats.Density(a) },
		"DensityWith": func(a, b []float64) (any, error) { return stats.DensityWith(a, stats.DensityOptions{Points: 16}) },
		"BandwidthSJ": func(a, b []float64) (any, error) { return stats.BandwidthSJ(a) },
		"BandwidthSilverman": func(a, b []float64) (any, error) {
			return stats.BandwidthSilverman(a)
		},
		"NormalQQ": func(a, b []float64) (any, error) { return regress.NormalQQ(a) },

		"Levene":            func(a, b []float64) (any, error) { return regress.Levene(a, b) },
		"BrownForsythe":     func(a, b []float64) (any, error) { return regress.BrownForsythe(a, b) },
		"Bartlett":          func(a, b []float64) (any, error) { return regress.Bartlett(a, b) },
		"Fligner":           func(a, b []float64) (any, error) { return regress.Fligner(a, b) },
		"CompareVariances":  func(a, b []float64) (any, error) { return stats.CompareVariances(a, b) },
		"KolmogorovSmirnov": func(a, b []float64) (any, error) { return stats.KolmogorovSmirnov(a, b) },
		"Yuen":              func(a, b []float64) (any, error) { return stats.Yuen(a, b, 0.2) },
		"OneWayANOVA":       func(a, b []float64) (any, error) { return regress.OneWayANOVA(a, b) },
		"WelchANOVA":        func(a, b []float64) (any, error) { return regress.WelchANOVA(a, b) },
		"ComparePairs": func(a, b []float64) (any, error) {
			return regress.ComparePairs([][]float64{a, b, reversed(a)}, regress.PairOptions{Adjust: stats.Bonferroni})
		},
		"TukeyHSD":           func(a, b []float64) (any, error) { return regress.TukeyHSD(a, b) },
		"GamesHowell":        func(a, b []float64) (any, error) { return regress.GamesHowell(a, b) },
		"DunnettTest":        func(a, b []float64) (any, error) { return regress.DunnettTest([][]float64{a}, b) },
		"CohenD":             func(a, b []float64) (any, error) { return stats.CohenD(a, b) },
		"HedgesG":            func(a, b []float64) (any, error) { return stats.HedgesG(a, b) },
		"GlassDelta":         func(a, b []float64) (any, error) { return stats.GlassDelta(a, b) },
		"CohenDAverage":      func(a, b []float64) (any, error) { return stats.CohenDAverage(a, b) },
		"HedgesGAverage":     func(a, b []float64) (any, error) { return stats.HedgesGAverage(a, b) },
		"CohenDZ":            func(a, b []float64) (any, error) { return stats.CohenDZ(a, b) },
		"HedgesGZ":           func(a, b []float64) (any, error) { return stats.HedgesGZ(a, b) },
		"PairedEffects":      func(a, b []float64) (any, error) { return stats.PairedEffects(a, b) },
		"SuperiorityNormal":  func(a, b []float64) (any, error) { return stats.SuperiorityNormal(a, b) },
		"CliffDelta":         func(a, b []float64) (any, error) { return rank.CliffDelta(a, b) },
		"PairedRankBiserial": func(a, b []float64) (any, error) { return rank.PairedRankBiserial(a, b) },

		"MannWhitney": func(a, b []float64) (any, error) { return rank.MannWhitney(a, b) },
		"MannWhitneyWith": func(a, b []float64) (any, error) {
			return rank.MannWhitneyWith(a, b, rank.Options{Method: rank.Asymptotic})
		},
		"SignedRank": func(a, b []float64) (any, error) { return rank.SignedRank(a) },
		"SignedRankWith": func(a, b []float64) (any, error) {
			return rank.SignedRankWith(a, rank.SignedRankOptions{Zeros: rank.ZerosWilcoxon, Method: rank.Asymptotic})
		},
		"SignTest":      func(a, b []float64) (any, error) { return rank.SignTest(a) },
		"VanElteren":    func(a, b []float64) (any, error) { return rank.VanElteren([][]float64{a, b}, [][]float64{b, a}) },
		"BrunnerMunzel": func(a, b []float64) (any, error) { return rank.BrunnerMunzel(a, b) },
		"BrunnerMunzelPermutationWith": func(a, b []float64) (any, error) {
			return rank.BrunnerMunzelPermutationWith(a, b, rank.PermOptions{Replicates: 200})
		},
		"JonckheereWith": func(a, b []float64) (any, error) {
			return rank.JonckheereWith([][]float64{a, b}, rank.Options{Method: rank.Asymptotic})
		},
		"BrunnerMunzelPermutation": func(a, b []float64) (any, error) {
			return rank.BrunnerMunzelPermutation(a[:min(6, len(a))], b[:min(6, len(b))])
		},
		"KruskalWallis":     func(a, b []float64) (any, error) { return rank.KruskalWallis(a, b, a) },
		"Jonckheere":        func(a, b []float64) (any, error) { return rank.Jonckheere(a, b, a) },
		"Friedman":          func(a, b []float64) (any, error) { return rank.Friedman(pairs(a, b)) },
		"Quade":             func(a, b []float64) (any, error) { return rank.Quade(pairs(a, b)) },
		"Mood":              func(a, b []float64) (any, error) { return rank.Mood(a, b) },
		"MoodWith":          func(a, b []float64) (any, error) { return rank.MoodWith(a, b, rank.Options{}) },
		"AnsariBradley":     func(a, b []float64) (any, error) { return rank.AnsariBradley(a, b) },
		"AnsariBradleyWith": func(a, b []float64) (any, error) { return rank.AnsariBradleyWith(a, b, rank.Options{}) },

		"Permutation":       func(a, b []float64) (any, error) { return resample.Permutation(a, b) },
		"PermutationWith":   func(a, b []float64) (any, error) { return resample.PermutationWith(a, b, perm) },
		"PermutationPaired": func(a, b []float64) (any, error) { return resample.PermutationPaired(a) },
		"PermutationPairedWith": func(a, b []float64) (any, error) {
			return resample.PermutationPairedWith(a, perm)
		},
		"PermutationFloor":     func(a, b []float64) (any, error) { return resample.PermutationFloor(a, b) },
		"PermutationFloorWith": func(a, b []float64) (any, error) { return resample.PermutationFloorWith(a, b, resample.PermOptions{}) },
		"Bootstrap":            func(a, b []float64) (any, error) { return resample.BootstrapWith(a, b, boot) },
		"BootstrapWith": func(a, b []float64) (any, error) {
			o := boot
			o.Interval = resample.BootStudentized
			return resample.BootstrapWith(a, b, o)
		},
		"BootstrapMean":       func(a, b []float64) (any, error) { return resample.BootstrapMeanContext(ctx, a, boot) },
		"BootstrapMeanWith":   func(a, b []float64) (any, error) { return resample.BootstrapMeanWith(a, boot) },
		"BootstrapSampleWith": func(a, b []float64) (any, error) { return resample.BootstrapSampleWith(a, mean, boot) },
		"BootstrapStatisticWith": func(a, b []float64) (any, error) {
			return resample.BootstrapStatisticWith(a, b, func(a, b []float64) float64 { return mean(a) - mean(b) }, boot)
		},
		"BootstrapSample": func(a, b []float64) (any, error) { return resample.BootstrapSampleContext(ctx, a, mean, boot) },
		"BootstrapStatistic": func(a, b []float64) (any, error) {
			return resample.BootstrapStatisticContext(ctx, a, b, func(a, b []float64) float64 { return mean(a) - mean(b) }, boot)
		},

		"Pearson":            func(a, b []float64) (any, error) { return assoc.Pearson(a, b) },
		"PartialCorrelation": func(a, b []float64) (any, error) { return assoc.PartialCorrelation(a, b, reversed(a)) },
		"Spearman":           func(a, b []float64) (any, error) { return assoc.Spearman(a, b) },
		"SpearmanWith": func(a, b []float64) (any, error) {
			return assoc.SpearmanWith(a, b, assoc.Options{Method: rank.Asymptotic})
		},
		"Kendall": func(a, b []float64) (any, error) { return assoc.Kendall(a, b) },
		"KendallWith": func(a, b []float64) (any, error) {
			return assoc.KendallWith(a, b, assoc.Options{Method: rank.Asymptotic})
		},
		"LinConcordance": func(a, b []float64) (any, error) { return assoc.LinConcordance(a, b) },
		"CountPairs":     func(a, b []float64) (any, error) { return assoc.CountPairs(a, b) },
		"BlandAltman":    func(a, b []float64) (any, error) { return assoc.BlandAltman(a, b) },
		"BlandAltmanWith": func(a, b []float64) (any, error) {
			return assoc.BlandAltmanWith(a, b, assoc.AgreementOptions{Multiplier: 1.6449})
		},
		"ICCs":          func(a, b []float64) (any, error) { return assoc.ICCs(pairs(a, b)) },
		"CronbachAlpha": func(a, b []float64) (any, error) { return assoc.CronbachAlpha(pairs(a, b)) },
		"ROC":           func(a, b []float64) (any, error) { return assoc.ROC(a, b) },

		"Linear": func(a, b []float64) (any, error) { return regress.Linear(a, terms(b)...) },
		"LinearWith": func(a, b []float64) (any, error) {
			return regress.LinearWith(a, terms(b), regress.LinearOptions{Weights: absAll(b)})
		},
		"Numeric": func(a, b []float64) (any, error) { return regress.Logistic(yes(a), terms(b)...) },
	}
}

func absAll(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = math.Abs(v)
	}
	return y
}

func reversed(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[len(x)-1-i] = v
	}
	return y
}

func typesOf(from, to int, f func(int) (float64, error)) ([]float64, error) {
	var out []float64
	for t := from; t <= to; t++ {
		v, err := f(t)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// mayBeNaN are fields whose doc comment says that NaN is "there is none".
var mayBeNaN = map[string]bool{
	"ROCCurve.Var": true, "Description.SD": true, "Description.SE": true, "Description.Mean": true, "Description.Min": true,
	"Description.Q1": true, "Description.Median": true, "Description.Q3": true, "Description.Max": true,
}

// findNaN looks for NaN in the exported fields of a result and in the answers
// to the questions that it takes: Point(), P(), CI(0.95), P(0) and so on.
func findNaN(v reflect.Value, path string, found *[]string) {
	// A model may point back to itself; nothing is asked below the sixth step.
	if !v.IsValid() || strings.Count(path, ".") > 5 {
		return
	}
	switch v.Kind() {
	case reflect.Float64:
		if math.IsNaN(v.Float()) {
			*found = append(*found, path)
		}
		return
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), 50) {
			findNaN(v.Index(i), fmt.Sprintf("%s[%d]", path, i), found)
		}
		return
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Interface {
			findNaN(v.Elem(), path, found)
			return
		}
	}
	// Where all of a model's data agree on a value it has no standard error, and says so.
	if v.Kind() == reflect.Struct {
		value, se := v.FieldByName("Value"), v.FieldByName("SE")
		if value.IsValid() && se.IsValid() && math.IsNaN(se.Float()) && !math.IsNaN(value.Float()) {
			return
		}
	}
	t := v.Type()
	asked := t.NumMethod()
	if t == reflect.TypeFor[stats.Interval]() {
		asked = 0
	}
	for i := range asked {
		m := v.Method(i)
		var in []reflect.Value
		asks := true
		for k := range m.Type().NumIn() {
			switch name := t.Method(i).Name; {
			case m.Type().In(k).Kind() != reflect.Float64:
				asks = false
			case strings.Contains(name, "CI") || strings.HasSuffix(name, "Limits"):
				in = append(in, reflect.ValueOf(0.95))
			default:
				in = append(in, reflect.ValueOf(0.5))
			}
		}
		// A studentized bootstrap keeps no replicates to draw.
		if b, ok := v.Interface().(resample.Boot); ok && b.Interval == resample.BootStudentized && t.Method(i).Name == "Density" {
			continue
		}
		if !asks || m.Type().NumOut() == 0 {
			continue
		}
		out := m.Call(in)
		if last := out[len(out)-1]; last.Type().Implements(reflect.TypeFor[error]()) && !last.IsNil() {
			continue
		}
		for _, o := range out {
			if o.Kind() == reflect.Float64 || o.Type() == reflect.TypeFor[stats.Interval]() {
				findNaN(o, path+"."+t.Method(i).Name+"()", found)
			}
		}
	}
	if v.Kind() == reflect.Pointer {
		v, t = v.Elem(), t.Elem()
	}
	if v.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if t.Field(i).IsExported() && !mayBeNaN[t.Name()+"."+t.Field(i).Name] {
				findNaN(v.Field(i), path+"."+t.Field(i).Name, found)
			}
		}
	}
}

// Whatever the sample, a function answers or says why not, in a typed error:
// it never panics and nothing it answers is NaN.
func TestDegenerateSamples(t *testing.T) {
	sentinels := []error{stats.ErrTooFew, stats.ErrNotFinite, stats.ErrNoVariation, stats.ErrLength,
		stats.ErrDomain, stats.ErrSingular, stats.ErrNotConverged, regress.ErrSeparation}
	samples := degenerateSamples()
	for name, call := range sampleFunctions() {
		for kind, s := range samples {
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s, %s: panic: %v", name, kind, r)
					}
				}()
				a, b := append([]float64(nil), s.a...), append([]float64(nil), s.b...)
				result, err := call(a, b)
				if err != nil {
					known := false
					for _, e := range sentinels {
						known = known || errors.Is(err, e)
					}
					assert.True(t, known, "%s, %s: untyped error %v", name, kind, err)
					return
				}
				var nans []string
				findNaN(reflect.ValueOf(result), "", &nans)
				assert.Empty(t, nans, "%s, %s: NaN in %+v", name, kind, result)
			}()
		}
	}
}

// The table above holds every exported function that takes a sample,
// its …Context twin aside.
func TestDegenerateTableIsComplete(t *testing.T) {
	// These take no sample: p-values, weights, scores of a table, matrices.
	other := map[string]bool{"AdjustP": true, "AdjustPWith": true, "BootOf": true, "CombineFisher": true, "CombineStouffer": true, "CoPrimary": true, "RatioInterval": true, "MaxT": true,
		"CochranArmitage": true, "Fallback": true, "PoolWald": true, "PoolChiSquares": true, "PoolBootstrapped": true}
	table := sampleFunctions()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, room := range []string{"rank", "resample", "table", "regress", "assoc", "power", "integrity", "mic"} {
		more, err := filepath.Glob(room + "/*.go")
		require.NoError(t, err)
		require.NotEmpty(t, more, room)
		files = append(files, more...)
	}
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !fn.Name.IsExported() || other[fn.Name.Name] {
				continue
			}
			for _, p := range fn.Type.Params.List {
				if takesFloats(p.Type) {
					seen++
					_, ok := table[strings.TrimSuffix(fn.Name.Name, "Context")]
					assert.True(t, ok, "%s: %s", file, fn.Name.Name)
					break
				}
			}
		}
	}
	assert.Greater(t, seen, 80)
}

func takesFloats(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ArrayType:
		id, ok := e.Elt.(*ast.Ident)
		return ok && id.Name == "float64" || takesFloats(e.Elt)
	case *ast.Ellipsis:
		return takesFloats(e.Elt)
	}
	return false
}
