package study

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// Several primary hypotheses at once: which comparisons the protocol's scheme is of, what
// becomes of their intervals, and which are shown. Everybody else reads the answer from
// Row.Hypothesis and Report.Family.

// Hypothesis is one of a declared scheme: an active arm of a plan against control.
type Hypothesis struct {
	// ID is the plan's, with several active arms PLAN.ARM.
	ID                                 string
	Plan, Outcome, Visit, Arm, Control string
	Framework                          Framework // of the test: superiority, unless the plan has a margin
	// Adjust is the scheme's method; "" of co-primary hypotheses.
	Adjust family.Method
	// Weight is the share of the scheme's α that the hypothesis begins with: 1 in a fixed
	// order and of co-primary ones.
	Weight float64
	// P is that of the plan's test by itself, one-sided with a margin (the larger of both
	// of equivalence); NaN where it could not be made. Adjusted is on the same scale, and
	// Alpha what Adjusted is held against.
	P, Adjusted, Alpha float64
	// Tested is false where the procedure stopped before; Before is then the ID of the
	// hypothesis that was not shown and stopped a fixed order, "" elsewhere.
	Tested, Shown bool
	Before        string
	// Against: what is shown is a difference in favor of control.
	Against bool
}

// FamilyResult is what became of the protocol's scheme of primary hypotheses.
type FamilyResult struct {
	Scheme family.Scheme
	// Alpha is the scheme's, two-sided; P that of the scheme on the same scale, the
	// largest of co-primary ones, else the smallest adjusted one.
	Alpha, P float64
	// Success: all are shown where all must be, else at least one is; what favors control
	// is no success.
	Success    bool
	Hypotheses []Hypothesis // in the order of declaration
	// Graph is what is left of a graph of hypotheses without those shown.
	Graph stats.TestGraph
}

// familyMember is a hypothesis before it is tested.
type familyMember struct {
	id   string
	plan int // of Protocol.Plans
	arm  string
}

// activeArms are the IDs of all arms but the control.
func (p Protocol) activeArms() []string {
	var out []string
	for _, a := range p.Arms {
		if !a.Control {
			out = append(out, a.ID)
		}
	}
	return out
}

// memberPlan finds the plan that a member of the scheme names, and which arm of it ("":
// all); −1 where there is none.
func (p Protocol) memberPlan(member string) (plan int, arm string) {
	find := func(id string) int {
		return slices.IndexFunc(p.Plans, func(q Plan) bool { return q.ID == id && id != "" })
	}
	if i := find(member); i >= 0 {
		return i, ""
	}
	dot := strings.LastIndex(member, ".")
	if dot < 0 || !slices.Contains(p.activeArms(), member[dot+1:]) {
		return -1, ""
	}
	return find(member[:dot]), member[dot+1:]
}

// family lists the scheme's hypotheses, in the order of declaration, the arms of a plan
// as the protocol has them; what names no plan is left out.
func (p Protocol) family() []familyMember {
	if p.Primary == nil {
		return nil
	}
	arms := p.activeArms()
	var out []familyMember
	for _, m := range p.Primary.Members {
		plan, arm := p.memberPlan(m)
		if plan < 0 {
			continue
		}
		of := arms
		if arm != "" {
			of = []string{arm}
		}
		for _, a := range of {
			id := p.Plans[plan].ID
			if len(arms) > 1 {
				id += "." + a
			}
			out = append(out, familyMember{id, plan, a})
		}
	}
	return out
}

// Declared is one of the primary hypotheses that a protocol declares: an arm of a plan.
type Declared struct {
	ID   string // the plan's, with .ARM where there are several treated arms
	Plan int    // of Protocol.Plans
	Arm  string
	// Alpha is the share that it begins with, two-sided; 0 where a graph gives it one
	// only after others are shown.
	Alpha float64
}

// Hypotheses lists those of the primary scheme, in the order of declaration; none where
// the protocol has no scheme.
func (p Protocol) Hypotheses() []Declared {
	var out []Declared
	members := p.family()
	for _, m := range members {
		out = append(out, Declared{m.id, m.plan, m.arm, p.familyAlpha() * p.Primary.Weight(m.id, len(members))})
	}
	return out
}

