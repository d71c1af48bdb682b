package stats_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Register("anova_rm", repeatedCase)
	reftest.Register("anova_factorial", factorialCase)
	reftest.Exceptions(reftest.Finding{
		Code: "mauchly-3p", Topic: "anova_rm",
		Text: "R's mauchly.test and car write the second-order term of the p-value with 3p, p the number of outcome columns " +
			"(15 for 3 phases × 5 hours), where Box's expansion has 3 times the number of contrasts, as in its other powers. " +
			"Truth: the expansion (Anderson 2003, section 10.7.4) at the reference's own W.",
		Bound: 0.01,
	})
}

// repeatedDesigns names the columns of each data set's cases by id, since the
// calls hold them in variables that the cases do not list.
var repeatedDesigns = map[string]struct{ id, dv, between, within string }{
	"BtheB_completers/mixed": {"subject", "bdi", "treatment", "month"},
	"fev_completers/mixed":   {"USUBJID", "FEV1", "ARMCD", "AVISIT"},
	"obk/mixed_2x":           {"id", "value", "treatment gender", "phase hour"},
	"obk/phase":              {"id", "value", "treatment", "phase"},
	"sleep/rm2":              {"ID", "extra", "", "group"},
	"sleepstudy/days":        {"Subject", "Reaction", "", "Days"},
	"epilepsy/mixed":         {"subject", "seizure.rate", "treatment", "period"},
}

func repeatedCase(c *reftest.Case) error {
	d, known := repeatedDesigns[c.ID]
	var t *table
	if c.Has("data") {
		var cols map[string][]any
		c.In("data", &cols)
		t = &table{names: []string{"id", "t", "y"}}
		for i := range cols["id"] {
			t.rows = append(t.rows, []string{fmt.Sprint(cols["id"][i]), fmt.Sprint(cols["t"][i]), fmt.Sprint(cols["y"][i])})
		}
		d.id, d.dv, d.within = "id", "y", "t"
	} else {
		if !known {
			return fmt.Errorf("columns of %s are not known", c.ID)
		}
		t = readTable(c.DataPath(c.Str("dataset")))
	}
	t = t.complete(append([]string{d.id, d.dv}, strings.Fields(d.between+" "+d.within)...)...)
	data := stats.RepeatedData{ID: t.col(d.id), Y: t.floats(d.dv)}
	for _, n := range strings.Fields(d.within) {
		data.Within = append(data.Within, stats.Category(n, t.col(n), ""))
	}
	for _, n := range strings.Fields(d.between) {
		data.Between = append(data.Between, stats.Category(n, t.col(n), ""))
	}
	f, err := stats.RepeatedANOVAWith(data, stats.RepeatedOptions{
		CompleteOnly: strings.Contains(c.Str("prep"), "subjects with all"),
		Average:      strings.Contains(c.Str("prep"), "aggregated"),
	})
	if err != nil {
		return err
	}
	each := func(table string, compare func(at func(col string) string, name string)) {
		for i := 0; ; i++ {
			at := func(col string) string { return fmt.Sprintf("%s.%s.%d", table, col, i) }
			if !c.HasPath(at("terms")) {
				return
			}
			compare(at, c.RefString(at("terms")))
		}
	}
	for name, kind := range map[string]stats.Correction{
		"none": stats.Uncorrected, "GG": stats.GreenhouseGeisser, "HF": stats.HuynhFeldt,
	} {
		each(name, func(at func(string) string, term string) {
			u := f.Test(term)
			v := u.Corrected(kind)
			c.Want(at("num Df"), v.DF1)
			c.Want(at("den Df"), v.DF2)
			c.Want(at("MSE"), u.ErrorSS/v.DF2)
			c.Want(at("F"), v.F)
			c.Want(at("Pr(>F)"), v.P())
			c.Want(at("ges"), u.GeneralizedEta2)
			if name == "none" {
				c.Want(at("pes"), u.PartialEta2())
			}
		})
	}
	each("univariate", func(at func(string) string, term string) {
		u := f.GrandMean()
		if term != "(Intercept)" {
			u = f.Test(term)
		}
		c.Want(at("Sum Sq"), u.SS)
		c.Want(at("num Df"), u.DF1)
		c.Want(at("Error SS"), u.ErrorSS)
		c.Want(at("den Df"), u.DF2)
		c.Want(at("F value"), u.F)
		c.Want(at("Pr(>F)"), u.P())
	})
	each("mauchly", func(at func(string) string, term string) {
		s := f.Test(term).Sphericity
		if !s.Mauchly {
			c.Fail("no Mauchly test of %s", term)
		}
		c.Want(at("Test statistic"), s.W)
		p := math.Round(1 / s.LowerBound)
		if p == 2 { // the term is zero
			c.Want(at("p-value"), s.P)
			return
		}
		w, _ := c.Ref(at("Test statistic"))
		c.WantTruth(at("p-value"), s.P, mauchlyP(w, p, f.Test(term).DF2/p), "mauchly-3p")
	})
	each("eps", func(at func(string) string, term string) {
		u := f.Test(term)
		c.Want(at("GG eps"), u.Sphericity.GreenhouseGeisser)
		c.Want(at("HF eps"), u.Sphericity.HuynhFeldt)
		c.Want(at("Pr(>F[GG])"), u.Corrected(stats.GreenhouseGeisser).P())
		c.Want(at("Pr(>F[HF])"), u.Corrected(stats.HuynhFeldt).P())
	})
	names := strings.Fields(d.within)
	means := f.LSMeans(names...)
	for i := 0; c.HasPath(fmt.Sprintf("emmeans.emmean.%d", i)); i++ {
		at := func(col string) string { return fmt.Sprintf("emmeans.%s.%d", col, i) }
		k := slices.IndexFunc(means, func(e stats.LSMean) bool {
			for _, n := range names {
				if syntactic(e.Levels[n]) != c.RefString(at(n)) {
					return false
				}
			}
			return true
		})
		if k < 0 {
			c.Fail("no mean for row %d", i)
			continue
		}
		ci := means[k].CI(0.95)
		c.Want(at("emmean"), means[k].Value)
		c.Want(at("SE"), means[k].SE)
		c.Want(at("df"), means[k].DF)
		c.Want(at("lower.CL"), ci.Lo)
		c.Want(at("upper.CL"), ci.Hi)
	}
	return nil
}

