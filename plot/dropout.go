package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// DropoutOptions are the choices of DropoutWith.
type DropoutOptions struct {
	Options
	Spacing Spacing
}

// Dropout answers "how many participants were still in the trial at each
// visit, and did the arms lose them alike?". It takes the results of one
// outcome, a visit each. A participant counts as still in the trial at a visit
// if the outcome was observed then or at a later one, so a missed visit is not
// dropout; the percentage is of the arm's participants in the file. Read
// whether the lines part: that the arms lose unlike participants is what harms
// a comparison. The table counts the values observed at each visit.
// Convention: numbers observed under the axis, Pocock, Clayton & Altman 2002,
// Lancet 359:1686, doi:10.1016/S0140-6736(02)08594-X.
func Dropout(results []study.Result) (*Figure, error) {
	return DropoutWith(results, DropoutOptions{})
}

// DropoutWith is Dropout with choices.
func DropoutWith(results []study.Result, o DropoutOptions) (*Figure, error) {
	s, err := newSeries("Dropout", results)
	if err != nil {
		return nil, err
	}
	visits := s.visits()
	t, err := newTheme(o.Options, len(visits) > 6, s.results[0].Study)
	if err != nil {
		return nil, err
	}
	looks := t.looks(s.arms)
	f := &Figure{theme: t}
	f.title = t.titled("plot-dropout-title", map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	pn := t.newPanel(0, 0, t.height(42))
	f.panels = []*panel{pn}
	setRange(&pn.plot.Y, 0, 100)
	pn.plot.Y.Label.Text = t.across(t.say("plot-dropout-y", nil), pn.height)

	people := s.participants()
	shares := make([][]interval, len(s.arms))
	rows := make([]numberRow, len(s.arms))
	var alts []string
	for k, a := range s.arms {
		rows[k].look = looks[a.ID]
		n := len(people[a.ID])
		var still, seen = make([]int, len(visits)), make([]int, len(visits))
		for _, row := range people[a.ID] {
			last := -1
			for v, x := range row {
				if !math.IsNaN(x) {
					seen[v]++
					last = v
				}
			}
			for v := 0; v <= last; v++ {
				still[v]++
			}
		}
		for v := range visits {
			rows[k].at, rows[k].text = append(rows[k].at, float64(v)), append(rows[k].text, fmt.Sprint(seen[v]))
			if n > 0 {
				shares[k] = append(shares[k], interval{float64(v), 100 * float64(still[v]) / float64(n), math.NaN(), math.NaN()})
			}
		}
		if n > 0 {
			alts = append(alts, t.say("plot-dropout-alt", map[string]any{"arm": armName(a), "still": still[len(visits)-1],
				"n": n, "visit": visitName(visits[len(visits)-1])}))
			pn.side = append(pn.side, sideLabel{y: shares[k][len(visits)-1].value, color: looks[a.ID].color,
				text: strings.Join(t.wrap(t.text(), armName(a), t.width*0.2), "\n")})
		}
	}
	if !t.sideFits(pn.side, pn.height) {
		pn.side = nil
		f.legend = t.armLegend(s.arms, looks, true)
	}
	xs := make([]float64, len(visits))
	for i := range xs {
		xs[i] = float64(i)
	}
	strip := t.newNumberStrip(t.say("plot-n-header", nil), rows)
	dodge := t.size() * 0.7
	notes := t.placeVisits(pn, strip, visits, xs, o.Spacing, dodge*vg.Length(len(s.arms)), 0)
	if pn.plot.X.Tick.Label.Rotation != 0 && pn.side != nil { // level names of visits are worth a legend
		again := t.newPanel(0, 0, pn.height)
		again.plot.Y.Label.Text = pn.plot.Y.Label.Text
		setRange(&again.plot.Y, 0, 100)
		pn, f.panels = again, []*panel{again}
		f.legend = t.armLegend(s.arms, looks, true)
		for i := range xs {
			xs[i] = float64(i)
		}
		notes = t.placeVisits(pn, strip, visits, xs, o.Spacing, dodge*vg.Length(len(s.arms)), 0)
	}
	var arms []plot.Plotter
	for k := len(s.arms) - 1; k >= 0; k-- {
		for i := range shares[k] {
			shares[k][i].at = xs[i]
		}
		m := &intervalMarks{theme: t, look: looks[s.arms[k].ID], items: shares[k], scale: 0.85,
			offset: dodge * vg.Length(float64(k)-float64(len(s.arms)-1)/2)}
		pn.add(linkMarks{m})
		arms = append(arms, m)
	}
	pn.add(arms...)
	foot := append([]string{t.say("plot-dropout-method", nil)}, notes...)
	f.footnote = strings.Join(foot, " ")
	f.caption = foot
	f.alt = sentence(f.title) + " " + strings.Join(alts, " ")
	return f, nil
}
