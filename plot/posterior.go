package plot

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
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
	s, err := newSeries("Posterior", results)
	if err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, len(s.results) > 1, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	curves, priors, err := posteriorCurves(t, s, o)
	if err != nil {
		return nil, err
	}
	f := &Figure{theme: t, legend: t.armLines(s)}
	f.title = t.titled("plot-posterior-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	th := margin(s.outcome)
	sign := s.outcome.Better.Sign()
	edge := 0.0
	if th != nil {
		edge = sign * th.Value
	}
	var xs span
	xs.add(0, edge)
	top := make([]float64, len(curves))
	for i, cs := range curves {
		for _, c := range cs {
			xs.add(curveReach(c.effect, c.level))
			top[i] = math.Max(top[i], c.effect.(stats.Estimate).Density(c.effect.Point()))
		}
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	cols := panelColumns(t, len(s.results))
	high := 38.0
	if len(s.results) > 4 {
		high = 28
	}
	var alts []string
	for i, r := range s.results {
		pn, room := t.effectFrame(f, s, i, cols, high)
		p := pn.plot
		setRange(&p.X, lo, hi)
		// Under 0, a bar an arm.
		high := math.Max(top[i], 1e-300)
		bar := 0.075 * high
		setRange(&p.Y, -bar*(float64(len(curves[i]))+0.5), 1.05*high)
		p.HideY() // a density's height has no use of its own
		pn.below = append(pn.below, edgeRoom{p})
		if th != nil {
			pn.add(&refLine{theme: t, value: edge, upright: true, color: inkGray, dashes: t.dashes(3, 2)})
			pn.top = append(pn.top, topLabel{edge, t.say("plot-posterior-threshold", nil)})
		}
		pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray})
		var texts []string
		for k, c := range curves[i] {
			e := c.effect.(stats.Estimate)
			from, to := curveReach(e, c.level)
			var line []xy
			for _, x := range grid(from, to, 241) {
				line = append(line, xy{x, e.Density(x)})
			}
			line = insertPoint(line, xy{e.Value, e.Density(e.Value)})
			shadeFrom, shadeTo := math.Max(edge, from), to
			if sign < 0 {
				shadeFrom, shadeTo = from, math.Min(edge, to)
			}
			if shadeTo > shadeFrom {
				area := []xy{{shadeFrom, 0}}
				for _, x := range grid(shadeFrom, shadeTo, 121) {
					area = append(area, xy{x, e.Density(x)})
				}
				pn.add(&shadeMarks{color: fade(c.look.color, 0.3), pts: append(area, xy{shadeTo, 0})})
			}
			pn.add(&linesMarks{theme: t, color: c.look.color, width: 1.7, dashes: c.look.dashes, lines: [][]xy{line}})
			ci := c.ci()
			pn.add(&intervalMarks{theme: t, look: c.look, flat: true, scale: 0.85,
				items: []interval{{-bar * float64(k+1), e.Value, ci.Lo, ci.Hi}}})
			beyond := e.PLess(edge) // the posterior's share above edge
			if sign < 0 {
				beyond = e.PGreater(edge)
			}
			args := map[string]any{"arm": armName(c.look.arm), "p": t.percent(beyond), "visit": visitName(r.Visit),
				"value": t.shortest(edge), "unit": s.outcome.Unit}
			code := "plot-posterior-zero"
			if th != nil {
				code = "plot-posterior-p"
			}
			texts = append(texts, t.say(code, args))
			alts = append(alts, t.say("plot-posterior-alt", map[string]any{"visit": visitName(r.Visit), "text": texts[len(texts)-1]}))
		}
		pn.below = append(pn.below, &textStrip{text: strings.Join(t.wrap(t.text(), strings.Join(texts, "\n"), room+t.size()*3), "\n")})
	}
	levels := s.curveLevels(curves)
	foot := append([]string{t.say("plot-posterior-method", map[string]any{"level": levels.words(t), "priors": strings.Join(priors, "; ")})}, levels.note(t)...)
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}

// posteriorCurves are the given curves by visit, or those of a flat prior.
func posteriorCurves(t *theme, s *series, o PosteriorOptions) ([][]effectCurve, []string, error) {
	if len(o.Curves) == 0 {
		curves, err := effectPanels("Posterior", t, s, o.Method)
		if err != nil {
			return nil, nil, err
		}
		n := 0
		for i := range curves {
			var keep []effectCurve
			for _, c := range curves[i] {
				if e, ok := c.effect.(stats.Estimate); ok && e.SE > 0 {
					keep = append(keep, c)
				}
			}
			curves[i] = keep
			n += len(keep)
		}
		if n == 0 {
			return nil, nil, fmt.Errorf("plot: Posterior: %q has no difference with a t distribution; give Curves", s.outcome.ID)
		}
		return curves, []string{t.say("plot-posterior-flat", map[string]any{"methods": t.methodsOf(curves)})}, nil
	}
	looks := t.looks(s.arms)
	out := make([][]effectCurve, len(s.results))
	var priors []string
	for k, c := range o.Curves {
		e := c.Posterior
		if !(e.SE > 0) || math.IsInf(e.SE, 0) || math.IsNaN(e.Value) || math.IsInf(e.Value, 0) || !(e.DF > 0) {
			return nil, nil, fmt.Errorf("plot: Posterior: curve %d: location %v, scale %v, degrees of freedom %v", k, e.Value, e.SE, e.DF)
		}
		if c.Prior == "" {
			return nil, nil, fmt.Errorf("plot: Posterior: curve %d does not say its prior", k)
		}
		l, ok := looks[c.Arm]
		at := -1
		for i, r := range s.results {
			if r.Visit.ID == c.Visit {
				at = i
			}
		}
		if !ok || at < 0 || l.arm.Control {
			return nil, nil, fmt.Errorf("plot: Posterior: curve %d is about arm %q at visit %q, which the results do not compare", k, c.Arm, c.Visit)
		}
		out[at] = append(out[at], effectCurve{look: l, effect: e, level: s.results[at].Level})
		priors = appendNew(priors, c.Prior)
	}
	return out, priors, nil
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
