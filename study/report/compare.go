package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/text"
)

// Compare reads an earlier results.json and writes what has changed since: the
// version that computed it, what the protocol says, who was added, removed or
// changed in the file, and every estimate that a plan asks for (of a trial without
// plans, those of the default analyses) before and after. Where nothing has, it is
// one line. Estimates are the same where they agree to 1e-9, relatively: results.json
// may differ so much between processors. It refuses a file that is no results.json
// of this format: version 1 does not say who was in the data.
func Compare(w io.Writer, earlier io.Reader, r study.Report, o Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(earlier)
	if err != nil {
		return err
	}
	old, err := readEarlier(c, raw)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := JSON(&b, r, o); err != nil {
		return err
	}
	now, err := readEarlier(c, b.Bytes())
	if err != nil {
		return err
	}
	said, err := r.In(c.Lang())
	if err != nil {
		return err
	}
	x := &comparison{builder: &builder{Writer: prose.Writer{C: c}, r: said, opt: o}, old: old, now: now}
	x.write()
	_, err = io.WriteString(w, x.Doc.Text())
	return err
}

// earlierFile is what Compare reads of results.json.
type earlierFile struct {
	FormatVersion *int `json:"format_version"`
	Version       string
	Data          struct {
		SHA256       string
		Participants []jsonParticipant
	}
	Visits, Outcomes, Randomization, Plans any
	Results                                []earlierRow
}

type earlierRow struct {
	Outcome, Visit, Contrast, Arm, Method, Role string
	Scale, Set, Estimand                        string
	Effect                                      string
	Planned                                     string `json:"planned_method"`
	WithoutStrata                               bool   `json:"without_strata"`
	Estimate, Lower, Upper                      *float64
	Level                                       float64
}

// key is what makes a row the same row.
func (r earlierRow) key() string {
	key := fmt.Sprintf("%q %q %q %q %q", r.Contrast, r.Outcome, r.Visit, r.Arm, r.Method)
	if r.Estimand != "" {
		key += fmt.Sprintf(" estimand %q", r.Estimand)
	}
	if r.Set != "" && r.Set != study.SetITT {
		key += fmt.Sprintf(" %q", r.Set)
	}
	if r.Scale != "" && r.Scale != string(study.ScaleUnit) {
		key += fmt.Sprintf(" %q %q %t", r.Effect, r.Planned, r.WithoutStrata) // one method has several of these
	}
	return key
}

// same reports whether the numbers agree.
func (r earlierRow) same(s earlierRow) bool {
	return near(r.Estimate, s.Estimate) && near(r.Lower, s.Lower) && near(r.Upper, s.Upper) && r.Level == s.Level
}

func near(x, y *float64) bool {
	if x == nil || y == nil {
		return x == y
	}
	return math.Abs(*x-*y) <= 1e-9*max(math.Abs(*x), math.Abs(*y))
}

func readEarlier(c *text.Catalog, raw []byte) (earlierFile, error) {
	var f earlierFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, errors.New(c.Say("compare-no-results", text.Args{"reason": err.Error()}))
	}
	switch {
	case f.FormatVersion == nil && f.Results != nil: // version 1 did not say
		return f, errors.New(c.Say("compare-version-1", text.Args{"format": formatVersion}))
	case f.FormatVersion == nil:
		return f, errors.New(c.Say("compare-no-results", text.Args{"reason": "format_version"}))
	case *f.FormatVersion != formatVersion:
		return f, errors.New(c.Say("compare-other-version", text.Args{"found": *f.FormatVersion, "format": formatVersion}))
	case f.Data.Participants == nil:
		return f, errors.New(c.Say("compare-no-results", text.Args{"reason": "data.participants"}))
	}
	return f, nil
}

// comparison writes what has changed.
type comparison struct {
	*builder
	old, now earlierFile
}

