//go:build ignore

// Generate writes data.csv: an invented trial whose file tells how each
// participant fared, for the flow of participants. Run it in this folder:
// go run generate.go
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"strings"
)

// perArm are randomized to each arm; the last absent of an arm never came back
// after randomization and are not in the file.
const perArm = 42

var (
	absent = []int{1, 0, 2}
	effect = []float64{-9, -5, 0} // at week 12, in mm
	// leaving is the chance of leaving before each visit after baseline.
	leaving = []float64{0.03, 0.06, 0.08}
)

func main() {
	r := rand.New(rand.NewPCG(2026, 11))
	var b strings.Builder
	b.WriteString("id,arm,received,state,why,pain0,pain6,pain12,steps0,steps12\n")
	for i := range 3 * perArm {
		arm := i % 3
		if i/3 >= perArm-absent[arm] {
			continue
		}
		received := fmt.Sprint(arm + 1)
		switch i {
		case 24:
			received = "3" // no place in the group: advice
		case 30, 46:
			received = "0" // never began
		case 57:
			received = "" // nobody wrote it down
		}
		level := 11 * r.NormFloat64()
		pain := record(58+level+7*r.NormFloat64(), 100)
		steps := record(5200+1500*r.NormFloat64()-20*level, 30000)
		state, why := "1", ""
		var visits []string
		for k, share := range []float64{0.6, 1} {
			if state == "1" && r.Float64() < leaving[arm] {
				state, why = leave(r, k)
			}
			if state != "1" {
				visits = append(visits, "")
				continue
			}
			visits = append(visits, fmt.Sprint(record(52+level+share*effect[arm]+8*r.NormFloat64(), 100)))
		}
		last := ""
		if state == "1" && r.IntN(12) > 0 { // some forgot the meter
			last = fmt.Sprint(record(float64(steps)+300-60*effect[arm]+700*r.NormFloat64(), 30000))
		}
		fmt.Fprintf(&b, "%03d,%d,%s,%s,%s,%d,%s,%d,%s\n", i+1, arm+1, received, state, why, pain, strings.Join(visits, ","), steps, last)
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// leave draws a status and its reason.
func leave(r *rand.Rand, visit int) (state, why string) {
	switch x := r.IntN(6); {
	case x < 2:
		return "2", []string{"moved away", "could not be reached"}[x]
	case x < 5:
		return "3", []string{"no time", "more pain", "surgery planned"}[x-2]
	}
	return "2", ""
}

// record is a whole number from 0 to a largest one.
func record(x, most float64) int { return int(math.Round(min(max(x, 0), most))) }
