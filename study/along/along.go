// Package along holds how an outcome runs along the doses of a trial's arms, and how an
// effect varies with a characteristic of participants.
//
// # What answers which question
//
//	question                                               answer
//	how does the outcome change from dose to dose?         Trend.Slope, Trend.Whole
//	is a straight line enough?                             Trend.Bend
//	and by ranks, whatever the shape of the rise?          Trend.Jonckheere
//	which contrasts of the arms' means are these?          NewContrasts
//	does the arms' effect vary with a characteristic?      Vary, Risks, Separate
package along

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

// Trend is how the adjusted means of an outcome at a visit change along the doses of
// the arms, by contrasts of a plan's own model.
type Trend struct {
	Outcome, Visit string
	Method         string // that of the plan's rows
	Level          float64
	Arms           []Arm // by rising dose
	// Slope is the change of the mean for each unit of dose, along the straight line
	// that fits the arms' means best, each arm counting alike; Whole is the same from
	// the lowest dose to the highest. Withheld: their degrees of freedom are too few for
	// an interval.
	Slope, Whole stats.Estimate
	Withheld     bool
	// Line is that line with its errors, from the lowest dose to the highest.
	Line []Point
	// Bend is the test that the means lie on a straight line; nil with two arms, and
	// where it could not be made.
	Bend *stats.FTest
	// Jonckheere is the rank test of the same order, of changes from baseline (values
	// without one), which takes no account of strata and covariates; nil where it could
	// not be made.
	Jonckheere *rank.TrendTest
	// Why says why there is no slope: "trend-empty" where an arm has nobody,
	// "trend-none" where the model could not be fitted; Slope is then NaN.
	Why string
}

// Arm is an arm at its dose, with its adjusted mean.
type Arm struct {
	Arm  string
	Dose float64
	N    int
	Mean stats.Estimate
}

// Point is the line's mean at a dose.
type Point struct {
	Dose float64
	stats.Estimate
}

// CI is the slope's interval; NaN at both ends where there is none or it is withheld.
func (t Trend) CI() stats.Interval { return t.interval(t.Slope) }

// WholeCI is that of the change from the lowest dose to the highest.
func (t Trend) WholeCI() stats.Interval { return t.interval(t.Whole) }

func (t Trend) interval(e stats.Estimate) stats.Interval {
	if t.Withheld || t.Why != "" {
		return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: t.Level}
	}
	return e.CI(t.Level)
}

// P is the two-sided p-value of no slope; NaN where there is none.
func (t Trend) P() float64 {
	if t.Withheld || t.Why != "" {
		return math.NaN()
	}
	return t.Slope.P(0)
}

// Contrasts are weights of the means of arms at doses x.
type Contrasts struct {
	x    []float64
	mean float64
	// Slope is (xᵢ − x̄)/Σ(xⱼ − x̄)²: with the means it gives the slope of the straight line
	// that fits them best, each counting alike.
	Slope []float64
	// Bends are the differences between the slopes of neighbors, all 0 where the means
	// lie on a straight line.
	Bends [][]float64
}

// NewContrasts gives the contrasts of arms at doses that differ and rise. It panics for
// others: a protocol's are checked.
// Source: Abelson & Tukey 1963, Ann Math Stat 34:1347.
func NewContrasts(x []float64) Contrasts {
	if len(x) < 2 || !slices.IsSorted(x) {
		panic("along: NewContrasts: doses do not rise")
	}
	c := Contrasts{x: x, Slope: make([]float64, len(x))}
	for _, v := range x {
		c.mean += v / float64(len(x))
	}
	ss := 0.0
	for _, v := range x {
		ss += (v - c.mean) * (v - c.mean)
	}
	for i, v := range x {
		c.Slope[i] = (v - c.mean) / ss
	}
	for i := 2; i < len(x); i++ {
		first, second := x[i-1]-x[i-2], x[i]-x[i-1]
		w := make([]float64, len(x))
		w[i-2], w[i-1], w[i] = 1/first, -1/first-1/second, 1/second
		c.Bends = append(c.Bends, w)
	}
	return c
}

// At are the weights that give the line's mean at a dose.
func (c Contrasts) At(dose float64) []float64 {
	out := make([]float64, len(c.x))
	for i := range out {
		out[i] = 1/float64(len(c.x)) + (dose-c.mean)*c.Slope[i]
	}
	return out
}
