//go:build ignore

// Generate writes data.csv and ae.csv: an invented trial with a file of adverse events.
// Run it in this folder: go run generate.go
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
const perArm = 48

// term is an adverse event: how many a participant has on average in twelve weeks,
// under shock waves and under sham, and how likely one is serious, related and a reason
// to stop.
type term struct {
	name                       string
	active, sham               float64
	serious, related, withdraw float64
}

var terms = []term{
	{"Pain during treatment", 0.55, 0.12, 0, 1, 0.05},
	{"Reddening of the skin", 0.40, 0.06, 0, 1, 0},
	{"Bruise", 0.15, 0.02, 0, 0.9, 0},
	{"Swelling", 0.12, 0.04, 0, 0.8, 0},
	{"Numbness of the heel", 0.08, 0.01, 0, 0.8, 0.2},
	{"Headache", 0.15, 0.15, 0, 0.1, 0},
	{"Cold", 0.18, 0.20, 0, 0, 0},
	{"Back pain", 0.07, 0.08, 0, 0.1, 0},
	{"Knee pain", 0.06, 0.06, 0, 0.1, 0},
	{"Calf muscle strain", 0.02, 0.05, 0, 0.2, 0},
	{"Fall", 0.02, 0.03, 0.3, 0, 0},
	{"Appendicitis", 0.01, 0.01, 1, 0, 0.5},
}

func main() {
	r := rand.New(rand.NewPCG(2028, 3))
	var data, events strings.Builder
	data.WriteString("id,group,age,followed,vas0,vas12\n")
	events.WriteString("id,aeterm,ser,rel,wd,aeday\n")
	for i := range 2 * perArm {
		active := i%2 == 0
		group := "sham"
		if active {
			group = "eswt"
		}
		followed := 84 + r.IntN(8)
		if r.IntN(12) == 0 {
			followed = 14 + r.IntN(50) // left early
		}
		base := 45 + r.IntN(40)
		last := ""
		if followed >= 84 {
			y := float64(base) - 22 + 14*r.NormFloat64()
			if active {
				y -= 8
			}
			last = fmt.Sprint(int(math.Round(min(max(y, 0), 100))))
		}
		id := fmt.Sprintf("S%03d", i+1)
		fmt.Fprintf(&data, "%s,%s,%d,%d,%d,%s\n", id, group, 30+r.IntN(40), followed, base, last)
		if r.IntN(40) == 0 {
			fmt.Fprintf(&events, "%s,Cold,no,unlikely,no,%d\n", id, -1-r.IntN(10)) // before randomization
		}
		any := false
		for _, t := range terms {
			mean := t.sham
			if active {
				mean = t.active
			}
			for range poisson(r, mean*float64(followed)/84) {
				any = true
				fmt.Fprintf(&events, "%s,%s,%s,%s,%s,%d\n", id, t.name, yes(r, t.serious), related(r, t.related), yes(r, t.withdraw), r.IntN(followed))
			}
		}
		if !any && r.IntN(10) == 0 {
			fmt.Fprintf(&events, "%s,,,,,\n", id) // asked, and nothing to tell
		}
	}
	for name, b := range map[string]string{"data.csv": data.String(), "ae.csv": events.String()} {
		if err := os.WriteFile(name, []byte(b), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func yes(r *rand.Rand, p float64) string {
	if r.Float64() < p {
		return "yes"
	}
	return "no"
}

// related is how sites judge it.
func related(r *rand.Rand, p float64) string {
	switch x := r.Float64(); {
	case x < p*0.7:
		return "probable"
	case x < p:
		return "possible"
	}
	return "unlikely"
}

// poisson draws a count.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for p := r.Float64(); p > math.Exp(-mean); p *= r.Float64() {
		n++
	}
	return n
}
