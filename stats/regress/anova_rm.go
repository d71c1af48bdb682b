package regress

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ErrIncomplete: participants without a value in every within-participant
// cell.
var ErrIncomplete = errors.New("participants with missing visits")

// RepeatedData is a repeated-measures table with one element per observation:
// participants in any order, as in a long file.
type RepeatedData struct {
	ID []string
	Y  []float64
	// Within are the categories observed within each participant (Visit or
	// Category), at least one.
	Within []Term
	// Between are categories that do not change within a participant, such as
	// the arm; may be empty.
	Between []Term
}

// RepeatedOptions sets a repeated-measures ANOVA apart from the recommended
// one, which refuses what it cannot use.
type RepeatedOptions struct {
	// CompleteOnly analyzes the participants without a missing cell; the others
	// are listed in Dropped. Their exclusion biases the answer unless values
	// are missing completely at random: package mmrm uses all observations.
	CompleteOnly bool
	// Average replaces several values in a cell by their mean.
	Average bool
}

// RepeatedFit is a fitted repeated-measures or mixed ANOVA.
type RepeatedFit struct {
	Tests   []RepeatedTest
	Dropped []string // participants left out by CompleteOnly, sorted
	N       int      // participants analyzed

	grand   RepeatedTest
	within  []variable
	between *design
	cells   [][]float64 // outcome by cell (first within factor fastest) and participant
}

// RepeatedTest is the F test of one effect, assuming sphericity; ask
// Corrected for the corrected test of an effect within participants.
type RepeatedTest struct {
	Term        string
	SS, ErrorSS float64
	stats.FTest
	// GeneralizedEta2 is SS/(SS + all error sums of squares), comparable
	// between designs (Olejnik & Algina 2003,
	// doi:10.1037/1082-989X.8.4.434; every factor taken as manipulated).
	GeneralizedEta2 float64
	// Sphericity is nil for effects between participants and where only one
	// contrast exists, which is always spherical.
	Sphericity *Sphericity
}

// Correction of degrees of freedom for departure from sphericity.
type Correction string

// Corrections. The zero value is GreenhouseGeisser.
const (
	GreenhouseGeisser Correction = ""
	HuynhFeldt        Correction = "huynh-feldt"
	LowerBound        Correction = "lower-bound"
	Uncorrected       Correction = "none"
)

// CorrectionOptions say how degrees of freedom are corrected.
type CorrectionOptions struct{ Kind Correction }

// Corrected returns the test with both degrees of freedom times Greenhouse and
// Geisser's ε. Effects between participants are returned unchanged.
func (t RepeatedTest) Corrected() stats.FTest { return t.CorrectedWith(CorrectionOptions{}) }

// CorrectedWith is Corrected with another ε.
func (t RepeatedTest) CorrectedWith(opts CorrectionOptions) stats.FTest {
	eps := 1.0
	if s := t.Sphericity; s != nil {
		switch opts.Kind {
		case GreenhouseGeisser:
			eps = s.GreenhouseGeisser
		case HuynhFeldt:
			eps = math.Min(1, s.HuynhFeldt)
		case LowerBound:
			eps = s.LowerBound
		case Uncorrected:
		default:
			panic(fmt.Sprintf("regress.RepeatedTest.CorrectedWith: unknown correction %q", opts.Kind))
		}
	}
	return stats.FTest{F: t.F, DF1: eps * t.DF1, DF2: eps * t.DF2}
}

// RepeatedANOVA tests the effects of visits (or other factors within
// participants), of arms (factors between them) and of their interactions, in
// the univariate mixed-model form: each effect within participants has the
// error of its own contrasts, and between factors are adjusted for each other
// (type III). Values are assumed normal, with one covariance matrix in all
// groups; F tests within participants assume it spherical as well, for which
// Corrected makes up approximately, on the interaction too.
//
// Every participant needs one value in every cell. It refuses participants
// with missing cells (ErrIncomplete, naming them), several values in a cell
// (ErrDomain), a between factor that changes within a participant (ErrDomain),
// values whose squares leave the range of float64 (ErrDomain), and no residual
// degrees of freedom (ErrTooFew). A trial with dropout is better analyzed by
// package mmrm.
//
// Source: Greenhouse & Geisser 1959, doi:10.1007/BF02289823; Huynh & Feldt
// 1976, doi:10.3102/10769986001001069, with Lecoutre's 1991 correction for
// groups; Mauchly 1940, doi:10.1214/aoms/1177731915. Agrees with R's
// afex::aov_ez and car::Anova(type = 3).
func RepeatedANOVA(d RepeatedData) (*RepeatedFit, error) {
	return RepeatedANOVAWith(d, RepeatedOptions{})
}

