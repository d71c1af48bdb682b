package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const studies = "../../testdata/studies/"

func TestTrialWritesEverything(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report")
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-protocol", studies + "anorexia/protocol.yaml", "-data", studies + "anorexia/data.csv", "-out", out}, &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), "Family therapy")
	for _, f := range []string{"report.md", "results.csv", "results.json", "weight-trajectories.svg", "differences.png"} {
		assert.FileExists(t, filepath.Join(out, f))
	}
	hidden, err := filepath.Glob(filepath.Join(out, ".*"))
	require.NoError(t, err)
	assert.Empty(t, hidden, "no temporary file is left")
}

func TestTrialJSONAlone(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	protocol, data := writeTrial(t, dir, goodData)
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-protocol", protocol, "-data", data, "-json", "-", "-out", "never"}, &stdout, &stderr), stderr.String())
	assert.Empty(t, stderr.String())
	assert.True(t, json.Valid(stdout.Bytes()))
	assert.NoDirExists(t, filepath.Join(dir, "never"))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "no file is written")
}

const protocol = `
title: A trial
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: lower, range: [0, 10]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: y0, post: y1}}}
`

const goodData = "id,arm,y0,y1\n1,a,5,3\n2,a,6,2\n3,a,7,6\n4,c,5,5\n5,c,6,7\n6,c,4,4\n"

func writeTrial(t *testing.T, dir, data string) (p, d string) {
	t.Helper()
	p, d = filepath.Join(dir, "p.yaml"), filepath.Join(dir, "d.csv")
	require.NoError(t, os.WriteFile(p, []byte(protocol), 0o600))
	require.NoError(t, os.WriteFile(d, []byte(data), 0o600))
	return p, d
}

func TestBadInput(t *testing.T) {
	place := regexp.MustCompile(`^.*d\.csv:(\d+):(\d+): .+$`)
	for name, c := range map[string]struct {
		data   string
		places []string
	}{
		"several at once": {"id,arm,y0,y1\n1,a,5,11\n2,x,6,2\n3,a,seven,6\n4,c,5,5\n4,c,5,5\n", []string{"2:", "3:", "4:", "6:"}},
		"empty":           {"", []string{"1:1"}},
		"header alone":    {"id,arm,y0,y1\n", []string{"1:"}},
		"missing column":  {"id,arm,y0\n1,a,5\n2,c,4\n", []string{"1:"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p, d := writeTrial(t, dir, c.data)
			out := filepath.Join(dir, "out")
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 1, run([]string{"-protocol", p, "-data", d, "-out", out}, &stdout, &stderr))
			assert.Empty(t, stdout.String())
			assert.NoDirExists(t, out, "nothing is written")
			lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
			for _, l := range lines {
				assert.Regexp(t, place, l)
			}
			for _, at := range c.places {
				assert.Contains(t, stderr.String(), "d.csv:"+at)
			}
		})
	}
}

func TestBadProtocol(t *testing.T) {
	dir := t.TempDir()
	p, d := writeTrial(t, dir, goodData)
	require.NoError(t, os.WriteFile(p, []byte(strings.Replace(protocol, "better: lower, ", "colour: red, ", 1)), 0o600))
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-protocol", p, "-data", d}, &stdout, &stderr))
	assert.Regexp(t, `(?m)p\.yaml:\d+:\d+: .*colour`, stderr.String())
	assert.Regexp(t, `(?m)p\.yaml:\d+:\d+: .*better`, stderr.String())

	stderr.Reset()
	assert.Equal(t, 1, run([]string{"-protocol", p, "-data", filepath.Join(dir, "nowhere.csv")}, &stdout, &stderr))
	assert.NotEmpty(t, stderr.String())
	assert.Equal(t, 2, run([]string{"-data", d}, &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-nonsense"}, &stdout, &stderr))
}

// A trial that nothing can be concluded from still gives its report.
func TestDegenerateTrial(t *testing.T) {
	for name, data := range map[string]string{
		"one each":       "id,arm,y0,y1\n1,a,5,3\n2,c,5,5\n",
		"constant":       "id,arm,y0,y1\n1,a,5,3\n2,a,5,3\n3,c,5,3\n4,c,5,3\n",
		"an arm is lost": "id,arm,y0,y1\n1,a,5,\n2,a,5,\n3,c,5,3\n4,c,5,4\n",
		"all are lost":   "id,arm,y0,y1\n1,a,5,\n2,a,5,\n3,c,5,\n4,c,5,\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p, d := writeTrial(t, dir, data)
			out := filepath.Join(dir, "out")
			var stdout, stderr bytes.Buffer
			require.Zero(t, run([]string{"-protocol", p, "-data", d, "-out", out}, &stdout, &stderr), stderr.String())
			assert.FileExists(t, filepath.Join(out, "results.json"))
			assert.NotContains(t, stdout.String(), "NaN")
			t.Log(stderr.String())
		})
	}
}

