package plot

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// sentenceEnds finds where a sentence ends and another begins: points in numbers
// end none.
var sentenceEnds = regexp.MustCompile(`[.!?](\s|$)`)

// Charts that do not know an outcome, or whose arms are no part of what they show.
var (
	altWithoutOutcome = []string{"consort", "contours", "events", "flow", "funnel", "hypotheses", "love", "meta", "residuals", "roc", "triangulation"}
	altWithoutArms    = append([]string{"agreement", "correlations", "doses", "forest", "power", "sensitivity"}, altWithoutOutcome...)
	// Charts that answer with counts, probabilities, verdicts or what is assumed.
	altWithoutDifference = append([]string{"bands", "dropout", "missing", "posterior", "responderbars", "responders", "sweep", "cumming",
		"gardneraltman", "lostcourses", "moderator", "tipping", "tippingmap"}, altWithoutArms...)
)

// plainNumber is how this test writes a number.
func plainNumber(x float64, decimals int, lang string) string {
	s := strings.ReplaceAll(strconv.FormatFloat(x, 'f', decimals, 64), "-", "−")
	if lang == "nl" {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// Every chart's alt text is one sentence that names outcome and arms, and whose
// difference is that of the row that decides, at the last visit or the primary one.
func TestAltIsOneSentence(t *testing.T) {
	for _, arms := range []int{2, 4} {
		tr := randomTrial(arms, 4, 30, 0.02)
		tr.info.Simulated = arms == 2
		for _, primary := range []int{-1, 0} {
			rs := tr.results(t)
			head := rs[len(rs)-1]
			if primary >= 0 {
				for k := range rs[primary].Rows {
					if rs[primary].Rows[k].Decides {
						rs[primary].Rows[k].Role = study.RolePrimary
					}
				}
				head = rs[primary]
			}
			for _, lang := range []string{"en", "nl", "en-GB"} {
				for name, draw := range everyChart(Options{Lang: lang, Width: 174}) {
					f, err := draw(rs)
					require.NoError(t, err, name)
					where := fmt.Sprint(name, ", ", lang, ", ", arms, " arms, primary ", primary)
					alt := strings.ReplaceAll(f.Alt(), "\u00a0", " ")
					assert.Len(t, sentenceEnds.FindAllString(alt, -1), 1, "%s: %s", where, alt)
					assert.True(t, strings.HasSuffix(alt, "."), alt)
					assert.NotContains(t, alt, "  ", where)
					assert.NotEmpty(t, f.Description(), where)
					if name != "forest" && !slices.Contains(altWithoutOutcome, name) {
						assert.Contains(t, alt, "Pain (VAS)", where)
					}
					if !slices.Contains(altWithoutArms, name) {
						for _, a := range tr.arms {
							assert.Contains(t, alt, armName(a), where)
						}
					}
					if slices.Contains(altWithoutDifference, name) {
						continue
					}
					if name == "categories" || name == "rates" { // TestCategories, TestRates
						continue
					}
					if name == "shares" {
						assertShares(t, where, alt, lang, rs[len(rs)-1], tr.arms)
						continue
					}
					at := head
					if len(oneResult(name)) > 0 {
						at = rs[len(rs)-1]
					}
					differences := 0
					for _, row := range at.Rows {
						if !row.Decides {
							continue
						}
						differences++
						d := at.Digits()
						minus := map[string]string{"en": "minus", "en-GB": "minus", "nl": "min"}[lang]
						want := fmt.Sprintf("%s %s Placebo is %s cm (95", nameOfArm(tr.arms, row.Arm), minus, plainNumber(row.Estimate, d, lang))
						_, rest, found := strings.Cut(alt, want)
						if !assert.True(t, found, "%s: %q is not in %q", where, want, alt) {
							continue
						}
						interval, after, _ := strings.Cut(rest, ")")
						for _, x := range []float64{row.Lower, row.Upper} {
							// One more digit where two would say 0 or a threshold.
							said := strings.Contains(interval, " "+plainNumber(x, d, lang)) || strings.Contains(interval, " "+plainNumber(x, d+1, lang))
							assert.True(t, said, "%s: %v in %q", where, x, interval)
						}
						favored := nameOfArm(tr.arms, row.Arm)
						if row.Estimate > 0 { // lower is better
							favored = "Placebo"
						}
						if row.Lower < 0 && row.Upper > 0 {
							assert.Regexp(t, `^, (the interval holds 0|het interval bevat 0)`, after, where)
						} else {
							assert.Regexp(t, `^, (in favou?r of|in het voordeel van) `+favored, after, where)
						}
					}
					assert.Equal(t, arms-1, differences)
				}
			}
		}
	}
}

// assertShares holds the differences that an alt text says of yesOrNo against counts.
func assertShares(t *testing.T, where, alt, lang string, r study.Result, arms []study.Arm) {
	t.Helper()
	var values []float64
	for _, rec := range r.Records {
		if rec.HasFollow {
			values = append(values, rec.Follow)
		}
	}
	slices.Sort(values)
	n, yes := map[string]float64{}, map[string]float64{}
	for _, rec := range r.Records {
		if rec.HasFollow {
			n[rec.Arm]++
			if rec.Follow > values[len(values)/2] {
				yes[rec.Arm]++
			}
		}
	}
	minus := map[string]string{"en": "minus", "en-GB": "minus", "nl": "min"}[lang]
	points := map[string]string{"en": "percentage points", "en-GB": "percentage points", "nl": "procentpunten"}[lang]
	for _, a := range arms[:len(arms)-1] {
		said := regexp.MustCompile(regexp.QuoteMeta(nameOfArm(arms, a.ID)) + " " + minus + " Placebo is (−?)([0-9]+)([.,]([0-9]+))? " + points + ` \(95`).FindStringSubmatch(alt)
		if !assert.NotEmpty(t, said, "%s: %s: %s", where, a.ID, alt) {
			continue
		}
		x, err := strconv.ParseFloat(said[2]+"."+said[4]+"0", 64)
		require.NoError(t, err)
		if said[1] != "" {
			x = -x
		}
		want := 100 * (yes[a.ID]/n[a.ID] - yes[arms[len(arms)-1].ID]/n[arms[len(arms)-1].ID])
		assert.InDelta(t, want, x, 0.5000001*math.Pow10(-len(said[4])), "%s: %s", where, alt)
	}
}

// oneResult tells the charts that the tables of charts feed with the last result.
func oneResult(name string) string {
	if _, ok := oneResultCharts(Options{})[name]; ok || name == "histogram" || name == "ecdf" {
		return name
	}
	return ""
}

// SVG's title is the sentence, its description the rest; a fall has the interval of
// the fall.
func TestTitleAndDescription(t *testing.T) {
	rs := smallTrial().results(t)
	for _, name := range slices.Sorted(maps.Keys(everyChart(Options{}))) {
		f, err := everyChart(Options{})[name](rs)
		require.NoError(t, err, name)
		svg := string(written(t, f, SVG))
		text := func(tag string) string {
			_, s, _ := strings.Cut(svg, "<"+tag+" ")
			_, s, _ = strings.Cut(s, ">")
			s, _, _ = strings.Cut(s, "</"+tag+">")
			return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
		}
		assert.Equal(t, f.Alt(), text("title"), name)
		assert.Equal(t, f.Description(), text("desc"), name)
		assert.Contains(t, svg, `aria-labelledby="title" aria-describedby="desc"`)
	}
	f, err := Change(rs)
	require.NoError(t, err)
	row := rs[0].Within[0]
	require.Negative(t, row.Upper)
	d := rs[0].Digits()
	assert.Contains(t, strings.ReplaceAll(f.Description(), "\u00a0", " "), fmt.Sprintf("Pain (VAS) fell by %s cm (95%% CI %s to %s) from baseline to Right after in the arm Active HILT.",
		plainNumber(-row.Estimate, d, "en"), plainNumber(-row.Upper, d, "en"), plainNumber(-row.Lower, d, "en")))
}

// Where medians are drawn the alt text tells medians.
func TestAltTellsMedians(t *testing.T) {
	tr := smallTrial()
	tr.values[0] = append(tr.values[0], []float64{9.9, 0.1, 0.1}) // moves the mean far from the median
	rs := tr.results(t)
	f, err := Raincloud(rs)
	require.NoError(t, err)
	// Changes at 24 h: −9.8, −3.6, −3.3, −3.3, −3.1, −2.9; and −1.2, −0.8, −0.4, −0.4, −0.2.
	assert.Contains(t, strings.ReplaceAll(f.Alt(), "\u00a0", " "), "the medians of the changes are −3.3 cm with Active HILT and −0.4 cm with Placebo HILT")
	f, err = ECDFWith(rs[1], ECDFOptions{Of: OfFollow})
	require.NoError(t, err)
	// Values: 0.1, 2.2, 2.6, 2.8, 3.1, 4.2; and 5.0, 5.2, 5.6, 5.9, 6.6.
	assert.Contains(t, strings.ReplaceAll(f.Alt(), "\u00a0", " "), "half of the values are at or below 2.7 cm with Active HILT and 5.6 cm with Placebo HILT")
	many, err := PairedEstimation(randomTrial(2, 3, 250, 0).results(t))
	require.NoError(t, err)
	assert.Regexp(t, `Medians with Placebo: Baseline \d\.\d+\Scm, Week 4 `, many.Description())
}
