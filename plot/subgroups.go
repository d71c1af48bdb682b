package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// SubgroupsOptions are the choices of SubgroupsWith.
type SubgroupsOptions struct {
	Options
	// NoThreshold leaves the band of the threshold out.
	NoThreshold bool
}

// Subgroups answers "does the difference depend on who the participants are?":
// a forest plot of one result's difference for everyone and within each level
// of each covariate (study.SubgroupsOf). Read the p-value of the interaction
// first: it alone says whether levels differ. Whether one level's interval
// holds 0 says nothing about that, and subgroups that were not specified
// beforehand are exploratory.
// Convention: Wang et al. 2007, N Engl J Med 357:2189,
// doi:10.1056/NEJMsr077003.
func Subgroups(result study.Result, subgroups ...study.Subgroups) (*Figure, error) {
	return SubgroupsWith(result, SubgroupsOptions{}, subgroups...)
}

// SubgroupsWith is Subgroups with choices.
func SubgroupsWith(result study.Result, o SubgroupsOptions, subgroups ...study.Subgroups) (*Figure, error) {
	if len(subgroups) == 0 {
		return nil, fmt.Errorf("plot: Subgroups: no subgroups")
	}
	t, err := newTheme(o.Options, true, result.Study)
	if err != nil {
		return nil, err
	}
	outcome, measure := result.Outcome, subgroupMeasure(subgroups)
	atVisit := atVisit(outcome, result.Visit)
	table := ForestTable{Study: result.Study, Arms: result.Arms, Level: result.Level, Unit: outcome.ShownUnit(t.cat), Decimals: result.Digits(),
		of: outcome, Better: outcome.Better, Axis: t.outcomeDifferenceAxis(atVisit, result.Arms), together: 2, measure: measure, Null: measure.Null(),
		Title:   t.say("plot-subgroups-title", map[string]any{"outcome": name(outcome.Label, outcome.ID), "visit": visitName(result.Visit)}),
		Columns: t.armColumnHeads(result.Arms, ""),
		Rows:    t.subgroupRows(result, subgroups)}
	means := measure == study.MeanDifference
	for _, m := range (study.Row{Measure: measure}).Marks(outcome) {
		if !measure.Plain() {
			m = outcome.Shown(m)
		}
		table.marks = append(table.marks, m)
	}
	if measure.Plain() {
		table.Unit, table.Decimals, table.Better = "", ratioDecimals, toward(measure, outcome)
		table.Axis = t.effectAxis(atVisit, measure)
		table.Title = t.say("plot-subgroups-title-effect", map[string]any{"outcome": name(outcome.Label, outcome.ID), "visit": visitName(result.Visit)})
	}
	switch {
	case outcome.Binary():
		table.Columns = t.armColumnHeads(result.Arms, "-shares")
	case !means:
		table.Columns = table.Columns[:1]
	}
	table.answer = t.subgroupAnswer(result, subgroups)
	banded := margin(outcome) != nil && !o.NoThreshold && !measure.Plain()
	if banded {
		from, to, _ := outcome.TooSmall()
		table.Band = [2]float64{outcome.Shown(from), outcome.Shown(to)}
		table.BandLabel = t.bandText(outcome)
	}
	notes := t.subgroupNotes(result, banded, subgroups)
	table.Notes = notes
	if of, ok := map[bool]string{outcome.Binary(): "plot-differences-means-shares", means: "plot-differences-means"}[true]; ok {
		table.Notes = append(notes[:1:1], append([]string{t.say(of, nil)}, notes[1:]...)...)
	}
	f, err := ForestWith(table, ForestOptions{Options: o.Options})
	if err == nil && len(f.panels[0].columns) <= len(table.Columns)-1 { // no room for the means
		said := f.caption[len(table.Notes)+len(t.forestLeft(f.columns, f.panels[0].columns)):] // the estimates
		f.note(append(notes, t.forestLeft(f.columns, f.panels[0].columns)...), said...)
	}
	return f, err
}

// subgroupMeasure is what the rows are; unsaid they are differences of means.
func subgroupMeasure(subgroups []study.Subgroups) study.Measure {
	return cmp.Or(subgroups[0].Measure, study.MeanDifference)
}

