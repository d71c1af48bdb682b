package study

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// mixedModel is the mixed (arm × visit) analysis of variance over the
// participants without a missing visit. Baseline is one of the visits, so that
// the effect of treatment is arm × visit, and the difference at a visit is that
// of the mean changes from baseline; without a baseline it is that of the
// means. A difference has the error of its own contrast, pooled over all arms
// (n − arms degrees of freedom), which needs no sphericity; the F tests within
// participants are corrected for its lack.
type mixedModel struct {
	plan    Plan
	control string
	// Arm of every participant, and per visit ID their values and what the
	// arms' difference is made of.
	arm            []string
	values, effect map[string]*regress.Fit
	errs           map[string]error
	data           regress.RepeatedData
}

// corrections are the names of a plan's df for a mixed analysis of variance.
var corrections = map[string]regress.Correction{
	"":                   regress.GreenhouseGeisser,
	"greenhouse-geisser": regress.GreenhouseGeisser,
	"huynh-feldt":        regress.HuynhFeldt,
	"lower-bound":        regress.LowerBound,
	"none":               regress.Uncorrected,
}

func fitMixed(f *repeatedFit, data *repeatedData) (repeatedModel, error) {
	m := &mixedModel{plan: f.plan, control: data.control, values: map[string]*regress.Fit{},
		effect: map[string]*regress.Fit{}, errs: map[string]error{}}
	for _, x := range data.people {
		m.arm = append(m.arm, x.Arm)
	}
	based := f.plan.Baseline != NoBaseline
	n := len(data.people)
	var id, arm, visit, order []string
	var y []float64
	add := func(v string, column []cell) []float64 {
		x := make([]float64, n)
		for i, c := range column {
			x[i] = c.Number
			id, arm, visit, y = append(id, data.people[i].ID), append(arm, m.arm[i]), append(visit, v), append(y, c.Number)
		}
		order = append(order, v)
		m.fitAt(m.values, v, x)
		return x
	}
	if based {
		add(baselineLevel, data.baseline)
		m.values[f.baseline.ID] = m.values[baselineLevel]
	}
	k := float64(len(data.visits))
	mean, change := make([]float64, n), make([]float64, n)
	for j, v := range data.visits {
		x := add(v.ID, data.values[j])
		d := x
		if based {
			d = make([]float64, n)
			for i, c := range data.values[j] {
				d[i] = c.Value.Minus(data.baseline[i].Value)
			}
		}
		m.fitAt(m.effect, v.ID, d)
		for i := range x {
			mean[i] += x[i] / k
			change[i] += d[i] / k
		}
	}
	m.fitAt(m.values, OverallVisit, mean)
	m.fitAt(m.effect, OverallVisit, change)
	m.data = regress.RepeatedData{ID: id, Y: y,
		Within:  []regress.Term{regress.Visit("visit", visit, order)},
		Between: []regress.Term{regress.Category("arm", arm, data.control)}}
	return m, nil
}

// baselineLevel names baseline among the visits; no visit's ID holds a NUL.
const baselineLevel = "\x00baseline"

// fitAt fits the arms' means of one value per participant.
func (m *mixedModel) fitAt(dst map[string]*regress.Fit, visit string, y []float64) {
	fit, err := regress.Linear(y, regress.Category("arm", m.arm, m.control))
	if err != nil {
		m.errs[visit] = err
		return
	}
	dst[visit] = fit
}

func (m *mixedModel) at(models map[string]*regress.Fit, visit string) (map[string]regress.LSMean, *regress.Fit, error) {
	fit := models[visit]
	if fit == nil {
		if err := m.errs[visit]; err != nil {
			return nil, nil, err
		}
		return nil, nil, errEmpty
	}
	out := map[string]regress.LSMean{}
	for _, l := range fit.LSMeans("arm") {
		out[l.Levels["arm"]] = l
	}
	return out, fit, nil
}

func (m *mixedModel) lsMean(arm, visit string) (stats.Estimate, error) {
	means, _, err := m.at(m.values, visit)
	return means[arm].Estimate, err
}

// withheld: degrees of freedom of least squares are counted, not approximated.
func (m *mixedModel) withheld(stats.Estimate) bool { return false }

func (m *mixedModel) difference(arm, control, visit string) (stats.Estimate, error) {
	means, fit, err := m.at(m.effect, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return fit.Compare(means[arm], means[control]), nil
}

// tests are the F tests of arm, visit and arm:visit, degrees of freedom
// corrected for the lack of sphericity by the factor Epsilon.
func (m *mixedModel) tests() ([]FTest, error) {
	fit, err := regress.RepeatedANOVA(m.data)
	if err != nil {
		return nil, err
	}
	var out []FTest
	for _, t := range fit.Tests {
		c := t.CorrectedWith(regress.CorrectionOptions{Kind: corrections[m.plan.DF]})
		test := FTest{Term: t.Term, F: c.F, DF1: c.DF1, DF2: c.DF2, P: c.P(), Epsilon: math.NaN()}
		if t.Sphericity != nil {
			test.Epsilon = c.DF1 / t.DF1
		}
		out = append(out, test)
	}
	return out, nil
}
