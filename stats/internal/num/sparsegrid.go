package num

import (
	"context"
	"math"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
)

// sparseGrid is dimension-adaptive sparse quadrature (Gerstner and Griebel
// 2003, doi:10.1007/s00607-003-0015-5): the integral is the sum, over a set of
// level vectors, of differences between products of Gauss rules. The set grows
// where the differences are largest, so directions and pairs of directions that
// matter little cost little. All decisions depend on computed values only, and
// sums keep the order in which vectors were added: the same bytes on any
// number of cores.
type sparseGrid struct {
	rules  []*gaussRules
	dim    int
	at     map[string]int
	levels [][]uint8
	value  []float64 // the product rule of the levels
	delta  []float64
	old    []bool  // forward neighbors were added
	fresh  int     // the first vector whose value is not known
	spent  float64 // points of all products
	full   bool    // nothing is left to add
	// The points and sums after each refinement, and the last sum of less than
	// half the points.
	history [][2]float64
	half    float64
}

// gridSafety multiplies the frontier's sum: over hundreds of random matrices the
// error was mostly a tenth of the product, and beyond it once in a hundred.
const gridSafety = 6

func newSparseGrid(rules []*gaussRules) *sparseGrid {
	s := &sparseGrid{rules: rules, dim: len(rules), at: map[string]int{}}
	s.add(make([]uint8, s.dim))
	return s
}

func (s *sparseGrid) add(level []uint8) {
	cost := 1.0
	for d, l := range level {
		s.rules[d].grow(int(l) + 1)
		cost *= float64(l) + 1
	}
	s.spent += cost
	s.at[string(level)] = len(s.levels)
	s.levels = append(s.levels, level)
	s.value, s.delta, s.old = append(s.value, 0), append(s.delta, 0), append(s.old, false)
}

// plan adds the vectors next to those of largest differences, at most width of
// the latter, and next to all of low order at first.
func (s *sparseGrid) plan(width int) {
	type candidate struct {
		i    int
		rank float64
	}
	var from []candidate
	for i, l := range s.levels {
		if s.old[i] {
			continue
		}
		sum, cost := 0, 1.0
		for _, v := range l {
			sum += int(v)
			cost *= float64(v) + 1
		}
		c := candidate{i, math.Abs(s.delta[i]) / math.Sqrt(cost)}
		if sum < 2 {
			c.rank = math.Inf(1)
		}
		from = append(from, c)
	}
	sort.SliceStable(from, func(a, b int) bool { return from[a].rank > from[b].rank })
	for n, c := range from {
		if n >= width && !math.IsInf(c.rank, 1) {
			break
		}
		s.old[c.i] = true
	}
	for n, c := range from {
		if n >= width && !math.IsInf(c.rank, 1) {
			break
		}
		s.addNeighbors(c.i)
	}
}

func (s *sparseGrid) addNeighbors(i int) {
	key := make([]byte, s.dim)
next:
	for d := range s.dim {
		copy(key, s.levels[i])
		key[d]++
		if int(key[d]) >= s.rules[d].most() {
			continue
		}
		if _, ok := s.at[string(key)]; ok {
			continue
		}
		for e := range key {
			if key[e] > 0 {
				key[e]--
				j, ok := s.at[string(key)]
				key[e]++
				if !ok || !s.old[j] {
					continue next
				}
			}
		}
		s.add(append([]uint8{}, key...))
	}
}

// absorb computes the differences of the fresh vectors.
func (s *sparseGrid) absorb() {
	for ; s.fresh < len(s.levels); s.fresh++ {
		level := s.levels[s.fresh]
		var active []int
		for d, l := range level {
			if l > 0 {
				active = append(active, d)
			}
		}
		key := make([]byte, s.dim)
		sum := 0.0
		for set := range 1 << len(active) {
			copy(key, level)
			sign := 1.0
			for b, d := range active {
				if set>>b&1 == 1 {
					key[d]--
					sign = -sign
				}
			}
			sum += sign * s.value[s.at[string(key)]]
		}
		s.delta[s.fresh] = sum
	}
}

// integral is the sum of all differences. Its error estimate is the larger of a
// multiple of the sum of the sizes of those at the frontier, which the next
// ones extend, and what the sum has changed by since half the points.
func (s *sparseGrid) integral() (sum, err float64) {
	sum = Sum(s.delta)
	for i, d := range s.delta {
		if !s.old[i] {
			err += math.Abs(d)
		}
	}
	err *= gridSafety
	s.history = append(s.history, [2]float64{s.spent, sum})
	for _, h := range s.history {
		if h[0] >= s.spent/2 {
			break
		}
		s.half = h[1]
	}
	if len(s.history) > 1 {
		err = math.Max(err, math.Abs(sum-s.half))
	}
	return sum, err
}

// refineGrids adds vectors to the grids of terms and computes their values on all
// cores.
func refineGrids(ctx context.Context, terms []*exit) {
	type task struct {
		e *exit
		i int
	}
	var tasks []task
	for _, e := range terms {
		s := e.grid
		if s.fresh > 0 {
			s.plan(8 + len(s.levels)/16)
			s.full = s.fresh == len(s.levels)
		}
		for i := s.fresh; i < len(s.levels); i++ {
			tasks = append(tasks, task{e, i})
		}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tasks)) {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(tasks) || ctx.Err() != nil {
					return
				}
				e, i := tasks[n].e, tasks[n].i
				e.grid.value[i] = e.product(ctx, e.grid.rules, e.grid.levels[i])
			}
		})
	}
	wg.Wait()
	for _, e := range terms {
		e.grid.absorb()
		sum, err := e.grid.integral()
		e.gridSum, e.gridError = e.weight*sum, math.Abs(e.weight)*err
	}
}
