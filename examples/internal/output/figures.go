package output

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// figureFile is a drawn figure, ready to be written.
type figureFile struct {
	name, alt string
	data      []byte
}

type figureFiles []figureFile

// drawFigures draws, per outcome, trajectories, changes, cumulative responder
// curves and the means of a model of all visits, and the differences of all outcomes, as SVG and PNG. What
// could not be drawn is left out, with the reason.
func drawFigures(r study.Report, lang string) (figureFiles, []error) {
	type job struct {
		name string
		draw func() (*plot.Figure, error)
	}
	opt := plot.Options{Lang: lang}
	var jobs []job
	for _, o := range r.Protocol.Outcomes {
		var results []study.Result
		for _, res := range r.Results {
			if res.Outcome.ID == o.ID {
				results = append(results, res)
			}
		}
		if len(results) == 0 {
			continue
		}
		id := fileName(o.ID)
		jobs = append(jobs, job{id + "-trajectories", func() (*plot.Figure, error) {
			return plot.TrajectoriesWith(results, plot.TrajectoriesOptions{Options: opt})
		}})
		if !o.HasBaseline() { // nothing changes from it
			continue
		}
		jobs = append(jobs,
			job{id + "-change", func() (*plot.Figure, error) {
				return plot.ChangeWith(results, plot.ChangeOptions{Options: opt})
			}},
			job{id + "-responders", func() (*plot.Figure, error) {
				return plot.RespondersWith(results, plot.RespondersOptions{Options: opt})
			}})
	}
	for _, o := range r.Protocol.Outcomes {
		// The first model of all visits that a plan names also has its means drawn.
		i := slices.IndexFunc(r.Results, func(res study.Result) bool {
			return res.Outcome.ID == o.ID && res.Visit.ID == "" && len(res.LSMeans) > 0
		})
		if i < 0 {
			continue
		}
		results := slices.DeleteFunc(slices.Clone(r.Results), func(res study.Result) bool { return res.Outcome.ID != o.ID })
		jobs = append(jobs, job{fileName(o.ID) + "-lsmeans", func() (*plot.Figure, error) {
			return plot.TrajectoriesWith(results, plot.TrajectoriesOptions{Options: opt, LSMeans: &r.Results[i]})
		}})
	}
	jobs = append(jobs, job{"differences", func() (*plot.Figure, error) {
		return plot.DifferencesWith(r.Results, plot.DifferencesOptions{Options: opt})
	}})

	// Each figure is drawn by itself, so they are drawn side by side; their
	// order in the folder is their names'.
	files := make(figureFiles, 2*len(jobs))
	errs := make([]error, len(jobs))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			f, err := j.draw()
			for k, format := range []plot.Format{plot.SVG, plot.PNG} {
				var b bytes.Buffer
				if err == nil {
					err = f.Write(&b, format)
				}
				files[2*i+k] = figureFile{name: j.name + "." + string(format), data: b.Bytes()}
				if err == nil {
					files[2*i+k].alt = f.Alt()
				}
			}
			if err != nil {
				errs[i] = fmt.Errorf("figure %s: %w", j.name, err)
			}
		})
	}
	wg.Wait()
	var drawn figureFiles
	var problems []error
	for i, err := range errs {
		if err != nil {
			problems = append(problems, err)
			continue
		}
		drawn = append(drawn, files[2*i], files[2*i+1])
	}
	return drawn, problems
}

// fileName keeps an outcome's ID from naming another folder.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, id)
}

// save writes the figures; each appears whole or not at all.
func (files figureFiles) save(dir string) error {
	for _, f := range files {
		tmp, err := os.CreateTemp(dir, ".figure-*")
		if err != nil {
			return err
		}
		_, err = tmp.Write(f.data)
		if e := tmp.Chmod(0o644); err == nil {
			err = e
		}
		if e := tmp.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(tmp.Name(), filepath.Join(dir, f.name))
		}
		if err != nil {
			os.Remove(tmp.Name())
			return err
		}
	}
	return nil
}
