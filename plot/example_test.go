package plot_test

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// exampleResults is what study's Analyze gives for one outcome at two visits;
// here written by hand, with three participants an arm.
func exampleResults() []study.Result {
	arms := []study.Arm{{ID: "laser", Label: "Laser"}, {ID: "sham", Label: "Sham", Control: true}}
	outcome := study.Outcome{ID: "pain", Label: "Pain", Unit: "cm", Max: 10, Resolution: 0.1, Better: study.LowerIsBetter}
	baseline := study.Visit{ID: "baseline", Label: "Baseline"}
	values := map[string][][3]float64{
		"laser": {{6.1, 4.0, 3.2}, {7.0, 4.4, 4.1}, {5.8, 3.9, 2.5}},
		"sham":  {{6.4, 6.0, 6.1}, {5.9, 5.8, 5.1}, {6.9, 6.5, 6.6}},
	}
	var out []study.Result
	for i, visit := range []study.Visit{{ID: "d1", Label: "Day 1"}, {ID: "d7", Label: "Day 7"}} {
		r := study.Result{Outcome: outcome, Visit: visit, Baseline: baseline, Arms: arms, Level: 0.95}
		for _, a := range arms {
			var before, after []float64
			for j, v := range values[a.ID] {
				before, after = append(before, v[0]), append(after, v[i+1])
				r.Records = append(r.Records, study.Record{ID: fmt.Sprint(a.ID, j), Arm: a.ID, Baseline: v[0],
					Follow: v[i+1], Change: v[i+1] - v[0], HasBaseline: true, HasFollow: true})
			}
			b, _ := stats.Describe(before)
			d, _ := stats.Describe(after)
			r.Summaries = append(r.Summaries, study.Summary{Arm: a.ID, Visit: "baseline", Description: b},
				study.Summary{Arm: a.ID, Visit: visit.ID, Description: d})
			e, _ := stats.Paired(after, before)
			ci := e.CI(0.95)
			r.Within = append(r.Within, study.Row{Contrast: study.Within, Arm: a.ID, Effect: e, Level: 0.95,
				Estimate: e.Value, Lower: ci.Lo, Upper: ci.Hi})
		}
		out = append(out, r)
	}
	return out
}

func ExampleTrajectories() {
	fig, err := plot.Trajectories(exampleResults())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Title())
	fmt.Println(fig.Alt())
	// Output:
	// Pain: participants and arm means over time
	// Pain: participants and arm means over time; at Day 7, without an estimate of the difference between Laser and Sham.
}

// A panel is a gonum plot, and can be changed like one before it is saved.
func ExampleFigure_Plot() {
	fig, err := plot.Trajectories(exampleResults())
	if err != nil {
		fmt.Println(err)
		return
	}
	p := fig.Plot(0)
	p.Y.Min, p.Y.Max = 0, 10 // the whole scale
	p.Y.Label.Text = "Pain at rest, cm"
	p.X.LineStyle.Width = vg.Points(1)

	dir, err := os.MkdirTemp("", "figure")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(fig.Save(filepath.Join(dir, "pain.pdf")))
	w, h := fig.Size()
	fmt.Printf("%.0f × %.0f mm\n", w, h)
	// Output:
	// <nil>
	// 85 × 77 mm
}

func ExampleChangeWith() {
	fig, err := plot.ChangeWith(exampleResults(), plot.ChangeOptions{
		Options: plot.Options{Style: plot.Lancet(), Lang: "nl"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Caption())
	// Output:
	// Pain: verandering ten opzichte van de nulmeting per deelnemer. Kleine symbolen: deelnemers. Grote symbolen: gemiddelde verandering in de groep met 95%-BI. Intervallen beschrijven elke groep; ze toetsen het verschil tussen de groepen niet.
}

func ExampleResponders() {
	fig, err := plot.Responders(exampleResults())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fig.Panels(), "panels,", fig.Title())
	// Output:
	// 2 panels, Pain: cumulative responders by arm
}
