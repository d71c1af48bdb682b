package study

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

// fitMMRM fits the structures of the plan's order until one converges with enough
// degrees of freedom for every difference; what failed before it is noted. Where
// none has enough, the first that converged stands, its intervals withheld.
func fitMMRM(ctx context.Context, f *repeatedFit, data *repeatedData) (repeatedModel, []Note, error) {
	order := f.plan.CovarianceOrder
	if len(order) == 0 {
		return fitStructure(ctx, f, data, f.plan.Covariance)
	}
	var notes []Note
	var first *contrastModel
	var firstNotes []Note
	firstName := ""
	for _, name := range order {
		m, own, err := fitStructure(ctx, f, data, name)
		switch {
		case errors.Is(err, stats.ErrNotConverged):
			notes = append(notes, Note{Code: "covariance-not-converged", Args: text.Args{"structure": name}})
			if name == order[len(order)-1] && first == nil {
				return nil, notes, err
			}
			continue
		case err != nil:
			return nil, notes, err
		}
		least := m.leastDF()
		if !m.fit.Degenerate(stats.Estimate{DF: least}) {
			return m, append(append(notes, chosenStructure(name, order)), own...), nil
		}
		notes = append(notes, Note{Code: "covariance-degenerate", Args: text.Args{"structure": name, "df": least}})
		if first == nil {
			first, firstNotes, firstName = m, own, name
		}
	}
	if first == nil {
		return nil, notes, stats.ErrNotConverged
	}
	notes = append(notes, Note{Code: "covariance-none", Args: text.Args{"structure": firstName, "order": strings.Join(order, ", ")}})
	return first, append(notes, firstNotes...), nil
}

func chosenStructure(name string, order []string) Note {
	return Note{Code: "covariance-chosen", Args: text.Args{"structure": name, "order": strings.Join(order, ", ")}}
}

// leastDF is the fewest degrees of freedom of the differences from control at the
// visits and of their average; NaN where one is.
func (m *contrastModel) leastDF() float64 {
	least := math.Inf(1)
	for _, a := range m.arms {
		for _, v := range append(slices.Clone(m.visits), OverallVisit) {
			if a == m.control {
				continue
			}
			if l, err := m.differenceRow(a, m.control, v); err == nil {
				least = math.Min(least, m.fit.Contrast(l).DF)
			}
		}
	}
	return least
}

// fitStructure fits one covariance structure; "" is unstructured.
func fitStructure(ctx context.Context, f *repeatedFit, data *repeatedData, structure string) (*contrastModel, []Note, error) {
	spec := mmrm.Model{ByArm: f.plan.CovarianceByArm}
	var err error
	if structure != "" {
		if spec.Covariance, err = mmrm.ParseCovariance(structure); err != nil {
			return nil, nil, err
		}
	}
	if f.plan.DF != "" {
		if spec.DF, err = mmrm.ParseDF(f.plan.DF); err != nil {
			return nil, nil, err
		}
	}
	fit := spec.MMRMContext
	if f.plan.Model == CLDA {
		fit = spec.CLDAContext
	}
	t, err := fit(ctx, data.trial(f))
	if err != nil {
		return nil, nil, err
	}
	m := newContrastModel(f, data)
	m.fit, m.columns = t, t.Columns
	// Which estimates are degenerate is said of each.
	return m, slices.DeleteFunc(t.Notes, func(n Note) bool { return n.Code == codeDegenerate }), nil
}
