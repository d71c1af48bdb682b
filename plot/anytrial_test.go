package plot

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// anyTrial draws a trial of any shape from a seed: arms, visits, sizes, values
// of any magnitude, alike, missing, and labels of any kind.
func anyTrial(seed uint64) trial {
	rng := rand.New(rand.NewPCG(seed, 41))
	label := func(plain string) string {
		return []string{plain, plain, plain, "", strings.Repeat(plain+" ", 8), strings.Repeat("Lang", 12),
			"Δ ≤ µ½ x̄ ë ő <b>&\"'", "\u00a0", "a\nb", "^{2}_{", "   "}[rng.IntN(11)]
	}
	pick := func(xs ...float64) float64 { return xs[rng.IntN(len(xs))] }
	arms, visits := 2+rng.IntN(3), 2+rng.IntN(11)
	if rng.IntN(3) > 0 {
		visits = 2 + rng.IntN(3)
	}
	n := int(pick(1, 2, 3, 5, 12, 60))
	scale, shift := pick(1e-9, 1e-4, 1, 1, 10, 1e9), pick(0, 0, 5, -5, 1000)
	noise, gone := pick(0, 0, 0.1, 1, 1), pick(0, 0, 0.1, 0.6)
	step := pick(0, 0, 1, 0.1)
	tr := trial{info: study.StudyInfo{Title: label("Trial"), Simulated: rng.IntN(2) == 0},
		outcome: study.Outcome{ID: "o", Label: label("Pain"), Unit: label("mm"), Resolution: step * scale,
			Better: []study.Direction{study.LowerIsBetter, study.HigherIsBetter}[rng.IntN(2)]}}
	if rng.IntN(3) > 0 {
		tr.outcome.Thresholds = append(tr.outcome.Thresholds, study.Threshold{Kind: study.MCID, Value: pick(0.5, 1, 3) * scale,
			Level: []study.ThresholdLevel{study.Individual, study.BetweenGroup}[rng.IntN(2)]})
	}
	timed := rng.IntN(2) == 0
	for v := range visits {
		w := study.Visit{ID: fmt.Sprint("v", v), Label: label(fmt.Sprint("Week ", v)), HasTime: timed && v > 0}
		if w.HasTime {
			w.Time = time.Duration(v*v) * 24 * time.Hour
		}
		tr.visits = append(tr.visits, w)
	}
	empty := rng.IntN(2 * visits)
	for k := range arms {
		tr.arms = append(tr.arms, study.Arm{ID: fmt.Sprint("a", k), Label: label(fmt.Sprint("Arm ", k)), Control: k == arms-1})
		var people [][]float64
		for range max(0, n-rng.IntN(3)) {
			p := make([]float64, visits)
			own := noise * rng.NormFloat64()
			for v := range p {
				x := shift + own + noise*rng.NormFloat64() - float64(v*k)/5
				if step > 0 {
					x = math.Round(x/step) * step
				}
				p[v] = x * scale
				if v == empty || rng.Float64() < gone {
					p[v] = math.NaN()
				}
			}
			people = append(people, p)
		}
		tr.values = append(tr.values, people)
	}
	return tr
}

// leastDrawn is how many charts the trials of the first seeds give at least:
// the others are refused, by labels that no font has, no room or nothing to draw. The
// first one's outcome is a word of 48 letters, for which no axis has room.
var leastDrawn = []int{6, 19, 21, 28, 19, 7}

// Whatever the trial, every chart draws something true or says why not: no
// panic, no empty file, no coordinate that is not a number.
func FuzzAnyTrial(f *testing.F) {
	for seed := range leastDrawn {
		f.Add(uint64(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		drawn := 0
		tr := anyTrial(seed)
		rs := tr.results(t)
		o := Options{Lang: []string{"en", "nl"}[seed%2], Style: []Style{{}, Lancet(), Slides()}[seed%3]}
		o.Style.MaxHeight = 5000
		all := everyChart(o)
		for name, draw := range all {
			f, err := draw(rs)
			if err != nil {
				assert.Contains(t, err.Error(), "plot: ", "%d %s", seed, name)
				continue
			}
			var b bytes.Buffer
			err = f.Write(&b, SVG)
			var missing *GlyphError
			if errors.As(err, &missing) || errors.Is(err, ErrNoRoom) {
				continue
			}
			require.NoError(t, err, "%d %s", seed, name)
			drawn++
			for _, m := range f.render().Marks {
				for _, c := range m.Path {
					require.True(t, finite(float64(c.Pos.X), float64(c.Pos.Y)), "%d %s", seed, name)
				}
				if m.Kind == render.MarkText {
					require.True(t, finite(float64(m.At.X), float64(m.At.Y)), "%d %s: %q", seed, name, m.Text)
					require.NotContains(t, m.Text, "NaN", "%d %s", seed, name)
				}
			}
			w, h := f.Size()
			require.True(t, w > 0 && h > 5 && h < 5000, "%d %s is %.0f × %.0f mm", seed, name, w, h)
		}
		if seed < uint64(len(leastDrawn)) {
			assert.GreaterOrEqual(t, drawn, leastDrawn[seed], "charts of seed %d", seed)
		}
		assert.Positive(t, drawn)
	})
}
