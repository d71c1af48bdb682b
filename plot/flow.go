package plot

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/study"
)

// Disposition is a trial's participants from screening to analysis, as counts.
type Disposition struct {
	// Study is named in the caption, and says whether its data are simulated.
	Study study.StudyInfo
	// Assessed for eligibility; 0 leaves screening out of the diagram, which
	// then begins at randomization.
	Assessed int
	// Excluded before randomization, by reason.
	Excluded []Reason
	// Randomized into all arms.
	Randomized int
	Arms       []ArmDisposition
}

// ArmDisposition is what became of one arm's participants.
type ArmDisposition struct {
	Label     string
	Allocated int
	// NotReceived: allocated, but the intervention was not received.
	NotReceived []Reason
	// Lost to follow-up, and Discontinued the intervention: by reason.
	Lost, Discontinued []Reason
	// LostAnalyzed of the lost and discontinued are in the analysis all the
	// same, as in one by intention to treat.
	LostAnalyzed int
	// Analyzed, and NotAnalyzed by reason: those who were not lost, yet are not
	// in the analysis.
	Analyzed    int
	NotAnalyzed []Reason
}

// Reason counts participants with a reason: "declined to participate".
type Reason struct {
	Text string
	N    int
}

// Wording of the flow diagram.
type Wording int

const (
	// CONSORT2025 speaks of participants analyzed for the primary outcome.
	CONSORT2025 Wording = iota
	// CONSORT2010 says analyzed, and excluded from analysis.
	CONSORT2010
)

// FlowOptions are the choices of FlowWith.
type FlowOptions struct {
	Options
	Wording Wording
}

// Flow answers "what became of everyone who was assessed?": the CONSORT
// diagram of a parallel-group trial. Read it from the top: who was excluded
// before randomization, and then down each arm who did not get the
// intervention, who was lost, and how many were analyzed. Each arrow must add
// up, or Flow returns an error that says which does not:
//
//	Assessed   = Randomized + Excluded
//	Randomized = Σ Allocated
//	Allocated  = received + NotReceived
//	Allocated − Lost − Discontinued + LostAnalyzed = Analyzed + NotAnalyzed
//
// Where the arms' boxes beside each other would divide words, or be higher than a page,
// each stage is one box with a column of counts an arm.
//
// Convention: CONSORT 2025, Hopewell et al. 2025, BMJ 389:e081123,
// doi:10.1136/bmj-2024-081123; CONSORT 2010, Schulz et al. 2010, BMJ 340:c332,
// doi:10.1136/bmj.c332.
func Flow(d Disposition) (*Figure, error) { return FlowWith(d, FlowOptions{}) }

// FlowWith is Flow with choices.
func FlowWith(d Disposition, o FlowOptions) (*Figure, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if o.Wording != CONSORT2025 && o.Wording != CONSORT2010 {
		return nil, fmt.Errorf("plot: Flow: no wording %d", o.Wording)
	}
	t, err := newTheme(o.Options, true, d.Study)
	if err != nil {
		return nil, err
	}
	notes := []string{t.say("plot-flow-method", map[string]any{"year": map[Wording]string{CONSORT2025: "2025", CONSORT2010: "2010"}[o.Wording]})}
	if d.Assessed == 0 {
		notes = append(notes, t.say("flow-no-screening", nil))
	}
	return t.flowFigure(d.chart(t, o.Wording), notes)
}

func sumReasons(rs []Reason) int {
	n := 0
	for _, r := range rs {
		n += r.N
	}
	return n
}

