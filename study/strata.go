package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

// minStrataDF is the fewest residual degrees of freedom that a linear model with
// strata is answered with: below it the variance is hardly estimated, and what
// is done about the strata is for the trial to say.
const minStrataDF = 5

// strata are the factors by which the allocation was stratified or blocked, as
// used at randomization. Every linear model has an effect for each; exact tests
// exchange labels within their cells; responders are compared within cells.
type strata struct {
	rand  Randomization
	names []string // of the factors: covariate IDs, or the file's column
	same  []string // covariates that are one of the factors
	cross bool     // the models have the cells' effects instead of the factors'
}

// newStrata finds the factors of a protocol's randomization, and whether the
// models cross them: where the protocol says so, or where the allocation ratio
// differs between cells by more than blocks allow.
func newStrata(p Protocol, people []*subject) strata {
	s := strata{rand: p.Randomization, names: slices.Clone(p.Randomization.Strata)}
	s.same = slices.Clone(p.Randomization.Strata)
	if c := p.Randomization.Column; c != "" {
		name := c
		for _, v := range p.Data.Covariates {
			switch {
			case v.Column == c && v.Kind == Category:
				s.same = append(s.same, v.ID)
			case v.ID == c: // another column's
				name = "(" + c + ")"
			}
		}
		s.names = append(s.names, name)
	}
	s.cross = len(s.names) > 1 && (s.rand.Cross || s.unequalRatios(people))
	return s
}

func (s strata) any() bool { return len(s.names) > 0 }

// labels are the record's levels of the factors.
func (s strata) labels(categories map[string]string, block string) []string {
	out := make([]string, 0, len(s.names))
	for _, id := range s.rand.Strata {
		out = append(out, categories[id])
	}
	if s.rand.Column != "" {
		out = append(out, block)
	}
	return out
}

// cell names the crossing of a record's levels.
func (s strata) cell(r Record) string {
	return strings.Join(s.labels(r.Categories, r.Block), cellSeparator)
}

// cellSeparator stands between the levels of a cell's name.
const cellSeparator = " × "

// unequalRatios reports whether some cell's share of an arm is further from the
// whole trial's than the last, incomplete block can leave it: B·s·(1 − s)
// participants for a share s and blocks of B. Where the block size is not
// stated, four standard deviations of unrestricted allocation take its place,
// which no block exceeds by chance.
func (s strata) unequalRatios(people []*subject) bool {
	arms, cells := map[string]float64{}, map[string]map[string]float64{}
	for i := range people {
		x := people[i]
		cell := strings.Join(s.labels(x.Categories, x.Block), cellSeparator)
		if cells[cell] == nil {
			cells[cell] = map[string]float64{}
		}
		cells[cell][x.Arm]++
		arms[x.Arm]++
	}
	n := float64(len(people))
	for _, counts := range cells {
		var size float64
		for _, k := range counts {
			size += k
		}
		for arm, all := range arms {
			share := all / n
			allowed := 4 * math.Sqrt(size*share*(1-share))
			if b := float64(s.rand.Block); b > 0 {
				allowed = b * share * (1 - share)
			}
			if math.Abs(counts[arm]-size*share) > allowed+1e-9 {
				return true
			}
		}
	}
	return false
}

// terms are the factors as terms of a linear model of these records. merge joins
// the levels that are small.
func (s strata) terms(used []Record, merge bool) []regress.Term {
	return factorTerms(s.factors(used, merge))
}

// factorTerms are columns as terms of a linear model.
func factorTerms(factors []factor) []regress.Term {
	var out []regress.Term
	for _, f := range factors {
		out = append(out, regress.Category(f.name, f.labels, f.levels[0]))
	}
	return out
}

// factor is one of columns: every record's level, and the levels in order.
type factor struct {
	name           string
	labels, levels []string
}

// factors are the columns of these records that have something to estimate. One
// with a single level has not, and one that another factor determines (the region
// of each site) has not beside it.
func (s strata) factors(used []Record, merge bool) []factor {
	var all []factor
	for j, name := range s.columns() {
		labels, levels := s.column(used, j, merge)
		all = append(all, factor{name, labels, levels})
	}
	var out []factor
	for j, f := range all {
		redundant := len(f.levels) < 2
		for k, g := range all {
			// Of two that determine each other, the first stays.
			redundant = redundant || k != j && g.determines(f) && (k < j || !f.determines(g))
		}
		if !redundant {
			out = append(out, f)
		}
	}
	return out
}

