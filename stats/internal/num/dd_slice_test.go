package num

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func bigDD(a DD) *big.Float {
	f := new(big.Float).SetPrec(400).SetFloat64(a.Hi)
	return f.Add(f, new(big.Float).SetFloat64(a.Lo))
}

// Slices against 400-bit arithmetic.
func TestSlicesOfDDKeepTheirDigits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	a, b := make([]DD, 1003), make([]DD, 1003)
	for i := range a {
		a[i] = ToDD(r.NormFloat64()).Div(ToDD(3))
		b[i] = ToDD(r.NormFloat64() * math.Exp(3*r.NormFloat64())).Div(ToDD(7))
	}
	want, size := new(big.Float).SetPrec(400), 0.0
	for i := range a {
		p := new(big.Float).SetPrec(400).Mul(bigDD(a[i]), bigDD(b[i]))
		want.Add(want, p)
		x, _ := p.Float64()
		size += math.Abs(x)
	}
	off, _ := new(big.Float).Sub(bigDD(DotDD(a, b)), want).Float64()
	assert.Less(t, math.Abs(off), 1e-30*size)

	d := ToDD(math.Pi).Div(ToDD(11))
	c := append([]DD(nil), a...)
	AddScaledDD(c, d, b)
	for i := range c {
		p := new(big.Float).SetPrec(400).Mul(bigDD(d), bigDD(b[i]))
		x, _ := p.Float64()
		p.Add(p, bigDD(a[i]))
		off, _ := new(big.Float).Sub(bigDD(c[i]), p).Float64()
		assert.Less(t, math.Abs(off), 1e-30*(math.Abs(a[i].Hi)+math.Abs(x)))

		w := math.Abs(b[i].Hi)
		root := new(big.Float).SetPrec(400).Sqrt(new(big.Float).SetPrec(400).SetFloat64(w))
		off, _ = new(big.Float).Sub(bigDD(SqrtDD(w)), root).Float64()
		assert.Less(t, math.Abs(off), 1e-31*math.Sqrt(w))
	}
	assert.Zero(t, SqrtDD(0))
}
