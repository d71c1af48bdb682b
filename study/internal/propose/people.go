package propose

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// The names of participant columns, the surest first, folded.
var idNames = []string{"usubjid", "subjid", "subjectid", "subject", "subj", "participantid", "participant", "participantcode", "patientid", "patid", "patient", "ptid", "pid",
	"recordid", "record", "deelnemerid", "deelnemernr", "deelnemer", "deelnemernummer", "patientnr", "patientnummer", "pat", "patno", "patnr", "patientno", "patientnumber", "participantno", "participantnumber", "subjectno", "subjectnumber", "proefpersoon", "proefpersoonnr", "ppn",
	"studienummer", "studyid", "studieid", "respondentid", "respondent", "responseid", "personid", "person", "persoon", "child", "id", "idnr", "caseid", "case", "code", "nr", "nummer", "no"}

// idRank is how sure a name is a participant's number: 0 the surest, −1 it is not.
func idRank(name string) int {
	if i := slices.Index(idNames, strings.ReplaceAll(fold(name), "ë", "e")); i >= 0 { // patiënt
		return i
	}
	if t := tokens(name); len(t) > 1 && (t[len(t)-1] == "id" || t[len(t)-1] == "nr") {
		return len(idNames)
	}
	return -1
}

// siteNames are columns within which participants may be numbered anew.
var siteNames = []string{"site", "siteid", "center", "centre", "clinic", "hospital", "kliniek", "ziekenhuis", "locatie", "centrum", "practice", "praktijk", "institute"}

// visitNames are the names of visit columns, the surest first.
var visitNames = []string{"avisit", "visit", "visitname", "redcapeventname", "eventname", "event", "timepoint", "tijdpunt", "meetmoment", "moment", "visite", "avisitn", "visitn", "visitnum", "vis",
	"week", "month", "day", "days", "weeks", "months", "maand", "dag", "year", "hour", "uur", "time", "tijd", "meting", "occasion", "wave", "phase", "fase", "period", "periode", "session", "sessie", "followup", "fu", "times", "date"}

