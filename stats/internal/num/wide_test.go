package num

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestWideEqualsBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 1000 {
		a, b, c := rng.Uint64(), rng.Uint64(), rng.Int64()>>1
		w := Wide{}.AddMul(a, b>>2).AddSquare(-c)
		x := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b>>2))
		x.Add(x, new(big.Int).Mul(big.NewInt(c), big.NewInt(c)))
		want, _ := new(big.Float).SetInt(x).Float64()
		if got := w.Float(); got < want*(1-1e-15) || got > want*(1+1e-15) {
			t.Fatalf("%v·%v + %v²: %v, want %v", a, b, c, got, want)
		}
		if d := w.Sub(w); d != (Wide{}) {
			t.Fatalf("w − w = %v", d)
		}
		m := Wide{}.AddMul(a>>20, b>>20).Mul(1000)
		x.Mul(new(big.Int).SetUint64(a>>20), new(big.Int).SetUint64(b>>20))
		x.Mul(x, big.NewInt(1000))
		if want, _ = new(big.Float).SetInt(x).Float64(); m.Float() < want*(1-1e-15) || m.Float() > want*(1+1e-15) {
			t.Fatalf("%v·%v·1000: %v, want %v", a>>20, b>>20, m.Float(), want)
		}
	}
}
