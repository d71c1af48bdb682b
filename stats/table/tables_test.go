package table_test

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// everyTable calls f for every table of small arms.
func everyTable(maxN int, f func(t, c table.Count)) {
	for n1 := 1; n1 <= maxN; n1++ {
		for n2 := 1; n2 <= maxN; n2++ {
			for x1 := 0; x1 <= n1; x1++ {
				for x2 := 0; x2 <= n2; x2++ {
					f(table.Count{Events: x1, N: n1}, table.Count{Events: x2, N: n2})
				}
			}
		}
	}
}

func TestTablePAgreesWithInterval(t *testing.T) {
	t.Parallel()
	everyTable(5, func(a, b table.Count) {
		what := fmt.Sprintf("%d/%d v %d/%d", a.Events, a.N, b.Events, b.N)
		rd, err := table.RiskDifferenceScore(a, b)
		require.NoError(t, err)
		for _, null := range []float64{-0.4, 0, 0.3} {
			statstest.Agree(t, rd, null, 0.9, "score RD "+what)
		}
		if rr, err := table.RiskRatioScore(a, b); err == nil {
			for _, null := range []float64{0.4, 1, 3} {
				statstest.Agree(t, rr, null, 0.9, "score RR "+what)
			}
		}
		if or, err := table.OddsRatioScore(a, b); err == nil {
			for _, null := range []float64{0.2, 1, 6} {
				statstest.Agree(t, or, null, 0.9, "score OR "+what)
			}
		}
		for _, mid := range []bool{false, true} {
			if or, err := table.OddsRatioExactWith(a, b, table.ExactOptions{MidP: mid}); err == nil {
				for _, null := range []float64{0.2, 1, 6} {
					statstest.Agree(t, or, null, 0.9, "exact OR "+what)
				}
			}
		}
	})
}

// Exchanging the arms turns differences around and inverts ratios.
func TestTableSwap(t *testing.T) {
	t.Parallel()
	everyTable(4, func(a, b table.Count) {
		for _, m := range []table.RiskDifferenceMethod{table.NewcombeScore, table.NewcombeCC, table.NewcombeJeffreys, table.WaldRD,
			table.WaldRDCC, table.AgrestiCaffo, table.MiettinenNurminen, table.Mee, table.BrownLiJeffreys, table.Haldane, table.JeffreysPerks} {
			ab, err := table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: m})
			require.NoError(t, err)
			ba, err := table.RiskDifferenceWith(b, a, table.RiskDifferenceOptions{Method: m})
			require.NoError(t, err)
			x, y := ab.CI(0.95), ba.CI(0.95)
			assert.InDelta(t, x.Lo, -y.Hi, 1e-12, string(m))
			assert.True(t, x.Lo >= -1 && x.Hi <= 1)
		}
		f, err := table.Fisher(a, b)
		require.NoError(t, err)
		g, err := table.Fisher(b, a)
		require.NoError(t, err)
		assert.InDelta(t, f.P(), g.P(), 1e-12)
		assert.InDelta(t, f.PGreater(), g.PLess(), 1e-12)
		if or, err := table.OddsRatioExact(a, b); err == nil {
			ro, err := table.OddsRatioExact(b, a)
			require.NoError(t, err)
			if v := or.Point(); v > 0 && !math.IsInf(v, 1) {
				assert.InEpsilon(t, 1/v, ro.Point(), 1e-9)
			}
		}
	})
}

// Barnard's and Boschloo's p-values are the largest over the nuisance
// probability of the table set's probability: no point of a fine grid is above.
func TestUnconditionalIsSupremum(t *testing.T) {
	t.Parallel()
	a, b := table.Count{Events: 5, N: 6}, table.Count{Events: 1, N: 5}
	u, err := table.UnconditionalWith(a, b, table.UnconditionalOptions{Order: table.BarnardPooledAbs})
	require.NoError(t, err)
	z := statstest.ZScore(6, 5, true)
	obs := math.Abs(z(5, 1))
	brute, _ := statstest.MaxNuisance(6, 5, func(i, j int) bool { return math.Abs(z(i, j)) >= obs-1e-9 })
	assert.InEpsilon(t, brute, u.P(), 1e-9)
	f, err := table.Fisher(a, b)
	require.NoError(t, err)
	bo, err := table.UnconditionalWith(a, b, table.UnconditionalOptions{Order: table.Boschloo})
	require.NoError(t, err)
	assert.LessOrEqual(t, bo.P(), f.P(), "Boschloo is never above Fisher")
}

