package power

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// String writes the design and its power.
func (d ANCOVADesign) String() string {
	return designText(d == (ANCOVADesign{}), "analysis of covariance, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"difference %.4g, SD %.4g, correlation %.4g", d.Effect, d.SD, d.Correlation)
}

// MarshalJSON writes the design and its power.
func (d ANCOVADesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (ANCOVADesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d MMRMDesign) String() string {
	return designText(len(d.R) == 0, "mixed model for repeated measures, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"%d visits, difference %.4g, SD %.4g", len(d.R), d.Effect, d.SD)
}

// MarshalJSON writes the design and its power.
func (d MMRMDesign) MarshalJSON() ([]byte, error) {
	return designJSON(len(d.R) == 0, d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d OrdinalDesign) String() string {
	return designText(len(d.Shares) == 0, "ordered categories, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"%d categories, odds ratio %.4g", len(d.Shares), d.OddsRatio)
}

// MarshalJSON writes the design and its power.
func (d OrdinalDesign) MarshalJSON() ([]byte, error) {
	return designJSON(len(d.Shares) == 0, d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d MannWhitneyDesign) String() string {
	return designText(d == (MannWhitneyDesign{}), "Wilcoxon–Mann–Whitney, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"P(larger) %.4g", d.Probability)
}

// MarshalJSON writes the design and its power.
func (d MannWhitneyDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (MannWhitneyDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d WinRatioDesign) String() string {
	return designText(d == (WinRatioDesign{}), "win ratio, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"win ratio %.4g, ties %.4g", d.WinRatio, d.Ties)
}

// MarshalJSON writes the design and its power.
func (d WinRatioDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (WinRatioDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d CountDesign) String() string {
	return designText(d == (CountDesign{}), "counts of events, two arms", d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"rate %.4g, rate ratio %.4g, dispersion %.4g", d.Rate, d.RateRatio, d.Dispersion)
}

// MarshalJSON writes the design and its power.
func (d CountDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (CountDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and its power.
func (d LogRankDesign) String() string {
	return designText(d == (LogRankDesign{}), "log-rank test, two arms", 0, defaultAlpha(d.Alpha), known(d.Events, d.Power()),
		"%.6g events, hazard ratio %.4g", d.Events, d.HazardRatio)
}

// MarshalJSON writes the design and its power.
func (d LogRankDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (LogRankDesign{}), d, known(d.Events, d.Power()))
}

// String writes how participants are recruited and followed.
func (r Recruitment) String() string {
	if r == (Recruitment{}) {
		return show.NoResult
	}
	return fmt.Sprintf("hazard %.4g, accrual %.4g, follow-up %.4g, lost %.4g", r.Hazard, r.Accrual, r.Follow, r.Lost)
}

// MarshalJSON writes the fields.
func (r Recruitment) MarshalJSON() ([]byte, error) {
	if r == (Recruitment{}) {
		return wire.Null, nil
	}
	return wire.Fields(r).MarshalJSON()
}

// String writes the design and its power.
func (d ClusterDesign) String() string {
	return designText(d == (ClusterDesign{}), "randomized clusters, two arms", 0, defaultAlpha(d.Alpha), known(d.Clusters, d.Power()),
		"%.6g clusters an arm of %.4g, ICC %.4g, difference %.4g, SD %.4g", d.Clusters, d.Size, d.ICC, d.Effect, d.SD)
}

// MarshalJSON writes the design and its power.
func (d ClusterDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (ClusterDesign{}), d, known(d.Clusters, d.Power()))
}

// String writes the design and its power.
func (d CrossoverDesign) String() string {
	name := "crossover"
	if d.equivalence() {
		name = "equivalence in a crossover"
	}
	return designText(d == (CrossoverDesign{}), name, d.N, defaultAlpha(d.Alpha), known(d.N, d.Power()),
		"difference %.4g, SD within %.4g", d.Effect, d.SD)
}

// MarshalJSON writes the design and its power.
func (d CrossoverDesign) MarshalJSON() ([]byte, error) {
	return designJSON(d == (CrossoverDesign{}), d, known(d.N, d.Power()))
}

// String writes the design and the half-width of its interval.
func (d PrecisionDesign) String() string {
	if d == (PrecisionDesign{}) {
		return show.NoResult
	}
	of := "a mean"
	if d.TwoArms {
		of = "a difference of means"
	}
	s := fmt.Sprintf("precision of %s: SD %.4g, level %.4g", of, d.SD, d.level())
	if d.N > 0 {
		s += fmt.Sprintf(", n = %.6g: half-width %.4g", d.N, d.HalfWidth())
	}
	return s
}

// MarshalJSON writes the design and the half-width of its interval.
func (d PrecisionDesign) MarshalJSON() ([]byte, error) {
	if d == (PrecisionDesign{}) {
		return wire.Null, nil
	}
	return wire.Fields(d).With("half_width", known(d.N, d.HalfWidth())).MarshalJSON()
}

// String writes the design and its assurance.
func (d AssuranceDesign) String() string {
	if d == (AssuranceDesign{}) {
		return show.NoResult
	}
	return fmt.Sprintf("effect %.4g with SD %.4g, standard error %.4g: assurance %s", d.Mean, d.SD, d.SE, show.Fixed(d.Assurance(), 2))
}

// MarshalJSON writes the design and its assurance.
func (d AssuranceDesign) MarshalJSON() ([]byte, error) {
	if d == (AssuranceDesign{}) {
		return wire.Null, nil
	}
	return wire.Fields(d).With("assurance", d.Assurance()).MarshalJSON()
}

// String writes the design and its power for any arm and for all.
func (d DunnettDesign) String() string {
	if len(d.Effects) == 0 {
		return show.NoResult
	}
	s := fmt.Sprintf("%d arms against control: n = %.6g, alpha %.4g", len(d.Effects), d.N, defaultAlpha(d.Alpha))
	if p, err := d.Power(); err == nil {
		s += fmt.Sprintf(": power for any %s, for all %s", show.Fixed(p.Any, 2), show.Fixed(p.All, 2))
	}
	return s
}

// MarshalJSON writes the design and its power.
func (d DunnettDesign) MarshalJSON() ([]byte, error) {
	if len(d.Effects) == 0 {
		return wire.Null, nil
	}
	p, err := d.Power()
	if err != nil {
		return wire.Fields(d).MarshalJSON()
	}
	return wire.Fields(d).With("power", p).MarshalJSON()
}

// String writes "power for any arm 0.92, for all 0.71".
func (p DunnettPower) String() string {
	if len(p.Each) == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("power for any arm %s, for all %s", show.Fixed(p.Any, 2), show.Fixed(p.All, 2))
}

// String writes the design and its power.
func (d CoPrimaryDesign) String() string {
	if len(d.Effects) == 0 {
		return show.NoResult
	}
	a := d.Alpha
	if a == 0 {
		a = 0.025
	}
	p, err := d.Power()
	return designText(false, "co-primary outcomes", d.N, a, must(p, err), "%d outcomes", len(d.Effects))
}

// MarshalJSON writes the design and its power.
func (d CoPrimaryDesign) MarshalJSON() ([]byte, error) {
	p, err := d.Power()
	return designJSON(len(d.Effects) == 0, d, must(p, err))
}

// String writes the design and its power.
func (d ExactProportions) String() string {
	if d == (ExactProportions{}) {
		return show.NoResult
	}
	p, err := d.Power()
	test := d.Test
	if test == "" {
		test = FisherTest
	}
	a := must(d.alpha("ExactProportions.String"))
	if d.Margin > 0 {
		return designText(false, "two proportions, not worse, exact power of "+string(test), float64(d.N), a, must(p, err), "%.4g against %.4g, margin %.4g", d.P1, d.P2, d.Margin)
	}
	return designText(false, "two proportions, exact power of "+string(test), float64(d.N), a, must(p, err), "%.4g against %.4g", d.P1, d.P2)
}

// MarshalJSON writes the design and its power.
func (d ExactProportions) MarshalJSON() ([]byte, error) {
	p, err := d.Power()
	return designJSON(d == (ExactProportions{}), d, must(p, err))
}

// String writes "power 0.73 on average, below the planned one after 57% of pilots".
func (r PilotRisk) String() string {
	if r == (PilotRisk{}) {
		return show.NoResult
	}
	return fmt.Sprintf("power %s on average, below the planned one after %s%% of pilots", show.Fixed(r.Mean, 2), show.Fixed(100*r.Below, 0))
}
