package main

import (
	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
)

// chart is one row of the gallery.
type chart struct {
	name string
	draw func(t trial, o plot.Options) (*plot.Figure, error)
	// only names the one trial that can show the chart; "" means both.
	only string
}

// charts is the gallery in the order of its page: a chart is added by a row.
var charts = []chart{
	{name: "trajectories", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.TrajectoriesWith(t.results, plot.TrajectoriesOptions{Options: o})
	}},
	{name: "change", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ChangeWith(t.results, plot.ChangeOptions{Options: o})
	}},
	{name: "differences", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.DifferencesWith(t.report.Results, plot.DifferencesOptions{Options: o})
	}},
	{name: "responders", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.RespondersWith(t.results, plot.RespondersOptions{Options: o})
	}},
	{name: "raincloud", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.RaincloudWith(t.results, plot.RaincloudOptions{Options: o})
	}},
	{name: "slopegraph", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.SlopegraphWith(t.results, plot.SlopegraphOptions{Options: o})
	}},
	{name: "waterfall", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.WaterfallWith(t.results, plot.WaterfallOptions{Options: o})
	}},
	{name: "responderbars", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ResponderBarsWith(t.results, plot.ResponderBarsOptions{Options: o})
	}},
	{name: "followup", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.FollowUpWith(t.results, plot.FollowUpOptions{Options: o})
	}},
	{name: "gardneraltman", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.GardnerAltmanWith(t.last, plot.EstimationOptions{Options: o})
	}},
	{name: "cumming", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.CummingWith(t.results, plot.EstimationOptions{Options: o})
	}},
	{name: "paired", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PairedEstimationWith(t.results, plot.EstimationOptions{Options: o})
	}},
	{name: "compatibility", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.CompatibilityWith(t.results, plot.CompatibilityOptions{Options: o})
	}},
	{name: "posterior", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PosteriorWith(t.results, plot.PosteriorOptions{Options: o})
	}},
	{name: "thresholdsweep", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ThresholdSweepWith(t.results, plot.ThresholdSweepOptions{Options: o})
	}},
	{name: "subgroups", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		sex, err := study.SubgroupsOf(t.last, "sex")
		if err != nil {
			return nil, err
		}
		return plot.SubgroupsWith(t.last, plot.SubgroupsOptions{Options: o}, sex)
	}},
	{name: "forest", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ForestWith(methods(t), plot.ForestOptions{Options: o})
	}},
	{name: "triangulation", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		tr, err := study.Triangulate(anchorStudy(t))
		if err != nil {
			return nil, err
		}
		return plot.TriangulationWith(tr, plot.TriangulationOptions{Options: o})
	}},
	{name: "missing", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.MissingWith(t.results, plot.MissingOptions{Options: o})
	}},
	{name: "dropout", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.DropoutWith(t.results, plot.DropoutOptions{Options: o})
	}},
	{name: "histogram", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.HistogramWith(t.last, plot.HistogramOptions{Options: o})
	}},
	{name: "ecdf", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.ECDFWith(t.last, plot.ECDFOptions{Options: o})
	}},
	{name: "roc", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		line, err := earlyChange(t)
		if err != nil {
			return nil, err
		}
		return plot.ROCWith([]plot.ROCLine{line}, plot.ROCOptions{Options: o, Study: t.last.Study})
	}},
	{name: "residuals", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		model, err := ancova(t)
		if err != nil {
			return nil, err
		}
		return plot.ResidualsWith(model, plot.ResidualsOptions{Options: o, Study: t.last.Study})
	}},
	{name: "correlations", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		visits, sigma, err := visitCovariance(t)
		if err != nil {
			return nil, err
		}
		return plot.CorrelationsWith(visits, sigma, plot.CorrelationsOptions{Options: o, Study: t.last.Study, Outcome: t.outcome})
	}},
	{name: "flow", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.FlowWith(disposition(t), plot.FlowOptions{Options: o})
	}},
	{name: "power", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.PowerWith(powerLines(t.words), plot.PowerOptions{Options: o, Study: t.last.Study, Planned: perArm})
	}},
	{name: "meta", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		studies, pooled, err := inventedStudies(t.words)
		if err != nil {
			return nil, err
		}
		return plot.MetaWith(studies, pooled, plot.MetaOptions{Options: o, Study: t.last.Study, Better: study.LowerIsBetter, Decimals: 1, Measure: "Δ, mm"})
	}},
	{name: "agreement", only: "large", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		first, second := secondReading(t)
		return plot.BlandAltmanWith(first, second, plot.BlandAltmanOptions{Options: o, Study: t.last.Study, Outcome: t.report.Protocol.Outcomes[1],
			First: "A", Second: "B"})
	}},
	{name: "bars", draw: func(t trial, o plot.Options) (*plot.Figure, error) {
		return plot.MeanBarsWith(t.results, plot.MeanBarsOptions{Options: o})
	}},
}
