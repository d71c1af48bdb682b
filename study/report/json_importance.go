package report

import (
	"math"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

type jsonPosterior struct {
	Prior     string `json:"prior"`
	Mean      number `json:"mean"`
	SD        number `json:"sd"`
	Benefit   number `json:"benefit"`
	Important number `json:"important"`
	Within    number `json:"within"`
}

type jsonBenefit struct {
	Value number `json:"value"`
	Lower number `json:"lower"`
	Upper number `json:"upper"`
}

type jsonImportance struct {
	Outcome        string          `json:"outcome"`
	Visit          string          `json:"visit"`
	Arm            string          `json:"arm"`
	Control        string          `json:"control"`
	Method         study.Method    `json:"method"`
	Threshold      float64         `json:"threshold"`
	HarmThreshold  float64         `json:"harm_threshold"`
	Level          float64         `json:"level"`
	Definite       number          `json:"definite_up_to"`
	Probable       number          `json:"probable_up_to"`
	Possible       number          `json:"possible_up_to"`
	Superiority    number          `json:"p_superiority"`
	NonInferiority number          `json:"p_noninferiority"`
	Equivalence    number          `json:"p_equivalence"`
	Important      number          `json:"p_important"`
	Harm           number          `json:"p_harm"`
	Alpha          float64         `json:"alpha"`
	SGPV           number          `json:"sgpv"`
	Gap            number          `json:"sgpv_gap"`
	Posteriors     []jsonPosterior `json:"posteriors"`
	Benefit        *jsonBenefit    `json:"probability_of_benefit"`
	Notes          []string        `json:"notes"`
}

type jsonThresholds struct {
	Outcome     string        `json:"outcome"`
	Visit       string        `json:"visit"`
	Arm         string        `json:"arm"`
	Method      study.Method  `json:"method"`
	Threshold   float64       `json:"threshold"`
	Verdict     study.Verdict `json:"verdict"`
	VerdictHarm study.Verdict `json:"verdict_harm"`
	SGPV        number        `json:"sgpv"`
	Important   number        `json:"p_important"`
	Equivalence number        `json:"p_equivalence"`
	Flat        number        `json:"flat"`
	Skeptical   number        `json:"skeptical"`
}

func (f *resultsFile) addImportance(c *text.Catalog, p study.Protocol, res study.Result) {
	for _, x := range res.Importance {
		flips, _ := x.Judgement.Flips()
		t := x.Tests
		j := jsonImportance{Outcome: x.Outcome, Visit: x.Visit, Arm: x.Arm, Control: x.Control, Method: x.Method,
			Threshold: x.Threshold.Value, HarmThreshold: x.Judgement.HarmThreshold.Value,
			Level: x.Judgement.Level, Definite: number(flips.Definite), Probable: number(flips.Probable), Possible: number(flips.Possible),
			Superiority: number(t.Superiority), NonInferiority: number(math.NaN()), Equivalence: number(t.Equivalence),
			Important: number(t.MinimalEffect), Harm: number(t.MinimalHarm), Alpha: t.Alpha,
			SGPV: number(x.SGPV.Value), Gap: number(x.SGPV.Gap), Posteriors: []jsonPosterior{}, Notes: []string{}}
		if x.NonInferiority != nil {
			j.NonInferiority = number(x.NonInferiority.P)
		}
		for _, q := range x.Posteriors {
			mean := number(q.Prior.Mean)
			if math.IsInf(q.Prior.SD, 1) {
				mean = number(math.NaN())
			}
			j.Posteriors = append(j.Posteriors, jsonPosterior{q.Prior.Name, mean, number(q.Prior.SD),
				number(q.Benefit), number(q.Important), number(q.Within)})
		}
		if b := x.Benefit; b != nil {
			j.Benefit = &jsonBenefit{number(b.Value), number(b.Lower), number(b.Upper)}
			j.Notes = sentences(c, p, b.Notes)
		}
		if res.Study.Simulated {
			j.Notes = append(j.Notes, c.Say("simulated-beside", nil))
		}
		f.Importance = append(f.Importance, j)
		for _, s := range x.Thresholds {
			f.Thresholds = append(f.Thresholds, jsonThresholds{x.Outcome, x.Visit, x.Arm, x.Method, s.Threshold,
				s.Benefit, s.Harm, number(s.SGPV.Value), number(s.Tests.MinimalEffect), number(s.Tests.Equivalence),
				number(s.Flat), number(s.Skeptical)})
		}
	}
}
