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

// withP adds the p-value of a test, null for a zero value.
func withP(o wire.Object, none bool, p func() float64) ([]byte, error) {
	v := math.NaN()
	if !none {
		v = p()
	}
	return o.With("p", v).MarshalJSON()
}

// MarshalJSON writes statistic and p.
func (c Combined) MarshalJSON() ([]byte, error) {
	return withP(wire.Fields(c), c == Combined{}, c.P)
}

// MarshalJSON writes statistic and p.
func (g GoodnessOfFit) MarshalJSON() ([]byte, error) {
	return withP(wire.Fields(g), g == GoodnessOfFit{}, g.P)
}

// MarshalJSON writes skewness, z and p.
func (t SkewnessTest) MarshalJSON() ([]byte, error) {
	return withP(wire.Fields(t), t == SkewnessTest{}, t.P)
}

// MarshalJSON writes the distances with their exact and asymptotic p-values.
func (t KolmogorovSmirnovTest) MarshalJSON() ([]byte, error) {
	return withP(wire.Fields(t).With("p_asymptotic", t.asymptotic), t.N == 0, t.P)
}

// MarshalJSON writes the distance with its exact and asymptotic p-value.
func (s KolmogorovSmirnovSide) MarshalJSON() ([]byte, error) {
	return withP(wire.Fields(s).With("p_asymptotic", s.asymptotic), s == KolmogorovSmirnovSide{}, s.P)
}

// MarshalJSON writes effect, p and s, its surprise in bits.
func (c CompatibilityPoint) MarshalJSON() ([]byte, error) {
	return wire.Pairs("effect", c.Effect, "p", c.p, "s", c.S()).MarshalJSON()
}

// MarshalJSON writes the ratio of variances with its 95% interval and the p-value
// against 1.
func (v VarianceRatio) MarshalJSON() ([]byte, error) {
	if v == (VarianceRatio{}) {
		return wire.Null, nil
	}
	return wire.Effect(v, 1, "F", wire.Pairs("df1", v.DF1, "df2", v.DF2))
}

// MarshalJSON writes the ratio with its 95% interval, the p-value against 1, and
// the estimate of its logarithm.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if r == (Ratio{}) {
		return wire.Null, nil
	}
	return wire.Effect(r, 1, "", wire.Pairs("log", r.Log))
}

// MarshalJSON writes the standardized difference with its 95% interval and the
// p-value against 0.
func (s SMD) MarshalJSON() ([]byte, error) {
	if s == (SMD{}) {
		return wire.Null, nil
	}
	return wire.Effect(s, 0, "noncentral t", wire.Fields(s).Without("value"))
}

// MarshalJSON writes estimate, df and the 95% interval.
func (s StandardDeviation) MarshalJSON() ([]byte, error) {
	if s == (StandardDeviation{}) {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", s.Value, "df", s.DF), s.CI(0.95))
}

// MarshalJSON writes estimate, n, the 95% interval and the coverage it really has.
func (m SampleMedian) MarshalJSON() ([]byte, error) {
	if m.N() == 0 {
		return wire.Null, nil
	}
	return wire.Join(wire.Pairs("estimate", m.Point(), "n", m.N()), m.CI(0.95), wire.Pairs("coverage", m.Coverage(0.95)))
}

// MarshalJSON writes the description; what does not exist is null.
func (d Description) MarshalJSON() ([]byte, error) { return wire.Fields(d).MarshalJSON() }

// MarshalJSON writes n, mean and sd.
func (s Summary) MarshalJSON() ([]byte, error) { return wire.Fields(s).MarshalJSON() }

// MarshalJSON writes bandwidth, x and y.
func (c DensityCurve) MarshalJSON() ([]byte, error) { return wire.Fields(c).MarshalJSON() }

// MarshalJSON writes superiority, u3 and overlap.
func (c CommonLanguage) MarshalJSON() ([]byte, error) { return wire.Fields(c).MarshalJSON() }

// MarshalJSON writes d_average and r.
func (p PairedD) MarshalJSON() ([]byte, error) { return wire.Fields(p).MarshalJSON() }

// MarshalJSON writes the shares of variance and the 90% interval of η².
func (v VarianceExplained) MarshalJSON() ([]byte, error) {
	if v == (VarianceExplained{}) {
		return wire.Null, nil
	}
	return wire.Fields(v).With("eta2_interval", v.Eta2CI(0.9)).MarshalJSON()
}

// MarshalJSON writes the combined estimate and what is between the studies.
func (m Meta) MarshalJSON() ([]byte, error) {
	return wire.Join(m.Estimate, wire.Fields(m).Without("value", "se", "df"))
}

// MarshalJSON writes the pooled estimate and the shares of its variance.
func (p Pooled) MarshalJSON() ([]byte, error) {
	return wire.Join(p.Estimate, wire.Fields(p).Without("value", "se", "df"))
}

// MarshalJSON writes the number needed to treat, whether it is one to benefit, and
// the difference with its interval.
func (n NNT) MarshalJSON() ([]byte, error) {
	if n == (NNT{}) {
		return wire.Null, nil
	}
	v, benefit := n.Point()
	return wire.Pairs("estimate", v, "benefit", benefit, "difference", n.Difference, "interval", n.CI).MarshalJSON()
}

// MarshalJSON writes code and args.
func (n Note) MarshalJSON() ([]byte, error) {
	args := map[string]any{}
	for k, v := range n.Args {
		if x, ok := v.(float64); ok {
			v = wire.Number(x)
		}
		args[k] = v
	}
	if len(args) == 0 {
		return wire.Pairs("code", n.Code).MarshalJSON()
	}
	return wire.Pairs("code", n.Code, "args", args).MarshalJSON()
}
