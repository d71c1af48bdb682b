package simulate

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
)

// designed is a trial whose power a formula or a count of tables has, too.
type designed struct {
	name  string
	way   string
	at    int // the comparison
	power float64
	p     study.Protocol
	truth Truth
	// rough is by how much the formula is known to miss, which more trials than 10,000 show:
	// Student's t for Welch's, and no degree of freedom for what MMRM estimates of those
	// lost.
	rough float64
}

// spread gives a truth of pain other SDs and another correlation.
func spread(t Truth, sd, rho float64) Truth {
	v := t.Outcomes["vas"]
	for _, arm := range v.SDs {
		for visit := range arm {
			arm[visit] = sd
		}
	}
	v.Correlation.Rho = rho
	t.Outcomes["vas"] = v
	return t
}

func lost(t Truth, visit string, share float64) Truth {
	t.Loss.By = map[string]map[string]float64{"laser": {visit: share}, "sham": {visit: share}}
	return t
}

// overLoss averages the power of the numbers left of n an arm, each lost with a probability.
func overLoss(n int, share float64, power func(n1, n0 float64) float64) float64 {
	left := distuv.Binomial{N: float64(n), P: 1 - share}
	sum := 0.0
	for i := 2; i <= n; i++ {
		for j := 2; j <= n; j++ {
			if w := left.Prob(float64(i)) * left.Prob(float64(j)); w > 1e-7 {
				sum += w * power(float64(i), float64(j))
			}
		}
	}
	return sum
}

func designs(t *testing.T) (out []designed) {
	add := func(d designed) { out = append(out, d) }
	change := func(sd, rho float64) float64 { return sd * math.Sqrt(2*(1-rho)) }
	ancova := func(n int, effect, sd, rho float64) power.ANCOVADesign {
		return power.ANCOVADesign{N: float64(n), Effect: effect, SD: sd, Correlation: rho}
	}
	for _, c := range []struct {
		n               int
		effect, sd, rho float64
	}{{5, 3, 2, 0.5}, {8, 2.5, 2, 0.7}, {12, 2, 2, 0.3}, {20, 0, 2, 0.5}, {20, 1.5, 2, 0.6}, {40, 1, 2, 0.5}, {60, 0.8, 2, 0.7}, {100, 1, 3, 0.4}} {
		add(designed{name: "ANCOVA", way: ByValues, power: ancova(c.n, c.effect, c.sd, c.rho).Power(),
			p: pain(study.ANCOVA, "w6"), truth: spread(believed(pain(study.ANCOVA, "w6"), c.n, c.effect), c.sd, c.rho)})
	}
	for _, c := range []struct {
		n               int
		effect, sd, rho float64
	}{{20, 1.5, 2, 0.5}, {40, 1, 2, 0.6}, {60, 0, 2, 0.5}, {80, 0.8, 2, 0.5}} {
		p := pain(study.WelchChange, "w6")
		add(designed{name: "change", rough: 0.003, way: ByValues, power: power.TDesign{N: float64(c.n), Effect: c.effect / change(c.sd, c.rho)}.Power(),
			p: p, truth: spread(believed(p, c.n, c.effect), c.sd, c.rho)})
	}
	for _, n := range []int{20, 60} { // values, without a baseline
		p := pain(study.Welch, "w6")
		p.Baseline, p.Visits = study.NoBaseline, p.Visits[1:]
		delete(p.Data.Columns["vas"], "pre")
		add(designed{name: "Welch", rough: 0.003, way: ByValues, power: power.TDesign{N: float64(n), Effect: 0.6}.Power(), p: p, truth: believed(p, n, 1.2)})
	}
	for _, c := range []struct {
		n    int
		diff float64 // benefit
	}{{30, 0}, {60, 0.2}, {90, -0.1}} {
		p := pain(study.ANCOVA, "w6")
		p.Plans[0].Margin = 1
		add(designed{name: "ANCOVA, not worse", way: ByValues, p: p, truth: believed(p, c.n, c.diff),
			power: power.Equivalence{N: float64(c.n), SD: 2, Margin: 1, Diff: c.diff, NonInferiority: true, Correlation: 0.5, Covariates: 1}.Power()})
		p = pain(study.WelchChange, "w6")
		p.Plans[0].Margin = 1
		add(designed{name: "change, not worse", rough: 0.003, way: ByValues, p: p, truth: believed(p, c.n, c.diff),
			power: power.Equivalence{N: float64(c.n), SD: 2, Margin: 1, Diff: c.diff, NonInferiority: true}.Power()})
	}
	for _, n := range []int{30, 70} {
		p := pain(study.ANCOVA, "w6")
		p.Plans[0].Margin, p.Plans[0].Framework = 1.2, study.FrameworkEquivalence
		alpha := newJudgeAlpha(p)
		add(designed{name: "ANCOVA, equivalent", way: ByValues, p: p, truth: believed(p, n, 0.1),
			power: power.Equivalence{N: float64(n), SD: 2, Margin: 1.2, Diff: 0.1, Alpha: alpha, Correlation: 0.5, Covariates: 1}.Power()})
		p = pain(study.WelchChange, "w6")
		p.Plans[0].Margin, p.Plans[0].Framework = 1.2, study.FrameworkEquivalence
		add(designed{name: "change, equivalent", rough: 0.003, way: ByValues, p: p, truth: believed(p, n, 0.1),
			power: power.Equivalence{N: float64(n), SD: 2, Margin: 1.2, Diff: 0.1, Alpha: alpha}.Power()})
	}
	for _, c := range []struct {
		n     int
		share float64
	}{{15, 0.2}, {40, 0.3}} {
		p := pain(study.ANCOVA, "w6")
		add(designed{name: "ANCOVA with loss", way: ByValues, p: p, truth: lost(believed(p, c.n, 1.5), "w6", c.share),
			power: overLoss(c.n, c.share, func(n1, n0 float64) float64 {
				return power.ANCOVADesign{N: n1, Ratio: n0 / n1, Effect: 1.5, SD: 2, Correlation: 0.5}.Power()
			})})
		p = pain(study.WelchChange, "w6")
		add(designed{name: "change with loss", rough: 0.005, way: ByValues, p: p, truth: lost(believed(p, c.n, 1.5), "w6", c.share),
			power: overLoss(c.n, c.share, func(n1, n0 float64) float64 { return power.TDesign{N: n1, Ratio: n0 / n1, Effect: 0.75}.Power() })})
	}
	for _, n := range []int{20, 50} { // a number that predicts nothing costs a degree of freedom
		p := pain(study.ANCOVA, "w6")
		p.Data.Covariates = []study.Covariate{{ID: "age", Column: "age", Kind: study.Numeric}}
		p.Plans[0].Covariates = []string{"age"}
		truth := believed(p, n, 1.2)
		truth.Covariates = map[string]Factor{"age": {Mean: 60, SD: 10}}
		add(designed{name: "ANCOVA, covariate", way: ByValues, p: p, truth: truth,
			power: power.ANCOVADesign{N: float64(n), Effect: 1.2, SD: 2, Correlation: 0.5, Covariates: 2}.Power()})
	}
	for _, n := range []int{12, 20, 40} { // complete: each visit's MMRM is its ANCOVA
		p := pain(study.MMRM, "w2", "w4", "w6")
		add(designed{name: "MMRM", way: ByValues, p: p, truth: believed(p, n, 1.4), power: ancova(n, 1.4, 2, 0.5).Power()})
	}
	for _, c := range []struct {
		n     int
		share float64
	}{{40, 0.2}, {60, 0.15}, {80, 0.3}} {
		p := pain(study.MMRM, "w2", "w4", "w6", "w8")
		phi, stay := 0.0, []float64{}
		r := make([][]float64, 4)
		for i := range r {
			// Equal shares of those still there leave at each visit.
			stay = append(stay, math.Pow(1-c.share, float64(i+1)/4))
			r[i] = []float64{1. / 3, 1. / 3, 1. / 3, 1. / 3} // 0.5 given a baseline of 0.5
			r[i][i] = 1
		}
		phi, _, err := power.MMRMDesign{R: r, Treated: stay}.Inflation()
		require.NoError(t, err)
		d := ancova(1, 1, 2, 0.5)
		d.N = float64(c.n) / phi
		add(designed{name: "MMRM with loss", rough: 0.01, way: ByValues, p: p, truth: lost(believed(p, c.n, 1), "w8", c.share), power: d.Power()})
	}
	for _, n := range []int{10, 16, 30, 50, 60, 90} { // responders: by the exact test to 50 an arm
		p := pain(study.WelchChange, "w6")
		effect := 3 / math.Sqrt(float64(n)/10)
		test := power.UnconditionalTest
		if n > 50 {
			test = power.MiettinenNurminenTest
		}
		met := func(change float64) float64 { return distuv.UnitNormal.CDF((-1.5 - change) / 2) }
		// believed: the mean falls by half a centimeter in control.
		x, err := power.ExactProportions{N: n, P1: met(-effect - 0.5), P2: met(-0.5), Test: test}.Power()
		require.NoError(t, err)
		add(designed{name: "responders", way: ByValues, at: 1, p: p, truth: believed(p, n, effect), power: x})
	}
	for _, n := range []int{8, 30, 200} {
		p := pain(study.ANCOVA, "w6")
		add(designed{name: "ANCOVA by statistics", way: ByStatistics, p: p, truth: believed(p, n, 3/math.Sqrt(float64(n)/4)), power: ancova(n, 3/math.Sqrt(float64(n)/4), 2, 0.5).Power()})
	}
	return out
}

