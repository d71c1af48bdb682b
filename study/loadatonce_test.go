package study

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadedAtOnce is all that loading gives, errors included, in so many parts at once.
func loadedAtOnce(t testing.TB, p Protocol, parts int, name string, data []byte) (any, *Dataset) {
	t.Helper()
	ds, err := loadInputs(p, parts, []Input{{Name: name, Reader: bytes.NewReader(data)}})
	if err != nil {
		var same []string
		for _, lang := range []string{"en", "nl"} {
			if problems, ok := err.(Problems); ok {
				problems, _ := problems.In(lang)
				same = append(same, problems.Error())
			} else {
				same = append(same, err.Error())
			}
		}
		return same, nil
	}
	return []any{content(ds), ds.accounting, ds.source, ds.decimals, ds.columns, ds.strata}, ds
}

// Rows are read by as many workers as there are processors; what comes of it is what
// one alone makes of them: values, notes, where each row went, and every problem.
func TestWorkersDoNotShow(t *testing.T) {
	files, _ := filepath.Glob("../testdata/*/*/data*.csv")
	n, bad := 0, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		protocols, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "protocol*.yaml"))
		for _, path := range protocols {
			src, err := os.ReadFile(path)
			require.NoError(t, err)
			p, err := ParseProtocol(bytes.NewReader(src), path)
			if err != nil {
				continue
			}
			want, ds := loadedAtOnce(t, p, 1, file, data)
			for _, parts := range []int{2, 7} {
				got, _ := loadedAtOnce(t, p, parts, file, data)
				assert.Equal(t, want, got, "%s %d", path, parts)
			}
			if n++; ds == nil {
				bad++
			}
		}
	}
	assert.Greater(t, n, 60)
	assert.Greater(t, bad, 15)
	assert.Greater(t, n-bad, 20)
}

// So it is with all that rows can hold: arms, covariates and blocks told in some rows
// alone, several rows of a visit, days in windows, values off the grid and beyond
// thousands, rows of other outcomes and rows left out.
func TestWorkersDoNotShowInOddTrials(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	for trial := range 40 {
		var b strings.Builder
		b.WriteString("id,arm,visit,day,what,x,w,sex,site,ae,side,keep\n")
		clean := trial%2 == 0
		for row := range 300 {
			id, visit := r.IntN(40), r.IntN(3)
			x := pick("1.5", "2.55", "7", "3.25", "", "-9")
			w, side := fmt.Sprint(60+id%20), ""
			if trial%5 == 4 { // two rows of each visit are two knees
				id, visit, side = row/6, row/2%3, []string{"left", "right"}[row%2]
			}
			if !clean {
				x, w = pick(x, x, x, x, "1.250", "99", "n/a", "12"), pick(w, w, w, w, w, w, "61.5")
			}
			fmt.Fprintf(&b, "P%d,%s,v%d,%d.%04d,%s,%s,%s,%s,%s,%s,%s,%s\n", id, pick([]string{"a", "c"}[id%2], ""), visit, 30*visit+r.IntN(50)-25, row, pick("x", "x", "other"), x,
				pick(w, w, ""), pick([]string{"f", "m"}[id/2%2], ""), pick("s1", "s2"), pick("0", ""), side, pick("y", "y", "y", "n"))
			if row%50 == 49 {
				b.WriteString(",,,,,,,,,,,\n")
			}
		}
		if !clean {
			b.WriteString(pick("P1,a,v1\n", ",a,v0,1,x,2,60,f,s1,0,,y\n", "P2,b,v0,1,x,2,60,f,s1,0,,y\n", "Total,a,v0,1,x,2,60,f,s1,0,,y\n", "p3,c,v0,1,x,2,60,f,s1,0,,y\n"))
		}
		for _, keys := range []string{
			"visit: visit, columns: {x: x}, repeats: mean",
			"visit: visit, columns: {x: x}, repeats: first, day: day",
			"visit: visit, outcome: what, value: x, repeats: mean, covariates: {w: {column: w, kind: number}, sex: {column: sex, kind: category}}",
			"day: day, columns: {x: x}, rows: {keep: [y]}",
			"day: day, visit: visit, columns: {x: x}",
			"visit: visit, columns: {x: x}, repeats: last, day: day, rows: {keep: [y]}",
			"visit: visit, columns: {x: x}",
		} {
			windows := []string{"", "", ""}
			if strings.HasPrefix(keys, "day") {
				windows = []string{", time: 0d, window: [-20, 10]", ", time: 30d, window: [15, 45]", ", time: 60d, window: [50, 80]"}
			}
			protocol := fmt.Sprintf("arms: [{id: a}, {id: c, control: true}]\nvisits: [{id: v0%s}, {id: v1%s}, {id: v2%s}]\noutcomes: [{id: x, better: lower, range: [0, 10], resolution: 0.5, kind: continuous}]\n"+
				"data: {layout: long, arm: arm, missing: [\"-9\"], adverse_events: ae, participant: id, %s}\n", windows[0], windows[1], windows[2], keys)
			p, err := ParseProtocol(strings.NewReader(protocol), "p.yaml")
			require.NoError(t, err, keys)
			want, _ := loadedAtOnce(t, p, 1, "d.csv", []byte(b.String()))
			for _, parts := range []int{2, 7} {
				got, _ := loadedAtOnce(t, p, parts, "d.csv", []byte(b.String()))
				if !assert.Equal(t, want, got, "%s %d\n%s", keys, parts, b.String()) {
					return
				}
			}
		}
	}
}

