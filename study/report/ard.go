package report

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// ARD writes the report as analysis results data, a line a statistic. The first 13
// columns are those of the R package cards (0.7): read.csv and
// cards::as_card(check = FALSE) take it. CDISC's Analysis Results Standard (1.0) calls a
// table an ARD where each result has a line that names its analysis, its operation and
// the values of its groups; the first two stand behind.
//
//	group1, group1_level      "arm" and its ID; empty for all arms together
//	group2, group2_level      "visit" and its ID, of outcomes
//	variable, variable_level  an outcome's or covariate's ID; a category's level
//	context                   summary (numbers), tabulate (categories), missing, or the
//	                          method of a difference between arms
//	stat_name, stat_label     as cards and broom name them: N, mean, sd, median, p25,
//	                          p75, min, max; n, N, p; N_obs, N_miss, N_nonmiss; estimate,
//	                          std.error, parameter (degrees of freedom), conf.low,
//	                          conf.high, conf.level, p.value
//	stat                      the number at full precision; empty: it does not exist
//	fmt_fun                   decimals it is printed with; empty: as it is
//	warning                   notes of a difference, as codes
//	error                     empty: what fails stops the analysis or is a note
//	reference, role, simulated   of a difference the control and what its plan is for;
//	                          true where the data are invented
//	analysis_id               variable, visit and context, with "/" between
//	operation_id              context and stat_name, with "/" between
//
// p of a category is a proportion, and a difference is arm − reference. Every row of
// results.json between arms is there, those that decide first. The file is the same
// in every language: commas, decimal points.
func ARD(w io.Writer, r study.Report, o Options) error {
	if _, err := text.In(o.Lang); err != nil {
		return err
	}
	a := ard{w: csv.NewWriter(w), simulated: strconv.FormatBool(r.Protocol.Simulated)}
	a.w.UseCRLF = true
	a.err = a.w.Write([]string{"group1", "group1_level", "group2", "group2_level", "variable", "variable_level", "context",
		"stat_name", "stat_label", "stat", "fmt_fun", "warning", "error", "reference", "role", "simulated", "analysis_id", "operation_id"})
	for _, v := range r.Baseline {
		for _, s := range append(append([]study.BaselineSummary{}, v.Arms...), v.All) {
			a.baseline(r, v, s)
		}
	}
	a.summaries(r)
	for _, decides := range []bool{true, false} {
		for _, res := range r.Results {
			for _, row := range res.Rows {
				if row.Decides == decides {
					a.difference(r, row)
				}
			}
		}
	}
	a.w.Flush()
	if a.err == nil {
		a.err = a.w.Error()
	}
	return a.err
}

// ard writes lines until one fails.
type ard struct {
	w         *csv.Writer
	simulated string
	err       error
}

// ardLine is what the statistics of a part have in common.
type ardLine struct {
	arm, visit, variable, level, context, warning, reference, role string
	digits                                                         int
}

// stat is a statistic: its name and label in cards, and its decimals beyond those of
// the variable; whole numbers have none.
type stat struct {
	name, label string
	value       float64
	asItIs      bool
}

func (a *ard) write(l ardLine, stats ...stat) {
	for _, s := range stats {
		if a.err != nil {
			return
		}
		value, digits := "", ""
		if finiteNumber(s.value) {
			value = strconv.FormatFloat(s.value, 'g', -1, 64)
		}
		if !s.asItIs {
			digits = strconv.Itoa(l.digits)
		}
		group := func(name, level string) string {
			if level == "" {
				return ""
			}
			return name
		}
		a.err = a.w.Write([]string{group("arm", l.arm), harmless(l.arm), group("visit", l.visit), harmless(l.visit), harmless(l.variable), harmless(l.level),
			l.context, s.name, s.label, value, digits, l.warning, "", harmless(l.reference), l.role, a.simulated,
			harmless(l.variable + "/" + l.visit + "/" + l.context), l.context + "/" + s.name})
	}
}

func (a *ard) missing(l ardLine, n, missing int) {
	l.context = "missing"
	a.write(l, stat{"N_obs", "Vector Length", float64(n + missing), true}, stat{"N_miss", "N Missing", float64(missing), true},
		stat{"N_nonmiss", "N Non-missing", float64(n), true})
}

