package study

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
)

func proposeText(t *testing.T, name, src string) *Proposal {
	table, err := files.Read(strings.NewReader(src), int64(len(src)), name, files.Options{})
	require.NoError(t, err)
	p, err := Propose(table)
	require.NoError(t, err)
	return p
}

// A ward of a clinic: instrument by name, codes, a column that names people, a
// derived column. Every question is answered, and the report's numbers follow.
const clinic = "nr,naam,groep,leeftijd,vas_pre,vas_post,kracht_pre,kracht_post,vas_change\n" +
	"1,Jansen,laser,61,6.1,3.2,41,47,-2.9\n2,De Wit,placebo,58,5.8,5.1,39,38,-0.7\n3,Bakker,laser,70,7.2,4.0,44,999,-3.2\n" +
	"4,Visser,placebo,66,6.6,6.0,40,42,-0.6\n5,Smit,laser,59,5.5,2.9,45,50,-2.6\n6,Mulder,placebo,63,7.0,6.8,37,39,-0.2\n"

func TestProposeAsksWhatNoFileTells(t *testing.T) {
	p := proposeText(t, "clinic.csv", clinic)
	y, err := p.YAML("en")
	require.NoError(t, err)
	assert.NotContains(t, y, "primary: true\n")
	assert.Contains(t, y, "Personal data: naam")
	assert.NotContains(t, y, "column: naam")
	assert.Contains(t, y, "instrument: VAS-cm")
	assert.Contains(t, y, "vas_change: a change or difference")
	_, err = ParseProtocol(strings.NewReader(y), "p.yaml")
	var bad Problems
	require.ErrorAs(t, err, &bad)
	for _, b := range bad {
		assert.Contains(t, b.Text, "this question is open")
	}
	assert.Len(t, bad, 6, "control of two arms, range, direction and threshold of strength, missing code")
	var ids []string
	open, err := p.Questions("nl")
	require.NoError(t, err)
	for _, q := range open {
		ids = append(ids, q.ID)
	}
	assert.Equal(t, []string{"control", "range.kracht", "better.kracht", "threshold.kracht", "data.missing"}, ids)

	_, err = p.Answer("control", "sham", "en")
	assert.ErrorContains(t, err, "none of")
	_, err = p.Answer("better.vas", "lower", "en")
	assert.ErrorContains(t, err, "no open question")
	for id, a := range map[string]string{"control": "PLACEBO", "range.kracht": "0 tot 200", "better.kracht": "2", "threshold.kracht": "5,5 a pilot", "data.missing": "999"} {
		p, err = p.Answer(id, a, "nl")
		require.NoError(t, err, id)
	}
	y, err = p.YAML("nl")
	require.NoError(t, err)
	protocol, err := ParseProtocol(strings.NewReader(y), "p.yaml")
	require.NoError(t, err, y)
	ds, err := Load(strings.NewReader(clinic), "clinic.csv", protocol)
	require.NoError(t, err)
	assert.Equal(t, "placebo", protocol.Arms[slices.IndexFunc(protocol.Arms, func(a Arm) bool { return a.Control })].ID)
	strength := protocol.Outcomes[1]
	assert.Equal(t, []any{0.0, 200.0, HigherIsBetter, 5.5, "a pilot"},
		[]any{strength.Min, strength.Max, strength.Better, strength.Thresholds[0].Value, strength.Thresholds[0].Source})
	assert.Len(t, ds.Participants(), 6)
}

// In quotes the sign is a word like others.
func TestOpenQuestionsAreRefused(t *testing.T) {
	_, err := ParseProtocol(strings.NewReader("title: ?\n"), "p")
	assert.ErrorContains(t, err, "p:1:8: title: this question is open")
	_, err = ParseProtocol(strings.NewReader("title: '?'\n"), "p")
	assert.NotContains(t, err.Error(), "question")
}

func TestProposalsAreTranslated(t *testing.T) {
	p := proposeText(t, "clinic.csv", clinic)
	for _, lang := range text.Languages() {
		y, err := p.YAML(lang)
		require.NoError(t, err)
		for _, l := range strings.Split(y, "\n") {
			assert.LessOrEqual(t, len([]rune(l)), 100, l)
			assert.NotContains(t, l, "{n}")
		}
	}
	_, err := p.YAML("xx")
	assert.Error(t, err)
}

