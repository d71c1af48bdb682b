package plot

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/nexttrial"
)

// A chart of zero values says what it lacks; none panics.
func TestZeroValuesAreRefused(t *testing.T) {
	var r study.Result
	for name, draw := range map[string]func() (*Figure, error){
		"Trajectories": func() (*Figure, error) { return Trajectories([]study.Result{r}) },
		"LSMeans": func() (*Figure, error) {
			return TrajectoriesWith(smallTrial().results(t), TrajectoriesOptions{LSMeans: &r})
		},
		"LSMeanChange":      func() (*Figure, error) { return LSMeanChange([]study.Result{r}) },
		"ArmPanels":         func() (*Figure, error) { return ArmPanels([]study.Result{r}) },
		"ParticipantPanels": func() (*Figure, error) { return ParticipantPanels([]study.Result{r}) },
		"Change":            func() (*Figure, error) { return Change([]study.Result{r}) },
		"Differences":       func() (*Figure, error) { return Differences([]study.Result{r}) },
		"Responders":        func() (*Figure, error) { return Responders([]study.Result{r}) },
		"Missing":           func() (*Figure, error) { return Missing([]study.Result{r}) },
		"Dropout":           func() (*Figure, error) { return Dropout([]study.Result{r}) },
		"AdverseEvents":     func() (*Figure, error) { return AdverseEvents(study.Report{}) },
		"Shares":            func() (*Figure, error) { return Shares([]study.Result{r}) },
		"Categories":        func() (*Figure, error) { return Categories([]study.Result{r}) },
		"Rates":             func() (*Figure, error) { return Rates([]study.Result{r}) },
		"MeanBars":          func() (*Figure, error) { return MeanBars([]study.Result{r}) },
		"Raincloud":         func() (*Figure, error) { return Raincloud([]study.Result{r}) },
		"Slopegraph":        func() (*Figure, error) { return Slopegraph([]study.Result{r}) },
		"Waterfall":         func() (*Figure, error) { return Waterfall([]study.Result{r}) },
		"ResponderBars":     func() (*Figure, error) { return ResponderBars([]study.Result{r}) },
		"FollowUp":          func() (*Figure, error) { return FollowUp([]study.Result{r}) },
		"Compatibility":     func() (*Figure, error) { return Compatibility([]study.Result{r}) },
		"Posterior":         func() (*Figure, error) { return Posterior([]study.Result{r}) },
		"ThresholdSweep":    func() (*Figure, error) { return ThresholdSweep([]study.Result{r}) },
		"GardnerAltman":     func() (*Figure, error) { return GardnerAltman(r) },
		"Cumming":           func() (*Figure, error) { return Cumming([]study.Result{r}) },
		"PairedEstimation":  func() (*Figure, error) { return PairedEstimation([]study.Result{r}) },
		"Tipping":           func() (*Figure, error) { return Tipping(r) },
		"TippingMap":        func() (*Figure, error) { return TippingMap(r) },
		"LostCourses":       func() (*Figure, error) { return LostCourses(r) },
		"Histogram":         func() (*Figure, error) { return Histogram(r) },
		"ECDF":              func() (*Figure, error) { return ECDF(r) },
		"Moderator":         func() (*Figure, error) { return Moderator(r, study.Subgroups{}) },
		"Doses":             func() (*Figure, error) { return Doses(r) },
		"Subgroups":         func() (*Figure, error) { return Subgroups(r, study.Subgroups{}) },
		"Forest":            func() (*Figure, error) { return Forest(ForestTable{}) },
		"ForestRow":         func() (*Figure, error) { return Forest(ForestTable{Rows: []ForestRow{{}}}) },
		"Flow":              func() (*Figure, error) { return Flow(Disposition{}) },
		"ROC":               func() (*Figure, error) { return ROC(ROCLine{}) },
		"Residuals":         func() (*Figure, error) { return Residuals(nil) },
		"Residuals of none": func() (*Figure, error) { return Residuals(&regress.Fit{}) },
		"Correlations":      func() (*Figure, error) { return Correlations(nil, nil) },
		"BlandAltman":       func() (*Figure, error) { return BlandAltman(nil, nil) },
		"Meta":              func() (*Figure, error) { return Meta([]MetaRow{}, MetaPooled{}) },
		"MetaOf": func() (*Figure, error) {
			_, _, err := MetaOf(stats.Meta{}, nil, "", 0.95)
			return nil, err
		},
		"Funnel":        func() (*Figure, error) { return Funnel(stats.Meta{}) },
		"Love":          func() (*Figure, error) { return Love(study.Report{}) },
		"Power":         func() (*Figure, error) { return Power(PowerLine{}) },
		"Sensitivity":   func() (*Figure, error) { return Sensitivity(nexttrial.Plan{}) },
		"Triangulation": func() (*Figure, error) { return Triangulation(mcid.Triangulation{}) },
	} {
		assert.NotPanics(t, func() {
			f, err := draw()
			assert.ErrorContains(t, err, "plot: ", name)
			assert.Nil(t, f, name)
		}, name)
	}
}

// The zero Figure, and what a chart returns beside an error, have no picture.
func TestZeroFigure(t *testing.T) {
	for _, f := range []*Figure{nil, {}} {
		var b bytes.Buffer
		for _, format := range Formats() {
			assert.ErrorContains(t, f.Write(&b, format), "plot: no figure")
		}
		require.ErrorContains(t, f.Save(t.TempDir()+"/f.png"), "plot: no figure")
		assert.Zero(t, b.Len())
		assert.Empty(t, f.Title()+f.Caption()+f.Alt())
		assert.Zero(t, f.Panels())
		w, h := f.Size()
		assert.Zero(t, w+h)
		assert.PanicsWithValue(t, "plot: Figure.Plot: the zero Figure has no panels; a chart function makes one", func() { f.Plot(0) })
		_, err := f.XOfVisit(0, "post")
		assert.ErrorContains(t, err, "the zero Figure has no panels")
	}
}