func (x *comparison) write() {
	versions := x.old.Version != x.now.Version
	if versions {
		x.Paragraph("compare-versions", text.Args{"before": x.old.Version, "now": x.now.Version})
	}
	protocol := x.protocolChanges()
	added, removed, changed := x.participants()
	rows := x.planned()
	estimates := 0
	for _, r := range rows {
		if !r.same() {
			estimates++
		}
	}
	others := x.otherRows()
	if len(protocol)+len(added)+len(removed)+len(changed)+estimates+others == 0 {
		code := "compare-nothing"
		if versions {
			code = "compare-nothing-else"
		}
		s := x.Say(code, text.Args{"participants": len(x.now.Data.Participants), "planned": len(slices.DeleteFunc(slices.Clone(rows), func(p pair) bool { return !p.planned() }))})
		if x.old.Data.SHA256 != x.now.Data.SHA256 {
			s += " " + x.Say("compare-bytes", nil)
		}
		x.Doc.Paragraph(s)
		return
	}
	if len(protocol) > 0 {
		x.Paragraph("compare-protocol", text.Args{"keys": strings.Join(protocol, ", ")})
	}
	x.Paragraph("compare-participants", text.Args{"before": len(x.old.Data.Participants), "now": len(x.now.Data.Participants)})
	for _, l := range []struct {
		code string
		ids  []string
	}{{"compare-added", added}, {"compare-removed", removed}, {"compare-changed", changed}} {
		if len(l.ids) > 0 {
			x.Doc.Item(x.Say(l.code, text.Args{"n": len(l.ids), "participants": text.List(l.ids, 20)}))
		}
	}
	if len(rows) > 0 {
		x.table(rows)
	}
	if others > 0 {
		x.Paragraph("compare-others", text.Args{"n": others})
	}
}

// protocolChanges are the keys of results.json that hold what the protocol says,
// where they differ.
func (x *comparison) protocolChanges() (keys []string) {
	for _, k := range []struct {
		name     string
		old, now any
	}{{"visits", x.old.Visits, x.now.Visits}, {"outcomes", x.old.Outcomes, x.now.Outcomes},
		{"randomization", x.old.Randomization, x.now.Randomization}, {"plans", x.old.Plans, x.now.Plans}} {
		if !reflect.DeepEqual(k.old, k.now) {
			keys = append(keys, k.name)
		}
	}
	return keys
}

// participants are who came, went and changed, by ID.
func (x *comparison) participants() (added, removed, changed []string) {
	before := map[string]string{}
	for _, p := range x.old.Data.Participants {
		before[p.Participant] = p.Fingerprint
	}
	for _, p := range x.now.Data.Participants {
		switch hash, ok := before[p.Participant]; {
		case !ok:
			added = append(added, p.Participant)
		case hash != p.Fingerprint:
			changed = append(changed, p.Participant)
		}
		delete(before, p.Participant)
	}
	for _, p := range x.old.Data.Participants {
		if _, ok := before[p.Participant]; ok {
			removed = append(removed, p.Participant)
		}
	}
	return added, removed, changed
}

// pair is a planned estimate before and after; nil where it is not there.
type pair struct{ old, now *earlierRow }

// planned reports whether a plan asks for it, before or after.
func (p pair) planned() bool {
	for _, r := range []*earlierRow{p.old, p.now} {
		if r != nil && r.Role != string(study.RoleDefault) {
			return true
		}
	}
	return false
}

func (p pair) same() bool { return p.old != nil && p.now != nil && p.old.same(*p.now) }

// planned pairs the estimates that plans ask for, in the order of the new file,
// then those that are gone.
func (x *comparison) planned() []pair {
	old, now := plannedRows(x.old.Results), plannedRows(x.now.Results)
	var out []pair
	for i := range now {
		p := pair{now: &now[i]}
		if k := slices.IndexFunc(old, func(r earlierRow) bool { return r.key() == now[i].key() }); k >= 0 {
			p.old = &old[k]
		}
		out = append(out, p)
	}
	for i := range old {
		if !slices.ContainsFunc(now, func(r earlierRow) bool { return r.key() == old[i].key() }) {
			out = append(out, pair{old: &old[i]})
		}
	}
	return out
}

// plannedRows are the rows that answer a plan; where none does, those of the
// default analyses.
func plannedRows(rows []earlierRow) []earlierRow {
	var planned, all []earlierRow
	for _, r := range rows {
		switch study.Role(r.Role) {
		case study.RoleCompanion:
			continue
		case study.RoleDefault:
		default:
			planned = append(planned, r)
		}
		all = append(all, r)
	}
	out := planned
	if len(out) == 0 {
		out = all
	}
	return slices.DeleteFunc(out, func(r earlierRow) bool { return r.Contrast != string(study.Between) })
}

