package topics_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("analysis_sets_cace", setsCACECase) }

// setParticipant is a row of the cases' data.
type setParticipant struct {
	id, randomised, received       string
	base, age, compliance, y       float64
	major, eligible, postBaseline_ bool
}

func setParticipants(c *reftest.Case) (out []setParticipant) {
	t := inlineTable(c)
	cell := func(i int, name string) string { return t.rows[i][t.index(name)] }
	num := func(i int, name string) float64 {
		v, err := strconv.ParseFloat(cell(i, name), 64)
		if err != nil {
			return math.NaN()
		}
		return v
	}
	for i := range t.rows {
		out = append(out, setParticipant{cell(i, "id"), cell(i, "randomised"), cell(i, "received"), num(i, "base"), num(i, "age"),
			num(i, "compliance"), num(i, "y"), cell(i, "deviation") == "major", cell(i, "eligible") == "TRUE", cell(i, "any_postbaseline") == "TRUE"})
	}
	return out
}

// setsCACECase compares the analysis of covariance in each analysis set, which the
// case's call defines, and the effect in compliers.
func setsCACECase(c *reftest.Case) error {
	parts := strings.Split(c.ID, "/")
	c.Unused("data_as_in")
	all := setParticipants(c)
	if parts[0] == "cace" {
		return caceCase(c, all)
	}
	in := map[string]func(p setParticipant) bool{
		"ITT":  func(p setParticipant) bool { return true },
		"mITT": func(p setParticipant) bool { return p.received != "none" && p.received != "" && p.postBaseline_ },
		"PP": func(p setParticipant) bool {
			return p.eligible && !p.major && p.compliance >= 80 && p.received == p.randomised && !math.IsNaN(p.y)
		},
		"safety":     func(p setParticipant) bool { return p.received != "none" && p.received != "" },
		"as_treated": func(p setParticipant) bool { return p.received != "none" && p.received != "" },
	}[parts[len(parts)-1]]
	if in == nil {
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
	}
	treated := parts[len(parts)-1] == "safety" || parts[len(parts)-1] == "as_treated"
	byArm, withY := map[string]float64{}, map[string]float64{}
	var excluded []string
	data := regress.ANCOVAData{Control: "P"}
	for _, p := range all {
		if !in(p) {
			excluded = append(excluded, p.id)
			continue
		}
		arm := p.randomised
		if treated {
			arm = p.received
		}
		byArm[arm]++
		if math.IsNaN(p.y) {
			continue
		}
		withY[arm]++
		data.Arm, data.Y, data.Baseline = append(data.Arm, arm), append(data.Y, p.y), append(data.Baseline, p.base)
	}
	c.Want("n", byArm["A"]+byArm["P"])
	c.Want("excluded", float64(len(excluded)))
	for i, id := range excluded {
		if c.RefString(fmt.Sprintf("ids_excluded.%d", i)) != id {
			c.Fail("excluded %d: %s", i, id)
		}
	}
	for _, a := range []string{"A", "P"} {
		c.Want("by_arm."+a, byArm[a])
		c.Want("n_y."+a, withY[a])
	}
	if !c.HasPath("ancova.n") {
		return nil
	}
	m, err := regress.ANCOVA(data)
	if err != nil {
		return err
	}
	fit := m.Model()
	c.Want("ancova.n", float64(fit.N()))
	c.Want("ancova.df", fit.DF())
	c.Want("ancova.sigma", fit.Sigma())
	for i := range 3 {
		at := func(s string) string { return fmt.Sprintf("ancova.coef.%s.%d", s, i) }
		e := fit.Coefficient(map[string]string{"(Intercept)": "(Intercept)", "armA": "armA", "base": "baseline"}[c.RefString(at("term"))])
		ci := e.CI(0.95)
		c.Want(at("estimate"), e.Value)
		c.Want(at("se"), e.SE)
		c.Want(at("t"), e.T(0))
		c.Want(at("p"), e.P(0))
		c.Want(at("lower"), ci.Lo)
		c.Want(at("upper"), ci.Hi)
	}
	return nil
}

func caceCase(c *reftest.Case, all []setParticipant) error {
	data := regress.CACEData{Control: "P"}
	var base, age []float64
	for _, p := range all {
		if math.IsNaN(p.y) {
			continue
		}
		data.Y, data.Arm = append(data.Y, p.y), append(data.Arm, p.randomised)
		data.Received = append(data.Received, bool01(p.received == "A"))
		base, age = append(base, p.base), append(age, p.age)
	}
	switch c.Str("covariates") {
	case "base_age":
		data.Covariates = []regress.Term{regress.Numeric("base", base), regress.Numeric("age", age)}
	case "base":
		data.Covariates = []regress.Term{regress.Numeric("base", base)}
	}
	f, err := regress.CACE(data)
	if err != nil {
		return err
	}
	e := f.TwoStage()
	ci := e.CI(0.95)
	c.Want("n", float64(f.N))
	c.Want("cace", f.Point())
	c.Want("wald_ratio", f.Point())
	c.Want("se", e.SE)
	c.Want("df", e.DF)
	c.Want("t", e.T(0))
	c.Want("p_t", e.P(0))
	c.Want("lower_t", ci.Lo)
	c.Want("upper_t", ci.Hi)
	normal := e
	normal.DF = math.Inf(1)
	c.Want("p_z", normal.P(0))
	c.Want("se_HC0", f.TwoStageRobust(regress.HC0).SE)
	c.Want("se_HC1", f.TwoStageRobust(regress.HC1).SE)
	c.Want("itt.estimate", f.ITT.Value)
	c.Want("itt.se", f.ITT.SE)
	c.Want("first_stage.estimate", f.Uptake.Value)
	c.Want("first_stage.se", f.Uptake.SE)
	c.Want("first_stage_F", f.Uptake.T(0)*f.Uptake.T(0))
	// The other coefficients are those of the outcome less the effect.
	rest := make([]float64, len(data.Y))
	for i, y := range data.Y {
		rest[i] = y - f.Point()*data.Received[i]
	}
	m, err := regress.Linear(rest, data.Covariates...)
	if err != nil {
		return err
	}
	var coef []float64
	for _, b := range m.Coefficients() {
		coef = append(coef, b.Value)
	}
	c.WantVec("coef", append(coef, f.Point()))
	return nil
}
