package regress

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Adjustments for all comparisons of a family at once, besides Bonferroni and
// Sidak; they have intervals too, which step-down methods do not.
const (
	// Tukey covers the differences of all pairs of means: exact for equal n
	// (Tukey), slightly conservative else (Tukey–Kramer, Hayter 1984,
	// doi:10.1214/aos/1176346392); a good approximation for adjusted means.
	Tukey stats.Adjustment = "tukey"
	// Dunnett covers the differences of all other means from the control's:
	// exact for normal errors, by the joint t distribution with the
	// correlations of the fitted differences (Dunnett 1955,
	// doi:10.1080/01621459.1955.10501294). Products λᵢλⱼ, as those of unadjusted
	// means are, have an exact integral; others a numerical one good to 1e-6,
	// the same on any machine.
	Dunnett stats.Adjustment = "dunnett"
	// Scheffe covers every contrast of the means.
	Scheffe stats.Adjustment = "scheffe"
	// SingleStepT covers estimates of a joint model, by the joint t distribution with
	// their correlations: see MaxT.
	SingleStepT stats.Adjustment = "max-t"
)

// Comparison is a difference A − B of two least squares means that is one of a
// family: its intervals hold and its p-values err for all of the family
// together with the stated probability. It implements Effect; T and the
// embedded Estimate are those of the single difference.
type Comparison struct {
	A, B string
	stats.Estimate
	adjust stats.Adjustment
	count  int // comparisons of the family
	means  int // means compared
	joint  *jointT
}

var _ stats.Effect = Comparison{}

// CompareOptions are the choices in comparisons of least squares means.
type CompareOptions struct {
	Adjust  stats.Adjustment // "" means Tukey for all pairs, Dunnett against a control
	LSMeans LSMeansOptions
}

func (o CompareOptions) adjustment(usual stats.Adjustment) stats.Adjustment {
	if o.Adjust == "" {
		return usual
	}
	return o.Adjust
}

// Pairwise compares the least squares means of all levels of a category, each
// later level minus each earlier one, the reference being the first.
// Tukey is the adjustment for this family. It panics where the model has no such
// category.
//
// Agrees with R's pairs(emmeans(…), reverse = TRUE, adjust = …).
func (m *Fit) Pairwise(category string) Comparisons {
	return m.PairwiseWith(category, CompareOptions{})
}

// PairwiseWith is Pairwise with another adjustment (NoAdjustment, Bonferroni, Sidak
// or Scheffe) or other means. It panics for other adjustments: those of AdjustP
// have no intervals of the same form.
func (m *Fit) PairwiseWith(category string, opts CompareOptions) Comparisons {
	means := m.LSMeansWith(opts.LSMeans, category)
	var out Comparisons
	for i, a := range means {
		for _, b := range means[i+1:] {
			out = append(out, m.comparison(category, b, a))
		}
	}
	return family(out, opts.adjustment(Tukey), len(means))
}

// VersusControl compares the least squares mean of every other level of a
// category with the control's: level − control. Dunnett is the adjustment for
// this family; the others are as for Pairwise. Balanced and unadjusted
// comparisons are a two-dimensional integral; other correlations (four or more
// arms with unbalanced covariates) go through the multivariate t, good to 1e-6, and
// to four digits of a small p (PError says so of each), in milliseconds for some
// six differences and up to seconds for twelve, and are refused beyond 20 (ErrDomain).
//
// Agrees with R's contrast(emmeans(…), "trt.vs.ctrl", adjust = "mvt"), whose
// integration is random to about 1e-4, and multcomp's mcp(g = "Dunnett").
func (m *Fit) VersusControl(category, control string) (Comparisons, error) {
	return m.VersusControlWith(category, control, CompareOptions{})
}

// VersusControlWith is VersusControl with another adjustment or other means.
func (m *Fit) VersusControlWith(category, control string, opts CompareOptions) (Comparisons, error) {
	adjust := opts.adjustment(Dunnett)
	means := m.LSMeansWith(opts.LSMeans, category)
	k := -1
	for i, e := range means {
		if e.Levels[category] == control {
			k = i
		}
	}
	if k < 0 {
		panic(fmt.Sprintf("regress.Fit.VersusControl: %q is not a level of %s", control, category))
	}
	var out Comparisons
	var rows [][]float64
	for i, e := range means {
		if i != k {
			row := e.Row()
			for j := range row {
				row[j] -= means[k].l[j]
			}
			rows = append(rows, row)
			out = append(out, m.comparison(category, e, means[k]))
		}
	}
	if adjust == Dunnett {
		j, err := newJointT(m, rows)
		if err != nil {
			return nil, err
		}
		for i := range out {
			out[i].joint = j
		}
	}
	return family(out, adjust, len(means)), nil
}

func (m *Fit) comparison(category string, a, b LSMean) Comparison {
	return Comparison{A: a.Levels[category], B: b.Levels[category], Estimate: m.Compare(a, b)}
}

