package report_test

import (
	"bytes"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// hiltWith analyzes the HILT trial from a changed file.
func hiltWith(t *testing.T, change func(string) string) study.Report {
	t.Helper()
	folder := "../../testdata/studies/hilt/"
	f, err := os.Open(folder + "protocol.yaml")
	require.NoError(t, err)
	defer f.Close()
	p, err := study.ParseProtocol(f, "protocol.yaml")
	require.NoError(t, err)
	data, err := os.ReadFile(folder + "data.csv")
	require.NoError(t, err)
	changed := change(string(data))
	ds, err := study.Load(strings.NewReader(changed), "data.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

func unchanged(s string) string { return s }

// compared says what changed since an earlier results.json.
func compared(t *testing.T, earlier string, r study.Report, lang string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, report.Compare(&b, strings.NewReader(earlier), r, report.Options{Lang: lang}))
	return b.String()
}

func resultsJSON(t *testing.T, r study.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	return b.String()
}

// HILT's values before are those of page-one.md, checked in R there. P01 loses 0.1 cm
// at one visit; P05 leaves; P11 comes.
func TestCompare(t *testing.T) {
	before := hiltWith(t, unchanged)
	earlier := resultsJSON(t, before)
	assert.Equal(t, "Nothing changed: the same participants (10) and the same estimates (2 of them planned).\n", compared(t, earlier, before, "en"))
	assert.Equal(t, "Niets veranderd: dezelfde deelnemers (10) en dezelfde schattingen (2 ervan gepland).\n", compared(t, earlier, before, "nl"))

	// The same values, written in another way and order: the file's bytes differ alone.
	rewritten := hiltWith(t, func(s string) string {
		lines := strings.SplitAfter(strings.TrimSuffix(s, "\n")+"\n", "\n")
		require.Contains(t, lines[1], ",6.5,7.6,")
		lines[1] = strings.Replace(lines[1], ",6.5,7.6,", ",6.50,+7.6,", 1)
		lines[2], lines[3] = lines[3], lines[2]
		return strings.Join(lines, "")
	})
	assert.Equal(t, "Nothing changed: the same participants (10) and the same estimates (2 of them planned). The file is\nwritten in another way; its values are the same.\n", compared(t, earlier, rewritten, "en"))

	value := hiltWith(t, func(s string) string { return strings.Replace(s, "left,6.5,7.6,", "left,6.5,7.5,", 1) })
	got := compared(t, earlier, value, "en")
	assert.Contains(t, got, "Participants: 10 before, 10 now.\n")
	assert.Contains(t, got, "Changed (1): P01\n")
	assert.NotRegexp(t, "Added|Removed|version", got)
	assert.Regexp(t, `Pain \(VAS\) +Right after +Active HILT, .*−2\.49 \(−4\.42 to −0\.55\) +−2\.4\d \(`, got)
	assert.Regexp(t, `24 h +Active HILT, .*−3\.03 \(−4\.80 to −1\.25\) +the same`, got)

	gone := hiltWith(t, func(s string) string { return regexp.MustCompile(`(?m)^P05,.*\n`).ReplaceAllString(s, "") })
	got = compared(t, earlier, gone, "en")
	assert.Contains(t, got, "Participants: 10 before, 9 now.\n\n  • Removed (1): P05\n")
	assert.NotRegexp(t, "Added|Changed|the same", got)
	// The other way round somebody has come.
	got = compared(t, resultsJSON(t, gone), before, "nl")
	assert.Contains(t, got, "Deelnemers: eerst 9, nu 10.\n\n  • Toegevoegd (1): P05\n")
	assert.Regexp(t, `Direct erna +Actieve HILT, .*\) +−2,49 \(−4,42 tot −0,55\)`, got)

	// Versions come first, also where nothing else differs.
	other := strings.Replace(earlier, `"version": "`+study.Version()+`"`, `"version": "v0.0.1"`, 1)
	require.NotEqual(t, earlier, other)
	assert.Equal(t, "Computed with other versions: before v0.0.1, now "+study.Version()+".\n\nNothing else changed: the same participants (10) and the same estimates (2 of them planned).\n", compared(t, other, before, "en"))
	assert.True(t, strings.HasPrefix(compared(t, other, gone, "en"), "Computed with other versions: before v0.0.1"))

	for _, text := range []string{got, compared(t, earlier, value, "en")} {
		for l := range strings.Lines(text) {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(l, "\n"))), 100, l)
		}
	}
}

