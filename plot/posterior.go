package plot

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
)

// PosteriorCurve is the posterior distribution of the difference of an active
// arm from control at a visit: Student's t with the estimate's value, scale and
// degrees of freedom (DF = +Inf: normal).
type PosteriorCurve struct {
	Arm, Visit string
	Posterior  stats.Estimate
	// Prior says in words which prior it has.
	Prior string
}

// PosteriorOptions are the choices of PosteriorWith.
type PosteriorOptions struct {
	Options
	// Method picks the rows, where Curves are empty; "" means those that decide.
	Method study.Method
	// Curves to draw. Empty: with a flat prior, from the rows whose effect is
	// an Estimate (ANCOVA, Welch's t), the posterior is the estimate's own t
	// distribution.
	Curves []PosteriorCurve
}

// Posterior answers "how probable is it that the difference exceeds the
// threshold?": the posterior density of the difference between arms, a panel a
// visit, with the part beyond the threshold in the direction of benefit
// shaded; its probability stands under the panel. Read the footnote's prior
// first: the probability is no better than it is. The bar is the central
// credible interval.
// Convention: Spiegelhalter, Abrams & Myles 2004, Bayesian Approaches to
// Clinical Trials, doi:10.1002/0470092602.
func Posterior(results []study.Result) (*Figure, error) {
	return PosteriorWith(results, PosteriorOptions{})
}

// PosteriorWith is Posterior with choices.
func PosteriorWith(results []study.Result, o PosteriorOptions) (*Figure, error) {
	return onePage(o.Options, func(closer Options) (*Figure, error) {
		o.Options = closer
		c, err := newPosterior(results, o)
		if err != nil {
			return nil, err
		}
		for i := range c.s.results {
			c.addPanel(i)
		}
		c.words()
		return c.f, nil
	})
}

// posterior is the chart while it is made.
type posterior struct {
	drawing
	curves [][]effectCurve // by result; their effects are estimates
	priors []string        // in words
	th     *study.Threshold
	edge   float64 // of th on the axis, 0 without
	lo, hi float64 // of the x axis
	cols   int
	// high is the highest density of the figure, most the most curves of a panel:
	// panels of one scale have equal areas.
	high    float64
	most    int
	alts    []string
	leftOut []string
}

func newPosterior(results []study.Result, o PosteriorOptions) (*posterior, error) {
	s, err := newSeries("Posterior", results, o.Visits...)
	if err != nil {
		return nil, err
	}
	c := &posterior{th: margin(s.outcome), high: 1e-300}
	if c.drawing, err = s.draw(o.Options, len(s.results) > 1, "plot-posterior-title"); err != nil {
		return nil, err
	}
	if c.curves, c.priors, c.leftOut, err = posteriorCurves(c.t, s, o); err != nil {
		return nil, err
	}
	c.f.legend = c.t.armLines(s)
	if c.th != nil {
		c.edge = s.outcome.Better.Sign() * c.th.Value
	}
	var xs span
	xs.add(0, c.edge)
	for _, cs := range c.curves {
		c.most = max(c.most, len(cs))
		for _, x := range cs {
			xs.add(curveReach(x.effect, x.level))
			c.high = math.Max(c.high, x.effect.(stats.Estimate).Density(x.effect.Point()))
		}
	}
	c.lo, c.hi = changeRange(s.outcome, xs, 6)
	c.cols = panelColumns(c.t, len(s.results))
	return c, nil
}

