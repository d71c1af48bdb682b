package output

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study/text"
)

// Only a terminal is told, only after a while, and the line is wiped out.
func TestProgressTellsWhoWaits(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, text.English())
	p.quiet = 0
	p.Analyzed(1, 2)
	p.Clear()
	assert.Empty(t, b.String(), "no terminal")

	p = &Progress{to: &b, words: text.English(), start: time.Now(), quiet: time.Hour}
	p.Analyzed(1, 12)
	p.Clear()
	assert.Empty(t, b.String(), "too soon")

	p.quiet = 0
	p.Analyzed(9, 12)
	p.Clear()
	assert.Equal(t, "\rAnalyzed 9 of 12\r                \r", b.String())
}

// A file that is read for long is named, and no more once it has been read.
func TestProgressOfReading(t *testing.T) {
	var b bytes.Buffer
	p := &Progress{to: &b, words: text.English(), start: time.Now(), quiet: time.Millisecond}
	p.Reading("d.csv")
	assert.Eventually(t, func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.shown > 0 }, 10*time.Second, time.Millisecond)
	p.Clear()
	assert.Equal(t, "\rReading d.csv\r             \r", b.String())

	b.Reset()
	p = &Progress{to: &b, words: text.English(), start: time.Now(), quiet: 50 * time.Millisecond}
	p.Reading("d.csv")
	p.Clear()
	time.Sleep(100 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	assert.Empty(t, b.String())
	NewProgress(&b, text.English()).Reading("d.csv") // no terminal
}