// An estimate may change in any number of the file: a difference in the last bits,
// as between processors, is none; one in the eighth digit is, and is shown with the
// digits that it takes. Estimates that no plan asks for are counted.
func TestCompareSeesSmallChanges(t *testing.T) {
	r := hiltWith(t, unchanged)
	earlier := resultsJSON(t, r)
	estimate := regexp.MustCompile(`"method": "ancova",\n\s+"estimate": (-2\.4\d+)`)
	at := estimate.FindStringSubmatchIndex(earlier)
	require.NotNil(t, at)
	digits := earlier[at[2]:at[3]]
	with := func(number string) string { return earlier[:at[2]] + number + earlier[at[3]:] }
	assert.Contains(t, compared(t, with(digits[:14]), r, "en"), "Nothing changed")
	x, err := strconv.ParseFloat(digits, 64)
	require.NoError(t, err)
	got := compared(t, with(strconv.FormatFloat(x+1e-7, 'f', -1, 64)), r, "en")
	for _, shown := range []float64{x, x + 1e-7} {
		assert.Regexp(t, strings.Replace(strconv.FormatFloat(shown, 'f', 6, 64), "-", "−", 1)+`\d? \(`, got)
	}
	assert.NotContains(t, got, "Changed (")

	welch := regexp.MustCompile(`("outcome": "vas",\n\s+"visit": "post",\n\s+"contrast": "between",\n\s+"arm": "hilt",\n\s+"control": "sham",\n\s+"method": "welch-change",\n\s+"estimate": )-`)
	changed := welch.ReplaceAllString(earlier, "${1}")
	require.NotEqual(t, earlier, changed)
	assert.Contains(t, compared(t, changed, r, "en"), "Other estimates that changed, which no plan asks for: 1.")

	planned := r
	planned.Protocol.Plans = nil
	assert.Contains(t, compared(t, earlier, planned, "en"), "The protocol says something else (plans of results.json).")
}

// What cannot be compared is refused with a sentence in the reader's language.
func TestCompareRefuses(t *testing.T) {
	r := hiltWith(t, unchanged)
	earlier := resultsJSON(t, r)
	for file, want := range map[string][2]string{
		strings.Replace(earlier, ` "format_version": 2,`+"\n", "", 1):             {"has the format of version 1, which does not say who was in the data", "heeft het formaat van versie 1"},
		strings.Replace(earlier, `"format_version": 2`, `"format_version": 3`, 1): {"has format 3; this version compares format 2", "heeft formaat 3"},
		strings.Replace(earlier, `"participants": [`, `"people": [`, 1):           {"no results.json of trialkit: data.participants", "geen results.json van trialkit"},
		"{}":        {"no results.json of trialkit", "geen results.json"},
		"id,arm\n1": {"no results.json of trialkit", "geen results.json"},
	} {
		require.NotEqual(t, earlier, file)
		for i, lang := range []string{"en", "nl"} {
			var b strings.Builder
			require.ErrorContains(t, report.Compare(&b, strings.NewReader(file), r, report.Options{Lang: lang}), want[i])
			assert.Empty(t, b.String())
		}
	}
}

// Every kind of fact about a participant is in the fingerprint, and no other.
func TestFingerprints(t *testing.T) {
	const protocol = `
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: y0, post: y1}}
  covariates: {age: {column: age, kind: number}, sex: {column: sex, kind: category}}
  adverse_events: ae
`
	hashes := func(data string) map[string]string {
		p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(data), "d.csv", p)
		require.NoError(t, err)
		out := map[string]string{}
		for _, f := range ds.Fingerprints() {
			assert.Regexp(t, `^[0-9a-f]{16}$`, f.Hash)
			out[f.Participant] = f.Hash
		}
		return out
	}
	const head, rest = "id,arm,y0,y1,age,sex,ae\n", "2,a,5,4,60,f,0\n3,c,5,5,61,m,1\n4,c,4,5,62,f,0\n"
	was := hashes(head + "1,a,5,3,50,f,0\n" + rest)
	assert.Equal(t, was, hashes(head+rest+"1,a,5.0,3.00,50.0,f,0\n"))
	assert.Equal(t, was, hashes("sex,arm,y1,y0,age,ae,id,notes\nf,a,3,5,50,0,1,x\nf,a,4,5,60,0,2,\nm,c,5,5,61,1,3,\nf,c,5,4,62,0,4,\n"))
	seen := map[string]bool{was["1"]: true}
	for _, row := range []string{"1,c,5,3,50,f,0", "1,a,6,3,50,f,0", "1,a,5,2,50,f,0", "1,a,3,5,50,f,0", "1,a,5,,50,f,0", "1,a,,3,50,f,0", "1,a,5,3,51,f,0", "1,a,5,3,,f,0", "1,a,5,3,50,m,0", "1,a,5,3,50,,0", "1,a,5,3,50,f,2", "1,a,5,3,50,f,"} {
		now := hashes(head + row + "\n" + rest)
		assert.False(t, seen[now["1"]], row)
		seen[now["1"]] = true
		for _, id := range []string{"2", "3", "4"} {
			assert.Equal(t, was[id], now[id])
		}
	}
}
