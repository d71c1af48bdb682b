package plot_test

import (
	"fmt"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
)

// hilt analyzes the pain scores of the simulated HILT study at its two visits
// after baseline.
func hilt() []study.Result {
	ds, err := study.LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
	if err != nil {
		panic(err)
	}
	var out []study.Result
	for _, v := range ds.PostVisits("vas") {
		r, err := ds.Analyze(study.Plan{Outcome: "vas", Visit: v.ID})
		if err != nil {
			panic(err)
		}
		out = append(out, r)
	}
	return out
}

// tell prints what a figure shows, in words.
func tell(fig *plot.Figure, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
}

func ExampleChange() {
	tell(plot.Change(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): change from baseline in each participant. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleDifferences() {
	tell(plot.Differences(hilt()))
	// Output:
	// SIMULATED DATA. Differences between arms. Pain (VAS), Right after: difference −2.49 (95% CI −4.42 to −0.55) cm. Pain (VAS), 24 h: difference −3.03 (95% CI −4.80 to −1.25) cm.
}

func ExampleMissing() {
	tell(plot.Missing(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): patterns of missing values. Of 10 participants 10 were observed at every visit; 0 have no value at the last visit. Number of patterns: 1.
}

func ExampleDropout() {
	tell(plot.Dropout(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): participants still in the trial. Active HILT: 5 of 5 were observed at 24 h. Placebo HILT: 5 of 5 were observed at 24 h.
}

func ExampleMeanBars() {
	tell(plot.MeanBars(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): arm means as bars. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleRaincloud() {
	tell(plot.Raincloud(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): distribution of the changes in each arm. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleCumming() {
	tell(plot.Cumming(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): changes and their difference. Pain (VAS), Active HILT at Right after: difference from control −2.32 (95% CI −4.19 to −0.45) cm. Pain (VAS), Active HILT at 24 h: difference from control −2.76 (95% CI −4.73 to −0.79) cm.
}

func ExamplePairedEstimation() {
	tell(plot.PairedEstimation(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): change of participants within each arm. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleSlopegraph() {
	tell(plot.Slopegraph(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): each participant from baseline to visit. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleWaterfall() {
	tell(plot.Waterfall(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): change of every participant. Right after, Active HILT: 3 of 5 reached the threshold; 0 got worse. Right after, Placebo HILT: 0 of 5 reached the threshold; 1 got worse. 24 h, Active HILT: 3 of 5 reached the threshold; 0 got worse. 24 h, Placebo HILT: 0 of 5 reached the threshold; 1 got worse.
}

func ExampleResponderBars() {
	tell(plot.ResponderBars(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): responders in each arm. Right after, Active HILT: 3 of 5 (95% CI 15 to 95%). Right after, Placebo HILT: 0 of 5 (95% CI 0 to 52%). 24 h, Active HILT: 3 of 5 (95% CI 15 to 95%). 24 h, Placebo HILT: 0 of 5 (95% CI 0 to 52%).
}

func ExampleFollowUp() {
	tell(plot.FollowUp(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): follow-up against baseline. Right after: common slope on baseline 0.51. 24 h: common slope on baseline 0.22. Pain (VAS) fell by 2.66 cm (95% CI −4.52 to −0.80) from baseline to Right after in the arm Active HILT. Pain (VAS) fell by 0.34 cm (95% CI −1.43 to 0.75) from baseline to Right after in the arm Placebo HILT. Pain (VAS) fell by 3.24 cm (95% CI −5.25 to −1.23) from baseline to 24 h in the arm Active HILT. Pain (VAS) fell by 0.48 cm (95% CI −1.24 to 0.28) from baseline to 24 h in the arm Placebo HILT.
}

func ExampleCompatibility() {
	tell(plot.Compatibility(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): compatibility of possible differences with the data. Pain (VAS), Active HILT at Right after: difference from control −2.49 (95% CI −4.42 to −0.55) cm. Pain (VAS), Active HILT at 24 h: difference from control −3.03 (95% CI −4.80 to −1.25) cm.
}

func ExamplePosterior() {
	tell(plot.Posterior(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): posterior probability of the difference. Right after, Active HILT: P(difference in favor, beyond 0 cm) = 99.1%. 24 h, Active HILT: P(difference in favor, beyond 0 cm) = 99.7%.
}

func ExampleThresholdSweep() {
	tell(plot.ThresholdSweep(hilt()))
	// Output:
	// SIMULATED DATA. Pain (VAS): verdict for every threshold. Right after, Active HILT: important benefit is definite up to 0.55 cm, probable up to 2.49, possible up to 4.42. 24 h, Active HILT: important benefit is definite up to 1.25 cm, probable up to 3.03, possible up to 4.80.
}

func ExampleHistogram() {
	tell(plot.Histogram(hilt()[1]))
	// Output:
	// SIMULATED DATA. Histogram. Pain (VAS): change from baseline to 24 h. Active HILT: 5 values from −4.7 to −1.2 cm. Placebo HILT: 5 values from −1.2 to 0.4 cm.
}

func ExampleECDF() {
	tell(plot.ECDF(hilt()[1]))
	// Output:
	// SIMULATED DATA. Cumulative distribution. Pain (VAS): change from baseline to 24 h. Active HILT: 5 values from −4.7 to −1.2 cm. Placebo HILT: 5 values from −1.2 to 0.4 cm.
}

func ExampleGardnerAltman() {
	tell(plot.GardnerAltman(hilt()[1]))
	// Output:
	// SIMULATED DATA. Pain (VAS): changes and their difference. Pain (VAS), Active HILT at 24 h: difference from control −2.76 (95% CI −4.73 to −0.79) cm.
}

func ExampleForest() {
	tell(plot.Forest(plot.ForestTable{Title: "Pain after a week", Level: 0.95, Axis: "Difference (cm)", Unit: "cm", Decimals: 1,
		Better: study.LowerIsBetter, Rows: []plot.ForestRow{
			{Label: "As randomized", Effect: stats.Estimate{Value: -2.1, SE: 0.6, DF: 38}},
			{Label: "Per protocol", Effect: stats.Estimate{Value: -2.4, SE: 0.7, DF: 31}},
		}}))
	// Output:
	// Pain after a week. As randomized: −2.1 (95% CI −3.3 to −0.9) cm. Per protocol: −2.4 (95% CI −3.8 to −1.0) cm.
}

func ExampleSubgroups() {
	r := hilt()[1]
	for i := range r.Records { // a covariate of the protocol gives these
		r.Records[i].Categories = map[string]string{"side": []string{"left", "right"}[i%2]}
	}
	side, err := study.SubgroupsOf(r, "side")
	if err != nil {
		fmt.Println(err)
		return
	}
	tell(plot.Subgroups(r, side))
	// Output:
	// SIMULATED DATA. Pain (VAS), 24 h: difference in subgroups. All participants: −3.03 (95% CI −4.80 to −1.25) cm. Left: −2.51 (95% CI −8.32 to 3.29) cm. Right: −3.76 (95% CI −4.70 to −2.83) cm.
}

func ExampleCorrelations() {
	tell(plot.Correlations([]string{"Week 4", "Week 8", "Week 12"}, [][]float64{{144, 110, 90}, {110, 169, 120}, {90, 120, 196}}))
	// Output:
	// Correlations between visits. The correlations between 3 visits are between 0.54 and 0.71.
}

func ExampleResiduals() {
	model, err := regress.Linear([]float64{3.1, 4.0, 4.4, 5.9, 6.2, 6.1}, regress.Numeric("baseline", []float64{4, 5, 6, 7, 8, 9}))
	if err != nil {
		fmt.Println(err)
		return
	}
	tell(plot.Residuals(model))
	// Output:
	// Residuals of the model. Of 6 residuals, 0 lie outside the 95% envelope of a normal sample; the largest is −1.6 standard deviations, and Cook’s distance is above 1 in 1.
}

func ExampleBlandAltman() {
	tell(plot.BlandAltman([]float64{61, 54, 70, 48, 66}, []float64{58, 55, 67, 47, 60}))
	// Output:
	// Agreement of first measurement and second measurement. In 5 participants the bias is 2.4 (−0.8 to 5.6); the limits of agreement are −2.7 (−13.2 to −0.01) and 7.5 (4.8 to 18.0), each with its 95% CI.
}

func ExampleMeta() {
	trials := []stats.Estimate{{Value: -1.2, SE: 0.4}, {Value: -0.6, SE: 0.3}, {Value: -1.9, SE: 0.7}}
	m, err := stats.MetaAnalyze(trials)
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, pooled, err := plot.MetaOf(m, []string{"Trial A", "Trial B", "Trial C"}, "REML, Hartung–Knapp", 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	tell(plot.Meta(rows, pooled...))
	// Output:
	// Meta-analysis. Trial A: −1.20 (−1.98 to −0.42). Trial B: −0.60 (−1.19 to −0.01). Trial C: −1.90 (−3.27 to −0.53). Pooled effect (REML, Hartung–Knapp): −1.04 (−2.49 to 0.41). Prediction interval −7.46 to 5.38.
}

func ExampleTriangulation() {
	a := mcid.AnchorStudy{Outcome: study.Outcome{ID: "pain", Label: "Pain", Unit: "mm", Better: study.LowerIsBetter},
		From: 1, Slight: []float64{1}, Unchanged: []float64{0}}
	for i := range 40 { // changes, baselines, and the patients' own ratings
		a.Change = append(a.Change, float64(-(i*7)%37))
		a.Baseline = append(a.Baseline, float64(40+(i*11)%30))
		a.Rating = append(a.Rating, float64(((i*7)%37+i%5)/14))
	}
	t, err := mcid.Triangulate(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	tell(plot.Triangulation(t))
	// Output:
	// Pain: the smallest important change by every method. Mean change of the slightly improved: 17.94 (15.40 to 20.48). Mean difference, slight − unchanged: 13.17 (10.05 to 16.29). Mean difference, adjusted for baseline: 13.36 (10.04 to 16.69). ROC, Youden: 10.50 (9.00 to 12.00). ROC, closest to the corner: 10.50 (9.00 to 12.00). ROC, sensitivity = specificity: 10.50 (9.00 to 12.00). 95% limit of the unchanged: 10.35 (7.57 to 12.18). 0.2 SD at baseline: 1.77 (1.45 to 2.27). 0.3 SD at baseline: 2.66 (2.18 to 3.41). 0.5 SD at baseline: 4.43 (3.63 to 5.68).
}
