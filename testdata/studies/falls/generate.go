//go:build ignore

// Generate writes data.csv: an invented trial of falls, counted over as many months as each
// participant was followed, some of whom fall far more often than others. Run it in this
// folder: go run generate.go
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

// perArm are randomized to each arm, in blocks of four within men and women.
const perArm = 60

func main() {
	r := rand.New(rand.NewPCG(2027, 16))
	var b strings.Builder
	b.WriteString("id,group,sex,age,months,falls,injurious\n")
	for i := range 2 * perArm {
		group := []string{"balance", "usual"}[(i+i/4)%2]
		sex := "f"
		if i >= 80 {
			sex = "m"
		}
		age := 70 + r.IntN(18)
		months := 12.0
		if r.IntN(5) == 0 { // lost before the end
			months = float64(2+r.IntN(20)) / 2
		}
		rate := 0.11 * math.Exp(0.03*float64(age-78))
		if group == "balance" {
			rate *= 0.65
		}
		falls := poisson(r, months*rate*gamma(r, 1.4))
		injurious := 0
		for range falls {
			if r.IntN(12) == 0 {
				injurious++
			}
		}
		fmt.Fprintf(&b, "%03d,%s,%s,%d,%v,%d,%d\n", i+1, group, sex, age, months, falls, injurious)
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// poisson counts the events of a unit rate in a time.
func poisson(r *rand.Rand, time float64) int {
	n := 0
	for t := r.ExpFloat64(); t < time; t += r.ExpFloat64() {
		n++
	}
	return n
}

// gamma is a variable of mean 1 with a shape (Marsaglia & Tsang 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v / shape
		}
	}
}
