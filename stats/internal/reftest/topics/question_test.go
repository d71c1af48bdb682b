package topics_test

import (
	"encoding/json"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// The questions that a case asks of a finished test: level, alternative, null.

// levelOf is the confidence level of a case, however its input names it.
func levelOf(c *reftest.Case) float64 {
	for _, key := range []string{"level", "conf.level", "conf_level"} {
		if c.Has(key) {
			return c.Num(key)
		}
	}
	if c.Has("alpha") {
		return 1 - c.Num("alpha")
	}
	return 0.95
}

func nullOf(c *reftest.Case, key string, usual float64) float64 {
	if c.Has(key) {
		return c.Num(key)
	}
	return usual
}

// wider is the level of the two-sided interval that shares an end with a
// one-sided one.
func wider(level float64) float64 { return math.Round((2*level-1)*1e12) / 1e12 }

// sided is the interval of an alternative: R's one-sided ones run to the end of
// the scale.
func sided(ci func(level float64) stats.Interval, alternative string, level, least, most float64) stats.Interval {
	switch alternative {
	case "less":
		return stats.Interval{Lo: least, Hi: ci(wider(level)).Hi, Level: level}
	case "greater":
		return stats.Interval{Lo: ci(wider(level)).Lo, Hi: most, Level: level}
	}
	return ci(level)
}

// hasMissing reports a missing value in any of the inputs.
func hasMissing(c *reftest.Case, keys ...string) bool {
	for _, k := range keys {
		for _, v := range c.Floats(k) {
			if math.IsNaN(v) {
				return true
			}
		}
	}
	return false
}

// numeric reports whether an input holds numbers only, which R sorts as such.
func numeric(c *reftest.Case, key string) bool {
	var v []json.RawMessage
	c.In(key, &v)
	for _, x := range v {
		var f float64
		if json.Unmarshal(x, &f) != nil {
			return false
		}
	}
	return true
}

// oddsScale turns an odds ratio into the number that R's uniroot looks for in
// (0, 1): itself or its inverse.
func oddsScale(or float64) float64 {
	if or > 1 {
		return 1 / or
	}
	return or
}
