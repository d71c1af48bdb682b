package stats_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// badTrial is a small trial of which something is wrong.
type badTrial struct {
	arm      []string
	y, base  []float64
	z        []float64 // a further covariate
	category []string  // a factor
}

// badTrials are trials that a file can hold though none was run that way, from
// the degenerate samples and with faults of design.
func badTrials() map[string]badTrial {
	out := map[string]badTrial{}
	add := func(name string, n int, change func(t *badTrial)) {
		var t badTrial
		for i := range n {
			v := float64((i*i*7)%11) - 3
			t.arm = append(t.arm, []string{"C", "T"}[i%2])
			t.base = append(t.base, v)
			t.y = append(t.y, v+float64((i*5)%7)/2-float64(i%2))
			t.z = append(t.z, float64((i*3)%8))
			t.category = append(t.category, []string{"u", "v"}[i/2%2])
		}
		change(&t)
		out[name] = t
	}
	each := func(x []float64, f func(v float64) float64) {
		for i, v := range x {
			x[i] = f(v)
		}
	}
	for name, s := range degenerateSamples() {
		if len(s.a) != len(s.b) {
			continue
		}
		add("y "+name, len(s.a)+len(s.b), func(t *badTrial) { t.y = append(append([]float64(nil), s.a...), s.b...) })
		add("baseline "+name, len(s.a)+len(s.b), func(t *badTrial) { t.base = append(append([]float64(nil), s.a...), s.b...) })
	}
	for _, offset := range []float64{1e9, 1e15, -1e15} {
		shift := func(v float64) float64 { return v + offset }
		add(fmt.Sprint("y offset ", offset), 14, func(t *badTrial) { each(t.y, shift) })
		add(fmt.Sprint("baseline offset ", offset), 14, func(t *badTrial) { each(t.base, shift) })
		add(fmt.Sprint("all offset ", offset), 14, func(t *badTrial) { each(t.y, shift); each(t.base, shift); each(t.z, shift) })
	}
	add("plain", 14, func(*badTrial) {})
	add("one arm", 14, func(t *badTrial) {
		for i := range t.arm {
			t.arm[i] = "C"
		}
	})
	add("arm of one", 13, func(t *badTrial) {
		for i := range t.arm {
			t.arm[i] = "C"
		}
		t.arm[5] = "T"
	})
	add("no change", 14, func(t *badTrial) { copy(t.y, t.base) })
	add("line", 14, func(t *badTrial) {
		for i := range t.y {
			t.y[i] = 2*t.base[i] + map[string]float64{"T": 1}[t.arm[i]]
		}
	})
	add("constant in arms", 14, func(t *badTrial) {
		for i := range t.y {
			t.y[i] = map[string]float64{"T": 1}[t.arm[i]]
		}
	})
	add("baseline is arm", 14, func(t *badTrial) {
		for i := range t.base {
			t.base[i] = map[string]float64{"T": 1}[t.arm[i]]
		}
	})
	add("covariate twice", 14, func(t *badTrial) { copy(t.z, t.base) })
	add("covariate nearly twice", 14, func(t *badTrial) {
		copy(t.z, t.base)
		t.z[3] += 1e-9
	})
	add("covariate constant", 14, func(t *badTrial) { each(t.z, func(float64) float64 { return 7 }) })
	add("covariate NaN", 14, func(t *badTrial) { t.z[2] = math.NaN() })
	add("one category", 14, func(t *badTrial) {
		for i := range t.category {
			t.category[i] = "u"
		}
	})
	add("category is arm", 14, func(t *badTrial) { copy(t.category, t.arm) })
	for n := range 7 {
		add(fmt.Sprint(n, " participants"), n, func(*badTrial) {})
	}
	return out
}

// mustAnswer calls f and demands a typed error or an answer without NaN.
func mustAnswer(t *testing.T, name string, f func() (any, error)) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s: panic: %v", name, r)
		}
	}()
	result, err := f()
	if err != nil {
		known := false
		for _, e := range []error{stats.ErrTooFew, stats.ErrNotFinite, stats.ErrNoVariation, stats.ErrLength,
			stats.ErrDomain, stats.ErrSingular, stats.ErrNotConverged, regress.ErrSeparation} {
			known = known || errors.Is(err, e)
		}
		assert.True(t, known, "%s: untyped error %v", name, err)
		return
	}
	var nans []string
	findNaN(reflect.ValueOf(result), "", &nans)
	assert.Empty(t, nans, "%s: NaN in %+v", name, result)
	var certain []string
	findCertainty(reflect.ValueOf(result), "", &certain)
	if !strings.HasPrefix(name, "Permutation") { // inverted: see TestNoStandardErrorIsNoCertainty
		assert.Empty(t, certain, name)
	}
}

