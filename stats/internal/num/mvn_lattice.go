package num

import (
	"context"
	"math"
	"sync"
)

const (
	mvtShifts     = 8
	latticeLeast  = 1 << 10
	latticeMost   = 1 << 18
	latticeSafety = 4 // standard errors of the mean of eight
	latticeKinked = 5 // the same where the integrand has kinks
)

// latticeVector generates embedded lattices of 2^10 to 2^18 points, good in
// every number of dimensions up to its length; printed by lattice_gen.go.
var latticeVector = [...]uint64{1, 194111, 48285, 197993, 134045, 122301, 170821, 70329, 130297, 45643,
	257431, 32095, 224923, 90923, 37605, 37979, 79349, 199515, 178693, 164975, 56119, 140333, 258959, 118957}

// latticePoint fills u with point i of the lattice of the given number of
// points under shift sh, folded by the tent map.
func latticePoint(u []float64, i, points uint64, sh int) {
	for d := range u {
		x := float64(i*latticeVector[d]%points)/float64(points) + latticeShift[sh][d]
		x -= math.Floor(x)
		u[d] = math.Min(1-0x1p-53, math.Max(1-math.Abs(2*x-1), 0x1p-60))
	}
}

// latticeShift holds shifts without integer relations between coordinates or
// shifts, so that their spread shows the lattice's error: fixed random numbers
// (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
var latticeShift = func() (out [mvtShifts][len(latticeVector)]float64) {
	state := uint64(20091)
	for sh := range out {
		for d := range out[sh] {
			state += 0x9e3779b97f4a7c15
			z := state
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			out[sh][d] = float64((z^z>>31)>>11) * 0x1p-53
		}
	}
	return out
}()

// refine evaluates the term on the next larger lattice, whose even points are
// those of the last. The shifts run on all cores; each fills a place of its own.
func (e *exit) refine(ctx context.Context) {
	first, stride := uint64(0), uint64(1)
	if e.points == 0 {
		e.points = latticeLeast
	} else {
		e.points *= 2
		first, stride = 1, 2
	}
	dim := e.dim()
	var wg sync.WaitGroup
	for sh := range mvtShifts {
		wg.Go(func() {
			w := e.newWork(ctx)
			u := make([]float64, dim)
			sum := 0.0
			for i := first; i < e.points; i += stride {
				if i&1023 < stride && ctx.Err() != nil {
					return
				}
				latticePoint(u, i, e.points, sh)
				sum += w.point(u)
			}
			e.sums[sh] += sum
		})
	}
	wg.Wait()
	var est [mvtShifts]float64
	for sh := range est {
		est[sh] = e.sums[sh] / float64(e.points)
	}
	e.latticeSum = e.weight * Sum(est[:]) / mvtShifts
	_, v := MeanVar(est[:])
	safety := float64(latticeSafety)
	if !e.smooth() {
		safety = latticeKinked
	}
	e.latticeError = safety * e.weight * math.Sqrt(v/mvtShifts)
}
