// Package study turns one trial, described as data, into a judged result: a
// Protocol says what was done, Load reads and validates the file, Analyze
// answers a Plan, Judge compares the answer with the minimal clinically
// important difference (MCID), and a Report holds all of it, which package report
// writes.
//
//	ds, err := study.LoadFiles("protocol.yaml", "data.csv")
//	rep, err := ds.AnalyzeAll()
//	err = report.Text(os.Stdout, rep, report.Options{})
//
// LoadFiles reads from the machine, LoadFS from any fs.FS (data embedded in the
// program) and Load from any io.Reader, with a Protocol that was parsed from
// YAML (ParseProtocol) or written as a Go literal. Whatever is wrong with either
// file comes as Problems, all at once, each with its file, line and column; a
// Dataset exists only if nothing is. One question is a Plan, and its answer a
// Result: rows of active arm − control, one a method, of which the plan's own
// carries the verdict. A doubt is a Note in the row that it concerns. What has
// no value is NaN in Go and null in JSON, and a note says why.
//
// # What answers which question
//
//	question                                          answer                                    file
//	what was done, and where is it in the file?       Protocol, ReadProtocol, ParseProtocol (all keys)  protocol.go
//	a protocol out of a data file?                    Propose, Proposal, ProposalQuestion       instruments.go
//	is the file as the protocol says?                 LoadFiles, LoadFS, Load, Dataset.Accounting  load.go
//	several files, or sheets of one, joined           LoadInputs, LoadFilesWith, LoadFSWith     loadfiles.go
//	which of several rows of a visit counts?          Repeats, Visit.Window                     loadrepeats.go
//	did the arms differ at a visit?                   Dataset.Analyze, Plan                     analyze.go
//	is a value a measurement, or a yes or no?         OutcomeKind                               kinds.go
//	how many said yes, and who is missing?            Summary.Share, Result.MissingCases        binary.go
//	how many are in each category, who fares better?  Summary.Levels, Row.Pairs                 levelsrates.go
//	how many events in their time at risk?            Summary.Rate                              levelsrates.go
//	does the outcome change along the arms' doses?    Plan.Trend, Result.Trends                 armsfit.go
//	which of several primary hypotheses are shown?    Protocol.Primary, Report.Family           family.go
//	is an effect no worse than by a margin?           TestNonInferiority, TestNonInferiorityRatio   judge.go
//	is it within a margin either way?                 TestEquivalence, TestEquivalenceRatio     judge.go
//	who is in a set of participants?                  DataSpec.Sets, Participant.Sets           loadcovariate.go
//	what happened after randomization?                DataSpec.Intercurrent                     estimands.go, package estimand
//	do other ways to compare agree? all arms together? Result.Agreement, Result.Joint            departures.go
//	is the difference alike for all baselines?        Result.BaselineSlopes                     departures.go
//	what changes the reading, what departs from plan? Report.Doubts, Report.Departures          doubts.go, departures.go
//	who was studied: Table 1                          Dataset.Baseline, Report.Baseline         baselinetable.go
//	where does each arm start?                        BaselineLines                             baselinetable.go
//	all outcomes and visits, as a report              Dataset.AnalyzeAll, Report                analyze.go
//	how many decimals do its numbers have?            Report.Digits, Result.Digits, DigitsFor   result.go
//	that report as text, Markdown, CSV, JSON          package report
//	the trial's own words in another language         Report.In                                 protocolyaml.go
//	which trialkit computed it?                       Version                                   doc.go
//	does an effect matter to patients?                Judge, JudgeWorsening, JudgeBoth          judge.go
//	at which thresholds does that change?             Judgement.Flips, SweepThresholds          importance.go
//	up to which thresholds does it hold?              VerdictBounds                             importance.go
//	better by the threshold, or equivalent?           TestThreshold, SGPV                       importance.go
//	how probable is an effect that matters?           NewPosterior, SkepticalPrior, FlatPrior, EnthusiasticPrior  importance.go
//	will a treated patient do better than another?    ProbabilityOfBenefit                      importance.go
//	how many improved, and NNT?                       Result.Responders, Result.RespondersFor   responder_effects.go
//	which share reached each threshold?               ResponderCurveOf                          responder_effects.go
//	who improved reliably, who recovered?             Result.Classify, Norms                    responders.go
//	OMERACT–OARSI and WOMAC 20/50/70 responders       OMERACTOARSI, WOMACResponse               responders.go
//	does the effect differ between subgroups?         SubgroupsOf, Report.Subgroups             subgroups.go
//	which threshold does an instrument have?          InstrumentByID, Instruments               instruments.go
//	what became of everyone who was assessed?         Report.Consort                            flow.go
//	were there harms?                                 Report.Safety                             proportions.go
//	by which test are two shares compared?            RiskMethodOf                              proportions.go
//
// # Files
//
// The files follow the way from protocol to report: protocol.go, load.go, dataset.go, plan.go,
// analyze.go (with comparison.go, who is compared, methods.go, one method a
// function, and doubts.go, what a careful reader would object), result.go,
// judge.go, importance.go (what an effect says beside
// its threshold), responders.go (individual change, too) and
// responder_effects.go, kinds.go, binary.go, levelsrates.go (outcomes that are no measurement), proportions.go (with harms), flow.go (read in loadcolumns.go). Instruments, their
// thresholds and scoring: instruments.yaml, instruments.go.
//
// # Rooms
//
// Package files reads files, their numbers and the places of what is wrong in
// them; report writes reports; claim reads what a paper says; mcid derives
// thresholds from an anchor; score scores questionnaires; text holds all words.
package study

import (
	"github.com/trialkit/trialkit/study/internal/build"
	"github.com/trialkit/trialkit/study/internal/wire"
)

// Version names the trialkit that this program was built with, as Go recorded
// it: "v0.4.0" (a release, or Go's own name for a commit), "v0.4.0, replaced"
// where the module was replaced by a folder, "devel 1a2b3c4d5e6f" for a build of
// a checkout that has no such name, with ", modified" where files had been
// changed since that commit, and "devel" where nothing was recorded (go test,
// go run). Reports and results.json print it, so that a number can be traced to
// the program that computed it.
func Version() string { return build.Version() }

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
func (x Imputed) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

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
func (x Trimmed) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

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

// MarshalJSON writes all fields; NaN as null.
func (x ImputedResponders) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes all fields; NaN as null.
func (x SubgroupPoint) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x TippingPoint) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }
