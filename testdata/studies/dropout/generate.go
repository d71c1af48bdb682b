//go:build ignore

// Generate writes data.csv: an invented trial with dropout. Run it in this
// folder: go run generate.go
//
// Whoever was still in much pain at the last visit attended tends to stay
// away, more so under control: the missing values are missing at random, and
// the participants who stay to the end are not like those who were randomized.
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

const (
	perArm = 60
	effect = -8.0 // of the active arm at the last visit, in mm
)

// fall is the share of the full change reached at each visit after baseline.
var fall = []float64{0.4, 0.7, 0.9, 1}

func main() {
	r := rand.New(rand.NewPCG(2026, 4))
	var b strings.Builder
	b.WriteString("id,arm,site,age,week0,week2,week4,week8,week12\n")
	for i := range 2 * perArm {
		arm, shift := "exercise", effect
		if i%2 == 1 {
			arm, shift = "advice", 0
		}
		level := 12 * r.NormFloat64()
		base := record(60 + level + 7*r.NormFloat64())
		fmt.Fprintf(&b, "%03d,%s,%s,%d,%d", i+1, arm, []string{"north", "south", "west"}[r.IntN(3)], 40+r.IntN(36), base)
		last, noise, here := base, 0.0, true
		for _, f := range fall {
			noise = 0.5*noise + 7*r.NormFloat64()
			y := record(60 + level + f*(shift-8) + noise)
			// One visit in forty is missed for reasons of no interest here.
			here = here && r.Float64() > 0.3/(1+math.Exp((58-float64(last))/4))
			switch {
			case !here, r.IntN(40) == 0:
				b.WriteString(",")
			default:
				fmt.Fprintf(&b, ",%d", y)
				last = y
			}
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// record is what a VAS in whole millimeters from 0 to 100 shows.
func record(x float64) int { return int(math.Round(min(max(x, 0), 100))) }
