package study

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// AreaBetweenCurves is the signed area between an active arm's cumulative
// responder curve and control's, in the outcome's unit. It is the difference
// in mean improvement, benefit positive: every patient's improvement is the
// area of one strip under the curve. Its error is Welch's.
// It refuses an unknown arm and what stats.Welch refuses.
func (r Result) AreaBetweenCurves(arm string) (stats.Estimate, error) {
	control := r.Arms[len(r.Arms)-1].ID
	if arm == control || !r.hasArm(arm) {
		return stats.Estimate{}, fmt.Errorf("study: responder curves: %q is no active arm", arm)
	}
	improved := map[string][]float64{}
	for _, x := range r.Records {
		if x.HasBaseline && x.HasFollow {
			improved[x.Arm] = append(improved[x.Arm], r.Outcome.Better.Sign()*x.Change)
		}
	}
	return stats.Welch(improved[arm], improved[control])
}
