package lost

import (
	"context"
	"errors"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
)

// leastObserved is how many values an arm needs for others of it to be imputed.
const leastObserved = 10

// Chain is what chained equations complete: of everybody, whatever is known that an
// analysis uses or that predicts its outcome.
type Chain struct {
	Columns     []impute.Column
	Arm, Target string // names of columns
	Seed        uint64
}

// Chained are completed data sets. ByArm: the arms were imputed apart; else the arm was a
// predictor.
type Chained struct {
	*impute.CompletedTables
	ByArm bool
}

// Complete completes m data sets by impute.Chained: within arms where each has ten
// participants with everything known for every predictor, else with the arm as a
// predictor. Columns of which nothing is observed, or one value alone, predict nothing and
// are left out, but for the target's. A single incomplete column is drawn once, several in
// ten rounds.
//
// It refuses fewer than ten observed values of the target in an arm (stats.ErrTooFew), and
// whatever impute.Chained refuses.
func (c Chain) Complete(ctx context.Context, m int) (*Chained, error) {
	var arm, target impute.Column
	for _, col := range c.Columns {
		switch col.Name {
		case c.Arm:
			arm = col
		case c.Target:
			target = col
		}
	}
	n := map[string]int{}
	for i, a := range arm.Category {
		if n[a] += 0; target.Missing == nil || !target.Missing[i] {
			n[a]++
		}
	}
	for _, k := range n {
		if k < leastObserved {
			return nil, &stats.SampleError{Func: "Complete", Arg: c.Target, Index: -1, Err: stats.ErrTooFew, Info: "arm"}
		}
	}
	o := impute.ChainedOptions{Imputations: m, Seed: c.Seed, Arm: c.Arm, ByArm: true}
	var columns []impute.Column
	incomplete := 0
	for _, col := range c.Columns {
		if col.Name != c.Target && !varies(col) {
			continue
		}
		columns = append(columns, col)
		for _, gone := range col.Missing {
			if gone {
				incomplete++
				break
			}
		}
	}
	if incomplete < 2 {
		o.Iterations = 1
	}
	sets, err := impute.ChainedContext(ctx, columns, o)
	var few *stats.SampleError
	if errors.As(err, &few) && few.Arg == "ByArm" {
		o.ByArm = false
		sets, err = impute.ChainedContext(ctx, columns, o)
	}
	if err != nil {
		return nil, err
	}
	return &Chained{sets, o.ByArm}, nil
}

// varies reports whether a column has two different values observed.
func varies(c impute.Column) bool {
	first := -1
	for i := range len(c.Number) + len(c.Category) {
		switch {
		case c.Missing != nil && c.Missing[i]:
		case first < 0:
			first = i
		case c.Number != nil && c.Number[i] != c.Number[first], c.Category != nil && c.Category[i] != c.Category[first]:
			return true
		}
	}
	return false
}

// Near reports whether the p-value of one of the hypotheses that the quantity is a null
// lies within two Monte Carlo errors of alpha: more data sets are then to be completed.
func Near(estimates []stats.Estimate, alpha float64, nulls ...float64) (bool, error) {
	for _, null := range nulls {
		moved := make([]stats.Estimate, len(estimates))
		for i, e := range estimates {
			e.Value -= null
			moved[i] = e
		}
		pooled, err := stats.PoolImputations(moved)
		if err != nil {
			return false, err
		}
		mc, err := impute.StabilityOf(moved)
		if err != nil {
			return false, err
		}
		if math.Abs(pooled.P(0)-alpha) < 2*mc.P {
			return true, nil
		}
	}
	return false, nil
}
