package claim

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// flag names conclusions that the numbers do not carry. Each flag's sentence
// cites who said so; the codes begin with claim-flag.
func (r *Reading) flag() {
	for _, res := range r.Results {
		r.flagNominal(res)
		r.flagBaseline(res)
		r.flagPercent(res)
	}
	r.flagThresholds()
	r.flagWords()
	r.flagSafety()
	if r.Power != nil {
		for _, row := range r.Power.Rows {
			if row.Observed {
				r.raise("claim-flag-observed-power", text.Args{"d": row.D})
			}
		}
	}
}

func (r *Reading) raise(code string, args text.Args) {
	r.Flags = append(r.Flags, study.Note{Code: code, Args: args})
}

// flagNominal: significant in one arm and not in the other.
func (r *Reading) flagNominal(res ResultReading) {
	alpha := r.Claim.alpha()
	significant := func(arm string) (yes, known bool) {
		for _, w := range res.Within {
			if w.Arm != arm {
				continue
			}
			if s, ok := w.P.Significant(alpha); ok {
				return s, true
			}
			if w.Effect != nil {
				return w.Effect.CI(r.Claim.level()).Excludes(0), true
			}
		}
		return false, false
	}
	ctl, ok := r.Claim.control()
	if !ok {
		return
	}
	c, known := significant(ctl.ID)
	if !known {
		return
	}
	for _, arm := range r.Claim.Arms {
		if arm.Control {
			continue
		}
		a, known := significant(arm.ID)
		if !known || a == c {
			continue
		}
		args := text.Args{"where": placeOf(res), "arm": arm.ID, "other": ctl.ID}
		if c {
			args["arm"], args["other"] = args["other"], args["arm"]
		}
		if b, ok := res.decides(arm.ID); ok && b.Effect != nil && b.Effect.CI(r.Claim.level()).Excludes(0) {
			continue // the arms differ by the comparison that counts
		}
		r.raise("claim-flag-nominal", args)
	}
}

// decides returns the reading that carries the verdict for an arm.
func (res ResultReading) decides(arm string) (BetweenReading, bool) {
	for _, b := range res.Between {
		if b.Arm == arm {
			return b, true
		}
	}
	return BetweenReading{}, false
}

func (r *Reading) flagBaseline(res ResultReading) {
	if res.Result.Baseline && (res.Result.Difference.P.Stated() || res.Result.P.Stated()) {
		r.raise("claim-flag-baseline", text.Args{"where": placeOf(res)})
	}
}

func (r *Reading) flagPercent(res ResultReading) {
	if res.Result.Percent && res.Outcome.Unit == "%" {
		r.raise("claim-flag-percent", text.Args{"where": placeOf(res)})
	} else if res.Result.Percent {
		r.raise("claim-flag-percent-change", text.Args{"where": placeOf(res)})
	}
}

// flagThresholds speaks once per outcome: a within-arm change beside an MCID,
// and one patient's threshold beside a mean.
func (r *Reading) flagThresholds() {
	within, individual := map[string]bool{}, map[string]bool{}
	for _, res := range r.Results {
		o := res.Outcome
		ts := benefitThresholds(o)
		if len(ts) == 0 || res.Result.Baseline || res.Result.Measure.counts() {
			continue
		}
		for _, w := range res.Within {
			beyond := o.Better.Sign()*w.Change >= ts[0].Value
			if b, ok := res.decides(w.Arm); ok && len(b.Judgements) > 0 && res.Contrast != Unstated {
				// The arms' own comparison shows as much.
				beyond = beyond && b.Judgements[0].Benefit != study.Definite && b.Judgements[0].Benefit != study.Probable
			}
			if !within[o.ID] && w.Arm != controlID(r.Claim) && beyond {
				within[o.ID] = true
				code := "claim-flag-within-mcid"
				if res.Contrast == Unstated {
					code = "claim-flag-within-mcid-unstated"
				}
				r.raise(code, text.Args{"outcome": o.ID, "kind": string(ts[0].Kind)})
			}
		}
		for _, t := range ts {
			if t.Level == study.Individual && !individual[o.ID] && len(res.Within)+len(res.Between) > 0 {
				individual[o.ID] = true
				args := text.Args{"outcome": o.ID, "kind": string(t.Kind), "threshold": t.Value, "unit": o.Unit, "population": t.Population,
					"condition": t.Condition}
				code := "claim-flag-individual"
				if t.Population != "" {
					code = "claim-flag-individual-population"
				}
				r.raise(code, args)
			}
		}
	}
}

