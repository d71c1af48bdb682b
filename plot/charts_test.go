package plot

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/nexttrial"
)

// everyChart is every chart function of the package, fed from the results of
// one outcome.
func everyChart(o Options) map[string]func([]study.Result) (*Figure, error) {
	all := charts(o)
	for name, draw := range plainCharts(o) {
		all[name] = draw
	}
	for name, draw := range oneResultCharts(o) {
		all[name] = func(rs []study.Result) (*Figure, error) { return draw(rs[len(rs)-1]) }
	}
	return all
}

// charts are the chart functions of results, with options.
func charts(o Options) map[string]func([]study.Result) (*Figure, error) {
	return map[string]func([]study.Result) (*Figure, error){
		"trajectories": func(rs []study.Result) (*Figure, error) {
			return TrajectoriesWith(rs, TrajectoriesOptions{Options: o})
		},
		"change": func(rs []study.Result) (*Figure, error) {
			return ChangeWith(rs, ChangeOptions{Options: o})
		},
		"differences": func(rs []study.Result) (*Figure, error) {
			return DifferencesWith(rs, DifferencesOptions{Options: o})
		},
		"responders": func(rs []study.Result) (*Figure, error) {
			return RespondersWith(rs, RespondersOptions{Options: o})
		},
		"missing": func(rs []study.Result) (*Figure, error) {
			return MissingWith(rs, MissingOptions{Options: o})
		},
		"dropout": func(rs []study.Result) (*Figure, error) {
			return DropoutWith(rs, DropoutOptions{Options: o})
		},
		"bars": func(rs []study.Result) (*Figure, error) {
			return MeanBarsWith(rs, MeanBarsOptions{Options: o})
		},
		"bands": func(rs []study.Result) (*Figure, error) {
			return RespondersWith(rs, RespondersOptions{Options: o, Bands: BothBands})
		},
		"raincloud": func(rs []study.Result) (*Figure, error) {
			return RaincloudWith(rs, RaincloudOptions{Options: o})
		},
		"slopegraph": func(rs []study.Result) (*Figure, error) {
			return SlopegraphWith(rs, SlopegraphOptions{Options: o})
		},
		"waterfall": func(rs []study.Result) (*Figure, error) {
			return WaterfallWith(rs, WaterfallOptions{Options: o})
		},
		"responderbars": func(rs []study.Result) (*Figure, error) {
			return ResponderBarsWith(rs, ResponderBarsOptions{Options: o})
		},
		"followup": func(rs []study.Result) (*Figure, error) {
			return FollowUpWith(rs, FollowUpOptions{Options: o})
		},
		"compatibility": func(rs []study.Result) (*Figure, error) {
			return CompatibilityWith(rs, CompatibilityOptions{Options: o})
		},
		"posterior": func(rs []study.Result) (*Figure, error) {
			return PosteriorWith(rs, PosteriorOptions{Options: o})
		},
		"sweep": func(rs []study.Result) (*Figure, error) {
			return ThresholdSweepWith(rs, ThresholdSweepOptions{Options: o})
		},
		"cumming": func(rs []study.Result) (*Figure, error) {
			return CummingWith(rs, EstimationOptions{Options: o})
		},
		"lsmeanchange": func(rs []study.Result) (*Figure, error) {
			return LSMeanChangeWith(withModel(rs), LSMeanChangeOptions{Options: o})
		},
		"armpanels": func(rs []study.Result) (*Figure, error) {
			return ArmPanelsWith(rs, ArmPanelsOptions{Options: o})
		},
		"armmedians": func(rs []study.Result) (*Figure, error) {
			return ArmPanelsWith(rs, ArmPanelsOptions{Options: o, Medians: true})
		},
		"paired": func(rs []study.Result) (*Figure, error) {
			return PairedEstimationWith(rs, EstimationOptions{Options: o})
		},
	}
}

