package table

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// Contingency is an analyzed r×c table of counts.
type Contingency struct {
	Counts   [][]int
	Expected [][]float64 // under independence
	// StdResiduals are (count − expected)/√(expected·(1−row share)·(1−column share)).
	StdResiduals [][]float64
	// Pearson is the χ² test, G the likelihood ratio test, on (r−1)(c−1) df.
	Pearson, G stats.ChiSquareTest
	// Yates is Pearson's test with continuity correction, of a 2×2 table only;
	// nil otherwise.
	Yates *stats.ChiSquareTest
	// CramersV is √(χ²/(n·min(r−1, c−1))), Phi √(χ²/n).
	CramersV, Phi float64
	Notes         []stats.Note
}

var _ stats.Test = Contingency{}

// P returns the p-value of Pearson's test, without continuity correction.
func (t Contingency) P() float64 { return t.Pearson.P() }

// String formats the tests: "2 × 2: Pearson X²(1) = 5.01, p = 0.0252; Yates X²(1) =
// 3.68, p = 0.0550; Cramér's V = 0.354; smallest expected count 8.5".
func (t Contingency) String() string {
	if len(t.Counts) == 0 {
		return show.NoResult
	}
	small := math.Inf(1)
	for _, row := range t.Expected {
		small = math.Min(small, slices.Min(row))
	}
	s := fmt.Sprintf("%d × %d: Pearson %v", len(t.Counts), len(t.Counts[0]), t.Pearson)
	if t.Yates != nil {
		s += fmt.Sprintf("; Yates %v", *t.Yates)
	}
	return s + fmt.Sprintf("; Cramér's V = %.3f; smallest expected count %s", t.CramersV, show.Fixed(small, 1))
}

// NoteSmallExpected says that expected counts below 5 make the χ²
// approximation doubtful; Args: min, the smallest expected count.
const NoteSmallExpected = "small-expected-counts"

// ContingencyTable tests the independence of rows and columns of a table of
// counts. Approximate: doubtful when expected counts fall below 5, which a note
// says; FisherRxC is exact in small tables.
// It refuses fewer than two rows or columns (ErrTooFew), rows of different
// length (ErrLength), negative counts, and a row or column of zeros
// (ErrDomain), which has no expectation.
// Source: Pearson (1900), doi 10.1080/14786440009463897; Cramér (1946); the
// correction: Yates (1934), doi 10.2307/2983604.
// It agrees with R's chisq.test and DescTools::GTest, SAS PROC FREQ CHISQ.
func ContingencyTable(counts [][]int) (Contingency, error) {
	rows, cols, n, err := margins("ContingencyTable", counts)
	if err != nil {
		return Contingency{}, err
	}
	r, c := len(rows), len(cols)
	t := Contingency{Counts: counts}
	var x, g, yates float64
	small := math.Inf(1)
	for i := range counts {
		e, z := make([]float64, c), make([]float64, c)
		for j, k := range counts[i] {
			e[j] = rows[i] * cols[j] / n
			small = math.Min(small, e[j])
			d := float64(k) - e[j]
			x += d * d / e[j]
			if k > 0 {
				g += 2 * float64(k) * math.Log(float64(k)/e[j])
			}
			z[j] = d / math.Sqrt(e[j]*(1-rows[i]/n)*(1-cols[j]/n))
		}
		t.Expected, t.StdResiduals = append(t.Expected, e), append(t.StdResiduals, z)
	}
	df := float64((r - 1) * (c - 1))
	t.Pearson, t.G = stats.ChiSquareTest{X2: x, DF: df}, stats.ChiSquareTest{X2: math.Max(0, g), DF: df}
	t.CramersV = math.Sqrt(x / (n * float64(min(r, c)-1)))
	t.Phi = math.Sqrt(x / n)
	if r == 2 && c == 2 {
		// The correction never carries a cell past its expectation.
		d := math.Abs(float64(counts[0][0]) - t.Expected[0][0])
		d = math.Max(0, d-math.Min(0.5, d))
		for i := range t.Expected {
			for _, e := range t.Expected[i] {
				yates += d * d / e
			}
		}
		t.Yates = &stats.ChiSquareTest{X2: yates, DF: df}
	}
	if small < 5 {
		t.Notes = append(t.Notes, stats.Note{Code: NoteSmallExpected, Args: map[string]any{"min": small}})
	}
	return t, nil
}

// margins checks a table and returns its row and column sums.
func margins(fn string, counts [][]int) (rows, cols []float64, n float64, err error) {
	bad := func(i int, err error, info string) ([]float64, []float64, float64, error) {
		return nil, nil, 0, &stats.SampleError{Func: fn, Arg: "counts", Index: i, Err: err, Info: info}
	}
	if len(counts) < 2 || len(counts[0]) < 2 {
		return bad(-1, stats.ErrTooFew, "two rows and two columns are needed")
	}
	rows, cols = make([]float64, len(counts)), make([]float64, len(counts[0]))
	for i, row := range counts {
		if len(row) != len(cols) {
			return bad(i, stats.ErrLength, fmt.Sprintf("%d columns, first row has %d", len(row), len(cols)))
		}
		for j, k := range row {
			if k < 0 {
				return bad(i, stats.ErrDomain, fmt.Sprintf("count %d", k))
			}
			rows[i] += float64(k)
			cols[j] += float64(k)
			n += float64(k)
		}
	}
	for i, s := range rows {
		if s == 0 {
			return bad(i, stats.ErrDomain, "a row of zeros")
		}
	}
	for j, s := range cols {
		if s == 0 {
			return bad(j, stats.ErrDomain, "a column of zeros")
		}
	}
	return rows, cols, n, nil
}