// badVisits lays a trial out as two visits of everybody.
func badVisits(t badTrial) (id []string, visit []string, arm []string, y []float64) {
	for i := range t.y {
		for k, v := range []float64{t.base[i], t.y[i]} {
			id = append(id, fmt.Sprint(i))
			visit = append(visit, []string{"v1", "v2"}[k])
			arm = append(arm, t.arm[i])
			y = append(y, v)
		}
	}
	return
}

func TestDegenerateANCOVA(t *testing.T) {
	for name, b := range badTrials() {
		data := regress.ANCOVAData{Arm: b.arm, Control: "C", Y: b.y, Baseline: b.base,
			Covariates: []regress.Term{regress.Numeric("z", b.z), regress.Category("site", b.category, "")}}
		mustAnswer(t, "ANCOVA, "+name, func() (any, error) {
			f, err := regress.ANCOVA(data)
			if err != nil {
				return nil, err
			}
			return []any{statstest.Must(f.Difference("T", "C")), statstest.Must(f.LSMean("C")), statstest.Must(f.LSMeanWith("T", regress.LSMeansOptions{Weights: regress.ProportionalWeights})), f.Slope(), f.ResidualSD(), f.DF()}, nil
		})
		mustAnswer(t, "ANHECOVA, "+name, func() (any, error) {
			m, err := regress.ANHECOVA(data)
			if err != nil {
				return nil, err
			}
			return []any{statstest.Must(m.Difference("T", "C")), statstest.Must(m.Mean("C")), statstest.Must(m.Mean("T"))}, nil
		})
		mustAnswer(t, "PermutationANCOVA, "+name, func() (any, error) {
			return resample.PermutationANCOVAWith(data, "T", resample.PermANCOVAOptions{Method: resample.PermMonteCarlo, Replicates: 1000, Seed: 1})
		})
	}
}

func TestDegenerateClusters(t *testing.T) {
	for name, b := range badTrials() {
		id, visit, arm, y := badVisits(b)
		terms := []regress.Term{regress.Category("arm", arm, "C"), regress.Category("visit", visit, "")}
		var wave []string
		events, counts := make([]float64, len(y)), make([]float64, len(y))
		for i, v := range y {
			wave = append(wave, fmt.Sprint(i%2))
			if v > 2 {
				events[i] = 1
			}
			counts[i] = math.Round(math.Abs(v)) // may be huge or not finite
		}
		for family, y := range map[regress.GEEFamily][]float64{regress.GaussianFamily: y, regress.BinomialFamily: events, regress.PoissonFamily: counts} {
			for _, corr := range []regress.WorkingCorrelation{regress.Exchangeable, regress.Independence, regress.AR1, regress.Unstructured} {
				mustAnswer(t, fmt.Sprintf("GEE %s %q, %s", family, corr, name), func() (any, error) {
					m, err := regress.GEE(regress.GEEData{ID: id, Y: y, Wave: wave, Terms: terms}, regress.GEEOptions{Family: family, Correlation: corr})
					if err != nil {
						return nil, err
					}
					return []any{m.Coefficients(), m.Scale(), m.Alpha(), m.Cov(), m.NaiveCov()}, nil
				})
			}
		}
		mustAnswer(t, "RepeatedANOVA, "+name, func() (any, error) {
			f, err := regress.RepeatedANOVA(regress.RepeatedData{ID: id, Y: y, Within: []regress.Term{regress.Category("visit", visit, "")},
				Between: []regress.Term{regress.Category("arm", arm, "")}})
			if err != nil {
				return nil, err
			}
			return []any{f.Tests, f.GrandMean(), f.LSMeans("visit"), statstest.Must(f.Difference("T", "C", nil))}, nil
		})
		mustAnswer(t, "Logistic, "+name, func() (any, error) {
			ev := make([]bool, len(b.y))
			for i, v := range b.y {
				ev[i] = v > 2
			}
			m, err := regress.Logistic(ev, regress.Category("arm", b.arm, "C"), regress.Numeric("base", b.base))
			if err != nil {
				return nil, err
			}
			return []any{m.Coefficients(), m.AIC()}, nil
		})
	}
}

func TestDegenerateResampling(t *testing.T) {
	for name, b := range badTrials() {
		var all []int
		improved := make([]bool, len(b.y))
		for i, v := range b.y {
			all = append(all, i)
			improved[i] = v > 1
		}
		data := resample.WYData{Arm: b.arm, Treated: "T", Control: "C", Endpoints: []resample.WYEndpoint{
			{Name: "y", Participant: all, Value: b.y}, {Name: "baseline", Participant: all, Value: b.base}}}
		for _, s := range []resample.PermStatistic{resample.PermMean, resample.PermStudentized} {
			mustAnswer(t, fmt.Sprintf("WestfallYoung %v, %s", s, name), func() (any, error) {
				return resample.WestfallYoungWith(data, resample.WYOptions{Statistic: s, Method: resample.PermMonteCarlo, Replicates: 1000, Seed: 1})
			})
		}
		mustAnswer(t, "MinimalImportantChange, "+name, func() (any, error) {
			return mic.MinimalImportantChangeWith(mic.Data{Change: b.y, Improved: improved, Rating: b.z, Baseline: b.base},
				mic.Options{Replicates: 100, Seed: 1, AnchorReliability: 0.8})
		})
	}
}

func TestDegenerateGroups(t *testing.T) {
	groups := map[string][][]float64{
		"ones":         {{1}, {2}, {3}},
		"one of one":   {{1, 2}, {3}, {4, 6, 9}},
		"one constant": {{1, 1, 1}, {3, 4, 5}, {2, 6, 9}},
		"all constant": {{1, 1}, {1, 1}, {1, 1}},
		"constants":    {{1, 1}, {2, 2}, {3, 3}},
		"two groups":   {{1, 2}, {3, 5}},
		"one group":    {{1, 2, 3}},
		"none":         {},
		"empty group":  {{1, 2}, {}, {3, 4}},
		"NaN":          {{1, 2}, {3, math.NaN()}, {4, 5}},
		"Inf":          {{1, 2}, {3, math.Inf(1)}, {4, 5}},
		"huge":         {{1e308, -1e308}, {1.5e308, 0}, {-1.7e308, 1e308}},
		"large":        {{1e150, 2e150}, {1e150, 4e150}, {2e150, 7e150}},
		"tiny":         {{1e-308, 2e-308}, {1e-308, 4e-308}, {2e-308, 7e-308}},
		"offset":       {{1e15 + 1, 1e15 + 2}, {1e15 + 1, 1e15 + 4}, {1e15 + 2, 1e15 + 7}},
		"lopsided":     {{1e300, 2e300, 4e300}, {1, 2, 3}, {1e-300, 2e-300, 5e-300}},
	}
	for name, g := range groups {
		for fn, f := range map[string]func() (any, error){
			"TukeyHSD":       func() (any, error) { return regress.TukeyHSD(g...) },
			"GamesHowell":    func() (any, error) { return regress.GamesHowell(g...) },
			"ComparePairs":   func() (any, error) { return regress.ComparePairs(g, regress.PairOptions{Adjust: regress.Scheffe}) },
			"OneWayANOVA":    func() (any, error) { return regress.OneWayANOVA(g...) },
			"WelchANOVA":     func() (any, error) { return regress.WelchANOVA(g...) },
			"KruskalWallis":  func() (any, error) { return rank.KruskalWallis(g...) },
			"Jonckheere":     func() (any, error) { return rank.Jonckheere(g...) },
			"Levene":         func() (any, error) { return regress.Levene(g...) },
			"BrownForsythe":  func() (any, error) { return regress.BrownForsythe(g...) },
			"Bartlett":       func() (any, error) { return regress.Bartlett(g...) },
			"Fligner":        func() (any, error) { return regress.Fligner(g...) },
			"Friedman":       func() (any, error) { return rank.Friedman(g) },
			"Quade":          func() (any, error) { return rank.Quade(g) },
			"ICCs":           func() (any, error) { return assoc.ICCs(g) },
			"CronbachAlpha":  func() (any, error) { return assoc.CronbachAlpha(g) },
			"VanElteren":     func() (any, error) { return rank.VanElteren(g, g) },
			"MetaAnalyze":    func() (any, error) { return stats.MetaAnalyze(estimatesOf(g)) },
			"PoolImputation": func() (any, error) { return stats.PoolImputations(estimatesOf(g)) },
		} {
			mustAnswer(t, fn+", "+name, f)
		}
		if len(g) > 1 {
			mustAnswer(t, "DunnettTest, "+name, func() (any, error) { return regress.DunnettTest(g[1:], g[0]) })
		}
	}
}

