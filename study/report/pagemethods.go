package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// methods are sentences to paste into a paper: generated from the plan and from
// what was done, so that they cannot say what was not done.
func (b *builder) methods() {
	b.Doc.Section(b.Say("page-methods", nil))
	parts := []string{b.allocation()}
	parts = append(parts, b.models()...)
	if list := b.companions(); list != "" {
		parts = append(parts, b.Say("page-companions", text.Args{"list": list}))
	}
	parts = append(parts, b.responderMethods()...)
	parts = append(parts, b.absentValues()...)
	parts = append(parts, b.familyMethods()...)
	parts = append(parts, b.departures())
	if s := b.changes(); s != "" {
		parts = append(parts, s)
	}
	b.Doc.Paragraph(strings.Join(append(parts, b.Say("page-software", text.Args{"version": study.Version()})), " "))
}

// allocation says how many arms there are and how patients came into them.
func (b *builder) allocation() string {
	p := b.r.Protocol
	arms := b.Say("page-two-arms", nil)
	switch n := len(p.Arms); {
	case n == 3:
		arms = b.Say("page-three-arms", nil)
	case n == 4:
		arms = b.Say("page-four-arms", nil)
	case n > 4:
		arms = b.Say("page-arms", text.Args{"n": n})
	}
	rnd := p.Randomization
	args := text.Args{"arms": arms, "block": rnd.Block, "strata": b.strata()}
	switch {
	case rnd.Stratified() && rnd.Block > 0:
		return b.Say("page-allocation-stratified-blocks", args)
	case rnd.Stratified():
		return b.Say("page-allocation-stratified", args)
	case rnd.Kind == study.RandomizationBlocked && rnd.Block > 0:
		return b.Say("page-allocation-blocked", args)
	case rnd.Kind == study.RandomizationBlocked:
		return b.Say("page-allocation-blocked-unknown", args)
	case rnd.Kind == study.RandomizationComplete:
		return b.Say("page-allocation-complete", args)
	}
	return b.Say("page-allocation-unknown", args)
}

// strata lists what the allocation was stratified by.
func (b *builder) strata() string {
	var names []string
	for _, id := range b.r.Protocol.Randomization.Strata {
		names = append(names, b.covariate(id))
	}
	if c := b.r.Protocol.Randomization.Column; c != "" {
		names = append(names, c)
	}
	return strings.Join(names, ", ")
}

func (b *builder) covariate(id string) string {
	for _, c := range b.r.Protocol.Data.Covariates {
		if c.ID == id {
			return cmp.Or(c.Label, id)
		}
	}
	return id
}

// models say what the plans' models were and how their intervals were made; one that
// answers several comparisons is described once.
func (b *builder) models() []string {
	type model struct {
		text, level string
		of          []question
	}
	var list []model
	for _, q := range b.asked {
		m := model{b.model(q), b.Level(q.row.Level), nil}
		i := slices.IndexFunc(list, func(x model) bool { return x.text == m.text && x.level == m.level })
		if i < 0 {
			list = append(list, m)
			i = len(list) - 1
		}
		list[i].of = append(list[i].of, q)
	}
	var out []string
	for _, m := range list {
		code := "page-intervals"
		if !slices.ContainsFunc(m.of, func(q question) bool { return q.row.Effect != nil }) { // no estimate, no interval
			code = "page-model-alone"
		}
		if !m.of[0].res.Outcome.Measured() || m.of[0].row.Trimmed != nil { // the method has said how
			code = "page-model-alone"
		}
		out = append(out, b.Say(code, text.Args{"model": m.text, "level": m.level, "distribution": b.distribution(m.of)}))
	}
	return out
}

