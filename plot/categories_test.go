package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"

	"github.com/trialkit/trialkit/study"
)

// shoulder analyzes the simulated trial of ordered categories in testdata/studies.
func shoulder(t testing.TB) study.Report {
	t.Helper()
	ds, err := study.LoadFiles("../testdata/studies/shoulder/protocol.yaml", "../testdata/studies/shoulder/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// The bars hold all of those with a value, each category as wide as its share, counted here
// from the participants, from the lowest at the left; shades darken in their order.
func TestCategories(t *testing.T) {
	rs := shoulder(t).Results
	f, err := Categories(rs)
	require.NoError(t, err)
	bars := marksOf[*stackMarks](f.panels[0])
	require.Len(t, bars, 1)
	assert.Equal(t, [2]float64{0, 100}, [2]float64{f.panels[0].plot.X.Min, f.panels[0].plot.X.Max})
	tiles := bars[0].tiles
	shades := f.theme.shades(7)
	top := math.Inf(1)
	for _, r := range rs {
		for _, a := range r.Arms {
			count, n := map[int]int{}, 0
			for _, rec := range r.Records {
				if rec.Arm == a.ID && rec.HasFollow {
					count[int(rec.Follow)]++
					n++
				}
			}
			done := 0
			for k := 1; k <= 7; k++ {
				if count[k] == 0 {
					continue
				}
				require.NotEmpty(t, tiles)
				x := tiles[0]
				tiles = tiles[1:]
				assert.InDelta(t, 100*float64(done)/float64(n), x.x0, 1e-12)
				done += count[k]
				assert.InDelta(t, 100*float64(done)/float64(n), x.x1, 1e-12)
				assert.Equal(t, fmt.Sprint(count[k]), x.n)
				assert.Equal(t, color.Color(shades[k-1]), x.fill)
				if done == n {
					assert.Less(t, x.y1, top, "an arm stands under the one before it")
					top = x.y0
				}
			}
			assert.Equal(t, n, done)
		}
	}
	assert.Empty(t, tiles)
	for _, palette := range []Palette{OkabeIto, PaletteGray} {
		f, err := CategoriesWith(rs, CategoriesOptions{Options{Style: Style{Palette: palette}}})
		require.NoError(t, err)
		last := math.Inf(1)
		for _, c := range f.theme.shades(7) {
			l := 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
			assert.Less(t, l+20, last, "told apart in gray")
			last = l
		}
	}
	for lang, want := range map[string]string{"en": "Week 12, Supervised exercise: very much worse 0, much worse 0, worse 3, unchanged 6, better 13, much better 13, very much better 6 of 41.",
		"nl": "very much worse 0"} {
		f, err := CategoriesWith(rs, CategoriesOptions{Options{Lang: lang}})
		require.NoError(t, err)
		assert.Contains(t, f.Description(), want)
		assert.Contains(t, f.Alt(), map[string]string{"en": "the probability that a patient with Supervised exercise is better off than one with Advice, ties counting half, is 0.59 (95% CI 0.46 to 0.70), the interval holds 0.5",
			"nl": "gelijke standen half geteld, is 0,59 (95%-BI 0,46 tot 0,70)"}[lang])
	}
	_, err = Categories(sharesTrial(t))
	assert.ErrorContains(t, err, "is not ordinal")
	if dir := os.Getenv("TRIALKIT_LOOK"); dir != "" {
		for name, f := range map[string]func() (*Figure, error){"categories": func() (*Figure, error) { return Categories(rs) }, "benefit": func() (*Figure, error) { return Differences(rs) }} {
			f, err := f()
			require.NoError(t, err)
			require.NoError(t, f.Save(filepath.Join(t.TempDir(), name+".png")))
		}
	}
}

// A probability of benefit has a panel of its own, around one half, in the numbers of its
// row; a ratio's axis is logarithmic and cuts an interval that reaches 0.
func TestDifferencesOfEffects(t *testing.T) {
	rs := shoulder(t).Results
	f, err := Differences(append(smallTrial().results(t), rs...))
	require.NoError(t, err)
	require.Len(t, f.panels, 2)
	marks := marksOf[*intervalMarks](f.panels[1])
	require.Len(t, marks, 2)
	for k, m := range marks {
		row := rs[k].Deciding()[0]
		assert.Equal(t, [3]float64{row.Estimate, row.Lower, row.Upper}, [3]float64{m.items[0].value, m.items[0].lo, m.items[0].hi})
	}
	lines := marksOf[*refLine](f.panels[1])
	require.Len(t, lines, 1)
	assert.Equal(t, 0.5, lines[0].value)
	x := f.panels[1].plot.X
	assert.True(t, x.Min >= 0 && x.Max <= 1 && x.Min < 0.5 && x.Max > 0.5)
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, SVG))
	assert.Contains(t, b.String(), "Probability of benefit (0.5: no difference)")
	assert.Contains(t, b.String(), "0.59 (0.46 to 0.70)")

	for i := range rs {
		for j := range rs[i].Rows {
			row := &rs[i].Rows[j]
			if row.Decides {
				row.Measure, row.Estimate, row.Lower, row.Upper = study.WinOdds, 2, 0, 9
			}
		}
	}
	f, err = Differences(rs)
	require.NoError(t, err)
	assert.Equal(t, 1.0, marksOf[*refLine](f.panels[0])[0].value)
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		assert.True(t, m.items[0].lo > 0 && m.items[0].lo < f.panels[0].plot.X.Min)
	}
	require.NoError(t, f.Write(&b, PNG))
}

