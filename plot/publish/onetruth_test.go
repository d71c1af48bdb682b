package publish

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// One truth: what decides, what is drawn and what is written are the same. Each
// case is a protocol in YAML with a file, and its right values are this test's
// own least squares, Welch's formula and gonum's t distribution.

// truthCase is what a protocol of the table declares.
type truthCase struct {
	model      string
	covariates []string
	thresholds int
	level      float64 // of the plan at v2; that at v1 has 95%
	arms       int
	lower      bool // lower is better
}

func (c truthCase) name() string {
	return fmt.Sprintf("%s %v thresholds %d level %v arms %d", c.model, c.covariates, c.thresholds, c.level, c.arms)
}

// truthThresholds: what judges means (margin and that of worsening) and
// patients stands among others that judge nothing.
var truthThresholds = []struct {
	yaml                   string
	margin, worse, patient float64
}{
	{yaml: "[]"},
	{yaml: "[{kind: MDC, value: 0.4, level: individual, source: s}, {kind: MCID, value: 2.2, level: individual, worsening: true, source: s}, {kind: MCID, value: 1.5, level: individual, source: s}]", patient: 1.5},
	{yaml: "[{kind: SEM, value: 0.2, level: between, source: s}, {kind: MCID, value: 1.5, level: individual, source: s}, {kind: margin, value: 0.8, level: between, source: s}]", margin: 0.8, worse: 0.8, patient: 1.5},
	{yaml: "[{kind: margin, value: 0.5, level: between, worsening: true, source: s}, {kind: MIC, value: 1.2, level: individual, source: s}, {kind: margin, value: 0.9, level: between, source: s}, {kind: margin, value: 2, level: between, source: s}]", margin: 0.9, worse: 0.5, patient: 1.2},
}

type truthPerson struct {
	arm  int
	y    [3]int // in tenths: before, v1, v2
	site int
	age  int
	id   string
}

func truthTrial(c truthCase, seed uint64) (protocol, data string, people []truthPerson) {
	rng := rand.New(rand.NewPCG(seed, 77))
	var arms, file strings.Builder
	file.WriteString("id,arm,site,age,y0,y1,y2\n")
	for a := range c.arms {
		control := ""
		if a == c.arms-1 {
			control = ", control: true"
		}
		fmt.Fprintf(&arms, "  - {id: a%d, label: Arm %c%s}\n", a, 'A'+a, control)
	}
	for i := range 9*c.arms + 2 {
		p := truthPerson{arm: i % c.arms, site: rng.IntN(3), age: 40 + rng.IntN(40), id: fmt.Sprintf("p%02d", i)}
		if i < 3*c.arms { // every site in every arm
			p.site = i / c.arms
		}
		p.y[0] = 50 + rng.IntN(30)
		for v := 1; v < 3; v++ {
			p.y[v] = p.y[0] - 4*(c.arms-p.arm) + 5*p.site + p.age/6 + rng.IntN(24) - 20
		}
		people = append(people, p)
		fmt.Fprintf(&file, "%s,a%d,s%d,%d,%s,%s,%s\n", p.id, p.arm, p.site, p.age, tenths(p.y[0]), tenths(p.y[1]), tenths(p.y[2]))
	}
	better := "higher"
	if c.lower {
		better = "lower"
	}
	return fmt.Sprintf(`title: One truth
arms:
%srandomization: {kind: complete}
visits: [{id: v0, label: Before}, {id: v1, label: Early}, {id: v2, label: Late}]
outcomes:
  - {id: y, label: Pain, unit: cm, resolution: 0.1, better: %s, thresholds: %s}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2}}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
plans:
  - {outcome: y, visit: v2, model: %s, covariates: [%s], level: %v, primary: true}
  - {outcome: y, visit: v1}
`, arms.String(), better, truthThresholds[c.thresholds].yaml, c.model, strings.Join(c.covariates, ", "), c.level), file.String(), people
}

func tenths(x int) string {
	sign := ""
	if x < 0 {
		sign, x = "-", -x
	}
	return fmt.Sprintf("%s%d.%d", sign, x/10, x%10)
}

// answer is what decides for an arm at a visit.
type answer struct {
	arm, visit, method string
	value, se, df      float64
	level              float64
	lo, hi, p          float64
	decimals           int // of every number of the outcome
}

func (a *answer) finish() {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: a.df}
	half := t.Quantile(1-(1-a.level)/2) * a.se
	a.lo, a.hi = a.value-half, a.value+half
	a.p = 2 * t.CDF(-math.Abs(a.value/a.se))
}