func controlID(c Claim) string {
	a, _ := c.control()
	return a.ID
}

// conclusionWords are the words by which texts draw conclusions, in every
// language that has a catalog.
var conclusionWords = sync.OnceValue(func() (w struct{ trend, none, safe, hedged *regexp.Regexp }) {
	all := func(code string) *regexp.Regexp {
		var parts []string
		for _, lang := range text.Languages() {
			if c, err := text.In(lang); err == nil {
				parts = append(parts, c.Say(code, nil))
			}
		}
		return regexp.MustCompile("(?i)" + strings.Join(parts, "|"))
	}
	w.trend, w.none = all("claim-words-trend"), all("claim-words-none")
	w.safe, w.hedged = all("claim-words-safe"), all("claim-words-hedged")
	return w
})

func anyQuote(quotes []string, says func(string) bool) (string, bool) {
	i := slices.IndexFunc(quotes, says)
	if i < 0 {
		return "", false
	}
	return quotes[i], true
}

// saysNone reports whether a quote concludes that there is no difference. No
// harm, and no evidence of a difference, are other statements.
func saysNone(quote string) bool {
	w := conclusionWords()
	return slices.ContainsFunc(w.none.FindAllString(quote, -1), func(m string) bool {
		return !w.safe.MatchString(m) && !w.hedged.MatchString(m)
	})
}

// flagWords looks at the text's conclusions.
func (r *Reading) flagWords() {
	if q, ok := anyQuote(r.Claim.Quotes, conclusionWords().trend.MatchString); ok {
		r.raise("claim-flag-trend", text.Args{"quote": q})
	}
	q, ok := anyQuote(r.Claim.Quotes, saysNone)
	if !ok {
		return
	}
	bounded := false
	for _, res := range r.Results {
		if res.Result.Baseline {
			continue
		}
		bounded = bounded || len(res.Responders) > 0
		seen := map[string]bool{}
		for _, b := range res.Between {
			if b.Effect == nil || seen[b.Arm] {
				continue
			}
			seen[b.Arm], bounded = true, true
			ci := b.Effect.CI(r.Claim.level())
			args := text.Args{"where": placeOf(res), "quote": q, "lower": ci.Lo, "upper": ci.Hi, "unit": res.Outcome.Unit}
			switch {
			case ci.Excludes(0):
			case len(b.Judgements) == 0:
				r.raise("claim-flag-no-difference-open", args)
			case b.Judgements[0].Benefit != study.DefinitelyNot || b.Judgements[0].Harm != study.DefinitelyNot:
				args["threshold"] = b.Judgements[0].Threshold.Value
				r.raise("claim-flag-no-difference", args)
			}
		}
		for _, x := range res.Responders {
			if ci := x.Risk.CI(r.Claim.level()); ci.Contains(0) {
				r.raise("claim-flag-no-difference-open", text.Args{"where": placeOf(res), "quote": q,
					"lower": 100 * ci.Lo, "upper": 100 * ci.Hi, "unit": "%"})
			}
		}
	}
	if !bounded {
		r.raise("claim-flag-no-difference-bare", text.Args{"quote": q})
	}
}

// flagSafety: none seen is not none possible.
func (r *Reading) flagSafety() {
	q, said := anyQuote(r.Claim.Quotes, conclusionWords().safe.MatchString)
	none, total := true, 0
	for _, s := range r.Safety {
		none = none && s.Events == 0
		total += s.N
	}
	switch {
	case len(r.Safety) > 0 && none && total > 0:
		p, err := table.ClopperPearson(table.Count{N: r.Safety[0].N})
		if err == nil {
			r.raise("claim-flag-safe", text.Args{"n": r.Safety[0].N, "upper": p.Upper(0.95).Hi, "arm": r.Safety[0].Arm})
		}
	case len(r.Safety) == 0 && said:
		r.raise("claim-flag-safe-uncounted", text.Args{"quote": q})
	}
}
