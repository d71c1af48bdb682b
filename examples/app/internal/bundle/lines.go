package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// functionTable begins the table of functions in a program's data, as Go 1.20 and later
// write it for WebAssembly: magic number, size of an instruction, size of a pointer.
var functionTable = []byte{0xF1, 0xFF, 0xFF, 0xFF, 0, 0, 1, 8}

var errFunctions = errors.New("the table of functions is not one that is known; files and lines stay in the program")

// withoutLines takes out of a program's data which file and line each instruction comes
// from: a twentieth of the program, for traces of a panic alone. Those keep the names
// of functions; the runtime prints a line that is not there as "?:0". The layout is
// that of the runtime's pcHeader and _func.
func withoutLines(memory []byte) error {
	const header, entry = 8 + 8*8, 44
	start := bytes.Index(memory, functionTable)
	if start < 0 || len(memory)-start < header || bytes.Contains(memory[start+1:], functionTable) {
		return errFunctions
	}
	table := memory[start:]
	var fields [8]int // functions, files, text, and the places of five parts
	for i := range fields {
		fields[i] = int(binary.LittleEndian.Uint64(table[8+8*i:]))
	}
	functions, units, counts, entries := fields[0], fields[4], fields[6], fields[7]
	if functions <= 0 || !slices.IsSorted(fields[3:]) || fields[3] < header || entries+8*functions > len(table) {
		return errFunctions
	}
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(table[at:]) }
	kept, gone := map[uint32]bool{0: true}, map[uint32]bool{} // tables of counts by place
	for i := range functions {
		f := entries + int(u32(entries+8*i+4))
		if f+entry > len(table) || f+entry+4*int(u32(f+28)) > len(table) {
			return errFunctions
		}
		kept[u32(f+16)] = true // of the stack's depth
		for k := range int(u32(f + 28)) {
			kept[u32(f+entry+4*k)] = true
		}
		for _, line := range []int{f + 20, f + 24} {
			gone[u32(line)] = true
			clear(table[line : line+4])
		}
		clear(table[f+32 : f+40]) // the file's unit, and the function's first line
	}
	all := maps.Clone(kept)
	maps.Copy(all, gone)
	places := slices.Sorted(maps.Keys(all))
	for i, at := range places {
		end := entries - counts
		if i+1 < len(places) {
			end = int(places[i+1])
		}
		if end > entries-counts {
			return errFunctions
		}
		if !kept[at] {
			clear(table[counts+int(at) : counts+end])
		}
	}
	clear(table[units:counts]) // units and names of files
	return nil
}
