package nexttrial

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// Options are choices of New.
type Options struct {
	Power float64 // 0 means 0.9
}

// Plan is the size of a trial and what it rests on.
type Plan struct {
	Protocol study.Protocol
	// Plan is the protocol's, in full; Outcome its outcome, Visit its visit.
	Plan    study.Plan
	Outcome study.Outcome
	Visit   study.Visit
	Assumed assumed.Outcome
	Lost    assumed.Number
	// Power asked for at Alpha: two-sided, and that of one side of a test against a margin.
	Power, Alpha float64
	// SD and Correlation that are planned with: limits where a pilot found them.
	SD, Correlation float64
	// Comparisons are those of each treated arm with control, in the protocol's order.
	Comparisons []Comparison
	// Analyzed and Randomized are participants an arm, of the comparison that takes most;
	// Total those randomized in all arms.
	Analyzed, Randomized, Total int
	// Dunnett is Randomized where the comparisons are adjusted for each other by
	// Dunnett's method; 0 where there is one, or no means.
	Dunnett     int
	Sensitivity Sensitivity
	// Family are the primary hypotheses where there are several: the plan is that of the
	// one that takes most.
	Family []Hypothesis
	// Range is set where the participants are known that the SD was found in.
	Range *Range
	// Notes are doubts about the plan.
	Notes []study.Note
}

// Comparison is one treated arm with control.
type Comparison struct {
	Arm study.Arm
	// Effect is the assumed one on its own scale, with its source: a difference treated −
	// control, an odds ratio, a rate ratio.
	Effect assumed.Number
	// Needed are the participants analyzed an arm that this comparison takes by itself.
	Needed int
	// First is the smallest size with the power where the exact test of shares decides,
	// whose power can be lost again beyond it; Needed is that from which on it lasts. 0
	// elsewhere.
	First int
	// Power and SE with the trial's Analyzed; SE is NaN on a scale of ratios.
	Power, SE float64
	// Verdicts are the chances of what the deciding row will say if the effect is as
	// assumed, and None if there is none; empty where nothing judges a difference.
	Verdicts, None []Chance
	// Call is the R expression that gives Power.
	Call string
}

// Range is how far n an arm depends on the SD's own uncertainty.
type Range struct {
	// Low and High are n randomized an arm at the limits SDLow and SDHigh of the SD's
	// two-sided 95% interval; 0 where no size is enough.
	Low, High     int
	SDLow, SDHigh float64
	DF            float64
	// Established is false below the degrees of freedom of two arms of
	// power.PilotPerArm: no n can then be called established.
	Established bool
}

// Sensitivity is n randomized an arm over what the plan rests on.
type Sensitivity struct {
	// By names what the rows are: "sd", "share", "rate"; "" where there is one row.
	By string
	// Rows and Effects; the planned ones are in the middle.
	Rows, Effects []float64
	// N[i][j] is that of row i and effect j, 0 where no size is enough.
	N [][]int
	// Power of a comparison of the planned size, for a curve: of row i at Curve[k].
	Curve  []float64
	Powers [][]float64
}

// maker makes the design of a comparison, with the spread (an SD, a share, a rate) and the
// effect it is asked about.
type maker func(spread, effect float64) design

// design is a comparison that can be sized.
type design interface {
	size(power float64) (int, error)  // analyzed an arm
	power(n int) float64              // of n analyzed an arm
	se(n int) (se, df float64)        // NaN on a scale of ratios
	call(n int, power float64) string // in R
}

