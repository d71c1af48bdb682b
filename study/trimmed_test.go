package study

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trimmedHand is an arm's changes at visit 3 as an estimand of trimmed means has them, by
// hand: of those with rescue medication before the visit, and with worst of those without
// a value too, −∞ on the scale of gains.
func trimmedHand(rows []askedRow, arm string, worst bool) (gains []float64) {
	for _, x := range rows {
		if x.arm != arm {
			continue
		}
		day, err := strconv.Atoi(x.rescue)
		switch {
		case err == nil && day < 84:
			gains = append(gains, math.Inf(-1))
		case x.y[3] == "" && worst:
			gains = append(gains, math.Inf(-1))
		case x.y[3] == "" || x.y[0] == "":
		default:
			y0, _ := strconv.ParseFloat(x.y[0], 64)
			y3, _ := strconv.ParseFloat(x.y[3], 64)
			gains = append(gains, y0-y3)
		}
	}
	return gains
}

// trimmedOf is the mean of the best of the gains when a share is cut off.
func trimmedOf(gains []float64, share float64) float64 {
	v := slices.Sorted(slices.Values(gains))
	slices.Reverse(v)
	keep := (1 - share) * float64(len(v))
	sum := 0.0
	for i, g := range v {
		if w := min(1, keep-float64(i)); w > 1e-9 {
			sum += w * g
		}
	}
	return sum / keep
}

func trimmedPlan(trim, lost, more string) string {
	return fmt.Sprintf("estimands: [{id: main, trim: %s, lost: %s, strategies: {stopped: treatment-policy, rescue: {composite: trimmed mean}}}]\n"+
		"plans: [{outcome: y, visit: v3, primary: true, estimand: main%s}]\n", trim, lost, more)
}

// Trimmed means of a trial are those of its file by hand, every arm's counts add up, and
// companions that leave out whoever ranks worst are no checks of it.
func TestTrimmedMeansAreAnswered(t *testing.T) {
	rows := askedTrial(5, 80)
	for _, lost := range []string{"worst", "left-out"} {
		treated, control := trimmedHand(rows, "a", lost == "worst"), trimmedHand(rows, "c", lost == "worst")
		count := func(g []float64) (n int) {
			for _, x := range g {
				n += btoi(math.IsInf(x, -1))
			}
			return n
		}
		larger := max(float64(count(treated))/float64(len(treated)), float64(count(control))/float64(len(control)))
		for trim, share := range map[string]float64{"0.5": 0.5, "adaptive": larger} {
			name := trim + ", " + lost
			ds, err := LoadText(t, fmt.Sprintf(askedProtocol, 42)+trimmedPlan(trim, lost, ""), askedText(rows))
			require.NoError(t, err, name)
			rep, err := ds.AnalyzeAll()
			require.NoError(t, err, name)
			got := rowOf(t, rep, "v3", func(r Row) bool { return r.Decides })
			require.Equal(t, MethodTrimmedMeans, got.Method)
			assert.Equal(t, TrimmedMeanDifference, got.Measure)
			assert.InDelta(t, -(trimmedOf(treated, share) - trimmedOf(control, share)), got.Estimate, 1e-9, name) // lower is better
			assert.InDelta(t, -trimmedOf(treated, share), got.Trimmed.Means["a"], 1e-9)
			assert.Equal(t, map[string]int{"a": len(treated), "c": len(control)}, got.N, name)
			assert.Equal(t, map[string]int{"a": count(treated), "c": count(control)}, got.Trimmed.Worst, name)
			assert.InDelta(t, share*float64(len(treated)), got.Trimmed.Cut["a"], 1e-9)
			assert.Equal(t, got.P < 0.05, !got.IncludesZero(), name)
			assert.True(t, got.noted("trimmed-means"))
			for _, res := range rep.Results {
				for _, a := range res.Asked {
					for _, arm := range a.Arms {
						all, analyzed := 0, 0
						for _, u := range arm.Uses {
							if all += u.N; u.Reason == "" {
								analyzed += u.N
							}
						}
						assert.Equal(t, arm.Randomized, all, "%s, %s", name, arm.Arm)
						assert.Equal(t, arm.Analyzed, analyzed, "%s, %s", name, arm.Arm)
						assert.Equal(t, got.N[arm.Arm], arm.Analyzed)
					}
				}
				for _, a := range res.Agreement() {
					assert.True(t, a.Visit != "v3" || len(a.Companions) == 0)
				}
			}
		}
	}
	ds, err := LoadText(t, fmt.Sprintf(askedProtocol, 42)+trimmedPlan("0.05", "worst", ""), askedText(rows))
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	none := rowOf(t, rep, "v3", func(r Row) bool { return r.Decides })
	assert.Nil(t, none.Effect, "more rank worst than are cut off")
	assert.True(t, none.noted("trimmed-too-many"))
}

