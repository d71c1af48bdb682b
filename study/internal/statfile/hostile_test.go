package statfile

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// hostile cuts a file at every byte, and writes noise and huge numbers over
// every byte of it: each is read or refused with a fault of the catalog, in
// little time and memory. A file that counts its rows is refused when cut,
// unless nothing but what fills its last block is lost.
func hostile(t *testing.T, whole []byte, counted bool) {
	t.Helper()
	start := time.Now()
	try := func(what string, at int, b []byte) bool {
		s, err := readAny(b)
		if err != nil {
			var fault *sheet.Fault
			require.ErrorAs(t, err, &fault, "%s at %d", what, at)
			require.NotEmpty(t, fault.Error())
		}
		return err == nil && s != nil
	}
	all, err := readAny(whole)
	require.NoError(t, err)
	for n := range len(whole) {
		if try("cut", n, whole[:n:n]) && counted {
			part, err := readAny(whole[:n])
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(all), fmt.Sprint(part), "cut at %d of %d", n, len(whole))
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tries := 0
	noise := rand.New(rand.NewPCG(1, 2))
	for at := range len(whole) {
		for i, over := range [][]byte{{0xff}, {0}, {0x7f}, {0xff, 0xff, 0xff, 0x7f}, {0x7f, 0xff, 0xff, 0xff}, {0, 0, 0, 0x80}, {byte(noise.Uint32()), byte(noise.Uint32())}} {
			if (at+i)%4 > 0 { // each place meets one or two of them
				continue
			}
			b := bytes.Clone(whole)
			copy(b[at:], over)
			try("noise", at, b)
			tries++
		}
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/uint64(tries), uint64(1<<20), "bytes set aside for a try, on average")
	assert.Less(t, time.Since(start), 2*time.Minute)
}
