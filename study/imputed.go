package study

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// This file says what a comparison is where values are missing, under what a plan
// assumes of them (Imputing).

// fitImputation fits the model that imputes, with the plan's covariance structure or the
// first of its order that converges, which it names.
func (d *Dataset) fitImputation(ctx context.Context, p Plan, reference string, references map[string]string, data *impute.Data) (fit *impute.Fit, structure string, err error) {
	m := impute.Model{ByArm: p.CovarianceByArm}
	if m.References = maps.Clone(references); reference != "" && reference != d.Control().ID {
		m.References = map[string]string{}
		for _, a := range d.ActiveArms() {
			m.References[a.ID] = reference
		}
	}
	order := []string{mmrm.Unstructured.String()}
	switch {
	case p.Model != MMRM:
	case p.Covariance != "":
		order = []string{p.Covariance}
	case len(p.CovarianceOrder) > 0:
		order = p.CovarianceOrder
	}
	for _, structure = range order {
		if m.Covariance, err = mmrm.ParseCovariance(structure); err != nil {
			return nil, "", err
		}
		if fit, err = m.FitContext(ctx, data); err == nil || !errors.Is(err, stats.ErrNotConverged) {
			break
		}
	}
	return fit, structure, err
}

// Imputed says what was imputed of a row, and how.
type Imputed struct {
	Imputing // with the engine that was used, and of every event what was assumed
	// Variance is the one that decides, VarianceRepeatedSampling or
	// VarianceInformationAnchored.
	Variance string
	// Values counts, by arm, the participants whose value at the visit was imputed,
	// Baselines those whose baseline is the mean of all.
	Values    map[string]int
	Baselines int
	// Chained says from what the values were drawn; nil but of EngineChained.
	Chained *ChainedImputation
	// Imputations is how many completed data sets were pooled, 0 of conditional means;
	// MonteCarlo is how far their estimate would move with others, on the scale of the row's
	// standard error.
	Imputations                 int
	FractionMissing, MonteCarlo float64
	// Responders are the patients who improved by the outcome's threshold for one patient;
	// nil where it has none, or nothing could be drawn.
	Responders *ImputedResponders
	// Other is the same comparison with the other variance; nil where there is none.
	Other                  *stats.Estimate
	OtherLower, OtherUpper float64
}

// ImputedResponders compares the shares of patients whose change from baseline is an
// improvement by Threshold or more, where missing values are drawn: a share is not linear
// in the values, so that conditional means do not serve. Shares and their difference are
// averages over completed data sets, the interval is Rubin's with the variances of
// Agresti and Caffo (2000, American Statistician 54:280–288; large-sample), at the row's
// level. Those whose baseline is missing stay out.
type ImputedResponders struct {
	Threshold    Threshold
	N            map[string]int     // by arm
	Shares       map[string]float64 // by arm
	Difference   stats.Estimate     // active − control
	Lower, Upper float64
}

// imputed reports whether the method imputes.
func (m Method) imputed() bool {
	return m == MethodConditionalMean || strings.HasPrefix(string(m), string(MethodMultipleImputation))
}

// referenceBased reports whether the plan's assumptions look to another arm.
func (p Plan) referenceBased() bool {
	look := func(s string) bool {
		return s == impute.J2R.String() || s == impute.CR.String() || s == impute.CIR.String()
	}
	return look(p.Impute.Assume) || slices.ContainsFunc(p.Impute.Events, func(e EventAssumption) bool { return look(e.Assume) })
}

// drawn reports whether missing values are drawn, not put in as conditional means.
func (p Plan) drawn() bool {
	if p.Impute.Engine != "" {
		return p.Impute.Engine != EngineConditional
	}
	return p.referenceBased() && p.Variance != VarianceRepeatedSampling
}

// leastRetrieved is how many retrieved dropouts an arm must have for the others to be
// imputed from them.
const leastRetrieved = 10

// retrieved counts, by arm, those with a value at the visit after an event of treatment
// policy.
func (d *Dataset) retrieved(p Plan, event string) map[string]int {
	out := map[string]int{}
	v := slices.IndexFunc(d.answers.visits, func(x Visit) bool { return x.ID == p.Visit })
	for k, x := range d.participants {
		if c := d.answers.cells[k][v]; c.Use == estimand.ObservedAfter && c.Event == event {
			out[x.Arm]++
		}
	}
	return out
}

