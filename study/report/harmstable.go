package report

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/study/text"
)

// HarmsTable shows the adverse events of a trial whose events have a line each: any,
// the kinds that the file tells apart, and by term, the participants with at least one,
// the events, and the differences between the arms in percentage points, without
// p-values. It is empty where there is no such file. It refuses an unknown language.
func HarmsTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	t := b.r.Safety.Events
	b.Title = b.Say("harms-caption", nil)
	if t == nil {
		return b.Table, nil
	}
	b.Columns = []TableColumn{{Key: "label", Title: b.Say("harms-col-event", nil)}}
	for _, a := range t.Rows[0].Arms {
		b.Columns = append(b.Columns, TableColumn{Key: "value", Arm: a.Arm, N: a.N, Right: true,
			Title: b.Say("harms-col-participants", text.Args{"arm": b.short(a.Arm), "n": a.N})})
	}
	for _, c := range t.Rows[0].Contrasts {
		b.Columns = append(b.Columns, TableColumn{Key: "difference", Arm: c.Arm, Right: true,
			Title: b.Say("harms-col-difference", text.Args{"arm": b.short(c.Arm), "control": b.short(c.Control), "level": b.Level(t.Level)})})
	}
	none := false
	var methods []string
	for i, row := range t.Rows {
		out := b.harmsRow(row, r.Safety.Events.Rows[i].Term, "participants")
		for _, a := range row.Arms {
			none = none || a.Participants == 0
			out.Cells = append(out.Cells, TableCell{Text: b.harmsCell(a), N: a.N, Numbers: existing("count", float64(a.Participants), "events", float64(a.Events),
				"percent", 100*float64(a.Participants)/float64(a.N), "lower", 100*a.Lower, "upper", 100*a.Upper, "level", t.Level)})
		}
		for k, c := range row.Contrasts {
			cell := TableCell{Text: "–", N: row.Arms[k].N + row.Arms[len(row.Arms)-1].N}
			if !math.IsNaN(c.Difference) {
				cell.Text = b.Points(c.Difference) + " (" + b.pointsInterval(c.Lower, c.Upper) + ")"
				cell.Numbers = existing("estimate", 100*c.Difference, "lower", 100*c.Lower, "upper", 100*c.Upper, "level", t.Level)
				if m := b.Say("risk-"+c.Method, nil); !slices.Contains(methods, m) {
					methods = append(methods, m)
				}
			}
			out.Cells = append(out.Cells, cell)
		}
		b.Rows = append(b.Rows, out)
	}
	b.harmsNotes(none, methods)
	return b.Table, nil
}

// harmsRow begins a row: what it counts.
func (b *tableBuilder) harmsRow(row harms.Row, term, statistic string) TableRow {
	label := deeper + row.Term
	if row.Kind != harms.OfTerm {
		label = b.Say("harms-kind-"+string(row.Kind), nil)
	}
	return TableRow{Variable: string(row.Kind), Level: term, Statistic: statistic, Cells: []TableCell{{Text: label}}}
}

// harmsCell is "22 (46); 30": participants, percent, events; an arm without an event
// has its upper limit.
func (b *builder) harmsCell(c harms.Count) string {
	switch {
	case c.N == 0:
		return "–"
	case c.Participants == 0:
		return b.Say("harms-cell-none", text.Args{"upper": b.C.Number(100*c.Upper, percentDecimals(c.Upper))})
	}
	share := float64(c.Participants) / float64(c.N)
	return b.Say("harms-cell-some", text.Args{"n": c.Participants, "percent": b.C.Number(100*share, percentDecimals(share)), "events": c.Events})
}

// percentDecimals gives a share below 10% one decimal.
func percentDecimals(share float64) int {
	if share < 0.0995 {
		return 1
	}
	return 0
}

// harmsNotes say how the table is read, who is counted, and where every line went.
func (b *tableBuilder) harmsNotes(none bool, methods []string) {
	s := b.r.Safety
	say := func(code string, args text.Args) { b.Notes = append(b.Notes, b.Say(code, args)) }
	say("harms-intro", nil)
	if none {
		say("harms-note-limits", text.Args{"level": b.Level(s.Level)})
	}
	if len(methods) > 0 {
		code := "harms-note-method"
		if b.r.Protocol.Randomization.Stratified() {
			code = "harms-note-method-strata"
		}
		say(code, text.Args{"methods": strings.Join(methods, "; ")})
	}
	who := b.Say("harms-note-randomized", nil)
	switch s.Set {
	case "", study.SetITT:
	case study.SetAsTreated:
		who = b.Say("harms-note-as-treated", nil)
	default:
		who = b.Say("harms-note-set", text.Args{"set": s.Set})
	}
	other := 0
	for _, a := range b.r.Consort.Arms {
		for _, x := range a.NotReceived {
			if x.NotReceived() {
				other += x.N
			}
		}
	}
	if other > 0 && s.Set != study.SetAsTreated {
		who += " " + b.Say("harms-note-received", text.Args{"n": other})
	}
	b.Notes = append(b.Notes, who)
	for _, row := range s.Events.Rows {
		unknown := 0
		for _, a := range row.Arms {
			unknown += a.Unknown
		}
		if unknown > 0 {
			say("page-harms-unknown", text.Args{"kind": b.Say("harms-word-"+string(row.Kind), nil), "n": unknown})
		}
	}
	lines := []string{b.Say("harms-note-lines", text.Args{"lines": s.Listed.Lines, "used": s.Listed.Lines - len(s.Listed.Excluded)})}
	reasons := map[string]int{}
	for _, x := range s.Listed.Excluded {
		reasons[x.Reason]++
	}
	for _, code := range []string{"event-before", "event-nothing-said", "event-not-in-trial", "row-empty"} {
		if n := reasons[code]; n > 0 {
			lines = append(lines, b.Say("harms-note-excluded", text.Args{"n": n, "reason": b.Say(code, nil)}))
		}
	}
	b.Notes = append(b.Notes, strings.Join(lines, " "))
}

// HarmRatesTable shows the same by time of observation: events, and participants with a
// first event, per 100 person-units. It is empty where the protocol declares no time of
// observation.
func HarmRatesTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	t := b.r.Safety.Events
	if t == nil || t.Unit == "" {
		return b.Table, nil
	}
	unit := b.Say("harms-unit-"+string(t.Unit), nil)
	b.Title = b.Say("harms-rates-caption", text.Args{"unit": unit})
	b.Columns = []TableColumn{{Key: "label", Title: b.Say("harms-col-event", nil)}}
	for _, a := range t.Rows[0].Arms {
		what := []string{b.Say("harms-rates-events", nil)}
		if t.Timed {
			what = append(what, b.Say("harms-rates-incidence", text.Args{"level": b.Level(t.Level)}))
		}
		for i, w := range what {
			b.Columns = append(b.Columns, TableColumn{Key: []string{"event-rate", "rate"}[i], Arm: a.Arm, N: a.N, Right: true,
				Title: b.Say("harms-rates-head", text.Args{"arm": b.short(a.Arm), "what": w})})
		}
	}
	untimed := false
	for i, row := range t.Rows {
		out := b.harmsRow(row, r.Safety.Events.Rows[i].Term, "rate")
		d := rateDecimals(row)
		for _, a := range row.Arms {
			n := a.N - a.NotFollowed
			number := func(x float64) string {
				if math.IsNaN(x) {
					return "–"
				}
				return b.C.Number(100*x, d)
			}
			out.Cells = append(out.Cells, TableCell{Text: number(a.EventRate), N: n, Numbers: existing("event-rate", 100*a.EventRate, "events", float64(a.Events), "exposure", a.Exposure)})
			if !t.Timed {
				continue
			}
			cell := TableCell{Text: "–", N: n}
			if !math.IsNaN(a.Incidence) {
				cell.Text = number(a.Incidence) + " (" + b.intervalOf(stats.Interval{Lo: 100 * a.IncidenceLower, Hi: 100 * a.IncidenceUpper},
					func(x float64) string { return b.C.Number(x, d) }) + ")"
				cell.Numbers = existing("rate", 100*a.Incidence, "lower", 100*a.IncidenceLower, "upper", 100*a.IncidenceUpper, "level", t.Level, "exposure", a.AtRisk)
			} else if !math.IsNaN(a.EventRate) {
				untimed = true
			}
			out.Cells = append(out.Cells, cell)
		}
		b.Rows = append(b.Rows, out)
	}
	var time []string
	for _, a := range t.Rows[0].Arms {
		if !math.IsNaN(a.Exposure) {
			time = append(time, b.Say("harms-rates-time", text.Args{"arm": b.arm(a.Arm), "time": b.C.Number(a.Exposure, 0), "unit": unit, "n": a.N - a.NotFollowed}))
		}
	}
	b.Notes = append(b.Notes, b.Say("harms-rates-times", text.Args{"list": strings.Join(time, "; ")}), b.Say("harms-rates-note", nil))
	if t.Timed {
		b.Notes = append(b.Notes, b.Say("harms-rates-note-incidence", nil))
	}
	if untimed {
		b.Notes = append(b.Notes, b.Say("harms-rates-note-untimed", nil))
	}
	for _, a := range t.Rows[0].Arms {
		if a.NotFollowed > 0 {
			b.Notes = append(b.Notes, b.Say("harms-rates-note-missing", text.Args{"arm": b.arm(a.Arm), "n": a.NotFollowed}))
		}
	}
	return b.Table, nil
}

