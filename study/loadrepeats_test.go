package study

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

// shuffled returns the lines of a file in another order, the header first.
func shuffled(data string, seed uint64) string {
	lines := strings.Split(strings.TrimSuffix(data, "\n"), "\n")
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines)-1, func(i, j int) { lines[i+1], lines[j+1] = lines[j+1], lines[i+1] })
	return strings.Join(lines, "\n") + "\n"
}

const manyRows = "id,arm,visit,x,day,w\n1,a,v0,5,0,70\n1,a,v0,6,2,71\n1,a,v0,,1,\n1,a,v1,6.1,30,\n1,a,v1,6.2,28,\n1,a,v1,6.3,35,\n2,c,v0,5,0,60\n2,c,v1,4,29,\n3,c,v0,7,1,65\n3,c,v0,8,0,66\n"

// What counts of several values is the protocol's word, in whatever order the
// rows stand; worked by hand.
func TestLoadRepeats(t *testing.T) {
	for _, c := range []struct {
		key   string
		value map[string]string // id and visit: value
		w     map[string]float64
		left  int
		note  Note
	}{
		{"repeats: mean", map[string]string{"1 v0": "5.5", "1 v1": "6.2", "2 v0": "5", "3 v0": "7.5"}, map[string]float64{"1": 70.5, "2": 60, "3": 65.5}, 0,
			Note{Code: "repeats-mean", Args: map[string]any{"count": 3, "values": 7, "left": 4, "participant": "1"}}},
		{"repeats: first, day: day", map[string]string{"1 v0": "5", "1 v1": "6.2", "2 v0": "5", "3 v0": "8"}, map[string]float64{"1": 70, "2": 60, "3": 66}, 4,
			Note{Code: "repeats-first", Args: map[string]any{"count": 3, "values": 7, "left": 4, "participant": "1"}}},
		{"repeats: last, day: day", map[string]string{"1 v0": "6", "1 v1": "6.3", "2 v0": "5", "3 v0": "7"}, map[string]float64{"1": 71, "2": 60, "3": 65}, 4,
			Note{Code: "repeats-last", Args: map[string]any{"count": 3, "values": 7, "left": 4, "participant": "1"}}},
	} {
		for seed := range uint64(6) {
			data := manyRows
			if seed > 0 {
				data = shuffled(data, seed)
			}
			ds, err := LoadText(t, inData(plainLong, append(strings.Split(c.key, ", "), "covariates: {w: {column: w, kind: number}}")...), data)
			require.NoError(t, err, c.key)
			everyRowOnce(t, ds, 10)
			for at, want := range c.value {
				id, visit, _ := strings.Cut(at, " ")
				v, ok := ds.Value(id, "x", visit)
				assert.True(t, ok)
				assert.Equal(t, want, v.Text(), "%s: %s", c.key, at)
			}
			for _, p := range ds.Participants() {
				assert.Equal(t, c.w[p.ID], p.Numbers["w"], "%s: %s", c.key, p.ID)
			}
			n := 0
			for _, x := range ds.Accounting().Excluded {
				if x.Reason == "row-repeated" {
					n++
				}
			}
			assert.Equal(t, c.left, n, c.key)
			assert.Contains(t, ds.Notes(), c.note)
		}
	}
}

// A mean is rounded once, and the file's decimals stay those of the report.
func TestRepeatsMeanIsExact(t *testing.T) {
	ds, err := LoadText(t, inData(plainLong, "repeats: mean"), "id,arm,visit,x\n1,a,v0,0.1\n1,a,v0,0.2\n1,a,v0,0.3\n1,a,v1,1.0\n1,a,v1,1.0\n1,a,v1,1.1\n2,c,v0,5\n2,c,v1,5\n")
	require.NoError(t, err)
	v, _ := ds.Value("1", "x", "v0")
	assert.Equal(t, 0.2, v.Number) // 0.1 + 0.2 + 0.3 in binary, over 3, is 0.20000000000000004
	v, _ = ds.Value("1", "x", "v1")
	assert.Equal(t, 31.0/30, v.Number)
	assert.Equal(t, 1, ds.Decimals("x"))
}