// otherRows counts the rows of results that differ, came or went and that no plan asks for.
func (x *comparison) otherRows() int {
	asked := map[string]bool{}
	for _, p := range x.planned() {
		for _, r := range []*earlierRow{p.old, p.now} {
			if r != nil {
				asked[r.key()] = true
			}
		}
	}
	before := map[string]earlierRow{}
	for _, r := range x.old.Results {
		if !asked[r.key()] {
			before[r.key()] = r
		}
	}
	n := 0
	for _, r := range x.now.Results {
		if asked[r.key()] {
			continue
		}
		if s, ok := before[r.key()]; !ok || !r.same(s) {
			n++
		}
		delete(before, r.key())
	}
	return n + len(before)
}

// table shows the planned estimates before and after.
func (x *comparison) table(rows []pair) {
	level, one := levelOf(rows)
	head := func(code string) string {
		if one {
			return x.Say("compare-head", text.Args{"when": x.Say(code, nil), "level": x.Level(level)})
		}
		return x.Say(code, nil)
	}
	caption := "compare-estimates-unplanned"
	if slices.ContainsFunc(rows, pair.planned) {
		caption = "compare-estimates"
	}
	t := page.Table{Caption: x.Say(caption, nil), Group: 2, Columns: []page.Column{page.Names(x.Say("table-outcome", nil)),
		page.Names(x.Say("check-visit", nil)), page.Names(x.Say("compare-comparison", nil)),
		page.Numbers(head("compare-before")), page.Numbers(head("compare-after"))}}
	for _, p := range rows {
		r := p.now
		if r == nil {
			r = p.old
		}
		method := r.Method
		if x.C.Has("method-" + method) {
			method = x.method(study.Method(method))
		}
		before, after := x.estimates(p, one)
		if p.same() {
			after = x.Say("compare-same", nil)
		}
		t.Rows = append(t.Rows, []string{x.outcome(r.Outcome), x.visit(r.Visit),
			x.Say("compare-arm-method", text.Args{"arm": x.short(r.Arm), "method": method}), before, after})
	}
	t.Notes = []string{x.Say("compare-note", nil)}
	x.Doc.TableWith(t)
}

// levelOf is the level of all the intervals, where they have one.
func levelOf(rows []pair) (level float64, one bool) {
	for _, p := range rows {
		for _, r := range []*earlierRow{p.old, p.now} {
			switch {
			case r == nil:
			case level == 0:
				level = r.Level
			case r.Level != level:
				return 0, false
			}
		}
	}
	return level, true
}

// estimates writes both with the report's decimals, or with as many as tell them
// apart.
func (x *comparison) estimates(p pair, oneLevel bool) (before, after string) {
	outcome := ""
	for _, r := range []*earlierRow{p.old, p.now} {
		if r != nil {
			outcome = r.Outcome
		}
	}
	d := 2
	if _, ok := x.r.Protocol.Outcome(outcome); ok {
		d = x.r.Digits(outcome)
	}
	for ; ; d++ {
		before, after = x.estimate(p.old, d, oneLevel), x.estimate(p.now, d, oneLevel)
		if before != after || p.same() || d >= 12 {
			return before, after
		}
	}
}

func (x *comparison) estimate(r *earlierRow, d int, oneLevel bool) string {
	number := func(v *float64) string {
		if v == nil {
			return "–"
		}
		switch r.Scale {
		case string(study.ScaleRatio), string(study.ScaleProbability):
			return x.C.Number(*v, max(d, ratioDecimals))
		case string(study.ScaleProportion):
			return x.C.Number(100**v, d)
		}
		return x.C.Number(*v, d)
	}
	switch {
	case r == nil:
		return "–"
	case r.Lower == nil && r.Upper == nil:
		return number(r.Estimate)
	}
	code := "compare-estimate"
	if oneLevel {
		code = "compare-estimate-short"
	}
	return x.Say(code, text.Args{"estimate": number(r.Estimate), "lower": number(r.Lower), "upper": number(r.Upper), "level": x.Level(r.Level)})
}
