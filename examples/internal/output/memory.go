package output

import (
	"math"
	"runtime"
	"runtime/debug"
)

// leastMemory is what a program may use before it collects garbage more often
// than every time its data have doubled, in bytes.
const leastMemory = 800 << 20

// LimitMemory has the program collect garbage more often near a limit, so that a
// large trial needs little more than its data. Called again once a trial is
// loaded, it raises the limit to several times what the trial takes: the
// collector would otherwise run all the time on a still larger one. A limit set
// from outside (GOMEMLIMIT) stands.
func LimitMemory() {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		debug.SetMemoryLimit(leastMemory)
		return
	}
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); limit != leastMemory || m.HeapAlloc < leastMemory/8 {
		return
	}
	runtime.GC()
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(leastMemory, 5*int64(m.HeapAlloc)))
}
