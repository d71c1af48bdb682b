package plot

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
)

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

func consort() Disposition {
	return Disposition{Assessed: 100, Excluded: []Reason{{"not eligible", 30}, {"declined", 10}}, Randomized: 60,
		Arms: []ArmDisposition{
			{Label: "Laser", Allocated: 31, NotReceived: []Reason{{"ill", 1}}, Lost: []Reason{{"moved", 3}},
				Discontinued: []Reason{{"pain", 2}}, LostAnalyzed: 2, Analyzed: 27, NotAnalyzed: []Reason{{"no baseline", 1}}},
			{Label: "Sham", Allocated: 29, Analyzed: 29}}}
}

func flowWords(t *testing.T, f *Figure) []string {
	t.Helper()
	var out []string
	for _, b := range marksOf[*flowMarks](f.panels[0])[0].boxes {
		var lines []string
		for _, l := range b.lines {
			lines = append(lines, l.text)
		}
		out = append(out, strings.Join(lines, "|"))
	}
	return out
}

func TestFlowMarks(t *testing.T) {
	f, err := Flow(consort())
	require.NoError(t, err)
	assert.Equal(t, []string{
		"Assessed for eligibility (n = 100)",
		"Excluded (n = 40)|not eligible (n = 30)|declined (n = 10)",
		"Randomized (n = 60)",
		"Allocated to Laser (n = 31)|Received allocated intervention (n = 30)|Did not receive allocated intervention (n = 1)|ill (n = 1)",
		"Allocated to Sham (n = 29)|Received allocated intervention (n = 29)",
		"Lost to follow-up (n = 3)|moved (n = 3)|Discontinued intervention (n = 2)|pain (n = 2)",
		"Lost to follow-up (n = 0)|Discontinued intervention (n = 0)",
		"Analyzed for primary outcome (n = 27)|Of whom lost or discontinued (n = 2)|Not analyzed for primary outcome (n = 1)|no baseline (n = 1)",
		"Analyzed for primary outcome (n = 29)|Not analyzed for primary outcome (n = 0)",
	}, flowWords(t, f))
	f, err = FlowWith(consort(), FlowOptions{Wording: CONSORT2010})
	require.NoError(t, err)
	assert.Equal(t, "Analyzed (n = 29)|Excluded from analysis (n = 0)", flowWords(t, f)[8])
	_, err = FlowWith(consort(), FlowOptions{Wording: 7})
	assert.Error(t, err)

	// Every arrow begins at a box, or on another arrow, and ends at a box.
	m := marksOf[*flowMarks](f.panels[0])[0]
	require.Len(t, m.arrows, 2+2+4)
	for i, a := range m.arrows {
		tip, ends := a[len(a)-1], 0
		for _, b := range m.boxes {
			if tip.X >= b.Min.X-0.01 && tip.X <= b.Max.X+0.01 && tip.Y >= b.Min.Y-0.01 && tip.Y <= b.Max.Y+0.01 {
				ends++
			}
		}
		assert.Equal(t, 1, ends, "arrow %d ends at one box", i)
	}
	for i, a := range m.boxes {
		for _, b := range m.boxes[:i] {
			apart := a.Min.X >= b.Max.X || b.Min.X >= a.Max.X || a.Min.Y >= b.Max.Y || b.Min.Y >= a.Max.Y
			assert.True(t, apart, "%v and %v", a.lines, b.lines)
		}
	}
	assert.Equal(t, "Assessed for eligibility: 100. Excluded: 40 (not eligible: 30; declined: 10). Randomized: 60. "+
		"Allocated to Laser: 31 (Received allocated intervention: 30; Did not receive allocated intervention: 1 (ill: 1)). "+
		"Lost to follow-up: 3 (moved: 3). Discontinued intervention: 2 (pain: 2). Analyzed: 27 (Of whom lost or discontinued: 2). "+
		"Excluded from analysis: 1 (no baseline: 1). Allocated to Sham: 29 (Received allocated intervention: 29). "+
		"Lost to follow-up: 0. Discontinued intervention: 0. Analyzed: 29. Excluded from analysis: 0.", f.Description())
}