// model says what the plan's model was.
func (b *builder) model(q question) string {
	plan := q.res.Plan
	var covariates []string
	for _, id := range plan.Covariates {
		covariates = append(covariates, b.covariate(id))
	}
	list := b.joined("page-list-and", covariates)
	predictors := []string{b.Say("page-term-arm", nil)}
	if q.row.Method == study.MethodANCOVAAdjusted || q.row.Imputed != nil {
		predictors = append(predictors, b.Say("page-term-baseline", nil))
	}
	code := fmt.Sprintf("page-model-%s", q.row.Method)
	terms := ""
	if !q.res.Outcome.Measured() {
		return b.shareModel(q, covariates)
	}
	if t := q.row.Trimmed; t != nil {
		return b.trimmedModel(q, code, *t)
	}
	switch repeated := q.row.Method == study.MethodMMRM || q.row.Method == study.MethodCLDA || q.row.Method == study.MethodLMM; {
	case repeated:
		if plan.Baseline == study.NoBaseline && q.row.Method != study.MethodCLDA {
			code += "-no-baseline"
		}
		if list != "" {
			terms += b.Say("page-terms-covariates", text.Args{"covariates": list})
		}
		if b.inModel(q) {
			strata := "page-terms-strata-visit"
			if q.row.Method == study.MethodLMM {
				strata = "page-terms-strata"
			}
			terms += b.Say(strata, text.Args{"strata": b.strata()})
		}
	case q.row.Method != study.MethodWelch && q.row.Method != study.MethodWelchChange && q.row.Method != study.MethodMixedANOVA:
		if b.inModel(q) {
			terms += b.Say("page-terms-strata", text.Args{"strata": b.strata()})
		}
		if len(q.res.Arms) > 2 {
			terms += b.Say("page-terms-all-arms", nil)
		}
		if plan.SE == study.StandardErrorHC3 {
			terms += b.Say("page-terms-hc3", nil)
		}
		if plan.VarianceByArm {
			terms += b.Say("page-terms-variance", nil)
		}
	}
	if plan.Scale == study.ScaleLog {
		if plan.Baseline == study.NoBaseline {
			terms += b.Say("page-terms-log-values", nil)
		} else {
			terms += b.Say("page-terms-log", nil)
		}
	}
	return b.Say(code, text.Args{"terms": terms, "predictors": b.joined("page-list-and", append(predictors, covariates...)), "covariance": b.covariance(q)})
}

// trimmedModel says what was cut off, and how p and interval were made.
func (b *builder) trimmedModel(q question, code string, t study.Trimmed) string {
	if q.res.Outcome.HasBaseline() {
		code += "-change"
	}
	terms := "page-terms-trimmed"
	if t.Adaptive {
		terms += "-adaptive"
	}
	s := b.Say(terms, text.Args{"share": b.Level(t.Share), "level": b.Level(q.row.Level)})
	if b.r.Protocol.Randomization.Stratified() {
		s += b.Say("page-terms-trimmed-strata", text.Args{"strata": b.strata()})
	}
	return b.Say(code, text.Args{"terms": s})
}

// inModel reports whether the strata are terms of the row's model: that the protocol
// lets small ones be ignored does not say that they were.
func (b *builder) inModel(q question) bool {
	ignored := slices.ContainsFunc(q.row.Notes, func(n study.Note) bool { return n.Code == "strata-ignored" })
	return b.r.Protocol.Randomization.Stratified() && !q.row.WithoutStrata && !ignored
}

// covariance is the structure that the model of all visits took: the one of a
// planned order that was used stands in a note of the row.
func (b *builder) covariance(q question) string {
	for _, n := range q.row.Notes {
		if s, ok := n.Args["structure"].(string); ok && (n.Code == "covariance-chosen" || n.Code == "covariance-none") {
			return b.structure(s)
		}
	}
	plan := q.res.Plan
	if len(plan.CovarianceOrder) > 0 {
		return b.structure(plan.CovarianceOrder[0])
	}
	return b.structure(cmp.Or(plan.Covariance, "us"))
}

// structure names a covariance structure.
func (b *builder) structure(name string) string {
	if code := fmt.Sprintf("covariance-%s", name); b.C.Has(code) {
		return b.Say(code, nil)
	}
	return name
}

