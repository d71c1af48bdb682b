package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

// sweepData is one size and coarseness of data for BenchmarkSweep.
type sweepData struct {
	n      int
	x, y   []float64 // n each, in steps
	yes    []bool
	a, b   table.Count // n each
	tables [][]int     // n pairs of five categories
	pairs  table.PairedBinary
}

func newSweepData(n int, step float64) sweepData {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	d := sweepData{n: n, a: table.Count{Events: n / 2, N: n}, b: table.Count{Events: 9 * n / 20, N: n}, tables: make([][]int, 5)}
	for i := range d.tables {
		d.tables[i] = make([]int, 5)
	}
	for range n {
		v := 10 * rng.NormFloat64()
		d.x = append(d.x, math.Round((50+v)/step)*step)
		d.y = append(d.y, math.Round((52+v/2+8*rng.NormFloat64())/step)*step)
		d.yes = append(d.yes, v+8*rng.NormFloat64() > 0)
		i := rng.IntN(5)
		d.tables[i][min(4, max(0, i+rng.IntN(3)-1))]++
	}
	d.pairs = table.PairedBinary{Both: n / 3, First: n / 5, Second: n / 6}
	d.pairs.Neither = n - d.pairs.Both - d.pairs.First - d.pairs.Second
	return d
}

// half is the sample split in two arms, those with and without yes.
func (d sweepData) half() (cases, controls []float64) {
	for i, v := range d.x {
		if d.yes[i] {
			cases = append(cases, v)
		} else {
			controls = append(controls, v)
		}
	}
	return cases, controls
}

func (d sweepData) strata() []table.Stratum {
	k := max(1, d.n/10)
	s := make([]table.Stratum, k)
	for i := range s {
		s[i] = table.Stratum{Treated: table.Count{Events: 2 + i%4, N: 6}, Control: table.Count{Events: 1 + i%4, N: 6}}
	}
	return s
}

// columns are four repeated measurements of the participants.
func (d sweepData) columns() [][]float64 {
	rows := make([][]float64, d.n)
	for i := range rows {
		rows[i] = []float64{d.x[i], d.y[i], d.x[i] + d.y[i]/8, d.y[i] - d.x[i]/9}
	}
	return rows
}

func ask(e stats.Effect, err error, null float64) error {
	if err == nil {
		e.CI(0.95)
		e.P(null)
	}
	return err
}

