package mcid

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/study"
)

// AnchorStudy is a study that asks which change in an outcome matters to
// patients: the change in score of each, beside an anchor, usually the
// patient's own rating of change.
type AnchorStudy struct {
	Title string
	// Outcome gives label, unit, resolution and, which is required, the
	// direction of benefit.
	Outcome study.Outcome
	// Change is follow-up − baseline in the outcome's unit, as measured: a fall
	// in pain is negative.
	Change []float64
	// Rating is the anchor, larger is better (turn scales such as the PGIC that
	// begin with "very much improved").
	Rating []float64
	// From is the lowest rating that counts as importantly improved. It is
	// required unless ratings are 0 and 1. For Worsening it is the highest
	// rating that counts as importantly worse, below 0 or, where ratings are 0
	// and 1, left out (0 is worse).
	From float64
	// Slight lists the ratings that mean just importantly changed, none: all
	// from From on; Unchanged those that mean unchanged, none: all others.
	Slight, Unchanged []float64
	// Worsening asks for the smallest important worsening instead.
	Worsening bool
	// Baseline scores in the same order; nil leaves out what needs them.
	Baseline []float64
	// Test and Retest are two measurements of patients whose condition did not
	// change between them, not necessarily the patients above; nil: none.
	Test, Retest []float64
	// ICC is a published reliability of the score, used with the SD at baseline
	// where Test is missing; 0: none.
	ICC float64
	// AnchorReliability is the reliability of the ratings; 0: unknown.
	AnchorReliability float64
	Population        string
	Source            string
	Simulated         bool
	// Level of the intervals; 0 means 0.95.
	Level float64
	// Seed of the bootstrap.
	Seed uint64
}

// Evidence says what a derived value can speak for.
type Evidence string

// Kinds of evidence. A value from the spread of the scores or from measurement
// error alone says nothing about importance, however often it is called a
// distribution-based MCID.
const (
	AnchorBased       Evidence = "anchor"
	DistributionBased Evidence = "distribution"
)

// Methods that use the distribution alone; those with an anchor are
// mic.Method.
const (
	SD02   = "sd-0.2"   // 0.2 SD at baseline
	SD03   = "sd-0.3"   // 0.3 SD
	SD05   = "sd-0.5"   // 0.5 SD
	SEM1   = "sem"      // standard error of measurement
	SEM196 = "sem-1.96" // 1.96 SEM
	MDC90  = "mdc-90"   // minimal detectable change, 90 % confidence
	MDC95  = "mdc-95"   // minimal detectable change, 95 % confidence
)

// DerivedRow is one method's value: the size of an improvement (or, if asked
// for, of a worsening), positive in the direction of the question, in the
// outcome's unit.
type DerivedRow struct {
	Method   string
	Evidence Evidence
	// Limits at the triangulation's level; NaN where there is no interval.
	Value, Lower, Upper float64
	N                   int
	Notes               []study.Note
}

// Triangulation is what an anchor study gives: every method's value side by
// side, with what speaks against the anchor.
type Triangulation struct {
	Study     study.StudyInfo
	Outcome   study.Outcome
	Worsening bool
	Level     float64
	N, Events int // patients; importantly improved (or worse)
	// Correlation of anchor and change (Spearman), and area under the ROC
	// curve, with limits.
	Anchor, AUC Triple
	Rows        []DerivedRow
	// Refused methods, with the reason.
	Refused []RefusedMethod
	// AnchorLow and AnchorHigh are the least and the greatest anchor-based
	// value.
	AnchorLow, AnchorHigh float64
	// EffectSize is the mean change over the SD at baseline, ResponseMean over
	// the SD of the changes (SRM), positive in the direction of the question;
	// NaN where they do not exist. They tell how much these patients changed.
	EffectSize, ResponseMean float64
	Notes                    []study.Note

	population, source string
}

// Triple is a value with its limits.
type Triple struct{ Value, Lower, Upper float64 }

// RefusedMethod is a method that has no answer for the data.
type RefusedMethod struct {
	Method string
	Err    error
}

// Triangulate derives the smallest important change by every method that the
// study's data allow and puts them side by side. Anchor-based methods, formulas
// and sources: mic.MinimalImportantChange. Distribution-based: fractions of
// the SD at baseline (Cohen 1988; Norman et al. 2003, doi
// 10.1097/01.MLR.0000062554.74615.4C), the standard error of measurement from
// test and retest (SD of differences/√2) or SD·√(1 − ICC), and the minimal
// detectable change z·√2·SEM (de Vet et al. 2006, doi 10.1186/1477-7525-4-54);
// they are labeled as no evidence of importance. Only baseline and test–retest
// scores that are given give rows.
//
// It refuses what MinimalImportantChange does, a missing direction, a From that
// is required, a Slight or Unchanged on the wrong side of From. It does not
// choose: whoever takes one value as a threshold names method and reason.
func Triangulate(s AnchorStudy) (Triangulation, error) {
	return TriangulateContext(context.Background(), s)
}

