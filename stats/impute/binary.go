package impute

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Counts are the participants of an arm by a yes-or-no outcome.
type Counts struct{ Events, Nonevents, Missing int }

// Guess is what all missing outcomes of an arm are taken to be.
type Guess int

const (
	AsObserved Guess = iota // those observed stand for all: the available cases
	AllNonevents
	AllEvents
	EventsInTreated // events among the treated, none among the controls: one extreme
	EventsInControl // the other
)

var guessNames = [...]string{"as observed", "all nonevents", "all events", "events in treated", "events in control"}

// String returns "as observed", "all events", …
func (g Guess) String() string {
	if g < 0 || int(g) >= len(guessNames) {
		return fmt.Sprintf("Guess(%d)", int(g))
	}
	return guessNames[g]
}

// MarshalText writes the name that String returns.
func (g Guess) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Shares compares the shares of events of two arms, some of whose outcomes are
// missing. Arms come control, treated.
type Shares struct {
	P, Var [2]float64 // shares and their variances
	Cov    float64    // of the two shares
	// Missing are the shares of events assumed among the missing outcomes; Events and
	// N are counts where all of them are guessed.
	Missing   [2]float64
	Events, N [2]int
}

// GuessBinary puts in one outcome for all that are missing and compares the shares by
// Wald standard errors, as if the guesses had been observed: the range from
// EventsInTreated to EventsInControl holds every completion of the data, but none of
// these intervals knows that outcomes are missing. With AsObserved, those missing are
// left out. Large-sample.
//
// It refuses negative counts (ErrDomain) and an arm without an outcome (ErrTooFew).
// Source: Higgins, White & Wood 2008, Imputation methods for missing outcome data in
// meta-analysis of clinical trials, Clinical Trials 5:225–239.
// Agrees with R's metasens::metamiss(method.miss = "0", "1", "b", "w").
func GuessBinary(treated, control Counts, g Guess) (Shares, error) {
	const fn = "GuessBinary"
	if g < AsObserved || int(g) >= len(guessNames) {
		return Shares{}, bad(fn, "g", -1, stats.ErrDomain, "no %v", g)
	}
	var s Shares
	for i, c := range []Counts{control, treated} {
		if err := c.check(fn, i, g != AsObserved); err != nil {
			return Shares{}, err
		}
		events, n := c.Events, c.Events+c.Nonevents
		if g != AsObserved {
			n += c.Missing
		}
		if g == AllEvents || g == EventsInTreated && i == 1 || g == EventsInControl && i == 0 {
			events += c.Missing
			s.Missing[i] = 1
		}
		p := float64(events) / float64(n)
		if g == AsObserved {
			s.Missing[i] = p
		}
		s.Events[i], s.N[i], s.P[i], s.Var[i] = events, n, p, p*(1-p)/float64(n)
	}
	return s, nil
}

func (c Counts) check(fn string, arm int, missingCount bool) error {
	name := [...]string{"control", "treated"}[arm]
	if c.Events < 0 || c.Nonevents < 0 || c.Missing < 0 {
		return bad(fn, name, -1, stats.ErrDomain, "%+v", c)
	}
	if c.Events+c.Nonevents == 0 && !(missingCount && c.Missing > 0) {
		return bad(fn, name, -1, stats.ErrTooFew, "no outcome was observed")
	}
	return nil
}

// IMOR are informative missingness odds ratios by arm: the odds of the event among
// those missing over the odds among those observed. 1 is missing at random, and 0 of
// the zero value is refused. SD is the standard deviation of their logarithms,
// Correlation that of the arms' logarithms.
type IMOR struct {
	Treated, Control     float64
	SDTreated, SDControl float64
	Correlation          float64
}

