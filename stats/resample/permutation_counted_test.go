package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// countedANCOVA is the p-value of PermutationANCOVA with one covariate, both in whole numbers, in
// blocks that are not in the model, by counting: a plain recursion over participants gives how
// many subsets of a block have each pair of sums, and blocks are added up one after another,
// sums beyond 5.5 standard deviations left out. |t| is monotone in |a|/√v with
//
//	a = Σ_A y − m·ȳ − b·(Σ_A x − m·x̄),  v = m − m²/n − (Σ_A x − m·x̄)²/Sxx,
//
// b being the slope of y on x over all.
func countedANCOVA(y, x []int, treated []bool, blocks [][]int) float64 {
	type pair struct{ y, x int }
	n, m := 0.0, 0.0
	var sumY, sumX, ownY, ownX float64
	for i := range y {
		n++
		sumY, sumX = sumY+float64(y[i]), sumX+float64(x[i])
		if treated[i] {
			m++
			ownY, ownX = ownY+float64(y[i]), ownX+float64(x[i])
		}
	}
	var sxx, sxy float64
	for i := range y {
		sxx += (float64(x[i]) - sumX/n) * (float64(x[i]) - sumX/n)
		sxy += (float64(x[i]) - sumX/n) * (float64(y[i]) - sumY/n)
	}
	far := func(y, x float64) float64 {
		dx := x - m*sumX/n
		return math.Abs(y-m*sumY/n-sxy/sxx*dx) / math.Sqrt(m-m*m/n-dx*dx/sxx)
	}
	var lists []map[pair]float64 // shares of each block's subsets, sums about a whole number near the mean
	base, vary := pair{}, [2]float64{}
	for _, b := range blocks {
		k := 0
		for _, i := range b {
			if treated[i] {
				k++
			}
		}
		ways := make([]map[pair]float64, k+1) // by size
		for j := range ways {
			ways[j] = map[pair]float64{}
		}
		ways[0][pair{}] = 1
		for _, i := range b {
			for j := k; j > 0; j-- {
				for p, w := range ways[j-1] {
					ways[j][pair{p.y + y[i], p.x + x[i]}] += w
				}
			}
		}
		all, my, mx := 0.0, 0.0, 0.0
		for p, w := range ways[k] {
			all, my, mx = all+w, my+w*float64(p.y), mx+w*float64(p.x)
		}
		at := pair{int(math.Round(my / all)), int(math.Round(mx / all))}
		base.y, base.x = base.y+at.y, base.x+at.x
		list := map[pair]float64{}
		for p, w := range ways[k] {
			list[pair{p.y - at.y, p.x - at.x}] = w / all
			vary[0] += w / all * (float64(p.y) - my/all) * (float64(p.y) - my/all)
			vary[1] += w / all * (float64(p.x) - mx/all) * (float64(p.x) - mx/all)
		}
		lists = append(lists, list)
	}
	// The offsets of the roundings add up to some units.
	ry, rx := int(5.5*math.Sqrt(vary[0]))+len(blocks)/8, int(5.5*math.Sqrt(vary[1]))+len(blocks)/8
	wide := 2*rx + 1
	now := make([]float64, (2*ry+1)*wide)
	now[ry*wide+rx] = 1
	for _, list := range lists {
		next := make([]float64, len(now))
		for p, w := range list {
			for sy := max(0, -p.y); sy < 2*ry+1-max(0, p.y); sy++ {
				from, to := now[sy*wide:(sy+1)*wide], next[(sy+p.y)*wide:(sy+p.y+1)*wide]
				for sx := max(0, -p.x); sx < wide-max(0, p.x); sx++ {
					to[sx+p.x] += w * from[sx]
				}
			}
		}
		now = next
	}
	own, p := far(ownY, ownX), 0.0
	for at, w := range now {
		if w > 0 && far(float64(at/wide-ry+base.y), float64(at%wide-rx+base.x)) >= own*(1-1e-10) {
			p += w
		}
	}
	return p
}

// Of 400 participants, in blocks of four and in strata of 20, with a covariate: p is that of
// counting within 1e-4 and 1 %, under shifts too, and limits are within a step.
func TestPermutationANCOVAOfManyAgreesWithCounting(t *testing.T) {
	for _, c := range []struct {
		name   string
		size   int
		most   int // of x
		values func(r *rand.Rand) int
	}{
		{"skewed in blocks of four", 4, 2, func(r *rand.Rand) int { return int(min(20, max(0, 3*math.Exp(r.NormFloat64())-1))) }},
		{"ratings in blocks of four", 4, 2, func(r *rand.Rand) int { return int(math.Round(min(10, max(0, 5+2.5*r.NormFloat64())))) }},
		{"skewed in strata of 20", 20, 2, func(r *rand.Rand) int { return int(min(6, max(0, 1.5*math.Exp(r.NormFloat64())-1))) }},
	} {
		r := rand.New(rand.NewPCG(uint64(c.size), uint64(c.most)))
		const n = 400
		d := regress.ANCOVAData{Control: "c"}
		var y, x []int
		var treated []bool
		var block []string
		blocks := make([][]int, n/c.size)
		for i := range n {
			in := i%2 == 0
			base := r.IntN(c.most + 1)
			v := c.values(r) + base/2
			if in && r.IntN(3) == 0 {
				v++
			}
			y, x, treated = append(y, v), append(x, base), append(treated, in)
			blocks[i/c.size] = append(blocks[i/c.size], i)
			block = append(block, fmt.Sprint(i/c.size))
			d.Y, d.Baseline = append(d.Y, float64(v)), append(d.Baseline, float64(base))
			d.Arm = append(d.Arm, map[bool]string{true: "a", false: "c"}[in])
		}
		got, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Block: block})
		if err != nil || got.Method != resample.PermApprox {
			t.Fatalf("%s: %+v %v", c.name, got, err)
		}
		known := map[int]float64{}
		counted := func(shift int) float64 {
			if _, ok := known[shift]; !ok {
				moved := append([]int(nil), y...)
				for i := range moved {
					if treated[i] {
						moved[i] -= shift
					}
				}
				known[shift] = countedANCOVA(moved, x, treated, blocks)
			}
			return known[shift]
		}
		for _, shift := range []int{0, 1} {
			want, p := counted(shift), got.P(float64(shift))
			if math.Abs(p-want) > 1e-4+0.01*want {
				t.Errorf("%s at %d: p %v, counted %v", c.name, shift, p, want)
			}
			t.Logf("%s at %d: p %.6f, counted %.6f", c.name, shift, p, want)
		}
		// Counting rejects the next whole number beyond an end; those within are above.
		iv := got.CI(0.95)
		for _, e := range []struct {
			end  float64
			sign int
		}{{iv.Lo, -1}, {iv.Hi, 1}} {
			beyond := int(math.Floor(e.end)) + 1
			if e.sign < 0 {
				beyond = int(math.Ceil(e.end)) - 1
			}
			if counted(beyond) >= 0.05+6e-4 {
				t.Errorf("%s: end %v, but counting accepts %d (p %v)", c.name, e.end, beyond, counted(beyond))
			}
		}
	}
}
