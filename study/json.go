package study

import "github.com/trialkit/trialkit/study/internal/wire"

// Results write themselves as JSON: a number that does not exist is null, an
// infinite one "Inf" or "-Inf".

// MarshalJSON writes the fields in snake case.
func (x Agreement) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ArmAdherence) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ArmBlinding) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x BaselineLine) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x BaselineSlopes) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x BaselineSummary) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x BenefitProbability) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Classification) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Diagnostics) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x EffectSize) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Equivalence) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x FTest) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x FamilyResult) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Hypothesis) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Floor) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Importance) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x JointInterval) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Judgement) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x LSMean) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x LSMeanChange) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x MissingCase) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x NonInferiority) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Participant) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x PosteriorSummary) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Prior) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Record) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Report) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderContrast) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderCurve) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderEffect) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderPoint) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Result) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Row) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Safety) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SafetyContrast) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SafetyRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SecondGenP) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Share) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SubgroupInteraction) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SubgroupRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Subgroups) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Summary) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ThresholdPoint) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ThresholdTests) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Visit) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Imbalance) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Rate) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x SensitivityRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x TippingPoint) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }
