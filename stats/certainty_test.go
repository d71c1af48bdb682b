package stats_test

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// perfectSamples agree, disagree or separate entirely, so that some standard error
// vanishes. The decimals are no doubles, and leave rounding instead of zero.
func perfectSamples() map[string]twoSamples {
	x := []float64{0.1, 0.3, 0.7, 1.1, 1.3, 1.9, 2.3, 2.9, 3.1, 3.7}
	ones := func(k int) []float64 {
		y := make([]float64, 10)
		for i := range y {
			if i < k {
				y[i] = 1
			}
		}
		return y
	}
	mid := make([]float64, 10)
	for i := range mid {
		mid[i] = float64(i) - 4.5
	}
	return map[string]twoSamples{
		"equal":      {x, x},
		"line":       {x, statstest.Affine(x, 3, 0.1)},
		"falling":    {x, statstest.Affine(x, -3, 0.1)},
		"shifted":    {x, statstest.Affine(x, 1, 0.1)},
		"scaled":     {mid, statstest.Affine(mid, 2, 0)},
		"mirrored":   {mid, statstest.Affine(mid, -1, 0)},
		"separated":  {x, statstest.Affine(x, 1, 4)},
		"apart":      {statstest.Affine(x, 0.001, 9), x},
		"same":       {ones(6), ones(6)},
		"opposite":   {ones(5), statstest.Affine(ones(5), -1, 1)},
		"none v all": {ones(0), ones(10)},
		"tied":       {ones(10), ones(10)},
	}
}

// findCertainty looks for intervals of one point in the answers of a result and of
// its fields.
func findCertainty(v reflect.Value, path string, found *[]string) {
	if !v.IsValid() || strings.Count(path, ".") > 3 {
		return
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range min(v.Len(), 20) {
			findCertainty(v.Index(i), fmt.Sprintf("%s[%d]", path, i), found)
		}
		return
	case reflect.Interface:
		findCertainty(v.Elem(), path, found)
		return
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
	}
	for i := range v.NumMethod() {
		m := v.Method(i)
		if t := m.Type(); t.NumIn() == 0 && t.NumOut() == 1 && t.Out(0).Implements(reflect.TypeFor[stats.Effect]()) {
			findCertainty(m.Call(nil)[0], path+"."+v.Type().Method(i).Name+"()", found)
			continue
		}
		name := v.Type().Method(i).Name
		// A share of variance whose F is below what λ = 0 gives has the limits 0.
		if name == "Density" || strings.HasSuffix(name, "2CI") || name == "Noncentrality" || m.Type().NumIn() != 1 || m.Type().In(0).Kind() != reflect.Float64 {
			continue
		}
		for _, o := range m.Call([]reflect.Value{reflect.ValueOf(0.95)}) {
			if ci, ok := o.Interface().(stats.Interval); ok && ci.Lo == ci.Hi && !math.IsInf(ci.Lo, 0) && ci.Why != stats.WhyEmpty {
				*found = append(*found, fmt.Sprintf("%s.%s %v", path, v.Type().Method(i).Name, ci))
			}
		}
	}
	v = reflect.Indirect(v)
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !f.Anonymous { // what is embedded answers through v
				findCertainty(v.Field(i), path+"."+v.Type().Field(i).Name, found)
			}
		}
	}
}

// Where a standard error vanishes, at the end of a coefficient's range or in data
// without error, no answer is an interval of one point or a p-value of 0: that was so
// for κ, ICC, AUC, r, τ, γ, the rank-biserial correlation and limits of agreement.
func TestNoStandardErrorIsNoCertainty(t *testing.T) {
	// Intervals that invert a test of ranks or permutations have one point where
	// ties leave one shift that is not rejected.
	inverted := map[string]bool{"MannWhitney": true, "MannWhitneyWith": true, "SignedRank": true, "SignedRankWith": true, "SignTest": true,
		"Permutation": true, "PermutationWith": true, "PermutationPaired": true, "PermutationPairedWith": true}
	for name, call := range sampleFunctions() {
		for kind, s := range perfectSamples() {
			for side, p := range map[string]twoSamples{"": s, ", swapped": {s.b, s.a}} {
				result, err := call(append([]float64(nil), p.a...), append([]float64(nil), p.b...))
				if err != nil || inverted[name] {
					continue
				}
				var found []string
				if test, ok := result.(stats.Test); ok && test.P() == 0 {
					found = append(found, "P() = 0")
				}
				if c, ok := result.(assoc.Correlation); ok && c.Independence.P() == 0 {
					found = append(found, "Independence.P() = 0")
				}
				findCertainty(reflect.ValueOf(result), "", &found)
				assert.Empty(t, found, "%s, %s%s", name, kind, side)
			}
		}
	}
}

// Shares of fifteenths leave rounding where κ's standard error is 0, and both raters
// reversed is κ = −1.
func TestPerfectKappaHasNoInterval(t *testing.T) {
	for value, counts := range map[float64][][]int{1: {{7, 0, 0}, {0, 3, 0}, {0, 0, 5}}, -1: {{0, 5}, {5, 0}}} {
		for _, w := range []assoc.KappaWeights{assoc.Unweighted, assoc.EqualSpacing, assoc.FleissCohen} {
			k, err := assoc.KappaWith(counts, assoc.KappaOptions{Weights: w})
			assert.NoError(t, err)
			assert.InDelta(t, value, k.Value, 1e-15)
			assert.Equal(t, stats.Interval{Lo: -1, Hi: 1, Level: 0.95, Why: stats.WhyNoError}, k.CI(0.95))
			assert.Equal(t, "none", k.CI(0.95).String())
			assert.Equal(t, 1.0, k.P(0))
		}
	}
}
