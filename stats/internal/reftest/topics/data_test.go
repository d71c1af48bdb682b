package topics_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
)

// dataTable is a data set as text; "" is a missing value.
type dataTable struct {
	names  []string
	rows   [][]string
	levels map[string][]string // of categories, in order, as far as the case names them
}

// readCase reads the data of a case: its columns where it holds them, else the
// data set it names, with the columns that it says are made of others.
func readCase(c *reftest.Case) *dataTable {
	var t *dataTable
	if c.Has("data") {
		t = inlineTable(c)
	} else {
		t = readTable(c.DataPath(c.Str("dataset")))
	}
	t.levels = map[string][]string{}
	if c.Has("levels") {
		var levels map[string][]any
		c.In("levels", &levels)
		for name, l := range levels {
			for _, v := range l {
				t.levels[name] = append(t.levels[name], cellText(v))
			}
		}
	}
	if c.Has("prepare") {
		var steps []step
		c.In("prepare", &steps)
		for _, s := range steps {
			s.do(t)
		}
	}
	return t
}

func readTable(path string) *dataTable {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		panic(err)
	}
	return &dataTable{names: all[0], rows: all[1:]}
}

// inlineTable reads input.data, an object of columns, in the order of their
// names.
func inlineTable(c *reftest.Case) *dataTable {
	var cols map[string][]any
	c.In("data", &cols)
	t := &dataTable{}
	for name := range cols {
		t.names = append(t.names, name)
	}
	sort.Strings(t.names)
	for k, name := range t.names {
		if len(cols[name]) != len(cols[t.names[0]]) {
			panic(fmt.Sprintf("column %s has %d values, column %s has %d", name, len(cols[name]), t.names[0], len(cols[t.names[0]])))
		}
		for i, v := range cols[name] {
			if k == 0 {
				t.rows = append(t.rows, nil)
			}
			t.rows[i] = append(t.rows[i], cellText(v))
		}
	}
	return t
}

// cellText writes a value of JSON as R writes it in a name.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	case string:
		return v
	}
	panic(fmt.Sprintf("%v is no cell of a table", v))
}

// step prepares a data set: it adds a column, or drops rows. The steps of a case
// stand in its input "prepare".
type step struct {
	Column string            `json:"column"` // that is added
	Join   []string          `json:"join"`   // texts of columns with "-" between
	Is     []string          `json:"is"`     // column and text: 1 where they are the same, else 0
	Of     string            `json:"of"`     // another row's value of this column: the row
	Where  map[string]string `json:"where"`  // with these values
	By     string            `json:"by"`     // and the same value here
	Drop   map[string]string `json:"drop"`   // rows with these values
}

func (s step) do(t *dataTable) {
	match := func(r []string, want map[string]string) bool {
		for name, v := range want {
			if r[t.index(name)] != v {
				return false
			}
		}
		return true
	}
	if s.Drop != nil {
		t.rows = slices.DeleteFunc(t.rows, func(r []string) bool { return match(r, s.Drop) })
		return
	}
	from := map[string]string{}
	if s.Of != "" {
		for _, r := range t.rows {
			if match(r, s.Where) {
				from[r[t.index(s.By)]] = r[t.index(s.Of)]
			}
		}
	}
	cell := func(r []string) string {
		switch {
		case s.Join != nil:
			var parts []string
			for _, n := range s.Join {
				parts = append(parts, r[t.index(n)])
			}
			return strings.Join(parts, "-")
		case s.Is != nil:
			if r[t.index(s.Is[0])] == s.Is[1] {
				return "1"
			}
			return "0"
		case s.Of != "":
			return from[r[t.index(s.By)]]
		}
		panic("a step of preparation says nothing to do")
	}
	for i, r := range t.rows {
		t.rows[i] = append(r, cell(r))
	}
	t.names = append(t.names, s.Column)
}

func (t *dataTable) index(name string) int {
	for i, n := range t.names {
		if n == name {
			return i
		}
	}
	panic("no column " + name)
}

