package study

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/study/text"
)

// SetCount counts an arm's participants who are in a set of data.sets.
type SetCount struct {
	Set string
	N   int
}

// Screening is what happened before randomization, which no data file shows.
type Screening struct {
	// Assessed for eligibility; 0 means not stated.
	Assessed int
	// Excluded before randomization, by reason, in the protocol's order. A
	// criterion that nobody was excluded by stays, with N = 0.
	Excluded []ReasonCount
}

// StatusSpec says where the file tells how each participant left the trial.
type StatusSpec struct {
	// Column of the status; empty means that the file has none.
	Column string
	// Values say what the column's entries mean, in the order in which the
	// statuses are told. A blank entry means what Written "" says.
	Values []StatusValue
	// Reason is the column of reasons, in the trial's own words.
	Reason string
}

// StatusValue is one entry of the status column and its meaning: a status that
// the package knows (StatusCompleted and those beside it) or a word of the trial's
// own, which translations may translate.
type StatusValue struct{ Written, Status string }

// Statuses that have a sentence in every language. StatusCompleted is the one of
// participants who stayed to the end: a protocol's values must name it.
const (
	StatusCompleted    = "completed"
	StatusLost         = "lost"
	StatusWithdrew     = "withdrew"
	StatusDiscontinued = "discontinued"
	StatusDied         = "died"
)

// Statuses of those whose own row says nothing, or who did not receive the arm
// that they were randomized to.
const (
	// StatusNoData: randomized, and never in the file.
	StatusNoData = "no-data"
	// StatusOtherArm: received another arm, whose ID is the reason.
	StatusOtherArm = "other-arm"
	// StatusNone: received no arm of the trial.
	StatusNone = "none"
	// StatusUnrecorded: the file does not tell.
	StatusUnrecorded = "unrecorded"
)

// ReasonCount counts participants of a status who have a reason. A Status is one
// of the constants or the protocol's own word; an empty Reason was not given.
type ReasonCount struct {
	Status, Reason string
	N              int
}

// Consort is the flow of participants from screening to analysis, as CONSORT 2025
// asks for it (items 22a and 22b: for each group the numbers randomized, receiving
// the intended intervention and analyzed, and losses and exclusions after
// randomization with their reasons). All its arrows add up:
//
//	Assessed − Σ Excluded = Randomized = Σ Arms.Randomized
//	Arm.Randomized        = Received + Σ NotReceived
//	Arm.Randomized        = Completed + Σ Lost         (where HasStatus)
//	Arm.Randomized        = Analyzed.N + Σ Analyzed.Left, by outcome and visit
//
// Source: Hopewell et al. (2025), doi 10.1136/bmj-2024-081123.
type Consort struct {
	// Assessed for eligibility, where the protocol tells (HasAssessed).
	Assessed    int
	HasAssessed bool
	Excluded    []ReasonCount
	// Randomized into all arms. Declared says that the protocol states it of every
	// arm; otherwise participants in the file count for what is not stated.
	Randomized int
	Declared   bool
	// Allocated says that the protocol tells of an allocation at all, by its kind or
	// by numbers randomized; otherwise the arms are groups of a file.
	Allocated bool
	Arms      []ConsortArm // control last
}

// Comparisons are the positions, in every arm's Analyzed, of those that a flow
// diagram tells: the primary ones (CONSORT item 22a), where none is declared all.
func (c Consort) Comparisons() []int {
	var primary, all []int
	if len(c.Arms) == 0 {
		return nil
	}
	for i, x := range c.Arms[0].Analyzed {
		if all = append(all, i); x.Role == RolePrimary {
			primary = append(primary, i)
		}
	}
	if len(primary) > 0 {
		return primary
	}
	return all
}

// Unstated says what of the flow neither protocol nor file tells.
func (c Consort) Unstated() (out []Note) {
	if len(c.Arms) == 0 {
		return nil
	}
	if !c.HasAssessed {
		out = append(out, Note{Code: "flow-no-screening"})
	}
	switch {
	case !c.Allocated:
		out = append(out, Note{Code: "flow-no-allocation"})
	case !c.Declared:
		out = append(out, Note{Code: "flow-no-randomized"})
	}
	switch a := c.Arms[0]; { // the same of every arm
	case !a.HasReceived && !a.HasStatus:
		out = append(out, Note{Code: "flow-no-conduct"})
	case !a.HasReceived:
		out = append(out, Note{Code: "flow-no-received"})
	case !a.HasStatus:
		out = append(out, Note{Code: "flow-no-status"})
	}
	return out
}

// Alike reports whether two comparisons count the same in every arm.
func (c Consort) Alike(i, j int) bool {
	return !slices.ContainsFunc(c.Arms, func(arm ConsortArm) bool {
		a, b := arm.Analyzed[i], arm.Analyzed[j]
		return a.N != b.N || a.Observed != b.Observed || a.LostAnalyzed != b.LostAnalyzed || !slices.Equal(a.Left, b.Left)
	})
}

