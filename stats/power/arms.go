package power

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// DunnettDesign is a trial of several treated arms against one control, each difference of
// means judged by Dunnett's simultaneous t-tests. Exact for normal data of one variance without
// Covariates:
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
	// Covariates that the differences are adjusted for, each a degree of freedom; the
	// effects are then in residual SDs, and what the covariates' chance imbalance costs enters
	// by its expectation: approximate.
	Covariates int
}

// check returns α, the ratio and the number of treated arms.
func (d DunnettDesign) check(fn string) (a, r float64, k int, err error) {
	if a, err = alphaOf(fn, d.Alpha); err != nil {
		return 0, 0, 0, err
	}
	if r, err = ratioOf(fn, d.Ratio); err != nil {
		return 0, 0, 0, err
	}
	k = len(d.Effects)
	switch {
	case k == 0 || slices.ContainsFunc(d.Effects, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }):
		err = domain(fn, "Effects", d.Effects)
	case d.Covariates < 0:
		err = domain(fn, "Covariates", d.Covariates)
	}
	return a, r, k, err
}

// at returns the degrees of freedom of n an arm and the standard error of a difference.
func (d DunnettDesign) at(n, r float64) (df, se float64) {
	k, q := float64(len(d.Effects)), float64(d.Covariates)
	df = n*k + r*n - k - 1 - q
	se = math.Sqrt((1 + 1/r) / n)
	if q > 0 && df > 1 { // E(1/B) of the imbalance, as ANCOVADesign.SE has it
		se *= math.Sqrt((df + q - 1) / (df - 1))
	}
	return df, se
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
	a, r, k, err := d.check(fn)
	if err != nil {
		return DunnettPower{}, err
	}
	df, se := d.at(d.N, r)
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
// (with OneSided: is a benefit) is told from control with at least the power asked for,
// each by itself; round up. It refuses what Power refuses, designs without such an arm,
// and effects that one degree of freedom would tell.
func (d DunnettDesign) SolveN(power float64) (float64, error) {
	const fn = "DunnettDesign.SolveN"
	a, r, k, err := d.check(fn)
	if err != nil {
		return 0, err
	}
	least := math.Inf(1)
	for _, e := range d.Effects {
		if e > 0 || e < 0 && !d.OneSided {
			least = math.Min(least, math.Abs(e))
		}
	}
	if err := checkPower(fn, power, a, least); err != nil {
		return 0, err
	}
	load := make([]float64, k)
	for i := range load {
		load[i] = math.Sqrt(1 / (1 + r))
	}
	// From one degree of freedom on.
	return solveUp(fn, "N", float64(k+2+d.Covariates)/(float64(k)+r), func(n float64) float64 {
		df, se := d.at(n, r)
		c := num.OneFactorQuantileUpper(a, load, df, !d.OneSided)
		p := num.NCTSF(c, df, least/se)
		if !d.OneSided {
			p += num.NCTCDF(-c, df, least/se)
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
// doi 10.1080/10543406.2011.551329. With known SDs it agrees with R's mvtnorm::pmvnorm.
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
