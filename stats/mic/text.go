package mic

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// decimals are two significant digits of the interval's standard error, or three of
// the value.
func (m Estimate) decimals(ci stats.Interval) int {
	if d := ci.Decimals(); d >= 0 {
		return d
	}
	return show.DecimalsOf(m.Value)
}

// String formats the value with its 95% interval: "roc-youden: 14.5 (95% CI 5.5 to
// 16.5; n = 20)".
func (m Estimate) String() string {
	if m.Method == "" {
		return show.NoResult
	}
	ci := m.CI(0.95)
	d := m.decimals(ci)
	return fmt.Sprintf("%s: %s (95%% CI %s; n = %d)", m.Method, show.Fixed(m.Value, d), ci.Text(d, ""), m.N)
}

// MarshalJSON writes method, estimate, 95% interval, n and notes.
func (m Estimate) MarshalJSON() ([]byte, error) {
	if m.Method == "" {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("method", m.Method, "estimate", m.Value), m.CI(0.95), wire.Pairs("n", m.N, "notes", m.Notes))
}

// String writes the method and why it has no answer.
func (r Refusal) String() string {
	if r.Method == "" {
		return show.NoResult
	}
	return fmt.Sprintf("%s: no value: %v", r.Method, r.Err)
}

// MarshalJSON writes the method and its error.
func (r Refusal) MarshalJSON() ([]byte, error) {
	if r.Method == "" {
		return wire.Null, nil
	}
	return wire.Pairs("method", r.Method, "error", fmt.Sprint(r.Err)).MarshalJSON()
}

// String writes the anchor's checks above a table of the methods.
func (m Estimates) String() string {
	if m.N == 0 {
		return show.NoResult
	}
	rows := make([][]string, len(m.Methods))
	for i, x := range m.Methods {
		ci := x.CI(0.95)
		d := x.decimals(ci)
		rows[i] = []string{string(x.Method), show.Fixed(x.Value, d), ci.Text(d, ""), strconv.Itoa(x.N)}
	}
	lines := []string{
		fmt.Sprintf("%d of %d improved; anchor r = %s, AUC %s", m.Improved, m.N, show.Fixed(m.Anchor.Value, 2), show.Fixed(m.ROC.AUC, 2)),
		show.Table([]string{"method", "change", "95% CI", "n"}, rows),
	}
	for _, r := range m.Refused {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

// MarshalJSON writes the anchor's checks, and every method with its answer or why it
// has none.
func (m Estimates) MarshalJSON() ([]byte, error) {
	if m.N == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("n", m.N, "improved", m.Improved, "sd_change", m.SDChange, "point_biserial", m.PointBiserial, "anchor", m.Anchor,
		"auc", m.ROC.AUC, "methods", m.Methods, "refused", m.Refused, "notes", m.Notes).MarshalJSON()
}
