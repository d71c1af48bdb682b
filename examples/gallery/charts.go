package main

import (
	"slices"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// chart is one row of the gallery.
type chart struct {
	name string
	call string // the function of package plot, named on the page
	draw func(t trial, o plot.Options) (*plot.Figure, error)
	// only names the one trial that can show the chart; "" means both.
	only string
}

// charts is the gallery in the order of its page: a chart is added by a row.
var charts = []chart{
	{name: "trajectories", call: "Trajectories", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.TrajectoriesWith(t.results, plot.TrajectoriesOptions{Options: o})
	}},
	{name: "armpanels", call: "ArmPanels", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ArmPanelsWith(t.results, plot.ArmPanelsOptions{Options: o})
	}},
	{name: "participantpanels", only: "hilt", call: "ParticipantPanels", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ParticipantPanelsWith(t.results, plot.ParticipantPanelsOptions{Options: o})
	}},
	{name: "change", call: "Change", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ChangeWith(t.results, plot.ChangeOptions{Options: o})
	}},
	{name: "differences", call: "Differences", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.DifferencesWith(t.report.Results, plot.DifferencesOptions{Options: o})
	}},
	{name: "lsmeanchange", call: "LSMeanChange", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.LSMeanChangeWith(t.results, plot.LSMeanChangeOptions{Options: o})
	}},
	{name: "responders", call: "Responders", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.RespondersWith(t.results, plot.RespondersOptions{Options: o})
	}},
	{name: "responderbands", only: "large", call: "Responders", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.RespondersWith(t.results[len(t.results)-1:], plot.RespondersOptions{Options: o, Bands: plot.BothBands})
	}},
	{name: "raincloud", call: "Raincloud", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.RaincloudWith(t.results, plot.RaincloudOptions{Options: o})
	}},
	{name: "slopegraph", call: "Slopegraph", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.SlopegraphWith(t.results, plot.SlopegraphOptions{Options: o})
	}},
	{name: "waterfall", call: "Waterfall", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.WaterfallWith(t.results, plot.WaterfallOptions{Options: o})
	}},
	{name: "responderbars", call: "ResponderBars", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ResponderBarsWith(t.results, plot.ResponderBarsOptions{Options: o})
	}},
	{name: "followup", call: "FollowUp", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.FollowUpWith(t.results, plot.FollowUpOptions{Options: o})
	}},
	{name: "gardneraltman", call: "GardnerAltman", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.GardnerAltmanWith(t.last, plot.EstimationOptions{Options: o})
	}},
	{name: "cumming", call: "Cumming", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.CummingWith(t.results, plot.EstimationOptions{Options: o})
	}},
	{name: "paired", call: "PairedEstimation", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PairedEstimationWith(t.results, plot.EstimationOptions{Options: o})
	}},
	{name: "compatibility", call: "Compatibility", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.CompatibilityWith(t.results, plot.CompatibilityOptions{Options: o})
	}},
	{name: "posterior", call: "Posterior", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PosteriorWith(t.results, plot.PosteriorOptions{Options: o})
	}},
	{name: "thresholdsweep", call: "ThresholdSweep", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ThresholdSweepWith(t.results, plot.ThresholdSweepOptions{Options: o})
	}},
	{name: "subgroups", call: "Subgroups", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		sex, err := subgroups(t, "sex")
		if err != nil {
			return nil, err
		}
		return plot.SubgroupsWith(t.last, plot.SubgroupsOptions{Options: o}, sex...)
	}},
	{name: "moderator", call: "Moderator", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		age, err := subgroups(t, "age", 65)
		if err != nil {
			return nil, err
		}
		return plot.ModeratorWith(t.last, age[0], plot.ModeratorOptions{Options: o})
	}},
	{name: "doses", call: "Doses", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withDoses(t.words.Lang())
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(r.Results, func(x study.Result) bool { return len(x.Trends) > 0 })
		return plot.DosesWith(r.Results[i], plot.DosesOptions{Options: o, Unit: r.Protocol.DoseUnit})
	}},
	{name: "forest", call: "Forest", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ForestWith(methods(t), plot.ForestOptions{Options: o})
	}},
	{name: "triangulation", call: "Triangulation", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		tr, err := t.triangulation()
		if err != nil {
			return nil, err
		}
		return plot.TriangulationWith(tr, plot.TriangulationOptions{Options: o})
	}},
	{name: "missing", call: "Missing", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.MissingWith(t.results, plot.MissingOptions{Options: o})
	}},
	{name: "lostcourses", call: "LostCourses", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withLosses(t)
		if err != nil {
			return nil, err
		}
		return plot.LostCoursesWith(r, plot.LostCoursesOptions{Options: o})
	}},
	{name: "tipping", call: "Tipping", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withLosses(t)
		if err != nil {
			return nil, err
		}
		return plot.TippingWith(r, plot.TippingOptions{Options: o})
	}},
	{name: "tippingmap", call: "TippingMap", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withLosses(t)
		if err != nil {
			return nil, err
		}
		return plot.TippingMapWith(r, plot.TippingOptions{Options: o})
	}},
	{name: "dropout", call: "Dropout", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.DropoutWith(t.results, plot.DropoutOptions{Options: o})
	}},
	{name: "histogram", call: "Histogram", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.HistogramWith(t.last, plot.HistogramOptions{Options: o})
	}},
	{name: "ecdf", call: "ECDF", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ECDFWith(t.last, plot.ECDFOptions{Options: o})
	}},
	{name: "roc", call: "ROC", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		line, err := earlyChange(t)
		if err != nil {
			return nil, err
		}
		return plot.ROCWith([]plot.ROCLine{line}, plot.ROCOptions{Options: o, Study: t.last.Study, Cases: t.cases()})
	}},
	{name: "residuals", call: "Residuals", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		model, err := ancova(t)
		if err != nil {
			return nil, err
		}
		return plot.ResidualsWith(model, plot.ResidualsOptions{Options: o, Study: t.last.Study, Response: t.response()})
	}},
	{name: "correlations", call: "Correlations", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		m, err := t.covariance()
		if err != nil {
			return nil, err
		}
		return plot.CorrelationsWith(m.visits, m.sigma, plot.CorrelationsOptions{Options: o, Study: t.last.Study, Outcome: t.outcome})
	}},
	{name: "covariances", only: "large", call: "Correlations", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		m, err := t.covariance()
		if err != nil {
			return nil, err
		}
		return plot.CorrelationsWith(m.visits, m.sigma, plot.CorrelationsOptions{Options: o, Study: t.last.Study, Outcome: t.outcome, Covariances: true})
	}},
	{name: "consort", call: "Consort", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ConsortWith(t.report, o)
	}},
	{name: "hypotheses", only: "large", call: "Hypotheses", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withGraph(t.words.Lang())
		if err != nil {
			return nil, err
		}
		return plot.HypothesesWith(r, o)
	}},
	{name: "adverseevents", only: "large", call: "AdverseEvents", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		r, err := withEvents(t.words.Lang())
		if err != nil {
			return nil, err
		}
		return plot.AdverseEventsWith(r, plot.AdverseEventsOptions{Options: o})
	}},
	{name: "flow", call: "Flow", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.FlowWith(disposition(t), plot.FlowOptions{Options: o})
	}},
	{name: "flow-2010", only: "large", call: "Flow", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.FlowWith(disposition(t), plot.FlowOptions{Options: o, Wording: plot.CONSORT2010})
	}},
	{name: "love", call: "Love", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.LoveWith(t.report, plot.LoveOptions{Options: o})
	}},
	{name: "power", call: "Power", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PowerWith(t.power(), plot.PowerOptions{Options: o, Study: t.last.Study, Outcome: t.outcome, Planned: perArm})
	}},
	{name: "sensitivity", call: "Sensitivity", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		p, err := nextTrial()
		if err != nil {
			return nil, err
		}
		return plot.SensitivityWith(p, plot.SensitivityOptions{Options: o})
	}},
	{name: "meta", call: "Meta", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		studies, pooled, err := inventedStudies(t.words)
		if err != nil {
			return nil, err
		}
		return plot.MetaWith(studies, pooled, plot.MetaOptions{Options: o, Study: t.last.Study, Better: study.LowerIsBetter, Decimals: 1,
			Measure: t.measure(), Unit: t.outcome.Unit, Treatment: t.last.Arms[0].ShortLabel(), Control: t.last.Arms[1].ShortLabel()})
	}},
	{name: "funnel", call: "Funnel", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		m, err := manyInventedStudies()
		if err != nil {
			return nil, err
		}
		return plot.FunnelWith(m, plot.FunnelOptions{Options: o, Study: t.last.Study, Measure: t.measure(), Unit: t.outcome.Unit, Better: study.LowerIsBetter,
			Treatment: t.last.Arms[0].ShortLabel(), Control: t.last.Arms[1].ShortLabel()})
	}},
	{name: "funnel-contours", call: "Funnel", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		m, err := manyInventedStudies()
		if err != nil {
			return nil, err
		}
		return plot.FunnelWith(m, plot.FunnelOptions{Options: o, Study: t.last.Study, Measure: t.measure(), Unit: t.outcome.Unit, Better: study.LowerIsBetter,
			Treatment: t.last.Arms[0].ShortLabel(), Control: t.last.Arms[1].ShortLabel(), Contours: true})
	}},
	{name: "agreement", call: "BlandAltman", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		first, second := secondReading(t)
		return plot.BlandAltmanWith(first, second, plot.BlandAltmanOptions{Options: o, Study: t.last.Study, Outcome: t.report.Protocol.Outcomes[1],
			First: "A", Second: "B"})
	}},
	{name: "compose", call: "Compose", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ComposeWith(plot.ComposeOptions{Options: o}, func(o plot.Options) (*plot.Figure, error) {
			return plot.TrajectoriesWith(t.results, plot.TrajectoriesOptions{Options: o})
		}, func(o plot.Options) (*plot.Figure, error) {
			return plot.ChangeWith(t.results, plot.ChangeOptions{Options: o})
		})
	}},
	{name: "categories", call: "Categories", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		levels, err := ofStudy(t, "shoulder")
		if err != nil {
			return nil, err
		}
		return plot.CategoriesWith(levels.Results, plot.CategoriesOptions{Options: o})
	}},
	{name: "rates", call: "Rates", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		counts, err := ofStudy(t, "falls")
		if err != nil {
			return nil, err
		}
		return plot.RatesWith(counts.Results[:1], plot.RatesOptions{Options: o, Time: counts.Protocol.TimeAtRisk("falls", "year", t.words)})
	}},
	{name: "bars", call: "MeanBars", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.MeanBarsWith(t.results, plot.MeanBarsOptions{Options: o})
	}},
}
