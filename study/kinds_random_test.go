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

// randomKind is a small random trial of a kind: its protocol and rows.
func randomKind(kind string, r *rand.Rand) (protocol string, rows []string) {
	more := ""
	if r.IntN(3) == 0 {
		more = "randomization: {kind: stratified, strata: [site]}\n"
	}
	n := [2]int{1 + r.IntN(12), 1 + r.IntN(12)}
	if r.IntN(4) == 0 {
		n = [2]int{15 + r.IntN(10), 15 + r.IntN(10)}
	}
	shift, often := r.Float64()*2.5, 0.3*math.Pow(r.Float64(), 3)
	if r.IntN(3) == 0 { // tiny, and often separated
		n, shift = [2]int{1 + r.IntN(4), 1 + r.IntN(4)}, 4*shift
	}
	for k, arm := range []string{"a", "c"} {
		var values []string
		for range n[k] {
			x := r.NormFloat64() + shift*float64(k)
			switch kind {
			case "binary":
				values = append(values, map[bool]string{true: "ja", false: "nee"}[x > 0.5])
			case "log", "variance":
				values = append(values, fmt.Sprintf("%.1f", math.Max(0.1, math.Exp(x/(1+2*float64(k))))))
			case "bounded":
				values = append(values, strconv.Itoa(min(10, max(0, int(math.Round(5+3*x))))))
			case "count":
				months := 1 + r.IntN(12)
				n := 0
				for s := r.ExpFloat64(); s < float64(months)*often*math.Exp(x*0.7); s += r.ExpFloat64() {
					n++
				}
				values = append(values, fmt.Sprintf("%d/%d", n, months))
			default:
				values = append(values, strconv.Itoa(min(3, max(1, int(math.Round(x+1.5))))))
			}
		}
		rows = append(rows, kindRowsOf(arm, values, r)...)
	}
	plan := ""
	switch kind {
	case "binary":
		if r.IntN(4) == 0 {
			plan = ", covariates: [age]"
		}
		return binaryProtocol(plan, more), rows
	case "bounded":
		protocol := strings.Replace(binaryProtocol(plan, more), "kind: binary", "kind: bounded, range: [0, 10], baseline: none", 1)
		return strings.Replace(protocol, "  values: {y: {ja: yes, nee: no}}\n", "", 1), rows
	case "log", "variance":
		if plan = ", variance_by_arm: true"; kind == "log" {
			plan = ", scale: log" + map[bool]string{true: plan, false: ", margin: 0.8"}[r.IntN(3) == 0]
		}
		if r.IntN(4) == 0 {
			plan += ", covariates: [age]"
		}
		protocol := strings.Replace(binaryProtocol(plan, more), "kind: binary", "kind: continuous, baseline: none", 1)
		return strings.Replace(protocol, "  values: {y: {ja: yes, nee: no}}\n", "", 1), rows
	case "count":
		if r.IntN(3) == 0 {
			plan = ", covariates: [age]"
		}
		return countsProtocol(plan, more), rows
	default:
		if r.IntN(2) == 0 {
			plan = ", model: proportional-odds"
			if r.IntN(2) == 0 {
				plan += ", covariates: [age]"
			}
		}
		return levelsProtocol(plan, more), rows
	}
}

// On random small trials, tiny and separated ones among them, every row has an answer or
// a named reason, no NaN beside an effect, and a p-value below α where its interval leaves
// out no difference and only there. TRIALKIT_KINDS=N tries N trials of each kind,
// TRIALKIT_KINDS_SEED=S others than the usual ones.
func TestKindsOnRandomTrials(t *testing.T) {
	trials, seed := 400, uint64(15)
	if n, err := strconv.Atoi(os.Getenv("TRIALKIT_KINDS")); err == nil {
		trials = n
	}
	if n, err := strconv.ParseUint(os.Getenv("TRIALKIT_KINDS_SEED"), 10, 64); err == nil {
		seed = n
	}
	for i, kind := range []string{"binary", "ordinal", "count", "bounded", "log", "variance"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			var seen kindsSeen
			var within subgroupsSeen
			for k := range trials {
				protocol, rows := randomKind(kind, r)
				ds := loadKind(t, kind, protocol, rows)
				p := ds.Protocol()
				of, err := ds.Analyze(p.Plans[0])
				if err != nil {
					t.Fatalf("%d: %v\n%s\n%s", k, err, protocol, strings.Join(rows, "\n"))
				}
				about := fmt.Sprintf("%d:\n%s\n%s", k, protocol, strings.Join(rows, "\n"))
				seen.hold(t, of, about)
				within.hold(t, of, about)
			}
			assert.Positive(t, seen.outside)
			assert.Positive(t, seen.refused)
			assert.Positive(t, within.outside)
			t.Logf("%s: %d interactions tested, %d with an interval without no difference, %v", kind, within.tested, within.outside, within.reasons)
			t.Logf("%s: %d trials, %v", kind, trials, &seen)
		})
	}
}

