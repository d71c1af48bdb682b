package family

import (
	"context"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// Endpoint is a hypothesis of Permute: the values of the participants that it is about.
type Endpoint struct {
	Name string
	// Participant is who has a value, by ID, Arm the arm and Block the stratum within
	// which arms were exchangeable at randomization ("" in all without strata). A participant
	// of several endpoints has the same arm and stratum in all of them.
	Participant, Arm, Block []string
	Y                       []float64
	// Beside are the covariates measured before randomization that Y is compared beside:
	// what is permuted is the residuals of Y on them, arm left out.
	Beside []regress.Term
}

// Permute tests hypotheses of a treated arm against control together, by permutation:
// the step-down max-T of Westfall and Young (resample.WestfallYoung, whose options these
// are; WYTest.PStepMaxT is the adjusted p-value). The statistic is Student's or Welch's t,
// of Y or of the residuals of Y on Beside with both arms taken together.
//
// The null hypothesis of an endpoint is that no participant would have had another value
// of it in the other arm. Under it values, covariates and so the residuals are what they
// are whatever the allocation (Rosenbaum 2002, doi 10.1214/ss/1042727942), and exchanging
// arms within strata, all endpoints of a participant together, gives the exact joint
// distribution of the statistics; the model of the residuals need not hold. Assumptions:
// randomization exchanged arms within strata as Block says, and who has no value would
// have had none in the other arm. The family-wise error rate is then at most α, exact with
// all arrangements counted, and up to Monte Carlo error of (b+1)/(m+1) with m drawn ones.
// It is no test of means: of arms alike in mean and not in spread, Student's t rejects too
// often where the arms differ in size.
//
// It refuses what resample.WestfallYoung refuses, a participant whose arm or stratum differs
// between endpoints (stats.ErrDomain), and covariates that no model can take. R: residuals
// of lm(y ~ covariates), then multtest::mt.maxT(test = "t.equalvar") without strata.
// Westfall & Young 1993, algorithm 4.1; Ge, Dudoit & Speed 2003, doi 10.1007/BF02595811.
func Permute(ctx context.Context, ends []Endpoint, treated, control string, opt resample.WYOptions) (resample.WYResult, error) {
	data := resample.WYData{Treated: treated, Control: control}
	place := map[string]int{}
	for _, e := range ends {
		y := e.Y
		if len(e.Beside) > 0 {
			fit, err := regress.Linear(e.Y, e.Beside...)
			if err != nil {
				return resample.WYResult{}, err
			}
			y = fit.Residuals()
		}
		w := resample.WYEndpoint{Name: e.Name, Value: y}
		for i, id := range e.Participant {
			k, ok := place[id]
			if !ok {
				k = len(data.Arm)
				place[id], data.Arm, data.Block = k, append(data.Arm, e.Arm[i]), append(data.Block, e.Block[i])
			}
			if data.Arm[k] != e.Arm[i] || data.Block[k] != e.Block[i] {
				return resample.WYResult{}, &stats.SampleError{Func: "Permute", Arg: "Participant", Index: i, Err: stats.ErrDomain}
			}
			w.Participant = append(w.Participant, k)
		}
		data.Endpoints = append(data.Endpoints, w)
	}
	return resample.WestfallYoungContext(ctx, data, opt)
}
