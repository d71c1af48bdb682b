package output

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// Progress tells a person who waits at a terminal how far an analysis is.
type Progress struct {
	to    io.Writer // nil where nobody looks
	words *text.Catalog
	start time.Time
	quiet time.Duration // nothing is said before

	mu    sync.Mutex
	shown int // width of the line
}

// NewProgress writes to stderr where that is a terminal, from one second on.
func NewProgress(stderr io.Writer, words *text.Catalog) *Progress {
	p := &Progress{words: words, start: time.Now(), quiet: time.Second}
	if f, ok := stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.to = stderr
		}
	}
	return p
}

// Analyzed is told how many of the analyses are done. It may be called from
// several goroutines.
func (p *Progress) Analyzed(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to == nil || time.Since(p.start) < p.quiet {
		return
	}
	line := p.words.Say("progress-analyzed", text.Args{"done": done, "total": total})
	fmt.Fprintf(p.to, "\r%s%s", line, strings.Repeat(" ", max(0, p.shown-utf8.RuneCountInString(line))))
	p.shown = utf8.RuneCountInString(line)
}

// Clear removes the line.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown > 0 {
		fmt.Fprintf(p.to, "\r%s\r", strings.Repeat(" ", p.shown))
		p.shown = 0
	}
}