// mauchlyP is the p-value of W for p contrasts and n degrees of freedom.
func mauchlyP(w, p, n float64) float64 {
	rho := 1 - (2*p*p+p+2)/(6*p*n)
	omega := (p + 2) * (p - 1) * (p - 2) * (2*math.Pow(p, 3) + 6*p*p + 3*p + 2) / (288 * math.Pow(p*n*rho, 2))
	f := p*(p+1)/2 - 1
	x := -n * rho * math.Log(w)
	return (1-omega)*distuv.ChiSquared{K: f}.Survival(x) + omega*distuv.ChiSquared{K: f + 4}.Survival(x)
}

// syntactic is R's make.names for the levels that occur: a digit first gets X.
func syntactic(s string) string {
	if s != "" && unicode.IsDigit(rune(s[0])) {
		return "X" + s
	}
	return s
}

var (
	lmCall     = regexp.MustCompile(`lm\(([^,]*~[^,]*), D`)
	factorCall = regexp.MustCompile(`D\$(\w+) <- factor\(`)
	dropRows   = regexp.MustCompile(`drop rows ([\d,]+)`)
)

// factorialCase reads the formula, the factors and the dropped rows from the
// call and prep of the case.
func factorialCase(c *reftest.Case) error {
	call := strings.ReplaceAll(string(c.Call), `\n`, "\n")
	formula := lmCall.FindStringSubmatch(call)
	if formula == nil {
		return fmt.Errorf("no formula in %s", call)
	}
	t := readTable(c.DataPath(c.Str("dataset")))
	if m := dropRows.FindStringSubmatch(c.Str("prep")); m != nil {
		var keep [][]string
		drop := strings.Split(m[1], ",")
		for i, r := range t.rows {
			if !slices.Contains(drop, strconv.Itoa(i+1)) {
				keep = append(keep, r)
			}
		}
		t.rows = keep
	}
	p, err := stats.ParseFormula(formula[1])
	if err != nil {
		return err
	}
	frame := t.frame(formulaNames(p)...)
	for _, m := range factorCall.FindAllStringSubmatch(call, -1) {
		frame.Category(m[1], t.col(m[1]), "")
	}
	m, err := frame.Linear(formula[1])
	if err != nil {
		return err
	}
	if c.HasPath("terms.0") {
		wantTermTests(c, "", m, m.Tests(stats.TypeIII))
		return nil
	}
	wantTermTests(c, "I", m, m.Tests(stats.TypeI))
	wantTermTests(c, "II", m, m.Tests(stats.TypeII))
	wantTermTests(c, "III", m, m.Tests(stats.TypeIII))
	for i, t := range m.Tests(stats.TypeIII) {
		k := strconv.Itoa(i)
		c.Want("partial_eta2.Eta2_partial."+k, t.PartialEta2())
		c.Want("omega2p.Omega2_partial."+k, math.Max(0, t.PartialOmega2()))
		eta, _, _, _ := t.Explained().SampleScaleCI(0.9)
		wantEtaCI(c, "partial_eta2", "."+k, eta, t.PartialEta2(), t.DF1, t.DF2)
		wantEtaCI(c, "omega2p", "."+k, t.PartialOmega2CI(0.9), t.PartialOmega2(), t.DF1, t.DF2)
	}
	return nil
}
