package bundle

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// unpack is the way back, written from what pack says of itself.
func unpack(s string, n int) []byte {
	var out []byte
	bits, have := 0, 0
	put := func(x int) {
		bits, have = bits<<7|x, have+7
		if have >= 8 {
			have -= 8
			out = append(out, byte(bits>>have))
			bits &= 1<<have - 1
		}
	}
	for _, r := range s {
		if r < 0x80 {
			put(int(r))
			continue
		}
		put([]int{0, '\r', '<'}[(r-0x80)>>7])
		put(int(r-0x80) & 0x7F)
	}
	return out[:n]
}

func TestPack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
			if n%3 == 0 {
				b[i] = []byte{0, 0, 0x3C, 0x0D, 0xFF, 0x78}[i%6]
			}
		}
		s := pack(b)
		assert.True(t, utf8.ValidString(s))
		assert.False(t, strings.ContainsAny(s, "\x00\r<"))
		assert.True(t, bytes.Equal(b, unpack(s, n)), "%x", b)
		assert.LessOrEqual(t, len(s), n*8/7+3)
	}
}

// Without its programs a font has the same outlines and widths, glyph by glyph, and
// says so of less.
func TestUnhintedKeepsOutlines(t *testing.T) {
	for _, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbolditalic.TTF} {
		small, err := unhinted(ttf)
		require.NoError(t, err)
		assert.Less(t, len(small), len(ttf)*8/10)
		a, err := sfnt.Parse(ttf)
		require.NoError(t, err)
		b, err := sfnt.Parse(small)
		require.NoError(t, err)
		require.Equal(t, a.NumGlyphs(), b.NumGlyphs())
		var x, y sfnt.Buffer
		const em = fixed.Int26_6(2048 << 6)
		for i := range a.NumGlyphs() {
			g := sfnt.GlyphIndex(i)
			want, err := a.LoadGlyph(&x, g, em, nil)
			require.NoError(t, err)
			got, err := b.LoadGlyph(&y, g, em, nil)
			require.NoError(t, err)
			require.Equal(t, []sfnt.Segment(want), []sfnt.Segment(got), i)
			wide, err := a.GlyphAdvance(&x, g, em, 0)
			require.NoError(t, err)
			same, err := b.GlyphAdvance(&y, g, em, 0)
			require.NoError(t, err)
			require.Equal(t, wide, same)
		}
		k, err := a.Kern(&x, 36, 57, em, 0)
		require.NoError(t, err)
		l, err := b.Kern(&y, 36, 57, em, 0)
		require.NoError(t, err)
		assert.Equal(t, k, l)
	}
	_, err := unhinted([]byte("no font at all"))
	assert.Error(t, err)
}
