package study_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Answer is the deciding rows of Analyze, but for the notes that compare.
func TestAnswerIsWhatAnalyzeDecides(t *testing.T) {
	for _, name := range []string{"hilt", "falls", "return-to-sport", "shoulder"} {
		folder := "../testdata/studies/" + name
		ds, err := study.LoadFiles(folder+"/protocol.yaml", folder+"/data.csv")
		require.NoError(t, err)
		p := ds.Protocol()
		plans := p.Plans
		for _, o := range p.Outcomes {
			after := ds.PostVisits(o.ID)
			last := after[len(after)-1].ID
			plans = append(plans, study.Plan{Outcome: o.ID, Visit: last})
			if o.Measured() && o.HasBaseline() {
				plans = append(plans, study.Plan{Outcome: o.ID, Visit: last, Model: study.WelchChange}, study.Plan{Outcome: o.ID, Visit: last, Model: study.MMRM},
					study.Plan{Outcome: o.ID, Visit: study.OverallVisit, Model: study.MMRM, Covariance: "cs"}, study.Plan{Outcome: o.ID, Visit: last, Margin: 1})
			}
		}
		for _, q := range plans {
			if q.Visit == "" {
				continue
			}
			full, err := ds.Analyze(q)
			require.NoError(t, err)
			rows, err := ds.Answer(context.Background(), q)
			require.NoError(t, err)
			want := full.Deciding()
			require.Len(t, rows, len(want), q)
			for i := range want {
				a, b := want[i], rows[i]
				assert.Equal(t, a.Judgement, b.Judgement)
				assert.Equal(t, a.NonInferiority, b.NonInferiority)
				assert.Equal(t, a.Equivalence, b.Equivalence)
				for _, r := range []*study.Row{&a, &b} { // interval and p are frozen; NNT and notes are for reading
					r.Effect, r.Notes, r.NNT, r.Judgement, r.NonInferiority, r.Equivalence, r.Threshold, r.Pairs = nil, nil, nil, nil, nil, nil, nil, nil
				}
				assert.Equal(t, fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b), q)
			}
		}
	}
	ds, err := study.LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	_, err = ds.Answer(context.Background(), study.Plan{Outcome: "vas"})
	assert.ErrorContains(t, err, "visit")
	_, err = ds.Answer(context.Background(), study.Plan{Outcome: "nothing", Visit: "h24"})
	assert.Error(t, err)
}
