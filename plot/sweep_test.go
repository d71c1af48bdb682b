package plot

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// combination is a figure of the sweep: a chart in a style, a width and a language, of
// a trial of a shape.
type combination struct {
	chart        string
	style        Style
	width        float64
	lang         string
	arms, visits int
	n            int // participants in all, at least three an arm
}

func (c combination) String() string {
	return fmt.Sprintf("%s, style %q, %.0f mm, %s, %d arms, %d visits, n = %d", c.chart, c.style.Name, c.width, c.lang, c.arms, c.visits, c.n)
}

// sweepOf draws combinations of a chart by lot, the same ones every time. The first of
// them are the corners: the largest and the smallest trial in the narrowest figure.
func sweepOf(chart string, most int) (out []combination) {
	seed := uint64(0)
	for _, b := range []byte(chart) {
		seed = seed*31 + uint64(b)
	}
	rng := rand.New(rand.NewPCG(seed, 13))
	styles := []Style{{}, Lancet(), JAMA(), NEJM(), BMC(), Nature(), {Name: "gray", Palette: PaletteGray}, Slides()}
	for i := range most {
		c := combination{chart: chart, style: styles[rng.IntN(len(styles))], lang: []string{"en", "nl"}[rng.IntN(2)], arms: 2 + rng.IntN(5),
			visits: 2 + rng.IntN(11), n: []int{3, 12, 40, 200, 600, 2000}[rng.IntN(6)]}
		switch i {
		case 0:
			c = combination{chart: chart, lang: "nl", arms: 6, visits: 12, n: 2000}
		case 1:
			c = combination{chart: chart, lang: "nl", arms: 2, visits: 2, n: 3}
		}
		st := c.style.filled()
		c.width = []float64{0.9 * st.Single, st.Single, st.Double}[rng.IntN(3)]
		if i < 2 {
			c.width = 75
		}
		out = append(out, c)
	}
	return out
}

// sweepTrials makes each trial once.
type sweepTrials map[string][]study.Result

func (s sweepTrials) of(t *testing.T, c combination) []study.Result {
	key := fmt.Sprint(c.lang, c.arms, c.visits, c.n)
	if rs, ok := s[key]; ok {
		return rs
	}
	tr := randomTrial(c.arms, c.visits, max(3, c.n/c.arms), 0.02)
	if c.lang == "nl" {
		tr = dutch(tr)
	}
	s[key] = tr.results(t)
	return s[key]
}

// TestSweep draws every chart in combinations of style, width, language, arms, visits
// and participants, with the longest labels that a Dutch protocol would have. Each
// lies on its page as it should by this package's own measure and as Chromium lays it
// out, is no higher than a page, or says that it has no room: at the full width of a
// page only for its height, or for many arms beside each other. TRIALKIT_SWEEP=N draws
// N combinations a chart, and -v says of each that is refused why.
func TestSweep(t *testing.T) {
	const usual = 5 // combinations in which every chart is drawn at least once
	most := usual
	if underRace { // Chromium's work, which the detector does not see
		most = 1
	}
	if s := os.Getenv("TRIALKIT_SWEEP"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		most = n
	}
	browser := startChromium(t)
	browser.Window(1600, 900, "light")
	trials := sweepTrials{}
	svgs, of := map[string][]byte{}, map[string]combination{}
	drawnOf, refused := map[string]int{}, 0
	look := func() {
		names := slices.Sorted(maps.Keys(svgs))
		showTexts(t, browser, names, svgs, "")
		var texts [][]shown
		browser.Evaluate(shownScript, &texts)
		require.Len(t, texts, len(names))
		for i, name := range names {
			assert.NotEmpty(t, texts[i], name)
			assert.Empty(t, shownProblems(texts[i]), "as Chromium has it: %s", name)
		}
		clear(svgs)
	}
	for _, chart := range slices.Sorted(maps.Keys(everyChart(Options{}))) {
		for _, c := range sweepOf(chart, most) {
			f, err := everyChart(Options{Style: c.style, Width: c.width, Lang: c.lang})[chart](trials.of(t, c))
			if err != nil {
				refused++
				t.Logf("refused: %s: %v", c, err)
				if errors.Is(err, ErrNoRoom) {
					continue
				}
				assert.LessOrEqual(t, c.n/c.arms, 12, "%s: %v", c, err) // too few to compare
				continue
			}
			if f.layout().cramped || f.TooHigh() {
				refused++
				err := f.Write(io.Discard, SVG)
				t.Logf("refused: %s: %v", c, err)
				assert.ErrorIs(t, err, ErrNoRoom, c)
				continue
			}
			drawnOf[chart]++
			assert.Empty(t, layoutProblems(f), c)
			_, h := f.Size()
			assert.LessOrEqual(t, h, c.style.filled().MaxHeight, c)
			name := fmt.Sprintf("%s %03d", c, len(of))
			of[name] = c
			svgs[name] = written(t, f, SVG)
			if len(svgs) == 60 {
				look()
			}
		}
	}
	if len(svgs) > 0 {
		look()
	}
	for chart := range everyChart(Options{}) {
		if most < usual || chart == "consort" { // whose reports have names that few widths hold; consort_test.go has others
			continue
		}
		assert.Positive(t, drawnOf[chart], "%s is drawn in no combination", chart)
	}
	t.Logf("%d figures drawn, %d refused", len(of), refused)
}

