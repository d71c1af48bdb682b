package study_test

import (
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/report"
)

// What nobody filled in is refused in words, or has nothing to say: no zero value
// dies of an index or a nil.
func TestZeroValues(t *testing.T) {
	var effect stats.Effect
	var sink errorsOnly
	e := stats.Estimate{Value: 1, SE: 1, DF: 9}
	th := study.Threshold{}
	for name, ask := range map[string]func(){
		"Judge, no effect":    func() { study.Judge(effect, 0.95, study.Threshold{Kind: study.MCID, Value: 1}, study.HigherIsBetter) },
		"Judge, no threshold": func() { study.Judge(e, 0.95, th, study.HigherIsBetter) },
		"JudgeWorsening": func() {
			study.JudgeWorsening(e, 0.95, study.Threshold{Kind: study.MCID, Value: 1}, th, study.HigherIsBetter)
		},
		"Judge, no direction":      func() { study.Judge(e, 0.95, study.Threshold{Kind: study.MCID, Value: 1}, study.BetterUnset) },
		"Judge, no level":          func() { study.Judge(e, 0, study.Threshold{Kind: study.MCID, Value: 1}, study.LowerIsBetter) },
		"TestThreshold":            func() { study.TestThreshold(effect, 0.95, 1, 1, study.LowerIsBetter) },
		"TestThreshold, level":     func() { study.TestThreshold(e, 0, 1, 1, study.LowerIsBetter) },
		"TestThreshold, threshold": func() { study.TestThreshold(e, 0.95, 0, 1, study.LowerIsBetter) },
		"TestNonInferiority":       func() { study.TestNonInferiority(effect, 0.95, 1, study.LowerIsBetter) },
		"SweepThresholds":          func() { study.SweepThresholds(effect, 0.95, study.LowerIsBetter, 1, []float64{1}) },
		"SGPV":                     func() { study.SGPV(stats.Interval{}, 0, 0) },
		"NewPosterior":             func() { study.NewPosterior(stats.Estimate{}, study.LowerIsBetter, study.Prior{}) },
		"Threshold":                func() { th.ActsAs(0); th.Rule(); th.Important() },
		"Row":                      func() { r := study.Row{}; r.IncludesZero(); r.Withheld() },
		"Plan":                     func() { study.Plan{}.Method() },
		"Outcome":                  func() { o := study.Outcome{}; o.Verdict(); o.PatientThreshold(); o.NoVerdict(); o.ThresholdChoice() },
		"Result":                   func() { r := study.Result{}; r.Deciding(); r.Answers(); r.RowsBy("x"); r.SharedNotes(study.Row{}) },
		"Result.RespondersFor": func() {
			_, sink.err = study.Result{}.RespondersFor("a", study.ResponderDefinition{{Kind: study.MCID, Value: 1}}, study.MissingObserved)
		},
		"Result.Classify":  func() { _, sink.err = study.Result{}.Classify(study.Norms{}, "", "") },
		"SubgroupsOf":      func() { _, sink.err = study.SubgroupsOf(study.Result{}, "sex") },
		"ResponderCurveOf": func() { _, sink.err = study.ResponderCurveOf(study.Result{}, "a") },
		"BaselineLines":    func() { _, sink.err = study.BaselineLines(study.Result{}) },
		"Protocol": func() {
			p := study.Protocol{}
			sink.err = p.Validate()
			p.Doubts()
			p.WithInstruments()
			p.Outcome("x")
		},
		"Report":       func() { _, sink.err = study.Report{}.In("nl") },
		"Report, text": func() { sink.err = report.Text(&sink, study.Report{}, report.Options{Supplement: true}) },
		"Report, JSON": func() { sink.err = report.JSON(&sink, study.Report{Results: []study.Result{{}}}, report.Options{}) },
		"Report, empty result": func() {
			sink.err = report.Markdown(&sink, study.Report{Results: []study.Result{{}}}, report.Options{Supplement: true})
		},
		"Report, CSV": func() { sink.err = report.CSV(&sink, study.Report{Results: []study.Result{{}}}, report.Options{}) },
		"Dataset": func() {
			d := &study.Dataset{}
			d.Participants()
			d.Records("x", "y")
			d.Control()
			d.Arms()
			d.Value("1", "x", "y")
		},
		"Dataset.Analyze":    func() { _, sink.err = (&study.Dataset{}).Analyze(study.Plan{}) },
		"Dataset.AnalyzeAll": func() { _, sink.err = (&study.Dataset{}).AnalyzeAll() },
		"files.Value":        func() { var v files.Value; v.Text(); v.Minus(v); v.OnGrid(v, v) },
		"files.Signs":        func() { var s files.Signs; s.Read("") },
		"files.Problem": func() {
			_ = files.Problem{}.Error()
			_ = files.Problems{}.Error()
			_, sink.err = files.Problems{{}}.In("nl")
		},
		"ProbabilityOfBenefit": func() { _, sink.err = study.ProbabilityOfBenefit(nil, nil, 0.95, study.LowerIsBetter) },
		"Judgement.Flips":      func() { study.Judgement{}.Flips() },
	} {
		func() {
			defer func() {
				r := recover()
				var dead runtime.Error
				if err, ok := r.(error); ok && errors.As(err, &dead) {
					assert.Fail(t, name, "%v", r)
				} else if r != nil {
					assert.Regexp(t, `^(study|stats|files|report)\b`, fmt.Sprint(r), name)
					t.Log(name, "→", r)
				}
			}()
			ask()
		}()
	}
}

// errorsOnly takes what is written, and errors.
type errorsOnly struct{ err error }

func (*errorsOnly) Write(b []byte) (int, error) { return len(b), nil }

// Who asks for an arm or a category that is not there is told which are.
func TestUnknownNamesAreAnsweredWithTheKnown(t *testing.T) {
	r, err := study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "c 1 1", "c 3 4").AnalyzeAll()
	require.NoError(t, err)
	res := r.Results[0]
	d := study.ResponderDefinition{{Kind: study.MCID, Level: study.Individual, Value: 1}}
	for _, ask := range []func(arm string) error{
		func(arm string) error { _, err := res.RespondersFor(arm, d, study.MissingObserved); return err },
		func(arm string) error {
			_, _, err := res.StratifiedResponders(arm, d, study.MissingObserved, "")
			return err
		},
		func(arm string) error { _, err := res.AreaBetweenCurves(arm); return err },
	} {
		assert.ErrorContains(t, ask("laser"), `"laser" is no active arm (active: "a")`)
		assert.ErrorContains(t, ask("c"), `"c" is no active arm (active: "a")`, "the control is compared with nobody")
	}
	_, err = study.ResponderCurveOf(res, "laser")
	assert.ErrorContains(t, err, `unknown arm "laser" (known: "a", "c")`)
	_, err = study.SubgroupsOf(res, "sex")
	assert.ErrorContains(t, err, `the category "sex" (known: none)`)

	p := study.Participant{Numbers: map[string]float64{"age": 0}, Categories: map[string]string{"sex": "f"}}
	age, ok := p.Number("age")
	assert.True(t, ok && age == 0)
	_, ok = p.Number("agee")
	assert.False(t, ok, "no covariate is not 0")
	_, ok = p.Category("sax")
	assert.False(t, ok)
}
