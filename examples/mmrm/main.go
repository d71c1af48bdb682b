// Command mmrm is a worked example of a repeated-measures analysis with
// dropout. The data are SIMULATED: 120 participants, two arms, pain in mm at
// baseline and four visits; who still hurts tends to leave, more so in the
// control arm. The true difference at the last visit is known, −8 mm, so that
// the analyses can be compared with it.
//
//	go run ./examples/mmrm
//	go run ./examples/mmrm -lang nl
//
// It prints the analysis step by step: what was observed, the covariance
// structures, the differences by MMRM; then, over 500 such trials, how MMRM,
// cLDA and the analysis of completers do.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

const (
	perArm = 60
	truth  = -8.0
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("mmrm", args, stderr)
	if status, done := flags.Parse(args); done {
		return status
	}
	if flags.NArg() > 0 {
		return flags.Refuse("flag-unexpected", text.Args{"argument": flags.Arg(0)})
	}
	p := page{words: flags.Words, w: stdout}
	if err := p.write(); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	return 0
}

// page is the story in a language.
type page struct {
	words *text.Catalog
	w     io.Writer
}

func (p page) say(code string, args text.Args) string { return p.words.Say(code, args) }
func (p page) printf(format string, args ...any)      { fmt.Fprintf(p.w, format, args...) }

// simulate draws the trial. Dropout depends on the last value observed only,
// so the missing values are missing at random.
func simulate(seed uint64) (*mmrm.Trial, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	var id, arm, visit, site []string
	var pain []float64
	visits, fall := []string{"2", "4", "8", "12"}, []float64{0.4, 0.7, 0.9, 1}
	for i := range 2 * perArm {
		treated := i / perArm
		level := 12 * rng.NormFloat64()
		base := clamp(60 + level + 8*rng.NormFloat64())
		center := []string{"A", "B"}[rng.IntN(2)]
		row := func(v string, y float64) {
			id, arm = append(id, strconv.Itoa(i+1)), append(arm, []string{"control", "laser"}[treated])
			visit, pain, site = append(visit, v), append(pain, y), append(site, center)
		}
		row("0", base)
		last, noise := base, 0.0
		for j, v := range visits {
			if rng.Float64() < 0.35/(1+math.Exp((58-last)/4)) {
				break
			}
			noise = 0.6*noise + 7*rng.NormFloat64()
			last = clamp(60 + level - 10*fall[j] + truth*fall[j]*float64(treated) + noise)
			row(v, last)
		}
	}
	return mmrm.TrialFromRowsWith(id, arm, visit, pain, mmrm.TrialOptions{Control: "control", Baseline: "0",
		Times: []float64{2, 4, 8, 12}, Covariates: []mmrm.Covariate{{Name: "site", Category: site}}})
}

// clamp records a value as a VAS does: whole millimetres from 0 to 100.
func clamp(x float64) float64 { return math.Round(math.Min(math.Max(x, 0), 100)) }

func (p page) write() error {
	trial, err := simulate(12)
	if err != nil {
		return err
	}
	p.printf("%s\n\n%s\n%-10s", p.say("mmrm-title", text.Args{"n": perArm}), p.say("mmrm-observed", nil), "")
	for _, v := range trial.Visits {
		p.printf("%9s", p.say("mmrm-week", text.Args{"week": v}))
	}
	for a, name := range trial.Arms {
		p.printf("\n%-10s", p.say("mmrm-arm-"+name, nil))
		for j := range trial.Visits {
			n := 0
			for _, v := range trial.Values {
				if v.Visit == j && trial.Arm[v.Participant] == a {
					n++
				}
			}
			p.printf("%9d", n)
		}
	}

	// The zero Model is the usual pre-specified analysis.
	fit, err := mmrm.Model{}.MMRM(trial)
	if err != nil {
		return err
	}
	p.printf("\n\n%s\n", p.say("mmrm-model", nil))
	for _, d := range fit.Differences() {
		p.estimate(p.say("mmrm-arm-"+d.Arm, nil)+" − "+p.say("mmrm-arm-"+trial.Control, nil)+", "+
			p.say("mmrm-week", text.Args{"week": d.Visit}), d.Estimate)
	}
	average, err := fit.Average("laser", "control")
	if err != nil {
		return err
	}
	p.estimate(p.say("mmrm-average", nil), average)
	test, err := fit.AnyDifference()
	if err != nil {
		return err
	}
	p.printf("%-32s %s\n", p.say("mmrm-any", nil), p.say("mmrm-f", text.Args{"f": test.F, "df1": test.DF1, "df2": test.DF2, "p": test.P()}))

	// Fewer covariance parameters: is the fit worse than it should be?
	p.printf("\n%s\n%-12s %11s %8s   %s\n", p.say("mmrm-covariances", nil), p.say("mmrm-col-covariance", nil),
		p.say("mmrm-col-parameters", nil), "AIC", p.say("mmrm-col-test", nil))
	p.printf("%-12s %11d %8s\n", "us", fit.Parameters, p.words.Number(fit.Criteria().AIC, 1))
	for _, kind := range []mmrm.Covariance{mmrm.HeterogeneousToep, mmrm.HeterogeneousAR1, mmrm.CompoundSymmetry} {
		f, err := mmrm.Model{Covariance: kind}.MMRM(trial)
		if err != nil {
			return err
		}
		lr, err := fit.CompareCovariance(f.Fit)
		if err != nil {
			return err
		}
		p.printf("%-12s %11d %8s   %s\n", kind, f.Parameters, p.words.Number(f.Criteria().AIC, 1),
			p.say("mmrm-lr", text.Args{"chisq": lr.ChiSq, "df": lr.DF, "p": lr.P()}))
	}

	return p.repeat(500)
}

