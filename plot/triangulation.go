package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/mcid"
)

// TriangulationOptions are the choices of TriangulationWith.
type TriangulationOptions struct {
	Options
	// AnchorOnly leaves the distribution-based values out.
	AnchorOnly bool
}

// Triangulation answers "how large must a change be for patients to call it
// important, and how much does the answer depend on the method?": the value of
// each method with its interval, anchor-based ones above, and below, with open
// symbols and named as no evidence of importance, what comes from the spread
// of the scores alone. The shaded band is the range of the anchor-based
// values: read first how wide it is. The convention follows the triangulation
// figures of Revicki et al. 2008, doi:10.1016/j.jclinepi.2007.03.012.
func Triangulation(tr mcid.Triangulation) (*Figure, error) {
	return TriangulationWith(tr, TriangulationOptions{})
}

// TriangulationWith is Triangulation with choices.
func TriangulationWith(tr mcid.Triangulation, o TriangulationOptions) (*Figure, error) {
	if len(tr.Rows) == 0 {
		return nil, fmt.Errorf("plot: Triangulation: no method has a value")
	}
	if !(tr.Level > 0 && tr.Level < 1) {
		return nil, fmt.Errorf("plot: Triangulation: confidence level %v", tr.Level)
	}
	t, err := newTheme(o.Options, true, tr.Study)
	if err != nil {
		return nil, err
	}
	f := t.figure("plot-triangulation-title", map[string]any{"outcome": name(tr.Outcome.Label, tr.Outcome.ID)})
	rows := t.triangulationRows(tr, o.AnchorOnly)
	pn, left := t.triangulationPanel(tr, rows)
	f.panels = []*panel{pn}
	foot := []string{t.say("plot-triangulation-method", map[string]any{"level": t.level(tr.Level),
		"events": tr.Events, "n": tr.N, "r": t.num(tr.Anchor.Value, 2)})}
	if !math.IsNaN(tr.AnchorLow) {
		foot = append(foot, t.say("plot-triangulation-band", nil))
	}
	var alts []string
	open := false
	for _, r := range rows {
		if r.heading {
			continue
		}
		open = open || r.row.Evidence == mcid.DistributionBased
		alts = append(alts, t.say("plot-alt-triangulation", map[string]any{"method": strings.ReplaceAll(r.label, "\n", " "),
			"value": t.derived(r.row, tr.Outcome.Digits())}))
	}
	if open {
		foot = append(foot, t.say("plot-triangulation-open", nil))
	}
	if left != nil { // the caption has their numbers
		f.note(append(foot, left...), alts...)
	} else {
		f.note(foot)
	}
	f.tell(t.triangulationAnswer(tr), alts...)
	return f, nil
}

// triangulationAnswer is the range of the anchor-based values, or of all.
func (t *theme) triangulationAnswer(tr mcid.Triangulation) string {
	code, lo, hi := "plot-alt-anchors", tr.AnchorLow, tr.AnchorHigh
	if math.IsNaN(lo) {
		code = "plot-alt-values"
		for _, r := range tr.Rows {
			if math.IsNaN(lo) || r.Value < lo {
				lo = r.Value
			}
			if math.IsNaN(hi) || r.Value > hi {
				hi = r.Value
			}
		}
	}
	d := tr.Outcome.Digits()
	return t.say(code, map[string]any{"n": len(tr.Rows), "low": t.num(lo, d), "high": t.num(hi, d), "unit": tr.Outcome.Unit})
}

// triangulationRow is a line of the figure: a method or a heading.
type triangulationRow struct {
	label   string
	heading bool
	row     mcid.DerivedRow
}

func (t *theme) triangulationRows(tr mcid.Triangulation, anchorOnly bool) []triangulationRow {
	var out []triangulationRow
	for _, g := range []struct {
		evidence mcid.Evidence
		title    string
	}{{mcid.AnchorBased, "plot-triangulation-anchor"}, {mcid.DistributionBased, "plot-triangulation-distribution"}} {
		if anchorOnly && g.evidence == mcid.DistributionBased {
			continue
		}
		first := true
		for _, r := range tr.Rows {
			if r.Evidence != g.evidence {
				continue
			}
			if first {
				out = append(out, triangulationRow{label: t.say(g.title, nil), heading: true})
				first = false
			}
			out = append(out, triangulationRow{label: t.midline(t.say("derive-method-"+r.Method, nil)), row: r})
		}
	}
	for i, r := range out {
		sty, indent := t.rowStyle(rowLabel{bold: r.heading, indent: !r.heading})
		room := t.width*0.31 - indent - t.size()
		if r.heading {
			room = t.width * headingRoom
		}
		out[i].label = t.rowName(sty, r.label, room)
	}
	return out
}

