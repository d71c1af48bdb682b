// Package show writes numbers, p-values, effects and small tables as the String
// methods of stats' rooms print them.
package show

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// NoResult is what a zero value prints.
const NoResult = "no result"

// P writes "= 0.23", "= 0.0021" or "< 0.0001".
func P(p float64) string {
	switch {
	case math.IsNaN(p):
		return "not found"
	case p < 0.0001:
		return "< 0.0001"
	case p < 0.0995:
		return "= " + strconv.FormatFloat(p, 'f', 4, 64)
	default:
		return "= " + strconv.FormatFloat(p, 'f', 2, 64)
	}
}

// DF writes degrees of freedom: whole ones as they are, others with a decimal
// or two.
func DF(df float64) string {
	return strconv.FormatFloat(df, 'g', max(3, len(strconv.Itoa(int(df)))+1), 64)
}

// most is the largest number of decimals that is written.
const most = 12

// Decimals is how many decimals show two significant digits of a standard error:
// what lies beyond them is noise. It is −1 where se has no digits (0, NaN, ∞).
func Decimals(se float64) int {
	if !(se > 0) || math.IsInf(se, 1) {
		return -1
	}
	return min(most, max(0, 1-int(math.Floor(math.Log10(se)))))
}

// DecimalsOf is Decimals of the first standard error that has digits, else
// three significant digits of x.
func DecimalsOf(x float64, se ...float64) int {
	for _, s := range se {
		if d := Decimals(s); d >= 0 {
			return d
		}
	}
	return max(0, Decimals(math.Abs(x)/10))
}

// Fixed writes x with so many decimals, and zero without a sign.
func Fixed(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return "not estimable"
	case math.IsInf(x, 0):
		return strings.TrimPrefix(strconv.FormatFloat(x, 'f', -1, 64), "+")
	}
	s := strconv.FormatFloat(x, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// Effect writes an effect with its 95% interval, its p-value against null and
// the method that made them: "-3.67 (95% CI -5.72 to -1.62; p = 0.0100; t, 7.58
// df)". Decimals follow the standard error, or the interval where se is 0. The
// interval is a type parameter because stats, which has it, imports this
// package.
func Effect[I interface {
	Text(decimals int, unit string) string
	Decimals() int
}](e interface {
	Point() float64
	CI(level float64) I
	P(null float64) float64
}, null, se float64, method string) string {
	if math.IsNaN(e.Point()) {
		return Fixed(math.NaN(), 0)
	}
	ci := e.CI(0.95)
	d := Decimals(se)
	if d < 0 {
		d = ci.Decimals()
	}
	if d < 0 {
		d = DecimalsOf(e.Point())
	}
	if method != "" {
		method = "; " + method
	}
	return fmt.Sprintf("%s (95%% CI %s; p %s%s)", Fixed(e.Point(), d), ci.Text(d, ""), P(e.P(null)), method)
}

// Table writes rows below a header, columns aligned: the first to the left, the
// others, which are numbers, to the right. It ends without a newline.
func Table(header []string, rows [][]string) string {
	all := append([][]string{header}, rows...)
	width := make([]int, len(header))
	for _, r := range all {
		for j, c := range r {
			width[j] = max(width[j], utf8.RuneCountInString(c))
		}
	}
	lines := make([]string, len(all))
	for i, r := range all {
		var b strings.Builder
		for j, c := range r {
			pad := strings.Repeat(" ", width[j]-utf8.RuneCountInString(c))
			if j == 0 {
				b.WriteString(c + pad)
			} else {
				b.WriteString("  " + pad + c)
			}
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return strings.Join(lines, "\n")
}

// EstimateHeader is the header of a table of estimates: what they are of, and
// the columns of EstimateRow.
func EstimateHeader(what string) []string {
	return []string{what, "estimate", "SE", "95% CI", "p", "df"}
}

// EstimateRow is a row of a table of estimates, with the p-value against 0.
// Infinite degrees of freedom are a normal distribution.
func EstimateRow[I interface {
	Text(decimals int, unit string) string
}](label string, e interface {
	Point() float64
	CI(level float64) I
	P(null float64) float64
}, se, df float64) []string {
	if math.IsNaN(e.Point()) {
		return []string{label, Fixed(math.NaN(), 0), "", "", "", ""}
	}
	d := DecimalsOf(e.Point(), se)
	free := "normal"
	if !math.IsInf(df, 1) {
		free = DF(df)
	}
	return []string{label, Fixed(e.Point(), d), Fixed(se, d), e.CI(0.95).Text(d, ""), strings.TrimPrefix(P(e.P(0)), "= "), free}
}

// Digits writes x with so many significant digits, and zero without a sign.
func Digits(x float64, digits int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Fixed(x, 0)
	}
	if x == 0 {
		return "0"
	}
	return strconv.FormatFloat(x, 'g', digits, 64)
}
