//go:build ignore

// Generate writes data.csv: an invented trial of strength training of one, two or three
// hours a week, and advice alone. Run it in this folder: go run generate.go
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

// perArm are randomized to each arm.
const perArm = 20

func main() {
	r := rand.New(rand.NewPCG(2030, 3))
	arms := []string{"0", "1", "2", "3"}
	var b strings.Builder
	b.WriteString("nr;groep;bmi;pijn0;pijn12\n")
	for i := range 4 * perArm {
		k := i % 4
		bmi := 22 + 14*r.Float64()
		base := 4 + 4*r.Float64()
		// 0.4 points off the pain for each hour a week, more in the lean.
		after := base - 0.5 - float64(k)*(0.4-0.02*(bmi-29)) + 1.2*r.NormFloat64()
		twelve := comma(math.Min(10, math.Max(0, after)))
		if r.IntN(14) == 0 {
			twelve = ""
		}
		fmt.Fprintf(&b, "%d;%s;%s;%s;%s\n", 301+i, arms[k], comma(bmi), comma(base), twelve)
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

func comma(x float64) string { return strings.Replace(fmt.Sprintf("%.1f", x), ".", ",", 1) }
