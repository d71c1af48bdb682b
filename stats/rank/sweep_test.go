package rank

import (
	"context"
	"fmt"
	"testing"

	"github.com/trialkit/trialkit/stats"
)

// BenchmarkRankSweep runs every rank function over the sizes and steps of
// trials: p and 95% interval. None may take above half a second without a twin
// that stops with a context:
//
//	go test ./stats -run xxx -bench RankSweep -benchtime 1x
func BenchmarkRankSweep(b *testing.B) {
	ctx := context.Background()
	for _, n := range []int{15, 30, 60, 100, 200, 500, 1000, 3000} {
		for _, step := range []float64{1, 0.1, 0.0001} {
			x, y := stepSamples(n, n-n/20, step, 3)
			d, _ := stepSamples(n, 1, step, 4)
			for i := range d {
				d[i] -= 52
			}
			third := n / 3
			groups := [][]float64{x[:third], x[third : 2*third], x[2*third:]}
			blocks := make([][]float64, third)
			strata := [2][][]float64{{x[:third], x[third:]}, {y[:third], y[third:]}}
			for i := range blocks {
				blocks[i] = []float64{groups[0][i], groups[1][i], groups[2][i]}
			}
			for _, f := range []struct {
				name string
				run  func() error
			}{
				{"MannWhitney", func() error {
					s, err := MannWhitney(x, y)
					s.P(0)
					s.CI(0.95)
					s.Moses(0.95)
					return err
				}},
				{"SignedRank", func() error {
					s, err := SignedRank(d)
					s.P(0)
					s.CI(0.95)
					return err
				}},
				{"SignTest", func() error {
					s, err := SignTest(d)
					s.P(0)
					s.CI(0.95)
					s.Coverage(0.95)
					return err
				}},
				{"Median", func() error {
					m, err := stats.Median(x)
					m.CI(0.95)
					return err
				}},
				{"BrunnerMunzel", func() error { _, err := BrunnerMunzel(x, y); return err }},
				{"BrunnerMunzelPermutation", func() error { _, err := BrunnerMunzelPermutation(x, y); return err }},
				{"VanElteren", func() error { _, err := VanElteren(strata[0], strata[1]); return err }},
				{"KruskalWallis", func() error {
					t, err := KruskalWallis(groups...)
					t.Dunn()
					t.Conover()
					return err
				}},
				{"KruskalWallisPermutation", func() error {
					t, err := KruskalWallis(groups...)
					if err == nil {
						_, err = t.PermutationContext(ctx, PermOptions{})
					}
					return err
				}},
				{"Jonckheere", func() error { _, err := Jonckheere(groups...); return err }},
				{"Friedman", func() error {
					t, err := Friedman(blocks)
					t.Conover()
					return err
				}},
				{"FriedmanExact", func() error {
					t, err := Friedman(blocks)
					if err == nil {
						_, _ = t.Exact() // refuses what is too large
					}
					return err
				}},
				{"Quade", func() error { _, err := Quade(blocks); return err }},
				{"Mood", func() error { _, err := Mood(x, y); return err }},
				{"AnsariBradley", func() error { _, err := AnsariBradley(x, y); return err }},
				{"KolmogorovSmirnov", func() error { _, err := stats.KolmogorovSmirnov(x, y); return err }},
			} {
				b.Run(fmt.Sprintf("%s/n=%d/step=%v", f.name, n, step), func(b *testing.B) {
					for b.Loop() {
						if err := f.run(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