// oneResultCharts draw a single result.
func oneResultCharts(o Options) map[string]func(study.Result) (*Figure, error) {
	return map[string]func(study.Result) (*Figure, error){
		"gardneraltman": func(r study.Result) (*Figure, error) {
			return GardnerAltmanWith(r, EstimationOptions{Options: o})
		},
		"subgroups": func(r study.Result) (*Figure, error) {
			var gs []study.Subgroups
			for _, c := range []string{"sex", "age"} {
				g, err := study.SubgroupsOf(r, c)
				if err != nil {
					return nil, fmt.Errorf("plot: %w", err)
				}
				gs = append(gs, g)
			}
			return SubgroupsWith(r, SubgroupsOptions{Options: o}, gs...)
		},
	}
}

// plainCharts are the charts that take other things than the results of one
// outcome, fed from such results.
func plainCharts(o Options) map[string]func([]study.Result) (*Figure, error) {
	all := map[string]func([]study.Result) (*Figure, error){
		"tipping": func(rs []study.Result) (*Figure, error) {
			return TippingWith(withLost(rs), TippingOptions{Options: o})
		},
		"tippingmap": func(rs []study.Result) (*Figure, error) {
			return TippingMapWith(withLost(rs), TippingOptions{Options: o})
		},
		"lostcourses": func(rs []study.Result) (*Figure, error) {
			return LostCoursesWith(withLost(rs), LostCoursesOptions{Options: o})
		},
		"doses": func(rs []study.Result) (*Figure, error) {
			return DosesWith(withTrend(rs[len(rs)-1]), DosesOptions{Options: o, Unit: "J"})
		},
		"moderator": func(rs []study.Result) (*Figure, error) {
			return ModeratorWith(rs[len(rs)-1], alongAge(rs[len(rs)-1]), ModeratorOptions{Options: o})
		},
		"histogram": func(rs []study.Result) (*Figure, error) {
			return HistogramWith(rs[len(rs)-1], HistogramOptions{Options: o})
		},
		"participantpanels": func(rs []study.Result) (*Figure, error) {
			var ids []string // of each arm as many
			for _, a := range rs[0].Arms {
				n := 0
				for _, rec := range rs[0].Records {
					if rec.Arm == a.ID && n < mostPanels/len(rs[0].Arms) {
						ids = append(ids, rec.ID)
						n++
					}
				}
			}
			return ParticipantPanelsWith(rs, ParticipantPanelsOptions{Options: o, Participants: ids})
		},
		"ecdf": func(rs []study.Result) (*Figure, error) {
			return ECDFWith(rs[len(rs)-1], ECDFOptions{Options: o, Of: OfFollow})
		},
		"roc": func(rs []study.Result) (*Figure, error) {
			lines, err := armROC(rs)
			if err != nil {
				return nil, err
			}
			return ROCWith(lines, ROCOptions{Options: o, Study: rs[0].Study})
		},
		"residuals": func(rs []study.Result) (*Figure, error) {
			m, err := changeModel(rs[len(rs)-1])
			if err != nil {
				return nil, err
			}
			return ResidualsWith(m, ResidualsOptions{Options: o, Study: rs[0].Study})
		},
		"correlations": func(rs []study.Result) (*Figure, error) {
			names, cov := fadingCovariance(rs)
			return CorrelationsWith(names, cov, CorrelationsOptions{Options: o, Study: rs[0].Study, Outcome: rs[0].Outcome})
		},
		"flow": func(rs []study.Result) (*Figure, error) {
			return FlowWith(flowOf(rs), FlowOptions{Options: o})
		},
		"power": func(rs []study.Result) (*Figure, error) {
			return PowerWith(designs(len(rs)), PowerOptions{Options: o, Study: rs[0].Study, Outcome: rs[0].Outcome, Planned: 64})
		},
		"sensitivity": func(rs []study.Result) (*Figure, error) {
			return SensitivityWith(planOf(rs), SensitivityOptions{Options: o})
		},
		"meta": func(rs []study.Result) (*Figure, error) {
			rows, pooled := metaRows(rs)
			return MetaWith(rows, pooled, MetaOptions{Options: o, Study: rs[0].Study, Better: study.LowerIsBetter})
		},
		"consort": func(rs []study.Result) (*Figure, error) {
			rep := anyConsort(uint64(len(rs)))
			rep.Protocol.Title, rep.Protocol.Simulated = rs[0].Study.Title, rs[0].Study.Simulated
			return ConsortWith(rep, o)
		},
		"hypotheses": func(rs []study.Result) (*Figure, error) {
			rep := anyHypotheses(2+len(rs)%5, false)
			rep.Protocol.Title, rep.Protocol.Simulated = rs[0].Study.Title, rs[0].Study.Simulated
			return HypothesesWith(rep, o)
		},
		"events": func(rs []study.Result) (*Figure, error) {
			return AdverseEventsWith(anyEvents(rs), AdverseEventsOptions{Options: o})
		},
		"love": func(rs []study.Result) (*Figure, error) {
			return LoveWith(balanceOf(rs), LoveOptions{Options: o})
		},
		"contours": func(rs []study.Result) (*Figure, error) {
			m := stats.Meta{Estimate: stats.Estimate{Value: -1}}
			for _, r := range rs {
				for _, row := range r.Rows {
					m.Studies = append(m.Studies, stats.Estimate{Value: row.Estimate, SE: row.SE})
				}
			}
			return FunnelWith(m, FunnelOptions{Options: o, Study: rs[0].Study, Contours: true})
		},
		"funnel": func(rs []study.Result) (*Figure, error) {
			m := stats.Meta{Estimate: stats.Estimate{Value: -1}}
			for _, r := range rs {
				for _, row := range r.Rows {
					m.Studies = append(m.Studies, stats.Estimate{Value: row.Estimate, SE: row.SE})
				}
			}
			return FunnelWith(m, FunnelOptions{Options: o, Study: rs[0].Study, Unit: rs[0].Outcome.Unit, Better: rs[0].Outcome.Better})
		},
		"compose": func(rs []study.Result) (*Figure, error) {
			return ComposeWith(ComposeOptions{Options: o}, func(o Options) (*Figure, error) {
				return TrajectoriesWith(rs, TrajectoriesOptions{Options: o})
			}, func(o Options) (*Figure, error) {
				return MeanBarsWith(rs, MeanBarsOptions{Options: o})
			})
		},
		"forest": func(rs []study.Result) (*Figure, error) {
			return ForestWith(forestOf(rs), ForestOptions{Options: o})
		},
		"triangulation": func(rs []study.Result) (*Figure, error) {
			tr, err := onceTriangulated()
			if err != nil {
				return nil, err
			}
			return TriangulationWith(tr, TriangulationOptions{Options: o})
		},
		"agreement": func(rs []study.Result) (*Figure, error) {
			a, b := pairs(rs[len(rs)-1])
			return BlandAltmanWith(a, b, BlandAltmanOptions{Options: o, Study: rs[0].Study, Outcome: rs[0].Outcome,
				First: visitName(rs[0].Baseline), Second: visitName(rs[0].Visit)})
		},
	}
	for name, c := range chartsOfKinds(o) {
		all[name] = func(rs []study.Result) (*Figure, error) {
			ofIt, err := ofKind(rs, c.kind)
			if err != nil {
				return nil, err
			}
			return c.draw(ofIt)
		}
	}
	return all
}

