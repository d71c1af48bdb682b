package stats_test

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

// inTime takes a refusal of data, a separated or singular model, for an answer: it came in time.
func inTime(errs ...error) error {
	for _, err := range errs {
		var data *stats.SampleError
		if err != nil && !errors.As(err, &data) {
			return err
		}
	}
	return nil
}

// arms are the participants' arms in turn, k of them.
func (d sweepData) arms(k int) (labels []string, groups [][]float64) {
	groups = make([][]float64, k)
	for i, v := range d.y {
		labels = append(labels, fmt.Sprint("a", i%k))
		groups[i%k] = append(groups[i%k], v)
	}
	return labels, groups
}

func (d sweepData) terms() []regress.Term {
	arm, _ := d.arms(2)
	site := make([]string, d.n)
	for i := range site {
		site[i] = fmt.Sprint("s", i%3)
	}
	return []regress.Term{regress.Numeric("x", d.x), regress.Category("site", site, ""), regress.Category("arm", arm, "a1")}
}

// marks are y as a rating from 0 to 10, counts are y as counts.
func (d sweepData) marks(top float64) []float64 {
	out := make([]float64, d.n)
	for i, v := range d.y {
		out[i] = math.Round(min(top, max(0, top/2+(v-52)/10*top/5)))
	}
	return out
}

