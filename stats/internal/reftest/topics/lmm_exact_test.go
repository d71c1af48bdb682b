package topics_test

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// balancedSlope is the closed form of y ~ t + (t | cluster) with the same t in
// every cluster: β̂ is the mean of the clusters' own least-squares lines, whose
// covariance matrix S (divisor clusters − 1 by REML, clusters by ML) is
// G + σ²(ZᵀZ)⁻¹, and σ² the pooled residual variance about those lines.
type balancedSlope struct {
	n, df  float64
	sigma2 float64
	g, s   [3]float64 // elements 00, 01, 11
	beta   []float64
}

func newBalancedSlope(r *mmrm.ClusterRows, reml bool) *balancedSlope {
	type sums struct{ n, t, tt, y, ty float64 }
	by := map[int]*sums{}
	most := 0
	for i, g := range r.Cluster {
		if by[g] == nil {
			by[g] = &sums{}
		}
		x, t, y := by[g], r.T[i], r.Y[i]
		x.n, x.t, x.tt, x.y, x.ty = x.n+1, x.t+t, x.tt+t*t, x.y+y, x.ty+t*y
		most = max(most, g+1)
	}
	b := &balancedSlope{n: float64(most), df: float64(most)}
	if reml {
		b.df--
	}
	a, k := make([]float64, most), make([]float64, most)
	ma, mk, rss := 0.0, 0.0, 0.0
	for g := range a {
		x := by[g]
		k[g] = (x.ty - x.t*x.y/x.n) / (x.tt - x.t*x.t/x.n)
		a[g] = (x.y - k[g]*x.t) / x.n
		ma, mk = ma+a[g]/b.n, mk+k[g]/b.n
	}
	for i, g := range r.Cluster {
		e := r.Y[i] - a[g] - k[g]*r.T[i]
		rss += e * e
	}
	x := by[0]
	b.sigma2 = rss / (b.n * (x.n - 2))
	for g := range a {
		b.s[0] += (a[g] - ma) * (a[g] - ma) / b.df
		b.s[1] += (a[g] - ma) * (k[g] - mk) / b.df
		b.s[2] += (k[g] - mk) * (k[g] - mk) / b.df
	}
	det := x.n*x.tt - x.t*x.t
	b.g = [3]float64{b.s[0] - b.sigma2*x.tt/det, b.s[1] + b.sigma2*x.t/det, b.s[2] - b.sigma2*x.n/det}
	b.beta = []float64{ma, mk}
	return b
}

func (b *balancedSlope) contrast(l []float64) stats.Estimate {
	v := (l[0]*l[0]*b.s[0] + 2*l[0]*l[1]*b.s[1] + l[1]*l[1]*b.s[2]) / b.n
	return stats.Estimate{Value: l[0]*b.beta[0] + l[1]*b.beta[1], SE: math.Sqrt(v), DF: b.df}
}

func (b *balancedSlope) want(c *reftest.Case, f *mmrm.LMMFit) {
	truth := func(path string, got, truth float64) { c.WantTruth(path, got, truth, "lme4-stops-short") }
	g := f.Random
	truth("sigma", math.Sqrt(f.Sigma2), math.Sqrt(b.sigma2))
	truth("icc", f.ICC(), b.g[0]/(b.g[0]+b.sigma2))
	for i, x := range [][2]float64{{g[0][0], b.g[0]}, {g[1][1], b.g[2]}, {g[0][1], b.g[1]}, {f.Sigma2, b.sigma2}} {
		truth(fmt.Sprintf("varcomp.vcov.%d", i), x[0], x[1])
		got, want := math.Sqrt(x[0]), math.Sqrt(x[1])
		if i == 2 {
			got, want = x[0]/math.Sqrt(g[0][0]*g[1][1]), x[1]/math.Sqrt(b.g[0]*b.g[2])
		}
		truth(fmt.Sprintf("varcomp.sdcor.%d", i), got, want)
	}
}

func (b *balancedSlope) wantCoefficient(c *reftest.Case, at func(string) string, df string, k int, e stats.Estimate) {
	l := []float64{0, 0}
	l[k] = 1
	t := b.contrast(l)
	c.WantTruth(at("se"), e.SE, t.SE, "lme4-stops-short")
	c.WantTruth(at(df), e.DF, t.DF, "lme4-stops-short")
	c.WantTruth(at("t"), e.T(0), t.T(0), "lme4-stops-short")
	c.WantTruth(at("p"), e.P(0), t.P(0), "lme4-stops-short")
}

func (b *balancedSlope) wantTest(c *reftest.Case, at func(string) string, test stats.FTest) {
	t := b.contrast([]float64{0, 1})
	f := t.T(0) * t.T(0)
	c.WantTruth(at("F value"), test.F, f, "lme4-stops-short")
	c.WantTruth(at("Mean Sq"), test.F*b.sigma2, f*b.sigma2, "lme4-stops-short")
	c.WantTruth(at("Sum Sq"), test.F*b.sigma2, f*b.sigma2, "lme4-stops-short")
	c.WantTruth(at("DenDF"), test.DF2, t.DF, "lme4-stops-short")
	c.WantTruth(at("Pr(>F)"), test.P(), t.P(0), "lme4-stops-short")
}
