// Package show writes numbers, p-values and effects as the String methods of
// stats' rooms print them.
package show

import (
	"fmt"
	"strconv"
	"strings"
)

// P writes "= 0.23", "= 0.0021" or "< 0.0001".
func P(p float64) string {
	switch {
	case p < 0.0001:
		return "< 0.0001"
	case p < 0.0995:
		return "= " + strconv.FormatFloat(p, 'f', 4, 64)
	default:
		return "= " + strconv.FormatFloat(p, 'f', 2, 64)
	}
}

// Fixed writes x with so many decimals, and zero without a sign.
func Fixed(x float64, decimals int) string {
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// Effect writes an effect with its 95% interval and its p-value against 0. The
// interval is a type parameter because stats, which has it, imports this
// package.
func Effect[I interface {
	Text(decimals int, unit string) string
}](e interface {
	Point() float64
	CI(level float64) I
	P(null float64) float64
}) string {
	return fmt.Sprintf("%s (95%% CI %s; p %s)", Fixed(e.Point(), 2), e.CI(0.95).Text(2, ""), P(e.P(0)))
}
