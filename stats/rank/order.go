package rank

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Moses returns the interval between the k-th smallest and the k-th largest
// difference of a treated and a control value, and k, where k =
// ⌊mn/2 − z·√(mn(m+n+1)/12)⌋, at least 1 (Moses 1953, in Walker and Lev,
// Statistical Inference, chapter 18). It is the textbook interval by the normal
// approximation without tie correction, offered to check published numbers; it
// can disagree with P. The recommended interval is CI. It panics unless
// 0 < level < 1.
func (s Shift) Moses(level float64) (stats.Interval, int64) {
	check.Level(level)
	x, y := s.made().x, s.made().y
	mn := float64(len(x)) * float64(len(y))
	z := -num.NormQuantile((1 - level) / 2)
	k := max(1, int64(math.Floor(mn/2-z*math.Sqrt(mn*float64(len(x)+len(y)+1)/12))))
	return stats.Interval{
		Lo:    kthDifference(x, y, k-1),
		Hi:    kthDifference(x, y, int64(len(x))*int64(len(y))-k),
		Level: level,
	}, k
}