// IMORBinary compares the shares of events with the missing outcomes' odds tied to the
// observed ones' by informative missingness odds ratios:
//
//	odds(missing) = IMOR·odds(observed),  p = (1−a)·p_obs + a·p_mis
//	var p by the delta method from p_obs(1−p_obs)/n, a(1−a)/N and the SD of log IMOR
//
// with a the share of outcomes missing, n observed of N. Unlike a guess, its standard
// errors know what is missing and how uncertain the assumption is. Large-sample. It
// refuses what GuessBinary refuses, an IMOR that is not positive, a negative SD and a
// correlation outside −1 to 1 (ErrDomain).
// Source: White, Higgins & Wood 2008, Allowing for uncertainty due to missing data in
// meta-analysis, part 1, Statistics in Medicine 27:711–727.
// Agrees with Stata's metamiss and R's metasens::metamiss(method.miss = "IMOR").
func IMORBinary(treated, control Counts, o IMOR) (Shares, error) {
	const fn = "IMORBinary"
	if !(o.Correlation >= -1 && o.Correlation <= 1) {
		return Shares{}, bad(fn, "Correlation", -1, stats.ErrDomain, "%v", o.Correlation)
	}
	var s Shares
	var slope [2]float64 // of p in log IMOR
	for i, c := range []Counts{control, treated} {
		if err := c.check(fn, i, false); err != nil {
			return Shares{}, err
		}
		imor, sd := o.Control, o.SDControl
		if i == 1 {
			imor, sd = o.Treated, o.SDTreated
		}
		if !(imor > 0 && finite(imor)) {
			return Shares{}, bad(fn, "IMOR", i, stats.ErrDomain, "%v, must be positive (1: missing at random)", imor)
		}
		if !(sd >= 0 && finite(sd)) {
			return Shares{}, bad(fn, "SD", i, stats.ErrDomain, "%v", sd)
		}
		n := float64(c.Events + c.Nonevents)
		all := n + float64(c.Missing)
		q, a := float64(c.Events)/n, float64(c.Missing)/all
		d := 1 - q + imor*q
		mis := imor * q / d
		s.Missing[i], s.P[i] = mis, (1-a)*q+a*mis
		dq, da := 1-a+a*imor/(d*d), mis-q
		slope[i] = a * mis * (1 - mis)
		s.Var[i] = dq*dq*q*(1-q)/n + da*da*a*(1-a)/all + slope[i]*slope[i]*sd*sd
		slope[i] *= sd
		s.Events[i], s.N[i] = c.Events, c.Events+c.Nonevents
	}
	s.Cov = o.Correlation * slope[0] * slope[1]
	return s, nil
}

// Difference returns treated − control, a difference of shares; ErrNoVariation where
// both shares are 0 or 1.
func (s Shares) Difference() (stats.Estimate, error) {
	return s.contrast("Difference", func(p float64) (float64, float64) { return p, 1 })
}

// LogRiskRatio returns log(p_treated/p_control). A share of 0 or 1 has none: ErrDomain,
// as no correction is added to the counts.
func (s Shares) LogRiskRatio() (stats.Estimate, error) {
	return s.contrast("LogRiskRatio", func(p float64) (float64, float64) { return math.Log(p), 1 / p })
}

// LogOddsRatio returns the logarithm of the ratio of odds; see LogRiskRatio.
func (s Shares) LogOddsRatio() (stats.Estimate, error) {
	return s.contrast("LogOddsRatio", func(p float64) (float64, float64) { return math.Log(p / (1 - p)), 1 / (p * (1 - p)) })
}

func (s Shares) contrast(fn string, scale func(p float64) (value, slope float64)) (stats.Estimate, error) {
	if fn != "Difference" {
		for i, p := range s.P {
			if p <= 0 || p >= 1 {
				return stats.Estimate{}, bad(fn, [...]string{"control", "treated"}[i], -1, stats.ErrDomain, "the share is %v", p)
			}
		}
	}
	c, dc := scale(s.P[0])
	t, dt := scale(s.P[1])
	v := dt*dt*s.Var[1] + dc*dc*s.Var[0] - 2*dt*dc*s.Cov
	if !(v > 0) {
		return stats.Estimate{}, bad(fn, "shares", -1, stats.ErrNoVariation, "%v and %v", s.P[1], s.P[0])
	}
	return stats.Estimate{Value: t - c, SE: math.Sqrt(v), DF: math.Inf(1)}, nil
}

// TippingBinary asks a test about every completion of the data: the answer at [i][j]
// has i events among the treated's missing outcomes and j among the controls'. test
// gets events and participants of both arms, complete, and returns a p-value or
// whatever else is asked of them.
func TippingBinary(treated, control Counts, test func(treatedEvents, treatedN, controlEvents, controlN int) (float64, error)) ([][]float64, error) {
	const fn = "TippingBinary"
	for i, c := range []Counts{control, treated} {
		if err := c.check(fn, i, true); err != nil {
			return nil, err
		}
	}
	n1, n0 := treated.Events+treated.Nonevents+treated.Missing, control.Events+control.Nonevents+control.Missing
	out := make([][]float64, treated.Missing+1)
	for i := range out {
		for j := range control.Missing + 1 {
			x, err := test(treated.Events+i, n1, control.Events+j, n0)
			if err != nil {
				return nil, fmt.Errorf("impute.TippingBinary: %d events among the %d missing of the treated, %d among the %d of the controls: %w", i, treated.Missing, j, control.Missing, err)
			}
			out[i] = append(out[i], x)
		}
	}
	return out, nil
}
