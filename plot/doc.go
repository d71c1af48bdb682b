// Package plot draws finished results: study.Result in, a *Figure out. It
// computes positions and never a statistic: means, intervals and counts are
// asked of the results.
//
//	fig, err := Trajectories(results)
//	err = fig.Save("pain.pdf") // or .svg, .png
//
// Figures are ready for a journal: exact width in millimeters, 7–8 pt sans
// text at final size, lines of 0.5 pt and more, colors with marker shapes and
// dashes so that they read in gray, labels clear of the data. Options.Style
// picks a house style. What a figure says comes from the catalog of
// study/text, in each of its languages. Drawing is gonum/plot's: Figure.Plot
// gives each panel's plot, to be changed before it is saved.
//
// # Which chart answers which question
//
//	question                                          chart         file
//	How did participants and arms go over time?       Trajectories  trajectory.go
//	By how much did each participant change?          Change        change.go
//	How large is the difference, and how sure is it?  Differences   forest.go
//	Which share improved by at least so much?         Responders    responder.go
//	How are values distributed in each arm?           Histogram     histogram.go
//	Which share lies at or below a value?             ECDF          ecdf.go
//	Which values are missing together?                Missing       missing.go
//	Who dropped out, and when?                        Dropout       dropout.go
//	What became of everyone who was assessed?         Flow          flow.go
//	How do a participant's visits hang together?      Correlations  correlations.go
//	Do a linear model's assumptions hold?             Residuals     residuals.go
//	How well does a marker tell cases from others?    ROC           roc.go
//	How far apart are two measurements?               BlandAltman   agreement.go
//	What do several studies say together?             Meta, MetaOf  meta.go
//	How many participants does an effect take?        Power         power.go
//	Bars, because they were asked for                 MeanBars      bars.go
//	Which change matters, and by which method?        Triangulation triangulation.go
//	What is the shape of the changes in each arm?     Raincloud     raincloud.go
//	How do changes compare, how large is the gap?     GardnerAltman, Cumming, PairedEstimation  estimation.go
//	Who went up, who went down?                       Slopegraph    slopegraph.go
//	How did every single participant fare?            Waterfall     waterfall.go
//	Which share of each arm reached the threshold?    ResponderBars responderbars.go
//	Given the start, where did participants end?      FollowUp      followup.go
//	Which differences agree with the data?            Compatibility compatibility.go
//	How probable is a difference that matters?        Posterior     posterior.go
//	Does the verdict hang on the MCID?                ThresholdSweep thresholdsweep.go
//	Does the difference depend on who they are?       Subgroups     foresttable.go
//	Any rows of estimates with text columns           Forest        foresttable.go
//	How does a journal want it?                       BMC, JAMA, Lancet, Nature, NEJM  style.go
//	And an audience?                                  Slides        style.go
//	What helps a plot of your own?                    Labels, LogTicks  ticks.go
//
// # How to add a chart
//
// One file a chart, named by its noun. In it:
//
//   - an options struct that embeds Options and whose zero value is the
//     recommended figure; Chart(results) and ChartWith(results, options). The
//     doc comment says which question the chart answers, what to read first,
//     and the convention it follows with its source;
//   - newSeries (or checks of your own) refuses results that do not belong
//     together or hold nothing to draw; newTheme gives type, words, colors and
//     the figure's width; t.looks gives each arm its look, the same everywhere;
//   - t.newPanel makes a panel with its axes. Set ranges with niceRange and
//     setRange, so that axes end at labels; add marks with panel.add, in drawing
//     order: linkMarks, intervalMarks, pathMarks, pointMarks, stepMarks,
//     refLine, bandMarks, or a plotter of your own. Marks keep data values; what
//     moves them on the page (offset) is in points and never touches a value;
//   - around the data: panel.side for labels right of it (spread apart by
//     themselves), panel.top for labels over it, panel.rows and panel.columns
//     for the text of a forest, panel.below for strips such as numberStrip,
//     Figure.legend where labels have no room. Panels have a row and a column;
//     their data areas are aligned by the layout;
//   - Figure.title, footnote, caption and alt, all through t.say; axis labels are
//     fitted by t.fold. Add the codes to study/text, to the files en.plot….yaml
//     and nl.plot….yaml of their subject. The layout adds SIMULATED DATA by itself;
//   - tests: add the chart to charts (layout_test.go) or, where it does not take
//     results, to plainCharts (plaincharts_test.go), which check overlaps, edges
//     and odd data; test the marks in data units in a file of your own;
//     then add a row to examples/gallery/charts.go, run it, and look at the
//     picture at printed size.
package plot