// estimatesOf makes estimates of the first two values of each group.
func estimatesOf(g [][]float64) []stats.Estimate {
	var out []stats.Estimate
	for _, x := range g {
		if len(x) > 1 {
			out = append(out, stats.Estimate{Value: x[0], SE: x[1], DF: 10})
		}
	}
	return out
}

func TestDegenerateMixedModels(t *testing.T) {
	for name, b := range badTrials() {
		tr := &mmrm.Trial{Arms: []string{"C", "T"}, Control: "C", Visits: []string{"v1", "v2"}, Times: []float64{1, 2}, Baseline: b.base}
		for i := range b.y {
			tr.Arm = append(tr.Arm, map[string]int{"T": 1}[b.arm[i]])
			tr.Values = append(tr.Values, mmrm.Value{Participant: i, Visit: 0, Y: b.z[i]}, mmrm.Value{Participant: i, Visit: 1, Y: b.y[i]})
		}
		answers := func(f *mmrm.TrialFit, err error) (any, error) {
			if err != nil {
				return nil, err
			}
			joint, err := f.AnyDifference()
			if err != nil {
				return nil, err
			}
			return []any{f.Differences(), f.LSMeans(), f.Coefficients(), f.Cov(), f.Sigma(0), joint, f.LogLik}, nil
		}
		for _, df := range []mmrm.DF{mmrm.KenwardRoger, mmrm.Satterthwaite} {
			m := mmrm.Model{DF: df}
			mustAnswer(t, fmt.Sprintf("MMRM %v, %s", df, name), func() (any, error) { return answers(m.MMRM(tr)) })
			mustAnswer(t, fmt.Sprintf("CLDA %v, %s", df, name), func() (any, error) { return answers(m.CLDA(tr)) })
		}
		ar := mmrm.Model{Covariance: mmrm.AR1}
		mustAnswer(t, "Change AR1, "+name, func() (any, error) { return answers(ar.Change(tr)) })
		mustAnswer(t, "LMM, "+name, func() (any, error) {
			f, err := mmrm.LMM{}.Trial(tr)
			if err != nil {
				return nil, err
			}
			return []any{f.Differences(), f.LSMeans()}, nil
		})
	}
}

// An error names the function that was called, or the one it is a variant of.
func TestErrorsNameTheFunction(t *testing.T) {
	for name, call := range sampleFunctions() {
		for kind, s := range degenerateSamples() {
			_, err := call(append([]float64(nil), s.a...), append([]float64(nil), s.b...))
			var e *stats.SampleError
			if !errors.As(err, &e) {
				continue
			}
			base := strings.TrimSuffix(name, "With")
			assert.Contains(t, []string{name, base, errorNames[name]}, e.Func, "%s, %s: %v", name, kind, err)
		}
	}
}

// errorNames are the names in errors of entries that call another function.
var errorNames = map[string]string{"Numeric": "Logistic", "BenefitStratified": "Benefit"}

func TestErrorsNamePrinted(t *testing.T) {
	one := integrity.PrintedSummary{N: 1}
	for name, f := range map[string]func(a, b integrity.PrintedSummary) (integrity.PrintedDifference, error){
		"WelchPrinted": integrity.WelchPrinted, "StudentPrinted": integrity.StudentPrinted} {
		_, err := f(one, one)
		var e *stats.SampleError
		if assert.ErrorAs(t, err, &e) {
			assert.Equal(t, name, e.Func)
		}
	}
}