// determines reports whether each level of f occurs with one level of g alone.
func (f factor) determines(g factor) bool {
	of := map[string]string{}
	for i, l := range f.labels {
		if first, ok := of[l]; !ok {
			of[l] = g.labels[i]
		} else if first != g.labels[i] {
			return false
		}
	}
	return true
}

// column is one of columns: every record's level, and the levels in order.
func (s strata) column(used []Record, j int, merge bool) (labels, levels []string) {
	labels = make([]string, len(used))
	for i, r := range used {
		if s.cross {
			labels[i] = s.cell(r)
		} else {
			labels[i] = s.labels(r.Categories, r.Block)[j]
		}
	}
	if merge {
		mergeSmall(labels, used)
	}
	return labels, slices.Compact(slices.Sorted(slices.Values(labels)))
}

// columns names what the models have effects for: each factor, or their cells.
func (s strata) columns() []string {
	if s.cross {
		return []string{strings.Join(s.names, cellSeparator)}
	}
	return s.names
}

// mergedLevel is the level that small strata are joined in; no label of a file
// holds a NUL.
const mergedLevel = "\x00merged"

// mergeSmall joins the levels without both kinds of arms, or with fewer than four
// participants, into one level: a rule that no outcome enters.
func mergeSmall(labels []string, used []Record) {
	size, arms := map[string]int{}, map[string]map[string]bool{}
	for i, l := range labels {
		size[l]++
		if arms[l] == nil {
			arms[l] = map[string]bool{}
		}
		arms[l][used[i].Arm] = true
	}
	for i, l := range labels {
		if size[l] < 4 || len(arms[l]) < 2 {
			labels[i] = mergedLevel
		}
	}
}

// oneArmed counts the participants in cells that hold a single arm: they add
// nothing to the comparison within strata.
func (s strata) oneArmed(used []Record) int {
	arms, size := map[string]map[string]bool{}, map[string]int{}
	for _, r := range used {
		cell := s.cell(r)
		if arms[cell] == nil {
			arms[cell] = map[string]bool{}
		}
		arms[cell][r.Arm] = true
		size[cell]++
	}
	n := 0
	for cell, a := range arms {
		if len(a) == 1 {
			n += size[cell]
		}
	}
	return n
}

// list names the factors.
func (s strata) list() string { return strings.Join(s.names, ", ") }

// notes say which strata a model has, and who adds nothing within them.
func (s strata) notes(used []Record) []Note {
	code := "strata-in-model"
	if s.cross {
		code = "strata-crossed"
	}
	out := []Note{{Code: code, Args: text.Args{"strata": s.list()}}}
	if n := s.oneArmed(used); n > 0 {
		out = append(out, Note{Code: "strata-one-arm", Args: text.Args{"n": n}})
	}
	return out
}

// residualDF is what the strata leave of n participants' degrees of freedom
// beside other coefficients; the factors count as if nothing else determined them.
func (s strata) residualDF(used []Record, others int, merge bool) float64 {
	p := others
	for _, f := range s.factors(used, merge) {
		p += len(f.levels) - 1
	}
	return float64(len(used) - p)
}

// beside is a stratum's column in a model that has the covariate's levels: a category
// with its reference, or a number.
type beside struct {
	name, reference string
	labels          []string
	x               []float64
}

// besides are the strata in a model that has the covariate's levels:
// one that they determine adds nothing, and of one that determines them there is
// a column for every level but the first of each of theirs. line: the model has a
// number as it is, which says nothing of strata.
func (g subgroup) besides(used []Record, strata []factor, line bool) []beside {
	own := factor{name: g.id, labels: make([]string, len(used)), levels: g.levels}
	for i, r := range used {
		own.labels[i] = g.level(r)
	}
	var out []beside
	for _, f := range strata {
		switch {
		case line:
			out = append(out, beside{name: f.name, labels: f.labels, reference: f.levels[0]})
		case own.determines(f):
		case f.determines(own):
			begun := map[string]bool{}
			for _, l := range f.levels {
				x := make([]float64, len(used))
				of := ""
				for i := range used {
					if f.labels[i] == l {
						x[i], of = 1, own.labels[i]
					}
				}
				if begun[of] {
					out = append(out, beside{name: f.name + "=" + l, x: x})
				}
				begun[of] = true
			}
		default:
			out = append(out, beside{name: f.name, labels: f.labels, reference: f.levels[0]})
		}
	}
	return out
}

