package impute

import "math"

// Small dense kernels, matrices as row-major slices: blocks of a few visits.

// cholesky overwrites the lower triangle of a symmetric n × n matrix with its factor
// and reports whether it is positive definite.
func cholesky(a []float64, n int) bool {
	for i := range n {
		for j := 0; j <= i; j++ {
			s := a[i*n+j] - dot(a[i*n:i*n+j], a[j*n:j*n+j])
			if i > j {
				a[i*n+j] = s / a[j*n+j]
				continue
			}
			if !(s > 1e-14*a[i*n+i]) || math.IsInf(s, 0) {
				return false
			}
			a[i*n+i] = math.Sqrt(s)
		}
	}
	return true
}

// semiCholesky is cholesky of a positive semidefinite matrix: a column without
// variance of its own becomes 0. Above the diagonal stand zeros.
func semiCholesky(dst, a []float64, n int) {
	clear(dst[:n*n])
	for i := range n {
		for j := 0; j <= i; j++ {
			s := a[i*n+j] - dot(dst[i*n:i*n+j], dst[j*n:j*n+j])
			switch {
			case i == j && s > 1e-13*a[i*n+i]:
				dst[i*n+i] = math.Sqrt(s)
			case i > j && dst[j*n+j] > 0:
				dst[i*n+j] = s / dst[j*n+j]
			}
		}
	}
}

// cholSolve overwrites b with A⁻¹b, given the factor of A.
func cholSolve(l, b []float64, n int) {
	for i := range n {
		b[i] = (b[i] - dot(l[i*n:i*n+i], b[:i])) / l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		s := b[i]
		for k := i + 1; k < n; k++ {
			s -= l[k*n+i] * b[k]
		}
		b[i] = s / l[i*n+i]
	}
}

// dot is the inner product.
func dot(a, b []float64) float64 {
	s := 0.0
	b = b[:len(a)]
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

// axpy adds c·x to y.
func axpy(y []float64, c float64, x []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += c * x[i]
	}
}

func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v / float64(len(x))
	}
	return s
}