// findPersonal sets aside the columns that may name a person: they never enter a
// protocol, whatever else they are.
func (p *Proposal) findPersonal() {
	mail := regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}$`)
	phone := regexp.MustCompile(`^(\+|00|0)[0-9][0-9 ()/.-]{7,}$`)
	names := []string{"name", "naam", "firstname", "lastname", "surname", "forename", "givenname", "familyname", "fullname", "patientname", "voornaam", "achternaam", "initials", "initialen",
		"address", "adres", "street", "straat", "postcode", "zip", "zipcode", "city", "woonplaats", "phone", "telephone", "telefoon", "mobile", "mobiel", "gsm", "tel", "email", "mail", "emailaddress",
		"dob", "birthdate", "dateofbirth", "birthday", "geboortedatum", "birthdt", "brthdtc", "bsn", "ssn", "nhsnumber", "mrn", "ipaddress", "locationlatitude", "locationlongitude",
		"recipientlastname", "recipientfirstname", "recipientemail"}
	for _, f := range p.facts {
		personal := slices.Contains(names, fold(f.Name)) || slices.Contains(names, fold(f.Label))
		hits := 0
		for s, n := range f.count {
			if mail.MatchString(s) || phone.MatchString(s) && strings.ContainsAny(s, "+ -/") {
				hits += n
			}
		}
		if personal || f.n > 0 && hits*2 > f.n && idRank(f.Name) < 0 {
			f.role = "personal"
			p.personal = append(p.personal, f.Name)
		}
	}
}

// findPeople finds the participant column and the layout, and in a long file the
// visit.
func (p *Proposal) findPeople() {
	p.participant = field{sure: Asked, why: phrase("propose-id-none", nil)}
	p.layout = "wide"
	candidates := p.idCandidates()
	if a := p.answers["data.participant"]; a != "" {
		candidates = []*facts{p.column(a)}
	}
	for _, f := range candidates {
		if f != nil && f.n == len(f.Cells) && len(f.order) == f.n {
			p.setParticipant(f, Safe, phrase("propose-id-unique", text.Args{"column": f.Name, "n": f.n}))
			return
		}
	}
	for _, f := range candidates {
		if f == nil || f.n < len(f.Cells) || len(f.order) < 2 || float64(f.n)/float64(len(f.order)) < 1.2 {
			continue
		}
		if p.longWith(f, []string{f.Name}) {
			return
		}
	}
	// Where every site numbers its own, the two columns together are the number.
	for _, f := range candidates {
		if f == nil || f.n < len(f.Cells) {
			continue
		}
		for _, s := range p.free() {
			if s == f || !slices.Contains(siteNames, fold(s.Name)) || s.n < len(s.Cells) {
				continue
			}
			pairs := p.groups(s.Name, f.Name)
			if distinct(pairs) == len(pairs) {
				p.setParticipant(f, Likely, phrase("propose-id-site", text.Args{"column": f.Name, "site": s.Name}))
				p.participant.names = []string{s.Name, f.Name}
				return
			}
			if p.longWith(f, []string{s.Name, f.Name}) {
				return
			}
		}
	}
	for _, f := range candidates {
		if f != nil && f.n == len(f.Cells) && len(f.order) > 1 && len(f.order) < f.n && p.findSides(f) {
			return
		}
	}
	// A number that repeats means several rows a participant, even where no column
	// tells them apart.
	for _, f := range candidates {
		if f != nil && f.n == len(f.Cells) && len(f.order) > 1 && float64(f.n)/float64(len(f.order)) >= 1.5 {
			p.setParticipant(f, Likely, phrase("propose-id-long", text.Args{"column": f.Name, "n": len(f.order)}))
			p.layout = "long"
			p.visit = field{sure: Asked, why: phrase("propose-visit-none", text.Args{"column": f.Name})}
			return
		}
	}
	if a := p.column(p.answers["data.participant"]); a != nil {
		p.setParticipant(a, Likely, phrase("propose-answered", nil))
	}
}

func (p *Proposal) setParticipant(f *facts, sure Certainty, why text.Phrase) {
	p.participant = field{names: []string{f.Name}, sure: sure, why: why}
	f.role = "participant"
}

// idCandidates are the columns whose name is a participant's, the surest first.
func (p *Proposal) idCandidates() []*facts {
	var out []*facts
	for _, f := range p.free() {
		if idRank(f.Name) >= 0 && len(f.order) > 1 {
			out = append(out, f)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return idRank(out[i].Name) < idRank(out[j].Name) })
	return out
}

// groups is each row's value of the columns, as one text.
func (p *Proposal) groups(names ...string) []string {
	out := make([]string, len(p.facts[0].Cells))
	for _, n := range names {
		f := p.column(n)
		for i := range out {
			out[i] += f.Cells[i] + "\x00"
		}
	}
	return out
}

func distinct(s []string) int {
	seen := map[string]bool{}
	for _, x := range s {
		seen[x] = true
	}
	return len(seen)
}

// longWith takes the file as long, with the columns as participant, if a visit
// column makes each of the rows one participant at one visit, alone or with a
// column of outcomes.
func (p *Proposal) longWith(f *facts, id []string) bool {
	people := distinct(p.groups(id...))
	rows := len(f.Cells)
	if a := p.answers["data.visit"]; a != "" && p.column(a) != nil {
		p.setLong(f, id, p.column(a), Likely, phrase("propose-answered", nil))
		return true
	}
	var found []*facts
	outcome, value := p.longNames()
	for _, v := range p.free() {
		rank := slices.Index(visitNames, fold(v.Name))
		if v == f || slices.Contains(id, v.Name) || rank < 0 || v.n < rows || len(v.order) < 2 || len(v.order) > 60 || len(v.order)*2 > rows+2 {
			continue
		}
		pairs := p.groups(append(slices.Clone(id), v.Name)...)
		if distinct(pairs) == rows || outcome != "" && value != "" && distinct(p.groups(append(slices.Clone(id), v.Name, outcome)...)) == rows {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return false
	}
	sort.SliceStable(found, func(i, j int) bool {
		return slices.Index(visitNames, fold(found[i].Name)) < slices.Index(visitNames, fold(found[j].Name))
	})
	v, sure := found[0], Safe
	for _, other := range found[1:] {
		if distinct(p.groups(v.Name, other.Name)) > max(len(v.order), len(other.order)) {
			sure = Likely // two different clocks
		} else {
			other.role = "same-visit"
		}
	}
	p.setLong(f, id, v, sure, phrase("propose-long", text.Args{"people": people, "rows": rows, "visits": len(v.order), "column": v.Name}))
	return true
}

func (p *Proposal) setLong(f *facts, id []string, visit *facts, sure Certainty, why text.Phrase) {
	p.layout = "long"
	idSure, idWhy := Safe, phrase("propose-id-long", text.Args{"column": f.Name, "n": distinct(p.groups(id...))})
	if len(id) > 1 {
		idSure, idWhy = Likely, phrase("propose-id-site", text.Args{"column": f.Name, "site": id[0]})
	}
	p.setParticipant(f, idSure, idWhy)
	p.participant.names = id
	p.visit = field{names: []string{visit.Name}, sure: sure, why: why}
	visit.role = "visit"
	p.findVisits(visit)
}

// findVisits puts the visits of a long file in order.
func (p *Proposal) findVisits(v *facts) {
	unit := unitOf[fold(v.Name)]
	ordered := true
	for _, s := range v.sortedValues() {
		said := s
		if w := v.word(s); w != "" {
			said = w
		}
		m, ok := readLevel(said, unit)
		ordered = ordered && ok
		l := level{id: s, order: m.order, base: m.base, time: m.time}
		switch {
		case said != s:
			l.label = said
		case unit > 0 && ok:
			one := strings.TrimSuffix(strings.ToLower(v.Name), "s") // weeks: Week 4
			l.label = strings.ToUpper(one[:1]) + one[1:] + " " + s
		}
		p.visits = append(p.visits, l)
	}
	if ordered {
		sort.SliceStable(p.visits, func(i, j int) bool { return p.visits[i].order < p.visits[j].order })
	} else if p.visit.sure == Safe {
		p.visit.sure, p.visit.why = Likely, phrase("propose-visit-order", text.Args{"column": v.Name})
	}
}

// longNames are the columns of a file with a row a value: what was measured, and
// the value. A code is preferred to the words that stand beside it.
func (p *Proposal) longNames() (outcome, value string) {
	names := []string{"paramcd", "testcd", "parameter", "param", "outcome", "uitkomst", "variable", "measure", "test"}
	best := len(names)
	for _, f := range p.facts {
		if f.role == "no-name" || f.role == "personal" {
			continue
		}
		name := fold(f.Name)
		if rank := slices.Index(names, name); rank >= 0 && rank < best && len(f.order) < 60 && f.n == len(f.Cells) {
			outcome, best = f.Name, rank
		}
		if slices.Contains([]string{"aval", "value", "waarde", "score", "result", "stresn"}, name) && value == "" && f.numeric() {
			value = f.Name
		}
	}
	return outcome, value
}

// labelOf is the word of an outcome's code in the column of words beside it.
func (p *Proposal) labelOf(column, id string) string {
	for _, f := range p.facts {
		if name := fold(f.Name); f.Name != column && (name == "param" || name == "parameter" || name == "test") && distinct(p.groups(column, f.Name)) == len(p.column(column).order) {
			f.role = "same-outcome"
			return f.Cells[slices.Index(p.column(column).Cells, id)]
		}
	}
	return p.column(column).word(id)
}
