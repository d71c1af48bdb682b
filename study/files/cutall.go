package files

import (
	"runtime"
	"sync"
)

// leastPart is the shortest part of a text that is worth a goroutine of its own.
const leastPart = 1 << 20

// cutAll cuts src, from offset on, which is the beginning of a line, into rows
// and fields, in parts at once. A part begins behind a line end that may stand
// inside quotes. So each is cut as though it does not, and then they are looked at
// in order: the part before has the last word, for it says where its last row
// ends. If that is not where the next part began, that one is cut anew.
func cutAll(src string, offset int, delimiter byte) *cuts {
	n := min((len(src)-offset)/leastPart, 4*runtime.GOMAXPROCS(0))
	if n < 2 || runtime.GOMAXPROCS(0) < 2 {
		return cut(src, offset, len(src), delimiter, 0)
	}
	return cutParts(src, offset, delimiter, n)
}

// cutParts cuts src in n parts at most.
func cutParts(src string, offset int, delimiter byte, n int) *cuts {
	bounds := make([]int, 0, n+1)
	bounds = append(bounds, offset)
	for k := 1; k < n; k++ {
		if b := lineBegin(src, offset+(len(src)-offset)/n*k); b > bounds[len(bounds)-1] && b < len(src) {
			bounds = append(bounds, b)
		}
	}
	bounds = append(bounds, len(src))
	// The parts are cut into one room, each where it will stand if it is as long as it
	// looks: then nothing need be copied.
	rooms := make([]room, len(bounds))
	inParallel(len(bounds)-1, func(k int) {
		rooms[k].fields, rooms[k].rows = mostCuts(src[bounds[k]:bounds[k+1]], delimiter)
	})
	end := room{}
	for k, r := range rooms {
		rooms[k] = end
		end.fields, end.rows = end.fields+r.fields, end.rows+r.rows
	}
	whole := newCuts(end.fields, 0)
	parts := make([]*cuts, len(bounds)-1)
	inParallel(len(parts), func(k int) {
		a, b := rooms[k], rooms[k+1]
		parts[k] = &cuts{at: whole.at[a.fields:a.fields:b.fields], most: b.rows - a.rows}
		parts[k].cut(src, bounds[k], bounds[k+1], delimiter, 0)
	})
	at := bounds[0]
	for k := range parts {
		switch {
		case at >= bounds[k+1]: // the rows before have swallowed all of it
			parts[k] = &cuts{end: at}
		case at != bounds[k]:
			parts[k] = cut(src, at, bounds[k+1], delimiter, 0)
		}
		at = parts[k].end
	}
	return joinCuts(whole, parts)
}

// lineBegin is the beginning of the line behind the one that i stands in.
func lineBegin(src string, i int) int {
	for ; i < len(src); i++ {
		switch src[i] {
		case '\n':
			return i + 1
		case '\r':
			if i+1 < len(src) && src[i+1] == '\n' {
				i++
			}
			return i + 1
		}
	}
	return i
}

// room is a place among the entries and rows.
type room struct{ fields, rows int }

// joinCuts puts the parts one behind the other, into whole where all are there already.
func joinCuts(whole cuts, parts []*cuts) *cuts {
	bases := make([]room, len(parts)+1)
	lines := make([]int, len(parts)+1)
	c := &cuts{end: parts[len(parts)-1].end}
	here, regular := true, true
	for k, p := range parts {
		b := bases[k]
		here = here && (len(p.at) == 0 || standsAt(p.at, whole.at, b.fields))
		switch {
		case p.rows == 0:
		case b.rows == 0:
			c.stride, c.topLine, regular = p.stride, p.topLine+uint32(lines[k]), p.first == nil
		default:
			regular = regular && p.first == nil && p.stride == c.stride && int(p.topLine)+lines[k] == c.lineOf(b.rows)
		}
		bases[k+1], lines[k+1] = room{b.fields + len(p.at), b.rows + p.rows}, lines[k]+p.lines
	}
	all := bases[len(parts)]
	c.rows, c.lines = all.rows, lines[len(parts)]
	if here {
		c.at = whole.at[:all.fields]
	} else {
		c.at = make([]uint32, all.fields)
	}
	if !regular {
		c.line, c.first = make([]uint32, all.rows), make([]uint32, all.rows+1)
		c.first[all.rows] = uint32(all.fields)
	}
	for k, p := range parts {
		c.escaped, c.ragged, c.quotes = c.escaped || p.escaped, c.ragged || p.ragged, c.quotes || p.quotes
		for _, f := range p.faults {
			f.row += bases[k].rows
			c.faults = append(c.faults, f)
		}
	}
	inParallel(len(parts), func(k int) {
		p, b := parts[k], bases[k]
		if !here {
			copy(c.at[b.fields:], p.at)
		}
		for i := 0; i < p.rows && !regular; i++ {
			c.line[b.rows+i] = uint32(p.lineOf(i) + lines[k])
			c.first[b.rows+i] = uint32(p.begin(i) + b.fields)
		}
		parts[k] = nil // its memory is free while others are copied
	})
	return c
}

// standsAt reports whether a part that is not empty is that of whole from i on.
func standsAt(part, whole []uint32, i int) bool {
	return i < cap(whole) && &part[0] == &whole[:i+1][i]
}

// inParallel calls do for 0 to n−1, on as many goroutines as there are
// processors.
func inParallel(n int, do func(k int)) {
	var wg sync.WaitGroup
	next := make(chan int, n)
	for k := range n {
		next <- k
	}
	close(next)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for k := range next {
				do(k)
			}
		})
	}
	wg.Wait()
}
