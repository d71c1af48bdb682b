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

	mu      sync.Mutex
	shown   int // width of the line
	timer   *time.Timer
	cleared bool
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

// Reading says, once the quiet time is over, that files are being read; Clear ends it.
func (p *Progress) Reading(names string) {
	if p.to == nil {
		return
	}
	timer := time.AfterFunc(p.quiet-time.Since(p.start), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.cleared {
			p.write(p.words.Say("progress-reading", text.Args{"files": names}))
		}
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = timer
}

// write writes the line over the one before; the lock is held.
func (p *Progress) write(line string) {
	fmt.Fprintf(p.to, "\r%s%s", line, strings.Repeat(" ", max(0, p.shown-utf8.RuneCountInString(line))))
	p.shown = utf8.RuneCountInString(line)
}

// Analyzed is told how many of the analyses are done. It may be called from
// several goroutines.
func (p *Progress) Analyzed(done, total int) {
	p.Say("progress-analyzed", text.Args{"done": done, "total": total})
}

// Say writes a message of the catalog, once the quiet time is over. It may be called from
// several goroutines.
func (p *Progress) Say(code string, args text.Args) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to == nil || time.Since(p.start) < p.quiet {
		return
	}
	p.write(p.words.Say(code, args))
}

// Clear removes the line.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
	if p.cleared = true; p.shown > 0 {
		fmt.Fprintf(p.to, "\r%s\r", strings.Repeat(" ", p.shown))
		p.shown = 0
	}
}
