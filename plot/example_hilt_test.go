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
	// SIMULATED DATA: Pain (VAS): change from baseline in each participant; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleDifferences() {
	tell(plot.Differences(hilt()))
	// Output:
	// SIMULATED DATA: Differences between arms in Pain (VAS); at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleMissing() {
	tell(plot.Missing(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): patterns of missing values; 5 of 5 with Active HILT and 5 of 5 with Placebo HILT were observed at every visit.
}

func ExampleDropout() {
	tell(plot.Dropout(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): participants lost; at 24 h, 0 of 5 with Active HILT and 0 of 5 with Placebo HILT had been lost.
}

func ExampleMeanBars() {
	tell(plot.MeanBars(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): arm means as bars; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleRaincloud() {
	tell(plot.Raincloud(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): distribution of the changes in each arm; at 24 h, the medians of the changes are −3.70 cm with Active HILT and −0.60 cm with Placebo HILT; the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleCumming() {
	tell(plot.Cumming(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): changes and their difference; at 24 h, the difference Active HILT minus Placebo HILT is −2.76 cm (95% CI −4.73 to −0.79), in favor of Active HILT; by ANCOVA on baseline, which decides, that of Active HILT is −3.03 cm (95% CI −4.80 to −1.25).
}

func ExamplePairedEstimation() {
	tell(plot.PairedEstimation(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): change of participants within each arm; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleSlopegraph() {
	tell(plot.Slopegraph(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): each participant from baseline to visit; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleWaterfall() {
	tell(plot.Waterfall(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): change of every participant; at 24 h, 3 of 5 with Active HILT and 0 of 5 with Placebo HILT improved by at least 2.26 cm; the difference Active HILT minus Placebo HILT is 60 percentage points (95% CI −3 to 95); the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleResponderBars() {
	tell(plot.ResponderBars(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): responders in each arm; at 24 h, 3 of 5 with Active HILT and 0 of 5 with Placebo HILT responded; the difference Active HILT minus Placebo HILT is 60 percentage points (95% CI −3 to 95).
}

func ExampleFollowUp() {
	tell(plot.FollowUp(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): follow-up against baseline; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleCompatibility() {
	tell(plot.Compatibility(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): compatibility of possible differences with the data; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExamplePosterior() {
	tell(plot.Posterior(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): posterior probability of the difference; at 24 h, the probability is 99.7% that Active HILT is better than Placebo HILT.
}

func ExampleThresholdSweep() {
	tell(plot.ThresholdSweep(hilt()))
	// Output:
	// SIMULATED DATA: Pain (VAS): verdict for every threshold; at 24 h, important benefit of Active HILT over Placebo HILT is definite up to 1.25 cm, probable up to 3.03 cm, possible up to 4.80 cm.
}

func ExampleHistogram() {
	tell(plot.Histogram(hilt()[1]))
	// Output:
	// SIMULATED DATA: Pain (VAS): change from baseline to 24 h, histogram; at 24 h, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleECDF() {
	tell(plot.ECDF(hilt()[1]))
	// Output:
	// SIMULATED DATA: Pain (VAS): change from baseline to 24 h, cumulative distribution; at 24 h, half of the values are at or below −3.70 cm with Active HILT and −0.60 cm with Placebo HILT; the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT.
}

func ExampleGardnerAltman() {
	tell(plot.GardnerAltman(hilt()[1]))
	// Output:
	// SIMULATED DATA: Pain (VAS): changes and their difference; at 24 h, the difference Active HILT minus Placebo HILT is −2.76 cm (95% CI −4.73 to −0.79), in favor of Active HILT; by ANCOVA on baseline, which decides, that of Active HILT is −3.03 cm (95% CI −4.80 to −1.25).
}

func ExampleForest() {
	tell(plot.Forest(plot.ForestTable{Title: "Pain after a week", Level: 0.95, Axis: "Difference (cm)", Unit: "cm", Decimals: 1,
		Better: study.LowerIsBetter, Rows: []plot.ForestRow{
			{Label: "As randomized", Effect: stats.Estimate{Value: -2.1, SE: 0.6, DF: 38}},
			{Label: "Per protocol", Effect: stats.Estimate{Value: -2.4, SE: 0.7, DF: 31}},
		}}))
	// Output:
	// Pain after a week; Difference (cm): of 2 estimates the lowest is Per protocol: −2.4 (95% CI −3.8 to −1.0) cm, the highest As randomized: −2.1 (95% CI −3.3 to −0.9) cm.
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
	// SIMULATED DATA: Pain (VAS), 24 h: difference in subgroups; of all participants, the difference Active HILT minus Placebo HILT is −3.03 cm (95% CI −4.80 to −1.25), in favor of Active HILT; interaction with side: p = 0.85.
}

func ExampleCorrelations() {
	tell(plot.Correlations([]string{"Week 4", "Week 8", "Week 12"}, [][]float64{{144, 110, 90}, {110, 169, 120}, {90, 120, 196}}))
	// Output:
	// Correlations between visits; the correlations between 3 visits are between 0.54 and 0.71.
}

func ExampleResiduals() {
	model, err := regress.Linear([]float64{3.1, 4.0, 4.4, 5.9, 6.2, 6.1}, regress.Numeric("baseline", []float64{4, 5, 6, 7, 8, 9}))
	if err != nil {
		fmt.Println(err)
		return
	}
	tell(plot.Residuals(model))
	// Output:
	// Residuals of the model; of 6 residuals, 0 lie outside the 95% envelope of a normal sample; the largest is −1.6 standard deviations, and Cook’s distance is above 1 in 1.
}

func ExampleBlandAltman() {
	tell(plot.BlandAltman([]float64{61, 54, 70, 48, 66}, []float64{58, 55, 67, 47, 60}))
	// Output:
	// Agreement of first measurement and second measurement; in 5 participants the bias, first measurement minus second measurement, is 2.4 (−0.8 to 5.6); the limits of agreement are −2.7 (−13.2 to −0.01) and 7.5 (4.8 to 18.0), each with its 95% CI.
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
	// Meta-analysis; the effects of 3 studies are between −1.90 and −0.60; Pooled effect (REML, Hartung–Knapp) −1.04 (95% CI −2.49 to 0.41).
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
	// Pain: the smallest important change by every method; 10 methods, of which those based on an anchor are between 10.35 and 17.94 mm.
}
