package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// blockedRatings are whole numbers from 0 to 10 in blocks of a size, half of each
// treated, whose terms are in the model.
func blockedRatings(r *rand.Rand, n, size int, shift float64) (d regress.ANCOVAData, block []string) {
	d.Control = "c"
	rating := func(x float64) float64 { return math.Max(0, math.Min(10, math.Round(x))) }
	for i := 0; i < n; i += size {
		level := 1.5 * r.NormFloat64()
		for _, p := range r.Perm(size) {
			b := rating(5 + level + 1.7*r.NormFloat64())
			y, arm := 2+0.6*b+1.5*r.NormFloat64(), "c"
			if p%2 == 1 {
				y, arm = y+shift, "a"
			}
			d.Arm, d.Baseline, d.Y = append(d.Arm, arm), append(d.Baseline, b), append(d.Y, rating(y))
			block = append(block, fmt.Sprint(i/size))
		}
	}
	if n > size {
		d.Covariates = append(d.Covariates, regress.Category("block", block, "0"))
	}
	return d, block
}

// countedShares are the shares of arrangements whose t is as far from 0 as the trial's,
// at least it and at most it under a null value of whole hundredths: the joint
// distribution of the treated's sums of outcome and baseline by counting, block after
// block, and t from these two by the formulas of one covariate within blocks.
func countedShares(d regress.ANCOVAData, block []string, hundredths int) (two, greater, less float64) {
	n := len(d.Y)
	y, x := make([]int, n), make([]int, n)
	of := map[string][]int{}
	var names []string
	for i := range d.Y {
		y[i], x[i] = 100*int(d.Y[i]), int(d.Baseline[i])
		if d.Arm[i] == "a" {
			y[i] -= hundredths
		}
		if of[block[i]] == nil {
			names = append(names, block[i])
		}
		of[block[i]] = append(of[block[i]], i)
	}
	var syx, sxx, ey, ex, pairs float64
	var obs [2]int
	sums := map[[2]int]float64{{0, 0}: 1}
	for _, b := range names {
		rows := of[b]
		var my, mx float64
		pick := 0
		for _, i := range rows {
			my += float64(y[i]) / float64(len(rows))
			mx += float64(x[i]) / float64(len(rows))
			if d.Arm[i] == "a" {
				pick++
				obs[0] += y[i]
				obs[1] += x[i]
			}
		}
		for _, i := range rows {
			syx += (float64(y[i]) - my) * (float64(x[i]) - mx)
			sxx += (float64(x[i]) - mx) * (float64(x[i]) - mx)
		}
		ey, ex = ey+my*float64(pick), ex+mx*float64(pick)
		pairs += float64(pick) * float64(len(rows)-pick) / float64(len(rows))
		own := make([]map[[2]int]float64, pick+1)
		for k := range own {
			own[k] = map[[2]int]float64{}
		}
		own[0][[2]int{}] = 1
		for _, i := range rows {
			for k := pick; k > 0; k-- {
				for s, w := range own[k-1] {
					own[k][[2]int{s[0] + y[i], s[1] + x[i]}] += w
				}
			}
		}
		next := map[[2]int]float64{}
		for s, w := range sums {
			for t, v := range own[pick] {
				next[[2]int{s[0] + t[0], s[1] + t[1]}] += w * v
			}
		}
		sums = next
	}
	t := func(s [2]int) float64 {
		dy, dx := float64(s[0])-ey, float64(s[1])-ex
		return (dy - syx/sxx*dx) / math.Sqrt(pairs-dx*dx/sxx)
	}
	at := t(obs)
	tol := 1e-9 * (1 + math.Abs(at))
	total := 0.0
	for s, w := range sums {
		v := t(s)
		total += w
		if v >= at-tol {
			greater += w
		}
		if v <= at+tol {
			less += w
		}
		if math.Abs(v) >= math.Abs(at)-tol {
			two += w
		}
	}
	return two / total, greater / total, less / total
}