func (t *theme) triangulationPanel(tr mcid.Triangulation, rows []triangulationRow) (pn *panel, left []string) {
	height := 0.0
	ys := make([]float64, len(rows))
	for k := len(rows) - 1; k >= 0; k-- {
		h := 0.6 + render.LineHeight*float64(lineCount(rows[k].label))
		ys[k] = height + h/2
		height += h
	}
	pn = t.newPanel(0, 0, t.size()*vg.Length(height))
	p := pn.plot
	pn.least = t.size() * forestRoom
	setRange(&p.Y, 0, height)
	anchor := intervalMarks{theme: t, look: t.plainLook(0), flat: true, scale: 0.85}
	spread := intervalMarks{theme: t, look: look{color: inkGray, marker: diamondMarker, arm: study.Arm{Control: true}}, flat: true, scale: 0.85}
	column := textColumn{header: t.say("plot-triangulation-column", map[string]any{"level": t.level(tr.Level)})}
	var gaps []gap // of headings, from the bottom up
	var xs span
	xs.add(0)
	for k, r := range rows {
		pn.rows = append(pn.rows, rowLabel{y: ys[k], text: r.label, bold: r.heading, indent: !r.heading, span: r.heading})
		if r.heading {
			half := 0.3 + render.LineHeight*float64(lineCount(r.label))/2
			gaps = append([]gap{{ys[k] - half, ys[k] + half}}, gaps...)
			continue
		}
		i := interval{ys[k], r.row.Value, r.row.Lower, r.row.Upper}
		if r.row.Evidence == mcid.AnchorBased {
			anchor.items = append(anchor.items, i)
		} else {
			spread.items = append(spread.items, i)
		}
		xs.add(i.value, i.lo, i.hi)
		column.cells = append(column.cells, textCell{ys[k], t.derived(r.row, tr.Outcome.Digits())})
	}
	column.width = t.columnWidth(column)
	lo, hi := niceRange(xs.lo, xs.hi, 6)
	setRange(&p.X, lo, hi)
	code := "plot-triangulation-axis"
	if tr.Worsening {
		code += "-worse"
	}
	if tr.Outcome.Unit == "" {
		code += "-unitless"
	}
	label := t.say(code, map[string]any{"outcome": tr.Outcome.ShortLabel(), "unit": tr.Outcome.Unit})
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	p.Y.Tick.Marker = Labels{}
	p.Y.Padding = 0
	if !math.IsNaN(tr.AnchorLow) {
		pn.add(&bandMarks{color: bandGray, rects: bandRows(tr.AnchorLow, tr.AnchorHigh, height, gaps)})
	}
	pn.add(&refLine{theme: t, value: 0, upright: true, color: inkGray, gaps: gaps})
	pn.add(&spread)
	pn.add(&anchor)
	pn.columns = []textColumn{column}
	room := t.width - t.rowsWidth(pn.rows) - t.columnsWidth(pn.columns) - t.size()*2
	if room < t.width*0.33 { // too narrow for the numbers: they are in the table
		left = t.columnsLeft(pn.columns, nil)
		pn.columns = nil
		room = t.width - t.rowsWidth(pn.rows) - t.size()*2
	}
	p.X.Label.Text = t.across(label, room*1.6)
	p.X.Tick.Marker = t.ticksFor(room)
	return pn, left
}

// derived writes a method's value with its interval.
func (t *theme) derived(r mcid.DerivedRow, decimals int) string {
	if math.IsNaN(r.Lower) || math.IsNaN(r.Upper) {
		return t.num(r.Value, decimals)
	}
	return t.say("plot-estimate", map[string]any{"value": t.num(r.Value, decimals),
		"lower": t.num(r.Lower, decimals), "upper": t.num(r.Upper, decimals)})
}