// New plans the trial of a protocol: its primary plan, or its only one, with what is
// assumed of its outcome; of several primary hypotheses the one that takes most
// (Hypothesis). Means are compared by analysis of covariance with a random baseline
// (power.ANCOVADesign) or by a t-test, shares by the exact power of the test that will decide
// (study.RiskMethodOf), ordered categories and counts by their large-sample formulas,
// margins by their one-sided tests. A mixed model of all visits is planned as the analysis of
// covariance at its visit, with as many more participants as the earlier values of those
// lost are worth where the correlation between visits is stated (power.MMRMDesign:
// approximate); other models of all visits as that analysis, which a note says. n is for the
// comparison that takes most; every arm has as many.
//
// What cannot be planned is refused, all at once, as files.Problems: a protocol
// without such a plan, numbers that are missing or have no source, no effect, one to the
// treated arm's disadvantage where superiority is to be shown. A pilot's effect and an
// important change of one patient as the difference have been refused by the protocol's
// own check.
func New(p study.Protocol, o Options) (Plan, error) {
	c := &planner{protocol: p.WithInstruments()}
	out := c.plan(o)
	if len(c.Faults) > 0 {
		return Plan{}, yamlfile.ProblemsOf(c.Faults)
	}
	return out, nil
}

// planner gathers what is wrong.
type planner struct {
	yamlfile.Checker
	protocol study.Protocol
	unlisted []string // categories whose levels are not declared
	last     []design // of the comparisons sized last
}

func (c *planner) plan(o Options) Plan {
	out := Plan{Protocol: c.protocol, Power: o.Power}
	if out.Power == 0 {
		out.Power = 0.9
	}
	if !(out.Power > 0.05 && out.Power < 1) {
		c.Add("", "next-power", out.Power)
		return out
	}
	if c.protocol.Primary != nil {
		return c.family(out.Power)
	}
	i, ok := c.primary()
	if !ok {
		return out
	}
	return c.hypothesis(study.Declared{Plan: i}, out.Power)
}

// hypothesis plans one plan of the protocol, or one arm of it at its share of α.
func (c *planner) hypothesis(h study.Declared, target float64) Plan {
	out := Plan{Protocol: c.protocol, Power: target}
	i := h.Plan
	c.unlisted = nil
	out.Plan = c.protocol.InFull(c.protocol.Plans[i])
	out.Outcome, _ = c.protocol.Outcome(out.Plan.Outcome)
	for _, v := range c.protocol.Visits {
		if v.ID == out.Plan.Visit {
			out.Visit = v
		}
	}
	var stated bool
	if out.Assumed, stated = c.protocol.Assumed.Outcome(out.Plan.Outcome); !stated {
		c.Add("assumed", "next-nothing-assumed", out.Plan.Outcome)
		return out
	}
	out.Lost, out.Alpha = c.protocol.Assumed.Lost, out.Plan.Alpha()
	if h.Alpha > 0 {
		if out.Alpha = h.Alpha; out.Plan.Margin > 0 {
			out.Alpha /= 2
		}
		if s := c.protocol.Primary; !s.All && s.Adjust.Simultaneous() {
			out.Plan.Level = 1 - h.Alpha
		}
	}
	if !out.Lost.Stated {
		c.Add("assumed", "next-no-loss")
	}
	for _, path := range c.protocol.Assumed.Unsourced(out.Plan.Outcome) {
		c.Add(path, "next-no-source")
	}
	c.analysis(out.Plan, i, out.Outcome.Binary())
	make, spread, by, effects := c.designs(&out)
	if len(c.Faults) > 0 {
		return out
	}
	c.compare(&out, h.Arm, make, spread, effects)
	if len(c.Faults) > 0 {
		return out
	}
	out.sensitivity(make, spread, by)
	out.dunnett(make)
	out.notes(make, c.unlisted)
	return out
}

// analysis refuses plans that are decided by another analysis than any sized here: a number
// for that one would be printed under this one's name.
func (c *planner) analysis(q study.Plan, i int, binary bool) {
	at := fmt.Sprintf("plans[%d]", i)
	switch {
	case q.Scale != "":
		c.Add(at+".scale", "next-analysis", "scale: "+string(q.Scale))
	case binary && q.Effect != "" && q.Effect != study.RiskDifference:
		c.Add(at+".effect", "next-analysis", "effect: "+string(q.Effect))
	case q.Model == study.GEE:
		c.Add(at+".model", "next-analysis", "model: "+string(q.Model))
	}
}

