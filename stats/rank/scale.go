package rank

import (
	"context"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// DispersionTest is the outcome of a rank test of spread, Mood or
// AnsariBradley.
type DispersionTest struct {
	// Statistic is the sum of the treated's scores.
	Statistic float64
	// Z is the standardized statistic given the ties, 0 where all scores are equal.
	// Positive Mood and negative Ansari–Bradley values say that the treated spread more.
	Z float64
	// Method is Exact, Inverted or Asymptotic.
	Method Method
	Notes  []stats.Note

	name  string
	tails rankTails // of the spread: greater is more
}

var _ stats.Test = DispersionTest{}

// P returns the two-sided p-value: the probability of a statistic at least as far
// from its expectation.
func (t DispersionTest) P() float64 { return t.tails.orNone(t.tails.two) }

// PMore returns the one-sided p-value against "the treated spread at most as much".
func (t DispersionTest) PMore() float64 { return t.tails.orNone(t.tails.greater) }

// PLess returns the one-sided p-value against "the treated spread at least as much".
func (t DispersionTest) PLess() float64 { return t.tails.orNone(t.tails.less) }

// Mood tests whether two samples with the same center have the same spread
// (Mood 1954, doi 10.1214/aoms/1177728719). A value with pooled rank r scores
// (r − (N+1)/2)²; tied values share the mean of their scores. The p-value is
// counted exactly given the ties while that takes up to about 10⁷ operations
// (25 + 25 values), beyond by numerical inversion with a note "rank-inverted"
// (see Inverted); where the scores of the ties have no small common unit, from
// the normal approximation with a note "rank-asymptotic". Samples with different
// centers should be aligned by their medians first, which makes it approximate.
//
// Each sample needs one value (ErrTooFew), all finite (ErrNotFinite); if all
// scores are equal, p = 1. With Asymptotic it agrees with mood.test in R.
func Mood(treated, control []float64) (DispersionTest, error) {
	return MoodContext(context.Background(), treated, control, Options{})
}

// MoodWith is Mood with options; the normal approximation has no continuity
// correction.
func MoodWith(treated, control []float64, o Options) (DispersionTest, error) {
	return MoodContext(context.Background(), treated, control, o)
}

// MoodContext is MoodWith that stops with the context's error.
func MoodContext(ctx context.Context, treated, control []float64, o Options) (DispersionTest, error) {
	all, err := pooledSamples("Mood", treated, control, o)
	if err != nil {
		return DispersionTest{}, err
	}
	// Scores of untied ranks times four, averaged over ties: multiply by a
	// common multiple of the numbers of ties to keep them whole.
	n := len(all)
	r := num.DoubledRanks(all)
	ties := make(map[int]int, n)
	for _, v := range r {
		ties[v]++
	}
	scale := 1
	for _, t := range ties {
		if scale < 1e6 {
			scale = scale / num.GCD(scale, t) * t
		}
	}
	whole := scale < 1e6
	scores, raw := make([]int, n), make([]float64, n)
	for i, v := range r {
		t := ties[v]
		sum := int64(0) // of t consecutive squared distances, times four
		for k := 0; k < t; k++ {
			d := int64(v - t + 1 + 2*k - (n + 1)) // 2·rank − (N+1)
			sum += d * d
		}
		raw[i] = float64(sum) / float64(4*t)
		// Sums of scores must fit 32 bits, so that every machine decides alike.
		if s := sum * int64(scale/t); s <= math.MaxInt32/int64(n) {
			scores[i] = int(s)
		} else {
			whole = false
		}
	}
	return dispersion(ctx, "Mood", scores, raw, len(treated), o, whole, false)
}

// AnsariBradley tests whether two samples with the same center have the same
// spread (Ansari and Bradley 1960, doi 10.1214/aoms/1177705688). A value with
// pooled mid-rank r scores min(r, N + 1 − r), so that a small sum means a wide
// spread. The p-value is counted exactly given the ties while that takes up to
// about 10⁷ operations (80 + 80 values), beyond by numerical inversion with a note
// "rank-inverted" (see Inverted), and beyond 10,000 different scores from the
// normal approximation with a note "rank-asymptotic"; the approximation uses the scores' own mean and variance, where R's
// ansari.test(exact = FALSE) keeps the untied mean, which is wrong when ties
// straddle the middle.
//
// Each sample needs one value (ErrTooFew), all finite (ErrNotFinite); if all
// scores are equal, p = 1. Agrees with ansari.test in R otherwise.
func AnsariBradley(treated, control []float64) (DispersionTest, error) {
	return AnsariBradleyContext(context.Background(), treated, control, Options{})
}

// AnsariBradleyWith is AnsariBradley with options; the normal approximation
// has no continuity correction.
func AnsariBradleyWith(treated, control []float64, o Options) (DispersionTest, error) {
	return AnsariBradleyContext(context.Background(), treated, control, o)
}

// AnsariBradleyContext is AnsariBradleyWith that stops with the context's error.
func AnsariBradleyContext(ctx context.Context, treated, control []float64, o Options) (DispersionTest, error) {
	all, err := pooledSamples("AnsariBradley", treated, control, o)
	if err != nil {
		return DispersionTest{}, err
	}
	scores, raw := num.DoubledRanks(all), make([]float64, len(all))
	for i, v := range scores {
		scores[i] = min(v, 2*(len(all)+1)-v)
		raw[i] = float64(scores[i]) / 2
	}
	return dispersion(ctx, "AnsariBradley", scores, raw, len(treated), o, true, true)
}

func pooledSamples(fn string, treated, control []float64, o Options) ([]float64, error) {
	o.check(fn)
	if err := check.Sample(fn, "treated", treated, 1); err != nil {
		return nil, err
	}
	if err := check.Sample(fn, "control", control, 1); err != nil {
		return nil, err
	}
	return append(slices.Clone(treated), control...), nil
}

// dispersion tests a sum of scores: raw ones for the statistic, whole multiples
// of them for the exact distribution (if whole). Where small is set, a small
// sum means a wide spread.
func dispersion(ctx context.Context, fn string, scores []int, raw []float64, m int, o Options, whole, small bool) (DispersionTest, error) {
	n := len(scores)
	t := DispersionTest{Method: Exact, name: map[string]string{"Mood": "Mood", "AnsariBradley": "Ansari–Bradley"}[fn]}
	mean := 0.0
	for i, v := range raw {
		if i < m {
			t.Statistic += v
		}
		mean += v / float64(n)
	}
	ss := 0.0
	for _, v := range raw {
		ss += (v - mean) * (v - mean)
	}
	equal := slices.Min(raw) == slices.Max(raw)
	sd := math.Sqrt(float64(m) * float64(n-m) / (float64(n) * float64(n-1)) * ss)
	if equal {
		sd = 0
	}
	off := t.Statistic - float64(m)*mean
	if sd > 0 {
		t.Z = off / sd
	}
	sorted := slices.Clone(scores)
	slices.Sort(sorted)
	// Few different scores are screened along their whole lattice, whose length
	// is that of the sum's standard deviation in units of the scores.
	largest := slices.Max(raw)
	invertible := whole && len(slices.Compact(slices.Clone(sorted))) <= maxInverted && sd/largest*float64(sorted[n-1]) <= 1e6
	work := 0.0 // cells of the shift algorithm, roughly
	for k := 1; k <= min(m, n-m); k++ {
		work += float64(sorted[n-k] - sorted[k-1])
	}
	work *= float64(n) * float64(min(m, n-m)) / 6
	switch {
	case o.Method == Asymptotic:
		t.Method = Asymptotic
	case o.Method == Exact && (!whole || work > 1e11 || num.Choose(n, m) > 1e300):
		return DispersionTest{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain,
			Info: "too large for the exact test"}
	case o.Method == Inverted && !invertible:
		return DispersionTest{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain,
			Info: "scores have no common unit that numerical inversion could use"}
	case o.Method == Inverted:
		t.Method = Inverted
	case o.Method == Auto:
		if !whole || work > 2*exactRankWork || num.Choose(n, m) > 1e300 {
			t.Method = Asymptotic
			if invertible {
				t.Method = Inverted
			}
		}
		t.Notes = append(t.Notes, methodNotes(t.Method)...)
	}
	var tails rankTails
	switch t.Method {
	case Asymptotic:
		tails = normalTails(off, sd, true)
	case Inverted:
		var err error
		if tails, err = invertedTails(ctx, scores, m, o.MidP, false, false); err != nil {
			return DispersionTest{}, err
		}
	default:
		d, err := num.NewSubsetSum(ctx, scores, m)
		if err := ctx.Err(); err != nil {
			return DispersionTest{}, err
		}
		if err != nil {
			return DispersionTest{}, &stats.SampleError{Func: fn, Arg: "treated, control", Index: -1, Err: stats.ErrDomain, Info: err.Error()}
		}
		tails = sumTails(d, scores, m, o.MidP)
	}
	if t.tails = tails; small {
		t.tails.greater, t.tails.less = tails.less, tails.greater
	}
	return t, nil
}