func family(cs Comparisons, adjust stats.Adjustment, means int) Comparisons {
	switch adjust {
	case stats.NoAdjustment, stats.Bonferroni, stats.Sidak, Scheffe, Tukey, Dunnett:
	default:
		panic(fmt.Sprintf("regress.Fit.PairwiseWith: no simultaneous intervals by %q", adjust))
	}
	for i := range cs {
		if adjust == Dunnett && cs[i].joint == nil {
			panic("regress.Fit.PairwiseWith: Dunnett's adjustment is for comparisons with a control")
		}
		cs[i].adjust, cs[i].count, cs[i].means = adjust, len(cs), means
	}
	return cs
}

// CI returns the interval that covers, together with those of the whole
// family, with probability level or more.
func (c Comparison) CI(level float64) stats.Interval {
	check.Level(level)
	ci, _ := c.CIContext(context.Background(), level)
	return ci
}

// CIContext is CI that stops with the context's error. Only Dunnett's adjustment
// of differences whose correlations are of no product form takes long: tenths of
// a second for six of them, up to ten seconds for twelve.
func (c Comparison) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	check.Level(level)
	h := c.SE * c.critical(ctx, level)
	if err := ctx.Err(); err != nil {
		return stats.Interval{}, err
	}
	return stats.Interval{Lo: c.Value - h, Hi: c.Value + h, Level: level}, nil
}

// CIContext returns the interval of each comparison of one family, whose quantile
// is computed once.
func (cs Comparisons) CIContext(ctx context.Context, level float64) ([]stats.Interval, error) {
	check.Level(level)
	out := make([]stats.Interval, len(cs))
	if len(cs) == 0 {
		return out, nil
	}
	q := cs[0].critical(ctx, level)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, c := range cs {
		out[i] = stats.Interval{Lo: c.Value - q*c.SE, Hi: c.Value + q*c.SE, Level: level}
	}
	return out, nil
}

// PContext is P that stops with the context's error; see CIContext.
func (c Comparison) PContext(ctx context.Context, null float64) (float64, error) {
	if c.joint == nil || c.joint.lambda != nil {
		return c.P(null), ctx.Err()
	}
	p, _ := c.joint.general(ctx, math.Abs(c.T(null)), c.DF, true)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return p, nil
}

// critical is the quantile that |Value − truth|/SE stays below for the whole
// family.
func (c Comparison) critical(ctx context.Context, level float64) float64 {
	k := float64(c.count)
	switch c.adjust {
	case stats.Bonferroni:
		return num.TQuantileUpper((1-level)/2/k, c.DF)
	case stats.Sidak:
		return num.TQuantileUpper(-math.Expm1(math.Log(level)/k)/2, c.DF)
	case Dunnett, SingleStepT:
		return c.joint.critical(ctx, 1-level, c.DF)
	case Tukey:
		return num.TukeyQuantileUpper(1-level, c.means, c.DF) / math.Sqrt2
	case Scheffe:
		d := float64(c.means - 1)
		return math.Sqrt(d * num.FQuantileUpper(1-level, d, c.DF))
	}
	return num.TQuantileUpper((1-level)/2, c.DF)
}

// P returns the two-sided adjusted p-value.
func (c Comparison) P(null float64) float64 { return c.widen(c.Estimate.P(null), c.T(null)) }

// PError is the absolute error of P(null): zero where P comes from a closed form
// or an integral good to all its digits, and the numerical integration's own
// estimate for Dunnett's adjustment of differences whose correlations are of no
// product form. It is then below 1e-6, and below 1e-4 of P(null) where that is
// below a hundredth, up to some twelve differences; a larger one says that this
// was not reached, as can happen for more of them.
func (c Comparison) PError(null float64) float64 {
	if c.joint == nil || c.joint.lambda != nil {
		return 0
	}
	_, err := c.joint.general(context.Background(), math.Abs(c.T(null)), c.DF, true)
	return err
}

// PGreater returns the one-sided adjusted p-value; with Tukey and Scheffe, which
// have no one-sided form, half the two-sided one on the side of the estimate.
func (c Comparison) PGreater(null float64) float64 { return c.oneSided(c.T(null)) }

// PLess is PGreater on the other side.
func (c Comparison) PLess(null float64) float64 { return c.oneSided(-c.T(null)) }

func (c Comparison) oneSided(t float64) float64 {
	switch c.adjust {
	case Dunnett, SingleStepT:
		return c.joint.tail(t, c.DF, false)
	case Scheffe, Tukey:
		p := c.widen(0, t) / 2
		if t < 0 {
			return 1 - p
		}
		return p
	}
	return c.widen(num.TSF(t, c.DF), t)
}

// widen adjusts the p-value p of the statistic t.
func (c Comparison) widen(p, t float64) float64 {
	k := float64(c.count)
	switch c.adjust {
	case stats.Bonferroni:
		return math.Min(1, k*p)
	case stats.Sidak:
		return -math.Expm1(k * math.Log1p(-p))
	case Dunnett, SingleStepT:
		return c.joint.tail(math.Abs(t), c.DF, true)
	case Tukey:
		if c.means == 2 { // Student's t test
			return 2 * num.TSF(math.Abs(t), c.DF)
		}
		return num.TukeySF(math.Sqrt2*math.Abs(t), c.means, c.DF)
	case Scheffe:
		d := float64(c.means - 1)
		return num.FSF(t*t/d, d, c.DF)
	}
	return p
}
