package topics_test

import (
	"errors"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "incomplete-blocks", Topic: "friedman",
			Text: "Where a block lacks a value quade.test drops it but has counted it; DescTools::KendallW averages the correlations of what pairs of raters share. Truth: the complete blocks alone, as in friedman.test, by the plain formulas; the reference must follow from its rule."},
	)
	reftest.Register("friedman", refFriedman)
}

func refFriedman(c *reftest.Case) error {
	all := c.Matrix("m")
	blocks := slices.DeleteFunc(slices.Clone(all), func(b []float64) bool {
		return slices.ContainsFunc(b, math.IsNaN) // R drops incomplete blocks
	})
	if len(blocks) < len(all) && !strings.HasSuffix(c.ID, "/friedman") {
		return refIncomplete(c, all, blocks)
	}
	if strings.HasSuffix(c.ID, "/quade") {
		t, err := rank.Quade(blocks)
		if errors.Is(err, stats.ErrNoVariation) && math.IsNaN(refOf(c, "statistic.Quade F")) {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return err
		}
		if math.IsNaN(refOf(c, "statistic.Quade F")) && math.IsInf(t.F, 1) {
			c.Skip("statistic.", "parameter.") // R has no F under full concordance
		} else {
			c.Want("statistic.Quade F", t.F)
			c.Want("parameter.num df", t.DF1)
			c.Want("parameter.denom df", t.DF2)
		}
		c.Want("p.value", t.P())
		return nil
	}
	t, err := rank.Friedman(blocks)
	if errors.Is(err, stats.ErrNoVariation) && math.IsNaN(refOf(c, "p.value")) {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	if strings.HasSuffix(c.ID, "/kendall_w") {
		c.Want("statistic.Kendall chi-squared", t.X2)
		c.Want("estimate.W", t.KendallW())
		c.Want("parameter.subjects", float64(t.Treatments))
		c.Want("parameter.raters", float64(t.Blocks))
	} else {
		c.Want("statistic.Friedman chi-squared", t.X2)
	}
	c.Want("parameter.df", t.DF)
	c.Want("p.value", t.P())
	return nil
}

// refIncomplete: quade.test counts the blocks before it drops the incomplete
// ones; KendallW averages pairwise complete Spearman correlations.
func refIncomplete(c *reftest.Case, all, blocks [][]float64) error {
	const finding = "incomplete-blocks"
	if strings.HasSuffix(c.ID, "/quade") {
		t, err := rank.Quade(blocks)
		if err != nil {
			return err
		}
		f, df1, df2 := plainQuade(blocks, len(blocks))
		pf, _, pdf2 := plainQuade(blocks, len(all))
		tail := func(f, df2 float64) float64 { return distuv.F{D1: df1, D2: df2}.Survival(f) }
		c.WantTruthBy("statistic.Quade F", t.F, f, finding, reftest.Is(pf))
		c.Want("parameter.num df", t.DF1)
		c.WantTruthBy("parameter.denom df", t.DF2, df2, finding, reftest.Is(pdf2))
		c.WantTruthBy("p.value", t.P(), tail(f, df2), finding, reftest.Is(tail(pf, pdf2)))
		return nil
	}
	t, err := rank.Friedman(blocks)
	if err != nil {
		return err
	}
	n, k := float64(len(blocks)), float64(len(blocks[0]))
	x2 := plainFriedman(blocks)
	peer := pairwiseW(all)
	tail := func(x2 float64) float64 { return distuv.ChiSquared{K: k - 1}.Survival(x2) }
	c.WantTruthBy("statistic.Kendall chi-squared", t.X2, x2, finding, reftest.Is(peer.stat))
	c.WantTruthBy("estimate.W", t.KendallW(), x2/(n*(k-1)), finding, reftest.Is(peer.w))
	c.Want("parameter.subjects", float64(t.Treatments))
	c.WantTruthBy("parameter.raters", float64(t.Blocks), n, finding, reftest.Is(float64(len(all))))
	c.Want("parameter.df", t.DF)
	c.WantTruthBy("p.value", t.P(), tail(x2), finding, reftest.Is(tail(peer.stat)))
	return nil
}

// plainQuade is Quade's F from ranks within blocks, weighed by the rank of the
// block's range, for a count of blocks.
func plainQuade(blocks [][]float64, count int) (f, df1, df2 float64) {
	b, k := float64(count), float64(len(blocks[0]))
	var ranges []float64
	for _, v := range blocks {
		ranges = append(ranges, slices.Max(v)-slices.Min(v))
	}
	weight, sums, a := statstest.MidRanks(ranges), make([]float64, len(blocks[0])), 0.0
	for i, v := range blocks {
		for j, r := range statstest.MidRanks(v) {
			s := weight[i] * (r - (k+1)/2)
			a += s * s
			sums[j] += s
		}
	}
	between := 0.0
	for _, s := range sums {
		between += s * s / b
	}
	return (b - 1) * between / (a - between), k - 1, (b - 1) * (k - 1)
}

// plainFriedman is Friedman's statistic corrected for ties.
func plainFriedman(blocks [][]float64) float64 {
	k := float64(len(blocks[0]))
	sums, sq := make([]float64, len(blocks[0])), 0.0
	for _, v := range blocks {
		for j, r := range statstest.MidRanks(v) {
			sums[j] += r - (k+1)/2
			sq += (r - (k+1)/2) * (r - (k+1)/2)
		}
	}
	between := 0.0
	for _, s := range sums {
		between += s * s
	}
	return (k - 1) * between / sq
}

type concordance struct{ w, stat float64 }

// pairwiseW is DescTools' generalized W: the mean Spearman correlation of pairs
// of raters over the subjects that both have, weighed by their number less one,
// at the mean number of raters of a subject.
func pairwiseW(blocks [][]float64) concordance {
	subjects := float64(len(blocks[0]))
	sum, weight, present := 0.0, 0.0, 0.0
	for i, a := range blocks {
		for _, v := range a {
			if !math.IsNaN(v) {
				present++
			}
		}
		for _, b := range blocks[:i] {
			x, y := completePairs(a, b)
			w := math.Max(0, float64(len(x)-1))
			if _, _, xx, yy, _ := bigMoments(x, y); xx.Sign() > 0 && yy.Sign() > 0 {
				r, _ := exactCorrelation(statstest.MidRanks(x), statstest.MidRanks(y))
				sum += w * r
			}
			weight += w
		}
	}
	raters := present / subjects
	w := (1 + sum/weight*(raters-1)) / raters
	return concordance{w: w, stat: raters * (subjects - 1) * w}
}
