package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// FunnelOptions are the choices of FunnelWith.
type FunnelOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Measure names the effect for the axis: "Mean difference (mm)".
	Measure string
	// Unit of the effect, after the numbers in the words of the figure: "mm".
	Unit string
	// Better says on which side of no effect the treatment is favored; where it is not
	// set no side is.
	Better study.Direction
	// Treatment and Control name what the studies compare, for the words under the
	// axis; without both an arrow says which way is better.
	Treatment, Control string
	// Ratio says that the analysis is of logarithms of ratios: the axis shows the
	// ratios, on a logarithmic scale.
	Ratio bool
	// Contours shades, in place of the dashed limits, where a study alone would have
	// p < 0.01, 0.01 to 0.05 and 0.05 to 0.10 in a two-sided normal test of no effect:
	// where studies seem to be missing outside the shades that promise significance,
	// suppressed results are a likelier cause than other differences between studies
	// (Peters et al. 2008, J Clin Epidemiol 61:991, doi:10.1016/j.jclinepi.2007.11.010).
	Contours bool
}

// funnelContours are the levels of the contours from the middle out, and the grays of
// what lies beyond each: the doubtful strip is the darkest.
var funnelContours = []struct {
	p    float64
	gray color.NRGBA
}{{0.10, rgb(0xC8C8C8)}, {0.05, rgb(0xDDDDDD)}, {0.01, rgb(0xEFEFEF)}}

// funnelFew is the number of studies below which asymmetry is not to be read.
const funnelFew = 10

// Funnel answers "do small studies tell another story than large ones?": each
// study's estimate against its standard error, the most precise at the top. The
// dashed lines hold 95% of the studies at each standard error, were there one
// effect, the pooled one, and no heterogeneity: they test nothing. Asymmetry has
// many causes beside unpublished studies (true differences between small and large
// studies, their quality, chance), and with fewer than ten studies none is to be
// read from it, which the note says. FunnelOptions.Contours has the contours of
// significance instead.
// Convention: Sterne et al. 2011, BMJ 343:d4002, doi:10.1136/bmj.d4002.
func Funnel(m stats.Meta) (*Figure, error) { return FunnelWith(m, FunnelOptions{}) }

