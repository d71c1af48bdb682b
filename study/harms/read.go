package harms

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// Spec says where adverse events stand that have a line each: a file of their own, or a
// sheet of the data's, and its columns.
type Spec struct {
	// File is the file's name; "" is the data's own, of which Sheet is another sheet.
	// Header is the line of the columns' names; 0 means the first.
	File, Sheet string
	Header      int
	// Participant are the columns that tell participants apart, as in the data; empty:
	// those of the data.
	Participant []string
	// Term is the column of what happened. Serious, Related (to the treatment) and
	// Withdrawal (the event ended it) are columns of yes and no, and Day that of the day
	// since randomization on which the event began; "" means not recorded.
	Term, Serious, Related, Withdrawal, Day string
	// Values says of Serious, Related and Withdrawal, by these words in lower case, what
	// the file writes for yes and for no.
	Values map[string]map[string]string
	// Exposure is a column of the data: how long each participant was followed, in Unit.
	Exposure string
	Unit     Unit
	// Set is the set of participants that is counted; "" is everybody in the data.
	Set string
}

// Stated reports whether events have a file or sheet.
func (s Spec) Stated() bool { return s.File != "" || s.Sheet != "" }

// Unit is that of the time of observation.
type Unit string

// Units.
const (
	Days   Unit = "days"
	Weeks  Unit = "weeks"
	Months Unit = "months"
	Years  Unit = "years"
)

// Days is how many a unit has: a month and a year are those of the mean calendar.
func (u Unit) Days() float64 {
	return map[Unit]float64{Days: 1, Weeks: 7, Months: 365.25 / 12, Years: 365.25}[u]
}

// Answer is yes, no, or not recorded.
type Answer int8

// Answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// Event is a line of the file.
type Event struct {
	Term                         string
	Serious, Related, Withdrawal Answer
	// Day is that on which it began, since randomization; HasDay tells 0 from unknown.
	Day    float64
	HasDay bool
}

func compareEvents(a, b Event) int {
	return cmp.Or(cmp.Compare(b2i(!a.HasDay), b2i(!b.HasDay)), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Term, b.Term),
		cmp.Compare(a.Serious, b.Serious), cmp.Compare(a.Related, b.Related), cmp.Compare(a.Withdrawal, b.Withdrawal))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Exclusion is a line that is no event of the trial, and why: a code of the catalog.
type Exclusion struct {
	Line                int
	Participant, Reason string
}

// Listing is what a file says.
type Listing struct {
	// Events of each participant who has some, the earliest first; the order of the
	// lines changes nothing.
	Events map[string][]Event
	// Lines under the header: each is an event, or excluded for one reason.
	Lines    int
	Excluded []Exclusion
	// Alike are events that another line of the participant repeats in all that is read,
	// the day included. They count: nobody can tell a second event from a second entry.
	Alike int
	// Spellings are terms that differ only in capitals and blanks, and are counted apart.
	Spellings [][2]string
}

// Reading says what a file is read with.
type Reading struct {
	// Participant tells whom the fields of the columns name: the ID of a participant of
	// the trial, "" for nobody, with leftOut where the data have the person and the
	// protocol leaves them out, and with the ID that it may be meant for otherwise.
	Participant func(fields []string) (id string, leftOut bool, like string)
	// Missing reports whether a field stands for nothing.
	Missing func(s string) bool
	// Number reads the number in a field.
	Number func(s string) (x float64, ok bool)
}

// noEvent are words, without blanks, that stand where a term should and say that there
// was none.
var noEvent = map[string]bool{"no": true, "none": true, "nil": true, "nee": true, "geen": true, "noae": true, "noadverseevent": true,
	"noadverseevents": true, "geenbijwerking": true, "geenbijwerkingen": true}

// reader is one run of Read.
type reader struct {
	t           *files.Table
	s           Spec
	o           Reading
	participant []int
	term, day   int
	answers     [3]int // columns of serious, related, withdrawal
}

// answerKeys are the keys of Spec.Values, and of protocols.
var answerKeys = [3]string{"serious", "related", "withdrawal"}

// AnswerKeys are the words by which Spec.Values knows the columns of yes and no.
func AnswerKeys() []string { return answerKeys[:] }

