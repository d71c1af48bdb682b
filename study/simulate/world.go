package simulate

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// world is a truth made ready to draw trials from.
type world struct {
	protocol study.Protocol
	truth    Truth
	arms     []study.Arm // active arms in the protocol's order, control last
	size     []int       // of each arm
	from     []int       // arm → first participant, and n behind the last
	n        int
	outcomes []*variable
	factors  []*factor
	later    []string // visits after baseline
	hazard   [][]float64
	lossOf   int // outcome that the loss depends on, −1
	logit    [][]float64
	events   []happening
	block    []int // participant → block of complete allocation, nil where none is balanced
	blocks   int
}

// variable is an outcome.
type variable struct {
	study.Outcome
	index int
	cells []cell
	later []int     // cell → position among the world's later visits, −1 for the baseline
	root  []float64 // of what chance adds to the latent normals, by rows
	shape [][]shape // arm → cell
	cut   [][][]float64
	table [][][]float64 // counts: arm → cell → distribution function
	plain bool          // normal, without ends or grid, factors or events
}

// factor is a characteristic before treatment.
type factor struct {
	Factor
	id       string
	category bool
	levels   []string
	bounds   []float64 // distribution function of the levels
	balanced bool
	effect   [][]float64 // outcome → level, centered; of sites drawn in every trial
	weight   []float64   // outcome → correlation
}

// happening is an event.
type happening struct {
	Event
	hazard [][]float64 // arm → later visit, given that it has not happened
	shift  []float64   // outcome
}

