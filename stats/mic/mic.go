package mic

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/resample"
)

// Data is an anchor study: each patient's change in score, and what an
// anchor (usually the patient's own rating of change) says of it.
type Data struct {
	// Change is follow-up − baseline, turned so that larger is better. Where the
	// question is the smallest important worsening, turn it the other way and
	// let Improved say who got importantly worse.
	Change []float64
	// Improved: the anchor calls the patient importantly improved.
	Improved []bool
	// Slight marks the patients whom the anchor calls improved by just an
	// important amount, for the two methods that compare means; nil: all
	// improved.
	Slight []bool
	// Unchanged marks the patients whom the anchor calls unchanged, for the
	// methods that need them; nil: everyone not improved.
	Unchanged []bool
	// Rating is the anchor's whole scale, larger is better, for its correlation
	// with the change; nil: Improved as 0 and 1.
	Rating []float64
	// Baseline score, for the adjusted mean difference; nil leaves that out.
	Baseline []float64
}

// Options are the choices in deriving a minimal important change.
type Options struct {
	// AnchorReliability is the reliability of the anchor's ratings, above 0 up
	// to 1, for PredictiveReliable; 0 leaves that method out.
	AnchorReliability float64
	// Replicates of the bootstrap; 0 means 2,000, fewer than 100 panic.
	Replicates int
	// Seed of the resampling. Intervals depend on it and on nothing else.
	Seed uint64
}

// Method is a way to derive a minimal important change from an anchor.
type Method string

// Methods, in the order in which results list them.
const (
	// MeanChange: the mean change of the slightly improved.
	MeanChange Method = "mean-change"
	// MeanDifference: that minus the mean change of the unchanged.
	MeanDifference Method = "mean-difference"
	// MeanDifferenceAdjusted: the same by regression on the baseline score.
	MeanDifferenceAdjusted Method = "mean-difference-adjusted"
	// Youden: the cut-off with the largest sensitivity + specificity.
	Youden Method = "roc-youden"
	// Corner: the cut-off nearest to perfect sensitivity and specificity.
	Corner Method = "roc-closest-corner"
	// Balanced: the cut-off with the least |sensitivity − specificity|.
	Balanced Method = "roc-sens-spec"
	// Limit95: mean + 1.645 SD of the change of the unchanged.
	Limit95 Method = "limit-95"
	// Predictive: the change that does not alter the odds of improvement.
	Predictive Method = "predictive"
	// PredictiveAdjusted: that, adjusted for the proportion improved.
	PredictiveAdjusted Method = "predictive-adjusted"
	// PredictiveReliable: also for the anchor's reliability.
	PredictiveReliable Method = "predictive-reliability"
)

// Estimate is one method's minimal important change, in the units of the change and
// positive for improvement, with an interval.
type Estimate struct {
	Method Method
	Value  float64
	// N is the number of patients the method rests on.
	N     int
	Notes []stats.Note

	estimate stats.Estimate // where the interval is Student's
	boot     *resample.Boot
}

// Point returns the value.
func (m Estimate) Point() float64 { return m.Value }

// CI returns the interval: Student's t for the methods that compare means,
// the bootstrap's percentiles for the others, where an end is infinite (Why
// says so) if the replicates bound the value no further.
func (m Estimate) CI(level float64) stats.Interval {
	check.Level(level)
	if m.boot == nil {
		return m.estimate.CI(level)
	}
	return m.boot.CI(level)
}

// Refusal is a method that has no answer for these data, and why.
type Refusal struct {
	Method Method
	Err    error
}

// Estimates is what an anchor study says: the anchor's checks and every method's
// value beside the others. No method is the right one; the reader sees how far
// they lie apart.
type Estimates struct {
	N, Improved int
	// SDChange is the standard deviation of all changes, PointBiserial their
	// correlation with Improved as 0 and 1.
	SDChange, PointBiserial float64
	// Anchor is Spearman's correlation of the rating with the change.
	Anchor assoc.Correlation
	ROC    assoc.ROCCurve
	// Methods that gave an answer, and those that did not.
	Methods []Estimate
	Refused []Refusal
	// Notes about the anchor.
	Notes []stats.Note
}

