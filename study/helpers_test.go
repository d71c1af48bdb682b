package study

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const SmallProtocol = `
title: Small
arms:
  - {id: a, label: Active}
  - {id: c, label: Control, control: true}
randomization: {kind: complete}
visits: [{id: pre}, {id: post}]
outcomes:
  - id: y
    better: higher
    unit: cm
    thresholds: [{kind: MCID, value: 1, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
`

// LoadRows makes a dataset of rows "arm pre post", numbered from 1.
func LoadRows(t testing.TB, protocol string, rows ...string) *Dataset {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	csv := "id,arm,pre,post\n"
	for i, r := range rows {
		csv += fmt.Sprintf("%02d,%s\n", i+1, strings.ReplaceAll(r, " ", ","))
	}
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	return ds
}

func RowOf(t testing.TB, r Report, method Method) Row {
	t.Helper()
	row, ok := FindRow(r.Results[0], method, "a")
	require.True(t, ok, method)
	return row
}

func Codes(notes []Note) []string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Code)
	}
	return out
}

// LoadHILT loads the study with a margin between arms for pain, which its own
// protocol does not declare; 0: none.
func LoadHILT(t *testing.T, margin float64) *Dataset {
	t.Helper()
	p, err := ReadProtocol(os.DirFS("../testdata/studies/hilt"), "protocol.yaml")
	require.NoError(t, err)
	if margin > 0 {
		p.Outcomes[0].Thresholds = append(p.Outcomes[0].Thresholds, Threshold{Kind: Margin, Level: BetweenGroup, Value: margin})
	}
	f, err := os.Open("../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	defer f.Close()
	ds, err := Load(f, "data.csv", p)
	require.NoError(t, err)
	return ds
}

func RepeatedRow(t testing.TB, res Result, visit, arm string) Row {
	t.Helper()
	for _, r := range res.Rows {
		if r.Visit == visit && r.Arm == arm && r.Method == res.Plan.Method() {
			return r
		}
	}
	require.Fail(t, "no row", "%s, %s", visit, arm)
	return Row{}
}

// RepeatedTrial writes a wide trial of n participants, arms a, b and control c,
// four visits; share of the values after baseline are missing.
func RepeatedTrial(seed uint64, n int, missing float64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	var rows []string
	for i := range n {
		arm := string("abc"[i%3])
		base := 50 + 8*r.NormFloat64()
		site := string("xy"[r.IntN(2)])
		line := fmt.Sprintf("%d,%s,%s,%.1f", i, arm, site, base)
		carry := 3 * r.NormFloat64()
		for v := range 3 {
			y := 20 + 0.6*base + carry + float64(v)*[]float64{2, 1, 0}[i%3] + 4*r.NormFloat64()
			if r.Float64() < missing {
				line += ","
			} else {
				line += fmt.Sprintf(",%.1f", y)
			}
		}
		rows = append(rows, line)
	}
	return rows
}

const RepeatedProtocol = `
title: Repeated
arms: [{id: a}, {id: b}, {id: c, control: true}]
visits: [{id: v0}, {id: v1, time: 1w}, {id: v2, time: 2w}, {id: v3, time: 6w}]
outcomes: [{id: y, better: higher, thresholds: [{kind: margin, value: 2, level: between}]}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2, v3: y3}}
  covariates: {site: {column: site, kind: category}}
`

func LoadRepeated(t testing.TB, protocol string, rows []string) *Dataset {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "p.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader("id,arm,site,y0,y1,y2,y3\n"+strings.Join(rows, "\n")+"\n"), "d.csv", p)
	require.NoError(t, err)
	return ds
}

func loadText(t testing.TB, p Protocol, csv string) *Dataset {
	t.Helper()
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	return ds
}
