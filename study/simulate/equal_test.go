package simulate

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// kind is a plan and a world that it is tried in.
type kind struct {
	name  string
	way   string
	tries int
	make  func(n int) (study.Protocol, Truth)
}

func gridded(p *study.Protocol) {
	p.Outcomes[0].Min, p.Outcomes[0].Max, p.Outcomes[0].Resolution = 0, 10, 0.1
}

func kinds() []kind {
	plain := func(m study.Model) func(n int) (study.Protocol, Truth) {
		return func(n int) (study.Protocol, Truth) {
			p := pain(m, "w6")
			return p, believed(p, n, 1)
		}
	}
	return []kind{
		{"welch-change", ByValues, 1500, plain(study.WelchChange)},
		{"ancova", ByValues, 1500, plain(study.ANCOVA)},
		{"ancova on a grid, with loss that depends on values, skew", ByValues, 1500, func(n int) (study.Protocol, Truth) {
			p := pain(study.ANCOVA, "w2", "w6")
			gridded(&p)
			tr := believed(p, n, 1.2)
			v := tr.Outcomes["vas"]
			v.Skewness = -0.7
			tr.Outcomes["vas"] = v
			tr.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}, "sham": {"w6": .3}}, Kind: LossMAR, Outcome: "vas", Odds: 1.6}
			tr.Missing = 0.03
			return p, tr
		}},
		{"welch-change on a grid, with loss", ByValues, 1000, func(n int) (study.Protocol, Truth) {
			p := pain(study.WelchChange, "w2", "w6")
			gridded(&p)
			tr := believed(p, n, 1)
			tr.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}, "sham": {"w6": .3}}}
			return p, tr
		}},
		{"without baseline: welch", ByValues, 1000, func(n int) (study.Protocol, Truth) {
			p := pain(study.Welch, "w6")
			p.Baseline, p.Visits = study.NoBaseline, p.Visits[1:]
			delete(p.Data.Columns["vas"], "pre")
			tr := believed(p, n, 0)
			tr.Missing = 0.05
			return p, tr
		}},
		{"without baseline: linear, equivalence", ByValues, 500, func(n int) (study.Protocol, Truth) {
			p := pain(study.ANCOVA, "w6")
			p.Baseline, p.Visits = study.NoBaseline, p.Visits[1:]
			delete(p.Data.Columns["vas"], "pre")
			p.Plans[0].Margin, p.Plans[0].Framework = 1.2, study.FrameworkEquivalence
			return p, believed(p, n+20, 0)
		}},
		{"mmrm with loss", ByValues, 300, func(n int) (study.Protocol, Truth) {
			p := pain(study.MMRM, "w2", "w4", "w6")
			tr := believed(p, n+4, 1)
			tr.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}, "sham": {"w6": .3}}, Kind: LossMAR, Outcome: "vas", Odds: 1.6}
			return p, tr
		}},
		{"mmrm, ar1h, on average, covariate, gaps", ByValues, 200, func(n int) (study.Protocol, Truth) {
			p := pain(study.MMRM, "w2", "w4", "w6")
			p.Arms[0], p.Arms[1] = p.Arms[1], p.Arms[0]
			p.Plans[0].Covariance, p.Plans[0].Visit, p.Plans[0].DF = "ar1h", study.OverallVisit, "satterthwaite"
			p.Data.Covariates = []study.Covariate{{ID: "age", Column: "age", Kind: study.Numeric}, {ID: "sex", Column: "sex", Kind: study.Category}}
			p.Plans[0].Covariates = []string{"age", "sex"}
			tr := believed(p, n+10, 1)
			tr.Missing = 0.1
			tr.Covariates = map[string]Factor{"age": {Mean: 60, SD: 10, Correlation: map[string]float64{"vas": 0.3}}, "sex": {Shares: map[string]float64{"f": .5, "m": .5}}}
			return p, tr
		}},
		{"clda, cs", ByValues, 200, func(n int) (study.Protocol, Truth) {
			p := pain(study.CLDA, "w2", "w6")
			gridded(&p)
			p.Plans[0].Covariance = "csh"
			tr := believed(p, n+4, 1)
			tr.Loss = Loss{By: map[string]map[string]float64{"laser": {"w6": .2}, "sham": {"w6": .3}}}
			return p, tr
		}},
		{"three arms, covariate, strata, non-inferiority", ByValues, 1500, func(n int) (study.Protocol, Truth) {
			p := pain(study.ANCOVA, "w6")
			p.Arms = append(p.Arms, study.Arm{ID: "both"})
			p.Randomization = study.Randomization{Kind: study.RandomizationStratified, Strata: []string{"site"}}
			p.Data.Covariates = []study.Covariate{{ID: "age", Column: "age", Kind: study.Numeric}, {ID: "site", Column: "site", Kind: study.Category}}
			p.Plans[0].Covariates, p.Plans[0].Margin = []string{"age"}, 1
			tr := believed(p, n+4, 1)
			tr.Patients["both"] = n + 4
			tr.Outcomes["vas"].Means["both"], tr.Outcomes["vas"].SDs["both"] = tr.Outcomes["vas"].Means["laser"], tr.Outcomes["vas"].SDs["laser"]
			tr.Covariates = map[string]Factor{"age": {Mean: 60, SD: 10, Correlation: map[string]float64{"vas": 0.3}},
				"site": {Shares: map[string]float64{"a": .5, "b": .3, "c": .2}, Effects: map[string]map[string]float64{"vas": {"b": 0.8}}}}
			tr.Events = []Event{{ID: "rescue", Probability: map[string]float64{"sham": .3}, Shift: map[string]float64{"vas": -1}}}
			return p, tr
		}},
	}
}

