package power

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// DunnettDesign is a trial of several treated arms against one control, each difference of
// means judged by Dunnett's simultaneous t-tests. Exact for normal data of one variance:
// the probability is integrated over the control arm's mean, which the differences share, and over
// the estimated SD.
// Source: Dunnett (1955), J Am Stat Assoc 50:1096, doi 10.1080/01621459.1955.10501294.
// The critical value agrees with R's mvtnorm::qmvt(corr = ½).
type DunnettDesign struct {
	// N participants in each treated arm, Ratio control participants per treated one, 0
	// means 1; √k of k treated arms is the best.
	N, Ratio float64
	// Effects of the treated arms, treated − control, in SDs.
	Effects  []float64
	Alpha    float64 // of all comparisons together; 0 means 0.05
	OneSided bool    // rejections are of benefit, positive effects, alone
}

// DunnettPower is what such a trial can show.
type DunnettPower struct {
	// Each arm's probability of being told from control; that of Any and of All of them.
	Each     []float64 `json:"each"`
	Any      float64   `json:"any"`
	All      float64   `json:"all"`
	Critical float64   `json:"critical"` // value of |t|
}

// Power returns the probabilities of rejection, in either direction unless OneSided. It
// refuses no arms, effects that are not finite and a design without degrees of freedom.
func (d DunnettDesign) Power() (DunnettPower, error) {
	const fn = "DunnettDesign.Power"
	a, err := alphaOf(fn, d.Alpha)
	if err != nil {
		return DunnettPower{}, err
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return DunnettPower{}, err
	}
	k := len(d.Effects)
	if k == 0 || slices.ContainsFunc(d.Effects, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
		return DunnettPower{}, domain(fn, "Effects", d.Effects)
	}
	df := d.N*float64(k) + r*d.N - float64(k) - 1
	if !(df > 0) || math.IsInf(df, 0) {
		return DunnettPower{}, domain(fn, "N", d.N)
	}
	// The correlation of two differences is λ², λ² = n/(n + n₀).
	load := make([]float64, k)
	for i := range load {
		load[i] = math.Sqrt(1 / (1 + r))
	}
	c := num.OneFactorQuantileUpper(a, load, df, !d.OneSided)
	out := DunnettPower{Critical: c, Each: make([]float64, k)}
	se := math.Sqrt((1 + 1/r) / d.N)
	for i, e := range d.Effects {
		out.Each[i] = num.NCTSF(c, df, e/se)
		if !d.OneSided {
			out.Each[i] += num.NCTCDF(-c, df, e/se)
		}
	}
	// reject is arm i's probability given the control's error u (in its SD) and the
	// ratio s of the estimated to the true SD.
	l, own := load[0], math.Sqrt(1-load[0]*load[0])
	reject := func(i int, u, s float64) float64 {
		m := d.Effects[i]/se - l*u
		p := num.NormSF((c*s - m) / own)
		if !d.OneSided {
			p += num.NormCDF((-c*s - m) / own)
		}
		return p
	}
	average := func(f func(u, s float64) float64) float64 {
		over := func(s float64) float64 {
			return num.Integrate(func(u float64) float64 { return num.NormPDF(u) * f(u, s) }, -8.5, 8.5, 1e-9)
		}
		w := 1 / math.Sqrt(2*df)
		lo, hi := math.Max(0, 1-9*w), 1+11*w
		return num.Clip01(num.Integrate(func(s float64) float64 { return 2 * df * s * num.ChiSqPDF(df*s*s, df) * over(s) }, lo, hi, 1e-8))
	}
	product := func(of func(p float64) float64) func(u, s float64) float64 {
		return func(u, s float64) float64 {
			p := 1.0
			for i := range d.Effects {
				p *= of(reject(i, u, s))
			}
			return p
		}
	}
	out.All = average(product(func(p float64) float64 { return p }))
	out.Any = 1 - average(product(func(p float64) float64 { return 1 - p }))
	return out, nil
}

