//go:build ignore

// Generate writes data.csv: invented participants for the HILT knee study.
// Run it in this folder: go run generate.go
//
// Each arm's mean change is exactly what target says; the spread is drawn with
// a fixed seed. All numbers are whole multiples of the scale's step, so that
// sums are exact.
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

const perArm = 5

// outcome is a scale in steps: baseline and change are drawn as mean ± SD.
type outcome struct {
	id       string
	decimals int
	baseMean float64
	baseSD   float64
	baseMin  int
	changeSD float64
	target   map[string][2]int // sum of changes over an arm: right after, 24 h
	draws    map[string][perArm][3]int
}

func main() {
	r := rand.New(rand.NewPCG(2025, 8))
	// Sums over five participants: −133 tenths of a centimeter is a mean change
	// of −2.66 cm, −162 one of −3.24 cm.
	outcomes := []*outcome{
		{id: "vas", decimals: 1, baseMean: 62, baseSD: 11, baseMin: 31, changeSD: 12,
			target: map[string][2]int{"hilt": {-133, -162}, "sham": {-17, -24}}},
		{id: "jps", decimals: 1, baseMean: 52, baseSD: 14, baseMin: 5, changeSD: 6,
			target: map[string][2]int{"hilt": {-6, -4}, "sham": {-3, 2}}},
		{id: "quad", baseMean: 68, baseSD: 12, baseMin: 20, changeSD: 6,
			target: map[string][2]int{"hilt": {14, 18}, "sham": {6, 4}}},
		{id: "ham", baseMean: 36, baseSD: 7, baseMin: 10, changeSD: 4,
			target: map[string][2]int{"hilt": {8, 9}, "sham": {3, 4}}},
	}
	arms := []string{"hilt", "sham"}
	for _, o := range outcomes {
		o.draws = map[string][perArm][3]int{}
		for _, arm := range arms {
			o.draws[arm] = o.draw(r, arm)
		}
	}

	header := "id,group,age,knee"
	for _, o := range outcomes {
		for _, v := range []string{"pre", "post", "24h"} {
			header += "," + o.id + "_" + v
		}
	}
	lines := []string{header + ",adverse_events"}
	// Blocks of two in the order of inclusion; the reader is not told.
	next := map[string]int{}
	for range perArm {
		first := r.IntN(2)
		for _, arm := range []string{arms[first], arms[1-first]} {
			k := next[arm]
			next[arm]++
			knee := []string{"left", "right"}[r.IntN(2)]
			f := []string{fmt.Sprintf("P%02d", len(lines)), arm, strconv.Itoa(52 + r.IntN(22)), knee}
			for _, o := range outcomes {
				for _, x := range o.draws[arm][k] {
					f = append(f, strconv.FormatFloat(float64(x)/math.Pow10(o.decimals), 'f', o.decimals, 64))
				}
			}
			lines = append(lines, strings.Join(append(f, "0"), ","))
		}
	}
	if err := os.WriteFile("data.csv", []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}

// draw returns an arm's values in steps: baseline, right after, 24 h.
func (o *outcome) draw(r *rand.Rand, arm string) [perArm][3]int {
	var out [perArm][3]int
	var changes [2][perArm]int
	for i := range perArm {
		out[i][0] = max(o.baseMin, int(math.Round(o.baseMean+o.baseSD*r.NormFloat64())))
		person := r.NormFloat64() // how this participant responds at both visits
		for v := range 2 {
			mean := float64(o.target[arm][v]) / perArm
			z := 0.8*person + 0.6*r.NormFloat64()
			changes[v][i] = max(int(math.Round(mean+o.changeSD*z)), -out[i][0])
		}
	}
	for v := range 2 {
		// Step by step, participant after participant, to the exact sum.
		for i := 0; ; i = (i + 1) % perArm {
			sum := 0
			for _, c := range changes[v] {
				sum += c
			}
			if sum == o.target[arm][v] {
				break
			}
			if sum < o.target[arm][v] {
				changes[v][i]++
			} else if changes[v][i] > -out[i][0] {
				changes[v][i]--
			}
		}
		for i := range perArm {
			out[i][v+1] = out[i][0] + changes[v][i]
		}
	}
	return out
}
