package regress_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

// R 4.2.2: summary(lm(y ~ baseline + site + arm)) takes 2.5 ms at all three
// sizes on the machine where this takes 0.03, 0.4 and 0.6 ms
// (testdata/reference/bench_linear.R).
func BenchmarkANCOVA(b *testing.B) {
	for _, n := range []int{12, 200, 1000} {
		d := trialOf(rand.New(rand.NewPCG(1, 1)), n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				f, err := regress.ANCOVA(d)
				if err != nil {
					b.Fatal(err)
				}
				statstest.Must(f.Difference("high", f.Arms()[0]))
			}
		})
	}
}
