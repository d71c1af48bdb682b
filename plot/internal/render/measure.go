package render

import (
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// measurer remembers what the text of one figure measures: laying a figure out
// asks for the width of every label many times. It may be used concurrently.
type measurer struct {
	fonts *font.Cache
	mu    sync.RWMutex
	sizes []*sized // a figure has a handful
}

// sized is a font at a size, with the lines measured in it.
type sized struct {
	font    font.Font
	face    font.Face // of the default font, where there is no such font
	extents font.Extents
	mu      sync.RWMutex
	widths  map[string]vg.Length
}

// of is the font at its size.
func (m *measurer) of(f font.Font) *sized {
	m.mu.RLock()
	sizes := m.sizes
	m.mu.RUnlock()
	for _, s := range sizes {
		if s.font == f {
			return s
		}
	}
	face := m.fonts.Lookup(f, f.Size)
	s := &sized{font: f, face: face, extents: face.Extents(), widths: map[string]vg.Length{}}
	m.mu.Lock()
	m.sizes = append(m.sizes[:len(m.sizes):len(m.sizes)], s)
	m.mu.Unlock()
	return s
}

// width is the width of a line, which measure finds out where it is not known.
func (s *sized) width(line string, measure func() vg.Length) vg.Length {
	s.mu.RLock()
	w, ok := s.widths[line]
	s.mu.RUnlock()
	if !ok {
		w = measure()
		s.mu.Lock()
		s.widths[line] = w
		s.mu.Unlock()
	}
	return w
}

// ascii is the number of characters whose measures a typeface keeps.
const ascii = 0x80

// typeface keeps the measures of a font file's ASCII characters, in font units;
// the file is searched for the others.
type typeface struct {
	file    *opentype.Font
	em      fixed.Int26_6
	index   [ascii]sfnt.GlyphIndex
	advance [ascii]fixed.Int26_6
	kerns   [ascii * ascii]atomic.Int32 // of pairs, plus kernKnown once looked up
}

const kernKnown = 1 << 20

// typefaces are those of the process: the fonts are compiled in.
var typefaces sync.Map // *opentype.Font to *typeface

func typefaceOf(f font.Face) *typeface {
	if t, ok := typefaces.Load(f.Face); ok {
		return t.(*typeface)
	}
	t := &typeface{file: f.Face, em: em(f)}
	var buf sfnt.Buffer
	for r := range rune(ascii) {
		t.index[r], t.advance[r] = t.search(&buf, r)
	}
	kept, _ := typefaces.LoadOrStore(f.Face, t)
	return kept.(*typeface)
}

// search reads a character's glyph and advance in the file.
func (t *typeface) search(buf *sfnt.Buffer, r rune) (sfnt.GlyphIndex, fixed.Int26_6) {
	g, err := t.file.GlyphIndex(buf, r)
	if err != nil {
		panic(fmt.Errorf("plot: glyph of %q: %w", r, err))
	}
	adv, err := t.file.GlyphAdvance(buf, g, t.em, 0)
	if err != nil {
		panic(fmt.Errorf("plot: width of %q: %w", r, err))
	}
	return g, adv
}

// glyph is a character's glyph and advance.
func (t *typeface) glyph(buf *sfnt.Buffer, r rune) (sfnt.GlyphIndex, fixed.Int26_6) {
	if r < ascii {
		return t.index[r], t.advance[r]
	}
	return t.search(buf, r)
}

// kern is how far a pair of characters moves together; pairs that the font does
// not list stay.
func (t *typeface) kern(buf *sfnt.Buffer, r0, r1 rune, g0, g1 sfnt.GlyphIndex) fixed.Int26_6 {
	var known *atomic.Int32
	if r0 < ascii && r1 < ascii {
		known = &t.kerns[r0*ascii+r1]
		if k := known.Load(); k != 0 {
			return fixed.Int26_6(k - kernKnown)
		}
	}
	k, err := t.file.Kern(buf, g0, g1, t.em, 0)
	if err != nil {
		k = 0
	}
	if known != nil {
		known.Store(int32(k) + kernKnown)
	}
	return k
}
