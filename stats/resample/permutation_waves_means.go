package resample

import (
	"context"
	"math"
	"math/cmplx"
)

// wavedMeans is the approxModel of sums drawn within blocks, whose tails come
// from their characteristic function φ, which is computed exactly:
//
//	P(S ≥ x) = ½ + 1/π ∫ Im(φ(t) e^{−itx}) dt/t
//
// (Gil-Pelaez 1951), by the midpoint rule (Davies 1973), whose step is so small
// that sums beyond its period have next to no chance. On a lattice of step h, with x midway
// between its points, (h/2)/sin(th/2) takes the place of 1/t, the integral ends at π/h, and
// nothing is left out.
type wavedMeans struct {
	*approxMeans
	end   float64 // frequencies beyond are left out
	full  bool    // on a lattice none are
	short bool    // the lattice's step is short beside the standard deviation
	ctx   context.Context
}

const (
	// waveFrom is where the characteristic function of a smooth sum is gone, times
	// the sum's standard deviation without outliers, and waveTo where waves are too
	// short to matter.
	waveFrom, waveTo = 20, 630
	// waveSmall is the size from which on a wave is no longer left out, up to waveFrom, and in
	// proportion beyond: it changes no p by more than a hundredth of approxFixed.
	waveSmall = 3e-4
	// waveEqual is the largest chance, on average, that arrangements equal each
	// other off any grid: a p of 0.05 of which as many as that tie with the trial changes by
	// half that.
	waveEqual = 1e-3
	// waveNodes is the most frequencies looked at.
	waveNodes = 20_000
)

// newWavedMeans returns nil where sums off any grid tie, or frequencies are too many.
func newWavedMeans(ctx context.Context, m *approxMeans) *wavedMeans {
	w := &wavedMeans{approxMeans: m, ctx: ctx}
	mid := m.center()
	own := w.sum(mid)
	if !(own.bulk > 0) {
		return nil
	}
	se := own.sd / math.Abs(m.slope())
	// Waves of the bulk are wider than step, whatever the outliers do meanwhile.
	top, step := waveTo/own.bulk, 0.5/own.bulk
	last, equal := 0.0, 0.0 // the highest frequency that matters, and how often sums are nearly equal
	look := func(delta float64) {
		sum := 0.0
		w.sum(delta).scan(ctx, step, top, waveSmall, waveFrom/own.bulk, func(t float64, z complex128) {
			size := cmplx.Abs(z)
			if t > last && size > waveSmall*math.Max(1, t*own.bulk/waveFrom) {
				last = t
			}
			if t*own.bulk > waveFrom {
				sum += size * size
			}
		})
		equal = math.Max(equal, sum*step/(top-waveFrom/own.bulk))
	}
	look(0)
	looks, every := approxLooks, approxLook
	if m.grid {
		looks, every = 2, 1.25
	}
	for k := -looks; k <= looks; k++ {
		look(mid + every*float64(k)*se)
	}
	if equal > waveEqual {
		if !m.grid {
			return nil
		}
		w.full = true
	}
	w.short = !w.full && m.unit(0, 1) < approxFine*own.bulk
	w.end = math.Min(top, 1.4*last+10/own.bulk)
	if h := m.unit(0, 1); w.full && h > 0 {
		top = math.Pi / h
	} else {
		top = w.end
	}
	if top*own.spread() > waveNodes*math.Pi {
		return nil
	}
	return w
}

// unit leaves out ties under fractions of a step that is short itself.
func (m *wavedMeans) unit(j, den float64) float64 {
	if den > 1 && m.short {
		return 0
	}
	return m.approxMeans.unit(j, den)
}

// sum is the distribution of the deviations under δ.
func (m *wavedMeans) sum(delta float64) *drawnSum {
	var v []float64
	var sizes, picks []int
	for _, b := range m.blocks {
		at := len(v)
		v = append(v, b.v...)
		for i := range b.nt {
			v[at+i] -= delta
		}
		sizes, picks = append(sizes, b.n()), append(picks, b.nt)
	}
	return newDrawnSum(v, sizes, picks)
}

func (m *wavedMeans) tails(delta, h float64) approxTails {
	s := m.sum(delta)
	dev := m.obs - m.e0 - delta*(m.kobs-m.ke)
	far := s.spread()
	up := wavedTail{far: far}
	if math.Abs(dev)-h < far {
		period := far + math.Min(math.Abs(dev)+2*h, far)
		end := m.end
		if h > 0 { // a whole number of steps to the lattice's period
			period = h * math.Ceil(period/h)
			if end = math.Pi / h; !m.full {
				end = math.Min(end, m.end)
			}
		}
		step := 2 * math.Pi / period
		end = math.Min(end, 4*waveNodes*step)
		s.waves(m.ctx, step, end, func(j int, t float64, z complex128) {
			damp := 1 / (math.Pi * (float64(j) + 0.5))
			if a := t * h / 2; a > 0 {
				damp *= a / math.Sin(a)
			}
			if h == 0 || end < math.Pi/h {
				damp *= math.Exp(-math.Pow(t/end, 8))
			}
			up.t, up.z = append(up.t, t), append(up.z, z*complex(damp, 0))
		})
	}
	low := up
	low.turned = true
	return approxTails{dev, s.sd, up, low}
}

// wavedTail is the tail of a sum with its characteristic function z at
// frequencies t.
type wavedTail struct {
	t      []float64
	z      []complex128
	far    float64
	turned bool // of the sum with its sign turned
}

func (w wavedTail) beyond(x float64) float64 {
	if math.Abs(x) >= w.far {
		return (1 - math.Copysign(1, x)) / 2
	}
	p := 0.5
	for i, t := range w.t {
		sin, cos := math.Sincos(t * x)
		im := imag(w.z[i])
		if w.turned {
			im = -im
		}
		p += im*cos - real(w.z[i])*sin
	}
	return p
}

func (m *wavedMeans) under(ctx context.Context) approxModel {
	c := *m
	c.ctx = ctx
	return &c
}
