package plot

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// ResidualsOptions are the choices of ResidualsWith.
type ResidualsOptions struct {
	Options
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Level of the envelope of the quantile plot; 0 means 0.95.
	Level float64
}

// Residuals answers "do the assumptions of a linear model hold well enough?"
// for a model such as ANCOVA's. Panel A sets standardized residuals against
// normal quantiles: points near the line, inside the envelope but for about
// one in twenty, look like a normal sample. Panel B sets them against fitted
// values: read whether their spread or middle changes from left to right.
// Panel C sets them against leverage: points beyond a dashed line (Cook's
// distance ½ or 1) move the model by themselves. Read A last: in a trial,
// unequal spread and single influential participants matter more than shape.
// No test belongs to this figure, and no method should be chosen by it.
// Convention: Cook & Weisberg 1982, Residuals and Influence in Regression;
// envelope of stats.NormalQQ.
func Residuals(m *stats.LinearModel) (*Figure, error) {
	return ResidualsWith(m, ResidualsOptions{})
}

// ResidualsWith is Residuals with choices.
func ResidualsWith(m *stats.LinearModel, o ResidualsOptions) (*Figure, error) {
	level, err := levelOr95("Residuals", o.Level)
	if err != nil {
		return nil, err
	}
	if m == nil || m.N() == 0 {
		return nil, errors.New("plot: Residuals: no model")
	}
	if m.Sigma() == 0 {
		return nil, errors.New("plot: Residuals: the model fits every value exactly; there are no residuals to judge")
	}
	t, err := newTheme(o.Options, true, o.Study)
	if err != nil {
		return nil, err
	}
	std, fitted, leverage, cook := m.Standardized(), m.Fitted(), m.Leverage(), m.CooksDistance()
	qq, err := stats.NormalQQ(std, level)
	if err != nil {
		return nil, fmt.Errorf("plot: Residuals: %w", err)
	}
	f := &Figure{theme: t, title: t.titled("plot-residuals-title", nil)}
	var ys span
	ys.add(-2, 2)
	ys.add(std...)
	for _, q := range qq {
		ys.add(q.Lower, q.Upper)
	}
	lo, hi := niceRange(ys.lo, ys.hi, 6)
	cols := 3
	if t.width < t.size()*48 {
		cols = 1
	}
	room := t.width/vg.Length(cols) - t.size()*7
	lk := t.plainLook(0)
	panelOf := func(i int, title, x string, xs span, pts []xy) *panel {
		pn := t.newPanel(i/cols, i%cols, t.height(42))
		pn.letter, pn.title = string(rune('A'+i)), t.say(title, nil)
		xlo, xhi := niceRange(xs.lo, xs.hi, 5)
		setRange(&pn.plot.X, xlo, xhi)
		setRange(&pn.plot.Y, lo, hi)
		pn.plot.X.Label.Text = t.across(t.say(x, nil), room)
		pn.plot.X.Tick.Marker = t.ticksFor(room)
		if i%cols == 0 {
			pn.plot.Y.Label.Text = t.across(t.say("plot-residuals-y", nil), pn.height)
		}
		f.panels = append(f.panels, pn)
		return pn
	}

	// A: quantiles, with the envelope behind.
	var xs span
	var pts, line []xy
	band := &shadeMarks{color: bandGray}
	for _, q := range qq {
		xs.add(q.Theoretical)
		pts = append(pts, xy{q.Theoretical, q.Sample})
		band.pts = append(band.pts, xy{q.Theoretical, q.Upper})
	}
	for i := len(qq) - 1; i >= 0; i-- {
		band.pts = append(band.pts, xy{qq[i].Theoretical, qq[i].Lower})
	}
	ends := math.Min(math.Max(-xs.lo, xs.hi), math.Min(-lo, hi))
	line = []xy{{-ends, -ends}, {ends, ends}}
	a := panelOf(0, "plot-residuals-qq", "plot-residuals-qq-x", xs, pts)
	a.add(band, &curveMarks{theme: t, color: inkGray, width: 1, pts: line}, &scatterMarks{theme: t, look: lk, pts: pts, size: pointSize(len(pts))})

	// B: fitted values.
	xs, pts = span{}, nil
	for i := range std {
		xs.add(fitted[i])
		pts = append(pts, xy{fitted[i], std[i]})
	}
	b := panelOf(1, "plot-residuals-fitted", "plot-residuals-fitted-x", xs, pts)
	b.add(&refLine{theme: t, value: 0, color: inkGray}, &scatterMarks{theme: t, look: lk, pts: pts, size: pointSize(len(pts))})

	// C: leverage, with contours of Cook's distance d = r²/p · h/(1 − h).
	xs, pts = span{}, nil
	xs.add(0)
	far := 0
	for i := range std {
		xs.add(leverage[i])
		pts = append(pts, xy{leverage[i], std[i]})
		if cook[i] > 1 {
			far++
		}
	}
	c := panelOf(2, "plot-residuals-leverage", "plot-residuals-leverage-x", xs, pts)
	c.add(&refLine{theme: t, value: 0, color: inkGray})
	p, nearest := float64(len(m.Names())), 0.0
	for _, d := range cook {
		nearest = math.Max(nearest, d)
	}
	drawn := false
	for _, d := range []float64{0.5, 1} {
		for _, sign := range []float64{-1, 1} {
			// One in the corner, with no participant near it, says nothing.
			if contour := cookContour(d, p, sign, c.plot.X.Max, lo, hi); len(contour) > 25 || len(contour) > 1 && nearest >= d/2 {
				drawn = true
				c.add(&curveMarks{theme: t, color: inkGray, dashes: t.dashes(2.5, 1.5), width: 1, pts: contour})
			}
		}
	}
	c.add(&scatterMarks{theme: t, look: lk, pts: pts, size: pointSize(len(pts))})

	outside := 0
	for _, q := range qq {
		if q.Sample < q.Lower || q.Sample > q.Upper {
			outside++
		}
	}
	contours := "plot-residuals-cook"
	if !drawn {
		contours = "plot-residuals-far"
	}
	foot := []string{t.say("plot-residuals-method", map[string]any{"n": len(std), "level": t.level(level)}),
		t.say(contours, map[string]any{"largest": t.num(nearest, 2)}), t.say("plot-residuals-use", nil)}
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + t.say("plot-residuals-alt", map[string]any{"n": len(std), "outside": outside,
		"level": t.level(level), "largest": t.num(largest(std), 1), "far": far})
	return f, nil
}

// cookContour is the part of r = ±√(d·p·(1 − h)/h) inside the data area.
func cookContour(d, p, sign, hMax, lo, hi float64) []xy {
	var out []xy
	for i := 1; i <= 100; i++ {
		h := hMax * float64(i) / 100
		if h >= 1 {
			break
		}
		r := sign * math.Sqrt(d*p*(1-h)/h)
		if r >= lo && r <= hi {
			out = append(out, xy{h, r})
		}
	}
	return out
}

// largest is the value farthest from 0.
func largest(xs []float64) float64 {
	var out float64
	for _, x := range xs {
		if math.Abs(x) > math.Abs(out) {
			out = x
		}
	}
	return out
}
