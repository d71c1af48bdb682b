// Package plot draws finished results: study.Result in, a *Figure out. It
// computes where marks stand (positions, densities, quantiles to draw) and
// decides nothing: which row decides, which threshold judges, who responded and
// who is analyzed are asked of the results.
//
//	fig, err := plot.Trajectories(results)
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
// Participants and arms over the visits:
//
//	how did participants and arms go over time?        Trajectories                          trajectory.go
//	the same, without one arm over another             ArmPanels                             armpanels.go
//	how did every one of at most 30 fare?              ParticipantPanels                     participantpanels.go
//	by how much did each participant change?           Change                                change.go
//	who went up, who went down?                        Slopegraph                            slopegraph.go
//	how did every single participant fare?             Waterfall                             waterfall.go
//	what is the shape of the changes in each arm?      Raincloud                             raincloud.go
//	how are values distributed in each arm?            Histogram                             histogram.go
//	which share lies at or below a value?              ECDF                                  ecdf.go
//	given the start, where did participants end?       FollowUp                              followup.go
//	bars, because they were asked for                  MeanBars                              bars.go
//	how many said yes?                                 Shares                                shares.go
//	how are patients spread over ordered categories?   Categories                            categories.go
//	how often did it happen in its time?               Rates                                 shares.go
//
// Who responded:
//
//	which share improved by at least so much?          Responders                            responder.go
//	which share of each arm reached the threshold?     ResponderBars                         responderbars.go
//
// Differences between arms:
//
//	how far did the arms change by the model, and how far are they apart?  LSMeanChange      lsmeanchange.go
//	how large is the difference, and how sure is it?   Differences                           differences.go
//	how do changes compare, how large is the gap?      GardnerAltman                         gardneraltman.go
//	the same, for several arms and visits              Cumming                               cumming.go
//	how large is the mean change of each arm?          PairedEstimation                      paired.go
//	which differences agree with the data?             Compatibility                         compatibility.go
//	how probable is a difference that matters?         Posterior                             posterior.go
//	does the verdict hang on the MCID?                 ThresholdSweep                        thresholdsweep.go
//	does the difference depend on who they are?        Subgroups                             subgroups.go
//	does it run along a number, such as age?           Moderator                             along.go
//	does the outcome run along the doses of the arms?  Doses                                 along.go
//	any rows of estimates with text columns            Forest                                forest.go
//	do small studies tell another story?               Funnel                                funnel.go
//	what do several studies say together?              Meta, MetaOf, MetaOfRatios            meta.go
//
// How the trial went:
//
//	what became of everyone who was assessed?          Consort, of a report; Flow, of counts  consort.go, flow.go, flowdraw.go
//	how were several hypotheses tested together?       Hypotheses, of a report               hypotheses.go
//	how alike were the arms before treatment?          Love                                  love.go
//	who dropped out, and when?                         Dropout                               dropout.go
//	which harms were there, in which arm?              AdverseEvents, of a report            adverseevents.go
//	which values are missing together?                 Missing                               missing.go
//	how would those lost have gone on?                 LostCourses                           lostcourses.go
//	how much worse may those lost be?                  Tipping, TippingMap                   tipping.go
//
// Models, markers, planning:
//
//	do a linear model's assumptions hold?              Residuals                             residuals.go
//	how do a participant's visits hang together?       Correlations                          correlations.go
//	how well does a marker tell cases from others?     ROC                                   roc.go
//	how far apart are two measurements?                BlandAltman                           agreement.go
//	which change matters, and by which method?         Triangulation                         triangulation.go
//	how many participants does an effect take?         Power                                 power.go
//	what if effect or spread are not as planned?       Sensitivity                           sensitivity.go
//
// Around a chart:
//
//	how does a journal want it?                        BMC, JAMA, Lancet, Nature, NEJM       style.go
//	and an audience?                                   Slides                                style.go
//	marks of your own: where does a visit stand?       Figure.XOfVisit, Figure.Plot          visits.go, figure.go
//	ticks of your own                                  Labels, LogTicks, Ticks               ticks.go
//	the file: formats, size, words for who cannot see  Figure.Save, Formats, Figure.Size, Figure.Alt  figure.go
//	several charts as A, B, C in one figure            Compose                               compose.go, composelayout.go
//	a web page of several figures: their fonts         FontFaces                             figure.go
//
// # How to add a chart
//
// One file a chart, named by its noun. In it:
//
//   - an options struct that embeds Options and whose zero value is the
//     recommended figure; Chart(results) and ChartWith(results, options). The
//     doc comment says which question the chart answers, what to read first,
//     and the convention it follows with its source;
//   - a struct for the chart while it is made, and methods in the order of the
//     work: check and data (newChart), panels, marks, words; none of them longer
//     than a screen;
//   - newSeries (or checks of your own) refuses results that do not belong
//     together or hold nothing to draw; series.draw begins the figure: type,
//     words, colors, width, and each arm's look, the same everywhere;
//   - t.newPanel makes a panel with its axes. Set ranges with niceRange and
//     setRange, so that axes end at labels. Panels below each other with one range
//     name the x axis at the lowest, panels of a row number the y axis at the first
//     (shareY); add marks with panel.add, in drawing
//     order: linkMarks, intervalMarks, pathMarks, pointMarks, stepMarks,
//     refLine, bandMarks, or a plotter of your own. Marks keep data values; what
//     moves them on the page (offset) is in points and never touches a value:
//     Figure.standApart sets arms side by side about their visits. Densities share
//     one scale (equalAreas); what is no arm's is gray (plainLook);
//   - visits stand where t.placeVisits or t.axisOfVisits put them, at their times
//     where that can be read. From manyFrom participants on, lines give way to
//     bands (newQuantileBand) or to a panel an arm;
//   - around the data: panel.side for labels right of it (spread apart by
//     themselves), panel.top for labels over it, panel.rows and panel.columns
//     for the text of a forest, panel.below for strips such as numberStrip,
//     Figure.legend where labels have no room. Panels have a row and a column;
//     their data areas are aligned by the layout;
//   - Figure.title, Figure.note and Figure.alt, all through t.say; axis labels are
//     fitted by t.across, and t.nameAxis where one may be longer than its axis. Add the codes to study/text, to the files en.plot….yaml
//     and nl.plot….yaml of their subject. The layout adds SIMULATED DATA by itself;
//   - tests: add the chart to charts or, where it does not take results, to
//     plainCharts (both in charts_test.go): every one of them is laid out, held to
//     overlaps and edges, drawn of odd data and fuzzed; test the marks in data
//     units in a file of your own; then add a row to examples/gallery/charts.go,
//     run it, and look at the picture at printed size.
package plot