// Where no name tells a visit, the columns of numbers that may be outcomes are named.
func TestProposeNamesWhatMayBeOutcomes(t *testing.T) {
	src, err := os.ReadFile("../testdata/formats/qualtrics/qualtrics.csv")
	require.NoError(t, err)
	p := proposeText(t, "qualtrics.csv", string(src))
	for lang, want := range map[string]string{"en": "may hold outcomes", "nl": "kunnen uitkomsten bevatten"} {
		y, err := p.YAML(lang)
		require.NoError(t, err)
		flat := strings.ReplaceAll(y, "\n# ", " ")
		assert.Contains(t, flat, want)
		assert.Contains(t, flat, ": Q3_1 (How much pain do you have? - Pain, now), Q4 (And at the start?).")
	}
}

// The head of a protocol, a terminal and a form count the same questions: what waits for
// the choice among many outcomes counts, and what stands at several places counts once.
func TestOpenQuestionsAreCountedOnce(t *testing.T) {
	src := "id,arm,a_pre,a_post,b_pre,b_post,c_pre,c_post,d_pre,d_post,e_pre,e_post\n"
	for i := range 12 {
		src += fmt.Sprintf("%d,%s", i+1, []string{"x", "y"}[i%2])
		for j := range 10 {
			src += fmt.Sprintf(",%d", 11+(7*i+3*j)%20)
		}
		src += "\n"
	}
	p := proposeText(t, "d.csv", src)
	asked := 0
	for {
		open, err := p.Questions("en")
		require.NoError(t, err)
		y, err := p.YAML("en")
		require.NoError(t, err)
		if p.Open() == 0 {
			assert.Empty(t, open)
			assert.NotContains(t, y, "?\n")
			break
		}
		assert.Contains(t, y, fmt.Sprintf("# Open questions: %d.", p.Open()))
		if asked++; asked == 1 {
			assert.Equal(t, 1+5*3, p.Open(), "control; range, direction and threshold of each outcome")
			assert.Len(t, open, 2, "control, and which outcomes to keep")
		}
		answer := map[string]string{"control": "y", "keep": "a, b", "better": "lower"}[strings.Split(open[len(open)-1].ID, ".")[0]]
		before := p.Open()
		p, err = p.Answer(open[len(open)-1].ID, cmp.Or(answer, "none"), "en")
		require.NoError(t, err)
		assert.Less(t, p.Open(), before)
	}
	assert.Equal(t, 1+1+2*3, asked)
}

// What a clinic calls the patient's number is found, with and without a diaeresis, and
// a visit is called as a reader reads it.
func TestProposeReadsAClinicsNames(t *testing.T) {
	for _, id := range []string{"Patiëntnr", "Patiëntnummer", "Patient no", "Patient number", "Subject No.", "Participant no"} {
		p := proposeText(t, "clinic.csv", id+",Groep,NRS voor,NRS 6 weken,NRS w12\n1,a,5,4,3\n2,b,6,5,1\n3,a,7,3,5\n4,b,5,2,2\n")
		yaml, err := p.YAML("en")
		require.NoError(t, err)
		assert.Contains(t, yaml, "participant: "+id+"\n")
		assert.Contains(t, yaml, "- {id: 6weken, label: 6 weken, time: 6w}")
		assert.Contains(t, yaml, "- {id: w12, time: 12w}", "a letter is no word")
	}
}

// Numbers with something written around them are no outcome that is found, but not words
// either: the way out is said.
func TestProposeTellsWrittenNumbersFromWords(t *testing.T) {
	src := "id,arm,share,walk,bend,dose,note,date,age\n"
	for i := range 12 {
		src += fmt.Sprintf("p%d,%s,%d%%,1:%02d,(%d),%d mg,%d stairs and %d steps,2024-01-%02d,%d\n", i, []string{"a", "b"}[i%2], 40+i, 10+i, i+1, 5*i, i, 3*i, i+1, 30+i)
	}
	y, err := proposeText(t, "ward.csv", src).YAML("en")
	require.NoError(t, err)
	flat := strings.ReplaceAll(y, "\n# ", " ")
	for name, example := range map[string]string{"share": "40%", "walk": "1:10", "bend": "(1)", "dose": "0 mg"} {
		assert.Contains(t, flat, fmt.Sprintf("%s: numbers that are written with something around them, such as %q", name, example))
	}
	for _, name := range []string{"note", "date"} {
		assert.Contains(t, flat, name+": words or dates")
	}
}
