package plot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study"
)

func TestGardnerAltmanMarks(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := GardnerAltman(rs[1])
	require.NoError(t, err)
	left, right := f.Plot(0), f.Plot(1)
	var means [2]interval // active, control
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		means[m.look.index] = m.items[0]
	}
	d := marksOf[*intervalMarks](f.panels[1])[0].items[0]
	welch := rs[1].Rows[2]
	require.Equal(t, study.MethodWelchChange, welch.Method)
	assert.Equal(t, interval{0, welch.Estimate, welch.Lower, welch.Upper}, d)
	assert.Contains(t, f.Caption(), "The analysis that decides is another: ANCOVA on baseline and covariates.")
	// The axes hang together: control's mean is 0, the active arm's mean is at
	// the difference, and a unit is as long on both.
	assert.InDelta(t, left.Y.Norm(means[1].value), right.Y.Norm(0), 1e-12)
	assert.InDelta(t, left.Y.Norm(means[0].value), right.Y.Norm(d.value), 1e-12)
	l := f.layout()
	assert.Equal(t, l.data[0].Min.Y, l.data[1].Min.Y)
	assert.Equal(t, l.data[0].Max.Y, l.data[1].Max.Y)
	// The margin between arms is on the side of benefit.
	lines := marksOf[*refLine](f.panels[1])
	assert.Equal(t, -1.3, lines[1].value)

	boot, err := resample.BootstrapWith([]float64{-3.3, -3.1, -2.9, -3.6, -3.3}, []float64{-0.2, -1.2, -0.4, -0.4, -0.8}, resample.BootOptions{Replicates: 999})
	require.NoError(t, err)
	f, err = GardnerAltmanWith(rs[1], EstimationOptions{Effects: map[EstimationKey]stats.Effect{{"hilt", "h24"}: boot}})
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), "by bootstrap")
	assert.Equal(t, fromEffect(0, boot, 0.95), marksOf[*intervalMarks](f.panels[1])[0].items[0])
	require.Len(t, marksOf[*violinMarks](f.panels[1]), 1)

	_, err = GardnerAltmanWith(rs[1], EstimationOptions{Arm: "nobody"})
	assert.ErrorContains(t, err, "nobody")
	one := smallTrial()
	one.values = [][][]float64{{{6, 4, 3}}, {{5, 5, 5}}}
	_, err = GardnerAltman(one.results(t)[0])
	assert.ErrorContains(t, err, "no difference")
}

// Every active arm is drawn, each with its difference from control; one asked for
// stands alone. An arm without a difference is named.
func TestGardnerAltmanShowsEveryArm(t *testing.T) {
	tr := randomTrial(4, 2, 12, 0)
	r := tr.results(t)[0]
	f, err := GardnerAltman(r)
	require.NoError(t, err)
	require.Len(t, marksOf[*intervalMarks](f.panels[0]), 4)
	got := marksOf[*intervalMarks](f.panels[1])
	require.Len(t, got, 3)
	for k, m := range got {
		for _, row := range r.Rows {
			if row.Method == study.MethodWelchChange && row.Arm == m.look.arm.ID {
				assert.Equal(t, interval{float64(k), row.Estimate, row.Lower, row.Upper}, m.items[0])
			}
		}
		assert.Equal(t, tr.arms[k].ID, m.look.arm.ID)
	}
	one, err := GardnerAltmanWith(r, EstimationOptions{Arm: "b"})
	require.NoError(t, err)
	require.Len(t, marksOf[*intervalMarks](one.panels[1]), 1)

	tr.values[1] = tr.values[1][:1] // nobody to compare with
	f, err = GardnerAltman(tr.results(t)[0])
	require.NoError(t, err)
	assert.Len(t, marksOf[*intervalMarks](f.panels[1]), 2)
	assert.Contains(t, drawnWords(f), "Not drawn, for want of an estimate with a bounded interval: Dose 30 mg.")
}

func TestCummingMarks(t *testing.T) {
	rs := randomTrial(3, 3, 12, 0).results(t)
	f, err := Cumming(rs)
	require.NoError(t, err)
	n := 0
	for _, m := range marksOf[*intervalMarks](f.panels[1]) {
		it := m.items[0]
		for _, row := range rs[int(it.at)].Rows {
			if row.Method == study.MethodWelchChange && row.Arm == m.look.arm.ID {
				assert.Equal(t, interval{it.at, row.Estimate, row.Lower, row.Upper}, it)
			}
		}
		n++
	}
	assert.Equal(t, 4, n, "two active arms at two visits")
	assert.Equal(t, f.Plot(0).X.Min, f.Plot(1).X.Min)
	assert.Equal(t, f.Plot(0).X.Max, f.Plot(1).X.Max)

	f, err = PairedEstimation(rs)
	require.NoError(t, err)
	s, err := newSeries("", rs)
	require.NoError(t, err)
	for k, a := range s.arms {
		down := marksOf[*intervalMarks](f.panels[2*k+1])
		require.Len(t, down, 2)
		for i, m := range down {
			row, ok := s.within(i, a.ID)
			require.True(t, ok)
			assert.Equal(t, interval{float64(4 * (i + 1)), row.Estimate, row.Lower, row.Upper}, m.items[0], "weeks 4 and 8")
		}
	}
	assert.Contains(t, f.Caption(), "do not test")
}

