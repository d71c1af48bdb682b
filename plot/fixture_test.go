package plot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
)

// trial makes results from values: arm → participant → baseline and visits
// (NaN: missing). Control is the last arm.
type trial struct {
	info    study.StudyInfo
	outcome study.Outcome
	arms    []study.Arm
	visits  []study.Visit // the first is baseline
	values  [][][]float64 // by arm, participant, visit
}

func (tr trial) results(tb testing.TB) []study.Result {
	tb.Helper()
	var out []study.Result
	for v := 1; v < len(tr.visits); v++ {
		r := study.Result{Study: tr.info, Outcome: tr.outcome, Visit: tr.visits[v], Baseline: tr.visits[0],
			Arms: tr.arms, Level: 0.95, Plan: study.Plan{Outcome: tr.outcome.ID, Visit: tr.visits[v].ID}}
		changes := make([][]float64, len(tr.arms))
		for k, a := range tr.arms {
			var at [2][]float64
			for i, p := range tr.values[k] {
				rec := study.Record{ID: fmt.Sprintf("%s%03d", a.ID, i), Arm: a.ID, Categories: map[string]string{
					"sex": []string{"female", "male"}[i%2], "age": []string{"under 50", "50–64", "65 or older"}[i%3]}}
				if b := p[0]; !math.IsNaN(b) {
					rec.Baseline, rec.HasBaseline = b, true
					at[0] = append(at[0], b)
				}
				if f := p[v]; !math.IsNaN(f) {
					rec.Follow, rec.HasFollow = f, true
					at[1] = append(at[1], f)
				}
				if rec.HasBaseline && rec.HasFollow {
					rec.Change = math.Round((rec.Follow-rec.Baseline)*1e6) / 1e6
					changes[k] = append(changes[k], rec.Change)
				}
				r.Records = append(r.Records, rec)
			}
			for j, id := range []string{tr.visits[0].ID, tr.visits[v].ID} {
				if len(at[j]) > 0 {
					d, err := stats.Describe(at[j])
					require.NoError(tb, err)
					r.Summaries = append(r.Summaries, study.Summary{Arm: a.ID, Visit: id, Description: d})
				}
			}
			w := study.Row{Outcome: tr.outcome.ID, Visit: tr.visits[v].ID, Contrast: study.Within, Arm: a.ID,
				Method: "paired-t", Level: 0.95, Estimate: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
			if e, err := stats.Mean(changes[k]); err == nil {
				w.Effect, w.Estimate = e, e.Value
				ci := e.CI(0.95)
				w.Lower, w.Upper = ci.Lo, ci.Hi
			} else if len(changes[k]) > 0 {
				w.Estimate = changes[k][0]
			}
			r.Within = append(r.Within, w)
		}
		control := len(tr.arms) - 1
		for k, a := range tr.arms[:control] {
			e, err := stats.Welch(changes[k], changes[control])
			if err != nil {
				continue
			}
			// No two rows have a number in common, so that a figure of the wrong
			// one is seen; the one that decides is not the first.
			for i, method := range []study.Method{study.MethodANCOVA, study.MethodANCOVAAdjusted, study.MethodWelchChange} {
				x := stats.Estimate{Value: e.Value * (1.6 - 0.3*float64(i)), SE: e.SE * (0.8 + 0.1*float64(i)), DF: e.DF + 2 - float64(i)}
				ci := x.CI(0.95)
				r.Rows = append(r.Rows, study.Row{Outcome: tr.outcome.ID, Visit: tr.visits[v].ID, Contrast: study.Between,
					Arm: a.ID, Control: tr.arms[control].ID, Method: method, Effect: x, Estimate: x.Value, SE: x.SE,
					DF: x.DF, Level: 0.95, Lower: ci.Lo, Upper: ci.Hi, P: x.P(0), Decides: method == study.MethodANCOVAAdjusted,
					N: map[string]int{a.ID: len(changes[k]), tr.arms[control].ID: len(changes[control])}})
			}
		}
		for k, a := range tr.arms {
			for _, th := range tr.outcome.Thresholds {
				if th.Level != study.Individual || th.Worsening {
					continue
				}
				row := study.ResponderRow{Outcome: tr.outcome.ID, Visit: tr.visits[v].ID, Arm: a.ID,
					Rule: study.RuleChange, Headline: th.Kind == study.MCID, Threshold: th, N: len(changes[k]), Level: 0.95}
				for _, c := range changes[k] {
					if tr.outcome.Better.Sign()*c >= th.Value {
						row.Events++
					}
				}
				row.Lower, row.Upper = math.NaN(), math.NaN()
				if p, err := table.ClopperPearson(table.Count{Events: row.Events, N: row.N}); err == nil {
					ci := p.CI(0.95)
					row.Lower, row.Upper = ci.Lo, ci.Hi
				}
				r.Responders = append(r.Responders, row)
			}
		}
		out = append(out, r)
	}
	return out
}

var vas = study.Outcome{ID: "vas", Label: "Pain (VAS)", Unit: "cm", Min: 0, Max: 10, Resolution: 0.1,
	Better: study.LowerIsBetter, Thresholds: []study.Threshold{
		// Means are held against 1.3 and patients against 2.26; the others, of
		// which some come first, against nothing.
		{Kind: study.SEM, Value: 0.7, Level: study.BetweenGroup},
		{Kind: study.MDC, Value: 1.1, Level: study.Individual},
		{Kind: study.MCID, Value: 2.91, Level: study.Individual, Worsening: true},
		{Kind: study.MCID, Value: 2.26, Level: study.Individual},
		{Kind: study.MIC, Value: 3, Level: study.Individual},
		{Kind: study.Margin, Value: 1.3, Level: study.BetweenGroup}}}

// smallTrial is a trial of ten with three visits, like the HILT knee study.
func smallTrial() trial {
	return trial{
		info:    study.StudyInfo{Title: "Single-session HILT", Simulated: true},
		outcome: vas,
		arms:    []study.Arm{{ID: "hilt", Label: "Active HILT"}, {ID: "sham", Label: "Placebo HILT", Control: true}},
		visits: []study.Visit{{ID: "baseline", Label: "Baseline"},
			{ID: "post", Label: "Right after", Time: 30 * time.Minute, HasTime: true},
			{ID: "h24", Label: "24 h", Time: 24 * time.Hour, HasTime: true}},
		values: [][][]float64{
			{{6.4, 3.8, 3.1}, {5.9, 3.0, 2.8}, {7.1, 4.9, 4.2}, {6.2, 3.1, 2.6}, {5.5, 3.0, 2.2}},
			{{6.1, 5.7, 5.9}, {6.8, 6.3, 5.6}, {5.4, 5.4, 5.0}, {7.0, 6.2, 6.6}, {6.0, 5.9, 5.2}},
		},
	}
}

func strength() study.Outcome {
	return study.Outcome{ID: "quad", Label: "Quadriceps strength", Unit: "kg", Resolution: 0.1, Better: study.HigherIsBetter}
}

// randomTrial makes a trial of any shape, with dropout.
func randomTrial(arms, visits, n int, dropout float64) trial {
	rng := rand.New(rand.NewPCG(1, uint64(arms*10000+visits*100+n)))
	tr := trial{info: study.StudyInfo{Title: "Random"}, outcome: vas}
	for k := range arms {
		a := study.Arm{ID: string(rune('a' + k)), Label: fmt.Sprintf("Dose %d mg", 10*(arms-k)), Control: k == arms-1}
		if a.Control {
			a.Label = "Placebo"
		}
		tr.arms = append(tr.arms, a)
		var people [][]float64
		for range n {
			p := make([]float64, visits)
			own := 6 + rng.NormFloat64()
			gone := false
			for v := range p {
				slope := 3 * float64(arms-1-k) / float64(arms)
				x := own - slope*float64(v)/float64(visits) + 0.7*rng.NormFloat64()
				p[v] = math.Round(clamp(x, 0, 10)*10) / 10
				gone = gone || v > 0 && rng.Float64() < dropout
				if gone {
					p[v] = math.NaN()
				}
			}
			people = append(people, p)
		}
		tr.values = append(tr.values, people)
	}
	for v := range visits {
		vis := study.Visit{ID: fmt.Sprint("w", 4*v), Label: fmt.Sprint("Week ", 4*v), Time: time.Duration(v) * 28 * 24 * time.Hour, HasTime: true}
		if v == 0 {
			vis.Label = "Baseline"
		}
		tr.visits = append(tr.visits, vis)
	}
	return tr
}

// mustFig is for figures that must come out.
func mustFig(tb testing.TB) func(f *Figure, err error) *Figure {
	return func(f *Figure, err error) *Figure {
		tb.Helper()
		require.NoError(tb, err)
		return f
	}
}

// TestLook writes pictures to look at: TRIALKIT_LOOK=dir go test -run TestLook.
func TestLook(t *testing.T) {
	dir := os.Getenv("TRIALKIT_LOOK")
	if dir == "" {
		t.Skip("TRIALKIT_LOOK names no directory")
	}
	for name, f := range gallery(t) {
		if f.TooHigh() { // it says so, and is not written
			continue
		}
		for _, ext := range []string{".png", ".svg", ".pdf"} {
			require.NoError(t, f.Save(filepath.Join(dir, name+ext)))
		}
	}
	lookBesideGgplot2(t, dir)
}

// gallery is the figures that the layout tests check.
func gallery(tb testing.TB) map[string]*Figure {
	m := mustFig(tb)
	out := map[string]*Figure{}
	small := smallTrial().results(tb)
	big := randomTrial(2, 6, 60, 0.04).results(tb)
	four := randomTrial(4, 5, 30, 0.02).results(tb)
	for name, rs := range map[string][]study.Result{"small": small, "big": big, "four": four} {
		out[name+"-trajectories"] = m(Trajectories(rs))
		out[name+"-change"] = m(Change(rs))
		out[name+"-responders"] = m(Responders(rs))
	}
	q := smallTrial()
	q.outcome = strength()
	both := append(append([]study.Result{}, small...), q.results(tb)...)
	out["small-differences"] = m(Differences(both))
	out["four-differences"] = m(Differences(four))
	for _, st := range []Style{Lancet(), JAMA(), NEJM(), Nature(), Slides(), {Name: "gray", Palette: PaletteGray}} {
		out["style-"+st.Name] = m(TrajectoriesWith(small, TrajectoriesOptions{Options: Options{Style: st}}))
	}
	for chart, draw := range oneResultCharts(Options{}) {
		out["small-"+chart] = m(draw(small[1]))
		out["big-"+chart] = m(draw(big[2]))
		out["four-"+chart] = m(draw(four[2]))
	}
	for chart, draw := range charts(Options{}) {
		for name, rs := range map[string][]study.Result{"small": small, "big": big, "four": four} {
			if _, has := out[name+"-"+chart]; !has {
				out[name+"-"+chart] = m(draw(rs))
			}
		}
	}
	for chart, draw := range charts(Options{Lang: "nl", Width: 75}) {
		out["dutch-"+chart] = m(draw(dutch(smallTrial()).results(tb)))
	}
	for chart, draw := range charts(Options{}) {
		out["twelve-"+chart] = m(draw(randomTrial(3, 12, 40, 0.02).results(tb)))
		out["many-"+chart] = m(draw(randomTrial(2, 4, 1000, 0.02).results(tb)))
	}
	out["time-trajectories"] = m(TrajectoriesWith(small, TrajectoriesOptions{Spacing: SpacingTime}))
	return out
}
