package table

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ciSE is the standard error that a normal 95% interval of this width has.
func ciSE(ci stats.Interval) float64 { return ci.Width() / (2 * num.NormQuantileUpper(0.025)) }

// percentText writes a difference of proportions in percentage points with its 95%
// interval and the p-value against no difference.
func percentText(e stats.Effect, method string) string {
	ci := e.CI(0.95)
	ci.Lo, ci.Hi = 100*ci.Lo, 100*ci.Hi
	d := show.DecimalsOf(100*e.Point(), ciSE(ci))
	return fmt.Sprintf("%s%% (95%% CI %s; p %s; %s)", show.Fixed(100*e.Point(), d), ci.Text(d, "%"), show.P(e.P(0)), method)
}

// ratioText writes a ratio with its 95% interval and the p-value against 1. A
// ratio is as exact at its lower limit as its logarithm's standard error says.
func ratioText(e stats.Effect, method string) string {
	ci, v := e.CI(0.95), e.Point()
	var d int
	switch {
	case ci.Lo > 0 && !math.IsInf(ci.Hi, 1):
		d = show.DecimalsOf(ci.Lo, ci.Lo*math.Log(ci.Hi/ci.Lo)/(2*num.NormQuantileUpper(0.025)))
	case ci.Lo > 0:
		d = show.DecimalsOf(ci.Lo)
	default:
		d = show.DecimalsOf(math.Min(ci.Hi, v+ci.Hi))
	}
	return fmt.Sprintf("%s (95%% CI %s; p %s; %s)", show.Fixed(v, d), ci.Text(d, ""), show.P(e.P(1)), method)
}

// names are the words of a method's code that are names of people.
var names = map[string]string{"wilson": "Wilson", "clopper": "Clopper", "pearson": "Pearson", "agresti": "Agresti", "coull": "Coull",
	"jeffreys": "Jeffreys", "wald": "Wald", "newcombe": "Newcombe", "caffo": "Caffo", "miettinen": "Miettinen", "nurminen": "Nurminen",
	"mee": "Mee", "brown": "Brown", "li": "Li", "hauck": "Hauck", "anderson": "Anderson", "haldane": "Haldane", "perks": "Perks",
	"blaker": "Blaker"}

// methodName writes a method's code as people say it: "Clopper–Pearson", "Newcombe with
// continuity correction", "modified Wilson".
func methodName(code string) string {
	words := strings.Split(code, "-")
	var b strings.Builder
	for i, w := range words {
		name, person := names[w]
		switch {
		case w == "cc":
			b.WriteString(" with continuity correction")
			continue
		case i > 0 && person && names[words[i-1]] != "":
			b.WriteString("–")
		case i > 0 && (person || w != "p"):
			b.WriteString(" ")
		case i > 0:
			b.WriteString("-")
		}
		if person {
			w = name
		}
		b.WriteString(w)
	}
	return b.String()
}
