package impute_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// antidepressant is rbmi's example trial, 172 participants at four visits, where its
// file stands beside the repository; events are the visits from which nothing follows.
func antidepressant(b testing.TB) *impute.Data {
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "antidepressant_data.csv"))
	if err != nil {
		b.Logf("%v: an invented trial of its size is used", err)
		return invented(172, 4, 1, 0.25)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(b, err)
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	d := &impute.Data{Change: true}
	d.Arms, d.Control, d.Visits = []string{"PLACEBO", "DRUG"}, "PLACEBO", []string{"4", "5", "6", "7"}
	index := map[string]int{}
	last := map[int]int{}
	for _, r := range rows[1:] {
		id := r[at["PATIENT"]]
		p, ok := index[id]
		if !ok {
			p = len(d.Arm)
			index[id] = p
			base, err := strconv.ParseFloat(r[at["BASVAL"]], 64)
			require.NoError(b, err)
			d.Participants, d.Baseline = append(d.Participants, id), append(d.Baseline, base)
			d.Arm = append(d.Arm, map[string]int{"PLACEBO": 0, "DRUG": 1}[r[at["THERAPY"]]])
		}
		v, err := strconv.Atoi(r[at["VISIT"]])
		require.NoError(b, err)
		y, err := strconv.ParseFloat(r[at["CHANGE"]], 64)
		if err != nil {
			continue
		}
		d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: v - 4, Y: y})
		last[p] = max(last[p], v-3)
	}
	for p := range d.Arm {
		if last[p] < 4 {
			d.Events = append(d.Events, impute.Event{Participant: p, Visit: last[p], Strategy: impute.J2R})
		}
	}
	return d
}

func jackknifeOnce(b *testing.B, m impute.Model, d *impute.Data) *impute.Result {
	f, err := m.Fit(d)
	require.NoError(b, err)
	s, err := f.Jackknife()
	require.NoError(b, err)
	r, err := s.Analyze(impute.Analysis{})
	require.NoError(b, err)
	return r
}

// BenchmarkAntidepressantJackknife: 173 fits, all visits analyzed.
func BenchmarkAntidepressantJackknife(b *testing.B) {
	d := antidepressant(b)
	for b.Loop() {
		jackknifeOnce(b, impute.Model{}, d)
	}
}

// BenchmarkJackknife1000: 1,000 participants at eight visits, with gaps.
func BenchmarkJackknife1000(b *testing.B) {
	d := invented(1000, 8, 3, 0.25)
	for b.Loop() {
		jackknifeOnce(b, impute.Model{}, d)
	}
}

// BenchmarkTippingMap: 21 × 21 deltas after the jackknife.
func BenchmarkTippingMap(b *testing.B) {
	d := antidepressant(b)
	r := jackknifeOnce(b, impute.Model{}, d)
	grid := make([]float64, 21)
	for i := range grid {
		grid[i] = float64(i-10) / 2
	}
	for b.Loop() {
		tip, err := r.Tipping(d.Arms[1], d.Arms[0], d.Visits[len(d.Visits)-1])
		require.NoError(b, err)
		m, err := tip.Map(d.Arms[1], grid, d.Arms[0], grid)
		require.NoError(b, err)
		for _, row := range m {
			for _, e := range row {
				_ = e.P(0)
			}
		}
	}
}

// BenchmarkAntidepressant100: 100 draws from the posterior, imputed and analyzed.
func BenchmarkAntidepressant100(b *testing.B) {
	benchmarkDraws(b, impute.Bayes)
}

// BenchmarkAntidepressantBootstrap100: the same from 100 bootstrap fits.
func BenchmarkAntidepressantBootstrap100(b *testing.B) {
	benchmarkDraws(b, impute.BootstrapDraw)
}

func benchmarkDraws(b *testing.B, engine impute.Engine) {
	d := antidepressant(b)
	for b.Loop() {
		f, err := impute.Model{}.Fit(d)
		require.NoError(b, err)
		draw, err := f.Draw(impute.DrawOptions{Imputations: 100, Engine: engine})
		require.NoError(b, err)
		im, err := draw.Impute()
		require.NoError(b, err)
		r, err := im.Analyze(impute.Analysis{})
		require.NoError(b, err)
		_, err = r.Difference(d.Arms[1], d.Arms[0], d.Visits[len(d.Visits)-1])
		require.NoError(b, err)
	}
}
