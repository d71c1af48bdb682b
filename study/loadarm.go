package study

import (
	"fmt"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// armIgnored marks participants whose only arm is one that the protocol leaves
// out.
const armIgnored = -1

// blankArm reports whether a field in the arm's column says nothing: it is
// empty or a code of a missing value.
func (l *loader) blankArm(s string) bool {
	if s != "" && len(l.missing) == 1 || !l.missing[s] {
		return false
	}
	_, isArm := l.arms[s]
	return !isArm
}

// settleArms finds the arm of participants some of whose rows leave it out: it
// stands in whichever of their rows has it, as in exports that write what is
// known once in the first row alone.
func (l *loader) settleArms() {
	c := l.where.arm
	if c < 0 || l.p.Data.Layout != Long || l.where.participant < 0 {
		return
	}
	width := len(l.t.Rows[0].Fields)
	l.settled = map[string]int{}
	blank := map[string]bool{}
	each := func(do func(r files.Row, id string)) {
		for _, r := range l.t.Rows[1:] {
			if len(r.Fields) == width && l.kept(r) {
				do(r, l.participant(r))
			}
		}
	}
	each(func(r files.Row, id string) {
		if l.blankArm(r.Fields[c].Text) {
			blank[id] = true
		}
	})
	if len(blank) == 0 {
		return
	}
	each(func(r files.Row, id string) {
		s := r.Fields[c].Text
		if !blank[id] || l.blankArm(s) {
			return
		}
		name, mapped := l.p.Data.ArmValues[s]
		if !mapped {
			name = s
		}
		old, ok := l.settled[id]
		switch arm, known := l.arms[name]; {
		case known && (!ok || old == armIgnored):
			l.settled[id] = arm
		case mapped && name == "" && !ok:
			l.settled[id] = armIgnored
		}
	})
}

// checkArms reports the participants who have no arm in any row.
func (l *loader) checkArms() {
	c := l.where.arm
	if c < 0 {
		return
	}
	for _, q := range l.people {
		if q.Arm == "" && !q.armUnread {
			f := q.first.Fields[c]
			l.t.Report(q.first, f.Offset, "problem-no-arm-for", text.Args{"participant": q.ID, "values": fmt.Sprintf("{%q: %q}", f.Text, "")})
		}
	}
}
