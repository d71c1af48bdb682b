package bundle

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
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

// Without its programs a font has the same characters of those that the page prints,
// with the same outlines, widths and kerning, and no others.
func TestUnhintedKeepsOutlines(t *testing.T) {
	for _, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbolditalic.TTF} {
		small, err := unhinted(ttf)
		require.NoError(t, err)
		assert.Less(t, len(small), len(ttf)/2)
		a, err := sfnt.Parse(ttf)
		require.NoError(t, err)
		b, err := sfnt.Parse(small)
		require.NoError(t, err)
		require.Equal(t, a.NumGlyphs(), b.NumGlyphs())
		var x, y sfnt.Buffer
		const em = fixed.Int26_6(2048 << 6)
		var glyphs []sfnt.GlyphIndex
		for r := rune(0); r <= 0x1FFFF; r++ {
			whole, err := a.GlyphIndex(&x, r)
			require.NoError(t, err)
			left, err := b.GlyphIndex(&y, r)
			require.NoError(t, err)
			if !unicode.Is(inPage, r) {
				require.Zero(t, left, "%U", r)
				continue
			}
			require.Equal(t, whole, left, "%U", r)
			if whole != 0 {
				glyphs = append(glyphs, whole)
			}
		}
		assert.Greater(t, len(glyphs), 1300)
		kerned := 0
		for i, g := range glyphs {
			want, err := a.LoadGlyph(&x, g, em, nil)
			require.NoError(t, err)
			got, err := b.LoadGlyph(&y, g, em, nil)
			require.NoError(t, err)
			require.Equal(t, []sfnt.Segment(want), []sfnt.Segment(got), g)
			wide, err := a.GlyphAdvance(&x, g, em, 0)
			require.NoError(t, err)
			same, err := b.GlyphAdvance(&y, g, em, 0)
			require.NoError(t, err)
			require.Equal(t, wide, same)
			if i%3 > 0 { // each of a third with all
				continue
			}
			for _, next := range glyphs {
				k, errK := a.Kern(&x, g, next, em, 0)
				l, errL := b.Kern(&y, g, next, em, 0)
				if k != l || errL != nil && errL != sfnt.ErrNotFound { // zero, where there is none
					require.Fail(t, "kerning", "%d %d: %v %v, not %v %v", g, next, l, errL, k, errK)
				}
				if k != 0 {
					kerned++
				}
			}
		}
		assert.Greater(t, kerned, 200)
	}
	_, err := unhinted([]byte("no font at all"))
	assert.Error(t, err)
}

// As one segment the data stand where they stood, with zeros between.
func TestOneSegment(t *testing.T) {
	segment := func(at int, data string) []byte {
		return slices.Concat([]byte{0, 0x41}, signedBytes(at), []byte{0x0B, byte(len(data))}, []byte(data))
	}
	module := func(segments ...[]byte) []byte {
		section := append([]byte{byte(len(segments))}, slices.Concat(segments...)...)
		return slices.Concat([]byte(wasmHeader), []byte{0, 2, 1, 'x', dataSection, byte(len(section))}, section, []byte{0, 2, 1, 'y'})
	}
	seen := ""
	out, err := oneSegment(module(segment(300, "cd"), segment(70, "ab"), segment(304, "e")), func(b []byte) {
		seen = string(b)
		b[0] = 'A'
	})
	require.NoError(t, err)
	want := "ab" + strings.Repeat("\x00", 228) + "cd\x00\x00e"
	assert.Equal(t, want, seen)
	// 70 is 0xC6 0x00, 235 bytes are 0xEB 0x01, and the section has 1+1+1+2+1+2+235.
	assert.Equal(t, wasmHeader+"\x00\x02\x01x"+"\x0B\xF3\x01"+"\x01\x00\x41\xC6\x00\x0B\xEB\x01"+"A"+want[1:]+"\x00\x02\x01y", string(out))
	for _, bad := range [][]byte{
		[]byte("no module"), module(segment(70, "abc"), segment(72, "d")), module(segment(70, "abc"))[:20], module([]byte{1, 1, 'a'}),
		module(segment(70, "abc"), segment(80, "d"))[:len(wasmHeader)+16],
	} {
		_, err := oneSegment(bad, func([]byte) {})
		assert.Error(t, err, "%q", bad)
	}
	for _, x := range []int{0, 1, 63, 64, 127, 128, 8191, 8192, 1<<31 - 1, -1, -64, -65, -1 << 31} {
		r := wasmReader{b: signedBytes(x)}
		assert.Equal(t, x, r.signed())
		assert.NoError(t, r.err)
		assert.Empty(t, r.b)
	}
}

// What is no table of functions is said to be none. The browser's tests run a program
// without lines.
func TestWithoutLines(t *testing.T) {
	data := []byte("nothing of the kind")
	assert.ErrorIs(t, withoutLines(data), errFunctions)
	short := append(slices.Clone(functionTable), 1, 0, 0, 0)
	assert.ErrorIs(t, withoutLines(short), errFunctions)
}
