package simulate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// checker finds what cannot be true, each at its path in the YAML form.
type checker struct {
	yamlfile.Checker
	p     study.Protocol
	arms  []study.Arm
	truth Truth
}

// Check lists everything that the truth lacks for a protocol and everything in it that
// cannot be: an SD larger than the scale allows, correlations that no values can have,
// more lost than there were. The error is study.Problems with paths such as
// outcomes.vas.sds.hilt.h24.
func (t Truth) Check(p study.Protocol) error {
	return yamlfile.ProblemsOf(t.faults(p))
}

func (t Truth) faults(p study.Protocol) []yamlfile.Fault {
	c := &checker{p: p, arms: armsOf(p), truth: t}
	for _, a := range c.arms {
		if n, ok := t.Patients[a.ID]; !ok {
			c.Add("patients."+a.ID, "problem-truth-lacks", a.ID)
		} else if n < 1 || n > mostPatients {
			c.Add("patients."+a.ID, "problem-truth-patients", n, mostPatients)
		}
	}
	c.known("patients", t.Patients, c.isArm)
	c.share("between", t.Between)
	c.schedules()
	c.share("missing", t.Missing)
	for _, id := range slices.Sorted(maps.Keys(t.Outcomes)) {
		if o, ok := p.Outcome(id); ok {
			c.outcome("outcomes."+id, o, t.Outcomes[id])
		} else {
			c.Add("outcomes."+id+"@", "problem-truth-unknown", id)
		}
	}
	for _, q := range plansOf(p, nil) {
		if _, ok := t.Outcomes[q.Outcome]; !ok {
			c.Add("outcomes."+q.Outcome, "problem-truth-lacks", q.Outcome)
		}
	}
	c.loss()
	c.factors()
	c.events()
	if len(c.Faults) == 0 {
		c.joint()
	}
	return c.Faults
}

// mostPatients bounds an arm.
const mostPatients = 1_000_000

func (c *checker) isArm(id string) bool {
	return slices.ContainsFunc(c.arms, func(a study.Arm) bool { return a.ID == id })
}

