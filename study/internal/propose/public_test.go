package propose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

func proposeFile(t *testing.T, file string) *Proposal {
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	info, err := f.Stat()
	require.NoError(t, err)
	table, err := files.Read(f, info.Size(), filepath.Base(file), files.Options{})
	require.NoError(t, err)
	in := Input{File: table.File()}
	for i, c := range table.Columns {
		column := Column{Name: c.Name, Label: c.Label, Labels: c.Labels, Missing: c.Missing}
		for r := range table.All() {
			column.Cells = append(column.Cells, r.Text(i))
		}
		in.Columns = append(in.Columns, column)
	}
	for r := range table.All() {
		in.Lines = append(in.Lines, r.Line())
	}
	return New(in, nil)
}

// Every column right or asked in 16 of twenty public files, and none wrong without
// saying so.
func TestProposalsOfPublicFiles(t *testing.T) {
	shared := "../../../../shared"
	if _, err := os.Stat(shared); err != nil {
		t.Skip("../shared/data and ../shared/formats")
	}
	src, err := os.ReadFile("../../../testdata/proposals/expected.yaml")
	require.NoError(t, err)
	var want []struct {
		File, Layout, Participant, Arm, Visit string
		Columns                               []string
	}
	require.NoError(t, yaml.Unmarshal(src, &want))
	require.Len(t, want, 20)
	right := 0
	for _, w := range want {
		p := proposeFile(t, filepath.Join(shared, w.File))
		ok := true
		hold := func(what, got, want string, stated, sure bool) {
			switch {
			case !stated: // asked
			case got == want:
			default:
				ok = false
				assert.False(t, sure, "%s: %s is %q, stated as sure; right is %q", w.File, what, got, want)
			}
		}
		r := p.review()
		hold("participant", strings.Join(r.Participant, ","), w.Participant, r.ParticipantStated, r.ParticipantSure)
		hold("layout", r.Layout, w.Layout, r.ParticipantStated, r.ParticipantSure)
		hold("arm", r.Arm, w.Arm, r.ArmStated, r.ArmSure)
		if w.Layout == "long" {
			hold("visit", r.Visit, w.Visit, r.VisitStated, r.VisitSure)
		}
		for _, c := range r.SureColumns {
			assert.Contains(t, w.Columns, c, "%s: %s is stated as an outcome", w.File, c)
		}
		for _, c := range r.Columns {
			ok = ok && slices.Contains(w.Columns, c)
		}
		if ok {
			right++
		} else {
			t.Logf("%s: not all right (marked for a check): %+v", w.File, r)
		}
	}
	assert.GreaterOrEqual(t, right, 16)
}

// review is what a proposal states of a file's columns, for who measures how often
// it is right: stated or asked, and sure or marked for a check.
type review struct {
	Layout, Arm, Visit                  string
	Participant                         []string
	ParticipantStated, ArmStated        bool
	VisitStated                         bool
	ParticipantSure, ArmSure, VisitSure bool
	Columns, SureColumns                []string // of outcomes
}

// review sums up the proposal.
func (p *Proposal) review() review {
	r := review{Layout: p.layout, Participant: p.participant.names, Visit: p.visit.name(),
		ParticipantStated: p.participant.sure != Asked, ParticipantSure: p.participant.sure == Safe,
		ArmStated: p.arm.sure != Asked, ArmSure: p.arm.sure == Safe,
		VisitStated: p.visit.sure != Asked, VisitSure: p.visit.sure == Safe}
	if r.ArmStated {
		r.Arm = p.arm.name()
	}
	add := func(sure bool, columns ...string) {
		for _, c := range columns {
			if c != "" {
				r.Columns = append(r.Columns, c)
				if sure {
					r.SureColumns = append(r.SureColumns, c)
				}
			}
		}
	}
	add(true, p.outcomeCol, p.valueCol)
	for _, o := range p.outcomes {
		for _, v := range sortedKeys(o.columns) {
			add(o.sure == Safe, o.columns[v])
		}
		add(false, o.baseline)
	}
	return r
}
