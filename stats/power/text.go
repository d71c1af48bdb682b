package power

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// known is a power, not found where the size n is not known yet.
func known(n, power float64) float64 {
	if n > 0 {
		return power
	}
	return math.NaN()
}

// designText writes a design with its power where that is known: "t-test, two
// groups: n = 20, effect 0.8, alpha 0.05: power 0.69".
func designText(none bool, name string, n, alpha, power float64, more string, a ...any) string {
	if none {
		return show.NoResult
	}
	var parts []string
	if n > 0 {
		parts = append(parts, fmt.Sprintf("n = %.6g", n))
	}
	s := name + ": " + strings.Join(append(parts, fmt.Sprintf(more, a...), fmt.Sprintf("alpha %.4g", alpha)), ", ")
	if !math.IsNaN(power) {
		s += ": power " + show.Fixed(power, 2)
	}
	return s
}

// designJSON writes a design's fields and its power.
func designJSON(none bool, d any, power float64) ([]byte, error) {
	if none {
		return wire.Null, nil
	}
	return wire.Fields(d).With("power", power).MarshalJSON()
}

// String writes the design and its power.
func (d TDesign) String() string {
	name := "t-test, two groups"
	if d.OneSample {
		name = "t-test, one sample or pairs"
	}
	if d.OneSided {
		name = "one-sided " + name
	}
	return designText(d == (TDesign{}), name, d.N, d.alpha(), known(d.N, d.Power()), "effect %.4g", d.Effect)
}

// MarshalJSON writes the design and its power.
func (d TDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (TDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (q Equivalence) String() string {
	name := "equivalence"
	if q.NonInferiority {
		name = "non-inferiority"
	}
	return designText(q == (Equivalence{}), name, q.N, q.alpha(), known(q.N, q.Power()), "margin %.4g, difference %.4g, SD %.4g", q.Margin, q.Diff, q.SD)
}

// MarshalJSON writes the design and its power.
func (q Equivalence) MarshalJSON() ([]byte, error) {
	return designJSON(q == (Equivalence{}), q, known(q.N, q.Power()))
}

// String writes the design and its power.
func (d ANOVADesign) String() string {
	return designText(d == (ANOVADesign{}), "one-way ANOVA", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()), "%d groups, f = %.4g", d.K, d.F)
}

// MarshalJSON writes the design and its power.
func (d ANOVADesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (ANOVADesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d FDesign) String() string {
	return designText(d == (FDesign{}), "F test", 0, defaultAlpha(d.Alpha), d.Power(), "df %.4g and %.4g, lambda %.4g", d.DF1, d.DF2, d.Lambda)
}

// MarshalJSON writes the design and its power.
func (d FDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (FDesign{}), d, d.Power())
}

// String writes the design and its power.
func (d CorrelationDesign) String() string {
	return designText(d == (CorrelationDesign{}), "correlation", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()), "r = %.4g", d.R)
}

// MarshalJSON writes the design and its power.
func (d CorrelationDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (CorrelationDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d ChiSquareDesign) String() string {
	if d == (ChiSquareDesign{}) { // which has no degrees of freedom to ask
		return show.NoResult
	}
	return designText(false, "χ² test", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()), "w = %.4g, df %.4g", d.W, d.DF)
}

// MarshalJSON writes the design and its power.
func (d ChiSquareDesign) MarshalJSON() ([]byte, error) {
	if d == (ChiSquareDesign{}) {
		return wire.Null, nil
	}
	return designJSON(false, d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d ProportionDesign) String() string {
	return designText(d == (ProportionDesign{}), "two proportions", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()), "%.4g against %.4g", d.P1, d.P2)
}

// MarshalJSON writes the design and its power.
func (d ProportionDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (ProportionDesign{}), d, known(d.N, d.Power()))
}

// String writes the design; its size is what is asked of it.
func (d NonInferiorProportions) String() string {
	return designText(d == (NonInferiorProportions{}), "non-inferiority of proportions", 0, d.alpha(), math.NaN(), "%.4g against %.4g, margin %.4g", d.P1, d.P2, d.Margin)
}

// MarshalJSON writes the design.
func (d NonInferiorProportions) MarshalJSON() ([]byte, error) {
	if d == (NonInferiorProportions{}) {
		return wire.Null, nil
	}
	return wire.Fields(d).MarshalJSON()
}