// ConsortArm is what became of one arm's participants.
type ConsortArm struct {
	Arm string
	// Randomized as declared, or the number in the file (Declared false).
	Randomized int
	Declared   bool
	InFile     int
	// HasReceived: the file tells which arm everyone received. NotReceived counts
	// StatusOtherArm (the reason is the arm's ID), StatusNone, StatusUnrecorded and
	// StatusNoData: who is not in the file may have received it.
	HasReceived bool
	Received    int
	NotReceived []ReasonCount
	// HasStatus: the file tells how everyone left. Lost are all others than those
	// who completed, by status and reason, StatusNoData last. A status that the
	// protocol names and nobody has is there with N = 0.
	HasStatus bool
	Completed int
	Lost      []ReasonCount
	// Analyzed by outcome and visit, as the deciding row counts.
	Analyzed []ConsortAnalyzed
	// Sets count those in each of data.sets.
	Sets []SetCount
	// Intercurrent counts those to whom each of data.intercurrent happened.
	Intercurrent []EventCount
}

// ConsortAnalyzed counts an arm's participants in the analysis that decides an
// outcome at a visit.
type ConsortAnalyzed struct {
	Outcome, Visit string
	Role           Role // of the row
	// N analyzed, and Observed those of them with a value at the visit, which a
	// model of all visits does not need.
	N, Observed int
	// LostAnalyzed counts those of N who did not complete the trial; −1 where the
	// file has no status.
	LostAnalyzed int
	// Left are not analyzed: Status is StatusNoData for those who are not in the
	// file; otherwise the reason is a code of the message catalog.
	Left []ReasonCount
}

// NotReceived reports whether the file tells that the allocated intervention was not
// received; of the other counts of ConsortArm.NotReceived it does not tell.
func (r ReasonCount) NotReceived() bool { return r.Status == StatusNone || r.Status == StatusOtherArm }

// sumReasons adds the counts up.
func sumReasons(list []ReasonCount) int {
	n := 0
	for _, r := range list {
		n += r.N
	}
	return n
}

// checkFlow checks what the protocol says of the time before randomization.
func (c *checker) checkFlow() {
	f := c.Flow
	if f.Assessed < 0 {
		c.Add("flow.assessed", "problem-negative", f.Assessed)
		return
	}
	if f.Assessed == 0 && len(f.Excluded) > 0 {
		c.Add("flow.assessed", "problem-flow-assessed-missing")
	}
	bad := false
	seen := map[string]bool{}
	for _, r := range f.Excluded {
		at := "flow.excluded." + r.Reason
		switch {
		case r.Reason == "":
			c.Add(at+"@", "problem-flow-reason-missing")
		case seen[r.Reason]:
			c.Add(at+"@", "problem-flow-reason-twice", r.Reason)
		case r.N < 0:
			c.Add(at, "problem-negative", r.N)
		default:
			seen[r.Reason] = true
			continue
		}
		bad = true
	}
	randomized := 0
	for _, a := range c.Arms {
		if a.Randomized <= 0 {
			return // the file tells; see loader.checkFlow
		}
		randomized += a.Randomized
	}
	if !bad && f.Assessed > 0 && f.Assessed-sumReasons(f.Excluded) != randomized {
		c.Add("flow.assessed", "problem-flow-randomized", f.Assessed, sumReasons(f.Excluded), f.Assessed-sumReasons(f.Excluded), randomized)
	}
}

// checkStatus checks where the file is said to tell how participants left.
func (c *checker) checkStatus() {
	s := c.Data.Status
	if s.Column == "" {
		if len(s.Values) > 0 || s.Reason != "" {
			c.Add("data.status.column", "problem-missing-column")
		}
		return
	}
	missing := map[string]bool{}
	for _, m := range c.Data.Missing {
		missing[m] = true
	}
	completed := false
	seen := map[string]bool{}
	for _, v := range s.Values {
		at := "data.status.values." + v.Written
		switch {
		case v.Status == "":
			c.Add(at, "problem-status-meaning", v.Written)
		case slices.Contains([]string{StatusNoData, StatusUnrecorded, StatusOtherArm, StatusNone}, v.Status):
			c.Add(at, "problem-status-taken", v.Status)
		case missing[v.Written]:
			c.Add(at+"@", "problem-values-missing", v.Written)
		case seen[v.Written]:
			c.Add(at+"@", "problem-status-twice", v.Written)
		}
		seen[v.Written] = true
		completed = completed || v.Status == StatusCompleted
	}
	switch {
	case len(s.Values) == 0:
		c.Add("data.status", "problem-status-values")
	case !completed:
		c.Add("data.status.values", "problem-status-completed")
	}
	for _, column := range [][2]string{{"column", s.Column}, {"reason", s.Reason}} {
		switch name := column[1]; {
		case name == "":
		case name == c.Data.Participant, name == c.Data.Arm, c.isOutcomeColumn(name), column[0] == "reason" && name == s.Column:
			c.Add("data.status."+column[0], "problem-column-other", name)
		}
	}
}