// rateDecimals keep two digits of the smallest standard error of a row's rates, that of
// a Poisson count: the root of the events, of one at least, over the time.
func rateDecimals(row harms.Row) int {
	se := math.Inf(1)
	for _, a := range row.Arms {
		if a.Exposure > 0 {
			se = math.Min(se, 100*math.Sqrt(math.Max(1, float64(a.Participants)))/a.Exposure)
		}
	}
	return study.DigitsFor(se, 0, 0)
}

// harmsByTerm puts both tables into the supplement.
func (b *builder) harmsByTerm() {
	if b.r.Safety.Events == nil {
		return
	}
	for _, make := range []func(study.Report, string) (Table, error){HarmsTable, HarmRatesTable} {
		t, err := make(b.r, b.opt.Lang)
		if err != nil { // the language is known: this report is written in it
			panic(err)
		}
		if len(t.Rows) > 0 {
			b.Doc.TableWith(t.page())
		}
	}
}

// harmsLine counts adverse events on page one: participants and events in each arm,
// serious ones, and the difference.
func (b *builder) harmsLine() []string {
	t := b.r.Safety.Events
	var parts []string
	for _, row := range t.Rows {
		var list []string
		unknown := 0
		for _, a := range row.Arms {
			code := "page-harms-kind-arm"
			if row.Kind == harms.Any {
				code = "page-harms-arm"
			}
			list = append(list, b.Say(code, text.Args{"events": a.Participants, "n": a.N, "arm": b.arm(a.Arm), "total": a.Events}))
			unknown += a.Unknown
		}
		all := b.joined("page-list-and", list)
		switch row.Kind {
		case harms.Any:
			parts = append(parts, b.Say("page-harms-events", text.Args{"list": all}))
			for _, c := range row.Contrasts {
				if !math.IsNaN(c.Difference) {
					parts = append(parts, b.Say("page-harms-difference", text.Args{"arm": b.arm(c.Arm), "control": b.arm(c.Control), "points": b.Points(c.Difference),
						"level": b.Level(t.Level), "interval": b.pointsInterval(c.Lower, c.Upper)}))
				}
			}
		case harms.AnySerious, harms.AnyWithdrawal:
			parts = append(parts, b.Say("page-harms-kind", text.Args{"kind": b.Say("harms-kind-"+string(row.Kind), nil), "list": all}))
		}
		if unknown > 0 {
			parts = append(parts, b.Say("page-harms-unknown", text.Args{"kind": b.Say("harms-word-"+string(row.Kind), nil), "n": unknown}))
		}
	}
	return parts
}

// harmsNone says what no event among so many fits, of any kind that page one counts.
func (b *builder) harmsNone(none map[int]float64) {
	for _, row := range b.r.Safety.Events.Rows {
		for _, a := range row.Arms {
			if row.Kind != harms.OfTerm && row.Kind != harms.AnyRelated && a.Participants == 0 && a.N > 0 {
				none[a.N] = a.Upper
			}
		}
	}
}
