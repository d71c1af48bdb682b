package resample

import "math"

// approxANCOVA is the approxModel of PermutationANCOVA's |t|, which is
// |ΣA s|/√v with the scores s = resid − δ·contrast of the treated set A and
// v = |A| − |ΣA q|². With Q = ΣA q, m its mean and ε = Q − m, v varies little
// about its mean V, and |t| ≥ |t₀| is to second order
//
//	±ΣA s + |t₀|/√V·m·ε + ½|t₀|/√V·(|ε|² − E|ε|²) + ½|t₀|/V^3/2·(m·ε)² ≥ |t₀|√V:
//
// the sum of the scores ±s + |t₀|/√V·m·q, plus quadratic terms of which mean,
// variance and the third cumulant are taken in. (m is 0 in arms without blocks
// or further arms: t is then nearly a sum.)
type approxANCOVA struct {
	a0, v0          float64
	blocks          []approxBlock
	resid, contrast []float64   // of the blocks' participants, in their order
	lean            []float64   // m·q of each
	q               [][]float64 // the columns of q that vary, centered
	cov             [][]float64 // of their ε
	v               float64     // V
	leanCentered    []float64
	leanVar         float64 // of m·ε
}

// approxBlock has participants from…to − 1, of whom pick are treated.
type approxBlock struct{ from, to, pick int }

// newApproxANCOVA returns nil where v varies too much to be taken for its mean.
func newApproxANCOVA(m *permModel, blocks []labelBlock) *approxANCOVA {
	a := &approxANCOVA{a0: m.a0, v0: m.v0, v: -m.fixed}
	var rows []int
	for _, b := range blocks {
		a.blocks = append(a.blocks, approxBlock{len(rows), len(rows) + len(b.rows), b.pick})
		rows = append(rows, b.rows...)
		a.v += float64(b.pick)
	}
	a.lean = make([]float64, len(rows))
	column := func(j int) []float64 {
		c := make([]float64, len(rows))
		for k, i := range rows {
			c[k] = m.cells[i][j]
		}
		return c
	}
	a.resid, a.contrast = column(0), column(1)
	for j := 2; j < len(m.cells[0]); j++ {
		c := column(j)
		mean, centered := a.mean(c), a.centered(c)
		varied := dotFloats(c, centered)
		for i, x := range c {
			a.lean[i] += mean * x
		}
		a.v -= mean*mean + varied
		if varied > 1e-24 {
			a.q = append(a.q, centered)
			a.cov = append(a.cov, nil)
			for k, d := range a.q {
				v := dotFloats(c, d)
				a.cov[len(a.q)-1] = append(a.cov[len(a.q)-1], v)
				if k < len(a.q)-1 {
					a.cov[k] = append(a.cov[k], v)
				}
			}
		}
	}
	a.leanCentered = a.centered(a.lean)
	a.leanVar = max(0, dotFloats(a.lean, a.leanCentered))
	spread := 4 * a.leanVar // the variance of v
	for _, row := range a.cov {
		spread += 2 * dotFloats(row, row)
	}
	if !(a.v > 0) || spread > 0.02*a.v*a.v {
		return nil
	}
	return a
}

// mean is the expected sum of x over the treated.
func (a *approxANCOVA) mean(x []float64) float64 {
	var m float64
	for _, b := range a.blocks {
		var s float64
		for _, v := range x[b.from:b.to] {
			s += v
		}
		m += s * float64(b.pick) / float64(b.to-b.from)
	}
	return m
}

// centered is x about its blocks' means, so scaled that the sum of its products
// with y is the covariance of the sums of x and y over the treated.
func (a *approxANCOVA) centered(x []float64) []float64 {
	out := make([]float64, len(x))
	for _, b := range a.blocks {
		n, k := float64(b.to-b.from), float64(b.pick)
		if n < 2 {
			continue
		}
		var mean float64
		for _, v := range x[b.from:b.to] {
			mean += v / n
		}
		for i := b.from; i < b.to; i++ {
			out[i] = (x[i] - mean) * k * (n - k) / (n * (n - 1))
		}
	}
	return out
}

func (a *approxANCOVA) center() float64 { return a.a0 / a.v0 }
func (a *approxANCOVA) slope() float64  { return math.Sqrt(a.v0 * a.v) }

// unit: sums of residuals lie on no lattice.
func (a *approxANCOVA) unit(_, _ float64) float64 { return 0 }

func (a *approxANCOVA) bunched(delta, _ float64) bool {
	var blocks [][]float64
	var picks []int
	for _, b := range a.blocks {
		var v []float64
		for i := b.from; i < b.to; i++ {
			v = append(v, a.resid[i]-delta*a.contrast[i])
		}
		blocks, picks = append(blocks, v), append(picks, b.pick)
	}
	return bunched(blocks, picks, false, a.tails(delta, 0).sd, 0, bunchedFrom, bunchedWave)
}

func (a *approxANCOVA) tails(delta, _ float64) approxTails {
	dev := (a.a0 - delta*a.v0) / math.Sqrt(a.v0) * math.Sqrt(a.v)
	far := math.Abs(dev) / a.v // |t₀|/√V
	if a.leanVar > 1e-20 {
		up := a.side(1, delta, far)
		return approxTails{dev, up.sd, up, a.side(-1, delta, far)}
	}
	// m·ε is nothing: the scores of the two sides are each other's negatives.
	scores := make([]float64, len(a.resid))
	for i, r := range a.resid {
		scores[i] = r - delta*a.contrast[i]
	}
	mean, c := a.mean(scores), a.linear(scores)
	up, low := c, c
	low.k3, low.k5 = -c.k3, -c.k5
	own := a.quadratic(up, scores, far).tail(mean)
	return approxTails{dev, own.sd, own, a.quadratic(low, scores, far).tail(-mean)}
}

// side is the tail upwards (sign 1) or downwards (−1).
func (a *approxANCOVA) side(sign, delta, far float64) sumTail {
	scores := make([]float64, len(a.resid))
	for i, r := range a.resid {
		scores[i] = sign*(r-delta*a.contrast[i]) + far*a.lean[i]
	}
	mean := a.mean(scores) - far*a.mean(a.lean) + far/(2*a.v)*a.leanVar // ε = Q − m
	c := a.linear(scores)
	with := dotFloats(scores, a.leanCentered)
	c.k3 += 3 * far / a.v * with * with
	return a.quadratic(c, scores, far).tail(mean)
}

// linear are the cumulants of the sum of the scores.
func (a *approxANCOVA) linear(scores []float64) sumCumulants {
	var c sumCumulants
	for _, b := range a.blocks {
		c.add(drawnCumulants(scores[b.from:b.to], 0, 0, b.pick))
	}
	return c
}

// quadratic adds what ½|t₀|/√V·(|ε|² − E|ε|²) does to the sum of the scores.
func (a *approxANCOVA) quadratic(c sumCumulants, scores []float64, far float64) sumCumulants {
	for j, q := range a.q {
		with := dotFloats(scores, q)
		c.k3 += 3 * far * with * with
		c.k2 += far * far / 2 * dotFloats(a.cov[j], a.cov[j])
	}
	return c
}
