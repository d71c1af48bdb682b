package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// analyzed is the report of a trial's files; ok is false where the loader
// refuses them or they are not at hand.
func analyzed(t testing.TB, protocol, data string) (study.Report, bool) {
	t.Helper()
	ds, err := study.LoadFiles(protocol, data)
	if err != nil {
		t.Logf("%.500v", err)
		return study.Report{}, false
	}
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r, true
}

// analyzedTrials are the reports of trials, made once: tests must not change them.
var analyzedTrials []struct {
	name string
	study.Report
}

// trials calls a test with the report of every study in testdata, of every case
// that loads, and of trials in which numbers do not exist.
func trials(t *testing.T, test func(t *testing.T, name string, r study.Report)) {
	t.Helper()
	if analyzedTrials == nil {
		analyzeTrials(t)
	}
	for _, x := range analyzedTrials {
		t.Run(x.name, func(t *testing.T) { test(t, x.name, x.Report) })
	}
}

func analyzeTrials(t *testing.T) {
	t.Helper()
	keep := func(name string, r study.Report) {
		analyzedTrials = append(analyzedTrials, struct {
			name string
			study.Report
		}{name, r})
	}
	run := func(name, protocol, data string, must bool) {
		r, ok := analyzed(t, protocol, data)
		if must {
			require.True(t, ok, name)
		}
		if ok {
			keep(name, r)
		}
	}
	elsewhere := map[string]string{"btheb": "BtheB.csv", "polyps": "polyps.csv", "fev": "fev_data.csv"}
	studies, err := filepath.Glob("../../testdata/studies/*/protocol.yaml")
	require.NoError(t, err)
	for _, p := range studies {
		name := filepath.Base(filepath.Dir(p))
		if file := elsewhere[name]; file != "" {
			run(name, p, filepath.Join("../../../shared/data", file), false)
			continue
		}
		data := filepath.Join(filepath.Dir(p), "data.csv")
		if events := filepath.Join(filepath.Dir(p), "ae.csv"); fileThere(events) {
			ds, err := study.LoadFiles(p, data, events)
			require.NoError(t, err)
			r, err := ds.AnalyzeAll()
			require.NoError(t, err)
			keep(name, r)
			continue
		}
		run(name, p, data, true)
	}
	cases, err := filepath.Glob("../../testdata/cases/*/protocol.yaml")
	require.NoError(t, err)
	for _, p := range cases {
		dir := filepath.Dir(p)
		files, err := filepath.Glob(filepath.Join(dir, "data.*"))
		require.NoError(t, err)
		for _, f := range files {
			run(filepath.Base(dir), p, f, false)
		}
	}
	for name, o := range oddTrials() {
		dir := t.TempDir()
		p, d := filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv")
		require.NoError(t, os.WriteFile(p, []byte(o[0]), 0o600))
		require.NoError(t, os.WriteFile(d, []byte(o[1]), 0o600))
		run(name, p, d, true)
	}
	require.Greater(t, len(analyzedTrials), 30)
}

const oddProtocol = `
title: Odd "trial", <one> line
registration: NCT00000000
arms: [{id: a, label: Active, randomized: 14}, {id: b}, {id: c, control: true}]
visits: [{id: v0}, {id: v1, time: 1w}, {id: v2, time: 2w}]
randomization: {kind: stratified, strata: [site]}
outcomes:
  - id: y
    unit: mm
    better: lower
    range: [0, 100]
    thresholds:
      - {kind: margin, value: 5, level: between, source: agreed}
      - {kind: MCID, value: 10, level: individual, source: s, population: people}
      - {kind: PASS, value: 40, level: individual, source: s}
      - {kind: percent, value: 30, level: individual, source: s}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
  adverse_events: ae
subgroups: [site, {age: [43]}]
plans:
`

// oddTrials are protocols with data: every kind of plan, nobody measured in an
// arm, everybody the same, one participant an arm.
func oddTrials() map[string][2]string {
	r := rand.New(rand.NewPCG(12, 2))
	rows := func(n int, value func(i int, arm string) string) string {
		s := "id,arm,site,age,ae,y0,y1,y2\n"
		for i := range n {
			arm := []string{"a", "b", "c"}[i%3]
			s += fmt.Sprintf("%02d,%s,s%d,%d,%d,%s,%s,%s\n", i, arm, i/3%2, 40+i%7, i%2, value(i, arm), value(i, arm), value(i, arm))
		}
		return s
	}
	some := func(int, string) string {
		if r.IntN(10) == 0 {
			return ""
		}
		return fmt.Sprint(r.IntN(101))
	}
	noB := func(i int, arm string) string {
		if arm == "b" {
			return ""
		}
		return some(i, arm)
	}
	with := func(plans ...string) string { return oddProtocol + "  - " + strings.Join(plans, "\n  - ") + "\n" }
	ni := "{outcome: y, visit: v2, role: primary, margin: 8, level: 0.9, covariates: [age], registered: {where: NCT00000000, date: 2024-02-01}, priors: [{name: mine, mean: -3, sd: 4}]}"
	return map[string][2]string{
		"odd-stratified-ni": {with(ni, "{outcome: y, visit: v2, role: sensitivity, model: welch-change}"), rows(42, some)},
		"odd-mmrm":          {with("{outcome: y, model: mmrm, covariance: [us, csh, cs]}", "{outcome: y, model: clda, covariance: ar1, df: satterthwaite}"), rows(42, some)},
		"odd-mixed":         {with("{outcome: y, model: mixed-anova}", "{outcome: y, visit: overall, model: lmm}"), rows(42, some)},
		"odd-empty-arm":     {with(ni), rows(42, noB)},
		"odd-constant":      {with(ni), rows(42, func(int, string) string { return "50" })},
		"odd-few":           {strings.Replace(with("{outcome: y, visit: v1}"), "stratified, strata: [site]", "complete", 1), rows(3, some)},
	}
}

