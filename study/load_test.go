package study

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const studies = "../testdata/studies/"

// loadStudy loads a study kept in the repository.
func loadStudy(t testing.TB, name string) *Dataset {
	t.Helper()
	ds, err := LoadFiles(studies+name+"/protocol.yaml", studies+name+"/data.csv")
	require.NoError(t, err)
	return ds
}

// meanChange returns an arm's exact mean change and its number observed.
func meanChange(ds *Dataset, outcome, visit, arm string) (float64, int) {
	sum, n := 0.0, 0
	for _, r := range ds.Records(outcome, visit) {
		if r.Arm == arm && r.HasBaseline && r.HasFollow {
			sum += r.Change
			n++
		}
	}
	return sum / float64(n), n
}

func TestLoadHILT(t *testing.T) {
	ds := loadStudy(t, "hilt")
	p := ds.Protocol()
	assert.True(t, p.Simulated)
	assert.Equal(t, "sham", ds.Control().ID)
	assert.Equal(t, "baseline", ds.BaselineVisit("vas").ID)
	require.Len(t, ds.PostVisits("vas"), 2)
	assert.Equal(t, Accounting{RowsRead: 10, RowsUsed: 10, Excluded: []Exclusion{}}, ds.Accounting())
	assert.Empty(t, ds.Notes())
	for _, arm := range ds.Arms() {
		assert.Equal(t, 5, ds.Randomized(arm.ID))
	}
	// The numbers: means of five changes in 0.1 cm.
	for _, c := range []struct {
		visit, arm string
		mean       float64
	}{{"post", "hilt", -2.66}, {"h24", "hilt", -3.24}, {"post", "sham", -0.34}, {"h24", "sham", -0.48}} {
		m, n := meanChange(ds, "vas", c.visit, c.arm)
		assert.Equal(t, 5, n)
		assert.InDelta(t, c.mean, m, 1e-15, "%s %s", c.visit, c.arm)
	}
	for _, q := range ds.Participants() {
		assert.True(t, q.EventsRecorded)
		assert.Zero(t, q.AdverseEvents)
		assert.Greater(t, q.Numbers["age"], 50.0)
		assert.Contains(t, []string{"left", "right"}, q.Categories["knee"])
		v, ok := ds.Value(q.ID, "vas", "baseline")
		require.True(t, ok)
		assert.Greater(t, v.Number, 3.0)
		assert.Equal(t, 1, v.Decimals)
	}
}

func TestLoadAnorexia(t *testing.T) {
	ds := loadStudy(t, "anorexia")
	assert.Equal(t, 72, ds.Accounting().RowsUsed)
	assert.Equal(t, []int{17, 29, 26}, []int{ds.Randomized("FT"), ds.Randomized("CBT"), ds.Randomized("Cont")})
	assert.Len(t, ds.ActiveArms(), 2)
	// aggregate(Postwt - Prewt ~ Treat, MASS::anorexia, mean) in R 4.2.2
	for arm, want := range map[string]float64{"CBT": 3.006896551724138, "Cont": -0.45, "FT": 7.264705882352941} {
		m, _ := meanChange(ds, "weight", "after", arm)
		assert.InDelta(t, want, m, 1e-13, arm)
	}
}

// The trials with dropout: an invented one, and real ones whose data are not
// kept here.
func TestLoadTrialsWithDropout(t *testing.T) {
	for _, c := range []struct {
		study, file, outcome, visit string
		people, rows, used, n       int // n: baseline and visit observed
		control                     string
	}{
		{"dropout", "", "pain", "week12", 120, 120, 120, 74, "advice"},
		{"btheb", "BtheB.csv", "bdi", "m2", 100, 100, 100, 97, "TAU"},
		{"fev", "fev_data.csv", "fev", "VIS4", 200, 800, 537, 134, "PBO"},
		{"polyps", "polyps.csv", "polyps", "m12", 22, 22, 22, 20, "placebo"},
	} {
		t.Run(c.study, func(t *testing.T) {
			file := studies + c.study + "/data.csv"
			if c.file != "" {
				path, ok := extra(t, "data/"+c.file)
				if !ok {
					return
				}
				file = path
			}
			ds, err := LoadFiles(studies+c.study+"/protocol.yaml", file)
			require.NoError(t, err)
			a := ds.Accounting()
			assert.Equal(t, c.rows, a.RowsRead)
			assert.Equal(t, c.used, a.RowsUsed)
			assert.Equal(t, a.RowsRead, a.RowsUsed+len(a.Excluded))
			assert.Len(t, ds.Participants(), c.people)
			assert.Equal(t, c.control, ds.Control().ID)
			n := 0
			for _, r := range ds.Records(c.outcome, c.visit) {
				if r.HasBaseline && r.HasFollow {
					n++
				}
			}
			assert.Equal(t, c.n, n)
		})
	}
}

// The simulated data are what their program writes.
func TestHILTDataAreGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	program, err := filepath.Abs(studies + "hilt/generate.go")
	require.NoError(t, err)
	cmd := exec.Command("go", "run", program)
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	got, err := os.ReadFile(filepath.Join(cmd.Dir, "data.csv"))
	require.NoError(t, err)
	want, err := os.ReadFile(studies + "hilt/data.csv")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}
