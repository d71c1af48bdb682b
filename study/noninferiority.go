package study

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/text"
)

// NonInferiority answers a plan's margin: a one-sided test whose hypothesis is
// that the effect is at the margin or beyond it on the side of harm.
type NonInferiority struct {
	// Margin as declared, in the outcome's unit, above 0.
	Margin float64
	// P is one-sided: H0 effect ≤ −Margin, benefit positive.
	P float64
	// Alpha is (1 − level)/2, so that the test and the row's two-sided interval
	// agree.
	Alpha float64
	// Side is the side of zero on which the margin lies: "lower" where smaller
	// values are worse, "upper" where larger ones are.
	Side string
	// Scale of the margin: "difference".
	Scale string
	// Shown: P < Alpha. Superior, which may be said only then (a closed test): the
	// one-sided P of no benefit is below Alpha, too.
	Shown, Superior bool
}

// TestNonInferiority tests an effect (treated − control) against a margin above
// 0, benefit being what better says. Exact where the effect's p-values are. It
// panics for a margin that is not above 0, without a direction, and unless
// 0 < level < 1.
// Source: ICH E9 (1998) section 3.3.2; CONSORT extension, Piaggio et al. 2012,
// doi 10.1001/jama.2012.87802.
func TestNonInferiority(e stats.Effect, level, margin float64, better Direction) NonInferiority {
	if !(margin > 0) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestNonInferiority: a margin of %v at level %v; need a margin above 0, and a level between 0 and 1", margin, level))
	}
	turned := benefitOf(e, better)
	n := NonInferiority{Margin: margin, P: turned.PGreater(-margin), Alpha: Plan{Level: level, Margin: margin}.alpha(),
		Side: "lower", Scale: "difference"}
	if better == LowerIsBetter {
		n.Side = "upper"
	}
	n.Shown = n.P < n.Alpha
	n.Superior = n.Shown && turned.PGreater(0) < n.Alpha
	return n
}

// Note is the answer as a note; the report prints p in the primary comparison's
// alone, unless it is asked for others.
func (n NonInferiority) Note(unit string, role Role) Note {
	code := "noninferiority-not-shown"
	switch {
	case n.Superior:
		code = "noninferiority-superior"
	case n.Shown:
		code = "noninferiority-shown"
	}
	return Note{Code: code, Args: text.Args{"margin": n.Margin, "unit": unit, "p": n.P, "alpha": n.Alpha, "primary": role == RolePrimary}}
}
