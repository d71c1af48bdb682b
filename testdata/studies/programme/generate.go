//go:build ignore

// Generate writes data.csv: an invented programme of ten sessions of laser therapy with
// rescue medication. Run it in this folder: go run generate.go
//
// Whoever is in much pain takes rescue medication, more under the placebo; it lowers
// pain, so that a comparison that uses the values after it makes the laser look less
// different than it is without. Some stop the sessions; half of them are still seen.
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
	perArm = 40
	effect = -1.4 // of the laser at the last visit, in cm, without rescue medication
	relief = -1.8 // of rescue medication
)

func main() {
	r := rand.New(rand.NewPCG(2026, 17))
	days := []int{0, 21, 35, 84} // of the visits
	var b strings.Builder
	b.WriteString("id,arm,vas0,vas3,vas5,vas12,stop_day,rescue_day\n")
	for i := range 2 * perArm {
		arm, shift := "hilt", effect
		if i%2 == 1 {
			arm, shift = "sham", 0
		}
		level := 1.2 * r.NormFloat64()
		values := []float64{6.3 + level + 0.6*r.NormFloat64()}
		stop, rescue, gone := -1, -1, 99
		noise := 0.0
		for v, f := range []float64{0.6, 1, 0.9} {
			noise = 0.5*noise + 0.8*r.NormFloat64()
			from, to := days[v], days[v+1]
			if last := values[len(values)-1]; rescue < 0 && r.Float64() < 0.45/(1+math.Exp((6.2-last)*1.5)) {
				rescue = from + 1 + r.IntN(to-from)
			}
			if stop < 0 && from < 35 && r.Float64() < 0.11 {
				if stop = from + 1 + r.IntN(min(to, 35)-from); r.IntN(2) == 0 {
					gone = v
				}
			}
			y := 6.3 + level + f*(shift-0.9) + noise
			if rescue >= 0 && to > rescue {
				y += relief
			}
			if stop >= 0 && to > stop {
				y -= f * shift / 2 // half of the effect is lost
			}
			values = append(values, y)
		}
		fmt.Fprintf(&b, "%03d,%s", i+1, arm)
		for v, y := range values {
			if v > 0 && v-1 >= gone || v > 0 && r.IntN(40) == 0 {
				b.WriteString(",")
				continue
			}
			fmt.Fprintf(&b, ",%.1f", math.Round(10*min(max(y, 0), 10))/10)
		}
		fmt.Fprintf(&b, ",%s,%s\n", day(stop), day(rescue))
	}
	if err := os.WriteFile("data.csv", []byte(b.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}

// day is empty where nothing happened.
func day(d int) string {
	if d < 0 {
		return ""
	}
	return fmt.Sprint(d)
}
