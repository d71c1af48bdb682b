package bundle

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// The linker cuts the program's data into many thousands of segments, to leave out
// runs of eight zeros and more. The places of the segments compress badly and zeros
// compress to nothing: as one segment, the data take a tenth less.

// Sections of a WebAssembly module (WebAssembly core specification, 5.5).
const (
	wasmHeader  = "\x00asm\x01\x00\x00\x00"
	dataSection = 11
)

// oneSegment returns the module with its data in one segment, once change has been
// called with them. Segments must be active
// ones of the first memory, at constant places and without overlap, as the linker
// writes them.
func oneSegment(wasm []byte, change func(data []byte)) ([]byte, error) {
	rest, ok := bytes.CutPrefix(wasm, []byte(wasmHeader))
	if !ok {
		return nil, fmt.Errorf("no WebAssembly module of version 1")
	}
	out := []byte(wasmHeader)
	for r := (&wasmReader{b: rest}); len(r.b) > 0; {
		id := r.bytes(1)
		section := r.bytes(r.unsigned())
		if r.err != nil {
			return nil, r.err
		}
		if id[0] == dataSection {
			var err error
			if section, err = joined(section, change); err != nil {
				return nil, err
			}
		}
		out = append(binary.AppendUvarint(append(out, id[0]), uint64(len(section))), section...)
	}
	return out, nil
}

// joined is a section of data with one segment.
func joined(section []byte, change func(data []byte)) ([]byte, error) {
	type segment struct {
		at   int
		data []byte
	}
	var all []segment
	r := &wasmReader{b: section}
	for i := range r.unsigned() {
		kind, op := r.unsigned(), r.bytes(1)
		at := r.signed()
		end := r.bytes(1)
		data := r.bytes(r.unsigned())
		if r.err != nil {
			return nil, r.err
		}
		if kind != 0 || op[0] != 0x41 || at < 0 || end[0] != 0x0B { // i32.const, end
			return nil, fmt.Errorf("segment %d is not at a constant place", i)
		}
		all = append(all, segment{at, data})
	}
	if r.err != nil || len(r.b) > 0 || len(all) == 0 {
		return nil, fmt.Errorf("the segments do not fill their section")
	}
	slices.SortStableFunc(all, func(a, b segment) int { return a.at - b.at })
	first := all[0].at
	var memory []byte
	for _, s := range all {
		gap := s.at - first - len(memory)
		if gap < 0 {
			return nil, fmt.Errorf("two segments at %d", s.at)
		}
		memory = append(append(memory, make([]byte, gap)...), s.data...)
	}
	change(memory)
	out := append([]byte{1, 0, 0x41}, signedBytes(first)...)
	out = binary.AppendUvarint(append(out, 0x0B), uint64(len(memory)))
	return append(out, memory...), nil
}

// wasmReader reads the parts of a module; after an error it gives zeros.
type wasmReader struct {
	b   []byte
	err error
}

func (r *wasmReader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.err, r.b = fmt.Errorf("the module ends too early"), nil
		return make([]byte, 1)
	}
	x := r.b[:n]
	r.b = r.b[n:]
	return x
}

func (r *wasmReader) unsigned() int {
	x, n := binary.Uvarint(r.b)
	if n <= 0 || x > 1<<31 {
		r.bytes(-1)
		return 0
	}
	r.b = r.b[n:]
	return int(x)
}

// signed reads a number of 32 bits (LEB128: seven bits a byte, the last one's sixth
// is the sign).
func (r *wasmReader) signed() int {
	x := 0
	for shift := 0; shift < 35; shift += 7 {
		b := int(r.bytes(1)[0])
		x |= b & 0x7F << shift
		if b < 0x80 {
			return x << (57 - shift) >> (57 - shift)
		}
	}
	r.bytes(-1)
	return 0
}

// signedBytes writes a number as signed reads it.
func signedBytes(x int) []byte {
	var out []byte
	for {
		b := byte(x & 0x7F)
		x >>= 7
		if x == 0 && b < 0x40 || x == -1 && b >= 0x40 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}