// distribution is that of the intervals: t with its degrees of freedom, which may
// differ between the comparisons of one model.
func (b *builder) distribution(of []question) string {
	least, most := math.Inf(1), math.Inf(-1)
	for _, q := range of {
		if !math.IsNaN(q.row.DF) {
			least, most = min(least, q.row.DF), max(most, q.row.DF)
		}
	}
	q := of[0]
	if math.IsInf(least, 1) {
		return b.Say("page-normal", nil)
	}
	args := text.Args{"df": b.freedom(least), "least": b.freedom(least), "most": b.freedom(most)}
	code := "page-t"
	if b.freedom(least) != b.freedom(most) {
		code = "page-t-range"
	}
	if q.row.Method == study.MethodMMRM || q.row.Method == study.MethodCLDA || q.row.Method == study.MethodLMM {
		if name := "df-" + cmp.Or(q.res.Plan.DF, "kenward-roger"); b.C.Has(name) {
			args["name"] = b.Say(name, nil)
			code += "-of"
		}
	}
	return b.Say(code, args)
}

// companions names the methods that stand beside the deciding ones; those of the
// changes together.
func (b *builder) companions() string {
	var names, changes []string
	for _, q := range b.asked {
		if a := agreementOf(q); a != nil {
			for _, row := range a.Companions {
				if code := fmt.Sprintf("page-short-%s", row.Method); b.C.Has(code) {
					changes = appendNew(changes, b.Say(code, nil))
				} else {
					names = appendNew(names, methodLabel(b.C, row))
				}
			}
		}
	}
	if len(changes) > 0 {
		names = append(names, b.Say("page-of-changes", text.Args{"list": strings.Join(changes, ", ")}))
	}
	return strings.Join(names, "; ")
}

// responderMethods say how the differences in responders were made.
func (b *builder) responderMethods() []string {
	var out []string
	for _, q := range b.asked {
		t, rule := patientRule(q.res.Outcome)
		if t == nil {
			continue
		}
		for _, rc := range q.res.ResponderContrasts {
			if rc.Rule == rule && alike(rc.Threshold, *t) && !math.IsNaN(rc.Difference) {
				code := "page-responder-method"
				if rule == study.RulePass {
					code = "page-responder-method-state"
				}
				out = appendNew(out, b.Say(code, text.Args{"method": b.proportions(rc)}))
			}
		}
	}
	return out
}

// absentValues say what was done about missing values.
func (b *builder) absentValues() []string {
	var imputed []question
	for _, q := range b.asked {
		if q.row.Imputed != nil {
			imputed = append(imputed, q)
		}
	}
	out := b.imputedOf(imputed)
	said := false
	for _, q := range b.asked {
		code := "page-complete-cases"
		gee := q.row.Method == study.MethodGEE
		repeated := gee || q.row.Method == study.MethodMMRM || q.row.Method == study.MethodCLDA || q.row.Method == study.MethodLMM
		if repeated {
			code = "page-missing-at-random"
		}
		if q.row.Imputed != nil {
			continue
		}
		if q.row.Trimmed != nil {
			code = "page-trimmed-left-out"
			if len(q.row.Dropped) == 0 {
				continue
			}
		}
		absent := func(res study.Result) bool {
			return slices.ContainsFunc(res.Records, func(r study.Record) bool { return !r.HasFollow })
		}
		if len(q.row.Dropped) == 0 && !slices.ContainsFunc(b.r.Results, func(res study.Result) bool {
			same := res.Outcome.ID == q.res.Outcome.ID && res.Visit.ID != "" // a model of all visits has them all
			return same && (repeated || res.Visit.ID == q.res.Visit.ID) && absent(res)
		}) {
			continue
		}
		if said = said || gee; gee { // its model has said it
			continue
		}
		out = appendNew(out, b.Say(code, nil))
	}
	if len(out) == 0 && !said {
		out = append(out, b.Say("page-nothing-missing", nil))
	}
	return out
}
