package simulate

import (
	"context"
	"testing"

	"github.com/trialkit/trialkit/study"
)

// speedCases are those that evidence.md has.
func speedCases() map[string]func() (study.Protocol, Truth) {
	return map[string]func() (study.Protocol, Truth){
		"Welch": func() (study.Protocol, Truth) {
			p := pain(study.Welch, "w6")
			p.Baseline, p.Visits = study.NoBaseline, p.Visits[1:]
			delete(p.Data.Columns["vas"], "pre")
			return p, believed(p, 60, 1)
		},
		"WelchChange": func() (study.Protocol, Truth) { p := pain(study.WelchChange, "w6"); return p, believed(p, 60, 1) },
		"ANCOVA":      func() (study.Protocol, Truth) { p := pain(study.ANCOVA, "w6"); return p, believed(p, 60, 1) },
		"ANCOVAGrid": func() (study.Protocol, Truth) {
			p := pain(study.ANCOVA, "w6")
			gridded(&p)
			return p, believed(p, 60, 1)
		},
		"ANCOVALoss": func() (study.Protocol, Truth) {
			p := pain(study.ANCOVA, "w6")
			tr := believed(p, 60, 1)
			tr.Loss.By = map[string]map[string]float64{"laser": {"w6": .15}, "sham": {"w6": .15}}
			return p, tr
		},
		"MMRM": func() (study.Protocol, Truth) {
			p := pain(study.MMRM, "w2", "w4", "w6", "w8")
			tr := believed(p, 60, 1)
			tr.Loss.By = map[string]map[string]float64{"laser": {"w8": .15}, "sham": {"w8": .15}}
			return p, tr
		},
	}
}

// BenchmarkTrial reports processor time a trial: divide by the cores for a run's.
func BenchmarkTrial(b *testing.B) {
	for name, make := range speedCases() {
		b.Run(name, func(b *testing.B) {
			p, truth := make()
			s, err := newSimulation(p, truth, Options{})
			if err != nil {
				b.Fatal(err)
			}
			c, err := s.worker(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			t := cpu()
			k := 0
			for b.Loop() {
				s.one(c, k)
				k++
			}
			b.ReportMetric(float64((cpu()-t).Nanoseconds())/float64(b.N), "cpu-ns/trial")
		})
	}
}