func results(t testing.TB, r study.Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r, Options{Lang: lang}))
	return b.Bytes()
}

func TestResultsFollowTheSchema(t *testing.T) {
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	trials(t, func(t *testing.T, _ string, r study.Report) {
		for _, lang := range []string{"en", "nl"} {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(results(t, r, lang)))
			require.NoError(t, err)
			assert.NoError(t, s.Validate(v))
		}
	})
	// What the schema does not know is refused: it would prove nothing otherwise.
	r, ok := analyzed(t, "../../testdata/studies/hilt/protocol.yaml", "../../testdata/studies/hilt/data.csv")
	require.True(t, ok)
	file := string(results(t, r, ""))
	for _, change := range [][2]string{
		{`"decides": true`, `"decide": true`}, {`"method": "ancova"`, `"method": "anova"`}, {`"role": "companion"`, `"role": null`},
		{`"better": "lower"`, `"better": "less"`}, {`"n_change": 5`, `"n_change": 5.5`}, {`"level": 0.95`, `"level": null`},
		{`"format_version": 2`, `"format_version": 1`}, {`"alpha": 0.05`, `"alpha": 0.05, "beta": 0.2`},
	} {
		require.Contains(t, file, change[0])
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(file, change[0], change[1], 1)))
		require.NoError(t, err)
		assert.Error(t, s.Validate(v), "%s", change[1])
	}
}

// results_json.md says what every key of the schema means, in the row of its
// list at the top or in the section of that list.
func TestEveryKeyIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("results_json.md")
	require.NoError(t, err)
	said := map[string]string{} // by key at the top
	sections := strings.Split(string(raw), "\n## ")
	for _, line := range strings.Split(sections[0], "\n") {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			key, _, _ := strings.Cut(rest, "`")
			said[key] += line
		}
	}
	for _, s := range sections[1:] {
		heading, _, _ := strings.Cut(s, "\n")
		for key := range said {
			if strings.Contains(heading, "`"+key+"`") {
				said[key] += s
			}
		}
	}
	var s struct {
		Properties map[string]json.RawMessage             `json:"properties"`
		Defs       map[string]struct{ Required []string } `json:"$defs"`
	}
	file, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(file, &s))
	for key, about := range s.Properties {
		if !assert.NotEmpty(t, said[key], "%s has no row at the top", key) {
			continue
		}
		for _, inner := range innerKeys(t, about, file) {
			assert.Contains(t, said[key], "`"+inner+"`", "%s: %s is not documented", key, inner)
		}
	}
}

// innerKeys are the keys of all objects under a part of the schema.
func innerKeys(t *testing.T, part, file []byte) []string {
	t.Helper()
	var whole struct {
		Defs map[string]any `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(file, &whole))
	var out []string
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case []any:
			for _, y := range x {
				walk(y)
			}
		case map[string]any:
			if ref, ok := x["$ref"].(string); ok {
				walk(whole.Defs[strings.TrimPrefix(ref, "#/$defs/")])
			}
			if keys, ok := x["properties"].(map[string]any); ok {
				for k, y := range keys {
					out = append(out, k)
					walk(y)
				}
				return
			}
			for _, y := range x {
				walk(y)
			}
		}
	}
	var x any
	require.NoError(t, json.Unmarshal(part, &x))
	walk(x)
	return out
}

// The number of cores changes nothing.
func TestSameBytesOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, name := range []string{"hilt", "anorexia", "dropout"} {
		dir := "../../testdata/studies/" + name
		var first []byte
		for _, cores := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(cores)
			r, ok := analyzed(t, dir+"/protocol.yaml", dir+"/data.csv")
			require.True(t, ok)
			got := results(t, r, "")
			if first == nil {
				first = got
			}
			assert.True(t, bytes.Equal(first, got), "%s: other bytes on %d cores", name, cores)
		}
	}
}

// A number that must exist and does not is an error, never null or a wrong word.
func TestNumbersThatMustExist(t *testing.T) {
	r, ok := analyzed(t, "../../testdata/studies/anorexia/protocol.yaml", "../../testdata/studies/anorexia/data.csv")
	require.True(t, ok)
	r.Results[0].Rows[0].Level = math.NaN()
	assert.Error(t, JSON(&bytes.Buffer{}, r, Options{}))
}
