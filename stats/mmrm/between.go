package mmrm

import "math"

// betweenParts is what between-within degrees of freedom need: the number of
// coefficients between participants, and whether a contrast involves one.
type betweenParts struct {
	n        int
	involves func(l []float64) bool
}

// classify finds the columns that vary within a participant, on the rows
// observed.
func (f *Fit) classify() betweenParts {
	pb := f.pb
	between := make([]bool, pb.p)
	n := 0
	for c, col := range pb.keep {
		within, constant := false, true
		for i := 0; i < pb.ft.n; i++ {
			first := math.NaN()
			for j := 0; j < pb.m; j++ {
				row := pb.at[i*pb.m+j]
				if row < 0 {
					continue
				}
				x := f.rows.X[row][col]
				within = within || first == first && x != first
				first = x
				constant = constant && x == f.rows.X[0][col]
			}
		}
		if !within {
			n++
		}
		// The intercept costs a between-participant degree of freedom but, as
		// in SAS, is itself tested with those within.
		between[c] = !within && !constant
	}
	return betweenParts{n, func(l []float64) bool {
		for c, x := range l {
			if x != 0 && between[c] {
				return true
			}
		}
		return false
	}}
}

// classify does the same for a trial, whose columns stand for arm and
// arm × visit together: a contrast involves the arms' main effect where its
// coefficients do not cancel over the visits, and so for covariates by visit.
func (f *TrialFit) classify(terms []term) betweenParts {
	t, m := f.trial, len(f.Visits)
	var blocks [][]int
	n := 1
	k := m
	block := func(size int) {
		b := make([]int, size)
		for i := range b {
			b[i] = k
			k++
		}
		blocks = append(blocks, b)
		n++
	}
	for range len(t.Arms) - 1 {
		if f.clda { // an effect after baseline only varies within participants
			k += m - f.post
			continue
		}
		block(m)
	}
	for _, tm := range terms {
		for range tm.names {
			size := 1
			if tm.byVisit {
				size = m
			}
			if tm.perValue {
				k += size
				continue
			}
			block(size)
		}
	}
	for _, tm := range terms {
		for i := 0; tm.byArm && i < len(tm.names)*(len(t.Arms)-1); i++ {
			if f.clda || tm.perValue {
				k += m - f.post
				continue
			}
			block(m - f.post)
		}
	}
	position := make(map[int]int, f.pb.p)
	for i, c := range f.pb.keep {
		position[c] = i
	}
	return betweenParts{n - len(f.Aliased), func(l []float64) bool {
		for _, b := range blocks {
			sum, most := 0.0, 0.0
			for _, c := range b {
				if i, ok := position[c]; ok {
					sum += l[i]
					most = math.Max(most, math.Abs(l[i]))
				}
			}
			if math.Abs(sum) > 1e-12*most {
				return true
			}
		}
		return false
	}}
}

// betweenWithin is the df of a contrast: participants less between
// coefficients where it involves one of them, else observations less
// participants less the other coefficients.
func (f *Fit) betweenWithin(l []float64) float64 {
	b := f.between
	if b.involves(l) {
		return float64(f.pb.subjects - b.n)
	}
	return float64(f.pb.rows - f.pb.subjects - (f.pb.p - b.n))
}