// kindChart draws results of outcomes of a kind.
type kindChart struct {
	kind study.OutcomeKind
	draw func([]study.Result) (*Figure, error)
}

// chartsOfKinds are the charts of outcomes that are no measurements.
func chartsOfKinds(o Options) map[string]kindChart {
	return map[string]kindChart{
		"shares": {study.KindBinary, func(rs []study.Result) (*Figure, error) {
			return SharesWith(rs, SharesOptions{Options: o})
		}},
		"rates": {study.KindCount, func(rs []study.Result) (*Figure, error) {
			return RatesWith(rs, RatesOptions{Options: o})
		}},
		"categories": {study.KindOrdinal, func(rs []study.Result) (*Figure, error) {
			return CategoriesWith(rs, CategoriesOptions{Options: o})
		}},
	}
}

// armROC asks how well the change at each of the first visits tells the arms.
func armROC(rs []study.Result) ([]ROCLine, error) {
	var out []ROCLine
	for _, r := range rs[:min(3, len(rs))] {
		var cases, others []float64
		for _, rec := range r.Records {
			switch {
			case !rec.HasBaseline || !rec.HasFollow:
			case rec.Arm == r.Arms[0].ID:
				cases = append(cases, -rec.Change)
			default:
				others = append(others, -rec.Change)
			}
		}
		c, err := assoc.ROC(cases, others)
		if err != nil {
			return nil, fmt.Errorf("plot: test data: %w", err)
		}
		out = append(out, ROCLine{Label: visitName(r.Visit), Curve: c, Negated: true, Unit: r.Outcome.Unit})
	}
	return out, nil
}