// familyAlpha is what the scheme allows: what is stated, else what is left of the level
// of its plans.
func (p Protocol) familyAlpha() float64 {
	if p.Primary.Alpha > 0 {
		return p.Primary.Alpha
	}
	for _, m := range p.family() {
		if l := p.Plans[m.plan].Level; l > 0 {
			return files.Decimal(1).Minus(files.Decimal(l))
		}
	}
	return files.Decimal(1).Minus(files.Decimal(defaultLevel))
}

// withPrimary gives the plans of the scheme their role, and the level that belongs to
// its α where they state none.
func (p Protocol) withPrimary() Protocol {
	if p.Primary == nil {
		return p
	}
	alpha := p.familyAlpha()
	p.Plans = slices.Clone(p.Plans)
	for _, m := range p.family() {
		q := &p.Plans[m.plan]
		if q.Role == "" {
			q.Role = RolePrimary
		}
		if q.Level == 0 && alpha > 0 && alpha < 1 {
			q.Level = files.Decimal(1).Minus(files.Decimal(alpha))
		}
	}
	return p
}

// member reports whether the plan, which is asked about a visit, is one of the scheme,
// and which arms of it are; a plan that is in it for some arms is additional for others.
func (p Protocol) member(q Plan) (of []familyMember, ok bool) {
	for _, m := range p.family() {
		if x := p.Plans[m.plan]; q.ID != "" && x.ID == q.ID && x.Outcome == q.Outcome && x.Visit == q.Visit && p.planDefaults(x).Set == q.Set {
			of = append(of, m)
		}
	}
	return of, len(of) > 0
}

// primaryArms gives the rows of arms that the scheme does not name the role of an
// additional analysis.
func (c *comparison) primaryArms(rows []Row) {
	if len(c.inFamily) == 0 {
		return
	}
	for i := range rows {
		if rows[i].Role == RolePrimary && !slices.ContainsFunc(c.inFamily, func(m familyMember) bool { return m.arm == rows[i].Arm }) {
			rows[i].Role = RoleAdditional
		}
	}
}

// together makes the intervals of rows that answer a plan of the scheme hold for the
// whole of it, where its method has such intervals. fit and repeated are the plan's
// model, nil where it has none.
func (c *comparison) together(ctx context.Context, p Protocol, rows []Row, fit *armsFit, repeated *repeatedFit) error {
	c.primaryArms(rows)
	s := p.Primary
	if len(c.inFamily) == 0 || s.All || !s.Adjust.Simultaneous() {
		return nil
	}
	joint, err := map[string]stats.Effect{}, error(nil)
	all := p.family()
	if s.Adjust.Joint() {
		if joint, err = c.jointly(ctx, p, all, fit, repeated); err != nil {
			return err
		}
	}
	for i := range rows {
		k := slices.IndexFunc(c.inFamily, func(m familyMember) bool { return m.arm == rows[i].Arm })
		if k < 0 || rows[i].Effect == nil || rows[i].Contrast != Between {
			continue
		}
		id := c.inFamily[k].id
		e := family.Together{Alone: rows[i].Effect, Method: s.Adjust, Weight: s.Weight(id, len(all)), Joint: joint[id]}
		if e.Joint != nil && c.plan.Scale == ScaleLog {
			e.Joint = exponential{e.Joint}
		}
		if s.Adjust.Joint() && e.Joint == nil { // no joint distribution, no interval
			rows[i].Effect, rows[i].Lower, rows[i].Upper, rows[i].P = nil, math.NaN(), math.NaN(), math.NaN()
			rows[i].Notes = append(rows[i].Notes, Note{Code: "family-no-joint"})
			continue
		}
		rows[i].hold(e)
	}
	return nil
}

// familyRows is together with the plan's model at hand.
func (c *comparison) familyRows(ctx context.Context, d *Dataset, rows []Row, fit *armsFit, fits *repeatedCache) error {
	if len(c.inFamily) == 0 || !c.plan.Model.repeated() {
		return c.together(ctx, d.protocol, rows, fit, nil)
	}
	f, err := fits.fit(ctx, d, c.plan)
	if err != nil {
		return err
	}
	return c.together(ctx, d.protocol, rows, nil, f)
}

