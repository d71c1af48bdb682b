package topics_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("anova_rm", repeatedCase)
	reftest.Register("anova_factorial", factorialCase)
	reftest.Exceptions(reftest.Finding{
		Code: "mauchly-3p", Topic: "anova_rm",
		Text: "R's mauchly.test and car write the second-order term of the p-value with 3p, p the number of outcome columns " +
			"(15 for 3 phases × 5 hours), where Box's expansion has 3 times the number of contrasts, as in its other powers. " +
			"Truth: the expansion (Anderson 2003, section 10.7.4) at the reference's own W; the reference must be the expansion with R's term.",
	})
}

// repeatedDesign names the columns of a case.
type repeatedDesign struct{ id, dv, between, within string }

var (
	factorsOf    = regexp.MustCompile(`(between|within) ?= ?([\w.,+ ]*?)(?: (?:within|between)|;|$)`)
	averagedOver = regexp.MustCompile(`aggregated over ([\w.]+)`)
	valuesOf     = regexp.MustCompile(`subjects with all \d+ ([\w.]+)`)
)

// repeatedColumns finds the columns, which the calls hold in variables that the
// cases do not list, from the note on preparation, the terms tested and the
// data: the factors within are those of the marginal means, those between the
// other ones of the terms, the subject the first column whose cells within
// hold no value twice, and the outcome the first numeric one that is left and
// differs within subjects.
func repeatedColumns(c *reftest.Case, t *dataTable) (d repeatedDesign, err error) {
	for key, dst := range map[string]*string{"id": &d.id, "idv": &d.id, "dv": &d.dv} {
		if c.Has(key) {
			*dst = c.Str(key)
		}
	}
	prep := c.Str("prep")
	if m := valuesOf.FindStringSubmatch(prep); m != nil {
		d.dv = m[1]
	}
	var within, between []string
	for _, m := range factorsOf.FindAllStringSubmatch(prep, -1) {
		names := strings.FieldsFunc(m[2], func(r rune) bool { return strings.ContainsRune(",+ ", r) })
		if m[1] == "within" {
			within = names
		} else {
			between = names
		}
	}
	if within == nil {
		for _, n := range t.names {
			if c.HasPath("emmeans." + n + ".0") {
				within = append(within, n)
			}
		}
	}
	// In the order of the terms.
	var factors []string
	for i := 0; c.HasPath(fmt.Sprint("none.terms.", i)); i++ {
		if n := c.RefString(fmt.Sprint("none.terms.", i)); !strings.Contains(n, ":") {
			factors = append(factors, n)
		}
	}
	ordered := func(in bool) (out []string) {
		for _, n := range factors {
			if slices.Contains(within, n) == in {
				out = append(out, n)
			}
		}
		return out
	}
	within, between = ordered(true), ordered(false)
	if len(within) == 0 {
		return d, fmt.Errorf("no factor within subjects in %v", factors)
	}
	d.within, d.between = strings.Join(within, " "), strings.Join(between, " ")
	taken := append(append([]string{d.dv}, within...), between...)
	m := averagedOver.FindStringSubmatch(prep)
	average := m != nil
	if average {
		taken = append(taken, m[1])
	}
	for _, share := range []float64{1, 0.5} { // every cell filled, or most
		for _, n := range t.names {
			if d.id == "" && !slices.Contains(taken, n) && t.identifies(n, within, average, share) {
				d.id = n
			}
		}
	}
	for _, n := range t.names {
		if d.dv == "" && n != d.id && !slices.Contains(taken, n) && t.varies(n, d.id) {
			d.dv = n
		}
	}
	if d.id == "" || d.dv == "" {
		return d, fmt.Errorf("no subject or outcome among %v", t.names)
	}
	return d, nil
}

// identifies reports whether a column can name subjects: it repeats, and with
// the factors within tells all rows apart (unless they are averaged) and fills
// the share of the cells.
func (t *dataTable) identifies(name string, within []string, average bool, share float64) bool {
	cells, ids := map[string]bool{}, map[string]bool{}
	for i := range t.rows {
		key := t.rows[i][t.index(name)]
		ids[key] = true
		for _, w := range within {
			key += "\x00" + t.rows[i][t.index(w)]
		}
		if cells[key] && !average {
			return false
		}
		cells[key] = true
	}
	levels := 1
	for _, w := range within {
		seen := map[string]bool{}
		for _, l := range t.col(w) {
			seen[l] = true
		}
		levels *= len(seen)
	}
	return len(ids) < len(t.rows) && float64(len(cells)) >= share*float64(len(ids)*levels)
}

// varies reports whether a column is numeric and differs within subjects.
func (t *dataTable) varies(name, id string) bool {
	first := map[string]string{}
	differs := false
	for i, s := range t.col(name) {
		if missing(s) {
			continue
		}
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return false
		}
		k := t.rows[i][t.index(id)]
		if f, ok := first[k]; ok && f != s {
			differs = true
		}
		first[k] = s
	}
	return differs
}

