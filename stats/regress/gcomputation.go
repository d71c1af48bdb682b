package regress

import (
	"errors"
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// ErrFewEvents: too few events, or participants without one, for a model of them.
var ErrFewEvents = errors.New("too few events or non-events")

// leastEvents are needed by GComputation, and as many participants without one.
const leastEvents = 10

// BinaryData are a trial's yes-or-no outcomes at one time, one entry a participant.
type BinaryData struct {
	Y       []bool
	Arm     []string
	Control string // an arm
	// Covariates are baseline values and all strata of the randomization.
	Covariates []Term
	// Errors is the variance of the risks, Ye's where it is empty.
	Errors MarginalErrors
}

// GComputation estimates each arm's risk had everybody been in it, adjusted for
// covariates: the mean over all participants of what the logistic regression of the
// outcome on arm and covariates predicts under that arm. Difference, Ratio and
// OddsRatio of the result compare two arms; all three are marginal, over the
// participants at hand, and the odds ratio is another one than that of Logistic,
// which is conditional on the covariates. Approximate, with normal pivots.
//
// Under randomization the estimate is consistent even where the regression is wrong.
// The variance is that of Ye et al., with π the share of arm a, p̂ₐ its predictions
// and Covₐ over its participants,
//
//	Vₐₐ = Varₐ(Y − p̂ₐ)/π + 2 Covₐ(Y, p̂ₐ) − Var(p̂ₐ)
//	Vₐᵦ = Covₐ(Y, p̂ᵦ) + Covᵦ(Y, p̂ₐ) − Cov(p̂ₐ, p̂ᵦ)
//
// divided by n, which includes the spread of the covariates and holds under stratified
// permuted blocks too as long as all strata are covariates. The variance of Ge et
// al., DeltaErrors, takes the covariates as fixed and is 1 to 4 % away.
//
// It refuses fewer than ten events or ten participants without one (ErrFewEvents),
// an arm or covariate that predicts the outcome perfectly (ErrSeparation), and what
// Logistic refuses. It panics for unknown errors.
//
// Source: Ye, Bannick, Yi & Shao 2023, doi:10.1080/24754269.2023.2205802; Ge et al.
// 2011, doi:10.1177/009286151104500409. Agrees with R's beeca::beeca_fit and
// RobinCar::robincar_glm.
func GComputation(data BinaryData) (*Marginal, error) {
	const fn = "GComputation"
	if len(data.Arm) != len(data.Y) {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrLength, Info: fmt.Sprintf("%d arms, %d outcomes", len(data.Arm), len(data.Y))}
	}
	if data.Control == "" {
		return nil, &stats.SampleError{Func: fn, Arg: "Control", Index: -1, Err: stats.ErrDomain, Info: "no arm is named as control"}
	}
	events := 0
	for _, y := range data.Y {
		if y {
			events++
		}
	}
	if events < leastEvents || len(data.Y)-events < leastEvents {
		return nil, &stats.SampleError{Func: fn, Arg: "Y", Index: -1, Err: ErrFewEvents,
			Info: fmt.Sprintf("%d events and %d without, need %d of each", events, len(data.Y)-events, leastEvents)}
	}
	const arm = "arm"
	name := arm
	for taken := true; taken; { // a covariate may be called so
		taken = false
		for _, t := range data.Covariates {
			if t.find(name) >= 0 {
				name, taken = name+"'", true
			}
		}
	}
	terms := append([]Term{Category(name, data.Arm, data.Control)}, data.Covariates...)
	m, err := Logistic(data.Y, terms...)
	if err != nil {
		return nil, check.Renamed(fn, err)
	}
	g, err := m.MarginalWith(name, MarginalOptions{Errors: data.Errors})
	if err != nil {
		return nil, check.Renamed(fn, err)
	}
	return g, nil
}

// sandwich is the covariance of γ that is right whatever the outcomes' variances: the
// inverse information on either side of the sum of squared scores (HC0).
func (m *LogisticFit) sandwich() []float64 {
	p := len(m.gamma)
	meat, row := make([]float64, p*p), make([]float64, p)
	for i, y := range m.y {
		m.basis.at(i, row)
		r := residual(y, m.eta[i])
		for j, x := range row {
			for k, z := range row {
				meat[j*p+k] += m.count[i] * r * r * x * z
			}
		}
	}
	return sandwiched(m.cov, meat, p)
}

// sandwiched is BMB of symmetric p × p matrices.
func sandwiched(b, meat []float64, p int) []float64 { return product(product(b, meat, p), b, p) }
