package plot

import (
	"slices"
	"strings"
)

// levels are the confidence levels of a figure's intervals, with what each
// belongs to: plans of one outcome may differ in it.
type levels struct {
	of    []float64
	where map[float64][]string
}

func (l *levels) add(level float64, where string) {
	if l.where == nil {
		l.where = map[float64][]string{}
	}
	if !slices.Contains(l.of, level) {
		l.of = append(l.of, level)
	}
	l.where[level] = appendNew(l.where[level], where)
}

// mixed reports whether the intervals differ in level, so that each has to say
// its own.
func (l *levels) mixed() bool { return len(l.of) > 1 }

// words writes what stands before "% CI": "95", or "80% or 99".
func (l *levels) words(t *theme) string {
	var out []string
	for _, x := range slices.Sorted(slices.Values(l.of)) {
		out = append(out, t.level(x))
	}
	return strings.Join(out, t.say("plot-level-or", nil))
}

// note says which intervals have which level, where they differ.
func (l *levels) note(t *theme) []string {
	if !l.mixed() {
		return nil
	}
	var parts []string
	for _, x := range slices.Sorted(slices.Values(l.of)) {
		parts = append(parts, t.say("plot-level-of", map[string]any{"level": t.level(x), "list": strings.Join(l.where[x], ", ")}))
	}
	return []string{t.say("plot-levels", map[string]any{"list": strings.Join(parts, "; ")})}
}

// levels are those of the results' own intervals.
func (s *series) levels() *levels {
	l := &levels{}
	for _, r := range s.results {
		l.add(r.Level, visitName(r.Visit))
	}
	return l
}

// curveLevels are those of the effects drawn.
func (s *series) curveLevels(curves [][]effectCurve) *levels {
	l := &levels{}
	for i, cs := range curves {
		for _, c := range cs {
			l.add(c.level, visitName(s.results[i].Visit))
		}
	}
	return l
}

// levelAt is the level of the means at a visit; at baseline, of the first
// visit's result.
func (s *series) levelAt(visit string) float64 {
	for _, r := range s.results {
		if r.Visit.ID == visit {
			return r.Level
		}
	}
	return s.results[0].Level
}
