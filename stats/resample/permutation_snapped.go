package resample

import (
	"context"
	"math"
	"slices"
)

const (
	// snapShare is the share of values that have to lie on a grid for the others to be
	// rounded to a fine part of its steps.
	snapShare = 0.8
	// snapFine: all that rounding moves together is at most a snapFine-th of the sum's
	// standard deviation, which changes a p of 0.05 by no more than 3e-4.
	snapFine = 400
)

// snapBlocks rounds the few values that lie off the grid of all others, so that
// their sums lie on a fine one and those that tie do so still; nil where they are no few or
// a grid that fine has too many steps.
func snapBlocks(blocks []permScores) []permScores {
	var all []float64
	var vary float64
	for _, b := range blocks {
		all = append(all, b.v...)
		if n, k := float64(b.n()), float64(b.nt); n > 1 {
			sd := plainSD(b.v)
			vary += sd * sd * k * (n - k) / (n - 1)
		}
	}
	low := slices.Min(all)
	on := make([]float64, 0, len(all))
	for scale := 1.0; scale <= 1e6; scale *= 10 {
		on = on[:0]
		w := make([]float64, 1)
		for _, x := range all {
			if roundAll(w, []float64{x}, scale, slices.Max(all)-low) {
				on = append(on, x)
			}
		}
		if float64(len(on)) < snapShare*float64(len(all)) {
			continue
		}
		off := float64(len(all) - len(on))
		fine := scale
		for off/(2*fine) > math.Sqrt(vary)/snapFine {
			fine *= 10
		}
		var out []permScores
		for _, b := range blocks {
			v := slices.Clone(b.v)
			for i, x := range v {
				v[i] = math.Round(x*fine) / fine
			}
			out = append(out, permScores{v: v, nt: b.nt, index: b.index})
		}
		return out
	}
	return nil
}

// snapped fills p from values of which a few are rounded, and reports whether that was
// possible.
func (p *Perm) snapped(ctx context.Context, blocks []permScores, opt PermOptions) (bool, error) {
	snap := snapBlocks(blocks)
	if snap == nil {
		return false, nil
	}
	own := *p
	if err := own.meansOf(ctx, snap, opt, true); err != nil {
		return false, ctx.Err() // what cannot be done is no fault of the data
	}
	p.test, p.Method = own.test, PermApprox
	for _, n := range own.Notes {
		if n.Code == NotePermInverted || n.Code == NotePermApprox {
			p.Notes = append(p.Notes, n)
			return true, nil
		}
	}
	p.Notes = append(p.Notes, mergedNote())
	return true, nil
}
