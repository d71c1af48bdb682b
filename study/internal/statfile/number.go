package statfile

import (
	"math"
	"strconv"
	"strings"
)

// printer writes the texts of cells: many into one piece of memory, from which
// the strings are cut. Each worker has its own. The memos are made when they
// are first asked for.
type printer struct {
	arena   strings.Builder
	set     *charset
	seen    seen
	numbers *[memoSize]memo
	moments *[memoSize]moment
	floats  *[memoSize]memo // of float32
	shorts  *[memoSize]shortMemo
	scratch []byte
}

// memo keeps the text of a value that was written before: columns repeat few
// values.
type memo struct {
	bits uint64
	text string
}

const (
	memoSize   = 1 << 10
	arenaFirst = 1 << 10
	arenaSize  = 1 << 16
)

// slot is where the memo of a value lies.
func slot(bits uint64) uint64 { return bits * 0x9e3779b97f4a7c15 >> 54 }

// keep copies a text into the arena.
func (p *printer) keep(b []byte) string {
	if p.arena.Cap()-p.arena.Len() < len(b) {
		size := min(arenaSize, max(arenaFirst, 4*p.arena.Cap()))
		p.arena = strings.Builder{}
		p.arena.Grow(max(size, len(b)))
	}
	at := p.arena.Len()
	p.arena.Write(b)
	return p.arena.String()[at:]
}

// number is the shortest decimal that gives x, which is finite.
func (p *printer) number(x float64) string {
	if p.numbers == nil {
		p.numbers = new([memoSize]memo)
	}
	bits := math.Float64bits(x)
	m := &p.numbers[slot(bits)]
	if m.bits != bits || m.text == "" {
		p.scratch = appendNumber(p.scratch[:0], x)
		m.bits, m.text = bits, p.keep(p.scratch)
	}
	return m.text
}

var tens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6}

// appendNumber writes the shortest decimal that gives x.
//
// Whole numbers and numbers of few decimals take a short way. Let n be the
// nearest whole number to x·10^k. With |n| < 10^15 and k ≤ 22, n and 10^k are
// float64 without error, so the division n/10^k is the float64 nearest to that
// decimal: if it is x, the decimal gives x. Two decimals of at most 15 digits
// never share a float64, and the smallest k is taken, so that none is shorter.
func appendNumber(b []byte, x float64) []byte {
	if math.Abs(x) < 1e15 {
		if n := int64(x); float64(n) == x {
			return strconv.AppendInt(b, n, 10)
		}
		// Of a number that six decimals do not give, no fewer do. Most numbers with
		// many digits end here.
		most := len(tens) - 1
		if y := x * tens[most]; math.Abs(y) >= 1e15 || nearWhole(y) {
			for k := 1; k <= most; k++ {
				y := x * tens[k]
				if math.Abs(y) >= 1e15 {
					break
				}
				if n := nearest(y); nearWhole(y) && n/tens[k] == x {
					return appendDecimal(b, int64(n), k)
				}
			}
		}
	}
	if a := math.Abs(x); a >= 1e21 || a < 1e-6 {
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

// nearest is the whole number nearest to y, of less than 10^15.
func nearest(y float64) float64 { return float64(int64(y + math.Copysign(0.5, y))) }

// nearWhole reports whether y can be a product that would be whole but for the
// last bits.
func nearWhole(y float64) bool {
	n := nearest(y)
	return math.Abs(y-n) <= math.Abs(n)*0x1p-51
}

// appendDecimal writes n/10^k with all its k decimals.
func appendDecimal(b []byte, n int64, k int) []byte {
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	whole, rest := n, int64(0)
	scale := int64(1)
	for range k {
		scale *= 10
	}
	whole, rest = n/scale, n%scale
	b = strconv.AppendInt(b, whole, 10)
	b = append(b, '.')
	for scale /= 10; scale > 0; scale /= 10 {
		b = append(b, byte('0'+rest/scale%10))
	}
	return b
}
