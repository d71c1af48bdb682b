package study

import (
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// ParseProtocol reads a protocol in YAML and validates it. name is the file's
// name in error messages. Everything wrong is returned at once, as Problems
// with line and column: unknown keys, values that cannot be read, and all that
// Validate finds. IDs, codes and column names are taken as written: arms may
// be called 0 and 1, true or NA without quotes.
//
//	title, registration, estimand: text
//	estimands: [{id: main, set: itt, strategies: {stopped: treatment-policy, rescue: hypothetical}}]  # instead of estimand, of
//	                                    # data.intercurrent; also {composite: worst (or 0 change)}, while-on-treatment;
//	                                    # {composite: trimmed mean} beside trim: 0.5 (cut off each arm) or adaptive, and
//	                                    # lost: worst or left-out (who has no value, and no such event)
//	population: adults with knee osteoarthritis             # who was studied
//	simulated: true                     # invented data say so everywhere
//	arms:                               # exactly one control
//	  - {id: hilt, label: Active HILT, short: HILT, randomized: 5}  # short: in the heads of tables
//	  - {id: sham, label: Placebo HILT, control: true}
//	                                    # dose: 8, how much of the treatment the arm gets; dose_unit: J beside arms
//	randomization: {kind: stratified, block: 4, strata: [site]}  # unknown, complete, blocked, stratified; also
//	                                    # column, cross: true, small: merge/random/ignore, reason
//	visits:                             # the first is the baseline, unless baseline: says otherwise
//	  - {id: pre, label: Before}
//	  - {id: w6, label: Week 6, time: 6w}                    # m, h, d or w
//	baseline: pre                       # or {outcome: column}, or none; an outcome may say its own
//	outcomes:
//	  - {id: vas, label: Pain (VAS), short: Pain, unit: cm, range: [0, 10], resolution: 0.1, better: lower,
//	     instrument: VAS-cm, condition: knee-oa,             # fill in what is left out
//	     thresholds: [{kind: MCID, value: 1.5, level: individual, population, method, n, ci, source, worsening}]}
//	  - {id: sport, kind: binary, better: higher}            # yes or no; continuous is asked where 0 and 1 stand alone
//	  - {id: pgic, kind: ordinal, levels: [worse, same, better], better: higher}  # from low to high
//	  - {id: falls, kind: count, better: lower}             # events in a time at risk, data.exposure
//	  - {id: days, kind: bounded, range: [0, 28], better: lower}  # so many of a fixed number
//	data:
//	  layout: wide                      # a row a participant; long: a row a visit, or a value
//	  participant: id                   # these name columns; [site, id] where every site numbers its own
//	  arm: group
//	  columns: {vas: {pre: vas_pre, w6: vas_w6}}             # long: {vas: pain}
//	  exposure: {falls: months}         # the time at risk of counts; of several visits {falls: {w6: months6, w12: months12}}
//	  visit, outcome, value: column     # long alone; the last two where a row is a value
//	  missing: [999, x]                 # an empty field is always missing
//	  arm_values: {1: hilt, 2: sham}    # what the file writes: ID; also visit_values, outcome_values
//	  values: {vas: {none: 0, mild: 1}, sport: {ja: yes, nee: no}, pgic: {1: worse, 2: same, 3: better},
//	           sex: {1: female, 2: male}} # an outcome in words: the number (or yes, no, a level) that each means;
//	                                    # a category: the level, listed in this order
//	  rows: {flag: [Y]}                 # keep only rows with these values; the others are counted
//	  covariates: {age: {column: age, label: Age, kind: number, range: [18, 100], at: pre}} # or category
//	  repeats: refuse                   # several rows of a participant and visit: or mean, first, last
//	  day: column                       # each row's day since randomization: for first and last, and for
//	                                    # visits[].window: [77, 91], the days of a visit (long layout)
//	  adverse_events: column            # of counts; or a line each, in a file or sheet of their own:
//	                                    # {file: ae.csv, sheet, header, participant: id, term: aeterm, serious: ser,
//	                                    # related: rel, withdrawal: wd, day: aeday, values: {related: {possible: yes}},
//	                                    # exposure: {column: followed, unit: days}, set: itt}
//	  status: {column: state, values: {1: completed, 2: lost}, reason: why}  # how participants left
//	  sets: {pp: {protocol: [1]}}       # participants by values of columns; itt, everybody randomized, always is
//	  received: column                  # whose treatment was received: arms, or none
//	  adherence: {column: sessions, planned: 10}  # or the column alone: how much of the treatment was taken
//	  guess: {column: believed, values: {"?": unknown}}  # blinding: an arm, active (one of them), unknown
//	  intercurrent: {stopped: {day: stop_day}, rescue: {column: rescue, values: {1: yes, 0: no}, label: Rescue medication}}
//	                                    # what ended or changed treatment: the day since randomization (empty: it did not
//	                                    # happen), or yes and no; a column by visit in the wide layout: {column: {w4: r4}}
//	  delimiter, decimal, encoding      # found in the file, decimal a column, unless stated
//	  header: 4                         # the line of the columns' names; lines above are left out
//	  sheet: VAS                        # of a workbook with several
//	  files: [{name: dm.csv}, {name: qs.xlsx, sheet: VAS, header: 3}]  # joined by participant; names, no paths
//	flow: {assessed: 151, excluded: {did not meet criteria: 22, declined: 9}}  # before randomization
//	plans: [{outcome: vas, visit: w6, model: ancova, level: 0.95, covariates: [age], margin: 1,
//	         primary: true (or role: primary, sensitivity, supplementary), registered: {where, date}, priors: [{name, mean, sd}], seed: 1,
//	         estimand: main,                                 # of estimands; its set is the plan's
//	         impute: {assume: mar, engine: conditional, reference: sham, events: {stopped: j2r}},  # of missing values, as the
//	                                    # deciding analysis; assume as in sensitivity, engine also bayes, bootstrap; of
//	                                    # binary and ordinal outcomes {assume: mar, engine: chained} alone
//	         variance: repeated-sampling (or information-anchored),  # a primary plan with j2r, cr or cir must say
//	         framework: non-inferiority (or superiority, equivalence), set: pp,  # of data.sets; it stands beside everybody's
//	         alpha: 0.05,                                    # of each test of equivalence; its interval then has level 0.9
//	         effect: risk-difference (or risk-ratio, odds-ratio),  # of a binary outcome; its margin 0.1 is ten points; model: gee has all visits
//	         effect: probability-of-benefit (or win-odds),         # of an ordinal one; model: proportional-odds takes covariates
//	         sensitivity: [{assume: j2r, reference: sham},   # or mar, cr, cir, lmcf, bocf: of those lost; ancova or mmrm
//	                       {assume: mar},                # alone of binary (and best, worst, imor, tipping) and ordinal outcomes
//	                       {assume: delta, arm: hilt, steps: [0, 3, 0.2], visits: constant (or adding-up)}],  # worse by 0 to 3
//	         exact: true,                                    # permutation and rank tests, however long
//	         se: hc3,                                        # or model: standard errors of ancova
//	         variance_by_arm: true,                          # of ancova: a residual variance of each arm
//	         trend: true,                                    # along the arms' doses, beside the differences: no hypothesis of
//	                                                         # primary (all, any), which takes plans and arms (PLAN, PLAN.ARM)
//	         scale: log (or ratio),                          # log: a ratio of geometric means; ratio: the margin is one
//	         covariance, df, covariance_by_arm, baseline}]   # these four: models of all visits
//	assumed: {vas: {sd: {value: 2.3, source: a trial}, correlation: 0.5, difference: {hilt: -1.5}}, lost: 0.15}
//	                                    # believed beforehand, for planning alone: see package assumed
//	subgroups: [sex, {age: [65]}]         # covariates; a number's levels: below 65, and from 65 on; age alone: along a line
//	translations: {nl: {Before: Vooraf}}  # the trial's own words in other languages
//
// The words allowed are those of
// the constants of RandomizationKind, ThresholdKind, ThresholdLevel, Model and
// of Plan's fields. data.baseline is the same as the top-level baseline. A value
// mapped to "" in arm_values, visit_values or outcome_values is ignored: its
// rows are excluded, counted and listed; so are the rows that rows leaves out.
// values is also read in an outcome's baseline column; words that it lists are
// taken as written, and a numeral that it lists (1: 0, 2: 1) is matched as a
// number. A category with values has no other levels than those they mean. range is that of a number: a value outside is refused. at is the
// visit whose value of a covariate counts, in the long layout; without it, a
// covariate that differs between visits is taken at baseline. delimiter is a character or comma,
// semicolon, tab, pipe, space; decimal is a point or a comma, as a sign or a word;
// encoding is utf-8, utf-16, utf-16le, utf-16be or windows-1252.
// flow counts who was assessed for eligibility and excluded before randomization,
// by reason; a criterion that excluded nobody stays, with 0. status tells how each
// participant left: completed, lost, withdrew, discontinued, died, or a word of the
// trial's own; values map what the file writes, one of them to completed. What a
// participant received is read with arm_values.
func ParseProtocol(r io.Reader, name string) (Protocol, error) {
	p, _, err := readProtocol(r, name)
	return p, err
}

// readProtocol also returns where everything was written, for what analysis
// alone can find wrong.
func readProtocol(r io.Reader, name string) (Protocol, *protocolReader, error) {
	reader, root, err := yamlfile.Open(r, name, "problem-protocol-long")
	if err != nil {
		return Protocol{}, nil, err
	}
	d := &protocolReader{reader}
	if root.Kind != yamlfile.Map {
		d.Report(root.Line, root.Column, "problem-no-protocol")
		return Protocol{}, nil, d.Close(nil)
	}
	var p Protocol
	d.protocol(root, &p)
	if err := d.Close(p.check()); err != nil {
		return Protocol{}, nil, err
	}
	return p.WithInstruments(), d, nil
}

// ReadProtocol reads a protocol from a file system; see ParseProtocol.
func ReadProtocol(fsys fs.FS, file string) (Protocol, error) {
	p, _, err := readProtocolFS(fsys, file)
	return p, err
}

func readProtocolFS(fsys fs.FS, file string) (Protocol, *protocolReader, error) {
	f, err := fsys.Open(path.Clean(file))
	if err != nil {
		return Protocol{}, nil, err
	}
	defer f.Close()
	return readProtocol(f, file)
}

// protocolReader fills a Protocol from YAML.
type protocolReader struct{ *yamlfile.Reader }

// parseTime reads the time of a visit: a number with its unit.
func parseTime(s string) (t time.Duration, ok bool) {
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	s = strings.TrimSpace(s)
	if s == "0" {
		return 0, true
	}
	if s != "" {
		if unit, ok := units[s[len(s)-1]]; ok {
			x, err := strconv.ParseFloat(strings.TrimSpace(s[:len(s)-1]), 64)
			ns := x * float64(unit)
			if err == nil && math.Abs(ns) < math.MaxInt64/2 && !strings.ContainsAny(s[:len(s)-1], "xXpP_") {
				return time.Duration(math.Round(ns)), true
			}
		}
	}
	return 0, false
}

// dictionary says a trial's own words in a language: as its translations have
// them, and a registry's label as the catalog has it.
type dictionary struct {
	words map[string]string
	c     *text.Catalog
}

func (d dictionary) word(s string) string {
	if t, ok := d.words[s]; ok {
		return t
	}
	return s
}

func (d dictionary) outcome(o Outcome) Outcome { return o.In(d.words, d.c) }

// In returns the outcome with its label, unit and the populations and sources of
// its thresholds in a catalog's language: as the words of a trial have them, and
// a registry's label as the catalog has it.
func (o Outcome) In(words map[string]string, c *text.Catalog) Outcome {
	d := dictionary{words, c}
	name := "instrument-" + o.Instrument
	if t, ok := d.words[o.Label]; ok {
		o.Label = t
	} else if in, ok := InstrumentByID(o.Instrument); ok && o.Label != "" && o.Label == in.Label && d.c.Has(name) {
		o.Label = d.c.Say(name, nil)
	}
	o.Unit, o.Short = d.word(o.Unit), d.word(o.Short)
	o.Levels = slices.Clone(o.Levels)
	for i := range o.Levels {
		o.Levels[i] = d.word(o.Levels[i])
	}
	o.Thresholds = slices.Clone(o.Thresholds)
	for i := range o.Thresholds {
		o.Thresholds[i] = d.threshold(o.Thresholds[i])
	}
	return o
}

func (d dictionary) threshold(t Threshold) Threshold {
	t.Population, t.Source = d.word(t.Population), d.word(t.Source)
	return t
}

// notes translates the thresholds that notes hold.
func (d dictionary) notes(list []Note) []Note {
	list = slices.Clone(list)
	for i, n := range list {
		for k, v := range n.Args {
			if ts, ok := v.([]Threshold); ok {
				ts = slices.Clone(ts)
				for j := range ts {
					ts[j] = d.threshold(ts[j])
				}
				list[i].Args = maps.Clone(list[i].Args)
				list[i].Args[k] = ts
			}
			if unit, ok := v.(string); ok && k == "unit" {
				list[i].Args = maps.Clone(list[i].Args)
				list[i].Args[k] = d.word(unit)
			}
		}
	}
	return list
}

// rows translates the units in the notes of rows.
func (d dictionary) rows(list []Row) []Row {
	list = slices.Clone(list)
	for i := range list {
		list[i].Notes = d.notes(list[i].Notes)
	}
	return list
}

func (d dictionary) arms(list []Arm) []Arm {
	list = slices.Clone(list)
	for i := range list {
		list[i].Label, list[i].Short = d.word(list[i].Label), d.word(list[i].Short)
	}
	return list
}

// baseline translates the words of a variable of Table 1; its levels are the
// file's or the protocol's words.
func (d dictionary) baseline(v BaselineVariable) BaselineVariable {
	if v.Outcome {
		o := d.outcome(Outcome{Label: v.Label, Short: v.Short, Unit: v.Unit, Instrument: v.instrument})
		v.Label, v.Short, v.Unit = o.Label, o.Short, o.Unit
	} else {
		v.Label = d.word(v.Label)
	}
	v.Levels = slices.Clone(v.Levels)
	for i := range v.Levels {
		v.Levels[i] = d.word(v.Levels[i])
	}
	return v
}

// subgroups translates the covariate and its levels.
func (d dictionary) subgroups(s Subgroups) Subgroups {
	s.Label = d.word(s.Label)
	s.Rows, s.Interactions = slices.Clone(s.Rows), slices.Clone(s.Interactions)
	for i := range s.Rows {
		s.Rows[i].Level = d.word(s.Rows[i].Level)
	}
	for i := range s.Interactions {
		x := &s.Interactions[i]
		x.Level, x.Reference = d.word(x.Level), d.word(x.Reference)
	}
	return s
}

func (d dictionary) visit(v Visit) Visit {
	v.Label = d.word(v.Label)
	return v
}

// In returns the report with the trial's own words (title, labels, units) in a
// language, as far as the protocol's Translations and the registry of
// instruments have them; IDs and numbers stay. WriteText and WriteMarkdown call
// it; figures of its results are in the language too. An unknown language is
// an error.
func (r Report) In(lang string) (Report, error) {
	c, err := text.In(lang)
	if err != nil {
		return Report{}, err
	}
	d := dictionary{c.Own(r.Protocol.Translations), c}
	p := r.Protocol
	p.Title, p.Population, p.Estimand, p.Arms, p.DoseUnit = d.word(p.Title), d.word(p.Population), d.word(p.Estimand), d.arms(p.Arms), d.word(p.DoseUnit)
	p.Data.Covariates = slices.Clone(p.Data.Covariates)
	for i := range p.Data.Covariates {
		p.Data.Covariates[i].Label = d.word(p.Data.Covariates[i].Label)
	}
	r.Baseline = slices.Clone(r.Baseline)
	for i := range r.Baseline {
		r.Baseline[i] = d.baseline(r.Baseline[i])
	}
	p.Visits, p.Outcomes = slices.Clone(p.Visits), slices.Clone(p.Outcomes)
	for i := range p.Visits {
		p.Visits[i] = d.visit(p.Visits[i])
	}
	for i := range p.Outcomes {
		p.Outcomes[i] = d.outcome(p.Outcomes[i])
	}
	r.Consort = d.consort(r.Consort)
	p.Flow.Excluded = r.Consort.Excluded
	r.Doubts = slices.Clone(r.Doubts)
	for i := range r.Doubts {
		r.Doubts[i].Notes = d.notes(r.Doubts[i].Notes)
		for _, t := range []**Threshold{&r.Doubts[i].Threshold, &r.Doubts[i].Other} {
			if *t != nil {
				translated := d.threshold(**t)
				*t = &translated
			}
		}
	}
	r.Subgroups = slices.Clone(r.Subgroups)
	for i := range r.Subgroups {
		r.Subgroups[i] = d.subgroups(r.Subgroups[i])
	}
	if t := r.Safety.Events; t != nil {
		said := *t
		said.Rows = slices.Clone(t.Rows)
		for i := range said.Rows {
			said.Rows[i].Term = d.word(said.Rows[i].Term)
		}
		r.Safety.Events = &said
	}
	r.Protocol, r.Results = p, slices.Clone(r.Results)
	for i := range r.Results {
		x := &r.Results[i]
		x.Study.Title, x.Outcome, x.Arms = d.word(x.Study.Title), d.outcome(x.Outcome), d.arms(x.Arms)
		x.Visit, x.Baseline, x.Notes = d.visit(x.Visit), d.visit(x.Baseline), d.notes(x.Notes)
		x.Lost = x.Lost.in(d)
		x.Rows, x.Within = d.rows(x.Rows), d.rows(x.Within)
		x.Sensitivity = slices.Clone(x.Sensitivity)
		for k := range x.Sensitivity {
			x.Sensitivity[k].Notes = d.notes(x.Sensitivity[k].Notes)
		}
	}
	return r, nil
}

// adverseEvents reads the column of a count, or the map that says where each event has
// a line.
func (d *protocolReader) adverseEvents(dst *DataSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.Map {
			d.Text(&dst.AdverseEvents)(n, path)
			return
		}
		e := &dst.Events
		d.Fields(n, path, yamlfile.Keys{
			"file": d.Text(&e.File), "sheet": d.Raw(&e.Sheet), "header": d.Line(&e.Header),
			"participant": func(n *yamlfile.Node, path string) {
				var one string
				if d.TextOrTexts(&one, &e.Participant)(n, path); one != "" {
					e.Participant = []string{one}
				}
			},
			"term": d.Text(&e.Term), "serious": d.Text(&e.Serious), "related": d.Text(&e.Related),
			"withdrawal": d.Text(&e.Withdrawal), "day": d.Text(&e.Day), "set": d.Text(&e.Set),
			"values": func(n *yamlfile.Node, path string) {
				d.MapOf(n, path, "problem-event-values", func(key string, n *yamlfile.Node, path string) {
					var words map[string]string
					d.TextMap(&words)(n, path)
					if e.Values == nil {
						e.Values = map[string]map[string]string{}
					}
					e.Values[key] = words
				})
			},
			"exposure": func(n *yamlfile.Node, path string) {
				d.Fields(n, path, yamlfile.Keys{"column": d.Text(&e.Exposure),
					"unit": d.Word((*string)(&e.Unit), string(harms.Days), string(harms.Weeks), string(harms.Months), string(harms.Years))})
			},
		})
		if !e.Stated() {
			d.Reject(n, path, "problem-events-place")
		}
	}
}

// adherence reads a column, or {column, planned}.
func (d *protocolReader) adherence(dst *AdherenceSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.Map {
			d.Text(&dst.Column)(n, path)
			return
		}
		d.Fields(n, path, yamlfile.Keys{"column": d.Text(&dst.Column), "planned": d.Positive(&dst.Planned)})
	}
}

// guess reads a column, or {column, values: {what the file writes: guess}}.
func (d *protocolReader) guess(dst *GuessSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		if n.Kind != yamlfile.Map {
			d.Text(&dst.Column)(n, path)
			return
		}
		d.Fields(n, path, yamlfile.Keys{"column": d.Text(&dst.Column), "values": d.TextMap(&dst.Values)})
	}
}
