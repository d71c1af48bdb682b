package resample

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// NotePermApprox: p and interval of a permutation test come from a series in
// the first six cumulants of the permutation distribution, not from counting.
// Args: error and share, the most by which p may be off: error + share·p.
const NotePermApprox = "permutation-approximate"

func approxNote() stats.Note {
	return stats.Note{Code: NotePermApprox, Args: map[string]any{"error": approxFixed, "share": approxShare}}
}

// approxTails are the approximate tails of an arrangement's deviation from its
// expectation, upwards and downwards, beside the deviation of the trial.
type approxTails struct {
	dev     float64
	sd      float64
	up, low approxTail
}

// approxTail gives the chance of a deviation of at least x.
type approxTail interface{ beyond(x float64) float64 }

// approxModel is what approxTest knows of the arrangements. δ is in steps.
type approxModel interface {
	// tails is the distribution of deviations under δ, spread over cells of
	// width h where deviations lie on a lattice with that step.
	tails(delta, h float64) approxTails
	// unit is the step of the lattice under δ = j/m, 0 where there is none.
	unit(j, m float64) float64
	// center is the δ at which the trial does not deviate, slope the change of
	// its deviation with −δ.
	center() float64
	slope() float64
}

// seriesModel is an approxModel whose tails are sumTails.
type seriesModel interface {
	approxModel
	// bunched reports whether deviations under δ bunch otherwise than on the
	// lattice, so that no smooth curve is near.
	bunched(delta, h float64) bool
}

// approxTest is a permutation test whose tails are approximated. Under most δ
// hardly two arrangements deviate alike, and the tails are smooth in δ. Where δ
// is a whole number of steps or a simple fraction of one, many arrangements tie
// with the trial, and count as at least as far: there the tails are those of a
// lattice. (Close by, within a few hundredths of a step, they nearly tie, and p
// may be off by half the chance of a tie more.) To be a test of its own and not a curve with spikes, a p-value is
// never below one farther out (an exact one never is): so the accepted set is
// an interval, and p-value and interval agree.
type approxTest struct {
	approxModel
	step  permStep
	least float64 // the share of the trial's own arrangement
	steps float64 // that small p-values are given in
	ctx   context.Context
}

// approxFractions is the largest denominator of a δ that counts as a simple
// fraction of a step; ties under others change p by less than a tenth of what
// they do under whole ones.
const approxFractions = 10

func (t *approxTest) under(ctx context.Context) permTest {
	c := *t
	c.ctx = ctx
	if w, ok := c.approxModel.(*wavedMeans); ok {
		c.approxModel = w.under(ctx)
	}
	return &c
}

// newApproxTest returns the test where its error is as stated, or nil.
func newApproxTest(m seriesModel, step permStep, arrangements float64) *approxTest {
	t := &approxTest{approxModel: m, step: step, least: 1 / arrangements}
	mid := m.center()
	se := m.tails(mid, 0).sd / math.Abs(m.slope())
	if !(se > 0) {
		return nil
	}
	for _, delta := range []float64{mid, 0, mid - 2.5*se, mid + 2.5*se} {
		h := m.unit(math.Round(delta), 1)
		a := m.tails(delta, h)
		up, low := a.up.(sumTail), a.low.(sumTail)
		if !(a.sd > 0) || !up.trusted() || !low.trusted() || m.bunched(delta, h) {
			return nil
		}
	}
	means, ok := m.(*approxMeans)
	if !ok || m.unit(0, 1) > approxFine*m.tails(mid, 0).sd || means.size() > approxLooked {
		return t
	}
	// A shift can bring the values of both arms onto one lattice, as with whole
	// numbers but for one, and a wave lasts for at least a third of se. The more
	// participants, the shorter it is beside the sum's standard deviation.
	for k := -approxLooks; k <= approxLooks; k++ {
		if m.bunched(mid+approxLook*float64(k)*se, 0) {
			return nil
		}
	}
	return t
}

// Shifts at which waves are looked for: so many to either side of the estimate,
// in steps of so many standard errors, up to so many participants.
const (
	approxLooks  = 10
	approxLook   = 0.33
	approxFine   = 0.01 // a lattice with finer steps, of standard deviations, is none for waves
	approxLooked = 2000
)

