package plot

import (
	"sync"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// measurer remembers what the text of one figure measures: laying a figure out
// asks for the width of every label many times. It may be used concurrently.
type measurer struct {
	fonts   *font.Cache
	mu      sync.RWMutex
	widths  map[measured]vg.Length
	faces   map[font.Font]font.Face
	extents map[font.Font]font.Extents
}

// measured is a run of text in a font at a size.
type measured struct {
	font font.Font
	text string
}

func newMeasurer() *measurer {
	return &measurer{fonts: fonts(), widths: map[measured]vg.Length{}, faces: map[font.Font]font.Face{},
		extents: map[font.Font]font.Extents{}}
}

// width of a run of plain text.
func (m *measurer) width(f font.Font, s string) vg.Length {
	key := measured{f, s}
	m.mu.RLock()
	w, ok := m.widths[key]
	m.mu.RUnlock()
	if !ok {
		w = textWidth(m.face(f), s)
		m.mu.Lock()
		m.widths[key] = w
		m.mu.Unlock()
	}
	return w
}

// face is the font at its size.
func (m *measurer) face(f font.Font) font.Face {
	m.mu.RLock()
	face, ok := m.faces[f]
	m.mu.RUnlock()
	if !ok {
		face = m.fonts.Lookup(f, f.Size)
		m.mu.Lock()
		m.faces[f] = face
		m.mu.Unlock()
	}
	return face
}

// extent is the height of the font's lines above and below the baseline.
func (m *measurer) extent(f font.Font) font.Extents {
	m.mu.RLock()
	e, ok := m.extents[f]
	m.mu.RUnlock()
	if !ok {
		face := m.face(f)
		e = face.Extents()
		m.mu.Lock()
		m.extents[f] = e
		m.mu.Unlock()
	}
	return e
}