func (a *ard) baseline(r study.Report, v study.BaselineVariable, s study.BaselineSummary) {
	l := ardLine{arm: s.Arm, variable: v.ID, context: "summary", digits: r.VariableDigits(v)}
	if v.Outcome { // its baseline, beside its later visits
		summarized := false
		for _, res := range r.Results {
			if res.Outcome.ID == v.ID {
				l.visit, summarized = res.Baseline.ID, summarized || len(res.Summaries) > 0
			}
		}
		if s.Arm != "" && summarized {
			return // among the summaries
		}
	}
	if v.Kind == study.Category {
		l.context = "tabulate"
		for i, n := range s.Counts {
			l.level = v.Levels[i]
			p := math.NaN()
			if s.N > 0 {
				p = float64(n) / float64(s.N)
			}
			a.write(l, stat{"n", "n", float64(n), true}, stat{"N", "N", float64(s.N), true}, stat{"p", "%", p, true})
		}
		l.level = ""
	} else {
		a.write(l, stat{"N", "N", float64(s.N), true}, stat{"mean", "Mean", s.Mean, false}, stat{"sd", "SD", s.SD, false},
			stat{"median", "Median", s.Median, false}, stat{"p25", "Q1", s.Q1, false}, stat{"p75", "Q3", s.Q3, false},
			stat{"min", "Min", s.Min, false}, stat{"max", "Max", s.Max, false})
	}
	a.missing(l, s.N, s.Missing)
}

// summaries are the observed values of each arm at each visit, those of changes
// under the name of the outcome with ".change".
func (a *ard) summaries(r study.Report) {
	for _, s := range summariesOf(r) {
		l := ardLine{arm: s.Arm, visit: s.Visit, variable: s.outcome, context: "summary", digits: r.Digits(s.outcome)}
		if y := s.Share; y != nil {
			l.context, l.level = "tabulate", "yes"
			a.write(l, stat{"n", "n", float64(y.Events), true}, stat{"N", "N", float64(y.N), true}, stat{"p", "%", y.Value, true},
				stat{"conf.low", "CI Lower Bound", y.Lower, true}, stat{"conf.high", "CI Upper Bound", y.Upper, true}, stat{"conf.level", "CI Confidence Level", y.Level, true})
			l.level = ""
			a.missing(l, s.N, s.Missing)
			continue
		}
		if y := s.Rate; y != nil {
			a.write(l, stat{"n", "n", float64(y.Events), true}, stat{"exposure", "Time at Risk", y.Exposure, true}, stat{"estimate", "Rate", y.Value, true},
				stat{"conf.low", "CI Lower Bound", y.Lower, true}, stat{"conf.high", "CI Upper Bound", y.Upper, true}, stat{"conf.level", "CI Confidence Level", y.Level, true})
			a.missing(l, s.N, s.Missing)
			continue
		}
		if s.Levels != nil {
			for _, k := range s.Levels {
				l.context, l.level = "tabulate", k.Level
				p := math.NaN()
				if s.N > 0 {
					p = float64(k.Count) / float64(s.N)
				}
				a.write(l, stat{"n", "n", float64(k.Count), true}, stat{"N", "N", float64(s.N), true}, stat{"p", "%", p, true})
			}
			l.level = ""
			a.missing(l, s.N, s.Missing)
			continue
		}
		a.write(l, stat{"N", "N", float64(s.N), true}, stat{"mean", "Mean", s.Mean, false}, stat{"sd", "SD", s.SD, false},
			stat{"median", "Median", s.Median, false}, stat{"p25", "Q1", s.Q1, false}, stat{"p75", "Q3", s.Q3, false},
			stat{"min", "Min", s.Min, false}, stat{"max", "Max", s.Max, false})
		a.missing(l, s.N, s.Missing)
		if s.Pairs > 0 {
			l.variable += ".change"
			a.write(l, stat{"N", "N", float64(s.Pairs), true}, stat{"mean", "Mean", s.MeanChange, false}, stat{"sd", "SD", s.SDChange, false})
		}
	}
}

func (a *ard) difference(r study.Report, row study.Row) {
	l := ardLine{arm: row.Arm, visit: row.Visit, variable: row.Outcome, context: string(row.Method), digits: r.Digits(row.Outcome),
		reference: row.Control, role: string(row.Role)}
	for i, code := range codesOf(row.Notes) {
		if i > 0 {
			l.warning += " "
		}
		l.warning += code
	}
	asItIs := row.Measure.Scale() != study.ScaleUnit // shares and ratios, not the decimals of percentages
	if row.Estimand != "" {
		l.context += "." + row.Estimand
	}
	if row.Set != "" {
		l.context += "." + row.Set
	}
	if row.Measure.Scale() != study.ScaleUnit {
		l.context += "." + string(row.Measure)
	}
	if row.WithoutStrata && row.Measure.Plain() { // beside the same within strata
		l.context += ".without-strata"
	}
	a.write(l, stat{"estimate", "Estimate", row.Estimate, asItIs}, stat{"std.error", "Standard Error", row.SE, asItIs},
		stat{"parameter", "Degrees of Freedom", row.DF, true}, stat{"conf.low", "CI Lower Bound", row.Lower, asItIs},
		stat{"conf.high", "CI Upper Bound", row.Upper, asItIs}, stat{"conf.level", "CI Confidence Level", row.Level, true},
		stat{"p.value", "p-value", row.P, true}, stat{"n", "n", float64(row.N[row.Arm]), true}, stat{"n.reference", "n", float64(row.N[row.Control]), true})
}
