package simulate

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
)

// responders compares how many patients of each arm improve by what one patient calls
// important (study.RuleChange), among those seen before and after, as study does: exactly
// while the product of the numbers randomized is at most 2,500, by the score method
// beyond, within strata by Mantel and Haenszel. Equal tables are compared once by each
// core; one of 48 against 48 takes about half a millisecond, a thousand ANCOVAs.
type responders struct {
	place
	j         []*judge
	threshold float64
	sign, ten float64
	strata    []int // factors
	cells     int
	known     map[fourfold]finding
}

// fourfold is a table: events and patients of the active arm and control.
type fourfold struct{ x, n, y, m, arm int }

// newResponders is nil where the outcome has no baseline or no threshold of patients.
func newResponders(w *world, q study.Plan, j []*judge) *responders {
	at, ok := w.place(q)
	if !ok || at.base < 0 {
		return nil
	}
	v := w.outcomes[at.outcome]
	th, _ := v.PatientThreshold()
	if th == nil {
		return nil
	}
	e := &responders{place: at, j: j, threshold: th.Value, sign: v.Better.Sign(), known: map[fourfold]finding{}, cells: 1}
	if g := v.shape[0][0]; g.step > 0 {
		e.ten = g.ten
	}
	for i, f := range w.factors {
		if f.balanced {
			e.strata = append(e.strata, i)
			e.cells *= len(f.levels)
		}
	}
	return e
}

// met reports whether a change is an improvement that reaches the threshold, decided in
// decimals on a grid.
func (e *responders) met(before, after float64) bool {
	d := after - before
	if e.ten > 0 {
		d = math.Round(d*e.ten) / e.ten
	}
	return e.sign*d >= e.threshold
}

func (e *responders) find(t *trial, out []finding) {
	w := t.w
	if len(e.strata) > 0 {
		e.within(t, out)
		return
	}
	count := func(a int) (x, n int) {
		y, b := t.y[e.outcome][e.visit], t.y[e.outcome][e.base]
		for p := w.from[a]; p < w.from[a+1]; p++ {
			if t.has(e.place, p) {
				n++
				if e.met(b[p], y[p]) {
					x++
				}
			}
		}
		return x, n
	}
	ctl := len(w.arms) - 1
	y, m := count(ctl)
	for a := range out {
		x, n := count(a)
		key := fourfold{x, n, y, m, a}
		f, ok := e.known[key]
		if !ok {
			f = e.compare(w, key)
			e.known[key] = f
		}
		out[a] = f
	}
}

func (e *responders) compare(w *world, k fourfold) finding {
	if k.n == 0 || k.m == 0 {
		return finding{failure: "empty-arm"}
	}
	active, control := table.Count{Events: k.x, N: k.n}, table.Count{Events: k.y, N: k.m}
	ctl := len(w.arms) - 1
	var d stats.Effect
	var err error
	if study.RiskMethodOf(w.size[k.arm], w.size[ctl]) == study.RiskExact {
		d, err = table.RiskDifferenceExact(active, control)
	} else {
		d, err = table.RiskDifferenceScore(active, control)
	}
	if err != nil {
		return finding{failure: "not-computable"}
	}
	// An exact interval takes as long as forty of its tests, and says the same of a value
	// as the test of it, but in a gap of the accepted set.
	j := e.j[k.arm]
	f := finding{value: d.Point(), noStandard: true, rejected: d.P(0) < j.alpha}
	f.gain, f.zero = f.value, !f.rejected
	if !math.IsNaN(j.truth) {
		f.covers = d.P(j.truth) >= j.alpha
	}
	return f
}

// within pools the difference over the cells of the strata that hold both arms.
func (e *responders) within(t *trial, out []finding) {
	w := t.w
	ctl := len(w.arms) - 1
	y, b := t.y[e.outcome][e.visit], t.y[e.outcome][e.base]
	counts := make([][]table.Count, len(w.arms))
	for a := range w.arms {
		counts[a] = make([]table.Count, e.cells)
		for p := w.from[a]; p < w.from[a+1]; p++ {
			if !t.has(e.place, p) {
				continue
			}
			c := 0
			for _, i := range e.strata {
				c = c*len(w.factors[i].levels) + t.level[i][p]
			}
			counts[a][c].N++
			if e.met(b[p], y[p]) {
				counts[a][c].Events++
			}
		}
	}
	for a := range out {
		var tables []table.Stratum
		for c := range e.cells {
			if counts[a][c].N > 0 && counts[ctl][c].N > 0 {
				tables = append(tables, table.Stratum{Treated: counts[a][c], Control: counts[ctl][c]})
			}
		}
		d, err := table.MantelHaenszelRiskDifference(tables)
		if err != nil {
			out[a] = finding{failure: "not-computable"}
			continue
		}
		out[a] = e.j[a].estimate(d)
	}
}

// response is the share of an arm's patients who respond, were everybody seen; NaN where
// characteristics or events shift values. The baseline is cut into 40,000 equal slices of
// its latent normal from −8 to 8, the visit's given it is normal.
func (w *world) response(at place, a int, threshold float64) float64 {
	v := w.outcomes[at.outcome]
	if len(w.factors)+len(w.events) > 0 {
		return math.NaN()
	}
	g0, g1 := v.shape[a][at.base], v.shape[a][at.visit]
	r := w.truth.Outcomes[v.ID].Correlation.at(at.base, at.visit)
	rest := math.Sqrt(max(1-r*r, 1e-12))
	const n, wide = 40_000, 8.0
	sum, total := 0.0, 0.0
	for i := range n {
		z := -wide + 2*wide*(float64(i)+0.5)/n
		weight := math.Exp(-z * z / 2)
		y0 := g0.onScale(g0.loc + g0.scale*g0.h(z))
		edge := y0 + v.Better.Sign()*threshold
		low, high := edge, edge // the latent values beyond which the one shown reaches the edge
		if g1.step > 0 {
			k := (edge - g1.origin) / g1.step
			low = g1.origin + (math.Floor(k+1e-9)+0.5)*g1.step
			high = g1.origin + (math.Ceil(k-1e-9)-0.5)*g1.step
		}
		p := 0.0
		if v.Better.Sign() < 0 { // y1 ≤ edge
			switch {
			case g1.bounded && edge < g1.floor-1e-9:
			case g1.bounded && edge >= g1.ceil:
				p = 1
			default:
				p = phi((g1.z((low-g1.loc)/g1.scale) - r*z) / rest)
			}
		} else {
			switch {
			case g1.bounded && edge > g1.ceil+1e-9:
			case g1.bounded && edge <= g1.floor:
				p = 1
			default:
				p = phi(-(g1.z((high-g1.loc)/g1.scale) - r*z) / rest)
			}
		}
		sum += weight * p
		total += weight
	}
	return sum / total
}
