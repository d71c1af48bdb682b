package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Report.Plans writes out what a plan leaves unsaid, as Plan's doc has it, and
// adds the default analyses. The strata of a plan are in its model if and only if
// the row that answers it does not say that its method cannot take any.
func TestPlansOfReport(t *testing.T) {
	ds := strataDataset(t, strataCases(t)["main"], "kind: stratified, strata: [site, severity]", "",
		"{outcome: pain, visit: w4, model: welch-change}, {outcome: pain, visit: w12, role: primary}, "+
			"{outcome: pain, visit: w12, model: mmrm}, {outcome: pain, visit: w12, model: mixed-anova}, "+
			"{outcome: pain, visit: w12, model: lmm}, {outcome: pain, visit: w12, model: clda, covariance: [us, cs], df: satterthwaite}")
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	want := map[Model]Plan{
		WelchChange: {Role: RoleAdditional},
		ANCOVA:      {Role: RolePrimary, SE: "model"},
		MMRM:        {Role: RoleAdditional, Covariance: "us", DF: "kenward-roger"},
		MixedANOVA:  {Role: RoleAdditional, DF: "greenhouse-geisser"},
		LMM:         {Role: RoleAdditional, Covariance: "intercept", DF: "kenward-roger"},
		CLDA:        {Role: RoleAdditional, DF: "satterthwaite", CovarianceOrder: []string{"us", "cs"}},
	}
	plans := r.Plans()
	require.Len(t, plans, len(want))
	free := 0
	for _, q := range plans {
		w := want[q.Model]
		w.Outcome, w.Visit, w.Model, w.Level = "pain", q.Visit, q.Model, 0.95
		assert.Equal(t, w, q)
		res, err := ds.Analyze(q)
		require.NoError(t, err)
		row, ok := FindRow(res, q.Method(), res.Arms[0].ID)
		require.True(t, ok, q.Model)
		strata := r.Protocol.StrataOf(q)
		assert.Equal(t, row.WithoutStrata, len(strata) == 0, q.Model)
		if len(strata) == 0 {
			free++
		} else {
			assert.Equal(t, []string{"site", "severity"}, strata)
		}
	}
	assert.Equal(t, 2, free, "Welch's test and the mixed analysis of variance")

	// Outcomes without a plan have the default analysis.
	r, err = LoadHILT(t, 0).AnalyzeAll()
	require.NoError(t, err)
	plans = r.Plans()
	assert.Len(t, plans, 8)
	assert.Equal(t, Plan{Outcome: "ham", Visit: "h24", Model: ANCOVA, Level: 0.95, Role: RoleDefault, SE: "model"}, plans[7])
}
