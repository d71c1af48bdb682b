package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// Every permutation and bootstrap test over sizes and steps of the data, its
// p-value and its interval: none may take above half a second.
func BenchmarkResamplingSweep(b *testing.B) {
	for _, n := range []int{15, 30, 60, 100, 200, 400, 1000, 3000} {
		for _, step := range []float64{1, 0.1, 0.0001} {
			r := rand.New(rand.NewPCG(uint64(n), 5))
			draw := func(shift float64) []float64 {
				x := make([]float64, n)
				for i := range x {
					x[i] = math.Round((2.5*r.NormFloat64()+shift)/step) * step
				}
				return x
			}
			x, y, z := draw(0.3), draw(0), draw(0)
			d := regress.ANCOVAData{Control: "c", Y: append(append([]float64{}, x...), y...)}
			wy := resample.WYData{Treated: "a", Control: "c"}
			end := resample.WYEndpoint{Name: "y", Value: d.Y}
			for i := range 2 * n {
				arm := []string{"a", "c"}[i/n]
				d.Arm, wy.Arm = append(d.Arm, arm), append(wy.Arm, arm)
				d.Baseline = append(d.Baseline, z[i%n]+float64(i/n)*step)
				end.Participant = append(end.Participant, i)
			}
			skewed := d
			skewed.Y = nil
			var blocks, strata []string
			for i, v := range d.Y {
				skewed.Y = append(skewed.Y, math.Round(math.Exp(v/2)/step)*step)
				blocks, strata = append(blocks, fmt.Sprint(i%n/2)), append(strata, fmt.Sprint(i%4))
			}
			wy.Endpoints = []resample.WYEndpoint{end, {Name: "z", Participant: end.Participant, Value: d.Baseline}}
			ask := func(e stats.Effect, err error) error {
				if err == nil {
					e.P(0)
					e.CI(0.95)
				}
				return err
			}
			for _, f := range []struct {
				name string
				run  func() error
			}{
				{"Permutation", func() error { p, err := resample.Permutation(x, y); return ask(p, err) }},
				{"Permutation/median", func() error {
					p, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: resample.PermMedian})
					return ask(p, err)
				}},
				{"Permutation/studentized", func() error {
					p, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: resample.PermStudentized})
					return ask(p, err)
				}},
				{"PermutationPaired", func() error { p, err := resample.PermutationPaired(x); return ask(p, err) }},
				{"PermutationANCOVA", func() error { p, err := resample.PermutationANCOVA(d, "a"); return ask(p, err) }},
				{"Permutation/blocks", func() error {
					p, err := resample.PermutationWith(x, y, resample.PermOptions{TreatedBlocks: blocks[:n], ControlBlocks: blocks[n:]})
					return ask(p, err)
				}},
				{"PermutationANCOVA/blocks", func() error {
					p, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Block: blocks})
					return ask(p, err)
				}},
				{"PermutationANCOVA/strata", func() error {
					p, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Block: strata})
					return ask(p, err)
				}},
				{"PermutationANCOVA/skewed", func() error {
					p, err := resample.PermutationANCOVAWith(skewed, "a", resample.PermANCOVAOptions{Block: strata})
					return ask(p, err)
				}},
				{"Bootstrap", func() error { e, err := resample.Bootstrap(x, y); return ask(e, err) }},
				{"BootstrapMean", func() error { e, err := resample.BootstrapMean(x); return ask(e, err) }},
				{"PermutationFloor", func() error { _, err := resample.PermutationFloor(x, y); return err }},
				{"WestfallYoung", func() error { _, err := resample.WestfallYoung(wy); return err }},
			} {
				b.Run(fmt.Sprintf("%s/n=%d/step=%g", f.name, n, step), func(b *testing.B) {
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