// addPanel draws a visit: the densities, and under 0 a bar an arm.
func (c *posterior) addPanel(i int) {
	t, curves := c.t, c.curves[i]
	pn, room := t.effectFrame(c.f, c.s, i, c.cols, highPanels(len(c.s.results), 38, 28), true)
	p, bar := pn.plot, 0.075*c.high
	setRange(&p.X, c.lo, c.hi)
	setRange(&p.Y, -bar*(float64(c.most)+0.5), 1.05*c.high)
	p.HideY() // a density's height has no use of its own
	pn.below = append(pn.below, edgeRoom{p})
	if c.th != nil {
		pn.add(&refLine{theme: t, value: c.edge, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
		pn.top = append(pn.top, topLabel{c.edge, t.thresholdLabel(*c.th, c.s.outcome)})
	}
	pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
	var texts []string
	for k, x := range curves {
		c.drawCurve(pn, x, -bar*float64(k+1))
		text := c.beyond(x, c.s.results[i].Visit)
		c.alts = append(c.alts, t.say("plot-posterior-alt", map[string]any{"visit": visitName(c.s.results[i].Visit), "text": text}))
		if t.opt.dense.close() {
			text = t.say("plot-posterior-short", map[string]any{"arm": armName(x.look.arm), "p": t.percent(c.share(x))})
		}
		texts = append(texts, text)
	}
	pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(texts, "\n"), room+t.size()*3), "\n")})
}

// drawCurve draws a density, its part on the side of benefit beyond the
// threshold, and the interval at a height.
func (c *posterior) drawCurve(pn *panel, x effectCurve, at float64) {
	e, ci := x.effect.(stats.Estimate), x.ci()
	density := func(pts []xy, xs []float64) []xy {
		for _, v := range xs {
			pts = append(pts, xy{v, e.Density(v)})
		}
		return pts
	}
	from, to := curveReach(e, x.level)
	from, to = math.Max(from, c.lo), math.Min(to, c.hi)
	line := density(nil, grid(from, to, 241))
	if e.Value > from && e.Value < to {
		line = insertPoint(line, xy{e.Value, e.Density(e.Value)})
	}
	shadeFrom, shadeTo := math.Max(c.edge, from), to
	if c.s.outcome.Better.Sign() < 0 {
		shadeFrom, shadeTo = from, math.Min(c.edge, to)
	}
	if shadeTo > shadeFrom {
		area := density([]xy{{shadeFrom, 0}}, grid(shadeFrom, shadeTo, 121))
		pn.add(&shadeMarks{color: fade(x.look.color, 0.3), pts: append(area, xy{shadeTo, 0})})
	}
	pn.add(&linesMarks{theme: c.t, color: x.look.color, width: 1.7, dashes: x.look.dashes, lines: [][]xy{line}})
	pn.add(&intervalMarks{theme: c.t, look: x.look, flat: true, scale: 0.85, items: []interval{{at, e.Value, ci.Lo, ci.Hi}}})
}

// share is the part of the posterior beyond the threshold.
func (c *posterior) share(x effectCurve) float64 {
	if c.s.outcome.Better.Sign() < 0 {
		return x.effect.PGreater(c.edge) // the part below
	}
	return x.effect.PLess(c.edge)
}

// beyond says which share of the posterior lies beyond the threshold.
func (c *posterior) beyond(x effectCurve, v study.Visit) string {
	code := "plot-posterior-zero"
	if c.th != nil {
		code = "plot-posterior-p"
	}
	return c.t.say(code, map[string]any{"arm": armName(x.look.arm), "p": c.t.percent(c.share(x)), "visit": visitName(v),
		"value": c.t.shortest(math.Abs(c.edge)), "unit": c.s.outcome.Unit})
}

func (c *posterior) words() {
	t, levels := c.t, c.s.curveLevels(c.curves)
	foot := []string{t.say("plot-posterior-method", map[string]any{"contrast": t.contrast(c.s.arms), "level": levels.words(t), "priors": strings.Join(c.priors, "; ")})}
	if t.opt.dense.close() {
		code := "plot-posterior-zero-note"
		if c.th != nil {
			code = "plot-posterior-p-note"
		}
		foot = append(foot, t.say(code, map[string]any{"value": t.shortest(math.Abs(c.edge)), "unit": c.s.outcome.Unit}))
	}
	c.f.note(append(foot, append(levels.note(t), t.leftOut(c.leftOut)...)...))
	c.f.tell(c.answer(), c.alts...)
}

