package plot

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// plainCharts are the charts that take other things than the results of one
// outcome, fed from such results.
func plainCharts(o Options) map[string]func([]study.Result) (*Figure, error) {
	return map[string]func([]study.Result) (*Figure, error){
		"histogram": func(rs []study.Result) (*Figure, error) {
			return HistogramWith(rs[len(rs)-1], HistogramOptions{Options: o})
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
			return PowerWith(designs(len(rs)), PowerOptions{Options: o, Study: rs[0].Study, Planned: 64})
		},
		"meta": func(rs []study.Result) (*Figure, error) {
			rows, pooled := metaRows(rs)
			return MetaWith(rows, pooled, MetaOptions{Options: o, Study: rs[0].Study, Better: study.LowerIsBetter})
		},
		"agreement": func(rs []study.Result) (*Figure, error) {
			a, b := pairs(rs[len(rs)-1])
			return BlandAltmanWith(a, b, BlandAltmanOptions{Options: o, Study: rs[0].Study, Outcome: rs[0].Outcome,
				First: visitName(rs[0].Baseline), Second: visitName(rs[0].Visit)})
		},
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
		c, err := stats.ROC(cases, others)
		if err != nil {
			return nil, fmt.Errorf("plot: test data: %w", err)
		}
		out = append(out, ROCLine{Label: visitName(r.Visit), Curve: c, Negated: true, Unit: r.Outcome.Unit})
	}
	return out, nil
}

func changeModel(r study.Result) (*stats.LinearModel, error) {
	var y, base []float64
	for _, rec := range r.Records {
		if rec.HasBaseline && rec.HasFollow {
			y, base = append(y, rec.Follow), append(base, rec.Baseline)
		}
	}
	m, err := stats.Linear(y, stats.Numeric("baseline", base))
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

func designs(n int) []PowerLine {
	var out []PowerLine
	for i := range min(n, 4) {
		l := PowerLine{Label: fmt.Sprintf("Δ %d mm, SD 20 mm", 8+2*i)}
		for k := 5.0; k <= 150; k += 5 {
			l.Points = append(l.Points, PowerPoint{k, stats.TDesign{N: k, Effect: float64(8+2*i) / 20}.Power()})
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

func TestPlainChartsLayout(t *testing.T) {
	shapes := map[string]trial{"small": smallTrial(), "big": randomTrial(2, 6, 40, 0.05),
		"four": randomTrial(4, 5, 12, 0.02), "twelve": randomTrial(3, 12, 8, 0.02)}
	for name, tr := range shapes {
		for _, lang := range []string{"en", "nl"} {
			x := tr
			if lang == "nl" {
				x = dutch(tr)
			}
			rs := x.results(t)
			for _, width := range []float64{75, 85, 174} {
				for chart, draw := range plainCharts(Options{Width: width, Lang: lang}) {
					t.Run(fmt.Sprint(name, "/", lang, "/", width, "/", chart), func(t *testing.T) {
						f, err := draw(rs)
						if chart == "flow" && err != nil { // it says what it needs
							assert.ErrorContains(t, err, "make it wider")
							assert.Greater(t, float64(len(rs[0].Arms))*45, width*0.75, "there is room")
							return
						}
						require.NoError(t, err)
						assert.Empty(t, layoutProblems(f))
					})
				}
			}
		}
	}
}

func TestPlainChartsInEveryStyle(t *testing.T) {
	for lang, tr := range map[string]trial{"en": smallTrial(), "nl": dutch(smallTrial())} {
		rs := tr.results(t)
		word := map[string]string{"en": "SIMULATED", "nl": "GESIMULEERD"}[lang]
		for _, st := range []Style{Lancet(), JAMA(), NEJM(), BMC(), Nature(), Slides(), {Palette: PaletteGrey}} {
			for chart, draw := range plainCharts(Options{Style: st, Lang: lang}) {
				t.Run(st.Name+"/"+lang+"/"+chart, func(t *testing.T) {
					f, err := draw(rs)
					require.NoError(t, err)
					assert.Empty(t, layoutProblems(f))
					assert.Contains(t, f.Caption(), word)
					assert.Contains(t, f.Alt(), word)
				})
			}
		}
	}
}

func TestPlainChartsOfOddTrials(t *testing.T) {
	for name, tr := range oddTrials() {
		rs := tr.results(t)
		for chart, draw := range plainCharts(Options{}) {
			t.Run(name+"/"+chart, func(t *testing.T) {
				f, err := draw(rs)
				if err != nil {
					assert.Contains(t, err.Error(), "plot: ")
					return
				}
				for _, m := range f.render().Marks {
					for _, c := range m.Path {
						assert.True(t, finite(float64(c.Pos.X), float64(c.Pos.Y)))
					}
				}
				assert.Empty(t, layoutProblems(f))
				var b bytes.Buffer
				require.NoError(t, f.Write(&b, SVG))
				assert.NotContains(t, b.String(), "NaN")
			})
		}
	}
}

func TestPlainChartsRefuseBadOptions(t *testing.T) {
	rs := smallTrial().results(t)
	for _, o := range []Options{{Lang: "xx"}, {Width: 5}, {Height: -1}, {Style: Style{Size: 1}}} {
		for chart, draw := range plainCharts(o) {
			_, err := draw(rs)
			assert.ErrorContains(t, err, "plot: ", "%s %+v", chart, o)
		}
	}
}

// The words of every chart's PDF come out again as they went in.
func TestWordsOfPDFs(t *testing.T) {
	tool := pdftotext(t)
	rs := dutch(smallTrial()).results(t)
	all := charts(Options{Lang: "nl", Width: 174})
	for k, v := range plainCharts(Options{Lang: "nl", Width: 174}) {
		all[k] = v
	}
	squeeze := regexp.MustCompile(`\s+`)
	for chart, draw := range all {
		f, err := draw(rs)
		require.NoError(t, err, chart)
		var b bytes.Buffer
		require.NoError(t, f.Write(&b, PDF))
		cmd := exec.Command(tool, "-raw", "-", "-")
		cmd.Stdin = &b
		out, err := cmd.Output()
		require.NoError(t, err, chart)
		got := squeeze.ReplaceAllString(string(out), "")
		for _, m := range f.render().Marks {
			if m.Kind == render.MarkText && math.Abs(m.Angle) < 1e-9 {
				want := squeeze.ReplaceAllString(strings.ReplaceAll(m.Text, "\u00a0", " "), "")
				assert.Contains(t, got, want, chart)
			}
		}
	}
}
