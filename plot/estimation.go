package plot

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study"
)

// EstimationKey names the effect of an active arm against control at a visit.
type EstimationKey struct{ Arm, Visit string }

// EstimationOptions are the choices of the estimation plots.
type EstimationOptions struct {
	Options
	// Effects replace the difference of the changes' means by Welch's method
	// (the rows "welch-change"), for instance by a resample.Boot, whose density is
	// that of its replicates. They must be differences of mean changes, active −
	// control: the axes hang together.
	Effects map[EstimationKey]stats.Effect
	// Arm picks one active arm for GardnerAltman; "" means all.
	Arm string
	// NoThreshold leaves the line of the threshold out.
	NoThreshold bool
}

// Effects that no row of a result holds.
const (
	givenEffect     study.Method = "given"
	bootstrapEffect study.Method = "bootstrap"
)

// estimationEffect finds the difference to draw; ok is false where there is
// none.
func estimationEffect(r study.Result, arm string, o EstimationOptions) (effectCurve, bool) {
	if e, ok := o.Effects[EstimationKey{arm, r.Visit.ID}]; ok {
		m := givenEffect
		if _, boot := e.(resample.Boot); boot {
			m = bootstrapEffect
		}
		return effectCurve{effect: e, row: study.Row{Method: m}, level: r.Level}, e != nil
	}
	for _, row := range shownRows(r, study.MethodWelchChange) {
		if row.Arm == arm && row.Effect != nil {
			return newCurve(look{}, row), true
		}
	}
	return effectCurve{}, false
}

// checkEffects refuses effects of arms and visits that the results do not have.
func (s *series) checkEffects(fn string, effects map[EstimationKey]stats.Effect) error {
	var arms []string
	for _, a := range s.arms {
		arms = append(arms, a.ID)
	}
	visits := s.visitIDs()
	for _, key := range slices.SortedFunc(maps.Keys(effects), func(a, b EstimationKey) int {
		return cmp.Or(strings.Compare(a.Arm, b.Arm), strings.Compare(a.Visit, b.Visit))
	}) {
		if !slices.Contains(arms, key.Arm) || !slices.Contains(visits, key.Visit) {
			return fmt.Errorf("plot: %s: an effect of arm %q at visit %q, but the arms are %s and the visits %s", fn, key.Arm, key.Visit,
				strings.Join(arms, ", "), strings.Join(visits, ", "))
		}
	}
	return nil
}

// finishEstimation writes the words of an estimation plot, after those about its
// participants. Where another analysis decides, it says so: the plot's axes belong to
// the mean changes. The numbers are left to the caption where the page is too low.
func (f *Figure) finishEstimation(t *theme, s *series, th *study.Threshold, curves [][]effectCurve, leftOut, people []string) {
	var ms, deciding []string
	for i, cs := range curves {
		for _, c := range cs {
			if m := c.row.Method; m == givenEffect || m == bootstrapEffect {
				ms = appendNew(ms, t.say("plot-estimation-"+string(m), nil))
			} else {
				ms = appendNew(ms, t.method(m))
			}
			for _, row := range s.results[i].Deciding() {
				if row.Arm == c.look.arm.ID && !c.row.Decides {
					deciding = appendNew(deciding, t.rowMethod(row))
				}
			}
		}
	}
	levels := s.curveLevels(curves)
	foot := append(slices.Clone(people), t.say("plot-estimation-method", map[string]any{"contrast": t.contrast(s.arms), "level": levels.words(t), "methods": t.join(ms)}))
	foot = append(foot, levels.note(t)...)
	if len(deciding) > 0 {
		foot = append(foot, t.say("plot-estimation-decides", map[string]any{"methods": t.join(deciding)}))
	}
	foot = append(foot, t.leftOut(leftOut)...)
	if th != nil {
		foot = append(foot, t.thresholdNote("plot-threshold-lines", *th, s.outcome))
	}
	numbers := t.effectLines(s, curves)
	last := f.panels[f.lowest()]
	above := last.below
	f.note(foot)
	if len(numbers) <= mostPrinted {
		last.below = append(slices.Clip(above), f.printed(numbers, len(curves) > 1 || len(curves[0]) > 1))
	}
	if len(numbers) > mostPrinted || f.perhapsTooHigh() && f.TooHigh() {
		last.below = above
		f.note(append(foot, t.say("plot-estimates-in-caption", nil)), numbers...)
	}
	f.tell(s.altEstimation(t, curves), t.altEffects(s, curves)...)
}

// mostPrinted is the largest number of effects that stand under the panels; more
// of them are told by the caption.
const mostPrinted = 8

// effectLines are the effects that are drawn, each with the plan's estimate of the same
// difference, where that is another.
func (t *theme) effectLines(s *series, curves [][]effectCurve) (lines []string) {
	d := digitsOf(s.results)
	single := len(curves) == 1 && len(curves[0]) == 1
	for i, cs := range curves {
		for _, c := range cs {
			ci := c.ci()
			said := map[string]any{"unit": s.outcome.Unit, "where": t.say("plot-estimation-difference", nil),
				"value": t.estimateAt(study.Row{Estimate: c.effect.Point(), Lower: ci.Lo, Upper: ci.Hi, Level: c.level}, d, c.row.Marks(s.outcome)...)}
			if !single {
				said["where"] = t.say("plot-estimation-where", map[string]any{"arm": armName(c.look.arm), "visit": visitName(s.results[i].Visit)})
			}
			code := "plot-estimation-number"
			for _, row := range shownRows(s.results[i], "") {
				if row.Arm == c.look.arm.ID && !c.row.Decides {
					code, said["plan"] = "plot-estimation-number-plan", t.estimateAt(row, d, row.Marks(s.outcome)...)
				}
			}
			lines = append(lines, t.say(code, said))
		}
	}
	return lines
}

// lowest is the first panel of the lowest row.
func (f *Figure) lowest() (last int) {
	for i, p := range f.panels {
		if p.row > f.panels[last].row {
			last = i
		}
	}
	return last
}

// printed are effects as they stand under the lowest panel, with a heading of several,
// as wide as the page allows.
func (f *Figure) printed(lines []string, several bool) strip {
	t := f.theme
	if several {
		lines = append([]string{t.say("plot-estimation-numbers", nil)}, lines...)
	}
	room := t.width - t.edge() - f.layout().data[f.lowest()].Min.X
	var wrapped []string
	for _, l := range lines {
		wrapped = append(wrapped, t.clauses(t.text(), l, room)...)
	}
	return &textStrip{text: strings.Join(wrapped, "\n")}
}