// of is what is assumed after an event; "" where nothing of its own is.
func (m Imputing) of(event string) string {
	i := slices.IndexFunc(m.Events, func(e EventAssumption) bool { return e.Event == event })
	if i < 0 {
		return ""
	}
	return m.Events[i].Assume
}

// imputing is what is imputed, and what is assumed of every event: after those of treatment
// policy the retrieved dropouts, where every arm has enough of them.
func (c *comparison) imputing(d *Dataset) (used Imputing, in *imputable) {
	p := c.plan
	used = p.Impute
	used.Events = slices.Clone(used.Events)
	if d.answers != nil {
		for _, h := range d.answers.estimand.Strategies {
			if h.Strategy != estimand.TreatmentPolicy || used.of(h.Event) != "" {
				continue
			}
			assume, n := used.Assume, d.retrieved(p, h.Event)
			if !slices.ContainsFunc(c.arms, func(a Arm) bool { return n[a.ID] < leastRetrieved }) {
				assume = AssumeRetrieved
			}
			used.Events = append(used.Events, EventAssumption{h.Event, assume})
		}
	}
	parse := func(s string) impute.Strategy {
		out, err := impute.ParseStrategy(s)
		if err != nil {
			panic(err) // which checkImpute has refused
		}
		return out
	}
	return used, d.imputable(p, true, func(why loss, event string) impute.Strategy {
		switch why {
		case lostAside:
			return impute.MAR
		case lostAfter:
			return parse(used.of(event))
		}
		return parse(used.Assume)
	})
}

// imputedRows are the plan's comparison of completed values.
func (c *comparison) imputedRows(ctx context.Context, d *Dataset) ([]Row, []LSMean, error) {
	p := c.plan
	used, in := c.imputing(d)
	drawn := p.drawn()
	used.Engine = EngineConditional
	variance := VarianceRepeatedSampling
	if drawn {
		used.Engine, variance = p.Impute.Engine, VarianceInformationAnchored
	}
	slot, _ := d.slot(p.Outcome, p.Visit)
	missing := map[string]int{}
	for _, x := range in.people {
		missing[x.Arm] += btoi(!x.cells[slot].ok)
	}
	var rows []Row
	for _, a := range c.active() {
		row := c.rowWith(p.Method(), Between, a.ID, func(r *Record) string { return in.reasons[r.ID] })
		row.Imputed = &Imputed{Imputing: used, Variance: variance, Values: map[string]int{}, Baselines: in.filled, FractionMissing: math.NaN(), MonteCarlo: math.NaN(),
			OtherLower: math.NaN(), OtherUpper: math.NaN()}
		for arm := range row.N {
			row.Imputed.Values[arm] = missing[arm]
			row.Observed[arm] = row.N[arm] - missing[arm]
		}
		rows = append(rows, row)
	}
	fail := func(err error) ([]Row, []LSMean, error) {
		if e := ctx.Err(); e != nil {
			return nil, nil, e
		}
		for i := range rows {
			rows[i].Notes = append(rows[i].Notes, Note{Code: imputationFault(err)})
		}
		return rows, nil, nil
	}
	visit, ok := in.visits[p.Visit]
	if !ok {
		return fail(stats.ErrTooFew)
	}
	if in.noMean() {
		return fail(errNoMean)
	}
	fit, _, err := d.fitImputation(ctx, p, p.Impute.Reference, p.Impute.References, in.data)
	if err != nil {
		return fail(err)
	}
	decides, err := c.completed(ctx, fit, visit, drawn)
	if err != nil {
		return fail(err)
	}
	other, otherErr := c.completed(ctx, fit, visit, !drawn)
	if e := ctx.Err(); e != nil {
		return nil, nil, e
	}
	var means []LSMean
	for i := range rows {
		row := &rows[i]
		x := row.Imputed
		row.fill(decides.differences[row.Arm])
		if drawn {
			x.Engine = decides.engine
		}
		x.Imputations, x.FractionMissing, x.MonteCarlo = decides.imputations, decides.fraction[row.Arm], decides.monteCarlo[row.Arm]
		row.Notes = append(row.Notes, Note{Code: fmt.Sprintf("imputed-%s", used.Assume)})
		if decides.redrawn > 0 {
			row.Notes = append(row.Notes, Note{Code: "imputed-redrawn", Args: text.Args{"n": decides.redrawn, "of": decides.imputations + decides.redrawn}})
		}
		if p.DF != "" {
			row.Notes = append(row.Notes, Note{Code: "imputed-df", Args: text.Args{"df": p.DF}})
		}
		if x.Baselines > 0 {
			row.Notes = append(row.Notes, Note{Code: "imputed-baselines", Args: text.Args{"n": x.Baselines}})
		}
		from := decides
		if !drawn {
			from = other
		}
		if from != nil {
			if x.Responders, err = c.imputedResponders(from.drawn, in, slot, visit, *row); err != nil {
				return nil, nil, err
			}
		}
		if otherErr == nil {
			e := other.differences[row.Arm]
			ci := e.CI(p.Level)
			x.Other, x.OtherLower, x.OtherUpper = &e, ci.Lo, ci.Hi
		} else {
			row.Notes = append(row.Notes, Note{Code: "imputed-no-other"})
		}
	}
	for _, a := range c.arms {
		if e, ok := decides.means[a.ID]; ok && len(rows) > 0 {
			n := 0
			for _, x := range in.people {
				n += btoi(x.Arm == a.ID && x.cells[slot].ok)
			}
			means = append(means, LSMean{Arm: a.ID, Visit: p.Visit, Method: p.Method(), Level: p.Level, N: n, Estimate: e})
		}
	}
	return rows, means, nil
}

