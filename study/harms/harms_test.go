package harms_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/testdata/studies"
)

func near(t testing.TB, want, got float64, what string) {
	t.Helper()
	assert.InDelta(t, want, got, 1e-9*math.Max(1e-3, math.Abs(want)), what)
}

// Every count, limit and rate of the trial's file, against R.
func TestTableIsRs(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/reference/harms.json")
	require.NoError(t, err)
	var ref struct {
		Rows []struct {
			Kind, Term, Arm                   string
			Participants, N, Events           int
			Lower, Upper, Exposure, Incidence float64
			EventRate                         float64 `json:"event_rate"`
			AtRisk                            float64 `json:"at_risk"`
			IncidenceLower                    float64 `json:"incidence_lower"`
			IncidenceUpper                    float64 `json:"incidence_upper"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	ds, err := study.LoadFS(studies.FS, "shockwave/protocol.yaml", "shockwave/data.csv", "shockwave/ae.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	got := map[string]harms.Count{}
	for _, row := range r.Safety.Events.Rows {
		for _, a := range row.Arms {
			got[string(row.Kind)+"/"+row.Term+"/"+a.Arm] = a
		}
	}
	require.Len(t, got, len(ref.Rows))
	for _, w := range ref.Rows {
		key := w.Kind + "/" + w.Term + "/" + w.Arm
		a, ok := got[key]
		require.True(t, ok, key)
		assert.Equal(t, [3]int{w.Participants, w.N, w.Events}, [3]int{a.Participants, a.N, a.Events}, key)
		for _, x := range [][2]float64{{w.Lower, a.Lower}, {w.Upper, a.Upper}, {w.Exposure, a.Exposure}, {w.EventRate, a.EventRate}, {w.AtRisk, a.AtRisk},
			{w.Incidence, a.Incidence}, {w.IncidenceLower, a.IncidenceLower}, {w.IncidenceUpper, a.IncidenceUpper}} {
			near(t, x[0], x[1], key)
		}
	}
}

// people are invented: some have several events, of some not all is recorded.
func people(r *rand.Rand, n int) []harms.Person {
	out := make([]harms.Person, n)
	for i := range out {
		out[i] = harms.Person{Arm: []string{"a", "b", "c"}[r.IntN(3)], Exposure: float64(1 + r.IntN(90))}
		for range r.IntN(4) {
			out[i].Events = append(out[i].Events, harms.Event{Term: string(rune('p' + r.IntN(4))), Serious: harms.Answer(r.IntN(3)),
				Day: float64(r.IntN(90)), HasDay: r.IntN(9) > 0})
		}
	}
	return out
}

func options(arms ...string) harms.Options {
	return harms.Options{Spec: harms.Spec{File: "ae", Term: "t", Serious: "s", Day: "d", Exposure: "e", Unit: harms.Days}, Arms: arms, Level: 0.95,
		Compare: func(a, b table.Count, _, _ string) (harms.Difference, bool) {
			e, err := table.RiskDifferenceScore(a, b)
			if err != nil {
				return harms.Difference{}, false
			}
			ci := e.CI(0.95)
			return harms.Difference{Method: "score", Estimate: e.Point(), Lower: ci.Lo, Upper: ci.Hi}, true
		}}
}

// Whatever the order of people and of their events, the table is the same; terms add
// up to all events; a swap of the arms turns the differences around; a finer unit
// divides rates by what it multiplies times by.
func TestTableProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 2))
	for range 200 {
		p := people(r, 3+r.IntN(40))
		tab := harms.New(p, options("a", "b", "c"))
		r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		again := harms.New(p, options("a", "b", "c"))
		x, err := json.Marshal(tab)
		require.NoError(t, err)
		y, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(x), string(y))
		sum := 0
		for _, row := range tab.Rows {
			for i, a := range row.Arms {
				assert.LessOrEqual(t, a.Participants+a.Unknown, a.N)
				assert.LessOrEqual(t, a.Participants, a.Events)
				if a.N > 0 {
					assert.True(t, a.Lower <= float64(a.Participants)/float64(a.N) && float64(a.Participants)/float64(a.N) <= a.Upper && a.Upper > 0)
				} else {
					assert.True(t, math.IsNaN(a.Upper))
				}
				if row.Kind == harms.OfTerm {
					sum += a.Events
				} else if row.Kind == harms.Any {
					sum -= a.Events
				}
				assert.LessOrEqual(t, a.Participants, tab.Rows[0].Arms[i].Participants)
			}
		}
		assert.Zero(t, sum, "every event has one term")
		swapped := harms.New(p, options("c", "b", "a"))
		find := func(rows []harms.Row, like harms.Row) harms.Row {
			for _, row := range rows {
				if row.Kind == like.Kind && row.Term == like.Term {
					return row
				}
			}
			t.Fatal("no row", like)
			return harms.Row{}
		}
		for _, row := range tab.Rows {
			a, b := row.Contrasts[0], find(swapped.Rows, row).Contrasts[0]
			if !math.IsNaN(a.Difference) {
				assert.InDelta(t, a.Difference, -b.Difference, 1e-12)
				assert.InDelta(t, a.Lower, -b.Upper, 1e-7)
			}
		}
		weeks := options("a", "b", "c")
		weeks.Spec.Unit = harms.Weeks
		for i := range p {
			p[i].Exposure /= 7
		}
		for _, row := range harms.New(p, weeks).Rows {
			for i, a := range row.Arms {
				b := find(tab.Rows, row).Arms[i]
				if !math.IsNaN(b.Incidence) {
					near(t, 7*b.Incidence, a.Incidence, "weeks")
					near(t, 7*b.EventRate, a.EventRate, "weeks")
				}
			}
		}
	}
}

// Not recorded is not no: who has an event that may be serious is counted apart.
func TestUnknownIsNoNo(t *testing.T) {
	p := []harms.Person{
		{Arm: "a", Events: []harms.Event{{Term: "x"}}},
		{Arm: "a", Events: []harms.Event{{Term: "x"}, {Term: "y", Serious: harms.Yes}}},
		{Arm: "a", Events: []harms.Event{{Term: "x", Serious: harms.No}}},
		{Arm: "b"},
	}
	o := options("a", "b")
	o.Spec.Day, o.Spec.Exposure, o.Spec.Unit = "", "", ""
	tab := harms.New(p, o)
	require.Equal(t, harms.AnySerious, tab.Rows[1].Kind)
	a := tab.Rows[1].Arms[0]
	assert.Equal(t, [4]int{1, 1, 1, 3}, [4]int{a.Participants, a.Events, a.Unknown, a.N})
	assert.True(t, math.IsNaN(a.EventRate) && math.IsNaN(a.Incidence) && math.IsNaN(a.Exposure))
	assert.InDelta(t, 0.975, tab.Rows[1].Arms[1].Upper, 1e-12, "0 of 1: 1 − 0.025")
	assert.Equal(t, []string{"x", "y"}, []string{tab.Rows[2].Term, tab.Rows[3].Term})
}