// TriangulateContext is Triangulate that stops with the context's error.
func TriangulateContext(ctx context.Context, s AnchorStudy) (Triangulation, error) {
	level := s.Level
	if level == 0 {
		level = 0.95
	}
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: confidence level %v is not between 0 and 1", level))
	}
	data, err := s.micData()
	if err != nil {
		return Triangulation{}, fmt.Errorf("study: Triangulate: %w", err)
	}
	m, err := mic.MinimalImportantChangeContext(ctx, data, mic.Options{AnchorReliability: s.AnchorReliability, Seed: s.Seed})
	if err != nil {
		return Triangulation{}, fmt.Errorf("study: Triangulate: %w", err)
	}
	nan := math.NaN()
	t := Triangulation{Study: study.StudyInfo{Title: s.Title, Simulated: s.Simulated}, Outcome: s.Outcome, Worsening: s.Worsening,
		Level: level, N: m.N, Events: m.Improved, AnchorLow: nan, AnchorHigh: nan, EffectSize: nan, ResponseMean: nan,
		Notes: m.Notes, population: s.Population, source: s.Source}
	ci := m.Anchor.CI(level)
	t.Anchor = Triple{m.Anchor.Value, ci.Lo, ci.Hi}
	t.AUC = Triple{m.ROC.AUC, nan, nan}
	if !math.IsNaN(m.ROC.Var) {
		ci = m.ROC.CI(level)
		t.AUC.Lower, t.AUC.Upper = ci.Lo, ci.Hi
	}
	for _, x := range m.Methods {
		ci := x.CI(level)
		t.Rows = append(t.Rows, DerivedRow{Method: string(x.Method), Evidence: AnchorBased, Value: x.Value,
			Lower: ci.Lo, Upper: ci.Hi, N: x.N, Notes: x.Notes})
		if !(x.Value >= t.AnchorLow) {
			t.AnchorLow = x.Value
		}
		if !(x.Value <= t.AnchorHigh) {
			t.AnchorHigh = x.Value
		}
	}
	for _, r := range m.Refused {
		t.Refused = append(t.Refused, RefusedMethod{string(r.Method), r.Err})
	}
	if err := t.distribution(s, data.Change); err != nil {
		return Triangulation{}, fmt.Errorf("study: Triangulate: %w", err)
	}
	if mdc, ok := t.Row(MDC95); ok && t.AnchorLow < mdc.Value {
		t.Notes = append(t.Notes, study.Note{Code: "derive-below-mdc", Args: map[string]any{"mdc": mdc.Value, "low": t.AnchorLow}})
	}
	return t, nil
}

// Row returns one method's row; ok is false where it has none.
func (t Triangulation) Row(method string) (_ DerivedRow, ok bool) {
	for _, r := range t.Rows {
		if r.Method == method {
			return r, true
		}
	}
	return DerivedRow{}, false
}

// Threshold returns a method's value as a threshold for one patient's change,
// to stand in a protocol: an MIC, or an MDC, which judges nothing. ok is false
// for methods without a value, for values that are not above 0, and for
// fractions of an SD or SEM, which are no thresholds.
func (t Triangulation) Threshold(method string) (_ study.Threshold, ok bool) {
	r, ok := t.Row(method)
	kind := study.MIC
	if method == MDC90 || method == MDC95 {
		kind = study.MDC
	} else if r.Evidence != AnchorBased {
		ok = false
	}
	if !ok || !(r.Value > 0) {
		return study.Threshold{}, false
	}
	th := study.Threshold{Value: r.Value, Kind: kind, Level: study.Individual, Worsening: t.Worsening, Population: t.population,
		Method: r.Method, N: r.N, Source: t.source}
	if !math.IsNaN(r.Lower) {
		th.CI = [2]float64{r.Lower, r.Upper}
	}
	return th, true
}

// sign turns a change into one that is positive in the direction asked for.
func (s AnchorStudy) sign() float64 {
	if s.Worsening {
		return -s.Outcome.Better.Sign()
	}
	return s.Outcome.Better.Sign()
}

