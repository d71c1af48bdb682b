package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// What is read as one stays on one line, unless a line is too short for it.
func TestWrapKeepsTogether(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	th.knowVisits([]study.Visit{{ID: "m12", Label: "12 months"}})
	for _, c := range []struct{ text, whole string }{
		{"the limits are (−21.1 to −14.5) of them", "(−21.1 to −14.5)"},
		{"grenzen van (−21,1 tot −14,5) van de", "(−21,1 tot −14,5)"},
		{"a difference, active − control, of the means", "active − control,"},
		{"limits of agreement, bias ±\u00a01.96\u00a0SD, and more", "bias ±\u00a01.96\u00a0SD,"},
		{"the means with their 95% CI and density", "95% CI"},
		{"seen right after and 24 h later on", "24 h"},
		{"lower limit −17.4 (−21.1 to −14.5) of them", "−17.4 (−21.1 to −14.5)"},
		{"is shown dashed: MCID, of", "dashed: MCID,"},
		{"improved by 15 mm or more at 24 h. Then", "24 h."},
		{"see the threshold MCID 8 on the axis", "MCID 8"},
		{"verschil −2,49 (95%-BI −4,42 tot −0,55) cm is groot", "−2,49 (95%-BI −4,42 tot −0,55)"},
		{"the change to Week 4: cut-off of it", "Week 4:"},
		{"without a value at 12 months: nobody", "12 months:"},
	} {
		for w := th.text().Width(c.whole); w < th.text().Width(c.text); w += 0.5 {
			lines := th.wrap(th.text(), c.text, w)
			require.Contains(t, strings.Join(lines, "\n"), c.whole, "at %v", w)
			require.Equal(t, c.text, strings.Join(lines, " "))
		}
		for _, line := range th.wrap(th.text(), c.text, 1) {
			assert.NotContains(t, line, " ", "no room: every word alone")
		}
	}
	long := th.fold(th.text(), "Mann–Whitney", th.text().Width("Mann–Whit"))
	assert.Equal(t, []string{"Mann–", "Whitney"}, long, "after the dash")
}

// A note does not end in a line of one word.
func TestNoWidow(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	assert.Equal(t, []string{"spaced, not", "to scale."}, th.noWidow([]string{"spaced, not to", "scale."}))
	assert.Equal(t, []string{"of the arm,", "95% CI shown."}, th.noWidow([]string{"of the arm, 95% CI", "shown."}))
	for _, stays := range [][]string{{"scale."}, {"is it", "to scale."}, {"−21.1 to −14.5", "m."}, {"alone", "word."}} {
		assert.Equal(t, stays, th.noWidow(stays))
	}
}

// lineFaults lists what an editor would mark in the broken lines of a figure: a
// unit alone under an axis title, and a line that ends inside what is read as one.
func lineFaults(f *Figure) (out []string) {
	for _, p := range f.panels {
		for _, label := range []string{p.plot.X.Label.Text, p.plot.Y.Label.Text} {
			lines := strings.Split(label, "\n")
			last := lines[len(lines)-1]
			if len(lines) > 1 && strings.HasSuffix(lines[len(lines)-2], ",") && !strings.Contains(last, " ") {
				out = append(out, "unit alone: "+strings.Join(lines, " / "))
			}
			for i := 1; i < len(lines); i++ {
				a, b := strings.Fields(lines[i-1]), strings.Fields(lines[i])
				if f.theme.inName(append(a, b...), len(a)) {
					out = append(out, "name broken: "+lines[i-1]+" / "+lines[i])
				}
			}
		}
		for _, s := range p.below {
			if s, ok := s.(*textStrip); ok {
				out = append(out, brokenPairs(f.theme, strings.Split(s.text, "\n"))...)
			}
		}
	}
	parting := *f.theme
	parting.parting = true
	return append(out, brokenPairs(&parting, f.layout().note)...)
}

func brokenPairs(t *theme, lines []string) (out []string) {
	for i := 1; i < len(lines); i++ {
		a, b := strings.Fields(lines[i-1]), strings.Fields(lines[i])
		if len(a) > 0 && len(b) > 0 && t.tied(append(a, b...), len(a)) {
			out = append(out, "broken: "+lines[i-1]+" / "+lines[i])
		}
	}
	return out
}

// TestLinesInEveryStyle: whatever the type and the width of the column, lines
// end where a reader would pause.
func TestLinesInEveryStyle(t *testing.T) {
	rs := randomTrial(2, 5, 40, 0.05).results(t)
	for _, st := range []Style{{}, Lancet(), JAMA(), NEJM(), BMC(), Nature(), Slides()} {
		for _, lang := range []string{"en", "nl"} {
			for chart, draw := range charts(Options{Style: st, Lang: lang}) {
				f, err := draw(rs)
				require.NoError(t, err)
				assert.Empty(t, lineFaults(f), "%s, %s, %s", st.Name, lang, chart)
			}
		}
	}
}

// A line is made even only as far as it keeps whole what fits: the interval of an
// area under the curve used to be broken where the line had room for it.
func TestEvenLinesKeepIntervalsWhole(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	s := "AUC 0.85 (95% CI 0.77 to 0.93); 43 cases, 50 others."
	for w := vg.Length(130); w < 200; w += 5 {
		assert.Empty(t, brokenPairs(th, th.balance(th.text(), s, w)), "%v pt", w)
	}
	assert.True(t, th.tied([]string{"(MCID", "2.26\u00a0cm)"}, 1))
}

// The names of arms are parted only where they have no room, and what compares two
// of them behind the minus, not within a name.
func TestNamesStayWhole(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	th.knowNames([]study.Arm{{Label: "Active HILT"}, {Label: "Placebo HILT"}, {Label: "Shock waves"}, {Label: "Sham"}, {Label: "A B"}})
	for _, c := range []struct{ text, room, want string }{
		{"Difference (Active HILT − Placebo HILT), cm", "Difference (Active HILT −", "Difference (Active HILT −|Placebo HILT), cm"},
		{"Difference (Active HILT − Placebo HILT), cm", "Difference (Active HI", "Difference|(Active HILT −|Placebo HILT), cm"},
		{"Shock waves/ Sham", "Shock waves/", "Shock waves/|Sham"},
		{"lower part: difference, Active HILT − Placebo HILT; by", "lower part: difference, Active HILT", "lower part: difference,|Active HILT − Placebo HILT; by"},
		{"by the Active HILT arm", "by the Active", "by the|Active HILT|arm"},
		{"Active HILT", "Active", "Active|HILT"},
		{"an Active method of HILT", "an Active method of", "an Active method of|HILT"},
	} {
		assert.Equal(t, c.want, strings.Join(th.wrap(th.text(), c.text, th.text().Width(c.room)), "|"))
	}
}
