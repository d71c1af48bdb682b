package simulate

import (
	"context"
	"math"
	"slices"
	"sort"
)

// trial is one trial's values: participants by arm, active arms in the protocol's order
// and control last. Its memory is used again for the next.
type trial struct {
	w        *world
	number   uint64
	rng      stream
	y        [][][]float64 // outcome → cell → participant
	seen     [][][]bool    // the same; nil where everything is seen
	level    [][]int       // factor → participant
	x        [][]float64   // factor → participant: numbers, standardized
	z        []float64     // normals of one outcome, a cell at a time
	common   []float64     // those that outcomes share
	lost     []int         // participant → position among later visits, from which on nothing is seen
	site     [][][]float64 // factor → outcome → level: effects drawn
	blocks   []int
	when     []int          // event → participant: position among later visits
	stat     [][]sufficient // outcome → arm, where they are drawn instead of values
	products []float64
	ctx      context.Context
	err      error // of the whole analysis: the plan or the file was refused
}

func newTrial(w *world) *trial {
	t := &trial{w: w}
	gaps := w.hasLoss() || w.truth.Missing > 0
	for _, e := range w.truth.Events {
		gaps = gaps || e.Ends
	}
	most := 0
	for _, v := range w.outcomes {
		var y [][]float64
		var seen [][]bool
		for range v.cells {
			y = append(y, make([]float64, w.n))
			if gaps {
				seen = append(seen, make([]bool, w.n))
			}
		}
		t.y, t.seen = append(t.y, y), append(t.seen, seen)
		most = max(most, len(v.cells))
	}
	t.z = make([]float64, most*w.n)
	if w.truth.Between > 0 {
		t.common = make([]float64, most*w.n)
	}
	for _, f := range w.factors {
		if f.category {
			t.level, t.x = append(t.level, make([]int, w.n)), append(t.x, nil)
		} else {
			t.level, t.x = append(t.level, nil), append(t.x, make([]float64, w.n))
		}
		var site [][]float64
		for range w.outcomes {
			site = append(site, make([]float64, len(f.levels)))
		}
		t.site = append(t.site, site)
	}
	t.lost, t.blocks = make([]int, w.n), make([]int, w.blocks)
	t.when = make([]int, w.n*len(w.events))
	return t
}

// draw makes trial number k of a seed. What is drawn, and in which order, is part of what
// a seed means: characteristics, then outcome by outcome the latent normals, events, loss
// and single missing values.
func (t *trial) draw(seed, k uint64) {
	t.number, t.rng = k, newStream(seed, k)
	t.values()
	if t.seen[0] != nil {
		t.lose()
	}
}

// values draws everything but what is seen.
func (t *trial) values() {
	w := t.w
	for i, f := range w.factors {
		t.characteristic(i, f)
	}
	if t.common != nil {
		t.rng.normals(t.common)
	}
	for i := range w.events {
		t.happen(i)
	}
	for i, v := range w.outcomes {
		t.outcome(i, v)
	}
}

// characteristic draws a factor.
func (t *trial) characteristic(i int, f *factor) {
	if !f.category {
		t.rng.normals(t.x[i])
		return
	}
	one := func() int {
		u := t.rng.uniform()
		k := 0
		for k < len(f.bounds)-1 && u >= f.bounds[k] {
			k++
		}
		return k
	}
	if f.balanced {
		for b := range t.blocks {
			t.blocks[b] = one()
		}
		for p, b := range t.w.block {
			t.level[i][p] = t.blocks[b]
		}
	} else {
		for p := range t.level[i] {
			t.level[i][p] = one()
		}
	}
	for o, v := range t.w.outcomes {
		if sd := f.EffectSDs[v.ID]; f.Sites > 0 && sd > 0 {
			t.rng.normals(t.site[i][o])
			for l := range t.site[i][o] {
				t.site[i][o][l] *= sd
			}
		} else {
			copy(t.site[i][o], f.effect[o])
		}
	}
}

// happen draws when an event happens to everybody.
func (t *trial) happen(e int) {
	w := t.w
	for a := range w.arms {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			j := 0
			for _, h := range w.events[e].hazard[a] {
				if t.rng.uniform() < h {
					break
				}
				j++
			}
			t.when[e*w.n+p] = j
		}
	}
}

// outcome draws an outcome's values at all of its times.
func (t *trial) outcome(i int, v *variable) {
	w, n, k := t.w, t.w.n, len(v.cells)
	z := t.z[:n*k]
	t.rng.normals(z)
	if t.common != nil {
		own, shared := math.Sqrt(1-w.truth.Between), math.Sqrt(w.truth.Between)
		for p := range z {
			z[p] = own*z[p] + shared*t.common[p]
		}
	}
	for j := range k {
		y := t.y[i][j]
		row := v.root[j*k : j*k+k]
		switch j { // the first two have no loop over earlier cells
		case 0:
			copy(y, z[:n])
			if r := row[0]; r != 1 {
				for p := range y {
					y[p] *= r
				}
			}
		case 1:
			z0, z1 := z[:n], z[n:2*n]
			for p := range y {
				y[p] = row[0]*z0[p] + row[1]*z1[p]
			}
		default:
			clear(y)
			for l := range j + 1 {
				if r := row[l]; r != 0 {
					for p, x := range z[l*n : l*n+n] {
						y[p] += r * x
					}
				}
			}
		}
		if v.plain {
			for a := range w.arms {
				g := &v.shape[a][j]
				for p := w.from[a]; p < w.from[a+1]; p++ {
					y[p] = g.loc + g.scale*y[p]
				}
			}
			continue
		}
		for f, x := range t.x {
			if r := w.factors[f].weight[i]; x != nil && r != 0 {
				for p := range y {
					y[p] += r * x[p]
				}
			}
		}
		t.show(i, j, v, y)
	}
}

