package simulate

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// whole answers a plan as study does: it writes the trial as a file, loads it and asks
// Dataset.Answer. It is the answer to plans that have no faster way, and to the odd trial
// (no variation, an arm without values) in which the reason for no estimate is study's to
// say. It costs about a hundred times the faster ways.
type whole struct {
	plan study.Plan
	j    []*judge
	p    study.Protocol // with the simulator's own file layout
	buf  bytes.Buffer
}

func newWhole(w *world, q study.Plan, j []*judge) *whole {
	return &whole{plan: q, j: j, p: w.layout()}
}

// layout is the protocol with its data where the simulator writes them.
func (w *world) layout() study.Protocol {
	p := w.protocol
	p.Outcomes, p.Plans, p.Subgroups, p.Flow = nil, nil, nil, study.Screening{}
	p.Arms = slices.Clone(p.Arms)
	for i := range p.Arms {
		p.Arms[i].Randomized = w.truth.Patients[p.Arms[i].ID]
	}
	d := study.DataSpec{Layout: study.Wide, Participant: "id", Arm: "arm", Delimiter: ",", Decimal: ".", Columns: map[string]map[string]string{}}
	for i, v := range w.outcomes {
		o := v.Outcome
		if o.Kind == "" {
			o.Kind = study.KindContinuous
		}
		p.Outcomes = append(p.Outcomes, o)
		d.Columns[o.ID] = map[string]string{}
		for j, c := range v.cells {
			name := fmt.Sprintf("y%d.%d", i, j)
			if c.base && c.visit == columnBaseline && !slices.ContainsFunc(p.Visits, func(v study.Visit) bool { return v.ID == columnBaseline }) {
				if d.Baseline == nil {
					d.Baseline = map[string]string{}
				}
				d.Baseline[o.ID] = name
				continue
			}
			d.Columns[o.ID][c.visit] = name
		}
		if o.Counted() {
			if d.Exposure == nil {
				d.Exposure = map[string]map[string]string{}
			}
			d.Exposure[o.ID] = map[string]string{}
			for j, c := range v.cells {
				d.Exposure[o.ID][c.visit] = fmt.Sprintf("e%d.%d", i, j)
			}
		}
	}
	for i, f := range w.factors {
		name := fmt.Sprintf("c%d", i)
		if f.id == p.Randomization.Column {
			p.Randomization.Column = name
		}
		for _, c := range w.protocol.Data.Covariates {
			if c.ID == f.id || c.Column == w.protocol.Randomization.Column && f.id == c.Column {
				c.Column, c.At, c.Min, c.Max, c.Levels = name, "", 0, 0, nil
				d.Covariates = append(d.Covariates, c)
			}
		}
	}
	p.Data = d
	return p
}

// write writes the trial as a file of the layout.
func (t *trial) write(buf *bytes.Buffer) {
	w := t.w
	buf.Reset()
	buf.WriteString("id,arm")
	for i, v := range w.outcomes {
		for j := range v.cells {
			fmt.Fprintf(buf, ",y%d.%d", i, j)
			if v.Counted() {
				fmt.Fprintf(buf, ",e%d.%d", i, j)
			}
		}
	}
	for i := range w.factors {
		fmt.Fprintf(buf, ",c%d", i)
	}
	b := buf.AvailableBuffer()
	for a, arm := range w.arms {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			b = append(b, "\nP"...)
			b = strconv.AppendInt(b, int64(1_000_000+p), 10)
			b = append(b, ',')
			b = append(b, quoted(arm.ID)...)
			for i, v := range w.outcomes {
				for j := range v.cells {
					b = append(b, ',')
					if t.seen[i] == nil || t.seen[i][j][p] {
						if y := t.y[i][j][p]; v.Ordinal() {
							b = append(b, quoted(v.Levels[int(y)-1])...)
						} else {
							b = strconv.AppendFloat(b, y, 'f', -1, 64)
						}
					}
					if v.Counted() {
						b = append(b, ',')
						b = strconv.AppendFloat(b, w.truth.Outcomes[v.ID].Exposure, 'f', -1, 64)
					}
				}
			}
			for i, f := range w.factors {
				b = append(b, ',')
				if f.category {
					b = append(b, quoted(f.levels[t.level[i][p]])...)
				} else {
					b = strconv.AppendFloat(b, f.Mean+f.SD*t.x[i][p], 'f', -1, 64)
				}
			}
		}
	}
	buf.Write(append(b, '\n'))
}

// quoted is a field of a text file.
func quoted(s string) string {
	return `"` + string(bytes.ReplaceAll([]byte(s), []byte(`"`), []byte(`""`))) + `"`
}

// dataset is the trial as study reads it.
func (e *whole) dataset(t *trial) (*study.Dataset, error) {
	t.write(&e.buf)
	return study.Load(&e.buf, "simulated.csv", e.p)
}

func (e *whole) find(t *trial, out []finding) {
	ds, err := e.dataset(t)
	var rows []study.Row
	if err == nil {
		rows, err = ds.Answer(t.ctx, e.plan)
	}
	if err != nil {
		t.err = fmt.Errorf("simulate: trial %d: %w", t.number, err)
		for a := range out {
			out[a] = finding{failure: "error", whole: true}
		}
		return
	}
	for a := range out {
		out[a] = e.j[a].row(rows[a])
	}
}

// row is the finding of a row of study's.
func (j *judge) row(r study.Row) finding {
	f := finding{whole: true}
	switch {
	case r.Withheld():
		f.withheld, f.value, f.se, f.df = true, r.Estimate, r.SE, r.DF
		return f
	case r.Effect == nil || math.IsNaN(r.Estimate):
		f.failure = "no-estimate"
		for _, n := range r.Notes {
			if slices.Contains(failures, n.Code) {
				f.failure = n.Code
			}
		}
		return f
	}
	if e, ok := r.Effect.(stats.Estimate); ok {
		f = j.effect(e, nil)
	} else {
		ci := stats.Interval{Lo: r.Lower, Hi: r.Upper, Level: r.Level, LoOpen: r.LoOpen, HiOpen: r.HiOpen}
		f = j.effect(r.Effect, &ci)
		f.rejected = r.P < r.Alpha
	}
	switch { // what study decided stands
	case r.NonInferiority != nil:
		f.rejected = r.NonInferiority.Shown
	case r.Equivalence != nil:
		f.rejected = r.Equivalence.Shown
	}
	f.judged = r.Judgement != nil
	if f.judged {
		f.benefit, f.harm, f.both = levelOf(r.Judgement.Benefit), levelOf(r.Judgement.Harm), r.Judgement.ImportantBoth
	}
	f.whole, f.se, f.df = true, r.SE, r.DF
	f.noStandard = math.IsNaN(r.SE)
	return f
}

// failures are the codes of study's notes that say why there is no estimate.
var failures = []string{"empty-arm", "too-few", "no-variation", "singular", "not-computable", "not-converged", "strata-too-many", "hc3-alone", "hc3-none",
	"covariance-none"}
