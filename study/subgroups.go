package study

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// SubgroupRow is an active arm against control within one level of a
// covariate.
type SubgroupRow struct {
	Level        string // of the covariate; "" for all participants
	Arm, Control string
	// Method of the effect: ANCOVA on baseline within a level; what decides the
	// result for all participants.
	Method Method
	// Effect is the adjusted difference; nil where it does not exist, and Why
	// says why not.
	Effect stats.Effect
	Why    error
	// Treated and Reference describe the follow-up values of the two arms.
	Treated, Reference stats.Description
}

// Subgroups is the difference between arms within each level of a covariate.
type Subgroups struct {
	Covariate string
	// All is everyone, one row an active arm; Rows by level, then arm.
	All, Rows []SubgroupRow
	// Interaction tests whether the difference depends on the level; nil where
	// that cannot be fitted, and Why says why not.
	Interaction *regress.TermTest
	Why         error
	// Missing participants, who have no value of the covariate.
	Missing int
}

// SubgroupsOf compares the arms, by ANCOVA on baseline, within each level of a
// categorical covariate, and tests the interaction of arm and level in one
// model, follow-up ~ baseline + level + arm + arm:level (F test, type III).
// The interaction alone answers whether the effect differs between levels:
// that one level's interval excludes 0 and another's does not, answers
// nothing. The difference among all participants is the one that decides the
// result. Subgroups are exploratory unless they were specified beforehand.
//
// Assumptions are ANCOVA's (regress.ANCOVA), in each level for its own row and
// with one residual variance for the interaction. A level in which ANCOVA
// cannot be fitted has a row without an effect. It refuses a covariate that
// no participant has.
// Source: Pocock et al. (2002), doi 10.1002/sim.1296.
func SubgroupsOf(r Result, covariate string) (Subgroups, error) {
	s := Subgroups{Covariate: covariate}
	control := ""
	for _, a := range r.Arms {
		if a.Control {
			control = a.ID
		}
	}
	byLevel := map[string][]Record{}
	var all []Record
	for _, rec := range r.Records {
		if !rec.HasBaseline || !rec.HasFollow {
			continue
		}
		all = append(all, rec)
		if l, ok := rec.Categories[covariate]; ok && l != "" {
			byLevel[l] = append(byLevel[l], rec)
		} else {
			s.Missing++
		}
	}
	if len(byLevel) == 0 {
		have := map[string]bool{}
		for _, rec := range r.Records {
			for id := range rec.Categories {
				have[id] = true
			}
		}
		return s, fmt.Errorf("study: subgroups of %q at visit %q: no participant has the category %q (known: %s)",
			r.Outcome.ID, r.Visit.ID, covariate, known(sortedKeys(have), func(s string) string { return s }))
	}
	var levels []string
	for l := range byLevel {
		levels = append(levels, l)
	}
	sort.Strings(levels)
	s.All = subgroupRows("", r.Arms, control, all)
	for i := range s.All {
		s.All[i].decided(r)
	}
	for _, l := range levels {
		s.Rows = append(s.Rows, subgroupRows(l, r.Arms, control, byLevel[l])...)
	}
	if s.Interaction, s.Why = subgroupInteraction(byLevel, levels, control); s.Why != nil {
		s.Interaction = nil
	}
	return s, nil
}

// decided gives a row of all participants the answer of the result: there is
// one, whatever is fitted within the levels.
func (s *SubgroupRow) decided(r Result) {
	s.Effect, s.Why = nil, fmt.Errorf("study: no row decides arm %q: %w", s.Arm, stats.ErrTooFew)
	for _, row := range r.Deciding() {
		if row.Arm == s.Arm {
			s.Method, s.Effect = row.Method, row.Effect
			if row.Effect != nil {
				s.Why = nil
			}
		}
	}
}

