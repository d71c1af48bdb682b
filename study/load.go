package study

import (
	"cmp"
	"hash/maphash"
	"io"
	"iter"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// Load reads a trial's data and validates them against the protocol. name is
// the file's name in error messages. Everything wrong with the file is
// returned at once, as Problems with line and column (the character in the
// line where the field begins), one for each cause in each column; then there
// is no Dataset.
//
// The file is text in rows: UTF-8 with or without byte order mark, UTF-16 or
// Windows-1252; fields between commas, semicolons, tabs, pipes or blanks, quoted
// with " where need be; decimal point or comma. What the protocol does not state
// is detected, and Source says what was found. Blank lines are no rows.
//
// Or it is a file as programs store it, which its content tells, not its name:
// Excel (.xlsx, .xlsm), OpenDocument (.ods, .fods), SPSS (.sav, .zsav), SAS transport
// (.xpt), Stata (.dta) or CDISC Dataset-JSON 1.1 (.json, .ndjson, .dsjc). Its labels,
// value labels, types and missing codes are used, its numbers are those it stores, and
// places are written as VAS!B7. data.sheet names one of several sheets or members.
//
// Each column has its own decimal sign (see files.Signs): a number with one reading
// keeps it, and a note tells where columns or numbers differ. Thousands need
// evidence in the column (1.250,5 or 1.250.000; 1'250 and 1 250 mean nothing
// else) or a stated decimal sign, and are told in a note. A number that stays
// ambiguous (1.250) is refused, unless the declared range leaves one reading.
//
// What programs write around a table is left out and told in a note: names of
// rows (R), more header lines (Qualtrics), delimiters at the end of all rows,
// characters that cannot be seen, Ctrl-Z. What could mean something else is
// refused with a sentence that says what to do. Lines above the header are left
// out where Header says so.
//
// Rules:
//   - An empty field and the declared codes are missing values; a code that is
//     a number is matched as a number (−99 and −99.0).
//   - What the file itself says is missing is: codes and ranges of SPSS, special
//     values of SAS and Stata, Castor's ##USER_MISSING_95##. A note counts them.
//   - Where arms, visits, outcomes and statuses of the protocol are the file's own
//     words for the values (value labels), these are used, and so they are as levels
//     of categories, and as terms and answers of adverse events; a note says so. What the protocol maps comes first, and a word
//     with two meanings is a problem.
//   - With rows in the protocol, only rows that hold one of the values in each
//     of its columns are looked at.
//   - A participant and a visit must stand in every row, an arm in one row of
//     each participant at least: a row that leaves it out is in the arm of the
//     participant's other rows. Arms, visits and outcomes are matched to IDs
//     exactly, after arm_values, visit_values and outcome_values. A participant
//     without any arm is a problem, unless arm_values maps "".
//   - A row of a visit that the protocol neither declares nor maps is a
//     problem. A row of an outcome that the protocol does not declare is
//     excluded (files with a row a value hold more than one analysis needs).
//   - IDs that differ only in case, blanks, leading zeros or the decimals of a
//     whole number (P1, p01; 7, 7.0) are a problem: one person written in two
//     ways would count twice. Categories that differ so are told in a note. So is a line
//     that sums up others (Total, Mean) where a participant should stand.
//   - A participant has one arm, block, count of adverse events and column
//     baseline; rows that repeat them must agree, or leave them out. So must the
//     values of a covariate, unless they differ between visits: then its value
//     at baseline, or at the visit that the protocol names, counts for everyone,
//     and a note says so.
//   - A participant has one row in a wide file, and one with a value for a visit
//     in a long one. Where there are more, the problem says what two of them
//     differ in: a site that numbers its own participants, a side of the body, a
//     repeating instrument, a flag. data.repeats says which value counts, or that
//     their mean does, and a note counts how often.
//   - A visit with a window has the rows whose day lies in it. Of several, the one
//     with a value that is nearest to the visit's time counts, of two equally near the
//     earlier, and one without a day only where no other is; rows of no window are
//     left out and counted.
//   - A number that looks like a code of a missing value and stands apart from
//     the others is used, and a note names it, where no range is declared.
//
// Every row is used, or excluded for one reason: row-empty (nothing but
// delimiters), row-not-selected, row-arm-ignored, row-visit-ignored, row-other-outcome,
// row-outside-windows, row-no-day, row-repeated (another row's values count),
// row-no-value (the row's outcomes are all missing). All but the first three still
// count their participant as randomized.
func Load(r io.Reader, name string, p Protocol) (*Dataset, error) {
	return LoadInputs(p, Input{Name: name, Reader: r})
}

// loader is one run of Load.
type loader struct {
	p Protocol
	t *files.Table
	// dictionaries describe the columns.
	dictionaries []input
	dictionary   *files.Dictionary // what they say; nil where none was given
	// quiet: findColumns reports nothing.
	quiet bool
	// atOnce is into how many parts rows are dealt; 0 is found. Of a loader that reads
	// one of them, muted: it reports nothing, but sets met where there is something.
	atOnce     int
	muted, met bool
	// signs says how the numbers of each column are read; valueSigns, by
	// outcome, those of the column in which a row has one value.
	signs      []*signRule
	valueSigns []*signRule
	signNotes  []Note
	fileNotes  []Note // what of the file was left out or read as something else
	ds         *Dataset
	where      columns
	// missing codes as text, and as numbers where they are that.
	missing    map[string]bool
	missingNum []Value
	arms       map[string]int
	grids      []grid // per outcome
	people     []*person
	ids        idTable
	last       *person   // of the row before
	nothing    *details  // of those without any
	dealt      []uint8   // of each row the loader that reads it; see deal
	blankArms  bool      // some row leaves out the arm
	quick      []quickly // per outcome
	quickText  bool      // plain numbers have nothing more to be looked at for codes
	slabs      slabs
	// What the words of arms and visits mean, as far as rows have shown.
	armWords, visitWords wordCache
	levels               map[string]string // see level
	covariateAt          []int             // see covariateVisit
	thousands            []oddValue
	offGrid              []oddValue
	other                map[string]int // rows of undeclared outcomes
	spoiled              []bool         // per outcome: a value could not be read
	unread               int            // rows with another number of fields than the header
	// unknownVisit tells that rows of some visit were not read: then nobody knows
	// what is missing at it.
	unknownVisit bool
	unknownArm   bool           // the same of some arm
	values       []valueMap     // per outcome: what the file writes for numbers
	settled      map[string]int // arms of participants some of whose rows leave it out
	varying      []varying      // per covariate: participants whose rows differ
	clashes      []clash        // rows of one participant that cannot both hold
	several      [][]files.Row  // those that are several where one counts
	repeated     []clash        // second rows of which data.repeats says what counts
	tallies      map[Repeats]*repeatTally
	windows      windowTallies
	repeatTold   map[files.Row]bool // rows that no rule can choose between
}

// grid is an outcome's scale for checking values.
type grid struct {
	step, origin Value
	ok           bool
}

// oddValue is a value that a note is about.
type oddValue struct {
	id      string
	outcome int
	visit   string
	value   Value
	text    string
}

// load turns the files into the Dataset.
func (l *loader) load(in []input) error {
	l.prepare()
	if err := l.readTables(in); err != nil {
		return err
	}
	l.useLabels()
	l.deal()
	l.settleArms()
	l.findSigns()
	l.dealRows()
	l.settleRepeats()
	l.checkWhole()
	if err := l.t.Err(); err != nil {
		return err
	}
	if err := l.readEvents(in); err != nil {
		return err
	}
	l.finish()
	return nil
}

// report reports a problem; see files.Table.Report.
func (l *loader) report(r files.Row, column int, code string, args text.Args) {
	if l.muted {
		l.met = true
		return
	}
	l.t.Report(r, column, code, args)
}

// leastRows is how many rows are worth a goroutine of their own.
const leastRows = 10_000

// workers is into how many parts rows are dealt. What they find is the same whatever
// their number.
func (l *loader) workers() int {
	switch {
	case len(l.t.Parts()) > 1:
		return 1 // a line is not one row
	case l.atOnce > 0:
		return l.atOnce
	}
	return max(1, min(runtime.GOMAXPROCS(0), l.t.Len()/leastRows, math.MaxUint8))
}

// atOnce calls do for 0 to n−1 at once.
func atOnce(n int, do func(k int)) {
	var wg sync.WaitGroup
	for k := range n - 1 {
		wg.Go(func() { do(k) })
	}
	do(n - 1)
	wg.Wait()
}

// inRanges calls do for as many ranges of the rows as there are workers, at once.
func (l *loader) inRanges(do func(k int, rows iter.Seq2[int, files.Row])) {
	n, rows := l.workers(), l.t.Len()
	atOnce(n, func(k int) {
		do(k, func(yield func(int, files.Row) bool) {
			for i, end := share(rows, n, k), share(rows, n, k+1); i < end && yield(i, l.t.Row(i)); i++ {
			}
		})
	})
}

// inPeople calls do for as many ranges of the people as there are workers, at once.
func (l *loader) inPeople(do func(k int, people []*person)) {
	n := l.workers()
	atOnce(n, func(k int) { do(k, l.people[share(len(l.people), n, k):share(len(l.people), n, k+1)]) })
}

// share is where the k-th of n ranges of so many begins.
func share(of, n, k int) int { return k*(of/n) + min(k, of%n) }

// deal deals the participants out to as many loaders as there are workers, and finds
// whether some row leaves out the arm.
func (l *loader) deal() {
	n, id, arm := l.workers(), l.where.participant, l.where.arm
	if n > 1 && id >= 0 {
		l.dealt = make([]uint8, l.t.Len())
	}
	seed, width, blank := maphash.MakeSeed(), len(l.t.Columns), make([]bool, n)
	l.inRanges(func(k int, rows iter.Seq2[int, files.Row]) {
		var buf []byte
		last, to := "", uint8(0)
		for i, r := range rows {
			fields := r.Len()
			if arm >= 0 && fields == width && l.blankArm(r.Text(arm)) {
				blank[k] = true
			}
			if l.dealt == nil || id >= fields {
				continue
			}
			if s := r.Text(id); s != last { // what may be one person is one loader's
				buf = appendFolded(buf[:0], s)
				last, to = s, uint8(maphash.Bytes(seed, buf)%uint64(n))
			}
			l.dealt[i] = to
		}
	})
	l.blankArms = slices.Contains(blank, true)
}

// dealRows reads the rows. Where there are many, the participants are dealt out to
// several loaders at once, each of which reads the rows of its own in the file's order.
// Where one of them meets a problem, all rows are read again by one that reports it.
func (l *loader) dealRows() {
	l.setQuick()
	if n := l.workers(); l.dealt != nil {
		parts := make([]*loader, n)
		atOnce(n, func(k int) {
			s := l.part(n)
			for i, to := range l.dealt {
				if int(to) == k && !s.met {
					s.row(l.t.Row(i))
				}
			}
			parts[k] = s
		})
		if !slices.ContainsFunc(parts, func(s *loader) bool { return s.met || len(s.clashes) > 0 }) {
			l.gather(parts)
			return
		}
	}
	l.room(l.peopleExpected())
	for r := range l.t.All() {
		l.row(r)
	}
}

// room makes room for so many people.
func (l *loader) room(people int) {
	l.people, l.ids = make([]*person, 0, people+people/8), newIDTable(people)
}

// part is a loader for the rows of one participant in n.
func (l *loader) part(n int) *loader {
	s := *l
	s.muted, s.levels, s.other, s.spoiled = true, nil, map[string]int{}, slices.Clone(l.spoiled)
	s.room(l.peopleExpected() / n)
	s.ds = &Dataset{protocol: l.p, outcomes: l.ds.outcomes, visits: l.ds.visits, decimals: slices.Clone(l.ds.decimals)}
	return &s
}

// gather takes what the parts have read, in the file's order.
func (l *loader) gather(parts []*loader) {
	all, people, alike := make([][]*person, len(parts)), 0, false
	excluded := &l.ds.accounting.Excluded
	for k, s := range parts {
		all[k] = s.people
		people += len(s.people)
		alike = alike || s.ids.alike
		*excluded = append(*excluded, s.ds.accounting.Excluded...)
		l.repeated = append(l.repeated, s.repeated...)
		l.thousands, l.offGrid = append(l.thousands, s.thousands...), append(l.offGrid, s.offGrid...)
		l.windows.outside.join(s.windows.outside)
		l.windows.undated.join(s.windows.undated)
		l.windows.moved.join(s.windows.moved)
		for word, n := range s.other {
			l.other[word] += n
		}
		for i, spoiled := range s.spoiled { // which may have been told of the whole column
			l.spoiled[i] = l.spoiled[i] || spoiled
		}
		for i, d := range s.ds.decimals {
			l.ds.decimals[i] = max(l.ds.decimals[i], d)
		}
	}
	l.ids.alike = alike
	slices.SortStableFunc(*excluded, func(a, b Exclusion) int { return cmp.Compare(a.Line, b.Line) })
	slices.SortStableFunc(l.repeated, func(a, b clash) int { return cmp.Compare(a.r.Line(), b.r.Line()) })
	l.people = make([]*person, 0, people)
	for {
		first := -1
		for k, people := range all {
			if len(people) > 0 && (first < 0 || people[0].row < all[first][0].row) {
				first = k
			}
		}
		if first < 0 {
			return
		}
		l.people, all[first] = append(l.people, all[first][0]), all[first][1:]
	}
}

// idTable finds people by their IDs: the upper half of an entry is that of the hash of
// the folded ID, the lower one more than its place among the people; 0 is none. No text
// is looked at but those of one hash: an ID and, if there is one, another that is the
// same when it is folded.
type idTable struct {
	seed    maphash.Seed
	entries []uint64
	folded  []byte
	alike   bool // two IDs may be the same when they are folded
}

// newIDTable has room for so many.
func newIDTable(people int) idTable {
	return idTable{seed: maphash.MakeSeed(), entries: make([]uint64, 1<<bits.Len(uint(2*people+8)))}
}

// place is where an ID stands, or may stand.
func (t *idTable) place(id string, people []*person) (at int, hash uint64) {
	t.folded = appendFolded(t.folded[:0], id)
	hash = maphash.Bytes(t.seed, t.folded)
	for at = int(hash) & (len(t.entries) - 1); t.entries[at] != 0; at = (at + 1) & (len(t.entries) - 1) {
		if e := t.entries[at]; e>>32 == hash>>32 {
			if people[uint32(e)-1].ID == id {
				break
			}
			t.alike = true
		}
	}
	return at, hash
}

// add enters the last of the people, at its place.
func (t *idTable) add(at int, hash uint64, people []*person) {
	t.entries[at] = hash>>32<<32 | uint64(len(people))
	if 2*len(people) >= len(t.entries) {
		alike := t.alike
		*t = idTableOf(people)
		t.alike = t.alike || alike
	}
}

// idTableOf has all people in it.
func idTableOf(people []*person) idTable {
	t := newIDTable(len(people))
	for i, q := range people {
		at, hash := t.place(q.ID, people)
		t.entries[at] = hash>>32<<32 | uint64(i+1)
	}
	return t
}

// find is the participant of an ID, nil where there is none.
func (l *loader) find(id string) *person {
	if l.ids.entries == nil {
		l.ids = idTableOf(l.people)
	}
	if at, _ := l.ids.place(id, l.people); l.ids.entries[at] != 0 {
		return l.people[uint32(l.ids.entries[at])-1]
	}
	return nil
}

// peopleExpected is about how many participants the file has: a row each, or one at
// every visit.
func (l *loader) peopleExpected() int {
	if l.p.Data.Layout == Wide {
		return l.t.Len()
	}
	n := l.t.Len() / max(1, len(l.p.Visits))
	if l.where.value >= 0 {
		n /= max(1, len(l.p.Outcomes))
	}
	return n
}

// anyRow reports whether a row under the header holds anything.
func (l *loader) anyRow() bool {
	for r := range l.t.All() {
		if !r.IsEmpty() {
			return true
		}
	}
	return false
}

// prepare sets up what rows are checked with.
func (l *loader) prepare() {
	p := l.p
	l.ds = &Dataset{protocol: p, outcomes: map[string]int{}, visits: map[string]int{},
		decimals: make([]int, len(p.Data.Covariates))}
	for i, o := range p.Outcomes {
		l.ds.outcomes[o.ID] = i
		g := grid{step: files.Decimal(o.Resolution), ok: o.Resolution > 0}
		if o.HasRange() {
			g.origin = files.Decimal(o.Min)
		}
		l.grids = append(l.grids, g)
	}
	for i, v := range p.Visits {
		l.ds.visits[v.ID] = i
	}
	l.arms = map[string]int{}
	for i, a := range p.Arms {
		l.arms[a.ID] = i
	}
	l.missing = map[string]bool{"": true}
	for _, m := range p.Data.Missing {
		m = strings.TrimSpace(m)
		l.missing[m] = true
		if v, ok := files.ParsePlain(m); ok {
			l.missingNum = append(l.missingNum, v)
		}
	}
	l.nothing = &details{shared: true}
	l.values = valueMaps(p)
	l.varying = make([]varying, len(p.Data.Covariates))
	l.other = map[string]int{}
	l.spoiled = make([]bool, len(p.Outcomes))
}

// finish turns the collected people into the Dataset, sorted by ID.
func (l *loader) finish() {
	slices.SortFunc(l.people, func(a, b *person) int { return compareIDs(a.ID, b.ID) })
	l.ids = idTable{} // their places are others now
	l.finishCovariates()
	l.finishSets()
	l.finishIntercurrent()
	l.ds.participants = make([]*subject, len(l.people))
	for i, q := range l.people {
		l.ds.participants[i] = q.subject
	}
	l.ds.strata = newStrata(l.p, l.ds.participants)
	l.ds.accounting.RowsRead = l.t.Len()
	l.ds.accounting.RowsUsed = l.ds.accounting.RowsRead - len(l.ds.accounting.Excluded)
	l.ds.notes = l.notes()
	for _, i := range l.usedColumns() {
		if c := l.t.Columns[i]; c.Label != "" || c.Unit != "" || len(c.Labels) > 0 || len(c.Missing) > 0 || c.Ranged {
			l.ds.columns = append(l.ds.columns, c)
		}
	}
}

// Value is a number as the file wrote it; see files.Value.
type Value = files.Value

// Problem is one thing wrong with a protocol or a data file, and its place; see
// files.Problem.
type Problem = files.Problem

// Problems is everything wrong with one protocol or data file. It is the error
// that ParseProtocol, Validate and Load return for bad input; errors.As finds
// it. See files.Problems.
type Problems = files.Problems

// Place is a place in a file; see files.Place.
type Place = files.Place
