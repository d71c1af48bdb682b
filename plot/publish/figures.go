package publish

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// File is a drawn figure, ready to be written: its name, what it shows for who
// cannot see it, and its bytes.
type File struct {
	Name, Alt string
	Data      []byte
}

// Figures draws, per outcome, trajectories, changes, cumulative responder
// curves and the means of a model of all visits, and the differences of all
// outcomes, each as SVG and as PNG. What the data cannot give, such as the
// trajectories of an outcome that nobody has at a visit, is left out, with the
// reason.
func Figures(r study.Report, opt plot.Options) (drawn []File, undrawn []error) {
	type job struct {
		name string
		draw func() (*plot.Figure, error)
	}
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
	files := make([]File, 2*len(jobs))
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
				files[2*i+k] = File{Name: j.name + "." + string(format), Data: b.Bytes()}
				if err == nil {
					files[2*i+k].Alt = f.Alt()
				}
			}
			if err != nil {
				errs[i] = fmt.Errorf("figure %s: %w", j.name, err)
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			undrawn = append(undrawn, err)
			continue
		}
		drawn = append(drawn, files[2*i], files[2*i+1])
	}
	return drawn, undrawn
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