// RepeatedANOVAWith is RepeatedANOVA with options.
func RepeatedANOVAWith(d RepeatedData, o RepeatedOptions) (*RepeatedFit, error) {
	f, err := gatherRepeated(d, o)
	if err != nil {
		return nil, err
	}
	_, cols, assign := f.between.columns(sumCoding)
	g := len(cols)
	dfe := float64(f.N - g)
	if dfe < 1 {
		return nil, &stats.SampleError{Func: "RepeatedANOVA", Arg: "ID", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d participants, need %d", f.N, g+1)}
	}
	allErrors := 0.0
	for _, w := range subsetsByDegree(len(f.within)) {
		// Only the grand mean depends on where 0 is: all else is computed about
		// a value near the data, which keeps their digits.
		z := f.contrasts(w, f.cells[0][0])
		k := len(z)
		ssp := make([]float64, k*k)
		res := make([][]float64, k)
		ss := make([]float64, len(f.between.terms))
		for i, y := range z {
			full := solveLS(cols, y, nil)
			if len(full.aliased) > 0 {
				return nil, f.between.aliasedError(full.aliased)
			}
			res[i] = full.residuals(cols, y)
			for t := range ss {
				if t == 0 && len(w) == 0 {
					ss[t] = termSS(cols, assign, t, f.contrasts(w, 0)[0])
					continue
				}
				ss[t] += termSS(cols, assign, t, y)
			}
		}
		for i := range k {
			for j := range k {
				for r := range res[i] {
					ssp[i*k+j] += res[i][r] * res[j][r]
				}
			}
		}
		errSS := 0.0
		for i := range k {
			errSS += ssp[i*k+i]
		}
		if errSS == 0 || moments.NoSpread(f.cells, errSS, f.N) {
			return nil, &stats.SampleError{Func: "RepeatedANOVA", Arg: "Y", Index: -1, Err: stats.ErrNoVariation,
				Info: "no residual variation in the contrasts of " + f.withinName(w)}
		}
		allErrors += errSS
		var sph *Sphericity
		if k > 1 {
			sph = sphericity(ssp, k, dfe)
		}
		for t, term := range f.between.terms {
			df := 0.0
			for _, a := range assign {
				if a == t {
					df++
				}
			}
			name := f.effectName(term, w)
			d1, d2 := df*float64(k), dfe*float64(k)
			test := RepeatedTest{Term: name, SS: ss[t], ErrorSS: errSS, Sphericity: sph,
				FTest: stats.FTest{F: ss[t] / d1 / (errSS / d2), DF1: d1, DF2: d2}}
			if name == "" {
				f.grand = test
				continue
			}
			f.Tests = append(f.Tests, test)
		}
	}
	for i := range f.Tests {
		t := &f.Tests[i]
		t.GeneralizedEta2 = t.SS / (t.SS + allErrors)
	}
	return f, nil
}

// Test returns the test of an effect, such as "arm:visit" (between factors
// first). It panics where there is none.
func (f *RepeatedFit) Test(term string) RepeatedTest {
	for _, t := range f.Tests {
		if t.Term == term {
			return t
		}
	}
	panic(fmt.Sprintf("regress.RepeatedFit.Test: no effect %q", term))
}

// GrandMean returns the test that the mean of all cells is 0, rarely of
// interest; it has no GeneralizedEta2.
func (f *RepeatedFit) GrandMean() RepeatedTest { return f.grand }

// termSS is the sum of squares that the columns of term t add to all others.
func termSS(cols [][]float64, assign []int, t int, y []float64) float64 {
	var use, own [][]float64
	for j, a := range assign {
		if a == t {
			own = append(own, cols[j])
		} else {
			use = append(use, cols[j])
		}
	}
	first := len(use)
	fit := solveLS(append(use, own...), y, nil)
	s := 0.0
	for i, j := range fit.kept {
		if j >= first {
			q := fit.qty[i].Float()
			s += q * q
		}
	}
	return s
}

// contrasts returns the normalized contrasts of the within factors in w,
// averaged over the others, of the values less origin: one slice of
// participants per contrast. Sums use whole-number coefficients before scaling, so an offset of the data cancels.
func (f *RepeatedFit) contrasts(w []int, origin float64) [][]float64 {
	in := map[int]bool{}
	for _, i := range w {
		in[i] = true
	}
	// coefs[c] lists the coefficient of every cell for contrast c.
	coefs := [][]float64{{1}}
	for i, v := range f.within {
		k := len(v.levels)
		var own [][]float64
		if !in[i] {
			one := make([]float64, k)
			for l := range one {
				one[l] = 1
			}
			own = [][]float64{one}
		} else {
			for c := 1; c < k; c++ { // Helmert: the first c levels against the next
				h := make([]float64, k)
				for l := range c {
					h[l] = 1
				}
				h[c] = -float64(c)
				own = append(own, h)
			}
		}
		var next [][]float64
		for _, h := range own {
			for _, prev := range coefs {
				var c []float64
				for _, x := range h { // later factors vary slowest
					for _, p := range prev {
						c = append(c, x*p)
					}
				}
				next = append(next, c)
			}
		}
		coefs = next
	}
	out := make([][]float64, len(coefs))
	for c, coef := range coefs {
		norm := 0.0
		for _, x := range coef {
			norm += x * x
		}
		norm = math.Sqrt(norm)
		out[c] = make([]float64, f.N)
		for r := range out[c] {
			var s num.DD
			for cell, x := range coef {
				if x != 0 {
					s = s.Add(num.ToDD(f.cells[cell][r]).Sub(num.ToDD(origin)).MulFloat(x))
				}
			}
			out[c][r] = s.Float() / norm
		}
	}
	return out
}

// subsetsByDegree lists the subsets of 0…n−1 by size, then in order; the empty
// one first.
func subsetsByDegree(n int) [][]int {
	var out [][]int
	for m := range 1 << n {
		var s []int
		for i := range n {
			if m>>i&1 == 1 {
				s = append(s, i)
			}
		}
		out = append(out, s)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if len(out[i]) != len(out[j]) {
			return len(out[i]) < len(out[j])
		}
		for k := range out[i] {
			if out[i][k] != out[j][k] {
				return out[i][k] < out[j][k]
			}
		}
		return false
	})
	return out
}

