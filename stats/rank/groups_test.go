package rank

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// eachAssignment calls f with every division of n items into groups of sizes.
func eachAssignment(sizes []int, f func(label []int)) {
	n := 0
	for _, s := range sizes {
		n += s
	}
	label, left := make([]int, n), slices.Clone(sizes)
	var place func(i int)
	place = func(i int) {
		if i == n {
			f(label)
			return
		}
		for g := range left {
			if left[g] > 0 {
				left[g]--
				label[i] = g
				place(i + 1)
				left[g]++
			}
		}
	}
	place(0)
}

func randomGroups(rng *rand.Rand, k, most, spread int) [][]float64 {
	g := make([][]float64, k)
	for i := range g {
		g[i] = tiedSample(rng, 1+rng.IntN(most), spread)
	}
	return g
}

// countJ2 is twice J, pair by pair.
func countJ2(v []float64, label []int) int {
	j := 0
	for a := range v {
		for b := range v {
			if label[a] < label[b] {
				switch {
				case v[a] < v[b]:
					j += 2
				case v[a] == v[b]:
					j++
				}
			}
		}
	}
	return j
}

func TestJonckheereEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 150 {
		g := randomGroups(rng, 2+rng.IntN(3), 3, 2+rng.IntN(6))
		tr, err := Jonckheere(g...)
		if err != nil {
			t.Fatal(err)
		}
		var v []float64
		var sizes, own []int
		for i, x := range g {
			v = append(v, x...)
			sizes = append(sizes, len(x))
			for range x {
				own = append(own, i)
			}
		}
		obs := countJ2(v, own)
		var le, ge, two, n, sum, sq float64
		pairs := len(v) * len(v)
		for _, s := range sizes {
			pairs -= s * s
		}
		eachAssignment(sizes, func(label []int) {
			j := countJ2(v, label)
			n++
			sum += float64(j) / 2
			sq += float64(j) * float64(j) / 4
			if j <= obs {
				le++
			}
			if j >= obs {
				ge++
			}
			if max(2*j-pairs, pairs-2*j) >= max(2*obs-pairs, pairs-2*obs) {
				two++
			}
		})
		if 2*tr.J != float64(obs) || !near(tr.P(), two/n) || !near(tr.PIncreasing(), ge/n) || !near(tr.PDecreasing(), le/n) {
			t.Fatalf("%v: %+v, want %v %v %v", g, tr, two/n, ge/n, le/n)
		}
		if sd := math.Sqrt(sq/n - sum/n*sum/n); sd > 1e-6 && math.Abs(tr.Z-(tr.J-sum/n)/sd) > 1e-9 {
			t.Fatalf("%v: Z %v, want %v", g, tr.Z, (tr.J-sum/n)/sd)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Max(1, math.Abs(b)) }

func TestRankTestsOfTwoGroupsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	for range 150 {
		g := randomGroups(rng, 2, 6, 7)
		s, _ := MannWhitney(g[1], g[0])
		j, err := Jonckheere(g...)
		if err != nil || !near(j.P(), s.P(0)) || !near(j.PIncreasing(), s.PGreater(0)) || j.J != s.U() {
			t.Fatalf("Jonckheere %+v, Mann–Whitney %v", j, s)
		}
		k, err := KruskalWallis(g...)
		if err != nil {
			if !errors.Is(err, stats.ErrNoVariation) || s.P(0) != 1 {
				t.Fatal(err)
			}
			continue
		}
		if !near(k.X2, s.Z()*s.Z()) {
			t.Fatalf("H %v, Z² %v", k.X2, s.Z()*s.Z())
		}
		p, err := k.PermutationContext(context.Background(), PermOptions{})
		if err != nil || p.MonteCarlo || !near(p.P(), s.P(0)) {
			t.Fatalf("%v: permutation %+v, Mann–Whitney %v", g, p, s.P(0))
		}
		v, err := VanElteren([][]float64{g[1], {3}}, [][]float64{g[0], {}})
		if err != nil || v.Strata != 1 || math.Abs(v.Z-s.Z()) > 1e-12 {
			t.Fatalf("van Elteren %+v, Z %v", v, s.Z())
		}
		// Conover's test of two groups is Student's on the ranks.
		r := num.DoubledRanks(append(slices.Clone(g[0]), g[1]...))
		a, b := make([]float64, len(g[0])), make([]float64, len(g[1]))
		for i, x := range r {
			if i < len(a) {
				a[i] = float64(x) / 2
			} else {
				b[i-len(a)] = float64(x) / 2
			}
		}
		if st, err := stats.Student(a, b); err == nil {
			c := k.Conover()[0]
			if math.Abs(c.Statistic-st.T(0)) > 1e-9*math.Abs(st.T(0)) || c.DF != st.DF || !(math.Abs(c.P()-st.P(0)) < 1e-10) {
				t.Fatalf("Conover %+v, Student on ranks %v", c, st)
			}
		}
	}
}

