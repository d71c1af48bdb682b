//go:build ignore

// lattice_gen prints the generating vector of mvn_lattice.go: component by
// component the candidate whose embedded lattices of 2^10 to 2^18 points have
// the smallest worst-case errors in the weighted Korobov space of smoothness 2
// (weights 0.05·0.9^k), each size relative to the best candidate's.
// Run: go run lattice_gen.go
//
// Source: Sloan IH, Reztsov AV. Component-by-component construction of good
// lattice rules. Math Comp 2002;71:263–273. doi:10.1090/S0025-5718-01-01342-4.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

const (
	low, high  = 10, 18
	dimensions = 24
	candidates = 192
)

func main() {
	const n = 1 << high
	kernel := make([]float64, n)
	for i := range kernel {
		x := float64(i) / n
		b4 := x*x*x*x - 2*x*x*x + x*x - 1.0/30
		kernel[i] = -b4 * math.Pow(2*math.Pi, 4) / 24
	}
	// Point i of the lattice of 2^m points is point i·2^(high−m) of the largest.
	product := make([]float64, n)
	for i := range product {
		product[i] = 1
	}
	rng := rand.New(rand.NewPCG(1, 2))
	gamma := 0.05
	for d := range dimensions {
		tries := make([]uint64, candidates)
		for i := range tries {
			tries[i] = rng.Uint64N(n/2)*2 + 1
		}
		if d == 0 {
			tries = []uint64{1}
		}
		errs := make([][]float64, len(tries))
		var wg sync.WaitGroup
		for c, z := range tries {
			wg.Go(func() {
				e := make([]float64, high-low+1)
				// Class sums: points whose index is a multiple of 2^j exactly.
				sums := make([]float64, high+1)
				for i := uint64(0); i < n; i++ {
					j := high
					if i != 0 {
						for j = 0; i>>j&1 == 0; j++ {
						}
					}
					sums[j] += product[i] * (1 + gamma*kernel[i*z%n])
				}
				total := 0.0
				for j := high; j >= 0; j-- {
					total += sums[j]
					if m := high - j; m >= low {
						e[m-low] = total/math.Pow(2, float64(m)) - 1
					}
				}
				errs[c] = e
			})
		}
		wg.Wait()
		best, at := math.Inf(1), 0
		for c := range tries {
			worst := 0.0
			for m := range errs[c] {
				least := math.Inf(1)
				for _, o := range errs {
					least = math.Min(least, o[m])
				}
				worst = math.Max(worst, errs[c][m]/least)
			}
			if worst < best {
				best, at = worst, c
			}
		}
		z := tries[at]
		for i := uint64(0); i < n; i++ {
			product[i] *= 1 + gamma*kernel[i*z%n]
		}
		fmt.Printf("%d, // worst ratio %.2f, errors %.1e … %.1e\n", z, best, errs[at][0], errs[at][high-low])
		gamma *= 0.9
	}
}
