package render

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"slices"
)

// WriteTIFF draws a scene at dpi pixels an inch and writes what submission systems
// ask for: baseline TIFF 6.0 (Aldus 1992), RGB of 8 bits without transparency,
// compressed without loss (LZW), with its resolution.
func WriteTIFF(b *bytes.Buffer, s *Scene, dpi float64) error {
	return encodeTIFF(b, s.raster(dpi), dpi)
}

// Types of a field's values.
const (
	tiffShort    = 3
	tiffLong     = 4
	tiffRational = 5
)

// tiffField is an entry of the file's directory; rationals are pairs of values.
type tiffField struct {
	tag, kind uint16
	values    []uint32
}

// tiffStrip is about how many bytes are compressed together.
const tiffStrip = 1 << 16

func encodeTIFF(b *bytes.Buffer, img *image.RGBA, dpi float64) error {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	rows := min(max(tiffStrip/max(3*w, 1), 1), h)
	b.WriteString("II*\x00\x00\x00\x00\x00") // little-endian; where the directory is comes last
	var offsets, sizes []uint32
	strip := make([]byte, 0, 3*w*rows)
	var z lzw
	for y := 0; y < h; y++ {
		row := img.Pix[y*img.Stride:][:4*w]
		for x := 0; x < len(row); x += 4 {
			strip = append(strip, row[x:x+3]...)
		}
		if (y+1)%rows == 0 || y == h-1 {
			start := b.Len()
			b.Write(z.compress(strip))
			offsets, sizes = append(offsets, uint32(start)), append(sizes, uint32(b.Len()-start))
			strip = strip[:0]
		}
	}
	const thousandths = 1000
	resolution := []uint32{uint32(math.Round(dpi * thousandths)), thousandths}
	fields := []tiffField{
		{256, tiffLong, []uint32{uint32(w)}},
		{257, tiffLong, []uint32{uint32(h)}},
		{258, tiffShort, []uint32{8, 8, 8}}, // bits a sample
		{259, tiffShort, []uint32{5}},       // LZW
		{262, tiffShort, []uint32{2}},       // RGB
		{273, tiffLong, offsets},
		{277, tiffShort, []uint32{3}}, // samples a pixel
		{278, tiffLong, []uint32{uint32(rows)}},
		{279, tiffLong, sizes},
		{282, tiffRational, resolution}, // across
		{283, tiffRational, resolution}, // down
		{284, tiffShort, []uint32{1}},   // samples side by side
		{296, tiffShort, []uint32{2}},   // an inch
	}
	tiffDirectory(b, fields)
	if uint64(b.Len()) > math.MaxUint32 {
		return fmt.Errorf("plot: TIFF: %d by %d pixels are more than the format holds", w, h)
	}
	return nil
}

// tiffDirectory writes the fields, in the order of their tags, and says at the
// file's begin where they are. Values of more than four bytes stand before.
func tiffDirectory(b *bytes.Buffer, fields []tiffField) {
	slices.SortFunc(fields, func(x, y tiffField) int { return cmp.Compare(x.tag, y.tag) })
	le := binary.LittleEndian
	var dir []byte
	dir = le.AppendUint16(dir, uint16(len(fields)))
	even := func() {
		if b.Len()%2 != 0 {
			b.WriteByte(0)
		}
	}
	for _, f := range fields {
		var values []byte
		for _, v := range f.values {
			if f.kind == tiffShort {
				values = le.AppendUint16(values, uint16(v))
			} else {
				values = le.AppendUint32(values, v)
			}
		}
		n := len(f.values)
		if f.kind == tiffRational {
			n /= 2
		}
		if len(values) > 4 {
			even()
			at := uint32(b.Len())
			b.Write(values)
			values = le.AppendUint32(nil, at)
		}
		dir = le.AppendUint16(dir, f.tag)
		dir = le.AppendUint16(dir, f.kind)
		dir = le.AppendUint32(dir, uint32(n))
		dir = append(dir, append(values, 0, 0, 0, 0)[:4]...)
	}
	even()
	le.PutUint32(b.Bytes()[4:], uint32(b.Len()))
	b.Write(dir)
	b.WriteString("\x00\x00\x00\x00") // no other image
}

// Codes of TIFF's LZW (TIFF 6.0, section 13).
const (
	lzwClear = 256
	lzwEnd   = 257
	lzwFirst = 258  // of a sequence
	lzwLast  = 4094 // after which the table begins anew
)

// lzw compresses as TIFF does: codes of 9 to 12 bits, the highest bit first, one
// bit longer from one code earlier on than in GIF and compress/lzw.
type lzw struct {
	out  []byte
	bits uint32 // not yet written, of which there are n
	n    uint
	// table finds the code of a sequence, which is a code and a byte more: a hash
	// table of key<<12 | code.
	table [1 << 14]uint32
	next  uint32
	width uint
}

// compress returns the compressed bytes, valid until the next call.
func (z *lzw) compress(data []byte) []byte {
	z.out, z.bits, z.n, z.width = z.out[:0], 0, 0, 9
	z.write(lzwClear)
	z.clear()
	if len(data) > 0 {
		code := uint32(data[0])
		for _, c := range data[1:] {
			key := code<<8 | uint32(c)
			at := key * 2654435761 >> 18 // Knuth's multiplicative hash, of 14 bits
			for z.table[at] != 0 && z.table[at]>>12 != key {
				at = (at + 1) % uint32(len(z.table))
			}
			if z.table[at] != 0 {
				code = z.table[at] & 0xFFF
				continue
			}
			z.write(code)
			z.table[at] = key<<12 | z.next
			z.grow()
			code = uint32(c)
		}
		z.write(code)
		z.grow() // the reader counts one more
	}
	z.write(lzwEnd)
	if z.n > 0 {
		z.out = append(z.out, byte(z.bits<<(8-z.n)))
	}
	return z.out
}

func (z *lzw) clear() {
	clear(z.table[:])
	z.next, z.width = lzwFirst, 9
}

// grow counts an entry of the table; codes become longer in time, and a full table
// begins anew.
func (z *lzw) grow() {
	switch z.next {
	case 511, 1023, 2047:
		z.width++
	case lzwLast:
		z.write(lzwClear)
		z.clear()
		return
	}
	z.next++
}

func (z *lzw) write(code uint32) {
	z.bits, z.n = z.bits<<z.width|code, z.n+z.width
	for z.n >= 8 {
		z.n -= 8
		z.out = append(z.out, byte(z.bits>>z.n))
	}
}
