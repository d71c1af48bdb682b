package verify

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/text"
)

func cases(t *testing.T) []Case {
	t.Helper()
	list, err := Cases()
	require.NoError(t, err)
	return list
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestEveryCasePasses(t *testing.T) {
	r := Run(cases(t), noon)
	used := map[string]bool{}
	for _, c := range r.Cases {
		assert.True(t, c.Passed, "%s %s/%s: %s", c.Check, c.Topic, c.ID, c.Fault)
		used[c.Check] = true
		for _, lang := range text.Languages() {
			words, err := text.In(lang)
			require.NoError(t, err)
			assert.True(t, words.Has("verify-"+c.Check), "%s has no name for %s", lang, c.Check)
		}
	}
	assert.Equal(t, r.Total, r.Passed)
	assert.GreaterOrEqual(t, r.Total, 40)
	for name := range checks {
		assert.True(t, used[name], "no case for %s", name)
	}
}

// Any number of any case that is off by little more than the tolerance is
// found: planted here in what the case expects.
func TestEveryWrongNumberIsFound(t *testing.T) {
	for _, c := range cases(t) {
		got, err := c.compute()
		require.NoError(t, err)
		for path, want := range c.Expect {
			broken := c
			broken.Expect = map[string]float64{path: want * (1 + 20*c.Tolerance)}
			if want == 0 {
				broken.Expect[path] = 20 * c.Tolerance
			}
			r := broken.compare(got)
			assert.False(t, r.Passed, "%s %s", c.ID, path)
			assert.Contains(t, r.Fault, path+": ")
		}
		lost := c
		lost.Expect = map[string]float64{"nowhere": 1}
		assert.Equal(t, "nowhere: NaN, not 1", lost.compare(got).Fault, "a number that is not computed is no match")
		lost.Input = nil
		assert.False(t, lost.run().Passed, "an input that is not there")
	}
	assert.Zero(t, agree(math.NaN(), 1), "NaN agrees with nothing")
	assert.Equal(t, Result{Check: "none", Fault: "no check none"}, Case{Check: "none"}.run())
}

// The copies here are the cases of testdata/reference, input for input and
// number for number; those of NIST's files that have no case there are the
// certified values in the file itself.
func TestCasesAreTheReference(t *testing.T) {
	const reference = "../../../testdata/reference/"
	for _, c := range cases(t) {
		if file, ok := c.Input["file"]; ok {
			var name string
			require.NoError(t, json.Unmarshal(file, &name))
			ours, err := files.ReadFile(name)
			require.NoError(t, err)
			theirs, err := os.ReadFile(reference + name)
			require.NoError(t, err)
			assert.Equal(t, string(theirs), string(ours), name)
			if c.Topic == "" {
				certified := numbersIn(string(theirs))
				for path, want := range c.Expect {
					assert.True(t, slices.Contains(certified, want), "%s: %v is not in %s", path, want, name)
				}
				continue
			}
		}
		if c.Topic == "study" {
			rows := studyRows(t, reference+"study.json", c.ID)
			for path, want := range c.Expect {
				assert.Equal(t, rows[path], want, path)
			}
			continue
		}
		original := find(t, filepath.Join(reference, c.Topic+".json"), c.ID)
		for key, value := range c.Input {
			assert.JSONEq(t, string(original.Input[key]), string(value), "%s/%s: %s", c.Topic, c.ID, key)
		}
		leaves := map[string]float64{}
		flatten("", original.Expect, leaves)
		for path, want := range c.Expect {
			got, ok := leaves[path]
			assert.True(t, ok && got == want, "%s/%s: %s is %v, %v here", c.Topic, c.ID, path, got, want)
		}
	}
}

// studyRows reads the rows of one trial, whose file has no cases.
func studyRows(t *testing.T, file, study string) map[string]float64 {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var all struct{ Rows []map[string]any }
	require.NoError(t, json.Unmarshal(b, &all))
	numbers := map[string]float64{}
	for _, row := range all.Rows {
		for key, v := range row {
			if x, ok := v.(float64); ok && row["study"] == study {
				numbers[fmt.Sprint(row["outcome"], " ", row["visit"], " ", row["method"], " ", row["arm"], " ", key)] = x
			}
		}
	}
	return numbers
}

type referenceCase struct {
	ID     string
	Input  map[string]json.RawMessage
	Expect any
}

func find(t *testing.T, file, id string) referenceCase {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var topic struct{ Cases []referenceCase }
	require.NoError(t, json.Unmarshal(b, &topic))
	i := slices.IndexFunc(topic.Cases, func(c referenceCase) bool { return c.ID == id })
	require.GreaterOrEqual(t, i, 0, "%s has no case %s", file, id)
	return topic.Cases[i]
}

func flatten(path string, v any, into map[string]float64) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(strings.TrimPrefix(path+"."+k, "."), x, into)
		}
	case []any:
		for i, x := range v {
			flatten(strings.TrimPrefix(fmt.Sprint(path, ".", i), "."), x, into)
		}
	case float64:
		into[path] = v
	}
}

func numbersIn(s string) (list []float64) {
	for _, f := range regexp.MustCompile(`[-\d.E+]+`).FindAllString(s, -1) {
		if x, err := strconv.ParseFloat(f, 64); err == nil {
			list = append(list, x)
		}
	}
	return list
}

func TestRecordIsWritten(t *testing.T) {
	list := cases(t)[:2]
	list[1].Expect = map[string]float64{"sd": 1}
	r := Run(list, noon)
	assert.Equal(t, 1, r.Passed)
	var b strings.Builder
	require.NoError(t, r.WriteText(&b, text.English()))
	for _, want := range []string{"trialkit devel, go1.", "2026-03-01 12:00:00 UTC", "FAILED: sd: 0.884796396144", "1 of 2 cases passed."} {
		assert.Contains(t, b.String(), want)
	}
	b.Reset()
	require.NoError(t, r.WriteJSON(&b))
	var back Record
	require.NoError(t, json.Unmarshal([]byte(b.String()), &back))
	assert.Equal(t, r, back)
}
