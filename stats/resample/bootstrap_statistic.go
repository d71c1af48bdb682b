package resample

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/draws"
)

// BootstrapSample bootstraps any statistic of one sample; see Bootstrap.
//
// statistic is called from several goroutines, may reorder the slice it is
// given, must not keep it, and must return a finite number for every resample
// (an error names the first replicate where it does not). The studentized
// interval takes each replicate's standard error from a jackknife of the
// resample, which costs n more calls a replicate.
//
// It assumes a random sample and a statistic that is smooth in the data: the
// interval of a maximum is wrong at every n. It refuses fewer than two values,
// NaN, Inf, and a statistic that is not finite (ErrNotFinite) or beyond 1e152.
// Source: Efron (1987), doi 10.1080/01621459.1987.10478410; DiCiccio & Efron
// (1996), doi 10.1214/ss/1032280214. It agrees with R's boot::boot and
// boot.ci(type = "bca") on the same Indices.
func BootstrapSample(x []float64, statistic func([]float64) float64) (Boot, error) {
	return BootstrapSampleContext(context.Background(), x, statistic, BootOptions{})
}

// BootstrapSampleWith is BootstrapSample with options.
func BootstrapSampleWith(x []float64, statistic func([]float64) float64, opt BootOptions) (Boot, error) {
	return BootstrapSampleContext(context.Background(), x, statistic, opt)
}

// BootstrapSampleContext is BootstrapSampleWith that stops with the context's error.
func BootstrapSampleContext(ctx context.Context, x []float64, statistic func([]float64) float64, opt BootOptions) (Boot, error) {
	const fn = "BootstrapSample"
	if err := check.Sample(fn, "x", x, 2); err != nil {
		return Boot{}, err
	}
	return bootStatistic(ctx, fn, opt, func(s [][]float64) float64 { return statistic(s[0]) }, x)
}

// BootstrapStatistic bootstraps any statistic of two arms, such as a ratio of
// means or a difference in medians, resampling each arm by itself; see
// BootstrapSample for assumptions and refusals. Source: Davison & Hinkley (1997),
// doi 10.1017/CBO9780511802843, for several samples. It agrees with R's
// boot::boot(strata = arm).
func BootstrapStatistic(treated, control []float64, statistic func(treated, control []float64) float64) (Boot, error) {
	return BootstrapStatisticContext(context.Background(), treated, control, statistic, BootOptions{})
}

// BootstrapStatisticWith is BootstrapStatistic with options.
func BootstrapStatisticWith(treated, control []float64, statistic func(treated, control []float64) float64, opt BootOptions) (Boot, error) {
	return BootstrapStatisticContext(context.Background(), treated, control, statistic, opt)
}

// BootstrapStatisticContext is BootstrapStatisticWith that stops with the context's error.
func BootstrapStatisticContext(ctx context.Context, treated, control []float64, statistic func(treated, control []float64) float64, opt BootOptions) (Boot, error) {
	const fn = "BootstrapStatistic"
	if err := check.Sample(fn, "treated", treated, 2); err != nil {
		return Boot{}, err
	}
	if err := check.Sample(fn, "control", control, 2); err != nil {
		return Boot{}, err
	}
	return bootStatistic(ctx, fn, opt, func(s [][]float64) float64 { return statistic(s[0], s[1]) }, treated, control)
}

func bootStatistic(ctx context.Context, fn string, opt BootOptions, statistic func([][]float64) float64, samples ...[]float64) (Boot, error) {
	if err := checkIndices(fn, opt.Indices, samples); err != nil {
		return Boot{}, err
	}
	scratch := func() [][]float64 {
		out := make([][]float64, len(samples))
		for i, s := range samples {
			out[i] = make([]float64, len(s))
		}
		return out
	}
	b := Boot{Interval: opt.Interval, Seed: opt.Seed}
	work := scratch()
	for i, s := range samples {
		copy(work[i], s)
	}
	b.Value = statistic(work)
	if math.IsNaN(b.Value) || math.IsInf(b.Value, 0) {
		return Boot{}, &stats.SampleError{Func: fn, Arg: "statistic", Index: -1, Err: stats.ErrNotFinite, Info: fmt.Sprintf("%v for the data", b.Value)}
	}
	if math.Abs(b.Value) > check.TooLarge {
		return Boot{}, &stats.SampleError{Func: fn, Arg: "statistic", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%v, too large to square", b.Value)}
	}
	t := make([]float64, opt.Size())
	se := make([]float64, len(t))
	err := draws.InChunks(ctx, len(t), draws.Chunk, func(id, from, to int) {
		r := draws.New(opt.Seed, id)
		drawn, given := scratch(), scratch()
		for rep := from; rep < to && ctx.Err() == nil; rep++ {
			at := 0
			for i, s := range samples {
				for j := range s {
					k := 0
					if opt.Indices != nil {
						k = opt.Indices[rep][at+j]
					} else {
						k = int(r.Below(uint32(len(s))))
					}
					drawn[i][j] = s[k]
				}
				at += len(s)
				copy(given[i], drawn[i])
			}
			t[rep] = statistic(given)
			if opt.Interval == BootStudentized {
				_, se[rep] = jackknife(drawn, statistic)
			}
		}
	})
	if err != nil {
		return Boot{}, err
	}
	for i, x := range t {
		if math.IsNaN(x) || math.IsInf(x, 0) || math.IsNaN(se[i]) {
			return Boot{}, &stats.SampleError{Func: fn, Arg: "statistic", Index: -1, Err: stats.ErrNotFinite, Info: fmt.Sprintf("in replicate %d", i)}
		}
	}
	if slices.Min(t) == slices.Max(t) {
		return Boot{}, &stats.SampleError{Func: fn, Arg: "statistic", Index: -1, Err: stats.ErrNoVariation, Info: "equal in every replicate"}
	}
	b.setReplicates(t)
	switch opt.Interval {
	case BootBCa:
		influence, _ := jackknife(samples, statistic)
		return b, b.setBCa(fn, influence...)
	case BootStudentized:
		_, b.scale = jackknife(samples, statistic)
		if !(b.scale > 0) {
			return Boot{}, &stats.SampleError{Func: fn, Arg: "statistic", Index: -1, Err: stats.ErrNoVariation, Info: "its jackknife standard error is 0"}
		}
		b.studentize(t, se)
	case BootPercentile, BootBasic, BootNormal:
	default:
		panic("resample.BootOptions: no interval " + string(opt.Interval))
	}
	return b, nil
}

// jackknife returns the influence (n − 1)(mean of leave-one-out values −
// leave-one-out value) of every observation, by sample, and the standard error
// they give.
func jackknife(samples [][]float64, statistic func([][]float64) float64) (influence [][]float64, se float64) {
	given := make([][]float64, len(samples))
	var va float64
	for i, s := range samples {
		n := len(s)
		l := make([]float64, n)
		var mean float64
		for j := range s {
			for k := range samples {
				given[k] = slices.Clone(samples[k])
			}
			given[i] = slices.Delete(given[i], j, j+1)
			l[j] = statistic(given)
			mean += l[j] / float64(n)
		}
		for j := range l {
			l[j] = float64(n-1) * (mean - l[j])
			va += l[j] * l[j] / (float64(n) * float64(n-1))
		}
		influence = append(influence, l)
	}
	return influence, math.Sqrt(va)
}
