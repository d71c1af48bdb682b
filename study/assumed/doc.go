// Package assumed holds what was believed before a trial: the spread, the correlation
// with baseline, the effect to be found and the loss, each with its source, as the key
// assumed of a protocol states them. Planning and simulation read it; no analysis of
// data ever does.
//
//	assumed:
//	  pain:                              # an outcome
//	    source: Jansen 2021              # of numbers here that have none of their own
//	    sd: {value: 2.3, source: a trial}   # within an arm, at the plan's visit; {value, source, n, arms}
//	    correlation: 0.5                 # of baseline with follow-up
//	    between_visits: 0.6              # correlation of any two visits after baseline: what those lost are worth
//	    difference: -1.5                 # treated − control; or {hilt: -1.5, lllt: {value: -1, source: ...}}
//	    control: 5.2                     # the control arm's mean; share of yes; rate
//	  pgic: {control: [0.2, 0.5, 0.3], odds_ratio: 1.8}      # ordinal: shares of its levels; of higher levels
//	  falls: {control: 0.8, rate_ratio: 0.7, dispersion: 0.4} # count: a rate, and k of variance μ + k·μ²
//	  lost: {value: 0.15, source: ...}   # share without the outcome at the plan's visit
//
// # Which function answers which question
//
//	question                                          answer
//	what is believed of an outcome?                   Spec.Outcome, Find
//	which SD and correlation does a plan count with?  Number.PlannedSD, Number.PlannedCorrelation
//	does a number come from a pilot?                  Number.Pilot
//	what has no source?                               Spec.Unsourced
package assumed