func repeatedCase(c *reftest.Case) error {
	t := readCase(c)
	d, err := repeatedColumns(c, t)
	if err != nil {
		return err
	}
	t = t.complete(append([]string{d.id, d.dv}, strings.Fields(d.between+" "+d.within)...)...)
	data := regress.RepeatedData{ID: t.col(d.id), Y: t.floats(d.dv)}
	for _, n := range strings.Fields(d.within) {
		data.Within = append(data.Within, regress.Category(n, t.col(n), ""))
	}
	for _, n := range strings.Fields(d.between) {
		data.Between = append(data.Between, regress.Category(n, t.col(n), ""))
	}
	f, err := regress.RepeatedANOVAWith(data, regress.RepeatedOptions{
		CompleteOnly: strings.Contains(c.Str("prep"), "subjects with all"),
		Average:      strings.Contains(c.Str("prep"), "aggregated"),
	})
	if err != nil {
		return err
	}
	const noise = 1e-25 // of an effect that is 0 R leaves rounding errors
	each := func(table string, compare func(at func(col string) string, name string)) {
		for i := 0; ; i++ {
			at := func(col string) string { return fmt.Sprintf("%s.%s.%d", table, col, i) }
			if !c.HasPath(at("terms")) {
				return
			}
			compare(at, c.RefString(at("terms")))
		}
	}
	for name, kind := range map[string]regress.Correction{
		"none": regress.Uncorrected, "GG": regress.GreenhouseGeisser, "HF": regress.HuynhFeldt,
	} {
		each(name, func(at func(string) string, term string) {
			u := f.Test(term)
			v := u.CorrectedWith(regress.CorrectionOptions{Kind: kind})
			if s := u.Sphericity; s != nil && !c.HasPath("eps.terms.0") && u.DF2*s.LowerBound*s.LowerBound < 1 {
				// car corrects nothing where fewer subjects than contrasts make
				// the error matrix singular.
				v = u.FTest
			}
			c.Want(at("num Df"), v.DF1)
			c.Want(at("den Df"), v.DF2)
			c.Want(at("MSE"), u.ErrorSS/v.DF2)
			c.Want(at("F"), v.F, reftest.Tol, noise)
			c.Want(at("Pr(>F)"), v.P())
			c.Want(at("ges"), u.GeneralizedEta2, reftest.Tol, noise)
			if name == "none" {
				c.Want(at("pes"), u.PartialEta2(), reftest.Tol, noise)
			}
		})
	}
	each("univariate", func(at func(string) string, term string) {
		u := f.GrandMean()
		if term != "(Intercept)" {
			u = f.Test(term)
		}
		c.Want(at("Sum Sq"), u.SS, reftest.Tol, noise*u.ErrorSS)
		c.Want(at("num Df"), u.DF1)
		c.Want(at("Error SS"), u.ErrorSS)
		c.Want(at("den Df"), u.DF2)
		c.Want(at("F value"), u.F, reftest.Tol, noise)
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
			c.Want(at("p-value"), s.P())
			return
		}
		w, _ := c.Ref(at("Test statistic"))
		n := f.Test(term).DF2 / p
		columns := float64(len(f.LSMeans(strings.Fields(d.within)...)))
		c.WantTruthBy(at("p-value"), s.P(), mauchlyP(w, p, n, p), "mauchly-3p", reftest.Is(mauchlyP(w, p, n, columns)))
	})
	each("eps", func(at func(string) string, term string) {
		u := f.Test(term)
		c.Want(at("GG eps"), u.Sphericity.GreenhouseGeisser)
		c.Want(at("HF eps"), u.Sphericity.HuynhFeldt)
		c.Want(at("Pr(>F[GG])"), u.Corrected().P())
		c.Want(at("Pr(>F[HF])"), u.CorrectedWith(regress.CorrectionOptions{Kind: regress.HuynhFeldt}).P())
	})
	names := strings.Fields(d.within)
	means := f.LSMeans(names...)
	for i := 0; c.HasPath(fmt.Sprintf("emmeans.emmean.%d", i)); i++ {
		at := func(col string) string { return fmt.Sprintf("emmeans.%s.%d", col, i) }
		k := slices.IndexFunc(means, func(e regress.LSMean) bool {
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
func mauchlyP(w, p, n, linear float64) float64 {
	rho := 1 - (2*p*p+p+2)/(6*p*n)
	omega := (p + 2) * (p - 1) * (p - 2) * (2*math.Pow(p, 3) + 6*p*p + 3*linear + 2) / (288 * math.Pow(p*n*rho, 2))
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
	c.Unused("formula") // the call has it
	t := readCase(c)
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
	p, err := regress.ParseFormula(formula[1])
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
		kind := regress.TypeI // R's own anova
		switch {
		case strings.Contains(call, "type = 3"), strings.Contains(call, `type = \"III\"`):
			kind = regress.TypeIII
		case strings.Contains(call, "Anova("):
			kind = regress.TypeII
		}
		wantTermTests(c, "", m, m.TestsWith(regress.TestOptions{Type: kind}))
		return nil
	}
	wantTermTests(c, "I", m, m.TestsWith(regress.TestOptions{Type: regress.TypeI}))
	wantTermTests(c, "II", m, m.TestsWith(regress.TestOptions{Type: regress.TypeII}))
	wantTermTests(c, "III", m, m.Tests())
	for i, t := range m.Tests() {
		k := strconv.Itoa(i)
		c.Want("partial_eta2.Eta2_partial."+k, t.PartialEta2())
		c.Want("omega2p.Omega2_partial."+k, math.Max(0, t.PartialOmega2()))
		wantEtaCI(c, "partial_eta2", "."+k, shareCI(t.PartialEta2(), t.DF1, t.DF2, 0.9), t.PartialEta2(), t.DF1, t.DF2)
		wantEtaCI(c, "omega2p", "."+k, t.PartialOmega2CI(0.9), t.PartialOmega2(), t.DF1, t.DF2)
	}
	return nil
}
