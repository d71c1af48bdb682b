package stats_test

import (
	"fmt"
	"testing"

	"github.com/trialkit/trialkit/stats"
)

// Every table of two small arms, empty arms, counts beyond their arm and
// negative ones included, has an answer or a typed error, never NaN.
func TestDegenerateTables(t *testing.T) {
	var counts []stats.Count
	for n := range 3 {
		for k := range n + 1 {
			counts = append(counts, stats.Count{Events: k, N: n})
		}
	}
	counts = append(counts, stats.Count{Events: 3, N: 2}, stats.Count{Events: -1, N: 2}, stats.Count{N: -1}, stats.Count{N: 1e9}, stats.Count{Events: 1e9, N: 1e9})
	for _, c := range counts {
		for _, m := range []stats.ProportionMethod{stats.WilsonScore, stats.WilsonCC, stats.ExactCP, stats.AgrestiCoull, stats.Jeffreys, stats.Wald,
			stats.WaldCC, stats.MidP, stats.Likelihood, stats.Arcsine, stats.Logit, stats.Blaker, stats.ModifiedWilson, stats.ModifiedJeffreys} {
			if m == stats.Blaker && c.N > 1000 {
				continue // a sum over all outcomes
			}
			for _, level := range []float64{0.5, 0.95, 1 - 1e-12} {
				mustAnswer(t, fmt.Sprintf("ProportionCI %s %v %v", m, c, level), func() (any, error) { return stats.ProportionCI(c, level, m) })
			}
		}
		for _, p := range []float64{0, 0.5, 1} {
			if c.N < 1000 {
				mustAnswer(t, fmt.Sprintf("Binomial %v %v", c, p), func() (any, error) { return stats.Binomial(c, p) })
			}
		}
		for _, e := range []float64{0, 1, 1e-300, 1e300, -1} {
			r := stats.PoissonRate{Events: c.Events, Exposure: e}
			mustAnswer(t, fmt.Sprintf("PoissonCI %v", r), func() (any, error) { return stats.PoissonCI(r, 0.95) })
			mustAnswer(t, fmt.Sprintf("PoissonTest %v", r), func() (any, error) {
				two, greater, less, err := stats.PoissonTest(r, 1)
				return []any{two, greater, less}, err
			})
		}
	}
	for _, a := range counts {
		for _, b := range counts {
			if a.N > 1000 || b.N > 1000 {
				continue
			}
			name := fmt.Sprintf(" %v v %v", a, b)
			table := [][]int{{a.Events, a.N - a.Events}, {b.Events, b.N - b.Events}}
			strata := []stats.Stratum{{Treated: a, Control: b}, {Treated: b, Control: a}}
			pairs := stats.PairedBinary{Both: a.Events, First: a.N - a.Events, Second: b.Events, Neither: b.N - b.Events}
			for fn, f := range map[string]func() (any, error){
				"RiskDifference":      func() (any, error) { return stats.RiskDifference(a, b) },
				"RiskDifferenceWald":  func() (any, error) { return stats.RiskDifferenceWald(a, b) },
				"RiskDifferenceExact": func() (any, error) { return stats.RiskDifferenceExact(a, b) },
				"RiskDifferenceScore": func() (any, error) { return stats.RiskDifferenceScore(a, b, stats.ScoreOptions{}) },
				"RiskRatioScore":      func() (any, error) { return stats.RiskRatioScore(a, b, stats.ScoreOptions{}) },
				"OddsRatioScore":      func() (any, error) { return stats.OddsRatioScore(a, b, stats.ScoreOptions{OddsRatioBias: true}) },
				"RiskRatioFromOdds": func() (any, error) {
					v, ci, err := stats.RiskRatioFromOdds(a, b, 0.95)
					return []any{v, ci}, err
				},
				"OddsRatioExact": func() (any, error) { return stats.OddsRatioExact(a, b, true) },
				"BlakerOddsRatio": func() (any, error) {
					p, ci, err := stats.BlakerOddsRatio(a, b, 0.95)
					return []any{p, ci}, err
				},
				"Fisher":           func() (any, error) { return stats.Fisher(a, b) },
				"FisherRxC":        func() (any, error) { return stats.FisherRxC(table) },
				"ContingencyTable": func() (any, error) { return stats.ContingencyTable(table) },
				"Associate":        func() (any, error) { return stats.Associate(a, b) },
				"CochranArmitage":  func() (any, error) { return stats.CochranArmitage([]stats.Count{a, b, a}, nil) },
				"Kappa":            func() (any, error) { return stats.Kappa(table, stats.FleissCohen) },
				"Bowker":           func() (any, error) { return stats.Bowker(table) },
				"StuartMaxwell":    func() (any, error) { return stats.StuartMaxwell(table) },
				"McNemar":          func() (any, error) { return stats.McNemar(pairs) },
				"PairedRisk":       func() (any, error) { return stats.PairedRisk(pairs) },
				"MantelHaenszel":   func() (any, error) { return stats.MantelHaenszel(strata) },
				"BreslowDay":       func() (any, error) { return stats.BreslowDay(strata) },
				"MH odds ratio":    func() (any, error) { return stats.MantelHaenszelOddsRatio(strata) },
				"MH risk ratio":    func() (any, error) { return stats.MantelHaenszelRiskRatio(strata) },
				"MH difference":    func() (any, error) { return stats.MantelHaenszelRiskDifference(strata) },
				"StratifiedExact":  func() (any, error) { return stats.StratifiedExact(strata, true) },
				"RateRatioExact": func() (any, error) {
					v, ci, test, err := stats.RateRatioExact(stats.PoissonRate{Events: a.Events, Exposure: float64(a.N)},
						stats.PoissonRate{Events: b.Events, Exposure: float64(b.N)}, 0.95)
					return []any{v, ci, test}, err
				},
				"TypeSMGroups": func() (any, error) { return stats.TypeSMGroups(0.5, a.N, b.N, 0.05) },
			} {
				mustAnswer(t, fn+name, f)
			}
			for _, o := range []stats.UnconditionalOrder{stats.BarnardPooled, stats.BarnardUnpooled, stats.BarnardPooledAbs, stats.BarnardUnpooledAbs, stats.Boschloo, stats.BoschlooCentral} {
				mustAnswer(t, fmt.Sprintf("Unconditional %s%s", o, name), func() (any, error) { return stats.Unconditional(a, b, o) })
			}
			for _, m := range []stats.RatioMethod{stats.LogRatio, stats.LogHalf, stats.LogHalfSE, stats.LogShrunk} {
				if m != stats.LogShrunk {
					mustAnswer(t, fmt.Sprintf("RiskRatioWith %s%s", m, name), func() (any, error) { return stats.RiskRatioWith(a, b, m) })
				}
				if m != stats.LogHalfSE {
					mustAnswer(t, fmt.Sprintf("OddsRatioWith %s%s", m, name), func() (any, error) { return stats.OddsRatioWith(a, b, m) })
				}
			}
			for _, m := range []stats.RiskDifferenceMethod{stats.NewcombeScore, stats.NewcombeCC, stats.NewcombeJeffreys, stats.WaldRD, stats.WaldRDCC,
				stats.AgrestiCaffo, stats.MiettinenNurminen, stats.Mee, stats.BrownLiJeffreys, stats.HauckAnderson, stats.Haldane, stats.JeffreysPerks} {
				mustAnswer(t, fmt.Sprintf("RiskDifferenceCI %s%s", m, name), func() (any, error) { return stats.RiskDifferenceCI(a, b, 0.95, m) })
			}
		}
	}
}
