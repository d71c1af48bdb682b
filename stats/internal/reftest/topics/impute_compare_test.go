package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// This file compares what a fitted imputation model holds with rbmi's.

// compareImputation compares the fitted model and the conditional means.
func compareImputation(c *reftest.Case, s *imputeSpec, fit *impute.Fit) error {
	c.Want("n_obs_in_model", float64(fit.Observations))
	c.Want("logLik", fit.LogLik(), 1e-9)
	var err error
	if s.model.ByArm {
		for _, a := range s.data.Arms {
			err = compareSigma(c, fit, a, "sigma."+a)
		}
	} else {
		err = compareSigma(c, fit, s.data.Arms[0], "sigma")
	}
	if err != nil {
		return err
	}
	if err := compareBeta(c, s, fit); err != nil {
		return err
	}
	cells, err := fit.Cells()
	if err != nil {
		return err
	}
	ids, visits := refStrings(c, "imputed.id"), refStrings(c, "imputed.visit")
	if len(cells) != len(ids) {
		c.Fail("%d values imputed, the reference has %d", len(cells), len(ids))
	}
	for i, id := range ids {
		found := false
		for _, cell := range cells {
			if s.ids[cell.Participant] == id && s.visits[cell.Visit] == visits[i] {
				found = true
				c.Want(fmt.Sprintf("imputed.mean.%d", i), cell.Mean, imputeTol, imputeTol*cell.SD)
				c.Want(fmt.Sprintf("imputed.sd.%d", i), cell.SD, imputeTol)
			}
		}
		if !found {
			c.Fail("nothing imputed for %s at %s", id, visits[i])
		}
		c.Skip(fmt.Sprintf("imputed.id.%d", i), fmt.Sprintf("imputed.visit.%d", i))
	}
	return nil
}

func compareSigma(c *reftest.Case, fit *impute.Fit, arm, path string) error {
	m, err := fit.Sigma(arm)
	if err != nil {
		return err
	}
	for i, row := range m {
		for j, x := range row {
			c.Want(fmt.Sprintf("%s.%d.%d", path, i, j), x, imputeTol, imputeTol*math.Sqrt(m[i][i]*m[j][j]))
		}
	}
	return nil
}

// compareBeta rebuilds R's treatment-coded coefficients from the fitted means, which
// are those of the average participant, and the slopes.
func compareBeta(c *reftest.Case, s *imputeSpec, fit *impute.Fit) error {
	var means [][]float64
	for _, a := range s.data.Arms {
		m, err := fit.Means(a)
		if err != nil {
			return err
		}
		means = append(means, slices.Clone(m))
	}
	slopes := map[string][]float64{}
	for _, cov := range s.data.Covariates {
		if !slices.Contains(s.model.Covariates, cov.Name) {
			continue
		}
		names, columns := []string{cov.Name}, [][]float64{cov.Number}
		if cov.Number == nil {
			names, columns = nil, nil
			levels := slices.Compact(slices.Sorted(slices.Values(cov.Category)))
			for _, l := range levels[1:] {
				x := make([]float64, len(cov.Category))
				for i, s := range cov.Category {
					x[i] = bool01(s == l)
				}
				names, columns = append(names, cov.Name+" "+l), append(columns, x)
			}
		}
		for k, name := range names {
			b, err := fit.Slope(name)
			if err != nil {
				return err
			}
			slopes[strings.ReplaceAll(name, " ", "")] = b
			mean := 0.0
			for _, x := range columns[k] {
				mean += x / float64(len(columns[k]))
			}
			for a := range means {
				for v := range s.visits {
					means[a][v] -= mean * b[v]
				}
			}
		}
	}
	group, visit := c.Str("group"), c.Str("visit")
	for i, name := range refStrings(c, "coef_names") {
		c.Skip(fmt.Sprintf("coef_names.%d", i))
		arm, v, slope := 0, 0, ""
		for _, part := range strings.Split(name, ":") {
			switch {
			case part == "(Intercept)":
			case strings.HasPrefix(part, group) && slices.Contains(s.data.Arms, part[len(group):]):
				arm = indexOf(s.data.Arms, part[len(group):])
			case strings.HasPrefix(part, visit) && slices.Contains(s.visits, part[len(visit):]):
				v = indexOf(s.visits, part[len(visit):])
			default:
				slope = part
			}
		}
		got := means[arm][v]
		switch {
		case slope != "":
			if slopes[slope] == nil {
				return fmt.Errorf("no slope %s", slope)
			}
			if got = slopes[slope][v]; v > 0 {
				got -= slopes[slope][0]
			}
		case arm > 0 && v > 0:
			got = means[arm][v] - means[arm][0] - means[0][v] + means[0][0]
		case arm > 0 || v > 0:
			got -= means[0][0]
		}
		c.Want(fmt.Sprintf("beta.%d", i), got, imputeTol, 1e-6)
	}
	return nil
}

// compareDelta compares what is added to each value with the effect that an analysis
// without covariates and with one participant's delta alone would have: the means of
// the completed data with and without delta.
func compareDelta(c *reftest.Case, s *imputeSpec, fit *impute.Fit) error {
	got, err := fit.Deltas(s.analysis.Delta)
	if err != nil {
		return err
	}
	ids, visits := refStrings(c, "delta_applied.id"), refStrings(c, "delta_applied.visit")
	key := "id"
	if len(ids) == 0 {
		ids, visits, key = refStrings(c, "delta_applied.PATIENT"), refStrings(c, "delta_applied.VISIT"), "PATIENT"
	}
	n := 0
	for _, row := range got {
		for _, x := range row {
			if x != 0 {
				n++
			}
		}
	}
	if n != len(ids) {
		c.Fail("delta for %d values, the reference has %d", n, len(ids))
	}
	for i, id := range ids {
		c.Skip("delta_applied."+key+".", "delta_applied.visit.", "delta_applied.VISIT.")
		c.Want(fmt.Sprintf("delta_applied.delta.%d", i), got[indexOf(s.ids, id)][indexOf(s.visits, visits[i])])
	}
	return nil
}
