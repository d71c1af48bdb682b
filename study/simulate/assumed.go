package simulate

import (
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"slices"
)

// Assumed is the simple truth that a protocol's own assumed: gives, for the outcomes of
// its plans: of measurements one SD and one correlation, the control's mean at every time
// and the treated arms' difference at every visit after baseline; shares and rates; loss
// by the last visit, completely at random. SD and correlation are those to plan with
// (assumed.Number.PlannedSD). each is how many patients an arm has that the protocol says
// no number of.
//
// It refuses models of all visits of an outcome with several: how an effect grows is for a
// Truth to say. What assumed: lacks is refused at its path.
func Assumed(p study.Protocol, each int) (Truth, error) {
	c := &yamlfile.Checker{}
	t := Truth{Patients: map[string]int{}, Outcomes: map[string]Values{}}
	arms := armsOf(p)
	for _, a := range arms {
		if t.Patients[a.ID] = a.Randomized; a.Randomized == 0 {
			t.Patients[a.ID] = each
		}
	}
	need := func(path string, n assumed.Number) float64 {
		if !n.Stated {
			c.Add(path, "problem-truth-lacks", path)
		}
		return n.Value
	}
	for _, q := range plansOf(p, nil) {
		if _, ok := t.Outcomes[q.Outcome]; ok {
			continue
		}
		o, _ := p.Outcome(q.Outcome)
		at := "assumed." + o.ID
		b, ok := p.Assumed.Outcome(o.ID)
		if !ok {
			c.Add(at, "problem-truth-lacks", o.ID)
			continue
		}
		cells := cellsOf(p, o.ID)
		after := 0
		for _, x := range cells {
			if !x.base {
				after++
			}
		}
		if q.Method().Repeated() && after > 1 {
			c.Add(at, "problem-truth-assumed-visits", o.ID)
			continue
		}
		var v Values
		effect := func(list []assumed.Effect, arm, key string) float64 {
			n, _ := assumed.Find(list, arm)
			return need(at+"."+key, n)
		}
		for i, a := range arms {
			treated := i < len(arms)-1
			mean, sd, rate, shares := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string][]float64{}
			for _, x := range cells {
				switch {
				case o.Measured():
					need(at+".sd", b.SD)
					if mean[x.visit], sd[x.visit] = need(at+".control", b.Control), b.SD.PlannedSD(); treated && !x.base {
						mean[x.visit] += effect(b.Difference, a.ID, "difference")
					}
				case o.Counted():
					if rate[x.visit] = need(at+".control", b.Control); treated {
						rate[x.visit] *= effect(b.RateRatio, a.ID, "rate_ratio")
					}
				case o.Binary():
					share := need(at+".control", b.Control)
					if treated {
						share += effect(b.Difference, a.ID, "difference")
					}
					shares[x.visit] = []float64{share}
				default:
					if len(b.Shares) == 0 {
						c.Add(at+".control", "problem-truth-lacks", at+".control")
					}
					if shares[x.visit] = b.Shares; treated {
						shares[x.visit] = shifted(b.Shares, effect(b.OddsRatio, a.ID, "odds_ratio"))
					}
				}
			}
			put(&v.Means, a.ID, mean)
			put(&v.SDs, a.ID, sd)
			put(&v.Rates, a.ID, rate)
			if !o.Measured() && !o.Counted() {
				if v.Shares == nil {
					v.Shares = map[string]map[string][]float64{}
				}
				v.Shares[a.ID] = shares
			}
		}
		if o.Measured() && len(cells) > after {
			need(at+".correlation", b.Correlation)
			v.Correlation.Rho = b.Correlation.PlannedCorrelation()
		}
		if o.Counted() {
			v.Dispersion, v.Exposure = need(at+".dispersion", b.Dispersion), 1
		}
		t.Outcomes[o.ID] = v
	}
	if lost := need("assumed.lost", p.Assumed.Lost); lost > 0 {
		at := "" // of the plan that decides
		for _, q := range plansOf(p, nil) {
			if at == "" || q.Role == study.RolePrimary {
				at = q.Visit
			}
		}
		if later := laterVisits(p); !slices.Contains(later, at) && len(later) > 0 {
			at = later[len(later)-1]
		}
		t.Loss.By = map[string]map[string]float64{}
		for _, a := range arms {
			put(&t.Loss.By, a.ID, map[string]float64{at: lost})
		}
	}
	if len(c.Faults) > 0 {
		return Truth{}, yamlfile.ProblemsOf(unique(c.Faults))
	}
	return t, nil
}

func unique(list []yamlfile.Fault) []yamlfile.Fault {
	seen := map[string]bool{}
	var out []yamlfile.Fault
	for _, f := range list {
		if !seen[f.Path] {
			out = append(out, f)
		}
		seen[f.Path] = true
	}
	return out
}

func put(m *map[string]map[string]float64, arm string, row map[string]float64) {
	if len(row) == 0 {
		return
	}
	if *m == nil {
		*m = map[string]map[string]float64{}
	}
	(*m)[arm] = row
}

// shifted multiplies the odds of being above each level.
func shifted(shares []float64, odds float64) []float64 {
	out := make([]float64, len(shares))
	above, last := 1.0, 1.0
	for k, x := range shares {
		above -= x
		now := 0.0
		if k < len(shares)-1 {
			now = above * odds / (1 - above + above*odds)
		}
		out[k] = last - now
		last = now
	}
	return out
}
