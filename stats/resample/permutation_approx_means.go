package resample

import (
	"math"
)

// approxMeans is the approxModel of sums: of the arm "treated" drawn within
// blocks, or of differences that keep their sign.
type approxMeans struct {
	blocks   []permScores
	signs    bool // of differences, one block
	grid     bool // scores are whole numbers
	common   float64
	obs, e0  float64
	kobs, ke float64
}

func newApproxMeans(blocks []permScores, grid, signs bool, obs, e0, kobs, ke float64) *approxMeans {
	m := &approxMeans{blocks: blocks, grid: grid, signs: signs, obs: obs, e0: e0, kobs: kobs, ke: ke}
	if grid {
		for _, b := range blocks {
			if !signs && (b.nt == 0 || b.nt == b.n()) {
				continue
			}
			for i, x := range b.v {
				first := b.v[0]
				if i >= b.nt {
					first = b.v[b.nt]
				}
				m.common = gcdFloat(m.common, math.Abs(x-first))
			}
		}
	}
	return m
}

func (m *approxMeans) center() float64 { return (m.obs - m.e0) / (m.kobs - m.ke) }
func (m *approxMeans) slope() float64  { return m.kobs - m.ke }

func (m *approxMeans) tails(delta, h float64) approxTails {
	var c sumCumulants
	for _, b := range m.blocks {
		if m.signs {
			c.add(signedCumulants(b.v, delta))
		} else {
			c.add(drawnCumulants(b.v, b.nt, delta, b.nt))
		}
	}
	c.cell(h)
	up := c.tail(0)
	return approxTails{m.obs - m.e0 - delta*(m.kobs-m.ke), up.sd, up, up.mirrored()}
}

// size is the number of values.
func (m *approxMeans) size() int {
	n := 0
	for _, b := range m.blocks {
		n += b.n()
	}
	return n
}

func (m *approxMeans) bunched(delta, h float64) bool {
	blocks, picks := make([][]float64, len(m.blocks)), make([]int, len(m.blocks))
	all := make([]float64, 0, m.size())
	for i, b := range m.blocks {
		all = append(all, b.v...)
		blocks[i], picks[i] = all[len(all)-b.n():], b.nt
		for k := range b.nt {
			blocks[i][k] -= delta
		}
	}
	return bunched(blocks, picks, m.signs, m.tails(delta, 0).sd, h, bunchedFrom, bunchedWave)
}

// unit is the largest number of which all differences between values that can
// change places are multiples.
func (m *approxMeans) unit(j, den float64) float64 {
	if !m.grid {
		return 0
	}
	u := m.common * den
	for _, b := range m.blocks {
		switch {
		case m.signs:
			u = gcdFloat(u, math.Abs(b.v[0]*den-j))
		case b.nt > 0 && b.nt < b.n():
			u = gcdFloat(u, math.Abs((b.v[0]-b.v[b.nt])*den-j))
		}
	}
	return u / den
}
