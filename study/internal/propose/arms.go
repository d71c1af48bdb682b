package propose

import (
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// The names of arm columns. Strong ones mean nothing else in a trial; weak ones may.
var (
	strongArms = []string{"arm", "armcd", "actarm", "trt", "trt01p", "trt01pn", "trtp", "treat", "treatment", "treatmentgroup", "tx", "rx", "randomization", "randomisation", "randomized", "randomised",
		"allocation", "allocated", "studyarm", "studygroup", "randgroup", "randgrp", "trialarm", "intervention", "interventie", "behandeling", "behandelgroep", "behandelarm", "interventiegroep", "therapy", "therapie", "toewijzing"}
	weakArms = []string{"group", "grp", "groep", "gruppe", "gr", "groupe", "bras", "condition", "conditie", "drug", "exposure", "supp", "dose", "vaccine", "program", "method", "type"}
	// Values that speak of a trial's arms.
	armWords     = []string{"placebo", "sham", "control", "controle", "active", "actief", "usual", "standard", "standaard", "wait", "wacht", "tau", "schijn", "vehicle", "drug", "treated"}
	controlWords = []string{"placebo", "sham", "control", "controle", "cont", "usual", "standard", "standaard", "wait", "waitlist", "wacht", "wachtlijst", "tau", "schijn", "vehicle", "pbo", "plac", "ctrl", "ctl", "none", "geen", "untreated", "nothing"}
)

// findArm finds the column that says who was allocated to what.
func (p *Proposal) findArm() {
	p.arm = field{sure: Asked, why: phrase("propose-arm-none", nil)}
	type candidate struct {
		f     *facts
		score int
	}
	var all []candidate
	var groups []string
	if p.participant.sure != Asked {
		groups = p.groups(p.participant.names...)
	}
	for _, f := range p.free() {
		if len(f.order) < 2 || len(f.order) > 8 || f.long || f.n*2 < len(f.Cells) && groups == nil {
			continue
		}
		if strings.Contains(f.Name, "___") || fold(f.Name) == "redcapdataaccessgroup" || f.Name == "Data Access Group" || strings.Contains(f.Name, "(choice=") {
			continue // a REDCap export's boxes and sites
		}
		if idRank(f.Name) >= 0 || f.numbers > 0 && !f.whole() || hasSuffix(fold(f.Name), "dt", "dtc", "dtm", "date", "datum") {
			continue
		}
		score := 1
		strong := slices.Contains(strongArms, fold(f.Name)) || slices.Contains(strongArms, fold(f.Label))
		weak := slices.Contains(weakArms, fold(f.Name)) || slices.ContainsFunc(tokens(f.Name), func(t string) bool { return slices.Contains(strongArms, t) || t == "group" || t == "groep" })
		switch {
		case strong:
			score = 4
		case weak:
			score = 2
		}
		if slices.ContainsFunc(f.order, func(s string) bool { return hasToken(s+" "+f.word(s), armWords...) }) {
			score += 3
		}
		if slices.Contains(siteNames, fold(f.Name)) || covariateKind(f.Name) != "" {
			score = 0
		}
		if groups != nil {
			constant, _ := f.constantWithin(groups)
			if !constant {
				continue
			}
		} else if f.n < len(f.Cells) {
			score--
		}
		if score > 0 {
			all = append(all, candidate{f, score})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].score > all[j].score })
	if a := p.column(p.answers["data.arm"]); a != nil {
		p.setArm(a, Likely, phrase("propose-answered", nil))
		return
	}
	if len(all) == 0 {
		return
	}
	best := all[0]
	var rivals []string
	for _, c := range all[1:] {
		switch {
		case distinct(p.groups(best.f.Name, c.f.Name)) == len(best.f.order) && len(best.f.order) == len(c.f.order) && c.score >= 4:
			c.f.role = "same-arm"
		case c.score == best.score || c.score >= 4:
			rivals = append(rivals, c.f.Name)
		}
	}
	args := text.Args{"column": best.f.Name, "levels": len(best.f.order), "others": strings.Join(rivals, ", ")}
	switch {
	case best.score >= 4 && len(rivals) == 0:
		sure := Safe
		if best.score < 7 && !slices.Contains(strongArms, fold(best.f.Name)) {
			sure = Likely
		}
		p.setArm(best.f, sure, phrase("propose-arm", args))
	case best.score >= 2 && len(rivals) == 0:
		p.setArm(best.f, Likely, phrase("propose-arm-likely", args))
	default:
		for _, c := range all[:min(len(all), 12)] {
			p.arm.names = append(p.arm.names, c.f.Name)
		}
		p.arm.why = phrase("propose-arm-several", text.Args{"columns": strings.Join(p.arm.names, ", ")})
	}
}

func (p *Proposal) setArm(f *facts, sure Certainty, why text.Phrase) {
	p.arm = field{names: []string{f.Name}, sure: sure, why: why}
	f.role = "arm"
	for _, s := range f.sortedValues() {
		if slices.Contains(f.Missing, s) {
			continue
		}
		p.arms = append(p.arms, level{id: s, label: f.word(s)})
	}
}

// summaryWords stand among the arms in lines that sum up others.
var summaryWords = []string{"mean", "sd", "total", "totals", "average", "median", "sum", "n", "gemiddelde", "totaal", "som", "mediaan", "mittelwert", "summe", "gesamt"}

// armDoubts are what is odd about the values of the arm: some may be one arm written in
// several ways, or belong to lines that sum up others.
func (p *Proposal) armDoubts() []text.Phrase {
	var out []text.Phrase
	var sums []string
	spelled, order := map[string][]string{}, []string{}
	for _, a := range p.arms {
		key := strings.ToLower(strings.Join(strings.Fields(a.id), " "))
		if spelled[key] = append(spelled[key], a.id); len(spelled[key]) == 1 {
			order = append(order, key)
		}
		if slices.Contains(summaryWords, strings.Trim(key, " .:=")) && len(p.arms) > 2 {
			sums = append(sums, a.id)
		}
	}
	for _, key := range order {
		if same := spelled[key]; len(same) > 1 {
			out = append(out, phrase("propose-arms-alike", text.Args{"arms": text.List(same, 8),
				"example": "arm_values: {" + quote(same[1]) + ": " + quote(same[0]) + "}"}))
		}
	}
	if len(sums) > 0 {
		out = append(out, phrase("propose-arms-sums", text.Args{"words": text.List(sums, 8)}))
	}
	return out
}

// alone counts the rows that hold nothing but a value of a column, such as the titles of
// groups, and gives the first.
func (p *Proposal) alone(f *facts) (n int, first string) {
	for i, s := range f.Cells {
		if s == "" || slices.ContainsFunc(p.facts, func(o *facts) bool { return o != f && i < len(o.Cells) && o.Cells[i] != "" }) {
			continue
		}
		if n++; n == 1 {
			first = s
		}
	}
	return n, first
}

// controlByWords names the arm whose word suggests a control, "" if none or
// several do.
func (p *Proposal) controlByWords() string {
	found := ""
	for _, a := range p.arms {
		if hasToken(a.id+" "+a.label, controlWords...) {
			if found != "" {
				return ""
			}
			found = a.id
		}
	}
	return found
}

// said is an arm's word: the file's label, else the value itself.
func (p *Proposal) said(id string) string {
	for _, a := range p.arms {
		if a.id == id && a.label != "" {
			return a.label
		}
	}
	return id
}

func hasSuffix(s string, ends ...string) bool {
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasSuffix(s, e) })
}
