//go:build unix

package stats_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

func init() {
	effect := func(e stats.Effect, err error) error { return inTime(ask(e, err, 0)) }
	for name, f := range map[string]func(d sweepData) error{
		"MannWhitney": func(d sweepData) error { s, err := rank.MannWhitney(d.x, d.y); return effect(s, err) },
		"SignedRank":  func(d sweepData) error { s, err := rank.SignedRank(d.changes()); return effect(s, err) },
		"SignTest":    func(d sweepData) error { s, err := rank.SignTest(d.changes()); return effect(s, err) },
		"BrunnerMunzel": func(d sweepData) error {
			_, err := rank.BrunnerMunzel(d.x, d.y)
			return inTime(err)
		},
		"BrunnerMunzelPermutation": func(d sweepData) error {
			_, err := rank.BrunnerMunzelPermutation(d.x, d.y)
			return inTime(err)
		},
		"VanElteren": func(d sweepData) error {
			_, g := d.arms(4)
			_, err := rank.VanElteren(g[:2], g[2:])
			return inTime(err)
		},
		"Jonckheere": func(d sweepData) error { _, g := d.arms(3); _, err := rank.Jonckheere(g...); return inTime(err) },
		"Blocks": func(d sweepData) error {
			f, e1 := rank.Friedman(d.columns())
			f.Conover()
			_, e2 := rank.Quade(d.columns())
			return inTime(e1, e2)
		},
		"Dispersion": func(d sweepData) error {
			_, e1 := rank.Mood(d.x, d.y)
			_, e2 := rank.AnsariBradley(d.x, d.y)
			return inTime(e1, e2)
		},
		"Permutation": func(d sweepData) error {
			_, e1 := resample.PermutationFloor(d.x, d.y)
			p, e2 := resample.Permutation(d.x, d.y)
			return inTime(e1, effect(p, e2))
		},
		"PermutationPaired": func(d sweepData) error { p, err := resample.PermutationPaired(d.changes()); return effect(p, err) },
		"PermutationANCOVA": func(d sweepData) error {
			arm, _ := d.arms(2)
			p, err := resample.PermutationANCOVA(regress.ANCOVAData{Y: d.y, Baseline: d.x, Arm: arm, Control: "a1"}, "a0")
			return effect(p, err)
		},
		"Bootstrap":     func(d sweepData) error { b, err := resample.Bootstrap(d.x, d.y); return effect(b, err) },
		"BootstrapMean": func(d sweepData) error { b, err := resample.BootstrapMean(d.x); return effect(b, err) },
		"WestfallYoung": func(d sweepData) error {
			arm, _ := d.arms(2)
			one := resample.WYEndpoint{Name: "x", Value: d.x}
			for i := range d.x {
				one.Participant = append(one.Participant, i)
			}
			_, err := resample.WestfallYoung(resample.WYData{Arm: arm, Treated: "a0", Control: "a1",
				Endpoints: []resample.WYEndpoint{one, {Name: "y", Participant: one.Participant, Value: d.y}}})
			return inTime(err)
		},
	} {
		sweep[name] = f
	}
}

func (d sweepData) changes() []float64 {
	out := make([]float64, d.n)
	for i := range out {
		out[i] = d.y[i] - d.x[i]
	}
	return out
}

// sweepRooms are the packages whose functions the sweep asks.
var sweepRooms = []string{".", "rank", "resample", "table", "regress", "mmrm", "impute", "assoc", "mic", "power", "integrity"}

// notSwept take samples and are not asked.
var notSwept = map[string]string{
	"resample.BootOf":             "its replicates are made",
	"resample.BootstrapSample":    "takes as long as the caller's statistic",
	"resample.BootstrapStatistic": "takes as long as the caller's statistic",
	"stats.Fallback":              "makes a graph of its weights",
	"impute.IMORBinary":           "GuessBinary's formula at other odds",
}

// Every function of stats that takes samples or tables is asked in the sweep, in one of its
// forms (F, FWith, FContext). A new one fails here until it is.
func TestSweepAsksEveryFunction(t *testing.T) {
	asked := map[string]bool{}
	set := token.NewFileSet()
	for _, name := range []string{"sweep_bench_test.go", "sweep_more_test.go", "sweep_times_test.go"} {
		f, err := parser.ParseFile(set, name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if p, ok := s.X.(*ast.Ident); ok {
					asked[p.Name+"."+s.Sel.Name] = true
				}
			}
			return true
		})
	}
	seen := 0
	for _, room := range sweepRooms {
		names, err := filepath.Glob(filepath.Join(room, "*.go"))
		require.NoError(t, err)
		pkg := strings.Replace(room, ".", "stats", 1)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			for _, decl := range f.Decls {
				d, ok := decl.(*ast.FuncDecl)
				if !ok || d.Recv != nil || !d.Name.IsExported() || !takesSamples(d) {
					continue
				}
				seen++
				base := pkg + "." + strings.TrimSuffix(strings.TrimSuffix(d.Name.Name, "With"), "Context")
				if notSwept[base] == "" {
					assert.True(t, asked[base] || asked[base+"With"] || asked[base+"Context"], "%s is in no sweep: how long does it take at n = 3,000?", base)
				}
			}
		}
	}
	assert.Greater(t, seen, 150)
}

// takesSamples is whether a parameter is a slice, or a struct that holds counts or samples.
func takesSamples(d *ast.FuncDecl) bool {
	for _, p := range d.Type.Params.List {
		e := p.Type
		if s, ok := e.(*ast.SelectorExpr); ok {
			e = s.Sel
		}
		switch e := e.(type) {
		case *ast.ArrayType, *ast.Ellipsis:
			return true
		case *ast.Ident:
			switch e.Name {
			case "Count", "Counts", "PairedBinary", "PoissonRate", "Guesses", "Data", "ANCOVAData", "BinaryData", "CACEData", "GEEData", "RepeatedData", "WYData", "ROCCurve":
				return true
			}
		}
	}
	return false
}

// used is the processor time that the process has used.
func used() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano())
}

// No entry of the sweep takes above half a second of processor time on a machine it has for
// itself, at 15 to 3,000 participants an arm and steps of 1, 0.1 and 0.0001, but for two
// whose Context twins can be stopped: the interval of RiskDifferenceExact at 3 against 3,000
// (refused beyond n₁·n₂ = 10,000), and mic's regressions. Bounds leave room for a busy
// machine: here a few sizes, all of them with
//
//	TRIALKIT_TIMES=1 go test ./stats -run SweepTimes -v -timeout 30m
func TestSweepTimes(t *testing.T) {
	sizes, steps, most := []int{15, 100}, []float64{1}, 4*time.Second
	if os.Getenv("TRIALKIT_TIMES") != "" {
		sizes, steps, most = []int{15, 50, 300, 3000}, []float64{1, 0.1, 0.0001}, 1200*time.Millisecond
	}
	for _, n := range sizes {
		for _, step := range steps {
			d := newSweepData(n, step)
			for _, name := range slices.Sorted(maps.Keys(sweep)) {
				t.Run(fmt.Sprintf("n=%d/step=%g/%s", n, step, name), func(t *testing.T) {
					least := time.Hour
					for range 3 {
						start := used()
						err := sweep[name](d)
						if n < 50 { // an empty row of a table
							err = inTime(err)
						}
						require.NoError(t, err)
						if least = min(least, used()-start); least < most {
							break
						}
					}
					if least > most/10 {
						t.Log(name, n, step, least.Round(time.Millisecond))
					}
					assert.LessOrEqual(t, least, most)
				})
			}
		}
	}
}