// sweep is every question about tables, proportions, rates, density, agreement,
// ROC curves, effect sizes, power, pooling, normality and multiplicity.
var sweep = map[string]func(d sweepData) error{
	"Proportion": func(d sweepData) error {
		for _, m := range []table.ProportionMethod{table.WilsonScore, table.WilsonCC, table.ExactCP, table.AgrestiCoull, table.Jeffreys,
			table.MidP, table.Likelihood, table.Arcsine, table.Blaker, table.ModifiedWilson, table.ModifiedJeffreys} {
			p, err := table.ProportionWith(d.a, table.ProportionOptions{Method: m})
			if err != nil {
				return err
			}
			p.CI(0.95)
		}
		_, err := table.Binomial(d.a, 0.4)
		return err
	},
	"RiskDifference": func(d sweepData) error {
		r, err := table.RiskDifference(d.a, d.b)
		return ask(r, err, 0)
	},
	"RiskDifferenceWith": func(d sweepData) error {
		for _, m := range []table.RiskDifferenceMethod{table.NewcombeCC, table.NewcombeJeffreys, table.MiettinenNurminen, table.Mee, table.JeffreysPerks} {
			r, err := table.RiskDifferenceWith(d.a, d.b, table.RiskDifferenceOptions{Method: m})
			if err != nil {
				return err
			}
			r.CI(0.95)
		}
		return nil
	},
	"RiskDifferenceExact": func(d sweepData) error {
		if d.n > 100 {
			return nil // refused
		}
		r, err := table.RiskDifferenceExact(d.a, d.b)
		return ask(r, err, 0)
	},
	"RiskDifferenceExactUneven": func(d sweepData) error { // 3 against as many as are taken
		n := min(d.n, 3000)
		r, err := table.RiskDifferenceExact(table.Count{Events: 1, N: 3}, table.Count{Events: n / 3, N: n})
		return ask(r, err, 0)
	},
	"Scores": func(d sweepData) error {
		rd, err := table.RiskDifferenceScore(d.a, d.b)
		if err := ask(rd, err, 0); err != nil {
			return err
		}
		rr, err := table.RiskRatioScore(d.a, d.b)
		if err := ask(rr, err, 1); err != nil {
			return err
		}
		or, err := table.OddsRatioScoreWith(d.a, d.b, table.ScoreOptions{OddsRatioBias: true})
		return ask(or, err, 1)
	},
	"UnconditionalBarnard": func(d sweepData) error {
		_, err := table.Unconditional(d.a, d.b)
		return err
	},
	"UnconditionalUnpooled": func(d sweepData) error {
		_, err := table.UnconditionalWith(d.a, d.b, table.UnconditionalOptions{Order: table.BarnardUnpooled})
		return err
	},
	"UnconditionalBoschloo": func(d sweepData) error {
		_, err := table.UnconditionalWith(d.a, d.b, table.UnconditionalOptions{Order: table.Boschloo})
		return err
	},
	"Fisher": func(d sweepData) error { _, err := table.Fisher(d.a, d.b); return err },
	"OddsRatioExact": func(d sweepData) error {
		or, err := table.OddsRatioExact(d.a, d.b)
		if err := ask(or, err, 1); err != nil {
			return err
		}
		or.Point()
		or.MedianUnbiased()
		return nil
	},
	"BlakerOddsRatio": func(d sweepData) error {
		or, err := table.BlakerOddsRatio(d.a, d.b)
		return ask(or, err, 1)
	},
	"ContingencyTable": func(d sweepData) error { _, err := table.ContingencyTable(d.tables); return err },
	"Associate":        func(d sweepData) error { _, err := table.Associate(d.a, d.b); return err },
	"CochranArmitage": func(d sweepData) error {
		_, err := table.CochranArmitage([]table.Count{d.a, d.b, d.a})
		return err
	},
	"CochranQ": func(d sweepData) error {
		rows := make([][]bool, d.n)
		for i := range rows {
			rows[i] = []bool{d.yes[i], d.x[i] > 50, d.y[i] > 50}
		}
		_, err := table.CochranQ(rows)
		return err
	},
	"McNemar": func(d sweepData) error {
		if _, err := table.McNemar(d.pairs); err != nil {
			return err
		}
		r, err := table.PairedRisk(d.pairs)
		return ask(r, err, 0)
	},
	"MantelHaenszel": func(d sweepData) error {
		s := d.strata()
		if _, err := table.MantelHaenszel(s); err != nil {
			return err
		}
		if _, err := table.BreslowDay(s); err != nil {
			return err
		}
		_, err := table.MantelHaenszelRiskDifference(s)
		return err
	},
	"StratifiedExact": func(d sweepData) error {
		or, err := table.StratifiedExact(d.strata())
		if err := ask(or, err, 1); err != nil {
			return err
		}
		or.Point()
		return nil
	},
	"Rates": func(d sweepData) error {
		r, s := table.PoissonRate{Events: d.n, Exposure: float64(d.n)}, table.PoissonRate{Events: d.n / 2, Exposure: float64(d.n)}
		rate, err := table.Poisson(r)
		if err := ask(rate, err, 0.9); err != nil {
			return err
		}
		if _, err := table.PoissonTest(r, 0.9); err != nil {
			return err
		}
		ratio, err := table.RateRatioExact(r, s)
		return ask(ratio, err, 1)
	},
	"Kappa": func(d sweepData) error {
		if _, err := assoc.KappaWith(d.tables, assoc.KappaOptions{Weights: assoc.FleissCohen}); err != nil {
			return err
		}
		_, err := assoc.Bowker(d.tables)
		return err
	},
	"BlandAltman": func(d sweepData) error { _, err := assoc.BlandAltman(d.x, d.y); return err },
	"Density":     func(d sweepData) error { _, err := stats.Density(d.x); return err },
	"ROC": func(d sweepData) error {
		cases, controls := d.half()
		r, err := assoc.ROC(cases, controls)
		if err != nil {
			return err
		}
		r.CI(0.95)
		r.P(0.5)
		other, err := assoc.ROC(d.y[:len(cases)], d.y[len(cases):])
		if err != nil {
			return err
		}
		_, err = assoc.CompareROC(r, other)
		return err
	},
	"HedgesG": func(d sweepData) error {
		g, err := stats.HedgesG(d.x, d.y)
		return ask(g, err, 0)
	},
	"CliffDelta": func(d sweepData) error {
		r, err := rank.CliffDelta(d.x, d.y)
		if err == nil {
			r.CI(0.95)
		}
		return err
	},
	"PairedEffects": func(d sweepData) error { _, err := stats.PairedEffects(d.x, d.y); return err },
	"ICC": func(d sweepData) error {
		r, err := assoc.ICCs(d.columns())
		if err != nil {
			return err
		}
		c := r.ICC(assoc.ICC2)
		c.CI(0.95)
		c.P(0)
		return nil
	},
	"CronbachAlpha": func(d sweepData) error {
		columns := make([][]float64, 4)
		for _, row := range d.columns() {
			for j, v := range row {
				columns[j] = append(columns[j], v)
			}
		}
		_, err := assoc.CronbachAlpha(columns)
		return err
	},
	"MIC": func(d sweepData) error {
		_, err := mic.MinimalImportantChangeWith(mic.Data{Change: d.x, Improved: d.yes}, mic.Options{Seed: 1})
		return err
	},
	"Normality": func(d sweepData) error {
		if _, err := stats.ShapiroWilk(d.x); err != nil {
			return err
		}
		if _, err := stats.AndersonDarling(d.x); err != nil {
			return err
		}
		if _, err := stats.Lilliefors(d.x); err != nil {
			return err
		}
		_, err := stats.JarqueBera(d.x)
		return err
	},
	"KolmogorovSmirnov": func(d sweepData) error { _, err := stats.KolmogorovSmirnov(d.x, d.y); return err },
	"Spread": func(d sweepData) error {
		if _, err := regress.Fligner(d.x, d.y); err != nil {
			return err
		}
		if _, err := stats.Median(d.x); err != nil {
			return err
		}
		_, err := stats.MAD(d.x)
		return err
	},
	"MetaAnalyze": func(d sweepData) error {
		var s []stats.Estimate
		for i := range d.x {
			s = append(s, stats.Estimate{Value: d.x[i], SE: 1 + math.Abs(d.y[i])/50, DF: math.Inf(1)})
		}
		_, err := stats.MetaAnalyze(s)
		return err
	},
	"AdjustP": func(d sweepData) error {
		p := make([]float64, d.n)
		for i := range p {
			p[i] = (float64(i) + 0.5) / float64(d.n)
		}
		for _, m := range []stats.Adjustment{stats.Holm, stats.Hochberg, stats.Hommel, stats.BenjaminiHochberg, stats.BenjaminiYekutieli} {
			if _, err := stats.AdjustPWith(p, stats.AdjustOptions{Method: m}); err != nil {
				return err
			}
		}
		if d.n <= 300 { // a graph of thousands of hypotheses is no trial's
			if _, err := stats.FixedSequence(d.n).AdjustP(p); err != nil {
				return err
			}
		}
		_, err := stats.CombineFisher(p)
		return err
	},
	"Power": func(d sweepData) error {
		power.TDesign{N: float64(d.n), Effect: 0.4}.Power()
		if _, err := power.TypeSMGroups(0.3, d.n, d.n, 0.05); err != nil {
			return err
		}
		_, err := power.DetectableD(d.n, d.n, 0.05, 0.8)
		return err
	},
	"ExactPower": func(d sweepData) error {
		_, err := power.ExactPower(d.n, d.n, 0.5, 0.45, func(t, c table.Count) bool { return t.Events > c.Events+d.n/10 })
		return err
	},
	"Integrity": func(d sweepData) error {
		if _, err := integrity.GRIM("50.12", d.n, 1); err != nil {
			return err
		}
		_, err := integrity.GRIMMER("50.12", "10.11", d.n, 1)
		return err
	},
}

// BenchmarkSweep asks every question of sweep once an operation: see TestSweepTimes.
func BenchmarkSweep(b *testing.B) {
	for name, f := range sweep {
		for _, n := range []int{15, 50, 300, 3000} {
			for _, step := range []float64{1, 0.1, 0.0001} {
				d := newSweepData(n, step)
				b.Run(fmt.Sprintf("%s/n=%d/step=%g", name, n, step), func(b *testing.B) {
					for b.Loop() {
						if err := f(d); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