// statuses are the protocol's statuses in its order, each once.
func (s StatusSpec) statuses() []string {
	var out []string
	for _, v := range s.Values {
		if !slices.Contains(out, v.Status) {
			out = append(out, v.Status)
		}
	}
	return out
}

// Flow counts participants up to the end of follow-up: the flow without what is
// analyzed, which Report.Consort has.
func (d *Dataset) Flow() Consort {
	p := d.protocol
	c := Consort{Assessed: p.Flow.Assessed, HasAssessed: p.Flow.Assessed > 0, Excluded: slices.Clone(p.Flow.Excluded), Declared: true}
	for _, a := range d.armsControlLast() {
		arm := d.consortArm(a)
		c.Randomized += arm.Randomized
		c.Declared = c.Declared && arm.Declared
		c.Arms = append(c.Arms, arm)
	}
	c.Allocated = c.Declared || p.Randomization.Stratified() || p.Randomization.Kind != RandomizationUnknown
	return c
}

// consort is the flow with what is analyzed. An error names the arrow that does not
// add up; Load has refused what the file or the protocol can have wrong.
func (d *Dataset) consort(results []Result) (Consort, error) {
	c := d.Flow()
	for i := range c.Arms {
		arm := &c.Arms[i]
		for _, res := range results {
			deciding := res.Deciding()
			if len(deciding) == 0 {
				continue
			}
			x, ok := d.consortAnalyzed(*arm, deciding)
			if !ok {
				return c, fmt.Errorf("study: flow: arm %q: %s at %s: no row that decides counts the arm", arm.Arm, deciding[0].Outcome, deciding[0].Visit)
			}
			arm.Analyzed = append(arm.Analyzed, x)
		}
		if err := arm.check(); err != nil {
			return c, err
		}
	}
	if left := c.Assessed - sumReasons(c.Excluded); c.HasAssessed && left != c.Randomized {
		return c, fmt.Errorf("study: flow: %d assessed − %d excluded = %d, but %d randomized", c.Assessed, sumReasons(c.Excluded), left, c.Randomized)
	}
	return c, nil
}

// check holds the arm's counts to the sums of Consort.
func (a ConsortArm) check() error {
	bad := func(what string, is int) error {
		return fmt.Errorf("study: flow: arm %q: %s = %d, but %d randomized", a.Arm, what, is, a.Randomized)
	}
	switch {
	case a.InFile > a.Randomized:
		return bad("in the file", a.InFile)
	case a.HasReceived && a.Received+sumReasons(a.NotReceived) != a.Randomized:
		return bad("received + not received", a.Received+sumReasons(a.NotReceived))
	case a.HasStatus && a.Completed+sumReasons(a.Lost) != a.Randomized:
		return bad("completed + lost", a.Completed+sumReasons(a.Lost))
	}
	for _, x := range a.Analyzed {
		if n := x.N + sumReasons(x.Left); n != a.Randomized {
			return bad(fmt.Sprintf("%s at %s: analyzed + not analyzed", x.Outcome, x.Visit), n)
		}
	}
	return nil
}

// consortArm counts an arm's participants up to the end of follow-up.
func (d *Dataset) consortArm(a Arm) ConsortArm {
	p := d.protocol
	sets := sortedKeys(p.Data.Sets)
	var members []SetCount
	for _, id := range sets {
		members = append(members, SetCount{Set: id})
	}
	var happened []EventCount
	for _, e := range p.Data.Intercurrent {
		happened = append(happened, EventCount{Event: e.ID, Label: e.Name()})
	}
	arm := ConsortArm{Arm: a.ID, Sets: members, Intercurrent: happened, Randomized: d.Randomized(a.ID), Declared: a.Randomized > 0,
		HasReceived: p.Data.Received != "", HasStatus: p.Data.Status.Column != ""}
	var lost, not tally
	for i := range d.participants {
		x := d.participants[i]
		if x.Arm != a.ID {
			continue
		}
		arm.InFile++
		for k, id := range sets {
			if x.Sets[id] {
				members[k].N++
			}
		}
		for _, o := range x.Intercurrent {
			for k := range happened {
				if happened[k].Event == o.Event {
					happened[k].N++
				}
			}
		}
		switch {
		case !arm.HasStatus:
		case x.Status == StatusCompleted:
			arm.Completed++
		default:
			lost.add(x.Status, x.Reason, 1)
		}
		switch {
		case !arm.HasReceived:
		case x.Received == a.ID:
			arm.Received++
		case x.Received == "":
			not.add(StatusUnrecorded, "", 1)
		case x.Received == receivedNone:
			not.add(StatusNone, "", 1)
		default:
			not.add(StatusOtherArm, x.Received, 1)
		}
	}
	never := arm.Randomized - arm.InFile
	if arm.HasStatus {
		order := p.Data.Status.statuses()
		for _, s := range order {
			if s != StatusCompleted {
				lost.add(s, "", 0)
			}
		}
		lost.add(StatusNoData, "", never)
		arm.Lost = lost.list(append(order, StatusNoData))
	}
	if arm.HasReceived {
		not.add(StatusNoData, "", never)
		arm.NotReceived = not.list([]string{StatusNone, StatusOtherArm, StatusUnrecorded, StatusNoData})
	}
	return arm
}

