package simulate

import (
	"math"
	"math/bits"
)

// stream holds the random numbers of one trial: xoshiro256++ (Blackman & Vigna 2021,
// doi 10.1145/3460772), whose 256 bits of state are SplitMix64's (Steele, Lea & Flood
// 2014, doi 10.1145/2660193.2660195) for the seed and the trial's number. Any trial can
// be drawn without those before it: which core, shard or machine draws it changes
// nothing. That two of 10⁹ trials overlap has a probability below 10⁻⁵⁰.
type stream struct{ a, b, c, d uint64 }

// newStream is the stream of a trial.
func newStream(seed, trial uint64) stream {
	z := mix(seed) ^ mix(trial+0x632be59bd9b4e019)
	next := func() uint64 { z += 0x9e3779b97f4a7c15; return mix(z) }
	return stream{next(), next(), next(), next()}
}

// mix is SplitMix64's finalizer.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *stream) next() uint64 {
	u := bits.RotateLeft64(s.a+s.d, 23) + s.a
	t := s.b << 17
	s.c ^= s.a
	s.d ^= s.b
	s.b ^= s.c
	s.a ^= s.d
	s.c ^= t
	s.d = bits.RotateLeft64(s.d, 45)
	return u
}

// uniform is in [0, 1), in steps of 2⁻⁵³.
func (s *stream) uniform() float64 { return float64(int64(s.next()>>11)) * 0x1p-53 }

// open is in (0, 1).
func (s *stream) open() float64 { return (float64(int64(s.next()>>12)) + 0.5) * 0x1p-52 }

// The ziggurat of Marsaglia & Tsang (2000, doi 10.18637/jss.v005.i08): the half of the
// normal curve under 256 layers of one area. A layer is found in 8 bits and the point in
// it in 53 others of the same 64, which keeps the two independent (Doornik's objection to
// the original with 32).
const layers = 256

type ziggurat struct {
	keep  [layers]uint64  // points below this of 2⁵³ are under the curve
	width [layers]float64 // of a layer, over 2⁵³
	edge  [layers + 1]float64
	curve [layers + 1]float64 // exp(−x²/2) at the edges
}

var normalLayers = newZiggurat()

// newZiggurat finds the edge of the lowest layer at which 256 of one area end at the
// curve's top.
func newZiggurat() *ziggurat {
	area := func(r float64) float64 {
		return r*math.Exp(-r*r/2) + math.Sqrt(math.Pi/2)*math.Erfc(r/math.Sqrt2)
	}
	top := func(r float64) float64 { // above 1: the layers are too thick
		v, x := area(r), r
		y := math.Exp(-r * r / 2)
		for range layers - 2 {
			if y += v / x; y >= 1 {
				return 2
			}
			x = math.Sqrt(-2 * math.Log(y))
		}
		return y + v/x
	}
	lo, hi := 3.0, 4.0
	for range 200 {
		if r := (lo + hi) / 2; top(r) > 1 {
			lo = r
		} else {
			hi = r
		}
	}
	z, r := &ziggurat{}, hi
	v := area(r)
	z.edge[0], z.edge[1] = v/math.Exp(-r*r/2), r
	for i := 2; i < layers; i++ {
		x := z.edge[i-1]
		z.edge[i] = math.Sqrt(-2 * math.Log(v/x+math.Exp(-x*x/2)))
	}
	for i := range z.curve {
		z.curve[i] = math.Exp(-z.edge[i] * z.edge[i] / 2)
	}
	for i := range z.keep {
		z.width[i] = z.edge[i] * 0x1p-53
		z.keep[i] = uint64(z.edge[i+1] / z.edge[i] * 0x1p53)
	}
	return z
}

// normal is a standard normal number.
func (s *stream) normal() float64 {
	u := s.next()
	i := u & (layers - 1)
	j := u >> 11
	x := float64(int64(j)) * normalLayers.width[i]
	if j >= normalLayers.keep[i] {
		x = s.wedge(int(i), x)
	}
	return math.Float64frombits(math.Float64bits(x) | u<<55&(1<<63))
}

// wedge decides about a point beyond what lies under the curve for certain, and draws
// again where it does not.
func (s *stream) wedge(i int, x float64) float64 {
	z := normalLayers
	for {
		if i == 0 { // the tail, by Marsaglia 1964, doi 10.1080/00401706.1964.10490150
			r := z.edge[1]
			for {
				x := -math.Log(s.open()) / r
				if y := -math.Log(s.open()); 2*y > x*x {
					return r + x
				}
			}
		}
		if y := z.curve[i] + s.uniform()*(z.curve[i+1]-z.curve[i]); y < math.Exp(-x*x/2) {
			return x
		}
		u := s.next()
		i = int(u & (layers - 1))
		j := u >> 11
		if x = float64(int64(j)) * z.width[i]; j < z.keep[i] {
			return x
		}
	}
}

// normals fills dst with standard normal numbers. The state stays in registers but for
// the one draw in a hundred that a layer does not decide.
func (s *stream) normals(dst []float64) {
	z := normalLayers
	a, b, c, d := s.a, s.b, s.c, s.d
	for k := range dst {
		u := bits.RotateLeft64(a+d, 23) + a
		t := b << 17
		c ^= a
		d ^= b
		b ^= c
		a ^= d
		c ^= t
		d = bits.RotateLeft64(d, 45)
		i := u & (layers - 1)
		j := u >> 11
		x := float64(int64(j)) * z.width[i]
		if j >= z.keep[i] {
			*s = stream{a, b, c, d}
			x = s.wedge(int(i), x)
			a, b, c, d = s.a, s.b, s.c, s.d
		}
		dst[k] = math.Float64frombits(math.Float64bits(x) | u<<55&(1<<63))
	}
	*s = stream{a, b, c, d}
}
