package regress_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answered is the value of a function that returned no error.
func answered[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// Every result of this package prints as text and marshals to JSON.
func TestResultsPrintAndMarshal(t *testing.T) {
	d := trialOf(rand.New(rand.NewPCG(1, 1)), 40)
	arm, base := regress.Category("arm", d.Arm, "sham"), regress.Numeric("baseline", d.Baseline)
	yes := make([]bool, len(d.Y))
	for i, y := range d.Y {
		yes[i] = y > d.Baseline[i]*0.6-4+float64(i%4)
	}
	ancova := answered(regress.ANCOVA(d))
	m := ancova.Model()
	logit := answered(regress.Logistic(yes, base, arm))
	firth := answered(regress.LogisticWith(yes, []regress.Term{base, arm}, regress.LogisticOptions{Firth: true}))
	gee := answered(regress.GEE(visitsOf(rand.New(rand.NewPCG(2, 2)), 40, regress.BinomialFamily), regress.GEEOptions{Family: regress.BinomialFamily}))
	other := m.Names()[len(m.Names())-1]
	rm := answered(regress.RepeatedANOVA(repeatedTrial(rand.New(rand.NewPCG(3, 3)), 12)))
	within := rm.Test("visit")
	qq := answered(regress.NormalQQ(d.Y))
	pairs := answered(regress.TukeyHSD(threeGroups()...))
	vs := answered(m.VersusControl("arm", "sham"))
	robust := answered(m.Robust())
	var frame regress.Frame
	frame.Numeric("y", d.Y)
	frame.Category("arm", d.Arm, "sham")
	design := answered(frame.Design("y ~ arm"))
	steps, arms, xs := ordinalTrial(rand.New(rand.NewPCG(36, 1)), 80, 5, 0.4)
	ordinal := answered(regress.Ordinal(steps, ordinalTerms(arms, xs)...))
	counts, tens, odd := make([]float64, len(xs)), make([]float64, len(xs)), make([]bool, len(xs))
	for i := range counts {
		counts[i], tens[i], odd[i] = float64(i*i%7), 10, i%3 == 0
	}
	falls := answered(regress.Counts(counts, nil, ordinalTerms(arms, xs)...))
	statstest.Results(t, ancova, m, robust, m.Coefficients(), m.Coefficients()[0], m.LSMeans("arm"),
		m.LSMeans("arm")[0], vs, vs[0], m.Tests(), m.Tests()[0],
		answered(m.Marginal("arm")), answered(regress.ANHECOVA(d)),
		logit, firth, logit.Profile("baseline"), firth.Profile("baseline"), answered(logit.MarginalWith("arm", regress.MarginalOptions{Errors: regress.DeltaErrors})),
		falls, falls.Observed(), falls.Robust(regress.HC1), falls.Profile("arma"), answered(regress.CountsWith(counts, ordinalTerms(arms, xs), regress.CountsOptions{Model: regress.QuasiPoisson})),
		answered(regress.Bounded(counts, tens, ordinalTerms(arms, xs)...)), answered(regress.RiskRegression(odd, regress.LogRisk, ordinalTerms(arms, xs)[0])),
		ordinal, ordinal.Robust(), ordinal.Profile(ordinal.Names()[0]), answered(ordinal.Brant()), answered(regress.CACE(caceTrial(rand.New(rand.NewPCG(1, 3)), 40, 0.9))), gee, rm, within, *within.Sphericity, qq[0], pairs, pairs[0], answered(regress.DunnettTest(threeGroups()[1:], threeGroups()[0]))[0],
		answered(regress.OneWayANOVA(threeGroups()...)), answered(m.BreuschPagan()), m.Contrast(m.LSMeans("arm")[0].Row()))
	for _, x := range []any{design, answered(regress.ParseFormula("y ~ a*b")), arm} {
		assert.NotContains(t, fmt.Sprint(x), "{")
	}

	var got struct {
		Control     string
		Arms        []struct{ Mean struct{ Estimate float64 } }
		Differences []struct {
			A, B, Method                             string
			Estimate, SE, DF, Level, Lower, Upper, P float64
		}
		Model struct {
			Coefficients []struct {
				Name     string
				Estimate float64
			}
			Covariance [][]float64
		}
	}
	b, err := json.Marshal(ancova)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &got))
	e := statstest.Must(ancova.Difference(got.Differences[0].A, ancova.Arms()[0]))
	assert.Equal(t, "sham", got.Control)
	assert.Equal(t, []float64{e.Value, e.SE, e.DF, 0.95, e.CI(0.95).Lo, e.CI(0.95).Hi, e.P(0)},
		[]float64{got.Differences[0].Estimate, got.Differences[0].SE, got.Differences[0].DF, got.Differences[0].Level,
			got.Differences[0].Lower, got.Differences[0].Upper, got.Differences[0].P})
	assert.Equal(t, statstest.Must(ancova.LSMean("sham")).Value, got.Arms[0].Mean.Estimate)
	assert.Equal(t, m.Coefficient(other).Value, got.Model.Coefficients[len(m.Names())-1].Estimate)
	assert.Equal(t, m.Cov(), got.Model.Covariance)
}
