package plot

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
)

// anyHypotheses is a report of n hypotheses in a graph of some arrows, or of every one.
func anyHypotheses(n int, full bool) study.Report {
	rep := study.Report{Protocol: study.Protocol{Title: "Trial", Arms: []study.Arm{{ID: "a", Label: "Active"}, {ID: "c", Label: "Control", Control: true}},
		Visits: []study.Visit{{ID: "v", Label: "Week 12"}}}}
	s := family.Scheme{Adjust: family.GraphMethod, Graph: family.Graph{Weights: map[string]float64{}, Transitions: map[string]map[string]float64{}}}
	f := &study.FamilyResult{Alpha: 0.05}
	for i := range n {
		id := fmt.Sprintf("H%d", i+1)
		rep.Protocol.Outcomes = append(rep.Protocol.Outcomes, study.Outcome{ID: id, Label: []string{"Pain (VAS)", "Function", "Quality of life of patients"}[i%3]})
		s.Members = append(s.Members, id)
		s.Graph.Weights[id] = math.Floor(1000/float64(n)) / 1000
		to := map[string]float64{}
		for j := range n {
			if j != i && (j == (i+1)%n || j == (i+n/2)%n || full) {
				to[fmt.Sprintf("H%d", j+1)] = math.Floor(1000/float64(n-1)) / 1000
			}
		}
		s.Graph.Transitions[id] = to
		f.Hypotheses = append(f.Hypotheses, study.Hypothesis{ID: id, Outcome: id, Visit: "v", Arm: "a", Control: "c", Adjusted: 0.01 + 0.03*float64(i), Tested: i < 3, Shown: i < 2})
	}
	f.Scheme, rep.Family = s, f
	return rep
}

// A box holds the hypothesis, its share of α and its answer; an arrow stands for each
// transition, begins and ends at the edges of its boxes and has its weight beside it.
func TestHypothesesMarks(t *testing.T) {
	for _, n := range []int{2, 3, 4, 6, 8} {
		f, err := Hypotheses(anyHypotheses(n, true))
		require.NoError(t, err)
		m := marksOf[*graphMarks](f.panels[0])[0]
		require.Len(t, m.boxes, n)
		require.Len(t, m.edges, n*(n-1))
		assert.Equal(t, "share "+m.theme.share(math.Floor(1000/float64(n))/1000), m.lines[0][1].text)
		assert.Equal(t, []bool{true, true}, m.shown[:2])
		near := func(x, edge float64) bool { return math.Abs(x-edge) < 0.01 }
		for _, e := range m.edges {
			assert.Equal(t, m.theme.share(m.graph.Transitions[e.from][e.to]), e.label)
			for _, end := range []struct {
				box int
				at  int
			}{{e.from, 0}, {e.to, len(e.points) - 1}} {
				b, p := m.boxes[end.box], e.points[end.at]
				assert.True(t, (near(float64(p.X), float64(b.Min.X)) || near(float64(p.X), float64(b.Max.X)) || near(float64(p.Y), float64(b.Min.Y)) || near(float64(p.Y), float64(b.Max.Y))) &&
					p.X > b.Min.X-0.01 && p.X < b.Max.X+0.01 && p.Y > b.Min.Y-0.01 && p.Y < b.Max.Y+0.01, "%d: an end at the edge of its box", n)
			}
			assert.LessOrEqual(t, -float64(m.height), float64(e.at.Y))
		}
		for i, a := range m.boxes {
			for _, b := range m.boxes[:i] {
				assert.False(t, a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y, "boxes do not overlap")
			}
		}
	}
}

func TestHypothesesWords(t *testing.T) {
	rep := anyHypotheses(4, true)
	f, err := Hypotheses(rep)
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "Pain (VAS): shown, adjusted p")
	assert.Contains(t, f.Description(), "From Pain (VAS) to Function: 0.333.")
	assert.Contains(t, f.Caption(), "0.05")
	f, err = HypothesesWith(rep, Options{Lang: "nl"})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "Pain (VAS): aangetoond, gecorrigeerde p")

	rep.Family.Scheme = family.Scheme{Adjust: family.Fixed}
	f, err = Hypotheses(rep)
	require.NoError(t, err)
	assert.Len(t, marksOf[*graphMarks](f.panels[0])[0].edges, 3, "a chain")
	rep.Family.Scheme.Adjust = family.Holm
	_, err = Hypotheses(rep)
	assert.ErrorContains(t, err, "has no graph")
	_, err = Hypotheses(study.Report{})
	assert.ErrorContains(t, err, "declares no scheme")
	if dir := os.Getenv("HYPOTHESES_LOOK"); dir != "" {
		for _, n := range []int{2, 3, 4, 6} {
			f, err := Hypotheses(anyHypotheses(n, true))
			require.NoError(t, err)
			require.NoError(t, f.Save(strings.TrimSuffix(dir, "/")+fmt.Sprintf("/hyp%d.png", n)))
		}
	}
}
