package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
)

// Papers print the mean and SD at each visit and leave out those of the
// change. The mean change follows; its spread needs the correlation r between
// the visits: SD² = s₀² + s₁² − 2·r·s₀·s₁, which lies between (s₁ − s₀)² and
// (s₁ + s₀)².

// assumedCorrelations are the correlations between visits for which a change
// is read: repeated measures of pain and function mostly lie among them.
var assumedCorrelations = []float64{0.3, 0.5, 0.7}

func changeSD(s0, s1, r float64) float64 {
	// (s₁ − s₀)² + 2·(1 − r)·s₀·s₁ does not cancel.
	return math.Sqrt((s1-s0)*(s1-s0) + 2*(1-r)*s0*s1)
}

// withinVisits reads an arm's change between two printed visits.
func (c Claim) withinVisits(g Group, o study.Outcome) WithinReading {
	n := c.groupN(g)
	change := writtenDiff(g.Mean.Value(), g.Baseline.Value())
	w := c.withinGroup(Group{Arm: g.Arm, N: n, Mean: integrity.Printed(files.Decimal(change).Text())}, o)
	// Rounded visits would make the change's spread from its p-value look
	// better known than it is: the p-value is kept, and gives no interval.
	w.P = g.P
	s, _, ok := g.summary(n, c.level())
	if !ok || !g.BaselineSD.Stated() {
		return w
	}
	for _, r := range assumedCorrelations {
		e, err := stats.MeanSummary(stats.Summary{N: n, Mean: change, SD: changeSD(g.BaselineSD.Value(), s.SD, r)})
		if err == nil {
			w.Assumed = append(w.Assumed, AssumedReading{Correlation: r, Effect: e})
		}
	}
	return w
}

// betweenVisits reads the difference of two arms' changes between visits.
func (c Claim) betweenVisits(g, h Group, o study.Outcome, n1, n2 int) (BetweenReading, bool) {
	if !g.Baseline.Stated() || !h.Baseline.Stated() || !g.Mean.Stated() || !h.Mean.Stated() {
		return BetweenReading{}, false
	}
	dg, dh := writtenDiff(g.Mean.Value(), g.Baseline.Value()), writtenDiff(h.Mean.Value(), h.Baseline.Value())
	b := BetweenReading{N1: n1, N2: n2, Source: "visits", Difference: writtenDiff(dg, dh)}
	c.finishBetween(&b, o)
	sg, _, okG := g.summary(n1, c.level())
	sh, _, okH := h.summary(n2, c.level())
	if !okG || !okH || !g.BaselineSD.Stated() || !h.BaselineSD.Stated() {
		return b, true
	}
	for _, r := range assumedCorrelations {
		e, err := stats.WelchSummary(
			stats.Summary{N: n1, Mean: dg, SD: changeSD(g.BaselineSD.Value(), sg.SD, r)},
			stats.Summary{N: n2, Mean: dh, SD: changeSD(h.BaselineSD.Value(), sh.SD, r)})
		if err != nil {
			continue
		}
		x := BetweenReading{N1: n1, N2: n2, Difference: b.Difference, Effect: e}
		c.finishBetween(&x, o)
		b.Assumed = append(b.Assumed, AssumedReading{Correlation: r, Effect: e, Judgements: x.Judgements})
	}
	return b, true
}