// estimate writes a difference with its interval.
func (p page) estimate(label string, e stats.Estimate) {
	ci := e.CI(0.95)
	p.printf("%-32s %s\n", label, p.say("mmrm-difference",
		text.Args{"value": e.Value, "level": ci.Level, "lower": ci.Lo, "upper": ci.Hi, "p": e.P(0), "df": e.DF}))
}

// repeat simulates many trials, because one says nothing about bias.
func (p page) repeat(trials int) error {
	methods := []struct {
		name    string
		analyze func(*mmrm.Trial) (stats.Estimate, error)
	}{
		{p.say("method-mmrm", nil), lastVisit(mmrm.Model{}.MMRM)},
		{p.say("method-clda", nil), lastVisit(mmrm.Model{}.CLDA)},
		{p.say("mmrm-completers", nil), completersOnly},
	}
	mean, covers, wide := p.say("mmrm-col-mean", nil), p.say("mmrm-col-covers", nil), p.say("mmrm-col-width", nil)
	p.printf("\n%s\n%-30s %11s  %25s  %15s\n", p.say("mmrm-trials", text.Args{"trials": trials, "truth": truth}), "", mean, covers, wide)
	for _, m := range methods {
		sum, width, covered := 0.0, 0.0, 0
		for seed := range trials {
			trial, err := simulate(uint64(seed))
			if err != nil {
				return err
			}
			e, err := m.analyze(trial)
			if err != nil {
				return errors.New(p.say("mmrm-trial-failed", text.Args{"trial": seed, "reason": err.Error()}))
			}
			ci := e.CI(0.95)
			sum, width = sum+e.Value, width+ci.Width()
			if ci.Contains(truth) {
				covered++
			}
		}
		n := float64(trials)
		p.printf("%-30s %11s  %25s  %15s\n", m.name, p.words.Number(sum/n, 2),
			p.words.Number(100*float64(covered)/n, 1)+"%", p.words.Number(width/n, 1))
	}
	p.printf("\n%s\n", p.say("mmrm-moral", nil))
	return nil
}

// lastVisit is an analysis' difference at the last visit.
func lastVisit(fit func(*mmrm.Trial) (*mmrm.TrialFit, error)) func(*mmrm.Trial) (stats.Estimate, error) {
	return func(t *mmrm.Trial) (stats.Estimate, error) {
		f, err := fit(t)
		if err != nil {
			return stats.Estimate{}, err
		}
		return f.Difference("laser", "control", t.Visits[len(t.Visits)-1])
	}
}

// completersOnly compares the values of the last visit as if nobody had left.
func completersOnly(t *mmrm.Trial) (stats.Estimate, error) {
	var arms [2][]float64
	for _, v := range t.Values {
		if v.Visit == len(t.Visits)-1 {
			arms[t.Arm[v.Participant]] = append(arms[t.Arm[v.Participant]], v.Y)
		}
	}
	return stats.Welch(arms[1], arms[0])
}
