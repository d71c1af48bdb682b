package topics_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("anova_oneway", oneWayCase)
	reftest.Register("anova_assumptions", assumptionCase)
	reftest.Register("nist_anova", nistANOVACase)
	reftest.Exceptions(reftest.Finding{
		Code: "fligner-noise", Topic: "anova_assumptions, kruskal",
		Text: "R subtracts medians in float64 and the rounding breaks ties of the distances, which an even group always has in its " +
			"middle. Truth: distances in rational arithmetic; the reference must follow from the rounded ones.",
	}, reftest.Finding{
		Code: "nist-anova-float64", Topic: "nist_anova",
		Text: "NIST certifies the ANOVA of decimal data; at an offset of 1e12 (SmLs07 to SmLs09) rounding the data to " +
			"float64 moves the root of a sum of squares by up to half a spacing of float64 times √N. Truth: rational arithmetic " +
			"on the float64 inputs; the reference must be that on the decimals.",
	})
}

// groupsOf splits values by label, in order of first appearance.
func groupsOf(v []float64, g []string) [][]float64 {
	index := map[string]int{}
	var out [][]float64
	for i, l := range g {
		k, ok := index[l]
		if !ok {
			k = len(out)
			index[l] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], v[i])
	}
	return out
}

// refusedConstant accepts a typed refusal where the groups have no variation,
// which R answers with NaN, Inf or a quotient of rounding errors.
func refusedConstant(c *reftest.Case, groups [][]float64, err error) error {
	constant, all := false, true
	for _, g := range groups {
		same := true
		for _, v := range g {
			same = same && v == g[0]
		}
		constant = constant || same
		all = all && same
	}
	welchLike := strings.HasSuffix(c.ID, "/welch") || strings.HasSuffix(c.ID, "/bartlett")
	if strings.Contains(c.ID, "/levene_") && sameDeviations(groups, strings.HasSuffix(c.ID, "_median")) {
		all = true
	}
	if errors.Is(err, stats.ErrNoVariation) && (all || constant && welchLike) {
		c.Refused(err, "")
		return nil
	}
	return err
}

// sameDeviations reports whether the absolute deviations from the center, which
// Levene's test compares, are constant within every group but for rounding: R's
// F is then a quotient of rounding errors.
func sameDeviations(groups [][]float64, median bool) bool {
	for _, g := range groups {
		s := slices.Sorted(slices.Values(g))
		center, size := 0.0, math.Max(math.Abs(s[0]), math.Abs(s[len(s)-1]))
		for _, v := range g {
			center += v / float64(len(g))
		}
		if median {
			center = (s[(len(s)-1)/2] + s[len(s)/2]) / 2
		}
		for _, v := range g {
			if math.Abs(math.Abs(v-center)-math.Abs(g[0]-center)) > 1e-14*size {
				return false
			}
		}
	}
	return true
}

func oneWayCase(c *reftest.Case) error {
	groups := groupsOf(c.Floats("v"), c.Strs("g"))
	_, kind, _ := strings.Cut(c.ID, "/")
	if kind == "welch" {
		f, err := regress.WelchANOVA(groups...)
		if err != nil {
			return refusedConstant(c, groups, err)
		}
		c.Want("statistic.F", f.F)
		c.Want("parameter.num df", f.DF1)
		c.Want("parameter.denom df", f.DF2)
		c.Want("p.value", f.P())
		return nil
	}
	o, err := regress.OneWayANOVA(groups...)
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	switch kind {
	case "aov":
		c.WantVec("Df", []float64{o.DF1, o.DF2})
		// Of equal means R leaves rounding errors between the groups.
		noise := 1e-28 * (o.SSBetween + o.SSWithin)
		c.WantVec("Sum Sq", []float64{o.SSBetween, o.SSWithin}, reftest.Tol, noise)
		c.WantVec("Mean Sq", []float64{o.SSBetween / o.DF1, o.SSWithin / o.DF2}, reftest.Tol, noise)
		c.Want("F value.0", o.F, reftest.Tol, 1e-28)
		c.Want("Pr(>F).0", o.P())
	case "equalvar":
		c.Want("statistic.F", o.F)
		c.Want("parameter.num df", o.DF1)
		c.Want("parameter.denom df", o.DF2)
		c.Want("p.value", o.P())
	case "effects":
		wantEffectSizes(c, o)
	default:
		return fmt.Errorf("unknown case kind %s", kind)
	}
	return nil
}