// repeats reports whether x is a + b·y in everybody, to rounding: a model can have one of
// them alone.
func repeats(x, y []float64) bool {
	if len(x) != len(y) || len(x) == 0 {
		return false
	}
	n, mx, my := float64(len(x)), 0.0, 0.0
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var xx, xy, yy, rest float64
	for i := range x {
		xx, xy, yy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my), yy+(y[i]-my)*(y[i]-my)
	}
	if xx == 0 || yy == 0 {
		return false
	}
	for i := range x {
		d := x[i] - mx - xy/yy*(y[i]-my)
		rest += d * d
	}
	return rest <= 1e-18*xx
}

// otherwise is the comparison without the covariates that say what the moderator says.
func (c *comparison) otherwise(g subgroup, used []Record, x []float64) *comparison {
	others := *c
	others.covariates = slices.DeleteFunc(slices.Clone(c.covariates), func(v Covariate) bool {
		y := make([]float64, len(used))
		for i, r := range used {
			y[i] = r.Numbers[v.ID]
		}
		return v.ID == g.id || g.numeric && repeats(y, x)
	})
	return &others
}

// has reports whether a covariate is a stratum that the models have already.
func (s strata) has(covariate string) bool { return slices.Contains(s.same, covariate) }

// covariates are the factors as a model of all visits has them, byVisit with an
// effect of its own at every visit, as baseline has.
func (s strata) covariates(people []*subject, byVisit bool) []mmrm.Covariate {
	if !s.any() {
		return nil
	}
	records := make([]Record, len(people))
	for i, x := range people {
		records[i] = Record{Categories: x.Categories, Block: x.Block}
	}
	var out []mmrm.Covariate
	for _, f := range s.factors(records, false) {
		out = append(out, mmrm.Covariate{Name: f.name, Category: f.labels, ByVisit: byVisit})
	}
	return out
}

// checkStrata checks what randomization says of strata. They are covariates of
// kind category: a stratum is a group, not a slope.
func (c *checker) checkStrata() {
	r := c.Randomization
	seen := map[string]bool{}
	for i, id := range r.Strata {
		at := fmt.Sprintf("randomization.strata[%d]", i)
		k := slices.IndexFunc(c.Data.Covariates, func(v Covariate) bool { return v.ID == id })
		switch {
		case k < 0:
			c.Add(at, "problem-stratum-unknown", id)
		case seen[id]:
			c.Add(at, "problem-stratum-twice", id)
		case c.Data.Covariates[k].Kind == Numeric:
			c.Add(at, "problem-stratum-number", id)
		case c.Data.Covariates[k].Column == r.Column:
			c.Add(at, "problem-stratum-column", r.Column)
		}
		seen[id] = true
	}
	if len(r.Strata) > 0 {
		switch r.Kind {
		case RandomizationComplete:
			c.Add("randomization.strata", "problem-complete-no-strata")
		case RandomizationBlocked:
			c.Add("randomization.strata", "problem-blocked-strata")
		}
	}
	switch r.Small {
	case "", IgnoreStrata, MergeStrata, RandomStrata:
	default:
		c.Add("randomization.small", "problem-small-unknown", string(r.Small))
	}
	if !r.Stratified() {
		for _, key := range []struct {
			name string
			set  bool
		}{{"cross", r.Cross}, {"small", r.Small != ""}} {
			if key.set {
				c.Add("randomization."+key.name, "problem-no-strata")
			}
		}
	}
	switch {
	case r.Small == IgnoreStrata && strings.TrimSpace(r.Reason) == "":
		c.Add("randomization.small", "problem-ignore-reason")
	case r.Small == "" && r.Reason != "":
		c.Add("randomization.reason", "problem-reason-alone")
	}
}

// checkOutcomeBaseline checks an outcome's own baseline.
func (c *checker) checkOutcomeBaseline(i int, o Outcome) {
	at := fmt.Sprintf("outcomes[%d].baseline", i)
	_, column := c.Data.Baseline[o.ID]
	switch {
	case o.Baseline == "":
		return
	case column:
		c.Add(at, "problem-outcome-baseline-column", o.ID)
	case o.Baseline == NoBaseline && c.hasVisit(NoBaseline):
		c.Add(at, "problem-outcome-baseline-none")
	case o.Baseline != NoBaseline && !c.hasVisit(o.Baseline):
		c.Add(at, "problem-outcome-baseline-visit", o.Baseline, c.visitIDs())
	case o.Baseline == NoBaseline && c.Data.Layout == Wide:
		if base := c.baselineID(); base != "" && c.Data.Columns[o.ID][base] != "" {
			c.Add(at, "problem-outcome-baseline-both", o.ID, base)
		}
	}
}

