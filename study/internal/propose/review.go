package propose

// Review is what a proposal states of a file's columns, for who measures how often
// it is right: stated or asked, and sure or marked for a check.
type Review struct {
	Layout, Arm, Visit                  string
	Participant                         []string
	ParticipantStated, ArmStated        bool
	VisitStated                         bool
	ParticipantSure, ArmSure, VisitSure bool
	Columns, SureColumns                []string // of outcomes
}

// Review sums up the proposal.
func (p *Proposal) Review() Review {
	r := Review{Layout: p.layout, Participant: p.participant.names, Visit: p.visit.name(),
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