func assumptionCase(c *reftest.Case) error {
	_, groups := byGroup(c, "v", "g") // without missing values
	_, kind, _ := strings.Cut(c.ID, "/")
	switch kind {
	case "levene_mean", "levene_median":
		test := regress.Levene
		if kind == "levene_median" {
			test = regress.BrownForsythe
		}
		f, err := test(groups...)
		if err != nil {
			return refusedConstant(c, groups, err)
		}
		c.WantVec("Df", []float64{f.DF1, f.DF2})
		c.Want("F value.0", f.F, reftest.Tol, 1e-20) // equal distances: 0 in R but for rounding
		c.Want("Pr(>F).0", f.P())
	case "bartlett", "fligner":
		test := regress.Bartlett
		if kind == "fligner" {
			test = regress.Fligner
		}
		x, err := test(groups...)
		if err != nil && c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return refusedConstant(c, groups, err)
		}
		for _, p := range c.Paths() {
			if strings.HasPrefix(p, "statistic.") {
				wantFligner(c, kind, p, x, groups)
			}
		}
		c.Want("parameter.df", x.DF)
	default:
		return fmt.Errorf("unknown case kind %s", kind)
	}
	return nil
}

// wantFligner compares a chi-squared statistic and its p-value; Fligner's where
// R's ties are broken with R's own arithmetic.
func wantFligner(c *reftest.Case, kind, path string, x stats.ChiSquareTest, groups [][]float64) {
	if ref, _ := c.Ref(path); kind != "fligner" || reftest.Close(ref, x.X2, reftest.Tol, 1e-20) {
		c.Want(path, x.X2, reftest.Tol, 1e-20) // equal scores: 0 in R but for rounding
		c.Want("p.value", x.P())
		return
	}
	truth, peer := plainFligner(groups, true), plainFligner(groups, false)
	tail := func(x2 float64) float64 { return distuv.ChiSquared{K: x.DF}.Survival(x2) }
	c.WantTruthBy(path, x.X2, truth, "fligner-noise", reftest.Is(peer))
	c.WantTruthBy("p.value", x.P(), tail(truth), "fligner-noise", reftest.Is(tail(peer)))
}

// plainFligner is the statistic from distances in rational arithmetic,
// or from distances as R rounds them.
func plainFligner(groups [][]float64, exact bool) float64 {
	var dist []*big.Rat
	rat := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	for _, g := range groups {
		s := slices.Sorted(slices.Values(g))
		lo, hi := s[(len(s)-1)/2], s[len(s)/2]
		for _, v := range g {
			d := new(big.Rat)
			if !exact {
				d.SetFloat64(v - (lo+hi)/2)
			} else {
				d.Sub(rat(v), d.Quo(d.Add(rat(lo), rat(hi)), big.NewRat(2, 1)))
			}
			dist = append(dist, d.Abs(d))
		}
	}
	n := float64(len(dist))
	score, mean, ss := make([]float64, len(dist)), 0.0, 0.0
	for i, a := range dist {
		rank := 0.5
		for _, b := range dist {
			rank += float64(1-b.Cmp(a)) / 2
		}
		score[i] = distuv.UnitNormal.Quantile((1 + rank/(n+1)) / 2)
		mean += score[i] / n
	}
	for _, a := range score {
		ss += (a - mean) * (a - mean)
	}
	x2, at := 0.0, 0
	for _, g := range groups {
		d := 0.0
		for range g {
			d += (score[at] - mean) / float64(len(g))
			at++
		}
		x2 += float64(len(g)) * d * d
	}
	return x2 / (ss / (n - 1))
}