// consortAnalyzed counts an arm's participants in the rows that decide a result; the
// control's are the same in all of them.
func (d *Dataset) consortAnalyzed(arm ConsortArm, deciding []Row) (ConsortAnalyzed, bool) {
	for _, row := range deciding {
		n, ok := row.N[arm.Arm]
		if !ok {
			continue
		}
		x := ConsortAnalyzed{Outcome: row.Outcome, Visit: row.Visit, N: n, Observed: row.Observed[arm.Arm],
			Role: row.Role, LostAnalyzed: -1}
		var left tally
		gone := 0
		for _, drop := range row.Dropped {
			switch {
			case drop.Arm != arm.Arm:
			case drop.ID == "":
				left.add(StatusNoData, "", 1)
			default:
				left.add("", drop.Reason, 1)
				if i, ok := d.position(drop.ID); ok && d.participants[i].Status != StatusCompleted {
					gone++
				}
			}
		}
		x.Left = left.list([]string{"", StatusNoData})
		if arm.HasStatus {
			x.LostAnalyzed = arm.InFile - arm.Completed - gone
		}
		return x, true
	}
	return ConsortAnalyzed{}, false
}

// tally counts participants by status and reason.
type tally map[[2]string]int

func (t *tally) add(status, reason string, n int) {
	if *t == nil {
		*t = tally{}
	}
	(*t)[[2]string{status, reason}] += n
}

// list gives the counts by status in an order, then by count, then by reason; a
// count of nobody stands only where its status has no other.
func (t tally) list(order []string) []ReasonCount {
	most := map[string]int{}
	for k, n := range t {
		most[k[0]] = max(most[k[0]], n)
	}
	var out []ReasonCount
	for k, n := range t {
		if n > 0 || most[k[0]] == 0 && k[0] != StatusNoData {
			out = append(out, ReasonCount{k[0], k[1], n})
		}
	}
	slices.SortFunc(out, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)), cmp.Compare(b.N, a.N),
			cmp.Compare(a.Reason, b.Reason))
	})
	return out
}

// consort translates the trial's own reasons and statuses; those that the package
// knows have sentences of the catalog.
func (d dictionary) consort(c Consort) Consort {
	reasons := func(list []ReasonCount) []ReasonCount {
		list = slices.Clone(list)
		for i, r := range list {
			switch r.Status {
			case StatusOtherArm: // the reason is an ID
			default:
				list[i] = ReasonCount{d.word(r.Status), d.word(r.Reason), r.N}
			}
		}
		return list
	}
	c.Excluded, c.Arms = reasons(c.Excluded), slices.Clone(c.Arms)
	for i := range c.Arms {
		a := &c.Arms[i]
		a.Lost, a.NotReceived = reasons(a.Lost), reasons(a.NotReceived)
		a.Intercurrent = slices.Clone(a.Intercurrent)
		for k := range a.Intercurrent {
			a.Intercurrent[k].Label = d.word(a.Intercurrent[k].Label)
		}
	}
	return c
}

// Say writes what the count is of, in a catalog's language: "lost to follow-up
// (moved)". The arms' labels are those of the report.
func (r ReasonCount) Say(c *text.Catalog, arms []Arm) string {
	status, reason := r.Status, r.Reason
	if r.Status == StatusOtherArm {
		for _, a := range arms {
			if a.ID == r.Reason {
				reason = cmp.Or(a.Label, a.ID)
			}
		}
		return c.Say("flow-status-other-arm", text.Args{"arm": reason})
	}
	if c.Has("flow-status-" + status) {
		status = c.Say("flow-status-"+status, nil)
	}
	if status == "" && c.Has("flow-"+reason) {
		reason = c.Say("flow-"+reason, nil)
	}
	switch {
	case status == "":
		return reason
	case reason == "":
		return status
	}
	return c.Say("flow-with-reason", text.Args{"status": status, "reason": reason})
}
