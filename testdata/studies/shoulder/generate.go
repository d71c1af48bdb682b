//go:build ignore

// Generate writes data.csv: an invented trial whose outcome is how patients call their own
// change, in seven ordered categories, with an allocation stratified by center. Run it in
// this folder: go run generate.go
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

// perCell are randomized to each arm of each center, in blocks of four.
var perCell = []int{22, 14, 10}

func main() {
	r := rand.New(rand.NewPCG(2027, 15))
	var b strings.Builder
	b.WriteString("id,centre,arm,months,gpe6,gpe12\n")
	id := 0
	for c, n := range perCell {
		for range n / 2 {
			block := []string{"exercise", "exercise", "advice", "advice"}
			r.Shuffle(4, func(i, j int) { block[i], block[j] = block[j], block[i] })
			for _, arm := range block {
				id++
				months := 2 + r.IntN(22)
				x := 0.5 - 0.3*float64(c) - 0.02*float64(months)
				if arm == "exercise" {
					x += 0.7
				}
				six, twelve := answer(r, x), answer(r, x+0.4)
				if r.IntN(14) == 0 {
					twelve = "" // not reached
				}
				fmt.Fprintf(&b, "%03d,%c,%s,%d,%s,%s\n", id, 'A'+c, arm, months, six, twelve)
			}
		}
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// answer is a category, written 1 to 7, of a logistic variable around x.
func answer(r *rand.Rand, x float64) string {
	u := r.Float64()
	y := x + math.Log(u/(1-u))
	k := 1
	for _, cut := range []float64{-3.5, -2.4, -1.2, 0.2, 1.6, 3} {
		if y > cut {
			k++
		}
	}
	return fmt.Sprint(k)
}
