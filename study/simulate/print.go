package simulate

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// String is the result's page in English.
func (r Result) String() string {
	var b strings.Builder
	if err := Text(&b, r, "en"); err != nil {
		return err.Error()
	}
	return strings.TrimRight(b.String(), "\n")
}

// String is the comparison's part of the page in English.
func (c Comparison) String() string {
	var b strings.Builder
	writer{&b, text.English()}.comparison(c)
	return strings.TrimRight(b.String(), "\n")
}

// Text writes the result's page in a language.
func Text(w io.Writer, r Result, lang string) error {
	c, err := text.In(lang)
	if err != nil {
		return err
	}
	var b strings.Builder
	p := writer{&b, c}
	b.WriteString(c.Say("simulate-title", text.Args{"trials": r.Trials(), "seed": r.Identity.Seed}) + "\n")
	if r.Stopped {
		b.WriteString(c.Say("simulate-stopped", nil) + "\n")
	}
	for _, x := range r.Comparisons {
		b.WriteString("\n")
		p.comparison(x)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

type writer struct {
	*strings.Builder
	c *text.Catalog
}

// line is a question and its answer.
func (w writer) line(code string, args text.Args, answer string) {
	label := "  " + w.c.Say(code, args)
	fmt.Fprintf(w, "%s%s  %s\n", label, strings.Repeat(" ", max(78-utf8.RuneCountInString(label), 0)), answer)
}

// percent and number write a quantity with as many decimals as its error has meaning.
func (w writer) percent(q Quantity) string {
	return w.number(Quantity{100 * q.Value, 100 * q.SE}) + "%"
}

func (w writer) number(q Quantity) string {
	if !(q.SE > 0) {
		return w.c.Number(q.Value, 2)
	}
	d := min(max(1-int(math.Floor(math.Log10(q.SE))), 1), 6)
	return w.c.Number(q.Value, d) + " ± " + w.c.Number(q.SE, d)
}

func (w writer) comparison(c Comparison) {
	if c.tally.Trials == 0 {
		w.WriteString(text.English().Say("word-nothing", nil) + "\n")
		return
	}
	visit := any(c.Visit)
	if c.Visit == study.OverallVisit {
		visit = text.Phrase{Code: "simulate-overall"}
	}
	method := phrase("method", string(c.Method))
	w.WriteString(w.c.Say("simulate-comparison", text.Args{"outcome": c.Outcome, "visit": visit, "arm": c.Arm, "control": c.Control, "method": method}) + "\n")
	ratio := c.Measure.Scale() == study.ScaleRatio
	null := c.Measure.Null()
	switch {
	case c.Truth == nil:
		w.WriteString("  " + w.c.Say("simulate-truth-none", nil) + "\n")
	case ratio:
		w.line("simulate-truth-ratio", nil, w.c.Number(*c.Truth, 3))
	default:
		w.line("simulate-truth", nil, w.c.Number(*c.Truth, 3))
	}
	power := "simulate-power"
	switch {
	case c.Margin > 0:
		power = "simulate-margin"
	case c.Truth != nil && *c.Truth == null:
		power = "simulate-type1"
	}
	w.line(power, text.Args{"alpha": c.Alpha}, w.percent(c.Power()))
	if c.Margin == 0 {
		w.line("simulate-favor", text.Args{"arm": c.Arm}, w.percent(c.InFavor()))
	}
	if c.Truth != nil {
		w.line("simulate-coverage", text.Args{"level": c.Level}, w.percent(c.Coverage()))
		bias := "simulate-bias"
		if ratio {
			bias = "simulate-bias-log"
		}
		w.line(bias, nil, w.number(c.Bias()))
		w.line("simulate-rmse", nil, w.number(c.RMSE()))
	}
	w.line("simulate-empirical", nil, w.number(c.EmpiricalSE()))
	if c.tally.Standard > 1 {
		w.line("simulate-model", nil, w.number(c.ModelSE()))
	}
	if c.Judged() > 0 {
		for _, v := range levels4 {
			all, zero := c.Verdict(v)
			name := text.Args{"verdict": phrase("verdict", string(v))}
			w.line("simulate-verdict", name, w.percent(all))
			if zero.Value > 0 {
				w.line("simulate-verdict-zero", name, w.percent(zero))
			}
		}
		for _, v := range levels4[:3] {
			if q := c.Harm(v); q.Value > 0 {
				w.line("simulate-harm", text.Args{"verdict": phrase("verdict", string(v))}, w.percent(q))
			}
		}
	}
	if q := c.TypeS(); !math.IsNaN(q.Value) {
		w.line("simulate-type-s", nil, w.percent(q))
		w.line("simulate-type-m", nil, w.number(c.TypeM()))
	}
	for _, code := range slices.Sorted(maps.Keys(c.tally.Failed)) {
		w.line("simulate-failed", text.Args{"code": code}, w.percent(share(c.tally.Failed[code], c.tally.Trials)))
	}
	if c.tally.Withheld > 0 {
		w.line("simulate-withheld", nil, w.percent(share(c.tally.Withheld, c.tally.Trials)))
	}
	switch {
	case c.Way == ByAnalysis:
		w.WriteString("  " + w.c.Say("simulate-all-whole", nil) + "\n")
	case c.Way == ByStatistics:
		w.WriteString("  " + w.c.Say("simulate-statistics", nil) + "\n")
	case c.tally.Whole > 0:
		w.line("simulate-whole", nil, w.percent(share(c.tally.Whole, c.tally.Trials)))
	}
}

// phrase is a message whose code is made of its kind and the name of one of them.
func phrase(kind, name string) text.Phrase { return text.Phrase{Code: kind + "-" + name} }