// The permutation p-value of H given the ties is the share of all assignments with H at least
// as large, H by its definition over ranks counted pair by pair.
func TestKruskalWallisEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 7))
	for range 80 {
		g := randomGroups(rng, 3+rng.IntN(2), 3, 2+rng.IntN(5))
		k, err := KruskalWallis(g...)
		if errors.Is(err, stats.ErrNoVariation) {
			continue
		}
		var v []float64
		var sizes, own []int
		for i, x := range g {
			v = append(v, x...)
			sizes = append(sizes, len(x))
			for range x {
				own = append(own, i)
			}
		}
		h := func(label []int) float64 {
			sum := make([]float64, len(sizes))
			for a := range v {
				for b := range v { // twice the rank less a constant
					switch {
					case v[b] < v[a]:
						sum[label[a]]++
					case v[b] > v[a]:
						sum[label[a]]--
					}
				}
			}
			s := 0.0
			for i, x := range sum {
				s += x * x / float64(sizes[i])
			}
			return s
		}
		obs := h(own)
		var hits, n float64
		eachAssignment(sizes, func(label []int) {
			n++
			if h(label) >= obs-1e-9 {
				hits++
			}
		})
		p := k.Permutation()
		if err != nil || p.MonteCarlo || p.Arrangements != n || !near(p.P(), hits/n) {
			t.Fatalf("%v: %+v %v, want %v of %v", g, p, err, hits/n, n)
		}
	}
}

// Monte Carlo must agree with enumeration within its error, and repeat itself.
func TestKruskalWallisMonteCarlo(t *testing.T) {
	k, err := KruskalWallis([]float64{1, 3, 2, 5}, []float64{4, 6, 5}, []float64{7, 2, 8})
	if err != nil {
		t.Fatal(err)
	}
	exact := k.Permutation()
	a := k.PermutationWith(PermOptions{MaxArrangements: 1, Seed: 7})
	b := k.PermutationWith(PermOptions{MaxArrangements: 1, Seed: 7})
	if exact.Arrangements != 4200 || exact.MonteCarlo || !a.MonteCarlo || a != b {
		t.Fatalf("%+v %+v %+v", exact, a, b)
	}
	if se := math.Sqrt(exact.P() * (1 - exact.P()) / 1e5); math.Abs(a.P()-exact.P()) > 5*se {
		t.Errorf("Monte Carlo %v, exact %v", a.P(), exact.P())
	}
}

func TestFriedmanExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 6))
	for range 60 {
		n, k := 2+rng.IntN(3), 2+rng.IntN(2)
		blocks := make([][]float64, n)
		for i := range blocks {
			blocks[i] = tiedSample(rng, k, 4)
		}
		f, err := Friedman(blocks)
		if errors.Is(err, stats.ErrNoVariation) {
			continue
		}
		got, err := f.Exact()
		if err != nil {
			t.Fatal(err)
		}
		// All k!ⁿ rearrangements, one by one.
		var hits, total float64
		cur := make([][]float64, n)
		var order func(i int)
		order = func(i int) {
			if i == n {
				total++
				if g, _ := Friedman(cur); g.X2 >= f.X2-1e-9 {
					hits++
				}
				return
			}
			eachAssignment(slices.Repeat([]int{1}, k), func(label []int) {
				cur[i] = make([]float64, k)
				for j, l := range label {
					cur[i][j] = blocks[i][l]
				}
				order(i + 1)
			})
		}
		order(0)
		if !near(got.P(), hits/total) {
			t.Fatalf("%v: %v, want %v", blocks, got.P(), hits/total)
		}
	}
	// Two untied treatments: the sign test.
	f, _ := Friedman([][]float64{{1, 2}, {3, 5}, {2, 1}, {0, 4}, {1, 9}})
	s, _ := SignTest([]float64{1, 2, -1, 4, 8})
	if p, _ := f.Exact(); !near(p.P(), s.P(0)) {
		t.Errorf("two treatments: %v, sign test %v", p.P(), s.P(0))
	}
}

