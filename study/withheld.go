package study

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// codeDegenerate marks an estimate of a mixed model whose degrees of freedom, by
// Kenward and Roger or Satterthwaite, are below mmrm.LeastDF.
const codeDegenerate = mmrm.NoteDegenerate

// withhold freezes an estimate without interval and p-value; the row has no
// Effect to question.
func (r *Row) withhold(e stats.Estimate) {
	r.Estimate, r.SE, r.DF = e.Value, e.SE, e.DF
	r.Notes = append(r.Notes, Note{Code: codeDegenerate, Args: map[string]any{"df": e.DF}})
}

// Withheld reports whether the row has an estimate, but too few degrees of
// freedom for an interval, a p-value or a verdict.
func (r Row) Withheld() bool {
	return slices.ContainsFunc(r.Notes, func(n Note) bool { return n.Code == codeDegenerate })
}

// CI is the mean's interval; NaN at both ends where it is withheld.
func (m LSMean) CI(level float64) stats.Interval {
	if m.Withheld {
		return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: level}
	}
	return m.Estimate.CI(level)
}
