package mmrm

import (
	"context"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
)

// problem is everything the likelihood needs of the data.
type problem struct {
	ctx            context.Context
	model          Model
	m, r, p, d     int // visits, features, coefficients, elements of one Σ
	groups         int
	rows, subjects int
	ft             *features
	b              []float64 // p × (m·r): the features' map, columns orthonormalized
	rr             []float64 // p × p upper triangular: X = X̃·R
	beta0          []float64 // least-squares coefficients in X̃
	y              []float64 // row → √weight·y less the least-squares fit
	at             []int32   // participant × visit → row
	patOf          []int32   // participant → pattern, −1 without rows
	pats           []pattern
	keep           []int             // columns of X kept
	aliased        []string          // columns dropped
	aliasOf        map[int][]float64 // dropped column → its coefficients in the columns kept before it
	logW, logR     float64           // Σ log weight, log|R|
	lev            []float64         // visit → sum of its rows' leverages
	visits         []string
	groupNames     []string
}

// pattern holds the sums of cross-products of all participants of one group
// with the same visits observed.
type pattern struct {
	group int
	visit []int // the k visits observed
	elem  []int // k × k: index among all groups' elements of Σ
	n     int
	zz    []float64 // r × r   Σ z zᵀ
	zy    []float64 // k × r   Σ z y_j
	yy    []float64 // k × k   Σ y_j y_l
}

// newProblem factors the design, removes aliased columns, centers y at its
// least-squares fit and gathers the cross-products: after it nothing depends
// on the number of participants.
//
// Once ctx is done the loops end early, and what they leave is not looked at.
func newProblem(ctx context.Context, model Model, rows *Rows) (*problem, error) {
	n, at, err := rows.check(model)
	if err != nil {
		return nil, err
	}
	pb := &problem{ctx: ctx, model: model, m: len(rows.Visits), groups: 1, rows: len(rows.Y), at: at}
	pb.d = pb.m * (pb.m + 1) / 2
	pb.visits, pb.groupNames = rows.Visits, []string{"all"}
	if model.ByArm {
		pb.groups, pb.groupNames = len(rows.Groups), rows.Groups
	}
	var sw []float64
	if rows.Weight != nil {
		sw = make([]float64, len(rows.Weight))
		for i, w := range rows.Weight {
			sw[i] = math.Sqrt(w)
			pb.logW += math.Log(w)
		}
	}
	value := func(row int32, c int) float64 { return rows.X[row][c] }
	if sw != nil {
		value = func(row int32, c int) float64 { return sw[row] * rows.X[row][c] }
	}
	pb.ft = findFeatures(ctx, n, pb.m, len(rows.Columns), at, value)
	pb.r = pb.ft.r
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := pb.orthonormalize(rows); err != nil {
		return nil, err
	}
	pb.y = append([]float64(nil), rows.Y...)
	for i := range sw {
		pb.y[i] *= sw[i]
	}
	if pb.rows <= pb.p {
		return nil, bad("Fit", "Y", -1, stats.ErrTooFew, "%d observations for %d coefficients", pb.rows, pb.p)
	}
	total := dot(pb.y, pb.y)
	pb.center()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !(dot(pb.y, pb.y) > 1e-24*total) {
		return nil, bad("Fit", "Y", -1, stats.ErrNoVariation, "the means fit every value exactly")
	}
	pb.gather(rows.Group)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return pb, nil
}

// visitRoots returns, for each visit, an upper triangular R with RᵀR = Σ z zᵀ
// over the participants observed there, by Gram–Schmidt on their features: a
// root of the sum itself would know dependent features to half the digits only.
func (pb *problem) visitRoots() [][]float64 {
	r, m := pb.r, pb.m
	out := make([][]float64, m)
	for j := range out {
		root := make([]float64, r*r)
		q := make([][]float64, 0, r)
		for a := 0; a < r; a++ {
			v := make([]float64, 0, pb.ft.n)
			for i := 0; i < pb.ft.n; i++ {
				if pb.at[i*m+j] >= 0 {
					v = append(v, pb.ft.z[i*r+a])
				}
			}
			norm0 := math.Sqrt(dot(v, v))
			for pass := 0; pass < 2; pass++ {
				for k, x := range q {
					t := dot(v, x)
					axpy(v, -t, x)
					root[k*r+a] += t
				}
			}
			norm := math.Sqrt(dot(v, v))
			if norm <= 0.1*aliasShare*norm0 {
				continue
			}
			root[len(q)*r+a] = norm
			for i := range v {
				v[i] /= norm
			}
			q = append(q, v)
		}
		out[j] = root
	}
	return out
}

