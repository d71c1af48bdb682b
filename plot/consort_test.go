package plot

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

func flowReport(t *testing.T, name string) study.Report {
	t.Helper()
	ds, err := study.LoadFiles("../testdata/studies/"+name+"/protocol.yaml", "../testdata/studies/"+name+"/data.csv")
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep
}

// plainWords are the boxes' words with plain blanks.
func plainWords(t *testing.T, f *Figure) []string {
	t.Helper()
	var out []string
	for _, w := range flowWords(t, f) {
		out = append(out, strings.ReplaceAll(w, "\u00a0", " "))
	}
	return out
}

// The boxes of an arm with every kind of loss. The counts are those of the file by
// awk: state 1, 2, 3; received other than its arm; pain6 and pain12 empty.
func TestConsortBoxes(t *testing.T) {
	f, err := Consort(flowReport(t, "flow"))
	require.NoError(t, err)
	words := plainWords(t, f)
	require.Len(t, words, 3+3*3)
	join := func(s string) string { return strings.ReplaceAll(s, "|(n", " (n") } // wherever a line ended
	assert.Equal(t, "Excluded (n = 88)|Did not meet the criteria (n = 57)|Declined to take part (n = 24)|"+
		"Knee surgery within three months (n = 7)|Unable to read the questionnaires (n = 0)", words[1])
	assert.Equal(t, "Randomized (n = 126)", words[2])
	assert.Equal(t, "Allocated to Supervised exercise (n = 42)|Received allocated intervention (n = 38)|"+
		"Did not receive allocated intervention (n = 2)|received no intervention (n = 1)|received Advice (n = 1)|"+
		"Not known whether received (n = 2)|not recorded (n = 1)|no data in the file (n = 1)", join(words[3]))
	assert.Equal(t, "Completed follow-up (n = 34)|Lost to follow-up (n = 3)|no reason given (n = 2)|could not be reached (n = 1)|"+
		"Withdrew (n = 3)|no time (n = 2)|more pain (n = 1)|Died (n = 0)|No data in the file (n = 2)", words[8])
	assert.Equal(t, "Analyzed for primary outcome (n = 36)|Pain (VAS), Week 12|Of whom with a value at that visit (n = 34)|"+
		"Of whom did not complete follow-up (n = 2)|Not analyzed (n = 6)|no value after baseline (n = 4)|no data in the file (n = 2)", join(words[11]))
	assert.Contains(t, f.Description(), "Lost to follow-up: 3 (no reason given: 2; could not be reached: 1). Withdrew: 3 (no time: 2; more pain: 1). Died: 0.")
	assert.True(t, strings.HasPrefix(f.Alt(), "SIMULATED DATA: Participant flow; Assessed for eligibility: 214; Randomized: 126; "), f.Alt())

	nl, err := flowReport(t, "flow").In("nl")
	require.NoError(t, err)
	f, err = ConsortWith(nl, Options{Lang: "nl"})
	require.NoError(t, err)
	assert.Contains(t, plainWords(t, f)[8], "Uit het oog verloren (n = 3)|geen reden vermeld (n = 2)|niet te bereiken (n = 1)|Teruggetrokken (n = 3)")
}

// What neither protocol nor file tells is not drawn as nobody.
func TestConsortDrawsNoZeros(t *testing.T) {
	f, err := Consort(flowReport(t, "hilt"))
	require.NoError(t, err)
	assert.Equal(t, []string{"Randomized and in the file (n = 10)", "Allocated to Active HILT (n = 5)", "Allocated to Placebo HILT (n = 5)",
		"Analyzed (n = 5)|all outcomes and visits|Not analyzed (n = 0)", "Analyzed (n = 5)|all outcomes and visits|Not analyzed (n = 0)"}, plainWords(t, f))
	for _, s := range []string{"assessed for eligibility were not given", "numbers randomized are not stated", "does not record who received the intervention, nor losses"} {
		assert.Contains(t, f.Caption(), s)
	}
	// Nobody says that these patients were randomized.
	f, err = Consort(flowReport(t, "anorexia"))
	require.NoError(t, err)
	assert.Equal(t, "Participants in the file (n = 72)", plainWords(t, f)[0])
	assert.NotContains(t, strings.ToLower(strings.Join(plainWords(t, f), " ")+f.Caption()), "randomized")
	_, err = Consort(study.Report{})
	assert.ErrorContains(t, err, "counts no arms")
}