// subgroupRows are everyone first, then each covariate with its levels.
func (t *theme) subgroupRows(result study.Result, subgroups []study.Subgroups) []ForestRow {
	arms, d := map[string]study.Arm{}, result.Digits()
	for _, a := range result.Arms {
		arms[a.ID] = a
	}
	cell := func(s stats.Description) string {
		switch {
		case !result.Outcome.Binary():
			return t.meanSD(s, d)
		case s.N == 0:
			return ""
		}
		share := study.Share{Events: int(math.Round(s.Mean * float64(s.N))), N: s.N, Value: s.Mean}
		return t.say("share-cell", map[string]any{"events": share.Events, "n": s.N, "percent": t.num(100*s.Mean, share.Digits())})
	}
	row := func(r study.SubgroupRow, label string) ForestRow {
		if len(result.Arms) > 2 {
			label += ": " + armName(arms[r.Arm])
		}
		effect := r.Effect
		if r.Withheld || effect != nil && !finite(effect.Point()) { // it has no interval to draw
			effect = nil
		}
		return ForestRow{Label: label, Effect: effect, Arm: arms[r.Arm],
			Cells: []string{fmt.Sprintf("%d/%d", r.Treated.N, r.Reference.N), cell(r.Treated), cell(r.Reference)}}
	}
	var rows []ForestRow
	for _, r := range subgroups[0].All {
		all := row(r, t.say("plot-subgroups-all", nil))
		all.Strong, all.Heading = true, true
		rows = append(rows, all)
	}
	for _, g := range subgroups {
		head := capitalized(cmp.Or(g.Label, g.Covariate))
		if p, ok := g.Tested(); ok {
			head += t.say("plot-subgroups-interaction", map[string]any{"p": t.pvalue(p)})
		}
		rows = append(rows, ForestRow{Label: head, Heading: true})
		for _, r := range g.Rows {
			rows = append(rows, row(r, capitalized(r.Level)))
		}
	}
	return rows
}

// subgroupAnswer says everyone's difference, and whether the subgroups differ.
func (t *theme) subgroupAnswer(result study.Result, subgroups []study.Subgroups) string {
	var all, out []string
	control := ""
	for _, a := range result.Arms {
		if a.Control {
			control = a.ID
		}
	}
	for _, r := range subgroups[0].All {
		if r.Effect == nil {
			continue
		}
		ci := r.Effect.CI(result.Level)
		all = append(all, t.altRow(result, study.Row{Measure: subgroupMeasure(subgroups), Arm: r.Arm, Control: control, Effect: r.Effect, Estimate: r.Effect.Point(),
			Lower: ci.Lo, Upper: ci.Hi, LoOpen: ci.LoOpen, HiOpen: ci.HiOpen, Level: result.Level}))
	}
	if all != nil {
		out = append(out, t.say("plot-alt-everyone", map[string]any{"answer": strings.Join(all, "; ")}))
	}
	for _, g := range subgroups {
		if p, ok := g.Tested(); ok {
			out = append(out, t.say("plot-alt-interaction", map[string]any{"covariate": cmp.Or(g.Label, g.Covariate), "p": t.pvalue(p)}))
		}
	}
	return strings.Join(out, "; ")
}

// subgroupNotes are the sentences under the figure.
func (t *theme) subgroupNotes(result study.Result, banded bool, subgroups []study.Subgroups) []string {
	var within, deciding []string
	for _, g := range subgroups {
		for _, r := range g.Rows {
			within = appendNew(within, t.method(r.Method))
		}
	}
	notes := []string{t.say("plot-subgroups-method", map[string]any{"contrast": t.contrast(result.Arms), "level": t.level(result.Level), "methods": t.join(within)})}
	if measure := subgroupMeasure(subgroups); measure != study.MeanDifference {
		var tests []string
		for _, g := range subgroups {
			if by := g.TestedBy(); by != "" {
				tests = appendNew(tests, t.say("plot-subgroups-test", map[string]any{"interaction": t.say("interaction-"+string(g.Interacts), nil), "test": t.say("interaction-by-"+by, nil)}))
			}
		}
		notes[0] = t.say("plot-subgroups-effects", map[string]any{"measure": capital(t.say("measure-"+string(measure), nil)), "contrast": t.against(measure, result.Arms), "level": t.level(result.Level), "methods": t.join(within)})
		if tests != nil {
			notes = append(notes, t.say("plot-subgroups-tests", map[string]any{"tests": strings.Join(tests, "; ")}))
		}
	}
	for _, r := range subgroups[0].All {
		if m := t.method(r.Method); !slices.Contains(within, m) {
			deciding = appendNew(deciding, m)
		}
	}
	if len(deciding) > 0 {
		notes = append(notes, t.say("plot-subgroups-all-method", map[string]any{"methods": t.join(deciding)}))
	}
	empty, missing := false, false
	for _, g := range subgroups {
		empty = empty || slices.ContainsFunc(g.Rows, func(r study.SubgroupRow) bool { return r.Effect == nil || r.Withheld })
		missing = missing || g.Missing > 0
	}
	if empty {
		notes = append(notes, t.say("plot-subgroups-empty", nil))
	}
	if missing {
		notes = append(notes, t.say("plot-subgroups-missing", nil))
	}
	if banded {
		notes = append(notes, t.bandsNote(t.bandKeys([]study.Outcome{result.Outcome})))
	}
	return notes
}

// capitalized begins a row's name with a capital, unless its first word has any
// or a digit: "pH" stays.
func capitalized(s string) string {
	word, _, _ := strings.Cut(s, " ")
	for _, r := range word {
		if !unicode.IsLower(r) && r != '-' {
			return s
		}
	}
	if word == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
