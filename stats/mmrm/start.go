package mmrm

import (
	"math"

	"github.com/trialkit/trialkit/stats"
)

// start forms the covariance of least-squares residuals over the pairs of
// visits observed, which for complete data and a design that is the same at
// every visit is the REML estimate itself. No correlation of a structure starts above most:
// a few pairs can agree by chance.
func (o *optimum) start(us bool, most float64) ([]float64, error) {
	pb := o.pb
	o.theta = nil
	m, d := pb.m, pb.d
	sum, cnt := make([]float64, pb.groups*d), make([]float64, pb.groups*d)
	for i := range pb.pats {
		pt := &pb.pats[i]
		k := len(pt.visit)
		for a := 0; a < k; a++ {
			for b := 0; b <= a; b++ {
				sum[pt.elem[a*k+b]] += pt.yy[a*k+b]
				cnt[pt.elem[a*k+b]] += float64(pt.n)
			}
		}
	}
	total := make([]float64, m) // observations per visit
	pooled := 0.0
	for g := 0; g < pb.groups; g++ {
		for j := 0; j < m; j++ {
			total[j] += cnt[g*d+elem(j, j)]
			pooled += sum[g*d+elem(j, j)]
		}
	}
	pooled /= float64(pb.rows - pb.p)
	shrink := make([]float64, m)
	for j := range shrink {
		shrink[j] = 1
		if pb.model.Method == REML && total[j] > 0 {
			shrink[j] = math.Max(1-pb.lev[j]/total[j], 1/total[j])
		}
	}
	left, free := make([]float64, pb.groups*m), make([]float64, m)
	for j := range free {
		free[j] = total[j] - pb.lev[j]
		for g := 0; g < pb.groups; g++ {
			left[g*m+j] = sum[g*d+elem(j, j)]
		}
	}
	for g := 0; g < pb.groups; g++ {
		any := false
		for _, n := range cnt[g*d : g*d+d] {
			any = any || n > 0
		}
		if !any {
			return nil, bad("Fit", "Group", -1, stats.ErrTooFew, "%q has no observations", o.pb.groupNames[g])
		}
	}
	if err := o.supported(cnt, left, free, pooled*float64(pb.rows-pb.p)); err != nil {
		return nil, err
	}
	for g := 0; g < pb.groups; g++ {
		for a := 0; a < m; a++ {
			for b := 0; b <= a; b++ {
				e := g*d + elem(a, b)
				if cnt[e] > 0 {
					sum[e] /= cnt[e] * math.Sqrt(shrink[a]*shrink[b])
				}
				if a == b && !(sum[e] > 1e-6*pooled) {
					sum[e] = 1e-6 * pooled
					if cnt[e] == 0 {
						sum[e] = pooled
					}
				}
			}
		}
		if !complete(cnt[g*d : g*d+d]) {
			o.align(sum[g*d:g*d+d], g, most)
		}
		o.damp(sum[g*d:g*d+d], complete(cnt[g*d:g*d+d]), most)
	}
	if us {
		o.theta = nil
		return sum, nil
	}
	out := make([]float64, len(sum))
	for g := 0; g < pb.groups; g++ {
		th := o.st.start(sum[g*d:g*d+d], most)
		share := 0.02 * min(1, 10*(1-meanCorrelation(sum[g*d:g*d+d], m, most)))
		for try := 0; ; try++ {
			o.st.eval(fitScale, th, out[g*d:g*d+d], nil, nil, nil)
			if try < 30 && wellPositive(out[g*d:g*d+d], m, share) || try >= 30 && positive(out[g*d:g*d+d], m) {
				break
			}
			if try == 40 {
				return nil, &ConvergenceError{Reason: "no positive definite starting value", Advice: "another covariance structure"}
			}
			o.st.shrink(th)
		}
		o.theta = append(o.theta, th)
	}
	return out, nil
}

// complete reports whether all pairs of visits have the same number of values.
func complete(cnt []float64) bool {
	for _, n := range cnt {
		if n != cnt[0] {
			return false
		}
	}
	return true
}

