package resample

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// BootOptions are the choices in a bootstrap. The zero value is BCa from
// 10,000 replicates.
type BootOptions struct {
	Interval BootInterval
	// Replicates; 0 means 10,000, fewer than 100 panic.
	Replicates int
	// Seed of the resampling. The result depends on it and on nothing else.
	Seed uint64
	// Indices replaces random resampling: a row a replicate, holding the
	// positions (from 0) drawn from the sample, or, for two arms, those drawn
	// from the treated followed by those from the control. Nil: random.
	Indices [][]int
}

// Size is the number of replicates that the options ask for. It panics below 100.
func (o BootOptions) Size() int {
	switch {
	case o.Indices != nil:
		return len(o.Indices)
	case o.Replicates == 0:
		return 10_000
	case o.Replicates < 100:
		panic(fmt.Sprintf("resample.BootOptions.Size: %d bootstrap replicates, need 100", o.Replicates))
	}
	return o.Replicates
}

// Bootstrap estimates the difference in means with a nonparametric bootstrap
// interval: treated and control are resampled with replacement, each arm by
// itself, and the interval is BCa (bias-corrected and accelerated; Efron
// 1987, doi 10.1080/01621459.1987.10478410; acceleration from the jackknife influences of both arms).
//
// The interval assumes that each arm is a random sample of its population and
// holds its level only approximately, to second order in n: below about 20 an
// arm it is too narrow, and Permutation or Welch say more. On a grid the
// replicates are sums of whole numbers, so that ties are exact.
//
// It needs two values an arm and some variation (ErrNoVariation otherwise). R:
// boot::boot(strata = arm) with boot.ci(type = "bca"); SciPy:
// stats.bootstrap(method = "BCa").
func Bootstrap(treated, control []float64) (Boot, error) {
	return BootstrapContext(context.Background(), treated, control, BootOptions{})
}

// BootstrapWith is Bootstrap with options.
func BootstrapWith(treated, control []float64, opt BootOptions) (Boot, error) {
	return BootstrapContext(context.Background(), treated, control, opt)
}

// BootstrapContext is BootstrapWith that stops with the context's error.
func BootstrapContext(ctx context.Context, treated, control []float64, opt BootOptions) (Boot, error) {
	const fn = "Bootstrap"
	if err := check.Moments(fn, "treated", treated, 2); err != nil {
		return Boot{}, err
	}
	if err := check.Moments(fn, "control", control, 2); err != nil {
		return Boot{}, err
	}
	return bootMeans(ctx, fn, opt, treated, control)
}

// BootstrapMean is Bootstrap for the mean of one sample, such as one arm's
// change: x̄ with the BCa interval of 10,000 resamples. Approximate, as
// Bootstrap is; below about 20 values Mean says more. It refuses fewer than two
// values, NaN, Inf, values beyond 1e152 and values that do not vary.
// Source: Efron (1987), doi 10.1080/01621459.1987.10478410. It agrees with R's
// boot.ci(boot(x, function(x, i) mean(x[i]), 10000), type = "bca") up to the
// random resamples, and exactly where Indices are those of R.
func BootstrapMean(x []float64) (Boot, error) {
	return BootstrapMeanContext(context.Background(), x, BootOptions{})
}

// BootstrapMeanWith is BootstrapMean with options.
func BootstrapMeanWith(x []float64, opt BootOptions) (Boot, error) {
	return BootstrapMeanContext(context.Background(), x, opt)
}

// BootstrapMeanContext is BootstrapMeanWith that stops with the context's error.
func BootstrapMeanContext(ctx context.Context, x []float64, opt BootOptions) (Boot, error) {
	const fn = "BootstrapMean"
	if err := check.Moments(fn, "x", x, 2); err != nil {
		return Boot{}, err
	}
	return bootMeans(ctx, fn, opt, x)
}

// bootArm is one sample in units of its grid, about a center.
type bootArm struct {
	v    []float64
	sign float64
}

