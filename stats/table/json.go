package table

import (
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// effectJSON writes an effect's estimate, 95% interval, p-value against null and
// method, and the counts behind it in pairs of key and value; null for none.
func effectJSON(none bool, e stats.Effect, null float64, method string, counts ...any) ([]byte, error) {
	if none {
		return wire.Null, nil
	}
	return wire.Effect(e, null, method, wire.Pairs(counts...))
}

// testJSON writes p-values and method.
func testJSON(method string, two, greater, less float64, more ...any) ([]byte, error) {
	if method == "" {
		return wire.Null, nil
	}
	return wire.Pairs("p", two, "p_greater", greater, "p_less", less, "method", method).With(more...).MarshalJSON()
}

// MarshalJSON writes estimate, 95% interval and method; no probability is the null.
func (p OneProportion) MarshalJSON() ([]byte, error) {
	if p == (OneProportion{}) {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", p.Point()), p.CI(0.95), wire.Pairs("method", p.Method, "events", p.Events, "n", p.N))
}

// MarshalJSON writes estimate and 95% interval; no rate is the null.
func (r ExactRate) MarshalJSON() ([]byte, error) {
	if r == (ExactRate{}) {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", r.Point()), r.CI(0.95), wire.Pairs("method", "exact Poisson", "events", r.Events, "exposure", r.Exposure))
}

// MarshalJSON writes the difference with its 95% interval and p-value.
func (r Risk) MarshalJSON() ([]byte, error) {
	return effectJSON(r == (Risk{}), r, 0, string(r.Method), "treated", r.Treated, "control", r.Control)
}

// MarshalJSON writes the difference with its 95% interval and p-value.
func (r ExactRisk) MarshalJSON() ([]byte, error) {
	return effectJSON(r == (ExactRisk{}), r, 0, exactRiskMethod, "treated", r.Treated, "control", r.Control)
}

// MarshalJSON writes the interaction with its 95% interval and p-value.
func (i RiskInteraction) MarshalJSON() ([]byte, error) {
	null := 1.0
	if i.Scale == RiskDifferences {
		null = 0
	}
	return effectJSON(i == (RiskInteraction{}), i, null, interactionMethod, "scale", i.Scale, "level", i.Level, "reference", i.Reference)
}

// MarshalJSON writes the difference with its 95% interval and p-value.
func (p PairedRiskDifference) MarshalJSON() ([]byte, error) {
	return effectJSON(p == (PairedRiskDifference{}), p, 0, tangoMethod, "pairs", p.PairedBinary)
}

// MarshalJSON writes the contrast with its 95% interval and p-value.
func (s ScoreTest) MarshalJSON() ([]byte, error) {
	contrast := map[twobytwo.Contrast]string{twobytwo.RiskDiff: "risk difference", twobytwo.RiskRatio: "risk ratio", twobytwo.OddsRatio: "odds ratio"}[s.kind]
	return effectJSON(s == (ScoreTest{}), s, s.null(), s.method(), "contrast", contrast, "treated", s.Treated, "control", s.Control)
}

// MarshalJSON writes the difference with its 95% interval and p-value, and the strata.
func (s StratifiedScore) MarshalJSON() ([]byte, error) {
	return effectJSON(len(s.Strata) == 0, s, 0, s.method(), "strata", s.Strata, "dropped", s.Dropped)
}

// MarshalJSON writes the difference in compliers with its 95% interval and p-value, with
// those of outcome and uptake.
func (c CompliersRisk) MarshalJSON() ([]byte, error) {
	return effectJSON(len(c.strata) == 0, c, 0, compliersMethod, "itt", c.ITT, "uptake", c.Uptake)
}

// MarshalJSON writes the odds ratio with its 95% interval and p-value.
func (e ExactOddsRatio) MarshalJSON() ([]byte, error) {
	return effectJSON(len(e.logw) == 0, e, 1, e.method(), "treated", e.Treated, "control", e.Control)
}

// MarshalJSON writes the odds ratio with its 95% interval and p-value.
func (b BlakerRatio) MarshalJSON() ([]byte, error) {
	return effectJSON(len(b.exact.logw) == 0, b, 1, blakerMethod, "treated", b.exact.Treated, "control", b.exact.Control)
}

// MarshalJSON writes the risk ratio with its 95% interval and p-value.
func (c ConvertedRatio) MarshalJSON() ([]byte, error) {
	return effectJSON(c == (ConvertedRatio{}), c, 1, convertedMethod, "control_risk", c.ControlRisk)
}

// MarshalJSON writes the ratio with its 95% interval and p-value.
func (r BinomialRatio) MarshalJSON() ([]byte, error) {
	return effectJSON(r == (BinomialRatio{}), r, 1, binomialRatioMethod, "first", r.First, "second", r.Second,
		"first_exposure", r.FirstExposure, "second_exposure", r.SecondExposure)
}

// MarshalJSON writes the ratio with its 95% interval and p-value.
func (r ExactRateRatio) MarshalJSON() ([]byte, error) {
	return effectJSON(r.Strata == 0, r, 1, r.method(), "treated_events", r.TreatedEvents, "control_events", r.ControlEvents, "strata", r.Strata)
}

// MarshalJSON writes the index with its 95% interval and the answers.
func (b BlindingIndex) MarshalJSON() ([]byte, error) {
	return effectJSON(b == (BlindingIndex{}), b, 0, blindingMethod, "right", b.Right, "wrong", b.Wrong, "unsure", b.Unsure)
}

// MarshalJSON writes the p-values and the test's name.
func (t ExactTest) MarshalJSON() ([]byte, error) {
	return testJSON(string(t.Method), t.two, t.greater, t.less)
}

// MarshalJSON writes the p-values, the order, and the nuisances that give them.
func (u UnconditionalTest) MarshalJSON() ([]byte, error) {
	return testJSON(string(u.Order), u.two, u.greater, u.less, "statistic", u.Statistic, "nuisance", u.Nuisance, "nuisance_greater", u.NuisanceGreater,
		"nuisance_less", u.NuisanceLess, "treated", u.Treated, "control", u.Control)
}

// MarshalJSON writes the p-value and the table's size.
func (t FisherRxCTest) MarshalJSON() ([]byte, error) {
	if t == (FisherRxCTest{}) {
		return wire.Null, nil
	}
	return wire.Pairs("p", t.p, "method", t.name()).With("rows", t.Rows, "columns", t.Columns, "n", t.N, "drawn", t.Drawn).MarshalJSON()
}

// MarshalJSON writes the p-value, both χ² tests and the pairs.
func (t McNemarTest) MarshalJSON() ([]byte, error) {
	if t == (McNemarTest{}) {
		return wire.Null, nil
	}
	return wire.Pairs("p", t.P(), "mid_p", t.MidP, "chi_square", t.ChiSquare, "corrected", t.Corrected, "pairs", t.PairedBinary).MarshalJSON()
}

// MarshalJSON writes the tests of the strata.
func (t StratifiedTest) MarshalJSON() ([]byte, error) {
	if t == (StratifiedTest{}) {
		return wire.Null, nil
	}
	return wire.Pairs("p", t.P(), "cmh", t.CMH, "corrected", t.Corrected, "breslow_day", t.BreslowDay).MarshalJSON()
}

// MarshalJSON writes the counts, what independence expects of them, and the tests.
func (t Contingency) MarshalJSON() ([]byte, error) {
	if len(t.Counts) == 0 {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("p", t.P()), wire.Fields(t))
}

// MarshalJSON writes both measures.
func (a Association) MarshalJSON() ([]byte, error) {
	if a == (Association{}) {
		return wire.Null, nil
	}
	return wire.Fields(a).MarshalJSON()
}
