// Command rooms calls one function of every package, on one small invented
// trial of pain in millimeters. It is the shortest program that uses all of
// trialkit, and one to copy from:
//
//	go run ./examples/rooms
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"strings"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/claim"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
	lostroom "github.com/trialkit/trialkit/study/lost"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/nexttrial"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/score"
	"github.com/trialkit/trialkit/study/simulate"
	"github.com/trialkit/trialkit/study/text"
)

// Pain before and after, in both arms.
var (
	laserBefore, laserAfter     = []float64{60, 49, 70, 57, 64, 61, 46, 69}, []float64{50, 45, 59, 46, 55, 54, 39, 60}
	placeboBefore, placeboAfter = []float64{62, 48, 71, 55, 66, 59, 45, 68}, []float64{60, 47, 66, 54, 58, 55, 43, 67}
)

func main() {
	if err := run(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer) error {
	for _, show := range []func(io.Writer) error{means, ranks, models, tables, draws, associations, planning, printed, importance,
		repeated, lost, file, trial, planned, events, beliefs, nextSize, several, doses, losses, scores, thresholds, claims, words} {
		if err := show(w); err != nil {
			return err
		}
	}
	return nil
}

func line(w io.Writer, question string, answer any) {
	fmt.Fprintf(w, "%-46s %v\n", question, answer)
}

func means(w io.Writer) error {
	e, err := stats.Welch(laserAfter, placeboAfter)
	line(w, "difference of means", e)
	return err
}

func ranks(w io.Writer) error {
	shift, err := rank.MannWhitney(laserAfter, placeboAfter)
	line(w, "the same by ranks", shift)
	return err
}

func models(w io.Writer) error {
	fit, err := regress.ANCOVA(regress.ANCOVAData{
		Y:        append(append([]float64{}, laserAfter...), placeboAfter...),
		Baseline: append(append([]float64{}, laserBefore...), placeboBefore...),
		Arm:      strings.Fields(strings.Repeat("laser ", 8) + strings.Repeat("placebo ", 8)),
		Control:  "placebo",
	})
	if err != nil {
		return err
	}
	d, err := fit.Difference("laser", "placebo")
	line(w, "the same, adjusted for baseline", d)
	return err
}

func tables(w io.Writer) error {
	risk, err := table.RiskDifference(table.Count{Events: 6, N: 8}, table.Count{Events: 2, N: 8})
	line(w, "difference of the shares that improved", risk)
	return err
}

func draws(w io.Writer) error {
	perm, err := resample.Permutation(laserAfter, placeboAfter)
	line(w, "difference of means by permutation", perm)
	return err
}

func associations(w io.Writer) error {
	r, err := assoc.Pearson(laserBefore, laserAfter)
	line(w, "correlation of before and after", r)
	return err
}

func planning(w io.Writer) error {
	n, err := power.TDesign{Effect: 0.5, Alpha: 0.05}.SolveN(0.9)
	line(w, "participants an arm for an effect of 0.5 SD", math.Ceil(n))
	return err
}

func printed(w io.Writer) error {
	check, err := integrity.GRIM("51.19", 8, 1)
	line(w, "can the mean of 8 whole numbers be 51.19?", check.Possible)
	return err
}

func importance(w io.Writer) error {
	var data mic.Data
	for i := range laserBefore {
		data.Change = append(data.Change, laserBefore[i]-laserAfter[i])
		data.Improved = append(data.Improved, laserBefore[i]-laserAfter[i] > 8 != (i == 1))
	}
	mics, err := mic.MinimalImportantChange(data)
	line(w, "methods for a change that patients feel", len(mics.Methods))
	return err
}

func repeated(w io.Writer) error {
	var id, arm, visit []string
	var y []float64
	for _, a := range []struct {
		name          string
		before, after []float64
	}{{"placebo", placeboBefore, placeboAfter}, {"laser", laserBefore, laserAfter}} {
		for i := range a.before {
			person := fmt.Sprint(a.name, i)
			id, arm = append(id, person, person), append(arm, a.name, a.name)
			visit, y = append(visit, "before", "after"), append(y, a.before[i], a.after[i])
		}
	}
	t, err := mmrm.TrialFromRowsWith(id, arm, visit, y, mmrm.TrialOptions{Control: "placebo", Visits: []string{"before", "after"}})
	if err != nil {
		return err
	}
	fit, err := mmrm.Model{}.MMRM(t)
	if err != nil {
		return err
	}
	d, err := fit.Difference("laser", "placebo", "after")
	line(w, "difference by a model of both visits", d)
	return err
}

// lost leaves out what two of the laser arm had after treatment.
func lost(w io.Writer) error {
	d := &impute.Data{Trial: mmrm.Trial{Arms: []string{"placebo", "laser"}, Control: "placebo", Visits: []string{"after"}}}
	for arm, a := range []struct{ before, after []float64 }{{placeboBefore, placeboAfter}, {laserBefore, laserAfter}} {
		for i, before := range a.before {
			p := len(d.Arm)
			d.Arm, d.Baseline = append(d.Arm, arm), append(d.Baseline, before)
			if arm == 1 && i < 2 {
				d.Events = append(d.Events, impute.Event{Participant: p, Strategy: impute.J2R})
				continue
			}
			d.Values = append(d.Values, mmrm.Value{Participant: p, Y: a.after[i]})
		}
	}
	fit, err := impute.Model{}.Fit(d)
	if err != nil {
		return err
	}
	samples, err := fit.Jackknife()
	if err != nil {
		return err
	}
	r, err := samples.Analyze(impute.Analysis{})
	if err != nil {
		return err
	}
	e, err := r.Difference("laser", "placebo", "after")
	line(w, "two of the laser arm lost, as on placebo", e)
	return err
}

func file(w io.Writer) error {
	const csv = "id;before;after\n1;7,5;6,0\n"
	table, err := files.Read(strings.NewReader(csv), int64(len(csv)), "data.csv", files.Options{})
	if err != nil {
		return err
	}
	line(w, "rows of a file under its header", table.Len())
	return nil
}

const protocol = `
title: Laser for the painful knee
simulated: true
arms: [{id: laser}, {id: placebo, control: true}]
visits: [{id: before}, {id: after}]
outcomes: [{id: pain, label: Pain, unit: mm, better: lower, range: [0, 100], resolution: 1}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {before: before, after: after}}}
`

func trial(w io.Writer) error {
	p, err := study.ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	if err != nil {
		return err
	}
	data := "id,arm,before,after\n"
	for i := range laserBefore {
		data += fmt.Sprintf("%d,laser,%v,%v\n%d,placebo,%v,%v\n", 2*i+1, laserBefore[i], laserAfter[i], 2*i+2, placeboBefore[i], placeboAfter[i])
	}
	ds, err := study.Load(strings.NewReader(data), "data.csv", p)
	if err != nil {
		return err
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		return err
	}
	line(w, "computed with trialkit", study.Version())
	line(w, "rows of the trial's report", len(rep.Results[0].Rows))
	var page strings.Builder
	if err := report.Markdown(&page, rep, report.Options{}); err != nil {
		return err
	}
	line(w, "lines of its page", strings.Count(page.String(), "\n"))
	figure, err := plot.Differences(rep.Results)
	if err != nil {
		return err
	}
	line(w, "a figure", figure.Alt())
	drawn, undrawn := publish.Figures(rep, plot.Options{})
	line(w, "all its figures: drawn, not drawn", fmt.Sprint(len(drawn), ", ", len(undrawn)))
	return nil
}

func planned(w io.Writer) error {
	p, err := study.ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	if err != nil {
		return err
	}
	truth, err := simulate.ParseTruth(strings.NewReader(`
patients: {laser: 30, placebo: 30}
outcomes:
  pain: {means: {laser: {before: 60, after: 50}, placebo: {before: 60, after: 56}}, sds: 10, correlation: 0.6}
`), "truth.yaml", p)
	if err != nil {
		return err
	}
	r, err := simulate.Run(context.Background(), p, truth, simulate.Options{Trials: 1000})
	if err != nil {
		return err
	}
	line(w, "power of the trial's own analysis", r.Comparisons[0].Power())
	return nil
}

func events(w io.Writer) error {
	people := []harms.Person{{Arm: "laser", Events: []harms.Event{{Term: "Burn"}}}, {Arm: "laser"}, {Arm: "placebo"}, {Arm: "placebo"}}
	t := harms.New(people, harms.Options{Arms: []string{"laser", "placebo"}, Level: 0.95,
		Compare: func(active, control table.Count, _, _ string) (harms.Difference, bool) {
			e, err := table.RiskDifferenceExact(active, control)
			return harms.Difference{Estimate: e.Point()}, err == nil
		}})
	line(w, "patients with a burn, laser − placebo", t.Rows[1].Contrasts[0].Difference)
	asked := estimand.Estimand{ID: "main", Strategies: []estimand.Handling{{Event: "rescue", Strategy: estimand.Hypothetical}}}
	cells := asked.Resolve([]bool{true, true}, map[string]int{"rescue": 1}) // rescue medication after the first visit
	line(w, "values had there been no rescue medication", fmt.Sprint(cells[0].Use, ", ", cells[1].Use))
	return nil
}

func beliefs(w io.Writer) error {
	sd := assumed.Number{Value: 20, Source: "pilot", N: 10, Arms: 2, Stated: true}
	line(w, "SD to plan with, of a pilot's of 20 mm", fmt.Sprintf("%.1f", sd.PlannedSD()))
	return nil
}

func several(w io.Writer) error {
	s := family.Scheme{Members: []string{"pain", "function"}, Adjust: family.Holm}
	d, err := s.Decide(s.Members, []float64{0.02, 0.03}, nil, 0.05)
	line(w, "two hypotheses at once, adjusted p", d.Adjusted)
	return err
}

func doses(w io.Writer) error {
	line(w, "means at 0, 5 and 20 J: weights of their slope", along.NewContrasts([]float64{0, 5, 20}).Slope)
	return nil
}

func losses(w io.Writer) error {
	e := stats.Estimate{Value: -9, SE: 4, DF: 40}
	line(w, "those lost as predicted, and 5 mm worse", []lostroom.Verdict{lostroom.VerdictOf(e, 0.95, 1), lostroom.VerdictOf(stats.Estimate{Value: -4, SE: 4, DF: 40}, 0.95, 1)})
	return nil
}

func nextSize(w io.Writer) error {
	p, err := nexttrial.Read(strings.NewReader(`title: Pain
arms: [{id: laser}, {id: placebo, control: true}]
visits: [{id: before}, {id: after}]
outcomes: [{id: pain, unit: mm, range: [0, 100], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {pain: {before: before, after: after}}}
plans: [{outcome: pain, visit: after, primary: true}]
assumed: {pain: {source: a trial, sd: 20, correlation: 0.5, difference: -12}, lost: {value: 0.1, source: a trial}}
`), "protocol.yaml", nexttrial.Options{})
	line(w, "the next trial", p)
	return err
}

func scores(w io.Writer) error {
	koos, err := score.KOOS(score.KOOSPain, score.Answers(1, 1, 0, 2, 1, 1, 0, 2, 1), score.KOOSHalf)
	line(w, "KOOS, pain", koos.Value)
	return err
}

func thresholds(w io.Writer) error {
	anchors := mcid.AnchorStudy{
		Outcome: study.Outcome{ID: "pain", Label: "Pain", Unit: "mm", Resolution: 1, Better: study.LowerIsBetter},
		Change:  []float64{-31, -24, -22, -20, -15, -14, -12, -5, 0, 3}, Rating: []float64{2, 1, 1, 0, 1, 1, 0, 0, -1, 0}, From: 1,
	}
	found, err := mcid.Triangulate(anchors)
	line(w, "methods that give an important change", len(found.Rows))
	return err
}

func claims(w io.Writer) error {
	claim, err := claim.Parse(strings.NewReader(`
title: A claim
contrast: unstated
arms: [{id: laser, n: 8}, {id: placebo, control: true, n: 8}]
outcomes: [{id: pain, unit: mm, better: lower, range: [0, 100], resolution: 1}]
results: [{outcome: pain, visit: after, change: -9}]
`), "claim.yaml")
	if err != nil {
		return err
	}
	reading, err := claim.Read()
	line(w, "what is to say about a claim", len(reading.Flags))
	return err
}

func words(w io.Writer) error {
	c, err := text.In("nl")
	if err != nil {
		return err
	}
	line(w, "a number in Dutch", c.Number(-2.5, 1))
	return nil
}
