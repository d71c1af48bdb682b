package publish

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// File is a drawn figure, ready to be written: its name, what it shows for who
// cannot see it, its bytes and its size.
type File struct {
	Name, Alt         string
	Data              []byte
	WidthMM, HeightMM float64
}

// Attach puts drawn figures into a report's options, for the files that hold
// their figures: SVG and PNG of the same name are one figure. It adds the fonts
// that the SVG is set in, once.
func Attach(o report.Options, drawn []File) (report.Options, error) {
	o.Figures = slices.Clone(o.Figures)
	at := map[string]int{}
	var svgs [][]byte
	for _, f := range drawn {
		ext := path.Ext(f.Name)
		name := strings.TrimSuffix(f.Name, ext)
		i, ok := at[name]
		if !ok {
			i = len(o.Figures)
			at[name] = i
			o.Figures = append(o.Figures, report.Figure{Name: f.Name, Alt: f.Alt, WidthMM: f.WidthMM, HeightMM: f.HeightMM})
		}
		switch plot.Format(strings.TrimPrefix(ext, ".")) {
		case plot.SVG:
			o.Figures[i].Name, o.Figures[i].SVG = f.Name, f.Data // reports that name a file name this one
			svgs = append(svgs, f.Data)
		case plot.PNG:
			o.Figures[i].PNG = f.Data
		}
	}
	faces, err := plot.FontFaces(svgs...)
	if err != nil {
		return o, err
	}
	o.FontFaces += faces
	return o, nil
}

// Figures draws, per outcome, trajectories, changes, cumulative responder
// curves and the means of a model of all visits, the differences of all outcomes
// and the flow of participants, each as SVG and as PNG. What the data cannot give, such as the
// trajectories of an outcome that nobody has at a visit, is left out, with the
// reason.
func Figures(r study.Report, opt plot.Options) (drawn []File, undrawn []error) {
	var jobs, means []job
	for _, o := range r.Protocol.Outcomes {
		results := slices.DeleteFunc(slices.Clone(r.Results), func(res study.Result) bool { return res.Outcome.ID != o.ID })
		jobs = append(jobs, outcomeJobs(o, results, opt)...)
		if model := modelOfVisits(results); model != nil {
			means = append(means, job{fileName(o.ID) + "-lsmeans", func() (*plot.Figure, error) {
				return plot.TrajectoriesWith(results, plot.TrajectoriesOptions{Options: opt, LSMeans: model})
			}})
		}
	}
	jobs = append(append(jobs, means...), job{"differences", func() (*plot.Figure, error) {
		return plot.DifferencesWith(r.Results, plot.DifferencesOptions{Options: opt})
	}}, job{"flow", func() (*plot.Figure, error) {
		return plot.ConsortWith(r, opt)
	}})
	// Each figure is drawn by itself, so they are drawn side by side; their
	// order in the folder is their names'.
	files := make([][]File, len(jobs))
	errs := make([]error, len(jobs))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, j := range jobs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			files[i], errs[i] = j.files()
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			undrawn = append(undrawn, fmt.Errorf("figure %s: %w", jobs[i].name, err))
		}
	}
	return slices.Concat(files...), undrawn
}

// job is a figure to be drawn.
type job struct {
	name string
	draw func() (*plot.Figure, error)
}

// files are the figure's formats, all or none.
func (j job) files() ([]File, error) {
	f, err := j.draw()
	if err != nil {
		return nil, err
	}
	var out []File
	width, height := f.Size()
	for _, format := range []plot.Format{plot.SVG, plot.PNG} {
		var b bytes.Buffer
		if err := f.Write(&b, format); err != nil {
			return nil, err
		}
		out = append(out, File{Name: j.name + "." + string(format), Alt: f.Alt(), Data: b.Bytes(), WidthMM: width, HeightMM: height})
	}
	return out, nil
}

// outcomeJobs are the figures of an outcome.
func outcomeJobs(o study.Outcome, results []study.Result, opt plot.Options) []job {
	if len(results) == 0 {
		return nil
	}
	id := fileName(o.ID)
	jobs := []job{{id + "-trajectories", func() (*plot.Figure, error) {
		return plot.TrajectoriesWith(results, plot.TrajectoriesOptions{Options: opt})
	}}}
	if !o.HasBaseline() { // nothing changes from it
		return jobs
	}
	return append(jobs,
		job{id + "-change", func() (*plot.Figure, error) {
			return plot.ChangeWith(results, plot.ChangeOptions{Options: opt})
		}},
		job{id + "-responders", func() (*plot.Figure, error) {
			return plot.RespondersWith(results, plot.RespondersOptions{Options: opt})
		}})
}

// modelOfVisits is the model of all visits whose means are drawn: the one that
// decides, otherwise the first that a plan names; nil where there is none.
func modelOfVisits(results []study.Result) *study.Result {
	var model *study.Result
	for i := range results {
		r := &results[i]
		if r.Visit.ID != "" || len(r.LSMeans) == 0 {
			continue
		}
		if len(r.Deciding()) > 0 {
			return r
		}
		if model == nil {
			model = r
		}
	}
	return model
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