func init() {
	for name, f := range map[string]func(d sweepData) error{
		"TukeyHSD": func(d sweepData) error {
			_, g := d.arms(5)
			pairs := func(t regress.MeanDifferences, err error) error {
				if err == nil {
					for _, c := range t {
						c.CI(0.95)
						c.P(0)
					}
				}
				return err
			}
			err, err2 := pairs(regress.TukeyHSD(g...)), pairs(regress.GamesHowell(g...))
			_, err3 := regress.ComparePairs(g, regress.PairOptions{Adjust: stats.Bonferroni})
			return inTime(err, err2, err3)
		},
		"DunnettTest": func(d sweepData) error {
			_, g := d.arms(5)
			t, err := regress.DunnettTest(g[1:], g[0])
			for _, c := range t {
				c.CI(0.95)
				c.P(0)
			}
			return err
		},
		"MaxT": func(d sweepData) error {
			c := make([][]float64, 4)
			var e []stats.Estimate
			for i := range c {
				c[i] = []float64{0.5, 0.4, 0.3, 0.6}
				c[i][i] = 1
				e = append(e, stats.Estimate{Value: float64(i), SE: 1, DF: float64(d.n)})
			}
			for i := range c {
				for j := range i {
					c[i][j] = c[j][i]
				}
			}
			m, err := regress.MaxT([]string{"a", "b", "c", "d"}, e, c)
			for _, c := range m {
				c.P(0)
			}
			if err == nil {
				_, err = m.CIContext(context.Background(), 0.95)
			}
			return err
		},
		"GroupVariances": func(d sweepData) error {
			_, g := d.arms(4)
			_, e1 := regress.OneWayANOVA(g...)
			_, e2 := regress.WelchANOVA(g...)
			_, e3 := regress.Levene(g...)
			_, e4 := regress.BrownForsythe(g...)
			_, e5 := regress.Bartlett(g...)
			return inTime(e1, e2, e3, e4, e5)
		},
		"Linear": func(d sweepData) error {
			t := d.terms()
			m, err := regress.Linear(d.y, append(t, regress.Interaction(t[0], t[2]))...)
			if err == nil {
				m.CooksDistance()
				m.LSMeans("arm")
			}
			_, e2 := regress.NormalQQ(d.x)
			_, _, e3 := regress.ModelMatrix(d.n, d.terms()...)
			return inTime(err, e2, e3)
		},
		"ANCOVA": func(d sweepData) error {
			arm, _ := d.arms(2)
			data := regress.ANCOVAData{Y: d.y, Baseline: d.x, Arm: arm, Control: "a1"}
			_, e1 := regress.ANCOVA(data)
			_, e2 := regress.ANCOVASlopes(data)
			_, e3 := regress.ANHECOVA(data)
			return inTime(e1, e2, e3)
		},
		"RepeatedANOVA": func(d sweepData) error {
			var r regress.RepeatedData
			var visit []string
			for i, row := range d.columns() {
				for j, v := range row {
					r.ID, r.Y, visit = append(r.ID, fmt.Sprint(i)), append(r.Y, v), append(visit, fmt.Sprint(j))
				}
			}
			r.Within = []regress.Term{regress.Visit("visit", visit, []string{"0", "1", "2", "3"})}
			_, err := regress.RepeatedANOVA(r)
			return inTime(err)
		},
		"CACE": func(d sweepData) error {
			arm, _ := d.arms(2)
			c := regress.CACEData{Y: d.y, Arm: arm, Treated: "a0", Control: "a1"}
			for i := range d.y {
				c.Received = append(c.Received, float64((i+1)%2)*float64(min(1, i%5)))
			}
			_, err := regress.CACE(c)
			return inTime(err)
		},
		"CountModels": func(d sweepData) error {
			counts, days := d.marks(20), make([]float64, d.n)
			for i := range days {
				days[i] = 20
			}
			m, e1 := regress.Counts(counts, days, d.terms()...)
			if e1 == nil {
				e := m.Coefficient("arma0")
				e.CI(0.95)
				e.P(1)
			}
			_, e2 := regress.Bounded(counts, days, d.terms()...)
			return inTime(e1, e2)
		},
		"BinaryModels": func(d sweepData) error {
			arm, _ := d.arms(2)
			m, e1 := regress.Logistic(d.yes, d.terms()...)
			if e1 == nil {
				m.Profile("arma0").CI(0.95)
			}
			_, e2 := regress.LogisticWith(d.yes, d.terms(), regress.LogisticOptions{Firth: true})
			_, e3 := regress.GComputation(regress.BinaryData{Y: d.yes, Arm: arm, Control: "a1", Covariates: d.terms()[:1]})
			_, e4 := regress.RiskRegression(d.yes, regress.LogRisk, d.terms()[2])
			return inTime(e1, e2, e3, e4)
		},
		"Ordinal": func(d sweepData) error { _, err := regress.Ordinal(d.marks(4), d.terms()...); return inTime(err) },
		"GEE": func(d sweepData) error {
			var g regress.GEEData
			var x []float64
			for i, row := range d.columns() {
				for j, v := range row {
					g.ID, g.Y, g.Wave = append(g.ID, fmt.Sprint(i)), append(g.Y, v), append(g.Wave, fmt.Sprint(j))
					x = append(x, d.x[i])
				}
			}
			g.Waves, g.Terms = []string{"0", "1", "2", "3"}, []regress.Term{regress.Numeric("x", x), regress.Visit("visit", g.Wave, []string{"0", "1", "2", "3"})}
			_, err := regress.GEE(g, regress.GEEOptions{Family: regress.GaussianFamily, Correlation: regress.Exchangeable})
			return inTime(err)
		},
		"MMRM": func(d sweepData) error {
			var id, arm, visit []string
			var y []float64
			for i, row := range d.columns() {
				for j, v := range row {
					id, arm, visit, y = append(id, fmt.Sprint(i)), append(arm, fmt.Sprint("a", i%2)), append(visit, fmt.Sprint(j)), append(y, v)
				}
			}
			t, err := mmrm.TrialFromRowsWith(id, arm, visit, y, mmrm.TrialOptions{Control: "a1"})
			if err == nil {
				_, err = mmrm.Model{}.MMRM(t)
			}
			var c *mmrm.ConvergenceError
			if errors.As(err, &c) {
				return nil
			}
			return inTime(err)
		},
		"Chained": func(d sweepData) error {
			missing := make([]bool, d.n)
			for i := range missing {
				missing[i] = i%7 == 3
			}
			_, err := impute.Chained([]impute.Column{{Name: "x", Number: d.x}, {Name: "y", Number: d.y, Missing: missing}}, impute.ChainedOptions{Seed: 1})
			_, _, e2 := impute.MeanBaseline(d.x, missing)
			_, e3 := impute.RegressionBaseline(d.x, missing, d.y)
			return inTime(err, e2, e3)
		},
		"MissingBinary": func(d sweepData) error {
			t, c := impute.Counts{Events: d.n / 3, Nonevents: d.n / 2, Missing: 7}, impute.Counts{Events: d.n / 4, Nonevents: d.n / 2, Missing: 9}
			_, e1 := impute.GuessBinary(t, c, impute.AsObserved)
			_, e2 := impute.TippingBinary(t, c, func(e1, n1, e2, n2 int) (float64, error) {
				r, err := table.RiskDifferenceScore(table.Count{Events: e1, N: n1}, table.Count{Events: e2, N: n2})
				return r.P(0), err
			})
			var e []stats.Estimate
			for i := range d.x {
				e = append(e, stats.Estimate{Value: d.x[i], SE: 5, DF: 40})
			}
			_, e3 := stats.PoolImputations(e)
			_, e4 := impute.StabilityOf(e)
			_, e5 := stats.PoolChiSquares(d.marks(20), 2)
			return inTime(e1, e2, e3, e4, e5)
		},
		"Pearson": func(d sweepData) error {
			r, e1 := assoc.Pearson(d.x, d.y)
			if e1 == nil {
				r.CI(0.95)
			}
			_, e2 := assoc.PartialCorrelation(d.x, d.y, d.marks(10))
			c, e3 := assoc.LinConcordance(d.x, d.y)
			if e3 == nil {
				c.CI(0.95)
			}
			return inTime(e1, e2, e3)
		},
		"Spearman": func(d sweepData) error {
			r, err := assoc.Spearman(d.x, d.y)
			if err == nil {
				r.CI(0.95)
				r.P(0)
			}
			return inTime(err)
		},
		"Kendall": func(d sweepData) error {
			r, err := assoc.Kendall(d.x, d.y)
			if err == nil {
				r.CI(0.95)
				r.P(0)
			}
			_, e2 := assoc.CountPairs(d.x, d.y)
			return inTime(err, e2)
		},
		"StuartMaxwell": func(d sweepData) error { _, err := assoc.StuartMaxwell(d.tables); return inTime(err) },
		"FisherRxC 5×5": func(d sweepData) error { _, err := table.FisherRxC(d.tables); return inTime(err) },
		"FisherRxC 3×3": func(d sweepData) error {
			three := make([][]int, 3)
			for i := range three {
				three[i] = d.tables[i][:3]
			}
			_, err := table.FisherRxC(three)
			return inTime(err)
		},
		"FisherRxC 2×5": func(d sweepData) error {
			two := [][]int{make([]int, 5), make([]int, 5)}
			for i, v := range d.marks(4) {
				two[i%2][int(v)]++
			}
			_, err := table.FisherRxC(two)
			return inTime(err)
		},
		"Blinding": func(d sweepData) error {
			b, err := table.Blinding(table.Guesses{Right: d.n / 2, Wrong: d.n / 3, Unsure: d.n / 6})
			return ask(b, err, 0)
		},
		"RateRatioStratified": func(d sweepData) error {
			var s []table.RateStratum
			for i := range max(1, d.n/10) {
				s = append(s, table.RateStratum{Treated: table.PoissonRate{Events: 2 + i%4, Exposure: 6}, Control: table.PoissonRate{Events: 1 + i%4, Exposure: 6}})
			}
			r, err := table.RateRatioStratified(s)
			return ask(r, err, 1)
		},
		"RiskDifferenceStratified": func(d sweepData) error {
			r, err := table.RiskDifferenceStratified(d.strata())
			return ask(r, err, 0)
		},
		"RiskDifferenceCompliers": func(d sweepData) error {
			var s []table.UptakeStratum
			for _, x := range d.strata() {
				s = append(s, table.UptakeStratum{
					Treated: table.Uptake{Received: table.Count{Events: x.Treated.Events - 1, N: 4}, Others: table.Count{Events: 1, N: 2}},
					Control: table.Uptake{Others: x.Control},
				})
			}
			r, err := table.RiskDifferenceCompliers(s)
			return ask(r, err, 0)
		},
		"Homogeneity": func(d sweepData) error {
			s := d.strata()
			var levels [][]table.Count
			for _, x := range s[:min(20, len(s))] {
				levels = append(levels, []table.Count{{Events: d.n / 10 * x.Control.Events, N: d.n / 10 * 6}, {Events: d.n / 10 * x.Treated.Events, N: d.n / 10 * 6}})
			}
			if len(levels) < 2 {
				levels = append(levels, levels[0])
			}
			_, e1 := table.Homogeneity(levels, table.RiskDifferences)
			_, e2 := table.Homogeneity(levels, table.OddsRatios)
			i, e3 := table.Interaction(s[0], s[len(s)-1], table.RiskRatios)
			return inTime(e1, e2, e3, ask(i, nil, 1))
		},
		"Ratios": func(d sweepData) error {
			rr, e1 := table.RiskRatio(d.a, d.b)
			or, e2 := table.OddsRatio(d.a, d.b)
			c, e3 := table.RiskRatioFromOdds(d.a, d.b)
			w, e4 := table.RiskDifferenceWald(d.a, d.b)
			p, e5 := table.PairedOddsRatio(d.pairs)
			_, e6 := table.StandardizedProportion(d.a, d.b)
			_, e7 := table.StandardizedCounts(d.tables[0], d.tables[1])
			_, e8 := table.MantelHaenszelOddsRatio(d.strata())
			_, e9 := table.MantelHaenszelRiskRatio(d.strata())
			k, e10 := table.ClopperPearson(d.a)
			return inTime(ask(rr, e1, 1), ask(or, e2, 1), ask(c, e3, 1), ask(w, e4, 0), ask(p, e5, 1), e6, e7, e8, e9, ask(k, e10, 0.4))
		},
		"WinRatio": func(d sweepData) error {
			event, treated := make([]bool, d.n), make([]bool, d.n)
			for i := range event {
				event[i], treated[i] = i%3 > 0, i%2 > 0
			}
			w, err := rank.WinRatio(treated, rank.WinOutcome{Time: d.marks(30), Event: event}, rank.WinOutcome{Value: d.y})
			if err == nil {
				_ = w.String()
			}
			return inTime(err)
		},
		"Benefit": func(d sweepData) error {
			b, e1 := rank.Benefit(d.x, d.y)
			_, g := d.arms(4)
			s, e2 := rank.BenefitStratified(g[:2], g[2:])
			return inTime(ask(b, e1, 0.5), ask(s, e2, 0.5))
		},
		"PairedRankBiserial": func(d sweepData) error {
			r, err := rank.PairedRankBiserial(d.x, d.y)
			if err == nil {
				r.CI(0.95)
			}
			return inTime(err)
		},
		"Describe": func(d sweepData) error {
			var errs []error
			all := func(_ any, err error) { errs = append(errs, err) }
			all(stats.Describe(d.x))
			all(stats.Quantile(d.x, 0.3, 7))
			all(stats.Skewness(d.x, 1))
			all(stats.Kurtosis(d.x, 1))
			all(stats.GeometricMean(d.x))
			_, _, err := stats.GeometricSD(d.x)
			all(nil, err)
			all(stats.SD(d.x))
			all(stats.CV(d.x))
			all(stats.IQR(d.x, 7))
			all(stats.FiveNumbers(d.x))
			all(stats.TrimmedMean(d.x, 0.2))
			all(stats.Trimmed(d.x, 0.2))
			all(stats.Winsorized(d.x, 0.2))
			all(stats.Summarize(d.x))
			all(stats.Mean(d.x))
			all(stats.DAgostinoSkewness(d.x))
			all(stats.BandwidthSilverman(d.x))
			all(stats.BandwidthSJ(d.x))
			return inTime(errs...)
		},
		"TwoMeans": func(d sweepData) error {
			var errs []error
			effect := func(e stats.Effect, err error) { errs = append(errs, ask(e, err, 0)) }
			one := func(e stats.Estimate, err error) { effect(e, err) }
			smd := func(e stats.SMD, err error) { effect(e, err) }
			one(stats.Paired(d.x, d.y))
			one(stats.Student(d.x, d.y))
			one(stats.Welch(d.x, d.y))
			one(stats.Yuen(d.x, d.y, 0.2))
			smd(stats.CohenD(d.x, d.y))
			smd(stats.GlassDelta(d.x, d.y))
			smd(stats.CohenDAverage(d.x, d.y))
			smd(stats.HedgesGAverage(d.x, d.y))
			smd(stats.CohenDZ(d.x, d.y))
			smd(stats.HedgesGZ(d.x, d.y))
			r, err := stats.RatioOfMeans(d.x, d.y)
			errs = append(errs, ask(r, err, 1))
			v, err := stats.CompareVariances(d.x, d.y)
			errs = append(errs, ask(v, err, 1))
			_, err = stats.SuperiorityNormal(d.x, d.y)
			return inTime(append(errs, err)...)
		},
		"Combine": func(d sweepData) error {
			p := make([]float64, d.n)
			for i := range p {
				p[i] = (float64(i) + 0.5) / float64(d.n)
			}
			_, e1 := stats.CombineStouffer(p, nil)
			_, e2 := stats.CoPrimary(p)
			var draws [][]float64
			for i := range d.x {
				draws = append(draws, []float64{d.x[i], d.y[i]})
			}
			_, e3 := stats.PoolBootstrapped(draws)
			var values [][]float64
			var cov [][][]float64
			for i := range 20 {
				values = append(values, []float64{d.x[i%d.n], d.y[i%d.n]})
				cov = append(cov, [][]float64{{4, 1}, {1, 4}})
			}
			_, e4 := stats.PoolWald(values, cov)
			return inTime(e1, e2, e3, e4)
		},
		"Floors": func(d sweepData) error {
			var blocks []power.Allocation
			for range d.n {
				blocks = append(blocks, power.Allocation{Treated: 2, Control: 2})
			}
			_, e1 := power.ArrangementFloor(blocks...)
			_, e2 := power.ArrangementFloor(power.Allocation{Treated: d.n, Control: d.n})
			return inTime(e1, e2)
		},
		"DEBIT": func(d sweepData) error {
			_, e1 := integrity.DEBIT("0.50", "0.50", d.n)
			_, e2 := integrity.SDRange("50.1", d.n, 0, 100, 1)
			_, e3 := integrity.CheckPercent("50.1", d.a)
			return inTime(e1, e2, e3)
		},
		"KruskalWallis": func(d sweepData) error {
			_, g := d.arms(3)
			t, err := rank.KruskalWallis(g...)
			if err == nil {
				_, err = t.PermutationContext(context.Background(), rank.PermOptions{})
			}
			return inTime(err)
		},
	} {
		sweep[name] = f
	}
}