func changeModel(r study.Result) (*regress.Fit, error) {
	var y, base []float64
	for _, rec := range r.Records {
		if rec.HasBaseline && rec.HasFollow {
			y, base = append(y, rec.Follow), append(base, rec.Baseline)
		}
	}
	m, err := regress.Linear(y, regress.Numeric("baseline", base))
	if err != nil {
		return nil, fmt.Errorf("plot: test data: %w", err)
	}
	return m, nil
}

func fadingCovariance(rs []study.Result) ([]string, [][]float64) {
	var names []string
	cov := make([][]float64, len(rs))
	for i, r := range rs {
		names = append(names, visitName(r.Visit))
		for j := range rs {
			sign := 1.0
			if i != j && (i+j)%5 == 4 {
				sign = -1
			}
			cov[i] = append(cov[i], sign*(1+float64(i))*(1+float64(j))*math.Pow(0.8, math.Abs(float64(i-j))))
		}
	}
	return names, cov
}

func flowOf(rs []study.Result) Disposition {
	last := rs[len(rs)-1]
	d := Disposition{Study: last.Study}
	for _, a := range last.Arms {
		arm := ArmDisposition{Label: armName(a)}
		lost := 0
		for _, r := range last.Records {
			if r.Arm == a.ID {
				arm.Allocated++
				if r.HasFollow {
					arm.Analyzed++
				} else {
					lost++
				}
			}
		}
		arm.Lost = []Reason{{"moved away", lost}}
		d.Randomized += arm.Allocated
		d.Arms = append(d.Arms, arm)
	}
	d.Excluded = []Reason{{"did not meet the criteria", 12}, {"declined", 3}}
	d.Assessed = d.Randomized + 15
	return d
}

// forestOf is a table of what the results compare.
func forestOf(rs []study.Result) ForestTable {
	t := ForestTable{Study: rs[0].Study, Arms: rs[0].Arms, Columns: []string{"n"}, Level: rs[0].Level,
		Axis: rs[0].Outcome.Label, Unit: rs[0].Outcome.Unit, Decimals: 1}
	for _, r := range rs {
		t.Rows = append(t.Rows, ForestRow{Label: visitName(r.Visit), Heading: true})
		for _, row := range r.Rows {
			t.Rows = append(t.Rows, ForestRow{Label: row.Arm, Effect: row.Effect, Cells: []string{fmt.Sprint(row.N[row.Arm])}})
		}
	}
	return t
}

// planOf is a plan as nexttrial makes it, of 40 an arm.
func planOf(rs []study.Result) nexttrial.Plan {
	p := nexttrial.Plan{Protocol: study.Protocol{Title: rs[0].Study.Title, Simulated: rs[0].Study.Simulated, Arms: rs[0].Arms}, Outcome: rs[0].Outcome, Power: 0.9, Analyzed: 40,
		Comparisons: []nexttrial.Comparison{{}}}
	s := &p.Sensitivity
	s.By, s.Rows, s.Effects = "sd", []float64{14.4, 18, 22.5}, []float64{-9.9, -13.2, -16.5}
	for i, sd := range s.Rows {
		s.Powers = append(s.Powers, nil)
		for k := range 33 {
			e := -13.2 * float64(k) / 20
			if i == 0 {
				s.Curve = append(s.Curve, e)
			}
			s.Powers[i] = append(s.Powers[i], power.TDesign{N: 40, Effect: e / sd}.Power())
		}
	}
	return p
}

