package study

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/harms"
)

// Dataset is a trial's data, validated against its protocol and immutable.
// Load and its variants are the only way to make one, so there is no
// unvalidated Dataset. Participants are keyed and sorted by ID: the order of
// the file's rows changes nothing.
type Dataset struct {
	protocol     Protocol
	participants []*subject
	indexOnce    sync.Once
	index        map[string]int // participant ID to position; see position
	outcomes     map[string]int // outcome ID to position in the protocol
	visits       map[string]int // visit ID to position in the protocol
	strata       strata
	decimals     []int // of each covariate's numbers, as the file writes them
	accounting   Accounting
	events       harms.Listing // of a file of adverse events
	source       Source
	notes        []Note
	columns      []files.Column // that the protocol uses and the file says something of

	// Where the protocol's randomization was written; empty where the protocol
	// came without a file.
	protocolFile    string
	randomizationAt [2]int

	asked   sync.Map   // estimand and outcome → the data as they ask of it; see under
	answers *askedData // of such data: what became of each value
}

// Participant is one randomized person as the file shows them.
type Participant struct {
	ID, Arm string
	// Block is the block or stratum named by Randomization.Column, or "".
	Block string
	// Numbers and Categories are the covariates by ID; a missing one is absent.
	Numbers    map[string]float64
	Categories map[string]string
	// AdverseEvents is the number of events; Recorded tells 0 from unknown.
	AdverseEvents  int
	EventsRecorded bool
	// Events are those of a file in which each has a line, the earliest first; Exposure
	// is how long the participant was followed (DataSpec.Events), 0 where not recorded.
	Events   []harms.Event
	Exposure float64
	// Sets are those of data.sets that the participant is in.
	Sets map[string]bool
	// Status and Reason say how the participant left the trial, by data.status, and
	// Received whose treatment was received: an arm's ID, none, or "" where that is
	// not recorded.
	Status, Reason, Received string
	// Adherence is how much of the treatment was taken (DataSpec.Adherence), where
	// HasAdherence; Guess the treatment that the participant took it for: an arm's ID,
	// GuessActive, GuessUnknown, or "" where it is not recorded.
	Adherence    float64
	HasAdherence bool
	Guess        string
	// Intercurrent is what happened of data.intercurrent, in the protocol's order.
	Intercurrent []estimand.Occurrence
}

// subject is a participant as the dataset holds them: what most trials do not tell
// takes no room, for a file may have a million of them.
type subject struct {
	ID, Arm string
	// cells holds the values, outcome by outcome; see Dataset.slot.
	cells []cell
	// Numbers and Categories are those of Participant.
	Numbers    map[string]float64
	Categories map[string]string
	*details   // never nil
}

// details are the fields of Participant that few files tell, and more that they do not
// show.
type details struct {
	shared                   bool // by all without any of their own: not to be changed
	Block                    string
	AdverseEvents            int
	EventsRecorded           bool
	Events                   []harms.Event
	Exposure                 float64
	Sets                     map[string]bool
	Status, Reason, Received string
	Adherence                float64
	HasAdherence             bool
	Guess                    string
	Intercurrent             []estimand.Occurrence

	exposure map[int]exposureSeen // the time at risk of counts, by slot
	days     map[int]Value        // visit → day of its row, where events have days
	long     map[int]Value        // by slot, the values that a cell does not hold
}

// own gives a subject details that may be changed.
func (x *subject) own() *details {
	if x.shared {
		x.details = &details{}
	}
	return x.details
}

// public is the subject as others see them, with maps and lists of their own.
func (x *subject) public() Participant {
	return Participant{ID: x.ID, Arm: x.Arm, Block: x.Block, Numbers: maps.Clone(x.Numbers), Categories: maps.Clone(x.Categories),
		AdverseEvents: x.AdverseEvents, EventsRecorded: x.EventsRecorded, Events: slices.Clone(x.Events), Exposure: x.Exposure,
		Sets: maps.Clone(x.Sets), Status: x.Status, Reason: x.Reason, Received: x.Received, Adherence: x.Adherence,
		HasAdherence: x.HasAdherence, Guess: x.Guess, Intercurrent: slices.Clone(x.Intercurrent)}
}

// cell is a value that may be absent. There are many of them, without pointers.
type cell struct {
	Number float64
	// Decimals are the value's.
	Decimals int16
	ok       bool
	// mean: of several values, which have so many decimals; see Repeats.
	mean     bool
	decimals int8
	long     bool // Number and Decimals are not all of the value; see details.long
}

// value is what a slot holds.
func (x *subject) value(slot int) Value {
	c := &x.cells[slot]
	if c.long {
		return x.long[slot]
	}
	return Value{Number: c.Number, Decimals: int(c.Decimals)}
}