// jointly are the scheme's differences in their joint distribution, by the IDs of the
// hypotheses; those that the model cannot give are not among them.
func (c *comparison) jointly(ctx context.Context, p Protocol, all []familyMember, fit *armsFit, repeated *repeatedFit) (map[string]stats.Effect, error) {
	out := map[string]stats.Effect{}
	if repeated == nil {
		if fit == nil || fit.linear == nil {
			return out, nil
		}
		cs, err := fit.linear.VersusControl()
		if err != nil {
			return out, onlyData(err)
		}
		for _, m := range all {
			if i := slices.IndexFunc(cs, func(x regress.Comparison) bool { return x.A == m.arm }); i >= 0 {
				out[m.id] = cs[i]
			}
		}
		return out, ctx.Err()
	}
	model, ok := repeated.model.(*contrastModel)
	if !ok {
		return out, nil
	}
	repeated.asking.Lock()
	defer repeated.asking.Unlock()
	var ids []string
	var estimates []stats.Estimate
	var contrasts [][]float64
	for _, m := range all {
		if repeated.n[m.arm] == 0 {
			continue
		}
		l, err := model.differenceRow(m.arm, c.control().ID, p.Plans[m.plan].Visit)
		if err != nil {
			continue
		}
		e := model.estimate(l)
		if !e.Estimable() || model.withheld(e) {
			continue
		}
		ids, estimates, contrasts = append(ids, m.id), append(estimates, e), append(contrasts, l)
	}
	if len(ids) == 0 {
		return out, nil
	}
	cs, err := regress.MaxT(ids, estimates, model.correlation(contrasts, estimates))
	if err != nil {
		return out, onlyData(err)
	}
	for i, id := range ids {
		out[id] = cs[i]
	}
	return out, ctx.Err()
}

// correlation is that of contrasts of the fit: of a sum's variance, Var(a + b) = Var(a) +
// Var(b) + 2 Cov(a, b).
func (m *contrastModel) correlation(l [][]float64, e []stats.Estimate) [][]float64 {
	out := make([][]float64, len(l))
	for i := range l {
		out[i] = make([]float64, len(l))
		out[i][i] = 1
		for j := range i {
			sum := make([]float64, len(l[i]))
			for k := range sum {
				sum[k] = l[i][k] + l[j][k]
			}
			v := m.fit.Contrast(sum).SE
			r := (v*v - e[i].SE*e[i].SE - e[j].SE*e[j].SE) / (2 * e[i].SE * e[j].SE)
			out[i][j], out[j][i] = r, r
		}
	}
	return out
}

// hold freezes the interval that holds together with those of the family; what the row
// was by itself stays in Alone, and its own p-value in P.
func (r *Row) hold(e family.Together) {
	alone := r.interval()
	r.Alone, r.Together = &alone, e.Method
	r.Effect, r.Adjusted = e, e.P(r.Measure.Null())
	ci := e.CI(r.Level)
	r.Lower, r.Upper, r.LoOpen, r.HiOpen = ci.Lo, ci.Hi, ci.LoOpen, ci.HiOpen
	if (math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0)) && !r.noted("interval-unbounded") && !r.noted("interval-level-unattainable") {
		code := "interval-unbounded"
		if ci.Why == stats.WhyLevel {
			code = "interval-level-unattainable"
		}
		r.Notes = append(r.Notes, Note{Code: code, Args: map[string]any{"level": r.Level}})
	}
}

// alone is the row's interval by itself: what another method's is compared with.
func (r Row) alone() stats.Interval {
	if r.Alone != nil {
		return *r.Alone
	}
	return r.interval()
}

