package plot_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/nexttrial"
)

func ExampleFlow() {
	d := plot.Disposition{
		Assessed: 48, Excluded: []plot.Reason{{Text: "declined to participate", N: 8}},
		Randomized: 40,
		Arms: []plot.ArmDisposition{
			{Label: "laser", Allocated: 20, Lost: []plot.Reason{{Text: "moved", N: 2}}, Analyzed: 18},
			{Label: "sham", Allocated: 20, Analyzed: 20},
		},
	}
	fig, err := plot.Flow(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())

	d.Arms[0].Analyzed = 19 // one too many
	_, err = plot.Flow(d)
	fmt.Println(err)
	// Output:
	// Participant flow; Assessed for eligibility: 48; Randomized: 40; Allocated to laser: 20; Analyzed for primary outcome: 18; Allocated to sham: 20; Analyzed for primary outcome: 20.
	// plot: Flow: arm 1 (laser), analyzed + not analyzed: 19, but allocated − lost − discontinued + lost but analyzed is 18
}

// A trial with a file of adverse events: the terms by their difference.
func ExampleAdverseEvents() {
	ds, err := study.LoadFiles("../testdata/studies/shockwave/protocol.yaml", "../testdata/studies/shockwave/data.csv", "../testdata/studies/shockwave/ae.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.AdverseEvents(rep)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	for _, s := range strings.SplitAfter(fig.Description(), ". ")[:4] {
		fmt.Println(strings.TrimSpace(s))
	}
	// Output:
	// SIMULATED DATA: Adverse events by arm, and differences between arms; any event: 39 of 48 Shock waves, 22 of 48 Sham, difference Shock waves − Sham 35 (95% CI 14 to 53) percentage points.
	// Serious: 3 of 48 Shock waves, 0 of 48 Sham, difference Shock waves − Sham 6 (95% CI −2 to 17) percentage points.
	// Related to the treatment: 32 of 48 Shock waves, 8 of 48 Sham, difference Shock waves − Sham 50 (95% CI 29 to 66) percentage points.
	// Led to withdrawal: 1 of 48 Shock waves, 0 of 48 Sham, difference Shock waves − Sham 2 (95% CI −6 to 11) percentage points.
	// Pain during treatment: 22 of 48 Shock waves, 2 of 48 Sham, difference Shock waves − Sham 42 (95% CI 26 to 57) percentage points.
}

func ExampleConsort() {
	ds, err := study.LoadFiles("../testdata/studies/flow/protocol.yaml", "../testdata/studies/flow/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.Consort(rep)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	for _, s := range strings.SplitAfter(fig.Description(), ". ")[:7] {
		fmt.Println(strings.TrimSpace(s))
	}
	// Output:
	// SIMULATED DATA: Participant flow; Assessed for eligibility: 214; Randomized: 126; Allocated to Supervised exercise: 42; Analyzed for primary outcome: 41; Allocated to Home exercise: 42; Analyzed for primary outcome: 41; Allocated to Advice: 42; Analyzed for primary outcome: 36.
	// Assessed for eligibility: 214.
	// Excluded: 88 (Did not meet the criteria: 57; Declined to take part: 24; Knee surgery within three months: 7; Unable to read the questionnaires: 0).
	// Randomized: 126.
	// Allocated to Supervised exercise: 42 (Received allocated intervention: 38; Did not receive allocated intervention: 2 (received no intervention: 1; received Advice: 1); Not known whether received: 2 (not recorded: 1; no data in the file: 1)).
	// Completed follow-up: 40.
	// Lost to follow-up: 0.
	// Withdrew: 1 (no time: 1).
}