// Exact answers within half a second or not at all; ExactContext goes on. At 200
// blocks the chi-squared approximation is close.
func TestFriedmanExactIsBounded(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 16))
	blocks := make([][]float64, 200)
	for i := range blocks {
		blocks[i] = []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64() + 0.2}
	}
	f, err := Friedman(blocks)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Exact(); !errors.Is(err, stats.ErrDomain) {
		t.Errorf("Exact: %v", err)
	}
	p, err := f.ExactContext(context.Background())
	if err != nil || math.Abs(p.P()-f.P()) > 0.005 {
		t.Errorf("ExactContext %v, %v; approximately %v", p.P(), err, f.P())
	}
	f, _ = Friedman(blocks[:150])
	want, _ := f.ExactContext(context.Background())
	if p, err := f.Exact(); err != nil || p != want {
		t.Errorf("150 blocks: %v, %v, want %v", p, err, want)
	}
}

func TestDispersionEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 7))
	for range 150 {
		x, y := tiedSample(rng, 2+rng.IntN(4), 3+rng.IntN(9)), tiedSample(rng, 2+rng.IntN(4), 3+rng.IntN(9))
		for name, f := range map[string]func(x, y []float64) (DispersionTest, error){"Mood": Mood, "AnsariBradley": AnsariBradley} {
			got, err := f(x, y)
			if err != nil {
				t.Fatal(err)
			}
			all := append(slices.Clone(x), y...)
			score := make([]float64, len(all))
			for i := range all {
				// The score of one value is the statistic of it alone.
				rest := append([]float64{all[i]}, slices.Delete(slices.Clone(all), i, i+1)...)
				one, _ := f(rest[:1], rest[1:])
				score[i] = one.Statistic
			}
			mean := 0.0
			for _, s := range score {
				mean += s * float64(len(x)) / float64(len(all))
			}
			var two, more, n float64
			eachAssignment([]int{len(x), len(y)}, func(label []int) {
				s := 0.0
				for i, l := range label {
					if l == 0 {
						s += score[i]
					}
				}
				n++
				if math.Abs(s-mean) >= math.Abs(got.Statistic-mean)-1e-9 {
					two++
				}
				if (name == "Mood" && s >= got.Statistic-1e-9) || (name != "Mood" && s <= got.Statistic+1e-9) {
					more++
				}
			})
			if !near(got.P(), two/n) || !near(got.PMore(), more/n) {
				t.Fatalf("%s %v v %v: %+v, want %v %v", name, x, y, got, two/n, more/n)
			}
			if back, _ := f(y, x); !near(back.P(), got.P()) || !near(back.PLess(), got.PMore()) {
				t.Fatalf("%s: swapping arms gives %+v, was %+v", name, back, got)
			}
		}
	}
}

func TestBrunnerMunzelInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 8))
	for range 100 {
		x, y := tiedSample(rng, 2+rng.IntN(5), 8), tiedSample(rng, 2+rng.IntN(5), 8)
		p, err := BrunnerMunzelPermutation(x, y)
		if err != nil {
			t.Fatal(err)
		}
		q, _ := BrunnerMunzelPermutation(y, x)
		if !near(p.Value, 1-q.Value) || p.P() != q.P() || p.PGreater() != q.PLess() {
			t.Fatalf("swapping arms: %+v, %+v", p, q)
		}
		if p.PGreater()+p.PLess() < 1 || p.P() <= 0 || p.P() > 1 {
			t.Fatalf("%v v %v: %+v", x, y, p)
		}
		s, err := BrunnerMunzel(x, y)
		if errors.Is(err, stats.ErrNoVariation) {
			continue
		}
		for i := range x {
			x[i] = math.Exp(x[i]) // ranks stay
		}
		for i := range y {
			y[i] = math.Exp(y[i])
		}
		u, _ := BrunnerMunzel(x, y)
		r, _ := BrunnerMunzel(y, x)
		m, _ := MannWhitney(x, y)
		if s != u || !near(s.Value, 1-r.Value) || !near(s.SE, r.SE) || !near(s.Value, m.PSuperior()) {
			t.Fatalf("%+v, transformed %+v, swapped %+v", s, u, r)
		}
		if ci := s.LogitCI(0.95); s.Value > 0 && s.Value < 1 && (ci.Lo < 0 || ci.Hi > 1 || ci.Excludes(s.Value)) {
			t.Fatalf("logit interval %v of %v", ci, s.Value)
		}
	}
}

func TestRankTestsRefuse(t *testing.T) {
	nan, one := []float64{1, math.NaN()}, []float64{1, 2}
	for name, f := range map[string]func(x []float64) error{
		"SignTest":       func(x []float64) error { _, err := SignTest(x); return err },
		"KruskalWallis":  func(x []float64) error { _, err := KruskalWallis(one, x); return err },
		"Jonckheere":     func(x []float64) error { _, err := Jonckheere(one, x); return err },
		"Friedman":       func(x []float64) error { _, err := Friedman([][]float64{one, x}); return err },
		"Quade":          func(x []float64) error { _, err := Quade([][]float64{one, x}); return err },
		"Mood":           func(x []float64) error { _, err := Mood(one, x); return err },
		"AnsariBradley":  func(x []float64) error { _, err := AnsariBradley(x, one); return err },
		"BrunnerMunzel":  func(x []float64) error { _, err := BrunnerMunzel(x, one); return err },
		"BrunnerMunzelP": func(x []float64) error { _, err := BrunnerMunzelPermutation(one, x); return err },
	} {
		if err := f(nan); !errors.Is(err, stats.ErrNotFinite) {
			t.Errorf("%s with NaN: %v", name, err)
		}
		if err := f(nil); !errors.Is(err, stats.ErrTooFew) {
			t.Errorf("%s without values: %v", name, err)
		}
	}
	if _, err := VanElteren([][]float64{nan}, [][]float64{one}); !errors.Is(err, stats.ErrNotFinite) {
		t.Errorf("VanElteren with NaN: %v", err)
	}
	if _, err := VanElteren([][]float64{one}, nil); !errors.Is(err, stats.ErrLength) {
		t.Errorf("VanElteren without control: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	big := tiedSample(rand.New(rand.NewPCG(1, 1)), 25, 9)
	if _, err := JonckheereContext(ctx, [][]float64{big, big, big}, Options{Method: Exact}); !errors.Is(err, context.Canceled) {
		t.Errorf("Jonckheere under an ended context: %v", err)
	}
	if _, err := BrunnerMunzelPermutationContext(ctx, big, big, PermOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("BrunnerMunzelPermutation under an ended context: %v", err)
	}
}

// Equal values divided alike are counted together: the shares are those of all subsets, one by
// one, with the statistic written out from pairs.
func TestBrunnerMunzelPermutationCountsTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for range 30 {
		m, n := 3+rng.IntN(4), 3+rng.IntN(4)
		all := make([]float64, m+n)
		for i := range all {
			all[i] = float64(rng.IntN(5))
		}
		statistic := func(in func(i int) bool) float64 {
			var x, y []float64
			for i, v := range all {
				if in(i) {
					x = append(x, v)
				} else {
					y = append(y, v)
				}
			}
			place := func(of, among []float64) (out []float64, mean float64) {
				for _, a := range of {
					s := 0.0
					for _, b := range among {
						switch {
						case b < a:
							s++
						case b == a:
							s += 0.5
						}
					}
					out, mean = append(out, s), mean+s/float64(len(of))
				}
				return out, mean
			}
			variance := func(p []float64, mean float64) (v float64) {
				for _, a := range p {
					v += (a - mean) * (a - mean) / float64(len(p)-1)
				}
				return v
			}
			px, mx := place(x, y)
			py, my := place(y, x)
			fx, fy := float64(len(x)), float64(len(y))
			se := math.Sqrt(variance(px, mx)/(fx*fy*fy) + variance(py, my)/(fy*fx*fx))
			d := mx/fy - 0.5
			switch {
			case math.Abs(d) < 1e-12:
				return 0
			case se < 1e-12:
				return math.Inf(int(math.Copysign(1, d)))
			}
			return d / se
		}
		own := statistic(func(i int) bool { return i < m })
		near := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-9 }
		var count, greater, two float64
		for set := range 1 << (m + n) {
			if bits.OnesCount(uint(set)) != m {
				continue
			}
			count++
			w := statistic(func(i int) bool { return set>>i&1 == 1 })
			if w > own || near(w, own) {
				greater++
			}
			if math.Abs(w) > math.Abs(own) || near(math.Abs(w), math.Abs(own)) {
				two++
			}
		}
		got, err := BrunnerMunzelPermutation(all[:m], all[m:])
		if err != nil || got.MonteCarlo || got.Arrangements != count ||
			math.Abs(got.P()-two/count) > 1e-12 || math.Abs(got.PGreater()-greater/count) > 1e-12 {
			t.Fatalf("%v | %v: %+v %v, want %v of %v", all[:m], all[m:], got, err, two, count)
		}
	}
	ratings := func(shift int) (v []float64) {
		for range 20 {
			v = append(v, float64(min(10, rng.IntN(8)+shift)))
		}
		return v
	}
	x, y := ratings(2), ratings(0)
	exact, err := BrunnerMunzelPermutation(x, y)
	if err != nil || exact.MonteCarlo {
		t.Fatalf("20 v 20 on eleven values: %+v %v", exact, err)
	}
	drawn, err := BrunnerMunzelPermutationWith(x, y, PermOptions{MaxArrangements: 1, Seed: 3})
	p := exact.P()
	if err != nil || !drawn.MonteCarlo || math.Abs(drawn.P()-p) > 4.5*math.Sqrt(p*(1-p)/1e5)+1e-5 {
		t.Errorf("20 v 20: counted %v, drawn %v (%v)", p, drawn.P(), err)
	}
}