// What the values path finds is what Dataset.Answer finds of the same trial, loaded from a
// file: 10,000 trials of 4 to 40 patients an arm with TRIALKIT_SIMULATE, 2,500 without.
func TestValuesEqualTheAnalysis(t *testing.T) {
	less := 4
	if testing.Short() { // under the race detector
		less = 10
	}
	if os.Getenv("TRIALKIT_SIMULATE") != "" {
		less = 1
	}
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			whole := 0
			for n := 4; n <= 40; n += 4 {
				p, truth := k.make(n)
				s, err := newSimulation(p, truth, Options{Seed: uint64(n)})
				require.NoError(t, err)
				require.Equal(t, k.way, s.comparisons[0].Way)
				c, err := s.worker(context.Background())
				require.NoError(t, err)
				rest := newWhole(s.w, s.plans[0], s.judges[0])
				for i := range k.tries / 10 / less {
					c.t.draw(uint64(n), uint64(i))
					c.estimators[0].find(c.t, c.findings)
					require.NoError(t, c.t.err)
					ds, err := rest.dataset(c.t)
					require.NoError(t, err)
					rows, err := ds.Answer(context.Background(), s.plans[0])
					require.NoError(t, err)
					for a, f := range c.findings {
						if f.whole {
							whole++
						}
						same(t, s.judges[0][a], f, rows[a], fmt.Sprintf("n %d trial %d arm %d", n, i, a))
					}
				}
			}
			t.Log("answered by the whole analysis:", whole)
			assert.Less(t, whole, k.tries/5/less)
		})
	}
}