// Problems of protocol and data speak the language asked for.
func TestProblemsSpeakTheLanguage(t *testing.T) {
	dir := t.TempDir()
	protocol, data := filepath.Join(dir, "p.yaml"), filepath.Join(dir, "d.csv")
	require.NoError(t, os.WriteFile(protocol, []byte("arms: [{id: a}, {id: c, control: true}]\nvisits: [{id: pre}, {id: post}]\n"+
		"outcomes: [{id: x, better: lower}]\ndata: {layout: wide, participant: id, arm: arm, columns: {x: {pre: x0, post: x1}}}\n"), 0o600))
	require.NoError(t, os.WriteFile(data, []byte("id,arm,x0,x1\n1,a,5,?\n2,c,6,5\n"), 0o600))
	var out, errs strings.Builder
	assert.Equal(t, 1, run([]string{"-protocol", protocol, "-data", data, "-lang", "nl"}, &out, &errs))
	assert.Contains(t, errs.String(), `d.csv:2:7: x op post: "?" is geen getal; noem het onder data.missing als het een ontbrekende waarde betekent`)
	errs.Reset()
	require.NoError(t, os.WriteFile(protocol, []byte("arms: [{id: a}]\n"), 0o600))
	assert.Equal(t, 1, run([]string{"-protocol", protocol, "-data", data, "-lang", "nl"}, &out, &errs))
	assert.Contains(t, errs.String(), "p.yaml:1:7: arms: er worden ten minste twee armen vergeleken, er zijn er 1 opgegeven")
}

// What loading leaves in doubt stands on standard error, beside the report and
// beside results.json.
func TestDoubtsOfTheLoader(t *testing.T) {
	dir := t.TempDir()
	p, d := writeTrial(t, dir, goodData)
	require.NoError(t, os.WriteFile(p, []byte(strings.Replace(protocol, ", range: [0, 10]", "", 1)), 0o600))
	require.NoError(t, os.WriteFile(d, []byte(strings.Replace(goodData, "3,a,7,6", "3,a,7,999", 1)), 0o600))
	for lang, want := range map[string]string{"en": "y: 999 lies apart", "nl": "y: 999 ligt los"} {
		for _, args := range [][]string{{}, {"-json", "-"}} {
			var stdout, stderr bytes.Buffer
			require.Zero(t, run(append([]string{"-protocol", p, "-data", d, "-lang", lang}, args...), &stdout, &stderr), stderr.String())
			assert.Contains(t, stderr.String(), d+": "+want)
		}
	}
}

// -check looks at the data without arms and writes nothing; what stops the load is
// told as in every run, with the status 2.
func TestCheckWithoutArms(t *testing.T) {
	dir := t.TempDir()
	p, d := writeTrial(t, dir, goodData)
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-protocol", p, "-data", d, "-check"}, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	assert.Contains(t, stdout.String(), "Rows read: 6; used: 6; excluded: 0.")
	assert.Contains(t, stdout.String(), "All (n = 6)")
	assert.NotContains(t, stdout.String(), "n = 3")

	bad, _ := strings.CutSuffix(goodData, "6,c,4,4\n")
	require.NoError(t, os.WriteFile(d, []byte(bad+"6,c,4,44\n"), 0o600))
	stdout.Reset()
	assert.Equal(t, 2, run([]string{"-protocol", p, "-data", d, "-check"}, &stdout, &stderr))
	assert.Empty(t, stdout.String())
	assert.Regexp(t, `d\.csv:7:7: .*44`, stderr.String())
	assert.Equal(t, 2, run([]string{"-protocol", filepath.Join(dir, "none.yaml"), "-data", d, "-check"}, &stdout, &stderr))
	for _, also := range [][]string{{"-out", "x"}, {"-json", "-"}, {"-verify"}} {
		assert.Equal(t, 2, run(append([]string{"-protocol", p, "-data", d, "-check"}, also...), &stdout, &stderr))
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)
}

