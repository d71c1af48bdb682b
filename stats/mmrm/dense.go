package mmrm

import "math"

// Small dense kernels. Matrices are row-major slices. The blocks of a pattern
// are a few visits wide, where plain loops are several times faster than a
// call into a linear algebra library.

// cholesky overwrites the lower triangle of the symmetric n × n matrix a with
// its Cholesky factor and reports whether a is numerically positive definite:
// a pivot must keep more than 1e-14 of its diagonal element.
func cholesky(a []float64, n int) bool {
	for i := 0; i < n; i++ {
		ai := a[i*n : i*n+n]
		for j := 0; j < i; j++ {
			aj := a[j*n : j*n+n]
			s := ai[j]
			for k := 0; k < j; k++ {
				s -= ai[k] * aj[k]
			}
			ai[j] = s / aj[j]
		}
		d := ai[i]
		s := d
		for k := 0; k < i; k++ {
			s -= ai[k] * ai[k]
		}
		if !(s > 1e-14*d) || math.IsInf(s, 0) {
			return false
		}
		ai[i] = math.Sqrt(s)
	}
	return true
}

// cholLogDet is log|A| from the factor of A.
func cholLogDet(l []float64, n int) float64 {
	s := 0.0
	for i := 0; i < n; i++ {
		s += math.Log(l[i*n+i])
	}
	return 2 * s
}

// cholInverse writes A⁻¹, symmetric and full, to inv. Only the lower triangle
// of the factor l is read; work holds n·n numbers.
func cholInverse(l, inv, work []float64, n int) {
	// work = L⁻¹, lower.
	for j := 0; j < n; j++ {
		for i := 0; i < j; i++ {
			work[i*n+j] = 0
		}
		work[j*n+j] = 1 / l[j*n+j]
		for i := j + 1; i < n; i++ {
			s := 0.0
			for k := j; k < i; k++ {
				s -= l[i*n+k] * work[k*n+j]
			}
			work[i*n+j] = s / l[i*n+i]
		}
	}
	for i := 0; i < n; i++ {
		for j := 0; j <= i; j++ {
			s := 0.0
			for k := i; k < n; k++ {
				s += work[k*n+i] * work[k*n+j]
			}
			inv[i*n+j], inv[j*n+i] = s, s
		}
	}
}

// cholSolve overwrites b with A⁻¹b.
func cholSolve(l, b []float64, n int) {
	forwardSolve(l, b, n)
	for i := n - 1; i >= 0; i-- {
		s := b[i]
		for k := i + 1; k < n; k++ {
			s -= l[k*n+i] * b[k]
		}
		b[i] = s / l[i*n+i]
	}
}

// forwardSolve overwrites b with L⁻¹b.
func forwardSolve(l, b []float64, n int) {
	for i := 0; i < n; i++ {
		s := b[i]
		for k := 0; k < i; k++ {
			s -= l[i*n+k] * b[k]
		}
		b[i] = s / l[i*n+i]
	}
}

// mul writes the (r × k)(k × c) product to dst.
func mul(dst, a, b []float64, r, k, c int) {
	for i := 0; i < r; i++ {
		di := dst[i*c : i*c+c]
		clear(di)
		for t, v := range a[i*k : i*k+k] {
			if v == 0 {
				continue
			}
			for j, w := range b[t*c : t*c+c] {
				di[j] += v * w
			}
		}
	}
}

// mulT writes the (r × k)(c × k)ᵀ product to dst.
func mulT(dst, a, b []float64, r, k, c int) {
	for i := 0; i < r; i++ {
		ai := a[i*k : i*k+k]
		for j := 0; j < c; j++ {
			dst[i*c+j] = dot(ai, b[j*k:j*k+k])
		}
	}
}

// dot is the inner product, with four running sums.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}

// axpy adds c·x to y.
func axpy(y []float64, c float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += c * x[i]
	}
}

// quad is xᵀAy for a square matrix.
func quad(x, a, y []float64) float64 {
	n := len(x)
	s := 0.0
	for i, v := range x {
		if v != 0 {
			s += v * dot(a[i*n:i*n+n], y)
		}
	}
	return s
}

// symEigen returns the eigenvalues of a symmetric matrix, ascending, and its
// eigenvectors as the columns of vec. Cyclic Jacobi rotations: small matrices,
// full relative accuracy of the eigenvectors' orthogonality.
func symEigen(a []float64, n int) (val, vec []float64) {
	m := append([]float64(nil), a...)
	vec = make([]float64, n*n)
	for i := 0; i < n; i++ {
		vec[i*n+i] = 1
	}
	for sweep := 0; sweep < 60; sweep++ {
		off, all := 0.0, 0.0
		for i := 0; i < n; i++ {
			for j := 0; j < n; j++ {
				all += m[i*n+j] * m[i*n+j]
				if i != j {
					off += m[i*n+j] * m[i*n+j]
				}
			}
		}
		if off <= 1e-32*all {
			break
		}
		for p := 0; p < n; p++ {
			for q := p + 1; q < n; q++ {
				if m[p*n+q] == 0 {
					continue
				}
				th := (m[q*n+q] - m[p*n+p]) / (2 * m[p*n+q])
				t := 1 / (math.Abs(th) + math.Sqrt(th*th+1))
				if th < 0 {
					t = -t
				}
				c := 1 / math.Sqrt(t*t+1)
				s := t * c
				for k := 0; k < n; k++ {
					x, y := m[k*n+p], m[k*n+q]
					m[k*n+p], m[k*n+q] = c*x-s*y, s*x+c*y
				}
				for k := 0; k < n; k++ {
					x, y := m[p*n+k], m[q*n+k]
					m[p*n+k], m[q*n+k] = c*x-s*y, s*x+c*y
					x, y = vec[k*n+p], vec[k*n+q]
					vec[k*n+p], vec[k*n+q] = c*x-s*y, s*x+c*y
				}
			}
		}
	}
	val = make([]float64, n)
	for i := range val {
		val[i] = m[i*n+i]
	}
	// Selection sort keeps vectors with their values.
	for i := 0; i < n; i++ {
		k := i
		for j := i + 1; j < n; j++ {
			if val[j] < val[k] {
				k = j
			}
		}
		val[i], val[k] = val[k], val[i]
		for r := 0; r < n && k != i; r++ {
			vec[r*n+i], vec[r*n+k] = vec[r*n+k], vec[r*n+i]
		}
	}
	return val, vec
}
