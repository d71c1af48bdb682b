package topics_test

import (
	"fmt"
	"math"
	"strings"

	distnum "github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/power"
)

func init() { reftest.Register("sample_size_more", sampleSizeMoreCase) }

// sampleSizeMoreCase compares sizes of the designs that STATISTICS lists for the next
// trial. The cases' ratio is treated over control, ours control over treated.
func sampleSizeMoreCase(c *reftest.Case) error {
	kind, _, _ := strings.Cut(c.ID, "/")
	num := func(key string, otherwise float64) float64 {
		if c.Has(key) {
			return c.Num(key)
		}
		return otherwise
	}
	ratio := 1 / num("ratio", 1)
	var n float64
	var err error
	want := func(path string, x float64, e error) {
		if e != nil {
			err = e
			return
		}
		c.Want(path, x)
	}
	switch kind {
	case "events", "bad":
		d := power.LogRankDesign{HazardRatio: c.Num("hr"), Ratio: ratio, Alpha: c.Num("alpha")}
		if c.Has("method") {
			d.Freedman = c.Str("method") == "freedman"
		}
		n, err = d.SolveEvents(c.Num("power"))
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		want("events", n, err)
		d.Events = n
		if got := d.Power(); err == nil && math.Abs(got-c.Num("power")) > 1e-12 {
			return fmt.Errorf("power at the size is %v", got)
		}
	case "survival_n":
		d := power.LogRankDesign{HazardRatio: c.Num("hr"), Alpha: c.Num("alpha")}
		r := power.Recruitment{Hazard: c.Num("lambda0"), Accrual: c.Num("accrual"), Follow: c.Num("follow"), Lost: c.Num("dropout")}
		p0, e0 := r.EventProbability(1)
		want("event_prob.0", p0, e0)
		p1, e1 := r.EventProbability(d.HazardRatio)
		want("event_prob.1", p1, e1)
		n, e := d.SolveEvents(c.Num("power"))
		want("events", n, e)
		all, e := r.Participants(d, c.Num("power"))
		want("n_total", all, e)
	case "negbin":
		d := power.CountDesign{Rate: c.Num("rate0"), RateRatio: c.Num("rr"), Dispersion: c.Num("kappa"), Time: first(c, "time"), Ratio: ratio, Alpha: c.Num("alpha"),
			Variance: map[string]power.CountVariance{"1": power.CountReference, "2": power.CountTrue, "3": power.CountPooled}[c.Str("method")]}
		n, err = d.SolveN(c.Num("power"))
		want("n_control", n*ratio, err)
	case "cluster":
		d := power.ClusterDesign{Size: c.Num("m"), CV: c.Num("cv"), ICC: c.Num("icc"), Effect: c.Num("delta"), SD: c.Num("sd"), Alpha: c.Num("alpha")}
		if strings.Contains(c.ID, "/t_") {
			k, e := d.SolveClusters(c.Num("power"))
			want("clusters_arm", math.Ceil(k), e)
			d.Clusters = math.Ceil(k)
			c.Want("power", d.Power())
			break
		}
		c.Want("design_effect", d.DesignEffect())
		n, err = d.NormalN(c.Num("power"))
		want("n_arm", n, err)
		c.Want("clusters_arm", n/d.Size)
	case "crossover":
		d := power.CrossoverDesign{Effect: c.Num("delta"), SD: c.Num("sd_within"), Alpha: c.Num("alpha")}
		k, e := d.SolveN(c.Num("power"))
		want("n_total", float64(k), e)
		d.N = float64(k)
		c.Want("power", d.Power())
		n, err = d.NormalN(c.Num("power"))
		want("n_normal", n, err)
	case "crossover_tost":
		c.Want("power", power.CrossoverDesign{N: c.Num("n"), Effect: c.Num("theta"), Low: c.Num("low"), High: c.Num("high"), SD: c.Num("sd_within"), Alpha: c.Num("alpha")}.Power())
	case "ordinal":
		d := power.OrdinalDesign{Shares: c.Floats("p0"), OddsRatio: c.Num("or"), Ratio: ratio, Alpha: c.Num("alpha")}
		p1, e := d.Treated()
		if e != nil {
			return e
		}
		c.WantVec("p1", p1)
		n, err = d.SolveN(c.Num("power"))
		want("n_total", n*(1+ratio), err)
	case "mmrm":
		d := power.MMRMDesign{Treated: c.Floats("retention_a"), Control: c.Floats("retention_b"), Ratio: c.Num("ratio"), Effect: c.Num("delta"), SD: c.Num("sigma"), Alpha: c.Num("alpha")}
		c.In("R", &d.R)
		a, b, e := d.Inflation()
		want("phi_a", a, e)
		want("phi_b", b, e)
		n, err = d.SolveN(c.Num("power"))
		want("n_a", n, err)
	case "noether":
		f := c.Num("fraction")
		n, err = power.MannWhitneyDesign{Probability: first(c, "p"), Ratio: (1 - f) / f, Alpha: c.Num("alpha")}.SolveN(c.Num("power"))
		want("n_total", n/f, err)
	case "win_ratio":
		f := c.Num("fraction")
		d := power.WinRatioDesign{WinRatio: c.Num("win_ratio"), Ties: c.Num("p_tie"), Ratio: (1 - f) / f, Alpha: c.Num("alpha")}
		n, err = d.SolveN(c.Num("power"))
		want("n_total", n/f, err)
		// σ² is the size in all at a unit of z²/log².
		z := distnum.NormQuantileUpper(c.Num("alpha")/2) + distnum.NormQuantileUpper(1-c.Num("power"))
		c.Want("sigma2", n/f*math.Pow(math.Log(d.WinRatio)/z, 2))
	case "ni_rd":
		d := power.NonInferiorProportions{P1: c.Num("p1"), P2: c.Num("p0"), Margin: c.Num("margin"), Ratio: ratio, Alpha: c.Num("alpha")}
		p1, p2, e := d.Restricted()
		want("restricted.0", p1, e)
		want("restricted.1", p2, e)
		n, err = d.SolveN(c.Num("power"))
		want("n_control", n*ratio, err)
		c.Want("n_total", n*(1+ratio))
	case "precision":
		return precisionCase(c)
	default:
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
	}
	return err
}

// first is the first number of an input that the cases write as a list.
func first(c *reftest.Case, key string) float64 { return c.Floats(key)[0] }

func precisionCase(c *reftest.Case) error {
	level := c.Num("level")
	switch {
	case c.Has("r"):
		n, err := power.PrecisionCorrelation(c.Num("r"), c.Num("width"), level)
		c.Want("n", float64(n))
		return err
	case c.Has("p"):
		n, wald, err := power.PrecisionProportion(first(c, "p"), c.Num("half_width"), level)
		c.Want("n_wilson", float64(n))
		c.Want("n_wald", wald)
		return err
	}
	d := power.PrecisionDesign{SD: c.Num("sd"), Level: level}
	n, err := d.SolveN(c.Num("half_width"), 0)
	if err != nil {
		return err
	}
	c.Want("n", float64(n))
	normal, err := d.NormalN(c.Num("half_width"))
	if err != nil {
		return err
	}
	c.Want("n_normal", normal)
	d.TwoArms = true
	n, err = d.SolveN(c.Num("half_width"), 0)
	c.Want("n_difference_arm", float64(n))
	return err
}