// In the wide layout a participant's rows are the repeats.
func TestLoadRepeatsWide(t *testing.T) {
	ds, err := LoadText(t, inData(plainWide, "repeats: last", "day: when"), "id,arm,x0,x1,when\n1,a,5,4,1\n1,a,6,,2\n2,c,5,4,1\n")
	require.NoError(t, err)
	everyRowOnce(t, ds, 3)
	for visit, want := range map[string]float64{"v0": 6, "v1": 4} { // the later row has no value at v1
		v, _ := ds.Value("1", "x", visit)
		assert.Equal(t, want, v.Number, visit)
	}
	assert.Empty(t, ds.Accounting().Excluded)
}

// What no rule can choose is refused, and so are rows of two knees or of two
// people, whatever the protocol says of repeats.
func TestLoadRepeatsRefused(t *testing.T) {
	long := func(keys string) string { return inData(plainLong, strings.Split(keys, "; ")...) }
	for _, c := range []struct{ name, protocol, data, want string }{
		{"refuse", long("repeats: refuse"), "id,arm,visit,x\n1,a,v0,5\n1,a,v0,6\n2,c,v0,5\n",
			`d.csv:3:1: participant "1" has two rows for visit v0 (first on line 2); one row a participant and visit counts: choose rows with data.rows, or say data.repeats: mean, or first or last with data.day`},
		{"two of a day", long("repeats: first; day: day"), "id,arm,visit,x,day\n1,a,v0,5,1\n1,a,v0,6,1\n1,a,v0,6,2\n2,c,v0,5,0\n",
			`d.csv:3:10: participant "1" has two rows for outcome x at visit v0 on one day, 1 (the other on line 2): which of them counts cannot be told; choose one with data.rows, or say data.repeats: mean`},
		{"two of another day", long("repeats: first; day: day"), "id,arm,visit,x,day\n1,a,v0,5,2\n1,a,v0,6,2\n1,a,v0,6,1\n2,c,v0,5,0\n", ""},
		{"no day", long("repeats: last; day: day"), "id,arm,visit,x,day\n1,a,v0,5,1\n1,a,v0,6,\n2,c,v0,5,\n",
			`d.csv:3:10: participant "1" has two rows for outcome x at visit v0 (the other on line 2), and not both have a day: which of them counts cannot be told; add the day, choose one with data.rows, or say data.repeats: mean`},
		{"a category has no mean", long("repeats: mean; covariates: {sex: {column: sex, kind: category}}"), "id,arm,visit,x,sex\n1,a,v0,5,f\n1,a,v0,6,m\n2,c,v0,5,f\n",
			`d.csv:3:10: participant "1": covariate sex "m" contradicts line 2`},
		{"two knees", long("repeats: mean"), "id,arm,visit,x,knee\n1,a,v0,5,L\n1,a,v0,6,R\n2,c,v0,5,L\n", "two sides of one person"},
		{"two sites", long("repeats: mean"), "site,id,arm,visit,x\nN,1,a,v0,5\nN,1,a,v1,4\nN,2,c,v0,5\nN,2,c,v1,4\nS,1,a,v0,6\nS,1,a,v1,3\nS,2,c,v0,6\nS,2,c,v1,3\n", "numbered anew"},
		{"two arms", long("repeats: mean"), "id,arm,visit,x\n1,a,v0,5\n1,c,v0,6\n2,c,v0,5\n", `in two arms`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := LoadText(t, c.protocol, c.data)
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			if strings.Contains(c.want, "d.csv") {
				assert.EqualError(t, err, c.want)
			} else {
				assert.ErrorContains(t, err, c.want)
			}
		})
	}
}