// -compare prints what has changed in place of the report; the earlier file is read
// before -out writes another in its place.
func TestCompareWithEarlier(t *testing.T) {
	dir := t.TempDir()
	p, d := writeTrial(t, dir, goodData)
	out := filepath.Join(dir, "out")
	earlier := filepath.Join(out, "results.json")
	var stdout, stderr bytes.Buffer
	command := []string{"-protocol", p, "-data", d, "-figures", "none", "-out", out}
	require.Zero(t, run(command, &stdout, &stderr), stderr.String())
	stdout.Reset()
	require.Zero(t, run(append(command, "-compare", earlier), &stdout, &stderr), stderr.String())
	assert.Equal(t, "Nothing changed: the same participants (6) and the same estimates (0 of them planned).\n", stdout.String())
	require.NoError(t, os.WriteFile(d, []byte(strings.Replace(goodData, "3,a,7,6", "3,a,7,5", 1)), 0o600))
	for _, want := range []string{"Changed (1): 3", "Nothing changed"} { // the second run compares with the first's
		stdout.Reset()
		require.Zero(t, run(append(command, "-compare", earlier), &stdout, &stderr), stderr.String())
		assert.Contains(t, stdout.String(), want)
	}
	require.NoError(t, os.WriteFile(earlier, []byte(`{"results": []}`), 0o600))
	stderr.Reset()
	assert.Equal(t, 1, run(append(command, "-compare", earlier, "-lang", "nl"), &stdout, &stderr))
	assert.Contains(t, stderr.String(), earlier+": deze results.json heeft het formaat van versie 1")
	kept, err := os.ReadFile(earlier)
	require.NoError(t, err)
	assert.Equal(t, `{"results": []}`, string(kept), "nothing is written after a refusal")
	assert.Equal(t, 1, run(append(command, "-compare", filepath.Join(dir, "nowhere.json")), &stdout, &stderr))
	assert.Equal(t, 2, run([]string{"-protocol", p, "-data", d, "-json", "-", "-compare", earlier}, &stdout, &stderr))
}

// Completed data sets go into a file beside the report, or alone to standard output; other
// uses are refused.
func TestImputedSets(t *testing.T) {
	study := filepath.Join("..", "..", "testdata", "studies", "programme")
	args := []string{"-protocol", filepath.Join(study, "protocol.yaml"), "-data", filepath.Join(study, "data.csv")}
	var stdout, stderr bytes.Buffer
	require.Zero(t, run(append(args, "-imputed", "-"), &stdout, &stderr), stderr.String())
	rows, err := csv.NewReader(&stdout).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 1+2*80*4, "two plans, 80 participants, four visits, conditional means")
	imputed := 0
	for _, r := range rows[1:] {
		if r[0] == "1" && r[5] == "w12" && r[7] == "true" {
			imputed++
		}
	}
	assert.Equal(t, 37, imputed, "as the report counts them: 30 set aside, 7 absent")
	file := filepath.Join(t.TempDir(), "sets.csv")
	stdout.Reset()
	require.Zero(t, run(append(args, "-imputed", file), &stdout, &stderr), stderr.String())
	assert.Contains(t, stdout.String(), "Answer")
	assert.FileExists(t, file)
	assert.Equal(t, 2, run(append(args, "-imputed", file, "-check"), &stdout, &stderr))
	hilt := filepath.Join("..", "..", "testdata", "studies", "hilt")
	stderr.Reset()
	assert.Equal(t, 1, run([]string{"-protocol", filepath.Join(hilt, "protocol.yaml"), "-data", filepath.Join(hilt, "data.csv"), "-imputed", file}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "no plan imputes")
}