// check holds the counts to the sums of Flow.
func (d Disposition) check() error {
	if len(d.Arms) == 0 {
		return fmt.Errorf("plot: Flow: no arms")
	}
	bad := func(where string, is, should int, sum string) error {
		return fmt.Errorf("plot: Flow: %s: %d, but %s is %d", where, is, sum, should)
	}
	type entry struct {
		where   string
		n       int
		reasons []Reason
	}
	all := []entry{{"assessed", d.Assessed, d.Excluded}, {"randomized", d.Randomized, nil}}
	sum := 0
	for i, a := range d.Arms {
		at := fmt.Sprintf("arm %d (%s), ", i+1, a.Label)
		all = append(all, entry{at + "allocated", a.Allocated, a.NotReceived}, entry{at + "lost", a.LostAnalyzed, a.Lost},
			entry{at + "discontinued", 0, a.Discontinued}, entry{at + "analyzed", a.Analyzed, a.NotAnalyzed})
		sum += a.Allocated
	}
	for _, e := range all {
		if e.n < 0 {
			return fmt.Errorf("plot: Flow: %s: %d participants", e.where, e.n)
		}
		for _, r := range e.reasons {
			if r.N < 0 || strings.TrimSpace(r.Text) == "" {
				return fmt.Errorf("plot: Flow: %s: reason %q with %d participants", e.where, r.Text, r.N)
			}
		}
	}
	if should := d.Randomized + sumReasons(d.Excluded); d.Assessed > 0 && d.Assessed != should {
		return bad("assessed", d.Assessed, should, "randomized + excluded")
	}
	if d.Assessed == 0 && len(d.Excluded) > 0 {
		return fmt.Errorf("plot: Flow: participants were excluded before randomization, but none assessed")
	}
	if d.Randomized != sum {
		return bad("randomized", d.Randomized, sum, "the sum of allocated")
	}
	for i, a := range d.Arms {
		at := fmt.Sprintf("arm %d (%s)", i+1, a.Label)
		gone := sumReasons(a.Lost) + sumReasons(a.Discontinued)
		switch {
		case sumReasons(a.NotReceived) > a.Allocated:
			return bad(at+", not received", sumReasons(a.NotReceived), a.Allocated, "allocated")
		case gone > a.Allocated:
			return bad(at+", lost and discontinued", gone, a.Allocated, "allocated")
		case a.LostAnalyzed > gone:
			return bad(at+", lost but analyzed", a.LostAnalyzed, gone, "lost + discontinued")
		}
		if should := a.Allocated - gone + a.LostAnalyzed; a.Analyzed+sumReasons(a.NotAnalyzed) != should {
			return bad(at+", analyzed + not analyzed", a.Analyzed+sumReasons(a.NotAnalyzed), should,
				"allocated − lost − discontinued + lost but analyzed")
		}
	}
	return nil
}

// flowArm writes the three boxes of an arm.
func (t *theme) flowArm(a ArmDisposition, w Wording) [3][]flowLine {
	say := func(code string) string { return t.say(code, nil) }
	allocation := []flowLine{t.flowHead(t.say("plot-flow-allocated", map[string]any{"arm": a.Label}), a.Allocated),
		t.flowLine(say("plot-flow-received"), a.Allocated-sumReasons(a.NotReceived), 1)}
	if sumReasons(a.NotReceived) > 0 {
		allocation = append(allocation, t.flowReasons(say("plot-flow-not-received"), a.NotReceived, 1)...)
	}
	follow := append(t.flowReasons(say("plot-flow-lost"), a.Lost, 0), t.flowReasons(say("plot-flow-discontinued"), a.Discontinued, 0)...)
	analyzed, not := "plot-flow-analyzed-2025", "plot-flow-not-analyzed-2025"
	if w == CONSORT2010 {
		analyzed, not = "plot-flow-analyzed-2010", "plot-flow-not-analyzed-2010"
	}
	analysis := []flowLine{t.flowHead(say(analyzed), a.Analyzed)}
	if a.LostAnalyzed > 0 {
		analysis = append(analysis, t.flowLine(say("plot-flow-lost-analyzed"), a.LostAnalyzed, 1))
	}
	return [3][]flowLine{allocation, follow, append(analysis, t.flowReasons(say(not), a.NotAnalyzed, 0)...)}
}

// flowReasons is a count and, below it, its reasons; one that nobody had stays,
// as an empty box of a form does.
func (t *theme) flowReasons(head string, rs []Reason, indent int) []flowLine {
	out := []flowLine{t.flowLine(head, sumReasons(rs), indent)}
	for _, r := range rs {
		out = append(out, t.flowLine(r.Text, r.N, indent+1))
	}
	return out
}

// chart writes the diagram's boxes.
func (d Disposition) chart(t *theme, w Wording) flowChart {
	c := flowChart{randomized: []flowLine{t.flowHead(t.say("plot-flow-randomized", nil), d.Randomized)}}
	if d.Assessed > 0 {
		c.assessed = []flowLine{t.flowHead(t.say("plot-flow-assessed", nil), d.Assessed)}
		c.excluded = t.flowReasons(t.say("plot-flow-excluded", nil), d.Excluded, 0)
	}
	for i, stage := range []string{"plot-flow-allocation", "plot-flow-follow-up", "plot-flow-analysis"} {
		r := flowRow{stage: t.say(stage, nil)}
		for _, a := range d.Arms {
			r.arms = append(r.arms, t.flowArm(a, w)[i])
		}
		c.rows = append(c.rows, r)
	}
	return c
}
