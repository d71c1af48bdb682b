package publish

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/text"
)

// Kind is a kind of figure.
type Kind string

// Kinds of figures. Of each outcome:
const (
	Trajectories Kind = "trajectories" // participants and means over time
	Shares       Kind = "shares"       // of a binary outcome, over time
	Categories   Kind = "categories"   // of an ordinal outcome, over time
	Rates        Kind = "rates"        // of counts, over time
	Change       Kind = "change"       // participants' changes from baseline
	Responders   Kind = "responders"   // how many changed by how much
	LSMeans      Kind = "lsmeans"      // mean changes by a model of all visits, and the differences
	Subgroups    Kind = "subgroups"    // the declared subgroups, as a forest
	Moderators   Kind = "moderators"   // the difference along a number that they are of
	Doses        Kind = "doses"        // means along the doses of the arms, where a plan asks for their trend
	Arms         Kind = "arms"         // participants over time, a panel an arm
	Participants Kind = "participants" // the same, a panel each, of at most 30
	// Of each comparison whose plan says what is assumed of those lost:
	Missing    Kind = "missing"    // which values are missing together
	Lost       Kind = "lost"       // how those lost would have gone on, under each assumption
	Tipping    Kind = "tipping"    // the difference where those lost in one arm are worse
	TippingMap Kind = "tippingmap" // and where those lost in both are
	// Of the trial:
	Differences Kind = "differences" // between arms, all outcomes
	Flow        Kind = "flow"        // of participants, as CONSORT asks
	Events      Kind = "events"      // adverse events by arm and term
	Hypotheses  Kind = "hypotheses"  // the graph of primary hypotheses, where they have one
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return append(DefaultKinds(), Arms, Participants)
}

// DefaultKinds are the kinds that a report has without being asked: what shows the same
// data once more is drawn on request. Which of them a trial gives is its outcomes' and
// its plans' to say: shares of binary outcomes, categories of ordered ones, rates of counts, changes where there is a baseline, means
// of a model where one of all visits decides (mmrm, clda, lmm, mixed-anova), subgroups
// where they are declared, and who is missing where a plan says what is assumed of them.
func DefaultKinds() []Kind {
	return []Kind{Trajectories, Shares, Categories, Rates, Change, Responders, LSMeans, Subgroups, Moderators, Doses, Missing, Lost, Tipping, TippingMap, Differences, Hypotheses, Flow, Events}
}

// Figures draws the flow of participants, the differences of all outcomes and, per
// outcome, trajectories (of a binary one the shares, of an ordinal one the categories, of counts the rates), changes, cumulative responder curves, the mean changes by the
// model of all visits that decides and the declared subgroups, and adverse events by term where each has a line, each as SVG and as PNG, in the order in which a report shows them:
// who took part, as CONSORT asks first, the answer, and what lies behind it. What the data cannot give, such as the
// trajectories of an outcome that nobody has at a visit, is left out, with the
// reason.
func Figures(r study.Report, opt plot.Options) (drawn []File, undrawn []error) {
	drawn, undrawn, _ = draw(context.Background(), r, opt, DefaultKinds(), []plot.Format{plot.SVG, plot.PNG}) // the error is the context's
	return drawn, undrawn
}

// FiguresContext is Figures of the kinds and in the formats that the options name, in
// the language of o.Report. It stops with the context's error.
func FiguresContext(ctx context.Context, r study.Report, o Options) (drawn []File, undrawn []error, err error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	said, err := r.In(o.Report.Lang)
	if err != nil {
		return nil, nil, err
	}
	if o.Figures == nil {
		o.Figures = Kinds()
	}
	if o.Formats == nil {
		o.Formats = []plot.Format{plot.SVG, plot.PNG}
	}
	o.Plot.Lang = o.Report.Lang
	return draw(ctx, said, o.Plot, o.Figures, o.Formats)
}

