package plot

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/testdata/studies"
)

// eventsOf is a report of so many terms in the arms, of participants invented for it.
func eventsOf(arms []study.Arm, info study.StudyInfo, terms, perArm int, long bool) study.Report {
	r := rand.New(rand.NewPCG(uint64(terms), uint64(perArm)))
	rep := study.Report{Protocol: study.Protocol{Title: info.Title, Simulated: info.Simulated, Arms: arms}}
	var ids []string
	for _, a := range slices.SortedStableFunc(slices.Values(arms), func(a, b study.Arm) int {
		if a.Control == b.Control {
			return 0
		}
		return map[bool]int{false: -1, true: 1}[a.Control]
	}) {
		ids = append(ids, a.ID)
	}
	var people []harms.Person
	for k, id := range ids {
		for range perArm {
			p := harms.Person{Arm: id}
			for i := range terms {
				if r.Float64() < 0.5/float64(1+i%7+k) {
					name := fmt.Sprintf("Event %d", i)
					if long && i%3 == 0 {
						name += " of the musculoskeletal system, otherwise not specified, with a name"
					}
					p.Events = append(p.Events, harms.Event{Term: name, Serious: harms.Answer(1 + r.IntN(2))})
				}
			}
			people = append(people, p)
		}
	}
	t := harms.New(people, harms.Options{Spec: harms.Spec{Term: "t", Serious: "s"}, Arms: ids, Level: 0.95,
		Compare: func(a, b table.Count, _, _ string) (harms.Difference, bool) {
			e, err := table.RiskDifferenceScore(a, b)
			if err != nil {
				return harms.Difference{}, false
			}
			ci := e.CI(0.95)
			return harms.Difference{Method: string(study.RiskScore), Estimate: e.Point(), Lower: ci.Lo, Upper: ci.Hi}, true
		}})
	rep.Safety.Events = &t
	return rep
}

// anyEvents are adverse events in the arms of results.
func anyEvents(rs []study.Result) study.Report {
	return eventsOf(rs[0].Arms, rs[0].Study, 3+len(rs)*2, 3+len(rs[0].Records)/max(len(rs[0].Arms), 1), len(rs)%2 == 0)
}

func shockwave(t testing.TB) study.Report {
	t.Helper()
	ds, err := study.LoadFS(studies.FS, "shockwave/protocol.yaml", "shockwave/data.csv", "shockwave/ae.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// The marks are the counts of testdata/reference/harms.json (made by R) and the
// report's differences, in percent, in the order that is asked for.
func TestAdverseEvents(t *testing.T) {
	r := shockwave(t)
	f, err := AdverseEvents(r)
	require.NoError(t, err)
	require.Empty(t, layoutProblems(f))
	names := func(f *Figure) (out []string) {
		for _, l := range f.panels[0].rows {
			out = append(out, strings.ReplaceAll(l.text, "\n", " "))
		}
		return out
	}
	assert.Equal(t, []string{"Any adverse event", "Serious", "Related to the treatment", "Led to withdrawal", "Pain during treatment", "Reddening of the skin",
		"Bruise", "Knee pain", "Appendicitis"}, names(f)[:9])
	assert.Equal(t, "Headache", names(f)[15], "the only one with more participants under sham than calf strain")
	risks := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, risks, 2)
	for k, want := range []float64{39, 3, 32, 1, 22, 12} {
		assert.InDelta(t, 100*want/48, risks[0].items[k].value, 1e-12)
	}
	none := risks[1].items[1] // serious under sham: 0 of 48, binom.test(0, 48)
	assert.Equal(t, 0.0, none.value)
	assert.InDelta(t, 7.397278534728, none.hi, 1e-9)
	diffs := marksOf[*intervalMarks](f.panels[1])
	require.Len(t, diffs, 1)
	for k, want := range []float64{39 - 22, 3, 32 - 8, 1, 20, 11} {
		assert.InDelta(t, 100*want/48, diffs[0].items[k].value, 1e-12)
		assert.Equal(t, risks[0].items[k].at, diffs[0].items[k].at, "a row is one line across the panels")
	}
	assert.Equal(t, 100*r.Safety.Events.Rows[0].Contrasts[0].Lower, diffs[0].items[0].lo)
	for i := range 11 {
		assert.GreaterOrEqual(t, diffs[0].items[4+i].value, diffs[0].items[5+i].value)
	}

	f, err = AdverseEventsWith(r, AdverseEventsOptions{Order: ByFrequency})
	require.NoError(t, err)
	assert.Equal(t, []string{"Pain during treatment", "Cold", "Headache"}, names(f)[4:7])
	_, err = AdverseEventsWith(r, AdverseEventsOptions{Order: "size"})
	assert.ErrorContains(t, err, "size")
	_, err = AdverseEvents(study.Report{})
	assert.ErrorContains(t, err, "data.adverse_events")

	nl, err := r.In("nl")
	require.NoError(t, err)
	f, err = AdverseEventsWith(nl, AdverseEventsOptions{Options: Options{Lang: "nl"}})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "39 van 48 Schokgolven, 22 van 48 Schijnbehandeling, verschil Schokgolven − Schijnbehandeling 35 (95%-BI 14 tot 53) procentpunten")
	assert.Contains(t, f.Description(), "Pijn tijdens de behandeling: 22 van 48 Schokgolven, 2 van 48")
	assert.NotRegexp(t, `(?i)\bsafe|veilig`, f.Caption()+f.Alt()+f.Description())
}

// Of many terms the most frequent are drawn, and the note names the others; no figure is
// higher than a page, whatever the arms and the names.
func TestAdverseEventsOfManyTerms(t *testing.T) {
	for _, c := range []struct{ arms, terms, width int }{{2, 12, 85}, {2, 31, 174}, {2, 80, 174}, {3, 80, 174}, {6, 60, 174}, {4, 200, 130}} {
		for _, lang := range []string{"en", "nl"} {
			tr := randomTrial(c.arms, 2, 12, 0)
			rep := eventsOf(tr.results(t)[0].Arms, tr.info, c.terms, 25, true)
			f, err := AdverseEventsWith(rep, AdverseEventsOptions{Options: Options{Width: float64(c.width), Lang: lang}})
			require.NoError(t, err)
			_, high := f.Size()
			assert.LessOrEqual(t, high, 235.0, "%+v", c)
			require.Empty(t, layoutProblems(f), "%+v", c)
			drawn, all := 0, map[string]int{}
			for _, row := range rep.Safety.Events.Rows {
				if row.Kind == harms.OfTerm {
					all[row.Term] = row.Total()
				}
			}
			least := 1 << 30
			for _, l := range f.panels[0].rows {
				if n, ok := all[strings.Join(strings.Fields(strings.ReplaceAll(l.text, "\u00a0", " ")), " ")]; ok {
					drawn++
					least = min(least, n)
				}
			}
			assert.LessOrEqual(t, drawn, mostTerms)
			assert.GreaterOrEqual(t, drawn, min(len(all), 5), "%+v", c)
			if drawn == len(all) {
				continue
			}
			assert.Contains(t, f.Caption(), fmt.Sprintf("%d ", len(all)-drawn), "%+v: the others are counted", c)
			rest := slices.SortedFunc(func(yield func(int) bool) {
				for _, n := range all {
					if !yield(n) {
						return
					}
				}
			}, func(a, b int) int { return cmp.Compare(b, a) })
			assert.Equal(t, rest[drawn-1], least, "none that is drawn is rarer than one that is not")
		}
	}
}
