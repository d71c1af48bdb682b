package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
)

const setsProtocol = `arms: [{id: a, label: Laser}, {id: c, label: Sham, control: true}]
visits: [{id: v0}, {id: v1}, {id: v2}]
outcomes: [{id: y, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2}}
  received: got
  sets: {pp: {pp: [yes]}}
`

// setsRows are lines of a trial in which some received the other treatment, or none.
func setsRows(seed uint64, n int, cross float64) []string {
	r := rand.New(rand.NewPCG(seed, 8))
	var out []string
	for i := range n {
		arm := []string{"a", "c"}[i%2]
		got := arm
		switch x := r.Float64(); {
		case x < cross:
			got = []string{"c", "a"}[i%2]
		case x < cross+0.05:
			got = "none"
		}
		shift := 0.0
		if got == "a" {
			shift = -3
		}
		y0 := 50 + 8*r.NormFloat64()
		pp := []string{"yes", "yes", "no"}[r.IntN(3)]
		y2 := fmt.Sprintf("%.1f", y0+shift+4*r.NormFloat64())
		if r.IntN(9) == 0 {
			y2 = ""
		}
		out = append(out, fmt.Sprintf("P%02d,%s,%.1f,%.1f,%s,%s,%s", i, arm, y0, y0+shift/2+4*r.NormFloat64(), y2, got, pp))
	}
	return out
}

const setsHeader = "id,arm,y0,y1,y2,got,pp\n"

func rowOf(t testing.TB, rep Report, visit string, is func(Row) bool) Row {
	t.Helper()
	for _, res := range rep.Results {
		for _, row := range res.Rows {
			if row.Visit == visit && is(row) {
				return row
			}
		}
	}
	t.Fatalf("no row at %s", visit)
	return Row{}
}

func report(t testing.TB, protocol string, rows []string) Report {
	t.Helper()
	ds, err := LoadText(t, protocol, setsHeader+strings.Join(rows, "\n")+"\n")
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return rep
}

// A set's rows are those of a file that holds its participants alone, and rows as
// treated those of a file whose arms are the treatments received; everybody's answer
// is as it was.
func TestSetsOfModels(t *testing.T) {
	rows := setsRows(3, 60, 0.12)
	var pp, treated []string
	for _, r := range rows {
		f := strings.Split(r, ",")
		if f[6] == "yes" {
			pp = append(pp, r)
		}
		if f[5] != "none" {
			f[1] = f[5]
			treated = append(treated, strings.Join(f, ","))
		}
	}
	plain := strings.ReplaceAll(setsProtocol, "  sets: {pp: {pp: [yes]}}\n", "")
	for _, model := range []string{"ancova", "mmrm", "clda", "lmm"} {
		for _, visit := range []string{"v2", "overall"} {
			if model == "ancova" && visit == "overall" {
				continue
			}
			plan := fmt.Sprintf("{outcome: y, visit: %s, model: %s}", visit, model)
			all := report(t, setsProtocol+"plans: ["+plan+"]\n", rows)
			both := report(t, setsProtocol+"plans: ["+plan+", {outcome: y, visit: "+visit+", model: "+model+", set: pp, role: supplementary}, {outcome: y, visit: "+
				visit+", model: "+model+", set: as-treated, role: supplementary}]\n", rows)
			decides := func(r Row) bool { return r.Decides }
			itt, now := rowOf(t, all, visit, decides), rowOf(t, both, visit, decides)
			assert.Equal(t, [3]float64{itt.Estimate, itt.Lower, itt.P}, [3]float64{now.Estimate, now.Lower, now.P}, "%s, %s", model, visit)
			assert.Empty(t, now.Set)
			for i := range all.Results {
				assert.Equal(t, all.Results[i].LSMeans, both.Results[i].LSMeans, "%s: means are everybody's", model)
			}
			for set, file := range map[string][]string{"pp": pp, SetAsTreated: treated} {
				want := rowOf(t, report(t, plain+"plans: ["+plan+"]\n", file), visit, decides)
				got := rowOf(t, both, visit, func(r Row) bool { return r.Set == set })
				assert.InDelta(t, want.Estimate, got.Estimate, 1e-9, "%s, %s, %s", set, model, visit)
				assert.InDelta(t, want.SE, got.SE, 1e-9)
				assert.InDelta(t, want.DF, got.DF, 1e-6)
				assert.Equal(t, want.N, got.N)
				assert.False(t, got.Decides)
				assert.Nil(t, got.Judgement)
			}
			assert.Contains(t, Codes(rowOf(t, both, visit, func(r Row) bool { return r.Set == SetAsTreated }).Notes), "as-treated-not-randomized")
		}
	}
	rep := report(t, setsProtocol, rows)
	n := map[string]int{}
	for _, r := range pp {
		n[strings.Split(r, ",")[1]]++
	}
	for _, a := range rep.Consort.Arms {
		assert.Equal(t, []SetCount{{"pp", n[a.Arm]}}, a.Sets)
	}
}

