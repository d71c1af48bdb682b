package propose

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// namings are the words by which names and labels call instruments; all words of a
// row must stand there. The first row that fits wins.
var namings = []struct {
	words []string
	ids   []string
}{
	{[]string{"womac", "pain"}, []string{"WOMAC-pain-Likert", "WOMAC-pain-100", "WOMAC-pain-VAS"}},
	{[]string{"womac", "pijn"}, []string{"WOMAC-pain-Likert", "WOMAC-pain-100", "WOMAC-pain-VAS"}},
	{[]string{"womac", "stiffness"}, []string{"WOMAC-stiffness-Likert", "WOMAC-stiffness-100", "WOMAC-stiffness-VAS"}},
	{[]string{"womac", "function"}, []string{"WOMAC-function-Likert", "WOMAC-function-100", "WOMAC-function-VAS"}},
	{[]string{"koos", "pain"}, []string{"KOOS-pain"}}, {[]string{"koos", "pijn"}, []string{"KOOS-pain"}},
	{[]string{"koos", "symptoms"}, []string{"KOOS-symptoms"}}, {[]string{"koos", "adl"}, []string{"KOOS-ADL"}},
	{[]string{"koos", "sport"}, []string{"KOOS-sport"}}, {[]string{"koos", "qol"}, []string{"KOOS-QOL"}},
	{[]string{"hoos", "pain"}, []string{"HOOS-pain"}}, {[]string{"hoos", "symptoms"}, []string{"HOOS-symptoms"}}, {[]string{"hoos", "adl"}, []string{"HOOS-ADL"}},
	{[]string{"hoos", "sport"}, []string{"HOOS-sport"}}, {[]string{"hoos", "qol"}, []string{"HOOS-QOL"}},
	{[]string{"quickdash"}, []string{"QuickDASH"}}, {[]string{"quick", "dash"}, []string{"QuickDASH"}}, {[]string{"dash"}, []string{"DASH"}},
	{[]string{"ndi"}, []string{"NDI", "NDI-percent"}}, {[]string{"neck", "disability", "index"}, []string{"NDI", "NDI-percent"}},
	{[]string{"odi"}, []string{"ODI"}}, {[]string{"oswestry"}, []string{"ODI"}},
	{[]string{"rmdq"}, []string{"RMDQ"}}, {[]string{"roland", "morris"}, []string{"RMDQ"}},
	{[]string{"qbpds"}, []string{"QBPDS"}}, {[]string{"quebec"}, []string{"QBPDS"}},
	{[]string{"psfs"}, []string{"PSFS"}}, {[]string{"tug"}, []string{"TUG"}}, {[]string{"timed", "up", "go"}, []string{"TUG"}},
	{[]string{"6", "mwt"}, []string{"6MWT"}}, {[]string{"6", "mwd"}, []string{"6MWT"}}, {[]string{"six", "minute", "walk"}, []string{"6MWT"}}, {[]string{"smwt"}, []string{"6MWT"}},
	{[]string{"sf", "36", "pcs"}, []string{"SF-36-PCS"}}, {[]string{"sf", "12", "pcs"}, []string{"SF-12-PCS"}},
	{[]string{"nrs"}, []string{"NRS"}}, {[]string{"nprs"}, []string{"NRS"}},
	{[]string{"vas"}, []string{"VAS-mm", "VAS-cm"}},
}

// match finds the outcome's instrument by name or label. Its values decide among
// the forms of one; which of several that fit is meant is asked, since their points are
// not the same. None is taken where a value lies outside it.
func (p *Proposal) match(o *outcome, label string) {
	words := append(tokens(strings.ReplaceAll(o.id, "_", " ")), tokens(label)...)
	for _, n := range namings {
		if slices.ContainsFunc(n.words, func(w string) bool { return !slices.Contains(words, w) }) {
			continue
		}
		// A VAS of fatigue or stiffness is no pain.
		if n.words[0] == "vas" && slices.ContainsFunc(words, func(w string) bool {
			return slices.Contains([]string{"fatigue", "moeheid", "stiffness", "stijfheid", "health", "gezondheid", "eq", "sleep", "slaap", "satisfaction", "tevredenheid", "function", "functie", "anxiety", "angst"}, w)
		}) {
			break
		}
		var fits []Instrument
		for _, id := range n.ids {
			i := slices.IndexFunc(p.in.Instruments, func(x Instrument) bool { return x.ID == id })
			if i < 0 {
				continue
			}
			in := p.in.Instruments[i]
			ranged := in.Min != 0 || in.Max != 0
			if ranged && (o.seenLow < in.Min || o.seenHigh > in.Max) || o.unit != "" && o.unit != in.Unit {
				continue
			}
			if in.Resolution > 0 && o.resolution < in.Resolution/1.5 {
				continue // 6.5 is no reading in whole millimeters
			}
			fits = append(fits, in)
		}
		if len(fits) == 0 {
			o.instWhy = phrase("propose-instrument-outside", text.Args{"name": n.ids[0], "low": seen(o.seenLow), "high": seen(o.seenHigh)})
			return
		}
		in := fits[0]
		if answer, ok := p.answers["instrument."+o.id]; ok {
			in = fits[max(0, slices.IndexFunc(fits, func(f Instrument) bool { return f.ID == answer }))]
		} else if len(fits) > 1 && n.words[0] != "vas" { // which forms have thresholds of their own
			for _, f := range fits {
				o.forms = append(o.forms, f.ID)
			}
			return
		}
		if n.words[0] == "vas" { // 0 to 10: centimeters unless the values are whole millimeters
			for _, f := range fits {
				if f.ID == "VAS-cm" && o.seenHigh <= 10 || f.ID == "VAS-mm" && o.seenHigh > 10 {
					in = f
				}
			}
		}
		o.instrument, o.better, o.threshold = in.ID, "instrument", in.HasThreshold
		o.instWhy = phrase("propose-instrument", text.Args{"name": in.ID, "low": seen(o.seenLow), "high": seen(o.seenHigh), "forms": len(fits)})
		return
	}
}