// The 95% interval of shifts covers a true shift at least 95 times in 100 and,
// with 10 an arm, where the level is reached closely, not much more often.
func TestMannWhitneyCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	covered, n := 0, 800
	for range n {
		x, y := make([]float64, 10), make([]float64, 10)
		for i := range x {
			x[i], y[i] = rng.ExpFloat64()+0.7, rng.ExpFloat64()
		}
		s, _ := MannWhitney(x, y)
		if s.CI(0.95).Contains(0.7) {
			covered++
		}
	}
	// Nominal here: 1 − 0.0433.
	if rate := float64(covered) / float64(n); math.Abs(rate-0.9567) > 4*math.Sqrt(0.9567*0.0433/float64(n)) {
		t.Errorf("coverage %v", rate)
	}
}

// coin 1.4-2: independence_test(v ~ g | b, teststat = "scalar", ytrafo =
// function(d) trafo(d, numeric_trafo = function(y) rank(y)/(length(y) + 1),
// block = b)) gives z = 2.522624895547565, p = 0.0116482577894379.
func TestVanElterenEqualsCoin(t *testing.T) {
	v, err := VanElteren([][]float64{{3, 5, 4, 6}, {7, 9, 8}}, [][]float64{{1, 2, 4}, {2, 6, 7, 5}})
	if err != nil || math.Abs(v.Z-2.522624895547565) > 1e-12 || math.Abs(v.P()-0.0116482577894379) > 1e-12 {
		t.Errorf("%+v, %v", v, err)
	}
	w, _ := VanElteren([][]float64{{1, 2, 4}, {2, 6, 7, 5}}, [][]float64{{3, 5, 4, 6}, {7, 9, 8}})
	if w.Z != -v.Z || w.PLess() != v.PGreater() {
		t.Errorf("swapping arms: %+v, %+v", v, w)
	}
}
