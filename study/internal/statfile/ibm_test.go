package statfile

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ibmText is what the reader writes of stored bytes.
func ibmText(b []byte) string {
	var whole [8]byte
	copy(whole[:], b)
	return new(printer).ibm(binary.BigEndian.Uint64(whole[:]), len(b))
}

// Numbers by hand: 100 is 6·16 + 4, 118.625 is 7·16 + 6 + 10/16, and 6.3 is
// 6.4CCC… in sixteens.
func TestIBMNumbers(t *testing.T) {
	for stored, want := range map[string]string{
		"4110000000000000": "1", "c110000000000000": "-1", "4264000000000000": "100", "4276a00000000000": "118.625", "c276a00000000000": "-118.625",
		"0000000000000000": "0", "8000000000000000": "0", "4e00000000000000": "0",
		"4164cccccccccccc": "6.3", "4164cccccccccccd": "6.3", "4164cccc": "6.3", "4164cd": "6.3", "4164cc": "6.3", "41645a1d": "6.272", "c164cccc": "-6.3",
		"41199999a0000000": "1.600000023841858", "411999999999999a": "1.6", "4019999999999999": "0.09999999999999999", "401999999999999a": "0.1", "40199999": "0.1",
		"42": "0", "423c00": "60", "445b88": "23432", "4463": "25344", "4120": "2",
		"4f123456789abcde": "81985529216486880", "7fffffffffffffff": "7.2370055773322622e+75", "0010000000000000": "5.397605346934028e-79",
		"7fffffff": "7.237005e+75", "00100000": "5.39761e-79", "47ffffff": "268435440", "46ffffff80": "16777215.5",
	} {
		b, err := hex.DecodeString(stored)
		require.NoError(t, err)
		assert.Equal(t, want, ibmText(b), stored)
	}
}

// typed is a decimal as someone types it, of up to so many digits.
func typed(r *rand.Rand, digits int) string {
	s := strconv.Itoa(1+r.IntN(9)) + fmt.Sprintf("%0*d", digits-1, r.Int64N(int64(math.Pow10(digits-1))))
	point := r.IntN(digits + 3)
	switch {
	case point == 0:
		s = "0." + s
	case point < digits:
		s = s[:point] + "." + s[point:]
	case point > digits:
		s = "0." + strings.Repeat("0", point-digits) + s
	}
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if r.IntN(2) == 0 {
		s = "-" + s
	}
	return s
}

// What was typed comes back from eight bytes, by way of a float64 or straight,
// and from fewer bytes where they hold so many digits: of 8·size − 8 bits three
// may be zero, and a decimal must be alone in one and a half of the last.
func TestTypedDecimalsComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 1))
	digits := map[int]int{3: 3, 4: 5, 5: 8, 6: 10, 7: 13, 8: 15}
	for range 4000 {
		for size := 3; size <= 8; size++ {
			s := typed(r, 1+r.IntN(digits[size]))
			if strings.Contains(s, "0.0000") || size == 8 && strings.TrimLeft(s, "-0.") == "" {
				continue // small ones are written with an exponent
			}
			for _, round := range []bool{false, true} {
				if size < 8 {
					require.Equal(t, s, ibmText(ibmOf(s, size, round)), "%d bytes, rounded %v", size, round)
				}
			}
			require.Equal(t, s, ibmText(ibmOf(float64Of(s), size, false)), "%d bytes of a float64", size)
			if size == 8 && ibmOf(s, 8, true)[1]>>4 > 1 {
				require.Equal(t, s, ibmText(ibmOf(s, size, true)), "straight from the decimal")
			}
		}
	}
}

// Every stored number is printed as a decimal that is stored as the same bytes,
// cut off or rounded, and as the shortest of those.
func TestPrintedDecimalsAreStoredAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 2))
	for range 1500 {
		for size := 2; size <= 8; size++ {
			b := make([]byte, 8)
			binary.BigEndian.PutUint64(b, r.Uint64())
			if r.IntN(3) > 0 {
				b[0] = b[0]&128 | byte(60+r.IntN(10))
			}
			b[1] |= 0x10 << r.IntN(4) // as all programs write them: the first digit is not 0
			b = b[:size]
			s := ibmText(b)
			var whole [8]byte
			copy(whole[:], b)
			bits := binary.BigEndian.Uint64(whole[:])
			if x, exact := ibmFloat(bits); exact && (size == 8 || x == math.Trunc(x) && math.Abs(x) < 1<<53) {
				got, err := strconv.ParseFloat(s, 64)
				require.NoError(t, err)
				require.Equal(t, x, got)
				continue
			}
			cutOff, rounded := ibmOf(s, size, false), ibmOf(s, size, true)
			require.True(t, bytes.Equal(cutOff, b) || bytes.Equal(rounded, b), "%x: %s is %x or %x", b, s, cutOff, rounded)
			slow := string(appendIBMSlowly(nil, bits, size))
			require.Equal(t, significant(slow), significant(s), "%x: %s and %s", b, slow, s)
			if n := significant(s); n > 1 { // no decimal of one digit less is stored so
				x, _ := new(big.Rat).SetString(s)
				f, _ := x.Float64()
				for _, way := range []float64{f, math.Nextafter(f, 0), math.Nextafter(f, math.Inf(1))} {
					less := strconv.FormatFloat(way, 'e', n-2, 64)
					require.False(t, bytes.Equal(ibmOf(less, size, false), b), "%s is shorter than %s", less, s)
				}
			}
		}
	}
}

// significant counts the digits of a decimal.
func significant(s string) int {
	s, _, _ = strings.Cut(s, "e")
	s = strings.NewReplacer("-", "", ".", "").Replace(s)
	return len(strings.Trim(s, "0"))
}