// A trial of up to three arms and six visits is drawn in one column of a journal and in two,
// also with long Dutch names and in larger type.
func TestUsualTrialsAreDrawn(t *testing.T) {
	styles := []Style{BMC(), {}}
	if underRace {
		styles = styles[:1]
	}
	var all []combination
	for _, style := range styles {
		for _, lang := range []string{"en", "nl"} {
			for arms := 2; arms <= 3; arms++ {
				of := combination{style: style, width: style.filled().Single, lang: lang, arms: arms, visits: 6, n: 600}
				few, wide := of, of
				few.n, wide.width = 24, style.filled().Double
				all = append(all, of, few, wide)
			}
		}
	}
	trials := sweepTrials{}
	for chart := range everyChart(Options{}) {
		for _, c := range all {
			c.chart = chart
			o, rs := Options{Style: c.style, Width: c.width, Lang: c.lang}, trials.of(t, c)
			draw := everyChart(o)[chart]
			if chart == "consort" {
				draw = func(rs []study.Result) (*Figure, error) { return ConsortWith(usualConsort(rs), o) }
			}
			f, err := draw(rs)
			if err == nil && f.TooHigh() || err == nil && f.layout().cramped {
				err = f.Write(io.Discard, SVG)
			}
			if assert.NoError(t, err, c) {
				assert.Empty(t, layoutProblems(f), c)
			}
		}
	}
}

// usualConsort is the flow of participants through a trial of the results' arms and
// outcome.
func usualConsort(rs []study.Result) study.Report {
	for seed := uint64(0); ; seed++ {
		rep := anyConsort(seed)
		if len(rep.Protocol.Arms) != len(rs[0].Arms) || !rep.Consort.Allocated {
			continue
		}
		plain := func(list []study.ReasonCount) {
			for i := range list {
				if list[i].Reason != "" {
					list[i].Reason = []string{"verhuisd", "geen tijd meer", "bijwerkingen", "toestemming ingetrokken"}[i%4]
				}
			}
		}
		plain(rep.Consort.Excluded)
		for i := range rep.Protocol.Outcomes {
			rep.Protocol.Outcomes[i].Label = rs[0].Outcome.Label
		}
		for i := range rep.Protocol.Visits {
			rep.Protocol.Visits[i].Label = rs[min(i, len(rs)-1)].Visit.Label
		}
		for k, a := range rep.Consort.Arms {
			rep.Protocol.Arms[k].Label = rs[0].Arms[k].Label
			plain(a.NotReceived)
			plain(a.Lost)
			for _, x := range a.Analyzed {
				plain(x.Left)
			}
		}
		return rep
	}
}