// The effect in compliers: its test of no effect is ANCOVA's, its estimate is the
// difference over the difference in uptake, and where the uptake is not told apart none
// is given. Two-arm trials; sums by hand from the rows.
func TestCompliers(t *testing.T) {
	for seed := range uint64(20) {
		rows := setsRows(100+seed, 50, 0.15)
		rep := report(t, setsProtocol+"plans: [{outcome: y, visit: v2, primary: true}]\n", rows)
		itt := rowOf(t, rep, "v2", func(r Row) bool { return r.Decides })
		cace := rowOf(t, rep, "v2", func(r Row) bool { return r.Method == MethodCACE })
		assert.Equal(t, Compliers, cace.Target)
		assert.False(t, cace.Decides)
		if cace.Effect == nil {
			assert.Contains(t, Codes(cace.Notes), "cace-no-uptake")
			continue
		}
		assert.InDelta(t, itt.P, cace.P, 1e-9)
		assert.Equal(t, itt.IncludesZero(), cace.IncludesZero())
		assert.Greater(t, math.Abs(cace.Estimate), math.Abs(itt.Estimate), "the uptake differs by less than all")
		var got [2]float64
		var n [2]float64
		for _, r := range rows {
			f := strings.Split(r, ",")
			if f[4] == "" {
				continue
			}
			k := map[string]int{"a": 0, "c": 1}[f[1]]
			n[k]++
			if f[5] == "a" {
				got[k]++
			}
		}
		for _, x := range cace.Notes {
			if x.Code == "cace-received" {
				assert.Equal(t, [4]any{int(got[0]), int(n[0]), int(got[1]), int(n[1])}, [4]any{x.Args["n"], x.Args["of"], x.Args["control-n"], x.Args["control-of"]})
			}
		}
		for _, res := range rep.Results {
			for _, a := range res.Agreement() {
				for _, x := range a.Companions {
					assert.NotEqual(t, MethodCACE, x.Method, "another question")
				}
			}
		}
	}
	// Everybody as allocated: there is nothing to correct.
	rep := report(t, setsProtocol, setsRows(5, 40, -1))
	for _, res := range rep.Results {
		assert.Empty(t, res.RowsBy(MethodCACE))
	}
	// As many in one arm as in the other: the arms are not told apart.
	rows := setsRows(6, 40, 0)
	for i := range rows {
		f := strings.Split(rows[i], ",")
		f[5] = []string{"a", "c"}[i/2%2]
		rows[i] = strings.Join(f, ",")
	}
	row := rowOf(t, report(t, setsProtocol, rows), "v2", func(r Row) bool { return r.Method == MethodCACE })
	assert.Nil(t, row.Effect)
	assert.True(t, math.IsNaN(row.Estimate))
	assert.Contains(t, Codes(row.Notes), "cace-no-uptake")
}

