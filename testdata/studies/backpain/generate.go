//go:build ignore

// Generate writes data.csv: an invented back-pain trial that loses half of its patients.
// Run it in this folder: go run generate.go
//
// It behaves like trials of programs that patients follow at home: much variation at
// baseline, most of the change early, values of one patient that go together closely, and
// patients who leave from the second visit on, those who are doing badly more often.
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
	perArm = 50
	effect = -8.0 // of the program at the last visit, in points
	course = -13.0
)

var (
	// reached is the share of the full course that is reached at each visit.
	reached = []float64{0.5, 0.75, 0.95, 1}
	// leave is how likely an average patient is to leave before each visit.
	leave = []float64{0.03, 0.25, 0.2, 0.12}
)

func main() {
	r := rand.New(rand.NewPCG(2026, 23))
	var b strings.Builder
	b.WriteString("id,arm,duration,sex,odi0,odi6w,odi3m,odi6m,odi12m\n")
	for i := range 2 * perArm {
		arm, shift := "program", effect
		if i%2 == 1 {
			arm, shift = "usual", 0
		}
		long := r.IntN(2) == 1
		sex := []string{"f", "m"}[r.IntN(2)]
		level := 10 * r.NormFloat64()
		base := score(38 + level + 8*r.NormFloat64())
		fmt.Fprintf(&b, "%03d,%s,%s,%s,%d", i+1, arm, map[bool]string{true: "long", false: "short"}[long], sex, base)
		last, noise := base, 0.0
		for v, f := range reached {
			noise = 0.6*noise + 6*r.NormFloat64()
			y := 38 + level + f*(course+shift) + noise
			if long {
				y += 3 * f
			}
			odds := leave[v] / (1 - leave[v]) * math.Exp(float64(last-28)/18)
			if r.Float64() < odds/(1+odds) {
				b.WriteString(strings.Repeat(",", len(reached)-v))
				break
			}
			last = score(y)
			fmt.Fprintf(&b, ",%d", last)
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// score is what the questionnaire gives: even points from 0 to 100.
func score(x float64) int { return 2 * int(math.Round(min(max(x, 0), 100)/2)) }