// kindsSeen counts what rows of trials came to.
type kindsSeen struct {
	answered, refused, outside int
	reasons                    map[string]int
}

func (k *kindsSeen) String() string {
	return fmt.Sprintf("%d rows with an answer (%d without no difference), %d with a reason: %v", k.answered, k.outside, k.refused, k.reasons)
}

// hold requires of a result's rows what must be true of every row.
func (k *kindsSeen) hold(t *testing.T, res Result, about string) {
	t.Helper()
	if k.reasons == nil {
		k.reasons = map[string]int{}
	}
	for _, x := range res.Rows {
		at := fmt.Sprintf("%s %s: %s", x.Method, x.Measure, about)
		if x.Effect == nil {
			k.refused++
			if len(x.Notes) == 0 || !math.IsNaN(x.P) || !math.IsNaN(x.Lower) || !math.IsNaN(x.Upper) {
				t.Fatalf("no interval without a reason, and none beside one: %v, p = %v, %v: %s", x.Estimate, x.P, Codes(x.Notes), at)
			}
			k.reasons[x.Notes[0].Code]++
			none, all := 0, 0
			for _, sum := range res.Summaries {
				if sum.Share != nil && (sum.Arm == x.Arm || sum.Arm == x.Control) {
					none, all = none+map[bool]int{sum.Share.Events == 0: 1}[true], all+map[bool]int{sum.Share.Events == sum.Share.N: 1}[true]
				}
			}
			if x.noted("ratio-no-events") && none == 0 || x.noted("ratio-all-events") && all == 0 || x.noted("ratio-no-strata") && none > 0 {
				t.Fatalf("%v is not why, %d arms have no events and %d only events: %s", Codes(x.Notes), none, all, at)
			}
			continue
		}
		k.answered++
		if math.IsNaN(x.Estimate) || !(x.P >= 0 && x.P <= 1) || math.IsNaN(x.Lower) || math.IsNaN(x.Upper) || x.Lower > x.Estimate || x.Upper < x.Estimate {
			t.Fatalf("%v %v %v %v: %s", x.Estimate, x.Lower, x.Upper, x.P, at)
		}
		out := !x.interval().Contains(x.Measure.Null())
		if out {
			k.outside++
		}
		if ni := x.NonInferiority; ni != nil && ni.Scale == string(ScaleRatio) && ni.Shown != (x.Lower > ni.Margin) {
			t.Fatalf("margin %v, interval %v to %v, shown %v: %s", ni.Margin, x.Lower, x.Upper, ni.Shown, at)
		}
		if (x.P < 0.05) != out && !x.noted("responders-gap-zero") {
			t.Fatalf("p = %v, interval %v to %v: %s", x.P, x.Lower, x.Upper, at)
		}
	}
}

// loadKind loads rows of a kind's protocol.
func loadKind(t *testing.T, kind, protocol string, rows []string) *Dataset {
	t.Helper()
	if kind == "count" {
		return loadCounts(t, protocol, rows)
	}
	return loadBinary(t, protocol, rows)
}

// Two to six patients an arm, all alike, all alike within the arm, or all but one: every
// row has an answer or a named reason. TRIALKIT_TINY=N tries N trials of each kind.
func TestKindsOnTinySamples(t *testing.T) {
	trials := 300
	if n, err := strconv.Atoi(os.Getenv("TRIALKIT_TINY")); err == nil {
		trials = n
	}
	values := map[string][]string{"binary": {"nee", "ja"}, "ordinal": {"1", "2", "3"}, "count": {"0/", "1/", "7/"},
		"bounded": {"0", "4", "10"}, "log": {"0.1", "1", "250"}, "variance": {"-3", "0", "1e6"}, "continuous": {"0", "50", "50.1"}}
	for i, kind := range []string{"binary", "ordinal", "count", "bounded", "log", "variance", "continuous"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(2026, uint64(i)))
			var seen kindsSeen
			var within subgroupsSeen
			var slowest time.Duration
			for k := range trials {
				of := kind
				if kind == "continuous" {
					of = "variance"
				}
				protocol, _ := randomKind(of, r)
				if kind == "continuous" {
					protocol = strings.Replace(protocol, ", variance_by_arm: true", "", 1)
				}
				all := values[kind]
				typical := [2]string{all[r.IntN(len(all))], all[r.IntN(len(all))]}
				if r.IntN(3) == 0 {
					typical[1] = typical[0]
				}
				var rows []string
				for a, arm := range []string{"a", "c"} {
					var ys []string
					for range 2 + r.IntN(5) {
						ys = append(ys, typical[a])
					}
					if r.IntN(2) == 0 {
						ys[0] = all[r.IntN(len(all))]
					}
					for j := range ys {
						if kind == "count" {
							ys[j] += []string{"12", "12", "1", "0.01"}[r.IntN(4)]
						}
					}
					rows = append(rows, kindRowsOf(arm, ys, r)...)
				}
				about := fmt.Sprintf("%d:\n%s\n%s", k, protocol, strings.Join(rows, "\n"))
				ds := loadKind(t, kind, protocol, rows)
				start := time.Now()
				res, err := ds.Analyze(ds.Protocol().Plans[0])
				slowest = max(slowest, time.Since(start))
				if err != nil {
					t.Fatalf("%v: %s", err, about)
				}
				seen.hold(t, res, about)
				within.hold(t, res, about)
			}
			assert.Positive(t, seen.refused)
			t.Logf("%s: %d interactions tested, %v", kind, within.tested, within.reasons)
			t.Logf("%s: %d trials, the slowest %v, %v", kind, trials, slowest.Round(time.Millisecond), &seen)
		})
	}
}