// Read reads the events of a table. Everything wrong with it is reported to the table:
// a column that is missing, a participant who is not in the trial, an event without a
// term, an answer that is neither yes nor no. A line that names a participant and says
// nothing else is no event, nor is one that began before randomization (a negative day);
// both are excluded and counted.
func Read(t *files.Table, s Spec, o Reading) (Listing, error) {
	d := reader{t: t, s: s, o: o}
	find := func(column, what string) int {
		if column == "" {
			return -1
		}
		i := slices.IndexFunc(t.Columns, func(c files.Column) bool { return c.Name == column })
		if i < 0 {
			t.Report(t.Header(), -1, "problem-column-missing", text.Args{"column": column, "what": text.Phrase{Code: what}})
		}
		return i
	}
	for _, c := range s.Participant {
		d.participant = append(d.participant, find(c, "word-participant"))
	}
	d.term, d.day = find(s.Term, "word-event-term"), find(s.Day, "word-event-day")
	d.answers = [3]int{find(s.Serious, "word-event-serious"), find(s.Related, "word-event-related"), find(s.Withdrawal, "word-event-withdrawal")}
	if err := t.Err(); err != nil {
		return Listing{}, err
	}
	l := Listing{Events: map[string][]Event{}, Lines: t.Len()}
	for r := range t.All() {
		if id, e, reason := d.line(r); reason != "" {
			l.Excluded = append(l.Excluded, Exclusion{r.Line(), id, reason})
		} else {
			l.Events[id] = append(l.Events[id], e)
		}
	}
	if err := t.Err(); err != nil {
		return Listing{}, err
	}
	terms := map[string]bool{}
	for _, list := range l.Events {
		slices.SortFunc(list, compareEvents)
		for i, e := range list {
			terms[e.Term] = true
			if i > 0 && e.HasDay && list[i-1] == e {
				l.Alike++
			}
		}
	}
	l.Spellings = spellings(terms)
	return l, nil
}

// line reads one line: an event of a participant, or the reason why it is none. What is
// wrong is reported.
func (d *reader) line(r files.Row) (id string, e Event, reason string) {
	fail := func(column int, code string, args text.Args) (string, Event, string) {
		d.t.Report(r, column, code, args)
		return "", Event{}, "row-empty"
	}
	if r.IsEmpty() {
		return "", e, "row-empty"
	}
	if n, want := r.Len(), len(d.t.Columns); n != want {
		code := "problem-fields-many"
		if n < want {
			code = "problem-fields-few"
		}
		return fail(-1, code, text.Args{"n": n, "want": want})
	}
	var fields []string
	for _, c := range d.participant {
		if d.o.Missing(r.Text(c)) {
			return fail(c, "problem-no-participant", nil)
		}
		fields = append(fields, r.Text(c))
	}
	id, leftOut, like := d.o.Participant(fields)
	named := strings.Join(fields, "/")
	switch {
	case leftOut:
		return named, e, "event-not-in-trial"
	case id == "" && like != "":
		return fail(d.participant[len(d.participant)-1], "problem-event-participant-like", text.Args{"participant": named, "like": like})
	case id == "":
		return fail(d.participant[len(d.participant)-1], "problem-event-participant", text.Args{"participant": named})
	}
	said := false
	for i, to := range []*Answer{&e.Serious, &e.Related, &e.Withdrawal} {
		c := d.answers[i]
		if c < 0 || d.o.Missing(r.Text(c)) {
			continue
		}
		said = true
		a, ok := answer(r.Text(c), d.s.Values[answerKeys[i]])
		if !ok {
			return fail(c, "problem-event-answer", text.Args{"value": r.Text(c), "key": answerKeys[i]})
		}
		*to = a
	}
	if c := d.day; c >= 0 && !d.o.Missing(r.Text(c)) {
		x, ok := d.o.Number(r.Text(c))
		if !ok {
			return fail(c, "problem-event-day", text.Args{"value": r.Text(c)})
		}
		said, e.Day, e.HasDay = true, x, true
	}
	switch s := r.Text(d.term); {
	case d.o.Missing(s) && !said:
		return id, e, "event-nothing-said"
	case d.o.Missing(s):
		return fail(d.term, "problem-event-no-term", nil)
	case noEvent[folded(strings.Trim(s, "."))]:
		return fail(d.term, "problem-event-none", text.Args{"value": s})
	default:
		e.Term = strings.Clone(s)
	}
	if e.HasDay && e.Day < 0 {
		return id, e, "event-before"
	}
	return id, e, ""
}

// answer reads yes or no: the protocol's words for them, else the usual ones.
func answer(s string, values map[string]string) (Answer, bool) {
	if meant, ok := values[s]; ok {
		s = meant
	} else if len(values) > 0 {
		return Unknown, false
	}
	switch strings.ToLower(s) {
	case "yes", "y", "ja", "j", "true", "1":
		return Yes, true
	case "no", "n", "nee", "false", "0":
		return No, true
	}
	return Unknown, false
}

// AnswerOf is what a word means by itself; Unknown where it is neither yes nor no.
func AnswerOf(s string) Answer { a, _ := answer(s, nil); return a }

// folded is a text in lower case without its blanks.
func folded(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// spellings are pairs of terms that differ in capitals and blanks alone.
func spellings(terms map[string]bool) [][2]string {
	var out [][2]string
	first := map[string]string{}
	sorted := make([]string, 0, len(terms))
	for s := range terms {
		sorted = append(sorted, s)
	}
	slices.Sort(sorted)
	for _, s := range sorted {
		key := folded(s)
		if f, ok := first[key]; ok {
			out = append(out, [2]string{strconv.Quote(f), strconv.Quote(s)})
		} else {
			first[key] = s
		}
	}
	return out
}