// redrawn: one bootstrap sample in so many may be replaced by another where the model has
// no fit in it, as where those who had an event and were observed afterwards are few.
const redrawn = 10

// completedAnalysis is the analysis of completed values, by arm.
type completedAnalysis struct {
	differences, means   map[string]stats.Estimate
	fraction, monteCarlo map[string]float64
	imputations          int
	engine               string // that drew
	redrawn              int    // bootstrap samples without a fit, replaced
	drawn                *impute.Imputations
}

// completed analyzes conditional means, or completed data sets that are drawn: more of
// them where the p-value lies within two Monte Carlo errors of 1 − level.
func (c *comparison) completed(ctx context.Context, fit *impute.Fit, visit string, drawn bool) (*completedAnalysis, error) {
	out := &completedAnalysis{map[string]stats.Estimate{}, map[string]stats.Estimate{}, map[string]float64{}, map[string]float64{}, 0, "", 0, nil}
	control := c.control().ID
	if !drawn {
		samples, err := fit.JackknifeContext(ctx)
		if err != nil {
			return nil, err
		}
		r, err := samples.AnalyzeContext(ctx, impute.Analysis{})
		if err != nil {
			return nil, err
		}
		for _, a := range c.arms {
			if out.means[a.ID], err = r.Mean(a.ID, visit); err != nil {
				return nil, err
			}
			if a.ID == control {
				continue
			}
			if out.differences[a.ID], err = r.Difference(a.ID, control, visit); err != nil {
				return nil, err
			}
			out.fraction[a.ID], out.monteCarlo[a.ID] = math.NaN(), math.NaN()
		}
		return out, nil
	}
	for m := firstImputations; ; m = moreImputations {
		o := impute.DrawOptions{Imputations: m, Seed: c.plan.Seed, Redraws: m / redrawn}
		switch c.plan.Impute.Engine {
		case EngineBootstrap:
			o.Engine = impute.BootstrapDraw
		case EngineBayes: // as declared, or not at all
			o.Engine = impute.Bayes
		}
		draws, err := fit.DrawContext(ctx, o)
		if err != nil {
			return nil, err
		}
		im, err := draws.ImputeContext(ctx)
		if err != nil {
			return nil, err
		}
		r, err := im.AnalyzeContext(ctx, impute.Analysis{})
		if err != nil {
			return nil, err
		}
		out.imputations, out.engine, out.redrawn, out.drawn = m, EngineBayes, draws.Redrawn, im
		if draws.Engine == impute.BootstrapDraw {
			out.engine = EngineBootstrap
		}
		again := false
		for _, a := range c.arms {
			mean, err := r.Mean(a.ID, visit)
			if err != nil {
				return nil, err
			}
			if out.means[a.ID] = mean.Estimate; a.ID == control {
				continue
			}
			es, err := r.Estimates(a.ID, control, visit)
			if err != nil {
				return nil, err
			}
			pooled, err := stats.PoolImputations(es)
			if err != nil {
				return nil, err
			}
			first := es[:min(len(es), firstImputations)]
			mc, err := impute.StabilityOf(first)
			if err != nil {
				return nil, err
			}
			near, err := nearAlpha(first, c.plan)
			if err != nil {
				return nil, err
			}
			scale := math.Sqrt(float64(min(len(es), firstImputations)) / float64(len(es)))
			out.differences[a.ID], out.fraction[a.ID], out.monteCarlo[a.ID] = pooled.Estimate, pooled.FractionMissing, mc.Estimate*scale
			again = again || near
		}
		if !again || m == moreImputations {
			return out, nil
		}
	}
}