// bootMeans bootstraps the mean of one sample or the difference of two.
func bootMeans(ctx context.Context, fn string, opt BootOptions, samples ...[]float64) (Boot, error) {
	if err := checkIndices(fn, opt.Indices, samples); err != nil {
		return Boot{}, err
	}
	pooled := slices.Concat(samples...)
	w, step, grid := permGrid(pooled, true)
	center := slices.Min(pooled)
	if !grid {
		center = center/2 + slices.Max(pooled)/2
		w = pooled
		for i := range w {
			w[i] -= center
		}
	}
	arms := make([]bootArm, len(samples))
	at := 0
	for i, s := range samples {
		arms[i] = bootArm{v: w[at : at+len(s)], sign: 1 - 2*float64(i)}
		at += len(s)
	}
	shift := center
	if len(samples) == 2 {
		shift = 0 // the centers cancel
	}
	b := Boot{Interval: opt.Interval, Seed: opt.Seed}
	own := make([]bootSums, len(arms))
	influence := make([][]float64, len(arms))
	for i, a := range arms {
		for _, x := range a.v {
			own[i].s += x
			own[i].q += x * x
		}
		m := own[i].s / float64(len(a.v))
		influence[i] = make([]float64, len(a.v))
		for j, x := range a.v {
			influence[i][j] = a.sign * (x - m)
		}
	}
	value, scale := bootValue(arms, own, step)
	b.Value, b.scale = shift+value, scale
	if !(scale > 0) {
		return Boot{}, &stats.SampleError{Func: fn, Arg: "treated", Index: -1, Err: stats.ErrNoVariation, Info: "all values of each sample are equal"}
	}
	t := make([]float64, opt.Size())
	se := make([]float64, len(t))
	squares := opt.Interval == BootStudentized
	err := draws.InChunks(ctx, len(t), draws.Chunk, func(id, from, to int) {
		r := draws.New(opt.Seed, id)
		sums := make([]bootSums, len(arms))
		for rep := from; rep < to; rep++ {
			at := 0
			for i, a := range arms {
				switch {
				case opt.Indices != nil:
					sums[i] = bootSums{}
					for _, j := range opt.Indices[rep][at : at+len(a.v)] {
						sums[i].s += a.v[j]
						sums[i].q += a.v[j] * a.v[j]
					}
					at += len(a.v)
				case squares:
					sums[i] = sumsOf(r, a.v)
				default:
					sums[i].s = sumOf(r, a.v)
				}
			}
			var v float64
			v, se[rep] = bootValue(arms, sums, step)
			t[rep] = shift + v
		}
	})
	if err != nil {
		return Boot{}, err
	}
	b.setReplicates(t)
	switch opt.Interval {
	case BootBCa:
		return b, b.setBCa(fn, influence...)
	case BootStudentized:
		b.studentize(t, se)
	case BootPercentile, BootBasic, BootNormal:
	default:
		panic("resample.BootOptions: no interval " + string(opt.Interval))
	}
	return b, nil
}

// bootSums are a resample's sum and sum of squares.
type bootSums struct{ s, q float64 }

// bootValue is the mean or difference in means (less the center of one sample)
// and its standard error.
func bootValue(arms []bootArm, sums []bootSums, step permStep) (v, se float64) {
	var mean, va float64
	for i, a := range arms {
		n := float64(len(a.v))
		mean += a.sign * sums[i].s / n
		ss := sums[i].q - sums[i].s*sums[i].s/n
		if ss <= 1e-13*sums[i].q {
			ss = 0
		}
		va += ss / (n - 1) / n
	}
	return step.value(mean, 1), step.value(math.Sqrt(va), 1)
}

// sumOf is the sum of a resample of v.
func sumOf(r *draws.Rand, v []float64) float64 {
	var s float64
	n := uint64(len(v))
	size := draws.BatchSize(len(v))
	prod := uint64(1)
	for range size {
		prod *= n
	}
	i := 0
	for i+size <= len(v) {
		lo := r.Src.Uint64()
		var part float64
		for range size {
			var j uint64
			j, lo = bits.Mul64(lo, n)
			part += v[j]
		}
		if lo < prod && lo < -prod%prod {
			continue // a draw that would be biased: again
		}
		s += part
		i += size
	}
	for ; i < len(v); i++ {
		s += v[r.Below(uint32(n))]
	}
	return s
}

// sumsOf is sumOf with the squares.
func sumsOf(r *draws.Rand, v []float64) bootSums {
	var s bootSums
	for range v {
		x := v[r.Below(uint32(len(v)))]
		s.s += x
		s.q += x * x
	}
	return s
}

// studentize replaces the replicates by their studentized deviations. One
// without variation deviates by 0 or infinitely.
func (b *Boot) studentize(t, se []float64) {
	flat := 0
	for i, x := range t {
		d := x - b.Value
		switch {
		case se[i] > 0:
			b.sorted[i] = d / se[i]
		case d == 0:
			b.sorted[i] = 0
			flat++
		default:
			b.sorted[i] = math.Copysign(math.Inf(1), d)
			flat++
		}
	}
	slices.Sort(b.sorted)
	if flat > 0 {
		b.Notes = append(b.Notes, stats.Note{Code: NoteBootFlat, Args: map[string]any{"replicates": flat}})
	}
}

// NoteBootFlat: in some replicates the standard error is zero; their
// studentized deviation counts as infinite. Args: replicates.
const NoteBootFlat = "bootstrap-no-variation"

// checkIndices checks fixed resampling indices.
func checkIndices(fn string, idx [][]int, samples [][]float64) error {
	if idx == nil {
		return nil
	}
	if len(idx) < 2 {
		return &stats.SampleError{Func: fn, Arg: "Indices", Index: -1, Err: stats.ErrTooFew, Info: fmt.Sprintf("%d replicates", len(idx))}
	}
	total := 0
	for _, s := range samples {
		total += len(s)
	}
	for i, row := range idx {
		if len(row) != total {
			return &stats.SampleError{Func: fn, Arg: "Indices", Index: i, Err: stats.ErrLength, Info: fmt.Sprintf("%d positions, %d values", len(row), total)}
		}
		at := 0
		for _, s := range samples {
			for _, j := range row[at : at+len(s)] {
				if j < 0 || j >= len(s) {
					return &stats.SampleError{Func: fn, Arg: "Indices", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("position %d of %d", j, len(s))}
				}
			}
			at += len(s)
		}
	}
	return nil
}