// mirror copies the lower triangle to the upper.
func mirror(a []float64, n int) {
	for i := 0; i < n; i++ {
		for j := 0; j < i; j++ {
			a[j*n+i] = a[i*n+j]
		}
	}
}

// aliasShare is what rounding leaves of a column that depends on others, with
// room to spare; a column of seconds since 1970 over a year keeps 1e-2.
const aliasShare = 1e-12

// orthonormalize finds X = X̃R with X̃ᵀX̃ = I by Gram–Schmidt on a small matrix
// with the same cross-products as X: the blocks √(Σ z zᵀ)·B_jᵀ of the visits.
// A column whose part orthogonal to the earlier ones is below aliasShare of its
// length is aliased.
func (pb *problem) orthonormalize(rows *Rows) error {
	m, r := pb.m, pb.r
	mr := m * r
	roots := pb.visitRoots()
	var q [][]float64
	var rcol [][]float64
	pb.aliasOf = map[int][]float64{}
	for c := 0; c < pb.ft.p; c++ {
		g := make([]float64, mr)
		for j := 0; j < m; j++ {
			root := roots[j]
			for s := 0; s < r; s++ {
				g[j*r+s] = dot(root[s*r:s*r+r], pb.ft.b[c*mr+j*r:c*mr+j*r+r])
			}
		}
		norm0 := math.Sqrt(dot(g, g))
		coef := make([]float64, len(q)+1)
		for pass := 0; pass < 2; pass++ {
			for k, v := range q {
				t := dot(g, v)
				axpy(g, -t, v)
				coef[k] += t
			}
		}
		norm := math.Sqrt(dot(g, g))
		if norm <= aliasShare*norm0 || norm0 == 0 {
			pb.aliased = append(pb.aliased, rows.Columns[c])
			pb.aliasOf[c] = backSolve(rcol, coef[:len(q)])
			continue
		}
		for i := range g {
			g[i] /= norm
		}
		coef[len(q)] = norm
		q, rcol = append(q, g), append(rcol, coef)
		pb.keep = append(pb.keep, c)
		pb.logR += math.Log(norm)
	}
	if len(pb.aliased) > 0 && !pb.model.DropAliased {
		return bad("Fit", "X", -1, stats.ErrSingular, "linear combinations of earlier columns, or all zero: %q", pb.aliased)
	}
	p := len(q)
	if p == 0 {
		return bad("Fit", "X", -1, stats.ErrSingular, "no column is left")
	}
	pb.p = p
	pb.rr = make([]float64, p*p)
	pb.b = make([]float64, p*mr)
	for c, coef := range rcol {
		dst := pb.b[c*mr : c*mr+mr]
		copy(dst, pb.ft.b[pb.keep[c]*mr:])
		for k := 0; k < c; k++ {
			pb.rr[k*p+c] = coef[k]
			axpy(dst, -coef[k], pb.b[k*mr:k*mr+mr])
		}
		pb.rr[c*p+c] = coef[c]
		for i := range dst {
			dst[i] /= coef[c]
		}
	}
	pb.lev = make([]float64, m)
	row := make([]float64, r)
	for j := range pb.lev {
		for c := 0; c < p; c++ {
			bj := pb.b[c*mr+j*r : c*mr+j*r+r]
			mul(row, roots[j], bj, r, r, 1)
			pb.lev[j] += dot(row, row)
		}
	}
	return nil
}

// backSolve solves Rx = b for the upper triangular R with the given columns.
func backSolve(cols [][]float64, b []float64) []float64 {
	x := append([]float64(nil), b...)
	for j := len(x) - 1; j >= 0; j-- {
		x[j] /= cols[j][j]
		for i := 0; i < j; i++ {
			x[i] -= cols[j][i] * x[j]
		}
	}
	return x
}

// fitted writes the feature coefficients c_j = B_jᵀβ̃ of every visit.
func (pb *problem) fitted(beta, c []float64) { mul(c, beta, pb.b, 1, pb.p, pb.m*pb.r) }

