package mmrm

import (
	"context"
	"math"
)

// features is the design in compact form. The rows of the design matrix are
// linear in a few numbers a participant has, the features z (intercept, arm,
// baseline, …): the row of participant i at visit j is x_ij = B_j·z_i. With
// visit interactions B_j only says which columns visit j uses, so that
// cross-products of features replace those of whole design rows.
type features struct {
	n, m, p, r int
	z          []float64 // n × r, columns orthogonal with mean square 1
	b          []float64 // p × (m·r); B_j is columns j·r … (j+1)·r
}

// findFeatures factors an arbitrary design. value(i, j, c) is column c of the
// row of participant i at visit j. A pair (visit, column) shares a feature
// with an earlier pair if its values are proportional wherever both are
// observed; what is not yet known of the feature is then filled in. The
// factorization is exact for every design: at worst, with values that change
// from row to row, each pair is a feature of its own.
func findFeatures(ctx context.Context, n, m, p int, at []int32, value func(row int32, c int) float64) *features {
	type use struct {
		f    int
		coef float64
	}
	uses := make([]use, m*p)
	var feats [][]float64
	col := make([]float64, n)
	for c := 0; c < p; c++ {
		for j := 0; j < m && ctx.Err() == nil; j++ {
			zero := true
			for i := 0; i < n; i++ {
				col[i] = math.NaN()
				if row := at[i*m+j]; row >= 0 {
					col[i] = value(row, c)
					zero = zero && col[i] == 0
				}
			}
			if zero {
				uses[j*p+c] = use{-1, 0}
				continue
			}
			found := false
			for f, z := range feats {
				if k, ok := proportional(col, z); ok {
					for i, v := range col {
						if v == v && z[i] != z[i] {
							z[i] = v / k
						}
					}
					uses[j*p+c] = use{f, k}
					found = true
					break
				}
			}
			if !found {
				feats = append(feats, append([]float64(nil), col...))
				uses[j*p+c] = use{len(feats) - 1, 1}
			}
		}
	}
	// Where a participant never needs a feature its value is free: 0.
	for _, z := range feats {
		for i, v := range z {
			if v != v {
				z[i] = 0
			}
		}
	}
	t, r := orthogonalize(feats, n)
	ft := &features{n: n, m: m, p: p, r: r}
	ft.z = make([]float64, n*r)
	for k := 0; k < r; k++ {
		for i := 0; i < n; i++ {
			ft.z[i*r+k] = feats[k][i]
		}
	}
	ft.b = make([]float64, p*m*r)
	for c := 0; c < p; c++ {
		for j := 0; j < m; j++ {
			u := uses[j*p+c]
			if u.f < 0 {
				continue
			}
			for k := 0; k < r; k++ {
				ft.b[c*m*r+j*r+k] = u.coef * t[u.f][k]
			}
		}
	}
	return ft
}

// proportional reports whether x = k·z wherever both are known (not NaN).
func proportional(x, z []float64) (k float64, ok bool) {
	k = math.NaN()
	for i, v := range x {
		w := z[i]
		if v != v || w != w {
			continue
		}
		if (v == 0) != (w == 0) {
			return 0, false
		}
		if v == 0 {
			continue
		}
		if k != k {
			k = v / w
			continue
		}
		if math.Abs(v-k*w) > 4e-16*math.Abs(v) {
			return 0, false
		}
	}
	if k != k {
		k = 1
	}
	return k, true
}

// orthogonalize replaces the features by an orthogonal basis of their span
// (modified Gram–Schmidt, twice), scaled to mean square 1, in place; feature f
// is then Σ_k t[f][k]·basis_k. Features that depend linearly on earlier ones
// need no basis vector of their own.
func orthogonalize(feats [][]float64, n int) (t [][]float64, r int) {
	t = make([][]float64, len(feats))
	for f, z := range feats {
		t[f] = make([]float64, len(feats))
		norm0 := math.Sqrt(dot(z, z))
		for pass := 0; pass < 2; pass++ {
			for k := 0; k < r; k++ {
				c := dot(z, feats[k]) / float64(n)
				axpy(z, -c, feats[k])
				t[f][k] += c
			}
		}
		norm := math.Sqrt(dot(z, z))
		if norm <= 1e-11*norm0 {
			continue
		}
		s := norm / math.Sqrt(float64(n))
		for i := range z {
			z[i] /= s
		}
		t[f][r] = s
		feats[r] = z
		r++
	}
	return t, r
}