// same holds a finding against study's row.
func same(t *testing.T, j *judge, f finding, r study.Row, at string) {
	t.Helper()
	if f.failure != "" || f.withheld {
		assert.Equal(t, f.withheld, r.Withheld(), at)
		assert.True(t, math.IsNaN(r.P), at)
		return
	}
	close := func(want, got, scale float64, what string) {
		t.Helper()
		if !(math.Abs(want-got) <= 1e-12*math.Max(scale, math.Abs(want))) {
			t.Errorf("%s: %s %v, study has %v (%.2g)", at, what, got, want, (got-want)/scale)
		}
	}
	close(r.Estimate, f.value, r.SE, "estimate")
	close(r.SE, f.se, r.SE, "SE")
	close(r.DF, f.df, r.DF, "df")
	e := stats.Estimate{Value: f.value, SE: f.se, DF: f.df}
	close(r.P, e.P(0), r.P*(1+math.Abs(e.T(0))), "p")
	g := j.row(r)
	g.whole, g.value, g.se, g.df, g.gain = f.whole, f.value, f.se, f.df, f.gain
	assert.Equal(t, g, f, at)
	if r.NonInferiority == nil && r.Equivalence == nil {
		assert.Equal(t, r.P < r.Alpha, f.rejected, at)
	}
	assert.Equal(t, r.IncludesZero(), f.zero, at)
}

// Responders are counted and compared as Dataset.Analyze does beside the plan.
func TestRespondersEqualTheAnalysis(t *testing.T) {
	for _, strata := range []bool{false, true} {
		for _, n := range []int{5, 8} {
			p := pain(study.WelchChange, "w6")
			if n != 8 {
				gridded(&p)
			}
			truth := believed(p, n, 1)
			truth.Missing = 0.1
			if strata {
				p.Randomization = study.Randomization{Kind: study.RandomizationStratified, Strata: []string{"site"}}
				p.Data.Covariates = []study.Covariate{{ID: "site", Column: "site", Kind: study.Category}}
				truth.Covariates = map[string]Factor{"site": {Shares: map[string]float64{"a": .5, "b": .5}}}
			}
			s, err := newSimulation(p, truth, Options{})
			require.NoError(t, err)
			require.Len(t, s.plans, 2)
			c, err := s.worker(context.Background())
			require.NoError(t, err)
			rest := newWhole(s.w, s.plans[0], s.judges[0])
			for k := range 4 {
				c.t.draw(8, uint64(k))
				c.estimators[1].find(c.t, c.findings)
				ds, err := rest.dataset(c.t)
				require.NoError(t, err)
				res, err := ds.Analyze(s.plans[0])
				require.NoError(t, err)
				_, contrasts := res.RespondersBy(study.RuleChange)
				require.Len(t, contrasts, 1)
				want, got := contrasts[0], c.findings[0]
				at := fmt.Sprint(strata, n, k)
				assert.InDelta(t, want.Difference, got.value, 1e-12, at)
				assert.Equal(t, want.P() < 0.05, got.rejected, at)
				assert.Equal(t, !got.rejected, got.zero, at)
			}
		}
	}
}

// The share of responders that the truth gives is that of many patients.
func TestResponse(t *testing.T) {
	for _, skew := range []float64{0, 1} {
		for _, better := range []study.Direction{study.LowerIsBetter, study.HigherIsBetter} {
			for _, step := range []float64{0, 0.1, 1} {
				p := pain(study.ANCOVA, "w6")
				p.Outcomes[0].Better = better
				if step > 0 {
					gridded(&p)
					p.Outcomes[0].Resolution = step
				}
				truth := believed(p, 1, 1)
				v := truth.Outcomes["vas"]
				v.Skewness = skew
				truth.Outcomes["vas"] = v
				n := 200_000
				if testing.Short() {
					n = 20_000
				}
				x := drawn(t, p, truth, n)
				e := newResponders(x.w, study.Plan{Outcome: "vas", Visit: "w6"}, nil)
				met := 0
				for i := range n {
					if e.met(x.y[0][0][i], x.y[0][1][i]) {
						met++
					}
				}
				got := float64(met) / float64(n)
				assert.InDelta(t, x.w.response(e.place, 0, 1.5), got, 4*math.Sqrt(got*(1-got)/float64(n))+1e-4, fmt.Sprint(skew, better, step))
			}
		}
	}
}
