package report

import (
	"cmp"
	"maps"
	"math"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// What changes the reading of a result: whether the companions agree, intervals
// for all arms together, slopes on baseline, diagnostics, and the doubts that
// follow from them.

type jsonAgreement struct {
	Outcome    string         `json:"outcome"`
	Visit      string         `json:"visit"`
	Arm        string         `json:"arm"`
	Null       float64        `json:"null"`
	Companions []study.Method `json:"companions"`
	Agree      int            `json:"agree"`
	Differ     []study.Method `json:"differ"`
}

type jsonAssumption struct {
	Outcome     string             `json:"outcome"`
	Visit       string             `json:"visit"`
	Assume      string             `json:"assume"`
	Arm         string             `json:"arm"`
	Control     string             `json:"control"`
	Estimate    jsonEstimate       `json:"estimate"`
	Level       float64            `json:"level"`
	N           map[string]int     `json:"n"`
	Lost        map[string]int     `json:"lost"`
	Imputations int                `json:"imputations"`
	Redrawn     int                `json:"redrawn"`
	Covariance  string             `json:"covariance"`
	Odds        map[string]float64 `json:"odds"`
	Tipping     *jsonTipping       `json:"tipping_point"`
	Counts      *jsonTippingCount  `json:"tipping_count"`
	Notes       []string           `json:"note_codes"`
}

type jsonTipping struct {
	Arm         string  `json:"arm"`
	Visits      string  `json:"visits"`
	Significant bool    `json:"significant"`
	Delta       number  `json:"delta"`
	From        float64 `json:"from"`
	To          float64 `json:"to"`
	SD          number  `json:"baseline_sd"`
	JudgedBy    string  `json:"judged_by"`
	Row         *bool   `json:"row_significant"`
	Margin      *number `json:"margin"`
	Framework   string  `json:"framework"`
	Better      *number `json:"delta_better"`

	AtMargin *jsonStep `json:"at_margin"`
	Held     *jsonHeld `json:"held"`

	Steps []jsonStep `json:"steps"`
}

// jsonHeld counts, by arm, values held at an end of the range, without a delta and with.
type jsonHeld struct {
	Without map[string]number `json:"without_delta"`
	With    map[string]number `json:"with_delta"`
}

type jsonTippingCount struct {
	Arm         string `json:"arm"`
	Lost        int    `json:"lost"`
	Expected    int    `json:"expected_good"`
	Significant bool   `json:"significant"`
	Found       bool   `json:"found"`
	Good        int    `json:"most_good"`
	FoundAbove  bool   `json:"found_above"`
	Above       int    `json:"least_good_above"`
	OtherLost   int    `json:"other_lost"`
	Other       int    `json:"other_good"`
}

func (f *resultsFile) addAssumptions(res study.Result) {
	for _, row := range res.Sensitivity {
		x := jsonAssumption{Outcome: res.Outcome.ID, Visit: row.Visit, Assume: row.Assume, Arm: row.Arm, Control: row.Control,
			Estimate: jsonEstimateOf(row.Estimate, row.Level), Level: row.Level, N: row.N, Lost: row.Lost, Imputations: row.Imputations, Redrawn: row.Redrawn, Covariance: row.Covariance, Odds: map[string]float64{}, Notes: codesOf(row.Notes)}
		maps.Copy(x.Odds, row.Odds)
		if row.Completed != nil { // whose interval need not be that of a standard error
			x.Estimate.Lower, x.Estimate.Upper = number(row.Lower), number(row.Upper)
		}
		if t := row.Counts; t != nil {
			x.Counts = &jsonTippingCount{t.Arm, t.Lost, t.Expected, t.Significant, t.Found, t.Good, t.FoundAbove, t.Above, t.OtherLost, t.Other}
		}
		if t := row.Tipping; t != nil {
			x.Tipping = &jsonTipping{t.Arm, cmp.Or(row.Visits, study.DeltaConstant), t.Significant, number(math.NaN()), t.From, t.To, number(t.SD), "sensitivity-model", nil, nil, string(study.FrameworkSuperiority), nil, nil, nil, declaredSteps(row)}
			if t.Found {
				x.Tipping.Delta = number(t.Delta)
			}
			if shown, ok := res.Shows(row); ok {
				x.Tipping.Row = &shown
			}
			if t.Held != nil {
				h := &jsonHeld{map[string]number{}, map[string]number{}}
				for arm := range t.Held {
					h.Without[arm], h.With[arm] = number(t.Held[arm]), number(t.HeldAt[arm])
				}
				x.Tipping.Held = h
			}
			if margin := number(t.Margin); t.Margin > 0 {
				x.Tipping.Margin, x.Tipping.Framework = &margin, string(study.FrameworkNonInferiority)
			}
			if row.Equivalence > 0 {
				x.Tipping.Framework = string(study.FrameworkEquivalence)
			}
			if better := number(t.Better); t.FoundBetter {
				x.Tipping.Better = &better
			}
			if s := t.AtMargin; s != nil {
				x.Tipping.AtMargin = &jsonStep{number(s.Delta), jsonEstimateOf(s.Estimate, row.Level)}
			}
		}
		f.Assumptions = append(f.Assumptions, x)
	}
}

type jsonJoint struct {
	Outcome  string  `json:"outcome"`
	Visit    string  `json:"visit"`
	Arm      string  `json:"arm"`
	Method   string  `json:"method"`
	Estimate number  `json:"estimate"`
	Level    float64 `json:"level"`
	Lower    number  `json:"lower"`
	Upper    number  `json:"upper"`

	Effect study.Measure `json:"effect"`
}

type jsonSlopes struct {
	Outcome string       `json:"outcome"`
	Visit   string       `json:"visit"`
	Method  study.Method `json:"method"`
	jsonF
	Low   number      `json:"low"`
	High  number      `json:"high"`
	Level float64     `json:"level"`
	Arms  []jsonSlope `json:"arms"`
}

type jsonSlope struct {
	Arm    string       `json:"arm"`
	Slope  jsonEstimate `json:"slope"`
	AtLow  jsonEstimate `json:"at_low"`
	AtHigh jsonEstimate `json:"at_high"`
}

type jsonDiagnostics struct {
	Outcome     string           `json:"outcome"`
	Visit       string           `json:"visit"`
	Cook        number           `json:"cook"`
	CookID      *string          `json:"cook_participant"`
	Influential []string         `json:"influential"`
	Floor       []jsonFloorCount `json:"cannot_improve"`
}

type jsonFloorCount struct {
	Arm string `json:"arm"`
	N   int    `json:"n"`
	Of  int    `json:"of"`
}

type jsonDoubt struct {
	Kind    study.DoubtKind `json:"kind"`
	Outcome *string         `json:"outcome"`
	Visit   *string         `json:"visit"`
	Arm     *string         `json:"arm"`
	Said    bool            `json:"said"`
	Notes   []string        `json:"notes"`
	Codes   []string        `json:"note_codes"`
}

type jsonNote struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

func (f *resultsFile) addReading(c *text.Catalog, r study.Report) {
	f.Assumptions, f.Lost = []jsonAssumption{}, []jsonLost{}
	f.Agreement, f.Joint, f.Slopes, f.Diagnostics, f.Doubts = []jsonAgreement{}, []jsonJoint{}, []jsonSlopes{}, []jsonDiagnostics{}, []jsonDoubt{}
	for _, res := range r.Results {
		o, v := res.Outcome.ID, res.Visit.ID
		for _, a := range res.Agreement() {
			f.Agreement = append(f.Agreement, jsonAgreement{o, a.Visit, a.Arm, a.Null, methodsOf(a.Companions), a.Agree, methodsOf(a.Differ)})
		}
		f.addAssumptions(res)
		f.addLost(res)
		for _, j := range res.Joint {
			f.Joint = append(f.Joint, jsonJoint{o, v, j.Arm, j.Method, number(j.Estimate), j.Level, number(j.Lower), number(j.Upper), j.Measure})
		}
		if s := res.BaselineSlopes; s != nil {
			x := jsonSlopes{o, v, s.Method, jsonF{number(s.F), number(s.DF1), number(s.DF2), number(s.P)}, number(s.Low), number(s.High), res.Level, []jsonSlope{}}
			for _, a := range s.Arms {
				x.Arms = append(x.Arms, jsonSlope{a.Arm, jsonEstimateOf(a.Slope, res.Level), jsonEstimateOf(a.AtLow, res.Level), jsonEstimateOf(a.AtHigh, res.Level)})
			}
			f.Slopes = append(f.Slopes, x)
		}
		if v == "" { // of all visits: diagnostics are a visit's
			continue
		}
		d := res.Diagnostics
		x := jsonDiagnostics{o, v, number(d.Cook), orNull(d.CookID), list(d.Influential), []jsonFloorCount{}}
		for _, n := range d.Floor {
			x.Floor = append(x.Floor, jsonFloorCount(n))
		}
		f.Diagnostics = append(f.Diagnostics, x)
	}
	f.Departures = []jsonNote{}
	for _, n := range r.Departures {
		f.Departures = append(f.Departures, jsonNote{n.Code, Note(c, r.Protocol, n)})
	}
	for _, d := range r.Doubts {
		f.Doubts = append(f.Doubts, jsonDoubt{d.Kind, orNull(d.Outcome), orNull(d.Visit), orNull(d.Arm), d.Said, sentences(c, r.Protocol, d.Notes), codesOf(d.Notes)})
	}
}

func methodsOf(rows []study.Row) []study.Method {
	out := []study.Method{}
	for _, r := range rows {
		out = append(out, r.Method)
	}
	return out
}

func codesOf(notes []study.Note) []string {
	out := []string{}
	for _, n := range notes {
		out = append(out, n.Code)
	}
	return out
}
