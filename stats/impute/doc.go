// Package impute estimates differences of arms where values are missing, under an
// assumption about them that is stated: missing at random, or that those lost go on
// like the participants of a reference arm, like themselves before, or so much worse
// than predicted.
//
// # The steps
//
//	d := &impute.Data{Trial: *trial, Events: events}   // values observed, what happened to whom
//	fit, err := impute.Model{}.Fit(d)                  // one mixed model of the values observed
//	samples, err := fit.Jackknife()                    // the model without each participant
//	jump, err := samples.Under(impute.J2R)             // another assumption, the same fits
//	r, err := jump.Analyze(impute.Analysis{})          // conditional means, ANCOVA at every visit
//	e, err := r.Difference("active", "placebo", "week 12")
//
// A missing value is replaced by its conditional mean, a number without noise, and the
// variance comes from repeating everything without each participant. That serves
// summaries that are linear in the imputed values: means and their differences. Every
// other summary takes multiple imputation:
//
//	draws, err := fit.Draw(impute.DrawOptions{Seed: 1}) // the model's parameters
//	im, err := draws.Impute()                           // completed data sets
//	m, err := im.Analyze(impute.Analysis{})             // ANCOVA in each, Rubin's rules
//	p, err := im.Pool(impute.Delta{}, responders)       // any analysis of completed data
//
// # The model in five lines
//
//	y_i = μ_i + ε_i,  ε_i ~ N(0, Σ)          μ_i: arm × visit, covariates; fitted to what is in the model
//	μ̃_i, Σ̃_i                                  what the strategy assumes of participant i (Strategy)
//	ŷ_m = μ̃_m + Σ̃_mo Σ̃_oo⁻¹ (y_o − μ̃_o) + δ   missing m given observed o; δ after the event only
//	θ̂ = (WᵀW)⁻¹Wᵀŷ                            analysis of covariance at a visit, rows W
//	SE² = (n−1)/n Σ_i (θ̂₍₋ᵢ₎ − θ̄)²            jackknife over participants
//
// θ̂ is linear in δ, in the data and in every jackknife sample: tipping points are the
// roots of a quadratic equation.
//
// # Gaps and values after an event
//
// A gap before the event is imputed from the same joint distribution as what follows:
// under MAR, J2R, CIR, LMCF, BOCF and Given that is the own arm's at that visit, under CR the
// reference's. Values observed after an event stay in the analysis, and missing values
// are predicted from them too; they are in the model only under MAR (Event.SetAside
// and Given remove them). Delta reaches missing values at and after the event alone.
//
// # Which function answers which question
//
//	question                                             answer                         file
//	the trial, and what happened to whom                 Data, Event                    data.go
//	what is assumed of those lost                        Strategy, ParseStrategy        strategy.go
//	the imputation model                                 Model.Fit                      model.go
//	the imputed values                                   Fit.Cells                      model.go
//	the same model under another assumption              Fit.Under, Samples.Under       model.go, samples.go
//	variance by the jackknife, by the bootstrap          Fit.Jackknife, Fit.Bootstrap   samples.go
//	differences, means, averages over visits             Samples.Analyze, Result        analysis.go, result.go
//	what is added to imputed values                      Delta                          delta.go
//	how much worse would those lost have to be?          Result.Tipping                 tipping.go
//	the same with values held inside a scale             Imputations.Clipped            clipped.go
//	an interval from bootstrap quantiles                 Result.Percentile              percentile.go
//	draws for multiple imputation                        Fit.Draw, DrawOptions          draw.go, gibbs.go
//	completed data, their analysis, as a file            Draws.Impute, Imputations      imputations.go
//	how many imputations?                                StabilityOf, Enough            imputations.go
//	several incomplete variables, of any kind            Chained, Column                chained.go, equations.go, ordered.go
//	a yes or no is missing: extremes, odds of the event  GuessBinary, IMORBinary        binary.go
//	every completion of missing yes-or-no outcomes       TippingBinary                  binary.go
//	the means of the better part, those lost ranking worst
//	                                                     TrimmedMeans, TrimmedMeansContext, TrimmedArm
//	                                                                                    trimmed.go
//	a baseline is missing                                MeanBaseline, RegressionBaseline
//	                                                                                    baseline.go
//	LOCF and the like, to reproduce old papers           Single.Fill                    single.go
//	what the numbers were checked against, and speed                                    evidence.md
//
// # Against others
//
// Two variances, and neither is wrong: the jackknife's is that of repeated sampling, and
// shrinks under a reference-based strategy as arms borrow from each other; Rubin's is
// information-anchored, and does not fall below that under MAR.
//
// With Analysis.Normal the numbers are those of R's rbmi (method_condmean) with each of
// its fits brought to convergence; by default intervals take t quantiles, as normal ones
// are too short in small trials.
package impute
