// Package mmrm fits mixed models for repeated measures: one participant's
// values at several visits are correlated, some are missing, and the arms are
// compared at every visit.
//
// # The model in ten lines
//
//	y_i = X_i β + ε_i,   ε_i ~ N(0, Σ_i)             participant i, visits observed
//	Σ_i = G^(−½) Σ(θ)[visits of i] G^(−½)            G = diag(weights), usually 1
//	W_i = Σ_i⁻¹,   Φ = (Σ_i X_iᵀW_iX_i)⁻¹            sums over participants
//	β̂   = Φ Σ_i X_iᵀW_iy_i,   r_i = y_i − X_iβ̂       generalized least squares
//	−2ℓ = Σ_i log|Σ_i| + Σ_i r_iᵀW_ir_i − log|Φ|      + (N − p)·log 2π   (REML)
//	θ̂   = argmax ℓ,   V = (−∂²ℓ/∂θ∂θᵀ)⁻¹              observed information
//	P_h = Σ_i X_iᵀW_i(∂Σ_i/∂θ_h)W_iX_i,   Q_hl = Σ_i X_iᵀW_i(∂Σ_i/∂θ_h)W_i(∂Σ_i/∂θ_l)W_iX_i
//	Φ_A = Φ + 2Φ[Σ_hl V_hl(Q_hl − P_hΦP_l − ¼R_hl)]Φ  Kenward–Roger; R: second derivatives
//	ν   = 2(ℓᵀΦℓ)²/(gᵀVg),   g_h = ℓᵀΦP_hΦℓ          degrees of freedom of a contrast ℓᵀβ
//	(ℓᵀβ̂ − ℓᵀβ)/√(ℓᵀΦ_Aℓ) ~ t(ν)                      approximately
//
// Values that are missing at random, given the values observed and the
// covariates, need no imputation: the likelihood of what was observed is used.
//
// # Use
//
//	trial, err := mmrm.TrialFromRowsWith(participant, arm, visit, y, mmrm.TrialOptions{Control: "placebo", Baseline: "week 0"})
//	fit, err := mmrm.Model{}.MMRM(trial)          // UN, REML, Kenward–Roger
//	d, err := fit.Difference("active", "placebo", "week 12") // a stats.Estimate
//	fit.LSMeans(); fit.Average("active", "placebo"); fit.AnyDifference()
//	fmt.Println(fit)                              // the differences as a table
//
// # Which function answers which question
//
//	question                                            answer                        file
//	a file with a row per participant and visit         TrialFromRows                 trialrows.go
//	post-baseline values, arm × visit                   Model.MMRM, Model.Change      trial.go
//	baseline as a response, common mean                 Model.CLDA                    trial.go
//	means, differences, averages, slopes per visit      VisitMeans                    visitmeans.go
//	differences within levels of a covariate            Covariate, VisitMeans           trialdesign.go
//	any design matrix                                   Model.Fit, Rows               rows.go, fit.go
//	structure, method, degrees of freedom, sandwich     Model, ParseCovariance, ParseDF  model.go
//	contrasts and joint F tests                         Fit.Contrast, Fit.Joint       inference.go
//	fitted covariance, residuals, structure tests       Fit.Sigma, Residuals, …       fit.go, residuals.go
//	random intercept and slope of clusters              LMM                           lmm.go
//	the same of a trial's participants                  LMM.Trial                     lmmtrial.go
//	again without one participant, or with some twice   Fit.Refitter                  refit.go
//	one simulated trial after another                   Model.Series, Sample          series.go
//	why there is no fit, and what to try                ConvergenceError              diagnose.go
//	what the numbers were checked against, and speed                                  evidence.md
//
// # Speed
//
// Participants with the same visits observed enter the likelihood only through
// sums of cross-products, which are gathered once. An iteration then costs the
// same for 200 and for 200,000 participants. See algorithm.md.
package mmrm
