package stats_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
)

// table is a CSV file of the data folder as text.
type table struct {
	names []string
	rows  [][]string
}

func readTable(path string) *table {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	return &table{all[0], all[1:]}
}

func (t *table) index(name string) int {
	for i, n := range t.names {
		if n == name {
			return i
		}
	}
	panic("no column " + name)
}

func (t *table) col(name string) []string {
	k := t.index(name)
	out := make([]string, len(t.rows))
	for i, r := range t.rows {
		out[i] = r[k]
	}
	return out
}

func (t *table) floats(name string) []float64 {
	out := make([]float64, len(t.rows))
	for i, s := range t.col(name) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(fmt.Sprintf("column %s row %d: %v", name, i, err))
		}
		out[i] = v
	}
	return out
}

// where keeps the rows that meet the condition.
func (t *table) where(ok func(get func(string) string) bool) *table {
	out := &table{names: t.names}
	for _, r := range t.rows {
		if ok(func(name string) string { return r[t.index(name)] }) {
			out.rows = append(out.rows, r)
		}
	}
	return out
}

func missing(s string) bool { return s == "" || s == "NA" }

// complete keeps the rows without a missing value in the columns.
func (t *table) complete(names ...string) *table {
	return t.where(func(get func(string) string) bool {
		for _, n := range names {
			if missing(get(n)) {
				return false
			}
		}
		return true
	})
}

// formulaNames lists the response and variables of a formula.
func formulaNames(f *stats.Formula) []string {
	out := []string{f.Response}
	seen := map[string]bool{f.Response: true}
	for _, t := range f.Terms {
		for _, v := range t.Vars {
			if !seen[v.Name] {
				seen[v.Name] = true
				out = append(out, v.Name)
			}
		}
	}
	return out
}

// firstLevel is the first label in the order of R's usual locale, which looks
// at case last.
func firstLevel(labels []string) string {
	return slices.MinFunc(labels, func(a, b string) int {
		if c := strings.Compare(strings.ToLower(a), strings.ToLower(b)); c != 0 {
			return c
		}
		return strings.Compare(b, a)
	})
}

// frame makes a frame of the columns: numeric where every value is a number.
func (t *table) frame(names ...string) *stats.Frame {
	f := &stats.Frame{}
	for _, n := range names {
		numeric := true
		for _, s := range t.col(n) {
			if _, err := strconv.ParseFloat(s, 64); err != nil {
				numeric = false
			}
		}
		if numeric {
			f.Numeric(n, t.floats(n))
		} else {
			f.Category(n, t.col(n), firstLevel(t.col(n)))
		}
	}
	return f
}
