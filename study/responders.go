package study

import (
	"fmt"
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
		if assumedResponse(a == arm, harm, missing) {
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

// Norms describe the scale on which individual change is classified: what the
// patients' group and, where known, people without the complaint look like,
// and how reliable the instrument is.
type Norms struct {
	// Mean and SD of the patients before treatment.
	Mean, SD float64
	// Reliability of the instrument, such as test–retest, 0 ≤ r < 1.
	Reliability float64
	// HealthyMean and HealthySD of people without the complaint; cut-offs b
	// and c need them (HealthySD > 0).
	HealthyMean, HealthySD float64
}

// Cutoff is a rule for where the functional range begins (Jacobson & Truax
// 1991, doi 10.1037/0022-006X.59.1.12).
type Cutoff string

// Cut-offs.
const (
	// CutoffA: 2 SD from the patients' mean, toward function.
	CutoffA Cutoff = "a"
	// CutoffB: 2 SD from the healthy mean, toward dysfunction.
	CutoffB Cutoff = "b"
	// CutoffC: where both groups are equally likely for equal sizes, weighted
	// by the SDs: (SD·M_healthy + SD_healthy·M) / (SD + SD_healthy).
	CutoffC Cutoff = "c"
)

// ReliableChange is a family of reliable change indices: z values of one
// patient's change, reliable beyond ±1.96. With M and SD of the patients
// before treatment, r the reliability and SEM = SD·√(1 − r):
type ReliableChange string

// Families.
const (
	// JacobsonTruax: (x₂ − x₁) / (√2·SEM) (1991,
	// doi 10.1037/0022-006X.59.1.12). The zero value.
	JacobsonTruax ReliableChange = ""
	// GulliksenLordNovick, against regression to the mean: change from the
	// true score predicted, ((x₂ − M) − r(x₁ − M)) / (SD·√(1 − r²)) (Hsu 1989,
	// Behav Assess 11:459).
	GulliksenLordNovick ReliableChange = "gulliksen-lord-novick"
	// EdwardsNunnally: against the regressed first score,
	// (x₂ − (r(x₁ − M) + M)) / SEM (Speer 1992,
	// doi 10.1037/0022-006X.60.3.402; there reliable beyond ±2).
	EdwardsNunnally ReliableChange = "edwards-nunnally"
)

// ChangeClass is what became of one patient.
type ChangeClass string

// Classes.
const (
	// Recovered: reliably improved, and from the dysfunctional range across
	// the cut-off.
	Recovered ChangeClass = "recovered"
	// Improved: reliably, without crossing.
	Improved     ChangeClass = "improved"
	Unchanged    ChangeClass = "unchanged"
	Deteriorated ChangeClass = "deteriorated"
)

// Classification is one patient's change.
type Classification struct {
	ID, Arm string
	Index   float64 // reliable change, improvement positive
	Class   ChangeClass
}

// CutoffValue returns where the functional range begins, on the outcome's
// scale. The value itself counts as functional. It refuses SDs that are not
// above 0 and, for b and c, norms without people free of the complaint.
func (n Norms) CutoffValue(cut Cutoff, better Direction) (float64, error) {
	if !(n.SD > 0) || !finite(n.Mean) || math.IsInf(n.SD, 1) {
		return 0, fmt.Errorf("study: norms: mean %v, SD %v", n.Mean, n.SD)
	}
	healthy := n.HealthySD > 0 && finite(n.HealthySD) && finite(n.HealthyMean)
	if cut != CutoffA && !healthy {
		return 0, fmt.Errorf("study: cut-off %s needs the mean and SD of people without the complaint", cut)
	}
	switch s := better.Sign(); cut {
	case CutoffA:
		return n.Mean + s*2*n.SD, nil
	case CutoffB:
		return n.HealthyMean - s*2*n.HealthySD, nil
	case CutoffC:
		return (n.SD*n.HealthyMean + n.HealthySD*n.Mean) / (n.SD + n.HealthySD), nil
	}
	panic(fmt.Sprintf("study: unknown cut-off %q", cut))
}

// Index returns a patient's reliable change, improvement positive. It refuses
// a reliability outside 0 … 1 (1 excluded) and what CutoffValue refuses.
func (n Norms) Index(before, after float64, family ReliableChange, better Direction) (float64, error) {
	if !(n.Reliability >= 0 && n.Reliability < 1) || !(n.SD > 0) || !finite(n.SD) || !finite(n.Mean) {
		return 0, fmt.Errorf("study: norms: reliability %v, mean %v, SD %v", n.Reliability, n.Mean, n.SD)
	}
	r, sem := n.Reliability, n.SD*math.Sqrt(1-n.Reliability)
	var z float64
	switch family {
	case JacobsonTruax:
		z = files.Decimal(after).Minus(files.Decimal(before)) / (math.Sqrt2 * sem)
	case GulliksenLordNovick:
		z = ((after - n.Mean) - r*(before-n.Mean)) / (n.SD * math.Sqrt(1-r*r))
	case EdwardsNunnally:
		z = (after - (r*(before-n.Mean) + n.Mean)) / sem
	default:
		panic(fmt.Sprintf("study: unknown family of reliable change %q", family))
	}
	return better.Sign() * z, nil
}

// Classify says of every participant with baseline and follow-up whether he
// recovered, improved, did not change or deteriorated. A change is reliable
// beyond ±1.96 of its index. The classes are descriptive: they compare nobody
// with an arm not treated.
func (r Result) Classify(n Norms, cut Cutoff, family ReliableChange) ([]Classification, error) {
	edge, err := n.CutoffValue(cut, r.Outcome.Better)
	if err != nil {
		return nil, err
	}
	sign := r.Outcome.Better.Sign()
	var out []Classification
	for _, x := range r.Records {
		if !x.HasBaseline || !x.HasFollow {
			continue
		}
		z, err := n.Index(x.Baseline, x.Follow, family, r.Outcome.Better)
		if err != nil {
			return nil, err
		}
		c := Classification{ID: x.ID, Arm: x.Arm, Index: z, Class: Unchanged}
		switch {
		case z > reliable && sign*x.Baseline < sign*edge && sign*x.Follow >= sign*edge:
			c.Class = Recovered
		case z > reliable:
			c.Class = Improved
		case z < -reliable:
			c.Class = Deteriorated
		}
		out = append(out, c)
	}
	return out, nil
}

// reliable is the index beyond which a change is reliable (p < 0.05).
const reliable = 1.96

// OAState is one patient's pain, function and global assessment, each from 0
// (best) to 100 (worst).
type OAState struct{ Pain, Function, Global float64 }

// OMERACTOARSI reports whether a patient with osteoarthritis responds by the
// OMERACT–OARSI criteria: improvement in pain or function of at least 50% and
// at least 20 points, or improvement in two of pain, function and global
// assessment of at least 20% and at least 10 points each. All comparisons are
// made in decimals. A measure that begins at 0 cannot improve. It refuses
// values outside 0 to 100; rescale others first (WOMACNormalize).
// Source: Pham et al. 2004, Osteoarthritis Cartilage 12:389,
// doi 10.1016/j.joca.2004.02.001.
func OMERACTOARSI(before, after OAState) (bool, error) {
	if err := checkStates(before, after); err != nil {
		return false, err
	}
	if improvedBy(before.Pain, after.Pain, 50, 20) || improvedBy(before.Function, after.Function, 50, 20) {
		return true, nil
	}
	n := 0
	for _, x := range [][2]float64{{before.Pain, after.Pain}, {before.Function, after.Function}, {before.Global, after.Global}} {
		if improvedBy(x[0], x[1], 20, 10) {
			n++
		}
	}
	return n >= 2, nil
}

func checkStates(states ...OAState) error {
	for _, s := range states {
		for _, x := range []float64{s.Pain, s.Function, s.Global} {
			if !(x >= 0 && x <= 100) {
				return fmt.Errorf("study: OMERACT–OARSI: %v is not within 0 to 100", x)
			}
		}
	}
	return nil
}

// improvedBy reports a fall of at least percent of the first value and of at
// least points, in decimals.
func improvedBy(before, after, percent, points float64) bool {
	fall := files.Decimal(before).Minus(files.Decimal(after))
	return fall >= points && meetsPercent(before, after, percent, -1)
}

// WOMACState is one patient's WOMAC subscales on any one scale from 0 (best).
type WOMACState struct{ Pain, Stiffness, Function float64 }

// WOMACResponse reports whether WOMAC pain improved by at least percent (20,
// 50 or 70) of its first value: WOMAC 20P, 50P, 70P; and, in pfs, whether
// function or stiffness did too: WOMAC 20PFS, 50PFS, 70PFS. Comparisons are
// made in decimals; a subscale that begins at 0 cannot improve. It refuses
// negative values and a percentage outside 0 to 100.
// Source: Bellamy et al. 2005, Ann Rheum Dis 64:881, doi 10.1136/ard.2004.026443.
func WOMACResponse(before, after WOMACState, percent float64) (p, pfs bool, err error) {
	if !(percent > 0 && percent <= 100) {
		return false, false, fmt.Errorf("study: WOMACResponse: %v%% is not within 0 to 100", percent)
	}
	for _, s := range []WOMACState{before, after} {
		for _, x := range []float64{s.Pain, s.Stiffness, s.Function} {
			if !(x >= 0) || !finite(x) {
				return false, false, fmt.Errorf("study: WOMACResponse: %v is no score", x)
			}
		}
	}
	p = meetsPercent(before.Pain, after.Pain, percent, -1)
	pfs = p && (meetsPercent(before.Function, after.Function, percent, -1) ||
		meetsPercent(before.Stiffness, after.Stiffness, percent, -1))
	return p, pfs, nil
}