func nistANOVACase(c *reftest.Case) error {
	raw, err := os.ReadFile(c.DataPath(c.Str("file")))
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(raw), "\r", "")
	at := strings.LastIndex(text, "\nData:") // an earlier one describes the data
	if at < 0 {
		return errors.New("no data in file")
	}
	body := text[at+1:]
	var v []float64
	var g []string
	for _, line := range strings.Split(body, "\n")[1:] {
		f := strings.Fields(line)
		if len(f) != 2 {
			continue
		}
		x, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			return err
		}
		v, g = append(v, x), append(g, f[0])
	}
	groups := groupsOf(v, g)
	o, err := regress.OneWayANOVA(groups...)
	if err != nil {
		return err
	}
	b, w := exactSS(groups, func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) })
	// The certified values are those of the decimals as they are written.
	cb, cw := exactSS(groups, func(v float64) *big.Rat { return decimalMean([]float64{v}, []int{0}) })
	df1, df2 := float64(len(groups)-1), float64(len(v)-len(groups))
	for _, x := range []struct {
		path                  string
		got, truth, certified float64
	}{
		{"df_between", o.DF1, df1, df1},
		{"ss_between", o.SSBetween, b, cb},
		{"ms_between", o.SSBetween / o.DF1, b / df1, cb / df1},
		{"F", o.F, b / df1 / (w / df2), cb / df1 / (cw / df2)},
		{"df_within", o.DF2, df2, df2},
		{"ss_within", o.SSWithin, w, cw},
		{"ms_within", o.SSWithin / o.DF2, w / df2, cw / df2},
		{"r2", o.Eta2(), b / (b + w), cb / (cb + cw)},
		{"resid_sd", math.Sqrt(o.SSWithin / o.DF2), math.Sqrt(w / df2), math.Sqrt(cw / df2)},
	} {
		if !reftest.Close(x.got, x.truth, 1e-13, 0) {
			c.Fail("%s: got %.17g, rational arithmetic %.17g", x.path, x.got, x.truth)
		}
		ref, _ := c.Ref(x.path)
		if reftest.Close(x.truth, ref, reftest.Tol, 0) {
			c.Want(x.path, x.got)
		} else {
			c.WantTruthBy(x.path, x.got, x.truth, "nist-anova-float64", reftest.Is(x.certified))
		}
	}
	return nil
}

// exactSS returns the sums of squares between and within, rational arithmetic.
func exactSS(groups [][]float64, rat func(float64) *big.Rat) (between, within float64) {
	total, n := new(big.Rat), 0
	b, w := new(big.Rat), new(big.Rat)
	for _, g := range groups {
		s, q := new(big.Rat), new(big.Rat)
		for _, v := range g {
			s.Add(s, rat(v))
			q.Add(q, new(big.Rat).Mul(rat(v), rat(v)))
		}
		total.Add(total, s)
		n += len(g)
		s2n := new(big.Rat).Mul(s, s)
		s2n.Quo(s2n, big.NewRat(int64(len(g)), 1))
		b.Add(b, s2n)
		w.Add(w, q.Sub(q, s2n))
	}
	c := new(big.Rat).Mul(total, total)
	b.Sub(b, c.Quo(c, big.NewRat(int64(n), 1)))
	between, _ = b.Float64()
	within, _ = w.Float64()
	return between, within
}

func wantEffectSizes(c *reftest.Case, o regress.OneWay) {
	c.Want("eta2.Eta2", o.Eta2(), reftest.Tol, 1e-28)
	c.Want("omega2.Omega2", math.Max(0, o.Omega2())) // effectsize cuts at 0
	c.Want("epsilon2.Epsilon2", math.Max(0, o.Epsilon2()))
	for table, share := range map[string]float64{"eta2": o.Eta2(), "omega2": o.Omega2(), "epsilon2": o.Epsilon2()} {
		wantEtaCI(c, table, "", shareCI(share, o.DF1, o.DF2, 0.9), share, o.DF1, o.DF2)
	}
}