// put makes a slot hold a value.
func (x *subject) put(slot int, v Value) {
	x.cells[slot] = cell{Number: v.Number, Decimals: int16(v.Decimals), ok: true}
	if !v.IsShort() {
		x.cells[slot].long = true
		if x.own().long == nil {
			x.long = map[int]Value{}
		}
		x.long[slot] = v
	}
}

// Number is a covariate that is a number, and whether the participant has it.
func (x *subject) Number(id string) (float64, bool) { v, ok := x.Numbers[id]; return v, ok }

// Category is a covariate that is a category, and whether the participant has it.
func (x *subject) Category(id string) (string, bool) { v, ok := x.Categories[id]; return v, ok }

// Number is a covariate that is a number, and whether the participant has it.
func (p Participant) Number(id string) (float64, bool) { x, ok := p.Numbers[id]; return x, ok }

// Category is a covariate that is a category, and whether the participant has it.
func (p Participant) Category(id string) (string, bool) { x, ok := p.Categories[id]; return x, ok }

// Source says what was read and how.
type Source struct {
	// Name is the file's; of several, their names. SHA256 is the file's; of several,
	// that of a list of theirs, a line each in sorted order as sha256sum writes it.
	Name, SHA256 string
	// Delimiter, Decimal and Encoding are "" where files differ.
	Delimiter, Decimal, Encoding string
	// Files are the tables that were read: each file, or sheet of one.
	Files []SourceFile
	// Dictionaries are the files that describe the columns.
	Dictionaries []SourceFile
}

// SourceFile is a file, or a sheet of one, with the number of its rows under the
// header.
type SourceFile struct {
	Name, Sheet, SHA256 string
	Rows                int
}

// Accounting says where every row of the file went.
type Accounting struct {
	RowsRead, RowsUsed int
	Excluded           []Exclusion
}

// Exclusion is one row that was not used.
type Exclusion struct {
	Line        int    `json:"line"`
	Participant string `json:"participant"`
	Reason      string `json:"reason"` // a code of the message catalog
	// File, or sheet of one, in which the line is; "" where only one was read.
	File string `json:"file,omitempty"`
}

// Protocol returns the protocol, defaults filled in.
func (d *Dataset) Protocol() Protocol { return d.protocol.clone() }

// Accounting returns where every row went; it sums to the rows read.
func (d *Dataset) Accounting() Accounting {
	a := d.accounting
	a.Excluded = append([]Exclusion{}, a.Excluded...)
	return a
}

// FileColumns returns the columns that the protocol uses and that the file itself says
// something of: a label, a unit, words for values, codes of missing ones.
func (d *Dataset) FileColumns() []files.Column { return slices.Clone(d.columns) }

// Source returns what was read, its checksum and the dialect found.
func (d *Dataset) Source() Source { return d.source }

// Notes returns doubts about the data, such as values off the instrument's
// resolution.
func (d *Dataset) Notes() []Note { return append([]Note(nil), d.notes...) }

// Participants returns everyone in the file, sorted by ID.
func (d *Dataset) Participants() []Participant {
	out := make([]Participant, len(d.participants))
	for i, p := range d.participants {
		out[i] = p.public()
	}
	return out
}

// Record is one participant's baseline, follow-up and change for an outcome at
// a visit. Change is the exact decimal difference of the file's digits, as the
// nearest float64, so equal differences are equal numbers.
//
// Stratum is the cell of the crossed strata and blocks that the record was
// randomized in; "" where the protocol names none. The records of a result
// share Numbers and Categories with each other: they are not to be changed.
type Record struct {
	ID, Arm, Block, Stratum  string
	Baseline, Follow, Change float64
	HasBaseline, HasFollow   bool
	// Exposure is the time at risk of a count, where HasExposure.
	Exposure    float64
	HasExposure bool
	Numbers     map[string]float64
	Categories  map[string]string
	Sets        map[string]bool // those of data.sets that the participant is in
	Received    string          // the arm whose treatment was received; see Participant
	// Use is what the plan's estimand made of the value at the visit; "" without one.
	Use estimand.Use
}

// Number is a covariate that is a number, and whether the participant has it.
func (r Record) Number(id string) (float64, bool) { x, ok := r.Numbers[id]; return x, ok }

// Category is a covariate that is a category, and whether the participant has it.
func (r Record) Category(id string) (string, bool) { x, ok := r.Categories[id]; return x, ok }

// slot is where an outcome's value at a visit stands in subject.cells. The
// visit "" is the baseline that is held in a column.
func (d *Dataset) slot(outcome, visit string) (int, bool) {
	o, ok := d.outcomes[outcome]
	if !ok {
		return 0, false
	}
	v := -1
	if visit != "" {
		if v, ok = d.visits[visit]; !ok {
			return 0, false
		}
	}
	return slotOf(o, v, len(d.visits)), true
}