// draw draws figures of some kinds. It stops with the context's error.
func draw(ctx context.Context, r study.Report, opt plot.Options, kinds []Kind, formats []plot.Format) (drawn []File, undrawn []error, err error) {
	jobs := slices.DeleteFunc(jobsOf(r, opt), func(j job) bool { return !slices.Contains(kinds, j.kind) })
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
			if ctx.Err() == nil {
				files[i], errs[i] = j.files(formats)
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	for i, err := range errs {
		if err != nil {
			undrawn = append(undrawn, fmt.Errorf("figure %s: %w", jobs[i].name, err))
		}
	}
	return slices.Concat(files...), undrawn, nil
}

// jobsOf are all figures of a report, in its order.
func jobsOf(r study.Report, opt plot.Options) []job {
	jobs := []job{{string(Flow), Flow, func() (*plot.Figure, error) {
		return plot.ConsortWith(r, opt)
	}}}
	if f := r.Family; f != nil && !f.Scheme.All && (f.Scheme.Adjust == family.GraphMethod || f.Scheme.Adjust == family.Fixed) {
		jobs = append(jobs, job{string(Hypotheses), Hypotheses, func() (*plot.Figure, error) { return plot.HypothesesWith(r, opt) }})
	}
	byOutcome := func(a, b study.Result) bool { return a.Outcome.ID == b.Outcome.ID }
	for _, part := range onPages(r.Results, byOutcome, func(results []study.Result) (*plot.Figure, error) {
		return plot.DifferencesWith(results, plot.DifferencesOptions{Options: opt})
	}) {
		jobs = append(jobs, job{string(Differences), Differences, part})
	}
	var means []job
	for _, o := range r.Protocol.Outcomes {
		results := slices.DeleteFunc(slices.Clone(r.Results), func(res study.Result) bool { return res.Outcome.ID != o.ID })
		jobs = append(jobs, outcomeJobs(r.Protocol, o, results, opt)...)
		if decidedByModelOfVisits(results) {
			means = append(means, outcomeJob(o, LSMeans, func() (*plot.Figure, error) {
				return plot.LSMeanChangeWith(results, plot.LSMeanChangeOptions{Options: opt})
			}))
		}
	}
	jobs = append(jobs, means...)
	for _, res := range r.Results {
		var declared []study.Subgroups
		for _, s := range r.Subgroups {
			if s.Outcome == res.Outcome.ID && s.Visit == res.Visit.ID {
				declared = append(declared, s)
			}
		}
		if len(declared) > 0 {
			jobs = append(jobs, job{fileName(res.Outcome.ID + "-" + res.Visit.ID + "-" + string(Subgroups)), Subgroups, func() (*plot.Figure, error) {
				return plot.SubgroupsWith(res, plot.SubgroupsOptions{Options: opt}, declared...)
			}})
		}
		for _, s := range declared {
			if len(s.Curve) > 0 {
				jobs = append(jobs, job{fileName(res.Outcome.ID + "-" + res.Visit.ID + "-along-" + s.Covariate), Moderators, func() (*plot.Figure, error) {
					return plot.ModeratorWith(res, s, plot.ModeratorOptions{Options: opt})
				}})
			}
		}
		if slices.ContainsFunc(res.Trends, func(t along.Trend) bool { return t.Why == "" && !t.Withheld }) {
			jobs = append(jobs, job{fileName(res.Outcome.ID + "-" + res.Visit.ID + "-" + string(Doses)), Doses, func() (*plot.Figure, error) {
				return plot.DosesWith(res, plot.DosesOptions{Options: opt, Unit: r.Protocol.DoseUnit})
			}})
		}
	}
	for i, res := range r.Results {
		jobs = append(jobs, lostJobs(res, r.Results[:i], r.Results, opt)...)
	}
	if r.Safety.Events != nil {
		jobs = append(jobs, job{string(Events), Events, func() (*plot.Figure, error) {
			return plot.AdverseEventsWith(r, plot.AdverseEventsOptions{Options: opt})
		}})
	}
	taken := map[string]bool{}
	for i := range jobs { // pages, and IDs that differ in what no file system tells apart
		name := jobs[i].name
		for n := 2; taken[strings.ToLower(jobs[i].name)]; n++ {
			jobs[i].name = fmt.Sprint(name, "-", n)
		}
		taken[strings.ToLower(jobs[i].name)] = true
	}
	return jobs
}

// onPages divides results, of which those together belong on one page, into as few
// figures as are no higher than a page.
func onPages(results []study.Result, together func(a, b study.Result) bool, draw func([]study.Result) (*plot.Figure, error)) []func() (*plot.Figure, error) {
	f, err := draw(results)
	cut := len(results) / 2
	for cut > 0 && cut < len(results) && together(results[cut-1], results[cut]) {
		cut++
	}
	if err == nil && cut > 0 && cut < len(results) && f.TooHigh() {
		return append(onPages(results[:cut], together, draw), onPages(results[cut:], together, draw)...)
	}
	return []func() (*plot.Figure, error){func() (*plot.Figure, error) { return f, err }}
}

// job is a figure to be drawn.
type job struct {
	name string
	kind Kind
	draw func() (*plot.Figure, error)
}

// outcomeJob is a figure of an outcome, which it is named by.
func outcomeJob(o study.Outcome, kind Kind, draw func() (*plot.Figure, error)) job {
	return job{fileName(o.ID) + "-" + string(kind), kind, draw}
}

// files are the figure's formats, all or none.
func (j job) files(formats []plot.Format) ([]File, error) {
	f, err := j.draw()
	if err != nil {
		return nil, err
	}
	var out []File
	width, height := f.Size()
	for _, format := range formats {
		var b bytes.Buffer
		if err := f.Write(&b, format); err != nil {
			return nil, err
		}
		out = append(out, File{Name: j.name + "." + string(format), Alt: f.Alt(), Caption: f.Caption(), Data: b.Bytes(), WidthMM: width, HeightMM: height})
	}
	return out, nil
}

// outcomeJobs are the figures of an outcome.
func outcomeJobs(p study.Protocol, o study.Outcome, results []study.Result, opt plot.Options) []job {
	if len(results) == 0 {
		return nil
	}
	if o.Binary() {
		return []job{outcomeJob(o, Shares, func() (*plot.Figure, error) {
			return plot.SharesWith(results, plot.SharesOptions{Options: opt})
		})}
	}
	if o.Counted() {
		return []job{outcomeJob(o, Rates, func() (*plot.Figure, error) {
			c, err := text.In(opt.Lang)
			if err != nil {
				return nil, err
			}
			return plot.RatesWith(results, plot.RatesOptions{Options: opt, Time: p.TimeAtRisk(o.ID, results[0].Visit.ID, c)})
		})}
	}
	if o.Ordinal() {
		return []job{outcomeJob(o, Categories, func() (*plot.Figure, error) {
			return plot.CategoriesWith(results, plot.CategoriesOptions{Options: opt})
		})}
	}
	jobs := []job{outcomeJob(o, Trajectories, func() (*plot.Figure, error) {
		return plot.TrajectoriesWith(results, plot.TrajectoriesOptions{Options: opt})
	}), outcomeJob(o, Arms, func() (*plot.Figure, error) {
		return plot.ArmPanelsWith(results, plot.ArmPanelsOptions{Options: opt})
	}), outcomeJob(o, Participants, func() (*plot.Figure, error) {
		return plot.ParticipantPanelsWith(results, plot.ParticipantPanelsOptions{Options: opt})
	})}
	if !o.HasBaseline() { // nothing changes from it
		return jobs
	}
	jobs = append(jobs, outcomeJob(o, Change, func() (*plot.Figure, error) {
		return plot.ChangeWith(results, plot.ChangeOptions{Options: opt})
	}))
	byVisit := func(a, b study.Result) bool { return a.Visit.ID == b.Visit.ID }
	for _, part := range onPages(results, byVisit, func(results []study.Result) (*plot.Figure, error) {
		return plot.RespondersWith(results, plot.RespondersOptions{Options: opt})
	}) {
		jobs = append(jobs, outcomeJob(o, Responders, part))
	}
	return jobs
}

// lostJobs are the figures of a comparison whose plan says what is assumed of those lost;
// the pattern of missing values is drawn once an outcome.
func lostJobs(res study.Result, before, all []study.Result, opt plot.Options) []job {
	if res.Lost == nil {
		return nil
	}
	of := func(kind Kind, draw func() (*plot.Figure, error)) job {
		return job{fileName(res.Outcome.ID + "-" + res.Visit.ID + "-" + string(kind)), kind, draw}
	}
	var jobs []job
	if len(res.Lost.Assumed) > 0 {
		if !slices.ContainsFunc(before, func(x study.Result) bool {
			return x.Outcome.ID == res.Outcome.ID && x.Lost != nil && len(x.Lost.Assumed) > 0
		}) {
			results := slices.DeleteFunc(slices.Clone(all), func(x study.Result) bool { return x.Outcome.ID != res.Outcome.ID })
			jobs = append(jobs, outcomeJob(res.Outcome, Missing, func() (*plot.Figure, error) {
				return plot.MissingWith(results, plot.MissingOptions{Options: opt})
			}))
		}
		jobs = append(jobs, of(Lost, func() (*plot.Figure, error) { return plot.LostCoursesWith(res, plot.LostCoursesOptions{Options: opt}) }))
	}
	if slices.ContainsFunc(res.Sensitivity, func(s study.SensitivityRow) bool { return s.Tipping != nil && len(s.Notes) == 0 }) {
		jobs = append(jobs, of(Tipping, func() (*plot.Figure, error) { return plot.TippingWith(res, plot.TippingOptions{Options: opt}) }),
			of(TippingMap, func() (*plot.Figure, error) { return plot.TippingMapWith(res, plot.TippingOptions{Options: opt}) }))
	}
	return jobs
}

// decidedByModelOfVisits reports whether a model of all visits decides somewhere, so
// that its means are the trial's.
func decidedByModelOfVisits(results []study.Result) bool {
	return slices.ContainsFunc(results, func(r study.Result) bool {
		return slices.ContainsFunc(r.Deciding(), func(row study.Row) bool { return row.Method.Repeated() && row.Visit != study.OverallVisit })
	})
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
