package study

import (
	"math"
	"math/big"
	"slices"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/files"
)

// respondersOf counts, per arm, the participants who meet each individual
// rule of the outcome at the visit, and compares every active arm with
// control. records holds everyone in the file, arms the control last,
// randomized the number randomized to each arm.
//
// Whether somebody is a responder is decided in decimal arithmetic on the
// file's digits: 5.9 − 4.1 reaches a threshold of 1.8.
func respondersOf(o Outcome, visit string, arms []Arm, records []Record, randomized map[string]int, level float64, risks *risks) ([]ResponderRow, []ResponderContrast) {
	var rows []ResponderRow
	var contrasts []ResponderContrast
	patients, _ := o.PatientThreshold()
	for i, th := range o.Thresholds {
		for _, rule := range responderRules(th) {
			if !o.HasBaseline() && rule != RulePass && rule != RulePassRandomized {
				continue // nothing to change from
			}
			first := rule == RuleChange && patients == &o.Thresholds[i]
			counts := make([]table.Count, len(arms))
			for k, a := range arms {
				counts[k] = countResponders(o, a.ID, records, randomized[a.ID], th, rule)
				rows = append(rows, responderRow(o, visit, a.ID, rule, th, counts[k], level, first))
			}
			control := arms[len(arms)-1].ID
			for k, a := range arms[:len(arms)-1] {
				row := ResponderContrast{Outcome: o.ID, Visit: visit, Arm: a.ID, Control: control, Rule: rule, Threshold: th, Level: level,
					Difference: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), DifferenceP: math.NaN(), FisherP: math.NaN()}
				if !stratified(records) {
					row.compare(risks, counts[k], counts[len(arms)-1], randomized)
				} else {
					row.within(respondersByStratum(records, a.ID, control, randomized, rule, func(r Record) (bool, bool) {
						return meetsRule(o, r, th, rule)
					}))
				}
				contrasts = append(contrasts, row)
			}
		}
	}
	return rows, contrasts
}

// responderRules lists the rules that a threshold gives rise to. A threshold
// between groups says nothing about one patient.
func responderRules(t Threshold) []string {
	switch {
	case t.Level != Individual:
		return nil
	case t.Kind == PASS:
		return []string{RulePass, RulePassRandomized}
	case t.Kind == Percent && !t.Worsening:
		return []string{RulePercent, RulePercentRandomized}
	case t.Kind.IsChange() && t.Worsening:
		return []string{RuleWorsening}
	case t.Kind.IsChange():
		return []string{RuleChange, RuleChangeRandomized}
	}
	return nil
}

// countResponders counts the events of one arm and the participants on whom
// the rule could be decided, or all randomized for the …Randomized rules.
func countResponders(o Outcome, arm string, records []Record, randomized int, t Threshold, rule string) table.Count {
	var c table.Count
	for _, r := range records {
		if r.Arm != arm {
			continue
		}
		known, met := meetsRule(o, r, t, rule)
		if known {
			c.N++
		}
		if met {
			c.Events++
		}
	}
	if ofAllRandomized(rule) {
		c.N = randomized
	}
	return c
}

// ofAllRandomized reports whether the rule counts everybody randomized, those
// without the values as not meeting it.
func ofAllRandomized(rule string) bool {
	return rule == RuleChangeRandomized || rule == RulePercentRandomized || rule == RulePassRandomized
}

// meetsRule reports whether the rule can be decided for a record, and whether
// it is met.
func meetsRule(o Outcome, r Record, t Threshold, rule string) (known, met bool) {
	sign := o.Better.Sign()
	switch rule {
	case RulePass, RulePassRandomized:
		return r.HasFollow, r.HasFollow && sign*r.Follow >= sign*t.Value
	}
	if !r.HasBaseline || !r.HasFollow {
		return false, false
	}
	switch rule {
	case RuleWorsening:
		return true, meetsThreshold(r.Change, t.Value, -sign)
	case RulePercent, RulePercentRandomized:
		if r.Baseline == 0 {
			return false, false // a percentage of nothing
		}
		return true, meetsPercent(r.Baseline, r.Follow, t.Value, sign)
	}
	return true, meetsThreshold(r.Change, t.Value, sign)
}

