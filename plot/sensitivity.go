package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/nexttrial"
)

// SensitivityOptions are the choices of SensitivityWith.
type SensitivityOptions struct {
	Options
}

// Sensitivity answers "what if effect or spread are not what the plan assumes?" at
// the planned size of a trial: power over the true effect, a line for each spread (SD,
// share or rate in the control arm). Where the upright line, the effect planned for, meets
// the middle curve, power is what was asked for. The effects and spreads are those of
// nexttrial.Plan.Sensitivity.
// Convention: power beside the assumptions it rests on, ICH E9 (1998) section 3.5.
func Sensitivity(p nexttrial.Plan) (*Figure, error) {
	return SensitivityWith(p, SensitivityOptions{})
}

// SensitivityWith is Sensitivity with choices.
func SensitivityWith(p nexttrial.Plan, o SensitivityOptions) (*Figure, error) {
	s := p.Sensitivity
	if len(p.Comparisons) == 0 || len(s.Curve) < 2 || len(s.Powers) != len(s.Rows) || len(s.Effects) != 3 {
		return nil, fmt.Errorf("plot: Sensitivity: no plan")
	}
	t, err := newTheme(o.Options, false, study.StudyInfo{Title: p.Protocol.Title, Registration: p.Protocol.Registration, Simulated: p.Protocol.Simulated})
	if err != nil {
		return nil, err
	}
	out := p.Outcome.In(t.cat.Own(p.Protocol.Translations), t.cat)
	f := t.figure("plot-sensitivity-title", nil)
	pn := t.newPanel(0, 0, t.height(50))
	f.panels = []*panel{pn}
	t.sensitivityFrame(pn, p, out)
	var alts []string
	planned, scale := s.Effects[1], effectScale(p)
	for i, row := range s.Rows {
		lk := t.plainLook(i)
		m := &curveMarks{theme: t, color: lk.color, dashes: lk.dashes}
		for k, x := range s.Curve {
			if !math.IsNaN(s.Powers[i][k]) {
				m.pts = append(m.pts, xy{scale * x, 100 * s.Powers[i][k]})
			}
		}
		if len(m.pts) < 2 {
			continue
		}
		pn.add(m)
		label := t.spreadLabel(s.By, row, out)
		f.legend = append(f.legend, legendItem{look: lk, text: label, line: true, bare: true})
		alts = append(alts, t.say("plot-sensitivity-alt", map[string]any{"label": label, "power": t.num(100*nearest(s.Curve, s.Powers[i], planned), 0), "effect": t.plannedEffect(p, out)}))
	}
	f.note([]string{t.say("plot-sensitivity-method", map[string]any{"n": p.Analyzed})})
	if len(alts) == 0 {
		return nil, fmt.Errorf("plot: Sensitivity: no power at any effect")
	}
	main := len(alts) / 2 // the spread that is planned with
	var rest []string
	for i, a := range alts {
		if i != main {
			rest = append(rest, sentence(a))
		}
	}
	f.tell(t.say("plot-sensitivity-alts", map[string]any{"outcome": out.Label, "line": alts[main]}), rest...)
	return f, nil
}

// nearest is the power at the point of a curve nearest to x.
func nearest(at, powers []float64, x float64) float64 {
	best := 0
	for k := range at {
		if math.Abs(at[k]-x) < math.Abs(at[best]-x) {
			best = k
		}
	}
	return powers[best]
}

// effectScale is what an effect is drawn in units of: a difference of shares in percentage
// points, as the page has it.
func effectScale(p nexttrial.Plan) float64 {
	if p.Outcome.Kind == study.KindBinary {
		return 100
	}
	return 1
}

// plannedEffect writes the effect that was planned for, a difference with its unit.
func (t *theme) plannedEffect(p nexttrial.Plan, o study.Outcome) string {
	x := t.shortest(roundTo(effectScale(p)*p.Sensitivity.Effects[1], 3))
	switch p.Outcome.Kind {
	case study.KindBinary:
		return t.say("plot-sensitivity-points", map[string]any{"x": x})
	case study.KindOrdinal, study.KindCount: // ratios
		return x
	}
	return x + spaced(o.Unit)
}

// armsIn are arms with their names in a trial's own words of another language.
func armsIn(arms []study.Arm, words map[string]string) []study.Arm {
	out := slices.Clone(arms)
	for i, a := range out {
		out[i].Label, out[i].Short = cmp.Or(words[a.Label], a.Label), cmp.Or(words[a.Short], a.Short)
	}
	return out
}

// spreadLabel names a line.
func (t *theme) spreadLabel(by string, x float64, o study.Outcome) string {
	switch by {
	case "sd":
		return t.say("plot-sensitivity-sd", map[string]any{"x": t.shortest(roundTo(x, o.Digits()+1)), "unit": o.Unit})
	case "share":
		return t.say("plot-sensitivity-share", map[string]any{"x": t.shortest(roundTo(100*x, 1))})
	case "rate":
		return t.say("plot-sensitivity-rate", map[string]any{"x": t.shortest(roundTo(x, 3))})
	}
	return t.say("plot-sensitivity-assumed", nil)
}

// sensitivityFrame sets the axes and the lines of the planned effect and power.
func (t *theme) sensitivityFrame(pn *panel, p nexttrial.Plan, o study.Outcome) {
	s := p.Sensitivity
	var xs span
	scale := effectScale(p)
	for _, x := range s.Curve {
		xs.add(scale * x)
	}
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	setRange(&pn.plot.X, lo, hi)
	setRange(&pn.plot.Y, 0, 100)
	arms := armsIn(p.Protocol.Arms, t.cat.Own(p.Protocol.Translations))
	t.knowNames(arms)
	code, args, plain := "plot-sensitivity-x", map[string]any{"outcome": outcomeLabel(o)}, "-plain"
	if len(arms) > 1 {
		args = map[string]any{"outcome": o.ShortLabel(), "contrast": t.contrast(arms), "unit": unitAfterComma(o.Unit)}
		plain = ""
	}
	switch o.Kind {
	case study.KindBinary:
		code += "-share" + plain
	case study.KindOrdinal:
		code, args = code+"-odds", map[string]any{"outcome": outcomeLabel(o)}
	case study.KindCount:
		code, args = code+"-rate", map[string]any{"outcome": outcomeLabel(o)}
	default:
		code += plain
	}
	room := t.width - t.size()*7
	pn.plot.X.Label.Text = t.towardArm(t.say(code, args), o.Better, arms, room)
	pn.plot.X.Tick.Marker = t.ticksFor(room)
	pn.plot.Y.Label.Text = t.say("plot-sensitivity-y", nil)
	pn.add(&refLine{theme: t, value: 100 * p.Power, color: inkGray, dashes: t.dashes(2.5, 1.5)})
	pn.side = append(pn.side, sideLabel{y: 100 * p.Power, text: t.num(100*p.Power, 0) + "%", color: inkGray})
	pn.add(&refLine{theme: t, value: scale * s.Effects[1], upright: true, color: inkGray, dashes: t.dashes(2.5, 1.5)})
	pn.top = append(pn.top, topLabel{scale * s.Effects[1], t.say("plot-sensitivity-planned", map[string]any{"effect": t.plannedEffect(p, o)})})
}