// leastSquares is the arms' differences from the last in follow-up ~ baseline +
// arm + covariates. It holds for the unstructured MMRM of complete data too: with
// the same columns at every visit each visit's answer is its own regression
// (Zellner 1962), with the residual variance on n − columns.
func leastSquares(people []truthPerson, arms, visit int, covariates []string) []answer {
	var rows [][]float64
	var y []float64
	for _, p := range people {
		row := []float64{1, float64(p.y[0]) / 10}
		for a := range arms - 1 {
			row = append(row, b2f(p.arm == a))
		}
		for _, c := range covariates {
			if c == "age" {
				row = append(row, float64(p.age))
			} else {
				row = append(row, b2f(p.site == 1), b2f(p.site == 2))
			}
		}
		rows, y = append(rows, row), append(y, float64(p.y[visit])/10)
	}
	n, k := len(rows), len(rows[0])
	x := mat.NewDense(n, k, slices.Concat(rows...))
	var inverse, cross mat.Dense
	cross.Mul(x.T(), x)
	if err := inverse.Inverse(&cross); err != nil {
		panic(err)
	}
	var xy, beta, fitted mat.VecDense
	xy.MulVec(x.T(), mat.NewVecDense(n, y))
	beta.MulVec(&inverse, &xy)
	fitted.MulVec(x, &beta)
	rss := 0.0
	for i := range y {
		rss += (y[i] - fitted.AtVec(i)) * (y[i] - fitted.AtVec(i))
	}
	df := float64(n - k)
	var out []answer
	for a := range arms - 1 {
		out = append(out, answer{value: beta.AtVec(2 + a), se: math.Sqrt(rss / df * inverse.At(2+a, 2+a)), df: df})
	}
	return out
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// welchOf is Welch's t of the changes (Welch 1947).
func welchOf(people []truthPerson, arms, visit int) []answer {
	moments := func(arm int) (n, mean, v float64) {
		var x []float64
		for _, p := range people {
			if p.arm == arm {
				x = append(x, float64(p.y[visit]-p.y[0])/10)
				mean += x[len(x)-1]
			}
		}
		n = float64(len(x))
		mean /= n
		for _, d := range x {
			v += (d - mean) * (d - mean) / (n - 1)
		}
		return n, mean, v / n
	}
	n0, m0, v0 := moments(arms - 1)
	var out []answer
	for a := range arms - 1 {
		n, m, v := moments(a)
		out = append(out, answer{value: m - m0, se: math.Sqrt(v + v0),
			df: (v + v0) * (v + v0) / (v*v/(n-1) + v0*v0/(n0-1))})
	}
	return out
}

// answers are the right ones, v1 then v2, by arm.
func (c truthCase) answers(people []truthPerson) []answer {
	var out []answer
	for visit := 1; visit <= 2; visit++ {
		method, level, as := "ancova", 0.95, leastSquares(people, c.arms, visit, nil)
		if visit == 2 {
			method, level = c.model, c.level
			switch {
			case c.model == "welch-change":
				as = welchOf(people, c.arms, visit)
			case len(c.covariates) > 0:
				method, as = "ancova-adjusted", leastSquares(people, c.arms, visit, c.covariates)
			}
		}
		for i := range as {
			as[i].arm, as[i].visit, as[i].method, as[i].level = fmt.Sprintf("a%d", i), fmt.Sprintf("v%d", visit), method, level
			as[i].finish()
		}
		out = append(out, as...)
	}
	least := math.Inf(1)
	for _, a := range out {
		least = math.Min(least, a.se)
	}
	for i := range out {
		out[i].decimals = 1 // the file's
		if least < 0.995 {  // which is 0.99, and 0.995 is 1.0
			out[i].decimals = 2
		}
	}
	return out
}

// verdict is Man-Son-Hing's level, for a value and interval of benefit.
func verdict(value, lo, hi, m float64) string {
	switch {
	case lo >= m:
		return "definite"
	case value >= m:
		return "probable"
	case hi >= m:
		return "possible"
	}
	return "definitely-not"
}

var printedEstimate = regexp.MustCompile(`(−?\d+\.\d+) \((?:(\d+)% CI )?(−?\d+\.\d+) to (−?\d+\.\d+)\)`)

// printed finds every estimate with an interval in a text.
func printed(s string) [][]string {
	s = strings.ReplaceAll(s, "\u00a0", " ")
	var out [][]string
	for _, m := range printedEstimate.FindAllStringSubmatch(s, -1) {
		out = append(out, m[1:])
	}
	return out
}

// sameNumbers compares the printed estimates with the answers, in order. All have
// two significant digits of the smallest standard error; limits near 0 and near a
// margin have more.
func sameNumbers(t *testing.T, where string, want []answer, got [][]string, levels bool) {
	t.Helper()
	if !assert.Len(t, got, len(want), "%s prints one estimate for each answer, and no other", where) {
		return
	}
	for i, a := range want {
		if levels {
			assert.Equal(t, fmt.Sprint(math.Round(100*a.level)), got[i][1], "%s: level of %s at %s", where, a.arm, a.visit)
		}
		for k, x := range map[int]float64{0: a.value, 2: a.lo, 3: a.hi} {
			y, err := strconv.ParseFloat(strings.Replace(got[i][k], "−", "-", 1), 64)
			require.NoError(t, err)
			_, decimals, _ := strings.Cut(got[i][k], ".")
			if k == 0 {
				assert.Len(t, decimals, a.decimals, "%s: %s at %s", where, a.arm, a.visit)
			}
			assert.InDelta(t, x, y, 0.51*math.Pow(10, -float64(len(decimals))), "%s: %s at %s", where, a.arm, a.visit)
		}
	}
}

func truthCases() []truthCase {
	var out []truthCase
	i := 0
	for _, m := range []struct {
		model      string
		covariates []string
	}{{"ancova", nil}, {"ancova", []string{"age"}}, {"ancova", []string{"site"}}, {"ancova", []string{"age", "site"}},
		{"welch-change", nil}, {"mmrm", nil}} {
		for arms := 2; arms <= 4; arms++ {
			for th := range truthThresholds {
				out = append(out, truthCase{m.model, m.covariates, th, []float64{0.8, 0.95, 0.99}[i%3], arms, i%2 == 0})
				i++
			}
		}
	}
	return out
}

func TestOneTruth(t *testing.T) {
	for i, c := range truthCases() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			protocol, data, people := truthTrial(c, uint64(i))
			p, err := study.ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
			require.NoError(t, err)
			ds, err := study.Load(strings.NewReader(data), "data.csv", p)
			require.NoError(t, err)
			r, err := ds.AnalyzeAll()
			require.NoError(t, err)
			want := c.answers(people)
			c.checkFiles(t, r, want, people)
			c.checkFigures(t, r, want)
		})
	}
}

