package simulate

import (
	"math"

	"github.com/trialkit/trialkit/study"
)

// mass is a share of patients whose latent values are shifted alike.
type mass struct{ weight, shift float64 }

// shifts are those that characteristics and events give patients of an arm at a time;
// false where there are too many to list.
func (w *world) shifts(v *variable, a, c int) ([]mass, bool) {
	out := []mass{{1, 0}}
	ok := true
	spread := func(by []mass) {
		if len(out)*len(by) > 50_000 {
			ok = false
			return
		}
		var next []mass
		for _, x := range out {
			for _, y := range by {
				if y.weight > 0 {
					next = append(next, mass{x.weight * y.weight, x.shift + y.shift})
				}
			}
		}
		out = next
	}
	for _, f := range w.factors {
		var by []mass
		last, some := 0.0, false
		if sd := f.EffectSDs[v.ID]; f.Sites > 0 && sd > 0 { // the mean over trials: normal
			const n = 48
			total := 0.0
			for i := -n; i <= n; i++ {
				z := 8 * float64(i) / n
				by = append(by, mass{math.Exp(-z * z / 2), z * sd})
				total += math.Exp(-z * z / 2)
			}
			for i := range by {
				by[i].weight /= total
			}
			spread(by)
			continue
		}
		for l, e := range f.effect[v.index] {
			by = append(by, mass{f.bounds[l] - last, e})
			last = f.bounds[l]
			some = some || e != 0
		}
		if some {
			spread(by)
		}
	}
	for _, e := range w.events {
		if j := v.later[c]; j >= 0 && e.shift[v.index] != 0 {
			p := e.Probability[w.arms[a].ID] * float64(j+1) / float64(len(w.later))
			spread([]mass{{p, e.shift[v.index]}, {1 - p, 0}})
		}
	}
	return out, ok
}

// mean is what an arm's values are on average when everybody is seen.
func (w *world) mean(v *variable, a, c int) float64 {
	list, ok := w.shifts(v, a, c)
	if !ok {
		return math.NaN()
	}
	sum := 0.0
	for _, x := range list {
		m, _ := v.shape[a][c].moments(x.shift)
		sum += x.weight * m
	}
	return sum
}

// shares are those of an arm's categories.
func (w *world) shares(v *variable, a, c int) []float64 {
	out := make([]float64, len(v.cut[a][c])+1)
	list, ok := w.shifts(v, a, c)
	for _, x := range list {
		last := 0.0
		for k := range out {
			upto := 1.0
			if k < len(v.cut[a][c]) {
				upto = phi(v.cut[a][c][k] - x.shift)
			}
			out[k] += x.weight * (upto - last)
			last = upto
		}
	}
	if !ok {
		out[0] = math.NaN()
	}
	return out
}

// truth is what a plan's comparison of an active arm with control estimates, were
// everybody seen (whatever events did to the values is part of them); NaN where the truth
// does not give it: an odds ratio given covariates, a rate ratio with shifts, an average
// over visits of an outcome that some of them lack.
func (w *world) estimand(q study.Plan, a int) float64 {
	ctl := len(w.arms) - 1
	if q.Visit == study.OverallVisit {
		sum, n := 0.0, 0.0
		_, _, after := w.protocol.Schedule(q.Outcome)
		for _, v := range after {
			q.Visit = v.ID
			sum += w.estimand(q, a)
			n++
		}
		return sum / n
	}
	at, ok := w.place(q)
	if !ok {
		return math.NaN()
	}
	v := w.outcomes[at.outcome]
	switch {
	case v.Measured():
		return w.mean(v, a, at.visit) - w.mean(v, ctl, at.visit)
	case v.Counted():
		if len(w.factors)+len(w.events) > 0 {
			return math.NaN()
		}
		r := w.truth.Outcomes[v.ID].Rates
		return r[w.arms[a].ID][q.Visit] / r[w.arms[ctl].ID][q.Visit]
	case v.Binary():
		x, y := w.shares(v, a, at.visit)[1], w.shares(v, ctl, at.visit)[1]
		switch q.Effect {
		case study.RiskRatio:
			return x / y
		case study.OddsRatio:
			if len(w.factors) > 0 {
				return math.NaN()
			}
			return x / (1 - x) / (y / (1 - y))
		}
		return x - y
	}
	if q.Model != study.Benefit {
		return math.NaN()
	}
	x, y := w.shares(v, a, at.visit), w.shares(v, ctl, at.visit)
	better, tie, lower := 0.0, 0.0, 0.0
	for k := range x {
		better, tie = better+x[k]*lower, tie+x[k]*y[k]
		lower += y[k]
	}
	p := better + tie/2
	if v.Better == study.LowerIsBetter {
		p = 1 - p
	}
	if q.Effect == study.WinOdds {
		return p / (1 - p)
	}
	return p
}