// subgroupRows compares every active arm with control among some records.
func subgroupRows(level string, arms []Arm, control string, records []Record) []SubgroupRow {
	data := regress.ANCOVAData{Control: control}
	values := map[string][]float64{}
	for _, rec := range records {
		data.Arm = append(data.Arm, rec.Arm)
		data.Y = append(data.Y, rec.Follow)
		data.Baseline = append(data.Baseline, rec.Baseline)
		values[rec.Arm] = append(values[rec.Arm], rec.Follow)
	}
	fit, err := regress.ANCOVA(data)
	var out []SubgroupRow
	for _, a := range arms {
		if a.ID == control {
			continue
		}
		row := SubgroupRow{Level: level, Arm: a.ID, Control: control, Method: MethodANCOVA, Why: err}
		row.Treated, _ = stats.Describe(values[a.ID]) // the fit has refused what is not finite
		row.Reference, _ = stats.Describe(values[control])
		if err == nil && fit.N(a.ID) > 0 {
			d, err := fit.Difference(a.ID, control)
			if err == nil {
				row.Effect = d
			}
			row.Why = err
		} else if err == nil {
			row.Why = fmt.Errorf("study: nobody in arm %q: %w", a.ID, stats.ErrTooFew)
		}
		out = append(out, row)
	}
	return out
}

func subgroupInteraction(byLevel map[string][]Record, levels []string, control string) (*regress.TermTest, error) {
	if len(levels) < 2 {
		return nil, errors.New("study: one level only: no interaction")
	}
	var y, baseline []float64
	var arm, group []string
	for _, l := range levels {
		for _, rec := range byLevel[l] {
			y, baseline = append(y, rec.Follow), append(baseline, rec.Baseline)
			arm, group = append(arm, rec.Arm), append(group, l)
		}
	}
	a, g := regress.Category("arm", arm, control), regress.Category("level", group, levels[0])
	m, err := regress.Linear(y, regress.Numeric("baseline", baseline), g, a, regress.Interaction(a, g))
	if err != nil {
		return nil, err
	}
	t := m.Test(regress.Interaction(a, g).Name())
	if math.IsNaN(t.P()) {
		return nil, errors.New("study: the interaction cannot be tested")
	}
	return &t, nil
}

// BaselineLine is an arm's line in the analysis of covariance: the follow-up
// value expected at a baseline value is Intercept + Slope·baseline.
type BaselineLine struct {
	Arm              string
	Intercept, Slope float64
	Lo, Hi           float64 // observed baselines: the line says nothing beyond
	N                int
}

// BaselineLines returns the parallel lines that ANCOVA on baseline (see
// regress.ANCOVA) fits to a result's participants with baseline and visit
// observed, in the order of the arms. Their vertical distance is the adjusted
// difference. It returns ANCOVA's error where the model cannot be fitted.
func BaselineLines(r Result) ([]BaselineLine, error) {
	data := regress.ANCOVAData{}
	ends := map[string][2]float64{}
	for _, a := range r.Arms {
		if a.Control {
			data.Control = a.ID
		}
		for _, rec := range r.Records {
			if rec.Arm != a.ID || !rec.HasBaseline || !rec.HasFollow {
				continue
			}
			e, ok := ends[a.ID]
			if !ok {
				e = [2]float64{rec.Baseline, rec.Baseline}
			}
			ends[a.ID] = [2]float64{math.Min(e[0], rec.Baseline), math.Max(e[1], rec.Baseline)}
			data.Arm = append(data.Arm, a.ID)
			data.Y = append(data.Y, rec.Follow)
			data.Baseline = append(data.Baseline, rec.Baseline)
		}
	}
	f, err := regress.ANCOVA(data)
	if err != nil {
		return nil, fmt.Errorf("study: lines of %q at visit %q: %w", r.Outcome.ID, r.Visit.ID, err)
	}
	mean, err := stats.Describe(data.Baseline)
	if err != nil {
		return nil, err
	}
	slope := f.Slope().Value
	var out []BaselineLine
	for _, a := range r.Arms {
		if f.N(a.ID) == 0 {
			continue
		}
		l, err := f.LSMean(a.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, BaselineLine{Arm: a.ID, Slope: slope, Intercept: l.Value - slope*mean.Mean,
			Lo: ends[a.ID][0], Hi: ends[a.ID][1], N: f.N(a.ID)})
	}
	return out, nil
}