const windowed = `arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre, time: 0d, window: [-14, 0]}, {id: w4, time: 28d, window: [21, 35]}, {id: w12, time: 12w, window: [77, 91]}]
outcomes: [{id: x, range: [0, 10], better: lower}]
data:
  layout: long
  participant: id
  arm: arm
  day: day
  columns: {x: x}
`

// Days assign rows to visits. By hand:
//
//	1: −3 and −1 → pre takes −1 (nearer to 0); 27 and 29 → equally near to 28, the
//	   earlier: 27; 84 → w12; 50 in no window.
//	2: −14 and 0, the window's ends: 0 counts; 35 → w4; 77 and 91 → equally near to
//	   84, the earlier: 77.
//	3: 0 → pre; 28.4 and 27.7: 27.7 is nearer; 84 has no value, 90 counts; a row
//	   without a day.
const windowRows = `id,arm,day,x
1,a,-3,9
1,a,-1,8
1,a,27,7
1,a,29,6
1,a,50,1
1,a,84,5
2,c,-14,9.5
2,c,0,8.5
2,c,35,7.5
2,c,77,6.5
2,c,91,1.5
3,c,0,8.1
3,c,28.4,2
3,c,27.7,7.1
3,c,84,
3,c,90,6.1
3,c,,3
`

func TestLoadWindows(t *testing.T) {
	want := map[string]string{"1 pre": "8", "1 w4": "7", "1 w12": "5", "2 pre": "8.5", "2 w4": "7.5", "2 w12": "6.5", "3 pre": "8.1", "3 w4": "7.1", "3 w12": "6.1"}
	for seed := range uint64(8) {
		data := windowRows
		if seed > 0 {
			data = shuffled(data, seed)
		}
		ds, err := LoadText(t, windowed, data)
		require.NoError(t, err)
		everyRowOnce(t, ds, 17)
		for at, x := range want {
			id, visit, _ := strings.Cut(at, " ")
			v, ok := ds.Value(id, "x", visit)
			assert.True(t, ok, at)
			assert.Equal(t, x, v.Text(), at)
		}
		reasons := map[string]int{}
		for _, e := range ds.Accounting().Excluded {
			reasons[e.Reason]++
		}
		assert.Equal(t, map[string]int{"row-outside-windows": 1, "row-no-day": 1, "row-no-value": 1, "row-repeated": 5}, reasons)
		assert.Equal(t, []Note{
			{Code: "rows-outside-windows", Args: map[string]any{"count": 1, "participant": "1", "written": "50", "visit": ""}},
			{Code: "rows-without-day", Args: map[string]any{"count": 1, "participant": "3", "written": "", "visit": ""}},
			{Code: "repeats-nearest", Args: map[string]any{"count": 5, "values": 10, "left": 5, "participant": "1"}},
		}, ds.Notes())
	}
}

// A visit column and windows together: the word names visits without a window, and
// rows without a day, which count where no other does.
func TestLoadWindowsBesideVisits(t *testing.T) {
	protocol := strings.NewReplacer("{id: pre, time: 0d, window: [-14, 0]}", "{id: pre}", "day: day", "day: day\n  visit: v").Replace(windowed)
	const data = "id,arm,day,v,x\n1,a,84,pre,9\n1,a,28,unscheduled,7\n1,a,,w4,1\n1,a,80,w4,5\n2,c,,pre,8\n2,c,,w4,6\n2,c,40,w4,2\n"
	for seed := range uint64(5) {
		in := data
		if seed > 0 {
			in = shuffled(data, seed)
		}
		ds, err := LoadText(t, protocol, in)
		require.NoError(t, err)
		everyRowOnce(t, ds, 7)
		for at, x := range map[string]float64{"1 pre": 9, "1 w4": 7, "1 w12": 5, "2 pre": 8, "2 w4": 6} {
			id, visit, _ := strings.Cut(at, " ")
			v, ok := ds.Value(id, "x", visit)
			assert.True(t, ok, at)
			assert.Equal(t, x, v.Number, at)
		}
		assert.Contains(t, ds.Notes(), Note{Code: "rows-by-day", Args: map[string]any{"count": 1, "participant": "1", "written": "w4", "visit": "w12"}})
	}
}

