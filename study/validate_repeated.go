package study

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// modelFaults lists what is wrong with the choices of a plan's model, each
// under the plan's key that it is about. Outcome and visits may be unknown.
func modelFaults(p Protocol, plan Plan) []yamlfile.Fault {
	var out []yamlfile.Fault
	add := func(key, code string, args ...any) {
		out = append(out, yamlfile.Fault{Path: key, Said: yamlfile.Phrase(code, args...)})
	}
	unknown := func(key, what, name string, names []string) {
		add(key, "problem-id-unknown", yamlfile.Phrase(what), name, strings.Join(names, ", "))
	}
	model := plan.Model
	if model == "" {
		model = defaultModel
	}
	o, known := p.Outcome(plan.Outcome)
	based := !known || p.hasBaseline(o)
	spatial := false
	switch model {
	case MMRM, CLDA:
		for _, name := range plan.structures() {
			c, err := mmrm.ParseCovariance(name)
			if err != nil {
				unknown("covariance", "word-structure", name, covarianceNames())
			}
			spatial = spatial || err == nil && (c == mmrm.SpatialExponential || c == mmrm.SpatialGaussian)
		}
		if plan.DF != "" {
			if _, err := mmrm.ParseDF(plan.DF); err != nil {
				unknown("df", "word-method", plan.DF, dfNames())
			}
		}
	case LMM:
		switch plan.Covariance {
		case "", randomIntercept:
		case randomInterceptSlope:
			spatial = true
		default:
			unknown("covariance", "word-random-effects", plan.Covariance, []string{randomIntercept, randomInterceptSlope})
		}
		var names []string
		for _, d := range lmmDF {
			names = append(names, d.String())
		}
		if plan.DF != "" && !slices.Contains(names, plan.DF) {
			unknown("df", "word-method", plan.DF, names)
		}
	case MixedANOVA:
		if plan.Covariance != "" {
			add("covariance", "problem-anova-covariance")
		}
		if _, ok := corrections[plan.DF]; !ok {
			unknown("df", "word-correction", plan.DF, []string{"greenhouse-geisser", "huynh-feldt", "lower-bound", "none"})
		}
		if len(plan.Covariates) > 0 {
			add("covariates", "problem-anova-covariates")
		}
	case ANCOVA, WelchChange, Welch:
		switch {
		case model != ANCOVA && len(plan.Covariates) > 0:
			add("covariates", "problem-model-covariates", string(model))
		case model == WelchChange && !based:
			add("model", "problem-welch-change", plan.Outcome)
		case model == Welch && based:
			add("model", "problem-welch-values")
		}
		for _, key := range []struct{ name, value string }{{"covariance", plan.Covariance}, {"df", plan.DF}, {"baseline", plan.Baseline}} {
			if key.value != "" && !(key.name == "baseline" && key.value == NoBaseline && !based) {
				add(key.name, "problem-model-choice", string(model))
			}
		}
	}
	if len(plan.CovarianceOrder) > 0 && (plan.Covariance != "" || model != MMRM && model != CLDA) {
		add("covariance", "problem-covariance-order")
	}
	if plan.CovarianceByArm && model != MMRM && model != CLDA {
		add("covariance_by_arm", "problem-covariance-by-arm")
	}
	if model.repeated() {
		switch {
		case model == CLDA && !based:
			add("model", "problem-clda-none", plan.Outcome)
		case plan.Baseline != "" && plan.Baseline != NoBaseline:
			unknown("baseline", "word-choice", plan.Baseline, []string{NoBaseline})
		case plan.Baseline == NoBaseline && model == CLDA:
			add("baseline", "problem-clda-baseline")
		}
	}
	if spatial {
		out = append(out, timeFaults(p, plan)...)
	}
	return out
}

// timeFaults says which visits lack the time that a structure by time needs.
func timeFaults(p Protocol, plan Plan) []yamlfile.Fault {
	visits := p.postVisits(plan.Outcome)
	var without []string
	for _, v := range visits {
		if !v.HasTime {
			without = append(without, v.ID)
		}
	}
	if len(without) > 0 {
		return []yamlfile.Fault{{Path: "covariance", Said: yamlfile.Phrase("problem-times-missing", strings.Join(plan.structures(), ", "), strings.Join(without, ", "))}}
	}
	var before []Visit
	if plan.Model == CLDA {
		before = []Visit{{ID: "baseline", HasTime: true}}
		o, _ := p.Outcome(plan.Outcome)
		if i := slices.IndexFunc(p.Visits, func(v Visit) bool { return v.ID == p.baselineVisit(o) && v.HasTime }); i >= 0 {
			before[0] = p.Visits[i]
		}
	}
	all := append(before, visits...)
	for i := 1; i < len(all); i++ {
		if all[i].Time <= all[i-1].Time {
			return []yamlfile.Fault{{Path: "covariance", Said: yamlfile.Phrase("problem-times-equal", strings.Join(plan.structures(), ", "), all[i-1].ID, all[i].ID)}}
		}
	}
	return nil
}

// structures are the covariance structures that the plan names, in order.
func (p Plan) structures() []string {
	if len(p.CovarianceOrder) > 0 {
		return p.CovarianceOrder
	}
	if p.Covariance == "" {
		return nil
	}
	return []string{p.Covariance}
}

func covarianceNames() []string {
	var out []string
	for c := mmrm.Unstructured; c <= mmrm.SpatialGaussian; c++ {
		out = append(out, c.String())
	}
	return out
}

func dfNames() []string {
	var out []string
	for d := mmrm.KenwardRoger; d <= mmrm.Normal; d++ {
		out = append(out, d.String())
	}
	return out
}