// primary is the index of the plan that decides: the one named so, or the only one.
func (c *planner) primary() (int, bool) {
	found := -1
	for i, q := range c.protocol.Plans {
		if q.Role != study.RolePrimary && len(c.protocol.Plans) > 1 {
			continue
		}
		if found >= 0 {
			c.Add(fmt.Sprintf("plans[%d]", i), "next-two-primary")
			return 0, false
		}
		found = i
	}
	if found < 0 {
		c.Add("plans", "next-no-plan")
		return 0, false
	}
	return found, c.dated(found)
}

// dated refuses a plan without a visit at which the arms are compared.
func (c *planner) dated(i int) bool {
	if v := c.protocol.Plans[i].Visit; v == "" || v == study.OverallVisit {
		c.Add(fmt.Sprintf("plans[%d].visit", i), "next-no-visit")
		return false
	}
	return true
}

// compare sizes each comparison, and gives all of them the largest size.
func (c *planner) compare(out *Plan, arm string, make maker, spread float64, effects []assumed.Effect) {
	var designs []design
	for _, a := range c.protocol.Arms {
		if a.Control || arm != "" && a.ID != arm {
			continue
		}
		at := "assumed." + out.Outcome.ID
		e, ok := assumed.Find(effects, a.ID)
		if !ok {
			c.Add(at, "next-no-effect", a.ID)
			continue
		}
		d := make(spread, e.Value)
		n, err := d.size(out.Power)
		if err != nil {
			c.Add(at, "next-no-size", a.ID, maxArm)
			continue
		}
		x := Comparison{Arm: a, Effect: e, Needed: n}
		if saw, ok := d.(interface {
			sizes(target float64) (power.ExactSize, error)
			exact(n int) bool
		}); ok && saw.exact(n) {
			if s, err := saw.sizes(out.Power); err == nil {
				x.First = s.First
			}
		}
		designs = append(designs, d)
		out.Comparisons = append(out.Comparisons, x)
		out.Analyzed = max(out.Analyzed, n)
	}
	out.Randomized = out.withLoss(out.Analyzed)
	out.Total = out.Randomized * len(c.protocol.Arms)
	c.last = designs
	for i := range out.Comparisons {
		x := &out.Comparisons[i]
		x.Power, x.Call = designs[i].power(out.Analyzed), designs[i].call(out.Analyzed, out.Power)
		var df float64
		x.SE, df = designs[i].se(out.Analyzed)
		x.Verdicts = out.chances(x.Effect.Value, x.SE, df)
		x.None = out.chances(0, x.SE, df)
	}
}

// maxArm is the largest arm that is planned.
const maxArm = 1_000_000

// withLoss are the participants to be randomized so that n have the outcome.
func (p Plan) withLoss(n int) int { return randomized(n, p.Lost.Value) }

func randomized(n int, lost float64) int {
	// Rounding error must not add a participant: 45/0.9 is 50.
	return int(math.Ceil(float64(n)/(1-lost) - 1e-9))
}

// sensitivity fills the grid: the planned spread and a fifth less, a quarter more; the
// effect of the comparison that takes most and a quarter less and more; with a margin a
// quarter of it less and more.
func (p *Plan) sensitivity(make maker, spread float64, by string) {
	s := &p.Sensitivity
	effect := p.deciding().Effect.Value
	ratio := p.ratio()
	scaled := func(f float64) float64 {
		switch {
		case p.Plan.Margin > 0: // around what is assumed, which may be no difference
			return effect + (f-1)*p.Plan.Margin*p.Outcome.Better.Sign()
		case ratio:
			return math.Exp(f * math.Log(effect))
		}
		return f * effect
	}
	s.By, s.Rows = by, []float64{spread}
	if by != "" {
		s.Rows = []float64{0.8 * spread, spread, 1.25 * spread}
	}
	s.Effects = []float64{scaled(0.75), effect, scaled(1.25)}
	for k := range 41 { // from no effect, or the margin, to twice what is planned for
		s.Curve = append(s.Curve, scaled(float64(k)/20))
	}
	for _, row := range s.Rows {
		var sizes []int
		for _, e := range s.Effects {
			n, err := make(row, e).size(p.Power)
			if err != nil {
				n = 0
			}
			sizes = append(sizes, p.withLoss(n))
		}
		var curve []float64
		for _, e := range s.Curve {
			curve = append(curve, make(row, e).power(p.Analyzed))
		}
		s.N, s.Powers = append(s.N, sizes), append(s.Powers, curve)
	}
}