// slotOf numbers the cells: an outcome's column baseline (visit −1), then its
// visits.
func slotOf(outcome, visit, visits int) int { return outcome*(visits+1) + visit + 1 }

// position finds a participant by ID. Most analyses ask for none by name.
func (d *Dataset) position(id string) (int, bool) {
	d.indexOnce.Do(func() {
		d.index = make(map[string]int, len(d.participants))
		for i := range d.participants {
			d.index[d.participants[i].ID] = i
		}
	})
	i, ok := d.index[id]
	return i, ok
}

// Value returns a participant's value of an outcome at a visit and whether it
// was observed. The visit ID of a baseline that is held in a column is "".
func (d *Dataset) Value(id, outcome, visit string) (Value, bool) {
	i, ok := d.position(id)
	if !ok {
		return Value{}, false
	}
	s, ok := d.slot(outcome, visit)
	if !ok {
		return Value{}, false
	}
	x := d.participants[i]
	return x.value(s), x.cells[s].ok
}

// Records returns one record for everyone in the file, sorted by ID, for an
// outcome at a visit: observed or not, which HasBaseline and HasFollow tell.
// It is empty for an unknown outcome or visit.
func (d *Dataset) Records(outcome, visit string) []Record {
	out := d.records(outcome, visit)
	for i, r := range out {
		out[i].Numbers, out[i].Categories, out[i].Sets = maps.Clone(r.Numbers), maps.Clone(r.Categories), maps.Clone(r.Sets)
	}
	return out
}

// records are Records that share the participants' covariates.
func (d *Dataset) records(outcome, visit string) []Record {
	base, follow, ok := d.slots(outcome, visit)
	if !ok {
		return nil
	}
	out := make([]Record, len(d.participants))
	for i := range d.participants {
		d.record(&out[i], i, base, follow)
	}
	return out
}

// slots are those of an outcome's baseline and of its value at a visit.
func (d *Dataset) slots(outcome, visit string) (base, follow int, ok bool) {
	if base, ok = d.slot(outcome, d.BaselineVisit(outcome).ID); ok {
		follow, ok = d.slot(outcome, visit)
	}
	return base, follow, ok
}

// recordsByArm are the plan's records sorted by arm (control last), then ID.
func (d *Dataset) recordsByArm(p Plan) []Record {
	base, follow, ok := d.slots(p.Outcome, p.Visit)
	if !ok {
		return nil
	}
	out := make([]Record, len(d.participants))
	n := 0
	for _, a := range d.armsControlLast() {
		for i := range d.participants {
			if d.participants[i].Arm == a.ID {
				d.record(&out[n], i, base, follow)
				n++
			}
		}
	}
	return out[:n]
}

// record fills in a participant's record, the values of two slots.
func (d *Dataset) record(r *Record, i, base, follow int) {
	p := d.participants[i]
	b, f := &p.cells[base], &p.cells[follow]
	*r = Record{ID: p.ID, Arm: p.Arm, Block: p.Block, HasBaseline: b.ok, HasFollow: f.ok,
		Baseline: b.Number, Follow: f.Number,
		Numbers: p.Numbers, Categories: p.Categories, Sets: p.Sets, Received: p.Received}
	r.Use = d.answers.use(i, follow)
	if x, ok := p.exposure[follow]; ok {
		r.Exposure, r.HasExposure = x.Number, true
	}
	if d.strata.any() {
		r.Stratum = d.strata.cell(*r)
	}
	if b.ok && f.ok {
		r.Change = p.value(follow).Minus(p.value(base))
	}
}

// BaselineVisit returns the visit before treatment for an outcome. Where the
// baseline is held in a column of its own, the visit's ID is "", and so it is
// where the outcome has none (see Outcome.HasBaseline).
func (d *Dataset) BaselineVisit(outcome string) Visit {
	if _, ok := d.protocol.Data.Baseline[outcome]; ok {
		return Visit{Label: "Baseline"}
	}
	if o, ok := d.outcome(outcome); ok {
		if i, ok := d.visits[d.protocol.baselineVisit(o)]; ok {
			return d.protocol.Visits[i]
		}
	}
	return Visit{}
}

// PostVisits returns an outcome's visits after baseline in the protocol's
// order: every visit where baseline is held in a column. In the wide layout a
// visit without a column for the outcome is left out: it was not measured then.
func (d *Dataset) PostVisits(outcome string) []Visit {
	return d.protocol.postVisits(outcome)
}

// Arms returns the arms in the protocol's order.
func (d *Dataset) Arms() []Arm { return append([]Arm(nil), d.protocol.Arms...) }

