package main

import (
	"sync"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/studies"
)

// trial is what figures are drawn from.
type trial struct {
	id      string // begins the files' names
	dataset *study.Dataset
	report  study.Report
	outcome study.Outcome  // the first, which most figures show
	results []study.Result // of that outcome, a visit each
	last    study.Result   // the last of them
	words   *text.Catalog
	// Analyses of their own, run when the first figure asks: a figure is not to
	// take a bootstrap's time.
	triangulation func() (mcid.Triangulation, error)
	power         func() []plot.PowerLine
	covariance    func() (visitModel, error)
}

// loadTrials analyzes the two trials of the gallery: HILT, with ten
// participants, and a simulated one with 120, their words in a language.
func loadTrials(words *text.Catalog) ([]trial, error) {
	hilt, err := study.LoadFS(studies.FS, "hilt/protocol.yaml", "hilt/data.csv")
	if err != nil {
		return nil, err
	}
	large, err := simulate(perArm)
	if err != nil {
		return nil, err
	}
	var out []trial
	for _, t := range []trial{{id: "hilt", dataset: hilt, words: words}, {id: "large", dataset: large, words: words}} {
		if err := t.analyze(); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// analyze fills in what follows from the data.
func (t *trial) analyze() (err error) {
	if t.report, err = t.dataset.AnalyzeAll(); err != nil {
		return err
	}
	if t.report, err = t.report.In(t.words.Lang()); err != nil {
		return err
	}
	t.outcome = t.report.Protocol.Outcomes[0]
	for _, r := range t.report.Results {
		if r.Outcome.ID == t.outcome.ID && r.Visit.ID != "" {
			t.results = append(t.results, r)
		}
	}
	t.last = t.results[len(t.results)-1]
	whole := *t
	t.triangulation = sync.OnceValues(func() (mcid.Triangulation, error) { return mcid.Triangulate(anchorStudy(whole)) })
	t.covariance = sync.OnceValues(func() (visitModel, error) { return visitCovariance(whole) })
	t.power = sync.OnceValue(func() []plot.PowerLine { return powerLines(whole.words) })
	return nil
}

// withEvents is a trial with a file of adverse events, analyzed once.
func withEvents(lang string) (study.Report, error) {
	r, err := analyzedEvents()
	if err != nil {
		return r, err
	}
	return r.In(lang)
}

var analyzedEvents = sync.OnceValues(func() (study.Report, error) {
	ds, err := study.LoadFS(studies.FS, "shockwave/protocol.yaml", "shockwave/data.csv", "shockwave/ae.csv")
	if err != nil {
		return study.Report{}, err
	}
	return ds.AnalyzeAll()
})

// withGraph is the trial of two lasers with a graph of its hypotheses, analyzed once.
func withGraph(lang string) (study.Report, error) {
	r, err := analyzedGraph()
	if err != nil {
		return r, err
	}
	return r.In(lang)
}

var analyzedGraph = sync.OnceValues(func() (study.Report, error) {
	return lasers(func(p *study.Protocol) {
		p.Plans = []study.Plan{{ID: "A", Outcome: "pain", Visit: "w12"}, {ID: "B", Outcome: "pain", Visit: "w4"}}
		p.Primary = &family.Scheme{Members: []string{"A", "B"}, Adjust: family.GraphMethod, Graph: family.Graph{
			Weights: map[string]float64{"A.hilt": 0.5, "A.lllt": 0.5},
			Transitions: map[string]map[string]float64{"A.hilt": {"A.lllt": 0.5, "B.hilt": 0.5}, "A.lllt": {"A.hilt": 0.5, "B.lllt": 0.5},
				"B.hilt": {"A.lllt": 1}, "B.lllt": {"A.hilt": 1}}}}
	})
})

// withDoses is the trial of two lasers as if each arm had a dose, analyzed once.
func withDoses(lang string) (study.Report, error) {
	r, err := analyzedDoses()
	if err != nil {
		return r, err
	}
	return r.In(lang)
}

var analyzedDoses = sync.OnceValues(func() (study.Report, error) {
	return lasers(func(p *study.Protocol) {
		p.DoseUnit = "J"
		for i, a := range p.Arms {
			p.Arms[i].Dose, p.Arms[i].HasDose = map[string]float64{"lllt": 3, "hilt": 12}[a.ID], true // invented; the placebo has 0
		}
		p.Plans = []study.Plan{{ID: "A", Outcome: "pain", Visit: "w12", Trend: true}}
		p.Primary = nil
	})
})

// lasers is the trial of two lasers by another protocol.
func lasers(change func(*study.Protocol)) (study.Report, error) {
	p, err := study.ReadProtocol(studies.FS, "lasers/protocol.yaml")
	if err != nil {
		return study.Report{}, err
	}
	change(&p)
	f, err := studies.FS.Open("lasers/data.csv")
	if err != nil {
		return study.Report{}, err
	}
	defer f.Close()
	ds, err := study.Load(f, "data.csv", p)
	if err != nil {
		return study.Report{}, err
	}
	return ds.AnalyzeAll()
}
