package report

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// levelColumn is a table's column of intervals. Where all have one level it
// stands in the column's head; where plans differ in it, behind each interval.
//
// So do simultaneous intervals: where all are, the head says so; where some are, each of
// them has a mark, and a note below the table says what it means.
type levelColumn struct {
	b        *builder
	levels   map[float64]bool
	together []string // the methods of simultaneous intervals
	alone    bool     // some interval holds by itself
}

func (b *builder) levelColumn() *levelColumn {
	return &levelColumn{b: b, levels: map[float64]bool{}}
}

// add takes note of the level of an interval that the column will hold.
func (l *levelColumn) add(level float64) { l.levels[level] = true }

// addRow takes note of a row's interval.
func (l *levelColumn) addRow(row study.Row) {
	l.add(row.Level)
	if row.Together == "" {
		l.alone = true
		return
	}
	l.together = appendNew(l.together, l.b.Say("adjust-"+string(row.Together), nil))
}

// mark stands behind a simultaneous interval among others.
func (l *levelColumn) mark(row study.Row) string {
	if row.Together == "" || !l.alone || math.IsNaN(row.Lower) {
		return ""
	}
	return "*"
}

// notes say what the mark means.
func (l *levelColumn) notes() []string {
	if len(l.together) == 0 || !l.alone {
		return nil
	}
	return []string{l.b.Say("interval-together-mark", text.Args{"adjust": strings.Join(l.together, ", ")})}
}

// head is the column's title.
func (l *levelColumn) head() string {
	for level := range l.levels {
		if len(l.levels) == 1 {
			return l.interval(l.b.Level(level))
		}
	}
	return l.b.Say("col-interval-own", nil)
}

// interval names one of a level.
func (l *levelColumn) interval(level string) string {
	code := "col-interval"
	if len(l.together) > 0 && !l.alone {
		code = "col-interval-together"
	}
	return l.b.Say(code, text.Args{"level": level})
}

// words names the intervals with their levels, "95% CI" or "80% or 99% CI", in one line.
func (l *levelColumn) words() string {
	var out []string
	for _, level := range slices.Sorted(maps.Keys(l.levels)) {
		out = append(out, l.b.Level(level))
	}
	return strings.ReplaceAll(l.interval(strings.Join(out, l.b.Say("or", nil))), " ", "\u00a0")
}

// cell writes an interval in the column.
func (l *levelColumn) cell(interval string, level float64) string {
	if len(l.levels) < 2 || interval == "–" {
		return interval
	}
	return interval + " (" + l.b.Level(level) + ")"
}