// Association measures of a 2×2 table.
type Association struct {
	// Phi has a sign: positive when the event is commoner under treatment.
	Phi, YuleQ float64
}

// String formats both measures.
func (a Association) String() string {
	if a == (Association{}) {
		return show.NoResult
	}
	return fmt.Sprintf("phi = %s, Yule's Q = %s", show.Fixed(a.Phi, 3), show.Fixed(a.YuleQ, 3))
}

// Associate returns the signed φ coefficient and Yule's Q = (ad − bc)/(ad + bc)
// of treated and control. φ is exact arithmetic, not an inference. It refuses
// what ContingencyTable refuses, and a table with ad = bc = 0 for Q (ErrDomain).
// Source: Yule (1912), doi 10.2307/2340126. It agrees with R's DescTools::Phi, which
// gives |φ|, and DescTools::YuleQ.
func Associate(treated, control Count) (Association, error) {
	const fn = "Associate"
	if err := checkArms(fn, treated, control); err != nil {
		return Association{}, err
	}
	t := newTable2(treated, control)
	a, b, c, d := t.X1, t.N1-t.X1, t.X2, t.N2-t.X2
	m := t.X1 + t.X2
	if m == 0 || m == t.N1+t.N2 {
		return Association{}, noEvents(fn)
	}
	out := Association{Phi: (a*d - b*c) / math.Sqrt(t.N1*t.N2*m*(t.N1+t.N2-m))}
	if a*d+b*c == 0 {
		return Association{}, badArms(fn, stats.ErrDomain, "Q is 0/0")
	}
	out.YuleQ = (a*d - b*c) / (a*d + b*c)
	return out, nil
}

// TrendOptions choose the scores of a trend.
type TrendOptions struct {
	Scores []float64 // one a group; nil means 1, 2, 3, …
}

// CochranArmitage tests a trend of proportions over ordered groups, scored 1, 2, 3,
// …: the χ² on one df of the weighted regression of events on score. Approximate.
// It refuses fewer than two groups, bad counts, and a table in which nobody or
// everybody had the event.
// Source: Cochran (1954), doi 10.2307/3001616; Armitage (1955), doi 10.2307/3001775.
// It agrees with R's prop.trend.test and SAS PROC FREQ TREND (two-sided).
func CochranArmitage(groups []Count) (stats.ChiSquareTest, error) {
	return CochranArmitageWith(groups, TrendOptions{})
}

// CochranArmitageWith is CochranArmitage with options. It also refuses scores of
// another length or all equal.
func CochranArmitageWith(groups []Count, o TrendOptions) (stats.ChiSquareTest, error) {
	const fn = "CochranArmitage"
	if len(groups) < 2 {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrTooFew, Info: "two groups are needed"}
	}
	scores := o.Scores
	if scores == nil {
		scores = make([]float64, len(groups))
		for i := range scores {
			scores[i] = float64(i + 1)
		}
	}
	if len(scores) != len(groups) {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "scores", Index: -1, Err: stats.ErrLength}
	}
	if err := check.Sample(fn, "scores", scores, 2); err != nil {
		return stats.ChiSquareTest{}, err
	}
	var n, x, ns float64
	for i, g := range groups {
		if err := check.Count(fn, "groups", g.Events, g.N); err != nil {
			return stats.ChiSquareTest{}, err
		}
		n += float64(g.N)
		x += float64(g.Events)
		ns += float64(g.N) * scores[i]
	}
	p, mean := x/n, ns/n
	var sxy, sxx float64
	for i, g := range groups {
		d := scores[i] - mean
		sxy += d * (float64(g.Events) - float64(g.N)*p)
		sxx += float64(g.N) * d * d
	}
	if sxx == 0 {
		return stats.ChiSquareTest{}, check.NoVariation(fn, "scores")
	}
	if p == 0 || p == 1 {
		return stats.ChiSquareTest{}, noEvents(fn)
	}
	return stats.ChiSquareTest{X2: sxy * sxy / (sxx * p * (1 - p)), DF: 1}, nil
}

// CochranQ tests whether several binary conditions seen in the same
// participants (rows: participants, columns: conditions) are met equally
// often: χ² on k − 1 df. Approximate; for two conditions it is McNemar's test
// without correction. Participants with all or no conditions carry no
// information. It refuses fewer than two rows or columns, ragged rows, and
// data in which no participant differs between conditions (ErrNoVariation).
// Source: Cochran (1950), doi 10.2307/2332378.
// It agrees with R's DescTools::CochranQTest.
func CochranQ(x [][]bool) (stats.ChiSquareTest, error) {
	const fn = "CochranQ"
	if len(x) < 2 || len(x[0]) < 2 {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "x", Index: -1, Err: stats.ErrTooFew, Info: "two participants and two conditions are needed"}
	}
	k := len(x[0])
	col := make([]float64, k)
	var total, rows2 float64
	for i, row := range x {
		if len(row) != k {
			return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "x", Index: i, Err: stats.ErrLength}
		}
		r := 0.0
		for j, v := range row {
			if v {
				col[j]++
				r++
			}
		}
		total += r
		rows2 += r * r
	}
	var c2 float64
	for _, c := range col {
		c2 += c * c
	}
	kk := float64(k)
	den := kk*total - rows2
	if den == 0 {
		return stats.ChiSquareTest{}, check.NoVariation(fn, "x")
	}
	return stats.ChiSquareTest{X2: (kk - 1) * (kk*c2 - total*total) / den, DF: kk - 1}, nil
}