// decideFamily tests the scheme's hypotheses and writes the answer into their rows.
func (r *Report) decideFamily(ctx context.Context) error {
	p := r.Protocol
	members := p.family()
	if len(members) == 0 {
		return nil
	}
	s := *p.Primary.Clone()
	out := &FamilyResult{Scheme: s, Alpha: p.familyAlpha()}
	rows := make([]*Row, len(members))
	var names []string
	var two, joint []float64
	var err error
	for i, m := range members {
		q := p.planDefaults(p.Plans[m.plan])
		h := Hypothesis{ID: m.id, Plan: q.ID, Outcome: q.Outcome, Visit: q.Visit, Arm: m.arm, Framework: FrameworkSuperiority, Adjust: s.Adjust,
			P: math.NaN(), Adjusted: math.NaN(), Alpha: out.Alpha, Weight: s.Weight(m.id, len(members))}
		rows[i] = r.primaryRow(q, m.arm)
		x, sides := rows[i], 1.0
		adjusted := math.NaN()
		if x != nil {
			h.Control, h.P = x.Control, x.P
			if e, ok := x.Effect.(family.Together); ok && e.Joint != nil {
				adjusted = x.Adjusted
			}
			switch {
			case x.NonInferiority != nil:
				h.Framework, h.P, sides = FrameworkNonInferiority, x.NonInferiority.P, 2
			case x.Equivalence != nil:
				h.Framework, h.P, sides = FrameworkEquivalence, x.Equivalence.P, 2
			}
			if x.Together == family.Bonferroni && sides > 1 { // whose effect answers with adjusted ones
				o, _ := p.Outcome(q.Outcome)
				h.P = aloneMargin(*x, q, o)
			}
		}
		h.Alpha /= sides
		out.Hypotheses, names = append(out.Hypotheses, h), append(names, m.id)
		two, joint = append(two, math.Min(1, sides*h.P)), append(joint, adjusted)
	}
	switch {
	case s.All || !s.Adjust.FromData():
		joint = nil
	case s.Adjust == family.WestfallYoung:
		if joint, err = r.permuted(ctx, out.Hypotheses, rows); err != nil {
			return err
		}
	}
	d, err := s.Decide(names, two, joint, out.Alpha)
	if err != nil {
		return err
	}
	out.P, out.Graph = d.P, d.Graph
	shown := 0
	for i := range out.Hypotheses {
		h := &out.Hypotheses[i]
		if !math.IsNaN(h.P) && (joint == nil || !math.IsNaN(joint[i])) {
			h.Adjusted = d.Adjusted[i] * h.Alpha / out.Alpha
		}
		h.Tested, h.Shown = d.Tested[i], d.Shown[i]
		if x := rows[i]; h.Shown && h.Framework == FrameworkSuperiority {
			o, _ := p.Outcome(h.Outcome)
			h.Against = x.Gain(o) < 0
		}
		if h.Shown && !h.Against {
			shown++
		}
		if k := d.Before[i]; k >= 0 {
			h.Before = names[k]
		}
		if rows[i] != nil {
			o, _ := p.Outcome(h.Outcome)
			rows[i].decided(*h, s, o)
			r.importanceDecided(*rows[i])
		}
	}
	out.Success = shown > 0
	if s.All {
		out.Success = shown == len(members)
	}
	r.Family = out
	return nil
}

// aloneMargin is the one-sided p of a row's margin by itself.
func aloneMargin(x Row, q Plan, o Outcome) float64 {
	x.Effect, x.NonInferiority, x.Equivalence = family.Alone(x.Effect), nil, nil
	(&comparison{outcome: o}).testMargin(&x, q)
	if x.Equivalence != nil {
		return x.Equivalence.P
	}
	return x.NonInferiority.P
}

// primaryRow is the row that decides a plan of the scheme for an arm; nil where there
// is none.
func (r *Report) primaryRow(q Plan, arm string) *Row {
	for i := range r.Results {
		if r.Results[i].Outcome.ID != q.Outcome {
			continue
		}
		for k := range r.Results[i].Rows {
			x := &r.Results[i].Rows[k]
			if x.Decides && x.Contrast == Between && x.Role == RolePrimary && x.Visit == q.Visit && x.Arm == arm {
				return x
			}
		}
	}
	return nil
}

// decided writes the scheme's answer into the row: of a margin, too, whose answer by
// itself does not stand. Superiority after non-inferiority is no hypothesis of a scheme.
func (r *Row) decided(h Hypothesis, s family.Scheme, o Outcome) {
	r.Hypothesis = &h
	r.Adjusted = h.Adjusted
	switch {
	case r.NonInferiority != nil:
		n := *r.NonInferiority
		n.P, n.Shown, n.Superior = h.P, h.Shown, false
		r.NonInferiority = &n
	case r.Equivalence != nil:
		q := *r.Equivalence
		q.P, q.Shown = h.P, h.Shown
		r.Equivalence = &q
	}
	for i, n := range r.Notes {
		if strings.HasPrefix(n.Code, "noninferiority-") || strings.HasPrefix(n.Code, "equivalence-") {
			r.Notes[i], _ = r.MarginNote(o)
		}
	}
	switch {
	case s.All:
	case s.Adjust == family.WestfallYoung: // its note says it
	case r.Together != "":
		r.Notes = append(r.Notes, Note{Code: "family-together", Args: text.Args{"adjust": string(s.Adjust)}})
	default:
		r.Notes = append(r.Notes, Note{Code: "family-interval-alone", Args: text.Args{"adjust": string(s.Adjust)}})
	}
}

