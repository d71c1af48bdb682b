package rank

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
)

// enumerateRankSum computes the rank-sum p-values by going through all
// assignments; ranks are found by counting, distances compared as integers.
func enumerateRankSum(x, y []float64) rankTails {
	all := append(slices.Clone(x), y...)
	n, m := len(all), len(x)
	r := make([]int, n)
	sum := 0
	for i, v := range all {
		for _, w := range all {
			if w < v {
				r[i] += 2
			} else if w == v {
				r[i]++
			}
		}
		sum += r[i]
	}
	obs := 0
	for i := range x {
		obs += r[i]
	}
	abs := func(v int) int { return max(v, -v) }
	var le, ge, two, total float64
	for b := 0; b < 1<<n; b++ {
		if bits.OnesCount(uint(b)) != m {
			continue
		}
		s := 0
		for i := range r {
			if b>>i&1 == 1 {
				s += r[i]
			}
		}
		total++
		if s <= obs {
			le++
		}
		if s >= obs {
			ge++
		}
		if abs(n*s-m*sum) >= abs(n*obs-m*sum) {
			two++
		}
	}
	return rankTails{less: le / total, greater: ge / total, two: two / total}
}

func tiedSample(rng *rand.Rand, n, spread int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(rng.IntN(spread))
	}
	return x
}

func TestMannWhitneyEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 300 {
		x := tiedSample(rng, 1+rng.IntN(6), 2+rng.IntN(9))
		y := tiedSample(rng, 1+rng.IntN(6), 2+rng.IntN(9))
		s, err := MannWhitney(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for _, null := range []float64{0, 1, -2, 0.5} {
			sh := make([]float64, len(x))
			for i := range x {
				sh[i] = x[i] - null
			}
			want := enumerateRankSum(sh, y)
			got := rankTails{s.PLess(null), s.PGreater(null), s.P(null)}
			if got != want {
				t.Fatalf("%v v %v, null %v: got %v, want %v", x, y, null, got, want)
			}
		}
		var d []float64
		for _, a := range x {
			for _, b := range y {
				d = append(d, a-b)
			}
		}
		slices.Sort(d)
		if want := (d[len(d)/2] + d[(len(d)-1)/2]) / 2; s.Point() != want {
			t.Fatalf("%v v %v: Point %v, want %v", x, y, s.Point(), want)
		}
	}
}

// p < α if and only if the interval at 1 − α excludes the null, for tied small
// samples, at every null where the ranking changes and between; except where
// the accepted shifts leave a gap, which InGap must then report.
func TestMannWhitneyIntervalAgreesWithP(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	gaps, checks, atZero := 0, 0, 0
	for i := range 3000 {
		x := tiedSample(rng, 2+rng.IntN(7), 2+rng.IntN(9))
		y := tiedSample(rng, 2+rng.IntN(7), 2+rng.IntN(9))
		s, err := MannWhitneyWith(x, y, Options{MidP: i%5 == 0})
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			s.data.inv.cost = 1e12 // the way of large samples
		}
		for _, alpha := range []float64{0.01, 0.05, 0.1, 0.2} {
			ci := s.CI(1 - alpha)
			for null := -12.0; null <= 12; null += 0.5 {
				checks++
				p := s.P(null)
				if ci.Excludes(null) != (p < alpha) {
					if !ci.Excludes(null) && s.InGap(1-alpha, null) {
						gaps++
						if null == 0 {
							atZero++
						}
						continue
					}
					t.Fatalf("%v v %v: p(%v) = %v, %v interval %v", x, y, null, p, 1-alpha, ci)
				}
			}
		}
	}
	t.Logf("%d gaps in %d checks, %d at zero", gaps, checks, atZero)
}

func TestMannWhitneyOpenInterval(t *testing.T) {
	s, err := MannWhitney([]float64{3, 3, 2, 2, 2}, []float64{0, 1, 1, 2})
	if err != nil {
		t.Fatal(err)
	}
	// coin::wilcox_test(distribution = "exact") of x − null against y: 0.0317 at
	// 0, 0.0794 at 0.5, 0.365 at 2, 0.0476 at 2.5 and 3, 0.0079 at 3.5.
	want := map[float64]stats.Interval{
		0.95: {Lo: 0, Hi: 2, Level: 0.95, LoOpen: true},
		0.96: {Lo: 0, Hi: 3, Level: 0.96, LoOpen: true},
		0.97: {Lo: 0, Hi: 3, Level: 0.97},
	}
	for level, w := range want {
		if ci := s.CI(level); ci != w {
			t.Errorf("got %+v, want %+v", ci, w)
		}
	}
	if s.P(0) != 4.0/126 {
		t.Errorf("p = %v, want 4/126", s.P(0))
	}
	// Two against two: no arrangement is rarer than 1 in 6.
	s, _ = MannWhitney([]float64{5, 6}, []float64{1, 2})
	ci := s.CI(0.95)
	if !math.IsInf(ci.Lo, -1) || !math.IsInf(ci.Hi, 1) || ci.Why != stats.WhyLevel {
		t.Errorf("unattainable level: %+v", ci)
	}
}

func TestMannWhitneyInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	for range 200 {
		x := tiedSample(rng, 3+rng.IntN(9), 12)
		y := tiedSample(rng, 3+rng.IntN(9), 12)
		x0, y0 := slices.Clone(x), slices.Clone(y)
		a, _ := MannWhitney(x, y)
		b, _ := MannWhitney(y, x)
		ca, cb := a.CI(0.9), b.CI(0.9)
		if a.Point() != -b.Point() || a.P(1) != b.P(-1) || a.PLess(2) != b.PGreater(-2) || ca != cb.Neg() {
			t.Fatalf("swapping arms: %v %v, %v %v", a, b, ca, cb)
		}
		// Exact shift and scale, order of rows.
		xs, ys := slices.Clone(x), slices.Clone(y)
		for i := range xs {
			xs[i] = 4*xs[i] + 3
		}
		for i := range ys {
			ys[i] = 4*ys[i] - 5
		}
		rng.Shuffle(len(xs), func(i, j int) { xs[i], xs[j] = xs[j], xs[i] })
		c, _ := MannWhitney(xs, ys)
		cc := c.CI(0.9)
		if c.Point() != 4*a.Point()+8 || c.P(8) != a.P(0) || cc.Lo != 4*ca.Lo+8 || cc.Hi != 4*ca.Hi+8 || cc.LoOpen != ca.LoOpen {
			t.Fatalf("shift and scale: %v %v", c, a)
		}
		if !slices.Equal(x, x0) || !slices.Equal(y, y0) {
			t.Fatal("inputs changed")
		}
	}
}

// Decimals that floats cannot hold: subtraction noise must not break ties.
func TestMannWhitneyDecimalTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		x, y := tiedSample(rng, 4+rng.IntN(5), 100), tiedSample(rng, 4+rng.IntN(5), 100)
		xd, yd := make([]float64, len(x)), make([]float64, len(y))
		for i := range x {
			xd[i] = x[i] / 10
		}
		for i := range y {
			yd[i] = y[i] / 10
		}
		a, _ := MannWhitney(x, y)
		b, _ := MannWhitney(xd, yd)
		ca, cb := a.CI(0.9), b.CI(0.9)
		if ca.LoOpen != cb.LoOpen || ca.HiOpen != cb.HiOpen || math.Abs(ca.Lo/10-cb.Lo) > 1e-13 || math.Abs(ca.Hi/10-cb.Hi) > 1e-13 {
			t.Fatalf("%v v %v: %v %v", x, y, ca, cb)
		}
		for _, u := range x {
			for _, v := range y {
				if a.P(u-v) != b.P((u-v)/10) || a.P(u-v) != b.P(u/10-v/10) {
					t.Fatalf("%v v %v at %v: %v, %v, %v", x, y, u-v, a.P(u-v), b.P((u-v)/10), b.P(u/10-v/10))
				}
				if null := u/10 - v/10; cb.Excludes(null) != rejects(b.P(null), 0.9) && !b.InGap(0.9, null) {
					t.Fatalf("%v v %v: interval %+v and p(%v) = %v", xd, yd, cb, null, b.P(null))
				}
			}
		}
	}
}

// Zero is a cut of its own: a difference of floats is zero only if they are
// equal, and P(0) ranks the values exactly as given.
func TestMergeCuts(t *testing.T) {
	got := mergeCuts([]float64{1e-17, 0, -1e-17, 5.9 - 4.1, 6.2 - 4.4, 0}, 6.2)
	want := []cut{{-1e-17, -1e-17}, {0, 0}, {1e-17, 1e-17}, {6.2 - 4.4, 5.9 - 4.1}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRankTestsStopInTime(t *testing.T) {
	x, y := benchSamples(350, true)
	s, err := MannWhitneyWith(x, y, Options{Method: Exact})
	require.NoError(t, err)
	stoptest.Within(t, 10*time.Millisecond, func(ctx context.Context) error {
		_, err := s.PContext(ctx, 0)
		return err
	})
	x, _ = benchSamples(1000, false)
	for i := range x {
		x[i] -= 50
	}
	v, err := SignedRankWith(x, SignedRankOptions{Method: Exact})
	require.NoError(t, err)
	stoptest.Within(t, 10*time.Millisecond, func(ctx context.Context) error {
		_, err := v.CIContext(ctx, 0.95)
		return err
	})
}

func TestMannWhitneyRefuses(t *testing.T) {
	for _, c := range []struct {
		x, y []float64
		err  error
		arg  string
		idx  int
	}{
		{nil, []float64{1}, stats.ErrTooFew, "treated", -1},
		{[]float64{1}, nil, stats.ErrTooFew, "control", -1},
		{[]float64{1, math.NaN()}, []float64{1}, stats.ErrNotFinite, "treated", 1},
		{[]float64{1}, []float64{math.Inf(-1)}, stats.ErrNotFinite, "control", 0},
	} {
		_, err := MannWhitney(c.x, c.y)
		var se *stats.SampleError
		if !errors.Is(err, c.err) || !errors.As(err, &se) || se.Arg != c.arg || se.Index != c.idx {
			t.Errorf("%v v %v: %v", c.x, c.y, err)
		}
	}
	s, err := MannWhitney([]float64{2, 2}, []float64{2, 2, 2})
	if err != nil || s.P(0) != 1 || s.Point() != 0 || s.Z() != 0 {
		t.Errorf("all tied: %v %v", s, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, err = MannWhitney(tiedSample(rand.New(rand.NewPCG(1, 1)), 300, 50), tiedSample(rand.New(rand.NewPCG(1, 2)), 300, 50))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CIContext(ctx, 0.95); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}
