package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plannedTrial is a small random trial of a plan beyond the usual ones: its protocol, and its
// rows (arm, earlier and last value, what was received, site, age, day of the rescue).
func plannedTrial(plan string, r *rand.Rand) (protocol string, rows []string) {
	outcome, more, rest := "kind: binary", "", ""
	covariates := r.IntN(2) == 0
	switch plan {
	case "gee":
		more = ", model: gee"
	case "cace":
		rest = "  received: got\n"
		covariates = false
	case "imputed":
		more = ", impute: {assume: mar}, seed: 1"
	case "imputed ranks":
		outcome, more = "kind: ordinal, levels: [low, mid, high]", ", impute: {assume: mar}, seed: 1"
		if covariates {
			more += ", model: proportional-odds"
		}
	case "trimmed":
		outcome = "baseline: v1, range: [0, 100]"
		more, covariates = ", estimand: main, seed: 1", false
		rest = "  intercurrent: {rescue: {day: rescue}}\n"
	}
	if covariates {
		more += ", covariates: [age]"
	}
	if plan == "trimmed" {
		more += "}]\nestimands: [{id: main, trim: " + []string{"0.5", "adaptive"}[r.IntN(2)] + ", lost: " + []string{"worst", "left-out"}[r.IntN(2)] + ", strategies: {rescue: {composite: trimmed mean}}}]\n"
	} else {
		more += "}]\n"
	}
	if plan != "gee" && plan != "trimmed" && r.IntN(3) == 0 {
		more += "randomization: {kind: stratified, strata: [site]}\n"
	}
	protocol = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0w}, {id: v1, time: 2w}, {id: v2, time: 6w}]