// benefit turns an answer so that larger is better.
func (c truthCase) benefit(a answer) (value, lo, hi float64) {
	if c.lower {
		return -a.value, -a.hi, -a.lo
	}
	return a.value, a.lo, a.hi
}

func (c truthCase) checkFiles(t *testing.T, r study.Report, want []answer, people []truthPerson) {
	th := truthThresholds[c.thresholds]
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	var file struct {
		Results []struct {
			Outcome, Visit, Contrast, Arm, Method, Role string
			Decides, Primary                            bool
			Estimate, SE, DF, Level, Alpha, P           *float64
			Lower, Upper                                *float64
			Verdict                                     *string
			VerdictHarm                                 *string `json:"verdict_harm"`
			Threshold                                   *struct{ Value float64 }
		}
		Responders []struct {
			Visit, Arm, Rule string
			Threshold        float64
			Events, N        int
		}
		Importance []struct {
			Arm, Visit, Method string
			Threshold          float64
			Posteriors         []struct{ Important float64 }
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	k := 0
	for _, row := range file.Results {
		if !row.Decides {
			assert.Nil(t, row.Verdict, "%s does not decide", row.Method)
			assert.NotEqual(t, "primary", row.Role)
			continue
		}
		require.Less(t, k, len(want), "one row an arm and visit decides")
		a := want[k]
		k++
		assert.Equal(t, []string{a.arm, a.visit, a.method}, []string{row.Arm, row.Visit, row.Method})
		assert.Equal(t, a.visit == "v2", row.Primary)
		for name, x := range map[string][2]float64{"estimate": {a.value, *row.Estimate}, "se": {a.se, *row.SE}, "df": {a.df, *row.DF},
			"lower": {a.lo, *row.Lower}, "upper": {a.hi, *row.Upper}, "p": {a.p, *row.P}, "level": {a.level, *row.Level}, "alpha": {1 - a.level, *row.Alpha}} {
			assert.InDelta(t, x[0], x[1], 2e-6*(1+math.Abs(x[0])), "results.json: %s of %s at %s", name, a.arm, a.visit)
		}
		if th.margin == 0 {
			assert.Nil(t, row.Verdict, "no margin between arms, no verdict")
			assert.Nil(t, row.Threshold)
			continue
		}
		value, lo, hi := c.benefit(a)
		assert.Equal(t, verdict(value, lo, hi, th.margin), *row.Verdict)
		assert.Equal(t, verdict(-value, -hi, -lo, th.worse), *row.VerdictHarm)
		assert.Equal(t, th.margin, row.Threshold.Value)
	}
	assert.Equal(t, len(want), k)

	if th.margin == 0 {
		assert.Empty(t, file.Importance)
	} else if assert.Len(t, file.Importance, len(want)) {
		for k, x := range file.Importance {
			a := want[k]
			value, _, _ := c.benefit(a)
			assert.Equal(t, []string{a.arm, a.visit, a.method}, []string{x.Arm, x.Visit, x.Method})
			assert.Equal(t, th.margin, x.Threshold)
			flat := 1 - distuv.StudentsT{Mu: value, Sigma: a.se, Nu: a.df}.CDF(th.margin)
			assert.InDelta(t, flat, x.Posteriors[0].Important, 1e-6, "posterior of %s at %s", a.arm, a.visit)
		}
	}

	// Patients: counted in tenths, by the patients' threshold alone.
	var counts []string
	for _, x := range file.Responders {
		require.Equal(t, th.patient, x.Threshold)
		events, n := 0, 0
		for _, p := range people {
			if fmt.Sprintf("a%d", p.arm) != x.Arm {
				continue
			}
			change := p.y[map[string]int{"v1": 1, "v2": 2}[x.Visit]] - p.y[0]
			if c.lower {
				change = -change
			}
			n++
			if change >= int(math.Round(10*th.patient)) {
				events++
			}
		}
		assert.Equal(t, [2]int{events, n}, [2]int{x.Events, x.N}, "responders of %s at %s", x.Arm, x.Visit)
		counts = append(counts, fmt.Sprintf("%d of %d", events, n))
	}
	if th.patient > 0 {
		f, err := plot.Responders(r.Results)
		require.NoError(t, err)
		assert.Equal(t, counts, regexp.MustCompile(`\d+ of \d+`).FindAllString(f.Description(), -1), "description of responders")
		f, err = plot.ResponderBars(r.Results)
		require.NoError(t, err)
		assert.Equal(t, counts, regexp.MustCompile(`\d+ of \d+`).FindAllString(f.Description(), -1), "description of responder bars")
	}
	assert.Equal(t, th.patient > 0, len(file.Responders) > 0)

	b.Reset()
	require.NoError(t, report.CSV(&b, r, report.Options{}))
	lines, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for j, name := range lines[0] {
		column[name] = j
	}
	k = 0
	for _, line := range lines[1:] {
		if line[column["decides"]] != "true" {
			continue
		}
		a := want[k]
		k++
		assert.Equal(t, []string{a.arm, a.visit, a.method}, []string{line[column["arm"]], line[column["visit"]], line[column["method"]]})
		for name, x := range map[string]float64{"estimate": a.value, "lower": a.lo, "upper": a.hi, "p": a.p, "level": a.level} {
			y, err := strconv.ParseFloat(line[column[name]], 64)
			require.NoError(t, err)
			assert.InDelta(t, x, y, 2e-6*(1+math.Abs(x)), "results.csv: %s", name)
		}
	}
	assert.Equal(t, len(want), k)

	b.Reset()
	require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true}))
	page := strings.ReplaceAll(b.String(), "\u00a0", " ")
	// The answer gives the primary comparisons, those of the last visit.
	sentence := regexp.MustCompile(`- [^:|]+: (−?[\d.]+) cm \((\d+)% CI (−?[\d.]+) to (−?[\d.]+); p `)
	var said [][]string
	for _, m := range sentence.FindAllStringSubmatch(page, -1) {
		said = append(said, m[1:])
	}
	primary := want[c.arms-1:]
	sameNumbers(t, "Answer", primary, said, true)
	said = nil
	decides := regexp.MustCompile(`decides\) \| (−?[\d.]+) \| (−?[\d.]+) to (−?[\d.]+)(?: \((\d+)%\))? \|`)
	for _, m := range decides.FindAllStringSubmatch(page, -1) {
		said = append(said, []string{m[1], m[4], m[2], m[3]})
	}
	sameNumbers(t, "table of methods", want, said, c.level != 0.95)
	assert.Equal(t, th.margin > 0, strings.Contains(page, "margin between arms of"), "a verdict on means needs a margin")
	if th.margin > 0 {
		value, lo, hi := c.benefit(primary[0])
		assert.Contains(t, page, "important benefit "+strings.ReplaceAll(verdict(value, lo, hi, th.margin), "-", " "))
	}
}

