package study

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// receivedNone is the word of the file, or of arm_values, for who received no
// arm's treatment.
const receivedNone = "none"

// flow reads {assessed: number, excluded: {reason: number}}; the reasons keep their
// order.
func (d *protocolReader) flow(dst *Screening) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Fields(n, path, yamlfile.Keys{
			"assessed": func(n *yamlfile.Node, path string) {
				d.Whole(&dst.Assessed)(n, path)
				if !d.Bad[path] && dst.Assessed == 0 {
					d.Reject(n, path, "problem-flow-assessed-zero")
				}
			},
			"excluded": func(n *yamlfile.Node, path string) {
				bad := false
				d.MapOf(n, path, "problem-flow-excluded-map", func(reason string, n *yamlfile.Node, path string) {
					r := ReasonCount{Reason: reason}
					d.Whole(&r.N)(n, path)
					dst.Excluded = append(dst.Excluded, r)
					bad = bad || d.Bad[path]
				})
				if bad || d.Bad[path] {
					d.Bad["flow.assessed"] = true // nobody knows what the numbers add up to
				}
			},
		})
	}
}

// status reads {column, values: {what the file writes: status}, reason}; the
// values keep their order.
func (d *protocolReader) status(dst *StatusSpec) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Fields(n, path, yamlfile.Keys{
			"column": d.Text(&dst.Column),
			"reason": d.Text(&dst.Reason),
			"values": func(n *yamlfile.Node, path string) {
				d.MapOf(n, path, "problem-status-map", func(written string, n *yamlfile.Node, path string) {
					v := StatusValue{Written: written}
					d.Text(&v.Status)(n, path)
					dst.Values = append(dst.Values, v)
				})
			},
		})
	}
}

// checkReceived checks the column of the arm received.
func (c *checker) checkReceived() {
	switch name := c.Data.Received; {
	case name == "":
	case name == c.Data.Participant, name == c.Data.Arm, c.isOutcomeColumn(name), name == c.Data.Status.Column:
		c.Add("data.received", "problem-column-other", name)
	}
}

// flowSeen holds where what a participant has once of the flow was read; 0: not,
// negative: what it means was not understood.
type flowSeen struct{ status, reason, received int }

// flow reads how a participant left and what was received.
func (l *loader) flow(r files.Row, q *person) {
	l.say(r, q, l.where.status, "word-status", &q.Status, &q.flow.status, l.statusOf)
	l.say(r, q, l.where.reason, "word-reason", &q.Reason, &q.flow.reason, func(_ files.Row, _ int, s string) (string, bool) {
		return strings.Clone(s), true
	})
	l.say(r, q, l.where.received, "word-received", &q.Received, &q.flow.received, l.receivedOf)
}

// say reads a column that tells one thing of a participant: rows that tell it must
// agree, or leave it out.
func (l *loader) say(r files.Row, q *person, column int, what string, to *string, line *int, meaning func(r files.Row, column int, s string) (string, bool)) {
	if column < 0 || l.missing[r.Text(column)] {
		return
	}
	switch s, ok := meaning(r, column, r.Text(column)); {
	case !ok && *line == 0:
		*line = -r.Line() // told, if not understood: checkStatuses says no more of it
	case !ok:
	case *line <= 0:
		*to, *line = s, r.Line()
	case *to != s:
		l.conflict(r, q, column, text.Phrase{Code: what}, *line)
	}
}

func (l *loader) statusOf(r files.Row, column int, s string) (string, bool) {
	values := l.p.Data.Status.Values
	if i := slices.IndexFunc(values, func(v StatusValue) bool { return v.Written == s }); i >= 0 {
		return values[i].Status, true
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = v.Written
	}
	l.t.Report(r, column, "problem-status-unlisted", text.Args{"word": clip(s), "words": quotedList(words, 8)})
	return "", false
}

// receivedOf is the arm that a field says was received. What arm_values leaves out
// is no arm of the trial.
func (l *loader) receivedOf(r files.Row, column int, s string) (string, bool) {
	id, mapped := l.p.Data.ArmValues[s]
	switch {
	case mapped && id == "":
		return receivedNone, true
	case !mapped:
		id = s
	}
	if arm, ok := l.arms[id]; ok {
		return l.p.Arms[arm].ID, true
	}
	if strings.EqualFold(id, receivedNone) {
		return receivedNone, true
	}
	l.t.Report(r, column, "problem-received-unknown",
		text.Args{"word": clip(s), "arms": yamlfile.ListIDs(l.p.Arms, func(a Arm) string { return a.ID })})
	return "", false
}

// checkStatuses gives a status to those whose field is blank, as the protocol says,
// and refuses the others: the flow would not add up.
func (l *loader) checkStatuses() {
	c := l.where.status
	if c < 0 {
		return
	}
	values := l.p.Data.Status.Values
	blank := slices.IndexFunc(values, func(v StatusValue) bool { return v.Written == "" })
	for _, q := range l.people {
		switch {
		case q.flow.status != 0:
		case blank >= 0:
			q.Status = values[blank].Status
		default:
			l.t.Report(q.first, c, "problem-no-status", text.Args{"participant": q.ID, "values": `{"": completed}`})
		}
	}
}

// checkAssessed holds the numbers before randomization against those in the file,
// where the protocol does not state how many an arm had; n counts the file's.
func (l *loader) checkAssessed(n map[string]int, offset int) {
	f, randomized, stated := l.p.Flow, 0, true
	for _, a := range l.p.Arms {
		if a.Randomized > 0 {
			randomized += a.Randomized
		} else {
			stated = false
			randomized += n[a.ID]
		}
	}
	excluded := sumReasons(f.Excluded)
	if f.Assessed > 0 && !stated && !l.unknownArm && f.Assessed-excluded != randomized { // stated: Validate has seen it
		l.t.Report(l.t.Header(), offset, "problem-flow-file", text.Args{"assessed": f.Assessed, "excluded": excluded,
			"left": f.Assessed - excluded, "randomized": randomized})
	}
}

// flowNotes doubt reasons of participants who completed the trial.
func (l *loader) flowNotes() []Note {
	n, example := 0, ""
	for _, q := range l.people { // sorted by ID
		if q.Status == StatusCompleted && q.Reason != "" {
			if n++; n == 1 {
				example = q.ID
			}
		}
	}
	if n == 0 {
		return nil
	}
	return []Note{{Code: "reason-of-completed", Args: map[string]any{"count": n, "participant": example, "column": l.p.Data.Status.Reason}}}
}
