package statfile

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// blockCells is about how many cells one worker makes at a time.
const blockCells = 1 << 14

// cellsAllowed bounds the cells of a file whose rows are compressed: this many,
// and so many more for each of its bytes.
const (
	cellsAllowed     = 40 << 20
	cellsAllowedByte = 8
)

// cellBytes is more than a cell and its part of a row take in memory.
const cellBytes = 64

// tooLarge refuses a file that would become more cells than memory should hold.
func tooLarge(rows, cols, size int64) *sheet.Fault {
	if cells := float64(rows) * float64(cols); cells > cellsAllowed+cellsAllowedByte*float64(size) {
		return &sheet.Fault{Code: "file-stat-large", Args: text.Args{"cells": cells}}
	}
	return nil
}

// rowsPerBlock is how many rows make a block.
func rowsPerBlock(cols int) int { return max(1, blockCells/max(1, cols)) }

// table makes n rows of cols cells, several blocks at the same time. Fill
// writes the rows from lo to before hi into cells, one after the other; of
// several faults the one of the first block counts, whichever came first.
func table(n, cols int, set *charset, fill func(p *printer, lo, hi int, cells []sheet.Cell) *sheet.Fault) ([]sheet.Row, seen, *sheet.Fault) {
	// One piece of memory for all cells, which the collector then need not look
	// through again and again while the file is read.
	if int64(n)*int64(cols) > math.MaxInt/cellBytes {
		return nil, seen{}, &sheet.Fault{Code: "file-stat-large", Args: text.Args{"cells": float64(n) * float64(cols)}}
	}
	rows, all := make([]sheet.Row, n), make([]sheet.Cell, n*cols)
	per := rowsPerBlock(cols)
	blocks := (n + per - 1) / per
	var (
		next, failed atomic.Int64
		mu           sync.Mutex
		found        seen
		fault        *sheet.Fault
		wg           sync.WaitGroup
	)
	failed.Store(math.MaxInt64)
	work := func() {
		p := &printer{set: set}
		for {
			i := int(next.Add(1) - 1)
			if i >= blocks || int64(i) > failed.Load() {
				break
			}
			lo, hi := i*per, min(n, (i+1)*per)
			cells := all[lo*cols : hi*cols]
			if f := fill(p, lo, hi, cells); f != nil {
				mu.Lock()
				if int64(i) < failed.Load() {
					failed.Store(int64(i))
					fault = f
				}
				mu.Unlock()
			}
			for r := lo; r < hi; r++ {
				at := (r - lo) * cols
				rows[r] = sheet.Row{Number: r + 1, Cells: cells[at : at+cols : at+cols]}
			}
		}
		mu.Lock()
		found.add(p.seen)
		mu.Unlock()
	}
	for range min(blocks, runtime.GOMAXPROCS(0)) {
		wg.Go(work)
	}
	wg.Wait()
	return rows, found, fault
}