// Where the effect in compliers is not offered, that is said, with how many received
// another treatment; where everybody received their own, nothing is.
func TestCompliersOfOtherKindsAreNotSilent(t *testing.T) {
	for _, kind := range []string{"count", "ordinal, levels: ['0', '1', '2']"} {
		exposure := ""
		if kind == "count" {
			exposure = ", exposure: {y: time}"
		}
		for crossed, want := range map[int]int{0: 0, 3: 3} {
			var rows []string
			for i := range 40 {
				arm := []string{"a", "c"}[i%2]
				got := arm
				if i < crossed {
					got = []string{"c", "a"}[i%2]
				}
				rows = append(rows, fmt.Sprintf("P%02d,%s,%d,%s,1", i, arm, i/2%2, got))
			}
			ds, err := LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v1}]
baseline: none
outcomes: [{id: y, better: lower, baseline: none, kind: `+kind+`}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1}}, received: got`+exposure+`}
`, "id,arm,y1,got,time\n"+strings.Join(rows, "\n")+"\n")
			require.NoError(t, err, kind)
			rep, err := ds.AnalyzeAll()
			require.NoError(t, err, kind)
			n := 0
			for _, note := range rep.Results[0].Notes {
				if note.Code == "cace-kind" {
					n = note.Args["n"].(int)
				}
			}
			assert.Equal(t, want, n, kind)
		}
	}
}

// The effect in compliers on a yes or no: its test of 0 is the score test of the arms as
// randomized, within the strata where there are any, and its estimate the difference over
// the difference in uptake, counted from the rows.
func TestCompliersOfShares(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 81))
		strata := ""
		if seed%3 == 2 {
			strata = "randomization: {kind: stratified, strata: [site]}\n"
		}
		var rows []string
		counts := map[string]*table.UptakeStratum{}
		for i := range 160 {
			arm, site := []string{"a", "c"}[i%2], []string{"s", "t"}[i/2%2]
			got, y := arm, 0
			if r.Float64() < 0.25 {
				got = []string{"a", "c"}[r.IntN(2)]
			}
			if p := 0.35; r.Float64() < p || got == "a" && r.Float64() < 0.3 {
				y = 1
			}
			rows = append(rows, fmt.Sprintf("P%03d,%s,%d,%s,%s", i, arm, y, got, site))
			if strata == "" {
				site = ""
			}
			if counts[site] == nil {
				counts[site] = &table.UptakeStratum{}
			}
			u := &counts[site].Treated
			if arm == "c" {
				u = &counts[site].Control
			}
			k := &u.Others
			if got == "a" {
				k = &u.Received
			}
			k.N, k.Events = k.N+1, k.Events+y
		}
		ds, err := LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v1}]
baseline: none
`+strata+`outcomes: [{id: y, better: higher, baseline: none, kind: binary}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v1: y1}}, received: got, covariates: {site: {column: site, kind: category}}}
plans: [{outcome: y, visit: v1, primary: true}]
`, "id,arm,y1,got,site\n"+strings.Join(rows, "\n")+"\n")
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		row := rowOf(t, rep, "v1", func(r Row) bool { return r.Method == MethodCACE })
		assert.Equal(t, []any{RiskDifference, Compliers, RoleSupplementary, false}, []any{row.Measure, row.Target, row.Role, row.Decides})
		assert.NotContains(t, Codes(rep.Results[0].Notes), "cace-kind")
		var plain []table.Stratum
		var itt, uptake, w float64
		for _, s := range counts {
			sum := func(u table.Uptake) table.Count {
				return table.Count{Events: u.Received.Events + u.Others.Events, N: u.Received.N + u.Others.N}
			}
			a, c := sum(s.Treated), sum(s.Control)
			h := float64(a.N) * float64(c.N) / float64(a.N+c.N)
			plain, w = append(plain, table.Stratum{Treated: a, Control: c}), w+h
			itt += h * (float64(a.Events)/float64(a.N) - float64(c.Events)/float64(c.N))
			uptake += h * (float64(s.Treated.Received.N)/float64(a.N) - float64(s.Control.Received.N)/float64(c.N))
		}
		score, err := table.RiskDifferenceStratified(plain)
		require.NoError(t, err)
		assert.InDelta(t, itt/uptake, row.Estimate, 1e-12)
		assert.InDelta(t, score.P(0), row.P, 1e-10)
		assert.Equal(t, row.P < 0.05, row.Lower > 0 || row.Upper < 0)
		assert.Contains(t, Codes(row.Notes), "cace-assumes-shares")
	}
}
