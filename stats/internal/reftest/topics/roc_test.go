package topics_test

import (
	"math"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// refDeLong compares pROC's AUC of x (cases) against y (controls).
func refDeLong(c *reftest.Case, x, y []float64) error {
	r, err := assoc.ROC(x, y)
	if err != nil {
		return err
	}
	c.Want("auc", r.AUC, 1e-9, 1e-15)
	if math.IsNaN(r.Var) && noNumber(c, "var") {
		c.Skip("var", "ci.")
		return nil
	}
	c.Want("var", r.Var, 1e-9, 1e-16)
	ci := r.CI(0.95)
	c.Want("ci.1", r.AUC, 1e-9, 1e-15)
	wantEndsOrNone(c, "ci.0", "ci.2", ci, 0, 1, r.AUC, 0, 1e-9, 1e-12)
	return nil
}