// Chan and Zhang's interval covers at least nominally: enumerated coverage over
// a grid of both probabilities, for 4 against 5.
func TestChanZhangCovers(t *testing.T) {
	t.Parallel()
	const n1, n2 = 4, 5
	var cis [n1 + 1][n2 + 1]stats.Interval
	for i := range cis {
		for j := range cis[i] {
			r, err := table.RiskDifferenceExact(table.Count{Events: i, N: n1}, table.Count{Events: j, N: n2})
			require.NoError(t, err)
			cis[i][j] = r.CI(0.9)
		}
	}
	binom := func(k, n int, p float64) float64 {
		return math.Exp(statstest.LogChoose(n, k)) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
	}
	for p := 0.0; p <= 1; p += 0.1 {
		for q := 0.0; q <= 1; q += 0.1 {
			cover := 0.0
			for i := range cis {
				for j := range cis[i] {
					if ci := cis[i][j]; ci.Lo-1e-9 <= p-q && p-q <= ci.Hi+1e-9 {
						cover += binom(i, n1, p) * binom(j, n2, q)
					}
				}
			}
			assert.GreaterOrEqual(t, cover, 0.9-1e-6, "at %v, %v", p, q)
		}
	}
}

// The network algorithm equals a plain list of all tables.
func TestFisherRxCEqualsEnumeration(t *testing.T) {
	t.Parallel()
	for _, m := range [][][]int{{{3, 0, 2}, {1, 4, 1}}, {{2, 1, 0}, {0, 3, 1}, {1, 0, 4}}, {{1, 1}, {0, 5}, {3, 0}, {2, 2}}, {{4, 4}, {4, 4}},
		{{2, 0, 1, 1}, {0, 3, 1, 0}, {1, 1, 0, 2}, {0, 1, 2, 1}}, {{1, 0, 2}, {3, 1, 0}, {0, 2, 2}, {1, 1, 1}, {2, 0, 3}}} {
		got, err := table.FisherRxC(m)
		require.NoError(t, err)
		assert.InEpsilon(t, enumerateRxC(m), got.P(), 1e-9)
	}
	two := [][]int{{3, 1}, {1, 3}}
	p, err := table.FisherRxC(two)
	require.NoError(t, err)
	f, err := table.Fisher(table.Count{Events: 3, N: 4}, table.Count{Events: 1, N: 4})
	require.NoError(t, err)
	assert.InEpsilon(t, f.P(), p.P(), 1e-12)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = table.FisherRxCContext(ctx, two)
	assert.ErrorIs(t, err, context.Canceled)
}

// Where every row has a column of its own, the k! tables that are so are the least likely
// of all, each with probability (m!)^k/(k·m)!: its logarithm is exact where float64 has no
// number for the probability, and P is never 0.
func TestFisherRxCOfVanishingTables(t *testing.T) {
	for _, c := range []struct {
		m, k      int
		vanishing bool
	}{{20, 3, false}, {30, 3, false}, {400, 2, false}, {600, 2, true}} {
		m := make([][]int, c.k)
		ways := 1.0
		for i := range m {
			m[i] = make([]int, c.k)
			m[i][(i+1)%c.k] = c.m
			ways *= float64(i + 1)
		}
		one, _ := math.Lgamma(float64(c.m + 1))
		all, _ := math.Lgamma(float64(c.k*c.m + 1))
		want := math.Log(ways) + float64(c.k)*one - all
		got, err := table.FisherRxC(m)
		require.NoError(t, err)
		require.Zero(t, got.Drawn)
		assert.InEpsilon(t, want, got.LogP(), 1e-12)
		assert.Positive(t, got.P())
		if c.vanishing {
			assert.Equal(t, math.SmallestNonzeroFloat64, got.P())
		} else {
			assert.InEpsilon(t, math.Exp(want), got.P(), 1e-9)
		}
	}
}

