package report

import (
	"math"
	"strconv"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
)

// mostFileDecimals is the most that a file's digits count for: behind more of
// them stands a program that wrote out a computed number, and no instrument.
const mostFileDecimals = 3

// digits is how many decimals an outcome's numbers have, means, SDs, differences
// and limits alike, everywhere in a report: two significant digits of its
// standard error that decides (the smallest, where several do), and not fewer
// than the file's. Where no estimate decides, the SDs at baseline and at the
// visits stand in for it.
func digits(r study.Report, outcome string) int {
	se, sd, file := math.Inf(1), math.Inf(1), 0
	o, _ := r.Protocol.Outcome(outcome)
	for _, res := range r.Results {
		if res.Outcome.ID != outcome {
			continue
		}
		file = max(file, res.Decimals)
		for _, row := range res.Deciding() {
			if row.Effect != nil && row.SE > 0 {
				se = math.Min(se, row.SE)
			}
		}
		for _, s := range res.Summaries {
			if s.SD > 0 {
				sd = math.Min(sd, s.SD)
			}
		}
	}
	for _, v := range r.Baseline {
		if v.Outcome && v.ID == outcome {
			file = max(file, v.Decimals)
			if v.All.SD > 0 {
				sd = math.Min(sd, v.All.SD)
			}
		}
	}
	if math.IsInf(se, 1) {
		se = sd
	}
	return max(fileDigits(file, o.Resolution), twoSignificant(se))
}

// variableDigits is that of a variable at baseline: an outcome's own, and of a
// covariate two significant digits of the SD of all, not fewer than the file's.
func variableDigits(r study.Report, v study.BaselineVariable) int {
	if v.Outcome {
		return digits(r, v.ID)
	}
	return max(fileDigits(v.Decimals, 0), twoSignificant(v.All.SD))
}

// fileDigits is how many decimals the file's own digits ask for: those of the
// instrument's steps where they are stated, else those that the file writes.
func fileDigits(decimals int, resolution float64) int {
	if resolution > 0 {
		decimals = files.Decimal(resolution).Decimals
	}
	if decimals > mostFileDecimals {
		return 0
	}
	return decimals
}

// twoSignificant is the number of decimals with which a number keeps two
// significant digits; 0 for one that is not above 0.
func twoSignificant(x float64) int {
	if !(x > 0) || math.IsInf(x, 1) {
		return 0
	}
	s := strconv.FormatFloat(x, 'e', 1, 64) // rounded first: 0.0996 is 0.10
	e, err := strconv.Atoi(s[len("1.0e"):])
	if err != nil {
		return 0
	}
	return max(0, 1-e)
}