// RespondersBy returns the arms' counts by a rule, and their contrasts with
// control, for the threshold that decides under it: for changes that of patients
// (PatientThreshold), for percentages and acceptable states the first declared.
// There are none where nobody was counted by the rule.
func (r Result) RespondersBy(rule string) (rows []ResponderRow, contrasts []ResponderContrast) {
	improved, worse := r.Outcome.PatientThreshold()
	decides := improved
	switch rule {
	case RuleChange, RuleChangeRandomized:
	case RuleWorsening:
		decides = worse
	default:
		decides = nil
		for i := range r.Responders {
			if r.Responders[i].Rule == rule {
				decides = &r.Responders[i].Threshold
				break
			}
		}
	}
	if decides == nil {
		return nil, nil
	}
	for _, row := range r.Responders {
		if row.Rule == rule && row.Threshold.sameAs(*decides) {
			rows = append(rows, row)
		}
	}
	for _, c := range r.ResponderContrasts {
		if c.Rule == rule && c.Threshold.sameAs(*decides) {
			contrasts = append(contrasts, c)
		}
	}
	return rows, contrasts
}

// sameAs reports whether two thresholds are one, whatever language their words
// are in.
func (t Threshold) sameAs(u Threshold) bool {
	return t.Kind == u.Kind && t.Value == u.Value && t.Level == u.Level && t.Worsening == u.Worsening
}

// Improved reports whether a participant's change can be held against the
// outcome's threshold of patients (PatientThreshold), and whether it is an
// improvement that reaches it. It is decided as responders are counted
// (RuleChange): in decimal arithmetic on the file's digits.
func (o Outcome) Improved(r Record) (known, met bool) {
	th, _ := o.PatientThreshold()
	if th == nil || !o.HasBaseline() {
		return false, false
	}
	return meetsRule(o, r, *th, RuleChange)
}

func responderRow(o Outcome, visit, arm, rule string, t Threshold, c table.Count, level float64, headline bool) ResponderRow {
	row := ResponderRow{Outcome: o.ID, Visit: visit, Arm: arm, Rule: rule, Threshold: t, Headline: headline,
		Events: c.Events, N: c.N, Lower: math.NaN(), Upper: math.NaN(), Level: level}
	if p, err := table.ClopperPearson(c); err == nil {
		ci := p.CI(level)
		row.Lower, row.Upper = ci.Lo, ci.Hi
	}
	return row
}

// ActsAs returns the smallest change on a grid of the resolution that reaches
// the threshold: 2.26 on a scale read in 0.1 acts as 2.3. It returns the
// threshold itself where no resolution is stated.
func (t Threshold) ActsAs(resolution float64) float64 {
	if !(resolution > 0) {
		return t.Value
	}
	step := files.Decimal(resolution).Rat()
	q := new(big.Rat).Quo(files.Decimal(t.Value).Rat(), step)
	n := new(big.Int).Div(new(big.Int).Add(q.Num(), new(big.Int).Sub(q.Denom(), big.NewInt(1))), q.Denom())
	f, _ := new(big.Rat).Mul(new(big.Rat).SetInt(n), step).Float64()
	return f
}

// changesOnGrid reports whether every observed change is a whole number of steps.
func changesOnGrid(records []Record, resolution float64) bool {
	if !(resolution > 0) {
		return false
	}
	step := files.Decimal(resolution).Rat()
	for _, r := range records {
		if r.HasBaseline && r.HasFollow && !new(big.Rat).Quo(files.Decimal(r.Change).Rat(), step).IsInt() {
			return false
		}
	}
	return true
}

// meetsThreshold reports whether sign·change ≥ threshold in decimals: whether
// a change reaches a threshold stated as a positive number. change is a
// Record's Change (a decimal difference rounded once) or any decimal, sign the
// outcome's Direction.Sign, or its opposite to ask for worsening.
func meetsThreshold(change, threshold, sign float64) bool {
	// Rounding to the nearest float64 keeps the order of decimals, so rounded
	// decimals compare as the decimals do.
	return sign*change >= threshold
}

