package study

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/mmrm"
)

// modelFaults lists what is wrong with the choices of a plan's model, each
// under the plan's key that it is about. Outcome and visits may be unknown.
func modelFaults(p Protocol, plan Plan) []fault {
	var out []fault
	add := func(key, text string) { out = append(out, fault{key, text}) }
	model := plan.Model
	if model == "" {
		model = defaultModel
	}
	spatial := false
	switch model {
	case MMRM, CLDA:
		if plan.Covariance != "" {
			c, err := mmrm.ParseCovariance(plan.Covariance)
			if err != nil {
				add("covariance", unknownName("structure", plan.Covariance, covarianceNames()))
			}
			spatial = err == nil && (c == mmrm.SpatialExponential || c == mmrm.SpatialGaussian)
		}
		if plan.DF != "" {
			if _, err := mmrm.ParseDF(plan.DF); err != nil {
				add("df", unknownName("method", plan.DF, dfNames()))
			}
		}
	case LMM:
		switch plan.Covariance {
		case "", randomIntercept:
		case randomInterceptSlope:
			spatial = true
		default:
			add("covariance", unknownName("random effects", plan.Covariance, []string{randomIntercept, randomInterceptSlope}))
		}
		var names []string
		for _, d := range lmmDF {
			names = append(names, d.String())
		}
		if plan.DF != "" && !slices.Contains(names, plan.DF) {
			add("df", unknownName("method", plan.DF, names))
		}
	case MixedANOVA:
		if plan.Covariance != "" {
			add("covariance", "a mixed analysis of variance has none; its df names the correction for sphericity")
		}
		if _, ok := corrections[plan.DF]; !ok {
			add("df", unknownName("correction", plan.DF, []string{"greenhouse-geisser", "huynh-feldt", "lower-bound", "none"}))
		}
		if len(plan.Covariates) > 0 {
			add("covariates", "a mixed analysis of variance takes none; mmrm does")
		}
	case ANCOVA, WelchChange:
		if model == WelchChange && len(plan.Covariates) > 0 {
			add("covariates", "model welch-change takes no covariates")
		}
		for _, key := range []struct{ name, value string }{{"covariance", plan.Covariance}, {"df", plan.DF}, {"baseline", plan.Baseline}} {
			if key.value != "" {
				add(key.name, "model "+string(model)+" has no such choice; the models of all visits (mmrm, clda, mixed-anova, lmm) do")
			}
		}
	}
	if plan.CovarianceByArm && model != MMRM && model != CLDA {
		add("covariance_by_arm", "only mmrm and clda have a covariance matrix for each arm")
	}
	if model.repeated() {
		_, column := p.Data.Baseline[plan.Outcome]
		switch {
		case plan.Baseline == "" && p.noBaseline() && !column:
			add("baseline", "the protocol has no baseline; write baseline: none in the plan too, so that it says so")
		case plan.Baseline != "" && plan.Baseline != NoBaseline:
			add("baseline", unknownName("choice", plan.Baseline, []string{NoBaseline}))
		case plan.Baseline == NoBaseline && model == CLDA:
			add("baseline", "clda has the baseline among its responses; mmrm can do without")
		}
	}
	if spatial {
		out = append(out, timeFaults(p, plan)...)
	}
	return out
}

// timeFaults says which visits lack the time that a structure by time needs.
func timeFaults(p Protocol, plan Plan) []fault {
	visits := p.postVisits(plan.Outcome)
	var without []string
	for _, v := range visits {
		if !v.HasTime {
			without = append(without, v.ID)
		}
	}
	if len(without) > 0 {
		return []fault{{"covariance", plan.Covariance + " needs the visits' times; visit " + strings.Join(without, ", ") + " has none"}}
	}
	var before []Visit
	if plan.Model == CLDA {
		before = []Visit{{ID: "baseline", HasTime: true}}
		if i := slices.IndexFunc(p.Visits, func(v Visit) bool { return v.ID == p.baselineID() && v.HasTime }); i >= 0 {
			if _, column := p.Data.Baseline[plan.Outcome]; !column {
				before[0] = p.Visits[i]
			}
		}
	}
	all := append(before, visits...)
	for i := 1; i < len(all); i++ {
		if all[i].Time <= all[i-1].Time {
			return []fault{{"covariance", plan.Covariance + " needs visits at different times; " + all[i-1].ID + " and " + all[i].ID + " are at one"}}
		}
	}
	return nil
}

func unknownName(what, name string, names []string) string {
	return "unknown " + what + " \"" + name + "\" (" + strings.Join(names, ", ") + ")"
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