// The numbers under a paired plot count those with baseline and the visit.
func TestPairedNumbers(t *testing.T) {
	rs := randomTrial(2, 4, 30, 0.2).results(t)
	f, err := PairedEstimation(rs)
	require.NoError(t, err)
	s, err := newSeries("test", rs)
	require.NoError(t, err)
	strips := 0
	for i, p := range f.panels {
		for _, b := range p.below {
			strip := b.(*numberStrip)
			strips++
			arm := s.arms[i/2]
			for v := range rs {
				assert.Equal(t, fmt.Sprint(len(s.changes(v, arm.ID))), strip.rows[0].text[v+1])
			}
		}
	}
	assert.Equal(t, len(s.arms), strips)
}

// Effects given for arms or visits that are not there would be drawn nowhere.
func TestEffectsOfUnknownArmsAreRefused(t *testing.T) {
	rs := smallTrial().results(t)
	for key, draw := range map[EstimationKey]func(EstimationOptions) (*Figure, error){
		{"hilt", "week9"}: func(o EstimationOptions) (*Figure, error) { return CummingWith(rs, o) },
		{"laser", "h24"}:  func(o EstimationOptions) (*Figure, error) { return PairedEstimationWith(rs, o) },
		{"laser", "post"}: func(o EstimationOptions) (*Figure, error) { return GardnerAltmanWith(rs[0], o) },
	} {
		_, err := draw(EstimationOptions{Effects: map[EstimationKey]stats.Effect{key: stats.Estimate{Value: 1, SE: 1, DF: 9}}})
		assert.ErrorContains(t, err, "arm \""+key.Arm+"\" at visit \""+key.Visit+"\", but the arms are hilt, sham and the visits ")
	}
}

// The figure prints the effect that it draws and, beside it, the plan's: of many,
// the caption has them all.
func TestEstimationPrintsBothEffects(t *testing.T) {
	rs := smallTrial().results(t)
	ancova, welch := rs[1].Rows[1], rs[1].Rows[2]
	require.True(t, ancova.Decides)
	want := fmt.Sprintf("%.2f (95%% CI %.2f to %.2f)", welch.Estimate, welch.Lower, welch.Upper)
	plan := fmt.Sprintf("by the plan: %.2f (95%% CI %.2f to %.2f)", ancova.Estimate, ancova.Lower, ancova.Upper)
	strip := func(p *panel) string {
		text := p.below[len(p.below)-1].(*textStrip).text
		return strings.NewReplacer("\n", " ", "−", "-").Replace(text)
	}
	f, err := GardnerAltman(rs[1])
	require.NoError(t, err)
	assert.Contains(t, strip(f.panels[0]), "Difference of mean changes: "+want)
	assert.Contains(t, strip(f.panels[0]), plan)
	f, err = Cumming(rs)
	require.NoError(t, err)
	assert.Contains(t, strip(f.panels[1]), "Active HILT, 24 h: "+want)
	assert.Contains(t, strip(f.panels[1]), plan)
	many := randomTrial(4, 5, 12, 0).results(t)
	f, err = Cumming(many)
	require.NoError(t, err)
	assert.Empty(t, f.panels[1].below)
	for _, r := range many {
		for _, row := range r.Rows {
			if row.Method == study.MethodWelchChange {
				assert.Contains(t, f.Caption(), fmt.Sprintf("%s: %s (95%% CI", r.Visit.Label, f.theme.num(row.Estimate, 2)))
			}
		}
	}
}

// The arms' numbers stand on one line, also under names of different lengths, and names
// beside each other stay clear.
func TestGardnerAltmanNumbersStandOnOneLine(t *testing.T) {
	tr := randomTrial(3, 2, 20, 0)
	tr.arms[2].Label = "Usual care with advice on exercise, by telephone and by post"
	f, err := GardnerAltmanWith(tr.results(t)[0], EstimationOptions{Options: Options{Width: 120}})
	require.NoError(t, err)
	assert.Empty(t, layoutProblems(f))
	var at []float64
	lines := map[string]bool{}
	for _, m := range f.layout().render().Marks {
		if m.Kind == render.MarkText && strings.HasPrefix(strings.ReplaceAll(m.Text, "\u00a0", " "), "n = ") {
			at = append(at, float64(m.At.Y))
		}
		lines[m.Text] = true
	}
	require.Len(t, at, 3)
	assert.InDelta(t, at[0], at[1], 1e-9)
	assert.InDelta(t, at[0], at[2], 1e-9)
	assert.True(t, lines["and by post"], "%v", lines)
}

// Of more differences than stand under the panels the figure says where they are.
func TestCummingSaysWhereItsNumbersAre(t *testing.T) {
	f, err := Cumming(randomTrial(3, 6, 20, 0).results(t))
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "The caption has the estimates with their intervals.")
	assert.Contains(t, f.Caption(), "Week 4: ")
	f, err = Cumming(randomTrial(2, 3, 20, 0).results(t))
	require.NoError(t, err)
	assert.NotContains(t, f.Note(), "The caption has")
}
