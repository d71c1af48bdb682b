//go:build ignore

// Generate writes data.csv: an invented trial of two lasers and a placebo, ten sessions
// each. Run it in this folder: go run generate.go
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
const perArm = 32

func main() {
	r := rand.New(rand.NewPCG(2029, 6))
	arms := []string{"H", "L", "P"}
	effect := map[string]float64{"H": -1.1, "L": -0.5, "P": 0} // of ten sessions, in cm
	knows := map[string]float64{"H": 0.45, "L": 0.15, "P": 0.1}
	var b strings.Builder
	b.WriteString("nr;groep;kreeg;leeftijd;sessies;denkt;vas0;vas4;vas12\n")
	for i := range 3 * perArm {
		arm := arms[i%3]
		got := arm
		switch x := r.IntN(100); {
		case x < 3:
			got = "-" // never began
		case x < 7 && arm != "P":
			got = "P" // the head was changed by mistake
		case x < 5:
			got = "H"
		}
		sessions := 10 - min(r.IntN(8)*r.IntN(2), 9)
		if arm == "H" {
			sessions = max(sessions-r.IntN(3), 0) // it takes longer
		}
		if got == "-" {
			sessions = 0
		}
		guess := "?"
		switch x := r.Float64(); {
		case x < knows[got]:
			guess = got
		case x < knows[got]+0.35:
			guess = "laser"
		case x < knows[got]+0.5:
			guess = arms[r.IntN(3)]
		}
		base := 4 + 4*r.Float64()
		level := base - 1.0 + 0.9*r.NormFloat64()
		share := float64(sessions) / 10
		four := level + share*effect[got]*0.8 + 1.0*r.NormFloat64()
		twelve := level + share*effect[got] + 1.1*r.NormFloat64()
		gone := r.IntN(12) == 0
		if gone {
			guess = ""
		}
		fmt.Fprintf(&b, "%d;%s;%s;%d;%s;%s;%s;%s;%s\n", 101+i, arm, got, 45+r.IntN(30), comma(float64(sessions), 0), guess, comma(base, 1), value(four, r.IntN(25) == 0), value(twelve, gone))
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// value is what a VAS of 10 cm shows, "" where it is missing.
func value(x float64, missing bool) string {
	if missing {
		return ""
	}
	return comma(math.Min(10, math.Max(0, x)), 1)
}

func comma(x float64, decimals int) string {
	return strings.Replace(fmt.Sprintf("%.*f", decimals, x), ".", ",", 1)
}
