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
	limit := func() int64 { return debug.SetMemoryLimit(-1) }

	debug.SetMemoryLimit(math.MaxInt64)
	LimitMemory()
	assert.EqualValues(t, leastMemory, limit())
	LimitMemory() // a small trial
	assert.EqualValues(t, leastMemory, limit())
	large := make([]byte, 300<<20)
	LimitMemory()
	assert.Greater(t, limit(), 5*int64(len(large))-1)
	runtime.KeepAlive(large)

	debug.SetMemoryLimit(1 << 29) // as GOMEMLIMIT does
	LimitMemory()
	assert.EqualValues(t, 1<<29, limit())
}