// checkStrata checks that every participant's strata are known.
func (l *loader) checkStrata() {
	rand := l.p.Randomization
	for i, v := range l.p.Data.Covariates {
		if !slices.Contains(rand.Strata, v.ID) || l.where.covariates[i] < 0 {
			continue
		}
		varies := l.varies(i)
		for _, q := range l.people {
			if _, ok := q.covariate(i).value(varies); !ok {
				l.report(l.first(q), l.where.covariates[i], "problem-no-stratum",
					text.Args{"participant": q.ID, "stratum": v.ID})
			}
		}
	}
}

// unusedBaselines say where a file holds values at the protocol's baseline visit
// of an outcome that is declared without a baseline.
func (l *loader) unusedBaselines() []Note {
	at, ok := l.ds.visits[l.p.baselineID()]
	if !ok {
		return nil
	}
	var out []Note
	for i, o := range l.p.Outcomes {
		if o.HasBaseline() || slices.ContainsFunc(l.p.postVisits(o.ID), func(v Visit) bool { return v.ID == l.p.Visits[at].ID }) {
			continue
		}
		n := 0
		for _, q := range l.people {
			if q.cells[slotOf(i, at, len(l.p.Visits))].ok {
				n++
			}
		}
		if n > 0 {
			out = append(out, Note{Code: "baseline-values-unused", Args: text.Args{"outcome": o.ID, "n": n, "visit": l.p.Visits[at].ID}})
		}
	}
	return out
}

// unanswered are the plans that the strata leave without an answer: what is done
// about small strata can change a verdict, so the protocol has to say it. Cells
// that no plan names have a row without an estimate that says the same.
func (r Report) unanswered(d *Dataset) error {
	var out Problems
	seen := map[string]bool{}
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			for _, n := range row.Notes {
				if n.Code != "strata-too-many" || row.Role == RoleDefault || seen[row.Outcome+"\x00"+row.Visit] {
					continue
				}
				seen[row.Outcome+"\x00"+row.Visit] = true
				args := text.Args{"outcome": row.Outcome, "visit": row.Visit}
				for k, v := range n.Args {
					args[k] = v
				}
				p := files.NewProblem(d.randomizationAt[0], d.randomizationAt[1], "problem-strata-too-many", args)
				p.File = cmp.Or(d.protocolFile, "protocol")
				out = append(out, p)
			}
		}
	}
	return out.Err()
}

// StrataOf returns the factors of the allocation that the plan's model has terms
// for, by the IDs of their covariates or the name of their column; none where the
// plan's method cannot take strata. Notes of the rows say where they were merged
// or left out after all.
func (p Protocol) StrataOf(q Plan) []string {
	if !q.Method().takesStrata() {
		return nil
	}
	out := slices.Clone(p.Randomization.Strata)
	if c := p.Randomization.Column; c != "" {
		out = append(out, c)
	}
	return out
}

// separate compares the levels' own estimates of each arm, which are of different people.
func (s *Subgroups) separate(c *comparison, g subgroup) {
	tested := 0
	for _, a := range c.active() {
		var levels []stats.Estimate
		for _, row := range s.Rows {
			if e, ok := onLine(row.Effect); row.Arm == a.ID && ok {
				levels = append(levels, e)
			}
		}
		if len(levels) < len(g.levels) {
			s.Why, s.Interactions, s.Chi2 = reason("subgroups-level", nil), nil, nil
			return
		}
		differences, test := along.Separate(levels)
		for i, d := range differences {
			x := SubgroupInteraction{a.ID, c.control().ID, g.levels[i+1], g.levels[0], d}
			if s.Interacts != RiskDifference {
				x.Effect = stats.Ratio{Log: d}
			}
			s.Interactions = append(s.Interactions, x)
		}
		tested++
		s.Chi2 = &test
	}
	if tested > 1 { // whose estimates share a control in each level
		s.Chi2, s.Why = nil, reason("subgroups-shared", nil)
	}
}

// onLine is an effect where effects add up: a difference as it is, of a ratio its
// logarithm, of a probability the logarithm of its odds. It needs a standard error.
func onLine(e stats.Effect) (stats.Estimate, bool) {
	var x stats.Estimate
	switch e := e.(type) {
	case stats.Estimate:
		x = e
	case stats.Ratio:
		x = e.Log
	case winOdds:
		x = stats.Estimate{Value: math.Log(e.Point()), SE: e.SELog(), DF: math.Inf(1)}
	case winProbability:
		x = stats.Estimate{Value: math.Log(e.WinOdds().Point()), SE: e.WinOdds().SELog(), DF: math.Inf(1)}
	}
	return x, x.Estimable() && x.SE > 0
}