// anyConsort is a flow of any shape that adds up, with names of any length.
func anyConsort(seed uint64) study.Report {
	r := rand.New(rand.NewPCG(seed, 7))
	name := func(plain string) string {
		return []string{plain, plain, strings.Repeat(plain+" ", 12), strings.Repeat(strings.ToLower(plain), 9), plain + "\n" + plain, "Δ ≤ µ½ " + plain}[r.IntN(6)]
	}
	rep := study.Report{Protocol: study.Protocol{Title: "Trial", Simulated: r.IntN(2) == 0}}
	c := &rep.Consort
	c.Allocated, c.Declared = r.IntN(2) == 0, r.IntN(2) == 0
	reasons := func(status []string, n int) (out []study.ReasonCount) {
		for i, s := range status {
			k := r.IntN(n + 1)
			if i == len(status)-1 {
				k = n
			}
			n -= k
			reason := ""
			if r.IntN(3) > 0 || s == "" {
				reason = name(fmt.Sprint("Reason ", i))
			}
			out = append(out, study.ReasonCount{Status: s, Reason: reason, N: k})
		}
		return out
	}
	hasReceived, hasStatus := r.IntN(2) == 0, r.IntN(2) == 0
	outcomes, visits := 1+r.IntN(4), 1+r.IntN(4)
	for k := range 2 + r.IntN(4) {
		id := fmt.Sprint("a", k)
		rep.Protocol.Arms = append(rep.Protocol.Arms, study.Arm{ID: id, Label: name("Arm")})
		a := study.ConsortArm{Arm: id, Randomized: 20 + r.IntN(2000), HasReceived: hasReceived, HasStatus: hasStatus}
		a.InFile = a.Randomized - r.IntN(3)
		if hasReceived {
			a.Received = a.Randomized - r.IntN(20)
			a.NotReceived = reasons([]string{study.StatusNone, study.StatusUnrecorded}, a.Randomized-a.Received)
		}
		if hasStatus {
			a.Completed = a.InFile - r.IntN(18)
			a.Lost = append(reasons([]string{study.StatusLost, study.StatusLost, "stopped by the sponsor", study.StatusDied}, a.InFile-a.Completed),
				study.ReasonCount{Status: study.StatusNoData, N: a.Randomized - a.InFile})
		}
		for o := range outcomes {
			for v := range visits {
				n := a.Randomized - r.IntN(20)
				x := study.ConsortAnalyzed{Outcome: fmt.Sprint("o", o), Visit: fmt.Sprint("v", v), N: n, Observed: n - r.IntN(2), LostAnalyzed: -1 + r.IntN(3),
					Left: reasons([]string{"", ""}, a.Randomized-n)}
				if seed%2 == 0 && o == 0 && v == visits-1 {
					x.Role = study.RolePrimary
				}
				a.Analyzed = append(a.Analyzed, x)
			}
		}
		c.Randomized += a.Randomized
		c.Arms = append(c.Arms, a)
	}
	for o := range outcomes {
		rep.Protocol.Outcomes = append(rep.Protocol.Outcomes, study.Outcome{ID: fmt.Sprint("o", o), Label: name("Outcome")})
	}
	for v := range visits {
		rep.Protocol.Visits = append(rep.Protocol.Visits, study.Visit{ID: fmt.Sprint("v", v), Label: name("Week")})
	}
	if c.HasAssessed = r.IntN(2) == 0; c.HasAssessed {
		c.Excluded = reasons([]string{"", "", ""}, 300)
		c.Assessed = c.Randomized + 300
	}
	return rep
}