// show turns latent normals into values.
func (t *trial) show(i, j int, v *variable, y []float64) {
	w := t.w
	for a := range w.arms {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			shift := 0.0
			for f, levels := range t.level {
				if levels != nil {
					shift += t.site[f][i][levels[p]]
				}
			}
			for e := range w.events {
				if v.later[j] >= t.when[e*w.n+p] {
					shift += w.events[e].shift[i]
				}
			}
			switch {
			case v.Measured():
				g := &v.shape[a][j]
				y[p] = g.onScale(g.loc + g.scale*g.h(y[p]) + shift)
			case v.Counted():
				y[p] = float64(sort.SearchFloat64s(v.table[a][j], phi(y[p]+shift)))
			default:
				k := 0
				for _, c := range v.cut[a][j] {
					if y[p]+shift > c {
						k++
					}
				}
				y[p] = float64(k)
				if v.Ordinal() {
					y[p]++
				}
			}
		}
	}
}

// lose decides what is seen.
func (t *trial) lose() {
	w := t.w
	some := w.hasLoss()
	for a := range w.arms {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			t.lost[p] = len(w.later)
			if !some {
				continue
			}
			for j, h := range w.hazard[a] {
				if h == 0 {
					continue
				}
				if w.lossOf >= 0 {
					h = t.hazardOf(a, p, j)
				}
				if t.rng.uniform() < h {
					t.lost[p] = j
					break
				}
			}
		}
	}
	for e := range w.events {
		if w.events[e].Ends {
			for p := range t.lost {
				t.lost[p] = min(t.lost[p], t.when[e*w.n+p])
			}
		}
	}
	for i, v := range w.outcomes {
		for j := range v.cells {
			seen := t.seen[i][j]
			for p := range seen {
				seen[p] = v.later[j] < t.lost[p]
			}
			if m := w.truth.Missing; m > 0 && !v.cells[j].base {
				for p := range seen {
					if t.rng.uniform() < m {
						seen[p] = false
					}
				}
			}
		}
	}
}

// hazardOf is the probability that a participant who is there leaves before later visit
// j, by the value at the time before (mar) or at j (mnar): logistic in it.
func (t *trial) hazardOf(a, p, j int) float64 {
	return expit(t.w.logit[a][j] + t.pull(a, p, j))
}

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// pull is log odds per standard deviation times how much worse the value is.
func (t *trial) pull(a, p, j int) float64 {
	w := t.w
	v := w.outcomes[w.lossOf]
	c := slices.Index(v.later, j)
	if w.truth.Loss.Kind == LossMAR {
		c = -1
		for k, at := range v.later {
			if at < j {
				c = k
			}
		}
	}
	if c < 0 {
		return 0
	}
	mean, sd := v.center(w, a, c)
	return -v.Better.Sign() * math.Log(w.truth.Loss.Odds) * (t.y[w.lossOf][c][p] - mean) / sd
}

// center are mean and SD of an arm's values at a time, as the truth states them.
func (v *variable) center(w *world, a, c int) (mean, sd float64) {
	t := w.truth.Outcomes[v.ID]
	arm, visit := w.arms[a].ID, v.cells[c].visit
	return t.Means[arm][visit], t.SDs[arm][visit]
}

// calibrateLoss finds the logits with which the shares lost are those stated: by
// bisection among 40,000 patients an arm, so that they hold to about a quarter of a
// percentage point.
func (w *world) calibrateLoss() {
	const each = 40_000
	big := *w
	big.from, big.n, big.size, big.block, big.blocks = []int{0}, 0, nil, nil, 0
	for range w.arms {
		big.n += each
		big.size, big.from = append(big.size, each), append(big.from, big.n)
	}
	big.deal()
	t := newTrial(&big)
	t.rng = newStream(0, math.MaxUint64)
	t.values()
	for a, hazard := range w.hazard {
		there := make([]int, 0, each)
		for p := big.from[a]; p < big.from[a+1]; p++ {
			there = append(there, p)
		}
		logit := make([]float64, len(hazard))
		for j, h := range hazard {
			if h == 0 {
				continue
			}
			pull := make([]float64, len(there))
			for i, p := range there {
				pull[i] = t.pull(a, p, j)
			}
			lo, hi := -60.0, 60.0
			for range 60 {
				x, sum := (lo+hi)/2, 0.0
				for _, q := range pull {
					sum += expit(x + q)
				}
				if sum < h*float64(len(pull)) {
					lo = x
				} else {
					hi = x
				}
			}
			logit[j] = hi
			stay := there[:0]
			for i, p := range there {
				if t.rng.uniform() >= expit(hi+pull[i]) {
					stay = append(stay, p)
				}
			}
			there = stay
		}
		w.logit = append(w.logit, logit)
	}
}