// Without a time nothing is nearer; an explicit refusal refuses in windows too.
func TestLoadWindowsRefuse(t *testing.T) {
	const data = "id,arm,day,x\n1,a,-1,8\n1,a,0,7\n2,c,0,8\n"
	_, err := LoadText(t, strings.Replace(windowed, "time: 0d, ", "", 1), data)
	assert.EqualError(t, err, `d.csv:3:1: participant "1" has two rows for visit pre (first on line 2); say the visit's time, and the day nearest to it counts; or say data.repeats: mean, first or last`)
	_, err = LoadText(t, inData(windowed, "repeats: refuse"), data)
	assert.ErrorContains(t, err, "data.repeats")
	_, err = LoadText(t, windowed, "id,arm,day,x\n1,a,0,8\n1,a,0,7\n2,c,0,8\n")
	assert.ErrorContains(t, err, "on one day, 0")
	_, err = LoadText(t, windowed, "id,arm,day,x\n1,a,monday,8\n2,c,0,8\n")
	assert.ErrorContains(t, err, "d.csv:2:5: ")
}

func TestWindowProtocols(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"window: [77, 91]", "window: [91, 77]", "91 to 77 is no window"},
		{"window: [77, 91]", "window: 84", "must be the first and the last day"},
		{"window: [77, 91]", "window: [77]", "must be the first and the last day"},
		{"window: [77, 91]", "window: [85, 91]", "day 84, is outside of its window 85 to 91"},
		{", window: [77, 91]", "", `visit "w12" has no window`},
		{"time: 12w, window: [77, 91]", "window: [30, 91]", `the windows of visits "w4" and "w12" overlap`},
		{"  day: day\n", "  visit: v\n", "needs data.day"},
		{"day: day", "day: x", "is already"},
		{"day: day", "day: day\n  repeats: median", "is not refuse, mean, first or last"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(windowed, c.from, c.to, 1)), "p.yaml")
		assert.ErrorContains(t, err, c.want, c.to)
	}
	_, err := ParseProtocol(strings.NewReader(inData(plainLong, "repeats: first")), "p.yaml")
	assert.ErrorContains(t, err, "needs data.day")
	_, err = ParseProtocol(strings.NewReader(strings.Replace(inData(plainLong, "repeats: mean"), "range: [0, 10]", "kind: binary", 1)), "p.yaml")
	assert.ErrorContains(t, err, `a mean belongs to continuous outcomes, and "x" is binary`)
	// Nor does a mean hide that the values are yes and no.
	_, err = LoadText(t, strings.Replace(inData(plainLong, "repeats: mean"), "range: [0, 10], ", "", 1), "id,arm,visit,x\n1,a,v0,0\n1,a,v0,1\n1,a,v1,1\n2,c,v0,0\n2,c,v1,1\n")
	assert.ErrorContains(t, err, "kind")
	_, err = ParseProtocol(strings.NewReader(strings.Replace(plainWide, "{id: v1}", "{id: v1, window: [1, 2]}", 1)), "p.yaml")
	assert.ErrorContains(t, err, "belongs to the long layout")
}

// In two windows the nearer time counts, and of two equally near the earlier.
func TestWindowsThatOverlap(t *testing.T) {
	p := Protocol{Visits: []Visit{{ID: "a", Time: 240 * time.Hour, HasTime: true, Window: [2]float64{0, 20}, HasWindow: true}, {ID: "b", Time: 480 * time.Hour, HasTime: true, Window: [2]float64{10, 30}, HasWindow: true}}}
	for x, want := range map[string]int{"9": 0, "14": 0, "15": 0, "15.1": 1, "25": 1, "31": -1} {
		v, _ := files.ParsePlain(x)
		assert.Equal(t, want, p.windowOf(v), x)
	}
}
