package main

import "github.com/trialkit/trialkit/plot"

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
}