// Plain numbers are read quickly where nothing but their limits is to be looked at. A
// code of a missing value that stands nowhere makes all be read the long way: what comes
// of it is the same, values, notes and problems.
func TestQuickNumbersAreNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	words := []string{"5", "0", "-0", "00", "5.", ".5", "-.5", "5,5", "1.250", "1,250", "0.125", "9.99", "10", "10.0", "10.01", "-1", "1e1", "+3", "", " 4 ", "4.0000000000000", "1.23456789012345", "123456789012345", "0.1234567890123456", "1.2.3", "-", "x", "\"7\"", "\"7,5\"", "1 250", "5.50"}
	fine := 0
	for trial := range 400 {
		var b strings.Builder
		delimiter := []string{";", "\t"}[trial%2]
		b.WriteString(strings.Join([]string{"id", "arm", "visit", "x", "w"}, delimiter) + "\n")
		few := words[r.IntN(len(words)):]
		few = few[:min(len(few), 1+r.IntN(4))]
		for row := range 24 {
			x, w := few[r.IntN(len(few))], few[row/3%len(few)]
			fmt.Fprintln(&b, strings.Join([]string{fmt.Sprint("P", row/3), []string{"a", "c"}[row/3%2], fmt.Sprint("v", row%3), x, w}, delimiter))
		}
		for _, keys := range []string{", range: [0, 10]", "", ", kind: continuous, range: [-1, 200]"} {
			load := func(missing string) any {
				p, err := ParseProtocol(strings.NewReader("arms: [{id: a}, {id: c, control: true}]\nvisits: [{id: v0}, {id: v1}, {id: v2}]\noutcomes: [{id: x, better: lower"+keys+"}]\n"+
					"data: {layout: long, arm: arm, participant: id, visit: visit, columns: {x: x}, covariates: {w: {column: w, kind: number}}"+missing+"}\n"), "p.yaml")
				require.NoError(t, err)
				got, ds := loadedAtOnce(t, p, 1+trial%2, "d.csv", []byte(b.String()))
				if ds != nil {
					fine++
					ds.protocol = Protocol{}
					return []any{ds.participants, ds.notes, ds.accounting, ds.source, ds.decimals}
				}
				return got
			}
			require.Equal(t, load(", missing: [\"-987654.5\"]"), load(""), "%s\n%s", keys, b.String())
		}
	}
	assert.Greater(t, fine, 200)
}