// SolveN returns the N of each treated arm with which every arm whose effect is not 0
// is told from control with at least the power asked for, each by itself; round up. It
// refuses effects of 0 alone, and effects that one degree of freedom would tell.
func (d DunnettDesign) SolveN(power float64) (float64, error) {
	const fn = "DunnettDesign.SolveN"
	least := math.Inf(1)
	for _, e := range d.Effects {
		if e != 0 {
			least = math.Min(least, math.Abs(e))
		}
	}
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), least); err != nil {
		return 0, err
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return 0, err
	}
	k := float64(len(d.Effects))
	load := make([]float64, len(d.Effects))
	for i := range load {
		load[i] = math.Sqrt(1 / (1 + r))
	}
	// From one degree of freedom on.
	return solveUp(fn, "N", (k+2)/(k+r), func(n float64) float64 {
		df := n*(k+r) - k - 1
		c := num.OneFactorQuantileUpper(defaultAlpha(d.Alpha), load, df, !d.OneSided)
		ncp := least / math.Sqrt((1+1/r)/n)
		p := num.NCTSF(c, df, ncp)
		if !d.OneSided {
			p += num.NCTCDF(-c, df, ncp)
		}
		return p
	}, power)
}

// CoPrimaryDesign is a trial of two arms with several co-primary outcomes, every one of
// which must show a benefit by a one-sided test of size Alpha.
type CoPrimaryDesign struct {
	// N participants in the treated arm; Ratio control participants per treated one, 0 means 1.
	N, Ratio float64
	// Effects in SDs, benefit positive; Correlation of the outcomes within an arm.
	Effects     []float64
	Correlation [][]float64
	Alpha       float64 // one-sided; 0 means 0.025
	// T takes critical values of t on the trial's degrees of freedom and averages over one
	// estimated SD for all outcomes: closer in small trials, and approximate, since each outcome
	// has an SD of its own. Otherwise SDs are known.
	T bool
}

// Power returns the probability that all outcomes show a benefit: of the multivariate
// normal (or t) distribution above its critical values. It refuses effects that do not fit
// the correlations, which must be those of a positive definite matrix.
// Source: Sozu, Sugimoto & Hamasaki (2011), J Biopharm Stat 21:650,
// doi 10.1080/10543406.2011.551329. It agrees with R's mvtnorm::pmvnorm, and mpe.
func (d CoPrimaryDesign) Power() (float64, error) {
	const fn = "CoPrimaryDesign.Power"
	a := d.Alpha
	if a == 0 {
		a = 0.025
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return 0, err
	}
	k := len(d.Effects)
	if !(a > 0 && a < 1) {
		return 0, domain(fn, "Alpha", d.Alpha)
	}
	if k == 0 || len(d.Correlation) != k {
		return 0, domain(fn, "Effects", d.Effects)
	}
	if _, err := (MMRMDesign{R: d.Correlation, Treated: slices.Repeat([]float64{1}, k)}).inflation(fn, "Correlation", slices.Repeat([]float64{1}, k)); err != nil {
		return 0, domain(fn, "Correlation", "not that of a positive definite matrix")
	}
	df := d.N*(1+r) - 2
	if !(df > 0) || math.IsInf(df, 0) {
		return 0, domain(fn, "N", d.N)
	}
	root := math.Sqrt(d.N * r / (1 + r))
	above := func(crit float64) float64 {
		lo, hi := make([]float64, k), make([]float64, k)
		for i, e := range d.Effects {
			// P(Z > c − δ) of all is that of −Z below, the same by symmetry.
			lo[i], hi[i] = math.Inf(-1), e*root-crit
		}
		p, _ := num.MVT(lo, hi, d.Correlation, math.Inf(1), 1e-7)
		return p
	}
	if !d.T {
		return above(num.NormQuantileUpper(a)), nil
	}
	t, w := num.TQuantileUpper(a, df), 1/math.Sqrt(2*df)
	return num.Clip01(num.Integrate(func(s float64) float64 {
		return 2 * df * s * num.ChiSqPDF(df*s*s, df) * above(t*s)
	}, math.Max(0, 1-9*w), 1+11*w, 1e-6)), nil
}

// SolveN returns the smallest whole N of the treated arm with the power asked for. It
// refuses effects that are not all above 0.
func (d CoPrimaryDesign) SolveN(power float64) (int, error) {
	const fn = "CoPrimaryDesign.SolveN"
	least := math.Inf(1)
	for _, e := range d.Effects {
		least = math.Min(least, e)
	}
	if err := checkPower(fn, power, 0, least); err != nil {
		return 0, err
	}
	if !(least > 0) {
		return 0, domain(fn, "Effects", d.Effects)
	}
	d.N = 3
	if _, err := d.Power(); err != nil {
		return 0, err
	}
	return smallestN(fn, 3, func(n int) bool {
		e := d
		e.N = float64(n)
		p, err := e.Power()
		return err == nil && p >= power
	})
}
