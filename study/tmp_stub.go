package study

import "github.com/trialkit/trialkit/stats"

func hedgesStub(t, c []float64) (stats.Estimate, error) { return stats.Welch(t, c) }
