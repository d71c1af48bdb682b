package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// decimals are those of the outcome's numbers, by the rule of reports
// (study.DigitsFor): the smallest standard error of its differences decides, of
// its changes where no difference has one, and what was printed is not shortened.
func (b *writing) decimals(o study.Outcome) int {
	between, within, printed := math.Inf(1), math.Inf(1), 0
	for _, res := range b.r.Results {
		if res.Outcome.ID != o.ID {
			continue
		}
		for _, x := range res.Between {
			between = min(between, standardError(x.Effect))
		}
		for _, x := range res.Within {
			within = min(within, standardError(x.Effect))
		}
		printed = max(printed, res.Result.Difference.Value.Decimals())
		if !res.Result.Percent {
			printed = max(printed, res.Result.Change.Decimals())
		}
		for _, g := range res.Result.Groups {
			printed = max(printed, g.Mean.Decimals(), g.Median.Decimals())
		}
	}
	if math.IsInf(between, 1) {
		between = within
	}
	if math.IsInf(between, 1) {
		return max(o.Digits(), printed)
	}
	return max(study.DigitsFor(between, 0, o.Resolution), printed)
}

// standardError is an effect's; +Inf where it has none.
func standardError(x stats.Effect) float64 {
	se := math.NaN()
	switch e := x.(type) {
	case stats.Estimate:
		se = e.SE
	case printedEffect:
		se = e.SE
	}
	if se > 0 {
		return se
	}
	return math.Inf(1)
}

// number writes a limit, with more decimals where rounding would put it onto 0.
func (b *writing) number(o study.Outcome, x float64) string { return b.C.Beside(x, b.decimals(o), 0) }
