package mmrm

import "math"

// classify finds, for between-within degrees of freedom, which columns vary
// within a participant, on the rows observed.
func (f *Fit) classify() {
	pb := f.pb
	f.withn = make([]bool, pb.p)
	for c, col := range pb.keep {
		constant := true
		for i := 0; i < pb.ft.n; i++ {
			first := math.NaN()
			for j := 0; j < pb.m; j++ {
				row := pb.at[i*pb.m+j]
				if row < 0 {
					continue
				}
				x := f.rows.X[row][col]
				if first == first && x != first {
					f.withn[c] = true
				}
				first = x
				constant = constant && x == f.rows.X[0][col]
			}
		}
		if !f.withn[c] {
			f.nbtw++
		}
		// The intercept costs a between-participant degree of freedom but, as
		// in SAS, is itself tested with those within.
		if constant {
			f.withn[c] = true
		}
	}
}

// betweenWithin is the smallest df of the columns a contrast involves:
// participants less between columns, or observations less participants less
// within columns.
func (f *Fit) betweenWithin(l []float64) float64 {
	within := f.pb.p - f.nbtw
	df := math.Inf(1)
	for c, x := range l {
		switch {
		case x == 0:
		case f.withn[c]:
			df = math.Min(df, float64(f.pb.rows-f.pb.subjects-within))
		default:
			df = math.Min(df, float64(f.pb.subjects-f.nbtw))
		}
	}
	return df
}
