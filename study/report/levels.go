package report

import (
	"maps"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// levelColumn is a table's column of intervals. Where all have one level it
// stands in the column's head; where plans differ in it, behind each interval.
type levelColumn struct {
	b      *builder
	levels map[float64]bool
}

func (b *builder) levelColumn() *levelColumn {
	return &levelColumn{b, map[float64]bool{}}
}

// add takes note of the level of an interval that the column will hold.
func (l *levelColumn) add(level float64) { l.levels[level] = true }

// head is the column's title.
func (l *levelColumn) head() string {
	for level := range l.levels {
		if len(l.levels) == 1 {
			return l.b.Say("col-interval", text.Args{"level": l.b.Level(level)})
		}
	}
	return l.b.Say("col-interval-own", nil)
}

// words names the levels in a sentence: "95%", or "80% or 99%".
func (l *levelColumn) words() string {
	var out []string
	for _, level := range slices.Sorted(maps.Keys(l.levels)) {
		out = append(out, l.b.Level(level))
	}
	return strings.Join(out, l.b.Say("or", nil))
}

// cell writes an interval in the column.
func (l *levelColumn) cell(interval string, level float64) string {
	if len(l.levels) < 2 || interval == "–" {
		return interval
	}
	return interval + " (" + l.b.Level(level) + ")"
}