func (f *RepeatedFit) withinName(w []int) string {
	if len(w) == 0 {
		return "participants"
	}
	return f.effectName(Term{}, w)
}

func (f *RepeatedFit) effectName(t Term, w []int) string {
	var parts []string
	for _, v := range t.vars {
		parts = append(parts, v.name)
	}
	for _, i := range w {
		parts = append(parts, f.within[i].name)
	}
	return strings.Join(parts, ":")
}

// LSMeans returns the estimated mean at each combination of levels of the
// named factors, within or between, the first varying fastest: other within
// factors averaged, other between factors weighing equally. Each mean's error
// is that of its own visits alone, with N − groups degrees of freedom, which
// assumes no sphericity (as emmeans does for afex's multivariate model). Where the
// values at them do not vary within groups, there is none: SE is NaN.
func (f *RepeatedFit) LSMeans(names ...string) LSMeans {
	var within []int
	var between []string
	for _, name := range names {
		k := -1
		for i := range f.within {
			if f.within[i].name == name {
				k = i
			}
		}
		if k >= 0 {
			within = append(within, k)
		} else {
			between = append(between, name)
		}
	}
	combos := []map[string]string{{}}
	for _, k := range within {
		var next []map[string]string
		for _, l := range f.within[k].levels {
			for _, c := range combos {
				d := map[string]string{f.within[k].name: l}
				for a, b := range c {
					d[a] = b
				}
				next = append(next, d)
			}
		}
		combos = next
	}
	var out LSMeans
	for _, c := range combos {
		m := f.at(c)
		for _, e := range m.LSMeans(between...) {
			for a, b := range c {
				e.Levels[a] = b
			}
			e.names = names
			out = append(out, e)
		}
	}
	return out
}

// at is the between model of the outcome averaged over the cells that have the
// given within levels.
func (f *RepeatedFit) at(levels map[string]string) *Fit {
	for name, l := range levels {
		ok := false
		for i := range f.within {
			ok = ok || (f.within[i].name == name && f.within[i].level(l) >= 0)
		}
		if !ok {
			panic(fmt.Sprintf("regress.RepeatedFit.LSMeans: no within factor %s with level %q", name, l))
		}
	}
	y := make([]float64, f.N)
	for r := range y {
		var s num.DD
		n := 0.0
	cells:
		for c := range f.cells {
			rest := c
			for _, v := range f.within {
				l := v.levels[rest%len(v.levels)]
				rest /= len(v.levels)
				if want, ok := levels[v.name]; ok && want != l {
					continue cells
				}
			}
			s = s.Add(num.ToDD(f.cells[c][r]))
			n++
		}
		y[r] = s.Div(num.ToDD(n)).Float()
	}
	fit := solveLS(f.between.cols, y, nil)
	rss := fit.rss.Float()
	if moments.NoSpread([][]float64{y}, rss, f.N) {
		rss = math.NaN()
	}
	return &Fit{d: f.between, y: y, fit: fit, est: &estimable{kept: fit.kept}, rss: rss, df: float64(f.N - len(f.between.cols))}
}