// newWorld checks a truth and makes it ready.
func newWorld(p study.Protocol, t Truth) (*world, error) {
	if faults := t.faults(p); len(faults) > 0 {
		return nil, fmt.Errorf("simulate: %w", yamlfile.ProblemsOf(faults))
	}
	w := &world{protocol: p, truth: t, arms: armsOf(p), later: laterVisits(p), lossOf: -1}
	for _, a := range w.arms {
		w.size, w.from = append(w.size, t.Patients[a.ID]), append(w.from, w.n)
		w.n += t.Patients[a.ID]
	}
	w.from = append(w.from, w.n)
	var faults []yamlfile.Fault
	for _, o := range p.Outcomes {
		if _, ok := t.Outcomes[o.ID]; ok {
			v, f := w.variable(o, len(w.outcomes))
			w.outcomes, faults = append(w.outcomes, v), append(faults, f...)
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("simulate: %w", yamlfile.ProblemsOf(faults))
	}
	for _, id := range slices.Sorted(maps.Keys(t.Covariates)) {
		w.factors = append(w.factors, w.factor(id, t.Covariates[id]))
	}
	for _, e := range t.Events {
		w.events = append(w.events, w.happening(e))
	}
	for _, v := range w.outcomes {
		v.plain = v.Measured() && v.shape[0][0].skew == 0 && !v.shape[0][0].bounded && v.shape[0][0].step == 0 && len(w.factors) == 0 && len(w.events) == 0
	}
	w.deal()
	w.loss()
	return w, nil
}

// variable makes an outcome's distributions.
func (w *world) variable(o study.Outcome, index int) (*variable, []yamlfile.Fault) {
	t := w.truth.Outcomes[o.ID]
	v := &variable{Outcome: o, index: index, cells: cellsOf(w.protocol, o.ID)}
	for _, c := range v.cells {
		v.later = append(v.later, slices.Index(w.later, c.visit))
		if c.base {
			v.later[len(v.later)-1] = -1
		}
	}
	explained := w.truth.explained(o.ID)
	v.root, _ = root(len(v.cells), func(i, j int) float64 { return t.Correlation.at(i, j) - explained })
	c := &yamlfile.Checker{}
	for _, a := range w.arms {
		var shapes []shape
		var cuts, tables [][]float64
		for _, x := range v.cells {
			switch {
			case o.Measured():
				g := newShape(o, t.Skewness)
				g.loc, g.scale = t.Means[a.ID][x.visit], t.SDs[a.ID][x.visit]
				if mean, sd := g.loc, g.scale; !t.Latent && (g.bounded || g.step > 0) && !g.calibrate(mean, sd) {
					c.Add(fmt.Sprintf("outcomes.%s.sds.%s.%s", o.ID, a.ID, x.visit), "problem-truth-grid", sd, mean)
				}
				shapes = append(shapes, g)
			case o.Counted():
				tables = append(tables, countTable(t.Rates[a.ID][x.visit]*t.Exposure, t.Dispersion))
			default:
				cuts = append(cuts, cutPoints(t.Shares[a.ID][x.visit], o.Binary()))
			}
		}
		v.shape, v.cut, v.table = append(v.shape, shapes), append(v.cut, cuts), append(v.table, tables)
	}
	return v, c.Faults
}

// cutPoints are the latent normal's values between categories.
func cutPoints(shares []float64, binary bool) []float64 {
	if binary {
		return []float64{quantile(1 - shares[0])}
	}
	var out []float64
	sum := 0.0
	for _, x := range shares[:len(shares)-1] {
		sum += x
		out = append(out, quantile(min(sum, 1)))
	}
	return out
}

// countTable is the distribution function of a Poisson or negative binomial number, until
// what lies beyond is below 10⁻¹⁶.
func countTable(mean, dispersion float64) []float64 {
	p := math.Exp(-mean)
	if dispersion > 0 {
		p = math.Pow(1+dispersion*mean, -1/dispersion)
	}
	var out []float64
	sum := 0.0
	for k := 0.0; k < 1e6; k++ {
		sum += p
		out = append(out, min(sum, 1))
		if k > mean && p < 1e-16 {
			break
		}
		if dispersion > 0 {
			p *= (k + 1/dispersion) / (k + 1) * dispersion * mean / (1 + dispersion*mean)
		} else {
			p *= mean / (k + 1)
		}
	}
	return out
}

func (w *world) factor(id string, t Factor) *factor {
	f := &factor{Factor: t, id: id, category: t.Shares != nil || t.Sites > 0}
	r := w.protocol.Randomization
	f.balanced = slices.Contains(r.Strata, id) || r.Column == id
	f.levels = slices.Sorted(maps.Keys(t.Shares))
	for k := range t.Sites {
		f.levels = append(f.levels, fmt.Sprint(k+1))
	}
	sum := 0.0
	share := func(level string) float64 {
		if t.Sites > 0 {
			return 1 / float64(t.Sites)
		}
		return t.Shares[level]
	}
	for _, l := range f.levels {
		sum += share(l)
		f.bounds = append(f.bounds, sum)
	}
	if len(f.bounds) > 0 {
		f.bounds[len(f.bounds)-1] = 1
	}
	for _, v := range w.outcomes {
		f.weight = append(f.weight, t.Correlation[v.ID])
		e := make([]float64, len(f.levels))
		mean := 0.0
		for i, l := range f.levels {
			e[i] = t.Effects[v.ID][l]
			mean += share(l) * e[i]
		}
		for i := range e {
			e[i] -= mean
		}
		f.effect = append(f.effect, e)
	}
	return f
}

func (w *world) happening(e Event) happening {
	h := happening{Event: e}
	k := float64(len(w.later))
	for _, a := range w.arms {
		row := make([]float64, len(w.later))
		for j := range row {
			part := e.Probability[a.ID] / k
			row[j] = part / (1 - float64(j)*part)
		}
		h.hazard = append(h.hazard, row)
	}
	for _, v := range w.outcomes {
		h.shift = append(h.shift, e.Shift[v.ID])
	}
	return h
}

// deal puts patients into complete blocks: as many of each arm as the numbers randomized
// have in their smallest ratio. All of a block have one level of every balanced factor.
func (w *world) deal() {
	if !slices.ContainsFunc(w.factors, func(f *factor) bool { return f.balanced }) {
		return
	}
	g := 0
	for _, n := range w.size {
		for a, b := g, n; ; a, b = b, a%b {
			if b == 0 {
				g = a
				break
			}
		}
	}
	w.blocks = g
	for _, n := range w.size {
		for i := range n {
			w.block = append(w.block, i/(n/g))
		}
	}
}

// loss spreads the shares lost over the visits between those that are named.
func (w *world) loss() {
	l := w.truth.Loss
	for _, a := range w.arms {
		by := l.By[a.ID]
		cum := make([]float64, len(w.later))
		last, before := 0.0, -1
		for j, v := range w.later {
			x, ok := by[v]
			if !ok {
				continue
			}
			for k := before + 1; k <= j; k++ {
				cum[k] = last + (x-last)*float64(k-before)/float64(j-before)
			}
			last, before = x, j
		}
		for k := before + 1; k < len(cum); k++ {
			cum[k] = last
		}
		row, so := make([]float64, len(cum)), 0.0
		for j, x := range cum {
			row[j] = (x - so) / (1 - so)
			so = x
		}
		w.hazard = append(w.hazard, row)
	}
	if l.Kind == LossMAR || l.Kind == LossMNAR {
		w.lossOf = slices.IndexFunc(w.outcomes, func(v *variable) bool { return v.ID == l.Outcome })
		w.calibrateLoss()
	}
}

// hasLoss reports whether anybody can be lost.
func (w *world) hasLoss() bool {
	return slices.ContainsFunc(w.hazard, func(h []float64) bool { return slices.ContainsFunc(h, func(x float64) bool { return x > 0 }) })
}
