package simulate

import (
	"io"
	"io/fs"
	"path"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
)

// ParseTruth reads a truth for a protocol in YAML. name is the file's name in error
// messages: everything wrong, Truth.Check's findings among it, is returned at once with
// line and column.
//
//	title, source: text
//	patients: {hilt: 60, sham: 60}            # randomized to each arm
//	outcomes:
//	  vas:                                    # a measurement
//	    source: where the numbers come from
//	    means: {hilt: {pre: 6, w6: 4}, sham: {pre: 6, w6: 5}}   # pre: "baseline" where it is a column
//	    sds: 2                                # or {pre: 1.8, w6: 2.2}, or by arm {hilt: {pre: …
//	    correlation: 0.5                      # or {ar1: 0.7}, or rows [[1, 0.5], [0.5, 1]], baseline first
//	    skewness: 0.5
//	    latent: true                          # means and SDs before floor, ceiling and steps
//	  sport:                                  # yes or no: the share of yes
//	    shares: {hilt: {w6: 0.6}, sham: {w6: 0.4}}
//	  pgic:                                   # categories: shares of all levels, in order
//	    shares: {hilt: {w6: [0.2, 0.3, 0.5]}, sham: {w6: [0.4, 0.3, 0.3]}}
//	  falls:                                  # events per unit of time at risk
//	    rates: {hilt: {w6: 1.2}, sham: {w6: 2}}
//	    dispersion: 0.5
//	    exposure: 1
//	between: 0.3                              # correlation of outcomes beside that over visits
//	loss:                                     # for good
//	  by: 0.15                                # by the last visit; or {w2: 0.05, w6: 0.15}, or by arm {hilt: {w6: …
//	  kind: mar                               # or mcar, mnar
//	  outcome: vas                            # on which it depends
//	  odds: 1.5                               # of leaving, per SD worse
//	  source: text
//	missing: 0.02                             # single values, completely at random
//	covariates:
//	  age: {mean: 60, sd: 10, correlation: {vas: 0.3}}
//	  sex: {shares: {female: 0.6, male: 0.4}, effects: {vas: {male: 0.5}}}
//	  site: {sites: 8, effect_sds: {vas: 0.5}}
//	events:
//	  - {id: rescue, probability: {hilt: 0.05, sham: 0.15}, shift: {vas: -1}, ends: false}
func ParseTruth(r io.Reader, name string, p study.Protocol) (Truth, error) {
	reader, root, err := yamlfile.Open(r, name, "problem-truth-long")
	if err != nil {
		return Truth{}, err
	}
	d := &truthReader{reader, p}
	if root.Kind != yamlfile.Map {
		d.Report(root.Line, root.Column, "problem-no-truth")
		return Truth{}, d.Close(nil)
	}
	var t Truth
	d.truth(root, &t)
	if err := d.Close(t.faults(p)); err != nil {
		return Truth{}, err
	}
	return t, nil
}

// ReadTruth reads a truth from a file system; see ParseTruth.
func ReadTruth(fsys fs.FS, file string, p study.Protocol) (Truth, error) {
	f, err := fsys.Open(path.Clean(file))
	if err != nil {
		return Truth{}, err
	}
	defer f.Close()
	return ParseTruth(f, file, p)
}

type truthReader struct {
	*yamlfile.Reader
	p study.Protocol
}

type node = yamlfile.Node

func (d *truthReader) truth(n *node, t *Truth) {
	d.Fields(n, "", yamlfile.Keys{
		"title": d.Text(&t.Title), "source": d.Text(&t.Source), "between": d.Number(&t.Between), "missing": d.Number(&t.Missing),
		"patients": func(n *node, path string) {
			t.Patients = map[string]int{}
			d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
				var x int
				d.Whole(&x)(n, path)
				t.Patients[key] = x
			})
		},
		"outcomes": func(n *node, path string) {
			t.Outcomes = map[string]Values{}
			d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
				t.Outcomes[key] = d.values(key, n, path)
			})
		},
		"loss": func(n *node, path string) {
			d.Fields(n, path, yamlfile.Keys{"by": d.table(&t.Loss.By, d.lastVisit(), laterVisits(d.p)), "kind": d.Word(&t.Loss.Kind, LossMCAR, LossMAR, LossMNAR),
				"outcome": d.Text(&t.Loss.Outcome), "odds": d.Number(&t.Loss.Odds), "source": d.Text(&t.Loss.Source)})
		},
		"covariates": func(n *node, path string) {
			t.Covariates = map[string]Factor{}
			d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
				var f Factor
				d.Fields(n, path, yamlfile.Keys{"mean": d.Number(&f.Mean), "sd": d.Number(&f.SD), "correlation": d.numbers(&f.Correlation),
					"shares": d.numbers(&f.Shares), "sites": d.Whole(&f.Sites), "effect_sds": d.numbers(&f.EffectSDs),
					"effects": func(n *node, path string) {
						f.Effects = map[string]map[string]float64{}
						d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
							var m map[string]float64
							d.numbers(&m)(n, path)
							f.Effects[key] = m
						})
					}})
				t.Covariates[key] = f
			})
		},
		"events": func(n *node, path string) {
			d.Each(n, path, func(_ int, n *node, path string) {
				var e Event
				d.Fields(n, path, yamlfile.Keys{"id": d.Text(&e.ID), "probability": d.numbers(&e.Probability), "shift": d.numbers(&e.Shift), "ends": d.Flag(&e.Ends)})
				t.Events = append(t.Events, e)
			})
		},
	})
}