// Where a covariate begins and in which unit it is counted matters to no kind of outcome,
// nor do the unit of the time at risk and, on a logarithmic scale, that of the values.
func TestKindsIgnoreOriginAndUnit(t *testing.T) {
	adjusted := map[string]string{"binary": ", covariates: [age]", "ordinal": ", model: proportional-odds, covariates: [age]", "count": ", covariates: [age]",
		"bounded": ", covariates: [age]", "log": ", scale: log, covariates: [age]", "variance": ", variance_by_arm: true, covariates: [age]", "continuous": ", covariates: [age]"}
	for i, kind := range []string{"binary", "ordinal", "count", "bounded", "log", "variance", "continuous"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(4, uint64(i)))
			with, tested := 0, 0
			for k := range 60 {
				of := kind
				if kind == "continuous" {
					of = "variance"
				}
				var protocol string
				var rows []string
				for protocol, rows = randomKind(of, r); len(rows) < 12 && k%5 > 0; {
					protocol, rows = randomKind(of, r)
				}
				at := strings.LastIndex(protocol, "visit: post") + len("visit: post")
				protocol = protocol[:at] + adjusted[kind] + protocol[at+strings.Index(protocol[at:], "}]"):]
				load := func(age func(float64) float64, unit float64) Result {
					t.Helper()
					var moved []string
					for _, row := range rows {
						cells := strings.Split(row, ",")
						x, err := strconv.ParseFloat(cells[3], 64)
						require.NoError(t, err)
						cells[3] = strconv.FormatFloat(age(x), 'f', -1, 64)
						switch kind {
						case "count":
							events, months, _ := strings.Cut(cells[1], "/")
							m, err := strconv.ParseFloat(months, 64)
							require.NoError(t, err)
							cells[1] = events + "/" + strconv.FormatFloat(m*unit, 'f', -1, 64)
						case "log":
							y, err := strconv.ParseFloat(cells[1], 64)
							require.NoError(t, err)
							cells[1] = strconv.FormatFloat(y*unit, 'f', -1, 64)
						}
						moved = append(moved, strings.Join(cells, ","))
					}
					ds := loadKind(t, kind, protocol, moved)
					res, err := ds.Analyze(ds.Protocol().Plans[0])
					require.NoError(t, err)
					return res
				}
				want := load(func(x float64) float64 { return x }, 1)
				within := k%4 == 0 // models of subgroups take their time
				varies := map[string]float64{}
				if within {
					varies = subgroupsMoved(t, want)
				}
				tested += len(varies) / 2
				for name, got := range map[string]Result{
					"in days":   load(func(x float64) float64 { return x * 365 }, 1),
					"reversed":  load(func(x float64) float64 { return -x }, 1),
					"from afar": load(func(x float64) float64 { return 1e5 + x/64 }, 1),
					"unit":      load(func(x float64) float64 { return x }, 1024),
				} {
					again := map[string]float64{}
					if within {
						again = subgroupsMoved(t, got)
					}
					require.Equal(t, len(varies), len(again), "%s\n%s\n%s", name, protocol, strings.Join(rows, "\n"))
					for by, w := range varies {
						require.InDelta(t, w, again[by], 1e-6, "%s %s\n%s\n%s", name, by, protocol, strings.Join(rows, "\n"))
					}
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
							if x[0] != x[1] { // infinite ends too
								require.InDelta(t, x[0], x[1], 1e-7*max(1, math.Abs(x[0])), about)
							}
						}
					}
				}
			}
			assert.Positive(t, with)
			assert.Positive(t, tested)
		})
	}
}

// subgroupsMoved are the p-values of a result's interactions with the category and along age,
// and the probabilities that the effects in the category's levels have.
func subgroupsMoved(t *testing.T, res Result) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, by := range []string{"site", "age"} {
		s, err := SubgroupsOf(res, by)
		if err != nil {
			continue // nobody has a value: kindsSeen.hold looks at that
		}
		if p, ok := s.Tested(); ok {
			out[by] = p
		}
		for _, row := range s.Rows {
			if row.Effect != nil && !row.Withheld {
				out[by+" "+row.Level] = row.Effect.P(s.Measure.Null())
			}
		}
	}
	return out
}