// Proportion returns the share of patients improved.
func (m Estimates) Proportion() float64 { return float64(m.Improved) / float64(m.N) }

// Method returns one method's result; ok is false where it has none.
func (m Estimates) Method(method Method) (_ Estimate, ok bool) {
	for _, x := range m.Methods {
		if x.Method == method {
			return x, true
		}
	}
	return Estimate{}, false
}

// Codes of notes about minimal important changes.
const (
	// NoteWeakAnchor: the anchor's correlation with the change is below 0.5.
	// NoteInvalidAnchor: it is below 0.3, the least that is usually accepted
	// (Revicki et al. 2008, doi 10.1016/j.jclinepi.2007.03.012). Args: r.
	NoteWeakAnchor    = "mic-anchor-weak"
	NoteInvalidAnchor = "mic-anchor-invalid"
	// NoteLowAUC: the area under the curve is below 0.7. Args: auc.
	NoteLowAUC = "mic-low-auc"
	// NoteProportion: the proportion improved lies outside 0.4–0.6, which
	// biases the method. Args: share.
	NoteProportion = "mic-proportion-improved"
	// NoteTied: several cut-offs are equally good; their mean is given.
	// Args: count, lowest, highest.
	NoteTied = "mic-cutoffs-tied"
	// NoteAllImproved: the slightly improved are not told apart.
	NoteAllImproved = "mic-all-improved"
	// NoteResamples: the method has no answer in some resamples. Args:
	// count, of.
	NoteResamples = "mic-resamples-undefined"
)

// MinimalImportantChange derives the smallest change that patients call an
// improvement, by every anchor-based method in use. x is the change, p the
// proportion improved, r the point-biserial correlation of the two, s the
// standard deviation of x:
//
//	mean-change               x̄ of the slightly improved
//	mean-difference           x̄ slightly improved − x̄ unchanged (Welch)
//	mean-difference-adjusted  the same in the regression of x on group and baseline
//	roc-*                     a cut-off halfway between neighboring changes
//	limit-95                  x̄ + 1.645 SD of the unchanged
//	predictive                (logit p − b₀)/b₁, the change at which the logistic
//	                          regression of improvement on x gives probability p
//	predictive-adjusted       predictive − (0.090 + 0.103 r) s logit p
//	predictive-reliability    predictive − (0.8/R − 0.5) r s logit p, with R the
//	                          reliability of the anchor
//
// The predictive methods assume a linear logit; their adjustments also that
// patients' thresholds, and changes, are about normal, and come from simulation
// studies: they are approximate. ROC cut-offs and the predictive value are
// biased toward the mean change unless about half of the patients improved.
// Intervals are Student's for the means and otherwise percentiles of a
// bootstrap of patients; a resample without an answer counts half on each side,
// so that it can only widen the interval. With 200 normal changes, a third of
// patients improved, 95 % intervals held their method's value in 93 to 99 % of
// 300 simulated studies (ROC: the most). The order of patients is irrelevant.
//
// It refuses slices of different lengths, fewer than three patients, NaN, Inf,
// nobody or everybody improved, and changes that do not vary. A method that
// alone has no answer (nobody unchanged, a perfectly separating change, an
// anchor that runs against the change) is in Refused with its error.
//
// Source: de Vet et al. 2007, doi 10.1007/s11136-006-9109-9 (mean, ROC, 95 %
// limit); Terluin et al. 2015, doi 10.1016/j.jclinepi.2015.03.015
// (predictive); 2017, doi 10.1016/j.jclinepi.2016.12.015 (adjusted); 2022, doi
// 10.1016/j.jclinepi.2022.04.018 (reliability). Values agree with R's package
// MiCT, whose bootstrap differs.
func MinimalImportantChange(data Data) (Estimates, error) {
	return MinimalImportantChangeContext(context.Background(), data, Options{})
}

// MinimalImportantChangeWith is MinimalImportantChange with options.
func MinimalImportantChangeWith(data Data, opt Options) (Estimates, error) {
	return MinimalImportantChangeContext(context.Background(), data, opt)
}