// MarginNote is the row's answer to its plan's margin as a note: that of the scheme, where
// the row is one of its hypotheses. ok is false without a margin.
func (r Row) MarginNote(o Outcome) (n Note, ok bool) {
	switch {
	case r.NonInferiority != nil:
		n = r.NonInferiority.Note(o, r.Role)
	case r.Equivalence != nil:
		n = r.Equivalence.Note(o, r.Role)
	default:
		return Note{}, false
	}
	if h := r.Hypothesis; h != nil && h.Adjust != "" {
		n.Args = maps.Clone(n.Args)
		delete(n.Args, "primary")
		n.Args["p"] = h.Adjusted
		if n.Code += "-adjusted"; !h.Tested {
			n.Code = strings.Replace(strings.TrimSuffix(n.Code, "-adjusted"), "-not-shown", "", 1) + "-untested"
		}
	}
	return n, true
}

// importanceDecided gives what is said of a row's threshold the row's answer to its margin.
func (r *Report) importanceDecided(x Row) {
	for i := range r.Results {
		for k := range r.Results[i].Importance {
			if m := &r.Results[i].Importance[k]; m.Outcome == x.Outcome && m.Visit == x.Visit && m.Arm == x.Arm && m.Method == x.Method {
				m.NonInferiority = x.NonInferiority
			}
		}
	}
}

// primaryFamily reads {any: [plans], adjust, alpha} or {all: [plans], alpha}.
func (d *protocolReader) primaryFamily(dst **family.Scheme) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		s := &family.Scheme{}
		var either, all []string
		d.Fields(n, path, yamlfile.Keys{"any": d.Texts(&either), "all": d.Texts(&all), "alpha": d.Positive(&s.Alpha),
			"adjust": func(n *yamlfile.Node, path string) {
				if n.Kind != yamlfile.Map {
					d.Word((*string)(&s.Adjust), family.Methods()...)(n, path)
					return
				}
				keys := yamlfile.Keys{}
				for _, m := range []family.Method{family.GraphMethod, family.Bonferroni} {
					keys[string(m)] = func(n *yamlfile.Node, path string) {
						s.Adjust = m
						inner := yamlfile.Keys{"weights": d.shares(&s.Graph.Weights)}
						if m == family.GraphMethod {
							inner["transitions"] = func(n *yamlfile.Node, path string) {
								s.Graph.Transitions = map[string]map[string]float64{}
								d.MapOf(n, path, "problem-family-transitions", func(key string, n *yamlfile.Node, path string) {
									var to map[string]float64
									d.shares(&to)(n, path)
									s.Graph.Transitions[key] = to
								})
							}
						}
						d.Fields(n, path, inner)
					}
				}
				d.Fields(n, path, keys)
				if len(n.Entries) > 1 {
					d.Reject(n, path, "problem-family-adjust-one")
				}
			}})
		switch {
		case len(either) > 0 && len(all) > 0:
			d.Reject(n, path, "problem-family-any-all")
		case len(all) > 0:
			s.All, s.Members = true, all
		default:
			s.Members = either
		}
		*dst = s
	}
}

// shares reads {hypothesis: number}.
func (d *protocolReader) shares(dst *map[string]float64) func(*yamlfile.Node, string) {
	return d.numbers(dst, "problem-family-shares")
}

// numbers reads {name: number}; what is otherwise is the problem.
func (d *protocolReader) numbers(dst *map[string]float64, otherwise string) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		*dst = map[string]float64{}
		d.MapOf(n, path, otherwise, func(key string, n *yamlfile.Node, path string) {
			var x float64
			d.Number(&x)(n, path)
			(*dst)[key] = x
		})
	}
}