// known refuses keys that are no arms, outcomes ….
func (c *checker) known(path string, m any, is func(string) bool) {
	var keys []string
	switch m := m.(type) {
	case map[string]int:
		keys = slices.Collect(maps.Keys(m))
	case map[string]float64:
		keys = slices.Collect(maps.Keys(m))
	case map[string]map[string]float64:
		keys = slices.Collect(maps.Keys(m))
	case map[string]map[string][]float64:
		keys = slices.Collect(maps.Keys(m))
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !is(k) {
			c.Add(path+"."+k+"@", "problem-truth-unknown", k)
		}
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// share refuses what is no share.
func (c *checker) share(path string, x float64) {
	if !(x >= 0 && x <= 1) {
		c.Add(path, "problem-truth-share", x)
	}
}

// mostEvents is the largest mean number of events a participant: e to its negative is a
// number with all its digits, from which the table of the distribution begins.
const mostEvents = 500

func (c *checker) outcome(path string, o study.Outcome, v Values) {
	cells := cellsOf(c.p, o.ID)
	if len(cells) == 0 || len(cells) == 1 && cells[0].base {
		c.Add(path, "problem-truth-no-visit", o.ID)
		return
	}
	isCell := func(id string) bool { return slices.ContainsFunc(cells, func(x cell) bool { return x.visit == id }) }
	maps3 := []struct {
		name   string
		m      map[string]map[string]float64
		wanted bool
	}{{"means", v.Means, o.Measured()}, {"sds", v.SDs, o.Measured()}, {"rates", v.Rates, o.Counted()}}
	for _, x := range maps3 {
		if !x.wanted {
			if x.m != nil {
				c.Add(path+"."+x.name, "problem-truth-kind", x.name, o.ID)
			}
			continue
		}
		c.known(path+"."+x.name, x.m, c.isArm)
		for _, a := range c.arms {
			c.known(path+"."+x.name+"."+a.ID, x.m[a.ID], isCell)
			for _, k := range cells {
				at := fmt.Sprintf("%s.%s.%s.%s", path, x.name, a.ID, k.visit)
				if value, ok := x.m[a.ID][k.visit]; !ok {
					c.Add(at, "problem-truth-lacks", k.visit)
				} else if !finite(value) || x.name != "means" && !(value > 0) {
					c.Add(at, "problem-truth-positive", value)
				} else if n := value * v.Exposure; x.name == "rates" && n > mostEvents {
					c.Add(at, "problem-truth-events", n, mostEvents)
				}
			}
		}
	}
	switch {
	case o.Measured():
		c.measured(path, o, v, cells)
	case v.Skewness != 0:
		c.Add(path+".skewness", "problem-truth-kind", "skewness", o.ID)
	}
	if wanted := o.Binary() || o.Ordinal(); !wanted && v.Shares != nil {
		c.Add(path+".shares", "problem-truth-kind", "shares", o.ID)
	} else if wanted {
		c.shares(path+".shares", o, v, cells, isCell)
	}
	if o.Counted() {
		if v.Dispersion < 0 || !finite(v.Dispersion) {
			c.Add(path+".dispersion", "problem-truth-positive", v.Dispersion)
		}
		if !(v.Exposure > 0) || !finite(v.Exposure) {
			c.Add(path+".exposure", "problem-truth-positive", v.Exposure)
		}
	} else if v.Dispersion != 0 || v.Exposure != 0 {
		c.Add(path+".dispersion", "problem-truth-kind", "dispersion", o.ID)
	}
	c.correlation(path+".correlation", v.Correlation, len(cells))
}

// measured checks means and SDs against the scale: of all values from a to b with the
// mean m those at both ends vary most, by √((m − a)(b − m)) (Bhatia & Davis 2000,
// doi 10.1080/00029890.2000.12005203).
func (c *checker) measured(path string, o study.Outcome, v Values, cells []cell) {
	if !finite(v.Skewness) || math.Abs(v.Skewness) > mostSkewness {
		c.Add(path+".skewness", "problem-truth-skewness", v.Skewness, mostSkewness)
	}
	for k, a := range c.arms {
		for _, x := range cells {
			m, ok := at(v.Means, a.ID, x.visit)
			sd, also := at(v.SDs, a.ID, x.visit)
			if !ok || !also {
				continue
			}
			where := a.ID + "." + x.visit
			if x.base && k > 0 {
				m0, _ := at(v.Means, c.arms[0].ID, x.visit)
				sd0, _ := at(v.SDs, c.arms[0].ID, x.visit)
				if m0 != m {
					c.Add(path+".means."+where, "problem-truth-baseline", m, m0)
				}
				if sd0 != sd {
					c.Add(path+".sds."+where, "problem-truth-baseline", sd, sd0)
				}
			}
			if v.Latent {
				continue
			}
			if g := newShape(o, 0); g.step > 0 {
				// On a grid the two values around the mean vary least.
				down := (m - g.origin) / g.step
				down -= math.Floor(down)
				if least := g.step * math.Sqrt(down*(1-down)); !(sd > least) || !g.bounded && !(sd > g.step/math.Sqrt(12)) {
					c.Add(path+".sds."+where, "problem-truth-grid", sd, m)
					continue
				}
			}
			if !o.HasRange() {
				continue
			}
			if !(m >= o.Min && m <= o.Max) {
				c.Add(path+".means."+where, "problem-truth-outside", m, o.Min, o.Max)
			} else if most := math.Sqrt((m - o.Min) * (o.Max - m)); !(sd < most) {
				c.Add(path+".sds."+where, "problem-truth-sd", sd, most, m, o.Min, o.Max)
			}
		}
	}
}

// mostSkewness bounds that of the lognormal shape: beyond it hardly a value lies above
// the mean, and a trial would not be analyzed by means.
const mostSkewness = 10

func (c *checker) shares(path string, o study.Outcome, v Values, cells []cell, isCell func(string) bool) {
	c.known(path, v.Shares, c.isArm)
	want := 1
	if o.Ordinal() {
		want = len(o.Levels)
	}
	for _, a := range c.arms {
		for visit := range v.Shares[a.ID] {
			if !isCell(visit) {
				c.Add(path+"."+a.ID+"."+visit+"@", "problem-truth-unknown", visit)
			}
		}
		for _, k := range cells {
			at := path + "." + a.ID + "." + k.visit
			list, ok := v.Shares[a.ID][k.visit]
			if !ok {
				c.Add(at, "problem-truth-lacks", k.visit)
				continue
			}
			if len(list) != want {
				c.Add(at, "problem-truth-levels", len(list), want)
				continue
			}
			total := 0.0
			for _, x := range list {
				c.share(at, x)
				total += x
			}
			if o.Ordinal() && math.Abs(total-1) > 1e-9 {
				c.Add(at, "problem-truth-sum", total)
			}
		}
	}
}

func (c *checker) correlation(path string, r Correlation, n int) {
	if r.Matrix != nil {
		for i, row := range r.Matrix {
			if len(row) != n {
				c.Add(path, "problem-truth-matrix-size", n)
				return
			}
			for j, x := range row {
				if !(x >= -1 && x <= 1) || i == j && x != 1 || j < i && x != r.Matrix[j][i] {
					c.Add(fmt.Sprintf("%s[%d][%d]", path, i, j), "problem-truth-matrix", x)
					return
				}
			}
		}
		if len(r.Matrix) != n {
			c.Add(path, "problem-truth-matrix-size", n)
			return
		}
	} else if !(r.Rho >= -1 && r.Rho <= 1) {
		c.Add(path, "problem-truth-correlation", r.Rho)
		return
	}
	if _, ok := root(n, r.at); !ok {
		c.Add(path, "problem-truth-not-positive")
	}
}

// joint checks that what covariates explain leaves a correlation matrix.
func (c *checker) joint() {
	for _, id := range slices.Sorted(maps.Keys(c.truth.Outcomes)) {
		n := len(cellsOf(c.p, id))
		v := c.truth.Outcomes[id]
		if _, ok := root(n, func(i, j int) float64 { return v.Correlation.at(i, j) - c.truth.explained(id) }); !ok {
			c.Add("outcomes."+id+".correlation", "problem-truth-explained")
		}
	}
}

// explained is the sum of the squared correlations with numbers before treatment.
func (t Truth) explained(outcome string) float64 {
	sum := 0.0
	for _, f := range t.Covariates {
		sum += f.Correlation[outcome] * f.Correlation[outcome]
	}
	return sum
}

func (c *checker) loss() {
	l := c.truth.Loss
	visits := laterVisits(c.p)
	isVisit := func(id string) bool { return slices.Contains(visits, id) }
	c.known("loss.by", l.By, c.isArm)
	for _, a := range c.arms {
		last := 0.0
		c.known("loss.by."+a.ID, l.By[a.ID], isVisit)
		for _, v := range visits {
			x, ok := at(l.By, a.ID, v)
			if !ok {
				continue
			}
			path := "loss.by." + a.ID + "." + v
			switch {
			case !(x >= 0 && x < 1):
				c.Add(path, "problem-truth-loss", x)
			case x < last:
				c.Add(path, "problem-truth-loss-falls", x, last)
			}
			last = max(last, x)
		}
	}
	switch l.Kind {
	case "", LossMCAR:
		if l.Odds != 0 || l.Outcome != "" {
			c.Add("loss.odds", "problem-truth-odds-mcar")
		}
	case LossMAR, LossMNAR:
		if o, ok := c.p.Outcome(l.Outcome); !ok || !o.Measured() {
			c.Add("loss.outcome", "problem-truth-loss-outcome", l.Outcome)
		} else if _, ok := c.truth.Outcomes[l.Outcome]; !ok {
			c.Add("loss.outcome", "problem-truth-lacks", l.Outcome)
		} else if _, based, _ := c.p.Schedule(l.Outcome); !based && l.Kind == LossMAR {
			c.Add("loss.outcome", "problem-truth-loss-baseline", l.Outcome)
		}
		if !(l.Odds > 0) || !finite(l.Odds) {
			c.Add("loss.odds", "problem-truth-positive", l.Odds)
		}
	default:
		c.Add("loss.kind", "problem-truth-loss-kind", l.Kind, strings.Join([]string{LossMCAR, LossMAR, LossMNAR}, ", "))
	}
}

// schedules refuses a correlation between outcomes that are not seen at the same times.
func (c *checker) schedules() {
	var first []cell
	for _, id := range slices.Sorted(maps.Keys(c.truth.Outcomes)) {
		if _, ok := c.p.Outcome(id); !ok || c.truth.Between == 0 {
			continue
		}
		x := cellsOf(c.p, id)
		if first == nil {
			first = x
		} else if !slices.Equal(x, first) {
			c.Add("between", "problem-truth-between", id)
			return
		}
	}
}

// laterVisits are those after the baseline of some outcome, in the protocol's order.
func laterVisits(p study.Protocol) []string {
	after := map[string]bool{}
	for _, o := range p.Outcomes {
		_, _, list := p.Schedule(o.ID)
		for _, v := range list {
			after[v.ID] = true
		}
	}
	var out []string
	for _, v := range p.Visits {
		if after[v.ID] {
			out = append(out, v.ID)
		}
	}
	return out
}

func (c *checker) factors() {
	declared := map[string]study.CovariateKind{}
	for _, v := range c.p.Data.Covariates {
		declared[v.ID] = v.Kind
	}
	if col := c.p.Randomization.Column; col != "" {
		declared[col] = study.Category
	}
	needed := slices.Concat(c.p.Randomization.Strata, []string{c.p.Randomization.Column})
	for _, q := range plansOf(c.p, nil) {
		needed = append(needed, q.Covariates...)
	}
	slices.Sort(needed)
	for _, id := range slices.Compact(needed) {
		if _, ok := c.truth.Covariates[id]; !ok && id != "" {
			c.Add("covariates."+id, "problem-truth-lacks", id)
		}
	}
	isOutcome := func(id string) bool { _, ok := c.truth.Outcomes[id]; return ok }
	for _, id := range slices.Sorted(maps.Keys(c.truth.Covariates)) {
		f, path := c.truth.Covariates[id], "covariates."+id
		kind, ok := declared[id]
		if !ok {
			c.Add(path+"@", "problem-truth-unknown", id)
			continue
		}
		c.known(path+".correlation", f.Correlation, isOutcome)
		c.known(path+".effect_sds", f.EffectSDs, isOutcome)
		category := f.Shares != nil || f.Sites != 0
		if category != (kind == study.Category) || category && (f.SD != 0 || f.Correlation != nil) || f.Shares != nil && f.Sites != 0 {
			c.Add(path, "problem-truth-factor", id, string(kind))
			continue
		}
		if !category {
			if !(f.SD > 0) || !finite(f.SD) || !finite(f.Mean) {
				c.Add(path+".sd", "problem-truth-positive", f.SD)
			}
			for o, r := range f.Correlation {
				if !(r > -1 && r < 1) {
					c.Add(path+".correlation."+o, "problem-truth-correlation", r)
				}
			}
			continue
		}
		if f.Sites < 0 || f.Sites > mostPatients {
			c.Add(path+".sites", "problem-truth-patients", f.Sites, mostPatients)
		}
		total := 0.0
		for level, x := range f.Shares {
			c.share(path+".shares."+level, x)
			total += x
		}
		if f.Shares != nil && math.Abs(total-1) > 1e-9 {
			c.Add(path+".shares", "problem-truth-sum", total)
		}
		c.known(path+".effects", f.Effects, isOutcome)
		for o, e := range f.Effects {
			c.known(path+".effects."+o, e, func(level string) bool { _, ok := f.Shares[level]; return ok })
		}
	}
}

func (c *checker) events() {
	isOutcome := func(id string) bool { _, ok := c.truth.Outcomes[id]; return ok }
	for i, e := range c.truth.Events {
		path := fmt.Sprintf("events[%d]", i)
		c.known(path+".probability", e.Probability, c.isArm)
		for _, a := range c.arms {
			c.share(path+".probability."+a.ID, e.Probability[a.ID])
		}
		c.known(path+".shift", e.Shift, isOutcome)
	}
}

// root is the Cholesky factor of a matrix of which at gives the elements, by rows; ok is
// false where it is not positive definite. A matrix that is singular, such as of equal
// values at two visits, is taken to the last digits as what it is.
func root(n int, at func(i, j int) float64) (l []float64, ok bool) {
	l = make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			x := at(i, j)
			for k := range j {
				x -= l[i*n+k] * l[j*n+k]
			}
			switch {
			case i == j && x < -1e-10:
				return nil, false
			case i == j:
				l[i*n+i] = math.Sqrt(max(x, 0))
			case l[j*n+j] > 1e-8:
				l[i*n+j] = x / l[j*n+j]
			case math.Abs(x) > 1e-8:
				return nil, false
			}
		}
	}
	return l, true
}