// imputedResponders counts those who improved in every completed data set.
func (c *comparison) imputedResponders(im *impute.Imputations, in *imputable, slot int, visit string, row Row) (*ImputedResponders, error) {
	benefit, _ := c.outcome.PatientThreshold()
	base, _ := c.data.slot(c.outcome.ID, c.data.BaselineVisit(c.outcome.ID).ID)
	if benefit == nil || row.Effect == nil {
		return nil, nil
	}
	out := &ImputedResponders{Threshold: *benefit, N: map[string]int{row.Arm: 0, row.Control: 0}, Shares: map[string]float64{}}
	v := slices.Index(in.data.Visits, visit)
	var es []stats.Estimate
	for m := range im.Len() {
		values := im.Values(m)
		n, met := map[string]float64{}, map[string]float64{}
		for i, x := range in.people {
			if x.Arm != row.Arm && x.Arm != row.Control || !x.cells[base].ok {
				continue
			}
			change := values[i][v] - x.cells[base].Number
			if x.cells[slot].ok { // as it was read, without the rounding of a model
				change = x.value(slot).Minus(x.value(base))
			}
			n[x.Arm]++
			met[x.Arm] += float64(btoi(meetsThreshold(change, benefit.Value, c.outcome.Better.Sign())))
		}
		var share, v [2]float64
		for k, a := range []string{row.Arm, row.Control} {
			if n[a] == 0 {
				return nil, nil
			}
			out.N[a] = int(n[a])
			share[k] = met[a] / n[a]
			q := (met[a] + 1) / (n[a] + 2) // where all or none respond the variance is not 0
			v[k] = q * (1 - q) / (n[a] + 2)
			out.Shares[a] += share[k] / float64(im.Len())
		}
		es = append(es, stats.Estimate{Value: share[0] - share[1], SE: math.Sqrt(v[0] + v[1]), DF: n[row.Arm] + n[row.Control] - 2})
	}
	pooled, err := stats.PoolImputations(es)
	if err != nil {
		return nil, onlyData(err)
	}
	ci := pooled.CI(row.Level)
	out.Difference, out.Lower, out.Upper = pooled.Estimate, ci.Lo, ci.Hi
	return out, nil
}

// imputationFault is why nothing was imputed.
func imputationFault(err error) string {
	switch {
	case errors.Is(err, errNoMean):
		return "impute-no-mean"
	case errors.Is(err, stats.ErrTooFew):
		return "impute-too-few"
	}
	return "impute-no-fit"
}

// WriteImputed writes the completed data sets of every plan that imputes, as tidy CSV: a
// row a value, with the plan (its ID, else its number), outcome, imputation, participant,
// arm, visit, value, and imputed: false where the value was observed and is used. The sets
// are those that the plan's answer is computed from: conditional means are imputation 0, data
// sets that are drawn count from 1 and are pooled by Rubin's rules. Values that an estimand
// gives are not imputed; baselines are among the visits. Of an outcome that is no measurement
// it is the visits that the draws used, and rows with a covariate as outcome and no visit
// where somebody has none. Who is left out of the comparison
// is not in it. A protocol whose plans impute nothing is refused.
func (d *Dataset) WriteImputed(ctx context.Context, w io.Writer) error {
	out := csv.NewWriter(w)
	some := false
	for i, p := range d.protocol.Plans {
		if p = d.protocol.planDefaults(p); !p.Method().imputed() {
			continue
		}
		if !some {
			if err := out.Write([]string{"plan", "outcome", "imputation", "participant", "arm", "visit", "value", "imputed"}); err != nil {
				return err
			}
		}
		some = true
		if err := d.under(p).writeImputed(ctx, out, p, cmp.Or(p.ID, strconv.Itoa(i+1))); err != nil {
			return err
		}
	}
	if !some {
		c := &checker{Protocol: d.protocol}
		c.Add("plans", "problem-imputed-none")
		return fmt.Errorf("study: WriteImputed: %w", yamlfile.ProblemsOf(c.Faults))
	}
	out.Flush()
	return out.Error()
}

