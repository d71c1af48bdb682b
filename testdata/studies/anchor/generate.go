//go:build ignore

// Generate writes data.csv: invented patients of an anchor study. Run it in
// this folder: go run generate.go
//
// Pain is in whole mm (0–100, lower is better). A patient's true fall is normal
// (mean 15, SD 15 mm); the patient calls it an improvement from 20 mm on, give
// or take 3 mm and an error of judgement of 7 mm, on a scale from −3 to 3 in
// steps of 12 mm. Each score is read with an error of 5 mm. Retest is a second
// reading of the baseline.
package main

import (
	"bufio"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
)

func main() {
	f, err := os.Create("data.csv")
	if err != nil {
		log.Fatal(err)
	}
	w := bufio.NewWriter(f)
	r := rand.New(rand.NewPCG(2026, 5))
	score := func(x float64) int { return int(math.Round(math.Min(100, math.Max(0, x)))) }
	fmt.Fprintln(w, "id,baseline,followup,change,rating,retest")
	for id := 1; id <= 240; id++ {
		before := 60 + 14*r.NormFloat64()
		fall := 15 + 15*r.NormFloat64()
		threshold := 20 + 3*r.NormFloat64()
		judged := (fall - threshold + 7*r.NormFloat64()) / 12
		rating := math.Min(3, math.Max(-3, math.Floor(judged)+1))
		a, b, again := score(before+5*r.NormFloat64()), score(before-fall+5*r.NormFloat64()), score(before+5*r.NormFloat64())
		fmt.Fprintf(w, "%d,%d,%d,%d,%d,%d\n", id, a, b, b-a, int(rating), again)
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}