// answer is the probability at the headline visit.
func (c *posterior) answer() string {
	i := c.s.headCurves(c.curves)
	control := ""
	for _, a := range c.s.arms {
		if a.Control {
			control = armName(a)
		}
	}
	var out []string
	for _, x := range c.curves[i] {
		code := "plot-alt-posterior-zero"
		if c.th != nil {
			code = "plot-alt-posterior"
		}
		out = append(out, c.t.say(code, map[string]any{"arm": armName(x.look.arm), "control": control, "p": strings.TrimPrefix(c.t.percent(c.share(x)), "=\u00a0"),
			"value": c.t.shortest(math.Abs(c.edge)), "unit": c.s.outcome.Unit}))
	}
	return c.t.altAt(c.s.results[i].Visit, strings.Join(out, "; "))
}

// posteriorCurves are the given curves by visit, or those of a flat prior.
func posteriorCurves(t *theme, s *series, o PosteriorOptions) (out [][]effectCurve, priors, leftOut []string, err error) {
	if len(o.Curves) == 0 {
		curves, leftOut, err := effectPanels("Posterior", t, s, o.Method)
		if err != nil {
			return nil, nil, nil, err
		}
		n := 0
		for i := range curves {
			var keep []effectCurve
			for _, c := range curves[i] {
				c.effect = family.Alone(c.effect) // a posterior is of one difference
				if e, ok := c.effect.(stats.Estimate); ok && e.SE > 0 {
					keep = append(keep, c)
				} else {
					leftOut = append(leftOut, t.armAt(c.look.arm, s.results[i].Visit))
				}
			}
			curves[i] = keep
			n += len(keep)
		}
		if n == 0 {
			return nil, nil, nil, fmt.Errorf("plot: Posterior: %q has no difference with a t distribution; give Curves", s.outcome.ID)
		}
		return curves, []string{t.say("plot-posterior-flat", map[string]any{"methods": t.methodsOf(curves)})}, leftOut, nil
	}
	looks := t.looks(s.arms)
	out = make([][]effectCurve, len(s.results))
	for k, c := range o.Curves {
		e := c.Posterior
		if !(e.SE > 0) || math.IsInf(e.SE, 0) || math.IsNaN(e.Value) || math.IsInf(e.Value, 0) || !(e.DF > 0) {
			return nil, nil, nil, fmt.Errorf("plot: Posterior: curve %d: location %v, scale %v, degrees of freedom %v", k, e.Value, e.SE, e.DF)
		}
		if c.Prior == "" {
			return nil, nil, nil, fmt.Errorf("plot: Posterior: curve %d does not say its prior", k)
		}
		l, ok := looks[c.Arm]
		at := -1
		for i, r := range s.results {
			if r.Visit.ID == c.Visit {
				at = i
			}
		}
		if !ok || at < 0 || l.arm.Control {
			return nil, nil, nil, fmt.Errorf("plot: Posterior: curve %d is about arm %q at visit %q, but the active arms are %s and the visits %s", k, c.Arm, c.Visit,
				strings.Join(s.activeIDs(), ", "), strings.Join(s.visitIDs(), ", "))
		}
		out[at] = append(out[at], effectCurve{look: l, effect: e, level: s.results[at].Level})
		priors = appendNew(priors, c.Prior)
	}
	return out, priors, nil, nil
}

// percent writes "= 57.2", never a rounded 0 or 100.
func (t *theme) percent(p float64) string {
	switch {
	case p > 0 && p < 0.001:
		return "<\u00a0" + t.num(0.1, 1)
	case p < 1 && p > 0.999:
		return ">\u00a0" + t.num(99.9, 1)
	}
	return "=\u00a0" + t.num(100*p, 1)
}
