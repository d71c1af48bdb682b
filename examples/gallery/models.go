package main

import (
	_ "embed" // the protocol of a trial that is planned
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/nexttrial"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/studies"
)

// ancova fits the model of the last visit, to look at its residuals.
func ancova(t trial) (*regress.Fit, error) {
	d := regress.ANCOVAData{Control: t.dataset.Control().ID}
	for _, r := range t.last.Records {
		if r.HasBaseline && r.HasFollow {
			d.Arm = append(d.Arm, r.Arm)
			d.Y = append(d.Y, r.Follow)
			d.Baseline = append(d.Baseline, r.Baseline)
		}
	}
	fit, err := regress.ANCOVA(d)
	if err != nil {
		return nil, err
	}
	return fit.Model(), nil
}

// visitModel is the covariance matrix of the visits, with their names.
type visitModel struct {
	visits []string
	sigma  [][]float64
}

// visitCovariance fits a mixed model for repeated measures.
func visitCovariance(t trial) (visitModel, error) {
	var id, arm, visit, names []string
	var y, baseline []float64
	var none []bool
	o := mmrm.TrialOptions{Control: t.dataset.Control().ID}
	for _, r := range t.results {
		o.Visits = append(o.Visits, r.Visit.ID)
		names = append(names, r.Visit.Label)
		for _, rec := range r.Records {
			if rec.HasFollow {
				id, arm, visit, y = append(id, rec.ID), append(arm, rec.Arm), append(visit, r.Visit.ID), append(y, rec.Follow)
				baseline, none = append(baseline, rec.Baseline), append(none, !rec.HasBaseline)
			}
		}
	}
	o.BaselineValues, o.NoBaseline = baseline, none
	m, err := mmrm.TrialFromRowsWith(id, arm, visit, y, o)
	if err != nil {
		return visitModel{}, err
	}
	fit, err := mmrm.Model{}.MMRM(m)
	if err != nil {
		return visitModel{}, err
	}
	return visitModel{names, fit.Sigma(0)}, nil
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
	improved, _ := t.outcome.PatientThreshold()
	for _, r := range t.last.Records {
		change, ok := early[r.ID]
		if !ok || !r.HasBaseline || !r.HasFollow {
			continue
		}
		marker := -change // small changes mean improvement: lower is better
		if -r.Change >= improved.Value {
			cases = append(cases, marker)
		} else {
			others = append(others, marker)
		}
	}
	curve, err := assoc.ROC(cases, others)
	return plot.ROCLine{Label: t.words.Say("gallery-early", text.Args{"outcome": t.outcome.Label, "visit": first.Visit.Label}), Curve: curve, Negated: true, Unit: t.outcome.Unit}, err
}

// powerLines are trials like the large one, for three true differences.
func powerLines(words *text.Catalog) []plot.PowerLine {
	const sd = 18
	var out []plot.PowerLine
	for _, difference := range []float64{12, 10, 8} {
		l := plot.PowerLine{Label: words.Say("gallery-power-line", text.Args{"difference": difference, "sd": sd})}
		for n := 10.0; n <= 120; n++ {
			l.Points = append(l.Points, plot.PowerPoint{N: n, Power: power.TDesign{N: n, Effect: difference / sd}.Power()})
		}
		out = append(out, l)
	}
	return out
}

// disposition counts the participants as far as the file tells: those without
// a value at the last visit are lost. The screening of the large trial is as
// invented as its data.
func disposition(t trial) plot.Disposition {
	say := func(code string) string { return t.words.Say(code, nil) }
	d := plot.Disposition{Study: t.last.Study}
	for _, a := range t.last.Arms {
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
			arm.NotReceived = []plot.Reason{{Text: say("gallery-no-time"), N: 2}}
		}
		if lost > 0 {
			arm.Lost = []plot.Reason{{Text: say("gallery-no-value"), N: lost}}
		}
		d.Randomized += arm.Allocated
		d.Arms = append(d.Arms, arm)
	}
	if t.id == "large" {
		d.Excluded = []plot.Reason{{Text: say("gallery-not-eligible"), N: 61}, {Text: say("gallery-declined"), N: 23}, {Text: say("gallery-other-reasons"), N: 5}}
		d.Assessed = d.Randomized + 89
	}
	return d
}

// inventedStudies are a meta-analysis of nothing: its numbers are made up to
// show the chart.
func inventedStudies(words *text.Catalog) ([]plot.MetaRow, []plot.MetaPooled, error) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -6.1, SE: 3.0}, {Value: -11.4, SE: 1.9}, {Value: -2.0, SE: 4.5},
		{Value: -9.2, SE: 1.5}, {Value: -4.3, SE: 1.8}, {Value: -14.8, SE: 8.3}})
	if err != nil {
		return nil, nil, err
	}
	var labels []string
	for _, letter := range "ABCDEF" {
		labels = append(labels, words.Say("gallery-trial", text.Args{"letter": string(letter)}))
	}
	return plot.MetaOf(m, labels, words.Say("gallery-meta-method", nil), 0.95)
}

// manyInventedStudies are a meta-analysis of nothing, of studies enough for a funnel:
// the small ones of little effect seem to be missing.
func manyInventedStudies() (stats.Meta, error) {
	rng := rand.New(rand.NewPCG(13, 13))
	var studies []stats.Estimate
	for len(studies) < 18 {
		e := stats.Estimate{SE: math.Round(100*(1+5*rng.Float64())) / 100}
		e.Value = math.Round(100*(-5+e.SE*rng.NormFloat64())) / 100
		if e.SE < 3 || e.Value < -1.5*e.SE {
			studies = append(studies, e)
		}
	}
	return stats.MetaAnalyze(studies)
}