// FunnelWith is Funnel with choices.
func FunnelWith(m stats.Meta, o FunnelOptions) (*Figure, error) {
	if len(m.Studies) == 0 {
		return nil, fmt.Errorf("plot: Funnel: no studies")
	}
	back, errorOf := func(x float64) float64 { return x }, "plot-funnel-y"
	if o.Ratio {
		back, errorOf, o.Unit = math.Exp, "plot-funnel-y-log", ""
	}
	t, err := newTheme(o.Options, false, o.Study)
	if err != nil {
		return nil, err
	}
	f := t.figure("plot-funnel-title", nil)
	pn := t.newPanel(0, 0, t.height(55))
	f.panels = []*panel{pn}
	var xs, ses span
	marks := &intervalMarks{theme: t, look: t.plainLook(0), scale: 0.8}
	outside := 0
	var told []string
	z := -stats.Estimate{SE: 1, DF: math.Inf(1)}.CI(0.95).Lo
	for i, s := range m.Studies {
		if !finite(s.Value, s.SE, back(s.Value)) || s.SE <= 0 {
			return nil, fmt.Errorf("plot: Funnel: study %d: estimate %v, standard error %v", i, s.Value, s.SE)
		}
		xs.add(s.Value)
		ses.add(0, s.SE)
		if math.Abs(s.Value-m.Value) > z*s.SE {
			outside++
		}
		told = append(told, t.say("plot-alt-funnel", map[string]any{"study": i + 1, "value": t.num(back(s.Value), 2) + spaced(o.Unit), "se": t.num(s.SE, 2) + spaced(o.Unit)}))
		marks.items = append(marks.items, interval{back(s.Value), s.SE, math.NaN(), math.NaN()})
	}
	if !finite(m.Value) {
		return nil, fmt.Errorf("plot: Funnel: pooled estimate %v", m.Value)
	}
	_, top := niceRange(0, ses.hi, 6)
	xs.add(m.Value-z*top, m.Value+z*top)
	if o.Contours {
		xs.add(-z*top, z*top) // around no effect
	}
	if o.Ratio {
		pn.plot.X.Scale = plot.LogScale{}
		pn.plot.X.Tick.Marker = LogTicks{Format: t.num}
		setRange(&pn.plot.X, logEnd(back(xs.lo), false), logEnd(back(xs.hi), true))
	} else {
		lo, hi := niceRange(xs.lo, xs.hi, 6)
		setRange(&pn.plot.X, lo, hi)
		pn.plot.X.Tick.Marker = t.ticksFor(t.width * 0.75)
	}
	setRange(&pn.plot.Y, 0, top)
	pn.plot.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	pn.plot.Y.Label.Text = t.across(t.say(errorOf, map[string]any{"unit": unitAfterComma(o.Unit)}), pn.height)
	measure := o.Measure
	if measure == "" {
		measure = t.say("plot-meta-axis", nil)
	}
	pn.plot.X.Label.Text = t.across(measure, t.width*0.75)
	if o.Better != study.BetterUnset {
		pn.below = append(pn.below, t.favors(o.Better, back(0), pairOf(o.Treatment, o.Control)))
	}
	apex := xy{back(m.Value), 0}
	foot := []string{t.say("plot-funnel-method", nil)}
	if o.Contours {
		foot[0] = t.say("plot-funnel-contours", map[string]any{"null": t.num(back(0), 0)})
		f.drawContours(pn, top, back)
	}
	pn.add(&refLine{theme: t, value: apex.x, upright: true, color: inkGray})
	if !o.Contours {
		pn.add(&linesMarks{theme: t, color: inkGray, width: 1, dashes: t.dashes(3, 2),
			lines: [][]xy{{apex, {back(m.Value - z*top), top}}, {apex, {back(m.Value + z*top), top}}}})
	}
	pn.add(marks)
	if len(m.Studies) < funnelFew {
		foot = append(foot, t.say("plot-funnel-few", map[string]any{"k": len(m.Studies), "n": funnelFew}))
	}
	f.note(foot, t.say("plot-funnel-causes", nil))
	if o.Measure != "" {
		f.what = t.say("plot-alt-outcome", map[string]any{"outcome": o.Measure, "answer": f.what})
	}
	f.tell(t.say("plot-funnel-alt", map[string]any{"outside": outside, "k": len(m.Studies), "value": t.num(apex.x, 2) + spaced(o.Unit)}), told...)
	return f, nil
}

// drawContours shades both sides beyond each level, the outer over the inner.
func (f *Figure) drawContours(pn *panel, top float64, back func(float64) float64) {
	t := f.theme
	const steps = 60 // a side's edge is straight, and cut where the axis ends
	for i, c := range funnelContours {
		z := -stats.Estimate{SE: 1, DF: math.Inf(1)}.CI(1 - c.p).Lo
		for _, side := range []float64{-1, 1} {
			far := pn.plot.X.Max
			if side < 0 {
				far = pn.plot.X.Min
			}
			m := &shadeMarks{color: c.gray, pts: []xy{{far, 0}}}
			for k := range steps + 1 {
				se := top * float64(k) / steps
				x := back(side * z * se)
				m.pts = append(m.pts, xy{min(max(x, pn.plot.X.Min), pn.plot.X.Max), se})
			}
			m.pts = append(m.pts, xy{far, top})
			pn.add(m)
		}
		code, said := "plot-funnel-p", map[string]any{"high": t.num(c.p, 2)}
		if i+1 < len(funnelContours) {
			said["low"] = t.num(funnelContours[i+1].p, 2)
		} else {
			code = "plot-funnel-p-below"
		}
		f.legend = append(f.legend, legendItem{fill: c.gray, text: t.say(code, said)})
	}
}
