package mmrm

import "fmt"

// Model says how repeated measures are analyzed. The zero value is the
// analysis most protocols pre-specify: unstructured covariance, restricted
// maximum likelihood, Kenward–Roger standard errors and degrees of freedom as
// SAS PROC MIXED computes them.
type Model struct {
	Covariance Covariance // structure of the covariance within a participant
	ByArm      bool       // a covariance matrix of its own for every arm (group)
	Method     Method     // REML or ML
	DF         DF         // degrees of freedom, and the adjusted standard errors that belong to them
	Errors     Errors     // model-based or empirical ("sandwich") covariance of the coefficients

	// DropAliased drops columns of the design that are linear combinations of
	// earlier ones and names them in Fit.Aliased. Without it such a design is
	// refused with an error that names them.
	DropAliased bool

	// MaxIter bounds the iterations; 0 means 1000.
	MaxIter int
}

// Covariance is the structure of Σ, the covariance matrix of one participant's
// values at the visits. With m visits it has the number of parameters given.
type Covariance int

const (
	Unstructured       Covariance = iota // us: every variance and covariance; m(m+1)/2
	CompoundSymmetry                     // cs: one variance, one correlation; 2
	HeterogeneousCS                      // csh: a variance per visit, one correlation; m+1
	AR1                                  // ar1: correlation ρ^|j−k| by order of visits; 2
	HeterogeneousAR1                     // ar1h: a variance per visit, ρ^|j−k|; m+1
	Toeplitz                             // toep: one variance, a correlation per lag; m
	HeterogeneousToep                    // toeph: a variance per visit, a correlation per lag; 2m−1
	AnteDependence                       // ad: one variance, correlation of neighbors, products beyond; m
	HeterogeneousAnte                    // adh: a variance per visit, neighbors' correlations; 2m−1 (SAS ANTE(1))
	SpatialExponential                   // sp_exp: correlation exp(−d/τ), d the distance of visit times; 2
	SpatialGaussian                      // sp_gau: correlation exp(−d²/τ²); 2
)

var covarianceNames = [...]string{"us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp", "sp_gau"}

// String returns the field's short name: "us", "ar1h", "sp_exp".
func (c Covariance) String() string {
	if c < 0 || int(c) >= len(covarianceNames) {
		return fmt.Sprintf("Covariance(%d)", int(c))
	}
	return covarianceNames[c]
}

// ParseCovariance returns the structure with the short name String writes.
func ParseCovariance(s string) (Covariance, error) {
	for i, n := range covarianceNames {
		if n == s {
			return Covariance(i), nil
		}
	}
	return 0, fmt.Errorf("mmrm: no covariance structure %q (have %q)", s, covarianceNames)
}

// Method is the criterion that the covariance parameters maximize.
type Method int

const (
	// REML is restricted maximum likelihood: variances are not biased by the
	// estimation of the means.
	REML Method = iota
	// ML is maximum likelihood, needed to compare models with different means.
	ML
)

// String returns "REML" or "ML".
func (m Method) String() string {
	switch m {
	case REML:
		return "REML"
	case ML:
		return "ML"
	}
	return fmt.Sprintf("Method(%d)", int(m))
}

// DF is how degrees of freedom are found. The Kenward–Roger methods also
// enlarge the standard errors for the estimation of the covariance.
type DF int

const (
	// KenwardRoger is SAS's ddfm=kr: the covariance of the parameters is the
	// inverse of the observed information, and the second derivatives of Σ are
	// taken in SAS's parameters.
	KenwardRoger DF = iota
	// KenwardRogerLinear is SAS's ddfm=kr(linear): without the second
	// derivatives. Equal to KenwardRoger where Σ is linear in its parameters
	// (us, cs, toep), and the same in every parametrization.
	KenwardRogerLinear
	// KenwardRogerExpected uses the expected information, as in the paper of
	// 1997 and R's pbkrtest.
	KenwardRogerExpected
	// KenwardRogerMMRM takes the second derivatives in the parameters of R's
	// package mmrm: log standard deviations and transformed correlations, for
	// us the Cholesky factor. It is that package's default and not SAS's.
	KenwardRogerMMRM
	// Satterthwaite matches the first two moments of the estimated variance
	// (SAS ddfm=satterth, R lmerTest); standard errors are not adjusted.
	Satterthwaite
	// BetweenWithin divides the residual degrees of freedom between
	// coefficients that vary within participants and those that do not.
	BetweenWithin
	// Residual is the number of observations less the number of coefficients.
	Residual
	// Normal takes the standard errors as known: infinite degrees of freedom.
	Normal
)

var dfNames = [...]string{"kenward-roger", "kenward-roger-linear", "kenward-roger-expected",
	"kenward-roger-mmrm", "satterthwaite", "between-within", "residual", "normal"}

// String returns the method's name: "kenward-roger", "satterthwaite".
func (d DF) String() string {
	if d < 0 || int(d) >= len(dfNames) {
		return fmt.Sprintf("DF(%d)", int(d))
	}
	return dfNames[d]
}

// ParseDF returns the method with the name String writes.
func ParseDF(s string) (DF, error) {
	for i, n := range dfNames {
		if n == s {
			return DF(i), nil
		}
	}
	return 0, fmt.Errorf("mmrm: no degrees-of-freedom method %q (have %q)", s, dfNames)
}

// isKR reports whether the method adjusts the standard errors.
func (d DF) isKR() bool { return d <= KenwardRogerMMRM }

// Errors is the source of the coefficients' covariance matrix.
type Errors int

const (
	// ModelBased trusts the fitted Σ.
	ModelBased Errors = iota
	// CR0 is the sandwich of participants' scores (Liang and Zeger 1986; SAS's
	// EMPIRICAL): consistent whatever the true covariance, too small in small
	// samples.
	CR0
	// CR2 scales residuals by (I − H)^(−1/2) (Bell and McCaffrey 2002):
	// unbiased when the fitted Σ is right. mmrm's "Empirical-Bias-Reduced".
	CR2
	// CR3 scales residuals by (I − H)⁻¹, close to the jackknife; mmrm's
	// "Empirical-Jackknife".
	CR3
)

// check refuses values and combinations that mean nothing.
func (m Model) check() {
	if m.Covariance < 0 || int(m.Covariance) >= len(covarianceNames) {
		panic("mmrm.Model.Fit: no " + m.Covariance.String())
	}
	if m.DF < 0 || int(m.DF) >= len(dfNames) {
		panic("mmrm.Model.Fit: no " + m.DF.String())
	}
	if m.Method != REML && m.Method != ML {
		panic(fmt.Sprintf("mmrm.Model.Fit: no Method(%d)", int(m.Method)))
	}
	if m.Errors < ModelBased || m.Errors > CR3 {
		panic(fmt.Sprintf("mmrm.Model.Fit: no Errors(%d)", int(m.Errors)))
	}
	if m.MaxIter < 0 {
		panic(fmt.Sprintf("mmrm.Model.Fit: MaxIter is %d", m.MaxIter))
	}
}
