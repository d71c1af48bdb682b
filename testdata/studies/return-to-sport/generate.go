//go:build ignore

// Generate writes data.csv: an invented trial of a yes-or-no outcome, asked whether
// home-based rehabilitation is not much worse than that at a clinic. Run it in this
// folder: go run generate.go
package main

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
)

// perArm are randomized to each arm.
const perArm = 96

func main() {
	r := rand.New(rand.NewPCG(2027, 4))
	var b strings.Builder
	b.WriteString("nummer;groep;leeftijd;niveau;sessies;sport6;sport12;pp\n")
	for i := range 2 * perArm {
		home := i%2 == 0
		arm, attended := "praktijk", 12-r.IntN(4)
		if home {
			arm, attended = "thuis", 12-r.IntN(7)
		}
		age := 17 + r.IntN(24)
		level, better := "recreatief", 0.0
		if r.IntN(5) < 2 {
			level, better = "competitie", 0.08
		}
		six, twelve := answer(r, 0.34+better), answer(r, 0.74+better)
		if six == "ja" && r.IntN(8) > 0 {
			twelve = "ja" // who was back is mostly back still
		}
		if r.IntN(16) == 0 {
			twelve = "" // not reached at week 12
		}
		if r.IntN(30) == 0 {
			six = ""
		}
		protocol := "1"
		if attended < 8 || twelve == "" {
			protocol = "0"
		}
		fmt.Fprintf(&b, "%03d;%s;%d;%s;%d;%s;%s;%s\n", i+1, arm, age, level, attended, six, twelve, protocol)
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// answer is yes with a probability.
func answer(r *rand.Rand, yes float64) string {
	if r.Float64() < yes {
		return "ja"
	}
	return "nee"
}
