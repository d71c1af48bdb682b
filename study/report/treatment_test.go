package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// The counts are those of data.csv (cut, sort, uniq -c); means and quartiles of R's mean,
// sd and quantile; the index of the first arm is (27 − 3)/32.
func TestTreatmentInTheReport(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "lasers/protocol.yaml", "lasers/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, want := range map[string][]string{
		"en": {"High-intensity laser 32 6.31 (3.18) 8 [3.75 to 8.25] 0 to 10 3 (9) 0", "High-intensity laser 27 3 2 0 0.75 (0.54 to 0.96)",
			"Placebo laser 3 15 13 1 −0.39 (−0.62 to −0.16)", "effect in compliers (Anderson–Rubin)", "as treated",
			"it assumes that allocation acts"},
		"nl": {"Hoogintensieve laser 32 6,31 (3,18) 8 [3,75 tot 8,25] 0 tot 10 3 (9) 0", "Placebolaser 3 15 13 1 −0,39 (−0,62 tot −0,16)", "effect bij compliers"},
	} {
		var b bytes.Buffer
		require.NoError(t, Markdown(&b, r, Options{Lang: lang, Supplement: true}))
		var plain bytes.Buffer
		require.NoError(t, Text(&plain, r, Options{Lang: lang, Supplement: true}))
		for i, s := range want {
			if i < 3 && lang == "en" || i < 2 && lang == "nl" {
				assert.Contains(t, unwrapped(plain.String()), s)
			} else {
				assert.Contains(t, strings.ToLower(b.String()), strings.ToLower(s))
			}
		}
	}
	// Of data.csv: who did not receive the arm's treatment are 113, 122, 131, 143 and 174.
	for lang, s := range map[string]string{
		"en": "Not treated as allocated: 5 of 96. Bang's blinding index: 0.75 HILT, 0.63 LLLT, −0.39 Placebo.",
		"nl": "Niet behandeld als toegewezen: 5 van 96. Blinderingsindex van Bang: 0,75 HILT, 0,63 LLLT, −0,39 Placebo.",
	} {
		var page bytes.Buffer
		require.NoError(t, Text(&page, r, Options{Lang: lang}))
		assert.Contains(t, unwrapped(page.String()), s)
	}
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{}))
	var f struct {
		Adherence []struct {
			Arm        string
			N, Missing int
			Planned    float64
			Full       int
			Mean       float64
		}
		Blinding []struct {
			Arm                  string
			Right, Wrong, Unsure int
			Index, Lower         float64
		}
		Flow struct {
			Arms []struct {
				Sets []struct {
					Set string
					N   int
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &f))
	assert.Equal(t, "hilt", f.Blinding[0].Arm)
	assert.InDelta(t, 0.75, f.Blinding[0].Index, 1e-15)
	assert.Equal(t, 10.0, f.Adherence[0].Planned)
	assert.InDelta(t, 6.3125, f.Adherence[0].Mean, 1e-12)
	assert.Equal(t, "pp", f.Flow.Arms[0].Sets[0].Set)
	for _, make := range []func(study.Report, string) (Table, error){AdherenceTable, BlindingTable, HarmsTable, HarmRatesTable} {
		_, err := make(r, "xx")
		assert.Error(t, err)
		x, err := make(study.Report{}, "en")
		require.NoError(t, err)
		assert.Empty(t, x.Rows)
	}
}

// A simultaneous interval is told from one by itself wherever both stand in a column, and
// what departs is said of the set whose plan it is. Analyzed as treated are those of the
// arm received, of data.csv.
func TestSimultaneousIntervalsAndSetsAreToldApart(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "lasers/protocol.yaml", "lasers/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, Text(&b, r, Options{}))
	assert.Contains(t, unwrapped(b.String()), "Difference (simultaneous\u00a095%\u00a0CI)")
	b.Reset()
	require.NoError(t, Text(&b, r, Options{Supplement: true}))
	all := unwrapped(b.String())
	for _, s := range []string{"−0.91 (−1.65 to −0.17) LLLT", "−0.70 (−1.54 to 0.14)* LLLT", "−0.61 (−1.49 to 0.26)*",
		"* Simultaneous: it holds together with those of the other primary comparisons (Dunnett)",
		"Pain (VAS), Week 12, ANCOVA on baseline: analyzed Low-level laser 27 of 32, Placebo laser 31 of 32.",
		"Pain (VAS), Week 12, ANCOVA on baseline, set pp: analyzed Low-level laser 15 of 18.",
		"Pain (VAS), Week 12, ANCOVA on baseline, as treated: analyzed High-intensity laser 28 of 30, Low-level laser 27 of 31, Placebo laser 33 of 35."} {
		assert.Contains(t, all, s)
	}
	assert.Equal(t, 2, strings.Count(all, "* Simultaneous"), "below Table S2 and the table of all analyses")
}

// What a table calls observed says which values an estimand gave or set aside, and what
// is of logarithms says where nothing is.
func TestTablesSayWhatIsNotObserved(t *testing.T) {
	const protocol = `title: Rescue
arms: [{id: a, label: Laser}, {id: b, label: Placebo, control: true}]
randomization: complete
visits: [{id: v0}, {id: v1, label: Week 6, time: 6w}, {id: v2, label: Week 12, time: 12w}]
outcomes: [{id: y, label: Pain, range: [0, 10], better: lower}, {id: z, label: Time, better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1, v2: y2}, z: {v0: z0, v1: z1, v2: z2}}, intercurrent: {rescue: {column: resc, values: {1: yes, 0: no}}}}
%s
`
	rng := rand.New(rand.NewPCG(8, 8))
	var d strings.Builder
	d.WriteString("id,arm,resc,y0,y1,y2,z0,z1,z2")
	for i := range 40 {
		fmt.Fprintf(&d, "\n%d,%s,%d", i+1, "ab"[i%2:i%2+1], i%7/6)
		for range 3 {
			fmt.Fprintf(&d, ",%d", 1+rng.IntN(9))
		}
		for range 3 {
			fmt.Fprintf(&d, ",%.1f", 5+5*rng.Float64())
		}
	}
	for plans, given := range map[string]bool{
		"estimands: [{id: e, set: itt, strategies: {rescue: {composite: worst}}}]\nplans: [{outcome: y, visit: v2, estimand: e}, {outcome: z, visit: v2, scale: log}]": true,
		"estimands: [{id: e, set: itt, strategies: {rescue: treatment-policy}}]\nplans: [{outcome: y, visit: v2, estimand: e}, {outcome: z, scale: log}]":              false,
	} {
		p, err := study.ParseProtocol(strings.NewReader(fmt.Sprintf(protocol, plans)), "p.yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(d.String()+"\n"), "data.csv", p)
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, Markdown(&b, r, Options{Supplement: true}))
		s := b.String()
		assert.Equal(t, given, strings.Contains(s, "are in n, mean and SD as if they were observed"), plans)
		assert.Equal(t, given, strings.Contains(s, "At visits that no plan names, values are compared as they are."), plans)
		assert.Equal(t, !given, strings.Contains(s, "All analyses are of the logarithms"), plans)
	}
}
