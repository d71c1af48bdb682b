package report

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

type jsonInterval struct {
	Value number `json:"value"`
	Lower number `json:"lower"`
	Upper number `json:"upper"`
}

type jsonNNT struct {
	Value           number `json:"value"`
	Benefit         bool   `json:"benefit"`
	Best            number `json:"best"`
	Worst           number `json:"worst"`
	ThroughInfinity bool   `json:"through_infinity"`
}

func jsonNNTOf(n *stats.NNT) *jsonNNT {
	if n == nil {
		return nil
	}
	v, benefit := n.Point()
	best, worst := n.Ends()
	return &jsonNNT{number(v), benefit, number(best), number(worst), n.ThroughInfinity()}
}

// jsonMissingCase is a risk difference with everybody without a value in favor of, or
// against, the active arm.
type jsonMissingCase struct {
	Outcome       string                `json:"outcome"`
	Visit         string                `json:"visit"`
	Arm           string                `json:"arm"`
	Control       string                `json:"control"`
	Missing       study.MissingResponse `json:"missing"`
	Events        int                   `json:"events"`
	N             int                   `json:"n"`
	ControlEvents int                   `json:"control_events"`
	ControlN      int                   `json:"control_n"`
	Method        *study.RiskMethod     `json:"method"`
	Difference    number                `json:"difference"`
	Lower         number                `json:"lower"`
	Upper         number                `json:"upper"`
	Level         float64               `json:"level"`
	P             number                `json:"p"`
}

type jsonResponder struct {
	Outcome   string               `json:"outcome"`
	Visit     string               `json:"visit"`
	Threshold float64              `json:"threshold"`
	Kind      study.ThresholdKind  `json:"kind"`
	Level     study.ThresholdLevel `json:"threshold_level"`
	Rule      string               `json:"rule"`
	Arm       string               `json:"arm"`
	Events    int                  `json:"events"`
	N         int                  `json:"n"`
	Lower     number               `json:"lower"`
	Upper     number               `json:"upper"`
	CILevel   float64              `json:"level"`
}

type jsonContrast struct {
	Outcome    string              `json:"outcome"`
	Visit      string              `json:"visit"`
	Threshold  float64             `json:"threshold"`
	Kind       study.ThresholdKind `json:"kind"`
	Rule       string              `json:"rule"`
	Arm        string              `json:"arm"`
	Control    string              `json:"control"`
	Difference number              `json:"difference"`
	Lower      number              `json:"lower"`
	Upper      number              `json:"upper"`
	Level      float64             `json:"level"`
	FisherP    number              `json:"fisher_p"`
	Stratified bool                `json:"stratified"`
	PStrata    number              `json:"p_stratified"`
	Method     *study.RiskMethod   `json:"method"`
	P          number              `json:"p"`
	LeftOut    int                 `json:"left_out"`
}

type jsonResponderEffect struct {
	Outcome        string                `json:"outcome"`
	Visit          string                `json:"visit"`
	Arm            string                `json:"arm"`
	Control        string                `json:"control"`
	Threshold      float64               `json:"threshold"`
	Kind           study.ThresholdKind   `json:"kind"`
	Worsening      bool                  `json:"worsening"`
	Missing        study.MissingResponse `json:"missing"`
	Events         map[string]int        `json:"events"`
	N              map[string]int        `json:"n"`
	Level          float64               `json:"level"`
	Difference     jsonInterval          `json:"difference"`
	FisherP        number                `json:"fisher_p"`
	Stratified     bool                  `json:"stratified"`
	PStrata        number                `json:"p_stratified"`
	Method         *study.RiskMethod     `json:"method"`
	P              number                `json:"p"`
	LeftOut        int                   `json:"left_out"`
	RiskRatio      jsonInterval          `json:"risk_ratio"`
	OddsRatio      jsonInterval          `json:"odds_ratio"`
	NNT            *jsonNNT              `json:"nnt"`
	Standardized   jsonInterval          `json:"standardized_difference"`
	StandardizedRR jsonInterval          `json:"standardized_risk_ratio"`
	Notes          []string              `json:"notes"`
}

// riskMethod is null where there is no difference.
func riskMethod(m study.RiskMethod) *study.RiskMethod {
	if m == "" {
		return nil
	}
	return &m
}

// withinStrata is version 1's p_stratified: the p-value where it is one within
// strata.
func withinStrata(stratified bool, p float64) number {
	if !stratified {
		p = math.NaN()
	}
	return number(p)
}

func (f *resultsFile) addResponderEffects(c *text.Catalog, p study.Protocol, res study.Result) {
	iv := func(x, lo, hi float64) jsonInterval { return jsonInterval{number(x), number(lo), number(hi)} }
	for _, e := range res.ResponderEffects {
		t := e.Definition[0]
		j := jsonResponderEffect{Outcome: e.Outcome, Visit: e.Visit, Arm: e.Arm, Control: e.Control,
			Threshold: t.Value, Kind: t.Kind, Worsening: t.Worsening, Missing: e.Missing,
			Events: map[string]int{e.Arm: e.Active.Events, e.Control: e.Ctl.Events},
			N:      map[string]int{e.Arm: e.Active.N, e.Control: e.Ctl.N}, Level: e.Level,
			Difference: iv(e.Difference, e.DifferenceLo, e.DifferenceHi), FisherP: number(e.FisherP), Stratified: e.Stratified, PStrata: withinStrata(e.Stratified, e.P()), Method: riskMethod(e.Method), P: number(e.P()), LeftOut: e.LeftOut,
			RiskRatio:      iv(e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi),
			OddsRatio:      iv(e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi),
			Standardized:   iv(e.Standardized, e.StandardizedLo, e.StandardizedHi),
			StandardizedRR: iv(e.StandardizedRR, e.StandardizedRRLo, e.StandardizedRRHi),
			Notes:          sentences(c, p, e.Notes)}
		if !math.IsNaN(e.Difference) {
			j.NNT = jsonNNTOf(&e.NNT)
		}
		if res.Study.Simulated {
			j.Notes = append(j.Notes, c.Say("simulated-beside", nil))
		}
		f.Effects = append(f.Effects, j)
	}
}
