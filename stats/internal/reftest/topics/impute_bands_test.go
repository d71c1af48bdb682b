package topics_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("refimp_bayes_bands", bayesBandsCase)
	reftest.Register("refimp_approxbayes_bands", approxBayesBandsCase)
	reftest.Register("refimp_information_anchored", anchoredCase)
}

// bandDraws is how many imputations are compared with a reference's bands.
const bandDraws = 1000.0

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
	draw, err := fit.Draw(impute.DrawOptions{Imputations: int(bandDraws), Seed: 20, Engine: engine})
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

// anchoredCase compares the jackknife's standard error, exactly, and Rubin's, within
// Monte Carlo error, of the same data: those of another topic's case, which it names.
func anchoredCase(c *reftest.Case) error {
	id, _, _ := strings.Cut(c.Str("see"), " in ")
	c.Unused("visit", "covariance", "model") // as in the case it names
	others, err := reftest.Load(filepath.Join(c.Dir, "refimp_bayes_bands.json"))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(others, func(o *reftest.Case) bool { return o.ID == id })
	if i < 0 {
		return fmt.Errorf("no case %s", id)
	}
	other := others[i]
	completeBands(other)
	s, err := imputeCase(other)
	if err != nil {
		return err
	}
	s.analysis.Normal = false
	ask := func(strategy impute.Strategy) (jackknife, rubin stats.Estimate, p stats.Pooled, es []stats.Estimate, err error) {
		fit, err := s.model.Fit(s.data.Under(strategy))
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		samples, err := fit.Jackknife()
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		r, err := samples.Analyze(s.analysis)
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		last := s.visits[len(s.visits)-1]
		if jackknife, err = r.Difference(s.data.Arms[1], s.data.Arms[0], last); err != nil {
			return jackknife, rubin, p, nil, err
		}
		draw, err := fit.Draw(impute.DrawOptions{Imputations: int(bandDraws), Seed: 20, Engine: impute.Bayes})
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		im, err := draw.Impute()
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		m, err := im.Analyze(s.analysis)
		if err != nil {
			return jackknife, rubin, p, nil, err
		}
		if es, err = m.Estimates(s.data.Arms[1], s.data.Arms[0], last); err != nil {
			return jackknife, rubin, p, nil, err
		}
		p, err = stats.PoolImputations(es)
		return jackknife, p.Estimate, p, es, err
	}
	jack, rubin, p, es, err := ask(s.strategy)
	if err != nil {
		return err
	}
	jackMAR, rubinMAR, _, _, err := ask(impute.MAR)
	if err != nil {
		return err
	}
	mc, err := impute.StabilityOf(es)
	if err != nil {
		return err
	}
	const theirs = 4000.0
	squares := 0.0 // of the variances within imputations about their mean
	for _, e := range es {
		squares += (e.SE*e.SE - p.Within) * (e.SE*e.SE - p.Within)
	}
	rate := 4 * math.Sqrt(2/(bandDraws-1)+2/(theirs-1)) // of the variance between imputations
	wide := 4 * math.Sqrt(1+bandDraws/theirs)
	c.Want("estimate_conditional_mean", jack.Value, imputeTol)
	c.Want("se_jackknife", jack.SE, imputeTol)
	c.Want("se_jackknife_over_se_jackknife_MAR", jack.SE/jackMAR.SE, 2*imputeTol)
	c.Want("estimate_mi", rubin.Value, 0, wide*mc.Estimate)
	c.Want("se_rubin", rubin.SE, 0, wide*mc.SE)
	c.Want("ratio_rubin_to_jackknife", rubin.SE/jack.SE, 0, wide*mc.SE/jack.SE)
	c.Want("se_rubin_over_se_rubin_MAR", rubin.SE/rubinMAR.SE, 0, 2*wide*mc.SE/rubinMAR.SE)
	c.Want("df", rubin.DF, 2*rate*p.Lambda/(1-p.Lambda))
	c.Want("fmi", p.Lambda, rate)
	c.Want("between", p.Between, rate)
	c.Want("within", p.Within, 0, 4*math.Sqrt(squares/(bandDraws-1)*(1/bandDraws+1/theirs)))
	c.Skip("se_rubin_mc_error", "se_rubin_approxbayes", "estimate_mi_approxbayes") // the last two are refimp_approxbayes_bands'
	return nil
}