// Values of R 4.2's fisher.test(m, workspace = 2e8), and of the largest table of 4·10⁶ drawn
// (simulate.p.value = TRUE, standard error 0.0002). Tables whose network is given up are drawn:
// their p-value is within four standard errors of the exact one, and says so.
func TestFisherRxCOfLargerTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		m     [][]int
		p, se float64
		drawn int
	}{
		{[][]int{{50, 40, 48}, {41, 52, 45}, {60, 38, 41}}, 0.153617435928159, 0, 0},
		{[][]int{{12, 10, 8, 9, 3}, {5, 9, 14, 8, 6}, {8, 3, 9, 7, 12}}, 0.0604664240364127, 0, 0},
		{[][]int{{5, 2, 3, 1, 2}, {1, 4, 2, 3, 3}, {2, 2, 6, 1, 0}, {0, 3, 1, 5, 2}, {4, 1, 2, 2, 3}}, 0.158346753705159, 0, 80_000},
		{[][]int{{3, 1, 2, 1, 1}, {1, 3, 1, 2, 0}, {1, 2, 4, 0, 0}, {0, 2, 1, 3, 1}, {2, 1, 1, 1, 3}}, 0.438274820751201, 0, 0},
		{[][]int{{50, 40, 48, 20}, {41, 52, 45, 9}, {22, 11, 14, 6}}, 0.120871950699371, 0, 100_000},
		{[][]int{{310, 290, 300, 320, 280}, {280, 300, 310, 340, 270}}, 0.618780564500461, 0, 0},
		{[][]int{{10, 7, 8, 6}, {4, 9, 8, 8}, {9, 2, 8, 6}, {5, 9, 3, 10}}, 0.156701209598585, 0, 100_000},
		{[][]int{{25, 22, 30, 21, 22}, {31, 24, 20, 23, 33}, {20, 32, 26, 21, 30}, {20, 33, 21, 35, 22}, {24, 31, 22, 20, 33}}, 0.244289938927515, 0.0002, 80_000},
	} {
		got, err := table.FisherRxC(c.m)
		require.NoError(t, err)
		assert.Equal(t, c.drawn, got.Drawn, got.String())
		j, err := got.MarshalJSON()
		require.NoError(t, err)
		if c.drawn == 0 {
			assert.InEpsilon(t, c.p, got.P(), 1e-9, got.String())
			assert.Contains(t, got.String(), "exact")
			continue
		}
		assert.InDelta(t, c.p, got.P(), 4*math.Hypot(c.se, math.Sqrt(c.p*(1-c.p)/float64(c.drawn))), got.String())
		assert.NotContains(t, got.String()+string(j), "exact")
		again, err := table.FisherRxCWith(c.m, table.FisherRxCOptions{Seed: 7, Replicates: 20_000})
		require.NoError(t, err)
		assert.NotEqual(t, got.P(), again.P())
		assert.InDelta(t, c.p, again.P(), 4*math.Hypot(c.se, math.Sqrt(c.p*(1-c.p)/20_000)), again.String())
	}
	exact, err := table.FisherRxCWith([][]int{{10, 7, 8, 6}, {4, 9, 8, 8}, {9, 2, 8, 6}, {5, 9, 3, 10}}, table.FisherRxCOptions{Exact: true})
	require.NoError(t, err)
	assert.InEpsilon(t, 0.156701209598585, exact.P(), 1e-9)
	assert.Zero(t, exact.Drawn)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = table.FisherRxCContext(ctx, [][]int{{310, 290, 300, 320, 280}, {280, 300, 310, 340, 270}, {290, 300, 300, 300, 310}})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = table.FisherRxC([][]int{{5_000_000, 1}, {1, 5_000_000}})
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// enumerateRxC lists every table with the margins of m.
func enumerateRxC(m [][]int) float64 {
	r, c := len(m), len(m[0])
	rows, cols := make([]int, r), make([]int, c)
	for i := range m {
		for j, v := range m[i] {
			rows[i] += v
			cols[j] += v
		}
	}
	logw := func(x [][]int) float64 {
		s := 0.0
		for i := range x {
			for _, v := range x[i] {
				l, _ := math.Lgamma(float64(v + 1))
				s -= l
			}
		}
		return s
	}
	obs := logw(m)
	var total, p float64
	x := make([][]int, r)
	for i := range x {
		x[i] = make([]int, c)
	}
	var walk func(i, j int)
	walk = func(i, j int) {
		if i == r {
			for _, v := range cols {
				if v != 0 {
					return
				}
			}
			w := math.Exp(logw(x))
			total += w
			if logw(x) <= obs+1e-7 {
				p += w
			}
			return
		}
		if j == c {
			if rows[i] == 0 {
				walk(i+1, 0)
			}
			return
		}
		for k := 0; k <= min(rows[i], cols[j]); k++ {
			x[i][j] = k
			rows[i] -= k
			cols[j] -= k
			walk(i, j+1)
			rows[i] += k
			cols[j] += k
		}
		x[i][j] = 0
	}
	walk(0, 0)
	return p / total
}

