package plot

import (
	"fmt"

	"github.com/trialkit/trialkit/study"
)

// ECDFOptions are the choices of ECDFWith.
type ECDFOptions struct {
	Options
	Of Quantity
}

// ECDF answers "which share of each arm lies at or below a value?" for all
// values at once: the empirical distribution functions of one visit's changes
// (or values), a step of 1/n for each participant and nothing smoothed. Read
// across at 50 % for the medians; where one arm's curve lies left of the
// other's throughout, its whole distribution is lower. For improvement rather
// than value see Responders.
// Convention: Wilk & Gnanadesikan 1968, Biometrika 55:1,
// doi:10.1093/biomet/55.1.1.
func ECDF(result study.Result) (*Figure, error) { return ECDFWith(result, ECDFOptions{}) }

// ECDFWith is ECDF with choices.
func ECDFWith(result study.Result, o ECDFOptions) (*Figure, error) {
	s, err := newSeries("ECDF", []study.Result{result})
	if err != nil {
		return nil, err
	}
	if err := o.Of.check("ECDF"); err != nil {
		return nil, err
	}
	t, err := newTheme(o.Options, false, result.Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t, legend: t.armLegend(s.arms, looks, true)}
	for i := range f.legend {
		f.legend[i].bare = true
	}
	f.entitle("plot-ecdf-title", map[string]any{"what": t.quantityLabel(o.Of, s)})
	pn := t.newPanel(0, 0, t.height(45))
	f.panels = []*panel{pn}
	var xs span
	for _, a := range s.arms {
		xs.add(s.quantity(o.Of, a.ID)...)
	}
	if !xs.any {
		return nil, fmt.Errorf("plot: ECDF: %q has no participant to show", s.outcome.ID)
	}
	lo, hi := s.quantityRange(o.Of, xs)
	setRange(&pn.plot.X, lo, hi)
	setRange(&pn.plot.Y, 0, 100)
	room := t.width - t.size()*7
	pn.plot.X.Label.Text = t.quantityAxis(o.Of, s, room)
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.Y.Label.Text = t.across(t.say("plot-ecdf-y", nil), pn.height)
	var alts []string
	for k, a := range s.arms {
		values := s.quantity(o.Of, a.ID)
		f.legend[k].text = t.say("plot-n-of", map[string]any{"arm": armName(a), "n": len(values)})
		if len(values) == 0 {
			continue
		}
		pn.add(&stepMarks{theme: t, look: looks[a.ID], pts: ecdfSteps(values, lo, hi)})
		alts = append(alts, t.say("plot-histogram-alt", map[string]any{"arm": armName(a), "n": len(values),
			"lo": t.shortest(values[0]), "hi": t.shortest(values[len(values)-1]), "unit": spaced(s.outcome.Unit)}))
	}
	f.footnote = t.say("plot-ecdf-method", nil)
	f.caption = []string{f.footnote}
	f.tell(s.altDistribution(t, o.Of, "plot-alt-half"), alts...)
	return f, nil
}

// ecdfSteps are the corners of 100 times the share of sorted values ≤ x, over
// [lo, hi].
func ecdfSteps(values []float64, lo, hi float64) []xy {
	n := float64(len(values))
	pts := []xy{{lo, 0}}
	for i := 0; i < len(values); {
		j := i
		for j < len(values) && values[j] == values[i] {
			j++
		}
		pts = append(pts, xy{values[i], 100 * float64(i) / n}, xy{values[i], 100 * float64(j) / n})
		i = j
	}
	return append(pts, xy{hi, 100})
}