// onLattice is the two-sided p-value where deviations lie on a lattice of step h.
func (t *approxTest) onLattice(delta, h float64) float64 {
	a := t.tails(delta, h)
	x := math.Abs(a.dev)
	if x <= 1e-9*h {
		return 1
	}
	// The trial is on the lattice; the next point as far on the other side:
	far := math.Ceil(2*x/h-1e-9)*h - x
	if a.dev > 0 {
		return t.resolved(a.up.beyond(x-h/2) + a.low.beyond(far-h/2))
	}
	return t.resolved(a.low.beyond(x-h/2) + a.up.beyond(far-h/2))
}

// resolved rounds a small p up to the steps that its computation resolves: digits
// beyond are rounding's and differ between processors.
func (t *approxTest) resolved(p float64) float64 {
	if t.steps > 0 && p < 10*approxFixed {
		return math.Max(1, math.Ceil(p/t.steps)) / (1 / t.steps)
	}
	return p
}

func (t *approxTest) smooth(delta float64) float64 {
	a := t.tails(delta, 0)
	x := math.Abs(a.dev)
	return t.resolved(a.up.beyond(x) + a.low.beyond(x))
}

// tied calls f for each simple fraction j/m at or beyond null in the direction
// of sign whose ties can reach it, with its lattice.
func (t *approxTest) tied(null, sign float64, f func(j, m, h float64)) {
	delta := t.step.steps(null)
	for m := 1.0; m <= approxFractions; m++ {
		j := math.Round(delta * m)
		if sign*(t.step.value(j, m)-null) < 0 {
			j += sign
		}
		if m > 1 && gcdFloat(math.Abs(j), m) != 1 {
			continue // met with a smaller m
		}
		if h := t.unit(j, m); h > 0 && math.Abs((j/m-delta)*t.slope()) <= h {
			f(j, m, h)
		}
	}
}

func (t *approxTest) two(null float64) float64 {
	delta := t.step.steps(null)
	if delta == t.center() {
		return 1
	}
	p := t.smooth(delta)
	t.tied(null, math.Copysign(1, delta-t.center()), func(j, m, h float64) { p = math.Max(p, t.onLattice(j/m, h)) })
	return math.Min(1, math.Max(p, t.least))
}

// tailsAt are the tails under null, on its lattice where it is a simple
// fraction of a step.
func (t *approxTest) tailsAt(null float64) (a approxTails, h float64) {
	delta := t.step.steps(null)
	for m := 1.0; m <= approxFractions; m++ {
		if j := math.Round(delta * m); t.step.value(j, m) == null {
			h = t.unit(j, m)
			return t.tails(j/m, h), h
		}
	}
	return t.tails(delta, 0), 0
}

func (t *approxTest) greater(null float64) float64 {
	a, h := t.tailsAt(null)
	p := a.up.beyond(a.dev - h/2)
	if a.dev < 0 {
		p = 1 - a.low.beyond(-a.dev+h/2)
	}
	return math.Min(1, math.Max(t.resolved(p), t.least))
}

func (t *approxTest) less(null float64) float64 {
	a, h := t.tailsAt(null)
	p := a.low.beyond(-a.dev - h/2)
	if a.dev > 0 {
		p = 1 - a.up.beyond(a.dev+h/2)
	}
	return math.Min(1, math.Max(t.resolved(p), t.least))
}

func (t *approxTest) ends(alpha float64) (lo, hi float64) {
	return t.end(alpha, -1), t.end(alpha, 1)
}

// end is the outermost accepted δ: the root of the smooth p-value, or a tie
// just beyond it.
func (t *approxTest) end(alpha, sign float64) float64 {
	if math.Max(2*t.least, t.steps) >= alpha { // no p is smaller
		return sign * math.Inf(1)
	}
	mid := t.center()
	c := curve{p: t.smooth, mid: mid, se: t.tails(mid, 0).sd / math.Abs(t.slope()), ctx: t.ctx}
	if w, ok := t.approxModel.(*wavedMeans); ok {
		c.guide = (&approxTest{approxModel: w.approxMeans}).smooth
	}
	in, out := c.crossing(alpha, sign)
	if math.IsInf(in, 0) {
		return in
	}
	end := t.step.value(in, 1)
	t.tied(t.step.value(out, 1), sign, func(j, m, h float64) {
		if v := t.step.value(j, m); sign*(v-end) > 0 && t.onLattice(j/m, h) >= alpha {
			end = v
		}
	})
	return end
}
