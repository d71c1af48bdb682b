package rank

import (
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats"
)

// enumerateSigns computes signed-rank p-values by going through all sign
// assignments; ranks are found by counting.
func enumerateSigns(d []float64, zm ZeroMethod) rankTails {
	var a []int
	obs2, zeroSum := 0, 0 // twice the doubled V
	for _, v := range d {
		if v == 0 && zm != ZerosSplit {
			continue
		}
		r := 1
		for _, w := range d {
			if w == 0 && zm == ZerosWilcoxon {
				continue
			}
			if math.Abs(w) < math.Abs(v) {
				r += 2
			} else if math.Abs(w) == math.Abs(v) {
				r++
			}
		}
		a = append(a, r)
		if v > 0 {
			obs2 += 2 * r
		} else if v == 0 {
			zeroSum += r
		}
	}
	obs2 += zeroSum
	sum := 0
	for _, v := range a {
		sum += v
	}
	abs := func(v int) int { return max(v, -v) }
	var t rankTails
	for b := 0; b < 1<<len(a); b++ {
		s := 0
		for i, v := range a {
			if b>>i&1 == 1 {
				s += 2 * v
			}
		}
		if s <= obs2 {
			t.less++
		}
		if s >= obs2 {
			t.greater++
		}
		if abs(s-sum) >= abs(obs2-sum) {
			t.two++
		}
	}
	n := math.Ldexp(1, len(a))
	return rankTails{t.less / n, t.greater / n, t.two / n}
}

func tiedDiffs(rng *rand.Rand, n int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = float64(rng.IntN(10) - 3)
	}
	return d
}

func TestSignedRankEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		d := tiedDiffs(rng, 1+rng.IntN(9))
		for _, zm := range []ZeroMethod{ZerosPratt, ZerosWilcoxon, ZerosSplit} {
			s, err := SignedRankWith(d, SignedRankOptions{Zeros: zm})
			if err != nil {
				t.Fatal(err)
			}
			for null := -5.0; null <= 8; null += 0.25 {
				sh := make([]float64, len(d))
				for i := range d {
					sh[i] = d[i] - null
				}
				want := enumerateSigns(sh, zm)
				if got := (rankTails{s.PLess(null), s.PGreater(null), s.P(null)}); got != want {
					t.Fatalf("%v, zeros %d, null %v: got %v, want %v", d, zm, null, got, want)
				}
			}
			var w []float64
			for i := range d {
				for j := i; j < len(d); j++ {
					w = append(w, (d[i]+d[j])/2)
				}
			}
			slices.Sort(w)
			if want := (w[len(w)/2] + w[(len(w)-1)/2]) / 2; s.Point() != want {
				t.Fatalf("%v: Point %v, want %v", d, s.Point(), want)
			}
		}
	}
}

// As for Mann–Whitney: p and interval agree at every null value, and a null
// value in a gap of the accepted set is told by InGap.
func TestSignedRankIntervalAgreesWithP(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	gaps := map[ZeroMethod]int{}
	checks := 0
	for i := range 3000 {
		d := tiedDiffs(rng, 2+rng.IntN(12))
		zm := ZeroMethod(i % 3)
		s, err := SignedRankWith(d, SignedRankOptions{Zeros: zm, MidP: i%5 == 0})
		if err != nil {
			t.Fatal(err)
		}
		for _, alpha := range []float64{0.01, 0.05, 0.1, 0.2} {
			ci := s.CI(1 - alpha)
			inHull := false
			for null := -5.0; null <= 8; null += 0.25 {
				checks++
				p := s.P(null)
				if p >= alpha && (null == ci.Lo || null == ci.Hi) {
					inHull = true
				}
				if ci.Excludes(null) != (p < alpha) {
					if !ci.Excludes(null) && s.InGap(1-alpha, null) {
						gaps[zm]++
						continue
					}
					t.Fatalf("%v: p(%v) = %v, %v interval %v", d, null, p, 1-alpha, ci)
				}
			}
			if !inHull && !math.IsInf(ci.Lo, 0) && !math.IsInf(ci.Hi, 0) && !ci.LoOpen {
				t.Fatalf("%v: no closed end of %v is accepted", d, ci)
			}
		}
	}
	t.Logf("gaps %v in %d checks", gaps, checks)
}