// newJudgeAlpha is the size of each of the two tests of equivalence: those of the plan's
// interval.
func newJudgeAlpha(p study.Protocol) float64 { return (1 - p.InFull(p.Plans[0]).Level) / 2 }

// Simulated power is that of the formula, or of all tables: within three Monte Carlo
// standard errors in 40 designs. 10,000 trials of each; TRIALKIT_DESIGNS says another
// number, of which MMRM takes no more than 100,000.
func TestPowerIsThatOfTheFormulas(t *testing.T) {
	most := 10_000
	if n, err := strconv.Atoi(os.Getenv("TRIALKIT_DESIGNS")); err == nil {
		most = n
	} else if testing.Short() {
		most = 1000
	}
	list := designs(t)
	assert.GreaterOrEqual(t, len(list), 40)
	for i, d := range list {
		trials, rough := most, 0.0
		if strings.HasPrefix(d.name, "MMRM") {
			trials = min(trials, 100_000)
		}
		if trials > 10_000 {
			rough = d.rough
		}
		r, err := Run(context.Background(), d.p, d.truth, Options{Trials: trials, Seed: uint64(i), Statistics: d.way == ByStatistics, NoResponders: d.at == 0})
		require.NoError(t, err, d.name)
		c := r.Comparisons[d.at]
		require.Equal(t, d.way, c.Way, d.name)
		got := c.Power()
		se := math.Sqrt(d.power * (1 - d.power) / float64(trials))
		at := fmt.Sprintf("%-22s n %3d  %.4f  simulated %.4f  %+.1f SE", d.name, d.truth.Patients["sham"], d.power, got.Value, (got.Value-d.power)/se)
		t.Log(at)
		assert.InDelta(t, d.power, got.Value, 3*se+rough, at)
	}
}