func TestFlowMustAddUp(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Disposition)
		want   string
	}{
		"assessed":     {func(d *Disposition) { d.Assessed = 99 }, "assessed: 99, but randomized + excluded is 100"},
		"excluded":     {func(d *Disposition) { d.Excluded[0].N = 31 }, "assessed"},
		"randomized":   {func(d *Disposition) { d.Randomized, d.Assessed = 61, 101 }, "sum of allocated"},
		"allocated":    {func(d *Disposition) { d.Arms[1].Allocated = 30 }, "randomized"},
		"lost":         {func(d *Disposition) { d.Arms[0].Lost[0].N = 4 }, "arm 1 (Laser), analyzed + not analyzed: 28, but"},
		"analyzed":     {func(d *Disposition) { d.Arms[1].Analyzed = 28 }, "arm 2 (Sham)"},
		"not received": {func(d *Disposition) { d.Arms[0].NotReceived[0].N = 32 }, "not received"},
		"all lost":     {func(d *Disposition) { d.Arms[0].Lost[0].N = 32 }, "lost and discontinued"},
		"lost kept":    {func(d *Disposition) { d.Arms[0].LostAnalyzed = 6 }, "lost but analyzed"},
		"negative":     {func(d *Disposition) { d.Arms[1].Analyzed = -1 }, "-1 participants"},
		"no reason":    {func(d *Disposition) { d.Excluded[1].Text = " " }, "reason"},
		"no screening": {func(d *Disposition) { d.Assessed = 0 }, "none assessed"},
		"no arms":      {func(d *Disposition) { d.Arms = nil }, "no arms"},
	} {
		d := consort()
		c.change(&d)
		_, err := Flow(d)
		assert.ErrorContains(t, err, c.want, name)
	}
	d := consort()
	d.Assessed, d.Excluded = 0, nil
	f, err := Flow(d)
	require.NoError(t, err)
	assert.Equal(t, "Randomized (n = 60)", flowWords(t, f)[0])
	assert.Contains(t, f.Caption(), "not given")
	one := Disposition{Randomized: 5, Arms: []ArmDisposition{{Label: "Only", Allocated: 5, Analyzed: 5}}}
	f, err = Flow(one)
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
	_, err = FlowWith(consort(), FlowOptions{Options: Options{Width: 32}})
	assert.ErrorContains(t, err, "make it wider")
}

// The first lines of the boxes of a row stand at one height, at the top: also where
// the stage's name makes the boxes higher than their words.
func TestFlowBoxesBeginAtTheTop(t *testing.T) {
	for name, draw := range map[string]func() (*Figure, error){
		"flow":    func() (*Figure, error) { return Flow(consort()) },
		"hilt":    func() (*Figure, error) { return Consort(flowReport(t, "hilt")) },
		"consort": func() (*Figure, error) { return Consort(flowReport(t, "flow")) },
	} {
		f, err := draw()
		require.NoError(t, err)
		l := f.layout()
		for _, b := range marksOf[*flowMarks](f.panels[0])[0].boxes {
			top := l.data[0].Max.Y + b.Max.Y
			found := false
			for _, m := range l.render().Marks {
				if m.Kind == render.MarkText && m.Text == b.lines[0].text && m.At.X > l.data[0].Min.X+b.Min.X && m.At.X < l.data[0].Min.X+b.Max.X {
					assert.InDelta(t, float64(f.theme.size())*(flowPad+0.9), float64(top-m.At.Y), 0.02, "%s: %q", name, m.Text)
					found = true
				}
			}
			assert.True(t, found, b.lines[0].text)
		}
	}
}

// Where boxes beside each other divide words or are higher than a page, a stage is a
// table: what arms have in common once, each count under its arm, and no count where an
// arm tells none.
func TestFlowTable(t *testing.T) {
	d := consort()
	d.Arms[0].Lost[0].Text = "thrombocytopenia"
	d.Arms[1].Lost = []Reason{{"unwell", 0}, {"thrombocytopenia", 0}}
	f, err := FlowWith(d, FlowOptions{Options: Options{Width: 62}})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
	m := marksOf[*flowMarks](f.panels[0])[0]
	require.Len(t, m.boxes, 3+3)
	rows := ""
	for _, b := range m.boxes[3:] {
		for _, l := range b.lines {
			rows += strings.Join(append([]string{strings.ReplaceAll(l.text, "\u00a0", " ")}, l.cells...), "|") + "\n"
		}
	}
	assert.Equal(t, "1: Allocated to Laser (n = 31)\n2: Allocated to Sham (n = 29)\n|1|2\nReceived allocated intervention|30|29\n"+
		"Did not receive allocated|1|–\nintervention\nill|1|–\n"+
		"|1|2\nLost to follow-up|3|0\nunwell|–|0\nthrombocytopenia|3|0\nDiscontinued intervention|2|0\npain|2|–\n"+
		"|1|2\nAnalyzed for primary outcome|27|29\nOf whom lost or discontinued|2|–\nNot analyzed for primary|1|0\noutcome\nno baseline|1|–\n", rows)
	assert.Contains(t, f.Note(), "not told of that arm")
	assert.Contains(t, f.Description(), "Allocated to Sham: 29 (Received allocated intervention: 29).", "who cannot see it is told arm by arm")
	require.Len(t, m.arrows, 2+3*2)
	for i, a := range m.arrows[2:] { // an arrow an arm, over its counts
		room := m.columns[1] - m.columns[0]
		assert.InDelta(t, float64(m.columns[i%2]-room/2), float64(a[len(a)-1].X), float64(room/2), i)
	}

	f, err = FlowWith(d, FlowOptions{Options: Options{Width: 180}})
	require.NoError(t, err)
	assert.Empty(t, marksOf[*flowMarks](f.panels[0])[0].columns, "boxes beside each other where they fit")
	assert.NotContains(t, f.Note(), "not told")
}