// deciding is the comparison that takes most participants.
func (p Plan) deciding() Comparison {
	most := p.Comparisons[0]
	for _, c := range p.Comparisons {
		if c.Needed > most.Needed {
			most = c
		}
	}
	return most
}

// ratio reports whether effects are ratios.
func (p Plan) ratio() bool {
	return p.Outcome.Kind == study.KindOrdinal || p.Outcome.Kind == study.KindCount
}

// Margin is what a difference is judged against, benefit positive: that of the outcome's
// threshold between arms; 0 where there is none.
func (p Plan) Margin() float64 {
	if benefit, _ := p.Outcome.Verdict(); benefit != nil {
		return benefit.Value
	}
	return 0
}

// dunnett sizes the trial with simultaneous intervals of all comparisons, in residual SDs
// of what is compared.
func (p *Plan) dunnett(make maker) {
	if len(p.Comparisons) < 2 || !p.Outcome.Measured() || p.Plan.Margin > 0 {
		return
	}
	x := make(p.SD, 0).(means)
	d := power.DunnettDesign{Alpha: p.Alpha, Covariates: x.covariates}
	for _, c := range p.Comparisons {
		d.Effects = append(d.Effects, c.Effect.Value/x.residual())
	}
	if n, err := whole(d.SolveN(p.Power)); err == nil {
		p.Dunnett = p.withLoss(int(math.Ceil(float64(n)/x.gain - 1e-9)))
	}
}

// notes says what the plan leaves in doubt, and the range of n that the SD allows.
func (p *Plan) notes(make maker, unlisted []string) {
	add := func(code string, args text.Args) { p.Notes = append(p.Notes, study.Note{Code: code, Args: args}) }
	sd, r := p.Assumed.SD, p.Assumed.Correlation
	if p.Outcome.Measured() {
		if sd.Pilot() {
			add("next-pilot-sd", text.Args{"sd": sd.Value, "limit": p.number(p.SD), "n": sd.N})
			if risk, err := power.NewPilotRisk(sd.DF(), p.Power, p.Alpha, 0); err == nil {
				add("next-pilot-risk", text.Args{"power": p.Power, "mean": risk.Mean, "below": risk.Below})
			}
		}
		if r.Stated && r.Pilot() {
			add("next-pilot-correlation", text.Args{"r": r.Value, "limit": p.Correlation, "n": r.N})
		}
		if p.Plan.Model != study.Welch && !r.Stated && p.Outcome.HasBaseline() && p.Plan.Baseline != study.NoBaseline {
			add("next-no-correlation", nil)
		}
	}
	if !math.IsInf(sd.DF(), 1) && p.Outcome.Measured() {
		df := sd.DF()
		low, _ := power.UpperSD(sd.Value, df, 0.025)
		high, _ := power.UpperSD(sd.Value, df, 0.975)
		x := &Range{SDLow: low, SDHigh: high, DF: df, Established: df >= 2*power.PilotPerArm-2}
		effect := p.deciding().Effect.Value
		for _, limit := range []struct {
			sd float64
			n  *int
		}{{low, &x.Low}, {high, &x.High}} {
			if n, err := make(limit.sd, effect).size(p.Power); err == nil {
				*limit.n = p.withLoss(n)
			}
		}
		p.Range = x
	}
	switch adjusted := len(p.Plan.Covariates)+len(p.Protocol.Randomization.Strata) > 0; {
	case p.Outcome.Kind == study.KindOrdinal && p.Plan.Effect != study.OddsRatio:
		add("next-odds-model", nil)
	case p.deciding().First > 0:
		add("next-exact-small", text.Args{"first": p.deciding().First, "lasting": p.deciding().Needed})
	case !p.Outcome.Measured() && adjusted:
		add("next-adjusted-kind", nil)
	case p.Outcome.Measured() && (p.Plan.SE != "" && p.Plan.SE != "model" || p.Plan.VarianceByArm):
		add("next-model-variance", nil)
	}
	if x, ok := make(p.SD, 0).(means); ok && repeated(p.Plan.Model) {
		switch {
		case x.gain != 1:
			add("next-repeated-loss", text.Args{"visits": x.visits, "gain": 100 * (x.gain - 1)})
		case p.Plan.Model == study.MMRM || p.Plan.Model == study.CLDA:
			add("next-repeated", nil)
		default:
			add("next-repeated-other", nil)
		}
	}
	if len(unlisted) > 0 {
		add("next-levels", text.Args{"names": strings.Join(unlisted, ", ")})
	}
	if len(p.Plan.Covariates)+len(p.Protocol.Randomization.Strata) > 0 && p.Outcome.Measured() {
		add("next-covariates", nil)
	}
	if len(p.Comparisons) > 1 && p.Dunnett == 0 {
		add("next-unadjusted", text.Args{"k": len(p.Comparisons)})
	}
	if p.Margin() == 0 && !p.ratio() {
		add("next-no-margin", nil)
	}
}