// Ratings in blocks and strata: p is that of all arrangements, counted by another
// algorithm, to 1e-5 under whole and half steps and to within 1e-4 and 1 % under others, and
// half steps are inside an interval as their exact p says.
func TestPermutationANCOVAOfRatingsInBlocksIsCounted(t *testing.T) {
	sizes := [][2]int{{24, 12}, {40, 4}, {40, 10}, {60, 20}, {100, 4}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		for rep := range 2 {
			d, block := blockedRatings(rand.New(rand.NewPCG(uint64(n[0]), uint64(n[1]+rep))), n[0], n[1], 0.8*float64(rep))
			name := fmt.Sprint(n, rep)
			p, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Block: block, Arrangements: 2e5})
			require.NoError(t, err, name)
			require.Equal(t, resample.PermApprox, p.Method, name)
			require.Equal(t, resample.NotePermInverted, p.Notes[len(p.Notes)-1].Code, name)
			check := func(hundredths int, slack func(p float64) float64) {
				null := float64(hundredths) / 100
				two, greater, less := countedShares(d, block, hundredths)
				assert.InDelta(t, two, p.P(null), slack(two), "%s at %v", name, null)
				assert.InDelta(t, greater, p.PGreater(null), slack(greater), "%s > %v", name, null)
				assert.InDelta(t, less, p.PLess(null), slack(less), "%s < %v", name, null)
			}
			for _, h := range []int{0, 50, -50, 100, 150} {
				check(h, func(float64) float64 { return 1e-5 })
			}
			for _, h := range []int{30, -70} {
				below := 50 * int(math.Floor(float64(h)/50))
				_, low, _ := countedShares(d, block, below)
				_, high, _ := countedShares(d, block, below+50)
				null := float64(h) / 100
				assert.True(t, p.PGreater(null) >= low-1e-5 && p.PGreater(null) <= high+1e-5, "%s at %v", name, null)
				if n[0] == 40 || n[0] == 60 { // with fewer participants p rises in steps; with more, counting takes long
					check(h, func(p float64) float64 { return 1e-4 + 0.01*p })
				}
			}
			ci := p.CI(0.95)
			for _, end := range []float64{ci.Lo, ci.Hi} {
				for h := math.Floor(2*end) - 1; h <= math.Ceil(2*end)+1; h++ {
					two, _, _ := countedShares(d, block, int(50*h))
					if math.Abs(two-0.05) > 2e-5 {
						assert.Equal(t, two >= 0.05, ci.Contains(h/2), "%s: p = %v at %v, interval %v", name, two, h/2, ci)
					}
				}
			}
		}
	}
}

// So few participants that sums bunch, and v of the refitted model varies: p by the
// joint characteristic function of score and covariate is within 1e-4 and 1 % of that of all
// arrangements, listed one by one, and limits within a fiftieth of a quarter of the interval.
func TestPermutationANCOVAOfFewAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][2]int{{11, 11}, {13, 10}, {12, 12}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:1]
	}
	for _, n := range sizes {
		for k, kind := range append([]string{"very skewed", "vas"}, awkwardModels[:5]...) {
			r := rand.New(rand.NewPCG(uint64(100*n[0]+n[1]), uint64(k)))
			for rep := range 2 {
				d := awkwardTrial(r, kind, n[0], n[1], 0, 0.6*float64(rep))
				for i := range d.Y {
					switch kind {
					case "very skewed":
						d.Y[i], d.Baseline[i] = math.Exp(1.3*d.Y[i]), math.Exp(1.5*d.Baseline[i])
					case "vas":
						d.Y[i], d.Baseline[i] = math.Round(50+18*d.Y[i]), math.Round(50+18*d.Baseline[i])
					}
				}
				if n[0] == 12 && rep != k%2 {
					continue // millions of arrangements take a second
				}
				name := fmt.Sprint(n, kind, rep)
				got, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Arrangements: 2e5})
				require.NoError(t, err, name)
				if got.Method != resample.PermApprox {
					t.Errorf("%s is by %s", name, got.Method)
				}
				want, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Method: resample.PermEnumeration})
				require.NoError(t, err, name)
				ci, e := got.CI(0.95), want.CI(0.95)
				w := (e.Hi - e.Lo) / 4
				for _, null := range []float64{0, want.Value + 0.3*w, want.Value - w, want.Value + 1.6*w, e.Lo, e.Hi, want.Value - 2.7*w, want.Value + 4*w} {
					p := want.P(null)
					assert.InDelta(t, p, got.P(null), 1e-4+0.01*p, "%s at %v", name, null)
				}
				assert.InDelta(t, e.Lo, ci.Lo, 0.02*w, name)
				assert.InDelta(t, e.Hi, ci.Hi, 0.02*w, name)
			}
		}
	}
}
