package mmrm

import (
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// Coefficient is the estimate of a column of the design.
type Coefficient struct {
	Name string
	stats.Estimate
}

// Coefficients are the estimates of a model's columns, in their order.
type Coefficients []Coefficient

// String prints the coefficient on a line.
func (c Coefficient) String() string {
	if c.Name == "" {
		return c.Estimate.String()
	}
	return c.Name + ": " + c.Estimate.String()
}

// MarshalJSON writes the name before what the estimate writes.
func (c Coefficient) MarshalJSON() ([]byte, error) {
	return wire.Join(struct {
		Name string `json:"name"`
	}{c.Name}, c.Estimate)
}

// String prints the coefficients as a table.
func (c Coefficients) String() string {
	if len(c) == 0 {
		return show.NoResult
	}
	rows := make([][]string, len(c))
	for i, x := range c {
		rows[i] = show.EstimateRow(x.Name, x.Estimate, x.SE, x.DF)
	}
	return show.Table(show.EstimateHeader(""), rows)
}

func coefficients(names []string, inf *inference) Coefficients {
	out := make(Coefficients, len(names))
	l := make([]float64, len(names))
	for i, name := range names {
		clear(l)
		l[i] = 1
		out[i] = Coefficient{name, inf.contrast(l)}
	}
	return out
}
