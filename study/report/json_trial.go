package report

import (
	"cmp"
	"math"

	"github.com/trialkit/trialkit/study"
)

// The trial itself in results.json: what its protocol states, and the plans that
// were answered. IDs are those of the rows.

type jsonVisit struct {
	Visit string `json:"visit"`
	Label string `json:"label"`
	Days  number `json:"time_days"`
	First number `json:"window_first_day"`
	Last  number `json:"window_last_day"`
}

type jsonOutcome struct {
	Outcome    string                 `json:"outcome"`
	Label      string                 `json:"label"`
	Short      string                 `json:"short"`
	Kind       study.OutcomeKind      `json:"kind"`
	Levels     []string               `json:"levels"`
	Unit       string                 `json:"unit"`
	Better     string                 `json:"better"`
	Baseline   *string                `json:"baseline"`
	Min        number                 `json:"min"`
	Max        number                 `json:"max"`
	Resolution number                 `json:"resolution"`
	Instrument *string                `json:"instrument"`
	Thresholds []jsonOutcomeThreshold `json:"thresholds"`
}

type jsonOutcomeThreshold struct {
	Kind       study.ThresholdKind  `json:"kind"`
	Value      float64              `json:"value"`
	Level      study.ThresholdLevel `json:"level"`
	Worsening  bool                 `json:"worsening"`
	Condition  string               `json:"condition"`
	Population string               `json:"population"`
	Method     string               `json:"method"`
	N          *int                 `json:"n"`
	Lower      number               `json:"lower"`
	Upper      number               `json:"upper"`
	Source     string               `json:"source"`
	Registered bool                 `json:"from_registry"`
	Verified   bool                 `json:"verified"`
}

type jsonRandomization struct {
	Kind   study.RandomizationKind `json:"kind"`
	Block  *int                    `json:"block"`
	Column *string                 `json:"column"`
	Strata []string                `json:"strata"`
	Cross  bool                    `json:"cross"`
	Small  *study.SmallStrata      `json:"small"`
	Reason *string                 `json:"reason"`
}

type jsonRegistered struct {
	Where string `json:"where"`
	Date  string `json:"date"`
}

