package output

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// leastMemory is what a program may use before it collects garbage more often
// than every time its data have doubled, in bytes.
const leastMemory = 800 << 20

// smallHeap is how much a small trial's heap grows before garbage is collected, in percent of
// what lives. Its reports take some tens of MB, and a fifth of their time went to collections.
const smallHeap = 400

// LimitMemory has the program collect garbage more often near a limit, so that a
// large trial needs little more than its data, and less often far from it. Called again once a trial is
// loaded, it raises the limit to several times what the trial takes: the
// collector would otherwise run all the time on a still larger one, and has a large
// trial's garbage collected as usual. What is set from outside (GOMEMLIMIT, GOGC) stands.
func LimitMemory() {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		debug.SetMemoryLimit(leastMemory)
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(smallHeap)
		}
		return
	}
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); limit != leastMemory || m.HeapAlloc < leastMemory/8 {
		return
	}
	runtime.GC()
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(max(leastMemory, 5*int64(m.HeapAlloc)))
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(100)
	}
}