// meetsPercent reports whether sign·(follow − baseline) is at least percent of
// |baseline|, in decimals. A baseline of 0 has no percentage and meets none.
func meetsPercent(baseline, follow, percent, sign float64) bool {
	if baseline == 0 {
		return false
	}
	b, f := files.Decimal(baseline).Rat(), files.Decimal(follow).Rat()
	change := new(big.Rat).Sub(f, b)
	if sign < 0 {
		change.Neg(change)
	}
	need := new(big.Rat).Mul(b.Abs(b), files.Decimal(percent).Rat())
	return change.Mul(change, big.NewRat(100, 1)).Cmp(need) >= 0
}

// stratified reports whether the records say in which stratum each participant
// was randomized.
func stratified(records []Record) bool { return len(records) > 0 && records[0].Stratum != "" }

// respondersByStratum makes the 2×2 table of every stratum. known and met are
// those of meetsRule. Participants who never reached the file have no stratum
// that could be known: where the rule counts all randomized, they make one of
// their own.
func respondersByStratum(records []Record, arm, control string, randomized map[string]int, rule string, decide func(Record) (known, met bool)) []table.Stratum {
	tables := map[string]*table.Stratum{}
	var names []string
	side := func(stratum, a string) *table.Count {
		t := tables[stratum]
		if t == nil {
			t = &table.Stratum{}
			tables[stratum] = t
			names = append(names, stratum)
		}
		if a == control {
			return &t.Control
		}
		return &t.Treated
	}
	absent := map[string]int{arm: randomized[arm], control: randomized[control]}
	for _, r := range records {
		if r.Arm != arm && r.Arm != control {
			continue
		}
		absent[r.Arm]--
		known, met := decide(r)
		if !known && !ofAllRandomized(rule) {
			continue
		}
		c := side(r.Stratum, r.Arm)
		c.N++
		if met {
			c.Events++
		}
	}
	if ofAllRandomized(rule) {
		for _, a := range []string{arm, control} {
			if absent[a] > 0 {
				side("", a).N += absent[a]
			}
		}
	}
	slices.Sort(names)
	var out []table.Stratum
	for _, n := range names {
		out = append(out, *tables[n])
	}
	return out
}

// byStratum makes the tables of participants whose response is decided or
// assumed; those who never reached the file make a stratum of their own.
func (p responses) byStratum(r Result, arm, control string, harm bool, missing MissingResponse) []table.Stratum {
	rule := RuleChange // counts those in the list
	tables := respondersByStratum(p.records(), arm, control, nil, rule, p.decide())
	if missing == MissingObserved {
		return tables
	}
	count := func(a string) table.Count {
		c := table.Count{N: r.neverInFile(a)}
		if assumed(a == arm, harm, missing) {
			c.Events = c.N
		}
		return c
	}
	if s := (table.Stratum{Treated: count(arm), Control: count(control)}); s.Treated.N+s.Control.N > 0 {
		tables = append(tables, s)
	}
	return tables
}

func (p responses) records() []Record {
	out := make([]Record, len(p))
	for i, x := range p {
		out[i] = *x.record
	}
	return out
}

// decide looks responses up by participant.
func (p responses) decide() func(Record) (bool, bool) {
	met := make(map[string]bool, len(p))
	for _, x := range p {
		met[x.record.ID] = x.met
	}
	return func(r Record) (bool, bool) { return true, met[r.ID] }
}

// enoughForModel reports whether every stratum has at least five participants of
// each arm, below which a logistic model gets no effect of strata: with small
// strata it would exaggerate the arms' difference.
func enoughForModel(people responses, arm, control string) bool {
	n := map[string]map[string]int{}
	for _, x := range people {
		s := x.record.Stratum
		if n[s] == nil {
			n[s] = map[string]int{}
		}
		n[s][x.record.Arm]++
	}
	for _, c := range n {
		if c[arm] < 5 || c[control] < 5 {
			return false
		}
	}
	return true
}