type jsonPrior struct {
	Name string  `json:"prior"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

type jsonPlan struct {
	ID              *string          `json:"id"`
	Outcome         string           `json:"outcome"`
	Visit           *string          `json:"visit"`
	Role            study.Role       `json:"role"`
	Model           study.Model      `json:"model"`
	Method          study.Method     `json:"method"`
	Baseline        bool             `json:"uses_baseline"`
	Covariates      []string         `json:"covariates"`
	Strata          []string         `json:"strata"`
	Covariance      *string          `json:"covariance"`
	CovarianceOrder []string         `json:"covariance_order"`
	CovarianceByArm bool             `json:"covariance_by_arm"`
	DF              *string          `json:"df"`
	SE              *string          `json:"se"`
	VarianceByArm   bool             `json:"variance_by_arm"`
	Trend           bool             `json:"trend"`
	Scale           *study.Scale     `json:"scale"`
	Level           float64          `json:"level"`
	Set             string           `json:"set"`
	Estimand        *string          `json:"estimand"`
	Impute          *jsonImputing    `json:"impute"`
	Variance        *string          `json:"variance"`
	Effect          *study.Measure   `json:"effect"`
	Framework       *study.Framework `json:"framework"`
	Margin          number           `json:"margin"`
	Exact           bool             `json:"exact"`
	Priors          []jsonPrior      `json:"priors"`
	Registered      *jsonRegistered  `json:"registered"`
}

// frameworkOf is what a plan wants to show: a margin alone is one of non-inferiority.
func frameworkOf(q study.Plan) *study.Framework {
	if q.Framework == "" && q.Margin > 0 {
		return orNull(study.FrameworkNonInferiority)
	}
	return orNull(q.Framework)
}

// orNull is nil for a zero value: what is not stated is null.
func orNull[T comparable](x T) *T {
	var zero T
	if x == zero {
		return nil
	}
	return &x
}

// stated is a number that 0 leaves unstated.
func stated(x float64) number {
	if x == 0 {
		return number(math.NaN())
	}
	return number(x)
}

// list is never null.
func list(x []string) []string { return append([]string{}, x...) }

func (f *resultsFile) addTrial(r study.Report) {
	p := r.Protocol
	f.Visits, f.Outcomes, f.Plans = []jsonVisit{}, []jsonOutcome{}, []jsonPlan{}
	for _, v := range p.Visits {
		x := jsonVisit{v.ID, v.Label, number(math.NaN()), number(math.NaN()), number(math.NaN())}
		if v.HasWindow {
			x.First, x.Last = number(v.Window[0]), number(v.Window[1])
		}
		if v.HasTime {
			x.Days = number(v.Time.Hours() / 24)
		}
		f.Visits = append(f.Visits, x)
	}
	for _, o := range p.Outcomes {
		f.Outcomes = append(f.Outcomes, jsonOutcomeOf(r, o))
	}
	a := p.Randomization
	f.Allocation = jsonRandomization{a.Kind, orNull(a.Block), orNull(a.Column), list(a.Strata), a.Cross, orNull(a.Small), orNull(a.Reason)}
	f.Family = jsonFamilyOf(r.Family)
	for _, q := range r.Plans() {
		x := jsonPlan{ID: orNull(q.ID), Outcome: q.Outcome, Visit: orNull(q.Visit), Role: q.Role, Model: q.Model, Method: q.Method(),
			Baseline: q.Baseline != study.NoBaseline, Covariates: list(q.Covariates), Strata: list(p.StrataOf(q)),
			Covariance: orNull(q.Covariance), CovarianceOrder: list(q.CovarianceOrder), CovarianceByArm: q.CovarianceByArm,
			DF: orNull(q.DF), SE: orNull(q.SE), VarianceByArm: q.VarianceByArm, Trend: q.Trend, Scale: orNull(q.Scale), Level: q.Level, Set: cmp.Or(q.Set, study.SetITT), Effect: orNull(q.Effect), Framework: frameworkOf(q), Margin: stated(q.Margin), Exact: q.Exact, Priors: []jsonPrior{}}
		for _, b := range q.Priors {
			x.Priors = append(x.Priors, jsonPrior(b))
		}
		x.Estimand, x.Impute, x.Variance = orNull(q.Estimand), jsonImputingOf(q.Impute), orNull(q.Variance)
		if q.Registered != (study.Registered{}) {
			x.Registered = &jsonRegistered{q.Registered.Where, q.Registered.Date}
		}
		f.Plans = append(f.Plans, x)
	}
}

func jsonOutcomeOf(r study.Report, o study.Outcome) jsonOutcome {
	x := jsonOutcome{Outcome: o.ID, Label: o.Label, Short: o.ShortLabel(), Kind: cmp.Or(o.Kind, study.KindContinuous), Levels: list(o.Levels), Unit: o.Unit, Better: o.Better.String(),
		Min: number(math.NaN()), Max: number(math.NaN()), Resolution: stated(o.Resolution),
		Instrument: orNull(o.Instrument), Thresholds: []jsonOutcomeThreshold{}}
	if o.HasRange() {
		x.Min, x.Max = number(o.Min), number(o.Max)
	}
	for _, res := range r.Results {
		if res.Outcome.ID == o.ID && o.HasBaseline() {
			x.Baseline = &res.Baseline.ID
		}
	}
	for _, t := range o.Thresholds {
		y := jsonOutcomeThreshold{Kind: t.Kind, Value: t.Value, Level: t.Level, Worsening: t.Worsening, Condition: t.Condition,
			Population: t.Population, Method: t.Method, N: orNull(t.N), Lower: number(math.NaN()), Upper: number(math.NaN()),
			Source: t.Source, Registered: t.Registered, Verified: t.Verified}
		if t.CI != [2]float64{} {
			y.Lower, y.Upper = number(t.CI[0]), number(t.CI[1])
		}
		x.Thresholds = append(x.Thresholds, y)
	}
	return x
}

type jsonSummary struct {
	Outcome     string `json:"outcome"`
	Visit       string `json:"visit"`
	Arm         string `json:"arm"`
	N           int    `json:"n"`
	Missing     int    `json:"missing"`
	Mean        number `json:"mean"`
	SD          number `json:"sd"`
	SE          number `json:"se"`
	Min         number `json:"min"`
	Q1          number `json:"q1"`
	Median      number `json:"median"`
	Q3          number `json:"q3"`
	Max         number `json:"max"`
	Pairs       int    `json:"n_change"`
	MeanChange  number `json:"mean_change"`
	SDChange    number `json:"sd_change"`
	Correlation number `json:"correlation_with_baseline"`
	Events      *int   `json:"events"`
	Share       number `json:"share"`
	ShareLower  number `json:"share_lower"`
	ShareUpper  number `json:"share_upper"`
	// Of counts: the time at risk of events, and their rate.
	Exposure  number `json:"exposure"`
	Rate      number `json:"rate"`
	RateLower number `json:"rate_lower"`
	RateUpper number `json:"rate_upper"`
	// Of values whose logarithms are compared.
	GeometricMean number `json:"geometric_mean"`
	GeometricSD   number `json:"geometric_sd"`
	// Levels count the categories of an ordinal outcome, the lowest first.
	Levels []jsonLevelCount `json:"levels"`
}

type jsonLevelCount struct {
	Level string `json:"level"`
	Count int    `json:"count"`
}

// addSummaries describes each arm at each visit, the baseline once an outcome.
func (f *resultsFile) addSummaries(r study.Report) {
	f.Summaries = []jsonSummary{}
	for _, s := range summariesOf(r) {
		x := jsonSummary{s.outcome, s.Visit, s.Arm, s.N, s.Missing, number(s.Mean), number(s.SD), number(s.SE),
			number(s.Min), number(s.Q1), number(s.Median), number(s.Q3), number(s.Max), s.Pairs, number(s.MeanChange), number(s.SDChange), number(s.Correlation),
			nil, number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), number(math.NaN()), []jsonLevelCount{}}
		if y := s.Rate; y != nil {
			x.Events, x.Exposure, x.Rate, x.RateLower, x.RateUpper = &y.Events, number(y.Exposure), number(y.Value), number(y.Lower), number(y.Upper)
		}
		if y := s.Geometric; y != nil {
			x.GeometricMean, x.GeometricSD = number(y.Mean), number(y.SD)
		}
		for _, l := range s.Levels {
			x.Levels = append(x.Levels, jsonLevelCount(l))
		}
		if y := s.Share; y != nil {
			x.Events, x.Share, x.ShareLower, x.ShareUpper = &y.Events, number(y.Value), number(y.Lower), number(y.Upper)
		}
		f.Summaries = append(f.Summaries, x)
	}
}

// reportSummary is a summary with its outcome.
type reportSummary struct {
	outcome string
	study.Summary
}

// summariesOf are the summaries of a report, each once, arms at baseline first.
func summariesOf(r study.Report) []reportSummary {
	type place struct{ outcome, visit, arm string }
	seen := map[place]bool{}
	var out []reportSummary
	for _, res := range r.Results {
		for _, baseline := range []bool{true, false} {
			for _, s := range res.Summaries {
				at := place{res.Outcome.ID, s.Visit, s.Arm}
				if (s.Visit == res.Baseline.ID) == baseline && !seen[at] {
					seen[at] = true
					out = append(out, reportSummary{res.Outcome.ID, s})
				}
			}
		}
	}
	return out
}