// MinimalImportantChangeContext is MinimalImportantChangeWith that stops with
// the context's error.
func MinimalImportantChangeContext(ctx context.Context, data Data, opt Options) (Estimates, error) {
	if r := opt.AnchorReliability; !(r >= 0 && r <= 1) {
		return Estimates{}, &stats.SampleError{Func: micFunc, Arg: "AnchorReliability", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(r)}
	}
	out, err := checkMIC(&data)
	if err != nil {
		return Estimates{}, err
	}
	micMeans(&out, data)
	if err := micCutoffs(ctx, &out, data, opt); err != nil {
		return Estimates{}, err
	}
	return out, nil
}

const micFunc = "MinimalImportantChange"

// checkMIC validates the data, fills in what is left out, and checks the anchor.
func checkMIC(d *Data) (Estimates, error) {
	fail := func(arg string, err error, format string, a ...any) (Estimates, error) {
		return Estimates{}, &stats.SampleError{Func: micFunc, Arg: arg, Index: -1, Err: err, Info: fmt.Sprintf(format, a...)}
	}
	if err := check.Sample(micFunc, "Change", d.Change, 3); err != nil {
		return Estimates{}, err
	}
	n := len(d.Change)
	for _, f := range []struct {
		arg string
		len int
		nil bool
	}{{"Improved", len(d.Improved), false}, {"Slight", len(d.Slight), d.Slight == nil}, {"Unchanged", len(d.Unchanged), d.Unchanged == nil},
		{"Rating", len(d.Rating), d.Rating == nil}, {"Baseline", len(d.Baseline), d.Baseline == nil}} {
		if !f.nil && f.len != n {
			return fail(f.arg, stats.ErrLength, "%d values for %d changes", f.len, n)
		}
	}
	if err := check.Sample(micFunc, "Rating", d.Rating, 0); err != nil {
		return Estimates{}, err
	}
	if err := check.Sample(micFunc, "Baseline", d.Baseline, 0); err != nil {
		return Estimates{}, err
	}
	out := Estimates{N: n}
	binary := make([]float64, n)
	var cases, controls []float64
	for i, yes := range d.Improved {
		if yes {
			out.Improved++
			binary[i] = 1
			cases = append(cases, d.Change[i])
		} else {
			controls = append(controls, d.Change[i])
		}
		switch {
		case d.Slight != nil && d.Slight[i] && !yes:
			return Estimates{}, &stats.SampleError{Func: micFunc, Arg: "Slight", Index: i, Err: stats.ErrDomain, Info: "slightly improved but not improved"}
		case d.Unchanged != nil && d.Unchanged[i] && yes:
			return Estimates{}, &stats.SampleError{Func: micFunc, Arg: "Unchanged", Index: i, Err: stats.ErrDomain, Info: "unchanged and improved"}
		}
	}
	if out.Improved == 0 || out.Improved == n {
		return fail("Improved", stats.ErrNoVariation, "%d of %d improved", out.Improved, n)
	}
	_, ss := moments.Of(d.Change)
	if ss == 0 {
		return fail("Change", stats.ErrNoVariation, "all changes are equal")
	}
	out.SDChange = math.Sqrt(ss / float64(n-1))
	rating := d.Rating
	if rating == nil {
		rating = binary
	}
	var err error
	if out.Anchor, err = assoc.SpearmanWith(d.Change, rating, assoc.Options{Method: rank.Asymptotic}); err != nil {
		return Estimates{}, err
	}
	r, err := assoc.Pearson(d.Change, binary)
	if err != nil {
		return Estimates{}, err
	}
	out.PointBiserial = r.Value
	if out.ROC, err = assoc.ROC(cases, controls); err != nil {
		return Estimates{}, err
	}
	out.Anchor.Notes = nil // its p-value is not what it is asked for
	switch r := out.Anchor.Value; {
	case r < 0.3:
		out.Notes = append(out.Notes, stats.Note{Code: NoteInvalidAnchor, Args: map[string]any{"r": r}})
	case r < 0.5:
		out.Notes = append(out.Notes, stats.Note{Code: NoteWeakAnchor, Args: map[string]any{"r": r}})
	}
	return out, nil
}