// No text lies over another or leaves its box, no box touches another, whatever is
// told; and who cannot see the diagram is told every number of it.
func TestConsortOfAnyTrial(t *testing.T) {
	numbers := regexp.MustCompile(`n = (\d+)(?: (?:to|tot) (\d+))?`)
	drawn := 0
	for seed := range uint64(120) {
		rep := anyConsort(seed)
		o := []Options{{}, {Lang: "nl"}, {Style: Lancet()}, {Style: Slides(), Lang: "nl"}, {Width: 90}}[seed%5]
		f, err := ConsortWith(rep, o)
		if err != nil {
			require.ErrorContains(t, err, "make it wider")
			require.Less(t, o.Width, 100.0)
			require.NotZero(t, o.Width, "the default width has room: %v", err)
			continue
		}
		drawn++
		require.Empty(t, layoutProblems(f), seed)
		m := marksOf[*flowMarks](f.panels[0])[0]
		for i, a := range m.boxes {
			for _, b := range m.boxes[:i] {
				require.True(t, a.Min.X >= b.Max.X || b.Min.X >= a.Max.X || a.Min.Y >= b.Max.Y || b.Min.Y >= a.Max.Y, "%d: %v and %v", seed, a.lines, b.lines)
			}
			require.LessOrEqual(t, f.theme.flowHeight(a.lines), a.Max.Y-a.Min.Y+0.01, seed)
			for _, l := range a.lines {
				room := a.Max.X - a.Min.X - f.theme.size()*(2*flowPad)
				require.LessOrEqual(t, f.theme.flowStyle(l).Width(l.text)+f.theme.size()*vg.Length(l.inset()), room+0.01, "%d: %q", seed, l.text)
			}
			text := strings.Join(strings.Fields(strings.ReplaceAll(boxText(a), "\u00a0", " ")), " ")
			for _, n := range numbers.FindAllStringSubmatch(text, -1) {
				for _, x := range n[1:] {
					require.Regexp(t, `\b`+x+`\b`, strings.ReplaceAll(f.Description(), " (n = ", ": "), seed)
				}
			}
		}
	}
	assert.Greater(t, drawn, 100)
}

func boxText(b flowBox) string {
	var lines []string
	for _, l := range b.lines {
		lines = append(lines, l.text)
	}
	return strings.Join(lines, " ")
}

// Of more comparisons than a box holds the range is told; visits with one number
// share a line.
func TestConsortOfManyOutcomes(t *testing.T) {
	report := func(outcomes int, n func(o, v int) int) study.Report {
		rep := study.Report{Consort: study.Consort{Declared: true, Allocated: true}}
		for _, id := range []string{"a", "c"} {
			arm := study.ConsortArm{Arm: id, Randomized: 40, InFile: 40}
			for o := range outcomes {
				for v := range 3 {
					arm.Analyzed = append(arm.Analyzed, study.ConsortAnalyzed{Outcome: fmt.Sprint("o", o), Visit: fmt.Sprint("v", v), N: n(o, v), Observed: n(o, v),
						LostAnalyzed: -1, Left: []study.ReasonCount{{Reason: "dropped-missing-visit", N: 40 - n(o, v)}}})
				}
			}
			rep.Protocol.Arms = append(rep.Protocol.Arms, study.Arm{ID: id})
			rep.Consort.Arms = append(rep.Consort.Arms, arm)
			rep.Consort.Randomized += 40
		}
		return rep
	}
	last := func(rep study.Report) string {
		f, err := Consort(rep)
		require.NoError(t, err)
		words := plainWords(t, f)
		return words[len(words)-1]
	}
	assert.Equal(t, "Analyzed (n = 12 to 39)|differs by outcome and visit", last(report(20, func(o, v int) int { return 30 + 9*(o%2)*(v%2) - 18*(o/19)*(v/2) })))
	assert.Equal(t, "Analyzed|o0 (n = 30)|o1|v0 (n = 31)|v1 (n = 32)|v2 (n = 33)", last(report(2, func(o, v int) int { return 30 + o*(v+1) })))
}