// p and the non-inferiority p of a small trial are counts of all arrangements, within
// strata, by hand.
func TestTrimmedMeansOfASmallTrial(t *testing.T) {
	rows := askedTrial(8, 11)
	for i := range rows {
		rows[i].y[0] = fmt.Sprint(60 + i)
	}
	protocol := strings.Replace(fmt.Sprintf(askedProtocol, 6), "data:\n", "randomization: {kind: stratified, strata: [site]}\ndata:\n  covariates: {site: {column: site, kind: category}}\n", 1)
	lines := strings.Split(strings.TrimSpace(askedText(rows)), "\n")
	site := func(i int) string { return []string{"n", "s"}[i/3%2] }
	lines[0] += ",site"
	for i := range rows {
		lines[i+1] += "," + site(i)
	}
	ds, err := LoadText(t, protocol+trimmedPlan("0.6", "worst", ", margin: 5"), strings.Join(lines, "\n")+"\n")
	require.NoError(t, err)
	found, err := ds.Answer(t.Context(), ds.Protocol().Plans[0])
	require.NoError(t, err)
	got := found[0]
	require.NotNil(t, got.Effect, "%v", got.Notes)

	gains := make([]float64, len(rows))
	truth := 0
	for i, x := range rows {
		gains[i] = trimmedHand([]askedRow{x}, x.arm, true)[0]
		truth |= btoi(x.arm == "a") << i
	}
	difference := func(set int, null float64) float64 {
		var arms [2][]float64
		for i, g := range gains {
			arms[set>>i&1] = append(arms[set>>i&1], g-null*float64(truth>>i&1))
		}
		return trimmedOf(arms[1], 0.6) - trimmedOf(arms[0], 0.6)
	}
	count := func(null float64) (atLeast, atMost float64) {
		all := 0.0
		for set := range 1 << len(rows) {
			same := bits.OnesCount(uint(set)) == bits.OnesCount(uint(truth))
			var have, want int
			for i := range rows {
				if site(i) == "n" {
					have, want = have+set>>i&1, want+truth>>i&1
				}
			}
			if !same || have != want {
				continue
			}
			all++
			d, own := difference(set, null), difference(truth, null)
			if math.IsInf(d, 1) || d >= own-1e-9 {
				atLeast++
			}
			if math.IsInf(d, -1) || d <= own+1e-9 {
				atMost++
			}
		}
		return atLeast / all, atMost / all
	}
	greater, less := count(0)
	assert.InDelta(t, min(1, 2*min(greater, less)), got.P, 1e-12)
	harm, _ := count(-5) // gains fall short by the margin
	require.NotNil(t, got.NonInferiority)
	assert.InDelta(t, harm, got.NonInferiority.P, 1e-12)
}

func TestTrimmedMeansAreChecked(t *testing.T) {
	estimand := "estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: {composite: trimmed mean}}%s}]\n"
	plan := "plans: [{outcome: y, visit: v3, estimand: main%s}]\n"
	full := fmt.Sprintf(estimand, ", trim: 0.5, lost: worst")
	for want, text := range map[string]string{
		"need the share that is cut off":      fmt.Sprintf(estimand, ", lost: worst") + fmt.Sprintf(plan, ""),
		"what becomes of participants":        fmt.Sprintf(estimand, ", trim: 0.5") + fmt.Sprintf(plan, ""),
		"1.5 is not between 0 and 1":          fmt.Sprintf(estimand, ", trim: 1.5, lost: worst") + fmt.Sprintf(plan, ""),
		`unknown word "somehow"`:              fmt.Sprintf(estimand, ", trim: 0.5, lost: somehow") + fmt.Sprintf(plan, ""),
		"takes the place of ancova":           full + fmt.Sprintf(plan, ", model: ancova"),
		"takes the place of mmrm":             full + fmt.Sprintf(plan, ", model: mmrm"),
		"values are imputed for":              full + fmt.Sprintf(plan, ", impute: {assume: mar}"),
		"plans[0].sensitivity":                full + fmt.Sprintf(plan, ", sensitivity: [{assume: j2r}]"),
		"plans[0].se":                         full + fmt.Sprintf(plan, ", se: hc3"),
		"plans[0].scale":                      full + fmt.Sprintf(plan, ", scale: log"),
		"plans[0].variance_by_arm":            full + fmt.Sprintf(plan, ", variance_by_arm: true"),
		"estimand has a composite strategy":   "plans: [{outcome: y, visit: v3, model: trimmed-means}]\n",
		"only a composite strategy with trim": "estimands: [{id: main, trim: 0.5, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]\n" + fmt.Sprintf(plan, ""),
		"would leave these participants out":  "estimands: [{id: main, trim: 0.5, lost: worst, strategies: {stopped: hypothetical, rescue: {composite: trimmed mean}}}]\n" + fmt.Sprintf(plan, ""),
	} {
		_, err := ParseProtocol(strings.NewReader(fmt.Sprintf(askedProtocol, 0)+text), "p.yaml")
		require.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "p.yaml:1")
	}
	binary := strings.Replace(strings.Replace(fmt.Sprintf(askedProtocol, 0), ", range: [0, 100]", ", kind: binary, baseline: none", 1), "v0: y0, ", "", 1)
	_, err := ParseProtocol(strings.NewReader(binary+full+fmt.Sprintf(plan, "")), "p.yaml")
	require.ErrorContains(t, err, "are those of measurements")
}