// One stratum is the plain table; strata that mirror each other cancel.
func TestMantelHaenszelOfOneStratum(t *testing.T) {
	t.Parallel()
	a, b := table.Count{Events: 12, N: 30}, table.Count{Events: 5, N: 28}
	one := []table.Stratum{{Treated: a, Control: b}}
	or, err := table.MantelHaenszelOddsRatio(one)
	require.NoError(t, err)
	plain, err := table.OddsRatio(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, plain.Log.Value, or.Log.Value, 1e-12)
	assert.InEpsilon(t, plain.Log.SE, or.Log.SE, 1e-12)
	rr, err := table.MantelHaenszelRiskRatio(one)
	require.NoError(t, err)
	katz, err := table.RiskRatio(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, katz.Log.Value, rr.Log.Value, 1e-12)
	assert.InEpsilon(t, katz.Log.SE, rr.Log.SE, 1e-12)
	rd, err := table.MantelHaenszelRiskDifference(one)
	require.NoError(t, err)
	assert.InEpsilon(t, a.Rate()-b.Rate(), rd.Value, 1e-12)
	exact, err := table.StratifiedExact(one)
	require.NoError(t, err)
	f, err := table.Fisher(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, f.P(), exact.Fisher().P(), 1e-9)

	both, err := table.MantelHaenszel([]table.Stratum{{Treated: a, Control: b}, {Treated: b, Control: a}})
	require.NoError(t, err)
	assert.InDelta(t, 0, both.CMH.X2, 1e-12)
	require.NotNil(t, both.BreslowDay)
	assert.Less(t, both.BreslowDay.P(), 0.05, "the strata contradict each other")
}

func TestPairedRisk(t *testing.T) {
	t.Parallel()
	p := table.PairedBinary{Both: 10, First: 8, Second: 2, Neither: 5}
	d, err := table.PairedRisk(p)
	require.NoError(t, err)
	m, err := table.McNemar(p)
	require.NoError(t, err)
	assert.InEpsilon(t, m.ChiSquare.P(), d.P(0), 1e-9, "at 0 the score test is McNemar's")
	for _, null := range []float64{-0.2, 0, 0.1, 0.3} {
		for _, level := range []float64{0.8, 0.95} {
			statstest.Agree(t, d, null, level, "Tango")
		}
	}
	none, err := table.McNemar(table.PairedBinary{Both: 3, Neither: 4})
	require.NoError(t, err)
	assert.Equal(t, 1.0, none.P())
	assert.Equal(t, 1.0, none.ChiSquare.P())
}

// Without discordant pairs Tango's limits have a closed form: ±z²/(n + z²).
func TestPairedRiskWithoutDiscordance(t *testing.T) {
	t.Parallel()
	d, err := table.PairedRisk(table.PairedBinary{Both: 20, Neither: 24})
	require.NoError(t, err)
	const z = 1.959963984540054
	ci := d.CI(0.95)
	assert.InDelta(t, z*z/(44+z*z), ci.Hi, 1e-9)
	assert.InDelta(t, -z*z/(44+z*z), ci.Lo, 1e-9)
}

func ExampleOddsRatioExact() {
	or, err := table.OddsRatioExact(table.Count{Events: 3, N: 4}, table.Count{Events: 1, N: 4})
	if err != nil {
		panic(err)
	}
	fmt.Println(or)
	// Output:
	// 6.41 (95% CI 0.21 to 626.24; p = 0.49; exact)
}

func ExampleUnconditional() {
	u, err := table.UnconditionalWith(table.Count{Events: 4, N: 5}, table.Count{Events: 0, N: 5}, table.UnconditionalOptions{Order: table.Boschloo})
	if err != nil {
		panic(err)
	}
	fmt.Printf("Boschloo p = %.4f\n", u.P())
	// Output: Boschloo p = 0.0215
}

func ExampleRiskDifferenceScore() {
	// Non-inferiority of 78 of 100 against 80 of 100, margin 15 points.
	s, err := table.RiskDifferenceScore(table.Count{Events: 78, N: 100}, table.Count{Events: 80, N: 100})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%v, p for non-inferiority %.4f\n", s, s.PGreater(-0.15))
	// Output:
	// -2.0% (95% CI -13.4% to 9.4%; p = 0.73; Miettinen–Nurminen score), p for non-inferiority 0.0129
}

func ExampleMantelHaenszelRiskDifference() {
	rd, err := table.MantelHaenszelRiskDifference([]table.Stratum{
		{Treated: table.Count{Events: 12, N: 30}, Control: table.Count{Events: 5, N: 28}},
		{Treated: table.Count{Events: 20, N: 40}, Control: table.Count{Events: 14, N: 41}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(rd)
	// Output: 0.185 (95% CI 0.029 to 0.340; p = 0.0200; normal)
}

// Tables are drawn on all cores, and several callers may ask at once: every answer is the
// same.
func TestFisherRxCAtOnce(t *testing.T) {
	m := [][]int{{5, 2, 3, 1, 2}, {1, 4, 2, 3, 3}, {2, 2, 6, 1, 0}, {0, 3, 1, 5, 2}, {4, 1, 2, 2, 3}}
	got := make([]float64, 4)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			if x, err := table.FisherRxC(m); err == nil {
				got[i] = x.P()
			}
		})
	}
	all.Wait()
	for _, p := range got {
		assert.Equal(t, got[0], p)
		assert.Positive(t, p)
	}
}