baseline: none
outcomes: [{id: y, better: higher, ` + outcome + `}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v1: y1, v2: y2}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
` + rest + `plans: [{outcome: y, visit: v2, primary: true` + more
	n := [2]int{1 + r.IntN(14), 1 + r.IntN(14)}
	if r.IntN(2) == 0 {
		n = [2]int{15 + r.IntN(25), 15 + r.IntN(25)}
	}
	cut, shift, lost, cross := r.NormFloat64(), 2*r.Float64(), 0.35*r.Float64(), 0.6*r.Float64()
	if r.IntN(4) == 0 { // separated
		shift *= 4
	}
	for k, arm := range []string{"a", "c"} {
		for range n[k] {
			own := r.NormFloat64()
			got, day := arm, ""
			if r.Float64() < cross {
				got = []string{"a", "c"}[r.IntN(2)]
			}
			value := func() string {
				x := own + r.NormFloat64()
				if got == "a" {
					x += shift
				}
				switch {
				case r.Float64() < lost:
					return ""
				case plan == "trimmed":
					return strconv.Itoa(int(min(100, max(0, 50+10*x))))
				case plan == "imputed ranks":
					return []string{"low", "mid", "high"}[btoi(x > cut)+btoi(x > cut+1)]
				}
				return strconv.Itoa(btoi(x > cut))
			}
			if r.IntN(5) == 0 {
				day = strconv.Itoa(1 + r.IntN(60))
			}
			rows = append(rows, fmt.Sprintf("%s,%s,%s,%s,s%d,%d,%s", arm, value(), value(), got, r.IntN(2), 30+r.IntN(40), day))
		}
	}
	return protocol, rows
}

func answerPlanned(t *testing.T, protocol string, rows []string, about string) Result {
	t.Helper()
	text := "id,arm,y1,y2,got,site,age,rescue\n"
	for i, row := range rows {
		text += fmt.Sprintf("%03d,%s\n", i, row)
	}
	ds, err := LoadText(t, protocol, text)
	require.NoError(t, err, about)
	res, err := ds.Analyze(ds.Protocol().Plans[0])
	require.NoError(t, err, about)
	return res
}

var plansBeyond = []string{"gee", "cace", "imputed", "imputed ranks", "trimmed"}

// GEE with its risk difference, effects in compliers of yes or no, imputed shares and ranks
// and trimmed means, on random small trials: an answer or a named reason, p below α where the
// interval leaves out no difference and only there, and subgroups alike. TRIALKIT_KINDS and
// TRIALKIT_KINDS_SEED as for TestKindsOnRandomTrials, a tenth of the trials, where values are
// imputed a hundredth.
func TestPlansOnRandomTrials(t *testing.T) {
	trials, seed := 40, uint64(15)
	if n, err := strconv.Atoi(os.Getenv("TRIALKIT_KINDS")); err == nil {
		trials = max(1, n/10)
	}
	if n, err := strconv.ParseUint(os.Getenv("TRIALKIT_KINDS_SEED"), 10, 64); err == nil {
		seed = n
	}
	for i, plan := range plansBeyond {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 40+uint64(i)))
			var seen kindsSeen
			var within subgroupsSeen
			var slowest time.Duration
			methods := map[Method]int{}
			trials := trials
			if strings.HasPrefix(plan, "imputed") {
				trials = max(6, trials/10)
			}
			for k := range trials {
				protocol, rows := plannedTrial(plan, r)
				about := fmt.Sprintf("%d:\n%s\n%s", k, protocol, strings.Join(rows, "\n"))
				start := time.Now()
				res := answerPlanned(t, protocol, rows, about)
				slowest = max(slowest, time.Since(start))
				seen.hold(t, res, about)
				for _, row := range res.Rows {
					if row.Effect != nil {
						methods[row.Method]++
					}
				}
				if plan != "gee" && plan != "trimmed" { // TestSubgroupsNotOffered
					within.hold(t, res, about)
				}
			}
			assert.Positive(t, seen.answered)
			assert.Positive(t, seen.refused)
			t.Logf("%s: %d interactions tested, %v", plan, within.tested, within.reasons)
			t.Logf("%s: %d trials, the slowest %v, %v, %v", plan, trials, slowest.Round(time.Millisecond), methods, &seen)
		})
	}
}

// Where age begins and in which unit it is counted matters to none of them.
func TestPlansIgnoreOriginAndUnit(t *testing.T) {
	for i, plan := range []string{"gee", "imputed", "imputed ranks"} {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(4, 40+uint64(i)))
			with := 0
			for k := range map[bool]int{true: 15, false: 2}[plan == "gee"] {
				protocol, rows := plannedTrial(plan, r)
				for !strings.Contains(protocol, "covariates: [age]") || len(rows) < 24 && k%5 > 0 {
					protocol, rows = plannedTrial(plan, r)
				}
				load := func(age func(float64) float64) Result {
					t.Helper()
					var moved []string
					for _, row := range rows {
						cells := strings.Split(row, ",")
						x, err := strconv.ParseFloat(cells[5], 64)
						require.NoError(t, err)
						cells[5] = strconv.FormatFloat(age(x), 'f', -1, 64)
						moved = append(moved, strings.Join(cells, ","))
					}
					return answerPlanned(t, protocol, moved, plan)
				}
				want := load(func(x float64) float64 { return x })
				for name, age := range map[string]func(float64) float64{
					"in days":   func(x float64) float64 { return x * 365 },
					"from afar": func(x float64) float64 { return 1e5 + x/64 },
				} {
					got := load(age)
					require.Len(t, got.Rows, len(want.Rows))
					for j, w := range want.Rows {
						g := got.Rows[j]
						about := fmt.Sprintf("%d %s: %s %s\n%s\n%s", k, name, w.Method, w.Measure, protocol, strings.Join(rows, "\n"))
						require.Equal(t, w.Method, g.Method, about)
						require.Equal(t, Codes(w.Notes), Codes(g.Notes), about)
						require.Equal(t, w.Effect == nil, g.Effect == nil, about)
						if w.Effect == nil {
							continue
						}
						with++
						for _, x := range [][2]float64{{w.Estimate, g.Estimate}, {w.Lower, g.Lower}, {w.Upper, g.Upper}, {w.P, g.P}} {
							if x[0] != x[1] {
								require.InDelta(t, x[0], x[1], 1e-6*max(1, math.Abs(x[0])), about)
							}
						}
					}
				}
			}
			assert.Positive(t, with)
		})
	}
}