// meanCorrelation is the mean of the correlations, from 0 to most.
func meanCorrelation(sigma []float64, m int, most float64) float64 {
	sum := 0.0
	for a := 0; a < m; a++ {
		for b := 0; b < a; b++ {
			sum += sigma[elem(a, b)] / math.Sqrt(sigma[elem(a, a)]*sigma[elem(b, b)])
		}
	}
	return min(max(sum/float64(max(m*(m-1)/2, 1)), 0), most)
}

// align replaces covariances by correlations among the participants that have
// both visits, times the standard deviations, where visits are much alike: a
// covariance over some participants and variances over others can leave a
// correlation above 1 where 1 minus the correlation is what matters.
func (o *optimum) align(sigma []float64, g int, most float64) {
	m := o.pb.m
	own, both := make([]float64, m*m), make([]float64, m*m) // of the first visit, where the second has a value too
	for i := range o.pb.pats {
		pt := &o.pb.pats[i]
		k := len(pt.visit)
		for a, va := range pt.visit {
			for b, vb := range pt.visit {
				if pt.group == g {
					own[va*m+vb] += pt.yy[a*k+a]
					both[va*m+vb] += pt.yy[a*k+b]
				}
			}
		}
	}
	sum, n := 0.0, 0.0
	for a := 0; a < m; a++ {
		for b := 0; b < a; b++ {
			if x := own[a*m+b] * own[b*m+a]; x > 0 {
				both[a*m+b] /= math.Sqrt(x)
				sum, n = sum+both[a*m+b], n+1
			}
		}
	}
	if !(sum > 0.9*n) {
		return
	}
	for a := 0; a < m; a++ {
		for b := 0; b < a; b++ {
			r := min(both[a*m+b], most)
			if own[a*m+b] == 0 {
				r = min(sum/n, most)
			}
			sigma[elem(a, b)] = r * math.Sqrt(sigma[elem(a, a)]*sigma[elem(b, b)])
		}
	}
}

// damp moves the correlations, where pairs of visits come from different
// participants, until the matrix is clearly positive definite: to 0, or where
// they are high to their mean, from which 0 is far. Of complete data the matrix
// is the solution, or close to it, however near singular.
func (o *optimum) damp(sigma []float64, complete bool, most float64) {
	m := o.pb.m
	if complete && wellPositive(sigma, m, 1e-10) {
		return
	}
	share, to := 1e-3, meanCorrelation(sigma, m, most)
	if share *= min(1, 10*(1-to)); to < 0.9 {
		to = 0
	}
	for t := 1.0; t > 0.05; t -= 0.1 {
		if wellPositive(sigma, m, share) {
			return
		}
		for a := 0; a < m; a++ {
			for b := 0; b < a; b++ {
				all := to * math.Sqrt(sigma[elem(a, a)]*sigma[elem(b, b)])
				sigma[elem(a, b)] = all + (sigma[elem(a, b)]-all)*(t-0.1)/t
			}
		}
	}
	for a := 0; a < m; a++ {
		for b := 0; b < a; b++ {
			sigma[elem(a, b)] = to * math.Sqrt(sigma[elem(a, a)]*sigma[elem(b, b)])
		}
	}
}

// wellPositive reports whether every visit keeps the share of its variance
// given the earlier visits: far from the edge the search starts well.
func wellPositive(sigma []float64, m int, share float64) bool {
	l := full(sigma, m)
	ok := cholesky(l, m)
	for j := 0; j < m && ok; j++ {
		ok = l[j*m+j]*l[j*m+j] > share*sigma[elem(j, j)]
	}
	return ok
}

// full spreads the elements of a symmetric matrix.
func full(sigma []float64, m int) []float64 {
	out := make([]float64, m*m)
	for a := 0; a < m; a++ {
		for b := 0; b <= a; b++ {
			out[a*m+b], out[b*m+a] = sigma[elem(a, b)], sigma[elem(a, b)]
		}
	}
	return out
}

func positive(sigma []float64, m int) bool { return cholesky(full(sigma, m), m) }
