package stats_test

import (
	"github.com/trialkit/trialkit/stats"
)

// sites is a small invented trial at two centers: score at week 8, baseline,
// and whether the participant responded.
func sites() *stats.Frame {
	f := &stats.Frame{}
	f.Numeric("score", []float64{31, 28, 35, 30, 26, 24, 29, 22, 33, 30, 36, 27, 25, 21, 24, 20})
	f.Numeric("base", []float64{40, 38, 45, 41, 39, 37, 44, 36, 42, 40, 46, 37, 41, 36, 39, 35})
	f.Category("arm", []string{"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser",
		"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser"}, "sham")
	f.Category("site", []string{"A", "A", "A", "A", "A", "A", "A", "A", "B", "B", "B", "B", "B", "B", "B", "B"}, "")
	return f
}
