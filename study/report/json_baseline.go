package report

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

type jsonVariable struct {
	Variable string                `json:"variable"`
	Label    string                `json:"label"`
	Unit     string                `json:"unit"`
	Outcome  bool                  `json:"outcome"`
	Kind     study.CovariateKind   `json:"kind"`
	Levels   []string              `json:"levels"`
	Decimals int                   `json:"decimals"`
	Arms     []jsonVariableSummary `json:"arms"`
}

type jsonVariableSummary struct {
	Arm     *string `json:"arm"`
	N       int     `json:"n"`
	Missing int     `json:"missing"`
	Mean    number  `json:"mean"`
	SD      number  `json:"sd"`
	Median  number  `json:"median"`
	Q1      number  `json:"q1"`
	Q3      number  `json:"q3"`
	Min     number  `json:"min"`
	Max     number  `json:"max"`
	Counts  []int   `json:"counts"`
}

func (f *resultsFile) addBaseline(r study.Report) {
	f.Baseline = []jsonVariable{}
	for _, v := range r.Baseline {
		x := jsonVariable{v.ID, v.Label, v.Unit, v.Outcome, v.Kind, list(v.Levels), v.Decimals, []jsonVariableSummary{}}
		for _, s := range append(append([]study.BaselineSummary{}, v.Arms...), v.All) {
			x.Arms = append(x.Arms, jsonVariableSummary{orNull(s.Arm), s.N, s.Missing, number(s.Mean), number(s.SD), number(s.Median),
				number(s.Q1), number(s.Q3), number(s.Min), number(s.Max), append([]int{}, s.Counts...)})
		}
		f.Baseline = append(f.Baseline, x)
	}
}

type jsonSubgroups struct {
	Outcome   string         `json:"outcome"`
	Visit     string         `json:"visit"`
	Covariate string         `json:"covariate"`
	Cuts      []float64      `json:"cuts"`
	Level     float64        `json:"level"`
	Missing   int            `json:"missing"`
	Effect    study.Measure  `json:"effect"`
	Scale     study.Scale    `json:"scale"`
	Rows      []jsonSubgroup `json:"rows"`
	// Interacts and its Scale are of what Interaction, Interactions, Curve and At are about.
	Interacts      study.Measure `json:"interaction_effect"`
	InteractsScale study.Scale   `json:"interaction_scale"`
	Interaction    *jsonVaries   `json:"interaction"`
	WithoutStrata  bool          `json:"without_strata"`
	// Reason is the code of why there is no test.
	Reason       *string           `json:"reason"`
	Interactions []jsonInteraction `json:"interactions"`
	// Curve and At are of a number: differences along it, and at three percentiles.
	Curve []jsonPoint `json:"curve"`
	At    []jsonPoint `json:"at"`
	// NotOffered: the plan's effect has no subgroups.
	NotOffered bool `json:"not_offered"`
}

type jsonSubgroup struct {
	Level    *string        `json:"subgroup"`
	From     number         `json:"from"`
	To       number         `json:"to"`
	Arm      string         `json:"arm"`
	Control  string         `json:"control"`
	Method   study.Method   `json:"method"`
	N        map[string]int `json:"n"`
	Estimate number         `json:"estimate"`
	Lower    number         `json:"lower"`
	Upper    number         `json:"upper"`
}

// jsonVaries is an F test, or a χ² with df1 degrees of freedom.
type jsonVaries struct {
	By   string `json:"test"`
	F    number `json:"f"`
	Chi2 number `json:"chi2"`
	DF1  number `json:"df1"`
	DF2  number `json:"df2"`
	P    number `json:"p"`
}

type jsonF struct {
	F   number `json:"f"`
	DF1 number `json:"df1"`
	DF2 number `json:"df2"`
	P   number `json:"p"`
}

// jsonEstimate is a number with its interval at the level beside it.
type jsonEstimate struct {
	Estimate number `json:"estimate"`
	SE       number `json:"se"`
	DF       number `json:"df"`
	Lower    number `json:"lower"`
	Upper    number `json:"upper"`
}

func jsonEstimateOf(e stats.Estimate, level float64) jsonEstimate {
	return jsonEffectOf(e, e.SE, e.DF, level)
}

func jsonEffectOf(e stats.Effect, se, df, level float64) jsonEstimate {
	ci := e.CI(level)
	return jsonEstimate{number(e.Point()), number(se), number(df), number(ci.Lo), number(ci.Hi)}
}

type jsonInteraction struct {
	Arm       string  `json:"arm"`
	Control   string  `json:"control"`
	Level     *string `json:"subgroup"`
	Reference *string `json:"reference"`
	jsonEstimate
}

type jsonPoint struct {
	Arm string `json:"arm"`
	At  number `json:"at"`
	jsonEstimate
}

func jsonPoints(list []study.SubgroupPoint, level float64) []jsonPoint {
	out := []jsonPoint{}
	for _, p := range list {
		se, df := p.StandardError()
		out = append(out, jsonPoint{p.Arm, number(p.At), jsonEffectOf(p.Effect, se, df, level)})
	}
	return out
}

func (f *resultsFile) addSubgroups(r study.Report) {
	f.Subgroups = []jsonSubgroups{}
	for _, s := range r.Subgroups {
		x := jsonSubgroups{Outcome: s.Outcome, Visit: s.Visit, Covariate: s.Covariate, Cuts: append([]float64{}, s.Cuts...), Level: s.Level,
			Missing: s.Missing, Rows: []jsonSubgroup{}, Interactions: []jsonInteraction{}}
		for _, row := range append(append([]study.SubgroupRow{}, s.All...), s.Rows...) {
			nan := number(math.NaN())
			y := jsonSubgroup{orNull(row.Level), number(row.From), number(row.To), row.Arm, row.Control, row.Method,
				map[string]int{row.Arm: row.Treated.N, row.Control: row.Reference.N}, nan, nan, nan}
			if row.Effect != nil {
				ci := row.CI(s.Level)
				y.Estimate, y.Lower, y.Upper = number(row.Effect.Point()), number(ci.Lo), number(ci.Hi)
			}
			x.Rows = append(x.Rows, y)
		}
		nan := number(math.NaN())
		if t := s.Interaction; t != nil {
			x.Interaction = &jsonVaries{s.TestedBy(), number(t.F), nan, number(t.DF1), number(t.DF2), number(t.P())}
		} else if t := s.Chi2; t != nil {
			x.Interaction = &jsonVaries{s.TestedBy(), nan, number(t.X2), number(t.DF), nan, number(t.P())}
		}
		if n, ok := s.Reason(); ok {
			x.Reason = &n.Code
		}
		x.Effect, x.Scale, x.Interacts, x.InteractsScale, x.WithoutStrata = s.Measure, s.Measure.Scale(), s.Interacts, s.Interacts.Scale(), s.WithoutStrata
		for _, i := range s.Interactions {
			se, df := i.StandardError()
			x.Interactions = append(x.Interactions, jsonInteraction{i.Arm, i.Control, orNull(i.Level), orNull(i.Reference), jsonEffectOf(i.Effect, se, df, s.Level)})
		}
		x.NotOffered, x.Curve, x.At = s.NotOffered, jsonPoints(s.Curve, s.Level), jsonPoints(s.At, s.Level)
		f.Subgroups = append(f.Subgroups, x)
	}
}