func (d *Dataset) writeImputed(ctx context.Context, out *csv.Writer, p Plan, plan string) error {
	c := d.comparison(p)
	if p.Model.ofKind() {
		return c.newCompleted(nil).write(ctx, out, plan)
	}
	_, in := c.imputing(d)
	at := func(err error) error {
		return fmt.Errorf("study: WriteImputed: plan %s: %w", plan, err)
	}
	visit, ok := in.visits[p.Visit]
	if !ok {
		return at(stats.ErrTooFew)
	}
	if in.noMean() {
		return at(errNoMean)
	}
	fit, _, err := d.fitImputation(ctx, p, p.Impute.Reference, p.Impute.References, in.data)
	if err != nil {
		return at(err)
	}
	first, sets := 1, 1
	var values func(int) [][]float64
	if p.drawn() {
		r, err := c.completed(ctx, fit, visit, true)
		if err != nil {
			return at(err)
		}
		sets, values = r.drawn.Len(), r.drawn.Values
	} else {
		first = 0
		y := make([][]float64, len(in.people))
		for k := range y {
			y[k] = make([]float64, len(in.data.Visits))
		}
		for _, v := range in.data.Values {
			y[v.Participant][v.Visit] = v.Y
		}
		cells, err := fit.Cells()
		if err != nil {
			return at(err)
		}
		for _, x := range cells {
			y[x.Participant][x.Visit] = x.Mean
		}
		values = func(int) [][]float64 { return y }
	}
	visits := []string{d.BaselineVisit(p.Outcome).ID}
	for _, name := range in.data.Visits {
		for id, other := range in.visits {
			if other == name {
				visits = append(visits, id)
			}
		}
	}
	slots := make([]int, len(visits))
	for v, id := range visits {
		slots[v], _ = d.slot(p.Outcome, id)
	}
	for m := range sets {
		for k, row := range values(m) {
			x := in.people[k]
			for v, y := range append([]float64{in.data.Baseline[k]}, row...) {
				if err := out.Write([]string{plan, p.Outcome, strconv.Itoa(first + m), x.ID, x.Arm, visits[v], strconv.FormatFloat(y, 'g', -1, 64),
					strconv.FormatBool(!x.cells[slots[v]].ok)}); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}

// write writes the completed data sets of a plan: the outcome at the visit and
// those before, and covariates of which somebody has no value, with their ID as outcome and
// no visit.
func (s *completedRows) write(ctx context.Context, out *csv.Writer, plan string) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	if len(s.answers) == 0 {
		return fmt.Errorf("study: WriteImputed: plan %s: %s", plan, s.why[len(s.why)-1].Code)
	}
	visits := append(slices.Clone(s.chained.Visits), s.visit.ID)
	for m := range s.sets.Len() {
		tab := s.sets.Table(m)
		for i, r := range s.records {
			for _, x := range tab {
				outcome, visit, value := x.Name, "", ""
				k := slices.IndexFunc(visits, func(v string) bool { return x.Name == s.outcome.ID+"\x00"+v })
				switch {
				case k >= 0:
					outcome, visit = s.outcome.ID, visits[k]
				case s.chained.Filled[x.Name] == 0:
					continue
				}
				if x.Number != nil {
					value = strconv.FormatFloat(x.Number[i], 'g', -1, 64)
				} else {
					value = x.Category[i]
				}
				if k >= 0 && x.Number != nil && s.outcome.Ordinal() {
					value = s.outcome.Levels[int(x.Number[i])-1]
				}
				if err := out.Write([]string{plan, outcome, strconv.Itoa(1 + m), r.ID, r.Arm, visit, value, strconv.FormatBool(x.Missing != nil && x.Missing[i])}); err != nil {
					return err
				}
			}
		}
	}
	return ctx.Err()
}