func designs(n int) []PowerLine {
	var out []PowerLine
	for i := range min(n, 4) {
		l := PowerLine{Label: fmt.Sprintf("Δ %d mm, SD 20 mm", 8+2*i)}
		for k := 5.0; k <= 150; k += 5 {
			l.Points = append(l.Points, PowerPoint{k, power.TDesign{N: k, Effect: float64(8+2*i) / 20}.Power()})
		}
		out = append(out, l)
	}
	return out
}

func metaRows(rs []study.Result) ([]MetaRow, []MetaPooled) {
	var rows []MetaRow
	for _, r := range rs {
		for _, row := range r.Rows {
			rows = append(rows, MetaRow{visitName(r.Visit), row.Estimate, row.Lower, row.Upper, 1 / (row.SE * row.SE)})
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, []MetaPooled{{Label: "Random effects", Estimate: -1, Lower: -2, Upper: 0, PredictLower: -4, PredictUpper: 2,
		Tau2: 0.5, I2: 61, Q: 9.4, QDF: 4, QP: 0.052}}
}

func pairs(r study.Result) (a, b []float64) {
	for _, rec := range r.Records {
		if rec.HasBaseline && rec.HasFollow {
			a, b = append(a, rec.Baseline), append(b, rec.Follow)
		}
	}
	return a, b
}

// ofKind is the trial with an outcome of another kind in place of the measurement: yes
// where the value of a visit is above the middle of all of its values, or a category a
// quarter.
func ofKind(rs []study.Result, kind study.OutcomeKind) ([]study.Result, error) {
	p := study.Protocol{Title: rs[0].Study.Title, Simulated: rs[0].Study.Simulated, Arms: rs[0].Arms, Baseline: study.NoBaseline}
	columns := map[string]string{}
	rows := map[string][]string{}
	for i, r := range rs {
		p.Visits = append(p.Visits, r.Visit)
		columns[r.Visit.ID] = fmt.Sprintf("v%d", i)
		var values []float64
		for _, rec := range r.Records {
			if rec.HasFollow {
				values = append(values, rec.Follow)
			}
		}
		slices.Sort(values)
		for _, rec := range r.Records {
			row := rows[rec.ID]
			if row == nil {
				row = append([]string{rec.ID, rec.Arm}, make([]string, 2*len(rs))...)
				rows[rec.ID] = row
			}
			if rec.HasFollow {
				row[2+i], row[2+len(rs)+i] = "0", fmt.Sprintf("%d.5", 1+len(rec.ID)%3)
				if rec.Follow > values[len(values)/2] {
					row[2+i] = "1"
				}
				if kind != study.KindBinary { // a quarter each, the upper half as above
					for _, q := range []int{1, 2, 3} {
						if rec.Follow > values[q*len(values)/4] {
							row[2+i] = fmt.Sprint(q)
						}
					}
				}
			}
		}
	}
	o := rs[0].Outcome
	p.Outcomes = []study.Outcome{{ID: o.ID, Label: o.Label, Kind: kind, Better: o.Better, Baseline: study.NoBaseline}}
	if kind == study.KindOrdinal {
		p.Outcomes[0].Levels = []string{"0", "1", "2", "3"}
	}
	p.Data = study.DataSpec{Layout: study.Wide, Participant: "id", Arm: "arm", Columns: map[string]map[string]string{o.ID: columns}}
	var b strings.Builder
	w := csv.NewWriter(&b)
	head := []string{"id", "arm"}
	for i := range rs {
		head = append(head, fmt.Sprintf("v%d", i))
	}
	exposure := map[string]string{}
	for i, r := range rs {
		head = append(head, fmt.Sprintf("t%d", i))
		exposure[r.Visit.ID] = fmt.Sprintf("t%d", i)
	}
	if kind == study.KindCount {
		p.Data.Exposure = map[string]map[string]string{o.ID: exposure}
	}
	lines := [][]string{head}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		lines = append(lines, rows[id])
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, err
	}
	ds, err := study.Load(strings.NewReader(b.String()), "d.csv", p)
	if err != nil {
		return nil, fmt.Errorf("plot: no such trial: %w", err) // of an arm nobody is in
	}
	rep, err := ds.AnalyzeAll()
	return rep.Results, err
}