// Control returns the control arm.
func (d *Dataset) Control() Arm {
	for _, a := range d.protocol.Arms {
		if a.Control {
			return a
		}
	}
	return Arm{}
}

// ActiveArms returns all arms but the control, in the protocol's order.
func (d *Dataset) ActiveArms() []Arm {
	var out []Arm
	for _, a := range d.protocol.Arms {
		if !a.Control {
			out = append(out, a)
		}
	}
	return out
}

// Randomized returns the number of participants randomized to an arm: as the
// protocol states it, or else the number in the file.
func (d *Dataset) Randomized(arm string) int {
	for _, a := range d.protocol.Arms {
		if a.ID == arm && a.Randomized > 0 {
			return a.Randomized
		}
	}
	n := 0
	for i := range d.participants {
		if d.participants[i].Arm == arm {
			n++
		}
	}
	return n
}

// compareIDs orders IDs with runs of digits as numbers, so that 9 comes before
// 10 and P9 before P10, and otherwise byte by byte.
func compareIDs(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		nx, ny := leadingDigits(x), leadingDigits(y)
		if nx > 0 && ny > 0 {
			p, q := strings.TrimLeft(x[:nx], "0"), strings.TrimLeft(y[:ny], "0")
			if len(p) != len(q) {
				return len(p) - len(q)
			}
			if c := strings.Compare(p, q); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	return strings.Compare(a, b) // "01" and "1"
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// Fingerprint tells whether what the file says of a participant has changed.
type Fingerprint struct {
	// Participant is the ID; Hash is the beginning of a SHA-256, 16 hexadecimal
	// digits, of all that was read of the participant.
	Participant, Hash string
}

// Fingerprints are those of everyone in the file, sorted by ID. They are of arm,
// block, values by outcome and visit, covariates, adverse events, status, reason and
// treatment received, each by the protocol's ID: neither the order of rows or
// columns nor how a number is written (5 or 5.0) changes one. A protocol that reads
// other outcomes, visits or covariates does.
func (d *Dataset) Fingerprints() []Fingerprint {
	slots := map[string]int{}
	for _, o := range d.protocol.Outcomes {
		for _, v := range append([]Visit{{}}, d.protocol.Visits...) {
			if k, ok := d.slot(o.ID, v.ID); ok {
				slots[fmt.Sprintf("value %q %q", o.ID, v.ID)] = k
			}
		}
	}
	names := slices.Sorted(maps.Keys(slots))
	out := make([]Fingerprint, len(d.participants))
	for i, p := range d.participants {
		b := fmt.Appendf(nil, "arm %q\nblock %q\nstatus %q\nreason %q\nreceived %q\n", p.Arm, p.Block, p.Status, p.Reason, p.Received)
		if p.EventsRecorded {
			b = fmt.Appendf(b, "events %d\n", p.AdverseEvents)
		}
		for _, e := range p.Events {
			b = fmt.Appendf(b, "event %q %d %d %d %v %v\n", e.Term, e.Serious, e.Related, e.Withdrawal, e.HasDay, e.Day)
		}
		for _, x := range p.Intercurrent {
			b = fmt.Appendf(b, "intercurrent %q %v %v %q\n", x.Event, x.HasDay, x.Day, x.Visit)
		}
		if p.HasAdherence {
			b = fmt.Appendf(b, "adherence %v\n", p.Adherence)
		}
		if p.Guess != "" {
			b = fmt.Appendf(b, "guess %q\n", p.Guess)
		}
		if p.Exposure > 0 {
			b = fmt.Appendf(b, "followed %v\n", p.Exposure)
		}
		for _, name := range names {
			if k := slots[name]; p.cells[k].ok {
				b = fmt.Appendf(b, "%s %s\n", name, plainDecimal(p.value(k)))
			}
			if x, ok := p.exposure[slots[name]]; ok {
				b = fmt.Appendf(b, "exposure %s %s\n", name, plainDecimal(x.Value))
			}
		}
		for _, id := range slices.Sorted(maps.Keys(p.Numbers)) {
			b = fmt.Appendf(b, "number %q %s\n", id, strconv.FormatFloat(p.Numbers[id]+0, 'g', -1, 64)) // + 0: −0 is 0
		}
		for _, id := range slices.Sorted(maps.Keys(p.Categories)) {
			b = fmt.Appendf(b, "category %q %q\n", id, p.Categories[id])
		}
		for _, id := range slices.Sorted(maps.Keys(p.Sets)) {
			b = fmt.Appendf(b, "set %q\n", id)
		}
		sum := sha256.Sum256(b)
		out[i] = Fingerprint{p.ID, hex.EncodeToString(sum[:8])}
	}
	return out
}

// plainDecimal writes a value in one way, however the file wrote it.
func plainDecimal(v Value) string {
	s := v.Text()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}