// falls analyzes the simulated trial of counts in testdata/studies.
func falls(t testing.TB) []study.Result {
	t.Helper()
	ds, err := study.LoadFiles("../testdata/studies/falls/protocol.yaml", "../testdata/studies/falls/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r.Results
}

// The marks are events over time, counted here from the participants, on an axis from 0;
// a forest has them beside the ratio, on a logarithmic axis around 1.
func TestRates(t *testing.T) {
	rs := falls(t)
	f, err := Rates(rs[:1])
	require.NoError(t, err)
	marks := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, marks, 2)
	for k, a := range rs[0].Arms {
		events, months := 0.0, 0.0
		for _, rec := range rs[0].Records {
			if rec.Arm == a.ID {
				events, months = events+rec.Follow, months+rec.Exposure
			}
		}
		require.Len(t, marks[k].items, 1)
		i := marks[k].items[0]
		assert.InDelta(t, 100*events/months, i.value, 1e-12) // the axis says per 100 months
		assert.True(t, 0 < i.lo && i.lo < i.value && i.value < i.hi && i.hi <= f.panels[0].plot.Y.Max)
	}
	assert.Zero(t, f.panels[0].plot.Y.Min)
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, SVG))
	assert.Equal(t, 100.0, rs[0].RatePer())
	assert.Contains(t, b.String(), ">58/675.5<")
	assert.Contains(t, f.Alt(), "ratio of rates 0.71 (95% CI 0.45 to 1.10), Balance exercise against Usual care, the interval holds 1")
	assert.Contains(t, f.Description(), "events: 58 in 675.5 with Balance exercise")
	_, err = Rates(shoulder(t).Results)
	assert.ErrorContains(t, err, "is no count")

	f, err = Differences(rs)
	require.NoError(t, err)
	require.Len(t, f.panels, 1)
	_, log := f.panels[0].plot.X.Scale.(plot.LogScale)
	assert.True(t, log)
	row := rs[0].Deciding()[0]
	assert.Equal(t, [3]float64{row.Estimate, row.Lower, row.Upper}, [3]float64{marksOf[*intervalMarks](f.panels[0])[0].items[0].value,
		marksOf[*intervalMarks](f.panels[0])[0].items[0].lo, marksOf[*intervalMarks](f.panels[0])[0].items[0].hi})
}

// Numbers on shades have the ink with the greater contrast: of (L1 + 0.05)/(L2 + 0.05)
// with black and white, the larger, and never below 4.5 : 1.
func TestInkOnShades(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	for _, fill := range th.shades(9) {
		lum := 0.0
		for i, v := range []uint8{fill.R, fill.G, fill.B} {
			x := float64(v) / 255
			if x <= 0.04045 {
				x /= 12.92
			} else {
				x = math.Pow((x+0.055)/1.055, 2.4)
			}
			lum += x * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		black, white := (lum+0.05)/0.05, 1.05/(lum+0.05)
		assert.Equal(t, black > white, inkOn(fill) == rgb(0x000000), "%v", fill)
		assert.Greater(t, max(black, white), 4.5)
	}
}
