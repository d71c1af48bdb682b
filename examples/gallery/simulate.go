package main

import (
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/trialkit/trialkit/study"
)

//go:embed simulated.yaml
var simulatedProtocol string

// perArm participants in each arm of the simulated trial.
const perArm = 60

// simulate draws the larger trial, of so many participants an arm, from a fixed
// seed and loads it like any other. A participant's values share a random intercept and slope; one who
// has little benefit is likelier to drop out, and does not come back.
func simulate(perArm int) (*study.Dataset, error) {
	p, err := study.ParseProtocol(strings.NewReader(simulatedProtocol), "simulated.yaml")
	if err != nil {
		return nil, err
	}
	return study.Load(strings.NewReader(simulatedData(p, perArm)), "simulated.csv", p)
}

// simulatedData writes the data file, a row a participant and visit attended.
func simulatedData(p study.Protocol, perArm int) string {
	rng := rand.New(rand.NewPCG(2026, 120))
	benefit := map[string]float64{"exercise": 19, "advice": 7} // mm on the scale, in the long run
	var b strings.Builder
	b.WriteString("id,arm,sex,age,visit,pain,walk,events\n")
	for i := range 2 * perArm {
		arm := p.Arms[i%2].ID
		sex := []string{"woman", "man"}[min(rng.IntN(5)/3, 1)]
		age := math.Round(clip(63+8*rng.NormFloat64(), 41, 86))
		events := max(0, rng.IntN(6)-4)
		level := clip(58+12*rng.NormFloat64(), 30, 92)
		gain := benefit[arm] + 14*rng.NormFloat64()
		fit := 395 - 2.2*(age-63) - 0.9*(level-58) + 45*rng.NormFloat64()
		for v, visit := range p.Visits {
			weeks := visit.Time.Hours() / 24 / 7
			done := 1 - math.Exp(-weeks/5)
			pain := math.Round(clip(level-gain*done+6*rng.NormFloat64(), 0, 100))
			walk := math.Round(clip(fit+1.6*gain*done+14*rng.NormFloat64(), 0, 900))
			painField := fmt.Sprint(pain)
			if v > 0 && rng.Float64() < 0.02 {
				painField = "" // a form not filled in
			}
			fmt.Fprintf(&b, "P%03d,%s,%s,%g,%s,%s,%g,%d\n", i+1, arm, sex, age, visit.ID, painField, walk, events)
			if rng.Float64() < 0.025+0.002*math.Max(0, 22-gain*done) {
				break
			}
		}
	}
	return b.String()
}

func clip(x, lo, hi float64) float64 { return math.Max(lo, math.Min(hi, x)) }
