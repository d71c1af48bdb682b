package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// Guesses are the answers of one arm's participants to the question which treatment
// they had.
type Guesses struct {
	Right, Wrong, Unsure int
}

// N is the number of answers.
func (g Guesses) N() int { return g.Right + g.Wrong + g.Unsure }

// BlindingIndex is Bang's blinding index of one arm. It implements Effect.
type BlindingIndex struct{ Guesses }

var _ stats.Effect = BlindingIndex{}

// Blinding estimates Bang's blinding index of one arm: the share of participants who
// guessed their treatment right minus the share who guessed it wrong,
//
//	p₊ − p₋,  SE = √((p₊ + p₋ − (p₊ − p₋)²)/n).
//
// 0 is what guessing at random gives, 1 means that all knew their treatment, −1 that
// all thought of the other one. "Do not know" counts as neither. An arm is judged by
// itself: hope makes many of both arms name the active treatment, which is an index
// above 0 in one arm and below 0 in the other. Approximate, by the normal distribution;
// within −1 to 1. Where all answers are of one kind the standard error vanishes: the
// interval is then −1 to 1 with Why = WhyNoError and every p-value 1.
// It refuses negative counts (ErrDomain) and no answers (ErrTooFew).
// Source: Bang, Ni & Davis (2004), doi 10.1016/j.cct.2003.10.016.
// It agrees with R's BI::BI(…)$BangBI but for what lies beyond −1 and 1.
func Blinding(g Guesses) (BlindingIndex, error) {
	const fn = "Blinding"
	if g.Right < 0 || g.Wrong < 0 || g.Unsure < 0 {
		return BlindingIndex{}, &stats.SampleError{Func: fn, Arg: "g", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%d right, %d wrong, %d unsure", g.Right, g.Wrong, g.Unsure)}
	}
	if g.N() == 0 {
		return BlindingIndex{}, &stats.SampleError{Func: fn, Arg: "g", Index: -1, Err: stats.ErrTooFew, Info: "no answers"}
	}
	return BlindingIndex{g}, nil
}

// Point returns the index.
func (b BlindingIndex) Point() float64 { return float64(b.Right-b.Wrong) / float64(b.N()) }

// SE returns the standard error, 0 where all answers are of one kind.
func (b BlindingIndex) SE() float64 {
	n := float64(b.N())
	d := float64(b.Right - b.Wrong)
	return math.Sqrt((float64(b.Right+b.Wrong) - d*d/n) / n / n)
}

func (b BlindingIndex) estimate() stats.Estimate {
	return stats.Estimate{Value: b.Point(), SE: b.SE(), DF: math.Inf(1)}
}

// CI returns the interval, within −1 to 1.
func (b BlindingIndex) CI(level float64) stats.Interval {
	check.Level(level)
	e := b.estimate()
	if e.SE == 0 {
		return stats.Interval{Lo: -1, Hi: 1, Level: level, Why: stats.WhyNoError}
	}
	ci := e.CI(level)
	ci.Lo, ci.Hi = math.Max(-1, ci.Lo), math.Min(1, ci.Hi)
	return ci
}

// P returns the two-sided p-value of an index of null; 0 beyond −1 and 1.
func (b BlindingIndex) P(null float64) float64 {
	return b.ask(null, 0, 0, stats.Estimate.P)
}

// PGreater is the one-sided p-value against an index of at most null.
func (b BlindingIndex) PGreater(null float64) float64 {
	return b.ask(null, 0, 1, stats.Estimate.PGreater)
}

// PLess is the one-sided p-value against an index of at least null.
func (b BlindingIndex) PLess(null float64) float64 {
	return b.ask(null, 1, 0, stats.Estimate.PLess)
}

// ask answers with below and above for nulls outside −1 to 1, and 1 where there is no
// standard error.
func (b BlindingIndex) ask(null, below, above float64, p func(e stats.Estimate, null float64) float64) float64 {
	switch e := b.estimate(); {
	case null < -1:
		return below
	case null > 1:
		return above
	case e.SE == 0:
		return 1
	default:
		return p(e, null)
	}
}

const blindingMethod = "Bang"

// String formats the index with its interval and how many guessed right and wrong.
func (b BlindingIndex) String() string {
	if b == (BlindingIndex{}) {
		return show.NoResult
	}
	ci := b.CI(0.95)
	d := show.DecimalsOf(1, ciSE(ci))
	return fmt.Sprintf("%s (95%% CI %s; %d right, %d wrong, %d unsure; %s)", show.Fixed(b.Point(), d), ci.Text(d, ""), b.Right, b.Wrong, b.Unsure, blindingMethod)
}
