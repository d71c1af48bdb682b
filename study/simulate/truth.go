package simulate

import (
	"math"

	"github.com/trialkit/trialkit/study"
)

// Truth is what is believed of a trial before it is run: how many patients, what they
// would score, who would be lost. It says nothing of the analysis, which is the
// protocol's. Keys of its maps are IDs of the protocol's arms, visits, outcomes and
// covariates; a baseline that the protocol holds in a column has the visit "baseline".
// Its YAML form is described at ParseTruth.
type Truth struct {
	Title, Source string
	// Patients are the numbers randomized to each arm.
	Patients map[string]int
	Outcomes map[string]Values
	// Between is the correlation, at one visit, of what two outcomes owe to chance,
	// from 0 to 1, where their own correlations over visits are alike.
	Between float64
	Loss    Loss
	// Missing is the share of single values that are missing completely at random,
	// baselines not among them.
	Missing    float64
	Covariates map[string]Factor
	Events     []Event
}

// Values are an outcome's. Of a measurement they are Means, SDs, Correlation and
// Skewness; of yes or no and of ordered categories Shares; of counts Rates.
type Values struct {
	Source string
	// Means and SDs are by arm and visit, of patients who differ in nothing that
	// Covariates or Events say. At baseline arms are alike: randomization made them.
	Means, SDs map[string]map[string]float64
	// Correlation is that of the latent normals over visits, before skewness, floor,
	// ceiling and grid.
	Correlation Correlation
	// Skewness of each visit's values: those of a shifted lognormal distribution; 0 is
	// normal.
	Skewness float64
	// Latent has means and SDs apply before floor, ceiling and grid. Otherwise they are
	// those of the values as the instrument shows them, which is what papers print.
	Latent bool
	// Shares are by arm and visit: of a binary outcome one share, of yes; of an ordinal
	// one those of all its levels.
	Shares map[string]map[string][]float64
	// Rates are events per unit of time at risk by arm and visit, Dispersion the α of
	// the variance μ + αμ², 0 for Poisson; Exposure is everyone's time at risk.
	Rates                map[string]map[string]float64
	Dispersion, Exposure float64
}

// Correlation is over an outcome's visits, baseline first: Matrix, or Rho for every pair,
// or with AR1 Rho to the power of the visits between.
type Correlation struct {
	Rho    float64
	AR1    bool
	Matrix [][]float64
}

// at is the correlation of cells i and j of n.
func (c Correlation) at(i, j int) float64 {
	switch {
	case i == j:
		return 1
	case c.Matrix != nil:
		return c.Matrix[i][j]
	case c.AR1:
		return math.Pow(c.Rho, math.Abs(float64(i-j)))
	}
	return c.Rho
}

// Loss is how patients leave for good: of all outcomes at a visit and after it.
type Loss struct {
	Source string
	// By is the share of an arm lost by each visit, growing from visit to visit. A visit
	// that is not named has its part by its place between those that are.
	By map[string]map[string]float64
	// Kind is LossMCAR (also ""), LossMAR or LossMNAR.
	Kind string
	// Odds multiplies the odds of leaving for each standard deviation by which the value
	// of Outcome is worse: the value at the last visit (mar), or the very value that is
	// then not seen (mnar).
	Outcome string
	Odds    float64
}

// Kinds of Loss.
const (
	LossMCAR = "mcar"
	LossMAR  = "mar"
	LossMNAR = "mnar"
)

// Factor is a characteristic before treatment: a number, or a category such as a stratum
// or a site. One that the protocol stratifies the allocation by has levels that are
// balanced between arms, as complete blocks leave them.
type Factor struct {
	// Mean and SD of a number, and its correlation with each outcome at every visit.
	Mean, SD    float64
	Correlation map[string]float64
	// Shares of a category's levels, and what a level adds to an outcome's values (of
	// categories and counts: to their latent normal), outcome then level. Means are kept:
	// an effect counts from the average of the levels.
	Shares  map[string]float64
	Effects map[string]map[string]float64
	// Sites is the number of levels, called 1, 2 …, of a category whose effects are drawn
	// anew in every trial, with mean 0 and these SDs by outcome.
	Sites     int
	EffectSDs map[string]float64
}

// Event happens to a patient at most once and changes an outcome's values from then on:
// rescue medication, a fall. Visit by visit it is equally likely.
type Event struct {
	ID          string
	Probability map[string]float64 // arm → by the last visit
	// Shift is what it adds to values at and after its visit, by outcome.
	Shift map[string]float64
	// Ends has values at and after it missing, as by a patient who leaves.
	Ends bool
}

// at is what the map says of arm and visit.
func at(m map[string]map[string]float64, arm, visit string) (float64, bool) {
	x, ok := m[arm][visit]
	return x, ok
}

// cell is one time at which an outcome is measured.
type cell struct {
	visit string // its ID, "baseline" for a column
	base  bool
}

// columnBaseline names the baseline that is held in a column of its own.
const columnBaseline = "baseline"

// cellsOf are an outcome's times, baseline first.
func cellsOf(p study.Protocol, outcome string) []cell {
	base, based, after := p.Schedule(outcome)
	var out []cell
	if based {
		if base == "" {
			base = columnBaseline
		}
		out = append(out, cell{base, true})
	}
	for _, v := range after {
		out = append(out, cell{visit: v.ID})
	}
	return out
}

// armsOf are the active arms in the protocol's order, then the control.
func armsOf(p study.Protocol) []study.Arm {
	var out []study.Arm
	var control study.Arm
	for _, a := range p.Arms {
		if a.Control {
			control = a
		} else {
			out = append(out, a)
		}
	}
	return append(out, control)
}