func ExampleROC() {
	// Smaller changes mean improvement: the marker is negated.
	curve, err := assoc.ROC([]float64{2.4, 3.0, 1.1, 2.6}, []float64{0.2, -0.4, 1.3, 0.6, 0.1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.ROC(plot.ROCLine{Label: "Change in pain", Curve: curve, Negated: true, Unit: "cm"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// Receiver operating characteristic; AUC 0.95 (95% CI 0.81 to 1.00); 4 cases, 5 others.
}

func ExampleBlandAltmanWith() {
	a, b := []float64{6.1, 5.4, 7.0, 3.9, 4.8}, []float64{6.0, 5.9, 6.8, 4.1, 4.5}
	fig, err := plot.BlandAltmanWith(a, b, plot.BlandAltmanOptions{First: "rater A", Second: "rater B"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// Agreement of rater A and rater B; in 5 participants the bias, rater A minus rater B, is −0.02 (−0.43 to 0.39); the limits of agreement are −0.66 (−1.97 to −0.32) and 0.62 (0.28 to 1.93), each with its 95% CI.
}

func ExampleMetaOf() {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -6.1, SE: 3.0}, {Value: -11.4, SE: 1.9}, {Value: -2.0, SE: 4.5}, {Value: -9.2, SE: 1.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	studies, pooled, err := plot.MetaOf(m, []string{"A 2019", "B 2021", "C 2022", "D 2024"}, "random effects", 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.MetaWith(studies, pooled, plot.MetaOptions{Decimals: 1, Measure: "Mean difference (mm)"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// Mean difference (mm): Meta-analysis; the effects of 4 studies are between −11.4 and −2.0; Pooled effect (random effects) −8.8 (95% CI −13.8 to −3.8).
}

func ExamplePower() {
	line := plot.PowerLine{Label: "difference 10 mm, SD 20 mm"}
	for n := 10.0; n <= 100; n++ {
		line.Points = append(line.Points, plot.PowerPoint{N: n, Power: power.TDesign{N: n, Effect: 0.5}.Power()})
	}
	fig, err := plot.Power(line)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// Power by sample size; difference 10 mm, SD 20 mm: power reaches 80% at 64 participants per arm.
}

func ExampleCompose() {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -6.1, SE: 3.0}, {Value: -11.4, SE: 1.9}})
	if err != nil {
		fmt.Println(err)
		return
	}
	studies, pooled, err := plot.MetaOf(m, []string{"A 2019", "B 2021"}, "Random effects", 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	forest := func(o plot.Options) (*plot.Figure, error) {
		return plot.MetaWith(studies, pooled, plot.MetaOptions{Options: o, Decimals: 1})
	}
	power := func(o plot.Options) (*plot.Figure, error) {
		return plot.PowerWith([]plot.PowerLine{{Label: "10 mm", Points: []plot.PowerPoint{{N: 20, Power: 0.34}, {N: 80, Power: 0.88}}}}, plot.PowerOptions{Options: o})
	}
	fig, err := plot.ComposeWith(plot.ComposeOptions{Columns: 1}, forest, power)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Panels(), fig.Title())
	// Output:
	// 2 Meta-analysis; Power by sample size
}

func ExampleCategories() {
	ds, err := study.LoadFiles("../testdata/studies/shoulder/protocol.yaml", "../testdata/studies/shoulder/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := ds.Analyze(study.Plan{Outcome: "gpe", Visit: "w12"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.Categories([]study.Result{r})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// SIMULATED DATA: Global perceived effect: patients in each category; at Week 12, the probability that a patient with Supervised exercise is better off than one with Advice, ties counting half, is 0.59 (95% CI 0.46 to 0.70), the interval holds 0.5.
}

func ExampleRates() {
	ds, err := study.LoadFiles("../testdata/studies/falls/protocol.yaml", "../testdata/studies/falls/data.csv")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := ds.Analyze(study.Plan{Outcome: "falls", Visit: "year"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fig, err := plot.Rates([]study.Result{r})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Alt())
	// Output:
	// SIMULATED DATA: Falls: rates; at Year 1, ratio of rates 0.71 (95% CI 0.46 to 1.10), Balance exercise against Usual care, the interval holds 1.
}

func ExampleSensitivity() {
	protocol := `title: A trial
arms: [{id: a, label: Active}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, label: Pain, unit: cm, range: [0, 10], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {pre: p0, post: p1}}}
plans: [{outcome: pain, visit: post, primary: true}]
assumed: {pain: {source: Jansen 2021, sd: 2.3, correlation: 0.5, difference: -1.5}, lost: {value: 0.15, source: Jansen 2021}}
`
	p, err := nexttrial.Read(strings.NewReader(protocol), "protocol.yaml", nexttrial.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fig, err := plot.Sensitivity(p)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fig.Alt())
	// Output:
	// Power by assumption and effect; Pain, SD 2.3 cm: power is 90% at an effect of −1.5 cm.
}
