package mmrm

import (
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// Cell is an estimate for an arm at a visit.
type Cell struct {
	Arm     string
	Control string // of a difference Arm − Control; "" where the estimate is Arm's alone
	Visit   string
	stats.Estimate
}

var _ stats.Effect = Cell{}

// Cells are estimates for arms at visits.
type Cells []Cell

// label names the cell: "laser − placebo, week 2".
func (c Cell) label() string {
	s := c.Arm
	if c.Control != "" {
		s += " − " + c.Control
	}
	if s != "" && c.Visit != "" {
		s += ", "
	}
	return s + c.Visit
}

// String prints the cell on a line.
func (c Cell) String() string {
	if s := c.label(); s != "" {
		return s + ": " + c.Estimate.String()
	}
	return c.Estimate.String()
}

// MarshalJSON writes arm, control (of a difference) and visit before what the
// estimate writes.
func (c Cell) MarshalJSON() ([]byte, error) {
	return wire.Join(struct {
		Arm     string `json:"arm"`
		Control string `json:"control,omitempty"`
		Visit   string `json:"visit"`
	}{c.Arm, c.Control, c.Visit}, c.Estimate)
}

// String prints the cells as a table.
func (c Cells) String() string {
	if len(c) == 0 {
		return show.NoResult
	}
	rows := make([][]string, len(c))
	for i, x := range c {
		rows[i] = show.EstimateRow(x.label(), x.Estimate, x.SE, x.DF)
	}
	return show.Table(show.EstimateHeader(""), rows)
}
