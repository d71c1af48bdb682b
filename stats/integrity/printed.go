package integrity

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// Printed is a number as a publication prints it. Its digits matter: "2.80"
// says that the number lies between 2.795 and 2.805, "2.8" between 2.75 and
// 2.85. The empty Printed is a number that was not printed. The decimal sign
// is a point; a typographic minus is read.
type Printed string

var printedForm = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)$`)

func (p Printed) plain() string {
	return strings.ReplaceAll(strings.TrimSpace(string(p)), "−", "-")
}

// Stated reports whether the number was printed at all.
func (p Printed) Stated() bool { return strings.TrimSpace(string(p)) != "" }

// Check returns an error unless p is empty or a plain decimal number.
func (p Printed) Check() error {
	if s := p.plain(); s != "" && (!printedForm.MatchString(s) || len(s) > 30) {
		return &stats.SampleError{Func: "Printed", Arg: strconv.Quote(string(p)), Index: -1, Err: stats.ErrDomain,
			Info: "not a plain decimal number"}
	}
	return nil
}

// Value returns the number; NaN where nothing, or no number, was printed.
func (p Printed) Value() float64 {
	if !p.Stated() || p.Check() != nil {
		return math.NaN()
	}
	x, err := strconv.ParseFloat(p.plain(), 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// Decimals is the count of digits after the decimal point.
func (p Printed) Decimals() int {
	_, frac, _ := strings.Cut(p.plain(), ".")
	return len(frac)
}

// Range returns the numbers that print as p: half a unit of the last digit to
// either side. Both ends belong to it, because publications round halves up,
// down and to even. It is NaN, NaN where no number was printed.
func (p Printed) Range() (lo, hi float64) {
	half := 0.5 * math.Pow(10, -float64(p.Decimals()))
	x := p.Value()
	return x - half, x + half
}

// slack is the share by which a computed number may miss a rounding interval
// before it counts as outside: arithmetic rounds too.
const slack = 1e-9

// holds reports whether x can print as p.
func (p Printed) holds(x float64) bool {
	lo, hi := p.Range()
	e := slack * (1 + math.Abs(x))
	return x >= lo-e && x <= hi+e
}

// PrintedP is a p-value as a publication prints it: "0.03", "= .004",
// "< 0.001", "P > .05", "ns". The empty PrintedP was not printed.
type PrintedP string

var printedPForm = regexp.MustCompile(`^(?i:p)?\s*(<=|>=|≤|≥|<|>|=)?\s*(\d+(?:\.\d*)?|\.\d+)$`)

// Stated reports whether the p-value was printed at all.
func (p PrintedP) Stated() bool { return strings.TrimSpace(string(p)) != "" }

// Check returns an error unless p is empty or a p-value as papers print it.
func (p PrintedP) Check() error {
	if _, _, ok := p.parse(); p.Stated() && !ok {
		return &stats.SampleError{Func: "PrintedP", Arg: strconv.Quote(string(p)), Index: -1, Err: stats.ErrDomain,
			Info: `not a p-value such as 0.03, "< 0.001" or ns`}
	}
	return nil
}

func (p PrintedP) parse() (relation string, value Printed, ok bool) {
	s := strings.TrimSpace(string(p))
	switch strings.ToLower(strings.ReplaceAll(s, ".", "")) {
	case "ns":
		return ">", "0.05", true
	}
	m := printedPForm.FindStringSubmatch(s)
	if m == nil {
		return "", "", false
	}
	v := Printed(m[2])
	if x := v.Value(); !(x >= 0 && x <= 1) {
		return "", "", false
	}
	switch m[1] {
	case "<", "<=", "≤":
		return "<", v, true
	case ">", ">=", "≥":
		return ">", v, true
	}
	return "=", v, true
}

// Exact returns the p-value if it was printed as one number that is neither 0
// nor 1, not as a bound.
func (p PrintedP) Exact() (float64, bool) {
	rel, v, ok := p.parse()
	x := v.Value()
	return x, ok && rel == "=" && x > 0 && x < 1
}

// Below returns the bound b of a p-value printed as "< b".
func (p PrintedP) Below() (float64, bool) {
	rel, v, ok := p.parse()
	x := v.Value()
	return x, ok && rel == "<" && x > 0
}

// Range returns the p-values that print as p; "ns" is taken as above 0.05.
// It is NaN, NaN where none was printed.
func (p PrintedP) Range() (lo, hi float64) {
	rel, v, ok := p.parse()
	if !ok {
		return math.NaN(), math.NaN()
	}
	switch rel {
	case "<":
		return 0, v.Value()
	case ">":
		return v.Value(), 1
	}
	lo, hi = v.Range()
	return math.Max(lo, 0), math.Min(hi, 1)
}

// Significant reports whether the printed p-value is below alpha, and whether
// the print decides that.
func (p PrintedP) Significant(alpha float64) (significant, known bool) {
	rel, v, ok := p.parse()
	x := v.Value()
	switch {
	case !ok:
		return false, false
	case rel == "<":
		return true, x <= alpha
	case rel == ">":
		return false, x >= alpha
	}
	return x < alpha, true
}

// overlaps reports whether a recomputed range meets the printed one.
func (p PrintedP) overlaps(lo, hi float64) bool {
	plo, phi := p.Range()
	return lo <= phi+slack && hi >= plo-slack
}

// PrintedSummary is a group's size, mean and standard deviation as printed.
type PrintedSummary struct {
	N        int
	Mean, SD Printed
}

// Summary returns the numbers at their printed values.
func (s PrintedSummary) Summary() stats.Summary {
	return stats.Summary{N: s.N, Mean: s.Mean.Value(), SD: s.SD.Value()}
}

// Bounds is the range that rounding leaves to a number.
type Bounds struct{ Lo, Hi float64 }

// Holds reports whether the printed number can be one within the bounds.
func (b Bounds) Holds(p Printed) bool {
	lo, hi := p.Range()
	e := slack * (1 + math.Abs(b.Lo) + math.Abs(b.Hi))
	return lo <= b.Hi+e && hi >= b.Lo-e
}

// HoldsP is Holds for a p-value.
func (b Bounds) HoldsP(p PrintedP) bool { return p.overlaps(b.Lo, b.Hi) }

func (b *Bounds) add(x float64) { b.Lo, b.Hi = math.Min(b.Lo, x), math.Max(b.Hi, x) }

// PrintedDifference is what two printed groups give once the rounding of their
// means and standard deviations is taken into account. The ranges are taken over all
// corners of the rounding.
type PrintedDifference struct {
	// Estimate is the difference at the printed values.
	Estimate stats.Estimate
	// Difference is what rounding leaves to it.
	Difference Bounds

	corners []stats.Estimate
}

// CIRange returns the ranges that rounding leaves to the ends of the interval at the
// level.
func (d PrintedDifference) CIRange(level float64) (lower, upper Bounds) {
	ci := d.Estimate.CI(level)
	lower, upper = Bounds{ci.Lo, ci.Lo}, Bounds{ci.Hi, ci.Hi}
	for _, c := range d.corners {
		ci := c.CI(level)
		lower.add(ci.Lo)
		upper.add(ci.Hi)
	}
	return lower, upper
}

// PRange returns the range that rounding leaves to the two-sided p-value of the
// difference null; it reaches 1 where the difference may have been null.
func (d PrintedDifference) PRange(null float64) Bounds {
	p := d.Estimate.P(null)
	b := Bounds{p, p}
	for _, c := range d.corners {
		b.add(c.P(null))
	}
	if d.Difference.Lo <= null && d.Difference.Hi >= null {
		b.add(1)
	}
	return b
}

// StudentPrinted compares two printed groups by Student's t-test and returns,
// beside the estimate, the range of every number over what the groups' means
// and standard deviations may have been before they were rounded. It refuses what
// StudentSummary refuses, and text that is not a number.
// Source: Student (1908), doi 10.1093/biomet/6.1.1; rounding as in Brown &
// Heathers (2017), doi 10.1177/1948550616673876. At the printed values it agrees
// with R's BSDA::tsum.test(var.equal = TRUE).
func StudentPrinted(treated, control PrintedSummary) (PrintedDifference, error) {
	return printedDifference("StudentPrinted", treated, control, stats.StudentSummary)
}

// WelchPrinted is StudentPrinted by Welch's t-test, which refuses n below 2.
// Source: Welch (1947), doi 10.1093/biomet/34.1-2.28. At the printed values it
// agrees with R's BSDA::tsum.test(var.equal = FALSE).
func WelchPrinted(treated, control PrintedSummary) (PrintedDifference, error) {
	return printedDifference("WelchPrinted", treated, control, stats.WelchSummary)
}

func printedDifference(fn string, a, b PrintedSummary, test func(t, c stats.Summary) (stats.Estimate, error)) (PrintedDifference, error) {
	e, err := test(a.Summary(), b.Summary())
	if err != nil {
		return PrintedDifference{}, check.Renamed(fn, err)
	}
	out := PrintedDifference{Estimate: e, Difference: Bounds{e.Value, e.Value}}
	am, aM := a.Mean.Range()
	bm, bM := b.Mean.Range()
	for _, d := range []float64{am - bM, aM - bm} {
		out.Difference.add(d)
		for i := range 4 {
			sa, sb := a.Summary(), b.Summary()
			sa.SD, sb.SD = corner(a.SD, i&1), corner(b.SD, i>>1)
			sa.Mean, sb.Mean = d, 0
			c, err := test(sa, sb)
			if err != nil { // both standard deviations may have been 0
				continue
			}
			out.corners = append(out.corners, c)
		}
	}
	return out, nil
}

func corner(p Printed, upper int) float64 {
	lo, hi := p.Range()
	if upper == 1 {
		return hi
	}
	return math.Max(lo, 0)
}

// String is the number as printed.
func (p Printed) String() string { return string(p) }

// ReportedTest is a test statistic as a publication prints it.
type ReportedTest struct {
	// Kind is "t", "F", "chi2" or "z".
	Kind string
	// DF1 and DF2 are the degrees of freedom: t and χ² have only DF1, z none.
	DF1, DF2  float64
	Statistic Printed
}

var reportedForm = regexp.MustCompile(`^(t|F|z|Z|[χΧ][2²]|X[2²]|[Cc]hi[- ]?(?:2|²|squared?))\s*(?:\(\s*([\d.]+)\s*(?:,\s*(?:[Nn]\s*=\s*)?([\d.]+)\s*)?\))?\s*=?\s*([+\-−]?[\d.]+)$`)

// ParseReportedTest reads "t(18) = 2.10", "F(1, 46) = 3.90", "χ²(2, N = 90) =
// 0.89" (also written chi2, chi-square, X²) or "z = 1.96", the
// forms of APA style. It refuses any other text, and degrees of freedom that the
// statistic does not have or lacks (ErrDomain).
// Source: the syntax that Nuijten et al. (2016), doi 10.3758/s13428-015-0664-2,
// read. R's statcheck::statcheck finds the same in running text.
func ParseReportedTest(s string) (ReportedTest, error) {
	bad := func() (ReportedTest, error) {
		return ReportedTest{}, &stats.SampleError{Func: "ParseReportedTest", Arg: strconv.Quote(s), Index: -1, Err: stats.ErrDomain,
			Info: "write t(18) = 2.10, F(1, 46) = 3.90, chi2(2) = 0.89 or z = 1.96"}
	}
	m := reportedForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return bad()
	}
	r := ReportedTest{Kind: m[1], Statistic: Printed(m[4])}
	switch r.Kind {
	case "Z":
		r.Kind = "z"
	case "t", "F", "z":
	default: // one of the ways to write χ²
		r.Kind = "chi2"
	}
	var err error
	for i, dst := range []*float64{&r.DF1, &r.DF2} {
		if m[2+i] != "" {
			if *dst, err = strconv.ParseFloat(m[2+i], 64); err != nil || !(*dst > 0) {
				return bad()
			}
		}
	}
	given := 0
	for i := range 2 {
		if m[2+i] != "" {
			given++
		}
	}
	need := map[string]int{"t": 1, "F": 2, "chi2": 1, "z": 0}[r.Kind]
	if r.Statistic.Check() != nil || given < need || (given > need && r.Kind != "chi2") {
		return bad()
	}
	if r.Kind == "chi2" {
		r.DF2 = 0 // the number of participants
	}
	if x := r.Statistic.Value(); x < 0 && (r.Kind == "F" || r.Kind == "chi2") {
		return bad()
	}
	return r, nil
}

// String writes the test as ParseReportedTest reads it.
func (r ReportedTest) String() string {
	switch r.Kind {
	case "":
		return show.NoResult
	case "F":
		return fmt.Sprintf("F(%g, %g) = %s", r.DF1, r.DF2, r.Statistic)
	case "z":
		return "z = " + string(r.Statistic)
	case "chi2":
		return fmt.Sprintf("χ²(%g) = %s", r.DF1, r.Statistic)
	}
	return fmt.Sprintf("%s(%g) = %s", r.Kind, r.DF1, r.Statistic)
}
