package stats_test

import (
	"fmt"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
)

// Every table of two small arms, empty arms, counts beyond their arm and
// negative ones included, has an answer or a typed error, never NaN.
func TestDegenerateTables(t *testing.T) {
	var counts []table.Count
	for n := range 3 {
		for k := range n + 1 {
			counts = append(counts, table.Count{Events: k, N: n})
		}
	}
	counts = append(counts, table.Count{Events: 3, N: 2}, table.Count{Events: -1, N: 2}, table.Count{N: -1}, table.Count{N: 1e9}, table.Count{Events: 1e9, N: 1e9})
	for _, c := range counts {
		for _, m := range []table.ProportionMethod{table.WilsonScore, table.WilsonCC, table.ExactCP, table.AgrestiCoull, table.Jeffreys, table.Wald,
			table.WaldCC, table.MidP, table.Likelihood, table.Arcsine, table.Logit, table.Blaker, table.ModifiedWilson, table.ModifiedJeffreys} {
			if m == table.Blaker && c.N > 1000 {
				continue // a sum over all outcomes
			}
			for _, level := range []float64{0.5, 0.95, 1 - 1e-12} {
				mustAnswer(t, fmt.Sprintf("ProportionWith %s %v %v", m, c, level), func() (any, error) {
					p, err := table.ProportionWith(c, table.ProportionOptions{Method: m})
					if err != nil {
						return nil, err
					}
					return []any{p.CI(level), p.P(0.3), p.PLess(0)}, nil
				})
			}
		}
		for _, p := range []float64{0, 0.5, 1} {
			if c.N < 1000 {
				mustAnswer(t, fmt.Sprintf("Binomial %v %v", c, p), func() (any, error) { return table.Binomial(c, p) })
			}
		}
		for _, e := range []float64{0, 1, 1e-300, 1e300, -1} {
			r := table.PoissonRate{Events: c.Events, Exposure: e}
			mustAnswer(t, fmt.Sprintf("Poisson %v", r), func() (any, error) { return table.Poisson(r) })
			mustAnswer(t, fmt.Sprintf("PoissonTest %v", r), func() (any, error) { return table.PoissonTest(r, 1) })
		}
	}
	for _, a := range counts {
		for _, b := range counts {
			if a.N > 1000 || b.N > 1000 {
				continue
			}
			name := fmt.Sprintf(" %v v %v", a, b)
			tab := [][]int{{a.Events, a.N - a.Events}, {b.Events, b.N - b.Events}}
			strata := []table.Stratum{{Treated: a, Control: b}, {Treated: b, Control: a}}
			pairs := table.PairedBinary{Both: a.Events, First: a.N - a.Events, Second: b.Events, Neither: b.N - b.Events}
			for fn, f := range map[string]func() (any, error){
				"RiskDifference":      func() (any, error) { return table.RiskDifference(a, b) },
				"RiskDifferenceWald":  func() (any, error) { return table.RiskDifferenceWald(a, b) },
				"RiskDifferenceExact": func() (any, error) { return table.RiskDifferenceExact(a, b) },
				"RiskDifferenceScore": func() (any, error) { return table.RiskDifferenceScore(a, b) },
				"RiskRatioScore":      func() (any, error) { return table.RiskRatioScore(a, b) },
				"OddsRatioScore":      func() (any, error) { return table.OddsRatioScoreWith(a, b, table.ScoreOptions{OddsRatioBias: true}) },
				"RiskRatioFromOdds":   func() (any, error) { return table.RiskRatioFromOdds(a, b) },
				"OddsRatioExact":      func() (any, error) { return table.OddsRatioExactWith(a, b, table.ExactOptions{MidP: true}) },
				"BlakerOddsRatio":     func() (any, error) { return table.BlakerOddsRatio(a, b) },
				"PairedOddsRatio":     func() (any, error) { return table.PairedOddsRatio(pairs) },
				"Fisher":              func() (any, error) { return table.Fisher(a, b) },
				"FisherRxC":           func() (any, error) { return table.FisherRxC(tab) },
				"ContingencyTable":    func() (any, error) { return table.ContingencyTable(tab) },
				"Associate":           func() (any, error) { return table.Associate(a, b) },
				"CochranArmitage":     func() (any, error) { return table.CochranArmitage([]table.Count{a, b, a}) },
				"Kappa":               func() (any, error) { return assoc.KappaWith(tab, assoc.KappaOptions{Weights: assoc.FleissCohen}) },
				"Bowker":              func() (any, error) { return assoc.Bowker(tab) },
				"StuartMaxwell":       func() (any, error) { return assoc.StuartMaxwell(tab) },
				"McNemar":             func() (any, error) { return table.McNemar(pairs) },
				"PairedRisk":          func() (any, error) { return table.PairedRisk(pairs) },
				"MantelHaenszel":      func() (any, error) { return table.MantelHaenszel(strata) },
				"BreslowDay":          func() (any, error) { return table.BreslowDay(strata) },
				"MH odds ratio":       func() (any, error) { return table.MantelHaenszelOddsRatio(strata) },
				"MH risk ratio":       func() (any, error) { return table.MantelHaenszelRiskRatio(strata) },
				"MH difference":       func() (any, error) { return table.MantelHaenszelRiskDifference(strata) },
				"StratifiedExact":     func() (any, error) { return table.StratifiedExactWith(strata, table.ExactOptions{MidP: true}) },
				"RateRatioExact": func() (any, error) {
					return table.RateRatioExact(table.PoissonRate{Events: a.Events, Exposure: float64(a.N)},
						table.PoissonRate{Events: b.Events, Exposure: float64(b.N)})
				},
				"TypeSMGroups": func() (any, error) { return power.TypeSMGroups(0.5, a.N, b.N, 0.05) },
			} {
				mustAnswer(t, fn+name, f)
			}
			for _, o := range []table.UnconditionalOrder{table.BarnardPooled, table.BarnardUnpooled, table.BarnardPooledAbs, table.BarnardUnpooledAbs, table.Boschloo, table.BoschlooCentral} {
				mustAnswer(t, fmt.Sprintf("Unconditional %s%s", o, name), func() (any, error) { return table.UnconditionalWith(a, b, table.UnconditionalOptions{Order: o}) })
			}
			for _, m := range []table.RatioMethod{table.LogRatio, table.LogHalf, table.LogHalfSE, table.LogShrunk} {
				if m != table.LogShrunk {
					mustAnswer(t, fmt.Sprintf("RiskRatioWith %s%s", m, name), func() (any, error) { return table.RiskRatioWith(a, b, table.RatioOptions{Method: m}) })
				}
				if m != table.LogHalfSE {
					mustAnswer(t, fmt.Sprintf("OddsRatioWith %s%s", m, name), func() (any, error) { return table.OddsRatioWith(a, b, table.RatioOptions{Method: m}) })
				}
			}
			for _, m := range []table.RiskDifferenceMethod{table.NewcombeScore, table.NewcombeCC, table.NewcombeJeffreys, table.WaldRD, table.WaldRDCC,
				table.AgrestiCaffo, table.MiettinenNurminen, table.Mee, table.BrownLiJeffreys, table.HauckAnderson, table.Haldane, table.JeffreysPerks} {
				mustAnswer(t, fmt.Sprintf("RiskDifferenceWith %s%s", m, name), func() (any, error) { return table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: m}) })
			}
		}
	}
}
