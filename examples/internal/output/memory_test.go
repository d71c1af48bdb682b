package output

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLimitMemory(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	t.Setenv("GOGC", "")
	limit := func() int64 { return debug.SetMemoryLimit(-1) }

	debug.SetMemoryLimit(math.MaxInt64)
	LimitMemory()
	assert.EqualValues(t, leastMemory, limit())
	LimitMemory() // a small trial
	assert.EqualValues(t, leastMemory, limit())
	assert.Equal(t, smallHeap, percent())
	large := make([]byte, 300<<20)
	LimitMemory()
	assert.Greater(t, limit(), 5*int64(len(large))-1)
	runtime.KeepAlive(large)
	assert.Equal(t, 100, percent())

	debug.SetMemoryLimit(1 << 29) // as GOMEMLIMIT does
	LimitMemory()
	assert.EqualValues(t, 1<<29, limit())

	debug.SetMemoryLimit(math.MaxInt64)
	t.Setenv("GOGC", "70")
	debug.SetGCPercent(70)
	LimitMemory()
	assert.Equal(t, 70, percent())
}