// center replaces y by its least-squares residuals, three times over: the
// passes after the first remove what rounding left, so that a large constant
// in y costs no digits.
func (pb *problem) center() {
	m, r := pb.m, pb.r
	pb.beta0 = make([]float64, pb.p)
	zy, step, c := make([]float64, m*r), make([]float64, pb.p), make([]float64, m*r)
	for pass := 0; pass < 3 && pb.ctx.Err() == nil; pass++ {
		clear(zy)
		for i := 0; i < pb.ft.n; i++ {
			for j := 0; j < m; j++ {
				if row := pb.at[i*m+j]; row >= 0 {
					axpy(zy[j*r:j*r+r], pb.y[row], pb.ft.z[i*r:i*r+r])
				}
			}
		}
		mulT(step, pb.b, zy, pb.p, m*r, 1)
		axpy(pb.beta0, 1, step)
		pb.fitted(step, c)
		for i := 0; i < pb.ft.n; i++ {
			for j := 0; j < m; j++ {
				if row := pb.at[i*m+j]; row >= 0 {
					pb.y[row] -= dot(c[j*r:j*r+r], pb.ft.z[i*r:i*r+r])
				}
			}
		}
	}
}

// gather forms the patterns, ordered by group and visits, and their sums.
func (pb *problem) gather(group []int) {
	m, r, n := pb.m, pb.r, pb.ft.n
	pb.patOf = make([]int32, n)
	index := map[string]int32{}
	var keys []string
	key := make([]byte, m+4)
	for i := 0; i < n; i++ {
		g, any := 0, false
		if pb.groups > 1 || pb.model.ByArm {
			g = group[i]
		}
		key[0], key[1], key[2], key[3] = byte(g>>24), byte(g>>16), byte(g>>8), byte(g)
		for j := 0; j < m; j++ {
			key[4+j] = '1' // observed sorts first
			if pb.at[i*m+j] >= 0 {
				key[4+j] = '0'
				any = true
			}
		}
		if !any {
			pb.patOf[i] = -1
			continue
		}
		k, ok := index[string(key)]
		if !ok {
			k = int32(len(keys))
			keys = append(keys, string(key))
			index[string(key)] = k
		}
		pb.patOf[i] = k
		pb.subjects++
	}
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool { return keys[order[a]] < keys[order[b]] })
	rank := make([]int32, len(keys))
	pb.pats = make([]pattern, len(keys))
	for new, old := range order {
		rank[old] = int32(new)
		k := keys[old]
		pt := &pb.pats[new]
		pt.group = int(k[0])<<24 | int(k[1])<<16 | int(k[2])<<8 | int(k[3])
		for j := 0; j < m; j++ {
			if k[4+j] == '0' {
				pt.visit = append(pt.visit, j)
			}
		}
		q := len(pt.visit)
		pt.elem = make([]int, q*q)
		for s, a := range pt.visit {
			for t, b := range pt.visit {
				pt.elem[s*q+t] = pt.group*pb.d + elem(a, b)
			}
		}
		pt.zz, pt.zy, pt.yy = make([]float64, r*r), make([]float64, q*r), make([]float64, q*q)
	}
	for i := 0; i < n; i++ {
		if i%4096 == 0 && pb.ctx.Err() != nil {
			return
		}
		if pb.patOf[i] < 0 {
			continue
		}
		pb.patOf[i] = rank[pb.patOf[i]]
		pt := &pb.pats[pb.patOf[i]]
		pt.n++
		z := pb.ft.z[i*r : i*r+r]
		for s, v := range z {
			axpy(pt.zz[s*r:s*r+s+1], v, z[:s+1])
		}
		q := len(pt.visit)
		for s, a := range pt.visit {
			ya := pb.y[pb.at[i*m+a]]
			axpy(pt.zy[s*r:s*r+r], ya, z)
			for t := 0; t <= s; t++ {
				pt.yy[s*q+t] += ya * pb.y[pb.at[i*m+pt.visit[t]]]
			}
		}
	}
	for i := range pb.pats {
		mirror(pb.pats[i].zz, r)
		mirror(pb.pats[i].yy, len(pb.pats[i].visit))
	}
}