// micData turns the study into the improvement (or worsening) that stats asks
// for.
func (s AnchorStudy) micData() (d mic.Data, err error) {
	if s.Outcome.Better == study.BetterUnset {
		return d, fmt.Errorf("outcome %s: which direction is better is required", s.Outcome.ID)
	}
	if len(s.Rating) != len(s.Change) {
		return d, fmt.Errorf("rating: %d values for %d changes: %w", len(s.Rating), len(s.Change), stats.ErrLength)
	}
	turn := 1.0
	if s.Worsening {
		turn = -1
	}
	binary := true
	for _, r := range s.Rating {
		binary = binary && (r == 0 || r == 1)
	}
	from := turn * s.From
	switch {
	case s.From == 0 && !binary:
		return d, fmt.Errorf("from: the rating that counts as important is required unless ratings are 0 and 1")
	case s.From == 0 && !s.Worsening:
		from = 1
	case s.From == 0:
		from = 0 // of −1 and 0
	}
	in := func(list []float64, r float64) bool {
		for _, v := range list {
			if v == r {
				return true
			}
		}
		return false
	}
	for _, r := range s.Slight {
		if turn*r < from {
			return d, fmt.Errorf("slight: rating %v is not among those that count as important: %w", r, stats.ErrDomain)
		}
	}
	for _, r := range s.Unchanged {
		if turn*r >= from {
			return d, fmt.Errorf("unchanged: rating %v counts as important: %w", r, stats.ErrDomain)
		}
	}
	for i, x := range s.Change {
		r := turn * s.Rating[i]
		// A difference of decimals carries noise in its last digits, which must
		// not part equal changes.
		d.Change = append(d.Change, s.sign()*canonicalDecimal(x))
		d.Rating = append(d.Rating, r)
		d.Improved = append(d.Improved, r >= from)
		if len(s.Slight) > 0 {
			d.Slight = append(d.Slight, in(s.Slight, s.Rating[i]))
		}
		if len(s.Unchanged) > 0 {
			d.Unchanged = append(d.Unchanged, in(s.Unchanged, s.Rating[i]))
		}
	}
	d.Baseline = s.Baseline
	return d, nil
}

// canonicalDecimal is x read to twelve significant digits.
func canonicalDecimal(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 11, 64), 64)
	if err != nil {
		return x
	}
	return v
}

// distribution adds what the spread of the scores gives. change is turned into
// the direction asked for.
func (t *Triangulation) distribution(s AnchorStudy, change []float64) error {
	add := func(method string, k, value float64, ci stats.Interval, n int) {
		t.Rows = append(t.Rows, DerivedRow{Method: method, Evidence: DistributionBased, Value: k * value,
			Lower: k * ci.Lo, Upper: k * ci.Hi, N: n})
	}
	mean, err := stats.Summarize(change)
	if err != nil {
		return err
	}
	t.ResponseMean = mean.Mean / mean.SD
	sd := math.NaN()
	if s.Baseline != nil {
		b, err := stats.Summarize(s.Baseline)
		if err != nil {
			return err
		}
		dispersion, err := stats.SD(s.Baseline)
		if err != nil {
			return err
		}
		ci := dispersion.CI(t.Level)
		if b.SD > 0 {
			sd = b.SD
			t.EffectSize = mean.Mean / sd
			add(SD02, 0.2, sd, ci, b.N)
			add(SD03, 0.3, sd, ci, b.N)
			add(SD05, 0.5, sd, ci, b.N)
		}
	}
	var e assoc.MeasurementError
	n := 0
	switch {
	case s.Test != nil:
		a, err := assoc.BlandAltman(s.Retest, s.Test)
		if err != nil {
			return err
		}
		e, n = a.MeasurementError(), len(s.Test)
	case s.ICC != 0 && !math.IsNaN(sd):
		if e, err = assoc.MeasurementErrorFromICC(sd, s.ICC, math.Inf(1)); err != nil {
			return err
		}
		n = len(s.Baseline)
	default:
		return nil
	}
	ci := e.CI(t.Level)
	if math.IsInf(e.DF, 1) { // the uncertainty of a published ICC is unknown
		ci.Lo, ci.Hi = math.NaN(), math.NaN()
	}
	add(SEM1, 1, e.SEM, ci, n)
	add(SEM196, 1.96, e.SEM, ci, n)
	one := assoc.MeasurementError{SEM: 1, DF: 1}
	add(MDC90, one.MDC(0.90), e.SEM, ci, n)
	add(MDC95, one.MDC(0.95), e.SEM, ci, n)
	return nil
}
