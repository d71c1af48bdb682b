package stats

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
	m       *permModel
	blocks  []labelBlock
	mean    []float64   // m
	cov     [][]float64 // of ε
	lean    []float64   // m·q of each participant
	v       float64     // V
	leanVar float64     // of m·ε
	buf     []float64
}

// newApproxANCOVA returns nil where v varies too much to be taken for its mean.
func newApproxANCOVA(m *permModel, blocks []labelBlock) *approxANCOVA {
	d := len(m.cells[0]) - 2
	a := &approxANCOVA{m: m, blocks: blocks, mean: make([]float64, d), cov: make([][]float64, d), lean: make([]float64, len(m.cells))}
	for j := range d {
		a.cov[j] = make([]float64, d)
		for _, b := range blocks {
			a.mean[j] += float64(b.pick) * blockMean(b, a.column(2+j))
		}
	}
	for _, b := range blocks {
		a.v += float64(b.pick)
	}
	for j := range d {
		for k := range j + 1 {
			c := a.covariance(a.column(2+j), a.column(2+k))
			a.cov[j][k], a.cov[k][j] = c, c
		}
		a.v -= a.mean[j]*a.mean[j] + a.cov[j][j]
	}
	for i, row := range m.cells {
		a.lean[i] = dotFloats(a.mean, row[2:])
	}
	var spread float64 // of v
	for j, row := range a.cov {
		for k, c := range row {
			a.leanVar += a.mean[j] * a.mean[k] * c
			spread += 2 * c * c
		}
	}
	if spread += 4 * a.leanVar; !(a.v > 0) || spread > 0.02*a.v*a.v {
		return nil
	}
	return a
}

// column reads the participants' j-th cell.
func (a *approxANCOVA) column(j int) func(i int) float64 {
	return func(i int) float64 { return a.m.cells[i][j] }
}

func blockMean(b labelBlock, x func(i int) float64) float64 {
	var s float64
	for _, i := range b.rows {
		s += x(i)
	}
	return s / float64(len(b.rows))
}

// covariance is that of the sums of x and y over the treated.
func (a *approxANCOVA) covariance(x, y func(i int) float64) float64 {
	var c float64
	for _, b := range a.blocks {
		n, k := float64(len(b.rows)), float64(b.pick)
		if n < 2 {
			continue
		}
		mx, my, s := blockMean(b, x), blockMean(b, y), 0.0
		for _, i := range b.rows {
			s += (x(i) - mx) * (y(i) - my)
		}
		c += s * k * (n - k) / (n * (n - 1))
	}
	return c
}

func (a *approxANCOVA) center() float64 { return a.m.a0 / a.m.v0 }
func (a *approxANCOVA) slope() float64  { return math.Sqrt(a.m.v0 * a.v) }

// unit: sums of residuals lie on no lattice.
func (a *approxANCOVA) unit(_, _ float64) float64 { return 0 }

func (a *approxANCOVA) tails(delta, _ float64) approxTails {
	dev := (a.m.a0 - delta*a.m.v0) / math.Sqrt(a.m.v0) * math.Sqrt(a.v)
	side := func(sign float64) sumTail {
		far := math.Abs(dev) / a.v // |t₀|/√V
		score := func(i int) float64 {
			row := a.m.cells[i]
			return sign*(row[0]-delta*row[1]) + far*a.lean[i]
		}
		var c sumCumulants
		var mean float64
		for _, b := range a.blocks {
			a.buf = a.buf[:0]
			for _, i := range b.rows {
				a.buf = append(a.buf, score(i))
			}
			c.add(drawnCumulants(a.buf, b.pick))
			mean += float64(b.pick) * blockMean(b, score)
		}
		mean += far / (2 * a.v) * a.leanVar
		for j, m := range a.mean {
			mean -= far * m * m // ε = Q − m
			with := a.covariance(score, a.column(2+j))
			c.k3 += 3 * far * with * with
			for _, cov := range a.cov[j] {
				c.k2 += far * far / 2 * cov * cov
			}
		}
		if a.leanVar > 0 {
			with := a.covariance(score, func(i int) float64 { return a.lean[i] })
			c.k3 += 3 * far / a.v * with * with
		}
		t := c.tail()
		t.mean = mean
		return t
	}
	return approxTails{dev, side(1), side(-1)}
}