func (t *dataTable) col(name string) []string {
	k := t.index(name)
	out := make([]string, len(t.rows))
	for i, r := range t.rows {
		out[i] = r[k]
	}
	return out
}

func (t *dataTable) floats(name string) []float64 {
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

func (t *dataTable) numeric(name string) bool {
	for _, s := range t.col(name) {
		if _, err := strconv.ParseFloat(s, 64); err != nil {
			return false
		}
	}
	return true
}

// where keeps the rows that meet the condition.
func (t *dataTable) where(ok func(get func(string) string) bool) *dataTable {
	out := &dataTable{names: t.names, levels: t.levels}
	for _, r := range t.rows {
		if ok(func(name string) string { return r[t.index(name)] }) {
			out.rows = append(out.rows, r)
		}
	}
	return out
}

func missing(s string) bool { return s == "" || s == "NA" }

// complete keeps the rows without a missing value in the columns.
func (t *dataTable) complete(names ...string) *dataTable {
	return t.where(func(get func(string) string) bool {
		for _, n := range names {
			if missing(get(n)) {
				return false
			}
		}
		return true
	})
}

// levelsOf are a category's levels that occur, in the order of the case, else
// sorted as R does: numbers by value, text by code point.
func (t *dataTable) levelsOf(name string) []string {
	labels := t.col(name)
	if order := t.levels[name]; order != nil {
		var out []string
		for _, l := range order {
			if slices.Contains(labels, l) {
				out = append(out, l)
			}
		}
		return out
	}
	return sortedLevels(labels)
}

// sortedLevels sorts labels as R does: numbers by value, text by code point.
func sortedLevels(labels []string) []string {
	out := slices.Compact(slices.Sorted(slices.Values(labels)))
	numbers := map[string]float64{}
	for _, s := range out {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return out
		}
		numbers[s] = v
	}
	sort.SliceStable(out, func(i, j int) bool { return numbers[out[i]] < numbers[out[j]] })
	return out
}

// rowSubset keeps the rows that an id names by a column and its value:
// "VISIT7", "week4", "AVISIT == VIS4"; a value alone ("VIS4") names the column
// of repeated values that has it.
func (t *dataTable) rowSubset(label string) (*dataTable, bool) {
	label = strings.NewReplacer(" ", "", "==", "", "=", "").Replace(label)
	for k, n := range t.names {
		if len(label) <= len(n) || !strings.EqualFold(label[:len(n)], n) {
			continue
		}
		value := label[len(n):]
		if s := t.where(func(get func(string) string) bool { return get(t.names[k]) == value }); len(s.rows) > 0 {
			return s, true
		}
	}
	for _, n := range t.names {
		s := t.where(func(get func(string) string) bool { return get(n) == label })
		if len(s.rows) > 1 && label != "" {
			return s, true
		}
	}
	return t, false
}

var nameParts = regexp.MustCompile(`[\w.]+`) // the variable in y, log(y) or I(y == "good")

// words reads the inputs of a model that say in words what others hold, and
// refuses a coding of categories that no function of the library has.
func words(c *reftest.Case, response string) error {
	c.Unused("prep")
	if c.Has("outcome") && !slices.Contains(nameParts.FindAllString(response, -1), c.Str("outcome")) {
		return fmt.Errorf("outcome %s, but the formula has %s", c.Str("outcome"), response)
	}
	if s := c.Str("contrasts"); s != "" && !strings.HasPrefix(s, "treatment") {
		return fmt.Errorf("%w: contrasts %s", reftest.ErrNoFunction, s)
	}
	return nil
}

// scalar decodes a number or a text as text.
func scalar(c *reftest.Case, key string) string {
	var raw json.RawMessage
	c.In(key, &raw)
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(err)
	}
	if f, ok := v.(float64); ok && math.IsNaN(f) {
		panic("input " + key + " is not a number")
	}
	return cellText(v)
}
