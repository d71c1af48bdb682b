package stats

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/wire"
)

// MarshalJSON writes the interval: level, lower and upper, with lower_open and
// upper_open where an end does not belong to it, why and gaps where there are
// any. An unbounded end is "Inf" or "-Inf", one that was not found null.
func (i Interval) MarshalJSON() ([]byte, error) {
	type gap struct {
		Lower wire.Number `json:"lower"`
		Upper wire.Number `json:"upper"`
	}
	out := struct {
		Level     wire.Number `json:"level"`
		Lower     wire.Number `json:"lower"`
		Upper     wire.Number `json:"upper"`
		LowerOpen bool        `json:"lower_open,omitempty"`
		UpperOpen bool        `json:"upper_open,omitempty"`
		Why       string      `json:"why,omitempty"`
		Gaps      []gap       `json:"gaps,omitempty"`
	}{wire.Number(i.Level), wire.Number(i.Lo), wire.Number(i.Hi), i.LoOpen, i.HiOpen, i.Why, nil}
	if i == (Interval{}) { // there is none
		out.Level, out.Lower, out.Upper = wire.Number(math.NaN()), wire.Number(math.NaN()), wire.Number(math.NaN())
	}
	for _, g := range i.Gaps() {
		out.Gaps = append(out.Gaps, gap{wire.Number(g.Lo), wire.Number(g.Hi)})
	}
	return wire.Join(out)
}

// MarshalJSON writes estimate, se and df ("Inf" for a normal pivot), the 95%
// interval and the p-value against no effect; a zero value, which is no result,
// has null for each.
func (e Estimate) MarshalJSON() ([]byte, error) {
	if e == (Estimate{}) {
		e = Estimate{math.NaN(), math.NaN(), math.NaN()}
	}
	return wire.Effect(e, 0, "", struct {
		SE wire.Number `json:"se"`
		DF wire.Number `json:"df"`
	}{wire.Number(e.SE), wire.Number(e.DF)})
}

// MarshalJSON writes f, df1, df2 and p; a zero value, which is no result, has
// null for each.
func (t FTest) MarshalJSON() ([]byte, error) {
	p := math.NaN()
	if t != (FTest{}) {
		p = t.P()
	} else {
		t = FTest{p, p, p}
	}
	return wire.Join(struct {
		F   wire.Number `json:"f"`
		DF1 wire.Number `json:"df1"`
		DF2 wire.Number `json:"df2"`
		P   wire.Number `json:"p"`
	}{wire.Number(t.F), wire.Number(t.DF1), wire.Number(t.DF2), wire.Number(p)})
}

// MarshalJSON writes x2, df and p; a zero value, which is no result, has null for
// each.
func (t ChiSquareTest) MarshalJSON() ([]byte, error) {
	if t == (ChiSquareTest{}) {
		t = ChiSquareTest{math.NaN(), math.NaN()}
	}
	return wire.Pairs("x2", t.X2, "df", t.DF, "p", t.P()).MarshalJSON()
}
