package along

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

// Fit is a model fitted by maximum likelihood, whose coefficients are logarithms of
// ratios: regress.LogisticFit, CountsFit and OrdinalFit.
type Fit interface {
	Names() []string
	LogLik() float64
	Coefficient(name string) stats.Estimate
	Contrast(l []float64) stats.Estimate
	Profile(name string) regress.Profile
}

// Moderated are participants whose arms' effect may vary with a characteristic.
type Moderated struct {
	Arm     []string
	Active  []string // arms, in order
	Control string
	// Level of each participant, of Levels, the first the reference; or Number.
	Level, Levels []string
	Number        []float64
	Others        []regress.Term // strata and covariates
}

// Interaction is the effect of an arm within Level over that within the first level or,
// of a number (Level ""), over that at one less: a ratio of ratios.
type Interaction struct {
	Arm, Level string
	Log        regress.Profile // its logarithm, by profile likelihood
	Wald       stats.Estimate
}

// Varying is how the effect of arms varies, by one model.
type Varying struct {
	// Test is the likelihood ratio test of all Interactions together.
	Test         stats.ChiSquareTest
	Interactions []Interaction
	fit          Fit
	active       []string
}

// ErrNotEstimable: an arm of a level has nobody, so that the effect in it cannot be told.
var ErrNotEstimable = errors.New("an arm of a level is empty")

// names of the model's variables; no ID holds a NUL.
const (
	armTerm = "arm\x00"
	ofTerm  = "moderator\x00"
)

// Vary fits the model with an effect of each arm that varies with the characteristic,
// others + moderator + arm + arm:moderator, and the one without arm:moderator. The χ² of
// the test is twice the difference of their log-likelihoods. It assumes what the model
// assumes; approximate, as likelihood ratios are. A number enters as a line. It returns
// the errors of fit, and ErrNotEstimable.
func Vary(d Moderated, fit func(terms ...regress.Term) (Fit, error)) (*Varying, error) {
	arm := regress.Category(armTerm, d.Arm, d.Control)
	var of regress.Term
	levels := []string{""}
	if d.Number != nil {
		of = regress.Numeric(ofTerm, d.Number)
	} else {
		of = regress.Category(ofTerm, d.Level, d.Levels[0])
		levels = d.Levels[1:]
	}
	terms := slices.Concat(d.Others, []regress.Term{of, arm})
	less, err := fit(terms...)
	if err != nil {
		return nil, err
	}
	more, err := fit(append(terms, regress.Interaction(arm, of))...)
	if err != nil {
		return nil, err
	}
	v := &Varying{fit: more}
	names := more.Names()
	for _, a := range d.Active {
		if !slices.Contains(d.Arm, a) {
			continue
		}
		v.active = append(v.active, a)
		for _, l := range levels {
			name := armTerm + a + ":" + ofTerm + l
			if !slices.Contains(names, name) {
				return nil, ErrNotEstimable
			}
			e := more.Coefficient(name)
			if !e.Estimable() || !(e.SE > 0) {
				return nil, ErrNotEstimable
			}
			v.Interactions = append(v.Interactions, Interaction{a, l, more.Profile(name), e})
		}
	}
	if len(v.Interactions) == 0 {
		return nil, ErrNotEstimable
	}
	v.Test = stats.ChiSquareTest{X2: 2 * math.Max(0, more.LogLik()-less.LogLik()), DF: float64(len(v.Interactions))}
	return v, nil
}

// Settled refuses interactions whose profile has no interval at the level.
func (v *Varying) Settled(ctx context.Context, level float64) error {
	for _, i := range v.Interactions {
		if _, err := i.Log.CIContext(ctx, level); err != nil {
			return err
		}
		if _, err := i.Log.PContext(ctx, 0); err != nil {
			return err
		}
	}
	return nil
}

// At is the logarithm of an arm's effect at a value of the number, with Wald's standard
// error; ok is false of an arm that is not in the model.
func (v *Varying) At(arm string, x float64) (e stats.Estimate, ok bool) {
	names := v.fit.Names()
	i, j := slices.Index(names, armTerm+arm), slices.Index(names, armTerm+arm+":"+ofTerm)
	if i < 0 || j < 0 {
		return stats.Estimate{}, false
	}
	row := make([]float64, len(names))
	row[i], row[j] = 1, x
	e = v.fit.Contrast(row)
	return e, e.Estimable()
}

// RiskVaries is how an arm's effect on risks within Level differs from that within the first.
type RiskVaries struct {
	Arm, Level string
	table.RiskInteraction
}

// Risks compares the effects on risks of the levels of a category, y being whether each
// participant has the event, by table.Homogeneity of all and table.Interaction of each
// arm and level. It returns their errors.
func Risks(d Moderated, y []bool, scale table.RiskScale) (test stats.ChiSquareTest, list []RiskVaries, err error) {
	counts := map[[2]string]table.Count{}
	for i, arm := range d.Arm {
		c := counts[[2]string{arm, d.Level[i]}]
		if c.N++; y[i] {
			c.Events++
		}
		counts[[2]string{arm, d.Level[i]}] = c
	}
	arms := []string{d.Control}
	for _, a := range d.Active {
		if slices.Contains(d.Arm, a) {
			arms = append(arms, a)
		}
	}
	levels := make([][]table.Count, len(d.Levels))
	for i, l := range d.Levels {
		for _, a := range arms {
			levels[i] = append(levels[i], counts[[2]string{a, l}])
		}
	}
	if test, err = table.Homogeneity(levels, scale); err != nil {
		return test, nil, err
	}
	for k := 1; k < len(arms); k++ {
		for i, l := range d.Levels[1:] {
			x, err := table.Interaction(table.Stratum{Treated: levels[i+1][k], Control: levels[i+1][0]}, table.Stratum{Treated: levels[0][k], Control: levels[0][0]}, scale)
			if err != nil {
				return test, nil, err
			}
			list = append(list, RiskVaries{arms[k], l, x})
		}
	}
	return test, list, nil
}

// Separate compares independent estimates of levels with that of the first: differences
// with the root of the sum of their variances, and Cochran's Q of all,
//
//	Q = Σ w(e − ē)², w = 1/SE², ē = Σ we/Σ w,
//
// which is Wald's test that they are equal, χ² with one less degrees of freedom than
// levels. Approximate: normal estimates with known errors. It panics for fewer than two.
// Source: Cochran 1954, Biometrics 10:101, doi 10.2307/3001666.
func Separate(levels []stats.Estimate) ([]stats.Estimate, stats.ChiSquareTest) {
	if len(levels) < 2 {
		panic(fmt.Sprintf("along: Separate: %d levels", len(levels)))
	}
	var out []stats.Estimate
	sum, mean := 0.0, 0.0
	for _, e := range levels {
		w := 1 / (e.SE * e.SE)
		sum += w
		mean += w * (e.Value - levels[0].Value)
	}
	mean = levels[0].Value + mean/sum
	q := 0.0
	for i, e := range levels {
		q += (e.Value - mean) * (e.Value - mean) / (e.SE * e.SE)
		if i > 0 {
			out = append(out, stats.Estimate{Value: e.Value - levels[0].Value, SE: math.Hypot(e.SE, levels[0].SE), DF: math.Inf(1)})
		}
	}
	return out, stats.ChiSquareTest{X2: q, DF: float64(len(levels) - 1)}
}