func (c truthCase) checkFigures(t *testing.T, r study.Report, want []answer) {
	th := truthThresholds[c.thresholds]
	svg := func(f *plot.Figure) string {
		var b bytes.Buffer
		require.NoError(t, f.Write(&b, plot.SVG))
		s := b.String()
		return s[strings.Index(s, "</desc>"):] // what is drawn; its words are read by themselves
	}
	differences, err := plot.Differences(r.Results)
	require.NoError(t, err)
	sameNumbers(t, "differences.svg", want, printed(svg(differences)), c.level != 0.95)
	sameNumbers(t, "description of differences", want, printed(differences.Description()), true)
	assert.Equal(t, th.margin > 0, strings.Contains(differences.Caption(), "Shaded"))
	if th.margin > 0 {
		assert.Contains(t, strings.ReplaceAll(differences.Caption(), "\u00a0", " "), fmt.Sprintf("margin between arms: %v cm", th.margin))
	}
	compatibility, err := plot.Compatibility(r.Results)
	require.NoError(t, err)
	sameNumbers(t, "description of compatibility", want, printed(compatibility.Description()), true)

	// Probabilities of benefit beyond the margin, of the flat prior.
	posterior, err := plot.Posterior(r.Results)
	require.NoError(t, err)
	chances := regexp.MustCompile(`\) ([=<>]) (\d+\.\d)%`).FindAllStringSubmatch(strings.ReplaceAll(posterior.Description(), "\u00a0", " "), -1)
	sweep, err := plot.ThresholdSweep(r.Results)
	require.NoError(t, err)
	bounds := regexp.MustCompile(`important benefit is (.+?)\.(?: |$)`).FindAllStringSubmatch(strings.ReplaceAll(sweep.Description(), "\u00a0", " "), -1)
	if !assert.Len(t, chances, len(want)) || !assert.Len(t, bounds, len(want)) {
		return
	}
	for i, a := range want {
		value, lo, hi := c.benefit(a)
		chance := 100 * (1 - distuv.StudentsT{Mu: value, Sigma: a.se, Nu: a.df}.CDF(th.margin))
		if chances[i][1] == "=" {
			x, err := strconv.ParseFloat(chances[i][2], 64)
			require.NoError(t, err)
			assert.InDelta(t, chance, x, 0.051, "posterior: %s at %s", a.arm, a.visit)
		}
		for k, x := range []float64{lo, value, hi} { // a verdict that no threshold has is not told
			verdict := []string{"definite", "probable", "possible"}[k]
			said := regexp.MustCompile(verdict + ` up to (−?\d+\.\d+) cm`).FindStringSubmatch(bounds[i][1])
			if x <= 0 {
				assert.Nil(t, said, "threshold sweep, %s: %s at %s", verdict, a.arm, a.visit)
				continue
			}
			if assert.NotNil(t, said, "threshold sweep, %s: %s at %s", verdict, a.arm, a.visit) {
				y, err := strconv.ParseFloat(said[1], 64)
				require.NoError(t, err)
				assert.InDelta(t, x, y, 0.51*math.Pow(10, -float64(a.decimals)), "threshold sweep: %s at %s", a.arm, a.visit)
			}
		}
	}

	last := r.Results[1]
	require.Equal(t, "v2", last.Visit.ID)
	sites, err := study.SubgroupsOf(last, "site")
	require.NoError(t, err)
	subgroups, err := plot.Subgroups(last, sites)
	require.NoError(t, err)
	all := printed(subgroups.Description())
	require.GreaterOrEqual(t, len(all), c.arms-1)
	sameNumbers(t, "all participants of the subgroups", want[c.arms-1:], all[:c.arms-1], true)

	// The estimation plot stands on mean changes and says so where they do not decide.
	cumming, err := plot.Cumming(r.Results)
	require.NoError(t, err)
	assert.Contains(t, cumming.Caption(), "The analysis that decides is another")
}
