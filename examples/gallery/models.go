package main

import (
	"fmt"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study"
)

// ancova fits the model of the last visit, to look at its residuals.
func ancova(t trial) (*stats.LinearModel, error) {
	d := stats.ANCOVAData{Control: t.dataset.Control().ID}
	for _, r := range t.last.Records {
		if r.HasBaseline && r.HasFollow {
			d.Arm = append(d.Arm, r.Arm)
			d.Y = append(d.Y, r.Follow)
			d.Baseline = append(d.Baseline, r.Baseline)
		}
	}
	fit, err := stats.ANCOVA(d)
	if err != nil {
		return nil, err
	}
	return fit.Model(), nil
}

// visitCovariance fits a mixed model for repeated measures and returns the
// covariance matrix of the visits, with their names.
func visitCovariance(t trial) ([]string, [][]float64, error) {
	m := mmrm.Trial{Control: t.dataset.Control().ID}
	arms := map[string]int{}
	for i, a := range t.dataset.Arms() {
		arms[a.ID] = i
		m.Arms = append(m.Arms, a.ID)
	}
	var names []string
	for v, r := range t.results {
		m.Visits = append(m.Visits, r.Visit.ID)
		names = append(names, r.Visit.Label)
		// Every result holds a record of every participant, in one order.
		for i, rec := range r.Records {
			if v == 0 {
				m.Arm = append(m.Arm, arms[rec.Arm])
				m.Baseline = append(m.Baseline, rec.Baseline)
				m.NoBaseline = append(m.NoBaseline, !rec.HasBaseline)
			}
			if rec.HasFollow {
				m.Values = append(m.Values, mmrm.Value{Participant: i, Visit: v, Y: rec.Follow})
			}
		}
	}
	fit, err := mmrm.Model{}.MMRM(&m)
	if err != nil {
		return nil, nil, err
	}
	return names, fit.Sigma(0), nil
}

// earlyChange asks how well the change at the first visit foretells who has
// improved by the individual threshold at the last.
func earlyChange(t trial) (plot.ROCLine, error) {
	first := t.results[0]
	early := map[string]float64{}
	for _, r := range first.Records {
		if r.HasBaseline && r.HasFollow {
			early[r.ID] = r.Change
		}
	}
	var cases, others []float64
	for _, r := range t.last.Records {
		change, ok := early[r.ID]
		if !ok || !r.HasBaseline || !r.HasFollow {
			continue
		}
		marker := -change // small changes mean improvement: lower is better
		if -r.Change >= t.outcome.Thresholds[0].Value {
			cases = append(cases, marker)
		} else {
			others = append(others, marker)
		}
	}
	curve, err := stats.ROC(cases, others)
	return plot.ROCLine{Label: fmt.Sprint("Δ ", first.Visit.Label), Curve: curve, Negated: true, Unit: t.outcome.Unit}, err
}

// powerLines are trials like the large one, for three true differences.
func powerLines() []plot.PowerLine {
	const sd = 18
	var out []plot.PowerLine
	for _, difference := range []float64{12, 10, 8} {
		l := plot.PowerLine{Label: fmt.Sprintf("Δ %g mm, SD %d mm", difference, sd)}
		for n := 10.0; n <= 120; n++ {
			l.Points = append(l.Points, plot.PowerPoint{N: n, Power: stats.TDesign{N: n, Effect: difference / sd}.Power()})
		}
		out = append(out, l)
	}
	return out
}

// disposition counts the participants as far as the file tells: those without
// a value at the last visit are lost. The screening of the large trial is as
// invented as its data.
func disposition(t trial) plot.Disposition {
	d := plot.Disposition{Study: t.last.Study}
	for _, a := range t.dataset.Arms() {
		arm := plot.ArmDisposition{Label: a.Label, Allocated: t.dataset.Randomized(a.ID)}
		lost := 0
		for _, r := range t.last.Records {
			switch {
			case r.Arm != a.ID:
			case r.HasFollow && r.HasBaseline:
				arm.Analyzed++
			default:
				lost++
			}
		}
		if t.id == "large" {
			arm.NotReceived = []plot.Reason{{Text: "No time", N: 2}}
		}
		if lost > 0 {
			arm.Lost = []plot.Reason{{Text: "No value at the last visit", N: lost}}
		}
		d.Randomized += arm.Allocated
		d.Arms = append(d.Arms, arm)
	}
	if t.id == "large" {
		d.Excluded = []plot.Reason{{Text: "Not meeting inclusion criteria", N: 61}, {Text: "Declined to participate", N: 23}, {Text: "Other reasons", N: 5}}
		d.Assessed = d.Randomized + 89
	}
	return d
}

// inventedStudies are a meta-analysis of nothing: its numbers are made up to
// show the chart.
func inventedStudies() ([]plot.MetaRow, []plot.MetaPooled, study.StudyInfo) {
	return []plot.MetaRow{
			{Label: "Trial A", Estimate: -6.1, Lower: -11.9, Upper: -0.3, Weight: 15.7},
			{Label: "Trial B", Estimate: -11.4, Lower: -15.2, Upper: -7.6, Weight: 22.4},
			{Label: "Trial C", Estimate: -2.0, Lower: -10.9, Upper: 6.9, Weight: 9.4},
			{Label: "Trial D", Estimate: -9.2, Lower: -12.1, Upper: -6.3, Weight: 25.9},
			{Label: "Trial E", Estimate: -4.3, Lower: -7.9, Upper: -0.7, Weight: 23.2},
			{Label: "Trial F", Estimate: -14.8, Lower: -31.0, Upper: 1.4, Weight: 3.4}},
		[]plot.MetaPooled{{Label: "Random effects", Estimate: -7.5, Lower: -11.4, Upper: -3.6, PredictLower: -15.8, PredictUpper: 0.8,
			Heterogeneity: "τ² = 7.6; I² = 58%"}},
		study.StudyInfo{Title: "Invented studies", Simulated: true}
}