// The way of large samples must find what testing every position finds.
func TestRankWalkEqualsScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 30 {
		n := 12 + rng.IntN(12)
		x, y := make([]float64, n), make([]float64, n-3)
		spread := 5 + 20*rng.Float64()
		round := func(v float64) float64 { return math.Round(v*2) / 2 }
		for i := range x {
			x[i] = round(spread * rng.ExpFloat64())
		}
		for i := range y {
			y[i] = round(spread * rng.NormFloat64())
		}
		for _, level := range []float64{0.9, 0.95, 0.99} {
			a, _ := MannWhitney(x, y)
			b, _ := MannWhitney(x, y)
			a.data.inv.cost, b.data.inv.cost = 0, 1e12
			if a.CI(level) != b.CI(level) {
				t.Errorf("%v v %v: scan %+v, walk %+v", x, y, a.CI(level), b.CI(level))
			}
			o := SignedRankOptions{Zeros: ZeroMethod(i % 3)}
			c, _ := SignedRankWith(x, o)
			d, _ := SignedRankWith(x, o)
			c.data.inv.cost, d.data.inv.cost = 0, 1e12
			if c.CI(level) != d.CI(level) {
				t.Errorf("%v zeros %d: scan %+v, walk %+v", x, o.Zeros, c.CI(level), d.CI(level))
			}
		}
	}
}

func TestSignedRankInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	for range 200 {
		d := tiedDiffs(rng, 4+rng.IntN(12))
		d0 := slices.Clone(d)
		e := make([]float64, len(d))
		for i := range d {
			e[len(d)-1-i] = -4 * d[i]
		}
		a, _ := SignedRank(d)
		b, _ := SignedRank(e)
		ca, cb := a.CI(0.9), b.CI(0.9).Neg()
		if a.Point() != -b.Point()/4 || a.P(1) != b.P(-4) || a.PLess(2) != b.PGreater(-8) ||
			ca.Lo != cb.Lo/4 || ca.Hi != cb.Hi/4 || ca.LoOpen != cb.LoOpen || ca.HiOpen != cb.HiOpen {
			t.Fatalf("%v: %v %v", d, a, b)
		}
		if !slices.Equal(d, d0) {
			t.Fatal("input changed")
		}
	}
	if _, err := SignedRank([]float64{1, math.Inf(1)}); !errors.Is(err, stats.ErrNotFinite) {
		t.Errorf("infinity: %v", err)
	}
	if _, err := SignedRank(nil); !errors.Is(err, stats.ErrTooFew) {
		t.Errorf("empty: %v", err)
	}
	s, err := SignedRank([]float64{0, 0, 0})
	if err != nil || s.P(0) != 1 || s.Z() != 0 || s.RankBiserial() != 0 {
		t.Errorf("all zero: %v, %v", s, err)
	}
}

// The sign test: p-values by counting, agreement of p and interval, swap.
func TestSignTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 9))
	for range 500 {
		d := tiedDiffs(rng, 1+rng.IntN(14))
		s, err := SignTest(d)
		if err != nil {
			t.Fatal(err)
		}
		neg := make([]float64, len(d))
		for i, v := range d {
			neg[len(d)-1-i] = -v
		}
		r, _ := SignTest(neg)
		if s.Point() != -r.Point() || s.PGreater(1) != r.PLess(-1) || s.CI(0.9) != r.CI(0.9).Neg() {
			t.Fatalf("%v: turning signs", d)
		}
		for null := -5.0; null <= 8; null += 0.5 {
			plus, minus := 0, 0
			for _, v := range d {
				if v > null {
					plus++
				} else if v < null {
					minus++
				}
			}
			var less, greater float64 // over all sign patterns
			for b := 0; b < 1<<(plus+minus); b++ {
				if k := bits.OnesCount(uint(b)); k <= plus {
					less++
				}
				if bits.OnesCount(uint(b)) >= plus {
					greater++
				}
			}
			n := math.Ldexp(1, plus+minus)
			want := rankTails{less / n, greater / n, math.Min(1, 2*math.Min(less, greater)/n)}
			if got := (rankTails{s.PLess(null), s.PGreater(null), s.P(null)}); got != want {
				t.Fatalf("%v at %v: %v, want %v", d, null, got, want)
			}
			for _, alpha := range []float64{0.05, 0.1} {
				if ci := s.CI(1 - alpha); ci.Excludes(null) != (want.two < alpha) {
					t.Fatalf("%v at %v: p %v, %v interval %+v", d, null, want.two, 1-alpha, ci)
				}
			}
		}
	}
}