// secondReading invents a second rater of the walk before treatment.
func secondReading(t trial) (first, second []float64) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, r := range t.dataset.Records("walk", "w4") {
		if r.HasBaseline {
			first = append(first, r.Baseline)
			second = append(second, math.Round(r.Baseline-4+11*rng.NormFloat64()))
		}
	}
	return first, second
}

// subgroups are those of a covariate at the last visit, in the page's language.
func subgroups(t trial, covariate string, cuts ...float64) ([]study.Subgroups, error) {
	s, err := study.SubgroupsOf(t.last, covariate, cuts...)
	if err != nil {
		return nil, err
	}
	r := t.report
	r.Subgroups = []study.Subgroups{s}
	r, err = r.In(t.words.Lang())
	return r.Subgroups, err
}

// response names what the models of the last visit explain.
func (t trial) response() string {
	return t.words.Say("gallery-response", text.Args{"outcome": t.outcome.Label, "visit": t.last.Visit.Label, "unit": t.outcome.Unit})
}

// cases says who has improved in earlyChange.
func (t trial) cases() string {
	improved, _ := t.outcome.PatientThreshold()
	return t.words.Say("gallery-cases", text.Args{"outcome": t.outcome.Label, "value": improved.Value, "unit": t.outcome.Unit, "visit": t.last.Visit.Label})
}

// measure names differences between the arms.
func (t trial) measure() string {
	return t.words.Say("plot-difference-axis-of", text.Args{"outcome": t.outcome.ShortLabel(), "unit": ", " + t.outcome.Unit,
		"contrast": t.words.Say("plot-contrast", text.Args{"arm": t.last.Arms[0].ShortLabel(), "control": t.last.Arms[1].ShortLabel()})})
}

// ofStudy are the results of another of the trials in testdata/studies, in the page's
// language.
func ofStudy(t trial, name string) (study.Report, error) {
	r, err := analyzedStudies[name]()
	if err != nil {
		return study.Report{}, err
	}
	return r.In(t.words.Lang())
}

// analyzedStudies are analyzed once: a figure is not to take an analysis's time.
var analyzedStudies = map[string]func() (study.Report, error){"shoulder": analyzeOnce("shoulder"), "falls": analyzeOnce("falls"), "backpain": analyzeOnce("backpain")}

func analyzeOnce(name string) func() (study.Report, error) {
	return sync.OnceValues(func() (study.Report, error) {
		ds, err := study.LoadFS(studies.FS, name+"/protocol.yaml", name+"/data.csv")
		if err != nil {
			return study.Report{}, err
		}
		return ds.AnalyzeAll()
	})
}

// methods sets the analyses of the last visit beside each other: does the
// answer depend on the method?
func methods(t trial) plot.ForestTable {
	contrast := t.words.Say("plot-contrast", text.Args{"arm": t.last.Arms[0].ShortLabel(), "control": t.last.Arms[len(t.last.Arms)-1].ShortLabel()})
	table := plot.ForestTable{Study: t.last.Study, Title: t.outcome.Label + ", " + t.last.Visit.Label, Arms: t.last.Arms,
		Level: t.last.Level, Axis: t.words.Say("plot-difference-axis", text.Args{"contrast": contrast, "unit": ", " + t.outcome.Unit}), Unit: t.outcome.Unit,
		Decimals: 1, Better: t.outcome.Better}
	if t.outcome.Resolution < 1 {
		table.Decimals = 2
	}
	table.Rows = append(table.Rows, plot.ForestRow{Label: table.Title, Heading: true})
	for _, r := range t.last.Rows {
		if r.Effect != nil {
			table.Rows = append(table.Rows, plot.ForestRow{Label: capitalized(t.words.Say("plot-method-"+string(r.Method), nil)), Effect: r.Effect, Level: r.Level})
			table.Notes = []string{t.words.Say("gallery-methods", text.Args{"contrast": contrast, "level": t.words.Number(100*r.Level, 0),
				"n1": r.N[r.Arm], "n2": r.N[r.Control]})}
		}
	}
	return table
}

// capitalized begins a row's name with a capital.
func capitalized(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// anchorStudy invents each participant's own rating of the change at the last
// visit, from −2 (much worse) to 3 (very much better).
func anchorStudy(t trial) mcid.AnchorStudy {
	rng := rand.New(rand.NewPCG(11, 11))
	a := mcid.AnchorStudy{Title: t.report.Protocol.Title, Outcome: t.outcome, From: 1, Slight: []float64{1}, Unchanged: []float64{0}, Simulated: true}
	for _, r := range t.last.Records {
		if r.HasBaseline && r.HasFollow {
			a.Change = append(a.Change, r.Change)
			a.Baseline = append(a.Baseline, r.Baseline)
			a.Rating = append(a.Rating, math.Round(clip(-r.Change/15+0.7*rng.NormFloat64(), -2, 3)))
		}
	}
	return a
}

// nextProtocol is that of a trial that is planned.
//
//go:embed plan.yaml
var nextProtocol string

// nextTrial is its plan.
var nextTrial = sync.OnceValues(func() (nexttrial.Plan, error) {
	return nexttrial.Read(strings.NewReader(nextProtocol), "plan.yaml", nexttrial.Options{})
})

// withLosses is the back-pain trial at the visit of its primary plan: half of its patients
// have no value there.
func withLosses(t trial) (study.Result, error) {
	r, err := ofStudy(t, "backpain")
	if err != nil {
		return study.Result{}, err
	}
	i := slices.IndexFunc(r.Results, func(x study.Result) bool { return x.Lost != nil })
	return r.Results[i], nil
}
