package topics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("refimp_bayes_bands", bayesBandsCase)
	reftest.Register("refimp_approxbayes_bands", approxBayesBandsCase)
}

// bandDraws is how many imputations are compared with a reference's bands.
const bandDraws = 1000

// complete gives a case of bands the inputs that it says in words.
func completeBands(c *reftest.Case) {
	base, visit, group, arms, subject := "base", "visit", "arm", []string{"P", "A"}, "id"
	if c.Has("dataset") {
		base, visit, group, arms, subject = "BASVAL", "VISIT", "THERAPY", []string{"PLACEBO", "DRUG"}, "PATIENT"
	}
	set := func(key string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		c.Input[key] = b
	}
	set("group", group)
	set("groups", arms)
	set("covariance", "us")
	set("references", map[string]string{arms[0]: arms[0], arms[1]: arms[0]})
	set("imputation_model", base+"*"+visit)
	set("analysis", group+" + "+base)
	if !c.Has("ice_visit_index") {
		return
	}
	t := readCase(c)
	var ids, visits []string
	for _, r := range t.rows {
		ids, visits = append(ids, r[t.index(subject)]), append(visits, r[t.index(visit)])
	}
	slices.Sort(ids)
	slices.Sort(visits)
	ids, visits = slices.Compact(ids), slices.Compact(visits)
	ice := map[string][]string{}
	for i, v := range c.Floats("ice_visit_index") {
		if int(v) <= len(visits) {
			ice[subject], ice[visit] = append(ice[subject], ids[i]), append(ice[visit], visits[int(v)-1])
		}
	}
	set("ice", ice)
}

// bayesBandsCase compares draws from the posterior with the reference's own.
func bayesBandsCase(c *reftest.Case) error {
	c.Unused("model", "ice_visit_index") // what completeBands writes as a formula and as events
	return bandsCase(c, impute.Bayes)
}

// approxBayesBandsCase compares estimates in bootstrap samples as draws.
func approxBayesBandsCase(c *reftest.Case) error {
	c.Unused("arms")
	return bandsCase(c, impute.BootstrapDraw)
}

func bandsCase(c *reftest.Case, engine impute.Engine) error {
	completeBands(c)
	s, err := imputeCase(c)
	if err != nil {
		return err
	}
	fit, err := s.model.Fit(s.data.Under(s.strategy))
	if err != nil {
		return err
	}
	draw, err := fit.Draw(impute.DrawOptions{Imputations: bandDraws, Seed: 20, Engine: engine})
	if err != nil {
		return err
	}
	im, err := draw.Impute()
	if err != nil {
		return err
	}
	s.analysis.Normal = false
	r, err := im.Analyze(s.analysis)
	if err != nil {
		return err
	}
	for i, visit := range s.visits {
		es, err := r.Estimates(s.data.Arms[1], s.data.Arms[0], visit)
		if err != nil {
			return err
		}
		if err := wantBand(c, fmt.Sprintf("arm_effect.%d", i), es); err != nil {
			return err
		}
		c.Skip(fmt.Sprintf("visits.%d", i))
	}
	return nil
}

// wantBand compares a pooled estimate with bands four Monte Carlo errors wide, ours
// and the reference's.
func wantBand(c *reftest.Case, path string, es []stats.Estimate) error {
	p, err := stats.PoolImputations(es)
	if err != nil {
		return err
	}
	ref := func(leaf string) float64 { x, _ := c.Ref(path + "." + leaf); return x }
	m, their := float64(len(es)), ref("M")
	c.Want(path+".M", their)
	c.Want(path+".dfcom", es[0].DF)
	for _, band := range []string{"mc_error.", "low4.", "high4."} {
		c.Skip(path + "." + band)
	}
	for leaf, x := range map[string]float64{"estimate": p.Value, "se": p.SE, "df": p.DF, "within": p.Within, "between": p.Between, "fmi": p.Lambda, "p": p.P(0)} { // fmi is (1 + 1/M)·B/T in these cases
		at := path + ".value." + leaf
		if ref("value.between") == 0 { // nothing is missing at this visit: every imputation is the same
			if leaf == "estimate" || leaf == "se" || leaf == "within" {
				c.Want(at, x, 1e-10)
			} else if leaf == "between" && x > 1e-20 {
				c.Fail("%s: %v between imputations of a visit without missing values", at, x)
			}
			c.Skip(at)
			continue
		}
		allowed := 4 * ref("mc_error."+leaf) * math.Sqrt(1+their/m)
		switch b := ref("value.between"); leaf {
		case "estimate":
			allowed = 4 * math.Sqrt(b/m+b/their)
		case "between":
			allowed = 4 * b * math.Sqrt(2/(m-1)+2/(their-1))
		}
		c.Want(at, x, 0, allowed)
	}
	return nil
}