func (d *truthReader) lastVisit() []string {
	v := laterVisits(d.p)
	return v[max(len(v)-1, 0):]
}

// values reads an outcome.
func (d *truthReader) values(outcome string, n *node, path string) (v Values) {
	var cells []string
	for _, c := range cellsOf(d.p, outcome) {
		cells = append(cells, c.visit)
	}
	d.Fields(n, path, yamlfile.Keys{
		"source": d.Text(&v.Source), "skewness": d.Number(&v.Skewness), "latent": d.Flag(&v.Latent), "dispersion": d.Number(&v.Dispersion), "exposure": d.Number(&v.Exposure),
		"means": d.table(&v.Means, cells, cells), "sds": d.table(&v.SDs, cells, cells), "rates": d.table(&v.Rates, cells, cells),
		"correlation": func(n *node, path string) { d.correlation(&v.Correlation, n, path) },
		"shares": func(n *node, path string) {
			v.Shares = map[string]map[string][]float64{}
			d.MapOf(n, path, "problem-must-map", func(arm string, n *node, path string) {
				v.Shares[arm] = map[string][]float64{}
				d.MapOf(n, path, "problem-must-map", func(visit string, n *node, path string) {
					var list []float64
					if n.Kind == yamlfile.Scalar {
						list = []float64{0}
						d.Number(&list[0])(n, path)
					} else {
						d.Numbers(&list)(n, path)
					}
					v.Shares[arm][visit] = list
				})
			})
		},
	})
	return v
}

func (d *truthReader) correlation(r *Correlation, n *node, path string) {
	switch n.Kind {
	case yamlfile.Map:
		r.AR1 = true
		d.Fields(n, path, yamlfile.Keys{"ar1": d.Number(&r.Rho)})
	case yamlfile.List:
		d.Each(n, path, func(_ int, n *node, path string) {
			var row []float64
			d.Numbers(&row)(n, path)
			r.Matrix = append(r.Matrix, row)
		})
	default:
		d.Number(&r.Rho)(n, path)
	}
}

// numbers reads a map from a word to a number.
func (d *truthReader) numbers(dst *map[string]float64) func(*node, string) {
	return func(n *node, path string) {
		*dst = map[string]float64{}
		d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
			var x float64
			d.Number(&x)(n, path)
			(*dst)[key] = x
		})
	}
}

// table reads numbers by arm and visit: one number for the visits of alone in all arms,
// or a map by visit for all arms, or one by arm.
func (d *truthReader) table(dst *map[string]map[string]float64, alone, visits []string) func(*node, string) {
	return func(n *node, path string) {
		*dst = map[string]map[string]float64{}
		arms := armsOf(d.p)
		everywhere := func(visit string, x float64, n *node) {
			for _, a := range arms {
				d.At[path+"."+a.ID+"."+visit] = [2]int{n.Line, n.Column}
				if (*dst)[a.ID] == nil {
					(*dst)[a.ID] = map[string]float64{}
				}
				(*dst)[a.ID][visit] = x
			}
		}
		if n.Kind != yamlfile.Map {
			var x float64
			d.Number(&x)(n, path)
			for _, v := range alone {
				everywhere(v, x, n)
			}
			return
		}
		isArm := func(key string) bool {
			for _, a := range arms {
				if a.ID == key {
					return true
				}
			}
			return false
		}
		d.MapOf(n, path, "problem-must-map", func(key string, n *node, path string) {
			if n.Kind == yamlfile.Map || isArm(key) && n.Kind != yamlfile.Scalar {
				row := map[string]float64{}
				d.numbers(&row)(n, path)
				(*dst)[key] = row
				return
			}
			var x float64
			d.Number(&x)(n, path)
			if isArm(key) { // one number for the arm
				(*dst)[key] = map[string]float64{}
				for _, v := range alone {
					(*dst)[key][v] = x
				}
				return
			}
			everywhere(key, x, n)
		})
	}
}
