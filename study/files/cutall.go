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
	parts := make([]*cuts, len(bounds)-1)
	inParallel(len(parts), func(k int) { parts[k] = cut(src, bounds[k], bounds[k+1], delimiter, 0) })
	at := bounds[0]
	for k := range parts {
		switch {
		case at >= bounds[k+1]: // the rows before have swallowed all of it
			parts[k] = &cuts{first: []uint32{0}, end: at}
		case at != bounds[k]:
			parts[k] = cut(src, at, bounds[k+1], delimiter, 0)
		}
		at = parts[k].end
	}
	return joinCuts(parts)
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

// joinCuts puts the parts one behind the other.
func joinCuts(parts []*cuts) *cuts {
	type base struct{ fields, rows, lines int }
	bases := make([]base, len(parts)+1)
	for k, p := range parts {
		b := bases[k]
		bases[k+1] = base{b.fields + len(p.at), b.rows + p.rows(), b.lines + p.lines}
	}
	all := bases[len(parts)]
	c := &cuts{at: make([]uint32, all.fields), first: make([]uint32, all.rows+1), line: make([]uint32, all.rows),
		end: parts[len(parts)-1].end, lines: all.lines}
	for k, p := range parts {
		for _, f := range p.faults {
			f.row += bases[k].rows
			c.faults = append(c.faults, f)
		}
	}
	inParallel(len(parts), func(k int) {
		p, b := parts[k], bases[k]
		copy(c.at[b.fields:], p.at)
		for i, x := range p.line {
			c.line[b.rows+i] = x + uint32(b.lines)
			c.first[b.rows+i] = p.first[i] + uint32(b.fields)
		}
		parts[k] = nil // its memory is free while others are copied
	})
	c.first[all.rows] = uint32(all.fields)
	return c
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
