// Package stoptest checks in tests that a computation ends soon after its
// context does.
package stoptest

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// tries is how often a late end is tried again: a busy machine is late now and
// then, a computation that looks at its context too seldom is late every time.
const tries = 10

// Within fails the test unless run, whose context ends after a while, returns
// context.DeadlineExceeded after it, in at least one of ten tries within a time
// that only a computation which does not look at its context needs. With
// TRIALKIT_TIMES set the bound is the promised 50 ms twice over, for the
// machine's other work, and ten times that under the race detector, which slows
// all code about so much; where the machine is busy, the processor time that
// this process took since its context ended counts in place of the time that
// went by.
func Within(t testing.TB, after time.Duration, run func(ctx context.Context) error) {
	t.Helper()
	bound := 5 * time.Second
	if os.Getenv("TRIALKIT_TIMES") != "" {
		bound = 100 * time.Millisecond
	}
	if Race {
		bound *= 10
	}
	soonest := time.Duration(1<<63 - 1)
	for range tries {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		end := time.Now().Add(after)
		var used atomic.Int64
		context.AfterFunc(ctx, func() { used.Store(int64(processorTime())) })
		err := run(ctx)
		late := time.Since(end)
		if before := used.Load(); before > 0 {
			late = min(late, processorTime()-time.Duration(before))
		}
		cancel()
		if err == nil {
			continue // done before a busy machine's timer: what looks at no context is so each time
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v, want %v", err, context.DeadlineExceeded)
			return
		}
		if late <= bound {
			return
		}
		soonest = min(soonest, late)
	}
	if soonest == 1<<63-1 {
		t.Errorf("ended without an error in all of %d tries, want %v", tries, context.DeadlineExceeded)
		return
	}
	t.Errorf("ended %v after its context at the soonest of %d tries, want at most %v", soonest, tries, bound)
}
