package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
)

// readBetween compares an active arm with control: from the groups, and as the
// printed comparison has it. An adjusted printed comparison comes first,
// because the groups' numbers alone cannot give it.
func (c Claim) readBetween(res Result, o study.Outcome, a, ctl Arm) []BetweenReading {
	var out []BetweenReading
	ga, okA := res.group(a.ID)
	gc, okC := res.group(ctl.ID)
	n1, n2 := a.N, ctl.N
	if okA && okC {
		n1, n2 = c.groupN(ga), c.groupN(gc)
		b := BetweenReading{Arm: a.ID, Control: ctl.ID, N1: n1, N2: n2, Source: "groups",
			Difference: writtenDiff(ga.mean(), gc.mean())}
		sa, srcA, okA := ga.summary(n1, c.level())
		sc, srcC, okC := gc.summary(n2, c.level())
		// A score's p-value is not about its distance from 0.
		byP := res.Measure == MeasureScore && (fromP(srcA) || fromP(srcC))
		if okA && okC && !byP {
			if e, err := stats.WelchSummary(sa, sc); err == nil {
				b.Effect = e
			}
		}
		if !math.IsNaN(b.Difference) {
			c.finishBetween(&b, o)
			out = append(out, b)
		}
		if v, ok := c.betweenVisits(ga, gc, o, n1, n2); ok {
			v.Arm, v.Control = a.ID, ctl.ID
			out = append(out, v)
		}
	}
	d := res.Difference
	if d.stated() && (d.Arm == a.ID || d.Arm == "" && a.ID == c.firstActive().ID) {
		if !d.Value.Stated() && !d.CI[0].Stated() && len(out) > 0 && out[0].Effect == nil {
			// Only a p-value is printed beside the groups' means.
			if e, source, ok := estimateFromPrintedP(out[0].Difference, d.P, float64(n1+n2-2)); ok {
				out[0].Effect, out[0].Source = e, source
				c.finishBetween(&out[0], o)
			}
			return out
		}
		b := BetweenReading{Arm: a.ID, Control: ctl.ID, N1: n1, N2: n2, Difference: d.value()}
		b.Effect, b.Source = differenceEffect(d, n1, n2, c.level())
		if math.IsNaN(b.Difference) {
			return out
		}
		c.finishBetween(&b, o)
		if d.adjusted() || len(out) > 0 && out[0].Effect == nil {
			return append([]BetweenReading{b}, out...)
		}
		out = append(out, b)
	}
	return out
}

// writtenDiff is x − y in the decimals in which they were written.
func writtenDiff(x, y float64) float64 {
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.NaN()
	}
	return files.Decimal(x).Minus(files.Decimal(y))
}

func fromP(source string) bool { return source == "p" || source == "p-bound" }

func (r Result) group(arm string) (Group, bool) {
	for _, g := range r.Groups {
		if g.Arm == arm {
			return g, true
		}
	}
	return Group{}, false
}

func (d Difference) value() float64 {
	if d.Value.Stated() || !d.CI[0].Stated() {
		return d.Value.Value()
	}
	return (d.CI[0].Value() + d.CI[1].Value()) / 2
}

// offMiddle reports whether a value is farther from the middle of its interval
// than the rounding of all three allows. No standard error and no p-value
// follow from such an interval, whose method is another or whose digits are
// wrong.
func offMiddle(value integrity.Printed, ci [2]integrity.Printed) bool {
	if !value.Stated() || !ci[0].Stated() || !ci[1].Stated() {
		return false
	}
	mid := (ci[0].Value() + ci[1].Value()) / 2
	open := rounding(value) + (rounding(ci[0])+rounding(ci[1]))/2
	return math.Abs(mid-value.Value()) > open*(1+1e-9)
}

func printedInterval(ci [2]integrity.Printed, level float64) stats.Interval {
	return stats.Interval{Lo: ci[0].Value(), Hi: ci[1].Value(), Level: level}
}

// offMiddleEffect is a value off the middle of its interval: it has that
// interval and nothing else.
func offMiddleEffect(value float64, ci [2]integrity.Printed, level float64) stats.Effect {
	return printedEffect{stats.Estimate{Value: value, SE: math.NaN(), DF: math.Inf(1)}, printedInterval(ci, level)}
}

// printedEffect is a printed comparison: at its own level it answers with the
// printed interval, whose middle need not be the printed value.
type printedEffect struct {
	stats.Estimate
	ci stats.Interval
}

// CI returns the printed interval at its level, and value ± t·SE at others.
func (e printedEffect) CI(level float64) stats.Interval {
	if level == e.ci.Level {
		return e.ci
	}
	return e.Estimate.CI(level)
}

// differenceEffect is a printed comparison as an effect, and what gave it.
func differenceEffect(d Difference, n1, n2 int, level float64) (stats.Effect, string) {
	df := float64(n1 + n2 - 2)
	value := d.value()
	if df < 1 || math.IsNaN(value) {
		return nil, ""
	}
	switch {
	case d.CI[0].Stated():
		if offMiddle(d.Value, d.CI) {
			return offMiddleEffect(value, d.CI, level), "ci-off-middle"
		}
		ci := printedInterval(d.CI, level)
		e, err := stats.EstimateFromCI(ci, df)
		if err != nil {
			return nil, ""
		}
		e.Value = value
		return printedEffect{e, ci}, "ci"
	case d.SE.Stated() && d.SE.Value() > 0:
		return stats.Estimate{Value: value, SE: d.SE.Value(), DF: df}, "se"
	}
	if e, source, ok := estimateFromPrintedP(value, d.P, df); ok {
		return e, source
	}
	return nil, ""
}

// finishBetween judges the difference, or says which spread would be needed.
func (c Claim) finishBetween(b *BetweenReading, o study.Outcome) {
	b.Needs = c.neededBetween(b.Difference, b.N1, b.N2, o)
	b.Judgements = nil
	if b.Effect == nil {
		return
	}
	if margin, worsening := o.Verdict(); margin != nil {
		b.Judgements = []study.Judgement{study.JudgeBoth(b.Effect, c.level(), *margin, worsening, o.Better)}
	}
}

// benefitThresholds are the thresholds that an effect is judged by.
func benefitThresholds(o study.Outcome) []study.Threshold {
	var out []study.Threshold
	for _, t := range o.Thresholds {
		if t.Important() && !t.Worsening {
			out = append(out, t)
		}
	}
	return out
}