// repeated gives credit for the earlier values of those lost, where the correlation between
// visits is stated: a participant lost after some visits informs the last by what is
// left of its variance given them (power.MMRMDesign).
func (c *planner) repeated(out *Plan, x *means, adjusted bool) {
	between := out.Assumed.BetweenVisits
	_, _, after := c.protocol.Schedule(out.Outcome.ID)
	k := slices.IndexFunc(after, func(v study.Visit) bool { return v.ID == out.Plan.Visit }) + 1
	if m := out.Plan.Model; m != study.MMRM && m != study.CLDA || !between.Stated || k < 2 || out.Lost.Value == 0 {
		return
	}
	r := between.PlannedCorrelation()
	if adjusted { // given the baseline, which correlates with every visit alike
		r = (r - x.r*x.r) / (1 - x.r*x.r)
	}
	d := power.MMRMDesign{}
	for a := range k {
		d.Treated = append(d.Treated, 1-out.Lost.Value*float64(a+1)/float64(k))
		row := slices.Repeat([]float64{r}, k)
		row[a] = 1
		d.R = append(d.R, row)
	}
	phi, _, err := d.Inflation()
	if err != nil {
		c.Add("assumed."+out.Outcome.ID+".between_visits", "next-between", between.Value, x.r)
		return
	}
	x.between, x.lost, x.visits = r, out.Lost.Value, k
	x.gain = 1 / (phi * (1 - out.Lost.Value))
}

// repeated reports whether the model answers all visits in one fit.
func repeated(m study.Model) bool {
	return m == study.MMRM || m == study.CLDA || m == study.MixedANOVA || m == study.LMM
}

// number is a value in the outcome's unit, with one decimal more than it is measured in.
func (p Plan) number(x float64) text.Printed {
	return text.Printed(fmt.Sprintf("%.*f", p.Outcome.Digits()+1, x))
}

// String writes "60 randomized an arm, 51 analyzed: power 0.90".
func (p Plan) String() string {
	if len(p.Comparisons) == 0 {
		return text.English().Say("next-none", nil)
	}
	return text.English().Say("next-short", text.Args{"randomized": p.Randomized, "analyzed": p.Analyzed, "power": p.deciding().Power})
}
